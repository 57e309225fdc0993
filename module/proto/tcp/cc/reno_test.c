// SPDX-License-Identifier: GPL-2.0-only
/* Cases for reno.c: RFC 5681 3.1, and what it comes to over time. */
#include <kunit/test.h>
#include <linux/math64.h>

static struct toy_cc fresh(u32 cwnd, u32 ssthresh)
{
	struct toy_cc cc = {
		.ops = &toy_cc_reno, .cwnd = cwnd, .ssthresh = ssthresh,
		.cwnd_clamp = U32_MAX, .cwnd_limited = true,
	};

	cc.ops->init(&cc);
	return cc;
}

static void acked(struct toy_cc *cc, u32 segs)
{
	struct toy_ack_event ev = { .acked = segs, .rtt_us = -1 };

	cc->ops->ack(cc, &ev);
}

static void lost(struct toy_cc *cc)
{
	cc->ssthresh = cc->ops->ssthresh(cc, 0);
	cc->cwnd = cc->ssthresh;
}

/* Equation (2): a round trip doubles the window. */
static void slow_start_doubles(struct kunit *test)
{
	struct toy_cc cc = fresh(10, TOY_CC_SSTHRESH_MAX);

	for (int i = 0; i < 5; i++)
		acked(&cc, 2);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 20);
}

/* Congestion avoidance: a segment per round trip, at any rate of ACKs. */
static void avoidance_adds_one_per_round(struct kunit *test)
{
	static const u32 stretch[] = { 1, 2, 5, 10 };

	for (int i = 0; i < ARRAY_SIZE(stretch); i++) {
		struct toy_cc cc = fresh(10, 10);

		for (int n = 0; n < 10; n += stretch[i])
			acked(&cc, stretch[i]);
		KUNIT_EXPECT_EQ(test, cc.cwnd, 11);
		for (int n = 0; n < 11; n++)
			acked(&cc, 1);
		KUNIT_EXPECT_EQ(test, cc.cwnd, 12);
	}
}

/* One acknowledgment takes the window over ssthresh: the rest is additive. */
static void crossing_ssthresh(struct kunit *test)
{
	struct toy_cc cc = fresh(10, 12);

	acked(&cc, 10);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 12);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 8);
	acked(&cc, 4);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 13);
}

/* Equation (4). */
static void loss_halves_down_to_two(struct kunit *test)
{
	struct toy_cc cc = fresh(21, 10);

	cc.cwnd_cnt = 20;
	lost(&cc);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0);
	for (int i = 0; i < 5; i++)
		lost(&cc);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 2);
	cc.cwnd = 1;
	KUNIT_EXPECT_EQ(test, cc.ops->ssthresh(&cc, 0), 2);
}

/* RFC 7661: a window that is not used does not grow. */
static void unused_window_stays(struct kunit *test)
{
	struct toy_cc cc = fresh(10, 20);

	cc.cwnd_limited = false;
	acked(&cc, 10);
	cc.ssthresh = 5;
	acked(&cc, 10);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 10);
	KUNIT_EXPECT_EQ(test, cc.cwnd_cnt, 0);
}

/* RFC 9438 table 1, RFC 3649: a loss in 1/p segments gives a mean window of
 * 1.2 / sqrt(p).
 */
static void mean_window_follows_loss(struct kunit *test)
{
	static const struct { u32 every, mean; } row[] = {
		{ 100, 12 }, { 1000, 38 }, { 10000, 120 }, { 100000, 379 },
	};

	for (int i = 0; i < ARRAY_SIZE(row); i++) {
		struct toy_cc cc = fresh(10, TOY_CC_SSTHRESH_MAX);
		u64 rounds = 0, segs = 0;

		for (u32 n = 0; n < 20 * row[i].every; n++) {
			acked(&cc, 1);
			if (n % row[i].every == 0)
				lost(&cc);
			/* In 2^32nds of a round trip, past the start. */
			if (n >= 5 * row[i].every) {
				rounds += div_u64(1ULL << 32, cc.cwnd);
				segs++;
			}
		}
		segs = div_u64(segs << 16, rounds >> 16);
		KUNIT_EXPECT_GE(test, segs, row[i].mean * 95 / 100);
		KUNIT_EXPECT_LE(test, segs, row[i].mean * 106 / 100);
	}
}

static void clamp_and_absurd_counts(struct kunit *test)
{
	struct toy_cc cc = fresh(10, TOY_CC_SSTHRESH_MAX);

	for (int i = 0; i < 8; i++) {
		acked(&cc, U32_MAX);
		KUNIT_EXPECT_LE(test, cc.cwnd, TOY_CC_CWND_MAX);
	}
	cc.cwnd_clamp = 44;
	acked(&cc, U32_MAX);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 44);
	acked(&cc, 0);
	KUNIT_EXPECT_EQ(test, cc.cwnd, 44);
}

static struct kunit_case reno_cases[] = {
	KUNIT_CASE(slow_start_doubles),
	KUNIT_CASE(avoidance_adds_one_per_round),
	KUNIT_CASE(crossing_ssthresh),
	KUNIT_CASE(loss_halves_down_to_two),
	KUNIT_CASE(unused_window_stays),
	KUNIT_CASE(mean_window_follows_loss),
	KUNIT_CASE(clamp_and_absurd_counts),
	{}
};

static struct kunit_suite reno_suite = {
	.name = "toy-tcp-reno",
	.test_cases = reno_cases,
};

kunit_test_suite(reno_suite);
