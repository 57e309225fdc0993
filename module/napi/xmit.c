// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last step of AF_TOY's way out: link header, then the core's transmit
 * path with its qdiscs, taps, offloads and drivers.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "internal.h"
#include "../ctl/trace.h"
#include "../skb/buf.h"

/* Where a frame goes when the caller knows no link-layer address: devices
 * that look at none get what AF_INET gives them, others a broadcast.
 */
static const u8 *toy_xmit_dest(const struct net_device *ndev, const u8 *lladdr)
{
	if (lladdr)
		return lladdr;
	if (ndev->flags & IFF_NOARP)
		return ndev->dev_addr;
	return ndev->broadcast;
}

/* Ethernet's 14 bytes are written right here: the general way is an indirect
 * call that does the same.
 */
static bool toy_xmit_link_header(struct sk_buff *skb, struct net_device *ndev,
				 const u8 *lladdr)
{
	const struct header_ops *ops = ndev->header_ops;
	const u8 *dest = toy_xmit_dest(ndev, lladdr);
	struct ethhdr *eth;

	if (ops && ops->create == eth_header) {
		eth = skb_push(skb, ETH_HLEN);
		memcpy(eth->h_dest, dest, ETH_ALEN);
		memcpy(eth->h_source, ndev->dev_addr, ETH_ALEN);
		eth->h_proto = skb->protocol;
		return true;
	}
	/* Raw IP devices have no header: 0. */
	return dev_hard_header(skb, ndev, ntohs(skb->protocol), dest, NULL,
			       skb->len) >= 0;
}

/* Ready for dev_queue_xmit(), or a reason why not and the errno for it. */
static enum toy_drop toy_xmit_prepare(struct net_device *ndev,
				      struct sk_buff *skb, const u8 *lladdr,
				      int *err)
{
	if (unlikely(!ndev)) {
		*err = -ENODEV;
		return TOY_DROP_DEV_GONE;
	}
	if (unlikely(!(ndev->flags & IFF_UP))) {
		*err = -ENETDOWN;
		return TOY_DROP_DEV_DOWN;
	}
	/* Room was reserved for the device that the path had at that time. */
	*err = toy_skb_need_headroom(skb, LL_RESERVED_SPACE(ndev));
	if (unlikely(*err))
		return TOY_DROP_NOMEM;
	skb->dev = ndev;
	if (unlikely(!toy_xmit_link_header(skb, ndev, lladdr))) {
		*err = -EINVAL;
		return TOY_DROP_LINK_HEADER;
	}
	return TOY_RX_OK;
}

/**
 * toy_dev_xmit() - send a packet out of a device
 * @dev: device; tn->lo turns it round (toy_loop_xmit())
 * @skb: packet, consumed; data at the network header, which is set
 * @ethertype: of the packet
 * @lladdr: destination on the link, as long as the device's addresses are;
 *	NULL for a broadcast and on devices where nobody looks at it
 *
 * A carrier that is off is the qdisc's business, as for AF_INET.
 *
 * Context: process or softirq, interrupts on.
 * Return: 0; -ENODEV (detached meanwhile), -ENETDOWN, -ENOMEM, -EINVAL (no
 * link header for that address), -ENOBUFS (the qdisc dropped it), or what
 * dev_queue_xmit() says. Drops before the qdisc are counted by name.
 */
int toy_dev_xmit(struct toy_dev *dev, struct sk_buff *skb,
		 __be16 ethertype, const u8 *lladdr)
{
	struct net_device *ndev;
	enum toy_drop why;
	int err;

	skb->protocol = ethertype;
	if (dev->hook == TOY_HOOK_LOOPBACK)
		return toy_loop_xmit(dev->tn, skb);

	rcu_read_lock();
	ndev = rcu_dereference(dev->dev);
	why = toy_xmit_prepare(ndev, skb, lladdr, &err);
	if (likely(why == TOY_RX_OK)) {
		trace_toy_tx(ndev, skb);
		err = dev_queue_xmit(skb);
		if (unlikely(err > 0))
			err = net_xmit_errno(err);
	} else {
		toy_drop_skb(dev->tn, skb, why);
	}
	rcu_read_unlock();
	return err;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "xmit_test.c"
#endif
