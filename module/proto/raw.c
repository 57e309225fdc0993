// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw sockets (raw(7), RFC 3542 3): packets of one protocol, as they are.
 *
 *	in	toy_ip_deliver() -> toy_raw_deliver(): a copy to every socket
 *		that matches, before the protocol has its turn
 *	errors	toy_ip_deliver_err() -> toy_raw_err(), the same way
 *	out	raw_send.c
 *	options	raw_opt.c
 *
 * Whether there is any raw socket is one number in struct toy_net: without
 * one a packet costs a load. With some, they are found by protocol in a small
 * hash table, and asked one by one.
 *
 * A socket of AF_TOY has no IP version, but a raw socket must have one, since
 * IPv4's readers see the IP header and IPv6's do not. It follows from, in this
 * order:
 *
 *	protocol	IPPROTO_ICMP is IPv4's, IPPROTO_ICMPV6 IPv6's
 *	peer		connected: that of its address
 *	local address	bound: that of it
 *	last sent	that of the address it was sent to, in whatever form
 *	form		of addresses: AF_INET6 once used or pinned (TOY_SOCKADDR), or an
 *			option of level IPPROTO_IPV6: IPv6; otherwise IPv4
 *
 * and so a program that was written for either family sees what it expects.
 * What is sent has the version of its destination.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "../skb/csum.h"
#include "pmtu.h"
#include "raw.h"
#include "raw_sock.h"

#define TOY_RAW_BUCKETS	64

/**
 * struct toy_raw_table - the raw sockets of a namespace
 * @lock: serialises changes
 * @head: sockets by protocol; read under RCU
 */
struct toy_raw_table {
	spinlock_t lock;	/* guards head and toy_net.raw_socks */
	struct hlist_head head[TOY_RAW_BUCKETS];
};

static struct hlist_head *toy_raw_bucket(struct toy_net *tn, u16 protocol)
{
	return &tn->raw->head[protocol % TOY_RAW_BUCKETS];
}

/**
 * toy_raw_hash() - let a new socket receive
 * @sk: socket, its protocol in sk_num
 */
void toy_raw_hash(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);

	spin_lock_bh(&tn->raw->lock);
	hlist_add_head_rcu(&toy_raw_sk(sk)->node,
			   toy_raw_bucket(tn, sk->sk_num));
	WRITE_ONCE(tn->raw_socks, tn->raw_socks + 1);
	spin_unlock_bh(&tn->raw->lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
}

/**
 * toy_raw_unhash() - prot->unhash
 * @sk: socket that is being released
 */
void toy_raw_unhash(struct sock *sk)
{
	struct toy_raw_sock *rs = toy_raw_sk(sk);
	struct toy_net *tn = toy_sock_net(sk);

	spin_lock_bh(&tn->raw->lock);
	if (!hlist_unhashed(&rs->node)) {
		hlist_del_init_rcu(&rs->node);
		WRITE_ONCE(tn->raw_socks, tn->raw_socks - 1);
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	}
	spin_unlock_bh(&tn->raw->lock);
	toy_dgram_unhash(sk);
}

/* ---- who wants it ------------------------------------------------------- */

/* What a socket is asked about: the ends as the receiver sees them. */
struct toy_raw_key {
	struct in6_addr laddr;
	struct in6_addr raddr;
	u16 protocol;
	int ifindex;
};

static bool toy_raw_is_v4(const struct toy_sock *ts)
{
	const struct sock *sk = &ts->sk;
	u8 spoken;

	if (sk->sk_num == IPPROTO_ICMP || sk->sk_num == IPPROTO_ICMPV6)
		return sk->sk_num == IPPROTO_ICMP;
	if (!toy_addr_any(&sk->sk_v6_daddr))
		return toy_is_v4(&sk->sk_v6_daddr);
	if (!toy_addr_any(&sk->sk_v6_rcv_saddr))
		return toy_is_v4(&sk->sk_v6_rcv_saddr);
	spoken = READ_ONCE(toy_raw_sk(sk)->spoken);
	return spoken ? spoken == 4 : READ_ONCE(ts->form) != AF_INET6;
}

