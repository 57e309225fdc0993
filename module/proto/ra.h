/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_RA_H
#define _TOY_PROTO_RA_H

#include <linux/workqueue.h>

#include "../skb/nd.h"
#include "../napi/dev.h"

/**
 * struct toy_ra_item - something that a router has advertised
 * @list: toy_ra.items
 * @kind: enum toy_ra_kind
 * @plen: of a prefix
 * @preference: of a router or route, -1, 0 or 1
 * @flags: TOY_RA_F_*
 * @dev: device that it came by, referenced
 * @from: router that has said so last
 * @addr: prefix, router or server
 * @until: when it ends, seconds of ktime_get_seconds(); 0: never
 * @metric: of the route that was made for it; 0: there is none
 * @mtu: of that route
 * @name: search domain; empty for the other kinds
 *
 * Made, changed and removed under RTNL; nobody else looks.
 */
struct toy_ra_item {
	struct list_head list;
	u8 kind;
	u8 plen;
	s8 preference;
	u32 flags;
	struct toy_dev *dev;
	struct in6_addr from;
	struct in6_addr addr;
	time64_t until;
	u32 metric;
	u32 mtu;
	char name[];
};

/**
 * struct toy_ra - what routers have told a network namespace
 * @tn: the namespace
 * @queue: advertisements that wait for @work; bounded
 * @not_before: jiffies: the work has had much to do lately
 * @rerank: a neighbour that is a router has changed; written anywhere
 * @work: handles the queue, sends solicitations, ends lifetimes
 * @items: all of it, oldest first; RTNL
 * @count: how many of each kind; RTNL
 * @made: there has been one; RTNL
 */
struct toy_ra {
	struct toy_net *tn;
	struct sk_buff_head queue;
	unsigned long not_before;
	atomic_t rerank;
	struct delayed_work work;
	struct list_head items;
	unsigned int count[__TOY_RA_KINDS];
	bool made;
};

enum toy_drop toy_ra_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct toy_nd_view *v);
int toy_ra_net_init(struct toy_net *tn);
void toy_ra_net_exit(struct toy_net *tn);
void toy_ra_router_now(struct toy_net *tn);
int toy_ra_init(void);
void toy_ra_exit(void);

/* ---- ra_list.c; RTNL ------------------------------------------------------- */

/* Finds it or makes it, and gives it the lifetime; 0 removes it. */
struct toy_ra_item *toy_ra_set(struct toy_ra *ra,
			       const struct toy_ra_item *cfg, const char *name,
			       u32 lifetime);
void toy_ra_remove(struct toy_ra *ra, struct toy_ra_item *it);
void toy_ra_forget(struct toy_ra *ra, const struct toy_dev *dev);
time64_t toy_ra_expire(struct toy_ra *ra, time64_t now);
void toy_ra_rank(struct toy_ra *ra);
int toy_ra_walk(struct toy_net *tn,
		int (*fn)(const struct toy_ra_item *it, void *arg), void *arg);

#endif /* _TOY_PROTO_RA_H */
