// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for ipv4.c: RFC 791 and 1122 3.2.1 field by field, options, every skb
 * shape, and bit flips against a parser that works byte by byte.
 */
#include "csum.h"
#include "shapes_test.h"

#define PKT_MAX		200

/* 192.0.2.1 -> 198.51.100.2, UDP, DF, TTL 64, with @opts and @data bytes. */
static unsigned int make(u8 *p, const u8 *opts, u8 opts_len, u16 data)
{
	static const u8 fixed[20] = {
		0x45, 0x10, 0, 0, 0x12, 0x34, 0x40, 0, 64, 17, 0, 0,
		192, 0, 2, 1, 198, 51, 100, 2
	};
	u8 hlen = 20 + ALIGN(opts_len, 4);

	memset(p, 0, PKT_MAX);
	memcpy(p, fixed, 20);
	p[0] = 0x40 | hlen / 4;
	put_be16(p + 2, hlen + data);
	if (opts_len)
		memcpy(p + 20, opts, opts_len);
	for (int i = 0; i < data; i++)
		p[hlen + i] = i * 7 + 1;
	return hlen + data;
}

static void seal(u8 *p)
{
	put_be16(p + 10, 0);
	put_be16(p + 10, ~ref_sum(0, p, (p[0] & 15) * 4));
}

/* ---- the reference ------------------------------------------------------- */

/* The same rules, by recursion over the options from the end of the last. */
static u8 ref_options(const u8 *h, int at, int end, u8 seen[256])
{
	int len, ptr, slot, flags, no_room;

	if (at == end || h[at] == 0)
		return 0;
	if (h[at] == 1)
		return ref_options(h, at + 1, end, seen);
	if (at + 1 == end)
		return at;
	len = h[at + 1];
	if (len < 2 || at + len > end)
		return at + 1;

	switch (h[at]) {
	case 7: case 131: case 137:
		if (len < 3)
			return at + 1;
		ptr = h[at + 2];
		if (ptr < 4)
			return at + 2;
		if (h[at] == 7 ? seen[7] : seen[131] || seen[137])
			return at;
		if (h[at] == 7 && ptr <= len && ptr + 3 > len)
			return at + 2;
		break;
	case 68:
		if (len < 4)
			return at + 1;
		ptr = h[at + 2];
		flags = h[at + 3] % 16;
		no_room = h[at + 3] / 16;
		if (ptr < 5)
			return at + 2;
		if (seen[68])
			return at;
		slot = flags == 0 ? 4 : flags == 1 || flags == 3 ? 8 : 0;
		if (ptr > len && no_room == 15)
			return at + 3;
		if (ptr <= len && ptr + slot > len + 1)
			return at + 2;
		if (!slot)
			return ref_options(h, at + len, end, seen);
		break;
	case 148:
		if (len < 4)
			return at + 1;
		if (h[at + 2] || h[at + 3])
			return ref_options(h, at + len, end, seen);
		break;
	}
	seen[h[at]] = at;
	return ref_options(h, at + len, end, seen);
}

static enum toy_drop ref_parse(const u8 *p, unsigned int n, bool tso,
			       struct toy_ipv4_view *v, u8 *bad)
{
	u8 seen[256] = {};
	unsigned int tot;

	*bad = 0;
	if (n < 20)
		return TOY_DROP_IP_SHORT;
	if (p[0] >> 4 != 4)
		return TOY_DROP_IP_VERSION;
	if (p[0] % 16 < 5 || p[0] % 16 * 4 > n)
		return TOY_DROP_IP_IHL;
	tot = p[2] << 8 | p[3];
	if (tso && !tot)
		tot = n;
	if (tot < p[0] % 16 * 4)
		return TOY_DROP_IP_LEN;
	if (ref_sum(0, p, p[0] % 16 * 4) != 0xffff)
		return TOY_DROP_IP_CSUM;

	memset(v, 0, sizeof(*v));
	memcpy(&v->saddr, p + 12, 4);
	memcpy(&v->daddr, p + 16, 4);
	v->hdr_len = p[0] % 16 * 4;
	v->tot_len = tot;
	v->frag_off = ((p[6] & 0x1f) << 8 | p[7]) << 3;
	v->df = p[6] >> 6 & 1;
	v->more_frags = p[6] >> 5 & 1;
	v->ttl = p[8];
	v->tos = p[1];
	v->proto = p[9];

