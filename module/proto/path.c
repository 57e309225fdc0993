// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a destination to a device and a neighbour.
 *
 *	destination	route			path
 *	0.0.0.0		-			LOCAL, to our own address
 *	255.255.255.255	oif, the device of the	BROADCAST
 *			source, or any route
 *	224.0.0.0/4	the same		MULTICAST
 *	others		LOCAL			LOCAL, device lo
 *			BROADCAST		BROADCAST
 *			UNICAST			UNICAST, gateway or destination
 *			blackhole		-EINVAL
 *			unreachable		-EHOSTUNREACH
 *			prohibit		-EACCES
 *			none			-ENETUNREACH
 *
 * A sender that is bound to a device (oif) is believed: without a route, the
 * destination is taken to be on that link. Groups have no gateway, whatever
 * the route to them says. With IPv6 only a link-local destination is believed
 * without a route, and a group needs none.
 *
 * Of several next hops the flow's hash chooses one (hops.c). What ICMP has told
 * about the destination comes last: another next hop, a smaller MTU (pmtu.c).
 *
 * The source, when the sender names none: what the route prefers, else what
 * select.c chooses. These are the rules of AF_INET's output routes.
 */
#include <linux/err.h>

#include "addr.h"
#include "fib.h"
#include "neigh.h"
#include "pmtu.h"

/* What is being looked up, and the answer as it grows. */
struct path_query {
	struct toy_net *tn;
	const struct toy_flow *flow;
	struct toy_path *path;
	bool group;		/* limited broadcast or multicast */
};

static bool is_lbcast(const struct in6_addr *a)
{
	return toy_is_v4(a) && ipv4_is_lbcast(toy_v4_of(a));
}

static struct in6_addr loopback_like(const struct in6_addr *a)
{
	return ipv6_addr_any(a) ? in6addr_loopback :
				  toy_v4(htonl(INADDR_LOOPBACK));
}

/* Groups that no router forwards: 224.0.0.0/24, ff02::/16 and narrower. */
static bool is_link_group(const struct in6_addr *a)
{
	if (toy_is_v4(a))
		return ipv4_is_local_multicast(toy_v4_of(a));
	return ipv6_addr_is_multicast(a) && (a->s6_addr[1] & 0x0f) <= 2;
}

static int route_errno(const struct toy_route *r)
{
	if (!r)
		return -ENETUNREACH;
	switch (r->type) {
	case TOY_ROUTE_BLACKHOLE:
		return -EINVAL;
	case TOY_ROUTE_UNREACHABLE:
		return -EHOSTUNREACH;
	case TOY_ROUTE_PROHIBIT:
		return -EACCES;
	default:
		return 0;
	}
}

/* The device that has an address of ours; RCU. A link-local address may stand
 * on several: @oif says which.
 */
static struct toy_dev *dev_of_source(struct toy_net *tn,
				     const struct in6_addr *saddr, int oif)
{
	const struct toy_route *r = toy_fib_local(tn->fib, saddr);
	bool any = !oif || !toy_addr_linklocal(saddr);

	for (; r; r = rcu_dereference(r->next))
		if (r->type == TOY_ROUTE_LOCAL &&
		    (any || r->dev->ifindex == oif))
			return r->dev;
	return NULL;
}

/* A group of IPv6 needs no route to it: the first device that is up. RCU. */
static struct toy_dev *dev_of_group(struct toy_net *tn)
{
	struct toy_dev *dev;

	list_for_each_entry_rcu(dev, &tn->devs, list)
		if (toy_route_dev_up(dev))
			return dev;
	return NULL;
}

static int check_source(const struct path_query *q)
{
	const struct in6_addr *saddr = &q->flow->saddr;

	if (toy_addr_any(saddr))
		return 0;
	if (toy_addr_multicast(saddr) || is_lbcast(saddr))
		return -EINVAL;
	if (toy_is_v4(saddr) != toy_is_v4(&q->flow->daddr))
		return toy_is_v4(saddr) ? -EAFNOSUPPORT : -EINVAL;
	if (q->flow->flags & TOY_FLOW_ANYSRC)
		return 0;
	return dev_of_source(q->tn, saddr, q->flow->oif) ? 0 : -ENETUNREACH;
}

