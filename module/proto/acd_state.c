// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this IPv4 address really ours? (RFC 5227)
 *
 *	start
 *	  |  0..PROBE_WAIT; after too many conflicts RATE_LIMIT_INTERVAL
 *	  v
 *	WAIT --> PROBE x PROBE_NUM --> SETTLE --> ANNOUNCE x 2 --> OWNED --.
 *	  |        | PROBE_MIN..MAX      |    ANNOUNCE_INTERVAL      ^     |
 *	  |        | apart               | ANNOUNCE_WAIT             '-----'
 *	  '--------+----------+----------'                     conflict: defend
 *	                      | conflict
 *	                      v
 *	                    LOST
 *
 * Strict: the address is used from the first announcement on.
 *
 * Optimistic: it is used at once, and announced once before the probes, so
 * that a program that has just configured it need not wait seven seconds; a
 * conflict still takes it away. This departs from RFC 5227 2.1, which wants
 * silence before the probes are done. Who uses an address does not yield to
 * another's probe for it, either: the answer to that probe is the defence.
 *
 * Defence is RFC 5227 2.4 (c): the address is never given up once it is ours,
 * because an administrator or a DHCP server gave it and connections depend on
 * it; (b) would let any machine take it away with two packets. To keep two such
 * hosts from a storm, one announcement per DEFEND_INTERVAL is the most.
 *
 * Every function takes what has happened, `now` and a random number where one
 * is needed, and returns TOY_ACD_* bits. Times are jiffies.
 */
#include <linux/kernel.h>

#include "acd_state.h"

/* Uniform in 0..@range, from 32 random bits. */
static unsigned long spread(u32 rnd, unsigned long range)
{
	return ((u64)rnd * (range + 1)) >> 32;
}

/**
 * toy_acd_state_start() - begin to probe, or begin anew
 * @s: state
 * @optimistic: the address is in use meanwhile
 * @conflicts: how many addresses were lost on this link lately
 * @now: jiffies
 * @rnd: 32 random bits
 * @expires: set to the time of the timer
 *
 * Return: TOY_ACD_* bits, among them always TOY_ACD_TIMER.
 */
unsigned int toy_acd_state_start(struct toy_acd_state *s, bool optimistic,
				 unsigned int conflicts, unsigned long now,
				 u32 rnd, unsigned long *expires)
{
	unsigned int todo = TOY_ACD_TIMER;

	*s = (struct toy_acd_state){
		.phase = TOY_ACD_WAIT,
		.optimistic = optimistic,
	};

	/* RFC 5227 2.1.1: who keeps colliding slows down. */
	if (conflicts >= TOY_ACD_MAX_CONFLICTS) {
		*expires = now + TOY_ACD_RATE_LIMIT_INTERVAL;
		return todo;
	}
	if (optimistic)
		todo |= TOY_ACD_SEND_ANNOUNCE;
	*expires = now + spread(rnd, TOY_ACD_PROBE_WAIT);
	return todo;
}

/* RFC 5227 2.1.1: a probe, and when the next step is due. */
static unsigned int probe(struct toy_acd_state *s, unsigned long now, u32 rnd,
			  unsigned long *expires)
{
	s->sent++;
	if (s->sent < TOY_ACD_PROBE_NUM) {
		s->phase = TOY_ACD_PROBE;
		*expires = now + TOY_ACD_PROBE_MIN +
			   spread(rnd, TOY_ACD_PROBE_MAX - TOY_ACD_PROBE_MIN);
	} else {
		s->phase = TOY_ACD_SETTLE;
		*expires = now + TOY_ACD_ANNOUNCE_WAIT;
	}
	return TOY_ACD_SEND_PROBE | TOY_ACD_TIMER;
}

/* RFC 5227 2.3: an announcement, and when the next step is due. */
static unsigned int announce(struct toy_acd_state *s, unsigned long now,
			     unsigned long *expires)
{
	s->sent++;
	if (s->sent >= TOY_ACD_ANNOUNCE_NUM) {
		s->phase = TOY_ACD_OWNED;
		return TOY_ACD_SEND_ANNOUNCE;
	}
	s->phase = TOY_ACD_ANNOUNCE;
	*expires = now + TOY_ACD_ANNOUNCE_INTERVAL;
	return TOY_ACD_SEND_ANNOUNCE | TOY_ACD_TIMER;
}

/**
 * toy_acd_state_timeout() - the timer has expired
 * @s: state
 * @now: jiffies
 * @rnd: 32 random bits
 * @expires: set to the time of the timer if TOY_ACD_TIMER is returned
 *
 * Return: TOY_ACD_* bits.
 */
unsigned int toy_acd_state_timeout(struct toy_acd_state *s, unsigned long now,
				   u32 rnd, unsigned long *expires)
{
	switch (s->phase) {
	case TOY_ACD_WAIT:
	case TOY_ACD_PROBE:
		return probe(s, now, rnd, expires);
	case TOY_ACD_SETTLE:
		s->sent = 0;
		return TOY_ACD_DONE | announce(s, now, expires);
	case TOY_ACD_ANNOUNCE:
		return announce(s, now, expires);
	default:
		return 0;
	}
}

/**
 * toy_acd_state_conflict() - another machine wants the address
 * @s: state
 * @probe: it asks for it by an ARP probe; else it uses it
 * @now: jiffies
 *
 * Return: TOY_ACD_* bits; 0 when there is nothing to do.
 */
unsigned int toy_acd_state_conflict(struct toy_acd_state *s, bool probe,
				    unsigned long now)
{
	switch (s->phase) {
	case TOY_ACD_WAIT:
	case TOY_ACD_PROBE:
	case TOY_ACD_SETTLE:
		/* RFC 5227 2.1.1: two that probe at once are in conflict. */
		if (probe && s->optimistic)
			return 0;
		s->phase = TOY_ACD_LOST;
		return TOY_ACD_CONFLICT;
	case TOY_ACD_ANNOUNCE:
	case TOY_ACD_OWNED:
		if (probe)
			return 0;
		/* RFC 5227 2.4 (c). */
		if (s->defended && time_before(now, s->defence +
					       TOY_ACD_DEFEND_INTERVAL))
			return 0;
		s->defended = true;
		s->defence = now;
		return TOY_ACD_SEND_ANNOUNCE | TOY_ACD_DEFENDED;
	default:
		return 0;
	}
}

/**
 * toy_acd_state_announce() - the link has changed: say again what is ours
 * @s: state
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_ACD_TIMER is returned
 *
 * What is not ours yet goes on as it was.
 *
 * Return: TOY_ACD_* bits.
 */
unsigned int toy_acd_state_announce(struct toy_acd_state *s, unsigned long now,
				    unsigned long *expires)
{
	if (s->phase != TOY_ACD_ANNOUNCE && s->phase != TOY_ACD_OWNED)
		return 0;
	s->sent = 0;
	return announce(s, now, expires);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "acd_state_test.c"
#endif
