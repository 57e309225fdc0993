// SPDX-License-Identifier: GPL-2.0-only
/*
 * Path MTU discovery (RFC 1191, RFC 8201): how large a packet may be to get
 * through, learnt from the routers that could not forward one.
 *
 *	too large ----> router ----> "fragmentation needed, MTU m"
 *	                                     |
 *	   of a socket of ours? ---- no ----> dropped by name, counted
 *	                    | yes (TCP: and in flight, RFC 5927)
 *	   m = 0: the next plateau below what was sent	RFC 1191 5 and 7.1
 *	   IPv4: m < min_pmtu: min_pmtu, and no DF		as Linux
 *	   IPv6: m < 1280: ignored				RFC 8201 4
 *	   m not below what we know: ignored
 *	                    |
 *	   exception of the destination, for mtu_expires	RFC 1191 6.3
 *	                    |
 *	   paths of the destination are looked up anew: TCP cuts its segments
 *	   smaller, UDP says EMSGSIZE, IP_MTU answers m
 *
 * When the time is over the full size is tried again; if the path still does
 * not carry it, a router will say so.
 */
#include <linux/in.h>

#include "../napi/dev.h"
#include "pmtu.h"
#include "route.h"

/* RFC 1191 7.1, the MTUs that links really have. */
static const u16 pmtu_plateaus[] = {
	65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68,
};

/**
 * toy_pmtu_plateau() - a router does not say what fits
 * @tot_len: length of the packet that did not, as the router quotes it
 * @hdr_len: length of its header
 *
 * Some routers quote the length with the header added once more (RFC 1191 5):
 * then a packet of one of these sizes, plus its header, would be answered by
 * the very size that has not fit.
 *
 * Return: the next lower size that is worth a try.
 */
u32 toy_pmtu_plateau(u32 tot_len, u32 hdr_len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pmtu_plateaus); i++) {
		if (tot_len == pmtu_plateaus[i] + hdr_len)
			continue;
		if (pmtu_plateaus[i] < tot_len)
			return pmtu_plateaus[i];
	}
	return pmtu_plateaus[ARRAY_SIZE(pmtu_plateaus) - 1];
}

/**
 * toy_pmtu_clamp() - how much of a claim is believed
 * @v4: of IPv4
 * @mtu: claim
 * @min_pmtu: net.toy.min_pmtu
 * @locked: result: @mtu is less than that, DF would not get through
 *
 * Return: the path MTU, or 0 for a claim that is ignored.
 */
u32 toy_pmtu_clamp(bool v4, u32 mtu, u32 min_pmtu, bool *locked)
{
	*locked = false;
	if (!v4)
		return mtu < TOY_PMTU_MIN_V6 ? 0 : mtu;
	if (mtu >= min_pmtu)
		return mtu;
	*locked = true;
	return min_pmtu;
}

/* What the route allows, ICMP aside; 0: no route that packets take. */
static u32 pmtu_of_route(struct toy_net *tn, const struct in6_addr *daddr,
			 bool *fixed)
{
	const struct toy_route *r = toy_route_find(tn, daddr, 0);
	u32 mtu;

	if (!r || !r->dev || r->type != TOY_ROUTE_UNICAST)
		return 0;
	*fixed = r->m.flags & TOY_ROUTE_F_LOCK_MTU;
	mtu = READ_ONCE(r->dev->mtu);
	return r->mtu ? min(mtu, r->mtu) : mtu;
}

/**
 * toy_pmtu_update() - a packet of ours did not get through
 * @tn: network namespace
 * @daddr: its destination
 * @mtu: what fits there, as a router said; not 0
 *
 * The caller knows that we have sent the packet. Never raises the path MTU
 * (RFC 1191 5, RFC 8201 4).
 *
 * Context: softirq.
 */
void toy_pmtu_update(struct toy_net *tn, const struct in6_addr *daddr, u32 mtu)
{
	unsigned long now = jiffies;
	const struct toy_exc *old;
	bool fixed = false;
	struct toy_exc e;
	u32 route;

	rcu_read_lock();
	route = pmtu_of_route(tn, daddr, &fixed);
	old = toy_exc_find(tn->exc, daddr);
	e = old ? *old : (struct toy_exc) { .daddr = *daddr };
	if (old && toy_exc_mtu_holds(old, now))
		route = min(route, old->mtu);
	mtu = toy_pmtu_clamp(toy_is_v4(daddr), mtu,
			     READ_ONCE(tn->sysctl.min_pmtu), &e.mtu_locked);
	/* A router may not lower what is small already, only forbid DF. */
	if (e.mtu_locked)
		mtu = min(mtu, route);
	rcu_read_unlock();

	if (!mtu || !route || fixed || mtu > route ||
	    (mtu == route && !e.mtu_locked)) {
		toy_count(tn, TOY_MIB_PMTU_IGNORED);
		return;
	}
	e.mtu = mtu;
	e.mtu_until = now + READ_ONCE(tn->sysctl.mtu_expires) * HZ;
	if (toy_exc_set(tn->exc, &e, now))
		toy_count(tn, TOY_MIB_PMTU_UPDATES);
}

/* A path is good until what it was made from is forgotten. */
static void path_until(struct toy_path *path, unsigned long until)
{
	until = until ?: 1;
	if (!path->until || time_before(until, path->until))
		path->until = until;
}

/**
 * toy_pmtu_apply() - what ICMP told changes a path
 * @tn: network namespace
 * @path: to one host behind a device; @dev, @nexthop and @mtu are the route's
 * @mtu: the path MTU counts, too
 *
 * Before the neighbour is looked up. Context: under rcu_read_lock().
 */
void toy_pmtu_apply(struct toy_net *tn, struct toy_path *path, bool mtu)
{
	unsigned long now = jiffies;
	const struct toy_exc *e;

	if (unlikely(!tn->exc))
		return;
	path->stamp = toy_exc_stamp(tn->exc, &path->daddr);
	path->stamp_seen = READ_ONCE(*path->stamp);
	/* Pairs with bucket_changed(): news seen half make the path stale. */
	smp_rmb();
	e = toy_exc_find(tn->exc, &path->daddr);
	if (likely(!e))
		return;
	if (toy_exc_gw_holds(e, now) && e->ifindex == path->dev->ifindex &&
	    ipv6_addr_equal(&e->instead_of, &path->nexthop)) {
		path->nexthop = e->gateway;
		path->redirected = true;
		path_until(path, e->gw_until);
	}
	if (mtu && toy_exc_mtu_holds(e, now) && e->mtu <= path->mtu) {
		path->mtu = e->mtu;
		path->mtu_locked |= e->mtu_locked;
		path_until(path, e->mtu_until);
	}
}

/**
 * toy_sock_way_err() - a router told something about the way
 * @tn: network namespace
 * @pmtudisc: IP_MTU_DISCOVER or IPV6_MTU_DISCOVER of the socket that has sent
 *	the packet
 * @e: what it told
 *
 * The other sockets of the host profit from what _DONT and _PROBE do not use
 * themselves.
 *
 * Context: softirq, RCU.
 * Return: true for a redirect, which is no error.
 */
bool toy_sock_way_err(struct toy_net *tn, u8 pmtudisc,
		      const struct toy_icmp_err *e)
{
	if (e->redirect) {
		toy_redirect(tn, e->dev, &e->daddr, &e->gateway, &e->offender);
		return true;
	}
	if (e->err == EMSGSIZE && e->info && toy_pmtu_let_in(pmtudisc))
		toy_pmtu_update(tn, toy_addr_any(&e->via) ? &e->daddr : &e->via,
				e->info);
	return false;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "pmtu_test.c"
#endif
