// SPDX-License-Identifier: GPL-2.0-only
/*
 * A socket as the kernel tells it, and its line
 *
 * Plain text waits in rows until the widths of the columns are known; JSON
 * needs no widths.
 */
#include <netinet/in.h>	/* its macros fit its own struct in6_addr only */
#include <linux/toy.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"
#include "ss.h"
#include "ss_table.h"

const struct word ss_state_words[] = {
	{ "ESTAB", SS_ESTABLISHED },
	{ "SYN-SENT", SS_SYN_SENT },
	{ "SYN-RECV", SS_SYN_RECV },
	{ "FIN-WAIT-1", SS_FIN_WAIT1 },
	{ "FIN-WAIT-2", SS_FIN_WAIT2 },
	{ "TIME-WAIT", SS_TIME_WAIT },
	{ "UNCONN", SS_CLOSE },
	{ "CLOSE-WAIT", SS_CLOSE_WAIT },
	{ "LAST-ACK", SS_LAST_ACK },
	{ "LISTEN", SS_LISTEN },
	{ "CLOSING", SS_CLOSING },
	{ "SYN-RECV", SS_NEW_SYN_RECV },
	{ }
};

static const struct nl_attr policy[TOY_SOCK_A_MAX + 1] = {
	[TOY_SOCK_A_TYPE]	= { MNL_TYPE_U8, 0 },
	[TOY_SOCK_A_PROTOCOL]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_PROTO_NAME]	= { MNL_TYPE_NUL_STRING, 0 },
	[TOY_SOCK_A_STATE]	= { MNL_TYPE_U8, 0 },
	[TOY_SOCK_A_LADDR]	= NL_ADDR,
	[TOY_SOCK_A_LPORT]	= { MNL_TYPE_U16, 0 },
	[TOY_SOCK_A_RADDR]	= NL_ADDR,
	[TOY_SOCK_A_RPORT]	= { MNL_TYPE_U16, 0 },
	[TOY_SOCK_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_RQUEUE]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_WQUEUE]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_UID]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_INODE]	= { MNL_TYPE_U64, 0 },
	[TOY_SOCK_A_COOKIE]	= { MNL_TYPE_U64, 0 },
	[TOY_SOCK_A_REFS]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_MEMINFO]	= { MNL_TYPE_BINARY, 0 },
	[TOY_SOCK_A_MARK]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_FORM]	= { MNL_TYPE_U16, 0 },
	[TOY_SOCK_A_DROPS]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_SHUTDOWN]	= { MNL_TYPE_U8, 0 },
	[TOY_SOCK_A_TIMER]	= { MNL_TYPE_U8, 0 },
	[TOY_SOCK_A_TIMER_MS]	= { MNL_TYPE_U32, 0 },
	[TOY_SOCK_A_RETRANS]	= { MNL_TYPE_U8, 0 },
	[TOY_SOCK_A_INFO]	= { MNL_TYPE_BINARY, 0 },
	[TOY_SOCK_A_CONG]	= { MNL_TYPE_NUL_STRING, 0 },
	[TOY_SOCK_A_CONG_INFO]	= { MNL_TYPE_BINARY, 0 },
};

void ss_sock_read(struct ss_sock *sock, const struct nlmsghdr *nlh,
		  const struct nlattr **tb)
{
	nl_parse(nlh, policy, TOY_SOCK_A_MAX, tb);
	memset(sock, 0, sizeof(*sock));
	sock->tb = tb;
	sock->proto = tb[TOY_SOCK_A_PROTO_NAME] ?
		      nl_str(tb[TOY_SOCK_A_PROTO_NAME]) : "?";
	sock->state = nl_u8(tb[TOY_SOCK_A_STATE]);
	if (sock->state < SS_ESTABLISHED || sock->state >= SS_STATES)
		sock->state = SS_CLOSE;
	if (tb[TOY_SOCK_A_LADDR])
		sock->local = *nl_addr(tb[TOY_SOCK_A_LADDR]);
	if (tb[TOY_SOCK_A_RADDR])
		sock->peer = *nl_addr(tb[TOY_SOCK_A_RADDR]);
	sock->lport = nl_u16(tb[TOY_SOCK_A_LPORT]);
	sock->pport = nl_u16(tb[TOY_SOCK_A_RPORT]);
}

