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
u32 toy_prr_ack(struct toy_prr *p, u32 ssthresh, u32 delivered, u32 lost,
		u32 in_flight, bool snd_una_advanced);

/* Segments have been sent, new ones or old ones, while the recovery lasts. */
static inline void toy_prr_sent(struct toy_prr *p, u32 segs)
{
	p->out += segs;
}

#endif
