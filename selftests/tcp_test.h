/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of TCP sockets share: a listener and a connection on
 * loopback, a place where packets vanish, states, sets of poll events in words.
 */
#ifndef TCP_TEST_H
#define TCP_TEST_H

#include "toy_test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include <linux/tcp.h>

#define LO	"127.0.0.1"
/* Somebody who takes SYNs and says nothing: see black_hole(). */
#define HOLE	"10.99.0.7"

/* TCP_INFO's numbers. */
enum {
	ST_ESTABLISHED = 1, ST_SYN_SENT, ST_SYN_RECV, ST_FIN_WAIT1,
	ST_FIN_WAIT2, ST_TIME_WAIT, ST_CLOSE, ST_CLOSE_WAIT, ST_LAST_ACK,
	ST_LISTEN, ST_CLOSING,
};

/* A pointer to nowhere, of which the compiler knows nothing. */
#define BAD ({								\
	void *__p = (void *)1;						\
									\
	asm("" : "+r" (__p));						\
	__p; })

/* ---- Waiting ------------------------------------------------------------ */

/* Does @cond become true before the deadline? A look every millisecond. */
#define BECOMES(cond) ({						\
	bool __true = false;						\
	int __ms;							\
									\
	for (__ms = 0; __ms < DEADLINE_MS; __ms++) {			\
		__true = (cond);					\
		if (__true)						\
			break;						\
		usleep(1000);						\
	}								\
	__true; })

/* Does @cond stay true for a little while? */
#define REMAINS(cond) ({						\
	bool __true = true;						\
	int __ms;							\
									\
	for (__ms = 0; __true && __ms < QUIET_MS; __ms += 5) {		\
		__true = (cond);					\
		usleep(5000);						\
	}								\
	__true; })

/* ---- Sockets ------------------------------------------------------------ */

static inline int tcp_form(enum form form)
{
	return sock_form(form, SOCK_STREAM, 0);
}

static inline int tcp_nb_form(enum form form)
{
	return sock_form(form, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static inline int tcp_new(void)
{
	return tcp_form(FORM_IN);
}

static inline int tcp_nb_new(void)
{
	return tcp_nb_form(FORM_IN);
}

/* A listener, or -errno of what went wrong. */
static inline int listen_at(enum form form, const char *ip, int port,
			    int backlog)
{
	int fd = tcp_form(form), err;

	if (fd < 0)
		return -errno;
	if (!bind_to(fd, form, ip, port) && !listen(fd, backlog))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* A port where nobody listens: it was free a moment ago. */
static inline int free_port(enum form f)
{
	int fd = tcp_form(f), port;

	bind_to(fd, f, LO, 0);
	port = port_of(fd);
	close(fd);
	return port;
}

/* The next connection, waited for no longer than the deadline. */
static inline int accept_now(int fd)
{
	if (!readable(fd))
		return -ETIMEDOUT;
	return ERRNO(accept(fd, NULL, NULL));
}

static inline int so_error(int fd)
{
	return get_opt(fd, SOL_SOCKET, SO_ERROR);
}

static inline int state_of(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return -errno;
	return info.tcpi_state;
}

static inline int ioctl_int(int fd, unsigned long request)
{
	int value = -1;

	return ioctl(fd, request, &value) ? -errno : value;
}

static inline int set_linger(int fd, int on, int seconds)
{
	struct linger l = { .l_onoff = on, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

/* Close with a RST. */
static inline void close_hard(int fd)
{
	set_linger(fd, 1, 0);
	close(fd);
}

static inline int set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static inline int set_timeo(int fd, int name, int ms)
{
	struct timeval tv = {
		.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000,
	};

	return setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

/*
 * A connection with itself on loopback, and its listener:
 *
 *	c  <------>  s   accepted by l, 127.0.0.1:port
 */
struct conn {
	int l, c, s, port;
};

/* 0, or -errno. */
static inline int conn_make(struct conn *t, enum form form)
{
	t->c = -1;
	t->s = -1;
	t->l = listen_at(form, LO, 0, 8);
	if (t->l < 0)
		return t->l;
	t->port = port_of(t->l);
	t->c = tcp_form(form);
	if (t->c < 0 || connect_to(t->c, form, LO, t->port))
		return -errno;
	t->s = accept_now(t->l);
	return t->s < 0 ? t->s : 0;
}

/* Another connection to the same listener. */
static inline int conn_more(const struct conn *t, int *c, int *s)
{
	*c = tcp_new();
	if (*c < 0 || connect_to(*c, FORM_IN, LO, t->port))
		return -errno;
	*s = accept_now(t->l);
	return *s < 0 ? *s : 0;
}

/* Send until nothing goes in any more, even after a while; how much went. The
 * peer does not read, so it ends.
 */
static inline long fill(int fd)
{
	static char data[65536];
	long sum = 0, n;
	int idle = 0;

	while (idle < 3) {
		n = send(fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			sum += n;
			idle = 0;
		} else {
			idle++;
			usleep(1000 * QUIET_MS);
		}
	}
	return sum;
}

/* Read exactly @len bytes, or until the end, or an error: what came. */
static inline long drain(int fd, long len)
{
	static char data[65536];
	long sum = 0, n;

	while (sum < len) {
		n = recv_now(fd, data, len - sum < sizeof(data) ?
			     len - sum : sizeof(data), 0);
		if (n <= 0)
			break;
		sum += n;
	}
	return sum;
}

#define SEND(fd, text) do {						\
	const char *__text = (text);					\
	EXPECT_EQ(strlen(__text),					\
		  send(fd, __text, strlen(__text), MSG_NOSIGNAL));	\
} while (0)

/* The next bytes are these; in how many pieces they come is TCP's business. */
#define EXPECT_RECV(fd, text) do {					\
	const char *__want = (text);					\
	int __from = (fd);						\
	size_t __len = strlen(__want), __sum = 0;			\
	char __data[256] = "";						\
	long __n = 1;							\
									\
	while (__sum < __len && __n > 0) {				\
		__n = recv_now(__from, __data + __sum,		\
			       __len - __sum, 0);			\
		__sum += __n > 0 ? __n : 0;				\
	}								\
	EXPECT_STREQ(__want, __data) {					\
		if (__n <= 0)						\
			TH_LOG("recv: %s", strerror(-__n));		\
	}								\
} while (0)

#define EXPECT_EOF(fd) do {						\
	char __c;							\
	EXPECT_EQ(0, recv_now(fd, &__c, 1, 0));				\
} while (0)

#define EXPECT_NOTHING(fd) do {						\
	char __c;							\
	EXPECT_EQ(-EAGAIN, ERRNO(recv(fd, &__c, 1, MSG_DONTWAIT)));	\
} while (0)

#define EXPECT_RECV_ERRNO(err, fd) do {					\
	char __c;							\
	EXPECT_EQ(-(err), recv_now(fd, &__c, 1, 0));			\
} while (0)

/* Both ends can talk to each other. */
#define EXPECT_ALIVE(a, b) do {						\
	int __one = (a), __two = (b);					\
									\
	SEND(__one, "ping");						\
	EXPECT_RECV(__two, "ping");					\
	SEND(__two, "pong");						\
	EXPECT_RECV(__one, "pong");					\
} while (0)

