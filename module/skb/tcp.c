// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP headers and options (RFC 9293 3.1), read and written.
 *
 *	 0                               16                             31
 *	+-------------------------------+-------------------------------+
 *	|          source port          |       destination port        |
 *	+-------------------------------+-------------------------------+
 *	|                        sequence number                        |
 *	+---------------------------------------------------------------+
 *	|                     acknowledgment number                     |
 *	+-------+-------+---------------+-------------------------------+
 *	|  len  |   0   | CEUAPRSF      |            window             |
 *	+-------+-------+---------------+-------------------------------+
 *	|           checksum            |        urgent pointer         |
 *	+-------------------------------+-------------------------------+
 *	|  kind   length   value ...    options, up to 40 bytes         |
 *
 * Options are written in the order and padding that the world is used to,
 * each starting at a multiple of 4 bytes:
 *
 *	SYN	MSS | SACK-permitted TS | NOP WSCALE
 *		MSS | NOP NOP TS | NOP NOP SACK-permitted | NOP WSCALE
 *		... | Fast Open cookie, padded by NOPs
 *	others	NOP NOP TS | NOP NOP SACK
 *
 * A super-segment (several segments in one skb, by the sender's GSO or by
 * GRO) has one header, and counts here as one long segment: no length field
 * says otherwise, TCP's length is what IP has left.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "buf.h"
#include "csum.h"
#include "tcp.h"

/* RFC 9293 3.2 and the IANA registry; with lengths, kind and length included */
#define KIND_END	0
#define KIND_NOP	1
#define KIND_MSS	2
#define KIND_WSCALE	3
#define KIND_SACK_OK	4
#define KIND_SACK	5
#define KIND_TS		8
#define KIND_FASTOPEN	34
#define KIND_EXP	254	/* RFC 6994: who, in the next two bytes */

#define LEN_MSS		4
#define LEN_WSCALE	3
#define LEN_SACK_OK	2
#define LEN_SACK_BASE	2
#define LEN_SACK_BLOCK	8
#define LEN_TS		10
#define LEN_FASTOPEN	2	/* and the cookie */
#define LEN_EXP		4

#define EXP_FASTOPEN	0xf989	/* RFC 7413, Appendix A of its drafts */

#define HDR_LEN		sizeof(struct tcphdr)
#define OPTS_MAX	(TOY_TCP_HDR_MAX - HDR_LEN)
#define WSCALE_MAX	14	/* RFC 7323 2.3 */

/* Four bytes of options as one number. */
#define WORD(a, b, c, d) ((u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define WORD_TS		WORD(KIND_NOP, KIND_NOP, KIND_TS, LEN_TS)

static void read_header(const struct sk_buff *skb, struct toy_tcp_seg *s)
{
	const u8 *h = skb_transport_header(skb);

	s->sport = get_unaligned_be16(h);
	s->dport = get_unaligned_be16(h + 2);
	s->seq = get_unaligned_be32(h + 4);
	s->ack = get_unaligned_be32(h + 8);
	s->hdr_len = h[12] >> 4 << 2;
	s->flags = h[13];
	s->wnd = get_unaligned_be16(h + 14);
	s->urg = get_unaligned_be16(h + 18);
	s->opts.has = 0;
	s->opts.nr_sacks = 0;

	s->len = skb->len - skb_transport_offset(skb) - s->hdr_len;
	s->end_seq = s->seq + s->len + !!(s->flags & TOY_TCP_SYN) +
		     !!(s->flags & TOY_TCP_FIN);
}

/**
 * toy_tcp_parse() - check the header of a received segment
 * @skb: segment, not shared, skb->data at the header, where it stays; borrowed
 * @s: filled in, but for its options, when the header is right
 *
 * Makes the header linear and sets the transport header. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_TCP_SHORT, _TCP_HDR_LEN or _NOMEM.
 */
enum toy_drop toy_tcp_parse(struct sk_buff *skb, struct toy_tcp_seg *s)
{
	unsigned int hdr_len;
	enum toy_drop why;

