/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ADDR_H
#define _TOY_PROTO_ADDR_H

#include <linux/inet.h>
#include <linux/workqueue.h>

#include "../toy.h"
#include "../napi/dev.h"

/**
 * struct toy_addr - an address of ours on a device
 * @list: toy_addr_table's list, in the order of coming; RTNL writes, RCU reads
 * @hash: toy_addr_table's bucket of @addr; the same
 * @addr: the address
 * @broadcast: directed broadcast of the prefix; unspecified without one
 * @dev: device, referenced
 * @plen: prefix length, of 128
 * @scope: enum toy_scope
 * @flags: TOY_ADDR_F_*; READ_ONCE()
 * @preference: higher wins in source selection among equals
 * @acd: RFC 5227 or RFC 4862 state, owned by proto/acd.c
 * @valid_until: when it goes, in seconds of ktime_get_seconds(); 0: never
 * @preferred_until: when it becomes deprecated (RFC 4862 5.5.4); 0: never
 * @joined: its solicited-node group is joined
 * @dad_tries: addresses that were tried before it (RFC 7217 5); AUTOCONF
 * @rcu: for freeing
 *
 * Made and removed under RTNL, read under RCU, freed after a grace period.
 */
struct toy_addr {
	struct list_head list;
	struct hlist_node hash;
	struct in6_addr addr;
	struct in6_addr broadcast;
	struct toy_dev *dev;
	u8 plen;
	u8 scope;
	u32 flags;
	s32 preference;
	struct toy_acd *acd;
	time64_t valid_until;
	time64_t preferred_until;
	bool joined;
	u8 dad_tries;
	struct rcu_head rcu;
};

#define TOY_ADDR_FOREVER	0xffffffffU	/* a lifetime without end */
/* What may be asked for; the other flags are states. */
#define TOY_ADDR_F_ASKED	(TOY_ADDR_F_NOPREFIXROUTE | TOY_ADDR_F_NODAD)

/* What a user asks for; see struct toy_addr. Lifetimes are seconds or
 * TOY_ADDR_FOREVER, and count only if has_lifetime.
 */
struct toy_addr_config {
	struct in6_addr addr;
	struct in6_addr broadcast;
	bool has_broadcast;
	bool has_scope;
	bool has_lifetime;
	u8 dad_tries;
	u8 plen;
	u8 scope;
	u32 flags;
	s32 preference;
	u32 valid_lft;
	u32 preferred_lft;
};

int toy_addr_add(struct toy_dev *dev, const struct toy_addr_config *cfg,
		 struct netlink_ext_ack *extack);
int toy_addr_del(struct toy_dev *dev, const struct in6_addr *addr, u8 plen,
		 struct netlink_ext_ack *extack);
int toy_addr_walk(struct toy_net *tn,
		  int (*fn)(const struct toy_addr *a, void *arg), void *arg);
bool toy_addr_usable(const struct toy_addr *a);
struct toy_addr *toy_addr_find(struct toy_net *tn, const struct toy_dev *dev,
			       const struct in6_addr *addr);
bool toy_addr_select(struct toy_net *tn, const struct toy_dev *dev,
		     const struct in6_addr *daddr, u8 scope,
		     struct in6_addr *saddr);

/* ---- inside: addr.c, addr_route.c, addr_watch.c; RTNL --------------------- */

#define TOY_ADDR_HASH_BITS	8

/**
 * struct toy_addr_table - the addresses of one network namespace
 * @tn: the namespace
 * @life: ends the lifetimes of addresses: addr_life.c
 * @list: all of them
 * @hash: all of them by address, which may stand on several devices
 */
struct toy_addr_table {
	struct toy_net *tn;
	struct delayed_work life;
	struct list_head list;
	struct hlist_head hash[1 << TOY_ADDR_HASH_BITS];
};

int toy_addr_routes_add(struct toy_addr *a);
void toy_addr_routes_del(struct toy_addr *a);
int toy_addr_start(struct toy_addr *a);
void toy_addr_stop(struct toy_addr *a);
void toy_addr_remove(struct toy_addr *a);
/* For log lines: 10.0.0.1 and not ::ffff:10.0.0.1. */
#define TOY_ADDR_STRLEN	INET6_ADDRSTRLEN
const char *toy_addr_str(const struct in6_addr *addr,
			 char buf[TOY_ADDR_STRLEN]);

/* addr_life.c */
void toy_addr_life_set(struct toy_addr *a, u32 valid, u32 preferred);
u32 toy_addr_life_left(time64_t until);
void toy_addr_life_work(struct work_struct *work);

bool toy_addr_foreign(struct net *net, const struct in6_addr *addr);
int toy_addr_watch_init(void);
void toy_addr_watch_exit(void);

/* Up-calls of RFC 5227 and RFC 4862, in process context under RTNL. */
void toy_addr_acd_done(struct toy_addr *a);
void toy_addr_acd_conflict(struct toy_addr *a, const u8 *lladdr);

int toy_addr_net_init(struct toy_net *tn);
void toy_addr_net_exit(struct toy_net *tn);
int toy_addr_init(void);
void toy_addr_exit(void);

#endif /* _TOY_PROTO_ADDR_H */
