// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for cwv.c: RFC 7661, RFC 2861 and RFC 5681 4.1. Times are ms, and the
 * clock wraps on the way; so do the sequence numbers, which count segments.
 */
#include <kunit/test.h>

#define T0 (U32_MAX - 500)
#define RTO 300U
#define INITIAL 10U
#define UNA (U32_MAX - 9)	/* ten segments before the wrap */

static struct toy_cwv fresh(void)
{
	struct toy_cwv v;

	toy_cwv_init(&v, UNA, T0);
	return v;
}

/* @flight segments behind @una are out, of @cwnd that might be. */
static void sent(struct toy_cwv *v, u32 una, u32 flight, u32 cwnd, u32 now,
		 bool slow_start)
{
	struct toy_cwv_sent s = {
		.flight = flight, .cwnd = cwnd, .now_ms = now,
		.snd_una = una, .snd_nxt = una + flight,
		.limited = flight >= cwnd, .slow_start = slow_start,
	};

	toy_cwv_sent(v, &s);
}

/* RFC 7661 4.3: a full window may grow, one with room in it not. */
static void full_window_may_grow(struct kunit *test)
{
	struct toy_cwv v = fresh();

	KUNIT_EXPECT_FALSE(test, toy_cwv_limited(&v, 20, false));
	sent(&v, UNA, 20, 20, T0 + 10, false);
	KUNIT_EXPECT_TRUE(test, toy_cwv_limited(&v, 20, false));
	KUNIT_EXPECT_EQ(test, v.used_ms, T0 + 10);

	/* It counts for the round trip, whatever is sent in it. */
	sent(&v, UNA + 5, 15, 20, T0 + 20, false);
	KUNIT_EXPECT_TRUE(test, toy_cwv_limited(&v, 20, false));
	/* And no longer, across the wrap. */
	sent(&v, UNA + 20, 5, 20, T0 + 110, false);
	KUNIT_EXPECT_FALSE(test, toy_cwv_limited(&v, 20, false));
	KUNIT_EXPECT_EQ(test, v.used, 5U);
	KUNIT_EXPECT_EQ(test, v.used_ms, T0 + 20);
}

/* RFC 7661 4.3: in slow start more than half of it is enough. */
static void slow_start_needs_half(struct kunit *test)
{
	struct toy_cwv v = fresh();

	sent(&v, UNA, 10, 20, T0 + 10, true);
	KUNIT_EXPECT_FALSE(test, toy_cwv_limited(&v, 20, true));
	sent(&v, UNA, 11, 20, T0 + 10, true);
	KUNIT_EXPECT_TRUE(test, toy_cwv_limited(&v, 20, true));
	KUNIT_EXPECT_TRUE(test, toy_cwv_limited(&v, 21, true));
	KUNIT_EXPECT_FALSE(test, toy_cwv_limited(&v, 22, true));
	KUNIT_EXPECT_FALSE(test, toy_cwv_limited(&v, 20, false));
}

/* The largest flight of a round trip, not the last. */
static void largest_flight_counts(struct kunit *test)
{
	struct toy_cwv v = fresh();

	sent(&v, UNA, 4, 40, T0, false);
	sent(&v, UNA, 12, 40, T0, false);
	sent(&v, UNA + 10, 3, 40, T0, false);
	KUNIT_EXPECT_EQ(test, v.max_flight, 12U);
	KUNIT_EXPECT_EQ(test, v.used, 12U);
	/* The round is over; what was used in this period stays. */
	sent(&v, UNA + 12, 3, 40, T0, false);
	KUNIT_EXPECT_EQ(test, v.max_flight, 3U);
	KUNIT_EXPECT_EQ(test, v.used, 12U);
}

