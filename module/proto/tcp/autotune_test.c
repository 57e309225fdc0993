// SPDX-License-Identifier: GPL-2.0-only
/* Cases for autotune.c: dynamic right-sizing, in small traces. */
#include <kunit/test.h>
#include <linux/prandom.h>

#define MS	1000U
#define MSS	1000U
#define T0	(-50U * MS)	/* the clock wraps soon */
#define S0	(-20000U)	/* and so do sequence numbers */

static u32 rtt_us(const struct toy_autotune *a)
{
	return a->rtt_us_x8 >> 3;
}

/* By window: the time from RCV.NXT to the edge, and the least of them. */
static void round_trip_by_window(struct kunit *test)
{
	struct toy_autotune a = {};

	toy_autotune_rcv(&a, S0, 10000, T0);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 0);
	toy_autotune_rcv(&a, S0 + 9999, 10000, T0 + 90 * MS);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 0);
	toy_autotune_rcv(&a, S0 + 10000, 20000, T0 + 100 * MS);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 100 * MS);
	/* A longer one says nothing, a shorter one all. */
	toy_autotune_rcv(&a, S0 + 30000, 20000, T0 + 900 * MS);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 100 * MS);
	toy_autotune_rcv(&a, S0 + 51000, 20000, T0 + 920 * MS);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 20 * MS);
	/* At once is one microsecond. */
	toy_autotune_rcv(&a, S0 + 71000, 20000, T0 + 920 * MS);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 1);
}

/* By timestamps: down at once, up by eighths. */
static void round_trip_by_timestamps(struct kunit *test)
{
	struct toy_autotune a = {};

	toy_autotune_rtt(&a, 0, false);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 0);
	toy_autotune_rtt(&a, 80 * MS, false);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 80 * MS);
	toy_autotune_rtt(&a, 160 * MS, false);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 90 * MS);
	toy_autotune_rtt(&a, 160 * MS, true);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 90 * MS);
	toy_autotune_rtt(&a, 10 * MS, true);
	KUNIT_EXPECT_EQ(test, rtt_us(&a), 10 * MS);
	for (int i = 0; i < 200; i++)
		toy_autotune_rtt(&a, U32_MAX, false);
	KUNIT_EXPECT_LE(test, rtt_us(&a), RTT_MAX_US);
	KUNIT_EXPECT_GT(test, rtt_us(&a), RTT_MAX_US / 2);
}

/* Nothing is known without a round trip, nothing is done within one. */
static void one_look_in_a_round_trip(struct kunit *test)
{
	struct toy_autotune a = {};

	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, S0, 0, MSS, T0), 0);
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, S0 + 50000, 0, MSS,
						T0 + 500 * MS), 0);
	toy_autotune_rtt(&a, 1000 * MS, false);
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, S0 + 50000, 0, MSS,
						T0 + 999 * MS), 0);
	KUNIT_EXPECT_NE(test, toy_autotune_read(&a, S0 + 50000, 0, MSS,
						T0 + 1000 * MS), 0);
}

/* 10 segments are what any sender begins with; then it doubles. */
static void slow_start_is_kept_ahead_of(struct kunit *test)
{
	struct toy_autotune a = {};
	u32 seq = S0, now = T0, sent = 10 * MSS;

	toy_autotune_rtt(&a, 100 * MS, false);
	toy_autotune_read(&a, seq, 0, MSS, now);
	now += 100 * MS;
	seq += sent;
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, seq, 0, MSS, now), 0);

	for (int round = 0; round < 10; round++) {
		u32 size;

		sent *= 2;
		seq += sent;
		now += 100 * MS;
		size = toy_autotune_read(&a, seq, 0, MSS, now);
		/* (2 B + 16 MSS) (1 + 2 (2 - 1)) */
		KUNIT_EXPECT_EQ(test, size, 3 * (2 * sent + 16 * MSS));
		/* Room for the next round, and for its repair. */
		KUNIT_EXPECT_GE(test, size, 4 * sent);
	}

	/* A steady sender: nothing more. */
	for (int round = 0; round < 5; round++) {
		seq += sent;
		now += 100 * MS;
		KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, seq, 0, MSS, now), 0);
	}
}

/* What waits to be read is no reason for a larger buffer. */
static void slow_programs_get_no_more(struct kunit *test)
{
	struct toy_autotune a = {};

	toy_autotune_rtt(&a, 100 * MS, false);
	toy_autotune_read(&a, S0, 0, MSS, T0);
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, S0 + 50000, 40000, MSS,
						T0 + 100 * MS), 0);
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, S0 + 60000, 50000, MSS,
						T0 + 200 * MS), 0);
	KUNIT_EXPECT_EQ(test, a.space, 10 * MSS);
}

static void absurd_values_stay_in_range(struct kunit *test)
{
	struct toy_autotune a = {};
	struct rnd_state rnd;

	toy_autotune_rtt(&a, 1, false);
	toy_autotune_read(&a, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, INT_MAX, 0, U32_MAX, 2), U32_MAX);
	a.space = 0;
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, -2, 0, U32_MAX, 9), U32_MAX);
	/* Backwards is nothing. */
	KUNIT_EXPECT_EQ(test, toy_autotune_read(&a, -3, 0, U32_MAX, 99), 0);

	/* Never less than twice what was read; space only grows. */
	prandom_seed_state(&rnd, 2001);
	a = (struct toy_autotune){};
	for (int i = 0; i < 100000; i++) {
		u32 r = prandom_u32_state(&rnd), before_it = a.space, size;

		if (r & 1)
			toy_autotune_rcv(&a, r, r >> 3, r >> 1);
		if (r & 2)
			toy_autotune_rtt(&a, r >> (r % 32), r & 4);
		size = toy_autotune_read(&a, prandom_u32_state(&rnd) >> (r % 32),
					 r >> 16, r, prandom_u32_state(&rnd));
		if (i)
			KUNIT_EXPECT_GE(test, a.space, before_it);
		if (size)
			KUNIT_EXPECT_GE(test, size, min(2ULL * a.space,
							(u64)U32_MAX));
	}
}

static struct kunit_case autotune_cases[] = {
	KUNIT_CASE(round_trip_by_window),
	KUNIT_CASE(round_trip_by_timestamps),
	KUNIT_CASE(one_look_in_a_round_trip),
	KUNIT_CASE(slow_start_is_kept_ahead_of),
	KUNIT_CASE(slow_programs_get_no_more),
	KUNIT_CASE(absurd_values_stay_in_range),
	{}
};

static struct kunit_suite autotune_suite = {
	.name = "toy-tcp-autotune",
	.test_cases = autotune_cases,
};

kunit_test_suite(autotune_suite);
