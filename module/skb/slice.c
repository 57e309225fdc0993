// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets made from others: a copy of what one says, and a part of one.
 *
 *	toy_skb_alloc_copy()	bytes	-> pages, for a reply
 *	toy_skb_slice()		pages	-> the same pages, for a fragment
 */
#include <linux/skbuff.h>

#include "buf.h"

/* Data of up to that much stands in the head of a reply. */
#define MAX_LINEAR	SKB_WITH_OVERHEAD(4096 - 256)

/* What a reply may need above the network header. */
#define MAX_HEADERS	60

/**
 * toy_skb_alloc_copy() - a buffer for a packet that says what another one says
 * @dev: device that will send it, or NULL
 * @from: packet; borrowed
 * @off: of what is copied from its skb->data; may be negative
 * @len: bytes that are copied
 *
 * As of toy_skb_alloc(), with the bytes put. More than a page of them stands in
 * pages of their own: nothing large and contiguous is asked for in softirq.
 * Context: any.
 *
 * Return: the buffer, owned by the caller, or NULL without memory.
 */
struct sk_buff *toy_skb_alloc_copy(const struct net_device *dev,
				   const struct sk_buff *from, int off,
				   unsigned int len)
{
	unsigned int front = ALIGN(toy_skb_headroom(dev) + MAX_HEADERS, 16);
	struct sk_buff *skb;
	int err;

	if (len <= MAX_LINEAR) {
		skb = toy_skb_alloc(dev, len);
		if (skb && skb_copy_bits(from, off, skb_put(skb, len), len))
			goto free;
		return skb;
	}
	skb = alloc_skb_with_frags(front, len, PAGE_ALLOC_COSTLY_ORDER, &err,
				   GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, front);
	skb->len = len;
	skb->data_len = len;
	for (int i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		/* Pages for GFP_ATOMIC are never high. */
		if (skb_copy_bits(from, off, skb_frag_address(frag),
				  skb_frag_size(frag)))
			goto free;
		off += skb_frag_size(frag);
	}
	return skb;

free:
	kfree_skb(skb);
	return NULL;
}

/* What lies in the pages of @skb from @off to @off + @len goes into @piece, too. */
static void share_frags(struct sk_buff *piece, struct sk_buff *skb,
			unsigned int off, unsigned int len)
{
	const unsigned int end = off + len;
	unsigned int at = skb_headlen(skb);

	for (int i = 0; i < skb_shinfo(skb)->nr_frags && at < end; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		unsigned int size = skb_frag_size(frag);
		unsigned int from = max(off, at), to = min(end, at + size);

		if (from < to) {
			get_page(skb_frag_page(frag));
			skb_add_rx_frag(piece, skb_shinfo(piece)->nr_frags,
					skb_frag_page(frag),
					skb_frag_off(frag) + from - at,
					to - from, to - from);
		}
		at += size;
	}
	skb_shinfo(piece)->flags |= skb_shinfo(skb)->flags & SKBFL_SHARED_FRAG;
}

/**
 * toy_skb_slice() - part of a packet as a packet of its own
 * @skb: packet, no super-packet, without pages of a zero-copy sender; borrowed
 * @off: of the part from skb->data
 * @len: bytes
 * @headroom: to be reserved in front
 *
 * Keeps what the packet says about itself (priority, mark, time) but for
 * headers, checksum and owner. Pages are shared, unless they are a page
 * pool's. Context: any.
 *
 * Return: the part, owned by the caller, or NULL without memory.
 */
struct sk_buff *toy_skb_slice(struct sk_buff *skb, unsigned int off,
			      unsigned int len, unsigned int headroom)
{
	const bool share = !skb_has_frag_list(skb) && !skb->pp_recycle;
	unsigned int head = skb_headlen(skb), linear = len;
	struct sk_buff *piece;

	if (share)
		linear = off < head ? min(len, head - off) : 0;
	piece = alloc_skb(headroom + linear, GFP_ATOMIC | __GFP_NOWARN);
	if (!piece)
		return NULL;
	skb_copy_header(piece, skb);
	piece->ip_summed = CHECKSUM_NONE;
	skb_reserve(piece, headroom);
	if (skb_copy_bits(skb, off, skb_put(piece, linear), linear)) {
		kfree_skb(piece);
		return NULL;
	}
	if (linear < len)
		share_frags(piece, skb, off + linear, len - linear);
	return piece;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "slice_test.c"
#endif
