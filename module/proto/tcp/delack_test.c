// SPDX-License-Identifier: GPL-2.0-only
/* Cases for delack.c: RFC 1122 4.2.3.2, RFC 5681 4.2, and what Linux adds. */
#include <kunit/test.h>
#include <linux/prandom.h>

/* Just before the clock wraps: every case runs across it. */
#define T0 (-30U)

static const struct toy_delack_env env = {
	.min_ms = 40, .max_ms = 200, .rto_ms = 300, .rcv_wnd = 65535,
};

static struct toy_delack begin(void)
{
	struct toy_delack d;

	toy_delack_init(&d, 1460, 40);
	return d;
}

/* A connection whose quick start is over, with full segments of 1000 bytes. */
static struct toy_delack going(void)
{
	struct toy_delack d = begin();

	for (int i = 0; i < 40; i++) {
		toy_delack_rcv(&d, 1000, 1000, false, T0, &env);
		toy_delack_sent(&d, 1);
	}
	return d;
}

static void rcv(struct toy_delack *d, u32 len, bool psh, u32 now)
{
	toy_delack_rcv(d, len, len, psh, now, &env);
}

static int check(struct toy_delack *d, u32 unacked, u32 now)
{
	return toy_delack_check(d, unacked, false, true, now, &env);
}

#define expect_do(what, call) KUNIT_EXPECT_EQ(test, (int)TOY_DELACK_##what, call)

static void nothing_is_owed_at_first(struct kunit *test)
{
	struct toy_delack d = begin();

	KUNIT_EXPECT_EQ(test, d.rcv_mss, 536);
	expect_do(NOTHING, check(&d, 0, T0));
	expect_do(NOTHING, toy_delack_check(&d, 0, true, true, T0, &env));
	KUNIT_EXPECT_FALSE(test, toy_delack_read(&d, 0, true));
	toy_delack_timeout(&d, &env);
	expect_do(NOTHING, check(&d, 0, T0));
}

/* RFC 1122 4.2.3.2: "an ACK for at least every second segment". */
static void every_second_full_segment(struct kunit *test)
{
	struct toy_delack d = going();

	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1000);
	KUNIT_EXPECT_FALSE(test, toy_delack_in_quick(&d));
	rcv(&d, 1000, false, T0);
	expect_do(WAIT, check(&d, 1000, T0));
	KUNIT_EXPECT_EQ(test, d.due_ms - T0, 40);
	rcv(&d, 1000, false, T0 + 1);
	expect_do(SEND, check(&d, 2000, T0 + 1));
	/* One acknowledgment, alone or on any number of segments. */
	toy_delack_sent(&d, 0);
	expect_do(NOTHING, check(&d, 0, T0 + 1));
}

/* "... the delay MUST be less than 0.5 seconds". */
static void never_later_than_the_maximum(struct kunit *test)
{
	struct toy_delack d = going();
	u32 now = T0;

	for (int i = 0; i < 200; i++) {
		u32 due;

		rcv(&d, 10, true, now);
		expect_do(WAIT, check(&d, 10, now));
		KUNIT_EXPECT_LE(test, d.due_ms - now, 200);
		due = d.due_ms;
		/* More data does not put it off. */
		rcv(&d, 10, true, now + 1);
		expect_do(WAIT, check(&d, 20, now + 1));
		KUNIT_EXPECT_LE(test, (s32)(d.due_ms - due), 0);
		now = d.due_ms;
		toy_delack_timeout(&d, &env);
		expect_do(SEND, check(&d, 20, now));
		toy_delack_sent(&d, 1);
		KUNIT_EXPECT_LE(test, d.ato_ms, 200);
	}
}

/* A deadline that is nearly there is as good as past. */
static void near_deadline_sends(struct kunit *test)
{
	struct toy_delack d = going();

	rcv(&d, 10, true, T0);
	expect_do(WAIT, check(&d, 10, T0));
	rcv(&d, 10, true, T0 + 29);
	/* ato is now 40 / 2 + 29 = 49, a quarter of it 12. */
	KUNIT_EXPECT_EQ(test, d.ato_ms, 49);
	expect_do(SEND, check(&d, 20, T0 + 29));
}

static void no_window_no_hurry(struct kunit *test)
{
	struct toy_delack d = going();

	rcv(&d, 1000, false, T0);
	rcv(&d, 1000, false, T0);
	expect_do(WAIT, toy_delack_check(&d, 2000, false, false, T0, &env));
	KUNIT_EXPECT_TRUE(test, toy_delack_read(&d, 2000, false));
}

/* RFC 5681 4.2: immediately for out-of-order data. */
static void gaps_and_orders_send(struct kunit *test)
{
	struct toy_delack d = going();

	rcv(&d, 10, true, T0);
	expect_do(SEND, toy_delack_check(&d, 10, true, true, T0, &env));
	d.now = 1;
	expect_do(SEND, check(&d, 10, T0));
	toy_delack_sent(&d, 1);
	d.now = 1;
	expect_do(SEND, check(&d, 0, T0));
}

