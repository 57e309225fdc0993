// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: routes.
 *
 * NLM_F_REPLACE and NLM_F_APPEND mean what they mean to rtnetlink: take the
 * place of the route with the same prefix and metric, or stand behind it.
 * Without them an equal route is refused with EEXIST.
 */
#include <linux/rtnetlink.h>

#include "genl.h"
#include "../proto/ip.h"
#include "../proto/route.h"

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
};

static u32 toy_nla_u32(const struct nlattr *nla)
{
	return nla ? nla_get_u32(nla) : 0;
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
	r->type = a[TOY_ROUTE_A_TYPE] ? nla_get_u8(a[TOY_ROUTE_A_TYPE]) :
					TOY_ROUTE_UNICAST;
	/* 0, global, leaves the choice to the type of route. */
	r->scope = a[TOY_ROUTE_A_SCOPE] ? nla_get_u8(a[TOY_ROUTE_A_SCOPE]) : 0;
	return 0;
}

/* RTNL. Without a device, toy_route_add() finds that of the gateway. */
static int toy_route_read_dev(struct genl_info *info, struct toy_route *r)
{
	struct toy_dev *dev;

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
 *	TYPE, SCOPE
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
	return err;
}

/* ---- what is there --------------------------------------------------- */

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
	       (r->mtu ? nla_put_u32(skb, TOY_ROUTE_A_MTU, r->mtu) : 0) ?:
	       (r->dev ? nla_put_u32(skb, TOY_ROUTE_A_IFINDEX,
				     r->dev->ifindex) : 0) ?:
	       (ipv6_addr_any(&r->gateway) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_GATEWAY, &r->gateway)) ?:
	       (ipv6_addr_any(&r->prefsrc) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_PREFSRC, &r->prefsrc));
}

struct toy_route_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int ifindex;
	bool all;
};

static int toy_genl_route_show(const struct toy_route *r, void *arg)
{
	struct toy_route_dump *dump = arg;

	if (!dump->all && (r->type == TOY_ROUTE_LOCAL ||
			   r->type == TOY_ROUTE_BROADCAST))
		return 0;
	if (dump->ifindex && (!r->dev || r->dev->ifindex != dump->ifindex))
		return 0;
	return toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_ROUTE_GET,
				 toy_genl_route_fill, r);
}

/**
 * toy_genl_route_dump() - TOY_CMD_ROUTE_GET with NLM_F_DUMP
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device, ALL shows the routes of
 *	local and broadcast addresses too
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

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));

	/* No generation: whatever changes, the others are shown once. */
	err = toy_route_walk(tn, cursor, toy_genl_route_show, &dump);
	return toy_genl_dump_end(skb, err);
}

/* ---- where would it go? ---------------------------------------------- */

/* The answer names one destination, as a route to it alone. */
static int toy_genl_path_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_path *path = object;

	return toy_put_addr(skb, TOY_ROUTE_A_DST, &path->daddr) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_PLEN, 128) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_TYPE, path->type) ?:
	       nla_put_u32(skb, TOY_ROUTE_A_MTU, path->mtu) ?:
	       (path->dev ? nla_put_u32(skb, TOY_ROUTE_A_IFINDEX,
					path->dev->ifindex) : 0) ?:
	       (toy_addr_any(&path->nexthop) ||
		ipv6_addr_equal(&path->nexthop, &path->daddr) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_GATEWAY, &path->nexthop)) ?:
	       (toy_addr_any(&path->saddr) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_PREFSRC, &path->saddr));
}

static int toy_genl_path_answer(struct genl_info *info,
				const struct toy_path *path)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int err;

	if (!skb)
		return -ENOMEM;
	err = toy_genl_put(skb, info->snd_portid, info->snd_seq,
			   TOY_CMD_ROUTE_GET, toy_genl_path_fill, path);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return genlmsg_reply(skb, info);
}

/* The errno of toy_path_lookup() has several causes; the request tells which. */
static void toy_genl_path_explain(struct genl_info *info, int err)
{
	if (err == -ENODEV)
		GENL_SET_ERR_MSG(info, "device is not attached to AF_TOY");
	else if (err == -EACCES)
		GENL_SET_ERR_MSG(info, "route is prohibited");
	else if (err == -EHOSTUNREACH)
		GENL_SET_ERR_MSG(info, "route is unreachable");
	else if (err == -EINVAL)
		GENL_SET_ERR_MSG(info,
				 "blackhole, or an address that no packet may have");
	else if (err == -ENETUNREACH && info->attrs[TOY_ROUTE_A_SRC])
		GENL_SET_ERR_MSG(info, "no route, or the source is not ours");
	else if (err == -ENETUNREACH)
		GENL_SET_ERR_MSG(info, "no route to the destination");
	else if (err == -EADDRNOTAVAIL)
		GENL_SET_ERR_MSG(info, "no source address for the destination");
}

/**
 * toy_genl_route_get() - TOY_CMD_ROUTE_GET: which way would a packet take?
 * @skb: request
 * @info: its attributes: DST; SRC, IFINDEX of the device that must be used
 *
 * Return: 0 or the errno that a sender would get.
 */
int toy_genl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_flow flow = {};
	struct toy_path path = {};
	int err;

	if (toy_genl_missing(info, TOY_ROUTE_A_DST, "destination is missing"))
		return -EINVAL;
	flow.daddr = toy_nla_addr(info->attrs[TOY_ROUTE_A_DST]);
	flow.saddr = toy_nla_addr(info->attrs[TOY_ROUTE_A_SRC]);
	flow.oif = toy_nla_u32(info->attrs[TOY_ROUTE_A_IFINDEX]);

	err = toy_path_lookup(toy_genl_net(info), &flow, &path);
	if (err) {
		toy_genl_path_explain(info, err);
		return err;
	}
	err = toy_genl_path_answer(info, &path);
	toy_path_reset(&path);
	return err;
}
