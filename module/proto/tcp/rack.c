// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which segments are lost? Those that later ones have overtaken (RFC 8985).
 *
 * Time is the measure, not sequence numbers: when a segment has arrived, every
 * segment that was sent before it should have, and one that was sent more than
 * a settling time before it will not come any more. A retransmission is judged
 * like an original, so that a lost one is found as well.
 *
 *	     sent            delivered
 *	A  ---|------- . . .
 *	B  -----|--------------|		RACK.xmit_ts, RACK.rtt
 *
 *	lost(A) = sent(A) before sent(B) and
 *		  now >= sent(A) + RACK.rtt + reo_wnd
 *
 * reo_wnd is the settling time, for paths that change the order:
 *
 *	0				nothing suggests that this path does, and
 *					recovery is on or due by dupthresh
 *	min(mult * min_RTT / 4, SRTT)	otherwise
 *
 * mult grows by one in a round trip that brings a D-SACK, which tells that a
 * segment taken for lost was only late, and falls back to one after
 * sixteen recoveries without.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "rack.h"
#include "seq.h"

/* RFC 8985 6.2 step 4: recoveries for which a wider window is kept. */
#define PERSIST		16

/* RACK_sent_after(): the time decides; segments of one burst may share it, and
 * then the sequence number does.
 */
static bool sent_after(u64 xmit1_us, u32 end1, u64 xmit2_us, u32 end2)
{
	return xmit1_us > xmit2_us ||
	       (xmit1_us == xmit2_us && toy_seq_after(end1, end2));
}

/* No round-trip time: 0 in this file, U32_MAX in struct toy_rtt. */
static bool known(u32 rtt_us)
{
	return rtt_us && rtt_us != U32_MAX;
}

/**
 * toy_rack_init() - nothing has been delivered yet
 * @r: memory of the connection
 * @iss: initial send sequence number
 *
 * Context: any.
 */
void toy_rack_init(struct toy_rack *r, u32 iss)
{
	*r = (struct toy_rack){
		.end_seq = iss,
		.fack = iss,
		.reo_wnd_mult = 1,
		.reo_wnd_persist = PERSIST,
	};
}

/**
 * toy_rack_update() - a segment has been delivered (RFC 8985 6.2 step 2)
 * @r: memory of the connection
 * @seg: the segment
 * @now_us: arrival of the acknowledgment, in microseconds
 * @min_rtt_us: smallest round-trip time known, in microseconds; 0 or U32_MAX
 *	if none is
 *
 * Step 3, reordering, is toy_rack_fack(). Context: any, socket locked.
 */
void toy_rack_update(struct toy_rack *r, const struct toy_rack_seg *seg,
		     u64 now_us, u32 min_rtt_us)
{
	u64 rtt = now_us > seg->xmit_us ? now_us - seg->xmit_us : 0;

	/* Step 2: the acknowledgment of a retransmission may be that of the
	 * original. It is if it was on its way before, or came back faster
	 * than any. Without a shortest time nothing tells the two apart.
	 */
	if (seg->retrans &&
	    (seg->echo_before_retrans || !known(min_rtt_us) ||
	     rtt < min_rtt_us))
		return;

	r->rtt_us = min_t(u64, rtt, U32_MAX);
	r->advanced = 1;
	if (sent_after(seg->xmit_us, seg->end_seq, r->xmit_us, r->end_seq)) {
		r->xmit_us = seg->xmit_us;
		r->end_seq = seg->end_seq;
	}
}

/**
 * toy_rack_fack() - does the path reorder? (RFC 8985 6.2 step 3)
 * @r: memory of the connection
 * @seg: a segment that has been delivered
 * @prior_fack: @r->fack before this acknowledgment: what one acknowledgment
 *	tells of has no order
 *
 * Context: any, socket locked.
 * Return: true if the segment arrived later than one behind it, without ever
 * having been retransmitted.
 */
