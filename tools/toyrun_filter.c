// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seccomp filter: socket(2) for AF_INET and AF_INET6 is held until the
 * supervisor has answered, all else runs on.
 *
 * libseccomp makes the BPF program, also for the 32-bit calls of a 64-bit
 * kernel, where socket() may come as a case of socketcall(2) whose arguments
 * lie in memory: there all of them are held, and the supervisor looks. That
 * takes rules of our own, since libseccomp compares socketcall's registers with
 * what socket()'s arguments should be.
 *
 * The program is installed by the plain system call, for the flag that libseccomp
 * 2.5 does not know: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19), with
 * which a signal does not interrupt a call that is being answered. socket(2)
 * never fails by EINTR, and programs rely on that.
 */
#include <errno.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/filter.h>
#include <unistd.h>

#include "toyrun.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	32UL
#endif

#define INT_MASK	0xffffffffULL	/* an int argument's half of the register */
#define TYPE_MASK	0xfULL		/* SOCK_* without SOCK_CLOEXEC and so on */

static int hold_socket(scmp_filter_ctx ctx, const struct toyrun_options *opt,
		       int domain)
{
	struct scmp_arg_cmp want_domain =
		SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, domain);

	/* Streams and datagrams have a type each; "all" has no limit. */
	if (opt->types == TYPES_ALL)
		return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(socket),
					1, want_domain);
	return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 2,
				want_domain,
				SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK,
					opt->types == TYPES_TCP ? SOCK_STREAM :
								  SOCK_DGRAM));
}

static int hold_option(scmp_filter_ctx ctx, int name)
{
	return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(setsockopt), 2,
				SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK,
					SOL_SOCKET),
				SCMP_A2(SCMP_CMP_MASKED_EQ, INT_MASK, name));
}

/* A case of socketcall(2), whatever its arguments. */
static int hold_case(scmp_filter_ctx ctx, int which)
{
	return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, SCMP_SYS(socketcall), 1,
				SCMP_A0(SCMP_CMP_EQ, which));
}

static int add_rules(scmp_filter_ctx ctx, const struct toyrun_options *opt,
		     const struct toyrun_family *family)
{
	int err = 0;

	if (opt->inet)
		err = hold_socket(ctx, opt, AF_INET);
	if (!err && opt->inet6)
		err = hold_socket(ctx, opt, AF_INET6);
	if (!err && family->reuseport)
		err = hold_option(ctx, SO_REUSEPORT);
	if (!err && family->zerocopy)
		err = hold_option(ctx, SO_ZEROCOPY);
	return err;
}

static int add_cases(scmp_filter_ctx ctx, const struct toyrun_options *opt,
		     const struct toyrun_family *family)
{
	int err = 0;

	if (opt->inet || opt->inet6)
		err = hold_case(ctx, SYS_SOCKET);
	if (!err && (family->reuseport || family->zerocopy))
		err = hold_case(ctx, SYS_SETSOCKOPT);
	return err;
}

/* What comes by another architecture's table passes. */
static scmp_filter_ctx new_filter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (ctx && seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				    SCMP_ACT_ALLOW)) {
		seccomp_release(ctx);
		ctx = NULL;
	}
	return ctx;
}

/* 32-bit x86 by itself, for socketcall(2): a rule for a call that one of a filter's
 * architectures does not have makes libseccomp 2.5 write a program that takes the
 * architecture for the call's number there.
 */
static int add_x86(scmp_filter_ctx ctx, const struct toyrun_options *opt,
		   const struct toyrun_family *family)
{
	scmp_filter_ctx x86 = new_filter();
	int err;

	if (!x86)
		return -ENOMEM;
	err = seccomp_arch_add(x86, SCMP_ARCH_X86);
	if (!err)
		err = seccomp_arch_remove(x86, SCMP_ARCH_NATIVE);
	if (!err)
		err = add_rules(x86, opt, family);
	if (!err)
		err = add_cases(x86, opt, family);
	/* Which also releases the second one. */
	if (!err)
		err = seccomp_merge(ctx, x86);
	if (err)
		seccomp_release(x86);
	return err;
}

/* A 64-bit kernel runs 32-bit programs, and x32's if it was booted for them. */
static int add_all(scmp_filter_ctx ctx, const struct toyrun_options *opt,
		   const struct toyrun_family *family)
{
	int err = 0;

	if (seccomp_arch_native() == SCMP_ARCH_X86_64)
		err = seccomp_arch_add(ctx, SCMP_ARCH_X32);
	else if (seccomp_arch_native() == SCMP_ARCH_AARCH64)
		err = seccomp_arch_add(ctx, SCMP_ARCH_ARM);
	if (!err)
		err = add_rules(ctx, opt, family);
	if (!err && seccomp_arch_native() == SCMP_ARCH_X86)
		err = add_cases(ctx, opt, family);
	if (!err && seccomp_arch_native() == SCMP_ARCH_X86_64)
		err = add_x86(ctx, opt, family);
	return err;
}

/* The program that libseccomp made, in memory of our own. */
static int export_program(scmp_filter_ctx ctx, struct sock_fprog *prog)
{
	int fd = memfd_create("toyrun", MFD_CLOEXEC);
	struct stat st;
	int err;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(ctx, fd);
	if (!err && fstat(fd, &st))
		err = -errno;
	if (!err) {
		prog->len = st.st_size / sizeof(*prog->filter);
		prog->filter = malloc(st.st_size);
		if (!prog->filter ||
		    pread(fd, prog->filter, st.st_size, 0) != st.st_size)
			err = -ENOMEM;
	}
	close(fd);
	return err;
}

/* Without privilege a filter needs no_new_privs; with it, su(1) goes on. */
static int load(unsigned long flags, struct sock_fprog *prog)
{
	int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);

	if (fd < 0 && errno == EACCES &&
	    !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
	return fd < 0 ? -errno : fd;
}

/**
 * filter_install() - put this process, and all that come of it, under the filter
 * @opt: options
 * @family: what was found of AF_TOY
 *
 * Return: the listener, a descriptor that is closed on exec, or a negative errno:
 * -EBUSY if there is a listener already, -EINVAL on kernels that have none.
 */
int filter_install(const struct toyrun_options *opt,
		   const struct toyrun_family *family)
{
	scmp_filter_ctx ctx = new_filter();
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	struct sock_fprog prog = { };
	int fd;

	if (!ctx)
		return -ENOMEM;
	fd = add_all(ctx, opt, family);
	if (!fd)
		fd = export_program(ctx, &prog);
	seccomp_release(ctx);
	if (fd)
		return fd;

	fd = load(flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
	if (fd == -EINVAL)
		fd = load(flags, &prog);
	free(prog.filter);
	return fd;
}
