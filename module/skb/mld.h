/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_MLD_H
#define _TOY_SKB_MLD_H

#include "mcmsg.h"

#define TOY_MLD_QUERY		130
#define TOY_MLD_V1_REPORT	131
#define TOY_MLD_V1_DONE		132
#define TOY_MLD_V2_REPORT	143

#define TOY_MLD_HLEN		24	/* MLDv1, all of it */

/* An IPv6 header and hop-by-hop options with a router alert. */
#define TOY_MLD_IP_HLEN		48

/**
 * struct toy_mld_view - a checked MLD message
 * @type: TOY_MLD_*
 * @group: of MLDv1 messages
 * @query: filled in for TOY_MLD_QUERY
 */
struct toy_mld_view {
	u8 type;
	struct in6_addr group;
	struct toy_mc_query query;
};

enum toy_drop toy_mld_parse(struct sk_buff *skb, struct toy_mld_view *v);
bool toy_mld_alert(const struct sk_buff *skb);
void toy_mld_put(struct sk_buff *skb, const struct in6_addr *group);
void toy_mld_finish(struct sk_buff *skb, u8 type, const struct in6_addr *saddr,
		    const struct in6_addr *daddr);

#endif /* _TOY_SKB_MLD_H */
