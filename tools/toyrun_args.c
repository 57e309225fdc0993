// SPDX-License-Identifier: GPL-2.0-only
/*
 * toyrun's command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toyrun.h"

static const char usage[] =
	"Usage: toyrun [ OPTIONS ] [--] COMMAND [ ARGUMENTS ]\n"
	"       toyrun [ --netns NAME ] [ --resolv FILE ] --check\n"
	"\n"
	"Run COMMAND with sockets of AF_TOY where it asks for IPv4 or IPv6.\n"
	"\n"
	"  -4, -6               only IPv4's, or only IPv6's sockets\n"
	"  -t tcp | udp | all   only these sockets (all)\n"
	"  --netns NAME         run in this network namespace\n"
	"  --resolv FILE        COMMAND sees FILE as /etc/resolv.conf\n"
	"  -v                   report each socket on standard error\n"
	"  --check              tell what would not work here, and what to do\n"
	"  -h, -V               this text, the version\n"
	"\n"
	"The exit status is COMMAND's; 125, 126 and 127 as of env(1).\n";

enum { OPT_NETNS = 256, OPT_RESOLV, OPT_CHECK };

static const struct option names[] = {
	{ "netns",	required_argument,	NULL, OPT_NETNS },
	{ "resolv",	required_argument,	NULL, OPT_RESOLV },
	{ "check",	no_argument,		NULL, OPT_CHECK },
	{ "verbose",	no_argument,		NULL, 'v' },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{ }
};

static unsigned int read_types(const char *text)
{
	if (!strcmp(text, "tcp"))
		return TYPES_TCP;
	if (!strcmp(text, "udp"))
		return TYPES_UDP;
	if (!strcmp(text, "all"))
		return TYPES_ALL;
	die(EXIT_TOYRUN, "-t %s: the types are tcp, udp and all", text);
}

static void read_option(int c, struct toyrun_options *opt)
{
	switch (c) {
	case '4':
		opt->inet6 = false;
		break;
	case '6':
		opt->inet = false;
		break;
	case 't':
		opt->types = read_types(optarg);
		break;
	case 'v':
		opt->verbose = true;
		break;
	case OPT_NETNS:
		opt->netns = optarg;
		break;
	case OPT_RESOLV:
		opt->resolv = optarg;
		break;
	case OPT_CHECK:
		opt->check = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		puts("toyrun 0.1");
		exit(0);
	default:
		exit(EXIT_TOYRUN);
	}
}

/**
 * args_read() - read the command line
 * @argc: of main()
 * @argv: of main()
 * @opt: result
 *
 * Does not return when the line makes no sense.
 */
void args_read(int argc, char **argv, struct toyrun_options *opt)
{
	int c;

	*opt = (struct toyrun_options){
		.inet = true, .inet6 = true, .types = TYPES_ALL,
	};
	/* The first word that is no option is the command: its own options
	 * are its own.
	 */
	while ((c = getopt_long(argc, argv, "+46t:vhV", names, NULL)) != -1)
		read_option(c, opt);
	if (!opt->inet && !opt->inet6)
		die(EXIT_TOYRUN, "-4 and -6 together leave no socket");
	opt->command = argv + optind;
	if (opt->check && *opt->command)
		die(EXIT_TOYRUN, "--check runs no command");
	if (!opt->check && !*opt->command) {
		fputs(usage, stderr);
		exit(EXIT_TOYRUN);
	}
}