/* RFC 2861 3.1: half of what was not used, per RTO; ssthresh remembers. */
static void unused_window_decays(struct kunit *test)
{
	struct toy_cwv v = fresh();
	u32 ssthresh = 20;

	sent(&v, UNA, 20, 40, T0 + 10, false);
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 40, &ssthresh, INITIAL,
						  RTO, T0 + RTO - 1), 40U);
	KUNIT_EXPECT_EQ(test, ssthresh, 20U);
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 40, &ssthresh, INITIAL,
						  RTO, T0 + RTO), 30U);
	KUNIT_EXPECT_EQ(test, ssthresh, 30U);

	/* Once per RTO; and a higher threshold stays. */
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 30, &ssthresh, INITIAL,
						  RTO, T0 + RTO + 1), 30U);
	sent(&v, UNA + 20, 2, 30, T0 + RTO + 1, false);
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 30, &ssthresh, INITIAL,
						  RTO, T0 + 2 * RTO), 20U);
	KUNIT_EXPECT_EQ(test, ssthresh, 30U);
}

/* Not below the initial window; what is used in full stays. */
static void decay_stops_at_the_initial_window(struct kunit *test)
{
	struct toy_cwv v = fresh();
	u32 ssthresh = 5, cwnd = 40;

	for (u32 i = 1; i < 20; i++)
		cwnd = toy_cwv_app_limited(&v, cwnd, &ssthresh, INITIAL, RTO,
					   T0 + i * RTO);
	KUNIT_EXPECT_EQ(test, cwnd, INITIAL);
	KUNIT_EXPECT_EQ(test, ssthresh, 30U);

	v.used = 40;
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 40, &ssthresh, INITIAL,
						  RTO, T0 + 20 * RTO), 40U);
	KUNIT_EXPECT_EQ(test, ssthresh, 30U);
	KUNIT_EXPECT_EQ(test, v.used, 0U);
}

/* RFC 5681 4.1, RFC 2861: idle time halves, and the first RTO is free. */
static void idle_window_restarts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(80, INITIAL, 0, RTO), 80U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(80, INITIAL, RTO, RTO), 80U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(80, INITIAL, RTO + 1, RTO), 40U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(80, INITIAL, 2 * RTO + 1, RTO),
			20U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(80, INITIAL, 60000, RTO),
			INITIAL);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(15, INITIAL, RTO + 1, RTO),
			INITIAL);
	/* A window that is smaller does not grow by resting. */
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(4, INITIAL, 60000, RTO), 4U);
}

static void absurd_input_stays_in_range(struct kunit *test)
{
	struct toy_cwv v = fresh();
	u32 ssthresh = U32_MAX;

	sent(&v, 0, U32_MAX, U32_MAX, T0, true);
	KUNIT_EXPECT_TRUE(test, toy_cwv_limited(&v, U32_MAX, true));

	v.used = U32_MAX - 1;
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, U32_MAX, &ssthresh, 0, 0,
						  T0), U32_MAX - 1);
	KUNIT_EXPECT_EQ(test, ssthresh, U32_MAX);
	KUNIT_EXPECT_EQ(test, toy_cwv_app_limited(&v, 0, &ssthresh, 0, 0, T0),
			0U);

	KUNIT_EXPECT_EQ(test, toy_cwv_restart(U32_MAX, 0, U32_MAX, 0), 1U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(0, 0, U32_MAX, 0), 1U);
	KUNIT_EXPECT_EQ(test, toy_cwv_restart(0, U32_MAX, U32_MAX, 0), 1U);
}

#undef T0
#undef RTO
#undef INITIAL
#undef UNA

static struct kunit_case cwv_cases[] = {
	KUNIT_CASE(full_window_may_grow),
	KUNIT_CASE(slow_start_needs_half),
	KUNIT_CASE(largest_flight_counts),
	KUNIT_CASE(unused_window_decays),
	KUNIT_CASE(decay_stops_at_the_initial_window),
	KUNIT_CASE(idle_window_restarts),
	KUNIT_CASE(absurd_input_stays_in_range),
	{}
};

static struct kunit_suite cwv_suite = {
	.name = "toy-tcp-cwv",
	.test_cases = cwv_cases,
};

kunit_test_suite(cwv_suite);
