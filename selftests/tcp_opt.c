// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of TCP sockets: every one of tcp(7), with its limits and its effect,
 * and those of socket(7) and ip(7) that matter to a connection; which of them
 * an accepted socket inherits.
 */
#include "tcp_test.h"

#ifndef TCP_CM_INQ
#define TCP_CM_INQ	TCP_INQ
#endif

FIXTURE(tcp_opt) {
	struct conn t;
	int c, s;
	int fd;		/* fresh */
};

FIXTURE_SETUP(tcp_opt)
{
	int ret;

	ASSERT_LE(0, netns_new());
	ret = conn_make(&self->t, FORM_IN);
	ASSERT_EQ(0, ret) TH_LOG("no connection: %s", strerror(-ret));
	self->c = self->t.c;
	self->s = self->t.s;
	self->fd = tcp_new();
}

FIXTURE_TEARDOWN(tcp_opt)
{
	close(self->c);
	close(self->s);
	close(self->t.l);
	close(self->fd);
}

#define TCP_SET(fd, name, value)	ERRNO(set_opt(fd, IPPROTO_TCP, name, value))
#define TCP_GET(fd, name)		get_opt(fd, IPPROTO_TCP, name)
#define SOCK_SET(fd, name, value)	ERRNO(set_opt(fd, SOL_SOCKET, name, value))
#define SOCK_GET(fd, name)		get_opt(fd, SOL_SOCKET, name)
#define IP_SET(fd, name, value)		ERRNO(set_opt(fd, IPPROTO_IP, name, value))
#define IP_GET(fd, name)		get_opt(fd, IPPROTO_IP, name)

/* Set one value, and read another one, or an errno, or the same. */
struct step {
	int set, get;
};

#define SAME	0x7ffffff0

struct option {
	const char *text;
	int name, initial;
	struct step steps[8];
};

/* Of a fresh socket. All zero ends the steps. */
static const struct option int_options[] = {
	{ "TCP_NODELAY", TCP_NODELAY, 0,
	  { { 1, SAME }, { 0, SAME }, { 7, 1 }, { -1, 1 } } },
	{ "TCP_CORK", TCP_CORK, 0,
	  { { 1, SAME }, { 0, SAME }, { 7, 1 } } },
	{ "TCP_KEEPIDLE", TCP_KEEPIDLE, 7200,
	  { { 1, SAME }, { 32767, SAME }, { 32768, -EINVAL }, { 0, -EINVAL },
	    { -1, -EINVAL } } },
	{ "TCP_KEEPINTVL", TCP_KEEPINTVL, 75,
	  { { 1, SAME }, { 32767, SAME }, { 32768, -EINVAL }, { 0, -EINVAL },
	    { -1, -EINVAL } } },
	{ "TCP_KEEPCNT", TCP_KEEPCNT, 9,
	  { { 1, SAME }, { 127, SAME }, { 128, -EINVAL }, { 0, -EINVAL } } },
	{ "TCP_SYNCNT", TCP_SYNCNT, 6,
	  { { 1, SAME }, { 127, SAME }, { 128, -EINVAL }, { 0, -EINVAL } } },
	{ "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, 0,
	  { { 1, SAME }, { 1000000, SAME }, { 0, SAME }, { -1, -EINVAL } } },
	{ "TCP_LINGER2", TCP_LINGER2, 60,
	  { { 1, SAME }, { 120, SAME }, { 121, 120 }, { -5, -1 }, { 0, 60 } } },
	{ "TCP_MAXSEG", TCP_MAXSEG, 536,
	  { { 88, SAME }, { 1000, SAME }, { 32767, SAME }, { 87, -EINVAL },
	    { 32768, -EINVAL }, { -1, -EINVAL }, { 0, 536 } } },
	/* In steps of SYN-ACKs that may be lost: 1, 3, 7 ... seconds. */
	{ "TCP_DEFER_ACCEPT", TCP_DEFER_ACCEPT, 0,
	  { { 1, SAME }, { 3, SAME }, { 5, 7 }, { 7, SAME }, { 0, SAME } } },
	{ "TCP_WINDOW_CLAMP", TCP_WINDOW_CLAMP, 0,
	  { { 10000, SAME }, { 1, 1152 }, { 1152, SAME } } },
	{ "TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT, 0,
	  { { 1, SAME }, { 65536, SAME }, { -1, -1 } } },
	/* Without effect. */
	{ "TCP_THIN_DUPACK", TCP_THIN_DUPACK, 0,
	  { { 1, 0 }, { 2, -EINVAL }, { -1, -EINVAL } } },
	{ "TCP_INQ", TCP_INQ, 0,
	  { { 1, SAME }, { 2, -EINVAL }, { -1, -EINVAL }, { 0, SAME } } },
	{ "TCP_SAVE_SYN", TCP_SAVE_SYN, 0,
	  { { 1, SAME }, { 2, SAME }, { 3, -EINVAL }, { -1, -EINVAL } } },
};

