// SPDX-License-Identifier: GPL-2.0-only
/* Cases for cubic.c, in the order of RFC 9438 section 4. */
#include <kunit/test.h>

#define MS 1000ULL
#define S (1000 * MS)

/* A connection in congestion avoidance, with a clock. */
struct cubic_run {
	struct toy_cc cc;
	u64 now;
};

static struct cubic_run fresh(u32 cwnd, u32 ssthresh)
{
	struct cubic_run r = {
		.cc = {
			.ops = &toy_cc_cubic, .cwnd = cwnd,
			.ssthresh = ssthresh, .cwnd_clamp = U32_MAX,
			.srtt_us = 100 * MS, .cwnd_limited = true,
		},
		.now = 1000 * S,
	};

	r.cc.ops->init(&r.cc);
	return r;
}

static struct cubic *state(struct cubic_run *r)
{
	return cubic_of(&r->cc);
}

static void acked_rtt(struct cubic_run *r, u32 segs, s64 rtt_us)
{
	struct toy_ack_event ev = {
		.now_us = r->now, .acked = segs, .rtt_us = rtt_us,
	};

	r->cc.ops->ack(&r->cc, &ev);
}

static void acked(struct cubic_run *r, u32 segs)
{
	acked_rtt(r, segs, -1);
}

static void event(struct cubic_run *r, enum toy_cc_event what)
{
	r->cc.ops->event(&r->cc, what, r->now);
}

static void lost(struct cubic_run *r)
{
	r->cc.ssthresh = r->cc.ops->ssthresh(&r->cc, r->now);
	event(r, TOY_CC_LOSS);
	r->cc.cwnd = r->cc.ssthresh;
	event(r, TOY_CC_RECOVERED);
}

/* A loss at @w_max, and the first acknowledgment after it. */
static struct cubic_run after_loss(u32 w_max)
{
	struct cubic_run r = fresh(w_max, w_max);

	lost(&r);
	acked(&r, 1);
	return r;
}

/* @us of acknowledgments, the window's worth per round trip. */
static void run_for(struct cubic_run *r, u64 us)
{
	u64 end = r->now + us;

	while (r->now < end) {
		r->now += max_t(u64, r->cc.srtt_us / r->cc.cwnd, 1);
		acked(r, 1);
	}
}

static void cube_roots_are_exact(struct kunit *test)
{
	static const u32 roots[] = {
		1, 2, 3, 7, 8, 63, 64, 255, 256, 1023, 1625, 1626, 65535,
		65536, 1048575, 1048576, 2097151, 2097152, 2642244,
	};

	KUNIT_EXPECT_EQ(test, cube_root(0), 0);
	for (int i = 0; i < ARRAY_SIZE(roots); i++) {
		u64 r = roots[i];

		KUNIT_EXPECT_EQ(test, cube_root(r * r * r - 1), r - 1);
		KUNIT_EXPECT_EQ(test, cube_root(r * r * r), r);
		KUNIT_EXPECT_EQ(test, cube_root(r * r * r + 1),
				r == 1 ? 1 : r);
	}
	/* 2642245^3 is the largest cube in 64 bits. */
	KUNIT_EXPECT_EQ(test, cube_root(U64_MAX), 2642245);
	KUNIT_EXPECT_EQ(test, cube_root(18446724184312856125ULL), 2642245);
	KUNIT_EXPECT_EQ(test, cube_root(18446724184312856124ULL), 2642244);
	for (u64 x = 0; x < 100000; x++) {
		u64 r = cube_root(x);

		if (r * r * r > x || (r + 1) * (r + 1) * (r + 1) <= x)
			KUNIT_FAIL(test, "cbrt(%llu) is not %llu", x, r);
	}
}

/* Fig. 2, with W_max - cwnd_epoch = 0.3 W_max. */
static void k_of_the_stage(struct kunit *test)
{
	static const struct { u32 w_max, k; } row[] = {
		{ 10, 1957 },		/* cbrt(3 / 0.4) = cbrt(7.5) */
		{ 100, 4217 },		/* cbrt(75) */
		{ 1000, 9085 },		/* cbrt(750) */
		{ 10000, 19574 },	/* cbrt(7500) */
		{ 1000000, 90856 },	/* cbrt(750000) */
	};

	for (int i = 0; i < ARRAY_SIZE(row); i++) {
		struct cubic_run r = after_loss(row[i].w_max);

		KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, row[i].w_max);
		KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, row[i].k);
	}
	KUNIT_EXPECT_EQ(test, k_ms(0), 0);
	KUNIT_EXPECT_LE(test, k_ms(U32_MAX), T_MAX_MS);
}

