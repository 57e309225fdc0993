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
#include "route.h"

static const char usage[] =
	"Usage: toy route { add | append | replace } [ TYPE ] PREFIX [ WAY | NEXTHOPS ]\n"
	"                 [ src ADDRESS ] [ metric NUMBER ] [ scope SCOPE ]\n"
	"                 [ expires SECONDS ] [ onlink ] [ OPTIONS ]\n"
	"       toy route del [ TYPE ] PREFIX [ via ADDRESS ] [ dev DEV ] [ metric NUMBER ]\n"
	"       toy route [ show [ all | cache ] [ [ dev ] DEV ] ]\n"
	"       toy route get ADDRESS [ from ADDRESS ] [ oif DEV ] [ mark NUMBER ]\n"
	"       toy route flush cache\n"
	"\n"
	"PREFIX := default | ADDRESS[/LENGTH]\n"
	"TYPE := unicast | local | blackhole | unreachable | prohibit\n"
	"WAY := [ via ADDRESS ] [ dev DEV ]\n"
	"NEXTHOPS := nexthop WAY [ weight NUMBER ] [ NEXTHOPS ]\n"
	"OPTIONS := [ mtu [ lock ] NUMBER ] [ window NUMBER ] [ advmss NUMBER ]\n"
	"           [ initcwnd NUMBER ] [ initrwnd NUMBER ] [ hoplimit NUMBER ]\n"
	"           [ features ecn ]\n"
	"SCOPE := global | site | link | host\n"
	"show all: routes to local and broadcast addresses, too\n"
	"cache: what ICMP has told about the way to single destinations\n";

enum verb { ADD, APPEND, REPLACE, DEL, SHOW, GET, FLUSH };

static const struct word verbs[] = {
	{ "add", ADD }, { "append", APPEND }, { "replace", REPLACE },
	{ "change", REPLACE }, { "delete", DEL },
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ "get", GET }, { "flush", FLUSH },
	{ }
};

enum {
	VIA, DEV, SRC, METRIC, MTU, SCOPE, FROM, NEXTHOP, WINDOW, ADVMSS,
	INITCWND, INITRWND, HOPLIMIT, FEATURES, ONLINK, EXPIRES, MARK, WEIGHT
};

static const struct word change_keywords[] = {
	{ "via", VIA }, { "dev", DEV }, { "src", SRC }, { "metric", METRIC },
	{ "mtu", MTU }, { "scope", SCOPE }, { "nexthop", NEXTHOP },
	{ "window", WINDOW }, { "advmss", ADVMSS }, { "initcwnd", INITCWND },
	{ "initrwnd", INITRWND }, { "hoplimit", HOPLIMIT },
	{ "features", FEATURES }, { "onlink", ONLINK },
	{ "expires", EXPIRES }, { }
};

static const struct word hop_keywords[] = {
	{ "via", VIA }, { "dev", DEV }, { "weight", WEIGHT }, { }
};

static const struct word get_keywords[] = {
	{ "dev", DEV }, { "oif", DEV }, { "from", FROM }, { "mark", MARK }, { }
};

static const struct {
	uint16_t attr;
	const char *name;	/* of a number */
} keys[] = {
	[VIA]		= { TOY_ROUTE_A_GATEWAY, NULL },
	[SRC]		= { TOY_ROUTE_A_PREFSRC, NULL },
	[FROM]		= { TOY_ROUTE_A_SRC, NULL },
	[METRIC]	= { TOY_ROUTE_A_METRIC, "metric" },
	[WINDOW]	= { TOY_ROUTE_A_WINDOW, "window" },
	[ADVMSS]	= { TOY_ROUTE_A_ADVMSS, "segment size" },
	[INITCWND]	= { TOY_ROUTE_A_INITCWND, "window" },
	[INITRWND]	= { TOY_ROUTE_A_INITRWND, "window" },
	[HOPLIMIT]	= { TOY_ROUTE_A_HOPLIMIT, "hop limit" },
	[MARK]		= { TOY_ROUTE_A_MARK, "mark" },
};

static uint32_t arg_seconds(const char *text)
{
	uint32_t value = arg_u32("number of seconds", text);

	if (!value || value > UINT32_MAX / 1000)
		usage_error("\"%s\" is no number of seconds", text);
	return value;
}

