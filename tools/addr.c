// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy addr - the addresses of this host
 *
 * Netlink carries IPv4 as ::ffff:a.b.c.d with 96 bits more of prefix.
 */
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

#define LFT_FOREVER	0xffffffffU

static const char usage[] =
	"Usage: toy addr { add | replace } ADDRESS[/LENGTH] dev DEV [ scope SCOPE ]\n"
	"                [ broadcast ADDRESS ] [ preference NUMBER ] [ noprefixroute ]\n"
	"                [ nodad ] [ valid_lft LFT ] [ preferred_lft LFT ]\n"
	"       toy addr del ADDRESS[/LENGTH] dev DEV\n"
	"       toy addr [ show [ [ dev ] DEV ] ]\n"
	"\n"
	"SCOPE := global | site | link | host\n"
	"LFT := SECONDS | forever\n"
	"preference: a higher one wins when a source address is chosen\n";

enum verb { ADD, REPLACE, DEL, SHOW };

static const struct word verbs[] = {
	{ "add", ADD }, { "replace", REPLACE }, { "change", REPLACE },
	{ "delete", DEL },
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ }
};

const struct word scope_words[] = {
	{ "global", TOY_SCOPE_GLOBAL },
	{ "site", TOY_SCOPE_SITE },
	{ "link", TOY_SCOPE_LINK },
	{ "host", TOY_SCOPE_HOST },
	{ "nowhere", TOY_SCOPE_NOWHERE },
	{ }
};

static const struct word flag_words[] = {
	{ "tentative", TOY_ADDR_F_TENTATIVE },
	{ "optimistic", TOY_ADDR_F_OPTIMISTIC },
	{ "duplicate", TOY_ADDR_F_DUPLICATE },
	{ "deprecated", TOY_ADDR_F_DEPRECATED },
	{ "noprefixroute", TOY_ADDR_F_NOPREFIXROUTE },
	{ "autoconf", TOY_ADDR_F_AUTOCONF },
	{ "nodad", TOY_ADDR_F_NODAD },
	{ }
};

enum {
	DEV, SCOPE, BROADCAST, PREFERENCE, NOPREFIXROUTE, NODAD, VALID_LFT,
	PREFERRED_LFT,
};

static const struct word keywords[] = {
	{ "dev", DEV }, { "scope", SCOPE }, { "broadcast", BROADCAST },
	{ "brd", BROADCAST }, { "preference", PREFERENCE },
	{ "noprefixroute", NOPREFIXROUTE }, { "nodad", NODAD },
	{ "valid_lft", VALID_LFT }, { "preferred_lft", PREFERRED_LFT }, { }
};

static const struct nl_attr policy[TOY_ADDR_A_MAX + 1] = {
	[TOY_ADDR_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_ADDR_A_ADDR]	= NL_ADDR,
	[TOY_ADDR_A_PLEN]	= { MNL_TYPE_U8, 0 },
	[TOY_ADDR_A_SCOPE]	= { MNL_TYPE_U8, 0 },
	[TOY_ADDR_A_FLAGS]	= { MNL_TYPE_U32, 0 },
	[TOY_ADDR_A_BROADCAST]	= NL_ADDR,
	[TOY_ADDR_A_PREFERENCE]	= { MNL_TYPE_U32, 0 },
	[TOY_ADDR_A_VALID_LFT]	= { MNL_TYPE_U32, 0 },
	[TOY_ADDR_A_PREFERRED_LFT] = { MNL_TYPE_U32, 0 },
};

/* Most addresses last for ever: that is said in JSON only. */
static void print_lifetimes(const struct nlattr **tb)
{
	uint32_t valid, preferred;

	if (!tb[TOY_ADDR_A_VALID_LFT] || !tb[TOY_ADDR_A_PREFERRED_LFT])
		return;
	valid = nl_u32(tb[TOY_ADDR_A_VALID_LFT]);
	preferred = nl_u32(tb[TOY_ADDR_A_PREFERRED_LFT]);
	fmt_num("valid_life_time",
		valid == LFT_FOREVER ? NULL : " valid_lft %llusec", valid);
	fmt_num("preferred_life_time",
		preferred == LFT_FOREVER ? NULL : " preferred_lft %llusec",
		preferred);
}

static void print_prefix(const struct in6_addr *addr, unsigned int plen)
{
	char buf[FMT_ADDR_SIZE];

	fmt_str("family", " %s", fmt_family(addr));
	fmt_str("local", " %s", fmt_addr(addr, buf));
	fmt_num("prefixlen", "/%llu", fmt_plen(addr, plen));
}

