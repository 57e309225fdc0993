// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: what IPv6 routers advertise. */
#include <linux/rtnetlink.h>

#include "genl.h"
#include "../proto/addr.h"
#include "../proto/ra.h"

const struct nla_policy toy_ra_policy[TOY_RA_A_MAX + 1] = {
	[TOY_RA_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
};

/* What a router says about the link stands with the link. */
static int toy_genl_ra_fill_link(struct sk_buff *skb,
				 const struct toy_nd_link *nd)
{
	return nla_put_u32(skb, TOY_RA_A_MTU, READ_ONCE(nd->mtu)) ?:
	       nla_put_u8(skb, TOY_RA_A_HOP_LIMIT, READ_ONCE(nd->hop_limit)) ?:
	       nla_put_u32(skb, TOY_RA_A_REACHABLE_MS, nd->reachable_ms) ?:
	       nla_put_u32(skb, TOY_RA_A_RETRANS_MS, READ_ONCE(nd->retrans_ms));
}

static int toy_genl_ra_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_ra_item *it = object;
	int err;

	err = nla_put_u8(skb, TOY_RA_A_KIND, it->kind) ?:
	      nla_put_u32(skb, TOY_RA_A_IFINDEX, it->dev->ifindex) ?:
	      toy_put_addr(skb, TOY_RA_A_FROM, &it->from) ?:
	      nla_put_u32(skb, TOY_RA_A_LIFETIME,
			  toy_addr_life_left(it->until)) ?:
	      nla_put_u32(skb, TOY_RA_A_FLAGS, it->flags);
	if (!err && it->kind == TOY_RA_SEARCH)
		err = nla_put_string(skb, TOY_RA_A_NAME, it->name);
	else if (!err)
		err = toy_put_addr(skb, TOY_RA_A_ADDR, &it->addr);
	if (!err && (it->kind == TOY_RA_PREFIX || it->kind == TOY_RA_ROUTE))
		err = nla_put_u8(skb, TOY_RA_A_PLEN, it->plen);
	if (!err && (it->kind == TOY_RA_ROUTER || it->kind == TOY_RA_ROUTE))
		err = nla_put_s32(skb, TOY_RA_A_PREFERENCE, it->preference);
	if (!err && it->kind == TOY_RA_ROUTER)
		err = toy_genl_ra_fill_link(skb, &it->dev->nd);
	return err;
}

struct toy_ra_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int ifindex;
	long index;
};

static int toy_genl_ra_show(const struct toy_ra_item *it, void *arg)
{
	struct toy_ra_dump *dump = arg;
	int err;

	if (dump->index >= dump->cb->args[0] &&
	    (!dump->ifindex || it->dev->ifindex == dump->ifindex)) {
		err = toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_RA_GET,
					toy_genl_ra_fill, it);
		if (err)
			return err;
	}
	dump->index++;
	return 0;
}

/**
 * toy_genl_ra_dump() - TOY_CMD_RA_GET
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_ra_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_ra_dump dump = {
		.skb = skb,
		.cb = cb,
		.ifindex = toy_genl_dump_ifindex(cb, TOY_RA_A_IFINDEX),
	};
	int err;

	rtnl_lock();
	err = toy_ra_walk(toy_genl_dump_net(cb), toy_genl_ra_show, &dump);
	rtnl_unlock();
	cb->args[0] = dump.index;
	return toy_genl_dump_end(skb, err);
}
