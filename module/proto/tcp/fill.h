/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_FILL_H
#define _TOY_TCP_FILL_H

#include "tcp.h"

/**
 * struct toy_send - one call of sendmsg(2)
 * @msg: message
 * @uarg: MSG_ZEROCOPY: whom to tell when its pages are free again; or NULL
 * @timeo: how long to wait, jiffies
 * @mss: segment size
 * @goal: how large a buffer may become
 * @tsflags: SOF_TIMESTAMPING_*
 * @flags: MSG_*
 * @copied: bytes in the queue
 * @share: MSG_ZEROCOPY or MSG_SPLICE_PAGES: its pages go into buffers; else 0
 */
struct toy_send {
	struct msghdr *msg;
	struct ubuf_info *uarg;
	long timeo;
	u32 mss;
	u32 goal;
	u32 tsflags;
	int flags;
	int copied;
	int share;
};

int toy_fill_begin(struct sock *sk, struct toy_send *c);
void toy_fill_end(struct toy_send *c);
int toy_fill(struct sock *sk, struct sk_buff *skb, struct toy_send *c, u32 len);

#endif /* _TOY_TCP_FILL_H */
