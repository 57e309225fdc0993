// SPDX-License-Identifier: GPL-2.0-only
/*
 * A segment that the stack has sent, against the line that expects it.
 *
 * What a line does not mention is not looked at, but for these: the payload's
 * length and bytes, the checksums, SACK blocks, and the options of a SYN.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

/* What is wrong, or "". */
static char wrong[1024];

static void __attribute__((format(printf, 1, 2))) differs(const char *fmt, ...)
{
	size_t n = strlen(wrong);
	va_list args;

	if (n)
		n += snprintf(wrong + n, sizeof(wrong) - n, "; ");
	va_start(args, fmt);
	vsnprintf(wrong + n, sizeof(wrong) - n, fmt, args);
	va_end(args);
}

static void number(const char *what, __s64 want, __s64 seen)
{
	if (want != ANY && want != seen)
		differs("%s: expected %lld, seen %lld", what, (long long)want,
			(long long)seen);
}

/* ---- Options ---------------------------------------------------------- */

static void match_ts(const struct opt *o, const struct seg *seg)
{
	__s64 diff, slack;
	__u32 *value;
	bool *bound;

	if (!seg->has_ts) {
		differs("no timestamp");
		return;
	}
	number("ts ecr", o->other, seg->tsecr);
	if (!o->ref.name) {
		number("ts val", o->value, seg->tsval);
		return;
	}
	value = ts_name(o->ref.name, &bound);
	if (!*bound) {
		*value = seg->tsval - o->ref.off;
		*bound = true;
		return;
	}
	diff = (__s32)(seg->tsval - *value) - o->ref.off;
	slack = o->ref.off ? 3 + llabs(o->ref.off) / 8 : 0;
	if (llabs(diff) > slack)
		differs("ts val: expected %c%+lld, seen %c%+d", o->ref.name,
			(long long)o->ref.off, o->ref.name,
			(int)(seg->tsval - *value));
}

static void match_sack(const struct opt *o, const struct seg *seg,
		       const struct flow *f)
{
	struct sack want;
	int i;

	if (o->nsack != seg->nsack) {
		differs("%d SACK blocks expected, %d seen", o->nsack,
			seg->nsack);
		return;
	}
	for (i = 0; i < o->nsack; i++) {
		want.from = f->peer_isn + o->sack[i].from;
		want.to = f->peer_isn + o->sack[i].to;
		if (want.from != seg->sack[i].from ||
		    want.to != seg->sack[i].to)
			differs("SACK block %d: expected %u-%u, seen %u-%u",
				i + 1, o->sack[i].from, o->sack[i].to,
				seg->sack[i].from - f->peer_isn,
				seg->sack[i].to - f->peer_isn);
	}
}

static void match_options(const struct spec *s, const struct seg *seg)
{
	bool mss = false, ws = false, sackok = false, ts = false, sack = false;
	bool raw = false;
	int i;

	for (i = 0; i < s->nopt; i++) {
		const struct opt *o = &s->opt[i];

		if (o->kind == OPT_MSS) {
			mss = true;
			if (seg->mss < 0)
				differs("no mss");
			else
				number("mss", o->value, seg->mss);
		} else if (o->kind == OPT_WS) {
			ws = true;
			if (seg->ws < 0)
				differs("no ws");
			else
				number("ws", o->value, seg->ws);
		} else if (o->kind == OPT_SACKOK) {
			sackok = true;
			if (!seg->sackok)
				differs("no sackok");
		} else if (o->kind == OPT_TS) {
			ts = true;
			match_ts(o, seg);
		} else if (o->kind == OPT_SACK) {
			sack = true;
			match_sack(o, seg, s->flow);
		} else if (o->kind == OPT_RAW) {
			raw = true;
			if (!memmem(seg->opt, seg->optlen, o->raw, o->nsack))
				differs("not the bytes of options");
		}
	}
	if (seg->bad_opt)
		differs("malformed options");
	if (s->any_opt)
		return;
	if (seg->nsack && !sack)
		differs("SACK blocks that nobody expects");
	if (s->no_opt && seg->optlen)
		differs("options that nobody expects");
	if (!ts && seg->has_ts && (s->no_ts || seg->flags & F_SYN))
		differs("a timestamp that nobody expects");
	if (!(seg->flags & F_SYN))
		return;
	if ((!mss && seg->mss >= 0) || (!ws && seg->ws >= 0) ||
	    (!sackok && seg->sackok) || (!raw && seg->other))
		differs("options that nobody expects");
}

/* ---- The rest --------------------------------------------------------- */

static void match_payload(const struct flow *f, const struct seg *seg)
{
	__u32 rel = seg->seq - f->stack_isn + !!(seg->flags & F_SYN);
	size_t i;

	if (!run.check_data)
		return;
	for (i = 0; i < seg->len; i++) {
		if (seg->data[i] == stream_byte(rel + i))
			continue;
		differs("wrong data at %u", (__u32)(rel + i));
		return;
	}
}

