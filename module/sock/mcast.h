/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_MCAST_H
#define _TOY_SOCK_MCAST_H

#include "../proto/mcast.h"
#include "sock.h"

/**
 * struct toy_mc_srcs - the sources that a membership names
 * @rcu: freed after a grace period
 * @n: how many
 * @addr: the sources
 */
struct toy_mc_srcs {
	struct rcu_head rcu;
	u16 n;
	struct in6_addr addr[];
};

/**
 * struct toy_mc_member - a membership of a socket
 * @list: toy_mc_sock.members; RCU readers
 * @group: group
 * @dev: device, referenced; it may have been detached
 * @iface: address by which the device was named (IPv4), or unspecified
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE
 * @srcs: what is included or excluded, or NULL; RCU readers
 * @rcu: freed after a grace period
 *
 * Changed under RTNL and the socket lock.
 */
struct toy_mc_member {
	struct list_head list;
	struct in6_addr group;
	struct toy_dev *dev;
	__be32 iface;
	u8 mode;
	struct toy_mc_srcs __rcu *srcs;
	struct rcu_head rcu;
};

/**
 * struct toy_mc_sock - multicast of a socket
 * @members: struct toy_mc_member
 * @oif: IP_MULTICAST_IF, or 0
 * @oif6: IPV6_MULTICAST_IF, or 0
 * @addr: IP_MULTICAST_IF by address, or 0
 *
 * Made under the socket lock when first needed, goes with the socket. Streams
 * have none.
 */
struct toy_mc_sock {
	struct list_head members;
	int oif;
	int oif6;
	__be32 addr;
};

/**
 * struct toy_mc_spec - a group as a program names it
 * @group: group
 * @ifindex: device, or 0
 * @iface: address of the device (IPv4), or 0
 */
struct toy_mc_spec {
	struct in6_addr group;
	int ifindex;
	__be32 iface;
};

/* RTNL and the socket lock held. */
struct toy_mc_sock *toy_mc_sock(struct sock *sk);
int toy_mc_sock_join(struct sock *sk, struct toy_mc_spec *spec, u8 mode);
int toy_mc_sock_leave(struct sock *sk, struct toy_mc_spec *spec);
int toy_mc_sock_source(struct sock *sk, struct toy_mc_spec *spec, u8 mode,
		       bool add, const struct in6_addr *source);
int toy_mc_sock_filter(struct sock *sk, struct toy_mc_spec *spec,
		       const struct toy_mc_want *want);
const struct toy_mc_member *toy_mc_sock_find(struct sock *sk,
					     const struct toy_mc_spec *spec);
struct toy_dev *toy_mc_dev(struct sock *sk, struct toy_mc_spec *spec);

/* ---- mcast_opt.c ------------------------------------------------------ */

bool toy_mcast_opt(int level, int optname);
int toy_mcast_setsockopt(struct sock *sk, int level, int optname,
			 sockptr_t optval, unsigned int optlen);
int toy_mcast_getsockopt(struct sock *sk, int level, int optname,
			 char __user *optval, int __user *optlen);

#endif /* _TOY_SOCK_MCAST_H */
