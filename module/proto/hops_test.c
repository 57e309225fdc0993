// SPDX-License-Identifier: GPL-2.0-only
/* Cases for hops.c, and for routes with several next hops in route.c. */
#include "world_test.h"

#define FLOWS	20000

static void world_hop(struct toy_hops *h, struct toy_dev *dev,
		      struct in6_addr gateway, u16 weight)
{
	h->hop[h->n++] = (struct toy_hop) {
		.gateway = gateway, .dev = dev, .weight = weight,
	};
}

static struct toy_hops *world_hops(struct kunit *test)
{
	struct toy_hops *h;

	h = kunit_kzalloc(test, sizeof(*h) + 4 * sizeof(h->hop[0]), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	return h;
}

/* How many of FLOWS numbers, spread evenly, choose next hop @i. */
static unsigned int share(const struct toy_hops *h, unsigned int i)
{
	unsigned int n, hits = 0;

	rcu_read_lock();
	for (n = 0; n < FLOWS; n++) {
		struct toy_fib_query q = { .hash = n * (U32_MAX / FLOWS) };

		hits += toy_hops_pick(h, &q) == &h->hop[i];
	}
	rcu_read_unlock();
	return hits;
}

static void expect_near(struct kunit *test, unsigned int value,
			unsigned int wanted)
{
	KUNIT_EXPECT_GE(test, value, wanted - FLOWS / 100);
	KUNIT_EXPECT_LE(test, value, wanted + FLOWS / 100);
}

static void shares_are_as_weights(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_hops *h = world_hops(test);

	world_hop(h, &w->eth0, world_ip(10, 0, 0, 1), 1);
	world_hop(h, &w->eth0, world_ip(10, 0, 0, 2), 2);
	world_hop(h, &w->eth1, world_ip(10, 1, 0, 1), 5);
	expect_near(test, share(h, 0), FLOWS / 8);
	expect_near(test, share(h, 1), FLOWS / 4);
	expect_near(test, share(h, 2), FLOWS * 5 / 8);
}

static bool alive(const struct toy_hops *h)
{
	bool yes;

	rcu_read_lock();
	yes = toy_hops_alive(h);
	rcu_read_unlock();
	return yes;
}

static void what_is_down_has_no_share(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_hops *h = world_hops(test);

	world_hop(h, &w->eth0, world_ip(10, 0, 0, 1), 1);
	world_hop(h, &w->eth1, world_ip(10, 1, 0, 1), 3);
	w->ndev1.flags = 0;
	KUNIT_EXPECT_EQ(test, share(h, 0), FLOWS);
	KUNIT_EXPECT_TRUE(test, alive(h));
	w->ndev0.flags = 0;
	KUNIT_EXPECT_FALSE(test, alive(h));
	w->ndev0.flags = IFF_UP;
	w->ndev1.flags = IFF_UP;
	expect_near(test, share(h, 0), FLOWS / 4);
}

/* RFC 2992 3: of four equal ones the last fails: 1/4 + 1/6 of all flows move at
 * most, in the regions' order 1/4 + 1/12 + 1/6.
 */
static void few_flows_move(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_hops *h = world_hops(test), *less = world_hops(test);
	unsigned int n, moved = 0;

	for (n = 0; n < 4; n++)
		world_hop(h, &w->eth0, world_ip(10, 0, 0, n + 1), 1);
	*less = *h;
	memcpy(less->hop, h->hop, 3 * sizeof(h->hop[0]));
	less->n = 3;
	rcu_read_lock();
	for (n = 0; n < FLOWS; n++) {
		struct toy_fib_query q = { .hash = n * (U32_MAX / FLOWS) };
		const struct toy_hop *a = toy_hops_pick(h, &q);
		const struct toy_hop *b = toy_hops_pick(less, &q);

		moved += !ipv6_addr_equal(&a->gateway, &b->gateway);
	}
	rcu_read_unlock();
	KUNIT_EXPECT_LE(test, moved, FLOWS / 2 + FLOWS / 100);
}

static void hash_reads_what_the_knob_says(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow a = {
		.daddr = world_ip(10, 0, 0, 9), .saddr = world_ip(10, 9, 0, 1),
		.proto = IPPROTO_TCP, .ports = 1,
	};
	struct toy_flow b = a, c = a;

	b.ports = 2;
	c.saddr = world_ip(10, 9, 0, 2);
	KUNIT_EXPECT_EQ(test, toy_hops_hash(&w->tn, &a),
			toy_hops_hash(&w->tn, &b));
	KUNIT_EXPECT_NE(test, toy_hops_hash(&w->tn, &a),
			toy_hops_hash(&w->tn, &c));
	w->tn.sysctl.fib_multipath_hash_policy = 1;
	KUNIT_EXPECT_NE(test, toy_hops_hash(&w->tn, &a),
			toy_hops_hash(&w->tn, &b));
	KUNIT_EXPECT_EQ(test, toy_hops_hash(&w->tn, &a),
			toy_hops_hash(&w->tn, &a));
}

/* A flow keeps its way, and the ways are all used. */
static void flows_keep_their_way(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_hops *h = world_hops(test);
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);
	unsigned int n, first = 0;
	struct toy_path path;

