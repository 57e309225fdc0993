/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_HYSTART_H
#define _TOY_TCP_HYSTART_H

#include <linux/limits.h>
#include <linux/types.h>

#define TOY_HYSTART_NO_RTT	U32_MAX	/* RFC 9406's infinity */

/**
 * struct toy_hystart - HyStart++ of one connection (RFC 9406 4.2)
 * @last_min_us: lastRoundMinRTT
 * @min_us: currentRoundMinRTT
 * @baseline_us: cssBaselineMinRtt; TOY_HYSTART_NO_RTT in standard slow start
 * @round_end: windowEnd
 * @samples: rttSampleCount, as far as N_RTT_SAMPLE
 * @css_rounds: rounds of conservative slow start that are over
 * @css_cnt: segments acknowledged in it that are not yet a segment of growth
 * @in_round: @round_end is set
 *
 * Part of an algorithm's state, under the socket lock.
 */
struct toy_hystart {
	u32 last_min_us;
	u32 min_us;
	u32 baseline_us;
	u32 round_end;
	u8 samples;
	u8 css_rounds;
	u8 css_cnt;
	bool in_round;
};

/* An acknowledgment in slow start. */
struct toy_hystart_ack {
	s64 rtt_us;		/* sample; -1: none */
	u32 snd_una;		/* after it */
	u32 snd_nxt;
	u32 acked;		/* segments the window may grow for */
	bool paced;
};

void toy_hystart_init(struct toy_hystart *h);
/* The next acknowledgment is the first of a round: after idle time, or when
 * acknowledgments have gone by unseen.
 */
void toy_hystart_restart(struct toy_hystart *h);
/* Segments by which the window grows go to *@grow. True: slow start ends here,
 * ssthresh becomes the window that has grown so.
 */
bool toy_hystart_ack(struct toy_hystart *h, const struct toy_hystart_ack *a,
		     u32 *grow);

static inline bool toy_hystart_in_css(const struct toy_hystart *h)
{
	return h->baseline_us != TOY_HYSTART_NO_RTT;
}

#endif
