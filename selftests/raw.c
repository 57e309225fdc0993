// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw sockets, socket(family, SOCK_RAW, protocol), as a program sees them
 * (raw(7)). Protocol 200 is nobody's, so that no protocol handler has a say.
 */
#include "toy_test.h"

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/ip.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#define HERE	"10.0.0.2"
#define THERE	"10.0.0.1"
#define LO	"127.0.0.1"
#define PROTO	200

#ifndef ICMP_FILTER
#define ICMP_FILTER	1
#endif

struct packet {
	struct iphdr	ip;
	char		data[2000];
};

FIXTURE(raw) {
	struct pair p;
	enum form f;
	int fd;		/* under test, protocol 200 */
	int there;	/* the other end, AF_INET's */
};

FIXTURE_VARIANT(raw) {
	enum form form;
};

FIXTURE_VARIANT_ADD(raw, in)	{ .form = FORM_IN };
FIXTURE_VARIANT_ADD(raw, in6)	{ .form = FORM_IN6 };
FIXTURE_VARIANT_ADD(raw, toy)	{ .form = FORM_TOY };

FIXTURE_SETUP(raw)
{
	self->f = variant->form;
	/* AF_INET6's raw sockets know no mapped addresses. */
	if (!TESTING_TOY && self->f != FORM_IN)
		SKIP(return, "the control has no such form");
	ASSERT_EQ(0, pair_make(&self->p));
	self->fd = sock_form(self->f, SOCK_RAW, PROTO);
	ASSERT_LE(0, self->fd) TH_LOG("no socket: %s", strerror(errno));
	self->there = socket_in(self->p.a, self->p.b, AF_INET, SOCK_RAW, PROTO);
	ASSERT_LE(0, self->there);
}

FIXTURE_TEARDOWN(raw)
{
	close(self->fd);
	close(self->there);
}

/* A packet of LEN bytes of data, its header checked. */
static int got_data(int fd, const char *from, const char *to, int protocol,
		    const void *data, size_t len)
{
	struct packet in = {};
	ssize_t n = recv_now(fd, &in, sizeof(in), 0);

	if (n < 0)
		return n;
	if (n != sizeof(in.ip) + len || in.ip.version != 4 || in.ip.ihl != 5 ||
	    ntohs(in.ip.tot_len) != n || in.ip.protocol != protocol ||
	    in.ip.saddr != inet_addr(from) || in.ip.daddr != inet_addr(to))
		return -EPROTO;
	return memcmp(in.data, data, len) ? -EBADMSG : 0;
}

static uint16_t checksum(const void *data, size_t len)
{
	const unsigned char *p = data;
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* ---- socket(2) ------------------------------------------------------------ */

static int raw_errno(int protocol)
{
	int fd = socket(test_family(), SOCK_RAW, protocol);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

TEST(protocols)
{
	ASSERT_LE(0, netns_new());
	EXPECT_EQ(-EPROTONOSUPPORT, raw_errno(0));
	EXPECT_EQ(-EINVAL, raw_errno(-1));
	EXPECT_EQ(-EINVAL, raw_errno(5000));
	EXPECT_EQ(0, raw_errno(1));
	EXPECT_EQ(0, raw_errno(IPPROTO_TCP));
	EXPECT_EQ(0, raw_errno(IPPROTO_UDP));
	EXPECT_EQ(0, raw_errno(255));
	EXPECT_EQ(0, raw_errno(256));
}

TEST(needs_cap_net_raw)
{
	struct __user_cap_header_struct hdr = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, syscall(SYS_capget, &hdr, data));
	data[0].effective &= ~(1 << CAP_NET_RAW);
	ASSERT_EQ(0, syscall(SYS_capset, &hdr, data));
	EXPECT_EQ(-EPERM, raw_errno(PROTO));
	EXPECT_EQ(-EPROTONOSUPPORT, raw_errno(0));
}

TEST_F(raw, header_included)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_RAW);

	EXPECT_EQ(1, get_opt(fd, IPPROTO_IP, IP_HDRINCL));
	EXPECT_EQ(0, get_opt(self->fd, IPPROTO_IP, IP_HDRINCL));
	EXPECT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 7));
	EXPECT_EQ(1, get_opt(self->fd, IPPROTO_IP, IP_HDRINCL));
	close(fd);
	fd = udp_form(self->f);
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(fd, IPPROTO_IP, IP_HDRINCL, 1)));
	close(fd);
}

