// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for rack.c, in the order of RFC 8985 6.2's steps. The path needs
 * 100 ms; segments have 1000 bytes and are named after their number.
 */
#include <kunit/test.h>

#define MS 1000U
#define RTT (100 * MS)
#define ISS 0xfffff000U		/* sequence numbers wrap after the fifth */
#define START(n) (ISS + (n) * 1000U)
#define END(n) START((n) + 1)
#define T0 (10ULL * 1000 * MS)

static struct toy_rack fresh(void)
{
	struct toy_rack r;

	toy_rack_init(&r, ISS);
	return r;
}

static struct toy_rack_seg segment(u32 n, u64 xmit_us)
{
	return (struct toy_rack_seg){
		.xmit_us = xmit_us, .seq = START(n), .end_seq = END(n),
	};
}

static void deliver(struct toy_rack *r, u32 n, u64 xmit_us, u64 now_us)
{
	struct toy_rack_seg seg = segment(n, xmit_us);

	toy_rack_update(r, &seg, now_us, RTT);
	toy_rack_fack(r, &seg, r->fack);
}

/* Step 2: the one sent last counts, in whatever order they arrive. */
static void latest_transmission_counts(struct kunit *test)
{
	struct toy_rack r = fresh();

	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, T0, END(0)));
	deliver(&r, 2, T0 + 2 * MS, T0 + 102 * MS);
	KUNIT_EXPECT_EQ(test, r.xmit_us, T0 + 2 * MS);
	KUNIT_EXPECT_EQ(test, r.end_seq, END(2));
	KUNIT_EXPECT_EQ(test, r.rtt_us, RTT);
	KUNIT_EXPECT_TRUE(test, r.advanced);

	/* The newest round-trip time is kept even of an older segment. */
	deliver(&r, 1, T0 + 1 * MS, T0 + 111 * MS);
	KUNIT_EXPECT_EQ(test, r.xmit_us, T0 + 2 * MS);
	KUNIT_EXPECT_EQ(test, r.end_seq, END(2));
	KUNIT_EXPECT_EQ(test, r.rtt_us, 110 * MS);
}

/* RACK_sent_after(): within a burst the sequence number decides, across the
 * wrap as well.
 */
static void burst_is_ordered_by_sequence(struct kunit *test)
{
	struct toy_rack r = fresh();

	deliver(&r, 4, T0, T0 + RTT);
	KUNIT_EXPECT_TRUE(test, toy_rack_sent_before(&r, T0, END(3)));
	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, T0, END(4)));
	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, T0, END(5)));
	KUNIT_EXPECT_TRUE(test, toy_rack_sent_before(&r, T0 - 1, END(5)));
	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, T0 + 1, END(3)));

	deliver(&r, 5, T0, T0 + RTT);
	KUNIT_EXPECT_EQ(test, r.end_seq, END(5));
	KUNIT_EXPECT_TRUE(test, toy_rack_sent_before(&r, T0, END(4)));
}

/* Step 2: retransmissions whose acknowledgment may be the original's. */
static void ambiguous_retransmission_is_ignored(struct kunit *test)
{
	struct toy_rack r = fresh();
	struct toy_rack_seg seg = segment(0, T0);

	seg.retrans = true;
	seg.echo_before_retrans = true;
	toy_rack_update(&r, &seg, T0 + 2 * RTT, RTT);
	KUNIT_EXPECT_EQ(test, r.xmit_us, 0ULL);

	seg.echo_before_retrans = false;
	toy_rack_update(&r, &seg, T0 + RTT - 1, RTT);
	KUNIT_EXPECT_EQ(test, r.xmit_us, 0ULL);
	KUNIT_EXPECT_FALSE(test, r.advanced);

	/* Nothing to compare with. */
	toy_rack_update(&r, &seg, T0 + RTT, U32_MAX);
	toy_rack_update(&r, &seg, T0 + RTT, 0);
	KUNIT_EXPECT_EQ(test, r.xmit_us, 0ULL);

	toy_rack_update(&r, &seg, T0 + RTT, RTT);
	KUNIT_EXPECT_EQ(test, r.xmit_us, T0);
	KUNIT_EXPECT_EQ(test, r.rtt_us, RTT);
}

