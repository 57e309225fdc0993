// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for buf.c: room in front, and super-packets of UDP in every geometry
 * that GRO, GSO and a TUN user can make.
 */
#include <linux/vmalloc.h>

#include "shapes_test.h"

#define SIZE	100		/* gso_size of the super-packets here */
#define WHOLE	30000

/* ---- room ----------------------------------------------------------------- */

static struct net_device *fake_dev(struct kunit *test, unsigned int header,
				   unsigned int more)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev->hard_header_len = header;
	dev->needed_headroom = more;
	dev->needed_tailroom = more;
	return dev;
}

static void headroom_fits_headers(struct kunit *test)
{
	for (unsigned int header = 0; header < 100; header += 7) {
		struct net_device *dev = fake_dev(test, header, header * 2);
		struct sk_buff *skb = toy_skb_alloc(dev, 100);

		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_GE(test, toy_skb_headroom(dev), header * 3 + 40);
		KUNIT_EXPECT_GE(test, skb_headroom(skb),
				toy_skb_headroom(dev) + 60);
		KUNIT_EXPECT_GE(test, skb_tailroom(skb), 100 + header * 2);
		KUNIT_EXPECT_EQ(test, skb->len, 0);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)skb->data, 4));
		kfree_skb(skb);
	}
	KUNIT_EXPECT_GE(test, toy_skb_headroom(NULL), 40);
}

static void need_headroom_in_every_shape(struct kunit *test)
{
	static const unsigned int needs[] = { 0, 1, 14, 200, 1000 };
	static const u8 bytes[120] = { 7, 6, 5, 4 };
	struct shaped sh;
	int s;

	for (s = 0; s < SHAPE_WHOLE; s++) {
		for (int i = 0; i < ARRAY_SIZE(needs); i++) {
			sh = shape(test, s, bytes, sizeof(bytes));
			KUNIT_EXPECT_EQ(test, 0,
					toy_skb_need_headroom(sh.skb, needs[i]));
			KUNIT_EXPECT_GE(test, skb_headroom(sh.skb), needs[i]);
			KUNIT_EXPECT_FALSE(test, skb_header_cloned(sh.skb));
			KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, bytes,
							   sizeof(bytes)));
			/* Really ours: the twin must not see it. */
			if (needs[i])
				memset(skb_push(sh.skb, needs[i]), 0xee,
				       needs[i]);
			shape_done(test, &sh);
		}
	}
}

/* What a socket is charged is what it will be uncharged. */
static void need_headroom_keeps_the_charge(struct kunit *test)
{
	struct sock *sk = kunit_kzalloc(test, sizeof(*sk), GFP_KERNEL);
	static const u8 bytes[10];
	struct shaped sh = shape(test, SHAPE_NO_HEADROOM, bytes, 10);
	unsigned int truesize = sh.skb->truesize;

	KUNIT_ASSERT_NOT_NULL(test, sk);
	sh.skb->sk = sk;
	KUNIT_EXPECT_EQ(test, toy_skb_need_headroom(sh.skb, 2000), 0);
	KUNIT_EXPECT_EQ(test, sh.skb->truesize, truesize);
	KUNIT_EXPECT_PTR_EQ(test, sh.skb->sk, sk);
	sh.skb->sk = NULL;
	shape_done(test, &sh);
}

/* ---- segmentation --------------------------------------------------------- */

enum geometry {
	GEO_LINEAR,
	GEO_PAGED,		/* headers linear, data in pages */
	GEO_HEADLESS,		/* headers in the page, too */
	GEO_LIST,		/* GRO that ran out of fragments */
	GEO_LIST_PAGED,
	GEO_LIST_CROOKED,	/* members end where no segment does */
	GEO_CHAIN,		/* SKB_GSO_FRAGLIST */
	GEO_CHAIN_SHIFTED,	/* and somebody has moved the boundaries */
	GEO_MAX
};

struct super {
	int version;
	unsigned int data;	/* bytes of all datagrams */
	enum geometry geo;
	int summed;
	bool link;		/* there is an Ethernet header */
	bool cloned;
	bool dodgy;
};

static unsigned int ip_len(const struct super *su)
{
	return su->version == 4 ? 20 : 40;
}

static u8 data_at(unsigned int i)
{
	return i * 11 + i / 100;
}

