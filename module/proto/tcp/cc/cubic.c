// SPDX-License-Identifier: GPL-2.0-only
/*
 * CUBIC (RFC 9438): the window as a function of time, not of acknowledgments.
 *
 * After a loss at window W_max the window returns to it along a cubic curve:
 * fast at first, flat around W_max, then fast again in search of more.
 *
 *	 cwnd                                             /
 *	                                                 /   convex: probing
 *	 W_max   - - - - - - - - - - - ____-------------'
 *	                         __---'     plateau
 *	                      _-'
 *	                     /   concave: recovering
 *	 beta W_max  -------'
 *	                    |<------- K ------->|           t
 *
 *	W_cubic(t) = C (t - K)^3 + W_max				(Fig. 1)
 *	K          = cbrt((W_max - cwnd_epoch) / C)			(Fig. 2)
 *	W_est     += alpha * acked / cwnd				(Fig. 4)
 *	target     = clamp(W_cubic(t + RTT), cwnd, 1.5 cwnd)		 4.2
 *	cwnd      += acked * (target - cwnd) / cwnd			 4.4, 4.5
 *	cwnd       = W_est	where W_cubic(t) < W_est		 4.3
 *	ssthresh   = beta * cwnd, at least 2				 4.6
 *
 *	C = 0.4    beta = 0.7    alpha = 3 (1 - beta) / (1 + beta) = 9/17
 *
 * t is the time since congestion avoidance began, without the time in which
 * the program left the window unfilled. W_est is the window that Reno would
 * have, with beta for its half; CUBIC is never slower than that.
 *
 * Numbers: time in ms, which is fine enough for a curve that takes seconds;
 * W_cubic in segments * 2^10; W_est in segments * 2^32, because it grows by
 * alpha / cwnd. With t in ms and 10 bits of fraction the constants cancel:
 *
 *	C (t / 1000)^3 * 2^10 = t^3 * 4 / 5^10
 *
 * Slow start is HyStart++ until ssthresh is known, and standard afterwards.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../cc.h"
#include "hystart.h"

#define BETA_NUM	7U
#define BETA_DEN	10U
#define ALPHA_NUM	9U
#define ALPHA_DEN	17U

#define W_SHIFT		10		/* fraction bits of W_cubic */
#define EST_SHIFT	32		/* and of W_est */
#define POW5_10		9765625U	/* 5^10 */

/* 17 minutes off the plateau the curve is far above any window, and the cube
 * times 4 still fits 64 bits.
 */
#define T_MAX_MS	0x100000U

/**
 * struct cubic_stage - one stage of congestion avoidance
 * @epoch_us: t_epoch, moved on by the time that does not count
 * @w_est: W_est, in segments * 2^32
 * @k_ms: K
 * @w_max: W_max, in segments; 0 while undefined: the stage then starts on the
 *	plateau (4.8, 4.10)
 * @cwnd_prior: window when ssthresh was last set
 * @running: the stage has begun: the fields above are valid
 */
struct cubic_stage {
	u64 epoch_us;
	u64 w_est;
	u32 k_ms;
	u32 w_max;
	u32 cwnd_prior;
	bool running;
};

/**
 * struct cubic - CUBIC's state of one connection
 * @now: current stage
 * @undo: the stage that the last congestion event has ended
 * @seen_us: when the last acknowledgment or the start of a flight was seen
 * @hystart: first slow start
 */
struct cubic {
	struct cubic_stage now;
	struct cubic_stage undo;
	u64 seen_us;
	struct toy_hystart hystart;
};

static struct cubic *cubic_of(struct toy_cc *cc)
{
	return (struct cubic *)cc->priv;
}

static void cubic_init(struct toy_cc *cc)
{
	struct cubic *c = cubic_of(cc);

	BUILD_BUG_ON(sizeof(struct cubic) > TOY_CC_PRIV);
	memset(c, 0, sizeof(*c));
	toy_hystart_init(&c->hystart);
}

/* floor(cbrt(x)), a bit of the root for three of x. With r the root so far and
 * rest = x - r^3, the next bit is 1 if (2r + 1)^3 - (2r)^3 fits into the rest.
 */
