// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 fragments (RFC 8200 4.5), read and written.
 *
 *	| per-fragment headers | fragment header |      data       |
 *	   IPv6, hop-by-hop,	  8 bytes
 *	   routing ...
 *
 *	 0               8               16                      29    31
 *	+---------------+---------------+-----------------------+-----+-+
 *	|  next header  |       0       |  offset, units of 8   |  0  |M|
 *	+---------------+---------------+-----------------------+-----+-+
 *	|                        identification                         |
 *	+---------------------------------------------------------------+
 *
 * The headers that a router may look at stand in every fragment. The last of
 * them says "fragment header", and the fragment header what came there before.
 */
#include <linux/icmpv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "ipv6.h"

/* More are too many for toy_ipv6_walk_*(), too. */
#define MAX_HEADERS	8

static unsigned int upper_len(u8 nexthdr)
{
	switch (nexthdr) {
	case NEXTHDR_TCP:
		return sizeof(struct tcphdr);
	case NEXTHDR_UDP:
		return sizeof(struct udphdr);
	case NEXTHDR_ICMP:
		return sizeof(struct icmp6hdr);
	default:
		return 0;
	}
}

/**
 * toy_ipv6_chain_complete() - does a first fragment hold all headers?
 * @skb: fragment, skb->data at its network header; borrowed
 * @w: behind its fragment header
 *
 * RFC 7112 5. Nothing else is looked at. Context: any.
 *
 * Return: true when the first header that is no extension header is there.
 */
bool toy_ipv6_chain_complete(const struct sk_buff *skb,
			     const struct toy_ipv6_walk *w)
{
	unsigned int off = w->off;
	u8 nexthdr = w->nexthdr;

	for (int i = 0; i < MAX_HEADERS && toy_ipv6_is_ext(nexthdr); i++) {
		u8 _h[2];
		const u8 *h = skb_header_pointer(skb, off, sizeof(_h), _h);

		if (!h)
			return false;
		off += nexthdr == NEXTHDR_FRAGMENT ? sizeof(struct frag_hdr) :
						     (h[1] + 1) * 8;
		nexthdr = h[0];
	}
	return off + upper_len(nexthdr) <= skb->len;
}

/**
 * toy_ipv6_unfragmentable() - headers that every fragment must repeat
 * @skb: packet that will be fragmented, its network header set and linear as
 *	far as its extension headers go; borrowed
 * @nhoff: result: offset of the octet that names what follows them
 *
 * RFC 8200 4.5: all up to the routing header, or else to the hop-by-hop
 * options. Context: any.
 *
 * Return: their length, the IPv6 header included.
 */
unsigned int toy_ipv6_unfragmentable(const struct sk_buff *skb,
				     unsigned int *nhoff)
{
	const u8 *h = skb_network_header(skb);
	const unsigned int end = skb_tail_pointer(skb) - h;
	unsigned int off = sizeof(struct ipv6hdr), len = off;
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;

	*nhoff = offsetof(struct ipv6hdr, nexthdr);
	while (off + 8 <= end &&
	       (nexthdr == NEXTHDR_HOP || nexthdr == NEXTHDR_ROUTING ||
		nexthdr == NEXTHDR_DEST)) {
		unsigned int hdr = (h[off + 1] + 1) * 8;

		if (off + hdr > end)
			break;
		if (nexthdr != NEXTHDR_DEST) {
			*nhoff = off;
			len = off + hdr;
		}
		nexthdr = h[off];
		off += hdr;
	}
	return len;
}

/**
 * toy_ipv6_push_fragment() - prepend the headers of a fragment
 * @skb: its data, with headroom for @hdr_len and 8 bytes; borrowed
 * @hdr: headers of the packet that is being fragmented
 * @hdr_len: length of those that are repeated
 * @nhoff: offset of the octet that names what follows them
 * @f: what is to stand in the fragment header
 *
 * Sets the network header and skb->protocol. Context: any.
 */
void toy_ipv6_push_fragment(struct sk_buff *skb, const u8 *hdr,
			    unsigned int hdr_len, unsigned int nhoff,
			    const struct toy_ipv6_fraghdr *f)
{
	struct frag_hdr *fh = skb_push(skb, sizeof(*fh));
	u8 *h;

	*fh = (struct frag_hdr) {
		.nexthdr = hdr[nhoff],
		.frag_off = htons(f->offset | (f->more ? IP6_MF : 0)),
		.identification = f->id,
	};
	h = skb_push(skb, hdr_len);
	memcpy(h, hdr, hdr_len);
	h[nhoff] = NEXTHDR_FRAGMENT;
	((struct ipv6hdr *)h)->payload_len =
		htons(skb->len - sizeof(struct ipv6hdr));
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
}

/**
 * toy_ipv6_reassembled() - the first fragment's headers become the whole's
 * @skb: packet, its head not shared, skb->data at the IPv6 header, the fragment
 *	header taken out; borrowed
 * @nhoff: offset of the octet that has named the fragment header
 * @nexthdr: what follows there now
 * @ecn: what the fragments' ECN fields add to the first one's (RFC 3168 5.3)
 *
 * Context: any.
 */
void toy_ipv6_reassembled(struct sk_buff *skb, unsigned int nhoff, u8 nexthdr,
			  u8 ecn)
{
	struct ipv6hdr *h = (struct ipv6hdr *)skb->data;

	skb->data[nhoff] = nexthdr;
	h->payload_len = htons(skb->len - sizeof(*h));
	*(__be32 *)h |= htonl(ecn << 20);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ipv6_frag_test.c"
#endif
