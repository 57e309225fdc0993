// SPDX-License-Identifier: GPL-2.0-only
/*
 * toyrun-storm: a program that is hard on toyrun(1)
 *
 *	toyrun-storm THREADS SOCKETS [FORKS]
 *	toyrun-storm alarm SOCKETS
 *	toyrun-storm tables
 *	toyrun-storm calls FAMILY
 *
 * THREADS threads open and close SOCKETS sockets in all, of both IP versions and
 * both types, while signals interrupt them; then FORKS children do the same at
 * once, each killed at a random moment. Says what domains the sockets had, and how
 * many calls failed and how. Exits with 1 if one failed by EINTR, which socket(2)
 * does not know, if one was of another family than the rest, or if a descriptor is
 * open afterwards that no call returned.
 *
 * alarm has a handler that does not restart system calls, and a signal each
 * millisecond. EINTR is then what a call fails by that toyrun's supervisor had not
 * taken yet; so that is counted, and no reason to exit with 1.
 *
 * tables makes the system calls of a 32-bit program, both ways to a socket, and
 * those of the x32 ABI, and says which families came of them.
 *
 * calls says how many nanoseconds getppid() takes, and one byte to oneself over UDP
 * by send() and recv() and over TCP by write() and read(): the least of several
 * rounds.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int opened, failed, interrupted, last_errno, domain, odd;
static int per_thread;

static void on_alarm(int sig)
{
	(void)sig;
}

static void one(int i)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int types[] = {
		SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM | SOCK_CLOEXEC,
		SOCK_DGRAM | SOCK_NONBLOCK,
	};
	int fd = socket(families[i & 1], types[i >> 1 & 3], 0);
	int got, none = 0;
	socklen_t len = sizeof(got);

	if (fd < 0) {
		last_errno = errno;
		if (errno == EINTR)
			interrupted++;
		failed++;
		return;
	}
	opened++;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &got, &len))
		odd++;
	else if (!atomic_compare_exchange_strong(&domain, &none, got) &&
		 none != got)
		odd++;
	close(fd);
}

static void *storm(void *arg)
{
	for (int i = 0; i < per_thread; i++)
		one(i + (long)arg);
	return NULL;
}

static void threads(int n)
{
	pthread_t id[256];

	for (long i = 0; i < n; i++)
		if (pthread_create(&id[i], NULL, storm, (void *)i))
			exit(2);
	for (int i = 0; i < n; i++)
		pthread_join(id[i], NULL);
}

/* The kernel gives the lowest free number: what lies below is open. */
static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void nap(long us)
{
	struct timespec t = { 0, us * 1000 };

	nanosleep(&t, NULL);
}

static void forks(int n)
{
	pid_t pid;

	for (int i = 0; i < n; i++) {
		pid = fork();
		if (!pid) {
			per_thread = 1000000;
			threads(2);
			_exit(0);
		}
		nap(random() % 20000);
		if (pid > 0)
			kill(pid, SIGKILL);
	}
	while (wait(NULL) > 0)
		;
}

/* ---- Other tables of system calls ---------------------------------------- */

#ifdef __x86_64__
#define I386_SOCKETCALL	102
#define I386_SOCKET	359
#define X32_SYSCALL_BIT	0x40000000

static long int80(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static int family_of(int fd)
{
	int got;
	socklen_t len = sizeof(got);

	if (fd < 0)
		return fd;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &got, &len))
		return -errno;
	return got;
}

static int call_tables(void)
{
	unsigned int *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	const unsigned int want[] = { AF_INET, AF_INET6, AF_UNIX };
	int fd;

	for (int i = 0; i < 3; i++) {
		args[0] = want[i];
		args[1] = SOCK_STREAM;
		printf("%d %d ",
		       family_of(int80(I386_SOCKET, want[i], SOCK_STREAM, 0)),
		       family_of(int80(I386_SOCKETCALL, 1, (long)args, 0)));
	}
	printf("%s\n", strerror(-int80(I386_SOCKETCALL, 1, 8, 0)));
	/* Linux has it where it was booted with syscall.x32=y. */
	printf("x32:");
	for (int i = 0; i < 3; i++) {
		fd = syscall(X32_SYSCALL_BIT | SYS_socket, want[i], SOCK_STREAM, 0);
		if (fd < 0)
			printf(" %s", strerror(errno));
		else
			printf(" %d", family_of(fd));
	}
	puts("");
	return 0;
}
#else
static int call_tables(void)
{
	return 4;
}
#endif

