// SPDX-License-Identifier: GPL-2.0-only
/*
 * How TCP connections come to be: bind, listen, connect, accept, and whatever
 * can go wrong with them.
 *
 * Cases of the fixture "lo" run once with each address form, on 127.0.0.1 of a
 * namespace of their own; those of "net" have a second host, Linux's own stack
 * behind a veth pair. Who may have which port is tcp_ports.c's matter.
 */
#include "tcp_test.h"

FIXTURE(lo) {
	enum form f;
	int l;		/* listens at 127.0.0.1:port */
	int c;		/* not bound, not connected */
	int port;
};

FIXTURE_VARIANT(lo) {
	enum form form;
};

FIXTURE_VARIANT_ADD(lo, in)	{ .form = FORM_IN };
FIXTURE_VARIANT_ADD(lo, in6)	{ .form = FORM_IN6 };
FIXTURE_VARIANT_ADD(lo, toy)	{ .form = FORM_TOY };

FIXTURE_SETUP(lo)
{
	self->f = variant->form;
	if (!TESTING_TOY && self->f == FORM_TOY)
		SKIP(return, "the control has no such form");

	ASSERT_LE(0, netns_new());
	self->l = listen_at(self->f, LO, 0, 8);
	ASSERT_LE(0, self->l) TH_LOG("listen: %s", strerror(-self->l));
	self->c = tcp_form(self->f);
	ASSERT_LE(0, self->c);
	self->port = port_of(self->l);
	ASSERT_LT(0, self->port);
}

FIXTURE_TEARDOWN(lo)
{
	close(self->l);
	close(self->c);
}

#define CONNECT() \
	ASSERT_EQ(0, connect_to(self->c, self->f, LO, self->port))
#define ACCEPT() ({							\
	int __fd = accept_now(self->l);					\
	ASSERT_LE(0, __fd);						\
	__fd; })

/* ---- Names -------------------------------------------------------------- */

TEST_F(lo, names_of_a_fresh_socket)
{
	EXPECT_STREQ("0.0.0.0:0", name_of(self->c));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->c));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
}

TEST_F(lo, names_of_a_listener)
{
	char want[32];

	snprintf(want, sizeof(want), "127.0.0.1:%d", self->port);
	EXPECT_STREQ(want, name_of(self->l));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->l));
	EXPECT_EQ(ST_LISTEN, state_of(self->l));
}

TEST_F(lo, names_of_a_connection)
{
	char here[32], there[32];
	union addr a = {};
	socklen_t len = sizeof(a);
	int s;

	CONNECT();
	ASSERT_TRUE(readable(self->l));
	s = accept(self->l, &a.sa, &len);
	ASSERT_LE(0, s);
	snprintf(there, sizeof(there), "127.0.0.1:%d", self->port);
	snprintf(here, sizeof(here), "127.0.0.1:%d", port_of(self->c));
	EXPECT_STREQ(here, name_of(self->c));
	EXPECT_STREQ(there, peer_of(self->c));
	EXPECT_STREQ(there, name_of(s));
	EXPECT_STREQ(here, peer_of(s));

	/* accept() says who has come, in the listener's form. */
	EXPECT_STREQ(here, addr_str(&a));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	len = sizeof(a);
	ASSERT_EQ(0, getpeername(s, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_ALIVE(self->c, s);
}

TEST_F(lo, peer_name_is_cut_to_the_buffer)
{
	unsigned char raw[64];
	socklen_t len = 4;

	memset(raw, 0xee, sizeof(raw));
	ASSERT_EQ(0, bind_to(self->c, self->f, LO, 0x3456));
	CONNECT();
	ASSERT_TRUE(readable(self->l));
	ASSERT_LE(0, accept(self->l, (void *)raw, &len));
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_EQ(0x34, raw[2]);
	EXPECT_EQ(0x56, raw[3]);
	EXPECT_EQ(0xee, raw[4]);
}

TEST_F(lo, bound_source_is_used)
{
	ASSERT_EQ(0, bind_to(self->c, self->f, "127.0.0.7", 4711));
	CONNECT();
	EXPECT_STREQ("127.0.0.7:4711", name_of(self->c));
	EXPECT_STREQ("127.0.0.7:4711", peer_of(ACCEPT()));
}

TEST_F(lo, wildcard_listener_knows_its_address_per_connection)
{
	int l = listen_at(self->f, "0.0.0.0", 4711, 4), s;

	ASSERT_LE(0, l);
	EXPECT_STREQ("0.0.0.0:4711", name_of(l));
	ASSERT_EQ(0, connect_to(self->c, self->f, "127.0.0.9", 4711));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_STREQ("127.0.0.9:4711", name_of(s));
	EXPECT_STREQ("127.0.0.9:4711", peer_of(self->c));
	EXPECT_ALIVE(self->c, s);
}

/* The form that the program used last on the listener is the new socket's. */
TEST_F(lo, form_is_inherited)
{
	enum form forms[] = { FORM_IN, FORM_IN6, FORM_TOY };
	union addr a;
	socklen_t len;
	int i, l, c, s;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has one form");

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		l = listen_at(forms[i], LO, 0, 4);
		ASSERT_LE(0, l);
		c = tcp_new();
		ASSERT_EQ(0, connect_to(c, self->f, LO, port_of(l)));
		s = accept_now(l);
		ASSERT_LE(0, s);
		len = sizeof(a);
		ASSERT_EQ(0, getpeername(s, &a.sa, &len));
		EXPECT_EQ(form_af(forms[i]), a.sa.sa_family);
		len = sizeof(a);
		ASSERT_EQ(0, getsockname(s, &a.sa, &len));
		EXPECT_EQ(form_len(forms[i]), len);
		/* The client keeps its own. */
		len = sizeof(a);
		ASSERT_EQ(0, getpeername(c, &a.sa, &len));
		EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	}
}

/* ---- connect ------------------------------------------------------------ */

TEST_F(lo, connect_and_talk)
{
	int s;

	CONNECT();
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->c));
	s = ACCEPT();
	EXPECT_EQ(ST_ESTABLISHED, state_of(s));
	EXPECT_ALIVE(self->c, s);
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(self->c, self->f, LO, self->port)));
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(s, self->f, LO, self->port)));
}

