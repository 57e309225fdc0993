// SPDX-License-Identifier: GPL-2.0-only
/*
 * How TCP connections end: shutdown in all states, close, lingering, resets,
 * and what either end reads, writes and sees in poll() then.
 */
#include "tcp_test.h"

FIXTURE(tcp_close) {
	struct conn t;
	int c, s;
};

FIXTURE_SETUP(tcp_close)
{
	int ret;

	ASSERT_LE(0, netns_new());
	ret = conn_make(&self->t, FORM_IN);
	ASSERT_EQ(0, ret) TH_LOG("no connection: %s", strerror(-ret));
	self->c = self->t.c;
	self->s = self->t.s;
	ASSERT_EQ(0, catch_signal(SIGPIPE, true));
}

FIXTURE_TEARDOWN(tcp_close)
{
	close(self->c);
	close(self->s);
	close(self->t.l);
}

#define CLOSE(fd) do {							\
	ASSERT_EQ(0, close(fd));					\
	(fd) = -1;							\
} while (0)
#define CLOSE_HARD(fd) do {						\
	close_hard(fd);							\
	(fd) = -1;							\
} while (0)

/* send() fails with EPIPE and a signal, or without one when asked. */
#define EXPECT_EPIPE(fd) do {						\
	signals = 0;							\
	EXPECT_EQ(-EPIPE, ERRNO(send(fd, "x", 1, MSG_NOSIGNAL)));	\
	EXPECT_EQ(0, signals);						\
	EXPECT_EQ(-EPIPE, ERRNO(send(fd, "x", 1, 0)));			\
	EXPECT_EQ(1, signals);						\
	EXPECT_EQ(-EPIPE, ERRNO(write(fd, "x", 1)));			\
	EXPECT_EQ(2, signals);						\
} while (0)

/* ---- shutdown ----------------------------------------------------------- */

TEST_F(tcp_close, shutdown_wr)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	EXPECT_STATE(ST_FIN_WAIT2, self->c);
	EXPECT_STATE(ST_CLOSE_WAIT, self->s);
	EXPECT_EVENTS("in out rdhup", self->s);
	EXPECT_EVENTS("out", self->c);
	EXPECT_EPIPE(self->c);
	EXPECT_EQ(0, so_error(self->c));
	/* The other way is open as before. */
	SEND(self->s, "still");
	EXPECT_RECV(self->c, "still");
	EXPECT_NOTHING(self->c);
	/* Once more changes nothing. */
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	EXPECT_EOF(self->s);
	SEND(self->s, "open");
	EXPECT_RECV(self->c, "open");
}

TEST_F(tcp_close, shutdown_wr_after_data)
{
	SEND(self->c, "before");
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EVENTS("in out rdhup", self->s);
	EXPECT_RECV(self->s, "before");
	EXPECT_EOF(self->s);
}

TEST_F(tcp_close, half_close_and_much_data)
{
	long sum;

	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	sum = fill(self->s);
	EXPECT_EQ(sum, drain(self->c, sum));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EOF(self->c);
}

TEST_F(tcp_close, shutdown_rd)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_RD));
	EXPECT_EVENTS("in out rdhup", self->c);
	EXPECT_EOF(self->c);
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->c));
	/* The peer is not told, and sends on; what comes is read all the same. */
	SEND(self->s, "late");
	ASSERT_TRUE(BECOMES(ioctl_int(self->c, SIOCINQ) == 4));
	EXPECT_RECV(self->c, "late");
	EXPECT_EOF(self->c);
	SEND(self->c, "out");
	EXPECT_RECV(self->s, "out");
	EXPECT_EVENTS("out", self->s);
}

TEST_F(tcp_close, shutdown_rd_keeps_what_is_queued)
{
	SEND(self->s, "queued");
	ASSERT_TRUE(readable(self->c));
	ASSERT_EQ(0, shutdown(self->c, SHUT_RD));
	EXPECT_RECV(self->c, "queued");
	EXPECT_EOF(self->c);
}

