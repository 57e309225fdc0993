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
#include <sys/wait.h>
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

/* Is it IPv6 and no neighbour discovery, no report of b's groups, and not what a
 * itself sends?
 */
static bool interesting(const struct frame *f, const struct sockaddr_ll *from)
{
	if (f->len < L3 || from->sll_pkttype == PACKET_OUTGOING ||
	    f->b[L2 + 24] == 0xff)
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

/* ---- What routers say ------------------------------------------------------- */

/* An ICMPv6 error of a's about the packet F, extensions behind it. */
static int complain(const struct pair *p, const struct frame *f, int type,
		    int code, uint32_t info, const void *ext, int ext_len)
{
	unsigned char m[2000] = { type, code };
	union addr to = form_addr(FORM_IN6, HERE, 0);
	int fd = socket_in(p->a, p->b, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	int len = 8 + f->len - L2, ret;

	info = htonl(info);
	memcpy(m + 4, &info, 4);
	memcpy(m + 8, f->b + L2, f->len - L2);
	if (ext_len && len < 8 + 128)
		len = 8 + 128;
	memcpy(m + len, ext, ext_len);
	ret = ERRNO(sendto(fd, m, len + ext_len, 0, &to.sa, sizeof(to.in6)));
	close(fd);
	return ret < 0 ? ret : 0;
}

/* What a datagram's sender learns of "packet too big", by IPV6_MTU_DISCOVER;
 * IPv4's option has nothing to say.
 */
static const struct {
	int how;
	int mtu;	/* IPV6_MTU afterwards */
	int err;	/* SO_ERROR without IPV6_RECVERR */
	int queued;	/* with it, an error is queued */
} too_big[] = {
	{ IPV6_PMTUDISC_DONT,		1400, 0,	true },
	{ IPV6_PMTUDISC_WANT,		1400, EMSGSIZE,	true },
	{ IPV6_PMTUDISC_DO,		1400, EMSGSIZE,	true },
	{ IPV6_PMTUDISC_PROBE,		1400, EMSGSIZE,	true },
	{ IPV6_PMTUDISC_INTERFACE,	1500, 0,	false },
	{ IPV6_PMTUDISC_OMIT,		1500, 0,	false },
};

TEST_F(net, too_big_udp)
{
	int i, fd, here[2] = { IP_PMTUDISC_INTERFACE, IP_PMTUDISC_DO };
	struct frame f;
	struct told t;

	for (i = 0; i < ARRAY_SIZE(too_big); i++) {
		struct sock_extended_err *ee;
		struct cmsghdr *c;

		/* Each its own destination, since what is learnt stays. */
		char there[16];

		snprintf(there, sizeof(there), "10.0.0.%d", 100 + i);
		ASSERT_EQ(0, netns_enter(self->p.a));
		ASSERT_EQ(0, sh("ip addr add fd00::%s/120 dev veth0 nodad", there));
		ASSERT_EQ(0, netns_enter(self->p.b));
		fd = udp_form(FORM_IN6);
		set_opt(fd, IPPROTO_IP, IP_MTU_DISCOVER,
			here[too_big[i].how >= IPV6_PMTUDISC_INTERFACE]);
		ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
				     too_big[i].how));
		ASSERT_EQ(0, connect_to(fd, FORM_IN6, there, 9));
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		ASSERT_EQ(0, sniff(self->sniffer, &f));
		/* Port 9 is nobody's. */
		ASSERT_TRUE(readable(fd));
		EXPECT_EQ(ECONNREFUSED, get_opt(fd, SOL_SOCKET, SO_ERROR));

		ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_PKT_TOOBIG, 0, 1400,
				      NULL, 0));
		EXPECT_EQ(!too_big[i].err, silent(fd));
		EXPECT_EQ(too_big[i].err, get_opt(fd, SOL_SOCKET, SO_ERROR)) {
			TH_LOG("mode %d", too_big[i].how);
		}
		EXPECT_EQ(too_big[i].mtu, get_opt(fd, IPPROTO_IPV6, IPV6_MTU)) {
			TH_LOG("mode %d", too_big[i].how);
		}
		ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
		ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_PKT_TOOBIG, 0, 1399,
				      NULL, 0));
		if (!too_big[i].queued) {
			EXPECT_TRUE(silent(fd));
			close(fd);
			continue;
		}
		ASSERT_EQ(0, hear(fd, &t, MSG_ERRQUEUE));
		c = find(&t, SOL_IPV6, IPV6_RECVERR);
		ASSERT_NE(NULL, c);
		ee = (void *)CMSG_DATA(c);
		EXPECT_EQ(EMSGSIZE, ee->ee_errno);
		EXPECT_EQ(1399, ee->ee_info);
		close(fd);
	}
}

/* A raw socket lets them all in, and is told when it has asked for it. */
TEST_F(net, too_big_raw)
{
	struct frame f;
	int fd;

	fd = sock_form(FORM_IN6, SOCK_RAW, 200);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
			     IPV6_PMTUDISC_WANT));
	ASSERT_EQ(0, connect_to(fd, FORM_IN6, THERE, 0));
	/* An error must quote 8 bytes of it. */
	ASSERT_EQ(8, send(fd, "12345678", 8, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	/* Nobody there speaks this protocol. */
	ASSERT_TRUE(readable(fd));
	EXPECT_EQ(EPROTO, get_opt(fd, SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_PKT_TOOBIG, 0, 1400, NULL, 0));
	EXPECT_TRUE(silent(fd));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
			     IPV6_PMTUDISC_DO));
	ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_PKT_TOOBIG, 0, 1399, NULL, 0));
	ASSERT_TRUE(readable(fd));
	EXPECT_EQ(EMSGSIZE, get_opt(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
	EXPECT_EQ(0, connect_to(self->fd, FORM_IN6, THERE, 7000));
	EXPECT_EQ(1399, get_opt(self->fd, IPPROTO_IPV6, IPV6_MTU));
}

/* A connection to port 7001 there; the listener is closed again. */
static int tcp_there(const struct pair *p, int fd)
{
	int listener = socket_in(p->a, p->b, AF_INET6, SOCK_STREAM, 0), there;

	if (set_opt(listener, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    bind_to(listener, FORM_IN6, THERE, 7001) || listen(listener, 1) ||
	    connect_to(fd, FORM_IN6, THERE, 7001))
		return -1;
	there = accept(listener, NULL, NULL);
	close(listener);
	return there;
}

/* From now on a does not answer at THERE, but is still there. */
static int go_away(const struct pair *p)
{
	return netns_enter(p->a) ||
	       sh("ip addr replace fd00::10.0.0.9/120 dev veth0 nodad") ||
	       sh("ip addr del fd00::%s/120 dev veth0", THERE) ||
	       netns_enter(p->b);
}

/* The next TCP segment with data that came from b. */
static int sniff_data(int sniffer, struct frame *f)
{
	int i, err;

	for (i = 0; i < 50; i++) {
		err = sniff(sniffer, f);
		if (err)
			return err;
		if (nexthdr(f) == IPPROTO_TCP &&
		    f->len > L3 + (f->b[L3 + 12] >> 4) * 4)
			return 0;
	}
	return -ENOENT;
}

/* Nothing of it is sent any more. */
static void abort_tcp(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void drain(int sniffer)
{
	static char b[70000];

	while (!silent(sniffer))
		recv(sniffer, b, sizeof(b), MSG_DONTWAIT);
}

static int snd_mss(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? -errno :
	       info.tcpi_snd_mss;
}

TEST_F(net, too_big_tcp)
{
	static const struct {
		int how4, how6, shrinks;
	} rows[] = {
		{ IP_PMTUDISC_DONT, IPV6_PMTUDISC_WANT, true },
		{ IP_PMTUDISC_WANT, IPV6_PMTUDISC_OMIT, false },
	};
	int i, j, fd, there, before;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = sock_form(FORM_IN6, SOCK_STREAM, 0);
		set_opt(fd, IPPROTO_IP, IP_MTU_DISCOVER, rows[i].how4);
		ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
				     rows[i].how6));
		there = tcp_there(&self->p, fd);
		ASSERT_LE(0, there);
		before = snd_mss(fd);
		ASSERT_EQ(0, go_away(&self->p));
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		ASSERT_EQ(0, sniff_data(self->sniffer, &f));
		ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_PKT_TOOBIG, 0, 1380,
				      NULL, 0));
		for (j = 0; j < (rows[i].shrinks ? 1000 : 50) &&
		     snd_mss(fd) == before; j++)
			usleep(1000);
		EXPECT_EQ(rows[i].shrinks ? before - 120 : before, snd_mss(fd)) {
			TH_LOG("row %d", i);
		}
		ASSERT_EQ(0, netns_enter(self->p.a));
		ASSERT_EQ(0, sh("ip addr add fd00::%s/120 dev veth0 nodad", THERE));
		ASSERT_EQ(0, netns_enter(self->p.b));
		abort_tcp(fd);
		close(there);
		drain(self->sniffer);
		ASSERT_EQ(0, sh(TESTING_TOY ? "toy route flush cache" :
					      "ip -6 route flush cache"));
	}
}

