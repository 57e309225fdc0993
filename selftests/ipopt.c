// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options and control messages of ip(7) and ipv6(7).
 *
 * The first half asks AF_INET and AF_INET6 what every option says to every
 * kind of value, and wants the same answers from the family under test. The
 * second half looks at what options and messages do.
 */
#include "toy_test.h"

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <limits.h>

#define HERE	"10.0.0.2"
#define THERE	"10.0.0.1"
#define LO	"127.0.0.1"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL		52
#endif
#ifndef IP_RECVERR_RFC4884
#define IP_RECVERR_RFC4884	26
#endif
#ifndef IPV6_RECVERR_RFC4884
#define IPV6_RECVERR_RFC4884	31
#endif
#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO		11
#endif
#ifndef IPV6_2292PKTINFO
#define IPV6_2292PKTINFO	2
#define IPV6_2292HOPOPTS	3
#define IPV6_2292DSTOPTS	4
#define IPV6_2292RTHDR		5
#define IPV6_2292HOPLIMIT	8
#endif
#ifndef IPV6_FLOWINFO_SEND
#define IPV6_FLOWINFO_SEND	33
#endif

/* ---- The tables, against AF_INET and AF_INET6 ----------------------------- */

struct option {
	int name;
	const char *text;
};

#define O(name) { name, #name }

static const struct option v4[] = {
	O(IP_TOS), O(IP_TTL), O(IP_HDRINCL), O(IP_OPTIONS), O(IP_RECVOPTS),
	O(IP_RETOPTS), O(IP_PKTINFO), O(IP_MTU_DISCOVER), O(IP_RECVERR),
	O(IP_RECVTTL), O(IP_RECVTOS), O(IP_FREEBIND), O(IP_TRANSPARENT),
	O(IP_RECVORIGDSTADDR), O(IP_MINTTL), O(IP_NODEFRAG), O(IP_CHECKSUM),
	O(IP_BIND_ADDRESS_NO_PORT), O(IP_RECVFRAGSIZE), O(IP_RECVERR_RFC4884),
	O(IP_UNICAST_IF), O(IP_MTU), O(IP_LOCAL_PORT_RANGE), O(IP_MULTICAST_TTL),
	O(IP_MULTICAST_LOOP), { 250, "unknown" },
};

static const struct option v6[] = {
	O(IPV6_UNICAST_HOPS), O(IPV6_MULTICAST_HOPS), O(IPV6_TCLASS),
	O(IPV6_MTU_DISCOVER), O(IPV6_MTU), O(IPV6_DONTFRAG),
	O(IPV6_FLOWINFO_SEND), O(IPV6_AUTOFLOWLABEL), O(IPV6_UNICAST_IF),
	O(IPV6_ADDR_PREFERENCES), O(IPV6_V6ONLY), O(IPV6_TRANSPARENT),
	O(IPV6_FREEBIND), O(IPV6_MINHOPCOUNT), O(IPV6_RECVERR),
	O(IPV6_RECVERR_RFC4884), O(IPV6_RECVPKTINFO), O(IPV6_RECVHOPLIMIT),
	O(IPV6_RECVTCLASS), O(IPV6_FLOWINFO), O(IPV6_RECVHOPOPTS),
	O(IPV6_RECVRTHDR), O(IPV6_RECVDSTOPTS), O(IPV6_RECVORIGDSTADDR),
	O(IPV6_RECVFRAGSIZE), O(IPV6_RECVPATHMTU), O(IPV6_2292PKTINFO),
	O(IPV6_2292HOPLIMIT), O(IPV6_2292HOPOPTS), O(IPV6_2292RTHDR),
	O(IPV6_2292DSTOPTS), O(IPV6_PKTINFO), O(IPV6_ADDRFORM), O(IPV6_PATHMTU),
	{ 250, "unknown" },
};

static const int values[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 64, 128, 255, 256, 1279, 1280, 65535, 65536,
	0x04000400, 0x7fffffff, -1, -2, INT_MIN,
};

struct answer {
	int set, get, value, len;
};

/* Sets VALUE in LEN bytes, reads it back into ROOM. */
static struct answer ask(int fd, int level, int name, int value, socklen_t len,
			 socklen_t room)
{
	struct { int value; char more[60]; } in = { value }, out = { 0x55555555 };
	struct answer a;
	socklen_t got = room;

	a.set = ERRNO(setsockopt(fd, level, name, &in, len));
	a.get = ERRNO(getsockopt(fd, level, name, &out, &got));
	a.value = out.value;
	a.len = got;
	return a;
}