	KUNIT_ASSERT_EQ(test, world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24), 0);
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth1, world_ip(10, 1, 0, 1), 24), 0);
	world_hop(h, NULL, world_ip(10, 0, 0, 9), 1);
	world_hop(h, NULL, world_ip(10, 1, 0, 9), 1);
	r.hops = h;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -EEXIST);
	for (n = 0; n < 256; n++) {
		struct toy_flow f = { .daddr = world_ip(203, 0, 113, n) };
		struct toy_dev *dev;

		KUNIT_ASSERT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
		dev = path.dev;
		first += dev == &w->eth0;
		toy_path_reset(&path);
		KUNIT_ASSERT_EQ(test, toy_path_lookup(&w->tn, &f, &path), 0);
		KUNIT_EXPECT_PTR_EQ(test, path.dev, dev);
		toy_path_reset(&path);
	}
	KUNIT_EXPECT_GT(test, first, 64);
	KUNIT_EXPECT_LT(test, first, 192);

	/* One device goes: so does its next hop; the second, and the route. */
	rtnl_lock();
	toy_route_flush_dev(&w->eth0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(203, 0, 113, 1)), 1001);
	rtnl_lock();
	toy_route_flush_dev(&w->eth1);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(203, 0, 113, 1)), 0);
}

static void bad_next_hops(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_hops *h = world_hops(test);
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);

	r.hops = h;
	world_hop(h, &w->eth0, WORLD_ANY, 1);
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -EINVAL);
	world_hop(h, &w->eth1, WORLD_ANY, 257);
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -EINVAL);
	h->hop[1].weight = 1;
	h->hop[1].gateway = world_ip(192, 0, 2, 1);
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -ENETUNREACH);
	r.m.flags = TOY_ROUTE_F_ONLINK;
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), 0);
	r.type = TOY_ROUTE_BLACKHOLE;
	KUNIT_EXPECT_EQ(test, world_add(w, r, 0), -EINVAL);
}

/* Learnt from a router: bounded, renewed in place, gone when it is time. */
static void learnt_routes_end(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = world_route(world_ip(203, 0, 0, 0), 24);
	u32 gen;
	u8 i;

	r.dev = &w->eth0;
	r.origin = TOY_ORIGIN_RA;
	r.expires = jiffies + 100 * HZ;
	for (i = 0; i < 4; i++) {
		r.dst = world_ip(203, 0, i, 0);
		KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
	}
	r.dst = world_ip(203, 0, i, 0);
	KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), -ENOSPC);

	gen = toy_path_gen(&w->tn);
	r.dst = world_ip(203, 0, 3, 0);
	r.expires += 100 * HZ;
	KUNIT_EXPECT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
	KUNIT_EXPECT_EQ(test, toy_path_gen(&w->tn), gen);

	rtnl_lock();
	toy_route_expire_run(&w->tn, jiffies + 150 * HZ);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, w->tn.fib->learnt, 1);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(203, 0, 2, 1)), 0);
	KUNIT_EXPECT_EQ(test, world_leads_to(w, world_ip(203, 0, 3, 1)), 1000);
}

static struct kunit_case hops_cases[] = {
	KUNIT_CASE(shares_are_as_weights),
	KUNIT_CASE(what_is_down_has_no_share),
	KUNIT_CASE(few_flows_move),
	KUNIT_CASE(hash_reads_what_the_knob_says),
	KUNIT_CASE(flows_keep_their_way),
	KUNIT_CASE(bad_next_hops),
	KUNIT_CASE(learnt_routes_end),
	{}
};

static struct kunit_suite hops_suite = {
	.name = "toy-proto-hops",
	.init = world_init,
	.exit = world_exit,
	.test_cases = hops_cases,
};

kunit_test_suite(hops_suite);
