// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy monitor - one line for every change
 *
 * A notification carries the record that "show" prints, so the nouns print it;
 * this file says what happened to it.
 */
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy monitor [ -t ] [ all | OBJECT ... ]\n"
	"\n"
	"OBJECT := dev | addr | route | neigh\n"
	"all     every object, each line begins with its name\n"
	"-t      each line begins with the time\n";

enum object { DEV, ADDR, ROUTE, NEIGH, ALL, HELP };

static const struct word objects[] = {
	{ "addr", ADDR }, { "address", ADDR }, { "all", ALL },
	{ "dev", DEV }, { "route", ROUTE },
	{ "neighbour", NEIGH }, { "neighbor", NEIGH }, { "help", HELP },
	{ }
};

static const char *const names[] = { "dev", "addr", "route", "neigh" };
static const char *const labels[] = { "[DEV]", "[ADDR]", "[ROUTE]", "[NEIGH]" };

static const mnl_cb_t printers[] = {
	dev_print, addr_print, route_print, neigh_print,
};

static const struct {
	enum object	object;
	bool		known;
	bool		deleted;
} commands[TOY_CMD_MAX + 1] = {
	[TOY_CMD_DEV_ATTACH]	= { DEV, true, false },
	[TOY_CMD_DEV_GET]	= { DEV, true, false },
	[TOY_CMD_DEV_DETACH]	= { DEV, true, true },
	[TOY_CMD_ADDR_ADD]	= { ADDR, true, false },
	[TOY_CMD_ADDR_GET]	= { ADDR, true, false },
	[TOY_CMD_ADDR_DEL]	= { ADDR, true, true },
	[TOY_CMD_ROUTE_ADD]	= { ROUTE, true, false },
	[TOY_CMD_ROUTE_GET]	= { ROUTE, true, false },
	[TOY_CMD_ROUTE_DEL]	= { ROUTE, true, true },
	[TOY_CMD_NEIGH_ADD]	= { NEIGH, true, false },
	[TOY_CMD_NEIGH_GET]	= { NEIGH, true, false },
	[TOY_CMD_NEIGH_DEL]	= { NEIGH, true, true },
};

static struct {
	unsigned int	objects;	/* set of enum object */
	bool		label;
	bool		stamp;
	int		cmd;		/* of the line in work */
} monitor;

static void print_time(void)
{
	char text[32], full[48];
	struct timeval now;
	struct tm tm;

	gettimeofday(&now, NULL);
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(full, sizeof(full), "%s.%06ld", text, (long)now.tv_usec);
	fmt_str("timestamp", "[%s] ", full);
}

static void lead(void)
{
	enum object object = commands[monitor.cmd].object;

	if (monitor.stamp)
		print_time();
	fmt_str("object", NULL, names[object]);
	if (monitor.label)
		fmt_plain("%s", labels[object]);
	if (commands[monitor.cmd].deleted)
		fmt_flag("deleted", "Deleted ");
}

static int on_event(const struct nlmsghdr *nlh, void *data)
{
	struct view view = { .lead = lead };
	int cmd = nl_command(nlh);

	(void)data;
	if (cmd < 0 || cmd > TOY_CMD_MAX || !commands[cmd].known ||
	    !(monitor.objects & 1U << commands[cmd].object))
		return MNL_CB_OK;
	monitor.cmd = cmd;
	printers[commands[cmd].object](nlh, &view);
	fflush(stdout);
	return MNL_CB_OK;
}

int do_monitor(char **argv)
{
	for (; *argv; argv++) {
		int object = word_find(objects, *argv);

		if (!strcmp(*argv, "-t")) {
			monitor.stamp = true;
		} else if (object == HELP) {
			fputs(usage, stdout);
			return 0;
		} else if (object < 0) {
			usage_error("\"%s\" was not expected, try \"toy monitor help\"",
				    *argv);
		} else if (object == ALL) {
			monitor.objects = ~0U;
			monitor.label = true;
		} else {
			monitor.objects |= 1U << object;
		}
	}
	if (!monitor.objects)
		monitor.objects = ~0U;
	return nl_listen(TOY_GENL_MCGRP, on_event);
}