	*bad = ref_options(p, 20, v->hdr_len, seen);
	if (*bad)
		return TOY_DROP_IP_OPTIONS;
	v->opt.rr = seen[7];
	v->opt.ts = seen[68];
	v->opt.router_alert = seen[148];
	v->opt.source_route = seen[131] ?: seen[137];
	*bad = v->opt.source_route;
	return *bad ? TOY_DROP_IP_SRCROUTE : TOY_RX_OK;
}

static bool same_view(const struct toy_ipv4_view *a,
		      const struct toy_ipv4_view *b)
{
	return a->saddr == b->saddr && a->daddr == b->daddr &&
	       a->hdr_len == b->hdr_len && a->tot_len == b->tot_len &&
	       a->frag_off == b->frag_off && a->df == b->df &&
	       a->more_frags == b->more_frags && a->ttl == b->ttl &&
	       a->tos == b->tos && a->proto == b->proto &&
	       a->opt.rr == b->opt.rr && a->opt.ts == b->opt.ts &&
	       a->opt.router_alert == b->opt.router_alert &&
	       a->opt.source_route == b->opt.source_route;
}

/* Parses in one shape and compares with the reference. */
static enum toy_drop try_shape(struct kunit *test, const u8 *p, unsigned int n,
			       enum shape s)
{
	struct shaped sh = shape(test, s, p, n);
	struct toy_ipv4_view v = {}, want = {};
	enum toy_drop got, ref;
	u8 bad = 0xff, want_bad;
	u8 wide[PKT_MAX];

	memcpy(wide, p, n);
	if (s == SHAPE_PADDED)		/* the padding is in the frame */
		memset(wide + n, SHAPE_FILL, SHAPE_PADDING);
	ref = ref_parse(wide, sh.skb->len, false, &want, &want_bad);

	got = toy_ipv4_parse(sh.skb, &v, &bad);

	KUNIT_EXPECT_EQ_MSG(test, got, ref, "%s: %*ph", shape_names[s],
			    (int)min(n, 60U), p);
	KUNIT_EXPECT_EQ_MSG(test, bad, want_bad, "%s: %*ph", shape_names[s],
			    (int)min(n, 60U), p);
	if (got == TOY_DROP_IP_OPTIONS) {	/* the answer needs the rest */
		memset(&v.opt, 0, sizeof(v.opt));
		memset(&want.opt, 0, sizeof(want.opt));
	}
	if (got == TOY_RX_OK || got == TOY_DROP_IP_SRCROUTE ||
	    got == TOY_DROP_IP_OPTIONS)
		KUNIT_EXPECT_TRUE(test, same_view(&v, &want));
	if (got == TOY_RX_OK) {
		KUNIT_EXPECT_EQ(test, skb_network_offset(sh.skb), 0);
		KUNIT_EXPECT_GE(test, skb_headlen(sh.skb), v.hdr_len);
	}
	KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, p, n));
	shape_done(test, &sh);
	return got;
}

static void expect_everywhere(struct kunit *test, const u8 *p, unsigned int n,
			      enum toy_drop want)
{
	int s;

	for (s = 0; s < SHAPE_WHOLE; s++)
		KUNIT_EXPECT_EQ(test, try_shape(test, p, n, s), want);
}

/* ---- the fixed part ------------------------------------------------------ */

static void every_shape_gives_the_view(struct kunit *test)
{
	struct toy_ipv4_view v;
	u8 p[PKT_MAX], bad;
	struct shaped sh;
	int s;

	for (s = 0; s < SHAPE_MAX; s++) {
		unsigned int n = make(p, NULL, 0, 40);

		seal(p);
		sh = shape(test, s, p, n);
		KUNIT_EXPECT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad),
				TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, ntohl(v.saddr), 0xc0000201);
		KUNIT_EXPECT_EQ(test, ntohl(v.daddr), 0xc6336402);
		KUNIT_EXPECT_EQ(test, v.hdr_len, 20);
		KUNIT_EXPECT_EQ(test, v.tot_len, 60);
		KUNIT_EXPECT_TRUE(test, v.df && !v.more_frags && !v.frag_off);
		KUNIT_EXPECT_EQ(test, v.ttl, 64);
		KUNIT_EXPECT_EQ(test, v.tos, 0x10);
		KUNIT_EXPECT_EQ(test, v.proto, 17);
		KUNIT_EXPECT_EQ(test, toy_ipv4_trim(sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, sh.skb->len, 60);
		KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, p, 60));
		shape_done(test, &sh);
	}
}

