// SPDX-License-Identifier: GPL-2.0-only
/*
 * Net devices that AF_TOY is attached to.
 *
 *	            attach                    detach, UNREGISTER,
 *	            (queues, list, hook)      another namespace, rmmod
 *	(nothing) ----------------> attached ------------------> detached
 *	                            |      ^                      |
 *	                            '------'                      | last reference,
 *	                       UP DOWN MTU LLADDR NAME            | grace period
 *	                                                          v
 *	                                                        freed
 *
 * Detaching, in this order, so that nothing is left of the net device:
 *
 *  1. dev->dev = NULL and off the list: nobody finds it from now on;
 *  2. the hooks go, then one grace period: all who had found it have finished,
 *     nothing enters the queues any more;
 *  3. the queues' NAPI instances end and what waits is dropped by name. Packets
 *     in a queue point to the net device without a reference; now none does;
 *  4. the tables above are told (TOY_DEV_DETACHED) and drop addresses, routes
 *     and neighbours;
 *  5. the net device may go. The struct toy_dev stays for those who hold it.
 *
 * A device that moves to another network namespace is unregistered in the old
 * one and registered in the new one: it ends up detached.
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "internal.h"
#include "../event.h"

static RAW_NOTIFIER_HEAD(toy_dev_chain);
/* Attaching is possible only while the netdev notifier would detach; RTNL. */
static bool toy_dev_open;

/**
 * toy_dev_notifier_register() - hear of what happens to devices
 * @nb: called with an enum toy_dev_event and the struct toy_dev, under RTNL
 *
 * Context: process, without RTNL.
 * Return: 0 or a negative errno.
 */
int toy_dev_notifier_register(struct notifier_block *nb)
{
	int err;

	rtnl_lock();
	err = raw_notifier_chain_register(&toy_dev_chain, nb);
	rtnl_unlock();
	return err;
}

/**
 * toy_dev_notifier_unregister() - hear no more
 * @nb: what was registered
 *
 * Context: process, without RTNL. No call is under way when it returns.
 */
void toy_dev_notifier_unregister(struct notifier_block *nb)
{
	rtnl_lock();
	raw_notifier_chain_unregister(&toy_dev_chain, nb);
	rtnl_unlock();
}

/* Paths are looked up anew from before the tables change, and once more by
 * those who have looked while they were changing.
 */
static void toy_dev_raise(struct toy_dev *dev, enum toy_dev_event what)
{
	toy_path_gen_bump(dev->tn);
	raw_notifier_call_chain(&toy_dev_chain, what, dev);
	toy_path_gen_bump(dev->tn);
	toy_event(dev->tn, what == TOY_DEV_DETACHED ? TOY_EV_DEV_GONE :
						      TOY_EV_DEV_SET, dev);
}

/* ---- lifetime ------------------------------------------------------------- */

/**
 * toy_dev_alloc() - a device with queues, not yet hooked or in a list
 * @tn: network namespace
 * @ifindex: index of the net device
 * @hook: kind
 *
 * Context: process, RTNL.
 * Return: device with one reference, or NULL.
 */
struct toy_dev *toy_dev_alloc(struct toy_net *tn, int ifindex,
			      enum toy_hook hook)
{
	struct toy_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);

	if (!dev)
		return NULL;
	dev->tn = tn;
	dev->ifindex = ifindex;
	dev->hook = hook;
	refcount_set(&dev->refcnt, 1);
	if (toy_rxq_alloc(dev)) {
		kfree(dev);
		return NULL;
	}
	return dev;
}

static void toy_dev_free_rcu(struct rcu_head *head)
{
	struct toy_dev *dev = container_of(head, struct toy_dev, rcu);

	free_percpu(dev->rxq);
	kfree(dev);
}

/**
 * toy_dev_free() - the last reference has gone
 * @dev: device, detached
 *
 * For toy_dev_put(). Context: any.
 */
void toy_dev_free(struct toy_dev *dev)
{
	call_rcu(&dev->rcu, toy_dev_free_rcu);
}

/**
 * toy_dev_find() - attached device of an index
 * @tn: network namespace
 * @ifindex: index; the loopback device's finds tn->lo
 *
 * Context: RCU or RTNL.
 * Return: device, borrowed, or NULL.
 */
struct toy_dev *toy_dev_find(struct toy_net *tn, int ifindex)
{
	struct toy_dev *dev;

	list_for_each_entry_rcu(dev, &tn->devs, list, lockdep_rtnl_is_held())
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

/* Of an attached device, whose net_device it is: not of tn->lo. RTNL. */
static struct toy_dev *toy_dev_of(struct net_device *ndev)
{
	struct toy_dev *dev = toy_dev_find(toy_net(dev_net(ndev)),
					   ndev->ifindex);

