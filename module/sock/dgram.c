// SPDX-License-Identifier: GPL-2.0-only
/*
 * What datagram sockets have in common, whatever their protocol: connect and
 * disconnect, where a message goes, how it is received.
 *
 *	sendmsg		toy_dgram_dest()	to whom
 *			toy_dgram_path()	which way
 *			toy_dgram_alloc()	a buffer with room for all headers
 *			(the protocol)		header and checksum
 *			toy_ip_output()
 *
 *	receive		(the protocol)		parse, look the socket up
 *			toy_dgram_deliver()	filter, account, queue, wake
 *	recvmsg		toy_dgram_recvmsg()
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <net/busy_poll.h>

#include "../proto/neigh.h"
#include "../skb/buf.h"
#include "../skb/ipv6_exts.h"
#include "flowlabel.h"
#include "lookup.h"

/* Data of a message up to this size stands in the linear part of its skb:
 * one allocation, and no page to be mapped.
 */
#define TOY_DGRAM_LINEAR	SKB_WITH_OVERHEAD(4096)

static int toy_autobind_locked(struct sock *sk)
{
	return !sk->sk_num && toy_port_take(sk, 0) ? -EAGAIN : 0;
}

/**
 * toy_dgram_autobind() - give an unbound socket a port
 * @sk: socket, not locked
 *
 * Return: 0, or -EAGAIN when there is none, as AF_INET says it.
 */
int toy_dgram_autobind(struct sock *sk)
{
	int err;

	if (likely(READ_ONCE(sk->sk_num)))
		return 0;
	lock_sock(sk);
	err = toy_autobind_locked(sk);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_autobind);

static int toy_dgram_connect_locked(struct sock *sk, struct toy_endpoint *ep)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_flow flow = {
		.saddr = ts->saddr,
	};
	const struct in6_addr old = sk->sk_v6_rcv_saddr;
	struct in6_addr laddr = old;
	struct toy_path_ref *ref;
	int err;

	toy_dest_self(&ep->addr, &ts->saddr);
	if (sk->sk_ipv6only && toy_is_v4(&ep->addr))
		return -ENETUNREACH;
	err = toy_fl_connect(sk, &ep->addr, ep->flowinfo);
	err = err ?: toy_sock_scope(sk, ep);
	if (err)
		return err;
	flow.oif = sk->sk_bound_dev_if;
	flow.daddr = *toy_sock_hop(sk, &ep->addr);
	toy_sock_mcast_route(ts, &ep->addr, &flow.saddr, &flow.oif);
	toy_sock_path_drop(sk);
	ref = toy_sock_path(sk, &flow);
	if (IS_ERR(ref))
		return PTR_ERR(ref);

	err = -EACCES;
	if (ref->path.type == TOY_ROUTE_BROADCAST &&
	    !sock_flag(sk, SOCK_BROADCAST))
		goto out;

	if (toy_addr_any(&laddr))
		laddr = ref->path.saddr;
	err = toy_port_connect(sk, &laddr, &ep->addr, ep->port);
	if (err) {
		toy_port_disconnect(sk, &old);
		sk->sk_state = TCP_CLOSE;
		goto out;
	}
	if (toy_addr_any(&ts->saddr))
		ts->saddr = ref->path.saddr;
	sk->sk_state = TCP_ESTABLISHED;
	sk_set_txhash(sk);
	toy_sock_used_form(sk, ep->form);
out:
	toy_path_ref_put(ref);
	return err;
}

/**
 * toy_dgram_connect() - connect(2) for datagram sockets
 * @sock: socket
 * @uaddr: peer in any of the three forms; AF_UNSPEC takes the peer away
 * @len: its length
 * @flags: ignored: it never blocks
 *
 * Return: 0 or a negative errno.
 */
int toy_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		      int flags)
{
	struct sock *sk = sock->sk;
	struct toy_endpoint ep;
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);

	err = toy_endpoint_read(uaddr, len, &ep);
	if (err)
		return err;

	lock_sock(sk);
	/* In one go: a disconnect in between would take the port away. */
	err = toy_autobind_locked(sk);
	if (!err)
		err = toy_dgram_connect_locked(sk, &ep);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_connect);

