// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data that is sent from where it stands: MSG_ZEROCOPY (the kernel's
 * msg_zerocopy.rst), sendfile(2) and splice(2).
 *
 * What the error queue says about the program's buffers is written as words:
 * "0-2" are the messages 0 to 2, "0-2c" that they were copied after all.
 */
#include "tcp_test.h"

#include <linux/errqueue.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#define THERE	"10.0.0.1"
#define HERE	"10.0.0.2"
#define SIZE	(1 << 20)

static char *data;

static bool data_make(void)
{
	data = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		return false;
	for (int i = 0; i < SIZE; i++)
		data[i] = i * 7 + i / 251;
	return true;
}

static int set_zerocopy(int fd, int on)
{
	if (!set_opt(fd, SOL_SOCKET, SO_ZEROCOPY, on))
		return 0;
	if (!TESTING_TOY || errno != EOPNOTSUPP)
		return -errno;
	return ERRNO(set_opt(fd, SOL_TOY, TOY_ZEROCOPY, on));
}

/* One entry of the error queue, or an errno. */
static int done_read(int fd, struct sock_extended_err *ee)
{
	union {
		struct cmsghdr hdr;
		char space[256];
	} control = {};
	struct msghdr msg = {
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int ret = ERRNO(recvmsg(fd, &msg, MSG_ERRQUEUE));

	if (ret < 0)
		return ret;
	if (!(msg.msg_flags & MSG_ERRQUEUE) || msg.msg_namelen)
		return -EPROTO;
	if (!((control.hdr.cmsg_level == SOL_IP &&
	       control.hdr.cmsg_type == IP_RECVERR) ||
	      (control.hdr.cmsg_level == SOL_IPV6 &&
	       control.hdr.cmsg_type == IPV6_RECVERR)))
		return -EPROTO;
	memcpy(ee, CMSG_DATA(&control.hdr), sizeof(*ee));
	return ee->ee_errno || ee->ee_origin != SO_EE_ORIGIN_ZEROCOPY ? -EPROTO : 0;
}

/* All that comes until message @last, in words; ranges that follow each other,
 * however they came, are one.
 */
static const char *done(int fd, unsigned int last)
{
	static char words[64];
	struct sock_extended_err ee = {};
	unsigned int next = 0, first = 0;
	bool begun = false, copied = false;
	int ret;

	do {
		if (!(poll_for(fd, POLLERR, DEADLINE_MS) & POLLERR))
			return "nothing more";
		ret = done_read(fd, &ee);
		if (ret)
			return strerror(-ret);
		if (begun && ee.ee_info != next)
			return "a gap";
		if (!begun)
			first = ee.ee_info;
		begun = true;
		next = ee.ee_data + 1;
		copied |= ee.ee_code & SO_EE_CODE_ZEROCOPY_COPIED;
	} while (next <= last);
	snprintf(words, sizeof(words), "%u-%u%s", first, ee.ee_data,
		 copied ? "c" : "");
	return words;
}

/* ---- Datagrams ---------------------------------------------------------- */

FIXTURE(udp) {
	int rx, tx;
};

FIXTURE_SETUP(udp)
{
	ASSERT_TRUE(data_make());
	ASSERT_LE(0, netns_new());
	self->rx = udp_form(FORM_IN);
	self->tx = udp_form(FORM_IN);
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, LO, 0));
	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, LO, port_of(self->rx)));
}

FIXTURE_TEARDOWN(udp)
{
	close(self->rx);
	close(self->tx);
}

/* A socket to a device that sends to nowhere: nobody there has to copy. */
static int nowhere(void)
{
	int fd;

	if (sh("ip link add dummy0 type dummy") ||
	    test_addr_add("dummy0", "10.0.0.2/24"))
		return -1;
	fd = udp_form(FORM_IN);
	return fd < 0 || connect_to(fd, FORM_IN, THERE, 9) ? -1 : fd;
}

#define RECV_DATA(fd, at, n) do {					\
	char __got[70000];						\
	EXPECT_EQ(n, recv_now(fd, __got, sizeof(__got), 0));		\
	EXPECT_EQ(0, memcmp(__got, data + (at), n));			\
} while (0)