int addr_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_ADDR_A_MAX + 1];
	char buf[FMT_ADDR_SIZE], number[8];
	const struct in6_addr *addr;
	struct view *view = data;
	const struct word *w;
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_ADDR_A_MAX, tb);
	addr = nl_addr(tb[TOY_ADDR_A_ADDR]);
	ifindex = nl_u32(tb[TOY_ADDR_A_IFINDEX]);
	if (!addr || !family_shown(addr) ||
	    (view->ifindex && view->ifindex != ifindex))
		return MNL_CB_OK;

	view_begin(view);
	fmt_num("ifindex", "%llu:", ifindex);
	fmt_str("ifname", " %s", fmt_dev(ifindex, buf));
	print_prefix(addr, nl_u8(tb[TOY_ADDR_A_PLEN]));
	if (tb[TOY_ADDR_A_BROADCAST])
		fmt_str("broadcast", " brd %s",
			fmt_addr(nl_addr(tb[TOY_ADDR_A_BROADCAST]), buf));
	snprintf(number, sizeof(number), "%u", nl_u8(tb[TOY_ADDR_A_SCOPE]));
	fmt_str("scope", " scope %s",
		word_name(scope_words, nl_u8(tb[TOY_ADDR_A_SCOPE]), number));
	if (nl_u32(tb[TOY_ADDR_A_PREFERENCE]))
		fmt_int("preference", " preference %d",
			(int)nl_u32(tb[TOY_ADDR_A_PREFERENCE]));
	for (w = flag_words; w->name; w++) {
		if (!(nl_u32(tb[TOY_ADDR_A_FLAGS]) & w->id))
			continue;
		fmt_plain(" ");
		fmt_flag(w->name, w->name);
	}
	print_lifetimes(tb);
	view_end();
	return MNL_CB_OK;
}

/* A signed number: lower than 0 makes an address the last choice. */
static int32_t read_preference(const char *text)
{
	if (text[0] == '-')
		return -(int32_t)arg_u32("preference", text + 1);
	return arg_u32("preference", text);
}

static uint32_t read_lifetime(const char *name, const char *text)
{
	return strcmp(text, "forever") ? arg_u32(name, text) : LFT_FOREVER;
}

/* Flags are one attribute, which is written when all of them are known. */
static void put_keyword(struct nlmsghdr *nlh, char ***argv, unsigned int *seen,
			uint32_t *flags)
{
	struct in6_addr addr;
	int32_t preference;

	switch (arg_keyword(*argv, keywords, seen)) {
	case DEV:
		mnl_attr_put_u32(nlh, TOY_ADDR_A_IFINDEX,
				 arg_dev(arg_value(argv)));
		break;
	case SCOPE:
		mnl_attr_put_u8(nlh, TOY_ADDR_A_SCOPE,
				arg_word(argv, scope_words));
		break;
	case BROADCAST:
		arg_addr(arg_value(argv), &addr);
		nl_put_addr(nlh, TOY_ADDR_A_BROADCAST, &addr);
		break;
	case PREFERENCE:
		preference = read_preference(arg_value(argv));
		mnl_attr_put_u32(nlh, TOY_ADDR_A_PREFERENCE, preference);
		break;
	case NOPREFIXROUTE:
		*flags |= TOY_ADDR_F_NOPREFIXROUTE;
		++*argv;
		break;
	case NODAD:
		*flags |= TOY_ADDR_F_NODAD;
		++*argv;
		break;
	case VALID_LFT:
		mnl_attr_put_u32(nlh, TOY_ADDR_A_VALID_LFT,
				 read_lifetime("valid_lft", arg_value(argv)));
		break;
	case PREFERRED_LFT:
		mnl_attr_put_u32(nlh, TOY_ADDR_A_PREFERRED_LFT,
				 read_lifetime("preferred_lft",
					       arg_value(argv)));
		break;
	}
}

static int change(enum verb verb, char **argv)
{
	static const uint16_t create[] = {
		[ADD] = NLM_F_CREATE | NLM_F_EXCL,
		[REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
		[DEL] = 0,
	};
	struct nlmsghdr *nlh = nl_request(verb == DEL ? TOY_CMD_ADDR_DEL :
					  TOY_CMD_ADDR_ADD, create[verb]);
	unsigned int seen = 0;
	struct in6_addr addr;
	uint32_t flags = 0;
	uint8_t plen;

	if (!*argv)
		usage_error("which address?");
	arg_prefix(*argv++, &addr, &plen);
	nl_put_addr(nlh, TOY_ADDR_A_ADDR, &addr);
	mnl_attr_put_u8(nlh, TOY_ADDR_A_PLEN, plen);
	while (*argv)
		put_keyword(nlh, &argv, &seen, &flags);
	if (flags)
		mnl_attr_put_u32(nlh, TOY_ADDR_A_FLAGS, flags);
	if (!(seen & 1U << DEV))
		usage_error("which device? \"dev DEV\" is missing");
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

int do_addr(char **argv)
{
	enum verb verb = arg_verb(&argv, verbs, usage);
	struct view view = { 0 };

	if (verb != SHOW)
		return change(verb, argv);
	view.ifindex = arg_only_dev(argv);
	return nl_show(nl_request(TOY_CMD_ADDR_GET, 0), addr_print, &view);
}
