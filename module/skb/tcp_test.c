// SPDX-License-Identifier: GPL-2.0-only
/* Cases for tcp.c: RFC 9293 3.1 headers and options in every skb shape. */
#include "shapes_test.h"

#define MSG_MAX		200

static struct toy_pkt pkt_of(int version)
{
	struct toy_pkt pkt = { .proto = IPPROTO_TCP };

	if (version == 4) {
		pkt.saddr = toy_v4(htonl(0xc0000201));
		pkt.daddr = toy_v4(htonl(0xc6336402));
	} else {
		pkt.saddr.s6_addr[0] = 0x20;
		pkt.saddr.s6_addr[15] = 1;
		pkt.daddr.s6_addr[0] = 0x20;
		pkt.daddr.s6_addr[15] = 2;
	}
	return pkt;
}

static u32 ref_all(int version, const u8 *m, unsigned int len)
{
	struct toy_pkt pkt = pkt_of(version);
	unsigned int from = version == 4 ? 12 : 0;
	u32 sum = IPPROTO_TCP + len;

	sum = ref_sum(sum, pkt.saddr.s6_addr + from, 16 - from);
	sum = ref_sum(sum, pkt.daddr.s6_addr + from, 16 - from);
	return ref_sum(sum, m, len);
}

/* 4660 -> 80, seq 0xfffffff0, ack 0x01020304, window 0xabcd, urgent 7; options
 * are @opts_len bytes of @opts, @data bytes follow.
 */
static unsigned int make(u8 *m, int version, u8 flags, const u8 *opts,
			 unsigned int opts_len, unsigned int data)
{
	static const u8 head[20] = {
		0x12, 0x34, 0, 80, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4,
		0, 0, 0xab, 0xcd, 0, 0, 0, 7
	};
	unsigned int n = 20 + opts_len + data;

	memcpy(m, head, 20);
	m[12] = (20 + opts_len) << 2;
	m[13] = flags;
	if (opts_len)
		memcpy(m + 20, opts, opts_len);
	for (int i = 0; i < data; i++)
		m[20 + opts_len + i] = i * 3 + 1;
	put_be16(m + 16, ~ref_all(version, m, n));
	return n;
}

static void expect_header(struct kunit *test, const struct toy_tcp_seg *s,
			  u8 flags, unsigned int opts_len, unsigned int data)
{
	KUNIT_EXPECT_EQ(test, s->sport, 4660);
	KUNIT_EXPECT_EQ(test, s->dport, 80);
	KUNIT_EXPECT_EQ(test, s->seq, 0xfffffff0);
	KUNIT_EXPECT_EQ(test, s->ack, 0x01020304);
	KUNIT_EXPECT_EQ(test, s->wnd, 0xabcd);
	KUNIT_EXPECT_EQ(test, s->urg, 7);
	KUNIT_EXPECT_EQ(test, s->flags, flags);
	KUNIT_EXPECT_EQ(test, s->hdr_len, 20 + opts_len);
	KUNIT_EXPECT_EQ(test, s->len, data);
	KUNIT_EXPECT_EQ(test, s->end_seq, 0xfffffff0 + data + (flags & 1) +
			(flags >> 1 & 1));
	KUNIT_EXPECT_EQ(test, s->opts.has, 0);
}