/* Fig. 1, around the plateau; in 1024ths of a segment. */
static void w_cubic_at_t(struct kunit *test)
{
	const struct cubic_stage s = { .w_max = 100, .k_ms = 4217 };

	/* 100 - 0.4 * 4.217^3 = 70.003 */
	KUNIT_EXPECT_EQ(test, w_cubic(&s, 0), 100 * 1024 - 30716);
	/* 100 - 0.4 * 2^3 */
	KUNIT_EXPECT_EQ(test, w_cubic(&s, 2217 * MS), 100 * 1024 - 3276);
	KUNIT_EXPECT_EQ(test, w_cubic(&s, 4217 * MS), 100 * 1024);
	/* 100 + 0.4 * 5^3, 100 + 0.4 * 10^3 */
	KUNIT_EXPECT_EQ(test, w_cubic(&s, 9217 * MS), 150 * 1024);
	KUNIT_EXPECT_EQ(test, w_cubic(&s, 14217 * MS), 500 * 1024);
}

/* 4.2: concave, plateau, convex, at the times of the curve. RTT 400 ms, where
 * CUBIC leaves Reno behind.
 */
static void window_follows_the_curve(struct kunit *test)
{
	struct cubic_run r = fresh(1000, 1000);
	u64 begin;

	r.cc.srtt_us = 400 * MS;
	lost(&r);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 700);
	begin = r.now;
	acked(&r, 1);

	for (int t = 1; t <= 18; t++) {
		u64 want;

		run_for(&r, begin + t * S - r.now);
		want = w_cubic(&state(&r)->now, t * S) >> W_SHIFT;
		KUNIT_EXPECT_GE(test, r.cc.cwnd, want * 98 / 100);
		KUNIT_EXPECT_LE(test, r.cc.cwnd, want * 102 / 100 + 2);
	}
	KUNIT_EXPECT_GT(test, r.cc.cwnd, 1200);
}

/* 4.4, 4.5: not faster than half of slow start, and never back. */
static void growth_is_bounded(struct kunit *test)
{
	struct cubic_run r = after_loss(100);
	u32 before = r.cc.cwnd;

	r.now += 500 * S;		/* the curve is in the clouds */
	for (u32 i = 0; i < before; i++)
		acked(&r, 1);
	KUNIT_EXPECT_GT(test, r.cc.cwnd, before * 14 / 10);
	KUNIT_EXPECT_LE(test, r.cc.cwnd, before * 15 / 10);

	r = after_loss(1000);
	r.cc.cwnd = 5000;		/* far above the curve */
	run_for(&r, 1 * S);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 5000);
}

/* 4.3: with 10 ms and 20 segments Reno is faster; alpha is 9/17 until the
 * window of the loss is reached, and 1 from there.
 */
static void friendly_region_is_reno(struct kunit *test)
{
	struct cubic_run r = fresh(20, 20);
	u32 rounds;

	r.cc.srtt_us = 10 * MS;
	lost(&r);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 14);
	for (rounds = 0; r.cc.cwnd < 20; rounds++)
		for (u32 i = r.cc.cwnd; i; i--)
			acked(&r, 1);
	/* 6 * 17/9 = 11.3 */
	KUNIT_EXPECT_GE(test, rounds, 11);
	KUNIT_EXPECT_LE(test, rounds, 13);
	for (rounds = 0; r.cc.cwnd < 40; rounds++)
		for (u32 i = r.cc.cwnd; i; i--)
			acked(&r, 1);
	KUNIT_EXPECT_GE(test, rounds, 19);
	KUNIT_EXPECT_LE(test, rounds, 21);
}

/* Table 1, RTT 100 ms: a loss in every so many segments, and the mean window.
 * RFC 9438 has 12, 38, 187, 1054 and 5926 for it; the two columns here are what
 * exact arithmetic gives with fast convergence in every cycle and in none.
 * Which of them it is, is a matter of a segment more or less at the loss.
 */
