// SPDX-License-Identifier: GPL-2.0-only
/* Cases for mcast_filter.c: RFC 3376 3.2, by its own words and by chance. */
#include <kunit/test.h>
#include <linux/prandom.h>

static struct in6_addr host(u8 n)
{
	return toy_v4(htonl(0x0a000000 + n));
}

/* One member changes; what was made and not needed goes. */
static unsigned int turn(struct kunit *test, struct toy_mc_filter *f,
			 const struct toy_mc_want *old,
			 const struct toy_mc_want *new)
{
	unsigned int changed;
	LIST_HEAD(spare);

	KUNIT_EXPECT_EQ(test, toy_mc_filter_prepare(f->sources, new, &spare), 0);
	changed = toy_mc_filter_swap(f, old, new, 2, &spare);
	toy_mc_spare_free(&spare);
	return changed;
}

static bool hears(const struct toy_mc_filter *f, u8 n)
{
	struct in6_addr a = host(n);
	bool yes;

	rcu_read_lock();
	yes = toy_mc_filter_passes(f, &a);
	rcu_read_unlock();
	return yes;
}

/* The example of RFC 3376 3.2: exclude a b c d, exclude b c d e, include d e f
 * make exclude b c.
 */
static void the_example(struct kunit *test)
{
	const struct in6_addr abcd[] = { host(1), host(2), host(3), host(4) };
	const struct in6_addr bcde[] = { host(2), host(3), host(4), host(5) };
	const struct in6_addr def[] = { host(4), host(5), host(6) };
	const struct toy_mc_want s1 = { MCAST_EXCLUDE, 4, abcd };
	const struct toy_mc_want s2 = { MCAST_EXCLUDE, 4, bcde };
	const struct toy_mc_want s3 = { MCAST_INCLUDE, 3, def };
	struct toy_mc_filter f;

	toy_mc_filter_init(&f);
	KUNIT_EXPECT_EQ(test, turn(test, &f, NULL, &s1), TOY_MC_MODE_CHANGED);
	KUNIT_EXPECT_EQ(test, turn(test, &f, NULL, &s2), TOY_MC_SRCS_CHANGED);
	KUNIT_EXPECT_EQ(test, turn(test, &f, NULL, &s3), TOY_MC_SRCS_CHANGED);
	KUNIT_EXPECT_EQ(test, toy_mc_filter_mode(&f), MCAST_EXCLUDE);
	for (u8 n = 1; n <= 9; n++)
		KUNIT_EXPECT_EQ_MSG(test, hears(&f, n), n != 2 && n != 3,
				    "source %d", n);
	/* Without those that exclude. */
	turn(test, &f, &s1, NULL);
	KUNIT_EXPECT_EQ(test, turn(test, &f, &s2, NULL), TOY_MC_MODE_CHANGED);
	KUNIT_EXPECT_EQ(test, toy_mc_filter_mode(&f), MCAST_INCLUDE);
	for (u8 n = 1; n <= 9; n++)
		KUNIT_EXPECT_EQ(test, hears(&f, n), n >= 4 && n <= 6);
	KUNIT_EXPECT_EQ(test, turn(test, &f, &s3, NULL), TOY_MC_SRCS_CHANGED);
	KUNIT_EXPECT_FALSE(test, hears(&f, 4));
	toy_mc_filter_free(&f);
}

/* Sources stay while their change is to be reported, and then go. */
static void sweeps(struct kunit *test)
{
	const struct in6_addr a = host(1);
	const struct toy_mc_want in = { MCAST_INCLUDE, 1, &a };
	struct toy_mc_filter f;

	toy_mc_filter_init(&f);
	turn(test, &f, NULL, &in);
	turn(test, &f, &in, NULL);
	toy_mc_filter_sweep(&f);
	KUNIT_EXPECT_EQ(test, f.sources, 1);
	toy_mc_filter_forget(&f);
	toy_mc_filter_sweep(&f);
	KUNIT_EXPECT_EQ(test, f.sources, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f.srcs));
}

