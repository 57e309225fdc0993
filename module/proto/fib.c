// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of routes: two tries of lists.
 *
 *	destination --> local --> LOCAL, BROADCAST: what is ours
 *		   \-> main  --> UNICAST, MULTICAST and the refusals
 *
 * The local table is asked first, so that no route, however specific, can
 * take an address of ours away from us. In a table the longest prefix wins,
 * among routes of one prefix the lowest metric, among equals the first that
 * came. A route with several next hops serves while one of them does (hops.c).
 * A look-up bound to a device passes over routes of other devices and
 * goes on with shorter prefixes. Refusals (blackhole, unreachable, prohibit)
 * have no device and answer for all.
 *
 * IPv4 and IPv6 share the tries. The prefix ::ffff:0:0/96 is IPv4's default
 * route; shorter ones are IPv6's and do not count for an IPv4 destination.
 *
 * This file knows nothing of devices that are down, of gateways that cannot
 * be reached and of notifications: see route.c.
 */
#include "fib.h"

static struct toy_route *next_rcu(const struct toy_route *r)
{
	return rcu_dereference_check(r->next, lockdep_rtnl_is_held());
}

static bool route_fits(const struct toy_route *r, const struct toy_fib_query *q)
{
	if (toy_is_v4(&q->daddr) && r->plen < 96)
		return false;
	if (!r->dev)
		return true;
	if (unlikely(r->hops))
		return toy_hops_pick(r->hops, q);
	if (q->oif && r->dev->ifindex != q->oif)
		return false;
	return !q->onlink || !toy_route_has_gateway(r);
}

/**
 * toy_fib_hop() - the next hop of a route for a flow
 * @r: route that serves the query
 * @q: query
 * @hop: result
 *
 * Context: under rcu_read_lock() or RTNL; the device stays for as long.
 * Return: false if none serves it: all were switched off meanwhile.
 */
bool toy_fib_hop(const struct toy_route *r, const struct toy_fib_query *q,
		 struct toy_hop *hop)
{
	const struct toy_hop *pick;

	if (likely(!r->hops)) {
		hop->gateway = r->gateway;
		hop->dev = r->dev;
		return true;
	}
	pick = toy_hops_pick(r->hops, q);
	if (!pick)
		return false;
	*hop = *pick;
	return true;
}

/* The first route of a list that serves the query. */
static const struct toy_route *list_pick(const struct toy_route *head,
					 const struct toy_fib_query *q)
{
	const struct toy_route *r;

	for (r = head; r; r = next_rcu(r))
		if (route_fits(r, q))
			break;
	return r;
}

static bool list_serves(void *value, const void *arg)
{
	return list_pick(value, arg);
}

static const struct toy_route *table_lookup(const struct toy_trie *t,
					    const struct toy_fib_query *q)
{
	const struct toy_route *head, *r;

	head = toy_trie_lookup(t, &q->daddr);
	if (!head)
		return NULL;
	r = list_pick(head, q);
	if (likely(r))
		return r;
	head = toy_trie_match(t, &q->daddr, list_serves, q);
	return head ? list_pick(head, q) : NULL;
}

/**
 * toy_fib_lookup() - the route to a destination
 * @fib: tables
 * @q: destination, and what the route must be like
 *
 * Context: under rcu_read_lock(), in which the route stays valid.
 * Return: the route, which may be a refusal, or NULL.
 */
const struct toy_route *toy_fib_lookup(struct toy_fib *fib,
				       const struct toy_fib_query *q)
{
	return table_lookup(&fib->local, q) ?: table_lookup(&fib->main, q);
}

/**
 * toy_fib_lookup_main() - the same, in the main table only
 * @fib: tables
 * @q: destination, and what the route must be like
 *
 * Context: under rcu_read_lock(), in which the route stays valid.
 * Return: the route, which may be a refusal, or NULL.
 */
const struct toy_route *toy_fib_lookup_main(struct toy_fib *fib,
					    const struct toy_fib_query *q)
{
	return table_lookup(&fib->main, q);
}

/**
 * toy_fib_local() - what the local table knows of an address
 * @fib: tables
 * @addr: address
 *
 * One walk of one trie: every received packet asks this.
 *
 * Context: under rcu_read_lock(), in which the list stays valid.
 * Return: the list of routes of the longest prefix, or NULL.
 */
