// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes through a TCP connection: every call that moves them, every flag, out
 * of band data, waiting and not waiting, bad pointers.
 */
#include "tcp_test.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

FIXTURE(tcp_data) {
	struct conn t;	/* t.c writes, t.s reads, by custom */
	int c, s;
};

FIXTURE_SETUP(tcp_data)
{
	int ret;

	ASSERT_LE(0, netns_new());
	ret = conn_make(&self->t, FORM_IN);
	ASSERT_EQ(0, ret) TH_LOG("no connection: %s", strerror(-ret));
	self->c = self->t.c;
	self->s = self->t.s;
	ASSERT_NE(SIG_ERR, signal(SIGPIPE, SIG_IGN));
}

FIXTURE_TEARDOWN(tcp_data)
{
	close(self->c);
	close(self->s);
	close(self->t.l);
}

/* ---- Every call with every other ---------------------------------------- */

#define OUT_CALLS 6
#define IN_CALLS 6

static ssize_t out_by(int how, int fd, char *data, size_t len)
{
	struct iovec iov[2] = {
		{ data, len / 2 }, { data + len / 2, len - len / 2 },
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

TEST_F(tcp_data, every_call_talks_to_every_other)
{
	char data[64], want[64];
	int out, in, len;

	for (out = 0; out < OUT_CALLS; out++) {
		for (in = 0; in < IN_CALLS; in++) {
			len = snprintf(want, sizeof(want), "from %d to %d", out,
				       in);
			ASSERT_EQ(len, out_by(out, self->c, want, len));
			ASSERT_TRUE(readable(self->s));
			memset(data, 0, sizeof(data));
			ASSERT_EQ(len, in_by(in, self->s, data, sizeof(data)));
			EXPECT_STREQ(want, data);
		}
	}
}

TEST_F(tcp_data, no_boundaries)
{
	char c;

	SEND(self->c, "one");
	SEND(self->c, "two");
	SEND(self->c, "three");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 11));
	EXPECT_RECV(self->s, "onetw");
	EXPECT_RECV(self->s, "o");
	EXPECT_RECV(self->s, "three");
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 1, MSG_DONTWAIT)));
}

TEST_F(tcp_data, many_in_one_call)
{
	char in[4][8] = {};
	struct iovec iov[4];
	struct mmsghdr mm[4];
	int i;

	memset(mm, 0, sizeof(mm));
	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ "abcdefgh" + 2 * i, 2 };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_EQ(4, sendmmsg(self->c, mm, 4, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(2, mm[i].msg_len);
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 8));
	for (i = 0; i < 4; i++)
		iov[i] = (struct iovec){ in[i], 3 };
	ASSERT_EQ(3, recvmmsg(self->s, mm, 4, MSG_DONTWAIT, NULL));
	EXPECT_EQ(3, mm[0].msg_len);
	EXPECT_EQ(3, mm[1].msg_len);
	EXPECT_EQ(2, mm[2].msg_len);
	EXPECT_STREQ("abc", in[0]);
	EXPECT_STREQ("def", in[1]);
	EXPECT_STREQ("gh", in[2]);
}

TEST_F(tcp_data, sendmmsg_stops_at_the_first_error)
{
	struct iovec good = { "x", 1 }, bad = { BAD, 1 };
	struct mmsghdr mm[3] = {
		{ .msg_hdr = { .msg_iov = &good, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &bad, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &good, .msg_iovlen = 1 } },
	};

	EXPECT_EQ(1, sendmmsg(self->c, mm, 3, 0));
	EXPECT_EQ(-EFAULT, ERRNO(sendmmsg(self->c, mm + 1, 2, 0)));
	EXPECT_RECV(self->s, "x");
	EXPECT_NOTHING(self->s);
}