TEST_F(udp, option)
{
	int raw = sock_form(FORM_IN, SOCK_RAW, 253);

	EXPECT_EQ(0, get_opt(self->tx, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_EQ(0, set_zerocopy(self->tx, 1));
	EXPECT_EQ(1, get_opt(self->tx, SOL_SOCKET, SO_ZEROCOPY));
	EXPECT_EQ(-EINVAL, set_zerocopy(self->tx, 2));
	EXPECT_EQ(-EINVAL, set_zerocopy(self->tx, -1));
	EXPECT_EQ(0, set_zerocopy(self->tx, 0));
	EXPECT_EQ(0, get_opt(self->tx, SOL_SOCKET, SO_ZEROCOPY));
	ASSERT_LE(0, raw);
	EXPECT_EQ(-EOPNOTSUPP, set_zerocopy(raw, 1));
	close(raw);
}

TEST_F(udp, ignored_without_the_option)
{
	ASSERT_EQ(100, send(self->tx, data, 100, MSG_ZEROCOPY));
	RECV_DATA(self->rx, 0, 100);
	EXPECT_FALSE(poll_for(self->tx, POLLERR, QUIET_MS));
}

TEST_F(udp, copied_on_loopback)
{
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(5000, send(self->tx, data + 100, 5000, MSG_ZEROCOPY));
	RECV_DATA(self->rx, 100, 5000);
	EXPECT_STREQ("0-0c", done(self->tx, 0));
	EXPECT_FALSE(poll_for(self->tx, POLLERR, QUIET_MS));
	/* Who does not ask gets no number. */
	ASSERT_EQ(10, send(self->tx, data, 10, 0));
	RECV_DATA(self->rx, 0, 10);
	ASSERT_EQ(10, send(self->tx, data, 10, MSG_ZEROCOPY));
	RECV_DATA(self->rx, 0, 10);
	EXPECT_STREQ("1-1c", done(self->tx, 1));
}

/* What the reader gets does not change when the program writes again. */
TEST_F(udp, reader_has_its_own)
{
	char got[5000];

	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(5000, send(self->tx, data, 5000, MSG_ZEROCOPY));
	data[0]++;
	data[4999]++;
	ASSERT_EQ(5000, recv_now(self->rx, got, 5000, 0));
	EXPECT_NE(data[0], got[0]);
	EXPECT_NE(data[4999], got[4999]);
}

TEST_F(udp, empty)
{
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(0, send(self->tx, data, 0, MSG_ZEROCOPY));
	EXPECT_EQ(0, recv_now(self->rx, data, 1, 0));
	EXPECT_STREQ("0-0c", done(self->tx, 0));
}

TEST_F(udp, not_copied)
{
	int i;

	close(self->tx);
	self->tx = nowhere();
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(1000, send(self->tx, data, 1000, MSG_ZEROCOPY));
	EXPECT_STREQ("0-0", done(self->tx, 0));
	/* Those that follow each other are told in one. */
	for (i = 0; i < 10; i++)
		ASSERT_EQ(1000, send(self->tx, data, 1000, MSG_ZEROCOPY));
	EXPECT_STREQ("1-10", done(self->tx, 10));
}

/* Fragments are made of copies; what is cut is not. */
TEST_F(udp, longer_than_the_link)
{
	close(self->tx);
	self->tx = nowhere();
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(5000, send(self->tx, data, 5000, MSG_ZEROCOPY));
	EXPECT_STREQ("0-0c", done(self->tx, 0));
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(5000, send(self->tx, data, 5000, MSG_ZEROCOPY));
	EXPECT_STREQ("1-1", done(self->tx, 1));
}

/* Errors use up no number. */
TEST_F(udp, errors)
{
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	EXPECT_EQ(-EFAULT, ERRNO(send(self->tx, BAD, 5000, MSG_ZEROCOPY)));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->tx, data, 70000, MSG_ZEROCOPY)));
	EXPECT_FALSE(poll_for(self->tx, POLLERR, QUIET_MS));
	ASSERT_EQ(100, send(self->tx, data, 100, MSG_ZEROCOPY));
	EXPECT_STREQ("0-0c", done(self->tx, 0));
}