static void bounded(struct kunit *test)
{
	const struct in6_addr a[2] = { host(1), host(2) };
	const struct toy_mc_want two = { MCAST_INCLUDE, 2, a };
	LIST_HEAD(spare);

	KUNIT_EXPECT_EQ(test, toy_mc_filter_prepare(TOY_MC_MAX_SOURCES - 1,
						    &two, &spare), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, toy_mc_filter_prepare(TOY_MC_MAX_SOURCES - 2,
						    &two, &spare), 0);
	toy_mc_spare_free(&spare);
}

#define MEMBERS	4
#define HOSTS	6

struct member {
	struct in6_addr srcs[8];
	struct toy_mc_want want;
	u32 set;		/* the same as bits */
	bool in;
};

static bool reference(const struct member *m, u8 n)
{
	for (int i = 0; i < MEMBERS; i++)
		if (m[i].in && (m[i].want.mode == MCAST_INCLUDE ?
				 !!(m[i].set & BIT(n)) : !(m[i].set & BIT(n))))
			return true;
	return false;
}

/* Members come, change and go: the merged filter is the union of theirs. */
static void union_of_members(struct kunit *test)
{
	struct member *m = kunit_kcalloc(test, MEMBERS, sizeof(*m), GFP_KERNEL);
	struct rnd_state rnd;
	struct toy_mc_filter f;

	KUNIT_ASSERT_NOT_NULL(test, m);
	prandom_seed_state(&rnd, 3376);
	toy_mc_filter_init(&f);
	for (int i = 0; i < 3000; i++) {
		struct member *who = &m[prandom_u32_state(&rnd) % MEMBERS];
		struct member next = { .in = prandom_u32_state(&rnd) % 4 };
		unsigned int changed, listed = 0;
		bool before[HOSTS], different = false;
		struct toy_mc_src *s;
		u8 mode = toy_mc_filter_mode(&f);

		for (u8 n = 0; n < HOSTS; n++)
			before[n] = hears(&f, n);
		next.want.mode = prandom_u32_state(&rnd) % 2;
		next.want.n = prandom_u32_state(&rnd) % 8;
		for (int j = 0; j < next.want.n; j++) {
			u8 n = prandom_u32_state(&rnd) % HOSTS;

			next.srcs[j] = host(n);	/* doubles, too */
			next.set |= BIT(n);
		}
		next.want.srcs = next.srcs;
		changed = turn(test, &f, who->in ? &who->want : NULL,
			       next.in ? &next.want : NULL);
		*who = next;
		who->want.srcs = who->srcs;

		for (u8 n = 0; n < HOSTS; n++) {
			KUNIT_ASSERT_EQ_MSG(test, hears(&f, n),
					    reference(m, n), "step %d", i);
			different |= hears(&f, n) != before[n];
		}
		if (mode != toy_mc_filter_mode(&f))
			KUNIT_ASSERT_EQ(test, changed, TOY_MC_MODE_CHANGED);
		else
			KUNIT_ASSERT_EQ_MSG(test, changed, different ?
					    TOY_MC_SRCS_CHANGED : 0,
					    "step %d", i);
		list_for_each_entry(s, &f.srcs, list)
			listed += toy_mc_src_listed(&f, s);
		KUNIT_ASSERT_LE(test, listed, HOSTS);
		if (!(i % 3))
			toy_mc_filter_forget(&f);
		toy_mc_filter_sweep(&f);
		KUNIT_ASSERT_LE(test, f.sources, HOSTS);
	}
	toy_mc_filter_free(&f);
}

static struct kunit_case mcast_filter_cases[] = {
	KUNIT_CASE(the_example),
	KUNIT_CASE(sweeps),
	KUNIT_CASE(bounded),
	KUNIT_CASE(union_of_members),
	{}
};

static struct kunit_suite mcast_filter_suite = {
	.name = "toy-proto-mcast-filter",
	.test_cases = mcast_filter_cases,
};

kunit_test_suite(mcast_filter_suite);
