// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP internals: struct toy_tcp_info, field by field in the order of ss -i
 *
 * The kernel may send less than the structure (an older module) or more (a
 * newer one): what is missing counts as 0, what is unknown is not looked at.
 */
#include <assert.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <linux/toy.h>
#include <stddef.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"
#include "ss.h"

/* Linux 6.12 has it so; the module and programs built elsewhere rely on it. */
#define CHECK_AT(_member, _offset)					\
	static_assert(offsetof(struct toy_tcp_info, _member) == (_offset), \
		      "layout of struct toy_tcp_info")

static_assert(sizeof(struct toy_tcp_info) == 248,
	      "size of struct toy_tcp_info");
CHECK_AT(tcpi_rto, 8);
CHECK_AT(tcpi_unacked, 24);
CHECK_AT(tcpi_last_data_sent, 44);
CHECK_AT(tcpi_pmtu, 60);
CHECK_AT(tcpi_rcv_rtt, 92);
CHECK_AT(tcpi_total_retrans, 100);
CHECK_AT(tcpi_pacing_rate, 104);
CHECK_AT(tcpi_segs_out, 136);
CHECK_AT(tcpi_delivery_rate, 160);
CHECK_AT(tcpi_delivered, 192);
CHECK_AT(tcpi_bytes_sent, 200);
CHECK_AT(tcpi_rcv_ooopack, 224);
CHECK_AT(tcpi_snd_wnd, 228);
CHECK_AT(tcpi_rcv_wnd, 232);
CHECK_AT(tcpi_rehash, 236);
CHECK_AT(tcpi_total_rto, 240);
CHECK_AT(tcpi_total_rto_recoveries, 242);
CHECK_AT(tcpi_total_rto_time, 244);

/**
 * struct tcp - what there is to print of one socket
 * @info: the numbers
 * @state: of the socket
 * @cong: name of the congestion control, or ""
 * @cong_info: its own numbers, zeros where it sent none
 * @cong_len: bytes of those
 */
struct tcp {
	struct toy_tcp_info	info;
	unsigned int		state;
	const char		*cong;
	union tcp_cc_info	cong_info;
	size_t			cong_len;
};

/**
 * struct field - one of the numbers
 * @key: its name
 * @offset: where it stands in struct toy_tcp_info
 * @bits: its width
 * @print: how it is printed; it decides itself what is worth a word
 */
struct field {
	const char	*key;
	uint16_t	offset;
	uint8_t		bits;
	void		(*print)(const struct field *f, const struct tcp *tcp,
				 uint64_t value);
};

/* ---- How a number is printed ------------------------------------------ */

/* 1.5Gbps; with -n, 1500000000bps. */
static void print_bits(double bits)
{
	static const char units[] = "kMGTP";
	int u = -1;

	if (opt.numeric) {
		fmt_plain("%.0fbps", bits);
		return;
	}
	/* Three digits are shown: 999.5 would be rounded to a fourth. */
	for (; bits >= 999.5 && units[u + 1]; u++)
		bits /= 1000;
	fmt_plain("%.3g%.*sbps", bits, u >= 0, units + (u > 0 ? u : 0));
}

static void number(const struct field *f, const struct tcp *tcp,
		   uint64_t value)
{
	(void)tcp;
	if (!value)
		return;
	fmt_plain(" %s:", f->key);
	fmt_num(f->key, "%llu", value);
}

/* A time in microseconds, shown in milliseconds. */
static void milliseconds(const struct field *f, const struct tcp *tcp,
			 uint64_t value)
{
	(void)tcp;
	if (!value)
		return;
	fmt_plain(" %s:", f->key);
	fmt_real(f->key, "%g", value / 1000.0);
}

static void byte_rate(const struct field *f, const struct tcp *tcp,
		      uint64_t value)
{
	(void)tcp;
	if (!value)
		return;
	fmt_num(f->key, NULL, 8 * value);
	fmt_plain(" %s ", f->key);
	print_bits(8.0 * value);
}

