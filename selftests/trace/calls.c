// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls.
 *
 *	VERB SOCKET ARGUMENTS... [=> RESULT]
 *
 * RESULT is a number, limits (5..10, 5..*), the name of an errno, or what the
 * call answers in words (poll, getsockopt). Without one the call must succeed:
 * read and write with all that they were asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace.h"

#define MAX_SOCKS	64

static struct sock socks[MAX_SOCKS];
static int n_socks;
static atomic_int urgs, pipes, ios;

/* ---- Sockets by name -------------------------------------------------- */

struct sock *sock_find(const struct event *ev, const char *name)
{
	int i;

	for (i = 0; i < n_socks; i++)
		if (!strcmp(socks[i].name, name))
			return &socks[i];
	usage_error(ev, "no socket is called", name);
}

/* A name may be used again. */
static struct sock *sock_new(const struct event *ev, const char *name)
{
	struct sock *s;
	int i;

	for (i = 0; i < n_socks && strcmp(socks[i].name, name); i++)
		;
	if (i == MAX_SOCKS)
		usage_error(ev, "too many sockets", NULL);
	s = &socks[i];
	if (i == n_socks)
		n_socks++;
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->fd = -1;
	s->rd = 1;
	s->wr = 1;
	return s;
}

static bool has_word(const struct job *j, const char *word)
{
	int i;

	for (i = 2; i < j->narg; i++)
		if (!strcmp(j->arg[i], word))
			return true;
	return false;
}

/* ":8080", or the default */
static int port_arg(const struct job *j, int port)
{
	int i;

	for (i = 2; i < j->narg; i++)
		if (j->arg[i][0] == ':')
			return parse_number(j->ev, j->arg[i] + 1);
	return port;
}

static const char *need(const struct job *j, int i)
{
	if (i >= j->narg)
		usage_error(j->ev, "the call needs more arguments", NULL);
	return j->arg[i];
}

static void result(struct job *j, long ret)
{
	j->ret = ret;
	j->err = ret < 0 ? errno : 0;
}

/* ---- The calls -------------------------------------------------------- */

static void do_socket(struct job *j)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC;

	if (has_word(j, "nonblock"))
		type |= SOCK_NONBLOCK;
	j->sock->fd = socket(net_domain(), type, 0);
	result(j, j->sock->fd);
}

static void do_bind(struct job *j)
{
	struct sockaddr_storage a;
	socklen_t len = net_addr(&a, has_word(j, "any") ? NULL : &run.stack,
				 port_arg(j, SERVER_PORT));

	result(j, bind(j->sock->fd, (struct sockaddr *)&a, len));
}

static void do_listen(struct job *j)
{
	result(j, listen(j->sock->fd, j->narg > 2 ?
			 parse_number(j->ev, j->arg[2]) : 10));
}

/* accept NEW LISTENER */
static void do_accept(struct job *j)
{
	struct sock *l = sock_find(j->ev, need(j, 2));
	int flags = has_word(j, "nonblock") ? SOCK_NONBLOCK : 0;

	j->sock->fd = accept4(l->fd, NULL, NULL, flags | SOCK_CLOEXEC);
	result(j, j->sock->fd);
}

static void do_connect(struct job *j)
{
	struct sockaddr_storage a;
	socklen_t len = net_addr(&a, &run.peer, port_arg(j, SERVER_PORT));

	result(j, connect(j->sock->fd, (struct sockaddr *)&a, len));
}

static void do_disconnect(struct job *j)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	result(j, connect(j->sock->fd, &sa, sizeof(sa)));
}

/* write SOCKET LEN [FLAGS [:PORT]] */
static void do_write(struct job *j)
{
	size_t len = parse_number(j->ev, need(j, 2)), i;
	int flags = j->narg > 3 ? flag_set(j->ev, j->arg[3], "msg") : 0;
	struct sockaddr_storage a;
	__u8 *buf = malloc(len + 1);
	socklen_t alen = 0;

	for (i = 0; i < len; i++)
		buf[i] = stream_byte(j->sock->wr + i);
	j->whole = len;
	if (flags & MSG_FASTOPEN)
		alen = net_addr(&a, &run.peer, port_arg(j, SERVER_PORT));
	if (j->narg > 3)
		result(j, sendto(j->sock->fd, buf, len, flags,
				 alen ? (struct sockaddr *)&a : NULL, alen));
	else
		result(j, write(j->sock->fd, buf, len));
	if (j->ret > 0)
		j->sock->wr += j->ret;
	free(buf);
}

