// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcp-hold: TCP connections that stay as they are, on AF_TOY or on AF_INET
 *
 *	tcp-hold [-s] listen FAMILY ADDR PORT
 *	tcp-hold [-s] connect FAMILY ADDR PORT [CONNECTIONS]
 *
 * Accepts or opens connections and keeps them until it is killed. "connect"
 * does not wait for the peer. With -s the sending side of each connection is
 * shut down as soon as it is established.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/toy.h>

static int shut;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "tcp-hold: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void hold(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (!shut)
		return;
	if (poll(&p, 1, -1) < 0)
		die("poll");
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
}

static void listen_for(int family, const struct sockaddr_in *addr)
{
	int fd, on = 1, l = socket(family, SOCK_STREAM, 0);

	if (l < 0)
		die("socket");
	if (setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(l, (struct sockaddr *)addr, sizeof(*addr)))
		die("bind");
	if (listen(l, 128))
		die("listen");
	while ((fd = accept(l, NULL, NULL)) >= 0)
		hold(fd);
	die("accept");
}

static void connect_to(int family, const struct sockaddr_in *addr, int n)
{
	int fd;

	while (n--) {
		fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (fd < 0)
			die("socket");
		if (connect(fd, (struct sockaddr *)addr, sizeof(*addr)) &&
		    errno != EINPROGRESS)
			die("connect");
		hold(fd);
	}
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int family;

	if (argc > 1 && !strcmp(argv[1], "-s")) {
		shut = 1;
		argv++;
		argc--;
	}
	if (argc < 5 || inet_pton(AF_INET, argv[3], &addr.sin_addr) != 1) {
		fputs("usage: tcp-hold [-s] listen|connect toy|inet ADDR PORT [CONNECTIONS]\n",
		      stderr);
		return 2;
	}
	family = strcmp(argv[2], "inet") ? AF_TOY : AF_INET;
	addr.sin_port = htons(atoi(argv[4]));
	if (!strcmp(argv[1], "listen"))
		listen_for(family, &addr);
	connect_to(family, &addr, argc > 5 ? atoi(argv[5]) : 1);
}
