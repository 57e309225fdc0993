// SPDX-License-Identifier: GPL-2.0-only
/* Cases for arp.c: RFC 826 field by field, link layers, every skb shape. */
#include "shapes_test.h"

#define PKT_MAX		128
#define ETHER_LEN	28

static struct net_device *fake_dev(struct kunit *test, u16 type, u8 addr_len)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev->type = type;
	dev->addr_len = addr_len;
	dev->hard_header_len = ETH_HLEN;
	return dev;
}

/* 192.0.2.1 at 02:00:00:00:00:01 asks for 192.0.2.2. */
static const u8 request[ETHER_LEN] = {
	0, 1, 8, 0, 6, 4, 0, 1,
	2, 0, 0, 0, 0, 1, 192, 0, 2, 1,
	0, 0, 0, 0, 0, 0, 192, 0, 2, 2
};

static void request_in_every_shape(struct kunit *test)
{
	struct net_device *dev = fake_dev(test, ARPHRD_ETHER, ETH_ALEN);
	struct toy_arp_view v;
	struct shaped sh;
	int s;

	for (s = 0; s < SHAPE_MAX; s++) {
		memset(&v, 0xff, sizeof(v));
		sh = shape(test, s, request, ETHER_LEN);
		KUNIT_EXPECT_EQ_MSG(test, toy_arp_parse(sh.skb, dev, &v),
				    TOY_RX_OK, "%s", shape_names[s]);
		KUNIT_EXPECT_EQ(test, v.op, ARPOP_REQUEST);
		KUNIT_EXPECT_TRUE(test, !memcmp(v.sha, request + 8, 6));
		KUNIT_EXPECT_EQ(test, ntohl(v.spa), 0xc0000201);
		KUNIT_EXPECT_EQ(test, ntohl(v.tpa), 0xc0000202);
		/* Nothing of the caller's stack stays in it. */
		KUNIT_EXPECT_TRUE(test, !memchr_inv(v.sha + 6, 0, MAX_ADDR_LEN - 6));
		KUNIT_EXPECT_TRUE(test, !memchr_inv(v.tha, 0, MAX_ADDR_LEN));
		KUNIT_EXPECT_EQ(test, skb_network_offset(sh.skb), 0);
		KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, request, ETHER_LEN));
		shape_done(test, &sh);
	}
}

static void each_bad_field_has_its_name(struct kunit *test)
{
	static const struct {
		u8 at, n, value[4];
		enum toy_drop want;
	} rows[] = {
		{ 0, 2, { 0, 6 }, TOY_RX_OK },		/* IEEE 802 */
		{ 0, 2, { 0, 7 }, TOY_DROP_ARP_HTYPE },
		{ 0, 2, { 0, 0 }, TOY_DROP_ARP_HTYPE },
		{ 0, 2, { 1, 1 }, TOY_DROP_ARP_HTYPE },
		{ 2, 2, { 8, 6 }, TOY_DROP_ARP_PTYPE },
		{ 2, 2, { 0x86, 0xdd }, TOY_DROP_ARP_PTYPE },
		{ 4, 1, { 5 }, TOY_DROP_ARP_ALEN },
		{ 4, 1, { 0 }, TOY_DROP_ARP_ALEN },
		{ 4, 1, { 255 }, TOY_DROP_ARP_ALEN },
		{ 5, 1, { 0 }, TOY_DROP_ARP_ALEN },
		{ 5, 1, { 16 }, TOY_DROP_ARP_ALEN },
		{ 6, 2, { 0, 0 }, TOY_DROP_ARP_OP },
		{ 6, 2, { 0, 2 }, TOY_RX_OK },
		{ 6, 2, { 0, 3 }, TOY_DROP_ARP_OP },	/* RARP */
		{ 6, 2, { 0, 8 }, TOY_DROP_ARP_OP },	/* InARP */
		{ 6, 2, { 1, 1 }, TOY_DROP_ARP_OP },
		{ 8, 1, { 1 }, TOY_DROP_ARP_HADDR },
		{ 8, 1, { 0xff }, TOY_DROP_ARP_HADDR },
		{ 14, 4, { 127, 0, 0, 1 }, TOY_DROP_ARP_SENDER },
		{ 14, 4, { 224, 0, 0, 1 }, TOY_DROP_ARP_SENDER },
		{ 14, 4, { 239, 255, 255, 255 }, TOY_DROP_ARP_SENDER },
		{ 14, 4, { 255, 255, 255, 255 }, TOY_DROP_ARP_SENDER },
		{ 14, 4, { 0, 0, 0, 0 }, TOY_RX_OK },	/* RFC 5227 probe */
		{ 24, 4, { 127, 1, 2, 3 }, TOY_DROP_ARP_TARGET },
		{ 24, 4, { 224, 0, 0, 251 }, TOY_DROP_ARP_TARGET },
		{ 24, 4, { 192, 0, 2, 1 }, TOY_RX_OK },	/* announcement */
		{ 18, 1, { 0xff }, TOY_RX_OK },		/* tha is not looked at */
	};
	struct net_device *dev = fake_dev(test, ARPHRD_ETHER, ETH_ALEN);
	struct toy_arp_view v;
	struct shaped sh;
	u8 p[PKT_MAX];
	int s;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(p, request, ETHER_LEN);
		memcpy(p + rows[i].at, rows[i].value, rows[i].n);
		for (s = 0; s < SHAPE_MAX; s++) {
			sh = shape(test, s, p, ETHER_LEN);
			KUNIT_EXPECT_EQ_MSG(test, toy_arp_parse(sh.skb, dev, &v),
					    rows[i].want, "row %d, %s", i,
					    shape_names[s]);
			shape_done(test, &sh);
		}
	}

	/* A reply from nowhere is no probe. */
	memcpy(p, request, ETHER_LEN);
	p[7] = ARPOP_REPLY;
	memset(p + 14, 0, 4);
	sh = shape(test, SHAPE_LINEAR, p, ETHER_LEN);
	KUNIT_EXPECT_EQ(test, toy_arp_parse(sh.skb, dev, &v),
			TOY_DROP_ARP_SENDER);
	shape_done(test, &sh);
}

