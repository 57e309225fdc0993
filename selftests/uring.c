// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets through io_uring(7): connect, accept, send, receive, polling, and
 * sending without copying, one request at a time, by the bare system calls.
 */
#include "tcp_test.h"

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define ENTRIES		8
/* IORING_OP_*, flags and results newer than some headers. */
#define OP_SEND_ZC	47
#define OP_SENDMSG_ZC	48
#define REPORT_USAGE	(1 << 3)	/* IORING_SEND_ZC_REPORT_USAGE */
#define FIXED_BUF	(1 << 2)	/* IORING_RECVSEND_FIXED_BUF */
#define CQE_MORE	(1 << 1)
#define CQE_NOTIF	(1 << 3)
#define USAGE_COPIED	(1U << 31)

/* ---- A ring ------------------------------------------------------------- */

struct ring {
	int fd;
	struct io_uring_params p;
	char *map;
	struct io_uring_sqe *sqe;
};

#define RING_U32(r, off)	((_Atomic unsigned int *)((r)->map + (off)))

/* 0, or -errno. */
static int ring_make(struct ring *r)
{
	size_t size;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, ENTRIES, &r->p);
	if (r->fd < 0)
		return -errno;
	size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	r->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		      IORING_OFF_SQ_RING);
	r->sqe = mmap(NULL, ENTRIES * sizeof(*r->sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED, r->fd, IORING_OFF_SQES);
	return r->map == MAP_FAILED || r->sqe == MAP_FAILED ? -errno : 0;
}

/* Hands a request over; it need not be complete afterwards. */
static int ring_submit(struct ring *r, const struct io_uring_sqe *sqe)
{
	unsigned int tail = atomic_load(RING_U32(r, r->p.sq_off.tail));
	unsigned int i = tail % r->p.sq_entries;

	r->sqe[i] = *sqe;
	atomic_store(RING_U32(r, r->p.sq_off.array) + i, i);
	atomic_store(RING_U32(r, r->p.sq_off.tail), tail + 1);
	return ERRNO(syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0));
}

/* The next completion: its result; -ETIMEDOUT. */
static int ring_done(struct ring *r, unsigned int *flags)
{
	struct io_uring_cqe *cqes = (void *)(r->map + r->p.cq_off.cqes), *cqe;
	unsigned int head = atomic_load(RING_U32(r, r->p.cq_off.head));
	int res;

	while (head == atomic_load(RING_U32(r, r->p.cq_off.tail)))
		if (!(poll_for(r->fd, POLLIN, DEADLINE_MS) & POLLIN))
			return -ETIMEDOUT;
	cqe = &cqes[head % r->p.cq_entries];
	res = cqe->res;
	if (flags)
		*flags = cqe->flags;
	atomic_store(RING_U32(r, r->p.cq_off.head), head + 1);
	return res;
}

static bool ring_idle(struct ring *r)
{
	return !poll_for(r->fd, POLLIN, QUIET_MS);
}

static int ring_do(struct ring *r, const struct io_uring_sqe *sqe)
{
	int ret = ring_submit(r, sqe);

	return ret < 0 ? ret : ring_done(r, NULL);
}

static struct io_uring_sqe sqe_of(int op, int fd, const void *data, size_t len,
				  int flags)
{
	return (struct io_uring_sqe) {
		.opcode = op, .fd = fd, .addr = (uintptr_t)data, .len = len,
		.msg_flags = flags,
	};
}

/* ---- Both kinds of sockets ---------------------------------------------- */

FIXTURE(uring) {
	struct ring r;
	struct conn t;
	int tx, rx;
};

FIXTURE_VARIANT(uring) {
	int type;
};

FIXTURE_VARIANT_ADD(uring, udp)	{ SOCK_DGRAM };
FIXTURE_VARIANT_ADD(uring, tcp)	{ SOCK_STREAM };

FIXTURE_SETUP(uring)
{
	int ret = ring_make(&self->r);

	if (ret)
		SKIP(return, "no io_uring: %s", strerror(-ret));
	ASSERT_LE(0, netns_new());
	self->t.l = -1;
	if (variant->type == SOCK_STREAM) {
		ASSERT_EQ(0, conn_make(&self->t, FORM_IN));
		self->tx = self->t.c;
		self->rx = self->t.s;
		return;
	}
	self->rx = udp_form(FORM_IN);
	self->tx = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, LO, 0));
	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, LO, port_of(self->rx)));
}

FIXTURE_TEARDOWN(uring)
{
	close(self->tx);
	close(self->rx);
	if (self->t.l >= 0)
		close(self->t.l);
	close(self->r.fd);
}

TEST_F(uring, send_and_receive)
{
	struct io_uring_sqe sqe;
	char got[16] = "";

	sqe = sqe_of(IORING_OP_SEND, self->tx, "hello", 5, 0);
	EXPECT_EQ(5, ring_do(&self->r, &sqe));
	sqe = sqe_of(IORING_OP_RECV, self->rx, got, sizeof(got), 0);
	EXPECT_EQ(5, ring_do(&self->r, &sqe));
	EXPECT_STREQ("hello", got);
}

