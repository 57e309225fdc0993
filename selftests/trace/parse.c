// SPDX-License-Identifier: GPL-2.0-only
/*
 * A script's text -> a list of events.
 *
 *	[TIME] VERB ARGUMENTS [=> RESULT] [only WHOM "reason"]   # comment
 *
 * "include FILE" puts another file's lines in that place, "set NAME VALUE"
 * makes $NAME stand for VALUE from there on, "default" the same unless it stands
 * for something already. A line that is for another stack,
 * variant or kernel is not in the list at all; "only WHOM" as a line of its own
 * speaks of the whole script.
 */
#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "trace.h"

#define MAX_VARS	32
#define MAX_DEPTH	4

static struct {
	char *name, *value;
} vars[MAX_VARS];
static int n_vars;

static void __attribute__((noreturn, format(printf, 3, 4)))
bad_line(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# %s:%d: ", file, line);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	exit(1);
}

void usage_error(const struct event *ev, const char *what, const char *word)
{
	bad_line(ev->file, ev->line, "%s%s%s%s", what, word ? " '" : "",
		 word ?: "", word ? "'" : "");
}

/* ---- Words ------------------------------------------------------------ */

/* $NAME and ${NAME} -> the value. */
static char *substitute(const char *file, int line, const char *in)
{
	char out[2048], name[32];
	size_t o = 0, n;
	int i;

	while (*in && o < sizeof(out) - 256) {
		if (*in != '$') {
			out[o++] = *in++;
			continue;
		}
		in += in[1] == '{' ? 2 : 1;
		for (n = 0; n < sizeof(name) - 1 &&
		     (isalnum((unsigned char)*in) || *in == '_');)
			name[n++] = *in++;
		name[n] = 0;
		if (*in == '}')
			in++;
		for (i = n_vars - 1; i >= 0; i--)
			if (!strcmp(vars[i].name, name))
				break;
		if (i < 0)
			bad_line(file, line, "$%s is not set", name);
		o += snprintf(out + o, 256, "%s", vars[i].value);
	}
	out[o] = 0;
	return strdup(out);
}

/* Split at blanks. "several words" are one, and keep the opening quote: so
 * that a reason is told from a name. Returns the number of words.
 */
static int split(const char *file, int line, char *p, char **tok, int max)
{
	int n = 0;

	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (!*p || *p == '#')
			return n;
		if (n == max)
			bad_line(file, line, "too many words");
		tok[n++] = p;
		if (*p == '"') {
			p = strchr(p + 1, '"');
			if (!p)
				bad_line(file, line, "no closing quote");
		} else {
			while (*p && !isspace((unsigned char)*p))
				p++;
		}
		if (*p)
			*p++ = 0;
	}
}

__s64 parse_number(const struct event *ev, const char *text)
{
	char *end;
	__s64 value;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		usage_error(ev, "not a number:", text);
	return value;
}

__s64 parse_seconds(const struct event *ev, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || value < 0)
		usage_error(ev, "not a time:", text);
	return (__s64)(value * 1e6 + 0.5) * 1000;
}

/* +1.5 after the last event; +1..2 within limits; +1~0.1 with a tolerance;
 * @3 since the start.
 */
static void parse_when(const struct event *ev, char *text, struct when *w)
{
	char *range, *about;

	w->given = true;
	w->absolute = *text++ == '@';
	range = strstr(text, "..");
	about = strchr(text, '~');
	if (range) {
		*range = 0;
		w->lo = parse_seconds(ev, text);
		w->hi = parse_seconds(ev, range + 2);
		w->range = true;
	} else if (about) {
		*about = 0;
		w->hi = parse_seconds(ev, about + 1);
		w->lo = parse_seconds(ev, text) - w->hi;
		w->hi += w->lo + w->hi;
		w->range = true;
	} else {
		w->lo = parse_seconds(ev, text);
		w->hi = w->lo;
	}
}

/* ---- Who a line is for ------------------------------------------------ */

static bool kernel_before(const char *version)
{
	int major = 0, minor = 0, want_major = 0, want_minor = 0;
	struct utsname u;

	uname(&u);
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2 ||
	    sscanf(version, "%d.%d", &want_major, &want_minor) != 2)
		return false;
	return major < want_major ||
	       (major == want_major && minor < want_minor);
}

static bool is_for_us(const struct event *ev, const char *word, const char *who,
		      const struct variant *v)
{
	int i;

	if (!strcmp(word, "since"))
		return !kernel_before(who);
	if (!strcmp(word, "before"))
		return kernel_before(who);
	if (!strcmp(who, "toy") || !strcmp(who, "inet"))
		return !strcmp(who, run.toy ? "toy" : "inet");
	if (!strcmp(who, "ipv4") || !strcmp(who, "ipv6"))
		return !strcmp(who, v->l3->name);
	for (i = 0; i < n_variants; i++)
		if (!strcmp(who, variants[i].name))
			return !strcmp(who, v->name);
	usage_error(ev, "nobody is called", who);
}

/* Take "only WHOM "reason"" off the end. False when that is not us. */
static bool take_condition(struct event *ev, const struct variant *v)
{
	const char *word;

	if (ev->ntok < 3)
		return true;
	word = ev->tok[ev->ntok - 3];
	if (strcmp(word, "only") && strcmp(word, "since") &&
	    strcmp(word, "before"))
		return true;
	if (*ev->tok[ev->ntok - 1] != '"' || !ev->tok[ev->ntok - 1][1])
		usage_error(ev, "a condition needs a reason in quotes", NULL);
	ev->ntok -= 3;
	return is_for_us(ev, word, ev->tok[ev->ntok + 1], v);
}

