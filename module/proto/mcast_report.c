// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of multicast groups, and the queries that ask for them: what IGMP
 * and MLD do the same way.
 *
 *	toy_mc_query() --> mcast_state.c --> toy_mc_timer() --> out
 *	toy_mcast_change() ----'
 *
 * One timer per device and IP version runs when the first thing is due. It
 * writes what is due for all groups, V3 in as few reports as will do, under the
 * side's lock, and sends it when that is released.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "../skb/buf.h"
#include "mcast.h"

/* ---- writing V3 reports -------------------------------------------------------- */

/* What is to be sent; and the V3 report that is being written, if any. */
struct report {
	struct toy_mc_side *side;
	struct sk_buff_head out;
	struct toy_mcrec rec;
};

static void finish(struct report *r)
{
	struct sk_buff *skb = r->rec.skb;

	if (!skb)
		return;
	*toy_mc_dest(skb) = r->side->ops->report3;
	r->side->ops->finish(r->side, skb);
	__skb_queue_tail(&r->out, skb);
	r->rec.skb = NULL;
}

/* A new report, as long as the device's packets may be, and a page holds. */
static bool start(struct report *r)
{
	const struct net_device *ndev;
	struct sk_buff *skb;
	unsigned int max;

	finish(r);
	ndev = rcu_dereference(r->side->mc->dev->dev);
	/* Both IP headers with their router alert fit into 64 bytes. */
	max = clamp(READ_ONCE(r->side->mc->dev->mtu), 128U, 1500U) - 64;
	skb = toy_skb_alloc(ndev, max);
	if (!skb) {
		toy_drop_skb(r->side->mc->dev->tn, NULL, TOY_DROP_NOMEM);
		return false;
	}
	toy_mcrec_start(&r->rec, skb, max, r->side->ops->v6);
	return true;
}

static bool begin(struct report *r, enum toy_mcrec_type type,
		  const struct toy_mc_group *g)
{
	if (r->rec.skb && toy_mcrec_group(&r->rec, type, &g->addr))
		return true;
	return start(r) && toy_mcrec_group(&r->rec, type, &g->addr);
}

/* The next source of the record that was begun; false: no room, or memory. */
static bool source(struct report *r, enum toy_mcrec_type type,
		   const struct toy_mc_group *g, const struct in6_addr *addr)
{
	if (!r->rec.skb)
		return false;
	if (toy_mcrec_source(&r->rec, addr))
		return true;
	/* RFC 3376 4.2.16: what is excluded is cut off, the rest goes on. */
	if (type == TOY_MCREC_IS_EX || type == TOY_MCREC_TO_EX)
		return false;
	return start(r) && toy_mcrec_group(&r->rec, type, &g->addr) &&
	       toy_mcrec_source(&r->rec, addr);
}

/* The whole filter: RFC 3376 4.2.12, current state and change of mode. */
static void whole(struct report *r, const struct toy_mc_group *g, bool change)
{
	bool ex = toy_mc_filter_mode(&g->filter) == MCAST_EXCLUDE;
	enum toy_mcrec_type type = ex ? TOY_MCREC_IS_EX : TOY_MCREC_IS_IN;
	const struct toy_mc_src *s;
	bool begun = false;

	if (change)
		type = ex ? TOY_MCREC_TO_EX : TOY_MCREC_TO_IN;
	/* Who includes nothing is no member: that is news, but no state. */
	if (ex || change) {
		begun = begin(r, type, g);
		if (!begun)
			return;
	}
	list_for_each_entry(s, &g->filter.srcs, list) {
		if (!toy_mc_src_listed(&g->filter, s))
			continue;
		if (!begun && !begin(r, type, g))
			return;
		begun = true;
		if (!source(r, type, g, &s->addr))
			return;
	}
}

/* RFC 3376 5.1: sources that have changed, those that pass now or the others. */
static void changes(struct report *r, const struct toy_mc_group *g, bool pass)
{
	enum toy_mcrec_type type = pass ? TOY_MCREC_ALLOW : TOY_MCREC_BLOCK;
	const struct toy_mc_src *s;
	bool begun = false;

	list_for_each_entry(s, &g->filter.srcs, list) {
		if (!s->left || toy_mc_src_passes(&g->filter, s) != pass)
			continue;
		if (!begun && !begin(r, type, g))
			return;
		begun = true;
		if (!source(r, type, g, &s->addr))
			return;
	}
}

