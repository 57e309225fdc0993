// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: routes.
 *
 * NLM_F_REPLACE and NLM_F_APPEND mean what they mean to rtnetlink: take the
 * place of the route with the same prefix and metric, or stand behind it.
 * Without them an equal route is refused with EEXIST.
 */
#include <linux/rtnetlink.h>

#include <linux/slab.h>

#include "genl.h"
#include "../proto/hops.h"
#include "../proto/ip.h"
#include "../proto/route.h"

#define ROUTE_FLAGS	(TOY_ROUTE_F_LOCK_MTU | TOY_ROUTE_F_ECN | \
			 TOY_ROUTE_F_ONLINK)

static struct netlink_range_validation toy_u16_range = {
	.max = U16_MAX,
};

static const struct nla_policy toy_nexthop_policy[TOY_NEXTHOP_A_MAX + 1] = {
	[TOY_NEXTHOP_A_GATEWAY]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_NEXTHOP_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_NEXTHOP_A_WEIGHT]	= NLA_POLICY_RANGE(NLA_U32, 1, 256),
};

const struct nla_policy toy_route_policy[TOY_ROUTE_A_MAX + 1] = {
	[TOY_ROUTE_A_DST]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ROUTE_A_PLEN]	= NLA_POLICY_MAX(NLA_U8, 128),
	[TOY_ROUTE_A_GATEWAY]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ROUTE_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_ROUTE_A_PREFSRC]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ROUTE_A_METRIC]	= { .type = NLA_U32 },
	[TOY_ROUTE_A_MTU]	= { .type = NLA_U32 },
	[TOY_ROUTE_A_TYPE]	= NLA_POLICY_MAX(NLA_U8, TOY_ROUTE_PROHIBIT),
	[TOY_ROUTE_A_SCOPE]	= { .type = NLA_U8 },
	[TOY_ROUTE_A_SRC]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ROUTE_A_ALL]	= { .type = NLA_FLAG },
	[TOY_ROUTE_A_NEXTHOP]	= NLA_POLICY_NESTED(toy_nexthop_policy),
	[TOY_ROUTE_A_WINDOW]	= { .type = NLA_U32 },
	[TOY_ROUTE_A_ADVMSS]	= NLA_POLICY_FULL_RANGE(NLA_U32, &toy_u16_range),
	[TOY_ROUTE_A_INITCWND]	= NLA_POLICY_FULL_RANGE(NLA_U32, &toy_u16_range),
	[TOY_ROUTE_A_INITRWND]	= NLA_POLICY_FULL_RANGE(NLA_U32, &toy_u16_range),
	[TOY_ROUTE_A_HOPLIMIT]	= NLA_POLICY_MAX(NLA_U32, 255),
	[TOY_ROUTE_A_FLAGS]	= NLA_POLICY_MASK(NLA_U32, ROUTE_FLAGS),
	[TOY_ROUTE_A_EXPIRES_MS] = NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_ROUTE_A_CACHE]	= { .type = NLA_FLAG },
	[TOY_ROUTE_A_MARK]	= { .type = NLA_U32 },
};

static unsigned long jiffies_after(const struct nlattr *ms)
{
	return (jiffies + msecs_to_jiffies(nla_get_u32(ms))) ?: 1;
}

/* What a request says, but for its device. */
static int toy_route_read(struct genl_info *info, struct toy_route *r)
{
	struct nlattr **a = info->attrs;

	if (toy_genl_missing(info, TOY_ROUTE_A_DST, "destination is missing"))
		return -EINVAL;
	memset(r, 0, sizeof(*r));
	r->dst = toy_nla_addr(a[TOY_ROUTE_A_DST]);
	if (!toy_ip_ops_of(&r->dst)) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[TOY_ROUTE_A_DST],
				    "no such IP version: only IPv4 is there");
		return -EAFNOSUPPORT;
	}
	r->plen = a[TOY_ROUTE_A_PLEN] ? nla_get_u8(a[TOY_ROUTE_A_PLEN]) : 128;
	r->gateway = toy_nla_addr(a[TOY_ROUTE_A_GATEWAY]);
	r->prefsrc = toy_nla_addr(a[TOY_ROUTE_A_PREFSRC]);
	r->metric = toy_nla_u32(a[TOY_ROUTE_A_METRIC]);
	r->mtu = toy_nla_u32(a[TOY_ROUTE_A_MTU]);
	r->m = (struct toy_metrics) {
		.window = toy_nla_u32(a[TOY_ROUTE_A_WINDOW]),
		.advmss = toy_nla_u32(a[TOY_ROUTE_A_ADVMSS]),
		.initcwnd = toy_nla_u32(a[TOY_ROUTE_A_INITCWND]),
		.initrwnd = toy_nla_u32(a[TOY_ROUTE_A_INITRWND]),
		.hoplimit = toy_nla_u32(a[TOY_ROUTE_A_HOPLIMIT]),
		.flags = toy_nla_u32(a[TOY_ROUTE_A_FLAGS]),
	};
	if (a[TOY_ROUTE_A_EXPIRES_MS])
		r->expires = jiffies_after(a[TOY_ROUTE_A_EXPIRES_MS]);
	r->origin = TOY_ORIGIN_STATIC;
	r->type = a[TOY_ROUTE_A_TYPE] ? nla_get_u8(a[TOY_ROUTE_A_TYPE]) :
					TOY_ROUTE_UNICAST;
	/* 0, global, leaves the choice to the type of route. */
	r->scope = a[TOY_ROUTE_A_SCOPE] ? nla_get_u8(a[TOY_ROUTE_A_SCOPE]) : 0;
	return 0;
}

