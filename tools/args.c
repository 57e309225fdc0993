// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a command line. What makes no sense ends the program here, so
 * the nouns read on as if everything were right.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"

void usage_error(const char *format, ...)
{
	va_list args;

	fputs("toy: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

int word_find(const struct word *table, const char *text)
{
	const struct word *w;

	if (!*text)
		return -1;
	for (w = table; w->name; w++)
		if (!strcmp(w->name, text))
			return w->id;
	for (w = table; w->name; w++)
		if (!strncmp(w->name, text, strlen(text)))
			return w->id;
	return -1;
}

const char *word_name(const struct word *table, int id, const char *unknown)
{
	for (; table->name; table++)
		if (table->id == id)
			return table->name;
	return unknown;
}

const char *arg_value(char ***argv)
{
	const char *keyword = **argv;

	if (!(*argv)[1])
		usage_error("\"%s\" wants a value", keyword);
	*argv += 2;
	return (*argv)[-1];
}

int arg_word(char ***argv, const struct word *table)
{
	const char *keyword = (*argv)[0];
	const char *value = arg_value(argv);
	int id = word_find(table, value);

	if (id < 0)
		usage_error("\"%s\" is no value of \"%s\"", value, keyword);
	return id;
}

int arg_keyword(char **argv, const struct word *keywords, unsigned int *seen)
{
	int id = word_find(keywords, *argv);

	if (id < 0)
		usage_error("\"%s\" was not expected", *argv);
	if (*seen & 1U << id)
		usage_error("\"%s\" comes twice", *argv);
	*seen |= 1U << id;
	return id;
}

int arg_verb(char ***argv, const struct word *verbs, const char *usage)
{
	static const struct word help[] = { { "help", 1 }, { "-help", 1 },
					    { "--help", 1 }, { } };
	const char *verb = **argv ? *(*argv)++ : "show";
	int id = word_find(verbs, verb);

	if (id < 0 && word_find(help, verb) > 0) {
		fputs(usage, stdout);
		exit(0);
	}
	if (id < 0) {
		fprintf(stderr, "toy: \"%s\" is unknown\n%s", verb, usage);
		exit(EXIT_USAGE);
	}
	return id;
}

void arg_end(char **argv)
{
	if (*argv)
		usage_error("\"%s\" was not expected", *argv);
}

uint32_t arg_u32(const char *name, const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end || text[0] < '0' || text[0] > '9' ||
	    value > UINT32_MAX)
		usage_error("\"%s\" is no %s", text, name);
	return value;
}

static bool addr_read(const char *text, struct in6_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &addr->s6_addr[12]) == 1) {
		addr->s6_addr[10] = 0xff;
		addr->s6_addr[11] = 0xff;
		return opt.family != AF_INET6;
	}
	return inet_pton(AF_INET6, text, addr) == 1 && family_shown(addr);
}

static const char *wanted(void)
{
	if (opt.family == AF_INET)
		return "IPv4 address";
	if (opt.family == AF_INET6)
		return "IPv6 address";
	return "address";
}

void arg_addr(const char *text, struct in6_addr *addr)
{
	if (!addr_read(text, addr))
		usage_error("\"%s\" is no %s", text, wanted());
}

void arg_prefix(const char *text, struct in6_addr *addr, uint8_t *plen)
{
	const char *slash = strchr(text, '/');
	unsigned int max, bits;
	char host[64];

	snprintf(host, sizeof(host), "%.*s",
		 slash ? (int)(slash - text) : (int)strlen(text), text);
	if (!addr_read(host, addr))
		usage_error("\"%s\" does not begin with an %s", text, wanted());

	max = IN6_IS_ADDR_V4MAPPED(addr) && !strchr(host, ':') ? 32 : 128;
	bits = slash ? arg_u32("prefix length", slash + 1) : max;
	if (bits > max)
		usage_error("\"%s\": a prefix has at most %u bits", text, max);
	*plen = bits + 128 - max;
}

unsigned int arg_lladdr(const char *text, uint8_t *lladdr, size_t size)
{
	const char *p = text;
	unsigned int len = 0;
	char *end;

	for (;;) {
		unsigned long byte = strtoul(p, &end, 16);

		if (!strchr("0123456789abcdefABCDEF", *p) || !*p ||
		    end - p > 2 || len == size)
			break;
		lladdr[len++] = byte;
		if (!*end)
			return len;
		if (*end != ':' && *end != '-')
			break;
		p = end + 1;
	}
	usage_error("\"%s\" is no link-layer address", text);
}

unsigned int arg_dev(const char *name)
{
	unsigned int ifindex = if_nametoindex(name);

	/* What is printed for a device without a name is understood, too. */
	if (!ifindex && !strncmp(name, "if", 2) &&
	    name[2] >= '0' && name[2] <= '9')
		ifindex = strtoul(name + 2, NULL, 10);
	if (!ifindex)
		usage_error("there is no device \"%s\"", name);
	return ifindex;
}

unsigned int arg_only_dev(char **argv)
{
	if (*argv && !strcmp(*argv, "dev") && !argv[1])
		usage_error("\"dev\" wants a value");
	if (*argv && !strcmp(*argv, "dev"))
		argv++;
	if (!*argv)
		return 0;
	arg_end(argv + 1);
	return arg_dev(*argv);
}

bool family_shown(const struct in6_addr *addr)
{
	if (opt.family == AF_UNSPEC)
		return true;
	return (opt.family == AF_INET) == !!IN6_IS_ADDR_V4MAPPED(addr);
}

void view_begin(struct view *view)
{
	view->count++;
	fmt_begin(NULL);
	if (view->lead)
		view->lead();
}

void view_end(void)
{
	fmt_plain("\n");
	fmt_end();
}
