// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP as a program sees it: every call, every flag, every errno that udp(7),
 * ip(7) and socket(7) describe.
 *
 * Cases of the fixture "lo" run three times, once with each address form, over
 * 127.0.0.1 of a namespace of their own. Cases of the fixture "net" have a
 * second host: Linux's own stack behind a veth pair.
 */
#include "toy_test.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <linux/sock_diag.h>

/* The kernel knows it, the C library does not. */
#ifndef MSG_PROBE
#define MSG_PROBE	0x10
#endif

#define LO	"127.0.0.1"

FIXTURE(lo) {
	enum form f;
	int rx;		/* bound to 127.0.0.1:port */
	int tx;		/* not bound */
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
	self->rx = udp_form(self->f);
	ASSERT_LE(0, self->rx) TH_LOG("no socket: %s", strerror(errno));
	self->tx = udp_form(self->f);
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, bind_to(self->rx, self->f, LO, 0));
	self->port = port_of(self->rx);
	ASSERT_LT(0, self->port);
}

FIXTURE_TEARDOWN(lo)
{
	close(self->rx);
	close(self->tx);
}

/* tx -> rx, one way. */
#define CONNECT()	ASSERT_EQ(0, connect_to(self->tx, self->f, LO, self->port))
#define SEND(text) do {							\
	const char *__text = (text);					\
	ASSERT_EQ(strlen(__text),					\
		  send(self->tx, __text, strlen(__text), 0));		\
} while (0)
#define EXPECT_RECV(fd, text) do {					\
	const char *__text = (text);					\
	char __data[256] = "";						\
	EXPECT_EQ(strlen(__text),					\
		  recv_now(fd, __data, sizeof(__data) - 1, 0));		\
	EXPECT_STREQ(__text, __data);					\
} while (0)

/* ---- Names -------------------------------------------------------------- */

TEST_F(lo, name_of_a_fresh_socket)
{
	EXPECT_STREQ("0.0.0.0:0", name_of(self->tx));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->tx));
}

TEST_F(lo, name_after_bind)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	int fd = udp_form(self->f);

	ASSERT_EQ(0, bind_to(fd, self->f, "127.0.0.5", 4711));
	ASSERT_EQ(0, getsockname(fd, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_STREQ("127.0.0.5:4711", addr_str(&a));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(fd));
}

TEST_F(lo, name_after_wildcard_bind)
{
	int fd = udp_form(self->f);

	ASSERT_EQ(0, bind_to(fd, self->f, "0.0.0.0", 4711));
	EXPECT_STREQ("0.0.0.0:4711", name_of(fd));
}

