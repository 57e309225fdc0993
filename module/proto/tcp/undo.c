// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was a reduction of the window a mistake? (RFC 3708, RFC 3522, RFC 4015)
 *
 * The window pays for a loss when the loss is suspected. If it turns out that
 * the segment was only late, the window and the threshold go back to what they
 * were. Two witnesses can say so:
 *
 *	D-SACK	    the receiver names each segment that it got twice. When it
 *		    has named all that were sent again, none was needed.
 *	timestamp   the acknowledgment that moves SND.UNA echoes the clock of
 *		    the segment which caused it. A time before the first
 *		    retransmission means that the original has arrived (Eifel).
 *
 * retrans is the D-SACK witness's account:
 *
 *	-1  nothing was sent again: no case
 *	 n  so many copies of which nobody knows yet
 *	 0  every copy was for nothing: undo
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "seq.h"
#include "undo.h"

/* In a field where 0 means none, 0 is told as 1. As a marker it hides one byte
 * from the D-SACKs. As a timestamp it changes nothing: an echo of 0 is no echo.
 */
static u32 nonzero(u32 v)
{
	return v ? v : 1;
}

/**
 * toy_undo_begin() - the window is about to be reduced
 * @u: state of the connection
 * @snd_una: SND.UNA
 * @cwnd: congestion window before, in segments
 * @ssthresh: slow-start threshold before, in segments
 *
 * If retransmissions of before, a tail loss probe for one, are still on the
 * way, toy_undo_still_out() has to follow.
 *
 * Context: any, socket locked.
 */
void toy_undo_begin(struct toy_undo *u, u32 snd_una, u32 cwnd, u32 ssthresh)
{
	*u = (struct toy_undo){
		.marker = nonzero(snd_una),
		.retrans = -1,
		.prior_cwnd = cwnd,
		.prior_ssthresh = ssthresh,
	};
}

/**
 * toy_undo_still_out() - copies are on the way that were sent before
 * @u: state of the connection, after toy_undo_begin()
 * @segs: how many
 *
 * Their D-SACKs cannot be told from those of later copies, so that they have
 * to come as well before everything was for nothing. They are no beginning for
 * the timestamp witness: what they repair is none of this reduction's losses.
 *
 * Context: any, socket locked.
 */
void toy_undo_still_out(struct toy_undo *u, u32 segs)
{
	if (segs)
		u->retrans = min_t(u64, (u64)max(u->retrans, 0) + segs,
				   S32_MAX);
}

/**
 * toy_undo_retransmitted() - segments have been sent again
 * @u: state of the connection
 * @segs: how many
 * @ts_now: the time in their timestamp option
 *
 * RFC 3522 3.2 keeps the time of the first one only: copies sent before a later
 * one would echo times that are older, too.
 *
 * Context: any, socket locked.
 */
void toy_undo_retransmitted(struct toy_undo *u, u32 segs, u32 ts_now)
{
	if (!segs)
		return;
	toy_undo_still_out(u, segs);
	if (!u->retrans_stamp)
		u->retrans_stamp = nonzero(ts_now);
}

/**
 * toy_undo_dsack() - one retransmission was for nothing (RFC 3708 3)
 * @u: state of the connection
 * @start: first sequence number of the D-SACK block
 * @end: the one behind its last; not after SND.UNA, the caller has looked
 * @segs: segments that it covers
 *
 * Blocks of before the reduction are about other retransmissions.
 *
 * Context: any, socket locked.
 */
void toy_undo_dsack(struct toy_undo *u, u32 start, u32 end, u32 segs)
{
	if (!u->marker || u->retrans <= 0)
		return;
	if (!toy_seq_before(start, end) || !toy_seq_after(end, u->marker))
		return;
	u->retrans -= min_t(u32, segs, u->retrans);
}

/**
 * toy_undo_by_timestamp() - has the original arrived? (RFC 3522 3.2)
 * @u: state of the connection
 * @ts_ok: the connection uses timestamps
 * @tsecr: echo in an acknowledgment that moved SND.UNA; duplicates echo an
 *	older segment
 *
 * Context: any, socket locked.
 * Return: true if the segment that caused the acknowledgment was sent before
 * the first retransmission. False while there was none.
 */
bool toy_undo_by_timestamp(const struct toy_undo *u, bool ts_ok, u32 tsecr)
{
	return ts_ok && tsecr && u->retrans_stamp &&
	       toy_seq_before(tsecr, u->retrans_stamp);
}

/**
 * toy_undo_by_dsack() - was every retransmission for nothing? (RFC 3708)
 * @u: state of the connection
 *
 * Context: any, socket locked.
 * Return: true if there were some, and a D-SACK has come for each.
 */
bool toy_undo_by_dsack(const struct toy_undo *u)
{
	return u->marker && !u->retrans;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "undo_test.c"
#endif
