/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_FIB_H
#define _TOY_PROTO_FIB_H

#include <linux/workqueue.h>

#include "hops.h"
#include "route.h"
#include "trie.h"

/**
 * struct toy_fib - the routes of one network namespace
 * @local: what is ours: LOCAL and BROADCAST routes; asked first
 * @main: everything else
 * @prefsrcs: how many static routes name a source
 * @multipaths: how many routes have several next hops; READ_ONCE()
 * @tn: whose they are
 * @leases: routes that expire, struct toy_route_lease
 * @learnt: how many of them a router has announced
 * @expire: takes them out
 *
 * Both tries lead to a list of struct toy_route, lowest metric first. RTNL
 * writes, RCU reads.
 */
struct toy_fib {
	struct toy_trie local;
	struct toy_trie main;
	unsigned int prefsrcs;
	unsigned int multipaths;
	struct toy_net *tn;
	struct list_head leases;
	unsigned int learnt;
	struct delayed_work expire;
};

/**
 * struct toy_route_lease - a route that expires
 * @list: toy_fib.leases
 * @route: it
 *
 * RTNL.
 */
struct toy_route_lease {
	struct list_head list;
	struct toy_route *route;
};

/**
 * struct toy_fib_query - what a look-up asks for
 * @daddr: destination
 * @oif: device index that a route must have, or 0
 * @hash: of the flow: chooses among next hops
 * @onlink: routes with a gateway do not count
 */
struct toy_fib_query {
	struct in6_addr daddr;
	int oif;
	u32 hash;
	bool onlink;
};

static inline struct toy_trie *toy_fib_trie(struct toy_fib *fib, u8 type)
{
	return type == TOY_ROUTE_LOCAL || type == TOY_ROUTE_BROADCAST ?
	       &fib->local : &fib->main;
}

static inline bool toy_route_has_gateway(const struct toy_route *r)
{
	return !toy_addr_any(&r->gateway);
}

bool toy_fib_hop(const struct toy_route *r, const struct toy_fib_query *q,
		 struct toy_hop *hop);
const struct toy_route *toy_fib_lookup(struct toy_fib *fib,
				       const struct toy_fib_query *q);
const struct toy_route *toy_fib_lookup_main(struct toy_fib *fib,
					    const struct toy_fib_query *q);
const struct toy_route *toy_fib_local(struct toy_fib *fib,
				      const struct in6_addr *addr);

/* RTNL, all of them. */
struct toy_route *toy_fib_list(struct toy_fib *fib,
			       const struct toy_route *like);
struct toy_route *toy_fib_next(const struct toy_route *r);
int toy_fib_insert(struct toy_fib *fib, struct toy_route *r);
void toy_fib_replace(struct toy_fib *fib, struct toy_route *old,
		     struct toy_route *r);
void toy_fib_unlink(struct toy_fib *fib, struct toy_route *r);

#endif /* _TOY_PROTO_FIB_H */
