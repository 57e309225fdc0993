// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which routes make sense, and what they leave to us.
 *
 *	type		device		gateway			scope
 *	unicast		deduced from	on-link, not ours	global with a
 *			the gateway				gateway, else link
 *	(several)	the same for each next hop
 *	local		required	none			host
 *	broadcast	required	none			link
 *	multicast	required	none			link
 *	blackhole,	none		none			global
 *	unreachable,
 *	prohibit
 *
 * A gateway is on-link when it is a link-local address, when a route without a
 * gateway leads to it, over the device that was asked for, or when "onlink" says
 * so: whoever cannot be reached in one step cannot be the next one. errno values
 * are those of `ip route add`.
 */
#include <linux/netlink.h>

#include "fib.h"

/* RFC 791 3.2: what every link must carry. */
#define ROUTE_MTU_MIN	68

static bool is_refusal(u8 type)
{
	return type >= TOY_ROUTE_BLACKHOLE;
}

static int check_prefix(const struct toy_route *r,
			struct netlink_ext_ack *extack)
{
	struct in6_addr prefix;

	if (r->plen > 128 || (toy_is_v4(&r->dst) && r->plen < 96)) {
		NL_SET_ERR_MSG(extack, "Invalid prefix length");
		return -EINVAL;
	}
	ipv6_addr_prefix(&prefix, &r->dst, r->plen);
	if (!ipv6_addr_equal(&prefix, &r->dst)) {
		NL_SET_ERR_MSG(extack, "Address has bits beyond its prefix length");
		return -EINVAL;
	}
	return 0;
}

static int check_type(const struct toy_route *r, struct netlink_ext_ack *extack)
{
	if (r->type > TOY_ROUTE_PROHIBIT) {
		NL_SET_ERR_MSG(extack, "Unknown route type");
		return -EINVAL;
	}
	if (is_refusal(r->type) && (r->dev || toy_route_has_gateway(r))) {
		NL_SET_ERR_MSG(extack,
			       "This type of route has neither device nor gateway");
		return -EINVAL;
	}
	if (r->type != TOY_ROUTE_UNICAST && toy_route_has_gateway(r)) {
		NL_SET_ERR_MSG(extack, "Only a unicast route has a gateway");
		return -EINVAL;
	}
	if (r->hops && r->type != TOY_ROUTE_UNICAST) {
		NL_SET_ERR_MSG(extack,
			       "Only a unicast route has several next hops");
		return -EINVAL;
	}
	if (r->mtu && r->mtu < ROUTE_MTU_MIN) {
		NL_SET_ERR_MSG(extack, "MTU is below 68");
		return -EINVAL;
	}
	return 0;
}

/* Whoever has a link-local address is on the link, by definition (RFC 4291
 * 2.5.6); "onlink" says so of others.
 */
static int check_onlink(struct toy_net *tn, const struct in6_addr *gateway,
			const struct toy_dev *dev,
			struct netlink_ext_ack *extack)
{
	if (!dev) {
		NL_SET_ERR_MSG(extack, "Gateway needs a device");
		return -ENODEV;
	}
	if (toy_route_input(tn, dev, gateway) == TOY_ROUTE_UNICAST)
		return 0;
	NL_SET_ERR_MSG(extack, "Gateway is an address of this host or a group");
	return -EINVAL;
}

/* @dev is filled in where the gateway says which. */
static int check_gateway(struct toy_net *tn, const struct toy_route *r,
			 const struct in6_addr *gateway, struct toy_dev **dev,
			 struct netlink_ext_ack *extack)
{
	struct toy_fib_query q = {
		.daddr = *gateway,
		.oif = *dev ? (*dev)->ifindex : 0,
		.onlink = true,
	};
	const struct toy_route *via;
	struct toy_hop hop = {};

	if (toy_is_v4(gateway) != toy_is_v4(&r->dst)) {
		NL_SET_ERR_MSG(extack, "Gateway is of another IP version");
		return -EINVAL;
	}
	if (r->scope >= TOY_SCOPE_LINK) {
		NL_SET_ERR_MSG(extack, "Scope excludes a gateway");
		return -EINVAL;
	}

