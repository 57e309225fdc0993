// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes that end by themselves: what a router has announced (RFC 4861 6.3.4,
 * RFC 4191) and what somebody has added with `expires`.
 *
 *	added ----> leases ----> its time comes ----> removed
 *	            ^     |
 *	            '-----' announced again: the time moves
 *
 * Few routes expire, so they stand in a list of their own, and one piece of
 * delayed work sleeps until the first of them is due. Routers are strangers:
 * net.toy.route_max_learnt bounds how many routes they can make us hold.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "fib.h"

/* Announced for ever is still looked at now and then. */
#define EXPIRE_SLEEP_MAX	(3600 * HZ)

/**
 * toy_route_expire_add() - a route enters the tables
 * @tn: network namespace
 * @r: route; nothing is done if it neither expires nor was announced
 *
 * Context: RTNL, may sleep.
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int toy_route_expire_add(struct toy_net *tn, struct toy_route *r)
{
	struct toy_fib *fib = tn->fib;
	struct toy_route_lease *l = NULL;

	if (r->origin == TOY_ORIGIN_RA && fib->learnt >=
	    READ_ONCE(tn->sysctl.route_max_learnt)) {
		toy_count(tn, TOY_MIB_ROUTE_LEARNT_LIMIT);
		return -ENOSPC;
	}
	if (r->expires) {
		l = kmalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
		if (!l)
			return -ENOMEM;
		l->route = r;
		list_add_tail(&l->list, &fib->leases);
		toy_route_expire_arm(tn);
	}
	if (r->origin == TOY_ORIGIN_RA)
		fib->learnt++;
	return 0;
}

/**
 * toy_route_expire_del() - a route leaves the tables
 * @tn: network namespace
 * @r: route
 *
 * Context: RTNL.
 */
void toy_route_expire_del(struct toy_net *tn, const struct toy_route *r)
{
	struct toy_route_lease *l;

	if (r->origin == TOY_ORIGIN_RA)
		tn->fib->learnt--;
	if (!r->expires)
		return;
	list_for_each_entry(l, &tn->fib->leases, list) {
		if (l->route != r)
			continue;
		list_del(&l->list);
		kfree(l);
		return;
	}
}

/**
 * toy_route_expire_arm() - sleep until the first route is due
 * @tn: network namespace
 *
 * Context: RTNL.
 */
void toy_route_expire_arm(struct toy_net *tn)
{
	long sleep = EXPIRE_SLEEP_MAX;
	struct toy_route_lease *l;

	if (list_empty(&tn->fib->leases))
		return;
	list_for_each_entry(l, &tn->fib->leases, list)
		sleep = min(sleep, (long)(l->route->expires - jiffies));
	mod_delayed_work(system_power_efficient_wq, &tn->fib->expire,
			 max(sleep, 0L));
}

static void route_expire_work(struct work_struct *work)
{
	struct toy_fib *fib = container_of(to_delayed_work(work),
					   struct toy_fib, expire);

	rtnl_lock();
	toy_route_expire_run(fib->tn, jiffies);
	toy_route_expire_arm(fib->tn);
	rtnl_unlock();
}

/**
 * toy_route_expire_init() - no route expires yet
 * @tn: network namespace
 */
void toy_route_expire_init(struct toy_net *tn)
{
	INIT_LIST_HEAD(&tn->fib->leases);
	INIT_DELAYED_WORK(&tn->fib->expire, route_expire_work);
}

/**
 * toy_route_expire_exit() - stop the work
 * @tn: network namespace, to which no route is added any more
 *
 * Context: process, without RTNL, which the work may wait for.
 */
void toy_route_expire_exit(struct toy_net *tn)
{
	cancel_delayed_work_sync(&tn->fib->expire);
}
