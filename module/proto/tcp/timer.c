// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers of a connection.
 *
 *	transmission	one at a time (enum toy_xtimer): retransmission,
 *			reordering window, tail loss probe, zero window
 *	delayed ACK
 *	sk->sk_timer	keepalive.c
 *	pacing		pace.c
 *
 * Arming a timer later than it is due, and stopping it, are the usual: with
 * every acknowledgment. So both only note what is wanted (xtimer_due); the
 * kernel's timer stays where it is, and goes back to sleep when it fires too
 * early. Only an earlier time moves it.
 *
 * A timer that finds the socket in use by a program leaves a bit in
 * tp->deferred: release_sock() runs it then.
 */
#include <linux/log2.h>

#include "fastopen.h"
#include "tcp.h"

/* ---- how long -------------------------------------------------------- */

/* RFC 9293 does not bound FIN_WAIT_2; at least as long as our FIN may be
 * retransmitted.
 */
unsigned long toy_tcp_fin_time(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long t = tp->linger2 ?:
		READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fin_timeout) * HZ;
	unsigned long rto = toy_tcp_rto(tp);

	return max(t, (rto << 2) - (rto >> 1));
}

/* ---- arming ---------------------------------------------------------- */

/**
 * toy_xtimer_arm() - the transmission timer waits for something
 * @sk: socket, locked
 * @what: for what; replaces what it was waiting for
 * @delay: in jiffies
 */
void toy_xtimer_arm(struct sock *sk, enum toy_xtimer what, unsigned long delay)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	delay = clamp_t(unsigned long, delay, 1,
			usecs_to_jiffies(TOY_RTO_MAX_US));
	tp->xtimer = what;
	tp->xtimer_due = jiffies + delay;
	if (!timer_pending(&tp->xtimer_list) ||
	    time_before(tp->xtimer_due, tp->xtimer_list.expires))
		sk_reset_timer(sk, &tp->xtimer_list, tp->xtimer_due);
}

/**
 * toy_delack_arm() - an acknowledgment is delayed until tp->delack.due_ms
 * @sk: socket, locked
 */
void toy_delack_arm(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	s32 left = tp->delack.due_ms - toy_tcp_ms(tp);
	unsigned long due = jiffies + max(msecs_to_jiffies(max(left, 0)), 1UL);

	if (!timer_pending(&tp->delack_list) ||
	    time_before(due, tp->delack_list.expires))
		sk_reset_timer(sk, &tp->delack_list, due);
}

/* ---- giving up ------------------------------------------------------- */

/**
 * toy_tcp_write_err() - the peer does not answer any more
 * @sk: socket, locked; ended
 */
void toy_tcp_write_err(struct sock *sk)
{
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_ON_TIMEOUT);
	toy_tcp_abort_now(sk, READ_ONCE(sk->sk_err_soft) ?: ETIMEDOUT);
}

/* How long do @boundary retransmissions take, doubling from @base_us? */
static u32 toy_model_ms(u32 boundary, u32 base_us)
{
	u32 doublings = ilog2(TOY_RTO_MAX_US / base_us);
	u64 us;

	if (boundary <= doublings)
		us = ((2ULL << boundary) - 1) * base_us;
	else
		us = ((2ULL << doublings) - 1) * base_us +
		     (u64)(boundary - doublings) * TOY_RTO_MAX_US;
	return div_u64(us, USEC_PER_MSEC);
}

/* RFC 1122 4.2.3.5: counted in time, so that a path with a short round trip is
 * given as long as others.
 */
static bool toy_timed_out(struct sock *sk, u32 boundary, u32 timeout_ms)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 base = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) ?
		   TOY_RTO_INITIAL_US : TOY_RTO_MIN_US;

	if (!tp->retransmits || !tp->retrans_ms)
		return false;
	if (!timeout_ms)
		timeout_ms = toy_model_ms(boundary, base);
	return (s32)(toy_tcp_ms(tp) - tp->retrans_ms - timeout_ms) >= 0;
}

static u32 toy_orphan_retries(struct sock *sk, bool alive)
{
	u32 retries = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_orphan_retries);

	/* The network says that it is gone. */
	if (READ_ONCE(sk->sk_err_soft) && !alive)
		return 0;
	return !retries && alive ? 8 : retries;
}

