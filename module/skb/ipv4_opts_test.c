// SPDX-License-Identifier: GPL-2.0-only
/* Cases for ipv4_opts.c: options that programs want to send, and must not. */
#include <kunit/test.h>
#include <linux/random.h>

static int check(const char *bytes, u8 len, bool privileged,
		 struct toy_ipv4_txopts *o)
{
	*o = (struct toy_ipv4_txopts) { .len = len };
	memcpy(o->data, bytes, len);
	return toy_ipv4_opts_check(o, privileged);
}

static const struct {
	const char *name;
	int err;		/* without privilege */
	int err_root;
	u8 len;
	u8 bytes[TOY_IPV4_OPTS_MAX];
} opts_cases[] = {
	{ "none",		0, 0, 0, {} },
	{ "no operation",	0, 0, 1, { 1 } },
	{ "end of list",	0, 0, 1, { 0 } },
	{ "nops, then end",	0, 0, 4, { 1, 1, 1, 0 } },
	{ "type without length", -EINVAL, -EINVAL, 4, { 1, 1, 1, 7 } },
	{ "length 0",		-EINVAL, -EINVAL, 4, { 7, 0, 4, 0 } },
	{ "length 1",		-EINVAL, -EINVAL, 4, { 7, 1, 4, 0 } },
	{ "beyond the end",	-EINVAL, -EINVAL, 4, { 7, 5, 4, 0 } },
	{ "record route",	0, 0, 7, { 7, 7, 4 } },
	{ "record route, full",	0, 0, 7, { 7, 7, 8 } },
	{ "record route, no room for a slot", -EINVAL, -EINVAL, 7, { 7, 6, 4 } },
	{ "record route, pointer 3", -EINVAL, -EINVAL, 7, { 7, 7, 3 } },
	{ "record route, too short", -EINVAL, -EINVAL, 4, { 7, 2, 4 } },
	{ "record route twice",	-EINVAL, -EINVAL, 14,
	  { 7, 7, 4, 0, 0, 0, 0, 7, 7, 4 } },
	{ "timestamps",		0, 0, 8, { 68, 8, 5, 0 } },
	{ "timestamps, full",	0, 0, 8, { 68, 8, 9, 0 } },
	{ "timestamps, full, overflow full", -EINVAL, -EINVAL, 8,
	  { 68, 8, 9, 0xf0 } },
	{ "timestamps with addresses", 0, 0, 12, { 68, 12, 5, 1 } },
	{ "no room for an address", -EINVAL, -EINVAL, 8, { 68, 8, 5, 1 } },
	{ "timestamps of who is named", 0, 0, 12, { 68, 12, 5, 3 } },
	{ "timestamps, unknown flags", -EINVAL, 0, 12, { 68, 12, 5, 7 } },
	{ "timestamps, pointer 4", -EINVAL, -EINVAL, 8, { 68, 8, 4, 0 } },
	{ "timestamps twice",	-EINVAL, -EINVAL, 16,
	  { 68, 8, 5, 0, 0, 0, 0, 0, 68, 8, 5, 0 } },
	{ "router alert",	0, 0, 4, { 148, 4, 0, 0 } },
	{ "router alert, short", -EINVAL, -EINVAL, 4, { 148, 3, 0 } },
	{ "loose source route",	-EPERM, -EPERM, 7, { 131, 7, 4, 10, 0, 0, 1 } },
	{ "strict source route", -EPERM, -EPERM, 7, { 137, 7, 4, 10, 0, 0, 1 } },
	{ "security",		-EINVAL, 0, 4, { 130, 4 } },
	{ "behind the end",	0, 0, 4, { 0, 7, 7, 7 } },
};

static void opts_are_checked(struct kunit *test)
{
	struct toy_ipv4_txopts o;

	for (int i = 0; i < ARRAY_SIZE(opts_cases); i++) {
		const char *bytes = (const char *)opts_cases[i].bytes;
		u8 len = opts_cases[i].len;

		KUNIT_EXPECT_EQ_MSG(test, check(bytes, len, false, &o),
				    opts_cases[i].err, "%s", opts_cases[i].name);
		KUNIT_EXPECT_EQ_MSG(test, check(bytes, len, true, &o),
				    opts_cases[i].err_root, "%s",
				    opts_cases[i].name);
	}
	o.len = TOY_IPV4_OPTS_MAX + 1;
	KUNIT_EXPECT_EQ(test, toy_ipv4_opts_check(&o, true), -EINVAL);
}

