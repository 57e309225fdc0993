// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy neigh - link-layer addresses of neighbours
 */
#include <linux/toy.h>
#include <stdio.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

#define LLADDR_MAX	32

static const char usage[] =
	"Usage: toy neigh { add | replace } ADDRESS lladdr LLADDR dev DEV [ nud STATE ]\n"
	"       toy neigh del ADDRESS dev DEV\n"
	"       toy neigh flush [ [ dev ] DEV ]\n"
	"       toy neigh [ show [ [ dev ] DEV ] ]\n"
	"\n"
	"STATE := permanent (default) | reachable | stale\n"
	"toy -s neigh: when an entry was used, confirmed and changed, in seconds\n";

enum verb { ADD, REPLACE, DEL, FLUSH, SHOW };

static const struct word verbs[] = {
	{ "add", ADD }, { "replace", REPLACE }, { "change", REPLACE },
	{ "delete", DEL }, { "flush", FLUSH },
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ }
};

static const struct word states[] = {
	{ "NONE", TOY_NUD_NONE },
	{ "INCOMPLETE", TOY_NUD_INCOMPLETE },
	{ "REACHABLE", TOY_NUD_REACHABLE },
	{ "STALE", TOY_NUD_STALE },
	{ "DELAY", TOY_NUD_DELAY },
	{ "PROBE", TOY_NUD_PROBE },
	{ "FAILED", TOY_NUD_FAILED },
	{ "PERMANENT", TOY_NUD_PERMANENT },
	{ }
};

static const struct word nud_words[] = {
	{ "permanent", TOY_NUD_PERMANENT },
	{ "reachable", TOY_NUD_REACHABLE },
	{ "stale", TOY_NUD_STALE },
	{ }
};

enum { LLADDR, DEV, NUD };

static const struct word keywords[] = {
	{ "lladdr", LLADDR }, { "dev", DEV }, { "nud", NUD }, { }
};

static const struct nl_attr policy[TOY_NEIGH_A_MAX + 1] = {
	[TOY_NEIGH_A_IFINDEX]		= { MNL_TYPE_U32, 0 },
	[TOY_NEIGH_A_DST]		= NL_ADDR,
	[TOY_NEIGH_A_LLADDR]		= { MNL_TYPE_BINARY, 0 },
	[TOY_NEIGH_A_STATE]		= { MNL_TYPE_U8, 0 },
	[TOY_NEIGH_A_USED_MS]		= { MNL_TYPE_U32, 0 },
	[TOY_NEIGH_A_CONFIRMED_MS]	= { MNL_TYPE_U32, 0 },
	[TOY_NEIGH_A_UPDATED_MS]	= { MNL_TYPE_U32, 0 },
	[TOY_NEIGH_A_PROBES]		= { MNL_TYPE_U8, 0 },
	[TOY_NEIGH_A_QUEUED]		= { MNL_TYPE_U32, 0 },
};

/* JSON has them always, plain text with -s. */
static void print_stats(const struct nlattr **tb)
{
	bool plain = opt.stats;

	if (tb[TOY_NEIGH_A_USED_MS])
		fmt_real("used", plain ? " used %.1f" : NULL,
			 nl_u32(tb[TOY_NEIGH_A_USED_MS]) / 1000.0);
	if (tb[TOY_NEIGH_A_CONFIRMED_MS])
		fmt_real("confirmed", plain ? " confirmed %.1f" : NULL,
			 nl_u32(tb[TOY_NEIGH_A_CONFIRMED_MS]) / 1000.0);
	if (tb[TOY_NEIGH_A_UPDATED_MS])
		fmt_real("updated", plain ? " updated %.1f" : NULL,
			 nl_u32(tb[TOY_NEIGH_A_UPDATED_MS]) / 1000.0);
	if (tb[TOY_NEIGH_A_PROBES])
		fmt_num("probes", plain ? " probes %llu" : NULL,
			nl_u8(tb[TOY_NEIGH_A_PROBES]));
	if (tb[TOY_NEIGH_A_QUEUED])
		fmt_num("queued", plain ? " queued %llu" : NULL,
			nl_u32(tb[TOY_NEIGH_A_QUEUED]));
}