/* Link, network and UDP header for @data bytes: a whole, or one datagram. */
static unsigned int super_headers(const struct super *su, u8 *h,
				  unsigned int data)
{
	static const u8 ipv4[20] = {
		0x45, 0, 0, 0, 0, 9, 0x40, 0, 64, 17, 0, 0,
		192, 0, 2, 1, 192, 0, 2, 2
	};
	unsigned int at = 0, ulen = 8 + data;

	memset(h, 0, 80);
	if (su->link) {
		memset(h, 2, 12);
		put_be16(h + 12, su->version == 4 ? ETH_P_IP : ETH_P_IPV6);
		at = ETH_HLEN;
	}
	if (su->version == 4) {
		memcpy(h + at, ipv4, 20);
		put_be16(h + at + 2, 20 + ulen);
		put_be16(h + at + 10, ~ref_sum(0, h + at, 20));
	} else {
		h[at] = 0x60;
		put_be16(h + at + 4, ulen);
		h[at + 6] = IPPROTO_UDP;
		h[at + 7] = 64;
		h[at + 8] = 0x20;
		h[at + 23] = 1;
		h[at + 24] = 0x20;
		h[at + 39] = 2;
	}
	at += ip_len(su);
	put_be16(h + at, 1000);
	put_be16(h + at + 2, 2000);
	put_be16(h + at + 4, ulen);
	put_be16(h + at + 6, 0x1111);
	return at + 8;
}

static u32 pseudo_sum(const struct super *su, const u8 *ip, unsigned int len)
{
	u32 sum = IPPROTO_UDP + len;

	return su->version == 4 ? ref_sum(sum, ip + 12, 8) :
				  ref_sum(sum, ip + 8, 32);
}

/* Over pseudo-header, header and data of a datagram at @udp. */
static u32 datagram_sum(const struct super *su, const u8 *ip, const u8 *udp,
			unsigned int len)
{
	return ref_sum(pseudo_sum(su, ip, len), udp, len);
}

static struct sk_buff *chain_member(struct kunit *test, const struct super *su,
				    const u8 *bytes, unsigned int at,
				    unsigned int n)
{
	u8 h[80];
	unsigned int hlen = super_headers(su, h, n);
	u8 *ip = h + hlen - 8 - ip_len(su);
	struct sk_buff *m = shape_linear(test, h, hlen, 64);
	u8 *udp;

	skb_put_data(m, bytes + at, n);
	udp = m->data + hlen - 8;
	put_be16(udp + 6, 0);
	put_be16(udp + 6, su->summed == CHECKSUM_PARTIAL ?
			  pseudo_sum(su, ip, 8 + n) :
			  ~datagram_sum(su, ip, udp, 8 + n));
	skb_reset_mac_header(m);
	skb_set_network_header(m, hlen - 8 - ip_len(su));
	skb_set_transport_header(m, hlen - 8);
	m->protocol = htons(su->version == 4 ? ETH_P_IP : ETH_P_IPV6);
	return m;
}

/* As GRO chains: the first from its UDP header on, the others at their data. */
static struct sk_buff *make_chain(struct kunit *test, const struct super *su,
				  const u8 *bytes)
{
	struct sk_buff *skb = NULL;
	unsigned int at, n;

	for (at = 0; at < su->data; at += n) {
		struct sk_buff *m;

		n = min_t(unsigned int, su->data - at, SIZE);
		m = chain_member(test, su, bytes, at, n);
		skb_pull(m, skb_transport_offset(m));
		if (!skb) {
			skb = m;
			continue;
		}
		skb_pull(m, 8);
		shape_add_member(skb, m);
	}
	put_be16(skb->data + 4, 8 + su->data);
	return skb;
}

