/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same bytes in every shape that an skb can have, for the suites here.
 *
 *	struct shaped s = shape(test, SHAPE_PAGED, bytes, len);
 *
 *	... s.skb ...
 *	shape_done(test, &s);
 *
 * shape_done() also checks that nobody has written to a clone's twin.
 */
#ifndef _TOY_SKB_SHAPES_TEST_H
#define _TOY_SKB_SHAPES_TEST_H

#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/skbuff.h>

enum shape {
	SHAPE_LINEAR,
	SHAPE_PAGED,		/* nothing linear */
	SHAPE_SPLIT,		/* headers across tiny pages */
	SHAPE_FRAG_LIST,	/* headers across linear and paged members */
	SHAPE_CLONED,		/* the head has a second owner */
	SHAPE_CLONED_SPLIT,	/* and a pull must copy it */
	SHAPE_SHARED,		/* as the packet_type hook unshares it */
	SHAPE_ODD,		/* at an odd address */
	SHAPE_NO_HEADROOM,
	SHAPE_GSO,		/* gso_size set by a TUN user: gso_segs 0 */
	SHAPE_WHOLE,		/* the shapes above hold exactly the bytes */
	SHAPE_PADDED = SHAPE_WHOLE, /* and this one 18 more, of padding */
	SHAPE_MAX
};

#define SHAPE_PADDING	18
#define SHAPE_FILL	0xa5	/* what lies behind the end */

struct shaped {
	struct sk_buff *skb;
	struct sk_buff *twin;	/* shares data with skb; must not change */
	const u8 *bytes;
	unsigned int len;
};

static __maybe_unused const char * const shape_names[SHAPE_MAX] = {
	[SHAPE_LINEAR] = "linear",	[SHAPE_PAGED] = "paged",
	[SHAPE_SPLIT] = "split",	[SHAPE_FRAG_LIST] = "frag_list",
	[SHAPE_CLONED] = "cloned",	[SHAPE_CLONED_SPLIT] = "cloned split",
	[SHAPE_SHARED] = "shared",	[SHAPE_ODD] = "odd",
	[SHAPE_NO_HEADROOM] = "no headroom", [SHAPE_GSO] = "gso",
	[SHAPE_PADDED] = "padded",
};

/* Noise is slow under KASAN. */
static __maybe_unused int rounds(int n)
{
	return IS_ENABLED(CONFIG_KASAN) ? n / 10 : n;
}

/* A buffer with @linear bytes, and recognizable bytes behind them. */
static struct sk_buff *shape_linear(struct kunit *test, const u8 *bytes,
				    unsigned int linear, unsigned int room)
{
	struct sk_buff *skb = alloc_skb(room + linear + SHAPE_PADDING,
					GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, room);
	memset(skb->data, SHAPE_FILL, skb_tailroom(skb));
	if (linear)
		skb_put_data(skb, bytes, linear);
	return skb;
}

/* A fragment in a page of its own, at an odd offset. */
static void shape_add_frag(struct kunit *test, struct sk_buff *skb,
			   const u8 *bytes, unsigned int len)
{
	unsigned int order = get_order(len + 7);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), SHAPE_FILL, PAGE_SIZE << order);
	memcpy(page_address(page) + 7, bytes, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 7, len,
			PAGE_SIZE << order);
}

static void shape_add_member(struct sk_buff *skb, struct sk_buff *member)
{
	struct sk_buff **at = &skb_shinfo(skb)->frag_list;

	while (*at)
		at = &(*at)->next;
	*at = member;
	skb->len += member->len;
	skb->data_len += member->len;
	skb->truesize += member->truesize;
}

static struct sk_buff *shape_split(struct kunit *test, const u8 *bytes,
				   unsigned int len, unsigned int room)
{
	unsigned int at = min(len, 3U), n;
	struct sk_buff *skb = shape_linear(test, bytes, at, room);

	while (at < len) {
		n = min(len - at, 5U);
		if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS - 1)
			n = len - at;
		shape_add_frag(test, skb, bytes + at, n);
		at += n;
	}
	return skb;
}

