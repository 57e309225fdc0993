/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_UDP_H
#define _TOY_SKB_UDP_H

#include <linux/udp.h>

#include "../toy.h"

/**
 * struct toy_udp_view - a checked UDP header (RFC 768)
 * @sport: source port, host byte order
 * @dport: destination port, host byte order
 * @len: bytes, header included
 * @csum: a checksum was sent
 */
struct toy_udp_view {
	u16 sport;
	u16 dport;
	u32 len;
	bool csum;
};

/* skb->data at the UDP header; cuts what follows the datagram; leaves the
 * checksum to toy_udp_csum_ok(), because it may be checked with the copy.
 */
enum toy_drop toy_udp_parse(struct toy_pkt *pkt, struct sk_buff *skb,
			    struct toy_udp_view *v);
bool toy_udp_csum_ok(const struct toy_pkt *pkt, struct sk_buff *skb,
		     const struct toy_udp_view *v);

/* RFC 1122 4.1.3.4 lets IPv4 go without a checksum; RFC 8200 8.1 lets IPv6 only
 * where the receiver has said so (RFC 6936 4).
 */
static inline bool toy_udp_csum_missing(const struct toy_pkt *pkt,
					const struct toy_udp_view *v)
{
	return !v->csum && !toy_is_v4(&pkt->daddr);
}

/* Prepends the header; the checksum is the business of toy_csum_*(). */
void toy_udp_push(struct sk_buff *skb, u16 sport, u16 dport);
/* Header of a quoted datagram at skb->data, 8 bytes linear. */
void toy_udp_ports(const struct sk_buff *skb, u16 *sport, u16 *dport);

#endif /* _TOY_SKB_UDP_H */