TEST_F(tcp_opt, integers)
{
	const struct option *o;
	const struct step *s;
	int i, fd, want, got;

	for (i = 0; i < ARRAY_SIZE(int_options); i++) {
		o = &int_options[i];
		fd = tcp_new();
		EXPECT_EQ(o->initial, TCP_GET(fd, o->name)) {
			TH_LOG("%s, at first", o->text);
		}
		for (s = o->steps; s->set || s->get; s++) {
			want = s->get == SAME ? s->set : s->get;
			got = TCP_SET(fd, o->name, s->set);
			if (!got)
				got = TCP_GET(fd, o->name);
			EXPECT_EQ(want, got) {
				TH_LOG("%s = %d", o->text, s->set);
			}
		}
		close(fd);
	}
}

/* Bad lengths and pointers, the same for each. */
TEST_F(tcp_opt, lengths)
{
	int i, name, value;
	socklen_t len;
	char c[8];

	for (i = 0; i < ARRAY_SIZE(int_options); i++) {
		name = int_options[i].name;
		value = 1;
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, IPPROTO_TCP, name,
						    &value, 3)));
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, IPPROTO_TCP, name,
						    &value, 0)));
		EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, IPPROTO_TCP, name,
						    &value, -1)));
		EXPECT_EQ(-EFAULT, ERRNO(setsockopt(self->fd, IPPROTO_TCP, name,
						    BAD, 4)));
		len = 4;
		EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->fd, IPPROTO_TCP, name,
						    BAD, &len)));
		EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->fd, IPPROTO_TCP, name,
						    &value, BAD)));
		len = -1;
		EXPECT_EQ(-EINVAL, ERRNO(getsockopt(self->fd, IPPROTO_TCP, name,
						    &value, &len)));
		/* As much as there is room for, and never more than an int. */
		memset(c, 0xee, sizeof(c));
		len = 1;
		EXPECT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, name, c, &len));
		EXPECT_EQ(1, len);
		EXPECT_EQ((char)0xee, c[1]);
		len = 8;
		EXPECT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, name, c, &len));
		EXPECT_EQ(4, len);
		EXPECT_EQ((char)0xee, c[4]);
	}
}

TEST_F(tcp_opt, unknown)
{
	EXPECT_EQ(-ENOPROTOOPT, TCP_SET(self->c, 9999, 1));
	EXPECT_EQ(-ENOPROTOOPT, TCP_GET(self->c, 9999));
	EXPECT_EQ(-ENOPROTOOPT, TCP_SET(self->c, 0, 1));
	EXPECT_EQ(-ENOPROTOOPT, TCP_GET(self->c, 0));
	EXPECT_EQ(-ENOPROTOOPT, SOCK_SET(self->c, 9999, 1));
	EXPECT_EQ(-ENOPROTOOPT, SOCK_GET(self->c, 9999));
	EXPECT_EQ(-ENOPROTOOPT, IP_SET(self->c, 9999, 1));
	EXPECT_EQ(-ENOPROTOOPT, IP_GET(self->c, 9999));
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(self->c, IPPROTO_UDP, 1, 1)));
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(self->c, 4242, 1, 1)));
	EXPECT_ALIVE(self->c, self->s);
}

/* ---- Who it is ---------------------------------------------------------- */

/* Here the families differ: AF_TOY answers its own number, and for the
 * protocol one that is no IPPROTO_*.
 */
