// SPDX-License-Identifier: GPL-2.0-only
/* Cases for mcmsg.c: floating-point times, and records of reports. */
#include <kunit/test.h>
#include <linux/skbuff.h>

static void times(struct kunit *test)
{
	/* RFC 3376 4.1.1: (mant | 0x10) << (exp + 3) */
	KUNIT_EXPECT_EQ(test, toy_mc_float8(0), 0);
	KUNIT_EXPECT_EQ(test, toy_mc_float8(127), 127);
	KUNIT_EXPECT_EQ(test, toy_mc_float8(0x80), 128);
	KUNIT_EXPECT_EQ(test, toy_mc_float8(0x8f), 248);
	KUNIT_EXPECT_EQ(test, toy_mc_float8(0xff), 31744);
	/* RFC 3810 5.1.3: (mant | 0x1000) << (exp + 3) */
	KUNIT_EXPECT_EQ(test, toy_mc_float16(0x7fff), 32767);
	KUNIT_EXPECT_EQ(test, toy_mc_float16(0x8000), 32768);
	KUNIT_EXPECT_EQ(test, toy_mc_float16(0xffff), 8387584);
}

static void both_sizes(struct kunit *test)
{
	static const u8 v4[] = {
		0, 0, 0, 0, 0, 0, 0, 2,
		4, 0, 0, 0, 239, 1, 2, 3,
		5, 0, 0, 2, 239, 1, 2, 4, 10, 0, 0, 1, 10, 0, 0, 2,
	};
	struct in6_addr g1 = toy_v4(htonl(0xef010203));
	struct in6_addr g2 = toy_v4(htonl(0xef010204));
	struct in6_addr s1 = toy_v4(htonl(0x0a000001));
	struct in6_addr s2 = toy_v4(htonl(0x0a000002));
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	struct toy_mcrec w;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	toy_mcrec_start(&w, skb, 256, false);
	KUNIT_EXPECT_TRUE(test, toy_mcrec_group(&w, TOY_MCREC_TO_EX, &g1));
	KUNIT_EXPECT_TRUE(test, toy_mcrec_group(&w, TOY_MCREC_ALLOW, &g2));
	KUNIT_EXPECT_TRUE(test, toy_mcrec_source(&w, &s1));
	KUNIT_EXPECT_TRUE(test, toy_mcrec_source(&w, &s2));
	KUNIT_EXPECT_EQ(test, skb->len, sizeof(v4));
	KUNIT_EXPECT_EQ(test, memcmp(skb->data, v4, sizeof(v4)), 0);

	skb_trim(skb, 0);
	toy_mcrec_start(&w, skb, 256, true);
	KUNIT_EXPECT_TRUE(test, toy_mcrec_group(&w, TOY_MCREC_TO_EX, &g1));
	KUNIT_EXPECT_TRUE(test, toy_mcrec_source(&w, &s1));
	KUNIT_EXPECT_EQ(test, skb->len, 8 + 20 + 16);
	KUNIT_EXPECT_EQ(test, skb->data[8 + 3], 1);
	KUNIT_EXPECT_EQ(test, memcmp(skb->data + 12, &g1, 16), 0);
	kfree_skb(skb);
}

/* What does not fit is refused, and leaves no trace. */
static void full(struct kunit *test)
{
	struct in6_addr g = toy_v4(htonl(0xef010203));
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	struct toy_mcrec w;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	toy_mcrec_start(&w, skb, 8 + 8 + 4, false);
	KUNIT_EXPECT_TRUE(test, toy_mcrec_group(&w, TOY_MCREC_IS_IN, &g));
	KUNIT_EXPECT_TRUE(test, toy_mcrec_source(&w, &g));
	KUNIT_EXPECT_FALSE(test, toy_mcrec_source(&w, &g));
	KUNIT_EXPECT_FALSE(test, toy_mcrec_group(&w, TOY_MCREC_IS_IN, &g));
	KUNIT_EXPECT_EQ(test, skb->len, 20);
	KUNIT_EXPECT_EQ(test, skb->data[7], 1);
	KUNIT_EXPECT_EQ(test, skb->data[11], 1);
	kfree_skb(skb);
}

static struct kunit_case mcmsg_cases[] = {
	KUNIT_CASE(times),
	KUNIT_CASE(both_sizes),
	KUNIT_CASE(full),
	{}
};

static struct kunit_suite mcmsg_suite = {
	.name = "toy-skb-mcmsg",
	.test_cases = mcmsg_cases,
};

kunit_test_suite(mcmsg_suite);