static void mean_window_follows_loss(struct kunit *test)
{
	static const struct { u32 every, low, high; } row[] = {
		{ 100, 12, 12 }, { 1000, 39, 43 }, { 10000, 184, 210 },
		{ 100000, 1046, 1192 }, { 1000000, 5899, 6719 },
	};

	for (int i = 0; i < ARRAY_SIZE(row); i++) {
		struct cubic_run r = fresh(row[i].low, row[i].low);
		u32 step = row[i].every > 100000 ? 10 : 1;
		u64 frac = 0, from = 0, segs = 0;

		for (u32 n = step; n <= 20 * row[i].every; n += step) {
			/* Microseconds times 2^16: ACKs come densely. */
			frac += div_u64(step * 100 * MS << 16, r.cc.cwnd);
			r.now += frac >> 16;
			frac &= 0xffff;
			acked(&r, step);
			if (n % row[i].every == 0)
				lost(&r);
			if (n == 8 * row[i].every)
				from = r.now;
			if (n > 8 * row[i].every)
				segs += step;
		}
		segs = div64_u64(segs * 100 * MS, r.now - from);
		/* Windows and thresholds are whole segments, cut off. */
		KUNIT_EXPECT_GE(test, segs, row[i].low * 96 / 100 - 1);
		KUNIT_EXPECT_LE(test, segs, row[i].high * 104 / 100);
	}
}

/* 4.6. */
static void decrease_to_seven_tenths(struct kunit *test)
{
	static const struct { u32 cwnd, ssthresh; } row[] = {
		{ 1, 2 }, { 2, 2 }, { 3, 2 }, { 10, 7 }, { 101, 70 },
		{ 1U << 30, 751619276 },
	};

	for (int i = 0; i < ARRAY_SIZE(row); i++) {
		struct cubic_run r = fresh(row[i].cwnd, row[i].cwnd);

		r.cc.cwnd_cnt = 5;
		KUNIT_EXPECT_EQ(test, r.cc.ops->ssthresh(&r.cc, r.now),
				row[i].ssthresh);
		KUNIT_EXPECT_EQ(test, r.cc.cwnd_cnt, 0);
		KUNIT_EXPECT_EQ(test, state(&r)->now.cwnd_prior, row[i].cwnd);
	}
}

/* 4.7: lost below the last W_max: (1 + beta) / 2 of the window. */
static void fast_convergence_makes_room(struct kunit *test)
{
	struct cubic_run r = after_loss(1000);

	r.cc.cwnd = 800;
	lost(&r);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, 680);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 560);
	acked(&r, 1);
	KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, 6694); /* cbrt(120 / 0.4) */

	r.cc.cwnd = 680;
	lost(&r);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, 680);
	r.cc.cwnd = 900;
	lost(&r);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, 900);
}

/* 4.8: the first stage after a timeout starts on its plateau. */
static void timeout_forgets_w_max(struct kunit *test)
{
	struct cubic_run r = after_loss(100);

	r.cc.cwnd = 80;
	r.cc.ssthresh = r.cc.ops->ssthresh(&r.cc, r.now);
	event(&r, TOY_CC_RTO);
	r.cc.cwnd = 1;
	KUNIT_EXPECT_EQ(test, r.cc.ssthresh, 56);

	/* Standard slow start, whatever the delay says. */
	r.now += 1 * S;
	for (int i = 0; i < 55; i++)
		acked_rtt(&r, 1, i * 10 * MS);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 56);
	KUNIT_EXPECT_FALSE(test, state(&r)->now.running);

	acked(&r, 1);
	KUNIT_EXPECT_TRUE(test, state(&r)->now.running);
	KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, 0);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, 56);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_est >> EST_SHIFT, 56);
	KUNIT_EXPECT_EQ(test, state(&r)->now.cwnd_prior, 80);

	/* Once: the loss after that is an ordinary one. */
	r.cc.cwnd = 70;
	lost(&r);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, 70);
}

/* 4.9: what was reduced by mistake goes on where it was. */
static void undo_restores_the_stage(struct kunit *test)
{
	for (int timeout = 0; timeout < 2; timeout++) {
		struct cubic_run r = after_loss(1000);
		struct cubic_stage before;
		u32 cwnd, ssthresh;

		run_for(&r, 3 * S);
		before = state(&r)->now;
		cwnd = r.cc.cwnd;
		ssthresh = r.cc.ssthresh;

		r.cc.ssthresh = r.cc.ops->ssthresh(&r.cc, r.now);
		event(&r, timeout ? TOY_CC_RTO : TOY_CC_LOSS);
		r.cc.cwnd = timeout ? 1 : r.cc.ssthresh;
		r.now += 200 * MS;
		if (timeout)
			acked(&r, 10);
		r.cc.cwnd = cwnd;
		r.cc.ssthresh = ssthresh;
		event(&r, TOY_CC_UNDO);

		KUNIT_EXPECT_TRUE(test, state(&r)->now.running);
		KUNIT_EXPECT_EQ(test, state(&r)->now.epoch_us, before.epoch_us);
		KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, before.k_ms);
		KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, before.w_max);
		KUNIT_EXPECT_EQ(test, state(&r)->now.w_est, before.w_est);
		KUNIT_EXPECT_EQ(test, state(&r)->now.cwnd_prior, 1000);
		acked(&r, 1);
		KUNIT_EXPECT_GE(test, r.cc.cwnd, cwnd);
	}
}

