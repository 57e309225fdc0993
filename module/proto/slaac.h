/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_SLAAC_H
#define _TOY_PROTO_SLAAC_H

#include "../skb/nd.h"
#include "addr.h"

/* net.toy.addr_gen_mode, the numbers of Linux's IN6_ADDR_GEN_MODE_* */
#define TOY_ADDR_GEN_EUI64	0
#define TOY_ADDR_GEN_NONE	1
#define TOY_ADDR_GEN_STABLE	2

/* All under RTNL. */
u32 toy_slaac_valid(u32 received, u32 left);
void toy_slaac_linklocal(struct toy_dev *dev);
void toy_slaac_prefix(struct toy_dev *dev, const struct toy_nd_prefix *p);
void toy_slaac_conflict(struct toy_addr *a);
void toy_slaac_forget(struct toy_dev *dev);

#endif /* _TOY_PROTO_SLAAC_H */
