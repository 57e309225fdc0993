// SPDX-License-Identifier: GPL-2.0-only
/* Cases for cookie.c: RFC 4987 appendix A, whatever the secret is. */
#include <kunit/test.h>
#include <linux/prandom.h>

static struct toy_tuple4 tuple(void)
{
	struct toy_tuple4 t = { .lport = 80, .rport = 4660 };

	t.laddr.s6_addr[0] = 0x20;
	t.laddr.s6_addr[15] = 1;
	t.raddr.s6_addr[0] = 0x20;
	t.raddr.s6_addr[15] = 2;
	return t;
}

static void mss_is_rounded_down(struct kunit *test)
{
	static const struct { u16 mss, want; } rows[] = {
		{ 0, 48 }, { 47, 48 }, { 48, 48 }, { 255, 48 }, { 256, 256 },
		{ 535, 256 }, { 536, 536 }, { 1219, 536 }, { 1220, 1220 },
		{ 1360, 1300 }, { 1440, 1440 }, { 1459, 1440 },
		{ 1460, 1460 }, { 8939, 1460 }, { 8940, 8940 },
		{ 65535, 8940 },
	};
	struct toy_tuple4 t = tuple();

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		u16 mss = rows[i].mss;
		u32 cookie = toy_cookie_make(&t, 7, &mss, 1000);

		KUNIT_EXPECT_EQ(test, mss, rows[i].want);
		KUNIT_EXPECT_EQ(test, toy_cookie_check(&t, 7, cookie, 1000),
				rows[i].want);
	}
}

/* This tick or the next; 254 ticks later the 8 bits are another's. */
static void good_for_two_ticks(struct kunit *test)
{
	static const u32 ticks[] = { 0, 1, 254, 255, 256, 0xffffff, -2, -1 };
	struct toy_tuple4 t = tuple();

	for (int i = 0; i < ARRAY_SIZE(ticks); i++) {
		u16 mss = 1460;
		u32 cookie = toy_cookie_make(&t, -1, &mss, ticks[i]);

		for (u32 age = 0; age < 256; age++)
			KUNIT_EXPECT_EQ(test, age < 2 ? 1460 : 0,
					toy_cookie_check(&t, -1, cookie,
							 ticks[i] + age));
	}
}

/* Other ends, another sequence number, another acknowledgment: refused. (Off
 * by up to 7 it is another MSS: that is what the cookie is about.)
 */
static void others_are_refused(struct kunit *test)
{
	struct toy_tuple4 t = tuple();
	u8 *bytes = (u8 *)&t;
	u16 mss = 1460;
	u32 cookie = toy_cookie_make(&t, 7, &mss, 1000), passed = 0;

	for (int bit = 0; bit < offsetofend(struct toy_tuple4, rport) * 8; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		passed += !!toy_cookie_check(&t, 7, cookie, 1000);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	for (int off = 8; off < 20000; off++) {
		passed += !!toy_cookie_check(&t, 7 + off, cookie, 1000);
		passed += !!toy_cookie_check(&t, 7, cookie + off, 1000);
	}
	KUNIT_EXPECT_LE(test, passed, 2);
	KUNIT_EXPECT_EQ(test, toy_cookie_check(&t, 7, cookie, 1000), 1460);
}

static void guesses_do_not_pass(struct kunit *test)
{
	struct toy_tuple4 t = tuple();
	struct rnd_state rnd;
	u32 passed = 0;

	prandom_seed_state(&rnd, 4987);
	for (int i = 0; i < 100000; i++) {
		u32 guess = prandom_u32_state(&rnd);

		passed += !!toy_cookie_check(&t, i, guess, i >> 8);
	}
	/* 2 of 256 ticks, 8 of 2^24: none to be expected. */
	KUNIT_EXPECT_LE(test, passed, 2);
}

static void options_come_back(struct kunit *test)
{
	static const u32 clocks[] = {
		0, 1, 63, 64, 0x7fffffff, 0x80000000, 0xffffffff, 12345678,
	};

	for (int c = 0; c < ARRAY_SIZE(clocks); c++) {
		for (int i = 0; i < 64; i++) {
			struct toy_cookie_opts got, o = {
				.wscale_ok = i % 16 != 15,
				.snd_wscale = i % 16 != 15 ? i % 16 : 0,
				.sack_ok = i & 16,
				.ecn_ok = i & 32,
			};
			u32 ts = toy_cookie_ts_make(clocks[c], &o);

			/* Never later, and not much earlier. */
			KUNIT_EXPECT_LT(test, clocks[c] - ts, 64);
			KUNIT_EXPECT_TRUE(test, toy_cookie_ts_read(ts, &got));
			KUNIT_EXPECT_EQ(test, got.wscale_ok, o.wscale_ok);
			KUNIT_EXPECT_EQ(test, got.snd_wscale, o.snd_wscale);
			KUNIT_EXPECT_EQ(test, got.sack_ok, o.sack_ok);
			KUNIT_EXPECT_EQ(test, got.ecn_ok, o.ecn_ok);
		}
	}
}

/* A scale that nobody may have is not taken for none. */
static void absurd_scales_are_14(struct kunit *test)
{
	for (int scale = 15; scale < 256; scale++) {
		struct toy_cookie_opts o = {
			.wscale_ok = true, .snd_wscale = scale,
		};

		toy_cookie_ts_read(toy_cookie_ts_make(1000, &o), &o);
		KUNIT_EXPECT_TRUE(test, o.wscale_ok);
		KUNIT_EXPECT_EQ(test, o.snd_wscale, 14);
	}
}

static struct kunit_case cookie_cases[] = {
	KUNIT_CASE(mss_is_rounded_down),
	KUNIT_CASE(good_for_two_ticks),
	KUNIT_CASE(others_are_refused),
	KUNIT_CASE(guesses_do_not_pass),
	KUNIT_CASE(options_come_back),
	KUNIT_CASE(absurd_scales_are_14),
	{}
};

static struct kunit_suite cookie_suite = {
	.name = "toy-tcp-cookie",
	.test_cases = cookie_cases,
};

kunit_test_suite(cookie_suite);
