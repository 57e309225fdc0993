// SPDX-License-Identifier: GPL-2.0-only
/* Cases for slaac.c: RFC 4862 5.5.3 e), the rule of two hours. */
#include <kunit/test.h>

static void two_hours(struct kunit *test)
{
	static const struct {
		u32 received;
		u32 left;
		u32 want;
	} rows[] = {
		/* 1) more than two hours, or more than is left */
		{ 7201, 100000, 7201 },
		{ 86400, 10, 86400 },
		{ 20, 10, 20 },
		{ TOY_ADDR_FOREVER, 10, TOY_ADDR_FOREVER },
		{ TOY_ADDR_FOREVER, TOY_ADDR_FOREVER, TOY_ADDR_FOREVER },
		{ 86400, TOY_ADDR_FOREVER, 86400 },
		/* 2) two hours or less are left: ignored */
		{ 0, 7200, 7200 },
		{ 100, 7000, 7000 },
		{ 7000, 7000, 7000 },
		{ 0, 1, 1 },
		/* 3) else two hours */
		{ 0, 7201, 7200 },
		{ 0, TOY_ADDR_FOREVER, 7200 },
		{ 7200, 100000, 7200 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, toy_slaac_valid(rows[i].received,
							  rows[i].left),
				    rows[i].want, "row %d", i);
}

static struct kunit_case slaac_cases[] = {
	KUNIT_CASE(two_hours),
	{}
};

static struct kunit_suite slaac_suite = {
	.name = "toy-slaac",
	.test_cases = slaac_cases,
};

kunit_test_suite(slaac_suite);