static void segments_in_every_shape(struct kunit *test)
{
	static const u8 nops[40] = { [0 ... 39] = KIND_NOP };
	struct toy_tcp_seg v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	for (int version = 4; version <= 6; version += 2) {
		struct toy_pkt pkt = pkt_of(version);

		for (unsigned int i = 0; i < 88; i++) {
			unsigned int o = i % 11 * 4, n;
			u8 flags = i * 37;

			n = make(m, version, flags, nops, o, i);
			for (s = 0; s < SHAPE_WHOLE; s++) {
				sh = shape(test, s, m, n);
				memset(&v, 0xff, sizeof(v));
				KUNIT_EXPECT_EQ_MSG(test, TOY_RX_OK,
						    toy_tcp_parse(sh.skb, &v),
						    "%s", shape_names[s]);
				expect_header(test, &v, flags, o, i);
				KUNIT_EXPECT_EQ(test, sh.skb->len, n);
				KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
				KUNIT_EXPECT_TRUE(test, toy_tcp_csum_ok(&pkt, sh.skb));
				toy_tcp_parse_opts(sh.skb, &v);
				KUNIT_EXPECT_EQ(test, v.opts.has, 0);

				__skb_pull(sh.skb, 20 + o);
				memset(&v, 0xff, sizeof(v));
				toy_tcp_reparse(sh.skb, &v);
				expect_header(test, &v, flags, o, i);
				KUNIT_EXPECT_TRUE(test, shape_same(sh.skb, m + 20 + o, i));
				shape_done(test, &sh);
			}
		}
	}
}

static void truncated_and_wrong_header_lengths(struct kunit *test)
{
	static const u8 nops[40] = { [0 ... 39] = KIND_NOP };
	struct toy_tcp_seg v;
	struct shaped sh;
	u8 m[MSG_MAX];
	int s;

	make(m, 4, TOY_TCP_ACK, nops, 40, 20);
	for (unsigned int have = 0; have < 80; have++) {
		for (unsigned int doff = 0; doff < 16; doff++) {
			enum toy_drop want = TOY_RX_OK;

			if (have < 20)
				want = TOY_DROP_TCP_SHORT;
			else if (doff < 5 || doff * 4 > have)
				want = TOY_DROP_TCP_HDR_LEN;
			m[12] = doff << 4 | 0xf;
			s = (have + doff) % SHAPE_WHOLE;
			sh = shape(test, s, m, have);
			KUNIT_EXPECT_EQ_MSG(test, toy_tcp_parse(sh.skb, &v),
					    want, "%u of %u, %s", doff, have,
					    shape_names[s]);
			if (!want) {
				KUNIT_EXPECT_EQ(test, v.hdr_len, doff * 4);
				KUNIT_EXPECT_EQ(test, v.len, have - doff * 4);
				toy_tcp_parse_opts(sh.skb, &v);
				KUNIT_EXPECT_EQ(test, v.opts.has, 0);
			}
			shape_done(test, &sh);
		}
	}
}

static void no_memory_to_pull(struct kunit *test)
{
	struct toy_tcp_seg v;
	struct shaped sh;
	enum toy_drop why;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 4, TOY_TCP_ACK, NULL, 0, 40);

	sh = shape(test, SHAPE_CLONED_SPLIT, m, n);
	if (!fail_alloc(1)) {
		shape_done(test, &sh);
		kunit_skip(test, "no fault injection in this kernel");
	}
	why = toy_tcp_parse(sh.skb, &v);
	if (alloc_has_failed())
		KUNIT_EXPECT_EQ(test, why, TOY_DROP_NOMEM);
	shape_done(test, &sh);
}

static void any_flipped_bit_is_found(struct kunit *test)
{
	struct toy_pkt pkt = pkt_of(6);
	struct toy_tcp_seg v;
	struct shaped sh;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 6, TOY_TCP_ACK, NULL, 0, 21);
	int s;

	for (int bit = 0; bit < n * 8; bit++) {
		m[bit / 8] ^= 1 << bit % 8;
		for (s = 0; s < SHAPE_WHOLE; s++) {
			bool good = false;

			sh = shape(test, s, m, n);
			if (!toy_tcp_parse(sh.skb, &v))
				good = toy_tcp_csum_ok(&pkt, sh.skb);
			KUNIT_EXPECT_FALSE(test, good);
			shape_done(test, &sh);
		}
		m[bit / 8] ^= 1 << bit % 8;
	}
}

