// SPDX-License-Identifier: GPL-2.0-only
/*
 * What routers have told about the way to single destinations: the path MTU
 * (pmtu.c) and a better next hop (redirect.c). Linux calls it a next hop
 * exception, RFC 1122 3.3.1.2 the route cache.
 *
 *	           +-> [ a ] -> [ b ] ...	at most 8: the one that is stale,
 *	key: hash -|-> [ c ]			else any, gives way to a new one
 *	           '-> ... 256 buckets
 *
 *	state of an entry	event				next
 *	(none)			ICMP message that was checked	held
 *	held			another, with news		held, replaced
 *	held			mtu_expires seconds have gone	stale
 *	stale, held		pushed out, flush cache		(none)
 *
 * A stale entry is not looked at and stays until its place is wanted. Routers
 * are strangers: their messages can make us hold so much and not more, and the
 * victim is chosen at random, so that nobody keeps pushing out the same.
 *
 * Each bucket has a stamp, which paths that sockets hold remember: a message
 * about one destination makes them look anew only for it and for the few that
 * share its bucket. Readers need rcu_read_lock() only.
 */
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "exception.h"

/**
 * toy_exc_new() - an empty table
 *
 * Context: process, may sleep. Return: the table or NULL.
 * Return: the table, or NULL without memory.
 */
struct toy_exc_table *toy_exc_new(void)
{
	struct toy_exc_table *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	spin_lock_init(&t->lock);
	get_random_bytes(&t->key, sizeof(t->key));
	return t;
}

/**
 * toy_exc_free() - end of a table
 * @t: table, or NULL, that nobody reads any more
 *
 * Context: process.
 */
void toy_exc_free(struct toy_exc_table *t)
{
	if (!t)
		return;
	toy_exc_flush(t);
	kfree(t);
}

static struct toy_exc_bucket *exc_bucket(struct toy_exc_table *t,
					 const struct in6_addr *daddr)
{
	/* On the stack and aligned: the caller's may not be. */
	struct in6_addr key __aligned(SIPHASH_ALIGNMENT) = *daddr;

	return &t->bucket[siphash(&key, sizeof(key), &t->key) %
			  TOY_EXC_BUCKETS];
}

/**
 * toy_exc_stamp() - where changes to a destination's entry show
 * @t: table
 * @daddr: destination
 *
 * Return: the number, valid as long as the table.
 */
const u32 *toy_exc_stamp(struct toy_exc_table *t, const struct in6_addr *daddr)
{
	return &exc_bucket(t, daddr)->stamp;
}

static struct toy_exc *bucket_find(struct toy_exc_bucket *b,
				   const struct in6_addr *daddr)
{
	struct toy_exc *e;

	hlist_for_each_entry_rcu(e, &b->head, node, true)
		if (ipv6_addr_equal(&e->daddr, daddr))
			return e;
	return NULL;
}

/**
 * toy_exc_find() - what is known about a destination
 * @t: table
 * @daddr: destination
 *
 * Context: under rcu_read_lock(), in which the entry stays valid.
 * Return: the entry, whose parts may be stale, or NULL.
 */
const struct toy_exc *toy_exc_find(struct toy_exc_table *t,
				   const struct in6_addr *daddr)
{
	struct toy_exc_bucket *b = exc_bucket(t, daddr);

	if (likely(hlist_empty(&b->head)))
		return NULL;
	return bucket_find(b, daddr);
}

/* Readers who see the new stamp must not see the old list: they would believe
 * in it for good.
 */
static void bucket_changed(struct toy_exc_bucket *b)
{
	smp_wmb();	/* pairs with toy_pmtu_apply()'s smp_rmb() */
	WRITE_ONCE(b->stamp, b->stamp + 1);
}

static void bucket_drop(struct toy_exc_bucket *b, struct toy_exc *e)
{
	hlist_del_rcu(&e->node);
	b->depth--;
	kfree_rcu(e, rcu);
}