/* A datagram has so many pages at most. */
TEST_F(udp, too_many_pieces)
{
	struct iovec iov[64];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 64 };
	int i;

	for (i = 0; i < 64; i++) {
		iov[i].iov_base = data + 8192 * i;
		iov[i].iov_len = 10;
	}
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendmsg(self->tx, &msg, MSG_ZEROCOPY)));
	EXPECT_EQ(640, ERRNO(sendmsg(self->tx, &msg, 0)));
	msg.msg_iovlen = 16;
	EXPECT_EQ(160, ERRNO(sendmsg(self->tx, &msg, MSG_ZEROCOPY)));
	EXPECT_STREQ("0-0c", done(self->tx, 0));
}

TEST_F(udp, several_calls_one_datagram)
{
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(1000, send(self->tx, data, 1000, MSG_ZEROCOPY | MSG_MORE));
	ASSERT_EQ(1000, send(self->tx, data + 1000, 1000, MSG_ZEROCOPY));
	RECV_DATA(self->rx, 0, 2000);
	EXPECT_STREQ("0-1c", done(self->tx, 1));
}

/* Those that nobody has been told of yet take memory, which has a limit. */
TEST_F(udp, memory_is_a_limit)
{
	int fd, sent = 0, ret;

	ASSERT_EQ(0, sh("ip link add dummy0 arp on type dummy"));
	ASSERT_EQ(0, test_addr_add("dummy0", "10.0.0.2/24"));
	if (sh("sysctl -qw net.core.optmem_max=8192"))
		SKIP(return, "not in this namespace");
	fd = udp_form(FORM_IN);
	ASSERT_EQ(0, connect_to(fd, FORM_IN, "10.0.0.77", 9));
	ASSERT_EQ(0, set_zerocopy(fd, 1));
	/* They wait for the neighbour's address. */
	do {
		ret = ERRNO(send(fd, data, 100, MSG_ZEROCOPY));
		sent += ret == 100;
	} while (ret == 100 && sent < 1000);
	EXPECT_EQ(-ENOBUFS, ret);
	EXPECT_LT(1, sent);
	EXPECT_EQ(100, send(fd, data, 100, 0));
	close(fd);
}

TEST_F(udp, close_before_it_is_done)
{
	close(self->tx);
	self->tx = nowhere();
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, set_zerocopy(self->tx, 1));
	ASSERT_EQ(1000, send(self->tx, data, 1000, MSG_ZEROCOPY));
	EXPECT_EQ(0, close(self->tx));
	self->tx = -1;
}

/* ---- A stream ----------------------------------------------------------- */

FIXTURE(tcp) {
	struct pair p;
	int l, s, c;
};

FIXTURE_VARIANT(tcp) {
	bool loopback;
};

FIXTURE_VARIANT_ADD(tcp, lo)	{ true };
FIXTURE_VARIANT_ADD(tcp, net)	{ false };

FIXTURE_SETUP(tcp)
{
	const char *to = variant->loopback ? LO : THERE;

	ASSERT_TRUE(data_make());
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, pair_make(&self->p));
	self->l = variant->loopback ? tcp_new() :
		  socket_in(self->p.a, self->p.b, peer_af(), SOCK_STREAM, 0);
	ASSERT_EQ(0, bind_to(self->l, FORM_IN, to, 0));
	ASSERT_EQ(0, listen(self->l, 1));
	self->c = tcp_new();
	ASSERT_EQ(0, connect_to(self->c, FORM_IN, to, port_of(self->l)));
	self->s = accept_now(self->l);
	ASSERT_LE(0, self->s);
	ASSERT_EQ(0, set_zerocopy(self->c, 1));
}

FIXTURE_TEARDOWN(tcp)
{
	close(self->c);
	close(self->s);
	close(self->l);
}