/* An address given to a connection is not looked at, and none comes back. */
TEST_F(tcp_data, addresses_mean_nothing)
{
	union addr a = form_addr(FORM_IN, "192.0.2.1", 9);
	socklen_t len = sizeof(a);
	char c;

	EXPECT_EQ(1, sendto(self->c, "x", 1, 0, &a.sa, form_len(FORM_IN)));
	ASSERT_TRUE(readable(self->s));
	memset(&a, 0xee, sizeof(a));
	EXPECT_EQ(1, recvfrom(self->s, &c, 1, 0, &a.sa, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ(0xeeee, a.sa.sa_family);
}

TEST_F(tcp_data, unconnected)
{
	int fd = tcp_new();
	char c;

	ASSERT_NE(SIG_ERR, signal(SIGPIPE, count_signal));
	EXPECT_EQ(-ENOTCONN, ERRNO(recv(fd, &c, 1, 0)));
	EXPECT_EQ(-ENOTCONN, ERRNO(recv(fd, &c, 1, MSG_DONTWAIT)));
	EXPECT_EQ(-EPIPE, ERRNO(send(fd, "x", 1, MSG_NOSIGNAL)));
	EXPECT_EQ(0, signals);
	EXPECT_EQ(-EPIPE, ERRNO(send(fd, "x", 1, 0)));
	EXPECT_EQ(1, signals);
	EXPECT_EQ(-EPIPE, ERRNO(send_to(fd, FORM_IN, LO, self->t.port, "x", 1)));
	EXPECT_EQ(2, signals);
	EXPECT_EQ(0, ioctl_int(fd, SIOCINQ));
	EXPECT_EQ(0, ioctl_int(fd, SIOCOUTQ));
}

/* ---- Flags of recv ------------------------------------------------------ */

TEST_F(tcp_data, peek)
{
	char data[8] = "";

	SEND(self->c, "abcdef");
	EXPECT_EQ(6, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_STREQ("abcdef", data);
	EXPECT_EQ(2, recv_now(self->s, data, 2, MSG_PEEK));
	EXPECT_EQ(6, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_RECV(self->s, "abc");
	EXPECT_EQ(3, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_RECV(self->s, "def");
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, data, sizeof(data),
				      MSG_PEEK | MSG_DONTWAIT)));
	close(self->c);
	EXPECT_EQ(0, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_EQ(0, recv_now(self->s, data, sizeof(data), 0));
}

TEST_F(tcp_data, peek_offset)
{
	char data[16] = "";
	int ret = set_opt(self->s, SOL_SOCKET, SO_PEEK_OFF, 0);

	if (ret && errno == EOPNOTSUPP)
		SKIP(return, "TCP has no SO_PEEK_OFF before Linux 6.9");
	ASSERT_EQ(0, ret);
	SEND(self->c, "abcdef");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 6));
	EXPECT_EQ(2, recv_now(self->s, data, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(data, "ab", 2));
	EXPECT_EQ(2, get_opt(self->s, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(2, recv_now(self->s, data, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(data, "cd", 2));
	/* Reading moves what is behind it closer. */
	EXPECT_RECV(self->s, "abc");
	EXPECT_EQ(1, get_opt(self->s, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(2, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_EQ(0, memcmp(data, "ef", 2));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, data, 1,
				      MSG_PEEK | MSG_DONTWAIT)));
	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_PEEK_OFF, -1));
	EXPECT_EQ(3, recv_now(self->s, data, sizeof(data), MSG_PEEK));
	EXPECT_RECV(self->s, "def");
}

/* MSG_TRUNC on a stream: consume, copy nothing. */
TEST_F(tcp_data, discard)
{
	char data[8] = "????";
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	SEND(self->c, "abcdef");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 6));
	EXPECT_EQ(2, recv(self->s, data, 2, MSG_TRUNC));
	EXPECT_STREQ("????", data);
	EXPECT_EQ(1, recv(self->s, NULL, 1, MSG_TRUNC));
	EXPECT_EQ(3, recvmsg(self->s, &msg, MSG_TRUNC));
	EXPECT_FALSE(msg.msg_flags & MSG_TRUNC);
	EXPECT_NOTHING(self->s);
}

static long call_recv_6(int fd)
{
	char data[6];

	return ERRNO(recv(fd, data, 6, MSG_WAITALL));
}

TEST_F(tcp_data, waitall)
{
	struct call call;
	char data[8];

	ASSERT_EQ(0, call_blocks(&call, call_recv_6, self->s));
	SEND(self->c, "abc");
	EXPECT_TRUE(REMAINS(!call_is_done(&call)));
	SEND(self->c, "def");
	EXPECT_EQ(6, call_result(&call));

	/* What there is, when no more may come, or must not be waited for. */
	SEND(self->c, "ghi");
	ASSERT_TRUE(readable(self->s));
	EXPECT_EQ(3, recv(self->s, data, 6, MSG_WAITALL | MSG_DONTWAIT));
	SEND(self->c, "jkl");
	ASSERT_EQ(0, set_timeo(self->s, SO_RCVTIMEO, 20));
	EXPECT_EQ(3, recv(self->s, data, 6, MSG_WAITALL));
	ASSERT_EQ(0, set_timeo(self->s, SO_RCVTIMEO, 0));
	SEND(self->c, "mno");
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EQ(3, recv(self->s, data, 6, MSG_WAITALL));
	EXPECT_EQ(0, recv(self->s, data, 6, MSG_WAITALL));
}

TEST_F(tcp_data, waitall_interrupted)
{
	char data[8];

	SEND(self->c, "abc");
	ASSERT_EQ(0, catch_signal(SIGALRM, false));
	alarms(true);
	EXPECT_EQ(3, recv(self->s, data, 6, MSG_WAITALL));
	EXPECT_EQ(-EINTR, ERRNO(recv(self->s, data, 6, MSG_WAITALL)));
	alarms(false);
}

TEST_F(tcp_data, dontwait)
{
	char c;

	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 1, MSG_DONTWAIT)));
	ASSERT_EQ(0, set_nonblock(self->s, true));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 1, 0)));
	EXPECT_EQ(-EAGAIN, ERRNO(read(self->s, &c, 1)));
	SEND(self->c, "x");
	EXPECT_RECV(self->s, "x");
}

