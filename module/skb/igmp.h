/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_IGMP_H
#define _TOY_SKB_IGMP_H

#include "ipv4.h"
#include "mcmsg.h"

#define TOY_IGMP_QUERY		0x11
#define TOY_IGMP_V1_REPORT	0x12
#define TOY_IGMP_V2_REPORT	0x16
#define TOY_IGMP_V2_LEAVE	0x17
#define TOY_IGMP_V3_REPORT	0x22

#define TOY_IGMP_HLEN		8	/* IGMPv1 and v2, all of it */

/* A 20-byte header and the router alert option. */
#define TOY_IGMP_IP_HLEN	24

/**
 * struct toy_igmp_view - a checked IGMP message
 * @type: TOY_IGMP_*
 * @group: of IGMPv1 and v2 messages
 * @query: filled in for TOY_IGMP_QUERY
 */
struct toy_igmp_view {
	u8 type;
	__be32 group;
	struct toy_mc_query query;
};

enum toy_drop toy_igmp_parse(struct sk_buff *skb, struct toy_igmp_view *v);
bool toy_igmp_alert(const struct sk_buff *skb);
void toy_igmp_put(struct sk_buff *skb, __be32 group);
void toy_igmp_finish(struct sk_buff *skb, u8 type, __be32 saddr, __be32 daddr);

#endif /* _TOY_SKB_IGMP_H */
