// SPDX-License-Identifier: GPL-2.0-only
/* Cases for rtt.c, in the order of RFC 6298 sections 2 and 5. */
#include <kunit/test.h>

#define MS 1000U
#define expect_rto_ms(rtt, ms) \
	KUNIT_EXPECT_EQ(test, toy_rtt_rto_us(rtt), (ms) * MS)

static struct toy_rtt fresh(void)
{
	struct toy_rtt rtt;

	toy_rtt_init(&rtt);
	return rtt;
}

/* (2.1) No sample yet: one second. */
static void rto_before_first_sample(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	expect_rto_ms(&rtt, 1000);
	KUNIT_EXPECT_EQ(test, toy_rtt_srtt_us(&rtt), 0U);
	KUNIT_EXPECT_EQ(test, rtt.min_us, U32_MAX);

	/* (5.5) It backs off like any other. */
	toy_rtt_timed_out(&rtt);
	toy_rtt_timed_out(&rtt);
	expect_rto_ms(&rtt, 4000);
}

/* (5.7) The SYN was sent again: three seconds, until there is a sample. */
static void rto_after_a_lost_syn(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	toy_rtt_timed_out(&rtt);
	toy_rtt_unknown(&rtt);
	expect_rto_ms(&rtt, 3000);
	toy_rtt_timed_out(&rtt);
	expect_rto_ms(&rtt, 6000);
	toy_rtt_sample(&rtt, 400 * MS);
	expect_rto_ms(&rtt, 1200);
}

/* (2.2) First sample R: SRTT = R, RTO = R + 4 * R/2. */
static void first_sample_counts_whole(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	toy_rtt_sample(&rtt, 400 * MS);

	KUNIT_EXPECT_EQ(test, toy_rtt_srtt_us(&rtt), 400 * MS);
	expect_rto_ms(&rtt, 1200);
}

/* (2.3) SRTT 400, RTTVAR 200, then R = 800: RTTVAR 250, SRTT 450. */
static void later_sample_moves_an_eighth(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	toy_rtt_sample(&rtt, 400 * MS);
	toy_rtt_sample(&rtt, 800 * MS);

	KUNIT_EXPECT_EQ(test, toy_rtt_srtt_us(&rtt), 450 * MS);
	expect_rto_ms(&rtt, 450 + 4 * 250);

	/* A faster one deviates as well: |450 - 50| / 4 on 3/4 of 250. */
	toy_rtt_sample(&rtt, 50 * MS);
	KUNIT_EXPECT_EQ(test, toy_rtt_srtt_us(&rtt), 400 * MS);
	KUNIT_EXPECT_EQ(test, toy_rtt_rto_us(&rtt), 400 * MS + 4 * 287500);
}

/* (2.4) A steady path ends at SRTT plus the minimum, not below it. */
static void steady_path_keeps_minimum_slack(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	for (int i = 0; i < 200; i++)
		toy_rtt_sample(&rtt, 30 * MS);

	expect_rto_ms(&rtt, 30 + 200);
}

/* (5.5) Doubling, (2.5) the cap, and a sample that ends it. */
static void backoff_doubles_caps_and_ends(struct kunit *test)
{
	struct toy_rtt rtt = fresh();

	for (int i = 0; i < 200; i++)
		toy_rtt_sample(&rtt, 100 * MS);
	toy_rtt_timed_out(&rtt);
	expect_rto_ms(&rtt, 600);
	KUNIT_EXPECT_EQ(test, toy_rtt_base_us(&rtt), 300 * MS);
	for (int i = 0; i < 300; i++)
		toy_rtt_timed_out(&rtt);
	expect_rto_ms(&rtt, 120000);
	/* 300 ms * 2^9 is more than two minutes: no need to count on. */
	KUNIT_EXPECT_EQ(test, (int)rtt.backoffs, 9);

	toy_rtt_sample(&rtt, 100 * MS);
	expect_rto_ms(&rtt, 300);
}

/* The minimum: smaller or as small replaces and renews, larger does not. */
static void minimum_of_the_window(struct kunit *test)
{
	struct toy_rtt rtt = fresh();
	u32 now = U32_MAX - 1000;		/* wraps on the way */

	toy_rtt_sample_min(&rtt, 50 * MS, now, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 50 * MS);
	toy_rtt_sample_min(&rtt, 80 * MS, now + 2000, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 50 * MS);
	toy_rtt_sample_min(&rtt, 40 * MS, now + 3000, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 40 * MS);
	toy_rtt_sample_min(&rtt, 40 * MS, now + 9000, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_stamp, now + 9000);

	/* Good for 10 s to the millisecond, then the next one counts. */
	toy_rtt_sample_min(&rtt, 90 * MS, now + 19000, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 40 * MS);
	toy_rtt_sample_min(&rtt, 90 * MS, now + 19001, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 90 * MS);
	toy_rtt_sample_min(&rtt, 60 * MS, now + 19002, 10000);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 60 * MS);
}

/* Whatever the clock says, the result stays in range. */
static void absurd_samples_stay_in_range(struct kunit *test)
{
	static const u32 samples[] = { 0, 1, U32_MAX, 0, U32_MAX, U32_MAX, 1 };
	struct toy_rtt rtt = fresh();

	for (int i = 0; i < ARRAY_SIZE(samples); i++) {
		toy_rtt_sample(&rtt, samples[i]);
		toy_rtt_sample_min(&rtt, samples[i], i, 0);
		KUNIT_EXPECT_GT(test, toy_rtt_srtt_us(&rtt), 0U);
		KUNIT_EXPECT_GE(test, toy_rtt_rto_us(&rtt), 200 * MS);
		KUNIT_EXPECT_LE(test, toy_rtt_rto_us(&rtt), 120000 * MS);
		KUNIT_EXPECT_GE(test, rtt.min_us, 1U);
		KUNIT_EXPECT_LE(test, rtt.min_us, 120000 * MS);
	}
	rtt.backoffs = U8_MAX;
	expect_rto_ms(&rtt, 120000);

	/* No time at all is the shortest there is. */
	rtt = fresh();
	toy_rtt_sample(&rtt, 0);
	toy_rtt_sample_min(&rtt, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, toy_rtt_srtt_us(&rtt), 1U);
	KUNIT_EXPECT_EQ(test, rtt.min_us, 1U);
}

#undef MS
#undef expect_rto_ms

static struct kunit_case rtt_cases[] = {
	KUNIT_CASE(rto_before_first_sample),
	KUNIT_CASE(rto_after_a_lost_syn),
	KUNIT_CASE(first_sample_counts_whole),
	KUNIT_CASE(later_sample_moves_an_eighth),
	KUNIT_CASE(steady_path_keeps_minimum_slack),
	KUNIT_CASE(backoff_doubles_caps_and_ends),
	KUNIT_CASE(minimum_of_the_window),
	KUNIT_CASE(absurd_samples_stay_in_range),
	{}
};

static struct kunit_suite rtt_suite = {
	.name = "toy-tcp-rtt",
	.test_cases = rtt_cases,
};

kunit_test_suite(rtt_suite);
