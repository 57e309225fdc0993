// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for ipv6.c: the fixed header field by field, and a table of chains of
 * extension headers that are malformed, endless, or need an answer.
 */
#include <kunit/test.h>

/* fd00::1 -> fd00::2, hop limit 64, traffic class 0xb8, label 0x12345. */
static unsigned int make6(u8 *p, u8 nexthdr, const u8 *ext, unsigned int len)
{
	static const u8 fixed[40] = {
		0x6b, 0x81, 0x23, 0x45, 0, 0, 0, 64,
		[8] = 0xfd, [23] = 1, [24] = 0xfd, [39] = 2,
	};

	memcpy(p, fixed, 40);
	p[4] = len >> 8;
	p[5] = len;
	p[6] = nexthdr;
	memcpy(p + 40, ext, len);
	return 40 + len;
}

static struct sk_buff *skb6(struct kunit *test, u8 nexthdr, const u8 *ext,
			    unsigned int len)
{
	struct sk_buff *skb = alloc_skb(512, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put(skb, make6(skb->data, nexthdr, ext, len));
	return skb;
}

static void fixed_header_is_read(struct kunit *test)
{
	struct sk_buff *skb = skb6(test, 17, (const u8 *)"12345678", 8);
	struct toy_ipv6_view v;

	KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.tclass, 0xb8);
	KUNIT_EXPECT_EQ(test, v.flowlabel, 0x12345U);
	KUNIT_EXPECT_EQ(test, v.hop_limit, 64);
	KUNIT_EXPECT_EQ(test, v.nexthdr, 17);
	KUNIT_EXPECT_EQ(test, v.tot_len, 48U);
	KUNIT_EXPECT_EQ(test, v.saddr.s6_addr[15], 1);
	KUNIT_EXPECT_EQ(test, v.daddr.s6_addr[15], 2);
	KUNIT_EXPECT_EQ(test, toy_ipv6_trim(skb, &v), TOY_RX_OK);

	skb->data[0] = 0x45;
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse(skb, &v), TOY_DROP_IP6_VERSION);
	skb->data[0] = 0x60;
	skb->data[5] = 9;
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, toy_ipv6_trim(skb, &v), TOY_DROP_IP6_LEN);
	skb_trim(skb, 39);
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse(skb, &v), TOY_DROP_IP6_SHORT);
	kfree_skb(skb);
}

static void padding_of_the_frame_goes(struct kunit *test)
{
	struct sk_buff *skb = skb6(test, 17, (const u8 *)"12345678", 8);
	struct toy_ipv6_view v;

	skb_put_zero(skb, 12);
	KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, toy_ipv6_trim(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, skb->len, 48U);
	kfree_skb(skb);
}

static void what_is_pushed_can_be_read(struct kunit *test)
{
	struct in6_addr s = { .s6_addr = { 0xfe, 0x80, [15] = 7 } };
	struct in6_addr d = { .s6_addr = { 0xff, 0x02, [15] = 1 } };
	struct toy_ipv6_build b = {
		.saddr = &s, .daddr = &d, .flowlabel = 0xfffff,
		.nexthdr = 58, .hop_limit = 255, .tclass = 0xff,
	};
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct toy_ipv6_view v;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 40);
	skb_put_zero(skb, 24);
	toy_ipv6_push(skb, &b);
	KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_IPV6);
	KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.tot_len, 64U);
	KUNIT_EXPECT_EQ(test, v.flowlabel, 0xfffffU);
	KUNIT_EXPECT_EQ(test, v.tclass, 0xff);
	KUNIT_EXPECT_EQ(test, v.nexthdr, 58);
	KUNIT_EXPECT_EQ(test, v.hop_limit, 255);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&v.saddr, &s));
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&v.daddr, &d));
	kfree_skb(skb);
}

/* ---- chains --------------------------------------------------------------- */

#define NONE	TOY_IPV6_SILENT
#define FIELD	TOY_IPV6_BAD_FIELD
#define OPTION	TOY_IPV6_BAD_OPTION
#define UNICAST	TOY_IPV6_BAD_OPTION_UNICAST

struct ext_case {
	const char *name;
	u8 nexthdr;
	u8 ext[64];
	u8 len;
	enum toy_drop why;
	s8 verdict;
	u8 bad;		/* where the sender erred, or where the walk ended */
};

