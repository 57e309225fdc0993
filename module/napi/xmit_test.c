// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for xmit.c up to the qdisc: what stands before the packet, or why it
 * does not go. The net device is never registered.
 */
#include <kunit/test.h>

static const u8 own_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const u8 peer_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

struct xmit_case {
	struct net_device *ndev;
	struct sk_buff *skb;
	int err;
};

static void xmit_setup(struct net_device *ndev)
{
	ether_setup(ndev);
}

static int xmit_test_init(struct kunit *test)
{
	struct xmit_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	test->priv = c;
	c->ndev = alloc_netdev(0, "toyxmit%d", NET_NAME_UNKNOWN, xmit_setup);
	KUNIT_ASSERT_NOT_NULL(test, c->ndev);
	eth_hw_addr_set(c->ndev, own_mac);
	c->ndev->flags |= IFF_UP;
	c->skb = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->skb);
	skb_reserve(c->skb, 128);
	skb_put_zero(c->skb, 40);
	skb_reset_network_header(c->skb);
	c->skb->protocol = htons(ETH_P_IP);
	return 0;
}

static void xmit_test_exit(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	if (!c)
		return;
	kfree_skb(c->skb);
	if (c->ndev)
		free_netdev(c->ndev);
}

static enum toy_drop prepare(struct xmit_case *c, const u8 *lladdr)
{
	return toy_xmit_prepare(c->ndev, c->skb, lladdr, &c->err);
}

static void expect_header(struct kunit *test, const u8 *dest)
{
	struct xmit_case *c = test->priv;
	const struct ethhdr *eth = (const void *)c->skb->data;

	KUNIT_EXPECT_EQ(test, c->skb->len, ETH_HLEN + 40);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth->h_dest, dest));
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth->h_source, own_mac));
	KUNIT_EXPECT_EQ(test, ntohs(eth->h_proto), ETH_P_IP);
	KUNIT_EXPECT_EQ(test, skb_network_offset(c->skb), ETH_HLEN);
	KUNIT_EXPECT_PTR_EQ(test, c->skb->dev, c->ndev);
}

static void ethernet_unicast(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, prepare(c, peer_mac), TOY_RX_OK);
	expect_header(test, peer_mac);
}

static void ethernet_without_address_is_a_broadcast(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, prepare(c, NULL), TOY_RX_OK);
	expect_header(test, c->ndev->broadcast);
}

/* As AF_INET on a dummy device: nobody looks, the own address does. */
static void noarp_without_address_is_to_itself(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	c->ndev->flags |= IFF_NOARP;
	KUNIT_EXPECT_EQ(test, prepare(c, NULL), TOY_RX_OK);
	expect_header(test, own_mac);
}

static int other_header(struct sk_buff *skb, struct net_device *ndev,
			unsigned short type, const void *daddr,
			const void *saddr, unsigned int len)
{
	u8 *p = skb_push(skb, 4);

	p[0] = type >> 8;
	p[1] = type;
	memcpy(p + 2, daddr, 2);
	return 4;
}

static int no_header(struct sk_buff *skb, struct net_device *ndev,
		     unsigned short type, const void *daddr, const void *saddr,
		     unsigned int len)
{
	return -EINVAL;
}

/* Another kind of header comes from the device's own function. */
static void other_link_headers(struct kunit *test)
{
	static const struct header_ops other = { .create = other_header };
	static const struct header_ops none = { .create = no_header };
	static const u8 dest[] = { 0xaa, 0xbb };
	struct xmit_case *c = test->priv;

	c->ndev->header_ops = &other;
	c->ndev->hard_header_len = 4;
	KUNIT_EXPECT_EQ(test, prepare(c, dest), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, c->skb->len, 44);
	KUNIT_EXPECT_EQ(test, c->skb->data[0], ETH_P_IP >> 8);
	KUNIT_EXPECT_EQ(test, c->skb->data[2], 0xaa);

	c->ndev->header_ops = &none;
	KUNIT_EXPECT_EQ(test, prepare(c, dest), TOY_DROP_LINK_HEADER);
	KUNIT_EXPECT_EQ(test, c->err, -EINVAL);
}

/* TUN: the packet itself. */
static void raw_ip_has_no_header(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	c->ndev->header_ops = NULL;
	c->ndev->hard_header_len = 0;
	KUNIT_EXPECT_EQ(test, prepare(c, NULL), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, c->skb->len, 40);
}

/* The route has moved to a device whose headers are larger. */
static void headroom_grows(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	c->ndev->needed_headroom = 300;
	KUNIT_EXPECT_EQ(test, prepare(c, peer_mac), TOY_RX_OK);
	expect_header(test, peer_mac);
	KUNIT_EXPECT_GE(test, skb_headroom(c->skb), 300);
}

static void device_is_down(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	c->ndev->flags &= ~IFF_UP;
	KUNIT_EXPECT_EQ(test, prepare(c, peer_mac), TOY_DROP_DEV_DOWN);
	KUNIT_EXPECT_EQ(test, c->err, -ENETDOWN);
}

static void device_has_gone(struct kunit *test)
{
	struct xmit_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, toy_xmit_prepare(NULL, c->skb, NULL, &c->err),
			TOY_DROP_DEV_GONE);
	KUNIT_EXPECT_EQ(test, c->err, -ENODEV);
}

static struct kunit_case xmit_cases[] = {
	KUNIT_CASE(ethernet_unicast),
	KUNIT_CASE(ethernet_without_address_is_a_broadcast),
	KUNIT_CASE(noarp_without_address_is_to_itself),
	KUNIT_CASE(other_link_headers),
	KUNIT_CASE(raw_ip_has_no_header),
	KUNIT_CASE(headroom_grows),
	KUNIT_CASE(device_is_down),
	KUNIT_CASE(device_has_gone),
	{}
};

static struct kunit_suite xmit_suite = {
	.name = "toy-napi-xmit",
	.init = xmit_test_init,
	.exit = xmit_test_exit,
	.test_cases = xmit_cases,
};

kunit_test_suite(xmit_suite);
