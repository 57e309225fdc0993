// SPDX-License-Identifier: GPL-2.0-only
/*
 * sock_diag: what programs are told of sockets, and how they close them.
 *
 * AF_INET's requests and answers are the specification; AF_TOY has them under
 * its own number, with addresses in the native form. A second namespace plays
 * no part: everything happens on its loopback.
 */
#include "tcp_test.h"

#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#define ALL_STATES	0xfffU
#define BIT(n)		(1U << (n))
#define MOST		4096	/* sockets in an answer */

struct seen {
	struct inet_diag_msg	msg;
	uint8_t			attrs[2048];
	int			len;
};

static struct seen *seen;
static int seen_count;

struct ask {
	struct nlmsghdr		nlh;
	struct inet_diag_req_v2	req;
	char			attrs[256];
};

static int diag_family(void)
{
	return TESTING_TOY ? AF_TOY : peer_af();
}

static struct ask ask_for(int type, int proto)
{
	struct ask a = {
		.nlh.nlmsg_type = type,
		.nlh.nlmsg_len = NLMSG_LENGTH(sizeof(a.req)),
		.nlh.nlmsg_flags = NLM_F_REQUEST,
		.req.sdiag_family = diag_family(),
		.req.sdiag_protocol = proto,
		.req.idiag_states = ALL_STATES,
		.req.id.idiag_cookie = { INET_DIAG_NOCOOKIE,
					 INET_DIAG_NOCOOKIE },
	};

	return a;
}

static void ask_attr(struct ask *a, int type, const void *data, int len)
{
	struct rtattr *rta = (void *)((char *)a + NLMSG_ALIGN(a->nlh.nlmsg_len));

	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(rta), data, len);
	a->nlh.nlmsg_len = NLMSG_ALIGN(a->nlh.nlmsg_len) + RTA_SPACE(len);
}

/* An end as sock_diag writes it: AF_INET's address is one word. */
static void ask_end(__be32 *addr, __be16 *port, const char *ip, int number)
{
	union addr a = form_addr(TESTING_TOY ? FORM_TOY : FORM_IN, ip, number);

	*port = htons(number);
	if (a.sa.sa_family == AF_INET)
		memcpy(addr, &a.in.sin_addr, 4);
	else
		memcpy(addr, &a.in6.sin6_addr, 16);
}

static void ask_ends(struct ask *a, int lport, int rport)
{
	ask_end(a->req.id.idiag_src, &a->req.id.idiag_sport, LO, lport);
	ask_end(a->req.id.idiag_dst, &a->req.id.idiag_dport,
		rport ? LO : "0.0.0.0", rport);
}

static void keep(const struct nlmsghdr *nlh)
{
	struct seen *s = &seen[seen_count];

	if (seen_count == MOST)
		return;
	memcpy(&s->msg, NLMSG_DATA(nlh), sizeof(s->msg));
	s->len = nlh->nlmsg_len - NLMSG_LENGTH(sizeof(s->msg));
	memcpy(s->attrs, (char *)nlh + NLMSG_SPACE(sizeof(s->msg)), s->len);
	seen_count++;
}

/* Reads until the answer is complete: 0, or the error in it. */
static int answers(int fd, bool dump)
{
	static char buf[65536];
	struct nlmsghdr *nlh;
	int len;

	for (;;) {
		len = recv_now(fd, buf, sizeof(buf), 0);
		if (len < 0)
			return len;
		for (nlh = (void *)buf; NLMSG_OK(nlh, len);
		     nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
			/* An error may come at the end. */
			if (nlh->nlmsg_type == NLMSG_DONE)
				return *(int *)NLMSG_DATA(nlh);
			if (nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY)
				keep(nlh);
			if (!dump)
				return 0;
		}
	}
}

static int ask(struct ask *a)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG), err;

	if (!seen)
		seen = calloc(MOST, sizeof(*seen));
	seen_count = 0;
	err = ERRNO(send(fd, a, a->nlh.nlmsg_len, 0));
	if (err >= 0)
		err = answers(fd, a->nlh.nlmsg_flags & NLM_F_DUMP);
	close(fd);
	return err;
}

static struct ask dump_of(int proto)
{
	struct ask a = ask_for(SOCK_DIAG_BY_FAMILY, proto);

	a.nlh.nlmsg_flags |= NLM_F_DUMP;
	return a;
}