/* RFC 3542 11.3: without fragments, a datagram that is too long tells why. */
TEST_F(net, recvpathmtu)
{
	static char data[3000];
	struct ip6_mtuinfo {
		struct sockaddr_in6 addr;
		uint32_t mtu;
	} *info;
	struct told t = {};
	struct cmsghdr *c;
	int i;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_RECVPATHMTU, 1));
	/* With them it is none. */
	ASSERT_EQ(3000, sendto(self->fd, data, 3000, 0, &self->to.sa,
			       sizeof(self->to.in6)));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, data, 1, MSG_DONTWAIT)));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 3000, 0,
						  &self->to.sa,
						  sizeof(self->to.in6))));
	EXPECT_EQ(1452, sendto(self->fd, data, 1452, 0, &self->to.sa,
			       sizeof(self->to.in6)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 1453, 0, &self->to.sa,
					  sizeof(self->to.in6))));
	t.iov = (struct iovec){ t.data, sizeof(t.data) };
	t.msg = (struct msghdr){
		.msg_name = &t.from, .msg_namelen = sizeof(t.from),
		.msg_iov = &t.iov, .msg_iovlen = 1,
		.msg_control = t.control, .msg_controllen = sizeof(t.control),
	};
	ASSERT_EQ(0, recvmsg(self->fd, &t.msg, MSG_DONTWAIT));
	EXPECT_EQ(sizeof(struct sockaddr_in6), t.msg.msg_namelen);
	EXPECT_STREQ("10.0.0.1:0", addr_str(&t.from));
	c = find(&t, SOL_IPV6, IPV6_PATHMTU);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(CMSG_LEN(sizeof(*info)), c->cmsg_len);
	info = (void *)CMSG_DATA(c);
	EXPECT_EQ(1500, info->mtu);
	EXPECT_EQ(0, memcmp(&info->addr.sin6_addr, &self->to.in6.sin6_addr, 16));
	/* Once. */
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, data, 1, MSG_DONTWAIT)));
	/* Only who asks. */
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_RECVPATHMTU, 0));
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 3000, 0, &self->to.sa,
					  sizeof(self->to.in6))));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->fd, data, 1, MSG_DONTWAIT)));
}