bool ss_sock_is_v4(const struct ss_sock *sock)
{
	return IN6_IS_ADDR_V4MAPPED(&sock->local) ||
	       IN6_IS_ADDR_V4MAPPED(&sock->peer) ||
	       (IN6_IS_ADDR_UNSPECIFIED(&sock->local) &&
		nl_u16(sock->tb[TOY_SOCK_A_FORM]) == AF_INET);
}

/* 10.0.0.1, 10.0.0.1%eth0, [fe80::1], 0.0.0.0; * for both families. */
static void print_addr(const struct ss_sock *sock, bool peer, char *text)
{
	const struct in6_addr *addr = peer ? &sock->peer : &sock->local;
	unsigned int ifindex = nl_u32(sock->tb[TOY_SOCK_A_IFINDEX]);
	char buf[FMT_ADDR_SIZE], dev[FMT_DEV_SIZE];
	size_t len;

	if (IN6_IS_ADDR_UNSPECIFIED(addr))
		sprintf(text, "%s", ss_sock_is_v4(sock) ? "0.0.0.0" : "*");
	else if (IN6_IS_ADDR_V4MAPPED(addr))
		sprintf(text, "%s", fmt_addr(addr, buf));
	else
		sprintf(text, "[%s]", fmt_addr(addr, buf));
	len = strlen(text);
	if (ifindex && !peer)
		sprintf(text + len, "%%%s", fmt_dev(ifindex, dev));
}

static void print_port(const struct ss_sock *sock, uint16_t port, char *text,
		       size_t size)
{
	const struct servent *service = NULL;

	if (port && !opt.numeric)
		service = getservbyport(htons(port), sock->proto);
	if (service)
		snprintf(text, size, "%s", service->s_name);
	else if (port)
		snprintf(text, size, "%u", port);
	else
		snprintf(text, size, "*");
}

void ss_sock_json(const struct ss_sock *sock, const struct ss_show *show)
{
	unsigned int ifindex = nl_u32(sock->tb[TOY_SOCK_A_IFINDEX]);
	char buf[FMT_ADDR_SIZE];

	fmt_begin(NULL);
	fmt_str("netid", NULL, sock->proto);
	fmt_str("state", NULL, word_name(ss_state_words, sock->state, "?"));
	fmt_num("recv_q", NULL, nl_u32(sock->tb[TOY_SOCK_A_RQUEUE]));
	fmt_num("send_q", NULL, nl_u32(sock->tb[TOY_SOCK_A_WQUEUE]));
	fmt_str("local", NULL, fmt_addr(&sock->local, buf));
	fmt_num("lport", NULL, sock->lport);
	fmt_str("peer", NULL, fmt_addr(&sock->peer, buf));
	fmt_num("pport", NULL, sock->pport);
	if (ifindex)
		fmt_str("ifname", NULL, fmt_dev(ifindex, buf));
	ss_details(sock, show);
	fmt_end();
}

void ss_sock_plain(const struct ss_sock *sock, const struct ss_show *show,
		   struct ss_row *row)
{
	size_t len;
	FILE *old;

	snprintf(row->col[SS_NETID], SS_COL_SIZE, "%s", sock->proto);
	snprintf(row->col[SS_STATE], SS_COL_SIZE, "%s",
		 word_name(ss_state_words, sock->state, "?"));
	snprintf(row->col[SS_RECVQ], SS_COL_SIZE, "%u",
		 nl_u32(sock->tb[TOY_SOCK_A_RQUEUE]));
	snprintf(row->col[SS_SENDQ], SS_COL_SIZE, "%u",
		 nl_u32(sock->tb[TOY_SOCK_A_WQUEUE]));
	print_addr(sock, false, row->col[SS_LADDR]);
	print_port(sock, sock->lport, row->col[SS_LPORT], SS_COL_SIZE);
	print_addr(sock, true, row->col[SS_PADDR]);
	print_port(sock, sock->pport, row->col[SS_PPORT], SS_COL_SIZE);

	old = fmt_output(open_memstream(&row->details, &len));
	ss_details(sock, show);
	fclose(fmt_output(old));
}
