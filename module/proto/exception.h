/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_EXCEPTION_H
#define _TOY_PROTO_EXCEPTION_H

#include <linux/siphash.h>

#include "../toy.h"

#define TOY_EXC_BUCKETS	256
#define TOY_EXC_DEPTH	8	/* of a bucket */
#define TOY_EXC_MAX	(TOY_EXC_BUCKETS * TOY_EXC_DEPTH)

/**
 * struct toy_exc - what ICMP told about the way to one destination
 * @node: in its bucket
 * @daddr: destination
 * @mtu: path MTU, or 0
 * @mtu_locked: less than net.toy.min_pmtu was asked for: packets of that size
 *	may be fragmented on their way
 * @mtu_until: jiffies at which @mtu is forgotten
 * @gateway: next hop of a redirect, @daddr itself if it is on the link; or
 *	unspecified
 * @instead_of: next hop that the redirect came from
 * @ifindex: device of both
 * @gw_until: jiffies at which @gateway is forgotten
 * @rcu: for freeing
 *
 * Immutable: news replace it. RCU reads.
 */
struct toy_exc {
	struct hlist_node node;
	struct in6_addr daddr;
	u32 mtu;
	bool mtu_locked;
	unsigned long mtu_until;
	struct in6_addr gateway;
	struct in6_addr instead_of;
	int ifindex;
	unsigned long gw_until;
	struct rcu_head rcu;
};

/**
 * struct toy_exc_bucket - destinations that share a hash value
 * @head: struct toy_exc
 * @stamp: moves with each change; struct toy_path remembers it
 * @depth: entries
 */
struct toy_exc_bucket {
	struct hlist_head head;
	u32 stamp;
	u32 depth;
};

/**
 * struct toy_exc_table - the exceptions of a network namespace
 * @lock: of writers; BH-safe
 * @key: of the hash: nobody chooses whose entries his own push out
 * @bucket: entries by destination
 */
struct toy_exc_table {
	spinlock_t lock;	/* guards bucket */
	siphash_key_t key;
	struct toy_exc_bucket bucket[TOY_EXC_BUCKETS];
};

struct toy_exc_table *toy_exc_new(void);
void toy_exc_free(struct toy_exc_table *t);
const u32 *toy_exc_stamp(struct toy_exc_table *t, const struct in6_addr *daddr);
const struct toy_exc *toy_exc_find(struct toy_exc_table *t,
				   const struct in6_addr *daddr);
bool toy_exc_set(struct toy_exc_table *t, const struct toy_exc *e,
		 unsigned long now);
void toy_exc_flush(struct toy_exc_table *t);

/* Where a walk stands; zeroed at first. */
struct toy_exc_cursor {
	u32 bucket;
	u32 skip;
};

int toy_exc_walk(struct toy_exc_table *t, struct toy_exc_cursor *cursor,
		 int (*fn)(const struct toy_exc *e, void *arg), void *arg);
unsigned int toy_exc_count(const struct toy_exc_table *t);

static inline bool toy_exc_mtu_holds(const struct toy_exc *e, unsigned long now)
{
	return e->mtu && time_before(now, e->mtu_until);
}

static inline bool toy_exc_gw_holds(const struct toy_exc *e, unsigned long now)
{
	return !toy_addr_any(&e->gateway) && time_before(now, e->gw_until);
}

#endif /* _TOY_PROTO_EXCEPTION_H */