static struct sk_buff *make_cut(struct kunit *test, const struct super *su,
				const u8 *bytes)
{
	u8 h[80];
	unsigned int hlen = super_headers(su, h, su->data), at = 0, n;
	struct sk_buff *skb, *m;
	u8 *all;

	switch (su->geo) {
	case GEO_LINEAR:
		skb = alloc_skb(64 + hlen + su->data, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_reserve(skb, 64);
		skb_put_data(skb, h, hlen);
		skb_put_data(skb, bytes, su->data);
		break;
	case GEO_HEADLESS:
		/* The UDP header is not linear; IP's parser saw to the rest. */
		all = kunit_kzalloc(test, 8 + su->data, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, all);
		memcpy(all, h + hlen - 8, 8);
		memcpy(all + 8, bytes, su->data);
		skb = shape_linear(test, h, hlen - 8, 64);
		shape_add_frag(test, skb, all, 8 + su->data);
		break;
	case GEO_PAGED:
		skb = shape_linear(test, h, hlen, 64);
		for (; at < su->data; at += n) {
			n = min_t(unsigned int, su->data - at, 2099);
			shape_add_frag(test, skb, bytes + at, n);
		}
		break;
	default:
		/* Three datagrams in the head, the rest in members. */
		n = min_t(unsigned int, su->data, 3 * SIZE);
		skb = shape_linear(test, h, hlen, 64);
		shape_add_frag(test, skb, bytes, n);
		for (at = n; at < su->data; at += n) {
			n = min_t(unsigned int, su->data - at,
				  su->geo == GEO_LIST_CROOKED ? 77 : SIZE);
			if (su->geo == GEO_LIST_PAGED) {
				m = shape_linear(test, NULL, 0, 0);
				shape_add_frag(test, m, bytes + at, n);
			} else {
				m = shape_linear(test, bytes + at, n, 64);
			}
			shape_add_member(skb, m);
		}
	}

	skb_reset_mac_header(skb);
	skb_set_network_header(skb, hlen - 8 - ip_len(su));
	skb_pull(skb, hlen - 8);
	return skb;
}

static struct sk_buff *make_super(struct kunit *test, const struct super *su,
				  const u8 *bytes)
{
	bool chain = su->geo >= GEO_CHAIN;
	struct sk_buff *skb = chain ? make_chain(test, su, bytes) :
				      make_cut(test, su, bytes);
	struct skb_shared_info *sh = skb_shinfo(skb);

	skb->protocol = htons(su->version == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (!su->link)
		skb->mac_header = (typeof(skb->mac_header))~0U;
	sh->gso_size = SIZE;
	sh->gso_type = SKB_GSO_UDP_L4;
	if (chain)
		sh->gso_type |= SKB_GSO_FRAGLIST;
	if (su->geo == GEO_CHAIN_SHIFTED) {
		int n = min_t(int, 30, su->data - SIZE);

		KUNIT_ASSERT_NOT_NULL(test, __pskb_pull_tail(skb, n));
	}
	if (su->dodgy)
		sh->gso_type |= SKB_GSO_DODGY;
	else
		sh->gso_segs = DIV_ROUND_UP(su->data, SIZE);

	skb->ip_summed = su->summed;
	if (su->summed == CHECKSUM_PARTIAL) {
		skb->csum_start = skb_headroom(skb);
		skb->csum_offset = 6;
		if (!chain) {	/* whose members are summed already */
			u8 *udp, *ip;

			KUNIT_ASSERT_TRUE(test, pskb_may_pull(skb, 8));
			udp = skb->data;
			ip = skb_network_header(skb);
			put_be16(udp + 6, pseudo_sum(su, ip, skb->len));
		}
	}
	if (su->summed == CHECKSUM_COMPLETE)
		skb->csum = (__force __wsum)0x12345678;
	toy_skb_cb(skb)->ifindex = 77;
	return skb;
}

/* One segment: where @skb points, its headers, its data, its checksum. */
static void expect_segment(struct kunit *test, const struct super *su,
			   struct sk_buff *skb, unsigned int at,
			   unsigned int n)
{
	u8 *ip = skb_network_header(skb), *udp;
	unsigned int bad = 0;

	KUNIT_ASSERT_EQ(test, skb->len, 8 + n);
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), 0);
	KUNIT_EXPECT_EQ(test, skb_network_offset(skb), -(int)ip_len(su));
	if (su->link)
		KUNIT_EXPECT_EQ(test, skb_mac_offset(skb),
				-(int)ip_len(su) - ETH_HLEN);
	KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
	KUNIT_EXPECT_TRUE(test, skb->csum_valid);
	KUNIT_EXPECT_TRUE(test, skb_csum_unnecessary(skb));
	KUNIT_EXPECT_EQ(test, toy_skb_cb(skb)->ifindex, 77);

	if (su->version == 4) {
		KUNIT_EXPECT_EQ(test, ip[2] << 8 | ip[3], 28 + n);
		KUNIT_EXPECT_EQ(test, ref_sum(0, ip, 20), 0xffff);
	} else {
		KUNIT_EXPECT_EQ(test, ip[4] << 8 | ip[5], 8 + n);
	}

	/* Let the core do what a device would, then look at every byte. */
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		KUNIT_ASSERT_EQ(test, skb_checksum_help(skb), 0);
	KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
	udp = skb->data;
	ip = skb_network_header(skb);
	KUNIT_EXPECT_EQ(test, udp[0] << 8 | udp[1], 1000);
	KUNIT_EXPECT_EQ(test, udp[2] << 8 | udp[3], 2000);
	KUNIT_EXPECT_EQ(test, udp[4] << 8 | udp[5], 8 + n);
	KUNIT_EXPECT_EQ(test, datagram_sum(su, ip, udp, 8 + n), 0xffff);
	for (unsigned int i = 0; i < n; i++)
		bad += udp[8 + i] != data_at(at + i);
	KUNIT_EXPECT_EQ(test, bad, 0);
}

