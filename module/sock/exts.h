/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_EXTS_H
#define _TOY_SOCK_EXTS_H

#include <linux/socket.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "../skb/ipv6_exts.h"

struct toy_sock;

int toy_exts_set(struct sock *sk, enum toy_ext which, sockptr_t optval,
		 unsigned int optlen);
int toy_exts_get(struct sock *sk, enum toy_ext which, char __user *optval,
		 int __user *optlen, int len);
int toy_exts_cmsg(const struct sock *sk, const struct cmsghdr *cmsg,
		  struct toy_ext_src *src);
int toy_exts_choose(const struct toy_sock *ts, const struct toy_ext_src *src,
		    struct toy_ipv6_txexts **px);

#endif /* _TOY_SOCK_EXTS_H */
