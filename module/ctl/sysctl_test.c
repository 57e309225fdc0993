// SPDX-License-Identifier: GPL-2.0-only
/* Cases for sysctl.c: the rows make sense, and pairs are checked. */
#include <kunit/test.h>

/* A knob may be set to what it starts with. */
static void initial_values_are_allowed(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(toy_knobs); i++) {
		const struct toy_knob *k = &toy_knobs[i];

		if (k->handler != proc_dointvec_minmax)
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, k->maxlen == sizeof(int) ||
				      k->maxlen == sizeof(k->initial), "%s",
				      k->name);
		for (int j = 0; j < k->maxlen / (int)sizeof(int); j++) {
			KUNIT_EXPECT_LE_MSG(test, k->min, k->initial[j], "%s",
					    k->name);
			KUNIT_EXPECT_LE_MSG(test, k->initial[j], k->max, "%s",
					    k->name);
		}
	}
}

/* No two rows write the same memory. */
static void rows_do_not_overlap(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(toy_knobs); i++)
		for (int j = 0; j < i; j++) {
			if (!toy_knob_is_elsewhere(&toy_knobs[i]) &&
			    !toy_knob_is_elsewhere(&toy_knobs[j]))
				KUNIT_EXPECT_NE(test, toy_knobs[i].offset,
						toy_knobs[j].offset);
			KUNIT_EXPECT_STRNEQ(test, toy_knobs[i].name,
					    toy_knobs[j].name);
		}
}

static void port_range_is_ordered_and_unprivileged(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, toy_port_range_ok(32768, 60999, 1024));
	KUNIT_EXPECT_TRUE(test, toy_port_range_ok(5000, 5000, 1024));
	KUNIT_EXPECT_TRUE(test, toy_port_range_ok(1024, 65535, 1024));
	KUNIT_EXPECT_TRUE(test, toy_port_range_ok(1, 65535, 0));
	KUNIT_EXPECT_FALSE(test, toy_port_range_ok(5001, 5000, 1024));
	KUNIT_EXPECT_FALSE(test, toy_port_range_ok(1023, 5000, 1024));
}

static void expect_gids(struct kunit *test, unsigned long a, unsigned long b,
			int low, int high)
{
	unsigned long gids[2] = { a, b };
	int range[2] = { -1, -1 };

	KUNIT_EXPECT_EQ(test, toy_gid_range(&init_user_ns, gids, range), 0);
	KUNIT_EXPECT_EQ(test, range[0], low);
	KUNIT_EXPECT_EQ(test, range[1], high);
}

static void gid_range_in_order_is_kept(struct kunit *test)
{
	expect_gids(test, 0, INT_MAX, 0, INT_MAX);
	expect_gids(test, 100, 100, 100, 100);
}

static void gid_range_out_of_order_is_nobody(struct kunit *test)
{
	expect_gids(test, 1, 0, 1, 0);
	expect_gids(test, 5000, 4999, 1, 0);
}

/* (gid_t)-1 is no group in any namespace. */
static void gid_that_means_nothing_is_refused(struct kunit *test)
{
	unsigned long gids[2] = { 0, (gid_t)-1 };
	int range[2];

	KUNIT_EXPECT_EQ(test, toy_gid_range(&init_user_ns, gids, range),
			-EINVAL);
}

static struct kunit_case sysctl_cases[] = {
	KUNIT_CASE(initial_values_are_allowed),
	KUNIT_CASE(rows_do_not_overlap),
	KUNIT_CASE(port_range_is_ordered_and_unprivileged),
	KUNIT_CASE(gid_range_in_order_is_kept),
	KUNIT_CASE(gid_range_out_of_order_is_nobody),
	KUNIT_CASE(gid_that_means_nothing_is_refused),
	{}
};

static struct kunit_suite sysctl_suite = {
	.name = "toy-ctl-sysctl",
	.test_cases = sysctl_cases,
};

kunit_test_suite(sysctl_suite);
