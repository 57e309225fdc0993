/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this room tell each other, and nobody else. */
#ifndef _TOY_NAPI_INTERNAL_H
#define _TOY_NAPI_INTERNAL_H

#include "dev.h"

/* EtherType to row; TOY_L3_MAX for one that is none of ours. */
static inline enum toy_l3 toy_l3_row(__be16 ethertype)
{
	switch (ethertype) {
	case htons(ETH_P_IP):
		return TOY_L3_IPV4;
	case htons(ETH_P_ARP):
		return TOY_L3_ARP;
	case htons(ETH_P_IPV6):
		return TOY_L3_IPV6;
	default:
		return TOY_L3_MAX;
	}
}

/* dev.c */
struct toy_dev *toy_dev_alloc(struct toy_net *tn, int ifindex,
			      enum toy_hook hook);

/* rxq.c */
int toy_rxq_alloc(struct toy_dev *dev);
void toy_rxq_stop(struct toy_dev *dev);
toy_l3_rcv_t toy_l3_handler(enum toy_l3 row);

/* hook.c */
int toy_hook_add(struct toy_dev *dev, struct net_device *ndev,
		 struct netlink_ext_ack *extack);
void toy_hook_del(struct toy_dev *dev, struct net_device *ndev);
void toy_hook_take(struct toy_dev *dev, struct net_device *ndev,
		   struct sk_buff *skb);
bool toy_hook_vlan_is_ours(struct sk_buff *skb);

/* loop.c */
#define TOY_LOOP_MTU	65536

void toy_loop_netdev_event(struct toy_net *tn, struct net_device *ndev,
			   unsigned long event);

/* toylo.c */
bool toylo_is(const struct net_device *ndev);
int toylo_send(struct toy_net *tn, struct net_device *ndev,
	       struct sk_buff *skb);
int toylo_netdev_event(struct toy_net *tn, struct net_device *ndev,
		       unsigned long event, struct netlink_ext_ack *extack);

#endif /* _TOY_NAPI_INTERNAL_H */