static void compare(struct __test_metadata *_metadata, int family, int level,
		    const struct option *o, int n, int type, int protocol)
{
	int want_fd, got_fd, i, v, len, bad = 0;
	struct answer want, got;

	for (i = 0; i < n; i++) {
		want_fd = socket(family, type, protocol);
		got_fd = socket(TESTING_TOY ? AF_TOY : family, type, protocol);
		ASSERT_LE(0, want_fd);
		ASSERT_LE(0, got_fd);
		for (v = 0; v < ARRAY_SIZE(values) && bad < 20; v++) {
			for (len = 0; len <= 8; len++) {
				want = ask(want_fd, level, o[i].name, values[v],
					   len, len);
				got = ask(got_fd, level, o[i].name, values[v],
					  len, len);
				EXPECT_EQ(0, memcmp(&want, &got, sizeof(got))) {
					TH_LOG("%s type %d %x in %d bytes:",
					       o[i].text, type, values[v], len);
					TH_LOG("set %d get %d = %x (%d), not set %d get %d = %x (%d)",
					       got.set, got.get, got.value, got.len,
					       want.set, want.get, want.value,
					       want.len);
					bad++;
				}
			}
		}
		close(want_fd);
		close(got_fd);
	}
}

FIXTURE(table) {
};

FIXTURE_VARIANT(table) {
	int type;
	int protocol;
};

FIXTURE_VARIANT_ADD(table, udp)		{ SOCK_DGRAM, 0 };
FIXTURE_VARIANT_ADD(table, tcp)		{ SOCK_STREAM, 0 };
FIXTURE_VARIANT_ADD(table, raw)		{ SOCK_RAW, 200 };

FIXTURE_SETUP(table)
{
	ASSERT_LE(0, netns_new());
}

FIXTURE_TEARDOWN(table)
{
}

TEST_F(table, of_ip)
{
	compare(_metadata, AF_INET, IPPROTO_IP, v4, ARRAY_SIZE(v4),
		variant->type, variant->protocol);
}

TEST_F(table, of_ipv6)
{
	compare(_metadata, AF_INET6, IPPROTO_IPV6, v6, ARRAY_SIZE(v6),
		variant->type, variant->protocol);
}

TEST_F(table, wrong_pointers)
{
	int fd = socket(test_family(), variant->type, variant->protocol);
	socklen_t len = 4;
	int i, v;

	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(v4) - 1; i++) {
		int err = ERRNO(setsockopt(fd, IPPROTO_IP, v4[i].name,
					   (void *)8, 4));

		if (err != -EFAULT && err != -ENOPROTOOPT && err != -EINVAL)
			EXPECT_EQ(-EFAULT, err) TH_LOG("%s", v4[i].text);
	}
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(fd, IPPROTO_IP, IP_TTL, (void *)8, &len)));
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(fd, IPPROTO_IP, IP_TTL, &v, (void *)8)));
	len = -1;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(fd, IPPROTO_IP, IP_TTL, &v, &len)));
	close(fd);
}

TEST_F(table, transparent_needs_privilege)
{
	int fd = socket(test_family(), variant->type, variant->protocol);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	EXPECT_EQ(-EPERM, ERRNO(set_opt(fd, IPPROTO_IP, IP_TRANSPARENT, 1)));
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_TRANSPARENT, 0));
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_FREEBIND, 1));
	close(fd);
}

TEST_F(table, tos_is_priority)
{
	int fd = socket(test_family(), variant->type, variant->protocol);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_TOS, 0x10));
	EXPECT_EQ(6, get_opt(fd, SOL_SOCKET, SO_PRIORITY));
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_TOS, 0x08));
	EXPECT_EQ(2, get_opt(fd, SOL_SOCKET, SO_PRIORITY));
	EXPECT_EQ(0, set_opt(fd, SOL_SOCKET, SO_PRIORITY, 5));
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_TOS, 0x08));
	EXPECT_EQ(5, get_opt(fd, SOL_SOCKET, SO_PRIORITY));
	close(fd);
}

/* ---- IP_OPTIONS ------------------------------------------------------------ */

static const struct {
	const char *name;
	int len;
	unsigned char bytes[44];
} ip_options[] = {
	{ "nop", 1, { 1 } },
	{ "record route", 7, { 7, 7, 4 } },
	{ "record route, 9 hops", 39, { 7, 39, 4 } },
	{ "record route, bad pointer", 7, { 7, 7, 3 } },
	{ "record route, bad length", 7, { 7, 8, 4 } },
	{ "record route twice", 14, { 7, 7, 4, 0, 0, 0, 0, 7, 7, 4 } },
	{ "timestamps", 12, { 68, 12, 5, 0 } },
	{ "timestamps, no room", 8, { 68, 8, 5, 1 } },
	{ "router alert", 4, { 148, 4, 0, 0 } },
	{ "router alert, short", 3, { 148, 3, 0 } },
	{ "unknown", 4, { 0x55, 4, 0, 0 } },
	{ "no length", 4, { 1, 1, 1, 7 } },
	{ "too long", 41, { 1, 1, 1 } },
	{ "nothing", 0, {} },
};