/* Reads @n octets and compares them with data[@at]. */
static bool stream_is(int fd, size_t at, size_t n)
{
	static char got[65536];
	ssize_t len;

	while (n) {
		len = recv_now(fd, got, n < sizeof(got) ? n : sizeof(got), 0);
		if (len <= 0 || memcmp(got, data + at, len))
			return false;
		at += len;
		n -= len;
	}
	return true;
}

TEST_F(tcp, one_write)
{
	ASSERT_EQ(5000, send(self->c, data, 5000, MSG_ZEROCOPY));
	EXPECT_TRUE(stream_is(self->s, 0, 5000));
	EXPECT_STREQ("0-0c", done(self->c, 0));
	EXPECT_FALSE(poll_for(self->c, POLLERR, QUIET_MS));
}

TEST_F(tcp, many_writes)
{
	int i;

	for (i = 0; i < 50; i++) {
		ASSERT_EQ(3000, send(self->c, data + 3000 * i, 3000,
				     i % 3 ? MSG_ZEROCOPY : 0));
		EXPECT_TRUE(stream_is(self->s, 3000 * i, 3000));
	}
	EXPECT_STREQ("0-32c", done(self->c, 32));
}

/* Small writes share a buffer, copied ones and others. */
TEST_F(tcp, mixed_in_one_buffer)
{
	int i;

	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 1));
	for (i = 0; i < 12; i++)
		ASSERT_EQ(100, send(self->c, data + 100 * i, 100,
				    i % 2 ? MSG_ZEROCOPY : 0));
	ASSERT_EQ(0, set_opt(self->c, IPPROTO_TCP, TCP_CORK, 0));
	EXPECT_TRUE(stream_is(self->s, 0, 1200));
	EXPECT_STREQ("0-5c", done(self->c, 5));
}

static void *write_all(void *arg)
{
	int fd = *(int *)arg;
	size_t at = 0;
	ssize_t n;

	while (at < SIZE) {
		n = send(fd, data + at, SIZE - at, MSG_ZEROCOPY);
		if (n <= 0)
			break;
		at += n;
	}
	return (void *)at;
}

TEST_F(tcp, long_stream)
{
	pthread_t thread;
	void *sent;

	ASSERT_EQ(0, pthread_create(&thread, NULL, write_all, &self->c));
	EXPECT_TRUE(stream_is(self->s, 0, SIZE));
	pthread_join(thread, &sent);
	ASSERT_EQ(SIZE, (size_t)sent);
	EXPECT_STREQ("0-0c", done(self->c, 0));
}

TEST_F(tcp, many_pieces)
{
	struct iovec iov[64];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 64 };
	int i;

	for (i = 0; i < 64; i++) {
		iov[i].iov_base = data + 8192 * i;
		iov[i].iov_len = 10;
	}
	ASSERT_EQ(640, sendmsg(self->c, &msg, MSG_ZEROCOPY));
	for (i = 0; i < 64; i++)
		ASSERT_TRUE(stream_is(self->s, 8192 * i, 10));
	EXPECT_STREQ("0-0c", done(self->c, 0));
}

TEST_F(tcp, errors)
{
	int fd = tcp_new();

	EXPECT_EQ(-EFAULT, ERRNO(send(self->c, BAD, 5000, MSG_ZEROCOPY)));
	EXPECT_EQ(0, send(self->c, data, 0, MSG_ZEROCOPY));
	EXPECT_FALSE(poll_for(self->c, POLLERR, QUIET_MS));
	ASSERT_EQ(10, send(self->c, data, 10, MSG_ZEROCOPY));
	EXPECT_STREQ("0-0c", done(self->c, 0));

	ASSERT_EQ(0, set_zerocopy(fd, 1));
	EXPECT_EQ(-EPIPE, ERRNO(send(fd, data, 10, MSG_ZEROCOPY)));
	close(fd);
}

/* A buffer is free when its last octet is acknowledged, or never will be. */
TEST_F(tcp, reset_frees_it)
{
	ASSERT_EQ(5000, send(self->c, data, 5000, MSG_ZEROCOPY));
	ASSERT_TRUE(readable(self->s));
	close_hard(self->s);
	self->s = -1;
	EXPECT_STREQ("0-0c", done(self->c, 0));
}

