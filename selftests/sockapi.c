// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rest of socket(7) and its relatives, on datagram and stream sockets:
 * socketpair(2), who receives (CPU, NAPI, BPF programs), what a socket says of
 * itself, signals, many messages by one call, and descriptors passed on.
 */
#include "tcp_test.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/syscall.h>

#ifndef SO_INCOMING_NAPI_ID
#define SO_INCOMING_NAPI_ID	56
#endif

/* Two sockets that talk to each other: from tx to rx by custom. */
FIXTURE(sk) {
	int tx, rx;
	struct conn t;
};

FIXTURE_VARIANT(sk) {
	int type;
};

FIXTURE_VARIANT_ADD(sk, udp)	{ SOCK_DGRAM };
FIXTURE_VARIANT_ADD(sk, tcp)	{ SOCK_STREAM };

FIXTURE_SETUP(sk)
{
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
	ASSERT_EQ(0, connect_to(self->rx, FORM_IN, LO, port_of(self->tx)));
}

FIXTURE_TEARDOWN(sk)
{
	close(self->rx);
	close(self->tx);
	if (self->t.l >= 0)
		close(self->t.l);
}

#define PASSES(from, to, text) do {					\
	char __got[64] = "";						\
	ASSERT_EQ(strlen(text), send(from, text, strlen(text), 0));	\
	EXPECT_EQ(strlen(text), recv_now(to, __got, sizeof(__got), 0));	\
	EXPECT_STREQ(text, __got);					\
} while (0)

/* ---- Pairs -------------------------------------------------------------- */

/* AF_INET has none; AF_TOY's are connected on loopback. */
TEST_F(sk, pair)
{
	int sv[2], i;

	if (!TESTING_TOY) {
		EXPECT_EQ(-EOPNOTSUPP, ERRNO(socketpair(AF_INET, variant->type, 0,
							sv)));
		return;
	}
	ASSERT_EQ(0, socketpair(AF_TOY, variant->type, 0, sv));
	for (i = 0; i < 2; i++) {
		EXPECT_STREQ(name_of(sv[i]), peer_of(sv[!i]));
		PASSES(sv[i], sv[!i], "there");
		PASSES(sv[!i], sv[i], "back");
	}
	EXPECT_STREQ("127.0.0.1", strndup(name_of(sv[0]), 9));
	/* The end of one is seen by the other. */
	close(sv[0]);
	if (variant->type == SOCK_STREAM) {
		EXPECT_EQ(0, recv_now(sv[1], &i, 1, 0));
	} else {
		EXPECT_EQ(1, send(sv[1], "x", 1, 0));
		EXPECT_EQ(-ECONNREFUSED, recv_now(sv[1], &i, 1, 0));
	}
	close(sv[1]);
}

TEST_F(sk, pair_flags)
{
	int sv[2], i;
	char c;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has no pairs");
	ASSERT_EQ(0, socketpair(AF_TOY, variant->type | SOCK_NONBLOCK |
				SOCK_CLOEXEC, 0, sv));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(-EAGAIN, ERRNO(recv(sv[i], &c, 1, 0)));
		EXPECT_EQ(FD_CLOEXEC, fcntl(sv[i], F_GETFD));
		EXPECT_EQ(variant->type, get_opt(sv[i], SOL_SOCKET, SO_TYPE));
		EXPECT_EQ(AF_TOY, get_opt(sv[i], SOL_SOCKET, SO_DOMAIN));
		EXPECT_EQ(0, get_opt(sv[i], SOL_SOCKET, SO_ACCEPTCONN));
	}
	close(sv[0]);
	close(sv[1]);
}

/* As many as there may be, and each has its own. */
TEST_F(sk, many_pairs)
{
	int sv[50][2], i;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has no pairs");
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, socketpair(AF_TOY, variant->type, 0, sv[i]));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(sizeof(i), send(sv[i][0], &i, sizeof(i), 0));
	for (i = 0; i < 50; i++) {
		int got = -1;

		EXPECT_EQ(sizeof(got), recv_now(sv[i][1], &got, sizeof(got), 0));
		EXPECT_EQ(i, got);
		close(sv[i][0]);
		close(sv[i][1]);
	}
}

