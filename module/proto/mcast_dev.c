// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to the groups of a device when something happens to it.
 *
 *	ATTACHED	the groups of every host are let through; a router
 *			joins those of routers
 *	UP		the routers may be others: all groups are reported
 *	DOWN		nothing is said any more; memberships stay
 *	DETACHED	all groups go; members who leave later find nothing
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "mcast.h"
#include "route.h"

/* ---- devices ------------------------------------------------------------------- */

static u8 own_robustness(const struct toy_net *tn, bool v6)
{
	return v6 ? READ_ONCE(tn->sysctl.mld_qrv) :
		    READ_ONCE(tn->sysctl.igmp_qrv);
}

static void side_init(struct toy_mc_side *side, struct toy_mcast *mc,
		      const struct toy_mc_ops *ops)
{
	side->mc = mc;
	side->ops = ops;
	spin_lock_init(&side->lock);
	timer_setup(&side->timer, toy_mc_timer, 0);
	side->silent = !toy_route_dev_up(mc->dev) || !mc->ndev;
	toy_mc_link_init(&side->link, own_robustness(mc->dev->tn, ops->v6));
}

/**
 * toy_mcast_of() - multicast of a device, made if need be
 * @dev: device
 * @err: set when there is none: -ENODEV for one that was detached, -ENOMEM
 *
 * Context: RTNL, may sleep.
 * Return: it, or NULL.
 */
struct toy_mcast *toy_mcast_of(struct toy_dev *dev, int *err)
{
	struct toy_mcast *mc = rtnl_dereference(dev->mcast);
	struct net_device *ndev = rtnl_dereference(dev->dev);

	if (mc)
		return mc;
	*err = -ENODEV;
	if (dev->hook != TOY_HOOK_LOOPBACK && !ndev)
		return NULL;
	*err = -ENOMEM;
	mc = kzalloc(sizeof(*mc), GFP_KERNEL_ACCOUNT);
	if (!mc)
		return NULL;
	mc->dev = dev;
	if (dev->hook != TOY_HOOK_LOOPBACK)
		mc->ndev = ndev;
	side_init(&mc->side[0], mc, &toy_igmp_ops);
	side_init(&mc->side[1], mc, &toy_mld_ops);
	rcu_assign_pointer(dev->mcast, mc);
	return mc;
}

static const struct in6_addr *all_hosts_of(bool v6)
{
	static const struct in6_addr all_nodes = IN6ADDR_LINKLOCAL_ALLNODES_INIT;
	static const struct in6_addr all_hosts = {
		.s6_addr = { [10] = 0xff, 0xff, 224, 0, 0, 1 }
	};

	return v6 ? &all_nodes : &all_hosts;
}

/* RFC 4291 2.8: where a router has to listen, on each of its links. */
static void dev_router(struct toy_dev *dev, bool on)
{
	static const struct in6_addr groups[] = {
		IN6ADDR_LINKLOCAL_ALLROUTERS_INIT,
		IN6ADDR_SITELOCAL_ALLROUTERS_INIT,
	};
	struct toy_mcast *mc = rtnl_dereference(dev->mcast);

	for (int i = 0; mc && i < ARRAY_SIZE(groups); i++) {
		if (on == !!(mc->routers & BIT(i)))
			continue;
		if (!on)
			toy_mcast_leave(dev, &groups[i]);
		else if (toy_mcast_join(dev, &groups[i]))
			continue;
		mc->routers ^= BIT(i);
	}
}

/**
 * toy_mcast_router_now() - we begin, or cease, to route IPv6
 * @tn: network namespace
 * @on: we begin
 *
 * Context: RTNL, may sleep.
 */
void toy_mcast_router_now(struct toy_net *tn, bool on)
{
	struct toy_dev *dev;

	list_for_each_entry(dev, &tn->devs, list)
		dev_router(dev, on);
}

static void dev_attached(struct toy_dev *dev)
{
	struct toy_mcast *mc;
	int err;

	mc = toy_mcast_of(dev, &err);
	if (!mc) {
		net_warn_ratelimited("af_toy: %s: no memory for multicast\n",
				     dev->name);
		return;
	}
	toy_mc_frames(mc, all_hosts_of(false), true);
	toy_mc_frames(mc, all_hosts_of(true), true);
	dev_router(dev, READ_ONCE(dev->tn->sysctl.ip6_forwarding));
}

