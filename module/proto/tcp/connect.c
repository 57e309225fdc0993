// SPDX-License-Identifier: GPL-2.0-only
/*
 * connect(2): an active open (RFC 9293 3.10.1).
 *
 *	sock->state	sk_state	connect(2)
 *	UNCONNECTED	CLOSE		sends a SYN; then as CONNECTING
 *	CONNECTING	SYN_SENT	waits; EALREADY without blocking, but
 *					EINPROGRESS the first time
 *	CONNECTING	CLOSE		the error, once; UNCONNECTED again
 *	CONNECTED	any		EISCONN
 */
#include "../../sock/flowlabel.h"
#include "../ip.h"
#include "fastopen.h"
#include "tcp.h"

/* What we offer: RFC 7323, RFC 2018; the peer's SYN says what remains. */
static void toy_connect_offer(struct sock *sk, const struct toy_path *path)
{
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 space = max(toy_tcp_full_space(sk), 0);
	struct toy_rwnd_init i = {
		.space = space,
		.max_space = sk->sk_userlocks & SOCK_RCVBUF_LOCK ? space :
			     max3(space, (u32)READ_ONCE(sc->tcp_rmem[2]),
				  READ_ONCE(sysctl_rmem_max)),
		.clamp = tp->window_clamp ?: path->m.window,
		.init_segs = path->m.initrwnd,
		.wscale_ok = READ_ONCE(sc->tcp_window_scaling),
	};

	tp->tstamp_ok = !!READ_ONCE(sc->tcp_timestamps);
	tp->sack_ok = !!READ_ONCE(sc->tcp_sack);
	tp->wscale_ok = i.wscale_ok;
	tp->snd_wscale = 0;
	tp->tstamp.offset = READ_ONCE(sc->tcp_timestamps) == 1 ?
			    toy_ts_offset(&sk->sk_v6_rcv_saddr,
					  &sk->sk_v6_daddr) : 0;
	tp->peer_mss = 0;
	tp->advmss = toy_tcp_advmss(path, tp->user_mss);
	toy_tcp_sync_mss(sk);
	i.mss = tp->advmss;
	toy_rwnd_start(&tp->rwnd, &i);
}

static void toy_connect_start_seq(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tuple4 t;

	/* TIME_WAIT that gave way has left a number. */
	if (!tp->write_seq) {
		toy_conn_tuple(&tp->ts.conn, &t);
		tp->write_seq = toy_isn(&t, tp->now_us);
	}
	tp->iss = tp->write_seq;
	tp->snd_una = tp->write_seq;
	tp->snd_nxt = tp->write_seq;
	tp->snd_sml = tp->write_seq;
	tp->snd_up = tp->write_seq;
	tp->high_seq = tp->write_seq;
	toy_rack_init(&tp->rack, tp->write_seq);
	tp->snd_wnd = 0;
	tp->snd_wl1 = 0;
	tp->rcv_nxt = 0;
	tp->copied_seq = 0;
	tp->rwnd.wup = 0;
	tp->rcv_ms = toy_tcp_ms(tp);
	/* What ended the last connection does not concern this one. */
	WRITE_ONCE(sk->sk_err, 0);
	sock_reset_flag(sk, SOCK_DONE);
}

static void toy_connect_undo(struct sock *sk, const struct in6_addr *laddr)
{
	toy_tcp_set_state(sk, TCP_CLOSE);
	sk->sk_v6_rcv_saddr = *laddr;
	sk->sk_v6_daddr = in6addr_any;
	sk->sk_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		toy_sk(sk)->saddr = in6addr_any;
	toy_sock_unscope(sk);
	toy_sock_path_drop(sk);
}

/* RFC 9293 3.9.2.1: a connection has one peer. */
static int toy_connect_route(struct sock *sk, struct toy_endpoint *ep,
			     struct toy_path_ref **pref)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_flow flow = {
		.saddr = ts->saddr,
		.flags = toy_sock_nonlocal(ts) ? TOY_FLOW_ANYSRC : 0,
	};
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
	toy_sock_path_drop(sk);
	ref = toy_sock_path(sk, &flow);
	if (IS_ERR(ref)) {
		if (PTR_ERR(ref) == -ENETUNREACH)
			toy_count(toy_sock_net(sk), TOY_MIB_IP_OUT_NO_ROUTES);
		return PTR_ERR(ref);
	}
	if (ref->path.type == TOY_ROUTE_BROADCAST ||
	    ref->path.type == TOY_ROUTE_MULTICAST) {
		toy_path_ref_put(ref);
		return -ENETUNREACH;
	}
	*pref = ref;
	return 0;
}

