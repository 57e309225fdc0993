// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcp-bulk: TCP traffic that checks itself, on AF_TOY or on AF_INET
 *
 *	tcp-bulk sink FAMILY ADDR PORT [CONNECTIONS]
 *	tcp-bulk send FAMILY ADDR PORT BYTES [SEED]
 *	tcp-bulk flow FAMILY ADDR PORT SECONDS SKIP
 *	tcp-bulk echo FAMILY ADDR PORT
 *	tcp-bulk many FAMILY ADDR PORT CONNECTIONS
 *	tcp-bulk storm FAMILY ADDR PORT CONNECTIONS
 *
 * "send" connects and sends a pseudo-random stream that a seed determines, in
 * writes of all sizes; "sink" makes the same stream and compares, then answers
 * how much was right. "flow" sends for some seconds, and the sink prints the
 * rate that arrived in that time, less SKIP seconds at the beginning. "many"
 * has all its connections open at once, "storm" one after the other; "echo"
 * serves both.
 *
 * Everything that goes wrong is told, and ends in status 1. -b ADDR[:PORT]
 * binds a client, -c NAME sets the congestion control, -v tells of a flow's window
 * each second. With -n the sink of a flow reads every five milliseconds only: that
 * makes a simulation fast, and the acknowledgments bursty.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/toy.h>

#define MAGIC	0x746f79627563ULL

static int family;
static struct sockaddr_in addr, source;
static const char *cc;
static int verbose, naps;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "tcp-bulk: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
		"usage: tcp-bulk [-b ADDR[:PORT]] [-c NAME] ROLE toy|inet ADDR PORT ...\n"
		"  sink [CONNECTIONS] | send BYTES [SEED] | flow SECONDS SKIP |\n"
		"  echo | many CONNECTIONS | storm CONNECTIONS\n");
	exit(2);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* ---- The stream ---------------------------------------------------------- */

/* What a sender says first. */
struct hello {
	uint64_t magic;
	uint64_t seed;
	uint64_t bytes;		/* 0: a flow, for so many milliseconds */
	uint32_t run_ms;
	uint32_t skip_ms;
};

static uint64_t word(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Bytes @at ... @at + @len of the stream. */
static void stream(uint64_t seed, uint64_t at, unsigned char *data, size_t len)
{
	uint64_t w;
	size_t n, off;

	while (len) {
		w = word(seed, at / 8);
		off = at % 8;
		n = 8 - off < len ? 8 - off : len;
		memcpy(data, (unsigned char *)&w + off, n);
		data += n;
		at += n;
		len -= n;
	}
}

/* ---- Sockets ------------------------------------------------------------- */

static int new_socket(int flags)
{
	int fd = socket(family, SOCK_STREAM | flags, 0);

	if (fd < 0)
		die("socket");
	if (cc && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, cc, strlen(cc)))
		die(cc);
	return fd;
}

static int listener(void)
{
	int fd = new_socket(0), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("bind");
	if (listen(fd, 4096))
		die("listen");
	return fd;
}

static int client(int flags)
{
	int fd = new_socket(flags);

	if (source.sin_family &&
	    bind(fd, (struct sockaddr *)&source, sizeof(source)))
		die("bind");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	    errno != EINPROGRESS)
		die("connect");
	return fd;
}

static void write_all(int fd, const void *data, size_t len)
{
	ssize_t n;

	for (; len; len -= n, data += n) {
		n = send(fd, data, len, 0);
		if (n < 0)
			die("send");
	}
}

/* False at the end. */
static int read_all(int fd, void *data, size_t len)
{
	ssize_t n;

	for (; len; len -= n, data += n) {
		n = recv(fd, data, len, 0);
		if (n < 0)
			die("recv");
		if (!n)
			return 0;
	}
	return 1;
}

/* ---- sink ---------------------------------------------------------------- */

static int bad;

