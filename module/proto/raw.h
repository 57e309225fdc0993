/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_RAW_H
#define _TOY_PROTO_RAW_H

#include "ip.h"

bool toy_raw_deliver(const struct toy_pkt *pkt, struct sk_buff *skb);
void toy_raw_err(const struct toy_pkt *pkt, struct sk_buff *skb, u8 proto,
		 const struct toy_icmp_err *e);

int toy_raw_net_init(struct toy_net *tn);
void toy_raw_net_exit(struct toy_net *tn);
int toy_raw_init(void);
void toy_raw_exit(void);

#endif /* _TOY_PROTO_RAW_H */
