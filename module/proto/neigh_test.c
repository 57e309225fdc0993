// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for neigh.c, neigh_table.c, neigh_gc.c and neigh_admin.c.
 *
 * The namespace is made up, and so is its device: it is down, so what is sent
 * ends in toy_dev_xmit() and is counted there as DropDevDown.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>

struct neigh_fix {
	struct toy_net tn;
	struct toy_dev dev;
	struct net_device *ndev;
};

/* What the link was asked, and which packets were given up, in order. */
static struct {
	int mcast, ucast, failed;
	struct in6_addr saddr;
} link_saw;

static bool test_solicit(struct toy_dev *dev, const struct in6_addr *addr,
			 const struct in6_addr *saddr, const u8 *lladdr)
{
	link_saw.saddr = *saddr;
	if (lladdr)
		link_saw.ucast++;
	else
		link_saw.mcast++;
	return true;
}

static void test_failed(struct toy_dev *dev, struct sk_buff *skb)
{
	link_saw.failed++;
}

static const struct toy_neigh_ops test_ops = {
	.ethertype = htons(ETH_P_IP),
	.solicit = test_solicit,
	.failed = test_failed,
};

static const u8 mac_a[MAX_ADDR_LEN] = { 2, 0, 0, 0, 0, 0xa };
static const u8 mac_b[MAX_ADDR_LEN] = { 2, 0, 0, 0, 0, 0xb };

static struct in6_addr host(u32 i)
{
	return toy_v4(htonl(0xc0000200 + i));		/* 192.0.2.0/24 */
}

static struct toy_neigh *get(struct neigh_fix *f, u32 i)
{
	struct in6_addr addr = host(i);
	struct toy_neigh *n = toy_neigh_get(&f->tn, &f->dev, &addr);

	if (n)
		n->ops = &test_ops;
	return n;
}

static struct toy_neigh *find(struct neigh_fix *f, u32 i)
{
	struct in6_addr addr = host(i);

	return toy_neigh_find(&f->tn, &f->dev, &addr);
}

static bool exists(struct neigh_fix *f, u32 i)
{
	struct toy_neigh *n = find(f, i);

	toy_neigh_put(n);
	return n;
}

static int add(struct neigh_fix *f, u32 i, enum toy_nud_state state)
{
	struct in6_addr addr = host(i);

	return toy_neigh_add(&f->dev, &addr, mac_a, state, false, NULL);
}

static void hear(struct neigh_fix *f, u32 i, const u8 *mac, unsigned int flags)
{
	struct in6_addr addr = host(i);

	toy_neigh_update(&f->tn, &f->dev, &addr, mac, flags);
}

static unsigned long counted(struct neigh_fix *f, int which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(f->tn.mib, cpu)->count[which];
	return sum;
}

#define dropped(f, why) counted(f, TOY_MIB_DROPS + TOY_DROP_##why)
#define sent(f) dropped(f, DEV_DOWN)

/* An IPv4 packet, as far as this layer looks. */
static struct sk_buff *packet(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph) + 8);
	iph->version = 4;
	iph->ihl = 5;
	iph->saddr = htonl(0xc0000263);
	return skb;
}

static int send(struct kunit *test, struct toy_neigh *n)
{
	return toy_neigh_output(n, packet(test));
}

#define expect_state(n, want) \
	KUNIT_EXPECT_EQ(test, (int)(n)->nud.state, (int)TOY_NUD_##want)

/* One question for many packets, which go when it is answered. */
static void packets_wait_for_the_answer(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n = get(f, 1);
	struct in6_addr hint = toy_v4(htonl(0xc0000263));

	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, send(test, n), 0);
	expect_state(n, INCOMPLETE);
	KUNIT_EXPECT_EQ(test, link_saw.mcast, 1);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&link_saw.saddr, &hint));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->waiting), 3U);

	hear(f, 1, mac_a, TOY_NEIGH_UPDATE_OVERRIDE |
	     TOY_NEIGH_UPDATE_SOLICITED | TOY_NEIGH_UPDATE_UNPROVEN);
	expect_state(n, REACHABLE);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&n->waiting), 0U);
	KUNIT_EXPECT_EQ(test, sent(f), 3UL);
	KUNIT_EXPECT_MEMEQ(test, n->lladdr, mac_a, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, send(test, n), -ENETDOWN);
	KUNIT_EXPECT_EQ(test, sent(f), 4UL);
	toy_neigh_put(n);
}

