/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_CORK_H
#define _TOY_SOCK_CORK_H

#include "sock.h"

/**
 * struct toy_cork - a datagram that several calls of sendmsg(2) make
 * @ref: where it goes; what the first call found out
 * @c: control messages of the first call
 * @addr: destination of the first call
 * @port: its port, host byte order
 * @hdr_len: bytes of transport header, reserved in @skb
 * @skb: header and data so far
 * @uarg: MSG_ZEROCOPY: whom to tell of all calls, or NULL
 */
struct toy_cork {
	struct toy_path_ref *ref;
	struct toy_tx_cmsg c;
	struct in6_addr addr;
	u16 port;
	u8 hdr_len;
	struct sk_buff *skb;
	struct ubuf_info *uarg;
};

/**
 * struct toy_dgram_sock - a datagram socket whose messages can be corked
 * @ts: what every socket has
 * @cork: message that is being made, or NULL; written under the socket lock,
 *	looked at without
 * @corked: UDP_CORK: MSG_MORE on every call
 * @gso_size: UDP_SEGMENT, or 0
 * @no_check6_tx: UDP_NO_CHECK6_TX: no checksum in what is sent over IPv6
 * @no_check6_rx: UDP_NO_CHECK6_RX: nor needed in what comes
 */
struct toy_dgram_sock {
	struct toy_sock ts;	/* first */
	struct toy_cork *cork;
	bool corked;
	u16 gso_size;
	bool no_check6_tx;
	bool no_check6_rx;
};

static inline struct toy_dgram_sock *toy_dgram_sk(const struct sock *sk)
{
	return (struct toy_dgram_sock *)sk;
}

static inline bool toy_cork_pending(const struct sock *sk)
{
	return READ_ONCE(toy_dgram_sk(sk)->cork);
}

int toy_cork_begin(struct sock *sk, struct msghdr *msg,
		   struct toy_path_ref *ref, const struct toy_tx_cmsg *c,
		   const struct toy_endpoint *to, unsigned int hdr_len);
int toy_cork_append(struct sock *sk, struct msghdr *msg, size_t len, u8 proto);
struct toy_cork *toy_cork_take(struct sock *sk);
void toy_cork_free(struct toy_cork *cork);

#endif /* _TOY_SOCK_CORK_H */
