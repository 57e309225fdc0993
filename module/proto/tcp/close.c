// SPDX-License-Identifier: GPL-2.0-only
/*
 * close(2), shutdown(2), and other ends (RFC 9293 3.6, 3.10.4, 3.10.5).
 *
 *	close(2)
 *	  unread data			RST (RFC 1122 4.2.2.13)
 *	  SO_LINGER, 0 seconds		RST
 *	  SO_LINGER			FIN; waits until it is acknowledged
 *	  else				FIN; the connection goes on as an orphan
 */
#include <linux/sched/signal.h>

#include "fastopen.h"
#include "synack.h"
#include "tcp.h"

/* RFC 9293 3.10.4: state after CLOSE; true when a FIN is to be sent. */
static bool toy_close_state(struct sock *sk)
{
	static const struct {
		u8 next;
		bool fin;
	} table[TCP_MAX_STATES] = {
		[TCP_ESTABLISHED]	= { TCP_FIN_WAIT1, true },
		[TCP_SYN_SENT]		= { TCP_CLOSE, false },
		[TCP_SYN_RECV]		= { TCP_FIN_WAIT1, true },
		[TCP_FIN_WAIT1]		= { TCP_FIN_WAIT1, false },
		[TCP_FIN_WAIT2]		= { TCP_FIN_WAIT2, false },
		[TCP_TIME_WAIT]		= { TCP_CLOSE, false },
		[TCP_CLOSE]		= { TCP_CLOSE, false },
		[TCP_CLOSE_WAIT]	= { TCP_LAST_ACK, true },
		[TCP_LAST_ACK]		= { TCP_LAST_ACK, false },
		[TCP_LISTEN]		= { TCP_CLOSE, false },
		[TCP_CLOSING]		= { TCP_CLOSING, false },
	};
	int state = sk->sk_state;

	toy_tcp_set_state(sk, table[state].next);
	return table[state].fin;
}

/* Does the peer think that there is a connection? */
static bool toy_need_reset(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT |
				   TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |
				   TCPF_SYN_RECV))
		return true;
	/* The FIN has not gone out yet. */
	return tp->snd_nxt != tp->write_seq &&
	       (1 << sk->sk_state) & (TCPF_CLOSING | TCPF_LAST_ACK);
}

static u32 toy_close_unread(struct sock *sk)
{
	struct sk_buff *skb;
	u32 unread = 0;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		u32 off = toy_tcp(sk)->copied_seq - toy_cb(skb)->seq;

		unread += (s32)off > 0 ? skb->len - off : skb->len;
		kfree_skb(skb);
	}
	return unread;
}

/* What an orphan does in FIN_WAIT_2: RFC 1122 4.2.2.13 lets it end. */
static void toy_close_fin_wait2(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long stay;

	if (tp->linger2_off) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_ON_LINGER);
		toy_tcp_send_rst(sk);
		toy_tcp_done(sk);
		return;
	}
	stay = toy_tcp_fin_time(sk);
	if (stay > TOY_TW_LEN)
		toy_tcp_keepalive_arm(sk, stay - TOY_TW_LEN);
	else
		toy_tcp_timewait(sk, TCP_FIN_WAIT2, stay);
}

/* RFC 9293 3.10.4, with what the program has left unread. */
static void toy_close_begin(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);
	u32 unread = toy_close_unread(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (unread) {
		toy_count(tn, TOY_MIB_TCP_ABORT_ON_CLOSE);
		toy_tcp_send_rst(sk);
		toy_tcp_set_state(sk, TCP_CLOSE);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		toy_count(tn, TOY_MIB_TCP_ABORT_ON_DATA);
		toy_tcp_disconnect(sk, 0);
	} else if (toy_close_state(sk)) {
		toy_tcp_send_fin(sk);
	}
}

/**
 * toy_tcp_close() - prot->close: the program has let go
 * @sk: socket, not locked
 * @timeout: of SO_LINGER, in jiffies
 *
 * Context: process.
 */
