// SPDX-License-Identifier: GPL-2.0-only
/* Cases for path.c: what `ip route get` answers in the same situation. */
#include "world_test.h"

/* eth0 10.0.0.1/24 with a default gateway, eth1 192.0.2.1/24. */
static int path_test_init(struct kunit *test)
{
	struct toy_route def = world_route(WORLD_ANY, 0);
	struct world *w;
	int err;

	err = world_init(test);
	if (err)
		return err;
	w = test->priv;
	def.gateway = world_ip(10, 0, 0, 254);
	return world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24) ?:
	       world_addr(&w->eth1, world_ip(192, 0, 2, 1), 24) ?:
	       world_add(w, def, 0);
}

static int look_up(struct kunit *test, struct toy_flow flow,
		   struct toy_path *path)
{
	struct world *w = test->priv;
	int err;

	memset(path, 0xaa, sizeof(*path));
	err = toy_path_lookup(&w->tn, &flow, path);
	if (!err)
		KUNIT_EXPECT_TRUE(test, toy_path_valid(&w->tn, path));
	else
		KUNIT_EXPECT_EQ(test, path->gen, 0);
	KUNIT_EXPECT_TRUE(test, !path->dev == !!err);
	return err;
}

/* Looks up, compares, lets go. @dev NULL: the errno is all. */
static void expect_path(struct kunit *test, struct toy_flow flow, int err,
			struct toy_dev *dev, u8 type, struct in6_addr saddr,
			struct in6_addr nexthop)
{
	struct toy_path path;

	KUNIT_EXPECT_EQ(test, look_up(test, flow, &path), err);
	if (dev) {
		KUNIT_EXPECT_PTR_EQ(test, path.dev, dev);
		KUNIT_EXPECT_EQ(test, path.type, type);
		KUNIT_EXPECT_TRUE(test, world_same(path.saddr, saddr));
		KUNIT_EXPECT_TRUE(test, world_same(path.nexthop, nexthop));
		KUNIT_EXPECT_EQ(test, path.mtu, dev->mtu);
		KUNIT_EXPECT_NULL(test, path.neigh);
	}
	toy_path_reset(&path);
}

#define TO(...)		{ .daddr = world_ip(__VA_ARGS__) }
#define ETH0_IP		world_ip(10, 0, 0, 1)
#define ETH1_IP		world_ip(192, 0, 2, 1)
#define LO_IP		world_ip(127, 0, 0, 1)

static void expect_errno(struct kunit *test, struct toy_flow flow, int err)
{
	expect_path(test, flow, err, NULL, 0, WORLD_ANY, WORLD_ANY);
}

static void unicast_on_link_and_by_gateway(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow near = TO(10, 0, 0, 9), other = TO(192, 0, 2, 9);
	struct toy_flow far = TO(203, 0, 113, 1);

	expect_path(test, near, 0, &w->eth0, TOY_ROUTE_UNICAST, ETH0_IP,
		    near.daddr);
	expect_path(test, other, 0, &w->eth1, TOY_ROUTE_UNICAST, ETH1_IP,
		    other.daddr);
	expect_path(test, far, 0, &w->eth0, TOY_ROUTE_UNICAST, ETH0_IP,
		    world_ip(10, 0, 0, 254));
	far.flags = TOY_FLOW_ONLINK;
	expect_errno(test, far, -ENETUNREACH);
}

static void own_addresses_stay_inside(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow own = TO(10, 0, 0, 1), lo = TO(127, 1, 2, 3);

	expect_path(test, own, 0, &w->lo, TOY_ROUTE_LOCAL, ETH0_IP, own.daddr);
	expect_path(test, lo, 0, &w->lo, TOY_ROUTE_LOCAL, LO_IP, lo.daddr);
	own.oif = w->eth0.ifindex;
	expect_path(test, own, 0, &w->lo, TOY_ROUTE_LOCAL, ETH0_IP, own.daddr);
	own.saddr = LO_IP;
	expect_path(test, own, 0, &w->lo, TOY_ROUTE_LOCAL, LO_IP, own.daddr);
}