	if (ipv6_addr_type(gateway) & IPV6_ADDR_LINKLOCAL ||
	    r->m.flags & TOY_ROUTE_F_ONLINK)
		return check_onlink(tn, gateway, *dev, extack);
	rcu_read_lock();
	via = toy_fib_lookup(tn->fib, &q);
	if (via && !is_refusal(via->type) && toy_fib_hop(via, &q, &hop) &&
	    !*dev)
		*dev = hop.dev;		/* RTNL keeps it */
	rcu_read_unlock();

	if (!via || is_refusal(via->type)) {
		NL_SET_ERR_MSG(extack, "Gateway is not on-link");
		return -ENETUNREACH;
	}
	if (via->type != TOY_ROUTE_UNICAST || toy_addr_multicast(gateway)) {
		NL_SET_ERR_MSG(extack,
			       "Gateway is an address of this host or a group");
		return -EINVAL;
	}
	return 0;
}

static int check_dev(const struct toy_route *r, const struct toy_dev *dev,
		     struct netlink_ext_ack *extack)
{
	if (!dev) {
		NL_SET_ERR_MSG(extack, "Route needs a device");
		return -ENODEV;
	}
	/* Our own addresses stay ours while a device is down. */
	if (r->type != TOY_ROUTE_LOCAL && !toy_route_dev_up(dev)) {
		NL_SET_ERR_MSG(extack, "Device is down");
		return -ENETDOWN;
	}
	return 0;
}

static int check_hops(struct toy_net *tn, struct toy_route *r,
		      struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	if (r->hops->n < 2 || r->hops->n > TOY_HOPS_MAX) {
		NL_SET_ERR_MSG(extack, "Between 2 and 64 next hops");
		return -EINVAL;
	}
	for (i = 0; i < r->hops->n; i++) {
		struct toy_hop *hop = &r->hops->hop[i];

		if (hop->weight < 1 || hop->weight > 256) {
			NL_SET_ERR_MSG(extack, "Weight is not 1 to 256");
			return -EINVAL;
		}
		err = toy_addr_any(&hop->gateway) ? 0 :
		      check_gateway(tn, r, &hop->gateway, &hop->dev, extack);
		err = err ?: check_dev(r, hop->dev, extack);
		if (err)
			return err;
	}
	r->dev = r->hops->hop[0].dev;
	r->gateway = r->hops->hop[0].gateway;
	return 0;
}

static u8 default_scope(const struct toy_route *r)
{
	if (r->type == TOY_ROUTE_LOCAL)
		return TOY_SCOPE_HOST;
	if (is_refusal(r->type) || toy_route_has_gateway(r))
		return TOY_SCOPE_GLOBAL;
	return TOY_SCOPE_LINK;
}

static int check_prefsrc(struct toy_net *tn, const struct toy_route *r,
			 struct netlink_ext_ack *extack)
{
	if (toy_addr_any(&r->prefsrc))
		return 0;
	if (toy_is_v4(&r->prefsrc) == toy_is_v4(&r->dst) &&
	    toy_route_input(tn, NULL, &r->prefsrc) == TOY_ROUTE_LOCAL)
		return 0;
	NL_SET_ERR_MSG(extack, "Preferred source is not an address of this host");
	return -EINVAL;
}

/**
 * toy_route_check() - refuse a route that makes no sense, complete the others
 * @tn: network namespace
 * @r: route to be; @dev (and that of each of @hops) is borrowed and filled in
 *	when the gateway says which, @scope when it is 0 (global, the type's
 *	default); with @hops, @dev and @gateway become those of the first
 * @extack: says what is wrong
 *
 * Context: RTNL.
 * Return: 0, -EINVAL, -ENODEV, -ENETDOWN or -ENETUNREACH.
 */
int toy_route_check(struct toy_net *tn, struct toy_route *r,
		    struct netlink_ext_ack *extack)
{
	int err;

	err = check_prefix(r, extack) ?: check_type(r, extack);
	if (err)
		return err;
	if (r->hops)
		err = check_hops(tn, r, extack);
	else if (toy_route_has_gateway(r))
		err = check_gateway(tn, r, &r->gateway, &r->dev, extack);
	if (err)
		return err;
	if (!r->scope)
		r->scope = default_scope(r);
	if (r->scope > TOY_SCOPE_HOST) {
		NL_SET_ERR_MSG(extack, "Invalid scope");
		return -EINVAL;
	}
	if (!is_refusal(r->type)) {
		err = check_dev(r, r->dev, extack);
		if (err)
			return err;
	}
	return check_prefsrc(tn, r, extack);
}
