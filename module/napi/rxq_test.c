// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for rxq.c: bounds, order, budget and end of a queue, on a device that
 * has queues but no net device. Its packets are of EtherType IPv6, whose row
 * the cases lend to themselves.
 */
#include <kunit/test.h>

#define LIMIT	100
#define WEIGHT	8

struct rxq_case {
	struct toy_net *tn;
	struct toy_dev *dev;
	toy_l3_rcv_t saved;
};

/* What the protocol has seen; one case at a time. */
static struct {
	unsigned int count;
	u32 last;
	bool in_order;
	bool looped;
	unsigned int echo;		/* packets still to be answered */
	enum toy_drop verdict;
	struct toy_dev *dev;
} seen;

static struct sk_buff *numbered(u32 number)
{
	struct sk_buff *skb = alloc_skb(64, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*(u32 *)skb_put(skb, 4) = number;
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	return skb;
}

static enum toy_drop see(struct toy_pkt *pkt, struct sk_buff *skb)
{
	u32 number = *(u32 *)skb->data;

	seen.in_order = seen.in_order && number == seen.last + 1;
	seen.last = number;
	seen.looped = pkt->flags & TOY_PKT_LOOPED;
	seen.dev = pkt->dev;
	seen.count++;
	if (seen.verdict != TOY_RX_OK)
		return seen.verdict;
	consume_skb(skb);
	/* An answer from inside the poll, as a reply to an own address. */
	if (seen.echo) {
		seen.echo--;
		skb = numbered(number + 1);
		if (skb)
			toy_dev_enqueue(pkt->dev, skb);
	}
	return TOY_RX_OK;
}

static int rxq_test_init(struct kunit *test)
{
	struct rxq_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->tn = kunit_kzalloc(test, sizeof(*c->tn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->tn);
	c->tn->net = &init_net;
	c->tn->sysctl.max_backlog = LIMIT;
	c->tn->sysctl.dev_weight = WEIGHT;
	c->tn->mib = alloc_percpu(struct toy_mib_cpu);
	KUNIT_ASSERT_NOT_NULL(test, c->tn->mib);
	rtnl_lock();
	c->dev = toy_dev_alloc(c->tn, 77, TOY_HOOK_SHARED);
	rtnl_unlock();
	memset(&seen, 0, sizeof(seen));
	seen.in_order = true;
	c->saved = toy_l3_handler(TOY_L3_IPV6);
	toy_l3_register(TOY_L3_IPV6, see);
	test->priv = c;
	KUNIT_ASSERT_NOT_NULL(test, c->dev);
	return 0;
}

static void rxq_test_exit(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	if (!c)
		return;
	if (c->dev) {
		rtnl_lock();
		toy_rxq_stop(c->dev);
		rtnl_unlock();
		toy_dev_put(c->dev);
	}
	toy_l3_unregister(TOY_L3_IPV6);
	if (c->saved)
		toy_l3_register(TOY_L3_IPV6, c->saved);
	rcu_barrier();
	free_percpu(c->tn->mib);
}

static u64 drops(struct rxq_case *c, enum toy_drop why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(c->tn->mib, cpu)->count[TOY_MIB_DROPS + why];
	return sum;
}

/* Sums over CPUs: a case may be moved between two bursts. */
struct rxq_total {
	unsigned long processed;
	unsigned long dropped;
	unsigned long time_squeeze;
	unsigned long polls;
};

static struct rxq_total total(struct rxq_case *c)
{
	struct rxq_total sum = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct toy_rxq *rxq = per_cpu_ptr(c->dev->rxq, cpu);

		sum.processed += READ_ONCE(rxq->processed);
		sum.dropped += READ_ONCE(rxq->dropped);
		sum.time_squeeze += READ_ONCE(rxq->time_squeeze);
		sum.polls += READ_ONCE(rxq->polls);
	}
	return sum;
}

/* Arrivals of one softirq: no poll in between. Turning bottom halves on again
 * runs the polls. Returns how many were refused.
 */
static unsigned int burst(struct rxq_case *c, u32 first, unsigned int n)
{
	unsigned int refused = 0;

	local_bh_disable();
	rcu_read_lock();
	for (unsigned int i = 0; i < n; i++)
		if (toy_dev_enqueue(c->dev, numbered(first + i)))
			refused++;
	rcu_read_unlock();
	local_bh_enable();
	return refused;
}

static bool all_polled(struct rxq_case *c, unsigned int n)
{
	/* What is left for ksoftirqd takes a moment. */
	for (int tries = 0; tries < 1000 && READ_ONCE(seen.count) < n; tries++)
		usleep_range(500, 1000);
	return READ_ONCE(seen.count) == n;
}

static void packets_arrive_in_order(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, burst(c, 1, 50), 0);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 50));
	KUNIT_EXPECT_TRUE(test, seen.in_order);
	KUNIT_EXPECT_PTR_EQ(test, seen.dev, c->dev);
	KUNIT_EXPECT_FALSE(test, seen.looped);
	KUNIT_EXPECT_EQ(test, total(c).processed, 50);
}

