// SPDX-License-Identifier: GPL-2.0-only
/*
 * Details of a socket: timer, owner, memory and, for TCP, struct tcp_info
 */
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/toy.h>
#include <stddef.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"
#include "ss.h"

static const struct word timers[] = {
	{ "on", TOY_SOCK_TIMER_RETRANS },
	{ "keepalive", TOY_SOCK_TIMER_KEEPALIVE },
	{ "timewait", TOY_SOCK_TIMER_TIMEWAIT },
	{ "persist", TOY_SOCK_TIMER_PERSIST },
	{ }
};

/* 95ms, 4.2sec, 12min: one unit is enough for a reader. */
static void print_ms(uint32_t ms)
{
	fmt_num("expires_ms", NULL, ms);
	if (ms < 1000)
		fmt_plain("%ums", ms);
	else if (ms < 10000)
		fmt_plain("%u.%usec", ms / 1000, ms % 1000 / 100);
	else if (ms < 600000)
		fmt_plain("%usec", ms / 1000);
	else
		fmt_plain("%umin", ms / 60000);
}

static void print_timer(const struct ss_sock *sock)
{
	unsigned int timer = nl_u8(sock->tb[TOY_SOCK_A_TIMER]);

	if (timer == TOY_SOCK_TIMER_OFF)
		return;
	fmt_begin("timer");
	fmt_str("name", " timer:(%s,", word_name(timers, timer, "unknown"));
	print_ms(nl_u32(sock->tb[TOY_SOCK_A_TIMER_MS]));
	fmt_num("retransmits", ",%llu)",
		nl_u8(sock->tb[TOY_SOCK_A_RETRANS]));
	fmt_end();
}

static void print_owner(const struct ss_sock *sock)
{
	const struct nlattr **tb = sock->tb;

	if (tb[TOY_SOCK_A_UID])
		fmt_num("uid", " uid:%llu", nl_u32(tb[TOY_SOCK_A_UID]));
	if (tb[TOY_SOCK_A_INODE])
		fmt_num("ino", " ino:%llu", nl_u64(tb[TOY_SOCK_A_INODE]));
	if (tb[TOY_SOCK_A_COOKIE])
		fmt_num("sk", " sk:%llx", nl_u64(tb[TOY_SOCK_A_COOKIE]));
	if (nl_u32(tb[TOY_SOCK_A_MARK]))
		fmt_num("fwmark", " fwmark:0x%llx",
			nl_u32(tb[TOY_SOCK_A_MARK]));
	if (nl_u32(tb[TOY_SOCK_A_DROPS]))
		fmt_num("drops", " drops:%llu",
			nl_u32(tb[TOY_SOCK_A_DROPS]));
	if (nl_u8(tb[TOY_SOCK_A_SHUTDOWN])) {
		unsigned int how = nl_u8(tb[TOY_SOCK_A_SHUTDOWN]);

		/* An arrow for each direction that is open. */
		fmt_num("shutdown", NULL, how);
		fmt_plain(" %c-%c", how & 1 ? '-' : '<', how & 2 ? '-' : '>');
	}
}

static void print_memory(const struct nlattr *attr)
{
	static const struct {
		unsigned int	index;
		const char	*key;
		const char	*format;
	} rows[] = {
		{ SK_MEMINFO_RMEM_ALLOC, "r", " skmem:(r%llu" },
		{ SK_MEMINFO_RCVBUF, "rb", ",rb%llu" },
		{ SK_MEMINFO_WMEM_ALLOC, "t", ",t%llu" },
		{ SK_MEMINFO_SNDBUF, "tb", ",tb%llu" },
		{ SK_MEMINFO_FWD_ALLOC, "f", ",f%llu" },
		{ SK_MEMINFO_WMEM_QUEUED, "w", ",w%llu" },
		{ SK_MEMINFO_OPTMEM, "o", ",o%llu" },
		{ SK_MEMINFO_BACKLOG, "bl", ",bl%llu" },
		{ SK_MEMINFO_DROPS, "d", ",d%llu" },
	};
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	size_t i, len;

	if (!attr)
		return;
	len = mnl_attr_get_payload_len(attr);
	memcpy(mem, mnl_attr_get_payload(attr),
	       len < sizeof(mem) ? len : sizeof(mem));
	fmt_begin("skmem");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		fmt_num(rows[i].key, rows[i].format, mem[rows[i].index]);
	fmt_plain(")");
	fmt_end();
}

/* ---- struct tcp_info -------------------------------------------------- */

