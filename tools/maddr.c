// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy maddr - multicast groups that this host belongs to
 */
#include <linux/toy.h>
#include <stdio.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy maddr [ show [ [ dev ] DEV ] ]\n"
	"\n"
	"toy -s maddr: the version of IGMP or MLD on the link, and reports\n";

enum verb { SHOW };

static const struct word verbs[] = {
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ }
};

/* linux/in.h's MCAST_EXCLUDE and MCAST_INCLUDE. */
static const struct word modes[] = {
	{ "exclude", 0 }, { "include", 1 }, { }
};

static const struct nl_attr policy[TOY_MADDR_A_MAX + 1] = {
	[TOY_MADDR_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_MADDR_A_GROUP]	= NL_ADDR,
	[TOY_MADDR_A_USERS]	= { MNL_TYPE_U32, 0 },
	[TOY_MADDR_A_MODE]	= { MNL_TYPE_U8, 0 },
	[TOY_MADDR_A_SOURCES]	= { MNL_TYPE_BINARY, 0 },
	[TOY_MADDR_A_NSOURCES]	= { MNL_TYPE_U32, 0 },
	[TOY_MADDR_A_VERSION]	= { MNL_TYPE_U8, 0 },
	[TOY_MADDR_A_TIMER_MS]	= { MNL_TYPE_U32, 0 },
	[TOY_MADDR_A_REPORTER]	= { MNL_TYPE_FLAG, 0 },
};

static void print_sources(const struct nlattr **tb)
{
	const struct nlattr *attr = tb[TOY_MADDR_A_SOURCES];
	const struct in6_addr *src;
	char addr[FMT_ADDR_SIZE];
	uint32_t n, total;

	if (!attr)
		return;
	src = mnl_attr_get_payload(attr);
	n = mnl_attr_get_payload_len(attr) / sizeof(*src);
	fmt_list_begin("sources");
	for (uint32_t i = 0; i < n; i++) {
		struct in6_addr copy = src[i];

		fmt_str(NULL, i ? ",%s" : " %s", fmt_addr(&copy, addr));
	}
	fmt_list_end();
	total = nl_u32(tb[TOY_MADDR_A_NSOURCES]);
	if (total > n)
		fmt_num("more", " and %llu more", total - n);
}

/* JSON has them always, plain text with -s. */
static void print_stats(const struct nlattr **tb)
{
	bool plain = opt.stats;

	if (tb[TOY_MADDR_A_VERSION])
		fmt_num("version", plain ? " version %llu" : NULL,
			nl_u8(tb[TOY_MADDR_A_VERSION]));
	if (tb[TOY_MADDR_A_TIMER_MS])
		fmt_real("timer", plain ? " timer %.1f" : NULL,
			 nl_u32(tb[TOY_MADDR_A_TIMER_MS]) / 1000.0);
	if (tb[TOY_MADDR_A_REPORTER])
		fmt_str("reporter", plain ? " %s" : NULL, "reporter");
}

static int maddr_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_MADDR_A_MAX + 1];
	char addr[FMT_ADDR_SIZE], dev[FMT_DEV_SIZE];
	const struct in6_addr *group;
	struct view *view = data;
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_MADDR_A_MAX, tb);
	group = nl_addr(tb[TOY_MADDR_A_GROUP]);
	ifindex = nl_u32(tb[TOY_MADDR_A_IFINDEX]);
	if (!group || !family_shown(group) ||
	    (view->ifindex && view->ifindex != ifindex))
		return MNL_CB_OK;

	view_begin(view);
	fmt_str("group", "%s", fmt_addr(group, addr));
	fmt_str("dev", " dev %s", fmt_dev(ifindex, dev));
	if (tb[TOY_MADDR_A_USERS])
		fmt_num("users", " users %llu", nl_u32(tb[TOY_MADDR_A_USERS]));
	if (tb[TOY_MADDR_A_MODE]) {
		unsigned int mode = nl_u8(tb[TOY_MADDR_A_MODE]);
		/* Without sources it says what goes without saying. */
		bool plain = tb[TOY_MADDR_A_SOURCES] || mode;

		fmt_str("mode", plain ? " %s" : NULL,
			word_name(modes, mode, "?"));
	}
	print_sources(tb);
	print_stats(tb);
	view_end();
	return MNL_CB_OK;
}

int do_maddr(char **argv)
{
	struct view view = { 0 };

	arg_verb(&argv, verbs, usage);
	view.ifindex = arg_only_dev(argv);
	return nl_show(nl_request(TOY_CMD_MADDR_GET, 0), maddr_print, &view);
}
