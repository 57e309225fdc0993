// SPDX-License-Identifier: GPL-2.0-only
/* Cases for ts.c, in the order of RFC 7323 4 and 5. */
#include <kunit/test.h>

#define DAY (24 * 3600)

/* 4.1: our clock, less the echo. */
static void rtt_of_an_echo(struct kunit *test)
{
	static const struct { u32 ago; s64 want; } rows[] = {
		{ 0, 1000 }, { 1, 1000 }, { 2, 2000 }, { 250, 250000 },
		{ 2147483, 2147483000 }, { 2147484, -1 },
		{ 0x7fffffff, -1 }, { 0x80000000, -1 }, { -1, -1 },
	};
	static const u32 clocks[] = { 1, 100, 0x80000000, -3 };
	static const u32 offsets[] = { 0, 7, 0x80000000, -1 };

	for (int c = 0; c < ARRAY_SIZE(clocks); c++) {
		for (int o = 0; o < ARRAY_SIZE(offsets); o++) {
			struct toy_ts ts = { .offset = offsets[o] };
			u32 now = clocks[c];

			for (int i = 0; i < ARRAY_SIZE(rows); i++) {
				u32 echo = now - rows[i].ago + ts.offset;
				s64 want = echo ? rows[i].want : -1;

				KUNIT_EXPECT_EQ(test, want,
						toy_ts_rtt_us(&ts, echo, now));
			}
			KUNIT_EXPECT_EQ(test, toy_ts_rtt_us(&ts, 0, now), -1);
		}
	}
}

/* 4.3: "the TSval from the earliest unacknowledged segment" (A, delayed). */
static void delayed_acks_echo_the_first(struct kunit *test)
{
	struct toy_ts ts = {};
	u32 last_ack = -100;

	toy_ts_update(&ts, 1, last_ack, last_ack, 10);		/* A */
	KUNIT_EXPECT_EQ(test, ts.recent, 1);
	toy_ts_update(&ts, 2, last_ack + 100, last_ack, 10);	/* B */
	toy_ts_update(&ts, 3, last_ack + 200, last_ack, 10);	/* C */
	KUNIT_EXPECT_EQ(test, ts.recent, 1);
	last_ack += 300;					/* ACK(C) */
	toy_ts_update(&ts, 4, last_ack, last_ack, 10);
	KUNIT_EXPECT_EQ(test, ts.recent, 4);
}

/* 4.3: "a hole in the sequence space (segment(s) has been lost)" (B, D, C). */
static void gaps_echo_what_filled_them(struct kunit *test)
{
	struct toy_ts ts = {};

	toy_ts_update(&ts, 1, 1000, 1000, 10);			/* A */
	toy_ts_update(&ts, 3, 1200, 1100, 10);			/* C, early */
	KUNIT_EXPECT_EQ(test, ts.recent, 1);
	toy_ts_update(&ts, 2, 1100, 1100, 10);			/* B */
	KUNIT_EXPECT_EQ(test, ts.recent, 2);
	toy_ts_update(&ts, 5, 1400, 1300, 10);			/* E, early */
	KUNIT_EXPECT_EQ(test, ts.recent, 2);
	toy_ts_update(&ts, 4, 1300, 1300, 10);			/* D */
	KUNIT_EXPECT_EQ(test, ts.recent, 4);
}

/* 5.3 R1, with a tick to spare; 5.3 R3 without. */
static void older_is_rejected(struct kunit *test)
{
	static const u32 recents[] = { 1000, 1, 5, 0x80000000, -1 };
	static const struct { s32 off; bool reject, update; } rows[] = {
		{ 0, false, true }, { 1, false, true }, { INT_MAX, false, true },
		{ -1, false, false }, { -2, true, false }, { -1000, true, false },
		{ -INT_MAX, true, false },
	};

	for (int r = 0; r < ARRAY_SIZE(recents); r++) {
		for (int i = 0; i < ARRAY_SIZE(rows); i++) {
			struct toy_ts ts = {
				.recent = recents[r], .recent_s = 100,
			};
			u32 tsval = ts.recent + rows[i].off;

			KUNIT_EXPECT_EQ(test, rows[i].reject,
					toy_ts_paws_reject(&ts, tsval, 200, false));
			KUNIT_EXPECT_FALSE(test, toy_ts_paws_reject(&ts, tsval,
								    200, true));
			toy_ts_update(&ts, tsval, 7, 7, 200);
			KUNIT_EXPECT_EQ(test, ts.recent, rows[i].update ?
					tsval : recents[r]);
			KUNIT_EXPECT_EQ(test, ts.recent_s, rows[i].update ?
					200 : 100);
		}
	}
}

/* 5.5: "more than 24 days of idle time". */
static void old_recent_counts_no_more(struct kunit *test)
{
	static const u32 stamps[] = { 1, 100, 0x7fffffff, -5 };

	for (int i = 0; i < ARRAY_SIZE(stamps); i++) {
		struct toy_ts ts = { .recent = 1000, .recent_s = stamps[i] };
		u32 t = stamps[i];

		KUNIT_EXPECT_TRUE(test, toy_ts_paws_reject(&ts, 5, t, false));
		KUNIT_EXPECT_TRUE(test, toy_ts_paws_reject(&ts, 5, t + 24 * DAY - 1,
							   false));
		KUNIT_EXPECT_FALSE(test, toy_ts_paws_reject(&ts, 5, t + 24 * DAY,
							    false));
		toy_ts_update(&ts, 5, 0, 0, t + 24 * DAY);
		KUNIT_EXPECT_EQ(test, ts.recent, 5);
		KUNIT_EXPECT_EQ(test, ts.recent_s, t + 24 * DAY);
	}
}

static void no_recent_rejects_nothing(struct kunit *test)
{
	struct toy_ts ts = { .recent = 1000 };

	KUNIT_EXPECT_FALSE(test, toy_ts_paws_reject(&ts, 1, 100, false));
	/* The first second of a machine's life is not "never". */
	toy_ts_update(&ts, 900, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, toy_ts_paws_reject(&ts, 1, 0, false));
	/* A SYN with a zero, then the clock. */
	ts = (struct toy_ts){};
	toy_ts_update(&ts, 0, 0, 0, 50);
	KUNIT_EXPECT_FALSE(test, toy_ts_paws_reject(&ts, 0xf0000000, 51, false));
	toy_ts_update(&ts, 0xf0000000, 0, 0, 51);
	KUNIT_EXPECT_EQ(test, ts.recent, 0xf0000000);
}

static struct kunit_case ts_cases[] = {
	KUNIT_CASE(rtt_of_an_echo),
	KUNIT_CASE(delayed_acks_echo_the_first),
	KUNIT_CASE(gaps_echo_what_filled_them),
	KUNIT_CASE(older_is_rejected),
	KUNIT_CASE(old_recent_counts_no_more),
	KUNIT_CASE(no_recent_rejects_nothing),
	{}
};

static struct kunit_suite ts_suite = {
	.name = "toy-tcp-ts",
	.test_cases = ts_cases,
};

kunit_test_suite(ts_suite);