TEST_F(tcp_opt, domain_and_protocol)
{
	V4_ONLY("AF_INET");
	EXPECT_EQ(test_family(), SOCK_GET(self->c, SO_DOMAIN));
	EXPECT_EQ(TESTING_TOY ? TOYPROTO_TCP : IPPROTO_TCP,
		  SOCK_GET(self->c, SO_PROTOCOL));
	EXPECT_EQ(test_family(), SOCK_GET(self->s, SO_DOMAIN));
	EXPECT_EQ(TESTING_TOY ? TOYPROTO_TCP : IPPROTO_TCP,
		  SOCK_GET(self->s, SO_PROTOCOL));
}

TEST_F(tcp_opt, type_and_accepting)
{
	EXPECT_EQ(SOCK_STREAM, SOCK_GET(self->c, SO_TYPE));
	EXPECT_EQ(SOCK_STREAM, SOCK_GET(self->s, SO_TYPE));
	EXPECT_EQ(0, SOCK_GET(self->c, SO_ACCEPTCONN));
	EXPECT_EQ(0, SOCK_GET(self->fd, SO_ACCEPTCONN));
	EXPECT_EQ(1, SOCK_GET(self->t.l, SO_ACCEPTCONN));
	EXPECT_EQ(-ENOPROTOOPT, SOCK_SET(self->c, SO_TYPE, 1));
	EXPECT_EQ(-ENOPROTOOPT, SOCK_SET(self->c, SO_ACCEPTCONN, 1));
	EXPECT_EQ(-ENOPROTOOPT, SOCK_SET(self->c, SO_ERROR, 1));
	ASSERT_EQ(0, shutdown(self->t.l, SHUT_RD));
	EXPECT_EQ(0, SOCK_GET(self->t.l, SO_ACCEPTCONN));
}

TEST_F(tcp_opt, of_every_socket)
{
	EXPECT_EQ(0, SOCK_GET(self->c, SO_KEEPALIVE));
	EXPECT_EQ(0, SOCK_SET(self->c, SO_KEEPALIVE, 1));
	EXPECT_EQ(1, SOCK_GET(self->c, SO_KEEPALIVE));
	EXPECT_EQ(0, SOCK_GET(self->c, SO_PRIORITY));
	EXPECT_EQ(0, SOCK_SET(self->c, SO_PRIORITY, 6));
	EXPECT_EQ(6, SOCK_GET(self->c, SO_PRIORITY));
	EXPECT_EQ(0, SOCK_GET(self->c, SO_MARK));
	EXPECT_EQ(0, SOCK_SET(self->c, SO_MARK, 77));
	EXPECT_EQ(77, SOCK_GET(self->c, SO_MARK));
	EXPECT_EQ(0, SOCK_SET(self->c, SO_MAX_PACING_RATE, 1000000));
	EXPECT_EQ(1000000, SOCK_GET(self->c, SO_MAX_PACING_RATE));
	EXPECT_EQ(0, SOCK_SET(self->c, SO_MAX_PACING_RATE, -1));
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_opt, of_ip)
{
	EXPECT_EQ(-ENOTCONN, IP_GET(self->fd, IP_MTU));
	EXPECT_LE(65535, IP_GET(self->c, IP_MTU));
	EXPECT_EQ(0, IP_GET(self->c, IP_TOS));
	EXPECT_EQ(0, IP_SET(self->c, IP_TOS, 0x10));
	EXPECT_EQ(0x10, IP_GET(self->c, IP_TOS));
	/* ECN's bits are TCP's. */
	EXPECT_EQ(0, IP_SET(self->c, IP_TOS, 0xff));
	EXPECT_EQ(0xfc, IP_GET(self->c, IP_TOS));
	EXPECT_EQ(64, IP_GET(self->c, IP_TTL));
	EXPECT_EQ(0, IP_SET(self->c, IP_TTL, 255));
	EXPECT_EQ(255, IP_GET(self->c, IP_TTL));
	EXPECT_EQ(-EINVAL, IP_SET(self->c, IP_TTL, 0));
	EXPECT_EQ(-EINVAL, IP_SET(self->c, IP_TTL, 256));
	EXPECT_EQ(0, IP_SET(self->c, IP_TTL, -1));
	EXPECT_EQ(64, IP_GET(self->c, IP_TTL));
	EXPECT_ALIVE(self->c, self->s);
}

/* ---- Of an established connection --------------------------------------- */

