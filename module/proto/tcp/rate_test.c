// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for rate.c: draft-cheng-iccrg-delivery-rate-estimation. The path needs
 * 10 ms and carries one segment each millisecond.
 */
#include <kunit/test.h>

#define MS 1000ULL
#define RTT (10 * MS)
#define T0 (5000 * MS)

/* @n segments delivered at @now, as ack.c does it. */
static struct toy_rate_sample ack(struct toy_rate *r, struct toy_rate_seg *seg,
				  const u64 *sent_us, int n, u64 now)
{
	struct toy_rate_sample s = {};

	for (int i = 0; i < n; i++)
		toy_rate_delivered(r, &seg[i], sent_us[i], false, &s);
	r->delivered += n;
	toy_rate_gen(r, &s, n, now, RTT);
	return s;
}

/* 3.2: what a segment takes note of, at the start and in mid-flight. */
static void notes_of_a_segment(struct kunit *test)
{
	struct toy_rate r = { .delivered = 7 };
	struct toy_rate_seg seg[2];

	toy_rate_sent(&r, &seg[0], 0, T0);
	KUNIT_EXPECT_EQ(test, seg[0].first_sent_us, T0);
	KUNIT_EXPECT_EQ(test, seg[0].delivered_us, T0);
	KUNIT_EXPECT_EQ(test, seg[0].delivered, 7U);

	toy_rate_sent(&r, &seg[1], 1, T0 + 3 * MS);
	KUNIT_EXPECT_EQ(test, seg[1].first_sent_us, T0);
	KUNIT_EXPECT_EQ(test, seg[1].delivered_us, T0);
}

/*
 * Section 2: ten in one burst, acknowledged one by one as the bottleneck lets them
 * through, each clocking out one more. The second flight was still sent from
 * the burst on; the third was sent at the bottleneck's rate, and finds it.
 */
static void steady_flight_finds_the_bottleneck(struct kunit *test)
{
	struct toy_rate r = {};
	struct toy_rate_seg seg[40];
	struct toy_rate_sample s;
	u64 sent[40];

	for (int i = 0; i < 10; i++) {
		sent[i] = T0;
		toy_rate_sent(&r, &seg[i], i, T0);
	}
	for (int i = 0; i < 30; i++) {
		u64 now = T0 + RTT + i * MS;

		s = ack(&r, &seg[i], &sent[i], 1, now);
		KUNIT_EXPECT_FALSE(test, s.app_limited);
		KUNIT_EXPECT_EQ(test, s.delivered, min(i + 1U, 10U));
		if (i < 10)		/* ack phase */
			KUNIT_EXPECT_EQ(test, s.interval_us,
					(s64)(RTT + i * MS));
		else if (i < 20)	/* send phase */
			KUNIT_EXPECT_EQ(test, s.interval_us,
					(s64)(RTT + (i - 10) * MS));
		else			/* both */
			KUNIT_EXPECT_EQ(test, s.interval_us, (s64)RTT);
		sent[10 + i] = now;
		toy_rate_sent(&r, &seg[10 + i], 9, now);
	}
	KUNIT_EXPECT_EQ(test, r.rate_delivered, 10U);
	KUNIT_EXPECT_EQ(test, r.rate_interval_us, (u32)RTT);
}

/* Section 2: acknowledgments held back and let go at once do not make the path faster
 * than its sender: three segments sent over 30 ms, acknowledged within 12 ms.
 */
static void compressed_acks_do_not_inflate(struct kunit *test)
{
	struct toy_rate r = { .first_sent_us = T0 };
	struct toy_rate_seg seg;
	struct toy_rate_sample s;
	u64 sent = T0 + 30 * MS;

	r.delivered_us = T0 + 28 * MS;
	toy_rate_sent(&r, &seg, 2, sent);
	r.delivered = 2;
	s = ack(&r, &seg, &sent, 1, T0 + 40 * MS);
	KUNIT_EXPECT_EQ(test, s.delivered, 3U);
	KUNIT_EXPECT_EQ(test, s.snd_interval_us, (u32)(30 * MS));
	KUNIT_EXPECT_EQ(test, s.rcv_interval_us, (u32)(12 * MS));
	KUNIT_EXPECT_EQ(test, s.interval_us, (s64)(30 * MS));
}

/* 3.3: of several segments the one sent last, in whatever order they come; a
 * segment that was SACKed does not count again when it is acknowledged.
 */
