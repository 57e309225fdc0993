// SPDX-License-Identifier: GPL-2.0-only
/* Cases for igmp.c: what hosts are sent, right and wrong, in every shape. */
#include "shapes_test.h"

static const struct igmp_case {
	const char *what;
	u8 msg[24];
	unsigned int len;
	enum toy_drop why;
	u8 version;		/* of a query */
	u32 max_ms;
	u16 sources;
} igmp_cases_table[] = {
	{ "v1 query", { 0x11 }, 8, TOY_RX_OK, TOY_MC_V1, 10000 },
	{ "v2 general query", { 0x11, 100 }, 8, TOY_RX_OK, TOY_MC_V2, 10000 },
	{ "v2 query of a group", { 0x11, 10, 0, 0, 239, 1, 2, 3 }, 8,
	  TOY_RX_OK, TOY_MC_V2, 1000 },
	{ "v3 general query", { 0x11, 100, 0, 0, 0, 0, 0, 0, 2, 125 }, 12,
	  TOY_RX_OK, TOY_MC_V3, 10000 },
	{ "v3 query, long time", { 0x11, 0xff }, 12, TOY_RX_OK, TOY_MC_V3,
	  3174400 },
	{ "v3 query of two sources",
	  { 0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0, 2,
	    10, 0, 0, 1, 10, 0, 0, 2 }, 20, TOY_RX_OK, TOY_MC_V3, 1000, 2 },
	{ "v3 query, more behind the sources",
	  { 0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0, 1 }, 24, TOY_RX_OK,
	  TOY_MC_V3, 1000, 1 },
	{ "query of 9 bytes", { 0x11, 100 }, 9, TOY_DROP_IGMP_LEN },
	{ "query of 11 bytes", { 0x11, 100 }, 11, TOY_DROP_IGMP_LEN },
	{ "a source is missing",
	  { 0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0, 2 }, 19,
	  TOY_DROP_IGMP_LEN },
	{ "65535 sources", { 0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0xff, 0xff },
	  24, TOY_DROP_IGMP_LEN },
	{ "16384 sources, 0 modulo 65536 bytes",
	  { 0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0x40, 0 }, 24,
	  TOY_DROP_IGMP_LEN },
	{ "query of a unicast address", { 0x11, 10, 0, 0, 10, 1, 2, 3 }, 8,
	  TOY_DROP_IGMP_GROUP },
	{ "query of the broadcast", { 0x11, 10, 0, 0, 255, 255, 255, 255 }, 8,
	  TOY_DROP_IGMP_GROUP },
	{ "sources without a group", { 0x11, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	  16, TOY_DROP_IGMP_GROUP },
	{ "v1 report", { 0x12, 0, 0, 0, 239, 1, 2, 3 }, 8, TOY_RX_OK },
	{ "v2 report", { 0x16, 0, 0, 0, 239, 1, 2, 3 }, 8, TOY_RX_OK },
	{ "v2 report of nothing", { 0x16 }, 8, TOY_DROP_IGMP_GROUP },
	{ "v2 leave", { 0x17, 0, 0, 0, 239, 1, 2, 3 }, 8, TOY_RX_OK },
	{ "v3 report", { 0x22 }, 8, TOY_RX_OK },
	{ "DVMRP", { 0x13 }, 8, TOY_DROP_IGMP_TYPE },
	{ "7 bytes", { 0x11 }, 7, TOY_DROP_IGMP_SHORT },
	{ "nothing", { 0 }, 0, TOY_DROP_IGMP_SHORT },
};

static void messages(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(igmp_cases_table); i++) {
		const struct igmp_case *c = &igmp_cases_table[i];
		struct toy_igmp_view v = {};
		struct shaped sh;
		u8 m[24];

		memcpy(m, c->msg, sizeof(m));
		if (c->len >= 4)
			put_be16(m + 2, ~ref_sum(0, m, c->len));
		for (int s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, c->len);
			KUNIT_EXPECT_EQ_MSG(test, toy_igmp_parse(sh.skb, &v),
					    c->why, "%s, %s", c->what,
					    shape_names[s]);
			if (c->version) {
				KUNIT_EXPECT_EQ(test, v.query.version,
						c->version);
				KUNIT_EXPECT_EQ(test, v.query.max_ms,
						c->max_ms);
				KUNIT_EXPECT_EQ(test, v.query.sources,
						c->sources);
			}
			shape_done(test, &sh);
		}
	}
}

