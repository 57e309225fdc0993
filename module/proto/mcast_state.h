/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_MCAST_STATE_H
#define _TOY_PROTO_MCAST_STATE_H

#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/types.h>

#include "../skb/mcmsg.h"

/* RFC 3376 8 and RFC 3810 9; RFC 2236 8.10 and RFC 2710 7.10. */
#define TOY_MC_QUERY_INTERVAL_S		125
#define TOY_MC_RESPONSE_MS		10000
#define TOY_MC_UNSOLICITED_V3		HZ
#define TOY_MC_UNSOLICITED_OLD		(10 * HZ)

/**
 * struct toy_mc_link - what the queriers of a link have told
 * @version: enum toy_mc_version that we speak
 * @robust: robustness variable: how often a change is reported
 * @robust_own: what it is while no querier says another one
 * @interval_s: the querier's interval
 * @seen: an older querier is about, by its version: V1, V2
 * @until: jiffies till which that is believed
 * @answer: a general query is to be answered (V3)
 * @answer_at: jiffies
 */
struct toy_mc_link {
	u8 version;
	u8 robust;
	u8 robust_own;
	u32 interval_s;
	bool seen[TOY_MC_V3];
	unsigned long until[TOY_MC_V3];
	bool answer;
	unsigned long answer_at;
};

/**
 * struct toy_mc_state - what is to be reported about a group
 * @changes: reports about changes still to be sent
 * @mode_changes: of them, those that tell the mode and all sources (V3)
 * @change: @changes is not 0
 * @answer: a query is to be answered
 * @sources: it asked about some sources only
 * @last: the last report heard about the group was ours (V1, V2)
 * @change_at: jiffies of the next report about changes
 * @answer_at: jiffies of the answer
 */
struct toy_mc_state {
	u8 changes;
	u8 mode_changes;
	bool change;
	bool answer;
	bool sources;
	bool last;
	unsigned long change_at;
	unsigned long answer_at;
};

/* What the owner must do after an event. */
#define TOY_MC_CANCEL		BIT(0)	/* toy_mc_state_cancel() all groups */
#define TOY_MC_ASK		BIT(1)	/* toy_mc_state_asked() the groups */
#define TOY_MC_RECORD		BIT(2)	/* remember the sources asked about */
#define TOY_MC_FRESH		BIT(3)	/* and forget those of before */
#define TOY_MC_SEND_CHANGE	BIT(4)	/* report what has changed */
#define TOY_MC_SEND_MODE	BIT(5)	/* namely the mode */
#define TOY_MC_SEND_ANSWER	BIT(6)	/* report the state of the group */

void toy_mc_link_init(struct toy_mc_link *l, u8 robust);
bool toy_mc_link_tick(struct toy_mc_link *l, unsigned long now);
unsigned int toy_mc_link_query(struct toy_mc_link *l,
			       const struct toy_mc_query *q, unsigned long now,
			       u32 rnd);
bool toy_mc_link_timeout(struct toy_mc_link *l, unsigned long now);

unsigned int toy_mc_state_asked(struct toy_mc_state *s,
				const struct toy_mc_link *l,
				const struct toy_mc_query *q,
				unsigned long now, u32 rnd);
void toy_mc_state_changed(struct toy_mc_state *s, const struct toy_mc_link *l,
			  bool mode, unsigned long now);
unsigned int toy_mc_state_timeout(struct toy_mc_state *s,
				  const struct toy_mc_link *l,
				  unsigned long now, u32 rnd);
void toy_mc_state_heard(struct toy_mc_state *s, const struct toy_mc_link *l);
void toy_mc_state_cancel(struct toy_mc_state *s);
bool toy_mc_state_next(const struct toy_mc_state *s, unsigned long *at);

#endif /* _TOY_PROTO_MCAST_STATE_H */