/* Step 3: only an original below the highest delivered one shows it. */
static void reordering_is_seen(struct kunit *test)
{
	struct toy_rack r = fresh();
	struct toy_rack_seg seg;

	for (int i = 0; i < 8; i++) {
		seg = segment(i, T0);
		if (i != 3 && i != 4)
			KUNIT_EXPECT_FALSE(test, toy_rack_fack(&r, &seg, r.fack));
	}
	KUNIT_EXPECT_EQ(test, r.fack, END(7));
	KUNIT_EXPECT_FALSE(test, toy_rack_fack(&r, &seg, r.fack));
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);

	seg = segment(3, T0 + 200 * MS);
	seg.retrans = true;
	KUNIT_EXPECT_FALSE(test, toy_rack_fack(&r, &seg, r.fack));
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);

	seg = segment(4, T0);
	KUNIT_EXPECT_TRUE(test, toy_rack_fack(&r, &seg, r.fack));
	KUNIT_EXPECT_TRUE(test, r.reordering_seen);
	KUNIT_EXPECT_EQ(test, r.fack, END(7));
}

/* An acknowledgment of the first, with a SACK block of the last: no order. */
static void one_acknowledgment_has_no_order(struct kunit *test)
{
	struct toy_rack r = fresh();
	u32 prior = r.fack;
	struct toy_rack_seg last = segment(7, T0), first = segment(0, T0);

	KUNIT_EXPECT_FALSE(test, toy_rack_fack(&r, &last, prior));
	KUNIT_EXPECT_FALSE(test, toy_rack_fack(&r, &first, prior));
	KUNIT_EXPECT_FALSE(test, r.reordering_seen);
	KUNIT_EXPECT_EQ(test, r.fack, END(7));

	/* The next one comes late. */
	first = segment(1, T0);
	KUNIT_EXPECT_TRUE(test, toy_rack_fack(&r, &first, r.fack));
}

/* Step 4: as long as nothing was reordered. */
static void no_reordering_no_patience(struct kunit *test)
{
	struct toy_rack r = fresh();
	struct toy_rack_env e = {
		.srtt_us = 120 * MS, .min_rtt_us = RTT, .dupthresh = 3,
	};

	e.sacked = 2;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), RTT / 4);
	e.sacked = 3;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 0U);
	e.sacked = 1;
	e.recovering = true;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 0U);

	r.reordering_seen = 1;
	e.sacked = 3;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), RTT / 4);
	/* Without a minimum the mean has to do, without any there is none. */
	e.min_rtt_us = 0;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 30 * MS);
	e.min_rtt_us = U32_MAX;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 30 * MS);
	e.srtt_us = 0;
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 0U);
}

/* Step 4: D-SACKs widen it, once a round, up to SRTT. */
static void dsack_widens_once_a_round(struct kunit *test)
{
	struct toy_rack r = fresh();
	struct toy_rack_env e = {
		.srtt_us = 120 * MS, .min_rtt_us = RTT, .dupthresh = 3,
	};

	toy_rack_adapt(&r, false, START(0), START(4));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 25 * MS);
	toy_rack_adapt(&r, true, START(0), START(4));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 50 * MS);
	/* The same round: what was sent before SND.NXT of then. */
	toy_rack_adapt(&r, true, START(1), START(6));
	toy_rack_adapt(&r, true, START(3), START(7));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 50 * MS);
	/* The next one, past the wrap. */
	toy_rack_adapt(&r, true, START(4), START(8));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 75 * MS);
	toy_rack_adapt(&r, true, START(7), START(9));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 75 * MS);
	toy_rack_adapt(&r, true, START(9), START(12));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 100 * MS);
	toy_rack_adapt(&r, true, START(12), START(13));
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), 120 * MS);
}

/* Step 4: sixteen recoveries without one, and it is narrow again. */
static void window_persists_for_16_recoveries(struct kunit *test)
{
	struct toy_rack r = fresh();

	toy_rack_adapt(&r, true, START(0), START(1));
	toy_rack_adapt(&r, true, START(1), START(2));
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 3);
	for (int i = 0; i < 15; i++)
		toy_rack_recovery_ended(&r);
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 3);

	/* One more D-SACK, and the count starts over. */
	toy_rack_adapt(&r, true, START(2), START(3));
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 4);
	for (int i = 0; i < 15; i++)
		toy_rack_recovery_ended(&r);
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 4);
	toy_rack_recovery_ended(&r);
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 1);
	toy_rack_recovery_ended(&r);
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 1);
}