/* ---- What calls cost ----------------------------------------------------- */

#define CALLS	500

static int udp_to_itself(int family, int *other)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(family, SOCK_DGRAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)&addr, sizeof(addr)) ||
	    getsockname(fd, (void *)&addr, &len) ||
	    connect(fd, (void *)&addr, sizeof(addr)))
		exit(2);
	*other = fd;
	return fd;
}

static int tcp_to_itself(int family, int *other)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int listener = socket(family, SOCK_STREAM, 0);
	int fd = socket(family, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || fd < 0 ||
	    bind(listener, (void *)&addr, sizeof(addr)) ||
	    getsockname(listener, (void *)&addr, &len) || listen(listener, 1) ||
	    connect(fd, (void *)&addr, sizeof(addr)))
		exit(2);
	*other = accept(listener, NULL, NULL);
	return fd;
}

static void ask_parent(int from, int to)
{
	(void)from;
	(void)to;
	syscall(SYS_getppid);
}

static void send_recv(int from, int to)
{
	char byte = 0;

	if (send(from, &byte, 1, 0) != 1 || recv(to, &byte, 1, 0) != 1)
		exit(2);
}

static void write_read(int from, int to)
{
	char byte = 0;

	if (write(from, &byte, 1) != 1 || read(to, &byte, 1) != 1)
		exit(2);
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long cost(void (*what)(int from, int to), int from, int to)
{
	long start, took, least = -1;

	for (int round = 0; round < 9; round++) {
		start = now();
		for (int i = 0; i < CALLS; i++)
			what(from, to);
		took = (now() - start) / CALLS;
		if (least < 0 || took < least)
			least = took;
	}
	return least;
}

static int costs(int family)
{
	int from, to;

	printf("getppid %ld", cost(ask_parent, -1, -1));
	from = udp_to_itself(family, &to);
	printf(" udp %ld", cost(send_recv, from, to));
	from = tcp_to_itself(family, &to);
	printf(" tcp %ld\n", cost(write_read, from, to));
	return 0;
}

static void under_signals(int threads_n, int us, int flags)
{
	const struct itimerval often = { { 0, us }, { 0, us } };
	const struct sigaction sa = {
		.sa_handler = on_alarm, .sa_flags = flags,
	};

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	threads(threads_n);
	setitimer(ITIMER_REAL, &(struct itimerval){ }, NULL);
}

int main(int argc, char **argv)
{
	bool alarm = argc > 1 && !strcmp(argv[1], "alarm");
	int n = argc > 1 && !alarm ? atoi(argv[1]) : alarm ? 1 : 8;
	int sockets = argc > 2 ? atoi(argv[2]) : 10000;
	int first = next_descriptor(), lost;

	if (argc > 1 && !strcmp(argv[1], "tables"))
		return call_tables();
	if (argc > 2 && !strcmp(argv[1], "calls"))
		return costs(atoi(argv[2]));
	if (n < 1 || n > 256)
		return 2;
	per_thread = sockets / n;
	under_signals(n, alarm ? 1000 : 2000, alarm ? 0 : SA_RESTART);
	lost = next_descriptor() - first;
	if (argc > 3)
		forks(atoi(argv[3]));
	printf("%d sockets of family %d, %d failed%s%s, %d interrupted, %d odd, %d lost\n",
	       opened, domain, failed, failed ? ": " : "",
	       failed ? strerror(last_errno) : "", interrupted, odd, lost);
	return (interrupted && !alarm) || odd || lost;
}
