// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast does the path deliver? (draft-cheng-iccrg-delivery-rate-estimation)
 *
 * Every segment takes a note of how much had been delivered when it was sent.
 * When it is delivered itself, what came in between divided by the time is a
 * sample of the rate: of one flight, about one round trip.
 *
 *	        delivered_us, delivered          now, C.delivered
 *	acks	------|---------------------------------|---->
 *		       \                               /
 *	sends	--|-----P-------------------------------------->
 *	   first_sent_us  sent_us
 *
 *	delivered = C.delivered - P.delivered
 *	ack phase = now - P.delivered_time
 *	send phase = P.sent_time - P.first_sent_time
 *	rate = delivered / max(ack phase, send phase)
 *
 * Acknowledgments can come compressed, all at once; but no flight can have been
 * delivered faster than it was sent, and so the longer phase counts. An
 * interval shorter than the shortest round trip is a retransmission's whose
 * original was acknowledged, and no sample.
 *
 * A program that sends less than it might gives samples of itself, not of the
 * path: they are marked until the last segment of that time is delivered.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "rate.h"
#include "seq.h"

/* P.is_app_limited and P.delivered share a word. */
#define APP_LIMITED	BIT(31)
#define DELIVERED_MASK	(APP_LIMITED - 1)

/* Time from @from to @to, 0 if the clock went backwards. */
static u32 elapsed_us(u64 from, u64 to)
{
	return to > from ? min_t(u64, to - from, U32_MAX) : 0;
}

/**
 * toy_rate_sent() - a segment is sent, for the first time or again (3.2)
 * @r: state of the connection
 * @seg: the segment's notes
 * @in_flight: segments in flight before this one, lost ones included
 * @sent_us: the time, in microseconds; not 0
 *
 * Context: any, socket locked.
 */
void toy_rate_sent(struct toy_rate *r, struct toy_rate_seg *seg, u32 in_flight,
		   u64 sent_us)
{
	/* After a pause the interval begins now, not with the last delivery. */
	if (!in_flight) {
		r->first_sent_us = sent_us;
		r->delivered_us = sent_us;
	}
	seg->first_sent_us = r->first_sent_us;
	seg->delivered_us = r->delivered_us;
	seg->delivered = (r->delivered & DELIVERED_MASK) |
			 (r->app_limited ? APP_LIMITED : 0);
}

/**
 * toy_rate_delivered() - a segment is newly acknowledged or SACKed (3.3)
 * @r: state of the connection
 * @seg: the segment's notes; marked as counted, so that its acknowledgment
 *	after a SACK does not count again
 * @sent_us: when it was sent last, in microseconds
 * @retrans: more than once
 * @s: sample, all zero before the first segment of an acknowledgment
 *
 * To be called for each segment, then toy_rate_gen() once. The one that was
 * sent last makes the sample: its notes are the most recent.
 *
 * Context: any, socket locked.
 */
void toy_rate_delivered(struct toy_rate *r, struct toy_rate_seg *seg,
			u64 sent_us, bool retrans, struct toy_rate_sample *s)
{
	if (!seg->delivered_us)
		return;

	if (!s->prior_us || sent_us >= s->sent_us) {
		s->prior_us = seg->delivered_us;
		s->prior_delivered = seg->delivered & DELIVERED_MASK;
		s->app_limited = seg->delivered & APP_LIMITED;
		s->retrans = retrans;
		s->sent_us = sent_us;
		s->snd_interval_us = elapsed_us(seg->first_sent_us, sent_us);
		r->first_sent_us = sent_us;
	}
	seg->delivered_us = 0;
}

/* Keep for TCP_INFO the last sample of the path, or a better one that the
 * program has limited: the path is at least as fast.
 */
static void remember(struct toy_rate *r, const struct toy_rate_sample *s)
{
	if (s->app_limited &&
	    (u64)s->delivered * r->rate_interval_us <
	    (u64)r->rate_delivered * (u32)s->interval_us)
		return;
	r->rate_delivered = s->delivered;
	r->rate_interval_us = s->interval_us;
	r->rate_app_limited = s->app_limited;
}

/**
 * toy_rate_gen() - finish the sample of an acknowledgment (3.3)
 * @r: state of the connection; @delivered is already in its sum
 * @s: the sample; its interval is -1 if it is none
 * @delivered: segments newly delivered by this acknowledgment
 * @now_us: the time, in microseconds
 * @min_rtt_us: smallest round-trip time known, in microseconds; U32_MAX if
 *	none is, and then there is no sample
 *
 * Context: any, socket locked.
 */
void toy_rate_gen(struct toy_rate *r, struct toy_rate_sample *s, u32 delivered,
		  u64 now_us, u32 min_rtt_us)
{
	u32 interval;

	/* What the program had left room for has been delivered. */
	if (r->app_limited && toy_seq_after(r->delivered, r->app_limited))
		r->app_limited = 0;
	if (delivered)
		r->delivered_us = now_us;

	s->interval_us = -1;
	if (!s->prior_us)
		return;
	s->delivered = (r->delivered - s->prior_delivered) & DELIVERED_MASK;
	s->rcv_interval_us = elapsed_us(s->prior_us, now_us);

	interval = max(s->snd_interval_us, s->rcv_interval_us);
	if (!interval || interval < min_rtt_us)
		return;
	s->interval_us = interval;
	remember(r, s);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "rate_test.c"
#endif
