// SPDX-License-Identifier: GPL-2.0-only
/*
 * MLD messages, read and written: versions 1 (RFC 2710) and 2 (RFC 3810). They
 * are ICMPv6's, which has seen to the checksum.
 *
 *	 0               8               16                             31
 *	+---------------+---------------+-------------------------------+
 *	|     type      |     code      |           checksum            |
 *	+---------------+---------------+-------------------------------+
 *	|     maximum response code     |           reserved            |
 *	+-------------------------------+-------------------------------+
 *	| group                                             16 bytes    :
 *	+-------+-+-----+---------------+-------------------------------+
 *	| resv  |S| QRV |     QQIC      |      number of sources        | v2
 *	+-------+-+-----+---------------+-------------------------------+
 *	| sources                                           16 each     : query
 *	+---------------------------------------------------------------+
 *
 * A query's version is told by its length (RFC 3810 8.1): 24 bytes are v1, 28
 * and more v2, anything else is none.
 */
#include <linux/icmpv6.h>
#include <linux/ipv6.h>

#include "buf.h"
#include "csum.h"
#include "ipv6.h"
#include "mld.h"

#define QUERY2_HLEN	28
#define HOPOPTS_LEN	8

/* Hop-by-hop options: router alert for MLD (RFC 2711 2.1), and padding. */
#define OPT_PAD1	0
#define OPT_ALERT	5

static enum toy_drop parse_query(const struct sk_buff *skb, const u8 *h,
				 struct toy_mld_view *v)
{
	struct toy_mc_query *q = &v->query;
	u16 code = h[4] << 8 | h[5];

	if (!ipv6_addr_any(&v->group) && !ipv6_addr_is_multicast(&v->group))
		return TOY_DROP_MLD_GROUP;
	*q = (struct toy_mc_query) { .group = v->group, .v6 = true };

	if (skb->len == TOY_MLD_HLEN) {
		q->version = TOY_MC_V2;
		q->max_ms = code;
		return TOY_RX_OK;
	}
	if (skb->len < QUERY2_HLEN)			/* RFC 3810 8.1 */
		return TOY_DROP_MLD_LEN;
	q->version = TOY_MC_V3;
	q->max_ms = toy_mc_float16(code);
	q->robust = h[24] & 7;
	q->interval_s = toy_mc_float8(h[25]);
	q->sources = h[26] << 8 | h[27];
	q->src_off = QUERY2_HLEN;
	if (QUERY2_HLEN + q->sources * sizeof(struct in6_addr) > skb->len)
		return TOY_DROP_MLD_LEN;
	return q->sources && ipv6_addr_any(&v->group) ? TOY_DROP_MLD_GROUP :
							TOY_RX_OK;
}

/**
 * toy_mld_parse() - check a received MLD message
 * @skb: message, not shared, skb->data at its ICMPv6 header, where it stays;
 *	its checksum is right; borrowed
 * @v: filled in when the message is right
 *
 * Makes the header linear. Of reports only what a host wants to know is looked
 * at. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_MLD_LEN, _MLD_GROUP, _MLD_TYPE or _NOMEM.
 */
enum toy_drop toy_mld_parse(struct sk_buff *skb, struct toy_mld_view *v)
{
	unsigned int have = min_t(unsigned int, skb->len, QUERY2_HLEN);
	enum toy_drop why;
	const u8 *h;

	if (skb->len < TOY_MCREPORT_HLEN)
		return TOY_DROP_MLD_LEN;
	why = toy_skb_linear(skb, have, TOY_DROP_MLD_LEN);
	if (why)
		return why;

	h = skb->data;
	v->type = h[0];
	if (v->type == TOY_MLD_V2_REPORT)
		return TOY_RX_OK;
	if (skb->len < TOY_MLD_HLEN)
		return TOY_DROP_MLD_LEN;
	memcpy(&v->group, h + 8, sizeof(v->group));
	switch (v->type) {
	case TOY_MLD_QUERY:
		return parse_query(skb, h, v);
	case TOY_MLD_V1_REPORT:
	case TOY_MLD_V1_DONE:
		return ipv6_addr_is_multicast(&v->group) ? TOY_RX_OK :
							   TOY_DROP_MLD_GROUP;
	default:
		return TOY_DROP_MLD_TYPE;
	}
}

/**
 * toy_mld_alert() - do hop-by-hop options say that this is MLD?
 * @skb: packet whose network header is set and whose extension headers were
 *	checked and are linear; borrowed
 *
 * RFC 2711 2.1, value 0. Context: any.
 * Return: true if it has.
 */
bool toy_mld_alert(const struct sk_buff *skb)
{
	const struct ipv6hdr *h = ipv6_hdr(skb);
	const u8 *o = (const u8 *)(h + 1);
	unsigned int at = 2, end;

	if (h->nexthdr != NEXTHDR_HOP)
		return false;
	end = (o[1] + 1) * 8;
	if (skb_network_offset(skb) + (int)(sizeof(*h) + end) >
	    (int)skb_headlen(skb))
		return false;
	while (at < end) {
		if (o[at] == OPT_PAD1) {
			at++;
			continue;
		}
		if (at + 2 > end || at + 2 + o[at + 1] > end)
			return false;
		if (o[at] == OPT_ALERT && o[at + 1] == 2)
			return !o[at + 2] && !o[at + 3];
		at += 2 + o[at + 1];
	}
	return false;
}

/**
 * toy_mld_put() - write the body of an MLDv1 message
 * @skb: empty, with room for TOY_MLD_HLEN bytes; borrowed
 * @group: group
 */
void toy_mld_put(struct sk_buff *skb, const struct in6_addr *group)
{
	u8 *h = skb_put_zero(skb, TOY_MLD_HLEN);

	memcpy(h + 8, group, sizeof(*group));
}

/**
 * toy_mld_finish() - type, checksum and the IPv6 header of a message
 * @skb: message, whose first four bytes are 0, with headroom for
 *	TOY_MLD_IP_HLEN bytes; borrowed
 * @type: TOY_MLD_*
 * @saddr: source, link-local or unspecified
 * @daddr: destination
 *
 * RFC 3810 5: hop limit 1 and a router alert.
 */
void toy_mld_finish(struct sk_buff *skb, u8 type, const struct in6_addr *saddr,
		    const struct in6_addr *daddr)
{
	static const u8 options[HOPOPTS_LEN] = {
		IPPROTO_ICMPV6, 0, OPT_ALERT, 2, 0, 0, 1, 0,
	};
	const struct toy_ipv6_build b = {
		.saddr		= saddr,
		.daddr		= daddr,
		.nexthdr	= NEXTHDR_HOP,
		.hop_limit	= 1,
	};
	__sum16 sum;

	skb->data[0] = type;
	sum = toy_csum_pseudo(saddr, daddr, skb->len, IPPROTO_ICMPV6,
			      skb_checksum(skb, 0, skb->len, 0));
	memcpy(skb->data + 2, &sum, sizeof(sum));
	skb_reset_transport_header(skb);
	skb->ip_summed = CHECKSUM_NONE;

	memcpy(skb_push(skb, HOPOPTS_LEN), options, HOPOPTS_LEN);
	toy_ipv6_push(skb, &b);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "mld_test.c"
#endif
