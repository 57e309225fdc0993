// SPDX-License-Identifier: GPL-2.0-only
/* Cases for fo_cache.c (RFC 7413 4.1.3). */
#include <kunit/test.h>

static struct in6_addr fo_addr(u32 n)
{
	struct in6_addr a = {};

	ipv6_addr_set_v4mapped(htonl(n), &a);
	return a;
}

static struct toy_fo_cache *fo_cache_for_test(struct kunit *test)
{
	struct toy_fo_cache *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	toy_fo_cache_init(c);
	return c;
}

static void what_is_not_known_is_asked_for(struct kunit *test)
{
	struct toy_fo_cache *c = fo_cache_for_test(test);
	struct in6_addr me = fo_addr(1), you = fo_addr(2);
	struct toy_fo_cookie got = { .len = 5 };
	u16 mss = 77;

	toy_fo_cache_get(c, &me, &you, &got, &mss);
	KUNIT_EXPECT_EQ(test, got.len, 0);
	KUNIT_EXPECT_FALSE(test, got.exp);
	KUNIT_EXPECT_EQ(test, mss, 77);
}

static void cookies_are_remembered(struct kunit *test)
{
	const struct toy_fo_cookie none = { .len = -1 };
	struct toy_fo_cookie cookie = { .len = 8, .exp = true, .val = "secret!" };
	struct toy_fo_cache *c = fo_cache_for_test(test);
	struct in6_addr me = fo_addr(1), you = fo_addr(2);
	struct toy_fo_cookie got;
	u16 mss = 0;

	toy_fo_cache_set(c, &me, &you, &cookie, 1460, 0);
	/* A SYN-ACK without one takes nothing away. */
	toy_fo_cache_set(c, &me, &you, &none, 0, 0);
	toy_fo_cache_get(c, &me, &you, &got, &mss);
	KUNIT_EXPECT_EQ(test, got.len, 8);
	KUNIT_EXPECT_TRUE(test, got.exp);
	KUNIT_EXPECT_EQ(test, memcmp(got.val, "secret!", 8), 0);
	KUNIT_EXPECT_EQ(test, mss, 1460);
	toy_fo_cache_get(c, &you, &me, &got, &mss);
	KUNIT_EXPECT_EQ(test, got.len, 0);
	toy_fo_cache_free(c);
}

static void the_older_form_is_tried_once(struct kunit *test)
{
	const struct toy_fo_cookie none = { .len = -1 };
	struct toy_fo_cache *c = fo_cache_for_test(test);
	struct in6_addr me = fo_addr(1), you = fo_addr(2);
	struct toy_fo_cookie got;
	u16 mss = 0;

	toy_fo_cache_set(c, &me, &you, &none, 0, 1);
	toy_fo_cache_get(c, &me, &you, &got, &mss);
	KUNIT_EXPECT_TRUE(test, got.exp);
	toy_fo_cache_set(c, &me, &you, &none, 0, 2);
	toy_fo_cache_get(c, &me, &you, &got, &mss);
	KUNIT_EXPECT_FALSE(test, got.exp);
	toy_fo_cache_set(c, &me, &you, &none, 0, 1);
	toy_fo_cache_get(c, &me, &you, &got, &mss);
	KUNIT_EXPECT_FALSE(test, got.exp);
	toy_fo_cache_free(c);
}

static void it_is_bounded(struct kunit *test)
{
	struct toy_fo_cookie cookie = { .len = 4, .val = "abc" }, got;
	struct toy_fo_cache *c = fo_cache_for_test(test);
	const u32 many = 4 * TOY_FO_CACHE_DEPTH << TOY_FO_CACHE_BITS;
	struct in6_addr me = fo_addr(1), you;
	u32 held = 0;
	u16 mss = 0;

	for (u32 i = 0; i < many; i++) {
		you = fo_addr(1000 + i);
		toy_fo_cache_set(c, &me, &you, &cookie, 1460, 0);
		toy_fo_cache_get(c, &me, &you, &got, &mss);
		KUNIT_ASSERT_EQ(test, got.len, 4);
	}
	for (u32 i = 0; i < many; i++) {
		you = fo_addr(1000 + i);
		toy_fo_cache_get(c, &me, &you, &got, &mss);
		held += got.len > 0;
	}
	KUNIT_EXPECT_LE(test, held, TOY_FO_CACHE_DEPTH << TOY_FO_CACHE_BITS);
	KUNIT_EXPECT_GT(test, held, many / 8);
	toy_fo_cache_free(c);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_is_not_known_is_asked_for),
	KUNIT_CASE(cookies_are_remembered),
	KUNIT_CASE(the_older_form_is_tried_once),
	KUNIT_CASE(it_is_bounded),
	{}
};

static struct kunit_suite suite = {
	.name = "toy-tcp-fo_cache",
	.test_cases = cases,
};

kunit_test_suite(suite);