static void take_result(struct event *ev)
{
	int i, j;

	for (i = 0; i < ev->ntok; i++)
		if (!strcmp(ev->tok[i], "=>"))
			break;
	if (i == ev->ntok)
		return;
	if (i + 1 == ev->ntok || ev->ntok - i - 1 > (int)ARRAY_SIZE(ev->want))
		usage_error(ev, "no result, or too many, after =>", NULL);
	for (j = i + 1; j < ev->ntok; j++)
		ev->want[ev->nwant++] = ev->tok[j];
	ev->ntok = i;
}

static bool known_verb(const char *verb)
{
	static const char * const verbs[] = {
		"in", "out", "out?", "icmp", "quiet", "ignore", "start",
		"finish", "sysctl", "sysctl?", "mtu", "flow", "data", "info",
	};
	size_t i, n = strcspn(verb, ".");

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strlen(verbs[i]) == n && !strncmp(verb, verbs[i], n))
			return true;
	return call_known(verb);
}

/* ---- Files ------------------------------------------------------------ */

static void load(struct script *s, const char *path, const struct variant *v,
		 int depth);

/* set NAME VALUE... */
static void set_variable(const struct event *ev)
{
	char value[512] = "";
	int i;

	if (ev->ntok < 2 || n_vars == MAX_VARS)
		usage_error(ev, "no name, or too many variables", NULL);
	for (i = 0; i < n_vars && *ev->tok[0] == 'd'; i++)
		if (!strcmp(vars[i].name, ev->tok[1]))
			return;
	for (i = 2; i < ev->ntok; i++)
		snprintf(value + strlen(value), sizeof(value) - strlen(value),
			 "%s%s", i > 2 ? " " : "", ev->tok[i]);
	vars[n_vars].name = strdup(ev->tok[1]);
	vars[n_vars++].value = strdup(value);
}

/* What is done while reading; true if the line was of that kind. */
static bool directive(struct script *s, struct event *ev, const char *path,
		      const struct variant *v, bool ours, int depth)
{
	char dir[512], file[1024];

	if (!ev->ntok) {
		/* A condition alone is about the script. */
		if (!ours && !s->skip)
			s->skip = strdup(ev->tok[2] + 1);
		return true;
	}
	if (!ours)
		return true;
	if (!strcmp(ev->tok[0], "skip")) {
		if (ev->ntok != 2 || *ev->tok[1] != '"')
			usage_error(ev, "skip needs a reason in quotes", NULL);
		s->skip = strdup(ev->tok[1] + 1);
		return true;
	}
	if (!strcmp(ev->tok[0], "set") || !strcmp(ev->tok[0], "default")) {
		set_variable(ev);
		return true;
	}
	if (!strcmp(ev->tok[0], "include") && ev->ntok == 2) {
		snprintf(dir, sizeof(dir), "%s", path);
		snprintf(file, sizeof(file), "%s/%s", dirname(dir), ev->tok[1]);
		load(s, file, v, depth + 1);
		return true;
	}
	return false;
}

static void add_line(struct script *s, const char *path, int line, char *text,
		     const struct variant *v, int depth)
{
	const char *base = strrchr(path, '/');
	struct event ev = {
		.file = base ? strdup(base + 1) : strdup(path),
		.line = line,
	};
	bool ours;
	int i;

	text += strspn(text, " \t");
	text[strcspn(text, "\n")] = 0;
	ev.text = substitute(ev.file, line, *text == '#' ? "" : text);
	ev.ntok = split(ev.file, line, strdup(ev.text), ev.tok, MAX_TOKENS);
	if (!ev.ntok)
		return;
	ours = take_condition(&ev, v);
	if (directive(s, &ev, path, v, ours, depth))
		return;
	take_result(&ev);
	if (*ev.tok[0] == '+' || *ev.tok[0] == '@') {
		parse_when(&ev, ev.tok[0], &ev.when);
		ev.ntok--;
		for (i = 0; i < ev.ntok; i++)
			ev.tok[i] = ev.tok[i + 1];
	}
	if (!ev.ntok || !known_verb(ev.tok[0]))
		usage_error(&ev, "unknown verb", ev.ntok ? ev.tok[0] : "");
	s->events = realloc(s->events, (s->n + 1) * sizeof(ev));
	s->events[s->n++] = ev;
}

static void load(struct script *s, const char *path, const struct variant *v,
		 int depth)
{
	char *text = NULL;
	size_t size = 0;
	int line = 0;
	FILE *f;

	if (depth > MAX_DEPTH)
		bad_line(path, 0, "files that include each other");
	f = fopen(path, "re");
	if (!f)
		bad_line(path, 0, "%s", strerror(errno));
	while (getline(&text, &size, f) >= 0)
		add_line(s, path, ++line, text, v, depth);
	free(text);
	fclose(f);
}

struct script *script_load(const char *path, const struct variant *v)
{
	struct script *s = calloc(1, sizeof(*s));
	const char *base = strrchr(path, '/');

	snprintf(s->name, sizeof(s->name), "%.*s",
		 (int)sizeof(s->name) - 1, base ? base + 1 : path);
	s->name[strcspn(s->name, ".")] = 0;
	load(s, path, v, 0);
	return s;
}
