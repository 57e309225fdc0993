// SPDX-License-Identifier: GPL-2.0-only
/*
 * toyrun(1) - run a program on AF_TOY
 *
 * The program's socket(2) calls for AF_INET and AF_INET6 are held by a seccomp
 * filter, and a second process, the supervisor, answers each with a socket of
 * AF_TOY (seccomp_unotify(2)). Everything else that the program does goes
 * straight to the kernel, so a connection costs what it costs any program that
 * opened its AF_TOY socket by itself.
 *
 *	toyrun CMD ---- fork, fork ---> supervisor
 *	    |                               |
 *	install the filter                  |
 *	    | ------ its listener --------> |
 *	    | <----- ready ---------------- |
 *	exec CMD                        answer until no process
 *	    |                           has the filter any more
 *
 * The command keeps toyrun's own process: status, signals, job control and
 * what a service manager knows of it need no help. The supervisor is nobody's
 * child and outlives the command for as long as descendants of it run.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "toyrun.h"

void complain(const char *format, ...)
{
	va_list args;

	fputs("toyrun: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void die(int status, const char *format, ...)
{
	va_list args;

	fputs("toyrun: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

static void __noreturn run(char **command)
{
	int err;

	execvp(command[0], command);
	err = errno;
	die(err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT, "%s: %s", command[0],
	    strerror(err));
}

int main(int argc, char **argv)
{
	struct toyrun_options opt;
	struct toyrun_family family;
	int channel, listener;

	args_read(argc, argv, &opt);
	env_enter(&opt);
	family_probe(&family);
	if (opt.check)
		return check_all(&opt, &family);

	if (family_trouble(&family))
		die(EXIT_TOYRUN, "%s", family_trouble(&family));
	/* Under another toyrun its filter decides, and there can be no second. */
	if (family_nested(&family)) {
		if (opt.verbose)
			complain("already under toyrun, whose options hold");
		run(opt.command);
	}
	channel = supervisor_start(&opt, &family, argv);
	listener = filter_install(&opt, &family);
	if (listener == -EBUSY)
		die(EXIT_TOYRUN,
		    "another program answers system calls here, see toyrun --check");
	if (listener < 0)
		die(EXIT_TOYRUN, "seccomp user notification: %s%s",
		    strerror(-listener),
		    listener == -EINVAL ?
		    " (it needs CONFIG_SECCOMP_FILTER and Linux 5.14)" : "");
	supervisor_take(channel, listener);
	run(opt.command);
}
