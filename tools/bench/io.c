// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that work or end the program.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/* For a family that has no such sockets; kselftest's number of a skip. */
#define EXIT_SKIP	4

char bench_data[65536];

void enter(const struct end *end)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", end->ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

int new_socket(const struct end *end, int type)
{
	int fd = socket(end->family, type, 0);

	if (fd >= 0)
		return fd;
	if (errno == EAFNOSUPPORT || errno == ESOCKTNOSUPPORT)
		err(EXIT_SKIP, "socket(%d)", end->family);
	err(1, "socket(%d)", end->family);
}

int bound_socket(const struct end *end, int type, int port)
{
	struct sockaddr_in sin = end->addr;
	int fd = new_socket(end, type);

	sin.sin_port = htons(port);
	if (bind(fd, (const struct sockaddr *)&sin, sizeof(sin)))
		err(1, "bind to port %d", port);
	return fd;
}

void connect_to(int fd, const struct end *end)
{
	if (connect(fd, (const struct sockaddr *)&end->addr,
		    sizeof(end->addr)))
		err(1, "connect");
}

void put(int fd, int size)
{
	if (send(fd, bench_data, size, 0) != size)
		err(1, "send");
}

void get(int fd, int size)
{
	if (recv(fd, bench_data, sizeof(bench_data), 0) != size)
		err(1, "recv");
}

void put_all(int fd, int size, long total)
{
	ssize_t n;

	for (; total > 0; total -= n) {
		n = send(fd, bench_data, size < total ? size : total, 0);
		if (n <= 0)
			err(1, "send");
	}
}

void get_all(int fd, long total)
{
	ssize_t n;

	for (; total > 0; total -= n) {
		n = recv(fd, bench_data, sizeof(bench_data), 0);
		if (n <= 0)
			err(1, "recv");
	}
}