static void cut_at_every_length(struct kunit *test)
{
	struct net_device *dev = fake_dev(test, ARPHRD_ETHER, ETH_ALEN);
	struct toy_arp_view v;
	struct shaped sh;
	int s;

	for (unsigned int n = 0; n < ETHER_LEN; n++) {
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, request, n);
			KUNIT_EXPECT_EQ(test, toy_arp_parse(sh.skb, dev, &v),
					TOY_DROP_ARP_SHORT);
			shape_done(test, &sh);
		}
	}
}

/* What is built is parsed again, whatever the link layer's addresses. */
static void build_for_every_link_layer(struct kunit *test)
{
	static const struct { u16 type; u8 addr_len; u16 htype; u8 len; } rows[] = {
		{ ARPHRD_ETHER, 6, 1, 28 },
		{ ARPHRD_FDDI, 6, 1, 28 },
		{ ARPHRD_IEEE802, 6, 6, 28 },
		{ ARPHRD_INFINIBAND, 20, 32, 56 },
		{ ARPHRD_AX25, 7, 3, 30 },
		{ ARPHRD_IEEE1394, 16, 24, 32 },
		{ ARPHRD_IPGRE, 4, 778, 24 },
		{ ARPHRD_NONE, 0, 0xfffe, 16 },
		{ ARPHRD_VOID, MAX_ADDR_LEN, 0xffff, 80 },
	};
	struct toy_arp_view in = {
		.op = ARPOP_REPLY,
		.spa = htonl(0xc0000201),
		.tpa = htonl(0xc0000202),
	}, out;

	memset(in.sha, 2, MAX_ADDR_LEN);
	memset(in.tha, 4, MAX_ADDR_LEN);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_device *dev = fake_dev(test, rows[i].type,
						  rows[i].addr_len);
		struct sk_buff *skb = toy_arp_build(dev, &in);

		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb->len, rows[i].len);
		KUNIT_EXPECT_EQ(test, skb->data[0] << 8 | skb->data[1],
				rows[i].htype);
		KUNIT_EXPECT_PTR_EQ(test, skb->dev, dev);
		KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_ARP);
		KUNIT_EXPECT_EQ(test, skb_network_offset(skb), 0);
		KUNIT_EXPECT_GE(test, skb_headroom(skb), LL_RESERVED_SPACE(dev));

		KUNIT_EXPECT_EQ(test, toy_arp_parse(skb, dev, &out), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, out.op, in.op);
		KUNIT_EXPECT_TRUE(test, out.spa == in.spa && out.tpa == in.tpa);
		KUNIT_EXPECT_TRUE(test, !memcmp(out.sha, in.sha, dev->addr_len));
		if (rows[i].type != ARPHRD_IEEE1394)
			KUNIT_EXPECT_TRUE(test, !memcmp(out.tha, in.tha,
							dev->addr_len));
		skb_trim(skb, skb->len - 1);
		KUNIT_EXPECT_EQ(test, toy_arp_parse(skb, dev, &out),
				TOY_DROP_ARP_SHORT);
		kfree_skb(skb);
	}
}