TEST_F(sk, no_pair_of_others)
{
	int sv[2];

	EXPECT_EQ(-EOPNOTSUPP, ERRNO(socketpair(form_domain(FORM_IN), SOCK_RAW, 253,
						sv)));
	if (!TESTING_TOY)
		return;
	ASSERT_EQ(0, sysctl_write("ping_group_range", "0 0"));
	EXPECT_EQ(-EOPNOTSUPP, ERRNO(socketpair(AF_TOY, SOCK_DGRAM, IPPROTO_ICMP,
						sv)));
}

/* A pair holds its namespace as any socket does. */
TEST_F(sk, pair_outlives_its_makers_namespace)
{
	int sv[2], here = netns_here();

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has no pairs");
	ASSERT_LE(0, here);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, lo_up());
	ASSERT_EQ(0, socketpair(AF_TOY, variant->type, 0, sv));
	ASSERT_EQ(0, netns_enter(here));
	usleep(QUIET_MS * 1000);
	PASSES(sv[0], sv[1], "there");
	close(sv[0]);
	close(sv[1]);
}

/* ---- Who receives ------------------------------------------------------- */

TEST_F(sk, busy_poll)
{
	int l = get_opt(self->rx, SOL_SOCKET, SO_BUSY_POLL);

	if (l == -ENOPROTOOPT)
		SKIP(return, "not in this kernel");
	EXPECT_EQ(0, l);
	EXPECT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(50, get_opt(self->rx, SOL_SOCKET, SO_BUSY_POLL));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(self->rx, SOL_SOCKET, SO_BUSY_POLL, -1)));
	PASSES(self->tx, self->rx, "x");
	/* It ends when the time is over, or when something comes. */
	EXPECT_EQ(0, poll_for(self->rx, POLLIN, 1));
	PASSES(self->tx, self->rx, "y");
}

TEST_F(sk, incoming_cpu)
{
	EXPECT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_INCOMING_CPU, 0));
	EXPECT_EQ(0, get_opt(self->rx, SOL_SOCKET, SO_INCOMING_CPU));
	PASSES(self->tx, self->rx, "x");
	EXPECT_LE(0, get_opt(self->rx, SOL_SOCKET, SO_INCOMING_CPU));
}

TEST_F(sk, incoming_napi_id)
{
	int id;

	PASSES(self->tx, self->rx, "x");
	id = get_opt(self->rx, SOL_SOCKET, SO_INCOMING_NAPI_ID);
	if (id == -ENOPROTOOPT)
		SKIP(return, "not in this kernel");
	/* Loopback has none. */
	EXPECT_EQ(0, id);
	EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(self->rx, SOL_SOCKET,
					      SO_INCOMING_NAPI_ID, 1)));
}

/* What a classic program returns: so many octets of the packet. */
static int attach_return(int fd, int option, unsigned int value)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, value) };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, option, &prog, sizeof(prog));
}

TEST_F(sk, classic_filter)
{
	char got[8];

	ASSERT_EQ(0, attach_return(self->rx, SO_ATTACH_FILTER, 0xffff));
	PASSES(self->tx, self->rx, "passes");
	ASSERT_EQ(0, attach_return(self->rx, SO_ATTACH_FILTER, 0));
	ASSERT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_TRUE(silent(self->rx));
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_DETACH_FILTER, 0));
	if (variant->type == SOCK_STREAM) {
		/* It comes again. */
		EXPECT_EQ(1, recv_now(self->rx, got, 1, 0));
	}
	PASSES(self->tx, self->rx, "again");
	EXPECT_EQ(-ENOENT, ERRNO(set_opt(self->rx, SOL_SOCKET, SO_DETACH_FILTER,
					 0)));
	/* What is locked stays. */
	ASSERT_EQ(0, attach_return(self->rx, SO_ATTACH_FILTER, 0xffff));
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_EQ(-EPERM, ERRNO(set_opt(self->rx, SOL_SOCKET, SO_DETACH_FILTER,
					0)));
}