static void count_down(struct toy_mc_group *g)
{
	struct toy_mc_src *s;

	list_for_each_entry(s, &g->filter.srcs, list)
		if (s->left)
			s->left--;
}

/* RFC 3376 5.2: of the sources that were asked about, those that pass. */
static void answer_sources(struct report *r, const struct toy_mc_group *g)
{
	bool begun = false;

	for (unsigned int i = 0; i < g->asked->n; i++) {
		const struct in6_addr *addr = &g->asked->srcs[i];

		if (!toy_mc_filter_passes(&g->filter, addr))
			continue;
		if (!begun && !begin(r, TOY_MCREC_IS_IN, g))
			return;
		begun = true;
		if (!source(r, TOY_MCREC_IS_IN, g, addr))
			return;
	}
}

static void group_v3(struct report *r, struct toy_mc_group *g, unsigned int todo)
{
	if (todo & TOY_MC_SEND_ANSWER && g->users) {
		if (g->state.sources && g->asked)
			answer_sources(r, g);
		else
			whole(r, g, false);
	}
	if (!(todo & TOY_MC_SEND_CHANGE))
		return;
	if (todo & TOY_MC_SEND_MODE) {
		whole(r, g, true);
	} else {
		changes(r, g, true);
		changes(r, g, false);
	}
	count_down(g);
}

/* ---- versions before the third --------------------------------------------------- */

static void group_old(struct report *r, struct toy_mc_group *g)
{
	struct toy_mc_side *side = r->side;
	bool leave = !g->users;
	struct sk_buff *skb;

	/* RFC 2236 3: only who spoke last says that it leaves; a V1 host never
	 * does.
	 */
	if (leave && (!g->state.last || side->link.version == TOY_MC_V1))
		return;
	g->state.last = !leave;
	skb = side->ops->old(side, &g->addr, leave);
	if (skb)
		__skb_queue_tail(&r->out, skb);
	else
		toy_drop_skb(side->mc->dev->tn, NULL, TOY_DROP_NOMEM);
}

/* ---- the timer -------------------------------------------------------------------- */

/* Lock held: all that is due. */
static void report_due(struct report *r, unsigned long now)
{
	struct toy_mc_side *side = r->side;
	bool v3 = side->link.version == TOY_MC_V3;
	bool general = toy_mc_link_timeout(&side->link, now);
	struct toy_mc_group *g;
	struct hlist_node *next;

	for (int i = 0; i < ARRAY_SIZE(side->groups); i++) {
		hlist_for_each_entry_safe(g, next, &side->groups[i], node) {
			unsigned int todo;

			todo = toy_mc_state_timeout(&g->state, &side->link, now,
						    get_random_u32());
			if (general && g->users && !toy_mc_unreported(&g->addr))
				whole(r, g, false);
			if (todo && v3)
				group_v3(r, g, todo);
			else if (todo)
				group_old(r, g);
			toy_mc_reap(side, g);
		}
	}
	finish(r);
}

/* No lock held. RCU. */
static void send(struct toy_mc_side *side, struct sk_buff_head *out)
{
	struct toy_dev *dev = side->mc->dev;
	const struct net_device *ndev;
	u8 lladdr[MAX_ADDR_LEN] __aligned(2);
	struct sk_buff *skb;
	bool mapped;

	while ((skb = __skb_dequeue(out))) {
		ndev = rcu_dereference(dev->dev);
		mapped = ndev && toy_mcast_map(ndev, toy_mc_dest(skb), lladdr);
		memset(skb->cb, 0, sizeof(skb->cb));
		toy_dev_xmit(dev, skb, side->ops->ethertype,
			     mapped ? lladdr : NULL);
	}
}

/**
 * toy_mc_arm() - set the timer to what is due first
 * @side: side, locked
 */
void toy_mc_arm(struct toy_mc_side *side)
{
	unsigned long first = 0, at;
	struct toy_mc_group *g;
	bool any = false;

	if (side->silent)
		return;
	if (side->link.answer) {
		first = side->link.answer_at;
		any = true;
	}
	for (int i = 0; i < ARRAY_SIZE(side->groups); i++) {
		hlist_for_each_entry(g, &side->groups[i], node) {
			if (!toy_mc_state_next(&g->state, &at) ||
			    (any && !time_before(at, first)))
				continue;
			first = at;
			any = true;
		}
	}
	if (any)
		mod_timer(&side->timer, first);
}

/**
 * toy_mc_timer() - something is due
 * @t: toy_mc_side.timer
 *
 * Context: softirq.
 */
