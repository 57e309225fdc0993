// SPDX-License-Identifier: GPL-2.0-only
/* Cases for iid.c. */
#include <kunit/test.h>

static void eui64(struct kunit *test)
{
	/* RFC 2464 4 */
	static const u8 mac[6] = { 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde };
	static const u8 want[8] = { 0x36, 0x56, 0x78, 0xff, 0xfe, 0x9a, 0xbc,
				    0xde };
	static const u8 eui[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	u8 iid[8];

	KUNIT_EXPECT_TRUE(test, toy_iid_eui64(mac, 6, iid));
	KUNIT_EXPECT_EQ(test, memcmp(iid, want, 8), 0);
	KUNIT_EXPECT_TRUE(test, toy_iid_eui64(eui, 8, iid));
	KUNIT_EXPECT_EQ(test, iid[0], 2);
	KUNIT_EXPECT_EQ(test, memcmp(iid + 1, eui + 1, 7), 0);
	for (int len = 0; len < 33; len++)
		if (len != 6 && len != 8)
			KUNIT_EXPECT_FALSE(test, toy_iid_eui64(mac, len, iid));
}

/* The same for the same input; every input makes a difference. */
static void stable(struct kunit *test)
{
	struct in6_addr secret = { { { 1, 2, 3 } } }, secret2 = secret;
	struct in6_addr prefix = { { { 0x20, 1, 0xd, 0xb8 } } }, other = prefix;
	u8 mac[6] = { 2, 0, 0, 0, 0, 1 }, a[8], b[8];

	toy_iid_stable(&secret, &prefix, mac, 6, 0, a);
	toy_iid_stable(&secret, &prefix, mac, 6, 0, b);
	KUNIT_EXPECT_EQ(test, memcmp(a, b, 8), 0);
	toy_iid_stable(&secret, &prefix, mac, 6, 1, b);
	KUNIT_EXPECT_NE(test, memcmp(a, b, 8), 0);
	other.s6_addr[7] = 1;
	toy_iid_stable(&secret, &other, mac, 6, 0, b);
	KUNIT_EXPECT_NE(test, memcmp(a, b, 8), 0);
	secret2.s6_addr[15] = 1;
	toy_iid_stable(&secret2, &prefix, mac, 6, 0, b);
	KUNIT_EXPECT_NE(test, memcmp(a, b, 8), 0);
	mac[5] = 2;
	toy_iid_stable(&secret, &prefix, mac, 6, 0, b);
	KUNIT_EXPECT_NE(test, memcmp(a, b, 8), 0);
	/* What lies beyond the prefix is not looked at. */
	mac[5] = 1;
	prefix.s6_addr[8] = 7;
	toy_iid_stable(&secret, &prefix, mac, 6, 0, b);
	KUNIT_EXPECT_EQ(test, memcmp(a, b, 8), 0);
}

static void reserved(struct kunit *test)
{
	static const struct {
		u64 iid;
		bool want;
	} rows[] = {
		{ 0, true }, { 1, false },
		{ 0x02005efffdffffffULL, false },
		{ 0x02005efffe000000ULL, true },
		{ 0x02005efffe005213ULL, true },
		{ 0x02005effff000000ULL, false },
		{ 0xfdffffffffffff7fULL, false },
		{ 0xfdffffffffffff80ULL, true },
		{ 0xfdffffffffffffffULL, true },
		{ 0xfe00000000000000ULL, false },
	};
	u8 iid[8];

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		put_unaligned_be64(rows[i].iid, iid);
		KUNIT_EXPECT_EQ_MSG(test, toy_iid_reserved(iid), rows[i].want,
				    "row %d", i);
	}
}

static struct kunit_case iid_cases[] = {
	KUNIT_CASE(eui64),
	KUNIT_CASE(stable),
	KUNIT_CASE(reserved),
	{}
};

static struct kunit_suite iid_suite = {
	.name = "toy-iid",
	.test_cases = iid_cases,
};

kunit_test_suite(iid_suite);