/* A filter that leaves the header and two octets. */
TEST_F(sk, filter_cuts_datagrams)
{
	char got[8];

	if (variant->type != SOCK_DGRAM)
		SKIP(return, "of a stream nothing may be missing");
	ASSERT_EQ(0, attach_return(self->rx, SO_ATTACH_FILTER, 10));
	ASSERT_EQ(5, send(self->tx, "abcde", 5, 0));
	EXPECT_EQ(2, recv_now(self->rx, got, sizeof(got), 0));
	/* Never less than the header. */
	ASSERT_EQ(0, attach_return(self->rx, SO_ATTACH_FILTER, 1));
	ASSERT_EQ(5, send(self->tx, "abcde", 5, 0));
	EXPECT_EQ(0, recv_now(self->rx, got, sizeof(got), 0));
}

/* return @value */
static int bpf_return(int value)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = value },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)code, .insn_cnt = 2,
		.license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

TEST_F(sk, bpf_filter)
{
	int none = bpf_return(0), all = bpf_return(0xffff);

	if (none < 0)
		SKIP(return, "no bpf(2)");
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_ATTACH_BPF, all));
	PASSES(self->tx, self->rx, "passes");
	ASSERT_EQ(0, set_opt(self->rx, SOL_SOCKET, SO_ATTACH_BPF, none));
	ASSERT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_TRUE(silent(self->rx));
	EXPECT_EQ(-EBADF, ERRNO(set_opt(self->rx, SOL_SOCKET, SO_ATTACH_BPF, 999)));
	close(none);
	close(all);
}

/* A group of four, and a program that says which of them it is. */
static int group_make(int type, int fd[4])
{
	int i, port = 0;

	for (i = 0; i < 4; i++) {
		fd[i] = sock_form(FORM_IN, type, 0);
		if (fd[i] < 0 || set_reuseport(fd[i], 1) ||
		    bind_to(fd[i], FORM_IN, LO, port))
			return -errno;
		if (type == SOCK_STREAM && listen(fd[i], 8))
			return -errno;
		port = port_of(fd[i]);
	}
	return port;
}

/* Who of them gets what a new socket sends, or its connection; -1: nobody. */
static int group_asks(int type, int fd[4], int port)
{
	int tx = sock_form(FORM_IN, type, 0), i, who = -1, s;
	char c;

	if (connect_to(tx, FORM_IN, LO, port) ||
	    (type == SOCK_DGRAM && send(tx, "x", 1, 0) != 1))
		return -errno;
	for (i = 0; i < 4; i++) {
		if (!poll_for(fd[i], POLLIN, who < 0 ? QUIET_MS : 0))
			continue;
		who = i;
		if (type == SOCK_STREAM) {
			s = accept(fd[i], NULL, NULL);
			close(s);
		} else {
			recv(fd[i], &c, 1, 0);
		}
	}
	close(tx);
	return who;
}

TEST_F(sk, reuseport_classic_program)
{
	int fd[4], port = group_make(variant->type, fd), i;

	ASSERT_LT(0, port);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, attach_return(fd[0], SO_ATTACH_REUSEPORT_CBPF, i));
		EXPECT_EQ(i, group_asks(variant->type, fd, port));
		EXPECT_EQ(i, group_asks(variant->type, fd, port));
	}
	/* Out of the group: by hash. */
	ASSERT_EQ(0, attach_return(fd[0], SO_ATTACH_REUSEPORT_CBPF, 17));
	EXPECT_LE(0, group_asks(variant->type, fd, port));
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

