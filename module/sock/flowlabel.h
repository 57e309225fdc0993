/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_FLOWLABEL_H
#define _TOY_SOCK_FLOWLABEL_H

#include <linux/sockptr.h>
#include <net/sock.h>

#include "../toy.h"

struct toy_ipv6_txexts;

int toy_fl_net_init(struct toy_net *tn);
void toy_fl_net_exit(struct toy_net *tn);

int toy_fl_set(struct sock *sk, sockptr_t optval, unsigned int optlen);
int toy_fl_get(struct sock *sk, char __user *optval, int __user *optlen,
	       int len);
void toy_fl_release_all(struct sock *sk);

int toy_fl_use(struct sock *sk, __be32 label, struct toy_ipv6_txexts **px);
int toy_fl_connect(struct sock *sk, const struct in6_addr *daddr,
		   __be32 flowinfo);
void toy_fl_accepted(struct sock *child, __be32 label);
__be32 toy_fl_connected(const struct sock *sk);

#endif /* _TOY_SOCK_FLOWLABEL_H */