static struct sk_buff *shape_frag_list(struct kunit *test, const u8 *bytes,
				       unsigned int len, unsigned int room)
{
	unsigned int at = min(len, 6U), n, members = 0;
	struct sk_buff *skb = shape_linear(test, bytes, at, room);
	struct sk_buff *member;

	while (at < len) {
		n = members == 6 ? len - at : min(len - at, 3 + members);
		if (members++ % 2) {
			member = shape_linear(test, NULL, 0, 0);
			shape_add_frag(test, member, bytes + at, n);
		} else {
			member = shape_linear(test, bytes + at, n, 0);
		}
		shape_add_member(skb, member);
		at += n;
	}
	return skb;
}

static __maybe_unused struct shaped shape(struct kunit *test, enum shape how,
					  const u8 *bytes, unsigned int len)
{
	const unsigned int room = NET_SKB_PAD + NET_IP_ALIGN + ETH_HLEN;
	struct shaped s = { .bytes = bytes, .len = len };

	switch (how) {
	case SHAPE_PAGED:
		s.skb = shape_linear(test, NULL, 0, room);
		if (len)
			shape_add_frag(test, s.skb, bytes, len);
		break;
	case SHAPE_SPLIT:
	case SHAPE_CLONED_SPLIT:
		s.skb = shape_split(test, bytes, len, room);
		break;
	case SHAPE_FRAG_LIST:
		s.skb = shape_frag_list(test, bytes, len, room);
		break;
	case SHAPE_ODD:
		s.skb = shape_linear(test, bytes, len, room + 1);
		break;
	case SHAPE_NO_HEADROOM:
		s.skb = shape_linear(test, bytes, len, 0);
		break;
	default:
		s.skb = shape_linear(test, bytes, len, room);
		break;
	}

	switch (how) {
	case SHAPE_CLONED:
	case SHAPE_CLONED_SPLIT:
		s.twin = s.skb;
		s.skb = skb_clone(s.twin, GFP_KERNEL);
		break;
	case SHAPE_SHARED:
		s.twin = skb_get(s.skb);
		s.skb = skb_share_check(s.skb, GFP_KERNEL);
		break;
	case SHAPE_GSO:
		skb_shinfo(s.skb)->gso_type = SKB_GSO_UDP_L4 | SKB_GSO_DODGY;
		skb_shinfo(s.skb)->gso_size = 100;
		break;
	case SHAPE_PADDED:
		skb_put(s.skb, SHAPE_PADDING);
		break;
	default:
		break;
	}
	KUNIT_ASSERT_NOT_NULL(test, s.skb);
	return s;
}

static __maybe_unused bool shape_same(struct sk_buff *skb, const u8 *bytes,
				      unsigned int len)
{
	u8 got[64];

	if (skb->len < len)
		return false;
	for (unsigned int at = 0; at < len; at += sizeof(got)) {
		unsigned int n = min_t(unsigned int, len - at, sizeof(got));

		if (skb_copy_bits(skb, at, got, n) ||
		    memcmp(got, bytes + at, n))
			return false;
	}
	return true;
}

static __maybe_unused void shape_done(struct kunit *test, struct shaped *s)
{
	if (s->twin) {
		KUNIT_EXPECT_EQ(test, s->twin->len, s->len);
		KUNIT_EXPECT_TRUE(test, shape_same(s->twin, s->bytes, s->len));
	}
	kfree_skb(s->skb);
	kfree_skb(s->twin);
}

#define expect_summed(skb, how) \
	KUNIT_EXPECT_EQ(test, (int)(skb)->ip_summed, how)

/* RFC 1071 as its section 1 puts it, byte by byte. */
static __maybe_unused u32 ref_sum(u32 sum, const u8 *bytes, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The @nth allocation from here on fails, if it may fail; 0 ends that. False
 * where the kernel cannot do it.
 */
static __maybe_unused bool fail_alloc(unsigned int nth)
{
#ifdef CONFIG_FAILSLAB
	WRITE_ONCE(current->fail_nth, nth);
	return true;
#else
	return false;
#endif
}

/* Has it failed? Ends it. */
static __maybe_unused bool alloc_has_failed(void)
{
#ifdef CONFIG_FAILSLAB
	bool failed = !READ_ONCE(current->fail_nth);

	fail_alloc(0);
	return failed;
#else
	return false;
#endif
}

static __maybe_unused void put_be16(u8 *at, u16 v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static __maybe_unused void noise(struct rnd_state *rnd, u8 *to,
				 unsigned int len)
{
	prandom_bytes_state(rnd, to, len);
}

#endif /* _TOY_SKB_SHAPES_TEST_H */
