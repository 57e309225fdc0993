// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process that asks: who it is, what lies in its memory, its descriptors.
 *
 * Sockets shall belong to who asked for them. A supervisor that was started by
 * root takes on the caller's ids for each socket(2), so that AF_TOY's group
 * ranges and the owner that `toy ss -e` shows are the caller's; and what needs a
 * capability needs the caller's. A supervisor without privileges has the ids
 * that its processes have.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "toyrun.h"

#define CAP_NET_RAW	13

static void read_groups(const char *text, struct target *t)
{
	char *end;

	for (t->ngroups = 0; t->ngroups < 256; t->ngroups++) {
		gid_t gid = strtoul(text, &end, 10);

		if (end == text)
			break;
		t->groups[t->ngroups] = gid;
		text = end;
	}
}

/**
 * target_read() - who asks
 * @tid: thread
 * @target: result
 *
 * Return: false if it has gone.
 */
bool target_read(pid_t tid, struct target *target)
{
	char path[64], line[4096];
	unsigned long id;
	FILE *f;

	*target = (struct target){ .name = "?" };
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Tgid: %lu", &id) == 1)
			target->tgid = id;
		else if (sscanf(line, "Uid: %*u %lu", &id) == 1)
			target->euid = id;
		else if (sscanf(line, "Gid: %*u %lu", &id) == 1)
			target->egid = id;
		else if (!strncmp(line, "Groups:", 7))
			read_groups(line + 7, target);
		else if (sscanf(line, "CapEff: %lx", &id) == 1)
			target->caps = id;
		else
			sscanf(line, "Name: %31[^\n]", target->name);
	}
	fclose(f);
	return true;
}

/* Capabilities count in their own user namespace. */
static bool same_user_ns(pid_t tid)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", tid);
	return !stat("/proc/self/ns/user", &ours) && !stat(path, &theirs) &&
	       ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

/**
 * target_may_raw() - may the caller open raw sockets?
 * @tid: thread
 * @target: what is known of it
 */
bool target_may_raw(pid_t tid, const struct target *target)
{
	return target->caps & 1ULL << CAP_NET_RAW && same_user_ns(tid);
}

/**
 * target_memory() - read the caller's memory
 * @tid: thread
 * @addr: where
 * @buf: result
 * @len: bytes
 *
 * Return: false if that is not possible.
 */
bool target_memory(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = { buf, len };
	struct iovec remote = { (void *)(uintptr_t)addr, len };

	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/**
 * target_fd() - have a descriptor of the caller's
 * @target: the caller
 * @fd: its descriptor
 *
 * Return: a descriptor of ours for the same file, or -1.
 */
int target_fd(const struct target *target, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, target->tgid, 0);
	int copy;

	if (pidfd < 0)
		return -1;
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return copy;
}

/**
 * target_imitate() - be the caller, as far as ids go
 * @target: the caller
 *
 * Until target_imitate_end(). The real and saved ids stay ours.
 * Return: false if the ids cannot be had.
 */
bool target_imitate(const struct target *target)
{
	/* In a user namespace groups may be fixed. */
	if (target->euid == geteuid() && target->egid == getegid())
		return true;
	if (setgroups(target->ngroups, target->groups))
		return false;
	return !setresgid(-1, target->egid, -1) &&
	       !setresuid(-1, target->euid, -1);
}

/**
 * target_imitate_end() - be oneself again
 *
 * The effective user first: the rest needs its privileges. The supplementary
 * groups stay, they are set before each use.
 */
void target_imitate_end(void)
{
	if (setresuid(-1, getuid(), -1) || setresgid(-1, getgid(), -1))
		exit(EXIT_TOYRUN);
}
