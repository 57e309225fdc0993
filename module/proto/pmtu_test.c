// SPDX-License-Identifier: GPL-2.0-only
/* Cases for pmtu.c and redirect.c. */
#include "world_test.h"

/* RFC 1191 7.1 */
static void plateaus(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(1500, 20), 1492);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(1492, 20), 1006);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(1006, 20), 508);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(65535, 20), 32000);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(296, 20), 68);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(68, 20), 68);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(0, 20), 68);
	/* 5: the header was counted twice. */
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(1512, 20), 1006);
	KUNIT_EXPECT_EQ(test, toy_pmtu_plateau(1516, 24), 1006);
}

static void floors(struct kunit *test)
{
	bool locked;

	KUNIT_EXPECT_EQ(test, toy_pmtu_clamp(true, 1400, 552, &locked), 1400);
	KUNIT_EXPECT_FALSE(test, locked);
	KUNIT_EXPECT_EQ(test, toy_pmtu_clamp(true, 551, 552, &locked), 552);
	KUNIT_EXPECT_TRUE(test, locked);
	KUNIT_EXPECT_EQ(test, toy_pmtu_clamp(false, 1280, 552, &locked), 1280);
	KUNIT_EXPECT_FALSE(test, locked);
	KUNIT_EXPECT_EQ(test, toy_pmtu_clamp(false, 1279, 552, &locked), 0);
}

/* eth0 10.0.0.1/24, default route by 10.0.0.254. */
static int pmtu_test_init(struct kunit *test)
{
	struct toy_route def = world_route(WORLD_ANY, 0);
	struct world *w;
	int err = world_init(test);

	if (err)
		return err;
	w = test->priv;
	def.gateway = world_ip(10, 0, 0, 254);
	return world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24) ?:
	       world_add(w, def, 0);
}

#define FAR_HOST	world_ip(203, 0, 113, 1)

static u32 mtu_to(struct kunit *test, u8 flags)
{
	struct toy_flow f = { .daddr = FAR_HOST, .flags = flags };
	struct world *w = test->priv;
	struct toy_path path;
	u32 mtu;

	KUNIT_EXPECT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
	KUNIT_EXPECT_TRUE(test, toy_path_valid(&w->tn, &path));
	mtu = path.mtu;
	toy_path_reset(&path);
	return mtu;
}

static void update(struct kunit *test, u32 mtu)
{
	struct in6_addr daddr = FAR_HOST;
	struct world *w = test->priv;

	toy_pmtu_update(&w->tn, &daddr, mtu);
}

static void a_path_shrinks_and_never_grows(struct kunit *test)
{
	struct toy_flow f = { .daddr = FAR_HOST };
	struct world *w = test->priv;
	struct toy_path path;
	u32 gen;

	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1500);
	update(test, 1500);
	update(test, 9000);
	KUNIT_EXPECT_EQ(test, toy_exc_count(w->tn.exc), 0);

	KUNIT_ASSERT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
	gen = toy_path_gen(&w->tn);
	update(test, 1400);
	/* The path knows, and nobody else's path is touched. */
	KUNIT_EXPECT_FALSE(test, toy_path_valid(&w->tn, &path));
	KUNIT_EXPECT_EQ(test, toy_path_gen(&w->tn), gen);
	toy_path_reset(&path);

	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1400);
	KUNIT_EXPECT_EQ(test, mtu_to(test, TOY_FLOW_NOPMTU), 1500);
	update(test, 1450);
	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1400);
	toy_exc_flush(w->tn.exc);
	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1500);
}

static void too_small_forbids_df(struct kunit *test)
{
	struct toy_flow f = { .daddr = FAR_HOST };
	struct world *w = test->priv;
	struct toy_path path;

	update(test, 68);
	KUNIT_ASSERT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
	KUNIT_EXPECT_EQ(test, path.mtu, 552);
	KUNIT_EXPECT_TRUE(test, path.mtu_locked);
	toy_path_reset(&path);
}

static void a_path_grows_back(struct kunit *test)
{
	struct toy_flow f = { .daddr = FAR_HOST };
	struct world *w = test->priv;
	struct toy_path path;

	update(test, 1400);
	KUNIT_ASSERT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
	KUNIT_EXPECT_NE(test, path.until, 0);
	path.until = jiffies;		/* ten minutes have gone */
	KUNIT_EXPECT_FALSE(test, toy_path_valid(&w->tn, &path));
	toy_path_reset(&path);
}