TEST_F(raw, does_not_listen)
{
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(listen(self->fd, 1)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(accept(self->fd, NULL, NULL)));
	EXPECT_EQ(-ENOTCONN, ERRNO(shutdown(self->fd, SHUT_RD)));
}

/* ---- there and back ------------------------------------------------------- */

TEST_F(raw, to_linux)
{
	EXPECT_EQ(5, send_to(self->fd, self->f, THERE, 0, "hello", 5));
	EXPECT_EQ(0, got_data(self->there, HERE, THERE, PROTO, "hello", 5));
	/* IPv4 does not look at the port. */
	EXPECT_EQ(0, send_to(self->fd, self->f, THERE, 77, "", 0));
	EXPECT_EQ(0, got_data(self->there, HERE, THERE, PROTO, "", 0));
}

TEST_F(raw, from_linux)
{
	EXPECT_EQ(5, send_to(self->there, FORM_IN, HERE, 0, "hello", 5));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "hello", 5));
}

TEST_F(raw, every_size)
{
	static char data[1480];
	int len;

	for (len = 0; len < sizeof(data); len++)
		data[len] = len * 7;
	for (len = 0; len <= sizeof(data); len++) {
		ASSERT_EQ(len, send_to(self->fd, self->f, THERE, 0, data, len));
		ASSERT_EQ(0, got_data(self->there, HERE, THERE, PROTO, data, len));
		ASSERT_EQ(len, send_to(self->there, FORM_IN, HERE, 0, data, len));
		ASSERT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, data, len));
	}
}

TEST_F(raw, of_this_host)
{
	int fd = sock_form(self->f, SOCK_RAW, PROTO);

	EXPECT_EQ(3, send_to(self->fd, self->f, LO, 0, "one", 3));
	EXPECT_EQ(0, got_data(fd, LO, LO, PROTO, "one", 3));
	/* The sender wants protocol 200 as well. */
	EXPECT_EQ(0, got_data(self->fd, LO, LO, PROTO, "one", 3));
	EXPECT_EQ(3, send_to(self->fd, self->f, HERE, 0, "two", 3));
	EXPECT_EQ(0, got_data(fd, HERE, HERE, PROTO, "two", 3));
	close(fd);
}

TEST_F(raw, a_copy_for_everybody)
{
	int more[4], i;

	for (i = 0; i < 4; i++)
		more[i] = sock_form(self->f, SOCK_RAW, PROTO);
	EXPECT_EQ(4, send_to(self->there, FORM_IN, HERE, 0, "copy", 4));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, got_data(more[i], THERE, HERE, PROTO, "copy", 4));
		close(more[i]);
	}
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "copy", 4));
}

TEST_F(raw, udp_is_heard_by_both)
{
	int raw = sock_form(self->f, SOCK_RAW, IPPROTO_UDP);
	int udp = udp_form(self->f);
	int peer = socket_in(self->p.a, self->p.b, AF_INET, SOCK_DGRAM, 0);
	struct packet in;
	char data[8];

	ASSERT_EQ(0, bind_to(udp, self->f, HERE, 7000));
	ASSERT_EQ(3, send_to(peer, FORM_IN, HERE, 7000, "udp", 3));
	EXPECT_EQ(3, recv_now(udp, data, sizeof(data), 0));
	EXPECT_EQ(31, recv_now(raw, &in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in.data + 8, "udp", 3));
	EXPECT_TRUE(silent(self->fd));
	close(raw);
	close(udp);
	close(peer);
}

/* ---- who gets it ---------------------------------------------------------- */

TEST_F(raw, bound_to_an_address)
{
	ASSERT_EQ(0, bind_to(self->fd, self->f, LO, 0));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "1", 1));
	EXPECT_TRUE(silent(self->fd));
	/* As often as one likes. */
	ASSERT_EQ(0, bind_to(self->fd, self->f, HERE, 0));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "2", 1));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "2", 1));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(self->fd, self->f, "10.9.9.9", 0)));
	/* The port of a raw socket is its protocol. */
	EXPECT_STREQ("10.0.0.2:200", name_of(self->fd));
}

