// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for undo.c: RFC 3708 (D-SACK) and RFC 3522 with RFC 4015 (Eifel).
 * Segments have 1000 bytes; the sequence number wraps within the third.
 */
#include <kunit/test.h>

#define SEQ(n) (0xfffff800U + (n) * 1000U)

/* A D-SACK that covers segments @from to @to, without the latter. */
static void dsack(struct toy_undo *u, u32 from, u32 to)
{
	toy_undo_dsack(u, SEQ(from), SEQ(to), to - from);
}

static struct toy_undo reduced(void)
{
	struct toy_undo u;

	toy_undo_begin(&u, SEQ(0), 20, 0x7fffffff);
	return u;
}

/* RFC 4015 3: what there is to go back to. */
static void prior_window_is_kept(struct kunit *test)
{
	struct toy_undo u = reduced();

	KUNIT_EXPECT_EQ(test, u.prior_cwnd, 20U);
	KUNIT_EXPECT_EQ(test, u.prior_ssthresh, 0x7fffffffU);
	KUNIT_EXPECT_EQ(test, u.marker, SEQ(0));
	KUNIT_EXPECT_FALSE(test, toy_undo_possible(&u, true, 1000));
	toy_undo_retransmitted(&u, 0, 1000);
	KUNIT_EXPECT_EQ(test, u.retrans, -1);
	KUNIT_EXPECT_FALSE(test, toy_undo_possible(&u, true, 999));
}

/* RFC 3708 3: undo when each copy has been reported. */
static void every_copy_was_for_nothing(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, 1, 1000);
	toy_undo_retransmitted(&u, 2, 1010);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_dsack(&u));
	dsack(&u, 0, 1);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_dsack(&u));
	dsack(&u, 1, 3);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_dsack(&u));
	KUNIT_EXPECT_TRUE(test, toy_undo_possible(&u, false, 0));

	/* Another copy opens the case again. */
	toy_undo_retransmitted(&u, 1, 1020);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_dsack(&u));

	toy_undo_end(&u);
	KUNIT_EXPECT_FALSE(test, toy_undo_possible(&u, true, 1));
}

/* RFC 3708 3: one that was needed is never reported. */
static void real_loss_stays_unreported(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, 2, 1000);
	dsack(&u, 0, 1);
	KUNIT_EXPECT_EQ(test, u.retrans, 1);
	KUNIT_EXPECT_FALSE(test, toy_undo_possible(&u, false, 0));
}

/* Blocks that are not about this recovery, or make no sense. */
static void other_dsacks_do_not_count(struct kunit *test)
{
	struct toy_undo u = reduced();

	/* Nothing was sent again: somebody else has duplicated it. */
	dsack(&u, 0, 1);
	KUNIT_EXPECT_EQ(test, u.retrans, -1);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_dsack(&u));

	toy_undo_retransmitted(&u, 1, 1000);
	toy_undo_dsack(&u, SEQ(0) - 1000, SEQ(0), 1);
	toy_undo_dsack(&u, SEQ(1), SEQ(1), 1);
	toy_undo_dsack(&u, SEQ(2), SEQ(1), 1);
	KUNIT_EXPECT_EQ(test, u.retrans, 1);
	/* Begins before, ends within: it covers a copy of ours. */
	toy_undo_dsack(&u, SEQ(0) - 1000, SEQ(1), 1);
	KUNIT_EXPECT_EQ(test, u.retrans, 0);
}

/* A tail loss probe from before the reduction is reported: that is not the copy
 * which the reduction has caused.
 */
static void copies_of_before_count_as_well(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_still_out(&u, 0);
	KUNIT_EXPECT_EQ(test, u.retrans, -1);
	toy_undo_still_out(&u, 1);
	toy_undo_retransmitted(&u, 1, 1000);
	dsack(&u, 9, 10);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_dsack(&u));
	dsack(&u, 0, 1);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_dsack(&u));
	KUNIT_EXPECT_EQ(test, u.retrans_stamp, 1000U);
}