/* Before accept() a connection is there already, and takes data. */
TEST_F(lo, data_before_accept)
{
	int s;

	CONNECT();
	SEND(self->c, "early");
	s = ACCEPT();
	EXPECT_RECV(s, "early");
	EXPECT_ALIVE(self->c, s);
}

TEST_F(lo, connect_refused)
{
	int port = free_port(self->f);

	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(self->c, self->f, LO, port)));
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->c));
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(self->c, self->f, LO, port)));
	/* It is as good as new. */
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, connect_refused_keeps_a_bound_port)
{
	ASSERT_EQ(0, bind_to(self->c, self->f, LO, 4711));
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(self->c, self->f, LO,
						  free_port(self->f))));
	EXPECT_STREQ("127.0.0.1:4711", name_of(self->c));
	CONNECT();
	EXPECT_STREQ("127.0.0.1:4711", name_of(self->c));
}

TEST_F(lo, connect_without_waiting)
{
	int fd = tcp_nb_form(self->f);

	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, LO, self->port)));
	EXPECT_EVENTS("out", fd);
	EXPECT_EQ(0, so_error(fd));
	/* The first call after success reports it, the next one is too many. */
	EXPECT_EQ(0, connect_to(fd, self->f, LO, self->port));
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(fd, self->f, LO, self->port)));
	EXPECT_ALIVE(fd, ACCEPT());
}

TEST_F(lo, refused_without_waiting)
{
	int fd = tcp_nb_form(self->f), port = free_port(self->f);

	/* By SO_ERROR; a further connect() tells that there is none ... */
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, LO, port)));
	EXPECT_EVENTS("in out rdhup err hup", fd);
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EVENTS("in out rdhup hup", fd);
	EXPECT_EQ(-ECONNABORTED, ERRNO(connect_to(fd, self->f, LO, port)));
	/* ... by connect(); and then a new one begins. */
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, LO, port)));
	EXPECT_EVENTS("in out rdhup err hup", fd);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(fd, self->f, LO, port)));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, LO, self->port)));
	EXPECT_EVENTS("out", fd);
	EXPECT_ALIVE(fd, ACCEPT());
}

TEST_F(lo, connect_in_progress)
{
	int fd = tcp_nb_form(self->f);
	char c;

	ASSERT_EQ(0, black_hole());
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, HOLE, 9)));
	EXPECT_EQ(ST_SYN_SENT, state_of(fd));
	EXPECT_EQ(-EALREADY, ERRNO(connect_to(fd, self->f, HOLE, 9)));
	EXPECT_EQ(-EALREADY, ERRNO(connect_to(fd, self->f, LO, self->port)));
	EXPECT_STREQ("10.99.0.1", strtok(strdup(name_of(fd)), ":"));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(fd));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(fd, &c, 1, 0)));
	EXPECT_EQ(-EAGAIN, ERRNO(send(fd, "x", 1, 0)));
	EXPECT_EQ(-EINVAL, ERRNO(listen(fd, 1)));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(fd, self->f, LO, 0)));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_STREQ("", events_now(fd));

	/* Given up, and used for another one. */
	EXPECT_EQ(0, disconnect(fd));
	EXPECT_EQ(ST_CLOSE, state_of(fd));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(fd, self->f, LO, self->port)));
	EXPECT_EVENTS("out", fd);
	EXPECT_ALIVE(fd, ACCEPT());
}

