// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy -batch FILE - the commands of a file, one a line
 *
 * As of ip(8): a line is what would follow "toy" on a command line, options
 * aside; "#" begins a comment, words may stand in quotes, a line that ends with
 * a backslash goes on in the next. All of them share one netlink socket, so many
 * routes are loaded in the time of few. The first command that fails ends the
 * run, unless -force; what makes no sense ends it always.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MAX_WORDS	128

static struct {
	const char	*name;		/* NULL: no command is being done */
	unsigned int	line;
} at;

static void say_where(void)
{
	if (!at.name)
		return;
	fflush(stdout);
	fprintf(stderr, "Command failed %s:%u\n", at.name, at.line);
}

/* The next word of *@text, cut off there; NULL at the end of the line. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r\n"), *end;
	char quote = *word;

	if (!quote || quote == '#')
		return NULL;
	if (quote == '"' || quote == '\'') {
		end = strchr(++word, quote);
		if (!end)
			usage_error("a quote has no end");
	} else {
		end = word + strcspn(word, " \t\r\n");
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static void split(char *text, char **words)
{
	unsigned int n = 0;

	while ((words[n] = next_word(&text)))
		if (++n == MAX_WORDS)
			usage_error("too many words");
}

/* A line, and those it goes on in; false at the end of the file. */
static bool read_line(FILE *file, char **line, size_t *size)
{
	static char *more;
	static size_t more_size;
	ssize_t len = getline(line, size, file), n;

	if (len < 0)
		return false;
	at.line++;
	while (len >= 2 && !strcmp(*line + len - 2, "\\\n")) {
		(*line)[len -= 2] = '\0';
		n = getline(&more, &more_size, file);
		if (n < 0)
			break;
		at.line++;
		if (*size < (size_t)(len + n + 1)) {
			*size = len + n + 1;
			*line = realloc(*line, *size);
			if (!*line)
				usage_error("out of memory");
		}
		memcpy(*line + len, more, n + 1);
		len += n;
	}
	return true;
}

static FILE *open_file(const char *name)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "r") : stdin;

	if (!file)
		usage_error("%s: %s", name, strerror(errno));
	return file;
}

int do_batch(const char *name, bool force, int (*command)(char **argv))
{
	FILE *file = open_file(name);
	char *words[MAX_WORDS + 1], *line = NULL;
	size_t size = 0;
	int ret = 0, err;

	atexit(say_where);
	while (read_line(file, &line, &size)) {
		at.name = name;
		split(line, words);
		err = words[0] ? command(words) : 0;
		if (err) {
			ret = err;
			if (!force)
				break;
			say_where();
		}
		at.name = NULL;
	}
	free(line);
	return ret;
}