TEST_F(tcp_opt, segment_size)
{
	int c = tcp_new(), s, mss;

	/* As the path and the peer allow. */
	mss = TCP_GET(self->c, TCP_MAXSEG);
	EXPECT_LT(30000, mss);
	EXPECT_GE(65536 - 40, mss);

	/* A smaller one is offered, and kept to, less the timestamps. */
	ASSERT_EQ(0, TCP_SET(c, TCP_MAXSEG, 1000));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	EXPECT_EQ(988, TCP_GET(c, TCP_MAXSEG));
	EXPECT_EQ(988, TCP_GET(s, TCP_MAXSEG));
	EXPECT_ALIVE(c, s);
	/* The listener's, too. */
	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_MAXSEG, 600));
	close(c);
	c = tcp_new();
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	EXPECT_EQ(588, TCP_GET(c, TCP_MAXSEG));
	EXPECT_EQ(588, TCP_GET(s, TCP_MAXSEG));
}

TEST_F(tcp_opt, window_clamp)
{
	EXPECT_LT(10000, TCP_GET(self->s, TCP_WINDOW_CLAMP));
	EXPECT_EQ(-EINVAL, TCP_SET(self->s, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, TCP_SET(self->s, TCP_WINDOW_CLAMP, 5000));
	EXPECT_EQ(5000, TCP_GET(self->s, TCP_WINDOW_CLAMP));
	EXPECT_EQ(0, TCP_SET(self->fd, TCP_WINDOW_CLAMP, 0));
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_opt, quickack)
{
	EXPECT_EQ(0, TCP_SET(self->c, TCP_QUICKACK, 1));
	EXPECT_EQ(1, TCP_GET(self->c, TCP_QUICKACK));
	EXPECT_EQ(0, TCP_SET(self->c, TCP_QUICKACK, 0));
	EXPECT_EQ(0, TCP_GET(self->c, TCP_QUICKACK));
	EXPECT_ALIVE(self->c, self->s);
}

/* The writer waits although there is room, as long as much is not sent. */
TEST_F(tcp_opt, not_sent_limit)
{
	fill(self->c);
	EXPECT_LT(200000, ioctl_int(self->c, SIOCOUTQNSD));
	ASSERT_EQ(0, TCP_SET(self->s, TCP_NOTSENT_LOWAT, 4096));
	fill(self->s);
	EXPECT_GE(4096 + 2 * 65536, ioctl_int(self->s, SIOCOUTQNSD));
	EXPECT_EVENTS("in", self->s);
	/* More may be not sent: the writer may go on. */
	ASSERT_EQ(0, TCP_SET(self->s, TCP_NOTSENT_LOWAT, 1 << 30));
	EXPECT_EVENTS("in out", self->s);
}

/* ---- TCP_INFO ----------------------------------------------------------- */

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0xee, sizeof(info));
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info;
}

TEST_F(tcp_opt, info)
{
	struct tcp_info c, s;

	SEND(self->c, "12345");
	EXPECT_RECV(self->s, "12345");
	ASSERT_TRUE(BECOMES(info_of(self->c).tcpi_unacked == 0));
	c = info_of(self->c);
	s = info_of(self->s);

	EXPECT_EQ(ST_ESTABLISHED, c.tcpi_state);
	EXPECT_EQ(0, c.tcpi_ca_state);
	EXPECT_EQ(0, c.tcpi_retransmits);
	EXPECT_EQ(0, c.tcpi_probes);
	EXPECT_EQ(0, c.tcpi_backoff);
	EXPECT_EQ(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE,
		  c.tcpi_options);
	EXPECT_EQ(c.tcpi_snd_wscale + 0, s.tcpi_rcv_wscale + 0);
	EXPECT_EQ(s.tcpi_snd_wscale + 0, c.tcpi_rcv_wscale + 0);
	/* Microseconds. */
	EXPECT_LE(200000, c.tcpi_rto);
	EXPECT_GE(3000000, c.tcpi_rto);
	EXPECT_LT(0, c.tcpi_rtt);
	EXPECT_GE(3000000, c.tcpi_rtt);
	EXPECT_EQ(TCP_GET(self->c, TCP_MAXSEG), c.tcpi_snd_mss);
	EXPECT_LT(0, s.tcpi_rcv_mss);
	EXPECT_LT(30000, c.tcpi_advmss);
	EXPECT_LE(65535, c.tcpi_pmtu);
	EXPECT_LE(10, c.tcpi_snd_cwnd);
	EXPECT_LT(c.tcpi_snd_cwnd, c.tcpi_snd_ssthresh);
	EXPECT_EQ(3, c.tcpi_reordering);
	EXPECT_EQ(0, c.tcpi_sacked);
	EXPECT_EQ(0, c.tcpi_lost);
	EXPECT_EQ(0, c.tcpi_retrans);
	EXPECT_EQ(0, c.tcpi_total_retrans);
	EXPECT_EQ(0, c.tcpi_bytes_retrans);
	EXPECT_EQ(0, c.tcpi_notsent_bytes);
	EXPECT_EQ(5, c.tcpi_bytes_sent);
	/* The SYN is one of them. */
	EXPECT_EQ(6, c.tcpi_bytes_acked);
	EXPECT_EQ(5, s.tcpi_bytes_received);
	EXPECT_EQ(1, c.tcpi_data_segs_out);
	EXPECT_EQ(1, s.tcpi_data_segs_in);
	EXPECT_LE(3, c.tcpi_segs_out);
	EXPECT_LE(2, c.tcpi_segs_in);
	EXPECT_LE(1, c.tcpi_delivered);
	EXPECT_LT(0, c.tcpi_snd_wnd);
	EXPECT_GE(DEADLINE_MS, c.tcpi_last_data_sent);
	EXPECT_GE(DEADLINE_MS, s.tcpi_last_data_recv);
}