static void zero_is_this_host(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow zero = TO(0, 0, 0, 0);

	expect_path(test, zero, 0, &w->lo, TOY_ROUTE_LOCAL, LO_IP, LO_IP);
	zero.saddr = ETH1_IP;
	expect_path(test, zero, 0, &w->lo, TOY_ROUTE_LOCAL, ETH1_IP, ETH1_IP);
	zero.saddr = WORLD_ANY;
	zero.oif = w->eth0.ifindex;
	expect_path(test, zero, 0, &w->lo, TOY_ROUTE_LOCAL, ETH0_IP, ETH0_IP);
}

static void broadcasts(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow all = TO(255, 255, 255, 255);
	struct toy_flow prefix = TO(192, 0, 2, 255);
	struct toy_route def = world_route(WORLD_ANY, 0);

	expect_path(test, prefix, 0, &w->eth1, TOY_ROUTE_BROADCAST, ETH1_IP,
		    prefix.daddr);
	/* By the default route, but not to its gateway. */
	expect_path(test, all, 0, &w->eth0, TOY_ROUTE_BROADCAST, ETH0_IP,
		    all.daddr);
	all.oif = w->eth1.ifindex;
	expect_path(test, all, 0, &w->eth1, TOY_ROUTE_BROADCAST, ETH1_IP,
		    all.daddr);
	all.oif = 0;
	all.saddr = ETH1_IP;
	expect_path(test, all, 0, &w->eth1, TOY_ROUTE_BROADCAST, ETH1_IP,
		    all.daddr);
	all.saddr = WORLD_ANY;
	KUNIT_ASSERT_EQ(test, world_del(w, def, true), 0);
	expect_errno(test, all, -ENETUNREACH);
}

static void multicasts(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow group = TO(239, 1, 1, 1), link = TO(224, 0, 0, 251);

	expect_path(test, group, 0, &w->eth0, TOY_ROUTE_MULTICAST, ETH0_IP,
		    group.daddr);
	group.oif = w->eth1.ifindex;
	expect_path(test, group, 0, &w->eth1, TOY_ROUTE_MULTICAST, ETH1_IP,
		    group.daddr);
	link.oif = w->eth1.ifindex;
	expect_path(test, link, 0, &w->eth1, TOY_ROUTE_MULTICAST, ETH1_IP,
		    link.daddr);
	link.oif = 0;
	link.saddr = LO_IP;
	expect_path(test, link, 0, &w->lo, TOY_ROUTE_MULTICAST, LO_IP,
		    link.daddr);
	KUNIT_ASSERT_EQ(test, world_del(w, world_route(WORLD_ANY, 0), true), 0);
	group.oif = 0;
	expect_errno(test, group, -ENETUNREACH);
}

/* Whoever names a device is believed, with a route and without. */
static void bound_to_a_device(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow far = TO(203, 0, 113, 1);

	far.oif = w->eth1.ifindex;
	expect_path(test, far, 0, &w->eth1, TOY_ROUTE_UNICAST, ETH1_IP,
		    far.daddr);
	far.oif = w->eth0.ifindex;
	expect_path(test, far, 0, &w->eth0, TOY_ROUTE_UNICAST, ETH0_IP,
		    world_ip(10, 0, 0, 254));
	far.oif = 4711;
	expect_errno(test, far, -ENODEV);
	far.oif = w->eth1.ifindex;
	w->ndev1.flags = 0;
	expect_errno(test, far, -ENETUNREACH);
}

static void refusals(struct kunit *test)
{
	static const struct { u8 type; int err; } cases[] = {
		{ TOY_ROUTE_BLACKHOLE, -EINVAL },
		{ TOY_ROUTE_UNREACHABLE, -EHOSTUNREACH },
		{ TOY_ROUTE_PROHIBIT, -EACCES },
	};
	struct toy_route r = world_route(world_ip(198, 51, 100, 0), 24);
	struct world *w = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r.type = cases[i].type;
		KUNIT_ASSERT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
		expect_errno(test, (struct toy_flow)TO(198, 51, 100, 7),
			     cases[i].err);
	}
}