/* Kinds of a value: a number, bytes per second, a time in us that is printed
 * in ms: without its unit, behind the value it varies, with its unit.
 */
enum kind { NUMBER, BYTE_RATE, US_AS_MS, VARIATION, LIMITED };

struct field {
	const char	*key;
	uint16_t	offset;
	uint8_t		bits;
	uint8_t		kind;
	uint64_t	silent;		/* like 0, not worth a word */
};

#define AT(_member)	offsetof(struct tcp_info, _member)

static const struct field fields[] = {
	{ "rto", AT(tcpi_rto), 32, US_AS_MS, 0 },
	{ "backoff", AT(tcpi_backoff), 8, NUMBER, 0 },
	{ "rtt", AT(tcpi_rtt), 32, US_AS_MS, 0 },
	{ "rttvar", AT(tcpi_rttvar), 32, VARIATION, 0 },
	{ "ato", AT(tcpi_ato), 32, US_AS_MS, 0 },
	{ "mss", AT(tcpi_snd_mss), 32, NUMBER, 0 },
	{ "pmtu", AT(tcpi_pmtu), 32, NUMBER, 0 },
	{ "rcvmss", AT(tcpi_rcv_mss), 32, NUMBER, 0 },
	{ "advmss", AT(tcpi_advmss), 32, NUMBER, 0 },
	{ "cwnd", AT(tcpi_snd_cwnd), 32, NUMBER, 0 },
	{ "ssthresh", AT(tcpi_snd_ssthresh), 32, NUMBER, 0x7fffffff },
	{ "bytes_sent", AT(tcpi_bytes_sent), 64, NUMBER, 0 },
	{ "bytes_retrans", AT(tcpi_bytes_retrans), 64, NUMBER, 0 },
	{ "bytes_acked", AT(tcpi_bytes_acked), 64, NUMBER, 0 },
	{ "bytes_received", AT(tcpi_bytes_received), 64, NUMBER, 0 },
	{ "segs_out", AT(tcpi_segs_out), 32, NUMBER, 0 },
	{ "segs_in", AT(tcpi_segs_in), 32, NUMBER, 0 },
	{ "data_segs_out", AT(tcpi_data_segs_out), 32, NUMBER, 0 },
	{ "data_segs_in", AT(tcpi_data_segs_in), 32, NUMBER, 0 },
	{ "lastsnd", AT(tcpi_last_data_sent), 32, NUMBER, 0 },
	{ "lastrcv", AT(tcpi_last_data_recv), 32, NUMBER, 0 },
	{ "lastack", AT(tcpi_last_ack_recv), 32, NUMBER, 0 },
	{ "pacing_rate", AT(tcpi_pacing_rate), 64, BYTE_RATE, ~0ULL },
	{ "delivery_rate", AT(tcpi_delivery_rate), 64, BYTE_RATE, 0 },
	{ "delivered", AT(tcpi_delivered), 32, NUMBER, 0 },
	{ "delivered_ce", AT(tcpi_delivered_ce), 32, NUMBER, 0 },
	{ "busy", AT(tcpi_busy_time), 64, LIMITED, 0 },
	{ "rwnd_limited", AT(tcpi_rwnd_limited), 64, LIMITED, 0 },
	{ "sndbuf_limited", AT(tcpi_sndbuf_limited), 64, LIMITED, 0 },
	{ "unacked", AT(tcpi_unacked), 32, NUMBER, 0 },
	{ "lost", AT(tcpi_lost), 32, NUMBER, 0 },
	{ "sacked", AT(tcpi_sacked), 32, NUMBER, 0 },
	{ "dsack_dups", AT(tcpi_dsack_dups), 32, NUMBER, 0 },
	{ "reordering", AT(tcpi_reordering), 32, NUMBER, 3 },
	{ "reord_seen", AT(tcpi_reord_seen), 32, NUMBER, 0 },
	{ "rcv_rtt", AT(tcpi_rcv_rtt), 32, US_AS_MS, 0 },
	{ "rcv_space", AT(tcpi_rcv_space), 32, NUMBER, 0 },
	{ "rcv_ssthresh", AT(tcpi_rcv_ssthresh), 32, NUMBER, 0 },
	{ "notsent", AT(tcpi_notsent_bytes), 32, NUMBER, 0 },
	{ "minrtt", AT(tcpi_min_rtt), 32, US_AS_MS, ~0U },
	{ "rcv_ooopack", AT(tcpi_rcv_ooopack), 32, NUMBER, 0 },
	{ "snd_wnd", AT(tcpi_snd_wnd), 32, NUMBER, 0 },
};