TEST_F(lo, names_after_connect)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	char want[32];

	CONNECT();
	ASSERT_EQ(0, getpeername(self->tx, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	snprintf(want, sizeof(want), "127.0.0.1:%d", self->port);
	EXPECT_STREQ(want, addr_str(&a));

	/* The source address follows from the route, the port is any. */
	len = sizeof(a);
	ASSERT_EQ(0, getsockname(self->tx, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_LT(0, addr_port(&a));
	snprintf(want, sizeof(want), "127.0.0.1:%d", addr_port(&a));
	EXPECT_STREQ(want, addr_str(&a));
}

TEST_F(lo, connect_keeps_the_bound_address)
{
	ASSERT_EQ(0, bind_to(self->tx, self->f, "127.0.0.7", 4711));
	CONNECT();
	EXPECT_STREQ("127.0.0.7:4711", name_of(self->tx));
}

TEST_F(lo, sender_name)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	char c;

	ASSERT_EQ(0, bind_to(self->tx, self->f, "127.0.0.7", 4711));
	ASSERT_EQ(1, send_to(self->tx, self->f, LO, self->port, "x", 1));
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(1, recvfrom(self->rx, &c, 1, 0, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_STREQ("127.0.0.7:4711", addr_str(&a));

	/* And back, to the address as it was given. */
	ASSERT_EQ(1, sendto(self->rx, "y", 1, 0, &a.sa, len));
	EXPECT_RECV(self->tx, "y");
}

TEST_F(lo, sender_name_is_cut_to_the_buffer)
{
	unsigned char raw[64];
	socklen_t len = 4;
	char c;

	memset(raw, 0xee, sizeof(raw));
	ASSERT_EQ(0, bind_to(self->tx, self->f, LO, 4660));
	ASSERT_EQ(1, send_to(self->tx, self->f, LO, self->port, "x", 1));
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(1, recvfrom(self->rx, &c, 1, 0, (void *)raw, &len));
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_EQ(0x12, raw[2]);
	EXPECT_EQ(0x34, raw[3]);
	EXPECT_EQ(0xee, raw[4]);
}

/* The kernel answers in the form that the program used last on that socket. */
TEST_F(lo, form_follows_the_program)
{
	enum form order[] = { FORM_IN, FORM_TOY, FORM_IN6, FORM_IN };
	union addr a;
	socklen_t len;
	char c;
	int i;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has one form");

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		ASSERT_EQ(1, send_to(self->tx, order[i], LO, self->port, "x", 1));
		len = sizeof(a);
		ASSERT_EQ(0, getsockname(self->tx, &a.sa, &len));
		EXPECT_EQ(form_af(order[i]), a.sa.sa_family);
		EXPECT_EQ(form_len(order[i]), len);

		ASSERT_EQ(0, connect_to(self->tx, order[i], LO, self->port));
		len = sizeof(a);
		ASSERT_EQ(0, getpeername(self->tx, &a.sa, &len));
		EXPECT_EQ(form_af(order[i]), a.sa.sa_family);

		/* The receiver has a form of its own. */
		ASSERT_TRUE(readable(self->rx));
		len = sizeof(a);
		ASSERT_EQ(1, recvfrom(self->rx, &c, 1, 0, &a.sa, &len));
		EXPECT_EQ(form_af(self->f), a.sa.sa_family);
		ASSERT_EQ(0, disconnect(self->tx));
	}
}

TEST_F(lo, form_can_be_pinned)
{
	enum form pins[] = { FORM_IN, FORM_IN6, FORM_TOY };
	union addr a;
	socklen_t len;
	int i;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has one form");

	EXPECT_EQ(0, get_opt(self->rx, SOL_TOY, TOY_SOCKADDR));
	for (i = 0; i < ARRAY_SIZE(pins); i++) {
		ASSERT_EQ(0, set_opt(self->rx, SOL_TOY, TOY_SOCKADDR,
				     form_af(pins[i])));
		EXPECT_EQ(form_af(pins[i]),
			  get_opt(self->rx, SOL_TOY, TOY_SOCKADDR));
		ASSERT_EQ(1, send_to(self->rx, self->f, LO, 9, "x", 1));
		len = sizeof(a);
		ASSERT_EQ(0, getsockname(self->rx, &a.sa, &len));
		EXPECT_EQ(form_af(pins[i]), a.sa.sa_family);
		EXPECT_EQ(form_len(pins[i]), len);
	}
	/* 0 lets go. */
	ASSERT_EQ(0, set_opt(self->rx, SOL_TOY, TOY_SOCKADDR, 0));
	send_to(self->rx, self->f, LO, 9, "x", 1);
	len = sizeof(a);
	ASSERT_EQ(0, getsockname(self->rx, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);

	EXPECT_EQ(-EINVAL, ERRNO(set_opt(self->rx, SOL_TOY, TOY_SOCKADDR,
					 AF_UNIX)));
}

/* ---- Sending and receiving: every call with every other ----------------- */

#define OUT_CALLS 6
#define IN_CALLS 6

static ssize_t out_by(int how, int fd, const char *data, size_t len)
{
	struct iovec iov[2] = {
		{ (void *)data, len / 2 }, { (void *)data + len / 2, len - len / 2 },
	};
	struct mmsghdr mm = { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } };

	switch (how) {
	case 0: return write(fd, data, len);
	case 1: return writev(fd, iov, 2);
	case 2: return send(fd, data, len, 0);
	case 3: return sendto(fd, data, len, 0, NULL, 0);
	case 4: return sendmsg(fd, &mm.msg_hdr, 0);
	default:
		return sendmmsg(fd, &mm, 1, 0) == 1 ? mm.msg_len : -1;
	}
}

static ssize_t in_by(int how, int fd, char *data, size_t len)
{
	struct iovec iov[2] = { { data, 3 }, { data + 3, len - 3 } };
	struct mmsghdr mm = { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } };

	switch (how) {
	case 0: return read(fd, data, len);
	case 1: return readv(fd, iov, 2);
	case 2: return recv(fd, data, len, 0);
	case 3: return recvfrom(fd, data, len, 0, NULL, NULL);
	case 4: return recvmsg(fd, &mm.msg_hdr, 0);
	default:
		return recvmmsg(fd, &mm, 1, 0, NULL) == 1 ? mm.msg_len : -1;
	}
}

TEST_F(lo, every_call_talks_to_every_other)
{
	char data[64], want[64];
	int out, in, len;

	CONNECT();
	for (out = 0; out < OUT_CALLS; out++) {
		for (in = 0; in < IN_CALLS; in++) {
			len = snprintf(want, sizeof(want), "from %d to %d", out,
				       in);
			ASSERT_EQ(len, out_by(out, self->tx, want, len));
			ASSERT_TRUE(readable(self->rx));
			memset(data, 0, sizeof(data));
			ASSERT_EQ(len, in_by(in, self->rx, data, sizeof(data)));
			EXPECT_STREQ(want, data);
		}
	}
}

TEST_F(lo, many_in_one_call)
{
	union addr to = form_addr(self->f, LO, self->port), from[8];
	char out[8][16], in[8][16] = {};
	struct mmsghdr mm[8];
	struct iovec iov[8];
	int i, n, got = 0;

	memset(mm, 0, sizeof(mm));
	for (i = 0; i < 8; i++) {
		snprintf(out[i], sizeof(out[i]), "number %d", i);
		iov[i] = (struct iovec){ out[i], strlen(out[i]) };
		mm[i].msg_hdr = (struct msghdr){
			.msg_name = &to, .msg_namelen = form_len(self->f),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	ASSERT_EQ(8, sendmmsg(self->tx, mm, 8, 0));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(strlen(out[i]), mm[i].msg_len);

	for (i = 0; i < 8; i++) {
		iov[i] = (struct iovec){ in[i], sizeof(in[i]) };
		mm[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i], .msg_namelen = sizeof(from[i]),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	while (got < 8) {
		ASSERT_TRUE(readable(self->rx));
		n = recvmmsg(self->rx, mm + got, 8 - got, MSG_DONTWAIT, NULL);
		ASSERT_LT(0, n);
		got += n;
	}
	for (i = 0; i < 8; i++) {
		EXPECT_STREQ(out[i], in[i]);
		EXPECT_EQ(form_len(self->f), mm[i].msg_hdr.msg_namelen);
		EXPECT_EQ(port_of(self->tx), addr_port(&from[i]));
	}
}

/* What has been sent is reported; the error waits for its own call. */
TEST_F(lo, sendmmsg_stops_at_the_first_error)
{
	struct iovec good = { "x", 1 }, bad = { (void *)1, 1 };
	struct mmsghdr mm[3] = {
		{ .msg_hdr = { .msg_iov = &good, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &bad, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &good, .msg_iovlen = 1 } },
	};

	CONNECT();
	EXPECT_EQ(1, sendmmsg(self->tx, mm, 3, 0));
	EXPECT_EQ(-EFAULT, ERRNO(sendmmsg(self->tx, mm + 1, 2, 0)));
	EXPECT_RECV(self->rx, "x");
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, order_is_kept)
{
	int i, v;

	CONNECT();
	for (i = 0; i < 100; i++)
		ASSERT_EQ(sizeof(i), send(self->tx, &i, sizeof(i), 0));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(sizeof(v), recv_now(self->rx, &v, sizeof(v), 0));
		ASSERT_EQ(i, v);
	}
}

TEST_F(lo, peek)
{
	char data[8] = "";

	CONNECT();
	SEND("first");
	SEND("second");
	EXPECT_EQ(5, recv_now(self->rx, data, sizeof(data), MSG_PEEK));
	EXPECT_EQ(5, recv_now(self->rx, data, sizeof(data), MSG_PEEK));
	EXPECT_EQ(2, recv_now(self->rx, data, 2, MSG_PEEK));
	EXPECT_EQ(5, recv_now(self->rx, data, 2, MSG_PEEK | MSG_TRUNC));
	EXPECT_RECV(self->rx, "first");
	EXPECT_RECV(self->rx, "second");
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, data, sizeof(data),
				      MSG_PEEK | MSG_DONTWAIT)));
}

TEST_F(lo, peek_offset)
{
	char data[16] = "";

	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_PEEK_OFF, 0));
	CONNECT();
	SEND("abcdef");
	EXPECT_EQ(2, recv_now(self->rx, data, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(data, "ab", 2));
	EXPECT_EQ(2, recv_now(self->rx, data, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(data, "cd", 2));
	EXPECT_EQ(6, recv_now(self->rx, data, sizeof(data), 0));
	EXPECT_EQ(0, memcmp(data, "abcdef", 6));
}

TEST_F(lo, truncated)
{
	char data[4];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	CONNECT();
	/* The tail of a datagram is lost, not the next one's head. */
	SEND("longer than four");
	SEND("next");
	EXPECT_EQ(4, recv_now(self->rx, data, 4, 0));
	EXPECT_EQ(0, memcmp(data, "long", 4));
	EXPECT_RECV(self->rx, "next");

	/* MSG_TRUNC asks for the real length ... */
	SEND("longer than four");
	EXPECT_EQ(16, recv_now(self->rx, data, 4, MSG_TRUNC));
	/* ... and tells that something is missing. */
	SEND("longer than four");
	ASSERT_TRUE(readable(self->rx));
	EXPECT_EQ(4, recvmsg(self->rx, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	SEND("four");
	ASSERT_TRUE(readable(self->rx));
	EXPECT_EQ(4, recvmsg(self->rx, &msg, 0));
	EXPECT_FALSE(msg.msg_flags & MSG_TRUNC);
}

TEST_F(lo, empty_datagram)
{
	char data[4];
	int len = -1;

	CONNECT();
	ASSERT_EQ(0, send(self->tx, NULL, 0, 0));
	EXPECT_EQ(POLLIN, poll_for(self->rx, POLLIN, DEADLINE_MS));
	EXPECT_EQ(0, ioctl(self->rx, SIOCINQ, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(0, recv(self->rx, data, sizeof(data), MSG_DONTWAIT));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, data, 4, MSG_DONTWAIT)));

	/* write() of nothing sends as well; reading nothing consumes. */
	ASSERT_EQ(0, writev(self->tx, NULL, 0));
	SEND("x");
	ASSERT_TRUE(readable(self->rx));
	EXPECT_EQ(0, recv(self->rx, NULL, 0, MSG_DONTWAIT));
}

TEST_F(lo, dontwait)
{
	char c;

	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, &c, 1, MSG_DONTWAIT)));
	EXPECT_EQ(0, fcntl(self->rx, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, &c, 1, 0)));
	EXPECT_EQ(-EAGAIN, ERRNO(read(self->rx, &c, 1)));
	CONNECT();
	SEND("x");
	EXPECT_RECV(self->rx, "x");
}

/* No wall clock here: only that the call comes back, and how. */
TEST_F(lo, receive_timeout)
{
	struct timeval tv = { .tv_usec = 20000 }, got = {};
	socklen_t len = sizeof(got);
	char c;

	ASSERT_EQ(0, setsockopt(self->rx, SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	ASSERT_EQ(0, getsockopt(self->rx, SOL_SOCKET, SO_RCVTIMEO, &got, &len));
	EXPECT_EQ(0, got.tv_sec);
	EXPECT_LE(20000, got.tv_usec);
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, &c, 1, 0)));
	CONNECT();
	SEND("x");
	EXPECT_EQ(1, recv(self->rx, &c, 1, 0));
}

static void *send_later(void *arg)
{
	int fd = *(int *)arg;

	/* The reader is asleep, or will find the datagram at once. */
	usleep(20000);
	send(fd, "late", 4, 0);
	return NULL;
}

TEST_F(lo, blocking_receive_wakes_up)
{
	char data[8] = "";
	pthread_t thread;

	CONNECT();
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_later, &self->tx));
	EXPECT_EQ(4, recv(self->rx, data, sizeof(data), 0));
	EXPECT_STREQ("late", data);
	pthread_join(thread, NULL);
}

static void on_alarm(int sig)
{
}

TEST_F(lo, signal_interrupts_receive)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval it = {
		.it_value.tv_usec = 20000, .it_interval.tv_usec = 20000,
	};
	char c;

	ASSERT_EQ(0, sigaction(SIGALRM, &sa, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	EXPECT_EQ(-EINTR, ERRNO(recv(self->rx, &c, 1, 0)));
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, NULL);
}

TEST_F(lo, flags_that_udp_refuses_or_ignores)
{
	char c;

	V4_ONLY("AF_INET6 looks at other flags");
	CONNECT();
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(send(self->tx, "x", 1, MSG_OOB)));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->tx, &c, 1, MSG_ERRQUEUE)));
	EXPECT_EQ(1, send(self->tx, "a", 1, MSG_CONFIRM));
	EXPECT_EQ(1, send(self->tx, "b", 1, MSG_DONTROUTE));
	EXPECT_EQ(1, send(self->tx, "c", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, send(self->tx, "d", 1, MSG_EOR));
	EXPECT_RECV(self->rx, "a");
	EXPECT_RECV(self->rx, "b");
	EXPECT_RECV(self->rx, "c");
	EXPECT_RECV(self->rx, "d");
}

