// SPDX-License-Identifier: GPL-2.0-only
/*
 * toylo: a net device for the traffic inside AF_TOY, for whoever wants to watch
 * it, to filter it, or to make it slow and bad.
 *
 *	# ip link add toylo type toylo
 *	# ip link set toylo up
 *
 * While one is up in a network namespace, loop.c sends through it, as AF_INET
 * sends through lo, and what comes out goes on as it would without it:
 *
 *	toy_loop_xmit() -> toylo_send() -> nft egress, qdisc, taps
 *	    -> toylo_start_xmit() -> softnet backlog -> taps, tc and nft ingress
 *	    -> toylo_rx() -> queue of tn->lo, or layer 3
 *
 * Every packet passes once, so a tap sees it twice: as it goes out and as it
 * comes in. Super-segments and checksums that are still to be computed pass as
 * they are.
 *
 * An ordinary link type of rtnetlink, so that the tools for devices know how
 * to make, name, move and delete it, and the core deletes it with its
 * namespace and with the module. Nobody pays for it who has not asked.
 *
 * AF_INET must not take it for a loopback device: it would give each 127.0.0.1
 * and ::1. So it has neither IFF_LOOPBACK nor ARPHRD_LOOPBACK; it is Ethernet
 * without ARP, multicast or broadcast, and AF_INET6 is told to make no address
 * there. AF_INET must not see the packets either, it could forward them: an
 * rx_handler takes every frame, for as long as the device exists.
 *
 * A frame says in its source address by which device the packet seems to come
 * in, which skb->skb_iif would say if the core did not set it anew:
 *
 *	02:00:00:00:00:07	device 7
 *	02:00:00:00:00:00	loopback
 *
 * A frame with another source address, which AF_INET or a tc rule may send
 * through the device, is none of ours and dropped. One that a packet socket
 * has made up passes, as on lo.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/rtnetlink.h>

#include "internal.h"
#include "../ctl/trace.h"
#include "../skb/buf.h"

/* ---- the link header ---------------------------------------------------- */

static const u8 toylo_mark[] = { 0x02, 0x00 };

static void toylo_put_source(u8 *addr, int ifindex)
{
	memcpy(addr, toylo_mark, sizeof(toylo_mark));
	put_unaligned_be32(ifindex, addr + sizeof(toylo_mark));
}

/* The ifindex, 0 for loopback, or negative: not ours. */
static int toylo_get_source(const u8 *addr)
{
	if (memcmp(addr, toylo_mark, sizeof(toylo_mark)))
		return -1;
	return (int)get_unaligned_be32(addr + sizeof(toylo_mark));
}

/* The destination is one that makes the receiver's pkt_type what ours is. */
static void toylo_put_dest(u8 *addr, const struct net_device *ndev,
			   const struct sk_buff *skb)
{
	if (skb->pkt_type == PACKET_BROADCAST)
		eth_broadcast_addr(addr);
	else if (skb->pkt_type != PACKET_MULTICAST)
		ether_addr_copy(addr, ndev->dev_addr);
	else if (skb->protocol == htons(ETH_P_IP))
		ip_eth_mc_map(ip_hdr(skb)->daddr, addr);
	else
		ipv6_eth_mc_map(&ipv6_hdr(skb)->daddr, addr);
}

static void toylo_header(struct sk_buff *skb, const struct net_device *ndev)
{
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	skb_reset_mac_header(skb);
	toylo_put_dest(eth->h_dest, ndev, skb);
	toylo_put_source(eth->h_source, skb->skb_iif);
	eth->h_proto = skb->protocol;
}

/* ---- out, and in again ---------------------------------------------------- */

/**
 * toylo_send() - send a packet of toy_loop_xmit() through the device
 * @tn: network namespace
 * @ndev: tn->toylo
 * @skb: as of toy_loop_xmit(), consumed
 *
 * Unlike without the device the sender pays for the packet until a qdisc has
 * let it go.
 *
 * Context: bottom halves off, RCU.
 * Return: 0, -ENOMEM, or what dev_queue_xmit() says.
 */
int toylo_send(struct toy_net *tn, struct net_device *ndev, struct sk_buff *skb)
{
	int err = toy_skb_need_headroom(skb, LL_RESERVED_SPACE(ndev));

	if (unlikely(err)) {
		toy_drop_skb(tn, skb, TOY_DROP_NOMEM);
		return err;
	}
	skb->dev = ndev;
	trace_toy_tx(ndev, skb);
	toylo_header(skb, ndev);
	err = dev_queue_xmit(skb);
	return err > 0 ? net_xmit_errno(err) : err;
}

static netdev_tx_t toylo_start_xmit(struct sk_buff *skb,
				    struct net_device *ndev)
{
	unsigned int len = skb->len;

	skb_tx_timestamp(skb);
	/* A departure time would be taken for the time of arrival. */
	skb_clear_tstamp(skb);
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->pkt_type = PACKET_HOST;
	skb->protocol = eth_type_trans(skb, ndev);
	if (likely(__netif_rx(skb) == NET_RX_SUCCESS))
		dev_lstats_add(ndev, len);
	return NETDEV_TX_OK;
}

/* On to tn->lo. Its net device takes the place of ours, which may go while the
 * packet waits.
 */
static void toylo_receive(struct toy_net *tn, struct sk_buff *skb)
{
	struct net_device *ndev = rcu_dereference(tn->lo->dev);
	int iif = toylo_get_source(eth_hdr(skb)->h_source);

	if (unlikely(iif < 0 || !toy_hook_vlan_is_ours(skb))) {
		toy_drop_skb(tn, skb, TOY_DROP_TOYLO);
	} else if (unlikely(!ndev)) {
		toy_drop_skb(tn, skb, TOY_DROP_DEV_GONE);
	} else {
		skb->skb_iif = iif ?: ndev->ifindex;
		toy_hook_take(tn->lo, ndev, skb);
	}
}