/* The queue is bounded, and the oldest packet is the one that goes. */
static void full_queue_drops_the_oldest(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n = get(f, 1);

	f->tn.sysctl.neigh_unres_qlen = 2;
	for (u32 i = 1; i <= 4; i++) {
		struct sk_buff *skb = packet(test);

		skb->mark = i;
		KUNIT_EXPECT_EQ(test, toy_neigh_output(n, skb), 0);
	}
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_QUEUE), 2UL);
	KUNIT_EXPECT_EQ(test, skb_peek(&n->waiting)->mark, 3U);
	KUNIT_EXPECT_EQ(test, skb_peek_tail(&n->waiting)->mark, 4U);

	f->tn.sysctl.neigh_unres_qlen = 0;
	KUNIT_EXPECT_EQ(test, send(test, n), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_QUEUE), 3UL);
	toy_neigh_put(n);
}

/* Nobody answers: the senders are told, and a later packet asks again. */
static void silence_is_reported(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n = get(f, 1);

	f->tn.sysctl.neigh_retrans_ms = 10;
	f->tn.sysctl.neigh_mcast_probes = 2;
	send(test, n);
	send(test, n);
	for (int i = 0; i < 200 && n->nud.state != TOY_NUD_FAILED; i++)
		msleep(20);
	expect_state(n, FAILED);
	KUNIT_EXPECT_EQ(test, link_saw.mcast, 2);
	KUNIT_EXPECT_EQ(test, link_saw.failed, 2);
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_FAILED), 2UL);
	KUNIT_EXPECT_EQ(test, counted(f, TOY_MIB_NEIGH_RES_FAILED), 1UL);

	f->tn.sysctl.neigh_retrans_ms = 1000;
	KUNIT_EXPECT_EQ(test, send(test, n), 0);
	expect_state(n, INCOMPLETE);
	KUNIT_EXPECT_EQ(test, link_saw.mcast, 3);

	f->tn.sysctl.neigh_mcast_probes = 0;
	toy_neigh_put(n);
	n = get(f, 2);
	KUNIT_EXPECT_EQ(test, send(test, n), -EHOSTUNREACH);
	KUNIT_EXPECT_EQ(test, link_saw.failed, 3);
	toy_neigh_put(n);
}

/* A doubtful address is used, and then probed by unicast. */
static void stale_is_used_and_probed(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n;

	f->tn.sysctl.neigh_delay_probe_ms = 0;
	KUNIT_ASSERT_EQ(test, add(f, 1, TOY_NUD_STALE), 0);
	n = get(f, 1);
	KUNIT_EXPECT_EQ(test, send(test, n), -ENETDOWN);
	KUNIT_EXPECT_EQ(test, sent(f), 1UL);
	for (int i = 0; i < 200 && n->nud.state != TOY_NUD_PROBE; i++)
		msleep(20);
	expect_state(n, PROBE);
	KUNIT_EXPECT_EQ(test, link_saw.ucast, 1);
	KUNIT_EXPECT_EQ(test, link_saw.mcast, 0);
	toy_neigh_confirm(n);
	expect_state(n, REACHABLE);
	KUNIT_EXPECT_EQ(test, counted(f, TOY_MIB_NEIGH_CONFIRMS), 1UL);
	toy_neigh_put(n);
}

/* RFC 826 and its limits; see arp.c. */
static void claims_are_believed_a_little(struct kunit *test)
{
	const unsigned int claim = TOY_NEIGH_UPDATE_OVERRIDE |
				   TOY_NEIGH_UPDATE_UNPROVEN;
	const unsigned int answer = claim | TOY_NEIGH_UPDATE_SOLICITED;
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n;

	/* It makes no entry unless it may. */
	hear(f, 1, mac_a, answer);
	KUNIT_EXPECT_FALSE(test, exists(f, 1));
	hear(f, 1, mac_a, claim | TOY_NEIGH_UPDATE_CREATE);
	n = find(f, 1);
	KUNIT_ASSERT_NOT_NULL(test, n);
	expect_state(n, STALE);

	/* Nobody has asked: it is no answer. Within a second: no change. */
	hear(f, 1, mac_a, answer);
	expect_state(n, STALE);
	hear(f, 1, mac_b, answer);
	KUNIT_EXPECT_MEMEQ(test, n->lladdr, mac_a, ETH_ALEN);

	n->nud.updated -= TOY_NEIGH_LOCKTIME;
	hear(f, 1, mac_b, claim);
	KUNIT_EXPECT_MEMEQ(test, n->lladdr, mac_b, ETH_ALEN);
	expect_state(n, STALE);
	toy_neigh_put(n);
}

