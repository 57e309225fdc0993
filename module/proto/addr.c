// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of ours.
 *
 *	            device up, ACD strict
 *	   add ---------------------------> TENTATIVE ----.
 *	    |  \    device up, ACD optimistic             | conflict
 *	    |   '-------------------------> OPTIMISTIC --. |
 *	    |                                  |         | |
 *	    |   no ACD, or not now             | done    v v
 *	    '---------> usable <---------------'      DUPLICATE
 *	                   |                             ^ |
 *	                   '---- conflict later ---------' | device up again:
 *	                                                   '-> TENTATIVE
 *
 * Usable are all but TENTATIVE and DUPLICATE. Usable is the same as having
 * routes (addr_route.c): the local table of routes is what decides whether a
 * packet is for us, and nobody on the way in looks here.
 *
 * ACD is RFC 5227 for IPv4 and RFC 4862 5.4 for IPv6; proto/acd.c runs it and
 * calls back when it has an answer.
 */
#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>

#include "../event.h"
#include "acd.h"
#include "addr.h"
#include "mcast.h"
#include "route.h"
#include "slaac.h"

static struct hlist_head *addr_bucket(struct toy_net *tn,
				      const struct in6_addr *addr)
{
	u32 key = (__force u32)(addr->s6_addr32[0] ^ addr->s6_addr32[1] ^
				addr->s6_addr32[2] ^ addr->s6_addr32[3]);

	return &tn->addrs->hash[hash_32(key, TOY_ADDR_HASH_BITS)];
}

/**
 * toy_addr_usable() - may we send from and answer for an address?
 * @a: address
 *
 * Context: RCU or RTNL.
 * Return: true unless it is still probed or somebody else's.
 */
bool toy_addr_usable(const struct toy_addr *a)
{
	return !(READ_ONCE(a->flags) &
		 (TOY_ADDR_F_TENTATIVE | TOY_ADDR_F_DUPLICATE));
}

/**
 * toy_addr_find() - an address of ours, usable or not
 * @tn: network namespace
 * @dev: device, or NULL for any
 * @addr: address
 *
 * Context: RCU or RTNL.
 * Return: the address, borrowed, or NULL.
 */
struct toy_addr *toy_addr_find(struct toy_net *tn, const struct toy_dev *dev,
			       const struct in6_addr *addr)
{
	struct toy_addr *a;

	hlist_for_each_entry_rcu(a, addr_bucket(tn, addr), hash,
				 lockdep_rtnl_is_held())
		if ((!dev || a->dev == dev) && ipv6_addr_equal(&a->addr, addr))
			return a;
	return NULL;
}

/**
 * toy_addr_walk() - call a function for every address
 * @tn: network namespace
 * @fn: called under rcu_read_lock(), must not sleep; nonzero ends the walk
 * @arg: for @fn
 *
 * In the order in which they were added. Context: any.
 * Return: 0 or what @fn returned.
 */
int toy_addr_walk(struct toy_net *tn,
		  int (*fn)(const struct toy_addr *a, void *arg), void *arg)
{
	const struct toy_addr *a;
	int err = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(a, &tn->addrs->list, list) {
		err = fn(a, arg);
		if (err)
			break;
	}
	rcu_read_unlock();
	return err;
}

/**
 * toy_addr_str() - an address as people write it
 * @addr: address
 * @buf: room for it
 *
 * Context: any.
 * Return: @buf.
 */
const char *toy_addr_str(const struct in6_addr *addr,
			 char buf[TOY_ADDR_STRLEN])
{
	if (toy_is_v4(addr))
		snprintf(buf, TOY_ADDR_STRLEN, "%pI4", &addr->s6_addr32[3]);
	else
		snprintf(buf, TOY_ADDR_STRLEN, "%pI6c", addr);
	return buf;
}

static void addr_free_rcu(struct rcu_head *head)
{
	struct toy_addr *a = container_of(head, struct toy_addr, rcu);

	toy_dev_put(a->dev);
	kfree(a);
}

static void addr_changed(struct toy_addr *a, enum toy_event what)
{
	toy_path_gen_bump(a->dev->tn);
	toy_event(a->dev->tn, what, a);
}

/* ---- probing ------------------------------------------------------------- */

/* net.toy.acd: 0 off, 1 optimistic (RFC 4429's idea), 2 as RFC 5227 has it. */
#define ACD_OPTIMISTIC	1
#define ACD_STRICT	2

