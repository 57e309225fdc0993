// SPDX-License-Identifier: GPL-2.0-only
/*
 * What IGMPv3 (RFC 3376) and MLDv2 (RFC 3810) messages have in common.
 *
 * A report is a header of 8 bytes, the last two of which count the records,
 * and then the records; only the size of an address tells the two apart:
 *
 *	 0               8               16                             31
 *	+---------------+---------------+-------------------------------+
 *	|  record type  | aux data len  |      number of sources        |
 *	+---------------+---------------+-------------------------------+
 *	| group                                        4 or 16 bytes    :
 *	+---------------------------------------------------------------+
 *	| sources                                      4 or 16 each     :
 *	+---------------------------------------------------------------+
 *
 * Times in queries are numbers with a mantissa and an exponent, so that one
 * octet can say 53 minutes.
 */
#include <linux/in.h>

#include "mcmsg.h"

/**
 * toy_mc_float8() - a number of RFC 3376 4.1.1 and 4.1.7
 * @code: as sent
 *
 * Return: what it means, 0 to 31744.
 */
u32 toy_mc_float8(u8 code)
{
	if (code < 0x80)
		return code;
	return ((code & 0x0f) | 0x10) << ((code >> 4 & 7) + 3);
}

/**
 * toy_mc_float16() - a number of RFC 3810 5.1.3
 * @code: as sent
 *
 * Return: what it means, 0 to 8387584.
 */
u32 toy_mc_float16(u16 code)
{
	if (code < 0x8000)
		return code;
	return ((code & 0x0fff) | 0x1000) << ((code >> 12 & 7) + 3);
}

/**
 * toy_mc_query_source() - read a source of a query
 * @q: checked query
 * @skb: its message, skb->data where it was then; borrowed
 * @i: which, below @q->sources
 * @addr: result
 *
 * Context: any.
 * Return: false if no host can have that address.
 */
bool toy_mc_query_source(const struct toy_mc_query *q,
			 const struct sk_buff *skb, unsigned int i,
			 struct in6_addr *addr)
{
	__be32 v4;

	if (q->v6) {
		if (skb_copy_bits(skb, q->src_off + i * sizeof(*addr), addr,
				  sizeof(*addr)))
			return false;
		return !toy_is_v4(addr) && !ipv6_addr_any(addr) &&
		       !ipv6_addr_is_multicast(addr);
	}
	if (skb_copy_bits(skb, q->src_off + i * sizeof(v4), &v4, sizeof(v4)))
		return false;
	*addr = toy_v4(v4);
	return v4 && !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4);
}

/**
 * toy_mcrec_start() - begin a report
 * @w: writer
 * @skb: empty, with room for @max bytes; borrowed
 * @max: bytes that the report may have
 * @v6: MLDv2
 *
 * Puts the header; its type and checksum are written by toy_igmp_finish() or
 * toy_mld_finish().
 */
void toy_mcrec_start(struct toy_mcrec *w, struct sk_buff *skb,
		     unsigned int max, bool v6)
{
	*w = (struct toy_mcrec) { .skb = skb, .max = max, .v6 = v6 };
	skb_put_zero(skb, TOY_MCREPORT_HLEN);
}

static unsigned int addr_len(const struct toy_mcrec *w)
{
	return w->v6 ? sizeof(struct in6_addr) : sizeof(__be32);
}

static void put_addr(struct toy_mcrec *w, const struct in6_addr *addr)
{
	unsigned int len = addr_len(w);

	skb_put_data(w->skb, addr->s6_addr + sizeof(*addr) - len, len);
}

static void put_count(struct toy_mcrec *w, unsigned int off, u16 n)
{
	*(__be16 *)(w->skb->data + off) = htons(n);
}

/**
 * toy_mcrec_group() - begin a record
 * @w: writer
 * @type: of the record
 * @group: it is about
 *
 * Return: false when there is no room left for it.
 */
bool toy_mcrec_group(struct toy_mcrec *w, enum toy_mcrec_type type,
		     const struct in6_addr *group)
{
	const u8 head[4] = { type };

	if (w->skb->len + sizeof(head) + addr_len(w) > w->max)
		return false;
	w->rec = w->skb->len;
	w->sources = 0;
	skb_put_data(w->skb, head, sizeof(head));
	put_addr(w, group);
	put_count(w, 6, ++w->records);
	return true;
}

/**
 * toy_mcrec_source() - add a source to the record that was begun last
 * @w: writer
 * @addr: source
 *
 * Return: false when there is no room left for it.
 */
bool toy_mcrec_source(struct toy_mcrec *w, const struct in6_addr *addr)
{
	if (w->skb->len + addr_len(w) > w->max)
		return false;
	put_addr(w, addr);
	put_count(w, w->rec + 2, ++w->sources);
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "mcmsg_test.c"
#endif
