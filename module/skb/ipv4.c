// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv4 headers (RFC 791, RFC 1122 3.2.1), read and written.
 *
 *	 0               8               16              24            31
 *	+-------+-------+---------------+-------------------------------+
 *	|version|  IHL  |      TOS      |         total length          |
 *	+-------+-------+---------------+-----+-------------------------+
 *	|        identification         |0 D M|     fragment offset     |
 *	+---------------+---------------+-----+-------------------------+
 *	|      TTL      |   protocol    |        header checksum        |
 *	+---------------+---------------+-------------------------------+
 *	|                            source                             |
 *	+---------------------------------------------------------------+
 *	|                          destination                          |
 *	+---------------------------------------------------------------+
 *	|                 options, 0 to 40 bytes                        :
 *	+---------------------------------------------------------------+
 *
 * Reading is one length check, then one copy of the fixed part into a view.
 * Nobody above holds a pointer into the packet, so that no later pull can
 * leave one dangling. What the addresses mean is for the IP layer to judge;
 * here only the form is.
 */
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "buf.h"
#include "ipv4.h"

#define FIXED		sizeof(struct iphdr)
#define IP_DF_BIT	0x4000
#define IP_MF_BIT	0x2000
#define IP_OFFSET_MASK	0x1fff

/* RFC 792: octets of the packet's data that an error quotes at least. */
#define QUOTED_DATA	8

/* ---- options ------------------------------------------------------------ */

/* RFC 791 3.1: the least length, and the least value of the pointer. */
static const struct opt_rule {
	u8 type;
	u8 min_len;
	u8 min_ptr;		/* 0: no pointer */
	u8 slot;		/* octets that a hop fills in; 0: it depends */
} opt_rules[] = {
	/*  type		length	pointer	slot */
	{ IPOPT_RR,		3,	4,	4 },
	{ IPOPT_TIMESTAMP,	4,	5,	0 },
	{ IPOPT_LSRR,		3,	4,	4 },
	{ IPOPT_SSRR,		3,	4,	4 },
	{ IPOPT_RA,		4,	0,	0 },	/* RFC 2113 */
};

static const struct opt_rule *opt_rule(u8 type)
{
	for (int i = 0; i < ARRAY_SIZE(opt_rules); i++) {
		if (opt_rules[i].type == type)
			return &opt_rules[i];
	}
	return NULL;
}

/* Octets that a hop fills in for a timestamp option: by its flags. 0: none
 * that RFC 791 knows.
 */
static u8 ts_slot(u8 flags)
{
	switch (flags & 0xf) {
	case IPOPT_TS_TSONLY:
		return 4;
	case IPOPT_TS_TSANDADDR:
	case IPOPT_TS_PRESPEC:
		return 8;
	}
	return 0;
}

/* Record route and timestamp are filled in by a hop. There must be room for a
 * whole slot, or none at all. Returns the index of the bad octet in @o, or 0.
 */
static u8 check_slots(const u8 *o, u8 slot)
{
	u8 len = o[IPOPT_OLEN], ptr = o[IPOPT_OFFSET];

	if (ptr > len) {
		/* RFC 791: the count of hops without room overflows. */
		if (o[0] == IPOPT_TIMESTAMP && o[3] >> 4 == 15)
			return 3;
		return 0;
	}
	if (slot && ptr - 1 + slot > len)
		return IPOPT_OFFSET;
	return 0;
}

/* One option of more than one octet, @at bytes into the header @h; its length
 * octet is known to fit. Returns the offset of the bad octet, or 0.
 */
