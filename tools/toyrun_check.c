// SPDX-License-Identifier: GPL-2.0-only
/*
 * toyrun --check: what would not work here, and what to do about it.
 *
 * One line for each thing that is looked at: "ok", "NO" for what stops every
 * program, "note" for what stops some. The names of hosts have the most notes:
 * glibc asks AF_INET's addresses which kinds of names to look for, and may leave
 * the work to a daemon that resolves on AF_INET.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/toy.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "toyrun.h"

enum finding { GOOD, NOTE, BAD };

static bool anything_bad;

static void __printf(2, 3) found(enum finding finding, const char *format, ...)
{
	static const char *const words[] = { "ok", "note", "NO" };
	va_list args;

	anything_bad |= finding == BAD;
	printf("%-5s ", words[finding]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* Lines below a finding: what follows from it, what to do. */
static void __printf(1, 2) more(const char *format, ...)
{
	va_list args;

	printf("      ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ---- The kernel and the module ------------------------------------------ */

/* In a child: a filter cannot be taken off again. */
static int try_filter(const struct toyrun_options *opt,
		      const struct toyrun_family *family)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int fd = filter_install(opt, family);

		_exit(fd < 0 ? -fd : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -EIO;
	return -WEXITSTATUS(status);
}

static void check_seccomp(const struct toyrun_options *opt,
			  const struct toyrun_family *family)
{
	struct utsname uts;
	int err = try_filter(opt, family);

	uname(&uts);
	if (!err) {
		found(GOOD, "seccomp user notification, on Linux %s",
		      uts.release);
	} else if (err == -EBUSY) {
		found(BAD, "another program answers system calls here by seccomp");
		more("the kernel allows one only");
	} else {
		found(BAD, "seccomp user notification: %s", strerror(-err));
		more("Linux has it since 5.14, with CONFIG_SECCOMP_FILTER;");
		more("a sandbox may forbid it");
	}
}

static bool check_family(const struct toyrun_family *family)
{
	if (family_trouble(family)) {
		found(BAD, "%s", family_trouble(family));
		return false;
	}
	found(GOOD, "AF_TOY is family %d, and you may open its sockets",
	      family->number);
	return true;
}

/* Not sent: connecting a datagram socket looks for a route only. */
static bool has_route(int number, int form)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(53),
	};
	struct sockaddr_in6 to6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(53),
	};
	int fd = socket(number, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	/* Of a root name server. */
	inet_pton(AF_INET, "198.41.0.4", &to.sin_addr);
	inet_pton(AF_INET6, "2001:503:ba3e::2:30", &to6.sin6_addr);
	if (form == AF_INET)
		err = connect(fd, (struct sockaddr *)&to, sizeof(to));
	else
		err = connect(fd, (struct sockaddr *)&to6, sizeof(to6));
	close(fd);
	return !err;
}

static void check_routes(const struct toyrun_family *family)
{
	bool v4 = has_route(family->number, AF_INET);
	bool v6 = has_route(family->number, AF_INET6);

	if (v4 || v6) {
		found(GOOD, "AF_TOY has a default route of %s",
		      !v6 ? "IPv4" : v4 ? "IPv4 and of IPv6" : "IPv6");
	} else {
		found(NOTE, "AF_TOY has no default route in this network namespace");
		more("see toy(8), or toy-dhcp(8)");
	}
}

