// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times of arrival and departure (socket(7), the kernel's timestamping.rst):
 * SO_TIMESTAMP and its kin on all types of sockets, SO_TIMESTAMPING with its
 * error queue, and what a message says about its own departure (SO_TXTIME,
 * SO_MARK).
 *
 * What the error queue tells is written as words: "SCHED0 SND0" are the times at
 * which message 0 was queued and sent, "ACK9" that octet 9 was acknowledged.
 */
#include "tcp_test.h"

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>

#define THERE	"10.0.0.1"
#define HERE	"10.0.0.2"

/* By number: libraries give only one of the two under the short name. */
#define TIMESTAMP_OLD		29
#define TIMESTAMPNS_OLD		35
#define TIMESTAMPING_OLD	37
#define TIMESTAMP_NEW		63
#define TIMESTAMPNS_NEW		64
#define TIMESTAMPING_NEW	65
#ifndef SO_RCVMARK
#define SO_RCVMARK		75
#endif
#define OPT_ID_TCP		(1 << 16)

#define TX	(SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE)
#define SOFT	SOF_TIMESTAMPING_SOFTWARE
#define ID	SOF_TIMESTAMPING_OPT_ID
#define TSONLY	SOF_TIMESTAMPING_OPT_TSONLY
#define ACK	SOF_TIMESTAMPING_TX_ACK

static int stamping(int fd, int flags)
{
	return ERRNO(set_opt(fd, SOL_SOCKET, TIMESTAMPING_OLD, flags));
}

/* What an entry of the error queue says. */
struct stamp {
	struct sock_extended_err ee;
	struct sockaddr_storage from;
	struct timespec when;
	int level;		/* of the error */
	int len;		/* bytes that come with it */
	int ifindex;		/* IP_PKTINFO's */
	bool timed;
};

static int stamp_read(int fd, struct stamp *s)
{
	union {
		struct cmsghdr hdr;
		char space[1024];
	} control = {};
	char data[4096];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	memset(s, 0, sizeof(*s));
	s->len = ERRNO(recvmsg(fd, &msg, MSG_ERRQUEUE));
	if (s->len < 0)
		return s->len;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			s->level = c->cmsg_level;
			memcpy(&s->ee, CMSG_DATA(c), sizeof(s->ee));
			memcpy(&s->from, CMSG_DATA(c) + sizeof(s->ee),
			       c->cmsg_len - CMSG_LEN(sizeof(s->ee)));
		} else if (c->cmsg_level == SOL_SOCKET &&
			   (c->cmsg_type == TIMESTAMPING_OLD ||
			    c->cmsg_type == TIMESTAMPING_NEW)) {
			s->timed = true;
			memcpy(&s->when, CMSG_DATA(c), sizeof(s->when));
		} else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO) {
			s->ifindex = ((struct in_pktinfo *)CMSG_DATA(c))->ipi_ifindex;
		} else if (c->cmsg_level == SOL_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			s->ifindex = ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex;
		}
	}
	return 0;
}

/* As many entries as are waited for, in words. */
static const char *stamps(int fd, int wanted)
{
	static const char * const names[] = { "SND", "SCHED", "ACK" };
	static char words[512];
	struct stamp s;
	int w = 0;

	words[0] = 0;
	for (; wanted; wanted--) {
		if (!(poll_for(fd, POLLERR, DEADLINE_MS) & POLLERR))
			return "no more";
		if (stamp_read(fd, &s))
			return "cannot be read";
		if (s.ee.ee_errno != ENOMSG ||
		    s.ee.ee_origin != SO_EE_ORIGIN_TIMESTAMPING || s.ee.ee_info > 2)
			return "something else";
		if (!s.timed || !s.when.tv_sec)
			return "no time";
		w += snprintf(words + w, sizeof(words) - w, "%s%s%u", w ? " " : "",
			      names[s.ee.ee_info], s.ee.ee_data);
	}
	return poll_for(fd, POLLERR, QUIET_MS) ? "too many" : words;
}