/* RFC 4884: where extensions begin in what is read, and whether they are right. */
TEST_F(net, rfc4884)
{
	static const struct {
		const char *name;
		int on, type, code, units, ext_len, len, flags;
		unsigned char ext[12];
	} rows[] = {
		{ "good", 1, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 16, 12,
		  128 - 48, 0, { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
		{ "time exceeded", 1, ICMPV6_TIME_EXCEED, 0, 16, 8,
		  128 - 48, 0, { 0x20, 0, 0xde, 0xfa, 0, 4, 1, 1 } },
		{ "wrong checksum", 1, ICMPV6_TIME_EXCEED, 0, 16, 8,
		  128 - 48, SO_EE_RFC4884_FLAG_INVALID,
		  { 0x20, 0, 0xde, 0xfb, 0, 4, 1, 1 } },
		{ "too long an object", 1, ICMPV6_DEST_UNREACH,
		  ICMPV6_ADDR_UNREACH, 16, 8, 128 - 48,
		  SO_EE_RFC4884_FLAG_INVALID, { 0x20, 0, 0, 0, 0, 5, 1, 1 } },
		{ "too short a quote", 1, ICMPV6_DEST_UNREACH,
		  ICMPV6_ADDR_UNREACH, 15, 12, 0, 0,
		  { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
		{ "beyond the end", 1, ICMPV6_DEST_UNREACH,
		  ICMPV6_ADDR_UNREACH, 18, 12, 0, 0,
		  { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
		{ "another type", 1, ICMPV6_PARAMPROB, 0, 16, 12, 0, 0,
		  { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
		{ "nobody asked", 0, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
		  16, 12, 0, 0, { 0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4 } },
	};
	struct sock_extended_err *ee;
	struct cmsghdr *c;
	struct frame f;
	struct told t;
	int i;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(2, sendto(self->fd, "ab", 2, 0, &self->to.sa,
			    sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6,
				     31 /* IPV6_RECVERR_RFC4884 */, rows[i].on));
		ASSERT_EQ(0, complain(&self->p, &f, rows[i].type, rows[i].code,
				      rows[i].units << 24, rows[i].ext,
				      rows[i].ext_len));
		ASSERT_EQ(0, hear(self->fd, &t, MSG_ERRQUEUE));
		c = find(&t, SOL_IPV6, IPV6_RECVERR);
		ASSERT_NE(NULL, c);
		ee = (void *)CMSG_DATA(c);
		EXPECT_EQ(rows[i].len, ee->ee_rfc4884.len) {
			TH_LOG("%s", rows[i].name);
		}
		EXPECT_EQ(rows[i].flags, ee->ee_rfc4884.flags) {
			TH_LOG("%s", rows[i].name);
		}
		EXPECT_EQ(128 - 48 + rows[i].ext_len, t.len);
		if (rows[i].len)
			EXPECT_EQ(0, memcmp(t.data + rows[i].len, rows[i].ext,
					    rows[i].ext_len));
	}
}

/* ---- Flow labels that the stack makes (RFC 6437) ---------------------------- */

static int auto_flowlabels(const char *value)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/auto_flowlabels",
		 TESTING_TOY ? "toy" : "ipv6");
	fd = open(path, O_WRONLY);
	ret = ERRNO(write(fd, value, 1));
	close(fd);
	return ret == 1 ? 0 : -1;
}

TEST_F(net, autoflowlabel_rules)
{
	/* What the option says, what the namespace says, is there a label? */
	static const struct {
		const char *rule;
		int unset, off, on, get;
	} rows[] = {
		{ "0", 0, 0, 0, 0 }, { "1", 1, 0, 1, 1 },
		{ "2", 0, 0, 1, 0 }, { "3", 1, 1, 1, 1 },
	};
	struct frame f;
	int i, j, fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const int want[] = { rows[i].unset, rows[i].off, rows[i].on };

		ASSERT_EQ(0, auto_flowlabels(rows[i].rule));
		for (j = 0; j < 3; j++) {
			fd = udp_form(FORM_IN6);
			EXPECT_EQ(rows[i].get, get_opt(fd, IPPROTO_IPV6,
						       IPV6_AUTOFLOWLABEL));
			if (j)
				ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6,
						     IPV6_AUTOFLOWLABEL, j - 1));
			ASSERT_EQ(1, sendto(fd, "x", 1, 0, &self->to.sa,
					    sizeof(self->to.in6)));
			ASSERT_EQ(0, sniff(self->sniffer, &f));
			EXPECT_EQ(want[j], label(&f) != 0) {
				TH_LOG("rule %s, case %d", rows[i].rule, j);
			}
			close(fd);
		}
	}
}

TEST_F(net, autoflowlabel_of_a_flow)
{
	struct frame f;
	uint32_t first;
	int i;

	ASSERT_EQ(1, sendto(self->fd, "x", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	first = label(&f);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, sendto(self->fd, "x", 1, 0, &self->to.sa,
				    sizeof(self->to.in6)));
		ASSERT_EQ(0, sniff(self->sniffer, &f));
		EXPECT_EQ(first, label(&f));
	}
	/* Another port is another flow. */
	self->to.in6.sin6_port = htons(7009);
	ASSERT_EQ(1, sendto(self->fd, "x", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_NE(first, label(&f));
}

static int so_txrehash(int fd, int on)
{
	return setsockopt(fd, SOL_SOCKET, 74, &on, sizeof(on));
}

/* One label for a connection, until a timeout says that another may be better
 * (RFC 6438 3); SO_TXREHASH keeps it.
 */
TEST_F(net, label_of_a_connection)
{
	int rehash, fd, there;
	struct frame f;
	uint32_t first;

	for (rehash = 1; rehash >= 0; rehash--) {
		/* Once the neighbour is known, no SYN gets lost. */
		ASSERT_EQ(1, sendto(self->fd, "x", 1, 0, &self->to.sa,
				    sizeof(self->to.in6)));
		ASSERT_TRUE(readable(self->there));
		ASSERT_EQ(1, recv(self->there, f.b, 1, 0));
		fd = sock_form(FORM_IN6, SOCK_STREAM, 0);
		ASSERT_EQ(0, so_txrehash(fd, rehash));
		there = tcp_there(&self->p, fd);
		ASSERT_LE(0, there);
		/* The end of the last one may still be under way. */
		do {
			ASSERT_EQ(0, sniff(self->sniffer, &f));
		} while (nexthdr(&f) != IPPROTO_TCP || f.b[L3 + 13] != 2);
		first = label(&f);
		EXPECT_NE(0, first);
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		ASSERT_EQ(0, sniff_data(self->sniffer, &f));
		EXPECT_EQ(first, label(&f));
		/* Acknowledged, so that no timer is under way. */
		ASSERT_EQ(1, recv_now(there, f.b, 1, 0));
		ASSERT_EQ(0, go_away(&self->p));
		ASSERT_EQ(1, send(fd, "y", 1, 0));
		ASSERT_EQ(0, sniff_data(self->sniffer, &f));
		EXPECT_EQ(first, label(&f));
		/* A tail loss probe has the old one still. */
		ASSERT_EQ(0, sniff_data(self->sniffer, &f));
		ASSERT_EQ(0, sniff_data(self->sniffer, &f));
		EXPECT_EQ(rehash, first != label(&f));
		ASSERT_EQ(0, netns_enter(self->p.a));
		ASSERT_EQ(0, sh("ip addr add fd00::%s/120 dev veth0 nodad", THERE));
		ASSERT_EQ(0, netns_enter(self->p.b));
		abort_tcp(fd);
		close(there);
		drain(self->sniffer);
	}
}

/* The answer to a SYN has it already. */
TEST_F(net, label_of_an_accepted_one)
{
	int listener = sock_form(FORM_IN6, SOCK_STREAM, 0), there, fd;
	struct frame f;
	uint32_t first;

	ASSERT_EQ(0, bind_to(listener, FORM_IN6, HERE, 7001));
	ASSERT_EQ(0, listen(listener, 1));
	there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect_to(there, FORM_IN6, HERE, 7001));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	first = label(&f);
	EXPECT_NE(0, first);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff_data(self->sniffer, &f));
	EXPECT_EQ(first, label(&f));
	close(fd);
	close(there);
	close(listener);
}

/* ---- Extension headers in what is sent (RFC 3542 6 to 10) -------------------- */

#ifndef IPV6_RTHDRDSTOPTS
#define IPV6_RTHDRDSTOPTS	55
#endif

/* Options that say nothing, 8 and 16 bytes: padding, which must be no more than
 * that, and one of RFC 4727's for experiments.
 */
static const unsigned char pad8[8] = { 99, 0, 1, 4 };
static const unsigned char pad16[16] = { 99, 1, 0x1e, 12, 1, 2, 3, 4, 5, 6, 7 };
static const unsigned char huge[2048] = { 99, 255, 1, 4 };

/* Two segments: first to A, then to where the packet is for. */
static void srh_via(unsigned char *srh, const char *via)
{
	union addr a = form_addr(FORM_IN6, via, 0);

	memset(srh, 0, 40);
	memcpy(srh, ((unsigned char []){ 99, 4, 4, 1, 1 }), 5);
	memcpy(srh + 24, &a.in6.sin6_addr, 16);
}

static const struct ext_row {
	const char *name;
	int opt, len;
	unsigned char bytes[48];
} ext_rows[] = {
	{ "hop", IPV6_HOPOPTS, 8, { 0, 0, 1, 4 } },
	{ "hop, 16", IPV6_HOPOPTS, 16, { 7, 1, 1, 12 } },
	{ "hop, shorter than given", IPV6_HOPOPTS, 16, { 7, 0, 1, 4 } },
	{ "hop, longer than given", IPV6_HOPOPTS, 8, { 7, 1, 1, 4 } },
	{ "hop, 7 bytes", IPV6_HOPOPTS, 7, { 7, 0, 1, 4 } },
	{ "hop, 1 byte", IPV6_HOPOPTS, 1, { 7 } },
	{ "hop, away", IPV6_HOPOPTS, 0, {} },
	{ "dst", IPV6_DSTOPTS, 8, { 7, 0, 1, 4 } },
	{ "dst before routing", IPV6_RTHDRDSTOPTS, 16, { 7, 1, 1, 12 } },
	{ "dst, away", IPV6_DSTOPTS, 0, {} },
	{ "routing 0", IPV6_RTHDR, 24, { 0, 2, 0, 1 } },
	{ "routing 3", IPV6_RTHDR, 24, { 0, 2, 3, 1 } },
	{ "one segment", IPV6_RTHDR, 24, { 0, 2, 4, 0, 0, 0, 0, 0, 0xfd } },
	{ "two segments", IPV6_RTHDR, 40, { 0, 4, 4, 1, 1, 0, 0, 0, 0xfd } },
	{ "more left than segments", IPV6_RTHDR, 40, { 0, 4, 4, 2, 1 } },
	{ "no room for the last", IPV6_RTHDR, 24, { 0, 2, 4, 0, 1 } },
	{ "another length", IPV6_RTHDR, 40, { 0, 2, 4, 0, 0 } },
	{ "half a TLV", IPV6_RTHDR, 32, { 0, 3, 4, 0, 0, 0, 0, 0, 0xfd,
	  [24] = 4, 5, [31] = 4 } },
	{ "routing, away", IPV6_RTHDR, 0, {} },
	{ "dst before routing, away", IPV6_RTHDRDSTOPTS, 0, {} },
};

static const int ext_opts[] = {
	IPV6_HOPOPTS, IPV6_RTHDRDSTOPTS, IPV6_RTHDR, IPV6_DSTOPTS,
};

/* Every answer is AF_INET6's. */
TEST(ext_values)
{
	unsigned char want[64], got_it[64];
	socklen_t want_len, got_len;
	int i, j, root, type, want_fd, got_fd;

	ASSERT_LE(0, netns_new());
	for (type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		want_fd = socket(AF_INET6, type, 0);
		got_fd = sock_form(FORM_IN6, type, 0);
		EXPECT_EQ(ERRNO(setsockopt(want_fd, IPPROTO_IPV6, IPV6_HOPOPTS,
					   huge, 2048)),
			  ERRNO(setsockopt(got_fd, IPPROTO_IPV6, IPV6_HOPOPTS,
					   huge, 2048)));
		for (i = 0; i < ARRAY_SIZE(ext_rows); i++) {
			const struct ext_row *r = &ext_rows[i];

			EXPECT_EQ(ERRNO(setsockopt(want_fd, IPPROTO_IPV6,
						   r->opt, r->bytes, r->len)),
				  ERRNO(setsockopt(got_fd, IPPROTO_IPV6,
						   r->opt, r->bytes, r->len))) {
				TH_LOG("%s", r->name);
			}
			for (j = 0; j < 4; j++) {
				memset(want, 0x55, 64);
				memset(got_it, 0x55, 64);
				want_len = i % 2 ? 64 : 9;
				got_len = want_len;
				EXPECT_EQ(ERRNO(getsockopt(want_fd, IPPROTO_IPV6,
							   ext_opts[j], want,
							   &want_len)),
					  ERRNO(getsockopt(got_fd, IPPROTO_IPV6,
							   ext_opts[j], got_it,
							   &got_len)));
				EXPECT_EQ(want_len, got_len) {
					TH_LOG("%s, %d", r->name, ext_opts[j]);
				}
				EXPECT_EQ(0, memcmp(want, got_it, 64)) {
					TH_LOG("%s, %d", r->name, ext_opts[j]);
				}
			}
		}
		EXPECT_EQ(-EFAULT, ERRNO(setsockopt(got_fd, IPPROTO_IPV6,
						    IPV6_DSTOPTS, (void *)8, 8)));
		close(want_fd);
		close(got_fd);
	}
	/* Kind 2 is AF_INET6's only where it is built in. */
	if (TESTING_TOY) {
		unsigned char home[24] = { 0, 2, 2, 1, [8] = 0xfd };

		got_fd = udp_form(FORM_IN6);
		EXPECT_EQ(0, setsockopt(got_fd, IPPROTO_IPV6, IPV6_RTHDR, home, 24));
		home[3] = 2;
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(got_fd, IPPROTO_IPV6,
						    IPV6_RTHDR, home, 24)));
		close(got_fd);
	}
	/* And without privilege. */
	want_fd = socket(AF_INET6, SOCK_DGRAM, 0);
	got_fd = udp_form(FORM_IN6);
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	for (i = 0; i < ARRAY_SIZE(ext_rows); i++) {
		const struct ext_row *r = &ext_rows[i];

		root = ERRNO(setsockopt(want_fd, IPPROTO_IPV6, r->opt,
					r->bytes, r->len));
		EXPECT_EQ(root, ERRNO(setsockopt(got_fd, IPPROTO_IPV6, r->opt,
						 r->bytes, r->len))) {
			TH_LOG("%s", r->name);
		}
	}
	close(want_fd);
	close(got_fd);
}

