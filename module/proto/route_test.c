// SPDX-License-Identifier: GPL-2.0-only
/* Cases for fib.c, route_check.c, route.c and route_read.c. */
#include "world_test.h"

#define ROUTE_TO(...)	world_route(world_ip(__VA_ARGS__), 24)

static struct toy_route dev_route(struct toy_route r, struct toy_dev *dev)
{
	r.dev = dev;
	return r;
}

static struct toy_route via(struct toy_route r, struct in6_addr gateway)
{
	r.gateway = gateway;
	return r;
}

static struct toy_route metric(struct toy_route r, u32 value)
{
	r.metric = value;
	return r;
}

static struct toy_route typed(struct toy_route r, u8 type)
{
	r.type = type;
	return r;
}

static void longest_prefix_then_metric(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route def = world_route(WORLD_ANY, 0);

	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 0);
	KUNIT_ASSERT_EQ(test, world_add(w, dev_route(def, &w->eth1), 0), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1001);
	KUNIT_ASSERT_EQ(test, world_add(w, metric(dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth1),
						  20), 0), 0);
	KUNIT_ASSERT_EQ(test, world_add(w, metric(dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0),
						  10), 0), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1000);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 2, 1)), 1001);
	KUNIT_ASSERT_EQ(test, world_del(w, metric(ROUTE_TO(10, 1, 1, 0), 10),
					false), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1001);
}

/* IPv6's default route ::/0 covers ::ffff:0:0/96, but does not lead there. */
static void ipv6_default_is_not_ipv4s(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route v6 = { .dev = &w->eth0 };

	KUNIT_ASSERT_EQ(test, world_add(w, v6, 0), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, in6addr_linklocal_allnodes),
			1000);
}

/* Bound to a device, longer prefixes of other devices are passed over. */
static void oif_goes_on_to_shorter_prefixes(struct kunit *test)
{
	struct world *w = test->priv;
	struct in6_addr daddr = world_ip(10, 1, 1, 1);
	const struct toy_route *r;

	KUNIT_ASSERT_EQ(test, world_add(w, dev_route(world_route(WORLD_ANY, 0),
						     &w->eth1), 0), 0);
	KUNIT_ASSERT_EQ(test, world_add(w, dev_route(ROUTE_TO(10, 1, 1, 0),
						     &w->eth0), 0), 0);
	rcu_read_lock();
	r = toy_route_find(&w->tn, &daddr, 1001);
	KUNIT_EXPECT_TRUE(test, r && r->plen == 96);
	r = toy_route_find(&w->tn, &daddr, 1000);
	KUNIT_EXPECT_TRUE(test, r && r->plen == 120);
	KUNIT_EXPECT_NULL(test, toy_route_find(&w->tn, &daddr, 7));
	rcu_read_unlock();
}

static void same_prefix_and_metric(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0);
	struct toy_route other = dev_route(r, &w->eth1);

	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), 0);
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -EEXIST);
	KUNIT_EXPECT_EQ(test, world_add(w, other, 0), -EEXIST);
	KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_APPEND), -EEXIST);
	KUNIT_EXPECT_EQ(test, world_add(w, other, TOY_ROUTE_APPEND), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1000);
	KUNIT_EXPECT_EQ(test, world_add(w, other, TOY_ROUTE_REPLACE), -EEXIST);
	KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
	KUNIT_EXPECT_EQ(test, world_del(w, r, false), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1001);
	KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1000);
	KUNIT_EXPECT_EQ(test, world_del(w, other, false), -ESRCH);
	KUNIT_EXPECT_EQ(test, world_del(w, metric(r, 5), false), -ESRCH);
	KUNIT_EXPECT_EQ(test, world_del(w, metric(r, 5), true), 0);
	KUNIT_EXPECT_EQ(test, world_del(w, r, true), -ESRCH);
}