/* A header and 64 KB and more of data, as GRO hands them up. */
static void super_segments_are_one_segment(struct kunit *test)
{
	const unsigned int len = 64 * 1024 + 20;
	u8 *m = kunit_kzalloc(test, len, GFP_KERNEL);
	struct toy_pkt pkt = pkt_of(4);
	struct toy_tcp_seg v;
	struct shaped sh;

	KUNIT_ASSERT_NOT_NULL(test, m);
	make(m, 4, TOY_TCP_ACK | TOY_TCP_PSH | TOY_TCP_FIN, NULL, 0, 100);
	sh = shape(test, SHAPE_PAGED, m, len);
	skb_shinfo(sh.skb)->gso_type = SKB_GSO_TCPV4;
	skb_shinfo(sh.skb)->gso_size = 1448;
	KUNIT_EXPECT_EQ(test, toy_tcp_parse(sh.skb, &v), TOY_RX_OK);
	KUNIT_EXPECT_EQ(test, v.len, 64 * 1024);
	KUNIT_EXPECT_EQ(test, v.end_seq - v.seq, 64 * 1024 + 1);

	/* Nobody vouches; GRO does; so does a sender on this machine. */
	KUNIT_EXPECT_FALSE(test, toy_tcp_csum_ok(&pkt, sh.skb));
	sh.skb->ip_summed = CHECKSUM_PARTIAL;
	sh.skb->csum_start = skb_transport_header(sh.skb) - sh.skb->head;
	sh.skb->csum_offset = 16;
	KUNIT_EXPECT_TRUE(test, toy_tcp_csum_ok(&pkt, sh.skb));
	sh.skb->ip_summed = CHECKSUM_UNNECESSARY;
	KUNIT_EXPECT_TRUE(test, toy_tcp_csum_ok(&pkt, sh.skb));
	shape_done(test, &sh);
}

/* Options of a segment with @flags, in @v. */
static void options(struct kunit *test, u8 flags, const u8 *opts,
		    unsigned int len, struct toy_tcp_seg *v)
{
	struct shaped sh;
	u8 m[MSG_MAX];
	unsigned int n = make(m, 4, flags, opts, len, 3);

	sh = shape(test, SHAPE_ODD, m, n);
	memset(v, 0xff, sizeof(*v));
	KUNIT_ASSERT_EQ(test, toy_tcp_parse(sh.skb, v), TOY_RX_OK);
	toy_tcp_parse_opts(sh.skb, v);
	shape_done(test, &sh);
}

static void options_of_a_syn(struct kunit *test)
{
	static const u8 opts[] = {
		2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0,
		1, 3, 3, 7,
	};
	struct toy_tcp_seg v;

	options(test, TOY_TCP_SYN, opts, sizeof(opts), &v);
	KUNIT_EXPECT_EQ(test, v.opts.has, TOY_OPT_MSS | TOY_OPT_WSCALE |
			TOY_OPT_SACK_OK | TOY_OPT_TS);
	KUNIT_EXPECT_EQ(test, v.opts.mss, 1460);
	KUNIT_EXPECT_EQ(test, v.opts.wscale, 7);
	KUNIT_EXPECT_EQ(test, v.opts.tsval, 0x01020304);
	KUNIT_EXPECT_EQ(test, v.opts.tsecr, 0);

	/* What is agreed upon is not changed later (RFC 7323 2.2). */
	options(test, TOY_TCP_ACK, opts, sizeof(opts), &v);
	KUNIT_EXPECT_EQ(test, v.opts.has, TOY_OPT_TS);
}

/* RFC 7323 2.3: "a shift count greater than 14 ... MUST use 14". */
static void scales_above_14_are_14(struct kunit *test)
{
	struct toy_tcp_seg v;

	for (int scale = 0; scale < 256; scale++) {
		u8 opts[4] = { 1, 3, 3, scale };

		options(test, TOY_TCP_SYN, opts, 4, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has, TOY_OPT_WSCALE);
		KUNIT_EXPECT_EQ(test, v.opts.wscale, min(scale, 14));
	}
}

static void mss_of_zero_is_none(struct kunit *test)
{
	static const u8 opts[] = { 2, 4, 0, 0 };
	struct toy_tcp_seg v;

	options(test, TOY_TCP_SYN, opts, 4, &v);
	KUNIT_EXPECT_EQ(test, v.opts.has, 0);
}