static const struct ext_case ext_cases[] = {
	{ "PadN only", 0, { 17, 0, 1, 4 }, 8, TOY_RX_OK, NONE, 48 },
	{ "PadN that says something", 60, { 17, 0, 1, 4, 0, 0, 1, 0 }, 8,
	  TOY_DROP_IP6_OPTION, NONE, 0 },
	{ "six Pad1", 60, { 17 }, 8, TOY_RX_OK, NONE, 48 },
	{ "two headers", 0, { 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4 }, 16,
	  TOY_RX_OK, NONE, 56 },
	{ "router alert", 0, { 17, 0, 5, 2, 0, 0, 1, 0 }, 8, TOY_RX_OK, NONE, 48 },
	{ "router alert of 3 bytes", 0, { 17, 0, 5, 3, 0, 0, 0, 0 }, 8,
	  TOY_DROP_IP6_OPTION, NONE, 0 },
	{ "unknown, skip", 60, { 17, 0, 0x1e, 4 }, 8, TOY_RX_OK, NONE, 48 },
	{ "unknown, discard", 60, { 17, 0, 0x5e, 4 }, 8,
	  TOY_DROP_IP6_OPTION, NONE, 0 },
	{ "unknown, answer", 60, { 17, 0, 1, 0, 0x9e, 2 }, 8,
	  TOY_DROP_IP6_OPTION, OPTION, 44 },
	{ "unknown, answer unicast", 0, { 17, 0, 0xde, 4 }, 8,
	  TOY_DROP_IP6_OPTION, UNICAST, 42 },
	{ "router alert for the destination", 60, { 17, 0, 5, 2, 0, 0, 1, 0 }, 8,
	  TOY_RX_OK, NONE, 48 },
	{ "jumbo for the destination", 60, { 17, 0, 0xc2, 4, 0, 1, 0, 0 }, 8,
	  TOY_DROP_IP6_OPTION, UNICAST, 42 },
	{ "jumbo of 3 bytes", 0, { 17, 0, 0xc2, 3, 0, 1, 0, 0 }, 8,
	  TOY_DROP_IP6_OPTION, FIELD, 43 },
	{ "jumbo not aligned", 0, { 17, 1, 0, 0xc2, 4, 0, 0, 1, 0 }, 16,
	  TOY_DROP_IP6_OPTION, FIELD, 44 },
	{ "header beyond the packet", 0, { 17, 1, 1, 4 }, 8,
	  TOY_DROP_IP6_EXT_SHORT, NONE, 0 },
	{ "header of 4 bytes", 0, { 17, 0, 1, 0 }, 4,
	  TOY_DROP_IP6_EXT_SHORT, NONE, 0 },
	{ "option beyond the header", 0, { 17, 0, 1, 5 }, 8,
	  TOY_DROP_IP6_OPTION, NONE, 0 },
	{ "type without a length", 0, { 17, 0, 1, 3, 0, 0, 0, 5 }, 8,
	  TOY_DROP_IP6_OPTION, NONE, 0 },
	{ "8 bytes of padding", 0, { 17, 1, 1, 6, [10] = 0x1e, 4 }, 16,
	  TOY_DROP_IP6_EXT_CHAIN, NONE, 0 },
	{ "padding in small coins", 0, { 17, 1, 1, 0, 1, 0, 1, 0, 1, 0 }, 16,
	  TOY_DROP_IP6_EXT_CHAIN, NONE, 0 },
	{ "9 options", 60, { 17, 2, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0,
	  0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 1, 2 }, 24,
	  TOY_DROP_IP6_EXT_CHAIN, NONE, 0 },
	{ "8 options", 60, { 17, 2, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0,
	  0x1e, 0, 0x1e, 0, 0x1e, 0, 1, 4 }, 24, TOY_RX_OK, NONE, 64 },
	{ "type 0 with segments left", 43, { 17, 2, 0, 1 }, 24,
	  TOY_DROP_IP6_ROUTING, FIELD, 42 },
	{ "type 0 at its end", 43, { 17, 2, 0, 0 }, 24, TOY_RX_OK, NONE, 64 },
	{ "unknown kind with segments left", 43, { 17, 0, 200, 3 }, 8,
	  TOY_DROP_IP6_ROUTING, FIELD, 42 },
};

static enum toy_drop walk_all(struct sk_buff *skb, struct toy_ipv6_walk *w)
{
	enum toy_drop why = TOY_RX_OK;
	struct toy_ipv6_fraghdr f;

	while (!why && toy_ipv6_is_ext(w->nexthdr))
		why = w->nexthdr == NEXTHDR_ROUTING ?
		      toy_ipv6_walk_routing(skb, w) :
		      w->nexthdr == NEXTHDR_FRAGMENT ?
		      toy_ipv6_walk_fragment(skb, w, &f) :
		      toy_ipv6_walk_options(skb, w);
	return why;
}

