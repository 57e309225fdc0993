// SPDX-License-Identifier: GPL-2.0-only
/*
 * What poll() and epoll show of a TCP socket, in every state: exact sets of
 * events, by level and by edge.
 *
 * EPOLLET is armed again by what AF_INET arms it with: programs rely on it.
 */
#include "tcp_test.h"

#include <sys/select.h>

FIXTURE(tcp_poll) {
	struct conn t;
	int c, s;
	int ep;
};

FIXTURE_SETUP(tcp_poll)
{
	int ret;

	ASSERT_LE(0, netns_new());
	ret = conn_make(&self->t, FORM_IN);
	ASSERT_EQ(0, ret) TH_LOG("no connection: %s", strerror(-ret));
	self->c = self->t.c;
	self->s = self->t.s;
	self->ep = epoll_create1(0);
	ASSERT_LE(0, self->ep);
	signal(SIGPIPE, SIG_IGN);
}

FIXTURE_TEARDOWN(tcp_poll)
{
	close(self->c);
	close(self->s);
	close(self->t.l);
	close(self->ep);
}

/* ---- By level ----------------------------------------------------------- */

TEST_F(tcp_poll, fresh)
{
	EXPECT_EVENTS("out hup", tcp_new());
}

TEST_F(tcp_poll, bound)
{
	int fd = tcp_new();

	ASSERT_EQ(0, bind_to(fd, FORM_IN, LO, 0));
	EXPECT_EVENTS("out hup", fd);
}

TEST_F(tcp_poll, listening)
{
	int c = tcp_new(), s;

	EXPECT_EVENTS("", self->t.l);
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	EXPECT_EVENTS("in", self->t.l);
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	EXPECT_EVENTS("", self->t.l);
}

TEST_F(tcp_poll, connecting)
{
	int fd = tcp_nb_new();

	ASSERT_EQ(0, black_hole());
	ASSERT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, HOLE, 9)));
	EXPECT_EVENTS("", fd);
	EXPECT_TRUE(REMAINS(!strcmp("", events_now(fd))));
}

TEST_F(tcp_poll, refused)
{
	int fd = tcp_nb_new();

	close(self->t.l);
	self->t.l = -1;
	ASSERT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, LO,
						 self->t.port)));
	EXPECT_EVENTS("in out rdhup err hup", fd);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EVENTS("in out rdhup hup", fd);
}

TEST_F(tcp_poll, established)
{
	EXPECT_EVENTS("out", self->c);
	EXPECT_EVENTS("out", self->s);
	SEND(self->c, "x");
	EXPECT_EVENTS("in out", self->s);
	EXPECT_EVENTS("out", self->c);
	EXPECT_RECV(self->s, "x");
	EXPECT_EVENTS("out", self->s);
}

/* The other names of the same. */
TEST_F(tcp_poll, normal_and_band)
{
	int names = POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND;

	EXPECT_EQ(POLLWRNORM, poll_for(self->s, names, 0));
	SEND(self->c, "x");
	EXPECT_TRUE(BECOMES(poll_for(self->s, names, 0) ==
			    (POLLWRNORM | POLLRDNORM)));
}

TEST_F(tcp_poll, full)
{
	long sum = fill(self->c);

	EXPECT_EVENTS("", self->c);
	EXPECT_EVENTS("in out", self->s);
	/* A little room is not enough ... */
	EXPECT_EQ(1, drain(self->s, 1));
	EXPECT_EVENTS("", self->c);
	/* ... much is. */
	EXPECT_EQ(sum - 1, drain(self->s, sum - 1));
	EXPECT_EVENTS("out", self->c);
}

TEST_F(tcp_poll, after_the_peers_fin)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EVENTS("in out rdhup", self->s);
	EXPECT_EVENTS("out", self->c);
	EXPECT_EOF(self->s);
	EXPECT_EVENTS("in out rdhup", self->s);
}

TEST_F(tcp_poll, after_own_shutdown)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_RD));
	EXPECT_EVENTS("in out rdhup", self->c);
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EVENTS("in out rdhup hup", self->c);
}

TEST_F(tcp_poll, shut_down_and_full)
{
	fill(self->c);
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	/* A write would not block: it would fail. */
	EXPECT_EVENTS("out", self->c);
}

TEST_F(tcp_poll, after_both_fins)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_EVENTS("in out rdhup hup", self->s);
}

TEST_F(tcp_poll, after_a_reset)
{
	close_hard(self->c);
	self->c = -1;
	EXPECT_EVENTS("in out rdhup err hup", self->s);
	EXPECT_RECV_ERRNO(ECONNRESET, self->s);
	EXPECT_EVENTS("in out rdhup hup", self->s);
}

TEST_F(tcp_poll, after_disconnect)
{
	ASSERT_EQ(0, disconnect(self->c));
	EXPECT_EVENTS("out err hup", self->c);
	EXPECT_EQ(ECONNRESET, so_error(self->c));
	EXPECT_EVENTS("out hup", self->c);
}

