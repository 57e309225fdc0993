// SPDX-License-Identifier: GPL-2.0-only
/* Cases for ipv6_exts.c: which routing headers may be, what stands in a packet. */
#include <kunit/test.h>

static const struct rt_row {
	const char *name;
	bool ok;
	u8 len;
	u8 hdr[48];
} rt_rows[] = {
	{ "kind 0", false, 24, { 0, 2, 0, 1 } },
	{ "kind 1", false, 24, { 0, 2, 1, 1 } },
	{ "kind 3", false, 24, { 0, 2, 3, 1 } },
	{ "kind 2", true, 24, { 0, 2, 2, 1 } },
	{ "kind 2, two addresses", false, 40, { 0, 4, 2, 1 } },
	{ "kind 2, no address", false, 8, { 0, 0, 2, 1 } },
	{ "kind 2, nothing left", false, 24, { 0, 2, 2, 0 } },
	{ "kind 2, two left", false, 24, { 0, 2, 2, 2 } },
	{ "kind 2, to IPv4", false, 24,
	  { 0, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } },
	{ "one segment", true, 24, { 0, 2, 4, 0, 0 } },
	{ "two segments", true, 40, { 0, 4, 4, 1, 1 } },
	{ "two segments, at the last", true, 40, { 0, 4, 4, 0, 1 } },
	{ "no room for the last", false, 24, { 0, 2, 4, 0, 1 } },
	{ "more left than segments", false, 40, { 0, 4, 4, 2, 1 } },
	{ "as many left as segments", false, 24, { 0, 2, 4, 1, 0 } },
	{ "no segment", false, 8, { 0, 0, 4, 0, 0 } },
	{ "255 segments", false, 24, { 0, 2, 4, 255, 255 } },
	{ "another length than given", false, 40, { 0, 2, 4, 0, 0 } },
	{ "a TLV", true, 32,
	  { 0, 3, 4, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 4, 6 } },
	{ "two TLVs", true, 32,
	  { 0, 3, 4, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 4, 2, 0, 0, 4, 2 } },
	{ "a TLV beyond the end", false, 32,
	  { 0, 3, 4, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 4, 7 } },
	{ "half a TLV", false, 32,
	  { 0, 3, 4, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 4, 5, 0, 0, 0, 0, 0, 4 } },
	{ "to IPv4", false, 24,
	  { 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } },
};

static void routing_headers(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(rt_rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rt_rows[i].ok,
				    toy_ext_rt_ok(rt_rows[i].hdr,
						  rt_rows[i].len),
				    "%s", rt_rows[i].name);
}

/* Headers by which a test knows them again; the first byte is anything. */
static const u8 hop_hdr[8] __aligned(8) = { 99, 0, 5, 2 };
static const u8 dst0_hdr[16] __aligned(8) = { 99, 1, 1, 12, 'a' };
static const u8 dst1_hdr[8] __aligned(8) = { 99, 0, 1, 4, 'b' };
static const u8 rt2_hdr[24] __aligned(8) = {
	99, 2, 2, 1, 0, 0, 0, 0, 0xfd, [23] = 7,
};

static const u8 srh_hdr[40] __aligned(8) = {
	99, 4, 4, 1, 1, 0, 0, 0, 0xfd, [23] = 8, [24] = 0xfd, [39] = 9,
};

static const struct push_row {
	const char *name;
	const u8 *hdr[__TOY_EXT_MAX];
	unsigned int len;
	u8 first;		/* what the IPv6 header names */
	u8 hop;			/* last byte of where it goes first, or 0 */
	u8 at[__TOY_EXT_MAX + 1];	/* offsets, in the order of the packet */
	u8 next[__TOY_EXT_MAX + 1];	/* and what each names */
} push_rows[] = {
	{ "hop", { hop_hdr }, 8, NEXTHDR_HOP, 0, { 0 }, { NEXTHDR_UDP } },
	{ "dst", { [TOY_EXT_DST1] = dst1_hdr }, 8, NEXTHDR_DEST, 0, { 0 },
	  { NEXTHDR_UDP } },
	{ "dst0 without routing", { hop_hdr, dst0_hdr }, 8, NEXTHDR_HOP, 0,
	  { 0 }, { NEXTHDR_UDP } },
	{ "dst0 alone", { [TOY_EXT_DST0] = dst0_hdr }, 0, NEXTHDR_UDP, 0,
	  {}, {} },
	{ "dst0, routing", { NULL, dst0_hdr, rt2_hdr }, 40, NEXTHDR_DEST, 7,
	  { 0, 16 }, { NEXTHDR_ROUTING, NEXTHDR_UDP } },
	{ "all", { hop_hdr, dst0_hdr, srh_hdr, dst1_hdr }, 72, NEXTHDR_HOP, 9,
	  { 0, 8, 24, 64 },
	  { NEXTHDR_DEST, NEXTHDR_ROUTING, NEXTHDR_DEST, NEXTHDR_UDP } },
};

static void check_pushed(struct kunit *test, const struct push_row *r,
			 const struct toy_ipv6_txexts *x)
{
	const struct in6_addr *hop = toy_ipv6_exts_hop(x);
	struct in6_addr final = { .s6_addr = { 0x20, 1, [15] = 66 } };
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	u8 first;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 128);
	skb_put_data(skb, "data", 4);
	first = toy_ipv6_exts_push(skb, x, &final, NEXTHDR_UDP);
	KUNIT_EXPECT_EQ_MSG(test, first, r->first, "%s", r->name);
	KUNIT_EXPECT_EQ_MSG(test, skb->len, r->len + 4, "%s", r->name);
	KUNIT_EXPECT_EQ_MSG(test, hop ? hop->s6_addr[15] : 0, r->hop, "%s",
			    r->name);
	KUNIT_EXPECT_EQ(test, 0, memcmp(skb->data + r->len, "data", 4));
	for (int i = 0; i < __TOY_EXT_MAX && r->next[i]; i++) {
		const u8 *h = skb->data + r->at[i];

		KUNIT_EXPECT_EQ_MSG(test, h[0], r->next[i], "%s, %d", r->name,
				    i);
		if (i && r->next[i - 1] == NEXTHDR_ROUTING)
			KUNIT_EXPECT_EQ(test, 0, memcmp(h + 8, &final, 16));
	}
	kfree_skb(skb);
}

static void what_is_pushed(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(push_rows); i++) {
		const struct push_row *r = &push_rows[i];
		struct toy_ipv6_txexts *x;
		struct toy_ext_src src;

		memcpy(src.hdr, r->hdr, sizeof(src.hdr));
		x = toy_ipv6_exts_make(&src, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, x);
		KUNIT_EXPECT_EQ_MSG(test, x->len, r->len, "%s", r->name);
		check_pushed(test, r, x);
		/* What is read back is what was given. */
		toy_ipv6_exts_src(x, &src);
		for (int j = 0; j < __TOY_EXT_MAX; j++) {
			KUNIT_EXPECT_EQ(test, !src.hdr[j], !r->hdr[j]);
			if (r->hdr[j])
				KUNIT_EXPECT_EQ(test, 0,
						memcmp(src.hdr[j], r->hdr[j],
						       toy_ext_len(r->hdr[j])));
		}
		toy_ipv6_exts_put(x);
	}
}

static struct kunit_case ipv6_exts_cases[] = {
	KUNIT_CASE(routing_headers),
	KUNIT_CASE(what_is_pushed),
	{}
};

static struct kunit_suite ipv6_exts_suite = {
	.name = "toy-skb-ipv6-exts",
	.test_cases = ipv6_exts_cases,
};

kunit_test_suite(ipv6_exts_suite);
