// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internet checksums (RFC 1071) over a transport message.
 *
 *	sum   = one's complement sum of pseudo-header, header and data
 *	check = ~sum, so that a receiver who sums it all gets 0xffff
 *
 * What the kernel knows about the sum stands in skb->ip_summed:
 *
 *	in	NONE		nobody looked: sum it here
 *		UNNECESSARY	the device looked: right
 *		COMPLETE	skb->csum is the sum of all from skb->data on
 *		PARTIAL		never left this machine; check holds the sum
 *				of the pseudo-header only and is filled in by
 *				whoever puts the packet on a wire: right
 *	out	PARTIAL		the device, or the core for it, fills check in
 *		NONE		check is filled in
 *
 * A checksum that was found right leaves the skb UNNECESSARY (PARTIAL stays,
 * because it says something about the bytes) with csum_valid set, so that
 * copying to a reader asks no more.
 */
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "csum.h"

/**
 * toy_csum_pseudo() - checksum of a message with its pseudo-header
 * @saddr: source
 * @daddr: destination; its form chooses the pseudo-header
 * @len: bytes of transport header and data
 * @proto: IPPROTO_*
 * @sum: sum of transport header and data, unfolded
 *
 * RFC 768 and RFC 9293 3.1 for v4-mapped addresses, RFC 8200 8.1 for others.
 * Context: any.
 *
 * Return: the checksum field's value when @sum was taken with a field of 0;
 * 0 when it was taken with the right value.
 */
__sum16 toy_csum_pseudo(const struct in6_addr *saddr,
			const struct in6_addr *daddr, u32 len, u8 proto,
			__wsum sum)
{
	if (toy_is_v4(daddr))
		return csum_tcpudp_magic(toy_v4_of(saddr), toy_v4_of(daddr),
					 len, proto, sum);

	return csum_ipv6_magic(saddr, daddr, len, proto, sum);
}

/**
 * toy_csum_good() - remember that a received checksum is right
 * @skb: packet; not shared
 *
 * Also for packets that legally have none. Context: any.
 */
void toy_csum_good(struct sk_buff *skb)
{
	skb->csum_valid = 1;
	if (skb->ip_summed == CHECKSUM_PARTIAL ||
	    skb->ip_summed == CHECKSUM_UNNECESSARY)
		return;

	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = 0;
}

/* The device, or the sender on this machine, vouches for the checksum. */
static bool vouched_for(struct sk_buff *skb)
{
	/* A tunnel below may have left its own verdict, about its header. */
	skb->csum_valid = 0;
	return skb_csum_unnecessary(skb);
}

/**
 * toy_csum_verify() - is the checksum of a received message right?
 * @skb: packet, not shared, skb->data at the transport header; pulled with
 *	skb_pull_rcsum() up to there
 * @saddr: source
 * @daddr: destination
 * @len: bytes of transport header and data
 * @proto: IPPROTO_*
 *
 * Context: any. Reads all of the packet unless the device has done so.
 *
 * Return: true when it is; later copies then need no checksum.
 */
bool toy_csum_verify(struct sk_buff *skb, const struct in6_addr *saddr,
		     const struct in6_addr *daddr, u32 len, u8 proto)
{
	__wsum sum;

	if (unlikely(len > skb->len))
		return false;
	if (vouched_for(skb))
		goto good;

	/* The device's sum covers what is in the skb, padding included. */
	if (skb->ip_summed == CHECKSUM_COMPLETE && len == skb->len &&
	    !toy_csum_pseudo(saddr, daddr, len, proto, skb->csum))
		goto good;

	/* A sum that does not fit may be the device's mistake: look. */
	sum = skb_checksum(skb, 0, len, 0);
	if (toy_csum_pseudo(saddr, daddr, len, proto, sum))
		return false;
good:
	toy_csum_good(skb);
	return true;
}

/**
 * toy_csum_verify_plain() - the same without a pseudo-header
 * @skb: packet, not shared, skb->data at the transport header
 *
 * For ICMPv4 (RFC 792), over all of @skb. Context: any.
 *
 * Return: true when the checksum is right.
 */
bool toy_csum_verify_plain(struct sk_buff *skb)
{
	if (vouched_for(skb))
		goto good;
	if (skb->ip_summed == CHECKSUM_COMPLETE && !csum_fold(skb->csum))
		goto good;
	if (csum_fold(skb_checksum(skb, 0, skb->len, 0)))
		return false;
good:
	toy_csum_good(skb);
	return true;
}

/**
 * toy_csum_offload() - can a device finish the checksum of a packet?
 * @dev: device that will send it
 * @daddr: destination; its form chooses the IP version
 *
 * When the answer has changed by the time the packet is sent, the core
 * finishes the checksum in software. Context: any.
 *
 * Return: true when toy_csum_partial() is the cheaper way.
 */
bool toy_csum_offload(const struct net_device *dev,
		      const struct in6_addr *daddr)
{
	netdev_features_t one = toy_is_v4(daddr) ? NETIF_F_IP_CSUM :
						   NETIF_F_IPV6_CSUM;

	return dev->features & (NETIF_F_HW_CSUM | one);
}

/**
 * toy_csum_partial() - leave the checksum to the device
 * @skb: packet to be sent, skb->data at the linear transport header; borrowed
 * @saddr: source
 * @daddr: destination
 * @len: bytes of transport header and data
 * @proto: IPPROTO_*
 * @offset: of the checksum in the transport header
 *
 * Stores the sum of the pseudo-header, not complemented: the device adds the
 * rest and complements. Context: any.
 */
void toy_csum_partial(struct sk_buff *skb, const struct in6_addr *saddr,
		      const struct in6_addr *daddr, u32 len, u8 proto,
		      u16 offset)
{
	__sum16 *check = (__sum16 *)(skb->data + offset);

	*check = ~toy_csum_pseudo(saddr, daddr, len, proto, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb);
	skb->csum_offset = offset;
}

/**
 * toy_csum_finish() - fill in a checksum whose data was summed while copied
 * @skb: packet to be sent, skb->data at the linear transport header,
 *	skb->csum the sum of all behind it; borrowed
 * @saddr: source
 * @daddr: destination
 * @len: bytes of transport header and data
 * @proto: IPPROTO_*
 * @offset: of the checksum in the transport header
 * @hlen: bytes of transport header, even
 * @mangle: 0 means "none" in this protocol: send 0xffff, its equal (RFC 768)
 *
 * Context: any.
 */
void toy_csum_finish(struct sk_buff *skb, const struct in6_addr *saddr,
		     const struct in6_addr *daddr, u32 len, u8 proto,
		     u16 offset, unsigned int hlen, bool mangle)
{
	__sum16 *check = (__sum16 *)(skb->data + offset);
	__wsum sum;

	*check = 0;
	sum = csum_partial(skb->data, hlen, skb->csum);
	*check = toy_csum_pseudo(saddr, daddr, len, proto, sum);
	if (mangle && !*check)
		*check = CSUM_MANGLED_0;

	skb->ip_summed = CHECKSUM_NONE;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "csum_test.c"
#endif