static const struct word option_words[] = {
	{ "ts", TCPI_OPT_TIMESTAMPS },
	{ "sack", TCPI_OPT_SACK },
	{ "ecn", TCPI_OPT_ECN },
	{ "ecnseen", TCPI_OPT_ECN_SEEN },
	{ "fastopen", TCPI_OPT_SYN_DATA },
	{ }
};

static uint64_t field_value(const struct tcp_info *info, const struct field *f)
{
	const char *at = (const char *)info + f->offset;
	uint64_t v64;
	uint32_t v32;

	if (f->bits == 64) {
		memcpy(&v64, at, sizeof(v64));
		return v64;
	}
	if (f->bits == 32) {
		memcpy(&v32, at, sizeof(v32));
		return v32;
	}
	return (uint8_t)*at;
}

static void print_rate(double bits)
{
	static const char units[] = " kMGT";
	unsigned int u = 0;

	while (bits >= 1000 && u < sizeof(units) - 2) {
		bits /= 1000;
		u++;
	}
	fmt_plain("%.*f%.*sbps", bits < 10 && u ? 2 : 0, bits, !!u, units + u);
}

static void print_field(const struct tcp_info *info, const struct field *f)
{
	uint64_t value = field_value(info, f);

	if (!value || value == f->silent)
		return;
	if (f->kind == VARIATION)
		fmt_plain("/");
	else
		fmt_plain(f->kind == BYTE_RATE ? " %s " : " %s:", f->key);
	switch (f->kind) {
	case BYTE_RATE:
		fmt_num(f->key, NULL, 8 * value);
		print_rate(8.0 * value);
		break;
	case US_AS_MS:
	case VARIATION:
		fmt_real(f->key, "%g", value / 1000.0);
		break;
	case LIMITED:
		fmt_real(f->key, "%gms", value / 1000.0);
		break;
	default:
		fmt_num(f->key, "%llu", value);
		break;
	}
}

/* What the congestion window and the round trip time allow. */
static void print_send_rate(const struct tcp_info *info)
{
	double bits = 8e6 * info->tcpi_snd_cwnd * info->tcpi_snd_mss;

	if (!info->tcpi_rtt || !bits)
		return;
	bits /= info->tcpi_rtt;
	fmt_num("send", NULL, bits);
	fmt_plain(" send ");
	print_rate(bits);
}

static void print_retrans(const struct tcp_info *info)
{
	if (!info->tcpi_retrans && !info->tcpi_total_retrans)
		return;
	fmt_num("retrans", " retrans:%llu", info->tcpi_retrans);
	fmt_num("retrans_total", "/%llu", info->tcpi_total_retrans);
}

static void print_info(const struct nlattr *attr, const char *cong)
{
	struct tcp_info info = { 0 };
	const struct word *w;
	size_t i, len;

	if (!attr)
		return;
	len = mnl_attr_get_payload_len(attr);
	memcpy(&info, mnl_attr_get_payload(attr),
	       len < sizeof(info) ? len : sizeof(info));

	fmt_begin("info");
	for (w = option_words; w->name; w++) {
		if (!(info.tcpi_options & w->id))
			continue;
		fmt_plain(" ");
		fmt_flag(w->name, w->name);
	}
	if (*cong)
		fmt_str("cong", " %s", cong);
	if (info.tcpi_options & TCPI_OPT_WSCALE) {
		fmt_num("snd_wscale", " wscale:%llu", info.tcpi_snd_wscale);
		fmt_num("rcv_wscale", ",%llu", info.tcpi_rcv_wscale);
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(&info, &fields[i]);
	print_retrans(&info);
	print_send_rate(&info);
	if (info.tcpi_delivery_rate_app_limited)
		fmt_flag("app_limited", " app_limited");
	fmt_end();
}

void ss_details(const struct ss_sock *sock, const struct ss_show *show)
{
	if (show->processes)
		ss_users(nl_u64(sock->tb[TOY_SOCK_A_INODE]));
	if (show->timer)
		print_timer(sock);
	if (show->extended)
		print_owner(sock);
	if ((show->memory && sock->tb[TOY_SOCK_A_MEMINFO]) ||
	    (show->info && sock->tb[TOY_SOCK_A_INFO]))
		fmt_plain("\n\t");
	if (show->memory)
		print_memory(sock->tb[TOY_SOCK_A_MEMINFO]);
	if (show->info)
		print_info(sock->tb[TOY_SOCK_A_INFO],
			   nl_str(sock->tb[TOY_SOCK_A_CONG]));
}
