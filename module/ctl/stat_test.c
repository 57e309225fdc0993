// SPDX-License-Identifier: GPL-2.0-only
/* Cases for stat.c: the lists are complete, and a drop counts what it should. */
#include <kunit/test.h>
#include <linux/ctype.h>

static void every_counter_has_name_and_help(struct kunit *test)
{
	for (unsigned int i = 0; i < TOY_MIB_MAX; i++) {
		KUNIT_ASSERT_NOT_NULL(test, toy_stat_name(i));
		KUNIT_ASSERT_NOT_NULL(test, toy_stat_help(i));
		KUNIT_EXPECT_GT(test, strlen(toy_stat_help(i)), 0);
		KUNIT_EXPECT_NULL(test, strchr(toy_stat_help(i), '\n'));
	}
}

/* The rows stand in the order of the enums. */
static void counters_have_their_own_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, toy_stat_name(TOY_MIB_IP_IN_RECEIVES),
			   "IpInReceives");
	KUNIT_EXPECT_STREQ(test, toy_stat_name(TOY_MIB_DROPS +
					       TOY_DROP_QUEUE_FULL),
			   "DropQueueFull");
	KUNIT_EXPECT_STREQ(test, toy_stat_name(TOY_MIB_DROPS +
					       TOY_DROP_UDP_NO_PORT),
			   "DropUdpNoPort");
	KUNIT_EXPECT_EQ(test, toy_drop_core[TOY_DROP_UDP_CSUM],
			SKB_DROP_REASON_UDP_CSUM);
}

static void names_are_unique(struct kunit *test)
{
	for (unsigned int i = 0; i < TOY_MIB_MAX; i++)
		for (unsigned int j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, toy_stat_name(i),
					    toy_stat_name(j));
}

/* SNMP's way: one capitalised word, "IpInReceives". */
static void names_are_snmp_words(struct kunit *test)
{
	for (unsigned int i = 0; i < TOY_MIB_MAX; i++) {
		const char *name = toy_stat_name(i);

		KUNIT_EXPECT_TRUE_MSG(test, isupper(name[0]), "%s", name);
		for (const char *p = name; *p; p++)
			KUNIT_EXPECT_TRUE_MSG(test, isalnum(*p), "%s", name);
		if (i >= TOY_MIB_DROPS)
			KUNIT_EXPECT_EQ_MSG(test, strncmp(name, "Drop", 4), 0,
					    "%s", name);
	}
}

static void every_drop_has_a_core_reason(struct kunit *test)
{
	for (unsigned int i = TOY_RX_OK + 1; i < __TOY_DROP_MAX; i++)
		KUNIT_EXPECT_NE(test, toy_drop_core[i],
				SKB_DROP_REASON_NOT_SPECIFIED);
}

/* ---- what a drop counts ---------------------------------------------- */

static int stat_test_init(struct kunit *test)
{
	struct toy_net *tn = kunit_kzalloc(test, sizeof(*tn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tn);
	tn->net = &init_net;
	KUNIT_ASSERT_EQ(test, toy_stat_net_init(tn), 0);
	test->priv = tn;
	return 0;
}

static void stat_test_exit(struct kunit *test)
{
	if (test->priv)
		toy_stat_net_exit(test->priv);
}

static struct sk_buff *stat_test_skb(struct kunit *test, __be16 protocol,
				     u8 ip_proto)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct iphdr *ip;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->protocol = protocol;
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	ip->protocol = ip_proto;
	return skb;
}

#define expect_stat(tn, which, value) \
	KUNIT_EXPECT_EQ(test, toy_stat_sum(tn, which), (u64)(value))
#define expect_drops(tn, why, value) \
	expect_stat(tn, TOY_MIB_DROPS + TOY_DROP_##why, value)

static void drop_counts_its_reason_once(struct kunit *test)
{
	struct toy_net *tn = test->priv;
	u64 all = 0;

	toy_drop_skb(tn, NULL, TOY_DROP_QUEUE_FULL);

	expect_drops(tn, QUEUE_FULL, 1);
	for (unsigned int i = 0; i < TOY_MIB_MAX; i++)
		all += toy_stat_sum(tn, i);
	KUNIT_EXPECT_EQ(test, all, 1ULL);
}

static void bad_checksum_is_a_header_error(struct kunit *test)
{
	struct toy_net *tn = test->priv;

	toy_drop_skb(tn, stat_test_skb(test, htons(ETH_P_IP), IPPROTO_UDP),
		     TOY_DROP_IP_CSUM);

	expect_drops(tn, IP_CSUM, 1);
	expect_stat(tn, TOY_MIB_IP_IN_HDR_ERRORS, 1);
	expect_stat(tn, TOY_MIB_UDP_IN_ERRORS, 0);
}

static void udp_checksum_counts_twice_in_the_mib(struct kunit *test)
{
	struct toy_net *tn = test->priv;

	toy_drop_skb(tn, NULL, TOY_DROP_UDP_CSUM);

	expect_stat(tn, TOY_MIB_UDP_IN_ERRORS, 1);
	expect_stat(tn, TOY_MIB_UDP_IN_CSUM_ERRORS, 1);
}

/* A full receive buffer counts for UDP only if it is UDP's. */
static void socket_drops_count_for_their_protocol(struct kunit *test)
{
	struct toy_net *tn = test->priv;

	toy_drop_skb(tn, stat_test_skb(test, htons(ETH_P_IP), IPPROTO_ICMP),
		     TOY_DROP_SOCK_RCVBUF);
	expect_stat(tn, TOY_MIB_UDP_RCVBUF_ERRORS, 0);

	toy_drop_skb(tn, stat_test_skb(test, htons(ETH_P_IP), IPPROTO_UDP),
		     TOY_DROP_SOCK_RCVBUF);
	expect_stat(tn, TOY_MIB_UDP_RCVBUF_ERRORS, 1);
	expect_stat(tn, TOY_MIB_UDP_IN_ERRORS, 1);
	expect_drops(tn, SOCK_RCVBUF, 2);
}

/* ARP has no counters in SNMP; a lost request is no lost IP packet. */
static void arp_counts_for_nobody(struct kunit *test)
{
	struct toy_net *tn = test->priv;

	toy_drop_skb(tn, stat_test_skb(test, htons(ETH_P_ARP), 0),
		     TOY_DROP_DEV_DOWN);

	expect_drops(tn, DEV_DOWN, 1);
	expect_stat(tn, TOY_MIB_IP_OUT_DISCARDS, 0);
}

static struct kunit_case stat_cases[] = {
	KUNIT_CASE(every_counter_has_name_and_help),
	KUNIT_CASE(counters_have_their_own_names),
	KUNIT_CASE(names_are_unique),
	KUNIT_CASE(names_are_snmp_words),
	KUNIT_CASE(every_drop_has_a_core_reason),
	KUNIT_CASE(drop_counts_its_reason_once),
	KUNIT_CASE(bad_checksum_is_a_header_error),
	KUNIT_CASE(udp_checksum_counts_twice_in_the_mib),
	KUNIT_CASE(socket_drops_count_for_their_protocol),
	KUNIT_CASE(arp_counts_for_nobody),
	{}
};

static struct kunit_suite stat_suite = {
	.name = "toy-ctl-stat",
	.init = stat_test_init,
	.exit = stat_test_exit,
	.test_cases = stat_cases,
};

kunit_test_suite(stat_suite);