/* A socket has its port from the first call on that needs one, also if that call
 * then fails.
 */
TEST_F(lo, port_before_errors)
{
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->tx, self->f, LO, 0, "x", 1)));
	EXPECT_LT(0, port_of(self->tx));
	close(self->tx);
	self->tx = udp_form(self->f);
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->tx, "x", 1, 0)));
	EXPECT_LT(0, port_of(self->tx));
}

TEST_F(lo, too_long_is_seen_last)
{
	static char data[65535];

	V4_ONLY("65,535 bytes");
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->tx, data, sizeof(data), 0)));
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->tx, self->f, LO, 0, data,
					 sizeof(data))));
	CONNECT();
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 65508, 0)));
	EXPECT_EQ(65508, send(self->tx, data, 65508, MSG_PROBE));
	/* It takes what has been begun with it. */
	EXPECT_EQ(1, send(self->tx, "a", 1, MSG_MORE));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, sizeof(data), MSG_MORE)));
	SEND("b");
	EXPECT_RECV(self->rx, "b");
}

TEST_F(lo, mtu_of_lo)
{
	CONNECT();
	EXPECT_EQ(test_v6() ? 65536 : 65535,
		  test_v6() ? get_opt(self->tx, IPPROTO_IPV6, IPV6_MTU) :
			      get_opt(self->tx, IPPROTO_IP, IP_MTU));
}

/* A program of AF_INET's hears IPv4 only, whether or not it has called bind(2). */
TEST_F(lo, wildcard_of_ipv4)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int form = AF_INET, fd, six;

	V4_ONLY("about an IPv4 socket");
	fd = socket(test_family(), SOCK_DGRAM, 0);
	six = socket(TESTING_TOY ? AF_TOY : AF_INET6, SOCK_DGRAM, 0);
	if (TESTING_TOY) {
		ASSERT_EQ(0, setsockopt(fd, SOL_TOY, TOY_SOCKADDR_ONLY, &form,
					sizeof(form)));
	}
	ASSERT_EQ(1, send_to(fd, FORM_IN, LO, self->port, "a", 1));
	EXPECT_RECV(self->rx, "a");
	to.sin6_port = htons(port_of(fd));
	ASSERT_EQ(1, sendto(six, "b", 1, 0, (void *)&to, sizeof(to)));
	EXPECT_TRUE(silent(fd));
	/* The port is free for IPv6. */
	close(six);
	six = socket(TESTING_TOY ? AF_TOY : AF_INET6, SOCK_DGRAM, 0);
	ASSERT_EQ(0, set_opt(six, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	to.sin6_addr = in6addr_any;
	EXPECT_EQ(0, bind(six, (void *)&to, sizeof(to)));
	close(six);
	close(fd);
}

TEST_F(lo, no_listen_no_accept)
{
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(listen(self->rx, 1)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(accept(self->rx, NULL, NULL)));
}

/* ---- Destinations ------------------------------------------------------- */

TEST_F(lo, destination_required)
{
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->tx, "x", 1, 0)));
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(write(self->tx, "x", 1)));
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(sendmsg(self->tx, &msg, 0)));
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->tx, self->f, LO, 0, "x", 1)));
}

TEST_F(lo, no_route)
{
	EXPECT_EQ(-ENETUNREACH, ERRNO(send_to(self->tx, self->f, "203.0.113.1",
					      9, "x", 1)));
	EXPECT_EQ(-ENETUNREACH, ERRNO(connect_to(self->tx, self->f,
						 "203.0.113.1", 9)));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->tx));
}

/* 0.0.0.0 as a destination is this host. (:: would be ::1, another story.) */
TEST_F(lo, any_means_this_host)
{
	if (self->f != FORM_IN)
		SKIP(return, "0.0.0.0 is IPv4's");
	ASSERT_EQ(1, send_to(self->tx, self->f, "0.0.0.0", self->port, "a", 1));
	EXPECT_RECV(self->rx, "a");
	ASSERT_EQ(0, connect_to(self->tx, self->f, "0.0.0.0", self->port));
	SEND("b");
	EXPECT_RECV(self->rx, "b");
}

/* sendto() on a connected socket goes where it says. */
TEST_F(lo, sendto_overrides_connect)
{
	int other = udp_form(self->f);

	ASSERT_EQ(0, bind_to(other, self->f, LO, 0));
	CONNECT();
	ASSERT_EQ(1, send_to(self->tx, self->f, LO, port_of(other), "x", 1));
	EXPECT_RECV(other, "x");
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, connected_socket_hears_its_peer_only)
{
	int peer = udp_form(self->f), other = udp_form(self->f);

	ASSERT_EQ(0, bind_to(peer, self->f, LO, 0));
	ASSERT_EQ(0, bind_to(other, self->f, LO, 0));
	ASSERT_EQ(0, connect_to(self->rx, self->f, LO, port_of(peer)));
	ASSERT_EQ(1, send_to(other, self->f, LO, self->port, "x", 1));
	ASSERT_EQ(1, send_to(peer, self->f, LO, self->port, "y", 1));
	EXPECT_RECV(self->rx, "y");
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, reconnect)
{
	int other = udp_form(self->f);
	char want[32];

	ASSERT_EQ(0, bind_to(other, self->f, "127.0.0.2", 0));
	CONNECT();
	ASSERT_EQ(0, connect_to(self->tx, self->f, "127.0.0.2",
				port_of(other)));
	snprintf(want, sizeof(want), "127.0.0.2:%d", port_of(other));
	EXPECT_STREQ(want, peer_of(self->tx));
	SEND("x");
	EXPECT_RECV(other, "x");
	EXPECT_TRUE(silent(self->rx));
}

/* AF_UNSPEC takes back what connect() chose, and only that. */
TEST_F(lo, disconnect)
{
	int bound = udp_form(self->f);

	CONNECT();
	ASSERT_EQ(0, disconnect(self->tx));
	EXPECT_STREQ(strerror(ENOTCONN), peer_of(self->tx));
	EXPECT_STREQ("0.0.0.0:0", name_of(self->tx));
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->tx, "x", 1, 0)));

	ASSERT_EQ(0, bind_to(bound, self->f, "127.0.0.9", 4711));
	ASSERT_EQ(0, connect_to(bound, self->f, LO, self->port));
	ASSERT_EQ(0, disconnect(bound));
	EXPECT_STREQ("127.0.0.9:4711", name_of(bound));
	EXPECT_EQ(0, disconnect(bound));

	/* Both still work. */
	CONNECT();
	SEND("x");
	EXPECT_RECV(self->rx, "x");
	ASSERT_EQ(1, send_to(bound, self->f, LO, self->port, "y", 1));
	EXPECT_RECV(self->rx, "y");
}

/* ---- Binding ------------------------------------------------------------ */

TEST_F(lo, bind_errors)
{
	int fd = udp_form(self->f);

	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(fd, self->f, LO, self->port)));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(fd, self->f, "0.0.0.0",
					     self->port)));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(fd, self->f, "203.0.113.1", 0)));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(fd, self->f, "10.0.0.2", 4711)));

	/* A failed bind leaves the socket as it was. */
	EXPECT_STREQ("0.0.0.0:0", name_of(fd));
	EXPECT_EQ(0, bind_to(fd, self->f, "127.0.0.2", self->port));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(fd, self->f, "127.0.0.2", 0)));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(fd, self->f, "127.0.0.2", 4712)));
}

TEST_F(lo, specific_after_wildcard)
{
	int any = udp_form(self->f), one = udp_form(self->f);

	ASSERT_EQ(0, bind_to(any, self->f, "0.0.0.0", 4711));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(one, self->f, LO, 4711)));
	close(any);
	EXPECT_EQ(0, bind_to(one, self->f, LO, 4711));
}

TEST_F(lo, port_is_free_after_close)
{
	int i, fd;

	for (i = 0; i < 50; i++) {
		fd = udp_form(self->f);
		ASSERT_EQ(0, bind_to(fd, self->f, LO, 4711));
		close(fd);
	}
}

TEST_F(lo, bind_after_connect)
{
	CONNECT();
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->tx, self->f, LO, 4711)));
}

