// SPDX-License-Identifier: GPL-2.0-only
/*
 * HyStart++: leave slow start before it loses half a window (RFC 9406).
 *
 * A queue that fills shows as a rising round-trip time. The smallest RTT of a
 * round is compared with that of the round before:
 *
 *	RttThresh = clamp(last / MIN_RTT_DIVISOR, MIN_RTT_THRESH, MAX_RTT_THRESH)
 *
 *	          current >= last + RttThresh
 *	 SLOW    ----------------------------->  CONSERVATIVE   CSS_ROUNDS rounds
 *	 START   <-----------------------------  SLOW START    ------------------->
 *	          current < baseline                              CONGESTION AVOID.
 *
 *	 cwnd += min(acked, L)                   cwnd += min(acked, L) / 4
 *
 * Each comparison waits for N_RTT_SAMPLE samples of its round. The baseline is
 * the RTT that ended slow start: when the queue turns out to drain while the
 * window still grows, the rise was jitter, and slow start goes on.
 *
 * A round lasts until everything is acknowledged that was outstanding when it
 * began. Its last acknowledgment still belongs to it.
 */
#include <linux/minmax.h>

#include "hystart.h"

/* RFC 9406 4.3, in microseconds, samples, rounds, segments. */
#define MIN_RTT_THRESH		4000U
#define MAX_RTT_THRESH		16000U
#define MIN_RTT_DIVISOR		8
#define N_RTT_SAMPLE		8
#define CSS_GROWTH_DIVISOR	4
#define CSS_ROUNDS		5
#define L			8U

/**
 * toy_hystart_init() - before the first acknowledgment
 * @h: state
 */
void toy_hystart_init(struct toy_hystart *h)
{
	*h = (struct toy_hystart) {
		.last_min_us	= TOY_HYSTART_NO_RTT,
		.min_us		= TOY_HYSTART_NO_RTT,
		.baseline_us	= TOY_HYSTART_NO_RTT,
	};
}

/**
 * toy_hystart_restart() - what the state knows of the current round is void
 * @h: state
 *
 * Samples and phase stay: the path is the same one.
 */
void toy_hystart_restart(struct toy_hystart *h)
{
	h->in_round = false;
}

static void begin_round(struct toy_hystart *h, u32 snd_nxt)
{
	h->round_end = snd_nxt;
	h->in_round = true;
}

static void sample(struct toy_hystart *h, s64 rtt_us)
{
	if (rtt_us < 0)
		return;
	h->min_us = min_t(u64, h->min_us,
			  min_t(u64, rtt_us, TOY_HYSTART_NO_RTT - 1));
	if (h->samples < N_RTT_SAMPLE)
		h->samples++;
}

/* Has the delay risen since the round before? */
static bool delay_rises(const struct toy_hystart *h)
{
	u32 thresh = clamp(h->last_min_us / MIN_RTT_DIVISOR, MIN_RTT_THRESH,
			   MAX_RTT_THRESH);

	return h->last_min_us != TOY_HYSTART_NO_RTT &&
	       h->min_us >= h->last_min_us &&
	       h->min_us - h->last_min_us >= thresh;
}

static void enter_css(struct toy_hystart *h)
{
	h->baseline_us = h->min_us;
	h->css_rounds = 0;
	h->css_cnt = 0;
}

static void leave_css(struct toy_hystart *h)
{
	h->baseline_us = TOY_HYSTART_NO_RTT;
}

/* Segments of growth for @acked ones. */
static u32 growth(struct toy_hystart *h, const struct toy_hystart_ack *a)
{
	u32 n = a->paced ? a->acked : min(a->acked, L);
	u32 grow;

	if (!toy_hystart_in_css(h))
		return n;
	grow = n / CSS_GROWTH_DIVISOR;
	h->css_cnt += n % CSS_GROWTH_DIVISOR;
	if (h->css_cnt >= CSS_GROWTH_DIVISOR) {
		h->css_cnt -= CSS_GROWTH_DIVISOR;
		grow++;
	}
	return grow;
}

/* The round is over. Returns true with the last one of CSS. */
static bool next_round(struct toy_hystart *h, u32 snd_nxt)
{
	h->last_min_us = h->min_us;
	h->min_us = TOY_HYSTART_NO_RTT;
	h->samples = 0;
	begin_round(h, snd_nxt);

	return toy_hystart_in_css(h) && ++h->css_rounds >= CSS_ROUNDS;
}

/**
 * toy_hystart_ack() - an acknowledgment in slow start
 * @h: state
 * @a: what it says
 * @grow: set to the segments by which the window grows
 *
 * Context: any, socket locked.
 * Return: true when slow start is to end with this acknowledgment: ssthresh
 * becomes the window after it has grown.
 */
bool toy_hystart_ack(struct toy_hystart *h, const struct toy_hystart_ack *a,
		     u32 *grow)
{
	if (!h->in_round)
		begin_round(h, a->snd_nxt);

	*grow = growth(h, a);

	sample(h, a->rtt_us);
	if (h->samples >= N_RTT_SAMPLE) {
		if (!toy_hystart_in_css(h)) {
			if (delay_rises(h))
				enter_css(h);
		} else if (h->min_us < h->baseline_us) {
			leave_css(h);
		}
	}

	if ((s32)(a->snd_una - h->round_end) < 0)
		return false;
	if (!next_round(h, a->snd_nxt))
		return false;
	leave_css(h);
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "hystart_test.c"
#endif
