// SPDX-License-Identifier: GPL-2.0-only
/* Cases for addr.c, addr_route.c and addr_watch.c. */
#include "world_test.h"

static struct toy_addr *find_addr(struct toy_dev *dev, struct in6_addr addr)
{
	struct toy_addr *a;

	rtnl_lock();
	a = toy_addr_find(dev->tn, dev, &addr);
	rtnl_unlock();
	return a;
}

/* As the device notifier would call. */
static void set_up(struct toy_dev *dev, struct net_device *ndev, bool up)
{
	struct toy_route_filter f = { .dev = dev, .keep_local = true };
	struct toy_addr *a;

	rtnl_lock();
	ndev->flags = up ? IFF_UP : 0;
	if (!up)
		toy_route_flush(dev->tn, &f);
	list_for_each_entry(a, &dev->tn->addrs->list, list)
		if (a->dev == dev && up)
			toy_addr_start(a);
	rtnl_unlock();
}

/* The source that the route to an address names. */
static struct in6_addr prefsrc_to(struct world *w, struct in6_addr daddr)
{
	struct in6_addr src = WORLD_ANY;
	const struct toy_route *r;

	rcu_read_lock();
	r = toy_route_find(&w->tn, &daddr, 0);
	if (r)
		src = r->prefsrc;
	rcu_read_unlock();
	return src;
}

static void loopback_is_there_and_removable(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_addr *a = find_addr(&w->lo, world_ip(127, 0, 0, 1));

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_EXPECT_EQ(test, a->scope, TOY_SCOPE_HOST);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(127, 0, 0, 2)),
			TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_addr_del(&w->lo, world_ip(127, 0, 0, 1), 8),
			0);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(127, 0, 0, 2)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, in6addr_loopback),
			TOY_ROUTE_LOCAL);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, toy_addr_del(&w->lo, &in6addr_loopback, 128, NULL),
			0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, in6addr_loopback),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, w->tn.fib->local.count, 0);
	KUNIT_EXPECT_EQ(test, world_addr(&w->lo, world_ip(127, 0, 0, 1), 8), 0);
}

static void bad_addresses_are_refused(struct kunit *test)
{
	struct toy_addr_config short_v4 = {
		.addr = world_ip(10, 0, 0, 1),
		.plen = 95,
	};
	struct world *w = test->priv;
	struct toy_dev *eth0 = &w->eth0;

	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(224, 0, 0, 1), 24),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(255, 255, 255, 255),
					 24), -EINVAL);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, WORLD_ANY, 24), -EINVAL);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, in6addr_any, 24), -EINVAL);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(127, 0, 0, 9), 8),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(10, 0, 0, 1), 33),
			-EINVAL);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, toy_addr_add(eth0, &short_v4, NULL), -EINVAL);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(10, 0, 0, 1), 24), 0);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(10, 0, 0, 1), 24),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, world_addr(eth0, world_ip(10, 0, 0, 1), 16),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, world_addr(&w->eth1, world_ip(10, 0, 0, 1), 24),
			0);
	KUNIT_EXPECT_EQ(test, world_addr_del(eth0, world_ip(10, 0, 0, 1), 25),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, world_addr_del(eth0, world_ip(10, 0, 0, 2), 24),
			-EADDRNOTAVAIL);
}

static void an_address_brings_its_routes(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int local = w->tn.fib->local.count;

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24),
			0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->local.count, local + 2);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 1);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 0, 0, 9)), 1000);

	/* RFC 3021: two hosts and no broadcast. */
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth1, world_ip(192, 0, 2, 0), 31),
			0);
	KUNIT_EXPECT_EQ(test, world_is(w, &w->eth1, world_ip(192, 0, 2, 1)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(192, 0, 2, 1)), 1001);
	/* A host alone has no prefix. */
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth1, world_ip(198, 51, 100, 1),
					 32), 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 2);

	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth0, world_ip(10, 0, 0, 1),
					     24), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 0, 0, 9)), 0);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(10, 0, 0, 1)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_UNICAST);
}

static void options_of_an_address(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_addr_config cfg = {
		.addr = world_ip(10, 0, 0, 1),
		.broadcast = world_ip(10, 0, 0, 127),
		.has_broadcast = true,
		.has_scope = true,
		.plen = 120,
		.scope = TOY_SCOPE_LINK,
		.flags = TOY_ADDR_F_NOPREFIXROUTE | TOY_ADDR_F_DUPLICATE,
		.preference = 7,
	};
	struct toy_addr *a;

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, toy_addr_add(&w->eth0, &cfg, NULL), 0);
	rtnl_unlock();
	a = find_addr(&w->eth0, cfg.addr);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_EXPECT_EQ(test, a->scope, TOY_SCOPE_LINK);
	KUNIT_EXPECT_EQ(test, a->preference, 7);
	KUNIT_EXPECT_EQ(test, a->flags, TOY_ADDR_F_NOPREFIXROUTE);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 0);
	KUNIT_EXPECT_EQ(test, world_is(w, &w->eth0, world_ip(10, 0, 0, 127)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, &w->eth0, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth0, cfg.addr, 24), 0);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(10, 0, 0, 127)),
			TOY_ROUTE_UNICAST);
}

