// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy(8) - configure and inspect AF_TOY, the grammar of ip(8) and ss(8)
 *
 * toy [options] NOUN [VERB [arguments]]. This file reads the options and finds
 * the noun; every noun has a file of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "dhcp.h"
#include "fmt.h"

#ifndef TOY_TOOL_VERSION
#define TOY_TOOL_VERSION "0.1"
#endif

struct options opt;

static const char usage[] =
	"Usage: toy [ OPTIONS ] NOUN [ VERB [ ARGUMENTS ] ]\n"
	"       toy [ OPTIONS ] [ -force ] -batch FILE\n"
	"\n"
	"NOUN      what it is about\n"
	"  addr      addresses of this host\n"
	"  dev       net devices that AF_TOY uses\n"
	"  route     where packets go\n"
	"  neigh     link-layer addresses of neighbours\n"
	"  maddr     multicast groups of this host\n"
	"  ra        what IPv6 routers advertise\n"
	"  ss        sockets\n"
	"  stat      counters\n"
	"  napi      receive queues, one per device and CPU\n"
	"  monitor   follow changes\n"
	"  dhcp      obtain an address or name servers, see toy-dhcp(8)\n"
	"  resolve   look a name up, over AF_TOY\n"
	"  help      this text; \"toy NOUN help\" tells more\n"
	"\n"
	"OPTIONS\n"
	"  -j        print JSON\n"
	"  -4, -6    IPv4 or IPv6 only\n"
	"  -n        port numbers, not service names\n"
	"  -s        more detail\n"
	"  -b FILE   the commands in FILE, one a line; \"-\" is standard input\n"
	"  -force    go on after a command of FILE that fails\n"
	"  -V        version\n"
	"\n"
	"Nouns and verbs may be shortened: \"toy r\" is \"toy route show\".\n";

static int do_help(char **argv)
{
	(void)argv;
	fputs(usage, stdout);
	return 0;
}

/* The first row that fits wins: "a" is addr, "n" is neigh, "s" is ss. */
static const struct word nouns[] = {
	{ "addr",	0 },
	{ "address",	0 },
	{ "dev",	1 },
	{ "route",	2 },
	{ "neighbour",	3 },
	{ "neighbor",	3 },
	{ "ss",		4 },
	{ "stat",	5 },
	{ "napi",	6 },
	{ "monitor",	7 },
	{ "help",	8 },
	{ "ra",		9 },
	{ "maddr",	10 },
	{ "maddress",	10 },
	{ "dhcp",	11 },
	{ "resolve",	12 },
	{ }
};

static int (*const noun_do[])(char **argv) = {
	do_addr, do_dev, do_route, do_neigh, do_ss, do_stat, do_napi,
	do_monitor, do_help, do_ra, do_maddr, do_dhcp, do_resolve,
};

static const char *batch;	/* file of commands */
static bool force;

static void long_option(const char *name)
{
	static const struct word names[] = {
		{ "json", 'j' }, { "numeric", 'n' }, { "statistics", 's' },
		{ "stats", 's' }, { "help", 'h' }, { "version", 'V' },
		{ "batch", 'b' }, { "force", 'f' }, { }
	};

	switch (word_find(names, name)) {
	case 'j':
		opt.json = true;
		break;
	case 'n':
		opt.numeric = true;
		break;
	case 's':
		opt.stats = true;
		break;
	case 'b':
		batch = "";	/* the next word says which */
		break;
	case 'f':
		force = true;
		break;
	case 'h':
		exit(do_help(NULL));
	case 'V':
		puts("toy " TOY_TOOL_VERSION);
		exit(0);
	default:
		usage_error("option \"%s\" is unknown, try \"toy help\"", name);
	}
}

static void short_options(const char *letters)
{
	static const char *const names[] = {
		['j'] = "json", ['n'] = "numeric", ['s'] = "statistics",
		['h'] = "help", ['V'] = "version", ['b'] = "batch",
	};

	for (; *letters; letters++) {
		unsigned char c = *letters;

		if (c == '4')
			opt.family = AF_INET;
		else if (c == '6')
			opt.family = AF_INET6;
		else if (c < ARRAY_SIZE(names) && names[c])
			long_option(names[c]);
		else
			usage_error("option -%c is unknown, try \"toy help\"",
				    c);
	}
}

/* -json and --json are the same, as for ip(8); -4j is -4 -j. */
static void read_option(const char *text)
{
	if (text[1] == '-')
		long_option(text + 2);
	else if (strlen(text) > 3)
		long_option(text + 1);
	else
		short_options(text + 1);
}

static int do_command(char **argv)
{
	int noun = word_find(nouns, *argv);

	if (noun < 0)
		usage_error("\"%s\" is unknown, try \"toy help\"", *argv);
	return noun_do[noun](argv + 1);
}

/* Returns what follows the options. */
static char **read_options(char **argv)
{
	for (; *argv && (*argv)[0] == '-' && (*argv)[1]; argv++) {
		read_option(*argv);
		if (!batch || *batch)
			continue;
		batch = *++argv;
		if (!batch || !*batch)
			usage_error("-batch wants a file");
	}
	return argv;
}

int main(int argc, char **argv)
{
	/* udhcpc's hook is this program, too. */
	if (argc == 2 && dhcp_is_hook())
		return dhcp_hook(argv[1]);
	argv = read_options(argv + 1);
	fmt_json(opt.json);
	if (batch) {
		arg_end(argv);
		return do_batch(batch, force, do_command);
	}
	if (!*argv) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return do_command(argv);
}
