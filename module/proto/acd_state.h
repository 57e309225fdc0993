/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ACD_STATE_H
#define _TOY_PROTO_ACD_STATE_H

#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/types.h>

/* RFC 5227 1.1, in jiffies. */
#define TOY_ACD_PROBE_WAIT		HZ
#define TOY_ACD_PROBE_NUM		3
#define TOY_ACD_PROBE_MIN		HZ
#define TOY_ACD_PROBE_MAX		(2 * HZ)
#define TOY_ACD_ANNOUNCE_WAIT		(2 * HZ)
#define TOY_ACD_ANNOUNCE_NUM		2
#define TOY_ACD_ANNOUNCE_INTERVAL	(2 * HZ)
#define TOY_ACD_MAX_CONFLICTS		10
#define TOY_ACD_RATE_LIMIT_INTERVAL	(60 * HZ)
#define TOY_ACD_DEFEND_INTERVAL		(10 * HZ)

enum toy_acd_phase {
	TOY_ACD_IDLE,		/* not begun */
	TOY_ACD_WAIT,		/* the random time before the first probe */
	TOY_ACD_PROBE,		/* probes go out */
	TOY_ACD_SETTLE,		/* ANNOUNCE_WAIT after the last probe */
	TOY_ACD_ANNOUNCE,	/* ours, announcements go out */
	TOY_ACD_OWNED,		/* ours, and defended */
	TOY_ACD_LOST,		/* another machine's */
};

/**
 * struct toy_acd_state - conflict detection for one address (RFC 5227)
 * @phase: enum toy_acd_phase
 * @sent: probes, or announcements, sent in this phase
 * @optimistic: the address is in use while it is probed
 * @defended: it has been defended; @defence is valid
 * @defence: jiffies of the last defence
 */
struct toy_acd_state {
	u8 phase;
	u8 sent;
	bool optimistic;
	bool defended;
	unsigned long defence;
};

/* What the owner must do after an event. */
#define TOY_ACD_SEND_PROBE	BIT(0)	/* broadcast an ARP probe */
#define TOY_ACD_SEND_ANNOUNCE	BIT(1)	/* broadcast an announcement */
#define TOY_ACD_TIMER		BIT(2)	/* call back at *expires */
#define TOY_ACD_DONE		BIT(3)	/* the address is ours */
#define TOY_ACD_CONFLICT	BIT(4)	/* the address is lost */
#define TOY_ACD_DEFENDED	BIT(5)	/* worth a note: we insist on it */

unsigned int toy_acd_state_start(struct toy_acd_state *s, bool optimistic,
				 unsigned int conflicts, unsigned long now,
				 u32 rnd, unsigned long *expires);
unsigned int toy_acd_state_timeout(struct toy_acd_state *s, unsigned long now,
				   u32 rnd, unsigned long *expires);
unsigned int toy_acd_state_conflict(struct toy_acd_state *s, bool probe,
				    unsigned long now);
unsigned int toy_acd_state_announce(struct toy_acd_state *s, unsigned long now,
				    unsigned long *expires);

#endif /* _TOY_PROTO_ACD_STATE_H */
