// SPDX-License-Identifier: GPL-2.0-only
/* Cases for ipv6_frag.c: where the headers of a fragment end. */
#include <kunit/test.h>

struct chain_row {
	const char *name;
	const char *bytes;	/* behind the IPv6 header */
	unsigned int len;
	u8 nexthdr;		/* of the IPv6 header */
	unsigned int unfrag;	/* bytes every fragment repeats */
	unsigned int nhoff;
	bool complete;		/* had they come behind a fragment header */
};

static const struct chain_row chain_rows[] = {
	{ "udp", "abcdefgh", 8, NEXTHDR_UDP, 40, 6, true },
	{ "udp cut", "abcdefg", 7, NEXTHDR_UDP, 40, 6, false },
	{ "tcp cut", "abcdefghijklmnopqrs", 19, NEXTHDR_TCP, 40, 6, false },
	{ "another", "", 0, 253, 40, 6, true },
	{ "options", "\x11\0\1\4\0\0\0\0abcdefgh", 16,
	  NEXTHDR_DEST, 40, 6, true },
	{ "options, cut", "\x11\1\1\4\0\0\0\0", 8,
	  NEXTHDR_DEST, 40, 6, false },
	{ "options, nothing", "", 0, NEXTHDR_DEST, 40, 6, false },
	{ "hop", "\x11\0\1\4\0\0\0\0abcdefgh", 16,
	  NEXTHDR_HOP, 48, 40, true },
	{ "hop, options",
	  "\x3c\0\1\4\0\0\0\0\x11\0\1\4\0\0\0\0abcdefgh", 24,
	  NEXTHDR_HOP, 48, 40, true },
	{ "options, routing",
	  "\x2b\0\1\4\0\0\0\0\x11\0\3\0\0\0\0\0abcdefgh", 24,
	  NEXTHDR_DEST, 56, 48, true },
	{ "hop beyond the end", "\x11\xff\1\4\0\0\0\0abcdefgh", 16,
	  NEXTHDR_HOP, 40, 6, false },
};

static struct sk_buff *chain_skb(struct kunit *test, const struct chain_row *r)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	struct ipv6hdr *h;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_reset_network_header(skb);
	h = skb_put_zero(skb, sizeof(*h));
	h->version = 6;
	h->nexthdr = r->nexthdr;
	h->payload_len = htons(r->len);
	skb_put_data(skb, r->bytes, r->len);
	return skb;
}

static void chains(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(chain_rows); i++) {
		const struct chain_row *r = &chain_rows[i];
		struct sk_buff *skb = chain_skb(test, r);
		struct toy_ipv6_walk w = { .off = 40, .nexthdr = r->nexthdr };
		unsigned int nhoff;

		KUNIT_EXPECT_EQ_MSG(test, r->unfrag,
				    toy_ipv6_unfragmentable(skb, &nhoff), "%s",
				    r->name);
		KUNIT_EXPECT_EQ_MSG(test, r->nhoff, nhoff, "%s", r->name);
		if (r->nexthdr != NEXTHDR_HOP)
			KUNIT_EXPECT_EQ_MSG(test, r->complete,
					    toy_ipv6_chain_complete(skb, &w),
					    "%s", r->name);
		kfree_skb(skb);
	}
}

/* What push_fragment() has written walk_fragment() reads. */
static void there_and_back(struct kunit *test)
{
	const struct chain_row *r = &chain_rows[7];
	const struct toy_ipv6_fraghdr f = {
		.id = htonl(0x12345678), .offset = 1448, .more = true,
	};
	struct sk_buff *skb = chain_skb(test, r), *piece;
	struct toy_ipv6_walk w;
	struct toy_ipv6_fraghdr got;
	u8 hdr[48];

	memcpy(hdr, skb->data, sizeof(hdr));
	piece = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, piece);
	skb_reserve(piece, 100);
	skb_put_zero(piece, 16);
	toy_ipv6_push_fragment(piece, hdr, sizeof(hdr), 40, &f);
	KUNIT_EXPECT_EQ(test, piece->len, 48 + 8 + 16);
	KUNIT_EXPECT_EQ(test, ntohs(ipv6_hdr(piece)->payload_len), 8 + 8 + 16);

	toy_ipv6_walk_start(&w, ipv6_hdr(piece)->nexthdr);
	KUNIT_EXPECT_EQ(test, (int)toy_ipv6_walk_options(piece, &w), 0);
	KUNIT_EXPECT_EQ(test, (int)w.nexthdr, NEXTHDR_FRAGMENT);
	KUNIT_EXPECT_EQ(test, (int)toy_ipv6_walk_fragment(piece, &w, &got), 0);
	KUNIT_EXPECT_EQ(test, (int)w.nexthdr, NEXTHDR_UDP);
	KUNIT_EXPECT_EQ(test, (int)w.off, 56);
	KUNIT_EXPECT_EQ(test, got.offset, 1448);
	KUNIT_EXPECT_TRUE(test, got.more);
	KUNIT_EXPECT_TRUE(test, got.id == f.id);

	toy_ipv6_reassembled(skb, 40, NEXTHDR_UDP, 3);
	KUNIT_EXPECT_EQ(test, skb->data[40], NEXTHDR_UDP);
	KUNIT_EXPECT_EQ(test, ntohs(ipv6_hdr(skb)->payload_len), r->len);
	KUNIT_EXPECT_EQ(test, ntohl(*(__be32 *)skb->data) >> 20, 0x603);
	kfree_skb(piece);
	kfree_skb(skb);
}

static struct kunit_case ipv6_frag_cases[] = {
	KUNIT_CASE(chains),
	KUNIT_CASE(there_and_back),
	{}
};

static struct kunit_suite ipv6_frag_suite = {
	.name = "toy-skb-ipv6-frag",
	.test_cases = ipv6_frag_cases,
};

kunit_test_suite(ipv6_frag_suite);
