// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this IPv6 address really ours? (RFC 4862 5.4, RFC 7527)
 *
 *	start
 *	  |  0..MAX_RTR_SOLICITATION_DELAY
 *	  v
 *	WAIT --> PROBE x DupAddrDetectTransmits, RetransTimer apart --> OWNED
 *	  |        |          ^            |
 *	  |        |          '------------'
 *	  |        |   a probe came back: MAX_MULTICAST_SOLICIT more
 *	  '--------+
 *	           | conflict: another host probes for it too, or has it
 *	           v
 *	         LOST
 *
 * A probe that comes back by a loop in the link looks like another host's. A
 * nonce in it tells them apart (RFC 7527); while probes come back, nobody else
 * could be heard for sure, so there are more of them (4.1).
 *
 * Whether the address is used meanwhile (RFC 4429, optimistic) makes no
 * difference here: unlike with IPv4's ACD, two hosts that probe at once both
 * lose, as RFC 4862 5.4.3 has it.
 *
 * An address that is ours is not given up any more: RFC 4862 5.4.4 leaves open
 * what to do, and everything else lets any host take it with one packet.
 *
 * Every function takes what has happened and `now`, and returns TOY_ACD_* bits.
 * Times are jiffies.
 */
#include <linux/kernel.h>

#include "dad_state.h"

/* A probe, and when the next step is due. */
static unsigned int probe(struct toy_dad_state *s, unsigned long now,
			  unsigned long *expires)
{
	s->phase = TOY_DAD_PROBE;
	s->sent++;
	*expires = now + s->retrans;
	return TOY_ACD_SEND_PROBE | TOY_ACD_TIMER;
}

/**
 * toy_dad_state_start() - begin to probe, or begin anew
 * @s: state
 * @transmits: DupAddrDetectTransmits, at least 1
 * @retrans: RetransTimer, jiffies
 * @now: jiffies
 * @rnd: 32 random bits
 * @expires: set to the time of the timer
 *
 * RFC 4862 5.4.2: many hosts may come up with the link, or hear of a prefix,
 * at the same moment: a random delay spreads them.
 *
 * Return: TOY_ACD_TIMER.
 */
unsigned int toy_dad_state_start(struct toy_dad_state *s, u8 transmits,
				 unsigned long retrans, unsigned long now,
				 u32 rnd, unsigned long *expires)
{
	*s = (struct toy_dad_state) {
		.phase = TOY_DAD_WAIT,
		.limit = max_t(u8, transmits, 1),
		.retrans = retrans,
	};
	*expires = now + (((u64)rnd * (TOY_DAD_DELAY + 1)) >> 32);
	return TOY_ACD_TIMER;
}

/**
 * toy_dad_state_timeout() - the timer has expired
 * @s: state
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_ACD_TIMER is returned
 *
 * Return: TOY_ACD_* bits.
 */
unsigned int toy_dad_state_timeout(struct toy_dad_state *s, unsigned long now,
				   unsigned long *expires)
{
	switch (s->phase) {
	case TOY_DAD_WAIT:
		return probe(s, now, expires);
	case TOY_DAD_PROBE:
		if (s->sent < s->limit)
			return probe(s, now, expires);
		if (s->looped) {			/* RFC 7527 4.1 */
			s->looped = false;
			s->sent = 0;
			s->limit = TOY_DAD_MULTICAST_SOLICIT;
			return probe(s, now, expires);
		}
		s->phase = TOY_DAD_OWNED;
		return TOY_ACD_DONE | TOY_ACD_SEND_ANNOUNCE;
	default:
		return 0;
	}
}

/**
 * toy_dad_state_conflict() - another host wants the address, or has it
 * @s: state
 *
 * Return: TOY_ACD_CONFLICT, or 0 when it makes no difference.
 */
unsigned int toy_dad_state_conflict(struct toy_dad_state *s)
{
	switch (s->phase) {
	case TOY_DAD_WAIT:
	case TOY_DAD_PROBE:
		s->phase = TOY_DAD_LOST;
		return TOY_ACD_CONFLICT;
	default:
		return 0;
	}
}

/**
 * toy_dad_state_looped() - a probe of ours has come back
 * @s: state
 */
void toy_dad_state_looped(struct toy_dad_state *s)
{
	s->looped = true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "dad_state_test.c"
#endif
