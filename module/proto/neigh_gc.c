// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbours that go in numbers: unused ones, those of a device, all of them.
 *
 * A deferrable work removes what is stale and has not been used, confirmed or
 * changed for neigh_gc_stale_ms, and what failed a while ago, unless a path
 * holds it: a socket that has been quiet then probes its neighbour by unicast,
 * where it would otherwise ask everybody. The work runs only while there are
 * entries.
 *
 * A walk over an rhashtable from which it removes may step over an entry, so
 * a sweep that has to be complete is repeated until it finds nothing.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "neigh.h"
#include "neigh_table.h"

#define FLUSH_PASSES		8
#define FAILED_STAYS		(10UL * HZ)
#define GC_INTERVAL_MIN		(1UL * HZ)
#define GC_INTERVAL_MAX		(30UL * HZ)

/**
 * struct sweep - which entries go
 * @dev: only those of this device; NULL: of all
 * @permanent: permanent ones, too
 * @idle: only those that failed, or that nobody holds nor has used for
 *	this long, in jiffies; 0: used or not
 */
struct sweep {
	const struct toy_dev *dev;
	bool permanent;
	unsigned long idle;
};

static bool sweep_match(const struct sweep *s, const struct toy_neigh *n)
{
	unsigned long now = jiffies;
	u8 state = READ_ONCE(n->nud.state);

	if (s->dev && n->key.dev != s->dev)
		return false;
	if (!s->idle)
		return true;

	/* The table's own reference is the only one. */
	if (refcount_read(&n->refcnt) > 1)
		return false;
	/* Long enough for somebody to see what has happened. */
	if (state == TOY_NUD_FAILED)
		return time_after(now, READ_ONCE(n->nud.used) + FAILED_STAYS);
	return (state == TOY_NUD_STALE || state == TOY_NUD_NONE) &&
	       time_after(now, READ_ONCE(n->nud.used) + s->idle) &&
	       time_after(now, READ_ONCE(n->nud.updated) + s->idle) &&
	       time_after(now, READ_ONCE(n->nud.confirmed) + s->idle);
}

/* One pass over the table; returns how many entries went. */
static unsigned int sweep_pass(struct toy_neigh_table *t, const struct sweep *s)
{
	unsigned int seen = 0, gone = 0;
	struct rhashtable_iter iter;
	struct toy_neigh *n;

	rhashtable_walk_enter(&t->ht, &iter);
	rhashtable_walk_start(&iter);
	while ((n = rhashtable_walk_next(&iter))) {
		if (IS_ERR(n))			/* resized: it starts anew */
			continue;
		if (sweep_match(s, n) && toy_neigh_unlink(n, s->permanent))
			gone++;
		if (++seen % 256 == 0) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return gone;
}

/**
 * toy_neigh_flush() - remove entries
 * @tn: network namespace
 * @dev: those of this device; NULL: of all
 * @permanent: permanent ones, too
 *
 * Context: process.
 */
void toy_neigh_flush(struct toy_net *tn, const struct toy_dev *dev,
		     bool permanent)
{
	struct sweep s = { .dev = dev, .permanent = permanent };
	int passes = FLUSH_PASSES;

	/* A resize may hide entries from a pass. What traffic makes meanwhile
	 * need not go: a few passes are enough, but where no traffic is left
	 * (the device or the namespace goes) nothing may stay.
	 */
	while (sweep_pass(tn->neighs, &s) && (permanent || --passes))
		;
}

/**
 * toy_neigh_gc() - what nobody uses goes, what is too many goes
 * @work: in the table
 *
 * Context: process.
 */
void toy_neigh_gc(struct work_struct *work)
{
	struct toy_neigh_table *t = container_of(to_delayed_work(work),
						 struct toy_neigh_table, gc);
	const struct toy_sysctl *ctl = &t->tn->sysctl;
	struct sweep s = {
		.idle = msecs_to_jiffies(READ_ONCE(ctl->neigh_gc_stale_ms)),
	};

	sweep_pass(t, &s);
	while (atomic_read(&t->count) > READ_ONCE(ctl->neigh_gc_thresh) &&
	       toy_neigh_evict(t))
		cond_resched();
	if (atomic_read(&t->count))
		queue_delayed_work(system_power_efficient_wq, &t->gc,
				   clamp(s.idle / 2, GC_INTERVAL_MIN,
					 GC_INTERVAL_MAX));
}
