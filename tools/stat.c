// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy stat - counters, SNMP names where there is one
 */
#include <fnmatch.h>
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy stat [ -a ] [ -v ] [ PATTERN ... ]\n"
	"\n"
	"PATTERN   as the shell's: 'Ip*', '*Errors'; a full name prints zero, too\n"
	"-a        print counters that are zero\n"
	"-v        print what each counter counts\n";

static const struct nl_attr policy[TOY_STAT_A_MAX + 1] = {
	[TOY_STAT_A_NAME]	= { MNL_TYPE_NUL_STRING, 0 },
	[TOY_STAT_A_VALUE]	= { MNL_TYPE_U64, 0 },
	[TOY_STAT_A_HELP]	= { MNL_TYPE_NUL_STRING, 0 },
};

/**
 * struct wish - the counters asked for
 * @all: zeros, too
 * @verbose: with their help
 * @patterns: ends with NULL; none stands for every counter
 * @count: how many fitted
 */
struct wish {
	bool		all;
	bool		verbose;
	char		**patterns;
	unsigned int	count;
};

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[");
}

static bool wanted(const struct wish *wish, const char *name, uint64_t value)
{
	char **p;

	if (!*wish->patterns)
		return value || wish->all;
	for (p = wish->patterns; *p; p++)
		if (!fnmatch(*p, name, 0))
			return value || wish->all || !is_pattern(*p);
	return false;
}

static int print(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_STAT_A_MAX + 1];
	struct wish *wish = data;
	const char *name;
	uint64_t value;

	nl_parse(nlh, policy, TOY_STAT_A_MAX, tb);
	name = nl_str(tb[TOY_STAT_A_NAME]);
	value = nl_u64(tb[TOY_STAT_A_VALUE]);
	if (!wanted(wish, name, value))
		return MNL_CB_OK;

	wish->count++;
	fmt_begin(NULL);
	fmt_str("name", "%-32s", name);
	fmt_num("value", wish->verbose ? " %-16llu" : " %llu", value);
	if (wish->verbose && tb[TOY_STAT_A_HELP])
		fmt_str("help", " %s", nl_str(tb[TOY_STAT_A_HELP]));
	fmt_plain("\n");
	fmt_end();
	return MNL_CB_OK;
}

/* Options stand before, between or behind the patterns. */
static void read_args(char **argv, struct wish *wish)
{
	char **keep = argv;

	wish->patterns = argv;
	for (; *argv; argv++) {
		const char *letters = *argv + 1;

		if (**argv != '-') {
			*keep++ = *argv;
			continue;
		}
		if (!*letters || letters[strspn(letters, "azv")])
			usage_error("stat knows no \"%s\", try \"toy stat help\"",
				    *argv);
		wish->all |= !!strpbrk(letters, "az");
		wish->verbose |= !!strchr(letters, 'v');
	}
	*keep = NULL;
}

int do_stat(char **argv)
{
	static const struct word verbs[] = { { "show", 1 }, { } };
	struct wish wish = { .count = 0 };
	int ret;

	if (*argv && (!strcmp(*argv, "help") || !strcmp(*argv, "show")))
		arg_verb(&argv, verbs, usage);
	read_args(argv, &wish);
	ret = nl_show(nl_request(TOY_CMD_STAT_GET, 0), print, &wish);
	if (!ret && *argv && !argv[1] && !is_pattern(*argv) && !wish.count)
		usage_error("there is no counter \"%s\"", *argv);
	return ret;
}
