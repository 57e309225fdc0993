// SPDX-License-Identifier: GPL-2.0-only
/*
 * MLD as a host speaks it: versions 1 (RFC 2710) and 2 (RFC 3810).
 *
 * It is IGMP for IPv6, and all but addresses and headers is done where IGMP's
 * is. What comes from elsewhere than this link is known by its source, which
 * must be link-local, and its hop limit of 1 (RFC 3810 5.1.14, 6.2).
 */
#include "../skb/buf.h"
#include "../skb/mld.h"
#include "addr.h"
#include "mcast.h"

/* ---- sending -------------------------------------------------------------------- */

struct source {
	const struct toy_dev *dev;
	struct in6_addr addr;
};

static int is_source(const struct toy_addr *a, void *arg)
{
	struct source *s = arg;

	if (a->dev != s->dev || toy_is_v4(&a->addr) ||
	    !(ipv6_addr_type(&a->addr) & IPV6_ADDR_LINKLOCAL) ||
	    !toy_addr_usable(a))
		return 0;
	s->addr = a->addr;
	return 1;
}

/* RFC 3810 5.2.13, RFC 3590: a link-local address, or :: without one. RCU. */
static void finish(struct toy_mc_side *side, struct sk_buff *skb, u8 type)
{
	const struct in6_addr daddr = *toy_mc_dest(skb);
	struct source s = { .dev = side->mc->dev };

	toy_addr_walk(side->mc->dev->tn, is_source, &s);
	toy_mld_finish(skb, type, &s.addr, &daddr);
}

static void mld_finish(struct toy_mc_side *side, struct sk_buff *skb)
{
	toy_count(side->mc->dev->tn, TOY_MIB_MLD_OUT_REPORTS);
	finish(side, skb, TOY_MLD_V2_REPORT);
}

static struct sk_buff *mld_old(struct toy_mc_side *side,
			       const struct in6_addr *group, bool leave)
{
	static const struct in6_addr all_routers = {
		.s6_addr = { 0xff, 2, [15] = 2 }
	};
	struct toy_dev *dev = side->mc->dev;
	struct sk_buff *skb;

	skb = toy_skb_alloc(rcu_dereference(dev->dev), TOY_MLD_HLEN);
	if (!skb)
		return NULL;
	toy_count(dev->tn, leave ? TOY_MIB_MLD_OUT_LEAVES :
				   TOY_MIB_MLD_OUT_REPORTS);
	/* RFC 2710 8: a report goes to its group, a done to all routers. */
	*toy_mc_dest(skb) = leave ? all_routers : *group;
	toy_mld_put(skb, group);
	finish(side, skb, leave ? TOY_MLD_V1_DONE : TOY_MLD_V1_REPORT);
	return skb;
}

const struct toy_mc_ops toy_mld_ops = {
	.v6		= true,
	.ethertype	= htons(ETH_P_IPV6),
	/* ff02::16, RFC 3810 5.2.14 */
	.report3	= { .s6_addr = { 0xff, 2, [15] = 0x16 } },
	.old		= mld_old,
	.finish		= mld_finish,
};

/* ---- receiving ------------------------------------------------------------------ */

static enum toy_drop rcv_query(struct toy_pkt *pkt, struct sk_buff *skb,
			       const struct toy_mc_query *q)
{
	toy_count(pkt->tn, TOY_MIB_MLD_IN_QUERIES);
	toy_mc_query(pkt->dev, q, skb);
	return TOY_RX_OK;
}

static enum toy_drop rcv_report(struct toy_pkt *pkt,
				const struct in6_addr *group)
{
	toy_count(pkt->tn, TOY_MIB_MLD_IN_REPORTS);
	toy_mc_heard(pkt->dev, group);
	return TOY_RX_OK;
}

/* RFC 3810 6.2, 7.4; RFC 3590 lets a host report that has no address yet. */
static enum toy_drop check(const struct toy_pkt *pkt, const struct sk_buff *skb,
			   u8 type)
{
	if (pkt->flags & TOY_PKT_LOOPED || pkt->ttl != 1)
		return TOY_DROP_MLD_HOPS;
	if (!(ipv6_addr_type(&pkt->saddr) & IPV6_ADDR_LINKLOCAL) &&
	    (type == TOY_MLD_QUERY || !ipv6_addr_any(&pkt->saddr)))
		return TOY_DROP_MLD_SOURCE;
	return toy_mld_alert(skb) ? TOY_RX_OK : TOY_DROP_MLD_ALERT;
}

/**
 * toy_mld_rcv() - an MLD message: ICMPv6 types 130, 131, 132 and 143
 * @pkt: what is known of it
 * @skb: skb->data at the ICMPv6 header, whose checksum is right; the network
 *	header is set, hop-by-hop options are linear; consumed when TOY_RX_OK
 *	is returned
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK or why not.
 */
enum toy_drop toy_mld_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_mld_view v;
	enum toy_drop why;

	why = toy_mld_parse(skb, &v);
	if (!why)
		why = check(pkt, skb, v.type);
	if (why)
		return why;

	switch (v.type) {
	case TOY_MLD_QUERY:
		why = rcv_query(pkt, skb, &v.query);
		break;
	case TOY_MLD_V1_REPORT:
		why = rcv_report(pkt, &v.group);
		break;
	default:	/* dones and V2 reports are for routers */
		break;
	}
	if (!why)
		consume_skb(skb);
	return why;
}
