// SPDX-License-Identifier: GPL-2.0-only
/*
 * The answers to held system calls.
 *
 *	socket(2)	type		protocol	becomes
 *			SOCK_STREAM	0, TCP		AF_TOY, the same
 *			SOCK_STREAM	MPTCP		EPROTONOSUPPORT: programs
 *							then ask for TCP
 *			SOCK_DGRAM	0, UDP		AF_TOY, the same
 *			SOCK_DGRAM	ICMP, ICMPV6	AF_TOY, of its IP version
 *			SOCK_RAW	any but 0	AF_TOY, of its IP version
 *			all else			passes
 *
 *	setsockopt(2)	SO_REUSEPORT, SO_ZEROCOPY, where the kernel refuses them
 *			to families that it does not know: SOL_TOY's twin
 *
 * The form of addresses is pinned to the family that was asked for.
 */
#include <errno.h>
#include <linux/net.h>
#include <linux/toy.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "toyrun.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

/* The calls that the filter holds, whatever way they came. */
struct call {
	enum { CALL_OTHER, CALL_SOCKET, CALL_SETSOCKOPT, CALL_FAULT } what;
	uint64_t arg[5];
};

/* socketcall(2) of 32-bit x86: a case, and where the arguments lie. */
static void call_mux(const struct seccomp_notif *req, struct call *call)
{
	uint32_t args[5] = { };
	int count = 0;

	switch ((int)req->data.args[0]) {
	case SYS_SOCKET:
		call->what = CALL_SOCKET;
		count = 3;
		break;
	case SYS_SETSOCKOPT:
		call->what = CALL_SETSOCKOPT;
		count = 5;
		break;
	}
	if (!target_memory(req->pid, req->data.args[1] & 0xffffffff, args,
			   count * sizeof(args[0]))) {
		/* As for a bad address; a socket that passes would be out. */
		call->what = call->what == CALL_SOCKET ? CALL_FAULT :
							 CALL_OTHER;
		return;
	}
	for (int i = 0; i < count; i++)
		call->arg[i] = args[i];
}

#define X32_CALL	0x40000000	/* in the number of a call */

/* The kernel tells x32's calls from those of 64-bit programs by number only. */
static uint32_t arch_of(const struct seccomp_notif *req)
{
	if (req->data.arch == SCMP_ARCH_X86_64 && req->data.nr & X32_CALL)
		return SCMP_ARCH_X32;
	return req->data.arch;
}

/* From number to name: "socket" has two numbers on 32-bit x86. */
static void call_by_name(const struct seccomp_notif *req, struct call *call)
{
	char *name = seccomp_syscall_resolve_num_arch(arch_of(req),
						      req->data.nr);

	if (!name)
		return;
	if (!strcmp(name, "socket"))
		call->what = CALL_SOCKET;
	else if (!strcmp(name, "setsockopt"))
		call->what = CALL_SETSOCKOPT;
	else if (!strcmp(name, "socketcall"))
		call_mux(req, call);
	free(name);
}

static void call_read(const struct seccomp_notif *req, struct call *call)
{
	memset(call, 0, sizeof(*call));
	memcpy(call->arg, req->data.args, sizeof(call->arg));
	if (arch_of(req) != seccomp_arch_native())
		call_by_name(req, call);
	else if (req->data.nr == SYS_socket)
		call->what = CALL_SOCKET;
	else if (req->data.nr == SYS_setsockopt)
		call->what = CALL_SETSOCKOPT;
	else
		call_by_name(req, call);
}

/* ---- socket(2) ---------------------------------------------------------- */

enum fate { FATE_PASS, FATE_TOY, FATE_REFUSE };

static enum fate fate_of(const struct toyrun_options *opt, int domain, int type,
			 int protocol)
{
	int icmp = domain == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (domain == AF_INET ? !opt->inet : domain != AF_INET6 || !opt->inet6)
		return FATE_PASS;
	switch (type) {
	case SOCK_STREAM:
		if (!(opt->types & TYPES_TCP))
			return FATE_PASS;
		if (protocol == IPPROTO_MPTCP)
			return FATE_REFUSE;
		return !protocol || protocol == IPPROTO_TCP ? FATE_TOY :
							      FATE_PASS;
	case SOCK_DGRAM:
		if (protocol == icmp)
			return opt->types == TYPES_ALL ? FATE_TOY : FATE_PASS;
		if (!(opt->types & TYPES_UDP))
			return FATE_PASS;
		return !protocol || protocol == IPPROTO_UDP ? FATE_TOY :
							      FATE_PASS;
	case SOCK_RAW:
		return opt->types == TYPES_ALL && protocol > 0 &&
		       protocol < 256 ? FATE_TOY : FATE_PASS;
	}
	return FATE_PASS;
}

