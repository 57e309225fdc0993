// SPDX-License-Identifier: GPL-2.0-only
/* Cases for udp.c: RFC 768 headers and checksums in every skb shape. */
#include "shapes_test.h"

#define MSG_MAX		200

static struct toy_pkt pkt_of(int version)
{
	struct toy_pkt pkt = { .proto = IPPROTO_UDP };

	if (version == 4) {
		pkt.saddr = toy_v4(htonl(0xc0000201));
		pkt.daddr = toy_v4(htonl(0xc6336402));
	} else {
		pkt.saddr.s6_addr[0] = 0x20;
		pkt.saddr.s6_addr[15] = 1;
		pkt.daddr.s6_addr[0] = 0x20;
		pkt.daddr.s6_addr[15] = 2;
	}
	return pkt;
}

/* Header, data and the pseudo-header's sum: 0xffff when all is right. */
static u32 ref_all(int version, const u8 *m, unsigned int len)
{
	struct toy_pkt pkt = pkt_of(version);
	unsigned int from = version == 4 ? 12 : 0;
	u32 sum = IPPROTO_UDP + len;

	sum = ref_sum(sum, pkt.saddr.s6_addr + from, 16 - from);
	sum = ref_sum(sum, pkt.daddr.s6_addr + from, 16 - from);
	return ref_sum(sum, m, len);
}

static void seal(u8 *m, int version, unsigned int len)
{
	put_be16(m + 6, 0);
	put_be16(m + 6, ~ref_all(version, m, len));
	if (!m[6] && !m[7])
		put_be16(m + 6, 0xffff);
}

/* 4660 -> 53 */
static unsigned int make(u8 *m, int version, unsigned int data)
{
	static const u8 head[8] = { 0x12, 0x34, 0, 53 };

	memcpy(m, head, 8);
	put_be16(m + 4, 8 + data);
	for (int i = 0; i < data; i++)
		m[8 + i] = i * 3 + 1;
	seal(m, version, 8 + data);
	return 8 + data;
}

static void datagrams_in_every_shape(struct kunit *test)
{
	struct toy_udp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	for (int version = 4; version <= 6; version += 2) {
		struct toy_pkt pkt = pkt_of(version);

		for (unsigned int data = 0; data < 70; data++) {
			unsigned int n = make(m, version, data);

			for (s = 0; s < SHAPE_MAX; s++) {
				sh = shape(test, s, m, n);
				KUNIT_EXPECT_EQ_MSG(test, TOY_RX_OK,
						    toy_udp_parse(&pkt, sh.skb, &v),
						    "%s", shape_names[s]);
				KUNIT_EXPECT_EQ(test, v.sport, 4660);
				KUNIT_EXPECT_EQ(test, v.dport, 53);
				KUNIT_EXPECT_EQ(test, v.len, n);
				KUNIT_EXPECT_TRUE(test, v.csum);
				KUNIT_EXPECT_EQ(test, sh.skb->len, n);
				KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
				KUNIT_EXPECT_TRUE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
				__skb_pull(sh.skb, 8);
				KUNIT_EXPECT_TRUE(test, skb_csum_unnecessary(sh.skb));
				KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, m + 8, data));
				shape_done(test, &sh);
			}
		}
	}
}

static void lengths(struct kunit *test)
{
	static const struct { u16 field; u8 have; enum toy_drop want; } rows[] = {
		{ 8, 0, TOY_DROP_UDP_SHORT },
		{ 8, 7, TOY_DROP_UDP_SHORT },
		{ 8, 8, TOY_RX_OK },
		{ 7, 8, TOY_DROP_UDP_LEN },
		{ 0, 8, TOY_DROP_UDP_LEN },
		{ 0, 60, TOY_DROP_UDP_LEN },	/* an IPv6 jumbogram's */
		{ 9, 8, TOY_DROP_UDP_LEN },
		{ 0xffff, 60, TOY_DROP_UDP_LEN },
		{ 61, 60, TOY_DROP_UDP_LEN },
		{ 60, 60, TOY_RX_OK },
		{ 59, 60, TOY_RX_OK },
		{ 8, 60, TOY_RX_OK },
	};
	struct toy_udp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	for (int version = 4; version <= 6; version += 2) {
		struct toy_pkt pkt = pkt_of(version);

		for (int i = 0; i < ARRAY_SIZE(rows); i++) {
			make(m, version, 92);
			put_be16(m + 4, rows[i].field);
			for (s = 0; s < SHAPE_WHOLE; s++) {
				sh = shape(test, s, m, rows[i].have);
				KUNIT_EXPECT_EQ_MSG(test,
						    toy_udp_parse(&pkt, sh.skb, &v),
						    rows[i].want, "row %d %s", i,
						    shape_names[s]);
				if (!rows[i].want)
					KUNIT_EXPECT_EQ(test, sh.skb->len,
							rows[i].field);
				shape_done(test, &sh);
			}
		}
	}
}

