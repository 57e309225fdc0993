// SPDX-License-Identifier: GPL-2.0-only
/*
 * The neighbour cache of a network namespace: make, find, age and remove.
 *
 *	rhashtable {address, device} ---> struct toy_neigh
 *	                                        ^
 *	LRU list:  oldest use <----- ... -----> newest use
 *	            evicted first                permanent entries: not in it
 *
 * The number of entries has a hard limit, net.toy.neigh_gc_thresh: at the
 * limit a new entry takes the place of the one unused for longest, so that
 * a scan, ours or of somebody who makes us answer, costs bounded memory and
 * leaves those in use alone. To keep packets cheap an entry moves in the list
 * at most once a jiffy. What nobody uses goes earlier (neigh_gc.c).
 *
 * Insertion holds the new entry's lock across hash table and LRU list, and
 * removal does the same, so an entry is in both or in neither for everybody
 * who has the lock. Order: toy_neigh.lock, then a hash bucket or lru_lock.
 *
 * A device that is being detached has its pointer cleared, then a grace
 * period, then the flush: an entry is made in one RCU section with the look
 * at that pointer, so none is missed.
 */
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../ctl/trace.h"
#include "../event.h"
#include "neigh.h"
#include "neigh_table.h"

#define REROLL_REACHABLE	(3600UL * HZ)	/* RFC 4861 6.3.4: hours */

static const struct rhashtable_params neigh_ht_params = {
	.key_len = sizeof(struct toy_neigh_key),
	.key_offset = offsetof(struct toy_neigh, key),
	.head_offset = offsetof(struct toy_neigh, node),
	.automatic_shrinking = true,
};

static const struct toy_neigh_ops __rcu *neigh_ops[2];

/**
 * toy_neigh_ops_register() - how the entries of an IP version ask the link
 * @v4: IPv4, else IPv6
 * @ops: constant functions of this module, or NULL to have no new entries
 *
 * Context: process.
 */
void toy_neigh_ops_register(bool v4, const struct toy_neigh_ops *ops)
{
	RCU_INIT_POINTER(neigh_ops[v4], ops);
}

/**
 * toy_neigh_reachable() - ReachableTime
 * @t: table
 *
 * RFC 4861 6.3.2: uniform in 0.5 to 1.5 of the base, so that neighbours do not
 * probe each other in step; drawn again now and then. Two CPUs that draw at
 * once do no harm.
 *
 * Context: any.
 * Return: jiffies.
 */
unsigned long toy_neigh_reachable(struct toy_neigh_table *t)
{
	int base = READ_ONCE(t->tn->sysctl.neigh_base_reachable_ms);

	if (unlikely(base != READ_ONCE(t->reachable_base) ||
		     time_after(jiffies, READ_ONCE(t->reachable_since) +
					 REROLL_REACHABLE))) {
		u32 ms = base / 2 + get_random_u32_below(max(base, 1));

		WRITE_ONCE(t->reachable, msecs_to_jiffies(ms));
		WRITE_ONCE(t->reachable_since, jiffies);
		WRITE_ONCE(t->reachable_base, base);
	}
	return READ_ONCE(t->reachable);
}

/**
 * toy_neigh_lru_touch() - the entry was used in a new jiffy
 * @n: neighbour; borrowed
 * @now: jiffies
 *
 * Context: process or softirq.
 */
void toy_neigh_lru_touch(struct toy_neigh *n, unsigned long now)
{
	struct toy_neigh_table *t = toy_neigh_table(n);
	unsigned long old = READ_ONCE(n->lru_stamp);

	/* One CPU moves it, the others go on. */
	if (old == now || cmpxchg(&n->lru_stamp, old, now) != old)
		return;
	WRITE_ONCE(n->nud.used, now);
	spin_lock_bh(&t->lru_lock);
	if (!list_empty(&n->lru))
		list_move_tail(&n->lru, &t->lru);
	spin_unlock_bh(&t->lru_lock);
}

/**
 * toy_neigh_lru_member() - may this entry be evicted?
 * @n: neighbour in the table, its lock held
 * @member: yes
 */
void toy_neigh_lru_member(struct toy_neigh *n, bool member)
{
	struct toy_neigh_table *t = toy_neigh_table(n);

	spin_lock_bh(&t->lru_lock);
	if (!member)
		list_del_init(&n->lru);
	else if (list_empty(&n->lru))
		list_add_tail(&n->lru, &t->lru);
	spin_unlock_bh(&t->lru_lock);
}

/**
 * toy_neigh_put() - give a reference back
 * @n: neighbour, or NULL
 *
 * Context: any.
 */
void toy_neigh_put(struct toy_neigh *n)
{
	if (!n || !refcount_dec_and_test(&n->refcnt))
		return;
	/* Readers that found it in the table may look at the device: it, too,
	 * is freed after a grace period.
	 */
	toy_dev_put(n->key.dev);
	kfree_rcu(n, rcu);
}