/**
 * toy_tcp_out_of_resources() - are there too many orphans, or too little memory?
 * @sk: orphan, locked
 * @do_reset: tell the peer
 *
 * Return: true when it has been ended.
 */
bool toy_tcp_out_of_resources(struct sock *sk, bool do_reset)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);
	u32 quiet_ms = toy_tcp_ms(tp) - tp->lsnd_ms;
	int shift = 0;

	/* Those that will probably fail pay double. */
	if (quiet_ms > 2 * (TOY_RTO_MAX_US / 1000) || !do_reset)
		shift++;
	if (READ_ONCE(sk->sk_err_soft))
		shift++;
	if ((atomic_read(&tn->tcp->orphans) << shift) <=
	    READ_ONCE(tn->sysctl.tcp_max_orphans) &&
	    !(sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	      sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2)))
		return false;
	if (quiet_ms <= 60000 || (!tp->snd_wnd && !tp->packets_out))
		do_reset = true;
	if (do_reset)
		toy_tcp_send_rst(sk);
	toy_count(tn, TOY_MIB_TCP_ABORT_ON_MEMORY);
	toy_tcp_done(sk);
	return true;
}

/**
 * toy_tcp_gives_up() - is it time to give up retransmitting?
 * @sk: socket, locked, whose retransmission timer has fired
 *
 * RFC 9293 3.8.3, RFC 5482.
 * Return: true when the connection has been ended.
 */
bool toy_tcp_gives_up(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	bool expired = false, alive, reset;
	u32 until, most;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		until = tp->syn_retries;
		if (!until)
			until = toy_fo_passive(sk) ?
				READ_ONCE(sc->tcp_synack_retries) + 1 :
				READ_ONCE(sc->tcp_syn_retries);
		most = until;
		/* Those that come a second apart are not counted, but the time
		 * is as if there were none.
		 */
		if (sk->sk_state == TCP_SYN_SENT)
			most += READ_ONCE(sc->tcp_syn_linear_timeouts);
		expired = tp->retransmits >= most;
	} else {
		/* RFC 1122 4.2.3.5 R1: perhaps another way is better. */
		if (toy_timed_out(sk, READ_ONCE(sc->tcp_retries1), 0))
			toy_sock_path_drop(sk);
		until = READ_ONCE(sc->tcp_retries2);
		if (sock_flag(sk, SOCK_DEAD)) {
			alive = toy_tcp_rto_us(tp) < TOY_RTO_MAX_US;
			until = toy_orphan_retries(sk, alive);
			reset = alive || !toy_timed_out(sk, until, 0);
			if (toy_tcp_out_of_resources(sk, reset))
				return true;
		}
	}
	if (!expired)
		expired = toy_timed_out(sk, until, tp->user_timeout_ms);
	if (!expired)
		return false;
	toy_tcp_write_err(sk);
	return true;
}

/* RFC 5482: not later than the program has said. */
static unsigned long toy_until_user_timeout(const struct toy_tcp_sock *tp,
					    unsigned long delay, u32 since_ms)
{
	s32 left;

	if (!tp->user_timeout_ms || !since_ms)
		return delay;
	left = since_ms + tp->user_timeout_ms - toy_tcp_ms(tp);
	return min(delay, msecs_to_jiffies(max(left, 1)));
}

/* ---- the retransmission timer (RFC 6298 5) --------------------------- */

static void toy_rto_count(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);

	toy_count(tn, TOY_MIB_TCP_TIMEOUTS);
	if (tp->ca_state == TOY_CA_RECOVERY)
		toy_count(tn, tp->sack_ok ? TOY_MIB_TCP_SACK_RECOVERY_FAIL :
					    TOY_MIB_TCP_RENO_RECOVERY_FAIL);
	else if (tp->ca_state == TOY_CA_LOSS)
		toy_count(tn, TOY_MIB_TCP_LOSS_FAILURES);
	else if (tp->ca_state == TOY_CA_DISORDER || tp->sacked_out)
		toy_count(tn, tp->sack_ok ? TOY_MIB_TCP_SACK_FAILURES :
					    TOY_MIB_TCP_RENO_FAILURES);
}

/* Does the timeout stay as it is, instead of doubling? A program may ask for
 * that on a thin stream (tcp(7)); the first SYNs come a second apart, since a
 * listener that was full is not for long.
 */
