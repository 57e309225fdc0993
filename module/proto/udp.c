// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP (RFC 768, RFC 1122 4.1): ports, a checksum, and nothing else.
 *
 *	in	parse -> super-packet? segment -> checksum -> look up
 *		unicast: the socket with the best score, or port unreachable
 *		broadcast, multicast: a copy to every socket that matches
 *	out	destination -> path -> copy (and sum) -> header -> toy_ip_output()
 *		with MSG_MORE or UDP_CORK, a copy for every call	sock/cork.c
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

#define TOY_UDP_MAX	(0xffff - sizeof(struct udphdr))

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
		copy = skb_clone(skb, GFP_ATOMIC);
		if (!copy) {
			toy_drop_skb(pkt->tn, NULL, TOY_DROP_NOMEM);
			continue;
		}
		why = toy_dgram_deliver(&ts->sk, copy, sizeof(struct udphdr));
		if (why)
			toy_drop_skb(pkt->tn, copy, why);
	}
	if (first)
		return toy_dgram_deliver(first, skb, sizeof(struct udphdr));
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
		return toy_dgram_deliver(sk, skb, sizeof(struct udphdr));

	/* RFC 1122 4.1.3.1 */
	pkt->ip->error(pkt, skb, TOY_ERR_PORT_UNREACH, 0);
	return TOY_DROP_UDP_NO_PORT;
}

static enum toy_drop toy_udp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct sk_buff *segs, *next;
	enum toy_drop why;

	if (likely(!skb_is_gso(skb)))
		return toy_udp_rcv_one(pkt, skb);

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

/* ---- sending ----------------------------------------------------------- */

/* Copies into a buffer and adds to the sum of the @off bytes before it. */
static bool toy_udp_copy_sum(void *to, size_t len, size_t off, __wsum *sum,
			     struct msghdr *msg)
{
	__wsum part = 0;

	if (!csum_and_copy_from_iter_full(to, len, &part, &msg->msg_iter))
		return false;
	*sum = csum_block_add(*sum, part, off);
	return true;
}

static bool toy_udp_frag_sum(const skb_frag_t *frag, size_t *off, __wsum *sum,
			     struct msghdr *msg)
{
	u32 p_off, p_len, copied;
	struct page *page;

	skb_frag_foreach_page(frag, skb_frag_off(frag), skb_frag_size(frag),
			      page, p_off, p_len, copied) {
		void *to = kmap_local_page(page);
		bool ok = toy_udp_copy_sum(to + p_off, p_len, *off, sum, msg);

		kunmap_local(to);
		if (!ok)
			return false;
		*off += p_len;
	}
	return true;
}

