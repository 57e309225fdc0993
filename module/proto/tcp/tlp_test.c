// SPDX-License-Identifier: GPL-2.0-only
/* Cases for tlp.c, in the order of RFC 8985 section 7. */
#include <kunit/test.h>

#define MS 1000U
#define MAX_ACK_DELAY (200 * MS)
#define END 5U			/* behind the wrap: data begins before it */
#define expect_pto_ms(srtt, flight, rto, ms) \
	KUNIT_EXPECT_EQ(test, toy_tlp_pto_us((srtt) * MS, flight, \
					     MAX_ACK_DELAY, (rto) * MS), \
			(ms) * MS)
#define expect_ack(t, verdict, ...) \
	KUNIT_EXPECT_EQ(test, (int)toy_tlp_ack(t, \
			&(struct toy_tlp_ack){ __VA_ARGS__ }), \
			(int)TOY_TLP_##verdict)

/* 7.2: two round-trip times, and what may delay the answer. */
static void probe_timeout(struct kunit *test)
{
	expect_pto_ms(100, 10, 5000, 202);
	expect_pto_ms(100, 2, 5000, 202);
	expect_pto_ms(100, 1, 5000, 400);
	/* No sample yet. */
	expect_pto_ms(0, 1, 5000, 1000);
	expect_pto_ms(0, 10, 5000, 1000);
	/* The retransmission timeout comes first. */
	expect_pto_ms(100, 1, 300, 300);
	expect_pto_ms(0, 1, 300, 300);
}

/* 7.4.2: new data was sent, and is acknowledged. */
static void probe_of_new_data_delivered(struct kunit *test)
{
	struct toy_tlp t = {};

	expect_ack(&t, NOTHING, .ack = END);
	toy_tlp_sent(&t, END, false);
	expect_ack(&t, NOTHING, .ack = END - 1, .sacks = true);
	KUNIT_EXPECT_TRUE(test, t.pending);
	expect_ack(&t, FINE, .ack = END);
	KUNIT_EXPECT_FALSE(test, t.pending);
	expect_ack(&t, NOTHING, .ack = END + 1000);

	toy_tlp_sent(&t, END + 1000, false);
	expect_ack(&t, FINE, .ack = END + 2000);
}

/* 7.4.2 case 1: the D-SACK of the probe. */
static void both_copies_arrive_and_dsack_tells(struct kunit *test)
{
	struct toy_tlp t = {};

	toy_tlp_sent(&t, END, true);
	expect_ack(&t, NOTHING, .ack = END);
	expect_ack(&t, FINE, .ack = END, .dsack_of_probe = true,
		   .sacks = true);

	/* New data was sent meanwhile and comes with it. */
	toy_tlp_sent(&t, END, true);
	expect_ack(&t, FINE, .ack = END + 1000, .dsack_of_probe = true,
		   .sacks = true);
}

/* 7.4.2 case 2: no D-SACK, but a second acknowledgment. */
static void both_copies_arrive_and_duplicate_tells(struct kunit *test)
{
	struct toy_tlp t = {};

	toy_tlp_sent(&t, END, true);
	expect_ack(&t, NOTHING, .ack = END);
	/* These repeat END for reasons of their own. */
	expect_ack(&t, NOTHING, .ack = END, .new_data_or_wnd = true);
	expect_ack(&t, NOTHING, .ack = END, .sacks = true);
	expect_ack(&t, FINE, .ack = END);
}

/* The segment was lost, the probe has replaced it: the next data's
 * acknowledgment comes without any sign of a second copy.
 */
static void probe_repairs_the_only_loss(struct kunit *test)
{
	struct toy_tlp t = {};

	toy_tlp_sent(&t, END, true);
	expect_ack(&t, NOTHING, .ack = END);
	expect_ack(&t, LOST, .ack = END + 1000);
	KUNIT_EXPECT_FALSE(test, t.pending);
	expect_ack(&t, NOTHING, .ack = END + 2000);

	/* The acknowledgment of the probe itself may be lost. */
	toy_tlp_sent(&t, END, true);
	expect_ack(&t, LOST, .ack = END + 1000);
}

/* Old acknowledgments, from before the wrap, and a new episode. */
static void old_acknowledgments_say_nothing(struct kunit *test)
{
	struct toy_tlp t = {};

	toy_tlp_sent(&t, END, true);
	expect_ack(&t, NOTHING, .ack = END - 1000);
	expect_ack(&t, NOTHING, .ack = END - 1000, .sacks = true);
	KUNIT_EXPECT_TRUE(test, t.pending);
	expect_ack(&t, NOTHING, .ack = END);

	/* It does not begin with what the last one has seen. */
	toy_tlp_sent(&t, END + 1000, true);
	expect_ack(&t, NOTHING, .ack = END + 1000);
	expect_ack(&t, FINE, .ack = END + 1000);
}

static void absurd_input_stays_in_range(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, toy_tlp_pto_us(U32_MAX, 1, U32_MAX, U32_MAX),
			U32_MAX);
	KUNIT_EXPECT_EQ(test, toy_tlp_pto_us(U32_MAX, 0, U32_MAX, 7), 7U);
	KUNIT_EXPECT_EQ(test, toy_tlp_pto_us(1, U32_MAX, 0, 0), 0U);
}

#undef MS
#undef MAX_ACK_DELAY
#undef END
#undef expect_pto_ms
#undef expect_ack

static struct kunit_case tlp_cases[] = {
	KUNIT_CASE(probe_timeout),
	KUNIT_CASE(probe_of_new_data_delivered),
	KUNIT_CASE(both_copies_arrive_and_dsack_tells),
	KUNIT_CASE(both_copies_arrive_and_duplicate_tells),
	KUNIT_CASE(probe_repairs_the_only_loss),
	KUNIT_CASE(old_acknowledgments_say_nothing),
	KUNIT_CASE(absurd_input_stays_in_range),
	{}
};

static struct kunit_suite tlp_suite = {
	.name = "toy-tcp-tlp",
	.test_cases = tlp_cases,
};

kunit_test_suite(tlp_suite);
