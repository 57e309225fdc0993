// SPDX-License-Identifier: GPL-2.0-only
/* Cases for nud.c: every transition of RFC 4861 7.3.2 and appendix C. */
#include <kunit/test.h>

static const struct toy_nud_params params = {
	.reachable = 3000,
	.retrans = 100,
	.delay = 500,
	.ucast_probes = 3,
	.mcast_probes = 3,
};

/* Just before jiffies wrap: every case runs across the wrap. */
#define T0 (ULONG_MAX - 150)

#define O TOY_NUD_INFO_OVERRIDE
#define S TOY_NUD_INFO_SOLICITED
#define SAME TOY_NUD_INFO_SAME

struct nud_step {
	struct toy_nud nud;
	unsigned long expires;
	unsigned int todo;
};

static struct nud_step in_state(enum toy_nud_state state)
{
	struct nud_step s = { .nud = {
		.state = state, .confirmed = T0, .used = T0, .updated = T0,
	} };

	if (state == TOY_NUD_INCOMPLETE || state == TOY_NUD_PROBE)
		s.nud.probes = 1;
	return s;
}

static void use(struct nud_step *s, unsigned long now)
{
	s->todo = toy_nud_use(&s->nud, &params, now, &s->expires);
}

static void timeout(struct nud_step *s, unsigned long now)
{
	s->todo = toy_nud_timeout(&s->nud, &params, now, &s->expires);
}

static void hear(struct nud_step *s, unsigned int info, unsigned long now)
{
	s->todo = toy_nud_info(&s->nud, &params, info, now, &s->expires);
}

static void confirm(struct nud_step *s, unsigned long now)
{
	s->todo = toy_nud_confirm(&s->nud, &params, now, &s->expires);
}

static void expect_step(struct kunit *test, const struct nud_step *s,
			enum toy_nud_state state, unsigned int todo)
{
	KUNIT_EXPECT_EQ(test, (int)s->nud.state, (int)state);
	KUNIT_EXPECT_EQ(test, s->todo, todo);
}

#define expect(s, state, todo) expect_step(test, s, TOY_NUD_##state, todo)

/* 7.2.2: a packet to an unknown neighbour asks everybody, once per
 * RetransTimer, MAX_MULTICAST_SOLICIT times; then it is given up.
 */
static void resolution_asks_three_times(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_NONE);

	use(&s, T0);
	expect(&s, INCOMPLETE, TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER |
	       TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 100);
	KUNIT_EXPECT_FALSE(test, toy_nud_sendable(&s.nud));
	use(&s, T0 + 1);
	expect(&s, INCOMPLETE, 0);

	timeout(&s, T0 + 100);
	expect(&s, INCOMPLETE, TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER);
	timeout(&s, T0 + 200);
	expect(&s, INCOMPLETE, TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 300);
	KUNIT_EXPECT_EQ(test, (int)s.nud.probes, 3);
	timeout(&s, T0 + 300);
	expect(&s, FAILED, TOY_NUD_GIVE_UP | TOY_NUD_CHANGED);
	KUNIT_EXPECT_FALSE(test, toy_nud_sendable(&s.nud));
}

/* A later use of a failed neighbour starts over; time does nothing to it. */
static void failed_starts_over_when_used(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_FAILED);

	timeout(&s, T0 + 1);
	expect(&s, FAILED, 0);
	use(&s, T0 + 500);
	expect(&s, INCOMPLETE, TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER |
	       TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, (int)s.nud.probes, 1);
	KUNIT_EXPECT_EQ(test, s.nud.used, T0 + 500);
}

/* Appendix C: INCOMPLETE and an answer, asked for or not, any O. */
static void incomplete_takes_what_it_hears(struct kunit *test)
{
	const unsigned int known = TOY_NUD_SET_LLADDR | TOY_NUD_FLUSH |
				   TOY_NUD_CHANGED;
	struct nud_step s = in_state(TOY_NUD_INCOMPLETE);

	hear(&s, S, T0 + 200);
	expect(&s, REACHABLE, known | TOY_NUD_TIMER);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 3200);
	KUNIT_EXPECT_EQ(test, s.nud.confirmed, T0 + 200);
	KUNIT_EXPECT_EQ(test, s.nud.updated, T0 + 200);
	KUNIT_EXPECT_EQ(test, (int)s.nud.probes, 0);
	KUNIT_EXPECT_TRUE(test, toy_nud_sendable(&s.nud));

	s = in_state(TOY_NUD_INCOMPLETE);
	hear(&s, O, T0 + 200);
	expect(&s, STALE, known);
	s = in_state(TOY_NUD_FAILED);
	hear(&s, O | S, T0);
	expect(&s, REACHABLE, known | TOY_NUD_TIMER);
	s = in_state(TOY_NUD_NONE);
	hear(&s, 0, T0);
	expect(&s, STALE, known);
}