/* A receiver that is there first is woken. */
TEST_F(uring, receive_waits)
{
	struct io_uring_sqe sqe;
	char got[16] = "";

	sqe = sqe_of(IORING_OP_RECV, self->rx, got, sizeof(got), 0);
	ASSERT_EQ(1, ring_submit(&self->r, &sqe));
	EXPECT_TRUE(ring_idle(&self->r));
	ASSERT_EQ(5, send(self->tx, "later", 5, 0));
	EXPECT_EQ(5, ring_done(&self->r, NULL));
	EXPECT_STREQ("later", got);
	sqe = sqe_of(IORING_OP_RECV, self->rx, got, sizeof(got), MSG_DONTWAIT);
	EXPECT_EQ(-EAGAIN, ring_do(&self->r, &sqe));
}

TEST_F(uring, messages)
{
	char got[16] = "";
	struct iovec out = { "message", 7 }, in = { got, sizeof(got) };
	union addr from = {};
	struct msghdr to_msg = { .msg_iov = &out, .msg_iovlen = 1 };
	struct msghdr from_msg = {
		.msg_iov = &in, .msg_iovlen = 1, .msg_name = &from,
		.msg_namelen = sizeof(from),
	};
	struct io_uring_sqe sqe;

	sqe = sqe_of(IORING_OP_SENDMSG, self->tx, &to_msg, 1, 0);
	EXPECT_EQ(7, ring_do(&self->r, &sqe));
	sqe = sqe_of(IORING_OP_RECVMSG, self->rx, &from_msg, 1, 0);
	EXPECT_EQ(7, ring_do(&self->r, &sqe));
	EXPECT_STREQ("message", got);
	if (variant->type == SOCK_DGRAM)
		EXPECT_STREQ(name_of(self->tx), addr_str(&from));
}

TEST_F(uring, poll)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_ADD, .fd = self->rx,
		.poll32_events = POLLIN,
	};

	ASSERT_EQ(1, ring_submit(&self->r, &sqe));
	EXPECT_TRUE(ring_idle(&self->r));
	ASSERT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_TRUE(ring_done(&self->r, NULL) & POLLIN);
}

TEST_F(uring, read_and_write)
{
	struct io_uring_sqe sqe;
	char got[16] = "";

	sqe = sqe_of(IORING_OP_WRITE, self->tx, "text", 4, 0);
	EXPECT_EQ(4, ring_do(&self->r, &sqe));
	sqe = sqe_of(IORING_OP_READ, self->rx, got, sizeof(got), 0);
	EXPECT_EQ(4, ring_do(&self->r, &sqe));
	EXPECT_STREQ("text", got);
}

/* ---- Without copying ---------------------------------------------------- */

/* Sends, and waits until the pages are free: the result. Sets *@used to what the
 * notification says.
 */
static int send_zc(struct ring *r, struct io_uring_sqe *sqe, int *used)
{
	unsigned int flags;
	int res, ret = ring_submit(r, sqe);

	*used = 0;
	if (ret < 0)
		return ret;
	res = ring_done(r, &flags);
	if (!(flags & CQE_MORE))
		return res;
	*used = ring_done(r, &flags);
	return flags & CQE_NOTIF ? res : -EPROTO;
}

static bool all_received(int fd, const char *data, size_t n)
{
	static char got[70000];
	ssize_t len;

	while (n) {
		len = recv_now(fd, got, sizeof(got), 0);
		if (len <= 0 || memcmp(got, data, len))
			return false;
		data += len;
		n -= len;
	}
	return true;
}

static void *read_all(void *arg)
{
	struct conn *t = arg;
	static char got[65536];
	size_t sum = 0;
	ssize_t n;

	while (sum < 200000) {
		n = recv(t->s, got, sizeof(got), 0);
		if (n <= 0)
			break;
		sum += n;
	}
	return (void *)sum;
}

TEST_F(uring, send_without_copy)
{
	static char data[50000];
	struct io_uring_sqe sqe;
	int used, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 256;
	sqe = sqe_of(OP_SEND_ZC, self->tx, data, sizeof(data), 0);
	i = send_zc(&self->r, &sqe, &used);
	if (i == -EINVAL)
		SKIP(return, "not in this kernel");
	EXPECT_EQ(sizeof(data), i);
	EXPECT_TRUE(all_received(self->rx, data, sizeof(data)));
	sqe = sqe_of(OP_SEND_ZC, self->tx, data, 1000, 0);
	sqe.ioprio = REPORT_USAGE;
	EXPECT_EQ(1000, send_zc(&self->r, &sqe, &used));
	/* Loopback copies. */
	EXPECT_EQ(USAGE_COPIED, used);
	EXPECT_TRUE(all_received(self->rx, data, 1000));
}