/* The chain of headers of a packet, as text: "hop8 dst16 udp". */
static const char *chain(const struct frame *f, int *l4)
{
	static char text[128];
	int at = L3, next = nexthdr(f), len;

	text[0] = 0;
	while (next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT) {
		len = next == IPPROTO_FRAGMENT ? 8 : (f->b[at + 1] + 1) * 8;
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%d ", next == IPPROTO_HOPOPTS ? "hop" :
			 next == IPPROTO_DSTOPTS ? "dst" :
			 next == IPPROTO_ROUTING ? "rt" : "frag", len);
		if (next == IPPROTO_FRAGMENT && f->b[at + 2 + 1] & 0xf8) {
			strcat(text, "rest");
			return text;
		}
		if (next == IPPROTO_FRAGMENT && f->b[at + 2]) {
			strcat(text, "rest");
			return text;
		}
		next = f->b[at];
		at += len;
		if (at >= f->len)
			return text;
	}
	strcat(text, next == IPPROTO_UDP ? "udp" : next == IPPROTO_TCP ? "tcp" :
	       next == IPPROTO_ICMPV6 ? "icmp" : "other");
	if (l4)
		*l4 = at;
	return text;
}

static int told_ext(struct told *t, int type, const unsigned char *want, int len)
{
	struct cmsghdr *c = find(t, SOL_IPV6, type);

	if (!c)
		return -ENOENT;
	/* The first byte names what follows. */
	return c->cmsg_len == CMSG_LEN(len) &&
	       !memcmp((char *)CMSG_DATA(c) + 1, want + 1, len - 1) ? 0 : -EBADMSG;
}