bool toy_rack_fack(struct toy_rack *r, const struct toy_rack_seg *seg,
		   u32 prior_fack)
{
	if (toy_seq_after(seg->end_seq, r->fack))
		r->fack = seg->end_seq;
	if (!toy_seq_before(seg->end_seq, prior_fack) || seg->retrans)
		return false;
	r->reordering_seen = 1;
	return true;
}

/**
 * toy_rack_reo_wnd_us() - the reordering window now (RFC 8985 6.2 step 4)
 * @r: memory of the connection
 * @e: what the window depends on
 *
 * Context: any, socket locked.
 * Return: microseconds to wait for a segment that has been overtaken.
 */
u32 toy_rack_reo_wnd_us(const struct toy_rack *r, const struct toy_rack_env *e)
{
	u32 base = known(e->min_rtt_us) ? e->min_rtt_us : e->srtt_us;

	if (!r->reordering_seen &&
	    (e->recovering || e->sacked >= e->dupthresh))
		return 0;

	/* The shortest time, because reordering is a matter of paths, not of
	 * queues; never more than the mean, past which waiting gains nothing.
	 */
	return min_t(u64, (u64)r->reo_wnd_mult * (base / 4), e->srtt_us);
}

/**
 * toy_rack_adapt() - an acknowledgment arrived (RFC 8985 6.2 step 4)
 * @r: memory of the connection
 * @dsack: it carries a D-SACK that may be due to reordering: not one of a tail
 *	loss probe, which is sent whether the window is wide or not
 * @snd_una: SND.UNA after it
 * @snd_nxt: SND.NXT
 *
 * Widens the window at most once in a round trip: D-SACKs of segments sent
 * before the last change say nothing about it.
 *
 * Context: any, socket locked.
 */
void toy_rack_adapt(struct toy_rack *r, bool dsack, u32 snd_una, u32 snd_nxt)
{
	if (r->dsack_round_on && !toy_seq_before(snd_una, r->round_end))
		r->dsack_round_on = 0;

	if (!dsack || r->dsack_round_on)
		return;
	r->round_end = snd_nxt;
	r->dsack_round_on = 1;
	r->reo_wnd_persist = PERSIST;
	if (r->reo_wnd_mult < U8_MAX)
		r->reo_wnd_mult++;
}

/**
 * toy_rack_recovery_ended() - a fast or timeout recovery is over
 * @r: memory of the connection
 *
 * RFC 8985 6.2 step 4: the sixteenth without a D-SACK makes the window small
 * again. Not for one that was undone: that was a D-SACK's doing.
 *
 * Context: any, socket locked.
 */
void toy_rack_recovery_ended(struct toy_rack *r)
{
	if (r->reo_wnd_persist)
		r->reo_wnd_persist--;
	if (!r->reo_wnd_persist)
		r->reo_wnd_mult = 1;
}

/**
 * toy_rack_sent_before() - was a segment overtaken? (RFC 8985 6.2 step 5)
 * @r: memory of the connection
 * @xmit_us: when the segment was sent last, in microseconds
 * @end_seq: its end
 *
 * Context: any, socket locked.
 * Return: true if one that was sent later has been delivered. Only then may it
 * be lost.
 */
bool toy_rack_sent_before(const struct toy_rack *r, u64 xmit_us, u32 end_seq)
{
	return sent_after(r->xmit_us, r->end_seq, xmit_us, end_seq);
}

/**
 * toy_rack_remaining_us() - how long to wait for it (RFC 8985 6.2 step 5)
 * @r: memory of the connection
 * @xmit_us: when the overtaken segment was sent last, in microseconds
 * @reo_wnd_us: reordering window, in microseconds
 * @now_us: the time, in microseconds
 *
 * Context: any, socket locked.
 * Return: microseconds until it is to be taken for lost; it is if they are not
 * more than 0.
 */
s64 toy_rack_remaining_us(const struct toy_rack *r, u64 xmit_us, u32 reo_wnd_us,
			  u64 now_us)
{
	return (s64)(xmit_us + r->rtt_us + reo_wnd_us - now_us);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "rack_test.c"
#endif