/* A message that says SO_TIMESTAMPING (or another thing) of itself. */
static ssize_t send_saying(int fd, int type, const void *value, size_t len)
{
	union {
		struct cmsghdr hdr;
		char space[64];
	} control = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = CMSG_SPACE(len),
	};

	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = type;
	control.hdr.cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(&control.hdr), value, len);
	return ERRNO(sendmsg(fd, &msg, 0));
}

/* Receives one message: the length of the control message @type, or 0. */
static int recv_told(int fd, int type, void *value)
{
	union {
		struct cmsghdr hdr;
		char space[256];
	} control = {};
	char data[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int len = 0;

	if (!readable(fd) || recvmsg(fd, &msg, 0) < 0)
		return -1;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != type)
			continue;
		len = c->cmsg_len - CMSG_LEN(0);
		if (value)
			memcpy(value, CMSG_DATA(c), len);
	}
	return len;
}

/* ---- Arrival ------------------------------------------------------------ */

#define RX_FLAGS	(SOF_TIMESTAMPING_RX_SOFTWARE | SOFT)

static const struct form_of_time {
	const char *name;
	int option, value, len;
} forms[] = {
	{ "TIMESTAMP_OLD", TIMESTAMP_OLD, 1, sizeof(struct timeval) },
	{ "TIMESTAMP_NEW", TIMESTAMP_NEW, 1, 16 },
	{ "TIMESTAMPNS_OLD", TIMESTAMPNS_OLD, 1, sizeof(struct timespec) },
	{ "TIMESTAMPNS_NEW", TIMESTAMPNS_NEW, 1, 16 },
	{ "TIMESTAMPING_OLD", TIMESTAMPING_OLD, RX_FLAGS,
	  3 * sizeof(struct timespec) },
	{ "TIMESTAMPING_NEW", TIMESTAMPING_NEW, RX_FLAGS, 48 },
};

FIXTURE(rx) {
	int tx, rx;
	const void *data;
	size_t len;
	struct icmphdr echo;
	struct conn t;
};

FIXTURE_VARIANT(rx) {
	int type;
	int protocol;
};

FIXTURE_VARIANT_ADD(rx, udp)	{ SOCK_DGRAM, IPPROTO_UDP };
FIXTURE_VARIANT_ADD(rx, ping)	{ SOCK_DGRAM, IPPROTO_ICMP };
FIXTURE_VARIANT_ADD(rx, raw)	{ SOCK_RAW, 253 };
FIXTURE_VARIANT_ADD(rx, tcp)	{ SOCK_STREAM, IPPROTO_TCP };

FIXTURE_SETUP(rx)
{
	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, sysctl_write("ping_group_range", "0 0"));
	self->t.l = -1;
	self->data = "x";
	self->len = 1;
	if (variant->type == SOCK_STREAM) {
		ASSERT_EQ(0, conn_make(&self->t, FORM_IN));
		self->tx = self->t.c;
		self->rx = self->t.s;
		return;
	}
	if (variant->protocol == IPPROTO_ICMP)
		V4_ONLY("the number of the protocol");
	self->rx = sock_form(FORM_IN, variant->type, variant->protocol);
	ASSERT_LE(0, self->rx);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, LO, 0));
	if (variant->protocol == IPPROTO_ICMP) {
		/* An echo comes back to who sent it. */
		self->tx = dup(self->rx);
		self->echo.type = ICMP_ECHO;
		self->data = &self->echo;
		self->len = sizeof(self->echo);
	} else {
		self->tx = sock_form(FORM_IN, variant->type, variant->protocol);
	}
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, LO,
				variant->type == SOCK_RAW ? 0 :
				port_of(self->rx)));
}

FIXTURE_TEARDOWN(rx)
{
	close(self->rx);
	close(self->tx);
	if (self->t.l >= 0)
		close(self->t.l);
}

