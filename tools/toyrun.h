/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * toyrun(1): what its files share.
 *
 *	args		the command line
 *	env		the namespaces that the command runs in
 *	family		the number of AF_TOY, and what its sockets can do here
 *	filter		the seccomp filter, made and installed
 *	supervise	the process that answers the filter
 *	sockets		what it answers
 *	target		the process that asks
 *	check		toyrun --check
 */
#ifndef TOYRUN_H
#define TOYRUN_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli.h"

/* Exit codes of our own, those of env(1). */
enum {
	EXIT_TOYRUN = 125,	/* toyrun itself failed */
	EXIT_CANNOT = 126,	/* the command cannot be run */
	EXIT_NOT_FOUND = 127,	/* there is no such command */
};

enum toyrun_types { TYPES_TCP = 1, TYPES_UDP = 2, TYPES_ALL = 7 };

/**
 * struct toyrun_options - the command line
 * @inet: IPv4 sockets become AF_TOY's
 * @inet6: IPv6 sockets do
 * @types: enum toyrun_types, sockets that do
 * @netns: network namespace for the command, or NULL
 * @resolv: file to be seen as /etc/resolv.conf, or NULL
 * @verbose: report each socket on stderr
 * @check: tell what would not work, run nothing
 * @command: argv of the command
 */
struct toyrun_options {
	bool inet;
	bool inet6;
	unsigned int types;
	const char *netns;
	const char *resolv;
	bool verbose;
	bool check;
	char **command;
};

/**
 * struct toyrun_family - AF_TOY as it is here
 * @number: of the family
 * @error: errno of opening a socket; 0 if that works
 * @is_toy: the family of this number is ours
 * @reuseport: SO_REUSEPORT must be forwarded as TOY_REUSEPORT
 * @zerocopy: SO_ZEROCOPY must be forwarded as TOY_ZEROCOPY
 */
struct toyrun_family {
	int number;
	int error;
	bool is_toy;
	bool reuseport;
	bool zerocopy;
};

void __printf(1, 2) complain(const char *format, ...);
void __noreturn __printf(2, 3)
die(int status, const char *format, ...);

/* args */
void args_read(int argc, char **argv, struct toyrun_options *opt);

/* env */
void env_enter(const struct toyrun_options *opt);

/* family */
void family_probe(struct toyrun_family *family);
const char *family_trouble(const struct toyrun_family *family);
bool family_nested(const struct toyrun_family *family);

/* filter */
int filter_install(const struct toyrun_options *opt,
		   const struct toyrun_family *family);

/* supervise */
int supervisor_start(const struct toyrun_options *opt,
		     const struct toyrun_family *family, char **argv);
void supervisor_take(int channel, int listener);

/* sockets: the answer to a system call */
enum verdict {
	VERDICT_PASS,		/* the kernel shall do what was asked */
	VERDICT_RESULT,		/* return @value, or fail with @error */
	VERDICT_SOCKET,		/* return @fd as a new descriptor */
};

struct answer {
	enum verdict verdict;
	int error;
	int64_t value;
	int fd;
	bool cloexec;
};

void sockets_answer(const struct toyrun_options *opt,
		    const struct toyrun_family *family,
		    const struct seccomp_notif *req, struct answer *answer);

/* target: another process, which may go at any moment */
struct target {
	pid_t tgid;
	uid_t euid;
	gid_t egid;
	gid_t groups[256];
	int ngroups;
	uint64_t caps;
	char name[32];
};

bool target_read(pid_t tid, struct target *target);
bool target_may_raw(pid_t tid, const struct target *target);
bool target_memory(pid_t tid, uint64_t addr, void *buf, size_t len);
int target_fd(const struct target *target, int fd);
bool target_imitate(const struct target *target);
void target_imitate_end(void);

/* check */
int check_all(const struct toyrun_options *opt,
	      const struct toyrun_family *family);

#endif /* TOYRUN_H */
