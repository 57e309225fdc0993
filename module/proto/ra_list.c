// SPDX-License-Identifier: GPL-2.0-only
/*
 * What routers have advertised, until it ends: default routers, prefixes of
 * the link (RFC 4861 6.3.4), more specific routes (RFC 4191), DNS servers and
 * search domains (RFC 8106).
 *
 *	kind	is known by			becomes
 *	ROUTER	device, address			default route via it, if it is a
 *						default router
 *	PREFIX	device, prefix			on-link route
 *	ROUTE	device, prefix, router		route via it
 *	DNS	device, address			-
 *	SEARCH	device, name			-
 *
 * Of several routes to one prefix the lowest metric wins: that is how their
 * preference is obeyed (RFC 4191 3.2). A router that does not answer steps
 * back behind all that do (RFC 4861 6.3.6).
 *
 *	1023 high  1024 medium  1025 low  + 1024 while unreachable
 *
 * Strangers send these messages, so each kind has a limit for the namespace:
 * beyond it what is new is ignored and counted as DropNdLimit.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "neigh.h"
#include "ra.h"
#include "route.h"

#define METRIC_MEDIUM		1024
#define METRIC_UNREACHABLE	1024

static unsigned int limit_of(const struct toy_net *tn, u8 kind)
{
	switch (kind) {
	case TOY_RA_DNS:
	case TOY_RA_SEARCH:
		return READ_ONCE(tn->sysctl.ra_max_dns);
	case TOY_RA_ROUTER:
		return READ_ONCE(tn->sysctl.ra_max_routers);
	default:
		return READ_ONCE(tn->sysctl.ra_max_prefixes);
	}
}

/* ---- routes -------------------------------------------------------------- */

/* RFC 4861 6.3.6: has it been found not to answer? */
static bool is_unreachable(const struct toy_ra_item *it)
{
	struct toy_neigh *n = toy_neigh_find(it->dev->tn, it->dev, &it->from);
	bool failed = n && READ_ONCE(n->nud.state) == TOY_NUD_FAILED;

	toy_neigh_put(n);
	return failed;
}

static u32 metric_of(const struct toy_ra_item *it)
{
	switch (it->kind) {
	case TOY_RA_PREFIX:
		return it->flags & TOY_RA_F_ONLINK ? METRIC_MEDIUM : 0;
	case TOY_RA_ROUTER:
		if (it->flags & TOY_RA_F_NODEFAULT)
			return 0;
		fallthrough;
	case TOY_RA_ROUTE:
		return METRIC_MEDIUM - it->preference +
		       (it->flags & TOY_RA_F_UNREACHABLE ?
			METRIC_UNREACHABLE : 0);
	default:
		return 0;
	}
}

static struct toy_route route_of(const struct toy_ra_item *it)
{
	struct toy_route r = {
		.dst = it->kind == TOY_RA_ROUTER ? in6addr_any : it->addr,
		.plen = it->plen,
		.dev = it->dev,
		.metric = it->metric,
		.mtu = it->mtu,
		.type = TOY_ROUTE_UNICAST,
		.origin = TOY_ORIGIN_RA,
	};

	if (it->kind != TOY_RA_PREFIX)
		r.gateway = it->from;
	return r;
}

static void route_drop(struct toy_ra *ra, struct toy_ra_item *it)
{
	struct toy_route r = route_of(it);

	if (it->metric)
		toy_route_del(ra->tn, &r, false, NULL);
	it->metric = 0;
}

/* Brings the route into line with the item. */
static void route_sync(struct toy_ra *ra, struct toy_ra_item *it)
{
	u32 metric = metric_of(it), mtu = READ_ONCE(it->dev->nd.mtu);
	struct toy_route r;

	if (it->metric && metric == it->metric && mtu == it->mtu)
		return;
	route_drop(ra, it);
	if (!metric)
		return;
	it->metric = metric;
	it->mtu = mtu;
	r = route_of(it);
	/* Without memory, or at a limit of the tables, the next one may do. */
	if (toy_route_add(ra->tn, &r, TOY_ROUTE_APPEND, NULL))
		it->metric = 0;
}

/* ---- the list ------------------------------------------------------------ */

static bool is_same(const struct toy_ra_item *it,
		    const struct toy_ra_item *cfg, const char *name)
{
	if (it->kind != cfg->kind || it->dev != cfg->dev ||
	    it->plen != cfg->plen || !ipv6_addr_equal(&it->addr, &cfg->addr))
		return false;
	if (it->kind == TOY_RA_ROUTE && !ipv6_addr_equal(&it->from, &cfg->from))
		return false;
	return !strcmp(it->name, name);
}

static struct toy_ra_item *item_find(struct toy_ra *ra,
				     const struct toy_ra_item *cfg,
				     const char *name)
{
	struct toy_ra_item *it;

	list_for_each_entry(it, &ra->items, list)
		if (is_same(it, cfg, name))
			return it;
	return NULL;
}

static struct toy_ra_item *item_new(struct toy_ra *ra,
				    const struct toy_ra_item *cfg,
				    const char *name)
{
	size_t len = strlen(name) + 1;
	struct toy_ra_item *it;

	if (ra->count[cfg->kind] >= limit_of(ra->tn, cfg->kind)) {
		toy_drop_skb(ra->tn, NULL, TOY_DROP_ND_LIMIT);
		return NULL;
	}
	it = kmalloc(struct_size(it, name, len), GFP_KERNEL_ACCOUNT);
	if (!it) {
		toy_drop_skb(ra->tn, NULL, TOY_DROP_NOMEM);
		return NULL;
	}
	*it = *cfg;
	it->metric = 0;
	memcpy(it->name, name, len);
	toy_dev_hold(it->dev);
	list_add_tail(&it->list, &ra->items);
	ra->count[it->kind]++;
	ra->made = true;
	return it;
}