TEST_F(tcp_data, low_water_mark)
{
	char data[16];

	EXPECT_EQ(1, get_opt(self->s, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(1, get_opt(self->s, SOL_SOCKET, SO_SNDLOWAT));
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(self->s, SOL_SOCKET, SO_SNDLOWAT,
					      10)));
	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, 10));
	EXPECT_EQ(10, get_opt(self->s, SOL_SOCKET, SO_RCVLOWAT));
	SEND(self->c, "abcde");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 5));
	EXPECT_EQ(0, poll_for(self->s, POLLIN, QUIET_MS));
	SEND(self->c, "fghij");
	EXPECT_EQ(POLLIN, poll_for(self->s, POLLIN, DEADLINE_MS));
	EXPECT_EQ(4, recv(self->s, data, 4, 0));
	EXPECT_EQ(0, poll_for(self->s, POLLIN, 0));
	/* Who does not wait gets what there is; so does who wants less. */
	EXPECT_EQ(3, recv(self->s, data, 3, 0));
	EXPECT_EQ(3, recv(self->s, data, 16, MSG_DONTWAIT));
	/* The end counts, whatever the mark. */
	SEND(self->c, "k");
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_EQ(POLLIN, poll_for(self->s, POLLIN, DEADLINE_MS));
	EXPECT_EQ(1, recv(self->s, data, 16, 0));
	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, 0));
	EXPECT_EQ(1, get_opt(self->s, SOL_SOCKET, SO_RCVLOWAT));
}

/* A mark that the buffer cannot reach would be waited for without end. */
TEST_F(tcp_data, low_water_mark_beyond_the_buffer)
{
	static char data[600000];
	int mark = 1000000, buf;

	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, mark));
	EXPECT_EQ(mark, get_opt(self->s, SOL_SOCKET, SO_RCVLOWAT));
	buf = get_opt(self->s, SOL_SOCKET, SO_RCVBUF);
	EXPECT_LE(mark, buf);
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_SNDBUFFORCE, 4000000));
	ASSERT_EQ(sizeof(data), send(self->c, data, sizeof(data), 0));
	ASSERT_EQ(sizeof(data), send(self->c, data, sizeof(data), 0));
	EXPECT_EQ(POLLIN, poll_for(self->s, POLLIN, DEADLINE_MS));
	EXPECT_LE(mark, ioctl_int(self->s, SIOCINQ));

	/* The largest buffer that there can be is a limit, and so is one that
	 * the program has set.
	 */
	EXPECT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_RCVLOWAT, -1));
	EXPECT_GE(16 << 20, get_opt(self->c, SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_RCVBUF, 20000));
	EXPECT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_RCVLOWAT, mark));
	EXPECT_EQ(20000, get_opt(self->c, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(40000, get_opt(self->c, SOL_SOCKET, SO_RCVBUF));
}

static long call_poll_in(int fd)
{
	return poll_for(fd, POLLIN, DEADLINE_MS);
}

/* Less is enough from now on, and that much is there. */
TEST_F(tcp_data, low_water_mark_goes_down)
{
	struct call call;

	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, 100));
	SEND(self->c, "abc");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 3));
	ASSERT_EQ(0, call_blocks(&call, call_poll_in, self->s));
	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, 3));
	EXPECT_EQ(POLLIN, call_result(&call));
}

static long call_recv_16(int fd)
{
	char data[16];

	return ERRNO(recv(fd, data, 16, 0));
}

TEST_F(tcp_data, low_water_mark_makes_recv_wait)
{
	struct call call;

	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVLOWAT, 4));
	ASSERT_EQ(0, call_blocks(&call, call_recv_16, self->s));
	SEND(self->c, "abc");
	EXPECT_TRUE(REMAINS(!call_is_done(&call)));
	SEND(self->c, "d");
	EXPECT_EQ(4, call_result(&call));
}

TEST_F(tcp_data, flags_without_meaning)
{
	char c;

	EXPECT_EQ(1, send(self->c, "a", 1, MSG_CONFIRM));
	EXPECT_EQ(1, send(self->c, "b", 1, MSG_DONTROUTE));
	EXPECT_EQ(1, send(self->c, "c", 1, MSG_EOR));
	EXPECT_EQ(1, send(self->c, "d", 1, MSG_ZEROCOPY));
	EXPECT_RECV(self->s, "abcd");
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 1, MSG_ERRQUEUE)));
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_data, nothing_to_send_or_receive)
{
	char c;

	EXPECT_EQ(0, send(self->c, NULL, 0, 0));
	EXPECT_EQ(0, send(self->c, "x", 0, 0));
	EXPECT_EQ(0, write(self->c, NULL, 0));
	/* It is not the end of anything. */
	EXPECT_TRUE(silent(self->s));
	EXPECT_EQ(0, read(self->s, &c, 0));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 0, MSG_DONTWAIT)));
	SEND(self->c, "x");
	ASSERT_TRUE(readable(self->s));
	EXPECT_EQ(0, recv(self->s, NULL, 0, 0));
	EXPECT_EQ(0, recv(self->s, &c, 0, MSG_DONTWAIT));
	EXPECT_RECV(self->s, "x");
}