TEST_F(lo, connect_interrupted)
{
	ASSERT_EQ(0, black_hole());
	ASSERT_EQ(0, catch_signal(SIGALRM, false));
	alarms(true);
	EXPECT_EQ(-EINTR, ERRNO(connect_to(self->c, self->f, HOLE, 9)));
	alarms(false);
	/* It goes on without us. */
	EXPECT_EQ(ST_SYN_SENT, state_of(self->c));
	ASSERT_EQ(0, set_nonblock(self->c, true));
	EXPECT_EQ(-EALREADY, ERRNO(connect_to(self->c, self->f, HOLE, 9)));
}

TEST_F(lo, connect_gives_up_waiting)
{
	ASSERT_EQ(0, black_hole());
	ASSERT_EQ(0, set_timeo(self->c, SO_SNDTIMEO, 30));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(self->c, self->f, HOLE, 9)));
	EXPECT_EQ(-EALREADY, ERRNO(connect_to(self->c, self->f, HOLE, 9)));
	EXPECT_EQ(ST_SYN_SENT, state_of(self->c));
	/* A time-out makes an interrupted call one that is not restarted. */
	ASSERT_EQ(0, set_timeo(self->c, SO_SNDTIMEO, DEADLINE_MS));
	ASSERT_EQ(0, catch_signal(SIGALRM, true));
	alarms(true);
	EXPECT_EQ(-EINTR, ERRNO(connect_to(self->c, self->f, HOLE, 9)));
	alarms(false);
}

static long call_connect_hole(int fd)
{
	return ERRNO(connect_to(fd, FORM_IN, HOLE, 9));
}

TEST_F(lo, blocked_connect_is_ended_by_shutdown)
{
	struct call call;
	int fd = tcp_new();

	ASSERT_EQ(0, black_hole());
	ASSERT_EQ(0, call_blocks(&call, call_connect_hole, fd));
	EXPECT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(-ECONNRESET, call_result(&call));
	EXPECT_EQ(ST_CLOSE, state_of(fd));
}

/* A SYN that found no room is sent again, and may find room then. */
TEST_F(lo, connect_succeeds_later)
{
	int fd;

	/* 9 fill the queue; the tenth's SYN is not answered. */
	for (int i = 0; i < 9; i++) {
		fd = tcp_form(self->f);
		ASSERT_EQ(0, connect_to(fd, self->f, LO, self->port));
	}
	ASSERT_EQ(0, set_nonblock(self->c, true));
	EXPECT_EQ(-EINPROGRESS,
		  ERRNO(connect_to(self->c, self->f, LO, self->port)));
	EXPECT_TRUE(REMAINS(state_of(self->c) == ST_SYN_SENT));
	ACCEPT();
	EXPECT_EVENTS("out", self->c);
	EXPECT_EQ(0, connect_to(self->c, self->f, LO, self->port));
}

TEST_F(lo, connect_no_route)
{
	EXPECT_EQ(-ENETUNREACH,
		  ERRNO(connect_to(self->c, self->f, "203.0.113.1", 9)));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
	EXPECT_STREQ("0.0.0.0:0", name_of(self->c));
	CONNECT();
}

TEST_F(lo, connect_bad_addresses)
{
	union addr a = form_addr(self->f, LO, self->port);

	V4_ONLY("broadcasts");
	EXPECT_EQ(-EINVAL, ERRNO(connect(self->c, &a.sa, 1)));
	EXPECT_EQ(-EINVAL, ERRNO(connect(self->c, &a.sa,
					 form_len(FORM_IN) - 1)));
	EXPECT_EQ(-EFAULT, ERRNO(connect(self->c, BAD,
					 form_len(self->f))));
	EXPECT_EQ(-EINVAL, ERRNO(connect(self->c, &a.sa, 4096)));
	a.sa.sa_family = AF_UNIX;
	EXPECT_EQ(-EAFNOSUPPORT,
		  ERRNO(connect(self->c, &a.sa, form_len(self->f))));
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(self->c, self->f, LO, 0)));
	EXPECT_EQ(-ENETUNREACH,
		  ERRNO(connect_to(self->c, self->f, "255.255.255.255", 9)));
	EXPECT_EQ(-ENETUNREACH,
		  ERRNO(connect_to(self->c, self->f, "224.0.0.5", 9)));
	CONNECT();
}

TEST_F(lo, connect_to_myself)
{
	ASSERT_EQ(0, bind_to(self->c, self->f, LO, 4711));
	ASSERT_EQ(0, connect_to(self->c, self->f, LO, 4711));
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->c));
	EXPECT_STREQ("127.0.0.1:4711", name_of(self->c));
	EXPECT_STREQ("127.0.0.1:4711", peer_of(self->c));
	SEND(self->c, "to myself");
	EXPECT_RECV(self->c, "to myself");
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(self->c);
}