static int open_as_we_are(const struct toyrun_family *family, int domain,
			  int type, int protocol)
{
	int fd = socket(family->number, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_TOY, TOY_SOCKADDR_ONLY, &domain, sizeof(domain))) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

/* As the caller would open it; a supervisor without privileges is like him. */
static int open_socket(const struct toyrun_family *family, pid_t tid,
		       int domain, int type, int protocol)
{
	struct target target;
	int fd;

	if (getuid())
		return open_as_we_are(family, domain, type, protocol);
	if (!target_read(tid, &target))
		return -ESRCH;
	if ((type & 0xf) == SOCK_RAW) {
		if (!target_may_raw(tid, &target))
			return -EPERM;
		/* Capabilities do not come with ids. */
		return open_as_we_are(family, domain, type, protocol);
	}
	fd = target_imitate(&target) ?
		open_as_we_are(family, domain, type, protocol) : -EPERM;
	target_imitate_end();
	return fd;
}

static void report_socket(const struct seccomp_notif *req, int domain, int type,
			  int protocol, int result)
{
	static const char *const types[] = {
		[SOCK_STREAM] = "SOCK_STREAM", [SOCK_DGRAM] = "SOCK_DGRAM",
		[SOCK_RAW] = "SOCK_RAW",
	};
	struct target target;

	target_read(req->pid, &target);
	complain("%d (%s): socket(%s, %s, %d): %s", req->pid, target.name,
		 domain == AF_INET ? "AF_INET" : "AF_INET6", types[type],
		 protocol, result < 0 ? strerror(-result) : "AF_TOY");
}

static void answer_socket(const struct toyrun_options *opt,
			  const struct toyrun_family *family,
			  const struct seccomp_notif *req,
			  const struct call *call, struct answer *answer)
{
	int domain = call->arg[0], protocol = call->arg[2];
	int type = call->arg[1] & 0xf, flags = call->arg[1] & ~0xf;
	enum fate fate = fate_of(opt, domain, type, protocol);
	int fd = -EPROTONOSUPPORT;

	/* A flag that is unknown makes an error, and so does the kernel. */
	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		fate = FATE_PASS;
	if (fate == FATE_PASS)
		return;
	if (fate == FATE_TOY)
		fd = open_socket(family, req->pid, domain,
				 type | (flags & SOCK_NONBLOCK), protocol);
	if (opt->verbose)
		report_socket(req, domain, type, protocol, fd);
	if (fd < 0) {
		answer->verdict = VERDICT_RESULT;
		answer->error = -fd;
		return;
	}
	answer->verdict = VERDICT_SOCKET;
	answer->fd = fd;
	answer->cloexec = flags & SOCK_CLOEXEC;
}

/* ---- setsockopt(2) ------------------------------------------------------ */

/* SOL_TOY's twin of an option that must be forwarded, or -1. Of socketcall(2) all
 * options come here.
 */
static int twin_of(const struct toyrun_family *family, int level, int name)
{
	if (level == SOL_SOCKET && name == SO_REUSEPORT && family->reuseport)
		return TOY_REUSEPORT;
	if (level == SOL_SOCKET && name == SO_ZEROCOPY && family->zerocopy)
		return TOY_ZEROCOPY;
	return -1;
}

/* Whatever is not as expected passes: the kernel knows the error for it. */
static void answer_setsockopt(const struct toyrun_family *family,
			      const struct seccomp_notif *req,
			      const struct call *call, struct answer *answer)
{
	int name = twin_of(family, call->arg[1], call->arg[2]);
	struct target target;
	int value, fd, domain;
	socklen_t len = sizeof(domain);

	if (name < 0 || (int)call->arg[4] < (int)sizeof(value) ||
	    !target_memory(req->pid, call->arg[3], &value, sizeof(value)) ||
	    !target_read(req->pid, &target))
		return;
	fd = target_fd(&target, call->arg[0]);
	if (fd < 0)
		return;
	if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	    domain == family->number) {
		answer->verdict = VERDICT_RESULT;
		if (setsockopt(fd, SOL_TOY, name, &value, sizeof(value)))
			answer->error = errno;
	}
	close(fd);
}

/**
 * sockets_answer() - find the answer to a held call
 * @opt: options
 * @family: what was found of AF_TOY
 * @req: the call
 * @answer: result, zeroed before; a descriptor in it is for the taker to close
 */
void sockets_answer(const struct toyrun_options *opt,
		    const struct toyrun_family *family,
		    const struct seccomp_notif *req, struct answer *answer)
{
	struct call call;

	call_read(req, &call);
	if (call.what == CALL_SOCKET)
		answer_socket(opt, family, req, &call, answer);
	else if (call.what == CALL_SETSOCKOPT)
		answer_setsockopt(family, req, &call, answer);
	else if (call.what == CALL_FAULT)
		*answer = (struct answer){ VERDICT_RESULT, .error = EFAULT };
}