static void newest_segment_makes_the_sample(struct kunit *test)
{
	struct toy_rate r = {};
	struct toy_rate_seg seg[3];
	struct toy_rate_sample s = {};

	toy_rate_sent(&r, &seg[0], 0, T0);
	r.delivered = 4;
	toy_rate_sent(&r, &seg[1], 1, T0 + 2 * MS);
	r.delivered = 6;
	toy_rate_sent(&r, &seg[2], 2, T0 + 4 * MS);

	toy_rate_delivered(&r, &seg[0], T0, false, &s);
	toy_rate_delivered(&r, &seg[2], T0 + 4 * MS, true, &s);
	toy_rate_delivered(&r, &seg[1], T0 + 2 * MS, false, &s);
	KUNIT_EXPECT_EQ(test, s.prior_delivered, 6U);
	KUNIT_EXPECT_EQ(test, s.sent_us, T0 + 4 * MS);
	KUNIT_EXPECT_TRUE(test, s.retrans);
	KUNIT_EXPECT_EQ(test, r.first_sent_us, T0 + 4 * MS);
	KUNIT_EXPECT_EQ(test, seg[1].delivered_us, 0ULL);

	/* In a burst the last one, which comes last. */
	s = (struct toy_rate_sample){};
	r.delivered = 7;
	toy_rate_sent(&r, &seg[0], 2, T0 + 6 * MS);
	r.delivered = 8;
	toy_rate_sent(&r, &seg[1], 2, T0 + 6 * MS);
	toy_rate_delivered(&r, &seg[0], T0 + 6 * MS, false, &s);
	toy_rate_delivered(&r, &seg[1], T0 + 6 * MS, false, &s);
	KUNIT_EXPECT_EQ(test, s.prior_delivered, 8U);

	s = (struct toy_rate_sample){};
	toy_rate_delivered(&r, &seg[2], T0 + 4 * MS, false, &s);
	KUNIT_EXPECT_EQ(test, s.prior_us, 0ULL);
	toy_rate_gen(&r, &s, 0, T0 + RTT, RTT);
	KUNIT_EXPECT_LE(test, s.interval_us, 0LL);
	KUNIT_EXPECT_NE(test, r.delivered_us, T0 + RTT);
}

/* 3.3: less than the shortest round trip: the original was acknowledged. */
static void too_short_is_no_sample(struct kunit *test)
{
	struct toy_rate r = {};
	struct toy_rate_seg seg;
	struct toy_rate_sample s;
	u64 sent = T0;

	toy_rate_sent(&r, &seg, 0, sent);
	s = ack(&r, &seg, &sent, 1, T0 + RTT - 1);
	KUNIT_EXPECT_EQ(test, s.interval_us, -1LL);
	KUNIT_EXPECT_EQ(test, r.rate_interval_us, 0U);
	KUNIT_EXPECT_EQ(test, r.delivered_us, T0 + RTT - 1);

	toy_rate_sent(&r, &seg, 0, sent);
	s = ack(&r, &seg, &sent, 1, T0 + RTT);
	KUNIT_EXPECT_EQ(test, s.interval_us, (s64)RTT);
	KUNIT_EXPECT_EQ(test, r.rate_interval_us, (u32)RTT);
}

/* 3.4: the bubble is marked, travels, and is gone when it has arrived. */
static void application_limited_bubble(struct kunit *test)
{
	struct toy_rate r = { .delivered = 100 };
	struct toy_rate_seg seg[4];
	struct toy_rate_sample s;
	u64 sent[4] = { T0, T0, T0, T0 + RTT };

	toy_rate_sent(&r, &seg[0], 0, T0);
	toy_rate_sent(&r, &seg[1], 1, T0);
	toy_rate_app_limited(&r, 2);
	KUNIT_EXPECT_EQ(test, r.app_limited, 102U);
	toy_rate_sent(&r, &seg[2], 2, T0);

	s = ack(&r, &seg[0], &sent[0], 2, T0 + RTT);
	KUNIT_EXPECT_FALSE(test, s.app_limited);
	KUNIT_EXPECT_NE(test, r.app_limited, 0U);
	toy_rate_sent(&r, &seg[3], 1, T0 + RTT);

	s = ack(&r, &seg[2], &sent[2], 1, T0 + RTT + 1 * MS);
	KUNIT_EXPECT_TRUE(test, s.app_limited);
	KUNIT_EXPECT_EQ(test, s.delivered, 3U);
	KUNIT_EXPECT_EQ(test, r.app_limited, 0U);
	s = ack(&r, &seg[3], &sent[3], 1, T0 + 2 * RTT);
	KUNIT_EXPECT_TRUE(test, s.app_limited);
	KUNIT_EXPECT_EQ(test, s.delivered, 2U);
}

