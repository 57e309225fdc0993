// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many datagrams by one call (udp(7)): UDP_SEGMENT on the way out, UDP_GRO on
 * the way in.
 *
 * On loopback, and between this host and Linux's own stack behind a veth pair.
 * What a message was cut into is written as the lengths of what arrives:
 * "1000 1000 500"; with UDP_GRO "2500/1000" is 2500 bytes of datagrams of 1000.
 */
#include "toy_test.h"

#include <linux/sock_diag.h>

#define LO	"127.0.0.1"
#define THERE	"10.0.0.1"
#define HERE	"10.0.0.2"

#ifndef SOL_UDP
#define SOL_UDP	17
#endif

static char data[70000];

static void data_make(void)
{
	for (int i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 256;
}

/* A message with UDP_SEGMENT as a control message of @size bytes. */
static ssize_t send_cut_as(int fd, size_t len, int gso, size_t size, int flags)
{
	union {
		struct cmsghdr hdr;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { data, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = CMSG_SPACE(size),
	};
	uint16_t half = gso;

	control.hdr.cmsg_level = SOL_UDP;
	control.hdr.cmsg_type = UDP_SEGMENT;
	control.hdr.cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(&control.hdr), size == sizeof(half) ? (void *)&half :
								(void *)&gso, size);
	return ERRNO(sendmsg(fd, &msg, flags));
}

static ssize_t send_cut(int fd, size_t len, int gso)
{
	return send_cut_as(fd, len, gso, sizeof(uint16_t), 0);
}

/* One message; its length, and the segment size that came with it, or 0. */
static ssize_t recv_gro(int fd, void *to, size_t room, int flags, int *gro)
{
	union {
		struct cmsghdr hdr;
		char space[256];
	} control = {};
	struct iovec iov = { to, room };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	*gro = 0;
	if (!readable(fd))
		return -ETIMEDOUT;
	n = recvmsg(fd, &msg, flags | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(gro, CMSG_DATA(c), sizeof(*gro));
	return n;
}

/* All that arrives until @total bytes are there, in words; its data must be
 * that of data[], from the start.
 */
static const char *arrives(int fd, size_t total)
{
	static char words[4096], got[sizeof(data)];
	size_t at = 0, w = 0;
	ssize_t n;
	int gro;

	words[0] = 0;
	while (at < total) {
		n = recv_gro(fd, got, sizeof(got), 0, &gro);
		if (n < 0)
			return strerror(-n);
		if (at + n > sizeof(data) || memcmp(got, data + at, n))
			return "wrong data";
		at += n;
		w += snprintf(words + w, sizeof(words) - w, "%s%zd", w ? " " : "", n);
		if (gro)
			w += snprintf(words + w, sizeof(words) - w, "/%d", gro);
	}
	return silent(fd) ? words : "too much";
}

/* Loopback has a queue for each processor: who stays on one keeps the order. */
static int stay(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return sched_setaffinity(0, sizeof(one), &one);
}

static unsigned int drops_of(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_DROPS];
}

/* ---- Loopback ----------------------------------------------------------- */

FIXTURE(lo) {
	enum form f;
	int rx, tx, port;
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
	data_make();
	ASSERT_EQ(0, stay());
	ASSERT_LE(0, netns_new());
	self->rx = udp_form(self->f);
	self->tx = udp_form(self->f);
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, bind_to(self->rx, self->f, LO, 0));
	self->port = port_of(self->rx);
	ASSERT_EQ(0, connect_to(self->tx, self->f, LO, self->port));
}

FIXTURE_TEARDOWN(lo)
{
	close(self->rx);
	close(self->tx);
}

TEST_F(lo, options)
{
	static const struct {
		int name, value, ret, after;
	} table[] = {
		{ UDP_SEGMENT, 1000, 0, 1000 },
		{ UDP_SEGMENT, -1, -EINVAL, 1000 },
		{ UDP_SEGMENT, 65536, -EINVAL, 1000 },
		{ UDP_SEGMENT, 65535, 0, 65535 },
		{ UDP_SEGMENT, 0, 0, 0 },
		{ UDP_GRO, 1, 0, 1 },
		{ UDP_GRO, 0, 0, 0 },
		{ UDP_GRO, 7, 0, 1 },
	};
	int i, one = 1;

	EXPECT_EQ(0, get_opt(self->tx, SOL_UDP, UDP_SEGMENT));
	EXPECT_EQ(0, get_opt(self->tx, SOL_UDP, UDP_GRO));
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		EXPECT_EQ(table[i].ret, ERRNO(set_opt(self->tx, SOL_UDP,
						      table[i].name,
						      table[i].value)));
		EXPECT_EQ(table[i].after, get_opt(self->tx, SOL_UDP,
						  table[i].name));
	}
	EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->tx, SOL_UDP, UDP_SEGMENT, &one,
					    2)));
}

