// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notation of a segment -> struct spec.
 *
 *	FLAGS SEQ[+LEN] [ack N] [win N] [urg N] [segs N] [option words] [IP words]
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

static const char letters[] = "FSRPAUECN";

const char *flag_letters(int flags)
{
	static char text[sizeof(letters)];
	size_t i, n = 0;

	/* The order that people are used to: SA, FPA. */
	for (i = 0; letters[i]; i++)
		if (flags & (1 << i))
			text[n++] = letters[i];
	text[n] = 0;
	return n ? text : "-";
}

/* ---- Reading a line --------------------------------------------------- */

struct words {
	const struct event *ev;
	int i;
};

static const char *next(struct words *w)
{
	if (w->i == w->ev->ntok)
		usage_error(w->ev, "something is missing at the end", NULL);
	return w->ev->tok[w->i++];
}

static __s64 number_or_any(struct words *w)
{
	const char *text = next(w);

	return strcmp(text, "*") ? parse_number(w->ev, text) : ANY;
}

/* "17", "*", "=17" (on the wire, from no initial number) */
static __s64 sequence(const struct event *ev, const char *text, bool *absolute)
{
	*absolute = *text == '=';
	if (!strcmp(text, "*"))
		return ANY;
	/* Below zero is before the first byte; it is no "*". */
	return (__u32)parse_number(ev, text + *absolute);
}

static void read_flags(const struct event *ev, const char *text,
		       struct spec *s)
{
	const char *at;

	for (; *text; text++) {
		if (*text == '-')
			continue;
		if (*text == 'p') {
			s->push_free = true;
			continue;
		}
		at = strchr(letters, *text);
		if (!at)
			usage_error(ev, "no such flag in", text);
		s->flags |= 1 << (at - letters);
	}
}

static void read_seq(const struct event *ev, const char *text, struct spec *s)
{
	char *copy = strdup(text), *plus = strchr(copy, '+');

	if (plus) {
		*plus = 0;
		s->len = strcmp(plus + 1, "*") ?
			 parse_number(ev, plus + 1) : ANY;
	}
	s->seq = sequence(ev, copy, &s->seq_abs);
	free(copy);
}

/* "1000", "*", "500..600" */
static void read_win(const struct event *ev, const char *text, struct spec *s)
{
	char *copy = strdup(text), *dots = strstr(copy, "..");

	if (dots) {
		*dots = 0;
		s->win_lo = parse_number(ev, copy);
		s->win_hi = parse_number(ev, dots + 2);
	} else if (strcmp(text, "*")) {
		s->win_lo = parse_number(ev, text);
		s->win_hi = s->win_lo;
	} else {
		s->win_lo = 0;
		s->win_hi = 65535;
	}
	free(copy);
}

/* "A", "A+20", "A-1" */
static struct ts_ref read_ref(const struct event *ev, const char *text)
{
	struct ts_ref ref = { .name = *text };

	if (text[1])
		ref.off = parse_number(ev, text + 1);
	return ref;
}

/* in: VAL[:ECR], val is the peer's; out: VAL[:ECR], val is the stack's */
static void read_ts(const struct event *ev, const char *text, struct spec *s,
		    struct opt *o)
{
	char *copy = strdup(text), *colon = strchr(copy, ':');
	const char *mine = copy, *echo = colon ? colon + 1 : NULL;
	const char *stack, *peer;

	if (colon)
		*colon = 0;
	stack = s->out ? mine : echo;
	peer = s->out ? echo : mine;
	o->value = AUTO;
	if (stack && isupper((unsigned char)*stack))
		o->ref = read_ref(ev, stack);
	else if (stack)
		o->value = strcmp(stack, "*") ? parse_number(ev, stack) : ANY;
	else if (s->out)
		o->value = ANY;
	o->other = s->out ? ANY : AUTO;
	if (peer && strcmp(peer, "*"))
		o->other = parse_number(ev, peer);
	free(copy);
}

/* A-B,C-D */
static void read_sack(const struct event *ev, const char *text, struct opt *o)
{
	char *copy = strdup(text), *rest = copy, *block, *dash;

	while ((block = strsep(&rest, ","))) {
		dash = strchr(block + 1, '-');
		if (!dash || o->nsack == MAX_SACK)
			usage_error(ev, "no list of blocks:", text);
		*dash = 0;
		o->sack[o->nsack].from = parse_number(ev, block);
		o->sack[o->nsack++].to = parse_number(ev, dash + 1);
	}
	free(copy);
}

static void read_raw(const struct event *ev, const char *text, struct opt *o)
{
	char byte[3] = {}, *end;

	if (strlen(text) % 2 || strlen(text) / 2 > sizeof(o->raw))
		usage_error(ev, "raw wants pairs of hexadecimal digits:", text);
	for (; *text; text += 2) {
		memcpy(byte, text, 2);
		o->raw[o->nsack++] = strtoul(byte, &end, 16);
		if (*end)
			usage_error(ev, "not hexadecimal:", byte);
	}
}

