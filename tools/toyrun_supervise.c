// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: takes held system calls from the listener, asks sockets.c
 * for the answer and gives it.
 *
 * It is nobody's child (two forks), has a session of its own, keeps no file of
 * the command's open and no directory busy, and ends when the last process under
 * the filter has been reaped. Signals that are meant for the command's group, or
 * that a service manager sends to all it finds, do not end it earlier; SIGKILL
 * does, and from then on the held calls fail by ENOSYS, while sockets that are
 * open go on.
 *
 * A process may die while its call is answered: then the answer has no address
 * (ENOENT), and what was made for it goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "toyrun.h"

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS		SECCOMP_IOW(4, __u64)
#endif

#define BATCH	64

/* The kernel's structures may have grown since these headers: @req has room for
 * BATCH of them, each req_size long.
 */
struct buffers {
	char *reqs;
	struct seccomp_notif_resp *resp;
	size_t req_size;
	size_t resp_size;
};

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void buffers_make(struct buffers *b)
{
	struct seccomp_notif_sizes sizes = { };

	syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
	b->req_size = larger(sizes.seccomp_notif, sizeof(struct seccomp_notif));
	b->resp_size = larger(sizes.seccomp_notif_resp, sizeof(*b->resp));
	b->reqs = malloc(BATCH * b->req_size);
	b->resp = malloc(b->resp_size);
	if (!b->reqs || !b->resp)
		exit(EXIT_TOYRUN);
}

static void send_answer(int listener, const struct buffers *b, uint64_t id,
			const struct answer *answer)
{
	memset(b->resp, 0, b->resp_size);
	b->resp->id = id;
	if (answer->verdict == VERDICT_PASS)
		b->resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (answer->error)
		b->resp->error = -answer->error;
	else
		b->resp->val = answer->value;
	/* ENOENT: nobody waits any more. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, b->resp);
}

/* Descriptor and return value in one step: never one without the other. */
static void send_socket(int listener, const struct buffers *b, uint64_t id,
			struct answer *answer)
{
	struct seccomp_notif_addfd add = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = answer->fd,
		.newfd_flags = answer->cloexec ? O_CLOEXEC : 0,
	};

	answer->value = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (answer->value < 0 && errno != ENOENT) {
		/* Its table of descriptors is full, for example. */
		answer->verdict = VERDICT_RESULT;
		answer->error = errno;
		send_answer(listener, b, id, answer);
	}
	close(answer->fd);
}

static void answer_one(int listener, const struct toyrun_options *opt,
		       const struct toyrun_family *family,
		       const struct buffers *b, const struct seccomp_notif *req)
{
	struct answer answer = { };

	sockets_answer(opt, family, req, &answer);
	if (answer.verdict == VERDICT_SOCKET)
		send_socket(listener, b, req->id, &answer);
	else
		send_answer(listener, b, req->id, &answer);
}

static bool readable(struct pollfd *pfd)
{
	return poll(pfd, 1, 0) == 1 && pfd->revents & POLLIN;
}

/* What has been received can no longer be interrupted by signals: so all first. */
static void answer_all(struct pollfd *pfd, const struct toyrun_options *opt,
		       const struct toyrun_family *family,
		       const struct buffers *b)
{
	struct seccomp_notif *req;
	char *end = b->reqs;

	do {
		req = (struct seccomp_notif *)end;
		memset(req, 0, b->req_size);
		/* ENOENT: it has died, or gone to handle a signal. */
		if (!ioctl(pfd->fd, SECCOMP_IOCTL_NOTIF_RECV, req))
			end += b->req_size;
	} while (end < b->reqs + BATCH * b->req_size && readable(pfd));

	for (char *p = b->reqs; p < end; p += b->req_size)
		answer_one(pfd->fd, opt, family, b, (struct seccomp_notif *)p);
}

