// SPDX-License-Identifier: GPL-2.0-only
/*
 * The error queue (IP_RECVERR, ip(7)): what ICMP or our own stack said about a
 * datagram that the program sent.
 *
 * A queued error is an skb of its own:
 *
 *	cb	struct sock_exterr_skb, whose header part holds the offender
 *	head	destination of the datagram, 16 bytes, where the network
 *		header would be
 *	data	what the error quotes of the datagram's payload
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>

#include "sock.h"

/* Quoting more than this helps nobody: RFC 1812 asks for 576 bytes in all. */
#define TOY_ERR_QUOTE	576

static struct in6_addr *toy_err_offender(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(SKB_EXT_ERR(skb)->header) < sizeof(struct in6_addr));
	return (struct in6_addr *)&SKB_EXT_ERR(skb)->header;
}

static struct sk_buff *toy_err_alloc(const struct in6_addr *daddr, u16 port,
				     const struct sock_extended_err *ee,
				     const struct in6_addr *offender,
				     unsigned int quote)
{
	struct sk_buff *skb = alloc_skb(sizeof(*daddr) + quote, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	skb_put_data(skb, daddr, sizeof(*daddr));
	__skb_pull(skb, sizeof(*daddr));
	skb_reset_transport_header(skb);

	memset(skb->cb, 0, sizeof(skb->cb));
	SKB_EXT_ERR(skb)->ee = *ee;
	SKB_EXT_ERR(skb)->port = htons(port);
	*toy_err_offender(skb) = *offender;
	return skb;
}

static void toy_queue_icmp_error(struct sock *sk, const struct sk_buff *quoted,
				 unsigned int hdr_len, u16 port,
				 const struct toy_icmp_err *e)
{
	struct sock_extended_err ee = {
		.ee_errno	= e->err,
		.ee_origin	= SO_EE_ORIGIN_ICMP,
		.ee_type	= e->type,
		.ee_code	= e->code,
		.ee_info	= e->info,
	};
	unsigned int quote = 0;
	struct sk_buff *skb;

	if (quoted->len > hdr_len)
		quote = min_t(unsigned int, quoted->len - hdr_len, TOY_ERR_QUOTE);
	skb = toy_err_alloc(&e->daddr, port, &ee, &e->offender, quote);
	if (!skb)
		return;
	if ((quote && skb_copy_bits(quoted, hdr_len, skb_put(skb, quote), quote)) ||
	    sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/**
 * toy_sock_error() - a datagram of this socket has met an ICMP error
 * @sk: socket
 * @quoted: what the error quotes, skb->data at the transport header of
 *	@hdr_len bytes; borrowed
 * @hdr_len: its length
 * @port: destination port of the datagram, host byte order
 * @e: the error
 *
 * Without IP_RECVERR only a connected socket hears of it, and of hard errors
 * only (RFC 1122 4.1.3.3). Context: softirq, RCU.
 */
void toy_sock_error(struct sock *sk, const struct sk_buff *quoted,
		    unsigned int hdr_len, u16 port, const struct toy_icmp_err *e)
{
	if (toy_sk(sk)->recverr)
		toy_queue_icmp_error(sk, quoted, hdr_len, port, e);
	else if (!e->fatal || sk->sk_state != TCP_ESTABLISHED)
		return;
	WRITE_ONCE(sk->sk_err, e->err);
	sk_error_report(sk);
}
EXPORT_SYMBOL_GPL(toy_sock_error);

/**
 * toy_queue_local_error() - our own stack refuses a datagram
 * @sk: socket
 * @err: errno, positive
 * @daddr: destination
 * @port: destination port, host byte order
 * @info: path MTU for EMSGSIZE
 *
 * Queued only with IP_RECVERR. Context: process.
 */
void toy_queue_local_error(struct sock *sk, int err,
			   const struct in6_addr *daddr, u16 port, u32 info)
{
	struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_LOCAL,
		.ee_info	= info,
	};
	struct sk_buff *skb;

	if (!toy_sk(sk)->recverr)
		return;
	skb = toy_err_alloc(daddr, port, &ee, &in6addr_any, 0);
	if (skb && sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* The control message: the error, and who sent it. */
static void toy_put_recverr(struct sock *sk, struct msghdr *msg,
			    struct sk_buff *skb)
{
	const struct in6_addr *offender = toy_err_offender(skb);
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} hdr = { .ee = SKB_EXT_ERR(skb)->ee };

	if (hdr.ee.ee_origin == SO_EE_ORIGIN_ICMP) {
		hdr.offender.sin_family = AF_INET;
		hdr.offender.sin_addr.s_addr = toy_v4_of(offender);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(hdr), &hdr);
}

/**
 * toy_recv_error() - recvmsg(2) with MSG_ERRQUEUE
 * @sk: socket
 * @msg: message
 * @len: room for what the error quotes
 * @addr_len: result: length of the destination's address
 *
 * Return: bytes of the datagram quoted, or -EAGAIN when the queue is empty.
 */
int toy_recv_error(struct sock *sk, struct msghdr *msg, size_t len,
		   int *addr_len)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	unsigned int copied;
	int err;

	skb = sock_dequeue_err_skb(sk);
	if (!skb)
		return -EAGAIN;

	copied = min_t(size_t, skb->len, len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	sock_recv_timestamp(msg, sk, skb);

	serr = SKB_EXT_ERR(skb);
	if (msg->msg_name && (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP ||
			      serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL)) {
		const struct in6_addr *daddr = (void *)skb_network_header(skb);

		*addr_len = toy_endpoint_write(sk, msg->msg_name, daddr,
					       ntohs(serr->port), 0);
	}
	toy_put_recverr(sk, msg, skb);
	msg->msg_flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}
EXPORT_SYMBOL_GPL(toy_recv_error);
