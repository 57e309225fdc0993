/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A network namespace without a network, for tests of routes and addresses:
 *
 *	lo	always there, 127.0.0.1/8
 *	eth0	up
 *	eth1	up
 *
 * The devices send nothing and have no link-layer addresses, so no neighbours
 * and no address conflict detection come into play.
 */
#ifndef _TOY_PROTO_WORLD_TEST_H
#define _TOY_PROTO_WORLD_TEST_H

#include <kunit/test.h>
#include <linux/rtnetlink.h>

#include "addr.h"
#include "fib.h"

struct world {
	struct kunit *test;
	struct toy_net tn;
	struct toy_dev lo;
	struct toy_dev eth0;
	struct toy_dev eth1;
	struct net_device ndev0;
	struct net_device ndev1;
};

/* "10.0.0.1" as an address inside. */
static inline struct in6_addr world_ip(u8 a, u8 b, u8 c, u8 d)
{
	return toy_v4(htonl((u32)a << 24 | b << 16 | c << 8 | d));
}

#define WORLD_ANY	world_ip(0, 0, 0, 0)

static inline void world_dev(struct world *w, struct toy_dev *dev,
			     struct net_device *ndev, int ifindex, u32 mtu,
			     enum toy_hook hook)
{
	dev->tn = &w->tn;
	dev->ifindex = ifindex;
	dev->mtu = mtu;
	dev->hook = hook;
	refcount_set(&dev->refcnt, 1);
	if (ndev) {
		ndev->flags = IFF_UP;
		RCU_INIT_POINTER(dev->dev, ndev);
	}
	list_add_tail(&dev->list, &w->tn.devs);
}

static inline int world_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	test->priv = w;
	w->test = test;
	w->tn.net = &init_net;
	w->tn.lo = &w->lo;
	atomic_set(&w->tn.path_gen, 1);
	INIT_LIST_HEAD(&w->tn.devs);
	w->tn.mib = alloc_percpu(struct toy_mib_cpu);
	if (!w->tn.mib)
		return -ENOMEM;
	w->tn.sysctl.route_max_learnt = 4;
	w->tn.sysctl.min_pmtu = 552;
	w->tn.sysctl.mtu_expires = 600;
	w->tn.sysctl.accept_redirects = 1;
	world_dev(w, &w->lo, NULL, 1, 65536, TOY_HOOK_LOOPBACK);
	world_dev(w, &w->eth0, &w->ndev0, 1000, 1500, TOY_HOOK_SHARED);
	world_dev(w, &w->eth1, &w->ndev1, 1001, 9000, TOY_HOOK_SHARED);
	return toy_route_net_init(&w->tn) ?: toy_addr_net_init(&w->tn);
}

/* Nothing may be left: neither prefixes nor references to devices. */
static inline void world_exit(struct kunit *test)
{
	struct world *w = test->priv;

	if (!w || !w->tn.fib || !w->tn.addrs)
		return;
	toy_addr_net_exit(&w->tn);
	rtnl_lock();
	toy_route_flush(&w->tn, &(struct toy_route_filter) {});
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, w->tn.fib->local.count, 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->main.count, 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->prefsrcs, 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->multipaths, 0);
	KUNIT_EXPECT_EQ(test, w->tn.fib->learnt, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&w->tn.fib->leases));
	toy_route_net_exit(&w->tn);
	rcu_barrier();
	free_percpu(w->tn.mib);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->lo.refcnt), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->eth0.refcnt), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->eth1.refcnt), 1);
}

static inline int world_addr(struct toy_dev *dev, struct in6_addr addr, u8 plen)
{
	struct toy_addr_config cfg = { .addr = addr, .plen = plen + 96 };
	int err;

	rtnl_lock();
	err = toy_addr_add(dev, &cfg, NULL);
	rtnl_unlock();
	return err;
}

static inline int world_addr_del(struct toy_dev *dev, struct in6_addr addr,
				 u8 plen)
{
	int err;

	rtnl_lock();
	err = toy_addr_del(dev, &addr, plen + 96, NULL);
	rtnl_unlock();
	return err;
}

/* A route as the command line has it; @plen of IPv4. */
static inline struct toy_route world_route(struct in6_addr dst, u8 plen)
{
	return (struct toy_route) {
		.dst = dst,
		.plen = plen + 96,
		.origin = TOY_ORIGIN_STATIC,
	};
}

static inline int world_add(struct world *w, struct toy_route r,
			    unsigned int flags)
{
	int err;

	rtnl_lock();
	err = toy_route_add(&w->tn, &r, flags, NULL);
	rtnl_unlock();
	return err;
}

static inline int world_del(struct world *w, struct toy_route r,
			    bool any_metric)
{
	int err;

	rtnl_lock();
	err = toy_route_del(&w->tn, &r, any_metric, NULL);
	rtnl_unlock();
	return err;
}

/* The device's index of the route to an address, 0 without one. */
static inline int world_leads_to(struct world *w, struct in6_addr daddr)
{
	const struct toy_route *r;
	int ifindex;

	rcu_read_lock();
	r = toy_route_find(&w->tn, &daddr, 0);
	ifindex = r && r->dev ? r->dev->ifindex : 0;
	rcu_read_unlock();
	return ifindex;
}

static inline int world_is(struct world *w, const struct toy_dev *dev,
			   struct in6_addr daddr)
{
	return toy_route_input(&w->tn, dev, &daddr);
}

static inline bool world_same(struct in6_addr a, struct in6_addr b)
{
	return ipv6_addr_equal(&a, &b);
}

#endif /* _TOY_PROTO_WORLD_TEST_H */
