// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy ss - sockets, the options and columns of ss(8)
 *
 * The kernel dumps all sockets, the choice is made here.
 */
#include <errno.h>
#include <linux/toy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"
#include "ss.h"
#include "ss_table.h"

static const char usage[] =
	"Usage: toy ss [ OPTIONS ] [ FILTER ]\n"
	"\n"
	"-a  all sockets            -l  listening sockets\n"
	"-t  TCP                    -u  UDP\n"
	"-w  raw and ping           -4, -6  IPv4 or IPv6 only\n"
	"-n  numbers, no names      -H  no header\n"
	"-p  processes              -e  owner, inode, cookie\n"
	"-m  memory                 -o  timers\n"
	"-i  TCP internals          -s  summary\n"
	"-K  close what is printed  -E  sockets as they close\n"
	"\n"
	"FILTER := [ state NAME ... ] [ exclude NAME ... ] [ EXPRESSION ]\n"
	"EXPRESSION: src HOST[:PORT], dst HOST[:PORT], sport = :PORT, dport = :PORT,\n"
	"            joined by and, or, not, ( )\n"
	"NAME := established | syn-sent | syn-recv | fin-wait-1 | fin-wait-2 | time-wait |\n"
	"        closed | close-wait | last-ack | listening | closing |\n"
	"        all | connected | synchronized | bucket | big\n";

#define BIT(n)		(1U << (n))
#define SYN_RECV	(BIT(SS_SYN_RECV) | BIT(SS_NEW_SYN_RECV))
#define LISTENING	(BIT(SS_LISTEN) | BIT(SS_CLOSE))
#define CONNECTED	(SS_ALL & ~LISTENING)
#define SYNCHRONIZED	(CONNECTED & ~BIT(SS_SYN_SENT))
#define BUCKET		(SYN_RECV | BIT(SS_TIME_WAIT))

/* Transports as a set, in the order of the summary. */
enum transport { TCP, UDP, RAW, OTHER, TRANSPORTS };

/**
 * struct victim - a socket to close
 * @cookie: which one
 * @sock: how the kernel finds it
 */
struct victim {
	uint64_t	cookie;
	uint32_t	protocol;
	struct ss_sock	sock;
};

static struct {
	unsigned int		states;
	unsigned int		transports;
	struct ss_filter	*filter;
	struct ss_show		show;
	bool			kill;
	bool			events;
	bool			summary;
	bool			no_header;
	struct ss_table		table;
	struct ss_counts	counts[TRANSPORTS];
	struct victim		*victims;
	size_t			victim_count;
} ss = {
	.counts = { { .name = "TCP" }, { .name = "UDP" }, { .name = "RAW" },
		    { .name = "Other" } },
};

unsigned int ss_state_set(const char *name)
{
	static const struct word names[] = {
		{ "established", BIT(SS_ESTABLISHED) },
		{ "syn-sent", BIT(SS_SYN_SENT) },
		{ "syn-recv", SYN_RECV },
		{ "fin-wait-1", BIT(SS_FIN_WAIT1) },
		{ "fin-wait-2", BIT(SS_FIN_WAIT2) },
		{ "time-wait", BIT(SS_TIME_WAIT) },
		{ "closed", BIT(SS_CLOSE) },
		{ "unconnected", BIT(SS_CLOSE) },
		{ "close-wait", BIT(SS_CLOSE_WAIT) },
		{ "last-ack", BIT(SS_LAST_ACK) },
		{ "listening", BIT(SS_LISTEN) },
		{ "closing", BIT(SS_CLOSING) },
		{ "all", SS_ALL },
		{ "connected", CONNECTED },
		{ "synchronized", SYNCHRONIZED },
		{ "bucket", BUCKET },
		{ "big", SS_ALL & ~BUCKET },
		{ }
	};
	int set = word_find(names, name);

	if (set < 0)
		usage_error("\"%s\" is no state of a socket", name);
	return set;
}

/* ---- Which sockets ---------------------------------------------------- */

static enum transport transport(const char *proto)
{
	if (!strcmp(proto, "tcp"))
		return TCP;
	if (!strcmp(proto, "udp"))
		return UDP;
	if (!strcmp(proto, "raw") || !strncmp(proto, "icmp", 4))
		return RAW;
	return OTHER;
}