static u32 cube_root(u64 x)
{
	u64 root = 0;

	for (int shift = 63; shift >= 0; shift -= 3) {
		u64 step;

		root *= 2;
		step = 3 * root * (root + 1) + 1;
		if ((x >> shift) >= step) {
			x -= step << shift;
			root++;
		}
	}
	return root;
}

/* Fig. 2, K for a curve that has to climb @segs to its plateau. In ms:
 * 1000 cbrt(segs / 0.4) = cbrt(segs * 2.5 * 10^9).
 */
static u32 k_ms(u32 segs)
{
	return min_t(u32, cube_root(segs * 2500000000ULL), T_MAX_MS);
}

/* Fig. 1, in segments * 2^10. */
static u64 w_cubic(const struct cubic_stage *s, u64 t_us)
{
	u64 t = min_t(u64, div_u64(t_us, USEC_PER_MSEC), 2 * T_MAX_MS);
	u64 d = min_t(u64, t > s->k_ms ? t - s->k_ms : s->k_ms - t, T_MAX_MS);
	u64 off = div_u64(d * d * d * 4, POW5_10);
	u64 top = (u64)s->w_max << W_SHIFT;

	if (t >= s->k_ms)
		return top + off;
	return top > off ? top - off : 0;
}

/* 4.2, 4.8, 4.10: congestion avoidance begins with this acknowledgment. */
static void begin_stage(struct cubic_stage *s, u32 cwnd, u64 now_us)
{
	/* After a timeout, and where slow start ended without a loss, the
	 * window is the plateau. So it is where it has outgrown the old one.
	 */
	if (!s->w_max || s->w_max < cwnd)
		s->w_max = cwnd;
	if (!s->cwnd_prior)
		s->cwnd_prior = cwnd;
	s->k_ms = k_ms(s->w_max - cwnd);
	s->w_est = (u64)cwnd << EST_SHIFT;
	s->epoch_us = now_us;
	s->running = true;
}

/* 4.2, 5.8: what has passed since @seen_us is not time of the stage. */
static void skip_time(struct cubic *c, u64 now_us)
{
	if (c->now.running && now_us > c->seen_us)
		c->now.epoch_us = min(c->now.epoch_us + now_us - c->seen_us,
				      now_us);
}

/* 4.3, Fig. 4. The window grows by a segment or so per round trip: more than
 * a window acknowledged at once is nonsense.
 */
static void grow_est(struct cubic_stage *s, u32 cwnd, u32 cwnd_max, u32 acked)
{
	u64 inc = (u64)min(acked, cwnd) << EST_SHIFT;

	/* Reno has caught up with where the loss was: from there on Reno's
	 * own alpha.
	 */
	if (s->w_est >> EST_SHIFT < s->cwnd_prior)
		inc = div_u64(inc, ALPHA_DEN) * ALPHA_NUM;
	s->w_est = min(s->w_est + div_u64(inc, cwnd),
		       (u64)cwnd_max << EST_SHIFT);
}

/* 4.4, 4.5: by (target - cwnd) / cwnd per segment, which is one segment for
 * cwnd / (target - cwnd) of them. In whole segments, as cwnd is: it becomes
 * n + 1 a round trip after the target has, just when the curve does.
 */
static void grow_cubic(struct toy_cc *cc, u64 target, u32 acked)
{
	u32 cwnd = cc->cwnd;
	u32 gap;

	/* 4.2: never back, and never faster than half of slow start. */
	target = min_t(u64, target >> W_SHIFT, cwnd + cwnd / 2);
	if (target <= cwnd)
		return;
	gap = target - cwnd;
	toy_cc_additive(cc, DIV_ROUND_CLOSEST(cwnd, gap), acked);
}

static void cubic_avoid(struct toy_cc *cc, u32 acked, u64 now_us)
{
	struct cubic_stage *s = &cubic_of(cc)->now;
	u32 cwnd_max = min_t(u32, cc->cwnd_clamp, TOY_CC_CWND_MAX);
	u32 est;
	u64 t;

	if (!s->running)
		begin_stage(s, cc->cwnd, now_us);
	grow_est(s, max(cc->cwnd, 1U), cwnd_max, acked);

	t = now_us > s->epoch_us ? now_us - s->epoch_us : 0;
	if (w_cubic(s, t) < s->w_est >> (EST_SHIFT - W_SHIFT)) {
		/* 4.3: the Reno-friendly region. */
		est = s->w_est >> EST_SHIFT;
		if (est > cc->cwnd)
			toy_cc_grow(cc, est - cc->cwnd);
		return;
	}
	grow_cubic(cc, w_cubic(s, t + cc->srtt_us), acked);
}