/* Half the window's worth of segments, between 2 and 16. */
static void quick_start(struct kunit *test)
{
	static const struct { u32 wnd, quick; } rows[] = {
		{ 0, 2 }, { 1999, 2 }, { 2000, 1 }, { 6000, 3 },
		{ 31999, 15 }, { 32000, 16 }, { 1 << 30, 16 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_delack_env e = env;
		struct toy_delack d = begin();
		u32 acks = 0;

		e.rcv_wnd = rows[i].wnd;
		toy_delack_rcv(&d, 1000, 1000, false, T0, &e);
		while (toy_delack_check(&d, 1000, false, true, T0, &e) ==
		       TOY_DELACK_SEND && acks < 99) {
			acks++;
			toy_delack_sent(&d, 1);
			toy_delack_rcv(&d, 1000, 1000, false, T0, &e);
		}
		KUNIT_EXPECT_EQ(test, acks, rows[i].quick);
	}
}

static void quick_again_after_idle(struct kunit *test)
{
	struct toy_delack d = going();

	rcv(&d, 10, false, T0 + 300);
	KUNIT_EXPECT_FALSE(test, toy_delack_in_quick(&d));
	rcv(&d, 10, false, T0 + 601);
	KUNIT_EXPECT_TRUE(test, toy_delack_in_quick(&d));
	KUNIT_EXPECT_EQ(test, d.quick, 16);
}

static void quick_on_request(struct kunit *test)
{
	struct toy_delack d = going();

	d.pingpong = 3;
	d.ato_ms = 170;
	toy_delack_quick(&d, 2, &env);
	KUNIT_EXPECT_EQ(test, d.ato_ms, 40);
	for (int i = 0; i < 2; i++) {
		expect_do(SEND, check(&d, 0, T0));
		toy_delack_sent(&d, 5);
		rcv(&d, 10, true, T0);
	}
	expect_do(WAIT, check(&d, 10, T0));
	/* Never fewer than were promised before. */
	toy_delack_quick(&d, 16, &env);
	toy_delack_quick(&d, 1, &env);
	KUNIT_EXPECT_EQ(test, d.quick, 16);
}

static void quickack_option_stays(struct kunit *test)
{
	struct toy_delack d = going();

	d.nodelay = 1;
	d.pingpong = 200;
	rcv(&d, 1, true, T0);
	expect_do(SEND, check(&d, 1, T0));
}

/* 40 ms for a stream, and half way to the gap with each larger gap. */
static void delay_follows_gaps(struct kunit *test)
{
	static const struct { u16 ato, gap, want; } rows[] = {
		{ 40, 0, 40 }, { 40, 20, 40 }, { 200, 0, 120 }, { 120, 20, 80 },
		{ 40, 21, 41 }, { 40, 39, 59 }, { 40, 40, 40 }, { 40, 300, 40 },
		{ 100, 99, 149 }, { 199, 198, 200 }, { 200, 200, 200 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_delack d = going();

		d.ato_ms = rows[i].ato;
		rcv(&d, 10, true, T0 + rows[i].gap);
		KUNIT_EXPECT_EQ_MSG(test, d.ato_ms, rows[i].want, "row %d", i);
	}
}

static void expired_delay_doubles(struct kunit *test)
{
	static const u16 want[] = { 80, 160, 200, 200 };
	struct toy_delack d = going();

	for (int i = 0; i < ARRAY_SIZE(want); i++) {
		d.pending = 1;
		toy_delack_timeout(&d, &env);
		KUNIT_EXPECT_EQ(test, d.ato_ms, want[i]);
		toy_delack_sent(&d, 1);
	}
}

/* An answer within the delay makes a dialogue; an expired delay ends it. */
static void dialogue(struct kunit *test)
{
	struct toy_delack d = begin();

	toy_delack_data_sent(&d, T0);
	KUNIT_EXPECT_EQ(test, d.pingpong, 0);
	KUNIT_EXPECT_FALSE(test, toy_delack_in_pingpong(&d));
	rcv(&d, 10, true, T0 + 100);
	toy_delack_data_sent(&d, T0 + 139);
	toy_delack_sent(&d, 1);
	KUNIT_EXPECT_TRUE(test, toy_delack_in_pingpong(&d));
	KUNIT_EXPECT_FALSE(test, toy_delack_in_quick(&d));

	rcv(&d, 10, true, T0 + 150);
	expect_do(WAIT, check(&d, 10, T0 + 150));
	/* Read, but not answered: once is waited for, twice is not. */
	KUNIT_EXPECT_FALSE(test, toy_delack_read(&d, 10, true));
	rcv(&d, 10, true, T0 + 151);
	KUNIT_EXPECT_TRUE(test, toy_delack_read(&d, 20, true));
	KUNIT_EXPECT_FALSE(test, toy_delack_read(&d, 20, false));

	toy_delack_timeout(&d, &env);
	KUNIT_EXPECT_FALSE(test, toy_delack_in_pingpong(&d));
	KUNIT_EXPECT_EQ(test, d.ato_ms, 40);

	/* Too late for an answer; and the count has an end. */
	toy_delack_data_sent(&d, T0 + 191);
	KUNIT_EXPECT_EQ(test, d.pingpong, 0);
	for (int i = 0; i < 300; i++)
		toy_delack_data_sent(&d, T0 + 151);
	KUNIT_EXPECT_EQ(test, d.pingpong, 255);
}

static void short_segment_read_is_acknowledged(struct kunit *test)
{
	struct toy_delack d = going();

	rcv(&d, 1000, false, T0);
	KUNIT_EXPECT_FALSE(test, toy_delack_read(&d, 1000, true));
	toy_delack_sent(&d, 1);
	rcv(&d, 10, false, T0);
	KUNIT_EXPECT_TRUE(test, toy_delack_read(&d, 10, true));
	toy_delack_sent(&d, 1);
	KUNIT_EXPECT_FALSE(test, toy_delack_read(&d, 0, true));
	/* A full one with PSH is an end, too. */
	rcv(&d, 1000, true, T0);
	KUNIT_EXPECT_TRUE(test, toy_delack_read(&d, 1000, true));
}

static void segment_size_estimate(struct kunit *test)
{
	struct toy_delack d = begin();

	/* Larger ones count at once; of a super-segment its parts do. */
	toy_delack_rcv(&d, 14480, 1448, false, T0, &env);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1448);
	toy_delack_rcv(&d, 1460, 0, false, T0, &env);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1460);
	/* Smaller ones when two in a row are alike. */
	rcv(&d, 1000, true, T0);
	rcv(&d, 999, true, T0);
	rcv(&d, 1000, true, T0);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1460);
	rcv(&d, 1000, true, T0);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1000);
	/* Small ones with PSH are just small. */
	for (int i = 0; i < 5; i++)
		rcv(&d, 100, true, T0);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 1000);
	rcv(&d, 100, false, T0);
	rcv(&d, 100, false, T0);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 100);
	for (int i = 0; i < 5; i++)
		rcv(&d, 75, false, T0);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 100);
	toy_delack_rcv(&d, 1 << 20, 1 << 20, false, T0, &env);
	KUNIT_EXPECT_EQ(test, d.rcv_mss, 65535);
}

