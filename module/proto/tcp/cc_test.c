// SPDX-License-Identifier: GPL-2.0-only
/* Cases for cc.c: the registry, and RFC 5681 3.1's arithmetic. */
#include <kunit/test.h>

static void some_init(struct toy_cc *cc)
{
}

static u32 some_ssthresh(struct toy_cc *cc, u64 now_us)
{
	return 2;
}

static struct toy_cc_ops named(const char *name)
{
	struct toy_cc_ops ops = {
		.init = some_init, .ssthresh = some_ssthresh,
	};

	strscpy(ops.name, name, sizeof(ops.name));
	return ops;
}

static void built_in_ones_are_there(struct kunit *test)
{
	const struct toy_cc_ops *reno = toy_cc_get("reno");
	const struct toy_cc_ops *cubic = toy_cc_get("cubic");
	char buf[64];

	KUNIT_EXPECT_PTR_EQ(test, reno, &toy_cc_reno);
	KUNIT_EXPECT_PTR_EQ(test, cubic, &toy_cc_cubic);
	KUNIT_EXPECT_NULL(test, toy_cc_get("Reno"));
	KUNIT_EXPECT_NULL(test, toy_cc_get(""));
	if (reno) {
		KUNIT_EXPECT_TRUE(test, toy_cc_hold(reno));
		toy_cc_put(reno);
		toy_cc_put(reno);
	}
	if (cubic)
		toy_cc_put(cubic);
	toy_cc_names(buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, strncmp(buf, "reno cubic", 10), 0);
}

static void registered_until_taken_out(struct kunit *test)
{
	struct toy_cc_ops ops = named("kunit"), same = named("kunit");
	char buf[64];

	KUNIT_ASSERT_EQ(test, toy_cc_register(&ops), 0);
	KUNIT_EXPECT_EQ(test, toy_cc_register(&same), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, toy_cc_get("kunit"),
			    (const struct toy_cc_ops *)&ops);
	toy_cc_put(&ops);
	toy_cc_names(buf, sizeof(buf));
	KUNIT_EXPECT_NOT_NULL(test, strstr(buf, " kunit"));

	toy_cc_unregister(&ops);
	KUNIT_EXPECT_NULL(test, toy_cc_get("kunit"));
	toy_cc_names(buf, sizeof(buf));
	KUNIT_EXPECT_NULL(test, strstr(buf, "kunit"));
}

/* Whoever holds one holds its module. */
static void owner_is_held(struct kunit *test)
{
	struct toy_cc_ops ops = named("kunit");
	unsigned int before = module_refcount(THIS_MODULE);

	ops.owner = THIS_MODULE;
	KUNIT_ASSERT_EQ(test, toy_cc_register(&ops), 0);
	KUNIT_EXPECT_NOT_NULL(test, toy_cc_get("kunit"));
	KUNIT_EXPECT_TRUE(test, toy_cc_hold(&ops));
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 2);
	toy_cc_put(&ops);
	toy_cc_put(&ops);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
	toy_cc_unregister(&ops);
}

static void improper_ones_are_refused(struct kunit *test)
{
	static const char * const bad[] = { "", "a b", "a,b", "a\n" };
	struct toy_cc_ops ops;

	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		ops = named(bad[i]);
		KUNIT_EXPECT_EQ(test, toy_cc_register(&ops), -EINVAL);
	}
	/* No end. */
	ops = named("x");
	memset(ops.name, 'x', sizeof(ops.name));
	KUNIT_EXPECT_EQ(test, toy_cc_register(&ops), -EINVAL);
	ops = named("kunit");
	ops.init = NULL;
	KUNIT_EXPECT_EQ(test, toy_cc_register(&ops), -EINVAL);
	ops = named("kunit");
	ops.ssthresh = NULL;
	KUNIT_EXPECT_EQ(test, toy_cc_register(&ops), -EINVAL);
}

