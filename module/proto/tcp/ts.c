// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timestamps of a connection (RFC 7323 3 to 5).
 *
 *	sent		TSval = our clock in ms + offset
 *			TSecr = TS.Recent
 *	received	TSval < TS.Recent	an old duplicate: PAWS
 *			TSecr			when the segment that it
 *						acknowledges was sent
 *
 * Sequence numbers wrap after 4 GB, in seconds on a fast path; timestamps in
 * ms wrap after 49 days. PAWS (5) thus tells a segment that was delayed for a
 * whole wrap from a new one. TS.Recent is compared so that it may wrap, and is
 * good for 24 days: after that it could be on either side.
 *
 * TS.Recent comes from the segment that the last acknowledgment was about
 * (4.3): of several that a delayed acknowledgment covers from the first, so
 * that the peer's measurement includes the delay.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/time64.h>
#include <net/tcp.h>

#include "ts.h"

/* Ticks by which a timestamp may lag and the segment is not refused, as in
 * Linux: reading the clock and sending are not one step.
 */
#define PAWS_SLACK	1

/* Is @tsval more than @slack ticks older than a TS.Recent that counts? */
static bool is_older(const struct toy_ts *ts, u32 tsval, u32 now_s, s32 slack)
{
	/* Some peers send zero in their SYN and their clock later: neither
	 * can be compared with the other.
	 */
	if (!ts->recent_s || !ts->recent)
		return false;
	if ((s32)(ts->recent - tsval) <= slack)
		return false;
	/* RFC 7323 5.5: an idle connection outlives what TS.Recent says. */
	return (s32)(now_s - ts->recent_s) < TOY_PAWS_VALID_S;
}

/**
 * toy_ts_paws_reject() - is a segment an old duplicate?
 * @ts: timestamps of the connection
 * @tsval: TSval of the segment
 * @now_s: time
 * @rst: it carries RST
 *
 * RFC 7323 5.3 R1. A RST is never refused (5.2): after a crash the peer's
 * clock may have started anew. Whether a pure acknowledgment that was merely
 * overtaken may pass is the caller's to judge. Context: any, socket locked.
 *
 * Return: true when it is to be acknowledged and dropped.
 */
bool toy_ts_paws_reject(const struct toy_ts *ts, u32 tsval, u32 now_s,
			bool rst)
{
	return !rst && is_older(ts, tsval, now_s, PAWS_SLACK);
}

/**
 * toy_ts_update() - an acceptable segment carries a timestamp
 * @ts: timestamps of the connection
 * @tsval: TSval of the segment
 * @seq: SEG.SEQ
 * @last_ack: Last.ACK.sent: what was acknowledged last
 * @now_s: time
 *
 * RFC 7323 4.3 (2) and 5.3 R3. Context: any, socket locked.
 */
void toy_ts_update(struct toy_ts *ts, u32 tsval, u32 seq, u32 last_ack,
		   u32 now_s)
{
	if (after(seq, last_ack) || is_older(ts, tsval, now_s, 0))
		return;

	ts->recent = tsval;
	/* 0 says that there is none. */
	ts->recent_s = now_s ? now_s : 1;
}

/**
 * toy_ts_rtt_us() - a round-trip time from an echo
 * @ts: timestamps of the connection
 * @tsecr: TSecr of a segment with ACK, as it stands
 * @now_ms: our clock, without offset
 *
 * RFC 7323 4.1. The clock is coarse: less than a tick counts as one.
 *
 * Context: any, socket locked.
 *
 * Return: microseconds, at least 1000; -1: the echo is none, or absurd.
 */
s64 toy_ts_rtt_us(const struct toy_ts *ts, u32 tsecr, u32 now_ms)
{
	u32 ms = now_ms - (tsecr - ts->offset);

	/* RFC 7323 3.2: zero when there is nothing to echo. */
	if (!tsecr)
		return -1;
	/* In the future, or longer ago than any segment can live. */
	if (ms > INT_MAX / USEC_PER_MSEC)
		return -1;
	return (s64)(ms ? ms : 1) * USEC_PER_MSEC;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ts_test.c"
#endif