static rx_handler_result_t toylo_rx(struct sk_buff **pskb)
{
	struct toy_net *tn = toy_net(dev_net((*pskb)->dev));
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);

	if (likely(skb))
		toylo_receive(tn, skb);
	else
		toy_drop_skb(tn, NULL, TOY_DROP_NOMEM);
	return RX_HANDLER_CONSUMED;
}

/* ---- the device ------------------------------------------------------------ */

static int toylo_init_dev(struct net_device *ndev)
{
	int err;

	ndev->lstats = netdev_alloc_pcpu_stats(struct pcpu_lstats);
	if (!ndev->lstats)
		return -ENOMEM;
	err = netdev_rx_handler_register(ndev, toylo_rx, NULL);
	if (err)
		free_percpu(ndev->lstats);
	return err;
}

static void toylo_uninit_dev(struct net_device *ndev)
{
	netdev_rx_handler_unregister(ndev);
	free_percpu(ndev->lstats);
}

static int toylo_open(struct net_device *ndev)
{
	struct inet6_dev *idev = __in6_dev_get(ndev);

	/* AF_INET6 would make a link-local address and announce it. */
	if (idev)
		WRITE_ONCE(idev->cnf.addr_gen_mode, IN6_ADDR_GEN_MODE_NONE);
	return 0;
}

static int toylo_stop(struct net_device *ndev)
{
	return 0;
}

static void toylo_get_stats64(struct net_device *ndev,
			      struct rtnl_link_stats64 *stats)
{
	dev_lstats_read(ndev, &stats->tx_packets, &stats->tx_bytes);
	stats->rx_packets = stats->tx_packets;
	stats->rx_bytes = stats->tx_bytes;
}

static const struct net_device_ops toylo_ops = {
	.ndo_init		= toylo_init_dev,
	.ndo_uninit		= toylo_uninit_dev,
	.ndo_open		= toylo_open,
	.ndo_stop		= toylo_stop,
	.ndo_start_xmit		= toylo_start_xmit,
	.ndo_get_stats64	= toylo_get_stats64,
};

static void toylo_setup(struct net_device *ndev)
{
	static const u8 addr[ETH_ALEN] = { 0x02, 't', 'o', 'y', 'l', 'o' };

	ether_setup(ndev);
	eth_hw_addr_set(ndev, addr);
	ndev->netdev_ops = &toylo_ops;
	ndev->needs_free_netdev = true;
	ndev->mtu = TOY_LOOP_MTU;
	ndev->max_mtu = TOY_LOOP_MTU;
	ndev->flags = IFF_NOARP;
	ndev->priv_flags |= IFF_NO_QUEUE;
	ndev->priv_flags &= ~IFF_TX_SKB_SHARING;
	ndev->hw_features = NETIF_F_GSO_SOFTWARE;
	ndev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE |
			 NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_SCTP_CRC |
			 NETIF_F_HIGHDMA | NETIF_F_VLAN_CHALLENGED;
	toy_netdev_set_lltx(ndev);
	netif_set_tso_max_size(ndev, GSO_MAX_SIZE);
}

static struct rtnl_link_ops toylo_link_ops __read_mostly = {
	.kind	= "toylo",
	.setup	= toylo_setup,
};

/* ---- coming and going -------------------------------------------------------- */

/**
 * toylo_is() - is this net device one of ours?
 * @ndev: net device
 *
 * Context: any.
 * Return: it is of link type toylo.
 */
bool toylo_is(const struct net_device *ndev)
{
	return ndev->netdev_ops == &toylo_ops;
}

/* Local traffic goes this way, and has this MTU. RTNL. */
static void toylo_switch(struct toy_net *tn, struct net_device *ndev)
{
	rcu_assign_pointer(tn->toylo, ndev);
	WRITE_ONCE(tn->lo->mtu, ndev ? ndev->mtu : TOY_LOOP_MTU);
	toy_path_gen_bump(tn);
}

/**
 * toylo_netdev_event() - something happens to a device of ours
 * @tn: its network namespace
 * @ndev: the device
 * @event: NETDEV_*
 * @extack: says why not
 *
 * The device is used from after it is up until before it goes down: no packet
 * is lost by that. One that goes to another namespace goes down first.
 *
 * Context: process, RTNL; the netdev notifier.
 * Return: 0 or -EBUSY.
 */
int toylo_netdev_event(struct toy_net *tn, struct net_device *ndev,
		       unsigned long event, struct netlink_ext_ack *extack)
{
	struct net_device *used = rtnl_dereference(tn->toylo);

	switch (event) {
	case NETDEV_PRE_UP:
		if (!used)
			break;
		NL_SET_ERR_MSG(extack,
			       "another toylo is up in this network namespace");
		return -EBUSY;
	case NETDEV_UP:
		toylo_switch(tn, ndev);
		break;
	case NETDEV_CHANGEMTU:
		if (used == ndev)
			toylo_switch(tn, ndev);
		break;
	case NETDEV_GOING_DOWN:
		if (used != ndev)
			break;
		toylo_switch(tn, NULL);
		synchronize_net();
		break;
	}
	return 0;
}

/**
 * toylo_init() - from now on there may be such devices
 *
 * Context: process. After toy_dev_init(), whose notifier they need.
 * Return: 0 or a negative errno.
 */
int __init toylo_init(void)
{
	return rtnl_link_register(&toylo_link_ops);
}

/**
 * toylo_exit() - delete the devices of all namespaces; there will be no more
 *
 * Context: process.
 */
void toylo_exit(void)
{
	rtnl_link_unregister(&toylo_link_ops);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "toylo_test.c"
#endif
