// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options, ioctls, struct tcp_info: tables of names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include <linux/sockios.h>
#include <linux/tcp.h>

#include "trace.h"

#define OPTION(level, name, type)	{ #name, level, name, type }
#define FIELD(name, shift, bits)					\
	{ #name, offsetof(struct tcp_info, name),			\
	  sizeof(((struct tcp_info *)0)->name), shift, bits }
#define WHOLE(name)	FIELD(name, 0, 0)

enum type { INT, ERRNO, LINGER, TIME, TEXT, BLOB };

static const struct option {
	const char *name;
	int level, value;
	enum type type;
} options[] = {
	OPTION(SOL_SOCKET, SO_ACCEPTCONN, INT),
	OPTION(SOL_SOCKET, SO_ERROR, ERRNO),
	OPTION(SOL_SOCKET, SO_KEEPALIVE, INT),
	OPTION(SOL_SOCKET, SO_LINGER, LINGER),
	OPTION(SOL_SOCKET, SO_MAX_PACING_RATE, INT),
	OPTION(SOL_SOCKET, SO_OOBINLINE, INT),
	OPTION(SOL_SOCKET, SO_PRIORITY, INT),
	OPTION(SOL_SOCKET, SO_RCVBUF, INT),
	OPTION(SOL_SOCKET, SO_RCVLOWAT, INT),
	OPTION(SOL_SOCKET, SO_RCVTIMEO, TIME),
	OPTION(SOL_SOCKET, SO_REUSEADDR, INT),
	OPTION(SOL_SOCKET, SO_REUSEPORT, INT),
	OPTION(SOL_SOCKET, SO_SNDBUF, INT),
	OPTION(SOL_SOCKET, SO_SNDTIMEO, TIME),
	OPTION(IPPROTO_IP, IP_MTU, INT),
	OPTION(IPPROTO_IP, IP_MTU_DISCOVER, INT),
	OPTION(IPPROTO_IP, IP_RECVERR, INT),
	OPTION(IPPROTO_IP, IP_TOS, INT),
	OPTION(IPPROTO_IP, IP_TTL, INT),
	OPTION(IPPROTO_TCP, TCP_CONGESTION, TEXT),
	OPTION(IPPROTO_TCP, TCP_CORK, INT),
	OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT, INT),
	OPTION(IPPROTO_TCP, TCP_FASTOPEN, INT),
	OPTION(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, INT),
	OPTION(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, INT),
	OPTION(IPPROTO_TCP, TCP_KEEPCNT, INT),
	OPTION(IPPROTO_TCP, TCP_KEEPIDLE, INT),
	OPTION(IPPROTO_TCP, TCP_KEEPINTVL, INT),
	OPTION(IPPROTO_TCP, TCP_LINGER2, INT),
	OPTION(IPPROTO_TCP, TCP_MAXSEG, INT),
	OPTION(IPPROTO_TCP, TCP_NODELAY, INT),
	OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT, INT),
	OPTION(IPPROTO_TCP, TCP_QUICKACK, INT),
	OPTION(IPPROTO_TCP, TCP_SAVED_SYN, BLOB),
	OPTION(IPPROTO_TCP, TCP_SAVE_SYN, INT),
	OPTION(IPPROTO_TCP, TCP_SYNCNT, INT),
	OPTION(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, INT),
	OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT, INT),
	OPTION(IPPROTO_TCP, TCP_WINDOW_CLAMP, INT),
};