static void __noreturn
supervise(int listener, const struct toyrun_options *opt,
	  const struct toyrun_family *family)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	struct buffers b;

	buffers_make(&b);
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (;;) {
		if (poll(&pfd, 1, -1) < 0)
			continue;
		if (pfd.revents & POLLIN)
			answer_all(&pfd, opt, family, &b);
		else if (pfd.revents)
			exit(0);
	}
}

/* ---- Becoming the supervisor ------------------------------------------- */

static char *end_of(char **strings, char *end)
{
	for (int i = 0; strings[i]; i++)
		if (strings[i] == end)
			end += strlen(end) + 1;
	return end;
}

/* ps(1) shall not show the command twice. There is room where the arguments
 * are, and behind them the environment, which nobody needs here.
 */
static void rename_process(char **argv)
{
	char *end = end_of(environ, end_of(argv, argv[0]));
	pid_t command = getppid();

	clearenv();
	memset(argv[0], 0, end - argv[0]);
	snprintf(argv[0], end - argv[0], "toyrun: sockets for %d", command);
	prctl(PR_SET_NAME, "toyrun-sockets", 0, 0, 0);
}

static void leave_everything(const struct toyrun_options *opt, int keep)
{
	static const int ignored[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2,
		SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU,
	};
	sigset_t none;
	int null;

	setsid();
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	keep = fcntl(keep, F_DUPFD, 3);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		if (fd < 2 || !opt->verbose) {
			if (null < 0)
				close(fd);
			else
				dup2(null, fd);
		}
	dup2(keep, 3);
	close_range(4, ~0U, 0);
	if (chdir("/"))
		exit(EXIT_TOYRUN);
}

/* The listener comes as a control message; without it the command has died. */
static int receive_listener(int channel)
{
	char byte, space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(channel, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static void __noreturn
become_supervisor(int channel, const struct toyrun_options *opt,
		  const struct toyrun_family *family)
{
	pid_t self = getpid();
	int listener;

	leave_everything(opt, channel);
	listener = receive_listener(3);
	if (listener < 0)
		exit(EXIT_TOYRUN);
	if (write(3, &self, sizeof(self)) != sizeof(self))
		exit(EXIT_TOYRUN);
	close(3);
	supervise(listener, opt, family);
}

/**
 * supervisor_start() - start the process that will answer
 * @opt: options
 * @family: what was found of AF_TOY
 * @argv: of main()
 *
 * Before the filter is there: the supervisor is not under it.
 * Return: the channel for supervisor_take(). Does not return on failure.
 */
int supervisor_start(const struct toyrun_options *opt,
		     const struct toyrun_family *family, char **argv)
{
	int pair[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		die(EXIT_TOYRUN, "socketpair: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(EXIT_TOYRUN, "fork: %s", strerror(errno));
	if (!pid) {
		close(pair[0]);
		rename_process(argv);
		pid = fork();
		if (pid)
			_exit(pid < 0);
		become_supervisor(pair[1], opt, family);
	}
	close(pair[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		die(EXIT_TOYRUN, "the supervisor cannot be started");
	return pair[0];
}

/**
 * supervisor_take() - hand over the listener
 * @channel: from supervisor_start()
 * @listener: from filter_install(); closed here, because while a copy is open
 *	the death of the supervisor goes unnoticed
 *
 * Does not return on failure.
 */
void supervisor_take(int channel, int listener)
{
	char byte = 0, space[CMSG_SPACE(sizeof(int))] = { };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	pid_t supervisor;
	bool ready;

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &listener, sizeof(int));
	ready = sendmsg(channel, &msg, MSG_NOSIGNAL) == 1;
	close(listener);
	ready = ready && read(channel, &supervisor, sizeof(supervisor)) ==
			 sizeof(supervisor);
	close(channel);
	if (!ready)
		die(EXIT_TOYRUN, "the supervisor has died");
	/* Where Yama lets only parents look into a process: not just them. */
	prctl(PR_SET_PTRACER, supervisor, 0, 0, 0);
}