/* Replacing creates what is not there, and keeps other metrics. */
static void replace_looks_at_the_metric(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0);

	KUNIT_EXPECT_EQ(test, world_add(w, metric(r, 10), TOY_ROUTE_REPLACE),
			0);
	r.dev = &w->eth1;
	KUNIT_EXPECT_EQ(test, world_add(w, metric(r, 20), TOY_ROUTE_REPLACE),
			0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1000);
	KUNIT_EXPECT_EQ(test, world_add(w, metric(r, 10), TOY_ROUTE_REPLACE),
			0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1001);
	KUNIT_EXPECT_EQ(test, world_del(w, r, true), 0);
	KUNIT_EXPECT_EQ(test, world_del(w, r, true), 0);
	KUNIT_EXPECT_EQ(test, world_del(w, r, true), -ESRCH);
}

static void gateway_must_be_on_link(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = ROUTE_TO(203, 0, 113, 0);
	const struct toy_route *found;
	struct in6_addr dst = world_ip(203, 0, 113, 9);

	KUNIT_EXPECT_EQ(test, world_add(w, via(r, world_ip(10, 0, 0, 254)), 0),
			-ENETUNREACH);
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24),
			0);
	KUNIT_EXPECT_EQ(test, world_add(w, via(dev_route(r, &w->eth1),
					       world_ip(10, 0, 0, 254)), 0),
			-ENETUNREACH);
	KUNIT_EXPECT_EQ(test, world_add(w, via(r, world_ip(10, 0, 0, 1)), 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_add(w, via(r, world_ip(10, 0, 0, 255)), 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_add(w, via(r, in6addr_loopback), 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_add(w, via(r, world_ip(10, 0, 0, 254)), 0),
			0);

	rcu_read_lock();
	found = toy_route_find(&w->tn, &dst, 0);
	KUNIT_EXPECT_TRUE(test, found && found->dev == &w->eth0 &&
			  found->scope == TOY_SCOPE_GLOBAL);
	rcu_read_unlock();

	/* A gateway behind a gateway is none. */
	KUNIT_EXPECT_EQ(test, world_add(w, via(ROUTE_TO(198, 51, 100, 0), dst),
					0), -ENETUNREACH);
}

static void nonsense_is_refused(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0), bad;

	bad = r;
	bad.dst = world_ip(10, 1, 1, 1);	/* host bits */
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	bad = r;
	bad.plen = 95;
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	bad.plen = 129;
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, world_add(w, dev_route(r, NULL), 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, world_add(w, typed(r, TOY_ROUTE_BLACKHOLE), 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, world_add(w, typed(r, 77), 0), -EINVAL);
	bad = r;
	bad.prefsrc = world_ip(10, 9, 9, 9);
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	bad.prefsrc = world_ip(127, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), 0);
	bad = r;
	bad.mtu = 67;
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	bad.mtu = 0;
	bad.scope = TOY_SCOPE_NOWHERE;
	KUNIT_EXPECT_EQ(test, world_add(w, bad, 0), -EINVAL);
	w->ndev0.flags = 0;
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -ENETDOWN);
}

static void del_matches_what_is_given(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route hole = ROUTE_TO(10, 1, 1, 0);

	KUNIT_ASSERT_EQ(test, world_add(w, typed(hole, TOY_ROUTE_BLACKHOLE), 0),
			0);
	KUNIT_EXPECT_EQ(test, world_del(w, typed(hole, TOY_ROUTE_PROHIBIT),
					true), -ESRCH);
	KUNIT_EXPECT_EQ(test, world_del(w, dev_route(hole, &w->eth0), true),
			-ESRCH);
	KUNIT_EXPECT_EQ(test, world_del(w, via(hole, world_ip(1, 1, 1, 1)),
					true), -ESRCH);
	KUNIT_EXPECT_EQ(test, world_del(w, hole, true), 0);
}

/* Every change makes remembered paths stale. */
static void changes_move_the_generation_on(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0);
	u32 gen = toy_path_gen(&w->tn);

	world_add(w, r, 0);
	KUNIT_EXPECT_NE(test, toy_path_gen(&w->tn), gen);
	gen = toy_path_gen(&w->tn);
	world_add(w, r, 0);
	KUNIT_EXPECT_EQ(test, toy_path_gen(&w->tn), gen);
	world_del(w, r, true);
	KUNIT_EXPECT_NE(test, toy_path_gen(&w->tn), gen);
}