TEST_F(table, ip_options)
{
	int want_fd = socket(AF_INET, variant->type, variant->protocol);
	int got_fd = socket(test_family(), variant->type, variant->protocol);
	unsigned char want[64], got[64];
	socklen_t want_len, got_len;
	int i, root;

	for (root = 1; root >= 0; root--) {
		for (i = 0; i < ARRAY_SIZE(ip_options); i++) {
			memset(want, 0x55, 64);
			memset(got, 0x55, 64);
			EXPECT_EQ(ERRNO(setsockopt(want_fd, IPPROTO_IP, IP_OPTIONS,
						   ip_options[i].bytes,
						   ip_options[i].len)),
				  ERRNO(setsockopt(got_fd, IPPROTO_IP, IP_OPTIONS,
						   ip_options[i].bytes,
						   ip_options[i].len))) {
				TH_LOG("%s, root %d", ip_options[i].name, root);
			}
			want_len = 64;
			got_len = 64;
			EXPECT_EQ(0, getsockopt(want_fd, IPPROTO_IP, IP_OPTIONS,
						want, &want_len));
			EXPECT_EQ(0, getsockopt(got_fd, IPPROTO_IP, IP_OPTIONS,
						got, &got_len));
			EXPECT_EQ(want_len, got_len);
			EXPECT_EQ(0, memcmp(want, got, 64)) {
				TH_LOG("%s", ip_options[i].name);
			}
		}
		ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	}
	if (TESTING_TOY) {
		unsigned char lsrr[8] = { 131, 7, 4, 10, 0, 0, 1 };

		EXPECT_EQ(-EPERM, ERRNO(setsockopt(got_fd, IPPROTO_IP, IP_OPTIONS,
						   lsrr, 8)));
	}
	close(want_fd);
	close(got_fd);
}

/* ---- What they do ----------------------------------------------------------- */

FIXTURE(udp) {
	struct pair p;
	int fd;		/* under test, bound to port 7000 */
	int there;	/* port 7000 there */
};

FIXTURE_SETUP(udp)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->fd = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(self->fd, FORM_IN, "0.0.0.0", 7000));
	self->there = socket_in(self->p.a, self->p.b, AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN, THERE, 7000));
}

FIXTURE_TEARDOWN(udp)
{
	close(self->fd);
	close(self->there);
}

/* A datagram that was received, with all its control messages. */
struct told {
	char data[2048], control[1024];
	struct msghdr msg;
	struct iovec iov;
	union addr from;
	ssize_t len;
};

static int hear(int fd, struct told *t, int flags)
{
	memset(t, 0, sizeof(*t));
	t->iov = (struct iovec){ t->data, sizeof(t->data) };
	t->msg = (struct msghdr){
		.msg_name = &t->from, .msg_namelen = sizeof(t->from),
		.msg_iov = &t->iov, .msg_iovlen = 1,
		.msg_control = t->control, .msg_controllen = sizeof(t->control),
	};
	if (!readable(fd))
		return -ETIMEDOUT;
	t->len = ERRNO(recvmsg(fd, &t->msg, flags | MSG_DONTWAIT));
	return t->len < 0 ? t->len : 0;
}

static struct cmsghdr *find(struct told *t, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(&t->msg); c; c = CMSG_NXTHDR(&t->msg, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return c;
	return NULL;
}

static int told_int(struct told *t, int level, int type)
{
	struct cmsghdr *c = find(t, level, type);

	if (!c)
		return -ENOENT;
	return c->cmsg_len == CMSG_LEN(1) ? *CMSG_DATA(c) : *(int *)CMSG_DATA(c);
}

TEST_F(udp, ttl_and_tos_are_told)
{
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVTOS, 1));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_TTL, 33));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_TOS, 0x2c));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	EXPECT_EQ(33, told_int(&t, SOL_IP, IP_TTL));
	EXPECT_EQ(0x2c, told_int(&t, SOL_IP, IP_TOS));
	EXPECT_EQ(NULL, find(&t, SOL_IP, IP_PKTINFO));
	/* Again, and nothing more. */
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVTTL, 0));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVTOS, 0));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	EXPECT_EQ(0, t.msg.msg_controllen);
}

TEST_F(udp, pktinfo_is_told)
{
	struct in_pktinfo *info;
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_PKTINFO, 1));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	c = find(&t, SOL_IP, IP_PKTINFO);
	ASSERT_NE(NULL, c);
	info = (void *)CMSG_DATA(c);
	EXPECT_EQ(if_nametoindex("veth1"), info->ipi_ifindex);
	EXPECT_EQ(inet_addr(HERE), info->ipi_addr.s_addr);
	EXPECT_EQ(inet_addr(HERE), info->ipi_spec_dst.s_addr);

	/* A broadcast is answered from an address of ours. */
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, "10.0.0.255", 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	c = find(&t, SOL_IP, IP_PKTINFO);
	ASSERT_NE(NULL, c);
	info = (void *)CMSG_DATA(c);
	EXPECT_EQ(inet_addr("10.0.0.255"), info->ipi_addr.s_addr);
	EXPECT_EQ(inet_addr(HERE), info->ipi_spec_dst.s_addr);
}

TEST_F(udp, destination_is_told)
{
	struct sockaddr_in *sin;
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	c = find(&t, SOL_IP, IP_ORIGDSTADDR);
	ASSERT_NE(NULL, c);
	sin = (void *)CMSG_DATA(c);
	EXPECT_EQ(AF_INET, sin->sin_family);
	EXPECT_EQ(inet_addr(HERE), sin->sin_addr.s_addr);
	EXPECT_EQ(7000, ntohs(sin->sin_port));
}

