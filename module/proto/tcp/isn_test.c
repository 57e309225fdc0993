// SPDX-License-Identifier: GPL-2.0-only
/* Cases for isn.c: what follows from RFC 6528 3 whatever the secret is. */
#include <kunit/test.h>
#include <linux/bitops.h>

static struct toy_tuple4 ends(void)
{
	struct toy_tuple4 t = { .lport = 1024, .rport = 80 };

	t.laddr.s6_addr[0] = 0x20;
	t.laddr.s6_addr[15] = 1;
	t.raddr.s6_addr[0] = 0x20;
	t.raddr.s6_addr[15] = 2;
	return t;
}

/* "M is the 4 microsecond timer". */
static void clock_of_four_microseconds(struct kunit *test)
{
	struct toy_tuple4 t = ends();
	u32 first = toy_isn(&t, 0);

	KUNIT_EXPECT_EQ(test, toy_isn(&t, 3), first);
	KUNIT_EXPECT_EQ(test, toy_isn(&t, 4), first + 1);
	KUNIT_EXPECT_EQ(test, toy_isn(&t, 1000000), first + 250000);
	/* It wraps after 4.77 hours. */
	KUNIT_EXPECT_EQ(test, toy_isn(&t, 4ULL << 32), first);
	KUNIT_EXPECT_EQ(test, toy_isn(&t, (4ULL << 32) + 8), first + 2);
}

/* "F(localip, localport, remoteip, remoteport, secretkey)": all of them. */
static void each_bit_of_the_ends_counts(struct kunit *test)
{
	struct toy_tuple4 t = ends();
	u32 first = toy_isn(&t, 0), bits = 0;
	u8 *bytes = (u8 *)&t;
	const int n = offsetofend(struct toy_tuple4, rport) * 8;

	for (int bit = 0; bit < n; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_NE(test, toy_isn(&t, 0), first);
		bits += hweight32(toy_isn(&t, 0) ^ first);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	/* Half of the bits change: 16 of 32, with much slack. */
	KUNIT_EXPECT_GT(test, bits, n * 14);
	KUNIT_EXPECT_LT(test, bits, n * 18);
	KUNIT_EXPECT_EQ(test, toy_isn(&t, 0), first);
}

static void direction_counts(struct kunit *test)
{
	struct toy_tuple4 t = ends(), back = {
		.laddr = t.raddr, .raddr = t.laddr,
		.lport = t.rport, .rport = t.lport,
	};

	KUNIT_EXPECT_NE(test, toy_isn(&t, 0), toy_isn(&back, 0));
	KUNIT_EXPECT_NE(test, toy_ts_offset(&t.laddr, &t.raddr),
			toy_ts_offset(&t.raddr, &t.laddr));
}

/* One kind of number says nothing about another. */
static void purposes_differ(struct kunit *test)
{
	struct toy_tuple4 t = ends();

	t.lport = 0;
	t.rport = 0;
	KUNIT_EXPECT_NE(test, toy_isn(&t, 0), toy_ts_offset(&t.laddr, &t.raddr));
	KUNIT_EXPECT_NE(test, toy_isn(&t, 0),
			toy_port_offset(&t.laddr, &t.raddr, 0));
	KUNIT_EXPECT_NE(test, toy_ts_offset(&t.laddr, &t.raddr),
			toy_port_offset(&t.laddr, &t.raddr, 0));
}

static void hosts_and_ports(struct kunit *test)
{
	struct toy_tuple4 a = ends(), b = ends();

	b.raddr.s6_addr[15] = 3;
	KUNIT_EXPECT_EQ(test, toy_ts_offset(&a.laddr, &a.raddr),
			toy_ts_offset(&a.laddr, &a.raddr));
	KUNIT_EXPECT_NE(test, toy_ts_offset(&a.laddr, &a.raddr),
			toy_ts_offset(&a.laddr, &b.raddr));
	KUNIT_EXPECT_EQ(test, toy_port_offset(&a.laddr, &a.raddr, 80),
			toy_port_offset(&a.laddr, &a.raddr, 80));
	KUNIT_EXPECT_NE(test, toy_port_offset(&a.laddr, &a.raddr, 80),
			toy_port_offset(&a.laddr, &a.raddr, 443));
}

static struct kunit_case isn_cases[] = {
	KUNIT_CASE(clock_of_four_microseconds),
	KUNIT_CASE(each_bit_of_the_ends_counts),
	KUNIT_CASE(direction_counts),
	KUNIT_CASE(purposes_differ),
	KUNIT_CASE(hosts_and_ports),
	{}
};

static struct kunit_suite isn_suite = {
	.name = "toy-tcp-isn",
	.test_cases = isn_cases,
};

kunit_test_suite(isn_suite);
