/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ND_H
#define _TOY_PROTO_ND_H

#include "../skb/nd.h"
#include "../napi/dev.h"
#include "ip.h"

enum toy_drop toy_nd_rcv(struct toy_pkt *pkt, struct sk_buff *skb);

/* Messages on their way out; process or softirq. */
void toy_nd_probe(struct toy_dev *dev, const struct in6_addr *addr,
		  const u8 *nonce);
void toy_nd_announce(struct toy_dev *dev, const struct in6_addr *addr);
bool toy_nd_router_solicit(struct toy_dev *dev);
void toy_nd_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
		     const struct in6_addr *target);

/* RetransTimer, jiffies: a router's word, or net.toy.neigh_retrans_ms. */
static inline unsigned long toy_nd_retrans(const struct toy_dev *dev)
{
	u32 ms = READ_ONCE(dev->nd.retrans_ms);

	return msecs_to_jiffies(ms ?: READ_ONCE(dev->tn->sysctl.neigh_retrans_ms));
}

/* Do we route IPv6, so that we are a router to our neighbours? */
static inline bool toy_nd_is_router(const struct toy_net *tn)
{
	return READ_ONCE(tn->sysctl.ip6_forwarding);
}

int toy_nd_init(void);
void toy_nd_exit(void);

#endif /* _TOY_PROTO_ND_H */
