// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP (RFC 768, RFC 1122 4.1): ports, a checksum, and nothing else.
 *
 *	in	super-packet? segment, or whole for UDP_GRO	udp_gro.c
 *		parse -> checksum -> look up
 *		unicast: the socket with the best score, or port unreachable
 *		broadcast, multicast: a copy to every socket that matches
 *	out	udp_send.c
 */
#include <linux/module.h>
#include <net/ip.h>

#include "../skb/buf.h"
#include "../skb/csum.h"
#include "../skb/udp.h"
#include "../sock/cork.h"
#include "../sock/lookup.h"
#include "../sock/sock.h"
#include "pmtu.h"
#include "udp.h"

/* ---- receiving --------------------------------------------------------- */

static void toy_udp_tuple(const struct toy_pkt *pkt, const struct sk_buff *skb,
			  const struct toy_udp_view *v, struct toy_tuple *t)
{
	t->laddr = pkt->daddr;
	t->raddr = pkt->saddr;
	t->lport = v->dport;
	t->rport = v->sport;
	t->ifindex = toy_skb_cb(skb)->ifindex;
}

/* RFC 6936 4: without a checksum only to a socket that has asked for such. */
static bool toy_udp_takes(const struct sock *sk, bool no_csum)
{
	return likely(!no_csum) || READ_ONCE(toy_dgram_sk(sk)->no_check6_rx);
}

static enum toy_drop toy_udp_deliver(struct sock *sk, struct sk_buff *skb)
{
	if (toy_udp_gro(sk))
		return toy_udp_gro_deliver(sk, skb);
	return toy_dgram_deliver(sk, skb, sizeof(struct udphdr));
}

/* Of what others read, too, a socket with UDP_GRO wants a head of its own. */
static struct sk_buff *toy_udp_copy(struct sk_buff *skb)
{
	if (static_branch_unlikely(&toy_udp_gro_wanted))
		return pskb_copy(skb, GFP_ATOMIC);
	return skb_clone(skb, GFP_ATOMIC);
}

/* A broadcast or multicast: a copy to everybody who wants it. */
static enum toy_drop toy_udp_deliver_all(struct toy_pkt *pkt,
					 struct sk_buff *skb,
					 const struct toy_tuple *t,
					 bool no_csum)
{
	struct toy_port *port = toy_port_find(pkt->tn->udp, t->lport);
	struct sock *first = NULL;
	struct toy_sock *ts;

	if (!port)
		goto none;
	toy_for_each_owner(ts, port) {
		struct sk_buff *copy;
		enum toy_drop why;

		if (!toy_sock_matches(&ts->sk, t) ||
		    !toy_udp_takes(&ts->sk, no_csum) ||
		    !toy_sock_mcast_allow(&ts->sk, &t->laddr, &t->raddr,
					  t->ifindex))
			continue;
		/* The last one takes the original. */
		if (!first) {
			first = &ts->sk;
			continue;
		}
		copy = toy_udp_copy(skb);
		if (!copy) {
			toy_drop_skb(pkt->tn, NULL, TOY_DROP_NOMEM);
			continue;
		}
		why = toy_udp_deliver(&ts->sk, copy);
		if (why)
			toy_drop_skb(pkt->tn, copy, why);
	}
	if (first)
		return toy_udp_deliver(first, skb);
none:
	toy_count(pkt->tn, TOY_MIB_UDP_IGNORED_MULTI);
	return TOY_DROP_UDP_NO_LISTENER;
}

