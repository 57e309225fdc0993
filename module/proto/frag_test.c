// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for frag.c and frag_table.c: whole datagrams, in pieces, through
 * toy_frag_rcv(). What stands at offset N of a datagram is the byte pattern(N).
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/skbuff.h>
#include <net/ip.h>

#include "../ctl/ctl.h"
#include "../skb/csum.h"

#define HDR	20

struct frag_world {
	struct toy_net tn;
	struct toy_dev dev;
	struct toy_ip_ops v4;
	struct toy_ip_ops v6;
};

static int frag_errors;		/* ICMP errors that were asked for */

static void count_error(const struct toy_pkt *pkt, struct sk_buff *skb,
			enum toy_ip_error what, u32 info)
{
	if (what == TOY_ERR_REASM_TIMEOUT)
		frag_errors++;
}

/* As of IPv6, as far as these cases look at it. */
static void test_reassembled6(struct sk_buff *skb, const struct toy_frag *first,
			      u8 ecn, bool df)
{
	skb->data[first->nexthdr_at] = first->proto;
	skb->data[4] = (skb->len - 40) >> 8;
	skb->data[5] = skb->len - 40;
}

static u8 pattern(unsigned int at)
{
	return at * 7 + (at >> 8);
}

static int frag_world_init(struct kunit *test)
{
	struct frag_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct toy_sysctl *s;

	if (!w)
		return -ENOMEM;
	test->priv = w;
	w->tn.net = &init_net;
	INIT_LIST_HEAD(&w->tn.devs);
	w->dev.tn = &w->tn;
	w->dev.ifindex = 1000;
	list_add_tail(&w->dev.list, &w->tn.devs);
	s = &w->tn.sysctl;
	s->ipfrag_high_thresh = 4 << 20;
	s->ip6frag_high_thresh = 4 << 20;
	s->ipfrag_low_thresh = 3 << 20;
	s->ip6frag_low_thresh = 3 << 20;
	s->ipfrag_time = 30;
	s->ip6frag_time = 60;
	w->v4 = toy_ipv4_ops;
	w->v4.error = count_error;
	w->v6 = (struct toy_ip_ops) {
		.version = 6, .hdr_len = 40, .frag_hdr = 8, .max_len = 65575,
		.reassembled = test_reassembled6, .error = count_error,
	};
	frag_errors = 0;
	return toy_stat_net_init(&w->tn) ?: toy_frag_net_init(&w->tn);
}

/* Nothing may be left: every byte that was counted has been given back. */
static void frag_world_exit(struct kunit *test)
{
	struct frag_world *w = test->priv;

	if (!w || !w->tn.frags)
		return;
	toy_frag_net_pre_exit(&w->tn);
	synchronize_rcu();
	toy_frag_net_exit(&w->tn);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 4), 0);
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 6), 0);
	toy_frag_net_free(&w->tn);
	toy_stat_net_exit(&w->tn);
}

/* ---- fragments of one datagram ------------------------------------------ */

struct step {
	u32 offset;
	u32 len;
	bool more;
	u8 ecn;
	enum toy_drop why;
};

static struct sk_buff *frag_skb(struct kunit *test, const struct step *s,
				unsigned int hdr_len)
{
	struct sk_buff *skb = alloc_skb(64 + hdr_len + s->len, GFP_KERNEL);
	struct iphdr *h;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_reset_mac_header(skb);
	h = skb_put_zero(skb, hdr_len);
	*h = (struct iphdr) {
		.version = 4, .ihl = HDR / 4, .tos = s->ecn,
		.tot_len = htons(skb->len), .protocol = IPPROTO_UDP,
		.frag_off = htons(s->offset / 8 | (s->more ? IP_MF : 0)),
	};
	h->check = ip_fast_csum(h, h->ihl);
	for (u32 i = 0; i < s->len; i++)
		skb_put_u8(skb, pattern(s->offset + i));
	skb_reset_network_header(skb);
	/* A device that sums. */
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = skb_checksum(skb, 0, skb->len, 0);
	return skb;
}

struct sender {
	const struct toy_ip_ops *ip;
	u16 id;
	u16 hdr_len;
};