TEST_F(lo, cut_by_option)
{
	ASSERT_EQ(0, set_opt(self->tx, SOL_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(3500, send(self->tx, data, 3500, 0));
	EXPECT_STREQ("1000 1000 1000 500", arrives(self->rx, 3500));
	ASSERT_EQ(2000, send(self->tx, data, 2000, 0));
	EXPECT_STREQ("1000 1000", arrives(self->rx, 2000));
	/* What is not longer is not cut. */
	ASSERT_EQ(1000, send(self->tx, data, 1000, 0));
	EXPECT_STREQ("1000", arrives(self->rx, 1000));
	ASSERT_EQ(1, send(self->tx, data, 1, 0));
	EXPECT_STREQ("1", arrives(self->rx, 1));
	ASSERT_EQ(0, send(self->tx, data, 0, 0));
	EXPECT_EQ(0, recv_now(self->rx, data, 1, 0));
}

TEST_F(lo, cut_by_message)
{
	EXPECT_EQ(3500, send_cut(self->tx, 3500, 1200));
	EXPECT_STREQ("1200 1200 1100", arrives(self->rx, 3500));
	/* The message's own word counts. */
	ASSERT_EQ(0, set_opt(self->tx, SOL_UDP, UDP_SEGMENT, 100));
	EXPECT_EQ(500, send_cut(self->tx, 500, 300));
	EXPECT_STREQ("300 200", arrives(self->rx, 500));
	EXPECT_EQ(500, send_cut(self->tx, 500, 0));
	EXPECT_STREQ("500", arrives(self->rx, 500));
}

TEST_F(lo, malformed_message)
{
	EXPECT_EQ(-EINVAL, send_cut_as(self->tx, 500, 100, sizeof(int), 0));
	EXPECT_EQ(-EINVAL, send_cut_as(self->tx, 500, 100, 1, 0));
	EXPECT_TRUE(silent(self->rx));
}

/* As many as 128, of 64 KB in all. */
TEST_F(lo, limits)
{
	const int room = test_v6() ? 65527 : 65507;

	EXPECT_EQ(128, send_cut(self->tx, 128, 1));
	EXPECT_EQ(-EINVAL, send_cut(self->tx, 129, 1));
	EXPECT_EQ(-EMSGSIZE, send_cut(self->tx, room + 1, 1000));
	EXPECT_EQ(room, send_cut(self->tx, room, 1000));
}

TEST_F(lo, large_and_whole)
{
	const int n = 60000;
	char words[1024] = "";
	int i, w = 0;

	for (i = 0; i < n; i += 8000)
		w += sprintf(words + w, "%s%d", w ? " " : "",
			     n - i < 8000 ? n - i : 8000);
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20));
	ASSERT_EQ(n, send_cut(self->tx, n, 8000));
	EXPECT_STREQ(words, arrives(self->rx, n));
	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(n, send_cut(self->tx, n, 8000));
	snprintf(words, sizeof(words), "%d/8000", n);
	EXPECT_STREQ(words, arrives(self->rx, n));
}

TEST_F(lo, without_checksums)
{
	V4_ONLY("SO_NO_CHECK");
	ASSERT_EQ(0, set_opt(self->tx, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_EQ(-EINVAL, send_cut(self->tx, 500, 100));
}

TEST_F(lo, more_joins_then_it_is_cut)
{
	EXPECT_EQ(700, send_cut_as(self->tx, 700, 500, 2, MSG_MORE));
	EXPECT_TRUE(silent(self->rx));
	EXPECT_EQ(800, send(self->tx, data + 700, 800, 0));
	EXPECT_STREQ("500 500 500", arrives(self->rx, 1500));
	/* Too many of them: found when it is complete. */
	EXPECT_EQ(100, send_cut_as(self->tx, 100, 1, 2, MSG_MORE));
	EXPECT_EQ(-EINVAL, ERRNO(send(self->tx, data, 100, 0)));
	EXPECT_TRUE(silent(self->rx));
}

TEST_F(lo, read_whole)
{
	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(3500, send_cut(self->tx, 3500, 1000));
	EXPECT_STREQ("3500/1000", arrives(self->rx, 3500));
	/* One datagram is one datagram. */
	ASSERT_EQ(900, send_cut(self->tx, 900, 1000));
	EXPECT_STREQ("900", arrives(self->rx, 900));
	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 0));
	ASSERT_EQ(3500, send_cut(self->tx, 3500, 1000));
	EXPECT_STREQ("1000 1000 1000 500", arrives(self->rx, 3500));
}

