/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_FORWARD_H
#define _TOY_PROTO_FORWARD_H

#include "ip.h"

bool toy_forwards(const struct toy_net *tn, const struct toy_ip_ops *ip);
enum toy_drop toy_forward(struct toy_pkt *pkt, struct sk_buff *skb);
enum toy_drop toy_forward_rp_filter(const struct toy_pkt *pkt);
void toy_forward_unreachable(struct toy_dev *dev, struct sk_buff *skb,
			     const struct toy_ip_ops *ip);
void toy_forward_disable_lro(struct toy_net *tn);

int toy_forward_init(void);
void toy_forward_exit(void);

#endif /* _TOY_PROTO_FORWARD_H */