static bool wanted(const struct ss_sock *sock)
{
	if (!(ss.transports & BIT(transport(sock->proto))) ||
	    !(ss.states & BIT(sock->state)))
		return false;
	if (opt.family &&
	    opt.family != (ss_sock_is_v4(sock) ? AF_INET : AF_INET6))
		return false;
	return ss_filter_match(ss.filter, sock);
}

/* ---- Closing ---------------------------------------------------------- */

static void add_victim(const struct ss_sock *sock)
{
	struct victim *more = realloc(ss.victims, (ss.victim_count + 1) *
						  sizeof(*more));

	if (!more)
		usage_error("out of memory");
	ss.victims = more;
	ss.victims[ss.victim_count++] = (struct victim){
		.cookie = nl_u64(sock->tb[TOY_SOCK_A_COOKIE]),
		.protocol = nl_u32(sock->tb[TOY_SOCK_A_PROTOCOL]),
		.sock = *sock,
	};
	ss.victims[ss.victim_count - 1].sock.tb = NULL;
}

/* The filter was applied here, so each request names one socket exactly. */
static int kill_victims(void)
{
	int ret, code = 0;
	size_t i;

	for (i = 0; i < ss.victim_count; i++) {
		const struct victim *v = &ss.victims[i];
		struct nlmsghdr *nlh = nl_request(TOY_CMD_SOCK_KILL, 0);

		mnl_attr_put_u32(nlh, TOY_SOCK_A_PROTOCOL, v->protocol);
		nl_put_addr(nlh, TOY_SOCK_A_LADDR, &v->sock.local);
		mnl_attr_put_u16(nlh, TOY_SOCK_A_LPORT, v->sock.lport);
		nl_put_addr(nlh, TOY_SOCK_A_RADDR, &v->sock.peer);
		mnl_attr_put_u16(nlh, TOY_SOCK_A_RPORT, v->sock.pport);
		/* What is no socket has none; it is not to be taken for one
		 * that has its place by now.
		 */
		if (v->cookie)
			mnl_attr_put_u64(nlh, TOY_SOCK_A_COOKIE, v->cookie);
		else
			mnl_attr_put_u8(nlh, TOY_SOCK_A_STATE, v->sock.state);
		/* It may have closed by itself meanwhile. */
		ret = nl_talk_quiet(nlh, ENOENT);
		if (ret && ret != -ENOENT)
			code = EXIT_KERNEL;
	}
	free(ss.victims);
	return code;
}

/* ---- The command ------------------------------------------------------ */

/* As ss counts: TIME-WAIT and unbound ones are closed, half-open connections
 * are no sockets, and one without an inode has lost its program.
 */
static void count_tcp(struct ss_counts *counts, const struct ss_sock *sock)
{
	switch (sock->state) {
	case SS_SYN_RECV:
	case SS_NEW_SYN_RECV:
		counts->syn_recv++;
		return;
	case SS_TIME_WAIT:
		counts->time_wait++;
		counts->closed++;
		return;
	case SS_CLOSE:
		counts->closed++;
		return;
	}
	counts->established += sock->state == SS_ESTABLISHED;
	counts->listening += sock->state == SS_LISTEN;
	counts->orphaned += !nl_u64(sock->tb[TOY_SOCK_A_INODE]);
	if (ss_sock_is_v4(sock))
		counts->v4++;
	else
		counts->v6++;
}

static void count(const struct ss_sock *sock)
{
	enum transport t = transport(sock->proto);

	if (t == TCP)
		count_tcp(&ss.counts[TCP], sock);
	else if (ss_sock_is_v4(sock))
		ss.counts[t].v4++;
	else
		ss.counts[t].v6++;
}

static int on_sock(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_SOCK_A_MAX + 1];
	struct ss_sock sock;

	(void)data;
	ss_sock_read(&sock, nlh, tb);
	if (!wanted(&sock))
		return MNL_CB_OK;
	if (ss.kill)
		add_victim(&sock);
	if (ss.summary)
		count(&sock);
	else if (opt.json)
		ss_sock_json(&sock, &ss.show);
	else
		ss_sock_plain(&sock, &ss.show, ss_table_row(&ss.table));
	return MNL_CB_OK;
}