static void each_bad_field_has_its_name(struct kunit *test)
{
	static const struct {
		u8 at, value;
		bool sealed;	/* with a right checksum */
		enum toy_drop want;
	} rows[] = {
		{ 0, 0x55, true, TOY_DROP_IP_VERSION },
		{ 0, 0x65, true, TOY_DROP_IP_VERSION },
		{ 0, 0x05, true, TOY_DROP_IP_VERSION },
		{ 0, 0x44, true, TOY_DROP_IP_IHL },
		{ 0, 0x40, true, TOY_DROP_IP_IHL },
		{ 0, 0x4f, false, TOY_DROP_IP_IHL },	/* 60 > 48 */
		{ 3, 19, true, TOY_DROP_IP_LEN },
		{ 3, 0, true, TOY_DROP_IP_LEN },
		{ 10, 0, false, TOY_DROP_IP_CSUM },
		{ 8, 63, false, TOY_DROP_IP_CSUM },
		{ 19, 3, false, TOY_DROP_IP_CSUM },
		/* Any value is right in these. */
		{ 1, 0xff, true, TOY_RX_OK },
		{ 6, 0x20, true, TOY_RX_OK },
		{ 7, 1, true, TOY_RX_OK },
		{ 6, 0xff, true, TOY_RX_OK },
		{ 8, 0, true, TOY_RX_OK },
		{ 9, 255, true, TOY_RX_OK },
		/* 28 more than the frame has: trim's business. */
		{ 3, 76, true, TOY_RX_OK },
	};
	u8 p[PKT_MAX];

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int n = make(p, NULL, 0, 28);

		seal(p);
		p[rows[i].at] = rows[i].value;
		if (rows[i].sealed)
			seal(p);
		expect_everywhere(test, p, n, rows[i].want);
	}
}

/* A total length that ends within the options. */
static void length_covers_the_options(struct kunit *test)
{
	static const u8 nops[8] = { 1, 1, 1, 1, 1, 1, 1, 0 };
	u8 p[PKT_MAX];
	unsigned int n = make(p, nops, 8, 12);

	for (u16 len = 20; len <= 28; len++) {
		put_be16(p + 2, len);
		seal(p);
		expect_everywhere(test, p, n, len < 28 ? TOY_DROP_IP_LEN :
							 TOY_RX_OK);
	}
}

static void cut_at_every_length(struct kunit *test)
{
	static const u8 nops[8] = { 1, 1, 1, 1, 1, 1, 1, 0 };
	struct toy_ipv4_view v;
	struct shaped sh;
	u8 p[PKT_MAX], bad;
	unsigned int n = make(p, nops, 8, 12);
	int s;

	seal(p);
	for (unsigned int cut = 0; cut < 28; cut++)
		expect_everywhere(test, p, cut, cut < 20 ? TOY_DROP_IP_SHORT :
							   TOY_DROP_IP_IHL);
	for (unsigned int cut = 28; cut <= n; cut++) {
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, p, cut);
			KUNIT_EXPECT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad),
					TOY_RX_OK);
			KUNIT_EXPECT_EQ(test, toy_ipv4_trim(sh.skb, &v),
					cut < n ? TOY_DROP_IP_LEN : TOY_RX_OK);
			shape_done(test, &sh);
		}
	}
}