static void chains_of_headers(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(ext_cases); i++) {
		const struct ext_case *c = &ext_cases[i];
		struct sk_buff *skb = skb6(test, c->nexthdr, c->ext, c->len);
		struct toy_ipv6_walk w;
		struct toy_ipv6_view v;
		enum toy_drop why;

		KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
		toy_ipv6_walk_start(&w, v.nexthdr);
		why = walk_all(skb, &w);
		KUNIT_EXPECT_EQ_MSG(test, why, c->why, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, w.verdict, c->verdict, "%s", c->name);
		if (!c->why)
			KUNIT_EXPECT_EQ_MSG(test, w.off, c->bad, "%s", c->name);
		else if (c->verdict != NONE)
			KUNIT_EXPECT_EQ_MSG(test, w.bad, c->bad, "%s", c->name);
		kfree_skb(skb);
	}
}

static void endless_chain_ends(struct kunit *test)
{
	u8 ext[10 * 8];
	struct toy_ipv6_walk w;
	struct toy_ipv6_view v;
	struct sk_buff *skb;

	for (int i = 0; i < sizeof(ext); i += 8)
		memcpy(ext + i, "\x3c\0\1\4\0\0\0\0", 8);
	skb = skb6(test, NEXTHDR_DEST, ext, sizeof(ext));
	KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	toy_ipv6_walk_start(&w, v.nexthdr);
	KUNIT_EXPECT_EQ(test, walk_all(skb, &w), TOY_DROP_IP6_EXT_CHAIN);
	kfree_skb(skb);
}

static void fragment_header_is_read(struct kunit *test)
{
	static const u8 ext[] = { 17, 0, 0x05, 0xa9, 0xde, 0xad, 0xbe, 0xef };
	struct sk_buff *skb = skb6(test, NEXTHDR_FRAGMENT, ext, sizeof(ext));
	struct toy_ipv6_fraghdr f;
	struct toy_ipv6_walk w;
	struct toy_ipv6_view v;

	KUNIT_ASSERT_EQ(test, toy_ipv6_parse(skb, &v), TOY_RX_OK);
	toy_ipv6_walk_start(&w, v.nexthdr);
	KUNIT_ASSERT_EQ(test, toy_ipv6_walk_fragment(skb, &w, &f), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, f.offset, 1448);
	KUNIT_EXPECT_TRUE(test, f.more);
	KUNIT_EXPECT_EQ(test, ntohl(f.id), 0xdeadbeefU);
	KUNIT_EXPECT_EQ(test, w.nexthdr, 17);
	KUNIT_EXPECT_EQ(test, w.nhoff, 40);
	KUNIT_EXPECT_EQ(test, w.off, 48);
	kfree_skb(skb);
}

static void quotes(struct kunit *test)
{
	static const u8 udp[] = "12345678";
	static const u8 later[16] = { 17, 0, 0x05, 0xa8 };
	struct sk_buff *skb = skb6(test, 17, udp, 8);
	struct toy_ipv6_walk w;
	struct toy_ipv6_view v;
	bool frag;

	KUNIT_EXPECT_EQ(test, toy_ipv6_parse_quote(skb, 0, &v, &w, &frag),
			TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, w.off, 40);
	KUNIT_EXPECT_FALSE(test, frag);
	skb_trim(skb, 47);
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse_quote(skb, 0, &v, &w, &frag),
			TOY_DROP_ICMP_QUOTE);
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse_quote(skb, 48, &v, &w, &frag),
			TOY_DROP_ICMP_QUOTE);
	kfree_skb(skb);

	skb = skb6(test, NEXTHDR_FRAGMENT, later, sizeof(later));
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse_quote(skb, 0, &v, &w, &frag),
			TOY_RX_OK);
	KUNIT_EXPECT_TRUE(test, frag);
	kfree_skb(skb);

	/* What was sent to or from an IPv4-mapped address was no IPv6 packet. */
	skb = skb6(test, 17, udp, 8);
	ipv6_addr_set_v4mapped(htonl(0x0a000001),
			       &((struct ipv6hdr *)skb->data)->saddr);
	KUNIT_EXPECT_EQ(test, toy_ipv6_parse_quote(skb, 0, &v, &w, &frag),
			TOY_DROP_ICMP_QUOTE);
	kfree_skb(skb);
}

static struct kunit_case ipv6_cases[] = {
	KUNIT_CASE(fixed_header_is_read),
	KUNIT_CASE(padding_of_the_frame_goes),
	KUNIT_CASE(what_is_pushed_can_be_read),
	KUNIT_CASE(chains_of_headers),
	KUNIT_CASE(endless_chain_ends),
	KUNIT_CASE(fragment_header_is_read),
	KUNIT_CASE(quotes),
	{}
};

static struct kunit_suite ipv6_suite = {
	.name = "toy-skb-ipv6",
	.test_cases = ipv6_cases,
};

kunit_test_suite(ipv6_suite);
