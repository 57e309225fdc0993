// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: addresses. */
#include <linux/rtnetlink.h>

#include "genl.h"
#include "../proto/addr.h"
#include "../proto/ip.h"

const struct nla_policy toy_addr_policy[TOY_ADDR_A_MAX + 1] = {
	[TOY_ADDR_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_ADDR_A_ADDR]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ADDR_A_PLEN]	= NLA_POLICY_MAX(NLA_U8, 128),
	[TOY_ADDR_A_SCOPE]	= { .type = NLA_U8 },
	/* The other flags are states, which nobody sets from outside. */
	[TOY_ADDR_A_FLAGS]	= NLA_POLICY_MASK(NLA_U32, TOY_ADDR_F_ASKED),
	[TOY_ADDR_A_BROADCAST]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_ADDR_A_PREFERENCE]	= { .type = NLA_S32 },
	[TOY_ADDR_A_VALID_LFT]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_ADDR_A_PREFERRED_LFT] = { .type = NLA_U32 },
};

/* RFC 4862 5.5.4: one alone means the other as well. */
static int toy_addr_lifetime_read(struct genl_info *info,
				  struct toy_addr_config *cfg)
{
	struct nlattr **a = info->attrs;

	cfg->has_lifetime = a[TOY_ADDR_A_VALID_LFT] ||
			    a[TOY_ADDR_A_PREFERRED_LFT];
	cfg->valid_lft = a[TOY_ADDR_A_VALID_LFT] ?
			 nla_get_u32(a[TOY_ADDR_A_VALID_LFT]) :
			 TOY_ADDR_FOREVER;
	cfg->preferred_lft = a[TOY_ADDR_A_PREFERRED_LFT] ?
			     nla_get_u32(a[TOY_ADDR_A_PREFERRED_LFT]) :
			     cfg->valid_lft;
	if (cfg->preferred_lft <= cfg->valid_lft)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, a[TOY_ADDR_A_PREFERRED_LFT],
			    "preferred for longer than it is valid");
	return -EINVAL;
}

static int toy_addr_config_read(struct genl_info *info,
				struct toy_addr_config *cfg)
{
	struct nlattr **a = info->attrs;

	if (toy_genl_missing(info, TOY_ADDR_A_ADDR, "address is missing"))
		return -EINVAL;
	memset(cfg, 0, sizeof(*cfg));
	cfg->addr = toy_nla_addr(a[TOY_ADDR_A_ADDR]);
	if (!toy_ip_ops_of(&cfg->addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[TOY_ADDR_A_ADDR],
				    "no such IP version: only IPv4 is there");
		return -EAFNOSUPPORT;
	}
	cfg->plen = a[TOY_ADDR_A_PLEN] ? nla_get_u8(a[TOY_ADDR_A_PLEN]) : 128;
	if (toy_is_v4(&cfg->addr) && cfg->plen < 96) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[TOY_ADDR_A_PLEN],
				    "prefix of an IPv4 address is below 96");
		return -EINVAL;
	}
	if (a[TOY_ADDR_A_BROADCAST]) {
		cfg->broadcast = toy_nla_addr(a[TOY_ADDR_A_BROADCAST]);
		cfg->has_broadcast = true;
	}
	if (a[TOY_ADDR_A_SCOPE]) {
		cfg->scope = nla_get_u8(a[TOY_ADDR_A_SCOPE]);
		cfg->has_scope = true;
	}
	if (a[TOY_ADDR_A_FLAGS])
		cfg->flags = nla_get_u32(a[TOY_ADDR_A_FLAGS]);
	if (a[TOY_ADDR_A_PREFERENCE])
		cfg->preference = nla_get_s32(a[TOY_ADDR_A_PREFERENCE]);
	return toy_addr_lifetime_read(info, cfg);
}

/* Is what was asked for there already? What was left open does not count. */
static bool toy_addr_same(const struct toy_addr *a,
			  const struct toy_addr_config *cfg)
{
	return (a->flags & TOY_ADDR_F_ASKED) == cfg->flags &&
	       a->preference == cfg->preference &&
	       (!cfg->has_scope || a->scope == cfg->scope) &&
	       (!cfg->has_broadcast ||
		ipv6_addr_equal(&a->broadcast, &cfg->broadcast));
}

/* NLM_F_REPLACE: as it is, as it should be, or not there yet. RTNL. */
static int toy_addr_replace(struct toy_dev *dev,
			    const struct toy_addr_config *cfg,
			    struct netlink_ext_ack *extack)
{
	struct toy_addr *a = toy_addr_find(dev->tn, dev, &cfg->addr);
	bool there = a && a->plen == cfg->plen;
	int err;

