// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for toylo.c: what the link header keeps of a packet, there and back.
 * The net device is never registered.
 */
#include <kunit/test.h>

struct toylo_case {
	struct net_device *ndev;
	struct sk_buff *skb;
};

static int toylo_test_init(struct kunit *test)
{
	struct toylo_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	test->priv = c;
	c->ndev = alloc_netdev(0, "toylo%d", NET_NAME_UNKNOWN, toylo_setup);
	KUNIT_ASSERT_NOT_NULL(test, c->ndev);
	c->skb = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->skb);
	skb_reserve(c->skb, 128);
	skb_put_zero(c->skb, 60);
	skb_reset_network_header(c->skb);
	c->skb->dev = c->ndev;
	c->skb->protocol = htons(ETH_P_IP);
	return 0;
}

static void toylo_test_exit(struct kunit *test)
{
	struct toylo_case *c = test->priv;

	if (!c)
		return;
	kfree_skb(c->skb);
	if (c->ndev)
		free_netdev(c->ndev);
}

/* There and back: the packet type and the device that it seems to come by. */
static void turn(struct kunit *test, u8 pkt_type, int ifindex)
{
	struct toylo_case *c = test->priv;
	__be16 protocol = c->skb->protocol;

	c->skb->pkt_type = pkt_type;
	c->skb->skb_iif = ifindex;
	toylo_header(c->skb, c->ndev);
	KUNIT_EXPECT_EQ(test, c->skb->len, ETH_HLEN + 60);

	c->skb->pkt_type = PACKET_HOST;
	KUNIT_EXPECT_EQ(test, eth_type_trans(c->skb, c->ndev), protocol);
	KUNIT_EXPECT_EQ(test, (u8)c->skb->pkt_type, pkt_type);
	KUNIT_EXPECT_EQ(test, toylo_get_source(eth_hdr(c->skb)->h_source),
			ifindex);
	KUNIT_EXPECT_EQ(test, c->skb->len, 60);
}

static void unicast(struct kunit *test)
{
	turn(test, PACKET_HOST, 0);
	turn(test, PACKET_HOST, 7);
	turn(test, PACKET_HOST, INT_MAX);
}

static void broadcast(struct kunit *test)
{
	turn(test, PACKET_BROADCAST, 7);
}

static void multicast_ipv4(struct kunit *test)
{
	struct toylo_case *c = test->priv;
	static const u8 mac[ETH_ALEN] = { 1, 0, 0x5e, 1, 2, 3 };

	ip_hdr(c->skb)->daddr = htonl(0xef810203);	/* 239.129.2.3 */
	turn(test, PACKET_MULTICAST, 7);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth_hdr(c->skb)->h_dest, mac));
}

static void multicast_ipv6(struct kunit *test)
{
	struct toylo_case *c = test->priv;
	static const u8 mac[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0, 1 };

	c->skb->protocol = htons(ETH_P_IPV6);
	ipv6_hdr(c->skb)->daddr = in6addr_linklocal_allnodes;
	turn(test, PACKET_MULTICAST, 7);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth_hdr(c->skb)->h_dest, mac));
}

/* AF_INET's frames come from the device's own address. */
static void others_frames(struct kunit *test)
{
	struct toylo_case *c = test->priv;
	static const u8 zero[ETH_ALEN];

	KUNIT_EXPECT_LT(test, toylo_get_source(c->ndev->dev_addr), 0);
	KUNIT_EXPECT_LT(test, toylo_get_source(c->ndev->broadcast), 0);
	KUNIT_EXPECT_LT(test, toylo_get_source(zero), 0);
}

static struct kunit_case toylo_cases[] = {
	KUNIT_CASE(unicast),
	KUNIT_CASE(broadcast),
	KUNIT_CASE(multicast_ipv4),
	KUNIT_CASE(multicast_ipv6),
	KUNIT_CASE(others_frames),
	{}
};

static struct kunit_suite toylo_suite = {
	.name = "toy-napi-toylo",
	.init = toylo_test_init,
	.exit = toylo_test_exit,
	.test_cases = toylo_cases,
};

kunit_test_suite(toylo_suite);