/* Two addresses of a prefix: its routes stay for the one that stays. */
static void shared_routes_are_inherited(struct kunit *test)
{
	struct world *w = test->priv;
	struct in6_addr first = world_ip(10, 0, 0, 1);
	struct in6_addr second = world_ip(10, 0, 0, 2);
	struct in6_addr peer = world_ip(10, 0, 0, 9);
	struct toy_route via = world_route(world_ip(203, 0, 113, 0), 24);

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, first, 24), 0);
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, second, 24), 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 1);
	KUNIT_EXPECT_TRUE(test, world_same(prefsrc_to(w, peer), first));
	via.gateway = peer;
	KUNIT_ASSERT_EQ(test, world_add(w, via, 0), 0);

	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth0, first, 24), 0);
	KUNIT_EXPECT_TRUE(test, world_same(prefsrc_to(w, peer), second));
	KUNIT_EXPECT_EQ(test, world_is(w, &w->eth0, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, first), TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, via.dst), 1000);

	/* The last one takes the static route with it. */
	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth0, second, 24), 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 0);
}

/* A route that names a source goes with it; others stay. */
static void routes_with_that_source_go(struct kunit *test)
{
	struct world *w = test->priv;
	struct in6_addr src = world_ip(192, 0, 2, 1);
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);
	struct toy_route other = world_route(world_ip(198, 51, 100, 0), 24);

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth1, src, 24), 0);
	r.dev = &w->eth0;
	r.prefsrc = src;
	other.dev = &w->eth0;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);
	KUNIT_ASSERT_EQ(test, world_add(w, other, 0), 0);

	/* While another device has the address, nothing happens. */
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, src, 32), 0);
	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth1, src, 24), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, r.dst), 1000);
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24),
			0);
	KUNIT_EXPECT_EQ(test, world_addr_del(&w->eth0, src, 32), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, r.dst), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, other.dst), 1000);
}

static void down_and_up(struct kunit *test)
{
	struct world *w = test->priv;
	struct in6_addr own = world_ip(10, 0, 0, 1);
	struct in6_addr peer = world_ip(10, 0, 0, 9);
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, own, 24), 0);
	r.gateway = peer;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);

	set_up(&w->eth0, &w->ndev0, false);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, peer), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, r.dst), 0);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, own), TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_UNICAST);

	/* An address that comes meanwhile waits for the device. */
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, world_ip(192, 0, 2, 1), 24),
			0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(192, 0, 2, 9)), 0);

	set_up(&w->eth0, &w->ndev0, true);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, peer), 1000);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(192, 0, 2, 9)), 1000);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, r.dst), 0);
}

/* Another host has it: ours no more, until probing says otherwise. */
static void conflict_withdraws_an_address(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	struct world *w = test->priv;
	struct in6_addr own = world_ip(10, 0, 0, 1), saddr;
	struct in6_addr peer = world_ip(10, 0, 0, 9);
	struct toy_addr *a;

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, own, 24), 0);
	a = find_addr(&w->eth0, own);
	KUNIT_ASSERT_NOT_NULL(test, a);
	rtnl_lock();
	toy_addr_acd_conflict(a, mac);
	rtnl_unlock();
	KUNIT_EXPECT_FALSE(test, toy_addr_usable(a));
	KUNIT_EXPECT_EQ(test, a->flags, TOY_ADDR_F_DUPLICATE);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, own), TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, peer), 0);
	KUNIT_EXPECT_FALSE(test, toy_addr_select(&w->tn, &w->eth0, &peer,
						 TOY_SCOPE_LINK, &saddr));
	rtnl_lock();
	toy_addr_acd_done(a);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, toy_addr_usable(a));
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, own), TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, peer), 1000);
	KUNIT_EXPECT_TRUE(test, toy_addr_select(&w->tn, &w->eth0, &peer,
						TOY_SCOPE_LINK, &saddr));
	KUNIT_EXPECT_TRUE(test, world_same(saddr, own));
}

/* Memory runs out at each node of the routes' tries: no trace is left. */
static void failure_leaves_nothing(struct kunit *test)
{
	struct world *w = test->priv;
	struct in6_addr own = world_ip(10, 0, 0, 1);
	unsigned int local = w->tn.fib->local.count;
	int allocs = 0, err;

	for (;; allocs++) {
		toy_trie_test_allocs = allocs;
		err = world_addr(&w->eth0, own, 24);
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_EQ(test, w->tn.fib->local.count, local);
		KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 0);
		KUNIT_EXPECT_NULL(test, find_addr(&w->eth0, own));
		rcu_barrier();
		KUNIT_EXPECT_EQ(test, refcount_read(&w->eth0.refcnt), 1);
	}
	toy_trie_test_allocs = -1;
	KUNIT_EXPECT_GE(test, allocs, 3);
}

static struct kunit_case addr_cases[] = {
	KUNIT_CASE(loopback_is_there_and_removable),
	KUNIT_CASE(bad_addresses_are_refused),
	KUNIT_CASE(an_address_brings_its_routes),
	KUNIT_CASE(options_of_an_address),
	KUNIT_CASE(shared_routes_are_inherited),
	KUNIT_CASE(routes_with_that_source_go),
	KUNIT_CASE(down_and_up),
	KUNIT_CASE(conflict_withdraws_an_address),
	KUNIT_CASE(failure_leaves_nothing),
	{}
};

static struct kunit_suite addr_suite = {
	.name = "toy-proto-addr",
	.init = world_init,
	.exit = world_exit,
	.test_cases = addr_cases,
};

kunit_test_suite(addr_suite);
