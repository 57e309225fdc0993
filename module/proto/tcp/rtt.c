// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long to wait for an acknowledgment (RFC 6298).
 *
 * The timeout follows the round-trip time R as it is measured: a smoothed
 * mean plus four times a smoothed deviation, so that a steady path gets a
 * tight timeout and an erratic one a patient one.
 *
 *	first sample	SRTT   = R
 *			RTTVAR = R / 2
 *	later samples	RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|
 *			SRTT   = 7/8 SRTT   + 1/8 R
 *	timeout		RTO    = (SRTT + max(minimum, 4 RTTVAR)) * 2^backoffs
 *
 * SRTT is kept times 8 and RTTVAR times 4: both updates are then one shift
 * and one addition, nothing is lost to rounding, and 4 RTTVAR is the stored
 * number itself.
 *
 * Beside the mean the smallest sample of the recent past is kept: the time
 * that the path needs without queues, from which RACK takes its reordering
 * window and the delivery rate its shortest interval. One slot is enough for
 * them: when the window has passed without a sample as small, the next one is
 * taken as it comes, and a smaller one soon replaces it.
 *
 * Which segments may be sampled (Karn's rule, timestamps) is the caller's
 * business: ack.c builds the sample, this file only digests it.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "rtt.h"

/* Keeps SRTT * 8 inside 32 bits, with room for the addition. */
#define SAMPLE_MAX_US	TOY_RTO_MAX_US

/* A clock too coarse to see the path still saw it. */
static u32 plausible(u32 sample_us)
{
	return clamp_t(u32, sample_us, 1, SAMPLE_MAX_US);
}

/**
 * toy_rtt_init() - nothing has been measured yet
 * @rtt: estimate of the connection
 *
 * Context: any.
 */
void toy_rtt_init(struct toy_rtt *rtt)
{
	*rtt = (struct toy_rtt){ .min_us = U32_MAX };
}

/**
 * toy_rtt_sample() - take in one measured round-trip time
 * @rtt: estimate of the connection
 * @sample_us: time from sending to acknowledgment, in microseconds
 *
 * Ends any back-off: the path has answered. Context: any, socket locked.
 */
void toy_rtt_sample(struct toy_rtt *rtt, u32 sample_us)
{
	u32 srtt = toy_rtt_srtt_us(rtt);
	u32 r = plausible(sample_us);

	rtt->backoffs = 0;

	if (!rtt->srtt_us_x8) {				/* RFC 6298 (2.2) */
		rtt->srtt_us_x8 = r << 3;
		rtt->rttvar_us_x4 = r << 1;
		return;
	}

	/* RFC 6298 (2.3): the deviation is taken from the old mean. */
	rtt->rttvar_us_x4 -= rtt->rttvar_us_x4 >> 2;
	rtt->rttvar_us_x4 += max(srtt, r) - min(srtt, r);
	rtt->srtt_us_x8 += r - srtt;
}

/**
 * toy_rtt_sample_min() - take a round-trip time into the windowed minimum
 * @rtt: estimate of the connection
 * @sample_us: time from sending to acknowledgment, in microseconds
 * @now_ms: the time in milliseconds; may wrap
 * @win_ms: how long a sample counts, in milliseconds
 *
 * A sample as small as the minimum renews it. Context: any, socket locked.
 */
void toy_rtt_sample_min(struct toy_rtt *rtt, u32 sample_us, u32 now_ms,
			u32 win_ms)
{
	u32 r = plausible(sample_us);

	if (r > rtt->min_us && now_ms - rtt->min_stamp <= win_ms)
		return;
	rtt->min_us = r;
	rtt->min_stamp = now_ms;
}

/**
 * toy_rtt_timed_out() - the timeout has passed without an answer
 * @rtt: estimate of the connection
 *
 * RFC 6298 (5.5): the next timeout is twice as long, up to the maximum.
 *
 * Context: any, socket locked.
 */
void toy_rtt_timed_out(struct toy_rtt *rtt)
{
	if (toy_rtt_rto_us(rtt) < TOY_RTO_MAX_US)
		rtt->backoffs++;
}

/**
 * toy_rtt_unknown() - the connection begins, and its SYN was no sample
 * @rtt: estimate of the connection
 *
 * RFC 6298 (5.7): the SYN was sent again, perhaps because the path is slower
 * than the initial timeout. Without effect once there is a sample.
 *
 * Context: any, socket locked.
 */
void toy_rtt_unknown(struct toy_rtt *rtt)
{
	rtt->backoffs = 0;
	rtt->cautious = true;
}

/**
 * toy_rtt_base_us() - retransmission timeout without any back-off
 * @rtt: estimate of the connection
 *
 * Context: any, socket locked.
 * Return: the timeout in microseconds, between TOY_RTO_MIN_US and
 * TOY_RTO_MAX_US.
 */
u32 toy_rtt_base_us(const struct toy_rtt *rtt)
{
	if (!rtt->srtt_us_x8)				/* RFC 6298 (2.1) */
		return rtt->cautious ? TOY_RTO_FALLBACK_US : TOY_RTO_INITIAL_US;

	/* RFC 6298 (2.4) asks for 1 s; the Internet has settled on 200 ms. It
	 * bounds the deviation, not the sum, so that a steady 300 ms path does
	 * not time out on a 200 ms hiccup.
	 */
	return min_t(u32, toy_rtt_srtt_us(rtt) +
			  max_t(u32, rtt->rttvar_us_x4, TOY_RTO_MIN_US),
		     TOY_RTO_MAX_US);			/* RFC 6298 (2.5) */
}

/**
 * toy_rtt_rto_us() - current retransmission timeout
 * @rtt: estimate of the connection
 *
 * Context: any, socket locked.
 * Return: the timeout in microseconds, doubled as often as it has expired
 * since the last sample, between TOY_RTO_MIN_US and TOY_RTO_MAX_US.
 */
u32 toy_rtt_rto_us(const struct toy_rtt *rtt)
{
	/* The owner may count on; the maximum is reached long before. */
	u8 backoffs = min_t(u8, rtt->backoffs, 32);

	return min_t(u64, (u64)toy_rtt_base_us(rtt) << backoffs,
		     TOY_RTO_MAX_US);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "rtt_test.c"
#endif