/* The same for IPv6: net.toy.dad_transmits and net.toy.optimistic_dad. */
static int dad_mode(const struct toy_sysctl *ctl)
{
	if (!READ_ONCE(ctl->dad_transmits))
		return 0;
	return READ_ONCE(ctl->optimistic_dad) ? ACD_OPTIMISTIC : ACD_STRICT;
}

static int acd_mode(const struct toy_addr *a)
{
	const struct toy_sysctl *ctl = &a->dev->tn->sysctl;

	if (!a->dev->has_lladdr || !toy_route_dev_up(a->dev) ||
	    a->flags & TOY_ADDR_F_NODAD)
		return 0;
	return toy_is_v4(&a->addr) ? READ_ONCE(ctl->acd) : dad_mode(ctl);
}

static void set_state(struct toy_addr *a, u32 state)
{
	u32 flags = a->flags & ~(TOY_ADDR_F_TENTATIVE | TOY_ADDR_F_OPTIMISTIC |
				 TOY_ADDR_F_DUPLICATE);

	WRITE_ONCE(a->flags, flags | state);
}

/**
 * toy_addr_start() - a new address, or its device came up
 * @a: address
 *
 * Begins to probe where that is asked for; brings the routes into line.
 *
 * Context: RTNL, may sleep.
 * Return: 0 or -ENOMEM.
 */
int toy_addr_start(struct toy_addr *a)
{
	bool was_duplicate = a->flags & TOY_ADDR_F_DUPLICATE;
	int mode = acd_mode(a);
	int err;

	/* Somebody else had it: do not speak before that is cleared up. */
	if (was_duplicate) {
		if (!mode)
			return 0;
		mode = ACD_STRICT;
	}
	if (mode >= ACD_STRICT)
		set_state(a, TOY_ADDR_F_TENTATIVE);
	else
		set_state(a, mode ? TOY_ADDR_F_OPTIMISTIC : 0);

	if (toy_addr_usable(a)) {
		err = toy_addr_routes_add(a);
		if (err)
			return err;
	} else {
		toy_addr_routes_del(a);
	}
	return mode ? toy_acd_start(a, mode) : 0;
}

/**
 * toy_addr_stop() - probe no more: the device is down or the address goes
 * @a: address
 *
 * Context: RTNL, process.
 */
void toy_addr_stop(struct toy_addr *a)
{
	if (a->acd)
		toy_acd_stop(a);
}

/**
 * toy_addr_acd_done() - nobody else has the address
 * @a: address that was probed
 *
 * Context: process, RTNL.
 */
void toy_addr_acd_done(struct toy_addr *a)
{
	char buf[TOY_ADDR_STRLEN];

	ASSERT_RTNL();
	set_state(a, 0);
	if (toy_addr_routes_add(a))
		net_warn_ratelimited("af_toy: %s: no memory for the routes of %s\n",
				     a->dev->name, toy_addr_str(&a->addr, buf));
	addr_changed(a, TOY_EV_ADDR_SET);
}

/**
 * toy_addr_acd_conflict() - another host has the address (RFC 5227 2.1.1, 2.4)
 * @a: address
 * @lladdr: link-layer address of that host
 *
 * Sockets bound to it can send no more; it is tried again when the device
 * comes up the next time.
 *
 * Context: process, RTNL.
 */
void toy_addr_acd_conflict(struct toy_addr *a, const u8 *lladdr)
{
	char buf[TOY_ADDR_STRLEN];

	ASSERT_RTNL();
	net_warn_ratelimited("af_toy: %s: %pM uses our address %s\n",
			     a->dev->name, lladdr, toy_addr_str(&a->addr, buf));
	set_state(a, TOY_ADDR_F_DUPLICATE);
	toy_addr_routes_del(a);
	addr_changed(a, TOY_EV_ADDR_SET);
	if (a->flags & TOY_ADDR_F_AUTOCONF)
		toy_slaac_conflict(a);		/* may take another one */
}

/* ---- configuration ------------------------------------------------------- */

/**
 * toy_addr_foreign() - does AF_INET or AF_INET6 have an address too?
 * @net: network namespace
 * @addr: address
 *
 * Both stacks would answer, and reset each other's connections.
 *
 * Context: RTNL.
 * Return: true if it does.
 */
bool toy_addr_foreign(struct net *net, const struct in6_addr *addr)
{
	if (toy_addr_loopback(addr))
		return false;	/* each stack has its own */
	if (toy_is_v4(addr))
		return __ip_dev_find(net, toy_v4_of(addr), false);
#if IS_BUILTIN(CONFIG_IPV6)
	return ipv6_chk_addr(net, addr, NULL, 0);
#else
	return false;
#endif
}

