// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirects: a router says that another one is nearer (RFC 792, RFC 1122
 * 3.2.2.2; RFC 4861 8 through proto/nd.c).
 *
 *	host ---> router R ---> router G ---> destination D
 *	  ^           |            ^
 *	  '- "D is by G" -'        |
 *	host ----------------------'
 *
 * Anybody on the link can write such a message, so it must fit:
 *
 *	we are no router ourselves			RFC 1812 5.2.7.2
 *	net.toy.accept_redirects			the administrator
 *	R is the next hop to D that we use now		RFC 1122 3.2.2.2
 *	G is a host on that link, and not we		RFC 1122 3.2.2.2
 *	secure_redirects: G is a router of ours		as Linux
 *
 * and the packet that it quotes must be of a socket of ours, which the caller
 * knows. It is remembered as an exception for the one host D, never for a
 * network, and forgotten after a while: routes are the administrator's.
 */
#include "fib.h"
#include "pmtu.h"

/* A redirect is believed so long; RFC 1122 3.3.1.3 wants some end. */
#define REDIRECT_LIFETIME	(300 * HZ)

/* G can be reached in one step on that link, and is neither ours nor a group. */
static bool on_link(struct toy_net *tn, struct toy_dev *dev,
		    const struct in6_addr *gateway)
{
	struct toy_fib_query q = {
		.daddr = *gateway, .oif = dev->ifindex, .onlink = true,
	};
	const struct toy_route *r;

	if (toy_addr_any(gateway) || toy_addr_loopback(gateway) ||
	    toy_route_input(tn, dev, gateway) != TOY_ROUTE_UNICAST)
		return false;
	/* RFC 4861 8.1: a link-local address is on every link. */
	if (!toy_is_v4(gateway) &&
	    ipv6_addr_type(gateway) & IPV6_ADDR_LINKLOCAL)
		return true;
	r = toy_fib_lookup(tn->fib, &q);
	return r && r->type == TOY_ROUTE_UNICAST && r->dev;
}

/* A default route names it. */
static bool known_router(struct toy_net *tn, const struct toy_dev *dev,
			 const struct in6_addr *gateway)
{
	bool v4 = toy_is_v4(gateway);
	const struct in6_addr any = v4 ? toy_v4(0) : in6addr_any;
	const struct toy_route *r;

	r = toy_trie_get(&tn->fib->main, &any, v4 ? 96 : 0);
	for (; r; r = rcu_dereference(r->next))
		if (r->hops ? toy_hops_has(r->hops, dev, gateway) :
		    r->dev == dev && ipv6_addr_equal(&r->gateway, gateway))
			return true;
	return false;
}

static bool redirect_fits(struct toy_net *tn, struct toy_dev *dev,
			  const struct in6_addr *daddr,
			  const struct in6_addr *gateway,
			  const struct in6_addr *from)
{
	const struct toy_sysctl *sc = &tn->sysctl;
	struct toy_fib_query q = { .daddr = *daddr, .oif = dev->ifindex };
	bool v4 = toy_is_v4(daddr);
	const struct toy_route *r;
	const struct toy_exc *e;
	struct toy_hop hop;

	if (!READ_ONCE(sc->accept_redirects) ||
	    (v4 ? READ_ONCE(sc->ip_forward) : READ_ONCE(sc->ip6_forwarding)))
		return false;
	if (toy_is_v4(gateway) != v4 || toy_is_v4(from) != v4 ||
	    ipv6_addr_equal(gateway, from) || !on_link(tn, dev, gateway))
		return false;
	if (READ_ONCE(sc->secure_redirects) &&
	    !ipv6_addr_equal(gateway, daddr) && !known_router(tn, dev, gateway))
		return false;

	r = toy_fib_lookup(tn->fib, &q);
	if (!r || !r->dev || r->type != TOY_ROUTE_UNICAST ||
	    !toy_fib_hop(r, &q, &hop))
		return false;
	/* Redirected once, redirected again: by the one we use now. */
	e = toy_exc_find(tn->exc, daddr);
	if (e && toy_exc_gw_holds(e, jiffies) && e->ifindex == dev->ifindex &&
	    ipv6_addr_equal(&e->gateway, from))
		return true;
	if (ipv6_addr_equal(&hop.gateway, from))
		return true;
	return r->hops && toy_hops_has(r->hops, dev, from);
}

/**
 * toy_redirect() - a router says that another next hop is better
 * @tn: network namespace
 * @dev: device that the message came in by
 * @daddr: destination that it is about
 * @gateway: the better next hop; @daddr itself if that is on the link
 * @from: router that says so
 *
 * The caller has checked the message (RFC 1122 3.2.2.2, RFC 4861 8.1) and that
 * we have sent to @daddr. What does not fit is counted and ignored.
 *
 * Context: softirq, RCU.
 */
void toy_redirect(struct toy_net *tn, struct toy_dev *dev,
		  const struct in6_addr *daddr, const struct in6_addr *gateway,
		  const struct in6_addr *from)
{
	unsigned long now = jiffies;
	const struct toy_exc *old;
	struct toy_exc e;

	if (!redirect_fits(tn, dev, daddr, gateway, from)) {
		toy_count(tn, TOY_MIB_REDIRECT_IGNORED);
		return;
	}
	old = toy_exc_find(tn->exc, daddr);
	e = old ? *old : (struct toy_exc) { .daddr = *daddr };
	/* The route still leads to the first one of a chain. */
	if (!old || !toy_exc_gw_holds(old, now) || old->ifindex != dev->ifindex ||
	    !ipv6_addr_equal(&old->gateway, from))
		e.instead_of = *from;
	e.gateway = *gateway;
	e.ifindex = dev->ifindex;
	e.gw_until = now + REDIRECT_LIFETIME;
	if (toy_exc_set(tn->exc, &e, now))
		toy_count(tn, TOY_MIB_REDIRECT_ACCEPTED);
}
