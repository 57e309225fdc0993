// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace [-v] [-d DIR] [-V VARIANT] [-r NAME]... [FILE...]
 *
 * Run packet traces: all of DIR, those NAMEd (open-active.v4), or FILEs. TAP on
 * stdout, -v with everything that was seen. TOY_FAMILY=inet tests AF_INET.
 *
 * FILE.bad is a script that must fail, with the words of its line "# fails: ..."
 * in what it prints: the tool is tested by those.
 *
 * Each script runs in a process and a network namespace of its own: whatever it
 * leaves behind goes with it.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.h"

#define MAX_SCRIPTS	1000
#define MAX_UNITS	(3 * MAX_SCRIPTS)	/* IPv4, mapped, IPv6 */
#define SUFFIX		".pkt"
#define BAD_SUFFIX	".bad"

#ifndef TRACE_DIR
#define TRACE_DIR	"selftests/trace"
#endif

struct unit {
	const char *path;
	const struct variant *v;
	char name[96];
};

static struct unit units[MAX_UNITS];
static int n_units;
static char *skip_reason;	/* shared with the child */

static bool kernel_travels(void)
{
	char line[4096] = {};
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return strstr(line, "time-travel");
}

/* ---- Which ------------------------------------------------------------ */

static void add_units(const char *path, const char *only)
{
	const char *base = strrchr(path, '/');
	int i;

	base = base ? base + 1 : path;
	for (i = 0; i < n_variants; i++) {
		struct unit *u = &units[n_units];

		if (only && strcmp(only, variants[i].name))
			continue;
		if (n_units == ARRAY_SIZE(units))
			return;
		u->path = path;
		u->v = &variants[i];
		snprintf(u->name, sizeof(u->name), "%.*s.%s",
			 (int)strcspn(base, "."), base, variants[i].name);
		n_units++;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

static void add_directory(const char *dir, const char *only)
{
	static char *paths[MAX_SCRIPTS];
	struct dirent *d;
	int n = 0, i;
	DIR *dp;

	dp = opendir(dir);
	if (!dp) {
		fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		exit(2);
	}
	while ((d = readdir(dp)) && n < MAX_SCRIPTS)
		if ((!fnmatch("*" SUFFIX, d->d_name, 0) ||
		     !fnmatch("*" BAD_SUFFIX, d->d_name, 0)) &&
		    asprintf(&paths[n], "%s/%s", dir, d->d_name) > 0)
			n++;
	closedir(dp);
	qsort(paths, n, sizeof(*paths), by_name);
	for (i = 0; i < n; i++)
		add_units(paths[i], only);
}

/* ---- One -------------------------------------------------------------- */

static void __attribute__((noreturn)) child(const struct unit *u)
{
	struct script *s;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	run.v = u->v;
	s = script_load(u->path, u->v);
	if (s->skip) {
		snprintf(skip_reason, 256, "%s", s->skip);
		exit(4);
	}
	if (unshare(CLONE_NEWNET)) {
		printf("# unshare: %s\n", strerror(errno));
		exit(1);
	}
	run_script(s);
	exit(0);
}

/* The child's own waits all end; this is for a system call that does not. */
static int wait_child(pid_t pid)
{
	struct pollfd p = { .fd = syscall(SYS_pidfd_open, pid, 0),
			    .events = POLLIN };
	int timeout = run.travel ? -1 : 900 * 1000;
	int status;

	if (p.fd >= 0 && !poll(&p, 1, timeout)) {
		printf("# no end after %d s\n", timeout / 1000);
		kill(pid, SIGKILL);
	}
	close(p.fd);
	waitpid(pid, &status, 0);
	return status;
}

/* What a bad script has to say; NULL if it is none. */
static char *expected_failure(const char *path)
{
	static char line[256];
	FILE *f;

	if (fnmatch("*" BAD_SUFFIX, path, 0))
		return NULL;
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "# fails: ", 9))
			continue;
		line[strcspn(line, "\n")] = 0;
		fclose(f);
		return line + 9;
	}
	if (f)
		fclose(f);
	return "a line '# fails: ...' in the script";
}

