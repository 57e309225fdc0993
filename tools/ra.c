// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy ra - what IPv6 routers have advertised: who they are, the prefixes of the
 * link, routes, DNS servers and search domains
 */
#include <linux/toy.h>
#include <stdio.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

#define LFT_FOREVER	0xffffffffU

static const char usage[] =
	"Usage: toy ra [ show [ [ dev ] DEV ] ]\n"
	"\n"
	"router   a default router, with what it says about the link\n"
	"prefix   of the link (onlink), or to make addresses of (auto)\n"
	"route    via the router that announces it\n"
	"dns      recursive DNS server\n"
	"search   DNS search domain\n";

static const struct word kind_words[] = {
	{ "router", TOY_RA_ROUTER },
	{ "prefix", TOY_RA_PREFIX },
	{ "route", TOY_RA_ROUTE },
	{ "dns", TOY_RA_DNS },
	{ "search", TOY_RA_SEARCH },
	{ }
};

static const struct word flag_words[] = {
	{ "managed", TOY_RA_F_MANAGED },
	{ "other", TOY_RA_F_OTHER },
	{ "onlink", TOY_RA_F_ONLINK },
	{ "auto", TOY_RA_F_AUTO },
	{ "unreachable", TOY_RA_F_UNREACHABLE },
	{ "nodefault", TOY_RA_F_NODEFAULT },
	{ }
};

static const struct nl_attr policy[TOY_RA_A_MAX + 1] = {
	[TOY_RA_A_KIND]		= { MNL_TYPE_U8, 0 },
	[TOY_RA_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_FROM]		= NL_ADDR,
	[TOY_RA_A_ADDR]		= NL_ADDR,
	[TOY_RA_A_PLEN]		= { MNL_TYPE_U8, 0 },
	[TOY_RA_A_LIFETIME]	= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_PREFERENCE]	= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_FLAGS]	= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_NAME]		= { MNL_TYPE_NUL_STRING, 0 },
	[TOY_RA_A_MTU]		= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_HOP_LIMIT]	= { MNL_TYPE_U8, 0 },
	[TOY_RA_A_REACHABLE_MS]	= { MNL_TYPE_U32, 0 },
	[TOY_RA_A_RETRANS_MS]	= { MNL_TYPE_U32, 0 },
};

/* What it is about: an address, a prefix or a name. */
static void print_object(const struct nlattr **tb)
{
	const struct in6_addr *addr = nl_addr(tb[TOY_RA_A_ADDR]);
	char buf[FMT_ADDR_SIZE];

	if (tb[TOY_RA_A_NAME])
		fmt_str("name", " %s", nl_str(tb[TOY_RA_A_NAME]));
	else if (addr && tb[TOY_RA_A_PLEN])
		fmt_str("dst", " %s",
			fmt_prefix(addr, nl_u8(tb[TOY_RA_A_PLEN]), buf));
	else if (addr)
		fmt_str("address", " %s", fmt_addr(addr, buf));
}

static void print_preference(int8_t preference)
{
	static const char * const names[] = { "low", "medium", "high" };

	if (preference >= -1 && preference <= 1)
		fmt_str("preference", preference ? " %s" : NULL,
			names[preference + 1]);
}

/* 0 is what a router leaves open. */
static void print_said(const char *key, const char *format, uint32_t value)
{
	if (value)
		fmt_num(key, format, value);
}

static int print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_RA_A_MAX + 1];
	char buf[FMT_ADDR_SIZE], dev[FMT_DEV_SIZE];
	const struct in6_addr *from;
	struct view *view = data;
	const struct word *w;
	uint32_t lifetime;

	nl_parse(nlh, policy, TOY_RA_A_MAX, tb);
	from = nl_addr(tb[TOY_RA_A_FROM]);
	lifetime = nl_u32(tb[TOY_RA_A_LIFETIME]);

	view_begin(view);
	fmt_str("kind", "%s", word_name(kind_words, nl_u8(tb[TOY_RA_A_KIND]),
					"unknown"));
	print_object(tb);
	fmt_str("dev", " dev %s", fmt_dev(nl_u32(tb[TOY_RA_A_IFINDEX]), dev));
	if (from)
		fmt_str("from", nl_u8(tb[TOY_RA_A_KIND]) == TOY_RA_ROUTER ?
				NULL : " from %s", fmt_addr(from, buf));
	fmt_num("lifetime", lifetime == LFT_FOREVER ? NULL :
		" lifetime %llusec", lifetime);
	if (lifetime == LFT_FOREVER)
		fmt_plain(" lifetime forever");
	if (tb[TOY_RA_A_PREFERENCE])
		print_preference(nl_u32(tb[TOY_RA_A_PREFERENCE]));
	for (w = flag_words; w->name; w++) {
		if (!(nl_u32(tb[TOY_RA_A_FLAGS]) & w->id))
			continue;
		fmt_plain(" ");
		fmt_flag(w->name, w->name);
	}
	print_said("mtu", " mtu %llu", nl_u32(tb[TOY_RA_A_MTU]));
	print_said("hop_limit", " hoplimit %llu",
		   nl_u8(tb[TOY_RA_A_HOP_LIMIT]));
	print_said("reachable_ms", " reachable %llums",
		   nl_u32(tb[TOY_RA_A_REACHABLE_MS]));
	print_said("retrans_ms", " retrans %llums",
		   nl_u32(tb[TOY_RA_A_RETRANS_MS]));
	view_end();
	return MNL_CB_OK;
}

int do_ra(char **argv)
{
	static const struct word verbs[] = {
		{ "show", 1 }, { "list", 1 }, { "lst", 1 }, { }
	};
	struct nlmsghdr *nlh;
	struct view view = { 0 };

	arg_verb(&argv, verbs, usage);
	view.ifindex = arg_only_dev(argv);
	nlh = nl_request(TOY_CMD_RA_GET, 0);
	if (view.ifindex)
		mnl_attr_put_u32(nlh, TOY_RA_A_IFINDEX, view.ifindex);
	return nl_show(nlh, print, &view);
}