static int toy_dgram_disconnect_locked(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);
	struct in6_addr laddr;
	int err = 0;

	sk->sk_state = TCP_CLOSE;
	laddr = sk->sk_v6_rcv_saddr;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		laddr = ts->v4only ? toy_v4(0) : in6addr_any;
		ts->saddr = in6addr_any;
	}
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK) {
		err = toy_port_disconnect(sk, &laddr);
	} else {
		toy_port_release(sk);
		sk->sk_v6_rcv_saddr = laddr;
		sk->sk_v6_daddr = in6addr_any;
		sk->sk_dport = 0;
	}
	toy_sock_unscope(sk);
	toy_sock_path_drop(sk);
	return err;
}

/**
 * toy_dgram_disconnect() - take the peer away
 * @sk: socket, not locked
 * @flags: ignored
 *
 * What bind(2) was told stays, what connect(2) chose goes.
 * Return: 0 or a negative errno.
 */
int toy_dgram_disconnect(struct sock *sk, int flags)
{
	int err;

	lock_sock(sk);
	err = toy_dgram_disconnect_locked(sk);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_disconnect);

/**
 * toy_dgram_abort() - prot->diag_destroy: an administrator ends the socket
 * @sk: socket, not locked
 * @err: errno that its program is to see, positive
 *
 * The program still has the descriptor; as with AF_INET a port that it asked
 * for by number stays taken until it closes it.
 * Context: process.
 * Return: 0.
 */
int toy_dgram_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
		toy_dgram_disconnect_locked(sk);
	}
	release_sock(sk);
	return 0;
}
EXPORT_SYMBOL_GPL(toy_dgram_abort);

/**
 * toy_dgram_close() - prot->close
 * @sk: socket, not locked; its last user is gone
 * @timeout: ignored
 */
void toy_dgram_close(struct sock *sk, long timeout)
{
	/* From here on toy_dgram_abort() leaves it alone. */
	lock_sock(sk);
	sock_set_flag(sk, SOCK_DEAD);
	release_sock(sk);
	sk_common_release(sk);
}
EXPORT_SYMBOL_GPL(toy_dgram_close);

/**
 * toy_dgram_unhash() - prot->unhash
 * @sk: socket that is being released
 */
void toy_dgram_unhash(struct sock *sk)
{
	toy_port_release(sk);
	toy_sock_unlist(sk);
}
EXPORT_SYMBOL_GPL(toy_dgram_unhash);

/* ---- sending --------------------------------------------------------- */

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
	err = toy_endpoint_read(sa, msg->msg_namelen, to);
	if (!err)
		toy_sock_used_form(sk, to->form);
	return err;
}

/* Source and device, by what is most specific; and a port. */
static int toy_dest_route(struct sock *sk, struct toy_tx_cmsg *c,
			  struct toy_endpoint *to)
{
	struct toy_sock *ts = toy_sk(sk);

	if (toy_addr_any(&c->saddr))
		c->saddr = ts->saddr;
	if (!c->oif)
		c->oif = READ_ONCE(sk->sk_bound_dev_if) ?: to->scope_id;
	if (unlikely(!c->oif && READ_ONCE(ts->rare)))
		c->oif = toy_sock_ucast_if(ts, &to->addr);
	toy_dest_self(&to->addr, &c->saddr);
	if (sk->sk_ipv6only && toy_is_v4(&to->addr))
		return -ENETUNREACH;
	toy_sock_mcast_route(ts, &to->addr, &c->saddr, &c->oif);
	if (unlikely(c->exts))
		c->final = to->addr;
	return toy_dgram_autobind(sk);
}