/**
 * toy_mc_cancel() - nothing is to be sent any more of any group
 * @side: side, locked
 *
 * What answers a general query is the link's: toy_mc_link_tick() cancels it.
 */
void toy_mc_cancel(struct toy_mc_side *side)
{
	struct toy_mc_group *g;
	struct hlist_node *next;

	for (int i = 0; i < ARRAY_SIZE(side->groups); i++) {
		hlist_for_each_entry_safe(g, next, &side->groups[i], node) {
			toy_mc_state_cancel(&g->state);
			toy_mc_filter_forget(&g->filter);
			toy_mc_reap(side, g);
		}
	}
}

static void side_down(struct toy_mc_side *side)
{
	spin_lock_bh(&side->lock);
	side->silent = true;
	toy_mc_cancel(side);
	side->link.answer = false;
	spin_unlock_bh(&side->lock);
	del_timer_sync(&side->timer);
}

/* The routers of the link may be others: begin anew, and report all. */
static void side_up(struct toy_mc_side *side)
{
	const struct toy_net *tn = side->mc->dev->tn;
	struct toy_mc_group *g;

	spin_lock_bh(&side->lock);
	side->silent = false;
	toy_mc_link_init(&side->link, own_robustness(tn, side->ops->v6));
	for (int i = 0; i < ARRAY_SIZE(side->groups); i++)
		hlist_for_each_entry(g, &side->groups[i], node)
			if (!toy_mc_unreported(&g->addr))
				toy_mc_state_changed(&g->state, &side->link,
						     true, jiffies);
	toy_mc_arm(side);
	spin_unlock_bh(&side->lock);
}

static void side_free(struct toy_mc_side *side)
{
	struct toy_mcast *mc = side->mc;
	struct toy_mc_group *g;
	struct hlist_node *next;

	side_down(side);
	spin_lock_bh(&side->lock);
	for (int i = 0; i < ARRAY_SIZE(side->groups); i++) {
		hlist_for_each_entry_safe(g, next, &side->groups[i], node) {
			if (!toy_mc_all_hosts(&g->addr))
				toy_mc_frames(mc, &g->addr, false);
			toy_mc_group_free(mc->dev->tn, g);
		}
	}
	spin_unlock_bh(&side->lock);
	toy_mc_frames(mc, all_hosts_of(side->ops->v6), false);
}

/* Its members may let go of it later: nothing is found then. */
static void dev_detached(struct toy_dev *dev)
{
	struct toy_mcast *mc = rtnl_dereference(dev->mcast);

	if (!mc)
		return;
	RCU_INIT_POINTER(dev->mcast, NULL);
	side_free(&mc->side[0]);
	side_free(&mc->side[1]);
	kfree_rcu(mc, rcu);
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct toy_dev *dev = ptr;
	struct toy_mcast *mc = rtnl_dereference(dev->mcast);

	switch (event) {
	case TOY_DEV_ATTACHED:
		dev_attached(dev);
		break;
	case TOY_DEV_DETACHED:
		dev_detached(dev);
		break;
	case TOY_DEV_UP:
	case TOY_DEV_DOWN:
		for (int i = 0; mc && i < ARRAY_SIZE(mc->side); i++) {
			if (event == TOY_DEV_UP)
				side_up(&mc->side[i]);
			else
				side_down(&mc->side[i]);
		}
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block dev_nb = { .notifier_call = dev_event };

/* ---- lifetime --------------------------------------------------------------------- */

/**
 * toy_mcast_net_init() - no groups yet
 * @tn: network namespace
 *
 * Return: 0.
 */
int toy_mcast_net_init(struct toy_net *tn)
{
	atomic_set(&tn->mc_groups, 0);
	return 0;
}

/**
 * toy_mcast_net_exit() - the groups of the loopback go; no socket is left
 * @tn: network namespace
 *
 * Context: process.
 */
void toy_mcast_net_exit(struct toy_net *tn)
{
	rtnl_lock();
	dev_detached(tn->lo);
	rtnl_unlock();
}

/**
 * toy_mcast_init() - follow the devices
 *
 * Return: 0 or a negative errno.
 */
int toy_mcast_init(void)
{
	return toy_dev_notifier_register(&dev_nb);
}

/**
 * toy_mcast_exit() - the opposite of toy_mcast_init(); no device is attached
 */
void toy_mcast_exit(void)
{
	toy_dev_notifier_unregister(&dev_nb);
}