TEST_F(sk, reuseport_bpf_program)
{
	int fd[4], port = group_make(variant->type, fd), i, prog;

	ASSERT_LT(0, port);
	for (i = 0; i < 4; i++) {
		prog = bpf_return(i);
		if (prog < 0)
			SKIP(return, "no bpf(2)");
		ASSERT_EQ(0, set_opt(fd[1], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
				     prog));
		close(prog);
		EXPECT_EQ(i, group_asks(variant->type, fd, port));
	}
	EXPECT_EQ(0, set_opt(fd[1], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0));
	EXPECT_LE(0, group_asks(variant->type, fd, port));
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

/* ---- What it says of itself --------------------------------------------- */

TEST_F(sk, meminfo)
{
	uint32_t info[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(info);

	ASSERT_EQ(4, send(self->tx, "data", 4, 0));
	ASSERT_TRUE(readable(self->rx));
	ASSERT_EQ(0, getsockopt(self->rx, SOL_SOCKET, SO_MEMINFO, info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_LT(0, info[SK_MEMINFO_RMEM_ALLOC]);
	EXPECT_EQ(get_opt(self->rx, SOL_SOCKET, SO_RCVBUF),
		  info[SK_MEMINFO_RCVBUF]);
	EXPECT_EQ(get_opt(self->rx, SOL_SOCKET, SO_SNDBUF),
		  info[SK_MEMINFO_SNDBUF]);
	EXPECT_EQ(0, info[SK_MEMINFO_DROPS]);
	len = 8;
	EXPECT_EQ(0, getsockopt(self->rx, SOL_SOCKET, SO_MEMINFO, info, &len));
	EXPECT_EQ(8, len);
}

TEST_F(sk, cookie)
{
	uint64_t one = 0, two = 0, again = 0;
	socklen_t len = sizeof(one);

	ASSERT_EQ(0, getsockopt(self->rx, SOL_SOCKET, SO_COOKIE, &one, &len));
	ASSERT_EQ(0, getsockopt(self->tx, SOL_SOCKET, SO_COOKIE, &two, &len));
	ASSERT_EQ(0, getsockopt(self->rx, SOL_SOCKET, SO_COOKIE, &again, &len));
	EXPECT_NE(0, one);
	EXPECT_NE(one, two);
	EXPECT_EQ(one, again);
	len = 4;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(self->rx, SOL_SOCKET, SO_COOKIE, &one,
					    &len)));
}

static void *send_many(void *arg)
{
	int fd = *(int *)arg, i;

	for (i = 0; i < 20000; i++)
		send(fd, "some data", 10, MSG_DONTWAIT);
	return NULL;
}

/* Several processors at once deliver to one socket, and one reads. What it has
 * been charged for is given back to the last byte: the kernel looks when the
 * socket goes, and complains in its log.
 */
TEST_F(sk, charged_by_many)
{
	pthread_t thread[3];
	int tx[3], i;
	char c[16];

	if (variant->type != SOCK_DGRAM)
		SKIP(return, "a stream has one sender");
	ASSERT_EQ(0, disconnect(self->rx));
	for (i = 0; i < 3; i++) {
		tx[i] = udp_form(FORM_IN);
		ASSERT_EQ(0, connect_to(tx[i], FORM_IN, LO, port_of(self->rx)));
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, send_many, &tx[i]));
	}
	for (i = 0; i < 20000; i++)
		recv(self->rx, c, sizeof(c), MSG_DONTWAIT | (i % 7 ? 0 : MSG_PEEK));
	for (i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		close(tx[i]);
	}
	while (recv(self->rx, c, sizeof(c), MSG_DONTWAIT) > 0)
		;
	EXPECT_EQ(0, ioctl_int(self->rx, SIOCINQ));
}

/* ---- Signals ------------------------------------------------------------ */

/* The next of these signals that comes, or 0. */
static int signal_next(const sigset_t *set, siginfo_t *info)
{
	struct timespec t = { .tv_sec = DEADLINE_MS / 1000 };

	return sigtimedwait(set, info, &t) < 0 ? 0 : info->si_signo;
}

TEST_F(sk, async)
{
	siginfo_t info = {};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(self->rx, F_SETOWN, getpid()));
	EXPECT_EQ(getpid(), fcntl(self->rx, F_GETOWN));
	ASSERT_EQ(0, fcntl(self->rx, F_SETFL, O_ASYNC | O_NONBLOCK));
	PASSES(self->tx, self->rx, "x");
	EXPECT_EQ(SIGIO, signal_next(&set, &info));

	/* A signal that says which descriptor, and what. */
	while (poll_for(self->rx, POLLIN, 0))
		recv(self->rx, &info, 1, 0);
	ASSERT_EQ(0, fcntl(self->rx, F_SETSIG, SIGRTMIN + 1));
	ASSERT_EQ(1, send(self->tx, "y", 1, 0));
	do {
		ASSERT_EQ(SIGRTMIN + 1, signal_next(&set, &info));
	} while (info.si_code != POLL_IN);
	EXPECT_EQ(self->rx, info.si_fd);
	EXPECT_TRUE(info.si_band & POLLIN);
	ASSERT_EQ(0, fcntl(self->rx, F_SETFL, 0));
}

