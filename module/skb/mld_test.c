// SPDX-License-Identifier: GPL-2.0-only
/* Cases for mld.c: what hosts are sent, right and wrong, in every shape. */
#include "shapes_test.h"

#define G	[8] = 0xff, 0x15, [23] = 3

static const struct mld_case {
	const char *what;
	u8 msg[60];
	unsigned int len;
	enum toy_drop why;
	u8 version;		/* of a query, as IGMP counts */
	u32 max_ms;
	u16 sources;
} mld_cases_table[] = {
	{ "v1 general query", { 130, [4] = 0x27, 0x10 }, 24, TOY_RX_OK,
	  TOY_MC_V2, 10000 },
	{ "v1 query of a group", { 130, G }, 24, TOY_RX_OK, TOY_MC_V2, 0 },
	{ "v2 general query", { 130, [4] = 0x27, 0x10 }, 28, TOY_RX_OK,
	  TOY_MC_V3, 10000 },
	{ "v2 query, long time", { 130, [4] = 0xff, 0xff }, 28, TOY_RX_OK,
	  TOY_MC_V3, 8387584 },
	{ "v2 query of two sources", { 130, G, [27] = 2 }, 60, TOY_RX_OK,
	  TOY_MC_V3, 0, 2 },
	{ "query of 25 bytes", { 130 }, 25, TOY_DROP_MLD_LEN },
	{ "query of 27 bytes", { 130 }, 27, TOY_DROP_MLD_LEN },
	{ "query of 23 bytes", { 130 }, 23, TOY_DROP_MLD_LEN },
	{ "a source is missing", { 130, G, [27] = 2 }, 59, TOY_DROP_MLD_LEN },
	{ "65535 sources", { 130, G, [26] = 0xff, 0xff }, 60,
	  TOY_DROP_MLD_LEN },
	{ "4096 sources, 0 modulo 65536 bytes", { 130, G, [26] = 0x10 }, 60,
	  TOY_DROP_MLD_LEN },
	{ "query of a unicast address", { 130, [8] = 0xfd }, 24,
	  TOY_DROP_MLD_GROUP },
	{ "sources without a group", { 130, [27] = 1 }, 44,
	  TOY_DROP_MLD_GROUP },
	{ "v1 report", { 131, G }, 24, TOY_RX_OK },
	{ "v1 report of nothing", { 131 }, 24, TOY_DROP_MLD_GROUP },
	{ "v1 report, short", { 131, G }, 23, TOY_DROP_MLD_LEN },
	{ "v1 done", { 132, G }, 24, TOY_RX_OK },
	{ "v2 report", { 143 }, 8, TOY_RX_OK },
	{ "v2 report, short", { 143 }, 7, TOY_DROP_MLD_LEN },
	{ "echo request", { 128 }, 24, TOY_DROP_MLD_TYPE },
	{ "nothing", { 0 }, 0, TOY_DROP_MLD_LEN },
};

static void messages(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(mld_cases_table); i++) {
		const struct mld_case *c = &mld_cases_table[i];
		struct toy_mld_view v = {};
		struct shaped sh;

		for (int s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, c->msg, c->len);
			KUNIT_EXPECT_EQ_MSG(test, toy_mld_parse(sh.skb, &v),
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

/* An IPv6 header, hop-by-hop options of 8 bytes, and a message. */
static struct sk_buff *with_options(struct kunit *test, const u8 *options)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct ipv6hdr h = { .version = 6, .nexthdr = NEXTHDR_HOP };

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, &h, sizeof(h));
	skb_put_data(skb, options, 8);
	skb_put_zero(skb, TOY_MLD_HLEN);
	skb_reset_network_header(skb);
	__skb_pull(skb, sizeof(h) + 8);
	return skb;
}

static void alerts(struct kunit *test)
{
	static const struct {
		u8 options[8];
		bool alert;
	} cases[] = {
		{ { 58, 0, 5, 2, 0, 0, 1, 0 }, true },
		{ { 58, 0, 1, 0, 5, 2, 0, 0 }, true },
		{ { 58, 0, 0, 0, 5, 2, 0, 0 }, true },
		{ { 58, 0, 5, 2, 0, 1, 1, 0 }, false },	/* RSVP */
		{ { 58, 0, 1, 4, 0, 0, 0, 0 }, false },
		{ { 58, 0, 1, 2, 0, 0, 5, 2 }, false },	/* beyond the end */
		{ { 58, 0, 1, 9, 5, 2, 0, 0 }, false },
		{ { 58, 1, 5, 2, 0, 0, 1, 0 }, true },
		{ { 58, 9, 5, 2, 0, 0, 1, 0 }, false },	/* beyond the packet */
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sk_buff *skb = with_options(test, cases[i].options);

		KUNIT_EXPECT_EQ_MSG(test, toy_mld_alert(skb), cases[i].alert,
				    "case %d", i);
		kfree_skb(skb);
	}
}

/* What is sent is taken, and has what RFC 3810 5 wants. */
static void finished_is_parsed(struct kunit *test)
{
	const struct in6_addr saddr = { .s6_addr = { 0xfe, 0x80, [15] = 1 } };
	const struct in6_addr group = { .s6_addr = { 0xff, 0x15, [15] = 3 } };
	struct sk_buff *skb = alloc_skb(192, GFP_KERNEL);
	struct toy_mld_view v;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	toy_mld_put(skb, &group);
	toy_mld_finish(skb, TOY_MLD_V1_REPORT, &saddr, &group);
	KUNIT_EXPECT_EQ(test, skb->len, TOY_MLD_IP_HLEN + TOY_MLD_HLEN);
	KUNIT_EXPECT_EQ(test, ipv6_hdr(skb)->hop_limit, 1);
	KUNIT_EXPECT_EQ(test, ntohs(ipv6_hdr(skb)->payload_len),
			8 + TOY_MLD_HLEN);
	KUNIT_EXPECT_TRUE(test, toy_mld_alert(skb));
	__skb_pull(skb, TOY_MLD_IP_HLEN);
	KUNIT_EXPECT_TRUE(test, toy_csum_verify(skb, &saddr, &group, skb->len,
						IPPROTO_ICMPV6));
	KUNIT_EXPECT_EQ(test, toy_mld_parse(skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.type, TOY_MLD_V1_REPORT);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&v.group, &group));
	kfree_skb(skb);
}

static struct kunit_case mld_cases[] = {
	KUNIT_CASE(messages),
	KUNIT_CASE(alerts),
	KUNIT_CASE(finished_is_parsed),
	{}
};

static struct kunit_suite mld_suite = {
	.name = "toy-skb-mld",
	.test_cases = mld_cases,
};

kunit_test_suite(mld_suite);
