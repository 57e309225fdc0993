// SPDX-License-Identifier: GPL-2.0-only
/*
 * The groups that this host belongs to: one table per device and IP version.
 *
 *	sockets, the stack		toy_mcast_change()		RTNL
 *	    |	what one member wants
 *	    v
 *	mcast_filter.c			what all members want
 *	    |	has it changed?
 *	    v
 *	mcast_state.c			what is to be reported, and when
 *	    |
 *	    v
 *	mcast_report.c, igmp.c, mld.c	reports, queries		softirq
 *
 * A group is received when the device lets its frames through: the mapped
 * link-layer address is in the device's filter (dev_mc_add()) while the group
 * has members. 224.0.0.1 and ff02::1 are every host's: they are received
 * always, counted never and reported never (RFC 3376 6, RFC 3810 6).
 *
 * A group whose last member has left stays until that is reported often
 * enough. Strangers cannot make us hold anything here but the sources of one
 * query per group of ours (struct toy_mc_asked). What programs can is bounded
 * per socket (sock/mcast.c) and by net.toy.mcast_max_groups.
 */
#include <linux/if_arp.h>
#include <linux/jhash.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/if_inet6.h>
#include <net/ip.h>

#include "mcast.h"

/* ---- small questions ------------------------------------------------------- */

/**
 * toy_mc_all_hosts() - is every host a member, on every link?
 * @group: group
 * Return: true if it is.
 */
bool toy_mc_all_hosts(const struct in6_addr *group)
{
	static const struct in6_addr all_nodes = IN6ADDR_LINKLOCAL_ALLNODES_INIT;

	if (toy_is_v4(group))
		return toy_v4_of(group) == htonl(INADDR_ALLHOSTS_GROUP);
	return ipv6_addr_equal(group, &all_nodes) ||
	       ipv6_addr_equal(group, &in6addr_interfacelocal_allnodes);
}

/**
 * toy_mc_unreported() - is it a group that no report mentions?
 * @group: group
 *
 * RFC 3376 6; RFC 3810 6: all nodes, and what does not leave the interface.
 * Return: true if it is.
 */
bool toy_mc_unreported(const struct in6_addr *group)
{
	return toy_mc_all_hosts(group) ||
	       (!toy_is_v4(group) &&
		IPV6_ADDR_MC_SCOPE(group) <= IPV6_ADDR_SCOPE_NODELOCAL);
}

/**
 * toy_mcast_map() - link-layer address of a group
 * @ndev: net device
 * @group: group
 * @lladdr: result, as long as the device's addresses are, 2-byte aligned
 *
 * RFC 1112 6.4, RFC 2464 7. Context: any.
 * Return: false where the link knows no such address.
 */
bool toy_mcast_map(const struct net_device *ndev, const struct in6_addr *group,
		   u8 *lladdr)
{
	if (ndev->type != ARPHRD_ETHER)
		return false;
	if (toy_is_v4(group))
		ip_eth_mc_map(toy_v4_of(group), lladdr);
	else
		ipv6_eth_mc_map(group, lladdr);
	return true;
}

/**
 * toy_mc_frames() - let a group's frames through, or no longer
 * @mc: device
 * @group: group
 * @on: let them through
 *
 * Context: RTNL.
 */
void toy_mc_frames(const struct toy_mcast *mc, const struct in6_addr *group,
		   bool on)
{
	u8 lladdr[MAX_ADDR_LEN] __aligned(2);

	if (!mc->ndev || !toy_mcast_map(mc->ndev, group, lladdr))
		return;
	/* A device that cannot take one more hears all groups instead. */
	if (on)
		dev_mc_add(mc->ndev, lladdr);
	else
		dev_mc_del(mc->ndev, lladdr);
}

static struct toy_mc_side *side_of(struct toy_mcast *mc,
				   const struct in6_addr *group)
{
	return &mc->side[!toy_is_v4(group)];
}

static unsigned int bucket(const struct in6_addr *group)
{
	return jhash2((__force const u32 *)group->s6_addr32, 4, 0) >> (32 - TOY_MC_HASH_BITS);
}

/**
 * toy_mc_find() - a group on a side
 * @side: side
 * @group: group
 *
 * Context: RCU, RTNL or the side's lock.
 * Return: the group, perhaps without users, or NULL.
 */
struct toy_mc_group *toy_mc_find(const struct toy_mc_side *side,
				 const struct in6_addr *group)
{
	struct toy_mc_group *g;

	hlist_for_each_entry_rcu(g, &side->groups[bucket(group)], node,
				 lockdep_rtnl_is_held() ||
				 lockdep_is_held(&side->lock))
		if (ipv6_addr_equal(&g->addr, group))
			return g;
	return NULL;
}

/**
 * toy_mcast_member() - does this host want to hear a packet to a group?
 * @dev: device that it came in by
 * @group: destination
 * @saddr: source, or NULL to leave source filters out (IGMP, MLD)
 *
 * Context: RCU.
 * Return: true if it does.
 */