static void a_fixed_mtu_stays(struct kunit *test)
{
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);
	struct world *w = test->priv;

	r.gateway = world_ip(10, 0, 0, 254);
	r.mtu = 1450;
	r.m.flags = TOY_ROUTE_F_LOCK_MTU;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);
	update(test, 1400);
	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1450);
	KUNIT_EXPECT_EQ(test, toy_exc_count(w->tn.exc), 0);
}

/* ---- redirects ------------------------------------------------------------ */

static struct in6_addr next_to(struct kunit *test)
{
	struct toy_flow f = { .daddr = FAR_HOST };
	struct world *w = test->priv;
	struct in6_addr next = in6addr_any;
	struct toy_path path;

	KUNIT_EXPECT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
	next = path.nexthop;
	toy_path_reset(&path);
	return next;
}

static void redirect(struct kunit *test, struct toy_dev *dev,
		     struct in6_addr gateway, struct in6_addr from)
{
	struct in6_addr daddr = FAR_HOST;
	struct world *w = test->priv;

	rcu_read_lock();
	toy_redirect(&w->tn, dev, &daddr, &gateway, &from);
	rcu_read_unlock();
}

#define ROUTER	world_ip(10, 0, 0, 254)
#define NEARER	world_ip(10, 0, 0, 253)

static void redirect_is_followed(struct kunit *test)
{
	struct world *w = test->priv;

	redirect(test, &w->eth0, NEARER, ROUTER);
	KUNIT_EXPECT_TRUE(test, world_same(next_to(test), NEARER));
	/* And again, by that one. */
	redirect(test, &w->eth0, world_ip(10, 0, 0, 252), NEARER);
	KUNIT_EXPECT_TRUE(test, world_same(next_to(test),
					   world_ip(10, 0, 0, 252)));
	/* The path MTU stands beside it. */
	update(test, 1400);
	KUNIT_EXPECT_EQ(test, mtu_to(test, 0), 1400);
	KUNIT_EXPECT_TRUE(test, world_same(next_to(test),
					   world_ip(10, 0, 0, 252)));
	KUNIT_EXPECT_EQ(test, toy_exc_count(w->tn.exc), 1);
}

static void redirect_must_fit(struct kunit *test)
{
	struct world *w = test->priv;

	redirect(test, &w->eth0, NEARER, world_ip(10, 0, 0, 9));
	redirect(test, &w->eth1, NEARER, ROUTER);
	redirect(test, &w->eth0, world_ip(192, 0, 2, 1), ROUTER);
	redirect(test, &w->eth0, world_ip(10, 0, 0, 1), ROUTER);
	redirect(test, &w->eth0, world_ip(10, 0, 0, 255), ROUTER);
	redirect(test, &w->eth0, world_ip(224, 0, 0, 1), ROUTER);
	redirect(test, &w->eth0, WORLD_ANY, ROUTER);
	redirect(test, &w->eth0, ROUTER, ROUTER);
	w->tn.sysctl.accept_redirects = 0;
	redirect(test, &w->eth0, NEARER, ROUTER);
	w->tn.sysctl.accept_redirects = 1;
	w->tn.sysctl.ip_forward = 1;
	redirect(test, &w->eth0, NEARER, ROUTER);
	w->tn.sysctl.ip_forward = 0;
	w->tn.sysctl.secure_redirects = 1;
	redirect(test, &w->eth0, NEARER, ROUTER);
	KUNIT_EXPECT_EQ(test, toy_exc_count(w->tn.exc), 0);
	KUNIT_EXPECT_TRUE(test, world_same(next_to(test), ROUTER));
}

static struct kunit_case pmtu_cases[] = {
	KUNIT_CASE(plateaus),
	KUNIT_CASE(floors),
	KUNIT_CASE(a_path_shrinks_and_never_grows),
	KUNIT_CASE(too_small_forbids_df),
	KUNIT_CASE(a_path_grows_back),
	KUNIT_CASE(a_fixed_mtu_stays),
	KUNIT_CASE(redirect_is_followed),
	KUNIT_CASE(redirect_must_fit),
	{}
};

static struct kunit_suite pmtu_suite = {
	.name = "toy-proto-pmtu",
	.init = pmtu_test_init,
	.exit = world_exit,
	.test_cases = pmtu_cases,
};

kunit_test_suite(pmtu_suite);
