// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much to send per acknowledgment while losses are repaired (RFC 6937).
 *
 * The window has to come down from what it was to ssthresh, in one round trip
 * and without a pause: what has been sent in this recovery follows what has
 * been delivered in it, in the proportion of the two windows.
 *
 *	in_flight > ssthresh	sndcnt = ceil(delivered * ssthresh / prior_cwnd)
 *					 - out
 *	otherwise		limit  = max(delivered - out, newly delivered)
 *				limit += 1, if the acknowledgment is safe
 *				sndcnt = min(ssthresh - in_flight, limit)
 *
 *	cwnd = in_flight + max(sndcnt, 0)
 *
 * The second line is for losses so heavy that less is in flight than the new
 * window allows. It is refilled: one segment for one delivered, which the path
 * has just shown to carry (the conservative reduction bound); and one more, as
 * in slow start, where an acknowledgment moves SND.UNA and reports no further
 * loss (RFC 9937's SafeACK). delivered - out is the credit of a sender that
 * had nothing to send for a while.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "prr.h"

/**
 * toy_prr_begin() - a recovery begins
 * @p: its state
 * @cwnd: congestion window before, in segments
 *
 * Context: any, socket locked.
 */
void toy_prr_begin(struct toy_prr *p, u32 cwnd)
{
	/* It is a divisor. */
	*p = (struct toy_prr){ .prior_cwnd = max(cwnd, 1U) };
}

/* Segments sent in proportion to those delivered, rounded up. */
static s64 proportional(const struct toy_prr *p, u32 ssthresh)
{
	u64 share = (u64)ssthresh * p->delivered + p->prior_cwnd - 1;

	return (s64)min_t(u64, div_u64(share, p->prior_cwnd), U32_MAX) - p->out;
}

/* Back up to ssthresh, no faster than the path delivers or doubles. */
static s64 bounded(const struct toy_prr *p, u32 delivered, bool safe, s64 room)
{
	s64 limit = max((s64)p->delivered - p->out, (s64)delivered);

	return min(room, limit + safe);
}

/**
 * toy_prr_ack() - an acknowledgment in recovery (RFC 6937 3)
 * @p: state of the recovery
 * @ssthresh: threshold to which the window is on its way, in segments
 * @delivered: segments newly delivered by it; 0 earns nothing, and what was
 *	earned before remains
 * @lost: segments newly marked lost by it
 * @in_flight: segments in flight after it (pipe)
 * @snd_una_advanced: it acknowledged data cumulatively
 *
 * Until the first segment of the recovery is out, one is allowed whatever the
 * sum: the fast retransmit waits for nobody.
 *
 * Context: any, socket locked.
 * Return: the congestion window, in segments.
 */
u32 toy_prr_ack(struct toy_prr *p, u32 ssthresh, u32 delivered, u32 lost,
		u32 in_flight, bool snd_una_advanced)
{
	s64 room = (s64)ssthresh - in_flight;
	s64 sndcnt;

	p->delivered += delivered;
	if (room < 0)
		sndcnt = proportional(p, ssthresh);
	else
		sndcnt = bounded(p, delivered, snd_una_advanced && !lost, room);
	sndcnt = max_t(s64, sndcnt, p->out ? 0 : 1);

	return min_t(s64, in_flight + sndcnt, U32_MAX);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "prr_test.c"
#endif