#define EXPECT_STATE(state, fd) do {					\
	EXPECT_TRUE(BECOMES(state_of(fd) == (state)))			\
		TH_LOG("state %d", state_of(fd));			\
} while (0)

/* ---- Events in words ---------------------------------------------------- */

#define ALL_EVENTS	(POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

static inline const char *event_words(int events)
{
	static char text[8][64];
	static int next;
	char *s = text[next++ % 8];

	snprintf(s, sizeof(text[0]), "%s%s%s%s%s%s%s",
		 events & POLLIN ? " in" : "", events & POLLPRI ? " pri" : "",
		 events & POLLOUT ? " out" : "",
		 events & POLLRDHUP ? " rdhup" : "",
		 events & POLLERR ? " err" : "", events & POLLHUP ? " hup" : "",
		 events & POLLNVAL ? " nval" : "");
	return *s ? s + 1 : s;
}

static inline const char *events_now(int fd)
{
	return event_words(poll_for(fd, ALL_EVENTS, 0));
}

/* @want, or what is there instead when the deadline has come. */
static inline const char *events_become(int fd, const char *want)
{
	(void)!BECOMES(!strcmp(want, events_now(fd)));
	return events_now(fd);
}

/* Exactly these events: "in out rdhup", in the order of event_words(). */
#define EXPECT_EVENTS(want, fd)	EXPECT_STREQ(want, events_become(fd, want))

/* ---- Signals ------------------------------------------------------------ */

static volatile sig_atomic_t signals;

static inline void count_signal(int sig)
{
	signals++;
}

/* @restart: SA_RESTART. */
static inline int catch_signal(int sig, bool restart)
{
	struct sigaction sa = {
		.sa_handler = count_signal,
		.sa_flags = restart ? SA_RESTART : 0,
	};

	signals = 0;
	return sigaction(sig, &sa, NULL);
}

/* SIGALRM now and then; a call that is not asleep yet misses the first. */
static inline void alarms(bool on)
{
	struct itimerval it = {};

	if (on) {
		it.it_value.tv_usec = 20000;
		it.it_interval.tv_usec = 20000;
	}
	setitimer(ITIMER_REAL, &it, NULL);
}

/* ---- Places ------------------------------------------------------------- */

/* A device that swallows what is sent: SYNs to HOLE get no answer at all. */
static inline int black_hole(void)
{
	return sh("ip link add hole type dummy") ||
	       test_addr_add("hole", "10.99.0.1/24");
}

/* Retransmitted SYNs at 1, 2, 4 ... seconds, as the RFC has them. */
static inline void no_linear_syns(void)
{
	sysctl_write("tcp_syn_linear_timeouts", "0");
}

/* ---- Threads that block ------------------------------------------------- */

/* One call of another thread; done is set when it has returned. */
struct call {
	pthread_t thread;
	long (*fn)(int fd);
	int fd;
	long ret;	/* or -errno */
	int done;
};

static inline void *call_thread(void *arg)
{
	struct call *call = arg;

	call->ret = call->fn(call->fd);
	__atomic_store_n(&call->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static inline bool call_is_done(struct call *call)
{
	return __atomic_load_n(&call->done, __ATOMIC_ACQUIRE);
}

/* Start it; 0 when it is still busy after a little while. */
static inline int call_blocks(struct call *call, long (*fn)(int fd), int fd)
{
	*call = (struct call){ .fn = fn, .fd = fd };
	if (pthread_create(&call->thread, NULL, call_thread, call))
		return -1;
	return REMAINS(!call_is_done(call)) ? 0 : -1;
}

/* What it returned; -ETIMEDOUT when it does not. */
static inline long call_result(struct call *call)
{
	if (!BECOMES(call_is_done(call)))
		return -ETIMEDOUT;
	pthread_join(call->thread, NULL);
	return call->ret;
}

static inline long call_recv(int fd)
{
	char c;

	return ERRNO(recv(fd, &c, 1, 0));
}

static inline long call_send(int fd)
{
	return ERRNO(send(fd, "x", 1, MSG_NOSIGNAL));
}

static inline long call_accept(int fd)
{
	return ERRNO(accept(fd, NULL, NULL));
}

#endif /* TCP_TEST_H */