/**
 * toy_neigh_unlink() - take an entry out of the table, for good
 * @n: neighbour; the caller holds a reference or is in an RCU section
 * @permanent: even if it is permanent
 *
 * Context: process or softirq.
 * Return: false if somebody else did it, or if it is permanent and stays.
 */
bool toy_neigh_unlink(struct toy_neigh *n, bool permanent)
{
	struct toy_neigh_table *t = toy_neigh_table(n);
	struct sk_buff_head waiting;
	struct sk_buff *skb;
	bool timer;
	u8 old;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&n->lock);
	old = n->nud.state;
	if (n->dead || (old == TOY_NUD_PERMANENT && !permanent)) {
		spin_unlock_bh(&n->lock);
		return false;
	}
	WRITE_ONCE(n->dead, true);
	WRITE_ONCE(n->nud.state, TOY_NUD_NONE);
	rhashtable_remove_fast(&t->ht, &n->node, neigh_ht_params);
	toy_neigh_lru_member(n, false);
	skb_queue_splice_init(&n->waiting, &waiting);
	timer = timer_delete(&n->timer);
	spin_unlock_bh(&n->lock);
	atomic_dec(&t->count);

	while ((skb = __skb_dequeue(&waiting)))
		toy_drop_skb(t->tn, skb, TOY_DROP_NEIGH_DEAD);
	if (old != TOY_NUD_NONE)
		trace_toy_neigh_state(n, old);
	toy_event(t->tn, TOY_EV_NEIGH_GONE, n);
	if (timer)
		toy_neigh_put(n);
	toy_neigh_put(n);
	return true;
}

/**
 * toy_neigh_evict() - the entry unused for longest makes room
 * @t: table
 *
 * Context: process or softirq.
 * Return: false if there are only permanent ones.
 */
bool toy_neigh_evict(struct toy_neigh_table *t)
{
	struct toy_neigh *n;
	bool done;

	do {
		spin_lock_bh(&t->lru_lock);
		n = list_first_entry_or_null(&t->lru, struct toy_neigh, lru);
		if (n)
			toy_neigh_hold(n);
		spin_unlock_bh(&t->lru_lock);
		if (!n)
			return false;
		done = toy_neigh_unlink(n, false);
		toy_neigh_put(n);
	} while (!done);

	toy_count(t->tn, TOY_MIB_NEIGH_EVICTS);
	return true;
}

/* Take a slot of the limited number. Each that is too many evicts one. */
static bool slot_take(struct toy_neigh_table *t)
{
	int limit = READ_ONCE(t->tn->sysctl.neigh_gc_thresh);
	int excess = atomic_inc_return(&t->count) - limit;

	if (excess <= 0)
		return true;
	if (!toy_neigh_evict(t)) {
		atomic_dec(&t->count);
		return false;
	}
	/* The limit was lowered: come down to it step by step. */
	if (excess > 1)
		toy_neigh_evict(t);
	return true;
}

static struct toy_neigh *entry_alloc(const struct toy_neigh_key *key,
				     const struct toy_neigh_ops *ops,
				     u8 lladdr_len)
{
	struct toy_neigh *n = kzalloc(sizeof(*n), GFP_ATOMIC);
	unsigned long now = jiffies;

	if (!n)
		return NULL;
	n->key = *key;
	toy_dev_hold(key->dev);
	n->ops = ops;
	n->lladdr_len = lladdr_len;
	refcount_set(&n->refcnt, 2);		/* the table, the caller */
	spin_lock_init(&n->lock);
	seqlock_init(&n->ha_lock);
	__skb_queue_head_init(&n->waiting);
	timer_setup(&n->timer, toy_neigh_timer, 0);
	INIT_LIST_HEAD(&n->lru);
	n->lru_stamp = now;
	n->nud.used = now;
	n->nud.confirmed = now;
	/* No address yet that a second answer could replace too early. */
	n->nud.updated = now - TOY_NEIGH_LOCKTIME;
	return n;
}

static struct toy_neigh *lookup(struct toy_neigh_table *t,
				const struct toy_neigh_key *key)
{
	struct toy_neigh *n = rhashtable_lookup(&t->ht, key, neigh_ht_params);

	return n && refcount_inc_not_zero(&n->refcnt) ? n : NULL;
}