/* On a socket that uses sockaddr_in6, IPv4's destination comes mapped. */
TEST_F(udp, pktinfo6_of_ipv4)
{
	int fd = udp_form(FORM_IN6);
	struct in6_pktinfo *info;
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, bind_to(fd, FORM_IN6, "0.0.0.0", 7001));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_RECVTTL, 1));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7001, "x", 1));
	ASSERT_EQ(0, hear(fd, &t, 0));
	c = find(&t, SOL_IPV6, IPV6_PKTINFO);
	ASSERT_NE(NULL, c);
	info = (void *)CMSG_DATA(c);
	EXPECT_EQ(if_nametoindex("veth1"), info->ipi6_ifindex);
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&info->ipi6_addr));
	EXPECT_EQ(inet_addr(HERE), info->ipi6_addr.s6_addr32[3]);
	EXPECT_EQ(NULL, find(&t, SOL_IPV6, IPV6_HOPLIMIT));
	EXPECT_EQ(64, told_int(&t, SOL_IP, IP_TTL));
	close(fd);
}

/* ---- Said about one datagram ------------------------------------------------ */

static int say(int fd, const char *ip, int port, int level, int type,
	       const void *data, size_t len)
{
	union addr a = form_addr(FORM_IN, ip, port);
	char control[256] = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &a, .msg_namelen = form_len(FORM_IN),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return ERRNO(sendmsg(fd, &msg, 0));
}

static int say_int(int fd, int type, int value)
{
	return say(fd, THERE, 7000, SOL_IP, type, &value, sizeof(value));
}

TEST_F(udp, ttl_and_tos_are_obeyed)
{
	struct told t;
	char byte = 0x44;

	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_RECVTOS, 1));
	EXPECT_EQ(1, say_int(self->fd, IP_TTL, 3));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(3, told_int(&t, SOL_IP, IP_TTL));
	EXPECT_EQ(0, told_int(&t, SOL_IP, IP_TOS));
	EXPECT_EQ(1, say_int(self->fd, IP_TOS, 0x28));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(64, told_int(&t, SOL_IP, IP_TTL));
	EXPECT_EQ(0x28, told_int(&t, SOL_IP, IP_TOS));
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_IP, IP_TOS, &byte, 1));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(0x44, told_int(&t, SOL_IP, IP_TOS));
}

TEST_F(udp, bad_messages)
{
	int zero = 0;

	EXPECT_EQ(-EINVAL, say_int(self->fd, IP_TTL, 0));
	EXPECT_EQ(-EINVAL, say_int(self->fd, IP_TTL, 256));
	EXPECT_EQ(-EINVAL, say_int(self->fd, IP_TOS, 256));
	EXPECT_EQ(-EINVAL, say_int(self->fd, IP_TOS, -1));
	EXPECT_EQ(-EINVAL, say(self->fd, THERE, 7000, SOL_IP, IP_TTL, &zero, 1));
	EXPECT_EQ(-EINVAL, say(self->fd, THERE, 7000, SOL_IP, IP_PKTINFO, &zero, 4));
	EXPECT_EQ(-EINVAL, say_int(self->fd, 250, 1));
	EXPECT_EQ(-EINVAL, say_int(self->fd, IP_PROTOCOL, 0));
	EXPECT_EQ(1, say_int(self->fd, IP_PROTOCOL, 17));
	/* Another version's and other levels are passed over. */
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_IPV6, IPV6_TCLASS, &zero, 4));
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_TCP, 1, &zero, 4));
}

TEST_F(udp, source_is_obeyed)
{
	struct in_pktinfo info = {};
	struct told t;

	ASSERT_EQ(0, sh("%s addr add 10.0.0.22/24 dev veth1",
			TESTING_TOY ? "toy" : "ip"));
	info.ipi_spec_dst.s_addr = inet_addr("10.0.0.22");
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_IP, IP_PKTINFO, &info,
			 sizeof(info)));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_STREQ("10.0.0.22:7000", addr_str(&t.from));
	info.ipi_ifindex = if_nametoindex("veth1");
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_IP, IP_PKTINFO, &info,
			 sizeof(info)));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	info.ipi_ifindex = 9999;
	EXPECT_EQ(-ENODEV, say(self->fd, THERE, 7000, SOL_IP, IP_PKTINFO, &info,
			       sizeof(info)));
	info.ipi_ifindex = 0;
	info.ipi_spec_dst.s_addr = inet_addr("10.9.9.9");
	EXPECT_GT(0, say(self->fd, THERE, 7000, SOL_IP, IP_PKTINFO, &info,
			 sizeof(info)));
}

/* ---- IP options on the wire -------------------------------------------------- */