TEST_F(tcp, close_before_it_is_done)
{
	ASSERT_LT(0, send(self->c, data, SIZE, MSG_ZEROCOPY | MSG_DONTWAIT));
	close_hard(self->c);
	self->c = -1;
}

TEST_F(tcp, children_inherit_it)
{
	int l = tcp_new(), c = tcp_new(), s;

	ASSERT_EQ(0, set_zerocopy(l, 1));
	ASSERT_EQ(0, bind_to(l, FORM_IN, LO, 0));
	ASSERT_EQ(0, listen(l, 1));
	ASSERT_EQ(0, connect_to(c, FORM_IN, LO, port_of(l)));
	s = accept_now(l);
	ASSERT_LE(0, s);
	EXPECT_EQ(1, get_opt(s, SOL_SOCKET, SO_ZEROCOPY));
	ASSERT_EQ(10, send(s, data, 10, MSG_ZEROCOPY));
	EXPECT_STREQ("0-0c", done(s, 0));
	close(s);
	close(c);
	close(l);
}

/* ---- Files -------------------------------------------------------------- */

static int file_of(size_t len)
{
	int fd = memfd_create("data", 0);

	return fd < 0 || write(fd, data, len) != len ? -1 : fd;
}

TEST_F(tcp, sendfile)
{
	int file = file_of(60000);

	ASSERT_LE(0, file);
	ASSERT_EQ(60000, sendfile(self->c, file, &(off_t){ 0 }, 60000));
	EXPECT_TRUE(stream_is(self->s, 0, 60000));
	/* From the middle of a page, after what was written. */
	ASSERT_EQ(100, send(self->c, data, 100, MSG_MORE));
	ASSERT_EQ(8100, sendfile(self->c, file, &(off_t){ 100 }, 8100));
	EXPECT_TRUE(stream_is(self->s, 0, 8200));
	close(file);
}

/* A page of the file that changes later may change what is sent, but no page
 * goes away while it is sent.
 */
TEST_F(tcp, file_is_cut_meanwhile)
{
	int file = file_of(60000);
	char got[4096];
	size_t sum = 0;
	ssize_t n;

	ASSERT_LE(0, file);
	ASSERT_EQ(60000, sendfile(self->c, file, &(off_t){ 0 }, 60000));
	ASSERT_EQ(0, ftruncate(file, 0));
	close(file);
	while (sum < 60000) {
		n = recv_now(self->s, got, sizeof(got), 0);
		ASSERT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(60000, sum);
}

TEST_F(tcp, splice)
{
	struct iovec iov = { data, 20000 };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(20000, vmsplice(p[1], &iov, 1, 0));
	ASSERT_EQ(20000, splice(p[0], NULL, self->c, NULL, 20000, 0));
	EXPECT_TRUE(stream_is(self->s, 0, 20000));
	close(p[0]);
	close(p[1]);
}

TEST_F(udp, sendfile)
{
	int file = file_of(20000);

	ASSERT_LE(0, file);
	ASSERT_EQ(1000, sendfile(self->tx, file, &(off_t){ 10 }, 1000));
	RECV_DATA(self->rx, 10, 1000);
	/* Several pages are one datagram. */
	ASSERT_EQ(20000, sendfile(self->tx, file, &(off_t){ 0 }, 20000));
	RECV_DATA(self->rx, 0, 20000);
	close(file);
}

TEST_F(udp, splice)
{
	struct iovec iov = { data + 50, 9000 };
	char got[10000];
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(9000, vmsplice(p[1], &iov, 1, 0));
	ASSERT_EQ(9000, splice(p[0], NULL, self->tx, NULL, 9000, 0));
	RECV_DATA(self->rx, 50, 9000);

	ASSERT_EQ(700, send(self->tx, data, 700, 0));
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(700, splice(self->rx, NULL, p[1], NULL, 10000, 0));
	EXPECT_EQ(700, read(p[0], got, sizeof(got)));
	EXPECT_EQ(0, memcmp(got, data, 700));
	close(p[0]);
	close(p[1]);
}

TOY_TEST_MAIN
