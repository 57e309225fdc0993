// SPDX-License-Identifier: GPL-2.0-only
/* Cases for opt.c: the tables themselves. */
#include <kunit/test.h>

static const struct toy_opt *const opt_tables[] = {
	toy_opts_toy, toy_opts_socket, toy_opts_ip, toy_opts_ip6,
};

/* Every row says how it is set and read, once. */
static void opt_rows_are_whole(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(opt_tables); i++) {
		for (const struct toy_opt *o = opt_tables[i]; o->name; o++) {
			bool bit = o->cmsg || o->flag;
			bool sets = o->set || o->set_all || bit;
			bool gets = o->get || o->get_all || bit;

			KUNIT_EXPECT_EQ_MSG(test, sets,
					    !(o->need & TOY_OPT_READ_ONLY),
					    "table %d option %d", i, o->name);
			KUNIT_EXPECT_EQ_MSG(test, gets,
					    !(o->need & TOY_OPT_WRITE_ONLY),
					    "table %d option %d", i, o->name);
			KUNIT_EXPECT_LE_MSG(test, o->low, o->high,
					    "table %d option %d", i, o->name);
			for (const struct toy_opt *p = o + 1; p->name; p++)
				KUNIT_EXPECT_NE_MSG(test, o->name, p->name,
						    "table %d", i);
		}
	}
}

/* No bit has two meanings: IPV6_TRANSPARENT is IP_TRANSPARENT's twin. */
static void opt_bits_are_apart(struct kunit *test)
{
	u32 cmsg = 0, flag = 0;

	for (int i = 0; i < ARRAY_SIZE(opt_tables); i++) {
		for (const struct toy_opt *o = opt_tables[i]; o->name; o++) {
			KUNIT_EXPECT_FALSE_MSG(test, cmsg & o->cmsg,
					       "option %d", o->name);
			if (o->flag != TOY_OPT_TRANSPARENT)
				KUNIT_EXPECT_FALSE_MSG(test, flag & o->flag,
						       "option %d", o->name);
			KUNIT_EXPECT_LE(test, hweight32(o->cmsg), 1);
			KUNIT_EXPECT_LE(test, hweight32(o->flag), 1);
			cmsg |= o->cmsg;
			flag |= o->flag;
		}
	}
}

static void opt_is_found(struct kunit *test)
{
	KUNIT_EXPECT_NOT_NULL(test, toy_opt_find(IPPROTO_IP, IP_TTL));
	KUNIT_EXPECT_NOT_NULL(test, toy_opt_find(IPPROTO_IPV6, IPV6_V6ONLY));
	KUNIT_EXPECT_NULL(test, toy_opt_find(IPPROTO_IP, 0));
	KUNIT_EXPECT_NULL(test, toy_opt_find(IPPROTO_IP, -1));
	KUNIT_EXPECT_NULL(test, toy_opt_find(IPPROTO_UDP, IP_TTL));
}

static struct kunit_case opt_cases[] = {
	KUNIT_CASE(opt_rows_are_whole),
	KUNIT_CASE(opt_bits_are_apart),
	KUNIT_CASE(opt_is_found),
	{}
};

static struct kunit_suite opt_suite = {
	.name = "toy_opt",
	.test_cases = opt_cases,
};

kunit_test_suite(opt_suite);