static bool read_option(struct words *w, const char *word, struct spec *s)
{
	struct opt *o = &s->opt[s->nopt];

	if (s->nopt == ARRAY_SIZE(s->opt))
		usage_error(w->ev, "too many options", NULL);
	if (!strcmp(word, "mss")) {
		o->kind = OPT_MSS;
		o->value = number_or_any(w);
	} else if (!strcmp(word, "ws")) {
		o->kind = OPT_WS;
		o->value = number_or_any(w);
	} else if (!strcmp(word, "sackok")) {
		o->kind = OPT_SACKOK;
	} else if (!strcmp(word, "ts")) {
		o->kind = OPT_TS;
		read_ts(w->ev, next(w), s, o);
	} else if (!strcmp(word, "sack")) {
		o->kind = OPT_SACK;
		read_sack(w->ev, next(w), o);
	} else if (!strcmp(word, "nop")) {
		o->kind = OPT_NOP;
	} else if (!strcmp(word, "eol")) {
		o->kind = OPT_EOL;
	} else if (!strcmp(word, "raw")) {
		o->kind = OPT_RAW;
		read_raw(w->ev, next(w), o);
	} else {
		return false;
	}
	s->nopt++;
	return true;
}

static bool read_ip_word(struct words *w, const char *word, struct spec *s)
{
	static const char * const ecn[] = { "notect", "ect1", "ect0", "ce" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ecn); i++)
		if (!strcmp(word, ecn[i]))
			break;
	if (i < ARRAY_SIZE(ecn))
		s->ecn = i;
	else if (!strcmp(word, "tos"))
		s->tos = parse_number(w->ev, next(w));
	else if (!strcmp(word, "ttl"))
		s->ttl = parse_number(w->ev, next(w));
	else if (!strcmp(word, "df"))
		s->df = 1;
	else if (!strcmp(word, "nodf"))
		s->df = 0;
	else
		return false;
	return true;
}

static void read_word(struct words *w, const char *word, struct spec *s)
{
	if (!strcmp(word, "ack"))
		s->ack = sequence(w->ev, next(w), &s->ack_abs);
	else if (!strcmp(word, "win"))
		read_win(w->ev, next(w), s);
	else if (!strcmp(word, "urg"))
		s->urg = parse_number(w->ev, next(w));
	else if (!strcmp(word, "segs"))
		s->segs = number_or_any(w);
	else if (!strcmp(word, "opt*"))
		s->any_opt = true;
	else if (!strcmp(word, "noopt"))
		s->no_opt = true;
	else if (!strcmp(word, "nots"))
		s->no_ts = true;
	else if (!strcmp(word, "badsum"))
		s->bad_sum = true;
	else if (!strcmp(word, "doff"))
		s->doff = parse_number(w->ev, next(w));
	else if (!read_option(w, word, s) && !read_ip_word(w, word, s))
		usage_error(w->ev, "what is", word);
}

void spec_parse(const struct event *ev, struct spec *s)
{
	struct words w = { .ev = ev, .i = 1 };
	const char *suffix = strchr(ev->tok[0], '.');
	bool has_ack = false;
	const char *word;

	memset(s, 0, sizeof(*s));
	s->out = !strncmp(ev->tok[0], "out", 3);
	s->maybe = s->out && ev->tok[0][3] == '?';
	s->flow = flow_get(ev, suffix ? suffix + 1 : NULL);
	s->ecn = -1;
	s->tos = -1;
	s->ttl = -1;
	s->df = -1;
	s->doff = -1;
	s->segs = 1;
	s->urg = s->out ? ANY : 0;
	s->win_lo = s->out ? 0 : 65535;
	s->win_hi = 65535;
	read_flags(ev, next(&w), s);
	read_seq(ev, next(&w), s);
	while (w.i < ev->ntok) {
		word = next(&w);
		has_ack |= !strcmp(word, "ack");
		read_word(&w, word, s);
	}
	if ((s->flags & F_ACK) && !has_ack)
		usage_error(ev, "the flag A, but no ack", NULL);
	if (!s->out && (s->seq == ANY || s->ack == ANY || s->len == ANY))
		usage_error(ev, "* is for segments out", NULL);
}

/* icmp NAME [mtu N] quote SEQ [bytes N] */
void icmp_parse(const struct event *ev, struct icmp_spec *s)
{
	const char *suffix = strchr(ev->tok[0], '.');
	struct words w = { .ev = ev, .i = 1 };
	const char *word = next(&w);

	memset(s, 0, sizeof(*s));
	s->flow = flow_get(ev, suffix ? suffix + 1 : NULL);
	s->bytes = 8;
	s->seq = ANY;
	if (!run.v->l3->icmp_name(word, &s->type, &s->code))
		usage_error(ev, "no such ICMP error:", word);
	while (w.i < ev->ntok) {
		word = next(&w);
		if (!strcmp(word, "mtu"))
			s->mtu = parse_number(ev, next(&w));
		else if (!strcmp(word, "quote"))
			s->seq = sequence(ev, next(&w), &s->seq_abs);
		else if (!strcmp(word, "bytes"))
			s->bytes = parse_number(ev, next(&w));
		else
			usage_error(ev, "what is", word);
	}
	if (s->seq == ANY || s->bytes > 40)
		usage_error(ev, "quote what?", NULL);
}
