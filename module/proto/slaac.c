// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses that nobody has configured (RFC 4862): a link-local one for every
 * device that comes up, and one for every prefix that a router offers.
 *
 *	device up ------------> fe80::/64 + identifier, for ever	5.3
 *	RA, autonomous prefix -> prefix/64 + identifier, lifetimes	5.5.3
 *	another host has it ---> another identifier, three times	RFC 7217 6
 *	device down ----------> the routers' addresses go
 *
 * Identifiers are RFC 7217's (iid.c) with a secret of ours, unless
 * net.toy.addr_gen_mode says EUI-64. AF_INET6 makes the EUI-64 addresses of the
 * same card by itself: so on a device that it uses too, EUI-64 is not for us,
 * and what it has already is never taken.
 *
 * How many addresses routers can give a device has a bound,
 * net.toy.max_addresses.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "iid.h"
#include "slaac.h"

#define SLAAC_RETRIES	3		/* RFC 7217 7: IDGEN_RETRIES */
#define TWO_HOURS	7200U

static const struct in6_addr linklocal_prefix = {
	.s6_addr32[0] = cpu_to_be32(0xfe800000),
};

/* ---- identifiers --------------------------------------------------------- */

/* Does AF_INET6 make addresses on this device? RTNL. */
static bool shared_with_inet6(const struct toy_dev *dev,
			      const struct net_device *ndev)
{
	const struct inet6_dev *idev = rtnl_dereference(ndev->ip6_ptr);

	return dev->hook == TOY_HOOK_SHARED && idev &&
	       !READ_ONCE(idev->cnf.disable_ipv6);
}

/* The @tries'th address of a prefix; false when there is none. RTNL. */
static bool make_addr(struct toy_dev *dev, const struct in6_addr *prefix,
		      u8 tries, struct in6_addr *addr)
{
	const struct net_device *ndev = rtnl_dereference(dev->dev);
	const struct toy_sysctl *ctl = &dev->tn->sysctl;
	int mode = READ_ONCE(ctl->addr_gen_mode);

	if (!ndev || mode == TOY_ADDR_GEN_NONE)
		return false;
	*addr = *prefix;
	if (mode == TOY_ADDR_GEN_EUI64 && !shared_with_inet6(dev, ndev))
		return !tries && toy_iid_eui64(ndev->dev_addr, ndev->addr_len,
					       addr->s6_addr + 8);
	toy_iid_stable(&ctl->stable_secret, prefix, ndev->dev_addr,
		       ndev->addr_len, tries, addr->s6_addr + 8);
	return !toy_iid_reserved(addr->s6_addr + 8);
}

/* Gives @dev an address of the prefix, from the @tries'th on: the first that
 * neither RFC 5453 nor another stack of this host forbids.
 */
static void take_addr(struct toy_dev *dev, const struct in6_addr *prefix,
		      u8 tries, u32 valid, u32 preferred)
{
	struct toy_addr_config cfg = {
		.plen = 64,
		.flags = TOY_ADDR_F_AUTOCONF,
		.has_lifetime = true,
		.valid_lft = valid,
		.preferred_lft = preferred,
	};

	/* The prefix has its route by itself, if it is on the link at all. */
	if (!toy_addr_linklocal(prefix))
		cfg.flags |= TOY_ADDR_F_NOPREFIXROUTE;
	for (; tries <= SLAAC_RETRIES; tries++) {
		cfg.dad_tries = tries;
		if (!make_addr(dev, prefix, tries, &cfg.addr) ||
		    toy_addr_foreign(dev->tn->net, &cfg.addr))
			continue;
		if (toy_addr_add(dev, &cfg, NULL) != -EEXIST)
			return;
	}
}

/* ---- what happens -------------------------------------------------------- */

/**
 * toy_slaac_linklocal() - a device came up: it has a link-local address
 * @dev: device
 *
 * RFC 4862 5.3. Nothing is done where there is one already, and for devices
 * without link-layer addresses. Context: RTNL, may sleep.
 */
