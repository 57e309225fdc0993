// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: neighbours.
 *
 * A dump walks the hash table with an iterator that lives from start to done
 * and survives a resize. When one happens in between, entries may be shown
 * twice and the dump is marked as torn.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "genl.h"
#include "../proto/neigh.h"

const struct nla_policy toy_neigh_policy[TOY_NEIGH_A_MAX + 1] = {
	[TOY_NEIGH_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_NEIGH_A_DST]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_NEIGH_A_LLADDR]	= { .type = NLA_BINARY,
				    .len = MAX_ADDR_LEN },
	[TOY_NEIGH_A_STATE]	= NLA_POLICY_RANGE(NLA_U8, TOY_NUD_INCOMPLETE,
						   TOY_NUD_PERMANENT),
};

/* ---- changes --------------------------------------------------------- */

/* RTNL. The link-layer address of the request, of the device's length. */
static const u8 *toy_neigh_read_lladdr(struct genl_info *info,
				       const struct toy_dev *d)
{
	struct nlattr *nla = info->attrs[TOY_NEIGH_A_LLADDR];
	const struct net_device *dev = rtnl_dereference(d->dev);

	if (!nla)
		return NULL;
	if (!dev || nla_len(nla) != dev->addr_len) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "link-layer address is not of the device's length");
		return ERR_PTR(-EINVAL);
	}
	return nla_data(nla);
}

static int toy_neigh_add_locked(struct genl_info *info)
{
	struct nlattr *state = info->attrs[TOY_NEIGH_A_STATE];
	struct in6_addr addr = toy_nla_addr(info->attrs[TOY_NEIGH_A_DST]);
	bool replace = info->nlhdr->nlmsg_flags & NLM_F_REPLACE;
	struct toy_dev *dev;
	const u8 *lladdr;

	dev = toy_genl_dev(info, TOY_NEIGH_A_IFINDEX);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	lladdr = toy_neigh_read_lladdr(info, dev);
	if (IS_ERR(lladdr))
		return PTR_ERR(lladdr);
	return toy_neigh_add(dev, &addr, lladdr,
			     state ? nla_get_u8(state) : TOY_NUD_PERMANENT,
			     replace, info->extack);
}

/**
 * toy_genl_neigh_add() - TOY_CMD_NEIGH_ADD
 * @skb: request
 * @info: its attributes: IFINDEX, DST, LLADDR; STATE, which is PERMANENT
 *	unless given; NLM_F_REPLACE changes an entry that is there
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_neigh_add(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (toy_genl_missing(info, TOY_NEIGH_A_DST, "address is missing") ||
	    toy_genl_missing(info, TOY_NEIGH_A_LLADDR,
			     "link-layer address is missing"))
		return -EINVAL;
	rtnl_lock();
	err = toy_neigh_add_locked(info);
	rtnl_unlock();
	return err;
}

/**
 * toy_genl_neigh_del() - TOY_CMD_NEIGH_DEL
 * @skb: request
 * @info: its attributes: IFINDEX, DST
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_neigh_del(struct sk_buff *skb, struct genl_info *info)
{
	struct in6_addr addr;
	struct toy_dev *dev;
	int err;

	if (toy_genl_missing(info, TOY_NEIGH_A_DST, "address is missing"))
		return -EINVAL;
	addr = toy_nla_addr(info->attrs[TOY_NEIGH_A_DST]);
	rtnl_lock();
	dev = toy_genl_dev(info, TOY_NEIGH_A_IFINDEX);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else
		err = toy_neigh_del(dev, &addr, info->extack);
	rtnl_unlock();
	return err;
}

/**
 * toy_genl_neigh_flush() - TOY_CMD_NEIGH_FLUSH
 * @skb: request
 * @info: its attributes: IFINDEX limits it to one device; STATE, of which only
 *	PERMANENT is understood: those entries go, too
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_neigh_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *state = info->attrs[TOY_NEIGH_A_STATE];
	struct toy_dev *dev = NULL;
	int err = 0;

	if (state && nla_get_u8(state) != TOY_NUD_PERMANENT) {
		NL_SET_ERR_MSG_ATTR(info->extack, state,
				    "only permanent is understood here");
		return -EINVAL;
	}
	rtnl_lock();
	if (info->attrs[TOY_NEIGH_A_IFINDEX])
		dev = toy_genl_dev(info, TOY_NEIGH_A_IFINDEX);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else
		toy_neigh_flush(toy_genl_net(info), dev, state);
	rtnl_unlock();
	return err;
}

/* ---- what is there --------------------------------------------------- */

/* States in which no answer has told an address, or it is not believed. */
static bool toy_neigh_has_lladdr(u8 state)
{
	return state != TOY_NUD_NONE && state != TOY_NUD_INCOMPLETE &&
	       state != TOY_NUD_FAILED;
}