/* BIG TCP: a length of 0 is that of the super-packet, and of TCP's only. */
static void big_tcp_has_no_length(struct kunit *test)
{
	static const struct {
		unsigned int type, size;
		enum toy_drop want;
	} rows[] = {
		{ SKB_GSO_TCPV4, 1000, TOY_RX_OK },
		{ SKB_GSO_TCPV4 | SKB_GSO_DODGY, 1000, TOY_RX_OK },
		{ SKB_GSO_UDP_L4, 1000, TOY_DROP_IP_LEN },
		{ SKB_GSO_TCPV4, 0, TOY_DROP_IP_LEN },
		{ 0, 0, TOY_DROP_IP_LEN },
	};
	const unsigned int big = 70000;
	u8 *p = kunit_kzalloc(test, big, GFP_KERNEL), bad;
	struct toy_ipv4_view v;
	struct shaped sh;

	KUNIT_ASSERT_NOT_NULL(test, p);
	make(p, NULL, 0, 0);
	put_be16(p + 2, 0);
	seal(p);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		sh = shape(test, SHAPE_PAGED, p, big);
		skb_shinfo(sh.skb)->gso_type = rows[i].type;
		skb_shinfo(sh.skb)->gso_size = rows[i].size;
		KUNIT_EXPECT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad),
				rows[i].want);
		if (rows[i].want == TOY_RX_OK) {
			KUNIT_EXPECT_EQ(test, v.tot_len, big);
			KUNIT_EXPECT_EQ(test, toy_ipv4_trim(sh.skb, &v),
					TOY_RX_OK);
		}
		shape_done(test, &sh);
	}
}

/* ---- trimming ------------------------------------------------------------ */

static void trim_keeps_the_device_sum_true(struct kunit *test)
{
	struct toy_ipv4_view v;
	struct shaped sh;
	u8 p[PKT_MAX], bad;
	unsigned int n;

	/* Even and odd lengths of packet and padding. */
	for (unsigned int data = 0; data < 20; data++) {
		n = make(p, NULL, 0, data);
		seal(p);
		sh = shape(test, SHAPE_PADDED, p, n);
		sh.skb->ip_summed = CHECKSUM_COMPLETE;
		sh.skb->csum = skb_checksum(sh.skb, 0, sh.skb->len, 0);
		KUNIT_EXPECT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad),
				TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, toy_ipv4_trim(sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_EQ(test, sh.skb->len, n);
		expect_summed(sh.skb, CHECKSUM_COMPLETE);
		KUNIT_EXPECT_TRUE(test, csum_fold(sh.skb->csum) ==
				  csum_fold(skb_checksum(sh.skb, 0, n, 0)));
		shape_done(test, &sh);
	}
}

/* A TUN user can say that the checksum lies in the padding. */
static void trim_refuses_to_cut_off_the_checksum(struct kunit *test)
{
	struct toy_ipv4_view v;
	struct shaped sh;
	u8 p[PKT_MAX], bad;
	unsigned int n = make(p, NULL, 0, 8);

	seal(p);
	sh = shape(test, SHAPE_PADDED, p, n);
	sh.skb->ip_summed = CHECKSUM_PARTIAL;
	sh.skb->csum_start = skb_headroom(sh.skb) + n;
	sh.skb->csum_offset = 6;
	KUNIT_EXPECT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, toy_ipv4_trim(sh.skb, &v), TOY_DROP_IP_LEN);
	shape_done(test, &sh);
}

/* ---- options ------------------------------------------------------------- */

#define GOOD	TOY_RX_OK
#define BAD	TOY_DROP_IP_OPTIONS
#define ROUTE	TOY_DROP_IP_SRCROUTE

