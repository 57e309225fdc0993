// SPDX-License-Identifier: GPL-2.0-only
/*
 * Neighbour discovery (RFC 4861 7 and 8): who has this IPv6 address on this
 * link? IPv6's way to ask for the neighbours of neigh.c, as arp.c is IPv4's.
 *
 *	received	who it is about			what is done
 *	NS from ::	an address we have		defended: NA to all
 *			one that we probe for		conflict (acd.c)
 *	NS		an address we have		sender's address taken,
 *							NA to him
 *	NA		an address of ours		conflict
 *			a neighbour we know		7.2.5: nud.c
 *			others				ignored
 *	redirect	a destination of ours		redirect.c
 *	RA		-				ra.c
 *	RS		-				ignored: we are a host
 *
 * What an entry believes is limited as with ARP: only a solicitation for an
 * address of ours makes an entry, and only for a sender that is on this link.
 *
 * We answer for the addresses of the device that is asked (7.2.3), as long as
 * they are usable. The source of our own questions is the packet's that waits,
 * if it is an address of that device, else the one that would be chosen for
 * the neighbour; never one that is still probed (RFC 4429 3.2): then there is
 * no question, and the next one comes after RetransTimer.
 */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/rcupdate.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "acd.h"
#include "addr.h"
#include "icmp_out.h"
#include "nd.h"
#include "neigh.h"
#include "ra.h"
#include "pmtu.h"
#include "route.h"

#define ND_HOP_LIMIT	255

/* ---- sending ------------------------------------------------------------- */

/* Where on the link a group is heard: RFC 2464 7. */
static void group_lladdr(const struct net_device *ndev,
			 const struct in6_addr *group, u8 *lladdr)
{
	if (ndev->type == ARPHRD_ETHER)
		ipv6_eth_mc_map(group, lladdr);
	else
		memcpy(lladdr, ndev->broadcast, ndev->addr_len);
}

/* Prepends the IPv6 header. */
static void nd_push(struct toy_dev *dev, struct sk_buff *skb,
		    const struct in6_addr *saddr, const struct in6_addr *daddr)
{
	struct toy_path path = { .saddr = *saddr, .daddr = *daddr };
	struct toy_ip_tx tx = {
		.proto = IPPROTO_ICMPV6,
		.ttl = ND_HOP_LIMIT,
		.df = true,
	};

	toy_ipv6_ops.push(dev->tn, skb, &path, &tx);
	skb->protocol = htons(ETH_P_IPV6);
	toy_count(dev->tn, TOY_MIB_ICMP6_OUT_MSGS);
}

/* Builds a message; @own: with our own link-layer address. RCU. */
static struct sk_buff *nd_make(struct toy_dev *dev,
			       const struct in6_addr *saddr,
			       const struct in6_addr *daddr,
			       struct toy_nd_build *b, bool own)
{
	const struct net_device *ndev = rcu_dereference(dev->dev);
	struct sk_buff *skb;

	if (!ndev)
		return NULL;
	if (own && READ_ONCE(dev->has_lladdr))
		b->lladdr = ndev->dev_addr;
	skb = toy_nd_build(ndev, saddr, daddr, b);
	if (!skb) {
		toy_drop_skb(dev->tn, NULL, TOY_DROP_NOMEM);
		toy_count(dev->tn, TOY_MIB_ICMP6_OUT_ERRORS);
		return NULL;
	}
	nd_push(dev, skb, saddr, daddr);
	return skb;
}

/* Sends a message to @link_dest, or to where the group @daddr is heard. */
static void nd_send(struct toy_dev *dev, const struct in6_addr *saddr,
		    const struct in6_addr *daddr, const u8 *link_dest,
		    struct toy_nd_build *b, bool own)
{
	const struct net_device *ndev;
	u8 group[MAX_ADDR_LEN] __aligned(2);
	struct sk_buff *skb;

	rcu_read_lock();
	ndev = rcu_dereference(dev->dev);
	skb = nd_make(dev, saddr, daddr, b, own);
	if (skb) {
		if (!link_dest && ipv6_addr_is_multicast(daddr)) {
			group_lladdr(ndev, daddr, group);
			link_dest = group;
		}
		toy_dev_xmit(dev, skb, htons(ETH_P_IPV6), link_dest);
	}
	rcu_read_unlock();
}

