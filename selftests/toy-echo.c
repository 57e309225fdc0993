// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy-echo: echo servers and clients, UDP and TCP, on AF_TOY or on AF_INET
 *
 *	toy-echo server FAMILY ADDR PORT
 *	toy-echo client FAMILY ADDR PORT [DATA | -n | -S MIN..MAX]
 *	toy-echo tcp-server FAMILY ADDR PORT
 *	toy-echo tcp-client FAMILY ADDR PORT [DATA | -S MIN..MAX]
 *	toy-echo tcp-sink FAMILY ADDR PORT
 *	toy-echo tcp-source FAMILY ADDR PORT [MEGABYTES]
 *
 * FAMILY is "toy" or "inet", and it decides one thing only: the first argument
 * of socket(). Addresses stay struct sockaddr_in, every other call stays what
 * it was.
 *
 * A client sends DATA and prints the answer, or, with -S, sends one message of
 * every size and compares each answer with what it sent; with -n it only
 * sends. A source sends as much as it is told to a sink, and both say how fast
 * that was.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <linux/toy.h>

#define SHOWN	40	/* bytes of a message that are printed */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
		"usage: toy-echo server toy|inet ADDR PORT\n"
		"       toy-echo client toy|inet ADDR PORT [DATA | -n | -S MIN..MAX]\n"
		"       toy-echo tcp-server toy|inet ADDR PORT\n"
		"       toy-echo tcp-client toy|inet ADDR PORT [DATA | -S MIN..MAX]\n"
		"       toy-echo tcp-sink toy|inet ADDR PORT\n"
		"       toy-echo tcp-source toy|inet ADDR PORT [MEGABYTES]\n");
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

static void connect_to(int fd, const struct sockaddr_in *addr)
{
	const struct timeval patience = { .tv_sec = 5 };

	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		die("connect");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die("SO_RCVTIMEO");
}

/* ---- UDP ---------------------------------------------------------------- */

