// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy-bench: what a datagram costs, AF_TOY beside AF_INET.
 *
 *	netns A [a] ---- veth ---- [b] netns B
 *
 * One thread holds a socket at each end and drives both in turn, so that
 * nothing is measured but the path of the packets: no scheduler, no wake-up of
 * another process. Under an emulator that counts instructions as time, the
 * result is instructions per operation and repeats to the per mille.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/toy.h>

static char data[65536];

struct ends {
	int family;
	int a, b;			/* connected sockets */
	struct sockaddr_in at_b;	/* where b is bound */
	int size;
	const char *ns_b;
};

static void enter(const char *ns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static struct sockaddr_in at(const char *addr, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };

	if (inet_pton(AF_INET, addr, &sin.sin_addr) != 1)
		errx(1, "%s: no address", addr);
	return sin;
}

static int bound(int family, const struct sockaddr_in *sin)
{
	int fd = socket(family, SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "socket(%d)", family);
	if (bind(fd, (const struct sockaddr *)sin, sizeof(*sin)))
		err(1, "bind");
	return fd;
}

static void peer(int fd, const struct sockaddr_in *sin)
{
	if (connect(fd, (const struct sockaddr *)sin, sizeof(*sin)))
		err(1, "connect");
}

static void put(int fd, int size)
{
	if (send(fd, data, size, 0) != size)
		err(1, "send");
}

static void get(int fd, int size)
{
	if (recv(fd, data, sizeof(data), 0) != size)
		err(1, "recv");
}

/* Request and response, both ends connected. */
static void rr(struct ends *e)
{
	put(e->a, e->size);
	get(e->b, e->size);
	put(e->b, e->size);
	get(e->a, e->size);
}

/* A server that is not connected: recvfrom() and sendto(). */
static void server(struct ends *e)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	put(e->a, e->size);
	if (recvfrom(e->b, data, sizeof(data), 0, (struct sockaddr *)&from,
		     &len) != e->size)
		err(1, "recvfrom");
	if (sendto(e->b, data, e->size, 0, (struct sockaddr *)&from, len) !=
	    e->size)
		err(1, "sendto");
	get(e->a, e->size);
}

/* A stream in one direction, 32 datagrams at a time. */
static void stream(struct ends *e)
{
	for (int i = 0; i < 32; i++)
		put(e->a, e->size);
	for (int i = 0; i < 32; i++)
		get(e->b, e->size);
}

static void sockets(struct ends *e)
{
	int fd = bound(e->family, &(struct sockaddr_in){
			.sin_family = AF_INET });

	peer(fd, &e->at_b);
	close(fd);
}

static const struct mode {
	const char *name;
	void (*run)(struct ends *e);
	int ops;
	int connected;
} modes[] = {
	{ "rr",		rr,		1,	1 },
	{ "server",	server,		1,	0 },
	{ "stream",	stream,		32,	1 },
	{ "socket",	sockets,	1,	1 },
	{ NULL }
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Sockets that are only there, so that look-ups have something to look for. */
static void crowd(int family, const char *addr, int n)
{
	struct rlimit lim = { 200000, 200000 };

	setrlimit(RLIMIT_NOFILE, &lim);
	for (int i = 0; i < n; i++) {
		struct sockaddr_in sin = at(addr, 0);

		if (i < 20000)
			sin.sin_port = htons(10000 + i);
		bound(family, &sin);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in a, b;
	const struct mode *m;
	struct ends e = {};
	int count, idle;
	double start;

	if (argc != 9 && argc != 10)
		errx(1, "usage: MODE toy|inet NS_A ADDR_A NS_B ADDR_B SIZE COUNT [IDLE]");
	for (m = modes; m->name && strcmp(m->name, argv[1]); m++)
		;
	if (!m->name)
		errx(1, "no mode %s", argv[1]);
	e.family = strcmp(argv[2], "toy") ? AF_INET : AF_TOY;
	a = at(argv[4], 7000);
	b = at(argv[6], 7001);
	e.size = atoi(argv[7]);
	count = atoi(argv[8]);
	idle = argc > 9 ? atoi(argv[9]) : 0;

	enter(argv[5]);
	crowd(e.family, argv[6], idle);
	e.b = bound(e.family, &b);
	enter(argv[3]);
	e.a = bound(e.family, &a);
	e.at_b = b;
	peer(e.a, &b);
	if (m->connected)
		peer(e.b, &a);

	for (int i = 0; i < 200; i++)	/* caches, neighbours */
		m->run(&e);
	start = now_ns();
	for (int i = 0; i < count; i++)
		m->run(&e);
	printf("%s %s size %d idle %d: %.1f\n", argv[1], argv[2], e.size, idle,
	       (now_ns() - start) / count / m->ops);
	return 0;
}
