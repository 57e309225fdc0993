// SPDX-License-Identifier: GPL-2.0-only
/* Cases for mcast_state.c: reports and queries against a clock of ours. */
#include <kunit/test.h>

#define HALF	0x80000000u	/* the middle of every random time */
#define LAST	0xffffffffu	/* its end */
#define T0	1000000ul

static const struct in6_addr group = {
	.s6_addr = { [10] = 0xff, 0xff, 239, 1, 2, 3 }
};

static const struct in6_addr none = { .s6_addr = { [10] = 0xff, 0xff } };

static struct toy_mc_query query(u8 version, const struct in6_addr *g,
				 u32 max_ms, u16 sources)
{
	return (struct toy_mc_query) {
		.version = version, .group = *g, .max_ms = max_ms,
		.sources = sources,
	};
}

/* RFC 3376 5.1: at once, and once more within a second. */
static void change_is_told_robustly(struct kunit *test)
{
	struct toy_mc_state s = {};
	struct toy_mc_link l;
	unsigned long at;

	toy_mc_link_init(&l, 3);
	KUNIT_EXPECT_FALSE(test, toy_mc_state_next(&s, &at));
	toy_mc_state_changed(&s, &l, true, T0);
	KUNIT_EXPECT_TRUE(test, toy_mc_state_next(&s, &at));
	KUNIT_EXPECT_EQ(test, at, T0);
	for (int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, toy_mc_state_timeout(&s, &l, at, LAST),
				TOY_MC_SEND_CHANGE | TOY_MC_SEND_MODE);
		KUNIT_EXPECT_EQ(test, s.change, i < 2);
		KUNIT_EXPECT_EQ(test, s.change_at, at + HZ);
		at = s.change_at;
	}
	KUNIT_EXPECT_EQ(test, toy_mc_state_timeout(&s, &l, at, LAST), 0);
}

/* A change of sources behind one of the mode: the mode is told first. */
static void mode_before_sources(struct kunit *test)
{
	struct toy_mc_state s = {};
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	toy_mc_state_changed(&s, &l, true, T0);
	toy_mc_state_timeout(&s, &l, T0, 0);
	toy_mc_state_changed(&s, &l, false, T0);
	KUNIT_EXPECT_EQ(test, toy_mc_state_timeout(&s, &l, T0, 0),
			TOY_MC_SEND_CHANGE | TOY_MC_SEND_MODE);
	KUNIT_EXPECT_EQ(test, toy_mc_state_timeout(&s, &l, T0, 0),
			TOY_MC_SEND_CHANGE);
	KUNIT_EXPECT_FALSE(test, s.change);
}

/* RFC 3376 5.2, rules 1 and 2. */
static void general_query(struct kunit *test)
{
	struct toy_mc_query q = query(TOY_MC_V3, &none, 10000, 0);
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &q, T0, HALF), 0);
	KUNIT_EXPECT_EQ(test, l.answer_at, T0 + 5 * HZ);
	/* A later answer does not put off the first. */
	toy_mc_link_query(&l, &q, T0 + 1, LAST);
	KUNIT_EXPECT_EQ(test, l.answer_at, T0 + 5 * HZ);
	toy_mc_link_query(&l, &q, T0 + 1, 0);
	KUNIT_EXPECT_EQ(test, l.answer_at, T0 + 1);
	KUNIT_EXPECT_FALSE(test, toy_mc_link_timeout(&l, T0));
	KUNIT_EXPECT_TRUE(test, toy_mc_link_timeout(&l, T0 + 1));
	KUNIT_EXPECT_FALSE(test, toy_mc_link_timeout(&l, T0 + 2));
}

/* RFC 3376 5.2, rules 1, 3, 4 and 5. */
static void query_of_a_group(struct kunit *test)
{
	struct toy_mc_query of_group = query(TOY_MC_V3, &group, 1000, 0);
	struct toy_mc_query of_sources = query(TOY_MC_V3, &group, 1000, 3);
	struct toy_mc_query general = query(TOY_MC_V3, &none, 1000, 0);
	struct toy_mc_state s = {};
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &of_sources, T0, HALF),
			TOY_MC_ASK);
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &of_sources, T0, HALF),
			TOY_MC_RECORD | TOY_MC_FRESH);
	KUNIT_EXPECT_TRUE(test, s.sources);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0 + HZ / 2);
	/* More sources join the list; the clock only gets shorter. */
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &of_sources, T0, LAST),
			TOY_MC_RECORD);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0 + HZ / 2);
	/* The whole group makes the list needless. */
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &of_group, T0, 0), 0);
	KUNIT_EXPECT_FALSE(test, s.sources);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0);
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &of_sources, T0, 0), 0);
	KUNIT_EXPECT_FALSE(test, s.sources);
	KUNIT_EXPECT_EQ(test, toy_mc_state_timeout(&s, &l, T0, 0),
			TOY_MC_SEND_ANSWER);
	/* The answer to all comes sooner. */
	toy_mc_link_query(&l, &general, T0, 0);
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &of_group, T0, HALF), 0);
	KUNIT_EXPECT_FALSE(test, s.answer);
}

