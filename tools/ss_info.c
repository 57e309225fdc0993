// SPDX-License-Identifier: GPL-2.0-only
/*
 * Details of a socket: timer, owner, memory
 */
#include <linux/sock_diag.h>
#include <linux/toy.h>
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

/* As ss prints it, for whoever reads it by program: 095ms, 4.250ms (which are
 * seconds), 42sec, 9min59sec, 12min.
 */
static void print_ms(uint32_t ms)
{
	uint32_t sec = ms / 1000, min = sec / 60;

	fmt_num("expires_ms", NULL, ms);
	if (min > 9)
		fmt_plain("%umin", min);
	else if (min)
		fmt_plain(sec % 60 ? "%umin%usec" : "%umin", min, sec % 60);
	else if (sec > 9 || (sec && !(ms % 1000)))
		fmt_plain("%usec", sec);
	else if (sec)
		fmt_plain("%u.%03ums", sec, ms % 1000);
	else
		fmt_plain("%03ums", ms);
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

	if (nl_u32(tb[TOY_SOCK_A_UID]))
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
	if (tb[TOY_SOCK_A_SHUTDOWN]) {
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
		ss_tcp(sock, show);
}