/* Feeds one; the whole packet, or NULL. */
static struct sk_buff *feed(struct kunit *test, const struct sender *from,
			    const struct step *s)
{
	struct frag_world *w = test->priv;
	struct toy_pkt pkt = {
		.tn = &w->tn, .dev = &w->dev, .ip = from->ip,
		.saddr = toy_v4(htonl(0x0a000001)),
		.daddr = toy_v4(htonl(0x0a000002)), .tos = s->ecn,
	};
	struct toy_frag f = {
		.id = (__force __be32)from->id, .offset = s->offset,
		.more = s->more, .short_id = from->ip->version == 4,
		.proto = IPPROTO_UDP, .hdr_len = from->hdr_len,
		.frag_hdr = from->ip->frag_hdr, .nexthdr_at = 6,
	};
	struct sk_buff *skb = frag_skb(test, s, from->hdr_len);
	struct sk_buff *was = skb;
	enum toy_drop why;

	local_bh_disable();
	rcu_read_lock();
	why = toy_frag_rcv(&pkt, &skb, &f);
	rcu_read_unlock();
	local_bh_enable();
	KUNIT_EXPECT_EQ_MSG(test, (int)why, (int)s->why, "offset %u", s->offset);
	if (!why)
		return skb;
	KUNIT_EXPECT_PTR_EQ(test, skb, was);
	toy_drop_skb(&w->tn, skb, why);
	return NULL;
}

static void expect_pattern(struct kunit *test, struct sk_buff *skb,
			   unsigned int hdr_len, unsigned int len)
{
	unsigned int wrong = 0;
	u8 byte;

	KUNIT_ASSERT_EQ(test, skb->len, hdr_len + len);
	for (unsigned int i = 0; i < len; i++)
		if (skb_copy_bits(skb, hdr_len + i, &byte, 1) ||
		    byte != pattern(i))
			wrong++;
	KUNIT_EXPECT_EQ(test, wrong, 0);
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		KUNIT_EXPECT_EQ(test, csum_fold(skb->csum),
				csum_fold(skb_checksum(skb, 0, skb->len, 0)));
}

#define MAX_STEPS	6

struct story {
	const char *name;
	struct step steps[MAX_STEPS];	/* up to one of length 0 */
	unsigned int whole;		/* bytes; 0: never complete */
	int left;			/* datagrams that still wait */
};

#define DUP	TOY_DROP_FRAG_DUP
#define OVER	TOY_DROP_FRAG_OVERLAP
#define END	TOY_DROP_FRAG_END
#define BAD	TOY_DROP_FRAG_LEN
#define BEYOND	TOY_DROP_FRAG_BEYOND

static const struct story stories[] = {
	{ "in order",
	  { { 0, 1480, 1 }, { 1480, 1480, 1 }, { 2960, 41 } }, 3001 },
	{ "backwards",
	  { { 2960, 41 }, { 1480, 1480, 1 }, { 0, 1480, 1 } }, 3001 },
	{ "from the middle",
	  { { 1480, 1480, 1 }, { 2960, 41 }, { 0, 1480, 1 } }, 3001 },
	{ "runs that meet",
	  { { 0, 8, 1 }, { 32, 8 }, { 8, 8, 1 }, { 24, 8, 1 }, { 16, 8, 1 } },
	  40 },
	{ "repeated",
	  { { 0, 8, 1 }, { 0, 8, 1, 0, DUP }, { 16, 8 }, { 16, 8, 0, 0, DUP },
	    { 8, 8, 1 } }, 24 },
	{ "part of one that is here",
	  { { 0, 64, 1 }, { 8, 8, 1, 0, DUP }, { 64, 8 } }, 72 },
	{ "overlap at the end",
	  { { 0, 16, 1 }, { 8, 16, 1, 0, OVER } }, 0, 0 },
	{ "overlap at the front",
	  { { 16, 16, 1 }, { 8, 16, 1, 0, OVER } }, 0, 0 },
	{ "overlap of two",
	  { { 0, 16, 1 }, { 32, 16 }, { 8, 32, 1, 0, OVER } }, 0, 0 },
	{ "around one that is here",
	  { { 16, 8, 1 }, { 8, 24, 1, 0, OVER } }, 0, 0 },
	/* RFC 5722: nothing of before helps to complete it. */
	{ "overlap, then the rest",
	  { { 0, 16, 1 }, { 8, 16, 1, 0, OVER }, { 16, 8 } }, 0, 1 },
	{ "two ends",
	  { { 16, 8 }, { 24, 8, 0, 0, END } }, 0, 0 },
	{ "behind the end",
	  { { 16, 8 }, { 24, 8, 1, 0, END } }, 0, 0 },
	{ "end before what is here",
	  { { 16, 16, 1 }, { 8, 8, 0, 0, END } }, 0, 0 },
	{ "no multiple of 8",
	  { { 0, 7, 1, 0, BAD }, { 0, 8, 1 }, { 8, 5 } }, 13 },
	{ "beyond 64 KB",
	  { { 65512, 8, 0, 0, BEYOND }, { 0, 8, 1 }, { 8, 8 } }, 16 },
	{ "never the first", { { 8, 8, 1 }, { 16, 8 } }, 0, 1 },
	{ "never the last", { { 0, 8, 1 }, { 8, 8, 1 } }, 0, 1 },
	{ "a hole", { { 0, 8, 1 }, { 16, 8 } }, 0, 1 },
};