/* A first loss that was none: slow start and HyStart++ go on. */
static void undo_of_the_first_loss(struct kunit *test)
{
	struct cubic_run r = fresh(20, TOY_CC_SSTHRESH_MAX);

	acked(&r, 1);
	lost(&r);
	acked(&r, 1);
	r.cc.cwnd = 21;
	r.cc.ssthresh = TOY_CC_SSTHRESH_MAX;
	event(&r, TOY_CC_UNDO);
	KUNIT_EXPECT_FALSE(test, state(&r)->now.running);
	acked(&r, 20);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 21 + 8);	/* L */
}

/* 4.2, 5.8: an hour of silence is no time of the curve. */
static void idle_time_does_not_count(struct kunit *test)
{
	struct cubic_run r = after_loss(1000);
	u64 t;

	run_for(&r, 3 * S);
	t = r.now - state(&r)->now.epoch_us;
	r.now += 3600 * S;
	event(&r, TOY_CC_TX_START);
	KUNIT_EXPECT_EQ(test, r.now - state(&r)->now.epoch_us, t);
	r.now += 100 * MS;
	acked(&r, 1);
	KUNIT_EXPECT_EQ(test, r.now - state(&r)->now.epoch_us, t + 100 * MS);
}

/* Nor is the time while the program fills half of the window. */
static void app_limited_time_does_not_count(struct kunit *test)
{
	struct cubic_run r = after_loss(1000);
	u64 t;
	u32 cwnd;

	run_for(&r, 3 * S);
	t = r.now - state(&r)->now.epoch_us;
	cwnd = r.cc.cwnd;
	r.cc.cwnd_limited = false;
	run_for(&r, 100 * S);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, cwnd);
	KUNIT_EXPECT_EQ(test, r.now - state(&r)->now.epoch_us, t);
	r.cc.cwnd_limited = true;
	run_for(&r, 100 * MS);
	KUNIT_EXPECT_LE(test, r.cc.cwnd, cwnd + cwnd / 50);
}

/* RFC 5681 4.1: after a restart the stage is a new one. */
static void restart_begins_a_new_stage(struct kunit *test)
{
	struct cubic_run r = after_loss(1000);

	run_for(&r, 3 * S);
	r.now += 60 * S;
	r.cc.cwnd = 10;
	event(&r, TOY_CC_IDLE);
	event(&r, TOY_CC_TX_START);
	while (toy_cc_in_slow_start(&r.cc))
		acked(&r, 1);
	r.now += 1 * S;
	acked(&r, 1);
	KUNIT_EXPECT_EQ(test, state(&r)->now.epoch_us, r.now);
	KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, 9085);
}

/* 4.10, RFC 9406: slow start that ends by delay starts on its plateau. */
static void hystart_ends_first_slow_start(struct kunit *test)
{
	struct cubic_run r = fresh(10, TOY_CC_SSTHRESH_MAX);

	r.cc.snd_una = U32_MAX - 20;
	for (int i = 0; i < 1000 && toy_cc_in_slow_start(&r.cc); i++) {
		/* The queue of a path of 40 segments in 50 ms. */
		u64 rtt = max(50 * MS, r.cc.cwnd * 50 * MS / 40);

		r.now += rtt / r.cc.cwnd;
		r.cc.snd_nxt = r.cc.snd_una + r.cc.cwnd;
		r.cc.snd_una++;
		acked_rtt(&r, 1, rtt);
	}
	KUNIT_EXPECT_EQ(test, r.cc.ssthresh, r.cc.cwnd);
	/* Seen while the queue is short, then five rounds by a quarter at
	 * most: 80 * 1.25^5 = 244.
	 */
	KUNIT_EXPECT_GE(test, r.cc.cwnd, 40);
	KUNIT_EXPECT_LE(test, r.cc.cwnd, 244);

	acked(&r, 1);
	KUNIT_EXPECT_EQ(test, state(&r)->now.k_ms, 0);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_max, r.cc.ssthresh);
	KUNIT_EXPECT_EQ(test, state(&r)->now.cwnd_prior, r.cc.ssthresh);
}

/* RFC 7661, and the clamp. */
static void window_stays_where_it_must(struct kunit *test)
{
	struct cubic_run r = fresh(10, TOY_CC_SSTHRESH_MAX);

	r.cc.cwnd_limited = false;
	acked(&r, 10);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 10);
	r.cc.cwnd_limited = true;
	r.cc.cwnd_clamp = 13;
	acked(&r, 10);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 13);
	r.cc.ssthresh = 2;
	run_for(&r, 1000 * S);
	KUNIT_EXPECT_EQ(test, r.cc.cwnd, 13);
	KUNIT_EXPECT_EQ(test, state(&r)->now.w_est >> EST_SHIFT, 13);
}

