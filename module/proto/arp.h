/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ARP_H
#define _TOY_PROTO_ARP_H

#include "../toy.h"
#include "../napi/dev.h"

/* RFC 826 packets on their way out. Unspecified @saddr: an RFC 5227 probe. */
void toy_arp_send(struct toy_dev *dev, u16 op, __be32 saddr, __be32 taddr,
		  const u8 *target_lladdr, const u8 *link_dest);

int toy_arp_init(void);
void toy_arp_exit(void);

#endif /* _TOY_PROTO_ARP_H */