TEST_F(sk, urgent_signal)
{
	siginfo_t info = {};
	sigset_t set;

	if (variant->type != SOCK_STREAM)
		SKIP(return, "datagrams are not urgent");
	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Without O_ASYNC; to a group, too. */
	ASSERT_EQ(0, fcntl(self->rx, F_SETOWN, -getpgrp()));
	ASSERT_EQ(1, send(self->tx, "!", 1, MSG_OOB));
	EXPECT_EQ(SIGURG, signal_next(&set, &info));
}

TEST_F(sk, ioctl_owner)
{
	int pid = getpid(), got = 0;

	ASSERT_EQ(0, ioctl(self->rx, FIOSETOWN, &pid));
	EXPECT_EQ(0, ioctl(self->rx, SIOCGPGRP, &got));
	EXPECT_EQ(pid, got);
	EXPECT_EQ(pid, fcntl(self->rx, F_GETOWN));
}

/* ---- Many by one call --------------------------------------------------- */

struct many {
	struct iovec iov[8];
	struct mmsghdr mm[8];
	char data[8][16];
};

static void many_make(struct many *m)
{
	int i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < 8; i++) {
		m->iov[i].iov_base = m->data[i];
		m->iov[i].iov_len = sizeof(m->data[i]);
		m->mm[i].msg_hdr.msg_iov = &m->iov[i];
		m->mm[i].msg_hdr.msg_iovlen = 1;
	}
}

TEST_F(sk, recvmmsg_takes_what_is_there)
{
	struct timespec none = {};
	struct many m;
	int i;

	many_make(&m);
	EXPECT_EQ(-EAGAIN, ERRNO(recvmmsg(self->rx, m.mm, 8, MSG_DONTWAIT, NULL)));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(16, send(self->tx, "0123456789abcdef", 16, 0));
	ASSERT_TRUE(readable(self->rx));
	if (variant->type == SOCK_STREAM)
		ASSERT_TRUE(BECOMES(ioctl_int(self->rx, SIOCINQ) == 48));
	EXPECT_EQ(3, recvmmsg(self->rx, m.mm, 8, MSG_DONTWAIT, NULL));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(16, m.mm[i].msg_len);
	/* One is waited for, the others are not. */
	ASSERT_EQ(16, send(self->tx, "0123456789abcdef", 16, 0));
	EXPECT_EQ(1, recvmmsg(self->rx, m.mm, 8, MSG_WAITFORONE, NULL));
	/* Time is looked at after each. */
	ASSERT_EQ(16, send(self->tx, "0123456789abcdef", 16, 0));
	EXPECT_EQ(1, recvmmsg(self->rx, m.mm, 8, 0, &none));
	none.tv_nsec = -1;
	EXPECT_EQ(-EINVAL, ERRNO(recvmmsg(self->rx, m.mm, 8, 0, &none)));
}

/* An error after the first message is told by the next call. */
TEST_F(sk, sendmmsg_stops)
{
	struct many m;

	many_make(&m);
	m.iov[2].iov_base = BAD;
	EXPECT_EQ(2, sendmmsg(self->tx, m.mm, 8, 0));
	EXPECT_EQ(16, m.mm[0].msg_len);
	EXPECT_EQ(-EFAULT, ERRNO(sendmmsg(self->tx, m.mm + 2, 6, 0)));
	EXPECT_EQ(0, sendmmsg(self->tx, m.mm, 0, 0));
}

/* ---- Passed on ---------------------------------------------------------- */

TEST_F(sk, passed_to_another_process)
{
	union {
		struct cmsghdr hdr;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int sv[2], fd, status;
	pid_t pid;
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	pid = fork();
	if (!pid) {
		close(self->rx);
		close(self->tx);
		iov.iov_base = &c;
		if (recvmsg(sv[1], &msg, 0) != 1)
			_exit(1);
		memcpy(&fd, CMSG_DATA(&control.hdr), sizeof(int));
		_exit(recv_now(fd, &c, 1, 0) == 1 && send(fd, "y", 1, 0) == 1 ?
		      0 : 2);
	}
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.hdr), &self->rx, sizeof(int));
	ASSERT_EQ(1, sendmsg(sv[0], &msg, 0));
	close(self->rx);
	self->rx = -1;
	ASSERT_EQ(1, send(self->tx, "x", 1, 0));
	EXPECT_EQ(1, recv_now(self->tx, &c, 1, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TOY_TEST_MAIN
