/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_STAMP_H
#define _TOY_TCP_STAMP_H

#include "tcp.h"

/* Does the program want to know something of an octet in this buffer? */
static inline bool toy_stamp_any(const struct sk_buff *skb)
{
	return unlikely(toy_cb(skb)->stamp_ack ||
			skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP);
}

u32 toy_tcp_tskey_base(const struct sock *sk, u32 tsflags);
void toy_tcp_stamp_begin(struct sock *sk, u32 tsflags);
void toy_tcp_stamp_sent(struct sock *sk, u32 tsflags);
void toy_tcp_stamp_split(struct sk_buff *skb, struct sk_buff *rest);
void toy_tcp_stamp_merge(struct sk_buff *to, const struct sk_buff *next);
void __toy_tcp_stamp_acked(struct sock *sk, struct sk_buff *skb, u32 prior_una);

/**
 * toy_tcp_stamp_acked() - all or the first part of a buffer is acknowledged
 * @sk: socket, locked, SND.UNA already moved on
 * @skb: first buffer of the retransmission queue
 * @prior_una: SND.UNA before
 */
static inline void toy_tcp_stamp_acked(struct sock *sk, struct sk_buff *skb,
				       u32 prior_una)
{
	if (unlikely(toy_cb(skb)->stamp_ack))
		__toy_tcp_stamp_acked(sk, skb, prior_una);
}

#endif /* _TOY_TCP_STAMP_H */
