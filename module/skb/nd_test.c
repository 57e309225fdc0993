// SPDX-License-Identifier: GPL-2.0-only
/* Cases for nd.c: the checks of RFC 4861 6.1, 7.1 and 8.1 and its options. */
#include "shapes_test.h"

#define MSG_MAX		400

#define LL	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define GLOBAL	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define NODES	0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define SOLICITED 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2
#define NOBODY	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define SLLA	1, 1, 2, 0, 0, 0, 0, 9
#define TLLA	2, 1, 2, 0, 0, 0, 0, 9

/* A message, and what becomes of it. */
struct nd_row {
	const char *what;
	u8 saddr[16];
	u8 daddr[16];
	u8 hops;
	unsigned int len;
	u8 m[80];
	enum toy_drop want;
};

#define MAPPED		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1
#define NS_TO(...)	135, 0, 0, 0, 0, 0, 0, 0, __VA_ARGS__
#define NA_OF(flags, ...) 136, 0, 0, 0, flags, 0, 0, 0, __VA_ARGS__
#define RA_HEAD		134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0
#define RS_HEAD		133, 0, 0, 0, 0, 0, 0, 0
#define REDIRECT(...)	137, 0, 0, 0, 0, 0, 0, 0, __VA_ARGS__

static const struct nd_row nd_rows[] = {
	/* 7.1.1 */
	{ "NS", { LL }, { SOLICITED }, 255, 32, { NS_TO(GLOBAL), SLLA },
	  TOY_RX_OK },
	{ "NS without options", { LL }, { GLOBAL }, 255, 24,
	  { NS_TO(GLOBAL) }, TOY_RX_OK },
	{ "NS, hop limit 254", { LL }, { SOLICITED }, 254, 32,
	  { NS_TO(GLOBAL), SLLA }, TOY_DROP_ND_HOP_LIMIT },
	{ "NS, hop limit 0", { LL }, { SOLICITED }, 0, 32,
	  { NS_TO(GLOBAL), SLLA }, TOY_DROP_ND_HOP_LIMIT },
	{ "NS, code 1", { LL }, { SOLICITED }, 255, 24,
	  { 135, 1, 0, 0, 0, 0, 0, 0, GLOBAL }, TOY_DROP_ND_CODE },
	{ "NS, short", { LL }, { SOLICITED }, 255, 23, { NS_TO(GLOBAL) },
	  TOY_DROP_ND_SHORT },
	{ "NS, target a group", { LL }, { SOLICITED }, 255, 24,
	  { NS_TO(NODES) }, TOY_DROP_ND_TARGET },
	{ "NS, target of IPv4", { LL }, { SOLICITED }, 255, 24,
	  { NS_TO(MAPPED) }, TOY_DROP_ND_TARGET },
	{ "NS, target unspecified", { LL }, { SOLICITED }, 255, 24,
	  { NS_TO(NOBODY) }, TOY_DROP_ND_TARGET },
	{ "NS, option of length 0", { LL }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), 1, 0, 2, 0, 0, 0, 0, 9 }, TOY_DROP_ND_OPT_ZERO },
	{ "NS, unknown option of length 0", { LL }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), 200, 0 }, TOY_DROP_ND_OPT_ZERO },
	{ "NS, option beyond the end", { LL }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), 1, 2, 2, 0, 0, 0, 0, 9 }, TOY_DROP_ND_OPT_LEN },
	{ "NS, half an option", { LL }, { SOLICITED }, 255, 28,
	  { NS_TO(GLOBAL), 1, 1, 2, 0 }, TOY_DROP_ND_OPT_LEN },
	{ "NS, one byte of an option", { LL }, { SOLICITED }, 255, 25,
	  { NS_TO(GLOBAL), 1 }, TOY_DROP_ND_OPT_LEN },
	{ "NS, unknown option before", { LL }, { SOLICITED }, 255, 40,
	  { NS_TO(GLOBAL), 99, 1, 0, 0, 0, 0, 0, 0, SLLA }, TOY_RX_OK },
	{ "NS, long address", { LL }, { SOLICITED }, 255, 40,
	  { NS_TO(GLOBAL), 1, 2, 2 }, TOY_DROP_ND_LLADDR },
	{ "NS, address of a group", { LL }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), 1, 1, 1, 0, 0x5e, 0, 0, 1 }, TOY_DROP_ND_LLADDR },
	{ "DAD", { NOBODY }, { SOLICITED }, 255, 24, { NS_TO(GLOBAL) },
	  TOY_RX_OK },
	{ "DAD with a nonce", { NOBODY }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), 14, 1, 1, 2, 3, 4, 5, 6 }, TOY_RX_OK },
	{ "DAD to all nodes", { NOBODY }, { NODES }, 255, 24,
	  { NS_TO(GLOBAL) }, TOY_DROP_ND_SOURCE },
	{ "DAD by unicast", { NOBODY }, { GLOBAL }, 255, 24,
	  { NS_TO(GLOBAL) }, TOY_DROP_ND_SOURCE },
	{ "DAD with an address", { NOBODY }, { SOLICITED }, 255, 32,
	  { NS_TO(GLOBAL), SLLA }, TOY_DROP_ND_SLLA },
	/* 7.1.2 */
	{ "NA", { LL }, { GLOBAL }, 255, 32, { NA_OF(0xe0, GLOBAL), TLLA },
	  TOY_RX_OK },
	{ "NA to all, unsolicited", { LL }, { NODES }, 255, 32,
	  { NA_OF(0x20, GLOBAL), TLLA }, TOY_RX_OK },
	{ "NA to all, solicited", { LL }, { NODES }, 255, 32,
	  { NA_OF(0x60, GLOBAL), TLLA }, TOY_DROP_ND_SOLICITED },
	{ "NA, target a group", { LL }, { GLOBAL }, 255, 24,
	  { NA_OF(0, NODES) }, TOY_DROP_ND_TARGET },
	{ "NA, target of IPv4", { LL }, { GLOBAL }, 255, 32,
	  { NA_OF(0x20, MAPPED), TLLA }, TOY_DROP_ND_TARGET },
	{ "NA from nobody", { NOBODY }, { NODES }, 255, 24,
	  { NA_OF(0, GLOBAL) }, TOY_DROP_ND_SOURCE },
	{ "NA, hop limit 1", { LL }, { GLOBAL }, 1, 24,
	  { NA_OF(0, GLOBAL) }, TOY_DROP_ND_HOP_LIMIT },
	{ "NA, short", { LL }, { GLOBAL }, 255, 20, { NA_OF(0, GLOBAL) },
	  TOY_DROP_ND_SHORT },
	{ "NA with the wrong option", { LL }, { GLOBAL }, 255, 32,
	  { NA_OF(0, GLOBAL), 1, 1, 1 }, TOY_RX_OK },
	/* 6.1.1 */
	{ "RS", { LL }, { NODES }, 255, 16, { RS_HEAD, SLLA }, TOY_RX_OK },
	{ "RS from nobody", { NOBODY }, { NODES }, 255, 8, { RS_HEAD },
	  TOY_RX_OK },
	{ "RS from nobody with an address", { NOBODY }, { NODES }, 255, 16,
	  { RS_HEAD, SLLA }, TOY_DROP_ND_SLLA },
	/* 6.1.2 */
	{ "RA", { LL }, { NODES }, 255, 24, { RA_HEAD, SLLA }, TOY_RX_OK },
	{ "RA from afar", { GLOBAL }, { NODES }, 255, 16, { RA_HEAD },
	  TOY_DROP_ND_SOURCE },
	{ "RA, short", { LL }, { NODES }, 255, 15, { RA_HEAD },
	  TOY_DROP_ND_SHORT },
	{ "RA, hop limit 64", { LL }, { NODES }, 64, 16, { RA_HEAD },
	  TOY_DROP_ND_HOP_LIMIT },
	{ "RA, option of length 0", { LL }, { NODES }, 255, 24,
	  { RA_HEAD, 3, 0 }, TOY_DROP_ND_OPT_ZERO },
	/* 8.1 */
	{ "redirect", { LL }, { GLOBAL }, 255, 40, { REDIRECT(LL, GLOBAL) },
	  TOY_RX_OK },
	{ "redirect to the destination", { LL }, { GLOBAL }, 255, 48,
	  { REDIRECT(GLOBAL, GLOBAL), TLLA }, TOY_RX_OK },
	{ "redirect from afar", { GLOBAL }, { GLOBAL }, 255, 40,
	  { REDIRECT(LL, GLOBAL) }, TOY_DROP_ND_SOURCE },
	{ "redirect of a group", { LL }, { GLOBAL }, 255, 40,
	  { REDIRECT(LL, NODES) }, TOY_DROP_ND_TARGET },
	{ "redirect to afar", { LL }, { GLOBAL }, 255, 40,
	  { REDIRECT(0x20, 1, 0xd, 0xb8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
		     GLOBAL) }, TOY_DROP_ND_TARGET },
	{ "redirect, short", { LL }, { GLOBAL }, 255, 39,
	  { REDIRECT(LL, GLOBAL) }, TOY_DROP_ND_SHORT },
};