/* A name that does not fit is left out, not cut. */
static void names_fit_whole(struct kunit *test)
{
	char buf[16];

	memset(buf, '#', sizeof(buf));
	toy_cc_names(buf, 11);
	KUNIT_EXPECT_STREQ(test, buf, "reno cubic");
	toy_cc_names(buf, 10);
	KUNIT_EXPECT_STREQ(test, buf, "reno");
	toy_cc_names(buf, 5);
	KUNIT_EXPECT_STREQ(test, buf, "reno");
	toy_cc_names(buf, 4);
	KUNIT_EXPECT_STREQ(test, buf, "");
	toy_cc_names(buf, 1);
	KUNIT_EXPECT_STREQ(test, buf, "");
	KUNIT_EXPECT_EQ(test, buf[11], '#');
}

static void slow_start_ends_at_ssthresh(struct kunit *test)
{
	struct toy_cc cc = { .cwnd = 10, .ssthresh = 16, .cwnd_clamp = 100 };

	KUNIT_EXPECT_EQ(test, toy_cc_slow_start(&cc, 4), 0);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 14);
	KUNIT_EXPECT_EQ(test, toy_cc_slow_start(&cc, 5), 3);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 16);
	KUNIT_EXPECT_EQ(test, toy_cc_slow_start(&cc, 5), 5);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 16);
}

static void additive_counts_to_w(struct kunit *test)
{
	struct toy_cc cc = { .cwnd = 10, .cwnd_clamp = 100 };

	toy_cc_additive(&cc, 10, 9);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 10);
	toy_cc_additive(&cc, 10, 1);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 11);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0);
	/* One acknowledgment for many segments. */
	toy_cc_additive(&cc, 10, 25);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 13);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 5);
}

/* What was saved at one segment per 1000 is no burst at one per 2. */
static void additive_credit_is_one_segment(struct kunit *test)
{
	struct toy_cc cc = { .cwnd = 10, .cwnd_cnt = 999, .cwnd_clamp = 100 };

	toy_cc_additive(&cc, 2, 1);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 11);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 1);
}

static void clamp_bounds_growth(struct kunit *test)
{
	struct toy_cc cc = { .cwnd = 10, .ssthresh = 1000, .cwnd_clamp = 12 };

	toy_cc_slow_start(&cc, 500);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 12);
	toy_cc_additive(&cc, 1, 500);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 12);
	cc.cwnd_clamp = 5;
	toy_cc_grow(&cc, 0);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 5);
}

static void absurd_arithmetic_stays_in_range(struct kunit *test)
{
	static const u32 odd[] = { 0, 1, 2, 1U << 30, 1U << 31, U32_MAX };

	for (int i = 0; i < 216; i++) {
		struct toy_cc cc = {
			.cwnd = clamp(odd[i % 6], 1U, TOY_CC_CWND_MAX),
			.cwnd_cnt = odd[i / 6 % 6],
			.ssthresh = odd[i / 36],
			.cwnd_clamp = odd[i / 6 % 6],
		};

		for (int j = 0; j < 36; j++) {
			toy_cc_slow_start(&cc, odd[j % 6]);
			toy_cc_additive(&cc, odd[j / 6], odd[j % 6]);
			KUNIT_EXPECT_GE(test, cc.cwnd, 1);
			KUNIT_EXPECT_LE(test, cc.cwnd, TOY_CC_CWND_MAX);
			KUNIT_EXPECT_LE(test, cc.cwnd, max(cc.cwnd_clamp, 1U));
		}
	}
}

static struct kunit_case cc_cases[] = {
	KUNIT_CASE(built_in_ones_are_there),
	KUNIT_CASE(registered_until_taken_out),
	KUNIT_CASE(owner_is_held),
	KUNIT_CASE(improper_ones_are_refused),
	KUNIT_CASE(names_fit_whole),
	KUNIT_CASE(slow_start_ends_at_ssthresh),
	KUNIT_CASE(additive_counts_to_w),
	KUNIT_CASE(additive_credit_is_one_segment),
	KUNIT_CASE(clamp_bounds_growth),
	KUNIT_CASE(absurd_arithmetic_stays_in_range),
	{}
};

static struct kunit_suite cc_suite = {
	.name = "toy-tcp-cc",
	.test_cases = cc_cases,
};

kunit_test_suite(cc_suite);