static void *sink_one(void *arg)
{
	int fd = (long)arg;
	unsigned char *data = malloc(2 << 17), *want = data + (1 << 17);
	uint64_t at = 0, skipped = 0;
	double start, t = 0, from = 0;
	struct hello hello;
	ssize_t n = 0;

	if (!data || !read_all(fd, &hello, sizeof(hello)) ||
	    hello.magic != MAGIC) {
		fprintf(stderr, "tcp-bulk: no hello\n");
		__atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
		goto out;
	}
	start = now();
	for (;;) {
		/* Waking up for each segment is what costs most. */
		if (!hello.bytes && naps)
			usleep(5000);
		n = recv(fd, data, 1 << 17, 0);
		if (n <= 0)
			break;
		t = now();
		if (hello.bytes) {
			stream(hello.seed, at, want, n);
			if (memcmp(data, want, n)) {
				fprintf(stderr, "tcp-bulk: wrong data between %llu and %llu\n",
					(unsigned long long)at,
					(unsigned long long)at + n);
				__atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
				goto out;
			}
		} else if (!from && (t - start) * 1e3 >= hello.skip_ms) {
			from = t;
			skipped = at + n;
		} else if ((t - start) * 1e3 >= hello.run_ms) {
			/* What is still on its way does not count. */
			break;
		}
		at += n;
	}
	if (n < 0) {
		perror("tcp-bulk: recv");
		__atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
	} else if (hello.bytes) {
		if (at != hello.bytes) {
			fprintf(stderr, "tcp-bulk: %llu bytes, not %llu\n",
				(unsigned long long)at,
				(unsigned long long)hello.bytes);
			__atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
		}
		printf("%llu bytes ok\n", (unsigned long long)at);
		send(fd, &at, sizeof(at), MSG_NOSIGNAL);
	} else if (from && t > from) {
		printf("%.0f kbit/s\n", (at - skipped) * 8 / (t - from) / 1e3);
	}
out:
	free(data);
	close(fd);
	return NULL;
}

static void sink(int connections)
{
	pthread_t *threads = calloc(connections, sizeof(*threads));
	int l = listener(), fd, i;

	for (i = 0; i < connections; i++) {
		fd = accept(l, NULL, NULL);
		if (fd < 0)
			die("accept");
		if (pthread_create(&threads[i], NULL, sink_one, (void *)(long)fd))
			die("thread");
	}
	for (i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	if (bad)
		exit(1);
}

/* ---- send, flow ---------------------------------------------------------- */

static void send_stream(uint64_t bytes, uint64_t seed)
{
	struct hello hello = { .magic = MAGIC, .seed = seed, .bytes = bytes };
	static unsigned char data[1 << 17];
	uint64_t at = 0, n, answer = 0;
	int fd = client(0);
	double start = now(), took;

	write_all(fd, &hello, sizeof(hello));
	while (at < bytes) {
		/* Small ones among large ones. */
		n = 1 + word(~seed, at) % sizeof(data);
		if (n % 4 == 0)
			n = 1 + n % 3000;
		if (n > bytes - at)
			n = bytes - at;
		stream(seed, at, data, n);
		write_all(fd, data, n);
		at += n;
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (!read_all(fd, &answer, sizeof(answer)) || answer != bytes) {
		fprintf(stderr, "tcp-bulk: the sink has got %llu bytes of %llu\n",
			(unsigned long long)answer, (unsigned long long)bytes);
		exit(1);
	}
	took = now() - start;
	printf("%llu bytes sent, %.3f s, %.1f Mbit/s\n",
	       (unsigned long long)bytes, took, bytes * 8 / 1e6 / took);
	close(fd);
}

static void tell_window(int fd)
{
	static time_t last;
	struct tcp_info ti;
	socklen_t len = sizeof(ti);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == last ||
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
		return;
	last = now.tv_sec;
	fprintf(stderr, "%ld: cwnd %u ssthresh %u rtt %u ms retrans %u in %u out %u\n",
		(long)now.tv_sec, ti.tcpi_snd_cwnd, ti.tcpi_snd_ssthresh,
		ti.tcpi_rtt / 1000, ti.tcpi_total_retrans, ti.tcpi_segs_in,
		ti.tcpi_data_segs_out);
}

static void flow(double seconds, double skip)
{
	struct hello hello = {
		.magic = MAGIC, .run_ms = seconds * 1e3, .skip_ms = skip * 1e3,
	};
	static unsigned char data[1 << 18];
	int fd = client(0);

	signal(SIGPIPE, SIG_IGN);
	write_all(fd, &hello, sizeof(hello));
	/* The sink closes when the time is over. */
	while (send(fd, data, sizeof(data), 0) > 0)
		if (verbose)
			tell_window(fd);
	close(fd);
}

/* ---- echo, many, storm --------------------------------------------------- */

static void echo(void)
{
	struct epoll_event e = { .events = EPOLLIN }, got[64];
	int l = listener(), ep = epoll_create1(0), fd, i, n;
	static char data[65536];
	ssize_t len;

	signal(SIGPIPE, SIG_IGN);
	e.data.fd = l;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, l, &e))
		die("epoll");
	for (;;) {
		n = epoll_wait(ep, got, 64, -1);
		for (i = 0; i < n; i++) {
			fd = got[i].data.fd;
			if (fd == l) {
				fd = accept(l, NULL, NULL);
				if (fd < 0)
					continue;
				e.data.fd = fd;
				if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e))
					die("epoll");
				continue;
			}
			len = recv(fd, data, sizeof(data), MSG_DONTWAIT);
			if (len < 0 && errno == EAGAIN)
				continue;
			/* What is echoed is short: it fits. */
			if (len <= 0 || send(fd, data, len, 0) != len)
				close(fd);
		}
	}
}