TEST_F(rx, every_form)
{
	/* Seconds come first, in a word of the program or in 64 bits. */
	union {
		long old;
		int64_t new;
		char space[64];
	} told;
	struct timespec now;
	int64_t seconds;
	int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct form_of_time *f = &forms[i];

		memset(&told, 0, sizeof(told));
		ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, f->option, f->value));
		/* The kernel begins to look at its clock a moment later. */
		EXPECT_TRUE(BECOMES(send(self->tx, self->data, self->len,
					 0) == self->len &&
				    recv_told(self->rx, f->option,
					      &told) == f->len))
			TH_LOG("%s", f->name);
		clock_gettime(CLOCK_REALTIME, &now);
		seconds = f->option >= TIMESTAMP_NEW ? told.new : told.old;
		EXPECT_LT(0, seconds);
		EXPECT_GE(now.tv_sec, seconds);
		EXPECT_EQ(f->value, get_opt(self->rx, SOL_SOCKET, f->option));
		ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, f->option, 0));
		ASSERT_EQ(self->len, send(self->tx, self->data, self->len, 0));
		EXPECT_EQ(0, recv_told(self->rx, f->option, NULL))
			TH_LOG("%s", f->name);
	}
}

/* The last form that was asked for is the one that is told. */
TEST_F(rx, forms_replace_each_other)
{
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, TIMESTAMP_OLD, 1));
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, TIMESTAMPNS_NEW, 1));
	ASSERT_EQ(self->len, send(self->tx, self->data, self->len, 0));
	EXPECT_EQ(16, recv_told(self->rx, TIMESTAMPNS_NEW, NULL));
	ASSERT_EQ(self->len, send(self->tx, self->data, self->len, 0));
	EXPECT_EQ(0, recv_told(self->rx, TIMESTAMP_OLD, NULL));
}

/* ---- Departure of datagrams --------------------------------------------- */

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

TEST_F(lo, flags)
{
	ASSERT_EQ(-EINVAL, stamping(self->tx, 1 << 30));
	ASSERT_EQ(-EINVAL, stamping(self->tx, OPT_ID_TCP));
	ASSERT_EQ(0, stamping(self->tx, TX | SOFT | ID | TSONLY));
	EXPECT_EQ(TX | SOFT | ID | TSONLY,
		  get_opt(self->tx, SOL_SOCKET, TIMESTAMPING_OLD));
}

