// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy route - where packets go
 */
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy route { add | append | replace } [ TYPE ] PREFIX [ via ADDRESS ]\n"
	"                 [ dev DEV ] [ src ADDRESS ] [ metric NUMBER ] [ mtu NUMBER ]\n"
	"                 [ scope SCOPE ]\n"
	"       toy route del [ TYPE ] PREFIX [ via ADDRESS ] [ dev DEV ] [ metric NUMBER ]\n"
	"       toy route [ show [ all ] [ [ dev ] DEV ] ]\n"
	"       toy route get ADDRESS [ from ADDRESS ] [ dev DEV ]\n"
	"\n"
	"PREFIX := default | ADDRESS[/LENGTH]\n"
	"TYPE := unicast | local | blackhole | unreachable | prohibit\n"
	"SCOPE := global | site | link | host\n"
	"show all: routes to local and broadcast addresses, too\n";

enum verb { ADD, APPEND, REPLACE, DEL, SHOW, GET };

static const struct word verbs[] = {
	{ "add", ADD }, { "append", APPEND }, { "replace", REPLACE },
	{ "change", REPLACE }, { "delete", DEL },
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ "get", GET },
	{ }
};

static const struct word types[] = {
	{ "unicast", TOY_ROUTE_UNICAST },
	{ "local", TOY_ROUTE_LOCAL },
	{ "broadcast", TOY_ROUTE_BROADCAST },
	{ "multicast", TOY_ROUTE_MULTICAST },
	{ "blackhole", TOY_ROUTE_BLACKHOLE },
	{ "unreachable", TOY_ROUTE_UNREACHABLE },
	{ "prohibit", TOY_ROUTE_PROHIBIT },
	{ }
};

static const struct word origins[] = {
	{ "kernel", TOY_ORIGIN_KERNEL },
	{ "static", TOY_ORIGIN_STATIC },
	{ }
};

enum { VIA, DEV, SRC, METRIC, MTU, SCOPE, FROM };

static const struct word change_keywords[] = {
	{ "via", VIA }, { "dev", DEV }, { "src", SRC }, { "metric", METRIC },
	{ "mtu", MTU }, { "scope", SCOPE }, { }
};

static const struct word get_keywords[] = {
	{ "dev", DEV }, { "oif", DEV }, { "from", FROM }, { }
};

static const struct nl_attr policy[TOY_ROUTE_A_MAX + 1] = {
	[TOY_ROUTE_A_DST]	= NL_ADDR,
	[TOY_ROUTE_A_PLEN]	= { MNL_TYPE_U8, 0 },
	[TOY_ROUTE_A_GATEWAY]	= NL_ADDR,
	[TOY_ROUTE_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_PREFSRC]	= NL_ADDR,
	[TOY_ROUTE_A_METRIC]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_MTU]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_TYPE]	= { MNL_TYPE_U8, 0 },
	[TOY_ROUTE_A_ORIGIN]	= { MNL_TYPE_U8, 0 },
	[TOY_ROUTE_A_SCOPE]	= { MNL_TYPE_U8, 0 },
	[TOY_ROUTE_A_SRC]	= NL_ADDR,
};

/* "default", a host's address, or ADDRESS/LENGTH. */
static void print_destination(const struct nlattr **tb)
{
	const struct in6_addr *dst = nl_addr(tb[TOY_ROUTE_A_DST]);
	unsigned int type = nl_u8(tb[TOY_ROUTE_A_TYPE]);
	unsigned int plen = 128;
	char buf[FMT_ADDR_SIZE];

	if (tb[TOY_ROUTE_A_PLEN])
		plen = nl_u8(tb[TOY_ROUTE_A_PLEN]);
	if (type != TOY_ROUTE_UNICAST)
		fmt_plain("%s ", word_name(types, type, "?"));
	if (!fmt_plen(dst, plen))
		fmt_str("dst", "%s", "default");
	else if (fmt_is_host(plen))
		fmt_str("dst", "%s", fmt_addr(dst, buf));
	else
		fmt_str("dst", "%s", fmt_prefix(dst, plen, buf));
}

static void print_addr(const char *key, const char *format,
		       const struct nlattr *attr)
{
	char buf[FMT_ADDR_SIZE];

	if (attr)
		fmt_str(key, format, fmt_addr(nl_addr(attr), buf));
}

/* A scope that follows from the type says nothing. */
static void print_scope(const struct nlattr **tb)
{
	unsigned int scope = nl_u8(tb[TOY_ROUTE_A_SCOPE]);

	if (tb[TOY_ROUTE_A_SCOPE] && scope != TOY_SCOPE_GLOBAL)
		fmt_str("scope", " scope %s",
			word_name(scope_words, scope, "?"));
}

int route_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_ROUTE_A_MAX + 1];
	const struct in6_addr *dst;
	struct view *view = data;
	char dev[FMT_DEV_SIZE];
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_ROUTE_A_MAX, tb);
	dst = nl_addr(tb[TOY_ROUTE_A_DST]);
	ifindex = nl_u32(tb[TOY_ROUTE_A_IFINDEX]);
	if (!dst || !family_shown(dst) ||
	    (view->ifindex && view->ifindex != ifindex))
		return MNL_CB_OK;

	view_begin(view);
	fmt_str("family", NULL, fmt_family(dst));
	fmt_str("type", NULL,
		word_name(types, nl_u8(tb[TOY_ROUTE_A_TYPE]), "?"));
	print_destination(tb);
	print_addr("from", " from %s", tb[TOY_ROUTE_A_SRC]);
	print_addr("gateway", " via %s", tb[TOY_ROUTE_A_GATEWAY]);
	if (ifindex)
		fmt_str("dev", " dev %s", fmt_dev(ifindex, dev));
	if (tb[TOY_ROUTE_A_ORIGIN])
		fmt_str("protocol", " proto %s",
			word_name(origins, nl_u8(tb[TOY_ROUTE_A_ORIGIN]), "?"));
	print_scope(tb);
	print_addr("prefsrc", " src %s", tb[TOY_ROUTE_A_PREFSRC]);
	if (nl_u32(tb[TOY_ROUTE_A_METRIC]))
		fmt_num("metric", " metric %llu",
			nl_u32(tb[TOY_ROUTE_A_METRIC]));
	if (nl_u32(tb[TOY_ROUTE_A_MTU]))
		fmt_num("mtu", " mtu %llu", nl_u32(tb[TOY_ROUTE_A_MTU]));
	view_end();
	return MNL_CB_OK;
}

