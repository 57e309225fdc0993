// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a host reports its groups: IGMP and MLD, all versions.
 *
 * A link has the version that its oldest querier speaks (RFC 3376 7.2.1):
 *
 *	V3 <---- no older querier for robust x interval + 10 s ----.
 *	 |                                                         |
 *	 '---- a query of V2 or V1 is heard ----> V2, V1 ----------'
 *
 * and forgets what it was going to say whenever that changes.
 *
 * A group has two clocks:
 *
 *	changed ---> report now, then robust - 1 times more, each after a random
 *		     time up to 1 s (V3) or 10 s (older)
 *	asked ---> report after a random time up to what the query says
 *
 *	V3	each host answers for itself, all its groups at once when the
 *		query is general (RFC 3376 5.2)
 *	older	one host answers for all: who hears another's report about a
 *		group is silent about it (RFC 2236 3, RFC 2710 4)
 *
 * Every function takes what has happened, `now` and a random number where one
 * is needed. Times are jiffies. MLD's versions are IGMP's, two numbers behind.
 */
#include <linux/kernel.h>

#include "mcast_state.h"

/* Uniform in 0..@range, from 32 random bits. */
static unsigned long spread(u32 rnd, unsigned long range)
{
	return ((u64)rnd * (range + 1)) >> 32;
}

/**
 * toy_mc_link_init() - nobody has asked yet
 * @l: state of the link
 * @robust: robustness variable
 */
void toy_mc_link_init(struct toy_mc_link *l, u8 robust)
{
	*l = (struct toy_mc_link) {
		.version	= TOY_MC_V3,
		.robust		= robust,
		.robust_own	= robust,
		.interval_s	= TOY_MC_QUERY_INTERVAL_S,
	};
}

/**
 * toy_mc_link_tick() - time has passed: are older queriers still about?
 * @l: state of the link
 * @now: jiffies
 *
 * Return: true if the version changes: what was going to be sent is not.
 */
bool toy_mc_link_tick(struct toy_mc_link *l, unsigned long now)
{
	u8 version = TOY_MC_V3;

	for (u8 v = TOY_MC_V2; v >= TOY_MC_V1; v--) {
		if (l->seen[v] && !time_before(now, l->until[v]))
			l->seen[v] = false;
		if (l->seen[v])
			version = v;
	}
	if (version == l->version)
		return false;
	l->version = version;
	l->answer = false;
	return true;
}

/* RFC 3376 4.1.6, 4.1.7, 8.12; RFC 3810 5.1.8, 5.1.9, 9.12. */
static void learn(struct toy_mc_link *l, const struct toy_mc_query *q,
		  unsigned long now)
{
	if (q->version == TOY_MC_V3) {
		l->robust = q->robust ?: l->robust_own;
		l->interval_s = q->interval_s ?: TOY_MC_QUERY_INTERVAL_S;
		return;
	}
	l->seen[q->version] = true;
	l->until[q->version] = now + l->robust * l->interval_s * HZ +
			       msecs_to_jiffies(TOY_MC_RESPONSE_MS);
}

/**
 * toy_mc_link_query() - a query has come
 * @l: state of the link
 * @q: the query
 * @now: jiffies
 * @rnd: 32 random bits
 *
 * Return: TOY_MC_CANCEL and TOY_MC_ASK, in this order. What is cancelled is of
 * the groups: a general query that ends an old querier's time is answered.
 */
unsigned int toy_mc_link_query(struct toy_mc_link *l,
			       const struct toy_mc_query *q, unsigned long now,
			       u32 rnd)
{
	unsigned int todo = 0;
	unsigned long at;

	learn(l, q, now);
	if (toy_mc_link_tick(l, now))
		todo |= TOY_MC_CANCEL;
	if (l->version != TOY_MC_V3 || !toy_addr_any(&q->group))
		return todo | TOY_MC_ASK;

	/* RFC 3376 5.2, rules 1 and 2. */
	at = now + spread(rnd, msecs_to_jiffies(q->max_ms));
	if (!l->answer || time_before(at, l->answer_at))
		l->answer_at = at;
	l->answer = true;
	return todo;
}

/**
 * toy_mc_link_timeout() - is a general query to be answered now?
 * @l: state of the link
 * @now: jiffies
 *
 * Return: true, once, when it is.
 */
bool toy_mc_link_timeout(struct toy_mc_link *l, unsigned long now)
{
	if (!l->answer || time_before(now, l->answer_at))
		return false;
	l->answer = false;
	return true;
}

