// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for hook.c: what a frame must have lost when it stands in the queue.
 * Bottom halves stay off, so that it stays there; the device has no net device.
 */
#include <kunit/test.h>
#include <linux/rtnetlink.h>

struct hook_case {
	struct toy_net *tn;
	struct toy_dev *dev;
};

static int hook_test_init(struct kunit *test)
{
	struct hook_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->tn = kunit_kzalloc(test, sizeof(*c->tn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->tn);
	c->tn->net = &init_net;
	c->tn->sysctl.max_backlog = 10;
	c->tn->sysctl.dev_weight = 1;
	c->tn->mib = alloc_percpu(struct toy_mib_cpu);
	KUNIT_ASSERT_NOT_NULL(test, c->tn->mib);
	rtnl_lock();
	c->dev = toy_dev_alloc(c->tn, 77, TOY_HOOK_SHARED);
	rtnl_unlock();
	test->priv = c;
	KUNIT_ASSERT_NOT_NULL(test, c->dev);
	/* As if a frame were being received: the next ones are queued. */
	for_each_possible_cpu(cpu)
		per_cpu_ptr(c->dev->rxq, cpu)->busy = true;
	return 0;
}

static void hook_test_exit(struct kunit *test)
{
	struct hook_case *c = test->priv;

	if (!c)
		return;
	if (c->dev) {
		rtnl_lock();
		toy_rxq_stop(c->dev);
		rtnl_unlock();
		toy_dev_put(c->dev);
	}
	rcu_barrier();
	free_percpu(c->tn->mib);
}

static u64 hook_drops(struct hook_case *c, enum toy_drop why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(c->tn->mib, cpu)->count[TOY_MIB_DROPS + why];
	return sum;
}

/* No protocol is asked: of none of ours. */
static struct sk_buff *some_frame(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, 40);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_LOOPBACK);
	return skb;
}

/* Take @skb; what stands in the queue then is out of it and the caller's. */
static struct sk_buff *take(struct hook_case *c, struct sk_buff *skb)
{
	struct toy_rxq *rxq;

	local_bh_disable();
	toy_hook_take(c->dev, NULL, skb);
	rxq = this_cpu_ptr(c->dev->rxq);
	skb = skb_dequeue(&rxq->queue);
	local_bh_enable();
	return skb;
}

static void frame_is_queued(struct kunit *test)
{
	struct hook_case *c = test->priv;
	struct sk_buff *skb = some_frame(test);

	KUNIT_EXPECT_PTR_EQ(test, take(c, skb), skb);
	kfree_skb(skb);
}

static void frames_for_others_are_dropped(struct kunit *test)
{
	struct hook_case *c = test->priv;
	struct sk_buff *skb = some_frame(test);

	skb->pkt_type = PACKET_OTHERHOST;
	KUNIT_EXPECT_NULL(test, take(c, skb));
	KUNIT_EXPECT_EQ(test, hook_drops(c, TOY_DROP_OTHERHOST), 1);

	skb = some_frame(test);
	skb->pkt_type = PACKET_LOOPBACK;
	KUNIT_EXPECT_NULL(test, take(c, skb));
	KUNIT_EXPECT_EQ(test, hook_drops(c, TOY_DROP_OTHERHOST), 2);
}

/* The upper layers still have to know. */
static void broadcast_stays_one(struct kunit *test)
{
	struct hook_case *c = test->priv;
	struct sk_buff *skb = some_frame(test);

	skb->pkt_type = PACKET_BROADCAST;
	skb = take(c, skb);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, (int)skb->pkt_type == PACKET_BROADCAST);
	kfree_skb(skb);
}

/* A tap holds the same skb: it keeps its own, untouched. */
static void shared_skb_is_cloned(struct kunit *test)
{
	struct hook_case *c = test->priv;
	struct sk_buff *skb = some_frame(test), *taken;

	taken = take(c, skb_get(skb));
	KUNIT_ASSERT_NOT_NULL(test, taken);
	KUNIT_EXPECT_PTR_NE(test, taken, skb);
	KUNIT_EXPECT_FALSE(test, skb_shared(skb));
	KUNIT_EXPECT_FALSE(test, skb_shared(taken));
	KUNIT_EXPECT_PTR_EQ(test, taken->data, skb->data);
	kfree_skb(taken);
	kfree_skb(skb);
}

static bool owner_told;

static void tell_owner(struct sk_buff *skb)
{
	owner_told = true;
}

/* The sender's memory is free again before anybody reads. */
static void sender_is_let_go(struct kunit *test)
{
	struct hook_case *c = test->priv;
	struct sk_buff *skb = some_frame(test);

	owner_told = false;
	skb->destructor = tell_owner;
	skb = take(c, skb);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, owner_told);
	KUNIT_EXPECT_NULL(test, skb->destructor);
	kfree_skb(skb);
}

static void vlan_tags(struct kunit *test)
{
	struct sk_buff *skb = some_frame(test);

	KUNIT_EXPECT_TRUE(test, toy_hook_vlan_is_ours(skb));
	/* Priority 7 and no VLAN: an ordinary frame. */
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 7 << VLAN_PRIO_SHIFT);
	KUNIT_EXPECT_TRUE(test, toy_hook_vlan_is_ours(skb));
	KUNIT_EXPECT_FALSE(test, skb_vlan_tag_present(skb));
	/* The core must see the tag to say whose it is. */
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5);
	KUNIT_EXPECT_FALSE(test, toy_hook_vlan_is_ours(skb));
	KUNIT_EXPECT_TRUE(test, skb_vlan_tag_present(skb));
	kfree_skb(skb);
}

static struct kunit_case hook_cases[] = {
	KUNIT_CASE(frame_is_queued),
	KUNIT_CASE(frames_for_others_are_dropped),
	KUNIT_CASE(broadcast_stays_one),
	KUNIT_CASE(shared_skb_is_cloned),
	KUNIT_CASE(sender_is_let_go),
	KUNIT_CASE(vlan_tags),
	{}
};

static struct kunit_suite hook_suite = {
	.name = "toy-napi-hook",
	.init = hook_test_init,
	.exit = hook_test_exit,
	.test_cases = hook_cases,
};

kunit_test_suite(hook_suite);