static void option(char letter)
{
	switch (letter) {
	case 'a':
		ss.states = SS_ALL;
		break;
	case 'l':
		ss.states = ss.states == SS_ALL ? SS_ALL : LISTENING;
		break;
	case 't':
		ss.transports |= BIT(TCP);
		break;
	case 'u':
		ss.transports |= BIT(UDP);
		break;
	case 'w':
		ss.transports |= BIT(RAW);
		break;
	case 'n':
		opt.numeric = true;
		break;
	case 'i':
		ss.show.info = true;
		break;
	case 'm':
		ss.show.memory = true;
		break;
	case 'p':
		ss.show.processes = true;
		break;
	case 'o':
		ss.show.timer = true;
		break;
	case 'e':
		ss.show.extended = true;
		ss.show.timer = true;
		break;
	case 's':
		ss.summary = true;
		break;
	case 'K':
		ss.kill = true;
		break;
	case 'E':
		ss.events = true;
		break;
	case 'H':
		ss.no_header = true;
		break;
	case '4':
		opt.family = AF_INET;
		break;
	case '6':
		opt.family = AF_INET6;
		break;
	case 'j':
		opt.json = true;
		fmt_json(true);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		usage_error("ss knows no -%c, try \"toy ss help\"", letter);
	}
}

static char **read_options(char **argv)
{
	const char *p;

	ss.summary = opt.stats;
	for (; *argv && (*argv)[0] == '-' && (*argv)[1]; argv++)
		for (p = *argv + 1; *p; p++)
			option(*p);
	if (ss.events && (ss.kill || ss.summary))
		usage_error("ss -E does not go with -K or -s");
	if (ss.summary)
		ss.states = SS_ALL;
	/* As ss(8): those that are gone. */
	if (!ss.states && ss.events)
		ss.states = BIT(SS_CLOSE);
	if (!ss.states)
		ss.states = CONNECTED & ~BUCKET;
	if (!ss.transports)
		ss.transports = BIT(TRANSPORTS) - 1;
	return argv;
}

/* A name may stand for two numbers: a connection is half open with a socket or
 * without one.
 */
static bool several_states(unsigned int states)
{
	return states != SYN_RECV && states & (states - 1);
}

static int print_all(void)
{
	/* As ss(8): what was asked for by name needs no column. */
	const struct ss_layout layout = {
		.netid	= ss.transports & (ss.transports - 1),
		.state	= several_states(ss.states),
		.header	= !ss.no_header,
	};
	int ret;

	if (opt.json && !ss.summary)
		return nl_show(nl_request(TOY_CMD_SOCK_GET, 0), on_sock, NULL);
	ret = nl_dump(nl_request(TOY_CMD_SOCK_GET, 0), on_sock, NULL);
	if (ret)
		return EXIT_KERNEL;
	if (ss.summary)
		ss_summary_print(ss.counts, TRANSPORTS);
	else
		ss_table_print(&ss.table, &layout);
	ss_table_free(&ss.table);
	return 0;
}

/* ---- Events ----------------------------------------------------------- */

static struct ss_layout event_layout(bool header)
{
	return (struct ss_layout){
		.netid	= ss.transports & (ss.transports - 1),
		.state	= several_states(ss.states),
		.header	= header,
		.live	= true,
	};
}

/* Closed is who is gone; who has closed its connection may open another. */
static int on_sock_event(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_SOCK_A_MAX + 1];
	bool gone = nl_command(nlh) == TOY_CMD_SOCK_KILL;
	struct ss_layout layout = event_layout(false);
	struct ss_sock sock;

	(void)data;
	ss_sock_read(&sock, nlh, tb);
	if (gone)
		sock.state = SS_CLOSE;
	else if (sock.state == SS_CLOSE)
		return MNL_CB_OK;
	if (!wanted(&sock))
		return MNL_CB_OK;
	if (opt.json) {
		ss_sock_json(&sock, &ss.show);
	} else {
		ss_sock_plain(&sock, &ss.show, ss_table_row(&ss.table));
		ss_table_print(&ss.table, &layout);
		ss_table_free(&ss.table);
	}
	fflush(stdout);
	return MNL_CB_OK;
}

static int follow(void)
{
	struct ss_layout layout = event_layout(true);

	if (!opt.json && !ss.no_header) {
		ss_table_print(&ss.table, &layout);
		fflush(stdout);
	}
	return nl_listen(TOY_GENL_MCGRP_SOCKETS, on_sock_event);
}

int do_ss(char **argv)
{
	int ret;

	if (*argv && !strcmp(*argv, "help"))
		option('h');
	argv = read_options(argv);
	ss.filter = ss_filter_parse(argv, &ss.states);
	if (ss.events)
		return follow();
	ret = print_all();
	if (!ret && ss.kill)
		ret = kill_victims();
	return ret;
}
