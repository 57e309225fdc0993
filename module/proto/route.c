// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes: made and removed. Who reads them: route_read.c, path.c.
 *
 * Who makes them:
 *	an address	LOCAL, BROADCAST and on-link routes, which come and go
 *			with it (proto/addr_route.c): toy_route_ensure(),
 *			toy_route_release()
 *	somebody	toy_route_add(), toy_route_del(): `ip route`
 *	a router	the same, with origin RA and an end (route_expire.c)
 *
 * Who else removes them, as in AF_INET: a device that goes down takes all but
 * its LOCAL routes with it, an address that goes takes those that name it as
 * their source.
 *
 * A route never changes. To change one is to put another in its place, so a
 * reader sees the old one or the new one. Each change moves toy_path_gen()
 * on, by which sockets notice that what they remember is stale.
 */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "../event.h"
#include "exception.h"
#include "fib.h"

static void route_put(struct toy_route *r)
{
	toy_dev_put(r->dev);
	toy_hops_free(r->hops);
	kfree(r);
}

static void route_free_rcu(struct rcu_head *head)
{
	struct toy_route *r = container_of(head, struct toy_route, rcu);

	route_put(r);
}

/* Readers take references to @dev through the route: it is let go after the
 * grace period, not before.
 */
static void route_free(struct toy_route *r)
{
	call_rcu(&r->rcu, route_free_rcu);
}

static struct toy_route *route_new(const struct toy_route *cfg)
{
	struct toy_route *r = kmemdup(cfg, sizeof(*r), GFP_KERNEL_ACCOUNT);

	if (!r)
		return NULL;
	if (r->hops) {
		r->hops = toy_hops_dup(r->hops);
		if (!r->hops) {
			kfree(r);
			return NULL;
		}
	}
	if (r->dev)
		toy_dev_hold(r->dev);
	return r;
}

static void route_changed(struct toy_net *tn, enum toy_event what,
			  const struct toy_route *r)
{
	toy_path_gen_bump(tn);
	toy_event(tn, what, r);
}

static int route_insert(struct toy_net *tn, const struct toy_route *cfg)
{
	struct toy_route *r = route_new(cfg);
	int err;

	if (!r)
		return -ENOMEM;
	err = toy_route_expire_add(tn, r);
	if (!err) {
		err = toy_fib_insert(tn->fib, r);
		if (err)
			toy_route_expire_del(tn, r);
	}
	if (err) {
		route_put(r);
		return err;
	}
	route_changed(tn, TOY_EV_ROUTE_SET, r);
	return 0;
}

static int route_replace(struct toy_net *tn, struct toy_route *old,
			 const struct toy_route *cfg)
{
	struct toy_route *r = route_new(cfg);
	int err;

	if (!r)
		return -ENOMEM;
	toy_route_expire_del(tn, old);	/* makes room for its successor */
	err = toy_route_expire_add(tn, r);
	if (err) {
		toy_route_expire_add(tn, old);
		route_put(r);
		return err;
	}
	toy_fib_replace(tn->fib, old, r);
	route_changed(tn, TOY_EV_ROUTE_SET, r);
	route_free(old);
	return 0;
}

static void route_remove(struct toy_net *tn, struct toy_route *r)
{
	toy_route_expire_del(tn, r);
	toy_fib_unlink(tn->fib, r);
	route_changed(tn, TOY_EV_ROUTE_GONE, r);
	route_free(r);
}

/* ---- on request --------------------------------------------------------- */

static bool same_route(const struct toy_route *a, const struct toy_route *b)
{
	return a->metric == b->metric && a->type == b->type &&
	       a->dev == b->dev && a->mtu == b->mtu && a->scope == b->scope &&
	       !a->expires == !b->expires &&
	       !memcmp(&a->m, &b->m, sizeof(a->m)) &&
	       toy_hops_same(a->hops, b->hops) &&
	       ipv6_addr_equal(&a->gateway, &b->gateway) &&
	       ipv6_addr_equal(&a->prefsrc, &b->prefsrc);
}

/* Announced again: nobody who uses it need look anew. */
static void route_renew(struct toy_net *tn, struct toy_route *r,
			unsigned long expires)
{
	if (r->expires == expires)
		return;
	WRITE_ONCE(r->expires, expires);
	toy_route_expire_arm(tn);
}

/**
 * toy_route_add() - `ip route add`
 * @tn: network namespace
 * @cfg: the route; @dst, @plen, @type and what else it has are set, @origin
 *	STATIC or RA; borrowed, its @hops too
 * @flags: TOY_ROUTE_REPLACE: in the place of the first one with that prefix
 *	and metric; TOY_ROUTE_APPEND: behind those with that prefix and metric;
 *	neither: there may be none
 * @extack: says what is wrong
 *
 * To replace a route by the same with another @expires only moves that.
 *
 * Context: RTNL.
 * Return: 0, -EEXIST, -ENOMEM, -ENOSPC when routers have announced as many
 * routes as net.toy.route_max_learnt allows, or what toy_route_check() says.
 */
