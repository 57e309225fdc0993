// SPDX-License-Identifier: GPL-2.0-only
/*
 * How frames of a net device get to AF_TOY: two hooks, chosen at attach.
 *
 *	                          +-> rx_handler (exclusive) --> AF_TOY
 *	driver -> (GRO) -> taps --|                     \ not IP, not ARP
 *	                          +-> packet types <-----'
 *	                                |-- ip_rcv, arp_rcv ...  AF_INET
 *	                                '-- ours (shared) -----> AF_TOY
 *
 * Shared: AF_INET and AF_TOY both see every frame, each keeps what is for its
 * own addresses. Exclusive: AF_TOY takes IPv4, ARP and IPv6 frames, AF_INET
 * sees none of them; all other protocols pass. There is one rx_handler per
 * device, so ports of a bridge or bond have none to give.
 *
 * Either way a frame arrives with skb->data at the network header, and may be
 * a GRO or GSO super-packet, paged, with a frag_list or a cloned head. VLAN
 * frames for a VLAN that this host has no device for are not ours: the core
 * marks them PACKET_OTHERHOST behind the rx_handler.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <net/dst.h>

#include "internal.h"

static const __be16 toy_l3_ethertype[TOY_L3_MAX] = {
	[TOY_L3_IPV4]	= htons(ETH_P_IP),
	[TOY_L3_ARP]	= htons(ETH_P_ARP),
	[TOY_L3_IPV6]	= htons(ETH_P_IPV6),
};

/**
 * toy_hook_take() - a frame becomes AF_TOY's alone
 * @dev: device it came in by
 * @ndev: its net device
 * @skb: frame, consumed; data at the network header
 *
 * It forgets what other layers have hung on it: it may wait in a socket for
 * hours, and must not hold a dst, a conntrack entry or the sender's memory for
 * so long.
 *
 * Context: softirq, or process context with bottom halves off; RCU.
 */
void toy_hook_take(struct toy_dev *dev, struct net_device *ndev,
		   struct sk_buff *skb)
{
	struct toy_net *tn = dev->tn;

	/* The second is AF_INET talking to itself on this device. */
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST ||
		     skb->pkt_type == PACKET_LOOPBACK)) {
		toy_drop_skb(tn, skb, TOY_DROP_OTHERHOST);
		return;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		toy_drop_skb(tn, NULL, TOY_DROP_NOMEM);
		return;
	}
	/* Zero-copy pages of a sender on this host change under the reader. */
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		toy_drop_skb(tn, skb, TOY_DROP_NOMEM);
		return;
	}
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	/* On a port of a bond the core shows the bond here, which may go while
	 * the frame waits in the port's queue.
	 */
	skb->dev = ndev;
	toy_dev_receive(dev, skb);
}

static int toy_hook_rcv(struct sk_buff *skb, struct net_device *ndev,
			struct packet_type *pt, struct net_device *orig_dev)
{
	toy_hook_take(pt->af_packet_priv, pt->dev, skb);
	return NET_RX_SUCCESS;
}

/**
 * toy_hook_vlan_is_ours() - is an rx_handler's frame in no VLAN?
 * @skb: frame, borrowed; loses a priority tag (VLAN 0), which the core clears
 *	only behind the rx_handler
 *
 * Context: softirq.
 * Return: it is.
 */
bool toy_hook_vlan_is_ours(struct sk_buff *skb)
{
	if (likely(!skb_vlan_tag_present(skb)))
		return true;
	if (skb_vlan_tag_get_id(skb))
		return false;
	__vlan_hwaccel_clear_tag(skb);
	return true;
}

static rx_handler_result_t toy_hook_rx_handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct net_device *ndev = skb->dev;

	if (toy_l3_row(skb->protocol) == TOY_L3_MAX ||
	    skb->pkt_type == PACKET_LOOPBACK ||
	    !toy_hook_vlan_is_ours(skb))
		return RX_HANDLER_PASS;
	toy_hook_take(rcu_dereference(ndev->rx_handler_data), ndev, skb);
	return RX_HANDLER_CONSUMED;
}

static int toy_hook_add_exclusive(struct toy_dev *dev, struct net_device *ndev,
				  struct netlink_ext_ack *extack)
{
	int err = netdev_rx_handler_register(ndev, toy_hook_rx_handler, dev);

	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack,
			       "device is a port of a bridge, bond, macvlan or the like: use the shared hook, or attach the upper device");
	else if (err == -EINVAL)
		NL_SET_ERR_MSG(extack,
			       "device cannot be taken over: use the shared hook");
	return err;
}

static void toy_hook_add_shared(struct toy_dev *dev, struct net_device *ndev)
{
	for (unsigned int row = 0; row < TOY_L3_MAX; row++) {
		struct packet_type *pt = &dev->pt[row];

		/* A packet type that only drops would still cost AF_INET a
		 * clone of each packet.
		 */
		if (!toy_l3_handler(row))
			continue;
		pt->type = toy_l3_ethertype[row];
		pt->dev = ndev;
		pt->func = toy_hook_rcv;
		pt->af_packet_priv = dev;
		dev_add_pack(pt);
	}
}

/**
 * toy_hook_add() - frames begin to arrive
 * @dev: device, complete: the first frame may come before this returns
 * @ndev: its net device
 * @extack: says why not
 *
 * Context: process, RTNL.
 * Return: 0; for the exclusive hook -EBUSY (somebody else has taken the
 * device over) or -EINVAL (nobody may).
 */
int toy_hook_add(struct toy_dev *dev, struct net_device *ndev,
		 struct netlink_ext_ack *extack)
{
	if (dev->hook == TOY_HOOK_EXCLUSIVE)
		return toy_hook_add_exclusive(dev, ndev, extack);
	toy_hook_add_shared(dev, ndev);
	return 0;
}

/**
 * toy_hook_del() - frames arrive no longer
 * @dev: device
 * @ndev: its net device
 *
 * Context: process, RTNL. Waits for handlers that are under way, and so for
 * every RCU reader that has seen @dev as it was before.
 */
void toy_hook_del(struct toy_dev *dev, struct net_device *ndev)
{
	if (dev->hook == TOY_HOOK_EXCLUSIVE) {
		netdev_rx_handler_unregister(ndev);	/* waits */
		return;
	}
	for (unsigned int row = 0; row < TOY_L3_MAX; row++)
		if (dev->pt[row].func)
			__dev_remove_pack(&dev->pt[row]);
	synchronize_net();
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "hook_test.c"
#endif
