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

#include <signal.h>

#include <linux/errqueue.h>
#include <linux/in6.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY		60
#endif

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

/* ---- IPv6 ----------------------------------------------------------------- */

/* A destination option that nobody need know, and padding. */
static const uint8_t dstopts[8] = { 0, 0, 0x1e, 1, 7, 1, 1, 0 };

static union addr loopback6(int port)
{
	union addr a = { .in6.sin6_family = AF_INET6 };

	a.in6.sin6_addr = in6addr_loopback;
	a.in6.sin6_port = htons(port);
	return a;
}

FIXTURE(fault6)
{
	int rx;
	int tx;
	union addr to;
};

FIXTURE_SETUP(fault6)
{
	if (!faults_possible())
		SKIP(return, "no fault injection in this kernel");
	ASSERT_LE(0, netns_new());
	self->rx = udp_form(FORM_IN6);
	self->tx = udp_form(FORM_IN6);
	self->to = loopback6(7001);
	ASSERT_EQ(0, bind(self->rx, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, connect(self->tx, &self->to.sa, sizeof(self->to.in6)));
}

/* What was asked of the socket does not keep it from sending. */
FIXTURE_TEARDOWN(fault6)
{
	char c;

	if (fail_fd < 0)
		return;
	arm(0);
	while (recv(self->rx, &c, 1, MSG_DONTWAIT) >= 0)
		;
	EXPECT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_EQ(1, recv_now(self->rx, &c, 1, 0));
	close(self->rx);
	close(self->tx);
	close(fail_fd);
	fail_fd = -1;
}

TEST_F(fault6, extension_headers)
{
	char control[CMSG_SPACE(8)] __attribute__((aligned(8))) = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_IPV6;
	c->cmsg_type = IPV6_DSTOPTS;
	c->cmsg_len = CMSG_LEN(8);
	memcpy(CMSG_DATA(c), dstopts, 8);
	EXPECT_LT(1, SWEEP(sendmsg(self->tx, &msg, 0)));
	EXPECT_LT(1, SWEEP(setsockopt(self->tx, SOL_IPV6, IPV6_DSTOPTS, dstopts,
				      8)));
	EXPECT_LT(1, SWEEP(send(self->tx, "x", 1, 0)));
	/* Instead of the others. */
	EXPECT_LT(1, SWEEP(sendmsg(self->tx, &msg, 0)));
	EXPECT_LT(1, SWEEP(setsockopt(self->tx, SOL_IPV6, IPV6_DSTOPTS, dstopts,
				      8)));
}

TEST_F(fault6, flow_label_lease)
{
	struct in6_flowlabel_req req = {
		.flr_dst = in6addr_loopback, .flr_label = htonl(0x42),
		.flr_action = IPV6_FL_A_GET, .flr_share = IPV6_FL_S_ANY,
		.flr_flags = IPV6_FL_F_CREATE, .flr_linger = 6,
		.flr_expires = 6,
	};
	int other = udp_form(FORM_IN6);

	EXPECT_LT(1, SWEEP(({
		req.flr_action = IPV6_FL_A_GET;
		if (!setsockopt(self->tx, SOL_IPV6, IPV6_FLOWLABEL_MGR, &req,
				sizeof(req))) {
			req.flr_action = IPV6_FL_A_PUT;
			setsockopt(self->tx, SOL_IPV6, IPV6_FLOWLABEL_MGR, &req,
				   sizeof(req));
		}})));
	/* Who takes part in it. */
	req.flr_action = IPV6_FL_A_GET;
	ASSERT_EQ(0, setsockopt(self->tx, SOL_IPV6, IPV6_FLOWLABEL_MGR, &req,
				sizeof(req)));
	req.flr_flags = 0;
	EXPECT_LT(1, SWEEP(setsockopt(other, SOL_IPV6, IPV6_FLOWLABEL_MGR, &req,
				      sizeof(req))));
	close(other);
}

/* A socket that speaks to somebody beyond a device with an MTU of 1500. */
static int far_socket(void)
{
	union addr to = loopback6(7002);
	int fd = udp_form(FORM_IN6);

	inet_pton(AF_INET6, "fd00::2", &to.in6.sin6_addr);
	if (fd < 0 ||
	    sh("ip link add d0 type dummy && ip link set d0 up") ||
	    (TESTING_TOY ?
	     sh("toy dev attach d0 && toy addr add fd00::1/64 dev d0 nodad") :
	     sh("ip addr add fd00::1/64 dev d0 nodad")) ||
	    connect(fd, &to.sa, sizeof(to.in6)))
		return -1;
	return fd;
}

TEST_F(fault6, path_mtu_note)
{
	int fd = far_socket();
	static char big[3000];

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_opt(fd, SOL_IPV6, IPV6_RECVPATHMTU, 1));
	ASSERT_EQ(0, set_opt(fd, SOL_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(0, set_opt(fd, SOL_IPV6, IPV6_DONTFRAG, 1));
	ASSERT_EQ(-EMSGSIZE, ERRNO(send(fd, big, sizeof(big), 0)));
	EXPECT_LT(1, SWEEP(send(fd, big, sizeof(big), 0)));
	close(fd);
}

TEST_F(fault6, fragments)
{
	int fd = far_socket();
	static char big[6000];

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(big), send(fd, big, sizeof(big), 0));
	/* One for each of them, at least. */
	EXPECT_LT(5, SWEEP(send(fd, big, sizeof(big), 0)));
	close(fd);
}

/* ---- Many at once, and without copying ------------------------------------ */

TEST_F(fault, segments)
{
	static char big[5000];

	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, LO, 7001));
	ASSERT_EQ(0, set_opt(self->tx, SOL_UDP, UDP_SEGMENT, 500));
	EXPECT_LT(1, SWEEP(send(self->tx, big, sizeof(big), 0)));
	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	EXPECT_LT(1, SWEEP(send(self->tx, big, sizeof(big), 0)));
	ASSERT_EQ(0, set_opt(self->tx, SOL_UDP, UDP_SEGMENT, 0));
}