/* What was urgent there is not here. */
TEST_F(tcp_poll, urgency_ends_with_the_connection)
{
	char c;

	ASSERT_EQ(1, send(self->s, "!", 1, MSG_OOB));
	EXPECT_EVENTS("pri out", self->c);
	ASSERT_EQ(0, disconnect(self->c));
	EXPECT_EQ(ECONNRESET, so_error(self->c));
	EXPECT_EVENTS("out hup", self->c);
	EXPECT_EQ(0, ioctl_int(self->c, SIOCATMARK));
	EXPECT_EQ(-EINVAL, ERRNO(recv(self->c, &c, 1, MSG_OOB)));
}

TEST_F(tcp_poll, urgent)
{
	char c;

	ASSERT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_EVENTS("pri out", self->s);
	ASSERT_EQ(1, recv(self->s, &c, 1, MSG_OOB));
	EXPECT_EVENTS("out", self->s);
}

/* Only what is asked for, but errors always. */
TEST_F(tcp_poll, events_not_asked_for)
{
	SEND(self->c, "x");
	ASSERT_TRUE(readable(self->s));
	EXPECT_EQ(0, poll_for(self->s, POLLPRI, 0));
	EXPECT_EQ(0, poll_for(self->s, 0, 0));
	EXPECT_EQ(POLLOUT, poll_for(self->s, POLLOUT, 0));
	close_hard(self->c);
	self->c = -1;
	EXPECT_TRUE(BECOMES(poll_for(self->s, 0, 0) == (POLLERR | POLLHUP)));
}

static long call_poll_in(int fd)
{
	return poll_for(fd, POLLIN, DEADLINE_MS);
}

static long call_poll_out(int fd)
{
	return poll_for(fd, POLLOUT, DEADLINE_MS);
}

TEST_F(tcp_poll, sleeping_poll_wakes_up)
{
	struct call call;
	long sum;
	int c = tcp_new();

	ASSERT_EQ(0, call_blocks(&call, call_poll_in, self->s));
	SEND(self->c, "x");
	EXPECT_EQ(POLLIN, call_result(&call));
	EXPECT_RECV(self->s, "x");

	ASSERT_EQ(0, call_blocks(&call, call_poll_in, self->t.l));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	EXPECT_EQ(POLLIN, call_result(&call));

	sum = fill(self->c);
	ASSERT_EQ(0, call_blocks(&call, call_poll_out, self->c));
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_EQ(POLLOUT, call_result(&call));

	ASSERT_EQ(0, call_blocks(&call, call_poll_in, self->s));
	close(self->c);
	self->c = -1;
	EXPECT_EQ(POLLIN, call_result(&call));
}

TEST_F(tcp_poll, own_shutdown_wakes_poll)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_poll_in, self->s));
	ASSERT_EQ(0, shutdown(self->s, SHUT_RD));
	EXPECT_EQ(POLLIN, call_result(&call));
}

TEST_F(tcp_poll, select)
{
	struct timeval tv = {};
	fd_set in, out, ex;

	ASSERT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_EVENTS("pri out", self->s);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&ex);
	FD_SET(self->s, &in);
	FD_SET(self->s, &out);
	FD_SET(self->s, &ex);
	EXPECT_EQ(2, select(self->s + 1, &in, &out, &ex, &tv));
	EXPECT_FALSE(FD_ISSET(self->s, &in));
	EXPECT_TRUE(FD_ISSET(self->s, &out));
	EXPECT_TRUE(FD_ISSET(self->s, &ex));
}

/* ---- By edge ------------------------------------------------------------ */

static int watch(int ep, int fd)
{
	struct epoll_event e = {
		.events = EPOLLET | EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI,
		.data.fd = fd,
	};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

/* The events of the next edge; "" when there is none for a while. */
static const char *edge(int ep, int timeout_ms)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, timeout_ms);

	return n == 1 ? event_words(e.events) : "";
}

#define EXPECT_EDGE(want, ep)	EXPECT_STREQ(want, edge(ep, DEADLINE_MS))
#define EXPECT_NO_EDGE(ep)	EXPECT_STREQ("", edge(ep, QUIET_MS))

/* Edges until none comes for a while; the last one had these events. */
#define EXPECT_LAST_EDGE(want, ep) do {					\
	const char *__got = edge(ep, DEADLINE_MS), *__next;		\
									\
	while (*(__next = edge(ep, QUIET_MS)))				\
		__got = __next;						\
	EXPECT_STREQ(want, __got);					\
} while (0)

TEST_F(tcp_poll, edge_of_data)
{
	char c;

	ASSERT_EQ(0, watch(self->ep, self->s));
	EXPECT_EDGE("out", self->ep);
	EXPECT_NO_EDGE(self->ep);
	/* Each arrival is one, read or not. */
	SEND(self->c, "ab");
	EXPECT_EDGE("in out", self->ep);
	EXPECT_NO_EDGE(self->ep);
	ASSERT_EQ(1, recv(self->s, &c, 1, 0));
	EXPECT_NO_EDGE(self->ep);
	SEND(self->c, "c");
	EXPECT_EDGE("in out", self->ep);
	EXPECT_NO_EDGE(self->ep);
	EXPECT_RECV(self->s, "bc");
	EXPECT_NO_EDGE(self->ep);
	SEND(self->c, "d");
	EXPECT_EDGE("in out", self->ep);
}

