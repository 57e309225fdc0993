// SPDX-License-Identifier: GPL-2.0-only
/*
 * A message of a datagram socket on its way out, as far as all protocols do the
 * same.
 *
 *	sendmsg		toy_dgram_dest()	to whom
 *			toy_dgram_path()	which way
 *			toy_dgram_alloc()	a buffer with room for all headers
 *			(the protocol)		header and checksum
 *			toy_ip_output()
 */
#include <linux/net.h>

#include "../proto/neigh.h"
#include "../skb/buf.h"
#include "../skb/ipv6_exts.h"
#include "flowlabel.h"
#include "lookup.h"

/* Data of a message up to this size stands in the linear part of its skb:
 * one allocation, and no page to be mapped.
 */
#define TOY_DGRAM_LINEAR	SKB_WITH_OVERHEAD(4096)

static int toy_dest_read(struct sock *sk, const struct msghdr *msg,
			 struct toy_endpoint *to)
{
	const struct sockaddr *sa = msg->msg_name;
	struct sockaddr_in sin;
	int err;

	/* AF_INET takes a sockaddr_in that does not say so. */
	if (msg->msg_namelen >= (int)sizeof(sin) && sa->sa_family == AF_UNSPEC) {
		sin = *(const struct sockaddr_in *)sa;
		sin.sin_family = AF_INET;
		return toy_endpoint_read(&sin, sizeof(sin), to);
	}
	err = toy_endpoint_read_of(sk, sa, msg->msg_namelen, true, to);
	if (!err)
		toy_sock_used_form(sk, to->form);
	return err;
}

/**
 * toy_dest_check() - may this socket speak to that address?
 * @sk: socket
 * @daddr: destination; replaced when it is unspecified
 * @saddr: source, or unspecified
 *
 * Return: 0, -ENETUNREACH for IPv4 from a socket that is for IPv6 only,
 * -EAFNOSUPPORT for the opposite: an answer could not reach it.
 */
int toy_dest_check(const struct sock *sk, struct in6_addr *daddr,
		   const struct in6_addr *saddr)
{
	const bool v4only = toy_sk(sk)->v4only;

	if (unlikely(v4only && ipv6_addr_any(daddr)))
		*daddr = toy_v4(0);
	toy_dest_self(daddr, saddr);
	if (toy_is_v4(daddr))
		return sk->sk_ipv6only ? -ENETUNREACH : 0;
	return v4only ? -EAFNOSUPPORT : 0;
}

/* Source and device, by what is most specific. */
static int toy_dest_route(struct sock *sk, struct toy_tx_cmsg *c,
			  struct toy_endpoint *to)
{
	struct toy_sock *ts = toy_sk(sk);
	int err;