static bool toy_rto_linear(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	if (sk->sk_state == TCP_SYN_SENT)
		return tp->total_rto <=
		       READ_ONCE(toy_sock_net(sk)->sysctl.tcp_syn_linear_timeouts);
	return sk->sk_state == TCP_ESTABLISHED && tp->thin_lto &&
	       tp->packets_out < 4 && tp->retransmits <= 6 &&
	       tp->cc.ssthresh < TOY_CC_SSTHRESH_MAX;
}

static void toy_rto_again(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	tp->retransmits = min(tp->retransmits + 1, 255);
	if (!toy_rto_linear(sk)) {			/* RFC 6298 5.5 */
		toy_rtt_timed_out(&tp->rtt);
		toy_tcp_rto_update(tp);
	}
	toy_xtimer_arm(sk, TOY_XT_RTO,
		       toy_until_user_timeout(tp, toy_tcp_rto(tp),
					      tp->retrans_ms));
}

/* The peer has shrunk its window over what is in flight: RFC 9293 3.8.6.1,
 * probe by the first of it, for as long as it answers.
 */
static void toy_rto_zero_window(struct sock *sk, struct sk_buff *head)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 limit_ms = 2 * (TOY_RTO_MAX_US / 1000);
	u32 since_ms = tp->retrans_ms;
	s32 stuck_ms;

	if (!since_ms)
		since_ms = div_u64(toy_skb_sent_us(head), USEC_PER_MSEC);
	stuck_ms = toy_tcp_ms(tp) - since_ms;
	if (tp->user_timeout_ms)
		limit_ms = min(limit_ms, tp->user_timeout_ms);
	/* RFC 5482: the user's limit is about data, not about signs of life. */
	if (stuck_ms > (s32)limit_ms &&
	    (tp->user_timeout_ms || toy_tcp_ms(tp) - tp->rcv_ms > limit_ms)) {
		toy_tcp_write_err(sk);
		return;
	}
	toy_tcp_enter_loss(sk);
	toy_tcp_retransmit(sk, head, 1);
	toy_rto_again(sk);
}

static void toy_rto_fired(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *head = toy_tcp_rtx_head(sk);
	int err;

	if (!tp->packets_out || WARN_ON_ONCE(!head))
		return;
	if (!tp->snd_wnd && !sock_flag(sk, SOCK_DEAD) &&
	    !((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))) {
		toy_rto_zero_window(sk, head);
		return;
	}
	if (toy_tcp_gives_up(sk))
		return;
	toy_tcp_rethink(sk);
	if (!tp->retransmits) {
		toy_rto_count(sk);
		tp->total_rto_recoveries++;
		tp->rto_began_ms = toy_tcp_ms(tp);
	}
	tp->total_rto++;
	toy_tcp_enter_loss(sk);
	err = toy_tcp_retransmit(sk, toy_tcp_rtx_head(sk), 1);	/* RFC 6298 5.4 */
	if (err == -EBUSY || err == -ENOBUFS || err == -ENOMEM) {
		/* It is this host's fault: no back-off. */
		toy_xtimer_arm(sk, TOY_XT_RTO,
			       min_t(unsigned long, toy_tcp_rto(tp), HZ / 2));
		return;
	}
	toy_rto_again(sk);
}

/* ---- the zero-window timer (RFC 9293 3.8.6.1) ------------------------ */

static void toy_probe_again(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int err = toy_tcp_wakeup_probe(sk);
	unsigned long delay;

	if (tp->packets_out || !toy_tcp_send_head(sk)) {
		tp->probes = 0;
		tp->probes_ms = 0;
		tp->rtt.backoffs = 0;
		toy_tcp_rto_update(tp);
		return;
	}
	tp->probes++;
	if (err && err != -EHOSTUNREACH && err != -ENETUNREACH) {
		delay = HZ / 2;
	} else {
		if (tp->rtt.backoffs <
		    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_retries2)) {
			toy_rtt_timed_out(&tp->rtt);
			toy_tcp_rto_update(tp);
		}
		delay = max_t(unsigned long, toy_tcp_rto(tp),
			      usecs_to_jiffies(TOY_RTO_MIN_US));
	}
	toy_xtimer_arm(sk, TOY_XT_PERSIST,
		       toy_until_user_timeout(tp, delay, tp->probes_ms));
}