TEST_F(udp, options_are_sent)
{
	unsigned char rr[12] = { 1, 7, 11, 4 };
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_OPTIONS, rr, 12));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_RECVOPTS, 1));
	EXPECT_EQ(1, send_to(self->fd, FORM_IN, THERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	c = find(&t, SOL_IP, IP_RECVOPTS);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(CMSG_LEN(12), c->cmsg_len);
	EXPECT_EQ(0, memcmp(CMSG_DATA(c), "\1\7\13", 3));
	/* The first hop is the sender. */
	EXPECT_EQ(0, memcmp(CMSG_DATA(c) + 4, "\12\0\0\2", 4));
	/* Enough room for them has to be left. */
	EXPECT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_OPTIONS, NULL, 0));
	EXPECT_EQ(1, send_to(self->fd, FORM_IN, THERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(NULL, find(&t, SOL_IP, IP_RECVOPTS));
}

TEST_F(udp, options_take_room)
{
	unsigned char rr[12] = { 1, 7, 11, 4 };
	static char data[1480];
	struct told t;

	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_OPTIONS, rr, 12));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_EQ(1460, send_to(self->fd, FORM_IN, THERE, 7000, data, 1460));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(1460, t.len);
	EXPECT_EQ(-EMSGSIZE, ERRNO(send_to(self->fd, FORM_IN, THERE, 7000, data, 1461)));
}

TEST_F(udp, options_for_one_datagram)
{
	unsigned char rr[8] = { 7, 7, 4 }, lsrr[8] = { 131, 7, 4, 10, 0, 0, 1 };
	struct told t;

	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IP, IP_RECVOPTS, 1));
	EXPECT_EQ(1, say(self->fd, THERE, 7000, SOL_IP, IP_RETOPTS, rr, 8));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_NE(NULL, find(&t, SOL_IP, IP_RECVOPTS));
	if (TESTING_TOY)
		EXPECT_EQ(-EPERM, say(self->fd, THERE, 7000, SOL_IP, IP_RETOPTS,
				      lsrr, 8));
}

TEST_F(udp, options_are_told)
{
	unsigned char rr[12] = { 1, 7, 11, 4 };
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, setsockopt(self->there, IPPROTO_IP, IP_OPTIONS, rr, 12));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RETOPTS, 1));
	EXPECT_EQ(1, send_to(self->there, FORM_IN, HERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	EXPECT_EQ(1, t.len);
	c = find(&t, SOL_IP, IP_RECVOPTS);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(CMSG_LEN(12), c->cmsg_len);
	EXPECT_EQ(0, memcmp(CMSG_DATA(c) + 4, "\12\0\0\1", 4));
	c = find(&t, SOL_IP, IP_RETOPTS);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(CMSG_LEN(12), c->cmsg_len);
	EXPECT_EQ(7, *CMSG_DATA(c));
}

/* ---- Addresses that are not ours ---------------------------------------------- */

TEST_F(udp, transparent)
{
	int fd = udp_form(FORM_IN);
	struct told t;

	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind_to(fd, FORM_IN, "10.0.0.99", 7002)));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	ASSERT_EQ(0, bind_to(fd, FORM_IN, "10.0.0.99", 7002));
	EXPECT_EQ(1, send_to(fd, FORM_IN, THERE, 7000, "x", 1));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_STREQ("10.0.0.99:7002", addr_str(&t.from));
	close(fd);

	fd = udp_form(FORM_IN);
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_FREEBIND, 1));
	EXPECT_EQ(0, bind_to(fd, FORM_IN, "10.0.0.99", 7003));
	close(fd);
}

TEST_F(udp, local_port_range)
{
	int fd, i;

	if (get_opt(self->fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE) == -ENOPROTOOPT)
		SKIP(return, "this kernel's AF_INET has none");
	for (i = 0; i < 20; i++) {
		fd = udp_form(FORM_IN);
		ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
				     40009 << 16 | 40000));
		ASSERT_EQ(0, bind_to(fd, FORM_IN, LO, 0));
		EXPECT_LE(40000, port_of(fd));
		EXPECT_GE(40009, port_of(fd));
		close(fd);
	}
}

TEST_F(udp, unicast_if)
{
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_UNICAST_IF,
			     htonl(if_nametoindex("veth1"))));
	EXPECT_EQ(1, send_to(self->fd, FORM_IN, THERE, 7000, "x", 1));
	EXPECT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(set_opt(self->fd, IPPROTO_IP, IP_UNICAST_IF,
						htonl(9999))));
}

/* ---- Errors -------------------------------------------------------------------- */

TEST_F(udp, ttl_of_an_error)
{
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_PKTINFO, 1));
	EXPECT_EQ(1, send_to(self->fd, FORM_IN, THERE, 7, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, MSG_ERRQUEUE));
	EXPECT_EQ(1, t.len);
	EXPECT_TRUE(t.msg.msg_flags & MSG_ERRQUEUE);
	EXPECT_EQ(64, told_int(&t, SOL_IP, IP_TTL));
	EXPECT_NE(NULL, find(&t, SOL_IP, IP_RECVERR));
	EXPECT_NE(NULL, find(&t, SOL_IP, IP_PKTINFO));
	EXPECT_STREQ("10.0.0.1:7", addr_str(&t.from));
}

