// SPDX-License-Identifier: GPL-2.0-only
/*
 * The namespaces in which the command runs.
 *
 * --netns moves toyrun, and so the supervisor and its sockets, too. --resolv
 * mounts a file over /etc/resolv.conf in a mount namespace of the command's own
 * and hides those who would resolve names for it by other stacks: nscd and
 * systemd-resolved answer over local sockets. An ordinary user gets the mount
 * namespace with a user namespace around it, in which he is who he was.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "toyrun.h"

#define RESOLV_CONF	"/etc/resolv.conf"

static const char *const resolvers[] = {
	"/run/nscd/socket",
	"/run/systemd/resolve/io.systemd.Resolve",
};

static void enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_TOYRUN, "network namespace %s: %s", path,
		    strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		die(EXIT_TOYRUN, "entering the network namespace %s: %s", name,
		    strerror(errno));
	close(fd);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(EXIT_TOYRUN, "%s: %s", path, strerror(errno));
	close(fd);
}

static void own_mounts(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (!unshare(CLONE_NEWNS))
		return;
	if (errno != EPERM)
		die(EXIT_TOYRUN, "a mount namespace for --resolv: %s",
		    strerror(errno));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die(EXIT_TOYRUN,
		    "--resolv needs root, or user namespaces for ordinary users: %s",
		    strerror(errno));
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", map);
}

static void cover(const char *file, const char *path)
{
	if (mount(file, path, NULL, MS_BIND, NULL))
		die(EXIT_TOYRUN, "mounting %s on %s: %s", file, path,
		    strerror(errno));
}

static void enter_resolv(const char *file)
{
	if (access(file, R_OK))
		die(EXIT_TOYRUN, "%s: %s", file, strerror(errno));
	if (access(RESOLV_CONF, F_OK))
		die(EXIT_TOYRUN, "--resolv needs " RESOLV_CONF " to mount on: %s",
		    strerror(errno));
	own_mounts();
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL))
		die(EXIT_TOYRUN, "mounts of its own: %s", strerror(errno));
	cover(file, RESOLV_CONF);
	/* Who connects to what is no socket is refused, and asks DNS. */
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++)
		if (!access(resolvers[i], F_OK))
			cover("/dev/null", resolvers[i]);
}

/**
 * env_enter() - go where the command is to run
 * @opt: options
 *
 * Does not return when that is not possible. A namespace NAME with a file
 * /etc/netns/NAME/resolv.conf, the convention of ip-netns(8), uses that.
 */
void env_enter(const struct toyrun_options *opt)
{
	const char *resolv = opt->resolv;
	char path[PATH_MAX];

	if (opt->netns) {
		snprintf(path, sizeof(path), "/etc/netns/%s/resolv.conf",
			 opt->netns);
		if (!resolv && !strchr(opt->netns, '/') && !access(path, R_OK))
			resolv = path;
		enter_netns(opt->netns);
	}
	if (resolv)
		enter_resolv(resolv);
}
