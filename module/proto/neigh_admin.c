// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbours by decree: what an administrator adds and removes, and what goes
 * with a device.
 *
 *	device goes down, other MAC	all but permanent entries
 *	device is detached		all
 */
#include <linux/netlink.h>

#include "neigh.h"
#include "neigh_table.h"

/* How often an entry may be removed by others while we set it. */
#define SET_TRIES	4

static int add_check(const struct toy_dev *dev, const struct in6_addr *addr,
		     enum toy_nud_state state, struct netlink_ext_ack *extack)
{
	if (!dev->has_lladdr) {
		NL_SET_ERR_MSG(extack, "device has no link-layer addresses");
		return -EINVAL;
	}
	if (toy_addr_any(addr) || toy_addr_multicast(addr) ||
	    toy_addr_loopback(addr) ||
	    (toy_is_v4(addr) && ipv4_is_lbcast(toy_v4_of(addr)))) {
		NL_SET_ERR_MSG(extack, "address is not that of a host");
		return -EINVAL;
	}
	if (state != TOY_NUD_PERMANENT && state != TOY_NUD_REACHABLE &&
	    state != TOY_NUD_STALE) {
		NL_SET_ERR_MSG(extack,
			       "state must be permanent, reachable or stale");
		return -EINVAL;
	}
	return 0;
}

/**
 * toy_neigh_add() - an administrator tells a neighbour's address
 * @dev: device
 * @addr: neighbour
 * @lladdr: its link-layer address, of the device's length
 * @state: TOY_NUD_PERMANENT, _REACHABLE or _STALE
 * @replace: an entry may be there already
 * @extack: for the error text; may be NULL
 *
 * Context: process.
 * Return: 0; -EEXIST; -EINVAL; -ENOBUFS when there is no room.
 */
int toy_neigh_add(struct toy_dev *dev, const struct in6_addr *addr,
		  const u8 *lladdr, enum toy_nud_state state, bool replace,
		  struct netlink_ext_ack *extack)
{
	int err = add_check(dev, addr, state, extack);
	struct toy_neigh *n;

	if (err)
		return err;

	if (!replace) {
		n = toy_neigh_find(dev->tn, dev, addr);
		if (n) {
			toy_neigh_put(n);
			return -EEXIST;
		}
	}

	err = -ESTALE;
	for (int i = 0; err == -ESTALE && i < SET_TRIES; i++) {
		n = toy_neigh_get(dev->tn, dev, addr);
		if (!n)
			break;
		err = toy_neigh_set(n, lladdr, state);
		toy_neigh_put(n);
	}
	if (err) {
		NL_SET_ERR_MSG(extack, "no room in the neighbour table");
		return -ENOBUFS;
	}
	return 0;
}

/**
 * toy_neigh_del() - an administrator removes a neighbour
 * @dev: device
 * @addr: neighbour
 * @extack: for an error text: -ENOENT says it all
 *
 * Packets that wait for it are dropped. A packet to it makes a new entry.
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int toy_neigh_del(struct toy_dev *dev, const struct in6_addr *addr,
		  struct netlink_ext_ack *extack)
{
	struct toy_neigh *n = toy_neigh_find(dev->tn, dev, addr);
	bool gone = n && toy_neigh_unlink(n, true);

	toy_neigh_put(n);
	return gone ? 0 : -ENOENT;
}

static int neigh_dev_event(struct notifier_block *nb, unsigned long event,
			   void *data)
{
	struct toy_dev *dev = data;

	switch (event) {
	case TOY_DEV_DOWN:
	case TOY_DEV_LLADDR:
		toy_neigh_flush(dev->tn, dev, false);
		break;
	case TOY_DEV_DETACHED:
		toy_neigh_flush(dev->tn, dev, true);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block neigh_dev_nb = {
	.notifier_call = neigh_dev_event,
};

/**
 * toy_neigh_init() - listen to what happens to devices
 *
 * Return: 0 or a negative errno.
 */
int toy_neigh_init(void)
{
	return toy_dev_notifier_register(&neigh_dev_nb);
}

/**
 * toy_neigh_exit() - no device is attached any more
 */
void toy_neigh_exit(void)
{
	toy_dev_notifier_unregister(&neigh_dev_nb);
}