TEST_F(lo, queued_and_sent)
{
	ASSERT_EQ(0, stamping(self->tx, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(3, send(self->tx, "abc", 3, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(self->tx, 2));
	ASSERT_EQ(3, send(self->tx, "def", 3, 0));
	ASSERT_EQ(3, send(self->tx, "ghi", 3, 0));
	EXPECT_STREQ("SCHED1 SND1 SCHED2 SND2", stamps(self->tx, 4));
	/* Counting begins anew. */
	ASSERT_EQ(0, stamping(self->tx, 0));
	ASSERT_EQ(3, send(self->tx, "jkl", 3, 0));
	ASSERT_EQ(0, stamping(self->tx, SOF_TIMESTAMPING_TX_SOFTWARE | SOFT | ID |
				       TSONLY));
	ASSERT_EQ(3, send(self->tx, "mno", 3, 0));
	EXPECT_STREQ("SND0", stamps(self->tx, 1));
}

/* Without SOF_TIMESTAMPING_SOFTWARE nobody wants to know the time. */
TEST_F(lo, generated_but_not_reported)
{
	struct stamp s;

	ASSERT_EQ(0, stamping(self->tx, SOF_TIMESTAMPING_TX_SOFTWARE | TSONLY));
	ASSERT_EQ(3, send(self->tx, "abc", 3, 0));
	ASSERT_EQ(POLLERR, poll_for(self->tx, POLLERR, DEADLINE_MS));
	ASSERT_EQ(0, stamp_read(self->tx, &s));
	EXPECT_FALSE(s.timed);
	EXPECT_EQ(SCM_TSTAMP_SND, s.ee.ee_info);
	EXPECT_EQ(-EAGAIN, stamp_read(self->tx, &s));
}

TEST_F(lo, level_is_the_programs)
{
	struct stamp s;
	int want = self->f == FORM_IN6 || test_v6() ? SOL_IPV6 : SOL_IP;

	ASSERT_EQ(0, stamping(self->tx, SOF_TIMESTAMPING_TX_SOFTWARE | SOFT |
				       TSONLY));
	ASSERT_EQ(3, send(self->tx, "abc", 3, 0));
	ASSERT_EQ(POLLERR, poll_for(self->tx, POLLERR, DEADLINE_MS));
	ASSERT_EQ(0, stamp_read(self->tx, &s));
	EXPECT_EQ(want, s.level);
	EXPECT_EQ(0, s.len);
	EXPECT_EQ(0, s.from.ss_family);
}

/* The packet comes back with its time, to be recognised by its data. */
TEST_F(lo, with_the_packet)
{
	struct stamp s;

	ASSERT_EQ(0, stamping(self->tx, SOF_TIMESTAMPING_TX_SOFTWARE | SOFT));
	ASSERT_EQ(3, send(self->tx, "abc", 3, 0));
	ASSERT_EQ(POLLERR, poll_for(self->tx, POLLERR, DEADLINE_MS));
	ASSERT_EQ(0, stamp_read(self->tx, &s));
	EXPECT_TRUE(s.timed);
	/* AF_INET's has passed lo, whose link header it has. */
	EXPECT_LE((test_v6() ? 40 : 20) + 8 + 3, s.len);
	EXPECT_EQ(0, s.ee.ee_data);
}

TEST_F(lo, by_message)
{
	uint32_t want = SOF_TIMESTAMPING_TX_SOFTWARE, all = TX, wrong = SOFT;

	ASSERT_EQ(0, stamping(self->tx, SOFT | ID | TSONLY));
	EXPECT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_EQ(1, send_saying(self->tx, TIMESTAMPING_OLD, &want, 4));
	EXPECT_STREQ("SND0", stamps(self->tx, 1));
	EXPECT_EQ(1, send_saying(self->tx, TIMESTAMPING_OLD, &all, 4));
	EXPECT_STREQ("SCHED1 SND1", stamps(self->tx, 2));
	EXPECT_EQ(-EINVAL, send_saying(self->tx, TIMESTAMPING_OLD, &wrong, 4));
	EXPECT_EQ(-EINVAL, send_saying(self->tx, TIMESTAMPING_OLD, &want, 2));
	/* The other way: not this one. */
	want = 0;
	ASSERT_EQ(0, stamping(self->tx, TX | SOFT | ID | TSONLY));
	EXPECT_EQ(1, send_saying(self->tx, TIMESTAMPING_OLD, &want, 4));
	EXPECT_FALSE(poll_for(self->tx, POLLERR, QUIET_MS));
}

TEST_F(lo, several_calls_one_datagram)
{
	ASSERT_EQ(0, stamping(self->tx, SOF_TIMESTAMPING_TX_SOFTWARE | SOFT |
				       TSONLY));
	ASSERT_EQ(3, send(self->tx, "abc", 3, MSG_MORE));
	EXPECT_FALSE(poll_for(self->tx, POLLERR, QUIET_MS));
	ASSERT_EQ(3, send(self->tx, "def", 3, 0));
	EXPECT_STREQ("SND0", stamps(self->tx, 1));
}

TEST_F(lo, departure_time)
{
	struct {
		clockid_t clock;
		uint32_t flags;
	} how = { CLOCK_MONOTONIC, 0 }, told = {};
	socklen_t len = sizeof(told);
	struct timespec now;
	uint64_t when;
	char c;

	clock_gettime(CLOCK_MONOTONIC, &now);
	when = now.tv_sec * 1000000000ULL + now.tv_nsec;
	EXPECT_EQ(-EINVAL, send_saying(self->tx, SO_TXTIME, &when, 8));
	ASSERT_EQ(0, setsockopt(self->tx, SOL_SOCKET, SO_TXTIME, &how,
				sizeof(how)));
	ASSERT_EQ(0, getsockopt(self->tx, SOL_SOCKET, SO_TXTIME, &told, &len));
	EXPECT_EQ(CLOCK_MONOTONIC, told.clock);
	EXPECT_EQ(1, send_saying(self->tx, SO_TXTIME, &when, 8));
	EXPECT_EQ(1, recv_now(self->rx, &c, 1, 0));
	EXPECT_EQ(-EINVAL, send_saying(self->tx, SO_TXTIME, &when, 4));
	/* The receiver is told when it came, and not when it left. */
	when += 1000000000000ULL;
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, TIMESTAMPNS_NEW, 1));
	EXPECT_EQ(1, send_saying(self->tx, SO_TXTIME, &when, 8));
	ASSERT_EQ(16, recv_told(self->rx, TIMESTAMPNS_NEW, &now));
	EXPECT_NE(when / 1000000000, now.tv_sec);
}

TEST_F(lo, mark_by_message)
{
	uint32_t mark = 0x1234, told = 0;

	if (set_opt(self->rx, SOL_SOCKET, SO_RCVMARK, 1))
		SKIP(return, "no SO_RCVMARK");
	ASSERT_EQ(0, set_opt(self->tx, SOL_SOCKET, SO_MARK, 7));
	EXPECT_EQ(1, send_saying(self->tx, SO_MARK, &mark, 4));
	EXPECT_EQ(4, recv_told(self->rx, SO_MARK, &told));
	EXPECT_EQ(mark, told);
	EXPECT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_EQ(4, recv_told(self->rx, SO_MARK, &told));
	EXPECT_EQ(7, told);
	EXPECT_EQ(-EINVAL, send_saying(self->tx, SO_MARK, &mark, 2));
}

TEST_F(lo, unknown_message)
{
	uint32_t value = 1;

	EXPECT_EQ(-EINVAL, send_saying(self->tx, SO_RCVBUF, &value, 4));
}

/* ---- Two hosts ---------------------------------------------------------- */

FIXTURE(net) {
	struct pair p;
	int there, here;
};

FIXTURE_SETUP(net)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->there = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN, THERE, 0));
	self->here = udp_form(FORM_IN);
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, port_of(self->there)));
}