static size_t message(int i, unsigned char *data)
{
	size_t len = 1 + i * 37 % 3000;

	stream(i, 0, data, len);
	return len;
}

static void check_echo(int fd, int i)
{
	unsigned char want[3000], got[3000];
	size_t len = message(i, want);

	if (!read_all(fd, got, len)) {
		fprintf(stderr, "tcp-bulk: connection %d ended early\n", i);
		exit(1);
	}
	if (memcmp(want, got, len)) {
		fprintf(stderr, "tcp-bulk: connection %d: wrong echo\n", i);
		exit(1);
	}
}

static void many(int connections)
{
	int *fds = calloc(connections, sizeof(*fds)), i, err;
	unsigned char data[3000];
	socklen_t len;
	struct epoll_event e;
	int ep = epoll_create1(0), left = connections;

	/* All SYNs before any answer is looked at. */
	for (i = 0; i < connections; i++) {
		fds[i] = client(SOCK_NONBLOCK);
		e = (struct epoll_event){ .events = EPOLLOUT, .data.u32 = i };
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e))
			die("epoll");
	}
	while (left) {
		if (epoll_wait(ep, &e, 1, -1) != 1)
			die("epoll_wait");
		i = e.data.u32;
		len = sizeof(err);
		if (getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &err, &len) || err) {
			errno = err;
			die("connect");
		}
		epoll_ctl(ep, EPOLL_CTL_DEL, fds[i], NULL);
		fcntl(fds[i], F_SETFL, 0);
		left--;
	}
	for (i = 0; i < connections; i++)
		write_all(fds[i], data, message(i, data));
	for (i = 0; i < connections; i++)
		check_echo(fds[i], i);
	for (i = 0; i < connections; i++)
		close(fds[i]);
	printf("%d connections echoed\n", connections);
}

static void storm(int connections)
{
	unsigned char data[3000];
	int i, fd;

	for (i = 0; i < connections; i++) {
		fd = client(0);
		write_all(fd, data, message(i, data));
		check_echo(fd, i);
		close(fd);
	}
	printf("%d connections echoed\n", connections);
}

/* ADDR or ADDR:PORT */
static void set_source(char *text)
{
	char *port = strchr(text, ':');

	if (port) {
		*port++ = 0;
		source.sin_port = htons(atoi(port));
	}
	source.sin_family = AF_INET;
	if (!inet_aton(text, &source.sin_addr))
		usage();
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	int opt;

	while ((opt = getopt(argc, argv, "+b:c:nv")) != -1) {
		switch (opt) {
		case 'b':
			set_source(optarg);
			break;
		case 'c':
			cc = optarg;
			break;
		case 'n':
			naps = 1;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	}
	argv += optind;
	argc -= optind;
	if (argc < 4)
		usage();
	if (!strcmp(argv[1], "toy"))
		family = AF_TOY;
	else if (!strcmp(argv[1], "inet"))
		family = AF_INET;
	else
		usage();
	addr.sin_family = AF_INET;
	addr.sin_port = htons(atoi(argv[3]));
	if (!inet_aton(argv[2], &addr.sin_addr))
		usage();
	setrlimit(RLIMIT_NOFILE, &files);
	setlinebuf(stdout);

	if (!strcmp(argv[0], "sink"))
		sink(argc > 4 ? atoi(argv[4]) : 1);
	else if (!strcmp(argv[0], "send") && argc > 4)
		send_stream(strtoull(argv[4], NULL, 0),
			    argc > 5 ? strtoull(argv[5], NULL, 0) : 1);
	else if (!strcmp(argv[0], "flow") && argc > 5)
		flow(atof(argv[4]), atof(argv[5]));
	else if (!strcmp(argv[0], "echo"))
		echo();
	else if (!strcmp(argv[0], "many") && argc > 4)
		many(atoi(argv[4]));
	else if (!strcmp(argv[0], "storm") && argc > 4)
		storm(atoi(argv[4]));
	else
		usage();
	return 0;
}