static void nd_dev(struct net_device *dev)
{
	memset(dev, 0, sizeof(*dev));
	dev->type = ARPHRD_ETHER;
	dev->addr_len = ETH_ALEN;
}

static void every_check(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct toy_nd_view v;
	struct shaped sh;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	nd_dev(dev);
	for (int i = 0; i < ARRAY_SIZE(nd_rows); i++) {
		const struct nd_row *r = &nd_rows[i];

		for (int s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, r->m, r->len);
			KUNIT_ASSERT_TRUE(test, pskb_may_pull(sh.skb, 8));
			KUNIT_EXPECT_EQ_MSG(test,
					    toy_nd_parse(sh.skb, dev,
							 (void *)r->saddr,
							 (void *)r->daddr,
							 r->hops, &v),
					    r->want, "%s, %s", r->what,
					    shape_names[s]);
			shape_done(test, &sh);
		}
	}
}

static void what_a_view_shows(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	static const u8 na[] = { NA_OF(0xa0, GLOBAL), TLLA };
	static const u8 ra[] = { 134, 0, 0, 0, 77, 0xc8, 0x07, 0x08,
				 0, 0, 0x75, 0x30, 0, 0, 3, 0xe8 };
	static const u8 mac[] = { 2, 0, 0, 0, 0, 9 };
	struct in6_addr ll = { { { LL } } }, to = { { { GLOBAL } } };
	struct toy_nd_view v;
	struct shaped sh;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	nd_dev(dev);
	sh = shape(test, SHAPE_LINEAR, na, sizeof(na));
	KUNIT_EXPECT_EQ(test, toy_nd_parse(sh.skb, dev, &ll, &to, 255, &v),
			TOY_RX_OK);
	KUNIT_EXPECT_TRUE(test, v.router && !v.solicited && v.override);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&v.target, &to));
	KUNIT_EXPECT_TRUE(test, v.has_lladdr && !memcmp(v.lladdr, mac, 6));
	shape_done(test, &sh);

	sh = shape(test, SHAPE_LINEAR, ra, sizeof(ra));
	KUNIT_EXPECT_EQ(test, toy_nd_parse(sh.skb, dev, &ll, &to, 255, &v),
			TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.hop_limit, 77);
	KUNIT_EXPECT_TRUE(test, v.managed && v.other);
	KUNIT_EXPECT_EQ(test, v.preference, 1);
	KUNIT_EXPECT_EQ(test, v.lifetime, 1800);
	KUNIT_EXPECT_EQ(test, v.reachable, 30000);
	KUNIT_EXPECT_EQ(test, v.retrans, 1000);
	shape_done(test, &sh);
}