	return dev && dev->hook != TOY_HOOK_LOOPBACK ? dev : NULL;
}

/* ---- attach --------------------------------------------------------------- */

/* Link types whose frames are Ethernet-like or bare IP packets. */
static bool toy_dev_type_fits(unsigned short type)
{
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_6LOWPAN:
	case ARPHRD_NONE:		/* TUN, WireGuard */
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return true;
	default:
		return false;
	}
}

/* As AF_INET: other devices have nobody, or only one, to send to. */
static bool toy_dev_resolves(const struct net_device *ndev)
{
	return ndev->header_ops && ndev->addr_len &&
	       !(ndev->flags & (IFF_NOARP | IFF_POINTOPOINT | IFF_LOOPBACK));
}

static int toy_dev_check(struct net_device *ndev, enum toy_hook hook,
			 struct netlink_ext_ack *extack)
{
	if (hook != TOY_HOOK_SHARED && hook != TOY_HOOK_EXCLUSIVE) {
		NL_SET_ERR_MSG(extack, "hook is neither shared nor exclusive");
		return -EINVAL;
	}
	if (ndev->flags & IFF_LOOPBACK || toylo_is(ndev)) {
		NL_SET_ERR_MSG(extack, "AF_TOY has a loopback of its own");
		return -EINVAL;
	}
	if (!toy_dev_type_fits(ndev->type)) {
		NL_SET_ERR_MSG(extack,
			       "link type is neither Ethernet-like nor raw IP");
		return -EOPNOTSUPP;
	}
	if (!toy_dev_open || ndev->reg_state != NETREG_REGISTERED)
		return -ENODEV;
	if (toy_dev_of(ndev)) {
		NL_SET_ERR_MSG(extack, "device is attached already");
		return -EEXIST;
	}
	return 0;
}

/* What is legal but seldom meant. One message is all that extack can take. */
static void toy_dev_warn(struct net_device *ndev, enum toy_hook hook,
			 struct netlink_ext_ack *extack)
{
	struct in_device *in_dev = __in_dev_get_rtnl(ndev);

	if (hook != TOY_HOOK_SHARED)
		return;
	if (netif_is_bridge_port(ndev))
		NL_SET_ERR_MSG(extack,
			       "device is a bridge port: its frames go to the bridge, attach that instead");
	else if (netif_is_lag_port(ndev))
		NL_SET_ERR_MSG(extack,
			       "device is a port of a bond or team: attach that instead");
	else if (in_dev && IN_DEV_FORWARD(in_dev))
		NL_SET_ERR_MSG(extack,
			       "AF_INET forwards on this device: it may forward or reject packets for AF_TOY's addresses");
}

/**
 * toy_dev_attach() - AF_TOY begins to use a net device
 * @ndev: net device, borrowed
 * @hook: TOY_HOOK_SHARED or TOY_HOOK_EXCLUSIVE
 * @extack: says why not, and warns of what AF_INET may do on the device
 *
 * Context: process, RTNL.
 * Return: 0; -EEXIST, -EINVAL, -EOPNOTSUPP, -ENODEV, -ENOMEM, or those of
 * toy_hook_add().
 */
int toy_dev_attach(struct net_device *ndev, enum toy_hook hook,
		   struct netlink_ext_ack *extack)
{
	struct toy_net *tn = toy_net(dev_net(ndev));
	struct toy_dev *dev;
	int err;

	ASSERT_RTNL();
	err = toy_dev_check(ndev, hook, extack);
	if (err)
		return err;
	dev = toy_dev_alloc(tn, ndev->ifindex, hook);
	if (!dev)
		return -ENOMEM;

	strscpy(dev->name, ndev->name, sizeof(dev->name));
	dev->mtu = ndev->mtu;
	dev->has_lladdr = toy_dev_resolves(ndev);
	rcu_assign_pointer(dev->dev, ndev);
	err = toy_hook_add(dev, ndev, extack);
	if (err) {
		toy_rxq_stop(dev);
		toy_dev_put(dev);
		return err;
	}
	netdev_hold(ndev, &dev->tracker, GFP_KERNEL);
	list_add_tail_rcu(&dev->list, &tn->devs);
	toy_dev_warn(ndev, hook, extack);
	toy_dev_raise(dev, TOY_DEV_ATTACHED);
	return 0;
}

/* ---- detach --------------------------------------------------------------- */

/* The order is explained at the top. RTNL. */
static void toy_dev_remove(struct toy_dev *dev)
{
	struct net_device *ndev = rtnl_dereference(dev->dev);

	RCU_INIT_POINTER(dev->dev, NULL);
	list_del_rcu(&dev->list);
	toy_hook_del(dev, ndev);
	toy_rxq_stop(dev);
	toy_dev_raise(dev, TOY_DEV_DETACHED);
	netdev_put(ndev, &dev->tracker);
	toy_dev_put(dev);
}