/* RFC 7413 4.1.1, and RFC 6994 for the form that came first. */
static void fast_open_cookies(struct kunit *test)
{
	static const struct { u8 len; s8 want; bool exp; u8 opt[20]; } rows[] = {
		{ 4, 0, false, { 34, 2, 1, 1 } },
		{ 8, 4, false, { 34, 6, 7, 8, 9, 10, 1, 1 } },
		{ 12, 8, false, { 34, 10, 7, 8, 9, 10, 11, 12, 13, 14, 1, 1 } },
		{ 20, 16, false, { 34, 18, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
				   18, 19, 20, 21, 22, 1, 1 } },
		{ 4, 0, true, { 254, 4, 0xf9, 0x89 } },
		{ 8, 4, true, { 254, 8, 0xf9, 0x89, 7, 8, 9, 10 } },
		/* No option: too short, odd, too long, another experiment. */
		{ 4, -1, false, { 34, 4, 7, 8 } },
		{ 8, -1, false, { 34, 7, 7, 8, 9, 10, 11, 1 } },
		{ 20, -1, false, { 34, 20, 7 } },
		{ 4, -1, false, { 254, 4, 0xf9, 0x88 } },
		{ 4, -1, false, { 254, 3, 0xf9, 1 } },
		{ 4, -1, false, { 254, 2, 1, 1 } },
	};
	struct toy_tcp_seg v;
	u8 out[40];

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		options(test, TOY_TCP_SYN, rows[i].opt, rows[i].len, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has,
				rows[i].want < 0 ? 0 : TOY_OPT_FASTOPEN);
		if (rows[i].want >= 0) {
			KUNIT_EXPECT_EQ(test, v.opts.fo.len, rows[i].want);
			KUNIT_EXPECT_EQ(test, v.opts.fo.exp, rows[i].exp);
			/* What is written is what was read. */
			KUNIT_ASSERT_EQ(test, toy_tcp_opts_len(&v.opts),
					rows[i].len);
			put_options(out, &v.opts);
			KUNIT_EXPECT_MEMEQ(test, out, rows[i].opt, rows[i].len);
		}
		/* Of a SYN only. */
		options(test, TOY_TCP_ACK, rows[i].opt, rows[i].len, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has, 0);
	}
}

static void timestamps_fast_and_slow(struct kunit *test)
{
	static const u8 usual[] = { 1, 1, 8, 10, 0xff, 0, 0, 1, 0, 0, 0, 2 };
	static const u8 behind[] = { 8, 10, 0xff, 0, 0, 1, 0, 0, 0, 2, 1, 1 };
	static const u8 twice[] = {
		8, 10, 0, 0, 0, 9, 0, 0, 0, 9, 8, 10, 0xff, 0, 0, 1, 0, 0, 0, 2
	};
	static const struct { const u8 *opts; unsigned int len; } rows[] = {
		{ usual, 12 }, { behind, 12 }, { twice, 20 },
	};
	struct toy_tcp_seg v;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		options(test, TOY_TCP_ACK, rows[i].opts, rows[i].len, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has, TOY_OPT_TS);
		KUNIT_EXPECT_EQ(test, v.opts.tsval, 0xff000001);
		KUNIT_EXPECT_EQ(test, v.opts.tsecr, 2);
	}
}

static void sack_blocks(struct kunit *test)
{
	struct toy_tcp_seg v;

	for (unsigned int len = 2; len <= 40; len++) {
		u8 opts[40] = { 5, len };
		unsigned int n = (len - 2) / 8;
		bool good = len > 2 && len % 8 == 2;

		for (int i = 2; i < len; i++)
			opts[i] = i;
		options(test, TOY_TCP_ACK, opts, 40, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has, good ? TOY_OPT_SACK : 0);
		KUNIT_EXPECT_EQ(test, v.opts.nr_sacks, good ? n : 0);
		for (int i = 0; i < v.opts.nr_sacks; i++) {
			u32 first = 0x02030405 + i * 0x08080808;

			KUNIT_EXPECT_EQ(test, v.opts.sacks[i].start, first);
			KUNIT_EXPECT_EQ(test, v.opts.sacks[i].end,
					first + 0x04040404);
		}
		/* Nothing has been received yet that could be SACKed. */
		options(test, TOY_TCP_SYN, opts, 40, &v);
		KUNIT_EXPECT_EQ(test, v.opts.has, 0);
	}
}

