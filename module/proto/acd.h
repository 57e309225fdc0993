/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ACD_H
#define _TOY_PROTO_ACD_H

#include "addr.h"

/* Address conflict detection: RFC 5227 for IPv4, RFC 4862 5.4 for IPv6. The
 * driver around their pure state machines: start and stop under RTNL, input in
 * softirq.
 */
int toy_acd_start(struct toy_addr *a, int mode);
void toy_acd_stop(struct toy_addr *a);
/* Another machine claims one of our addresses, or probes for it. */
void toy_acd_conflict(struct toy_dev *dev, const struct in6_addr *addr,
		      const u8 *lladdr, bool probe);
bool toy_acd_looped(struct toy_addr *a, const u8 *nonce);
/* The device came up or its MAC changed: announce again. RTNL. */
void toy_acd_announce(struct toy_addr *a);

int toy_acd_init(void);
void toy_acd_exit(void);

#endif /* _TOY_PROTO_ACD_H */