static void read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t len;

	while (n < size - 1) {
		len = read(fd, buf + n, size - 1 - n);
		if (len <= 0)
			break;
		n += len;
	}
	buf[n] = 0;
}

/* A status as of waitpid(); 0: it failed as it should. */
static int run_bad(const struct unit *u, const char *words)
{
	static char said[65536];
	int fds[2], status;
	pid_t pid;

	if (pipe(fds))
		return W_EXITCODE(1, 0);
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		child(u);
	}
	close(fds[1]);
	read_all(fds[0], said, sizeof(said));
	close(fds[0]);
	status = wait_child(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 4)
		return status;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
	    strstr(said, words))
		return 0;
	printf("%s# it had to fail and to say: %s\n", said, words);
	return W_EXITCODE(1, 0);
}

static bool run_unit(const struct unit *u, int number)
{
	const char *words = expected_failure(u->path);
	int status;
	pid_t pid;

	skip_reason[0] = 0;
	fflush(stdout);
	if (words) {
		status = run_bad(u, words);
	} else {
		pid = fork();
		if (!pid)
			child(u);
		status = wait_child(pid);
	}
	if (WIFSIGNALED(status))
		printf("# %s: killed by signal %d\n", u->name, WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 4) {
		printf("ok %d %s # SKIP %s\n", number, u->name, skip_reason);
		return true;
	}
	printf("%sok %d %s\n", status ? "not " : "", number, u->name);
	return !status;
}

/* ---- All -------------------------------------------------------------- */

static bool named(const struct unit *u, char **names, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!fnmatch(names[i], u->name, 0))
			return true;
	return !n;
}

static void bad_usage(void)
{
	fprintf(stderr,
		"usage: trace [-lv] [-d DIR] [-V VARIANT] [-r NAME]... [FILE...]\n");
	exit(2);
}

static void select_units(char **names, int n_names)
{
	int i, n = 0;

	for (i = 0; i < n_units; i++)
		if (named(&units[i], names, n_names))
			units[n++] = units[i];
	n_units = n;
}

int main(int argc, char **argv)
{
	const char *dir = getenv("TOY_TRACE_DIR") ?: TRACE_DIR;
	const char *family = getenv("TOY_FAMILY");
	const char *slack = getenv("TOY_TRACE_SLACK"), *only = NULL;
	char *names[MAX_UNITS];
	int n_names = 0, opt, i, failed = 0;
	bool list = false;

	run.verbose = getenv("TOY_TRACE_VERBOSE");
	if (argc == 2 && !strcmp(argv[1], "--list"))
		argv[1] = "-l";
	while ((opt = getopt(argc, argv, "vld:V:r:")) != -1) {
		if (opt == 'v')
			run.verbose = true;
		else if (opt == 'l')
			list = true;
		else if (opt == 'd')
			dir = optarg;
		else if (opt == 'V')
			only = optarg;
		else if (opt == 'r' && n_names < MAX_UNITS)
			names[n_names++] = optarg;
		else
			bad_usage();
	}
	run.toy = !family || strcmp(family, "inet");
	run.travel = kernel_travels();
	run.slack = slack ? atoll(slack) * MSEC : run.travel ? 0 : 20 * MSEC;
	skip_reason = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = optind; i < argc; i++)
		add_units(argv[i], only);
	if (optind == argc)
		add_directory(dir, only);
	select_units(names, n_names);
	if (list) {
		for (i = 0; i < n_units; i++)
			printf("%s\n", units[i].name);
		return 0;
	}
	printf("TAP version 13\n1..%d\n", n_units);
	for (i = 0; i < n_units; i++)
		failed += !run_unit(&units[i], i + 1);
	return failed || !n_units;
}