	/* New lifetimes alone disturb nobody who uses it. */
	if (there && toy_addr_same(a, cfg)) {
		toy_addr_life_set(a, cfg->valid_lft, cfg->preferred_lft);
		return 0;
	}
	if (there) {
		err = toy_addr_del(dev, &cfg->addr, cfg->plen, extack);
		if (err)
			return err;
	}
	return toy_addr_add(dev, cfg, extack);
}

/**
 * toy_genl_addr_add() - TOY_CMD_ADDR_ADD
 * @skb: request
 * @info: its attributes: IFINDEX, ADDR; PLEN, SCOPE, FLAGS, BROADCAST,
 *	PREFERENCE, VALID_LFT, PREFERRED_LFT; NLM_F_REPLACE takes the place of the same address
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_addr_add(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_addr_config cfg;
	struct toy_dev *dev;
	int err;

	err = toy_addr_config_read(info, &cfg);
	if (err)
		return err;
	rtnl_lock();
	dev = toy_genl_dev(info, TOY_ADDR_A_IFINDEX);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else if (info->nlhdr->nlmsg_flags & NLM_F_REPLACE)
		err = toy_addr_replace(dev, &cfg, info->extack);
	else
		err = toy_addr_add(dev, &cfg, info->extack);
	rtnl_unlock();
	return err;
}

/**
 * toy_genl_addr_del() - TOY_CMD_ADDR_DEL
 * @skb: request
 * @info: its attributes: IFINDEX, ADDR; PLEN, without which the address is
 *	found whatever its prefix
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_addr_del(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_addr_config cfg;
	const struct toy_addr *a;
	struct toy_dev *dev;
	int err;

	err = toy_addr_config_read(info, &cfg);
	if (err)
		return err;
	rtnl_lock();
	dev = toy_genl_dev(info, TOY_ADDR_A_IFINDEX);
	err = PTR_ERR_OR_ZERO(dev);
	if (err)
		goto unlock;
	if (!info->attrs[TOY_ADDR_A_PLEN]) {
		rcu_read_lock();
		a = toy_addr_find(dev->tn, dev, &cfg.addr);
		if (a)
			cfg.plen = a->plen;
		rcu_read_unlock();
	}
	err = toy_addr_del(dev, &cfg.addr, cfg.plen, info->extack);
unlock:
	rtnl_unlock();
	return err;
}

/**
 * toy_genl_addr_fill() - attributes of an address
 * @skb: message buffer, borrowed
 * @object: struct toy_addr
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_addr_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_addr *a = object;

	return nla_put_u32(skb, TOY_ADDR_A_IFINDEX, a->dev->ifindex) ?:
	       toy_put_addr(skb, TOY_ADDR_A_ADDR, &a->addr) ?:
	       nla_put_u8(skb, TOY_ADDR_A_PLEN, a->plen) ?:
	       nla_put_u8(skb, TOY_ADDR_A_SCOPE, a->scope) ?:
	       nla_put_u32(skb, TOY_ADDR_A_FLAGS, READ_ONCE(a->flags)) ?:
	       nla_put_s32(skb, TOY_ADDR_A_PREFERENCE, a->preference) ?:
	       nla_put_u32(skb, TOY_ADDR_A_VALID_LFT,
			   toy_addr_life_left(READ_ONCE(a->valid_until))) ?:
	       nla_put_u32(skb, TOY_ADDR_A_PREFERRED_LFT,
			   toy_addr_life_left(READ_ONCE(a->preferred_until))) ?:
	       (toy_addr_any(&a->broadcast) ? 0 :
		toy_put_addr(skb, TOY_ADDR_A_BROADCAST, &a->broadcast));
}

struct toy_addr_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int ifindex;
	long index;
};

static int toy_genl_addr_show(const struct toy_addr *a, void *arg)
{
	struct toy_addr_dump *dump = arg;
	int err;

	if (dump->index >= dump->cb->args[0] &&
	    (!dump->ifindex || a->dev->ifindex == dump->ifindex)) {
		err = toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_ADDR_GET,
					toy_genl_addr_fill, a);
		if (err)
			return err;
	}
	dump->index++;
	return 0;
}

/**
 * toy_genl_addr_dump() - TOY_CMD_ADDR_GET
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_addr_dump dump = {
		.skb = skb,
		.cb = cb,
		.ifindex = toy_genl_dump_ifindex(cb, TOY_ADDR_A_IFINDEX),
	};
	struct toy_net *tn = toy_genl_dump_net(cb);
	int err;

	rcu_read_lock();
	cb->seq = toy_path_gen(tn);
	err = toy_addr_walk(tn, toy_genl_addr_show, &dump);
	rcu_read_unlock();
	cb->args[0] = dump.index;
	return toy_genl_dump_end(skb, err);
}