/* 0.0.0.0 as a destination is this host. (:: would be ::1, another story.) */
TEST_F(lo, connect_to_any)
{
	char want[32];

	if (self->f != FORM_IN)
		SKIP(return, "0.0.0.0 is IPv4's");
	ASSERT_EQ(0, connect_to(self->c, self->f, "0.0.0.0", self->port));
	snprintf(want, sizeof(want), "127.0.0.1:%d", self->port);
	EXPECT_STREQ(want, peer_of(self->c));
	EXPECT_ALIVE(self->c, ACCEPT());
}

/* ---- AF_UNSPEC ---------------------------------------------------------- */

TEST_F(lo, disconnect_resets)
{
	int other = tcp_form(self->f), port, s;

	CONNECT();
	port = port_of(self->c);
	s = ACCEPT();
	EXPECT_EQ(0, disconnect(self->c));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
	EXPECT_EQ(ECONNRESET, so_error(self->c));
	EXPECT_EQ(0, strncmp(name_of(self->c), "0.0.0.0:", 8));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->c));
	/* Its port is anybody's. */
	EXPECT_EQ(0, bind_to(other, self->f, "0.0.0.0", port));
	close(other);
	EXPECT_RECV_ERRNO(ECONNRESET, s);
	close(s);
	/* And again. */
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, disconnect_forgets_old_data)
{
	int s;

	CONNECT();
	s = ACCEPT();
	SEND(s, "old");
	ASSERT_TRUE(readable(self->c));
	EXPECT_EQ(0, disconnect(self->c));
	EXPECT_EQ(ECONNRESET, so_error(self->c));
	CONNECT();
	s = ACCEPT();
	EXPECT_NOTHING(self->c);
	SEND(s, "new");
	EXPECT_RECV(self->c, "new");
}

/* A thread that waits for the old connection gets nothing of what follows. */
TEST_F(lo, disconnect_ends_other_calls)
{
	struct call call;

	CONNECT();
	ACCEPT();
	ASSERT_EQ(0, call_blocks(&call, call_recv, self->c));
	EXPECT_EQ(0, disconnect(self->c));
	EXPECT_EQ(-EPIPE, call_result(&call));
}

TEST_F(lo, disconnect_keeps_a_bound_port)
{
	ASSERT_EQ(0, bind_to(self->c, self->f, LO, 4711));
	CONNECT();
	EXPECT_EQ(0, disconnect(self->c));
	EXPECT_STREQ("127.0.0.1:4711", name_of(self->c));
}

TEST_F(lo, disconnect_of_a_fresh_socket)
{
	EXPECT_EQ(0, disconnect(self->c));
	EXPECT_EQ(0, so_error(self->c));
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, disconnect_of_a_listener)
{
	CONNECT();
	EXPECT_TRUE(readable(self->l));
	EXPECT_EQ(0, disconnect(self->l));
	EXPECT_EQ(ST_CLOSE, state_of(self->l));
	EXPECT_EQ(-EINVAL, ERRNO(accept(self->l, NULL, NULL)));
	/* Who had not been accepted is reset. */
	EXPECT_RECV_ERRNO(ECONNRESET, self->c);
	/* It may listen again. */
	EXPECT_EQ(0, listen(self->l, 4));
	close(self->c);
	self->c = tcp_form(self->f);
	ASSERT_EQ(0, connect_to(self->c, self->f, LO, port_of(self->l)));
	EXPECT_ALIVE(self->c, ACCEPT());
}

/* ---- bind --------------------------------------------------------------- */

TEST_F(lo, bind_errors)
{
	union addr a = form_addr(self->f, LO, 4711);

	V4_ONLY("broadcasts");
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(self->c, self->f,
						"192.0.2.1", 0)));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(self->c, self->f, LO, self->port)));
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->c, &a.sa, 2)));
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->c, &a.sa, form_len(FORM_IN) - 1)));
	EXPECT_EQ(-EFAULT, ERRNO(bind(self->c, BAD, form_len(self->f))));
	a.sa.sa_family = AF_UNIX;
	EXPECT_EQ(-EAFNOSUPPORT,
		  ERRNO(bind(self->c, &a.sa, form_len(self->f))));
	EXPECT_EQ(0, bind_to(self->c, self->f, LO, 4711));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->c, self->f, LO, 4712)));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->l, self->f, LO, 4712)));
	CONNECT();
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->c, self->f, LO, 4712)));
	EXPECT_STREQ("127.0.0.1:4711", name_of(self->c));
}

TEST_F(lo, bind_after_connect)
{
	CONNECT();
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->c, self->f, LO, 4712)));
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, bind_any_port)
{
	int a = tcp_form(self->f), b = tcp_form(self->f);

	ASSERT_EQ(0, bind_to(a, self->f, LO, 0));
	ASSERT_EQ(0, bind_to(b, self->f, LO, 0));
	EXPECT_LE(32768, port_of(a));
	EXPECT_GE(60999, port_of(a));
	EXPECT_NE(port_of(a), port_of(b));
	EXPECT_NE(port_of(a), self->port);
}