TEST_F(net, ext_sticky)
{
	struct frame f;
	struct told t;
	int l4;

	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad8, 8));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad16, 16));
	/* Only with a routing header. */
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_RTHDRDSTOPTS, pad8, 8));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IPV6, IPV6_RECVHOPOPTS, 1));
	ASSERT_EQ(0, set_opt(self->there, IPPROTO_IPV6, IPV6_RECVDSTOPTS, 1));
	ASSERT_EQ(2, sendto(self->fd, "ab", 2, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 dst16 udp", chain(&f, &l4));
	EXPECT_TRUE(sum_ok(&f, l4, IPPROTO_UDP));
	EXPECT_EQ(f.len - L3, be16(&f, L2 + 4));
	ASSERT_EQ(0, hear(self->there, &t, 0));
	EXPECT_EQ(0, told_ext(&t, IPV6_HOPOPTS, pad8, 8));
	EXPECT_EQ(0, told_ext(&t, IPV6_DSTOPTS, pad16, 16));

	/* Corked, and connected. */
	ASSERT_EQ(0, connect(self->fd, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(1, send(self->fd, "a", 1, MSG_MORE));
	ASSERT_EQ(1, send(self->fd, "b", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 dst16 udp", chain(&f, &l4));
	EXPECT_TRUE(sum_ok(&f, l4, IPPROTO_UDP));

	/* Away with them. */
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, NULL, 0));
	ASSERT_EQ(1, send(self->fd, "a", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst16 udp", chain(&f, NULL));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_DSTOPTS, NULL, 0));
	ASSERT_EQ(1, send(self->fd, "a", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("udp", chain(&f, NULL));
}

TEST_F(net, ext_per_message)
{
	struct say s = {};
	struct frame f;
	int l4;

	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad16, 16));
	/* One of them takes the place of all that the socket has. */
	ASSERT_EQ(1, say(self->fd, &self->to, IPV6_DSTOPTS, pad8, 8));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst8 udp", chain(&f, &l4));
	EXPECT_TRUE(sum_ok(&f, l4, IPPROTO_UDP));
	ASSERT_EQ(1, say(self->fd, &self->to, IPV6_2292DSTOPTS, pad16, 16));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst16 udp", chain(&f, NULL));
	say_add(&s, SOL_IPV6, IPV6_DSTOPTS, pad8, 8);
	say_add(&s, SOL_IPV6, IPV6_2292HOPOPTS, pad8, 8);
	ASSERT_EQ(3, say_now(self->fd, &self->to, &s, "abc", 3));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 dst8 udp", chain(&f, NULL));
	/* Other messages do not. */
	l4 = 9;
	ASSERT_EQ(1, say(self->fd, &self->to, IPV6_HOPLIMIT, &l4, 4));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop16 udp", chain(&f, NULL));
	EXPECT_EQ(9, f.b[L2 + 7]);
}

TEST_F(net, ext_bad_messages)
{
	static const unsigned char rt0[24] = { 0, 2, 0, 1 };
	static const unsigned char longer[8] = { 0, 1, 1, 4 };
	unsigned char srh[40];
	struct say s = {};

	srh_via(srh, THERE);
	EXPECT_EQ(-EINVAL, say(self->fd, &self->to, IPV6_HOPOPTS, pad8, 1));
	EXPECT_EQ(-EINVAL, say(self->fd, &self->to, IPV6_HOPOPTS, longer, 8));
	EXPECT_EQ(-EINVAL, say(self->fd, &self->to, IPV6_DSTOPTS, longer, 8));
	EXPECT_EQ(-EINVAL, say(self->fd, &self->to, IPV6_RTHDR, rt0, 24));
	/* Its Segments Left can never be the number of its addresses. */
	EXPECT_EQ(-EINVAL, say(self->fd, &self->to, IPV6_RTHDR, srh, 40));
	say_add(&s, SOL_IPV6, IPV6_HOPOPTS, pad8, 8);
	say_add(&s, SOL_IPV6, IPV6_HOPOPTS, pad8, 8);
	EXPECT_EQ(-EINVAL, say_now(self->fd, &self->to, &s, "x", 1));
	s.len = 0;
	say_add(&s, SOL_IPV6, IPV6_2292DSTOPTS, pad8, 8);
	say_add(&s, SOL_IPV6, IPV6_2292DSTOPTS, pad8, 8);
	EXPECT_EQ(-EINVAL, say_now(self->fd, &self->to, &s, "x", 1));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	EXPECT_EQ(-EPERM, say(self->fd, &self->to, IPV6_HOPOPTS, pad8, 8));
	EXPECT_EQ(-EPERM, say(self->fd, &self->to, IPV6_DSTOPTS, pad8, 8));
	EXPECT_EQ(-EPERM, say(self->fd, &self->to, IPV6_RTHDRDSTOPTS, pad8, 8));
}

/* What comes is told, in both numberings. */
TEST_F(net, ext_told)
{
	union addr here = form_addr(FORM_IN6, HERE, 7000);
	static const int opts[] = {
		IPV6_RECVHOPOPTS, IPV6_RECVDSTOPTS, IPV6_2292HOPOPTS,
		IPV6_2292DSTOPTS,
	};
	struct say s = {};
	struct told t;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, opts[i], 1));
	say_add(&s, SOL_IPV6, IPV6_HOPOPTS, pad8, 8);
	say_add(&s, SOL_IPV6, IPV6_DSTOPTS, pad16, 16);
	ASSERT_EQ(1, say_now(self->there, &here, &s, "x", 1));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	EXPECT_EQ(0, told_ext(&t, IPV6_HOPOPTS, pad8, 8));
	EXPECT_EQ(0, told_ext(&t, IPV6_DSTOPTS, pad16, 16));
	EXPECT_EQ(0, told_ext(&t, IPV6_2292HOPOPTS, pad8, 8));
	EXPECT_EQ(0, told_ext(&t, IPV6_2292DSTOPTS, pad16, 16));
	ASSERT_EQ(1, sendto(self->there, "y", 1, 0, &here.sa, sizeof(here.in6)));
	ASSERT_EQ(0, hear(self->fd, &t, 0));
	EXPECT_EQ(0, t.msg.msg_controllen);
}

/* RFC 8200 4.5: every fragment has the first headers, the first one the rest. */
TEST_F(net, ext_in_fragments)
{
	static char data[4000], back[4000];
	struct frame f;
	int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad16, 16));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad8, 8));
	ASSERT_EQ(4000, sendto(self->fd, data, 4000, 0, &self->to.sa,
			       sizeof(self->to.in6)));
	/* AF_INET6 repeats the destination options, too. */
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ(TESTING_TOY ? "hop16 frag8 dst8 udp" :
		     "hop16 dst8 frag8 udp", chain(&f, NULL));
	EXPECT_GE(1514, f.len);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, sniff(self->sniffer, &f));
		EXPECT_STREQ(TESTING_TOY ? "hop16 frag8 rest" :
			     "hop16 dst8 frag8 rest", chain(&f, NULL));
	}
	ASSERT_EQ(4000, recv_now(self->there, back, 4000, 0));
	EXPECT_EQ(0, memcmp(data, back, 4000));
}

