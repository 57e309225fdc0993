// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP Fast Open (RFC 7413) as programs see it: tcp(7), sendmsg(2) with
 * MSG_FASTOPEN. What is on the wire, selftests/trace/tfo-*.pkt tell.
 *
 * Once with each address form, on 127.0.0.1 of a namespace of its own.
 */
#include "tcp_test.h"

#include <poll.h>
#include <sys/sendfile.h>

#define KEY	16

FIXTURE(tfo) {
	enum form f;
	int l;		/* listens at 127.0.0.1:port, with Fast Open */
	int port;
};

FIXTURE_VARIANT(tfo) {
	enum form form;
};

FIXTURE_VARIANT_ADD(tfo, in)	{ .form = FORM_IN };
FIXTURE_VARIANT_ADD(tfo, in6)	{ .form = FORM_IN6 };
FIXTURE_VARIANT_ADD(tfo, toy)	{ .form = FORM_TOY };

FIXTURE_SETUP(tfo)
{
	self->f = variant->form;
	if (!TESTING_TOY && self->f == FORM_TOY)
		SKIP(return, "the control has no such form");
	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, sysctl_write("tcp_fastopen", "3"));
	self->l = tcp_form(self->f);
	ASSERT_LE(0, self->l);
	ASSERT_EQ(0, bind_to(self->l, self->f, LO, 0));
	ASSERT_EQ(0, set_opt(self->l, IPPROTO_TCP, TCP_FASTOPEN, 8));
	ASSERT_EQ(0, listen(self->l, 8));
	self->port = port_of(self->l);
	ASSERT_LT(0, self->port);
}

FIXTURE_TEARDOWN(tfo)
{
	close(self->l);
}

/* sendto() with MSG_FASTOPEN and other flags; or -errno. */
static int send_open(struct _test_data_tfo *t, int fd, const void *data,
		     size_t len, int flags)
{
	union addr to = form_addr(t->f, LO, t->port);

	return ERRNO(sendto(fd, data, len, MSG_FASTOPEN | flags, &to.sa,
			    form_len(t->f)));
}

/* A first connection, for its cookie. */
static int get_cookie(struct _test_data_tfo *t)
{
	int c = tcp_form(t->f), s;

	if (send_open(t, c, "cookie", 6, MSG_DONTWAIT) != -EINPROGRESS)
		return -1;
	s = accept_now(t->l);
	close(c);
	close(s);
	return s < 0 ? s : 0;
}

static int syn_data(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return -errno;
	return !!(info.tcpi_options & TCPI_OPT_SYN_DATA);
}

TEST_F(tfo, data_goes_with_the_syn)
{
	int c = tcp_form(self->f), s;
	char buf[16];

	ASSERT_EQ(0, get_cookie(self));
	ASSERT_EQ(5, send_open(self, c, "hello", 5, MSG_DONTWAIT));
	s = accept_now(self->l);
	ASSERT_LE(0, s);
	EXPECT_EQ(5, recv_now(s, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	EXPECT_EQ(1, syn_data(s));
	EXPECT_TRUE(BECOMES(syn_data(c) == 1));
	EXPECT_ALIVE(c, s);
	EXPECT_EQ(-EISCONN, ({
		int ret = send_open(self, c, "x", 1, MSG_DONTWAIT);

		/* The first one after the handshake only finds that out. */
		ret == 1 ? send_open(self, c, "x", 1, MSG_DONTWAIT) : ret; }));
	close(c);
	close(s);
}

/* A blocking call connects and sends all of it, with or without a cookie. */
TEST_F(tfo, long_messages)
{
	enum { LEN = 100000 };
	static char out[LEN], in[LEN];
	int i, k, n, c, s;

	for (i = 0; i < LEN; i++)
		out[i] = i * 7 + i / 251;
	for (k = 0; k < 2; k++) {
		c = tcp_form(self->f);
		ASSERT_EQ(LEN, send_open(self, c, out, LEN, 0));
		s = accept_now(self->l);
		ASSERT_LE(0, s);
		for (n = 0; n < LEN; n += i) {
			i = recv_now(s, in + n, LEN - n, 0);
			ASSERT_LT(0, i);
		}
		EXPECT_EQ(0, memcmp(in, out, LEN));
		EXPECT_EQ(k, syn_data(s));
		close(c);
		close(s);
	}
}

TEST_F(tfo, connect_waits_for_data)
{
	int c = tcp_nb_form(self->f), s;
	char buf[16];

	ASSERT_EQ(0, get_cookie(self));
	ASSERT_EQ(0, set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	EXPECT_EQ(1, get_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT));
	ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
	EXPECT_EQ(-EISCONN, ERRNO(connect_to(c, self->f, LO, self->port)));
	EXPECT_TRUE(poll_for(c, POLLOUT, 0));
	EXPECT_FALSE(poll_for(self->l, POLLIN, QUIET_MS));
	EXPECT_EQ(5, write(c, "hello", 5));
	s = accept_now(self->l);
	ASSERT_LE(0, s);
	EXPECT_EQ(5, recv_now(s, buf, sizeof(buf), 0));
	EXPECT_EQ(1, syn_data(s));
	EXPECT_ALIVE(c, s);
	close(c);
	close(s);
}

/* And may be given up. */
TEST_F(tfo, what_waits_can_be_closed)
{
	int c = tcp_nb_form(self->f), s;

	ASSERT_EQ(0, get_cookie(self));
	ASSERT_EQ(0, set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
	EXPECT_EQ(0, disconnect(c));
	EXPECT_EQ(ST_CLOSE, state_of(c));
	ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
	EXPECT_EQ(1, write(c, "x", 1));
	s = accept_now(self->l);
	ASSERT_LE(0, s);
	close(s);
	close(c);
	c = tcp_nb_form(self->f);
	ASSERT_EQ(0, set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
	close(c);
	EXPECT_FALSE(poll_for(self->l, POLLIN, QUIET_MS));
}

/* Without a cookie, where both sides want it so. */
TEST_F(tfo, no_cookie)
{
	int c = tcp_form(self->f), s;
	char buf[16];

	ASSERT_EQ(0, set_opt(self->l, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1));
	ASSERT_EQ(0, set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1));
	ASSERT_EQ(5, send_open(self, c, "hello", 5, MSG_DONTWAIT));
	s = accept_now(self->l);
	ASSERT_LE(0, s);
	EXPECT_EQ(5, recv_now(s, buf, sizeof(buf), 0));
	EXPECT_EQ(1, syn_data(s));
	close(c);
	close(s);
}

/* A cookie of the older key is good, and renewed; then the key may go. */
TEST_F(tfo, keys_are_renewed)
{
	unsigned char keys[3 * KEY], got[3 * KEY];
	socklen_t len;
	int c, s, i;

	for (i = 0; i < (int)sizeof(keys); i++)
		keys[i] = i * 3 + 1;
	ASSERT_EQ(0, setsockopt(self->l, IPPROTO_TCP, TCP_FASTOPEN_KEY,
				keys + KEY, KEY));
	ASSERT_EQ(0, get_cookie(self));
	ASSERT_EQ(0, setsockopt(self->l, IPPROTO_TCP, TCP_FASTOPEN_KEY, keys,
				2 * KEY));
	len = sizeof(got);
	ASSERT_EQ(0, getsockopt(self->l, IPPROTO_TCP, TCP_FASTOPEN_KEY, got, &len));
	EXPECT_EQ(2 * KEY, len);
	EXPECT_EQ(0, memcmp(got, keys, len));
	for (i = 0; i < 2; i++) {
		c = tcp_form(self->f);
		ASSERT_EQ(1, send_open(self, c, "x", 1, MSG_DONTWAIT));
		s = accept_now(self->l);
		ASSERT_LE(0, s);
		EXPECT_EQ(1, syn_data(s));
		EXPECT_TRUE(BECOMES(syn_data(c) == 1));
		close(c);
		close(s);
		ASSERT_EQ(0, setsockopt(self->l, IPPROTO_TCP, TCP_FASTOPEN_KEY,
					keys, KEY));
	}
	for (i = 0; i < 40; i++) {
		if (i == KEY || i == 2 * KEY)
			continue;
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->l, IPPROTO_TCP,
						    TCP_FASTOPEN_KEY, keys, i)));
	}
}

