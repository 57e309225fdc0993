// SPDX-License-Identifier: GPL-2.0-only
/*
 * When did the data leave, when did it arrive? (SO_TIMESTAMPING, with
 * Documentation/networking/timestamping.rst of the kernel)
 *
 *	sendmsg()	the last octet of the call gets a key: its sequence number
 *	SCHED, SND	the core, when a buffer with the key is handed to the
 *			qdisc and to the device
 *	ACK		here, when the octet is acknowledged
 *
 * The key and what is wanted stand in skb_shared_info, which clones share with
 * the buffer in the queue. When a buffer is cut or joined they go where the
 * octet goes.
 *
 * With SOF_TIMESTAMPING_OPT_ID the program counts octets from when it asked for
 * that. The core keeps such a base in sk_tskey, but of AF_INET only: for us it
 * writes 0 there. We put the base in its place, at once where setsockopt() is
 * seen, else with the next send, and subtract it when the error queue is read
 * (sock/err.c).
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "stamp.h"

/**
 * toy_tcp_tskey_base() - prot->tskey_base: where octets are counted from
 * @sk: socket, locked
 * @tsflags: SOF_TIMESTAMPING_*
 *
 * Return: a sequence number: of the next octet that is written, or without
 * SOF_TIMESTAMPING_OPT_ID_TCP of the first that is not acknowledged.
 */
u32 toy_tcp_tskey_base(const struct sock *sk, u32 tsflags)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	return tsflags & TOY_COMPAT_OPT_ID_TCP ? tp->write_seq : tp->snd_una;
}

/**
 * toy_tcp_stamp_begin() - a call is about to write its first octet
 * @sk: socket, locked
 * @tsflags: SOF_TIMESTAMPING_*
 */
void toy_tcp_stamp_begin(struct sock *sk, u32 tsflags)
{
	if (tsflags & SOF_TIMESTAMPING_OPT_ID && !atomic_read(&sk->sk_tskey))
		atomic_set(&sk->sk_tskey, toy_tcp_tskey_base(sk, tsflags));
}

/**
 * toy_tcp_stamp_sent() - a call has written its last octet
 * @sk: socket, locked; something has been written
 * @tsflags: SOF_TIMESTAMPING_* of the socket or of the call's control message
 */
void toy_tcp_stamp_sent(struct sock *sk, u32 tsflags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	/* All of it may be on its way. */
	if (!skb)
		skb = skb_rb_last(&sk->tcp_rtx_queue);
	if (!skb)
		return;
	sock_tx_timestamp(sk, tsflags, &skb_shinfo(skb)->tx_flags);
	if (tsflags & SOF_TIMESTAMPING_TX_ACK)
		toy_cb(skb)->stamp_ack = 1;
	if (tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK)
		skb_shinfo(skb)->tskey = toy_cb(skb)->seq + skb->len - 1;
}

/**
 * toy_tcp_stamp_split() - a buffer was cut in two
 * @skb: the first part
 * @rest: the second
 */
void toy_tcp_stamp_split(struct sk_buff *skb, struct sk_buff *rest)
{
	struct skb_shared_info *a = skb_shinfo(skb), *b = skb_shinfo(rest);
	u8 flags = a->tx_flags & SKBTX_ANY_TSTAMP;

	if (toy_seq_before(a->tskey, toy_cb(rest)->seq)) {
		toy_cb(rest)->stamp_ack = 0;
		return;
	}
	a->tx_flags &= ~flags;
	b->tx_flags |= flags;
	swap(a->tskey, b->tskey);
	toy_cb(rest)->stamp_ack = toy_cb(skb)->stamp_ack;
	toy_cb(skb)->stamp_ack = 0;
}

/**
 * toy_tcp_stamp_merge() - a buffer takes over its neighbour's data
 * @to: the buffer
 * @next: the neighbour; its wishes count, as they are the younger
 */
void toy_tcp_stamp_merge(struct sk_buff *to, const struct sk_buff *next)
{
	skb_shinfo(to)->tx_flags |= skb_shinfo(next)->tx_flags &
				    SKBTX_ANY_TSTAMP;
	skb_shinfo(to)->tskey = skb_shinfo(next)->tskey;
	toy_cb(to)->stamp_ack |= toy_cb(next)->stamp_ack;
}

/**
 * __toy_tcp_stamp_acked() - toy_tcp_stamp_acked() for a buffer with a wish
 * @sk: socket, locked
 * @skb: first buffer of the retransmission queue: so nothing is to its left in
 *	the tree, where skb->dev would be, which the core looks at
 * @prior_una: SND.UNA before the acknowledgment
 */
void __toy_tcp_stamp_acked(struct sock *sk, struct sk_buff *skb, u32 prior_una)
{
	unsigned long anchor = skb->_skb_refdst;
	u32 key = skb_shinfo(skb)->tskey;

	if (toy_seq_before(key, prior_una) ||
	    !toy_seq_before(key, toy_tcp(sk)->snd_una))
		return;
	/* The core may clone it: see toy_skb_anchor_clear(). */
	skb->_skb_refdst = 0;
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
	skb->_skb_refdst = anchor;
}
