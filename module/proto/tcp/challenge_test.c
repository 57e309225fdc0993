// SPDX-License-Identifier: GPL-2.0-only
/* Cases for challenge.c: RFC 5961 7. */
#include <kunit/test.h>

/* How many are allowed in a second. */
static u32 allowed_in(struct toy_challenge *c, u32 second, u32 limit)
{
	u32 n = 0;

	while (n < 5 * limit + 5 && toy_challenge_allowed(c, second, limit))
		n++;
	return n;
}

/* Half of the limit to one and a half, and the limit on average. */
static void limit_of_a_second(struct kunit *test)
{
	struct toy_challenge c;
	u32 sum = 0, least = U32_MAX, most = 0;

	toy_challenge_init(&c);
	for (u32 s = 0; s < 2000; s++) {
		u32 n = allowed_in(&c, s, 100);

		KUNIT_EXPECT_GE(test, n, 50);
		KUNIT_EXPECT_LT(test, n, 150);
		KUNIT_EXPECT_FALSE(test, toy_challenge_allowed(&c, s, 100));
		sum += n;
		least = min(least, n);
		most = max(most, n);
	}
	KUNIT_EXPECT_GT(test, sum, 95 * 2000);
	KUNIT_EXPECT_LT(test, sum, 105 * 2000);
	KUNIT_EXPECT_LT(test, least, 60);
	KUNIT_EXPECT_GT(test, most, 140);
}

static void limits_at_the_ends(struct kunit *test)
{
	struct toy_challenge c;

	toy_challenge_init(&c);
	KUNIT_EXPECT_FALSE(test, toy_challenge_allowed(&c, 0, 0));
	KUNIT_EXPECT_EQ(test, allowed_in(&c, 1, 1), 1);
	for (int i = 0; i < 1000; i++)
		KUNIT_EXPECT_TRUE(test, toy_challenge_allowed(&c, 1, INT_MAX));
	KUNIT_EXPECT_FALSE(test, toy_challenge_allowed(&c, 1, 1));
	for (int i = 0; i < 1000; i++)
		KUNIT_EXPECT_TRUE(test, toy_challenge_allowed(&c, 2 + i, INT_MAX - 1));
}

static void one_connection_waits(struct kunit *test)
{
	static const u32 starts[] = { 1, 1000, -200, 0x7fffffff, 0x80000000 };

	for (int i = 0; i < ARRAY_SIZE(starts); i++) {
		u32 last = 0, t = starts[i];

		KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, t, 500));
		KUNIT_EXPECT_EQ(test, last, t);
		KUNIT_EXPECT_FALSE(test, toy_oow_allowed(&last, t, 500));
		KUNIT_EXPECT_FALSE(test, toy_oow_allowed(&last, t + 499, 500));
		KUNIT_EXPECT_EQ(test, last, t);
		KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, t + 500, 500));
		KUNIT_EXPECT_FALSE(test, toy_oow_allowed(&last, t + 999, 500));
		/* Behind, and so long ago that it looks like ahead. */
		KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, t + 400, 500));
		KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, t + 400 + 0x80000000,
							500));
	}
}

static void no_gap_no_limit(struct kunit *test)
{
	u32 last = 0;

	for (int i = 0; i < 10; i++)
		KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, 7, 0));
	/* Time 0 is not "never". */
	last = 0;
	KUNIT_EXPECT_TRUE(test, toy_oow_allowed(&last, 0, 500));
	KUNIT_EXPECT_FALSE(test, toy_oow_allowed(&last, 2, 500));
}

static struct kunit_case challenge_cases[] = {
	KUNIT_CASE(limit_of_a_second),
	KUNIT_CASE(limits_at_the_ends),
	KUNIT_CASE(one_connection_waits),
	KUNIT_CASE(no_gap_no_limit),
	{}
};

static struct kunit_suite challenge_suite = {
	.name = "toy-tcp-challenge",
	.test_cases = challenge_cases,
};

kunit_test_suite(challenge_suite);