TEST_F(lo, ephemeral_ports_are_in_range)
{
	int fd[11], i, port;

	/* Outside the default range, where the fixture's ports may lie. */
	ASSERT_EQ(0, sysctl_write("ip_local_port_range", "20000 20009"));
	for (i = 0; i < 10; i++) {
		fd[i] = udp_form(self->f);
		ASSERT_EQ(0, bind_to(fd[i], self->f, LO, 0)) {
			TH_LOG("bind %d: %s", i, strerror(errno));
		}
		port = port_of(fd[i]);
		EXPECT_LE(20000, port);
		EXPECT_GE(20009, port);
	}
	/* Each of them once: the range is used up. */
	fd[10] = udp_form(self->f);
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(fd[10], self->f, LO, 0)));
	EXPECT_EQ(-EAGAIN, ERRNO(connect_to(fd[10], self->f, LO, self->port)));
	EXPECT_EQ(-EAGAIN, ERRNO(send_to(fd[10], self->f, LO, self->port, "x",
					 1)));
	close(fd[3]);
	EXPECT_EQ(0, bind_to(fd[10], self->f, LO, 0));
}

/* RFC 6056: who knows one port does not know the next. */
TEST_F(lo, ephemeral_ports_are_random)
{
	int i, fd, port, last = 0, neighbours = 0, repeats = 0;

	for (i = 0; i < 64; i++) {
		fd = udp_form(self->f);
		ASSERT_EQ(0, bind_to(fd, self->f, LO, 0));
		port = port_of(fd);
		EXPECT_LE(32768, port);
		EXPECT_GE(60999, port);
		neighbours += abs(port - last) <= 2;
		repeats += port == last;
		last = port;
		close(fd);
	}
	EXPECT_GT(8, neighbours);
	EXPECT_GT(3, repeats);
}

TEST_F(lo, port_range_is_checked)
{
	EXPECT_EQ(-EINVAL, sysctl_write("ip_local_port_range", "500 400"));
	EXPECT_EQ(-EINVAL, sysctl_write("ip_local_port_range", "1 70000"));
}

static int become(uid_t uid)
{
	return setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	       setresuid(uid, uid, uid);
}

TEST_F(lo, privileged_ports)
{
	int fd = udp_form(self->f), fd2 = udp_form(self->f);

	ASSERT_EQ(0, become(1000));
	EXPECT_EQ(-EACCES, ERRNO(bind_to(fd, self->f, LO, 1023)));
	EXPECT_EQ(0, bind_to(fd, self->f, LO, 1024));
	EXPECT_EQ(-EACCES, ERRNO(bind_to(fd2, self->f, "0.0.0.0", 1)));
}

TEST_F(lo, unprivileged_port_start)
{
	int fd = udp_form(self->f), fd2 = udp_form(self->f);

	ASSERT_EQ(0, sysctl_write("ip_unprivileged_port_start", "80"));
	ASSERT_EQ(0, become(1000));
	EXPECT_EQ(-EACCES, ERRNO(bind_to(fd, self->f, LO, 79)));
	EXPECT_EQ(0, bind_to(fd2, self->f, LO, 80));
}

TEST_F(lo, reuseaddr)
{
	int a = udp_form(self->f), b = udp_form(self->f), c = udp_form(self->f);
	char data;

	ASSERT_EQ(0, set_opt(a, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, set_opt(b, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, bind_to(a, self->f, LO, 4711));
	EXPECT_EQ(0, bind_to(b, self->f, LO, 4711));
	/* Both must agree. */
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(c, self->f, LO, 4711)));

	/* The newest gets it, once. */
	ASSERT_EQ(1, send_to(self->tx, self->f, LO, 4711, "x", 1));
	EXPECT_RECV(b, "x");
	EXPECT_EQ(-EAGAIN, ERRNO(recv(a, &data, 1, MSG_DONTWAIT)));
}

TEST_F(lo, reuseport_must_be_set_by_all)
{
	int a = udp_form(self->f), b = udp_form(self->f), c = udp_form(self->f);

	ASSERT_EQ(0, set_reuseport(a, 1)) TH_LOG("%s", strerror(errno));
	ASSERT_EQ(0, set_reuseport(b, 1));
	ASSERT_EQ(0, bind_to(a, self->f, LO, 4711));
	EXPECT_EQ(0, bind_to(b, self->f, LO, 4711));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(c, self->f, LO, 4711)));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(c, self->f, "0.0.0.0", 4711)));
}

/* Nobody steals datagrams of somebody else's service. */
TEST_F(lo, reuseport_is_for_one_user)
{
	int a = udp_form(self->f), b;

	ASSERT_EQ(0, set_reuseport(a, 1));
	ASSERT_EQ(0, bind_to(a, self->f, LO, 4711));
	ASSERT_EQ(0, become(1000));
	b = udp_form(self->f);
	ASSERT_EQ(0, set_reuseport(b, 1));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(b, self->f, LO, 4711)));
}

TEST_F(lo, reuseport_spreads_by_flow)
{
	int rx[64], count[64] = {}, tx[256], i, round, used = 0, total = 0;
	char c;

	for (i = 0; i < 64; i++) {
		rx[i] = udp_form(self->f);
		ASSERT_EQ(0, set_reuseport(rx[i], 1));
		ASSERT_EQ(0, bind_to(rx[i], self->f, LO, 4711));
	}
	for (i = 0; i < 256; i++) {
		tx[i] = udp_form(self->f);
		ASSERT_EQ(0, connect_to(tx[i], self->f, LO, 4711));
	}
	/* Three rounds: each flow stays where it was put. */
	for (round = 0; round < 3; round++)
		for (i = 0; i < 256; i++)
			ASSERT_EQ(1, send(tx[i], "x", 1, 0));
	while (total < 3 * 256) {
		int before = total;

		for (i = 0; i < 64; i++) {
			while (recv(rx[i], &c, 1, MSG_DONTWAIT) == 1) {
				count[i]++;
				total++;
			}
		}
		if (total == before) {
			struct pollfd p[64];

			for (i = 0; i < 64; i++)
				p[i] = (struct pollfd){ rx[i], POLLIN, 0 };
			ASSERT_LT(0, poll(p, 64, DEADLINE_MS));
		}
	}
	for (i = 0; i < 64; i++) {
		EXPECT_EQ(0, count[i] % 3);
		used += count[i] > 0;
	}
	/* 256 flows miss a given socket in 2 % of the runs. */
	EXPECT_LT(48, used);
}

/* A member that leaves takes no flows with it. */
TEST_F(lo, reuseport_member_leaves)
{
	int rx[4], i, j, tx, got;
	char c;

	for (i = 0; i < 4; i++) {
		rx[i] = udp_form(self->f);
		ASSERT_EQ(0, set_reuseport(rx[i], 1));
		ASSERT_EQ(0, bind_to(rx[i], self->f, LO, 4711));
	}
	close(rx[1]);
	close(rx[0]);
	for (i = 0; i < 32; i++) {
		tx = udp_form(self->f);
		ASSERT_EQ(1, send_to(tx, self->f, LO, 4711, "x", 1));
		for (got = 0, j = 0; !got && j < 1000; j++) {
			got += recv(rx[2], &c, 1, MSG_DONTWAIT) == 1;
			got += recv(rx[3], &c, 1, MSG_DONTWAIT) == 1;
			if (!got)
				usleep(1000);
		}
		ASSERT_EQ(1, got);
		close(tx);
	}
}

/*
 * Three sockets on one port: one wildcard, one bound to 127.0.0.1, one bound
 * to it and connected. The closest match gets the datagram.
 */
TEST_F(lo, closest_match_wins)
{
	int any = udp_form(self->f), one = udp_form(self->f);
	int conn = udp_form(self->f), peer = udp_form(self->f);

	ASSERT_EQ(0, set_opt(any, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, set_opt(one, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, set_opt(conn, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, bind_to(peer, self->f, LO, 0));
	ASSERT_EQ(0, bind_to(conn, self->f, LO, 4711));
	ASSERT_EQ(0, connect_to(conn, self->f, LO, port_of(peer)));
	ASSERT_EQ(0, bind_to(one, self->f, LO, 4711));
	ASSERT_EQ(0, bind_to(any, self->f, "0.0.0.0", 4711));

	ASSERT_EQ(1, send_to(peer, self->f, LO, 4711, "c", 1));
	ASSERT_EQ(1, send_to(self->tx, self->f, LO, 4711, "o", 1));
	ASSERT_EQ(1, send_to(self->tx, self->f, "127.0.0.2", 4711, "a", 1));
	EXPECT_RECV(conn, "c");
	EXPECT_RECV(one, "o");
	EXPECT_RECV(any, "a");

	/* Each is the next one's fallback. */
	close(conn);
	ASSERT_EQ(1, send_to(peer, self->f, LO, 4711, "o", 1));
	EXPECT_RECV(one, "o");
	close(one);
	ASSERT_EQ(1, send_to(peer, self->f, LO, 4711, "a", 1));
	EXPECT_RECV(any, "a");
}

/* ---- Events ------------------------------------------------------------- */

#define ALL_EVENTS	(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | \
			 POLLWRBAND | POLLPRI | POLLRDBAND | POLLRDHUP)

TEST_F(lo, poll_events)
{
	EXPECT_EQ(POLLOUT | POLLWRNORM | POLLWRBAND,
		  poll_for(self->rx, ALL_EVENTS, 0));
	CONNECT();
	SEND("x");
	ASSERT_TRUE(readable(self->rx));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLWRBAND,
		  poll_for(self->rx, ALL_EVENTS, 0));
	EXPECT_RECV(self->rx, "x");
	EXPECT_EQ(POLLOUT | POLLWRNORM | POLLWRBAND,
		  poll_for(self->rx, ALL_EVENTS, 0));
}

TEST_F(lo, poll_events_after_shutdown)
{
	CONNECT();
	ASSERT_EQ(0, shutdown(self->tx, SHUT_RD));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLRDHUP | POLLOUT | POLLWRNORM |
		  POLLWRBAND, poll_for(self->tx, ALL_EVENTS, 0));
	ASSERT_EQ(0, shutdown(self->tx, SHUT_WR));
	EXPECT_EQ(POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP | POLLOUT |
		  POLLWRNORM | POLLWRBAND, poll_for(self->tx, ALL_EVENTS, 0));
}

