/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_RTT_H
#define _TOY_TCP_RTT_H

#include <linux/types.h>

/**
 * struct toy_rtt - round-trip time estimate of one connection
 * @srtt_us_x8: smoothed RTT, in microseconds times 8; 0 before the first sample
 * @rttvar_us_x4: RTT variation, in microseconds times 4
 * @min_us: smallest recent RTT, in microseconds; U32_MAX for none
 * @min_stamp: when @min_us was seen, in milliseconds
 * @backoffs: how often the timeout has been doubled since the last sample
 * @cautious: a timeout has ended the handshake's chance to be a sample
 *
 * Owned by the connection and changed under its socket lock only.
 */
struct toy_rtt {
	u32 srtt_us_x8;
	u32 rttvar_us_x4;
	u32 min_us;
	u32 min_stamp;
	u8 backoffs;
	bool cautious;
};

#define TOY_RTO_MIN_US		(200 * 1000)
#define TOY_RTO_MAX_US		(120 * 1000 * 1000)
#define TOY_RTO_INITIAL_US	(1000 * 1000)
#define TOY_RTO_FALLBACK_US	(3 * 1000 * 1000)

void toy_rtt_init(struct toy_rtt *rtt);
void toy_rtt_sample(struct toy_rtt *rtt, u32 sample_us);
void toy_rtt_sample_min(struct toy_rtt *rtt, u32 sample_us, u32 now_ms,
			u32 win_ms);
void toy_rtt_timed_out(struct toy_rtt *rtt);
void toy_rtt_unknown(struct toy_rtt *rtt);
u32 toy_rtt_base_us(const struct toy_rtt *rtt);
u32 toy_rtt_rto_us(const struct toy_rtt *rtt);

static inline u32 toy_rtt_srtt_us(const struct toy_rtt *rtt)
{
	return rtt->srtt_us_x8 >> 3;
}

#endif