static void malformed_runs_end_the_reading(struct kunit *test)
{
	static const struct { u8 opts[12], has; } rows[] = {
		/* end of options, and what follows it */
		{ { 0, 3, 3, 7 }, 0 },
		{ { 4, 2, 0, 3, 3, 3, 7, 1 }, TOY_OPT_SACK_OK },
		/* lengths of 0 and 1 would never end */
		{ { 3, 0, 3, 3, 7, 1 }, 0 },
		{ { 99, 0 }, 0 },
		{ { 99, 1, 4, 2 }, 0 },
		{ { 4, 2, 5, 1, 3, 3, 7 }, TOY_OPT_SACK_OK },
		/* beyond the header */
		{ { 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4 }, TOY_OPT_SACK_OK },
		{ { 4, 2, 1, 1, 8, 10 }, TOY_OPT_SACK_OK },
		{ { 99, 13, 4, 2 }, 0 },
		{ { 99, 255 }, 0 },
		/* a kind without a length at the very end */
		{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 2, 3 }, TOY_OPT_SACK_OK },
		/* wrong lengths and unknown kinds are passed over */
		{ { 2, 3, 5, 4, 2, 3, 2, 3, 4, 1, 1, 0 }, TOY_OPT_SACK_OK },
		{ { 99, 2, 254, 6, 0, 0, 0, 0, 4, 2 }, TOY_OPT_SACK_OK },
		{ { 4, 3, 0, 8, 2, 3, 3, 14 }, TOY_OPT_WSCALE },
		{ { 99, 12 }, 0 },
	};
	struct toy_tcp_seg v;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		options(test, TOY_TCP_SYN, rows[i].opts, 12, &v);
		KUNIT_EXPECT_EQ_MSG(test, v.opts.has, rows[i].has, "row %d", i);
	}
}

/* Noise: no option is invented, nothing outside the header is looked at. */
static void noise_is_harmless(struct kunit *test)
{
	struct toy_tcp_seg a, b;
	struct rnd_state rnd;
	struct shaped sh;
	u8 m[MSG_MAX];

	prandom_seed_state(&rnd, 12);
	for (int i = 0; i < rounds(40000); i++) {
		unsigned int n = prandom_u32_state(&rnd) % 80;

		noise(&rnd, m, n);
		/* Small numbers are kinds and lengths more often. */
		for (int k = 20; k < n && i % 4; k++)
			m[k] %= 12;
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		sh = shape(test, i % SHAPE_WHOLE, m, n);
		if (!toy_tcp_parse(sh.skb, &a)) {
			toy_tcp_parse_opts(sh.skb, &a);
			KUNIT_EXPECT_LE(test, a.opts.nr_sacks, 4);
			KUNIT_EXPECT_EQ(test, !!a.opts.nr_sacks,
					!!(a.opts.has & TOY_OPT_SACK));
			KUNIT_EXPECT_LE(test, a.opts.wscale, 14);
		}
		shape_done(test, &sh);

		/* The same header with other data behind it. */
		if (n < 20 || !a.hdr_len)
			continue;
		for (int k = a.hdr_len; k < n; k++)
			m[k] = ~m[k];
		sh = shape(test, SHAPE_LINEAR, m, n);
		KUNIT_EXPECT_EQ(test, toy_tcp_parse(sh.skb, &b), TOY_RX_OK);
		toy_tcp_parse_opts(sh.skb, &b);
		KUNIT_EXPECT_MEMEQ(test, &a, &b, sizeof(a));
		shape_done(test, &sh);
	}
}

