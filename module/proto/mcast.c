// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for groups (RFC 3810), until MLD brings them: it only programs the
 * device's filter.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/if_inet6.h>

#include "mcast.h"

/**
 * toy_mcast_join() - hear an IPv6 group
 * @dev: device
 * @group: group
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int toy_mcast_join(struct toy_dev *dev, const struct in6_addr *group)
{
	struct net_device *ndev = rtnl_dereference(dev->dev);
	u8 mac[ETH_ALEN];

	if (!ndev || ndev->addr_len != ETH_ALEN)
		return -ENODEV;
	ipv6_eth_mc_map(group, mac);
	return dev_mc_add(ndev, mac);
}

/**
 * toy_mcast_leave() - hear it no more
 * @dev: device
 * @group: group, joined
 *
 * Context: RTNL.
 */
void toy_mcast_leave(struct toy_dev *dev, const struct in6_addr *group)
{
	struct net_device *ndev = rtnl_dereference(dev->dev);
	u8 mac[ETH_ALEN];

	if (!ndev || ndev->addr_len != ETH_ALEN)
		return;
	ipv6_eth_mc_map(group, mac);
	dev_mc_del(ndev, mac);
}
