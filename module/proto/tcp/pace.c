// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pacing: a connection with SO_MAX_PACING_RATE spreads its segments in time.
 *
 * Where the device has the fq qdisc that does it (SK_PACING_FQ), and nothing
 * happens here. Else (SK_PACING_NEEDED) each buffer that is sent moves the time
 * before which no other may go, by as long as it takes at the rate; the gates of
 * output.c and rexmit.c ask, and a high-resolution timer goes on.
 *
 *	sent		pace.next_ns += len / rate
 *	asked		next_ns in the future? the timer, and not now
 *	timer		toy_tcp_go_on(): retransmissions first, then new data
 *
 * A timer that finds the socket in use by a program leaves it to release_sock(),
 * as tsq.c does.
 */
#include <linux/hrtimer.h>

#include "tcp.h"

/* So many segments of a young connection go at once, as fq lets them. */
#define TOY_PACE_FREE_SEGS	10

static bool toy_pace_needed(const struct sock *sk)
{
	return unlikely(READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED);
}

static enum hrtimer_restart toy_pace_fired(struct hrtimer *timer)
{
	struct toy_tcp_sock *tp = container_of(timer, struct toy_tcp_sock,
					       pace.timer);
	struct sock *sk = toy_tcp_to_sock(tp);

	toy_tcp_wake_output(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/**
 * toy_pace_init() - a new connection
 * @tp: connection
 */
void toy_pace_init(struct toy_tcp_sock *tp)
{
	tp->pace.next_ns = 0;
	toy_compat_hrtimer_setup(&tp->pace.timer, toy_pace_fired,
				 CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_SOFT);
}

/**
 * toy_pace_stop() - the connection sends nothing any more
 * @sk: socket, locked
 *
 * A timer that is firing now finds that it is closed.
 * Context: process or softirq.
 */
void toy_pace_stop(struct sock *sk)
{
	if (hrtimer_try_to_cancel(&toy_tcp(sk)->pace.timer) == 1)
		sock_put(sk);
}

/**
 * toy_pace_holds() - is it too early to send?
 * @sk: socket, locked
 *
 * Return: true: do not send; toy_tcp_output() is called when it is time.
 */
bool toy_pace_holds(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (likely(!toy_pace_needed(sk)) ||
	    tp->pace.next_ns <= ktime_get_ns())
		return false;
	if (!hrtimer_is_queued(&tp->pace.timer)) {
		sock_hold(sk);
		hrtimer_start(&tp->pace.timer, ns_to_ktime(tp->pace.next_ns),
			      HRTIMER_MODE_ABS_PINNED_SOFT);
	}
	return true;
}

/**
 * toy_pace_sent() - a buffer has gone out
 * @sk: socket, locked
 * @len: bytes of data
 *
 * Who comes late (the timer, an acknowledgment that lets something go) is given
 * back up to half of what the buffer takes, so that the rate is what was asked
 * for in the long run.
 */
void toy_pace_sent(struct sock *sk, u32 len)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);
	u64 now, took, late;

	if (likely(!toy_pace_needed(sk)))
		return;
	if (!rate || rate == ~0UL || tp->data_segs_out < TOY_PACE_FREE_SEGS)
		return;
	now = max(ktime_get_ns(), tp->pace.next_ns);
	late = now - tp->pace.next_ns;
	took = div64_ul((u64)len * NSEC_PER_SEC, rate);
	tp->pace.next_ns = now + took - min(took / 2, late);
}
