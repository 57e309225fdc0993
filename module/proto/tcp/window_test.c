// SPDX-License-Identifier: GPL-2.0-only
/* Cases for window.c: RFC 9293 3.8.6, RFC 1122 4.2.3.3, RFC 7323 2. */
#include <kunit/test.h>
#include <linux/prandom.h>

#define MSS 1000

static struct toy_rwnd rwnd(u8 scale, u32 wnd)
{
	return (struct toy_rwnd){
		.wup = -5000, .wnd = wnd, .ssthresh = 1 << 20,
		.clamp = 1 << 20, .scale = scale,
	};
}

/* @nxt: bytes that have arrived since the window was sent. */
static u32 select(const struct toy_rwnd *w, u32 nxt, u32 free, u32 full)
{
	struct toy_rwnd_env e = {
		.rcv_nxt = w->wup + nxt, .free = free, .full = full,
		.mss = MSS,
	};

	return toy_rwnd_select(w, &e);
}

/* RFC 1122 4.2.3.3: the right edge stays until a full segment fits. */
static void silly_windows_are_none(struct kunit *test)
{
	for (int scale = 0; scale <= 7; scale += 7) {
		struct toy_rwnd w = rwnd(scale, 0);

		for (u32 free = 0; free < MSS; free += 7)
			KUNIT_EXPECT_EQ(test, select(&w, 0, free, 10000), 0);
		KUNIT_EXPECT_GE(test, select(&w, 0, 1024, 10000), MSS);
	}
}

/* A large buffer says stop earlier: at 1/16. */
static void sixteenth_of_a_large_buffer(struct kunit *test)
{
	struct toy_rwnd w = rwnd(7, 0);

	KUNIT_EXPECT_EQ(test, select(&w, 0, 65535, 1 << 20), 0);
	KUNIT_EXPECT_EQ(test, select(&w, 0, 65536, 1 << 20), 65536);
}

/* RFC 9293 3.8.6 "shrinking the window" is discouraged: SHLD-14. */
static void offered_is_not_taken_back(struct kunit *test)
{
	for (int scale = 0; scale <= 14; scale++) {
		struct toy_rwnd w = rwnd(scale, 32768);
		u32 unit = 1 << scale;

		for (u32 nxt = 0; nxt <= 32768; nxt += 501) {
			u32 left = 32768 - nxt;

			KUNIT_EXPECT_EQ(test, toy_rwnd_left(&w, w.wup + nxt), left);
			KUNIT_EXPECT_EQ(test, select(&w, nxt, 0, 40000),
					round_up(left, unit));
		}
		KUNIT_EXPECT_EQ(test, toy_rwnd_left(&w, w.wup + 32769), 0);
		KUNIT_EXPECT_EQ(test, select(&w, 32769, 0, 40000), 0);
	}
}

static void unscaled_windows_are_whole_segments(struct kunit *test)
{
	struct toy_rwnd w = rwnd(0, 0);

	KUNIT_EXPECT_EQ(test, select(&w, 0, 9999, 10000), 9000);
	/* About right is right: no step of less than a segment. */
	w.wnd = 9000;
	KUNIT_EXPECT_EQ(test, select(&w, 9000, 9999, 10000), 9000);
	KUNIT_EXPECT_EQ(test, select(&w, 9000, 10000, 10000), 10000);
	KUNIT_EXPECT_EQ(test, select(&w, 9000, 8999, 10000), 8000);
}

/* A buffer that holds less than a segment: half of it is a step. */
static void tiny_buffers(struct kunit *test)
{
	struct toy_rwnd w = rwnd(0, 0);

	KUNIT_EXPECT_EQ(test, select(&w, 0, 600, 600), 600);
	KUNIT_EXPECT_EQ(test, select(&w, 0, 299, 600), 0);
	KUNIT_EXPECT_EQ(test, select(&w, 0, 300, 600), 0);
	KUNIT_EXPECT_EQ(test, select(&w, 0, 301, 600), 301);
	KUNIT_EXPECT_EQ(test, select(&w, 0, 0, 0), 0);
	w.clamp = 0;
	KUNIT_EXPECT_EQ(test, select(&w, 0, 600, 600), 0);
}

static void scaled_windows_are_rounded(struct kunit *test)
{
	for (int scale = 1; scale <= 14; scale++) {
		struct toy_rwnd w = rwnd(scale, 0);
		u32 unit = 1 << scale;

		/* Plenty of space: up. */
		KUNIT_EXPECT_EQ(test, select(&w, 0, 70001, 80000),
				round_up(70001, unit));
		/* Little: down, to nothing if need be. */
		KUNIT_EXPECT_EQ(test, select(&w, 0, 16001, 80000),
				round_down(16001, unit));
	}
}

static void growth_is_bounded(struct kunit *test)
{
	struct toy_rwnd w = rwnd(7, 0);
	struct toy_rwnd_env e = {
		.rcv_nxt = w.wup, .free = 20000, .full = 80000, .mss = MSS,
	};

	w.ssthresh = 12800;
	KUNIT_EXPECT_EQ(test, toy_rwnd_select(&w, &e), 12800);
	e.pressure = true;
	KUNIT_EXPECT_EQ(test, toy_rwnd_select(&w, &e), 4096);
	/* Half of the buffer is free: no reason to be careful. */
	e.free = 40000;
	KUNIT_EXPECT_EQ(test, toy_rwnd_select(&w, &e), 12800);
}

