// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for prr.c. The first ones are set as the examples of RFC 6937 are:
 * twenty segments in flight, some of the first ones lost, ssthresh ten, and
 * two new segments sent by limited transmit before the third SACK starts the
 * recovery. pipe is what is left before something is sent.
 */
#include <kunit/test.h>

#define CWND 20U
#define SSTHRESH 10U

struct prr_run {
	struct toy_prr p;
	u32 pipe;
};

/* One SACK for one segment: what may be sent is sent. Returns how much. */
static u32 sack_one(struct prr_run *run, u32 lost)
{
	u32 cwnd, sent;

	run->pipe -= 1 + lost;
	cwnd = toy_prr_ack(&run->p, SSTHRESH, 1, lost, run->pipe, false);
	sent = cwnd - run->pipe;
	toy_prr_sent(&run->p, sent);
	run->pipe += sent;
	return sent;
}

/*
 * One segment lost:
 *	ack#   X  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18
 *	pipe:    19 19 18 18 17 17 16 16 15 15 14 14 13 13 12 12 11 11
 *	sent:     N  N  R     N     N     N     N     N     N     N
 */
static void one_loss_sends_on_every_other_ack(struct kunit *test)
{
	struct prr_run run = { .pipe = 20 };	/* two of 22 SACKed */

	toy_prr_begin(&run.p, CWND);
	for (u32 ack = 3; ack <= 18; ack++) {
		KUNIT_EXPECT_EQ(test, sack_one(&run, ack == 3), ack % 2);
		KUNIT_EXPECT_EQ(test, run.pipe, 19 - (ack - 2) / 2);
	}
	KUNIT_EXPECT_EQ(test, run.p.out, 8U);

	/* Once at ssthresh it stays there: one for one. */
	KUNIT_EXPECT_EQ(test, sack_one(&run, 0), 0U);
	KUNIT_EXPECT_EQ(test, run.pipe, SSTHRESH);
	for (u32 ack = 20; ack < 25; ack++) {
		KUNIT_EXPECT_EQ(test, sack_one(&run, 0), 1U);
		KUNIT_EXPECT_EQ(test, run.pipe, SSTHRESH);
	}
}

/*
 * Fifteen segments lost, 0 to 14:
 *	ack#  15 16 17 18 19
 *	pipe: 19 19  4  4  4
 *	sent:  N  N  R  R  R
 * The path gives one, it gets one: the conservative bound.
 */
static void burst_of_losses_is_packet_conserving(struct kunit *test)
{
	struct prr_run run = { .pipe = 20 };

	toy_prr_begin(&run.p, CWND);
	KUNIT_EXPECT_EQ(test, sack_one(&run, 15), 1U);
	for (int ack = 18; ack <= 19; ack++) {
		KUNIT_EXPECT_EQ(test, sack_one(&run, 0), 1U);
		KUNIT_EXPECT_EQ(test, run.pipe, 5U);
	}
}

/*
 * The same with acknowledgments that are safe: pipe grows as in slow start,
 *	pipe:  4  5  6  7  8  9
 *	sent: 2R 2R 2R 2R 2R 1R		up to ssthresh
 */
static void safe_acks_slow_start_up_to_ssthresh(struct kunit *test)
{
	struct toy_prr p;
	u32 pipe = 5;

	toy_prr_begin(&p, CWND);
	for (u32 before = 4; before <= 8; before++) {
		pipe--;
		KUNIT_EXPECT_EQ(test, pipe, before);
		KUNIT_EXPECT_EQ(test,
				toy_prr_ack(&p, SSTHRESH, 1, 0, pipe, true),
				pipe + 2);
		toy_prr_sent(&p, 2);
		pipe += 2;
	}
	pipe--;
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, pipe, true),
			SSTHRESH);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, SSTHRESH, true),
			SSTHRESH);
}

