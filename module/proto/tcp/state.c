// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a connection (RFC 9293 3.3.2, figure 5).
 *
 *	                    CLOSED
 *	          listen |            | connect: SYN
 *	               LISTEN       SYN_SENT ------- SYN ------.
 *	          SYN  |              | SYN, ACK               |
 *	        (struct toy_req)      |                     SYN_RECV
 *	          ACK  |              v                        |
 *	               '-------> ESTABLISHED <------ ACK ------'
 *	      close: FIN  |                       | FIN
 *	              FIN_WAIT1 -- FIN --.     CLOSE_WAIT
 *	          ACK |           CLOSING     | close: FIN
 *	              |               | ACK   LAST_ACK
 *	          FIN_WAIT2           |       | ACK
 *	          FIN |               v       v
 *	              '---------> TIME_WAIT  CLOSED
 *	                         (struct toy_tw)
 *
 * SYN-RECEIVED of a passive open and TIME_WAIT have no socket: synack.c and
 * timewait.c. This file changes states and ends connections.
 */
#include "../../ctl/trace.h"
#include "../../event.h"
#include "fastopen.h"
#include "tcp.h"

static void toy_state_count(struct sock *sk, int old, int state)
{
	struct toy_net *tn = toy_sock_net(sk);

	if (state == TCP_ESTABLISHED && old != TCP_ESTABLISHED)
		toy_count(tn, TOY_MIB_TCP_CURR_ESTAB);
	/* RFC 4022: tcpCurrEstab counts CLOSE-WAIT, too. */
	if ((old == TCP_ESTABLISHED && state != TCP_CLOSE_WAIT) ||
	    (old == TCP_CLOSE_WAIT && state != TCP_ESTABLISHED))
		toy_count_add(tn, TOY_MIB_TCP_CURR_ESTAB, -1UL);
	if (state == TCP_CLOSE &&
	    (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT))
		toy_count(tn, TOY_MIB_TCP_ESTAB_RESETS);
}

/**
 * toy_tcp_set_state() - a connection changes its state
 * @sk: socket, locked
 * @state: TCP_*
 *
 * In CLOSED it is found no more, and a port that nobody has asked for is free.
 */
void toy_tcp_set_state(struct sock *sk, int state)
{
	int old = sk->sk_state;

	if (old == state)
		return;
	toy_state_count(sk, old, state);
	trace_toy_tcp_state(sk, old, state);
	if (state == TCP_CLOSE) {
		toy_fo_confirmed(sk, false);
		toy_tcp_unhash(sk);
		if (toy_sk(sk)->port && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			toy_port_release(sk);
	}
	/* Who looks without the lock sees what was set before. */
	smp_store_release(&sk->sk_state, state);
	toy_event_sock(toy_sock_net(sk), TOY_EV_SOCK_STATE, sk);
}

/**
 * toy_tcp_destroy() - an orphan's connection is over
 * @sk: socket, locked, CLOSED, without a program; the reference that its
 *	program had goes
 *
 * Context: process or softirq, BH off.
 */
void toy_tcp_destroy(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_timers_stop(sk);
	toy_tcp_queues_purge(sk);
	toy_tcp_ooo_purge(sk);
	toy_cc_put(tp->cc.ops);
	tp->cc.ops = NULL;
	kfree(tp->saved_syn);
	tp->saved_syn = NULL;
	toy_fo_free(sk);
	toy_pace_free(sk);
	toy_port_release(sk);
	toy_sock_unlist(sk);
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
	}
	skb_queue_purge(&sk->sk_receive_queue);
	sk_stream_kill_queues(sk);
	sock_put(sk);
}

/**
 * toy_tcp_done() - the connection is over
 * @sk: socket, locked
 */
void toy_tcp_done(struct sock *sk)
{
	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ATTEMPT_FAILS);

	toy_tcp_set_state(sk, TCP_CLOSE);
	toy_xtimer_off(toy_tcp(sk));
	toy_tcp(sk)->delack.delayed = 0;
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		return;
	}
	atomic_dec(&toy_tcp_net(sk)->orphans);
	toy_tcp_destroy(sk);
}

/**
 * toy_tcp_abort_now() - the connection fails
 * @sk: socket, locked
 * @err: errno for the program, positive
 */