	why = toy_skb_linear(skb, HDR_LEN, TOY_DROP_TCP_SHORT);
	if (why)
		return why;
	hdr_len = skb->data[12] >> 4 << 2;
	if (hdr_len < HDR_LEN)
		return TOY_DROP_TCP_HDR_LEN;
	why = toy_skb_linear(skb, hdr_len, TOY_DROP_TCP_HDR_LEN);
	if (why)
		return why;

	skb_reset_transport_header(skb);
	read_header(skb, s);
	return TOY_RX_OK;
}

/**
 * toy_tcp_reparse() - read a segment's header again
 * @skb: segment that toy_tcp_parse() has accepted before; borrowed
 * @s: filled in, but for its options
 *
 * For a segment that has waited: in a socket's backlog, for one. skb->data
 * may have moved past the header. Context: any.
 */
void toy_tcp_reparse(const struct sk_buff *skb, struct toy_tcp_seg *s)
{
	read_header(skb, s);
}

static void read_ts(const u8 *value, struct toy_tcp_opts *o)
{
	o->tsval = get_unaligned_be32(value);
	o->tsecr = get_unaligned_be32(value + 4);
	o->has |= TOY_OPT_TS;
}

/* RFC 2018 3. Whether the blocks make sense is the sender's to find out. */
static void read_sacks(const u8 *value, unsigned int len,
		       struct toy_tcp_opts *o)
{
	unsigned int n = len / LEN_SACK_BLOCK;

	if (!n || len % LEN_SACK_BLOCK || n > TOY_TCP_SACKS_MAX)
		return;
	for (int i = 0; i < n; i++, value += LEN_SACK_BLOCK) {
		o->sacks[i].start = get_unaligned_be32(value);
		o->sacks[i].end = get_unaligned_be32(value + 4);
	}
	o->nr_sacks = n;
	o->has |= TOY_OPT_SACK;
}

/* RFC 7413 4.1.1. A length that makes no sense is as good as no option. */
static void read_fastopen(const u8 *cookie, int len, bool exp,
			  struct toy_tcp_opts *o)
{
	if (len & 1 || (len && len < TOY_FO_COOKIE_MIN) || len > TOY_FO_COOKIE_MAX)
		return;
	o->fo.len = len;
	o->fo.exp = exp;
	memcpy(o->fo.val, cookie, len);
	o->has |= TOY_OPT_FASTOPEN;
}

/* Options that agree on something for the whole connection. */
static void read_syn_option(const u8 *opt, struct toy_tcp_opts *o)
{
	switch (WORD(0, 0, opt[0], opt[1])) {
	case WORD(0, 0, KIND_MSS, LEN_MSS):
		o->mss = get_unaligned_be16(opt + 2);
		/* 0 says nothing. */
		if (o->mss)
			o->has |= TOY_OPT_MSS;
		break;
	case WORD(0, 0, KIND_WSCALE, LEN_WSCALE):
		/* RFC 7323 2.3: a larger shift means 14. */
		o->wscale = min_t(u8, opt[2], WSCALE_MAX);
		o->has |= TOY_OPT_WSCALE;
		break;
	case WORD(0, 0, KIND_SACK_OK, LEN_SACK_OK):
		o->has |= TOY_OPT_SACK_OK;
		break;
	default:
		if (opt[0] == KIND_FASTOPEN)
			read_fastopen(opt + LEN_FASTOPEN, opt[1] - LEN_FASTOPEN,
				      false, o);
		else if (opt[0] == KIND_EXP && opt[1] >= LEN_EXP &&
			 get_unaligned_be16(opt + 2) == EXP_FASTOPEN)
			read_fastopen(opt + LEN_EXP, opt[1] - LEN_EXP, true, o);
		break;
	}
}