/* RFC 4884: where extensions begin in what is read, and whether they are right. */
TEST_F(udp, rfc4884)
{
	static const struct {
		int on, type, code, units, bad, len, flags;
	} rows[] = {
		{ 1, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 32, 0, 100, 0 },
		{ 1, ICMP_TIME_EXCEEDED, 0, 32, 0, 100, 0 },
		{ 1, ICMP_PARAMETERPROB, 0, 32, 0, 100, 0 },
		{ 1, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 32, 1, 100,
		  SO_EE_RFC4884_FLAG_INVALID },
		{ 1, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 31, 0, 0, 0 },
		{ 1, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 35, 0, 0, 0 },
		{ 0, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 32, 0, 0, 0 },
	};
	/* A header and an object, behind 128 bytes that are quoted. */
	unsigned char m[8 + 128 + 12] = {
		[8] = 0x45, [8 + 3] = 30, [8 + 8] = 64, [8 + 9] = IPPROTO_UDP,
		[8 + 12] = 10, 0, 0, 2, 10, 0, 0, 1, 7000 >> 8, 7000 & 0xff,
		7000 >> 8, 7000 & 0xff, 0, 10,
		[8 + 128] = 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4,
	};
	int raw = socket_in(self->p.a, self->p.b, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	union addr here = form_addr(FORM_IN, HERE, 0);
	struct sock_extended_err *ee;
	unsigned int i, j, sum;
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVERR, 1));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IP, IP_RECVERR_RFC4884,
				     rows[i].on));
		m[0] = rows[i].type;
		m[1] = rows[i].code;
		m[2] = 0;
		m[3] = 0;
		m[5] = rows[i].units;
		m[8 + 128 + 5] = rows[i].bad ? 9 : 8;
		for (j = 0, sum = 0; j < sizeof(m); j += 2)
			sum += m[j] << 8 | m[j + 1];
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		m[2] = ~sum >> 8;
		m[3] = ~sum;
		ASSERT_EQ(sizeof(m), sendto(raw, m, sizeof(m), 0, &here.sa,
					    sizeof(here.in)));
		ASSERT_EQ(0, hear(self->fd, &t, MSG_ERRQUEUE));
		c = find(&t, SOL_IP, IP_RECVERR);
		ASSERT_NE(NULL, c);
		ee = (void *)CMSG_DATA(c);
		EXPECT_EQ(rows[i].len, ee->ee_rfc4884.len) TH_LOG("row %u", i);
		EXPECT_EQ(rows[i].flags, ee->ee_rfc4884.flags) TH_LOG("row %u", i);
		EXPECT_EQ(128 - 28 + 12, t.len);
	}
	close(raw);
}

/* IPv4's errors are IP_RECVERR's business, also where sockaddr_in6 is used;
 * they are read as AF_INET6 gives them.
 */
TEST_F(udp, error_in_form6)
{
	int fd = udp_form(FORM_IN6);
	struct told t;

	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
	EXPECT_EQ(1, send_to(fd, FORM_IN6, THERE, 7, "x", 1));
	EXPECT_TRUE(silent(fd));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IP, IP_RECVERR, 1));
	EXPECT_EQ(1, send_to(fd, FORM_IN6, THERE, 7, "x", 1));
	ASSERT_EQ(0, hear(fd, &t, MSG_ERRQUEUE));
	ASSERT_NE(NULL, find(&t, SOL_IPV6, IPV6_RECVERR));
	EXPECT_EQ(AF_INET6, t.from.sa.sa_family);
	close(fd);
}

/* ---- TCP ------------------------------------------------------------------------ */

/* RFC 5082: what comes from too far away is not heard. */
TEST_F(udp, minttl_of_tcp)
{
	int l = sock_form(FORM_IN, SOCK_STREAM, 0);
	int c = socket_in(self->p.a, self->p.b, AF_INET, SOCK_STREAM, 0);

	ASSERT_EQ(0, set_opt(l, IPPROTO_IP, IP_MINTTL, 65));
	ASSERT_EQ(0, bind_to(l, FORM_IN, HERE, 7100));
	ASSERT_EQ(0, listen(l, 1));
	ASSERT_EQ(0, fcntl(c, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EINPROGRESS, ERRNO(connect_to(c, FORM_IN, HERE, 7100)));
	EXPECT_EQ(0, poll_for(c, POLLOUT, 100));
	close(c);
	ASSERT_EQ(0, set_opt(l, IPPROTO_IP, IP_MINTTL, 64));
	c = socket_in(self->p.a, self->p.b, AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(0, connect_to(c, FORM_IN, HERE, 7100));
	close(c);
	close(l);
}

TEST_F(udp, pktoptions_of_tcp)
{
	int l = sock_form(FORM_IN, SOCK_STREAM, 0);
	char control[256];
	socklen_t len = sizeof(control);

	ASSERT_EQ(0, set_opt(l, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_EQ(0, set_opt(l, IPPROTO_IP, IP_RECVTTL, 1));
	EXPECT_EQ(0, getsockopt(l, IPPROTO_IP, IP_PKTOPTIONS, control, &len));
	EXPECT_EQ(CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(4), len);
	EXPECT_EQ(-ENOPROTOOPT, get_opt(self->fd, IPPROTO_IP, IP_PKTOPTIONS));
	close(l);
}

/* ---- IPv6 ------------------------------------------------------------------- */

FIXTURE(udp6) {
	struct sockaddr_in6 to;
	int rx, tx;
};

FIXTURE_SETUP(udp6)
{
	ASSERT_LE(0, netns_new());
	self->to = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = htons(7000),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	self->rx = udp_form(FORM_IN6);
	self->tx = udp_form(FORM_IN6);
	ASSERT_EQ(0, bind(self->rx, (void *)&self->to, sizeof(self->to)));
}

FIXTURE_TEARDOWN(udp6)
{
	close(self->rx);
	close(self->tx);
}

static int say6(int fd, const struct sockaddr_in6 *to, int type,
		const void *data, size_t len)
{
	char control[256] = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = (void *)to, .msg_namelen = sizeof(*to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_IPV6;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return ERRNO(sendmsg(fd, &msg, 0));
}

static int say6_int(int fd, const struct sockaddr_in6 *to, int type, int value)
{
	return say6(fd, to, type, &value, sizeof(value));
}

static struct sockaddr_in6 six(const char *ip)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons(7000) };

	inet_pton(AF_INET6, ip, &a.sin6_addr);
	return a;
}

#define TO(fd, ip) ({							\
	struct sockaddr_in6 __to = six(ip);				\
	ERRNO(sendto(fd, "x", 1, 0, (void *)&__to, sizeof(__to)));	\
})
#define CONNECT6(fd, ip) ({						\
	struct sockaddr_in6 __to = six(ip);				\
	ERRNO(connect(fd, (void *)&__to, sizeof(__to)));		\
})

