// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 headers (RFC 8200), read and written.
 *
 *	 0               8               16              24            31
 *	+-------+-------+-------+---------------------------------------+
 *	|version| traffic class |              flow label               |
 *	+-------+---------------+-------+---------------+---------------+
 *	|        payload length         |  next header  |   hop limit   |
 *	+-------------------------------+---------------+---------------+
 *	|                            source, 16 bytes                   :
 *	|                          destination, 16 bytes                :
 *	+---------------------------------------------------------------+
 *
 * Behind it stands a chain of extension headers, each naming the next:
 *
 *	hop-by-hop options	type, length in 8 bytes - 1, options	4.3
 *	routing			type, length, kind, segments left	4.4
 *	fragment		type, 0, offset and M, id		4.5
 *	destination options	as hop-by-hop options			4.6
 *
 * The walk takes one header a call, so that the IP layer decides in between
 * what a header means. Strangers choose how long the chain is: it may have at
 * most TOY_IPV6_MAX_EXT headers with TOY_IPV6_MAX_OPT options each (RFC 8504
 * 5.3), and padding no longer than alignment asks for.
 */
#include <linux/skbuff.h>
#include <net/ipv6.h>

#include "buf.h"
#include "ipv6.h"

#define FIXED			sizeof(struct ipv6hdr)
#define TOY_IPV6_MAX_EXT	8
#define TOY_IPV6_MAX_OPT	8
/* RFC 4942 2.1.9.5: more than 7 bytes of padding carry something else. */
#define TOY_IPV6_MAX_PAD	7

/* RFC 4443 2.4 (c): octets behind the headers that an error must quote for us
 * to find the socket.
 */
#define QUOTED_DATA		8

/* A super-packet beyond 64 KB, BIG TCP, has no length that fits its field. */
static bool is_big_tcp(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;
}

static void view_of(struct toy_ipv6_view *v, const struct ipv6hdr *h)
{
	u32 first = ntohl(*(const __be32 *)h);

	*v = (struct toy_ipv6_view) {
		.saddr = h->saddr,
		.daddr = h->daddr,
		.tot_len = ntohs(h->payload_len) + FIXED,
		.flowlabel = first & 0xfffff,
		.tclass = first >> 20,
		.nexthdr = h->nexthdr,
		.hop_limit = h->hop_limit,
	};
}

/**
 * toy_ipv6_parse() - check the fixed header of a received packet
 * @skb: packet, not shared, skb->data at the header, where it stays; borrowed
 * @v: filled in when the header is right
 *
 * Makes the header linear and sets the network header. Context: any.
 *
 * Return: TOY_RX_OK, or why the packet is to be dropped: TOY_DROP_IP6_SHORT,
 * _IP6_VERSION, _NOMEM.
 */
enum toy_drop toy_ipv6_parse(struct sk_buff *skb, struct toy_ipv6_view *v)
{
	const struct ipv6hdr *h;
	enum toy_drop why;

	why = toy_skb_linear(skb, FIXED, TOY_DROP_IP6_SHORT);
	if (why)
		return why;
	h = (const struct ipv6hdr *)skb->data;
	if (h->version != 6)
		return TOY_DROP_IP6_VERSION;
	skb_reset_network_header(skb);
	view_of(v, h);
	if (!h->payload_len && is_big_tcp(skb))
		v->tot_len = skb->len;
	return TOY_RX_OK;
}

/**
 * toy_ipv6_trim() - cut off what follows the packet in its frame
 * @skb: packet, not shared, skb->data at the header; borrowed
 * @v: its view
 *
 * Keeps CHECKSUM_COMPLETE true. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_IP6_LEN when the frame ends before the packet
 * does, or TOY_DROP_NOMEM.
 */
enum toy_drop toy_ipv6_trim(struct sk_buff *skb, const struct toy_ipv6_view *v)
{
	return toy_skb_trim(skb, v->tot_len, TOY_DROP_IP6_LEN);
}

/**
 * toy_ipv6_push() - prepend a header
 * @skb: transport header and data, with headroom for 40 bytes; borrowed
 * @b: what is to stand in the header
 *
 * Sets the network header and skb->protocol. Context: any.
 */
