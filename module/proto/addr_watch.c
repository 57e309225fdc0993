// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens around our addresses.
 *
 *	device		addresses			routes
 *	UP		probed anew			those of addresses return
 *	DOWN		stay ours, probing stops	all but LOCAL go
 *	LLADDR		announced again			-
 *	DETACHED	go				go
 *
 * AF_INET and AF_INET6 know nothing of ours and may be given the same ones
 * later: nobody can prevent that, but it is worth a line in the log.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "../event.h"
#include "acd.h"
#include "addr.h"
#include "route.h"

static void addrs_up(struct toy_dev *dev)
{
	char buf[TOY_ADDR_STRLEN];
	struct toy_addr *a;
	u32 flags;

	list_for_each_entry(a, &dev->tn->addrs->list, list) {
		if (a->dev != dev)
			continue;
		flags = a->flags;
		if (toy_addr_start(a))
			net_warn_ratelimited("af_toy: %s: no memory to bring up %s\n",
					     dev->name,
					     toy_addr_str(&a->addr, buf));
		if (a->flags != flags)
			toy_event(dev->tn, TOY_EV_ADDR_SET, a);
	}
}

static void addrs_down(struct toy_dev *dev)
{
	struct toy_route_filter f = {
		.dev = dev, .keep_local = true, .down = true,
	};
	struct toy_addr *a;

	list_for_each_entry(a, &dev->tn->addrs->list, list)
		if (a->dev == dev)
			toy_addr_stop(a);
	toy_route_flush(dev->tn, &f);
}

static void addrs_announce(struct toy_dev *dev)
{
	struct toy_addr *a;

	if (!dev->has_lladdr || !toy_route_dev_up(dev))
		return;
	list_for_each_entry(a, &dev->tn->addrs->list, list)
		if (a->dev == dev && toy_addr_usable(a))
			toy_acd_announce(a);
}

static void addrs_gone(struct toy_dev *dev)
{
	struct toy_addr *a, *next;

	list_for_each_entry_safe(a, next, &dev->tn->addrs->list, list)
		if (a->dev == dev)
			toy_addr_remove(a);
	toy_route_flush_dev(dev);
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct toy_dev *dev = ptr;

	switch (event) {
	case TOY_DEV_UP:
		addrs_up(dev);
		break;
	case TOY_DEV_DOWN:
		addrs_down(dev);
		break;
	case TOY_DEV_LLADDR:
		addrs_announce(dev);
		break;
	case TOY_DEV_DETACHED:
		addrs_gone(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block dev_nb = { .notifier_call = dev_event };

/* Called for devices, which leave a namespace before its toy_net does. */
static void warn_if_ours(const struct net_device *ndev,
			 const struct in6_addr *addr)
{
	struct net *net = dev_net(ndev);
	char buf[TOY_ADDR_STRLEN];
	const struct toy_addr *a;

	if (toy_addr_loopback(addr))
		return;
	rcu_read_lock();
	a = toy_addr_find(toy_net(net), NULL, addr);
	if (a)
		net_warn_ratelimited("af_toy: %s: the kernel's own stack takes %s, which AF_TOY has on %s\n",
				     ndev->name, toy_addr_str(addr, buf),
				     a->dev->name);
	rcu_read_unlock();
}

static int inet_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct in6_addr addr = toy_v4(ifa->ifa_local);

	if (event == NETDEV_UP)
		warn_if_ours(ifa->ifa_dev->dev, &addr);
	return NOTIFY_DONE;
}

static struct notifier_block inet_nb = { .notifier_call = inet_event };

#if IS_ENABLED(CONFIG_IPV6)
static int inet6_event(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	if (event == NETDEV_UP)
		warn_if_ours(ifa->idev->dev, &ifa->addr);
	return NOTIFY_DONE;
}

static struct notifier_block inet6_nb = { .notifier_call = inet6_event };

static int watch_inet6(void)
{
	return register_inet6addr_notifier(&inet6_nb);
}

static void unwatch_inet6(void)
{
	unregister_inet6addr_notifier(&inet6_nb);
}
#else
static int watch_inet6(void)
{
	return 0;
}

static void unwatch_inet6(void)
{
}
#endif

/**
 * toy_addr_watch_init() - begin to listen
 *
 * Context: process. Every namespace has its struct toy_net already.
 * Return: 0 or a negative errno.
 */
int toy_addr_watch_init(void)
{
	int err;

	err = toy_dev_notifier_register(&dev_nb);
	if (err)
		return err;
	err = register_inetaddr_notifier(&inet_nb);
	if (err)
		goto no_inet;
	err = watch_inet6();
	if (err)
		goto no_inet6;
	return 0;

no_inet6:
	unregister_inetaddr_notifier(&inet_nb);
no_inet:
	toy_dev_notifier_unregister(&dev_nb);
	return err;
}

/**
 * toy_addr_watch_exit() - listen no more
 *
 * Context: process.
 */
void toy_addr_watch_exit(void)
{
	unwatch_inet6();
	unregister_inetaddr_notifier(&inet_nb);
	toy_dev_notifier_unregister(&dev_nb);
}
