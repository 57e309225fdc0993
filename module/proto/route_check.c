// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which routes make sense, and what they leave to us.
 *
 *	type		device		gateway			scope
 *	unicast		deduced from	on-link, not ours	global with a
 *			the gateway				gateway, else link
 *	local		required	none			host
 *	broadcast	required	none			link
 *	multicast	required	none			link
 *	blackhole,	none		none			global
 *	unreachable,
 *	prohibit
 *
 * A gateway is on-link when a route without a gateway leads to it, over the
 * device that was asked for: whoever cannot be reached in one step cannot be
 * the next one. errno values are those of `ip route add`.
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
	if (r->mtu && r->mtu < ROUTE_MTU_MIN) {
		NL_SET_ERR_MSG(extack, "MTU is below 68");
		return -EINVAL;
	}
	return 0;
}

static int check_gateway(struct toy_net *tn, struct toy_route *r,
			 struct netlink_ext_ack *extack)
{
	struct toy_fib_query q = {
		.daddr = r->gateway,
		.oif = r->dev ? r->dev->ifindex : 0,
		.onlink = true,
	};
	const struct toy_route *via;

	if (toy_is_v4(&r->gateway) != toy_is_v4(&r->dst)) {
		NL_SET_ERR_MSG(extack, "Gateway is of another IP version");
		return -EINVAL;
	}
	if (r->scope >= TOY_SCOPE_LINK) {
		NL_SET_ERR_MSG(extack, "Scope excludes a gateway");
		return -EINVAL;
	}

	rcu_read_lock();
	via = toy_fib_lookup(tn->fib, &q);
	if (via && !r->dev)
		r->dev = via->dev;	/* RTNL keeps it */
	rcu_read_unlock();

	if (!via || is_refusal(via->type)) {
		NL_SET_ERR_MSG(extack, "Gateway is not on-link");
		return -ENETUNREACH;
	}
	if (via->type != TOY_ROUTE_UNICAST || toy_addr_multicast(&r->gateway)) {
		NL_SET_ERR_MSG(extack,
			       "Gateway is an address of this host or a group");
		return -EINVAL;
	}
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
 * @r: route to be; @dev is borrowed and filled in when the gateway says which,
 *	@scope when it is 0 (global, the type's default)
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
	if (toy_route_has_gateway(r)) {
		err = check_gateway(tn, r, extack);
		if (err)
			return err;
	}
	if (!r->scope)
		r->scope = default_scope(r);
	if (r->scope > TOY_SCOPE_HOST) {
		NL_SET_ERR_MSG(extack, "Invalid scope");
		return -EINVAL;
	}
	if (!is_refusal(r->type)) {
		if (!r->dev) {
			NL_SET_ERR_MSG(extack, "Route needs a device");
			return -ENODEV;
		}
		/* Our own addresses stay ours while a device is down. */
		if (r->type != TOY_ROUTE_LOCAL && !toy_route_dev_up(r->dev)) {
			NL_SET_ERR_MSG(extack, "Device is down");
			return -ENETDOWN;
		}
	}
	return check_prefsrc(tn, r, extack);
}
