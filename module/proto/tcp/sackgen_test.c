// SPDX-License-Identifier: GPL-2.0-only
/* Cases for sackgen.c: the examples of RFC 2018 5 and RFC 2883 4, and noise. */
#include <kunit/test.h>
#include <linux/prandom.h>

#define B(s, e) { .start = s, .end = e }

struct sack_want {
	unsigned int n;
	struct toy_sack_block b[TOY_TCP_SACKS_MAX];
};

#define WANT(...) \
	((struct sack_want){ \
		sizeof((struct toy_sack_block[]){ __VA_ARGS__ }) / \
		sizeof(struct toy_sack_block), { __VA_ARGS__ } })

/* What an acknowledgment with room for @max blocks says. */
static void expect_fill(struct kunit *test, const struct toy_sackgen *g,
			unsigned int max, struct sack_want want, u32 base)
{
	struct toy_tcp_opts o = {};

	toy_sackgen_fill(g, &o, max);
	KUNIT_ASSERT_EQ(test, o.nr_sacks, want.n);
	KUNIT_EXPECT_EQ(test, !!(o.has & TOY_OPT_SACK), !!want.n);
	for (int i = 0; i < want.n; i++) {
		KUNIT_EXPECT_EQ(test, o.sacks[i].start - base, want.b[i].start);
		KUNIT_EXPECT_EQ(test, o.sacks[i].end - base, want.b[i].end);
	}
}

#define expect_acked(...) expect_fill(test, &g, 4, WANT(__VA_ARGS__), base)
#define expect_nothing() \
	expect_fill(test, &g, 4, (struct sack_want){}, base)

/* Every example runs across the wrap of sequence numbers, too. */
static const u32 bases[] = { 0, -4200U, -5000U, -7000U, 0x7fffe000 };

#define for_each_base(base) \
	for (int base_i = 0; \
	     base_i < ARRAY_SIZE(bases) && (base = bases[base_i], true); \
	     base_i++)

/* "Case 1: the first 4 segments are received but the last 4 are dropped." */
static void rfc2018_case_1(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base;

	for_each_base(base) {
		for (int i = 0; i < 4; i++)
			toy_sackgen_advance(&g, base + 5500 + i * 500);
		expect_nothing();
		KUNIT_EXPECT_FALSE(test, toy_sackgen_any(&g));
	}
}

/* "Case 2: the first segment is dropped but the remaining 7 are received." */
static void rfc2018_case_2(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		for (u32 s = 5500; s < 9000; s += 500) {
			toy_sackgen_add(&g, base + s, base + s + 500);
			expect_acked(B(5500, s + 500));
		}
	}
}

/* "Case 3: the 2nd, 4th, 6th and 8th segments are dropped." */
static void rfc2018_case_3(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 5500);
		expect_nothing();
		toy_sackgen_add(&g, base + 6000, base + 6500);
		expect_acked(B(6000, 6500));
		toy_sackgen_add(&g, base + 7000, base + 7500);
		expect_acked(B(7000, 7500), B(6000, 6500));
		toy_sackgen_add(&g, base + 8000, base + 8500);
		expect_acked(B(8000, 8500), B(7000, 7500), B(6000, 6500));

		/* "the 4th packet is received": 6500 to 7000 */
		toy_sackgen_add(&g, base + 6500, base + 7000);
		expect_acked(B(6000, 7500), B(8000, 8500));

		/* "the 2nd segment": 5500 to 6000 */
		toy_sackgen_advance(&g, base + 7500);
		expect_acked(B(8000, 8500));
	}
}

/* 4.1.1: reporting a duplicate segment. */
static void rfc2883_duplicate_segment(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 4000);
		toy_sackgen_dup(&g, base + 3000, base + 3500);
		KUNIT_EXPECT_TRUE(test, toy_sackgen_any(&g));
		expect_acked(B(3000, 3500));
		toy_sackgen_sent(&g);
		expect_nothing();
	}
}

/* 4.1.2: an out-of-order segment and a duplicate segment. */
static void rfc2883_out_of_order_and_duplicate(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 4000);
		toy_sackgen_add(&g, base + 4500, base + 5000);
		expect_acked(B(4500, 5000));
		toy_sackgen_dup(&g, base + 3000, base + 3500);
		expect_acked(B(3000, 3500), B(4500, 5000));
		toy_sackgen_sent(&g);
		expect_acked(B(4500, 5000));
	}
}