TEST_F(tfo, key_of_the_namespace)
{
	char text[128];

	ASSERT_EQ(0, sysctl_read("tcp_fastopen_key", text, sizeof(text)));
	EXPECT_EQ(35, strcspn(text, "\n"));
	ASSERT_EQ(0, sysctl_write("tcp_fastopen_key", "1-2-3-ffffffff"));
	ASSERT_EQ(0, sysctl_read("tcp_fastopen_key", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "00000001-00000002-00000003-ffffffff", 35));
	ASSERT_EQ(0, sysctl_write("tcp_fastopen_key", "1-2-3-4,5-6-7-8\n"));
	ASSERT_EQ(0, sysctl_read("tcp_fastopen_key", text, sizeof(text)));
	EXPECT_TRUE(strstr(text, "-00000004,00000005-00000006-"));
	EXPECT_EQ(-EINVAL, sysctl_write("tcp_fastopen_key", "1-2-3"));
	EXPECT_EQ(-EINVAL, sysctl_write("tcp_fastopen_key", "hello"));
	EXPECT_EQ(0, get_cookie(self));
}

TEST_F(tfo, what_is_refused)
{
	union addr to = { .sa.sa_family = AF_UNSPEC };
	int c = tcp_form(self->f), port;

	EXPECT_EQ(-EINVAL, ERRNO(send(c, "x", 1, MSG_FASTOPEN)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(sendto(c, "x", 1, MSG_FASTOPEN, &to.sa,
					    sizeof(to.in))));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(c, IPPROTO_TCP, TCP_FASTOPEN, -1)));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 2)));
	/* Nobody listens there: known at once, or by the blocking call. */
	port = self->port;
	self->port = free_port(self->f);
	EXPECT_EQ(-ECONNREFUSED, send_open(self, c, "x", 1, 0));
	self->port = port;
	ASSERT_EQ(0, sysctl_write("tcp_fastopen", "2"));
	EXPECT_EQ(-EOPNOTSUPP, send_open(self, c, "x", 1, 0));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(set_opt(c, IPPROTO_TCP,
					     TCP_FASTOPEN_CONNECT, 1)));
	close(c);
}

/* The first data may come from a file. */
TEST_F(tfo, sendfile)
{
	int c = tcp_form(self->f), s, f;
	char buf[16];

	ASSERT_EQ(0, get_cookie(self));
	f = open("/proc/self/exe", O_RDONLY);
	ASSERT_LE(0, f);
	ASSERT_EQ(0, set_opt(c, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, connect_to(c, self->f, LO, self->port));
	ASSERT_EQ(4, sendfile(c, f, NULL, 4));
	s = accept_now(self->l);
	ASSERT_LE(0, s);
	EXPECT_EQ(4, recv_now(s, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "\177ELF", 4));
	close(f);
	close(c);
	close(s);
}

TOY_TEST_MAIN
