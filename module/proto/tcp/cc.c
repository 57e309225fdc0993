// SPDX-License-Identifier: GPL-2.0-only
/*
 * Congestion control: which algorithms there are, and what they share.
 *
 * An algorithm is a struct toy_cc_ops: a name and up to five functions over a
 * struct toy_cc. It is chosen by name, per namespace or per socket; a third
 * party registers one from a module of its own, and who uses it holds that
 * module. Reno and CUBIC have no owner: they go when af_toy goes, and af_toy
 * does not go before its sockets.
 *
 * What every window does (RFC 5681 3.1, in segments):
 *
 *	slow start		cwnd += acked		while cwnd < ssthresh
 *	congestion avoidance	cwnd += acked / w	Reno: w = cwnd
 *
 * The fraction of a segment that is left over waits in cwnd_cnt.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "cc.h"

static LIST_HEAD(toy_cc_list);		/* read under RCU */
static DEFINE_SPINLOCK(toy_cc_lock);	/* serialises changes of it */

/* RCU, or toy_cc_lock. */
static struct toy_cc_ops *toy_cc_find(const char *name)
{
	struct toy_cc_ops *ops;

	list_for_each_entry_rcu(ops, &toy_cc_list, list,
				lockdep_is_held(&toy_cc_lock)) {
		if (!strcmp(ops->name, name))
			return ops;
	}
	return NULL;
}

/* Names stand in lists with spaces between. */
static bool toy_cc_name_ok(const char *name)
{
	size_t len = strnlen(name, TOY_CC_NAME_MAX);

	return len && len < TOY_CC_NAME_MAX && !strpbrk(name, " \t\n,");
}

/**
 * toy_cc_register() - make an algorithm known
 * @ops: algorithm; owned by the caller, who must not change it until it is
 *	taken out
 *
 * Context: process.
 * Return: 0; -EINVAL without a proper name, init or ssthresh; -EEXIST when the
 * name is taken.
 */
int toy_cc_register(struct toy_cc_ops *ops)
{
	int err = 0;

	if (!toy_cc_name_ok(ops->name) || !ops->init || !ops->ssthresh)
		return -EINVAL;

	spin_lock(&toy_cc_lock);
	if (toy_cc_find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&ops->list, &toy_cc_list);
	spin_unlock(&toy_cc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(toy_cc_register);

/**
 * toy_cc_unregister() - take an algorithm out again
 * @ops: algorithm; no connection uses it, since each holds the owner's module
 *
 * Context: process, sleeps for a grace period.
 */
void toy_cc_unregister(struct toy_cc_ops *ops)
{
	spin_lock(&toy_cc_lock);
	list_del_rcu(&ops->list);
	spin_unlock(&toy_cc_lock);
	/* A search that has found it may still ask for its module. */
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(toy_cc_unregister);

/**
 * toy_cc_get() - an algorithm by its name
 * @name: name
 *
 * Return: the algorithm with a reference to its module, which toy_cc_put()
 * gives back; NULL if there is none of this name, or its module is going.
 */
const struct toy_cc_ops *toy_cc_get(const char *name)
{
	const struct toy_cc_ops *ops;

	rcu_read_lock();
	ops = toy_cc_find(name);
	if (ops && !toy_cc_hold(ops))
		ops = NULL;
	rcu_read_unlock();
	return ops;
}

/**
 * toy_cc_hold() - one more reference
 * @ops: algorithm that is held already, or was found under RCU
 *
 * Context: any.
 * Return: false if its module is going.
 */
bool toy_cc_hold(const struct toy_cc_ops *ops)
{
	return try_module_get(ops->owner);
}

/**
 * toy_cc_put() - give a reference back
 * @ops: algorithm
 *
 * Context: any.
 */
void toy_cc_put(const struct toy_cc_ops *ops)
{
	module_put(ops->owner);
}

/**
 * toy_cc_names() - the names of all algorithms
 * @buf: becomes a string, the names with spaces between, in the order of
 *	registration; names that do not fit are left out
 * @size: its size, at least 1
 */
void toy_cc_names(char *buf, size_t size)
{
	const struct toy_cc_ops *ops;
	size_t at = 0;

	*buf = '\0';
	rcu_read_lock();
	list_for_each_entry_rcu(ops, &toy_cc_list, list) {
		size_t need = strlen(ops->name) + !!at;

		if (at + need >= size)
			break;
		at += scnprintf(buf + at, size - at, "%s%s", at ? " " : "",
				ops->name);
	}
	rcu_read_unlock();
}

/**
 * toy_cc_grow() - open the window
 * @cc: connection
 * @segs: by how many segments
 *
 * Not beyond cwnd_clamp. A window that is beyond it already, because the clamp
 * has been lowered, comes down to it.
 */
void toy_cc_grow(struct toy_cc *cc, u32 segs)
{
	u32 limit = clamp_t(u32, cc->cwnd_clamp, 1, TOY_CC_CWND_MAX);

	cc->cwnd = min_t(u64, (u64)cc->cwnd + segs, limit);
}
EXPORT_SYMBOL_GPL(toy_cc_grow);

/**
 * toy_cc_slow_start() - RFC 5681 3.1, equation (2): a segment for a segment
 * @cc: connection
 * @acked: segments acknowledged
 *
 * Return: segments that ssthresh has left for congestion avoidance.
 */
u32 toy_cc_slow_start(struct toy_cc *cc, u32 acked)
{
	u32 room = cc->ssthresh > cc->cwnd ? cc->ssthresh - cc->cwnd : 0;
	u32 grow = min(acked, room);

	toy_cc_grow(cc, grow);
	return acked - grow;
}
EXPORT_SYMBOL_GPL(toy_cc_slow_start);

/**
 * toy_cc_additive() - RFC 5681 3.1: count acknowledgments, then grow
 * @cc: connection
 * @w: segments that have to be acknowledged for one segment of growth
 * @acked: segments acknowledged
 */
void toy_cc_additive(struct toy_cc *cc, u32 w, u32 acked)
{
	u32 grow, rest;
	u64 sum;

	w = max(w, 1U);
	/* What was saved under a larger w is worth one segment, not many. */
	sum = (u64)min(cc->cwnd_cnt, w) + acked;
	/* w 1 and all 32 bits acknowledged: more than any window holds. */
	grow = min_t(u64, div_u64_rem(sum, w, &rest), TOY_CC_CWND_MAX);
	cc->cwnd_cnt = rest;
	toy_cc_grow(cc, grow);
}
EXPORT_SYMBOL_GPL(toy_cc_additive);

/**
 * toy_cc_init() - register what is built in
 *
 * Return: 0 or a negative errno.
 */
int toy_cc_init(void)
{
	int err = toy_cc_register(&toy_cc_reno);

	if (err)
		return err;
	err = toy_cc_register(&toy_cc_cubic);
	if (err)
		toy_cc_unregister(&toy_cc_reno);
	return err;
}

/**
 * toy_cc_exit() - take it out again
 */
void toy_cc_exit(void)
{
	toy_cc_unregister(&toy_cc_cubic);
	toy_cc_unregister(&toy_cc_reno);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "cc_test.c"
#endif