static void options_good_and_bad(struct kunit *test)
{
	static const struct {
		const char *what;
		u8 len;
		u8 opt[16];
		enum toy_drop want;
		u8 bad;
		u8 rr, ts, ra, sr;
	} rows[] = {
		{ "none", 0, {}, GOOD },
		{ "nops", 4, { 1, 1, 1, 1 }, GOOD },
		{ "end hides the rest", 8, { 0, 7, 1, 9, 9, 9, 9, 9 }, GOOD },
		{ "unknown", 4, { 200, 4, 9, 9 }, GOOD },
		{ "security", 12, { 130, 11, 0, 0 }, GOOD },

		{ "no length", 4, { 1, 1, 1, 7 }, BAD, 23 },
		{ "no length", 8, { 1, 1, 1, 1, 1, 1, 1, 99 }, BAD, 27 },
		{ "length 0", 4, { 99, 0 }, BAD, 21 },
		{ "length 1", 4, { 99, 1 }, BAD, 21 },
		{ "beyond", 4, { 99, 5 }, BAD, 21 },
		{ "beyond", 8, { 1, 99, 255 }, BAD, 22 },

		{ "rr empty", 4, { 7, 3, 4 }, GOOD, 0, .rr = 20 },
		{ "rr", 8, { 1, 7, 7, 4 }, GOOD, 0, .rr = 21 },
		{ "rr full", 8, { 7, 7, 8 }, GOOD, 0, .rr = 20 },
		{ "rr short", 4, { 7, 2, 1, 1 }, BAD, 21 },
		{ "rr pointer", 8, { 7, 7, 3 }, BAD, 22 },
		{ "rr little room", 8, { 7, 7, 5 }, BAD, 22 },
		{ "rr twice", 16, { 7, 7, 4, 0, 0, 0, 0, 7, 7, 4 }, BAD, 27 },

		{ "ts", 8, { 68, 8, 5, 0 }, GOOD, 0, .ts = 20 },
		{ "ts addr", 12, { 68, 12, 5, 1 }, GOOD, 0, .ts = 20 },
		{ "ts prespec", 12, { 68, 12, 5, 3 }, GOOD, 0, .ts = 20 },
		{ "ts full", 8, { 68, 8, 9, 0xe0 }, GOOD, 0, .ts = 20 },
		{ "ts flags", 8, { 68, 8, 5, 7 }, GOOD },
		{ "ts short", 4, { 68, 3, 5, 1 }, BAD, 21 },
		{ "ts pointer", 8, { 68, 8, 4, 0 }, BAD, 22 },
		{ "ts little room", 8, { 68, 8, 6, 0 }, BAD, 22 },
		{ "ts little room", 8, { 68, 8, 5, 1 }, BAD, 22 },
		{ "ts overflow", 8, { 68, 8, 9, 0xf0 }, BAD, 23 },
		{ "ts twice", 16, { 68, 8, 5, 0, 0, 0, 0, 0, 68, 8, 5, 0 }, BAD, 28 },

		{ "alert", 4, { 148, 4, 0, 0 }, GOOD, 0, .ra = 1 },
		{ "alert reserved", 4, { 148, 4, 0, 1 }, GOOD },
		{ "alert short", 4, { 148, 3, 0, 1 }, BAD, 21 },

		{ "lsrr", 8, { 1, 131, 7, 4 }, ROUTE, 21, .sr = 21 },
		{ "ssrr", 8, { 137, 7, 8 }, ROUTE, 20, .sr = 20 },
		{ "lsrr short", 4, { 131, 2, 1, 1 }, BAD, 21 },
		{ "lsrr pointer", 8, { 131, 7, 3 }, BAD, 22 },
		{ "both", 16, { 131, 7, 4, 0, 0, 0, 0, 137, 7, 4 }, BAD, 27 },
		{ "route, then bad", 12, { 131, 7, 4, 0, 0, 0, 0, 99, 0 }, BAD, 28 },
		{ "rr and ts", 16, { 7, 7, 4, 0, 0, 0, 0, 68, 8, 5, 0 }, GOOD, 0,
			.rr = 20, .ts = 27 },
	};
	struct toy_ipv4_view v;
	struct shaped sh;
	u8 p[PKT_MAX], bad;
	int s;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int n = make(p, rows[i].opt, rows[i].len, 8);
		enum toy_drop got;

		seal(p);
		expect_everywhere(test, p, n, rows[i].want);
		for (s = 0; s < SHAPE_MAX; s++) {
			sh = shape(test, s, p, n);
			got = toy_ipv4_parse(sh.skb, &v, &bad);
			KUNIT_EXPECT_EQ_MSG(test, got, rows[i].want, "%s",
					    rows[i].what);
			KUNIT_EXPECT_EQ_MSG(test, bad, rows[i].bad, "%s",
					    rows[i].what);
			if (got != TOY_DROP_IP_OPTIONS) {
				KUNIT_EXPECT_EQ(test, v.opt.rr, rows[i].rr);
				KUNIT_EXPECT_EQ(test, v.opt.ts, rows[i].ts);
				KUNIT_EXPECT_EQ(test, v.opt.router_alert,
						rows[i].ra);
				KUNIT_EXPECT_EQ(test, v.opt.source_route,
						rows[i].sr);
			}
			shape_done(test, &sh);
		}
	}
}

/* ---- building ------------------------------------------------------------ */

