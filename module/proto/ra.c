// SPDX-License-Identifier: GPL-2.0-only
/*
 * Router advertisements (RFC 4861 6.3.4, RFC 4862 5.5.3) and solicitations
 * (6.3.7, RFC 7559): the host's side of router discovery.
 *
 *	RA, softirq	toy_ra_rcv()	checked, and queued
 *	                    |
 *	the work, RTNL	ra_handle()	link	hop limit, timers, MTU
 *				router	ra_list.c: default route
 *				prefix	ra_list.c: on-link route;
 *					slaac.c: an address
 *				DNS	ra_list.c: for all to read
 *			ra_solicit()	solicitations that are due
 *			toy_ra_expire()	lifetimes that have ended
 *
 * Routes and addresses need RTNL, so an advertisement waits for the work; at
 * most RA_QUEUE of them do. It is checked twice, because nothing of the first
 * look outlives the queue.
 *
 * Who forwards is a router and believes no other (net.toy.accept_ra=1), unless
 * it is told to (2).
 *
 *	device up --> link-local address usable --> RS, RS, ... until an RA with
 *						    a router lifetime comes
 */
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../event.h"
#include "../skb/buf.h"
#include "addr.h"
#include "nd.h"
#include "neigh.h"
#include "ra.h"
#include "route.h"
#include "rs.h"
#include "slaac.h"

#define RA_QUEUE	32
#define RA_DEFAULT_LIFETIME	1800	/* seconds */
#define RA_PAUSE	(HZ / 10)	/* after a full queue */
#define NEVER		S64_MAX

/* skb->cb while it waits. */
struct ra_cb {
	struct toy_dev *dev;	/* referenced */
	struct in6_addr saddr;
};

static struct ra_cb *ra_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct ra_cb) > sizeof(skb->cb));
	return (struct ra_cb *)skb->cb;
}

static bool accepts(const struct toy_net *tn)
{
	int accept = READ_ONCE(tn->sysctl.accept_ra);

	return accept == 2 || (accept && !toy_nd_is_router(tn));
}

/* Soon; but a flood of them must not keep RTNL from everybody else. */
static void ra_kick(struct toy_ra *ra)
{
	unsigned long now = jiffies, not_before = READ_ONCE(ra->not_before);

	mod_delayed_work(system_power_efficient_wq, &ra->work,
			 time_before(now, not_before) ? not_before - now : 0);
}

/**
 * toy_ra_rcv() - a router advertises
 * @pkt: what is known of the message
 * @skb: message, skb->data at its ICMPv6 header; consumed when TOY_RX_OK is
 *	returned
 * @v: the same, checked
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK or why not.
 */
enum toy_drop toy_ra_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct toy_nd_view *v)
{
	struct toy_ra *ra = pkt->tn->ra;

	if (!accepts(pkt->tn))
		return TOY_DROP_ND_IGNORED;
	if (toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) == TOY_ROUTE_LOCAL)
		return TOY_DROP_ND_OWN;
	if (skb_queue_len_lockless(&ra->queue) >= RA_QUEUE)
		return TOY_DROP_ND_RA_QUEUE;
	/* RFC 4861 6.3.4: its sender is a neighbour, and a router. */
	if (v->has_lladdr && READ_ONCE(pkt->dev->has_lladdr))
		toy_neigh_update(pkt->tn, pkt->dev, &pkt->saddr, v->lladdr,
				 TOY_NEIGH_UPDATE_CREATE |
				 TOY_NEIGH_UPDATE_OVERRIDE |
				 TOY_NEIGH_UPDATE_ROUTER);
	toy_dev_hold(pkt->dev);
	ra_cb(skb)->dev = pkt->dev;
	ra_cb(skb)->saddr = pkt->saddr;
	skb->dev = NULL;
	skb_queue_tail(&ra->queue, skb);
	ra_kick(ra);
	return TOY_RX_OK;
}

/* ---- what it says -------------------------------------------------------- */