static unsigned int drops(struct kunit *test, enum toy_drop why)
{
	struct frag_world *w = test->priv;

	return toy_stat_sum(&w->tn, TOY_MIB_DROPS + why);
}

static void run_story(struct kunit *test, const struct story *story,
		      const struct sender *from)
{
	unsigned int out = from->hdr_len - from->ip->frag_hdr;
	struct sk_buff *skb = NULL;

	for (int i = 0; i < MAX_STEPS && story->steps[i].len; i++) {
		KUNIT_EXPECT_NULL_MSG(test, skb, "%s: too early", story->name);
		skb = feed(test, from, &story->steps[i]);
	}
	KUNIT_EXPECT_EQ_MSG(test, !!skb, !!story->whole, "%s", story->name);
	if (!skb)
		return;
	expect_pattern(test, skb, out, story->whole);
	KUNIT_EXPECT_PTR_EQ(test, skb->data, skb_network_header(skb));
	KUNIT_EXPECT_FALSE(test, skb_cloned(skb));
	kfree_skb(skb);
}

static void stories_v4(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	long before, q = sizeof(struct toy_frag_queue);

	for (int i = 0; i < ARRAY_SIZE(stories); i++) {
		before = toy_frag_mem(&w->tn, 4);
		from.id = i;
		run_story(test, &stories[i], &from);
		if (stories[i].left)
			KUNIT_EXPECT_GT(test, toy_frag_mem(&w->tn, 4),
					before + q);
		else
			KUNIT_EXPECT_EQ_MSG(test, toy_frag_mem(&w->tn, 4),
					    before, "%s", stories[i].name);
	}
}

static void stories_v6(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v6, .hdr_len = 48 };

	for (int i = 0; i < ARRAY_SIZE(stories); i++) {
		/* IPv6's lengths do not count its first 40 bytes. */
		if (!strcmp(stories[i].name, "beyond 64 KB"))
			continue;
		from.id = i;
		run_story(test, &stories[i], &from);
	}
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 4), 0);
}

/* All that IPv4 can hold: 65,515 bytes, and the header makes 65,535. */
static void the_largest(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	struct sk_buff *skb = NULL;

	for (u32 at = 65120; ; at -= 1480) {
		struct step s = { at, min(1480U, 65515 - at), at < 65120 };

		skb = feed(test, &from, &s);
		if (!at)
			break;
		KUNIT_ASSERT_NULL(test, skb);
	}
	KUNIT_ASSERT_NOT_NULL(test, skb);
	expect_pattern(test, skb, HDR, 65515);
	KUNIT_EXPECT_EQ(test, ntohs(ip_hdr(skb)->tot_len), 65535);
	KUNIT_EXPECT_EQ(test, ip_fast_csum(skb->data, 5), 0);
	KUNIT_EXPECT_EQ(test, toy_skb_cb(skb)->frag_max, 1500);
	kfree_skb(skb);
}

/* RFC 3168 5.3 */
static void ecn_of_the_whole(struct kunit *test)
{
	static const struct {
		u8 a, b;
		int whole;	/* -1: dropped */
	} rows[] = {
		{ 0, 0, 0 },	{ 2, 2, 2 },	{ 1, 1, 1 },	{ 3, 3, 3 },
		{ 2, 3, 3 },	{ 3, 2, 3 },	{ 1, 3, 3 },
		{ 0, 3, -1 },	{ 2, 0, -1 },	{ 0, 1, -1 },
	};
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	int bad = 0;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct step first = { 0, 8, 1, rows[i].a };
		struct step last = { 8, 8, 0, rows[i].b };
		struct sk_buff *skb;

		from.id = i;
		KUNIT_EXPECT_NULL(test, feed(test, &from, &first));
		skb = feed(test, &from, &last);
		KUNIT_EXPECT_EQ_MSG(test, skb ? ip_hdr(skb)->tos : -1,
				    rows[i].whole, "row %d", i);
		bad += rows[i].whole < 0;
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, drops(test, TOY_DROP_FRAG_ECN), 2 * bad);
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 4), 0);
}

/* ---- limits ------------------------------------------------------------- */

/* Above the low limit no datagram begins, but those that have begun go on. */
static void memory_is_bounded(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	struct step first = { 0, 1480, 1 }, middle = { 1480, 1480, 1 };
	struct step last = { 1480, 100, 0 };
	struct sk_buff *skb;
	long full;

	w->tn.sysctl.ipfrag_low_thresh = 50000;
	w->tn.sysctl.ipfrag_high_thresh = 60000;
	while (toy_frag_mem(&w->tn, 4) <= 50000) {
		KUNIT_EXPECT_NULL(test, feed(test, &from, &first));
		from.id++;
	}
	full = toy_frag_mem(&w->tn, 4);
	first.why = TOY_DROP_FRAG_FULL;
	feed(test, &from, &first);
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 4), full);

	from.id = 1;
	skb = feed(test, &from, &last);
	KUNIT_EXPECT_NOT_NULL(test, skb);
	kfree_skb(skb);
	KUNIT_EXPECT_LT(test, toy_frag_mem(&w->tn, 4), full);

	/* To the high limit, and not much above. */
	from.id = 2;
	for (u32 i = 0; toy_frag_mem(&w->tn, 4) <= 60000; i++) {
		feed(test, &from, &middle);
		middle.offset += 1480;
	}
	KUNIT_EXPECT_LT(test, toy_frag_mem(&w->tn, 4), 60000 + 4096);
	middle.why = TOY_DROP_FRAG_FULL;
	feed(test, &from, &middle);
}