static void put_keyword(struct nlmsghdr *nlh, const struct word *keywords,
			char ***argv, unsigned int *seen)
{
	static const uint16_t attrs[] = {
		[VIA] = TOY_ROUTE_A_GATEWAY, [DEV] = TOY_ROUTE_A_IFINDEX,
		[SRC] = TOY_ROUTE_A_PREFSRC, [METRIC] = TOY_ROUTE_A_METRIC,
		[MTU] = TOY_ROUTE_A_MTU, [SCOPE] = TOY_ROUTE_A_SCOPE,
		[FROM] = TOY_ROUTE_A_SRC,
	};
	int id = arg_keyword(*argv, keywords, seen);
	struct in6_addr addr;

	switch (id) {
	case DEV:
		mnl_attr_put_u32(nlh, attrs[id], arg_dev(arg_value(argv)));
		break;
	case SCOPE:
		mnl_attr_put_u8(nlh, attrs[id], arg_word(argv, scope_words));
		break;
	case METRIC:
		mnl_attr_put_u32(nlh, attrs[id],
				 arg_u32("metric", arg_value(argv)));
		break;
	case MTU:
		mnl_attr_put_u32(nlh, attrs[id],
				 arg_u32("MTU", arg_value(argv)));
		break;
	default:
		arg_addr(arg_value(argv), &addr);
		nl_put_addr(nlh, attrs[id], &addr);
		break;
	}
}

/* "default" is of IPv4 unless -6 or the gateway says otherwise. */
static bool default_is_v6(char **argv)
{
	if (opt.family != AF_UNSPEC)
		return opt.family == AF_INET6;
	for (; *argv; argv++)
		if (!strcmp(*argv, "via") && argv[1])
			return strchr(argv[1], ':');
	return false;
}

static void put_destination(struct nlmsghdr *nlh, char ***argv)
{
	struct in6_addr dst;
	const char *text;
	uint8_t plen;

	text = *(*argv)++;
	if (!text)
		usage_error("which prefix?");
	if (!strcmp(text, "default"))
		text = default_is_v6(*argv) ? "::/0" : "0.0.0.0/0";
	arg_prefix(text, &dst, &plen);
	nl_put_addr(nlh, TOY_ROUTE_A_DST, &dst);
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_PLEN, plen);
}

/* Digits and colons begin addresses, so a word that is no prefix is a type. */
static void put_type(struct nlmsghdr *nlh, char ***argv)
{
	int type = -1;

	if (**argv && strcmp(**argv, "default") && !strpbrk(**argv, ".:/"))
		type = word_find(types, **argv);
	if (type < 0)
		return;
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_TYPE, type);
	++*argv;
}

static int change(enum verb verb, char **argv)
{
	static const uint16_t create[] = {
		[ADD] = NLM_F_CREATE | NLM_F_EXCL,
		[APPEND] = NLM_F_CREATE | NLM_F_APPEND,
		[REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
		[DEL] = 0,
	};
	struct nlmsghdr *nlh = nl_request(verb == DEL ? TOY_CMD_ROUTE_DEL :
					  TOY_CMD_ROUTE_ADD, create[verb]);
	unsigned int seen = 0;

	put_type(nlh, &argv);
	if (*argv && !strcmp(*argv, "to"))
		argv++;
	put_destination(nlh, &argv);
	while (*argv)
		put_keyword(nlh, change_keywords, &argv, &seen);
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

static int get(char **argv)
{
	struct nlmsghdr *nlh = nl_request(TOY_CMD_ROUTE_GET, 0);
	struct view view = { 0 };
	struct in6_addr dst;
	unsigned int seen = 0;
	int ret;

	if (!*argv)
		usage_error("which address?");
	arg_addr(*argv++, &dst);
	nl_put_addr(nlh, TOY_ROUTE_A_DST, &dst);
	while (*argv)
		put_keyword(nlh, get_keywords, &argv, &seen);

	nl_open();
	fmt_list_begin(NULL);
	ret = nl_talk(nlh, route_print, &view);
	fmt_list_end();
	return ret ? EXIT_KERNEL : 0;
}

static int show(char **argv)
{
	struct nlmsghdr *nlh = nl_request(TOY_CMD_ROUTE_GET, 0);
	struct view view = { 0 };

	if (*argv && !strcmp(*argv, "all")) {
		mnl_attr_put(nlh, TOY_ROUTE_A_ALL, 0, NULL);
		argv++;
	}
	view.ifindex = arg_only_dev(argv);
	return nl_show(nlh, route_print, &view);
}

int do_route(char **argv)
{
	enum verb verb = arg_verb(&argv, verbs, usage);

	if (verb == SHOW)
		return show(argv);
	if (verb == GET)
		return get(argv);
	return change(verb, argv);
}