static bool toy_raw_match(const struct toy_raw_sock *rs,
			  const struct toy_raw_key *k)
{
	const struct sock *sk = &rs->ts.sk;
	int dev_if = READ_ONCE(sk->sk_bound_dev_if);

	return sk->sk_num == k->protocol && (!dev_if || dev_if == k->ifindex) &&
	       toy_raw_is_v4(&rs->ts) == toy_is_v4(&k->laddr) &&
	       (toy_addr_any(&sk->sk_v6_rcv_saddr) ||
		ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &k->laddr)) &&
	       (toy_addr_any(&sk->sk_v6_daddr) ||
		ipv6_addr_equal(&sk->sk_v6_daddr, &k->raddr));
}

/* ICMP_FILTER and ICMPV6_FILTER: a bit set keeps a type away. */
static bool toy_raw_unwanted(const struct toy_raw_sock *rs, u8 type)
{
	switch (rs->ts.sk.sk_num) {
	case IPPROTO_ICMP:
		return type < 32 && READ_ONCE(rs->icmp.data) & BIT(type);
	case IPPROTO_ICMPV6:
		return READ_ONCE(rs->icmp6.data[type >> 5]) & BIT(type & 31);
	default:
		return false;
	}
}

static bool toy_raw_filtered(const struct toy_raw_sock *rs,
			     const struct sk_buff *skb)
{
	u16 protocol = rs->ts.sk.sk_num;
	u8 type;

	if (protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6)
		return false;
	/* Who filters by type hears of whole headers only: as AF_INET, all of
	 * ICMP's and the first word of ICMPv6's.
	 */
	if (skb->len < (protocol == IPPROTO_ICMP ? 8 : 4))
		return true;
	return skb_copy_bits(skb, 0, &type, 1) || toy_raw_unwanted(rs, type);
}

/* RFC 3542 3.1: a packet whose checksum is wrong is not for this socket. */
static bool toy_raw_sum_ok(const struct toy_raw_sock *rs,
			   const struct toy_pkt *pkt, struct sk_buff *skb)
{
	return toy_is_v4(&pkt->daddr) || !rs->sum ||
	       toy_csum_verify(skb, &pkt->saddr, &pkt->daddr, skb->len,
			       pkt->proto);
}

/* ---- delivery ----------------------------------------------------------- */

/* One copy for one socket. */
static enum toy_drop toy_raw_queue(struct toy_raw_sock *rs,
				   const struct toy_pkt *pkt,
				   struct sk_buff *skb)
{
	struct sock *sk = &rs->ts.sk;
	struct sk_buff *copy;
	enum toy_drop why;

	/* No copy for a reader who does not read. */
	if (atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf)) {
		atomic_inc(&sk->sk_drops);
		return TOY_DROP_SOCK_RCVBUF;
	}
	if (!toy_raw_sum_ok(rs, pkt, skb)) {
		atomic_inc(&sk->sk_drops);
		return TOY_DROP_RAW_CSUM;
	}
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy)
		return TOY_DROP_NOMEM;
	/* IPv4's readers get the header, too. */
	if (toy_is_v4(&pkt->daddr))
		__skb_push(copy, -skb_network_offset(copy));
	toy_skb_cb(copy)->port = 0;
	why = toy_dgram_deliver(sk, copy, 0);
	if (why)
		kfree_skb(copy);
	return why;
}

/**
 * toy_raw_deliver() - a copy of a packet to every raw socket that wants one
 * @pkt: what is known of it
 * @skb: packet, skb->data at the transport header; borrowed
 *
 * Context: softirq, RCU.
 * Return: true if there is a socket for it, even if the packet did not get
 * into it: then nobody is told that the protocol is unknown.
 */
bool toy_raw_deliver(const struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_raw_key k = {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.protocol = pkt->proto, .ifindex = toy_skb_cb(skb)->ifindex,
	};
	struct toy_raw_sock *rs;
	enum toy_drop why;
	bool heard = false;

	hlist_for_each_entry_rcu(rs, toy_raw_bucket(pkt->tn, k.protocol), node) {
		if (!toy_raw_match(rs, &k))
			continue;
		if (pkt->flags & TOY_PKT_MULTICAST &&
		    !toy_sock_mcast_allow(&rs->ts.sk, &k.laddr, &k.raddr,
					  k.ifindex))
			continue;
		heard = true;
		if (toy_raw_filtered(rs, skb))
			continue;
		why = toy_raw_queue(rs, pkt, skb);
		if (why)
			toy_drop_skb(pkt->tn, NULL, why);
	}
	return heard;
}

