// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the congestion window say anything about the path? (RFC 7661, RFC 2861)
 *
 * A window that was filled, and lost nothing, is known to fit. A window that a
 * program has not filled for a while is only a memory of another time: it must
 * not grow, and in the end has to come down to what was really used.
 *
 *	validated	the sender was stopped by the window in this round
 *			trip; in slow start also if the flight was more than
 *			half of it, since the window doubles.	-> may grow
 *	not validated	no acknowledgment for an RTO:
 *				    cwnd = (cwnd + used) / 2	   per RTO
 *	idle		nothing sent:  cwnd = cwnd / 2		   per RTO
 *
 * Each time ssthresh remembers 3/4 of the old window, up to which slow start
 * leads back quickly, and cwnd stays at the initial window at least.
 *
 * RFC 7661 keeps the window for five minutes and pays when something is lost;
 * here it is kept while acknowledgments come, and decays when none has come for
 * an RTO, as RFC 2861 had it and Linux has it.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "cwv.h"
#include "seq.h"

/**
 * toy_cwv_init() - a connection begins
 * @v: its state
 * @snd_nxt: SND.NXT
 * @now_ms: the time in milliseconds; may wrap
 *
 * Context: any.
 */
void toy_cwv_init(struct toy_cwv *v, u32 snd_nxt, u32 now_ms)
{
	*v = (struct toy_cwv){ .round_end = snd_nxt, .used_ms = now_ms };
}

/**
 * toy_cwv_limited() - may the window grow? (RFC 7661 4.3)
 * @v: state of the connection
 * @cwnd: congestion window, in segments
 * @slow_start: it is below ssthresh
 *
 * Context: any, socket locked.
 * Return: true if the window was what limited the last flight.
 */
bool toy_cwv_limited(const struct toy_cwv *v, u32 cwnd, bool slow_start)
{
	/* RFC 7661 4.3: validated while half of it or more is used. */
	return v->limited || (slow_start && cwnd < 2ULL * v->max_flight);
}

/**
 * toy_cwv_sent() - a burst of segments has been sent
 * @v: state of the connection
 * @s: what is in flight now, and why it is not more
 *
 * Remembers the strongest sign of use of each round trip: that the window was
 * the limit, or else the largest flight.
 *
 * Context: any, socket locked.
 */
void toy_cwv_sent(struct toy_cwv *v, const struct toy_cwv_sent *s)
{
	bool new_round = !toy_seq_before(s->snd_una, v->round_end);

	if (new_round || s->limited ||
	    (!v->limited && s->flight > v->max_flight)) {
		v->limited = s->limited;
		v->max_flight = s->flight;
		v->round_end = s->snd_nxt;
	}

	if (toy_cwv_limited(v, s->cwnd, s->slow_start)) {
		v->used = 0;
		v->used_ms = s->now_ms;
	} else {
		v->used = max(v->used, s->flight);
	}
}

/**
 * toy_cwv_app_limited() - the program does not fill the window (RFC 2861 3.1)
 * @v: state of the connection
 * @cwnd: congestion window, in segments
 * @ssthresh: slow-start threshold, in segments; raised to 3/4 of @cwnd when
 *	the window is reduced
 * @initial: initial window, in segments
 * @rto_ms: retransmission timeout, in milliseconds
 * @now_ms: the time in milliseconds; may wrap
 *
 * For a sender that is not in recovery, and waits for its program rather than
 * the program for it. Does something once per RTO.
 *
 * Context: any, socket locked.
 * Return: the new congestion window, @cwnd if nothing is to change.
 */
u32 toy_cwv_app_limited(struct toy_cwv *v, u32 cwnd, u32 *ssthresh, u32 initial,
			u32 rto_ms, u32 now_ms)
{
	u32 used = max(v->used, initial);

	if (now_ms - v->used_ms < rto_ms)
		return cwnd;
	v->used = 0;
	v->used_ms = now_ms;
	if (used >= cwnd)
		return cwnd;
	/* RFC 7661 4.4.3 does the same at the end of its longer period. */
	*ssthresh = max(*ssthresh, cwnd / 2 + cwnd / 4);
	return ((u64)cwnd + used) >> 1;
}

/**
 * toy_cwv_restart() - the window after a time without sending
 * @cwnd: congestion window before, in segments
 * @restart: restart window, in segments: the initial one
 * @idle_ms: time since the last segment was sent, in milliseconds
 * @rto_ms: retransmission timeout, in milliseconds
 *
 * RFC 5681 4.1 sends a connection that was idle for more than an RTO back to
 * the restart window at once; RFC 2861 3.1 halves for each RTO, on the way to
 * the same. The caller raises ssthresh.
 *
 * Context: any.
 * Return: the congestion window now, in segments; never more than before, and
 * not 0.
 */
u32 toy_cwv_restart(u32 cwnd, u32 restart, u32 idle_ms, u32 rto_ms)
{
	restart = clamp(restart, 1U, max(cwnd, 1U));

	while (idle_ms > rto_ms && cwnd > restart) {
		idle_ms -= rto_ms;
		cwnd /= 2;
	}
	return max(cwnd, restart);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "cwv_test.c"
#endif