int toy_route_add(struct toy_net *tn, const struct toy_route *cfg,
		  unsigned int flags, struct netlink_ext_ack *extack)
{
	struct toy_route new = *cfg, *r, *first = NULL;
	bool same = false;
	int err;

	ASSERT_RTNL();
	err = toy_route_check(tn, &new, extack);
	if (err)
		return err;
	if (new.origin != TOY_ORIGIN_RA)
		new.origin = TOY_ORIGIN_STATIC;		/* it follows no address */

	for (r = toy_fib_list(tn->fib, &new); r; r = toy_fib_next(r)) {
		if (r->metric != new.metric)
			continue;
		first = first ?: r;
		same |= same_route(r, &new);
	}
	if (first && flags & TOY_ROUTE_REPLACE) {
		if (same_route(first, &new)) {
			route_renew(tn, first, new.expires);
			return 0;
		}
		if (!same)
			return route_replace(tn, first, &new);
	} else if (!first || (flags & TOY_ROUTE_APPEND && !same)) {
		return route_insert(tn, &new);
	}
	NL_SET_ERR_MSG(extack, "Route exists");
	return -EEXIST;
}

static bool route_meant(const struct toy_route *r, const struct toy_route *cfg,
			bool any_metric)
{
	return (any_metric || r->metric == cfg->metric) &&
	       (cfg->type == TOY_ROUTE_UNICAST || r->type == cfg->type) &&
	       (!cfg->dev || r->dev == cfg->dev ||
		(r->hops && toy_hops_use(r->hops, cfg->dev))) &&
	       (!cfg->hops || toy_hops_same(r->hops, cfg->hops)) &&
	       (!toy_route_has_gateway(cfg) ||
		ipv6_addr_equal(&r->gateway, &cfg->gateway)) &&
	       (toy_addr_any(&cfg->prefsrc) ||
		ipv6_addr_equal(&r->prefsrc, &cfg->prefsrc));
}

/**
 * toy_route_del() - `ip route del`
 * @tn: network namespace
 * @cfg: the prefix, and what else the route must have: @type (UNICAST, which
 *	is 0, means any of the main table), @dev, @gateway, @prefsrc, @metric;
 *	borrowed
 * @any_metric: the metric does not matter
 * @extack: says what is wrong
 *
 * Removes the first route that fits. Context: RTNL.
 * Return: 0 or -ESRCH.
 */
int toy_route_del(struct toy_net *tn, const struct toy_route *cfg,
		  bool any_metric, struct netlink_ext_ack *extack)
{
	struct toy_route *r;

	ASSERT_RTNL();
	for (r = toy_fib_list(tn->fib, cfg); r; r = toy_fib_next(r)) {
		if (route_meant(r, cfg, any_metric)) {
			route_remove(tn, r);
			return 0;
		}
	}
	NL_SET_ERR_MSG(extack, "No such route");
	return -ESRCH;
}

/* ---- for addresses and devices ------------------------------------------ */

static struct toy_route *route_of_addr(struct toy_net *tn,
				       const struct toy_route *cfg)
{
	struct toy_route *r;

	for (r = toy_fib_list(tn->fib, cfg); r; r = toy_fib_next(r))
		if (r->origin == TOY_ORIGIN_KERNEL && r->type == cfg->type &&
		    r->dev == cfg->dev && r->metric == cfg->metric)
			break;
	return r;
}

/**
 * toy_route_ensure() - an address needs this route
 * @tn: network namespace
 * @cfg: the route, complete; borrowed
 *
 * Nothing is done when another address has already made it. Context: RTNL.
 * Return: 0 or -ENOMEM.
 */
int toy_route_ensure(struct toy_net *tn, const struct toy_route *cfg)
{
	return route_of_addr(tn, cfg) ? 0 : route_insert(tn, cfg);
}

/**
 * toy_route_release() - an address needs this route no more
 * @tn: network namespace
 * @cfg: the route, as it was given to toy_route_ensure(); borrowed
 * @prefsrc: the address
 * @heir: another address that needs the route, or NULL
 *
 * With an heir, the route stays and no longer names @prefsrc as its source.
 * Context: RTNL.
 */
void toy_route_release(struct toy_net *tn, const struct toy_route *cfg,
		       const struct in6_addr *prefsrc,
		       const struct in6_addr *heir)
{
	struct toy_route *r = route_of_addr(tn, cfg), new;

	if (!r)
		return;
	if (heir) {
		if (!ipv6_addr_equal(&r->prefsrc, prefsrc))
			return;
		new = *r;
		new.prefsrc = *heir;
		if (!route_replace(tn, r, &new))
			return;
		/* Rather no route than one with an address of others. */
	}
	route_remove(tn, r);
}

static bool filter_dev(const struct toy_route *r,
		       const struct toy_route_filter *f)
{
	if (!r->hops)
		return r->dev == f->dev;
	/* As AF_INET: a next hop that is down comes back with its device. */
	return toy_hops_use(r->hops, f->dev) &&
	       !(f->down && toy_hops_alive(r->hops));
}