/* They take room from data. (AF_INET6 counts destination options twice.) */
TEST_F(net, ext_room)
{
	static char data[65536];
	struct sock_extended_err *ee;
	struct cmsghdr *c;
	struct frame f;
	struct told t;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1));
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad16, 16));
	EXPECT_EQ(1436, ERRNO(sendto(self->fd, data, 1436, 0, &self->to.sa,
				     sizeof(self->to.in6))));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(1514, f.len);
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 1437, 0, &self->to.sa,
					  sizeof(self->to.in6))));
	ASSERT_EQ(0, hear(self->fd, &t, MSG_ERRQUEUE));
	c = find(&t, SOL_IPV6, IPV6_RECVERR);
	ASSERT_NE(NULL, c);
	ee = (void *)CMSG_DATA(c);
	EXPECT_EQ(1500 - 16, ee->ee_info);
	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_DONTFRAG, 0));
	EXPECT_EQ(65511, ERRNO(sendto(self->fd, data, 65511, 0, &self->to.sa,
				      sizeof(self->to.in6))));
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 65512, 0, &self->to.sa,
					  sizeof(self->to.in6))));
	/* RFC 7112 5: the first fragment must have all headers. */
	memcpy(data, ((unsigned char []){ 99, 184, 1, 4 }), 4);
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_HOPOPTS, data, 1480));
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendto(self->fd, data, 1, 0, &self->to.sa,
					  sizeof(self->to.in6))));
}

/* An error about a packet with headers finds its socket. */
TEST_F(net, ext_error)
{
	int fd = udp_form(FORM_IN6);
	struct frame f;

	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad8, 8));
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad16, 16));
	ASSERT_EQ(0, connect_to(fd, FORM_IN6, THERE, 9));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_TRUE(readable(fd));
	EXPECT_EQ(ECONNREFUSED, get_opt(fd, SOL_SOCKET, SO_ERROR));
	/* A neighbour that is not there: our own stack says it. */
	ASSERT_EQ(0, connect_to(fd, FORM_IN6, "10.0.0.200", 9));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_TRUE(readable(fd));
	EXPECT_EQ(EHOSTUNREACH, get_opt(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

/* A routing header: the packet goes to its first node, the checksum and the
 * sockets know the last.
 */
TEST_F(net, ext_routing)
{
	union addr final = form_addr(FORM_IN6, "10.9.9.9", 7000);
	int fd = udp_form(FORM_IN6), l4;
	unsigned char srh[40];
	struct frame f;

	srh_via(srh, THERE);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDRDSTOPTS, pad8, 8));
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, srh, 40));
	ASSERT_EQ(0, connect(fd, &final.sa, sizeof(final.in6)));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst8 rt40 udp", chain(&f, &l4));
	EXPECT_EQ(0, memcmp(f.b + L2 + 24, &self->to.in6.sin6_addr, 16));
	EXPECT_EQ(0, memcmp(f.b + L3 + 8 + 8, &final.in6.sin6_addr, 16));
	EXPECT_EQ(0, sum_of(&f, l4, IPPROTO_UDP,
			    (void *)&final.in6.sin6_addr));
	ASSERT_EQ(0, complain(&self->p, &f, ICMPV6_DEST_UNREACH,
			      ICMPV6_PORT_UNREACH, 0, NULL, 0));
	ASSERT_TRUE(readable(fd));
	EXPECT_EQ(ECONNREFUSED, get_opt(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

/* TCP: in every segment, and less data in it. */
TEST_F(net, ext_tcp)
{
	static char data[200000], back[200000];
	int fd = sock_form(FORM_IN6, SOCK_STREAM, 0), there, mss, l4;
	size_t sent = 0, got_n = 0;
	struct frame f;
	ssize_t n;

	for (n = 0; n < sizeof(data); n++)
		data[n] = n * 13 + n / 999;
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad16, 16));
	there = tcp_there(&self->p, fd);
	ASSERT_LE(0, there);
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst16 tcp", chain(&f, &l4));
	EXPECT_EQ(2, f.b[l4 + 13]);		/* SYN */
	mss = snd_mss(fd);
	EXPECT_EQ(1428 - 16, mss);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	while (got_n < sizeof(data)) {
		n = send(fd, data + sent, sizeof(data) - sent, 0);
		if (n > 0)
			sent += n;
		n = recv_now(there, back + got_n, sizeof(back) - got_n, 0);
		ASSERT_LT(0, n);
		got_n += n;
	}
	EXPECT_EQ(0, memcmp(data, back, sizeof(data)));
	/* Set on a connection, they count from the next segment on. */
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad8, 8));
	drain(self->sniffer);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 dst16 tcp", chain(&f, NULL));
	EXPECT_EQ(mss - 8, snd_mss(fd));
	close(fd);
	close(there);
}

/* What a listener has its answers have, and its connections. */
TEST_F(net, ext_listener)
{
	int listener = sock_form(FORM_IN6, SOCK_STREAM, 0), there, fd;
	unsigned char out[16];
	socklen_t len = 16;
	struct frame f;
	int l4;

	ASSERT_EQ(0, setsockopt(listener, IPPROTO_IPV6, IPV6_DSTOPTS, pad8, 8));
	ASSERT_EQ(0, bind_to(listener, FORM_IN6, HERE, 7001));
	ASSERT_EQ(0, listen(listener, 1));
	there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect_to(there, FORM_IN6, HERE, 7001));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst8 tcp", chain(&f, &l4));
	EXPECT_EQ(0x12, f.b[l4 + 13]);		/* SYN, ACK */
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, out, &len));
	EXPECT_EQ(8, len);
	/* Of the connection they outlive the listener. */
	close(listener);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, got(there, "x"));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst8 tcp", chain(&f, NULL));
	close(fd);
	close(there);
}

/* Raw and ping sockets. */
TEST_F(net, ext_raw)
{
	unsigned char echo[8] = { 128 };
	struct frame f;
	int fd, l4;

	fd = sock_form(FORM_IN6, SOCK_RAW, IPPROTO_ICMPV6);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad8, 8));
	self->to.in6.sin6_port = 0;
	ASSERT_EQ(8, sendto(fd, echo, 8, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 icmp", chain(&f, &l4));
	EXPECT_TRUE(sum_ok(&f, l4, IPPROTO_ICMPV6));
	close(fd);
	drain(self->sniffer);

	if (!TESTING_TOY)
		return;
	/* AF_INET6's ping sockets send none. */
	sysctl_write("ping_group_range", "0 0");
	fd = sock_form(FORM_IN6, SOCK_DGRAM, IPPROTO_ICMPV6);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad16, 16));
	ASSERT_EQ(8, sendto(fd, echo, 8, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("dst16 icmp", chain(&f, &l4));
	EXPECT_TRUE(sum_ok(&f, l4, IPPROTO_ICMPV6));
	EXPECT_TRUE(readable(fd));
	close(fd);
}

/* ---- Flow labels that are leased --------------------------------------------- */

#ifndef IPV6_FL_F_REMOTE
#define IPV6_FL_F_REMOTE	8
#endif

static int lease(int fd, int action, uint32_t label, int share, int flags)
{
	struct in6_flowlabel_req req = {
		.flr_action = action, .flr_label = htonl(label),
		.flr_share = share, .flr_flags = flags, .flr_linger = 6,
		.flr_expires = 6,
	};
	union addr there = form_addr(FORM_IN6, THERE, 0);
	int ret;

	req.flr_dst = there.in6.sin6_addr;
	ret = ERRNO(setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req,
			       sizeof(req)));
	return ret ?: (int)ntohl(req.flr_label);
}