/* 7.3.2: REACHABLE lasts for ReachableTime after the last confirmation. */
static void reachable_ages_from_last_proof(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_REACHABLE);

	confirm(&s, T0 + 1000);
	expect(&s, REACHABLE, 0);
	timeout(&s, T0 + 3000);
	expect(&s, REACHABLE, TOY_NUD_TIMER);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 4000);
	timeout(&s, T0 + 3999);
	expect(&s, REACHABLE, TOY_NUD_TIMER);
	timeout(&s, T0 + 4000);
	expect(&s, STALE, TOY_NUD_CHANGED);
	timeout(&s, T0 + 9000);
	expect(&s, STALE, 0);
	KUNIT_EXPECT_TRUE(test, toy_nud_sendable(&s.nud));
}

/* 7.3.3: STALE, a use, DELAY, no hint, PROBE, no answer. */
static void stale_use_delays_then_probes(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_STALE);

	use(&s, T0 + 10);
	expect(&s, DELAY, TOY_NUD_TIMER | TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 510);
	use(&s, T0 + 11);
	expect(&s, DELAY, 0);
	timeout(&s, T0 + 510);
	expect(&s, PROBE, TOY_NUD_SOLICIT_UCAST | TOY_NUD_TIMER |
	       TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 610);
	KUNIT_EXPECT_TRUE(test, toy_nud_sendable(&s.nud));
	use(&s, T0 + 550);
	expect(&s, PROBE, 0);
	timeout(&s, T0 + 610);
	expect(&s, PROBE, TOY_NUD_SOLICIT_UCAST | TOY_NUD_TIMER);
	timeout(&s, T0 + 710);
	expect(&s, PROBE, TOY_NUD_SOLICIT_UCAST | TOY_NUD_TIMER);
	timeout(&s, T0 + 810);
	expect(&s, FAILED, TOY_NUD_GIVE_UP | TOY_NUD_CHANGED);
}

/* 7.3.1: a hint from above, wherever an address is known. */
static void confirmation_from_above(struct kunit *test)
{
	static const enum toy_nud_state doubtful[] = {
		TOY_NUD_STALE, TOY_NUD_DELAY, TOY_NUD_PROBE,
	};
	static const enum toy_nud_state unmoved[] = {
		TOY_NUD_NONE, TOY_NUD_INCOMPLETE, TOY_NUD_FAILED,
		TOY_NUD_PERMANENT,
	};

	for (int i = 0; i < ARRAY_SIZE(doubtful); i++) {
		struct nud_step s = in_state(doubtful[i]);

		confirm(&s, T0 + 200);
		expect(&s, REACHABLE, TOY_NUD_TIMER | TOY_NUD_CHANGED);
		KUNIT_EXPECT_EQ(test, s.expires, T0 + 3200);
		KUNIT_EXPECT_EQ(test, (int)s.nud.probes, 0);
	}
	for (int i = 0; i < ARRAY_SIZE(unmoved); i++) {
		struct nud_step s = in_state(unmoved[i]);

		confirm(&s, T0 + 200);
		KUNIT_EXPECT_EQ(test, s.todo, 0);
		KUNIT_EXPECT_EQ(test, (int)s.nud.state, (int)unmoved[i]);
	}
}

/* Appendix C, the known address once more. */
static void same_address_again(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_PROBE);

	hear(&s, SAME | O, T0 + 1);
	expect(&s, PROBE, 0);
	hear(&s, SAME | S, T0 + 1);
	expect(&s, REACHABLE, TOY_NUD_TIMER | TOY_NUD_CHANGED);
	hear(&s, SAME | S | O, T0 + 200);
	expect(&s, REACHABLE, TOY_NUD_TIMER);
	KUNIT_EXPECT_EQ(test, s.nud.confirmed, T0 + 200);
	KUNIT_EXPECT_EQ(test, s.nud.updated, T0);

	s = in_state(TOY_NUD_STALE);
	hear(&s, SAME | O, T0 + 1);
	expect(&s, STALE, 0);
}

