// SPDX-License-Identifier: GPL-2.0-only
/* Cases for csum.c: known sums, each state of ip_summed, sending. */
#include "shapes_test.h"

#define UDP_CHECK	6		/* offset of the checksum */
#define MSG_MAX		200

/* 192.0.2.1 -> 198.51.100.2, and 2001:db8::1 -> 2001:db8::2 */
static struct in6_addr addr_of(int version, int host)
{
	struct in6_addr a = {};

	if (version == 4)
		return toy_v4(host == 1 ? htonl(0xc0000201) : htonl(0xc6336402));
	a.s6_addr32[0] = htonl(0x20010db8);
	a.s6_addr32[3] = htonl(host);
	return a;
}

static u32 ref_pseudo(int version, u32 len, u8 proto)
{
	struct in6_addr s = addr_of(version, 1), d = addr_of(version, 2);
	u8 tail[4] = { 0, proto, len >> 8, len };
	unsigned int from = version == 4 ? 12 : 0;
	u32 sum;

	sum = ref_sum(0, s.s6_addr + from, 16 - from);
	sum = ref_sum(sum, d.s6_addr + from, 16 - from);
	return ref_sum(sum, tail, sizeof(tail));
}

/* A UDP message with the right checksum. */
static void make_msg(u8 *msg, unsigned int len, int version, u32 seed)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, seed);
	noise(&rnd, msg, len);
	put_be16(msg + 4, len);
	put_be16(msg + UDP_CHECK, 0);
	put_be16(msg + UDP_CHECK,
		 ~ref_sum(ref_pseudo(version, len, IPPROTO_UDP), msg, len));
}

static bool verify(struct sk_buff *skb, int version, u32 len)
{
	struct in6_addr s = addr_of(version, 1), d = addr_of(version, 2);

	return toy_csum_verify(skb, &s, &d, len, IPPROTO_UDP);
}

/* What a reader relies on, also after the header has been pulled. */
static bool copies_need_none(struct sk_buff *skb)
{
	struct sk_buff *c = skb_clone(skb, GFP_KERNEL);
	bool ok;

	if (!c)
		return false;
	if (pskb_may_pull(c, 8))
		__skb_pull(c, 8);
	ok = skb_csum_unnecessary(c);
	kfree_skb(c);
	return ok;
}

/* RFC 1071 3: the bytes 00 01 f2 03 f4 f5 f6 f7 sum up to ddf2. */
static void example_of_rfc_1071(struct kunit *test)
{
	static const u8 ex[8] __aligned(4) = {
		0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7
	};

	KUNIT_EXPECT_EQ(test, ref_sum(0, ex, 8), 0xddf2);
	KUNIT_EXPECT_EQ(test, ntohs((__force __be16)csum_fold(csum_partial(ex, 8, 0))),
			0x220d);
}

/* 1000 -> 53, "toy", worked out by hand in both versions:
 *	IPv4	c000+0201+c633+6402 +0011+000b + 03e8+0035+000b+746f+7900
 *	IPv6	2001+0db8+1 + 2001+0db8+2 +0011+000b + the same
 */
static void known_vectors(struct kunit *test)
{
	static const u8 msg[12] __aligned(4) = {
		0x03, 0xe8, 0x00, 0x35, 0x00, 0x0b, 0x00, 0x00, 't', 'o', 'y'
	};
	__wsum sum = csum_partial(msg, 11, 0);
	struct in6_addr s = addr_of(4, 1), d = addr_of(4, 2);
	__sum16 c = toy_csum_pseudo(&s, &d, 11, IPPROTO_UDP, sum);

	KUNIT_EXPECT_EQ(test, ntohs((__force __be16)c), 0x2214);
	s = addr_of(6, 1);
	d = addr_of(6, 2);
	c = toy_csum_pseudo(&s, &d, 11, IPPROTO_UDP, sum);
	KUNIT_EXPECT_EQ(test, ntohs((__force __be16)c), 0xb2d6);
}