static u8 check_option(const u8 *h, u8 at, struct toy_ipv4_opts *opt)
{
	const u8 *o = h + at;
	const struct opt_rule *rule = opt_rule(o[0]);
	u8 slot, bad;

	/* RFC 1122 3.2.1.8: unknown options are passed over in silence. */
	if (!rule)
		return 0;
	if (o[IPOPT_OLEN] < rule->min_len)
		return at + IPOPT_OLEN;
	if (rule->min_ptr && o[IPOPT_OFFSET] < rule->min_ptr)
		return at + IPOPT_OFFSET;

	/* "Appears at most once in a datagram", of all but router alert. */
	switch (rule->type) {
	case IPOPT_RR:
	case IPOPT_TIMESTAMP:
		if (rule->type == IPOPT_RR ? opt->rr : opt->ts)
			return at;
		slot = rule->slot ?: ts_slot(o[3]);
		bad = check_slots(o, slot);
		if (bad)
			return at + bad;
		if (rule->type == IPOPT_RR)
			opt->rr = at;
		else if (slot)
			opt->ts = at;
		return 0;
	case IPOPT_LSRR:
	case IPOPT_SSRR:
		if (opt->source_route)
			return at;
		opt->source_route = at;
		return 0;
	case IPOPT_RA:
		/* RFC 2113 2.1: other values are reserved. */
		if (!o[2] && !o[3])
			opt->router_alert = true;
		return 0;
	}
	return 0;
}

/* Walks all options of the header @h of @end bytes. Returns the offset of the
 * octet that cannot be right, or 0.
 */
static u8 check_options(const u8 *h, u8 end, struct toy_ipv4_opts *opt)
{
	u8 at = FIXED, bad;

	while (at < end && h[at] != IPOPT_END) {
		if (h[at] == IPOPT_NOOP) {
			at++;
			continue;
		}
		if (at + IPOPT_OLEN >= end)
			return at;
		if (h[at + IPOPT_OLEN] < 2 || h[at + IPOPT_OLEN] > end - at)
			return at + IPOPT_OLEN;
		bad = check_option(h, at, opt);
		if (bad)
			return bad;
		at += h[at + IPOPT_OLEN];
	}
	return 0;
}

/* ---- the header --------------------------------------------------------- */

static void view_of(struct toy_ipv4_view *v, const struct iphdr *h)
{
	u16 frag = ntohs(h->frag_off);

	*v = (struct toy_ipv4_view) {
		.saddr = h->saddr,
		.daddr = h->daddr,
		.hdr_len = h->ihl * 4,
		.tot_len = ntohs(h->tot_len),
		.id = h->id,
		.frag_off = (frag & IP_OFFSET_MASK) * 8,
		.more_frags = frag & IP_MF_BIT,
		.df = frag & IP_DF_BIT,
		.ttl = h->ttl,
		.tos = h->tos,
		.proto = h->protocol,
	};
}

/* A super-packet beyond 64 KB, BIG TCP, has no length that fits its field. */
static bool is_big_tcp(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4;
}

/**
 * toy_ipv4_parse() - check the header of a received packet
 * @skb: packet, not shared, skb->data at the header, where it stays; borrowed
 * @v: filled in when the header is right, and for TOY_DROP_IP_OPTIONS (without
 *	@v->opt) and TOY_DROP_IP_SRCROUTE
 * @bad_octet: for TOY_DROP_IP_OPTIONS and TOY_DROP_IP_SRCROUTE the offset in
 *	the header for a parameter problem (RFC 792); else 0
 *
 * Makes the header linear and sets the network header. RFC 1122 3.2.1.1 to
 * 3.2.1.3 and 3.2.1.8 in the order of the fields, the checksum before the
 * options because it covers them. Whether the frame holds all of the packet
 * is for toy_ipv4_trim() to say. Context: any.
 *
 * Return: TOY_RX_OK, or why the packet is to be dropped: TOY_DROP_IP_SHORT,
 * _IP_VERSION, _IP_IHL, _IP_LEN, _IP_CSUM, _IP_OPTIONS, _IP_SRCROUTE, _NOMEM.
 */
