// SPDX-License-Identifier: GPL-2.0-only
/* Cases for accept.c: RFC 9293 3.10.7.4 and RFC 5961, on both sides of 0. */
#include <kunit/test.h>

static const u32 bases[] = { 0, 1000, 0x7ffffff0, 0x80000000, -1, -300 };

static void segments_and_windows(struct kunit *test)
{
	/* RCV.NXT 0, last acknowledged -100. */
	static const struct { s32 seq, len; u32 wnd; bool in; } rows[] = {
		/* table 6: no data, no window */
		{ 0, 0, 0, true }, { 1, 0, 0, false }, { -1, 0, 0, true },
		/* no data, a window */
		{ 0, 0, 50, true }, { 49, 0, 50, true }, { 50, 0, 50, true },
		{ 51, 0, 50, false },
		/* data, no window: for the ACK's sake */
		{ 0, 10, 0, true }, { 1, 10, 0, false },
		/* data, a window */
		{ 0, 50, 50, true }, { 0, 500, 50, true }, { 49, 1, 50, true },
		{ 51, 1, 50, false }, { -10, 20, 50, true },
		/* old: not acknowledged, acknowledged */
		{ -100, 50, 50, true }, { -150, 50, 50, true },
		{ -150, 49, 50, false }, { -101, 0, 50, false },
		{ -100, 0, 50, true },
		/* far away */
		{ 0x40000000, 1, 0x3fffffff, false },
		{ -0x40000000, 1, 50, false }, { INT_MIN, 0, 50, false },
		{ INT_MAX, 0, 50, false },
	};

	for (int b = 0; b < ARRAY_SIZE(bases); b++) {
		for (int i = 0; i < ARRAY_SIZE(rows); i++) {
			u32 seq = bases[b] + rows[i].seq;

			KUNIT_EXPECT_EQ_MSG(test, rows[i].in,
					    toy_seq_acceptable(seq, seq + rows[i].len,
							       bases[b] - 100, bases[b],
							       rows[i].wnd),
					    "base %d row %d", b, i);
		}
	}
}

/* RFC 9293 3.10.7.4 table 6, RCV.NXT 0. */
static void to_the_letter(struct kunit *test)
{
	static const struct { s32 seq, len; u32 wnd; bool in; } rows[] = {
		{ 0, 0, 0, true }, { 1, 0, 0, false }, { -1, 0, 0, false },
		{ 0, 0, 50, true }, { 49, 0, 50, true }, { 50, 0, 50, true },
		{ 51, 0, 50, false }, { 50, 1, 50, false },
		{ 0, 10, 0, true }, { 1, 10, 0, false },
		{ 0, 500, 50, true }, { 49, 1, 50, true },
		/* a duplicate, one that touches, one that reaches in */
		{ -50, 40, 50, false }, { -1, 1, 50, false }, { -1, 2, 50, true },
		{ 0x40000000, 1, 0x3fffffff, false },
		{ INT_MIN, 0, 50, false }, { INT_MAX, 0, 50, false },
	};

	for (int b = 0; b < ARRAY_SIZE(bases); b++) {
		for (int i = 0; i < ARRAY_SIZE(rows); i++) {
			u32 seq = bases[b] + rows[i].seq;

			KUNIT_EXPECT_EQ_MSG(test, rows[i].in,
					    toy_seq_in_window(seq, seq + rows[i].len,
							      bases[b], rows[i].wnd),
					    "base %d row %d", b, i);
		}
	}
}

/* RFC 5961 3.2, 1) to 3). */
static void resets(struct kunit *test)
{
	static const struct {
		s32 seq;
		u32 wnd;
		s32 edge;
		enum toy_rst_verdict want;
	} rows[] = {
		{ 0, 100, 0, TOY_RST_RESET },
		{ 0, 0, 0, TOY_RST_RESET },
		{ 1, 100, 0, TOY_RST_CHALLENGE },
		{ 99, 100, 0, TOY_RST_CHALLENGE },
		{ 100, 100, 0, TOY_RST_DROP },
		{ 1, 0, 0, TOY_RST_DROP },
		{ -1, 100, 0, TOY_RST_DROP },
		{ INT_MIN, 100, 0, TOY_RST_DROP },
		{ INT_MAX, 1 << 30, 0, TOY_RST_DROP },
		{ (1 << 30) - 1, 1 << 30, 0, TOY_RST_CHALLENGE },
		/* at the end of what was SACKed */
		{ 50, 100, 50, TOY_RST_RESET },
		{ 49, 100, 50, TOY_RST_CHALLENGE },
		{ 51, 100, 50, TOY_RST_CHALLENGE },
		{ 0, 100, 50, TOY_RST_RESET },
		{ 100, 100, 100, TOY_RST_RESET },
	};

	for (int b = 0; b < ARRAY_SIZE(bases); b++)
		for (int i = 0; i < ARRAY_SIZE(rows); i++)
			KUNIT_EXPECT_EQ_MSG(test, (int)rows[i].want,
					    (int)toy_rst_check(bases[b] + rows[i].seq,
							       bases[b], rows[i].wnd,
							       bases[b] + rows[i].edge),
					    "base %d row %d", b, i);
}

/* RFC 5961 5.2: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
static void acknowledgments(struct kunit *test)
{
	/* SND.UNA 0, SND.NXT 500, MAX.SND.WND 1000 */
	static const struct { s32 ack; enum toy_ack_verdict want; } rows[] = {
		{ 0, TOY_ACK_OK }, { 1, TOY_ACK_OK }, { 500, TOY_ACK_OK },
		{ 501, TOY_ACK_FUTURE }, { INT_MAX, TOY_ACK_FUTURE },
		{ -1, TOY_ACK_OLD }, { -1000, TOY_ACK_OLD },
		{ -1001, TOY_ACK_TOO_OLD }, { INT_MIN + 501, TOY_ACK_TOO_OLD },
	};

	for (int b = 0; b < ARRAY_SIZE(bases); b++) {
		for (int i = 0; i < ARRAY_SIZE(rows); i++)
			KUNIT_EXPECT_EQ_MSG(test, (int)rows[i].want,
					    (int)toy_ack_check(bases[b] + rows[i].ack,
							       bases[b], bases[b] + 500,
							       1000),
					    "base %d row %d", b, i);
		/* Nothing sent, no window yet. */
		KUNIT_EXPECT_EQ(test, (int)TOY_ACK_OK,
				(int)toy_ack_check(bases[b], bases[b], bases[b], 0));
		KUNIT_EXPECT_EQ(test, (int)TOY_ACK_TOO_OLD,
				(int)toy_ack_check(bases[b] - 1, bases[b], bases[b], 0));
	}
}

static struct kunit_case accept_cases[] = {
	KUNIT_CASE(segments_and_windows),
	KUNIT_CASE(to_the_letter),
	KUNIT_CASE(resets),
	KUNIT_CASE(acknowledgments),
	{}
};

static struct kunit_suite accept_suite = {
	.name = "toy-tcp-accept",
	.test_cases = accept_cases,
};

kunit_test_suite(accept_suite);