/* The newest are refused, by name, and the queue works on. */
static void full_queue_refuses(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	KUNIT_EXPECT_EQ(test, burst(c, 1, LIMIT + 7), 7);
	KUNIT_EXPECT_TRUE(test, all_polled(c, LIMIT));
	KUNIT_EXPECT_TRUE(test, seen.in_order);
	KUNIT_EXPECT_EQ(test, total(c).dropped, 7);
	KUNIT_EXPECT_EQ(test, drops(c, TOY_DROP_QUEUE_FULL), 7);
	KUNIT_EXPECT_EQ(test, burst(c, LIMIT + 1, 1), 0);
	KUNIT_EXPECT_TRUE(test, all_polled(c, LIMIT + 1));
}

/* The weight counts from the second poll on, the first was 64. */
static void poll_keeps_its_budget(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	burst(c, 1, 1);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 1));
	KUNIT_EXPECT_EQ(test, total(c).polls, 1);
	KUNIT_EXPECT_EQ(test, total(c).time_squeeze, 0);

	burst(c, 2, 4 * WEIGHT + 1);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 4 * WEIGHT + 2));
	KUNIT_EXPECT_TRUE(test, seen.in_order);
	KUNIT_EXPECT_EQ(test, total(c).polls, 1 + 5);
	KUNIT_EXPECT_EQ(test, total(c).time_squeeze, 4);
}

/* Packets that the poll itself causes are neither lost nor recursive. */
static void packets_from_inside_the_poll(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	seen.echo = 3 * WEIGHT;
	burst(c, 1, 1);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 3 * WEIGHT + 1));
	KUNIT_EXPECT_TRUE(test, seen.in_order);
}

static void verdict_is_counted(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	seen.verdict = TOY_DROP_IP_CSUM;
	burst(c, 1, 3);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 3));
	KUNIT_EXPECT_EQ(test, drops(c, TOY_DROP_IP_CSUM), 3);
}

static void nobody_for_the_protocol(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	toy_l3_unregister(TOY_L3_IPV6);
	burst(c, 1, 5);
	for (int tries = 0; tries < 1000 && total(c).processed < 5; tries++)
		usleep_range(500, 1000);
	KUNIT_EXPECT_EQ(test, seen.count, 0);
	KUNIT_EXPECT_EQ(test, drops(c, TOY_DROP_UNKNOWN_L3), 5);
}

static void loopback_is_marked(struct kunit *test)
{
	struct rxq_case *c = test->priv;

	c->dev->hook = TOY_HOOK_LOOPBACK;
	burst(c, 1, 1);
	KUNIT_EXPECT_TRUE(test, all_polled(c, 1));
	KUNIT_EXPECT_TRUE(test, seen.looped);
}

/* What waits when a device goes is dropped by name: from both lists. */
static void stop_drops_what_waits(struct kunit *test)
{
	struct rxq_case *c = test->priv;
	struct toy_rxq *rxq = per_cpu_ptr(c->dev->rxq, 0);

	rtnl_lock();
	for (u32 i = 0; i < 4; i++) {
		__skb_queue_tail(&rxq->process, numbered(i));
		__skb_queue_tail(&rxq->queue, numbered(i));
	}
	KUNIT_EXPECT_EQ(test, toy_rxq_len(rxq), 8);
	toy_rxq_stop(c->dev);
	toy_rxq_stop(c->dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, toy_rxq_len(rxq), 0);
	KUNIT_EXPECT_EQ(test, drops(c, TOY_DROP_DEV_GONE), 8);
	KUNIT_EXPECT_EQ(test, seen.count, 0);
}

static struct kunit_case rxq_cases[] = {
	KUNIT_CASE(packets_arrive_in_order),
	KUNIT_CASE(full_queue_refuses),
	KUNIT_CASE(poll_keeps_its_budget),
	KUNIT_CASE(packets_from_inside_the_poll),
	KUNIT_CASE(verdict_is_counted),
	KUNIT_CASE(nobody_for_the_protocol),
	KUNIT_CASE(loopback_is_marked),
	KUNIT_CASE(stop_drops_what_waits),
	{}
};

static struct kunit_suite rxq_suite = {
	.name = "toy-napi-rxq",
	.init = rxq_test_init,
	.exit = rxq_test_exit,
	.test_cases = rxq_cases,
};

kunit_test_suite(rxq_suite);