/* 4.1.3: a duplicate of an out-of-order segment. */
static void rfc2883_duplicate_of_out_of_order(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 4000);
		toy_sackgen_add(&g, base + 4500, base + 5000);
		toy_sackgen_add(&g, base + 5000, base + 5500);
		expect_acked(B(4500, 5500));
		toy_sackgen_dup(&g, base + 5000, base + 5500);
		expect_acked(B(5000, 5500), B(4500, 5500));
	}
}

/* The block that contains the duplicate is the second, wherever it was. */
static void duplicate_is_followed_by_its_block(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base = 0;

	toy_sackgen_add(&g, 1000, 2000);
	toy_sackgen_add(&g, 3000, 4000);
	toy_sackgen_add(&g, 5000, 6000);
	toy_sackgen_dup(&g, 1500, 1600);
	expect_acked(B(1500, 1600), B(1000, 2000), B(5000, 6000),
		     B(3000, 4000));
}

/* 4.2.1: a single duplicate subsegment. */
static void rfc2883_duplicate_subsegment(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 1000);
		toy_sackgen_add(&g, base + 2000, base + 2500);
		expect_acked(B(2000, 2500));
		toy_sackgen_advance(&g, base + 1500);
		expect_acked(B(2000, 2500));
		/* 1000 to 2000 arrives */
		toy_sackgen_dup(&g, base + 1000, base + 1500);
		toy_sackgen_advance(&g, base + 2500);
		expect_acked(B(1000, 1500));
	}
}

/* 4.2.2: two duplicate subsegments below the acknowledgment: the first. */
static void rfc2883_two_subsegments_below(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 1000);
		toy_sackgen_add(&g, base + 3000, base + 3500);
		toy_sackgen_advance(&g, base + 1500);
		toy_sackgen_add(&g, base + 2000, base + 2500);
		expect_acked(B(2000, 2500), B(3000, 3500));
		/* 1000 to 2500 arrives */
		toy_sackgen_dup(&g, base + 1000, base + 1500);
		toy_sackgen_dup(&g, base + 2000, base + 2500);
		toy_sackgen_advance(&g, base + 2500);
		expect_acked(B(1000, 1500), B(3000, 3500));
	}
}

/* 4.2.3: two duplicate subsegments above the acknowledgment. */
static void rfc2883_two_subsegments_above(struct kunit *test)
{
	u32 base;

	for_each_base(base) {
		struct toy_sackgen g = {};

		toy_sackgen_advance(&g, base + 1000);
		toy_sackgen_add(&g, base + 3500, base + 4000);
		toy_sackgen_add(&g, base + 1500, base + 2000);
		toy_sackgen_add(&g, base + 2500, base + 3000);
		expect_acked(B(2500, 3000), B(1500, 2000), B(3500, 4000));
		/* 1500 to 3000 arrives */
		toy_sackgen_dup(&g, base + 1500, base + 2000);
		toy_sackgen_dup(&g, base + 2500, base + 3000);
		toy_sackgen_add(&g, base + 1500, base + 3000);
		expect_acked(B(1500, 2000), B(1500, 3000), B(3500, 4000));
	}
}

/* Duplicates that touch are one, as long as none has been told. */
static void duplicates_in_a_row_are_one(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base = 0;

	toy_sackgen_dup(&g, 1000, 2000);
	toy_sackgen_dup(&g, 2000, 3000);
	toy_sackgen_dup(&g, 500, 1200);
	expect_acked(B(500, 3000));
	toy_sackgen_dup(&g, 4000, 5000);
	expect_acked(B(500, 3000));
	toy_sackgen_sent(&g);
	toy_sackgen_dup(&g, 4000, 5000);
	expect_acked(B(4000, 5000));
}

static void one_segment_joins_many_blocks(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base = 0;

	toy_sackgen_add(&g, 1000, 1100);
	toy_sackgen_add(&g, 1200, 1300);
	toy_sackgen_add(&g, 9000, 9100);
	toy_sackgen_add(&g, 1400, 1500);
	KUNIT_EXPECT_FALSE(test, toy_sackgen_add(&g, 1100, 1400));
	expect_acked(B(1000, 1500), B(9000, 9100));
}

static void fifth_block_pushes_out_the_oldest(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base = 0;

	for (u32 s = 1000; s <= 4000; s += 1000)
		KUNIT_EXPECT_FALSE(test, toy_sackgen_add(&g, s, s + 10));
	KUNIT_EXPECT_TRUE(test, toy_sackgen_add(&g, 5000, 5010));
	expect_acked(B(5000, 5010), B(4000, 4010), B(3000, 3010),
		     B(2000, 2010));
	/* One that only grows needs no room. */
	KUNIT_EXPECT_FALSE(test, toy_sackgen_add(&g, 2010, 2020));
	expect_acked(B(2000, 2020), B(5000, 5010), B(4000, 4010),
		     B(3000, 3010));
}