enum toy_drop toy_ipv4_parse(struct sk_buff *skb, struct toy_ipv4_view *v,
			     u8 *bad_octet)
{
	enum toy_drop why;
	struct iphdr h;

	*bad_octet = 0;
	why = toy_skb_linear(skb, FIXED, TOY_DROP_IP_SHORT);
	if (why)
		return why;
	memcpy(&h, skb->data, FIXED);
	if (h.version != 4)				/* 3.2.1.1 */
		return TOY_DROP_IP_VERSION;
	if (h.ihl * 4 < FIXED)
		return TOY_DROP_IP_IHL;
	why = toy_skb_linear(skb, h.ihl * 4, TOY_DROP_IP_IHL);
	if (why)
		return why;
	skb_reset_network_header(skb);

	view_of(v, &h);
	if (!v->tot_len && is_big_tcp(skb))
		v->tot_len = skb->len;
	if (v->tot_len < v->hdr_len)
		return TOY_DROP_IP_LEN;
	if (ip_fast_csum(skb->data, h.ihl))		/* 3.2.1.2 */
		return TOY_DROP_IP_CSUM;
	if (likely(v->hdr_len == FIXED))
		return TOY_RX_OK;

	*bad_octet = check_options(skb->data, v->hdr_len, &v->opt);
	if (*bad_octet)
		return TOY_DROP_IP_OPTIONS;
	if (v->opt.source_route) {
		*bad_octet = v->opt.source_route;
		return TOY_DROP_IP_SRCROUTE;
	}
	return TOY_RX_OK;
}

/**
 * toy_ipv4_trim() - cut off what follows the packet in its frame
 * @skb: packet, not shared, skb->data at the header; borrowed
 * @v: its view
 *
 * Short packets are padded to Ethernet's 60 bytes. Keeps CHECKSUM_COMPLETE
 * true. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_IP_LEN when the frame ends before the packet
 * does, or TOY_DROP_NOMEM.
 */
enum toy_drop toy_ipv4_trim(struct sk_buff *skb, const struct toy_ipv4_view *v)
{
	return toy_skb_trim(skb, v->tot_len, TOY_DROP_IP_LEN);
}

/* RFC 791: a host is the first that record route and timestamp meet. */
static void push_options(u8 *data, const struct toy_ipv4_build *b)
{
	u32 now_ms = 0;

	memcpy(data, b->opts->data, b->opts->len);
	if (b->opts->ts)
		now_ms = (u32)(ktime_get_real_seconds() % 86400) * 1000 +
			 (u32)(ktime_get_real_ns() / NSEC_PER_MSEC % 1000);
	toy_ipv4_opts_stamp(data, b->opts, b->saddr, now_ms);
}

/**
 * toy_ipv4_push() - prepend a header
 * @skb: transport header and data, with headroom for 20 bytes and the options;
 *	borrowed
 * @b: what is to stand in the header
 *
 * Sets the network header and skb->protocol. Context: any.
 */
void toy_ipv4_push(struct sk_buff *skb, const struct toy_ipv4_build *b)
{
	unsigned int opts_len = b->opts ? b->opts->len : 0;
	struct iphdr *h = skb_push(skb, FIXED + opts_len);

	*h = (struct iphdr) {
		.version = 4,
		.ihl = (FIXED + opts_len) / 4,
		.tos = b->tos,
		/* BIG TCP: a length that does not fit is left out. */
		.tot_len = htons(skb->len <= 0xffff ? skb->len : 0),
		.id = b->id,
		.frag_off = b->df ? htons(IP_DF_BIT) : 0,
		.ttl = b->ttl,
		.protocol = b->proto,
		.saddr = b->saddr,
		.daddr = b->daddr,
	};
	if (unlikely(opts_len))
		push_options((u8 *)h + FIXED, b);
	h->check = ip_fast_csum(h, h->ihl);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
}

/* RFC 791 3.1: options without the "copied" bit stand in the first fragment
 * only. The others get no-operations in their place: the header keeps its
 * length. What cannot be parsed, a program's own header, stays.
 */
