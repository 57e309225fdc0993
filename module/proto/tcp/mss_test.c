// SPDX-License-Identifier: GPL-2.0-only
/* Cases for mss.c: RFC 9293 3.7.1, RFC 6691. */
#include <kunit/test.h>

static void announced(struct kunit *test)
{
	static const struct { u32 mtu, ip, user, want; } rows[] = {
		{ 1500, 20, 0, 1460 }, { 1500, 40, 0, 1440 },
		{ 1500, 20, 1000, 1000 }, { 1500, 20, 1461, 1460 },
		{ 9000, 20, 0, 8960 }, { 576, 20, 0, 536 },
		{ 1280, 40, 0, 1220 }, { 65536, 20, 0, 65496 },
		{ 65575, 40, 0, 65515 }, { 65576, 20, 0, 65535 },
		{ U32_MAX, 20, 0, 65535 },
		{ 128, 20, 0, 88 }, { 127, 20, 0, 88 }, { 68, 20, 0, 88 },
		{ 40, 20, 0, 88 }, { 39, 20, 0, 88 }, { 0, 0, 0, 88 },
		{ 1500, 20, 1, 88 }, { 1500, 20, 65535, 1460 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].want,
				    toy_mss_advertise(rows[i].mtu, rows[i].ip,
						      rows[i].user),
				    "row %d", i);
}

static void sent(struct kunit *test)
{
	static const struct {
		u32 mtu, ip, peer, user, opts, half;
		bool v6;
		u32 want;
	} rows[] = {
		/* no option from the peer: 536, or 1220 */
		{ 1500, 20, 0, 0, 0, 0, false, 536 },
		{ 1500, 40, 0, 0, 0, 0, true, 1220 },
		{ 1500, 20, 0, 0, 12, 0, false, 524 },
		/* the least of path, peer and program, less options */
		{ 1500, 20, 1460, 0, 0, 0, false, 1460 },
		{ 1500, 20, 1460, 0, 12, 0, false, 1448 },
		{ 1500, 20, 1440, 0, 12, 0, false, 1428 },
		{ 1400, 20, 1460, 0, 12, 0, false, 1348 },
		{ 1500, 20, 1460, 1200, 12, 0, false, 1188 },
		{ 1500, 40, 8940, 0, 12, 0, true, 1428 },
		{ 65536, 20, 65535, 0, 12, 0, false, 65484 },
		/* IP options are in the header's length */
		{ 1500, 60, 1460, 0, 12, 0, false, 1408 },
		/* never next to nothing */
		{ 1500, 20, 1, 0, 0, 0, false, 48 },
		{ 1500, 20, 1, 0, 12, 0, false, 36 },
		{ 1500, 20, 1, 0, 40, 0, false, 8 },
		{ 1500, 20, 1460, 1, 40, 0, false, 8 },
		{ 68, 20, 1460, 0, 12, 0, false, 36 },
		{ 0, 0, 0, 0, 0, 0, false, 48 },
		/* half of the window; all of a tiny one */
		{ 1500, 20, 1460, 0, 12, 1448, false, 1448 },
		{ 1500, 20, 1460, 0, 12, 1447, false, 1447 },
		{ 1500, 20, 1460, 0, 12, 500, false, 500 },
		{ 1500, 20, 1460, 0, 12, 268, false, 536 },
		{ 1500, 20, 1460, 0, 12, 100, false, 200 },
		{ 1500, 20, 1460, 0, 12, 1, false, 36 },
		{ 1500, 20, 1460, 0, 40, 1, false, 8 },
		{ 1500, 20, 1460, 0, 12, U32_MAX, false, 1448 },
		{ 1500, 20, 1460, 0, 12, 1U << 31, false, 1448 },
		/* absurd */
		{ 1500, 20, 1460, 0, U32_MAX, 0, false, 1420 },
		{ U32_MAX, 20, 65535, 0, 0, 0, false, 65535 },
		{ 1500, U32_MAX - 20, 1460, 0, 0, 0, false, 48 },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].want,
				    toy_mss_send(rows[i].mtu, rows[i].ip,
						 rows[i].peer, rows[i].user,
						 rows[i].opts, rows[i].half,
						 rows[i].v6),
				    "row %d", i);
}

static struct kunit_case mss_cases[] = {
	KUNIT_CASE(announced),
	KUNIT_CASE(sent),
	{}
};

static struct kunit_suite mss_suite = {
	.name = "toy-tcp-mss",
	.test_cases = mss_cases,
};

kunit_test_suite(mss_suite);