	/* An IPv6 address that connect(2) has chosen is none for IPv4. */
	if (toy_addr_any(&c->saddr) &&
	    (toy_is_v4(&ts->saddr) || !toy_is_v4(&to->addr) ||
	     sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		c->saddr = ts->saddr;
	if (!c->oif)
		c->oif = READ_ONCE(sk->sk_bound_dev_if) ?: to->scope_id;
	if (unlikely(!c->oif && READ_ONCE(ts->rare)))
		c->oif = toy_sock_ucast_if(ts, &to->addr);
	err = toy_dest_check(sk, &to->addr, &c->saddr);
	if (err)
		return err;
	toy_sock_mcast_route(ts, &to->addr, &c->saddr, &c->oif);
	if (unlikely(c->exts))
		c->final = to->addr;
	return 0;
}

/**
 * toy_dgram_dest() - find out to whom a message goes
 * @sk: socket, not locked
 * @msg: message
 * @c: result: its control messages, which toy_cmsg_done() gives back
 * @to: result: destination
 *
 * Return: 0, -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH (IPv4 on a
 * socket that is for IPv6 only), or an errno of toy_cmsg_send().
 */
int toy_dgram_dest(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c,
		   struct toy_endpoint *to)
{
	struct toy_sock *ts = toy_sk(sk);
	int err;

	if (msg->msg_name) {
		err = toy_dest_read(sk, msg, to);
		if (err)
			return err;
	} else {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		to->addr = sk->sk_v6_daddr;
		to->port = ntohs(sk->sk_dport);
		to->scope_id = 0;
		to->flowinfo = toy_fl_connected(sk);
	}
	c->flowinfo = !msg->msg_name || READ_ONCE(ts->opt_flags) &
		      TOY_OPT_FLOWINFO_SEND ? to->flowinfo : 0;

	err = toy_cmsg_send(sk, msg, c, &to->addr);
	if (err)
		return err;
	if (unlikely(c->flowinfo & IPV6_FLOWLABEL_MASK))
		err = toy_fl_use(sk, c->flowinfo, &c->exts);
	err = err ?: toy_dest_route(sk, c, to);
	if (err)
		toy_cmsg_done(c);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_dest);

/**
 * toy_dgram_path() - find out which way a message goes
 * @sk: socket, not locked
 * @msg: message
 * @c: its control messages
 * @to: its destination
 *
 * Return: a path with a reference, or an ERR_PTR: -EACCES for a broadcast
 * without SO_BROADCAST, or an errno of toy_path_lookup().
 */
struct toy_path_ref *toy_dgram_path(struct sock *sk, const struct msghdr *msg,
				    const struct toy_tx_cmsg *c,
				    const struct toy_endpoint *to)
{
	struct toy_flow flow = {
		.daddr = to->addr, .saddr = c->saddr, .oif = c->oif,
	};
	const struct in6_addr *hop = toy_ipv6_exts_hop(c->exts);
	struct toy_path_ref *ref;

	if (unlikely(hop))
		flow.daddr = *hop;
	if (msg->msg_flags & MSG_DONTROUTE || sock_flag(sk, SOCK_LOCALROUTE))
		flow.flags |= TOY_FLOW_ONLINK;
	if (unlikely(READ_ONCE(toy_sk(sk)->opt_flags) &
		     (TOY_OPT_TRANSPARENT | TOY_OPT_HDRINCL)))
		flow.flags |= TOY_FLOW_ANYSRC;
	/* Of IPv6's, IPV6_MTU tells what a router has said all the same. */
	if (toy_is_v4(&to->addr) && toy_sk(sk)->pmtudisc >= IP_PMTUDISC_PROBE)
		flow.flags |= TOY_FLOW_NOPMTU;
	ref = toy_sock_path(sk, &flow);
	if (IS_ERR(ref)) {
		if (PTR_ERR(ref) == -ENETUNREACH)
			toy_count(toy_sock_net(sk), TOY_MIB_IP_OUT_NO_ROUTES);
		return ref;
	}
	if (ref->path.type == TOY_ROUTE_BROADCAST &&
	    !sock_flag(sk, SOCK_BROADCAST)) {
		toy_path_ref_put(ref);
		return ERR_PTR(-EACCES);
	}
	if (msg->msg_flags & MSG_CONFIRM && ref->path.neigh)
		toy_neigh_confirm(ref->path.neigh);
	return ref;
}
EXPORT_SYMBOL_GPL(toy_dgram_path);

/* Of a packet that is all the program's: AF_INET neither waits for SO_SNDBUF
 * with it, nor lets an error that nobody has read yet keep it back. traceroute
 * counts on that.
 */
static struct sk_buff *toy_raw_alloc(struct sock *sk, size_t linear,
				     size_t paged, int *err)
{
	struct sk_buff *skb;

	*err = -ENOBUFS;
	if (refcount_read(&sk->sk_wmem_alloc) > 2 * READ_ONCE(sk->sk_sndbuf))
		return NULL;
	skb = alloc_skb_with_frags(linear, paged, PAGE_ALLOC_COSTLY_ORDER, err,
				   sk->sk_allocation);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

/**
 * toy_dgram_alloc() - a buffer for a message
 * @sk: socket, which pays for it
 * @msg: message
 * @path: where it goes: its device says how much headroom is needed
 * @hdr_len: bytes of transport header; 0 for a raw packet, with which nobody
 *	waits
 * @len: bytes of data
 * @c: control messages
 * @err: result: why there is none
 *
 * Context: process; may sleep for SO_SNDBUF.
 * Return: an skb with @hdr_len + @len bytes put and room for the headers below,
 * or NULL.
 */
struct sk_buff *toy_dgram_alloc(struct sock *sk, const struct msghdr *msg,
				const struct toy_path *path, unsigned int hdr_len,
				size_t len, const struct toy_tx_cmsg *c, int *err)
{
	const struct net_device *ndev;
	unsigned int room = LL_MAX_HEADER;
	size_t linear = len;
	struct sk_buff *skb;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	if (ndev)
		room = toy_skb_headroom(ndev);
	rcu_read_unlock();
	if (unlikely(c->exts))
		room += c->exts->len;

	if (room + hdr_len + len > TOY_DGRAM_LINEAR)
		linear = 0;
	if (hdr_len)
		skb = sock_alloc_send_pskb(sk, room + hdr_len + linear,
					   len - linear,
					   msg->msg_flags & MSG_DONTWAIT, err,
					   PAGE_ALLOC_COSTLY_ORDER);
	else
		skb = toy_raw_alloc(sk, room + linear, len - linear, err);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, hdr_len + linear);
	skb->data_len = len - linear;
	skb->len += len - linear;
	skb->priority = c->priority;
	skb->mark = c->sockc.mark;
	/* SO_TXTIME */
	if (unlikely(c->sockc.transmit_time))
		toy_compat_set_departure(skb, c->sockc.transmit_time,
					 sk->sk_clockid);
	return skb;
}
EXPORT_SYMBOL_GPL(toy_dgram_alloc);