FIXTURE_TEARDOWN(net)
{
	close(self->there);
	close(self->here);
}

TEST_F(net, queued_and_sent)
{
	ASSERT_EQ(0, stamping(self->here, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(3, send(self->here, "abc", 3, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(self->here, 2));
	ASSERT_EQ(3, send(self->here, "def", 3, 0));
	EXPECT_STREQ("SCHED1 SND1", stamps(self->here, 2));
}

/* Of a datagram in fragments the first. */
TEST_F(net, fragments)
{
	static char data[4000];

	ASSERT_EQ(0, stamping(self->here, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(4000, send(self->here, data, 4000, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(self->here, 2));
}

/* Which way did it go? */
TEST_F(net, by_which_device)
{
	struct stamp s;

	if (test_v6()) {
		ASSERT_EQ(0, set_opt(self->here, SOL_IPV6, IPV6_RECVPKTINFO, 1));
	} else {
		ASSERT_EQ(0, set_opt(self->here, SOL_IP, IP_PKTINFO, 1));
	}
	ASSERT_EQ(0, stamping(self->here, SOF_TIMESTAMPING_TX_SOFTWARE | SOFT |
				       SOF_TIMESTAMPING_OPT_CMSG));
	ASSERT_EQ(3, send(self->here, "abc", 3, 0));
	ASSERT_EQ(POLLERR, poll_for(self->here, POLLERR, DEADLINE_MS));
	ASSERT_EQ(0, stamp_read(self->here, &s));
	EXPECT_EQ(if_nametoindex("veth1"), s.ifindex);
	/* It is from us. */
	EXPECT_EQ(peer_af(), s.from.ss_family);
	if (!test_v6())
		EXPECT_EQ(inet_addr(HERE),
			  ((struct sockaddr_in *)&s.from)->sin_addr.s_addr);
	EXPECT_EQ(14 + (test_v6() ? 40 : 20) + 8 + 3, s.len);
}

TEST_F(net, raw_and_ping)
{
	struct icmphdr echo = { .type = ICMP_ECHO };
	int raw = sock_form(FORM_IN, SOCK_RAW, 253), ping;

	V4_ONLY("the number of the protocol");
	ASSERT_LE(0, raw);
	ASSERT_EQ(0, connect_to(raw, FORM_IN, THERE, 0));
	ASSERT_EQ(0, stamping(raw, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(3, send(raw, "abc", 3, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(raw, 2));
	ASSERT_EQ(0, sysctl_write("ping_group_range", "0 0"));
	ping = sock_form(FORM_IN, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, ping);
	ASSERT_EQ(0, connect_to(ping, FORM_IN, THERE, 0));
	ASSERT_EQ(0, stamping(ping, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(8, send(ping, &echo, 8, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(ping, 2));
	close(raw);
	close(ping);
}

TEST_F(net, cut_message)
{
	static char data[3000];

	ASSERT_EQ(0, set_opt(self->here, IPPROTO_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(0, stamping(self->here, TX | SOFT | ID | TSONLY));
	ASSERT_EQ(3000, send(self->here, data, 3000, 0));
	EXPECT_STREQ("SCHED0 SND0", stamps(self->here, 2));
}

/* ---- TCP ---------------------------------------------------------------- */

FIXTURE(tcp) {
	struct pair p;
	int l, s, c;
};

FIXTURE_SETUP(tcp)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->l = socket_in(self->p.a, self->p.b, peer_af(), SOCK_STREAM, 0);
	ASSERT_EQ(0, bind_to(self->l, FORM_IN, THERE, 0));
	ASSERT_EQ(0, listen(self->l, 1));
	self->c = tcp_new();
	ASSERT_EQ(0, connect_to(self->c, FORM_IN, THERE, port_of(self->l)));
	self->s = accept_now(self->l);
	ASSERT_LE(0, self->s);
}

FIXTURE_TEARDOWN(tcp)
{
	close(self->c);
	close(self->s);
	close(self->l);
}

TEST_F(tcp, octets_are_counted)
{
	ASSERT_EQ(0, stamping(self->c, TX | ACK | SOFT | ID | TSONLY));
	ASSERT_EQ(10, send(self->c, "0123456789", 10, 0));
	EXPECT_STREQ("SCHED9 SND9 ACK9", stamps(self->c, 3));
	ASSERT_EQ(5, send(self->c, "01234", 5, 0));
	EXPECT_STREQ("SCHED14 SND14 ACK14", stamps(self->c, 3));
	/* Counting begins anew. */
	ASSERT_EQ(0, stamping(self->c, 0));
	ASSERT_EQ(5, send(self->c, "01234", 5, 0));
	ASSERT_TRUE(BECOMES(!ioctl_int(self->c, SIOCOUTQ)));
	ASSERT_EQ(0, stamping(self->c, ACK | SOFT | ID | TSONLY));
	ASSERT_EQ(5, send(self->c, "01234", 5, 0));
	EXPECT_STREQ("ACK4", stamps(self->c, 1));
}

TEST_F(tcp, with_the_packet)
{
	struct stamp s;
	bool acked = false;
	int i;

	ASSERT_EQ(0, stamping(self->c, TX | ACK | SOFT | ID));
	ASSERT_EQ(10, send(self->c, "0123456789", 10, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(POLLERR, poll_for(self->c, POLLERR, DEADLINE_MS));
		ASSERT_EQ(0, stamp_read(self->c, &s));
		EXPECT_EQ(9, s.ee.ee_data);
		EXPECT_LE(10, s.len);
		acked |= s.ee.ee_info == SCM_TSTAMP_ACK;
	}
	EXPECT_TRUE(acked);
}

/* A long write is cut; the time is that of its last octet. */
TEST_F(tcp, long_write)
{
	static char data[200000];
	size_t got = 0;
	ssize_t n;

	ASSERT_EQ(0, stamping(self->c, ACK | SOFT | ID | TSONLY));
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20));
	ASSERT_EQ(sizeof(data), send(self->c, data, sizeof(data), MSG_EOR));
	ASSERT_EQ(1, send(self->c, data, 1, 0));
	while (got < sizeof(data) + 1) {
		n = recv_now(self->s, data, sizeof(data), 0);
		ASSERT_LT(0, n);
		got += n;
	}
	EXPECT_STREQ("ACK199999 ACK200000", stamps(self->c, 2));
}

TEST_F(tcp, by_message)
{
	uint32_t want = SOF_TIMESTAMPING_TX_SOFTWARE, wrong = SOFT;

	ASSERT_EQ(0, stamping(self->c, SOFT | ID | TSONLY));
	EXPECT_EQ(1, send(self->c, "x", 1, 0));
	EXPECT_EQ(1, send_saying(self->c, TIMESTAMPING_OLD, &want, 4));
	EXPECT_STREQ("SND1", stamps(self->c, 1));
	want = ACK;
	EXPECT_EQ(1, send_saying(self->c, TIMESTAMPING_OLD, &want, 4));
	EXPECT_STREQ("ACK2", stamps(self->c, 1));
	EXPECT_EQ(-EINVAL, send_saying(self->c, TIMESTAMPING_OLD, &wrong, 4));
}

/* Where are octets counted from, before there is a connection? */
TEST_F(tcp, before_there_is_a_connection)
{
	int fd = tcp_new();

	if (TESTING_TOY && set_opt(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		SKIP(return, "the kernel shows setsockopt(2) to its own families only");
	EXPECT_EQ(-EINVAL, stamping(fd, TX | SOFT | ID));
	EXPECT_EQ(0, stamping(fd, TX | SOFT));
	ASSERT_EQ(0, bind_to(fd, FORM_IN, HERE, 0));
	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_EQ(-EINVAL, stamping(fd, TX | SOFT | ID));
	close(fd);
}

/* From the next octet, also when others are not acknowledged yet. */
TEST_F(tcp, from_the_next_octet)
{
	if (stamping(self->c, ID | OPT_ID_TCP))
		SKIP(return, "no SOF_TIMESTAMPING_OPT_ID_TCP");
	ASSERT_EQ(0, stamping(self->c, 0));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 1));
	ASSERT_EQ(7, send(self->c, "waiting", 7, 0));
	ASSERT_EQ(0, stamping(self->c, ACK | SOFT | ID | OPT_ID_TCP | TSONLY));
	ASSERT_EQ(3, send(self->c, "abc", 3, 0));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 0));
	EXPECT_STREQ("ACK2", stamps(self->c, 1));
}

TEST_F(tcp, from_the_first_not_acknowledged)
{
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 1));
	ASSERT_EQ(7, send(self->c, "waiting", 7, 0));
	ASSERT_EQ(0, stamping(self->c, ACK | SOFT | ID | TSONLY));
	ASSERT_EQ(3, send(self->c, "abc", 3, 0));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 0));
	EXPECT_STREQ("ACK9", stamps(self->c, 1));
}

TOY_TEST_MAIN