static void rto(const struct field *f, const struct tcp *tcp, uint64_t value)
{
	/* ss has nothing to say about an old kernel's first value. */
	if (value != 3000000)
		milliseconds(f, tcp, value);
}

/* It belongs to the round trip time before it. */
static void variation(const struct field *f, const struct tcp *tcp,
		      uint64_t value)
{
	if (tcp->info.tcpi_rtt)
		fmt_real(f->key, "/%g", value / 1000.0);
}

static void ssthresh(const struct field *f, const struct tcp *tcp,
		     uint64_t value)
{
	/* "Infinite" until the first loss. */
	if (value < 0xffff)
		number(f, tcp, value);
}

static void pacing_rate(const struct field *f, const struct tcp *tcp,
			uint64_t value)
{
	uint64_t max = tcp->info.tcpi_max_pacing_rate;

	if (!value || value == ~0ULL)
		return;
	byte_rate(f, tcp, value);
	if (!max || max == ~0ULL)
		return;
	fmt_num("max_pacing_rate", NULL, 8 * max);
	fmt_plain("/");
	print_bits(8.0 * max);
}

static void busy(const struct field *f, const struct tcp *tcp, uint64_t value)
{
	(void)tcp;
	if (!value)
		return;
	fmt_plain(" %s:", f->key);
	fmt_num(f->key, "%llums", value / 1000);
}

/* Part of the time in which there was something to send. */
static void limited(const struct field *f, const struct tcp *tcp,
		    uint64_t value)
{
	busy(f, tcp, value);
	if (value && tcp->info.tcpi_busy_time)
		fmt_plain("(%.1f%%)", 100.0 * value / tcp->info.tcpi_busy_time);
}

/* Under way now, and in all. */
static void total(const struct field *f, const struct tcp *tcp,
		  uint64_t value)
{
	if (!value && !tcp->info.tcpi_total_retrans)
		return;
	fmt_plain(" %s:", f->key);
	fmt_num(f->key, "%llu", value);
	fmt_num("retrans_total", "/%llu", tcp->info.tcpi_total_retrans);
}

/* Of a listener it is the length of its backlog, which has a column. */
static void sacked(const struct field *f, const struct tcp *tcp,
		   uint64_t value)
{
	if (tcp->state != SS_LISTEN)
		number(f, tcp, value);
}

static void reordering(const struct field *f, const struct tcp *tcp,
		       uint64_t value)
{
	(void)tcp;
	/* What every connection begins with. */
	if (value == 3)
		return;
	fmt_plain(" %s:", f->key);
	fmt_num(f->key, "%llu", value);
}

static void min_rtt(const struct field *f, const struct tcp *tcp,
		    uint64_t value)
{
	if (value != (uint32_t)~0)
		milliseconds(f, tcp, value);
}

/* ---- What is no member of the structure ------------------------------- */

static void print_bbr(const struct tcp *tcp)
{
	const struct tcp_bbr_info *bbr = &tcp->cong_info.bbr;
	uint64_t bw = (uint64_t)bbr->bbr_bw_hi << 32 | bbr->bbr_bw_lo;

	fmt_begin("bbr");
	fmt_num("bw", NULL, 8 * bw);
	fmt_plain(" bbr:(bw:");
	print_bits(8.0 * bw);
	fmt_real("mrtt", ",mrtt:%g", bbr->bbr_min_rtt / 1000.0);
	if (bbr->bbr_pacing_gain)
		fmt_real("pacing_gain", ",pacing_gain:%g",
			 bbr->bbr_pacing_gain / 256.0);
	if (bbr->bbr_cwnd_gain)
		fmt_real("cwnd_gain", ",cwnd_gain:%g",
			 bbr->bbr_cwnd_gain / 256.0);
	fmt_plain(")");
	fmt_end();
}