/**
 * toy_dgram_dest() - find out to whom a message goes
 * @sk: socket, not locked
 * @msg: message
 * @c: result: its control messages, which toy_cmsg_done() gives back
 * @to: result: destination
 *
 * Return: 0, -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT, -EAGAIN (no port left),
 * -ENETUNREACH (IPv4 on a socket that is for IPv6 only), or an errno of toy_cmsg_send().
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
	skb->tstamp = c->sockc.transmit_time;
	return skb;
}
EXPORT_SYMBOL_GPL(toy_dgram_alloc);

/* ---- receiving ------------------------------------------------------- */

/**
 * toy_dgram_deliver() - give a datagram to its socket
 * @sk: socket, under RCU
 * @skb: datagram with skb->data at the transport header, which a socket filter
 *	sees; consumed when TOY_RX_OK is returned
 * @hdr_len: bytes of transport header, which the reader does not see
 *
 * Context: softirq.
 * Return: TOY_RX_OK, or the reason why the socket did not take it.
 */
enum toy_drop toy_dgram_deliver(struct sock *sk, struct sk_buff *skb,
				unsigned int hdr_len)
{
	int err;

	if (sk_filter_trim_cap(sk, skb, hdr_len)) {
		atomic_inc(&sk->sk_drops);
		return TOY_DROP_SOCK_FILTER;
	}
	__skb_pull(skb, hdr_len);
	sock_rps_save_rxhash(sk, skb);
	sk_mark_napi_id_once(sk, skb);

	/* The core keeps sk_drops at the end of skb->cb. */
	BUILD_BUG_ON(sizeof(struct toy_skb_cb) > SOCK_SKB_CB_OFFSET);
	err = __sock_queue_rcv_skb(sk, skb);
	if (likely(!err))
		return TOY_RX_OK;
	/* __sock_queue_rcv_skb() has counted it in sk_drops. */
	return err == -ENOBUFS ? TOY_DROP_SOCK_MEM : TOY_DROP_SOCK_RCVBUF;
}
EXPORT_SYMBOL_GPL(toy_dgram_deliver);

/**
 * toy_dgram_recvmsg() - prot->recvmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: room for data
 * @flags: MSG_*
 * @addr_len: result: length of the sender's address
 *
 * Return: bytes received (with MSG_TRUNC the datagram's length) or a negative
 * errno.
 */
int toy_dgram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags, int *addr_len)
{
	unsigned int copied;
	struct sk_buff *skb;
	int off, total, err;

	if (flags & MSG_ERRQUEUE)
		return toy_recv_error(sk, msg, len, addr_len);
	if (unlikely(toy_pathmtu_pending(sk)))
		return toy_recv_pathmtu(sk, msg, addr_len);

	off = sk_peek_offset(sk, flags);
	skb = __skb_recv_datagram(sk, &sk->sk_receive_queue, flags, &off, &err);
	if (!skb)
		return err;

	total = skb->len;
	copied = min_t(size_t, len, total - off);
	if (copied < total - off)
		msg->msg_flags |= MSG_TRUNC;

	err = skb_copy_datagram_msg(skb, off, msg, copied);
	if (err)
		goto out;
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, copied);
	else
		sk_peek_offset_bwd(sk, total);

	sock_recv_cmsgs(msg, sk, skb);
	if (msg->msg_name) {
		const struct toy_skb_cb *cb = toy_skb_cb(skb);
		struct in6_addr saddr, daddr;

		cb->ip->addrs(skb, &saddr, &daddr);
		*addr_len = toy_endpoint_write(sk, msg->msg_name, &saddr,
					       cb->port, cb->ifindex);
	}
	if (toy_sk(sk)->cmsg_flags)
		toy_cmsg_recv(sk, msg, skb);
	err = flags & MSG_TRUNC ? total : copied;
out:
	skb_free_datagram(sk, skb);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_recvmsg);

const struct proto_ops toy_dgram_ops = {
	.family		= PF_TOY,
	.owner		= THIS_MODULE,
	.release	= toy_release,
	.bind		= toy_bind,
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
	.set_peek_off	= sk_set_peek_off,
	TOY_COMPAT_SENDPAGE
};
EXPORT_SYMBOL_GPL(toy_dgram_ops);