TEST_F(tcp_close, shutdown_rdwr)
{
	SEND(self->s, "queued");
	ASSERT_TRUE(readable(self->c));
	ASSERT_EQ(0, shutdown(self->c, SHUT_RDWR));
	EXPECT_EOF(self->s);
	EXPECT_STATE(ST_FIN_WAIT2, self->c);
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_RECV(self->c, "queued");
	EXPECT_EOF(self->c);
	EXPECT_EPIPE(self->c);
	EXPECT_EVENTS("in out rdhup", self->s);
	/* Nobody will read what the peer sends now: it is reset. */
	SEND(self->s, "x");
	EXPECT_EVENTS("in out rdhup err hup", self->s);
	EXPECT_EQ(EPIPE, so_error(self->s));
	EXPECT_EOF(self->s);
	EXPECT_EPIPE(self->s);
}

TEST_F(tcp_close, shutdown_both)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EOF(self->c);
	EXPECT_STATE(ST_CLOSE, self->c);
	EXPECT_STATE(ST_CLOSE, self->s);
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_EVENTS("in out rdhup hup", self->s);
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EQ(0, so_error(self->s));
	EXPECT_EOF(self->c);
	EXPECT_EOF(self->s);
	EXPECT_EPIPE(self->c);
	EXPECT_EPIPE(self->s);
	/* There is no connection any more, so there is no end of it. */
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(self->c, SHUT_WR)));
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(self->s, SHUT_RDWR)));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->c));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->s));
}

/* A socket whose connection has ended serves for another one. */
TEST_F(tcp_close, reuse_after_the_end)
{
	int fd;

	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EOF(self->c);
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_STATE(ST_CLOSE, self->c);
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(self->c, FORM_IN, LO,
					     self->t.port)));
	ASSERT_EQ(0, disconnect(self->c));
	ASSERT_EQ(0, ERRNO(connect_to(self->c, FORM_IN, LO, self->t.port)));
	fd = accept_now(self->t.l);
	ASSERT_LE(0, fd);
	EXPECT_ALIVE(self->c, fd);
}

TEST_F(tcp_close, shutdown_errors)
{
	int fd = tcp_new();

	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(fd, SHUT_RD)));
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(fd, SHUT_WR)));
	EXPECT_EQ(-EINVAL, ERRNO(shutdown(self->c, 3)));
	EXPECT_EQ(-EINVAL, ERRNO(shutdown(self->c, -1)));
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_close, shutdown_of_a_listener)
{
	int c = tcp_new();

	/* Nothing is sent by it. */
	EXPECT_EQ(0, shutdown(self->t.l, SHUT_WR));
	EXPECT_EQ(ST_LISTEN, state_of(self->t.l));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	EXPECT_EQ(0, shutdown(self->t.l, SHUT_RD));
	EXPECT_EQ(ST_CLOSE, state_of(self->t.l));
	EXPECT_EQ(-EINVAL, ERRNO(accept(self->t.l, NULL, NULL)));
	EXPECT_RECV_ERRNO(ECONNRESET, c);
	EXPECT_ALIVE(self->c, self->s);
	/* It may listen again. */
	EXPECT_EQ(0, listen(self->t.l, 4));
	close(c);
	c = tcp_new();
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, port_of(self->t.l)));
	EXPECT_ALIVE(c, accept_now(self->t.l));
}

TEST_F(tcp_close, shutdown_before_the_connection)
{
	int fd = tcp_nb_new();

	ASSERT_EQ(0, black_hole());
	ASSERT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, HOLE, 9)));
	EXPECT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(ST_CLOSE, state_of(fd));
	EXPECT_EQ(ECONNRESET, so_error(fd));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, FORM_IN, LO,
						 self->t.port)));
	EXPECT_EVENTS("out", fd);
}

/* ---- close -------------------------------------------------------------- */

TEST_F(tcp_close, close_ends_both_directions)
{
	SEND(self->c, "last words");
	CLOSE(self->c);
	EXPECT_EVENTS("in out rdhup", self->s);
	EXPECT_RECV(self->s, "last words");
	EXPECT_EOF(self->s);
	EXPECT_STATE(ST_CLOSE_WAIT, self->s);
	EXPECT_EQ(0, so_error(self->s));
	/* The first write finds out that nobody is there. */
	SEND(self->s, "hello?");
	EXPECT_EVENTS("in out rdhup err hup", self->s);
	EXPECT_EQ(ST_CLOSE, state_of(self->s));
	EXPECT_EPIPE(self->s);
	EXPECT_EOF(self->s);
}

TEST_F(tcp_close, both_close)
{
	CLOSE(self->c);
	EXPECT_EOF(self->s);
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_STATE(ST_CLOSE, self->s);
	EXPECT_EQ(0, so_error(self->s));
}