/* The bit fields have no name that offsetof() takes. */
static const struct field {
	const char *name;
	size_t off, size;
	int shift, bits;
} fields[] = {
	WHOLE(tcpi_state), WHOLE(tcpi_ca_state), WHOLE(tcpi_retransmits),
	WHOLE(tcpi_probes), WHOLE(tcpi_backoff), WHOLE(tcpi_options),
	{ "tcpi_snd_wscale", 6, 1, 0, 4 }, { "tcpi_rcv_wscale", 6, 1, 4, 4 },
	{ "tcpi_delivery_rate_app_limited", 7, 1, 0, 1 },
	{ "tcpi_fastopen_client_fail", 7, 1, 1, 2 },
	WHOLE(tcpi_rto), WHOLE(tcpi_ato), WHOLE(tcpi_snd_mss),
	WHOLE(tcpi_rcv_mss), WHOLE(tcpi_unacked), WHOLE(tcpi_sacked),
	WHOLE(tcpi_lost), WHOLE(tcpi_retrans), WHOLE(tcpi_fackets),
	WHOLE(tcpi_last_data_sent), WHOLE(tcpi_last_ack_sent),
	WHOLE(tcpi_last_data_recv), WHOLE(tcpi_last_ack_recv),
	WHOLE(tcpi_pmtu), WHOLE(tcpi_rcv_ssthresh), WHOLE(tcpi_rtt),
	WHOLE(tcpi_rttvar), WHOLE(tcpi_snd_ssthresh), WHOLE(tcpi_snd_cwnd),
	WHOLE(tcpi_advmss), WHOLE(tcpi_reordering), WHOLE(tcpi_rcv_rtt),
	WHOLE(tcpi_rcv_space), WHOLE(tcpi_total_retrans),
	WHOLE(tcpi_pacing_rate), WHOLE(tcpi_max_pacing_rate),
	WHOLE(tcpi_bytes_acked), WHOLE(tcpi_bytes_received),
	WHOLE(tcpi_segs_out), WHOLE(tcpi_segs_in), WHOLE(tcpi_notsent_bytes),
	WHOLE(tcpi_min_rtt), WHOLE(tcpi_data_segs_in),
	WHOLE(tcpi_data_segs_out), WHOLE(tcpi_delivery_rate),
	WHOLE(tcpi_busy_time), WHOLE(tcpi_rwnd_limited),
	WHOLE(tcpi_sndbuf_limited), WHOLE(tcpi_delivered),
	WHOLE(tcpi_delivered_ce), WHOLE(tcpi_bytes_sent),
	WHOLE(tcpi_bytes_retrans), WHOLE(tcpi_dsack_dups),
	WHOLE(tcpi_reord_seen), WHOLE(tcpi_rcv_ooopack), WHOLE(tcpi_snd_wnd),
};

/* ---- Socket options --------------------------------------------------- */

static const struct option *find_option(const struct job *j)
{
	size_t i;

	if (j->narg < 3)
		usage_error(j->ev, "which option?", NULL);
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(options[i].name, j->arg[2]))
			return &options[i];
	usage_error(j->ev, "no such option:", j->arg[2]);
}

static socklen_t write_value(const struct job *j, enum type t, void *to)
{
	struct linger linger = {};
	const char *text = j->arg[3];
	struct timeval tv;
	__s64 time;
	int value;

	switch (t) {
	case LINGER:		/* off, or seconds */
		linger.l_onoff = strcmp(text, "off");
		if (linger.l_onoff)
			linger.l_linger = parse_number(j->ev, text);
		memcpy(to, &linger, sizeof(linger));
		return sizeof(linger);
	case TIME:
		time = parse_seconds(j->ev, text);
		tv.tv_sec = time / NSEC;
		tv.tv_usec = time % NSEC / 1000;
		memcpy(to, &tv, sizeof(tv));
		return sizeof(tv);
	case TEXT:
		memcpy(to, text, strlen(text));
		return strlen(text);
	default:
		value = parse_number(j->ev, text);
		memcpy(to, &value, sizeof(value));
		return sizeof(value);
	}
}

/* setsockopt SOCKET OPTION VALUE */
void call_setsockopt(struct job *j)
{
	const struct option *o = find_option(j);
	char value[256] = {};
	socklen_t len;

	if (j->narg != 4 || strlen(j->arg[3]) >= sizeof(value))
		usage_error(j->ev, "one value, please", NULL);
	len = write_value(j, o->type, value);
	j->ret = setsockopt(j->sock->fd, o->level, o->value, value, len);
	j->err = errno;
}

static void text_of(struct job *j, enum type t, const void *value,
		    socklen_t len)
{
	struct linger linger;
	struct timeval tv;

	j->has_text = true;
	switch (t) {
	case LINGER:
		memcpy(&linger, value, sizeof(linger));
		snprintf(j->text, sizeof(j->text), linger.l_onoff ? "%d" : "off",
			 linger.l_linger);
		break;
	case TIME:
		memcpy(&tv, value, sizeof(tv));
		snprintf(j->text, sizeof(j->text), "%.3f",
			 tv.tv_sec + tv.tv_usec / 1e6);
		break;
	case ERRNO:
		snprintf(j->text, sizeof(j->text), "%s",
			 j->ret ? errno_word(j->ret) : "0");
		j->ret = 0;
		break;
	case TEXT:
		snprintf(j->text, sizeof(j->text), "%.*s", (int)len,
			 (const char *)value);
		break;
	case BLOB:		/* its length */
		snprintf(j->text, sizeof(j->text), "%u", len);
		break;
	default:
		j->has_text = false;
	}
}