/* What follows the datagram goes, and out of the device's sum too. */
static void device_sum_survives_the_cut(struct kunit *test)
{
	struct toy_pkt pkt = pkt_of(4);
	struct toy_udp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];

	for (unsigned int data = 0; data < 40; data++) {
		unsigned int n = make(m, 4, data);

		sh = shape(test, SHAPE_PADDED, m, n);
		sh.skb->ip_summed = CHECKSUM_COMPLETE;
		sh.skb->csum = skb_checksum(sh.skb, 0, sh.skb->len, 0);
		KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_TRUE(test, csum_fold(sh.skb->csum) ==
				  csum_fold(skb_checksum(sh.skb, 0, n, 0)));
		KUNIT_EXPECT_TRUE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
		shape_done(test, &sh);
	}
}

/* RFC 1122 4.1.3.4 and RFC 8200 8.1. */
/* Good in itself, and missing with IPv6: who reads it must want it. */
static void no_checksum_is_for_ipv4(struct kunit *test)
{
	struct toy_udp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	for (int version = 4; version <= 6; version += 2) {
		struct toy_pkt pkt = pkt_of(version);
		unsigned int n = make(m, version, 30);

		put_be16(m + 6, 0);
		for (s = 0; s < SHAPE_MAX; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v),
					TOY_RX_OK);
			KUNIT_EXPECT_FALSE(test, v.csum);
			KUNIT_EXPECT_EQ(test, toy_udp_csum_missing(&pkt, &v),
					version == 6);
			KUNIT_EXPECT_TRUE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
			__skb_pull(sh.skb, 8);
			KUNIT_EXPECT_TRUE(test, skb_csum_unnecessary(sh.skb));
			shape_done(test, &sh);
		}
	}
}

static void any_flipped_bit_is_found(struct kunit *test)
{
	struct toy_pkt pkt = pkt_of(4);
	struct toy_udp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 4, 21);
	int s;

	for (int bit = 0; bit < n * 8; bit++) {
		m[bit / 8] ^= 1 << bit % 8;
		for (s = 0; s < SHAPE_WHOLE; s++) {
			bool good = false;

			if (s == SHAPE_GSO)	/* vouched for */
				continue;
			sh = shape(test, s, m, n);
			if (!toy_udp_parse(&pkt, sh.skb, &v))
				good = toy_udp_csum_ok(&pkt, sh.skb, &v);
			KUNIT_EXPECT_FALSE(test, good);
			shape_done(test, &sh);
		}
		m[bit / 8] ^= 1 << bit % 8;
	}
}

/* Super-packets have the length of the whole, and no sum of the whole. */
static void super_packets_are_vouched_for(struct kunit *test)
{
	static const int types[] = {
		SKB_GSO_UDP_L4, SKB_GSO_UDP_L4 | SKB_GSO_DODGY,
		SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST
	};
	struct toy_pkt pkt = pkt_of(4);
	const unsigned int len = 60008;
	u8 *m = kunit_kzalloc(test, len, GFP_KERNEL);
	struct toy_udp_view v;
	struct shaped sh;

	KUNIT_ASSERT_NOT_NULL(test, m);
	make(m, 4, 100);
	put_be16(m + 4, len);
	for (int i = 0; i < ARRAY_SIZE(types); i++) {
		sh = shape(test, SHAPE_PAGED, m, len);
		skb_shinfo(sh.skb)->gso_type = types[i];
		skb_shinfo(sh.skb)->gso_size = 1000;
		KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, v.len, len);
		KUNIT_EXPECT_TRUE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
		shape_done(test, &sh);
	}

	/* Fragmentation offload is one datagram, with a sum. */
	sh = shape(test, SHAPE_PAGED, m, len);
	skb_shinfo(sh.skb)->gso_type = SKB_GSO_UDP;
	skb_shinfo(sh.skb)->gso_size = 1000;
	KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_FALSE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
	shape_done(test, &sh);
}

