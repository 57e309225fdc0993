// SPDX-License-Identifier: GPL-2.0-only
/* Cases for rs.c, in seconds times 1000. */
#include <kunit/test.h>

static void backoff(struct kunit *test)
{
	static const u32 rnds[] = { 0, BIT(31), U32_MAX };

	for (int i = 0; i < ARRAY_SIZE(rnds); i++) {
		unsigned long t = toy_rs_next(0, 4000, 3600000, rnds[i]), last;

		KUNIT_EXPECT_GE(test, t, 3600);
		KUNIT_EXPECT_LE(test, t, 4400);
		for (int n = 0; n < 50; n++) {
			last = t;
			t = toy_rs_next(last, 4000, 3600000, rnds[i]);
			KUNIT_EXPECT_LE(test, t, 3960000);
			if (t < 3240000) {
				KUNIT_EXPECT_GE(test, t, 19 * last / 10);
				KUNIT_EXPECT_LE(test, t, 21 * last / 10);
			}
		}
		KUNIT_EXPECT_GE(test, t, 3240000);
	}
}

static struct kunit_case rs_cases[] = {
	KUNIT_CASE(backoff),
	{}
};

static struct kunit_suite rs_suite = {
	.name = "toy-rs",
	.test_cases = rs_cases,
};

kunit_test_suite(rs_suite);