/* What a reader has no room for is lost, all of it. */
TEST_F(lo, read_whole_in_part)
{
	char small[100];
	int gro;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(3500, send_cut(self->tx, 3500, 1000));
	EXPECT_EQ(3500, recv_gro(self->rx, small, 100, MSG_PEEK | MSG_TRUNC, &gro));
	EXPECT_EQ(1000, gro);
	EXPECT_EQ(100, recv_gro(self->rx, small, 100, 0, &gro));
	EXPECT_EQ(0, memcmp(small, data, 100));
	EXPECT_TRUE(silent(self->rx));
}

static void send_pieces(int fd, const int *len)
{
	size_t at = 0;

	for (; *len; len++) {
		send(fd, data + at, *len, 0);
		at += *len;
	}
}

/* Single datagrams are joined while they wait: AF_TOY's way, where AF_INET has
 * the device's GRO only.
 */
TEST_F(lo, joined_while_waiting)
{
	static const struct {
		int len[8];
		const char *words;
	} table[] = {
		{ { 100, 100, 100 }, "300/100" },
		{ { 100, 100, 50, 100 }, "250/100 100" },
		{ { 100, 200, 200, 200 }, "100 600/200" },
		{ { 100, 50, 50 }, "150/100 50" },
		{ { 5000, 5000, 1 }, "10001/5000" },
	};
	size_t total;
	int i, k;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		for (total = 0, k = 0; table[i].len[k]; k++)
			total += table[i].len[k];
		send_pieces(self->tx, table[i].len);
		if (TESTING_TOY) {
			EXPECT_STREQ(table[i].words, arrives(self->rx, total));
		} else {
			EXPECT_STRNE("wrong data", arrives(self->rx, total));
		}
	}
}

TEST_F(lo, joined_to_what_came_whole)
{
	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(2000, send_cut(self->tx, 2000, 1000));
	ASSERT_EQ(1000, send(self->tx, data + 2000, 1000, 0));
	EXPECT_STREQ(TESTING_TOY ? "3000/1000" : "2000/1000 1000",
		     arrives(self->rx, 3000));
}

TEST_F(lo, at_most_64_are_joined)
{
	char words[64];
	int i;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(10, send(self->tx, data + 10 * i, 10, 0));
	snprintf(words, sizeof(words), "%.60s", arrives(self->rx, 1000));
	if (TESTING_TOY) {
		EXPECT_STREQ("640/10 360/10", words);
	} else {
		EXPECT_STRNE("wrong data", words);
	}
}

/* Nothing that a control message tells may get lost. */
TEST_F(lo, other_flows_are_not_joined)
{
	int other = udp_form(self->f), i;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(0, connect_to(other, self->f, LO, self->port));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(100, send(i % 2 ? other : self->tx, data + 100 * i,
				    100, 0));
	EXPECT_STREQ("100 100 100 100", arrives(self->rx, 400));
	close(other);

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IP, IP_TOS, i << 3));
		if (test_v6() || self->f != FORM_IN)
			set_opt(self->tx, IPPROTO_IPV6, IPV6_TCLASS, i << 3);
		ASSERT_EQ(100, send(self->tx, data + 100 * i, 100, 0));
	}
	EXPECT_STREQ("100 100 100", arrives(self->rx, 300));
}

TEST_F(lo, peeking_keeps_it_as_it_is)
{
	char got[4000];
	int gro;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(100, send(self->tx, data, 100, 0));
	EXPECT_EQ(100, recv_gro(self->rx, got, sizeof(got), MSG_PEEK, &gro));
	ASSERT_EQ(100, send(self->tx, data + 100, 100, 0));
	if (TESTING_TOY) {
		EXPECT_EQ(200, recv_gro(self->rx, got, sizeof(got), MSG_PEEK, &gro));
		EXPECT_EQ(100, gro);
		EXPECT_STREQ("200/100", arrives(self->rx, 200));
	} else {
		EXPECT_STREQ("100 100", arrives(self->rx, 200));
	}
}

/* The receive buffer bounds it, and what is lost is counted. */
TEST_F(lo, buffer_is_a_limit)
{
	size_t got = 0;
	ssize_t n;
	int gro, i;

	ASSERT_EQ(0, set_opt(self->rx, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_RCVBUF, 4096));
	for (i = 0; i < 200; i++)
		ASSERT_EQ(100, send(self->tx, data, 100, 0));
	EXPECT_LT(0, drops_of(self->rx));
	while (!silent(self->rx)) {
		n = recv_gro(self->rx, data, sizeof(data), 0, &gro);
		ASSERT_LT(0, n);
		got += n;
	}
	EXPECT_EQ(200, got / 100 + drops_of(self->rx));
	/* All of it was given back. */
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(100, send(self->tx, data, 100, 0));
		EXPECT_EQ(100, recv_now(self->rx, data, sizeof(data), 0));
	}
}

