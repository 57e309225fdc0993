/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_NEIGH_H
#define _TOY_PROTO_NEIGH_H

#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/timer.h>

#include "../toy.h"
#include "../napi/dev.h"
#include "nud.h"

/* How the entries of one address family ask the link: ARP or NDP. */
struct toy_neigh_ops {
	__be16 ethertype;	/* of the packets that wait */
	/* Sends one solicitation for @addr on @dev; to @lladdr alone, or to
	 * everybody when it is NULL. @saddr is a hint, or unspecified. RCU.
	 * False: not yet, an address to ask from is still being probed.
	 */
	bool (*solicit)(struct toy_dev *dev, const struct in6_addr *addr,
			const struct in6_addr *saddr, const u8 *lladdr);
	/* Tells the sender of a packet that nobody answered. Borrows @skb. */
	void (*failed)(struct toy_dev *dev, struct sk_buff *skb);
};

struct toy_neigh_key {
	struct in6_addr addr;
	struct toy_dev *dev;
};

/**
 * struct toy_neigh - one neighbour on one link
 * @node: in the table
 * @key: address and device, referenced; constant
 * @ops: how it is asked; constant
 * @lru_stamp: jiffies of the last move in the LRU list
 * @ha_lock: for readers of @lladdr that do not take @lock
 * @lladdr: link-layer address, if @nud.state knows one
 * @nud: state, times, probes: proto/nud.c
 * @lladdr_len: bytes of @lladdr; constant
 * @router: IPv6: it says that it is a router (RFC 4861 7.2.5)
 * @dead: out of the table
 * @refcnt: references
 * @lock: BH-safe; guards @nud, @dead, @lladdr, @router, @waiting, @timer
 * @waiting: packets that wait for an answer
 * @timer: of the state
 * @lru: in toy_neigh_table.lru, under its lru_lock
 * @rcu: it is freed after a grace period
 *
 * Lifetime: the table, each cached path and the pending timer hold references;
 * freed after a grace period when the last is given back. Out of the table it
 * sends nothing more: what still comes goes to its successor.
 *
 * Locking: nud.state, nud.used, nud.confirmed, router and lru_stamp are read without
 * @lock; lru_stamp, nud.used and nud.confirmed are also written without it.
 *
 * What a packet reads comes first, what an event writes follows.
 */
struct toy_neigh {
	struct rhash_head node;
	struct toy_neigh_key key;
	const struct toy_neigh_ops *ops;
	unsigned long lru_stamp;
	seqlock_t ha_lock;
	u8 lladdr[ALIGN(MAX_ADDR_LEN, sizeof(unsigned long))];
	struct toy_nud nud;
	u8 lladdr_len;
	bool router;
	bool dead;

	refcount_t refcnt;
	spinlock_t lock;	/* see above */
	struct sk_buff_head waiting;
	struct timer_list timer;
	struct list_head lru;
	struct rcu_head rcu;
};

struct toy_neigh *toy_neigh_get(struct toy_net *tn, struct toy_dev *dev,
				const struct in6_addr *addr);
struct toy_neigh *toy_neigh_find(struct toy_net *tn, struct toy_dev *dev,
				 const struct in6_addr *addr);
void toy_neigh_put(struct toy_neigh *n);

int toy_neigh_output(struct toy_neigh *n, struct sk_buff *skb);
void toy_neigh_confirm(struct toy_neigh *n);
bool toy_neigh_lladdr(struct toy_neigh *n, u8 *lladdr);

/* A message of ARP or NDP has told us an address. */
#define TOY_NEIGH_UPDATE_CREATE		BIT(0)	/* make an entry if none */
#define TOY_NEIGH_UPDATE_OVERRIDE	BIT(1)	/* replace another address */
#define TOY_NEIGH_UPDATE_SOLICITED	BIT(2)	/* an answer: reachable */
/* The protocol has no flags to tell an answer from a claim (ARP): it is an
 * answer only while a question is open, and does not override within
 * TOY_NEIGH_LOCKTIME of the last change.
 */
#define TOY_NEIGH_UPDATE_UNPROVEN	BIT(3)
#define TOY_NEIGH_LOCKTIME		HZ
#define TOY_NEIGH_UPDATE_ROUTER		BIT(4)	/* it says that it is one */
#define TOY_NEIGH_UPDATE_HOST		BIT(5)	/* that it is none */
void toy_neigh_update(struct toy_net *tn, struct toy_dev *dev,
		      const struct in6_addr *addr, const u8 *lladdr,
		      unsigned int flags);

int toy_neigh_add(struct toy_dev *dev, const struct in6_addr *addr,
		  const u8 *lladdr, enum toy_nud_state state, bool replace,
		  struct netlink_ext_ack *extack);
int toy_neigh_del(struct toy_dev *dev, const struct in6_addr *addr,
		  struct netlink_ext_ack *extack);
void toy_neigh_flush(struct toy_net *tn, const struct toy_dev *dev,
		     bool permanent);
int toy_neigh_walk(struct toy_net *tn, struct rhashtable_iter *iter,
		   int (*fn)(struct toy_neigh *n, void *arg), void *arg);
struct rhashtable *toy_neigh_rhashtable(struct toy_net *tn);

void toy_neigh_ops_register(bool v4, const struct toy_neigh_ops *ops);

int toy_neigh_net_init(struct toy_net *tn);
void toy_neigh_net_exit(struct toy_net *tn);
int toy_neigh_init(void);
void toy_neigh_exit(void);

#endif /* _TOY_PROTO_NEIGH_H */