/* One option, kind and length checked to be inside the header. */
static void read_option(const u8 *opt, struct toy_tcp_seg *s)
{
	u8 kind = opt[0], len = opt[1];

	if (kind == KIND_TS && len == LEN_TS)
		read_ts(opt + 2, &s->opts);
	else if (s->flags & TOY_TCP_SYN)
		read_syn_option(opt, &s->opts);
	else if (kind == KIND_SACK)
		read_sacks(opt + LEN_SACK_BASE, len - LEN_SACK_BASE, &s->opts);
}

/**
 * toy_tcp_parse_opts() - read the options of a segment
 * @skb: segment that toy_tcp_parse() has accepted; borrowed
 * @s: the same segment; its options are filled in
 *
 * RFC 9293 3.2 (MUST-6, MUST-7): options that are unknown, have a wrong
 * length or do not belong into this segment are passed over; where no length
 * makes sense the rest is. The last one of a kind counts. Context: any.
 */
void toy_tcp_parse_opts(const struct sk_buff *skb, struct toy_tcp_seg *s)
{
	const u8 *at = skb_transport_header(skb) + HDR_LEN;
	const u8 *end = at + s->hdr_len - HDR_LEN;

	s->opts.has = 0;
	s->opts.nr_sacks = 0;
	/* Nearly every segment has nothing, or just a timestamp. */
	if (at == end)
		return;
	if (end - at == 12 && get_unaligned_be32(at) == WORD_TS) {
		read_ts(at + 4, &s->opts);
		return;
	}

	while (at < end && *at != KIND_END) {
		if (*at == KIND_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || at[1] < 2 || at[1] > end - at)
			return;
		read_option(at, s);
		at += at[1];
	}
}

/**
 * toy_tcp_csum_ok() - is the checksum of a received segment right?
 * @pkt: what IP has found out
 * @skb: segment, not shared, skb->data at the header; borrowed
 *
 * Context: any. Reads all of the segment unless the device or GRO has done so.
 *
 * Return: true when it is; a later copy then needs no checksum.
 */
bool toy_tcp_csum_ok(const struct toy_pkt *pkt, struct sk_buff *skb)
{
	return toy_csum_verify(skb, &pkt->saddr, &pkt->daddr, skb->len,
			       IPPROTO_TCP);
}

static unsigned int fastopen_len(const struct toy_fo_cookie *fo)
{
	return (fo->exp ? LEN_EXP : LEN_FASTOPEN) + fo->len;
}

/* Bytes of everything but SACK blocks. */
static unsigned int fixed_len(const struct toy_tcp_opts *o)
{
	unsigned int len = 0;

	if (o->has & TOY_OPT_MSS)
		len += 4;
	if (o->has & TOY_OPT_TS)
		len += 12;
	else if (o->has & TOY_OPT_SACK_OK)
		len += 4;
	if (o->has & TOY_OPT_WSCALE)
		len += 4;
	if (o->has & TOY_OPT_FASTOPEN)
		len += ALIGN(fastopen_len(&o->fo), 4);
	return len;
}

/* SACK blocks for which there is room behind @fixed bytes. */
static unsigned int sacks_that_fit(const struct toy_tcp_opts *o,
				   unsigned int fixed)
{
	unsigned int room;

	if (!(o->has & TOY_OPT_SACK) || fixed + 4 > OPTS_MAX)
		return 0;
	room = (OPTS_MAX - fixed - 4) / LEN_SACK_BLOCK;
	return min3(room, (unsigned int)o->nr_sacks,
		    (unsigned int)TOY_TCP_SACKS_MAX);
}

/**
 * toy_tcp_opts_len() - bytes that options take in a header
 * @o: options
 *
 * SACK blocks that do not fit are left out. Context: any.
 *
 * Return: 0 to 40, a multiple of 4.
 */
unsigned int toy_tcp_opts_len(const struct toy_tcp_opts *o)
{
	unsigned int len = fixed_len(o);
	unsigned int sacks = sacks_that_fit(o, len);

	return sacks ? len + 4 + sacks * LEN_SACK_BLOCK : len;
}

static u8 *put_word(u8 *at, u32 word)
{
	put_unaligned_be32(word, at);
	return at + 4;
}