void toy_ipv6_push(struct sk_buff *skb, const struct toy_ipv6_build *b)
{
	unsigned int len = skb->len;
	struct ipv6hdr *h = skb_push(skb, FIXED);

	*(__be32 *)h = htonl(6 << 28 | b->tclass << 20 | b->flowlabel);
	/* BIG TCP: a length that does not fit is left out. */
	h->payload_len = htons(len <= 0xffff ? len : 0);
	h->nexthdr = b->nexthdr;
	h->hop_limit = b->hop_limit;
	h->saddr = *b->saddr;
	h->daddr = *b->daddr;
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
}

/* ---- extension headers --------------------------------------------------- */

/**
 * toy_ipv6_walk_start() - begin behind the fixed header
 * @w: result
 * @nexthdr: of the fixed header
 */
void toy_ipv6_walk_start(struct toy_ipv6_walk *w, u8 nexthdr)
{
	*w = (struct toy_ipv6_walk) {
		.off = FIXED,
		.nhoff = offsetof(struct ipv6hdr, nexthdr),
		.nexthdr = nexthdr,
		.router_alert = -1,
		.verdict = TOY_IPV6_SILENT,
	};
}

/**
 * toy_ipv6_is_ext() - is that an extension header which the walk knows?
 * @nexthdr: type
 *
 * Return: true if it is.
 */
bool toy_ipv6_is_ext(u8 nexthdr)
{
	return nexthdr == NEXTHDR_HOP || nexthdr == NEXTHDR_ROUTING ||
	       nexthdr == NEXTHDR_FRAGMENT || nexthdr == NEXTHDR_DEST;
}

static enum toy_drop walk_fail(struct toy_ipv6_walk *w, enum toy_drop why,
			       enum toy_ipv6_verdict verdict, u16 bad)
{
	w->verdict = verdict;
	w->bad = bad;
	return why;
}

/* Makes the next header linear, @min bytes at least and as many as it says. */
static enum toy_drop walk_linear(struct sk_buff *skb, struct toy_ipv6_walk *w,
				 bool has_len, u16 *len)
{
	unsigned int at = skb_network_offset(skb) + w->off;
	enum toy_drop why;

	/* Before the first look: the chain may be made to be walked. */
	if (++w->headers > TOY_IPV6_MAX_EXT)
		return walk_fail(w, TOY_DROP_IP6_EXT_CHAIN, TOY_IPV6_SILENT, 0);
	why = toy_skb_linear(skb, at + 8, TOY_DROP_IP6_EXT_SHORT);
	if (why)
		return why;
	*len = has_len ? (skb->data[at + 1] + 1) * 8 : 8;
	return toy_skb_linear(skb, at + *len, TOY_DROP_IP6_EXT_SHORT);
}

static void walk_next(const struct sk_buff *skb, struct toy_ipv6_walk *w,
		      u16 len)
{
	w->nexthdr = skb_network_header(skb)[w->off];
	w->nhoff = w->off;
	w->off += len;
}

/* RFC 8200 4.2: the two highest bits of an option we do not know say what is
 * to be done.
 */
static enum toy_drop option_unknown(struct toy_ipv6_walk *w, u8 type, u16 at)
{
	static const enum toy_ipv6_verdict verdicts[] = {
		TOY_IPV6_SILENT, TOY_IPV6_SILENT,
		TOY_IPV6_BAD_OPTION, TOY_IPV6_BAD_OPTION_UNICAST,
	};

	if (type >> 6 == 0)
		return TOY_RX_OK;
	return walk_fail(w, TOY_DROP_IP6_OPTION, verdicts[type >> 6], at);
}

static enum toy_drop option_check(struct toy_ipv6_walk *w, const u8 *o, u16 at)
{
	bool hop = w->nexthdr == NEXTHDR_HOP;

	switch (o[0]) {
	case IPV6_TLV_ROUTERALERT:
		if (!hop)
			break;
		if (o[1] != 2)
			return walk_fail(w, TOY_DROP_IP6_OPTION,
					 TOY_IPV6_SILENT, 0);
		w->router_alert = o[2] << 8 | o[3];
		return TOY_RX_OK;
	case IPV6_TLV_JUMBO:
		/* RFC 2675 3: the length, and aligned to it. */
		if (!hop)
			break;
		if (o[1] != 4 || (at & 3) != 2)
			return walk_fail(w, TOY_DROP_IP6_OPTION,
					 TOY_IPV6_BAD_FIELD, at + 1);
		w->jumbo = true;
		return TOY_RX_OK;
	}
	return option_unknown(w, o[0], at);
}