/* RFC 3376 7.2.1: the oldest querier decides, until it is silent. */
static void older_queriers(struct kunit *test)
{
	struct toy_mc_query v1 = query(TOY_MC_V1, &none, 10000, 0);
	struct toy_mc_query v2 = query(TOY_MC_V2, &none, 10000, 0);
	struct toy_mc_query v3 = query(TOY_MC_V3, &none, 10000, 0);
	unsigned long silence = (2 * 125 + 10) * HZ;
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	toy_mc_link_query(&l, &v3, T0, HALF);
	KUNIT_EXPECT_TRUE(test, l.answer);
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &v2, T0, HALF),
			TOY_MC_CANCEL | TOY_MC_ASK);
	KUNIT_EXPECT_EQ(test, l.version, TOY_MC_V2);
	KUNIT_EXPECT_FALSE(test, l.answer);
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &v1, T0 + HZ, HALF),
			TOY_MC_CANCEL | TOY_MC_ASK);
	KUNIT_EXPECT_EQ(test, l.version, TOY_MC_V1);
	/* A newer query is answered as the older querier understands it. */
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &v3, T0 + HZ, HALF),
			TOY_MC_ASK);
	KUNIT_EXPECT_FALSE(test, toy_mc_link_tick(&l, T0 + silence));
	KUNIT_EXPECT_TRUE(test, toy_mc_link_tick(&l, T0 + HZ + silence));
	KUNIT_EXPECT_EQ(test, l.version, TOY_MC_V3);

	/* The first query after the silence is answered. */
	toy_mc_link_query(&l, &v2, T0, HALF);
	KUNIT_EXPECT_EQ(test, toy_mc_link_query(&l, &v3, T0 + silence, HALF),
			TOY_MC_CANCEL);
	KUNIT_EXPECT_TRUE(test, l.answer);

	toy_mc_link_query(&l, &v1, T0, HALF);
	toy_mc_link_query(&l, &v2, T0 + HZ, HALF);
	KUNIT_EXPECT_TRUE(test, toy_mc_link_tick(&l, T0 + silence));
	KUNIT_EXPECT_EQ(test, l.version, TOY_MC_V2);
}

/* RFC 3376 4.1.6, 4.1.7: the querier's numbers are ours. */
static void robustness_is_learned(struct kunit *test)
{
	struct toy_mc_query q = query(TOY_MC_V3, &none, 1000, 0);
	struct toy_mc_query v2 = query(TOY_MC_V2, &none, 1000, 0);
	struct toy_mc_state s = {};
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	q.robust = 7;
	q.interval_s = 20;
	toy_mc_link_query(&l, &q, T0, 0);
	toy_mc_state_changed(&s, &l, true, T0);
	KUNIT_EXPECT_EQ(test, s.changes, 7);
	toy_mc_link_query(&l, &v2, T0, 0);
	KUNIT_EXPECT_EQ(test, l.until[TOY_MC_V2], T0 + (7 * 20 + 10) * HZ);
	q.robust = 0;
	toy_mc_link_query(&l, &q, T0, 0);
	KUNIT_EXPECT_EQ(test, l.robust, 2);
}

/* RFC 2236 3: one host answers for all. */
static void v2_host(struct kunit *test)
{
	struct toy_mc_query q = query(TOY_MC_V2, &none, 10000, 0);
	struct toy_mc_state s = {};
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	toy_mc_link_query(&l, &q, T0, HALF);
	KUNIT_EXPECT_EQ(test, toy_mc_state_asked(&s, &l, &q, T0, HALF), 0);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0 + 5 * HZ);
	/* Asked to be quicker: only a clock that runs too long is set anew. */
	q.max_ms = 6000;
	toy_mc_state_asked(&s, &l, &q, T0, LAST);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0 + 5 * HZ);
	q.max_ms = 1000;
	toy_mc_state_asked(&s, &l, &q, T0, LAST);
	KUNIT_EXPECT_EQ(test, s.answer_at, T0 + HZ);

	s.last = true;
	toy_mc_state_heard(&s, &l);
	KUNIT_EXPECT_FALSE(test, s.answer);
	KUNIT_EXPECT_FALSE(test, s.last);
	/* Unsolicited reports are ten seconds apart. */
	toy_mc_state_changed(&s, &l, true, T0);
	toy_mc_state_timeout(&s, &l, T0, LAST);
	KUNIT_EXPECT_EQ(test, s.change_at, T0 + 10 * HZ);
}

/* RFC 3376 A.2: V3 hosts speak for themselves. */
static void v3_is_not_suppressed(struct kunit *test)
{
	struct toy_mc_query q = query(TOY_MC_V3, &group, 1000, 0);
	struct toy_mc_state s = {};
	struct toy_mc_link l;

	toy_mc_link_init(&l, 2);
	toy_mc_state_asked(&s, &l, &q, T0, HALF);
	toy_mc_state_heard(&s, &l);
	KUNIT_EXPECT_TRUE(test, s.answer);
}

static struct kunit_case mcast_state_cases[] = {
	KUNIT_CASE(change_is_told_robustly),
	KUNIT_CASE(mode_before_sources),
	KUNIT_CASE(general_query),
	KUNIT_CASE(query_of_a_group),
	KUNIT_CASE(older_queriers),
	KUNIT_CASE(robustness_is_learned),
	KUNIT_CASE(v2_host),
	KUNIT_CASE(v3_is_not_suppressed),
	{}
};

static struct kunit_suite mcast_state_suite = {
	.name = "toy-proto-mcast-state",
	.test_cases = mcast_state_cases,
};

kunit_test_suite(mcast_state_suite);
