/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_CSUM_H
#define _TOY_SKB_CSUM_H

#include "../toy.h"

/* Internet checksums (RFC 1071) with a pseudo-header of either IP version:
 * v4-mapped addresses make RFC 793's, all others RFC 8200's.
 */
__sum16 toy_csum_pseudo(const struct in6_addr *saddr,
			const struct in6_addr *daddr, u32 len, u8 proto,
			__wsum sum);

/* Receive: true when the checksum of @len bytes at skb->data is right, by the
 * device's word (UNNECESSARY, PARTIAL, COMPLETE) or by computing.
 */
bool toy_csum_verify(struct sk_buff *skb, const struct in6_addr *saddr,
		     const struct in6_addr *daddr, u32 len, u8 proto);

/* The same without a pseudo-header, over all of the skb: ICMPv4. */
bool toy_csum_verify_plain(struct sk_buff *skb);
/* Receive: the checksum is right, or legally absent; copies need none. */
void toy_csum_good(struct sk_buff *skb);

/* Send: can @dev finish a checksum in this packet? */
bool toy_csum_offload(const struct net_device *dev,
		      const struct in6_addr *daddr);
/* Send: the device finishes it. @offset: of the checksum in the transport
 * header, at skb->data; @len: transport header and data.
 */
void toy_csum_partial(struct sk_buff *skb, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, u32 len, u8 proto,
		      u16 offset);
/* Send: finished here. skb->csum holds the sum of all data behind the @hlen
 * bytes of transport header. Stores CSUM_MANGLED_0 for 0 when @mangle.
 */
void toy_csum_finish(struct sk_buff *skb, const struct in6_addr *saddr,
		     const struct in6_addr *daddr, u32 len, u8 proto,
		     u16 offset, unsigned int hlen, bool mangle);

#endif /* _TOY_SKB_CSUM_H */
