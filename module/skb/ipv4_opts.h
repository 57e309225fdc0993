/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_IPV4_OPTS_H
#define _TOY_SKB_IPV4_OPTS_H

#include <linux/types.h>

#define TOY_IPV4_OPTS_MAX	40

/**
 * struct toy_ipv4_txopts - options of IPv4 headers that we send (RFC 791 3.1)
 * @rcu: for freeing
 * @len: bytes in @data, a multiple of 4
 * @rr: where record route begins in @data, plus 1; 0: nowhere
 * @ts: the same for timestamp
 * @data: the options as the program gave them, checked and padded
 */
struct toy_ipv4_txopts {
	struct rcu_head rcu;
	u8 len;
	u8 rr;
	u8 ts;
	u8 data[TOY_IPV4_OPTS_MAX];
};

int toy_ipv4_opts_check(struct toy_ipv4_txopts *o, bool privileged);
void toy_ipv4_opts_stamp(u8 *data, const struct toy_ipv4_txopts *o,
			 __be32 self, u32 now_ms);
int toy_ipv4_opts_echo(struct toy_ipv4_txopts *to, const u8 *from, u8 len);

#endif /* _TOY_SKB_IPV4_OPTS_H */