static struct toy_nd_opt opt_of(const u8 *bytes)
{
	return (struct toy_nd_opt) {
		.type = bytes[0], .len = bytes[1] * 8, .data = bytes,
	};
}

static void prefixes(struct kunit *test)
{
	u8 b[40] = { 3, 4, 64, 0xc0, 0, 0, 0, 200, 0, 0, 0, 100, 0, 0, 0, 0,
		     GLOBAL };
	struct toy_nd_opt o = opt_of(b);
	struct toy_nd_prefix p;

	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, p.plen, 64);
	KUNIT_EXPECT_TRUE(test, p.onlink && p.autonomous);
	KUNIT_EXPECT_EQ(test, p.valid, 200);
	KUNIT_EXPECT_EQ(test, p.preferred, 100);
	KUNIT_EXPECT_EQ(test, p.prefix.s6_addr[15], 0);	/* masked */

	b[2] = 128;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, p.prefix.s6_addr[15], 2);
	b[2] = 129;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
	b[2] = 64;
	b[11] = 201;		/* preferred > valid */
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
	b[11] = 200;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_RX_OK);
	b[16] = 0xfe;
	b[17] = 0x80;		/* link-local */
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
	b[16] = 0xff;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
	b[16] = 0x20;
	o.len = 24;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
	o.len = 40;
	KUNIT_EXPECT_EQ(test, toy_nd_read_prefix(&o, &p), TOY_DROP_ND_PREFIX);
}