/* ---- listen ------------------------------------------------------------- */

TEST_F(lo, listen_errors)
{
	int s;

	CONNECT();
	s = ACCEPT();
	EXPECT_EQ(-EINVAL, ERRNO(listen(self->c, 1)));
	EXPECT_EQ(-EINVAL, ERRNO(listen(s, 1)));
	EXPECT_ALIVE(self->c, s);
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(self->l, self->f, LO, self->port)));
	EXPECT_EQ(ST_LISTEN, state_of(self->l));
}

/* Reading and writing a listener. */
TEST_F(lo, listener_is_no_connection)
{
	char c;

	EXPECT_EQ(-ENOTCONN, ERRNO(recv(self->l, &c, 1, MSG_DONTWAIT)));
	EXPECT_EQ(-ENOTCONN, ERRNO(recv(self->l, &c, 1, 0)));
	EXPECT_EQ(-EPIPE, ERRNO(send(self->l, "x", 1, MSG_NOSIGNAL)));
	EXPECT_EQ(-EINVAL, ioctl_int(self->l, SIOCINQ));
	EXPECT_EQ(-EINVAL, ioctl_int(self->l, SIOCOUTQ));
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, listen_without_bind)
{
	ASSERT_EQ(0, listen(self->c, 4));
	EXPECT_LE(32768, port_of(self->c));
	EXPECT_EQ(ST_LISTEN, state_of(self->c));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->c, self->f, LO, 4711)));
}

/* How many connections come to be, when nobody accepts them? */
static int fill_backlog(enum form f, int port, int most)
{
	int i, fd;

	for (i = 0; i < most; i++) {
		fd = tcp_nb_form(f);
		connect_to(fd, f, LO, port);
		if (!BECOMES(state_of(fd) != ST_SYN_SENT || __ms > QUIET_MS))
			break;
		if (state_of(fd) != ST_ESTABLISHED) {
			close(fd);
			break;
		}
	}
	return i;
}

/* One more than the backlog says; a SYN that finds no room is not answered. */
TEST_F(lo, backlog)
{
	static const int backlogs[] = { 0, 1, 5 };
	int i, l;

	for (i = 0; i < ARRAY_SIZE(backlogs); i++) {
		l = listen_at(self->f, LO, 0, backlogs[i]);
		ASSERT_LE(0, l);
		EXPECT_EQ(backlogs[i] + 1, fill_backlog(self->f, port_of(l), 20));
		/* Room for one makes room for one. */
		ASSERT_LE(0, accept_now(l));
		EXPECT_EQ(1, fill_backlog(self->f, port_of(l), 20));
		close(l);
	}
}

TEST_F(lo, listen_again_changes_the_backlog)
{
	ASSERT_EQ(0, listen(self->l, 1));
	EXPECT_EQ(2, fill_backlog(self->f, self->port, 20));
	ASSERT_EQ(0, listen(self->l, 4));
	EXPECT_EQ(3, fill_backlog(self->f, self->port, 20));
	/* Less than are there already: they stay. */
	ASSERT_EQ(0, listen(self->l, 0));
	EXPECT_EQ(0, fill_backlog(self->f, self->port, 20));
	for (int i = 0; i < 5; i++)
		ACCEPT();
	EXPECT_FALSE(poll_for(self->l, POLLIN, 0));
}

TEST_F(lo, backlog_is_limited_by_somaxconn)
{
	ASSERT_EQ(0, sh("echo 2 >/proc/sys/net/core/somaxconn"));
	ASSERT_EQ(0, listen(self->l, 100));
	EXPECT_EQ(3, fill_backlog(self->f, self->port, 20));
	/* Negative is much. */
	ASSERT_EQ(0, sh("echo 4 >/proc/sys/net/core/somaxconn"));
	ASSERT_EQ(0, listen(self->l, -1));
	EXPECT_EQ(2, fill_backlog(self->f, self->port, 20));
}

/* ---- accept ------------------------------------------------------------- */

TEST_F(lo, accept_errors)
{
	int s;

	EXPECT_EQ(-EINVAL, ERRNO(accept(self->c, NULL, NULL)));
	ASSERT_EQ(0, set_nonblock(self->l, true));
	EXPECT_EQ(-EAGAIN, ERRNO(accept(self->l, NULL, NULL)));
	CONNECT();
	s = ACCEPT();
	EXPECT_EQ(-EINVAL, ERRNO(accept(self->c, NULL, NULL)));
	EXPECT_EQ(-EINVAL, ERRNO(accept(s, NULL, NULL)));
	EXPECT_EQ(-EINVAL, ERRNO(accept4(self->l, NULL, NULL, 1)));
	EXPECT_EQ(-EAGAIN, ERRNO(accept(self->l, NULL, NULL)));
}