TEST_F(tcp_opt, info_of_states)
{
	struct tcp_info l;
	int fd = tcp_new();

	EXPECT_EQ(ST_CLOSE, info_of(self->fd).tcpi_state);
	/* A listener tells its queue's length and limit. */
	l = info_of(self->t.l);
	EXPECT_EQ(ST_LISTEN, l.tcpi_state);
	EXPECT_EQ(0, l.tcpi_unacked);
	EXPECT_EQ(8, l.tcpi_sacked);
	ASSERT_EQ(0, connect_to(fd, FORM_IN, LO, self->t.port));
	EXPECT_TRUE(BECOMES(info_of(self->t.l).tcpi_unacked == 1));
	/* What is not acknowledged, what is not sent. */
	fill(self->c);
	EXPECT_LT(0, info_of(self->c).tcpi_notsent_bytes);
	EXPECT_EQ(info_of(self->c).tcpi_notsent_bytes,
		  ioctl_int(self->c, SIOCOUTQNSD));
}

TEST_F(tcp_opt, info_lengths)
{
	unsigned char raw[1024];
	socklen_t len;

	memset(raw, 0xee, sizeof(raw));
	len = 1;
	ASSERT_EQ(0, getsockopt(self->c, IPPROTO_TCP, TCP_INFO, raw, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(ST_ESTABLISHED, raw[0]);
	EXPECT_EQ(0xee, raw[1]);
	len = 104;	/* what programs of 2005 ask for */
	ASSERT_EQ(0, getsockopt(self->c, IPPROTO_TCP, TCP_INFO, raw, &len));
	EXPECT_EQ(104, len);
	EXPECT_EQ(0xee, raw[104]);
	len = sizeof(raw);
	ASSERT_EQ(0, getsockopt(self->c, IPPROTO_TCP, TCP_INFO, raw, &len));
	EXPECT_LE(sizeof(struct tcp_info), len);
	EXPECT_GT(sizeof(raw), len);
	EXPECT_EQ(0xee, raw[len]);
	len = 0;
	EXPECT_EQ(0, getsockopt(self->c, IPPROTO_TCP, TCP_INFO, raw, &len));
	EXPECT_EQ(0, len);
	len = -1;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(self->c, IPPROTO_TCP, TCP_INFO, raw,
					    &len)));
	len = 8;
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->c, IPPROTO_TCP, TCP_INFO, BAD,
					    &len)));
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(setsockopt(self->c, IPPROTO_TCP, TCP_INFO,
						 raw, 104)));
}

/* ---- Congestion control ------------------------------------------------- */

static int set_cc(int fd, const char *name)
{
	return ERRNO(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
				strlen(name)));
}

static const char *cc_of(int fd)
{
	static char name[4][32];
	static int next;
	char *s = name[next++ % 4];
	socklen_t len = sizeof(name[0]);

	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, s, &len))
		return strerror(errno);
	return s;
}