static void toy_persist_fired(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 max_probes = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_retries2);

	if (tp->packets_out || !toy_tcp_send_head(sk)) {
		tp->probes = 0;
		tp->probes_ms = 0;
		return;
	}
	if (!tp->probes || !tp->probes_ms)
		tp->probes_ms = toy_tcp_ms(tp) ?: 1;
	else if (tp->user_timeout_ms &&
		 (s32)(toy_tcp_ms(tp) - tp->probes_ms - tp->user_timeout_ms) >= 0)
		goto abort;
	if (sock_flag(sk, SOCK_DEAD)) {
		bool alive = toy_tcp_rto_us(tp) < TOY_RTO_MAX_US;

		max_probes = toy_orphan_retries(sk, alive);
		if (!alive && tp->rtt.backoffs >= max_probes)
			goto abort;
		if (toy_tcp_out_of_resources(sk, true))
			return;
	}
	/* RFC 9293 3.8.6.1: for as long as the peer acknowledges. */
	if (tp->probes < max_probes) {
		toy_probe_again(sk);
		return;
	}
abort:
	toy_tcp_write_err(sk);
}

/**
 * toy_tcp_xtimer_run() - the transmission timer has fired
 * @sk: socket, locked and not in use by a program, or by the one that gives
 *	the lock back
 */
void toy_tcp_xtimer_run(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_xtimer what = tp->xtimer;

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ||
	    what == TOY_XT_NONE)
		return;
	if (time_before(jiffies, tp->xtimer_due)) {
		sk_reset_timer(sk, &tp->xtimer_list, tp->xtimer_due);
		return;
	}
	tp->xtimer = TOY_XT_NONE;
	toy_tcp_now(tp);
	switch (what) {
	case TOY_XT_RTO:
		toy_rto_fired(sk);
		break;
	case TOY_XT_REO:
		toy_tcp_reo_timeout(sk);
		break;
	case TOY_XT_TLP:
		toy_tcp_tlp_send(sk);
		break;
	case TOY_XT_PERSIST:
		toy_persist_fired(sk);
		break;
	case TOY_XT_NONE:
		break;
	}
}

static void toy_xtimer_fired(struct timer_list *t)
{
	struct toy_tcp_sock *tp = from_timer(tp, t, xtimer_list);
	struct sock *sk = toy_tcp_to_sock(tp);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		toy_tcp_xtimer_run(sk);
	else if (!test_and_set_bit(TOY_DEFER_XTIMER, &tp->deferred))
		sock_hold(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* ---- delayed acknowledgments ----------------------------------------- */

/**
 * toy_tcp_delack_run() - the timer for delayed acknowledgments has fired
 * @sk: as of toy_tcp_xtimer_run()
 */
void toy_tcp_delack_run(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_delack_env env = toy_tcp_delack_env(sk);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ||
	    !tp->delack.pending || !tp->delack.delayed)
		return;
	toy_tcp_now(tp);
	if ((s32)(tp->delack.due_ms - toy_tcp_ms(tp)) > 0) {
		toy_delack_arm(sk);
		return;
	}
	toy_delack_timeout(&tp->delack, &env);
	toy_tcp_send_ack(sk);
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_DELAYED_ACKS);
}

static void toy_delack_fired(struct timer_list *t)
{
	struct toy_tcp_sock *tp = from_timer(tp, t, delack_list);
	struct sock *sk = toy_tcp_to_sock(tp);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		toy_tcp_delack_run(sk);
	} else {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_DELAYED_ACK_LOCKED);
		if (!test_and_set_bit(TOY_DEFER_DELACK, &tp->deferred))
			sock_hold(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* ---- a socket's timers ------------------------------------------------ */

/**
 * toy_tcp_timers_init() - a new socket's timers
 * @sk: socket
 */
void toy_tcp_timers_init(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	timer_setup(&tp->xtimer_list, toy_xtimer_fired, 0);
	timer_setup(&tp->delack_list, toy_delack_fired, 0);
	timer_setup(&sk->sk_timer, toy_keepalive_fired, 0);
	tp->xtimer = TOY_XT_NONE;
}

/**
 * toy_tcp_timers_stop() - no timer fires any more, but for one that does now
 * @sk: socket, locked
 */
void toy_tcp_timers_stop(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_xtimer_off(tp);
	tp->delack.delayed = 0;
	sk_stop_timer(sk, &tp->xtimer_list);
	sk_stop_timer(sk, &tp->delack_list);
	sk_stop_timer(sk, &sk->sk_timer);
	toy_pace_stop(sk);
}