/* A year without a loss, in steps of an hour and a second. */
static void long_time_without_overflow(struct kunit *test)
{
	struct cubic_run r = after_loss(1000);
	u32 before = 0;

	for (int i = 0; i < 365 * 24; i++) {
		r.now += i & 1 ? 3600 * S : 1 * S;
		acked(&r, r.cc.cwnd);
		KUNIT_EXPECT_GE(test, r.cc.cwnd, before);
		KUNIT_EXPECT_LE(test, r.cc.cwnd, TOY_CC_CWND_MAX);
		before = r.cc.cwnd;
	}
	lost(&r);
	acked(&r, 1);
	KUNIT_EXPECT_LE(test, state(&r)->now.k_ms, T_MAX_MS);
	KUNIT_EXPECT_LE(test, r.cc.cwnd, TOY_CC_CWND_MAX / 10 * 7 + 1);
}

/* Time runs backwards, everything is 0 or huge: the window stays a window. */
static void absurd_input_stays_in_range(struct kunit *test)
{
	static const u32 odd[] = { 0, 1, 2, 1000, 1U << 30, U32_MAX };
	static const u64 when[] = { 0, 1, U64_MAX, 1000 * S, U32_MAX, 5 };
	struct cubic_run r = fresh(10, TOY_CC_SSTHRESH_MAX);
	u32 x = 1;

	for (int i = 0; i < 200000; i++) {
		x = x * 1664525 + 1013904223;
		r.now = when[(x >> 8) % 6];
		r.cc.srtt_us = odd[(x >> 12) % 6];
		r.cc.cwnd_clamp = max(odd[(x >> 14) % 6], 1U);
		r.cc.cwnd_limited = x >> 30;
		r.cc.paced = (x >> 29) & 1;
		r.cc.snd_una += odd[(x >> 16) % 6];
		r.cc.snd_nxt += odd[(x >> 17) % 6];
		r.cc.cwnd = min(r.cc.cwnd, r.cc.cwnd_clamp);
		switch ((x >> 20) % 32) {
		case 0:
			lost(&r);
			r.cc.cwnd = min(r.cc.cwnd, r.cc.cwnd_clamp);
			KUNIT_EXPECT_GE(test, r.cc.ssthresh, 2);
			break;
		case 1:
			event(&r, x >> 25);
			break;
		case 2:
			r.cc.cwnd = 1;
			break;
		case 3:
			r.cc.ssthresh = TOY_CC_SSTHRESH_MAX;
			break;
		default:
			acked_rtt(&r, odd[(x >> 21) % 6],
				  (s64)when[(x >> 24) % 6]);
		}
		if (r.cc.cwnd < 1 || r.cc.cwnd > TOY_CC_CWND_MAX ||
		    r.cc.cwnd > r.cc.cwnd_clamp)
			KUNIT_FAIL(test, "step %d: cwnd %u, clamp %u", i,
				   r.cc.cwnd, r.cc.cwnd_clamp);
	}
}

#undef MS
#undef S

static struct kunit_case cubic_cases[] = {
	KUNIT_CASE(cube_roots_are_exact),
	KUNIT_CASE(k_of_the_stage),
	KUNIT_CASE(w_cubic_at_t),
	KUNIT_CASE(window_follows_the_curve),
	KUNIT_CASE(growth_is_bounded),
	KUNIT_CASE(friendly_region_is_reno),
	KUNIT_CASE(mean_window_follows_loss),
	KUNIT_CASE(decrease_to_seven_tenths),
	KUNIT_CASE(fast_convergence_makes_room),
	KUNIT_CASE(timeout_forgets_w_max),
	KUNIT_CASE(undo_restores_the_stage),
	KUNIT_CASE(undo_of_the_first_loss),
	KUNIT_CASE(idle_time_does_not_count),
	KUNIT_CASE(app_limited_time_does_not_count),
	KUNIT_CASE(restart_begins_a_new_stage),
	KUNIT_CASE(hystart_ends_first_slow_start),
	KUNIT_CASE(window_stays_where_it_must),
	KUNIT_CASE(long_time_without_overflow),
	KUNIT_CASE(absurd_input_stays_in_range),
	{}
};

static struct kunit_suite cubic_suite = {
	.name = "toy-tcp-cubic",
	.test_cases = cubic_cases,
};

kunit_test_suite(cubic_suite);