static int events_now(int ep, int timeout_ms)
{
	struct epoll_event ev = {};
	int n = epoll_wait(ep, &ev, 1, timeout_ms);

	return n < 0 ? -errno : n ? (int)ev.events : 0;
}

TEST_F(lo, epoll_level)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->rx, &ev));
	EXPECT_EQ(0, events_now(ep, 0));
	CONNECT();
	SEND("x");
	SEND("y");
	EXPECT_EQ(EPOLLIN, events_now(ep, DEADLINE_MS));
	EXPECT_EQ(EPOLLIN, events_now(ep, DEADLINE_MS));
	EXPECT_RECV(self->rx, "x");
	EXPECT_EQ(EPOLLIN, events_now(ep, DEADLINE_MS));
	EXPECT_RECV(self->rx, "y");
	EXPECT_EQ(0, events_now(ep, 0));
}

TEST_F(lo, epoll_edge)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->rx, &ev));
	CONNECT();
	SEND("x");
	EXPECT_EQ(EPOLLIN, events_now(ep, DEADLINE_MS));
	EXPECT_EQ(0, events_now(ep, QUIET_MS));
	/* Every new datagram is an edge, read or not. */
	SEND("y");
	EXPECT_EQ(EPOLLIN, events_now(ep, DEADLINE_MS));
	EXPECT_RECV(self->rx, "x");
	EXPECT_RECV(self->rx, "y");
	EXPECT_EQ(0, events_now(ep, QUIET_MS));
}

TEST_F(lo, sigio)
{
	struct timespec limit = { .tv_sec = DEADLINE_MS / 1000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	ASSERT_EQ(0, fcntl(self->rx, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->rx, F_SETFL, O_ASYNC));
	CONNECT();
	SEND("x");
	EXPECT_EQ(SIGIO, sigtimedwait(&set, NULL, &limit));
}

/* ---- Shutdown ----------------------------------------------------------- */

TEST_F(lo, shutdown_write)
{
	CONNECT();
	ASSERT_EQ(0, shutdown(self->tx, SHUT_WR));
	/* No SIGPIPE: that is for streams. */
	EXPECT_EQ(-EPIPE, ERRNO(send(self->tx, "x", 1, 0)));
	EXPECT_EQ(-EPIPE, ERRNO(send_to(self->tx, self->f, LO, self->port, "x",
					1)));
	/* The other direction is open. */
	ASSERT_EQ(1, send_to(self->rx, self->f, LO, port_of(self->tx), "y", 1));
	EXPECT_RECV(self->tx, "y");
}

TEST_F(lo, shutdown_read)
{
	char data[8];

	CONNECT();
	ASSERT_EQ(1, send_to(self->rx, self->f, LO, port_of(self->tx), "x", 1));
	ASSERT_TRUE(readable(self->tx));
	ASSERT_EQ(0, shutdown(self->tx, SHUT_RD));
	/* What has arrived can be read; then comes the end, without waiting. */
	EXPECT_EQ(1, recv(self->tx, data, sizeof(data), 0));
	EXPECT_EQ(0, recv(self->tx, data, sizeof(data), 0));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->tx, data, 1, MSG_DONTWAIT)));
	SEND("y");
	EXPECT_RECV(self->rx, "y");
}

TEST_F(lo, shutdown_wakes_the_reader)
{
	int status;
	pid_t pid;
	char c;

	CONNECT();
	pid = fork();
	if (!pid)
		_exit(recv(self->tx, &c, 1, 0) == 0 ? 0 : 1);
	usleep(20000);
	ASSERT_EQ(0, shutdown(self->tx, SHUT_RDWR));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(lo, shutdown_without_a_peer)
{
	char c;

	EXPECT_EQ(-EINVAL, ERRNO(shutdown(self->rx, 3)));
	EXPECT_EQ(-EINVAL, ERRNO(shutdown(self->rx, -1)));
	/* It complains, and wakes readers nevertheless. */
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(self->rx, SHUT_RDWR)));
	EXPECT_EQ(0, recv(self->rx, &c, 1, 0));
	EXPECT_TRUE(poll_for(self->rx, POLLIN, 0) & POLLHUP);
}

/* ---- Errors that come back ---------------------------------------------- */

/* A port that nobody has. */
static int closed_port(enum form form)
{
	int fd = udp_form(form), port;

	bind_to(fd, form, LO, 0);
	port = port_of(fd);
	close(fd);
	return port;
}

TEST_F(lo, refused)
{
	char c;

	ASSERT_EQ(0, connect_to(self->tx, self->f, LO, closed_port(self->f)));
	SEND("x");
	EXPECT_TRUE(poll_for(self->tx, 0, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, get_opt(self->tx, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_opt(self->tx, SOL_SOCKET, SO_ERROR));

	SEND("x");
	EXPECT_TRUE(poll_for(self->tx, 0, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(recv(self->tx, &c, 1, 0)));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->tx, &c, 1, MSG_DONTWAIT)));

	SEND("x");
	EXPECT_TRUE(poll_for(self->tx, 0, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(send(self->tx, "x", 1, 0)));
	EXPECT_EQ(1, send(self->tx, "x", 1, 0));
}

/* Who is not connected has no use for another's troubles. */
TEST_F(lo, refused_is_for_connected_sockets)
{
	char c;

	ASSERT_EQ(1, send_to(self->tx, self->f, LO, closed_port(self->f), "x",
			     1));
	EXPECT_EQ(0, poll_for(self->tx, POLLIN, QUIET_MS));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->tx, &c, 1, MSG_DONTWAIT)));
	EXPECT_EQ(0, get_opt(self->tx, SOL_SOCKET, SO_ERROR));
}

/* ---- Sizes and queues --------------------------------------------------- */

TEST_F(lo, too_long_for_udp)
{
	static char data[70000];

	V4_ONLY("its longest datagram");
	CONNECT();
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 65508, 0)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 65536, 0)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, sizeof(data), 0)));
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, all_sizes)
{
	static char out[9000], in[9001];
	int len;

	for (len = 0; len < sizeof(out); len++)
		out[len] = len % 251;
	CONNECT();
	for (len = 0; len <= 1500; len++) {
		ASSERT_EQ(len, send(self->tx, out, len, 0));
		ASSERT_EQ(len, recv_now(self->rx, in, sizeof(in), 0));
		ASSERT_EQ(0, memcmp(out, in, len));
	}
}

