// SPDX-License-Identifier: GPL-2.0-only
/* Cases for fo_cookie.c (RFC 7413 4.1.2). */
#include <kunit/test.h>

static const struct toy_fo_keys fo_keys = {
	.nr = 2,
	.key = { "first key, 16 b.", "older key, 16 b." },
};

static struct in6_addr fo_v4(u32 addr)
{
	struct in6_addr a = {};

	ipv6_addr_set_v4mapped(htonl(addr), &a);
	return a;
}

static void own_cookies_are_known(struct kunit *test)
{
	struct toy_fo_keys older = { .nr = 1 };
	struct in6_addr c = fo_v4(0x0a000001), s = fo_v4(0x0a000002);
	struct toy_fo_cookie cookie = {};

	toy_fo_cookie_make(&fo_keys, &c, &s, &cookie);
	KUNIT_EXPECT_EQ(test, cookie.len, TOY_FO_COOKIE_LEN);
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &s, &cookie), 1);
	memcpy(older.key[0], fo_keys.key[1], TOY_FO_KEY_LEN);
	toy_fo_cookie_make(&older, &c, &s, &cookie);
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &s, &cookie), 2);
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&older, &c, &s, &cookie), 1);
}

static void others_are_not(struct kunit *test)
{
	struct in6_addr c = fo_v4(0x0a000001), s = fo_v4(0x0a000002);
	struct in6_addr other = fo_v4(0x0a000003);
	struct toy_fo_cookie cookie = {};

	toy_fo_cookie_make(&fo_keys, &c, &s, &cookie);
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &other, &s, &cookie), 0);
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &other, &cookie), 0);
	cookie.val[7] ^= 1;
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &s, &cookie), 0);
	cookie.val[7] ^= 1;
	cookie.len = 6;
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &s, &cookie), 0);
	cookie.len = 0;
	KUNIT_EXPECT_EQ(test, toy_fo_cookie_check(&fo_keys, &c, &s, &cookie), 0);
}

static void keys_are_text(struct kunit *test)
{
	static const char * const wrong[] = {
		"", "1", "1-2-3", "1-2-3-", "1-2-3-4,", "1-2-3-4,5", "1-2-3-4 ",
		"1-2-3-4-5", "1-2-3-4,5-6-7-8,", "1-2-3-x", "g-2-3-4",
	};
	static const char first[] = "00000001-00000002-00000003-fffffffe";
	static const char second[] = ",00000005-00000006-00000007-00000008";
	u8 key[TOY_FO_KEYS * TOY_FO_KEY_LEN];
	char text[TOY_FO_KEY_TEXT];

	KUNIT_ASSERT_EQ(test, toy_fo_keys_parse("1-2-3-fffffffe,5-6-7-8", key), 2);
	toy_fo_keys_print(key, 2, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text + strlen(first), second);
	toy_fo_keys_print(key, 1, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, first);
	KUNIT_EXPECT_EQ(test, toy_fo_keys_parse(text, key), 1);
	for (int i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_LT_MSG(test, toy_fo_keys_parse(wrong[i], key), 0,
				    "%s", wrong[i]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(own_cookies_are_known),
	KUNIT_CASE(others_are_not),
	KUNIT_CASE(keys_are_text),
	{}
};

static struct kunit_suite suite = {
	.name = "toy-tcp-fo_cookie",
	.test_cases = cases,
};

kunit_test_suite(suite);
