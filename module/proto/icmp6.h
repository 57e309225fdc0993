/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ICMP6_H
#define _TOY_PROTO_ICMP6_H

#include "../skb/icmp6.h"
#include "ip.h"

struct toy_ipv6_walk;

void toy_icmp6_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		     enum toy_ip_error what, u32 info);
/* What a type and code of an error mean to a program. */
void toy_icmp6_errno(u8 type, u8 code, struct toy_icmp_err *e);
bool toy_icmp6_final(struct toy_icmp_err *e, const struct sk_buff *skb,
		     unsigned int offset, const struct toy_ipv6_walk *w);

int toy_icmp6_init(void);
void toy_icmp6_exit(void);

#endif /* _TOY_PROTO_ICMP6_H */
