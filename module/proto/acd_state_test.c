// SPDX-License-Identifier: GPL-2.0-only
/* Cases for acd_state.c, in the order of RFC 5227 section 2. */
#include <kunit/test.h>

/* Every case crosses the wrap of jiffies. */
#define T0 (ULONG_MAX - HZ)
#define RND_MIN 0U
#define RND_MAX U32_MAX

struct acd_run {
	struct toy_acd_state s;
	unsigned long now;
	unsigned long expires;
	unsigned int todo;
};

static void start(struct acd_run *r, bool optimistic, unsigned int conflicts,
		  u32 rnd)
{
	r->now = T0;
	r->todo = toy_acd_state_start(&r->s, optimistic, conflicts, r->now,
				      rnd, &r->expires);
}

/* The timer fires when it is due. */
static void fire(struct acd_run *r, u32 rnd)
{
	r->now = r->expires;
	r->todo = toy_acd_state_timeout(&r->s, r->now, rnd, &r->expires);
}

static void conflict(struct acd_run *r, bool probe, unsigned long later)
{
	r->now += later;
	r->todo = toy_acd_state_conflict(&r->s, probe, r->now);
}

/* Past the probes and both announcements. */
static void own(struct acd_run *r)
{
	start(r, false, 0, RND_MIN);
	for (int i = 0; i < 5; i++)
		fire(r, RND_MIN);
}

static void check_after(struct kunit *test, const struct acd_run *r,
			unsigned long time)
{
	KUNIT_EXPECT_EQ(test, r->expires - r->now, time);
}

#define expect_todo(r, bits) \
	KUNIT_EXPECT_EQ(test, (r)->todo, (unsigned int)(bits))
#define expect_after(r, time) check_after(test, r, time)
#define expect_phase(r, p) \
	KUNIT_EXPECT_EQ(test, (int)(r)->s.phase, (int)TOY_ACD_##p)

/* 2.1.1: a random wait, three probes 1 to 2 s apart; 2.3: two announcements
 * 2 s apart, the first 2 s after the last probe.
 */
static void probes_then_announces(struct kunit *test)
{
	struct acd_run r;

	start(&r, false, 0, RND_MAX);
	expect_todo(&r, TOY_ACD_TIMER);
	expect_after(&r, HZ);
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_SEND_PROBE | TOY_ACD_TIMER);
	expect_after(&r, HZ);
	fire(&r, RND_MAX);
	expect_todo(&r, TOY_ACD_SEND_PROBE | TOY_ACD_TIMER);
	expect_after(&r, 2 * HZ);
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_SEND_PROBE | TOY_ACD_TIMER);
	expect_after(&r, 2 * HZ);
	expect_phase(&r, SETTLE);
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_DONE | TOY_ACD_SEND_ANNOUNCE | TOY_ACD_TIMER);
	expect_after(&r, 2 * HZ);
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE);
	expect_phase(&r, OWNED);
	fire(&r, RND_MIN);
	expect_todo(&r, 0);
}

/* 2.1.1: the wait before the first probe spans 0 to PROBE_WAIT. */
static void first_probe_is_spread(struct kunit *test)
{
	struct acd_run r;

	start(&r, false, 0, RND_MIN);
	expect_after(&r, 0);
	start(&r, false, 0, U32_MAX / 2);
	KUNIT_EXPECT_LE(test, r.expires - r.now - HZ / 2, 1UL);
	start(&r, false, 9, RND_MAX);
	expect_after(&r, HZ);
}

/* 2.1.1: an answer, or any packet from that address, in each phase until
 * ANNOUNCE_WAIT is over.
 */
static void conflict_while_probing_loses(struct kunit *test)
{
	for (int fired = 0; fired <= 3; fired++) {
		struct acd_run r;

		start(&r, false, 0, RND_MIN);
		for (int i = 0; i < fired; i++)
			fire(&r, RND_MIN);
		conflict(&r, false, HZ / 10);
		expect_todo(&r, TOY_ACD_CONFLICT);
		expect_phase(&r, LOST);
		/* Once is enough, and the timer has nothing to do. */
		conflict(&r, false, HZ);
		expect_todo(&r, 0);
		fire(&r, RND_MIN);
		expect_todo(&r, 0);
	}
}