/* read SOCKET LEN [FLAGS] */
static void do_read(struct job *j)
{
	size_t len = parse_number(j->ev, need(j, 2));
	int flags = j->narg > 3 ? flag_set(j->ev, j->arg[3], "msg") : 0;
	__u8 *buf = malloc(len + 1);
	long i;

	j->whole = len;
	if (j->narg > 3)
		result(j, recv(j->sock->fd, buf, len, flags));
	else
		result(j, read(j->sock->fd, buf, len));
	for (i = 0; i < j->ret && run.check_data; i++) {
		if (flags & (MSG_OOB | MSG_TRUNC) ||
		    buf[i] == stream_byte(j->sock->rd + i))
			continue;
		fail("wrong data read: at %u of the stream",
		     (__u32)(j->sock->rd + i));
	}
	if (j->ret > 0 && !(flags & (MSG_OOB | MSG_PEEK)))
		j->sock->rd += j->ret;
	free(buf);
}

static void do_shutdown(struct job *j)
{
	const char *how = need(j, 2);

	if (!strcmp(how, "rd"))
		result(j, shutdown(j->sock->fd, SHUT_RD));
	else if (!strcmp(how, "wr"))
		result(j, shutdown(j->sock->fd, SHUT_WR));
	else if (!strcmp(how, "rdwr"))
		result(j, shutdown(j->sock->fd, SHUT_RDWR));
	else
		usage_error(j->ev, "rd, wr or rdwr, not", how);
}

static void do_close(struct job *j)
{
	result(j, close(j->sock->fd));
}

/* poll SOCKET [EVENTS [SECONDS]]: all events, and now, is the default */
static void do_poll(struct job *j)
{
	struct pollfd p = { .fd = j->sock->fd,
			    .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };
	int timeout = 0;
	long ret;

	if (j->narg > 2)
		p.events = flag_set(j->ev, j->arg[2], "poll");
	if (j->narg > 3)
		timeout = parse_seconds(j->ev, j->arg[3]) / MSEC;
	ret = poll(&p, 1, timeout);
	result(j, ret < 0 ? ret : p.revents);
	j->poll_bits = ret >= 0;
}

static void do_nonblock(struct job *j)
{
	int flags = fcntl(j->sock->fd, F_GETFL);

	flags = has_word(j, "off") ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	result(j, fcntl(j->sock->fd, F_SETFL, flags));
}

static void do_own(struct job *j)
{
	result(j, fcntl(j->sock->fd, F_SETOWN, getpid()));
}

static void address(struct job *j, int ret, const struct sockaddr_storage *a)
{
	result(j, ret);
	if (ret)
		return;
	j->has_text = true;
	snprintf(j->text, sizeof(j->text), "%s", net_addr_text(a));
}

static void do_sockname(struct job *j)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	address(j, getsockname(j->sock->fd, (struct sockaddr *)&a, &len), &a);
}

static void do_peername(struct job *j)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	address(j, getpeername(j->sock->fd, (struct sockaddr *)&a, &len), &a);
}

/* signal URG => N: so many have come since the last look */
void call_signal(struct job *j)
{
	atomic_int *count;
	const char *which = need(j, 1);

	if (!strcmp(which, "URG"))
		count = &urgs;
	else if (!strcmp(which, "PIPE"))
		count = &pipes;
	else if (!strcmp(which, "IO"))
		count = &ios;
	else
		usage_error(j->ev, "no such signal:", which);
	j->ret = atomic_exchange(count, 0);
	j->whole = 1;
}

