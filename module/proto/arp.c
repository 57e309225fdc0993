// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARP (RFC 826): who has this IPv4 address on this link?
 *
 * A received packet takes these steps, in this order:
 *
 *	1. its sender is ourselves			dropped
 *	2. its sender claims an address of ours		conflict (RFC 5227),
 *							and nothing else
 *	3. merge: the sender's address pair		RFC 826: into the entry
 *	   is taken						if there is one,
 *							or into a new one if
 *							we are asked
 *	4. we are asked for an address of ours		answered, unicast
 *
 * What an entry believes (RFC 826's merge believes everything) is limited:
 *
 * - Only a request for an address of ours makes an entry, and only for a
 *   sender that a route puts on this link. Replies nobody asked for, and
 *   announcements, change entries that are there but never make one.
 * - A reply makes a neighbour reachable only while a question to it is open;
 *   all else leaves it stale, to be probed when it is used.
 * - An address that has just changed does not change again for a second, so
 *   that of two answers the first wins.
 * - Permanent entries never change (neigh.c).
 *
 * Which addresses we answer for: those of all devices, as AF_INET does by
 * default (arp_ignore=0; the weak host model of RFC 1122 3.3.4.2), as long as
 * they are usable: not while they are probed.
 *
 * The source of our own questions is the packet's that waits, if it is ours,
 * as with AF_INET's arp_announce=0; else the one that would be chosen for the
 * neighbour.
 */
#include <linux/if_arp.h>
#include <linux/rcupdate.h>

#include "../skb/arp.h"
#include "acd.h"
#include "addr.h"
#include "arp.h"
#include "ip.h"
#include "neigh.h"
#include "route.h"

static bool same_lladdr(const struct net_device *ndev, const u8 *lladdr)
{
	return !memcmp(ndev->dev_addr, lladdr, ndev->addr_len);
}

/* An address that we stand for; RCU. */
static bool ours(struct toy_net *tn, __be32 addr)
{
	struct in6_addr a = toy_v4(addr);
	const struct toy_addr *found = toy_addr_find(tn, NULL, &a);

	return found && toy_addr_usable(found);
}

/**
 * toy_arp_send() - send an ARP packet
 * @dev: device
 * @op: ARPOP_REQUEST or ARPOP_REPLY
 * @saddr: sender's IPv4 address; 0 in a probe (RFC 5227)
 * @taddr: target's IPv4 address
 * @target_lladdr: target's link-layer address; NULL if it is not known
 * @link_dest: whom the frame goes to; NULL: everybody
 *
 * Context: process or softirq. Failures are counted as drops; a lost ARP
 * packet is sent again by whoever waits for an answer.
 */
void toy_arp_send(struct toy_dev *dev, u16 op, __be32 saddr, __be32 taddr,
		  const u8 *target_lladdr, const u8 *link_dest)
{
	struct toy_arp_view v = { .op = op, .spa = saddr, .tpa = taddr };
	struct net_device *ndev;
	struct sk_buff *skb;

	rcu_read_lock();
	ndev = rcu_dereference(dev->dev);
	if (!ndev || !READ_ONCE(dev->has_lladdr))
		goto out;
	memcpy(v.sha, ndev->dev_addr, ndev->addr_len);
	if (target_lladdr)
		memcpy(v.tha, target_lladdr, ndev->addr_len);
	skb = toy_arp_build(ndev, &v);
	if (!skb) {
		toy_drop_skb(dev->tn, NULL, TOY_DROP_NOMEM);
		goto out;
	}
	toy_count(dev->tn, op == ARPOP_REPLY ? TOY_MIB_ARP_OUT_REPLIES :
					       TOY_MIB_ARP_OUT_REQUESTS);
	toy_dev_xmit(dev, skb, htons(ETH_P_ARP), link_dest);
out:
	rcu_read_unlock();
}

/* toy_neigh_ops.solicit: RFC 826 "Packet Generation". RCU. */
static bool arp_solicit(struct toy_dev *dev, const struct in6_addr *addr,
			const struct in6_addr *saddr, const u8 *lladdr)
{
	struct in6_addr source = toy_v4(0);

	if (!toy_addr_any(saddr) && !toy_addr_loopback(saddr) &&
	    ours(dev->tn, toy_v4_of(saddr)))
		source = *saddr;
	else if (!toy_addr_select(dev->tn, dev, addr, TOY_SCOPE_LINK, &source))
		source = toy_v4(0);

	toy_arp_send(dev, ARPOP_REQUEST, toy_v4_of(&source), toy_v4_of(addr),
		     NULL, lladdr);
	return true;
}

static const struct toy_neigh_ops arp_neigh_ops = {
	.ethertype = htons(ETH_P_IP),
	.solicit = arp_solicit,
	.failed = toy_ip_link_failure,
};

/* A route says that @addr is on this very link. */
static bool on_link(const struct toy_pkt *pkt, __be32 addr)
{
	struct in6_addr a = toy_v4(addr);
	const struct toy_route *r = toy_route_find(pkt->tn, &a,
						   pkt->dev->ifindex);

	return r && r->type == TOY_ROUTE_UNICAST && r->dev == pkt->dev &&
	       toy_addr_any(&r->gateway);
}

/* RFC 5227 2.1.1 and 2.4: somebody else says that he has an address of ours
 * on this link, or means to take one that we mean to take.
 */
static bool conflict(const struct toy_pkt *pkt, const struct toy_arp_view *v)
{
	bool probe = !v->spa;
	__be32 claimed = probe ? v->tpa : v->spa;
	struct in6_addr a = toy_v4(claimed);
	const struct toy_addr *mine = toy_addr_find(pkt->tn, pkt->dev, &a);

	/* One that we have lost is that machine's. */
	if (!mine || READ_ONCE(mine->flags) & TOY_ADDR_F_DUPLICATE)
		return false;
	toy_acd_conflict(pkt->dev, &a, v->sha, probe);
	/* A probe for an address that we use is answered like any request. */
	return !probe;
}

static void merge(const struct toy_pkt *pkt, const struct sk_buff *skb,
		  const struct toy_arp_view *v, bool asked)
{
	unsigned int flags = TOY_NEIGH_UPDATE_OVERRIDE |
			     TOY_NEIGH_UPDATE_UNPROVEN;
	struct in6_addr sender = toy_v4(v->spa);

	if (!v->spa)
		return;
	if (asked && v->spa != v->tpa && on_link(pkt, v->spa))
		flags |= TOY_NEIGH_UPDATE_CREATE;
	if (v->op == ARPOP_REPLY && skb->pkt_type == PACKET_HOST)
		flags |= TOY_NEIGH_UPDATE_SOLICITED;
	toy_neigh_update(pkt->tn, pkt->dev, &sender, v->sha, flags);
}

/* A received ARP packet: toy_l3_rcv_t. */
static enum toy_drop arp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	const struct net_device *ndev = rcu_dereference(pkt->dev->dev);
	struct toy_arp_view v;
	enum toy_drop why;
	bool asked;

	if (!ndev)
		return TOY_DROP_DEV_GONE;
	if (!READ_ONCE(pkt->dev->has_lladdr))
		return TOY_DROP_ARP_NOARP;
	if (skb->pkt_type == PACKET_OTHERHOST)
		return TOY_DROP_OTHERHOST;
	why = toy_arp_parse(skb, ndev, &v);
	if (why)
		return why;

	toy_count(pkt->tn, v.op == ARPOP_REQUEST ? TOY_MIB_ARP_IN_REQUESTS :
						   TOY_MIB_ARP_IN_REPLIES);
	if (same_lladdr(ndev, v.sha))
		return TOY_DROP_ARP_OWN;

	if (!conflict(pkt, &v)) {
		asked = v.op == ARPOP_REQUEST && ours(pkt->tn, v.tpa);
		merge(pkt, skb, &v, asked);
		if (asked)
			toy_arp_send(pkt->dev, ARPOP_REPLY, v.tpa, v.spa,
				     v.sha, v.sha);
	}
	consume_skb(skb);
	return TOY_RX_OK;
}

/**
 * toy_arp_init() - take ARP packets, and be IPv4's way to ask the link
 *
 * Return: 0.
 */
int toy_arp_init(void)
{
	toy_neigh_ops_register(true, &arp_neigh_ops);
	toy_l3_register(TOY_L3_ARP, arp_rcv);
	return 0;
}

/**
 * toy_arp_exit() - the opposite of toy_arp_init()
 */
void toy_arp_exit(void)
{
	toy_l3_unregister(TOY_L3_ARP);
	toy_neigh_ops_register(true, NULL);
}
