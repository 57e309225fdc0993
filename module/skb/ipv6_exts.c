// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extension headers in what is sent (RFC 8200 4, RFC 3542): kept, checked and
 * written. Those of what is received are walked in ipv6.c.
 *
 *	IPv6 | hop-by-hop | destination | routing | destination | TCP ...
 *	     |	 options  |   options   |         |   options   |
 *	       TOY_EXT_HOP  TOY_EXT_DST0 TOY_EXT_RT TOY_EXT_DST1
 *
 * A routing header names the nodes to be visited. While the packet is under
 * way, the IPv6 header names the next of them and the routing header the final
 * one: so a program's destination stands there, and the first node of its
 * header in the IPv6 header. Two kinds are known:
 *
 *	2	one address: home address of a mobile node	RFC 6275 6.4
 *	4	segments, the last node first			RFC 8754 2
 *
 * Kind 0 is refused (RFC 5095 3).
 */
#include <linux/slab.h>
#include <net/ipv6.h>

#include "ipv6_exts.h"

/* Both kinds have their addresses behind 8 bytes, the final one first. */
#define RT_ADDRS	8
#define RT_ADDR_LEN	sizeof(struct in6_addr)

static const u8 ext_types[__TOY_EXT_MAX] = {
	[TOY_EXT_HOP]	= NEXTHDR_HOP,
	[TOY_EXT_DST0]	= NEXTHDR_DEST,
	[TOY_EXT_RT]	= NEXTHDR_ROUTING,
	[TOY_EXT_DST1]	= NEXTHDR_DEST,
};

static const struct in6_addr *first_hop(const u8 *rt)
{
	u8 i = rt[2] == IPV6_SRCRT_TYPE_4 ? rt[3] : 0;

	return (const struct in6_addr *)(rt + RT_ADDRS + i * RT_ADDR_LEN);
}

/* RFC 8754 2.1: what follows the segments are whole TLVs. */
static bool tlvs_ok(const u8 *p, unsigned int len)
{
	unsigned int one;

	for (; len; p += one, len -= one) {
		if (len < 2)
			return false;
		one = 2 + p[1];
		if (one > len)
			return false;
	}
	return true;
}

/* RFC 8754 2: "Last Entry" is an index, and Segments Left no larger. */
static bool segments_ok(const u8 *hdr, unsigned int len)
{
	unsigned int last = hdr[4], left = hdr[3];
	unsigned int end = RT_ADDRS + (last + 1) * RT_ADDR_LEN;

	if (left > last || end > len)
		return false;
	return tlvs_ok(hdr + end, len - end);
}

/**
 * toy_ext_rt_ok() - may a packet have that routing header?
 * @hdr: header
 * @len: its length, as the program gave it
 *
 * RFC 6275 6.4.1, RFC 8754 2. An IPv4-mapped address stands for IPv4 inside,
 * so it cannot be where a packet goes. Context: any.
 *
 * Return: true if it may.
 */
bool toy_ext_rt_ok(const u8 *hdr, unsigned int len)
{
	switch (hdr[2]) {
	case IPV6_SRCRT_TYPE_2:
		return hdr[1] == 2 && hdr[3] == 1 &&
		       !ipv6_addr_v4mapped(first_hop(hdr));
	case IPV6_SRCRT_TYPE_4:
		return len == toy_ext_len(hdr) && segments_ok(hdr, len) &&
		       !ipv6_addr_v4mapped(first_hop(hdr));
	default:
		return false;
	}
}

/**
 * toy_ipv6_exts_make() - put headers together
 * @src: headers; checked, each as long as it says
 * @gfp: for memory
 *
 * Return: a copy with a reference for the caller, or NULL without memory.
 */
struct toy_ipv6_txexts *toy_ipv6_exts_make(const struct toy_ext_src *src,
					   gfp_t gfp)
{
	struct toy_ipv6_txexts *x;
	unsigned int all = 0;

	for (int i = 0; i < __TOY_EXT_MAX; i++)
		if (src->hdr[i])
			all += toy_ext_len(src->hdr[i]);
	x = kzalloc(struct_size(x, data, all), gfp);
	if (!x)
		return NULL;
	refcount_set(&x->refcnt, 1);
	all = 0;
	for (int i = 0; i < __TOY_EXT_MAX; i++) {
		if (!src->hdr[i])
			continue;
		x->at[i] = all;
		x->ext_len[i] = toy_ext_len(src->hdr[i]);
		memcpy(x->data + all, src->hdr[i], x->ext_len[i]);
		all += x->ext_len[i];
	}
	x->len = all;
	if (!x->ext_len[TOY_EXT_RT])
		x->len -= x->ext_len[TOY_EXT_DST0];
	return x;
}

/**
 * toy_ipv6_exts_src() - the headers, to be put together again with others
 * @x: they, or NULL
 * @src: result; points into @x
 */
void toy_ipv6_exts_src(const struct toy_ipv6_txexts *x, struct toy_ext_src *src)
{
	for (int i = 0; i < __TOY_EXT_MAX; i++)
		src->hdr[i] = x && x->ext_len[i] ? x->data + x->at[i] : NULL;
}

/**
 * toy_ipv6_exts_put() - give a reference back
 * @x: headers, or NULL
 *
 * Context: any.
 */
void toy_ipv6_exts_put(struct toy_ipv6_txexts *x)
{
	if (x && refcount_dec_and_test(&x->refcnt))
		kfree_rcu(x, rcu);
}

/**
 * toy_ipv6_exts_hop() - where packets with these headers go first
 * @x: headers, or NULL
 *
 * Return: the first node that the routing header names; NULL without one: they
 * go to their destination.
 */
const struct in6_addr *toy_ipv6_exts_hop(const struct toy_ipv6_txexts *x)
{
	if (likely(!x) || !x->ext_len[TOY_EXT_RT])
		return NULL;
	return first_hop(x->data + x->at[TOY_EXT_RT]);
}

/**
 * toy_ipv6_exts_push() - prepend the headers
 * @skb: transport header and data, with headroom for @x->len bytes; borrowed
 * @x: headers
 * @final: destination, which a routing header takes
 * @nexthdr: upper protocol
 *
 * Context: any.
 * Return: what the IPv6 header has to say follows it.
 */
u8 toy_ipv6_exts_push(struct sk_buff *skb, const struct toy_ipv6_txexts *x,
		      const struct in6_addr *final, u8 nexthdr)
{
	u8 *h;

	for (int i = __TOY_EXT_MAX - 1; i >= 0; i--) {
		if (!x->ext_len[i])
			continue;
		/* RFC 3542 9.1: for the nodes that it names. */
		if (i == TOY_EXT_DST0 && !x->ext_len[TOY_EXT_RT])
			continue;
		h = skb_push(skb, x->ext_len[i]);
		memcpy(h, x->data + x->at[i], x->ext_len[i]);
		h[0] = nexthdr;
		if (i == TOY_EXT_RT)
			memcpy(h + RT_ADDRS, final, RT_ADDR_LEN);
		nexthdr = ext_types[i];
	}
	return nexthdr;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ipv6_exts_test.c"
#endif
