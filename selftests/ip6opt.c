// SPDX-License-Identifier: GPL-2.0-only
/*
 * What IPv6 sockets send and are asked: ipv6(7), RFC 3542, RFC 6437, RFC 6935.
 *
 *	a (AF_INET6)                          b (family under test)
 *	veth0 fd00::10.0.0.1  <----------->  veth1 fd00::10.0.0.2
 *
 * Everything here is IPv6, whatever TOY_IP says. What stands in a packet is
 * seen by a packet socket in a.
 */
#include "toy_test.h"

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in6.h>
#include <linux/icmpv6.h>
#include <netinet/tcp.h>

#define HERE	"10.0.0.2"
#define THERE	"10.0.0.1"

#ifndef UDP_NO_CHECK6_TX
#define UDP_NO_CHECK6_TX	101
#define UDP_NO_CHECK6_RX	102
#endif

/* Before the first case: addresses of this program are IPv6's. */
__attribute__((constructor)) static void always_v6(void)
{
	setenv("TOY_IP", "6", 1);
}

/* ---- Packets, as they are on the wire ------------------------------------ */

#define L2	14		/* Ethernet */
#define L3	(L2 + 40)	/* and IPv6, without extension headers */

struct frame {
	unsigned char b[70000];
	int len;
};

static int nexthdr(const struct frame *f)
{
	return f->b[L2 + 6];
}

static uint32_t label(const struct frame *f)
{
	return (f->b[L2 + 1] & 0xf) << 16 | f->b[L2 + 2] << 8 | f->b[L2 + 3];
}

static int be16(const struct frame *f, int at)
{
	return f->b[at] << 8 | f->b[at + 1];
}

/* Is it IPv6 and no neighbour discovery, and not what a itself sends? */
static bool interesting(const struct frame *f, const struct sockaddr_ll *from)
{
	if (f->len < L3 || from->sll_pkttype == PACKET_OUTGOING)
		return false;
	return nexthdr(f) != IPPROTO_ICMPV6 || f->b[L3] < 130 ||
	       f->b[L3] > 143;
}

/* The next packet that came from b. */
static int sniff(int sniffer, struct frame *f)
{
	struct sockaddr_ll from;
	socklen_t len;
	int i;

	for (i = 0; i < 200; i++) {
		if (!readable(sniffer))
			return -ETIMEDOUT;
		len = sizeof(from);
		f->len = recvfrom(sniffer, f->b, sizeof(f->b), MSG_DONTWAIT,
				  (void *)&from, &len);
		if (f->len < 0)
			return -errno;
		if (interesting(f, &from))
			return 0;
	}
	return -ENOENT;
}

/* RFC 1071 over a pseudo-header and the packet from L4 on: 0 if it is right. */
static uint16_t sum_of(const struct frame *f, int l4, int proto,
		       const unsigned char *daddr)
{
	uint32_t sum = proto + (f->len - l4);
	int i;

	for (i = 0; i < 16; i += 2)
		sum += be16(f, L2 + 8 + i) + (daddr[i] << 8 | daddr[i + 1]);
	for (i = l4; i + 1 < f->len; i += 2)
		sum += be16(f, i);
	if (i < f->len)
		sum += f->b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static bool sum_ok(const struct frame *f, int l4, int proto)
{
	return !sum_of(f, l4, proto, f->b + L2 + 24);
}

/* ---- Sockets and messages ------------------------------------------------- */

FIXTURE(net) {
	struct pair p;
	int fd;		/* UDP under test, bound to port 7000 */
	int there;	/* UDP, port 7000 there */
	int sniffer;
	union addr to;	/* @there */
};

FIXTURE_SETUP(net)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->fd = udp_form(FORM_IN6);
	ASSERT_EQ(0, bind_to(self->fd, FORM_IN6, HERE, 7000));
	self->there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN6, THERE, 7000));
	self->sniffer = socket_in(self->p.a, self->p.b, AF_PACKET, SOCK_RAW,
				  htons(ETH_P_IPV6));
	ASSERT_LE(0, self->sniffer);
	self->to = form_addr(FORM_IN6, THERE, 7000);
	/* Checksums on the wire are what was computed. */
	sh("ethtool -K veth1 tx off");
}