static void toy_raw_err_sock(struct toy_net *tn, struct toy_raw_sock *rs,
			     struct sk_buff *skb, const struct toy_icmp_err *e)
{
	u8 pmtudisc = toy_sock_pmtudisc(&rs->ts, &e->daddr);
	bool v4 = toy_is_v4(&e->daddr);
	bool hdrincl = READ_ONCE(rs->ts.opt_flags) & TOY_OPT_HDRINCL;
	struct toy_icmp_err err = *e;

	/* AF_INET6's raw sockets let every message in. */
	if (toy_sock_way_err(tn, v4 ? pmtudisc : IPV6_PMTUDISC_WANT, e))
		return;
	if (err.err == EMSGSIZE)
		err.fatal = v4 ? pmtudisc != IP_PMTUDISC_DONT :
				 pmtudisc == IPV6_PMTUDISC_DO;
	/* Who writes the header wants to see it again. */
	if (hdrincl) {
		__skb_push(skb, e->quoted_len);
		err.quoted_len = 0;
	}
	toy_sock_error(&rs->ts.sk, skb, 0, 0, &err);
	if (hdrincl)
		__skb_pull(skb, e->quoted_len);
}

/**
 * toy_raw_err() - an ICMP error about a packet that a raw socket may have sent
 * @pkt: the packet that brought the error
 * @skb: skb->data at the transport header quoted in it; borrowed
 * @proto: protocol of the quoted packet
 * @e: the error
 *
 * Context: softirq, RCU.
 */
void toy_raw_err(const struct toy_pkt *pkt, struct sk_buff *skb, u8 proto,
		 const struct toy_icmp_err *e)
{
	struct toy_raw_key k = {
		.laddr = e->saddr, .raddr = e->daddr,
		.protocol = proto, .ifindex = pkt->dev->ifindex,
	};
	struct toy_raw_sock *rs;

	hlist_for_each_entry_rcu(rs, toy_raw_bucket(pkt->tn, proto), node)
		if (toy_raw_match(rs, &k))
			toy_raw_err_sock(pkt->tn, rs, skb, e);
}

/* ---- the protocol ------------------------------------------------------- */

static int toy_raw_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags, int *addr_len)
{
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	return toy_dgram_recvmsg(sk, msg, len, flags, addr_len);
}

static int toy_raw_bind_locked(struct sock *sk, const struct toy_endpoint *ep)
{
	struct toy_sock *ts = toy_sk(sk);
	bool group;
	int err;

	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	err = toy_bindable(sk, ep);
	err = err ?: toy_sock_scope(sk, ep);
	if (err)
		return err;
	rcu_read_lock();
	group = toy_addr_multicast(&ep->addr) ||
		toy_route_input(toy_sock_net(sk), NULL, &ep->addr) ==
		TOY_ROUTE_BROADCAST;
	rcu_read_unlock();
	sk->sk_v6_rcv_saddr = ep->addr;
	ts->saddr = group ? in6addr_any : ep->addr;
	toy_sock_path_drop(sk);
	toy_sock_used_form(sk, ep->form);
	return 0;
}

/* bind(2): an address without a port, and as often as one likes. */
static int toy_raw_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;
	struct toy_endpoint ep;
	int err;

	/* AF_INET does not look at the family. */
	if (len >= (int)sizeof(struct sockaddr_in) &&
	    uaddr->sa_family == AF_UNSPEC) {
		struct sockaddr_in sin = *(struct sockaddr_in *)uaddr;

		sin.sin_family = AF_INET;
		err = toy_endpoint_read(&sin, sizeof(sin), &ep);
	} else {
		err = toy_endpoint_read(uaddr, len, &ep);
	}
	if (err)
		return err;

	lock_sock(sk);
	err = toy_raw_bind_locked(sk, &ep);
	release_sock(sk);
	return err;
}