static const struct verb {
	const char *name;
	void (*call)(struct job *j);
	bool makes;		/* its first argument is a new socket */
} verbs[] = {
	{ "socket", do_socket, true },
	{ "accept", do_accept, true },
	{ "bind", do_bind },
	{ "listen", do_listen },
	{ "connect", do_connect },
	{ "disconnect", do_disconnect },
	{ "write", do_write },
	{ "send", do_write },
	{ "read", do_read },
	{ "recv", do_read },
	{ "shutdown", do_shutdown },
	{ "close", do_close },
	{ "poll", do_poll },
	{ "nonblock", do_nonblock },
	{ "own", do_own },
	{ "sockname", do_sockname },
	{ "peername", do_peername },
	{ "setsockopt", call_setsockopt },
	{ "getsockopt", call_getsockopt },
	{ "ioctl", call_ioctl },
	{ "signal", call_signal },
};

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

bool call_known(const char *verb)
{
	return find_verb(verb);
}

/* ---- Before and after ------------------------------------------------- */

struct job *call_prepare(const struct event *ev, int first)
{
	struct job *j = calloc(1, sizeof(*j));
	const struct verb *verb;

	j->ev = ev;
	j->arg = (char **)ev->tok + first;
	j->narg = ev->ntok - first;
	j->whole = -1;
	if (j->narg < 2)
		usage_error(ev, "a call needs a socket", NULL);
	verb = find_verb(j->arg[0]);
	if (!verb)
		usage_error(ev, "no such call:", j->arg[0]);
	if (verb->makes)
		j->sock = sock_new(ev, j->arg[1]);
	else if (verb->call != call_signal)
		j->sock = sock_find(ev, j->arg[1]);
	return j;
}

void call_run(struct job *j)
{
	errno = 0;
	find_verb(j->arg[0])->call(j);
}

static const char *answer(const struct job *j)
{
	static char text[200];

	if (j->ret < 0)
		return errno_word(j->err);
	if (j->poll_bits)
		return poll_words(j->ret);
	if (j->has_text)
		return j->text;
	snprintf(text, sizeof(text), "%ld", j->ret);
	return text;
}

static bool number_fits(const struct event *ev, const char *want, long ret)
{
	char *copy = strdup(want), *dots = strstr(copy, "..");
	bool ok;

	if (dots) {
		*dots = 0;
		ok = ret >= parse_number(ev, copy) &&
		     (!strcmp(dots + 2, "*") ||
		      ret <= parse_number(ev, dots + 2));
	} else {
		ok = ret == parse_number(ev, copy);
	}
	free(copy);
	return ok;
}

static bool fits(const struct job *j, const char *want)
{
	if (errno_of(want) > 0 && !j->has_text)
		return j->ret < 0 && j->err == errno_of(want);
	if (j->ret < 0)
		return false;
	if (!strcmp(want, "*"))
		return true;
	if (j->poll_bits)
		return j->ret == flag_set(j->ev, want, "poll");
	if (j->has_text)
		return !strcmp(j->text, *want == '"' ? want + 1 : want);
	return number_fits(j->ev, want, j->ret);
}

/* ev is the call's line, or the line that waits for its end. */
void call_check(const struct job *j, const struct event *ev)
{
	bool ok;

	show("%+.6f %s%s => %s",
	     (double)((j->background ? j->time : now()) - run.start) / NSEC,
	     j->background ? "ended: " : "", j->ev->text, answer(j));
	if (ev->nwant)
		ok = fits(j, ev->want[0]);
	else
		ok = j->ret >= 0 && (j->whole < 0 || j->ret == j->whole);
	if (ok)
		return;
	if (!j->background && j->ret < 0 && j->err == EINTR)
		fail("the call slept until interrupted; one that may is written 'start ...'");
	if (ev->nwant)
		fail("expected %s, seen %s", ev->want[0], answer(j));
	fail("expected success%s, seen %s", j->whole < 0 ? "" : " in full",
	     answer(j));
}

static void on_signal(int sig)
{
	if (sig == SIGURG)
		urgs++;
	else if (sig == SIGPIPE)
		pipes++;
	else if (sig == SIGIO)
		ios++;
}

void signals_init(void)
{
	struct sigaction counted = { .sa_handler = on_signal,
				     .sa_flags = SA_RESTART };
	struct sigaction dog = { .sa_handler = on_signal };

	sigaction(SIGURG, &counted, NULL);
	sigaction(SIGPIPE, &counted, NULL);
	sigaction(SIGIO, &counted, NULL);
	sigaction(SIGALRM, &dog, NULL);
}