/* Whatever comes, deadlines and counts stay in range. */
static void noise_stays_in_range(struct kunit *test)
{
	struct toy_delack d = begin();
	struct rnd_state rnd;
	u32 now = T0;

	prandom_seed_state(&rnd, 1122);
	for (int i = 0; i < 100000; i++) {
		u32 r = prandom_u32_state(&rnd);
		struct toy_delack_env e = {
			.min_ms = i % 7 ? 40 : r % 2000, .max_ms = r % 1000,
			.rto_ms = r % 5000, .rcv_wnd = r,
		};

		now += r % 100;
		switch (r % 6) {
		case 0:
			toy_delack_rcv(&d, r >> 8, r >> 16, r & 8, now, &e);
			break;
		case 1:
			toy_delack_quick(&d, r, &e);
			break;
		case 2:
			toy_delack_sent(&d, r >> 24);
			break;
		case 3:
			toy_delack_data_sent(&d, now);
			break;
		case 4:
			toy_delack_timeout(&d, &e);
			break;
		}
		if (toy_delack_check(&d, r, r & 64, r & 128, now, &e) ==
		    TOY_DELACK_WAIT) {
			KUNIT_EXPECT_GT(test, (s32)(d.due_ms - now), -1);
			KUNIT_EXPECT_LE(test, d.due_ms - now, e.max_ms);
		}
		KUNIT_EXPECT_LE(test, d.quick, 16);
		KUNIT_EXPECT_GT(test, d.rcv_mss, 0);
	}
}

static struct kunit_case delack_cases[] = {
	KUNIT_CASE(nothing_is_owed_at_first),
	KUNIT_CASE(every_second_full_segment),
	KUNIT_CASE(never_later_than_the_maximum),
	KUNIT_CASE(near_deadline_sends),
	KUNIT_CASE(no_window_no_hurry),
	KUNIT_CASE(gaps_and_orders_send),
	KUNIT_CASE(quick_start),
	KUNIT_CASE(quick_again_after_idle),
	KUNIT_CASE(quick_on_request),
	KUNIT_CASE(quickack_option_stays),
	KUNIT_CASE(delay_follows_gaps),
	KUNIT_CASE(expired_delay_doubles),
	KUNIT_CASE(dialogue),
	KUNIT_CASE(short_segment_read_is_acknowledged),
	KUNIT_CASE(segment_size_estimate),
	KUNIT_CASE(noise_stays_in_range),
	{}
};

static struct kunit_suite delack_suite = {
	.name = "toy-tcp-delack",
	.test_cases = delack_cases,
};

kunit_test_suite(delack_suite);