static void try_super(struct kunit *test, const struct super *su)
{
	u8 *bytes = vmalloc(WHOLE);
	struct sk_buff *skb, *twin = NULL, *segs, *next;
	unsigned int at = 0, n;
	u8 header[8];

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (unsigned int i = 0; i < WHOLE; i++)
		bytes[i] = data_at(i);
	skb = make_super(test, su, bytes);
	if (su->cloned) {
		twin = skb;
		skb = skb_clone(twin, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_ASSERT_EQ(test, skb_copy_bits(twin, 0, header, 8), 0);
	}

	segs = toy_skb_segment_udp(skb);
	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR_OR_NULL(segs),
			       "%ld: v%d, %u bytes, geometry %d, summed %d, link %d, cloned %d, dodgy %d",
			       PTR_ERR(segs), su->version, su->data, su->geo,
			       su->summed, su->link, su->cloned, su->dodgy);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		goto out;
	}
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		n = min_t(unsigned int, su->data - at, SIZE);
		expect_segment(test, su, skb, at, n);
		at += n;
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, at, su->data);
out:
	if (twin) {
		/* AF_INET goes on with it. */
		KUNIT_EXPECT_EQ(test, twin->len, 8 + su->data);
		KUNIT_EXPECT_EQ(test, skb_shinfo(twin)->gso_size, SIZE);
		KUNIT_EXPECT_TRUE(test, shape_same(twin, header, 8));
		if (pskb_may_pull(twin, 8)) {
			__skb_pull(twin, 8);
			KUNIT_EXPECT_TRUE(test, shape_same(twin, bytes, su->data));
		}
		kfree_skb(twin);
	}
	vfree(bytes);
}

static void supers_in_every_geometry(struct kunit *test)
{
	static const unsigned int sizes[] = { 101, 200, 350, 1000, 4999 };
	static const int states[] = {
		CHECKSUM_PARTIAL, CHECKSUM_NONE, CHECKSUM_UNNECESSARY,
		CHECKSUM_COMPLETE
	};

	const int n = IS_ENABLED(CONFIG_KASAN) ? 3 : ARRAY_SIZE(sizes);

	for (int geo = 0; geo < GEO_MAX; geo++)
		for (int i = 0; i < n; i++)
			for (int k = 0; k < ARRAY_SIZE(states); k++)
				for (int bits = 0; bits < 16; bits++) {
					struct super su = {
						.version = bits & 1 ? 4 : 6,
						.data = sizes[i],
						.geo = geo,
						.summed = states[k],
						.link = bits & 2,
						.cloned = bits & 4,
						.dodgy = bits & 8,
					};

					try_super(test, &su);
				}
}

static void long_super(struct kunit *test)
{
	for (int geo = 0; geo < GEO_MAX; geo++) {
		struct super su = {
			.version = 4,
			.data = WHOLE,
			.geo = geo,
			.summed = CHECKSUM_PARTIAL,
			.link = true,
		};

		try_super(test, &su);
	}
}

static void one_datagram_stays_whole(struct kunit *test)
{
	static const struct { unsigned int data, type, size; } rows[] = {
		{ 1000, 0, 0 },
		{ 1000, SKB_GSO_UDP, 100 },		/* IP fragments */
		{ 1000, SKB_GSO_TCPV4, 100 },		/* a lie */
		{ 100, SKB_GSO_UDP_L4, 100 },
		{ 100, SKB_GSO_UDP_L4 | SKB_GSO_DODGY, 0xffff },
		{ 0, SKB_GSO_UDP_L4 | SKB_GSO_DODGY, 1 },
	};
	u8 *bytes = kunit_kzalloc(test, 1000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct super su = {
			.version = 4, .data = rows[i].data, .geo = GEO_LINEAR,
		};
		struct sk_buff *skb = make_super(test, &su, bytes);

		skb_shinfo(skb)->gso_type = rows[i].type;
		skb_shinfo(skb)->gso_size = rows[i].size;
		KUNIT_EXPECT_PTR_EQ(test, toy_skb_segment_udp(skb), NULL);
		KUNIT_EXPECT_EQ(test, skb->len, 8 + rows[i].data);
		KUNIT_EXPECT_EQ(test, skb_network_offset(skb), -20);
		kfree_skb(skb);
	}
}

