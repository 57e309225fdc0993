// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out, at every place in turn: each system call is repeated with
 * its first, second, third ... allocation failing (/proc/self/fail-nth), until
 * one goes through with none left to fail. An error is an answer; what counts
 * is that nothing breaks and that the sockets work afterwards. Where the
 * kernel has no fault injection there is nothing to test.
 */
#include "toy_test.h"
#include "fault.h"

#define LO	"127.0.0.1"

FIXTURE(fault)
{
	int rx;
	int tx;
};

FIXTURE_SETUP(fault)
{
	if (!faults_possible())
		SKIP(return, "no fault injection in this kernel");
	ASSERT_LE(0, netns_new());
	self->rx = udp_form(FORM_IN);
	self->tx = udp_form(FORM_IN);
	ASSERT_LE(0, self->rx);
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, LO, 7001));
}

FIXTURE_TEARDOWN(fault)
{
	char c;

	if (fail_fd < 0)
		return;
	arm(0);
	while (recv(self->rx, &c, 1, MSG_DONTWAIT) >= 0)
		;
	EXPECT_EQ(1, send_to(self->tx, FORM_IN, LO, 7001, "x", 1));
	EXPECT_EQ(1, recv_now(self->rx, &c, 1, 0));
	close(self->rx);
	close(self->tx);
	close(fail_fd);
	fail_fd = -1;
}

static void open_and_close(int protocol)
{
	int fd = socket(test_family(), SOCK_DGRAM, protocol);

	if (fd >= 0)
		close(fd);
}

TEST_F(fault, socket)
{
	EXPECT_LT(1, SWEEP(open_and_close(0)));
	EXPECT_LT(1, SWEEP(open_and_close(IPPROTO_ICMP)));
}

TEST_F(fault, bind)
{
	int fd;

	for (int n = 1; n < MOST; n++) {
		bool more;

		fd = udp_form(FORM_IN);
		ASSERT_LE(0, fd);
		arm(n);
		bind_to(fd, FORM_IN, LO, n % 2 ? 0 : 7100);
		more = fired();
		close(fd);
		if (!more)
			break;
	}
	/* Nothing of the failed ones is left. */
	fd = udp_form(FORM_IN);
	EXPECT_EQ(0, bind_to(fd, FORM_IN, LO, 7100));
	close(fd);
}

TEST_F(fault, connect_and_disconnect)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	SWEEP(connect_to(self->tx, FORM_IN, LO, 7001));
	SWEEP(connect(self->tx, &none, sizeof(none)));
	SWEEP(({ connect_to(self->tx, FORM_IN, LO, 7001);
		 connect(self->tx, &none, sizeof(none)); }));
}

TEST_F(fault, send)
{
	static char big[20000];

	EXPECT_LT(1, SWEEP(send_to(self->tx, FORM_IN, LO, 7001, "x", 1)));
	EXPECT_LT(1, SWEEP(send_to(self->tx, FORM_IN, LO, 7001, big,
				   sizeof(big))));
	/* To nobody: an ICMP error is built and read on the way. */
	SWEEP(send_to(self->tx, FORM_IN, LO, 7999, "x", 1));
}

TEST_F(fault, raw)
{
	unsigned char rr[8] = { 7, 7, 4 };
	int fd;

	EXPECT_LT(1, SWEEP(({ fd = socket(test_family(), SOCK_RAW, 200);
			      if (fd >= 0)
				      close(fd); })));
	fd = socket(test_family(), SOCK_RAW, 200);
	ASSERT_LE(0, fd);
	/* To itself, and to nobody. */
	EXPECT_LT(1, SWEEP(send_to(fd, FORM_IN, LO, 0, "x", 1)));
	EXPECT_LT(1, SWEEP(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, rr, 8)));
	close(fd);
}

TEST_F(fault, receive)
{
	char buf[64];

	ASSERT_EQ(1, send_to(self->tx, FORM_IN, LO, 7001, "x", 1));
	SWEEP(recv(self->rx, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK));
	SWEEP(recv(self->rx, buf, sizeof(buf), MSG_DONTWAIT));
}

TOY_TEST_MAIN