/* "mtu lock 1400" */
static uint32_t put_mtu(struct nlmsghdr *nlh, char ***argv)
{
	const char *value = arg_value(argv);
	uint32_t flags = 0;

	if (!strcmp(value, "lock")) {
		--*argv;
		value = arg_value(argv);
		flags = TOY_ROUTE_F_LOCK_MTU;
	}
	mnl_attr_put_u32(nlh, TOY_ROUTE_A_MTU, arg_u32("MTU", value));
	return flags;
}

/* Returns flags of the route. */
static uint32_t put_keyword(struct nlmsghdr *nlh, const struct word *keywords,
			    char ***argv, unsigned int *seen)
{
	static const struct word features[] = {
		{ "ecn", TOY_ROUTE_F_ECN }, { }
	};
	int id = arg_keyword(*argv, keywords, seen);
	struct in6_addr addr;

	switch (id) {
	case DEV:
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_IFINDEX,
				 arg_dev(arg_value(argv)));
		return 0;
	case SCOPE:
		mnl_attr_put_u8(nlh, TOY_ROUTE_A_SCOPE,
				arg_word(argv, scope_words));
		return 0;
	case MTU:
		return put_mtu(nlh, argv);
	case FEATURES:
		return arg_word(argv, features);
	case ONLINK:
		++*argv;
		return TOY_ROUTE_F_ONLINK;
	case EXPIRES:
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_EXPIRES_MS,
				 1000 * arg_seconds(arg_value(argv)));
		return 0;
	}
	if (keys[id].name) {
		mnl_attr_put_u32(nlh, keys[id].attr,
				 arg_u32(keys[id].name, arg_value(argv)));
		return 0;
	}
	arg_addr(arg_value(argv), &addr);
	nl_put_addr(nlh, keys[id].attr, &addr);
	return 0;
}

/* "nexthop via ADDRESS dev DEV weight NUMBER", up to the next one. */
static void put_nexthop(struct nlmsghdr *nlh, char ***argv)
{
	struct nlattr *nest;
	struct in6_addr addr;
	unsigned int seen = 0;

	++*argv;
	nest = mnl_attr_nest_start(nlh, TOY_ROUTE_A_NEXTHOP);
	while (**argv && word_find(hop_keywords, **argv) >= 0) {
		switch (arg_keyword(*argv, hop_keywords, &seen)) {
		case VIA:
			arg_addr(arg_value(argv), &addr);
			nl_put_addr(nlh, TOY_NEXTHOP_A_GATEWAY, &addr);
			break;
		case DEV:
			mnl_attr_put_u32(nlh, TOY_NEXTHOP_A_IFINDEX,
					 arg_dev(arg_value(argv)));
			break;
		default:
			mnl_attr_put_u32(nlh, TOY_NEXTHOP_A_WEIGHT,
					 arg_u32("weight", arg_value(argv)));
			break;
		}
	}
	mnl_attr_nest_end(nlh, nest);
	if (!seen)
		usage_error("\"nexthop\" wants \"via\" or \"dev\"");
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
		type = word_find(route_types, **argv);
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
	uint32_t flags = 0;

	put_type(nlh, &argv);
	if (*argv && !strcmp(*argv, "to"))
		argv++;
	put_destination(nlh, &argv);
	while (*argv) {
		if (word_find(change_keywords, *argv) == NEXTHOP)
			put_nexthop(nlh, &argv);
		else
			flags |= put_keyword(nlh, change_keywords, &argv,
					     &seen);
	}
	if (flags)
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_FLAGS, flags);
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
	ret = nl_talk(nlh, route_print_path, &view);
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
	} else if (*argv && !strcmp(*argv, "cache")) {
		mnl_attr_put(nlh, TOY_ROUTE_A_CACHE, 0, NULL);
		argv++;
	}
	view.ifindex = arg_only_dev(argv);
	return nl_show(nlh, route_print, &view);
}

static int flush(char **argv)
{
	struct nlmsghdr *nlh = nl_request(TOY_CMD_ROUTE_FLUSH, 0);

	if (!*argv || strcmp(*argv, "cache"))
		usage_error("only the cache can be emptied");
	arg_end(argv + 1);
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

int do_route(char **argv)
{
	enum verb verb = arg_verb(&argv, verbs, usage);

	if (verb == SHOW)
		return show(argv);
	if (verb == GET)
		return get(argv);
	if (verb == FLUSH)
		return flush(argv);
	return change(verb, argv);
}