bool toy_mcast_member(const struct toy_dev *dev, const struct in6_addr *group,
		      const struct in6_addr *saddr)
{
	const struct toy_mc_group *g;
	struct toy_mcast *mc;

	if (toy_mc_all_hosts(group))
		return true;
	mc = rcu_dereference(dev->mcast);
	if (!mc)
		return false;
	g = toy_mc_find(side_of(mc, group), group);
	return g && READ_ONCE(g->users) &&
	       (!saddr || toy_mc_filter_passes(&g->filter, saddr));
}

/* ---- groups ------------------------------------------------------------------ */

static void group_free_rcu(struct rcu_head *head)
{
	struct toy_mc_group *g = container_of(head, struct toy_mc_group, rcu);

	kfree(g->asked);
	kfree(g);
}

/**
 * toy_mc_group_free() - take a group out
 * @tn: network namespace
 * @g: group, its side locked; freed after a grace period
 */
void toy_mc_group_free(struct toy_net *tn, struct toy_mc_group *g)
{
	hlist_del_rcu(&g->node);
	toy_mc_filter_free(&g->filter);
	atomic_dec(&tn->mc_groups);
	call_rcu(&g->rcu, group_free_rcu);
}

/**
 * toy_mc_reap() - let a group go that has neither users nor news
 * @side: side, locked
 * @g: group; gone when this returns, or not
 */
void toy_mc_reap(struct toy_mc_side *side, struct toy_mc_group *g)
{
	toy_mc_filter_sweep(&g->filter);
	if (!g->users && !g->state.change)
		toy_mc_group_free(side->mc->dev->tn, g);
}

/* Never seen by anybody else. */
static void group_unused(struct toy_net *tn, struct toy_mc_group *g)
{
	atomic_dec(&tn->mc_groups);
	kfree(g);
}

static struct toy_mc_group *group_new(struct toy_net *tn,
				      const struct in6_addr *addr, int *err)
{
	struct toy_mc_group *g;

	*err = -ENOBUFS;
	if (atomic_inc_return(&tn->mc_groups) >
	    READ_ONCE(tn->sysctl.mcast_max_groups))
		goto full;
	*err = -ENOMEM;
	g = kzalloc(sizeof(*g), GFP_KERNEL_ACCOUNT);
	if (!g)
		goto full;
	g->addr = *addr;
	toy_mc_filter_init(&g->filter);
	return g;
full:
	atomic_dec(&tn->mc_groups);
	return NULL;
}

/* ---- members ------------------------------------------------------------------- */

/* Lock held: a change of the filter is news for the routers. Versions before
 * the third tell only of beginning and end (RFC 2236 3, 6; RFC 1112).
 */
static void tell(struct toy_mc_side *side, struct toy_mc_group *g,
		 unsigned int changed, bool first, bool last)
{
	bool old = side->link.version != TOY_MC_V3;

	if (side->silent || toy_mc_unreported(&g->addr) ||
	    (old ? !first && !last : !changed)) {
		toy_mc_filter_forget(&g->filter);
		return;
	}
	toy_mc_state_changed(&g->state, &side->link,
			     changed & TOY_MC_MODE_CHANGED, jiffies);
	if (old && last) {
		/* RFC 2236 3: a leave is said once, if at all. */
		toy_mc_state_cancel(&g->state);
		g->state.change = true;
		g->state.changes = 1;
		g->state.change_at = jiffies;
	}
	toy_mc_arm(side);
}

/* Lock held: count the member, and say what that means. */
static bool swap_member(struct toy_mc_side *side, struct toy_mc_group *g,
			const struct toy_mc_want *old,
			const struct toy_mc_want *new, struct list_head *spare)
{
	bool first = !old && !g->users, last = !new && g->users == 1;
	unsigned int changed;

	WRITE_ONCE(g->users, g->users + !old - !new);
	changed = toy_mc_filter_swap(&g->filter, old, new, side->link.robust,
				     spare);
	tell(side, g, changed, first, last);
	return first || last;
}

/* RTNL: only the timer, which takes what nobody uses, can change it. */
static u32 users_of(const struct toy_mc_side *side,
		    const struct in6_addr *group)
{
	const struct toy_mc_group *g;
	u32 users;

	rcu_read_lock();
	g = toy_mc_find(side, group);
	users = g ? READ_ONCE(g->users) : 0;
	rcu_read_unlock();
	return users;
}

static u32 sources_of(const struct toy_mc_side *side,
		      const struct in6_addr *group)
{
	const struct toy_mc_group *g;
	u32 sources;

	rcu_read_lock();
	g = toy_mc_find(side, group);
	sources = g ? READ_ONCE(g->filter.sources) : 0;
	rcu_read_unlock();
	return sources;
}

/* Whoever joins brings a group, in case that there is none. */
static int change(struct toy_mc_side *side, const struct in6_addr *group,
		  const struct toy_mc_want *old, const struct toy_mc_want *new,
		  struct toy_mc_group *fresh)
{
	struct toy_mc_group *g;
	bool turned = false;
	LIST_HEAD(spare);
	int err;