/* RFC 3522 3.2: the echo is older than the first retransmission. */
static void echo_of_the_original(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, 1, 1000);
	toy_undo_retransmitted(&u, 1, 1100);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_timestamp(&u, true, 999));
	KUNIT_EXPECT_TRUE(test, toy_undo_possible(&u, true, 999));
	/* Caused by the copy, or sent in the same tick. */
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 1000));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 1050));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 1100));
	/* No timestamps, no echo. */
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, false, 999));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 0));
}

/* The timestamp clock wraps as well, and 0 is a time of it. */
static void timestamp_clock_wraps(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, 1, 5);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_timestamp(&u, true, U32_MAX - 5));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 6));

	u = reduced();
	toy_undo_retransmitted(&u, 1, 0);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_timestamp(&u, true, U32_MAX));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 0));
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 1));
	toy_undo_retransmitted(&u, 1, 70);
	KUNIT_EXPECT_FALSE(test, toy_undo_by_timestamp(&u, true, 69));
}

/* SND.UNA may be 0, and is a reduction all the same. */
static void marker_at_sequence_number_zero(struct kunit *test)
{
	struct toy_undo u;

	toy_undo_begin(&u, 0, 10, 20);
	KUNIT_EXPECT_NE(test, u.marker, 0U);
	toy_undo_retransmitted(&u, 1, 1000);
	toy_undo_dsack(&u, 0xfffffc18U, 0, 1);
	KUNIT_EXPECT_EQ(test, u.retrans, 1);
	toy_undo_dsack(&u, 0, 1000, 1);
	KUNIT_EXPECT_TRUE(test, toy_undo_possible(&u, false, 0));
}

/* A second reduction has its own retransmissions. */
static void next_reduction_starts_over(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, 3, 1000);
	toy_undo_begin(&u, SEQ(2), 10, 10);
	KUNIT_EXPECT_EQ(test, u.retrans, -1);
	KUNIT_EXPECT_EQ(test, u.retrans_stamp, 0U);
	KUNIT_EXPECT_EQ(test, u.prior_cwnd, 10U);
	toy_undo_retransmitted(&u, 1, 1300);
	KUNIT_EXPECT_TRUE(test, toy_undo_by_timestamp(&u, true, 1200));
}

static void absurd_counts_stay_in_range(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_retransmitted(&u, U32_MAX, 1);
	toy_undo_retransmitted(&u, U32_MAX, 1);
	KUNIT_EXPECT_EQ(test, u.retrans, S32_MAX);
	toy_undo_dsack(&u, SEQ(0), SEQ(1), 0);
	KUNIT_EXPECT_EQ(test, u.retrans, S32_MAX);
	toy_undo_dsack(&u, SEQ(0), SEQ(1), U32_MAX);
	KUNIT_EXPECT_EQ(test, u.retrans, 0);
	toy_undo_dsack(&u, SEQ(0), SEQ(1), U32_MAX);
	KUNIT_EXPECT_EQ(test, u.retrans, 0);
}

/* The marker stays, so that the reduction ends as reductions do. */
static void forbidden_has_nothing_to_go_back_to(struct kunit *test)
{
	struct toy_undo u = reduced();

	toy_undo_forbid(&u);
	KUNIT_EXPECT_EQ(test, u.marker, SEQ(0));
	KUNIT_EXPECT_EQ(test, u.prior_cwnd, 0U);
	KUNIT_EXPECT_EQ(test, u.prior_ssthresh, 0U);
}

#undef SEQ

static struct kunit_case undo_cases[] = {
	KUNIT_CASE(prior_window_is_kept),
	KUNIT_CASE(every_copy_was_for_nothing),
	KUNIT_CASE(real_loss_stays_unreported),
	KUNIT_CASE(other_dsacks_do_not_count),
	KUNIT_CASE(copies_of_before_count_as_well),
	KUNIT_CASE(echo_of_the_original),
	KUNIT_CASE(timestamp_clock_wraps),
	KUNIT_CASE(marker_at_sequence_number_zero),
	KUNIT_CASE(next_reduction_starts_over),
	KUNIT_CASE(absurd_counts_stay_in_range),
	KUNIT_CASE(forbidden_has_nothing_to_go_back_to),
	{}
};

static struct kunit_suite undo_suite = {
	.name = "toy-tcp-undo",
	.test_cases = undo_cases,
};

kunit_test_suite(undo_suite);
