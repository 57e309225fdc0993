// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: multicast groups that this host belongs to.
 *
 * A message per group and device, the way /proc/net/igmp and mcfilter show
 * AF_INET's. The two groups of every host are not among them, unless somebody
 * has joined them besides.
 */
#include "genl.h"
#include "../proto/mcast.h"

/* A group with more sources shows so many, and their number. */
#define MADDR_SOURCES	64

const struct nla_policy toy_maddr_policy[TOY_MADDR_A_MAX + 1] = {
	[TOY_MADDR_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
};

static int fill_sources(struct sk_buff *skb, const struct toy_mc_filter *f)
{
	const struct toy_mc_src *s;
	struct in6_addr *to;
	struct nlattr *nla;
	unsigned int n = 0;

	list_for_each_entry(s, &f->srcs, list)
		n += toy_mc_src_listed(f, s);
	if (nla_put_u32(skb, TOY_MADDR_A_NSOURCES, n))
		return -EMSGSIZE;
	n = min_t(unsigned int, n, MADDR_SOURCES);
	if (!n)
		return 0;
	nla = nla_reserve(skb, TOY_MADDR_A_SOURCES, n * sizeof(*to));
	if (!nla)
		return -EMSGSIZE;
	to = nla_data(nla);
	list_for_each_entry(s, &f->srcs, list) {
		if (!n)
			break;
		if (!toy_mc_src_listed(f, s))
			continue;
		*to++ = s->addr;
		n--;
	}
	return 0;
}

/* When is the next report due that mentions the group? */
static int fill_timer(struct sk_buff *skb, const struct toy_mc_side *side,
		      const struct toy_mc_group *g)
{
	bool any = side->link.answer && g->users;
	unsigned long at = side->link.answer_at, own;

	if (toy_mc_state_next(&g->state, &own) &&
	    (!any || time_before(own, at))) {
		at = own;
		any = true;
	}
	if (!any)
		return 0;
	return nla_put_u32(skb, TOY_MADDR_A_TIMER_MS,
			   time_after(at, jiffies) ?
			   jiffies_to_msecs(at - jiffies) : 0);
}

/* MLD counts from 1, too. */
static u8 version_of(const struct toy_mc_side *side)
{
	return side->link.version - (side->ops->v6 ? 1 : 0);
}

struct shown {
	const struct toy_mc_side *side;
	const struct toy_mc_group *group;
};

static int fill(struct sk_buff *skb, const void *object)
{
	const struct shown *what = object;
	const struct toy_mc_side *side = what->side;
	const struct toy_mc_group *g = what->group;

	return nla_put_u32(skb, TOY_MADDR_A_IFINDEX, side->mc->dev->ifindex) ?:
	       toy_put_addr(skb, TOY_MADDR_A_GROUP, &g->addr) ?:
	       nla_put_u32(skb, TOY_MADDR_A_USERS, g->users) ?:
	       nla_put_u8(skb, TOY_MADDR_A_MODE,
			  toy_mc_filter_mode(&g->filter)) ?:
	       nla_put_u8(skb, TOY_MADDR_A_VERSION, version_of(side)) ?:
	       fill_sources(skb, &g->filter) ?:
	       fill_timer(skb, side, g) ?:
	       (g->state.last ? nla_put_flag(skb, TOY_MADDR_A_REPORTER) : 0);
}

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int ifindex;
};

static int show(const struct toy_mc_side *side, const struct toy_mc_group *g,
		void *arg)
{
	const struct shown what = { .side = side, .group = g };
	struct dump *dump = arg;

	if (dump->ifindex && side->mc->dev->ifindex != dump->ifindex)
		return 0;
	return toy_genl_put_dump(dump->skb, dump->cb, TOY_CMD_MADDR_GET, fill,
				 &what);
}

/**
 * toy_genl_maddr_dump() - TOY_CMD_MADDR_GET
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_maddr_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_mc_cursor cursor = { .index = cb->args[0] };
	struct dump dump = {
		.skb = skb,
		.cb = cb,
		.ifindex = toy_genl_dump_ifindex(cb, TOY_MADDR_A_IFINDEX),
	};
	int err;

	rcu_read_lock();
	err = toy_mcast_walk(toy_genl_dump_net(cb), &cursor, show, &dump);
	rcu_read_unlock();
	cb->args[0] = cursor.index;
	return toy_genl_dump_end(skb, err);
}