/* One datagram, no super-packet. */
static enum toy_drop toy_udp_rcv_one(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_udp_view v;
	struct toy_tuple t;
	enum toy_drop why;
	struct sock *sk;
	bool no_csum;

	why = toy_udp_parse(pkt, skb, &v);
	if (unlikely(why))
		return why;
	if (unlikely(!toy_udp_csum_ok(pkt, skb, &v)))
		return TOY_DROP_UDP_CSUM;

	no_csum = toy_udp_csum_missing(pkt, &v);
	toy_skb_cb(skb)->port = v.sport;
	toy_udp_tuple(pkt, skb, &v, &t);
	if (unlikely(pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		return toy_udp_deliver_all(pkt, skb, &t, no_csum);

	sk = toy_lookup(pkt->tn->udp, &t, skb);
	/* RFC 8200 8.1: nobody is told, not even that there is no port. */
	if (unlikely(no_csum && (!sk || !toy_udp_takes(sk, true))))
		return TOY_DROP_UDP_NO_CSUM;
	if (likely(sk))
		return toy_udp_deliver(sk, skb);

	/* RFC 1122 4.1.3.1 */
	pkt->ip->error(pkt, skb, TOY_ERR_PORT_UNREACH, 0);
	return TOY_DROP_UDP_NO_PORT;
}

/* Does the socket read this super-packet whole? Then it gets it. */
static bool toy_udp_rcv_super(struct toy_pkt *pkt, struct sk_buff *skb,
			      enum toy_drop *why)
{
	const unsigned int type = skb_shinfo(skb)->gso_type;
	struct toy_udp_view v;
	struct toy_tuple t;
	struct sock *sk;

	if (!static_branch_unlikely(&toy_udp_gro_wanted) ||
	    !(type & SKB_GSO_UDP_L4) || type & SKB_GSO_FRAGLIST ||
	    pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST) ||
	    toy_udp_parse(pkt, skb, &v))
		return false;
	toy_udp_tuple(pkt, skb, &v, &t);
	sk = toy_lookup(pkt->tn->udp, &t, skb);
	if (!sk || !toy_udp_gro(sk) ||
	    !toy_udp_takes(sk, toy_udp_csum_missing(pkt, &v)))
		return false;
	toy_skb_cb(skb)->port = v.sport;
	*why = toy_udp_csum_ok(pkt, skb, &v) ? toy_udp_gro_deliver(sk, skb) :
					      TOY_DROP_UDP_CSUM;
	return true;
}

static enum toy_drop toy_udp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct sk_buff *segs, *next;
	enum toy_drop why;

	if (likely(!skb_is_gso(skb)))
		return toy_udp_rcv_one(pkt, skb);
	if (toy_udp_rcv_super(pkt, skb, &why))
		return why;

	/* A reader wants datagrams as they were sent, not as GRO merged them. */
	segs = toy_skb_segment_udp(skb);
	if (IS_ERR(segs))
		return TOY_DROP_GSO_SEGMENT;
	if (!segs)
		return toy_udp_rcv_one(pkt, skb);
	for (; segs; segs = next) {
		next = segs->next;
		skb_mark_not_on_list(segs);
		why = toy_udp_rcv_one(pkt, segs);
		if (why)
			toy_drop_skb(pkt->tn, segs, why);
	}
	return TOY_RX_OK;
}

/* An ICMP error about a datagram of ours: find who sent it. */
static void toy_udp_err(struct toy_pkt *pkt, struct sk_buff *skb,
			const struct toy_icmp_err *e)
{
	struct toy_icmp_err err = *e;
	struct toy_tuple t = {
		.laddr = e->saddr, .raddr = e->daddr,
		.ifindex = pkt->dev->ifindex,
	};
	struct sock *sk;
	u8 pmtudisc;

	toy_udp_ports(skb, &t.lport, &t.rport);
	sk = toy_lookup(pkt->tn->udp, &t, NULL);
	if (!sk) {
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_ERRORS);
		return;
	}
	pmtudisc = toy_sock_pmtudisc(toy_sk(sk), &e->daddr);
	if (toy_sock_way_err(pkt->tn, pmtudisc, e))
		return;
	if (err.err == EMSGSIZE) {
		/* AF_INET6 tells nobody who does not let it in. */
		if (!toy_is_v4(&e->daddr) && !toy_pmtu_let_in(pmtudisc))
			return;
		err.fatal = pmtudisc != IP_PMTUDISC_DONT;
	}
	toy_sock_error(sk, skb, sizeof(struct udphdr), t.rport, &err);
}

static const struct toy_ip_proto toy_udp_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_UDP,
	.rcv	= toy_udp_rcv,
	.err	= toy_udp_err,
};

static int toy_udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags, int *addr_len)
{
	int n = toy_dgram_recvmsg(sk, msg, len, flags, addr_len);

	if (n >= 0 && !(flags & (MSG_PEEK | MSG_ERRQUEUE)))
		toy_count(toy_sock_net(sk), TOY_MIB_UDP_IN_DATAGRAMS);
	return n;
}

/* ---- options ----------------------------------------------------------- */

static void toy_udp_set_cork(struct sock *sk, bool on)
{
	lock_sock(sk);
	WRITE_ONCE(toy_dgram_sk(sk)->corked, on);
	/* Nobody is there to hear of an error. */
	if (!on)
		toy_udp_push_pending(sk);
	release_sock(sk);
}