TEST_F(raw, connected)
{
	ASSERT_EQ(0, connect_to(self->fd, self->f, LO, 5));
	EXPECT_STREQ("127.0.0.1:5", peer_of(self->fd));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "1", 1));
	EXPECT_TRUE(silent(self->fd));
	close(self->fd);
	self->fd = sock_form(self->f, SOCK_RAW, PROTO);
	ASSERT_EQ(0, connect_to(self->fd, self->f, THERE, 5));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "2", 1));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "2", 1));
	EXPECT_EQ(2, send(self->fd, "up", 2, 0));
	EXPECT_EQ(0, got_data(self->there, HERE, THERE, PROTO, "up", 2));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->fd, self->f, HERE, 0)));
	EXPECT_EQ(0, disconnect(self->fd));
	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->fd, "up", 2, 0)));
	/* AF_INET's socket never hears anything again. */
	if (!TESTING_TOY)
		return;
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "3", 1));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "3", 1));
}

TEST_F(raw, bound_to_a_device)
{
	int other = sock_form(self->f, SOCK_RAW, PROTO);

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "veth1", 5));
	ASSERT_EQ(0, setsockopt(other, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "1", 1));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "1", 1));
	EXPECT_TRUE(silent(other));
	close(other);
}

TEST_F(raw, other_protocols)
{
	int other = sock_form(self->f, SOCK_RAW, PROTO + 1);

	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "1", 1));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "1", 1));
	EXPECT_TRUE(silent(other));
	close(other);
}

/* An unknown protocol is refused, RFC 1122 3.2.2.1, unless somebody listens. */
TEST_F(raw, protocol_unreachable)
{
	char byte;

	ASSERT_EQ(0, connect_to(self->there, FORM_IN, HERE, 0));
	EXPECT_EQ(1, send(self->there, "1", 1, 0));
	EXPECT_EQ(0, got_data(self->fd, THERE, HERE, PROTO, "1", 1));
	EXPECT_TRUE(silent(self->there));
	close(self->fd);
	/* An error that quotes less than 8 bytes is nobody's. */
	EXPECT_EQ(8, send(self->there, "2222222", 8, 0));
	EXPECT_EQ(-ENOPROTOOPT, recv_now(self->there, &byte, 1, 0));
}

TEST_F(raw, socket_filter)
{
	/* Byte 20, the first behind the header, must be 'y'. */
	struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 20 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 'y' },
		{ BPF_RET | BPF_K, 0, 0, 22 },
		{ BPF_RET | BPF_K, 0, 0, 0 },
	};
	struct sock_fprog prog = { 4, code };
	struct packet in;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				sizeof(prog)));
	EXPECT_EQ(3, send_to(self->there, FORM_IN, HERE, 0, "no!", 3));
	EXPECT_EQ(4, send_to(self->there, FORM_IN, HERE, 0, "yes!", 4));
	/* Cut to 22 bytes. */
	EXPECT_EQ(22, recv_now(self->fd, &in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in.data, "ye", 2));
}

