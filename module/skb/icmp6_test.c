// SPDX-License-Identifier: GPL-2.0-only
/* Cases for icmp6.c: RFC 4443 messages in every shape, right and wrong. */
#include "shapes_test.h"

#define MSG_MAX		200

static const struct in6_addr from = { { {
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } };
static const struct in6_addr to = { { {
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } } };

/* RFC 8200 8.1, byte by byte: what a right message with its pseudo-header
 * sums up to is 0xffff.
 */
static u32 pseudo_sum(const u8 *m, unsigned int len)
{
	const u8 tail[8] = { 0, 0, len >> 8, len, 0, 0, 0, IPPROTO_ICMPV6 };
	u32 sum;

	sum = ref_sum(0, from.s6_addr, 16);
	sum = ref_sum(sum, to.s6_addr, 16);
	sum = ref_sum(sum, tail, 8);
	return ref_sum(sum, m, len);
}

static void seal(u8 *m, unsigned int len)
{
	put_be16(m + 2, 0);
	put_be16(m + 2, ~pseudo_sum(m, len));
}

static unsigned int make(u8 *m, unsigned int data)
{
	static const u8 head[8] = { 128, 0, 0, 0, 0x12, 0x34, 0, 7 };

	memcpy(m, head, 8);
	for (int i = 0; i < data; i++)
		m[8 + i] = i * 5 + 3;
	seal(m, 8 + data);
	return 8 + data;
}

static void echo_in_every_shape(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];

	for (unsigned int data = 0; data < 70; data++) {
		unsigned int n = make(m, data);

		for (int s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ_MSG(test,
					    toy_icmp6_parse(sh.skb, &from, &to, &v),
					    TOY_RX_OK, "%s, %u bytes",
					    shape_names[s], data);
			KUNIT_EXPECT_EQ(test, v.type, 128);
			KUNIT_EXPECT_EQ(test, v.id, 0x1234);
			KUNIT_EXPECT_EQ(test, v.seq, 7);
			KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
			KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, m, n));
			shape_done(test, &sh);
		}
	}
}

static void short_messages(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];

	make(m, 0);
	for (unsigned int n = 0; n < 8; n++) {
		for (int s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ(test,
					toy_icmp6_parse(sh.skb, &from, &to, &v),
					TOY_DROP_ICMP6_SHORT);
			shape_done(test, &sh);
		}
	}
}

/* Any bit of the message, and of the addresses. */
static void wrong_checksums(struct kunit *test)
{
	struct in6_addr other = from;
	struct toy_icmp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 33);

	for (int bit = 0; bit < n * 8; bit++) {
		m[bit / 8] ^= 1 << bit % 8;
		sh = shape(test, bit % SHAPE_WHOLE, m, n);
		KUNIT_EXPECT_EQ(test, toy_icmp6_parse(sh.skb, &from, &to, &v),
				TOY_DROP_ICMP6_CSUM);
		shape_done(test, &sh);
		m[bit / 8] ^= 1 << bit % 8;
	}
	for (int bit = 0; bit < 128; bit++) {
		other.s6_addr[bit / 8] ^= 1 << bit % 8;
		sh = shape(test, SHAPE_LINEAR, m, n);
		KUNIT_EXPECT_EQ(test, toy_icmp6_parse(sh.skb, &other, &to, &v),
				TOY_DROP_ICMP6_CSUM);
		shape_done(test, &sh);
		other.s6_addr[bit / 8] ^= 1 << bit % 8;
	}
}

static void what_is_pushed_is_parsed(struct kunit *test)
{
	struct toy_icmp_view v;
	struct rnd_state rnd;
	struct shaped sh;
	u8 data[MSG_MAX];

	prandom_seed_state(&rnd, 5);
	noise(&rnd, data, sizeof(data));
	for (unsigned int n = 0; n < 150; n++) {
		sh = shape(test, n % 3 ? SHAPE_LINEAR : SHAPE_SPLIT, data, n);
		sh.skb->ip_summed = CHECKSUM_UNNECESSARY;
		toy_icmp6_push(sh.skb, &from, &to, 2, n, htonl(1280 + n));
		expect_summed(sh.skb, CHECKSUM_NONE);
		KUNIT_EXPECT_EQ(test, toy_icmp6_parse(sh.skb, &from, &to, &v),
				TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, v.type, 2);
		KUNIT_EXPECT_EQ(test, v.code, n);
		KUNIT_EXPECT_EQ(test, ntohl(v.info), 1280 + n);
		__skb_pull(sh.skb, 8);
		KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, data, n));
		shape_done(test, &sh);
	}
}

static void noise_matches_the_reference(struct kunit *test)
{
	struct rnd_state rnd;
	u8 m[MSG_MAX];

	prandom_seed_state(&rnd, 6);
	for (int i = 0; i < rounds(20000); i++) {
		unsigned int n = prandom_u32_state(&rnd) % 100;
		struct toy_icmp_view v;
		enum toy_drop want;
		struct shaped sh;

		noise(&rnd, m, n);
		if (n >= 8 && i % 2)
			seal(m, n);
		want = n < 8 ? TOY_DROP_ICMP6_SHORT :
		       pseudo_sum(m, n) != 0xffff ? TOY_DROP_ICMP6_CSUM :
		       TOY_RX_OK;
		sh = shape(test, i % SHAPE_WHOLE, m, n);
		KUNIT_EXPECT_EQ(test, toy_icmp6_parse(sh.skb, &from, &to, &v),
				want);
		shape_done(test, &sh);
	}
}

static struct kunit_case icmp6_cases[] = {
	KUNIT_CASE(echo_in_every_shape),
	KUNIT_CASE(short_messages),
	KUNIT_CASE(wrong_checksums),
	KUNIT_CASE(what_is_pushed_is_parsed),
	KUNIT_CASE(noise_matches_the_reference),
	{}
};

static struct kunit_suite icmp6_suite = {
	.name = "toy-skb-icmp6",
	.test_cases = icmp6_cases,
};

kunit_test_suite(icmp6_suite);