	err = toy_mc_filter_prepare(sources_of(side, group), new, &spare);

	spin_lock_bh(&side->lock);
	/* The end of an old querier cancels what was to be sent before this,
	 * not this.
	 */
	if (toy_mc_link_tick(&side->link, jiffies))
		toy_mc_cancel(side);
	g = toy_mc_find(side, group);
	if (!g && fresh && !err) {
		hlist_add_head_rcu(&fresh->node, &side->groups[bucket(group)]);
		g = fresh;
	}
	if (g && !err) {
		turned = swap_member(side, g, old, new, &spare);
		toy_mc_reap(side, g);
	}
	spin_unlock_bh(&side->lock);

	toy_mc_spare_free(&spare);
	if (fresh && fresh != g)
		group_unused(side->mc->dev->tn, fresh);
	if (turned && !toy_mc_all_hosts(group))
		toy_mc_frames(side->mc, group, !old);
	return err;
}

/**
 * toy_mcast_change() - a member of a group changes what it wants to hear
 * @dev: device
 * @group: group
 * @old: what it wanted till now, or NULL: it joins
 * @new: what it wants, or NULL: it leaves
 *
 * Context: RTNL, may sleep.
 * Return: 0; -ENODEV when the device is detached, -ENOBUFS at a limit, -ENOMEM.
 * Leaving, or wanting no sources, does not fail.
 */
int toy_mcast_change(struct toy_dev *dev, const struct in6_addr *group,
		     const struct toy_mc_want *old,
		     const struct toy_mc_want *new)
{
	struct toy_mc_group *fresh = NULL;
	struct toy_mcast *mc;
	int err = 0;

	ASSERT_RTNL();
	mc = old ? rtnl_dereference(dev->mcast) : toy_mcast_of(dev, &err);
	if (!mc)	/* who was a member on a detached device is none */
		return err;
	if (!old && !users_of(side_of(mc, group), group)) {
		fresh = group_new(dev->tn, group, &err);
		if (!fresh)
			return err;
	}
	return change(side_of(mc, group), group, old, new, fresh);
}

static const struct toy_mc_want everything = { .mode = MCAST_EXCLUDE };

/**
 * toy_mcast_join() - the stack itself wants to hear a group
 * @dev: device
 * @group: group
 *
 * Joins are counted. Context: RTNL, may sleep.
 * Return: 0 or an errno of toy_mcast_change().
 */
int toy_mcast_join(struct toy_dev *dev, const struct in6_addr *group)
{
	return toy_mcast_change(dev, group, NULL, &everything);
}

/**
 * toy_mcast_leave() - the opposite of toy_mcast_join()
 * @dev: device, which may have been detached meanwhile
 * @group: group
 *
 * Context: RTNL.
 */
void toy_mcast_leave(struct toy_dev *dev, const struct in6_addr *group)
{
	toy_mcast_change(dev, group, &everything, NULL);
}

/* ---- showing ---------------------------------------------------------------------- */

static int walk_side(struct toy_mc_side *side, unsigned long *at,
		     struct toy_mc_cursor *cursor,
		     int (*fn)(const struct toy_mc_side *side,
			       const struct toy_mc_group *g, void *arg),
		     void *arg)
{
	struct toy_mc_group *g;
	int err = 0;

	spin_lock_bh(&side->lock);
	if (toy_mc_link_tick(&side->link, jiffies))
		toy_mc_cancel(side);
	for (int i = 0; !err && i < ARRAY_SIZE(side->groups); i++) {
		hlist_for_each_entry(g, &side->groups[i], node) {
			if ((*at)++ < cursor->index)
				continue;
			err = fn(side, g, arg);
			if (err)
				break;
			cursor->index++;
		}
	}
	spin_unlock_bh(&side->lock);
	return err;
}

/**
 * toy_mcast_walk() - show all groups
 * @tn: network namespace
 * @cursor: where the last call ended; zeroed at first
 * @fn: called for each, with its side's lock held; nonzero stops before that
 *	group, which the next call begins with
 * @arg: for @fn
 *
 * Context: RCU. Groups that come and go between two calls may be missed or
 * shown twice.
 * Return: 0 at the end, or what @fn returned.
 */
int toy_mcast_walk(struct toy_net *tn, struct toy_mc_cursor *cursor,
		   int (*fn)(const struct toy_mc_side *side,
			     const struct toy_mc_group *g, void *arg),
		   void *arg)
{
	struct toy_mcast *mc;
	struct toy_dev *dev;
	unsigned long at = 0;
	int err;

	list_for_each_entry_rcu(dev, &tn->devs, list) {
		mc = rcu_dereference(dev->mcast);
		for (int i = 0; mc && i < ARRAY_SIZE(mc->side); i++) {
			err = walk_side(&mc->side[i], &at, cursor, fn, arg);
			if (err)
				return err;
		}
	}
	return 0;
}