/* ---- What was seen ------------------------------------------------------- */

static const struct rtattr *attr_of(const struct seen *s, int type, int *len)
{
	const struct rtattr *rta = (const void *)s->attrs;
	int left = s->len;

	for (; RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if (rta->rta_type == type) {
			*len = RTA_PAYLOAD(rta);
			return rta;
		}
	return NULL;
}

#define ATTR(s, type, len)	RTA_DATA(attr_of(s, type, len))

/* The one with these ports; NULL if it was not there exactly once. */
static struct seen *with_ports(int lport, int rport)
{
	struct seen *found = NULL;
	int i;

	for (i = 0; i < seen_count; i++) {
		const struct inet_diag_sockid *id = &seen[i].msg.id;

		if (ntohs(id->idiag_sport) != lport ||
		    ntohs(id->idiag_dport) != rport)
			continue;
		if (found)
			return NULL;
		found = &seen[i];
	}
	return found;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

static uint64_t seen_cookie(const struct seen *s)
{
	return s->msg.id.idiag_cookie[0] |
	       (uint64_t)s->msg.id.idiag_cookie[1] << 32;
}

static unsigned long inode_of(int fd)
{
	struct stat st = {};

	fstat(fd, &st);
	return st.st_ino;
}

/* ---- TCP ----------------------------------------------------------------- */

FIXTURE(lo) {
	int l;		/* listens at 127.0.0.1:port */
	int c;		/* connected to it, from cport */
	int s;		/* the other end */
	int port;
	int cport;
};

FIXTURE_SETUP(lo)
{
	ASSERT_LE(0, netns_new());
	self->l = listen_at(FORM_IN, LO, 0, 7);
	ASSERT_LE(0, self->l);
	self->port = port_of(self->l);
	self->c = tcp_new();
	ASSERT_EQ(0, connect_to(self->c, FORM_IN, LO, self->port));
	self->cport = port_of(self->c);
	self->s = accept_now(self->l);
	ASSERT_LE(0, self->s);
}

FIXTURE_TEARDOWN(lo)
{
	close(self->l);
	close(self->c);
	close(self->s);
}

TEST_F(lo, dump_has_all)
{
	struct ask a = dump_of(IPPROTO_TCP), ends = a;
	struct seen *s;

	ask_ends(&ends, self->cport, self->port);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(3, seen_count);

	s = with_ports(self->port, 0);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(diag_family(), s->msg.idiag_family);
	EXPECT_EQ(ST_LISTEN, s->msg.idiag_state);
	EXPECT_EQ(0, s->msg.idiag_rqueue);
	EXPECT_EQ(7, s->msg.idiag_wqueue);
	EXPECT_EQ(inode_of(self->l), s->msg.idiag_inode);
	EXPECT_EQ(cookie_of(self->l), seen_cookie(s));

	s = with_ports(self->cport, self->port);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(ST_ESTABLISHED, s->msg.idiag_state);
	EXPECT_EQ(0, memcmp(s->msg.id.idiag_src, ends.req.id.idiag_src, 16));
	EXPECT_EQ(0, memcmp(s->msg.id.idiag_dst, ends.req.id.idiag_dst, 16));
	EXPECT_EQ(inode_of(self->c), s->msg.idiag_inode);
	EXPECT_EQ(cookie_of(self->c), seen_cookie(s));
	EXPECT_EQ(getuid(), s->msg.idiag_uid);
	EXPECT_EQ(0, s->msg.idiag_timer);

	ASSERT_NE(NULL, with_ports(self->port, self->cport));
}

TEST_F(lo, queues)
{
	struct ask a = dump_of(IPPROTO_TCP);
	struct seen *s;

	ASSERT_EQ(5, send(self->c, "hello", 5, 0));
	ASSERT_TRUE(readable(self->s));
	ASSERT_EQ(0, ask(&a));
	s = with_ports(self->port, self->cport);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(5, s->msg.idiag_rqueue);
}

TEST_F(lo, filter_by_state)
{
	struct ask a = dump_of(IPPROTO_TCP);

	a.req.idiag_states = BIT(ST_LISTEN);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	EXPECT_NE(NULL, with_ports(self->port, 0));
	a.req.idiag_states = BIT(ST_ESTABLISHED);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(2, seen_count);
	a.req.idiag_states = BIT(ST_SYN_SENT);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(0, seen_count);
}

TEST_F(lo, filter_by_port)
{
	struct ask a = dump_of(IPPROTO_TCP);

	a.req.id.idiag_sport = htons(self->cport);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	EXPECT_NE(NULL, with_ports(self->cport, self->port));
	a.req.id.idiag_sport = 0;
	a.req.id.idiag_dport = htons(self->cport);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	EXPECT_NE(NULL, with_ports(self->port, self->cport));
}

/* What ss(8) sends for "dport = :PORT". */
TEST_F(lo, filter_program)
{
	struct ask a = dump_of(IPPROTO_TCP);
	struct inet_diag_bc_op prog[] = {
		{ INET_DIAG_BC_D_GE, 8, 20 }, { .no = self->port },
		{ INET_DIAG_BC_D_LE, 8, 12 }, { .no = self->port },
	};

	ask_attr(&a, INET_DIAG_REQ_BYTECODE, prog, sizeof(prog));
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	EXPECT_NE(NULL, with_ports(self->cport, self->port));
}

TEST_F(lo, filter_program_of_nonsense)
{
	struct ask a = dump_of(IPPROTO_TCP), b = a;
	struct inet_diag_bc_op wild = { INET_DIAG_BC_JMP, 4, 2000 };
	struct inet_diag_bc_op loop = { INET_DIAG_BC_NOP, 0, 0 };

	ask_attr(&a, INET_DIAG_REQ_BYTECODE, &wild, sizeof(wild));
	EXPECT_EQ(-EINVAL, ask(&a));
	ask_attr(&b, INET_DIAG_REQ_BYTECODE, &loop, sizeof(loop));
	EXPECT_EQ(-EINVAL, ask(&b));
}

TEST_F(lo, extensions)
{
	struct ask a = dump_of(IPPROTO_TCP);
	const struct tcp_info *info;
	const uint32_t *mem;
	struct seen *s;
	int len;

	ASSERT_EQ(0, ask(&a));
	s = with_ports(self->cport, self->port);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(NULL, attr_of(s, INET_DIAG_INFO, &len));
	EXPECT_EQ(NULL, attr_of(s, INET_DIAG_CONG, &len));

	a.req.idiag_ext = BIT(INET_DIAG_MEMINFO - 1) | BIT(INET_DIAG_INFO - 1) |
			  BIT(INET_DIAG_CONG - 1) | BIT(INET_DIAG_TOS - 1) |
			  BIT(INET_DIAG_SKMEMINFO - 1);
	a.req.id.idiag_sport = htons(self->cport);
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_IP, IP_TOS, 0x10));
	ASSERT_EQ(0, shutdown(self->c, SHUT_WR));
	/* The acknowledgment of the FIN may take its time. */
	ASSERT_TRUE(BECOMES(state_of(self->c) == ST_FIN_WAIT2));
	ASSERT_EQ(0, ask(&a));
	s = with_ports(self->cport, self->port);
	ASSERT_NE(NULL, s);
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_INFO, &len));
	info = ATTR(s, INET_DIAG_INFO, &len);
	EXPECT_LE(offsetof(struct tcp_info, tcpi_rcv_ooopack), len);
	EXPECT_EQ(state_of(self->c), info->tcpi_state);
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_CONG, &len));
	EXPECT_STREQ("cubic", ATTR(s, INET_DIAG_CONG, &len));
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_SKMEMINFO, &len));
	mem = ATTR(s, INET_DIAG_SKMEMINFO, &len);
	EXPECT_EQ(9 * sizeof(uint32_t), len);
	EXPECT_EQ(get_opt(self->c, SOL_SOCKET, SO_RCVBUF),
		  mem[SK_MEMINFO_RCVBUF]);
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_MEMINFO, &len));
	EXPECT_EQ(sizeof(struct inet_diag_meminfo), len);
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_SHUTDOWN, &len));
	EXPECT_EQ(2, *(uint8_t *)ATTR(s, INET_DIAG_SHUTDOWN, &len));
	if (!test_v6()) {
		ASSERT_NE(NULL, attr_of(s, INET_DIAG_TOS, &len));
		EXPECT_EQ(0x10, *(uint8_t *)ATTR(s, INET_DIAG_TOS, &len));
	}
}