/* ---- What is queued ----------------------------------------------------- */

TEST_F(tcp_data, queue_lengths)
{
	char data[4];
	long sum;

	EXPECT_EQ(0, ioctl_int(self->s, SIOCINQ));
	EXPECT_EQ(0, ioctl_int(self->c, SIOCOUTQ));
	EXPECT_EQ(0, ioctl_int(self->c, SIOCOUTQNSD));
	SEND(self->c, "abcdef");
	EXPECT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 6));
	EXPECT_TRUE(BECOMES(ioctl_int(self->c, SIOCOUTQ) == 0));
	EXPECT_EQ(4, recv(self->s, data, 4, 0));
	EXPECT_EQ(2, ioctl_int(self->s, SIOCINQ));
	/* The FIN does not count. */
	EXPECT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_STATE(ST_CLOSE_WAIT, self->c);
	EXPECT_EQ(0, ioctl_int(self->c, SIOCINQ));
	sum = 2 + fill(self->c);
	EXPECT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) +
			    ioctl_int(self->c, SIOCOUTQ) == sum));
	EXPECT_LT(0, ioctl_int(self->c, SIOCOUTQNSD));
	EXPECT_GE(ioctl_int(self->c, SIOCOUTQ),
		  ioctl_int(self->c, SIOCOUTQNSD));
	EXPECT_EQ(sum, drain(self->s, sum));
	EXPECT_TRUE(BECOMES(ioctl_int(self->c, SIOCOUTQ) == 0));
}

TEST_F(tcp_data, unknown_ioctl)
{
	int value;

	EXPECT_EQ(-ENOTTY, ERRNO(ioctl(self->c, 0x12345678, &value)));
	EXPECT_EQ(-EFAULT, ERRNO(ioctl(self->c, SIOCINQ, BAD)));
	EXPECT_EQ(-EFAULT, ERRNO(ioctl(self->c, SIOCOUTQ, BAD)));
	EXPECT_EQ(-EFAULT, ERRNO(ioctl(self->c, SIOCATMARK, BAD)));
}

/* ---- Waiting ------------------------------------------------------------ */

TEST_F(tcp_data, blocked_receive_wakes_up)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_recv, self->s));
	SEND(self->c, "x");
	EXPECT_EQ(1, call_result(&call));
}

TEST_F(tcp_data, receive_timeout)
{
	struct timeval tv = {};
	socklen_t len = sizeof(tv);
	char c;

	ASSERT_EQ(0, set_timeo(self->s, SO_RCVTIMEO, 20));
	ASSERT_EQ(0, getsockopt(self->s, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	EXPECT_LE(20000, tv.tv_usec);
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->s, &c, 1, 0)));
	SEND(self->c, "x");
	EXPECT_EQ(1, recv(self->s, &c, 1, 0));
}

TEST_F(tcp_data, send_timeout)
{
	static char data[1 << 20];

	fill(self->c);
	ASSERT_EQ(0, set_timeo(self->c, SO_SNDTIMEO, 20));
	EXPECT_EQ(-EAGAIN, ERRNO(send(self->c, "x", 1, 0)));
	/* Something fits, not all. */
	drain(self->s, 1 << 20);
	ASSERT_EQ(POLLOUT, poll_for(self->c, POLLOUT, DEADLINE_MS));
	for (int i = 0; i < 64; i++) {
		long n = ERRNO(send(self->c, data, sizeof(data), 0));

		ASSERT_LT(0, n);
		if (n < sizeof(data))
			return;
	}
	ASSERT_TRUE(false) TH_LOG("64 MB went into a connection unread");
}

TEST_F(tcp_data, signals_interrupt)
{
	char c;

	ASSERT_EQ(0, catch_signal(SIGALRM, false));
	fill(self->c);
	alarms(true);
	EXPECT_EQ(-EINTR, ERRNO(recv(self->c, &c, 1, 0)));
	EXPECT_EQ(-EINTR, ERRNO(send(self->c, "x", 1, 0)));
	alarms(false);
}

TEST_F(tcp_data, receive_is_restarted)
{
	struct call call;

	ASSERT_EQ(0, catch_signal(SIGALRM, true));
	ASSERT_EQ(0, call_blocks(&call, call_recv, self->s));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, pthread_kill(call.thread, SIGALRM));
		ASSERT_TRUE(BECOMES(signals == i + 1));
	}
	SEND(self->c, "x");
	EXPECT_EQ(1, call_result(&call));
}

static long call_send_much(int fd)
{
	static char data[16 << 20];

	return ERRNO(send(fd, data, sizeof(data), 0));
}

