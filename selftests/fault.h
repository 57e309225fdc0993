/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations that fail on demand: /proc/thread-self/fail-nth, and a loop that
 * makes each allocation of a call fail in turn.
 */
#ifndef FAULT_H
#define FAULT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST	200		/* allocations in one call, more than there are */

static int fail_fd = -1;

static inline bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* False where the kernel cannot fail on demand. */
static inline bool faults_possible(void)
{
	fail_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_fd < 0)
		return false;
	/* Allocations that may sleep can fail too. */
	return write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") &&
	       write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait",
			  "N") &&
	       write_file("/sys/kernel/debug/failslab/verbose", "0") &&
	       write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
}

static inline void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	(void)!pwrite(fail_fd, text, len, 0);
}

/* Has the failure that was asked for come to pass? Disarms. */
static inline bool fired(void)
{
	char text[16] = "";

	(void)!pread(fail_fd, text, sizeof(text) - 1, 0);
	arm(0);
	return atoi(text) == 0;
}

/* Repeats @call with its nth allocation failing, for all n there are. */
#define SWEEP(call) ({							\
	int __n;							\
	for (__n = 1; __n < MOST; __n++) {				\
		arm(__n);						\
		call;							\
		if (!fired())						\
			break;						\
	}								\
	__n; })

#endif /* FAULT_H */
