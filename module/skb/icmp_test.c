// SPDX-License-Identifier: GPL-2.0-only
/* Cases for icmp.c: RFC 792 messages in every shape, right and wrong. */
#include "shapes_test.h"

#define MSG_MAX		200

/* Echo request, identifier 0x1234, sequence number 7. */
static unsigned int make(u8 *m, unsigned int data)
{
	static const u8 head[8] = { 8, 0, 0, 0, 0x12, 0x34, 0, 7 };

	memcpy(m, head, 8);
	for (int i = 0; i < data; i++)
		m[8 + i] = i * 5 + 3;
	put_be16(m + 2, ~ref_sum(0, m, 8 + data));
	return 8 + data;
}

static void echo_in_every_shape(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	for (unsigned int data = 0; data < 70; data++) {
		unsigned int n = make(m, data);

		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ_MSG(test, toy_icmp_parse(sh.skb, &v),
					    TOY_RX_OK, "%s, %u bytes",
					    shape_names[s], data);
			KUNIT_EXPECT_EQ(test, v.type, 8);
			KUNIT_EXPECT_EQ(test, v.code, 0);
			KUNIT_EXPECT_EQ(test, v.id, 0x1234);
			KUNIT_EXPECT_EQ(test, v.seq, 7);
			KUNIT_EXPECT_EQ(test, ntohl(v.info), 0x12340007);
			KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
			KUNIT_EXPECT_GE(test, skb_headlen(sh.skb), 8);
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
	int s;

	make(m, 0);
	for (unsigned int n = 0; n < 8; n++) {
		put_be16(m + 2, 0);
		put_be16(m + 2, ~ref_sum(0, m, n));
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v),
					TOY_DROP_ICMP_SHORT);
			shape_done(test, &sh);
		}
	}
}

/* Any bit; and a message that was cut, or that has something behind it. */
static void wrong_checksums(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 33);
	int s;

	for (int bit = 0; bit < n * 8; bit++) {
		m[bit / 8] ^= 1 << bit % 8;
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, m, n);
			KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v),
					TOY_DROP_ICMP_CSUM);
			shape_done(test, &sh);
		}
		m[bit / 8] ^= 1 << bit % 8;
	}
	sh = shape(test, SHAPE_PADDED, m, n);
	KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v), TOY_DROP_ICMP_CSUM);
	shape_done(test, &sh);
	sh = shape(test, SHAPE_SPLIT, m, n - 1);
	KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v), TOY_DROP_ICMP_CSUM);
	shape_done(test, &sh);
}

/* The device's sum over the whole frame, pulled down to the message. */
static void device_sum(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 f[MSG_MAX];
	unsigned int n = 20 + make(f + 20, 41);
	int s;

	memset(f, 0x45, 20);
	for (int wrong = 0; wrong < 2; wrong++) {
		f[40] ^= wrong;
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, f, n);
			sh.skb->ip_summed = CHECKSUM_COMPLETE;
			sh.skb->csum = skb_checksum(sh.skb, 0, n, 0);
			KUNIT_ASSERT_TRUE(test, pskb_may_pull(sh.skb, 20));
			skb_pull_rcsum(sh.skb, 20);
			KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v),
					wrong ? TOY_DROP_ICMP_CSUM : TOY_RX_OK);
			shape_done(test, &sh);
		}
	}
}

static void what_is_pushed_is_parsed(struct kunit *test)
{
	struct toy_icmp_view v;
	struct shaped sh;
	u8 data[MSG_MAX];
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 5);
	noise(&rnd, data, sizeof(data));
	for (unsigned int n = 0; n < 150; n++) {
		sh = shape(test, n % 3 ? SHAPE_LINEAR : SHAPE_SPLIT, data, n);
		sh.skb->ip_summed = CHECKSUM_UNNECESSARY;
		toy_icmp_push(sh.skb, 3, n, htonl(1400 + n));
		expect_summed(sh.skb, CHECKSUM_NONE);
		KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, v.type, 3);
		KUNIT_EXPECT_EQ(test, v.code, n);
		KUNIT_EXPECT_EQ(test, ntohl(v.info), 1400 + n);
		__skb_pull(sh.skb, 8);
		KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, data, n));
		shape_done(test, &sh);
	}
}