TEST_F(tcp_close, unread_data_resets)
{
	SEND(self->c, "never read");
	ASSERT_TRUE(readable(self->s));
	CLOSE(self->s);
	EXPECT_EVENTS("in out rdhup err hup", self->c);
	EXPECT_RECV_ERRNO(ECONNRESET, self->c);
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_EOF(self->c);
	EXPECT_EPIPE(self->c);
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(self->c, SHUT_RDWR)));
}

/* Data that comes to a closed socket. */
TEST_F(tcp_close, data_after_close_resets)
{
	CLOSE(self->s);
	EXPECT_EOF(self->c);
	SEND(self->c, "a");
	EXPECT_EVENTS("in out rdhup err hup", self->c);
	EXPECT_EQ(EPIPE, so_error(self->c));
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EVENTS("in out rdhup hup", self->c);
}

/* A copy of the descriptor holds the connection. */
TEST_F(tcp_close, last_descriptor_counts)
{
	int copy = dup(self->c);

	ASSERT_LE(0, copy);
	CLOSE(self->c);
	EXPECT_TRUE(silent(self->s));
	EXPECT_ALIVE(copy, self->s);
	close(copy);
	EXPECT_EOF(self->s);
}

/* ---- Lingering ---------------------------------------------------------- */

TEST_F(tcp_close, linger_option)
{
	struct linger l = { 7, 7 };
	socklen_t len = sizeof(l);

	ASSERT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_EQ(0, l.l_onoff);
	EXPECT_EQ(sizeof(l), len);
	ASSERT_EQ(0, set_linger(self->c, 1, 5));
	ASSERT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_EQ(1, l.l_onoff);
	EXPECT_EQ(5, l.l_linger);
	EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->c, SOL_SOCKET, SO_LINGER, &l,
					    sizeof(l) - 1)));
}

TEST_F(tcp_close, linger_zero_resets)
{
	SEND(self->s, "unread");
	SEND(self->c, "lost or not");
	ASSERT_TRUE(readable(self->s));
	CLOSE_HARD(self->c);
	EXPECT_EVENTS("in out rdhup err hup", self->s);
	/* What had come before is there; then the error, once; then the end. */
	EXPECT_RECV(self->s, "lost or not");
	EXPECT_RECV_ERRNO(ECONNRESET, self->s);
	EXPECT_EOF(self->s);
	EXPECT_EPIPE(self->s);
	EXPECT_EQ(ST_CLOSE, state_of(self->s));
}

static long call_close(int fd)
{
	return ERRNO(close(fd));
}

TEST_F(tcp_close, lingering_waits_for_the_reader)
{
	struct call call;
	long sum = fill(self->c);

	ASSERT_EQ(0, set_linger(self->c, 1, DEADLINE_MS / 1000));
	ASSERT_EQ(0, call_blocks(&call, call_close, self->c));
	self->c = -1;
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_EQ(0, call_result(&call));
	EXPECT_EOF(self->s);
}

/* The time is over: close() returns, and what is queued goes on by itself. */
TEST_F(tcp_close, lingering_has_an_end)
{
	long sum = fill(self->c);

	ASSERT_EQ(0, set_linger(self->c, 1, 1));
	CLOSE(self->c);
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_EOF(self->s);
}

TEST_F(tcp_close, closing_without_lingering)
{
	long sum = fill(self->c);

	CLOSE(self->c);
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_EOF(self->s);
}

/* A process that ends leaves its data on their way, too. */
TEST_F(tcp_close, exit_of_the_writer)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		send(self->c, "testament", 9, 0);
		_exit(0);
	}
	CLOSE(self->c);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_RECV(self->s, "testament");
	EXPECT_EOF(self->s);
}

/* ---- Resets ------------------------------------------------------------- */

TEST_F(tcp_close, reset_seen_by_send)
{
	CLOSE_HARD(self->s);
	ASSERT_TRUE(readable(self->c));
	signals = 0;
	EXPECT_EQ(-ECONNRESET, ERRNO(send(self->c, "x", 1, 0)));
	EXPECT_EQ(0, signals);
	EXPECT_EPIPE(self->c);
	EXPECT_EOF(self->c);
}

TEST_F(tcp_close, reset_seen_by_so_error)
{
	CLOSE_HARD(self->s);
	ASSERT_TRUE(readable(self->c));
	EXPECT_EQ(ECONNRESET, so_error(self->c));
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EOF(self->c);
	EXPECT_EPIPE(self->c);
}

