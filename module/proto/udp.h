/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_UDP_H
#define _TOY_PROTO_UDP_H

#include <linux/jump_label.h>

#include "../sock/sock.h"

int toy_udp_net_init(struct toy_net *tn);
void toy_udp_net_exit(struct toy_net *tn);
int toy_udp_init(void);
void toy_udp_exit(void);

/* udp_send.c */
int toy_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int toy_udp_push_pending(struct sock *sk);

/* udp_gro.c */
DECLARE_STATIC_KEY_FALSE(toy_udp_gro_wanted);
enum toy_drop toy_udp_gro_deliver(struct sock *sk, struct sk_buff *skb);
void toy_udp_set_gro(struct sock *sk, bool on);

/* UDP_GRO */
static inline bool toy_udp_gro(const struct sock *sk)
{
	return static_branch_unlikely(&toy_udp_gro_wanted) &&
	       READ_ONCE(toy_sk(sk)->cmsg_flags) & TOY_CMSG_UDP_GRO;
}

#endif /* _TOY_PROTO_UDP_H */