static void sources_given(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow f = TO(10, 0, 0, 9);

	f.saddr = ETH1_IP;	/* weak host: any address of ours will do */
	expect_path(test, f, 0, &w->eth0, TOY_ROUTE_UNICAST, ETH1_IP, f.daddr);
	f.saddr = world_ip(10, 0, 0, 77);
	expect_errno(test, f, -ENETUNREACH);
	f.flags = TOY_FLOW_ANYSRC;
	expect_path(test, f, 0, &w->eth0, TOY_ROUTE_UNICAST, f.saddr, f.daddr);
	f.saddr = world_ip(224, 0, 0, 1);
	expect_errno(test, f, -EINVAL);
	f.flags = 0;
	f.saddr = world_ip(255, 255, 255, 255);
	expect_errno(test, f, -EINVAL);
	f.saddr = LO_IP;	/* 127/8 stays inside */
	expect_errno(test, f, -EINVAL);
	f.saddr = in6addr_loopback;
	expect_errno(test, f, -EINVAL);
}

static void sources_chosen(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow f = TO(203, 0, 113, 1);
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);

	/* What the route prefers. */
	r.gateway = world_ip(10, 0, 0, 254);
	r.prefsrc = ETH1_IP;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);
	expect_path(test, f, 0, &w->eth0, TOY_ROUTE_UNICAST, ETH1_IP,
		    r.gateway);

	/* Another device's, when the one that sends has none. */
	KUNIT_ASSERT_EQ(test, world_addr_del(&w->eth1, ETH1_IP, 24), 0);
	f.daddr = world_ip(198, 51, 100, 1);
	f.oif = w->eth1.ifindex;
	expect_path(test, f, 0, &w->eth1, TOY_ROUTE_UNICAST, ETH0_IP, f.daddr);

	/* 127.0.0.1 is no source for others. */
	KUNIT_ASSERT_EQ(test, world_addr_del(&w->eth0, ETH0_IP, 24), 0);
	expect_errno(test, f, -EADDRNOTAVAIL);
	f.flags = TOY_FLOW_ANYSRC;
	KUNIT_EXPECT_EQ(test, look_up(test, f, &(struct toy_path) {}), 0);
	refcount_dec(&w->eth1.refcnt);
}

static void mtu_is_the_lesser(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_route r = world_route(world_ip(203, 0, 113, 0), 24);
	struct toy_flow f = TO(203, 0, 113, 1);
	struct toy_path path;

	r.dev = &w->eth0;
	r.mtu = 1280;
	KUNIT_ASSERT_EQ(test, world_add(w, r, 0), 0);
	KUNIT_EXPECT_EQ(test, look_up(test, f, &path), 0);
	KUNIT_EXPECT_EQ(test, path.mtu, 1280);
	toy_path_reset(&path);
	r.mtu = 4000;
	KUNIT_ASSERT_EQ(test, world_add(w, r, TOY_ROUTE_REPLACE), 0);
	KUNIT_EXPECT_EQ(test, look_up(test, f, &path), 0);
	KUNIT_EXPECT_EQ(test, path.mtu, 1500);
	toy_path_reset(&path);
	toy_path_reset(&path);	/* twice is once */
}

static void paths_go_stale(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_flow f = TO(10, 0, 0, 9);
	struct toy_path path;

	KUNIT_EXPECT_EQ(test, look_up(test, f, &path), 0);
	KUNIT_ASSERT_EQ(test, world_addr(&w->eth1, world_ip(192, 0, 2, 2), 24),
			0);
	KUNIT_EXPECT_FALSE(test, toy_path_valid(&w->tn, &path));
	toy_path_reset(&path);
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE(unicast_on_link_and_by_gateway),
	KUNIT_CASE(own_addresses_stay_inside),
	KUNIT_CASE(zero_is_this_host),
	KUNIT_CASE(broadcasts),
	KUNIT_CASE(multicasts),
	KUNIT_CASE(bound_to_a_device),
	KUNIT_CASE(refusals),
	KUNIT_CASE(sources_given),
	KUNIT_CASE(sources_chosen),
	KUNIT_CASE(mtu_is_the_lesser),
	KUNIT_CASE(paths_go_stale),
	{}
};

static struct kunit_suite path_suite = {
	.name = "toy-proto-path",
	.init = path_test_init,
	.exit = world_exit,
	.test_cases = path_cases,
};

kunit_test_suite(path_suite);
