// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ping sockets, socket(family, SOCK_DGRAM, IPPROTO_ICMP), as a program sees
 * them. The program writes an echo request, header included; the kernel fills
 * in identifier and checksum and gives back the replies to this identifier.
 */
#include "toy_test.h"

#include <grp.h>
#include <linux/errqueue.h>
#include <netinet/ip_icmp.h>

/* The kernel knows it, the C library does not. */
#ifndef MSG_PROBE
#define MSG_PROBE	0x10
#endif

#define HERE	"10.0.0.2"
#define THERE	"10.0.0.1"
#define LO	"127.0.0.1"

struct echo {
	struct icmphdr	hdr;
	char		data[1472];
};

FIXTURE(ping) {
	struct pair p;
	enum form f;
	int fd;
};

FIXTURE_VARIANT(ping) {
	enum form form;
};

FIXTURE_VARIANT_ADD(ping, in)	{ .form = FORM_IN };
FIXTURE_VARIANT_ADD(ping, in6)	{ .form = FORM_IN6 };
FIXTURE_VARIANT_ADD(ping, toy)	{ .form = FORM_TOY };

FIXTURE_SETUP(ping)
{
	self->f = variant->form;
	if (!TESTING_TOY && self->f != FORM_IN)
		SKIP(return, "the control has no such form");
	ASSERT_EQ(0, pair_make(&self->p));
	ASSERT_EQ(0, sysctl_write("ping_group_range", "0 100000"));
	self->fd = sock_form(self->f, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, self->fd) TH_LOG("no socket: %s", strerror(errno));
}

FIXTURE_TEARDOWN(ping)
{
	close(self->fd);
}

static struct echo request(int seq)
{
	struct echo e = {
		.hdr = {
			.type = ICMP_ECHO,
			.un.echo = { .id = htons(0xdead),
				     .sequence = htons(seq) },
			.checksum = 0xbeef,
		},
	};
	int i;

	for (i = 0; i < sizeof(e.data); i++)
		e.data[i] = i + seq;
	return e;
}

static ssize_t ping_to(int fd, enum form form, const char *ip,
		       const struct echo *e, size_t data)
{
	return send_to(fd, form, ip, 0, e, sizeof(e->hdr) + data);
}

/* There and back: the reply is the request with another type, the kernel's
 * identifier and a right checksum.
 */
static int round_trip(int fd, enum form form, const char *ip, int seq,
		      size_t data)
{
	struct echo out = request(seq), in = {};
	ssize_t len;

	len = ERRNO(ping_to(fd, form, ip, &out, data));
	if (len != sizeof(out.hdr) + data)
		return len < 0 ? len : -EIO;
	len = recv_now(fd, &in, sizeof(in), 0);
	if (len != sizeof(in.hdr) + data)
		return len < 0 ? len : -EBADMSG;
	if (in.hdr.type != ICMP_ECHOREPLY || in.hdr.code ||
	    in.hdr.un.echo.sequence != htons(seq) ||
	    ntohs(in.hdr.un.echo.id) != port_of(fd) ||
	    memcmp(in.data, out.data, data))
		return -EPROTO;
	return 0;
}

TEST_F(ping, of_linux)
{
	EXPECT_EQ(0, round_trip(self->fd, self->f, THERE, 1, 56));
	EXPECT_EQ(0, round_trip(self->fd, self->f, THERE, 2, 0));
}

TEST_F(ping, of_this_host)
{
	EXPECT_EQ(0, round_trip(self->fd, self->f, LO, 1, 56));
	EXPECT_EQ(0, round_trip(self->fd, self->f, HERE, 2, 56));
}

TEST_F(ping, every_size)
{
	int len;

	for (len = 0; len <= 1472; len++)
		ASSERT_EQ(0, round_trip(self->fd, self->f, THERE, len, len)) {
			TH_LOG("%d bytes", len);
		}
}

TEST_F(ping, replies_have_a_sender)
{
	union addr a = {};
	socklen_t len = sizeof(a);
	struct echo e = request(1);

	ASSERT_EQ(8, ping_to(self->fd, self->f, THERE, &e, 0));
	ASSERT_TRUE(readable(self->fd));
	ASSERT_EQ(8, recvfrom(self->fd, &e, sizeof(e), 0, &a.sa, &len));
	EXPECT_EQ(form_af(self->f), a.sa.sa_family);
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_STREQ(THERE ":0", addr_str(&a));
}

