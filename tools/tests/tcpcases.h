/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP sockets with every field in use, the same for toy (fakedata.c) and for
 * ss (ssfeed.c), so that what the two print can be compared.
 */
#ifndef TOY_TCPCASES_H
#define TOY_TCPCASES_H

#include <linux/sock_diag.h>
#include <linux/toy.h>

struct tcp_case {
	unsigned char		state;
	unsigned char		timer;		/* enum toy_sock_timer */
	unsigned char		retrans;
	unsigned int		timer_ms;
	unsigned int		rqueue;
	unsigned int		wqueue;
	unsigned int		uid;
	unsigned long long	inode;
	int			shutdown;	/* -1: unknown */
	const char		*cong;		/* NULL: no details at all */
	unsigned int		cong_info[5];
	struct toy_tcp_info	info;
};

extern const struct tcp_case tcp_cases[];
extern const unsigned int tcp_case_mem[SK_MEMINFO_VARS];

#endif /* TOY_TCPCASES_H */