static void print_dctcp(const struct tcp *tcp)
{
	const struct tcp_dctcp_info *dctcp = &tcp->cong_info.dctcp;

	fmt_begin("dctcp");
	if (dctcp->dctcp_enabled) {
		fmt_num("ce_state", " dctcp:(ce_state:%llu",
			dctcp->dctcp_ce_state);
		fmt_num("alpha", ",alpha:%llu", dctcp->dctcp_alpha);
		fmt_num("ab_ecn", ",ab_ecn:%llu", dctcp->dctcp_ab_ecn);
		fmt_num("ab_tot", ",ab_tot:%llu)", dctcp->dctcp_ab_tot);
	} else {
		fmt_plain(" dctcp:");
		fmt_flag("fallback_mode", "fallback_mode");
	}
	fmt_end();
}

static void cong_info(const struct field *f, const struct tcp *tcp,
		      uint64_t value)
{
	(void)f;
	(void)value;
	if (!tcp->cong_len)
		return;
	if (!strcmp(tcp->cong, "bbr"))
		print_bbr(tcp);
	if (!strcmp(tcp->cong, "dctcp"))
		print_dctcp(tcp);
}

/* What the congestion window and the round trip time allow. */
static void send_rate(const struct field *f, const struct tcp *tcp,
		      uint64_t value)
{
	const struct toy_tcp_info *info = &tcp->info;
	double bits = 8e6 * info->tcpi_snd_cwnd * info->tcpi_snd_mss;

	(void)value;
	if (!info->tcpi_rtt || !bits)
		return;
	bits /= info->tcpi_rtt;
	fmt_num(f->key, NULL, bits);
	fmt_plain(" send ");
	print_bits(bits);
}

static void app_limited(const struct field *f, const struct tcp *tcp,
			uint64_t value)
{
	(void)value;
	if (!tcp->info.tcpi_delivery_rate_app_limited)
		return;
	fmt_plain(" ");
	fmt_flag(f->key, f->key);
}

/* ---- All of it -------------------------------------------------------- */

#define FIELD(_key, _member, _print)					\
	{ _key, offsetof(struct toy_tcp_info, _member),			\
	  8 * sizeof(((struct toy_tcp_info *)0)->_member), _print }

static const struct field fields[] = {
	FIELD("rto", tcpi_rto, rto),
	FIELD("backoff", tcpi_backoff, number),
	FIELD("rtt", tcpi_rtt, milliseconds),
	FIELD("rttvar", tcpi_rttvar, variation),
	FIELD("ato", tcpi_ato, milliseconds),
	FIELD("mss", tcpi_snd_mss, number),
	FIELD("pmtu", tcpi_pmtu, number),
	FIELD("rcvmss", tcpi_rcv_mss, number),
	FIELD("advmss", tcpi_advmss, number),
	FIELD("cwnd", tcpi_snd_cwnd, number),
	FIELD("ssthresh", tcpi_snd_ssthresh, ssthresh),
	FIELD("bytes_sent", tcpi_bytes_sent, number),
	FIELD("bytes_retrans", tcpi_bytes_retrans, number),
	FIELD("bytes_acked", tcpi_bytes_acked, number),
	FIELD("bytes_received", tcpi_bytes_received, number),
	FIELD("segs_out", tcpi_segs_out, number),
	FIELD("segs_in", tcpi_segs_in, number),
	FIELD("data_segs_out", tcpi_data_segs_out, number),
	FIELD("data_segs_in", tcpi_data_segs_in, number),
	{ "cong_info", .print = cong_info },
	{ "send", .print = send_rate },
	FIELD("lastsnd", tcpi_last_data_sent, number),
	FIELD("lastrcv", tcpi_last_data_recv, number),
	FIELD("lastack", tcpi_last_ack_recv, number),
	FIELD("pacing_rate", tcpi_pacing_rate, pacing_rate),
	FIELD("delivery_rate", tcpi_delivery_rate, byte_rate),
	FIELD("delivered", tcpi_delivered, number),
	FIELD("delivered_ce", tcpi_delivered_ce, number),
	{ "app_limited", .print = app_limited },
	FIELD("busy", tcpi_busy_time, busy),
	FIELD("rwnd_limited", tcpi_rwnd_limited, limited),
	FIELD("sndbuf_limited", tcpi_sndbuf_limited, limited),
	FIELD("unacked", tcpi_unacked, number),
	FIELD("retrans", tcpi_retrans, total),
	FIELD("lost", tcpi_lost, number),
	FIELD("sacked", tcpi_sacked, sacked),
	FIELD("dsack_dups", tcpi_dsack_dups, number),
	FIELD("fackets", tcpi_fackets, number),
	FIELD("reordering", tcpi_reordering, reordering),
	FIELD("reord_seen", tcpi_reord_seen, number),
	FIELD("rcv_rtt", tcpi_rcv_rtt, milliseconds),
	FIELD("rcv_space", tcpi_rcv_space, number),
	FIELD("rcv_ssthresh", tcpi_rcv_ssthresh, number),
	FIELD("notsent", tcpi_notsent_bytes, number),
	FIELD("minrtt", tcpi_min_rtt, min_rtt),
	FIELD("rcv_ooopack", tcpi_rcv_ooopack, number),
	FIELD("snd_wnd", tcpi_snd_wnd, number),
	FIELD("rcv_wnd", tcpi_rcv_wnd, number),
	FIELD("rehash", tcpi_rehash, number),
	/* Not in ss, as far as it goes. */
	FIELD("total_rto", tcpi_total_rto, number),
	FIELD("total_rto_recoveries", tcpi_total_rto_recoveries, number),
	FIELD("total_rto_time", tcpi_total_rto_time, number),
};