static int find_oif(const struct path_query *q, struct toy_dev **dev)
{
	*dev = toy_dev_find(q->tn, q->flow->oif);
	if (!*dev)
		return -ENODEV;
	return toy_route_dev_up(*dev) ? 0 : -ENETUNREACH;
}

static int choose_source(const struct path_query *q, struct toy_dev *dev,
			 const struct in6_addr *prefsrc, u8 scope)
{
	struct toy_path *path = q->path;

	if (!toy_addr_any(&path->saddr))
		return 0;
	if (prefsrc && !toy_addr_any(prefsrc)) {
		path->saddr = *prefsrc;
		return 0;
	}
	/* RFC 6724 looks at the destination, AF_INET at the next hop. */
	if (toy_addr_select(q->tn, dev, toy_is_v4(&path->daddr) ?
					&path->nexthop : &path->daddr,
			    scope, &path->saddr))
		return 0;
	return q->flow->flags & TOY_FLOW_ANYSRC ? 0 : -EADDRNOTAVAIL;
}

/* The last step: device, MTU and neighbour, with their references. @r is NULL
 * without a route.
 */
static int path_set(const struct path_query *q, struct toy_dev *dev, u8 type,
		    const struct toy_route *r)
{
	struct toy_path *path = q->path;
	struct toy_neigh *n;

	/* RFC 1122 3.2.1.3 (g): 127/8 stays inside the host. */
	if (dev != q->tn->lo && (toy_addr_loopback(&path->saddr) ||
				 toy_addr_loopback(&path->daddr)))
		return -EINVAL;
	if (is_lbcast(&path->daddr))
		type = TOY_ROUTE_BROADCAST;
	else if (q->group)
		type = TOY_ROUTE_MULTICAST;

	/* A device found by its index may be on its way out. */
	if (!refcount_inc_not_zero(&dev->refcnt))
		return -ENODEV;
	path->dev = dev;
	path->type = type;
	path->mtu = READ_ONCE(dev->mtu);
	if (r) {
		if (r->mtu)
			path->mtu = min(path->mtu, r->mtu);
		path->m = r->m;
		path->mtu_locked = r->m.flags & TOY_ROUTE_F_LOCK_MTU;
	}
	if (type != TOY_ROUTE_UNICAST)
		return 0;
	toy_pmtu_apply(q->tn, path, !path->mtu_locked &&
		       !(q->flow->flags & TOY_FLOW_NOPMTU));
	if (!READ_ONCE(dev->has_lladdr))
		return 0;

	n = toy_neigh_get(q->tn, dev, &path->nexthop);
	if (IS_ERR_OR_NULL(n))
		return n ? PTR_ERR(n) : -ENOBUFS;
	path->neigh = n;
	return 0;
}

/* Straight out of a device, without a route. */
static int path_onlink(const struct path_query *q, struct toy_dev *dev)
{
	return choose_source(q, dev, NULL, TOY_SCOPE_LINK) ?:
	       path_set(q, dev, TOY_ROUTE_UNICAST, NULL);
}

/* 0.0.0.0 is this host: by the source, by the device, by 127.0.0.1. */
static int path_this_host(const struct path_query *q, struct toy_dev *oif)
{
	struct toy_path *path = q->path;

	if (toy_addr_any(&path->saddr) &&
	    (!oif || !toy_addr_select(q->tn, oif, &path->daddr,
				      TOY_SCOPE_HOST, &path->saddr)))
		path->saddr = loopback_like(&path->daddr);
	path->daddr = path->saddr;
	path->nexthop = path->daddr;
	return path_set(q, q->tn->lo, TOY_ROUTE_LOCAL, NULL);
}

static int path_by_route(const struct path_query *q, const struct toy_route *r,
			 const struct toy_fib_query *fq)
{
	struct toy_path *path = q->path;
	struct toy_hop hop;
	int err;

	if (r->type == TOY_ROUTE_LOCAL) {
		if (toy_addr_any(&path->saddr))
			path->saddr = toy_addr_any(&r->prefsrc) ? path->daddr :
								  r->prefsrc;
		if (toy_addr_linklocal(&path->daddr))
			path->iif = r->dev->ifindex;
		return path_set(q, q->tn->lo, TOY_ROUTE_LOCAL, r);
	}
	if (!toy_fib_hop(r, fq, &hop))
		return -ENETUNREACH;
	/* The source is chosen for the gateway even where the packet goes to
	 * a group and hence not through it.
	 */
	if (!toy_addr_any(&hop.gateway))
		path->nexthop = hop.gateway;
	err = choose_source(q, hop.dev, &r->prefsrc, r->scope);
	if (q->group)
		path->nexthop = path->daddr;
	return err ?: path_set(q, hop.dev, r->type, r);
}