static int toy_connect_start(struct sock *sk, struct toy_endpoint *ep)
{
	const struct in6_addr old = sk->sk_v6_rcv_saddr;
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_sock *ts = &tp->ts;
	struct toy_path_ref *ref;
	int err;

	err = toy_connect_route(sk, ep, &ref);
	if (err)
		return err;
	toy_tcp_now(tp);
	toy_tcp_init_xmit_state(sk);
	if (toy_addr_any(&ts->saddr))
		ts->saddr = ref->path.saddr;
	toy_sock_used_form(sk, ep->form);
	memset(&tp->tstamp, 0, sizeof(tp->tstamp));
	toy_tcp_set_state(sk, TCP_SYN_SENT);
	err = toy_tcp_port_connect(sk, &ts->saddr, &ep->addr, ep->port);
	if (!err) {
		sk_set_txhash(sk);
		toy_connect_start_seq(sk);
		toy_connect_offer(sk, &ref->path);
		if (!toy_fo_may_wait(sk))
			err = toy_tcp_connect_send(sk);
	}
	toy_path_ref_put(ref);
	if (err)
		toy_connect_undo(sk, &old);
	tp->write_seq = err ? 0 : tp->write_seq;
	return err;
}

/* Waits until the handshake has ended one way or the other. @more: what is sent
 * then can carry its acknowledgment.
 */
static long toy_connect_wait(struct sock *sk, long timeo, int more)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	sk->sk_write_pending += more;
	add_wait_queue(sk_sleep(sk), &wait);
	while ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	sk->sk_write_pending -= more;
	return timeo;
}

static int toy_connect_first(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;
	struct toy_endpoint ep;
	int err;

	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = toy_endpoint_read_of(sk, uaddr, len, false, &ep);
	if (!err)
		err = toy_connect_start(sk, &ep);
	if (!err)
		sock->state = SS_CONNECTING;
	return err;
}

static int toy_connect_unspec(struct socket *sock, int flags)
{
	int err;

	toy_compat_disconnected(sock->sk);
	err = toy_tcp_disconnect(sock->sk, flags);
	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

static int toy_connect_failed(struct socket *sock, int flags)
{
	struct sock *sk = sock->sk;
	int err = sock_error(sk) ?: -ECONNABORTED;

	sock->state = SS_UNCONNECTED;
	toy_compat_disconnected(sk);
	if (toy_tcp_disconnect(sk, flags))
		sock->state = SS_DISCONNECTING;
	return err;
}

/* @msg: of the sendmsg(2) that connects (RFC 7413), or NULL. */
static int toy_connect_locked(struct socket *sock, struct sockaddr *uaddr,
			      int len, int flags, struct msghdr *msg)
{
	struct sock *sk = sock->sk;
	int err, disconnects;
	long timeo;

	if (uaddr && uaddr->sa_family == AF_UNSPEC)
		return toy_connect_unspec(sock, flags);
	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		if (!toy_fo_waits(sk)) {
			err = -EALREADY;
			break;
		}
		if (!msg)
			return -EISCONN;
		/* TCP_FASTOPEN_CONNECT: here is the data. */
		err = toy_tcp_connect_send(sk);
		if (err) {
			toy_tcp_set_state(sk, TCP_CLOSE);
			sk->sk_dport = 0;
		}
		err = -EINPROGRESS;
		break;
	case SS_UNCONNECTED:
		err = toy_connect_first(sock, uaddr, len);
		if (err || toy_fo_waits(sk))
			return err;
		err = -EINPROGRESS;
		break;
	default:
		return -EINVAL;
	}

	timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		if (!timeo)
			return err;
		disconnects = toy_compat_disconnects(sk);
		timeo = toy_connect_wait(sk, timeo, msg && msg_data_left(msg));
		if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
			return signal_pending(current) ? sock_intr_errno(timeo) :
							 err;
		/* What there is now belongs to another thread. */
		if (disconnects != toy_compat_disconnects(sk))
			return -EPIPE;
	}
	if (sk->sk_state == TCP_CLOSE)
		return toy_connect_failed(sock, flags);
	sock->state = SS_CONNECTED;
	return 0;
}

/**
 * toy_tcp_connect() - connect(2)
 * @sock: socket
 * @uaddr: peer in any of the three forms; AF_UNSPEC disconnects
 * @len: its length
 * @flags: O_NONBLOCK
 *
 * Return: 0 or a negative errno, as the table at the head says.
 */
int toy_tcp_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		    int flags)
{
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	lock_sock(sock->sk);
	err = toy_connect_locked(sock, uaddr, len, flags, NULL);
	release_sock(sock->sk);
	return err;
}

/**
 * toy_tcp_connect_msg() - connect(2) by sendmsg(2) (RFC 7413)
 * @sock: socket, its struct sock locked
 * @msg: names the peer, unless connect(2) has done so and waits
 *
 * Return: as connect(2).
 */
int toy_tcp_connect_msg(struct socket *sock, struct msghdr *msg)
{
	struct sockaddr *to = msg->msg_name;

	if (to && msg->msg_namelen < (int)sizeof(to->sa_family))
		return -EINVAL;
	if (!to && sock->state == SS_UNCONNECTED)
		return -EINVAL;
	return toy_connect_locked(sock, to, msg->msg_namelen,
				  msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0,
				  msg);
}