static int toy_raw_sock_init(struct sock *sk)
{
	struct toy_raw_sock *rs = toy_raw_sk(sk);

	/* As AF_INET's; it means nothing to them. */
	sk->sk_reuse = SK_CAN_REUSE;
	if (sk->sk_num == IPPROTO_RAW)
		rs->ts.opt_flags |= TOY_OPT_HDRINCL;	/* raw(7) */
	if (sk->sk_num == IPPROTO_ICMPV6) {
		rs->sum = true;				/* RFC 3542 3.1 */
		rs->sum_off = offsetof(struct icmp6hdr, icmp6_cksum);
	}
	toy_raw_hash(sk);
	return 0;
}

static atomic_long_t toy_raw_memory_allocated;
static DEFINE_PER_CPU(int, toy_raw_memory_per_cpu);
static long toy_raw_mem[3];
static int toy_raw_wmem_min = PAGE_SIZE;
static int toy_raw_rmem_min = PAGE_SIZE;

static struct toy_prot toy_raw_prot = {
	.prot = {
		.name			= "TOY-RAW",
		.owner			= THIS_MODULE,
		.obj_size		= sizeof(struct toy_raw_sock),
		/* Filters may be copied from and to programs. */
		.useroffset		= offsetof(struct toy_raw_sock, icmp6),
		.usersize		= sizeof_field(struct toy_raw_sock, icmp6),
		.init			= toy_raw_sock_init,
		.close			= toy_dgram_close,
		.disconnect		= toy_dgram_disconnect,
		.diag_destroy		= toy_dgram_abort,
		.unhash			= toy_raw_unhash,
		.setsockopt		= toy_raw_setsockopt,
		.getsockopt		= toy_raw_getsockopt,
		.sendmsg		= toy_raw_sendmsg,
		.recvmsg		= toy_raw_recvmsg,
		.memory_allocated	= &toy_raw_memory_allocated,
		.per_cpu_fw_alloc	= &toy_raw_memory_per_cpu,
		.sysctl_mem		= toy_raw_mem,
		.sysctl_wmem		= &toy_raw_wmem_min,
		.sysctl_rmem		= &toy_raw_rmem_min,
	},
	.name			= "raw",
	.demux_connected	= true,
};

/* As datagrams' but for bind(2), and no SO_PEEK_OFF, as AF_INET. */
static const struct proto_ops toy_raw_ops = {
	.family		= PF_TOY,
	.owner		= THIS_MODULE,
	.release	= toy_release,
	.bind		= toy_raw_bind,
	.connect	= toy_dgram_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= sock_no_accept,
	.getname	= toy_getname,
	.poll		= datagram_poll,
	.ioctl		= toy_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= sock_no_listen,
	.shutdown	= toy_shutdown,
	.setsockopt	= toy_setsockopt,
	.getsockopt	= toy_getsockopt,
	.sendmsg	= toy_sendmsg,
	.recvmsg	= toy_recvmsg,
	.mmap		= sock_no_mmap,
	TOY_COMPAT_SENDPAGE
};

static struct toy_sock_type toy_raw_type = {
	.type		= SOCK_RAW,
	.number		= TOYPROTO_RAW,
	.raw		= true,
	.prot		= &toy_raw_prot,
	.ops		= &toy_raw_ops,
};

/**
 * toy_raw_net_init() - make the table of a namespace
 * @tn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_raw_net_init(struct toy_net *tn)
{
	tn->raw = kzalloc(sizeof(*tn->raw), GFP_KERNEL);
	if (!tn->raw)
		return -ENOMEM;
	spin_lock_init(&tn->raw->lock);
	return 0;
}

/**
 * toy_raw_net_exit() - the opposite of toy_raw_net_init()
 * @tn: namespace, without sockets
 */
void toy_raw_net_exit(struct toy_net *tn)
{
	WARN_ON(tn->raw_socks);
	kfree(tn->raw);
}

/**
 * toy_raw_init() - join the family
 *
 * Return: 0 or a negative errno.
 */
int toy_raw_init(void)
{
	toy_mem_limits(toy_raw_mem);
	return toy_sock_type_register(&toy_raw_type);
}

/**
 * toy_raw_exit() - the opposite of toy_raw_init(); no socket is left
 */
void toy_raw_exit(void)
{
	toy_sock_type_unregister(&toy_raw_type);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "raw_test.c"
#endif
