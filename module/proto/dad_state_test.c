// SPDX-License-Identifier: GPL-2.0-only
/* Cases for dad_state.c, in the order of RFC 4862 5.4 and RFC 7527 4.1. */
#include <kunit/test.h>

/* Every case crosses the wrap of jiffies. */
#define T0 (ULONG_MAX - HZ)

struct dad_run {
	struct toy_dad_state s;
	unsigned long now;
	unsigned long expires;
	unsigned int todo;
};

static void dad_start(struct dad_run *r, u8 transmits, u32 rnd)
{
	r->now = T0;
	r->todo = toy_dad_state_start(&r->s, transmits, HZ, r->now, rnd,
				      &r->expires);
}

static void dad_fire(struct dad_run *r)
{
	r->now = r->expires;
	r->todo = toy_dad_state_timeout(&r->s, r->now, &r->expires);
}

static void one_probe(struct kunit *test)
{
	struct dad_run r;

	dad_start(&r, 1, 0);
	KUNIT_EXPECT_EQ(test, r.todo, TOY_ACD_TIMER);
	KUNIT_EXPECT_EQ(test, r.expires, r.now);
	dad_fire(&r);
	KUNIT_EXPECT_EQ(test, r.todo, TOY_ACD_SEND_PROBE | TOY_ACD_TIMER);
	KUNIT_EXPECT_EQ(test, r.expires - r.now, HZ);
	dad_fire(&r);
	KUNIT_EXPECT_EQ(test, r.todo, TOY_ACD_DONE | TOY_ACD_SEND_ANNOUNCE);
	KUNIT_EXPECT_EQ(test, (int)r.s.phase, TOY_DAD_OWNED);
}

static void as_many_as_asked_for(struct kunit *test)
{
	struct dad_run r;

	for (int n = 0; n < 9; n++) {
		int probes = 0;

		dad_start(&r, n, U32_MAX);
		KUNIT_EXPECT_EQ(test, r.expires - r.now, TOY_DAD_DELAY);
		do {
			dad_fire(&r);
			probes += !!(r.todo & TOY_ACD_SEND_PROBE);
		} while (r.todo & TOY_ACD_TIMER);
		KUNIT_EXPECT_EQ(test, probes, max(n, 1));
	}
}

/* 5.4.3, 5.4.4: at any time before it is ours; never after. */
static void conflicts(struct kunit *test)
{
	struct dad_run r;

	for (int steps = 0; steps < 4; steps++) {
		dad_start(&r, 3, 0);
		for (int i = 0; i < steps; i++)
			dad_fire(&r);
		KUNIT_EXPECT_EQ(test, toy_dad_state_conflict(&r.s),
				TOY_ACD_CONFLICT);
		KUNIT_EXPECT_EQ(test, toy_dad_state_conflict(&r.s), 0);
		dad_fire(&r);
		KUNIT_EXPECT_EQ(test, r.todo, 0);
	}
	dad_start(&r, 1, 0);
	dad_fire(&r);
	dad_fire(&r);
	KUNIT_EXPECT_EQ(test, toy_dad_state_conflict(&r.s), 0);
	KUNIT_EXPECT_EQ(test, (int)r.s.phase, TOY_DAD_OWNED);
}

/* RFC 7527 4.1: three more, for as long as they come back. */
static void loops(struct kunit *test)
{
	struct dad_run r;

	dad_start(&r, 1, 0);
	dad_fire(&r);
	for (int round = 0; round < 5; round++) {
		toy_dad_state_looped(&r.s);
		for (int i = 0; i < TOY_DAD_MULTICAST_SOLICIT; i++) {
			dad_fire(&r);
			KUNIT_EXPECT_EQ(test, r.todo, TOY_ACD_SEND_PROBE |
						      TOY_ACD_TIMER);
		}
	}
	dad_fire(&r);
	KUNIT_EXPECT_EQ(test, r.todo, TOY_ACD_DONE | TOY_ACD_SEND_ANNOUNCE);
}

static struct kunit_case dad_cases[] = {
	KUNIT_CASE(one_probe),
	KUNIT_CASE(as_many_as_asked_for),
	KUNIT_CASE(conflicts),
	KUNIT_CASE(loops),
	{}
};

static struct kunit_suite dad_suite = {
	.name = "toy-dad-state",
	.test_cases = dad_cases,
};

kunit_test_suite(dad_suite);