/*
 * Step 5: segments 1, 2 and 3 are sent 1 ms apart, and 2 is lost. The SACK of 3
 * makes it overtaken; it is given reo_wnd to arrive.
 */
static void overtaken_segment_is_lost_in_time(struct kunit *test)
{
	struct toy_rack r = fresh();
	const u64 now = T0 + 3 * MS + RTT;

	deliver(&r, 1, T0 + 1 * MS, T0 + 1 * MS + RTT);
	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, T0 + 2 * MS, END(2)));
	deliver(&r, 3, T0 + 3 * MS, now);
	KUNIT_EXPECT_TRUE(test, toy_rack_sent_before(&r, T0 + 2 * MS, END(2)));
	KUNIT_EXPECT_EQ(test,
			toy_rack_remaining_us(&r, T0 + 2 * MS, RTT / 4, now),
			24LL * MS);
	KUNIT_EXPECT_EQ(test,
			toy_rack_remaining_us(&r, T0 + 2 * MS, RTT / 4,
					      now + 24 * MS), 0LL);
	/* Without reordering it is lost at once. */
	KUNIT_EXPECT_LE(test, toy_rack_remaining_us(&r, T0 + 2 * MS, 0, now),
			0LL);

	/* Its retransmission is lost, too: 4, sent later, has arrived. */
	KUNIT_EXPECT_FALSE(test, toy_rack_sent_before(&r, now, END(2)));
	deliver(&r, 4, now + 1 * MS, now + 1 * MS + RTT);
	KUNIT_EXPECT_TRUE(test, toy_rack_sent_before(&r, now, END(2)));
	KUNIT_EXPECT_LE(test, toy_rack_remaining_us(&r, now, 0,
						    now + 1 * MS + RTT), 0LL);
}

/* Clocks that go backwards, times out of range, counters at their end. */
static void absurd_input_stays_in_range(struct kunit *test)
{
	struct toy_rack r = fresh();
	struct toy_rack_env e = {
		.srtt_us = U32_MAX, .min_rtt_us = U32_MAX - 1, .dupthresh = 3,
	};

	deliver(&r, 0, T0, T0 - 1);
	KUNIT_EXPECT_EQ(test, r.rtt_us, 0U);
	deliver(&r, 1, 1, U64_MAX);
	KUNIT_EXPECT_EQ(test, r.rtt_us, U32_MAX);
	KUNIT_EXPECT_EQ(test, r.xmit_us, T0);
	KUNIT_EXPECT_GT(test, toy_rack_remaining_us(&r, T0, U32_MAX, T0), 0LL);

	for (u32 i = 0; i < 1000; i++)
		toy_rack_adapt(&r, true, START(i), START(i));
	KUNIT_EXPECT_EQ(test, (int)r.reo_wnd_mult, 255);
	KUNIT_EXPECT_EQ(test, toy_rack_reo_wnd_us(&r, &e), U32_MAX);
}

#undef MS
#undef RTT
#undef ISS
#undef START
#undef END
#undef T0

static struct kunit_case rack_cases[] = {
	KUNIT_CASE(latest_transmission_counts),
	KUNIT_CASE(burst_is_ordered_by_sequence),
	KUNIT_CASE(ambiguous_retransmission_is_ignored),
	KUNIT_CASE(reordering_is_seen),
	KUNIT_CASE(one_acknowledgment_has_no_order),
	KUNIT_CASE(no_reordering_no_patience),
	KUNIT_CASE(dsack_widens_once_a_round),
	KUNIT_CASE(window_persists_for_16_recoveries),
	KUNIT_CASE(overtaken_segment_is_lost_in_time),
	KUNIT_CASE(absurd_input_stays_in_range),
	{}
};

static struct kunit_suite rack_suite = {
	.name = "toy-tcp-rack",
	.test_cases = rack_cases,
};

kunit_test_suite(rack_suite);
