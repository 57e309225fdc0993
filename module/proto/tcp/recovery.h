/* SPDX-License-Identifier: GPL-2.0-only */
/* Loss recovery: what its files call of each other. */
#ifndef _TOY_TCP_RECOVERY_H
#define _TOY_TCP_RECOVERY_H

#include "tcp.h"

/* reduce.c: the window goes down */
void toy_tcp_ca_enter(struct sock *sk, u8 state);
bool toy_tcp_any_retrans(const struct sock *sk);
void toy_tcp_retrans_ended(struct sock *sk);
void toy_tcp_reduce_begin(struct sock *sk, enum toy_cc_event why);
void toy_tcp_reduce_end(struct sock *sk);
void toy_tcp_enter_recovery(struct sock *sk, bool ece);

/* revert.c: it goes up again */
bool toy_tcp_undo_recovery(struct sock *sk, const struct toy_tcp_seg *s);
bool toy_tcp_undo_by_dsacks(struct sock *sk);
void toy_tcp_keep_open(struct sock *sk);
bool toy_tcp_undo_partial(struct sock *sk, const struct toy_tcp_seg *s);
bool toy_tcp_undo_loss(struct sock *sk, const struct toy_tcp_seg *s, bool frto);

#endif /* _TOY_TCP_RECOVERY_H */
