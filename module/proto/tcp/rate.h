/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_RATE_H
#define _TOY_TCP_RATE_H

#include <linux/types.h>

/**
 * struct toy_rate - delivery rate estimation (draft-cheng-iccrg-delivery-rate)
 * @delivered: segments delivered so far (C.delivered)
 * @delivered_ce: of them with a congestion mark
 * @delivered_us: when that number changed last (C.delivered_time)
 * @first_sent_us: send time of the segment delivered last (C.first_sent_time)
 * @app_limited: until @delivered has passed this, segments sent are limited by
 *	the program; 0 for not (C.app_limited)
 * @rate_delivered: segments of the best recent sample, for TCP_INFO
 * @rate_interval_us: and its interval
 * @rate_app_limited: and whether it was limited by the program
 */
struct toy_rate {
	u64 delivered_us;
	u64 first_sent_us;
	u32 delivered;
	u32 delivered_ce;
	u32 app_limited;
	u32 rate_delivered;
	u32 rate_interval_us;
	bool rate_app_limited;
};

/* What a segment remembers of the moment when it was sent. */
struct toy_rate_seg {
	u64 first_sent_us;	/* P.first_sent_time */
	u64 delivered_us;	/* P.delivered_time */
	u32 delivered;		/* P.delivered; bit 31: P.is_app_limited */
};

/* One acknowledgment's sample. */
struct toy_rate_sample {
	u64 prior_us;		/* 0: no segment was delivered */
	u64 sent_us;
	u32 prior_delivered;
	u32 delivered;
	s64 interval_us;	/* <= 0: no valid sample */
	u32 snd_interval_us;
	u32 rcv_interval_us;
	bool app_limited;
	bool retrans;
};

void toy_rate_sent(struct toy_rate *r, struct toy_rate_seg *seg, u32 in_flight,
		   u64 sent_us);
void toy_rate_delivered(struct toy_rate *r, struct toy_rate_seg *seg,
			u64 sent_us, bool retrans, struct toy_rate_sample *s);
void toy_rate_gen(struct toy_rate *r, struct toy_rate_sample *s, u32 delivered,
		  u64 now_us, u32 min_rtt_us);

/* Section 3.4: the program has left room in the window. Samples are marked
 * until all that is in flight now has been delivered.
 */
static inline void toy_rate_app_limited(struct toy_rate *r, u32 in_flight)
{
	u32 limit = r->delivered + in_flight;

	r->app_limited = limit ? limit : 1;
}

#endif