/**
 * toy_dev_detach() - AF_TOY leaves a net device
 * @ndev: net device, borrowed
 * @extack: says why not
 *
 * Its addresses, routes and neighbours go too.
 *
 * Context: process, RTNL. Waits for a grace period.
 * Return: 0; -EINVAL for the loopback device, -ENODEV when it is not attached.
 */
int toy_dev_detach(struct net_device *ndev, struct netlink_ext_ack *extack)
{
	struct toy_dev *dev;

	ASSERT_RTNL();
	if (ndev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "AF_TOY's own loopback is always there");
		return -EINVAL;
	}
	dev = toy_dev_of(ndev);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "device is not attached");
		return -ENODEV;
	}
	toy_dev_remove(dev);
	return 0;
}

/* ---- what happens to net devices ------------------------------------------ */

/* `ip link set arp off` is a mere change of flags. */
static void toy_dev_flags_changed(struct toy_dev *dev, struct net_device *ndev)
{
	bool resolves = toy_dev_resolves(ndev);

	if (dev->has_lladdr == resolves)
		return;
	WRITE_ONCE(dev->has_lladdr, resolves);
	toy_dev_raise(dev, TOY_DEV_LLADDR);
}

static void toy_dev_changed(struct toy_dev *dev, struct net_device *ndev,
			    unsigned long event)
{
	switch (event) {
	case NETDEV_UP:
		toy_dev_raise(dev, TOY_DEV_UP);
		break;
	case NETDEV_DOWN:
		toy_dev_raise(dev, TOY_DEV_DOWN);
		break;
	case NETDEV_CHANGE:
		toy_dev_flags_changed(dev, ndev);
		break;
	case NETDEV_CHANGEMTU:
		WRITE_ONCE(dev->mtu, ndev->mtu);
		toy_dev_raise(dev, TOY_DEV_MTU);
		break;
	case NETDEV_CHANGEADDR:
		toy_dev_raise(dev, TOY_DEV_LLADDR);
		break;
	case NETDEV_CHANGENAME:
		strscpy(dev->name, ndev->name, sizeof(dev->name));
		toy_dev_raise(dev, TOY_DEV_NAME);
		break;
	case NETDEV_PRE_TYPE_CHANGE:	/* it becomes another kind of link */
	case NETDEV_UNREGISTER:
		toy_dev_remove(dev);
		break;
	}
}

static int toy_dev_netdev_event(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	struct net_device *ndev = netdev_notifier_info_to_dev(ptr);
	struct toy_net *tn = toy_net(dev_net(ndev));
	struct toy_dev *dev;

	if (ndev->flags & IFF_LOOPBACK) {
		toy_loop_netdev_event(tn, ndev, event);
		return NOTIFY_DONE;
	}
	if (toylo_is(ndev))
		return notifier_from_errno(toylo_netdev_event(tn, ndev, event,
				netdev_notifier_info_to_extack(ptr)));
	dev = toy_dev_of(ndev);
	if (dev)
		toy_dev_changed(dev, ndev, event);
	return NOTIFY_DONE;
}

static struct notifier_block toy_dev_nb = {
	.notifier_call = toy_dev_netdev_event,
};

/**
 * toy_dev_net_exit() - a namespace goes: detach what is left in it
 * @tn: network namespace
 *
 * Nothing should be left but tn->lo: net devices leave a namespace before the
 * exit functions of pernet subsystems run.
 *
 * Context: process.
 */
void toy_dev_net_exit(struct toy_net *tn)
{
	struct toy_dev *dev, *next;

	rtnl_lock();
	list_for_each_entry_safe(dev, next, &tn->devs, list)
		if (WARN_ON_ONCE(dev->hook != TOY_HOOK_LOOPBACK))
			toy_dev_remove(dev);
	rtnl_unlock();
}

/**
 * toy_dev_init() - follow the net devices; from now on they may be attached
 *
 * Context: process. The core replays REGISTER for the devices that exist,
 * which gives each namespace's tn->lo its device.
 * Return: 0 or a negative errno.
 */
int __init toy_dev_init(void)
{
	int err = register_netdevice_notifier(&toy_dev_nb);

	if (err)
		return err;
	rtnl_lock();
	toy_dev_open = true;
	rtnl_unlock();
	return 0;
}

/**
 * toy_dev_exit() - detach everything, in all namespaces; no more attaching
 *
 * Context: process. The first step of unloading: the core replays UNREGISTER
 * for every device, and requests that still come in are refused.
 */
void toy_dev_exit(void)
{
	rtnl_lock();
	toy_dev_open = false;
	rtnl_unlock();
	unregister_netdevice_notifier(&toy_dev_nb);
}
