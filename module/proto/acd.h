/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ACD_H
#define _TOY_PROTO_ACD_H

#include "addr.h"

/* IPv4 Address Conflict Detection (RFC 5227). The driver around the pure
 * state machine: start and stop under RTNL, input in softirq.
 */
int toy_acd_start(struct toy_addr *a, int mode);
void toy_acd_stop(struct toy_addr *a);
/* An ARP packet's sender claims one of our addresses from another machine. */
void toy_acd_conflict(struct toy_dev *dev, __be32 addr, const u8 *lladdr,
		      bool probe);
/* The device came up or its MAC changed: announce again. RTNL. */
void toy_acd_announce(struct toy_addr *a);

int toy_acd_init(void);
void toy_acd_exit(void);

#endif /* _TOY_PROTO_ACD_H */