/* The kernel makes the socket before it looks at the pointers; it is closed
 * again, and the client hears of it.
 */
TEST_F(lo, accept_bad_pointers)
{
	union addr a = {};
	socklen_t len = -1;

	CONNECT();
	ASSERT_TRUE(readable(self->l));
	EXPECT_EQ(-EINVAL, ERRNO(accept(self->l, &a.sa, &len)));
	EXPECT_EOF(self->c);

	close(self->c);
	self->c = tcp_form(self->f);
	CONNECT();
	ASSERT_TRUE(readable(self->l));
	EXPECT_EQ(-EFAULT, ERRNO(accept(self->l, &a.sa, BAD)));
	EXPECT_EOF(self->c);

	close(self->c);
	self->c = tcp_form(self->f);
	len = sizeof(a);
	CONNECT();
	ASSERT_TRUE(readable(self->l));
	EXPECT_EQ(-EFAULT, ERRNO(accept(self->l, BAD, &len)));
	EXPECT_EOF(self->c);

	close(self->c);
	self->c = tcp_form(self->f);
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, accept4_flags)
{
	static const int flags[] = {
		0, SOCK_NONBLOCK, SOCK_CLOEXEC, SOCK_NONBLOCK | SOCK_CLOEXEC,
	};
	int i, c, s;

	/* O_NONBLOCK is not inherited. */
	ASSERT_EQ(0, set_nonblock(self->l, true));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		c = tcp_form(self->f);
		ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
		ASSERT_TRUE(readable(self->l));
		s = accept4(self->l, NULL, NULL, flags[i]);
		ASSERT_LE(0, s);
		EXPECT_EQ(!!(flags[i] & SOCK_NONBLOCK),
			  !!(fcntl(s, F_GETFL) & O_NONBLOCK));
		EXPECT_EQ(!!(flags[i] & SOCK_CLOEXEC),
			  !!(fcntl(s, F_GETFD) & FD_CLOEXEC));
	}
}

TEST_F(lo, accept_in_order)
{
	int fd[5], i;

	for (i = 0; i < 5; i++) {
		fd[i] = tcp_form(self->f);
		ASSERT_EQ(0, connect_to(fd[i], self->f, LO, self->port));
	}
	for (i = 0; i < 5; i++)
		EXPECT_STREQ(name_of(fd[i]), peer_of(ACCEPT()));
	EXPECT_FALSE(poll_for(self->l, POLLIN, 0));
}

TEST_F(lo, accept_gives_up_waiting)
{
	ASSERT_EQ(0, set_timeo(self->l, SO_RCVTIMEO, 20));
	EXPECT_EQ(-EAGAIN, ERRNO(accept(self->l, NULL, NULL)));
	CONNECT();
	EXPECT_LE(0, accept(self->l, NULL, NULL));
}

TEST_F(lo, accept_interrupted)
{
	ASSERT_EQ(0, catch_signal(SIGALRM, false));
	alarms(true);
	EXPECT_EQ(-EINTR, ERRNO(accept(self->l, NULL, NULL)));
	alarms(false);
	CONNECT();
	EXPECT_LE(0, accept(self->l, NULL, NULL));
}

TEST_F(lo, accept_is_restarted)
{
	struct call call;

	ASSERT_EQ(0, catch_signal(SIGALRM, true));
	ASSERT_EQ(0, call_blocks(&call, call_accept, self->l));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, pthread_kill(call.thread, SIGALRM));
		ASSERT_TRUE(BECOMES(signals == i + 1));
	}
	CONNECT();
	EXPECT_LE(0, call_result(&call));
}

TEST_F(lo, blocked_accept_wakes_up)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_accept, self->l));
	CONNECT();
	EXPECT_LE(0, call_result(&call));
}

/* One connection, one accept() of the many that wait. */
TEST_F(lo, one_of_many_accepts_wakes_up)
{
	struct call call[4];
	int i, done, fd;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, call_blocks(&call[i], call_accept, self->l));
	for (done = 1; done <= 4; done++) {
		int sum = 0;

		fd = tcp_form(self->f);
		ASSERT_EQ(0, connect_to(fd, self->f, LO, self->port));
		ASSERT_TRUE(BECOMES(({ sum = 0;
				       for (i = 0; i < 4; i++)
					       sum += call_is_done(&call[i]);
				       sum >= done; })));
		EXPECT_EQ(done, sum);
	}
	for (i = 0; i < 4; i++)
		EXPECT_LE(0, call_result(&call[i]));
}

/* A client that has reset its connection is still there to be accepted; what
 * became of it is read from the new socket.
 */