TEST_F(lo, one)
{
	struct ask a = ask_for(SOCK_DIAG_BY_FAMILY, IPPROTO_TCP);
	uint64_t cookie = cookie_of(self->c);

	ask_ends(&a, self->cport, self->port);
	ASSERT_EQ(0, ask(&a));
	ASSERT_EQ(1, seen_count);
	EXPECT_EQ(cookie, seen_cookie(&seen[0]));

	/* By its cookie, too, and by no other one. */
	a.req.id.idiag_cookie[0] = cookie;
	a.req.id.idiag_cookie[1] = cookie >> 32;
	EXPECT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	a.req.id.idiag_cookie[0]++;
	EXPECT_EQ(-ENOENT, ask(&a));
	EXPECT_EQ(0, seen_count);
}

/* No connection has these ends; the listener takes what comes to them. */
TEST_F(lo, one_is_the_listener)
{
	struct ask a = ask_for(SOCK_DIAG_BY_FAMILY, IPPROTO_TCP);

	ask_ends(&a, self->port, 1);
	ASSERT_EQ(0, ask(&a));
	ASSERT_EQ(1, seen_count);
	EXPECT_EQ(ST_LISTEN, seen[0].msg.idiag_state);
	ask_ends(&a, 1, self->port);
	EXPECT_EQ(-ENOENT, ask(&a));
}

