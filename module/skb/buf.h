/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_BUF_H
#define _TOY_SKB_BUF_H

#include "../toy.h"

/* The one length check before a header is read: makes the first @len bytes
 * linear. Returns @shorter when there are not as many, TOY_DROP_NOMEM when
 * there is no memory. The skb is not shared; pointers into it go stale.
 */
static inline enum toy_drop toy_skb_linear(struct sk_buff *skb,
					   unsigned int len,
					   enum toy_drop shorter)
{
	if (likely(len <= skb_headlen(skb)))
		return TOY_RX_OK;
	if (len > skb->len)
		return shorter;
	return pskb_may_pull(skb, len) ? TOY_RX_OK : TOY_DROP_NOMEM;
}

/* Cuts everything behind @len bytes off, and out of CHECKSUM_COMPLETE. Returns
 * @shorter when there are not as many bytes, TOY_DROP_NOMEM.
 */
enum toy_drop toy_skb_trim(struct sk_buff *skb, unsigned int len,
			   enum toy_drop shorter);

/* Headroom that any network header of ours and the link header of @dev need. */
unsigned int toy_skb_headroom(const struct net_device *dev);

/* For a reply built in softirq: room for @dev's headers and ours reserved,
 * @len bytes of tailroom. NULL when there is no memory.
 */
struct sk_buff *toy_skb_alloc(const struct net_device *dev, unsigned int len);

/* A packet with a copy of @len bytes of @from, @off bytes behind its data, and
 * room as toy_skb_alloc() makes it, for a reply. Long data stands in pages.
 */
struct sk_buff *toy_skb_alloc_copy(const struct net_device *dev,
				   const struct sk_buff *from, int off,
				   unsigned int len);

/* The @len bytes of @skb that lie @off bytes behind its data, as a packet of
 * their own with @headroom bytes in front. Pages are shared.
 */
struct sk_buff *toy_skb_slice(struct sk_buff *skb, unsigned int off,
			      unsigned int len, unsigned int headroom);

/* Makes sure that @need bytes of writable headroom stand before skb->data.
 * Keeps skb->sk's accounting. Returns 0, or -ENOMEM with the skb intact.
 */
int toy_skb_need_headroom(struct sk_buff *skb, unsigned int need);

/* The segments of a received super-packet, headers rebuilt, as a list by
 * ->next; NULL stays whole: it is no super-packet. Consumes @skb unless an
 * ERR_PTR or NULL is returned; after an ERR_PTR it is only good for dropping.
 * @skb->data at the transport header, network header set, and the same holds
 * for each segment, whose checksum is known to be right.
 */
struct sk_buff *toy_skb_segment_udp(struct sk_buff *skb);

#endif /* _TOY_SKB_BUF_H */