TEST_F(tcp_opt, congestion)
{
	char name[32];
	socklen_t len;

	EXPECT_STREQ("cubic", cc_of(self->fd));
	EXPECT_EQ(0, set_cc(self->fd, "reno"));
	EXPECT_STREQ("reno", cc_of(self->fd));
	EXPECT_EQ(0, set_cc(self->fd, "cubic"));
	EXPECT_EQ(-ENOENT, set_cc(self->fd, "nosuch"));
	EXPECT_EQ(-ENOENT, set_cc(self->fd, "cubicle"));
	EXPECT_EQ(-ENOENT, set_cc(self->fd, "cub"));
	EXPECT_STREQ("cubic", cc_of(self->fd));
	EXPECT_EQ(-EINVAL, set_cc(self->fd, ""));
	EXPECT_EQ(-EFAULT, ERRNO(setsockopt(self->fd, IPPROTO_TCP,
					    TCP_CONGESTION, BAD, 4)));
	/* A string that ends earlier than it says. */
	EXPECT_EQ(0, ERRNO(setsockopt(self->fd, IPPROTO_TCP, TCP_CONGESTION,
				      "reno\0rest", 9)));
	EXPECT_STREQ("reno", cc_of(self->fd));
	/* The answer is sixteen bytes, or fewer if there is no room. */
	len = sizeof(name);
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, TCP_CONGESTION, name,
				&len));
	EXPECT_EQ(16, len);
	memset(name, 0, sizeof(name));
	len = 3;
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, TCP_CONGESTION, name,
				&len));
	EXPECT_EQ(3, len);
	EXPECT_STREQ("ren", name);
	/* In full flight. */
	EXPECT_EQ(0, set_cc(self->c, "reno"));
	EXPECT_ALIVE(self->c, self->s);
	EXPECT_EQ(0, set_cc(self->c, "cubic"));
	EXPECT_ALIVE(self->c, self->s);
}

TEST_F(tcp_opt, congestion_default)
{
	int fd;

	ASSERT_EQ(0, sysctl_write("tcp_congestion_control", "reno"));
	fd = tcp_new();
	EXPECT_STREQ("reno", cc_of(fd));
	EXPECT_STREQ("cubic", cc_of(self->c));
	EXPECT_EQ(-ENOENT, sysctl_write("tcp_congestion_control", "nosuch"));
}

/* Neither reno nor cubic has anything to tell. */
TEST_F(tcp_opt, congestion_info)
{
	char raw[64];
	socklen_t len = sizeof(raw);

	ASSERT_EQ(0, getsockopt(self->c, IPPROTO_TCP, TCP_CC_INFO, raw, &len));
	EXPECT_EQ(0, len);
}

/* ---- TCP_INQ, TCP_SAVED_SYN, TCP_DEFER_ACCEPT --------------------------- */

/* Reads @len bytes; what is said to be left, or -1 if nothing is said. */
static int inq_after(int fd, size_t len)
{
	char data[64], control[64];
	struct iovec iov = { data, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	if (!readable(fd) || recvmsg(fd, &msg, MSG_DONTWAIT) < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != IPPROTO_TCP || c->cmsg_type != TCP_CM_INQ ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	return *(int *)CMSG_DATA(c);
}

TEST_F(tcp_opt, inq)
{
	SEND(self->c, "abcdef");
	ASSERT_TRUE(BECOMES(ioctl_int(self->s, SIOCINQ) == 6));
	EXPECT_EQ(-1, inq_after(self->s, 1));
	ASSERT_EQ(0, TCP_SET(self->s, TCP_INQ, 1));
	EXPECT_EQ(3, inq_after(self->s, 2));
	EXPECT_EQ(0, inq_after(self->s, 3));
	/* The end counts as one more thing to read. */
	SEND(self->c, "gh");
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	EXPECT_STATE(ST_CLOSE_WAIT, self->s);
	EXPECT_EQ(2, inq_after(self->s, 1));
	EXPECT_EQ(1, inq_after(self->s, 1));
}

TEST_F(tcp_opt, saved_syn)
{
	unsigned char raw[256];
	socklen_t len = sizeof(raw);
	int c = tcp_new(), s;

	V4_ONLY("length of the header");
	/* Nothing was asked for, nothing is there. */
	ASSERT_EQ(0, getsockopt(self->s, IPPROTO_TCP, TCP_SAVED_SYN, raw,
				&len));
	EXPECT_EQ(0, len);

	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_SAVE_SYN, 1));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, self->t.port));
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	/* Too little room: it says how much. */
	len = 10;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(s, IPPROTO_TCP, TCP_SAVED_SYN, raw,
					    &len)));
	EXPECT_EQ(60, len);
	len = sizeof(raw);
	ASSERT_EQ(0, getsockopt(s, IPPROTO_TCP, TCP_SAVED_SYN, raw, &len));
	/* An IP header, a TCP header with 20 bytes of options, a SYN. */
	EXPECT_EQ(60, len);
	EXPECT_EQ(0x45, raw[0]);
	EXPECT_EQ(IPPROTO_TCP, raw[9]);
	EXPECT_EQ(port_of(c), raw[20] << 8 | raw[21]);
	EXPECT_EQ(self->t.port, raw[22] << 8 | raw[23]);
	EXPECT_EQ(0xa0, raw[32] & 0xf0);
	EXPECT_EQ(2, raw[33] & 0x3f);
	/* Once only. */
	len = sizeof(raw);
	ASSERT_EQ(0, getsockopt(s, IPPROTO_TCP, TCP_SAVED_SYN, raw, &len));
	EXPECT_EQ(0, len);
}

