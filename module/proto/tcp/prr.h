/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_PRR_H
#define _TOY_TCP_PRR_H

#include <linux/types.h>

/**
 * struct toy_prr - proportional rate reduction (RFC 6937), in segments
 * @prior_cwnd: RecoverFS as Linux takes it: congestion window before
 * @delivered: prr_delivered
 * @out: prr_out: segments sent in this recovery
 */
struct toy_prr {
	u32 prior_cwnd;
	u32 delivered;
	u32 out;
};

void toy_prr_begin(struct toy_prr *p, u32 cwnd);
/* RFC 6937 3: an acknowledgment in recovery; returns the congestion window.
 * @delivered: segments newly delivered by it; @lost: newly marked lost by it;
 * @in_flight: pipe; @snd_una_advanced: it acknowledged data cumulatively.
 * The slow-start reduction bound is used while @snd_una_advanced and nothing
 * was newly lost, the conservative one otherwise (as Linux does, RFC 6937bis).
 */
u32 toy_prr_ack(struct toy_prr *p, u32 ssthresh, u32 delivered, u32 lost,
		u32 in_flight, bool snd_una_advanced);

static inline void toy_prr_sent(struct toy_prr *p, u32 segs)
{
	p->out += segs;
}

#endif