static void routes(struct kunit *test)
{
	u8 b[24] = { 24, 3, 48, 0x08, 0, 0, 1, 0, GLOBAL };
	struct toy_nd_opt o = opt_of(b);
	struct toy_nd_route r;

	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, r.preference, 1);
	KUNIT_EXPECT_EQ(test, r.lifetime, 256);
	KUNIT_EXPECT_EQ(test, r.prefix.s6_addr[15], 0);
	b[3] = 0x10;		/* reserved */
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_DROP_ND_ROUTE);
	b[3] = 0x18;
	o.len = 16;		/* enough for 64 bits */
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, r.preference, -1);
	b[2] = 65;
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_DROP_ND_ROUTE);
	o.len = 24;
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_RX_OK);
	b[2] = 129;
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_DROP_ND_ROUTE);
	b[2] = 0;		/* the default route */
	o.len = 8;
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, r.plen, 0);
	o.len = 32;
	KUNIT_EXPECT_EQ(test, toy_nd_read_route(&o, &r), TOY_DROP_ND_ROUTE);
}

static void mtu(struct kunit *test)
{
	u8 b[16] = { 5, 1, 0, 0, 0, 0, 5, 0 };
	struct toy_nd_opt o = opt_of(b);
	u32 mtu;

	KUNIT_EXPECT_EQ(test, toy_nd_read_mtu(&o, &mtu), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, mtu, 1280);
	b[7] = 0xff;
	b[6] = 4;
	KUNIT_EXPECT_EQ(test, toy_nd_read_mtu(&o, &mtu), TOY_DROP_ND_MTU);
	o.len = 16;
	KUNIT_EXPECT_EQ(test, toy_nd_read_mtu(&o, &mtu), TOY_DROP_ND_MTU);
}

static void dns_servers(struct kunit *test)
{
	u8 b[40] = { 25, 5, 0, 0, 0, 0, 2, 0, GLOBAL, LL };
	struct toy_nd_opt o = opt_of(b);
	struct in6_addr a;
	unsigned int n;
	u32 lifetime;

	KUNIT_EXPECT_EQ(test, toy_nd_read_rdnss(&o, &lifetime, &n), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, lifetime, 512);
	a = toy_nd_rdnss_addr(&o, 1);
	KUNIT_EXPECT_TRUE(test, !memcmp(&a, b + 24, 16));
	for (unsigned int len = 8; len <= 40; len += 8) {
		o.len = len;
		KUNIT_EXPECT_EQ(test, toy_nd_read_rdnss(&o, &lifetime, &n),
				len == 24 || len == 40 ? TOY_RX_OK :
				TOY_DROP_ND_DNS);
	}
}

static void search_lists(struct kunit *test)
{
	static const u8 good[32] = { 31, 4, 0, 0, 0, 0, 0, 9,
		3, 'l', 'a', 'n', 0, 1, 'a', 4, 'x', '-', '_', '9', 0 };
	static const u8 bad[][24] = {
		{ 31, 3, 0, 0, 0, 0, 0, 9, 0xc0, 0 },		/* compressed */
		{ 31, 3, 0, 0, 0, 0, 0, 9, 63, 'a' },		/* beyond */
		{ 31, 3, 0, 0, 0, 0, 0, 9, 3, 'a', '\n', 'b', 0 },
		{ 31, 3, 0, 0, 0, 0, 0, 9, 3, 'a', '.', 'b', 0 },
		{ 31, 3, 0, 0, 0, 0, 0, 9, 15, 'a', 'a', 'a', 'a', 'a', 'a',
		  'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a' },/* no end */
	};
	struct toy_nd_opt o = opt_of(good);
	char name[TOY_ND_NAME_MAX];
	unsigned int at = 0;
	u32 lifetime;

	KUNIT_EXPECT_EQ(test, toy_nd_read_dnssl(&o, &lifetime, &at, name),
			TOY_RX_OK);
	KUNIT_EXPECT_STREQ(test, name, "lan");
	KUNIT_EXPECT_EQ(test, lifetime, 9);
	KUNIT_EXPECT_EQ(test, toy_nd_read_dnssl(&o, &lifetime, &at, name),
			TOY_RX_OK);
	KUNIT_EXPECT_STREQ(test, name, "a.x-_9");
	KUNIT_EXPECT_EQ(test, toy_nd_read_dnssl(&o, &lifetime, &at, name),
			TOY_RX_OK);
	KUNIT_EXPECT_STREQ(test, name, "");	/* padding */

	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		o = opt_of(bad[i]);
		at = 0;
		KUNIT_EXPECT_EQ_MSG(test,
				    toy_nd_read_dnssl(&o, &lifetime, &at, name),
				    TOY_DROP_ND_DNS, "row %d", i);
	}
	o.len = 8;
	at = 0;
	KUNIT_EXPECT_EQ(test, toy_nd_read_dnssl(&o, &lifetime, &at, name),
			TOY_DROP_ND_DNS);
}