/* Noise of any length and shape: no oops, and ICMP_CSUM as the sum says. */
static void noise_matches_the_reference(struct kunit *test)
{
	struct rnd_state rnd;
	u8 m[MSG_MAX];

	prandom_seed_state(&rnd, 6);
	for (int i = 0; i < rounds(20000); i++) {
		unsigned int n = prandom_u32_state(&rnd) % 100;
		struct toy_icmp_view v;
		struct shaped sh;
		enum toy_drop want;

		noise(&rnd, m, n);
		if (n >= 8 && i % 2) {
			put_be16(m + 2, 0);
			put_be16(m + 2, ~ref_sum(0, m, n));
		}
		want = n < 8 ? TOY_DROP_ICMP_SHORT :
		       ref_sum(0, m, n) != 0xffff ? TOY_DROP_ICMP_CSUM :
		       TOY_RX_OK;
		sh = shape(test, i % SHAPE_WHOLE, m, n);
		KUNIT_EXPECT_EQ(test, toy_icmp_parse(sh.skb, &v), want);
		if (!want)
			KUNIT_EXPECT_TRUE(test, v.type == m[0] &&
					  v.code == m[1] &&
					  v.id == (m[4] << 8 | m[5]) &&
					  v.seq == (m[6] << 8 | m[7]));
		shape_done(test, &sh);
	}
}

/* RFC 4884 7 and 8: a header, then objects up to the end. */
static const struct {
	const char *name;
	bool ok;
	u8 len;
	u8 bytes[24];
} ext_rows[] = {
	{ "no room for the header", false, 3, { 0x20, 0, 0 } },
	{ "no object", true, 4, { 0x20 } },
	{ "another version", true, 7, { 0x10, 0, 9, 9, 0, 0, 0 } },
	{ "an empty object", true, 8, { 0x20, 0, 0, 0, 0, 4, 1, 1 } },
	{ "an object", true, 12, { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
	{ "two objects", true, 16,
	  { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4, 0, 4, 2, 2 } },
	{ "an object of length 0", false, 8, { 0x20, 0, 0, 0, 0, 0, 1, 1 } },
	{ "an object of 3 bytes", false, 8, { 0x20, 0, 0, 0, 0, 3, 1, 1 } },
	{ "an object that does not end", false, 12,
	  { 0x20, 0, 0, 0, 0, 9, 1, 1, 1, 2, 3, 4 } },
	{ "bytes behind the last object", false, 10,
	  { 0x20, 0, 0, 0, 0, 4, 1, 1, 0, 0 } },
	{ "a checksum", true, 8, { 0x20, 0, 0xde, 0xfa, 0, 4, 1, 1 } },
	{ "a wrong checksum", false, 8, { 0x20, 0, 0xde, 0xfb, 0, 4, 1, 1 } },
};

static void extensions(struct kunit *test)
{
	u8 m[64] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct shaped sh;

	for (int i = 0; i < ARRAY_SIZE(ext_rows); i++) {
		for (int s = 0; s < SHAPE_WHOLE; s++) {
			memcpy(m + 8, ext_rows[i].bytes, ext_rows[i].len);
			sh = shape(test, s, m, 8 + ext_rows[i].len);
			KUNIT_EXPECT_EQ_MSG(test, toy_icmp_ext_ok(sh.skb, 8),
					    ext_rows[i].ok, "%s",
					    ext_rows[i].name);
			shape_done(test, &sh);
		}
	}
}

static struct kunit_case icmp_cases[] = {
	KUNIT_CASE(echo_in_every_shape),
	KUNIT_CASE(short_messages),
	KUNIT_CASE(wrong_checksums),
	KUNIT_CASE(device_sum),
	KUNIT_CASE(what_is_pushed_is_parsed),
	KUNIT_CASE(noise_matches_the_reference),
	KUNIT_CASE(extensions),
	{}
};

static struct kunit_suite icmp_suite = {
	.name = "toy-skb-icmp",
	.test_cases = icmp_cases,
};

kunit_test_suite(icmp_suite);
