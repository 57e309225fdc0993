// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy-echo: a UDP echo server and client, on AF_TOY or on AF_INET
 *
 *	toy-echo server FAMILY ADDR PORT
 *	toy-echo client FAMILY ADDR PORT [DATA | -n | -S MIN..MAX]
 *
 * FAMILY is "toy" or "inet", and it decides one thing only: the first argument
 * of socket(). Addresses stay struct sockaddr_in, every other call stays what
 * it was.
 *
 * The client sends DATA and prints the answer, or, with -S, sends one datagram
 * of every size and compares each answer with what it sent; with -n it only
 * sends.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/toy.h>

#define SHOWN	40	/* bytes of a datagram that are printed */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
		"usage: toy-echo server toy|inet ADDR PORT\n"
		"       toy-echo client toy|inet ADDR PORT [DATA | -n | -S MIN..MAX]\n");
	exit(2);
}

/* Prints "10.0.0.1:40112 -> 5 bytes: hello". */
static void show(const struct sockaddr_in *peer, const char *data, ssize_t len)
{
	int shown = len < SHOWN ? len : SHOWN;

	while (shown > 0 && data[shown - 1] == '\n')
		shown--;
	printf("%s:%u -> %zd bytes: %.*s%s\n", inet_ntoa(peer->sin_addr),
	       ntohs(peer->sin_port), len, shown, data,
	       len > SHOWN ? "..." : "");
}

static void server(int fd, const struct sockaddr_in *addr)
{
	static char data[65536];
	struct sockaddr_in peer;
	socklen_t peer_len;
	ssize_t len;

	if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		die("bind");

	for (;;) {
		peer_len = sizeof(peer);
		len = recvfrom(fd, data, sizeof(data), 0,
			       (struct sockaddr *)&peer, &peer_len);
		if (len < 0)
			die("recvfrom");
		show(&peer, data, len);

		/* A peer that has gone is its own problem, not the server's. */
		if (sendto(fd, data, len, 0, (struct sockaddr *)&peer,
			   peer_len) < 0)
			perror("sendto");
	}
}

/* Sends one datagram, waits for the answer, and returns the answer's length. */
static ssize_t exchange(int fd, const char *data, size_t len,
			char *answer, size_t size)
{
	ssize_t got;

	if (send(fd, data, len, 0) < 0)
		die("send");
	got = recv(fd, answer, size, 0);
	if (got < 0)
		die("recv");
	return got;
}

static void every_size(int fd, unsigned int min, unsigned int max)
{
	static char data[65536], answer[65536];
	unsigned int len, bad = 0;
	ssize_t got;

	for (len = 0; len < sizeof(data); len++)
		data[len] = 'a' + len % 26;

	for (len = min; len <= max; len++) {
		data[0] = 'A' + len % 26;
		got = exchange(fd, data, len, answer, sizeof(answer));
		if (got == len && !memcmp(data, answer, len))
			continue;
		fprintf(stderr, "%u bytes sent, %zd came back%s\n", len, got,
			got == len ? ", altered" : "");
		bad++;
	}
	printf("%u sizes, %u..%u bytes: %u echoed, %u bad\n", max - min + 1,
	       min, max, max - min + 1 - bad, bad);
	if (bad)
		exit(1);
}

static void client(int fd, const struct sockaddr_in *addr, char **args)
{
	const struct timeval patience = { .tv_sec = 5 };
	const char *data = args[0] ? args[0] : "hello";
	unsigned int min, max;
	char answer[65536];
	ssize_t got;

	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		die("connect");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die("SO_RCVTIMEO");

	if (!strcmp(data, "-n")) {
		if (send(fd, "x", 1, 0) < 0)
			die("send");
		return;
	}
	if (!strcmp(data, "-S")) {
		if (!args[1] || sscanf(args[1], "%u..%u", &min, &max) != 2 ||
		    min > max || max >= sizeof(answer))
			usage();
		every_size(fd, min, max);
		return;
	}
	got = exchange(fd, data, strlen(data), answer, sizeof(answer));
	show(addr, answer, got);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int family, fd;

	if (argc < 5)
		usage();
	if (!strcmp(argv[2], "toy"))
		family = AF_TOY;
	else if (!strcmp(argv[2], "inet"))
		family = AF_INET;
	else
		usage();

	/* This line is the difference. */
	fd = socket(family, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");

	if (!inet_aton(argv[3], &addr.sin_addr))
		usage();
	addr.sin_port = htons(atoi(argv[4]));
	setlinebuf(stdout);

	if (!strcmp(argv[1], "server"))
		server(fd, &addr);
	else if (!strcmp(argv[1], "client"))
		client(fd, &addr, argv + 5);
	else
		usage();
	close(fd);
	return 0;
}
