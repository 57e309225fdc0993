// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can the neighbour still hear us? (RFC 4861 7.3)
 *
 *	           use                  no answer to mcast_probes
 *	 NONE ------------> INCOMPLETE ---------------------------> FAILED
 *	                     |  ^  |  ^                               |
 *	   answer (solicited)|  |  |  '-------------------------------'
 *	                     |  |  | told (unsolicited)    use: start over
 *	                     v  |  v
 *	 .-------------> REACHABLE --------------------> STALE <---------.
 *	 |                      |    ReachableTime         |             |
 *	 |                      |    without a proof       | use         | other
 *	 | answer, or           |                          v             | address
 *	 | confirmed from       |                        DELAY ----------|
 *	 | above                |                          | DelayTime   |
 *	 |                      |                          v             |
 *	 '----------------------+----------------------- PROBE ----------'
 *	                                                   |
 *	                                                   '---> FAILED
 *	                                     no answer to ucast_probes
 *
 * In STALE, DELAY and PROBE packets go to the known address; only INCOMPLETE
 * makes them wait. FAILED stands for RFC 4861's deleted entry: it remembers
 * that nobody was there, so that it can be shown. PERMANENT was entered by an
 * administrator; no packet and no time changes it.
 *
 * Every function takes what has happened and `now`, changes the state, and
 * returns TOY_NUD_* bits for what the owner has to do. The owner's timer is
 * armed by TOY_NUD_TIMER only; one that fires in a state without a timer does
 * nothing. Times are jiffies, compared so that they may wrap.
 */
#include <linux/kernel.h>
#include <linux/jiffies.h>

#include "nud.h"

/* Does the state know a link-layer address? */
static bool knows_address(u8 state)
{
	return state >= TOY_NUD_REACHABLE && state != TOY_NUD_FAILED;
}

/* Go to @state, and say what belongs to having arrived there. */
static unsigned int enter(struct toy_nud *nud, const struct toy_nud_params *p,
			  enum toy_nud_state state, unsigned long now,
			  unsigned long *expires)
{
	u8 old = nud->state;
	unsigned int todo = 0;

	/* Configured to ask nobody: the answer is known. */
	if ((state == TOY_NUD_INCOMPLETE && !p->mcast_probes) ||
	    (state == TOY_NUD_PROBE && !p->ucast_probes))
		state = TOY_NUD_FAILED;

	nud->probes = 0;
	switch (state) {
	case TOY_NUD_INCOMPLETE:		/* RFC 4861 7.2.2 */
		nud->probes = 1;
		*expires = now + p->retrans;
		todo = TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER;
		break;
	case TOY_NUD_REACHABLE:
		WRITE_ONCE(nud->confirmed, now);
		*expires = now + p->reachable;
		todo = TOY_NUD_TIMER;
		break;
	case TOY_NUD_DELAY:
		*expires = now + p->delay;
		todo = TOY_NUD_TIMER;
		break;
	case TOY_NUD_PROBE:
		nud->probes = 1;
		*expires = now + p->retrans;
		todo = TOY_NUD_SOLICIT_UCAST | TOY_NUD_TIMER;
		break;
	case TOY_NUD_FAILED:
		todo = TOY_NUD_GIVE_UP;
		break;
	default:
		break;
	}

	if (!knows_address(old) && knows_address(state))
		todo |= TOY_NUD_FLUSH;
	if (old != state)
		todo |= TOY_NUD_CHANGED;
	/* Senders read it without a lock. */
	WRITE_ONCE(nud->state, state);
	return todo;
}

/* Ask once more, or give up after @limit solicitations. */
static unsigned int ask_again(struct toy_nud *nud,
			      const struct toy_nud_params *p, u8 limit,
			      unsigned int how, unsigned long now,
			      unsigned long *expires)
{
	if (nud->probes >= limit)
		return enter(nud, p, TOY_NUD_FAILED, now, expires);
	nud->probes++;
	*expires = now + p->retrans;
	return how | TOY_NUD_TIMER;
}

/**
 * toy_nud_use() - a packet is about to be sent to the neighbour
 * @nud: its state
 * @p: constants
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_* bits. Whether the packet may go is in the state that is
 * reached: toy_nud_sendable(); INCOMPLETE: it waits; FAILED: it cannot go.
 */
unsigned int toy_nud_use(struct toy_nud *nud, const struct toy_nud_params *p,
			 unsigned long now, unsigned long *expires)
{
	WRITE_ONCE(nud->used, now);

	switch (nud->state) {
	case TOY_NUD_NONE:
	case TOY_NUD_FAILED:
		return enter(nud, p, TOY_NUD_INCOMPLETE, now, expires);
	case TOY_NUD_STALE:			/* RFC 4861 7.3.3 */
		return enter(nud, p, TOY_NUD_DELAY, now, expires);
	default:
		return 0;
	}
}

/**
 * toy_nud_timeout() - the timer has expired
 * @nud: state of the neighbour
 * @p: constants
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_* bits.
 */