/* Nobody looked: even and odd lengths, in every shape, in both versions. */
static void none_is_summed(struct kunit *test)
{
	u8 msg[MSG_MAX];
	struct shaped sh;
	int s;

	for (int version = 4; version <= 6; version += 2) {
		for (unsigned int len = 8; len <= 80; len++) {
			make_msg(msg, len, version, len);
			for (s = 0; s < SHAPE_MAX; s++) {
				sh = shape(test, s, msg, len);
				KUNIT_EXPECT_TRUE_MSG(test,
						      verify(sh.skb, version, len),
						      "v%d %s len %u", version,
						      shape_names[s], len);
				expect_summed(sh.skb, CHECKSUM_UNNECESSARY);
				KUNIT_EXPECT_TRUE(test, copies_need_none(sh.skb));
				shape_done(test, &sh);
			}
		}
	}
}

/* Every single bit counts, and the lengths and addresses too. */
static void any_flipped_bit_is_found(struct kunit *test)
{
	const unsigned int len = 37;
	u8 msg[MSG_MAX];
	struct shaped sh;

	for (int version = 4; version <= 6; version += 2) {
		make_msg(msg, len, version, 1);
		for (int bit = 0; bit < len * 8; bit++) {
			msg[bit / 8] ^= 1 << bit % 8;
			sh = shape(test, bit % SHAPE_MAX, msg, len);
			KUNIT_EXPECT_FALSE(test, verify(sh.skb, version, len));
			expect_summed(sh.skb, CHECKSUM_NONE);
			shape_done(test, &sh);
			msg[bit / 8] ^= 1 << bit % 8;
		}
		sh = shape(test, SHAPE_LINEAR, msg, len);
		KUNIT_EXPECT_FALSE(test, verify(sh.skb, 10 - version, len));
		KUNIT_EXPECT_FALSE(test, verify(sh.skb, version, len - 1));
		KUNIT_EXPECT_FALSE(test, verify(sh.skb, version, len + 1));
		KUNIT_EXPECT_FALSE(test, verify(sh.skb, version, U32_MAX));
		shape_done(test, &sh);
	}
}

/* The device's sum is used, through pulls; a wrong one is not trusted. */
static void complete_is_used_or_redone(struct kunit *test)
{
	const unsigned int len = 61, outer = 20;
	u8 frame[MSG_MAX], *msg = frame + outer;
	struct shaped sh;
	int s;

	memset(frame, 0x3c, outer);
	make_msg(msg, len, 4, 2);
	for (s = 0; s < SHAPE_WHOLE; s++) {
		/* Right, and summed from the network header on. */
		sh = shape(test, s, frame, outer + len);
		sh.skb->ip_summed = CHECKSUM_COMPLETE;
		sh.skb->csum = skb_checksum(sh.skb, 0, outer + len, 0);
		KUNIT_ASSERT_TRUE(test, pskb_may_pull(sh.skb, outer));
		skb_pull_rcsum(sh.skb, outer);
		KUNIT_EXPECT_TRUE(test, verify(sh.skb, 4, len));
		KUNIT_EXPECT_TRUE(test, copies_need_none(sh.skb));
		shape_done(test, &sh);

		/* The device is wrong, the bytes are right. */
		sh = shape(test, s, msg, len);
		sh.skb->ip_summed = CHECKSUM_COMPLETE;
		sh.skb->csum = (__force __wsum)0x1234;
		KUNIT_EXPECT_TRUE(test, verify(sh.skb, 4, len));
		shape_done(test, &sh);

		/* The bytes are wrong. */
		frame[outer + 20] ^= 4;
		sh = shape(test, s, msg, len);
		sh.skb->ip_summed = CHECKSUM_COMPLETE;
		sh.skb->csum = skb_checksum(sh.skb, 0, len, 0);
		KUNIT_EXPECT_FALSE(test, verify(sh.skb, 4, len));
		shape_done(test, &sh);
		frame[outer + 20] ^= 4;
	}

	/* Padding, not yet trimmed, is in the device's sum but not in ours. */
	sh = shape(test, SHAPE_PADDED, msg, len);
	sh.skb->ip_summed = CHECKSUM_COMPLETE;
	sh.skb->csum = skb_checksum(sh.skb, 0, sh.skb->len, 0);
	KUNIT_EXPECT_TRUE(test, verify(sh.skb, 4, len));
	shape_done(test, &sh);

	/* Even if the padding makes up for what is wrong before it. */
	memset(msg + len, 0, 5);
	msg[20] ^= 4;
	put_be16(msg + len + 1, ~ref_sum(ref_pseudo(4, len, IPPROTO_UDP), msg,
					 len));
	sh = shape(test, SHAPE_LINEAR, msg, len + 5);
	sh.skb->ip_summed = CHECKSUM_COMPLETE;
	sh.skb->csum = skb_checksum(sh.skb, 0, len + 5, 0);
	KUNIT_EXPECT_FALSE(test, verify(sh.skb, 4, len));
	shape_done(test, &sh);
}