TEST_F(lo, reset_before_accept)
{
	int s;

	CONNECT();
	ASSERT_TRUE(readable(self->l));
	close_hard(self->c);
	self->c = tcp_form(self->f);
	s = ACCEPT();
	EXPECT_RECV_ERRNO(ECONNRESET, s);
	EXPECT_EOF(s);
	EXPECT_EQ(ST_CLOSE, state_of(s));
	CONNECT();
	EXPECT_ALIVE(self->c, ACCEPT());
}

TEST_F(lo, closed_before_accept)
{
	int s;

	CONNECT();
	SEND(self->c, "last words");
	close(self->c);
	self->c = tcp_form(self->f);
	s = ACCEPT();
	EXPECT_RECV(s, "last words");
	EXPECT_EOF(s);
	EXPECT_STATE(ST_CLOSE_WAIT, s);
}

/* No descriptor is free: the connection waits for better times. */
TEST_F(lo, accept_without_descriptors)
{
	static int hold[1024];
	int n = 0;

	CONNECT();
	ASSERT_TRUE(readable(self->l));
	while (n < ARRAY_SIZE(hold)) {
		hold[n] = dup(self->l);
		if (hold[n] < 0)
			break;
		n++;
	}
	if (n < ARRAY_SIZE(hold)) {
		EXPECT_EQ(-EMFILE, ERRNO(accept(self->l, NULL, NULL)));
		EXPECT_EQ(POLLIN, poll_for(self->l, POLLIN, 0));
	}
	while (n > 0)
		close(hold[--n]);
	EXPECT_ALIVE(self->c, ACCEPT());
}

/* ---- A second host ------------------------------------------------------ */

FIXTURE(net) {
	struct pair p;
	int c;		/* here, of the family under test */
};

FIXTURE_SETUP(net)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->c = tcp_new();
	ASSERT_LE(0, self->c) TH_LOG("no socket: %s", strerror(errno));
}

FIXTURE_TEARDOWN(net)
{
	close(self->c);
}

/* Linux's TCP on the other host. */
static int linux_tcp(struct pair *p, int flags)
{
	return socket_in(p->a, p->b, peer_af(), SOCK_STREAM | flags, 0);
}

TEST_F(net, connect_to_linux)
{
	int l = linux_tcp(&self->p, 0), s;

	ASSERT_EQ(0, bind_to(l, FORM_IN, "10.0.0.1", 7007));
	ASSERT_EQ(0, listen(l, 4));
	ASSERT_EQ(0, connect_to(self->c, FORM_IN, "10.0.0.1", 7007));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_STREQ("10.0.0.1:7007", peer_of(self->c));
	EXPECT_STREQ(name_of(self->c), peer_of(s));
	EXPECT_ALIVE(self->c, s);
	EXPECT_EQ(0, shutdown(s, SHUT_WR));
	EXPECT_EOF(self->c);
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EOF(s);
}

TEST_F(net, connect_from_linux)
{
	int l = listen_at(FORM_IN, "10.0.0.2", 7007, 4), s;
	int c = linux_tcp(&self->p, 0);

	ASSERT_LE(0, l);
	ASSERT_EQ(0, connect_to(c, FORM_IN, "10.0.0.2", 7007));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_STREQ("10.0.0.2:7007", name_of(s));
	EXPECT_STREQ(name_of(c), peer_of(s));
	EXPECT_ALIVE(c, s);
	EXPECT_EQ(0, shutdown(s, SHUT_WR));
	EXPECT_EOF(c);
	close(c);
	EXPECT_EOF(s);
}

TEST_F(net, refused)
{
	int c = linux_tcp(&self->p, 0);

	EXPECT_EQ(-ECONNREFUSED,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.1", 9)));
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(c, FORM_IN, "10.0.0.2", 9)));
}

