// SPDX-License-Identifier: GPL-2.0-only
/* Cases for hystart.c, in the order of RFC 9406 4.2. */
#include <kunit/test.h>

#define MS 1000

/* A sender with rounds of @per_round segments, across the wrap of SND.NXT. */
struct hystart_run {
	struct toy_hystart h;
	u32 una, nxt;
	u32 cwnd;
	bool paced;
	bool done;
};

static struct hystart_run begin(void)
{
	struct hystart_run r = {
		.una = U32_MAX - 5000, .nxt = U32_MAX - 5000, .cwnd = 10,
	};

	toy_hystart_init(&r.h);
	return r;
}

static u32 one_ack(struct hystart_run *r, u32 bytes, u32 acked, s64 rtt_us)
{
	struct toy_hystart_ack a = {
		.rtt_us = rtt_us, .acked = acked, .paced = r->paced,
	};
	u32 grow;

	r->una += bytes;
	a.snd_una = r->una;
	a.snd_nxt = r->nxt;
	r->done = toy_hystart_ack(&r->h, &a, &grow);
	r->cwnd += grow;
	return grow;
}

/* A round of ten ACKs for one segment each, of which each releases one: rounds
 * keep their size. Stops when slow start ends.
 */
static void ten_acks(struct hystart_run *r, s64 rtt_us)
{
	for (int i = 0; i < 10 && !r->done; i++) {
		r->nxt = r->una + (r->h.in_round ? 1100 : 1000);
		one_ack(r, 100, 1, rtt_us);
	}
}

/* Steady delay: slow start as ever. */
static void steady_delay_doubles(struct kunit *test)
{
	struct hystart_run r = begin();

	for (int i = 0; i < 20; i++)
		ten_acks(&r, 50 * MS);
	KUNIT_EXPECT_EQ(test, r.cwnd, 10 + 200);
	KUNIT_EXPECT_FALSE(test, r.done);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
}

/* RttThresh: an eighth of the last round's minimum, but 4 to 16 ms. */
static void threshold_of_the_rise(struct kunit *test)
{
	static const struct { u32 last, rise; } row[] = {
		{ 1 * MS, 4 * MS },		/* MIN_RTT_THRESH */
		{ 32 * MS, 4 * MS },
		{ 80 * MS, 10 * MS },		/* MIN_RTT_DIVISOR */
		{ 128 * MS, 16 * MS },
		{ 600 * MS, 16 * MS },		/* MAX_RTT_THRESH */
	};

	for (int i = 0; i < ARRAY_SIZE(row); i++) {
		struct hystart_run r = begin();

		ten_acks(&r, row[i].last);
		ten_acks(&r, row[i].last + row[i].rise - 1);
		KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));

		r = begin();
		ten_acks(&r, row[i].last);
		ten_acks(&r, row[i].last + row[i].rise);
		KUNIT_EXPECT_TRUE(test, toy_hystart_in_css(&r.h));
		KUNIT_EXPECT_EQ(test, r.h.baseline_us,
				row[i].last + row[i].rise);
	}
}

/* It takes eight samples of a round; ACKs without one do not count. */
static void eight_samples_decide(struct kunit *test)
{
	struct hystart_run r = begin();

	ten_acks(&r, 50 * MS);
	for (int i = 0; i < 7; i++)
		one_ack(&r, 100, 1, 100 * MS);
	one_ack(&r, 10, 1, -1);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
	one_ack(&r, 10, 1, 100 * MS);
	KUNIT_EXPECT_TRUE(test, toy_hystart_in_css(&r.h));
}

/* The minimum of the round counts: one good sample vetoes. */
static void minimum_of_the_round_counts(struct kunit *test)
{
	struct hystart_run r = begin();

	ten_acks(&r, 50 * MS);
	for (int i = 0; i < 9; i++)
		one_ack(&r, 100, 1, i == 3 ? 51 * MS : 100 * MS);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
}

/* The first round has none before it. */
static void first_round_decides_nothing(struct kunit *test)
{
	struct hystart_run r = begin();

	r.nxt += 10000;
	for (int i = 0; i < 90; i++)
		one_ack(&r, 100, 1, i * MS);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
}

static struct hystart_run in_css(void)
{
	struct hystart_run r = begin();

	ten_acks(&r, 50 * MS);
	r.nxt += 1000000;		/* a long round, to stay in it */
	for (int i = 0; i < 8; i++)
		one_ack(&r, 0, 0, 60 * MS);
	return r;
}

/* CSS_GROWTH_DIVISOR: a quarter, and nothing lost to rounding. */
static void css_grows_by_a_quarter(struct kunit *test)
{
	struct hystart_run r = in_css();
	u32 grow = 0;

	KUNIT_ASSERT_TRUE(test, toy_hystart_in_css(&r.h));
	r.nxt += 1000000;
	toy_hystart_restart(&r.h);
	for (int i = 0; i < 40; i++)
		grow += one_ack(&r, 100, 1, 60 * MS);
	KUNIT_EXPECT_EQ(test, grow, 10);
	for (int i = 0; i < 4; i++)
		grow += one_ack(&r, 300, 3, 60 * MS);
	KUNIT_EXPECT_EQ(test, grow, 13);
}