TEST_F(tcp_poll, edge_of_room)
{
	long sum;

	ASSERT_EQ(0, watch(self->ep, self->c));
	EXPECT_EDGE("out", self->ep);
	sum = fill(self->c);
	/* Room that came and went while it was filled. */
	while (*edge(self->ep, QUIET_MS))
		;
	EXPECT_STREQ("", events_now(self->c));
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_EDGE("out", self->ep);
	EXPECT_EVENTS("out", self->c);
	/* Nobody ran out of room since. */
	while (*edge(self->ep, QUIET_MS))
		;
	SEND(self->c, "x");
	EXPECT_RECV(self->s, "x");
	EXPECT_NO_EDGE(self->ep);
}

TEST_F(tcp_poll, edge_of_the_end)
{
	ASSERT_EQ(0, watch(self->ep, self->s));
	EXPECT_EDGE("out", self->ep);
	SEND(self->c, "x");
	EXPECT_EDGE("in out", self->ep);
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EDGE("in out rdhup", self->ep);
	EXPECT_NO_EDGE(self->ep);
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_LAST_EDGE("in out rdhup hup", self->ep);
	EXPECT_NO_EDGE(self->ep);
}

TEST_F(tcp_poll, edge_of_a_reset)
{
	ASSERT_EQ(0, watch(self->ep, self->s));
	EXPECT_EDGE("out", self->ep);
	close_hard(self->c);
	self->c = -1;
	EXPECT_LAST_EDGE("in out rdhup err hup", self->ep);
	EXPECT_RECV_ERRNO(ECONNRESET, self->s);
	EXPECT_NO_EDGE(self->ep);
}

TEST_F(tcp_poll, edge_of_a_connection)
{
	int fd = tcp_nb_new();

	ASSERT_EQ(0, watch(self->ep, fd));
	EXPECT_EDGE("out hup", self->ep);
	ASSERT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, LO,
						 self->t.port)));
	EXPECT_EDGE("out", self->ep);
	EXPECT_NO_EDGE(self->ep);
}

TEST_F(tcp_poll, edge_of_a_refusal)
{
	int fd = tcp_nb_new();

	close(self->t.l);
	self->t.l = -1;
	ASSERT_EQ(0, watch(self->ep, fd));
	EXPECT_EDGE("out hup", self->ep);
	ASSERT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, LO,
						 self->t.port)));
	EXPECT_LAST_EDGE("in out rdhup err hup", self->ep);
}

TEST_F(tcp_poll, edge_of_a_listener)
{
	int i, fd[2];

	ASSERT_EQ(0, watch(self->ep, self->t.l));
	EXPECT_NO_EDGE(self->ep);
	/* One for each that comes, though none is accepted. */
	for (i = 0; i < 2; i++) {
		fd[i] = tcp_new();
		ASSERT_EQ(0, connect_to(fd[i], FORM_IN, LO, self->t.port));
		EXPECT_EDGE("in", self->ep);
		EXPECT_NO_EDGE(self->ep);
	}
	ASSERT_LE(0, accept_now(self->t.l));
	EXPECT_NO_EDGE(self->ep);
	ASSERT_LE(0, accept_now(self->t.l));
	EXPECT_NO_EDGE(self->ep);
}

TEST_F(tcp_poll, edge_of_urgency)
{
	ASSERT_EQ(0, watch(self->ep, self->s));
	EXPECT_EDGE("out", self->ep);
	ASSERT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_LAST_EDGE("pri out", self->ep);
}

TEST_F(tcp_poll, edge_is_armed_again_by_mod)
{
	struct epoll_event e = { .events = EPOLLET | EPOLLIN };

	SEND(self->c, "x");
	ASSERT_TRUE(readable(self->s));
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, self->s, &e));
	EXPECT_EDGE("in", self->ep);
	EXPECT_NO_EDGE(self->ep);
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_MOD, self->s, &e));
	EXPECT_EDGE("in", self->ep);
}

/* EPOLLEXCLUSIVE and more than one waiter: one connection wakes somebody. */
TEST_F(tcp_poll, one_listener_two_epolls)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int other = epoll_create1(0), fd = tcp_new();

	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, self->t.l, &e));
	ASSERT_EQ(0, epoll_ctl(other, EPOLL_CTL_ADD, self->t.l, &e));
	ASSERT_EQ(0, connect_to(fd, FORM_IN, LO, self->t.port));
	EXPECT_TRUE(readable(self->ep) || readable(other));
	ASSERT_LE(0, accept_now(self->t.l));
}

/* A closed descriptor leaves the set. */
TEST_F(tcp_poll, close_leaves_epoll)
{
	ASSERT_EQ(0, watch(self->ep, self->s));
	EXPECT_EDGE("out", self->ep);
	close(self->s);
	self->s = -1;
	SEND(self->c, "x");
	EXPECT_NO_EDGE(self->ep);
}

TOY_TEST_MAIN