TEST_F(lo, queue_lengths)
{
	int n = -1;

	EXPECT_EQ(0, ioctl(self->rx, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	CONNECT();
	SEND("first one");
	SEND("2nd");
	ASSERT_TRUE(readable(self->rx));
	/* Not the queue: the next datagram. */
	EXPECT_EQ(0, ioctl(self->rx, SIOCINQ, &n));
	EXPECT_EQ(9, n);
	EXPECT_RECV(self->rx, "first one");
	ASSERT_TRUE(readable(self->rx));
	EXPECT_EQ(0, ioctl(self->rx, FIONREAD, &n));
	EXPECT_EQ(3, n);
	EXPECT_RECV(self->rx, "2nd");
	EXPECT_EQ(0, ioctl(self->rx, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, ioctl(self->tx, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
}

static unsigned int sock_drops(int fd)
{
	__u32 mem[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(mem);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len);
	return mem[SK_MEMINFO_DROPS];
}

/* A full receive buffer loses datagrams, and every loss is counted. */
TEST_F(lo, receive_buffer_overflows)
{
	char data[512] = {};
	int i, got = 0;

	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_RCVBUF, 8192));
	CONNECT();
	for (i = 0; i < 200; i++)
		ASSERT_EQ(512, send(self->tx, data, sizeof(data), 0));
	/* Wait until all 200 have met their fate. */
	for (i = 0; i < DEADLINE_MS && sock_drops(self->rx) < 200; i++) {
		while (recv(self->rx, data, sizeof(data), MSG_DONTWAIT) > 0)
			got++;
		if (got + sock_drops(self->rx) >= 200)
			break;
		usleep(1000);
	}
	EXPECT_LT(0, got);
	EXPECT_LT(0, sock_drops(self->rx));
	EXPECT_EQ(200, got + sock_drops(self->rx));

	/* And then it works again. */
	SEND("x");
	EXPECT_RECV(self->rx, "x");
}

/* The count travels with the next datagram that gets in. */
TEST_F(lo, overflow_is_told)
{
	char control[64], data[512] = {};
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	__u32 lost = 0;
	int i;

	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_RXQ_OVFL, 1));
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_RCVBUF, 8192));
	CONNECT();
	for (i = 0; i < 200; i++)
		ASSERT_EQ(512, send(self->tx, data, sizeof(data), 0));
	for (i = 0; i < DEADLINE_MS && !sock_drops(self->rx); i++)
		usleep(1000);
	while (!silent(self->rx))
		recv(self->rx, data, sizeof(data), MSG_DONTWAIT);
	SEND("x");
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(1, recvmsg(self->rx, &msg, 0));
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			memcpy(&lost, CMSG_DATA(c), sizeof(lost));
	EXPECT_EQ(sock_drops(self->rx), lost);
}

TEST_F(lo, timestamp)
{
	char control[128], c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};

	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_TIMESTAMP, 1));
	CONNECT();
	SEND("x");
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(1, recvmsg(self->rx, &msg, 0));
	ASSERT_NE(NULL, CMSG_FIRSTHDR(&msg));
	EXPECT_EQ(SOL_SOCKET, CMSG_FIRSTHDR(&msg)->cmsg_level);
	EXPECT_EQ(SO_TIMESTAMP, CMSG_FIRSTHDR(&msg)->cmsg_type);
}

/* A classic BPF filter that lets only datagrams of 8 + 3 bytes through. */
TEST_F(lo, socket_filter)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 11, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };

	ASSERT_EQ(0, setsockopt(self->rx, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				sizeof(prog)));
	CONNECT();
	SEND("four");
	SEND("abc");
	EXPECT_RECV(self->rx, "abc");
	EXPECT_TRUE(silent(self->rx));
}

/* ---- Descriptors -------------------------------------------------------- */

TEST_F(lo, dup_and_fork)
{
	int status, copy = dup(self->rx);
	char data[8];
	pid_t pid;

	CONNECT();
	ASSERT_LE(0, copy);
	close(self->rx);
	SEND("x");
	EXPECT_RECV(copy, "x");

	ASSERT_EQ(self->tx, dup2(copy, self->tx));
	EXPECT_EQ(self->port, port_of(self->tx));

	/* A child goes on with the socket after its parent has closed it. */
	pid = fork();
	if (!pid) {
		int tx = udp_form(self->f);

		send_to(tx, self->f, LO, self->port, "child", 5);
		_exit(recv_now(copy, data, sizeof(data), 0) == 5 ? 0 : 1);
	}
	close(copy);
	close(self->tx);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(lo, passed_over_a_unix_socket)
{
	union {
		struct cmsghdr hdr;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int sv[2], fd;
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.hdr), &self->rx, sizeof(int));
	ASSERT_EQ(1, sendmsg(sv[0], &msg, 0));
	close(self->rx);

	iov.iov_base = &c;
	ASSERT_EQ(1, recvmsg(sv[1], &msg, 0));
	memcpy(&fd, CMSG_DATA(&control.hdr), sizeof(int));
	CONNECT();
	SEND("x");
	EXPECT_RECV(fd, "x");
	EXPECT_EQ(self->port, port_of(fd));
}

/* ---- Several calls, one datagram ---------------------------------------- */

TEST_F(lo, more_joins)
{
	CONNECT();
	ASSERT_EQ(2, send(self->tx, "ab", 2, MSG_MORE));
	ASSERT_EQ(0, send(self->tx, "", 0, MSG_MORE));
	ASSERT_EQ(3, send(self->tx, "cde", 3, MSG_MORE));
	EXPECT_TRUE(silent(self->rx));
	ASSERT_EQ(1, send(self->tx, "f", 1, 0));
	EXPECT_RECV(self->rx, "abcdef");
	SEND("g");
	EXPECT_RECV(self->rx, "g");
}

TEST_F(lo, more_ends_with_nothing)
{
	CONNECT();
	ASSERT_EQ(2, send(self->tx, "ab", 2, MSG_MORE));
	ASSERT_EQ(0, send(self->tx, "", 0, 0));
	EXPECT_RECV(self->rx, "ab");
}

/* The first call decides where it goes; the others need not say. */
TEST_F(lo, more_keeps_its_destination)
{
	union addr a = form_addr(self->f, LO, self->port);
	union addr b = form_addr(self->f, LO, 9);

	ASSERT_EQ(1, sendto(self->tx, "a", 1, MSG_MORE, &a.sa,
			    form_len(self->f)));
	ASSERT_EQ(1, sendto(self->tx, "b", 1, MSG_MORE, &b.sa,
			    form_len(self->f)));
	ASSERT_EQ(1, send(self->tx, "c", 1, 0));
	EXPECT_RECV(self->rx, "abc");
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->tx, "d", 1, 0)));
}

TEST_F(lo, cork)
{
	CONNECT();
	EXPECT_EQ(0, get_opt(self->tx, IPPROTO_UDP, UDP_CORK));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_CORK, 5));
	EXPECT_EQ(1, get_opt(self->tx, IPPROTO_UDP, UDP_CORK));
	SEND("ab");
	SEND("cd");
	EXPECT_TRUE(silent(self->rx));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_CORK, 0));
	EXPECT_RECV(self->rx, "abcd");
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_CORK, 0));
	SEND("e");
	EXPECT_RECV(self->rx, "e");
}

/* What is too long or cannot be read takes all of the datagram with it. */
TEST_F(lo, more_is_given_up)
{
	static char data[70000];

	V4_ONLY("its longest datagram");
	CONNECT();
	ASSERT_EQ(40000, send(self->tx, data, 40000, MSG_MORE));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 25508, MSG_MORE)));
	SEND("a");
	EXPECT_RECV(self->rx, "a");
	ASSERT_EQ(1, send(self->tx, "b", 1, MSG_MORE));
	EXPECT_EQ(-EFAULT, ERRNO(send(self->tx, (void *)1, 5, MSG_MORE)));
	SEND("c");
	EXPECT_RECV(self->rx, "c");
	ASSERT_EQ(1, send(self->tx, "d", 1, MSG_MORE));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 65536, MSG_MORE)));
	ASSERT_EQ(1, send(self->tx, "e", 1, 0));
	EXPECT_RECV(self->rx, "de");
}

TEST_F(lo, more_of_the_largest)
{
	static char out[65507], in[65508];
	int at;

	for (at = 0; at < sizeof(out); at++)
		out[at] = at * 31 + (at >> 8);
	CONNECT();
	for (at = 0; at < 65507; at += 13) {
		int n = at + 13 < 65507 ? 13 : 65507 - at;

		ASSERT_EQ(n, send(self->tx, out + at, n, MSG_MORE));
	}
	ASSERT_EQ(0, send(self->tx, "", 0, 0));
	ASSERT_EQ(65507, recv_now(self->rx, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 65507));
}

/* A socket that goes takes what it has not sent with it. */
TEST_F(lo, more_and_close)
{
	int fd = udp_form(self->f);

	ASSERT_EQ(0, connect_to(fd, self->f, LO, self->port));
	ASSERT_EQ(2, send(fd, "ab", 2, MSG_MORE));
	close(fd);
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, cork_option_lengths)
{
	char byte = 1;
	int val = 7;
	socklen_t len = 2;

	EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->tx, IPPROTO_UDP, UDP_CORK,
					    &byte, 1)));
	ASSERT_EQ(0, getsockopt(self->tx, IPPROTO_UDP, UDP_CORK, &val, &len));
	EXPECT_EQ(2, len);
}

/* ---- Two hosts ---------------------------------------------------------- */

#define THERE	"10.0.0.1"
#define HERE	"10.0.0.2"

FIXTURE(net) {
	struct pair p;
	int there;	/* Linux, bound to 10.0.0.1:port */
	int here;	/* the family under test, not bound */
	int port;
};