TEST_F(tcp_close, reset_seen_by_peek)
{
	char c;

	CLOSE_HARD(self->s);
	EXPECT_EQ(-ECONNRESET, recv_now(self->c, &c, 1, MSG_PEEK));
	EXPECT_EQ(0, recv_now(self->c, &c, 1, MSG_PEEK));
}

/* Which connection it was can still be told. */
TEST_F(tcp_close, reset_leaves_the_local_name)
{
	union addr peer = {};
	char c[32], s[32];
	socklen_t len;

	snprintf(c, sizeof(c), "%s", name_of(self->c));
	snprintf(s, sizeof(s), "%s", name_of(self->s));
	CLOSE_HARD(self->s);
	ASSERT_TRUE(readable(self->c));
	EXPECT_STREQ(c, name_of(self->c));
	EXPECT_STREQ("Transport endpoint is not connected", peer_of(self->c));
	len = form_len(FORM_IN);
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_PEERNAME, &peer, &len));
	EXPECT_STREQ(s, addr_str(&peer));

	ASSERT_EQ(0, conn_more(&self->t, &self->c, &self->s));
	CLOSE_HARD(self->c);
	ASSERT_TRUE(readable(self->s));
	EXPECT_STREQ(s, name_of(self->s));
}

/* After the peer's FIN a reset is a broken pipe. */
TEST_F(tcp_close, reset_in_close_wait)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	CLOSE_HARD(self->c);
	EXPECT_EVENTS("in out rdhup err hup", self->s);
	EXPECT_EQ(EPIPE, so_error(self->s));
	EXPECT_EOF(self->s);
}

TEST_F(tcp_close, reset_in_fin_wait2)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->s);
	CLOSE_HARD(self->s);
	EXPECT_EVENTS("in out rdhup err hup", self->c);
	EXPECT_RECV_ERRNO(ECONNRESET, self->c);
	EXPECT_EOF(self->c);
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
}

/* An error does not hinder another connection with the same socket. */
TEST_F(tcp_close, reuse_after_a_reset)
{
	int fd;

	CLOSE_HARD(self->s);
	EXPECT_RECV_ERRNO(ECONNRESET, self->c);
	ASSERT_EQ(0, disconnect(self->c));
	ASSERT_EQ(0, ERRNO(connect_to(self->c, FORM_IN, LO, self->t.port)));
	fd = accept_now(self->t.l);
	ASSERT_LE(0, fd);
	EXPECT_ALIVE(self->c, fd);
}

TEST_F(tcp_close, listener_closes)
{
	int queued = tcp_new(), refused = tcp_new();

	ASSERT_EQ(0, connect_to(queued, FORM_IN, LO, self->t.port));
	CLOSE(self->t.l);
	EXPECT_EVENTS("in out rdhup err hup", queued);
	EXPECT_RECV_ERRNO(ECONNRESET, queued);
	EXPECT_EQ(-ECONNREFUSED,
		  ERRNO(connect_to(refused, FORM_IN, LO, self->t.port)));
	EXPECT_ALIVE(self->c, self->s);
}

/* ---- Somebody is waiting ------------------------------------------------ */

TEST_F(tcp_close, shutdown_wakes_receiver)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_recv, self->c));
	ASSERT_EQ(0, shutdown(self->c, SHUT_RD));
	EXPECT_EQ(0, call_result(&call));
}

TEST_F(tcp_close, shutdown_wakes_sender)
{
	struct call call;

	fill(self->c);
	ASSERT_EQ(0, call_blocks(&call, call_send, self->c));
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EQ(-EPIPE, call_result(&call));
}

TEST_F(tcp_close, shutdown_wakes_acceptor)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_accept, self->t.l));
	ASSERT_EQ(0, shutdown(self->t.l, SHUT_RDWR));
	EXPECT_EQ(-EINVAL, call_result(&call));
}

/* Who waits for a connection may find that the listener is another one already.
 * Then he goes on waiting; whether he sees that it was closed is a matter of luck.
 */
