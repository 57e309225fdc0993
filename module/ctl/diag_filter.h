/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter programs of inet_diag (INET_DIAG_REQ_BYTECODE). */
#ifndef _TOY_CTL_DIAG_FILTER_H
#define _TOY_CTL_DIAG_FILTER_H

#include <linux/in6.h>

/**
 * struct toy_diag_entry - what a filter looks at
 * @laddr: local address
 * @raddr: the peer's
 * @lport: local port, host byte order
 * @rport: the peer's
 * @port_chosen: the stack chose the local port
 * @ifindex: device it is bound to, or 0
 * @mark: SO_MARK
 * @cgroup: number of its cgroup, or 0
 */
struct toy_diag_entry {
	const struct in6_addr *laddr;
	const struct in6_addr *raddr;
	u16 lport;
	u16 rport;
	bool port_chosen;
	u32 ifindex;
	u32 mark;
	u64 cgroup;
};

int toy_diag_filter_check(const void *prog, int len, bool admin);
bool toy_diag_filter_run(const void *prog, int len,
			 const struct toy_diag_entry *e);

#endif /* _TOY_CTL_DIAG_FILTER_H */
