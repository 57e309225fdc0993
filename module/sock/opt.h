/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_OPT_H
#define _TOY_SOCK_OPT_H

#include <linux/limits.h>
#include <linux/sockptr.h>
#include <net/sock.h>

/**
 * struct toy_opt - an option: a row of its level's table
 * @name: number; 0 ends a table
 * @low: smallest value
 * @high: largest value
 * @set: stores the value, socket locked; NULL where @cmsg or @flag is all
 * @get: reads it, socket locked
 * @cmsg: TOY_CMSG_* that it switches on and off
 * @flag: TOY_OPT_* that it switches on and off
 * @need: TOY_OPT_RAW ...
 * @no_stream: what a stream says to it, or 0
 * @set_all: stores what is not an int, socket locked
 * @get_all: reads it, socket not locked, with the room that the program has
 */
struct toy_opt {
	int name;
	int low;
	int high;
	int (*set)(struct sock *sk, int val);
	int (*get)(struct sock *sk);
	u32 cmsg;
	u32 flag;
	u8 need;
	s8 no_stream;
	int (*set_all)(struct sock *sk, sockptr_t optval, unsigned int optlen);
	int (*get_all)(struct sock *sk, char __user *optval,
		       int __user *optlen, int len);
};

#define TOY_OPT_RAW		BIT(0)	/* only raw sockets have it */
#define TOY_OPT_NONEMPTY	BIT(1)	/* at least a byte */
#define TOY_OPT_EXACT		BIT(2)	/* an int, no more and no less */
#define TOY_OPT_SHORT_OK	BIT(3)	/* IPPROTO_IPV6: less is 0 */
#define TOY_OPT_PRIVILEGED	BIT(4)	/* CAP_NET_RAW or CAP_NET_ADMIN */
#define TOY_OPT_READ_ONLY	BIT(5)
#define TOY_OPT_WRITE_ONLY	BIT(6)
#define TOY_OPT_NEGATIVE	BIT(7)	/* a value may be negative */

#define OPT_INT(nr, lo, hi, s, g, ...) \
	{ .name = nr, .low = lo, .high = hi, .set = s, .get = g, ##__VA_ARGS__ }
#define OPT_ANY(nr, s, g, ...) \
	OPT_INT(nr, INT_MIN, INT_MAX, s, g, ##__VA_ARGS__)
#define OPT_GET(nr, g) \
	OPT_INT(nr, 0, 0, NULL, g, .need = TOY_OPT_READ_ONLY)
#define OPT_CMSG(nr, bit, ...) \
	OPT_ANY(nr, NULL, NULL, .cmsg = bit, ##__VA_ARGS__)
#define OPT_FLAG(nr, bit, ...) \
	OPT_ANY(nr, NULL, NULL, .flag = bit, ##__VA_ARGS__)

extern const struct toy_opt toy_opts_ip[];	/* opt_ip.c */
extern const struct toy_opt toy_opts_ip6[];	/* opt_ip6.c */

bool toy_opt_dev_exists(const struct sock *sk, int ifindex);

#endif /* _TOY_SOCK_OPT_H */
