// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may have which port: conflicts, SO_REUSEADDR, SO_REUSEPORT, TIME_WAIT,
 * devices, and what happens when ports run out.
 */
#include "tcp_test.h"

#include <grp.h>

FIXTURE(tcp_ports) {
	int a, b;	/* two fresh sockets */
};

FIXTURE_SETUP(tcp_ports)
{
	ASSERT_LE(0, netns_new());
	self->a = tcp_new();
	ASSERT_LE(0, self->a) TH_LOG("no socket: %s", strerror(errno));
	self->b = tcp_new();
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(tcp_ports)
{
	close(self->a);
	close(self->b);
}

#define BIND(fd, ip, port)	ERRNO(bind_to(fd, FORM_IN, ip, port))
#define LISTEN(fd)		ERRNO(listen(fd, 8))
#define REUSE(fd, on) \
	ASSERT_EQ(0, set_opt(fd, SOL_SOCKET, SO_REUSEADDR, on))

TEST_F(tcp_ports, one_port_one_socket)
{
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, "0.0.0.0", 4711));
	/* Another address is another matter. */
	EXPECT_EQ(0, BIND(self->b, "127.0.0.2", 4711));
	EXPECT_EQ(0, LISTEN(self->a));
	EXPECT_EQ(0, LISTEN(self->b));
	close(self->a);
	self->a = tcp_new();
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
}

TEST_F(tcp_ports, wildcard_takes_all)
{
	EXPECT_EQ(0, BIND(self->a, "0.0.0.0", 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, "0.0.0.0", 4711));
}

/* UDP's ports are not TCP's. */
TEST_F(tcp_ports, udp_has_its_own)
{
	int u = udp_form(FORM_IN);

	EXPECT_EQ(0, BIND(u, LO, 4711));
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(0, LISTEN(self->a));
}

/* ---- SO_REUSEADDR ------------------------------------------------------- */

TEST_F(tcp_ports, reuseaddr_needs_both)
{
	REUSE(self->b, 1);
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
	close(self->a);

	self->a = tcp_new();
	REUSE(self->a, 1);
	REUSE(self->b, 0);
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
}

TEST_F(tcp_ports, reuseaddr_lets_one_listen)
{
	int third = tcp_new();

	REUSE(self->a, 1);
	REUSE(self->b, 1);
	REUSE(third, 1);
	EXPECT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(0, BIND(self->b, LO, 4711));
	EXPECT_EQ(0, LISTEN(self->a));
	EXPECT_EQ(-EADDRINUSE, LISTEN(self->b));
	EXPECT_EQ(ST_CLOSE, state_of(self->b));
	/* Nor does a listener let anybody in. */
	EXPECT_EQ(-EADDRINUSE, BIND(third, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(third, "0.0.0.0", 4711));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, BIND(third, LO, 4711));
	EXPECT_EQ(0, LISTEN(third));
}

TEST_F(tcp_ports, more_special_listener_wins)
{
	int l2, c, s;

	REUSE(self->a, 1);
	REUSE(self->b, 1);
	ASSERT_EQ(0, BIND(self->a, "0.0.0.0", 4711));
	ASSERT_EQ(0, BIND(self->b, LO, 4711));
	ASSERT_EQ(0, LISTEN(self->a));
	/* The wildcard's listener is in the way now. */
	EXPECT_EQ(-EADDRINUSE, LISTEN(self->b));
	close(self->a);
	close(self->b);

	/* SO_REUSEPORT has no such qualms. */
	self->a = tcp_new();
	self->b = tcp_new();
	ASSERT_EQ(0, set_reuseport(self->a, 1));
	ASSERT_EQ(0, set_reuseport(self->b, 1));
	ASSERT_EQ(0, BIND(self->a, "0.0.0.0", 4711));
	ASSERT_EQ(0, BIND(self->b, LO, 4711));
	ASSERT_EQ(0, LISTEN(self->a));
	ASSERT_EQ(0, LISTEN(self->b));
	for (int i = 0; i < 4; i++) {
		c = tcp_new();
		ASSERT_EQ(0, connect_to(c, FORM_IN, LO, 4711));
		s = accept_now(self->b);
		ASSERT_LE(0, s);
		EXPECT_ALIVE(c, s);
	}
	c = tcp_new();
	ASSERT_EQ(0, connect_to(c, FORM_IN, "127.0.0.2", 4711));
	l2 = accept_now(self->a);
	ASSERT_LE(0, l2);
	EXPECT_ALIVE(c, l2);
	EXPECT_FALSE(poll_for(self->b, POLLIN, 0));
}