static void bytes_of_options(struct kunit *test)
{
	static const struct toy_tcp_opts base = {
		.mss = 1460, .wscale = 7, .tsval = 0x01020304,
		.tsecr = 0x05060708, .nr_sacks = 1, .sacks = { { 9, 10 } },
	};
	static const struct { u8 has, len, bytes[28]; } rows[] = {
		{ 0, 0, {} },
		{ TOY_OPT_MSS, 4, { 2, 4, 5, 0xb4 } },
		{ TOY_OPT_MSS | TOY_OPT_SACK_OK, 8,
		  { 2, 4, 5, 0xb4, 1, 1, 4, 2 } },
		{ TOY_OPT_MSS | TOY_OPT_WSCALE, 8,
		  { 2, 4, 5, 0xb4, 1, 3, 3, 7 } },
		{ TOY_OPT_MSS | TOY_OPT_SACK_OK | TOY_OPT_TS | TOY_OPT_WSCALE,
		  20, { 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8,
			1, 3, 3, 7 } },
		{ TOY_OPT_MSS | TOY_OPT_TS, 16,
		  { 2, 4, 5, 0xb4, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 } },
		{ TOY_OPT_TS, 12, { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 } },
		{ TOY_OPT_SACK, 12, { 1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 10 } },
		{ TOY_OPT_TS | TOY_OPT_SACK, 24,
		  { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8,
		    1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 10 } },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct toy_tcp_opts o = base;
		u8 out[40] = {};

		o.has = rows[i].has;
		KUNIT_EXPECT_EQ(test, toy_tcp_opts_len(&o), rows[i].len);
		put_options(out, &o);
		KUNIT_EXPECT_MEMEQ(test, out, rows[i].bytes, 28);
	}
}

/* RFC 2018 3: 4 blocks fit, 3 beside timestamps; none when a SYN is full. */
static void blocks_that_do_not_fit_are_left_out(struct kunit *test)
{
	struct toy_tcp_opts o = { .has = TOY_OPT_SACK };

	for (int n = 0; n < 256; n++) {
		o.nr_sacks = n;
		o.has = TOY_OPT_SACK;
		KUNIT_EXPECT_EQ(test, toy_tcp_opts_len(&o),
				n ? 4 + 8 * min(n, 4) : 0);
		o.has = TOY_OPT_SACK | TOY_OPT_TS;
		KUNIT_EXPECT_EQ(test, toy_tcp_opts_len(&o),
				12 + (n ? 4 + 8 * min(n, 3) : 0));
		o.has = 0xff;
		o.fo.len = n % 9 * 2;
		KUNIT_EXPECT_LE(test, toy_tcp_opts_len(&o), 40);
	}
}