/* udp(7); the order of the errors is AF_INET's. */
static int toy_udp_setsockopt(struct sock *sk, int level, int optname,
			      sockptr_t optval, unsigned int optlen)
{
	int val;

	if (level != IPPROTO_UDP)
		return -ENOPROTOOPT;
	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	switch (optname) {
	case UDP_CORK:
		toy_udp_set_cork(sk, val);
		return 0;
	case UDP_SEGMENT:
		if (val < 0 || val > USHRT_MAX)
			return -EINVAL;
		WRITE_ONCE(toy_dgram_sk(sk)->gso_size, val);
		return 0;
	case UDP_GRO:
		toy_udp_set_gro(sk, val);
		return 0;
	case UDP_NO_CHECK6_TX:
		WRITE_ONCE(toy_dgram_sk(sk)->no_check6_tx, val != 0);
		return 0;
	case UDP_NO_CHECK6_RX:
		WRITE_ONCE(toy_dgram_sk(sk)->no_check6_rx, val != 0);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int toy_udp_getsockopt(struct sock *sk, int level, int optname,
			      char __user *optval, int __user *optlen)
{
	int len, val;

	if (level != IPPROTO_UDP)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case UDP_CORK:
		val = READ_ONCE(toy_dgram_sk(sk)->corked);
		break;
	case UDP_SEGMENT:
		val = READ_ONCE(toy_dgram_sk(sk)->gso_size);
		break;
	case UDP_GRO:
		val = !!(READ_ONCE(toy_sk(sk)->cmsg_flags) & TOY_CMSG_UDP_GRO);
		break;
	case UDP_NO_CHECK6_TX:
		val = READ_ONCE(toy_dgram_sk(sk)->no_check6_tx);
		break;
	case UDP_NO_CHECK6_RX:
		val = READ_ONCE(toy_dgram_sk(sk)->no_check6_rx);
		break;
	case UDP_ENCAP:
		/* May be asked for, and is never set. */
		val = 0;
		break;
	default:
		return -ENOPROTOOPT;
	}
	len = min_t(unsigned int, len, sizeof(val));
	return put_user(len, optlen) || copy_to_user(optval, &val, len) ?
	       -EFAULT : 0;
}

static void toy_udp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	toy_cork_free(toy_cork_take(sk));
	release_sock(sk);
	toy_dgram_close(sk, timeout);
}

/* ---- the protocol ------------------------------------------------------ */

static atomic_long_t toy_udp_memory_allocated;
static DEFINE_PER_CPU(int, toy_udp_memory_per_cpu);
static long toy_udp_mem[3];
static int toy_udp_wmem_min = PAGE_SIZE;
static int toy_udp_rmem_min = PAGE_SIZE;

static struct toy_ports *toy_udp_ports_of(struct toy_net *tn)
{
	return tn->udp;
}

static struct toy_prot toy_udp_prot = {
	.prot = {
		.name			= "TOY-UDP",
		.owner			= THIS_MODULE,
		.obj_size		= sizeof(struct toy_dgram_sock),
		.close			= toy_udp_close,
		.disconnect		= toy_dgram_disconnect,
		.diag_destroy		= toy_dgram_abort,
		.unhash			= toy_dgram_unhash,
		.setsockopt		= toy_udp_setsockopt,
		.getsockopt		= toy_udp_getsockopt,
		.sendmsg		= toy_udp_sendmsg,
		.recvmsg		= toy_udp_recvmsg,
		.memory_allocated	= &toy_udp_memory_allocated,
		.per_cpu_fw_alloc	= &toy_udp_memory_per_cpu,
		.sysctl_mem		= toy_udp_mem,
		.sysctl_wmem		= &toy_udp_wmem_min,
		.sysctl_rmem		= &toy_udp_rmem_min,
	},
	.name			= "udp",
	.ports			= toy_udp_ports_of,
	.zerocopy		= true,
	.demux_connected	= true,
	.privileged_ports	= true,
};

static struct toy_sock_type toy_udp_type = {
	.type		= SOCK_DGRAM,
	.protocol	= IPPROTO_UDP,
	.number		= TOYPROTO_UDP,
	.prot		= &toy_udp_prot,
	.ops		= &toy_dgram_ops,
};

/**
 * toy_udp_net_init() - make UDP's tables in a namespace
 * @tn: namespace
 *
 * Return: 0 or a negative errno.
 */
int toy_udp_net_init(struct toy_net *tn)
{
	return toy_ports_new(tn, &tn->udp);
}

/**
 * toy_udp_net_exit() - the opposite of toy_udp_net_init()
 * @tn: namespace, without sockets
 */
void toy_udp_net_exit(struct toy_net *tn)
{
	toy_ports_free(&tn->udp);
}

/**
 * toy_udp_init() - join IP and the family
 *
 * Return: 0 or a negative errno.
 */
int toy_udp_init(void)
{
	int err;

	/* As AF_INET does: pressure at an eighth of memory. */
	toy_mem_limits(toy_udp_mem);
	err = toy_sock_type_register(&toy_udp_type);
	if (err)
		return err;
	err = toy_ip_proto_register(&toy_udp_proto);
	if (err)
		toy_sock_type_unregister(&toy_udp_type);
	return err;
}

/**
 * toy_udp_exit() - the opposite of toy_udp_init(); no socket is left
 */
void toy_udp_exit(void)
{
	toy_ip_proto_unregister(&toy_udp_proto);
	toy_sock_type_unregister(&toy_udp_type);
}