/* A header whose checksum is in the books: 192.168.0.1 -> .199, b861. */
static void push_known_header(struct kunit *test)
{
	static const u8 want[20] = {
		0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7
	};
	static const u8 data[95];
	const struct toy_ipv4_build b = {
		.saddr = htonl(0xc0a80001),
		.daddr = htonl(0xc0a800c7),
		.df = true,
		.ttl = 64,
		.proto = 17,
	};
	struct shaped sh = shape(test, SHAPE_LINEAR, data, sizeof(data));

	toy_ipv4_push(sh.skb, &b);
	KUNIT_EXPECT_EQ(test, sh.skb->len, 115);
	KUNIT_EXPECT_TRUE(test, !memcmp(sh.skb->data, want, 20));
	KUNIT_EXPECT_EQ(test, skb_network_offset(sh.skb), 0);
	KUNIT_EXPECT_EQ(test, ntohs(sh.skb->protocol), ETH_P_IP);
	shape_done(test, &sh);
}

static void what_is_pushed_is_parsed(struct kunit *test)
{
	struct rnd_state rnd;
	u8 data[100], bad;

	prandom_seed_state(&rnd, 7);
	noise(&rnd, data, sizeof(data));
	for (int i = 0; i < 2000; i++) {
		u32 r = prandom_u32_state(&rnd);
		struct toy_ipv4_build b = {
			.saddr = (__force __be32)prandom_u32_state(&rnd),
			.daddr = (__force __be32)prandom_u32_state(&rnd),
			.id = (__force __be16)r,
			.df = r >> 16 & 1,
			.ttl = r >> 17,
			.tos = r >> 24,
			.proto = r >> 20,
		};
		unsigned int n = r % sizeof(data);
		struct shaped sh = shape(test, i % 2 ? SHAPE_PAGED :
					 SHAPE_LINEAR, data, n);
		struct toy_ipv4_view v;

		toy_ipv4_push(sh.skb, &b);
		KUNIT_ASSERT_EQ(test, toy_ipv4_parse(sh.skb, &v, &bad),
				TOY_RX_OK);
		KUNIT_EXPECT_TRUE(test, v.saddr == b.saddr &&
				  v.daddr == b.daddr && v.df == b.df &&
				  v.ttl == b.ttl && v.tos == b.tos &&
				  v.proto == b.proto && v.tot_len == n + 20 &&
				  !v.frag_off && !v.more_frags);
		shape_done(test, &sh);
	}
}

/* ---- quotes -------------------------------------------------------------- */

static void quotes_are_read_leniently(struct kunit *test)
{
	static const u8 opts[4] = { 99, 0, 0, 0 };	/* malformed */
	const unsigned int icmp = 8;
	struct toy_ipv4_view v;
	struct shaped sh;
	u8 p[PKT_MAX + 8];
	int s;

	memset(p, 0, icmp);
	for (unsigned int opts_len = 0; opts_len <= 4; opts_len += 4) {
		unsigned int hlen = 20 + opts_len, n;

		make(p + icmp, opts, opts_len, 8);
		n = icmp + hlen + 8;
		put_be16(p + icmp + 2, 1500);	/* it was longer */
		put_be16(p + icmp + 10, 0xbad);	/* and the TTL was changed */
		for (s = 0; s < SHAPE_WHOLE; s++) {
			sh = shape(test, s, p, n);
			KUNIT_EXPECT_EQ(test, toy_ipv4_parse_quote(sh.skb, icmp, &v),
					TOY_RX_OK);
			KUNIT_EXPECT_GE(test, skb_headlen(sh.skb), n);
			KUNIT_EXPECT_EQ(test, v.hdr_len, hlen);
			KUNIT_EXPECT_EQ(test, v.tot_len, 1500);
			KUNIT_EXPECT_EQ(test, v.proto, 17);
			KUNIT_EXPECT_EQ(test, ntohl(v.daddr), 0xc6336402);
			shape_done(test, &sh);

			for (unsigned int cut = 0; cut < n; cut++) {
				sh = shape(test, s, p, cut);
				KUNIT_EXPECT_EQ(test, TOY_DROP_ICMP_QUOTE,
						toy_ipv4_parse_quote(sh.skb, icmp, &v));
				shape_done(test, &sh);
			}
		}
	}

	sh = shape(test, SHAPE_LINEAR, p, 40);
	KUNIT_EXPECT_EQ(test, toy_ipv4_parse_quote(sh.skb, UINT_MAX - 10, &v),
			TOY_DROP_ICMP_QUOTE);
	sh.skb->data[icmp] = 0x65;
	KUNIT_EXPECT_EQ(test, toy_ipv4_parse_quote(sh.skb, icmp, &v),
			TOY_DROP_ICMP_QUOTE);
	sh.skb->data[icmp] = 0x44;
	KUNIT_EXPECT_EQ(test, toy_ipv4_parse_quote(sh.skb, icmp, &v),
			TOY_DROP_ICMP_QUOTE);
	shape_done(test, &sh);
}