FIXTURE_TEARDOWN(net)
{
	close(self->fd);
	close(self->there);
	close(self->sniffer);
}

/* A message with control messages, put together piece by piece. */
struct say {
	char control[8192];
	size_t len;
};

static void say_add(struct say *s, int level, int type, const void *data,
		    size_t len)
{
	struct cmsghdr c = {
		.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(len),
	};

	memcpy(s->control + s->len, &c, sizeof(c));
	memcpy(s->control + s->len + CMSG_LEN(0), data, len);
	s->len += CMSG_SPACE(len);
}

static int say_now(int fd, const union addr *to, struct say *s,
		   const void *data, size_t len)
{
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_name = (void *)to,
		.msg_namelen = to ? sizeof(to->in6) : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = s->len ? s->control : NULL,
		.msg_controllen = s->len,
	};

	return ERRNO(sendmsg(fd, &msg, 0));
}

/* One control message, one byte. */
static int say(int fd, const union addr *to, int type, const void *data,
	       size_t len)
{
	struct say s = {};

	say_add(&s, SOL_IPV6, type, data, len);
	return say_now(fd, to, &s, "x", 1);
}

/* A datagram that was received, with all its control messages. */
struct told {
	char data[2048], control[4096];
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

static int got(int fd, const char *want)
{
	char data[64];
	int len = recv_now(fd, data, sizeof(data), 0);

	if (len < 0)
		return len;
	return len == strlen(want) && !memcmp(data, want, len) ? 0 : -EBADMSG;
}

/* ---- Without a checksum (RFC 6935, RFC 6936) ------------------------------- */

TEST_F(net, no_check6_values)
{
	static const int opts[] = { UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX };
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, get_opt(self->fd, IPPROTO_UDP, opts[i]));
		EXPECT_EQ(0, set_opt(self->fd, IPPROTO_UDP, opts[i], 7));
		EXPECT_EQ(1, get_opt(self->fd, IPPROTO_UDP, opts[i]));
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, IPPROTO_UDP,
						    opts[i], "", 1)));
		EXPECT_EQ(0, set_opt(self->fd, IPPROTO_UDP, opts[i], 0));
		EXPECT_EQ(0, get_opt(self->fd, IPPROTO_UDP, opts[i]));
	}
}