/* RFC 4963: identifications come round. */
static void old_ones_are_not_continued(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	struct step first = { 0, 8, 1 }, last = { 8, 8, 0 };

	w->tn.sysctl.ipfrag_max_dist = 10;
	KUNIT_EXPECT_NULL(test, feed(test, &from, &first));
	for (from.id = 1; from.id < 12; from.id++)
		KUNIT_EXPECT_NULL(test, feed(test, &from, &first));
	from.id = 0;
	KUNIT_EXPECT_NULL(test, feed(test, &from, &last));
	KUNIT_EXPECT_EQ(test, drops(test, TOY_DROP_FRAG_FAR), 1);
	/* ... which has begun a new one. */
	kfree_skb(feed(test, &from, &first));
	KUNIT_EXPECT_EQ(test, toy_stat_sum(&w->tn, TOY_MIB_IP_REASM_OKS), 1);
}

/* RFC 1122 3.3.2: an error if, and only if, the first fragment is here. */
static void time_is_bounded(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	struct step first = { 0, 8, 1 }, middle = { 8, 8, 1 };

	w->tn.sysctl.ipfrag_time = 1;
	feed(test, &from, &first);
	feed(test, &from, &middle);
	from.id = 1;
	feed(test, &from, &middle);
	KUNIT_EXPECT_GT(test, toy_frag_mem(&w->tn, 4), 0);
	for (int i = 0; i < 500 && toy_frag_mem(&w->tn, 4); i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, toy_frag_mem(&w->tn, 4), 0);
	KUNIT_EXPECT_EQ(test, frag_errors, 1);
	KUNIT_EXPECT_EQ(test, drops(test, TOY_DROP_FRAG_TIMEOUT), 3);
	KUNIT_EXPECT_EQ(test, toy_stat_sum(&w->tn, TOY_MIB_IP_REASM_TIMEOUT), 2);
	KUNIT_EXPECT_EQ(test, toy_stat_sum(&w->tn, TOY_MIB_IP_REASM_FAILS), 2);
}

/* Other than that, what tells datagrams apart is compared in full. */
static void other_names_are_other_datagrams(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender a = { .ip = &w->v4, .hdr_len = HDR };
	struct sender b = { .ip = &w->v4, .hdr_len = HDR, .id = 1 };
	struct sender c = { .ip = &w->v6, .hdr_len = 48 };
	struct step first = { 0, 8, 1 }, last = { 8, 8, 0 };
	struct sk_buff *skb;

	KUNIT_EXPECT_NULL(test, feed(test, &a, &first));
	KUNIT_EXPECT_NULL(test, feed(test, &b, &last));
	KUNIT_EXPECT_NULL(test, feed(test, &c, &last));
	skb = feed(test, &a, &last);
	KUNIT_EXPECT_NOT_NULL(test, skb);
	kfree_skb(skb);
}

/* What a dying namespace holds goes with it: frag_world_exit() counts. */
static void nothing_is_held_afterwards(struct kunit *test)
{
	struct frag_world *w = test->priv;
	struct sender from = { .ip = &w->v4, .hdr_len = HDR };
	struct step first = { 0, 1480, 1 };

	for (from.id = 0; from.id < 100; from.id++)
		feed(test, &from, &first);
	toy_frag_net_pre_exit(&w->tn);
	first.why = TOY_DROP_FRAG_FULL;
	feed(test, &from, &first);
}

static struct kunit_case frag_cases[] = {
	KUNIT_CASE(stories_v4),
	KUNIT_CASE(stories_v6),
	KUNIT_CASE(the_largest),
	KUNIT_CASE(ecn_of_the_whole),
	KUNIT_CASE(memory_is_bounded),
	KUNIT_CASE(old_ones_are_not_continued),
	KUNIT_CASE_SLOW(time_is_bounded),
	KUNIT_CASE(other_names_are_other_datagrams),
	KUNIT_CASE(nothing_is_held_afterwards),
	{}
};

static struct kunit_suite frag_suite = {
	.name = "toy-frag",
	.init = frag_world_init,
	.exit = frag_world_exit,
	.test_cases = frag_cases,
};

kunit_test_suite(frag_suite);
