// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter language of ss(8)
 *
 *	FILTER := { state NAME | exclude NAME } [ EXPR ]
 *	EXPR   := TERM { or TERM }
 *	TERM   := FACTOR { [ and ] FACTOR }
 *	FACTOR := not FACTOR | ( EXPR ) | TEST
 *	TEST   := { src | dst } [ OP ] HOST | { sport | dport } [ OP ] PORT
 *	HOST   := ADDRESS[/LENGTH][:PORT] | *:PORT
 *	PORT   := [:] { NUMBER | SERVICE }
 *
 * Words come from separate arguments or one quoted argument alike: they are
 * joined first and cut again here.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "ss.h"

enum node { AND, OR, NOT, ADDR, PORT };
enum op { EQ, NE, LT, GT, LE, GE };

struct ss_filter {
	enum node		node;
	struct ss_filter	*a, *b;
	bool			peer;		/* dst, dport */
	enum op			op;
	struct in6_addr		addr;
	uint8_t			plen;
	uint16_t		port;
};

static const struct word ops[] = {
	{ "=", EQ }, { "==", EQ }, { "eq", EQ },
	{ "!=", NE }, { "neq", NE }, { "ne", NE },
	{ "<", LT }, { "lt", LT }, { ">", GT }, { "gt", GT },
	{ "<=", LE }, { "le", LE }, { ">=", GE }, { "ge", GE },
	{ }
};

/* ---- Words ------------------------------------------------------------ */

static struct {
	const char	*at;		/* behind the current word */
	char		word[80];	/* empty at the end */
} lex;

static const char *next_word(void)
{
	static const char marks[] = "()!=<>|&";
	const char *start;
	size_t len;

	lex.at += strspn(lex.at, " \t\n");
	start = lex.at;
	if (strchr("()", *start))
		len = *start ? 1 : 0;
	else if (strchr(marks, *start))
		len = strspn(start, "!=<>|&");
	else
		len = strcspn(start, " \t\n()!=<>|&");
	if (len >= sizeof(lex.word))
		usage_error("\"%s\" is too long for a filter", start);
	memcpy(lex.word, start, len);
	lex.word[len] = '\0';
	lex.at += len;
	return lex.word;
}

static bool word_is(const char *a, const char *b)
{
	return !strcmp(lex.word, a) || (b && !strcmp(lex.word, b));
}

static char *join(char **argv)
{
	size_t len = 1;
	char **p, *text;

	for (p = argv; *p; p++)
		len += strlen(*p) + 1;
	text = calloc(1, len);
	if (!text)
		usage_error("out of memory");
	for (p = argv; *p; p++) {
		strcat(text, *p);
		strcat(text, " ");
	}
	return text;
}

/* ---- Reading ---------------------------------------------------------- */

static struct ss_filter *new_node(enum node node, struct ss_filter *a,
				  struct ss_filter *b)
{
	struct ss_filter *f = calloc(1, sizeof(*f));

	if (!f)
		usage_error("out of memory");
	f->node = node;
	f->a = a;
	f->b = b;
	return f;
}

static uint16_t read_port(const char *text)
{
	const struct servent *service;
	const char *name = text + (*text == ':');

	if (*name >= '0' && *name <= '9') {
		uint32_t port = arg_u32("port", name);

		if (port > 65535)
			usage_error("\"%s\" is no port", text);
		return port;
	}
	service = getservbyname(name, NULL);
	if (!service)
		usage_error("\"%s\" is no port", text);
	return ntohs(service->s_port);
}