static bool filter_fits(const struct toy_route *r,
			const struct toy_route_filter *f)
{
	if (f->dev && !filter_dev(r, f))
		return false;
	if (f->prefsrc && !ipv6_addr_equal(&r->prefsrc, f->prefsrc))
		return false;
	if (f->version && f->version != (toy_is_v4(&r->dst) ? 4 : 6))
		return false;
	return !f->keep_local || r->type != TOY_ROUTE_LOCAL;
}

/* Takes a device out of a route with several next hops; without a second, or
 * without memory, the route goes.
 */
static void route_shrink(struct toy_net *tn, struct toy_route *r,
			 const struct toy_dev *dev)
{
	struct toy_hops *hops = toy_hops_without(r->hops, dev);
	struct toy_route new = *r;
	bool done = false;

	if (hops && hops->n) {
		new.dev = hops->hop[0].dev;
		new.gateway = hops->hop[0].gateway;
		new.hops = hops->n > 1 ? hops : NULL;
		done = !route_replace(tn, r, &new);
	}
	toy_hops_free(hops);
	if (!done)
		route_remove(tn, r);
}

static void flush_route(struct toy_net *tn, struct toy_route *r,
			const struct toy_route_filter *f)
{
	if (f->dev && r->hops && !f->down)
		route_shrink(tn, r, f->dev);
	else
		route_remove(tn, r);
}

static void flush_table(struct toy_net *tn, const struct toy_trie *t,
			const struct toy_route_filter *f)
{
	struct toy_route *r, *next;
	bool started = false;
	struct in6_addr dst;
	u8 plen;

	memset(&dst, 0, sizeof(dst));
	plen = 0;
	while ((r = toy_trie_next(t, &dst, &plen, started))) {
		started = true;
		for (; r; r = next) {
			next = toy_fib_next(r);
			if (filter_fits(r, f))
				flush_route(tn, r, f);
		}
		cond_resched();
	}
}

/**
 * toy_route_flush() - remove the routes that fit
 * @tn: network namespace
 * @f: what they have in common
 *
 * Context: RTNL, may sleep.
 */
void toy_route_flush(struct toy_net *tn, const struct toy_route_filter *f)
{
	ASSERT_RTNL();
	/* Routes of addresses go with them; seldom does another name a source,
	 * and then only does a walk over all of them find something.
	 */
	if (f->prefsrc && !tn->fib->prefsrcs)
		return;
	flush_table(tn, &tn->fib->local, f);
	flush_table(tn, &tn->fib->main, f);
}

/**
 * toy_route_flush_dev() - a device goes: so do all its routes
 * @dev: attached device
 *
 * Context: RTNL.
 */
void toy_route_flush_dev(struct toy_dev *dev)
{
	struct toy_route_filter f = { .dev = dev };

	toy_route_flush(dev->tn, &f);
}

/**
 * toy_route_expire_run() - remove the routes whose time is over
 * @tn: network namespace
 * @now: jiffies
 *
 * Context: RTNL, may sleep.
 */
void toy_route_expire_run(struct toy_net *tn, unsigned long now)
{
	struct toy_route_lease *l, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(l, next, &tn->fib->leases, list)
		if (!time_before(now, l->route->expires))
			route_remove(tn, l->route);
}

/* ---- lifetime ------------------------------------------------------------ */

/**
 * toy_route_net_init() - empty tables for a network namespace
 * @tn: network namespace
 *
 * Context: process, may sleep. Before toy_addr_net_init().
 * Return: 0 or -ENOMEM.
 */
int toy_route_net_init(struct toy_net *tn)
{
	tn->fib = kzalloc(sizeof(*tn->fib), GFP_KERNEL);
	if (!tn->fib)
		return -ENOMEM;
	tn->exc = toy_exc_new();
	if (!tn->exc) {
		kfree(tn->fib);
		tn->fib = NULL;
		return -ENOMEM;
	}
	tn->fib->tn = tn;
	toy_route_expire_init(tn);
	return 0;
}

/**
 * toy_route_net_exit() - forget all routes of a network namespace
 * @tn: network namespace, without traffic and without addresses
 *
 * Context: process, may sleep.
 */
void toy_route_net_exit(struct toy_net *tn)
{
	struct toy_route_filter all = {};

	toy_route_expire_exit(tn);
	rtnl_lock();
	toy_route_flush(tn, &all);
	rtnl_unlock();
	toy_exc_free(tn->exc);
	tn->exc = NULL;
	kfree(tn->fib);
	tn->fib = NULL;
}

/**
 * toy_route_init() - nothing but the place in the ladder
 *
 * Return: 0.
 */
int toy_route_init(void)
{
	return 0;
}

/**
 * toy_route_exit() - wait until the last route has been freed
 *
 * Context: process.
 */
void toy_route_exit(void)
{
	rcu_barrier();
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "route_test.c"
#endif