static void push_and_ports(struct kunit *test)
{
	static const u8 data[50] = { 1, 2, 3 };
	struct toy_pkt pkt = pkt_of(6);
	struct toy_udp_view v;
	struct shaped sh;
	u16 sport, dport;

	for (unsigned int n = 0; n <= sizeof(data); n++) {
		sh = shape(test, n % 2 ? SHAPE_ODD : SHAPE_PAGED, data, n);
		toy_udp_push(sh.skb, 1, 65535);
		KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
		toy_udp_ports(sh.skb, &sport, &dport);
		KUNIT_EXPECT_EQ(test, sport, 1);
		KUNIT_EXPECT_EQ(test, dport, 65535);
		KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, v.len, 8 + n);
		KUNIT_EXPECT_FALSE(test, v.csum);

		toy_csum_partial(sh.skb, &pkt.saddr, &pkt.daddr, 8 + n,
				 IPPROTO_UDP, 6);
		KUNIT_ASSERT_EQ(test, skb_checksum_help(sh.skb), 0);
		KUNIT_EXPECT_EQ(test, toy_udp_parse(&pkt, sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_TRUE(test, toy_udp_csum_ok(&pkt, sh.skb, &v));
		shape_done(test, &sh);
	}
}

static void noise_matches_the_reference(struct kunit *test)
{
	struct rnd_state rnd;
	u8 m[MSG_MAX];

	prandom_seed_state(&rnd, 9);
	for (int i = 0; i < rounds(40000); i++) {
		int version = i % 2 ? 4 : 6;
		struct toy_pkt pkt = pkt_of(version);
		unsigned int n = prandom_u32_state(&rnd) % 90, field;
		enum shape s = i % SHAPE_WHOLE;
		enum toy_drop want, got;
		struct toy_udp_view v;
		struct shaped sh;
		bool good;

		noise(&rnd, m, n);
		if (n >= 8 && i % 8) {
			put_be16(m + 4, n - (i % 3 ? 0 :
				 prandom_u32_state(&rnd) % (n + 2)));
			field = m[4] << 8 | m[5];
			if (field >= 8 && field <= n && i % 5)
				seal(m, version, field);
		}
		field = n >= 8 ? m[4] << 8 | m[5] : 0;
		want = n < 8 ? TOY_DROP_UDP_SHORT :
		       field < 8 || field > n ? TOY_DROP_UDP_LEN : TOY_RX_OK;

		sh = shape(test, s, m, n);
		got = toy_udp_parse(&pkt, sh.skb, &v);
		KUNIT_EXPECT_EQ(test, got, want);
		if (!got) {
			good = ref_all(version, m, field) == 0xffff ||
			       s == SHAPE_GSO;
			if (!m[6] && !m[7])
				good = true;
			KUNIT_EXPECT_EQ(test, toy_udp_csum_ok(&pkt, sh.skb, &v),
					good);
		}
		shape_done(test, &sh);
	}
}

static struct kunit_case udp_cases[] = {
	KUNIT_CASE(datagrams_in_every_shape),
	KUNIT_CASE(lengths),
	KUNIT_CASE(device_sum_survives_the_cut),
	KUNIT_CASE(no_checksum_is_for_ipv4),
	KUNIT_CASE(any_flipped_bit_is_found),
	KUNIT_CASE(super_packets_are_vouched_for),
	KUNIT_CASE(push_and_ports),
	KUNIT_CASE(noise_matches_the_reference),
	{}
};

static struct kunit_suite udp_suite = {
	.name = "toy-skb-udp",
	.test_cases = udp_cases,
};

kunit_test_suite(udp_suite);