/* Registered buffers: pages that io_uring keeps. */
TEST_F(uring, send_from_registered_buffers)
{
	size_t size = variant->type == SOCK_STREAM ? 200000 : 60000;
	struct io_uring_sqe sqe;
	struct iovec iov;
	pthread_t thread;
	int used, ret;
	void *sum;
	char *data;

	data = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, data);
	for (int i = 0; i < 1 << 18; i++)
		data[i] = i * 7 + i / 256;
	iov = (struct iovec) { data, 1 << 18 };
	ASSERT_EQ(0, syscall(SYS_io_uring_register, self->r.fd,
			     IORING_REGISTER_BUFFERS, &iov, 1));
	sqe = sqe_of(OP_SEND_ZC, self->tx, data + 100, 5000, 0);
	sqe.ioprio = FIXED_BUF;
	ret = send_zc(&self->r, &sqe, &used);
	if (ret == -EINVAL)
		SKIP(return, "not in this kernel");
	EXPECT_EQ(5000, ret);
	EXPECT_TRUE(all_received(self->rx, data + 100, 5000));

	if (variant->type != SOCK_STREAM) {
		sqe = sqe_of(OP_SEND_ZC, self->tx, data, size, 0);
		sqe.ioprio = FIXED_BUF;
		EXPECT_EQ(size, send_zc(&self->r, &sqe, &used));
		EXPECT_TRUE(all_received(self->rx, data, size));
		return;
	}
	/* With what was copied in the same buffer, before and behind. */
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_TCP, TCP_CORK, 1));
	ASSERT_EQ(50, send(self->tx, data, 50, 0));
	sqe = sqe_of(OP_SEND_ZC, self->tx, data + 50, 500, 0);
	sqe.ioprio = FIXED_BUF;
	ASSERT_EQ(1, ring_submit(&self->r, &sqe));
	EXPECT_EQ(500, ring_done(&self->r, NULL));
	ASSERT_EQ(50, send(self->tx, data + 550, 50, 0));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_TCP, TCP_CORK, 0));
	EXPECT_TRUE(all_received(self->rx, data, 600));
	EXPECT_EQ(0, ring_done(&self->r, NULL));

	ASSERT_EQ(0, pthread_create(&thread, NULL, read_all, &self->t));
	sqe = sqe_of(OP_SEND_ZC, self->tx, data, size, MSG_WAITALL);
	sqe.ioprio = FIXED_BUF;
	EXPECT_EQ(size, send_zc(&self->r, &sqe, &used));
	pthread_join(thread, &sum);
	EXPECT_EQ(size, (size_t)sum);
}

TEST_F(uring, errors_without_copy)
{
	struct io_uring_sqe sqe = sqe_of(OP_SEND_ZC, self->tx, BAD, 5000, 0);
	int used;

	EXPECT_EQ(-EFAULT, send_zc(&self->r, &sqe, &used));
	EXPECT_TRUE(ring_idle(&self->r));
}

/* ---- Connections -------------------------------------------------------- */

TEST_F(uring, connect_and_accept)
{
	int fd = sock_form(FORM_IN, variant->type, 0), s;
	union addr a = form_addr(FORM_IN, LO, 0), from = {};
	struct io_uring_sqe connect = {
		.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)&a,
		.off = form_len(FORM_IN),
	};
	socklen_t len = sizeof(from);
	struct io_uring_sqe accept = {
		.opcode = IORING_OP_ACCEPT, .fd = self->t.l,
		.addr = (uintptr_t)&from, .addr2 = (uintptr_t)&len,
		.accept_flags = SOCK_CLOEXEC,
	};

	if (variant->type == SOCK_DGRAM) {
		a = form_addr(FORM_IN, LO, port_of(self->rx));
		EXPECT_EQ(0, ring_do(&self->r, &connect));
		EXPECT_STREQ(name_of(self->rx), peer_of(fd));
		close(fd);
		return;
	}
	a = form_addr(FORM_IN, LO, self->t.port);
	/* First who waits. */
	ASSERT_EQ(1, ring_submit(&self->r, &accept));
	EXPECT_TRUE(ring_idle(&self->r));
	ASSERT_EQ(1, ring_submit(&self->r, &connect));
	s = ring_done(&self->r, NULL);
	if (!s) {
		s = ring_done(&self->r, NULL);
	} else {
		EXPECT_EQ(0, ring_done(&self->r, NULL));
	}
	ASSERT_LT(0, s);
	EXPECT_EQ(FD_CLOEXEC, fcntl(s, F_GETFD));
	EXPECT_STREQ(name_of(fd), addr_str(&from));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(1, recv_now(s, &from, 1, 0));
	close(s);
	close(fd);

	/* Nobody listens there. */
	fd = tcp_new();
	connect.fd = fd;
	a = form_addr(FORM_IN, LO, 1);
	EXPECT_EQ(-ECONNREFUSED, ring_do(&self->r, &connect));
	close(fd);
}

/* What is closed with a request on it is let go. */
TEST_F(uring, ring_goes_first)
{
	struct io_uring_sqe sqe;
	char got[16];

	sqe = sqe_of(IORING_OP_RECV, self->rx, got, sizeof(got), 0);
	ASSERT_EQ(1, ring_submit(&self->r, &sqe));
	close(self->r.fd);
	self->r.fd = -1;
	ASSERT_EQ(1, send(self->tx, "x", 1, 0));
}

TOY_TEST_MAIN