/* Not before there is something to read. */
TEST_F(tcp_opt, defer_accept)
{
	int s;

	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_DEFER_ACCEPT, 7));
	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, LO, self->t.port));
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->fd));
	EXPECT_TRUE(silent(self->t.l));
	SEND(self->fd, "now");
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	EXPECT_RECV(s, "now");
	EXPECT_ALIVE(self->fd, s);
}

/* ---- What an accepted socket inherits ----------------------------------- */

TEST_F(tcp_opt, inherited)
{
	static const struct { int level, name, value; } options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 11 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 12 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 13 },
		{ IPPROTO_TCP, TCP_SYNCNT, 14 },
		{ IPPROTO_TCP, TCP_LINGER2, 15 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 16000 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 17000 },
		{ IPPROTO_TCP, TCP_INQ, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_OOBINLINE, 1 },
		{ SOL_SOCKET, SO_REUSEADDR, 1 },
		{ SOL_SOCKET, SO_RCVLOWAT, 1 },
		{ SOL_SOCKET, SO_MARK, 99 },
		{ SOL_SOCKET, SO_RCVBUF, 50000 },
		{ SOL_SOCKET, SO_SNDBUF, 60000 },
		{ IPPROTO_IP, IP_TOS, 0x28 },
		{ IPPROTO_IP, IP_TTL, 33 },
	};
	struct linger linger = {};
	struct timeval tv = {};
	socklen_t len;
	int i, s, want;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		ASSERT_EQ(0, set_opt(self->t.l, options[i].level,
				     options[i].name, options[i].value));
	ASSERT_EQ(0, SOCK_SET(self->t.l, SO_PRIORITY, 5));
	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_MAXSEG, 700));
	ASSERT_EQ(0, set_linger(self->t.l, 1, 3));
	ASSERT_EQ(0, set_timeo(self->t.l, SO_RCVTIMEO, 4000));
	ASSERT_EQ(0, set_cc(self->t.l, "reno"));
	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, LO, self->t.port));
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		want = options[i].value;
		if (options[i].name == SO_RCVBUF || options[i].name == SO_SNDBUF)
			want *= options[i].level == SOL_SOCKET ? 2 : 1;
		EXPECT_EQ(want, get_opt(s, options[i].level, options[i].name)) {
			TH_LOG("option %d of level %d", options[i].name,
			       options[i].level);
		}
	}
	EXPECT_EQ(688, TCP_GET(s, TCP_MAXSEG));
	len = sizeof(linger);
	ASSERT_EQ(0, getsockopt(s, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(3, linger.l_linger);
	len = sizeof(tv);
	ASSERT_EQ(0, getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(4, tv.tv_sec);
	EXPECT_STREQ("reno", cc_of(s));
	/* One thing is not. */
	EXPECT_EQ(0, SOCK_GET(s, SO_PRIORITY));
	EXPECT_ALIVE(self->fd, s);
}

/* What was set on the listener after the connection came does not matter. */
TEST_F(tcp_opt, inherited_when_it_came)
{
	int s;

	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, LO, self->t.port));
	ASSERT_TRUE(readable(self->t.l));
	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_NODELAY, 1));
	ASSERT_EQ(0, TCP_SET(self->t.l, TCP_KEEPIDLE, 11));
	s = accept_now(self->t.l);
	ASSERT_LE(0, s);
	EXPECT_EQ(0, TCP_GET(s, TCP_NODELAY));
	EXPECT_EQ(7200, TCP_GET(s, TCP_KEEPIDLE));
}

