// SPDX-License-Identifier: GPL-2.0-only
/* Cases for frag_state.c: fragments that cannot be right. */
#include <kunit/test.h>
#include <linux/kernel.h>

#define ROOM	65515		/* an IPv4 header without options */
#define MORE	true
#define LAST	false

struct piece_row {
	u32 offset;
	u32 len;
	bool more;
	u8 proto;
	enum toy_drop why;
};

static const struct piece_row piece_rows[] = {
	/* lengths */
	{ 0,		8,	MORE, IPPROTO_UDP,	TOY_RX_OK },
	{ 0,		7,	MORE, IPPROTO_UDP,	TOY_DROP_FRAG_LEN },
	{ 0,		9,	MORE, IPPROTO_UDP,	TOY_DROP_FRAG_LEN },
	{ 1480,		1476,	MORE, IPPROTO_UDP,	TOY_DROP_FRAG_LEN },
	{ 1480,		1,	LAST, IPPROTO_UDP,	TOY_RX_OK },
	{ 1480,		1476,	LAST, IPPROTO_UDP,	TOY_RX_OK },
	{ 0,		0,	MORE, IPPROTO_UDP,	TOY_DROP_FRAG_LEN },
	{ 1480,		0,	LAST, IPPROTO_UDP,	TOY_DROP_FRAG_LEN },
	/* beyond 64 KB */
	{ 65512,	3,	LAST, IPPROTO_UDP,	TOY_RX_OK },
	{ 65512,	4,	LAST, IPPROTO_UDP,	TOY_DROP_FRAG_BEYOND },
	{ 65504,	8,	MORE, IPPROTO_UDP,	TOY_RX_OK },
	{ 65512,	8,	MORE, IPPROTO_UDP,	TOY_DROP_FRAG_BEYOND },
	{ 65528,	1,	LAST, IPPROTO_ICMP,	TOY_DROP_FRAG_BEYOND },
	{ 65528,	65515,	LAST, IPPROTO_ICMP,	TOY_DROP_FRAG_BEYOND },
	/* RFC 1858, RFC 3128 */
	{ 0,		8,	MORE, IPPROTO_TCP,	TOY_DROP_FRAG_TINY },
	{ 0,		16,	MORE, IPPROTO_TCP,	TOY_RX_OK },
	{ 8,		32,	MORE, IPPROTO_TCP,	TOY_DROP_FRAG_TINY },
	{ 8,		4,	LAST, IPPROTO_TCP,	TOY_DROP_FRAG_TINY },
	{ 16,		32,	MORE, IPPROTO_TCP,	TOY_RX_OK },
	{ 8,		32,	MORE, IPPROTO_UDP,	TOY_RX_OK },
};

static void pieces_by_themselves(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(piece_rows); i++) {
		const struct piece_row *r = &piece_rows[i];
		struct toy_frag_piece p = {
			.offset = r->offset, .len = r->len, .more = r->more,
			.proto = r->proto, .room = ROOM,
		};

		KUNIT_EXPECT_EQ_MSG(test, (int)toy_frag_piece_check(&p),
				    (int)r->why, "row %d", i);
	}
}

struct end_row {
	u32 offset[4];
	u32 len[4];
	bool more[4];
	int bad;		/* which one disagrees; -1: none */
};

static const struct end_row end_rows[] = {
	{ { 0, 8, 16 },		{ 8, 8, 4 },	{ MORE, MORE, LAST }, -1 },
	{ { 16, 8, 0 },		{ 4, 8, 8 },	{ LAST, MORE, MORE }, -1 },
	/* two ends */
	{ { 16, 16, 0 },	{ 4, 8, 8 },	{ LAST, LAST, MORE }, 1 },
	{ { 16, 24, 0 },	{ 8, 8, 8 },	{ LAST, LAST, MORE }, 1 },
	/* data behind the end, known or not yet */
	{ { 16, 24, 0 },	{ 8, 8, 8 },	{ LAST, MORE, MORE }, 1 },
	{ { 24, 16, 0 },	{ 8, 4, 8 },	{ MORE, LAST, MORE }, 1 },
	/* the same end twice is for others to judge */
	{ { 16, 16, 0 },	{ 8, 8, 8 },	{ LAST, LAST, MORE }, -1 },
	/* no more, but it says so */
	{ { 16, 16, 0 },	{ 8, 8, 8 },	{ LAST, MORE, MORE }, -1 },
};

static void ends_must_agree(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(end_rows); i++) {
		const struct end_row *r = &end_rows[i];
		struct toy_frag_state s = {};
		int bad = -1;

		for (int j = 0; j < 3 && bad < 0; j++) {
			struct toy_frag_piece p = {
				.offset = r->offset[j], .len = r->len[j],
				.more = r->more[j], .room = ROOM,
			};

			if (toy_frag_state_check(&s, &p))
				bad = j;
			else
				toy_frag_state_add(&s, &p);
		}
		KUNIT_EXPECT_EQ_MSG(test, bad, r->bad, "row %d", i);
	}
}

/* Every order of four pieces; complete with the last one to come, not before. */
static void complete_in_every_order(struct kunit *test)
{
	for (int order = 0; order < 256; order++) {
		struct toy_frag_state s = {};
		unsigned int here = 0;

		for (int j = 0; j < 4; j++) {
			unsigned int k = order >> 2 * j & 3;
			struct toy_frag_piece p = {
				.offset = k * 1480, .len = k == 3 ? 99 : 1480,
				.more = k < 3, .room = ROOM, .df = k == 1,
				.size = k * 1480 + 20, .ecn = k,
			};

			if (here & BIT(k))
				break;
			KUNIT_EXPECT_FALSE(test, toy_frag_state_complete(&s));
			KUNIT_EXPECT_EQ(test, 0, toy_frag_state_check(&s, &p));
			toy_frag_state_add(&s, &p);
			here |= BIT(k);
		}
		KUNIT_EXPECT_EQ(test, here == 15, toy_frag_state_complete(&s));
		if (here != 15)
			continue;
		KUNIT_EXPECT_EQ(test, s.end, 3 * 1480 + 99);
		KUNIT_EXPECT_EQ(test, s.max_size, 3 * 1480 + 20);
		KUNIT_EXPECT_EQ(test, s.max_df, 1500);
		KUNIT_EXPECT_EQ(test, s.count, 4);
		KUNIT_EXPECT_EQ(test, s.ecn, 15);
	}
}

/* Only what proves that something is wrong with the others takes them along. */
static void who_gives_up(struct kunit *test)
{
	for (int why = 0; why < __TOY_DROP_MAX; why++)
		KUNIT_EXPECT_EQ(test, toy_frag_gives_up(why),
				why == TOY_DROP_FRAG_END ||
				why == TOY_DROP_FRAG_OVERLAP);
}

static struct kunit_case frag_state_cases[] = {
	KUNIT_CASE(pieces_by_themselves),
	KUNIT_CASE(ends_must_agree),
	KUNIT_CASE(complete_in_every_order),
	KUNIT_CASE(who_gives_up),
	{}
};

static struct kunit_suite frag_state_suite = {
	.name = "toy-frag-state",
	.test_cases = frag_state_cases,
};

kunit_test_suite(frag_state_suite);