static int toy_neigh_fill_lladdr(struct sk_buff *skb, const struct toy_neigh *n)
{
	u8 lladdr[MAX_ADDR_LEN];
	const struct net_device *dev;
	unsigned int seq, len;

	rcu_read_lock();
	dev = rcu_dereference(n->key.dev->dev);
	len = dev ? min_t(unsigned int, dev->addr_len, sizeof(lladdr)) : 0;
	rcu_read_unlock();

	do {
		seq = read_seqbegin(&n->ha_lock);
		memcpy(lladdr, n->lladdr, len);
	} while (read_seqretry(&n->ha_lock, seq));
	return len ? nla_put(skb, TOY_NEIGH_A_LLADDR, len, lladdr) : 0;
}

static int toy_neigh_put_age(struct sk_buff *skb, int attr,
			     unsigned long then)
{
	return nla_put_u32(skb, attr, jiffies_to_msecs(jiffies - then));
}

/**
 * toy_genl_neigh_fill() - attributes of a neighbour
 * @skb: message buffer, borrowed
 * @object: struct toy_neigh
 *
 * Context: any; takes no lock, because an event may come with the entry's lock
 * held.
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_neigh_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_neigh *n = object;
	const struct toy_nud *nud = &n->nud;
	u8 state = READ_ONCE(nud->state);

	return nla_put_u32(skb, TOY_NEIGH_A_IFINDEX, n->key.dev->ifindex) ?:
	       toy_put_addr(skb, TOY_NEIGH_A_DST, &n->key.addr) ?:
	       nla_put_u8(skb, TOY_NEIGH_A_STATE, state) ?:
	       nla_put_u8(skb, TOY_NEIGH_A_PROBES, READ_ONCE(nud->probes)) ?:
	       nla_put_u32(skb, TOY_NEIGH_A_QUEUED,
			   skb_queue_len_lockless(&n->waiting)) ?:
	       toy_neigh_put_age(skb, TOY_NEIGH_A_USED_MS,
				 READ_ONCE(nud->used)) ?:
	       toy_neigh_put_age(skb, TOY_NEIGH_A_CONFIRMED_MS,
				 READ_ONCE(nud->confirmed)) ?:
	       toy_neigh_put_age(skb, TOY_NEIGH_A_UPDATED_MS,
				 READ_ONCE(nud->updated)) ?:
	       (toy_neigh_has_lladdr(state) ?
		toy_neigh_fill_lladdr(skb, n) : 0);
}

/* Kept in cb->args[0] for the length of the dump. */
struct toy_neigh_dump {
	struct rhashtable_iter iter;
	unsigned int resizes;
};

/**
 * toy_genl_neigh_start() - TOY_CMD_NEIGH_GET begins
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int toy_genl_neigh_start(struct netlink_callback *cb)
{
	struct toy_net *tn = toy_genl_dump_net(cb);
	struct toy_neigh_dump *dump;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump)
		return -ENOMEM;
	dump->resizes = 1;		/* 0 stands for "not known" */
	rhashtable_walk_enter(toy_neigh_rhashtable(tn), &dump->iter);
	cb->args[0] = (long)dump;
	return 0;
}

/**
 * toy_genl_neigh_done() - TOY_CMD_NEIGH_GET ends, early or at its end
 * @cb: the dump, whose socket holds the namespace and so the table
 *
 * Return: 0.
 */
int toy_genl_neigh_done(struct netlink_callback *cb)
{
	struct toy_neigh_dump *dump = (struct toy_neigh_dump *)cb->args[0];

	rhashtable_walk_exit(&dump->iter);
	kfree(dump);
	return 0;
}

/**
 * toy_genl_neigh_dump() - TOY_CMD_NEIGH_GET
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_neigh_dump *dump = (struct toy_neigh_dump *)cb->args[0];
	int ifindex = toy_genl_dump_ifindex(cb, TOY_NEIGH_A_IFINDEX);
	struct toy_neigh *n;
	int err = 0;

	if (rhashtable_walk_start_check(&dump->iter) == -EAGAIN)
		dump->resizes++;
	cb->seq = dump->resizes;
	/* What did not fit last time is shown first. */
	n = rhashtable_walk_peek(&dump->iter);
	while (n) {
		if (IS_ERR(n)) {
			if (PTR_ERR(n) != -EAGAIN) {
				err = PTR_ERR(n);
				break;
			}
			cb->seq = ++dump->resizes;
		} else if (!ifindex || n->key.dev->ifindex == ifindex) {
			err = toy_genl_put_dump(skb, cb, TOY_CMD_NEIGH_GET,
						toy_genl_neigh_fill, n);
			if (err)
				break;
		}
		n = rhashtable_walk_next(&dump->iter);
	}
	rhashtable_walk_stop(&dump->iter);
	return toy_genl_dump_end(skb, err);
}
