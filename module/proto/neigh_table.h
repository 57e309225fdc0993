/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by neigh.c (one entry) and neigh_table.c (all of them) only. */
#ifndef _TOY_PROTO_NEIGH_TABLE_H
#define _TOY_PROTO_NEIGH_TABLE_H

#include <linux/workqueue.h>

#include "neigh.h"

/**
 * struct toy_neigh_table - the neighbours of one network namespace
 * @ht: by address and device
 * @tn: network namespace
 * @count: entries, and slots taken for entries about to be inserted
 * @lru_lock: guards @lru; BH-safe; innermost, taken inside toy_neigh.lock
 * @lru: all entries but permanent ones, the longest unused first
 * @gc: runs while there are entries
 * @reachable: ReachableTime in jiffies, randomised
 * @reachable_base: what @reachable was made from, milliseconds
 * @reachable_since: jiffies when it was made
 * @made: an entry has ever been made
 *
 * Lives from toy_neigh_net_init() to toy_neigh_net_exit(), when no entry is
 * left in it and no timer of an entry runs.
 */
struct toy_neigh_table {
	struct rhashtable ht;
	struct toy_net *tn;
	atomic_t count;
	spinlock_t lru_lock;	/* guards lru */
	struct list_head lru;
	struct delayed_work gc;
	unsigned long reachable;
	int reachable_base;
	unsigned long reachable_since;
	bool made;
};

static inline struct toy_neigh_table *toy_neigh_table(const struct toy_neigh *n)
{
	return n->key.dev->tn->neighs;
}

static inline void toy_neigh_hold(struct toy_neigh *n)
{
	refcount_inc(&n->refcnt);
}

/* neigh_table.c */
void toy_neigh_lru_touch(struct toy_neigh *n, unsigned long now);
void toy_neigh_lru_member(struct toy_neigh *n, bool member);
bool toy_neigh_unlink(struct toy_neigh *n, bool permanent);
bool toy_neigh_evict(struct toy_neigh_table *t);
unsigned long toy_neigh_reachable(struct toy_neigh_table *t);

/* neigh_gc.c; first run after an entry was made */
#define TOY_NEIGH_GC_FIRST	HZ
void toy_neigh_gc(struct work_struct *work);

/* neigh.c */
void toy_neigh_timer(struct timer_list *timer);
int toy_neigh_set(struct toy_neigh *n, const u8 *lladdr,
		  enum toy_nud_state state);

#endif /* _TOY_PROTO_NEIGH_TABLE_H */