/* UNNECESSARY and PARTIAL are somebody's word: the bytes are not read. */
static void word_is_taken(struct kunit *test)
{
	u8 msg[MSG_MAX];
	struct shaped sh;

	make_msg(msg, 50, 4, 3);
	msg[UDP_CHECK] ^= 0x55;

	sh = shape(test, SHAPE_LINEAR, msg, 50);
	sh.skb->ip_summed = CHECKSUM_UNNECESSARY;
	sh.skb->csum_level = 1;
	KUNIT_EXPECT_TRUE(test, verify(sh.skb, 4, 50));
	KUNIT_EXPECT_TRUE(test, copies_need_none(sh.skb));
	shape_done(test, &sh);

	sh = shape(test, SHAPE_LINEAR, msg, 50);
	sh.skb->ip_summed = CHECKSUM_PARTIAL;
	sh.skb->csum_start = skb_headroom(sh.skb);
	sh.skb->csum_offset = UDP_CHECK;
	KUNIT_EXPECT_TRUE(test, verify(sh.skb, 4, 50));
	expect_summed(sh.skb, CHECKSUM_PARTIAL);
	KUNIT_EXPECT_TRUE(test, copies_need_none(sh.skb));
	shape_done(test, &sh);

	/* PARTIAL of a header further out says nothing about this one. */
	sh = shape(test, SHAPE_LINEAR, msg, 50);
	sh.skb->ip_summed = CHECKSUM_PARTIAL;
	sh.skb->csum_start = skb_headroom(sh.skb) - 8;
	sh.skb->csum_offset = UDP_CHECK;
	KUNIT_EXPECT_FALSE(test, verify(sh.skb, 4, 50));
	shape_done(test, &sh);

	/* What a tunnel found out about its own header is not ours. */
	sh = shape(test, SHAPE_LINEAR, msg, 50);
	sh.skb->csum_valid = 1;
	KUNIT_EXPECT_FALSE(test, verify(sh.skb, 4, 50));
	shape_done(test, &sh);
}

/* ICMPv4: no pseudo-header. */
static void plain_sums(struct kunit *test)
{
	u8 msg[MSG_MAX];
	struct rnd_state rnd;
	struct shaped sh;
	int s;

	prandom_seed_state(&rnd, 4);
	for (unsigned int len = 4; len < 70; len++) {
		noise(&rnd, msg, len);
		put_be16(msg + 2, 0);
		put_be16(msg + 2, ~ref_sum(0, msg, len));
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, msg, len);
			KUNIT_EXPECT_TRUE(test, toy_csum_verify_plain(sh.skb));
			shape_done(test, &sh);

			sh = shape(test, s, msg, len);
			sh.skb->ip_summed = CHECKSUM_COMPLETE;
			sh.skb->csum = skb_checksum(sh.skb, 0, len, 0);
			KUNIT_EXPECT_TRUE(test, toy_csum_verify_plain(sh.skb));
			shape_done(test, &sh);

			msg[len - 1] ^= 1;
			sh = shape(test, s, msg, len);
			KUNIT_EXPECT_FALSE(test, toy_csum_verify_plain(sh.skb));
			shape_done(test, &sh);
			msg[len - 1] ^= 1;
		}
	}
}

static u16 finish(struct sk_buff *skb, int version, unsigned int len,
		  bool mangle)
{
	struct in6_addr s = addr_of(version, 1), d = addr_of(version, 2);
	u8 *c = skb->data + UDP_CHECK;

	skb->csum = skb_checksum(skb, 8, len - 8, 0);
	toy_csum_finish(skb, &s, &d, len, IPPROTO_UDP, UDP_CHECK, 8, mangle);
	return c[0] << 8 | c[1];
}