void toy_tcp_abort_now(struct sock *sk, int err)
{
	WRITE_ONCE(sk->sk_err, err);
	/* Pairs with the read barrier in poll: the error before the state. */
	smp_wmb();
	toy_tcp_queues_purge(sk);
	toy_tcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/**
 * toy_tcp_reset_by_peer() - a valid RST has come (RFC 9293 3.10.7.4, second)
 * @sk: socket, locked
 */
void toy_tcp_reset_by_peer(struct sock *sk)
{
	toy_fo_confirmed(sk, true);
	switch (sk->sk_state) {
	case TCP_SYN_SENT:
		toy_tcp_abort_now(sk, ECONNREFUSED);
		break;
	case TCP_CLOSE_WAIT:
		toy_tcp_abort_now(sk, EPIPE);
		break;
	case TCP_CLOSE:
		break;
	default:
		toy_tcp_abort_now(sk, ECONNRESET);
		break;
	}
}

/**
 * toy_tcp_init_xmit_state() - what a connection starts with
 * @sk: socket, locked or new: fresh, disconnected, or a child
 */
void toy_tcp_init_xmit_state(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_rtt_init(&tp->rtt);
	toy_tcp_rto_update(tp);
	INIT_LIST_HEAD(&tp->sent);
	tp->ooo = RB_ROOT;
	tp->ooo_last = NULL;
	sk->tcp_rtx_queue = RB_ROOT;
	tp->packets_out = 0;
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
	tp->ca_state = TOY_CA_OPEN;
	tp->retransmits = 0;
	tp->probes = 0;
	tp->retrans_ms = 0;
	tp->reordering = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_reordering);
	tp->max_window = 0;
	tp->ecn = 0;
	tp->urg_data = 0;
	tp->urg_mode = 0;
	memset(&tp->tlp, 0, sizeof(tp->tlp));
	memset(&tp->frto, 0, sizeof(tp->frto));
	memset(&tp->prr, 0, sizeof(tp->prr));
	memset(&tp->cwv, 0, sizeof(tp->cwv));
	memset(&tp->rate, 0, sizeof(tp->rate));
	tp->rate.rate_app_limited = true;
	memset(&tp->sackgen, 0, sizeof(tp->sackgen));
	memset(&tp->tune, 0, sizeof(tp->tune));
	memset(&tp->undo, 0, sizeof(tp->undo));
	toy_undo_end(&tp->undo);
	tp->cc.cwnd = TOY_INIT_CWND;
	tp->cc.cwnd_cnt = 0;
	tp->cc.cwnd_clamp = U32_MAX >> 1;
	tp->cc.ssthresh = TOY_CC_SSTHRESH_MAX;
	tp->cc.min_rtt_us = U32_MAX;
	tp->mss = TOY_MSS_DEFAULT;
	tp->mss_gen = 0;
	tp->gso_segs = 1;
	tp->gso_max = TOY_MSS_DEFAULT;
}

/* RFC 7323 2.3 does not say how large buffers are: as Linux starts. */
static void toy_established_buffers(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 full = max(toy_tcp_full_space(sk), 0);

	tp->tune.seq = tp->copied_seq;
	tp->tune.us = (u32)tp->now_us;
	tp->tune.space = min3(tp->rwnd.ssthresh, tp->rwnd.wnd,
			      (u32)TOY_INIT_CWND * tp->advmss);
	if (tp->rwnd.clamp >= full)
		tp->rwnd.clamp = max(full, 2U * tp->advmss);
	tp->rwnd.ssthresh = min(tp->rwnd.ssthresh, tp->rwnd.clamp);
}

/**
 * toy_tcp_established_init() - the connection is synchronised
 * @sk: socket, locked
 */
void toy_tcp_established_init(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_sync_mss(sk);
	/* RFC 6298 and RFC 5681 3.1: a SYN that had to be sent again may have
	 * met congestion.
	 */
	tp->cc.cwnd = tp->total_retrans > 1 ? 1 : toy_tcp_init_cwnd(sk);
	toy_tcp_rtt_begin(tp);
	toy_cwv_init(&tp->cwv, tp->snd_nxt, toy_tcp_ms(tp));
	/* RFC 9406 4.3: bursts are bounded by the gates of output.c. */
	tp->cc.paced = true;
	toy_tcp_cc_start(sk);
	toy_established_buffers(sk);
	toy_tcp_pacing(sk);
	tp->lsnd_ms = toy_tcp_ms(tp);
	tp->snd_up = tp->snd_una;
	tp->retrans_ms = 0;
	if (sock_flag(sk, SOCK_KEEPOPEN))
		toy_tcp_keepalive_arm(sk, toy_tcp_keepidle(tp));
	toy_tcp_sndbuf_expand(sk);
}