/* One call, sixteen megabytes: it ends when all of it has been taken. */
TEST_F(tcp_data, blocked_send_goes_on)
{
	struct call call;

	ASSERT_EQ(0, call_blocks(&call, call_send_much, self->c));
	EXPECT_EQ(16 << 20, drain(self->s, 16 << 20));
	EXPECT_EQ(16 << 20, call_result(&call));
	EXPECT_NOTHING(self->s);
}

/* ---- Buffer sizes ------------------------------------------------------- */

TEST_F(tcp_data, buffers_have_limits)
{
	struct call call;
	long sum;
	int l = tcp_new(), c = tcp_new(), s;

	ASSERT_EQ(0, set_opt(l, SOL_SOCKET, SO_RCVBUF, 16384));
	ASSERT_EQ(0, bind_to(l, FORM_IN, LO, 0));
	ASSERT_EQ(0, listen(l, 1));
	ASSERT_EQ(0, set_opt(c, SOL_SOCKET, SO_SNDBUF, 16384));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, port_of(l)));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_EQ(32768, get_opt(s, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(32768, get_opt(c, SOL_SOCKET, SO_SNDBUF));

	sum = fill(c);
	EXPECT_LE(8192, sum);
	EXPECT_GE(262144, sum);
	EXPECT_EQ(-EAGAIN, ERRNO(send(c, "x", 1, MSG_DONTWAIT)));
	EXPECT_EQ(0, poll_for(c, POLLOUT, 0));
	ASSERT_EQ(0, call_blocks(&call, call_send, c));
	EXPECT_EQ(sum + 1, drain(s, sum + 1));
	EXPECT_EQ(1, call_result(&call));
	EXPECT_EQ(POLLOUT, poll_for(c, POLLOUT, DEADLINE_MS));
}

TEST_F(tcp_data, buffer_option_limits)
{
	/* Twice what is asked for, and never less than some minimum. */
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_SNDBUF, 1));
	EXPECT_EQ(4608, get_opt(self->c, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_RCVBUF, 1));
	EXPECT_EQ(2304, get_opt(self->c, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_SNDBUF, 100000));
	EXPECT_EQ(200000, get_opt(self->c, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_RCVBUF, 100000));
	EXPECT_EQ(200000, get_opt(self->c, SOL_SOCKET, SO_RCVBUF));
	EXPECT_ALIVE(self->c, self->s);
}

/* A connection between the smallest of buffers is slow, and right. */
TEST_F(tcp_data, smallest_buffers)
{
	struct call call;

	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_SNDBUF, 1));
	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_RCVBUF, 1));
	call = (struct call){ .fn = call_send_much, .fd = self->c };
	ASSERT_EQ(0, pthread_create(&call.thread, NULL, call_thread, &call));
	EXPECT_EQ(8192, drain(self->s, 8192));
	close(self->s);
	self->s = -1;
	/* It had sent some of it: that is what it says. */
	EXPECT_LE(8192, call_result(&call));
}

/* ---- Files and pipes ---------------------------------------------------- */

static int pattern_file(size_t size)
{
	int fd = memfd_create("pattern", 0);
	char data[4096];
	size_t i, n;

	for (n = 0; n < size; n += sizeof(data)) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = (n + i) * 131 >> 3;
		if (write(fd, data, sizeof(data)) != sizeof(data))
			return -1;
	}
	return ftruncate(fd, size) ? -1 : fd;
}

/* Do the next @len bytes look like the file's, from @offset on? */
static bool pattern_comes(int fd, size_t offset, size_t len)
{
	static char data[65536];
	size_t sum = 0, i;
	long n;

	while (sum < len) {
		n = recv_now(fd, data, len - sum < sizeof(data) ?
			     len - sum : sizeof(data), 0);
		if (n <= 0)
			return false;
		for (i = 0; i < n; i++)
			if (data[i] != (char)((offset + sum + i) * 131 >> 3))
				return false;
		sum += n;
	}
	return true;
}

TEST_F(tcp_data, sendfile_small)
{
	int file = pattern_file(5000);
	off_t at = 1234;

	EXPECT_EQ(100, sendfile(self->c, file, &at, 100));
	EXPECT_EQ(1334, at);
	EXPECT_TRUE(pattern_comes(self->s, 1234, 100));
	EXPECT_EQ(5000, sendfile(self->c, file, &(off_t){ 0 }, 5000));
	EXPECT_TRUE(pattern_comes(self->s, 0, 5000));
	/* To the end and no further. */
	at = 4000;
	EXPECT_EQ(1000, sendfile(self->c, file, &at, 5000));
	EXPECT_EQ(0, sendfile(self->c, file, &at, 5000));
	EXPECT_TRUE(pattern_comes(self->s, 4000, 1000));
	EXPECT_NOTHING(self->s);
}

struct file_job {
	int to, file;
	size_t size;
	long sent;
};