/* ---- What connections leave behind -------------------------------------- */

enum left { ESTABLISHED, TIME_WAIT, GONE };

/* A server at 4711 ends; its connection is still there, or in TIME_WAIT, or
 * has ended by a reset. What does bind() say?
 */
static int rebind(enum left left, int old_reuse, int new_reuse)
{
	struct conn t = {};
	int fd, ret;

	t.l = tcp_new();
	t.c = tcp_new();
	set_opt(t.l, SOL_SOCKET, SO_REUSEADDR, old_reuse);
	if (BIND(t.l, LO, 4711) || LISTEN(t.l) ||
	    connect_to(t.c, FORM_IN, LO, 4711))
		return 1;
	t.s = accept_now(t.l);
	close(t.l);
	if (left == TIME_WAIT) {
		close(t.s);		/* who closes first waits */
		drain(t.c, 1);
		close(t.c);
	} else if (left == GONE) {
		close_hard(t.s);
		drain(t.c, 1);
		close(t.c);
	}
	fd = tcp_new();
	set_opt(fd, SOL_SOCKET, SO_REUSEADDR, new_reuse);
	ret = BIND(fd, LO, 4711);
	if (!ret)
		ret = LISTEN(fd);
	if (!ret) {
		/* And it works. */
		int c = tcp_new(), s;

		if (connect_to(c, FORM_IN, LO, 4711))
			ret = 2;
		s = accept_now(fd);
		if (s < 0)
			ret = 3;
		close_hard(s);
		close(c);
	}
	close(fd);
	if (left == ESTABLISHED) {
		close_hard(t.s);
		close(t.c);
	}
	return ret;
}

TEST_F(tcp_ports, rebind_beside_a_connection)
{
	EXPECT_EQ(-EADDRINUSE, rebind(ESTABLISHED, 0, 0));
	EXPECT_EQ(-EADDRINUSE, rebind(ESTABLISHED, 0, 1));
	EXPECT_EQ(-EADDRINUSE, rebind(ESTABLISHED, 1, 0));
	EXPECT_EQ(0, rebind(ESTABLISHED, 1, 1));
}

TEST_F(tcp_ports, rebind_after_a_reset)
{
	EXPECT_EQ(0, rebind(GONE, 0, 0));
	EXPECT_EQ(0, rebind(GONE, 1, 1));
}

TEST_F(tcp_ports, rebind_in_time_wait_without_reuseaddr)
{
	EXPECT_EQ(-EADDRINUSE, rebind(TIME_WAIT, 0, 0));
}

TEST_F(tcp_ports, rebind_in_time_wait_with_one_reuseaddr)
{
	EXPECT_EQ(-EADDRINUSE, rebind(TIME_WAIT, 1, 0));
}

TEST_F(tcp_ports, rebind_in_time_wait_with_reuseaddr)
{
	EXPECT_EQ(0, rebind(TIME_WAIT, 1, 1));
}

/* A client's port is in TIME_WAIT; another one may be had by another client,
 * if both said SO_REUSEADDR.
 */
TEST_F(tcp_ports, client_in_time_wait)
{
	struct conn t;
	int other = tcp_new();

	ASSERT_EQ(0, conn_make(&t, FORM_IN));
	REUSE(self->a, 1);
	REUSE(self->b, 1);
	ASSERT_EQ(0, BIND(self->a, LO, 4711));
	ASSERT_EQ(0, connect_to(self->a, FORM_IN, LO, t.port));
	t.s = accept_now(t.l);
	close(self->a);
	self->a = -1;
	EXPECT_EOF(t.s);
	close(t.s);
	EXPECT_EQ(-EADDRINUSE, BIND(other, LO, 4711));
	ASSERT_EQ(0, BIND(self->b, LO, 4711));
	/* Another destination is another connection. */
	close(other);
	other = listen_at(FORM_IN, "127.0.0.2", t.port, 4);
	ASSERT_LE(0, other);
	EXPECT_EQ(0, ERRNO(connect_to(self->b, FORM_IN, "127.0.0.2", t.port)));
}

