/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_DAD_STATE_H
#define _TOY_PROTO_DAD_STATE_H

#include "acd_state.h"

/* RFC 4861 10 */
#define TOY_DAD_DELAY		HZ	/* MAX_RTR_SOLICITATION_DELAY */
#define TOY_DAD_MULTICAST_SOLICIT 3

enum toy_dad_phase {
	TOY_DAD_IDLE,		/* not begun */
	TOY_DAD_WAIT,		/* the random time before the first probe */
	TOY_DAD_PROBE,		/* probes go out */
	TOY_DAD_OWNED,		/* ours */
	TOY_DAD_LOST,		/* another machine's */
};

/**
 * struct toy_dad_state - duplicate address detection for one address
 * @phase: enum toy_dad_phase
 * @sent: probes of this round
 * @limit: probes that this round has
 * @looped: one of this round has come back to us
 * @retrans: RetransTimer, jiffies: between probes, and after the last
 */
struct toy_dad_state {
	u8 phase;
	u8 sent;
	u8 limit;
	bool looped;
	unsigned long retrans;
};

/* All return TOY_ACD_* bits. */
unsigned int toy_dad_state_start(struct toy_dad_state *s, u8 transmits,
				 unsigned long retrans, unsigned long now,
				 u32 rnd, unsigned long *expires);
unsigned int toy_dad_state_timeout(struct toy_dad_state *s, unsigned long now,
				   unsigned long *expires);
unsigned int toy_dad_state_conflict(struct toy_dad_state *s);
void toy_dad_state_looped(struct toy_dad_state *s);

#endif /* _TOY_PROTO_DAD_STATE_H */