const struct toy_route *toy_fib_local(struct toy_fib *fib,
				      const struct in6_addr *addr)
{
	return toy_trie_lookup(&fib->local, addr);
}

/**
 * toy_fib_list() - the routes of one prefix
 * @fib: tables
 * @like: a route with that prefix and a type of that table
 *
 * Context: RTNL.
 * Return: the first of the list, or NULL.
 */
struct toy_route *toy_fib_list(struct toy_fib *fib,
			       const struct toy_route *like)
{
	return toy_trie_get(toy_fib_trie(fib, like->type), &like->dst,
			    like->plen);
}

/**
 * toy_fib_next() - the next route of the same prefix
 * @r: route
 *
 * Context: RTNL.
 * Return: the route with the next greater metric, or NULL.
 */
struct toy_route *toy_fib_next(const struct toy_route *r)
{
	return rtnl_dereference(r->next);
}

/* The route in front of @r, or of the place where @r belongs. */
static struct toy_route *list_before(struct toy_route *head,
				     const struct toy_route *r)
{
	struct toy_route *prev = NULL, *i;

	for (i = head; i && i != r && i->metric <= r->metric;
	     i = toy_fib_next(i))
		prev = i;
	return prev;
}

static void fib_account(struct toy_fib *fib, const struct toy_route *r, int n)
{
	if (r->origin != TOY_ORIGIN_KERNEL && !toy_addr_any(&r->prefsrc))
		fib->prefsrcs += n;
	if (r->hops)
		WRITE_ONCE(fib->multipaths, fib->multipaths + n);
}

/**
 * toy_fib_insert() - put a route behind those with the same metric
 * @fib: tables
 * @r: route; belongs to the table on success
 *
 * Context: RTNL, may sleep.
 * Return: 0 or -ENOMEM.
 */
int toy_fib_insert(struct toy_fib *fib, struct toy_route *r)
{
	struct toy_trie *t = toy_fib_trie(fib, r->type);
	struct toy_route *head = toy_fib_list(fib, r), *prev;
	int err = 0;

	prev = list_before(head, r);
	if (prev) {
		RCU_INIT_POINTER(r->next, toy_fib_next(prev));
		rcu_assign_pointer(prev->next, r);
	} else {
		RCU_INIT_POINTER(r->next, head);
		err = head ? toy_trie_replace(t, &r->dst, r->plen, r) :
			     toy_trie_insert(t, &r->dst, r->plen, r);
	}
	if (!err)
		fib_account(fib, r, 1);
	return err;
}

/**
 * toy_fib_replace() - put a route into the place of another
 * @fib: tables
 * @old: route in the tables; belongs to the caller afterwards, who frees it
 *	after a grace period
 * @r: route of the same table, prefix and metric; belongs to the table
 *
 * Readers see one or the other. Context: RTNL.
 */
void toy_fib_replace(struct toy_fib *fib, struct toy_route *old,
		     struct toy_route *r)
{
	struct toy_trie *t = toy_fib_trie(fib, old->type);
	struct toy_route *prev = list_before(toy_fib_list(fib, old), old);

	RCU_INIT_POINTER(r->next, toy_fib_next(old));
	if (prev)
		rcu_assign_pointer(prev->next, r);
	else
		toy_trie_replace(t, &old->dst, old->plen, r);
	fib_account(fib, old, -1);
	fib_account(fib, r, 1);
}

/**
 * toy_fib_unlink() - take a route out
 * @fib: tables
 * @r: route in the tables; belongs to the caller afterwards, who frees it
 *	after a grace period
 *
 * Context: RTNL.
 */
void toy_fib_unlink(struct toy_fib *fib, struct toy_route *r)
{
	struct toy_trie *t = toy_fib_trie(fib, r->type);
	struct toy_route *prev = list_before(toy_fib_list(fib, r), r);
	struct toy_route *next = toy_fib_next(r);

	if (prev)
		rcu_assign_pointer(prev->next, next);
	else if (next)
		toy_trie_replace(t, &r->dst, r->plen, next);
	else
		toy_trie_remove(t, &r->dst, r->plen);
	fib_account(fib, r, -1);
}