/* Two sockets of one port, one destination: there can be only one. */
TEST_F(tcp_ports, four_tuples_are_unique)
{
	struct conn t;
	int l2;

	ASSERT_EQ(0, conn_make(&t, FORM_IN));
	l2 = listen_at(FORM_IN, "127.0.0.2", 0, 4);
	ASSERT_LE(0, l2);
	REUSE(self->a, 1);
	REUSE(self->b, 1);
	ASSERT_EQ(0, BIND(self->a, LO, 4711));
	ASSERT_EQ(0, BIND(self->b, LO, 4711));
	ASSERT_EQ(0, connect_to(self->a, FORM_IN, LO, t.port));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(connect_to(self->b, FORM_IN, LO,
						   t.port)));
	EXPECT_EQ(0, ERRNO(connect_to(self->b, FORM_IN, "127.0.0.2",
				      port_of(l2))));
	EXPECT_ALIVE(self->a, accept_now(t.l));
	EXPECT_ALIVE(self->b, accept_now(l2));
}

/* A connection holds its listener's port, not the right to listen. */
TEST_F(tcp_ports, accepted_sockets_share_the_port)
{
	struct conn t;
	int c = -1, s = -1;

	ASSERT_EQ(0, conn_make(&t, FORM_IN));
	ASSERT_EQ(0, conn_more(&t, &c, &s));
	EXPECT_EQ(t.port, port_of(t.s));
	EXPECT_EQ(t.port, port_of(s));
	close(t.l);
	EXPECT_EQ(-EADDRINUSE, BIND(self->a, LO, t.port));
	EXPECT_EQ(0, BIND(self->a, "127.0.0.2", t.port));
	EXPECT_ALIVE(t.c, t.s);
	EXPECT_ALIVE(c, s);
}

/* ---- SO_REUSEPORT ------------------------------------------------------- */

#define GROUP	64
#define CALLS	256

TEST_F(tcp_ports, reuseport_spreads)
{
	static int l[GROUP];
	int i, n, ep = epoll_create1(0), used = 0, most = 0, got[GROUP] = {};
	struct epoll_event e = { .events = EPOLLIN };

	for (i = 0; i < GROUP; i++) {
		l[i] = tcp_new();
		ASSERT_LE(0, l[i]);
		ASSERT_EQ(0, set_reuseport(l[i], 1));
		ASSERT_EQ(0, BIND(l[i], LO, 4711));
		ASSERT_EQ(0, LISTEN(l[i]));
		e.data.u32 = i;
		ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, l[i], &e));
	}
	for (n = 0; n < CALLS; n++) {
		int c = tcp_new(), s;

		ASSERT_LE(0, c);
		ASSERT_EQ(0, connect_to(c, FORM_IN, LO, 4711));
		ASSERT_EQ(1, epoll_wait(ep, &e, 1, DEADLINE_MS));
		got[e.data.u32]++;
		s = accept(l[e.data.u32], NULL, NULL);
		ASSERT_LE(0, s);
		close_hard(c);
		close(s);
	}
	for (i = 0; i < GROUP; i++) {
		used += !!got[i];
		most = got[i] > most ? got[i] : most;
		close(l[i]);
	}
	/* 62.8 and about 10 are what chance gives. */
	EXPECT_LE(50, used);
	EXPECT_GE(24, most);
}

TEST_F(tcp_ports, reuseport_needs_all)
{
	ASSERT_EQ(0, set_reuseport(self->a, 1));
	ASSERT_EQ(0, BIND(self->a, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
	REUSE(self->b, 1);
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 4711));
	ASSERT_EQ(0, set_reuseport(self->b, 1));
	EXPECT_EQ(0, BIND(self->b, LO, 4711));
	EXPECT_EQ(0, LISTEN(self->a));
	EXPECT_EQ(0, LISTEN(self->b));
}

/* Another user does not get in. */
TEST_F(tcp_ports, reuseport_is_one_users)
{
	int other;

	ASSERT_EQ(0, set_reuseport(self->a, 1));
	ASSERT_EQ(0, BIND(self->a, LO, 4711));
	ASSERT_EQ(0, LISTEN(self->a));
	ASSERT_EQ(0, setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000));
	other = tcp_new();
	ASSERT_LE(0, other);
	ASSERT_EQ(0, set_reuseport(other, 1));
	EXPECT_EQ(-EADDRINUSE, BIND(other, LO, 4711));
}

