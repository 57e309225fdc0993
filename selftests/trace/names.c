// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and the words that scripts have for them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

struct word {
	const char *word;
	long value;
};

#define WORD(name)	{ #name, name }
#define EVENT(name)	{ #name, POLL##name }
#define MESSAGE(name)	{ #name, MSG_##name }

static const struct word errnos[] = {
	WORD(EPERM), WORD(ENOENT), WORD(EINTR), WORD(EIO), WORD(EBADF),
	WORD(EAGAIN), WORD(ENOMEM), WORD(EACCES), WORD(EFAULT), WORD(EBUSY),
	WORD(EEXIST), WORD(ENODEV), WORD(EINVAL), WORD(EMFILE), WORD(ENOTTY),
	WORD(EPIPE), WORD(EDOM), WORD(ERANGE), WORD(EMSGSIZE),
	WORD(ENOPROTOOPT), WORD(EPROTO), WORD(EPROTONOSUPPORT),
	WORD(ESOCKTNOSUPPORT), WORD(EOPNOTSUPP), WORD(EAFNOSUPPORT),
	WORD(EADDRINUSE), WORD(EADDRNOTAVAIL), WORD(ENETDOWN),
	WORD(ENETUNREACH), WORD(ECONNABORTED), WORD(ECONNRESET),
	WORD(ENOBUFS), WORD(EISCONN), WORD(ENOTCONN), WORD(ESHUTDOWN),
	WORD(ETIMEDOUT), WORD(ECONNREFUSED), WORD(EHOSTDOWN),
	WORD(EHOSTUNREACH), WORD(EALREADY), WORD(EINPROGRESS),
	WORD(EDESTADDRREQ), WORD(ENOTSOCK),
};

static const struct word polls[] = {
	EVENT(IN), EVENT(PRI), EVENT(OUT), EVENT(ERR), EVENT(HUP),
	EVENT(RDHUP),
};

static const struct word messages[] = {
	MESSAGE(OOB), MESSAGE(PEEK), MESSAGE(WAITALL), MESSAGE(DONTWAIT),
	MESSAGE(NOSIGNAL), MESSAGE(MORE), MESSAGE(TRUNC), MESSAGE(EOR),
	MESSAGE(FASTOPEN),
};

static const char * const states[] = {
	"", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
	"TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
};

const char *errno_word(int err)
{
	static char number[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].value == err)
			return errnos[i].word;
	snprintf(number, sizeof(number), "errno %d", err);
	return number;
}

int errno_of(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (!strcmp(errnos[i].word, word))
			return errnos[i].value;
	return -1;
}

/* "IN|OUT" -> bits; "0" is none. */
long flag_set(const struct event *ev, const char *words, const char *what)
{
	const struct word *table = !strcmp(what, "poll") ? polls : messages;
	size_t n = table == polls ? ARRAY_SIZE(polls) : ARRAY_SIZE(messages);
	char *copy = strdup(words), *word, *rest = copy;
	long bits = 0;
	size_t i;

	while ((word = strsep(&rest, "|"))) {
		if (!strcmp(word, "0"))
			continue;
		for (i = 0; i < n && strcmp(table[i].word, word); i++)
			;
		if (i == n)
			usage_error(ev, "no such flag:", word);
		bits |= table[i].value;
	}
	free(copy);
	return bits;
}

const char *poll_words(int bits)
{
	static char text[80];
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(polls); i++) {
		if (!(bits & polls[i].value))
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%s%s", n ? "|" : "",
			      polls[i].word);
	}
	return n ? text : "0";
}

int tcp_state_of(const char *word)
{
	size_t i;

	for (i = 1; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], word))
			return i;
	return -1;
}
