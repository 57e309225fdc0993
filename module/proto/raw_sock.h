/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_RAW_SOCK_H
#define _TOY_PROTO_RAW_SOCK_H

#include <linux/icmp.h>
#include <linux/icmpv6.h>

#include "../sock/sock.h"

/**
 * struct toy_raw_sock - a raw socket
 * @ts: what every socket has; sk_num is the protocol
 * @node: in the table of its namespace; its lock
 * @spoken: IP version of what it sent last, 4 or 6; 0: nothing yet
 * @sum: IPV6_CHECKSUM: IPv6 packets carry a checksum, which we fill in and
 *	check
 * @sum_off: where it stands behind the network header
 * @icmp: ICMP_FILTER: types below 32 that it does not want, bit by bit
 * @icmp6: ICMPV6_FILTER: the same, of 256 types
 */
struct toy_raw_sock {
	struct toy_sock ts;	/* first */
	struct hlist_node node;
	u8 spoken;
	bool sum;
	int sum_off;
	union {
		struct icmp_filter icmp;
		struct icmp6_filter icmp6;
	};
};

static inline struct toy_raw_sock *toy_raw_sk(const struct sock *sk)
{
	return (struct toy_raw_sock *)sk;
}

/* proto/raw.c */
void toy_raw_hash(struct sock *sk);
void toy_raw_unhash(struct sock *sk);

/* proto/raw_send.c */
int toy_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* proto/raw_opt.c */
int toy_raw_setsockopt(struct sock *sk, int level, int optname,
		       sockptr_t optval, unsigned int optlen);
int toy_raw_getsockopt(struct sock *sk, int level, int optname,
		       char __user *optval, int __user *optlen);

#endif /* _TOY_PROTO_RAW_SOCK_H */