static void match_numbers(const struct spec *s, const struct seg *seg)
{
	const struct flow *f = s->flow;

	if (s->seq != ANY)
		number("seq", s->seq,
		       (__u32)(seg->seq - (s->seq_abs ? 0 : f->stack_isn)));
	if (seg->flags & F_ACK && s->ack != ANY)
		number("ack", s->ack,
		       (__u32)(seg->ack - (s->ack_abs ? 0 : f->peer_isn)));
	if (seg->win < s->win_lo || seg->win > s->win_hi)
		differs("win: expected %lld..%lld, seen %u",
			(long long)s->win_lo, (long long)s->win_hi, seg->win);
	number("urg", s->urg, seg->urg);
	if (s->ecn >= 0)
		number("ECN bits", s->ecn, seg->ip.tos & 3);
	if (s->tos >= 0)
		number("TOS", s->tos, seg->ip.tos & ~3);
	if (s->ttl >= 0)
		number("TTL", s->ttl, seg->ip.ttl);
	if (s->df >= 0)
		number("DF", s->df, seg->ip.df);
	if (seg->bad_csum)
		differs("wrong checksum");
}

static void match_flags(const struct spec *s, const struct seg *seg, bool last)
{
	int mask = 0x1ff;

	/* Of several segments only the last need be pushed. */
	if (s->push_free || !last)
		mask &= ~F_PSH;
	if ((seg->flags ^ s->flags) & mask) {
		differs("flags: expected %s", flag_letters(s->flags));
		differs("seen %s", flag_letters(seg->flags));
	}
}

static void match_one(const struct spec *s, const struct seg *seg, bool last)
{
	match_flags(s, seg, last);
	match_numbers(s, seg);
	match_options(s, seg);
	match_payload(s->flow, seg);
}

static double seconds(__s64 time)
{
	return (double)(time - run.start) / NSEC;
}

/* One of the segments that the line is about; a copy of the line, moved on to
 * what is still to come, is in rest.
 */
static struct packet *take(const struct event *ev, const struct spec *s,
			   struct spec *rest, int nth, __s64 lo, __s64 hi)
{
	struct packet *p;
	struct flow *f;
	struct seg seg;
	bool last;

	p = next_packet(hi, &seg, &f);
	if (!p) {
		if (s->maybe && !nth)
			return NULL;
		fail("no packet came before %+.6f", seconds(hi));
	}
	if (f)
		flow_sees(f, &seg);
	show("%+.6f out %s", seconds(p->time), seg_text(&seg, f));
	wrong[0] = 0;
	if (f != s->flow)
		differs("another flow");
	if (p->time < lo || p->time > hi)
		differs("time: expected %+.6f..%+.6f, seen %+.6f", seconds(lo),
			seconds(hi), seconds(p->time));
	last = s->segs == 1 || rest->len == (__s64)seg.len;
	if (s->segs == 1 || (rest->len != ANY && (__s64)seg.len > rest->len))
		number("length", rest->len, seg.len);
	match_one(rest, &seg, last);
	if (wrong[0])
		fail("%s\n#   expected: %s\n#   seen:     out %s", wrong,
		     ev->text, seg_text(&seg, f));
	if (rest->seq != ANY)
		rest->seq = (__u32)(rest->seq + seg.len);
	if (rest->len != ANY)
		rest->len -= seg.len;
	return p;
}

/* Is the first packet in the queue at all what "out?" means? */
static bool is_there(const struct spec *s, __s64 hi)
{
	struct packet *p;
	struct flow *f;
	struct seg seg;

	p = next_packet(hi, &seg, &f);
	if (!p)
		return false;
	p->next = run.head;
	run.head = p;
	if (!p->next)
		run.tail = &p->next;
	wrong[0] = 0;
	/* Its numbers mean something only when the first one is known. */
	if (f && seg.flags & F_SYN)
		flow_sees(f, &seg);
	if (f != s->flow || seg.len != (size_t)s->len)
		return false;
	match_flags(s, &seg, true);
	match_numbers(s, &seg);
	return !wrong[0];
}

void match_out(const struct event *ev, const struct spec *s)
{
	__s64 lo, hi, time = run.last;
	struct spec rest = *s;
	struct packet *p;
	int n = 0;

	time_limits(&ev->when, run.last, &lo, &hi);
	if (s->maybe && !is_there(s, hi))
		return;
	do {
		p = take(ev, s, &rest, n, lo, hi);
		if (!p)
			break;
		if (!n)
			time = p->time;
		n++;
		free(p);
	} while (s->segs != 1 && rest.len > 0);
	if (s->segs > 1 && n != s->segs)
		fail("%d segments expected, %d seen", s->segs, n);
	run.last = time;
}
