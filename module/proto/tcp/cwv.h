/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_CWV_H
#define _TOY_TCP_CWV_H

#include <linux/types.h>

/**
 * struct toy_cwv - congestion window validation (RFC 7661, RFC 2861)
 * @used: largest flight of this period, in segments
 * @used_ms: when the window was last fully used or reduced, in milliseconds
 * @max_flight: largest flight since @round_end was set
 * @round_end: SND.NXT at the start of this round trip
 * @limited: in this round trip the flight filled the window
 */
struct toy_cwv {
	u32 used;
	u32 used_ms;
	u32 max_flight;
	u32 round_end;
	bool limited;
};

/* A burst of sending. */
struct toy_cwv_sent {
	u32 flight;		/* segments in flight now */
	u32 cwnd;
	u32 snd_una;
	u32 snd_nxt;
	u32 now_ms;
	bool limited;		/* cwnd stopped the sender */
	bool slow_start;
};

void toy_cwv_init(struct toy_cwv *v, u32 snd_nxt, u32 now_ms);
void toy_cwv_sent(struct toy_cwv *v, const struct toy_cwv_sent *s);
bool toy_cwv_limited(const struct toy_cwv *v, u32 cwnd, bool slow_start);
u32 toy_cwv_app_limited(struct toy_cwv *v, u32 cwnd, u32 *ssthresh, u32 initial,
			u32 rto_ms, u32 now_ms);
u32 toy_cwv_restart(u32 cwnd, u32 restart, u32 idle_ms, u32 rto_ms);

#endif
