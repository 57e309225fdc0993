// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out in the calls of a TCP socket, at every place in turn: see
 * fault.c. What counts is that nothing breaks, and that data which a call said
 * it had taken arrive, in order, after all.
 */
#include "tcp_test.h"
#include "fault.h"

#include <sys/sendfile.h>

FIXTURE(tcp_fault) {
	struct conn t;
	int c, s;
};

FIXTURE_SETUP(tcp_fault)
{
	int ret;

	if (!faults_possible())
		SKIP(return, "no fault injection in this kernel");
	ASSERT_LE(0, netns_new());
	ret = conn_make(&self->t, FORM_IN);
	ASSERT_EQ(0, ret) TH_LOG("no connection: %s", strerror(-ret));
	self->c = self->t.c;
	self->s = self->t.s;
	signal(SIGPIPE, SIG_IGN);
}

/* Whatever happened, the next connection is as good as any. */
FIXTURE_TEARDOWN(tcp_fault)
{
	int c = -1, s = -1;

	if (fail_fd < 0)
		return;
	arm(0);
	while (poll_for(self->t.l, POLLIN, 0) == POLLIN)
		close(accept(self->t.l, NULL, NULL));
	ASSERT_EQ(0, conn_more(&self->t, &c, &s));
	EXPECT_ALIVE(c, s);
	close(c);
	close(s);
	close(self->c);
	close(self->s);
	close(self->t.l);
	close(fail_fd);
	fail_fd = -1;
}

/* Call with the nth allocation failing, for all n there are: each time in a
 * socket of its own.
 */
#define SWEEP_FRESH(fd, call) do {					\
	int __n;							\
	bool __more = true;						\
									\
	for (__n = 1; __more && __n < MOST; __n++) {			\
		int fd = tcp_new();					\
									\
		ASSERT_LE(0, fd);					\
		arm(__n);						\
		call;							\
		__more = fired();					\
		close(fd);						\
	}								\
	EXPECT_FALSE(__more);						\
} while (0)

static void open_and_close(void)
{
	int fd = tcp_new();

	if (fd >= 0)
		close(fd);
}

TEST_F(tcp_fault, socket)
{
	EXPECT_LT(1, SWEEP(open_and_close()));
}

TEST_F(tcp_fault, bind)
{
	int fd;

	SWEEP_FRESH(fd, bind_to(fd, FORM_IN, LO, 0));
	SWEEP_FRESH(fd, bind_to(fd, FORM_IN, LO, 7100));
	/* Nothing of the failed ones is left. */
	fd = tcp_new();
	EXPECT_EQ(0, bind_to(fd, FORM_IN, LO, 7100));
	close(fd);
}

TEST_F(tcp_fault, listen)
{
	int fd;

	SWEEP_FRESH(fd, ({ bind_to(fd, FORM_IN, LO, 7100); listen(fd, 4); }));
	SWEEP_FRESH(fd, listen(fd, 4));
	fd = listen_at(FORM_IN, LO, 7100, 4);
	EXPECT_LE(0, fd);
	close(fd);
}

/* The failing allocation may be the client's or, as the packets arrive in the
 * same call, the listener's; then a retransmission helps, which nobody waits
 * for here.
 */
TEST_F(tcp_fault, connect)
{
	ASSERT_EQ(0, set_nonblock(self->t.l, true));
	SWEEP_FRESH(fd, ({
		set_nonblock(fd, true);
		connect_to(fd, FORM_IN, LO, self->t.port);
		/* The queue is short. */
		close(accept(self->t.l, NULL, NULL));
	}));
}

TEST_F(tcp_fault, connect_refused)
{
	SWEEP_FRESH(fd, ({
		set_nonblock(fd, true);
		connect_to(fd, FORM_IN, LO, 7999);
		so_error(fd);
	}));
}

TEST_F(tcp_fault, disconnect)
{
	SWEEP_FRESH(fd, ({
		arm(0);
		set_nonblock(fd, true);
		connect_to(fd, FORM_IN, LO, self->t.port);
		BECOMES(state_of(fd) != ST_SYN_SENT);
		close(accept_now(self->t.l));
		arm(__n);
		disconnect(fd);
	}));
}

TEST_F(tcp_fault, accept)
{
	bool more = true;
	int n, fd, s;

	ASSERT_EQ(0, set_nonblock(self->t.l, true));
	for (n = 1; more && n < MOST; n++) {
		fd = tcp_new();
		ASSERT_EQ(0, connect_to(fd, FORM_IN, LO, self->t.port));
		ASSERT_TRUE(readable(self->t.l));
		arm(n);
		s = accept(self->t.l, NULL, NULL);
		more = fired();
		if (s < 0)
			s = accept(self->t.l, NULL, NULL);
		/* It was not lost by the failure, unless it is told so. */
		if (s >= 0) {
			EXPECT_ALIVE(fd, s);
			close_hard(s);
		}
		close(fd);
	}
	EXPECT_FALSE(more);
}