/* The delay falls again below the baseline: it was jitter. */
static void falling_delay_resumes_slow_start(struct kunit *test)
{
	struct hystart_run r = in_css();

	KUNIT_ASSERT_TRUE(test, toy_hystart_in_css(&r.h));
	one_ack(&r, 0, 0, 60 * MS);
	KUNIT_EXPECT_TRUE(test, toy_hystart_in_css(&r.h));
	one_ack(&r, 0, 0, 60 * MS - 1);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
	KUNIT_EXPECT_EQ(test, one_ack(&r, 0, 4, 60 * MS), 4);
}

/* A later round of CSS, too, waits for its eight samples. */
static void resuming_waits_for_samples(struct kunit *test)
{
	struct hystart_run r = begin();

	ten_acks(&r, 50 * MS);
	ten_acks(&r, 60 * MS);
	KUNIT_ASSERT_TRUE(test, toy_hystart_in_css(&r.h));
	for (int i = 0; i < 7; i++)
		one_ack(&r, 100, 1, 55 * MS);
	KUNIT_EXPECT_TRUE(test, toy_hystart_in_css(&r.h));
	one_ack(&r, 100, 1, 55 * MS);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
}

/* Five rounds of CSS, the one it began in among them. */
static void five_rounds_end_slow_start(struct kunit *test)
{
	struct hystart_run r = begin();
	int rounds;

	ten_acks(&r, 50 * MS);
	for (rounds = 0; rounds < 20 && !r.done; rounds++) {
		ten_acks(&r, 60 * MS);
		if (!r.done)
			KUNIT_EXPECT_TRUE(test, toy_hystart_in_css(&r.h));
	}
	KUNIT_EXPECT_EQ(test, rounds, 5);
}

/* The count of rounds begins anew when CSS does. */
static void second_css_has_all_its_rounds(struct kunit *test)
{
	struct hystart_run r = begin();
	int rounds;

	ten_acks(&r, 50 * MS);
	for (int i = 0; i < 4; i++)
		ten_acks(&r, 60 * MS);
	ten_acks(&r, 50 * MS);
	KUNIT_EXPECT_FALSE(test, r.done);
	KUNIT_EXPECT_FALSE(test, toy_hystart_in_css(&r.h));
	for (rounds = 0; rounds < 20 && !r.done; rounds++)
		ten_acks(&r, 70 * MS);
	KUNIT_EXPECT_EQ(test, rounds, 5);
}

/* L: an ACK for many segments counts as eight, unless sending is paced. */
static void stretch_acks_are_limited(struct kunit *test)
{
	struct hystart_run r = begin();

	r.nxt += 1000000;
	KUNIT_EXPECT_EQ(test, one_ack(&r, 100, 40, -1), 8);
	r.paced = true;
	KUNIT_EXPECT_EQ(test, one_ack(&r, 100, 40, -1), 40);
	r = in_css();
	KUNIT_EXPECT_EQ(test, one_ack(&r, 100, 40, -1), 2);
	r.paced = true;
	KUNIT_EXPECT_EQ(test, one_ack(&r, 100, 40, -1), 10);
}

/* A round that starts after idle time is no round of the old flight. */
static void restart_opens_a_round(struct kunit *test)
{
	struct hystart_run r = begin();

	ten_acks(&r, 50 * MS);
	ten_acks(&r, 60 * MS);
	KUNIT_EXPECT_EQ(test, (int)r.h.css_rounds, 1);
	r.una = r.nxt;
	r.nxt += 1000;
	toy_hystart_restart(&r.h);
	one_ack(&r, 100, 1, 60 * MS);
	KUNIT_EXPECT_EQ(test, (int)r.h.css_rounds, 1);
	one_ack(&r, 900, 9, 60 * MS);
	KUNIT_EXPECT_EQ(test, (int)r.h.css_rounds, 2);
}

static void absurd_samples(struct kunit *test)
{
	static const s64 rtt[] = {
		0, S64_MAX, S64_MIN, -1, U32_MAX, 1, 0, S64_MAX,
	};
	struct hystart_run r = begin();

	r.paced = true;
	r.nxt += 1000;
	for (int i = 0; i < 1000; i++) {
		u32 acked = i & 1 ? U32_MAX : 0;

		KUNIT_EXPECT_LE(test, one_ack(&r, i << 20, acked,
					      rtt[i % ARRAY_SIZE(rtt)]), acked);
		KUNIT_EXPECT_LE(test, (int)r.h.samples, N_RTT_SAMPLE);
		KUNIT_EXPECT_LE(test, (int)r.h.css_rounds, CSS_ROUNDS);
		KUNIT_EXPECT_LT(test, (int)r.h.css_cnt, CSS_GROWTH_DIVISOR);
		r.nxt += i << 21;
	}
}

#undef MS

static struct kunit_case hystart_cases[] = {
	KUNIT_CASE(steady_delay_doubles),
	KUNIT_CASE(threshold_of_the_rise),
	KUNIT_CASE(eight_samples_decide),
	KUNIT_CASE(minimum_of_the_round_counts),
	KUNIT_CASE(first_round_decides_nothing),
	KUNIT_CASE(css_grows_by_a_quarter),
	KUNIT_CASE(falling_delay_resumes_slow_start),
	KUNIT_CASE(resuming_waits_for_samples),
	KUNIT_CASE(five_rounds_end_slow_start),
	KUNIT_CASE(second_css_has_all_its_rounds),
	KUNIT_CASE(stretch_acks_are_limited),
	KUNIT_CASE(restart_opens_a_round),
	KUNIT_CASE(absurd_samples),
	{}
};

static struct kunit_suite hystart_suite = {
	.name = "toy-tcp-hystart",
	.test_cases = hystart_cases,
};

kunit_test_suite(hystart_suite);