/* ---- noise --------------------------------------------------------------- */

/* Every bit of a header with every option, as it comes and sealed anew. */
static void flipped_bits_match_the_reference(struct kunit *test)
{
	static const u8 opts[] = {
		7, 7, 4, 0, 0, 0, 0, 1, 68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0,
		148, 4, 0, 0, 1, 131, 11, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
	};
	u8 p[PKT_MAX];
	unsigned int n = make(p, opts, sizeof(opts), 20);
	int s;

	for (int bit = 0; bit < 60 * 8; bit += IS_ENABLED(CONFIG_KASAN) ? 5 : 1) {
		for (int resealed = 0; resealed < 2; resealed++) {
			seal(p);
			p[bit / 8] ^= 1 << bit % 8;
			if (resealed && p[0] % 16 >= 5)
				seal(p);
			for (s = 0; s < SHAPE_MAX; s++)
				try_shape(test, p, n, s);
			/* A seal over another length has changed more. */
			n = make(p, opts, sizeof(opts), 20);
		}
	}
}

/* Options of noise, where the checksum lets them through. */
static void noise_matches_the_reference(struct kunit *test)
{
	static const u8 likely_bytes[] = {
		0, 1, 1, 1, 2, 3, 4, 5, 7, 7, 8, 9, 11, 12, 68, 68, 131, 137, 148
	};
	struct rnd_state rnd;
	u8 p[PKT_MAX], opts[40];
	int outcome[__TOY_DROP_MAX] = {};

	prandom_seed_state(&rnd, 42);
	for (int i = 0; i < rounds(40000); i++) {
		unsigned int len = prandom_u32_state(&rnd) % 11 * 4, n;

		noise(&rnd, opts, len);
		for (int k = 0; k < len; k++) {
			if (opts[k] < 224)
				opts[k] = likely_bytes[opts[k] %
						       sizeof(likely_bytes)];
		}
		n = make(p, opts, len, prandom_u32_state(&rnd) % 50);
		seal(p);
		if (i % 8 == 0)
			noise(&rnd, p, n);
		outcome[try_shape(test, p, prandom_u32_state(&rnd) % 16 ? n :
				  prandom_u32_state(&rnd) % (n + 1),
				  i % SHAPE_MAX)]++;
	}
	/* The noise is of use only if it gets everywhere. */
	KUNIT_EXPECT_GT(test, outcome[TOY_RX_OK], rounds(100));
	KUNIT_EXPECT_GT(test, outcome[TOY_DROP_IP_OPTIONS], rounds(100));
	KUNIT_EXPECT_GT(test, outcome[TOY_DROP_IP_SRCROUTE], rounds(100));
	KUNIT_EXPECT_GT(test, outcome[TOY_DROP_IP_SHORT], rounds(100));
	KUNIT_EXPECT_GT(test, outcome[TOY_DROP_IP_VERSION], rounds(100));
}

static struct kunit_case ipv4_cases[] = {
	KUNIT_CASE(every_shape_gives_the_view),
	KUNIT_CASE(each_bad_field_has_its_name),
	KUNIT_CASE(length_covers_the_options),
	KUNIT_CASE(cut_at_every_length),
	KUNIT_CASE(big_tcp_has_no_length),
	KUNIT_CASE(trim_keeps_the_device_sum_true),
	KUNIT_CASE(trim_refuses_to_cut_off_the_checksum),
	KUNIT_CASE(options_good_and_bad),
	KUNIT_CASE(push_known_header),
	KUNIT_CASE(what_is_pushed_is_parsed),
	KUNIT_CASE(quotes_are_read_leniently),
	KUNIT_CASE(flipped_bits_match_the_reference),
	KUNIT_CASE(noise_matches_the_reference),
	{}
};

static struct kunit_suite ipv4_suite = {
	.name = "toy-skb-ipv4",
	.test_cases = ipv4_cases,
};

kunit_test_suite(ipv4_suite);