TEST_F(raw, full_buffer)
{
	static char data[1400];
	struct packet in;
	int i, n = 0;

	ASSERT_EQ(0, set_opt(self->fd, SOL_SOCKET, SO_RCVBUF, 4096));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(1400, send_to(self->there, FORM_IN, HERE, 0, data, 1400));
	usleep(50000);
	while (recv(self->fd, &in, sizeof(in), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_LT(0, n);
	EXPECT_GT(50, n);
}

/* ---- receiving ------------------------------------------------------------ */

TEST_F(raw, peek_and_trunc)
{
	struct packet in;
	char few[24];
	int n = 0;

	EXPECT_EQ(0, ioctl(self->fd, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(10, send_to(self->there, FORM_IN, HERE, 0, "0123456789", 10));
	EXPECT_TRUE(readable(self->fd));
	EXPECT_EQ(0, ioctl(self->fd, SIOCINQ, &n));
	EXPECT_EQ(30, n);
	EXPECT_EQ(0, ioctl(self->fd, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(30, recv_now(self->fd, &in, sizeof(in), MSG_PEEK));
	EXPECT_EQ(30, recv_now(self->fd, few, sizeof(few), MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(24, recv_now(self->fd, few, sizeof(few), 0));
	EXPECT_EQ(0, memcmp(few + 20, "0123", 4));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, few, 1, MSG_DONTWAIT)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(recv(self->fd, few, 1, MSG_OOB)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(set_opt(self->fd, SOL_SOCKET, SO_PEEK_OFF, 0)));
}

TEST_F(raw, sender_has_no_port)
{
	union addr from = {};
	socklen_t len = sizeof(from);
	struct packet in;

	/* Shows the form. */
	EXPECT_EQ(0, send_to(self->fd, self->f, THERE, 0, "", 0));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 0, "1", 1));
	EXPECT_TRUE(readable(self->fd));
	EXPECT_EQ(21, recvfrom(self->fd, &in, sizeof(in), 0, &from.sa, &len));
	EXPECT_EQ(form_len(self->f), len);
	EXPECT_EQ(form_af(self->f), from.sa.sa_family);
	EXPECT_STREQ("10.0.0.1:0", addr_str(&from));
}

/* ---- sending -------------------------------------------------------------- */

TEST_F(raw, reuse_is_on)
{
	EXPECT_EQ(1, get_opt(self->fd, SOL_SOCKET, SO_REUSEADDR));
}

/* The socket's state is looked at before the address. */
TEST_F(raw, bind_when_connected)
{
	ASSERT_EQ(0, connect_to(self->fd, self->f, THERE, 0));
	EXPECT_EQ(-EINVAL, ERRNO(bind_to(self->fd, self->f, "203.0.113.1", 0)));
}

TEST_F(raw, bad_sends)
{
	static char data[70000];
	struct sockaddr_in sin = { .sin_family = AF_UNIX };

	EXPECT_EQ(-EDESTADDRREQ, ERRNO(send(self->fd, "x", 1, 0)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, self->f, THERE, 0, data, 65536)));
	EXPECT_EQ(-EACCES, ERRNO(send_to(self->fd, self->f, "10.0.0.255", 0, "x", 1)));
	EXPECT_EQ(-ENETUNREACH, ERRNO(send_to(self->fd, self->f, "11.0.0.1", 0, "x", 1)));
	EXPECT_EQ(-EAFNOSUPPORT, ERRNO(sendto(self->fd, "x", 1, 0, (void *)&sin,
					      sizeof(sin))));
	sin.sin_family = AF_INET;
	EXPECT_EQ(-EINVAL, ERRNO(sendto(self->fd, "x", 1, 0, (void *)&sin, 8)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(send(self->fd, "x", 1, MSG_OOB)));
}

TEST_F(raw, broadcast)
{
	ASSERT_EQ(0, set_opt(self->fd, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_EQ(1, send_to(self->fd, self->f, "10.0.0.255", 0, "x", 1));
	EXPECT_EQ(0, got_data(self->there, HERE, "10.0.0.255", PROTO, "x", 1));
}

TEST_F(raw, ttl_and_tos)
{
	struct packet in;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_TTL, 7));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_TOS, 0x28));
	EXPECT_EQ(1, send_to(self->fd, self->f, THERE, 0, "x", 1));
	EXPECT_EQ(21, recv_now(self->there, &in, sizeof(in), 0));
	EXPECT_EQ(7, in.ip.ttl);
	EXPECT_EQ(0x28, in.ip.tos);
}

/* ---- IP_HDRINCL ----------------------------------------------------------- */

static struct packet header(const char *from, const char *to)
{
	struct packet p = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 9, .protocol = PROTO,
			.tot_len = 0xdead, .check = 0xbeef,
			.saddr = inet_addr(from), .daddr = inet_addr(to),
		},
		.data = "payload",
	};

	return p;
}

TEST_F(raw, own_header)
{
	struct packet out = header("10.0.0.77", THERE), in = {};

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 1));
	out.ip.id = htons(4711);
	out.ip.tos = 0x44;
	EXPECT_EQ(27, send_to(self->fd, self->f, THERE, 0, &out, 27));
	EXPECT_EQ(27, recv_now(self->there, &in, sizeof(in), 0));
	EXPECT_EQ(inet_addr("10.0.0.77"), in.ip.saddr);
	EXPECT_EQ(27, ntohs(in.ip.tot_len));
	EXPECT_EQ(4711, ntohs(in.ip.id));
	EXPECT_EQ(9, in.ip.ttl);
	EXPECT_EQ(0x44, in.ip.tos);
	EXPECT_EQ(0, checksum(&in.ip, sizeof(in.ip)));
	EXPECT_EQ(0, memcmp(in.data, "payload", 7));
}

