/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_MCAST_CALL_H
#define _TOY_SOCK_MCAST_CALL_H

#include <linux/sockptr.h>

#include "mcast.h"

/**
 * struct toy_mc_call - a setsockopt() or getsockopt() under way
 * @sk: socket, locked; RTNL is held, too
 * @level: of the option
 * @name: of the option
 * @val: value, or room for it
 * @len: its length
 */
struct toy_mc_call {
	struct sock *sk;
	int level;
	int name;
	sockptr_t val;
	unsigned int len;
};

static inline bool toy_mc_stream(const struct toy_mc_call *c)
{
	return c->sk->sk_type == SOCK_STREAM;
}

/* The beginning of the value; -EINVAL when it is not as long. */
static inline int toy_mc_read(const struct toy_mc_call *c, void *to,
			      size_t size)
{
	if (c->len < size)
		return -EINVAL;
	return copy_from_sockptr(to, c->val, size) ? -EFAULT : 0;
}

/* struct ip_mreqn, of which struct ip_mreq is the beginning. */
static inline int toy_mc_read_mreqn(const struct toy_mc_call *c,
				    struct ip_mreqn *m)
{
	size_t size = c->len >= sizeof(*m) ? sizeof(*m) : sizeof(struct ip_mreq);

	*m = (struct ip_mreqn) {};
	return toy_mc_read(c, m, size);
}

/* mcast_group.c: options that take a group, by their structs. */
int toy_mc_set_membership(const struct toy_mc_call *c);
int toy_mc_set_membership6(const struct toy_mc_call *c);
int toy_mc_set_source(const struct toy_mc_call *c);
int toy_mc_set_msfilter(const struct toy_mc_call *c);
int toy_mc_get_msfilter(const struct toy_mc_call *c, int __user *optlen);
int toy_mc_set_group(const struct toy_mc_call *c);
int toy_mc_set_group_source(const struct toy_mc_call *c);
int toy_mc_set_group_filter(const struct toy_mc_call *c);
int toy_mc_get_group_filter(const struct toy_mc_call *c, int __user *optlen);

#endif /* _TOY_SOCK_MCAST_CALL_H */
