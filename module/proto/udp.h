/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_UDP_H
#define _TOY_PROTO_UDP_H

#include "../toy.h"

int toy_udp_net_init(struct toy_net *tn);
void toy_udp_net_exit(struct toy_net *tn);
int toy_udp_init(void);
void toy_udp_exit(void);

/* udp_send.c */
int toy_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int toy_udp_push_pending(struct sock *sk);

#endif /* _TOY_PROTO_UDP_H */
