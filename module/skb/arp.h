/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_ARP_H
#define _TOY_SKB_ARP_H

#include <linux/if_arp.h>

#include "../toy.h"

/**
 * struct toy_arp_view - a checked ARP packet (RFC 826) for IPv4
 * @op: ARPOP_REQUEST or ARPOP_REPLY
 * @sha: sender hardware address
 * @spa: sender protocol address
 * @tha: target hardware address
 * @tpa: target protocol address
 */
struct toy_arp_view {
	u16 op;
	__be32 spa;
	__be32 tpa;
	u8 sha[MAX_ADDR_LEN];
	u8 tha[MAX_ADDR_LEN];
};

enum toy_drop toy_arp_parse(struct sk_buff *skb, const struct net_device *dev,
			    struct toy_arp_view *v);
struct sk_buff *toy_arp_build(struct net_device *dev,
			      const struct toy_arp_view *v);

#endif /* _TOY_SKB_ARP_H */