/* ---- A peer that is gone ------------------------------------------------ */

FIXTURE(net) {
	struct pair p;
	int c[3];	/* three connections to a silent Linux */
};

FIXTURE_SETUP(net)
{
	int l, i;

	ASSERT_EQ(0, pair_make(&self->p));
	l = socket_in(self->p.a, self->p.b, peer_af(), SOCK_STREAM, 0);
	ASSERT_EQ(0, bind_to(l, FORM_IN, "10.0.0.1", 7007));
	ASSERT_EQ(0, listen(l, 4));
	for (i = 0; i < 3; i++) {
		self->c[i] = tcp_new();
		ASSERT_LE(0, self->c[i]) TH_LOG("%s", strerror(errno));
		ASSERT_EQ(0, connect_to(self->c[i], FORM_IN, "10.0.0.1", 7007));
		ASSERT_LE(0, accept_now(l));
	}
}

FIXTURE_TEARDOWN(net)
{
	int i;

	for (i = 0; i < 3; i++)
		close(self->c[i]);
}

/* The cable loses everything, and the hosts do not notice. */
static int cut_the_cable(void)
{
	return sh("tc qdisc add dev veth1 root netem loss 100%%");
}

TEST_F(net, mtu)
{
	V4_ONLY("IP_MTU");
	EXPECT_EQ(1500, IP_GET(self->c[0], IP_MTU));
	EXPECT_EQ(1448, TCP_GET(self->c[0], TCP_MAXSEG));
}

TEST_F(net, nobody_answers)
{
	/* By keepalive, by the user's limit, and one that hopes on. */
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPIDLE, 1));
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPINTVL, 1));
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPCNT, 1));
	ASSERT_EQ(0, SOCK_SET(self->c[0], SO_KEEPALIVE, 1));
	ASSERT_EQ(0, TCP_SET(self->c[1], TCP_USER_TIMEOUT, 300));
	ASSERT_EQ(0, cut_the_cable());
	SEND(self->c[1], "lost");
	SEND(self->c[2], "lost");

	EXPECT_EVENTS("in out rdhup err hup", self->c[1]);
	EXPECT_RECV_ERRNO(ETIMEDOUT, self->c[1]);
	EXPECT_EOF(self->c[1]);
	EXPECT_EQ(ST_CLOSE, state_of(self->c[1]));

	EXPECT_EVENTS("in out rdhup err hup", self->c[0]);
	EXPECT_EQ(ETIMEDOUT, so_error(self->c[0]));
	EXPECT_EOF(self->c[0]);

	EXPECT_STREQ("out", events_now(self->c[2]));
	EXPECT_LT(0, info_of(self->c[2]).tcpi_retransmits);
	EXPECT_LT(0, info_of(self->c[2]).tcpi_total_retrans);
	EXPECT_LT(0, info_of(self->c[2]).tcpi_unacked);
	/* It comes back. */
	ASSERT_EQ(0, sh("tc qdisc del dev veth1 root"));
	EXPECT_TRUE(BECOMES(info_of(self->c[2]).tcpi_unacked == 0));
}

/* A living peer answers probes: nothing happens, many times. */
TEST_F(net, keepalive_of_the_living)
{
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPIDLE, 1));
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPINTVL, 1));
	ASSERT_EQ(0, TCP_SET(self->c[0], TCP_KEEPCNT, 1));
	ASSERT_EQ(0, SOCK_SET(self->c[0], SO_KEEPALIVE, 1));
	EXPECT_TRUE(BECOMES(info_of(self->c[0]).tcpi_segs_out >= 4));
	EXPECT_STREQ("out", events_now(self->c[0]));
}

TOY_TEST_MAIN