static void *send_file(void *arg)
{
	struct file_job *job = arg;
	long n;

	do {
		n = sendfile(job->to, job->file, NULL, job->size - job->sent);
		job->sent += n > 0 ? n : 0;
	} while (n > 0 && job->sent < job->size);
	return NULL;
}

TEST_F(tcp_data, sendfile_large)
{
	struct file_job job = { .to = self->c, .size = (3 << 20) + 777 };
	pthread_t thread;

	job.file = pattern_file(job.size);
	ASSERT_LE(0, job.file);
	ASSERT_EQ(0, lseek(job.file, 0, SEEK_SET));
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_file, &job));
	EXPECT_TRUE(pattern_comes(self->s, 0, job.size));
	pthread_join(thread, NULL);
	EXPECT_EQ(job.size, job.sent);
	EXPECT_NOTHING(self->s);
}

/* The pages go out as they are: what is written to the file afterwards is seen
 * by a reader or not, but the length is kept.
 */
TEST_F(tcp_data, sendfile_errors)
{
	int file = pattern_file(5000);

	ASSERT_EQ(0, set_nonblock(self->c, true));
	fill(self->c);
	EXPECT_EQ(-EAGAIN, ERRNO(sendfile(self->c, file, &(off_t){ 0 }, 100)));
	close_hard(self->s);
	self->s = -1;
	ASSERT_TRUE(readable(self->c));
	EXPECT_EQ(-ECONNRESET, ERRNO(sendfile(self->c, file, &(off_t){ 0 },
					      100)));
	EXPECT_EQ(-EPIPE, ERRNO(sendfile(self->c, file, &(off_t){ 0 }, 100)));
}

TEST_F(tcp_data, splice_in)
{
	int file = pattern_file(20000), p[2];
	long n, sum = 0;

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
	while ((n = splice(file, NULL, p[1], NULL, 20000 - sum, 0)) > 0) {
		ASSERT_EQ(n, splice(p[0], NULL, self->c, NULL, n, 0));
		sum += n;
	}
	EXPECT_EQ(20000, sum);
	EXPECT_TRUE(pattern_comes(self->s, 0, 20000));
}

TEST_F(tcp_data, splice_out)
{
	int p[2], file = pattern_file(20000);
	long sum = 0, n, i;
	char data[4096];

	ASSERT_EQ(0, pipe(p));
	/* SPLICE_F_NONBLOCK is about the pipe only. */
	ASSERT_EQ(0, set_nonblock(self->s, true));
	EXPECT_EQ(-EAGAIN, ERRNO(splice(self->s, NULL, p[1], NULL, 100, 0)));
	ASSERT_EQ(0, set_nonblock(self->s, false));
	EXPECT_EQ(20000, sendfile(self->c, file, &(off_t){ 0 }, 20000));
	while (sum < 20000) {
		ASSERT_TRUE(readable(self->s));
		n = splice(self->s, NULL, p[1], NULL, sizeof(data), 0);
		ASSERT_LT(0, n);
		ASSERT_EQ(n, read(p[0], data, n));
		for (i = 0; i < n; i++)
			ASSERT_EQ(data[i], (char)((sum + i) * 131 >> 3));
		sum += n;
	}
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	ASSERT_TRUE(readable(self->s));
	EXPECT_EQ(0, splice(self->s, NULL, p[1], NULL, 100, 0));
	/* A socket has no offset. */
	EXPECT_EQ(-EINVAL, ERRNO(splice(self->s, &(loff_t){ 0 }, p[1], NULL,
					100, 0)));
}

/* From one connection into another, and a copy aside. */
TEST_F(tcp_data, splice_through)
{
	int c = -1, s = -1, p[2], q[2];
	char data[16] = "";

	ASSERT_EQ(0, conn_more(&self->t, &c, &s));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, pipe(q));
	SEND(self->c, "through");
	ASSERT_TRUE(readable(self->s));
	EXPECT_EQ(7, splice(self->s, NULL, p[1], NULL, 100, 0));
	EXPECT_EQ(7, tee(p[0], q[1], 100, 0));
	EXPECT_EQ(7, splice(p[0], NULL, c, NULL, 100, 0));
	EXPECT_RECV(s, "through");
	EXPECT_EQ(7, read(q[0], data, sizeof(data)));
	EXPECT_STREQ("through", data);
}

TEST_F(tcp_data, vmsplice)
{
	struct iovec iov = { "user pages", 10 };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(10, vmsplice(p[1], &iov, 1, 0));
	EXPECT_EQ(10, splice(p[0], NULL, self->c, NULL, 10, SPLICE_F_MORE));
	EXPECT_EQ(1, send(self->c, "!", 1, 0));
	EXPECT_RECV(self->s, "user pages!");
}

/* ---- When it is sent ---------------------------------------------------- */