TEST_F(lo, time_wait)
{
	struct ask a = dump_of(IPPROTO_TCP);
	struct seen *s;

	close(self->c);
	self->c = -1;
	close(self->s);
	self->s = -1;
	ASSERT_TRUE(BECOMES(!ask(&a) && (s = with_ports(self->cport, self->port)) &&
			    s->msg.idiag_state == ST_TIME_WAIT));
	EXPECT_EQ(3, s->msg.idiag_timer);
	EXPECT_LT(50000, s->msg.idiag_expires);
	EXPECT_GE(60000, s->msg.idiag_expires);
	EXPECT_EQ(0, s->msg.idiag_inode);

	/* It alone. */
	a = ask_for(SOCK_DIAG_BY_FAMILY, IPPROTO_TCP);
	ask_ends(&a, self->cport, self->port);
	ASSERT_EQ(0, ask(&a));
	ASSERT_EQ(1, seen_count);
	EXPECT_EQ(ST_TIME_WAIT, seen[0].msg.idiag_state);

	/* And away with it. */
	a.nlh.nlmsg_type = SOCK_DESTROY;
	a.nlh.nlmsg_flags |= NLM_F_ACK;
	EXPECT_EQ(0, ask(&a));
	a = dump_of(IPPROTO_TCP);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(NULL, with_ports(self->cport, self->port));
}

TEST_F(lo, destroy)
{
	struct ask a = ask_for(SOCK_DESTROY, IPPROTO_TCP);
	char c;

	a.nlh.nlmsg_flags |= NLM_F_ACK;
	ask_ends(&a, self->cport, self->port);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(-ECONNABORTED, recv_now(self->c, &c, 1, 0));
	EXPECT_EQ(-ECONNRESET, recv_now(self->s, &c, 1, 0));
	EXPECT_EQ(-ENOENT, ({ ask_ends(&a, 1, 1); ask(&a); }));
}

static int drop_net_admin(void)
{
	struct __user_cap_header_struct hdr = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &hdr, data))
		return -1;
	data[0].effective &= ~(1 << CAP_NET_ADMIN);
	return syscall(SYS_capset, &hdr, data);
}

/* Everybody may look, not everybody may close, or see marks. */
TEST_F(lo, unprivileged)
{
	struct ask a = ask_for(SOCK_DESTROY, IPPROTO_TCP);
	struct inet_diag_markcond mark = { 7, 7 };
	struct inet_diag_bc_op prog[3] = {
		{ INET_DIAG_BC_MARK_COND, 12, 16 },
	};
	struct ask all = dump_of(IPPROTO_TCP), marked = all;
	struct seen *s;
	int len;

	memcpy(&prog[1], &mark, sizeof(mark));
	ask_attr(&marked, INET_DIAG_REQ_BYTECODE, prog, sizeof(prog));
	a.nlh.nlmsg_flags |= NLM_F_ACK;
	ask_ends(&a, self->cport, self->port);
	ASSERT_EQ(0, set_opt(self->c, SOL_SOCKET, SO_MARK, 7));

	ASSERT_EQ(0, ask(&marked));
	EXPECT_EQ(1, seen_count);
	s = with_ports(self->cport, self->port);
	ASSERT_NE(NULL, s);
	ASSERT_NE(NULL, attr_of(s, INET_DIAG_MARK, &len));
	EXPECT_EQ(7, *(uint32_t *)ATTR(s, INET_DIAG_MARK, &len));

	ASSERT_EQ(0, drop_net_admin());
	EXPECT_EQ(-EPERM, ask(&a));
	EXPECT_EQ(-EPERM, ask(&marked));
	ASSERT_EQ(0, ask(&all));
	EXPECT_EQ(3, seen_count);
	s = with_ports(self->cport, self->port);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(NULL, attr_of(s, INET_DIAG_MARK, &len));
	EXPECT_EQ(ST_ESTABLISHED, state_of(self->c));
}