static void what_is_built_is_parsed(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	static const u8 types[] = { TOY_ND_RS, TOY_ND_NS, TOY_ND_NA,
				    TOY_ND_REDIRECT };
	struct in6_addr ll = { { { LL } } }, to = { { { GLOBAL } } };
	u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 9 };
	u8 nonce[TOY_ND_NONCE_LEN] = { 1, 2, 3, 4, 5, 6 };
	struct toy_icmp_view iv;
	struct toy_nd_view v;
	struct sk_buff *skb;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	nd_dev(dev);
	for (int i = 0; i < ARRAY_SIZE(types); i++) {
		struct toy_nd_build b = {
			.type = types[i], .target = ll, .dest = to,
			.lladdr = mac, .nonce = nonce,
		};

		skb = toy_nd_build(dev, &ll, &to, &b);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, toy_icmp6_parse(skb, &ll, &to, &iv),
				TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, toy_nd_parse(skb, dev, &ll, &to, 255, &v),
				TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, v.type, types[i]);
		KUNIT_EXPECT_TRUE(test, v.has_lladdr &&
				  !memcmp(v.lladdr, mac, ETH_ALEN));
		KUNIT_EXPECT_TRUE(test, v.has_nonce &&
				  !memcmp(v.nonce, nonce, sizeof(nonce)));
		kfree_skb(skb);
	}
}

/* RFC 4861 4.6.3: never above IPv6's minimum MTU. */
static void redirect_quotes_what_fits(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct in6_addr ll = { { { LL } } }, to = { { { GLOBAL } } };
	struct toy_nd_build b = { .type = TOY_ND_REDIRECT, .target = ll,
				  .dest = to };
	struct toy_nd_view v;
	struct sk_buff *skb, *quoted;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	nd_dev(dev);
	for (unsigned int n = 40; n < 1600; n += 39) {
		quoted = alloc_skb(n, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, quoted);
		skb_put_zero(quoted, n);
		b.quoted = quoted;
		skb = toy_nd_build(dev, &ll, &to, &b);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_LE(test, skb->len, 1240);
		KUNIT_EXPECT_EQ(test, toy_nd_parse(skb, dev, &ll, &to, 255, &v),
				TOY_RX_OK);
		kfree_skb(skb);
		kfree_skb(quoted);
	}
}

/* Noise of any length: no oops, no endless walk, nothing beyond the end. */
static void noise_harms_nothing(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct in6_addr ll = { { { LL } } }, to = { { { GLOBAL } } };
	char name[TOY_ND_NAME_MAX];
	struct toy_nd_prefix p;
	struct toy_nd_route r;
	struct rnd_state rnd;
	u8 m[MSG_MAX];
	u32 x;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	nd_dev(dev);
	prandom_seed_state(&rnd, 9);
	for (int i = 0; i < rounds(20000); i++) {
		unsigned int n = 8 + prandom_u32_state(&rnd) % 300, used = 0;
		struct toy_nd_opt o = {};
		struct toy_nd_view v;
		struct shaped sh;

		noise(&rnd, m, n);
		m[0] = 133 + i % 5;
		m[1] = 0;
		/* Mostly short options, so that walks get far. */
		for (unsigned int at = 17; i % 4 && at < n; at += 8)
			m[at] = 1 + m[at] % 4;
		sh = shape(test, i % SHAPE_WHOLE, m, n);
		KUNIT_ASSERT_TRUE(test, pskb_may_pull(sh.skb, 8));
		if (!toy_nd_parse(sh.skb, dev, &ll, &to, 255, &v)) {
			while (toy_nd_opt_next(&v, &o)) {
				unsigned int at = 0;

				used += o.len;
				toy_nd_read_prefix(&o, &p);
				toy_nd_read_route(&o, &r);
				toy_nd_read_mtu(&o, &x);
				do
					name[0] = 0;
				while (!toy_nd_read_dnssl(&o, &x, &at, name) &&
				       name[0]);
			}
			KUNIT_EXPECT_EQ(test, used, v.opts_len);
		}
		shape_done(test, &sh);
	}
}

static struct kunit_case nd_cases[] = {
	KUNIT_CASE(every_check),
	KUNIT_CASE(what_a_view_shows),
	KUNIT_CASE(prefixes),
	KUNIT_CASE(routes),
	KUNIT_CASE(mtu),
	KUNIT_CASE(dns_servers),
	KUNIT_CASE(search_lists),
	KUNIT_CASE(what_is_built_is_parsed),
	KUNIT_CASE(redirect_quotes_what_fits),
	KUNIT_CASE(noise_harms_nothing),
	{}
};

static struct kunit_suite nd_suite = {
	.name = "toy-skb-nd",
	.test_cases = nd_cases,
};

kunit_test_suite(nd_suite);