static void input_classifies(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_dev *eth0 = &w->eth0, *eth1 = &w->eth1;

	KUNIT_ASSERT_EQ(test, world_addr(eth0, world_ip(10, 0, 0, 1), 24), 0);
	KUNIT_EXPECT_EQ(test, world_is(w, eth0, world_ip(10, 0, 0, 1)),
			TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_is(w, eth1, world_ip(10, 0, 0, 1)),
			TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(127, 9, 9, 9)),
			TOY_ROUTE_LOCAL);
	KUNIT_EXPECT_EQ(test, world_is(w, eth0, world_ip(10, 0, 0, 2)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth0, WORLD_ANY), TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth0, world_ip(10, 0, 0, 0)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth0, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, &w->lo, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, NULL, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth1, world_ip(10, 0, 0, 255)),
			TOY_ROUTE_UNICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth1, world_ip(255, 255, 255, 255)),
			TOY_ROUTE_BROADCAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth1, world_ip(239, 1, 1, 1)),
			TOY_ROUTE_MULTICAST);
	KUNIT_EXPECT_EQ(test, world_is(w, eth1, in6addr_linklocal_allnodes),
			TOY_ROUTE_MULTICAST);
}

struct seen {
	u32 metrics[32];
	unsigned int n;
	unsigned int room;	/* in this call */
};

static int see(const struct toy_route *r, void *arg)
{
	struct seen *seen = arg;

	if (r->type == TOY_ROUTE_LOCAL || r->type == TOY_ROUTE_BROADCAST)
		return 0;
	if (!seen->room)
		return -EMSGSIZE;
	seen->room--;
	if (seen->n < ARRAY_SIZE(seen->metrics))
		seen->metrics[seen->n++] = r->metric;
	return 0;
}

/* A dump in portions shows each route once, whatever the portion is. */
static void walk_resumes(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int room, i;

	for (i = 0; i < 9; i++)
		KUNIT_ASSERT_EQ(test, world_add(w, metric(dev_route(ROUTE_TO(10, 1, i / 3, 0),
								    &w->eth0), i), 0), 0);
	for (room = 1; room <= 10; room++) {
		struct toy_route_cursor cursor = {};
		struct seen seen = {};
		int calls = 0;

		do {
			seen.room = room;
		} while (toy_route_walk(&w->tn, &cursor, see, &seen) &&
			 ++calls < 20);
		KUNIT_EXPECT_EQ(test, seen.n, 9);
		for (i = 0; i < seen.n; i++)
			KUNIT_EXPECT_EQ(test, seen.metrics[i], i);
		/* At the end it stays at the end. */
		KUNIT_EXPECT_EQ(test, toy_route_walk(&w->tn, &cursor, see,
						     &seen), 0);
		KUNIT_EXPECT_EQ(test, seen.n, 9);
	}
}

static void flush_by_device(struct kunit *test)
{
	struct world *w = test->priv;

	world_add(w, dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth0), 0);
	world_add(w, metric(dev_route(ROUTE_TO(10, 1, 1, 0), &w->eth1), 1), 0);
	world_add(w, dev_route(ROUTE_TO(10, 1, 2, 0), &w->eth0), 0);
	world_add(w, typed(ROUTE_TO(10, 1, 3, 0), TOY_ROUTE_BLACKHOLE), 0);
	rtnl_lock();
	toy_route_flush_dev(&w->eth0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 1, 1)), 1001);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(10, 1, 2, 1)), 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 2);
}

static struct kunit_case route_cases[] = {
	KUNIT_CASE(longest_prefix_then_metric),
	KUNIT_CASE(ipv6_default_is_not_ipv4s),
	KUNIT_CASE(oif_goes_on_to_shorter_prefixes),
	KUNIT_CASE(same_prefix_and_metric),
	KUNIT_CASE(replace_looks_at_the_metric),
	KUNIT_CASE(gateway_must_be_on_link),
	KUNIT_CASE(nonsense_is_refused),
	KUNIT_CASE(del_matches_what_is_given),
	KUNIT_CASE(changes_move_the_generation_on),
	KUNIT_CASE(input_classifies),
	KUNIT_CASE(walk_resumes),
	KUNIT_CASE(flush_by_device),
	{}
};

static struct kunit_suite route_suite = {
	.name = "toy-proto-route",
	.init = world_init,
	.exit = world_exit,
	.test_cases = route_cases,
};

kunit_test_suite(route_suite);
