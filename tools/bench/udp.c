// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams: nothing is measured but their path. One thread drives both ends
 * in turn, so there is no scheduler and no wake-up of another process in it.
 */
#include <err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define BURST	32

static void crowd(struct bench *b)
{
	for (int i = 0; i < b->idle; i++)
		bound_socket(&b->b, SOCK_DGRAM, i < 20000 ? 10000 + i : 0);
}

/* Only the client is connected. */
static void open_server(struct bench *b)
{
	enter(&b->b);
	crowd(b);
	b->fd_b = bound_socket(&b->b, SOCK_DGRAM, ntohs(b->b.addr.sin_port));
	enter(&b->a);
	b->fd_a = bound_socket(&b->a, SOCK_DGRAM, ntohs(b->a.addr.sin_port));
	connect_to(b->fd_a, &b->b);
}

static void open_pair(struct bench *b)
{
	open_server(b);
	connect_to(b->fd_b, &b->a);
}

/* Request and response, both ends connected. */
static void run_rr(struct bench *b)
{
	put(b->fd_a, b->size);
	get(b->fd_b, b->size);
	put(b->fd_b, b->size);
	get(b->fd_a, b->size);
}

/* A server that is not connected: recvfrom() and sendto(). */
static void run_server(struct bench *b)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	put(b->fd_a, b->size);
	if (recvfrom(b->fd_b, bench_data, sizeof(bench_data), 0,
		     (struct sockaddr *)&from, &len) != b->size)
		err(1, "recvfrom");
	if (sendto(b->fd_b, bench_data, b->size, 0, (struct sockaddr *)&from,
		   len) != b->size)
		err(1, "sendto");
	get(b->fd_a, b->size);
}

/* A stream in one direction. */
static void run_stream(struct bench *b)
{
	for (int i = 0; i < BURST; i++)
		put(b->fd_a, b->size);
	for (int i = 0; i < BURST; i++)
		get(b->fd_b, b->size);
}

static void run_socket(struct bench *b)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = new_socket(&b->a, SOCK_DGRAM);

	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "bind");
	connect_to(fd, &b->b);
	close(fd);
}

const struct mode udp_modes[] = {
	{ "udp-rr",	open_pair,	run_rr,		1,	200 },
	{ "udp-server",	open_server,	run_server,	1,	200 },
	{ "udp-stream",	open_pair,	run_stream,	BURST,	50 },
	{ "udp-socket",	open_pair,	run_socket,	1,	200 },
	{ }
};