/* Of two answers to one question the first wins, and is to be verified. */
static void first_answer_wins(struct kunit *test)
{
	const unsigned int answer = TOY_NEIGH_UPDATE_OVERRIDE |
				    TOY_NEIGH_UPDATE_UNPROVEN |
				    TOY_NEIGH_UPDATE_SOLICITED;
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n = get(f, 1);

	send(test, n);
	hear(f, 1, mac_a, answer);
	expect_state(n, REACHABLE);
	hear(f, 1, mac_b, answer);
	KUNIT_EXPECT_MEMEQ(test, n->lladdr, mac_a, ETH_ALEN);
	expect_state(n, STALE);
	toy_neigh_put(n);
}

/* No packet changes a permanent entry. */
static void permanent_is_permanent(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n;

	KUNIT_ASSERT_EQ(test, add(f, 1, TOY_NUD_PERMANENT), 0);
	n = find(f, 1);
	n->nud.updated -= 2 * TOY_NEIGH_LOCKTIME;
	hear(f, 1, mac_b, TOY_NEIGH_UPDATE_OVERRIDE |
	     TOY_NEIGH_UPDATE_SOLICITED);
	expect_state(n, PERMANENT);
	KUNIT_EXPECT_MEMEQ(test, n->lladdr, mac_a, ETH_ALEN);
	toy_neigh_put(n);
}

/* At the limit the entry unused for longest goes, and only that. */
static void limit_evicts_least_recently_used(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *first;

	f->tn.sysctl.neigh_gc_thresh = 4;
	first = get(f, 1);
	for (u32 i = 2; i <= 4; i++)
		toy_neigh_put(get(f, i));
	toy_neigh_lru_touch(first, jiffies + 1);

	toy_neigh_put(get(f, 5));
	KUNIT_EXPECT_TRUE(test, exists(f, 1));
	KUNIT_EXPECT_FALSE(test, exists(f, 2));
	KUNIT_EXPECT_TRUE(test, exists(f, 3));
	KUNIT_EXPECT_TRUE(test, exists(f, 5));
	KUNIT_EXPECT_EQ(test, counted(f, TOY_MIB_NEIGH_EVICTS), 1UL);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 4);
	toy_neigh_put(first);
}

/* A scan of a /16 leaves no more than the limit. */
static void scan_costs_bounded_memory(struct kunit *test)
{
	struct neigh_fix *f = test->priv;

	f->tn.sysctl.neigh_gc_thresh = 100;
	for (u32 i = 0; i < 65536; i++) {
		struct toy_neigh *n = get(f, i << 8);

		KUNIT_ASSERT_NOT_NULL(test, n);
		toy_neigh_put(n);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 100);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->ht.nelems), 100);
	KUNIT_EXPECT_EQ(test, counted(f, TOY_MIB_NEIGH_EVICTS), 65436UL);
}

/* Permanent entries are never evicted: there is no room then. */
static void permanent_entries_fill_the_table(struct kunit *test)
{
	struct neigh_fix *f = test->priv;

	f->tn.sysctl.neigh_gc_thresh = 2;
	KUNIT_EXPECT_EQ(test, add(f, 1, TOY_NUD_PERMANENT), 0);
	KUNIT_EXPECT_EQ(test, add(f, 2, TOY_NUD_PERMANENT), 0);
	KUNIT_EXPECT_NULL(test, get(f, 3));
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_LIMIT), 1UL);
	KUNIT_EXPECT_EQ(test, add(f, 4, TOY_NUD_STALE), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 2);
}

static void age(struct neigh_fix *f, u32 i, unsigned long by)
{
	struct toy_neigh *n = find(f, i);

	n->nud.used -= by;
	n->nud.confirmed -= by;
	n->nud.updated -= by;
	toy_neigh_put(n);
}

