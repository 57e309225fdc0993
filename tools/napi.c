// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy napi - the receive queues, one per device and CPU
 */
#include <linux/toy.h>
#include <stdio.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy napi [ show [ [ dev ] DEV ] ]\n"
	"\n"
	"Processed  packets that were handed to the stack\n"
	"Dropped    packets that found the queue full (net.toy.max_backlog)\n"
	"Squeezed   polls that ended with work left (net.toy.dev_weight)\n"
	"Polls      calls of the poll function\n"
	"Queue      packets that wait now\n";

static const struct nl_attr policy[TOY_NAPI_A_MAX + 1] = {
	[TOY_NAPI_A_IFINDEX]		= { MNL_TYPE_U32, 0 },
	[TOY_NAPI_A_CPU]		= { MNL_TYPE_U32, 0 },
	[TOY_NAPI_A_PROCESSED]		= { MNL_TYPE_U64, 0 },
	[TOY_NAPI_A_DROPPED]		= { MNL_TYPE_U64, 0 },
	[TOY_NAPI_A_TIME_SQUEEZE]	= { MNL_TYPE_U64, 0 },
	[TOY_NAPI_A_QLEN]		= { MNL_TYPE_U32, 0 },
	[TOY_NAPI_A_POLLS]		= { MNL_TYPE_U64, 0 },
};

static int print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_NAPI_A_MAX + 1];
	struct view *view = data;
	char dev[FMT_DEV_SIZE];
	unsigned int ifindex;

	nl_parse(nlh, policy, TOY_NAPI_A_MAX, tb);
	ifindex = nl_u32(tb[TOY_NAPI_A_IFINDEX]);
	if (view->ifindex && view->ifindex != ifindex)
		return MNL_CB_OK;

	if (!view->count)
		fmt_plain("%-15s %3s %12s %10s %10s %12s %6s\n", "Device",
			  "CPU", "Processed", "Dropped", "Squeezed", "Polls",
			  "Queue");
	view_begin(view);
	fmt_num("ifindex", NULL, ifindex);
	fmt_str("ifname", "%-15s", fmt_dev(ifindex, dev));
	fmt_num("cpu", " %3llu", nl_u32(tb[TOY_NAPI_A_CPU]));
	fmt_num("processed", " %12llu", nl_u64(tb[TOY_NAPI_A_PROCESSED]));
	fmt_num("dropped", " %10llu", nl_u64(tb[TOY_NAPI_A_DROPPED]));
	fmt_num("time_squeeze", " %10llu",
		nl_u64(tb[TOY_NAPI_A_TIME_SQUEEZE]));
	fmt_num("polls", " %12llu", nl_u64(tb[TOY_NAPI_A_POLLS]));
	fmt_num("qlen", " %6llu", nl_u32(tb[TOY_NAPI_A_QLEN]));
	view_end();
	return MNL_CB_OK;
}

int do_napi(char **argv)
{
	static const struct word verbs[] = {
		{ "show", 1 }, { "list", 1 }, { "lst", 1 }, { }
	};
	struct view view = { 0 };

	arg_verb(&argv, verbs, usage);
	view.ifindex = arg_only_dev(argv);
	return nl_show(nl_request(TOY_CMD_NAPI_GET, 0), print, &view);
}
