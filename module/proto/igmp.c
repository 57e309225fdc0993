// SPDX-License-Identifier: GPL-2.0-only
/*
 * IGMP as a host speaks it: versions 1 (RFC 1112), 2 (RFC 2236), 3 (RFC 3376).
 *
 * Whose word counts. IGMP never crosses a router, so everything has a TTL of 1,
 * but a sender far away can see to it that it arrives with 1. Hence also:
 *
 *	query to 224.0.0.0/24	routers do not forward those
 *	query to elsewhere	from a neighbour: a prefix of the device has
 *				the source, or it is 0.0.0.0, a switch's
 *	v2 and v3 query		with router alert (RFC 3376 9.1)
 *	report			from a neighbour (RFC 2236 10, RFC 3376 9.2)
 *
 * A device without an IPv4 address has no prefix to tell by: there everybody is
 * believed.
 */
#include <linux/module.h>

#include "../skb/buf.h"
#include "../skb/igmp.h"
#include "addr.h"
#include "ip.h"
#include "mcast.h"

/* ---- sending -------------------------------------------------------------------- */

/* RFC 3376 4.2.13: an address of the link, or 0.0.0.0 without one. RCU. */
static __be32 source_on(const struct toy_dev *dev)
{
	struct in6_addr daddr = toy_v4(htonl(INADDR_ALLHOSTS_GROUP));
	struct in6_addr saddr;

	if (!toy_addr_select(dev->tn, dev, &daddr, TOY_SCOPE_LINK, &saddr) ||
	    !toy_addr_find(dev->tn, dev, &saddr))
		return 0;
	return toy_v4_of(&saddr);
}

static void finish(struct toy_mc_side *side, struct sk_buff *skb, u8 type)
{
	toy_igmp_finish(skb, type, source_on(side->mc->dev),
			toy_v4_of(toy_mc_dest(skb)));
}

static void igmp_finish(struct toy_mc_side *side, struct sk_buff *skb)
{
	toy_count(side->mc->dev->tn, TOY_MIB_IGMP_OUT_REPORTS);
	finish(side, skb, TOY_IGMP_V3_REPORT);
}

static struct sk_buff *igmp_old(struct toy_mc_side *side,
				const struct in6_addr *group, bool leave)
{
	struct toy_dev *dev = side->mc->dev;
	struct sk_buff *skb;
	u8 type = TOY_IGMP_V2_REPORT;

	skb = toy_skb_alloc(rcu_dereference(dev->dev), TOY_IGMP_HLEN);
	if (!skb)
		return NULL;
	if (leave)
		type = TOY_IGMP_V2_LEAVE;
	else if (side->link.version == TOY_MC_V1)
		type = TOY_IGMP_V1_REPORT;
	toy_count(dev->tn, leave ? TOY_MIB_IGMP_OUT_LEAVES :
				   TOY_MIB_IGMP_OUT_REPORTS);

	/* RFC 2236 9: a report goes to its group, a leave to all routers. */
	*toy_mc_dest(skb) = leave ? toy_v4(htonl(INADDR_ALLRTRS_GROUP)) : *group;
	toy_igmp_put(skb, toy_v4_of(group));
	finish(side, skb, type);
	return skb;
}

const struct toy_mc_ops toy_igmp_ops = {
	.ethertype	= htons(ETH_P_IP),
	/* 224.0.0.22, RFC 3376 4.2.14 */
	.report3	= { .s6_addr = { [10] = 0xff, 0xff, 224, 0, 0, 22 } },
	.old		= igmp_old,
	.finish		= igmp_finish,
};

/* ---- receiving ------------------------------------------------------------------ */

struct neighbours {
	const struct toy_dev *dev;
	struct in6_addr saddr;
	bool known;		/* the device has an IPv4 prefix */
};

static int is_neighbour(const struct toy_addr *a, void *arg)
{
	struct neighbours *n = arg;

	if (a->dev != n->dev || !toy_is_v4(&a->addr))
		return 0;
	n->known = true;
	return ipv6_prefix_equal(&a->addr, &n->saddr, a->plen);
}

/* RCU. */
static bool from_neighbour(const struct toy_pkt *pkt, const struct toy_dev *dev)
{
	struct neighbours n = { .dev = dev, .saddr = pkt->saddr };

	if (toy_addr_any(&pkt->saddr))
		return true;
	return toy_addr_walk(pkt->tn, is_neighbour, &n) || !n.known;
}

static enum toy_drop rcv_query(struct toy_pkt *pkt, struct sk_buff *skb,
			       const struct toy_mc_query *q)
{
	toy_count(pkt->tn, TOY_MIB_IGMP_IN_QUERIES);
	if (q->version != TOY_MC_V1 && !toy_igmp_alert(skb))
		return TOY_DROP_IGMP_ALERT;
	if (!ipv4_is_local_multicast(toy_v4_of(&pkt->daddr)) &&
	    !from_neighbour(pkt, pkt->dev))
		return TOY_DROP_IGMP_SOURCE;
	toy_mc_query(pkt->dev, q, skb);
	return TOY_RX_OK;
}

static enum toy_drop rcv_report(struct toy_pkt *pkt, __be32 group)
{
	struct in6_addr mapped = toy_v4(group);

	toy_count(pkt->tn, TOY_MIB_IGMP_IN_REPORTS);
	if (!from_neighbour(pkt, pkt->dev))
		return TOY_DROP_IGMP_SOURCE;
	toy_mc_heard(pkt->dev, &mapped);
	return TOY_RX_OK;
}

static enum toy_drop igmp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_igmp_view v;
	enum toy_drop why;

	/* What we say we know already. */
	if (pkt->flags & TOY_PKT_LOOPED || pkt->ttl != 1)
		return TOY_DROP_IGMP_TTL;
	why = toy_igmp_parse(skb, &v);
	if (why)
		return why;

	switch (v.type) {
	case TOY_IGMP_QUERY:
		why = rcv_query(pkt, skb, &v.query);
		break;
	case TOY_IGMP_V1_REPORT:
	case TOY_IGMP_V2_REPORT:
		why = rcv_report(pkt, v.group);
		break;
	default:	/* leaves and V3 reports are for routers */
		break;
	}
	if (!why)
		consume_skb(skb);
	return why;
}

static const struct toy_ip_proto igmp_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_IGMP,
	.version = 4,
	.rcv	= igmp_rcv,
};

/**
 * toy_igmp_init() - take IGMP's packets
 *
 * Return: 0 or a negative errno.
 */
int toy_igmp_init(void)
{
	return toy_ip_proto_register(&igmp_proto);
}

/**
 * toy_igmp_exit() - the opposite of toy_igmp_init()
 */
void toy_igmp_exit(void)
{
	toy_ip_proto_unregister(&igmp_proto);
}
