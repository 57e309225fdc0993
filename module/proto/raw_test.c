// SPDX-License-Identifier: GPL-2.0-only
/* Cases for raw.c: which raw socket wants which packet. */
#include <kunit/test.h>

static struct in6_addr ip4(u8 last)
{
	return toy_v4(htonl(0x0a000000 | last));
}

static struct in6_addr ip6(u8 last)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } };

	a.s6_addr[15] = last;
	return a;
}

static struct toy_raw_sock *raw_socket(struct kunit *test, u16 protocol)
{
	struct toy_raw_sock *rs = kunit_kzalloc(test, sizeof(*rs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rs);
	rs->ts.sk.sk_num = protocol;
	rs->ts.form = toy_family;
	return rs;
}

static bool wants4(const struct toy_raw_sock *rs, u8 laddr, u8 raddr,
		   u16 protocol, int ifindex)
{
	struct toy_raw_key k = {
		.laddr = ip4(laddr), .raddr = ip4(raddr),
		.protocol = protocol, .ifindex = ifindex,
	};

	return toy_raw_match(rs, &k);
}

static bool wants6(const struct toy_raw_sock *rs, u8 laddr, u8 raddr,
		   u16 protocol, int ifindex)
{
	struct toy_raw_key k = {
		.laddr = ip6(laddr), .raddr = ip6(raddr),
		.protocol = protocol, .ifindex = ifindex,
	};

	return toy_raw_match(rs, &k);
}

static void raw_protocol(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, 200);

	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 201, 1));
	/* The same bucket, and a number that no packet has. */
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 200 + TOY_RAW_BUCKETS, 1));
	rs->ts.sk.sk_num = 256 + 6;
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 6, 1));
}

static void raw_device(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, 200);

	rs->ts.sk.sk_bound_dev_if = 3;
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 3));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 200, 4));
}

static void raw_bound(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, 200);

	rs->ts.sk.sk_v6_rcv_saddr = ip4(1);
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 2, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants6(rs, 1, 2, 200, 1));
	rs->ts.sk.sk_v6_rcv_saddr = toy_v4(0);
	KUNIT_EXPECT_TRUE(test, wants4(rs, 2, 2, 200, 1));
	rs->ts.sk.sk_v6_rcv_saddr = ip6(1);
	KUNIT_EXPECT_TRUE(test, wants6(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants6(rs, 2, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 200, 1));
}

static void raw_connected(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, 200);

	rs->ts.sk.sk_v6_daddr = ip4(2);
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 3, 200, 1));
	rs->ts.sk.sk_v6_daddr = ip6(2);
	KUNIT_EXPECT_TRUE(test, wants6(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants6(rs, 1, 3, 200, 1));
}

/* The table in raw.c's header. */
static void raw_version(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, 200);

	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants6(rs, 1, 2, 200, 1));
	rs->ts.form = AF_INET6;
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_TRUE(test, wants6(rs, 1, 2, 200, 1));
	/* Where it has sent to says more than the form, ... */
	rs->spoken = 4;
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_FALSE(test, wants6(rs, 1, 2, 200, 1));
	rs->ts.form = PF_TOY;
	rs->spoken = 6;
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, 200, 1));
	KUNIT_EXPECT_TRUE(test, wants6(rs, 1, 2, 200, 1));
	/* ... and a mapped address of its own, too. */
	rs->ts.sk.sk_v6_rcv_saddr = ip4(1);
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, 200, 1));

	rs = raw_socket(test, IPPROTO_ICMP);
	rs->ts.form = AF_INET6;
	KUNIT_EXPECT_TRUE(test, wants4(rs, 1, 2, IPPROTO_ICMP, 1));
	rs = raw_socket(test, IPPROTO_ICMPV6);
	rs->ts.form = AF_INET;
	KUNIT_EXPECT_TRUE(test, wants6(rs, 1, 2, IPPROTO_ICMPV6, 1));
	KUNIT_EXPECT_FALSE(test, wants4(rs, 1, 2, IPPROTO_ICMPV6, 1));
}

static void raw_icmp_filter(struct kunit *test)
{
	struct toy_raw_sock *rs = raw_socket(test, IPPROTO_ICMP);

	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 8));
	rs->icmp.data = BIT(8);
	KUNIT_EXPECT_TRUE(test, toy_raw_unwanted(rs, 8));
	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 0));
	/* Types beyond the filter pass. */
	rs->icmp.data = ~0;
	KUNIT_EXPECT_TRUE(test, toy_raw_unwanted(rs, 31));
	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 32));
	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 255));

	rs = raw_socket(test, IPPROTO_ICMPV6);
	rs->icmp6.data[4] = BIT(1);
	KUNIT_EXPECT_TRUE(test, toy_raw_unwanted(rs, 129));
	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 128));
	rs->icmp6.data[7] = BIT(31);
	KUNIT_EXPECT_TRUE(test, toy_raw_unwanted(rs, 255));

	rs = raw_socket(test, 200);
	memset(&rs->icmp6, 0xff, sizeof(rs->icmp6));
	KUNIT_EXPECT_FALSE(test, toy_raw_unwanted(rs, 8));
}

static struct kunit_case raw_cases[] = {
	KUNIT_CASE(raw_protocol),
	KUNIT_CASE(raw_device),
	KUNIT_CASE(raw_bound),
	KUNIT_CASE(raw_connected),
	KUNIT_CASE(raw_version),
	KUNIT_CASE(raw_icmp_filter),
	{}
};

static struct kunit_suite raw_suite = {
	.name = "toy_raw",
	.test_cases = raw_cases,
};

kunit_test_suite(raw_suite);