/**
 * toy_ra_set() - a router has said something
 * @ra: list
 * @cfg: what; its list, until, metric and mtu are not looked at; borrowed
 * @name: search domain, or ""
 * @lifetime: seconds, or TOY_ND_FOREVER; 0: no longer
 *
 * Context: RTNL, may sleep.
 * Return: the item, or NULL if it is gone or there is no room.
 */
struct toy_ra_item *toy_ra_set(struct toy_ra *ra,
			       const struct toy_ra_item *cfg, const char *name,
			       u32 lifetime)
{
	struct toy_ra_item *it = item_find(ra, cfg, name);

	ASSERT_RTNL();
	if (!lifetime) {
		if (it)
			toy_ra_remove(ra, it);
		return NULL;
	}
	if (!it)
		it = item_new(ra, cfg, name);
	if (!it)
		return NULL;
	it->preference = cfg->preference;
	it->flags = cfg->flags | (it->flags & TOY_RA_F_UNREACHABLE);
	it->from = cfg->from;
	it->until = lifetime == TOY_ND_FOREVER ? 0 :
		    ktime_get_seconds() + lifetime;
	route_sync(ra, it);
	return it;
}

/**
 * toy_ra_remove() - it is no longer so
 * @ra: list
 * @it: item; freed
 *
 * Context: RTNL, may sleep.
 */
void toy_ra_remove(struct toy_ra *ra, struct toy_ra_item *it)
{
	route_drop(ra, it);
	list_del(&it->list);
	ra->count[it->kind]--;
	toy_dev_put(it->dev);
	kfree(it);
}

/**
 * toy_ra_forget() - nothing that came by a device holds any more
 * @ra: list
 * @dev: device; NULL: any
 *
 * Context: RTNL, may sleep.
 */
void toy_ra_forget(struct toy_ra *ra, const struct toy_dev *dev)
{
	struct toy_ra_item *it, *next;

	list_for_each_entry_safe(it, next, &ra->items, list)
		if (!dev || it->dev == dev)
			toy_ra_remove(ra, it);
}

/**
 * toy_ra_router_now() - we forward from now on
 * @tn: network namespace
 *
 * A router has no default routers by hearsay (RFC 4861 6.2.2), unless
 * net.toy.accept_ra is 2. Addresses and routes to prefixes stay until they
 * end.
 *
 * Context: RTNL, may sleep.
 */
void toy_ra_router_now(struct toy_net *tn)
{
	struct toy_ra_item *it, *next;

	if (!tn->ra || READ_ONCE(tn->sysctl.accept_ra) == 2)
		return;
	list_for_each_entry_safe(it, next, &tn->ra->items, list)
		if (it->kind == TOY_RA_ROUTER)
			toy_ra_remove(tn->ra, it);
}

/**
 * toy_ra_expire() - remove what has ended
 * @ra: list
 * @now: seconds
 *
 * Context: RTNL, may sleep.
 * Return: when the next one ends; S64_MAX: never.
 */
time64_t toy_ra_expire(struct toy_ra *ra, time64_t now)
{
	struct toy_ra_item *it, *next;
	time64_t first = S64_MAX;

	list_for_each_entry_safe(it, next, &ra->items, list) {
		if (!it->until)
			continue;
		if (it->until <= now)
			toy_ra_remove(ra, it);
		else
			first = min(first, it->until);
	}
	return first;
}

/* RFC 4861 7.2.5: a neighbour that says it is no router any more. */
static bool is_router_no_more(const struct toy_ra_item *it)
{
	struct toy_neigh *n = toy_neigh_find(it->dev->tn, it->dev, &it->from);
	bool host = n && toy_nud_sendable(&n->nud) && !READ_ONCE(n->router);

	toy_neigh_put(n);
	return host;
}

/**
 * toy_ra_rank() - neighbours that are routers have changed
 * @ra: list
 *
 * Context: RTNL, may sleep.
 */
void toy_ra_rank(struct toy_ra *ra)
{
	struct toy_ra_item *it, *next;

	list_for_each_entry_safe(it, next, &ra->items, list) {
		if (it->kind != TOY_RA_ROUTER && it->kind != TOY_RA_ROUTE)
			continue;
		if (is_router_no_more(it)) {
			toy_ra_remove(ra, it);
			continue;
		}
		it->flags &= ~TOY_RA_F_UNREACHABLE;
		if (is_unreachable(it))
			it->flags |= TOY_RA_F_UNREACHABLE;
		route_sync(ra, it);
	}
}

/**
 * toy_ra_walk() - call a function for every item
 * @tn: network namespace
 * @fn: nonzero ends the walk
 * @arg: for @fn
 *
 * Context: RTNL.
 * Return: 0 or what @fn returned.
 */
int toy_ra_walk(struct toy_net *tn,
		int (*fn)(const struct toy_ra_item *it, void *arg), void *arg)
{
	const struct toy_ra_item *it;
	int err = 0;

	ASSERT_RTNL();
	list_for_each_entry(it, &tn->ra->items, list) {
		err = fn(it, arg);
		if (err)
			break;
	}
	return err;
}
