// SPDX-License-Identifier: GPL-2.0-only
/* Cases for exception.c: bound, eviction, expiry, stamps. */
#include <kunit/test.h>

static struct toy_exc exc_of(u32 host, u32 mtu, unsigned long until)
{
	return (struct toy_exc) {
		.daddr = toy_v4(htonl(host)), .mtu = mtu, .mtu_until = until,
	};
}

static int exc_test_init(struct kunit *test)
{
	test->priv = toy_exc_new();
	return test->priv ? 0 : -ENOMEM;
}

static void exc_test_exit(struct kunit *test)
{
	toy_exc_free(test->priv);
	rcu_barrier();
}

static void exc_is_found_and_replaced(struct kunit *test)
{
	struct toy_exc_table *t = test->priv;
	struct toy_exc e = exc_of(1, 1400, 100);
	const struct toy_exc *found;
	const u32 *stamp = toy_exc_stamp(t, &e.daddr);
	u32 seen = *stamp;

	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, toy_exc_find(t, &e.daddr));
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, toy_exc_set(t, &e, 0));
	KUNIT_EXPECT_NE(test, *stamp, seen);
	e.mtu = 1300;
	KUNIT_EXPECT_TRUE(test, toy_exc_set(t, &e, 0));
	KUNIT_EXPECT_EQ(test, toy_exc_count(t), 1);
	rcu_read_lock();
	found = toy_exc_find(t, &e.daddr);
	KUNIT_ASSERT_NOT_NULL(test, found);
	KUNIT_EXPECT_EQ(test, found->mtu, 1300);
	KUNIT_EXPECT_TRUE(test, toy_exc_mtu_holds(found, 99));
	KUNIT_EXPECT_FALSE(test, toy_exc_mtu_holds(found, 100));
	KUNIT_EXPECT_FALSE(test, toy_exc_gw_holds(found, 0));
	rcu_read_unlock();
	seen = *stamp;
	toy_exc_flush(t);
	KUNIT_EXPECT_EQ(test, toy_exc_count(t), 0);
	KUNIT_EXPECT_NE(test, *stamp, seen);
}

/* Many more than there is room for. */
static void exc_table_is_bounded(struct kunit *test)
{
	struct toy_exc_table *t = test->priv;
	u32 host, last = 0;

	for (host = 1; host <= 8 * TOY_EXC_MAX; host++) {
		struct toy_exc e = exc_of(host, 1400, 100);

		KUNIT_ASSERT_TRUE(test, toy_exc_set(t, &e, 0));
		/* What has come last is there. */
		rcu_read_lock();
		last += !!toy_exc_find(t, &e.daddr);
		rcu_read_unlock();
	}
	KUNIT_EXPECT_EQ(test, last, 8 * TOY_EXC_MAX);
	KUNIT_EXPECT_LE(test, toy_exc_count(t), TOY_EXC_MAX);
	KUNIT_EXPECT_GT(test, toy_exc_count(t), TOY_EXC_MAX * 9 / 10);
}

/* What is stale gives way before anything else does. */
static void exc_stale_gives_way(struct kunit *test)
{
	struct toy_exc_table *t = test->priv;
	struct toy_exc keep[TOY_EXC_DEPTH - 1];
	u32 host = 1, n = 0, i;
	const u32 *stamp;
	struct toy_exc e = exc_of(host, 1400, 10);

	stamp = toy_exc_stamp(t, &e.daddr);
	KUNIT_ASSERT_TRUE(test, toy_exc_set(t, &e, 0));
	while (n < ARRAY_SIZE(keep)) {
		e = exc_of(++host, 1400, 1000);
		if (toy_exc_stamp(t, &e.daddr) != stamp)
			continue;
		keep[n++] = e;
		KUNIT_ASSERT_TRUE(test, toy_exc_set(t, &e, 0));
	}
	do {
		e = exc_of(++host, 1400, 1000);
	} while (toy_exc_stamp(t, &e.daddr) != stamp);
	KUNIT_ASSERT_TRUE(test, toy_exc_set(t, &e, 500));
	rcu_read_lock();
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_NOT_NULL(test, toy_exc_find(t, &keep[i].daddr));
	KUNIT_EXPECT_NOT_NULL(test, toy_exc_find(t, &e.daddr));
	e = exc_of(1, 0, 0);
	KUNIT_EXPECT_NULL(test, toy_exc_find(t, &e.daddr));
	rcu_read_unlock();
}

static int exc_seen(const struct toy_exc *e, void *arg)
{
	unsigned int *left = arg;

	return (*left)-- ? 0 : -EMSGSIZE;
}

/* A walk goes on where it has stopped, and leaves stale ones out. */
static void exc_walk_resumes(struct kunit *test)
{
	struct toy_exc_table *t = test->priv;
	struct toy_exc_cursor cursor = {};
	unsigned int left, shown = 0, host;
	int err;

	for (host = 1; host <= 100; host++) {
		struct toy_exc e = exc_of(host, 1400, host <= 90 ?
					  jiffies + 100 * HZ : jiffies - 1);

		KUNIT_ASSERT_TRUE(test, toy_exc_set(t, &e, jiffies));
	}
	do {
		left = 7;
		err = toy_exc_walk(t, &cursor, exc_seen, &left);
		shown += 7 - (err ? 0 : left);
	} while (err);
	KUNIT_EXPECT_EQ(test, shown, 90);
}

static struct kunit_case exc_cases[] = {
	KUNIT_CASE(exc_is_found_and_replaced),
	KUNIT_CASE(exc_table_is_bounded),
	KUNIT_CASE(exc_stale_gives_way),
	KUNIT_CASE(exc_walk_resumes),
	{}
};

static struct kunit_suite exc_suite = {
	.name = "toy-proto-exception",
	.init = exc_test_init,
	.exit = exc_test_exit,
	.test_cases = exc_cases,
};

kunit_test_suite(exc_suite);