TEST_F(raw, header_fields_that_are_filled_in)
{
	struct packet out = header("0.0.0.0", THERE), in = {};

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 1));
	EXPECT_EQ(27, send_to(self->fd, self->f, THERE, 0, &out, 27));
	EXPECT_EQ(27, recv_now(self->there, &in, sizeof(in), 0));
	EXPECT_EQ(inet_addr(HERE), in.ip.saddr);
	EXPECT_NE(0, in.ip.id);
}

TEST_F(raw, bad_headers)
{
	struct packet out = header(HERE, THERE);
	static char big[1501];

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 1));
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->fd, self->f, THERE, 0, &out, 19)));
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->fd, self->f, THERE, 0, &out, 0)));
	out.ip.ihl = 4;
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->fd, self->f, THERE, 0, &out, 40)));
	out.ip.ihl = 11;
	EXPECT_EQ(-EINVAL, ERRNO(send_to(self->fd, self->f, THERE, 0, &out, 40)));
	out.ip.ihl = 15;
	EXPECT_EQ(60, send_to(self->fd, self->f, THERE, 0, &out, 60));
	memcpy(big, &out, 20);
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, self->f, THERE, 0, big, 1501)));
}

TEST_F(raw, own_header_to_this_host)
{
	int fd = sock_form(self->f, SOCK_RAW, PROTO);
	struct packet out = header("0.0.0.0", LO);

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 1));
	EXPECT_EQ(27, send_to(self->fd, self->f, LO, 0, &out, 27));
	EXPECT_EQ(0, got_data(fd, LO, LO, PROTO, "payload", 7));
	close(fd);
}

/* ---- ICMP ----------------------------------------------------------------- */

static int echo(int fd, enum form f, const char *ip, int id)
{
	struct icmphdr h = { .type = ICMP_ECHO, .un.echo.id = htons(id) };

	h.checksum = checksum(&h, sizeof(h));
	return send_to(fd, f, ip, 0, &h, sizeof(h));
}

static int icmp_type(int fd)
{
	struct packet in;
	ssize_t n = recv_now(fd, &in, sizeof(in), 0);

	return n < 0 ? n : (unsigned char)in.data[0];
}

TEST_F(raw, ping)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_ICMP);
	struct packet in;

	EXPECT_EQ(8, echo(fd, self->f, THERE, 1));
	EXPECT_EQ(28, recv_now(fd, &in, sizeof(in), 0));
	EXPECT_EQ(ICMP_ECHOREPLY, in.data[0]);
	EXPECT_EQ(inet_addr(THERE), in.ip.saddr);
	/* Of ourselves: the request, too. */
	EXPECT_EQ(8, echo(fd, self->f, LO, 1));
	EXPECT_EQ(ICMP_ECHO, icmp_type(fd));
	EXPECT_EQ(ICMP_ECHOREPLY, icmp_type(fd));
	close(fd);
}

TEST_F(raw, icmp_filter)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_ICMP);
	unsigned int filter = ~(1U << ICMP_ECHOREPLY), got[2] = { 0, 0xabcd };
	socklen_t len = sizeof(got);

	ASSERT_EQ(0, setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, 4));
	EXPECT_EQ(0, getsockopt(fd, SOL_RAW, ICMP_FILTER, got, &len));
	EXPECT_EQ(4, len);
	EXPECT_EQ(filter, got[0]);
	EXPECT_EQ(8, echo(fd, self->f, LO, 1));
	EXPECT_EQ(ICMP_ECHOREPLY, icmp_type(fd));
	EXPECT_TRUE(silent(fd));
	/* Part of it, and more than all of it. */
	filter = 0;
	EXPECT_EQ(0, setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, 1));
	EXPECT_EQ(0, setsockopt(fd, SOL_RAW, ICMP_FILTER, got, 8));
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(fd, SOL_RAW, 99, 1)));
	len = -1;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(fd, SOL_RAW, ICMP_FILTER, got, &len)));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(set_opt(self->fd, SOL_RAW, ICMP_FILTER, 1)));
	EXPECT_EQ(-EOPNOTSUPP, get_opt(self->fd, SOL_RAW, ICMP_FILTER));
	close(fd);
}

