// SPDX-License-Identifier: GPL-2.0-only
/*
 * The leases of flow labels in a namespace: found, made, shared, and taken out
 * when nobody has had them for long enough. Who asks is in flowlabel.c.
 *
 *	leased ----> nobody has it, lingers ----> gone
 *	   ^                   |
 *	   +------ GET --------+
 *
 * A lease that is given back stays until it expires, and at least for its
 * linger time after its last use: routers may have state for the label.
 */
#include <linux/capability.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../skb/ipv6_exts.h"
#include "flowlabel_table.h"

static struct hlist_head *fl_bucket(struct toy_fl_table *t, __be32 label)
{
	return &t->head[ntohl(label) % FL_BUCKETS];
}

/* Does it keep others from using labels without a lease? */
static bool fl_limits(const struct toy_fl *fl)
{
	return fl->exts || fl->share != IPV6_FL_S_ANY;
}

/**
 * toy_fl_free() - free a lease that nobody can find
 * @fl: lease
 */
void toy_fl_free(struct toy_fl *fl)
{
	put_pid(fl->pid);
	toy_ipv6_exts_put(fl->exts);
	kfree(fl);
}

static void fl_free_rcu(struct rcu_head *head)
{
	toy_fl_free(container_of(head, struct toy_fl, rcu));
}

/**
 * toy_fl_find() - the lease of a label
 * @t: table, locked
 * @label: label
 *
 * Return: the lease, whether a socket has it or not, or NULL.
 */
struct toy_fl *toy_fl_find(struct toy_fl_table *t, __be32 label)
{
	struct toy_fl *fl;

	hlist_for_each_entry(fl, fl_bucket(t, label), node)
		if (fl->label == label)
			return fl;
	return NULL;
}

/* ---- time ---------------------------------------------------------------- */

static bool fl_over(struct toy_fl *fl, unsigned long now)
{
	if (time_after(fl->lastuse + fl->linger, fl->expires))
		fl->expires = fl->lastuse + fl->linger;
	return time_after_eq(now, fl->expires);
}

/* The table's lock. */
static void fl_take_out(struct toy_fl_table *t, struct toy_fl *fl)
{
	hlist_del_rcu(&fl->node);
	t->size--;
	if (fl_limits(fl))
		atomic_dec(&t->excl);
	call_rcu(&fl->rcu, fl_free_rcu);
}

static void fl_arm(struct toy_fl_table *t, unsigned long when)
{
	if (!timer_pending(&t->timer) || time_before(when, t->timer.expires))
		mod_timer(&t->timer, when);
}

static void fl_gc(struct timer_list *timer)
{
	struct toy_fl_table *t = container_of(timer, struct toy_fl_table, timer);
	unsigned long now = jiffies;
	struct hlist_node *next;
	struct toy_fl *fl;

	spin_lock(&t->lock);
	for (int i = 0; i < FL_BUCKETS; i++) {
		hlist_for_each_entry_safe(fl, next, &t->head[i], node) {
			if (fl->users)
				continue;
			if (fl_over(fl, now))
				fl_take_out(t, fl);
			else
				fl_arm(t, fl->expires);
		}
	}
	spin_unlock(&t->lock);
}

/**
 * toy_fl_put() - a socket has a lease no longer
 * @t: table, locked
 * @fl: lease
 */
void toy_fl_put(struct toy_fl_table *t, struct toy_fl *fl)
{
	fl->lastuse = jiffies;
	if (--fl->users)
		return;
	fl_over(fl, jiffies);
	fl_arm(t, fl->expires);
}

/**
 * toy_fl_time() - how long a lease may live or linger
 * @s: seconds that a program asks for
 *
 * Return: jiffies, within the limits, or 0: too long for this program.
 */
unsigned long toy_fl_time(unsigned int s)
{
	if (s < FL_MIN_S)
		s = FL_MIN_S;
	if (s > FL_MAX_S && !capable(CAP_NET_ADMIN))
		return 0;
	return (unsigned long)s * HZ;
}

/**
 * toy_fl_extend() - let a lease live longer; never shorter
 * @fl: lease; its table is locked, or it is in none
 * @linger: jiffies
 * @expires: jiffies from now
 */