#define GET(fd, label, share, flags) \
	lease(fd, IPV6_FL_A_GET, label, IPV6_FL_S_##share, flags)
#define PUT(fd, label)		lease(fd, IPV6_FL_A_PUT, label, 0, 0)
#define RENEW(fd, label)	lease(fd, IPV6_FL_A_RENEW, label, 0, 0)

TEST_F(net, lease_shares)
{
	int other = udp_form(FORM_IN6), picked, pid, status;
	const int create = IPV6_FL_F_CREATE, excl = IPV6_FL_F_EXCL;

	EXPECT_EQ(-ENOENT, GET(self->fd, 5, EXCL, 0));
	EXPECT_EQ(5, GET(self->fd, 5, EXCL, create));
	EXPECT_EQ(-EPERM, GET(other, 5, EXCL, create));
	EXPECT_EQ(-EPERM, GET(self->fd, 5, EXCL, create));
	EXPECT_EQ(-EEXIST, GET(self->fd, 5, EXCL, create | excl));
	EXPECT_EQ(-EEXIST, GET(other, 5, ANY, create | excl));
	EXPECT_EQ(-EPERM, GET(other, 5, ANY, create));
	EXPECT_EQ(-ESRCH, PUT(other, 5));
	EXPECT_EQ(5, PUT(self->fd, 5));
	EXPECT_EQ(-ESRCH, PUT(self->fd, 5));
	/* It lingers: nobody's, and nobody else's. */
	EXPECT_EQ(-ENOENT, GET(other, 5, EXCL, 0));
	EXPECT_EQ(-EPERM, GET(other, 5, EXCL, create));

	EXPECT_EQ(6, GET(self->fd, 6, ANY, create));
	EXPECT_EQ(6, GET(other, 6, ANY, 0));
	EXPECT_EQ(6, RENEW(other, 6));
	EXPECT_EQ(-ESRCH, RENEW(other, 99));
	EXPECT_EQ(-EPERM, GET(other, 6, USER, create));

	EXPECT_EQ(7, GET(self->fd, 7, PROCESS, create));
	EXPECT_EQ(7, GET(other, 7, PROCESS, 0));
	EXPECT_EQ(8, GET(self->fd, 8, USER, create));
	pid = fork();
	if (!pid) {
		int mine = udp_form(FORM_IN6), bad = 0;

		bad |= GET(mine, 7, PROCESS, 0) != -EPERM;
		bad |= (GET(mine, 8, USER, 0) != 8) << 1;
		setresuid(1000, 1000, 1000);
		bad |= (GET(mine, 8, USER, 0) != -EPERM) << 2;
		bad |= (GET(mine, 6, ANY, 0) != 6) << 3;
		/* Another may not be renewed. */
		bad |= (RENEW(mine, 7) != -ESRCH) << 4;
		_exit(bad);
	}
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status >> 8);

	picked = GET(self->fd, 0, EXCL, create);
	EXPECT_LT(0, picked);
	EXPECT_EQ(picked, PUT(self->fd, picked));
	EXPECT_EQ(-EINVAL, GET(self->fd, 0x100000, ANY, create));
	EXPECT_EQ(-EINVAL, lease(self->fd, IPV6_FL_A_GET, 9, 77, create));
	EXPECT_EQ(-EINVAL, lease(self->fd, 77, 9, 0, create));
	close(other);
}

/* Closing gives all back; a socket has at most 32 without privilege. */
TEST_F(net, lease_limits)
{
	int i, other = udp_form(FORM_IN6), n;

	EXPECT_EQ(5, GET(other, 5, ANY, IPV6_FL_F_CREATE));
	close(other);
	for (i = 0; i < 1000 && GET(self->fd, 5, ANY, 0) != -ENOENT; i++) {
		PUT(self->fd, 5);
		usleep(1000);
	}
	EXPECT_EQ(-ENOENT, GET(self->fd, 5, ANY, 0));

	other = udp_form(FORM_IN6);
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	for (n = 0; n < 100; n++)
		if (GET(self->fd, 100 + n, ANY, IPV6_FL_F_CREATE) < 0)
			break;
	EXPECT_EQ(32, n);
	EXPECT_EQ(-ENOBUFS, GET(self->fd, 300, ANY, IPV6_FL_F_CREATE));
	EXPECT_EQ(300, GET(other, 300, ANY, IPV6_FL_F_CREATE));
	close(other);
}