static void opts_are_padded(struct kunit *test)
{
	static const u8 want[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	struct toy_ipv4_txopts o;

	KUNIT_EXPECT_EQ(test, check("\7\7\4\0\0\0\0", 7, false, &o), 0);
	KUNIT_EXPECT_EQ(test, o.len, 8);
	KUNIT_EXPECT_EQ(test, o.rr, 1);
	KUNIT_EXPECT_EQ(test, memcmp(o.data, want, 8), 0);
	/* What stands behind the end leaks nothing. */
	KUNIT_EXPECT_EQ(test, check("\1\0secret", 8, false, &o), 0);
	KUNIT_EXPECT_EQ(test, memcmp(o.data, "\1\0\0\0\0\0\0\0", 8), 0);
}

static void opts_are_stamped(struct kunit *test)
{
	static const u8 want[] = {
		7, 11, 8, 10, 0, 0, 9, 0, 0, 0, 0,
		68, 12, 13, 1, 10, 0, 0, 9, 0, 0, 0x10, 0x20, 0,
	};
	struct toy_ipv4_txopts o;
	u8 data[TOY_IPV4_OPTS_MAX];
	u8 bytes[24] = { 7, 11, 4, [11] = 68, 12, 5, 1 };

	KUNIT_ASSERT_EQ(test, check((char *)bytes, 23, false, &o), 0);
	memcpy(data, o.data, o.len);
	toy_ipv4_opts_stamp(data, &o, htonl(0x0a000009), 0x1020);
	KUNIT_EXPECT_EQ(test, memcmp(data, want, sizeof(want)), 0);
	/* One more hop fits into the route, none into the timestamps. */
	toy_ipv4_opts_stamp(data, &o, htonl(0x0a000008), 0);
	KUNIT_EXPECT_EQ(test, data[2], 12);
	KUNIT_EXPECT_EQ(test, data[13], 13);
	toy_ipv4_opts_stamp(data, &o, htonl(0x0a000007), 0);
	KUNIT_EXPECT_EQ(test, data[2], 12);
	KUNIT_EXPECT_EQ(test, data[10], 8);
}

static void opts_named_stamps(struct kunit *test)
{
	u8 bytes[12] = { 68, 12, 5, 3, 10, 0, 0, 9 };
	struct toy_ipv4_txopts o;

	KUNIT_ASSERT_EQ(test, check((char *)bytes, 12, false, &o), 0);
	toy_ipv4_opts_stamp(o.data, &o, htonl(0x0a000001), 5);
	KUNIT_EXPECT_EQ(test, o.data[2], 5);
	toy_ipv4_opts_stamp(o.data, &o, htonl(0x0a000009), 5);
	KUNIT_EXPECT_EQ(test, o.data[2], 13);
	KUNIT_EXPECT_EQ(test, o.data[11], 5);
}

static void opts_are_echoed(struct kunit *test)
{
	static const u8 in[] = {
		148, 4, 0, 0, 7, 7, 8, 10, 0, 0, 1, 68, 8, 9, 0x10, 0, 0, 0, 7, 1,
	};
	static const u8 want[] = {
		7, 7, 8, 10, 0, 0, 1, 68, 8, 9, 0x10, 0, 0, 0, 7, 0,
	};
	struct toy_ipv4_txopts o;

	KUNIT_ASSERT_EQ(test, toy_ipv4_opts_echo(&o, in, sizeof(in)), 0);
	KUNIT_EXPECT_EQ(test, o.len, sizeof(want));
	KUNIT_EXPECT_EQ(test, memcmp(o.data, want, sizeof(want)), 0);
	KUNIT_EXPECT_NE(test, toy_ipv4_opts_echo(&o, in, 41), 0);
}

/* Whatever it is: no access beyond the 40 bytes, and what passes is whole. */
static void opts_of_noise(struct kunit *test)
{
	struct toy_ipv4_txopts *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	static const u8 types[] = { 7, 68, 148, 1 };
	struct toy_ipv4_txopts echo;

	KUNIT_ASSERT_NOT_NULL(test, o);
	for (int i = 0; i < 20000; i++) {
		get_random_bytes(o->data, sizeof(o->data));
		o->data[0] = types[i & 3];
		o->data[1] %= 41;
		o->len = get_random_u32() % 41;
		if (toy_ipv4_opts_check(o, i & 1))
			continue;
		KUNIT_ASSERT_EQ(test, o->len % 4, 0);
		toy_ipv4_opts_stamp(o->data, o, htonl(0x0a000001), i);
		toy_ipv4_opts_echo(&echo, o->data, o->len);
		KUNIT_ASSERT_LE(test, echo.len, TOY_IPV4_OPTS_MAX);
	}
}

static struct kunit_case opts_cases_list[] = {
	KUNIT_CASE(opts_are_checked),
	KUNIT_CASE(opts_are_padded),
	KUNIT_CASE(opts_are_stamped),
	KUNIT_CASE(opts_named_stamps),
	KUNIT_CASE(opts_are_echoed),
	KUNIT_CASE(opts_of_noise),
	{}
};

static struct kunit_suite opts_suite = {
	.name = "toy_ipv4_opts",
	.test_cases = opts_cases_list,
};

kunit_test_suite(opts_suite);
