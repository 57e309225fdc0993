// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes: asked for and shown. What a sender asks is in path.c.
 */
#include "fib.h"

/* ---- questions ----------------------------------------------------------- */

/**
 * toy_route_find() - the route to a destination, as `ip route get` shows it
 * @tn: network namespace
 * @daddr: destination
 * @oif: device index that it must have, or 0
 *
 * Context: under rcu_read_lock(), in which the route stays valid.
 * Return: the route, which may be a refusal, or NULL.
 */
const struct toy_route *toy_route_find(struct toy_net *tn,
				       const struct in6_addr *daddr, int oif)
{
	struct toy_fib_query q = { .daddr = *daddr, .oif = oif };

	return toy_fib_lookup(tn->fib, &q);
}

/**
 * toy_route_input() - what a destination is to us
 * @tn: network namespace
 * @dev: device that a packet came in by; tn->lo for what we have sent; or NULL
 * @daddr: its destination
 *
 * An address of ours is ours on every device (RFC 1122 3.3.4.2, weak host). A
 * directed broadcast is one on the device whose prefix it belongs to only
 * (3.2.1.3 and 3.3.6); the all-zeros address of a prefix has not been one for
 * Linux since 5.14.
 *
 * Context: under rcu_read_lock() or RTNL.
 * Return: TOY_ROUTE_LOCAL, _BROADCAST, _MULTICAST, or TOY_ROUTE_UNICAST for
 * what is not ours.
 */
enum toy_route_type toy_route_input(struct toy_net *tn,
				    const struct toy_dev *dev,
				    const struct in6_addr *daddr)
{
	enum toy_route_type type = TOY_ROUTE_UNICAST;
	const struct toy_route *r;

	if (toy_is_v4(daddr) && ipv4_is_lbcast(toy_v4_of(daddr)))
		return TOY_ROUTE_BROADCAST;
	if (toy_addr_multicast(daddr))
		return TOY_ROUTE_MULTICAST;

	rcu_read_lock();
	for (r = toy_fib_local(tn->fib, daddr); r; r = rcu_dereference(r->next)) {
		/* RFC 4007: on another link it is another host's. */
		if (dev && dev != r->dev && dev != tn->lo &&
		    toy_addr_linklocal(daddr))
			continue;
		if (r->type == TOY_ROUTE_LOCAL) {
			type = TOY_ROUTE_LOCAL;
			break;
		}
		if (!dev || r->dev == dev || dev == tn->lo)
			type = TOY_ROUTE_BROADCAST;
	}
	rcu_read_unlock();
	return type;
}

/* ---- showing ------------------------------------------------------------- */

static int walk_list(const struct toy_route *r, struct toy_route_cursor *cursor,
		     int (*fn)(const struct toy_route *r, void *arg), void *arg)
{
	u32 n;
	int err;

	for (n = 0; r; r = rcu_dereference(r->next), n++) {
		if (n < cursor->skip)
			continue;
		err = fn(r, arg);
		if (err)
			return err;
		cursor->skip++;
	}
	return 0;
}

static int walk_table(struct toy_trie *t, struct toy_route_cursor *cursor,
		      int (*fn)(const struct toy_route *r, void *arg),
		      void *arg)
{
	const struct toy_route *head = NULL;
	int err;

	if (cursor->started)
		head = toy_trie_get(t, &cursor->dst, cursor->plen);
	do {
		err = walk_list(head, cursor, fn, arg);
		if (err)
			return err;
		head = toy_trie_next(t, &cursor->dst, &cursor->plen,
				     cursor->started);
		if (head) {
			cursor->started = true;
			cursor->skip = 0;
		}
	} while (head);
	return 0;
}

/**
 * toy_route_walk() - show all routes, in order of their prefixes
 * @tn: network namespace
 * @cursor: where the last call ended; zeroed at first, then the main table
 *	comes before the local one
 * @fn: called for each, under rcu_read_lock(), must not sleep; nonzero stops
 *	before that route, which the next call begins with
 * @arg: for @fn
 *
 * Routes that come and go between two calls may be missed or shown; the
 * others are shown once. Context: any.
 * Return: 0 at the end, or what @fn returned.
 */
int toy_route_walk(struct toy_net *tn, struct toy_route_cursor *cursor,
		   int (*fn)(const struct toy_route *r, void *arg), void *arg)
{
	int err = 0;

	rcu_read_lock();
	if (!cursor->local_table) {
		err = walk_table(&tn->fib->main, cursor, fn, arg);
		if (!err)
			*cursor = (struct toy_route_cursor) {
				.local_table = true
			};
	}
	if (!err)
		err = walk_table(&tn->fib->local, cursor, fn, arg);
	rcu_read_unlock();
	return err;
}
