/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_IPV6_EXTS_H
#define _TOY_SKB_IPV6_EXTS_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>

/* The extension headers that a program may ask for, as they stand in a packet:
 * RFC 8200 4.1. All but the last are repeated by every fragment.
 */
enum toy_ext {
	TOY_EXT_HOP,		/* IPV6_HOPOPTS */
	TOY_EXT_DST0,		/* IPV6_RTHDRDSTOPTS: only with a routing header */
	TOY_EXT_RT,		/* IPV6_RTHDR */
	TOY_EXT_DST1,		/* IPV6_DSTOPTS */
	__TOY_EXT_MAX,
};

/* So may setsockopt(2) and sendmsg(2) say: 255 units of 8 bytes. */
#define TOY_EXT_LEN_MAX	(8 * 255)

/* Headers as programs gave them, checked; NULL for what there is not. */
struct toy_ext_src {
	const u8 *hdr[__TOY_EXT_MAX];
};

/**
 * struct toy_ipv6_txexts - extension headers of packets that we send
 * @refcnt: the socket's, and those of senders under way
 * @len: bytes that they add to a packet
 * @at: where each begins in @data
 * @ext_len: length of each, or 0
 * @rcu: freed after a grace period
 * @data: the headers, Next Header as the program gave it
 *
 * Immutable. A socket's is read under RCU.
 */
struct toy_ipv6_txexts {
	refcount_t refcnt;
	u16 len;
	u16 at[__TOY_EXT_MAX];
	u16 ext_len[__TOY_EXT_MAX];
	struct rcu_head rcu;
	u8 data[] __aligned(8);
};

/* Length of an extension header by its own word: RFC 8200 4.3, 4.4, 4.6. */
static inline unsigned int toy_ext_len(const u8 *hdr)
{
	return (hdr[1] + 1) * 8;
}

bool toy_ext_rt_ok(const u8 *hdr, unsigned int len);
struct toy_ipv6_txexts *toy_ipv6_exts_make(const struct toy_ext_src *src,
					   gfp_t gfp);
void toy_ipv6_exts_src(const struct toy_ipv6_txexts *x, struct toy_ext_src *src);
void toy_ipv6_exts_put(struct toy_ipv6_txexts *x);
const struct in6_addr *toy_ipv6_exts_hop(const struct toy_ipv6_txexts *x);
u8 toy_ipv6_exts_push(struct sk_buff *skb, const struct toy_ipv6_txexts *x,
		      const struct in6_addr *final, u8 nexthdr);

static inline struct toy_ipv6_txexts *
toy_ipv6_exts_get(struct toy_ipv6_txexts *x)
{
	if (x)
		refcount_inc(&x->refcnt);
	return x;
}

#endif /* _TOY_SKB_IPV6_EXTS_H */