/* Sending: summed while copied, or left to the device (here: to the core). */
static void both_ways_of_sending_agree(struct kunit *test)
{
	struct in6_addr s, d;
	u8 msg[MSG_MAX];
	struct shaped a, b;
	u16 want;

	for (int version = 4; version <= 6; version += 2) {
		s = addr_of(version, 1);
		d = addr_of(version, 2);
		for (unsigned int len = 8; len < 120; len++) {
			make_msg(msg, len, version, len);
			want = msg[UDP_CHECK] << 8 | msg[UDP_CHECK + 1];
			put_be16(msg + UDP_CHECK, 0xdead);

			a = shape(test, SHAPE_LINEAR, msg, len);
			KUNIT_EXPECT_EQ(test, finish(a.skb, version, len,
						     len % 3), want);
			expect_summed(a.skb, CHECKSUM_NONE);

			b = shape(test, SHAPE_LINEAR, msg, len);
			toy_csum_partial(b.skb, &s, &d, len, IPPROTO_UDP,
					 UDP_CHECK);
			expect_summed(b.skb, CHECKSUM_PARTIAL);
			KUNIT_ASSERT_EQ(test, skb_checksum_help(b.skb), 0);
			KUNIT_EXPECT_TRUE(test, verify(b.skb, version, len));
			KUNIT_EXPECT_TRUE(test, !memcmp(a.skb->data, b.skb->data,
							len));
			shape_done(test, &a);
			shape_done(test, &b);
		}
	}
}

/* RFC 768: a sum of 0 is sent as all ones, where 0 means "none". */
static void zero_is_sent_as_ones(struct kunit *test)
{
	u8 msg[16] = { 0x10, 0x00, 0x20, 0x00, 0x00, 0x10 };
	struct shaped sh;

	for (int version = 4; version <= 6; version += 2) {
		put_be16(msg + 8, 0);
		put_be16(msg + 8, ~ref_sum(ref_pseudo(version, 16, IPPROTO_UDP),
					   msg, 16));
		sh = shape(test, SHAPE_LINEAR, msg, 16);
		KUNIT_EXPECT_EQ(test, finish(sh.skb, version, 16, false), 0);
		KUNIT_EXPECT_TRUE(test, verify(sh.skb, version, 16));
		KUNIT_EXPECT_EQ(test, finish(sh.skb, version, 16, true), 0xffff);
		sh.skb->csum_valid = 0;
		KUNIT_EXPECT_TRUE(test, verify(sh.skb, version, 16));
		shape_done(test, &sh);
	}
}

static void offload_by_feature_and_version(struct kunit *test)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct in6_addr v4 = addr_of(4, 2), v6 = addr_of(6, 2);
	static const struct { netdev_features_t f; bool v4, v6; } rows[] = {
		{ 0,						false, false },
		{ NETIF_F_SG,					false, false },
		{ NETIF_F_IP_CSUM,				true, false },
		{ NETIF_F_IPV6_CSUM,				false, true },
		{ NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM,		true, true },
		{ NETIF_F_HW_CSUM,				true, true },
	};

	KUNIT_ASSERT_NOT_NULL(test, dev);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		dev->features = rows[i].f;
		KUNIT_EXPECT_EQ(test, toy_csum_offload(dev, &v4), rows[i].v4);
		KUNIT_EXPECT_EQ(test, toy_csum_offload(dev, &v6), rows[i].v6);
	}
}

static struct kunit_case csum_cases[] = {
	KUNIT_CASE(example_of_rfc_1071),
	KUNIT_CASE(known_vectors),
	KUNIT_CASE(none_is_summed),
	KUNIT_CASE(any_flipped_bit_is_found),
	KUNIT_CASE(complete_is_used_or_redone),
	KUNIT_CASE(word_is_taken),
	KUNIT_CASE(plain_sums),
	KUNIT_CASE(both_ways_of_sending_agree),
	KUNIT_CASE(zero_is_sent_as_ones),
	KUNIT_CASE(offload_by_feature_and_version),
	{}
};

static struct kunit_suite csum_suite = {
	.name = "toy-skb-csum",
	.test_cases = csum_cases,
};

kunit_test_suite(csum_suite);