FIXTURE_SETUP(net)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->there = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	ASSERT_LE(0, self->there);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN, THERE, 0));
	self->port = port_of(self->there);
	self->here = udp_form(FORM_IN);
	ASSERT_LE(0, self->here);
}

FIXTURE_TEARDOWN(net)
{
	close(self->there);
	close(self->here);
}

TEST_F(net, there_and_back)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	char data[8] = "";

	V4_ONLY("TTL and TOS");
	ASSERT_EQ(4, send_to(self->here, FORM_IN, THERE, self->port, "ping", 4));
	ASSERT_TRUE(readable(self->there));
	ASSERT_EQ(4, recvfrom(self->there, data, sizeof(data), 0, &a.sa, &len));
	EXPECT_STREQ("ping", data);
	EXPECT_EQ(inet_addr(HERE), a.in.sin_addr.s_addr);
	EXPECT_EQ(port_of(self->here), addr_port(&a));

	ASSERT_EQ(4, sendto(self->there, "pong", 4, 0, &a.sa, len));
	len = sizeof(a);
	ASSERT_TRUE(readable(self->here));
	ASSERT_EQ(4, recvfrom(self->here, data, sizeof(data), 0, &a.sa, &len));
	EXPECT_STREQ("pong", data);
	EXPECT_EQ(inet_addr(THERE), a.in.sin_addr.s_addr);
	EXPECT_EQ(self->port, addr_port(&a));
}

TEST_F(net, source_address_follows_the_route)
{
	char want[32];

	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	snprintf(want, sizeof(want), HERE ":%d", port_of(self->here));
	EXPECT_STREQ(want, name_of(self->here));
}

TEST_F(net, own_address_is_local)
{
	int fd = udp_form(FORM_IN);

	ASSERT_EQ(0, bind_to(fd, FORM_IN, HERE, 4711));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, HERE, 4711, "x", 1));
	EXPECT_RECV(fd, "x");
}

/* The loop-back network does not leave the host, and cannot be left from. */
TEST_F(net, loopback_source_cannot_leave)
{
	V4_ONLY("127/8");
	ASSERT_EQ(0, bind_to(self->here, FORM_IN, LO, 0));
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->here, FORM_IN, THERE,
					 self->port, "x", 1)));
}

TEST_F(net, refused_by_linux)
{
	char c;

	close(self->there);
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	ASSERT_EQ(1, send(self->here, "x", 1, 0));
	EXPECT_TRUE(poll_for(self->here, 0, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(recv(self->here, &c, 1, 0)));
}

TEST_F(net, linux_is_refused)
{
	char c;

	ASSERT_EQ(0, connect_to(self->there, FORM_IN, HERE, 4711));
	ASSERT_EQ(1, send(self->there, "x", 1, 0));
	EXPECT_TRUE(poll_for(self->there, 0, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(-ECONNREFUSED, ERRNO(recv(self->there, &c, 1, 0)));
}

/* No answer to ARP: the sender learns it. AF_INET calls the error a soft one,
 * so one has to ask for it.
 */
TEST_F(net, nobody_has_that_address)
{
	V4_ONLY("addresses on the command line");
	set_opt(self->here, IPPROTO_IP, IP_RECVERR, 1);
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, "10.0.0.77", 9));
	ASSERT_EQ(1, send(self->here, "x", 1, 0));
	EXPECT_TRUE(poll_for(self->here, 0, 2 * DEADLINE_MS) & POLLERR);
	EXPECT_EQ(EHOSTUNREACH, get_opt(self->here, SOL_SOCKET, SO_ERROR));
}

TEST_F(net, longer_than_the_link)
{
	static char data[2000];

	V4_ONLY("IP_MTU_DISCOVER");
	/* There would be fragments, were they not forbidden: frag.c. */
	set_opt(self->here, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	EXPECT_EQ(1472, send(self->here, data, 1472, 0));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->here, data, 1473, 0)));
	EXPECT_EQ(1472, recv_now(self->there, data, sizeof(data), 0));
	EXPECT_TRUE(silent(self->there));
}