/* Appendix C, another address: O decides whether it replaces ours. */
static void other_address(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_REACHABLE);

	hear(&s, S, T0 + 1);
	expect(&s, STALE, TOY_NUD_CHANGED);
	hear(&s, S, T0 + 1);
	expect(&s, STALE, 0);
	KUNIT_EXPECT_EQ(test, s.nud.updated, T0);

	s = in_state(TOY_NUD_PROBE);
	hear(&s, 0, T0 + 1);
	expect(&s, PROBE, 0);
	hear(&s, O, T0 + 300);
	expect(&s, STALE, TOY_NUD_SET_LLADDR | TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, s.nud.updated, T0 + 300);
	hear(&s, O | S, T0 + 301);
	expect(&s, REACHABLE, TOY_NUD_SET_LLADDR | TOY_NUD_TIMER |
	       TOY_NUD_CHANGED);
}

/* Nothing but an administrator changes a permanent entry. */
static void permanent_stays(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_PERMANENT);

	hear(&s, O | S, T0);
	expect(&s, PERMANENT, 0);
	timeout(&s, T0 + 100000);
	expect(&s, PERMANENT, 0);
	use(&s, T0 + 100000);
	expect(&s, PERMANENT, 0);
	KUNIT_EXPECT_TRUE(test, toy_nud_sendable(&s.nud));
}

/* What an administrator may set, and that waiting packets then go. */
static void administrator_sets(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_INCOMPLETE);

	s.todo = toy_nud_set(&s.nud, &params, TOY_NUD_PERMANENT, T0,
			     &s.expires);
	expect(&s, PERMANENT, TOY_NUD_FLUSH | TOY_NUD_CHANGED);
	s.todo = toy_nud_set(&s.nud, &params, TOY_NUD_REACHABLE, T0 + 5,
			     &s.expires);
	expect(&s, REACHABLE, TOY_NUD_TIMER | TOY_NUD_CHANGED);
	KUNIT_EXPECT_EQ(test, s.expires, T0 + 3005);
	s.todo = toy_nud_set(&s.nud, &params, TOY_NUD_STALE, T0 + 6,
			     &s.expires);
	expect(&s, STALE, TOY_NUD_CHANGED);
}

/* mcast_probes or ucast_probes 0: nobody is asked. */
static void zero_probes_fail_at_once(struct kunit *test)
{
	static const struct toy_nud_params mute = {
		.reachable = 3000, .retrans = 100, .delay = 0,
	};
	struct nud_step s = in_state(TOY_NUD_NONE);

	s.todo = toy_nud_use(&s.nud, &mute, T0, &s.expires);
	expect(&s, FAILED, TOY_NUD_GIVE_UP | TOY_NUD_CHANGED);
	s = in_state(TOY_NUD_DELAY);
	s.todo = toy_nud_timeout(&s.nud, &mute, T0, &s.expires);
	expect(&s, FAILED, TOY_NUD_GIVE_UP | TOY_NUD_CHANGED);
}

/* RFC 4429 3.3: a question that nobody may put yet is not one of three. */
static void unasked_does_not_count(struct kunit *test)
{
	struct nud_step s = in_state(TOY_NUD_NONE);
	unsigned long now = T0;

	use(&s, now);
	for (int i = 0; i < 20; i++) {
		s.todo = toy_nud_unasked(&s.nud, &params, now, &s.expires);
		expect(&s, INCOMPLETE, TOY_NUD_TIMER);
		KUNIT_EXPECT_TRUE(test, time_after(s.expires, now));
		now = s.expires;
		timeout(&s, now);
		expect(&s, INCOMPLETE,
		       TOY_NUD_SOLICIT_MCAST | TOY_NUD_TIMER);
	}
	s = in_state(TOY_NUD_REACHABLE);
	KUNIT_EXPECT_EQ(test, 0U, toy_nud_unasked(&s.nud, &params, now,
						  &s.expires));
}

#undef T0
#undef O
#undef S
#undef SAME
#undef expect

static struct kunit_case nud_cases[] = {
	KUNIT_CASE(resolution_asks_three_times),
	KUNIT_CASE(failed_starts_over_when_used),
	KUNIT_CASE(incomplete_takes_what_it_hears),
	KUNIT_CASE(reachable_ages_from_last_proof),
	KUNIT_CASE(stale_use_delays_then_probes),
	KUNIT_CASE(confirmation_from_above),
	KUNIT_CASE(same_address_again),
	KUNIT_CASE(other_address),
	KUNIT_CASE(permanent_stays),
	KUNIT_CASE(administrator_sets),
	KUNIT_CASE(zero_probes_fail_at_once),
	KUNIT_CASE(unasked_does_not_count),
	{}
};

static struct kunit_suite nud_suite = {
	.name = "toy-proto-nud",
	.test_cases = nud_cases,
};

kunit_test_suite(nud_suite);