/* A partial acknowledgment that brings news of more losses is not safe. */
static void further_loss_makes_it_conservative(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, CWND);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 2, 4, true), 5U);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 4, false), 5U);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 4, true), 6U);
}

/* RFC 6937 3: a sender without data keeps the credit, up to ssthresh. */
static void credit_of_a_pause_is_kept(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, CWND);
	toy_prr_ack(&p, SSTHRESH, 1, 1, 18, false);
	toy_prr_sent(&p, 1);
	/* Fifteen are delivered, nothing is sent. */
	for (u32 pipe = 18; pipe > 3; pipe--)
		toy_prr_ack(&p, SSTHRESH, 1, 0, pipe, false);
	/* 17 delivered, 1 out: all of the room, not one by one. */
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 3, false),
			SSTHRESH);
}

/* RFC 6937 3: the proportion is rounded up, 21/20 to two. */
static void proportion_is_rounded_up(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, CWND);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 7, 2, 1, 17, false), 17U);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 7, 1, 0, 16, false), 17U);
}

/* The first segment of a recovery is never held back. */
static void fast_retransmit_goes_at_once(struct kunit *test)
{
	struct toy_prr p;

	/* ssthresh is tiny: one delivered of twenty is worth nothing yet. */
	toy_prr_begin(&p, CWND);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 0, 1, 1, 18, false), 19U);
	/* Already full, but nothing sent. */
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 10, false), 11U);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 10, false), 10U);
}

/* More out than the proportion: nothing more, and never below pipe. */
static void overdraft_is_paid_back_first(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, CWND);
	toy_prr_sent(&p, 8);
	for (u32 i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test,
				toy_prr_ack(&p, SSTHRESH, 1, 0, 15, true), 15U);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 1, 0, 15, true), 16U);
}

/* An acknowledgment that delivers nothing earns nothing. */
static void nothing_delivered_nothing_earned(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, CWND);
	toy_prr_ack(&p, SSTHRESH, 2, 1, 18, false);
	toy_prr_sent(&p, 1);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, SSTHRESH, 0, 0, 18, false), 18U);
	KUNIT_EXPECT_EQ(test, p.delivered, 2U);
}

static void absurd_input_stays_in_range(struct kunit *test)
{
	struct toy_prr p;

	toy_prr_begin(&p, 0);
	KUNIT_EXPECT_EQ(test, p.prior_cwnd, 1U);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 0, 0, 0, 0, false), 1U);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 1, U32_MAX, U32_MAX, U32_MAX,
					  true), U32_MAX);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, U32_MAX, 0, 0, 0, true),
			U32_MAX);

	toy_prr_begin(&p, 1);
	p.delivered = U32_MAX;
	p.out = 0;
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, U32_MAX - 1, 0, 0, U32_MAX,
					  false), U32_MAX);
	p.delivered = 0;
	p.out = U32_MAX;
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 10, 1, 0, 20, false), 20U);
	KUNIT_EXPECT_EQ(test, toy_prr_ack(&p, 10, 1, 0, 5, false), 6U);
}

#undef CWND
#undef SSTHRESH

static struct kunit_case prr_cases[] = {
	KUNIT_CASE(one_loss_sends_on_every_other_ack),
	KUNIT_CASE(burst_of_losses_is_packet_conserving),
	KUNIT_CASE(safe_acks_slow_start_up_to_ssthresh),
	KUNIT_CASE(further_loss_makes_it_conservative),
	KUNIT_CASE(credit_of_a_pause_is_kept),
	KUNIT_CASE(proportion_is_rounded_up),
	KUNIT_CASE(fast_retransmit_goes_at_once),
	KUNIT_CASE(overdraft_is_paid_back_first),
	KUNIT_CASE(nothing_delivered_nothing_earned),
	KUNIT_CASE(absurd_input_stays_in_range),
	{}
};

static struct kunit_suite prr_suite = {
	.name = "toy-tcp-prr",
	.test_cases = prr_cases,
};

kunit_test_suite(prr_suite);
