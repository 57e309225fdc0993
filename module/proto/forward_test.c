// SPDX-License-Identifier: GPL-2.0-only
/* Cases for forward.c: what a router must not send on. Traffic: selftests. */
#include "world_test.h"

/* eth0 10.0.0.1/24, eth1 192.0.2.1/24 and the default route. */
static int forward_test_init(struct kunit *test)
{
	struct toy_route def = world_route(WORLD_ANY, 0);
	struct world *w;
	int err = world_init(test);

	if (err)
		return err;
	w = test->priv;
	def.gateway = world_ip(192, 0, 2, 254);
	return world_addr(&w->eth0, world_ip(10, 0, 0, 1), 24) ?:
	       world_addr(&w->eth1, world_ip(192, 0, 2, 1), 24) ?:
	       world_add(w, def, 0);
}

static const struct {
	u8 saddr[4];
	u8 daddr[4];
	bool martian;
} martians[] = {
	{ { 10, 0, 0, 9 },	{ 203, 0, 113, 1 },	false },
	{ { 240, 0, 0, 1 },	{ 203, 0, 113, 1 },	false },
	{ { 0, 0, 0, 0 },	{ 203, 0, 113, 1 },	true },
	/* Linux routes the rest of 0/8 like any other address. */
	{ { 0, 0, 0, 9 },	{ 203, 0, 113, 1 },	false },
	{ { 127, 0, 0, 1 },	{ 203, 0, 113, 1 },	true },
	{ { 169, 254, 0, 1 },	{ 203, 0, 113, 1 },	true },
	{ { 224, 0, 0, 1 },	{ 203, 0, 113, 1 },	true },
	{ { 10, 0, 0, 9 },	{ 127, 0, 0, 1 },	true },
	{ { 10, 0, 0, 9 },	{ 169, 254, 1, 1 },	true },
	{ { 10, 0, 0, 9 },	{ 224, 0, 0, 9 },	true },
	{ { 10, 0, 0, 9 },	{ 0, 0, 0, 0 },		true },
};

static struct in6_addr of(const u8 *a)
{
	return world_ip(a[0], a[1], a[2], a[3]);
}

static void martians_stay(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(martians); i++) {
		struct toy_pkt pkt = {
			.saddr = of(martians[i].saddr),
			.daddr = of(martians[i].daddr),
		};

		KUNIT_EXPECT_EQ_MSG(test, is_martian(&pkt), martians[i].martian,
				    "row %u", i);
	}
}

static void link_local_stays(struct kunit *test)
{
	struct in6_addr global = { .s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct in6_addr local = { .s6_addr = { 0xfe, 0x80, [15] = 1 } };
	struct world *w = test->priv;
	struct in6_addr group = { .s6_addr = { 0xff, 0x0e, [15] = 1 } };
	struct toy_pkt pkt = {
		.tn = &w->tn, .dev = &w->eth0, .saddr = global, .daddr = global,
	};

	KUNIT_EXPECT_FALSE(test, is_martian(&pkt));
	pkt.saddr = local;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
	pkt.saddr = in6addr_any;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
	pkt.saddr = in6addr_loopback;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
	pkt.saddr = group;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
	pkt.saddr = global;
	pkt.daddr = local;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
	pkt.daddr = in6addr_loopback;
	KUNIT_EXPECT_TRUE(test, is_martian(&pkt));
}

static enum toy_drop rp_filter(const struct toy_pkt *pkt)
{
	enum toy_drop why;

	rcu_read_lock();
	why = toy_forward_rp_filter(pkt);
	rcu_read_unlock();
	return why;
}

/* RFC 3704 */
static void reverse_paths(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_pkt near = {
		.tn = &w->tn, .dev = &w->eth0, .saddr = world_ip(10, 0, 0, 9),
	};
	struct toy_pkt far = near, wrong = near;

	far.saddr = world_ip(203, 0, 113, 1);
	wrong.dev = &w->eth1;
	KUNIT_EXPECT_EQ(test, rp_filter(&wrong), TOY_RX_OK);
	w->tn.sysctl.rp_filter = 1;
	KUNIT_EXPECT_EQ(test, rp_filter(&near), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, rp_filter(&far), TOY_DROP_IP_RPFILTER);
	KUNIT_EXPECT_EQ(test, rp_filter(&wrong), TOY_DROP_IP_RPFILTER);
	far.dev = &w->eth1;
	KUNIT_EXPECT_EQ(test, rp_filter(&far), TOY_RX_OK);
	w->tn.sysctl.rp_filter = 2;
	KUNIT_EXPECT_EQ(test, rp_filter(&wrong), TOY_RX_OK);
	KUNIT_ASSERT_EQ(test, world_del(w, world_route(WORLD_ANY, 0), true), 0);
	KUNIT_EXPECT_EQ(test, rp_filter(&far), TOY_DROP_IP_RPFILTER);
	far.saddr = WORLD_ANY;
	KUNIT_EXPECT_EQ(test, rp_filter(&far), TOY_RX_OK);
}

static void what_is_refused(struct kunit *test)
{
	struct world *w = test->priv;
	struct toy_pkt pkt = {
		.tn = &w->tn, .dev = &w->eth0, .saddr = world_ip(10, 0, 0, 9),
		.daddr = world_ip(203, 0, 113, 1),
	};
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->pkt_type = PACKET_HOST;
	KUNIT_EXPECT_EQ(test, forward_allowed(&pkt, skb), TOY_RX_OK);
	skb->pkt_type = PACKET_BROADCAST;
	KUNIT_EXPECT_EQ(test, forward_allowed(&pkt, skb),
			TOY_DROP_IP_L2_BCAST);
	skb->pkt_type = PACKET_MULTICAST;
	KUNIT_EXPECT_EQ(test, forward_allowed(&pkt, skb),
			TOY_DROP_IP_L2_BCAST);
	skb->pkt_type = PACKET_HOST;
	pkt.flags = TOY_PKT_LOOPED;
	KUNIT_EXPECT_EQ(test, forward_allowed(&pkt, skb),
			TOY_DROP_IP_NOT_LOCAL);
	kfree_skb(skb);
}

static struct kunit_case forward_cases[] = {
	KUNIT_CASE(martians_stay),
	KUNIT_CASE(link_local_stays),
	KUNIT_CASE(reverse_paths),
	KUNIT_CASE(what_is_refused),
	{}
};

static struct kunit_suite forward_suite = {
	.name = "toy-proto-forward",
	.init = forward_test_init,
	.exit = world_exit,
	.test_cases = forward_cases,
};

kunit_test_suite(forward_suite);