/* ---- errors --------------------------------------------------------------- */

struct recverr {
	struct sock_extended_err ee;
	union addr offender;
};

/* Reads an error; the quoted bytes go to DATA. */
static int read_err(int fd, struct recverr *e, void *data, size_t len,
		    union addr *to)
{
	struct iovec iov = { data, len };
	char control[256];
	struct msghdr msg = {
		.msg_name = to, .msg_namelen = sizeof(*to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int n;

	if (!(poll_for(fd, POLLERR, DEADLINE_MS) & POLLERR))
		return -ETIMEDOUT;
	n = ERRNO(recvmsg(fd, &msg, MSG_ERRQUEUE));
	for (c = CMSG_FIRSTHDR(&msg); n >= 0 && c; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
			memcpy(e, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return n;
}

/* A datagram to a port where nobody is. */
static int send_udp(int fd, enum form f)
{
	unsigned char dgram[12] = { 1, 2, 0x30, 0x39, 0, 12, 0, 0, 'd', 'a', 't', 'a' };

	return send_to(fd, f, THERE, 0, dgram, sizeof(dgram));
}

TEST_F(raw, port_unreachable)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_UDP);
	struct recverr e = {};
	union addr to = {};
	char data[100];

	/* Unasked, nobody is told. */
	EXPECT_EQ(12, send_udp(fd, self->f));
	usleep(50000);
	EXPECT_EQ(0, get_opt(fd, SOL_SOCKET, SO_ERROR));

	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_RECVERR, 1));
	EXPECT_EQ(12, send_udp(fd, self->f));
	EXPECT_EQ(12, read_err(fd, &e, data, sizeof(data), &to));
	EXPECT_EQ(0, memcmp(data + 8, "data", 4));
	EXPECT_EQ(ECONNREFUSED, e.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, e.ee.ee_origin);
	EXPECT_EQ(3, e.ee.ee_type);
	EXPECT_EQ(3, e.ee.ee_code);
	EXPECT_STREQ("10.0.0.1:0", addr_str(&to));
	EXPECT_STREQ("10.0.0.1:0", addr_str(&e.offender));
	EXPECT_EQ(self->f == FORM_IN6 ? AF_INET6 : AF_INET,
		  e.offender.sa.sa_family);
	close(fd);
}

/* traceroute counts on it: what went wrong before does not keep a packet back. */
TEST_F(raw, error_does_not_stop_the_next)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_UDP);

	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_RECVERR, 1));
	EXPECT_EQ(12, send_udp(fd, self->f));
	EXPECT_TRUE(poll_for(fd, POLLERR, DEADLINE_MS) & POLLERR);
	EXPECT_EQ(12, send_udp(fd, self->f));
	EXPECT_EQ(ECONNREFUSED, get_opt(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

TEST_F(raw, connected_hears_hard_errors)
{
	int fd = sock_form(self->f, SOCK_RAW, IPPROTO_UDP);
	char byte;

	ASSERT_EQ(0, connect_to(fd, self->f, THERE, 1));
	EXPECT_EQ(12, send_udp(fd, self->f));
	EXPECT_EQ(-ECONNREFUSED, recv_now(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(raw, error_quotes_the_own_header)
{
	struct packet out = header(HERE, THERE);
	struct recverr e = {};
	union addr to = {};
	struct packet in = {};

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_HDRINCL, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVERR, 1));
	close(self->there);
	EXPECT_EQ(28, send_to(self->fd, self->f, THERE, 0, &out, 28));
	EXPECT_EQ(28, read_err(self->fd, &e, &in, sizeof(in), &to));
	EXPECT_EQ(ENOPROTOOPT, e.ee.ee_errno);
	EXPECT_EQ(inet_addr(HERE), in.ip.saddr);
	EXPECT_EQ(PROTO, in.ip.protocol);
	self->there = -1;
}

TEST_F(raw, message_too_long)
{
	struct recverr e = {};
	union addr to = {};
	static char data[1500];

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_MTU_DISCOVER,
			     IP_PMTUDISC_DO));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, self->f, THERE, 0, data, 1481)));
	EXPECT_EQ(0, read_err(self->fd, &e, data, sizeof(data), &to));
	EXPECT_EQ(EMSGSIZE, e.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, e.ee.ee_origin);
	EXPECT_EQ(1500, e.ee.ee_info);
}