static void send_ns(struct toy_dev *dev, const struct in6_addr *saddr,
		    const struct in6_addr *target, const u8 *lladdr,
		    const u8 *nonce)
{
	struct toy_nd_build b = {
		.type = TOY_ND_NS, .target = *target, .nonce = nonce,
	};
	struct in6_addr daddr = *target;

	if (!lladdr)
		addrconf_addr_solict_mult(target, &daddr);
	toy_count(dev->tn, TOY_MIB_ICMP6_OUT_NS);
	/* RFC 4861 4.3: no source, no address of it. */
	nd_send(dev, saddr, &daddr, lladdr, &b, !ipv6_addr_any(saddr));
}

/**
 * toy_nd_probe() - does another host have an address? (RFC 4862 5.4.2)
 * @dev: device
 * @addr: address that we want to have
 * @nonce: TOY_ND_NONCE_LEN bytes (RFC 7527), or NULL
 *
 * Context: process or softirq.
 */
void toy_nd_probe(struct toy_dev *dev, const struct in6_addr *addr,
		  const u8 *nonce)
{
	send_ns(dev, &in6addr_any, addr, NULL, nonce);
}

/* RFC 4429 3.3: who is not sure does not replace what others know. */
static u32 na_flags(const struct toy_addr *a)
{
	u32 flags = 0;

	if (!(READ_ONCE(a->flags) & TOY_ADDR_F_OPTIMISTIC))
		flags |= TOY_ND_NA_OVERRIDE;
	if (toy_nd_is_router(a->dev->tn))
		flags |= TOY_ND_NA_ROUTER;
	return flags;
}

/**
 * toy_nd_announce() - tell the link where an address of ours is
 * @dev: device
 * @addr: address, usable
 *
 * An unsolicited advertisement: for an address that is new (RFC 9131) or a
 * link-layer address that has changed (RFC 4861 7.2.6). Entries that others
 * have are corrected; nobody makes one because of it, but first-hop routers
 * that follow RFC 9131. Context: process or softirq.
 */
void toy_nd_announce(struct toy_dev *dev, const struct in6_addr *addr)
{
	struct toy_nd_build b = { .type = TOY_ND_NA, .target = *addr };
	const struct toy_addr *a;

	rcu_read_lock();
	a = toy_addr_find(dev->tn, dev, addr);
	if (a && toy_addr_usable(a) && READ_ONCE(dev->has_lladdr)) {
		b.flags = na_flags(a);
		toy_count(dev->tn, TOY_MIB_ICMP6_OUT_NA);
		nd_send(dev, addr, &in6addr_linklocal_allnodes, NULL, &b, true);
	}
	rcu_read_unlock();
}

/* A source for our questions: an address of the device that is proven. */
static bool proven(struct toy_dev *dev, const struct in6_addr *addr)
{
	const struct toy_addr *a = toy_addr_find(dev->tn, dev, addr);

	return a && toy_addr_usable(a) &&
	       !(READ_ONCE(a->flags) & TOY_ADDR_F_OPTIMISTIC);
}

struct linklocal_query {
	const struct toy_dev *dev;
	struct in6_addr addr;
};

static int linklocal_offer(const struct toy_addr *a, void *arg)
{
	struct linklocal_query *q = arg;

	if (a->dev != q->dev || !toy_addr_linklocal(&a->addr) ||
	    !toy_addr_usable(a) ||
	    READ_ONCE(a->flags) & TOY_ADDR_F_OPTIMISTIC)
		return 0;
	q->addr = a->addr;
	return 1;
}

/* Our link-local address on a device, if it is proven. */
static bool linklocal_of(struct toy_dev *dev, struct in6_addr *addr)
{
	struct linklocal_query q = { .dev = dev };

	if (!toy_addr_walk(dev->tn, linklocal_offer, &q))
		return false;
	*addr = q.addr;
	return true;
}