/* A socket that has an IPv6 address by connect(2) speaks IPv4 as well. */
TEST_F(udp6, from_ipv6_to_ipv4)
{
	EXPECT_EQ(0, CONNECT6(self->tx, "::1"));
	EXPECT_EQ(1, TO(self->tx, "::ffff:127.0.0.1"));
	EXPECT_EQ(0, CONNECT6(self->tx, "::ffff:127.0.0.1"));
	EXPECT_STREQ("127.0.0.1:7000", peer_of(self->tx));
}

/* An address of IPv4 stays one until connect(2) to AF_UNSPEC. */
TEST_F(udp6, from_ipv4_to_ipv6)
{
	EXPECT_EQ(0, CONNECT6(self->tx, "::ffff:127.0.0.1"));
	EXPECT_EQ(-EAFNOSUPPORT, TO(self->tx, "::1"));
	EXPECT_EQ(-EAFNOSUPPORT, CONNECT6(self->tx, "::1"));
	ASSERT_EQ(0, disconnect(self->tx));
	EXPECT_EQ(0, CONNECT6(self->tx, "::1"));
}

TEST_F(udp6, bound_to_ipv4)
{
	struct sockaddr_in6 a = six("::ffff:0.0.0.0");

	a.sin6_port = 0;
	ASSERT_EQ(0, bind(self->tx, (void *)&a, sizeof(a)));
	EXPECT_EQ(-EAFNOSUPPORT, TO(self->tx, "::1"));
	EXPECT_EQ(-EAFNOSUPPORT, CONNECT6(self->tx, "::1"));
	EXPECT_EQ(1, TO(self->tx, "::"));
	EXPECT_EQ(0, CONNECT6(self->tx, "::"));
	EXPECT_STREQ("127.0.0.1:7000", peer_of(self->tx));
}

/* :: as a destination is ::1, whatever address the socket has. */
TEST_F(udp6, to_the_wildcard)
{
	struct sockaddr_in6 a = six("fd00::1");
	struct told t;

	ASSERT_EQ(0, TESTING_TOY ? sh("toy addr add fd00::1/128 dev lo") :
				   sh("ip addr add fd00::1/128 dev lo nodad"));
	a.sin6_port = 0;
	ASSERT_EQ(0, bind(self->tx, (void *)&a, sizeof(a)));
	EXPECT_EQ(1, TO(self->tx, "::"));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
}

/* The socket's state is looked at before the address, unlike IPv4's. */
TEST_F(udp6, bound_twice)
{
	struct sockaddr_in6 a = six("2001:db8::1");

	EXPECT_EQ(-EADDRNOTAVAIL, ERRNO(bind(self->tx, (void *)&a, sizeof(a))));
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->rx, (void *)&a, sizeof(a))));
}

TEST_F(udp6, bad_addresses_to_bind_to)
{
	struct sockaddr_in6 a = six("fe80::1");

	/* Of which link? */
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->tx, (void *)&a, sizeof(a))));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	a = six("::ffff:127.0.0.1");
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->tx, (void *)&a, sizeof(a))));
	a = six("::ffff:0.0.0.0");
	EXPECT_EQ(-EINVAL, ERRNO(bind(self->tx, (void *)&a, sizeof(a))));
}

/* No value is 0. */
TEST_F(udp6, null_value)
{
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
	EXPECT_EQ(0, setsockopt(self->tx, IPPROTO_IPV6, IPV6_RECVPKTINFO, NULL, 4));
	EXPECT_EQ(0, get_opt(self->tx, IPPROTO_IPV6, IPV6_RECVPKTINFO));
}