/* The bytes on the wire, all of them. */
static void request_on_the_wire(struct kunit *test)
{
	struct net_device *dev = fake_dev(test, ARPHRD_ETHER, ETH_ALEN);
	struct toy_arp_view v = {
		.op = ARPOP_REQUEST,
		.sha = { 2, 0, 0, 0, 0, 1 },
		.spa = htonl(0xc0000201),
		.tpa = htonl(0xc0000202),
	};
	struct sk_buff *skb = toy_arp_build(dev, &v);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, ETHER_LEN);
	KUNIT_EXPECT_TRUE(test, !memcmp(skb->data, request, ETHER_LEN));
	kfree_skb(skb);
}

static bool bad_host(const u8 *ip)
{
	return ip[0] == 127 || ip[0] >> 4 == 14;
}

static enum toy_drop ref_parse(const u8 *p, unsigned int n)
{
	static const u8 ones[4] = { 255, 255, 255, 255 };

	if (n < 8)
		return TOY_DROP_ARP_SHORT;
	if (p[0] || (p[1] != 1 && p[1] != 6))
		return TOY_DROP_ARP_HTYPE;
	if (p[2] != 8 || p[3])
		return TOY_DROP_ARP_PTYPE;
	if (p[4] != 6 || p[5] != 4)
		return TOY_DROP_ARP_ALEN;
	if (n < 28)
		return TOY_DROP_ARP_SHORT;
	if (p[6] || (p[7] != 1 && p[7] != 2))
		return TOY_DROP_ARP_OP;
	if (p[8] & 1)
		return TOY_DROP_ARP_HADDR;
	if (bad_host(p + 14) || !memcmp(p + 14, ones, 4) ||
	    (p[7] == 2 && !memchr_inv(p + 14, 0, 4)))
		return TOY_DROP_ARP_SENDER;
	if (bad_host(p + 24))
		return TOY_DROP_ARP_TARGET;
	return TOY_RX_OK;
}

static void noise_matches_the_reference(struct kunit *test)
{
	struct net_device *dev = fake_dev(test, ARPHRD_ETHER, ETH_ALEN);
	struct rnd_state rnd;
	u8 p[PKT_MAX];

	prandom_seed_state(&rnd, 8);
	for (int i = 0; i < rounds(30000); i++) {
		enum shape s = i % SHAPE_WHOLE;
		unsigned int n = ETHER_LEN, flips;
		struct toy_arp_view v;
		struct shaped sh;

		memcpy(p, request, ETHER_LEN);
		p[7] = 1 + i % 2;
		if (i % 5 == 0)
			noise(&rnd, p + 8, 20);
		for (flips = i % 4; flips; flips--)
			p[prandom_u32_state(&rnd) % 28] ^=
				1 << prandom_u32_state(&rnd) % 8;
		if (i % 16 == 0)
			n = prandom_u32_state(&rnd) % 29;
		sh = shape(test, s, p, n);
		KUNIT_EXPECT_EQ_MSG(test, toy_arp_parse(sh.skb, dev, &v),
				    ref_parse(p, n), "%*ph", n, p);
		shape_done(test, &sh);
	}
}

static struct kunit_case arp_cases[] = {
	KUNIT_CASE(request_in_every_shape),
	KUNIT_CASE(each_bad_field_has_its_name),
	KUNIT_CASE(cut_at_every_length),
	KUNIT_CASE(build_for_every_link_layer),
	KUNIT_CASE(request_on_the_wire),
	KUNIT_CASE(noise_matches_the_reference),
	{}
};

static struct kunit_suite arp_suite = {
	.name = "toy-skb-arp",
	.test_cases = arp_cases,
};

kunit_test_suite(arp_suite);
