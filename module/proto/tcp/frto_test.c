// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for frto.c: RFC 5682 2.1 (basic) and 3.1 (with SACK). Ten segments of
 * 1000 bytes are in flight when the timer fires; the sequence number wraps
 * within the fifth.
 */
#include <kunit/test.h>

#define SEQ(n) (0xfffff000U + (n) * 1000U)
#define HIGH SEQ(10)
#define expect_step(f, step, ...) \
	KUNIT_EXPECT_EQ(test, (int)toy_frto_ack(f, \
			&(struct toy_frto_ack){ __VA_ARGS__ }), \
			(int)TOY_FRTO_##step)

static struct toy_frto timed_out(void)
{
	struct toy_frto f = {};

	toy_frto_begin(&f, HIGH);
	return f;
}

/* In step 3: one segment was answered, new data is out. */
static struct toy_frto new_data_out(bool sack)
{
	struct toy_frto f = timed_out();
	struct toy_frto_ack a = {
		.ack = SEQ(1), .una_advanced = true, .can_send_new = true,
		.sack = sack,
	};

	toy_frto_ack(&f, &a);
	return f;
}

/* Nobody asks, nobody is answered. */
static void off_without_a_timeout(struct kunit *test)
{
	struct toy_frto f = {};

	expect_step(&f, OFF, .ack = SEQ(1), .una_advanced = true,
		    .orig_delivered = true, .sack = true);
	f = timed_out();
	toy_frto_end(&f);
	expect_step(&f, OFF, .ack = SEQ(1), .una_advanced = true,
		    .can_send_new = true);
}

/* 2.1: two acknowledgments that advance, with new data between them. */
static void basic_spurious(struct kunit *test)
{
	struct toy_frto f = timed_out();

	expect_step(&f, SEND_NEW, .ack = SEQ(1), .una_advanced = true,
		    .can_send_new = true);
	expect_step(&f, SPURIOUS, .ack = SEQ(2), .una_advanced = true,
		    .orig_delivered = true);
	expect_step(&f, OFF, .ack = SEQ(3), .una_advanced = true,
		    .orig_delivered = true);
}

/* 2.1 step 2a: a duplicate comes first, or the ack covers all. */
static void basic_stops_in_step_2(struct kunit *test)
{
	struct toy_frto f = timed_out();

	expect_step(&f, OFF, .ack = SEQ(0), .dup = true, .can_send_new = true);
	KUNIT_EXPECT_FALSE(test, f.on);

	f = timed_out();
	expect_step(&f, OFF, .ack = HIGH, .una_advanced = true,
		    .can_send_new = true, .orig_delivered = true);

	/* 2b: a window that is shut, or no data. */
	f = timed_out();
	expect_step(&f, OFF, .ack = SEQ(1), .una_advanced = true);
	KUNIT_EXPECT_FALSE(test, f.on);
}

/* 2.1 step 3a: the new data makes duplicates: the second segment is missing. */
static void basic_loss_in_step_3(struct kunit *test)
{
	struct toy_frto f = new_data_out(false);

	/* A window update is none. */
	expect_step(&f, WAIT, .ack = SEQ(1));
	expect_step(&f, OFF, .ack = SEQ(1), .dup = true);
	KUNIT_EXPECT_FALSE(test, f.on);
}

/* 2.1 step 3b: several at once, even with the new data. */
static void basic_spurious_in_one_go(struct kunit *test)
{
	struct toy_frto f = new_data_out(false);

	expect_step(&f, SPURIOUS, .ack = HIGH + 2000, .una_advanced = true,
		    .orig_delivered = true);
}

/* 3.1: the delayed flight arrives, the receiver answers each segment. */
static void sack_spurious_by_ack(struct kunit *test)
{
	struct toy_frto f = timed_out();

	expect_step(&f, SEND_NEW, .ack = SEQ(1), .una_advanced = true,
		    .can_send_new = true, .sack = true);
	KUNIT_EXPECT_TRUE(test, f.on);
	expect_step(&f, SPURIOUS, .ack = SEQ(2), .una_advanced = true,
		    .orig_delivered = true, .sack = true);
	KUNIT_EXPECT_FALSE(test, f.on);
}

/* 3.1 step 3b: one segment is lost for all that, a SACK tells of the rest. */
static void sack_spurious_by_sack(struct kunit *test)
{
	struct toy_frto f = new_data_out(true);

	expect_step(&f, SPURIOUS, .ack = SEQ(1), .dup = true,
		    .orig_delivered = true, .sack = true);
}

/* 3.1 step 2: duplicates do not end it. */
static void sack_waits_for_an_ack_that_advances(struct kunit *test)
{
	struct toy_frto f = timed_out();

	expect_step(&f, WAIT, .ack = SEQ(0), .dup = true, .sack = true,
		    .can_send_new = true);
	expect_step(&f, WAIT, .ack = SEQ(0), .dup = true, .sack = true,
		    .orig_delivered = true, .can_send_new = true);
	expect_step(&f, SEND_NEW, .ack = SEQ(4), .una_advanced = true,
		    .sack = true, .can_send_new = true);
}

/* 3.1 steps 2a and 2b. */
static void sack_stops_in_step_2(struct kunit *test)
{
	struct toy_frto f = timed_out();

	expect_step(&f, OFF, .ack = HIGH, .una_advanced = true, .sack = true,
		    .orig_delivered = true, .can_send_new = true);
	f = timed_out();
	expect_step(&f, OFF, .ack = SEQ(1), .una_advanced = true,
		    .sack = true);
}

/* 3.1 step 3a: only the new data is SACKed, or the ack goes beyond high. */
static void sack_loss_in_step_3(struct kunit *test)
{
	struct toy_frto f = new_data_out(true);

	/* What was sent again does not decide. */
	expect_step(&f, WAIT, .ack = SEQ(2), .una_advanced = true,
		    .sack = true);
	expect_step(&f, OFF, .ack = SEQ(2), .dup = true, .sack = true);
	KUNIT_EXPECT_FALSE(test, f.on);

	f = new_data_out(true);
	expect_step(&f, OFF, .ack = HIGH + 1000, .una_advanced = true,
		    .sack = true, .orig_delivered = true);

	/* Up to high is not beyond it. */
	f = new_data_out(true);
	expect_step(&f, SPURIOUS, .ack = HIGH, .una_advanced = true,
		    .sack = true, .orig_delivered = true);
}

/* A second timeout starts over. */
static void repeated_timeout_starts_over(struct kunit *test)
{
	struct toy_frto f = new_data_out(true);

	toy_frto_begin(&f, HIGH + 2000);
	KUNIT_EXPECT_TRUE(test, f.on);
	KUNIT_EXPECT_FALSE(test, f.new_data);
	expect_step(&f, SEND_NEW, .ack = HIGH, .una_advanced = true,
		    .sack = true, .can_send_new = true);
}

#undef SEQ
#undef HIGH
#undef expect_step

static struct kunit_case frto_cases[] = {
	KUNIT_CASE(off_without_a_timeout),
	KUNIT_CASE(basic_spurious),
	KUNIT_CASE(basic_stops_in_step_2),
	KUNIT_CASE(basic_loss_in_step_3),
	KUNIT_CASE(basic_spurious_in_one_go),
	KUNIT_CASE(sack_spurious_by_ack),
	KUNIT_CASE(sack_spurious_by_sack),
	KUNIT_CASE(sack_waits_for_an_ack_that_advances),
	KUNIT_CASE(sack_stops_in_step_2),
	KUNIT_CASE(sack_loss_in_step_3),
	KUNIT_CASE(repeated_timeout_starts_over),
	{}
};

static struct kunit_suite frto_suite = {
	.name = "toy-tcp-frto",
	.test_cases = frto_cases,
};

kunit_test_suite(frto_suite);