static int path_resolve(const struct path_query *q)
{
	const struct toy_flow *flow = q->flow;
	struct toy_fib_query fq = {
		.daddr = flow->daddr,
		.oif = flow->oif,
		.hash = READ_ONCE(q->tn->fib->multipaths) ?
			toy_hops_hash(q->tn, flow) : 0,
		.onlink = flow->flags & TOY_FLOW_ONLINK,
	};
	const struct toy_route *r;
	struct toy_dev *dev = NULL;
	int err = check_source(q);

	if (err)
		return err;
	if (flow->oif) {
		err = find_oif(q, &dev);
		if (err)
			return err;
		if (is_lbcast(&flow->daddr) || is_link_group(&flow->daddr))
			return path_onlink(q, dev);
	} else if (q->group && !toy_addr_any(&flow->saddr)) {
		/* A sender bound to an address means that address's link. */
		dev = dev_of_source(q->tn, &flow->saddr, 0);
		return dev ? path_onlink(q, dev) : -ENETUNREACH;
	}
	if (toy_addr_any(&flow->daddr))
		return path_this_host(q, dev);

	r = toy_fib_lookup(q->tn->fib, &fq);
	err = route_errno(r);
	if (err && q->group && !toy_is_v4(&flow->daddr))
		dev = dev ?: dev_of_group(q->tn);
	else if (err && !toy_is_v4(&flow->daddr) &&
		 !toy_addr_linklocal(&flow->daddr))
		return err;
	if (err)
		return dev ? path_onlink(q, dev) : err;
	return path_by_route(q, r, &fq);
}

/**
 * toy_path_lookup() - find the way to a destination
 * @tn: network namespace
 * @flow: destination, and what the sender insists on
 * @path: filled; holds references to device and neighbour, which
 *	toy_path_reset() gives back. What it held before is overwritten, so
 *	reset a used one first. On failure it holds nothing.
 *
 * Context: process or softirq; takes rcu_read_lock().
 * Return: 0; -ENETUNREACH without a route, for an oif that is down and for a
 * source that is not ours; -EINVAL for blackhole routes and for sources and
 * destinations that no packet may have; -EHOSTUNREACH and -EACCES for
 * unreachable and prohibit routes; -ENODEV for an oif that is not attached;
 * -EADDRNOTAVAIL when no source address will do; -ENOBUFS without room for a
 * neighbour.
 */
int toy_path_lookup(struct toy_net *tn, const struct toy_flow *flow,
		    struct toy_path *path)
{
	struct path_query q = {
		.tn = tn,
		.flow = flow,
		.path = path,
		.group = is_lbcast(&flow->daddr) ||
			 toy_addr_multicast(&flow->daddr),
	};
	u32 gen;
	int err;

	memset(path, 0, sizeof(*path));
	path->daddr = flow->daddr;
	path->nexthop = flow->daddr;
	path->saddr = flow->saddr;

	rcu_read_lock();
	gen = toy_path_gen(tn);
	/* Before the tables are read: a change that is half seen then makes
	 * the path stale. Pairs with the full barrier in toy_path_gen_bump().
	 */
	smp_rmb();
	err = path_resolve(&q);
	rcu_read_unlock();

	if (err)
		toy_path_reset(path);
	else
		path->gen = gen;
	return err;
}

/**
 * toy_path_reset() - give a path's references back
 * @path: zeroed, or filled by toy_path_lookup(); holds nothing afterwards
 *
 * Context: any.
 */
void toy_path_reset(struct toy_path *path)
{
	if (path->neigh)
		toy_neigh_put(path->neigh);
	toy_dev_put(path->dev);
	path->neigh = NULL;
	path->dev = NULL;
	path->gen = 0;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "path_test.c"
#endif
