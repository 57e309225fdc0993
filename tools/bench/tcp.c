// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams.
 *
 * Requests are driven by one thread at both ends, or (the modes named -2p) by
 * a process at each end, which adds what every real server pays: the wake-up
 * and the switch to the other process. Bulk data always has two processes, in
 * lockstep: the reader answers each CREDIT bytes with one byte, for which the
 * writer waits. A stream that runs free has several stable patterns, which
 * differ by a tenth in cost, and settles in one of them by chance.
 */
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define CREDIT	(256 * 1024)

static void set(int fd, int level, int option, const void *value,
		socklen_t len)
{
	if (setsockopt(fd, level, option, value, len))
		err(1, "setsockopt(%d, %d)", level, option);
}

/* A small last segment shall not wait for a delayed acknowledgement: time in
 * which nobody works is no cost.
 */
static void no_delay(int fd)
{
	static const int on = 1;

	set(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* What a run leaves in TIME-WAIT would be there in the next one. */
static void reset_at_close(int fd)
{
	static const struct linger now = { .l_onoff = 1 };

	set(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static int accept_one(const struct bench *b)
{
	int fd = accept(b->fd_listen, NULL, NULL);

	if (fd < 0)
		err(1, "accept");
	return fd;
}

/* A connection with one byte sent in either direction. */
static void open_connection(const struct bench *b, int *fd_a, int *fd_b)
{
	*fd_a = new_socket(&b->a, SOCK_STREAM);
	connect_to(*fd_a, &b->b);
	*fd_b = accept_one(b);
	put(*fd_a, 1);
	get(*fd_b, 1);
	put(*fd_b, 1);
	get(*fd_a, 1);
}

static void open_listener(struct bench *b)
{
	static const int on = 1;

	enter(&b->b);
	b->fd_listen = new_socket(&b->b, SOCK_STREAM);
	set(b->fd_listen, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(b->fd_listen, (const struct sockaddr *)&b->b.addr,
		 sizeof(b->b.addr)) || listen(b->fd_listen, 128))
		err(1, "listen");
	enter(&b->a);
}

static void open_pair(struct bench *b)
{
	open_listener(b);
	for (int i = 0; i < b->idle; i++) {
		int a, c;

		open_connection(b, &a, &c);
		reset_at_close(a);
	}
	open_connection(b, &b->fd_a, &b->fd_b);
	reset_at_close(b->fd_a);
	no_delay(b->fd_a);
	no_delay(b->fd_b);
}

/* ---- Requests ----------------------------------------------------------- */

static void run_rr(struct bench *b)
{
	put(b->fd_a, b->size);
	get(b->fd_b, b->size);
	put(b->fd_b, b->size);
	get(b->fd_a, b->size);
}

static void run_client(struct bench *b)
{
	put(b->fd_a, b->size);
	get(b->fd_a, b->size);
}

static void serve_requests(struct bench *b)
{
	for (;;) {
		get(b->fd_b, b->size);
		put(b->fd_b, b->size);
	}
}

/* Connect, one request, one response, close: as HTTP/1.0 did. */
static void run_crc(struct bench *b)
{
	int a, c;

	open_connection(b, &a, &c);
	close(a);
	get(c, 0);
	close(c);
}

/* ---- Bulk data ---------------------------------------------------------- */

static void run_writer(struct bench *b)
{
	put_all(b->fd_a, b->size, CREDIT);
	get(b->fd_a, 1);
}

static void serve_reader(struct bench *b)
{
	for (;;) {
		get_all(b->fd_b, CREDIT);
		put(b->fd_b, 1);
	}
}

/* ---- The second process ------------------------------------------------- */

static void open_with_child(struct bench *b, void (*serve)(struct bench *))
{
	open_pair(b);
	b->child = fork();
	if (b->child < 0)
		err(1, "fork");
	if (!b->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(b->fd_a);
		serve(b);
		_exit(0);
	}
	close(b->fd_b);
}

static void open_server(struct bench *b)
{
	open_with_child(b, serve_requests);
}

static void open_reader(struct bench *b)
{
	open_with_child(b, serve_reader);
}

/* ---- Connections that are only there ------------------------------------ */

static void run_hold(struct bench *b)
{
	int a, c;

	open_connection(b, &a, &c);
	reset_at_close(a);
}

const struct mode tcp_modes[] = {
	{ "tcp-rr",	open_pair,	run_rr,		1,	200 },
	{ "tcp-rr-2p",	open_server,	run_client,	1,	200 },
	{ "tcp-crc",	open_listener,	run_crc,	1,	50 },
	/* An operation of the bulk stream is a kibibyte. */
	{ "tcp-bulk",	open_reader,	run_writer,	CREDIT / 1024,	60 },
	{ "tcp-hold",	open_listener,	run_hold,	1,	50 },
	{ }
};
