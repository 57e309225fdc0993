// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections: ports, initial sequence numbers and clocks, as they are learnt;
 * and a segment in the notation of the scripts, which needs to know them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "trace.h"

#define MAX_FLOWS	16

static struct flow flows[MAX_FLOWS];
static int n_flows;

static struct {
	__u32 value;
	bool bound;
} names['Z' + 1];

/* The stack's clock at some moment, called A ... Z by the script. */
__u32 *ts_name(char name, bool **bound)
{
	*bound = &names[(int)name].bound;
	return &names[(int)name].value;
}

/*
 * The flow of "in", "out.b" ... It exists from its first mention on. If that is
 * a segment in, the peer is the client: it has a port of its own, the stack the
 * well-known one. If it is a segment out, the stack is the client.
 */
struct flow *flow_get(const struct event *ev, const char *suffix)
{
	char name = suffix ? *suffix : '0';
	struct flow *f;
	int i;

	for (i = 0; i < n_flows; i++)
		if (flows[i].name == name)
			return &flows[i];
	if (n_flows == MAX_FLOWS || (suffix && suffix[1]))
		usage_error(ev, "a flow is called by one letter, not", suffix);
	f = &flows[n_flows];
	f->name = name;
	f->active = !strncmp(ev->tok[0], "out", 3);
	f->stack_port = f->active ? 0 : SERVER_PORT;
	f->peer_port = f->active ? SERVER_PORT : CLIENT_PORT + n_flows;
	f->peer_isn = 1000000000U + 100000000U * n_flows;
	f->ts_base = 1000;
	f->ts_when = now();
	n_flows++;
	return f;
}

/* flow NAME [active] [peer PORT] [stack PORT] [isn N] [fresh] */
void flow_directive(const struct event *ev)
{
	struct flow *f;
	int i;

	if (ev->ntok < 2)
		usage_error(ev, "which flow?", NULL);
	f = flow_get(ev, strcmp(ev->tok[1], "0") ? ev->tok[1] : NULL);
	for (i = 2; i < ev->ntok; i++) {
		if (!strcmp(ev->tok[i], "active")) {
			f->active = true;
			f->stack_port = 0;
			f->peer_port = SERVER_PORT;
		} else if (!strcmp(ev->tok[i], "fresh")) {
			f->isn_known = false;
			f->stack_isn = 0;
			f->ts_in = false;
			f->ts_out = false;
			if (f->active)
				f->stack_port = 0;
		} else if (i + 1 == ev->ntok) {
			usage_error(ev, "what is", ev->tok[i]);
		} else if (!strcmp(ev->tok[i], "peer")) {
			f->peer_port = parse_number(ev, ev->tok[++i]);
		} else if (!strcmp(ev->tok[i], "stack")) {
			f->stack_port = parse_number(ev, ev->tok[++i]);
		} else if (!strcmp(ev->tok[i], "isn")) {
			f->peer_isn = parse_number(ev, ev->tok[++i]);
		} else {
			usage_error(ev, "what is", ev->tok[i]);
		}
	}
}

static bool from_stack(const struct seg *seg)
{
	return !memcmp(&seg->ip.src, &run.stack, sizeof(run.stack));
}

/* Whose segment of the stack is that? NULL: nobody has mentioned it yet. */
struct flow *flow_of(const struct seg *seg)
{
	struct flow *unknown = NULL, *f;

	for (f = flows; f < flows + n_flows; f++) {
		if (f->peer_port != seg->dport)
			continue;
		if (f->stack_port == seg->sport)
			return f;
		if (!f->stack_port && !unknown)
			unknown = f;
	}
	return unknown;
}

/* Learn from a segment of the stack. */
bool flow_sees(struct flow *f, const struct seg *seg)
{
	f->stack_port = seg->sport;
	if (!(seg->flags & F_RST)) {
		f->next_seq = seg->seq + seg->len +
			      !!(seg->flags & F_SYN) + !!(seg->flags & F_FIN);
		if (seg->flags & F_ACK)
			f->last_ack = seg->ack;
		f->alive = true;
	}
	if (seg->has_ts)
		f->last_tsval = seg->tsval;
	if (!(seg->flags & F_SYN))
		return false;
	f->ts_out |= seg->has_ts;
	if (f->isn_known)
		return false;
	f->isn_known = true;
	f->stack_isn = seg->seq;
	return true;
}

/* What a script leaves behind would live on without a program, for minutes, and
 * keep the module in use: reset it.
 */
void flows_reset(void)
{
	__u8 buf[128];
	struct flow *f;

	for (f = flows; f < flows + n_flows; f++)
		if (f->alive)
			net_send(buf, rst_build(f, buf));
}

/* ---- A segment in words ----------------------------------------------- */

static size_t options_text(const struct seg *seg, const struct flow *f,
			   char *p, size_t size)
{
	bool out = from_stack(seg);
	__u32 isn = !f ? 0 : out ? f->peer_isn : f->stack_isn;
	size_t n = 0;
	int i;

	if (seg->mss >= 0)
		n += snprintf(p + n, size - n, " mss %d", seg->mss);
	if (seg->sackok)
		n += snprintf(p + n, size - n, " sackok");
	if (seg->has_ts)
		n += snprintf(p + n, size - n, " ts %u:%u", seg->tsval,
			      seg->tsecr);
	if (seg->ws >= 0)
		n += snprintf(p + n, size - n, " ws %d", seg->ws);
	for (i = 0; i < seg->nsack; i++)
		n += snprintf(p + n, size - n, "%s%d-%d", i ? "," : " sack ",
			      (int)(seg->sack[i].from - isn),
			      (int)(seg->sack[i].to - isn));
	if (seg->other || seg->bad_opt) {
		n += snprintf(p + n, size - n, " raw ");
		for (i = 0; i < seg->optlen; i++)
			n += snprintf(p + n, size - n, "%02x", seg->opt[i]);
	}
	return n;
}

const char *seg_text(const struct seg *seg, const struct flow *f)
{
	static const char * const ecn[] = { "", " ect1", " ect0", " ce" };
	static char text[512];
	bool out = from_stack(seg);
	__u32 own = !f ? 0 : out ? f->stack_isn : f->peer_isn;
	__u32 other = !f ? 0 : out ? f->peer_isn : f->stack_isn;
	size_t n = 0;

	if (out && f && !f->isn_known && seg->flags & F_SYN)
		own = seg->seq;
	if (f && f->name != '0')
		n += snprintf(text, sizeof(text), ".%c ", f->name);
	if (!f)
		n += snprintf(text, sizeof(text), "(ports %u->%u) ",
			      seg->sport, seg->dport);
	n += snprintf(text + n, sizeof(text) - n, "%s %u",
		      flag_letters(seg->flags), seg->seq - own);
	if (seg->len)
		n += snprintf(text + n, sizeof(text) - n, "+%zu", seg->len);
	if (seg->flags & F_ACK)
		n += snprintf(text + n, sizeof(text) - n, " ack %u",
			      seg->ack - other);
	n += snprintf(text + n, sizeof(text) - n, " win %u", seg->win);
	if (seg->urg)
		n += snprintf(text + n, sizeof(text) - n, " urg %u", seg->urg);
	n += options_text(seg, f, text + n, sizeof(text) - n);
	n += snprintf(text + n, sizeof(text) - n, "%s%s",
		      ecn[seg->ip.tos & 3], seg->bad_csum ? " badsum" : "");
	return text;
}