TEST_F(tcp_close, listener_opens_again_under_the_acceptor)
{
	struct call call;
	int i, c;
	long s;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, call_blocks(&call, call_accept, self->t.l));
		ASSERT_EQ(0, shutdown(self->t.l, SHUT_RDWR));
		ASSERT_EQ(0, listen(self->t.l, 8));
		usleep(1000);
		c = tcp_new();
		ASSERT_EQ(0, connect_to(c, FORM_IN, LO,
					port_of(self->t.l)));
		s = call_result(&call);
		if (s == -EINVAL)
			s = accept_now(self->t.l);
		ASSERT_LE(0, s);
		EXPECT_ALIVE(c, s);
		close_hard(c);
		close(s);
	}
}

TEST_F(tcp_close, fin_wakes_receiver)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_recv, self->c));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EQ(0, call_result(&call));
}

TEST_F(tcp_close, reset_wakes_receiver)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_recv, self->c));
	CLOSE_HARD(self->s);
	EXPECT_EQ(-ECONNRESET, call_result(&call));
}

TEST_F(tcp_close, reset_wakes_sender)
{
	struct call call;

	fill(self->c);
	ASSERT_EQ(0, call_blocks(&call, call_send, self->c));
	CLOSE_HARD(self->s);
	EXPECT_EQ(-ECONNRESET, call_result(&call));
}

/* close() of another thread wakes nobody: the call holds the socket until it
 * returns, and then the connection ends.
 */
TEST_F(tcp_close, close_waits_for_receiver)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_recv, self->c));
	CLOSE(self->c);
	EXPECT_TRUE(REMAINS(!call_is_done(&call)));
	EXPECT_EVENTS("out", self->s);
	SEND(self->s, "x");
	EXPECT_EQ(1, call_result(&call));
	EXPECT_EOF(self->s);
}

TEST_F(tcp_close, close_waits_for_acceptor)
{
	struct call call;
	int c = tcp_new();

	ASSERT_EQ(0, call_blocks(&call, call_accept, self->t.l));
	CLOSE(self->t.l);
	EXPECT_TRUE(REMAINS(!call_is_done(&call)));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	EXPECT_LE(0, call_result(&call));
	close(c);
	c = tcp_new();
	EXPECT_EQ(-ECONNREFUSED,
		  ERRNO(connect_to(c, FORM_IN, LO, self->t.port)));
}

/* ---- With a delay on the wire, the short-lived states can be seen ------- */

FIXTURE(net) {
	struct pair p;
	int c, s;	/* c is here, s on Linux's side */
};

FIXTURE_SETUP(net)
{
	int l;

	ASSERT_EQ(0, pair_make(&self->p));
	ASSERT_EQ(0, sh("tc qdisc add dev veth1 root netem delay 100ms"));
	l = socket_in(self->p.a, self->p.b, peer_af(), SOCK_STREAM, 0);
	self->c = tcp_new();
	ASSERT_LE(0, self->c) TH_LOG("no socket: %s", strerror(errno));
	ASSERT_EQ(0, bind_to(l, FORM_IN, "10.0.0.1", 7007));
	ASSERT_EQ(0, listen(l, 4));
	ASSERT_EQ(0, connect_to(self->c, FORM_IN, "10.0.0.1", 7007));
	self->s = accept_now(l);
	ASSERT_LE(0, self->s);
	close(l);
}

FIXTURE_TEARDOWN(net)
{
	close(self->c);
	close(self->s);
}

TEST_F(net, active_close)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EQ(ST_FIN_WAIT1, state_of(self->c));
	EXPECT_STREQ("out", events_now(self->c));
	EXPECT_STATE(ST_FIN_WAIT2, self->c);
	EXPECT_EOF(self->s);
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_STATE(ST_CLOSE, self->c);
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_STATE(ST_CLOSE, self->s);
}

TEST_F(net, passive_close)
{
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EOF(self->c);
	EXPECT_EQ(ST_CLOSE_WAIT, state_of(self->c));
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EQ(ST_LAST_ACK, state_of(self->c));
	EXPECT_STREQ("in out rdhup hup", events_now(self->c));
	EXPECT_STATE(ST_CLOSE, self->c);
	EXPECT_EOF(self->s);
}

TEST_F(net, simultaneous_close)
{
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	/* The peer's FIN is here, ours is not there yet. */
	EXPECT_STATE(ST_CLOSING, self->c);
	EXPECT_EVENTS("in out rdhup hup", self->c);
	EXPECT_STATE(ST_CLOSE, self->c);
	EXPECT_STATE(ST_CLOSE, self->s);
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EQ(0, so_error(self->s));
}

TOY_TEST_MAIN
