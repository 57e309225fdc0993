/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_ICMP6_H
#define _TOY_SKB_ICMP6_H

#include <linux/icmpv6.h>

#include "icmp.h"

/* Redirect, solicitations and advertisements: RFC 4861 4. */
#define TOY_ND_RS		133
#define TOY_ND_RA		134
#define TOY_ND_NS		135
#define TOY_ND_NA		136
#define TOY_ND_REDIRECT		137

/* Types below 128 are errors (RFC 4443 2.1). */
static inline bool toy_icmp6_is_error(u8 type)
{
	return !(type & 0x80);
}

/* skb->data at the ICMPv6 header; verifies the checksum of the message. */
enum toy_drop toy_icmp6_parse(struct sk_buff *skb, const struct in6_addr *saddr,
			      const struct in6_addr *daddr,
			      struct toy_icmp_view *v);
/* Prepends the header and sums header and data of an skb without offload. */
void toy_icmp6_push(struct sk_buff *skb, const struct in6_addr *saddr,
		    const struct in6_addr *daddr, u8 type, u8 code, __be32 info);

#endif /* _TOY_SKB_ICMP6_H */
