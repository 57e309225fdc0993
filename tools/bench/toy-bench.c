// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy-bench: what an operation costs, AF_TOY beside AF_INET.
 *
 *	toy-bench [-s SIZE] [-n COUNT] [-i IDLE] [-p PORT] MODE END END
 *
 * An END is NETNS/FAMILY/ADDRESS, FAMILY toy or inet. Prints lines of a name
 * and a number. Under an emulator that counts instructions as time, "op" is
 * instructions per operation and repeats to the per mille; it holds only if
 * nobody waited meanwhile for a timer: "idle" says how much of the time that was.
 */
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/toy.h>

#include "bench.h"

static const char usage[] =
	"usage: toy-bench [-s SIZE] [-n COUNT] [-i IDLE] [-p PORT] MODE END END\n"
	"END: NETNS/toy/ADDRESS or NETNS/inet/ADDRESS";

/* nopl with an address that nobody has: it does nothing, and the profiler
 * (tcg-profile.c) knows it when it sees it.
 */
void mark_start(void)
{
#ifdef __x86_64__
	asm volatile("nopl 0x544f5901(%%rax)" ::: "memory");
#endif
}

void mark_stop(void)
{
#ifdef __x86_64__
	asm volatile("nopl 0x544f5902(%%rax)" ::: "memory");
#endif
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Seconds without work, as the ticks saw it. */
static double idle_seconds(void)
{
	FILE *file = fopen("/proc/uptime", "r");
	double idle = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%*f %lf", &idle) != 1)
		idle = 0;
	fclose(file);
	return idle;
}

static const struct mode *find_mode(const char *name)
{
	const struct mode *m;

	for (m = udp_modes; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	for (m = tcp_modes; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	errx(1, "no mode %s", name);
}

static void read_end(struct end *end, char *text, int port)
{
	char *family, *addr;

	end->ns = strtok(text, "/");
	family = strtok(NULL, "/");
	addr = strtok(NULL, "/");
	if (!family || !addr)
		errx(1, "%s", usage);
	end->family = strcmp(family, "toy") ? AF_INET : AF_TOY;
	end->addr.sin_family = AF_INET;
	end->addr.sin_port = htons(port);
	if (inet_pton(AF_INET, addr, &end->addr.sin_addr) != 1)
		errx(1, "%s: no address", addr);
}

static const struct mode *read_args(struct bench *b, int argc, char **argv)
{
	int port = BENCH_PORT, c;

	while ((c = getopt(argc, argv, "s:n:i:p:")) != -1) {
		switch (c) {
		case 's':
			b->size = atoi(optarg);
			break;
		case 'n':
			b->count = atol(optarg);
			break;
		case 'i':
			b->idle = atoi(optarg);
			break;
		case 'p':
			port = atoi(optarg);
			break;
		default:
			errx(1, "%s", usage);
		}
	}
	if (argc - optind != 3 || b->size < 1 ||
	    b->size > (int)sizeof(bench_data) || b->count < 1)
		errx(1, "%s", usage);
	read_end(&b->a, argv[optind + 1], port - 1);
	read_end(&b->b, argv[optind + 2], port);
	return find_mode(argv[optind]);
}

static void measure(const struct mode *m, struct bench *b)
{
	double start, end, idle;

	for (int i = 0; i < m->warm; i++)	/* caches, neighbours, windows */
		m->run(b);
	slab_start();
	idle = idle_seconds();
	start = now_ns();
	mark_start();
	for (long i = 0; i < b->count; i++)
		m->run(b);
	mark_stop();
	end = now_ns();
	idle = idle_seconds() - idle;
	printf("op %.1f\n", (end - start) / b->count / m->ops);
	printf("ops %ld\n", b->count * m->ops);
	slab_print(b->count);
	printf("idle %.3f\n", idle / ((end - start) / 1e9));
}

int main(int argc, char **argv)
{
	struct rlimit lim = { 200000, 200000 };
	struct bench b = { .size = 1, .count = 1000 };
	const struct mode *m = read_args(&b, argc, argv);

	setrlimit(RLIMIT_NOFILE, &lim);
	m->open(&b);
	measure(m, &b);
	/* Before it can see the end of the connection. */
	if (b.child)
		kill(b.child, SIGKILL);
	return 0;
}