void toy_mc_timer(struct timer_list *t)
{
	struct toy_mc_side *side = from_timer(side, t, timer);
	struct report r = { .side = side };
	unsigned long now = jiffies;

	__skb_queue_head_init(&r.out);
	rcu_read_lock();
	spin_lock(&side->lock);
	if (!side->silent) {
		if (toy_mc_link_tick(&side->link, now))
			toy_mc_cancel(side);
		report_due(&r, now);
		toy_mc_arm(side);
	}
	spin_unlock(&side->lock);
	send(side, &r.out);
	rcu_read_unlock();
}

/* ---- what comes in ------------------------------------------------------------------ */

/* Lock held: remember the sources of a query; false: answer for the group. */
static bool record(struct toy_mc_group *g, const struct toy_mc_query *q,
		   const struct sk_buff *skb, bool fresh)
{
	struct in6_addr addr;
	unsigned int j;

	if (!g->asked)
		g->asked = kmalloc(sizeof(*g->asked), GFP_ATOMIC | __GFP_NOWARN);
	if (!g->asked)
		return false;
	if (fresh)
		g->asked->n = 0;
	for (unsigned int i = 0; i < q->sources; i++) {
		if (!toy_mc_query_source(q, skb, i, &addr))
			continue;
		for (j = 0; j < g->asked->n; j++)
			if (ipv6_addr_equal(&g->asked->srcs[j], &addr))
				break;
		if (j == TOY_MC_MAX_ASKED)
			return false;
		g->asked->srcs[j] = addr;
		if (j == g->asked->n)
			g->asked->n++;
	}
	return true;
}

/* Lock held. */
static void ask(struct toy_mc_side *side, struct toy_mc_group *g,
		const struct toy_mc_query *q, const struct sk_buff *skb,
		unsigned long now)
{
	unsigned int todo;

	if (!g->users || toy_mc_unreported(&g->addr))
		return;
	todo = toy_mc_state_asked(&g->state, &side->link, q, now,
				  get_random_u32());
	if (todo & TOY_MC_RECORD)
		g->state.sources = record(g, q, skb, todo & TOY_MC_FRESH);
}

/* RCU. The side of a device that hears; NULL for none. */
static struct toy_mc_side *hearing_side(struct toy_dev *dev, bool v6)
{
	struct toy_mcast *mc = rcu_dereference(dev->mcast);

	return mc ? &mc->side[v6] : NULL;
}

/**
 * toy_mc_query() - a router asks for groups
 * @dev: device that the query came in by
 * @q: checked query; whoever sent it may ask
 * @skb: its message; borrowed
 *
 * RFC 3376 5.2, RFC 3810 6.2. Context: softirq, RCU.
 */
void toy_mc_query(struct toy_dev *dev, const struct toy_mc_query *q,
		  const struct sk_buff *skb)
{
	struct toy_mc_side *side = hearing_side(dev, q->v6);
	bool general = toy_addr_any(&q->group);
	unsigned long now = jiffies;
	struct toy_mc_group *g;
	unsigned int todo;

	if (!side)
		return;
	spin_lock_bh(&side->lock);
	if (side->silent)
		goto unlock;
	todo = toy_mc_link_query(&side->link, q, now, get_random_u32());
	if (todo & TOY_MC_CANCEL)
		toy_mc_cancel(side);
	if (todo & TOY_MC_ASK && general) {
		for (int i = 0; i < ARRAY_SIZE(side->groups); i++)
			hlist_for_each_entry(g, &side->groups[i], node)
				ask(side, g, q, skb, now);
	} else if (todo & TOY_MC_ASK) {
		g = toy_mc_find(side, &q->group);
		if (g)
			ask(side, g, q, skb, now);
	}
	toy_mc_arm(side);
unlock:
	spin_unlock_bh(&side->lock);
}

/**
 * toy_mc_heard() - another host has reported a group
 * @dev: device that the report came in by
 * @group: group
 *
 * Context: softirq, RCU.
 */
void toy_mc_heard(struct toy_dev *dev, const struct in6_addr *group)
{
	struct toy_mc_side *side = hearing_side(dev, !toy_is_v4(group));
	struct toy_mc_group *g;

	if (!side)
		return;
	spin_lock_bh(&side->lock);
	g = toy_mc_find(side, group);
	if (g && g->users)
		toy_mc_state_heard(&g->state, &side->link);
	spin_unlock_bh(&side->lock);
}