static void room_limits_what_is_said(struct kunit *test)
{
	struct toy_sackgen g = {};
	u32 base = 0;

	for (u32 s = 1000; s <= 4000; s += 1000)
		toy_sackgen_add(&g, s, s + 10);
	toy_sackgen_dup(&g, 1, 2);
	expect_fill(test, &g, 0, (struct sack_want){}, base);
	expect_fill(test, &g, 1, WANT(B(1, 2)), base);
	expect_fill(test, &g, 3, WANT(B(1, 2), B(4000, 4010), B(3000, 3010)),
		    base);
	expect_fill(test, &g, 99, WANT(B(1, 2), B(4000, 4010), B(3000, 3010),
				       B(2000, 2010)), base);
	toy_sackgen_clear(&g);
	expect_acked(B(1, 2));
}

static void absurd_ranges_are_none(struct kunit *test)
{
	struct toy_sackgen g = {};

	KUNIT_EXPECT_FALSE(test, toy_sackgen_add(&g, 7, 7));
	KUNIT_EXPECT_FALSE(test, toy_sackgen_add(&g, 8, 7));
	toy_sackgen_dup(&g, 7, 7);
	toy_sackgen_dup(&g, 7, 6);
	KUNIT_EXPECT_FALSE(test, toy_sackgen_any(&g));
}

#define CELLS 64

/* Is every block a whole run of what a map of cells holds? */
static void expect_runs(struct kunit *test, const struct toy_sackgen *g,
			const bool *held, u32 base)
{
	for (int i = 0; i < g->nr; i++) {
		u32 s = g->blocks[i].start - base, e = g->blocks[i].end - base;

		KUNIT_ASSERT_LT(test, s, e);
		KUNIT_ASSERT_LE(test, e, CELLS);
		for (u32 c = s; c < e; c++)
			KUNIT_EXPECT_TRUE(test, held[c]);
		for (int k = 0; k < i; k++)
			KUNIT_EXPECT_FALSE(test, touch(&g->blocks[k],
						       base + s, base + e));
	}
}

/* Random arrivals against a map: blocks are disjoint, hold only what arrived,
 * and the first one covers the newest.
 */
static void noise_against_a_map(struct kunit *test)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 2018);
	for (int round = 0; round < 2000; round++) {
		u32 base = prandom_u32_state(&rnd) | 0xffffff00;
		struct toy_sackgen g = {};
		bool held[CELLS] = {};

		for (int i = 0; i < 20; i++) {
			u32 s = 1 + prandom_u32_state(&rnd) % (CELLS - 8);
			u32 e = s + 1 + prandom_u32_state(&rnd) % 6;

			memset(held + s, true, e - s);
			toy_sackgen_add(&g, base + s, base + e);
			expect_runs(test, &g, held, base);
			KUNIT_EXPECT_FALSE(test, after(g.blocks[0].start, base + s));
			KUNIT_EXPECT_FALSE(test, before(g.blocks[0].end, base + e));
		}
		toy_sackgen_advance(&g, base + CELLS);
		KUNIT_EXPECT_EQ(test, g.nr, 0);
	}
}

static struct kunit_case sackgen_cases[] = {
	KUNIT_CASE(rfc2018_case_1),
	KUNIT_CASE(rfc2018_case_2),
	KUNIT_CASE(rfc2018_case_3),
	KUNIT_CASE(rfc2883_duplicate_segment),
	KUNIT_CASE(rfc2883_out_of_order_and_duplicate),
	KUNIT_CASE(rfc2883_duplicate_of_out_of_order),
	KUNIT_CASE(duplicate_is_followed_by_its_block),
	KUNIT_CASE(rfc2883_duplicate_subsegment),
	KUNIT_CASE(rfc2883_two_subsegments_below),
	KUNIT_CASE(rfc2883_two_subsegments_above),
	KUNIT_CASE(duplicates_in_a_row_are_one),
	KUNIT_CASE(one_segment_joins_many_blocks),
	KUNIT_CASE(fifth_block_pushes_out_the_oldest),
	KUNIT_CASE(room_limits_what_is_said),
	KUNIT_CASE(absurd_ranges_are_none),
	KUNIT_CASE(noise_against_a_map),
	{}
};

static struct kunit_suite sackgen_suite = {
	.name = "toy-tcp-sackgen",
	.test_cases = sackgen_cases,
};

kunit_test_suite(sackgen_suite);
