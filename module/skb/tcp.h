/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_TCP_H
#define _TOY_SKB_TCP_H

#include <linux/tcp.h>

#include "../toy.h"

/* Control bits, RFC 9293 3.1 and RFC 3168 6.1. */
#define TOY_TCP_FIN	0x01
#define TOY_TCP_SYN	0x02
#define TOY_TCP_RST	0x04
#define TOY_TCP_PSH	0x08
#define TOY_TCP_ACK	0x10
#define TOY_TCP_URG	0x20
#define TOY_TCP_ECE	0x40
#define TOY_TCP_CWR	0x80

#define TOY_TCP_HDR_MAX	60
#define TOY_TCP_SACKS_MAX 4

/* Bits of toy_tcp_opts.has. */
#define TOY_OPT_MSS	BIT(0)
#define TOY_OPT_WSCALE	BIT(1)
#define TOY_OPT_SACK_OK	BIT(2)
#define TOY_OPT_TS	BIT(3)
#define TOY_OPT_SACK	BIT(4)
#define TOY_OPT_FASTOPEN BIT(5)

/* RFC 7413 4.1.1: 4 to 16 bytes, an even number. */
#define TOY_FO_COOKIE_MIN 4
#define TOY_FO_COOKIE_MAX 16

/* A block of sequence numbers, host byte order: [start, end). */
struct toy_sack_block {
	u32 start;
	u32 end;
};

/**
 * struct toy_fo_cookie - the option of TCP Fast Open
 * @len: bytes of cookie; 0 asks for one; negative: there is no option
 * @exp: in the form of RFC 6994, with the experiment's number, that came first
 * @val: the cookie
 */
struct toy_fo_cookie {
	s8 len;
	bool exp;
	u8 val[TOY_FO_COOKIE_MAX];
};

/**
 * struct toy_tcp_opts - TCP options, read or to be written
 * @has: TOY_OPT_*
 * @nr_sacks: blocks in @sacks
 * @wscale: RFC 7323 2; received values are capped at 14
 * @mss: RFC 9293 3.7.1
 * @tsval: RFC 7323 3
 * @tsecr: RFC 7323 3
 * @sacks: RFC 2018, as many as @nr_sacks
 * @fo: RFC 7413 4.1.1; its length is not negative where @has says that it is there
 */
struct toy_tcp_opts {
	u8 has;
	u8 nr_sacks;
	u8 wscale;
	u16 mss;
	u32 tsval;
	u32 tsecr;
	struct toy_sack_block sacks[TOY_TCP_SACKS_MAX];
	struct toy_fo_cookie fo;
};

/**
 * struct toy_tcp_seg - a checked segment (RFC 9293 3.1)
 * @seq: SEG.SEQ
 * @end_seq: SEG.SEQ + SEG.LEN: data, SYN and FIN
 * @ack: SEG.ACK
 * @len: bytes of data
 * @sport: source port, host byte order
 * @dport: destination port, host byte order
 * @wnd: SEG.WND as it stands, not scaled
 * @urg: urgent pointer as it stands
 * @flags: TOY_TCP_*
 * @hdr_len: bytes of header, options included
 * @opts: filled by toy_tcp_parse_opts(); @opts.has is 0 before
 *
 * By value: it stays true when the skb's head moves.
 */
struct toy_tcp_seg {
	u32 seq;
	u32 end_seq;
	u32 ack;
	u32 len;
	u16 sport;
	u16 dport;
	u16 wnd;
	u16 urg;
	u8 flags;
	u8 hdr_len;
	struct toy_tcp_opts opts;
};

/* Data or a FIN: it wants an answer, and is none. */
static inline bool toy_seg_occupies(const struct toy_tcp_seg *s)
{
	return s->end_seq != s->seq && !(s->flags & TOY_TCP_SYN);
}

/* What a header is built from; the checksum is the business of toy_csum_*(). */
struct toy_tcp_build {
	u16 sport;
	u16 dport;
	u32 seq;
	u32 ack;
	u16 wnd;		/* as it stands, scaled */
	u16 urg;
	u8 flags;
	u8 opts_len;		/* toy_tcp_opts_len(opts) */
	const struct toy_tcp_opts *opts;
};

/* Makes the whole header linear and checks lengths: skb->data at the header,
 * where it stays. Fills @s but for its options. TOY_RX_OK, TOY_DROP_TCP_SHORT,
 * TOY_DROP_TCP_HDR_LEN or TOY_DROP_NOMEM.
 */
enum toy_drop toy_tcp_parse(struct sk_buff *skb, struct toy_tcp_seg *s);
/* Reads @s again from a header that toy_tcp_parse() has accepted before. */
void toy_tcp_reparse(const struct sk_buff *skb, struct toy_tcp_seg *s);
/* Reads the options into s->opts. Options with a wrong length, unknown ones
 * and those that only a SYN may carry are passed over (RFC 9293 3.2); a run
 * that leaves the header ends the reading.
 */
void toy_tcp_parse_opts(const struct sk_buff *skb, struct toy_tcp_seg *s);
/* Verifies the checksum over the whole segment. */
bool toy_tcp_csum_ok(const struct toy_pkt *pkt, struct sk_buff *skb);

/* Bytes that options take, a multiple of 4, in Linux's order and padding. */
unsigned int toy_tcp_opts_len(const struct toy_tcp_opts *o);
/* Prepends header and options; sets the transport header; checksum 0. */
void toy_tcp_push(struct sk_buff *skb, const struct toy_tcp_build *b);

/* Header quoted by an ICMP error, 8 bytes linear: ports and sequence number. */
void toy_tcp_quoted(const struct sk_buff *skb, u16 *sport, u16 *dport, u32 *seq);

#endif /* _TOY_SKB_TCP_H */