/* While a label is somebody's alone, no other may be sent without a lease. */
TEST_F(net, lease_is_obeyed)
{
	union addr to = self->to;
	struct frame f;
	uint32_t info;
	int other = udp_form(FORM_IN6);

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	ASSERT_EQ(0, set_opt(other, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	to.in6.sin6_flowinfo = htonl(0x123);
	ASSERT_EQ(1, sendto(other, "x", 1, 0, &to.sa, sizeof(to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0x123, label(&f));

	ASSERT_EQ(0x456, GET(self->fd, 0x456, EXCL, IPV6_FL_F_CREATE));
	EXPECT_EQ(-EINVAL, ERRNO(sendto(other, "x", 1, 0, &to.sa, sizeof(to.in6))));
	info = htonl(0x456);
	EXPECT_EQ(-EINVAL, say(other, &self->to, IPV6_FLOWINFO, &info, 4));
	EXPECT_EQ(-EINVAL, ERRNO(connect(other, &to.sa, sizeof(to.in6))));
	EXPECT_EQ(1, say(self->fd, &self->to, IPV6_FLOWINFO, &info, 4));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0x456, label(&f));
	/* Without a label everybody may. */
	EXPECT_EQ(1, sendto(other, "x", 1, 0, &self->to.sa, sizeof(to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	close(other);
}

/* connect(2) names the label of all that follows. */
TEST_F(net, lease_connected)
{
	struct in6_flowlabel_req req = { .flr_action = IPV6_FL_A_GET };
	socklen_t len = sizeof(req);
	union addr to = self->to;
	struct frame f;
	int fd, there;

	ASSERT_EQ(0, set_opt(self->fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	ASSERT_EQ(0x456, GET(self->fd, 0x456, EXCL, IPV6_FL_F_CREATE));
	EXPECT_EQ(-ENOENT, ERRNO(getsockopt(self->fd, IPPROTO_IPV6,
					    IPV6_FLOWLABEL_MGR, &req, &len)));
	to.in6.sin6_flowinfo = htonl(0x456);
	ASSERT_EQ(0, connect(self->fd, &to.sa, sizeof(to.in6)));
	len = sizeof(to.in6);
	to.in6.sin6_flowinfo = 0;
	ASSERT_EQ(0, getpeername(self->fd, &to.sa, &len));
	EXPECT_EQ(0x456, ntohl(to.in6.sin6_flowinfo));
	ASSERT_EQ(0, getsockname(self->fd, &to.sa, &len));
	EXPECT_EQ(0, to.in6.sin6_flowinfo);
	to = self->to;
	len = sizeof(req);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0x456, label(&f));
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req,
				&len));
	EXPECT_EQ(sizeof(req), len);
	EXPECT_EQ(0x456, ntohl(req.flr_label));
	EXPECT_EQ(IPV6_FL_S_EXCL, req.flr_share);
	EXPECT_EQ(6, req.flr_linger);
	EXPECT_EQ(0, memcmp(&req.flr_dst, &to.in6.sin6_addr, 16));

	/* TCP, all of it. */
	fd = sock_form(FORM_IN6, SOCK_STREAM, 0);
	ASSERT_EQ(0, set_opt(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	ASSERT_EQ(0x789, GET(fd, 0x789, EXCL, IPV6_FL_F_CREATE));
	there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind_to(there, FORM_IN6, THERE, 7001));
	ASSERT_EQ(0, listen(there, 1));
	to = form_addr(FORM_IN6, THERE, 7001);
	to.in6.sin6_flowinfo = htonl(0x111);
	EXPECT_EQ(-EINVAL, ERRNO(connect(fd, &to.sa, sizeof(to.in6))));
	to.in6.sin6_flowinfo = htonl(0x789);
	ASSERT_EQ(0, connect(fd, &to.sa, sizeof(to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0x789, label(&f));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff_data(self->sniffer, &f));
	EXPECT_EQ(0x789, label(&f));
	close(fd);
	close(there);
}

/* With a label come headers, which all its packets have. */
TEST_F(net, lease_with_headers)
{
	struct {
		struct in6_flowlabel_req req;
		char control[CMSG_SPACE(8)] __attribute__((aligned(8)));
	} r = {
		.req = {
			.flr_action = IPV6_FL_A_GET, .flr_label = htonl(0x42),
			.flr_share = IPV6_FL_S_ANY, .flr_linger = 6,
			.flr_flags = IPV6_FL_F_CREATE, .flr_expires = 6,
		},
	};
	struct cmsghdr c = {
		.cmsg_level = SOL_IPV6, .cmsg_type = IPV6_DSTOPTS,
		.cmsg_len = CMSG_LEN(8),
	};
	uint32_t info = htonl(0x42);
	struct frame f;
	struct say s = {};

	r.req.flr_dst = self->to.in6.sin6_addr;
	memcpy(r.control + CMSG_LEN(0), pad8, 8);
	memcpy(r.control, &c, sizeof(c));
	/* Destination options are no routers' business. */
	EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, IPPROTO_IPV6,
					    IPV6_FLOWLABEL_MGR, &r, sizeof(r))));
	c.cmsg_type = IPV6_HOPOPTS;
	memcpy(r.control, &c, sizeof(c));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &r,
				sizeof(r)));
	EXPECT_EQ(1, say(self->fd, &self->to, IPV6_FLOWINFO, &info, 4));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 udp", chain(&f, NULL));
	say_add(&s, SOL_IPV6, IPV6_FLOWINFO, &info, 4);
	say_add(&s, SOL_IPV6, IPV6_DSTOPTS, pad16, 16);
	EXPECT_EQ(1, say_now(self->fd, &self->to, &s, "x", 1));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("hop8 dst16 udp", chain(&f, NULL));
	ASSERT_EQ(1, sendto(self->fd, "x", 1, 0, &self->to.sa, sizeof(self->to.in6)));
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_STREQ("udp", chain(&f, NULL));
}

/* A listener's answers have the label that they answer. */
TEST_F(net, label_is_reflected)
{
	struct in6_flowlabel_req req = {
		.flr_action = IPV6_FL_A_GET, .flr_flags = IPV6_FL_F_REFLECT,
	};
	int listener = sock_form(FORM_IN6, SOCK_STREAM, 0), there, fd;
	union addr to = form_addr(FORM_IN6, HERE, 7001);
	socklen_t len = sizeof(req);
	struct frame f;

	/* AF_INET6 has a switch for it, which is off. */
	if (!TESTING_TOY)
		sh("echo 0 >/proc/sys/net/ipv6/flowlabel_consistency");
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(setsockopt(self->fd, IPPROTO_IPV6,
						 IPV6_FLOWLABEL_MGR, &req,
						 sizeof(req))));
	req.flr_action = IPV6_FL_A_PUT;
	EXPECT_EQ(-ESRCH, ERRNO(setsockopt(listener, IPPROTO_IPV6,
					   IPV6_FLOWLABEL_MGR, &req,
					   sizeof(req))));
	req.flr_action = IPV6_FL_A_GET;
	ASSERT_EQ(0, setsockopt(listener, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req,
				sizeof(req)));
	ASSERT_EQ(0, bind_to(listener, FORM_IN6, HERE, 7001));
	ASSERT_EQ(0, listen(listener, 1));
	there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_STREAM, 0);
	ASSERT_EQ(0, set_opt(there, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	to.in6.sin6_flowinfo = htonl(0x321);
	ASSERT_EQ(0, connect(there, &to.sa, sizeof(to.in6)));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sniff(self->sniffer, &f));
	EXPECT_EQ(0x321, label(&f));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff_data(self->sniffer, &f));
	EXPECT_EQ(0x321, label(&f));
	req.flr_flags = 0;
	ASSERT_EQ(0, getsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, &len));
	EXPECT_EQ(0x321, ntohl(req.flr_label));
	req.flr_action = IPV6_FL_A_PUT;
	req.flr_flags = IPV6_FL_F_REFLECT;
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req,
				sizeof(req)));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, sniff_data(self->sniffer, &f));
	EXPECT_NE(0x321, label(&f));
	close(fd);
	close(there);
	close(listener);
}

/* With which label the peer has opened a connection. */
TEST_F(net, label_of_the_peer)
{
	struct in6_flowlabel_req req = {
		.flr_action = IPV6_FL_A_GET, .flr_flags = IPV6_FL_F_REMOTE,
	};
	int listener = sock_form(FORM_IN6, SOCK_STREAM, 0), there, fd;
	union addr to = form_addr(FORM_IN6, HERE, 7001);
	socklen_t len = sizeof(req);

	ASSERT_EQ(0, bind_to(listener, FORM_IN6, HERE, 7001));
	ASSERT_EQ(0, listen(listener, 1));
	there = socket_in(self->p.a, self->p.b, AF_INET6, SOCK_STREAM, 0);
	ASSERT_EQ(0, set_opt(there, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	to.in6.sin6_flowinfo = htonl(0x321);
	ASSERT_EQ(0, connect(there, &to.sa, sizeof(to.in6)));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, getsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, &len));
	EXPECT_EQ(0x321, ntohl(req.flr_label));
	close(fd);
	close(there);
	close(listener);
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