static void drop_uncopied(u8 *h, u8 end)
{
	u8 at = FIXED, len;

	while (at < end && h[at] != IPOPT_END) {
		if (h[at] == IPOPT_NOOP) {
			at++;
			continue;
		}
		if (at + IPOPT_OLEN >= end)
			return;
		len = h[at + IPOPT_OLEN];
		if (len < 2 || len > end - at)
			return;
		if (!IPOPT_COPIED(h[at]))
			memset(h + at, IPOPT_NOOP, len);
		at += len;
	}
}

/**
 * toy_ipv4_push_fragment() - prepend the header of a fragment
 * @skb: its data, with headroom for @hdr_len bytes; borrowed
 * @hdr: header of the packet that is being fragmented; itself a fragment,
 *	perhaps
 * @hdr_len: its length, options included
 * @id: identification
 * @offset: of the data in that packet's, bytes
 * @more: more data of that packet follows
 *
 * RFC 791 3.2. Sets the network header and skb->protocol. Context: any.
 */
void toy_ipv4_push_fragment(struct sk_buff *skb, const u8 *hdr,
			    unsigned int hdr_len, __be16 id, u32 offset,
			    bool more)
{
	struct iphdr *h = skb_push(skb, hdr_len);
	u16 was;

	memcpy(h, hdr, hdr_len);
	was = ntohs(h->frag_off);
	if (offset)
		drop_uncopied((u8 *)h, hdr_len);
	h->tot_len = htons(skb->len);
	h->id = id;
	h->frag_off = htons(((was & IP_OFFSET_MASK) + offset / 8) |
			    (more ? IP_MF_BIT : was & IP_MF_BIT));
	h->check = 0;
	h->check = ip_fast_csum(h, h->ihl);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
}

/**
 * toy_ipv4_reassembled() - the first fragment's header becomes the whole's
 * @skb: packet, its head not shared, skb->data at the header; borrowed
 * @ecn: what the fragments' ECN fields add to the first one's (RFC 3168 5.3)
 * @df: the whole must not be fragmented on its way
 *
 * Context: any.
 */
void toy_ipv4_reassembled(struct sk_buff *skb, u8 ecn, bool df)
{
	struct iphdr *h = (struct iphdr *)skb->data;

	h->tot_len = htons(skb->len);
	h->frag_off = df ? htons(IP_DF_BIT) : 0;
	h->tos |= ecn;
	h->check = 0;
	h->check = ip_fast_csum(h, h->ihl);
}

/**
 * toy_ipv4_parse_quote() - check the header that an ICMP error quotes
 * @skb: ICMP message, not shared; borrowed; its network header stays
 * @offset: of the quoted header from skb->data, in bytes
 * @v: filled in when the header is right
 *
 * RFC 1122 3.2.2: at least the header and 8 bytes of what it carried are
 * quoted; these are linear afterwards. Neither the checksum nor the total
 * length is looked at: routers that have changed the TTL or cut the packet
 * leave both as they like. Options are not looked at. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_ICMP_QUOTE or TOY_DROP_NOMEM.
 */
enum toy_drop toy_ipv4_parse_quote(struct sk_buff *skb, unsigned int offset,
				   struct toy_ipv4_view *v)
{
	enum toy_drop why;
	struct iphdr h;

	if (offset > skb->len)
		return TOY_DROP_ICMP_QUOTE;
	why = toy_skb_linear(skb, offset + FIXED, TOY_DROP_ICMP_QUOTE);
	if (why)
		return why;
	memcpy(&h, skb->data + offset, FIXED);
	if (h.version != 4 || h.ihl * 4 < FIXED)
		return TOY_DROP_ICMP_QUOTE;

	view_of(v, &h);
	return toy_skb_linear(skb, offset + v->hdr_len + QUOTED_DATA,
			      TOY_DROP_ICMP_QUOTE);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ipv4_test.c"
#endif