int neigh_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_NEIGH_A_MAX + 1], *lladdr;
	char addr[FMT_ADDR_SIZE], dev[FMT_DEV_SIZE];
	char mac[FMT_LLADDR_SIZE];
	const struct in6_addr *dst;
	struct view *view = data;
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_NEIGH_A_MAX, tb);
	dst = nl_addr(tb[TOY_NEIGH_A_DST]);
	ifindex = nl_u32(tb[TOY_NEIGH_A_IFINDEX]);
	if (!dst || !family_shown(dst) ||
	    (view->ifindex && view->ifindex != ifindex))
		return MNL_CB_OK;

	view_begin(view);
	fmt_str("dst", "%s", fmt_addr(dst, addr));
	fmt_str("dev", " dev %s", fmt_dev(ifindex, dev));
	lladdr = tb[TOY_NEIGH_A_LLADDR];
	if (lladdr && mnl_attr_get_payload_len(lladdr))
		fmt_str("lladdr", " lladdr %s",
			fmt_lladdr(mnl_attr_get_payload(lladdr),
				   mnl_attr_get_payload_len(lladdr), mac));
	print_stats(tb);
	if (tb[TOY_NEIGH_A_STATE]) {
		unsigned int state = nl_u8(tb[TOY_NEIGH_A_STATE]);

		fmt_list_begin("state");
		fmt_str(NULL, state == TOY_NUD_NONE ? NULL : " %s",
			word_name(states, state, "?"));
		fmt_list_end();
	}
	view_end();
	return MNL_CB_OK;
}

static void put_keyword(struct nlmsghdr *nlh, char ***argv, unsigned int *seen)
{
	uint8_t lladdr[LLADDR_MAX];
	unsigned int len;

	switch (arg_keyword(*argv, keywords, seen)) {
	case LLADDR:
		len = arg_lladdr(arg_value(argv), lladdr, sizeof(lladdr));
		mnl_attr_put(nlh, TOY_NEIGH_A_LLADDR, len, lladdr);
		break;
	case DEV:
		mnl_attr_put_u32(nlh, TOY_NEIGH_A_IFINDEX,
				 arg_dev(arg_value(argv)));
		break;
	case NUD:
		mnl_attr_put_u8(nlh, TOY_NEIGH_A_STATE,
				arg_word(argv, nud_words));
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
	struct nlmsghdr *nlh = nl_request(verb == DEL ? TOY_CMD_NEIGH_DEL :
					  TOY_CMD_NEIGH_ADD, create[verb]);
	unsigned int seen = 0;
	struct in6_addr dst;

	if (!*argv)
		usage_error("which address?");
	arg_addr(*argv++, &dst);
	nl_put_addr(nlh, TOY_NEIGH_A_DST, &dst);
	while (*argv)
		put_keyword(nlh, &argv, &seen);
	if (!(seen & 1U << DEV))
		usage_error("which device? \"dev DEV\" is missing");
	if (verb != DEL && !(seen & 1U << LLADDR))
		usage_error("which link-layer address? \"lladdr LLADDR\" is missing");
	if (verb != DEL && !(seen & 1U << NUD))
		mnl_attr_put_u8(nlh, TOY_NEIGH_A_STATE, TOY_NUD_PERMANENT);
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

static int flush(char **argv)
{
	struct nlmsghdr *nlh = nl_request(TOY_CMD_NEIGH_FLUSH, 0);
	unsigned int ifindex = arg_only_dev(argv);

	if (ifindex)
		mnl_attr_put_u32(nlh, TOY_NEIGH_A_IFINDEX, ifindex);
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

int do_neigh(char **argv)
{
	enum verb verb = arg_verb(&argv, verbs, usage);
	struct view view = { 0 };

	if (verb == FLUSH)
		return flush(argv);
	if (verb != SHOW)
		return change(verb, argv);
	view.ifindex = arg_only_dev(argv);
	return nl_show(nl_request(TOY_CMD_NEIGH_GET, 0), neigh_print, &view);
}
