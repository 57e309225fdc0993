// SPDX-License-Identifier: GPL-2.0-only
/* Cases for flowlabel_table.c: who may share a lease, and how long it lives. */
#include <kunit/test.h>

static struct toy_fl_table *fl_test_table(struct kunit *test)
{
	struct toy_fl_table *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	spin_lock_init(&t->lock);
	timer_setup(&t->timer, fl_gc, 0);
	return t;
}

static struct toy_fl *fl_test_new(struct kunit *test, u32 label, u8 share)
{
	struct toy_fl *fl = kzalloc(sizeof(*fl), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fl);
	fl->label = htonl(label);
	fl->share = share;
	fl->expires = jiffies;
	toy_fl_extend(fl, FL_MIN_S * HZ, FL_MIN_S * HZ);
	return fl;
}

/* As a socket does; an errno, or the lease's label. */
static long fl_test_get(struct kunit *test, struct toy_fl_table *t, u32 label,
			u8 share, u16 flags, unsigned int uid)
{
	struct toy_fl *want = fl_test_new(test, label, share), *fl;

	want->uid = KUIDT_INIT(uid);
	spin_lock_bh(&t->lock);
	fl = toy_fl_lease(t, want, flags, 0);
	if (!IS_ERR(fl))
		fl->users++;
	spin_unlock_bh(&t->lock);
	if (fl != want)
		toy_fl_free(want);
	return IS_ERR(fl) ? PTR_ERR(fl) : ntohl(fl->label);
}

static void fl_test_done(struct toy_fl_table *t)
{
	struct hlist_node *next;
	struct toy_fl *fl;

	del_timer_sync(&t->timer);
	spin_lock_bh(&t->lock);
	for (int i = 0; i < FL_BUCKETS; i++)
		hlist_for_each_entry_safe(fl, next, &t->head[i], node)
			fl_take_out(t, fl);
	spin_unlock_bh(&t->lock);
	rcu_barrier();
}

static void sharing(struct kunit *test)
{
	static const struct {
		u8 have, want;
		unsigned int uid;
		u16 flags;
		long got;
	} rows[] = {
		{ IPV6_FL_S_EXCL, IPV6_FL_S_EXCL, 1, 0, -EPERM },
		{ IPV6_FL_S_EXCL, IPV6_FL_S_ANY, 1, 0, -EPERM },
		{ IPV6_FL_S_ANY, IPV6_FL_S_ANY, 1, 0, 7 },
		{ IPV6_FL_S_ANY, IPV6_FL_S_USER, 1, 0, -EPERM },
		{ IPV6_FL_S_USER, IPV6_FL_S_USER, 1, 0, 7 },
		{ IPV6_FL_S_USER, IPV6_FL_S_USER, 2, 0, -EPERM },
		{ IPV6_FL_S_ANY, IPV6_FL_S_ANY, 1,
		  IPV6_FL_F_CREATE | IPV6_FL_F_EXCL, -EEXIST },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_fl_table *t = fl_test_table(test);

		KUNIT_EXPECT_EQ(test, -ENOENT,
				fl_test_get(test, t, 7, rows[i].have, 0, 1));
		KUNIT_EXPECT_EQ(test, 7, fl_test_get(test, t, 7, rows[i].have,
						     IPV6_FL_F_CREATE, 1));
		KUNIT_EXPECT_EQ(test, atomic_read(&t->excl),
				rows[i].have != IPV6_FL_S_ANY);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].got,
				    fl_test_get(test, t, 7, rows[i].want,
						rows[i].flags, rows[i].uid),
				    "row %d", i);
		fl_test_done(t);
		KUNIT_EXPECT_EQ(test, t->size, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&t->excl), 0);
	}
}

/* Labels that are picked are free, and the table is not without end. */
static void picking(struct kunit *test)
{
	struct toy_fl_table *t = fl_test_table(test);
	long got;

	for (int i = 0; i < FL_MAX; i++) {
		got = fl_test_get(test, t, 0, IPV6_FL_S_EXCL, IPV6_FL_F_CREATE, 1);
		if (got <= 0 || got > 0xfffff)
			KUNIT_FAIL(test, "lease %d is %ld", i, got);
	}
	KUNIT_EXPECT_EQ(test, t->size, FL_MAX);
	KUNIT_EXPECT_EQ(test, -ENOBUFS,
			fl_test_get(test, t, 0, IPV6_FL_S_ANY, IPV6_FL_F_CREATE,
				    1));
	fl_test_done(t);
}

/* Until it expires, and never before it has lingered. */
static void living(struct kunit *test)
{
	struct toy_fl *fl = fl_test_new(test, 7, IPV6_FL_S_ANY);
	unsigned long start = fl->lastuse;

	KUNIT_EXPECT_FALSE(test, fl_over(fl, start));
	KUNIT_EXPECT_FALSE(test, fl_over(fl, start + 6 * HZ - 1));
	KUNIT_EXPECT_TRUE(test, fl_over(fl, start + 6 * HZ));
	/* Used again, it lingers anew. */
	fl->lastuse = start + 6 * HZ;
	KUNIT_EXPECT_FALSE(test, fl_over(fl, start + 12 * HZ - 1));
	KUNIT_EXPECT_TRUE(test, fl_over(fl, start + 12 * HZ));
	/* Less does not make it shorter. */
	toy_fl_extend(fl, 1, 1);
	KUNIT_EXPECT_EQ(test, fl->linger, 6 * HZ);
	KUNIT_EXPECT_EQ(test, toy_fl_time(0), 6 * HZ);
	KUNIT_EXPECT_EQ(test, toy_fl_time(150), 150 * HZ);
	toy_fl_free(fl);
}

static struct kunit_case fl_cases[] = {
	KUNIT_CASE(sharing),
	KUNIT_CASE(picking),
	KUNIT_CASE(living),
	{}
};

static struct kunit_suite fl_suite = {
	.name = "toy-flowlabel",
	.test_cases = fl_cases,
};

kunit_test_suite(fl_suite);