TEST_F(ping, what_it_is)
{
	EXPECT_EQ(SOCK_DGRAM, get_opt(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(TESTING_TOY ? TOYPROTO_ICMP : IPPROTO_ICMP,
		  get_opt(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(test_family(), get_opt(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(listen(self->fd, 1)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(accept(self->fd, NULL, NULL)));
}

/* ---- Identifiers -------------------------------------------------------- */

/* The identifier takes the place of the port. */
TEST_F(ping, bind_chooses_the_identifier)
{
	struct echo e = request(1);
	int other;

	ASSERT_EQ(0, bind_to(self->fd, self->f, HERE, 4711));
	EXPECT_STREQ(HERE ":4711", name_of(self->fd));
	ASSERT_EQ(8, ping_to(self->fd, self->f, THERE, &e, 0));
	ASSERT_EQ(8, recv_now(self->fd, &e, sizeof(e), 0));
	EXPECT_EQ(4711, ntohs(e.hdr.un.echo.id));

	/* Ping sockets are born with SO_REUSEADDR. */
	EXPECT_EQ(1, get_opt(self->fd, SOL_SOCKET, SO_REUSEADDR));
	other = sock_form(self->f, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_EQ(0, set_opt(other, SOL_SOCKET, SO_REUSEADDR, 0));
	EXPECT_EQ(-EADDRINUSE, ERRNO(bind_to(other, self->f, HERE, 4711)));
	EXPECT_EQ(0, bind_to(other, self->f, HERE, 4712));
}

TEST_F(ping, bind_errors)
{
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(self->fd, self->f,
						"203.0.113.1", 0)));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(self->fd, self->f, THERE, 0)));
	EXPECT_EQ(0, bind_to(self->fd, self->f, "0.0.0.0", 0));
	EXPECT_LT(0, port_of(self->fd));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->fd, self->f, HERE, 1)));
}

TEST_F(ping, low_identifiers_need_no_privilege)
{
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(1000, 1000, 1000));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	EXPECT_EQ(0, bind_to(self->fd, self->f, HERE, 1));
}

/* Two sockets, interleaved: each reply finds its own. */
TEST_F(ping, replies_find_their_socket)
{
	int other = sock_form(self->f, SOCK_DGRAM, IPPROTO_ICMP);
	struct echo a = request(1), b = request(2);

	ASSERT_EQ(8, ping_to(self->fd, self->f, THERE, &a, 0));
	ASSERT_EQ(8, ping_to(other, self->f, THERE, &b, 0));
	EXPECT_NE(port_of(self->fd), port_of(other));
	ASSERT_EQ(8, recv_now(self->fd, &a, sizeof(a), 0));
	EXPECT_EQ(1, ntohs(a.hdr.un.echo.sequence));
	ASSERT_EQ(8, recv_now(other, &b, sizeof(b), 0));
	EXPECT_EQ(2, ntohs(b.hdr.un.echo.sequence));
	EXPECT_TRUE(silent(self->fd));
	EXPECT_TRUE(silent(other));
}

TEST_F(ping, connected)
{
	struct echo e = request(1);

	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->fd, &e, 8, 0)));
	ASSERT_EQ(0, connect_to(self->fd, self->f, THERE, 1));
	EXPECT_STREQ(THERE ":1", peer_of(self->fd));
	EXPECT_EQ(8, send(self->fd, &e, 8, 0));
	EXPECT_EQ(8, recv_now(self->fd, &e, sizeof(e), 0));
	ASSERT_EQ(0, disconnect(self->fd));
	e = request(2);
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->fd, &e, 8, 0)));
}

/* ---- What it refuses ---------------------------------------------------- */

TEST_F(ping, only_echo_requests)
{
	static const struct { int type, code; } bad[] = {
		{ ICMP_ECHOREPLY, 0 }, { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH },
		{ ICMP_REDIRECT, 0 }, { ICMP_ECHO, 1 }, { ICMP_ECHO, 255 },
		{ ICMP_TIMESTAMP, 0 }, { 128, 0 }, { 255, 0 },
	};
	struct echo e = request(1);
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		e.hdr.type = bad[i].type;
		e.hdr.code = bad[i].code;
		EXPECT_EQ(-EINVAL, ERRNO(ping_to(self->fd, self->f, THERE, &e,
						 8))) {
			TH_LOG("type %d code %d", bad[i].type, bad[i].code);
		}
	}
}