/* ---- IPv6 ------------------------------------------------------------------ */

#define IPV6_CHECKSUM_AT	2

static struct sockaddr_in6 in6(const char *ip, int port)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};

	inet_pton(AF_INET6, ip, &a.sin6_addr);
	return a;
}

static int raw6(int protocol)
{
	return socket(TESTING_TOY ? AF_TOY : AF_INET6, SOCK_RAW, protocol);
}

static int bind6(int fd, const char *ip)
{
	struct sockaddr_in6 a = in6(ip, 0);

	return bind(fd, (void *)&a, sizeof(a));
}

static ssize_t send6(int fd, const char *ip, int port, const void *data,
		     size_t len)
{
	struct sockaddr_in6 a = in6(ip, port);

	return sendto(fd, data, len, 0, (void *)&a, sizeof(a));
}

FIXTURE(raw6) {
	int tx, rx;
};

FIXTURE_SETUP(raw6)
{
	ASSERT_LE(0, netns_new());
	self->tx = raw6(PROTO);
	self->rx = raw6(PROTO);
	ASSERT_LE(0, self->tx);
	ASSERT_LE(0, self->rx);
	ASSERT_EQ(0, bind6(self->rx, "::1"));
}

FIXTURE_TEARDOWN(raw6)
{
	close(self->tx);
	close(self->rx);
}

/* IPv6's readers do not see the header. */
TEST_F(raw6, there)
{
	struct sockaddr_in6 from = {};
	socklen_t len = sizeof(from);
	char data[16];

	EXPECT_EQ(5, send6(self->tx, "::1", 0, "hello", 5));
	EXPECT_TRUE(readable(self->rx));
	EXPECT_EQ(5, recvfrom(self->rx, data, sizeof(data), 0, (void *)&from, &len));
	EXPECT_EQ(0, memcmp(data, "hello", 5));
	EXPECT_EQ(sizeof(from), len);
	EXPECT_EQ(AF_INET6, from.sin6_family);
	EXPECT_EQ(0, from.sin6_port);
	EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
}

TEST_F(raw6, port_is_the_protocol)
{
	char data[16];

	EXPECT_EQ(1, send6(self->tx, "::1", PROTO, "x", 1));
	EXPECT_EQ(1, recv_now(self->rx, data, sizeof(data), 0));
	EXPECT_EQ(-EINVAL, ERRNO(send6(self->tx, "::1", PROTO + 1, "x", 1)));
}

TEST_F(raw6, connected)
{
	struct sockaddr_in6 a = in6("::1", 0);
	char data[16];

	ASSERT_EQ(0, connect(self->tx, (void *)&a, sizeof(a)));
	EXPECT_EQ(2, send(self->tx, "up", 2, 0));
	EXPECT_EQ(2, recv_now(self->rx, data, sizeof(data), 0));
	/* It hears itself, too. */
	EXPECT_EQ(2, recv_now(self->tx, data, sizeof(data), 0));
}

TEST_F(raw6, checksum_option)
{
	int icmp = raw6(IPPROTO_ICMPV6);

	EXPECT_EQ(-EINVAL, ERRNO(set_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM, 3)));
	EXPECT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM, 6));
	EXPECT_EQ(6, get_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM));
	EXPECT_EQ(6, get_opt(self->tx, SOL_RAW, IPV6_CHECKSUM));
	EXPECT_EQ(0, set_opt(self->tx, SOL_RAW, IPV6_CHECKSUM, -1));
	EXPECT_EQ(-1, get_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(icmp, IPPROTO_IPV6, IPV6_CHECKSUM, 2)));
	EXPECT_EQ(2, get_opt(icmp, IPPROTO_IPV6, IPV6_CHECKSUM));
	close(icmp);
}