void toy_tcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	toy_tcp_now(toy_tcp(sk));
	if (sk->sk_state == TCP_LISTEN) {
		toy_tcp_listen_stop(sk);
		toy_tcp_set_state(sk, TCP_CLOSE);
	} else {
		toy_close_begin(sk);
		sk_stream_wait_close(sk, timeout);
	}

	/* From here on it is an orphan: what ends it frees it. */
	sock_hold(sk);
	sock_orphan(sk);
	atomic_inc(&toy_tcp_net(sk)->orphans);
	if (sk->sk_state == TCP_FIN_WAIT2) {
		toy_close_fin_wait2(sk);
	} else if (sk->sk_state != TCP_CLOSE) {
		toy_tcp_out_of_resources(sk, true);
	} else {
		atomic_dec(&toy_tcp_net(sk)->orphans);
		toy_tcp_destroy(sk);
	}
	release_sock(sk);
	sock_put(sk);
}

/**
 * toy_tcp_disconnect() - end the connection, keep the socket
 * @sk: socket, locked
 * @flags: ignored
 *
 * connect(2) with AF_UNSPEC, and after a failure. The peer is reset.
 * Return: 0.
 */
int toy_tcp_disconnect(struct sock *sk, int flags)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int old = sk->sk_state;

	if (old == TCP_LISTEN) {
		toy_tcp_listen_stop(sk);
	} else if (toy_need_reset(sk)) {
		toy_tcp_send_rst(sk);
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	}
	toy_tcp_set_state(sk, TCP_CLOSE);
	toy_tcp_timers_stop(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	toy_tcp_queues_purge(sk);
	toy_tcp_ooo_purge(sk);
	toy_sock_path_drop(sk);

	if (toy_sk(sk)->port && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		toy_port_release(sk);
	sk->sk_dport = 0;
	sk->sk_v6_daddr = in6addr_any;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		sk->sk_v6_rcv_saddr = toy_sk(sk)->v4only ? toy_v4(0) : in6addr_any;
		toy_sk(sk)->saddr = in6addr_any;
	}
	toy_sock_unscope(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	tp->write_seq = 0;
	tp->snd_nxt = 0;
	tp->snd_una = 0;
	tp->total_retrans = 0;
	tp->copied_seq = tp->rcv_nxt;
	tp->urg_data = 0;
	tp->urg_valid = 0;
	tp->urg_notyet = 0;
	tp->urg_read = 0;
	memset(&tp->totals, 0, sizeof(tp->totals));
	toy_tcp_init_xmit_state(sk);
	kfree(tp->saved_syn);
	tp->saved_syn = NULL;
	toy_fo_disconnect(sk);
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	sk_error_report(sk);
	return 0;
}

/* shutdown(2) of the sending side. */
static void toy_shutdown_send(struct sock *sk)
{
	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_SENT |
				     TCPF_CLOSE_WAIT)))
		return;
	toy_tcp_now(toy_tcp(sk));
	if (toy_close_state(sk))
		toy_tcp_send_fin(sk);
}

/**
 * toy_tcp_shutdown() - shutdown(2)
 * @sock: socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * Return: 0, -EINVAL, -ENOTCONN.
 */
int toy_tcp_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;			/* RCV_SHUTDOWN is 1, SEND_SHUTDOWN is 2 */

	lock_sock(sk);
	if (sock->state == SS_CONNECTING) {
		if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV |
					   TCPF_CLOSE))
			sock->state = SS_DISCONNECTING;
		else
			sock->state = SS_CONNECTED;
	}
	switch (sk->sk_state) {
	case TCP_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			break;
		fallthrough;
	case TCP_SYN_SENT:
		err = toy_tcp_disconnect(sk, O_NONBLOCK);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		break;
	case TCP_CLOSE:
		err = -ENOTCONN;
		fallthrough;
	default:
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (how & SEND_SHUTDOWN)
			toy_shutdown_send(sk);
		break;
	}
	/* Who sleeps looks again. */
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

/**
 * toy_tcp_abort() - prot->diag_destroy: an administrator ends the socket
 * @sk: socket, not locked; an orphan, too
 * @err: errno that its program is to see, positive
 *
 * Context: process.
 * Return: 0.
 */
int toy_tcp_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE) {
		release_sock(sk);
		return 0;
	}
	toy_tcp_now(toy_tcp(sk));
	if (sk->sk_state == TCP_LISTEN) {
		toy_tcp_listen_stop(sk);
		toy_tcp_set_state(sk, TCP_CLOSE);
	}
	if (toy_need_reset(sk))
		toy_tcp_send_rst(sk);
	local_bh_disable();
	if (!sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, err);
		smp_wmb();	/* the error before the state */
		sk_error_report(sk);
	}
	toy_tcp_queues_purge(sk);
	toy_tcp_done(sk);
	local_bh_enable();
	release_sock(sk);
	return 0;
}