static int addr_check(struct toy_dev *dev, const struct toy_addr_config *cfg,
		      struct netlink_ext_ack *extack)
{
	const struct in6_addr *addr = &cfg->addr;
	bool v4 = toy_is_v4(addr);

	if (cfg->plen > 128 || (v4 && cfg->plen < 96)) {
		NL_SET_ERR_MSG(extack, "Invalid prefix length");
		return -EINVAL;
	}
	if (toy_addr_any(addr) || toy_addr_multicast(addr) ||
	    (v4 && ipv4_is_lbcast(toy_v4_of(addr)))) {
		NL_SET_ERR_MSG(extack, "Not the address of a host");
		return -EINVAL;
	}
	if (toy_addr_loopback(addr) && dev->hook != TOY_HOOK_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "Loopback addresses belong on lo");
		return -EINVAL;
	}
	if (cfg->has_broadcast &&
	    (!v4 || !toy_is_v4(&cfg->broadcast) ||
	     ipv6_addr_equal(&cfg->broadcast, addr))) {
		NL_SET_ERR_MSG(extack, "Invalid broadcast address");
		return -EINVAL;
	}
	if (cfg->has_lifetime && (!cfg->valid_lft ||
				  cfg->preferred_lft > cfg->valid_lft)) {
		NL_SET_ERR_MSG(extack, "Invalid lifetime");
		return -EINVAL;
	}
	if (cfg->has_scope && cfg->scope == TOY_SCOPE_NOWHERE) {
		NL_SET_ERR_MSG(extack, "Invalid scope");
		return -EINVAL;
	}
	if (toy_addr_find(dev->tn, dev, addr)) {
		NL_SET_ERR_MSG(extack, "Address already assigned");
		return -EEXIST;
	}
	return 0;
}

static u8 default_scope(const struct in6_addr *addr)
{
	if (toy_addr_loopback(addr))
		return TOY_SCOPE_HOST;
	if (!toy_is_v4(addr) &&
	    ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL)
		return TOY_SCOPE_LINK;
	return TOY_SCOPE_GLOBAL;
}

static struct toy_addr *addr_new(struct toy_dev *dev,
				 const struct toy_addr_config *cfg)
{
	struct toy_addr *a = kzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);

	if (!a)
		return NULL;
	a->addr = cfg->addr;
	if (cfg->has_broadcast)
		a->broadcast = cfg->broadcast;
	else if (toy_is_v4(&a->addr) && cfg->plen < 127 &&
		 dev->hook != TOY_HOOK_LOOPBACK)
		a->broadcast = toy_v4(toy_v4_of(&a->addr) |
				      cpu_to_be32(~0U >> (cfg->plen - 96)));
	a->plen = cfg->plen;
	a->scope = cfg->has_scope ? cfg->scope : default_scope(&cfg->addr);
	a->flags = cfg->flags & (TOY_ADDR_F_ASKED | TOY_ADDR_F_AUTOCONF);
	a->dad_tries = cfg->dad_tries;
	a->preference = cfg->preference;
	a->dev = dev;
	toy_dev_hold(dev);
	return a;
}

/* RFC 4861 7.2.1: who has an address listens where others ask for it. */
static void group_join(struct toy_addr *a)
{
	struct in6_addr group;

	if (toy_is_v4(&a->addr) || !a->dev->has_lladdr)
		return;
	addrconf_addr_solict_mult(&a->addr, &group);
	a->joined = !toy_mcast_join(a->dev, &group);
}

static void group_leave(struct toy_addr *a)
{
	struct in6_addr group;

	if (!a->joined)
		return;
	addrconf_addr_solict_mult(&a->addr, &group);
	toy_mcast_leave(a->dev, &group);
	a->joined = false;
}

static void addr_unlink(struct toy_addr *a)
{
	toy_addr_stop(a);
	group_leave(a);
	list_del_rcu(&a->list);
	hlist_del_rcu(&a->hash);
	toy_addr_routes_del(a);
}

/**
 * toy_addr_remove() - take an address away
 * @a: address; freed after a grace period
 *
 * Context: RTNL, may sleep.
 */
void toy_addr_remove(struct toy_addr *a)
{
	addr_unlink(a);
	addr_changed(a, TOY_EV_ADDR_GONE);
	call_rcu(&a->rcu, addr_free_rcu);
}