/* The options of one header, between the offsets @at and @end. */
static enum toy_drop options_check(struct toy_ipv6_walk *w, const u8 *h, u16 at,
				   u16 end)
{
	unsigned int n = 0, pad = 0;
	enum toy_drop why;
	u16 len;

	for (; at < end; at += len) {
		if (h[at] == IPV6_TLV_PAD1) {
			len = 1;
			pad++;
		} else {
			if (end - at < 2 || h[at + 1] + 2 > end - at)
				return walk_fail(w, TOY_DROP_IP6_OPTION,
						 TOY_IPV6_SILENT, 0);
			len = h[at + 1] + 2;
			/* RFC 8200 4.2: zeros. Anything else would be a
			 * message between others, past those who look.
			 */
			if (h[at] == IPV6_TLV_PADN &&
			    memchr_inv(h + at + 2, 0, len - 2))
				return walk_fail(w, TOY_DROP_IP6_OPTION,
						 TOY_IPV6_SILENT, 0);
			pad = h[at] == IPV6_TLV_PADN ? pad + len : 0;
		}
		if (pad > TOY_IPV6_MAX_PAD)
			return walk_fail(w, TOY_DROP_IP6_EXT_CHAIN,
					 TOY_IPV6_SILENT, 0);
		if (pad)
			continue;
		if (++n > TOY_IPV6_MAX_OPT)
			return walk_fail(w, TOY_DROP_IP6_EXT_CHAIN,
					 TOY_IPV6_SILENT, 0);
		why = option_check(w, h + at, at);
		if (why)
			return why;
	}
	return TOY_RX_OK;
}

/**
 * toy_ipv6_walk_options() - pass over hop-by-hop or destination options
 * @skb: packet, not shared, network header set; borrowed
 * @w: at such a header; behind it afterwards
 *
 * RFC 8200 4.2, 4.3, 4.6. Context: any.
 * Return: TOY_RX_OK, or TOY_DROP_IP6_EXT_SHORT, _IP6_EXT_CHAIN, _IP6_OPTION,
 * _NOMEM, with @w->verdict saying what the sender is to be told.
 */
enum toy_drop toy_ipv6_walk_options(struct sk_buff *skb, struct toy_ipv6_walk *w)
{
	enum toy_drop why;
	u16 len;

	why = walk_linear(skb, w, true, &len);
	if (!why)
		why = options_check(w, skb_network_header(skb), w->off + 2,
				    w->off + len);
	if (!why)
		walk_next(skb, w, len);
	return why;
}

/**
 * toy_ipv6_walk_routing() - pass over a routing header that has had its day
 * @skb: packet, not shared, network header set; borrowed
 * @w: at such a header; behind it afterwards
 *
 * No kind of routing header is known here, type 0 least of all (RFC 5095 3):
 * one with segments left ends the packet (RFC 8200 4.4). Context: any.
 * Return: TOY_RX_OK, TOY_DROP_IP6_ROUTING, _IP6_EXT_SHORT, _IP6_EXT_CHAIN,
 * _NOMEM, with @w->verdict saying what the sender is to be told.
 */
enum toy_drop toy_ipv6_walk_routing(struct sk_buff *skb, struct toy_ipv6_walk *w)
{
	enum toy_drop why;
	u16 len;

	why = walk_linear(skb, w, true, &len);
	if (why)
		return why;
	if (skb_network_header(skb)[w->off + 3])
		return walk_fail(w, TOY_DROP_IP6_ROUTING, TOY_IPV6_BAD_FIELD,
				 w->off + 2);
	walk_next(skb, w, len);
	return TOY_RX_OK;
}

/**
 * toy_ipv6_walk_fragment() - read a fragment header
 * @skb: packet, not shared, network header set; borrowed
 * @w: at such a header; behind it afterwards
 * @f: result
 *
 * Context: any.
 * Return: TOY_RX_OK, TOY_DROP_IP6_EXT_SHORT, _IP6_EXT_CHAIN or _NOMEM.
 */