/**
 * toy_mc_state_asked() - a query is about this group
 * @s: state of the group, of which we are a member
 * @l: state of its link
 * @q: the query
 * @now: jiffies
 * @rnd: 32 random bits
 *
 * Return: TOY_MC_RECORD if the sources that are asked about must be remembered,
 * with TOY_MC_FRESH instead of those of an earlier query; who cannot, clears
 * toy_mc_state.sources and answers for the whole group.
 */
unsigned int toy_mc_state_asked(struct toy_mc_state *s,
				const struct toy_mc_link *l,
				const struct toy_mc_query *q,
				unsigned long now, u32 rnd)
{
	unsigned long max = msecs_to_jiffies(q->max_ms);
	unsigned long at = now + spread(rnd, max);

	if (l->version != TOY_MC_V3) {
		/* RFC 2236 3: a clock that runs out too late is set anew. */
		if (!s->answer || time_after(s->answer_at, now + max))
			s->answer_at = at;
		s->answer = true;
		s->sources = false;
		return 0;
	}

	/* RFC 3376 5.2, rule 1: what is told to all will do. */
	if (l->answer && !time_after(l->answer_at, at))
		return 0;
	if (!s->answer) {				/* rule 3 */
		s->answer = true;
		s->answer_at = at;
		s->sources = q->sources;
		return q->sources ? TOY_MC_RECORD | TOY_MC_FRESH : 0;
	}
	if (time_before(at, s->answer_at))
		s->answer_at = at;
	if (q->sources && s->sources)			/* rule 5 */
		return TOY_MC_RECORD;
	s->sources = false;				/* rule 4 */
	return 0;
}

/**
 * toy_mc_state_changed() - what we want to hear of this group has changed
 * @s: state of the group
 * @l: state of its link
 * @mode: its mode has, which is how a membership begins and ends
 * @now: jiffies
 *
 * RFC 3376 5.1: the change is told at once and, in case that is lost, again.
 */
void toy_mc_state_changed(struct toy_mc_state *s, const struct toy_mc_link *l,
			  bool mode, unsigned long now)
{
	s->changes = l->robust;
	if (mode)
		s->mode_changes = l->robust;
	s->change = true;
	s->change_at = now;
}

/**
 * toy_mc_state_timeout() - what is due for a group?
 * @s: state of the group
 * @l: state of its link
 * @now: jiffies
 * @rnd: 32 random bits
 *
 * Return: TOY_MC_SEND_* bits.
 */
unsigned int toy_mc_state_timeout(struct toy_mc_state *s,
				  const struct toy_mc_link *l,
				  unsigned long now, u32 rnd)
{
	unsigned int todo = 0;

	if (s->answer && !time_before(now, s->answer_at)) {
		s->answer = false;
		todo |= TOY_MC_SEND_ANSWER;
	}
	if (!s->change || time_before(now, s->change_at))
		return todo;

	todo |= TOY_MC_SEND_CHANGE;
	if (s->mode_changes) {
		s->mode_changes--;
		todo |= TOY_MC_SEND_MODE;
	}
	s->changes--;
	s->change = s->changes > 0;
	s->change_at = now + spread(rnd, l->version == TOY_MC_V3 ?
					 TOY_MC_UNSOLICITED_V3 :
					 TOY_MC_UNSOLICITED_OLD);
	return todo;
}

/**
 * toy_mc_state_heard() - another host has reported the group
 * @s: state of the group
 * @l: state of its link
 *
 * RFC 2236 3: one report is enough for the querier. Routers of V3 want to know
 * all members (RFC 3376 A.2).
 */
void toy_mc_state_heard(struct toy_mc_state *s, const struct toy_mc_link *l)
{
	if (l->version == TOY_MC_V3)
		return;
	toy_mc_state_cancel(s);
	s->last = false;
}

/**
 * toy_mc_state_cancel() - nothing is to be sent any more
 * @s: state of the group
 */
void toy_mc_state_cancel(struct toy_mc_state *s)
{
	s->changes = 0;
	s->mode_changes = 0;
	s->change = false;
	s->answer = false;
	s->sources = false;
}

/**
 * toy_mc_state_next() - when is something due?
 * @s: state of the group
 * @at: set to the earliest time, in jiffies
 *
 * Return: false if nothing is.
 */
bool toy_mc_state_next(const struct toy_mc_state *s, unsigned long *at)
{
	if (s->change && s->answer)
		*at = time_before(s->change_at, s->answer_at) ? s->change_at :
								s->answer_at;
	else if (s->change)
		*at = s->change_at;
	else
		*at = s->answer_at;
	return s->change || s->answer;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "mcast_state_test.c"
#endif
