/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_MCAST_H
#define _TOY_PROTO_MCAST_H

#include <linux/spinlock.h>
#include <linux/timer.h>

#include "../napi/dev.h"
#include "mcast_filter.h"
#include "mcast_state.h"

#define TOY_MC_HASH_BITS	6

/* Sources that one pending answer can be about; RFC 3376 5.2 lets a host
 * answer for the whole group instead.
 */
#define TOY_MC_MAX_ASKED	32

/**
 * struct toy_mc_asked - sources that queries have asked about
 * @n: how many
 * @srcs: the sources
 */
struct toy_mc_asked {
	u16 n;
	struct in6_addr srcs[TOY_MC_MAX_ASKED];
};

/**
 * struct toy_mc_group - a group on a link
 * @node: toy_mc_side.groups
 * @addr: the group
 * @users: members, the stack itself among them; 0: nobody, but there is still
 *	a change to be reported
 * @filter: what they want to hear
 * @state: what is to be reported
 * @asked: what a query has asked about, made when first needed, or NULL
 * @rcu: for freeing
 *
 * Made and let go under RTNL and the side's lock (the timer has the lock
 * alone, and takes groups without users only); RCU readers; @filter likewise.
 */
struct toy_mc_group {
	struct hlist_node node;
	struct in6_addr addr;
	u32 users;
	struct toy_mc_filter filter;
	struct toy_mc_state state;
	struct toy_mc_asked *asked;
	struct rcu_head rcu;
};

struct toy_mc_ops;

/**
 * struct toy_mc_side - the groups of one IP version on a link
 * @mc: link
 * @ops: IGMP or MLD
 * @lock: BH-safe; guards all that follows
 * @groups: struct toy_mc_group by address
 * @link: what the queriers have told
 * @timer: of what is due first
 * @silent: nothing is reported: no link, it is down or it goes
 */
struct toy_mc_side {
	struct toy_mcast *mc;
	const struct toy_mc_ops *ops;
	spinlock_t lock;	/* see above */
	struct hlist_head groups[1 << TOY_MC_HASH_BITS];
	struct toy_mc_link link;
	struct timer_list timer;
	bool silent;
};

/**
 * struct toy_mcast - multicast on an attached device
 * @dev: device, which outlives it
 * @ndev: its net device, whose address filter we have changed; NULL for tn->lo
 * @side: IPv4's and IPv6's
 * @routers: a bit for each group of routers that we are in
 * @rcu: for freeing
 *
 * Made when the device is attached, that of tn->lo with its first group; goes
 * with the device. RTNL writes toy_dev.mcast, RCU reads.
 */
struct toy_mcast {
	struct toy_dev *dev;
	struct net_device *ndev;
	struct toy_mc_side side[2];
	u8 routers;
	struct rcu_head rcu;
};

/**
 * struct toy_mc_ops - IGMP or MLD
 * @v6: MLD
 * @ethertype: of its packets
 * @report3: destination of V3 reports
 * @old: a report of V1 or V2 about @group, or a leave; NULL without memory
 * @finish: type, checksum and IP header of a V3 report; borrows
 *
 * All run under rcu_read_lock() with the side's lock held. What @old returns
 * and @finish has been given has its destination in toy_mc_dest().
 */
struct toy_mc_ops {
	bool v6;
	__be16 ethertype;
	struct in6_addr report3;
	struct sk_buff *(*old)(struct toy_mc_side *side,
			       const struct in6_addr *group, bool leave);
	void (*finish)(struct toy_mc_side *side, struct sk_buff *skb);
};

extern const struct toy_mc_ops toy_igmp_ops;
extern const struct toy_mc_ops toy_mld_ops;

/* Where a report goes, kept in skb->cb until it is sent. */
static inline struct in6_addr *toy_mc_dest(struct sk_buff *skb)
{
	return (struct in6_addr *)skb->cb;
}

/* ---- for the stack and for sockets (mcast.c) ------------------------------ */

int toy_mcast_join(struct toy_dev *dev, const struct in6_addr *group);
void toy_mcast_leave(struct toy_dev *dev, const struct in6_addr *group);
int toy_mcast_change(struct toy_dev *dev, const struct in6_addr *group,
		     const struct toy_mc_want *old,
		     const struct toy_mc_want *new);
bool toy_mcast_member(const struct toy_dev *dev, const struct in6_addr *group,
		      const struct in6_addr *saddr);
bool toy_mcast_map(const struct net_device *ndev, const struct in6_addr *group,
		   u8 *lladdr);

/**
 * struct toy_mc_cursor - where a walk over all groups has come to
 * @index: groups shown
 */
struct toy_mc_cursor {
	unsigned long index;
};

int toy_mcast_walk(struct toy_net *tn, struct toy_mc_cursor *cursor,
		   int (*fn)(const struct toy_mc_side *side,
			     const struct toy_mc_group *g, void *arg),
		   void *arg);

int toy_igmp_init(void);
void toy_igmp_exit(void);
enum toy_drop toy_mld_rcv(struct toy_pkt *pkt, struct sk_buff *skb);

void toy_mcast_router_now(struct toy_net *tn, bool on);
int toy_mcast_net_init(struct toy_net *tn);
void toy_mcast_net_exit(struct toy_net *tn);
int toy_mcast_init(void);
void toy_mcast_exit(void);

/* ---- inside: mcast*.c, igmp.c, mld.c ---------------------------------------- */

struct toy_mcast *toy_mcast_of(struct toy_dev *dev, int *err);
void toy_mc_frames(const struct toy_mcast *mc, const struct in6_addr *group,
		   bool on);
void toy_mc_group_free(struct toy_net *tn, struct toy_mc_group *g);
bool toy_mc_all_hosts(const struct in6_addr *group);
bool toy_mc_unreported(const struct in6_addr *group);
struct toy_mc_group *toy_mc_find(const struct toy_mc_side *side,
				 const struct in6_addr *group);
void toy_mc_reap(struct toy_mc_side *side, struct toy_mc_group *g);
void toy_mc_cancel(struct toy_mc_side *side);
void toy_mc_arm(struct toy_mc_side *side);
void toy_mc_timer(struct timer_list *t);
void toy_mc_query(struct toy_dev *dev, const struct toy_mc_query *q,
		  const struct sk_buff *skb);
void toy_mc_heard(struct toy_dev *dev, const struct in6_addr *group);

#endif /* _TOY_PROTO_MCAST_H */