static void set_reachable(struct toy_nd_link *nd, u32 ms)
{
	/* RFC 4861 6.3.2, 6.3.4: drawn anew when the base changes. */
	if (!ms || ms == nd->reachable_ms || ms > 3600 * MSEC_PER_SEC)
		return;
	nd->reachable_ms = ms;
	WRITE_ONCE(nd->reachable,
		   max(msecs_to_jiffies(ms / 2 + get_random_u32_below(ms)), 1UL));
}

/* RFC 4861 6.3.4: zero leaves things as they are. */
static void ra_link(struct toy_dev *dev, const struct toy_nd_view *v)
{
	const struct toy_sysctl *ctl = &dev->tn->sysctl;

	if (v->hop_limit &&
	    v->hop_limit >= READ_ONCE(ctl->accept_ra_min_hop_limit))
		WRITE_ONCE(dev->nd.hop_limit, v->hop_limit);
	set_reachable(&dev->nd, v->reachable);
	/* No faster than ten in a second, whoever asks for it. */
	if (v->retrans >= 100 && v->retrans <= 3600 * MSEC_PER_SEC)
		WRITE_ONCE(dev->nd.retrans_ms, v->retrans);
}

static void ra_mtu(struct toy_dev *dev, const struct toy_nd_opt *o)
{
	enum toy_drop why;
	u32 mtu;

	if (!READ_ONCE(dev->tn->sysctl.accept_ra_mtu))
		return;
	why = toy_nd_read_mtu(o, &mtu);
	if (!why && mtu > READ_ONCE(dev->mtu))
		why = TOY_DROP_ND_MTU;
	if (why) {
		toy_drop_skb(dev->tn, NULL, why);
		return;
	}
	if (mtu == dev->nd.mtu)
		return;
	WRITE_ONCE(dev->nd.mtu, mtu);
	toy_path_gen_bump(dev->tn);
}

/* The lifetime is the default router's only. What else it says of its link holds
 * until it should have spoken again (RFC 4861 6.2.1: AdvDefaultLifetime).
 */
static void ra_router(struct toy_ra *ra, struct toy_dev *dev,
		      const struct in6_addr *from, const struct toy_nd_view *v)
{
	u32 lifetime = v->lifetime;
	struct toy_ra_item cfg = {
		.kind = TOY_RA_ROUTER, .dev = dev, .from = *from, .addr = *from,
		.preference = v->preference,
	};

	if (v->managed)
		cfg.flags |= TOY_RA_F_MANAGED;
	if (v->other)
		cfg.flags |= TOY_RA_F_OTHER;
	if (!READ_ONCE(ra->tn->sysctl.accept_ra_defrtr))
		lifetime = 0;
	if (!lifetime && cfg.flags) {
		cfg.flags |= TOY_RA_F_NODEFAULT;
		lifetime = RA_DEFAULT_LIFETIME;
	}
	toy_ra_set(ra, &cfg, "", lifetime);
	/* RFC 4861 6.3.7, RFC 7559 2: found. */
	if (v->lifetime)
		dev->nd.rs_armed = false;
}

static enum toy_drop ra_prefix(struct toy_ra *ra, struct toy_dev *dev,
			       const struct in6_addr *from,
			       const struct toy_nd_opt *o)
{
	struct toy_ra_item cfg = {
		.kind = TOY_RA_PREFIX, .dev = dev, .from = *from,
	};
	struct toy_nd_prefix p;
	enum toy_drop why;

	if (!READ_ONCE(ra->tn->sysctl.accept_ra_pinfo))
		return TOY_RX_OK;
	why = toy_nd_read_prefix(o, &p);
	if (why)
		return why;
	cfg.addr = p.prefix;
	cfg.plen = p.plen;
	if (p.onlink)
		cfg.flags |= TOY_RA_F_ONLINK;
	if (p.autonomous)
		cfg.flags |= TOY_RA_F_AUTO;
	if (p.onlink || p.autonomous)
		toy_ra_set(ra, &cfg, "", p.valid);
	if (p.autonomous && READ_ONCE(ra->tn->sysctl.autoconf))
		toy_slaac_prefix(dev, &p);
	return TOY_RX_OK;
}