TEST_F(tcp_data, more_to_come)
{
	EXPECT_EQ(1, send(self->c, "a", 1, MSG_MORE));
	EXPECT_TRUE(silent(self->s));
	EXPECT_EQ(1, ioctl_int(self->c, SIOCOUTQNSD));
	EXPECT_EQ(1, send(self->c, "b", 1, MSG_MORE));
	EXPECT_EQ(1, send(self->c, "c", 1, 0));
	EXPECT_RECV(self->s, "abc");
	/* Nothing is held back for ever. */
	EXPECT_EQ(1, send(self->c, "d", 1, MSG_MORE));
	EXPECT_RECV(self->s, "d");
	/* Nor by the end. */
	EXPECT_EQ(1, send(self->c, "e", 1, MSG_MORE));
	EXPECT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_RECV(self->s, "e");
	EXPECT_EOF(self->s);
}

TEST_F(tcp_data, cork)
{
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 1));
	SEND(self->c, "a");
	SEND(self->c, "b");
	EXPECT_TRUE(silent(self->s));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 0));
	EXPECT_RECV(self->s, "ab");
	/* TCP_NODELAY pushes once, corked or not. */
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 1));
	SEND(self->c, "c");
	EXPECT_TRUE(silent(self->s));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_NODELAY, 1));
	EXPECT_RECV(self->s, "c");
	SEND(self->c, "d");
	EXPECT_TRUE(silent(self->s));
	/* And a corked byte goes after a while all the same. */
	EXPECT_RECV(self->s, "d");
	SEND(self->c, "e");
	close(self->c);
	self->c = -1;
	EXPECT_RECV(self->s, "e");
	EXPECT_EOF(self->s);
}

TEST_F(tcp_data, small_writes_without_delay)
{
	int i;

	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_NODELAY, 1));
	for (i = 0; i < 200; i++)
		ASSERT_EQ(1, send(self->c, "x", 1, 0));
	EXPECT_EQ(200, drain(self->s, 200));
}

/* ---- Out of band -------------------------------------------------------- */

TEST_F(tcp_data, urgent)
{
	char c = 0, data[8] = "";

	EXPECT_EQ(-EINVAL, ERRNO(recv(self->s, &c, 1, MSG_OOB)));
	EXPECT_EQ(3, send(self->c, "abc", 3, MSG_OOB));
	SEND(self->c, "def");
	EXPECT_EVENTS("in pri out", self->s);
	EXPECT_EQ(0, ioctl_int(self->s, SIOCATMARK));
	/* The last byte is the urgent one. */
	EXPECT_EQ(1, recv(self->s, &c, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('c', c);
	EXPECT_EQ(1, recv(self->s, data, 8, MSG_OOB));
	EXPECT_EQ('c', data[0]);
	EXPECT_EQ(-EINVAL, ERRNO(recv(self->s, &c, 1, MSG_OOB)));
	EXPECT_EVENTS("in out", self->s);
	/* Reading stops at the mark, and it is not part of the stream. */
	EXPECT_EQ(2, recv_now(self->s, data, 8, 0));
	EXPECT_EQ(0, memcmp(data, "ab", 2));
	EXPECT_EQ(1, ioctl_int(self->s, SIOCATMARK));
	EXPECT_RECV(self->s, "def");
	EXPECT_EQ(0, ioctl_int(self->s, SIOCATMARK));
}

TEST_F(tcp_data, urgent_inline)
{
	char data[8] = "";

	ASSERT_EQ(0, set_opt(self->s, SOL_SOCKET, SO_OOBINLINE, 1));
	EXPECT_EQ(1, get_opt(self->s, SOL_SOCKET, SO_OOBINLINE));
	SEND(self->c, "ab");
	EXPECT_EQ(1, send(self->c, "c", 1, MSG_OOB));
	SEND(self->c, "def");
	EXPECT_EVENTS("in pri out", self->s);
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) >= 2));
	EXPECT_EQ(-EINVAL, ERRNO(recv(self->s, data, 1, MSG_OOB)));
	EXPECT_EQ(2, recv_now(self->s, data, 8, 0));
	EXPECT_EQ(1, ioctl_int(self->s, SIOCATMARK));
	EXPECT_RECV(self->s, "cdef");
	EXPECT_EVENTS("out", self->s);
}

TEST_F(tcp_data, urgent_signal)
{
	ASSERT_EQ(0, catch_signal(SIGURG, true));
	ASSERT_EQ(0, fcntl(self->s, F_SETOWN, getpid()));
	EXPECT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_TRUE(BECOMES(signals == 1));
	EXPECT_EVENTS("pri out", self->s);
}

TEST_F(tcp_data, urgent_wakes_epoll)
{
	struct epoll_event e = { .events = EPOLLPRI };
	int ep = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->s, &e));
	SEND(self->c, "x");
	EXPECT_EQ(0, epoll_wait(ep, &e, 1, QUIET_MS));
	EXPECT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_EQ(1, epoll_wait(ep, &e, 1, DEADLINE_MS));
	EXPECT_EQ(EPOLLPRI, e.events);
}