/* TCP_INFO: a limited sample replaces only what is not better. */
static void best_sample_is_kept(struct kunit *test)
{
	struct toy_rate r = {
		.rate_delivered = 10, .rate_interval_us = 10 * MS,
	};
	struct toy_rate_sample s = {
		.prior_us = T0, .app_limited = true,
	};

	r.delivered = 9;
	toy_rate_gen(&r, &s, 1, T0 + RTT, RTT);
	KUNIT_EXPECT_EQ(test, r.rate_delivered, 10U);
	KUNIT_EXPECT_FALSE(test, r.rate_app_limited);
	r.delivered = 11;
	toy_rate_gen(&r, &s, 1, T0 + RTT, RTT);
	KUNIT_EXPECT_EQ(test, r.rate_delivered, 11U);
	KUNIT_EXPECT_TRUE(test, r.rate_app_limited);
	/* Worse, but the path's own. */
	s.app_limited = false;
	r.delivered = 3;
	toy_rate_gen(&r, &s, 1, T0 + RTT, RTT);
	KUNIT_EXPECT_EQ(test, r.rate_delivered, 3U);
	KUNIT_EXPECT_FALSE(test, r.rate_app_limited);
}

/* The counter of a long connection wraps, in 31 bits and in 32. */
static void counters_wrap(struct kunit *test)
{
	static const u32 starts[] = { 0x7ffffffe, 0xfffffffe };

	for (int i = 0; i < ARRAY_SIZE(starts); i++) {
		struct toy_rate r = { .delivered = starts[i] };
		struct toy_rate_seg seg[5];
		u64 sent[5] = { T0, T0, T0, T0, T0 };
		struct toy_rate_sample s;

		toy_rate_app_limited(&r, 2);
		KUNIT_EXPECT_NE(test, r.app_limited, 0U);
		for (int j = 0; j < 5; j++)
			toy_rate_sent(&r, &seg[j], j, T0);
		s = ack(&r, seg, sent, 2, T0 + RTT);
		KUNIT_EXPECT_EQ(test, s.delivered, 2U);
		KUNIT_EXPECT_TRUE(test, s.app_limited);
		KUNIT_EXPECT_NE(test, r.app_limited, 0U);
		s = ack(&r, &seg[2], &sent[2], 3, T0 + RTT);
		KUNIT_EXPECT_EQ(test, s.delivered, 5U);
		KUNIT_EXPECT_EQ(test, r.app_limited, 0U);
	}
}

/* Clocks that go backwards, intervals of hours. */
static void absurd_times_stay_in_range(struct kunit *test)
{
	struct toy_rate r = {};
	struct toy_rate_seg seg;
	struct toy_rate_sample s;
	u64 sent = T0;

	toy_rate_sent(&r, &seg, 0, T0);
	s = ack(&r, &seg, &sent, 1, T0 - 1);
	KUNIT_EXPECT_EQ(test, s.interval_us, -1LL);

	toy_rate_sent(&r, &seg, 0, T0);
	s = (struct toy_rate_sample){};
	toy_rate_delivered(&r, &seg, T0 - 7, false, &s);
	toy_rate_gen(&r, &s, 1, T0, 0);
	KUNIT_EXPECT_EQ(test, s.interval_us, -1LL);

	toy_rate_sent(&r, &seg, 0, T0);
	s = ack(&r, &seg, &sent, 1, U64_MAX);
	KUNIT_EXPECT_EQ(test, s.interval_us, (s64)U32_MAX);
	KUNIT_EXPECT_EQ(test, r.rate_interval_us, U32_MAX);
}

#undef MS
#undef RTT
#undef T0

static struct kunit_case rate_cases[] = {
	KUNIT_CASE(notes_of_a_segment),
	KUNIT_CASE(steady_flight_finds_the_bottleneck),
	KUNIT_CASE(compressed_acks_do_not_inflate),
	KUNIT_CASE(newest_segment_makes_the_sample),
	KUNIT_CASE(too_short_is_no_sample),
	KUNIT_CASE(application_limited_bubble),
	KUNIT_CASE(best_sample_is_kept),
	KUNIT_CASE(counters_wrap),
	KUNIT_CASE(absurd_times_stay_in_range),
	{}
};

static struct kunit_suite rate_suite = {
	.name = "toy-tcp-rate",
	.test_cases = rate_cases,
};

kunit_test_suite(rate_suite);