/**
 * toy_addr_add() - `ip addr add`
 * @dev: attached device
 * @cfg: the address; borrowed
 * @extack: says what is wrong, or warns that AF_INET has the address too
 *
 * An address stands on a device once, whatever its prefix; several devices
 * may have it.
 *
 * Context: RTNL, may sleep.
 * Return: 0, -EINVAL, -EEXIST or -ENOMEM.
 */
int toy_addr_add(struct toy_dev *dev, const struct toy_addr_config *cfg,
		 struct netlink_ext_ack *extack)
{
	struct toy_net *tn = dev->tn;
	struct toy_addr *a;
	int err;

	ASSERT_RTNL();
	err = addr_check(dev, cfg, extack);
	if (err)
		return err;
	a = addr_new(dev, cfg);
	if (!a)
		return -ENOMEM;

	list_add_tail_rcu(&a->list, &tn->addrs->list);
	hlist_add_tail_rcu(&a->hash, addr_bucket(tn, &a->addr));
	if (cfg->has_lifetime)
		toy_addr_life_set(a, cfg->valid_lft, cfg->preferred_lft);
	group_join(a);
	err = toy_addr_start(a);
	if (err) {
		addr_unlink(a);
		call_rcu(&a->rcu, addr_free_rcu);
		return err;
	}
	if (toy_addr_foreign(tn->net, &a->addr))
		NL_SET_ERR_MSG(extack,
			       "The kernel's own stack has this address too: both will answer");
	addr_changed(a, TOY_EV_ADDR_SET);
	return 0;
}

/**
 * toy_addr_del() - `ip addr del`
 * @dev: device
 * @addr: address
 * @plen: its prefix length, of 128
 * @extack: says what is wrong
 *
 * Context: RTNL, may sleep.
 * Return: 0 or -EADDRNOTAVAIL.
 */
int toy_addr_del(struct toy_dev *dev, const struct in6_addr *addr, u8 plen,
		 struct netlink_ext_ack *extack)
{
	struct toy_addr *a;

	ASSERT_RTNL();
	a = toy_addr_find(dev->tn, dev, addr);
	if (!a || a->plen != plen) {
		NL_SET_ERR_MSG(extack, "Address not found");
		return -EADDRNOTAVAIL;
	}
	toy_addr_remove(a);
	return 0;
}

/* ---- lifetime ------------------------------------------------------------ */

/**
 * toy_addr_net_exit() - forget all addresses of a namespace
 * @tn: network namespace, without traffic
 *
 * Context: process, takes RTNL.
 */
void toy_addr_net_exit(struct toy_net *tn)
{
	struct toy_addr *a, *next;

	rtnl_lock();
	list_for_each_entry_safe(a, next, &tn->addrs->list, list)
		toy_addr_remove(a);
	rtnl_unlock();
	cancel_delayed_work_sync(&tn->addrs->life);
	kfree(tn->addrs);
	tn->addrs = NULL;
}

/**
 * toy_addr_net_init() - a new namespace has 127.0.0.1/8 and ::1 on tn->lo
 * @tn: network namespace, with routes and loopback
 *
 * Context: process, takes RTNL.
 * Return: 0 or -ENOMEM.
 */
int toy_addr_net_init(struct toy_net *tn)
{
	struct toy_addr_config cfg = {
		.addr = toy_v4(htonl(INADDR_LOOPBACK)),
		.plen = 96 + 8,
	};
	struct toy_addr_config cfg6 = {
		.addr = in6addr_loopback,
		.plen = 128,
	};
	int err;

	tn->addrs = kzalloc(sizeof(*tn->addrs), GFP_KERNEL);
	if (!tn->addrs)
		return -ENOMEM;
	INIT_LIST_HEAD(&tn->addrs->list);
	tn->addrs->tn = tn;
	INIT_DELAYED_WORK(&tn->addrs->life, toy_addr_life_work);
	rtnl_lock();
	err = toy_addr_add(tn->lo, &cfg, NULL) ?:
	      toy_addr_add(tn->lo, &cfg6, NULL);
	rtnl_unlock();
	if (err)
		toy_addr_net_exit(tn);
	return err;
}

/**
 * toy_addr_init() - follow devices and AF_INET's addresses
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int toy_addr_init(void)
{
	return toy_addr_watch_init();
}

/**
 * toy_addr_exit() - follow no more; wait until the last address is freed
 *
 * Context: process.
 */
void toy_addr_exit(void)
{
	toy_addr_watch_exit();
	rcu_barrier();
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "addr_test.c"
#endif