/* RFC 4191 3.1: a host of type C. */
static enum toy_drop ra_route(struct toy_ra *ra, struct toy_dev *dev,
			      const struct in6_addr *from,
			      const struct toy_nd_view *v,
			      const struct toy_nd_opt *o)
{
	struct toy_ra_item cfg = { .dev = dev, .from = *from };
	struct toy_nd_route r;
	enum toy_drop why = toy_nd_read_route(o, &r);

	if (why)
		return why;
	cfg.kind = TOY_RA_ROUTE;
	cfg.addr = r.prefix;
	cfg.plen = r.plen;
	cfg.preference = r.preference;
	/* ::/0 is the default router's, said with more bits. */
	if (!r.plen) {
		cfg.kind = TOY_RA_ROUTER;
		cfg.addr = *from;
		cfg.flags = (v->managed ? TOY_RA_F_MANAGED : 0) |
			    (v->other ? TOY_RA_F_OTHER : 0);
	}
	toy_ra_set(ra, &cfg, "", r.lifetime);
	return TOY_RX_OK;
}

static enum toy_drop ra_rdnss(struct toy_ra *ra, struct toy_dev *dev,
			      const struct in6_addr *from,
			      const struct toy_nd_opt *o)
{
	struct toy_ra_item cfg = {
		.kind = TOY_RA_DNS, .plen = 128, .dev = dev, .from = *from,
	};
	unsigned int n;
	u32 lifetime;
	enum toy_drop why = toy_nd_read_rdnss(o, &lifetime, &n);

	for (unsigned int i = 0; !why && i < n; i++) {
		cfg.addr = toy_nd_rdnss_addr(o, i);
		if (toy_addr_any(&cfg.addr) || toy_addr_multicast(&cfg.addr) ||
		    toy_is_v4(&cfg.addr))
			return TOY_DROP_ND_DNS;
		toy_ra_set(ra, &cfg, "", lifetime);
	}
	return why;
}

static enum toy_drop ra_dnssl(struct toy_ra *ra, struct toy_dev *dev,
			      const struct in6_addr *from,
			      const struct toy_nd_opt *o)
{
	struct toy_ra_item cfg = {
		.kind = TOY_RA_SEARCH, .dev = dev, .from = *from,
	};
	char name[TOY_ND_NAME_MAX];
	unsigned int at = 0;
	enum toy_drop why;
	u32 lifetime;

	for (;;) {
		why = toy_nd_read_dnssl(o, &lifetime, &at, name);
		if (why || !name[0])
			return why;
		toy_ra_set(ra, &cfg, name, lifetime);
	}
}

static void ra_option(struct toy_ra *ra, struct toy_dev *dev,
		      const struct in6_addr *from, const struct toy_nd_view *v,
		      const struct toy_nd_opt *o)
{
	enum toy_drop why = TOY_RX_OK;

	switch (o->type) {
	case TOY_ND_OPT_PREFIX:
		why = ra_prefix(ra, dev, from, o);
		break;
	case TOY_ND_OPT_ROUTE:
		why = ra_route(ra, dev, from, v, o);
		break;
	case TOY_ND_OPT_RDNSS:
		why = ra_rdnss(ra, dev, from, o);
		break;
	case TOY_ND_OPT_DNSSL:
		why = ra_dnssl(ra, dev, from, o);
		break;
	}
	if (why)
		toy_drop_skb(ra->tn, NULL, why);
}

/* RFC 4861 6.3.4. RTNL. */
static enum toy_drop ra_handle(struct toy_ra *ra, struct sk_buff *skb)
{
	const struct ra_cb cb = *ra_cb(skb);
	const struct net_device *ndev = rtnl_dereference(cb.dev->dev);
	struct toy_nd_opt o = {};
	struct toy_nd_view v;
	enum toy_drop why;