/* 2.1.1: two hosts that probe for one address at the same time. */
static void simultaneous_probes_collide(struct kunit *test)
{
	struct acd_run a, b;

	start(&a, false, 0, RND_MIN);
	start(&b, false, 0, RND_MAX);
	fire(&a, RND_MIN);
	KUNIT_ASSERT_TRUE(test, a.todo & TOY_ACD_SEND_PROBE);
	conflict(&b, true, 0);
	expect_todo(&b, TOY_ACD_CONFLICT);
	/* b is silent now, so a gets the address. */
	for (int i = 0; i < 3; i++)
		fire(&a, RND_MIN);
	KUNIT_EXPECT_TRUE(test, a.todo & TOY_ACD_DONE);
}

/* 2.1.1: after MAX_CONFLICTS, one attempt per RATE_LIMIT_INTERVAL, and no
 * announcement before it.
 */
static void many_conflicts_slow_down(struct kunit *test)
{
	struct acd_run r;

	start(&r, false, 10, RND_MIN);
	expect_todo(&r, TOY_ACD_TIMER);
	expect_after(&r, 60 * HZ);
	start(&r, true, 10, RND_MIN);
	expect_todo(&r, TOY_ACD_TIMER);
}

/* Optimistic: announced at once, then the same probes and announcements. */
static void optimistic_announces_first(struct kunit *test)
{
	struct acd_run r;

	start(&r, true, 0, RND_MAX);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE | TOY_ACD_TIMER);
	for (int i = 0; i < 3; i++) {
		fire(&r, RND_MIN);
		expect_todo(&r, TOY_ACD_SEND_PROBE | TOY_ACD_TIMER);
	}
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_DONE | TOY_ACD_SEND_ANNOUNCE | TOY_ACD_TIMER);
}

/* Optimistic: somebody's use takes it away, somebody's probe does not. */
static void optimistic_yields_to_use_only(struct kunit *test)
{
	struct acd_run r;

	start(&r, true, 0, RND_MAX);
	conflict(&r, true, 0);
	expect_todo(&r, 0);
	fire(&r, RND_MIN);
	conflict(&r, true, 0);
	expect_todo(&r, 0);
	conflict(&r, false, 0);
	expect_todo(&r, TOY_ACD_CONFLICT);
}

/* 2.4 (c): one announcement per DEFEND_INTERVAL, and never give up. */
static void owner_defends_without_a_storm(struct kunit *test)
{
	struct acd_run r;

	own(&r);
	conflict(&r, false, HZ);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE | TOY_ACD_DEFENDED);
	conflict(&r, false, 1);
	expect_todo(&r, 0);
	conflict(&r, false, 10 * HZ - 2);
	expect_todo(&r, 0);
	conflict(&r, false, 1);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE | TOY_ACD_DEFENDED);
	expect_phase(&r, OWNED);
}

/* 2.4: a probe for what is ours is answered (arp.c), it is no conflict. */
static void owner_ignores_probes(struct kunit *test)
{
	struct acd_run r;

	own(&r);
	conflict(&r, true, HZ);
	expect_todo(&r, 0);
	conflict(&r, false, HZ);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE | TOY_ACD_DEFENDED);
}

/* 2.3: the link came back, or the MAC changed. */
static void announces_again(struct kunit *test)
{
	struct acd_run r;

	own(&r);
	r.todo = toy_acd_state_announce(&r.s, r.now, &r.expires);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE | TOY_ACD_TIMER);
	expect_after(&r, 2 * HZ);
	fire(&r, RND_MIN);
	expect_todo(&r, TOY_ACD_SEND_ANNOUNCE);
	expect_phase(&r, OWNED);

	start(&r, false, 0, RND_MIN);
	r.todo = toy_acd_state_announce(&r.s, r.now, &r.expires);
	expect_todo(&r, 0);
	expect_phase(&r, WAIT);
}

#undef T0
#undef expect_todo
#undef expect_after
#undef expect_phase

static struct kunit_case acd_cases[] = {
	KUNIT_CASE(probes_then_announces),
	KUNIT_CASE(first_probe_is_spread),
	KUNIT_CASE(conflict_while_probing_loses),
	KUNIT_CASE(simultaneous_probes_collide),
	KUNIT_CASE(many_conflicts_slow_down),
	KUNIT_CASE(optimistic_announces_first),
	KUNIT_CASE(optimistic_yields_to_use_only),
	KUNIT_CASE(owner_defends_without_a_storm),
	KUNIT_CASE(owner_ignores_probes),
	KUNIT_CASE(announces_again),
	{}
};

static struct kunit_suite acd_suite = {
	.name = "toy-proto-acd-state",
	.test_cases = acd_cases,
};

kunit_test_suite(acd_suite);