TEST_F(net, broadcast)
{
	int any = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	int mine = udp_form(FORM_IN);
	char c;

	V4_ONLY("broadcasts");
	ASSERT_EQ(0, bind_to(any, FORM_IN, "0.0.0.0", 4711));
	ASSERT_EQ(0, bind_to(mine, FORM_IN, "0.0.0.0", 4711));

	EXPECT_EQ(-EACCES, ERRNO(send_to(self->here, FORM_IN, "10.0.0.255",
					 4711, "x", 1)));
	EXPECT_EQ(-EACCES, ERRNO(connect_to(self->here, FORM_IN, "10.0.0.255",
					    4711)));
	ASSERT_EQ(0, set_opt(self->here, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, "10.0.0.255", 4711, "x", 1));
	EXPECT_RECV(any, "x");

	/* The other way round. */
	ASSERT_EQ(0, set_opt(any, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(1, send_to(any, FORM_IN, "10.0.0.255", 4711, "y", 1));
	/* (A host hears its own broadcasts, so "x" may come first.) */
	do {
		ASSERT_EQ(1, recv_now(mine, &c, 1, 0));
	} while (c == 'x');
	EXPECT_EQ('y', c);
}

/* Every socket that matches a broadcast gets its copy. */
TEST_F(net, broadcast_reaches_all)
{
	int rx[3], i;

	V4_ONLY("broadcasts");
	for (i = 0; i < 3; i++) {
		rx[i] = udp_form(FORM_IN);
		ASSERT_EQ(0, set_opt(rx[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, bind_to(rx[i], FORM_IN, "0.0.0.0", 4711));
	}
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(1, send_to(self->there, FORM_IN, "10.0.0.255", 4711, "x", 1));
	for (i = 0; i < 3; i++)
		EXPECT_RECV(rx[i], "x");
}

TEST_F(net, bind_to_the_broadcast_address)
{
	V4_ONLY("broadcasts");
	ASSERT_EQ(0, bind_to(self->here, FORM_IN, "10.0.0.255", 4711));
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(2, send_to(self->there, FORM_IN, HERE, 4711, "no", 2));
	ASSERT_EQ(3, send_to(self->there, FORM_IN, "10.0.0.255", 4711, "yes",
			     3));
	EXPECT_RECV(self->here, "yes");
}

/*
 * A second link, so that a device makes a difference:
 *
 *	a                                   b
 *	veth0 10.0.0.1/24  <----------->  veth1 10.0.0.2/24
 *	veth2 10.0.1.1/24  <----------->  veth3 10.0.1.2/24
 */
TEST_F(net, bind_to_device)
{
	int there2, one = udp_form(FORM_IN), other = udp_form(FORM_IN);
	char name[IFNAMSIZ] = "";
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, sh("ip link add veth2 type veth peer name veth3 netns /proc/%d/fd/%d",
			getpid(), self->p.b));
	ASSERT_EQ(0, linux_addr_add("veth2", "10.0.1.1/24"));
	ASSERT_EQ(0, netns_enter(self->p.b));
	ASSERT_EQ(0, test_addr_add("veth3", "10.0.1.2/24"));
	ASSERT_EQ(0, link_wait("veth3"));
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, link_wait("veth2"));
	ASSERT_EQ(0, netns_enter(self->p.b));
	there2 = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(there2, FORM_IN, "10.0.1.1", 0));

	EXPECT_EQ(-ENODEV, ERRNO(setsockopt(one, SOL_SOCKET, SO_BINDTODEVICE,
					    "nosuch", 6)));
	ASSERT_EQ(0, setsockopt(one, SOL_SOCKET, SO_BINDTODEVICE, "veth1", 5));
	ASSERT_EQ(0, getsockopt(one, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_STREQ("veth1", name);

	/* In: the same port twice, told apart by the device. */
	ASSERT_EQ(0, setsockopt(other, SOL_SOCKET, SO_BINDTODEVICE, "veth3",
				5));
	ASSERT_EQ(0, bind_to(one, FORM_IN, "0.0.0.0", 4711));
	ASSERT_EQ(0, bind_to(other, FORM_IN, "0.0.0.0", 4711));
	ASSERT_EQ(1, send_to(self->there, FORM_IN, HERE, 4711, "1", 1));
	ASSERT_EQ(1, send_to(there2, FORM_IN, "10.0.1.2", 4711, "3", 1));
	EXPECT_RECV(one, "1");
	EXPECT_RECV(other, "3");

	/* Out. */
	ASSERT_EQ(1, send_to(one, FORM_IN, THERE, self->port, "x", 1));
	EXPECT_RECV(self->there, "x");
	ASSERT_EQ(1, send_to(other, FORM_IN, "10.0.1.1", port_of(there2), "y",
			     1));
	EXPECT_RECV(there2, "y");
}

/* Watches the frames that Linux receives; only UDP to PORT matters. */
static int sniff_udp(int sniffer, int port, unsigned char *frame, int size)
{
	int i, len;

	for (i = 0; i < 100; i++) {
		len = recv_now(sniffer, frame, size, 0);
		if (len < 42)
			return len < 0 ? len : -EBADMSG;
		if (frame[23] == IPPROTO_UDP &&
		    (frame[36] << 8 | frame[37]) == port)
			return len;
	}
	return -ENOENT;
}

TEST_F(net, no_checksum)
{
	unsigned char frame[2000];
	int sniffer;

	V4_ONLY("RFC 8200 8.1");
	sniffer = socket_in(self->p.a, self->p.b, AF_PACKET, SOCK_RAW,
			    htons(ETH_P_IP));
	ASSERT_LE(0, sniffer);
	/* No link-layer help: the sum on the wire is what was computed. */
	sh("ethtool -K veth1 tx off");
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	ASSERT_EQ(5, send(self->here, "hello", 5, 0));
	ASSERT_LT(0, sniff_udp(sniffer, self->port, frame, sizeof(frame)));
	EXPECT_NE(0, frame[40] << 8 | frame[41]);

	ASSERT_EQ(0, set_opt(self->here, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_EQ(1, get_opt(self->here, SOL_SOCKET, SO_NO_CHECK));
	ASSERT_EQ(5, send(self->here, "hello", 5, 0));
	ASSERT_LT(0, sniff_udp(sniffer, self->port, frame, sizeof(frame)));
	EXPECT_EQ(0, frame[40] << 8 | frame[41]);
	EXPECT_RECV(self->there, "hello");
	EXPECT_RECV(self->there, "hello");
}

TEST_F(net, ttl_and_tos_are_the_default)
{
	unsigned char frame[2000];
	int sniffer;

	V4_ONLY("options of IPPROTO_IP");
	sniffer = socket_in(self->p.a, self->p.b, AF_PACKET, SOCK_RAW,
			    htons(ETH_P_IP));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, THERE, self->port, "x", 1));
	ASSERT_LT(0, sniff_udp(sniffer, self->port, frame, sizeof(frame)));
	EXPECT_EQ(0x45, frame[14]);
	EXPECT_EQ(0, frame[15]);
	EXPECT_EQ(64, frame[22]);
}

/* A queue that lets nothing out for a while keeps the socket's memory busy. */
TEST_F(net, send_buffer_fills)
{
	struct timeval tv = { .tv_usec = 20000 };
	static char data[1000];
	int n = 0, i;

	if (sh("tc qdisc add dev veth1 root netem delay 300ms limit 100000"))
		SKIP(return, "this kernel has no netem");
	ASSERT_EQ(0, set_opt(self->here, SOL_SOCKET, SO_SNDBUF, 16384));
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));

	for (i = 0; i < 1000; i++)
		if (send(self->here, data, sizeof(data), MSG_DONTWAIT) < 0)
			break;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(4, i);
	EXPECT_GT(100, i);
	EXPECT_EQ(0, poll_for(self->here, POLLOUT, 0));
	ASSERT_EQ(0, ioctl(self->here, SIOCOUTQ, &n));
	EXPECT_LT(0, n);

	/* A timeout, then a wait that ends, then an empty queue. */
	ASSERT_EQ(0, setsockopt(self->here, SOL_SOCKET, SO_SNDTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(-EAGAIN, ERRNO(send(self->here, data, sizeof(data), 0)));
	tv.tv_usec = 0;
	ASSERT_EQ(0, setsockopt(self->here, SOL_SOCKET, SO_SNDTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(1000, send(self->here, data, sizeof(data), 0));
	EXPECT_EQ(POLLOUT, poll_for(self->here, POLLOUT, DEADLINE_MS));
	for (i = 0; i < DEADLINE_MS && n; i++) {
		usleep(1000);
		ASSERT_EQ(0, ioctl(self->here, SIOCOUTQ, &n));
	}
	EXPECT_EQ(0, n);
}

/* A socket outlives the process's stay in its namespace, and its device. */
TEST_F(net, device_vanishes_under_a_socket)
{
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	ASSERT_EQ(1, send(self->here, "x", 1, 0));
	EXPECT_RECV(self->there, "x");
	ASSERT_EQ(0, sh("ip link del veth1"));
	EXPECT_EQ(-ENETUNREACH, ERRNO(send(self->here, "x", 1, 0)));
	EXPECT_EQ(-ENETUNREACH, ERRNO(send_to(self->here, FORM_IN, THERE,
					      self->port, "x", 1)));
}

#define STACK	(TESTING_TOY ? "toy" : "ip")

/* AF_INET says EINVAL up to 6.12 and ENETUNREACH later. */
static bool source_gone(int err)
{
	return err == -EINVAL || err == -ENETUNREACH;
}

/* The address goes: what is bound to it stays bound, but cannot send. */
TEST_F(net, address_goes_under_a_bound_socket)
{
	int other = udp_form(FORM_IN);

	V4_ONLY("addresses on the command line");
	ASSERT_EQ(0, bind_to(self->here, FORM_IN, HERE, 4711));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, THERE, self->port, "a", 1));
	EXPECT_RECV(self->there, "a");
	ASSERT_EQ(0, sh("%s addr del 10.0.0.2/24 dev veth1", STACK));
	ASSERT_EQ(0, sh("%s addr add 10.0.0.5/24 dev veth1", STACK));

	EXPECT_STREQ(HERE ":4711", name_of(self->here));
	EXPECT_TRUE(source_gone(ERRNO(send_to(self->here, FORM_IN, THERE,
					      self->port, "b", 1))));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(other, FORM_IN, HERE, 4712)));

	/* It comes back, and so does the socket. */
	ASSERT_EQ(0, sh("%s addr add 10.0.0.2/24 dev veth1", STACK));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, THERE, self->port, "c", 1));
	EXPECT_RECV(self->there, "c");
	ASSERT_EQ(1, send_to(self->there, FORM_IN, HERE, 4711, "d", 1));
	EXPECT_RECV(self->here, "d");
}

TEST_F(net, address_goes_under_a_connected_socket)
{
	V4_ONLY("addresses on the command line");
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, self->port));
	ASSERT_EQ(1, send(self->here, "a", 1, 0));
	EXPECT_RECV(self->there, "a");
	ASSERT_EQ(0, sh("%s addr del 10.0.0.2/24 dev veth1", STACK));

	/* connect() has chosen the source, and it is gone. */
	EXPECT_TRUE(source_gone(ERRNO(send(self->here, "b", 1, 0))));
	ASSERT_EQ(0, sh("%s addr add 10.0.0.2/24 dev veth1", STACK));
	ASSERT_EQ(1, send(self->here, "c", 1, 0));
	EXPECT_RECV(self->there, "c");
}

TEST_F(net, route_goes_under_a_connected_socket)
{
	V4_ONLY("addresses on the command line");
	ASSERT_EQ(0, sh("%s route add 10.9.0.0/16 via 10.0.0.1", STACK));
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, "10.9.0.1", 9));
	ASSERT_EQ(1, send(self->here, "a", 1, 0));
	ASSERT_EQ(0, sh("%s route del 10.9.0.0/16", STACK));
	EXPECT_EQ(-ENETUNREACH, ERRNO(send(self->here, "b", 1, 0)));
	ASSERT_EQ(0, sh("%s route add blackhole 10.9.0.0/16", STACK));
	EXPECT_EQ(-EINVAL, ERRNO(send(self->here, "b", 1, 0)));
	ASSERT_EQ(0, sh("%s route del blackhole 10.9.0.0/16", STACK));
	ASSERT_EQ(0, sh("%s route add 10.9.0.0/16 via 10.0.0.1", STACK));
	EXPECT_EQ(1, send(self->here, "c", 1, 0));
}

/* An unbound socket just takes the next best source. */
TEST_F(net, address_is_replaced_under_an_unbound_socket)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	char c;

	V4_ONLY("addresses on the command line");
	ASSERT_EQ(1, send_to(self->here, FORM_IN, THERE, self->port, "a", 1));
	EXPECT_RECV(self->there, "a");
	ASSERT_EQ(0, sh("%s addr del 10.0.0.2/24 dev veth1", STACK));
	ASSERT_EQ(0, sh("%s addr add 10.0.0.5/24 dev veth1", STACK));
	ASSERT_EQ(1, send_to(self->here, FORM_IN, THERE, self->port, "b", 1));
	ASSERT_TRUE(readable(self->there));
	ASSERT_EQ(1, recvfrom(self->there, &c, 1, 0, &a.sa, &len));
	EXPECT_EQ(inet_addr("10.0.0.5"), a.in.sin_addr.s_addr);
}

TOY_TEST_MAIN