static const struct word option_words[] = {
	{ "ts", TCPI_OPT_TIMESTAMPS },
	{ "sack", TCPI_OPT_SACK },
	{ "ecn", TCPI_OPT_ECN },
	{ "ecnseen", TCPI_OPT_ECN_SEEN },
	{ "fastopen", TCPI_OPT_SYN_DATA },
	{ }
};

static uint64_t field_value(const struct toy_tcp_info *info,
			    const struct field *f)
{
	const char *at = (const char *)info + f->offset;
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (f->bits) {
	case 64:
		memcpy(&v64, at, sizeof(v64));
		return v64;
	case 32:
		memcpy(&v32, at, sizeof(v32));
		return v32;
	case 16:
		memcpy(&v16, at, sizeof(v16));
		return v16;
	case 8:
		return (uint8_t)*at;
	}
	return 0;
}

static size_t copy(void *to, size_t size, const struct nlattr *attr)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	memset(to, 0, size);
	if (len)
		memcpy(to, mnl_attr_get_payload(attr), len < size ? len : size);
	return len;
}

static void print_options(const struct toy_tcp_info *info)
{
	const struct word *w;

	for (w = option_words; w->name; w++) {
		if (!(info->tcpi_options & w->id))
			continue;
		fmt_plain(" ");
		fmt_flag(w->name, w->name);
	}
}

void ss_tcp(const struct ss_sock *sock, const struct ss_show *show)
{
	struct tcp tcp = {
		.state = sock->state,
		.cong = nl_str(sock->tb[TOY_SOCK_A_CONG]),
	};
	const struct field *f;

	if (!sock->tb[TOY_SOCK_A_INFO])
		return;
	copy(&tcp.info, sizeof(tcp.info), sock->tb[TOY_SOCK_A_INFO]);
	tcp.cong_len = copy(&tcp.cong_info, sizeof(tcp.cong_info),
			    sock->tb[TOY_SOCK_A_CONG_INFO]);

	fmt_begin("info");
	if (show->timer || opt.json)
		print_options(&tcp.info);
	if (*tcp.cong)
		fmt_str("cong", " %s", tcp.cong);
	if (tcp.info.tcpi_options & TCPI_OPT_WSCALE) {
		fmt_num("snd_wscale", " wscale:%llu", tcp.info.tcpi_snd_wscale);
		fmt_num("rcv_wscale", ",%llu", tcp.info.tcpi_rcv_wscale);
	}
	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		f->print(f, &tcp, field_value(&tcp.info, f));
	fmt_end();
}