/* Cuts the port off ADDRESS:PORT and [ADDRESS]:PORT; NULL when there is none. */
static char *cut_port(char *host)
{
	struct in6_addr addr;
	char *colon;

	if (inet_pton(AF_INET6, host, &addr) == 1)
		return NULL;
	colon = strrchr(host, ':');
	if (!colon || strchr(colon, ']') || strchr(colon, '/'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static struct ss_filter *read_host(bool peer, enum op op)
{
	struct ss_filter *addr = NULL, *port = NULL, *both;
	char *host = lex.word, *text, *end;

	if (op > NE)
		usage_error("addresses are equal or not, nothing more");
	text = cut_port(host);
	if (text && strcmp(text, "*")) {
		port = new_node(PORT, NULL, NULL);
		port->port = read_port(text);
		port->peer = peer;
	}
	if (*host == '[') {
		host++;
		end = strchr(host, ']');
		if (end)
			memmove(end, end + 1, strlen(end));
	}
	if (*host && strcmp(host, "*")) {
		addr = new_node(ADDR, NULL, NULL);
		arg_prefix(host, &addr->addr, &addr->plen);
		addr->peer = peer;
	}
	both = addr && port ? new_node(AND, addr, port) : addr ? addr : port;
	if (both && op == NE)
		both = new_node(NOT, both, NULL);
	return both;
}

static struct ss_filter *read_test(void)
{
	static const struct word tests[] = {
		{ "src", 0 }, { "dst", 1 }, { "sport", 2 }, { "dport", 3 }, { }
	};
	struct ss_filter *f;
	enum op op = EQ;
	int test = -1;

	if (*lex.word)
		test = word_find(tests, lex.word);
	if (test < 0)
		usage_error("\"%s\" was not expected in a filter", lex.word);
	next_word();
	if (*lex.word && word_find(ops, lex.word) >= 0) {
		op = word_find(ops, lex.word);
		next_word();
	}
	if (!*lex.word)
		usage_error("the filter ends too early");
	if (test < 2) {
		f = read_host(test & 1, op);
	} else {
		f = new_node(PORT, NULL, NULL);
		f->peer = test & 1;
		f->op = op;
		/* ss also takes *:PORT here. */
		f->port = read_port(lex.word + (*lex.word == '*'));
	}
	next_word();
	return f;
}

static struct ss_filter *read_expr(unsigned int depth);

static struct ss_filter *read_factor(unsigned int depth)
{
	struct ss_filter *f;

	if (depth > 100)
		usage_error("the filter is too deep");
	if (word_is("not", "!")) {
		next_word();
		f = read_factor(depth + 1);
		/* NULL stands for true: "not dst *" is nobody. */
		return new_node(NOT, f, NULL);
	}
	if (!word_is("(", NULL))
		return read_test();
	next_word();
	f = read_expr(depth + 1);
	if (!word_is(")", NULL))
		usage_error("\")\" is missing in the filter");
	next_word();
	return f;
}

static struct ss_filter *read_term(unsigned int depth)
{
	struct ss_filter *f = read_factor(depth);

	while (*lex.word && !word_is(")", NULL) && !word_is("or", "||") &&
	       !word_is("|", NULL)) {
		if (word_is("and", "&&") || word_is("&", NULL))
			next_word();
		f = new_node(AND, f, read_factor(depth));
	}
	return f;
}

static struct ss_filter *read_expr(unsigned int depth)
{
	struct ss_filter *f = read_term(depth);

	while (word_is("or", "||") || word_is("|", NULL)) {
		next_word();
		f = new_node(OR, f, read_term(depth));
	}
	return f;
}

/* The first "state" replaces what the options chose, later ones add. */
struct ss_filter *ss_filter_parse(char **argv, unsigned int *states)
{
	struct ss_filter *f = NULL;
	char *text = join(argv);
	bool chosen = false;

	lex.at = text;
	next_word();
	while (word_is("state", "exclude")) {
		bool add = word_is("state", NULL);
		unsigned int set = ss_state_set(next_word());

		if (!chosen)
			*states = add ? 0 : SS_ALL;
		*states = add ? *states | set : *states & ~set;
		chosen = true;
		next_word();
	}
	if (*lex.word)
		f = read_expr(0);
	if (*lex.word)
		usage_error("\"%s\" was not expected in a filter", lex.word);
	free(text);
	return f;
}

/* ---- Matching --------------------------------------------------------- */

static bool match_addr(const struct ss_filter *f, const struct in6_addr *addr)
{
	unsigned int bytes = f->plen / 8, bits = f->plen % 8;
	uint8_t mask = 0xff00 >> bits;

	if (memcmp(addr, &f->addr, bytes))
		return false;
	return !bits || !((addr->s6_addr[bytes] ^ f->addr.s6_addr[bytes]) &
			  mask);
}

static bool match_port(const struct ss_filter *f, uint16_t port)
{
	switch (f->op) {
	case EQ:
		return port == f->port;
	case NE:
		return port != f->port;
	case LT:
		return port < f->port;
	case GT:
		return port > f->port;
	case LE:
		return port <= f->port;
	case GE:
		return port >= f->port;
	}
	return false;
}

bool ss_filter_match(const struct ss_filter *f, const struct ss_sock *sock)
{
	if (!f)
		return true;
	switch (f->node) {
	case AND:
		return ss_filter_match(f->a, sock) &&
		       ss_filter_match(f->b, sock);
	case OR:
		return ss_filter_match(f->a, sock) ||
		       ss_filter_match(f->b, sock);
	case NOT:
		return !ss_filter_match(f->a, sock);
	case ADDR:
		return match_addr(f, f->peer ? &sock->peer : &sock->local);
	case PORT:
		return match_port(f, f->peer ? sock->pport : sock->lport);
	}
	return false;
}
