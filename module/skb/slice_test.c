// SPDX-License-Identifier: GPL-2.0-only
/* Cases for slice.c: parts and copies of packets in every shape. */
#include <linux/vmalloc.h>

#include "shapes_test.h"

#define WHOLE	20000

static u8 *slice_bytes(struct kunit *test, unsigned int len)
{
	struct rnd_state rnd;
	u8 *bytes = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	prandom_seed_state(&rnd, 1);
	noise(&rnd, bytes, len);
	return bytes;
}

static void a_slice_is_the_bytes(struct kunit *test)
{
	static const unsigned int offs[] = { 0, 1, 2, 3, 8, 100, 5000, WHOLE - 8 };
	static const unsigned int lens[] = { 1, 8, 1480, 6000, WHOLE };
	const u8 *bytes = slice_bytes(test, WHOLE);

	for (int s = 0; s < SHAPE_GSO; s++) {
		struct shaped sh = shape(test, s, bytes, WHOLE);

		for (int i = 0; i < ARRAY_SIZE(offs) * ARRAY_SIZE(lens); i++) {
			unsigned int off = offs[i % ARRAY_SIZE(offs)];
			unsigned int len = lens[i / ARRAY_SIZE(offs)];
			struct sk_buff *skb;

			len = min(len, WHOLE - off);
			skb = toy_skb_slice(sh.skb, off, len, 60);
			KUNIT_ASSERT_NOT_NULL(test, skb);
			KUNIT_EXPECT_EQ(test, skb->len, len);
			KUNIT_EXPECT_GE(test, skb_headroom(skb), 60);
			KUNIT_EXPECT_TRUE_MSG(test,
					      shape_same(skb, bytes + off, len),
					      "%s: %u at %u", shape_names[s],
					      len, off);
			kfree_skb(skb);
		}
		KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, bytes, WHOLE));
		shape_done(test, &sh);
	}
}

/* Pages are shared, and stay when the packet goes. */
static void a_slice_outlives_its_packet(struct kunit *test)
{
	const u8 *bytes = slice_bytes(test, WHOLE);
	struct shaped sh = shape(test, SHAPE_PAGED, bytes, WHOLE);
	struct sk_buff *skb;

	sh.skb->priority = 3;
	sh.skb->mark = 7;
	sh.skb->ip_summed = CHECKSUM_PARTIAL;
	skb = toy_skb_slice(sh.skb, 1000, 8000, 20);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->data_len, 8000);
	KUNIT_EXPECT_EQ(test, skb->priority, 3);
	KUNIT_EXPECT_EQ(test, skb->mark, 7);
	expect_summed(skb, CHECKSUM_NONE);
	shape_done(test, &sh);
	KUNIT_EXPECT_TRUE(test, shape_same(skb, bytes + 1000, 8000));
	kfree_skb(skb);
}

static void a_copy_is_the_bytes(struct kunit *test)
{
	static const unsigned int lens[] = { 0, 1, 1472, 3500, 4096, 9000, WHOLE };
	const u8 *bytes = slice_bytes(test, WHOLE);

	for (int s = 0; s < SHAPE_WHOLE; s++) {
		struct shaped sh = shape(test, s, bytes, WHOLE);

		for (int i = 0; i < ARRAY_SIZE(lens); i++) {
			unsigned int off = lens[i] < WHOLE ? 8 : 0;
			struct sk_buff *skb;

			skb = toy_skb_alloc_copy(NULL, sh.skb, off, lens[i]);
			KUNIT_ASSERT_NOT_NULL(test, skb);
			KUNIT_EXPECT_EQ(test, skb->len, lens[i]);
			KUNIT_EXPECT_GE(test, skb_headroom(skb), 100);
			KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
			KUNIT_EXPECT_TRUE_MSG(test,
					      shape_same(skb, bytes + off,
							 lens[i]),
					      "%s: %u", shape_names[s], lens[i]);
			kfree_skb(skb);
		}
		shape_done(test, &sh);
	}
}

static void without_memory_there_is_none(struct kunit *test)
{
	const u8 *bytes = slice_bytes(test, WHOLE);
	struct shaped sh = shape(test, SHAPE_PAGED, bytes, WHOLE);
	struct sk_buff *skb;

	if (!fail_alloc(1)) {
		shape_done(test, &sh);
		kunit_skip(test, "no fault injection");
	}
	skb = toy_skb_slice(sh.skb, 0, 100, 20);
	KUNIT_EXPECT_TRUE(test, alloc_has_failed());
	KUNIT_EXPECT_NULL(test, skb);
	fail_alloc(1);
	skb = toy_skb_alloc_copy(NULL, sh.skb, 0, WHOLE);
	KUNIT_EXPECT_TRUE(test, alloc_has_failed());
	KUNIT_EXPECT_NULL(test, skb);
	shape_done(test, &sh);
}

static struct kunit_case slice_cases[] = {
	KUNIT_CASE(a_slice_is_the_bytes),
	KUNIT_CASE(a_slice_outlives_its_packet),
	KUNIT_CASE(a_copy_is_the_bytes),
	KUNIT_CASE(without_memory_there_is_none),
	{}
};

static struct kunit_suite slice_suite = {
	.name = "toy-skb-slice",
	.test_cases = slice_cases,
};

kunit_test_suite(slice_suite);