TEST_F(lo, sendmmsg_of_cut_messages)
{
	struct iovec iov[3] = {
		{ data, 1000 }, { data + 1000, 1000 }, { data + 2000, 300 },
	};
	struct mmsghdr mm[3] = {};
	int i;

	for (i = 0; i < 3; i++) {
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_EQ(0, set_opt(self->tx, SOL_UDP, UDP_SEGMENT, 400));
	ASSERT_EQ(3, sendmmsg(self->tx, mm, 3, 0));
	EXPECT_EQ(1000, mm[0].msg_len);
	EXPECT_STREQ("400 400 200 400 400 200 300", arrives(self->rx, 2300));
}

/* ---- Two hosts ---------------------------------------------------------- */

FIXTURE(net) {
	struct pair p;
	int there, here;	/* connected with each other */
};

FIXTURE_SETUP(net)
{
	data_make();
	ASSERT_EQ(0, pair_make(&self->p));
	self->there = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN, THERE, 0));
	self->here = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(self->here, FORM_IN, HERE, 0));
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE,
				port_of(self->there)));
	ASSERT_EQ(0, connect_to(self->there, FORM_IN, HERE,
				port_of(self->here)));
}

FIXTURE_TEARDOWN(net)
{
	close(self->there);
	close(self->here);
}

TEST_F(net, cut_for_linux)
{
	ASSERT_EQ(3500, send_cut(self->here, 3500, 1000));
	EXPECT_STREQ("1000 1000 1000 500", arrives(self->there, 3500));
	ASSERT_EQ(0, set_opt(self->there, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(3500, send_cut(self->here, 3500, 1000));
	EXPECT_STREQ("3500/1000", arrives(self->there, 3500));
}

/* The core cuts it and fills the checksums in. */
TEST_F(net, cut_in_software)
{
	if (sh("command -v ethtool"))
		SKIP(return, "no ethtool");
	ASSERT_EQ(0, sh("ethtool -K veth1 tx-udp-segmentation off tx off"));
	ASSERT_EQ(3500, send_cut(self->here, 3500, 1000));
	EXPECT_STREQ("1000 1000 1000 500", arrives(self->there, 3500));
	ASSERT_EQ(0, sh("ethtool -K veth1 sg off"));
	ASSERT_EQ(30000, send_cut(self->here, 30000, 1400));
	arrives(self->there, 30000);
}

/* Every datagram must fit into the MTU: none is fragmented. */
TEST_F(net, fits_into_the_link)
{
	const int fits = test_v6() ? 1452 : 1472;

	ASSERT_EQ(3000, send_cut(self->here, 3000, fits));
	EXPECT_STREQ(test_v6() ? "1452 1452 96" : "1472 1472 56",
		     arrives(self->there, 3000));
	EXPECT_EQ(-EMSGSIZE, send_cut(self->here, 3000, fits + 1));
	/* Not longer than a segment, but than the link. */
	EXPECT_EQ(-EMSGSIZE, send_cut(self->here, fits + 1, 3000));
	EXPECT_EQ(fits, send_cut(self->here, fits, 3000));
	/* Without it this would be two fragments. */
	EXPECT_EQ(fits + 1, send_cut(self->here, fits + 1, 0));
}

TEST_F(net, linux_cuts)
{
	ASSERT_EQ(3500, send_cut(self->there, 3500, 1000));
	EXPECT_STREQ("1000 1000 1000 500", arrives(self->here, 3500));
	ASSERT_EQ(0, set_opt(self->here, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(3500, send_cut(self->there, 3500, 1000));
	EXPECT_STREQ("3500/1000", arrives(self->here, 3500));
}

/* Each socket gets it as it asked for. */
TEST_F(net, groups_get_their_own_shape)
{
	int whole = udp_form(FORM_IN), i;

	V4_ONLY("broadcast");
	close(self->here);
	self->here = udp_form(FORM_IN);
	for (i = 0; i < 2; i++) {
		int fd = i ? whole : self->here;

		ASSERT_EQ(0, set_opt(fd, SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, bind_to(fd, FORM_IN, "10.0.0.255", 4000));
	}
	ASSERT_EQ(0, set_opt(whole, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(0, connect_to(self->there, FORM_IN, "10.0.0.255", 4000));
	ASSERT_EQ(2500, send_cut(self->there, 2500, 1000));
	EXPECT_STREQ("1000 1000 500", arrives(self->here, 2500));
	EXPECT_STREQ("2500/1000", arrives(whole, 2500));
	close(whole);
}

TOY_TEST_MAIN