/* Is it an address of the device that is still being probed? */
static bool being_proven(struct toy_dev *dev, const struct in6_addr *addr)
{
	const struct toy_addr *a = toy_addr_find(dev->tn, dev, addr);

	return a && READ_ONCE(a->flags) & TOY_ADDR_F_OPTIMISTIC;
}

/* toy_neigh_ops.solicit: RFC 4861 7.2.2. RFC 4429 3.3: not from an address that
 * is not proven; what is to be sent waits for that. RCU.
 */
static bool nd_solicit(struct toy_dev *dev, const struct in6_addr *addr,
		       const struct in6_addr *saddr, const u8 *lladdr)
{
	struct in6_addr source = *saddr;

	if (ipv6_addr_any(saddr) || !proven(dev, saddr)) {
		if (!toy_addr_select(dev->tn, dev, addr, TOY_SCOPE_LINK,
				     &source) || !proven(dev, &source)) {
			if (!linklocal_of(dev, &source))
				return !being_proven(dev, saddr);
		}
	}
	send_ns(dev, &source, addr, lladdr, NULL);
	return true;
}

static const struct toy_neigh_ops nd_neigh_ops = {
	.ethertype = htons(ETH_P_IPV6),
	.solicit = nd_solicit,
	.failed = toy_ipv6_link_failure,
};

/**
 * toy_nd_router_solicit() - ask for router advertisements (RFC 4861 6.3.7)
 * @dev: device
 *
 * Context: process.
 * Return: false while the device has no link-local address to ask from.
 */
bool toy_nd_router_solicit(struct toy_dev *dev)
{
	struct toy_nd_build b = { .type = TOY_ND_RS };
	struct in6_addr saddr;

	if (!linklocal_of(dev, &saddr))
		return false;
	toy_count(dev->tn, TOY_MIB_ICMP6_OUT_RS);
	nd_send(dev, &saddr, &in6addr_linklocal_allrouters, NULL, &b, true);
	return true;
}

/**
 * toy_nd_redirect() - tell a neighbour of a better first hop (RFC 4861 8.2)
 * @pkt: packet that we forward back to where it came from
 * @skb: the same, skb->data at its network header; borrowed
 * @target: the better first hop: a router's link-local address, or the
 *	destination itself
 *
 * Withheld by the rate limits of ICMP errors. Context: softirq, RCU.
 */
void toy_nd_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
		     const struct in6_addr *target)
{
	struct toy_nd_build b = {
		.type = TOY_ND_REDIRECT, .target = *target,
		.dest = pkt->daddr, .quoted = skb,
	};
	struct toy_dev *dev = pkt->dev;
	u8 lladdr[MAX_ADDR_LEN];
	struct in6_addr saddr;
	struct toy_neigh *n;
	struct sk_buff *msg;

	if (ipv6_addr_is_multicast(&pkt->daddr) || ipv6_addr_any(&pkt->saddr) ||
	    !linklocal_of(dev, &saddr) ||
	    !toy_icmp_allowed(dev->tn, &pkt->saddr))
		return;
	/* RFC 4861 8.2: the target's link-layer address, if known. */
	n = toy_neigh_find(dev->tn, dev, target);
	if (n && toy_neigh_lladdr(n, lladdr))
		b.lladdr = lladdr;
	toy_neigh_put(n);

	n = toy_neigh_get(dev->tn, dev, &pkt->saddr);
	if (!n)
		return;
	msg = nd_make(dev, &saddr, &pkt->saddr, &b, false);
	if (msg) {
		toy_count(dev->tn, TOY_MIB_ICMP6_OUT_REDIRECTS);
		toy_neigh_output(n, msg);
	}
	toy_neigh_put(n);
}

/* ---- receiving ----------------------------------------------------------- */

/* Who has sent the frame, if the link says so: for the log. */
static const u8 *frame_source(const struct net_device *ndev,
			      const struct sk_buff *skb, u8 *lladdr)
{
	if (ndev->type != ARPHRD_ETHER || !skb_mac_header_was_set(skb))
		return NULL;
	memset(lladdr, 0, MAX_ADDR_LEN);
	memcpy(lladdr, eth_hdr(skb)->h_source, ETH_ALEN);
	return lladdr;
}