static void check_types(const struct toyrun_family *family)
{
	int fd = socket(family->number, SOCK_DGRAM | SOCK_CLOEXEC,
			IPPROTO_ICMP);

	if (fd >= 0) {
		found(GOOD, "ping without raw sockets");
		close(fd);
	} else {
		found(NOTE, "ping sockets: %s", strerror(errno));
		more("net.toy.ping_group_range says whose groups may open them");
	}
	fd = socket(family->number, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (fd >= 0) {
		found(GOOD, "raw sockets, for programs with CAP_NET_RAW");
		close(fd);
	} else {
		found(NOTE, "raw sockets: %s", strerror(errno));
	}
}

static void check_forwarding(const struct toyrun_family *family)
{
	FILE *f = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	if (f) {
		if (fscanf(f, "%d", &scope) != 1)
			scope = 0;
		fclose(f);
	}
	if (!family->reuseport && !family->zerocopy)
		found(GOOD, "SO_REUSEPORT and SO_ZEROCOPY need no help on this kernel");
	else if (!scope || !getuid())
		found(GOOD, "SO_REUSEPORT, which this kernel refuses, is forwarded");
	if (scope && getuid() && (family->reuseport || family->zerocopy)) {
		found(NOTE, "SO_REUSEPORT and SO_ZEROCOPY fail in children of the command");
		more("this kernel refuses them without toyrun's help, and");
		more("kernel.yama.ptrace_scope, which is %d, forbids that", scope);
	}
}

/* ---- The names of hosts ------------------------------------------------- */

/* Of AF_INET, AF_INET6; loopback addresses do not count. */
static bool host_has_address(int family)
{
	struct ifaddrs *list, *a;
	bool yes = false;

	if (getifaddrs(&list))
		return true;
	for (a = list; a; a = a->ifa_next) {
		const void *sa = a->ifa_addr;

		if (!sa || a->ifa_addr->sa_family != family)
			continue;
		if (family == AF_INET) {
			const struct sockaddr_in *sin = sa;

			yes |= sin->sin_addr.s_addr != htonl(INADDR_LOOPBACK);
		} else {
			const struct sockaddr_in6 *sin6 = sa;

			yes |= !IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
		}
	}
	freeifaddrs(list);
	return yes;
}

/* AI_ADDRCONFIG: with addresses of one version only, names of the other are not
 * looked for, and who asks for names of one version needs an address of it.
 */
static void check_addrconfig(void)
{
	bool v4 = host_has_address(AF_INET), v6 = host_has_address(AF_INET6);

	if (v4 && v6) {
		found(GOOD, "getaddrinfo() looks for IPv4 and IPv6 addresses");
		return;
	}
	found(NOTE, "getaddrinfo(): AF_INET has %s address, AF_INET6 has %s",
	      v4 ? "an" : "no", v6 ? "one" : "none");
	if (v4 || v6)
		more("so names that have IPv%d addresses only are not found",
		     v4 ? 6 : 4);
	else
		more("so who asks for one version only (curl -4) finds nothing");
	more("(AI_ADDRCONFIG); this helps:");
	more("\tip link add toynames type dummy");
	more("\tip link set toynames up");
	if (!v4)
		more("\tip address add 192.0.2.1/32 dev toynames");
	if (!v6)
		more("\tip address add 2001:db8::1/128 dev toynames");
}

static bool answers(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	yes = !connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	close(fd);
	return yes;
}

static bool hosts_by_resolve(void)
{
	FILE *f = fopen("/etc/nsswitch.conf", "re");
	char line[256];
	bool yes = false;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "hosts:", 6) && strstr(line, " resolve"))
			yes = true;
	if (f)
		fclose(f);
	return yes;
}

static void check_daemons(void)
{
	bool none = true;

	if (answers("/run/nscd/socket")) {
		found(NOTE, "nscd looks names up, on AF_INET");
		more("--resolv FILE hides it");
		none = false;
	}
	if (hosts_by_resolve() &&
	    answers("/run/systemd/resolve/io.systemd.Resolve")) {
		found(NOTE, "systemd-resolved looks names up (nss-resolve), on AF_INET");
		more("--resolv FILE hides it");
		none = false;
	}
	if (none)
		found(GOOD, "programs look names up themselves (no nscd, no nss-resolve)");
}

static void check_resolv_conf(void)
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[256], server[64];
	int servers = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "nameserver %63s", server) != 1)
			continue;
		servers++;
		if (strncmp(server, "127.", 4) && strcmp(server, "::1")) {
			found(GOOD, "name server %s", server);
			continue;
		}
		found(NOTE, "the name server %s is this host's, on AF_INET", server);
		more("AF_TOY does not reach it: write the network's name server");
		more("into a file and say --resolv FILE");
	}
	if (f)
		fclose(f);
	if (!servers)
		found(NOTE, "/etc/resolv.conf names no name server, so 127.0.0.1 is asked");
}

/**
 * check_all() - look at everything, and print it
 * @opt: options
 * @family: what was found of AF_TOY
 *
 * Return: exit status: 1 if no program would run.
 */
int check_all(const struct toyrun_options *opt,
	      const struct toyrun_family *family)
{
	if (family_nested(family))
		found(NOTE, "this is under toyrun already; a second one changes nothing");
	else
		check_seccomp(opt, family);
	if (check_family(family)) {
		check_routes(family);
		check_types(family);
		check_forwarding(family);
	}
	check_addrconfig();
	check_daemons();
	check_resolv_conf();
	return anything_bad;
}