TEST_F(ping, short_and_long)
{
	static char big[70000] = { ICMP_ECHO };
	struct echo e = request(1);
	int len;

	for (len = 0; len < 8; len++)
		EXPECT_EQ(-EINVAL, ERRNO(send_to(self->fd, self->f, THERE, 0,
						 &e, len)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, self->f, THERE, 0, big,
					   65536)));
	set_opt(self->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, self->f, THERE, 0, big,
					   1481)));
	EXPECT_EQ(0, round_trip(self->fd, self->f, THERE, 1, 1472));
}

TEST_F(ping, flags_and_pointers)
{
	struct echo e = request(1);

	ASSERT_EQ(0, connect_to(self->fd, self->f, THERE, 0));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(send(self->fd, &e, 8, MSG_OOB)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(recv(self->fd, &e, 8, MSG_OOB)));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, &e, 8, MSG_DONTWAIT)));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, &e, 8, MSG_ERRQUEUE)));
	EXPECT_EQ(-EFAULT, ERRNO(send(self->fd, (void *)1, 8, 0)));
	EXPECT_EQ(0, round_trip(self->fd, self->f, THERE, 1, 8));
}

TEST_F(ping, probe_sends_nothing)
{
	struct echo e = request(1);

	ASSERT_EQ(0, connect_to(self->fd, self->f, THERE, 0));
	EXPECT_EQ(8, send(self->fd, &e, 8, MSG_PROBE));
	EXPECT_TRUE(silent(self->fd));
}

TEST_F(ping, destinations)
{
	struct echo e = request(1);

	EXPECT_EQ(-ENETUNREACH, ERRNO(ping_to(self->fd, self->f, "203.0.113.1",
					      &e, 0)));
	EXPECT_EQ(-EACCES, ERRNO(ping_to(self->fd, self->f, "10.0.0.255", &e,
					 0)));
	ASSERT_EQ(0, set_opt(self->fd, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_EQ(8, ping_to(self->fd, self->f, "10.0.0.255", &e, 0));
}

/* ---- Reading ------------------------------------------------------------ */

TEST_F(ping, peek_and_truncate)
{
	struct echo e = request(1);
	struct iovec iov = { &e, 8 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(40, ping_to(self->fd, self->f, THERE, &e, 32));
	ASSERT_EQ(40, recv_now(self->fd, &e, sizeof(e), MSG_PEEK));
	ASSERT_EQ(8, recvmsg(self->fd, &msg, 0));
	EXPECT_TRUE(msg.msg_flags & MSG_TRUNC);
	EXPECT_TRUE(silent(self->fd));
}

TEST_F(ping, poll_events)
{
	struct echo e = request(1);

	EXPECT_EQ(POLLOUT, poll_for(self->fd, POLLIN | POLLOUT, 0));
	ASSERT_EQ(8, ping_to(self->fd, self->f, THERE, &e, 0));
	ASSERT_EQ(POLLIN, poll_for(self->fd, POLLIN, DEADLINE_MS));
	ASSERT_EQ(8, recv(self->fd, &e, sizeof(e), 0));
	EXPECT_EQ(POLLOUT, poll_for(self->fd, POLLIN | POLLOUT, 0));
}

/* ---- Who may ------------------------------------------------------------ */

static int as_group(gid_t gid)
{
	int fd;

	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(1000, 1000, 1000))
		return -errno;
	fd = socket(test_family(), SOCK_DGRAM, IPPROTO_ICMP);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

TEST_F(ping, group_range_admits)
{
	ASSERT_EQ(0, sysctl_write("ping_group_range", "1000 1002"));
	EXPECT_EQ(0, as_group(1002));
}

TEST_F(ping, group_range_refuses)
{
	ASSERT_EQ(0, sysctl_write("ping_group_range", "1000 1002"));
	EXPECT_EQ(-EACCES, as_group(1003));
}

/* Root is a group like another. */
TEST_F(ping, group_range_refuses_root)
{
	ASSERT_EQ(0, sysctl_write("ping_group_range", "1000 1002"));
	EXPECT_EQ(-EACCES, ERRNO(socket(test_family(), SOCK_DGRAM,
					IPPROTO_ICMP)));
}

TEST_F(ping, group_range_starts_empty)
{
	char text[64];

	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, sysctl_read("ping_group_range", text, sizeof(text)));
	EXPECT_STREQ("1\t0\n", text);
	EXPECT_EQ(-EACCES, ERRNO(socket(test_family(), SOCK_DGRAM,
					IPPROTO_ICMP)));
}

TOY_TEST_MAIN
