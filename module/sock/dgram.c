// SPDX-License-Identifier: GPL-2.0-only
/*
 * What datagram sockets have in common, whatever their protocol: connect,
 * disconnect and close.
 *
 *	dgram_send.c	where a message goes, and a buffer for it
 *	dgram_recv.c	into the receive queue and out of it
 */
#include <linux/net.h>

#include "flowlabel.h"
#include "lookup.h"

static int toy_autobind_locked(struct sock *sk)
{
	return !sk->sk_num && toy_autobind(sk) ? -EAGAIN : 0;
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

	/* An IPv6 address of an earlier connect(2) is none for IPv4. */
	if (toy_is_v4(&ep->addr) && !toy_is_v4(&old) &&
	    !(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		flow.saddr = in6addr_any;
		laddr = in6addr_any;
	}
	err = toy_dest_check(sk, &ep->addr, &flow.saddr);
	err = err ?: toy_fl_connect(sk, &ep->addr, ep->flowinfo);
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
	if (toy_addr_any(&ts->saddr) ||
	    (toy_is_v4(&ep->addr) && !toy_is_v4(&ts->saddr)))
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

	lock_sock(sk);
	/* In one go: a disconnect in between would take the port away. Before the
	 * address is looked at, as AF_INET does it.
	 */
	err = toy_autobind_locked(sk);
	if (!err)
		err = toy_endpoint_read_of(sk, uaddr, len, true, &ep);
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

const struct proto_ops toy_dgram_ops = {
	.family		= PF_TOY,
	.owner		= THIS_MODULE,
	.release	= toy_release,
	.bind		= toy_bind,
	.connect	= toy_dgram_connect,
	.socketpair	= toy_dgram_socketpair,
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
