/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_HOPS_H
#define _TOY_PROTO_HOPS_H

#include "../toy.h"

struct toy_dev;
struct toy_fib_query;
struct toy_flow;

#define TOY_HOPS_MAX	64	/* of a route */

/**
 * struct toy_hop - one way on
 * @gateway: next hop; unspecified (::) for an on-link one
 * @dev: device, referenced
 * @weight: its share, 1 to 256
 */
struct toy_hop {
	struct in6_addr gateway;
	struct toy_dev *dev;
	u16 weight;
};

/**
 * struct toy_hops - the next hops of a route, at least two
 * @n: how many
 * @hop: they
 *
 * Belongs to its struct toy_route and changes as little as that.
 */
struct toy_hops {
	unsigned int n;
	struct toy_hop hop[];
};

u32 toy_hops_hash(const struct toy_net *tn, const struct toy_flow *flow);
const struct toy_hop *toy_hops_pick(const struct toy_hops *hops,
				    const struct toy_fib_query *q);
struct toy_hops *toy_hops_dup(const struct toy_hops *hops);
struct toy_hops *toy_hops_without(const struct toy_hops *hops,
				  const struct toy_dev *dev);
bool toy_hops_same(const struct toy_hops *a, const struct toy_hops *b);
bool toy_hops_use(const struct toy_hops *hops, const struct toy_dev *dev);
bool toy_hops_has(const struct toy_hops *hops, const struct toy_dev *dev,
		  const struct in6_addr *gateway);
bool toy_hops_alive(const struct toy_hops *hops);
void toy_hops_free(struct toy_hops *hops);

#endif /* _TOY_PROTO_HOPS_H */
