/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ICMP_H
#define _TOY_PROTO_ICMP_H

#include "../skb/icmp.h"
#include "ip.h"

void toy_icmp_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		    enum toy_ip_error what, u32 info);
void toy_icmp_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
		       const struct in6_addr *nexthop);

int toy_icmp_init(void);
void toy_icmp_exit(void);

#endif /* _TOY_PROTO_ICMP_H */