/* What is stale and unused goes; what is used, held or permanent stays. */
static void unused_entries_are_collected(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *held;

	f->tn.sysctl.neigh_gc_stale_ms = 60000;
	add(f, 1, TOY_NUD_STALE);
	add(f, 2, TOY_NUD_STALE);
	add(f, 3, TOY_NUD_STALE);
	add(f, 4, TOY_NUD_PERMANENT);
	for (u32 i = 2; i <= 4; i++)
		age(f, i, 61 * HZ);
	held = find(f, 3);

	toy_neigh_gc(&f->tn.neighs->gc.work);
	KUNIT_EXPECT_TRUE(test, exists(f, 1));
	KUNIT_EXPECT_FALSE(test, exists(f, 2));
	KUNIT_EXPECT_TRUE(test, exists(f, 3));
	KUNIT_EXPECT_TRUE(test, exists(f, 4));
	toy_neigh_put(held);

	/* The limit was lowered. */
	f->tn.sysctl.neigh_gc_thresh = 2;
	toy_neigh_gc(&f->tn.neighs->gc.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 2);
	KUNIT_EXPECT_TRUE(test, exists(f, 4));
}

/* A path that remembers a removed entry still gets its packets through. */
static void successor_takes_over(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *old, *new;
	u32 gen = toy_path_gen(&f->tn);

	old = get(f, 1);
	send(test, old);
	toy_neigh_flush(&f->tn, NULL, false);
	KUNIT_EXPECT_TRUE(test, old->dead);
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_DEAD), 1UL);

	new = get(f, 1);
	KUNIT_ASSERT_NOT_NULL(test, new);
	KUNIT_EXPECT_PTR_NE(test, new, old);
	KUNIT_EXPECT_EQ(test, send(test, old), 0);
	expect_state(new, INCOMPLETE);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&new->waiting), 1U);
	/* Nobody else's path is to blame. */
	KUNIT_EXPECT_EQ(test, toy_path_gen(&f->tn), gen);
	toy_neigh_put(new);
	toy_neigh_put(old);
}

/* A device without its net_device makes no entries and takes no packets. */
static void device_gone(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh *n = get(f, 1);

	RCU_INIT_POINTER(f->dev.dev, NULL);
	toy_neigh_flush(&f->tn, &f->dev, true);
	KUNIT_EXPECT_NULL(test, get(f, 2));
	KUNIT_EXPECT_EQ(test, send(test, n), -EHOSTUNREACH);
	KUNIT_EXPECT_EQ(test, dropped(f, NEIGH_DEAD), 1UL);
	toy_neigh_put(n);
}

/* What an administrator is told. */
static void admin_errors(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct in6_addr addr = host(1), bad = toy_v4(htonl(0xe0000001));

	KUNIT_EXPECT_EQ(test, add(f, 1, TOY_NUD_INCOMPLETE), -EINVAL);
	KUNIT_EXPECT_EQ(test, toy_neigh_add(&f->dev, &bad, mac_a,
					    TOY_NUD_PERMANENT, true, NULL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, add(f, 1, TOY_NUD_STALE), 0);
	KUNIT_EXPECT_EQ(test, add(f, 1, TOY_NUD_STALE), -EEXIST);
	KUNIT_EXPECT_EQ(test, toy_neigh_add(&f->dev, &addr, mac_b,
					    TOY_NUD_PERMANENT, true, NULL), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->tn.neighs->lru));
	KUNIT_EXPECT_EQ(test, toy_neigh_del(&f->dev, &addr, NULL), 0);
	KUNIT_EXPECT_EQ(test, toy_neigh_del(&f->dev, &addr, NULL), -ENOENT);
	f->dev.has_lladdr = false;
	KUNIT_EXPECT_EQ(test, add(f, 1, TOY_NUD_PERMANENT), -EINVAL);
}

/* Flushing leaves permanent entries and other devices, unless asked. */
static void flush_takes_what_it_should(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_dev *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);

	for (u32 i = 0; i < 1000; i++)
		add(f, i + 1, i % 2 ? TOY_NUD_STALE : TOY_NUD_PERMANENT);
	toy_neigh_flush(&f->tn, other, true);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 1000);
	toy_neigh_flush(&f->tn, &f->dev, false);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 500);
	toy_neigh_flush(&f->tn, NULL, true);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->tn.neighs->count), 0);
}

static int count_some(struct toy_neigh *n, void *arg)
{
	int *left = arg;

	return (*left)-- ? 0 : -EMSGSIZE;
}

