// SPDX-License-Identifier: GPL-2.0-only
/* Cases for diag_filter.c: what programs let pass, and which are refused. */
#include <kunit/test.h>

#define OP(code, yes, no)	((u32)(code) | (yes) << 8 | (no) << 16)
#define PORT(n)			((u32)(n) << 16)

static struct toy_diag_entry diag_entry(void)
{
	static const struct in6_addr laddr = { { {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2 } } };
	static const struct in6_addr raddr = { { {
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } };

	return (struct toy_diag_entry) {
		.laddr = &laddr, .raddr = &raddr, .lport = 80, .rport = 4000,
		.ifindex = 3, .mark = 0x12, .cgroup = 7ULL << 32 | 1,
	};
}

static bool diag_run(struct kunit *test, const u32 *prog, int len)
{
	struct toy_diag_entry e = diag_entry();

	KUNIT_ASSERT_EQ(test, toy_diag_filter_check(prog, len, true), 0);
	return toy_diag_filter_run(prog, len, &e);
}

static void diag_filter_ports(struct kunit *test)
{
	static const struct {
		u8 code;
		u16 port;
		bool holds;
	} cases[] = {
		{ INET_DIAG_BC_S_GE, 80, true },
		{ INET_DIAG_BC_S_GE, 81, false },
		{ INET_DIAG_BC_S_LE, 80, true },
		{ INET_DIAG_BC_S_LE, 79, false },
		{ INET_DIAG_BC_S_EQ, 80, true },
		{ INET_DIAG_BC_S_EQ, 4000, false },
		{ INET_DIAG_BC_D_GE, 4000, true },
		{ INET_DIAG_BC_D_GE, 4001, false },
		{ INET_DIAG_BC_D_LE, 4000, true },
		{ INET_DIAG_BC_D_LE, 3999, false },
		{ INET_DIAG_BC_D_EQ, 4000, true },
		{ INET_DIAG_BC_D_EQ, 80, false },
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		const u32 prog[] = {
			OP(cases[i].code, 8, 12), PORT(cases[i].port),
		};

		KUNIT_EXPECT_EQ_MSG(test, diag_run(test, prog, sizeof(prog)),
				    cases[i].holds, "case %d", i);
	}
}

/* An address, its prefix, and a port that may be any. */
static bool diag_host(struct kunit *test, u8 code, u8 family, u8 prefix,
		      int port, const struct in6_addr *addr)
{
	u32 prog[7] = { OP(code, 28, 32), family | prefix << 8, port };
	int len = sizeof(prog);

	if (family == AF_INET) {
		len = 16;
		prog[0] = OP(code, 16, 20);
		prog[3] = (__force u32)addr->s6_addr32[3];
	} else {
		memcpy(&prog[3], addr, sizeof(*addr));
	}
	return diag_run(test, prog, len);
}

static void diag_filter_hosts(struct kunit *test)
{
	struct toy_diag_entry e = diag_entry();
	struct in6_addr near = *e.laddr, peer = *e.raddr;
	const u8 s = INET_DIAG_BC_S_COND, d = INET_DIAG_BC_D_COND;

	KUNIT_EXPECT_TRUE(test, diag_host(test, s, AF_INET, 32, 80, &near));
	KUNIT_EXPECT_TRUE(test, diag_host(test, s, AF_INET, 32, -1, &near));
	KUNIT_EXPECT_FALSE(test, diag_host(test, s, AF_INET, 32, 81, &near));
	KUNIT_EXPECT_TRUE(test, diag_host(test, s, toy_family, 128, 80, &near));
	KUNIT_EXPECT_TRUE(test, diag_host(test, d, AF_INET6, 128, -1, &peer));
	KUNIT_EXPECT_FALSE(test, diag_host(test, d, AF_INET, 0, -1, &peer));
	near.s6_addr[15] = 3;
	KUNIT_EXPECT_FALSE(test, diag_host(test, s, AF_INET, 32, -1, &near));
	KUNIT_EXPECT_TRUE(test, diag_host(test, s, AF_INET, 31, -1, &near));
	KUNIT_EXPECT_TRUE(test, diag_host(test, s, AF_INET, 0, -1, &near));
	peer.s6_addr[7] = 1;
	KUNIT_EXPECT_FALSE(test, diag_host(test, d, AF_INET6, 64, -1, &peer));
	KUNIT_EXPECT_TRUE(test, diag_host(test, d, AF_INET6, 63, -1, &peer));
}

static void diag_filter_rest(struct kunit *test)
{
	const u32 dev[] = { OP(INET_DIAG_BC_DEV_COND, 8, 12), 3 };
	const u32 no_dev[] = { OP(INET_DIAG_BC_DEV_COND, 8, 12), 4 };
	const u32 mark[] = { OP(INET_DIAG_BC_MARK_COND, 12, 16), 0x10, 0xf0 };
	const u32 no_mark[] = { OP(INET_DIAG_BC_MARK_COND, 12, 16), 1, 0xf };
	u32 cgroup[] = { OP(INET_DIAG_BC_CGROUP_COND, 12, 16), 0, 0 };
	const u32 chosen[] = { OP(INET_DIAG_BC_AUTO, 4, 8) };
	const u32 nop[] = { OP(INET_DIAG_BC_NOP, 4, 0) };
	u64 number = diag_entry().cgroup;

	KUNIT_EXPECT_TRUE(test, diag_run(test, dev, sizeof(dev)));
	KUNIT_EXPECT_FALSE(test, diag_run(test, no_dev, sizeof(no_dev)));
	KUNIT_EXPECT_TRUE(test, diag_run(test, mark, sizeof(mark)));
	KUNIT_EXPECT_FALSE(test, diag_run(test, no_mark, sizeof(no_mark)));
	KUNIT_EXPECT_FALSE(test, diag_run(test, cgroup, sizeof(cgroup)));
	memcpy(&cgroup[1], &number, sizeof(number));
	KUNIT_EXPECT_TRUE(test, diag_run(test, cgroup, sizeof(cgroup)));
	KUNIT_EXPECT_FALSE(test, diag_run(test, chosen, sizeof(chosen)));
	KUNIT_EXPECT_TRUE(test, diag_run(test, nop, sizeof(nop)));
	KUNIT_EXPECT_TRUE(test, diag_run(test, nop, 0));
}

/* lport >= 100 or rport == 4000: the first, when it holds, jumps to the end. */
static void diag_filter_jumps(struct kunit *test)
{
	u32 prog[] = {
		OP(INET_DIAG_BC_S_GE, 8, 12), PORT(100),
		OP(INET_DIAG_BC_JMP, 4, 12),
		OP(INET_DIAG_BC_D_EQ, 8, 12), PORT(4000),
	};

	KUNIT_EXPECT_TRUE(test, diag_run(test, prog, sizeof(prog)));
	prog[4] = PORT(4001);
	KUNIT_EXPECT_FALSE(test, diag_run(test, prog, sizeof(prog)));
	prog[1] = PORT(80);
	KUNIT_EXPECT_TRUE(test, diag_run(test, prog, sizeof(prog)));
}

static void diag_filter_refused(struct kunit *test)
{
	static const struct {
		const char *what;
		u32 prog[8];
		int len;
		int err;
	} cases[] = {
		{ "half an operation", { OP(INET_DIAG_BC_NOP, 4, 0) }, 2,
		  -EINVAL },
		{ "unknown", { OP(99, 4, 8) }, 4, -EINVAL },
		{ "no operand", { OP(INET_DIAG_BC_S_GE, 8, 12) }, 4, -EINVAL },
		{ "yes goes nowhere", { OP(INET_DIAG_BC_NOP, 0, 0) }, 4,
		  -EINVAL },
		{ "yes goes into the operand",
		  { OP(INET_DIAG_BC_S_GE, 4, 12), PORT(1) }, 8, -EINVAL },
		{ "yes goes beyond the end",
		  { OP(INET_DIAG_BC_NOP, 12, 0) }, 4, -EINVAL },
		{ "yes rejects", { OP(INET_DIAG_BC_NOP, 8, 0) }, 4, -EINVAL },
		{ "yes is odd", { OP(INET_DIAG_BC_NOP, 5, 0) }, 8, -EINVAL },
		{ "no goes nowhere", { OP(INET_DIAG_BC_JMP, 4, 0) }, 4,
		  -EINVAL },
		{ "no goes beyond the end",
		  { OP(INET_DIAG_BC_JMP, 4, 12) }, 4, -EINVAL },
		{ "no goes into an operand",
		  { OP(INET_DIAG_BC_JMP, 4, 8),
		    OP(INET_DIAG_BC_S_GE, 8, 12), PORT(1) }, 12, -EINVAL },
		{ "address of an unknown family",
		  { OP(INET_DIAG_BC_S_COND, 12, 16), AF_UNIX, -1 }, 12,
		  -EINVAL },
		{ "half an address",
		  { OP(INET_DIAG_BC_S_COND, 16, 20), AF_INET6 | 64 << 8, -1,
		    0 }, 16, -EINVAL },
		{ "prefix longer than the address",
		  { OP(INET_DIAG_BC_S_COND, 16, 20), AF_INET | 33 << 8, -1,
		    0 }, 16, -EINVAL },
		{ "prefix of nothing",
		  { OP(INET_DIAG_BC_S_COND, 12, 16), 1 << 8, -1 }, 12,
		  -EINVAL },
		{ "somebody else's mark",
		  { OP(INET_DIAG_BC_MARK_COND, 12, 16), 1, 1 }, 12, -EPERM },
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err,
				    toy_diag_filter_check(cases[i].prog,
							  cases[i].len, false),
				    "%s", cases[i].what);
}

/* Whatever the octets are, a program that is found good ends. */
static void diag_filter_noise(struct kunit *test)
{
	struct toy_diag_entry e = diag_entry();
	u32 prog[6], seed = 1;
	int good = 0;

	for (int n = 0; n < 20000; n++) {
		for (int i = 0; i < ARRAY_SIZE(prog); i++) {
			seed = seed * 1664525 + 1013904223;
			prog[i] = OP((seed >> 8) % 14, (seed >> 16) % 7 * 4,
				     (seed >> 24) % 8 * 4);
		}
		if (toy_diag_filter_check(prog, sizeof(prog), true))
			continue;
		good++;
		toy_diag_filter_run(prog, sizeof(prog), &e);
	}
	KUNIT_EXPECT_GT(test, good, 0);
}

static struct kunit_case diag_filter_cases[] = {
	KUNIT_CASE(diag_filter_ports),
	KUNIT_CASE(diag_filter_hosts),
	KUNIT_CASE(diag_filter_rest),
	KUNIT_CASE(diag_filter_jumps),
	KUNIT_CASE(diag_filter_refused),
	KUNIT_CASE(diag_filter_noise),
	{}
};

static struct kunit_suite diag_filter_suite = {
	.name = "toy-ctl-diag-filter",
	.test_cases = diag_filter_cases,
};

kunit_test_suite(diag_filter_suite);