/* A route says that @addr is on this very link, or its scope does. */
static bool on_link(const struct toy_pkt *pkt, const struct in6_addr *addr)
{
	const struct toy_route *r;

	if (toy_addr_linklocal(addr))
		return true;
	r = toy_route_find(pkt->tn, addr, pkt->dev->ifindex);
	return r && r->type == TOY_ROUTE_UNICAST && r->dev == pkt->dev &&
	       toy_addr_any(&r->gateway);
}

/* RFC 4861 7.2.4 */
static void answer(const struct toy_pkt *pkt, const struct toy_addr *a,
		   const struct toy_nd_view *v)
{
	bool all = ipv6_addr_any(&pkt->saddr);
	struct in6_addr daddr = all ? in6addr_linklocal_allnodes : pkt->saddr;
	struct toy_nd_build b = {
		.type = TOY_ND_NA, .target = a->addr, .flags = na_flags(a),
	};
	struct toy_neigh *n;
	struct sk_buff *skb;

	toy_count(pkt->tn, TOY_MIB_ICMP6_OUT_NA);
	if (!all)
		b.flags |= TOY_ND_NA_SOLICITED;
	if (all || v->has_lladdr) {
		nd_send(pkt->dev, &a->addr, &daddr, all ? NULL : v->lladdr, &b,
			true);
		return;
	}
	/* He knows our address, and we are to know his. */
	n = toy_neigh_get(pkt->tn, pkt->dev, &daddr);
	if (!n)
		return;
	skb = nd_make(pkt->dev, &a->addr, &daddr, &b, true);
	if (skb)
		toy_neigh_output(n, skb);
	toy_neigh_put(n);
}

/* RFC 4862 5.4.3: another host means to take an address. */
static enum toy_drop rcv_probe(struct toy_pkt *pkt, struct sk_buff *skb,
			       struct toy_addr *a, const struct toy_nd_view *v,
			       const struct net_device *ndev)
{
	u8 lladdr[MAX_ADDR_LEN];

	if (v->has_nonce && toy_acd_looped(a, v->nonce))
		return TOY_DROP_ND_OWN;
	if (READ_ONCE(a->flags) & (TOY_ADDR_F_TENTATIVE | TOY_ADDR_F_OPTIMISTIC))
		toy_acd_conflict(pkt->dev, &a->addr,
				 frame_source(ndev, skb, lladdr), true);
	else
		answer(pkt, a, v);
	consume_skb(skb);
	return TOY_RX_OK;
}

/* RFC 4861 7.2.3 */
static enum toy_drop rcv_ns(struct toy_pkt *pkt, struct sk_buff *skb,
			    const struct toy_nd_view *v,
			    const struct net_device *ndev)
{
	struct toy_addr *a = toy_addr_find(pkt->tn, pkt->dev, &v->target);
	unsigned int flags = TOY_NEIGH_UPDATE_OVERRIDE;

	if (!a || READ_ONCE(a->flags) & TOY_ADDR_F_DUPLICATE)
		return TOY_DROP_ND_NOT_OURS;
	if (ipv6_addr_any(&pkt->saddr))
		return rcv_probe(pkt, skb, a, v, ndev);
	/* RFC 4862 5.4.3: who looks for a host there does not mean us. */
	if (!toy_addr_usable(a))
		return TOY_DROP_ND_NOT_OURS;
	if (toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) == TOY_ROUTE_LOCAL)
		return TOY_DROP_ND_OWN;

	if (on_link(pkt, &pkt->saddr))
		flags |= TOY_NEIGH_UPDATE_CREATE;
	if (v->has_lladdr)
		toy_neigh_update(pkt->tn, pkt->dev, &pkt->saddr, v->lladdr,
				 flags);
	answer(pkt, a, v);
	consume_skb(skb);
	return TOY_RX_OK;
}