static void built_segments_parse(struct kunit *test)
{
	static const u8 data[50] = { 1, 2, 3 };
	struct toy_pkt pkt = pkt_of(6);

	for (unsigned int i = 0; i < 32 * 64; i++) {
		struct toy_tcp_opts o = {
			.has = i % 32, .nr_sacks = i / 32 % 5, .mss = 536 + i,
			.wscale = i % 15, .tsval = i * 77777, .tsecr = ~i,
			.sacks = { { i, i + 1 }, { i + 2, i + 3 },
				   { i + 4, i + 5 }, { i + 6, i + 7 } },
		};
		unsigned int opts_len = toy_tcp_opts_len(&o);
		u8 may = i % 2 ? ~TOY_OPT_SACK :
			 TOY_OPT_TS | TOY_OPT_SACK;
		struct toy_tcp_build b = {
			.sport = 65535, .dport = 1, .seq = ~i, .ack = i << 20,
			.wnd = i * 32, .urg = i, .opts = &o,
			.opts_len = opts_len,
			.flags = i % 2 ? TOY_TCP_SYN | TOY_TCP_ECE | TOY_TCP_CWR :
				 TOY_TCP_ACK | TOY_TCP_URG,
		};
		struct toy_tcp_seg v = {};
		u16 sport, dport;
		struct shaped sh;
		u32 seq;

		sh = shape(test, i % 3 ? SHAPE_ODD : SHAPE_PAGED, data, i % 50);
		toy_tcp_push(sh.skb, &b);
		KUNIT_EXPECT_EQ(test, skb_transport_offset(sh.skb), 0);
		KUNIT_EXPECT_EQ(test, tcp_hdr(sh.skb)->check, 0);
		toy_tcp_quoted(sh.skb, &sport, &dport, &seq);
		KUNIT_EXPECT_EQ(test, sport, 65535);
		KUNIT_EXPECT_EQ(test, dport, 1);
		KUNIT_EXPECT_EQ(test, seq, ~i);

		toy_csum_partial(sh.skb, &pkt.saddr, &pkt.daddr, sh.skb->len,
				 IPPROTO_TCP, 16);
		KUNIT_ASSERT_EQ(test, skb_checksum_help(sh.skb), 0);
		KUNIT_EXPECT_EQ(test, toy_tcp_parse(sh.skb, &v), TOY_RX_OK);
		KUNIT_EXPECT_TRUE(test, toy_tcp_csum_ok(&pkt, sh.skb));
		toy_tcp_parse_opts(sh.skb, &v);
		KUNIT_EXPECT_EQ(test, v.len, i % 50);
		KUNIT_EXPECT_EQ(test, v.seq, b.seq);
		KUNIT_EXPECT_EQ(test, v.ack, b.ack);
		KUNIT_EXPECT_EQ(test, v.wnd, b.wnd);
		KUNIT_EXPECT_EQ(test, v.urg, b.urg);
		KUNIT_EXPECT_EQ(test, v.flags, b.flags);
		KUNIT_EXPECT_EQ(test, v.hdr_len, 20 + opts_len);

		if (!sacks_that_fit(&o, fixed_len(&o)))
			o.has &= ~TOY_OPT_SACK;
		KUNIT_EXPECT_EQ(test, v.opts.has, o.has & may);
		if (v.opts.has & TOY_OPT_MSS)
			KUNIT_EXPECT_EQ(test, v.opts.mss, o.mss);
		if (v.opts.has & TOY_OPT_WSCALE)
			KUNIT_EXPECT_EQ(test, v.opts.wscale, o.wscale);
		if (v.opts.has & TOY_OPT_TS) {
			KUNIT_EXPECT_EQ(test, v.opts.tsval, o.tsval);
			KUNIT_EXPECT_EQ(test, v.opts.tsecr, o.tsecr);
		}
		if (v.opts.has & TOY_OPT_SACK)
			KUNIT_EXPECT_MEMEQ(test, v.opts.sacks, o.sacks,
					   v.opts.nr_sacks * sizeof(o.sacks[0]));
		shape_done(test, &sh);
	}
}

static struct kunit_case tcp_cases[] = {
	KUNIT_CASE(segments_in_every_shape),
	KUNIT_CASE(truncated_and_wrong_header_lengths),
	KUNIT_CASE(no_memory_to_pull),
	KUNIT_CASE(any_flipped_bit_is_found),
	KUNIT_CASE(super_segments_are_one_segment),
	KUNIT_CASE(options_of_a_syn),
	KUNIT_CASE(scales_above_14_are_14),
	KUNIT_CASE(mss_of_zero_is_none),
	KUNIT_CASE(fast_open_cookies),
	KUNIT_CASE(timestamps_fast_and_slow),
	KUNIT_CASE(sack_blocks),
	KUNIT_CASE(malformed_runs_end_the_reading),
	KUNIT_CASE(noise_is_harmless),
	KUNIT_CASE(bytes_of_options),
	KUNIT_CASE(blocks_that_do_not_fit_are_left_out),
	KUNIT_CASE(built_segments_parse),
	{}
};

static struct kunit_suite tcp_suite = {
	.name = "toy-skb-tcp",
	.test_cases = tcp_cases,
};

kunit_test_suite(tcp_suite);