void toy_fl_extend(struct toy_fl *fl, unsigned long linger,
		   unsigned long expires)
{
	fl->lastuse = jiffies;
	if (fl->linger < linger)
		fl->linger = linger;
	expires = max(expires, fl->linger);
	if (time_before(fl->expires, fl->lastuse + expires))
		fl->expires = fl->lastuse + expires;
}

/* ---- leases ---------------------------------------------------------------- */

static bool fl_may_share(const struct toy_fl *have, const struct toy_fl *want)
{
	return have->share == want->share && have->share != IPV6_FL_S_EXCL &&
	       have->pid == want->pid && uid_eq(have->uid, want->uid);
}

/* Leases are few, and privileged programs get the last of them. */
static int fl_room(const struct toy_fl_table *t, unsigned int mine)
{
	int room = FL_MAX - t->size;

	if (room > FL_MAX - FL_MAX_SOCK)
		return 0;
	if (room <= 0)
		return -ENOBUFS;
	if ((mine >= FL_MAX_SOCK || (mine && room < FL_MAX / 2) ||
	     room < FL_MAX / 4) && !capable(CAP_NET_ADMIN))
		return -ENOBUFS;
	return 0;
}

/* One that is free. The table's lock. */
static __be32 fl_pick(struct toy_fl_table *t)
{
	__be32 label;

	do {
		label = htonl(get_random_u32()) & IPV6_FLOWLABEL_MASK;
	} while (!label || toy_fl_find(t, label));
	return label;
}

/**
 * toy_fl_lease() - find the lease of a label, or make one
 * @t: table, locked
 * @want: what it is to be; becomes the lease where there is none
 * @flags: IPV6_FL_F_CREATE, IPV6_FL_F_EXCL
 * @mine: leases that the socket has
 *
 * Context: process.
 * Return: the lease, @want or another; -EEXIST, -EPERM when it is not shared
 * with this program, -ENOENT, -ENOBUFS.
 */
struct toy_fl *toy_fl_lease(struct toy_fl_table *t, struct toy_fl *want,
			    u16 flags, unsigned int mine)
{
	struct toy_fl *fl = want->label ? toy_fl_find(t, want->label) : NULL;
	int err;

	/* One that only lingers is a new one again, but not a stranger's. */
	if (fl && (fl->users || flags & IPV6_FL_F_CREATE)) {
		if (flags & IPV6_FL_F_EXCL)
			return ERR_PTR(-EEXIST);
		if (!fl_may_share(fl, want))
			return ERR_PTR(-EPERM);
		if (mine >= FL_MAX_SOCK && !capable(CAP_NET_ADMIN))
			return ERR_PTR(-ENOBUFS);
		fl->linger = max(fl->linger, want->linger);
		if (time_before(fl->expires, want->expires))
			fl->expires = want->expires;
		return fl;
	}
	if (!(flags & IPV6_FL_F_CREATE))
		return ERR_PTR(-ENOENT);
	err = fl_room(t, mine);
	if (err)
		return ERR_PTR(err);
	if (!want->label)
		want->label = fl_pick(t);
	hlist_add_head_rcu(&want->node, fl_bucket(t, want->label));
	t->size++;
	if (fl_limits(want))
		atomic_inc(&t->excl);
	return want;
}

/* ---- the namespace -------------------------------------------------------------- */

/**
 * toy_fl_net_init() - make the table of a namespace
 * @tn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_fl_net_init(struct toy_net *tn)
{
	struct toy_fl_table *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock);
	timer_setup(&t->timer, fl_gc, 0);
	tn->labels = t;
	return 0;
}

/**
 * toy_fl_net_exit() - the opposite of toy_fl_net_init()
 * @tn: namespace, without sockets
 */
void toy_fl_net_exit(struct toy_net *tn)
{
	struct toy_fl_table *t = tn->labels;
	struct hlist_node *next;
	struct toy_fl *fl;

	del_timer_sync(&t->timer);
	spin_lock_bh(&t->lock);
	for (int i = 0; i < FL_BUCKETS; i++)
		hlist_for_each_entry_safe(fl, next, &t->head[i], node)
			fl_take_out(t, fl);
	spin_unlock_bh(&t->lock);
	kfree(t);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "flowlabel_test.c"
#endif