	if (!ndev || !toy_route_dev_up(cb.dev))
		return TOY_DROP_DEV_GONE;
	why = toy_nd_parse(skb, ndev, &cb.saddr, &in6addr_linklocal_allnodes,
			   255, &v);
	if (why)
		return why;
	ra_link(cb.dev, &v);
	/* The routes of this message have its MTU. */
	while (toy_nd_opt_next(&v, &o))
		if (o.type == TOY_ND_OPT_MTU)
			ra_mtu(cb.dev, &o);
	ra_router(ra, cb.dev, &cb.saddr, &v);
	o = (struct toy_nd_opt) {};
	while (toy_nd_opt_next(&v, &o))
		ra_option(ra, cb.dev, &cb.saddr, &v, &o);
	consume_skb(skb);
	return TOY_RX_OK;
}

/* ---- solicitations ------------------------------------------------------- */

/* A device came up: in a moment, as all others on the link may do the same. */
static void rs_start(struct toy_dev *dev)
{
	const struct toy_sysctl *ctl = &dev->tn->sysctl;
	u32 delay = READ_ONCE(ctl->router_solicitation_delay) * MSEC_PER_SEC;

	dev->nd.rs_sent = 0;
	dev->nd.rs_interval = 0;
	dev->nd.rs_armed = accepts(dev->tn) && dev->has_lladdr &&
			   READ_ONCE(ctl->router_solicitations);
	dev->nd.rs_due = jiffies;
	if (delay)
		dev->nd.rs_due += msecs_to_jiffies(get_random_u32_below(delay));
	if (dev->nd.rs_armed)
		ra_kick(dev->tn->ra);
}

static void rs_send(struct toy_dev *dev)
{
	const struct toy_sysctl *ctl = &dev->tn->sysctl;
	int limit = READ_ONCE(ctl->router_solicitations);
	struct toy_nd_link *nd = &dev->nd;

	/* Without an address to ask from it is tried again soon. */
	if (!toy_nd_router_solicit(dev)) {
		nd->rs_due = jiffies + HZ / 4;
		return;
	}
	if (nd->rs_sent < U8_MAX)
		nd->rs_sent++;
	nd->rs_armed = limit < 0 || nd->rs_sent < limit;
	nd->rs_interval =
		toy_rs_next(nd->rs_interval,
			    READ_ONCE(ctl->router_solicitation_interval) * HZ,
			    READ_ONCE(ctl->router_solicitation_max_interval) * HZ,
			    get_random_u32());
	nd->rs_due = jiffies + nd->rs_interval;
}

/* Sends what is due; returns jiffies until the next, at most @delay. */
static unsigned long ra_solicit(struct toy_ra *ra, unsigned long delay)
{
	struct toy_dev *dev;
	unsigned long now;

	/* A router does not ask (RFC 4861 6.2.2). */
	if (!accepts(ra->tn))
		return delay;
	list_for_each_entry(dev, &ra->tn->devs, list) {
		if (!dev->nd.rs_armed)
			continue;
		if (!time_before(jiffies, dev->nd.rs_due))
			rs_send(dev);
		now = jiffies;
		if (dev->nd.rs_armed)
			delay = min(delay, time_before(now, dev->nd.rs_due) ?
					   dev->nd.rs_due - now : 1);
	}
	return delay;
}

/* ---- the work ------------------------------------------------------------ */

/* RTNL. */
static void ra_drain(struct toy_ra *ra)
{
	struct sk_buff *skb;
	struct toy_dev *dev;
	enum toy_drop why;
	int n;

	for (n = 0; n < RA_QUEUE && (skb = skb_dequeue(&ra->queue)); n++) {
		dev = ra_cb(skb)->dev;
		why = ra_handle(ra, skb);
		if (why)
			toy_drop_skb(ra->tn, skb, why);
		toy_dev_put(dev);
	}
	if (n == RA_QUEUE)
		WRITE_ONCE(ra->not_before, jiffies + RA_PAUSE);
}

static void ra_work(struct work_struct *work)
{
	struct toy_ra *ra = container_of(to_delayed_work(work), struct toy_ra,
					 work);
	time64_t now, next;
	unsigned long delay;

	rtnl_lock();
	ra_drain(ra);
	if (atomic_xchg(&ra->rerank, 0))
		toy_ra_rank(ra);
	now = ktime_get_seconds();
	next = toy_ra_expire(ra, now);
	delay = next == NEVER ? ULONG_MAX :
		msecs_to_jiffies(clamp_t(s64, next - now, 1, 3600) *
				 MSEC_PER_SEC);
	delay = ra_solicit(ra, delay);
	/* Not over a kick that has come meanwhile. */
	if (delay != ULONG_MAX)
		queue_delayed_work(system_power_efficient_wq, &ra->work, delay);
	rtnl_unlock();
}

