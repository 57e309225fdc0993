// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several next hops for one prefix: equal-cost multipath (RFC 2991, RFC 2992).
 *
 * The numbers of 32 bits are divided among the next hops that work, to each a
 * region as wide as its weight; the hash of a flow falls into one of them:
 *
 *	0           a, weight 1        b, weight 2               2^32
 *	|----------------|--------------------------------|
 *	                        ^ hash
 *
 * All packets of a flow go one way, so that none overtakes another. When a next
 * hop fails, the regions are divided anew, and the least number of flows
 * moves that this scheme allows (RFC 2992 3).
 *
 * What makes a flow, net.toy.fib_multipath_hash_policy says: 0 both addresses,
 * 1 also protocol and ports. The hash has a secret key: nobody outside can aim
 * his flows at one of our links.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include "fib.h"

static siphash_aligned_key_t hops_key;

/**
 * toy_hops_hash() - the number that chooses a next hop for a flow
 * @tn: network namespace, whose knob says what counts
 * @flow: flow
 *
 * Context: any. Return: the number.
 * Return: the hash.
 */
u32 toy_hops_hash(const struct toy_net *tn, const struct toy_flow *flow)
{
	struct {
		struct in6_addr saddr;
		struct in6_addr daddr;
		u32 ports;
		u32 proto;
	} key __aligned(SIPHASH_ALIGNMENT) = {
		.saddr = flow->saddr,
		.daddr = flow->daddr,
	};

	net_get_random_once(&hops_key, sizeof(hops_key));
	if (READ_ONCE(tn->sysctl.fib_multipath_hash_policy)) {
		key.ports = flow->ports;
		key.proto = flow->proto;
	}
	return siphash(&key, sizeof(key), &hops_key);
}

static bool hop_serves(const struct toy_hop *hop,
		       const struct toy_fib_query *q)
{
	if (q->oif && hop->dev->ifindex != q->oif)
		return false;
	if (q->onlink && !toy_addr_any(&hop->gateway))
		return false;
	return toy_route_dev_up(hop->dev);
}

/**
 * toy_hops_pick() - choose a next hop
 * @hops: next hops
 * @q: what it must be like, and the hash of the flow
 *
 * Context: under rcu_read_lock() or RTNL.
 * Return: one that works, or NULL.
 */
const struct toy_hop *toy_hops_pick(const struct toy_hops *hops,
				    const struct toy_fib_query *q)
{
	u64 serves = 0;
	u32 total = 0, point;
	unsigned int i;

	BUILD_BUG_ON(TOY_HOPS_MAX > 64);
	for (i = 0; i < hops->n; i++) {
		if (!hop_serves(&hops->hop[i], q))
			continue;
		serves |= BIT_ULL(i);
		total += hops->hop[i].weight;
	}
	if (!total)
		return NULL;
	point = (u64)q->hash * total >> 32;
	for (i = 0; i < hops->n; i++) {
		if (!(serves & BIT_ULL(i)))
			continue;
		if (point < hops->hop[i].weight)
			return &hops->hop[i];
		point -= hops->hop[i].weight;
	}
	return NULL;
}

static struct toy_hops *hops_new(unsigned int n)
{
	return kzalloc(sizeof(struct toy_hops) + n * sizeof(struct toy_hop),
		       GFP_KERNEL_ACCOUNT);
}

/**
 * toy_hops_dup() - a copy with references of its own
 * @hops: next hops; borrowed
 *
 * Context: RTNL, may sleep. Return: the copy or NULL.
 * Return: the copy, or NULL without memory.
 */
struct toy_hops *toy_hops_dup(const struct toy_hops *hops)
{
	return toy_hops_without(hops, NULL);
}

/**
 * toy_hops_without() - a copy without the next hops of a device
 * @hops: next hops; borrowed
 * @dev: device that goes, or NULL
 *
 * Context: RTNL, may sleep. Return: the copy, which may be empty, or NULL.
 * Return: what is left, or NULL.
 */
struct toy_hops *toy_hops_without(const struct toy_hops *hops,
				  const struct toy_dev *dev)
{
	struct toy_hops *copy = hops_new(hops->n);
	unsigned int i;

	if (!copy)
		return NULL;
	for (i = 0; i < hops->n; i++) {
		if (hops->hop[i].dev == dev)
			continue;
		copy->hop[copy->n] = hops->hop[i];
		toy_dev_hold(copy->hop[copy->n++].dev);
	}
	return copy;
}

/**
 * toy_hops_free() - give a copy back
 * @hops: from toy_hops_dup() or toy_hops_without(), or NULL
 *
 * Context: any; no reader is left.
 */
void toy_hops_free(struct toy_hops *hops)
{
	unsigned int i;

	if (!hops)
		return;
	for (i = 0; i < hops->n; i++)
		toy_dev_put(hops->hop[i].dev);
	kfree(hops);
}

/**
 * toy_hops_same() - are these the same next hops?
 * @a: next hops, or NULL
 * @b: next hops, or NULL
 *
 * Context: RTNL. Return: true if they are, in the same order.
 * Return: true if they are.
 */
bool toy_hops_same(const struct toy_hops *a, const struct toy_hops *b)
{
	unsigned int i;

	if (!a || !b)
		return a == b;
	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->hop[i].dev != b->hop[i].dev ||
		    a->hop[i].weight != b->hop[i].weight ||
		    !ipv6_addr_equal(&a->hop[i].gateway, &b->hop[i].gateway))
			return false;
	return true;
}

/**
 * toy_hops_use() - does one of them leave by a device?
 * @hops: next hops
 * @dev: device
 *
 * Context: RTNL or RCU. Return: true if one does.
 * Return: true if one does.
 */
bool toy_hops_use(const struct toy_hops *hops, const struct toy_dev *dev)
{
	unsigned int i;

	for (i = 0; i < hops->n; i++)
		if (hops->hop[i].dev == dev)
			return true;
	return false;
}

/**
 * toy_hops_has() - is one of them this router?
 * @hops: next hops
 * @dev: device
 * @gateway: router
 *
 * Context: RTNL or RCU. Return: true if one is.
 * Return: true if it has.
 */
bool toy_hops_has(const struct toy_hops *hops, const struct toy_dev *dev,
		  const struct in6_addr *gateway)
{
	unsigned int i;

	for (i = 0; i < hops->n; i++)
		if (hops->hop[i].dev == dev &&
		    ipv6_addr_equal(&hops->hop[i].gateway, gateway))
			return true;
	return false;
}

/**
 * toy_hops_alive() - does one of them work?
 * @hops: next hops
 *
 * Context: RTNL or RCU. Return: true if one does.
 * Return: true if one is.
 */
bool toy_hops_alive(const struct toy_hops *hops)
{
	const struct toy_fib_query any = {};

	return toy_hops_pick(hops, &any);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "hops_test.c"
#endif