static void completions(int fd)
{
	char control[200];
	struct msghdr msg = {
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	while (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		msg.msg_controllen = sizeof(control);
}

TEST_F(fault, zerocopy)
{
	static char big[20000];

	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, LO, 7001));
	if (set_opt(self->tx, SOL_SOCKET, SO_ZEROCOPY, 1))
		ASSERT_EQ(0, set_opt(self->tx, SOL_TOY, TOY_ZEROCOPY, 1));
	EXPECT_LT(1, SWEEP(({
		send(self->tx, big, sizeof(big), MSG_ZEROCOPY | MSG_DONTWAIT);
		completions(self->tx);
		})));
}

/* ---- Who looks -------------------------------------------------------------- */

static void ask_diag(int fd, int flags)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
		struct nlattr nla;
		struct inet_diag_bc_op prog[1];
	} a = {
		.nlh = {
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_len = sizeof(a),
			.nlmsg_flags = NLM_F_REQUEST | flags,
		},
		.req = {
			.sdiag_family = test_family(),
			.sdiag_protocol = IPPROTO_UDP, .idiag_states = ~0,
			.id.idiag_sport = htons(7001),
			.id.idiag_cookie = { ~0, ~0 },
		},
		.nla = { .nla_type = INET_DIAG_REQ_BYTECODE,
			 .nla_len = sizeof(a.nla) + sizeof(a.prog) },
		.prog = { { INET_DIAG_BC_NOP, 4, 0 } },
	};
	static char buf[32768];

	if (send(fd, &a, sizeof(a), 0) < 0)
		return;
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

TEST_F(fault, sock_diag)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	ASSERT_LE(0, fd);
	EXPECT_LT(2, SWEEP(ask_diag(fd, NLM_F_DUMP)));
	EXPECT_LT(2, SWEEP(ask_diag(fd, 0)));
	close(fd);
}

/* Somebody listens to what cannot be said: it is told that something is lost. */
TEST_F(fault, events_of_sockets)
{
	int quiet, listened;

	if (!TESTING_TOY)
		SKIP(return, "AF_TOY's own group");
	quiet = SWEEP(open_and_close(0));
	ASSERT_EQ(0, sh("toy ss -E >/dev/null 2>&1 & sleep 1"));
	listened = SWEEP(open_and_close(0));
	EXPECT_LT(quiet, listened);
	EXPECT_EQ(0, sh("pkill -x toy"));
}

TOY_TEST_MAIN