/* After the end there is nothing urgent. */
TEST_F(tcp_data, urgent_and_the_end)
{
	char c = 0;

	EXPECT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	close(self->c);
	self->c = -1;
	EXPECT_EVENTS("in pri out rdhup", self->s);
	EXPECT_EQ(1, recv(self->s, &c, 1, MSG_OOB));
	EXPECT_EQ('!', c);
	EXPECT_EOF(self->s);
}

/* ---- Bad pointers: nothing is lost -------------------------------------- */

TEST_F(tcp_data, bad_pointers_to_send)
{
	struct iovec half[2] = { { "good", 4 }, { BAD, 4 } };
	struct msghdr msg = { .msg_iov = half, .msg_iovlen = 2 };

	EXPECT_EQ(-EFAULT, ERRNO(send(self->c, BAD, 4, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(write(self->c, BAD, 4)));
	EXPECT_EQ(-EFAULT, ERRNO(writev(self->c, BAD, 1)));
	EXPECT_EQ(-EFAULT, ERRNO(sendmsg(self->c, BAD, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(sendmsg(self->c, &msg, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(sendto(self->c, "x", 1, 0, BAD, 16)));
	EXPECT_EQ(-EFAULT, ERRNO(send(self->c, BAD, 4, MSG_OOB)));
	EXPECT_TRUE(silent(self->s));
	EXPECT_EQ(0, ioctl_int(self->c, SIOCOUTQ));
	SEND(self->c, "after");
	EXPECT_RECV(self->s, "after");
}

/* The page behind the buffer is not there: what is before it was sent. */
TEST_F(tcp_data, half_good_buffer)
{
	long size = 1 << 18, n;
	char *map = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, map);
	memset(map, 'm', size);
	ASSERT_EQ(0, munmap(map + size, 4096));
	n = ERRNO(send(self->c, map, size + 4096, MSG_DONTWAIT));
	/* All that could be read, or whole pieces of it; no hole, no more. */
	EXPECT_LT(0, n);
	EXPECT_GE(size, n);
	EXPECT_EQ(n, drain(self->s, n));
	EXPECT_NOTHING(self->s);
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_data, bad_pointers_to_receive)
{
	char data[8];
	struct iovec half[2] = { { data, 4 }, { BAD, 4 } };
	struct msghdr msg = { .msg_iov = half, .msg_iovlen = 2 };

	SEND(self->c, "precious");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 8));
	EXPECT_EQ(-EFAULT, ERRNO(recv(self->s, BAD, 8, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(recv(self->s, BAD, 8, MSG_PEEK)));
	EXPECT_EQ(-EFAULT, ERRNO(read(self->s, BAD, 8)));
	EXPECT_EQ(-EFAULT, ERRNO(readv(self->s, BAD, 1)));
	EXPECT_EQ(-EFAULT, ERRNO(recvmsg(self->s, BAD, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(recvmsg(self->s, &msg, 0)));
	EXPECT_RECV(self->s, "precious");
	EXPECT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	EXPECT_EVENTS("pri out", self->s);
	EXPECT_EQ(-EFAULT, ERRNO(recv(self->s, BAD, 1, MSG_OOB)));
}

/* ---- A lot of it -------------------------------------------------------- */

struct stream {
	int fd;
	unsigned int seed;
	long size, done;
	bool bad;
};

static unsigned char stream_byte(long at)
{
	return (at ^ at >> 8 ^ at >> 16) * 167;
}

static void *stream_out(void *arg)
{
	struct stream *s = arg;
	static __thread unsigned char data[30000];
	long n, i;

	while (s->done < s->size) {
		n = 1 + rand_r(&s->seed) % sizeof(data);
		if (n > s->size - s->done)
			n = s->size - s->done;
		for (i = 0; i < n; i++)
			data[i] = stream_byte(s->done + i);
		n = send(s->fd, data, n, rand_r(&s->seed) % 4 ? 0 : MSG_MORE);
		if (n <= 0)
			break;
		s->done += n;
	}
	shutdown(s->fd, SHUT_WR);
	return NULL;
}

static void *stream_in(void *arg)
{
	struct stream *s = arg;
	static __thread unsigned char data[50000];
	long n, i;

	for (;;) {
		n = recv_now(s->fd, data, 1 + rand_r(&s->seed) % sizeof(data),
			     0);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++)
			s->bad |= data[i] != stream_byte(s->done + i);
		s->done += n;
	}
	s->bad |= n < 0;
	return NULL;
}

TEST_F(tcp_data, both_ways_at_once)
{
	long size = 4 << 20;
	struct stream s[4] = {
		{ self->c, 1, size }, { self->s, 2, size },
		{ self->s, 3, size }, { self->c, 4, size },
	};
	pthread_t thread[4];
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, i % 2 ?
					    stream_in : stream_out, &s[i]));
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(size, s[i].done);
		EXPECT_FALSE(s[i].bad);
	}
}

TOY_TEST_MAIN
