/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_PMTU_H
#define _TOY_PROTO_PMTU_H

#include <linux/in.h>

#include "exception.h"
#include "ip.h"

/* RFC 8201 4, RFC 8200 5: what every IPv6 link carries. */
#define TOY_PMTU_MIN_V6	1280

/* IP_PMTUDISC_INTERFACE and _OMIT never let a message in (ip(7)). */
static inline bool toy_pmtu_let_in(u8 pmtudisc)
{
	return pmtudisc != IP_PMTUDISC_INTERFACE && pmtudisc != IP_PMTUDISC_OMIT;
}

u32 toy_pmtu_plateau(u32 tot_len, u32 hdr_len);
u32 toy_pmtu_clamp(bool v4, u32 mtu, u32 min_pmtu, bool *locked);

void toy_pmtu_update(struct toy_net *tn, const struct in6_addr *daddr, u32 mtu);
void toy_pmtu_apply(struct toy_net *tn, struct toy_path *path, bool mtu);

/* An ICMP error about a packet that a socket of ours has really sent: what it
 * says of the way there is believed, as far as the socket wants to know. True
 * if that is all it says: nothing for the socket.
 */
bool toy_sock_way_err(struct toy_net *tn, u8 pmtudisc,
		      const struct toy_icmp_err *e);

/* ---- redirects (proto/redirect.c) ---------------------------------------- */

void toy_redirect(struct toy_net *tn, struct toy_dev *dev,
		  const struct in6_addr *daddr, const struct in6_addr *gateway,
		  const struct in6_addr *from);

#endif /* _TOY_PROTO_PMTU_H */
