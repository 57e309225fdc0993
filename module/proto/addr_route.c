// SPDX-License-Identifier: GPL-2.0-only
/*
 * The routes that an address brings with it.
 *
 *	10.0.0.1/24 on eth0:
 *	local	10.0.0.1/32	LOCAL		always
 *	local	10.0.0.255/32	BROADCAST	while eth0 is up: the prefix's last
 *						address, and what was configured
 *	main	10.0.0.0/24	UNICAST		while eth0 is up; LOCAL on lo: all of
 *						127/8 is this host
 *
 * A /31 and a /32 have no broadcast address (RFC 3021), a /32 has no prefix
 * beside itself. All name the address as their source.
 *
 * Two addresses of one prefix share its routes: the first one makes them, and
 * when it goes, the next one inherits. With the last address on a device all
 * routes go, static ones too: without an address nothing can be sent there.
 */
#include "addr.h"
#include "route.h"

enum addr_route {
	ADDR_ROUTE_LOCAL,
	ADDR_ROUTE_BROADCAST,	/* as configured */
	ADDR_ROUTE_PREFIX,
	ADDR_ROUTE_LAST,	/* all ones behind the prefix */
	ADDR_ROUTE_MAX
};

static struct in6_addr last_of_prefix(const struct toy_addr *a)
{
	__be32 host = cpu_to_be32(~0U >> (a->plen - 96));

	return toy_v4(toy_v4_of(&a->addr) | host);
}

/* The prefix, unless the address is alone in it. As in AF_INET, 0.0.0.0/N
 * brings no routes: it might be the default route.
 */
static bool prefix_of(const struct toy_addr *a, struct in6_addr *prefix)
{
	ipv6_addr_prefix(prefix, &a->addr, a->plen);
	if (toy_is_v4(prefix) && ipv4_is_zeronet(toy_v4_of(prefix)))
		return false;
	return a->plen < 128;
}

/* Describes route @which of an address; false when it has none of the kind. */
static bool addr_route_of(const struct toy_addr *a, enum addr_route which,
			  struct toy_route *r)
{
	*r = (struct toy_route) {
		/* Of an IPv6 host's addresses RFC 6724 chooses, not a route. */
		.prefsrc = which == ADDR_ROUTE_PREFIX && !toy_is_v4(&a->addr) ?
			   in6addr_any : a->addr,
		.dev = a->dev,
		.plen = 128,
		.type = TOY_ROUTE_BROADCAST,
		.origin = TOY_ORIGIN_KERNEL,
		.scope = TOY_SCOPE_LINK,
	};

	switch (which) {
	case ADDR_ROUTE_LOCAL:
		r->dst = a->addr;
		r->type = TOY_ROUTE_LOCAL;
		r->scope = TOY_SCOPE_HOST;
		return true;
	case ADDR_ROUTE_BROADCAST:
		r->dst = a->broadcast;
		return !toy_addr_any(&r->dst) &&
		       !ipv4_is_lbcast(toy_v4_of(&r->dst));
	case ADDR_ROUTE_PREFIX:
		r->plen = a->plen;
		r->type = TOY_ROUTE_UNICAST;
		if (a->dev->hook == TOY_HOOK_LOOPBACK) {
			r->type = TOY_ROUTE_LOCAL;
			r->scope = TOY_SCOPE_HOST;
		}
		return prefix_of(a, &r->dst) &&
		       !(a->flags & TOY_ADDR_F_NOPREFIXROUTE);
	case ADDR_ROUTE_LAST:
		if (!toy_is_v4(&a->addr) || a->plen >= 127 ||
		    !prefix_of(a, &r->dst))
			return false;
		r->dst = last_of_prefix(a);
		return true;
	default:
		return false;
	}
}

/* Another address that brings the same route with it, or NULL. */
static const struct toy_addr *heir_of(const struct toy_addr *a,
				      const struct toy_route *r)
{
	enum addr_route which;
	struct toy_route theirs;
	struct toy_addr *b;

	list_for_each_entry(b, &a->dev->tn->addrs->list, list) {
		if (b == a || b->dev != a->dev || !toy_addr_usable(b))
			continue;
		if (!ipv6_prefix_equal(&b->addr, &r->dst, b->plen) &&
		    !ipv6_addr_equal(&b->broadcast, &r->dst))
			continue;
		for (which = 0; which < ADDR_ROUTE_MAX; which++)
			if (addr_route_of(b, which, &theirs) &&
			    theirs.type == r->type && theirs.plen == r->plen &&
			    ipv6_addr_equal(&theirs.dst, &r->dst))
				return b;
	}
	return NULL;
}

/**
 * toy_addr_routes_add() - make the routes of an address
 * @a: usable address
 *
 * Those that exist already stay as they are. Context: RTNL, may sleep.
 * Return: 0, or -ENOMEM, in which case the address has no routes.
 */
int toy_addr_routes_add(struct toy_addr *a)
{
	bool up = toy_route_dev_up(a->dev);
	enum addr_route which;
	struct toy_route r;
	int err;

	for (which = 0; which < ADDR_ROUTE_MAX; which++) {
		if (which != ADDR_ROUTE_LOCAL && !up)
			break;
		if (!addr_route_of(a, which, &r))
			continue;
		err = toy_route_ensure(a->dev->tn, &r);
		if (err) {
			toy_addr_routes_del(a);
			return err;
		}
	}
	return 0;
}

/* Whether the same address is ours on another device. */
static bool still_ours(const struct toy_addr *a)
{
	struct toy_addr *b;

	list_for_each_entry(b, &a->dev->tn->addrs->list, list)
		if (b != a && toy_addr_usable(b) &&
		    ipv6_addr_equal(&b->addr, &a->addr))
			return true;
	return false;
}

/* Whether the device has another address of this IP version. */
static bool dev_has_more(const struct toy_addr *a)
{
	struct toy_addr *b;

	list_for_each_entry(b, &a->dev->tn->addrs->list, list)
		if (b != a && b->dev == a->dev &&
		    toy_is_v4(&b->addr) == toy_is_v4(&a->addr))
			return true;
	return false;
}

/**
 * toy_addr_routes_del() - an address is ours no more: so are its routes
 * @a: address, removed from the list or no longer usable
 *
 * With it go routes of others that name it as their source, and after the
 * last address of a device all routes of the device.
 *
 * Context: RTNL, may sleep.
 */
void toy_addr_routes_del(struct toy_addr *a)
{
	struct toy_net *tn = a->dev->tn;
	struct toy_route_filter f = {};
	const struct toy_addr *heir;
	enum addr_route which;
	struct toy_route r;

	for (which = 0; which < ADDR_ROUTE_MAX; which++) {
		if (!addr_route_of(a, which, &r))
			continue;
		/* An address is on a device once. */
		heir = which == ADDR_ROUTE_LOCAL ? NULL : heir_of(a, &r);
		toy_route_release(tn, &r, &a->addr, heir ? &heir->addr : NULL);
	}
	if (!still_ours(a)) {
		f.prefsrc = &a->addr;
		toy_route_flush(tn, &f);
	}
	if (!dev_has_more(a)) {
		f.prefsrc = NULL;
		f.dev = a->dev;
		f.version = toy_is_v4(&a->addr) ? 4 : 6;
		toy_route_flush(tn, &f);
	}
}