static void wrong_checksums(struct kunit *test)
{
	u8 m[12] = { 0x11, 100 };
	struct toy_igmp_view v;
	struct shaped sh;

	put_be16(m + 2, ~ref_sum(0, m, sizeof(m)));
	for (int bit = 0; bit < sizeof(m) * 8; bit++) {
		m[bit / 8] ^= 1 << bit % 8;
		sh = shape(test, bit % SHAPE_WHOLE, m, sizeof(m));
		KUNIT_EXPECT_EQ(test, toy_igmp_parse(sh.skb, &v),
				TOY_DROP_IGMP_CSUM);
		shape_done(test, &sh);
		m[bit / 8] ^= 1 << bit % 8;
	}
}

/* Sources that no host can have are passed over. */
static void sources(struct kunit *test)
{
	static const u8 m[] = {
		0x11, 10, 0, 0, 239, 1, 2, 3, 0, 0, 0, 3,
		10, 0, 0, 1, 239, 1, 1, 1, 0, 0, 0, 0,
	};
	const struct toy_mc_query q = { .src_off = 12, .sources = 3 };
	struct in6_addr addr;
	struct shaped sh;

	for (int s = 0; s < SHAPE_WHOLE; s++) {
		sh = shape(test, s, m, sizeof(m));
		KUNIT_EXPECT_TRUE(test, toy_mc_query_source(&q, sh.skb, 0, &addr));
		KUNIT_EXPECT_EQ(test, ntohl(toy_v4_of(&addr)), 0x0a000001);
		KUNIT_EXPECT_FALSE(test, toy_mc_query_source(&q, sh.skb, 1, &addr));
		KUNIT_EXPECT_FALSE(test, toy_mc_query_source(&q, sh.skb, 2, &addr));
		KUNIT_EXPECT_FALSE(test, toy_mc_query_source(&q, sh.skb, 3, &addr));
		shape_done(test, &sh);
	}
}

/* What is sent is taken, and has what RFC 3376 4 wants. */
static void finished_is_parsed(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct toy_ipv4_view ip;
	struct toy_igmp_view v;
	u8 bad;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	toy_igmp_put(skb, htonl(0xef010203));
	toy_igmp_finish(skb, TOY_IGMP_V2_REPORT, htonl(0x0a000001),
			htonl(0xef010203));
	KUNIT_EXPECT_EQ(test, skb->len, TOY_IGMP_IP_HLEN + TOY_IGMP_HLEN);
	KUNIT_ASSERT_EQ(test, toy_ipv4_parse(skb, &ip, &bad), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, ip.ttl, 1);
	KUNIT_EXPECT_EQ(test, ip.tos, 0xc0);
	KUNIT_EXPECT_EQ(test, ip.proto, IPPROTO_IGMP);
	KUNIT_EXPECT_EQ(test, ip.hdr_len, TOY_IGMP_IP_HLEN);
	KUNIT_EXPECT_EQ(test, ip.tot_len, skb->len);
	KUNIT_EXPECT_TRUE(test, ip.opt.router_alert);
	KUNIT_EXPECT_TRUE(test, toy_igmp_alert(skb));
	__skb_pull(skb, ip.hdr_len);
	KUNIT_EXPECT_EQ(test, toy_igmp_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.type, TOY_IGMP_V2_REPORT);
	KUNIT_EXPECT_EQ(test, ntohl(v.group), 0xef010203);
	kfree_skb(skb);
}

static struct kunit_case igmp_cases[] = {
	KUNIT_CASE(messages),
	KUNIT_CASE(wrong_checksums),
	KUNIT_CASE(sources),
	KUNIT_CASE(finished_is_parsed),
	{}
};

static struct kunit_suite igmp_suite = {
	.name = "toy-skb-igmp",
	.test_cases = igmp_cases,
};

kunit_test_suite(igmp_suite);
