// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes as they are printed: one line each, as ip(8) has it.
 */
#include <linux/genetlink.h>
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"
#include "route.h"

const struct word route_types[] = {
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
	{ "ra", TOY_ORIGIN_RA },
	{ }
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
	[TOY_ROUTE_A_WINDOW]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_ADVMSS]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_INITCWND]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_INITRWND]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_HOPLIMIT]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_FLAGS]	= { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_EXPIRES_MS] = { MNL_TYPE_U32, 0 },
	[TOY_ROUTE_A_CACHE]	= { MNL_TYPE_FLAG, 0 },
	[TOY_ROUTE_A_MARK]	= { MNL_TYPE_U32, 0 },
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
		fmt_plain("%s ", word_name(route_types, type, "?"));
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

/* Everything that is a number and says nothing when it is 0. */
static void print_u32(const char *key, const char *format,
		      const struct nlattr *attr)
{
	if (nl_u32(attr))
		fmt_num(key, format, nl_u32(attr));
}

static void print_metrics(const struct nlattr **tb)
{
	uint32_t flags = nl_u32(tb[TOY_ROUTE_A_FLAGS]);

	if (flags & TOY_ROUTE_F_LOCK_MTU)
		fmt_flag("mtu_locked", NULL);
	print_u32("mtu", flags & TOY_ROUTE_F_LOCK_MTU ? " mtu lock %llu" :
						       " mtu %llu",
		  tb[TOY_ROUTE_A_MTU]);
	print_u32("window", " window %llu", tb[TOY_ROUTE_A_WINDOW]);
	print_u32("advmss", " advmss %llu", tb[TOY_ROUTE_A_ADVMSS]);
	print_u32("hoplimit", " hoplimit %llu", tb[TOY_ROUTE_A_HOPLIMIT]);
	print_u32("initcwnd", " initcwnd %llu", tb[TOY_ROUTE_A_INITCWND]);
	print_u32("initrwnd", " initrwnd %llu", tb[TOY_ROUTE_A_INITRWND]);
	if (flags & TOY_ROUTE_F_ECN)
		fmt_str("features", " features %s", "ecn");
}

static void print_expires(const struct nlattr **tb)
{
	if (tb[TOY_ROUTE_A_EXPIRES_MS])
		fmt_num("expires", " expires %llusec",
			nl_u32(tb[TOY_ROUTE_A_EXPIRES_MS]) / 1000);
}

static void print_hop(const struct nlattr *nest)
{
	static const struct nl_attr hop_policy[TOY_NEXTHOP_A_MAX + 1] = {
		[TOY_NEXTHOP_A_GATEWAY]	= NL_ADDR,
		[TOY_NEXTHOP_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
		[TOY_NEXTHOP_A_WEIGHT]	= { MNL_TYPE_U32, 0 },
	};
	const struct nlattr *tb[TOY_NEXTHOP_A_MAX + 1];
	char dev[FMT_DEV_SIZE];

	nl_parse_nested(nest, hop_policy, TOY_NEXTHOP_A_MAX, tb);
	fmt_begin(NULL);
	fmt_plain("\n\tnexthop");
	print_addr("gateway", " via %s", tb[TOY_NEXTHOP_A_GATEWAY]);
	fmt_str("dev", " dev %s",
		fmt_dev(nl_u32(tb[TOY_NEXTHOP_A_IFINDEX]), dev));
	fmt_num("weight", " weight %llu", nl_u32(tb[TOY_NEXTHOP_A_WEIGHT]));
	fmt_end();
}

static void print_hops(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	bool any = false;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != TOY_ROUTE_A_NEXTHOP)
			continue;
		if (!any)
			fmt_list_begin("nexthops");
		any = true;
		print_hop(attr);
	}
	if (any)
		fmt_list_end();
}

static const struct in6_addr *print_begin(const struct nlattr **tb,
					  struct view *view)
{
	const struct in6_addr *dst = nl_addr(tb[TOY_ROUTE_A_DST]);

	view_begin(view);
	fmt_str("family", NULL, fmt_family(dst));
	fmt_str("type", NULL,
		word_name(route_types, nl_u8(tb[TOY_ROUTE_A_TYPE]), "?"));
	print_destination(tb);
	print_addr("from", " from %s", tb[TOY_ROUTE_A_SRC]);
	print_addr("gateway", " via %s", tb[TOY_ROUTE_A_GATEWAY]);
	return dst;
}

static void print_dev(unsigned int ifindex)
{
	char dev[FMT_DEV_SIZE];

	if (ifindex)
		fmt_str("dev", " dev %s", fmt_dev(ifindex, dev));
}

int route_print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_ROUTE_A_MAX + 1];
	const struct in6_addr *dst;
	struct view *view = data;
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_ROUTE_A_MAX, tb);
	dst = nl_addr(tb[TOY_ROUTE_A_DST]);
	ifindex = nl_u32(tb[TOY_ROUTE_A_IFINDEX]);
	if (!dst || !family_shown(dst) ||
	    (view->ifindex && ifindex && view->ifindex != ifindex))
		return MNL_CB_OK;

	print_begin(tb, view);
	print_dev(ifindex);
	if (tb[TOY_ROUTE_A_ORIGIN])
		fmt_str("protocol", " proto %s",
			word_name(origins, nl_u8(tb[TOY_ROUTE_A_ORIGIN]), "?"));
	print_scope(tb);
	print_addr("prefsrc", " src %s", tb[TOY_ROUTE_A_PREFSRC]);
	print_u32("metric", " metric %llu", tb[TOY_ROUTE_A_METRIC]);
	if (tb[TOY_ROUTE_A_CACHE])
		fmt_flag("cache", " cache");
	print_expires(tb);
	print_metrics(tb);
	print_hops(nlh);
	view_end();
	return MNL_CB_OK;
}

/* The answer of a look-up: what the stack has made of it stands in a second
 * line.
 */
int route_print_path(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_ROUTE_A_MAX + 1];

	nl_parse(nlh, policy, TOY_ROUTE_A_MAX, tb);
	if (!nl_addr(tb[TOY_ROUTE_A_DST]))
		return MNL_CB_OK;
	print_begin(tb, data);
	print_dev(nl_u32(tb[TOY_ROUTE_A_IFINDEX]));
	print_addr("prefsrc", " src %s", tb[TOY_ROUTE_A_PREFSRC]);
	print_u32("mark", " mark %#llx", tb[TOY_ROUTE_A_MARK]);
	fmt_num("uid", " uid %llu", getuid());
	fmt_plain("\n    cache");
	if (nl_u8(tb[TOY_ROUTE_A_TYPE]) == TOY_ROUTE_LOCAL)
		fmt_plain(" <local>");
	if (tb[TOY_ROUTE_A_CACHE])
		fmt_flag("cache", NULL);
	print_expires(tb);
	print_metrics(tb);
	view_end();
	return MNL_CB_OK;
}