/* Copies the data, and sums it on the way where nobody else will. */
static int toy_udp_fill(struct sk_buff *skb, struct msghdr *msg, size_t len,
			bool sum)
{
	const int hlen = sizeof(struct udphdr);
	size_t off = skb_headlen(skb) - hlen;

	skb->csum = 0;
	if (!sum)
		return skb_copy_datagram_from_iter(skb, hlen, &msg->msg_iter, len);
	if (!toy_udp_copy_sum(skb->data + hlen, off, 0, &skb->csum, msg))
		return -EFAULT;
	for (int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		if (!toy_udp_frag_sum(&skb_shinfo(skb)->frags[i], &off,
				      &skb->csum, msg))
			return -EFAULT;
	return 0;
}

/* SO_NO_CHECK is for IPv4 (RFC 8200 8.1), UDP_NO_CHECK6_TX for IPv6 (RFC 6935 5).
 */
static bool toy_udp_no_check(const struct sock *sk, const struct toy_path *path)
{
	return toy_is_v4(&path->daddr) ? sk->sk_no_check_tx :
	       READ_ONCE(toy_dgram_sk(sk)->no_check6_tx);
}

static void toy_udp_checksum(struct sock *sk, struct sk_buff *skb,
			     const struct toy_path *path,
			     const struct toy_ip_tx *tx, bool offload)
{
	const struct in6_addr *daddr = toy_ip_tx_final(tx, path);
	const u16 offset = offsetof(struct udphdr, check);

	if (unlikely(toy_udp_no_check(sk, path)))
		skb->ip_summed = CHECKSUM_NONE;
	else if (offload)
		toy_csum_partial(skb, &path->saddr, daddr, skb->len,
				 IPPROTO_UDP, offset);
	else
		toy_csum_finish(skb, &path->saddr, daddr, skb->len,
				IPPROTO_UDP, offset, sizeof(struct udphdr), true);
}

/* Can the device on this path finish the checksum of @len bytes? Not across
 * fragments, and not behind extension headers.
 */
static bool toy_udp_offload(const struct toy_path *path,
			    const struct toy_ip_tx *tx, unsigned int len)
{
	const struct net_device *ndev;
	bool offload;

	if (tx->exts || len + tx->opts_len > toy_ip_tx_mtu(tx, path) -
					     toy_ip_ops_of(&path->daddr)->hdr_len)
		return false;
	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	offload = ndev && toy_csum_offload(ndev, &path->daddr);
	rcu_read_unlock();
	return offload;
}

/* Puts the header before @skb's data, which @skb->csum sums unless @offload, and
 * consumes it. Counts, and tells of a full device queue only those who asked
 * (ip(7)).
 */
static int toy_udp_output(struct sock *sk, struct sk_buff *skb, u16 port,
			  const struct toy_path *path,
			  const struct toy_ip_tx *tx, bool offload)
{
	struct toy_net *tn = toy_sock_net(sk);
	int err;

	__skb_pull(skb, sizeof(struct udphdr));
	toy_udp_push(skb, sk->sk_num, port);
	toy_udp_checksum(sk, skb, path, tx, offload);
	err = toy_ip_output(tn, path, skb, tx);
	if (likely(!err)) {
		toy_count(tn, TOY_MIB_UDP_OUT_DATAGRAMS);
	} else if (err == -ENOBUFS && !toy_sock_recverr(toy_sk(sk), &path->daddr)) {
		toy_count(tn, TOY_MIB_UDP_SNDBUF_ERRORS);
		err = 0;
	}
	return err;
}

static int toy_udp_send(struct sock *sk, struct msghdr *msg, size_t len,
			const struct toy_path *path,
			const struct toy_tx_cmsg *c,
			const struct toy_ip_tx *tx, u16 port)
{
	const int hlen = sizeof(struct udphdr);
	bool offload = toy_udp_offload(path, tx, hlen + len);
	struct sk_buff *skb;
	int err;

	skb = toy_dgram_alloc(sk, msg, path, hlen, len, c, &err);
	if (!skb)
		return err;
	err = toy_udp_fill(skb, msg, len, !offload);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	return toy_udp_output(sk, skb, port, path, tx, offload);
}

/* Sends what has been corked. Under the socket lock. */
static int toy_udp_push_pending(struct sock *sk)
{
	const int hlen = sizeof(struct udphdr);
	struct toy_ip_tx tx = { .proto = IPPROTO_UDP };
	struct toy_cork *cork = toy_cork_take(sk);
	const struct toy_path *path;
	struct sk_buff *skb;
	bool offload;
	int err;

	if (!cork)
		return 0;
	skb = cork->skb;
	cork->skb = NULL;
	path = &cork->ref->path;
	toy_dgram_tx(sk, &cork->c, path, &tx);
	offload = toy_udp_offload(path, &tx, skb->len);
	if (!offload && !toy_udp_no_check(sk, path))
		skb->csum = skb_checksum(skb, hlen, skb->len - hlen, 0);
	err = toy_udp_output(sk, skb, cork->port, path, &tx, offload);
	toy_cork_free(cork);
	return err;
}

/* Data for the message that has been begun. Under the socket lock. */
static int toy_udp_append(struct sock *sk, struct msghdr *msg, size_t len,
			  bool more)
{
	int err = toy_cork_append(sk, msg, len, IPPROTO_UDP);

	return err || more ? err : toy_udp_push_pending(sk);
}

/* The first of several calls that make one datagram. Takes over @ref. */
static int toy_udp_cork(struct sock *sk, struct msghdr *msg, size_t len,
			struct toy_path_ref *ref, const struct toy_tx_cmsg *c,
			const struct toy_endpoint *to)
{
	int err;

	lock_sock(sk);
	if (unlikely(toy_cork_pending(sk))) {
		/* Another thread was quicker: so says AF_INET. */
		toy_path_ref_put(ref);
		err = -EINVAL;
	} else {
		err = toy_cork_begin(sk, msg, ref, c, to,
				     sizeof(struct udphdr));
		if (!err)
			err = toy_udp_append(sk, msg, len, true);
	}
	release_sock(sk);
	return err;
}

static int toy_udp_send_to(struct sock *sk, struct msghdr *msg, size_t len,
			   bool more, const struct toy_tx_cmsg *c,
			   const struct toy_endpoint *to)
{
	struct toy_ip_tx tx = { .proto = IPPROTO_UDP };
	struct toy_path_ref *ref = toy_dgram_path(sk, msg, c, to);
	int err = 0;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	toy_dgram_tx(sk, c, &ref->path, &tx);
	if (unlikely(len + sizeof(struct udphdr) >
		     toy_dgram_room(&ref->path, &tx))) {
		toy_dgram_too_long(sk, &to->addr, to->port, &tx, &ref->path);
		err = -EMSGSIZE;
		goto out;
	}
	if (unlikely(msg->msg_flags & MSG_PROBE))
		goto out;
	if (unlikely(more))
		return toy_udp_cork(sk, msg, len, ref, c, to);
	err = toy_udp_send(sk, msg, len, &ref->path, c, &tx, to->port);
out:
	toy_path_ref_put(ref);
	return err;
}

/* The first call of a message, and mostly the only one. */
static int toy_udp_send_first(struct sock *sk, struct msghdr *msg, size_t len,
			      bool more)
{
	struct toy_endpoint to;
	struct toy_tx_cmsg c;
	int err;

	err = toy_dgram_dest(sk, msg, &c, &to);
	if (err)
		return err;
	err = to.port ? toy_udp_send_to(sk, msg, len, more, &c, &to) : -EINVAL;
	toy_cmsg_done(&c);
	return err;
}

static int toy_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	bool more = toy_dgram_sk(sk)->corked || msg->msg_flags & MSG_MORE;
	bool begun = false;
	int err;

	if (len > TOY_UDP_MAX)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;

	if (unlikely(toy_cork_pending(sk))) {
		lock_sock(sk);
		begun = toy_cork_pending(sk);
		if (begun)
			err = toy_udp_append(sk, msg, len, more);
		release_sock(sk);
	}
	if (likely(!begun))
		err = toy_udp_send_first(sk, msg, len, more);
	if (err == -EAGAIN || err == -ENOBUFS)
		toy_count(toy_sock_net(sk), TOY_MIB_UDP_SNDBUF_ERRORS);
	return err ?: len;
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
	case UDP_NO_CHECK6_TX:
		val = READ_ONCE(toy_dgram_sk(sk)->no_check6_tx);
		break;
	case UDP_NO_CHECK6_RX:
		val = READ_ONCE(toy_dgram_sk(sk)->no_check6_rx);
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