/* ---- devices, neighbours, namespaces ------------------------------------- */

static void ra_dev_up(struct toy_dev *dev)
{
	if (!toy_route_dev_up(dev))
		return;
	toy_slaac_linklocal(dev);
	rs_start(dev);
}

static void ra_dev_down(struct toy_dev *dev)
{
	toy_ra_forget(dev->tn->ra, dev);
	toy_slaac_forget(dev);
	memset(&dev->nd, 0, sizeof(dev->nd));
}

static int ra_dev_event(struct notifier_block *nb, unsigned long event,
			void *data)
{
	struct toy_dev *dev = data;

	switch (event) {
	case TOY_DEV_ATTACHED:
	case TOY_DEV_UP:
		ra_dev_up(dev);
		break;
	case TOY_DEV_DOWN:
	case TOY_DEV_DETACHED:
		ra_dev_down(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block ra_dev_nb = { .notifier_call = ra_dev_event };

/* A router that does not answer, or is none any more (RFC 4861 6.3.6). Any
 * context, perhaps with the neighbour's lock held.
 */
static int ra_event(struct notifier_block *nb, unsigned long what, void *data)
{
	const struct toy_event_info *info = data;
	const struct toy_neigh *n = info->object;
	struct toy_ra *ra = READ_ONCE(info->tn->ra);

	if (what != TOY_EV_NEIGH_SET || toy_is_v4(&n->key.addr) || !ra ||
	    !READ_ONCE(ra->count[TOY_RA_ROUTER]))
		return NOTIFY_DONE;
	if (!atomic_xchg(&ra->rerank, 1))
		ra_kick(ra);
	return NOTIFY_DONE;
}

static struct notifier_block ra_event_nb = { .notifier_call = ra_event };

/**
 * toy_ra_net_init() - nobody has told a new namespace anything
 * @tn: network namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_ra_net_init(struct toy_net *tn)
{
	struct toy_ra *ra = kzalloc(sizeof(*ra), GFP_KERNEL);

	if (!ra)
		return -ENOMEM;
	ra->tn = tn;
	skb_queue_head_init(&ra->queue);
	INIT_LIST_HEAD(&ra->items);
	INIT_DELAYED_WORK(&ra->work, ra_work);
	tn->ra = ra;
	return 0;
}

/**
 * toy_ra_net_exit() - the opposite of toy_ra_net_init()
 * @tn: network namespace, without devices
 *
 * Context: process, takes RTNL.
 */
void toy_ra_net_exit(struct toy_net *tn)
{
	struct toy_ra *ra = tn->ra;
	struct sk_buff *skb;

	rtnl_lock();
	toy_ra_forget(ra, NULL);
	WRITE_ONCE(tn->ra, NULL);
	rtnl_unlock();
	/* A neighbour's event may have seen a router a moment ago. */
	if (ra->made)
		synchronize_rcu();
	cancel_delayed_work_sync(&ra->work);
	while ((skb = skb_dequeue(&ra->queue))) {
		toy_dev_put(ra_cb(skb)->dev);
		kfree_skb(skb);
	}
	kfree(ra);
}

/**
 * toy_ra_init() - follow devices and neighbours
 *
 * Return: 0 or a negative errno.
 */
int toy_ra_init(void)
{
	int err = toy_dev_notifier_register(&ra_dev_nb);

	if (err)
		return err;
	err = toy_event_register(&ra_event_nb);
	if (err)
		toy_dev_notifier_unregister(&ra_dev_nb);
	return err;
}

/**
 * toy_ra_exit() - the opposite of toy_ra_init()
 */
void toy_ra_exit(void)
{
	toy_event_unregister(&ra_event_nb);
	toy_dev_notifier_unregister(&ra_dev_nb);
}