static u8 *put_sacks(u8 *at, const struct toy_tcp_opts *o, unsigned int n)
{
	at = put_word(at, WORD(KIND_NOP, KIND_NOP, KIND_SACK,
			       LEN_SACK_BASE + n * LEN_SACK_BLOCK));
	for (int i = 0; i < n; i++) {
		at = put_word(at, o->sacks[i].start);
		at = put_word(at, o->sacks[i].end);
	}
	return at;
}

static u8 *put_fastopen(u8 *at, const struct toy_fo_cookie *fo)
{
	unsigned int len = fastopen_len(fo);
	u8 *end = at + ALIGN(len, 4);

	*at++ = fo->exp ? KIND_EXP : KIND_FASTOPEN;
	*at++ = len;
	if (fo->exp) {
		put_unaligned_be16(EXP_FASTOPEN, at);
		at += 2;
	}
	memcpy(at, fo->val, fo->len);
	memset(at + fo->len, KIND_NOP, end - at - fo->len);
	return end;
}

static void put_options(u8 *at, const struct toy_tcp_opts *o)
{
	unsigned int sacks = sacks_that_fit(o, fixed_len(o));
	bool sack_ok = o->has & TOY_OPT_SACK_OK;

	if (o->has & TOY_OPT_MSS)
		at = put_word(at, WORD(KIND_MSS, LEN_MSS, 0, 0) | o->mss);
	if (o->has & TOY_OPT_TS) {
		at = put_word(at, !sack_ok ? WORD_TS :
			      WORD(KIND_SACK_OK, LEN_SACK_OK, KIND_TS, LEN_TS));
		at = put_word(at, o->tsval);
		at = put_word(at, o->tsecr);
	} else if (sack_ok) {
		at = put_word(at, WORD(KIND_NOP, KIND_NOP, KIND_SACK_OK,
				       LEN_SACK_OK));
	}
	if (o->has & TOY_OPT_WSCALE)
		at = put_word(at, WORD(KIND_NOP, KIND_WSCALE, LEN_WSCALE,
				       o->wscale));
	if (o->has & TOY_OPT_FASTOPEN)
		at = put_fastopen(at, &o->fo);
	if (sacks)
		put_sacks(at, o, sacks);
}

/**
 * toy_tcp_push() - prepend header and options
 * @skb: data, with headroom for 20 bytes and the options; borrowed
 * @b: what to write
 *
 * Sets the transport header; the checksum is 0 until toy_csum_partial() or
 * toy_csum_finish() fills it in. Context: any.
 */
void toy_tcp_push(struct sk_buff *skb, const struct toy_tcp_build *b)
{
	unsigned int hdr_len = HDR_LEN + b->opts_len;
	u8 *h = skb_push(skb, hdr_len);

	put_unaligned_be16(b->sport, h);
	put_unaligned_be16(b->dport, h + 2);
	put_unaligned_be32(b->seq, h + 4);
	put_unaligned_be32(b->ack, h + 8);
	h[12] = hdr_len << 2;
	h[13] = b->flags;
	put_unaligned_be16(b->wnd, h + 14);
	put_unaligned_be16(0, h + 16);
	put_unaligned_be16(b->urg, h + 18);
	if (b->opts_len)
		put_options(h + HDR_LEN, b->opts);
	skb_reset_transport_header(skb);
}

/**
 * toy_tcp_quoted() - ends and sequence number of a quoted segment
 * @skb: skb->data at the quoted header, 8 bytes linear; borrowed
 * @sport: set to the source port, host byte order
 * @dport: set to the destination port, host byte order
 * @seq: set to the sequence number
 *
 * Nothing is checked: what an ICMP error quotes may be cut. Context: any.
 */
void toy_tcp_quoted(const struct sk_buff *skb, u16 *sport, u16 *dport, u32 *seq)
{
	*sport = get_unaligned_be16(skb->data);
	*dport = get_unaligned_be16(skb->data + 2);
	*seq = get_unaligned_be32(skb->data + 4);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "tcp_test.c"
#endif