TEST_F(net, broadcast)
{
	V4_ONLY("broadcasts");
	EXPECT_EQ(-ENETUNREACH,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.255", 9)));
	EXPECT_EQ(-ENETUNREACH,
		  ERRNO(connect_to(self->c, FORM_IN, "224.0.0.5", 9)));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
}

/* Nobody answers for the address. */
static void neighbours_are_given_up_soon(void)
{
	if (TESTING_TOY)
		sysctl_write("neigh_retrans_ms", "20");
	else
		sysctl_write("neigh/veth1/retrans_time_ms", "20");
}

TEST_F(net, host_unreachable)
{
	neighbours_are_given_up_soon();
	EXPECT_EQ(-EHOSTUNREACH,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.77", 9)));
	EXPECT_EQ(ST_CLOSE, state_of(self->c));
	EXPECT_EQ(0, so_error(self->c));

	ASSERT_EQ(0, set_nonblock(self->c, true));
	EXPECT_EQ(-EINPROGRESS,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.78", 9)));
	EXPECT_EVENTS("in out rdhup err hup", self->c);
	EXPECT_EQ(EHOSTUNREACH, so_error(self->c));
}

/* A router's ICMP ends the attempt, unless it comes while connect() is still
 * at work on the socket: so there is some way between the two.
 */
TEST_F(net, icmp_unreachable)
{
	struct { const char *type; int err; } said[] = {
		{ "unreachable", EHOSTUNREACH },
		{ "prohibit", EHOSTUNREACH },
	};
	int i;

	V4_ONLY("routes on the command line");
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, sh("echo 1 >/proc/sys/net/ipv4/ip_forward"));
	for (i = 0; i < ARRAY_SIZE(said); i++)
		ASSERT_EQ(0, sh("ip route add %s 192.0.2.%d", said[i].type, i));
	ASSERT_EQ(0, netns_enter(self->p.b));
	ASSERT_EQ(0, sh("tc qdisc add dev veth1 root netem delay 5ms"));
	ASSERT_EQ(0, sh("%s route add 192.0.2.0/24 via 10.0.0.1 dev veth1",
			TESTING_TOY ? "toy" : "ip"));
	for (i = 0; i < ARRAY_SIZE(said); i++) {
		char ip[32];

		snprintf(ip, sizeof(ip), "192.0.2.%d", i);
		EXPECT_EQ(-said[i].err,
			  ERRNO(connect_to(self->c, FORM_IN, ip, 9)));
	}
}

TEST_F(net, timed_out)
{
	int short_syn = tcp_nb_new(), short_user = tcp_nb_new();

	ASSERT_EQ(0, black_hole());
	no_linear_syns();
	/* One retransmission, after a second; two more seconds of hope. */
	ASSERT_EQ(0, set_opt(short_syn, IPPROTO_TCP, TCP_SYNCNT, 1));
	ASSERT_EQ(0, set_opt(short_user, IPPROTO_TCP, TCP_USER_TIMEOUT, 100));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(short_syn, FORM_IN, HOLE, 9)));
	EXPECT_EQ(-EINPROGRESS,
		  ERRNO(connect_to(short_user, FORM_IN, HOLE, 9)));
	EXPECT_EVENTS("in out rdhup err hup", short_user);
	EXPECT_EQ(ETIMEDOUT, so_error(short_user));
	EXPECT_EQ(ST_SYN_SENT, state_of(short_syn));
	EXPECT_EVENTS("in out rdhup err hup", short_syn);
	EXPECT_EQ(-ETIMEDOUT, ERRNO(connect_to(short_syn, FORM_IN, HOLE, 9)));
	EXPECT_EQ(ST_CLOSE, state_of(short_syn));
}

/* Two SYNs meet on the way: one connection, and no listener. */
TEST_F(net, simultaneous_open)
{
	int other = linux_tcp(&self->p, SOCK_NONBLOCK);

	/* Refused, but now both know each other's hardware address. */
	ASSERT_EQ(-ECONNREFUSED,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.1", 9)));
	ASSERT_EQ(0, sh("tc qdisc add dev veth1 root netem delay 50ms"));
	ASSERT_EQ(0, set_nonblock(self->c, true));
	ASSERT_EQ(0, bind_to(self->c, FORM_IN, "10.0.0.2", 7002));
	ASSERT_EQ(0, bind_to(other, FORM_IN, "10.0.0.1", 7001));
	/* Held back for a while; the other one's is quick, but comes to a
	 * socket that is there.
	 */
	EXPECT_EQ(-EINPROGRESS,
		  ERRNO(connect_to(self->c, FORM_IN, "10.0.0.1", 7001)));
	EXPECT_EQ(-EINPROGRESS,
		  ERRNO(connect_to(other, FORM_IN, "10.0.0.2", 7002)));
	EXPECT_EVENTS("out", self->c);
	EXPECT_EVENTS("out", other);
	EXPECT_EQ(0, so_error(self->c));
	EXPECT_EQ(0, so_error(other));
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->c));
	EXPECT_EQ(ST_ESTABLISHED, state_of(other));
	EXPECT_ALIVE(self->c, other);
}

/* An address of the cable is not the loopback's, and neither the other way. */
TEST_F(net, listener_of_one_address)
{
	int l = listen_at(FORM_IN, "10.0.0.2", 7007, 4);
	int c = linux_tcp(&self->p, 0), s;

	ASSERT_LE(0, l);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(self->c, FORM_IN, LO, 7007)));
	/* The host itself reaches it, by loopback. */
	EXPECT_EQ(0, connect_to(self->c, FORM_IN, "10.0.0.2", 7007));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_EQ(0, strncmp(peer_of(s), "10.0.0.2:", 9));
	EXPECT_ALIVE(self->c, s);
	EXPECT_EQ(0, connect_to(c, FORM_IN, "10.0.0.2", 7007));
	EXPECT_ALIVE(c, accept_now(l));
}

TOY_TEST_MAIN