unsigned int toy_nud_timeout(struct toy_nud *nud,
			     const struct toy_nud_params *p,
			     unsigned long now, unsigned long *expires)
{
	unsigned long until = nud->confirmed + p->reachable;

	switch (nud->state) {
	case TOY_NUD_INCOMPLETE:
		return ask_again(nud, p, p->mcast_probes,
				 TOY_NUD_SOLICIT_MCAST, now, expires);
	case TOY_NUD_PROBE:
		return ask_again(nud, p, p->ucast_probes,
				 TOY_NUD_SOLICIT_UCAST, now, expires);
	case TOY_NUD_DELAY:
		return enter(nud, p, TOY_NUD_PROBE, now, expires);
	case TOY_NUD_REACHABLE:
		/* Confirmations do not move the timer: they are far more
		 * frequent than it is.
		 */
		if (time_before(now, until)) {
			*expires = until;
			return TOY_NUD_TIMER;
		}
		return enter(nud, p, TOY_NUD_STALE, now, expires);
	default:
		return 0;
	}
}

/**
 * toy_nud_unasked() - the solicitation that was due could not be sent
 * @nud: state of the neighbour
 * @p: constants
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * It does not count, and is due again soon. RFC 4429 3.3.
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_TIMER, or 0 when the state is another one by now.
 */
unsigned int toy_nud_unasked(struct toy_nud *nud,
			     const struct toy_nud_params *p,
			     unsigned long now, unsigned long *expires)
{
	if (!nud->probes || (nud->state != TOY_NUD_INCOMPLETE &&
			     nud->state != TOY_NUD_PROBE))
		return 0;
	nud->probes--;
	*expires = now + p->retrans / 8 + 1;
	return TOY_NUD_TIMER;
}

/**
 * toy_nud_info() - a message of ARP or NDP carries the neighbour's address
 * @nud: state of the neighbour
 * @p: constants
 * @info: TOY_NUD_INFO_*
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * RFC 4861 7.2.5, and 7.2.3 for what is not an answer.
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_* bits. With TOY_NUD_SET_LLADDR the owner stores the
 * message's address before it does anything else.
 */
unsigned int toy_nud_info(struct toy_nud *nud, const struct toy_nud_params *p,
			  unsigned int info, unsigned long now,
			  unsigned long *expires)
{
	enum toy_nud_state proven = info & TOY_NUD_INFO_SOLICITED ?
				    TOY_NUD_REACHABLE : TOY_NUD_STALE;

	if (nud->state == TOY_NUD_PERMANENT)
		return 0;

	/* The first address heard is taken, whatever the override flag. */
	if (!knows_address(nud->state)) {
		WRITE_ONCE(nud->updated, now);
		return enter(nud, p, proven, now, expires) |
		       TOY_NUD_SET_LLADDR;
	}

	if (info & TOY_NUD_INFO_SAME) {
		/* Not asked for, it only shows that the neighbour can send. */
		if (proven != TOY_NUD_REACHABLE)
			return 0;
		return enter(nud, p, TOY_NUD_REACHABLE, now, expires);
	}

	if (info & TOY_NUD_INFO_OVERRIDE) {
		WRITE_ONCE(nud->updated, now);
		return enter(nud, p, proven, now, expires) |
		       TOY_NUD_SET_LLADDR;
	}

	/* RFC 4861 7.2.5 I: another address that may not replace ours makes
	 * ours doubtful, so that the next use probes it.
	 */
	if (nud->state == TOY_NUD_REACHABLE)
		return enter(nud, p, TOY_NUD_STALE, now, expires);
	return 0;
}

/**
 * toy_nud_confirm() - an upper layer has proof that the neighbour hears us
 * @nud: state of the neighbour
 * @p: constants
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * RFC 4861 7.3.1: forward progress, or MSG_CONFIRM. It proves nothing while
 * no address is known.
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_* bits.
 */
unsigned int toy_nud_confirm(struct toy_nud *nud,
			     const struct toy_nud_params *p, unsigned long now,
			     unsigned long *expires)
{
	switch (nud->state) {
	case TOY_NUD_REACHABLE:
		WRITE_ONCE(nud->confirmed, now);
		return 0;
	case TOY_NUD_STALE:
	case TOY_NUD_DELAY:
	case TOY_NUD_PROBE:
		return enter(nud, p, TOY_NUD_REACHABLE, now, expires);
	default:
		return 0;
	}
}

/**
 * toy_nud_set() - an administrator sets the state
 * @nud: state of the neighbour
 * @p: constants
 * @state: new state; the owner has stored an address if it needs one
 * @now: jiffies
 * @expires: set to the time of the timer if TOY_NUD_TIMER is returned
 *
 * Context: any, owner's lock held.
 * Return: TOY_NUD_* bits.
 */
unsigned int toy_nud_set(struct toy_nud *nud, const struct toy_nud_params *p,
			 enum toy_nud_state state, unsigned long now,
			 unsigned long *expires)
{
	WRITE_ONCE(nud->updated, now);
	return enter(nud, p, state, now, expires);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "nud_test.c"
#endif