TEST_F(udp6, hops_and_class_are_told)
{
	struct told t;

	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_RECVTCLASS, 1));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_TCLASS, 0x2c));
	EXPECT_EQ(1, sendto(self->tx, "x", 1, 0, (void *)&self->to, sizeof(self->to)));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	EXPECT_EQ(33, told_int(&t, SOL_IPV6, IPV6_HOPLIMIT));
	EXPECT_EQ(0x2c, told_int(&t, SOL_IPV6, IPV6_TCLASS));
	/* For one datagram. */
	EXPECT_EQ(1, say6_int(self->tx, &self->to, IPV6_HOPLIMIT, 3));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	EXPECT_EQ(3, told_int(&t, SOL_IPV6, IPV6_HOPLIMIT));
	EXPECT_EQ(1, say6_int(self->tx, &self->to, IPV6_TCLASS, 0x44));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	EXPECT_EQ(0x44, told_int(&t, SOL_IPV6, IPV6_TCLASS));
	/* IPv4's options say nothing about it. */
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IP, IP_TTL, 9));
	EXPECT_EQ(1, say6_int(self->tx, &self->to, IPV6_HOPLIMIT, -1));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	EXPECT_EQ(33, told_int(&t, SOL_IPV6, IPV6_HOPLIMIT));
}

TEST_F(udp6, destination_is_told)
{
	struct sockaddr_in6 *sin6;
	struct in6_pktinfo *info;
	struct cmsghdr *c;
	struct told t;

	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1));
	EXPECT_EQ(1, sendto(self->tx, "x", 1, 0, (void *)&self->to, sizeof(self->to)));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	c = find(&t, SOL_IPV6, IPV6_PKTINFO);
	ASSERT_NE(NULL, c);
	info = (void *)CMSG_DATA(c);
	EXPECT_EQ(if_nametoindex("lo"), info->ipi6_ifindex);
	EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&info->ipi6_addr));
	c = find(&t, SOL_IPV6, IPV6_ORIGDSTADDR);
	ASSERT_NE(NULL, c);
	sin6 = (void *)CMSG_DATA(c);
	EXPECT_EQ(AF_INET6, sin6->sin6_family);
	EXPECT_EQ(7000, ntohs(sin6->sin6_port));
}

TEST_F(udp6, bad_messages)
{
	struct in6_pktinfo info = {};
	int zero = 0;

	EXPECT_EQ(-EINVAL, say6_int(self->tx, &self->to, IPV6_HOPLIMIT, 256));
	EXPECT_EQ(-EINVAL, say6_int(self->tx, &self->to, IPV6_HOPLIMIT, -2));
	EXPECT_EQ(-EINVAL, say6_int(self->tx, &self->to, IPV6_TCLASS, 256));
	EXPECT_EQ(-EINVAL, say6(self->tx, &self->to, IPV6_TCLASS, &zero, 1));
	EXPECT_EQ(-EINVAL, say6(self->tx, &self->to, IPV6_PKTINFO, &zero, 4));
	EXPECT_EQ(-EINVAL, say6_int(self->tx, &self->to, IPV6_DONTFRAG, 2));
	EXPECT_EQ(-EINVAL, say6_int(self->tx, &self->to, 250, 1));
	inet_pton(AF_INET6, "2001:db8::99", &info.ipi6_addr);
	EXPECT_EQ(-EINVAL, say6(self->tx, &self->to, IPV6_PKTINFO, &info,
				sizeof(info)));
	inet_pton(AF_INET6, "::1", &info.ipi6_addr);
	EXPECT_EQ(1, say6(self->tx, &self->to, IPV6_PKTINFO, &info, sizeof(info)));
}

TEST_F(udp6, flow_label)
{
	struct sockaddr_in6 to = self->to;
	struct told t;
	struct cmsghdr *c;

	ASSERT_EQ(0, set_opt(self->rx, IPPROTO_IPV6, IPV6_FLOWINFO, 1));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	to.sin6_flowinfo = htonl(0x12345);
	EXPECT_EQ(1, sendto(self->tx, "x", 1, 0, (void *)&to, sizeof(to)));
	ASSERT_EQ(0, hear(self->rx, &t, 0));
	c = find(&t, SOL_IPV6, IPV6_FLOWINFO);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(0x12345, ntohl(*(uint32_t *)CMSG_DATA(c)) & 0xfffff);
}

TEST_F(udp6, error)
{
	struct sockaddr_in6 to = self->to;
	struct told t;

	to.sin6_port = htons(7);
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
	EXPECT_EQ(1, sendto(self->tx, "x", 1, 0, (void *)&to, sizeof(to)));
	ASSERT_EQ(0, hear(self->tx, &t, MSG_ERRQUEUE));
	EXPECT_NE(NULL, find(&t, SOL_IPV6, IPV6_RECVERR));
	EXPECT_EQ(64, told_int(&t, SOL_IPV6, IPV6_HOPLIMIT));
	EXPECT_EQ(7, addr_port(&t.from));
}

TEST_F(udp6, addrform)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	int fd = udp_form(FORM_IN6);

	EXPECT_EQ(-ENOTCONN, ERRNO(set_opt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET)));
	ASSERT_EQ(0, connect_to(fd, FORM_IN6, LO, 7));
	EXPECT_EQ(AF_INET6, get_opt(fd, IPPROTO_IPV6, IPV6_ADDRFORM));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET6)));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET));
	EXPECT_EQ(0, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(AF_INET, sin.sin_family);
	close(fd);
}

TOY_TEST_MAIN