/* More than one buffer takes, and each of them once. */
TEST_F(lo, dump_of_many)
{
	struct ask a = dump_of(IPPROTO_TCP);
	enum { N = 600 };
	static int fds[N];
	int i, found = 0;

	a.req.idiag_ext = BIT(INET_DIAG_INFO - 1);
	a.req.idiag_states = BIT(ST_LISTEN);
	for (i = 0; i < N; i++) {
		fds[i] = listen_at(FORM_IN, LO, 0, 1);
		ASSERT_LE(0, fds[i]);
	}
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(N + 1, seen_count);
	for (i = 0; i < N; i++)
		found += !!with_ports(port_of(fds[i]), 0);
	EXPECT_EQ(N, found);
	for (i = 0; i < N; i++)
		close(fds[i]);
}

/* A reader who goes away in the middle leaves nothing behind. */
TEST_F(lo, dump_is_given_up)
{
	struct ask a = dump_of(IPPROTO_TCP);
	char buf[64];
	int i, fd;

	for (i = 0; i < 100; i++) {
		fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
		ASSERT_LT(0, send(fd, &a, a.nlh.nlmsg_len, 0));
		if (i % 2)
			recv_now(fd, buf, sizeof(buf), 0);
		close(fd);
	}
}

TEST_F(lo, bad_requests)
{
	struct ask a = dump_of(IPPROTO_TCP);

	a.nlh.nlmsg_len = NLMSG_LENGTH(8);
	EXPECT_EQ(-EINVAL, ask(&a));
	a = ask_for(SOCK_DIAG_BY_FAMILY, IPPROTO_TCP);
	a.nlh.nlmsg_len = NLMSG_LENGTH(8);
	EXPECT_EQ(-EINVAL, ask(&a));
	a = ask_for(SOCK_DIAG_BY_FAMILY, 253);
	EXPECT_EQ(-ENOENT, ask(&a));
}

/* ---- UDP ----------------------------------------------------------------- */

TEST(udp)
{
	struct ask a = dump_of(IPPROTO_UDP), one;
	int u, c, port;
	struct seen *s;
	char b;

	ASSERT_LE(0, netns_new());
	u = udp_form(FORM_IN);
	c = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(u, FORM_IN, LO, 0));
	port = port_of(u);
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, port));
	ASSERT_EQ(1, send(c, "x", 1, 0));
	ASSERT_TRUE(readable(u));

	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(2, seen_count);
	s = with_ports(port, 0);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(ST_CLOSE, s->msg.idiag_state);
	EXPECT_LT(0, s->msg.idiag_rqueue);
	s = with_ports(port_of(c), port);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(ST_ESTABLISHED, s->msg.idiag_state);

	one = ask_for(SOCK_DESTROY, IPPROTO_UDP);
	one.nlh.nlmsg_flags |= NLM_F_ACK;
	one.req.id = s->msg.id;
	ASSERT_EQ(0, ask(&one));
	EXPECT_EQ(-ECONNABORTED, recv_now(c, &b, 1, 0));
	EXPECT_EQ(1, recv_now(u, &b, 1, 0));
}

/* Of a namespace, its own only. */
TEST(namespaces)
{
	struct ask a = dump_of(IPPROTO_TCP);
	int l;

	ASSERT_LE(0, netns_new());
	l = listen_at(FORM_IN, LO, 0, 7);
	ASSERT_LE(0, l);
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(1, seen_count);
	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, ask(&a));
	EXPECT_EQ(0, seen_count);
}

TOY_TEST_MAIN
