// SPDX-License-Identifier: GPL-2.0-only
/* Cases for icmp_limit.c. */
#include <kunit/test.h>

static int taken(struct toy_bucket *b, u32 cost_us, u32 burst, u32 now, int n)
{
	int got = 0;

	while (n--)
		got += toy_bucket_take(b, cost_us, burst, now);
	return got;
}

/* A fresh bucket is full: a burst goes out, and not one more. */
static void starts_full(struct kunit *test)
{
	struct toy_bucket b = {};

	KUNIT_EXPECT_EQ(test, taken(&b, 1000, 50, 5, 200), 50);
}

/* One a millisecond: after 10 ms there are ten. */
static void refills_with_time(struct kunit *test)
{
	struct toy_bucket b = {};

	taken(&b, 1000, 50, 5, 200);
	KUNIT_EXPECT_EQ(test, taken(&b, 1000, 50, 15, 200), 10);
}

/* A long silence saves up a burst, not more. */
static void holds_one_burst(struct kunit *test)
{
	struct toy_bucket b = {};

	taken(&b, 1000, 50, 5, 200);
	KUNIT_EXPECT_EQ(test, taken(&b, 1000, 50, 1000000, 200), 50);
}

/* One a second with a burst of six, as a peer's limit is. */
static void slow_rate(struct kunit *test)
{
	struct toy_bucket b = {};

	KUNIT_EXPECT_EQ(test, taken(&b, 1000000, 6, 7, 10), 6);
	KUNIT_EXPECT_EQ(test, taken(&b, 1000000, 6, 1006, 10), 0);
	KUNIT_EXPECT_EQ(test, taken(&b, 1000000, 6, 1007, 10), 1);
}

static void clock_wraps(struct kunit *test)
{
	struct toy_bucket b = {};

	taken(&b, 1000, 50, U32_MAX - 4, 200);
	KUNIT_EXPECT_EQ(test, taken(&b, 1000, 50, 5, 200), 10);
}

static void no_cost_no_limit(struct kunit *test)
{
	struct toy_bucket b = {};

	KUNIT_EXPECT_EQ(test, taken(&b, 0, 0, 1, 1000), 1000);
}

static void absurd_values_do_not_overflow(struct kunit *test)
{
	struct toy_bucket b = {};

	KUNIT_EXPECT_TRUE(test, toy_bucket_take(&b, U32_MAX, U32_MAX, 1));
	KUNIT_EXPECT_FALSE(test, toy_bucket_take(&b, U32_MAX, U32_MAX, 2));
}

static struct kunit_case icmp_limit_cases[] = {
	KUNIT_CASE(starts_full),
	KUNIT_CASE(refills_with_time),
	KUNIT_CASE(holds_one_burst),
	KUNIT_CASE(slow_rate),
	KUNIT_CASE(clock_wraps),
	KUNIT_CASE(no_cost_no_limit),
	KUNIT_CASE(absurd_values_do_not_overflow),
	{}
};

static struct kunit_suite icmp_limit_suite = {
	.name = "toy-proto-icmp-limit",
	.test_cases = icmp_limit_cases,
};

kunit_test_suite(icmp_limit_suite);
