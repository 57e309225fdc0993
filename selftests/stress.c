// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many threads on few sockets: everything that may happen at the same time
 * happens at the same time, for a bounded number of steps. The kernel's own
 * checkers judge; here it counts that all steps end and that a fresh socket
 * works as before.
 */
#include "toy_test.h"

#include <pthread.h>
#include <signal.h>

#define THREADS	6
#define SLOTS	16
#define STEPS	3000
#define LO	"127.0.0.1"

static int slots[SLOTS];	/* descriptors that all threads use; -1: none */
static bool with_peer;		/* 10.0.0.1 is there to talk to */

struct worker {
	pthread_t thread;
	unsigned int seed;
	long done;
};

static int rnd(struct worker *w, int n)
{
	return rand_r(&w->seed) % n;
}

static int new_socket(struct worker *w)
{
	static const enum form forms[] = { FORM_IN, FORM_IN6, FORM_TOY };
	enum form form = TESTING_TOY ? forms[rnd(w, 3)] : FORM_IN;

	return sock_form(form, SOCK_DGRAM | SOCK_NONBLOCK,
			 rnd(w, 8) ? 0 : IPPROTO_ICMP);
}

static const char *some_ip(struct worker *w)
{
	static const char * const ips[] = {
		LO, "127.0.0.2", "0.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.77",
	};

	return ips[rnd(w, with_peer ? ARRAY_SIZE(ips) : 3)];
}

/* Few ports, so that sockets meet. */
static int some_port(struct worker *w)
{
	return 5000 + rnd(w, 8);
}

static void one_step(struct worker *w)
{
	struct timeval tv = { .tv_usec = 1000 };
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	static char data[1472];
	int slot = rnd(w, SLOTS);
	int fd = __atomic_load_n(&slots[slot], __ATOMIC_RELAXED);
	char in[2000];

	switch (rnd(w, 20)) {
	case 0:
	case 1:		/* a socket takes another's place */
		fd = __atomic_exchange_n(&slots[slot], new_socket(w),
					 __ATOMIC_RELAXED);
		if (fd >= 0)
			close(fd);
		break;
	case 2:
		bind_to(fd, FORM_IN, some_ip(w), some_port(w));
		break;
	case 3:
		bind_to(fd, FORM_IN, LO, 0);
		break;
	case 4:
	case 5:
		connect_to(fd, FORM_IN, some_ip(w), some_port(w));
		break;
	case 6:
		disconnect(fd);
		break;
	case 7:
		set_opt(fd, SOL_SOCKET, SO_REUSEADDR, rnd(w, 2));
		break;
	case 8:
		set_reuseport(fd, rnd(w, 2));
		break;
	case 9:
		set_opt(fd, SOL_SOCKET, SO_RCVBUF, 1 << rnd(w, 18));
		break;
	case 10:
		shutdown(fd, rnd(w, 3));
		break;
	case 11:
		getsockname(fd, (struct sockaddr *)&name, &len);
		getpeername(fd, (struct sockaddr *)&name, &len);
		break;
	case 12:
		poll_for(fd, POLLIN | POLLOUT, 0);
		break;
	case 13:
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		fcntl(fd, F_SETFL, rnd(w, 4) ? O_NONBLOCK : 0);
		break;
	case 14:
	case 15:
	case 16:
		send_to(fd, FORM_IN, some_ip(w), some_port(w), data,
			rnd(w, sizeof(data)));
		break;
	case 17:
		send(fd, data, rnd(w, 100), MSG_DONTWAIT);
		break;
	default:
		recv(fd, in, sizeof(in), rnd(w, 2) ? MSG_DONTWAIT : MSG_PEEK |
							    MSG_DONTWAIT);
		break;
	}
	w->done++;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	int i;

	for (i = 0; i < STEPS; i++)
		one_step(w);
	return NULL;
}

static long run_workers(unsigned int seed)
{
	struct worker w[THREADS] = {};
	long done = 0;
	int i;

	for (i = 0; i < SLOTS; i++)
		slots[i] = -1;
	for (i = 0; i < THREADS; i++) {
		w[i].seed = seed + i;
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		done += w[i].done;
	}
	for (i = 0; i < SLOTS; i++)
		if (slots[i] >= 0)
			close(slots[i]);
	return done;
}

FIXTURE(stress) {
	int unused;
};

FIXTURE_SETUP(stress)
{
}

FIXTURE_TEARDOWN(stress)
{
}

static void still_works(struct __test_metadata *_metadata)
{
	int rx = udp_form(FORM_IN), tx = udp_form(FORM_IN);
	char data[8];

	ASSERT_LE(0, rx);
	ASSERT_EQ(0, bind_to(rx, FORM_IN, LO, 0));
	ASSERT_EQ(1, send_to(tx, FORM_IN, LO, port_of(rx), "x", 1));
	ASSERT_EQ(1, recv_now(rx, data, sizeof(data), 0));
	close(rx);
	close(tx);
}