/* A walk that stopped in the middle goes on where it was. */
static void walk_resumes(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct rhashtable_iter iter;
	int left = 3;

	for (u32 i = 1; i <= 10; i++)
		toy_neigh_put(get(f, i));
	rhashtable_walk_enter(toy_neigh_rhashtable(&f->tn), &iter);
	KUNIT_EXPECT_EQ(test, toy_neigh_walk(&f->tn, &iter, count_some, &left),
			-EMSGSIZE);
	left = 100;
	KUNIT_EXPECT_EQ(test, toy_neigh_walk(&f->tn, &iter, count_some, &left),
			0);
	KUNIT_EXPECT_EQ(test, left, 93);
	rhashtable_walk_exit(&iter);
}

/* RFC 4861 6.3.2: between 0.5 and 1.5 of the base. */
static void reachable_time_is_random(struct kunit *test)
{
	struct neigh_fix *f = test->priv;
	struct toy_neigh_table *t = f->tn.neighs;

	for (int base = 1000; base < 1200; base++) {
		unsigned long r;

		f->tn.sysctl.neigh_base_reachable_ms = base;
		r = toy_neigh_reachable(t);
		KUNIT_EXPECT_GE(test, r, msecs_to_jiffies(base / 2));
		KUNIT_EXPECT_LE(test, r, msecs_to_jiffies(base * 3 / 2));
		KUNIT_EXPECT_EQ(test, toy_neigh_reachable(t), r);
	}
}

static int neigh_test_init(struct kunit *test)
{
	struct neigh_fix *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->tn.net = &init_net;
	atomic_set(&f->tn.path_gen, 1);
	f->tn.sysctl.neigh_gc_thresh = 1024;
	f->tn.sysctl.neigh_gc_stale_ms = 60000;
	f->tn.sysctl.neigh_base_reachable_ms = 30000;
	f->tn.sysctl.neigh_retrans_ms = 1000;
	f->tn.sysctl.neigh_delay_probe_ms = 5000;
	f->tn.sysctl.neigh_ucast_probes = 3;
	f->tn.sysctl.neigh_mcast_probes = 3;
	f->tn.sysctl.neigh_unres_qlen = 101;
	f->tn.mib = alloc_percpu(struct toy_mib_cpu);
	f->ndev = alloc_etherdev(0);
	KUNIT_ASSERT_NOT_NULL(test, f->tn.mib);
	KUNIT_ASSERT_NOT_NULL(test, f->ndev);
	rcu_assign_pointer(f->dev.dev, f->ndev);
	f->dev.tn = &f->tn;
	f->dev.ifindex = 99;
	f->dev.has_lladdr = true;
	/* One that is never given back: the device is not freed. */
	refcount_set(&f->dev.refcnt, 1);
	memset(&link_saw, 0, sizeof(link_saw));
	return toy_neigh_net_init(&f->tn);
}

static void neigh_test_exit(struct kunit *test)
{
	struct neigh_fix *f = test->priv;

	toy_neigh_net_exit(&f->tn);
	KUNIT_EXPECT_EQ(test, refcount_read(&f->dev.refcnt), 1U);
	free_netdev(f->ndev);
	free_percpu(f->tn.mib);
}

static struct kunit_case neigh_cases[] = {
	KUNIT_CASE(packets_wait_for_the_answer),
	KUNIT_CASE(full_queue_drops_the_oldest),
	KUNIT_CASE(silence_is_reported),
	KUNIT_CASE(stale_is_used_and_probed),
	KUNIT_CASE(claims_are_believed_a_little),
	KUNIT_CASE(first_answer_wins),
	KUNIT_CASE(permanent_is_permanent),
	KUNIT_CASE(limit_evicts_least_recently_used),
	KUNIT_CASE(scan_costs_bounded_memory),
	KUNIT_CASE(permanent_entries_fill_the_table),
	KUNIT_CASE(unused_entries_are_collected),
	KUNIT_CASE(successor_takes_over),
	KUNIT_CASE(device_gone),
	KUNIT_CASE(admin_errors),
	KUNIT_CASE(flush_takes_what_it_should),
	KUNIT_CASE(walk_resumes),
	KUNIT_CASE(reachable_time_is_random),
	{}
};

static struct kunit_suite neigh_suite = {
	.name = "toy-proto-neigh",
	.init = neigh_test_init,
	.exit = neigh_test_exit,
	.test_cases = neigh_cases,
};

kunit_test_suite(neigh_suite);