/* Who gives way: one that is stale, else any. */
static void bucket_evict(struct toy_exc_bucket *b, unsigned long now)
{
	u32 skip = get_random_u32() % b->depth;
	struct toy_exc *e, *victim = NULL;

	hlist_for_each_entry(e, &b->head, node) {
		if (!toy_exc_mtu_holds(e, now) && !toy_exc_gw_holds(e, now)) {
			victim = e;
			break;
		}
		if (!skip--)
			victim = e;
	}
	bucket_drop(b, victim);
}

/**
 * toy_exc_set() - remember what is new
 * @t: table
 * @e: the entry as it shall be, @daddr and all; borrowed
 * @now: jiffies
 *
 * Context: any.
 * Return: false without memory.
 */
bool toy_exc_set(struct toy_exc_table *t, const struct toy_exc *e,
		 unsigned long now)
{
	struct toy_exc *new = kmemdup(e, sizeof(*e), GFP_ATOMIC), *old;
	struct toy_exc_bucket *b = exc_bucket(t, &e->daddr);

	if (!new)
		return false;
	spin_lock_bh(&t->lock);
	old = bucket_find(b, &e->daddr);
	if (old) {
		hlist_replace_rcu(&old->node, &new->node);
		kfree_rcu(old, rcu);
	} else {
		if (b->depth >= TOY_EXC_DEPTH)
			bucket_evict(b, now);
		hlist_add_head_rcu(&new->node, &b->head);
		b->depth++;
	}
	bucket_changed(b);
	spin_unlock_bh(&t->lock);
	return true;
}

/**
 * toy_exc_flush() - forget everything
 * @t: table
 *
 * Context: process.
 */
void toy_exc_flush(struct toy_exc_table *t)
{
	struct toy_exc_bucket *b;
	struct hlist_node *next;
	struct toy_exc *e;

	for (b = t->bucket; b < t->bucket + TOY_EXC_BUCKETS; b++) {
		spin_lock_bh(&t->lock);
		if (!hlist_empty(&b->head)) {
			hlist_for_each_entry_safe(e, next, &b->head, node)
				bucket_drop(b, e);
			bucket_changed(b);
		}
		spin_unlock_bh(&t->lock);
	}
}

static int bucket_walk(struct toy_exc_bucket *b, struct toy_exc_cursor *cursor,
		       int (*fn)(const struct toy_exc *e, void *arg), void *arg)
{
	unsigned long now = jiffies;
	struct toy_exc *e;
	u32 n = 0;
	int err;

	hlist_for_each_entry_rcu(e, &b->head, node) {
		if (n++ < cursor->skip)
			continue;
		err = toy_exc_mtu_holds(e, now) || toy_exc_gw_holds(e, now) ?
		      fn(e, arg) : 0;
		if (err)
			return err;
		cursor->skip++;
	}
	return 0;
}

/**
 * toy_exc_walk() - show what is not stale
 * @t: table
 * @cursor: where the last call ended; zeroed at first
 * @fn: called for each, under rcu_read_lock(), must not sleep; nonzero stops
 *	before that one, which the next call begins with
 * @arg: for @fn
 *
 * Return: 0 at the end, or what @fn returned.
 */
int toy_exc_walk(struct toy_exc_table *t, struct toy_exc_cursor *cursor,
		 int (*fn)(const struct toy_exc *e, void *arg), void *arg)
{
	int err = 0;

	rcu_read_lock();
	for (; cursor->bucket < TOY_EXC_BUCKETS; cursor->bucket++) {
		err = bucket_walk(&t->bucket[cursor->bucket], cursor, fn, arg);
		if (err)
			break;
		cursor->skip = 0;
	}
	rcu_read_unlock();
	return err;
}

/**
 * toy_exc_count() - how many entries there are
 * @t: table
 *
 * Context: any; the answer is old when it is given.
 * Return: the number, stale ones included.
 */
unsigned int toy_exc_count(const struct toy_exc_table *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < TOY_EXC_BUCKETS; i++)
		n += READ_ONCE(t->bucket[i].depth);
	return n;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "exception_test.c"
#endif