/* Make an entry, or find the one that another CPU has just made. RCU. */
static struct toy_neigh *entry_make(struct toy_neigh_table *t,
				    const struct toy_neigh_key *key)
{
	const struct net_device *ndev = rcu_dereference(key->dev->dev);
	const struct toy_neigh_ops *ops =
		rcu_dereference(neigh_ops[toy_is_v4(&key->addr)]);
	struct toy_neigh *n, *old;

	if (!ndev || !ops || ndev->addr_len > MAX_ADDR_LEN)
		return NULL;
	if (!slot_take(t)) {
		toy_drop_skb(t->tn, NULL, TOY_DROP_NEIGH_LIMIT);
		return NULL;
	}
	n = entry_alloc(key, ops, ndev->addr_len);
	if (!n)
		goto no_slot;

	spin_lock_bh(&n->lock);
	old = rhashtable_lookup_get_insert_fast(&t->ht, &n->node,
						neigh_ht_params);
	if (!old)
		toy_neigh_lru_member(n, true);
	spin_unlock_bh(&n->lock);
	if (!old) {
		toy_count(t->tn, TOY_MIB_NEIGH_ALLOCS);
		WRITE_ONCE(t->made, true);
		queue_delayed_work(system_power_efficient_wq, &t->gc,
				   TOY_NEIGH_GC_FIRST);
		return n;
	}

	toy_dev_put(n->key.dev);
	kfree(n);
	atomic_dec(&t->count);
	/* -ENOMEM, -E2BIG, -EBUSY: this packet has no luck. */
	return !IS_ERR(old) && refcount_inc_not_zero(&old->refcnt) ? old : NULL;

no_slot:
	atomic_dec(&t->count);
	return NULL;
}

/**
 * toy_neigh_get() - the entry of a neighbour, made if there is none
 * @tn: network namespace
 * @dev: device it is reached by
 * @addr: its address
 *
 * Context: process or softirq.
 * Return: the entry with a reference for the caller; NULL when the device has
 * gone, memory is short, or the table is full of permanent entries (counted
 * as TOY_DROP_NEIGH_LIMIT).
 */
struct toy_neigh *toy_neigh_get(struct toy_net *tn, struct toy_dev *dev,
				const struct in6_addr *addr)
{
	struct toy_neigh_key key = { .addr = *addr, .dev = dev };
	struct toy_neigh *n;

	rcu_read_lock();
	n = lookup(tn->neighs, &key);
	if (!n)
		n = entry_make(tn->neighs, &key);
	rcu_read_unlock();
	return n;
}

/**
 * toy_neigh_find() - the entry of a neighbour, if there is one
 * @tn: network namespace
 * @dev: device it is reached by
 * @addr: its address
 *
 * Context: any but hard interrupts.
 * Return: the entry with a reference for the caller, or NULL.
 */
struct toy_neigh *toy_neigh_find(struct toy_net *tn, struct toy_dev *dev,
				 const struct in6_addr *addr)
{
	struct toy_neigh_key key = { .addr = *addr, .dev = dev };
	struct toy_neigh *n;

	rcu_read_lock();
	n = lookup(tn->neighs, &key);
	rcu_read_unlock();
	return n;
}

/**
 * toy_neigh_rhashtable() - the table, for rhashtable_walk_enter()
 * @tn: network namespace
 *
 * Return: the table, which lives as long as the namespace.
 */
struct rhashtable *toy_neigh_rhashtable(struct toy_net *tn)
{
	return &tn->neighs->ht;
}

/**
 * toy_neigh_walk() - call a function for every entry, resumably
 * @tn: network namespace
 * @iter: entered on toy_neigh_rhashtable(); exited by the caller
 * @fn: called under RCU; nonzero stops before this entry is done, and the
 *	next call starts with it
 * @arg: for @fn
 *
 * While entries come and go, one may be shown twice or not at all.
 *
 * Context: process.
 * Return: 0 at the end, or what @fn returned.
 */
int toy_neigh_walk(struct toy_net *tn, struct rhashtable_iter *iter,
		   int (*fn)(struct toy_neigh *n, void *arg), void *arg)
{
	struct toy_neigh *n;
	int err = 0;

	rhashtable_walk_start(iter);
	for (n = rhashtable_walk_peek(iter); n; n = rhashtable_walk_next(iter)) {
		if (IS_ERR(n))
			continue;
		err = fn(n, arg);
		if (err)
			break;
	}
	rhashtable_walk_stop(iter);
	return err;
}

/**
 * toy_neigh_net_init() - an empty table
 * @tn: network namespace
 *
 * Return: 0 or a negative errno.
 */
int toy_neigh_net_init(struct toy_net *tn)
{
	struct toy_neigh_table *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	err = rhashtable_init(&t->ht, &neigh_ht_params);
	if (err) {
		kfree(t);
		return err;
	}
	t->tn = tn;
	spin_lock_init(&t->lru_lock);
	INIT_LIST_HEAD(&t->lru);
	INIT_DEFERRABLE_WORK(&t->gc, toy_neigh_gc);
	tn->neighs = t;
	return 0;
}

/**
 * toy_neigh_net_exit() - the namespace goes
 * @tn: network namespace; nobody makes entries in it any more
 *
 * Entries that somebody still holds are dead and never look at the table.
 */
void toy_neigh_net_exit(struct toy_net *tn)
{
	struct toy_neigh_table *t = tn->neighs;

	toy_neigh_flush(tn, NULL, true);
	cancel_delayed_work_sync(&t->gc);
	/* A timer may be past the look at n->dead: timers run in softirq, so
	 * a grace period is enough for it to end.
	 */
	if (t->made)
		synchronize_rcu();
	rhashtable_destroy(&t->ht);
	tn->neighs = NULL;
	kfree(t);
}