/* Returns what is left for congestion avoidance. */
static u32 cubic_slow_start(struct toy_cc *cc, const struct toy_ack_event *ev)
{
	struct cubic *c = cubic_of(cc);
	struct toy_hystart_ack a = {
		.rtt_us = ev->rtt_us,
		.snd_una = cc->snd_una,
		.snd_nxt = cc->snd_nxt,
		.acked = cc->cwnd_limited ? ev->acked : 0,
		.paced = cc->paced,
	};
	bool ends;
	u32 grow;

	c->now.running = false;
	/* RFC 9406 4.3: once ssthresh is known it ends slow start in time. */
	if (cc->ssthresh < TOY_CC_SSTHRESH_MAX)
		return toy_cc_slow_start(cc, a.acked);

	ends = toy_hystart_ack(&c->hystart, &a, &grow);
	toy_cc_grow(cc, grow);
	if (ends) {
		cc->ssthresh = cc->cwnd;
		/* RFC 9438 4.10: no loss has told W_max. */
		c->now.w_max = 0;
		c->now.cwnd_prior = cc->cwnd;
	}
	return 0;
}

static void cubic_ack(struct toy_cc *cc, const struct toy_ack_event *ev)
{
	struct cubic *c = cubic_of(cc);
	u32 acked = ev->acked;

	if (toy_cc_in_slow_start(cc))
		acked = cubic_slow_start(cc, ev);
	else if (!cc->cwnd_limited)
		skip_time(c, ev->now_us);

	c->seen_us = ev->now_us;
	if (acked && cc->cwnd_limited)
		cubic_avoid(cc, acked, ev->now_us);
}

/* 4.6, 4.7. RFC 9438 takes beta of the flight, or of cwnd where, as here, the
 * window only grows while it is used.
 */
static u32 cubic_ssthresh(struct toy_cc *cc, u64 now_us)
{
	struct cubic *c = cubic_of(cc);
	struct cubic_stage *s = &c->now;
	u32 cwnd = cc->cwnd;

	c->undo = *s;
	/* 4.7: below the last W_max: somebody else has come, make room:
	 * W_max = cwnd (1 + beta) / 2.
	 */
	if (cwnd < s->w_max)
		s->w_max = mult_frac(cwnd, BETA_DEN + BETA_NUM, 2 * BETA_DEN);
	else
		s->w_max = cwnd;
	s->cwnd_prior = cwnd;
	s->running = false;
	cc->cwnd_cnt = 0;
	return max(mult_frac(cwnd, BETA_NUM, BETA_DEN), 2U);
}

static void cubic_event(struct toy_cc *cc, enum toy_cc_event what, u64 now_us)
{
	struct cubic *c = cubic_of(cc);

	switch (what) {
	case TOY_CC_RTO:		/* 4.8: K 0, W_max where it begins */
		c->now.w_max = 0;
		c->now.running = false;
		break;
	case TOY_CC_UNDO:		/* 4.9 */
		c->now = c->undo;
		toy_hystart_restart(&c->hystart);
		break;
	case TOY_CC_TX_START:		/* 4.2, 5.8 */
		skip_time(c, now_us);
		c->seen_us = now_us;
		toy_hystart_restart(&c->hystart);
		break;
	case TOY_CC_IDLE:		/* slow start comes first */
		c->now.running = false;
		break;
	default:
		break;
	}
}

/* Without an owner: see cc.c. */
struct toy_cc_ops toy_cc_cubic = {
	.name		= "cubic",
	.init		= cubic_init,
	.ssthresh	= cubic_ssthresh,
	.ack		= cubic_ack,
	.event		= cubic_event,
};

#if IS_ENABLED(CONFIG_KUNIT)
#include "cubic_test.c"
#endif
