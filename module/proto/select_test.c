// SPDX-License-Identifier: GPL-2.0-only
/* Cases for select.c, a rule each: which of two addresses is chosen? */
#include <kunit/test.h>

/* Never looked into: only compared. */
static struct toy_dev sel_eth0, sel_eth1;

#define V4(a, b, c, d) { .s6_addr = { [10] = 0xff, 0xff, a, b, c, d } }
#define SEL_ADDR(d, len, ...) { .dev = &(d), .plen = 96 + (len), \
				.addr = V4(__VA_ARGS__) }
#define SEL_TO(...) { .dev = &sel_eth0, .scope = TOY_SCOPE_GLOBAL, \
		      .daddr = V4(__VA_ARGS__) }

static void expect_better(struct kunit *test, const struct toy_addr *a,
			  const struct toy_addr *b, const struct toy_select *q)
{
	KUNIT_EXPECT_GT(test, toy_select_score(a, q), toy_select_score(b, q));
}

static void device_that_sends(struct kunit *test)
{
	struct toy_addr there = SEL_ADDR(sel_eth1, 24, 192, 0, 2, 1);
	struct toy_addr here = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);
	struct toy_select q = SEL_TO(192, 0, 2, 9);

	expect_better(test, &here, &there, &q);
	KUNIT_EXPECT_NE(test, toy_select_score(&there, &q), 0);
}

static void prefix_with_the_destination(struct kunit *test)
{
	struct toy_addr far = SEL_ADDR(sel_eth0, 24, 10, 0, 1, 1);
	struct toy_addr near = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);
	struct toy_addr wide = SEL_ADDR(sel_eth0, 8, 10, 9, 9, 9);
	struct toy_select q = SEL_TO(10, 0, 0, 77);

	far.preference = 5;
	expect_better(test, &near, &far, &q);
	expect_better(test, &near, &wide, &q);
	expect_better(test, &wide, &far, &q);
}

/* Equal scores: the caller keeps the first it has seen. */
static void no_ipv4_hierarchy_outside_the_prefix(struct kunit *test)
{
	struct toy_addr a = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);
	struct toy_addr b = SEL_ADDR(sel_eth0, 24, 192, 0, 2, 1);
	struct toy_addr c = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 2);
	struct toy_select q = SEL_TO(192, 0, 3, 1);

	KUNIT_EXPECT_EQ(test, toy_select_score(&a, &q),
			toy_select_score(&b, &q));
	q.daddr = (struct in6_addr)V4(10, 0, 0, 3);
	KUNIT_EXPECT_EQ(test, toy_select_score(&a, &q),
			toy_select_score(&c, &q));
}

/* IPv6: the longest common prefix, but no further than the source's. */
static void common_prefix_of_ipv6(struct kunit *test)
{
	struct toy_addr a = { .dev = &sel_eth0, .plen = 64, .addr.s6_addr = {
		0x20, 0x01, 0x0d, 0xb8, 0, 1 } };
	struct toy_addr b = { .dev = &sel_eth0, .plen = 64, .addr.s6_addr = {
		0x20, 0x01, 0x0d, 0xb8, 0, 2 } };
	struct toy_select q = { .dev = &sel_eth0, .daddr.s6_addr = {
		0x20, 0x01, 0x0d, 0xb8, 0, 3 } };
	struct toy_addr v4 = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);

	expect_better(test, &b, &a, &q);
	KUNIT_EXPECT_EQ(test, toy_select_score(&v4, &q), 0);
}

static void preference_among_equals(struct kunit *test)
{
	struct toy_addr a = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);
	struct toy_addr b = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 2);
	struct toy_select q = SEL_TO(10, 0, 0, 3);

	b.preference = 1;
	expect_better(test, &b, &a, &q);
	b.preference = -1;
	expect_better(test, &a, &b, &q);
	a.preference = S32_MIN;
	expect_better(test, &b, &a, &q);
	KUNIT_EXPECT_NE(test, toy_select_score(&a, &q), 0);
	b.preference = S32_MAX;
	b.scope = TOY_SCOPE_LINK;
	q.scope = TOY_SCOPE_LINK;
	expect_better(test, &a, &b, &q);
}

static void scope_must_suffice(struct kunit *test)
{
	struct toy_addr host = SEL_ADDR(sel_eth0, 8, 127, 0, 0, 1);
	struct toy_addr link = SEL_ADDR(sel_eth0, 16, 169, 254, 0, 1);
	struct toy_select q = SEL_TO(198, 51, 100, 1);

	host.scope = TOY_SCOPE_HOST;
	link.scope = TOY_SCOPE_LINK;
	KUNIT_EXPECT_EQ(test, toy_select_score(&link, &q), 0);
	q.scope = TOY_SCOPE_LINK;
	KUNIT_EXPECT_NE(test, toy_select_score(&link, &q), 0);
	KUNIT_EXPECT_EQ(test, toy_select_score(&host, &q), 0);
	q.scope = TOY_SCOPE_HOST;
	KUNIT_EXPECT_NE(test, toy_select_score(&host, &q), 0);

	/* Another link's addresses mean nothing on this one. */
	link.dev = &sel_eth1;
	KUNIT_EXPECT_EQ(test, toy_select_score(&link, &q), 0);
}

static void states_of_conflict_detection(struct kunit *test)
{
	struct toy_addr a = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 1);
	struct toy_addr b = SEL_ADDR(sel_eth0, 24, 10, 0, 0, 2);
	struct toy_select q = SEL_TO(10, 0, 0, 3);

	a.flags = TOY_ADDR_F_TENTATIVE;
	KUNIT_EXPECT_EQ(test, toy_select_score(&a, &q), 0);
	a.flags = TOY_ADDR_F_DUPLICATE;
	KUNIT_EXPECT_EQ(test, toy_select_score(&a, &q), 0);
	a.flags = TOY_ADDR_F_OPTIMISTIC;
	expect_better(test, &b, &a, &q);
	KUNIT_EXPECT_NE(test, toy_select_score(&a, &q), 0);
}

static struct kunit_case select_cases[] = {
	KUNIT_CASE(device_that_sends),
	KUNIT_CASE(prefix_with_the_destination),
	KUNIT_CASE(no_ipv4_hierarchy_outside_the_prefix),
	KUNIT_CASE(common_prefix_of_ipv6),
	KUNIT_CASE(preference_among_equals),
	KUNIT_CASE(scope_must_suffice),
	KUNIT_CASE(states_of_conflict_detection),
	{}
};

static struct kunit_suite select_suite = {
	.name = "toy-proto-select",
	.test_cases = select_cases,
};

kunit_test_suite(select_suite);