static int toy_hop_read(struct genl_info *info, const struct nlattr *nla,
			struct toy_hop *hop)
{
	struct nlattr *a[TOY_NEXTHOP_A_MAX + 1];
	int err;

	err = nla_parse_nested(a, TOY_NEXTHOP_A_MAX, nla, toy_nexthop_policy,
			       info->extack);
	if (err)
		return err;
	hop->gateway = toy_nla_addr(a[TOY_NEXTHOP_A_GATEWAY]);
	hop->weight = toy_nla_u32(a[TOY_NEXTHOP_A_WEIGHT]) ?: 1;
	if (!a[TOY_NEXTHOP_A_IFINDEX])
		return 0;
	hop->dev = toy_dev_find(toy_genl_net(info),
				nla_get_u32(a[TOY_NEXTHOP_A_IFINDEX]));
	if (hop->dev)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, a[TOY_NEXTHOP_A_IFINDEX],
			    "device is not attached to AF_TOY");
	return -ENODEV;
}

/* RTNL. One next hop is a plain route; of several, r->hops is the caller's. */
static int toy_route_read_hops(struct genl_info *info, struct toy_route *r)
{
	struct toy_hops *hops;
	struct nlattr *nla;
	int rem, err = 0;

	hops = kzalloc(sizeof(*hops) + TOY_HOPS_MAX * sizeof(hops->hop[0]),
		       GFP_KERNEL);
	if (!hops)
		return -ENOMEM;
	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nla) != TOY_ROUTE_A_NEXTHOP)
			continue;
		err = -E2BIG;
		if (hops->n < TOY_HOPS_MAX)
			err = toy_hop_read(info, nla, &hops->hop[hops->n++]);
		if (err)
			break;
	}
	if (err || hops->n < 2) {
		if (!err) {
			r->dev = hops->hop[0].dev;
			r->gateway = hops->hop[0].gateway;
		}
		kfree(hops);
		return err;
	}
	r->hops = hops;
	return 0;
}

/* RTNL. Without a device, toy_route_add() finds that of the gateway. */
static int toy_route_read_dev(struct genl_info *info, struct toy_route *r)
{
	struct toy_dev *dev;

	if (info->attrs[TOY_ROUTE_A_NEXTHOP])
		return toy_route_read_hops(info, r);
	if (!info->attrs[TOY_ROUTE_A_IFINDEX])
		return 0;
	dev = toy_genl_dev(info, TOY_ROUTE_A_IFINDEX);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	r->dev = dev;
	return 0;
}

/**
 * toy_genl_route_add() - TOY_CMD_ROUTE_ADD
 * @skb: request
 * @info: its attributes: DST; PLEN, GATEWAY, IFINDEX, PREFSRC, METRIC, MTU,
 *	TYPE, SCOPE, WINDOW and other metrics, FLAGS, EXPIRES_MS; NEXTHOP, each
 *	with GATEWAY, IFINDEX and WEIGHT
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_route_add(struct sk_buff *skb, struct genl_info *info)
{
	u16 nl_flags = info->nlhdr->nlmsg_flags;
	unsigned int flags = 0;
	struct toy_route r;
	int err;

	err = toy_route_read(info, &r);
	if (err)
		return err;
	if (nl_flags & NLM_F_REPLACE)
		flags |= TOY_ROUTE_REPLACE;
	if (nl_flags & NLM_F_APPEND)
		flags |= TOY_ROUTE_APPEND;

	rtnl_lock();
	err = toy_route_read_dev(info, &r);
	if (!err)
		err = toy_route_add(toy_genl_net(info), &r, flags,
				    info->extack);
	rtnl_unlock();
	kfree(r.hops);
	return err;
}

/**
 * toy_genl_route_del() - TOY_CMD_ROUTE_DEL
 * @skb: request
 * @info: its attributes: DST; PLEN, GATEWAY, IFINDEX, METRIC, PREFSRC, TYPE. The
 *	first route that has all of them goes.
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_route r;
	int err;

	err = toy_route_read(info, &r);
	if (err)
		return err;
	rtnl_lock();
	err = toy_route_read_dev(info, &r);
	if (!err)
		err = toy_route_del(toy_genl_net(info), &r,
				    !info->attrs[TOY_ROUTE_A_METRIC],
				    info->extack);
	rtnl_unlock();
	kfree(r.hops);
	return err;
}

/* ---- what is there --------------------------------------------------- */