void toy_slaac_linklocal(struct toy_dev *dev)
{
	struct toy_addr *a;

	ASSERT_RTNL();
	if (!dev->has_lladdr)
		return;
	list_for_each_entry(a, &dev->tn->addrs->list, list)
		if (a->dev == dev && toy_addr_linklocal(&a->addr))
			return;
	take_addr(dev, &linklocal_prefix, 0, TOY_ADDR_FOREVER,
		  TOY_ADDR_FOREVER);
}

/**
 * toy_slaac_valid() - what becomes of a valid lifetime (RFC 4862 5.5.3 e)
 * @received: seconds that a router offers, or TOY_ADDR_FOREVER
 * @left: seconds that the address has, or TOY_ADDR_FOREVER
 *
 * A forged advertisement must not take an address away at once: no less than
 * two hours are left. Context: any.
 *
 * Return: seconds that it is to have.
 */
u32 toy_slaac_valid(u32 received, u32 left)
{
	if (received > TWO_HOURS || received > left)
		return received;
	return min(left, TWO_HOURS);
}

static struct toy_addr *addr_of_prefix(struct toy_dev *dev,
				       const struct toy_nd_prefix *p,
				       unsigned int *n)
{
	struct toy_addr *a, *found = NULL;

	*n = 0;
	list_for_each_entry(a, &dev->tn->addrs->list, list) {
		if (a->dev != dev || !(a->flags & TOY_ADDR_F_AUTOCONF) ||
		    toy_addr_linklocal(&a->addr))
			continue;
		(*n)++;
		if (ipv6_prefix_equal(&a->addr, &p->prefix, p->plen))
			found = a;
	}
	return found;
}

/**
 * toy_slaac_prefix() - a router offers a prefix to make addresses of
 * @dev: device that the offer came by
 * @p: the prefix, autonomous
 *
 * RFC 4862 5.5.3 from d on. Context: RTNL, may sleep.
 */
void toy_slaac_prefix(struct toy_dev *dev, const struct toy_nd_prefix *p)
{
	int limit = READ_ONCE(dev->tn->sysctl.max_addresses);
	struct toy_addr *a;
	unsigned int n;
	u32 valid;

	ASSERT_RTNL();
	/* d: prefix and identifier together are an address. */
	if (p->plen != 64) {
		toy_drop_skb(dev->tn, NULL, TOY_DROP_ND_PREFIX);
		return;
	}
	a = addr_of_prefix(dev, p, &n);
	if (a) {
		valid = toy_slaac_valid(p->valid,
					toy_addr_life_left(a->valid_until));
		toy_addr_life_set(a, max(valid, 1U), min(p->preferred, valid));
		return;
	}
	if (!p->valid)
		return;
	if (n >= limit) {
		toy_drop_skb(dev->tn, NULL, TOY_DROP_ND_LIMIT);
		return;
	}
	take_addr(dev, &p->prefix, 0, p->valid, p->preferred);
}

/**
 * toy_slaac_conflict() - another host has an address that we made
 * @a: address, DUPLICATE by now; gone afterwards, or kept for all to see when
 *	there is no other
 *
 * RFC 7217 6. An EUI-64 address has no other. Context: RTNL, may sleep.
 */
void toy_slaac_conflict(struct toy_addr *a)
{
	u32 valid = toy_addr_life_left(a->valid_until);
	u32 preferred = toy_addr_life_left(a->preferred_until);
	struct toy_dev *dev = a->dev;
	struct in6_addr prefix, next;
	u8 tries = a->dad_tries + 1;

	ASSERT_RTNL();
	ipv6_addr_prefix(&prefix, &a->addr, 64);
	if (tries > SLAAC_RETRIES || !valid ||
	    !make_addr(dev, &prefix, tries, &next))
		return;
	toy_dev_hold(dev);
	toy_addr_remove(a);
	take_addr(dev, &prefix, tries, valid, preferred);
	toy_dev_put(dev);
}

/**
 * toy_slaac_forget() - a device goes down: so do addresses that routers gave it
 * @dev: device
 *
 * Context: RTNL, may sleep.
 */
void toy_slaac_forget(struct toy_dev *dev)
{
	struct toy_addr *a, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(a, next, &dev->tn->addrs->list, list)
		if (a->dev == dev && a->flags & TOY_ADDR_F_AUTOCONF &&
		    !toy_addr_linklocal(&a->addr))
			toy_addr_remove(a);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "slaac_test.c"
#endif
