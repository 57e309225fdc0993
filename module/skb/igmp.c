// SPDX-License-Identifier: GPL-2.0-only
/*
 * IGMP messages, read and written: versions 1 (RFC 1112 appendix I), 2
 * (RFC 2236) and 3 (RFC 3376).
 *
 *	 0               8               16                             31
 *	+---------------+---------------+-------------------------------+
 *	|     type      | max resp code |           checksum            |
 *	+---------------+---------------+-------------------------------+
 *	|                             group                             |
 *	+-------+-+-----+---------------+-------------------------------+
 *	| resv  |S| QRV |     QQIC      |      number of sources        | v3
 *	+-------+-+-----+---------------+-------------------------------+
 *	| sources                                                       : query
 *	+---------------------------------------------------------------+
 *
 * A query's version is told by its length and the second octet (RFC 3376 7.1):
 * 8 bytes with 0 are v1, 8 bytes v2, 12 and more v3, anything else is none.
 */
#include <linux/ip.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "buf.h"
#include "csum.h"
#include "igmp.h"

#define QUERY3_HLEN	12
#define V1_MAX_MS	10000	/* RFC 2236 4 */

static bool is_group(__be32 addr)
{
	return ipv4_is_multicast(addr);
}

/* @h: the first @have bytes of the message, at most QUERY3_HLEN of them. */
static enum toy_drop parse_query(const struct sk_buff *skb, const u8 *h,
				 struct toy_igmp_view *v)
{
	struct toy_mc_query *q = &v->query;

	if (v->group && !is_group(v->group))
		return TOY_DROP_IGMP_GROUP;
	*q = (struct toy_mc_query) { .group = toy_v4(v->group) };

	if (skb->len == TOY_IGMP_HLEN) {
		q->version = h[1] ? TOY_MC_V2 : TOY_MC_V1;
		q->max_ms = h[1] ? h[1] * 100 : V1_MAX_MS;
		return TOY_RX_OK;
	}
	if (skb->len < QUERY3_HLEN)			/* RFC 3376 7.1 */
		return TOY_DROP_IGMP_LEN;
	q->version = TOY_MC_V3;
	q->max_ms = toy_mc_float8(h[1]) * 100;
	q->robust = h[8] & 7;
	q->interval_s = toy_mc_float8(h[9]);
	q->sources = h[10] << 8 | h[11];
	q->src_off = QUERY3_HLEN;
	if (QUERY3_HLEN + q->sources * sizeof(__be32) > skb->len)
		return TOY_DROP_IGMP_LEN;
	/* Sources belong to a group. */
	return q->sources && !v->group ? TOY_DROP_IGMP_GROUP : TOY_RX_OK;
}

/**
 * toy_igmp_parse() - check a received IGMP message
 * @skb: message, not shared, skb->data at its header, where it stays; borrowed
 * @v: filled in when the message is right
 *
 * Makes the header linear. The checksum covers all of the message, whatever
 * its version (RFC 3376 4.1.2). Of reports only what a host wants to know is
 * looked at. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_IGMP_SHORT, _IGMP_CSUM, _IGMP_TYPE, _IGMP_LEN,
 * _IGMP_GROUP or _NOMEM.
 */
enum toy_drop toy_igmp_parse(struct sk_buff *skb, struct toy_igmp_view *v)
{
	unsigned int have = min_t(unsigned int, skb->len, QUERY3_HLEN);
	enum toy_drop why;
	const u8 *h;

	if (skb->len < TOY_IGMP_HLEN)
		return TOY_DROP_IGMP_SHORT;
	why = toy_skb_linear(skb, have, TOY_DROP_IGMP_SHORT);
	if (why)
		return why;
	if (!toy_csum_verify_plain(skb))
		return TOY_DROP_IGMP_CSUM;

	h = skb->data;
	v->type = h[0];
	memcpy(&v->group, h + 4, sizeof(v->group));
	switch (v->type) {
	case TOY_IGMP_QUERY:
		return parse_query(skb, h, v);
	case TOY_IGMP_V1_REPORT:
	case TOY_IGMP_V2_REPORT:
	case TOY_IGMP_V2_LEAVE:
		return is_group(v->group) ? TOY_RX_OK : TOY_DROP_IGMP_GROUP;
	case TOY_IGMP_V3_REPORT:
		return TOY_RX_OK;
	default:
		return TOY_DROP_IGMP_TYPE;
	}
}

/**
 * toy_igmp_alert() - does the IPv4 header have a router alert option?
 * @skb: packet whose network header was checked by toy_ipv4_parse(); borrowed
 *
 * RFC 2113 2.1: only with the value 0. Context: any.
 * Return: true if it has.
 */
bool toy_igmp_alert(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const u8 *o = (const u8 *)(iph + 1);
	const u8 *end = (const u8 *)iph + iph->ihl * 4;

	while (o < end && *o != IPOPT_END) {
		if (*o == IPOPT_NOOP) {
			o++;
			continue;
		}
		if (end - o < 2 || o[1] < 2 || o[1] > end - o)
			return false;
		if (o[0] == IPOPT_RA && o[1] == 4 && !o[2] && !o[3])
			return true;
		o += o[1];
	}
	return false;
}

/**
 * toy_igmp_put() - write the body of an IGMPv1 or v2 message
 * @skb: empty, with room for TOY_IGMP_HLEN bytes; borrowed
 * @group: group
 */
void toy_igmp_put(struct sk_buff *skb, __be32 group)
{
	u8 *h = skb_put_zero(skb, TOY_IGMP_HLEN);

	memcpy(h + 4, &group, sizeof(group));
}

/**
 * toy_igmp_finish() - type, checksum and the IPv4 header of a message
 * @skb: message, whose first four bytes are 0, with headroom for
 *	TOY_IGMP_IP_HLEN bytes; borrowed
 * @type: TOY_IGMP_*
 * @saddr: source, or 0
 * @daddr: destination
 *
 * RFC 3376 4: TTL 1, precedence of internetwork control, router alert. The
 * option is pushed as if it were data, then the header is made to cover it.
 */
void toy_igmp_finish(struct sk_buff *skb, u8 type, __be32 saddr, __be32 daddr)
{
	static const u8 alert[4] = { IPOPT_RA, 4, 0, 0 };
	const struct toy_ipv4_build b = {
		.saddr	= saddr,
		.daddr	= daddr,
		.df	= true,
		.ttl	= 1,
		.tos	= 0xc0,
		.proto	= IPPROTO_IGMP,
	};
	struct iphdr *iph;
	__sum16 sum;

	skb->data[0] = type;
	sum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	memcpy(skb->data + 2, &sum, sizeof(sum));
	skb_reset_transport_header(skb);
	skb->ip_summed = CHECKSUM_NONE;

	memcpy(skb_push(skb, sizeof(alert)), alert, sizeof(alert));
	toy_ipv4_push(skb, &b);
	iph = ip_hdr(skb);
	iph->ihl = TOY_IGMP_IP_HLEN / 4;
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "igmp_test.c"
#endif