/* getsockopt SOCKET OPTION => VALUE */
void call_getsockopt(struct job *j)
{
	const struct option *o = find_option(j);
	char value[256] = {};
	socklen_t len = o->type == INT || o->type == ERRNO ? sizeof(int) :
			sizeof(value);
	int number;

	j->ret = getsockopt(j->sock->fd, o->level, o->value, value, &len);
	j->err = errno;
	if (j->ret)
		return;
	memcpy(&number, value, sizeof(number));
	j->ret = number;
	text_of(j, o->type, value, len);
	/* A negative number is an answer too. */
	if (j->ret < 0 && !j->has_text) {
		j->has_text = true;
		snprintf(j->text, sizeof(j->text), "%d", number);
		j->ret = 0;
	}
}

/* ioctl SOCKET REQUEST => N */
void call_ioctl(struct job *j)
{
	static const struct {
		const char *name;
		unsigned long request;
	} requests[] = {
		{ "SIOCINQ", SIOCINQ }, { "SIOCOUTQ", SIOCOUTQ },
		{ "SIOCOUTQNSD", SIOCOUTQNSD }, { "SIOCATMARK", SIOCATMARK },
	};
	int value = -1;
	size_t i;

	if (j->narg != 3)
		usage_error(j->ev, "one request, please", NULL);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (!strcmp(requests[i].name, j->arg[2]))
			break;
	if (i == ARRAY_SIZE(requests))
		usage_error(j->ev, "no such request:", j->arg[2]);
	j->ret = ioctl(j->sock->fd, requests[i].request, &value);
	j->err = errno;
	if (!j->ret)
		j->ret = value;
}

/* ---- struct tcp_info -------------------------------------------------- */

static unsigned long long field_value(const struct tcp_info *ti,
				      const struct field *f)
{
	const __u8 *p = (const __u8 *)ti + f->off;
	unsigned long long value = 0;

	/* Little endian and big endian alike, but for the bit fields. */
	if (f->size == 1)
		value = *p;
	else if (f->size == 4)
		value = *(const __u32 *)p;
	else
		value = *(const __u64 *)p;
	if (f->bits)
		value = value >> f->shift & ((1U << f->bits) - 1);
	return value;
}

static bool compare(const struct event *ev, const char *op,
		    unsigned long long seen, unsigned long long want)
{
	if (!strcmp(op, "=="))
		return seen == want;
	if (!strcmp(op, "!="))
		return seen != want;
	if (!strcmp(op, "<"))
		return seen < want;
	if (!strcmp(op, "<="))
		return seen <= want;
	if (!strcmp(op, ">"))
		return seen > want;
	if (!strcmp(op, ">="))
		return seen >= want;
	usage_error(ev, "no such comparison:", op);
}

/* info SOCKET FIELD OP VALUE [FIELD OP VALUE]... */
void sock_info(const struct event *ev)
{
	struct tcp_info ti = {};
	socklen_t len = sizeof(ti);
	unsigned long long seen, want;
	size_t k;
	int i;

	if (ev->ntok < 5 || (ev->ntok - 2) % 3)
		usage_error(ev, "info SOCKET FIELD OP VALUE ...", NULL);
	if (getsockopt(sock_find(ev, ev->tok[1])->fd, IPPROTO_TCP, TCP_INFO,
		       &ti, &len))
		fail("TCP_INFO: %s", strerror(errno));
	for (i = 2; i < ev->ntok; i += 3) {
		for (k = 0; k < ARRAY_SIZE(fields); k++)
			if (!strcmp(fields[k].name, ev->tok[i]))
				break;
		if (k == ARRAY_SIZE(fields))
			usage_error(ev, "no such field:", ev->tok[i]);
		seen = field_value(&ti, &fields[k]);
		if (fields[k].off == offsetof(struct tcp_info, tcpi_pmtu))
			seen -= run.v->l3->more;
		if (tcp_state_of(ev->tok[i + 2]) > 0)
			want = tcp_state_of(ev->tok[i + 2]);
		else
			want = parse_number(ev, ev->tok[i + 2]);
		show("%+.6f %s is %llu", (double)(now() - run.start) / NSEC,
		     ev->tok[i], seen);
		if (!compare(ev, ev->tok[i + 1], seen, want))
			fail("%s: expected %s %s, seen %llu", ev->tok[i],
			     ev->tok[i + 1], ev->tok[i + 2], seen);
	}
}
