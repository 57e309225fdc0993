// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct spec -> bytes; bytes -> struct seg.
 */
#include <string.h>

#include "trace.h"

/* The byte of a stream at a relative sequence number. No period that a segment
 * size or a buffer size is likely to have.
 */
__u8 stream_byte(__u32 seq)
{
	return (seq * 2654435761U) >> 24;
}

/* ---- Writing bytes ---------------------------------------------------- */

static void put16(__u8 *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(__u8 *p, __u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static __u16 get16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static __u32 get32(const __u8 *p)
{
	return (__u32)get16(p) << 16 | get16(p + 2);
}

static __u32 peer_clock(const struct flow *f)
{
	return f->ts_base + (now() - f->ts_when) / MSEC;
}

static size_t put_ts(struct flow *f, const struct opt *o, __u8 *p)
{
	__u32 val = o->other == AUTO ? peer_clock(f) : o->other, ecr;
	bool *bound;

	if (o->ref.name) {
		ecr = *ts_name(o->ref.name, &bound) + o->ref.off;
		if (!*bound)
			fail("the timestamp %c has no value yet", o->ref.name);
	} else {
		ecr = o->value == AUTO ? f->last_tsval : o->value;
	}
	f->ts_base = val;
	f->ts_when = now();
	p[0] = 8;
	p[1] = 10;
	put32(p + 2, val);
	put32(p + 6, ecr);
	return 10;
}

static size_t put_option(struct flow *f, const struct opt *o, __u8 *p)
{
	int i;

	switch (o->kind) {
	case OPT_MSS:
		p[0] = 2;
		p[1] = 4;
		put16(p + 2, o->value);
		return 4;
	case OPT_WS:
		p[0] = 3;
		p[1] = 3;
		p[2] = o->value;
		return 3;
	case OPT_SACKOK:
		p[0] = 4;
		p[1] = 2;
		return 2;
	case OPT_TS:
		return put_ts(f, o, p);
	case OPT_SACK:
		p[0] = 5;
		p[1] = 2 + 8 * o->nsack;
		for (i = 0; i < o->nsack; i++) {
			put32(p + 2 + 8 * i, f->stack_isn + o->sack[i].from);
			put32(p + 6 + 8 * i, f->stack_isn + o->sack[i].to);
		}
		return p[1];
	case OPT_NOP:
		p[0] = 1;
		return 1;
	case OPT_EOL:
		p[0] = 0;
		return 1;
	case OPT_RAW:
		memcpy(p, o->raw, o->nsack);
		return o->nsack;
	}
	return 0;
}

/* The options of the line, in its order; a timestamp where the connection has
 * them and the line does not say; NOPs at the end.
 */
static size_t put_options(const struct spec *s, __u8 *p)
{
	struct opt ts = { .kind = OPT_TS, .value = AUTO, .other = AUTO };
	bool has_ts = s->no_ts || s->no_opt || (s->flags & (F_SYN | F_RST));
	__u8 buf[1024];
	size_t n = 0;
	int i;

	for (i = 0; i < s->nopt; i++)
		has_ts |= s->opt[i].kind == OPT_TS;
	if (s->flow->ts_in && s->flow->ts_out && !has_ts) {
		buf[n++] = 1;
		buf[n++] = 1;
		n += put_ts(s->flow, &ts, buf + n);
	}
	for (i = 0; i < s->nopt; i++)
		n += put_option(s->flow, &s->opt[i], buf + n);
	while (n % 4)
		buf[n++] = 1;
	if (n > 40)
		fail("%zu bytes of options, there is room for 40", n);
	memcpy(p, buf, n);
	return n;
}

size_t seg_build(const struct spec *s, __u8 *p)
{
	const struct l3 *l3 = run.v->l3;
	struct flow *f = s->flow;
	__u8 *tcp = p + l3->hdr_len;
	struct ip_head ip = {
		.src = run.peer, .dst = run.stack, .proto = IPPROTO_TCP,
		.tos = s->tos >= 0 ? s->tos : 0, .ttl = s->ttl >= 0 ? s->ttl : 64,
		.df = s->df != 0,
	};
	size_t hdr, i;
	__u16 sum;

	if (s->ecn >= 0)
		ip.tos |= s->ecn;
	if (!f->stack_port)
		fail("the stack has not chosen its port yet");
	for (i = 0; i < (size_t)s->nopt && (s->flags & F_SYN); i++)
		f->ts_in |= s->opt[i].kind == OPT_TS;
	memset(tcp, 0, 20);
	put16(tcp, f->peer_port);
	put16(tcp + 2, f->stack_port);
	put32(tcp + 4, s->seq + (s->seq_abs ? 0 : f->peer_isn));
	put32(tcp + 8, s->flags & F_ACK || s->ack ?
	      s->ack + (s->ack_abs ? 0 : f->stack_isn) : 0);
	hdr = 20 + put_options(s, tcp + 20);
	tcp[12] = (s->doff >= 0 ? (size_t)s->doff : hdr / 4) << 4 | s->flags >> 8;
	tcp[13] = s->flags;
	put16(tcp + 14, s->win_lo);
	put16(tcp + 18, s->urg);
	for (i = 0; i < (size_t)s->len; i++)
		tcp[hdr + i] = stream_byte(s->seq + i + !!(s->flags & F_SYN));
	sum = l3->csum(&ip, tcp, hdr + s->len);
	put16(tcp + 16, s->bad_sum ? sum ^ 0x5555 : sum);
	l3->build(p, &ip, hdr + s->len);
	return l3->hdr_len + hdr + s->len;
}

/* A reset that the stack must accept in any state, by all that it has sent. */
size_t rst_build(const struct flow *f, __u8 *p)
{
	const struct l3 *l3 = run.v->l3;
	__u8 *tcp = p + l3->hdr_len;
	struct ip_head ip = { .src = run.peer, .dst = run.stack, .ttl = 64,
			      .proto = IPPROTO_TCP };

	memset(tcp, 0, 20);
	put16(tcp, f->peer_port);
	put16(tcp + 2, f->stack_port);
	put32(tcp + 4, f->last_ack);
	put32(tcp + 8, f->next_seq);
	tcp[12] = 5 << 4;
	tcp[13] = F_RST | F_ACK;
	put16(tcp + 16, l3->csum(&ip, tcp, 20));
	l3->build(p, &ip, 20);
	return l3->hdr_len + 20;
}

/* An error about a segment of the stack: that segment is quoted as it was on
 * the wire, as far as the stack may look at it.
 */
size_t icmp_build(const struct icmp_spec *s, __u8 *p)
{
	const struct l3 *l3 = run.v->l3;
	struct flow *f = s->flow;
	struct ip_head outer = { .src = run.peer, .dst = run.stack, .ttl = 64 };
	struct ip_head quoted = { .src = run.stack, .dst = run.peer, .ttl = 63,
			     .proto = IPPROTO_TCP, .df = true };
	__u8 *icmp = p + l3->hdr_len, *tcp = icmp + 8 + l3->hdr_len;
	size_t bytes = 8 + l3->hdr_len + s->bytes;

	outer.proto = l3->icmp_proto;
	memset(p, 0, 256);
	icmp[0] = s->type;
	icmp[1] = s->code;
	put32(icmp + 4, s->mtu ? s->mtu + l3->more : 0);
	put16(tcp, f->stack_port);
	put16(tcp + 2, f->peer_port);
	put32(tcp + 4, s->seq + (s->seq_abs ? 0 : f->stack_isn));
	put32(tcp + 8, f->peer_isn + 1);
	tcp[12] = 5 << 4;
	tcp[13] = F_ACK;
	l3->build(icmp + 8, &quoted, 1480);
	l3->icmp_csum(&outer, icmp, bytes);
	l3->build(p, &outer, bytes);
	return l3->hdr_len + bytes;
}

/* ---- Reading bytes ---------------------------------------------------- */

static void parse_option(struct seg *seg, int kind, const __u8 *p, int len)
{
	int i;

	if (kind == 2 && len == 4) {
		seg->mss = get16(p + 2);
	} else if (kind == 3 && len == 3) {
		seg->ws = p[2];
	} else if (kind == 4 && len == 2) {
		seg->sackok = true;
	} else if (kind == 8 && len == 10) {
		seg->has_ts = true;
		seg->tsval = get32(p + 2);
		seg->tsecr = get32(p + 6);
	} else if (kind == 5 && len >= 10 && len % 8 == 2) {
		for (i = 2; i < len; i += 8) {
			seg->sack[seg->nsack].from = get32(p + i);
			seg->sack[seg->nsack++].to = get32(p + i + 4);
		}
	} else {
		seg->other = true;
	}
}

static void parse_options(struct seg *seg)
{
	const __u8 *p = seg->opt;
	int i = 0, len;

	while (i < seg->optlen && p[i]) {
		if (p[i] == 1) {
			i++;
			continue;
		}
		len = i + 1 < seg->optlen ? p[i + 1] : 0;
		if (len < 2 || i + len > seg->optlen) {
			seg->bad_opt = true;
			return;
		}
		parse_option(seg, p[i], p + i, len);
		i += len;
	}
}

/* NULL, or why that is no TCP segment. */
const char *seg_parse(const __u8 *p, size_t len, struct seg *seg)
{
	const char *why;
	const __u8 *tcp;
	size_t hdr;

	memset(seg, 0, sizeof(*seg));
	seg->mss = -1;
	seg->ws = -1;
	why = run.v->l3->parse(p, len, &seg->ip);
	if (why)
		return why;
	if (seg->ip.proto != IPPROTO_TCP)
		return "not TCP";
	tcp = p + seg->ip.l4_off;
	if (seg->ip.l4_len < 20)
		return "short TCP header";
	hdr = (tcp[12] >> 4) * 4;
	seg->sport = get16(tcp);
	seg->dport = get16(tcp + 2);
	seg->seq = get32(tcp + 4);
	seg->ack = get32(tcp + 8);
	seg->flags = (tcp[12] & 1) << 8 | tcp[13];
	seg->win = get16(tcp + 14);
	seg->urg = get16(tcp + 18);
	seg->bad_csum = run.v->l3->csum(&seg->ip, tcp, seg->ip.l4_len);
	if (hdr < 20 || hdr > seg->ip.l4_len) {
		/* Ours, on purpose: show what can be shown. */
		seg->bad_opt = true;
		hdr = 20;
	}
	seg->optlen = hdr - 20;
	memcpy(seg->opt, tcp + 20, seg->optlen);
	seg->data = tcp + hdr;
	seg->len = seg->ip.l4_len - hdr;
	parse_options(seg);
	return NULL;
}