static void udp_server(int fd, const struct sockaddr_in *addr, char **args)
{
	static char data[65536];
	struct sockaddr_in peer;
	socklen_t peer_len;
	ssize_t len;

	(void)args;
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
static ssize_t udp_exchange(int fd, const char *data, size_t len,
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

/* ---- TCP ---------------------------------------------------------------- */

static void send_all(int fd, const char *data, size_t len)
{
	ssize_t sent;

	for (; len; data += sent, len -= sent) {
		sent = send(fd, data, len, MSG_NOSIGNAL);
		if (sent < 0)
			die("send");
	}
}

/* A stream has no messages: the answer comes in pieces. */
static ssize_t tcp_exchange(int fd, const char *data, size_t len,
			    char *answer, size_t size)
{
	ssize_t got = 0, more;

	(void)size;
	send_all(fd, data, len);
	while ((size_t)got < len) {
		more = recv(fd, answer + got, len - got, 0);
		if (more < 0)
			die("recv");
		if (!more)
			break;
		got += more;
	}
	return got;
}

static int listen_on(int fd, const struct sockaddr_in *addr)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		die("SO_REUSEADDR");
	if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		die("bind");
	if (listen(fd, 16))
		die("listen");
	return fd;
}

static int accept_from(int fd, struct sockaddr_in *peer)
{
	socklen_t len = sizeof(*peer);
	int conn = accept(fd, (struct sockaddr *)peer, &len);

	if (conn < 0)
		die("accept");
	return conn;
}

static void echo_stream(int fd, const struct sockaddr_in *peer)
{
	static char data[65536];
	ssize_t len;

	while ((len = recv(fd, data, sizeof(data), 0)) > 0) {
		show(peer, data, len);
		send_all(fd, data, len);
	}
	if (len < 0)
		die("recv");
}

static void tcp_server(int fd, const struct sockaddr_in *addr, char **args)
{
	struct sockaddr_in peer;
	int conn;

	(void)args;
	signal(SIGCHLD, SIG_IGN);
	listen_on(fd, addr);
	for (;;) {
		conn = accept_from(fd, &peer);
		if (!fork()) {
			echo_stream(conn, &peer);
			exit(0);
		}
		close(conn);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void show_rate(const char *what, double bytes, double seconds)
{
	printf("%s %.0f bytes in %.2f s: %.0f Mbit/s\n", what, bytes, seconds,
	       bytes / 125000 / seconds);
}

/* One connection, then it ends. */
static void tcp_sink(int fd, const struct sockaddr_in *addr, char **args)
{
	static char data[65536];
	struct sockaddr_in peer;
	double bytes = 0, start;
	ssize_t len;
	int conn;

	(void)args;
	conn = accept_from(listen_on(fd, addr), &peer);
	start = now();
	while ((len = recv(conn, data, sizeof(data), 0)) > 0)
		bytes += len;
	if (len < 0)
		die("recv");
	show_rate("received", bytes, now() - start);
	close(conn);
}

/* The sink closes when it has all. */
static void tcp_source(int fd, const struct sockaddr_in *addr, char **args)
{
	static char data[65536];
	int writes = 16 * (args[0] ? atoi(args[0]) : 64), i;
	double start;

	connect_to(fd, addr);
	start = now();
	for (i = 0; i < writes; i++)
		send_all(fd, data, sizeof(data));
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (recv(fd, data, sizeof(data), 0))
		die("recv");
	show_rate("sent", sizeof(data) * (double)writes, now() - start);
}

/* ---- The clients -------------------------------------------------------- */

typedef ssize_t exchange_fn(int fd, const char *data, size_t len, char *answer,
			    size_t size);

static void every_size(int fd, exchange_fn *exchange, unsigned int min,
		       unsigned int max)
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

static void client(int fd, const struct sockaddr_in *addr, char **args,
		   exchange_fn *exchange)
{
	const char *data = args[0] ? args[0] : "hello";
	unsigned int min, max;
	char answer[65536];
	ssize_t got;

	connect_to(fd, addr);
	if (!strcmp(data, "-n")) {
		if (send(fd, "x", 1, 0) < 0)
			die("send");
		return;
	}
	if (!strcmp(data, "-S")) {
		if (!args[1] || sscanf(args[1], "%u..%u", &min, &max) != 2 ||
		    min > max || max >= sizeof(answer))
			usage();
		every_size(fd, exchange, min, max);
		return;
	}
	got = exchange(fd, data, strlen(data), answer, sizeof(answer));
	show(addr, answer, got);
}

static void udp_client(int fd, const struct sockaddr_in *addr, char **args)
{
	client(fd, addr, args, udp_exchange);
}

static void tcp_client(int fd, const struct sockaddr_in *addr, char **args)
{
	client(fd, addr, args, tcp_exchange);
}

static const struct role {
	const char	*name;
	int		type;
	void		(*play)(int fd, const struct sockaddr_in *addr,
				char **args);
} roles[] = {
	{ "server",	SOCK_DGRAM,	udp_server },
	{ "client",	SOCK_DGRAM,	udp_client },
	{ "tcp-server",	SOCK_STREAM,	tcp_server },
	{ "tcp-client",	SOCK_STREAM,	tcp_client },
	{ "tcp-sink",	SOCK_STREAM,	tcp_sink },
	{ "tcp-source",	SOCK_STREAM,	tcp_source },
	{ }
};

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	const struct role *role;
	int family, fd;

	if (argc < 5)
		usage();
	for (role = roles; role->name && strcmp(role->name, argv[1]); role++)
		;
	if (!role->name)
		usage();
	if (!strcmp(argv[2], "toy"))
		family = AF_TOY;
	else if (!strcmp(argv[2], "inet"))
		family = AF_INET;
	else
		usage();
	if (!inet_aton(argv[3], &addr.sin_addr))
		usage();
	addr.sin_port = htons(atoi(argv[4]));
	setlinebuf(stdout);

	/* This line is the difference. */
	fd = socket(family, role->type, 0);
	if (fd < 0)
		die("socket");
	role->play(fd, &addr, argv + 5);
	close(fd);
	return 0;
}