/* A member leaves: the others go on, and connections stay where they are. */
TEST_F(tcp_ports, reuseport_member_leaves)
{
	int c[16], s[16], i, n = 0;

	ASSERT_EQ(0, set_reuseport(self->a, 1));
	ASSERT_EQ(0, set_reuseport(self->b, 1));
	ASSERT_EQ(0, BIND(self->a, LO, 4711));
	ASSERT_EQ(0, BIND(self->b, LO, 4711));
	ASSERT_EQ(0, listen(self->a, 64));
	ASSERT_EQ(0, listen(self->b, 64));
	for (i = 0; i < 16; i++) {
		c[i] = tcp_new();
		ASSERT_EQ(0, connect_to(c[i], FORM_IN, LO, 4711));
	}
	while (poll_for(self->b, POLLIN, 0)) {
		s[n] = accept_now(self->b);
		ASSERT_LE(0, s[n]);
		n++;
	}
	close(self->b);
	self->b = -1;
	for (i = 0; i < 16; i++) {
		int fd = tcp_new();

		ASSERT_EQ(0, connect_to(fd, FORM_IN, LO, 4711));
		close(fd);
	}
	for (i = 0; i < n; i++) {
		SEND(s[i], "x");
		close(s[i]);
	}
}

/* ---- Privilege, devices ------------------------------------------------- */

TEST_F(tcp_ports, privileged_ports)
{
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(1000, 1000, 1000));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	EXPECT_EQ(-EACCES, BIND(self->a, LO, 1023));
	EXPECT_EQ(0, BIND(self->a, LO, 1024));
	EXPECT_EQ(-EACCES, BIND(self->b, "0.0.0.0", 1));
}

static int bind_device(int fd, const char *dev)
{
	return ERRNO(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
				strlen(dev)));
}

TEST_F(tcp_ports, bound_devices)
{
	int c = tcp_new();

	ASSERT_EQ(0, black_hole());
	EXPECT_EQ(-ENODEV, bind_device(self->a, "nosuch"));
	ASSERT_EQ(0, bind_device(self->a, "hole"));
	ASSERT_EQ(0, bind_device(self->b, "lo"));
	/* One port each. */
	EXPECT_EQ(0, BIND(self->a, "0.0.0.0", 4711));
	EXPECT_EQ(0, LISTEN(self->a));
	/* What comes by loopback is not for a listener of another device. */
	EXPECT_EQ(-ECONNREFUSED, ERRNO(connect_to(c, FORM_IN, LO, 4711)));
	EXPECT_EQ(0, BIND(self->b, "0.0.0.0", 4711));
	EXPECT_EQ(0, LISTEN(self->b));
	EXPECT_EQ(0, connect_to(c, FORM_IN, LO, 4711));
	EXPECT_ALIVE(c, accept_now(self->b));
	/* Whoever has no device conflicts with either. */
	close(c);
	c = tcp_new();
	EXPECT_EQ(-EADDRINUSE, BIND(c, "0.0.0.0", 4711));
}

/* A connection keeps to its device: there is no way to 127.0.0.1 by another. */
TEST_F(tcp_ports, connect_by_a_device)
{
	struct conn t;

	ASSERT_EQ(0, conn_make(&t, FORM_IN));
	ASSERT_EQ(0, bind_device(self->a, "lo"));
	EXPECT_EQ(0, connect_to(self->a, FORM_IN, LO, t.port));
	t.s = accept_now(t.l);
	EXPECT_ALIVE(self->a, t.s);
}

/* ---- Ports run out ------------------------------------------------------ */

TEST_F(tcp_ports, connect_exhausts_the_range)
{
	int fd[5], l, l2, i, seen = 0;

	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "40000 40003"));
	l = listen_at(FORM_IN, LO, 4711, 16);
	l2 = listen_at(FORM_IN, LO, 4712, 16);
	ASSERT_LE(0, l);
	ASSERT_LE(0, l2);
	for (i = 0; i < 4; i++) {
		fd[i] = tcp_new();
		ASSERT_EQ(0, connect_to(fd[i], FORM_IN, LO, 4711));
		EXPECT_LE(40000, port_of(fd[i]));
		EXPECT_GE(40003, port_of(fd[i]));
		seen |= 1 << (port_of(fd[i]) - 40000);
	}
	EXPECT_EQ(15, seen);
	fd[4] = tcp_new();
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(connect_to(fd[4], FORM_IN, LO, 4711)));
	EXPECT_EQ(ST_CLOSE, state_of(fd[4]));
	/* The same four serve for another destination, port or address. */
	EXPECT_EQ(0, ERRNO(connect_to(fd[4], FORM_IN, LO, 4712)));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, ERRNO(connect_to(tcp_new(), FORM_IN, LO, 4712)));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(connect_to(self->a, FORM_IN, LO, 4712)));
	/* One is given back. */
	close_hard(fd[2]);
	EXPECT_EQ(0, ERRNO(connect_to(self->a, FORM_IN, LO, 4711)));
}