static int toy_hop_fill(struct sk_buff *skb, const struct toy_hop *hop)
{
	struct nlattr *nest = nla_nest_start(skb, TOY_ROUTE_A_NEXTHOP);

	if (!nest ||
	    nla_put_u32(skb, TOY_NEXTHOP_A_IFINDEX, hop->dev->ifindex) ||
	    nla_put_u32(skb, TOY_NEXTHOP_A_WEIGHT, hop->weight) ||
	    (!toy_addr_any(&hop->gateway) &&
	     toy_put_addr(skb, TOY_NEXTHOP_A_GATEWAY, &hop->gateway)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One way or several. */
static int toy_hops_fill(struct sk_buff *skb, const struct toy_route *r)
{
	unsigned int i;
	int err = 0;

	if (!r->hops)
		return toy_put_u32(skb, TOY_ROUTE_A_IFINDEX,
				   r->dev ? r->dev->ifindex : 0) ?:
		       (ipv6_addr_any(&r->gateway) ? 0 :
			toy_put_addr(skb, TOY_ROUTE_A_GATEWAY, &r->gateway));
	for (i = 0; i < r->hops->n && !err; i++)
		err = toy_hop_fill(skb, &r->hops->hop[i]);
	return err;
}

/**
 * toy_metrics_fill() - attributes of what a route knows of the way
 * @skb: message buffer, borrowed
 * @m: metrics
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_metrics_fill(struct sk_buff *skb, const struct toy_metrics *m)
{
	return toy_put_u32(skb, TOY_ROUTE_A_WINDOW, m->window) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_ADVMSS, m->advmss) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_INITCWND, m->initcwnd) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_INITRWND, m->initrwnd) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_HOPLIMIT, m->hoplimit) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_FLAGS, m->flags);
}

/**
 * toy_expires_fill() - how long something still holds
 * @skb: message buffer, borrowed
 * @expires: jiffies; 0: for ever
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_expires_fill(struct sk_buff *skb, unsigned long expires)
{
	long left = expires - jiffies;

	return expires ? nla_put_u32(skb, TOY_ROUTE_A_EXPIRES_MS,
				     left > 0 ? jiffies_to_msecs(left) : 0) : 0;
}

/**
 * toy_genl_route_fill() - attributes of a route
 * @skb: message buffer, borrowed
 * @object: struct toy_route
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_route_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_route *r = object;

	return toy_put_addr(skb, TOY_ROUTE_A_DST, &r->dst) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_PLEN, r->plen) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_TYPE, r->type) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_ORIGIN, r->origin) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_SCOPE, r->scope) ?:
	       nla_put_u32(skb, TOY_ROUTE_A_METRIC, r->metric) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_MTU, r->mtu) ?:
	       toy_metrics_fill(skb, &r->m) ?:
	       toy_expires_fill(skb, READ_ONCE(r->expires)) ?:
	       toy_hops_fill(skb, r) ?:
	       (ipv6_addr_any(&r->prefsrc) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_PREFSRC, &r->prefsrc));
}

struct toy_route_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int ifindex;
	bool all;
};

static bool toy_route_uses(const struct toy_route *r, int ifindex)
{
	unsigned int i;

	if (!r->hops)
		return r->dev && r->dev->ifindex == ifindex;
	for (i = 0; i < r->hops->n; i++)
		if (r->hops->hop[i].dev->ifindex == ifindex)
			return true;
	return false;
}

static int toy_genl_route_show(const struct toy_route *r, void *arg)
{
	struct toy_route_dump *dump = arg;

	if (!dump->all && (r->type == TOY_ROUTE_LOCAL ||
			   r->type == TOY_ROUTE_BROADCAST))
		return 0;
	if (dump->ifindex && !toy_route_uses(r, dump->ifindex))
		return 0;
	return toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_ROUTE_GET,
				 toy_genl_route_fill, r);
}

/**
 * toy_genl_route_dump() - TOY_CMD_ROUTE_GET with NLM_F_DUMP
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device, ALL shows the routes of
 *	local and broadcast addresses too, CACHE what ICMP told instead
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_route_cursor *cursor = (void *)cb->ctx;
	struct nlattr **attrs = toy_genl_dump_attrs(cb);
	struct toy_route_dump dump = {
		.skb = skb,
		.cb = cb,
		.ifindex = toy_genl_dump_ifindex(cb, TOY_ROUTE_A_IFINDEX),
		.all = attrs && attrs[TOY_ROUTE_A_ALL],
	};
	struct toy_net *tn = toy_genl_dump_net(cb);
	int err;

	if (attrs && attrs[TOY_ROUTE_A_CACHE])
		return toy_genl_cache_dump(skb, cb);
	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));

	/* No generation: whatever changes, the others are shown once. */
	err = toy_route_walk(tn, cursor, toy_genl_route_show, &dump);
	return toy_genl_dump_end(skb, err);
}