/* Every byte that was taken arrives, and in order. */
static void numbers_arrive(struct __test_metadata *_metadata, int fd, long sum)
{
	unsigned char data[4096];
	long at = 0, n, i;

	while (at < sum) {
		n = recv_now(fd, data, sizeof(data), 0);
		ASSERT_LT(0, n);
		for (i = 0; i < n; i++)
			ASSERT_EQ((unsigned char)((at + i) % 251), data[i]);
		at += n;
	}
	EXPECT_EQ(sum, at);
}

/* @len bytes that go on where the last call ended; how many were taken. */
static long send_numbers(int fd, long at, long len, int flags)
{
	static unsigned char data[65536];
	long i, n;

	for (i = 0; i < len; i++)
		data[i] = (at + i) % 251;
	n = send(fd, data, len, flags | MSG_DONTWAIT);
	return n < 0 ? 0 : n;
}

#define SWEEP_SEND(len, flags) do {					\
	long __sum = 0;							\
	int __n;							\
									\
	for (__n = 1; __n < MOST; __n++) {				\
		long __got;						\
									\
		arm(__n);						\
		__got = send_numbers(self->c, __sum, len, flags);	\
		if (!fired())						\
			__n = MOST;					\
		numbers_from(_metadata, self->s, __sum, __got);		\
		__sum += __got;						\
	}								\
} while (0)

static void numbers_from(struct __test_metadata *_metadata, int fd, long from,
			 long len)
{
	unsigned char data[4096];
	long at = 0, n, i;

	while (at < len) {
		n = recv_now(fd, data, len - at < sizeof(data) ? len - at :
			     sizeof(data), 0);
		ASSERT_LT(0, n);
		for (i = 0; i < n; i++)
			ASSERT_EQ((unsigned char)((from + at + i) % 251),
				  data[i]);
		at += n;
	}
}

TEST_F(tcp_fault, send_small)
{
	SWEEP_SEND(1, 0);
	SWEEP_SEND(1000, MSG_EOR);
}

TEST_F(tcp_fault, send_large)
{
	SWEEP_SEND(60000, 0);
}

/* Not read meanwhile: the queue grows, and fails at other places. */
TEST_F(tcp_fault, send_unread)
{
	long sum = 0;
	int n;

	for (n = 1; n < MOST; n++) {
		arm(n);
		sum += send_numbers(self->c, sum, 20000, 0);
		if (!fired())
			break;
	}
	numbers_arrive(_metadata, self->s, sum);
}

/* The pages are shared, and written to again once they were read. */
TEST_F(tcp_fault, send_zerocopy)
{
	if (set_opt(self->c, SOL_SOCKET, SO_ZEROCOPY, 1))
		ASSERT_EQ(0, set_opt(self->c, SOL_TOY, TOY_ZEROCOPY, 1));
	SWEEP_SEND(20000, MSG_ZEROCOPY);
}

/* Each time a connection that was not paced before: without memory for it, it
 * goes on unpaced.
 */
TEST_F(tcp_fault, send_paced)
{
	bool more = true;

	for (int n = 1; more && n < MOST; n++) {
		long sum = 0, got;
		int c = -1, s = -1;

		ASSERT_EQ(0, conn_more(&self->t, &c, &s));
		/* The first segments are never held back. */
		for (int i = 0; i < 12; i++) {
			got = send_numbers(c, sum, 100, MSG_EOR);
			numbers_from(_metadata, s, sum, got);
			sum += got;
		}
		ASSERT_EQ(0, set_opt(c, SOL_SOCKET, SO_MAX_PACING_RATE,
				     10000000));
		arm(n);
		got = send_numbers(c, sum, 20000, 0);
		more = fired();
		numbers_from(_metadata, s, sum, got);
		EXPECT_ALIVE(c, s);
		close(c);
		close(s);
	}
	EXPECT_FALSE(more);
}

TEST_F(tcp_fault, send_urgent)
{
	SWEEP(send(self->c, "!", 1, MSG_OOB | MSG_DONTWAIT));
	EXPECT_LE(0, ioctl_int(self->s, SIOCINQ));
}

TEST_F(tcp_fault, sendfile)
{
	int file = open("/proc/self/exe", O_RDONLY);

	ASSERT_LE(0, file);
	ASSERT_EQ(0, set_nonblock(self->c, true));
	SWEEP(sendfile(self->c, file, &(off_t){ 0 }, 10000));
	close(file);
}

