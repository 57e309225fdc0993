// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy dev - the net devices that AF_TOY uses
 *
 * A device is shared with AF_INET (the default) or AF_TOY's alone.
 */
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy dev attach DEV [ shared | exclusive ]\n"
	"       toy dev detach DEV\n"
	"       toy dev [ show [ DEV ] ]\n"
	"\n"
	"shared     AF_INET goes on using the device (default)\n"
	"exclusive  IP and ARP frames go to AF_TOY only\n";

enum verb { ATTACH, DETACH, SHOW };

static const struct word verbs[] = {
	{ "attach", ATTACH }, { "add", ATTACH },
	{ "detach", DETACH }, { "delete", DETACH },
	{ "show", SHOW }, { "list", SHOW }, { "lst", SHOW },
	{ }
};

static const struct word hooks[] = {
	{ "shared", TOY_HOOK_SHARED },
	{ "exclusive", TOY_HOOK_EXCLUSIVE },
	{ "loopback", TOY_HOOK_LOOPBACK },
	{ }
};

static const struct word link_types[] = {
	{ "ether", ARPHRD_ETHER },
	{ "loopback", ARPHRD_LOOPBACK },
	{ "none", ARPHRD_NONE },
	{ "6lowpan", ARPHRD_6LOWPAN },
	{ "rawip", ARPHRD_RAWIP },
	{ "infiniband", ARPHRD_INFINIBAND },
	{ }
};

/* In the order ip(8) prints them. */
static const struct word flag_words[] = {
	{ "LOOPBACK", IFF_LOOPBACK },
	{ "BROADCAST", IFF_BROADCAST },
	{ "POINTOPOINT", IFF_POINTOPOINT },
	{ "MULTICAST", IFF_MULTICAST },
	{ "NOARP", IFF_NOARP },
	{ "ALLMULTI", IFF_ALLMULTI },
	{ "PROMISC", IFF_PROMISC },
	{ "DEBUG", IFF_DEBUG },
	{ "DYNAMIC", IFF_DYNAMIC },
	{ "AUTOMEDIA", IFF_AUTOMEDIA },
	{ "PORTSEL", IFF_PORTSEL },
	{ "NOTRAILERS", IFF_NOTRAILERS },
	{ "UP", IFF_UP },
	{ "LOWER_UP", IFF_LOWER_UP },
	{ "DORMANT", IFF_DORMANT },
	{ "ECHO", IFF_ECHO },
	{ }
};

static const struct nl_attr policy[TOY_DEV_A_MAX + 1] = {
	[TOY_DEV_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_DEV_A_NAME]	= { MNL_TYPE_NUL_STRING, 0 },
	[TOY_DEV_A_HOOK]	= { MNL_TYPE_U32, 0 },
	[TOY_DEV_A_MTU]		= { MNL_TYPE_U32, 0 },
	[TOY_DEV_A_LLADDR]	= { MNL_TYPE_BINARY, 0 },
	[TOY_DEV_A_TYPE]	= { MNL_TYPE_U16, 0 },
	[TOY_DEV_A_FLAGS]	= { MNL_TYPE_U32, 0 },
};

static void print_flags(uint32_t flags)
{
	const struct word *w;
	const char *comma = "";

	fmt_list_begin("flags");
	fmt_plain(" <");
	if ((flags & (IFF_UP | IFF_RUNNING)) == IFF_UP) {
		fmt_str(NULL, "%s", "NO-CARRIER");
		comma = ",";
	}
	for (w = flag_words; w->name; w++) {
		if (!(flags & w->id))
			continue;
		fmt_plain("%s", comma);
		fmt_str(NULL, "%s", w->name);
		comma = ",";
	}
	fmt_plain(">");
	fmt_list_end();
}

static void print_link(const struct nlattr *type, const struct nlattr *lladdr)
{
	char buf[FMT_LLADDR_SIZE], number[16];
	unsigned int len;

	if (type) {
		snprintf(number, sizeof(number), "[%u]", nl_u16(type));
		fmt_str("link_type", " link/%s",
			word_name(link_types, nl_u16(type), number));
	}
	len = lladdr ? mnl_attr_get_payload_len(lladdr) : 0;
	if (len)
		fmt_str("address", " %s",
			fmt_lladdr(mnl_attr_get_payload(lladdr), len, buf));
}

int dev_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_DEV_A_MAX + 1];
	struct view *view = data;
	char name[FMT_DEV_SIZE];
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_DEV_A_MAX, tb);
	ifindex = nl_u32(tb[TOY_DEV_A_IFINDEX]);
	if (view->ifindex && view->ifindex != ifindex)
		return MNL_CB_OK;

	view_begin(view);
	fmt_num("ifindex", "%llu:", ifindex);
	fmt_str("ifname", " %s:", tb[TOY_DEV_A_NAME] ?
		nl_str(tb[TOY_DEV_A_NAME]) : fmt_dev(ifindex, name));
	if (tb[TOY_DEV_A_FLAGS])
		print_flags(nl_u32(tb[TOY_DEV_A_FLAGS]));
	if (tb[TOY_DEV_A_MTU])
		fmt_num("mtu", " mtu %llu", nl_u32(tb[TOY_DEV_A_MTU]));
	if (tb[TOY_DEV_A_HOOK])
		fmt_str("hook", " hook %s",
			word_name(hooks, nl_u32(tb[TOY_DEV_A_HOOK]), "?"));
	print_link(tb[TOY_DEV_A_TYPE], tb[TOY_DEV_A_LLADDR]);
	view_end();
	return MNL_CB_OK;
}

static int show(char **argv)
{
	struct view view = { .ifindex = arg_only_dev(argv) };
	int ret = nl_show(nl_request(TOY_CMD_DEV_GET, 0), dev_print, &view);

	if (ret || !view.ifindex || view.count)
		return ret;
	fprintf(stderr, "toy: the device is not attached\n");
	return EXIT_USAGE;
}

static int change(enum verb verb, char **argv)
{
	int hook = TOY_HOOK_SHARED;
	struct nlmsghdr *nlh;
	unsigned int ifindex;

	if (*argv && !strcmp(*argv, "dev"))
		argv++;
	if (!*argv)
		usage_error("which device?");
	ifindex = arg_dev(*argv++);
	if (verb == ATTACH && *argv) {
		hook = word_find(hooks, *argv);
		if (hook != TOY_HOOK_SHARED && hook != TOY_HOOK_EXCLUSIVE)
			usage_error("\"%s\" was not expected", *argv);
		argv++;
	}
	arg_end(argv);

	nlh = nl_request(verb == ATTACH ? TOY_CMD_DEV_ATTACH :
			 TOY_CMD_DEV_DETACH, 0);
	mnl_attr_put_u32(nlh, TOY_DEV_A_IFINDEX, ifindex);
	if (verb == ATTACH)
		mnl_attr_put_u32(nlh, TOY_DEV_A_HOOK, hook);
	return nl_talk(nlh, NULL, NULL) ? EXIT_KERNEL : 0;
}

int do_dev(char **argv)
{
	enum verb verb = arg_verb(&argv, verbs, usage);

	return verb == SHOW ? show(argv) : change(verb, argv);
}
