// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: where would a packet go, and what has ICMP told about the
 * way there?
 */
#include "genl.h"
#include "../proto/exception.h"
#include "../proto/route.h"

/* ---- where would it go? ---------------------------------------------- */

struct toy_path_answer {
	struct toy_path path;
	u32 mark;
};

/* Less than the device could carry, or the answer says nothing. */
static u32 toy_path_mtu(const struct toy_path *path)
{
	return path->mtu < READ_ONCE(path->dev->mtu) ? path->mtu : 0;
}

/* The answer names one destination, as a route to it alone. */
static int toy_genl_path_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_path_answer *a = object;
	const struct toy_path *path = &a->path;

	return toy_put_addr(skb, TOY_ROUTE_A_DST, &path->daddr) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_PLEN, 128) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_TYPE, path->type) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_MTU, toy_path_mtu(path)) ?:
	       toy_metrics_fill(skb, &path->m) ?:
	       (path->until ? nla_put_flag(skb, TOY_ROUTE_A_CACHE) : 0) ?:
	       toy_expires_fill(skb, path->until) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_MARK, a->mark) ?:
	       nla_put_u32(skb, TOY_ROUTE_A_IFINDEX, path->dev->ifindex) ?:
	       (toy_addr_any(&path->nexthop) ||
		ipv6_addr_equal(&path->nexthop, &path->daddr) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_GATEWAY, &path->nexthop)) ?:
	       (toy_addr_any(&path->saddr) ? 0 :
		toy_put_addr(skb, TOY_ROUTE_A_PREFSRC, &path->saddr));
}

static int toy_genl_path_answer(struct genl_info *info,
				const struct toy_path_answer *a)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int err;

	if (!skb)
		return -ENOMEM;
	err = toy_genl_put(skb, info->snd_portid, info->snd_seq,
			   TOY_CMD_ROUTE_GET, toy_genl_path_fill, a);
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
 * @info: its attributes: DST; SRC, IFINDEX of the device that must be used,
 *	MARK, by which no route is chosen
 *
 * Return: 0 or the errno that a sender would get.
 */
int toy_genl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_path_answer a = {
		.mark = toy_nla_u32(info->attrs[TOY_ROUTE_A_MARK]),
	};
	struct toy_flow flow = {};
	int err;

	if (toy_genl_missing(info, TOY_ROUTE_A_DST, "destination is missing"))
		return -EINVAL;
	flow.daddr = toy_nla_addr(info->attrs[TOY_ROUTE_A_DST]);
	flow.saddr = toy_nla_addr(info->attrs[TOY_ROUTE_A_SRC]);
	flow.oif = toy_nla_u32(info->attrs[TOY_ROUTE_A_IFINDEX]);

	err = toy_path_lookup(toy_genl_net(info), &flow, &a.path);
	if (err) {
		toy_genl_path_explain(info, err);
		return err;
	}
	err = toy_genl_path_answer(info, &a);
	toy_path_reset(&a.path);
	return err;
}

/* ---- what ICMP told --------------------------------------------------- */

static int toy_genl_exc_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_exc *e = object;
	unsigned long now = jiffies;
	bool mtu = toy_exc_mtu_holds(e, now), gw = toy_exc_gw_holds(e, now);
	unsigned long until = mtu ? e->mtu_until : e->gw_until;

	return toy_put_addr(skb, TOY_ROUTE_A_DST, &e->daddr) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_PLEN, 128) ?:
	       nla_put_u8(skb, TOY_ROUTE_A_TYPE, TOY_ROUTE_UNICAST) ?:
	       nla_put_flag(skb, TOY_ROUTE_A_CACHE) ?:
	       toy_expires_fill(skb, until) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_MTU, mtu ? e->mtu : 0) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_FLAGS, mtu && e->mtu_locked ?
			   TOY_ROUTE_F_LOCK_MTU : 0) ?:
	       toy_put_u32(skb, TOY_ROUTE_A_IFINDEX, gw ? e->ifindex : 0) ?:
	       (gw && !ipv6_addr_equal(&e->gateway, &e->daddr) ?
		toy_put_addr(skb, TOY_ROUTE_A_GATEWAY, &e->gateway) : 0);
}

struct toy_exc_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int toy_genl_exc_show(const struct toy_exc *e, void *arg)
{
	struct toy_exc_dump *dump = arg;

	return toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_ROUTE_GET,
				 toy_genl_exc_fill, e);
}

/**
 * toy_genl_cache_dump() - TOY_CMD_ROUTE_GET with NLM_F_DUMP and CACHE
 * @skb: message buffer
 * @cb: the dump
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_cache_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_exc_cursor *cursor = (void *)cb->ctx;
	struct toy_exc_dump dump = { .skb = skb, .cb = cb };
	struct toy_net *tn = toy_genl_dump_net(cb);

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));
	return toy_genl_dump_end(skb, toy_exc_walk(tn->exc, cursor,
						   toy_genl_exc_show, &dump));
}

/**
 * toy_genl_route_flush() - TOY_CMD_ROUTE_FLUSH: forget what ICMP told
 * @skb: request
 * @info: nothing
 *
 * Return: 0.
 */
int toy_genl_route_flush(struct sk_buff *skb, struct genl_info *info)
{
	toy_exc_flush(toy_genl_net(info)->exc);
	return 0;
}
