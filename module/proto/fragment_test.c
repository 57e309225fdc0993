// SPDX-License-Identifier: GPL-2.0-only
/* Cases for fragment.c: what the fragments of a packet look like. */
#include <kunit/test.h>
#include <net/ip.h>

#include "../skb/ipv4.h"
#include "../skb/shapes_test.h"

struct fragment_world {
	struct toy_dev dev;
	struct toy_path path;
	u8 bytes[4000];
};

static int fragment_test_init(struct kunit *test)
{
	struct fragment_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct rnd_state rnd;

	if (!w)
		return -ENOMEM;
	prandom_seed_state(&rnd, 1);
	noise(&rnd, w->bytes, sizeof(w->bytes));
	w->path.dev = &w->dev;
	w->path.daddr = toy_v4(htonl(0x0a000002));
	test->priv = w;
	return 0;
}

/* An IPv4 header in front of @opt_len bytes of options and of data. */
static void fragment_header(u8 *to, const char *opt, unsigned int opt_len,
			    u16 id, u16 frag_off, unsigned int len)
{
	struct iphdr *h = (struct iphdr *)to;

	*h = (struct iphdr) {
		.version = 4, .ihl = 5 + opt_len / 4, .ttl = 64, .tos = 2,
		.id = htons(id), .frag_off = htons(frag_off),
		.tot_len = htons(len), .protocol = IPPROTO_UDP,
		.saddr = htonl(0x0a000001), .daddr = htonl(0x0a000002),
	};
	memcpy(to + 20, opt, opt_len);
	h->check = 0;
	h->check = ip_fast_csum(h, h->ihl);
}

/* Cuts @skb as toy_fragment() would; @piece is told of each fragment. */
static unsigned int cut(struct kunit *test, struct sk_buff *skb, u32 mtu,
			void (*piece)(struct kunit *test, struct sk_buff *skb,
				      const struct toy_frag_out *f))
{
	struct fragment_world *w = test->priv;
	struct toy_frag_out f = {};
	unsigned int left, len, n = 0;

	toy_ipv4_ops.fragment(skb, &f);
	f.hdr = skb_network_header(skb);
	for (left = skb->len - f.hdr_len; left; left -= len, f.offset += len) {
		struct sk_buff *p;

		len = left > mtu - f.hdr_len ? round_down(mtu - f.hdr_len, 8) :
					       left;
		f.more = left > len;
		p = toy_fragment_make(&toy_ipv4_ops, &w->path, skb, &f, len);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_LE(test, p->len, mtu);
		KUNIT_EXPECT_EQ(test, p->len, f.hdr_len + len);
		piece(test, p, &f);
		kfree_skb(p);
		n++;
	}
	return n;
}

static void check_piece(struct kunit *test, struct sk_buff *skb,
			const struct toy_frag_out *f)
{
	struct fragment_world *w = test->priv;
	struct toy_ipv4_view v;
	u8 bad;

	KUNIT_ASSERT_EQ(test, (int)toy_ipv4_parse(skb, &v, &bad), 0);
	KUNIT_EXPECT_EQ(test, v.tot_len, skb->len);
	KUNIT_EXPECT_EQ(test, v.frag_off, f->offset);
	KUNIT_EXPECT_EQ(test, v.more_frags, f->more);
	KUNIT_EXPECT_EQ(test, ntohs(v.id), f->id);
	KUNIT_EXPECT_FALSE(test, v.df);
	KUNIT_EXPECT_EQ(test, v.tos, 2);
	KUNIT_EXPECT_TRUE(test, skb->protocol == htons(ETH_P_IP));
	skb_pull(skb, v.hdr_len);
	KUNIT_EXPECT_TRUE(test, shape_same(skb, w->bytes + v.hdr_len + f->offset,
					   skb->len));
}

static void every_size_and_shape(struct kunit *test)
{
	static const struct { u32 len, mtu, pieces; } rows[] = {
		{ 1500, 1500, 1 },	{ 1501, 1500, 2 },	{ 2980, 1500, 2 },
		{ 2981, 1500, 3 },	{ 1281, 1280, 2 },	{ 4000, 1280, 4 },
		{ 100, 28, 10 },	{ 4000, 68, 83 },	{ 577, 576, 2 },
	};
	struct fragment_world *w = test->priv;

	for (int s = 0; s < SHAPE_GSO; s++) {
		for (int i = 0; i < ARRAY_SIZE(rows); i++) {
			struct shaped sh;

			fragment_header(w->bytes, NULL, 0, 0, IP_DF,
					rows[i].len);
			sh = shape(test, s, w->bytes, rows[i].len);
			KUNIT_ASSERT_TRUE(test, pskb_may_pull(sh.skb, 20));
			skb_reset_network_header(sh.skb);
			KUNIT_EXPECT_EQ_MSG(test, rows[i].pieces,
					    cut(test, sh.skb, rows[i].mtu,
						check_piece),
					    "%s %u", shape_names[s], i);
			shape_done(test, &sh);
		}
	}
}

/* RFC 791 3.1: record route stands in the first one, router alert in all. */
static void check_options(struct kunit *test, struct sk_buff *skb,
			  const struct toy_frag_out *f)
{
	static const u8 first[] = { 7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0 };
	static const u8 later[] = { 1, 1, 1, 1, 1, 1, 1, 0x94, 4, 0, 0, 0 };

	KUNIT_EXPECT_MEMEQ(test, skb->data + 20, f->offset ? later : first, 12);
	KUNIT_EXPECT_EQ(test, ip_fast_csum(skb->data, 8), 0);
}

static void options_are_copied_by_their_bit(struct kunit *test)
{
	struct fragment_world *w = test->priv;
	struct shaped sh;

	fragment_header(w->bytes, "\7\7\4\0\0\0\0\x94\4\0\0\0", 12, 0, 0, 1000);
	sh = shape(test, SHAPE_LINEAR, w->bytes, 1000);
	skb_reset_network_header(sh.skb);
	KUNIT_EXPECT_EQ(test, cut(test, sh.skb, 576, check_options), 2);
	shape_done(test, &sh);
}

/* A fragment from elsewhere keeps its name, and its last part says more. */
static void check_refragmented(struct kunit *test, struct sk_buff *skb,
			       const struct toy_frag_out *f)
{
	const struct iphdr *h = ip_hdr(skb);

	KUNIT_EXPECT_EQ(test, ntohs(h->id), 0x1234);
	KUNIT_EXPECT_EQ(test, ntohs(h->frag_off),
			IP_MF | (185 + f->offset / 8));
}

static void fragments_of_fragments(struct kunit *test)
{
	struct fragment_world *w = test->priv;
	struct shaped sh;

	fragment_header(w->bytes, NULL, 0, 0x1234, IP_MF | 185, 1500);
	sh = shape(test, SHAPE_LINEAR, w->bytes, 1500);
	skb_reset_network_header(sh.skb);
	KUNIT_EXPECT_EQ(test, cut(test, sh.skb, 1280, check_refragmented), 2);
	shape_done(test, &sh);
}

static struct kunit_case fragment_cases[] = {
	KUNIT_CASE(every_size_and_shape),
	KUNIT_CASE(options_are_copied_by_their_bit),
	KUNIT_CASE(fragments_of_fragments),
	{}
};

static struct kunit_suite fragment_suite = {
	.name = "toy-fragment",
	.init = fragment_test_init,
	.test_cases = fragment_cases,
};

kunit_test_suite(fragment_suite);
