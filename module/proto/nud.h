/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_NUD_H
#define _TOY_PROTO_NUD_H

#include <linux/bits.h>
#include <linux/types.h>
#include <uapi/linux/toy.h>

/**
 * struct toy_nud_params - RFC 4861 10 and RFC 1122 constants, times in jiffies
 * @reachable: ReachableTime, already randomised by the caller
 * @retrans: RetransTimer
 * @delay: DELAY_FIRST_PROBE_TIME
 * @ucast_probes: MAX_UNICAST_SOLICIT
 * @mcast_probes: MAX_MULTICAST_SOLICIT
 */
struct toy_nud_params {
	unsigned long reachable;
	unsigned long retrans;
	unsigned long delay;
	u8 ucast_probes;
	u8 mcast_probes;
};

/**
 * struct toy_nud - reachability of one neighbour
 * @state: enum toy_nud_state
 * @probes: solicitations since the last answer
 * @confirmed: jiffies of the last proof that it hears us
 * @used: jiffies of the last packet to it
 * @updated: jiffies of the last change of its link-layer address
 */
struct toy_nud {
	u8 state;
	u8 probes;
	unsigned long confirmed;
	unsigned long used;
	unsigned long updated;
};

/* What the owner must do after an event. */
#define TOY_NUD_SOLICIT_MCAST	BIT(0)	/* ask everybody */
#define TOY_NUD_SOLICIT_UCAST	BIT(1)	/* ask the known address */
#define TOY_NUD_TIMER		BIT(2)	/* arm the timer: *expires */
#define TOY_NUD_FLUSH		BIT(3)	/* send what waits */
#define TOY_NUD_GIVE_UP		BIT(4)	/* report failure, drop what waits */
#define TOY_NUD_SET_LLADDR	BIT(5)	/* store the new address */
#define TOY_NUD_CHANGED		BIT(6)	/* state has changed: notify */

enum toy_nud_info {
	TOY_NUD_INFO_OVERRIDE	= BIT(0),	/* NA's O flag; ARP: always */
	TOY_NUD_INFO_SOLICITED	= BIT(1),	/* NA's S flag; ARP reply to us */
	TOY_NUD_INFO_SAME	= BIT(2),	/* address equals the stored one */
};

unsigned int toy_nud_use(struct toy_nud *nud, const struct toy_nud_params *p,
			 unsigned long now, unsigned long *expires);
unsigned int toy_nud_timeout(struct toy_nud *nud,
			     const struct toy_nud_params *p,
			     unsigned long now, unsigned long *expires);
unsigned int toy_nud_unasked(struct toy_nud *nud,
			     const struct toy_nud_params *p,
			     unsigned long now, unsigned long *expires);
unsigned int toy_nud_info(struct toy_nud *nud, const struct toy_nud_params *p,
			  unsigned int info, unsigned long now,
			  unsigned long *expires);
unsigned int toy_nud_confirm(struct toy_nud *nud,
			     const struct toy_nud_params *p, unsigned long now,
			     unsigned long *expires);
unsigned int toy_nud_set(struct toy_nud *nud, const struct toy_nud_params *p,
			 enum toy_nud_state state, unsigned long now,
			 unsigned long *expires);

/* An address is known and packets may go out at once. */
static inline bool toy_nud_sendable(const struct toy_nud *nud)
{
	u8 state = READ_ONCE(nud->state);

	return state >= TOY_NUD_REACHABLE && state != TOY_NUD_FAILED;
}

#endif /* _TOY_PROTO_NUD_H */