TEST_F(tcp_fault, receive)
{
	char data[8] = "";

	SEND(self->c, "precious");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 8));
	SWEEP(recv(self->s, data, 8, MSG_DONTWAIT | MSG_PEEK));
	EXPECT_EQ(8, ioctl_int(self->s, SIOCINQ));
	/* It either gives the bytes or keeps them. */
	for (int n = 1; n < MOST; n++) {
		long got;

		arm(n);
		got = recv(self->s, data, 8, MSG_DONTWAIT);
		if (!fired() || got > 0) {
			EXPECT_EQ(8, got);
			break;
		}
		EXPECT_EQ(8, ioctl_int(self->s, SIOCINQ));
	}
	EXPECT_EQ(0, memcmp("precious", data, 8));
}

TEST_F(tcp_fault, shutdown)
{
	bool more = true;

	/* A FIN needs memory, and shutdown() cannot fail for the lack of it. (On
	 * AF_INET it is then never sent.)
	 */
	for (int n = 1; more && n < 40; n++) {
		int c = -1, s = -1;

		ASSERT_EQ(0, conn_more(&self->t, &c, &s));
		arm(n);
		EXPECT_EQ(0, shutdown(c, SHUT_WR));
		more = fired();
		if (!more)
			EXPECT_EOF(s);
		close_hard(s);
		close(c);
	}
}

TEST_F(tcp_fault, close)
{
	bool more = true;

	for (int n = 1; more && n < 40; n++) {
		int a = -1, b = -1;

		ASSERT_EQ(0, conn_more(&self->t, &a, &b));
		SEND(a, "x");
		arm(n);
		close(a);
		more = fired();
		EXPECT_RECV(b, "x");
		if (!more)
			EXPECT_EOF(b);
		close(b);
	}
}

TEST_F(tcp_fault, close_of_a_listener)
{
	for (int n = 1; n < 20; n++) {
		int l = listen_at(FORM_IN, LO, 0, 4), c = tcp_new();

		ASSERT_LE(0, l);
		ASSERT_EQ(0, connect_to(c, FORM_IN, LO, port_of(l)));
		arm(n);
		close(l);
		fired();
		close(c);
	}
}

/* Data goes with the SYN, or not at all. */
TEST_F(tcp_fault, fast_open)
{
	union addr to = form_addr(FORM_IN, LO, self->t.port);
	unsigned char key[32] = {};

	/* Both sides, without cookies. */
	ASSERT_EQ(0, sysctl_write("tcp_fastopen", "519"));
	SWEEP_FRESH(fd, set_opt(fd, IPPROTO_TCP, TCP_FASTOPEN, 5));
	SWEEP_FRESH(fd, set_opt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	SWEEP_FRESH(fd, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key,
				   sizeof(key)));
	ASSERT_EQ(0, set_opt(self->t.l, IPPROTO_TCP, TCP_FASTOPEN, 100));
	SWEEP_FRESH(fd, ({
		sendto(fd, "x", 1, MSG_FASTOPEN | MSG_DONTWAIT, &to.sa,
		       form_len(FORM_IN));
		while (poll_for(self->t.l, POLLIN, 0) == POLLIN)
			close(accept(self->t.l, NULL, NULL)); }));
	SWEEP(sysctl_write("tcp_fastopen_key", "1-2-3-4,5-6-7-8"));
}

TEST_F(tcp_fault, options)
{
	struct tcp_info info;
	char name[16];
	socklen_t len;

	SWEEP(set_opt(self->c, IPPROTO_TCP, TCP_NODELAY, 1));
	SWEEP(set_opt(self->c, IPPROTO_TCP, TCP_CORK, 0));
	SWEEP(set_opt(self->c, IPPROTO_TCP, TCP_KEEPIDLE, 100));
	SWEEP(set_opt(self->c, IPPROTO_TCP, TCP_MAXSEG, 1000));
	SWEEP(set_opt(self->c, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000));
	SWEEP(set_opt(self->c, SOL_SOCKET, SO_KEEPALIVE, 1));
	SWEEP(set_opt(self->c, SOL_SOCKET, SO_RCVBUF, 100000));
	SWEEP(set_opt(self->c, IPPROTO_IP, IP_TOS, 0x10));
	SWEEP(setsockopt(self->c, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
	SWEEP(setsockopt(self->c, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5));
	SWEEP(({ len = sizeof(info);
		 getsockopt(self->c, IPPROTO_TCP, TCP_INFO, &info, &len); }));
	SWEEP(({ len = sizeof(name);
		 getsockopt(self->c, IPPROTO_TCP, TCP_CONGESTION, name,
			    &len); }));
	SWEEP(get_opt(self->c, IPPROTO_TCP, TCP_MAXSEG));
	EXPECT_ALIVE(self->c, self->s);
}

TOY_TEST_MAIN