TEST_F(net, no_check6_tx)
{
	struct frame f;

	ASSERT_EQ(1, sendto(self->fd, "1", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_NE(0, be16(&f, L3 + 6));
	EXPECT_TRUE(sum_ok(&f, L3, IPPROTO_UDP));
	/* SO_NO_CHECK is IPv4's (RFC 8200 8.1). */
	ASSERT_EQ(0, set_opt(self->fd, SOL_SOCKET, SO_NO_CHECK, 1));
	ASSERT_EQ(1, sendto(self->fd, "2", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_NE(0, be16(&f, L3 + 6));
	EXPECT_TRUE(sum_ok(&f, L3, IPPROTO_UDP));
	/* Corked, too. */
	ASSERT_EQ(1, sendto(self->fd, "3", 1, MSG_MORE, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(1, sendto(self->fd, "3", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_TRUE(sum_ok(&f, L3, IPPROTO_UDP));

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1));
	ASSERT_EQ(1, sendto(self->fd, "4", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0, be16(&f, L3 + 6));
	ASSERT_EQ(1, sendto(self->fd, "5", 1, MSG_MORE, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(1, sendto(self->fd, "5", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0, be16(&f, L3 + 6));
	EXPECT_EQ(0, got(self->there, "1"));
	EXPECT_EQ(0, got(self->there, "2"));
	EXPECT_EQ(0, got(self->there, "33"));
	EXPECT_EQ(0, got(self->there, "4"));
	EXPECT_EQ(0, got(self->there, "55"));
}

TEST_F(net, no_check6_rx)
{
	union addr here = form_addr(FORM_IN6, HERE, 7000);
	union addr nobody = form_addr(FORM_IN6, HERE, 7001);

	ASSERT_EQ(0, set_opt(self->there, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1));
	ASSERT_EQ(1, sendto(self->there, "1", 1, 0, &here.sa, sizeof(here.in6)));
	EXPECT_TRUE(silent(self->fd));
	if (TESTING_TOY)
		EXPECT_EQ(0, sh("toy stat | grep -qw 'DropUdpNoChecksum *1'"));
	/* Not even "port unreachable": nothing proves that it was for us. */
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(1, sendto(self->there, "2", 1, 0, &nobody.sa, sizeof(nobody.in6)));
	EXPECT_TRUE(silent(self->there));

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1));
	ASSERT_EQ(1, sendto(self->there, "3", 1, 0, &here.sa, sizeof(here.in6)));
	EXPECT_EQ(0, got(self->fd, "3"));
	/* With one it is still checked, and taken. */
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_UDP, UDP_NO_CHECK6_TX, 0));
	ASSERT_EQ(1, sendto(self->there, "4", 1, 0, &here.sa, sizeof(here.in6)));
	EXPECT_EQ(0, got(self->fd, "4"));
}

/* To a group: of its members those who have said so. */
TEST_F(net, no_check6_group)
{
	struct ipv6_mreq mreq = { .ipv6mr_interface = if_nametoindex("veth1") };
	union addr group = { .in6 = { .sin6_family = AF_INET6,
				      .sin6_port = htons(7002) } };
	union addr any = group;
	int fd[2], i, ifindex = 10;

	inet_pton(AF_INET6, "ff05::7", &mreq.ipv6mr_multiaddr);
	group.in6.sin6_addr = mreq.ipv6mr_multiaddr;
	for (i = 0; i < 2; i++) {
		fd[i] = udp_form(FORM_IN6);
		ASSERT_EQ(0, set_opt(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, bind(fd[i], &any.sa, sizeof(any.in6)));
		ASSERT_EQ(0, setsockopt(fd[i], IPPROTO_IPV6, IPV6_JOIN_GROUP,
					&mreq, sizeof(mreq)));
	}
	ASSERT_EQ(0, set_opt(fd[1], IPPROTO_UDP, UDP_NO_CHECK6_RX, 1));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1));
	ASSERT_EQ(1, sendto(self->there, "1", 1, 0, &group.sa, sizeof(group.in6)));
	EXPECT_EQ(0, got(fd[1], "1"));
	EXPECT_TRUE(silent(fd[0]));
	close(fd[0]);
	close(fd[1]);
}

/* ---- Raw sockets of neither version ---------------------------------------- */

/* What it has sent says what it wants to hear, in whatever form. */
TEST_F(net, raw_version)
{
	union addr v6 = form_addr(FORM_TOY, THERE, 0), v4 = v6;
	int fd, there4, there6;

	if (!TESTING_TOY)
		SKIP(return, "the control's sockets have a version");
	fd = socket(AF_TOY, SOCK_RAW, 200);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sh("toy addr add 10.0.0.2/24 dev veth1"));
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, sh("ip addr add 10.0.0.1/24 dev veth0"));
	there4 = socket(AF_INET, SOCK_RAW, 200);
	there6 = socket(AF_INET6, SOCK_RAW, 200);
	ASSERT_EQ(0, netns_enter(self->p.b));

	inet_pton(AF_INET6, "::ffff:10.0.0.1", &v4.in6.sin6_addr);
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, &v6.sa, sizeof(v6.toy)));
	v6 = form_addr(FORM_IN6, HERE, 0);
	ASSERT_EQ(2, sendto(there6, "66", 2, 0, &v6.sa, sizeof(v6.in6)));
	EXPECT_EQ(0, got(fd, "66"));
	{
		struct sockaddr_in in = {
			.sin_family = AF_INET,
			.sin_addr.s_addr = inet_addr(HERE),
		};

		ASSERT_EQ(1, sendto(there4, "4", 1, 0, (void *)&in, sizeof(in)));
		EXPECT_TRUE(silent(fd));
		ASSERT_EQ(1, sendto(fd, "x", 1, 0, &v4.sa, sizeof(v4.toy)));
		ASSERT_EQ(1, sendto(there4, "4", 1, 0, (void *)&in, sizeof(in)));
		EXPECT_TRUE(readable(fd));
	}
	close(fd);
	close(there4);
	close(there6);
}

TOY_TEST_MAIN