static void fields_of_headers(struct kunit *test)
{
	static const struct { u32 wnd; u8 scale; bool syn; u32 field; } rows[] = {
		{ 0, 0, false, 0 }, { 65535, 0, false, 65535 },
		{ 65536, 0, false, 65535 }, { 1 << 30, 0, false, 65535 },
		{ 128, 7, false, 1 }, { 65535 << 7, 7, false, 65535 },
		{ 1 << 30, 7, false, 65535 }, { 1 << 30, 14, false, 65535 },
		{ 64240, 7, true, 64240 }, { 70000, 7, true, 65535 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_rwnd w = rwnd(rows[i].scale, 5);
		u8 shift = rows[i].syn ? 0 : rows[i].scale;

		KUNIT_EXPECT_EQ(test, toy_rwnd_sent(&w, 77, rows[i].wnd, rows[i].syn),
				rows[i].field);
		KUNIT_EXPECT_EQ(test, w.wup, 77);
		KUNIT_EXPECT_EQ(test, w.wnd, rows[i].field << shift);
	}
}

/* RFC 7323 2.3: the scale fits the largest buffer. */
static void first_window_and_scale(struct kunit *test)
{
	static const struct {
		struct toy_rwnd_init i;
		u32 wnd, clamp;
		u8 scale;
	} rows[] = {
		{ { 65535, 6 << 20, 0, 1460, 10, true }, 14600, 65535 << 7, 7 },
		{ { 65535, 6 << 20, 0, 1460, 0, true }, 64240, 65535 << 7, 7 },
		{ { 65535, 6 << 20, 0, 1460, 10, false }, 14600, 65535, 0 },
		{ { 65535, 65535, 0, 1460, 10, true }, 14600, 65535, 0 },
		{ { 65535, 65536, 0, 1460, 10, true }, 14600, 65535 << 1, 1 },
		{ { 65535, U32_MAX, 0, 1460, 10, true }, 14600, 65535 << 14, 14 },
		/* TCP_WINDOW_CLAMP */
		{ { 65535, 6 << 20, 4000, 1460, 10, true }, 2920, 4000, 0 },
		{ { 65535, 6 << 20, 1000, 1460, 10, true }, 1000, 1000, 0 },
		{ { 65535, 6 << 20, 100000, 1460, 10, true }, 14600, 100000, 1 },
		/* nothing, and a lot */
		{ { 0, 0, 0, 1460, 10, true }, 0, 65535, 0 },
		{ { 1000, 0, 0, 1460, 10, true }, 1000, 65535, 0 },
		{ { 1 << 30, 1 << 30, 0, 1460, 0, false }, 65535, 65535, 0 },
		{ { 20000, 0, 0, 0, 10, true }, 20000, 65535, 0 },
		{ { 20000, 0, 0, 1000, U32_MAX, true }, 20000, 65535, 0 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_rwnd w;

		toy_rwnd_start(&w, &rows[i].i);
		KUNIT_EXPECT_EQ_MSG(test, w.wnd, rows[i].wnd, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, w.clamp, rows[i].clamp, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, w.scale, rows[i].scale, "row %d", i);
		KUNIT_EXPECT_EQ(test, w.ssthresh, w.wnd);
	}
}

/* A sender that fills each window, a reader in fits: the edge never moves
 * left, and never runs away from the buffer by more than one rounding.
 */
static void edge_never_moves_left(struct kunit *test)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 9293);
	for (int scale = 0; scale <= 14; scale++) {
		struct toy_rwnd w = rwnd(scale, 0);
		u32 nxt = w.wup, edge = w.wup, used = 0;
		const u32 full = 400000;

		for (int i = 0; i < 5000; i++) {
			u32 r = prandom_u32_state(&rnd), n, wnd;
			struct toy_rwnd_env e = {
				.rcv_nxt = nxt, .full = full, .mss = 1 + r % 3000,
				.free = used < full ? full - used : 0,
				.pressure = r & 64,
			};

			w.ssthresh = r % (2 * full);
			wnd = toy_rwnd_select(&w, &e);
			KUNIT_EXPECT_EQ(test, wnd % (1 << scale), 0);
			toy_rwnd_sent(&w, nxt, wnd, false);
			KUNIT_EXPECT_GE(test, (s32)(w.wup + w.wnd - edge), 0);
			edge = w.wup + w.wnd;

			n = min(r >> 8 & 0xffff, edge - nxt);
			nxt += n;
			used += n;
			if (!(r % 3))
				used -= min(used, r >> 12 & 0x3ffff);
		}
	}
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE(silly_windows_are_none),
	KUNIT_CASE(sixteenth_of_a_large_buffer),
	KUNIT_CASE(offered_is_not_taken_back),
	KUNIT_CASE(unscaled_windows_are_whole_segments),
	KUNIT_CASE(tiny_buffers),
	KUNIT_CASE(scaled_windows_are_rounded),
	KUNIT_CASE(growth_is_bounded),
	KUNIT_CASE(fields_of_headers),
	KUNIT_CASE(first_window_and_scale),
	KUNIT_CASE(edge_never_moves_left),
	{}
};

static struct kunit_suite window_suite = {
	.name = "toy-tcp-window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
