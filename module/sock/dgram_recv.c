// SPDX-License-Identifier: GPL-2.0-only
/*
 * A datagram and its socket, as far as all protocols do the same.
 *
 *	receive		(the protocol)		parse, look the socket up
 *			toy_dgram_deliver()	filter, account, queue, wake
 *	recvmsg		toy_dgram_recvmsg()
 *
 * The memory that a protocol accounts for (sk_forward_alloc) is taken and given
 * back under the lock of the receive queue. The core's __sock_queue_rcv_skb() and
 * sock_rfree() take no lock: they are for protocols without accounts, as
 * AF_INET's raw sockets are, and several CPUs may deliver to one socket.
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <net/busy_poll.h>

#include "lookup.h"

/**
 * toy_dgram_filter() - may a datagram come in?
 * @sk: socket, under RCU
 * @skb: datagram with skb->data at the transport header, which a socket filter
 *	sees, and behind it when TOY_RX_OK is returned; borrowed
 * @hdr_len: bytes of transport header, which the reader does not see
 *
 * Context: softirq.
 * Return: TOY_RX_OK or TOY_DROP_SOCK_FILTER.
 */
enum toy_drop toy_dgram_filter(struct sock *sk, struct sk_buff *skb,
			       unsigned int hdr_len)
{
	if (sk_filter_trim_cap(sk, skb, hdr_len)) {
		atomic_inc(&sk->sk_drops);
		return TOY_DROP_SOCK_FILTER;
	}
	__skb_pull(skb, hdr_len);
	sock_rps_save_rxhash(sk, skb);
	sk_mark_napi_id_once(sk, skb);
	return TOY_RX_OK;
}

/* Under the lock of the queue. */
static bool toy_dgram_charge(struct sock *sk, struct sk_buff *skb)
{
	if (!sk_rmem_schedule(sk, skb, skb->truesize))
		return false;
	skb_set_owner_r(skb, sk);
	return true;
}

/**
 * toy_dgram_queue() - to the end of the receive queue
 * @sk: socket, under RCU
 * @skb: datagram after toy_dgram_filter(); consumed when TOY_RX_OK is returned
 *
 * Context: softirq.
 * Return: TOY_RX_OK, TOY_DROP_SOCK_MEM or TOY_DROP_SOCK_RCVBUF.
 */
enum toy_drop toy_dgram_queue(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	enum toy_drop why = TOY_DROP_SOCK_RCVBUF;
	unsigned long flags;

	/* The core keeps sk_drops at the end of skb->cb. */
	BUILD_BUG_ON(sizeof(struct toy_skb_cb) > SOCK_SKB_CB_OFFSET);
	if (unlikely(atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf)))
		goto drop;
	skb_orphan(skb);

	spin_lock_irqsave(&q->lock, flags);
	if (unlikely(!toy_dgram_charge(sk, skb))) {
		spin_unlock_irqrestore(&q->lock, flags);
		why = TOY_DROP_SOCK_MEM;
		goto drop;
	}
	/* It may wait for longer than its device and its route live. */
	skb->dev = NULL;
	skb_dst_force(skb);
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(q, skb);
	spin_unlock_irqrestore(&q->lock, flags);

	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return TOY_RX_OK;
drop:
	atomic_inc(&sk->sk_drops);
	return why;
}

/* Has been read. Whoever has the last reference gives its memory back. */
static void toy_dgram_free(struct sock *sk, struct sk_buff *skb)
{
	if (!skb_unref(skb))
		return;
	refcount_set(&skb->users, 1);
	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb_orphan(skb);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	consume_skb(skb);
}

/**
 * toy_dgram_purge() - throw away what waits to be read
 * @sk: socket
 *
 * Context: process.
 */
void toy_dgram_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&sk->sk_receive_queue)))
		toy_dgram_free(sk, skb);
}

/**
 * toy_dgram_deliver() - give a datagram to its socket
 * @sk: socket, under RCU
 * @skb: datagram with skb->data at the transport header, which a socket filter
 *	sees; consumed when TOY_RX_OK is returned
 * @hdr_len: bytes of transport header, which the reader does not see
 *
 * Context: softirq.
 * Return: TOY_RX_OK, or the reason why the socket did not take it.
 */
enum toy_drop toy_dgram_deliver(struct sock *sk, struct sk_buff *skb,
				unsigned int hdr_len)
{
	enum toy_drop why = toy_dgram_filter(sk, skb, hdr_len);

	return why ?: toy_dgram_queue(sk, skb);
}
EXPORT_SYMBOL_GPL(toy_dgram_deliver);

/**
 * toy_dgram_recvmsg() - prot->recvmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: room for data
 * @flags: MSG_*
 * @addr_len: result: length of the sender's address
 *
 * Return: bytes received (with MSG_TRUNC the datagram's length) or a negative
 * errno.
 */
int toy_dgram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags, int *addr_len)
{
	unsigned int copied;
	struct sk_buff *skb;
	int off, total, err;

	if (flags & MSG_ERRQUEUE)
		return toy_recv_error(sk, msg, len, addr_len);
	if (unlikely(toy_pathmtu_pending(sk)))
		return toy_recv_pathmtu(sk, msg, addr_len);

	off = sk_peek_offset(sk, flags);
	skb = __skb_recv_datagram(sk, &sk->sk_receive_queue, flags, &off, &err);
	if (!skb)
		return err;

	total = skb->len;
	copied = min_t(size_t, len, total - off);
	if (copied < total - off)
		msg->msg_flags |= MSG_TRUNC;

	err = skb_copy_datagram_msg(skb, off, msg, copied);
	if (err)
		goto out;
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, copied);
	else
		sk_peek_offset_bwd(sk, total);

	sock_recv_cmsgs(msg, sk, skb);
	if (msg->msg_name) {
		const struct toy_skb_cb *cb = toy_skb_cb(skb);
		struct in6_addr saddr, daddr;

		cb->ip->addrs(skb, &saddr, &daddr);
		*addr_len = toy_endpoint_write(sk, msg->msg_name, &saddr,
					       cb->port, cb->ifindex);
	}
	if (toy_sk(sk)->cmsg_flags)
		toy_cmsg_recv(sk, msg, skb);
	err = flags & MSG_TRUNC ? total : copied;
out:
	toy_dgram_free(sk, skb);
	return err;
}
EXPORT_SYMBOL_GPL(toy_dgram_recvmsg);