/* RFC 4861 7.2.5 */
static enum toy_drop rcv_na(struct toy_pkt *pkt, struct sk_buff *skb,
			    const struct toy_nd_view *v,
			    const struct net_device *ndev)
{
	struct toy_addr *a = toy_addr_find(pkt->tn, pkt->dev, &v->target);
	unsigned int flags = v->router ? TOY_NEIGH_UPDATE_ROUTER :
					 TOY_NEIGH_UPDATE_HOST;
	u8 lladdr[MAX_ADDR_LEN];

	if (a && !(READ_ONCE(a->flags) & TOY_ADDR_F_DUPLICATE)) {
		if (v->has_lladdr && !memcmp(v->lladdr, ndev->dev_addr,
					     ndev->addr_len))
			return TOY_DROP_ND_OWN;
		/* RFC 4862 5.4.4 */
		toy_acd_conflict(pkt->dev, &v->target,
				 frame_source(ndev, skb, lladdr), false);
	} else {
		if (v->override)
			flags |= TOY_NEIGH_UPDATE_OVERRIDE;
		if (v->solicited)
			flags |= TOY_NEIGH_UPDATE_SOLICITED;
		toy_neigh_update(pkt->tn, pkt->dev, &v->target,
				 v->has_lladdr ? v->lladdr : NULL, flags);
	}
	consume_skb(skb);
	return TOY_RX_OK;
}

/* RFC 4861 8.3. What it says about the target's link-layer address is left to
 * resolution: there the target speaks for itself.
 */
static enum toy_drop rcv_redirect(struct toy_pkt *pkt, struct sk_buff *skb,
				  const struct toy_nd_view *v)
{
	if (toy_nd_is_router(pkt->tn) ||
	    !READ_ONCE(pkt->tn->sysctl.accept_redirects))
		return TOY_DROP_ND_IGNORED;
	toy_redirect(pkt->tn, pkt->dev, &v->dest, &v->target, &pkt->saddr);
	consume_skb(skb);
	return TOY_RX_OK;
}

static enum toy_drop nd_dispatch(struct toy_pkt *pkt, struct sk_buff *skb,
				 const struct toy_nd_view *v,
				 const struct net_device *ndev)
{
	bool resolves = READ_ONCE(pkt->dev->has_lladdr);

	switch (v->type) {
	case TOY_ND_NS:
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_NS);
		return resolves ? rcv_ns(pkt, skb, v, ndev) :
				  TOY_DROP_ND_NO_LLADDR;
	case TOY_ND_NA:
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_NA);
		return resolves ? rcv_na(pkt, skb, v, ndev) :
				  TOY_DROP_ND_NO_LLADDR;
	case TOY_ND_RA:
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_RA);
		return toy_ra_rcv(pkt, skb, v);
	case TOY_ND_REDIRECT:
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_REDIRECTS);
		return rcv_redirect(pkt, skb, v);
	default:
		/* RFC 4861 6.2.6 is for routers that advertise. */
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_RS);
		return TOY_DROP_ND_IGNORED;
	}
}

/**
 * toy_nd_rcv() - a message of neighbour discovery
 * @pkt: what is known of it
 * @skb: message, skb->data at its ICMPv6 header, checksum checked; consumed
 *	when TOY_RX_OK is returned
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK or why not.
 */
enum toy_drop toy_nd_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	const struct net_device *ndev = rcu_dereference(pkt->dev->dev);
	struct toy_nd_view v;
	enum toy_drop why;

	if (!ndev)
		return TOY_DROP_DEV_GONE;
	if (pkt->flags & TOY_PKT_LOOPED)
		return TOY_DROP_ND_OWN;
	why = toy_nd_parse(skb, ndev, &pkt->saddr, &pkt->daddr, pkt->ttl, &v);
	return why ?: nd_dispatch(pkt, skb, &v, ndev);
}

/**
 * toy_nd_init() - be IPv6's way to ask the link
 *
 * Return: 0.
 */
int toy_nd_init(void)
{
	toy_neigh_ops_register(false, &nd_neigh_ops);
	return 0;
}

/**
 * toy_nd_exit() - the opposite of toy_nd_init()
 */
void toy_nd_exit(void)
{
	toy_neigh_ops_register(false, NULL);
}