/* What cannot be segmented comes back, and can be freed. */
static void refusals_give_the_packet_back(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, 1000, GFP_KERNEL);
	struct super su = {
		.version = 4, .data = 1000, .link = true,
		.summed = CHECKSUM_PARTIAL,
	};
	struct sk_buff *skb;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (int geo = 0; geo < GEO_MAX; geo++) {
		/* Nobody segments protocol 253. */
		su.geo = geo;
		skb = make_super(test, &su, bytes);
		skb_network_header(skb)[9] = 253;
		KUNIT_EXPECT_TRUE(test, IS_ERR(toy_skb_segment_udp(skb)));
		KUNIT_EXPECT_EQ(test, skb->len, 1008);
		KUNIT_EXPECT_EQ(test, skb_network_offset(skb), -20);
		kfree_skb(skb);

		skb = make_super(test, &su, bytes);
		skb->protocol = htons(ETH_P_ARP);
		KUNIT_EXPECT_TRUE(test, IS_ERR(toy_skb_segment_udp(skb)));
		kfree_skb(skb);
	}
}

/* Each allocation fails once: nothing is lost, nothing is freed twice, and the
 * other owner of a clone notices nothing.
 */
static void segmentation_without_memory(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, 350, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	if (!fail_alloc(0))
		kunit_skip(test, "no fault injection");

	for (int geo = 0; geo < GEO_MAX; geo++) {
		struct super su = {
			.version = 4, .data = 350, .geo = geo,
			.summed = CHECKSUM_NONE, .link = true,
		};
		bool failed = true;

		for (int nth = 1; failed; nth++) {
			struct sk_buff *twin = make_super(test, &su, bytes);
			struct sk_buff *skb = skb_clone(twin, GFP_KERNEL);
			struct sk_buff *segs;

			KUNIT_ASSERT_NOT_NULL(test, skb);
			fail_alloc(nth);
			segs = toy_skb_segment_udp(skb);
			failed = alloc_has_failed();
			/* A debugging kernel's own allocations may fail instead. */
			KUNIT_EXPECT_TRUE(test, failed || !IS_ERR(segs));
			if (IS_ERR(segs))
				kfree_skb(skb);
			else
				kfree_skb_list(segs);
			KUNIT_EXPECT_TRUE(test, pskb_may_pull(twin, 8));
			__skb_pull(twin, 8);
			KUNIT_EXPECT_TRUE(test, shape_same(twin, bytes, 350));
			kfree_skb(twin);
		}
	}
}

static void room_without_memory(struct kunit *test)
{
	static const u8 bytes[50] = { 1, 2, 3 };
	struct shaped sh = shape(test, SHAPE_CLONED_SPLIT, bytes, 50);

	if (fail_alloc(1)) {
		KUNIT_EXPECT_EQ(test, toy_skb_need_headroom(sh.skb, 1), -ENOMEM);
		fail_alloc(1);
		KUNIT_EXPECT_EQ(test, TOY_DROP_NOMEM,
				toy_skb_linear(sh.skb, 20, TOY_DROP_IP_SHORT));
		fail_alloc(1);
		KUNIT_EXPECT_EQ(test, TOY_DROP_NOMEM,
				toy_skb_trim(sh.skb, 20, TOY_DROP_IP_LEN));
		fail_alloc(1);
		KUNIT_EXPECT_PTR_EQ(test, toy_skb_alloc(NULL, 20), NULL);
		fail_alloc(0);
	}
	KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, bytes, 50));
	shape_done(test, &sh);
}

static struct kunit_case buf_cases[] = {
	KUNIT_CASE(headroom_fits_headers),
	KUNIT_CASE(need_headroom_in_every_shape),
	KUNIT_CASE(need_headroom_keeps_the_charge),
	KUNIT_CASE(supers_in_every_geometry),
	KUNIT_CASE(long_super),
	KUNIT_CASE(one_datagram_stays_whole),
	KUNIT_CASE(refusals_give_the_packet_back),
	KUNIT_CASE(segmentation_without_memory),
	KUNIT_CASE(room_without_memory),
	{}
};

static struct kunit_suite buf_suite = {
	.name = "toy-skb-buf",
	.test_cases = buf_cases,
};

kunit_test_suite(buf_suite);
