// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pacing: a connection with SO_MAX_PACING_RATE spreads its segments in time.
 *
 * Where the device has the fq qdisc that does it (SK_PACING_FQ), and nothing
 * happens here. Else (SK_PACING_NEEDED) each buffer that is sent moves the time
 * before which no other may go, by as long as it takes at the rate; the gates of
 * output.c and rexmit.c ask, and a high-resolution timer goes on.
 *
 *	sent		pace->next_ns += len / rate
 *	asked		next_ns in the future? the timer, and not now
 *	timer		toy_tcp_go_on(): retransmissions first, then new data
 *
 * Few connections are paced, so that its state is memory of its own: from the
 * first buffer that has to wait for another until toy_tcp_destroy().
 *
 * A timer that finds the socket in use by a program leaves it to release_sock(),
 * as tsq.c does.
 */
#include <linux/hrtimer.h>
#include <linux/slab.h>

#include "tcp.h"

/* So many segments of a young connection go at once, as fq lets them. */
#define TOY_PACE_FREE_SEGS	10

/*
 * Locking: the socket lock. Freed after a grace period, because the timer may
 * be firing.
 */
struct toy_pace {
	u64 next_ns;		/* nothing goes before */
	struct hrtimer timer;	/* holds the socket while it is queued */
	struct sock *sk;
	struct rcu_head rcu;
};

static bool toy_pace_needed(const struct sock *sk)
{
	return unlikely(READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED);
}

static enum hrtimer_restart toy_pace_fired(struct hrtimer *timer)
{
	struct sock *sk = container_of(timer, struct toy_pace, timer)->sk;

	toy_tcp_wake_output(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

static struct toy_pace *toy_pace_get(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_pace *pace = tp->pace;

	if (likely(pace))
		return pace;
	pace = kzalloc(sizeof(*pace), GFP_ATOMIC | __GFP_NOWARN);
	if (!pace)
		return NULL;
	pace->sk = sk;
	toy_compat_hrtimer_setup(&pace->timer, toy_pace_fired, CLOCK_MONOTONIC,
				 HRTIMER_MODE_ABS_PINNED_SOFT);
	tp->pace = pace;
	return pace;
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
	struct toy_pace *pace = toy_tcp(sk)->pace;

	if (likely(!pace))
		return;
	if (hrtimer_try_to_cancel(&pace->timer) == 1)
		sock_put(sk);
	pace->next_ns = 0;
}

/**
 * toy_pace_free() - the socket goes
 * @sk: socket, locked, toy_pace_stop() was called
 *
 * Context: process or softirq.
 */
void toy_pace_free(struct sock *sk)
{
	struct toy_pace *pace = toy_tcp(sk)->pace;

	if (likely(!pace))
		return;
	toy_tcp(sk)->pace = NULL;
	kfree_rcu(pace, rcu);
}

/**
 * toy_pace_holds() - is it too early to send?
 * @sk: socket, locked
 *
 * Return: true: do not send; toy_tcp_output() is called when it is time.
 */
bool toy_pace_holds(struct sock *sk)
{
	struct toy_pace *pace = toy_tcp(sk)->pace;

	if (likely(!toy_pace_needed(sk)) || !pace ||
	    pace->next_ns <= ktime_get_ns())
		return false;
	if (!hrtimer_is_queued(&pace->timer)) {
		sock_hold(sk);
		hrtimer_start(&pace->timer, ns_to_ktime(pace->next_ns),
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
 * for in the long run. Without memory the connection goes unpaced.
 */
void toy_pace_sent(struct sock *sk, u32 len)
{
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);
	struct toy_pace *pace;
	u64 now, took, late;

	if (likely(!toy_pace_needed(sk)))
		return;
	if (!rate || rate == ~0UL ||
	    toy_tcp(sk)->data_segs_out < TOY_PACE_FREE_SEGS)
		return;
	pace = toy_pace_get(sk);
	if (!pace)
		return;
	now = max(ktime_get_ns(), pace->next_ns);
	late = now - pace->next_ns;
	took = div64_ul((u64)len * NSEC_PER_SEC, rate);
	pace->next_ns = now + took - min(took / 2, late);
}