/* RFC 3542 3.1: filled in by the sender's socket, checked by the receiver's. */
TEST_F(raw6, checksum)
{
	char data[16];

	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM, IPV6_CHECKSUM_AT));
	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_CHECKSUM, IPV6_CHECKSUM_AT));
	EXPECT_EQ(8, send6(self->tx, "::1", 0, "ab__cdef", 8));
	EXPECT_EQ(8, recv_now(self->rx, data, sizeof(data), 0));
	EXPECT_EQ(0, memcmp(data, "ab", 2));
	EXPECT_NE(0, memcmp(data + 2, "__", 2));
	EXPECT_EQ(0, memcmp(data + 4, "cdef", 4));
	/* No room for it. */
	EXPECT_EQ(-EINVAL, ERRNO(send6(self->tx, "::1", 0, "abc", 3)));
	/* A wrong one is not for this socket. */
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_CHECKSUM, -1));
	EXPECT_EQ(8, send6(self->tx, "::1", 0, "ab__cdef", 8));
	usleep(QUIET_MS * 1000);
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->rx, data, sizeof(data), MSG_DONTWAIT)));
}

/* The kernel fills ICMPv6's checksum in, and answers. */
TEST_F(raw6, echo_and_filter)
{
	unsigned char echo[8] = { 128, 0, 0, 0, 1, 2, 3, 4 }, in[16];
	unsigned int filter[8], got[8] = {};
	socklen_t len = sizeof(got);
	int fd = raw6(IPPROTO_ICMPV6);

	memset(filter, 0xff, sizeof(filter));
	filter[129 >> 5] &= ~(1U << (129 & 31));
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_ICMPV6, 1, filter, sizeof(filter)));
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_ICMPV6, 1, got, &len));
	EXPECT_EQ(sizeof(got), len);
	EXPECT_EQ(0, memcmp(filter, got, sizeof(got)));
	EXPECT_EQ(8, send6(fd, "::1", 0, echo, 8));
	EXPECT_EQ(8, recv_now(fd, in, sizeof(in), 0));
	EXPECT_EQ(129, in[0]);
	EXPECT_EQ(0, memcmp(in + 4, echo + 4, 4));
	EXPECT_TRUE(silent(fd));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(setsockopt(self->tx, IPPROTO_ICMPV6, 1,
						filter, sizeof(filter))));
	close(fd);
}

TEST_F(raw6, own_header)
{
	unsigned char p[48] = {
		0x60, 0x10, 0, 0, 0, 8, PROTO, 5,
		[23] = 1, [39] = 1, 'p', 'a', 'y', 'l', 'o', 'a', 'd', '!',
	};
	char data[16];

	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_HDRINCL, 1));
	EXPECT_EQ(1, get_opt(self->tx, IPPROTO_IPV6, IPV6_HDRINCL));
	EXPECT_EQ(48, send6(self->tx, "::1", 0, p, sizeof(p)));
	EXPECT_EQ(8, recv_now(self->rx, data, sizeof(data), 0));
	EXPECT_EQ(0, memcmp(data, "payload!", 8));
	EXPECT_EQ(-EINVAL, ERRNO(send6(self->tx, "::1", 0, p, 39)));
}

/* Neither version hears the other. */
TEST_F(raw6, versions_are_apart)
{
	int v4 = socket(test_family(), SOCK_RAW, PROTO);
	char data[64];

	ASSERT_EQ(0, bind_to(v4, FORM_IN, LO, 0));
	EXPECT_EQ(1, send6(self->tx, "::1", 0, "6", 1));
	EXPECT_EQ(1, recv_now(self->rx, data, sizeof(data), 0));
	EXPECT_TRUE(silent(v4));
	EXPECT_EQ(1, send_to(v4, FORM_IN, LO, 0, "4", 1));
	EXPECT_EQ(21, recv_now(v4, data, sizeof(data), 0));
	EXPECT_TRUE(silent(self->rx));
	close(v4);
}

TOY_TEST_MAIN