TEST_F(tcp_ports, bind_exhausts_the_range)
{
	int i, fd;

	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "40000 40003"));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, BIND(tcp_new(), LO, 0));
	EXPECT_EQ(-EADDRINUSE, BIND(self->a, LO, 0));
	EXPECT_EQ(-EADDRINUSE, LISTEN(self->a));
	/* Other addresses have their own. */
	fd = tcp_new();
	EXPECT_EQ(0, BIND(fd, "127.0.0.2", 0));
	EXPECT_EQ(0, BIND(self->a, LO, 50000));
}

TEST_F(tcp_ports, reserved_ports)
{
	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "40000 40003"));
	ASSERT_EQ(0, sysctl_write("ip_local_reserved_ports",
				  "40000-40001,40003"));
	EXPECT_EQ(0, BIND(self->a, LO, 0));
	EXPECT_EQ(40002, port_of(self->a));
	EXPECT_EQ(-EADDRINUSE, BIND(self->b, LO, 0));
	/* Who asks by number gets it. */
	EXPECT_EQ(0, BIND(self->b, LO, 40001));
	EXPECT_EQ(0, LISTEN(self->b));
	close(self->a);
	self->a = tcp_new();
	EXPECT_EQ(0, connect_to(self->a, FORM_IN, LO, 40001));
	EXPECT_EQ(40002, port_of(self->a));
}

/* bind() is for the address only, and connect() takes the port: so a port
 * serves once for each destination, not once for all.
 */
TEST_F(tcp_ports, bind_address_no_port)
{
	int l[6], fd, i, n;

	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "40000 40003"));
	for (i = 0; i < 6; i++) {
		l[i] = listen_at(FORM_IN, LO, 5000 + i, 16);
		ASSERT_LE(0, l[i]);
	}
	for (i = 0; i < 6; i++) {
		for (n = 0; n < 4; n++) {
			fd = tcp_new();
			ASSERT_EQ(0, set_opt(fd, IPPROTO_IP,
					     IP_BIND_ADDRESS_NO_PORT, 1));
			ASSERT_EQ(0, BIND(fd, "127.0.0.9", 0));
			EXPECT_STREQ("127.0.0.9:0", name_of(fd));
			ASSERT_EQ(0, ERRNO(connect_to(fd, FORM_IN, LO,
						      5000 + i)));
			EXPECT_LE(40000, port_of(fd));
			EXPECT_GE(40003, port_of(fd));
		}
	}
	EXPECT_EQ(1, get_opt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT));
	EXPECT_EQ(0, get_opt(self->a, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT));
	/* A listener needs one. */
	ASSERT_EQ(0, set_opt(self->a, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	ASSERT_EQ(0, BIND(self->a, "127.0.0.8", 0));
	ASSERT_EQ(0, LISTEN(self->a));
	EXPECT_LE(40000, port_of(self->a));
}

/* Hundreds of connections, one port: the destinations differ. */
TEST_F(tcp_ports, one_port_many_destinations)
{
	static int c[300], s[300];
	int l, i;

	V4_ONLY("127/8");
	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "40000 40000"));
	l = listen_at(FORM_IN, "0.0.0.0", 4711, 16);
	ASSERT_LE(0, l);
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		char ip[32];

		snprintf(ip, sizeof(ip), "127.0.%d.%d", 1 + i / 100, 1 + i % 100);
		c[i] = tcp_new();
		ASSERT_LE(0, c[i]);
		ASSERT_EQ(0, ERRNO(connect_to(c[i], FORM_IN, ip, 4711)));
		EXPECT_EQ(40000, port_of(c[i]));
		s[i] = accept_now(l);
		ASSERT_LE(0, s[i]);
	}
	for (i = 0; i < ARRAY_SIZE(c); i++)
		EXPECT_ALIVE(c[i], s[i]);
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(connect_to(self->a, FORM_IN,
						   "127.0.1.1", 4711)));
}

/* A port that a client got without asking may be bound by nobody else ... */
TEST_F(tcp_ports, clients_port_is_taken)
{
	struct conn t;

	ASSERT_EQ(0, conn_make(&t, FORM_IN));
	EXPECT_EQ(-EADDRINUSE, BIND(self->a, LO, port_of(t.c)));
	EXPECT_EQ(-EADDRINUSE, BIND(self->a, "0.0.0.0", port_of(t.c)));
	/* ... until it is closed for good. */
	t.port = port_of(t.c);
	close_hard(t.c);
	EXPECT_RECV_ERRNO(ECONNRESET, t.s);
	EXPECT_EQ(0, BIND(self->a, LO, t.port));
}

TOY_TEST_MAIN