enum toy_drop toy_ipv6_walk_fragment(struct sk_buff *skb,
				     struct toy_ipv6_walk *w,
				     struct toy_ipv6_fraghdr *f)
{
	const struct frag_hdr *h;
	enum toy_drop why;
	u16 len;

	why = walk_linear(skb, w, false, &len);
	if (why)
		return why;
	h = (const struct frag_hdr *)(skb_network_header(skb) + w->off);
	f->id = h->identification;
	f->offset = ntohs(h->frag_off) & IP6_OFFSET;
	f->more = h->frag_off & htons(IP6_MF);
	walk_next(skb, w, len);
	return TOY_RX_OK;
}

/* Of the kinds that we send, both have it behind 8 bytes (ipv6_exts.c). */
static void quote_routing(struct toy_ipv6_walk *w, const u8 *h, u16 len)
{
	if (h[3] && len >= 24 && !w->final_at &&
	    (h[2] == IPV6_SRCRT_TYPE_2 || h[2] == IPV6_SRCRT_TYPE_4))
		w->final_at = w->off + 8;
}

/* One extension header of a quoted packet, as far as it is quoted. */
static enum toy_drop quote_ext(struct sk_buff *skb, unsigned int base,
			       struct toy_ipv6_walk *w, bool *later_frag)
{
	unsigned int at = base + w->off;
	enum toy_drop why;
	const u8 *h;

	if (++w->headers > TOY_IPV6_MAX_EXT)
		return TOY_DROP_ICMP_QUOTE;
	why = toy_skb_linear(skb, at + 8, TOY_DROP_ICMP_QUOTE);
	if (why)
		return why;
	h = skb->data + at;
	if (w->nexthdr == NEXTHDR_FRAGMENT) {
		*later_frag |= h[2] || h[3] & 0xf8;
		w->off += 8;
		w->nexthdr = h[0];
	} else {
		u16 len = (h[1] + 1) * 8;

		why = toy_skb_linear(skb, at + len, TOY_DROP_ICMP_QUOTE);
		if (why)
			return why;
		h = skb->data + at;
		if (w->nexthdr == NEXTHDR_ROUTING)
			quote_routing(w, h, len);
		w->off += len;
		w->nexthdr = h[0];
	}
	w->nhoff = at - base;
	return TOY_RX_OK;
}

/**
 * toy_ipv6_parse_quote() - check the headers that an ICMPv6 error quotes
 * @skb: ICMPv6 message, not shared; borrowed; its network header stays
 * @offset: of the quoted header from skb->data, in bytes
 * @v: filled in when the header is right
 * @w: result: the walk at the upper header, from the quoted header
 * @later_frag: result: no first fragment: what follows is no upper header
 *
 * The headers and 8 bytes behind them are linear afterwards. Context: any.
 * Return: TOY_RX_OK, TOY_DROP_ICMP_QUOTE or TOY_DROP_NOMEM.
 */
enum toy_drop toy_ipv6_parse_quote(struct sk_buff *skb, unsigned int offset,
				   struct toy_ipv6_view *v,
				   struct toy_ipv6_walk *w, bool *later_frag)
{
	const struct ipv6hdr *h;
	enum toy_drop why;

	*later_frag = false;
	if (offset > skb->len)
		return TOY_DROP_ICMP_QUOTE;
	why = toy_skb_linear(skb, offset + FIXED, TOY_DROP_ICMP_QUOTE);
	if (why)
		return why;
	h = (const struct ipv6hdr *)(skb->data + offset);
	if (h->version != 6)
		return TOY_DROP_ICMP_QUOTE;
	view_of(v, h);
	/* Mapped, they would stand for IPv4's, whose errors ICMPv4 brings. */
	if (ipv6_addr_v4mapped(&v->saddr) || ipv6_addr_v4mapped(&v->daddr))
		return TOY_DROP_ICMP_QUOTE;

	toy_ipv6_walk_start(w, v->nexthdr);
	while (toy_ipv6_is_ext(w->nexthdr) && !*later_frag) {
		why = quote_ext(skb, offset, w, later_frag);
		if (why)
			return why;
	}
	return toy_skb_linear(skb, offset + w->off + QUOTED_DATA,
			      TOY_DROP_ICMP_QUOTE);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ipv6_test.c"
#endif