static void open_to_all(void)
{
	sysctl_write("ping_group_range", "0 2147483647");
	signal(SIGPIPE, SIG_IGN);
}

TEST_F_TIMEOUT(stress, threads_on_loopback, 120)
{
	ASSERT_LE(0, netns_new());
	open_to_all();
	EXPECT_EQ(THREADS * STEPS, run_workers(1));
	still_works(_metadata);
}

TEST_F_TIMEOUT(stress, threads_and_a_peer, 120)
{
	struct pair p;

	ASSERT_EQ(0, pair_make(&p));
	open_to_all();
	with_peer = true;
	EXPECT_EQ(THREADS * STEPS, run_workers(100));
	still_works(_metadata);
}

/* One connects, one disconnects, both the same socket, until it is closed. */
static void *connect_often(void *arg)
{
	int fd = *(int *)arg, i;

	for (i = 0; i < 100; i++)
		connect_to(fd, FORM_IN, LO, 5000 + i % 8);
	return NULL;
}

static void *disconnect_often(void *arg)
{
	int fd = *(int *)arg, i;

	for (i = 0; i < 100; i++)
		disconnect(fd);
	return NULL;
}

TEST_F_TIMEOUT(stress, connect_against_disconnect, 120)
{
	pthread_t a, b, c;
	int i, fd;

	ASSERT_LE(0, netns_new());
	for (i = 0; i < 200; i++) {
		fd = udp_form(FORM_IN);
		ASSERT_LE(0, fd);
		pthread_create(&a, NULL, connect_often, &fd);
		pthread_create(&b, NULL, disconnect_often, &fd);
		pthread_create(&c, NULL, connect_often, &fd);
		pthread_join(a, NULL);
		pthread_join(b, NULL);
		pthread_join(c, NULL);
		close(fd);
	}
	still_works(_metadata);
}

/* Addresses and the link come and go meanwhile. */
static bool changing;

static void *change_things(void *arg)
{
	const char *s = TESTING_TOY ? "toy" : "ip";
	int i;

	for (i = 0; __atomic_load_n(&changing, __ATOMIC_RELAXED); i++) {
		switch (i % 4) {
		case 0:
			sh("%s addr del 10.0.0.2/24 dev veth1", s);
			break;
		case 1:
			sh("%s addr add 10.0.0.2/24 dev veth1", s);
			break;
		case 2:
			sh("ip link set veth1 down");
			break;
		default:
			sh("ip link set veth1 up");
			if (sh("%s addr show | grep -q 10.0.0.2", s))
				sh("%s addr add 10.0.0.2/24 dev veth1", s);
			break;
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(stress, threads_while_the_network_changes, 120)
{
	pthread_t changer;
	struct pair p;

	ASSERT_EQ(0, pair_make(&p));
	open_to_all();
	with_peer = true;
	changing = true;
	ASSERT_EQ(0, pthread_create(&changer, NULL, change_things, NULL));
	EXPECT_EQ(THREADS * STEPS, run_workers(200));
	__atomic_store_n(&changing, false, __ATOMIC_RELAXED);
	pthread_join(changer, NULL);
	still_works(_metadata);
}

/* Processes that die in the middle of a call leave nothing behind. */
TEST_F_TIMEOUT(stress, killed_in_the_middle, 120)
{
	struct worker w = { .seed = 7 };
	int i, status, rx;
	pid_t pid;
	char c;

	ASSERT_LE(0, netns_new());
	open_to_all();
	for (i = 0; i < 100; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			rx = udp_form(FORM_IN);
			bind_to(rx, FORM_IN, LO, 5000);
			if (i % 2)
				for (;;)
					one_step(&w);
			recv(rx, &c, 1, 0);
			_exit(0);
		}
		usleep(rnd(&w, 3000));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
	}
	/* Its port is free, so its sockets are gone. */
	rx = udp_form(FORM_IN);
	EXPECT_EQ(0, bind_to(rx, FORM_IN, LO, 5000));
	still_works(_metadata);
}

/* All of a range of ports at once, and all of them back. */
TEST_F_TIMEOUT(stress, many_sockets, 120)
{
	static int fd[900];
	char c;
	int i;

	ASSERT_LE(0, netns_new());
	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = udp_form(FORM_IN);
		ASSERT_LE(0, fd[i]) TH_LOG("%s", strerror(errno));
		ASSERT_EQ(0, bind_to(fd[i], FORM_IN, LO, 20000 + i));
	}
	for (i = 0; i < ARRAY_SIZE(fd); i++)
		ASSERT_EQ(1, send_to(fd[i], FORM_IN, LO,
				     20000 + (i + 1) % ARRAY_SIZE(fd), "x", 1));
	for (i = 0; i < ARRAY_SIZE(fd); i++)
		ASSERT_EQ(1, recv_now(fd[i], &c, 1, 0));
	for (i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
	still_works(_metadata);
}

TOY_TEST_MAIN
