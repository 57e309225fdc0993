// SPDX-License-Identifier: GPL-2.0-only
/*
 * The error queue (IP_RECVERR, ip(7); IPV6_RECVERR, RFC 3542 12): what ICMP or
 * our own stack said about a datagram that the program sent, and what the core
 * says about its time of departure and its buffer.
 *
 * An error of ours is an skb of its own:
 *
 *	cb	struct sock_exterr_skb, whose header part holds the offender
 *	head	struct toy_err_head, where the network header would be
 *	data	what the error quotes of the datagram's payload
 *
 * Which option must be set to get one: that of the datagram's IP version. In
 * which form it is read: as AF_INET6 gives it, if the datagram was IPv6 or the
 * program uses sockaddr_in6, otherwise as AF_INET does.
 *
 * What the core queues (skb_tstamp_tx(), msg_zerocopy_*()) is empty, or a copy of
 * the packet that was sent, with all its headers.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/net_tstamp.h>

#include "../skb/icmp.h"
#include "sock.h"

/* Quoting more than this helps nobody: RFC 1812 asks for 576 bytes in all, RFC
 * 4443 2.4 (c) for 1280; extensions stand behind that.
 */
#define TOY_ERR_QUOTE	1280

/* RFC 4884 4: a quote that extensions follow is at least as long. */
#define TOY_ERR_EXT_MIN	128

/* What a reader may be told besides.
 * @daddr: destination of the datagram
 * @to: destination of the error
 * @ifindex: device that the error came in by
 * @ttl: that it arrived with, or 0: it is one of our own
 * @tos: TOS or traffic class that it arrived with
 */
struct toy_err_head {
	struct in6_addr daddr;
	struct in6_addr to;
	int ifindex;
	u8 ttl;
	u8 tos;
};

static const struct toy_err_head *toy_err_head(const struct sk_buff *skb)
{
	return (void *)skb_network_header(skb);
}

static struct in6_addr *toy_err_offender(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(SKB_EXT_ERR(skb)->header) < sizeof(struct in6_addr));
	return (struct in6_addr *)&SKB_EXT_ERR(skb)->header;
}

static struct sk_buff *toy_err_alloc(const struct toy_err_head *head, u16 port,
				     const struct sock_extended_err *ee,
				     const struct in6_addr *offender,
				     unsigned int quote)
{
	struct sk_buff *skb = alloc_skb(sizeof(*head) + quote, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	skb_put_data(skb, head, sizeof(*head));
	__skb_pull(skb, sizeof(*head));
	skb_reset_transport_header(skb);

	memset(skb->cb, 0, sizeof(skb->cb));
	SKB_EXT_ERR(skb)->ee = *ee;
	SKB_EXT_ERR(skb)->port = htons(port);
	*toy_err_offender(skb) = *offender;
	return skb;
}

/* IP_RECVERR_RFC4884 or IPV6_RECVERR_RFC4884, by the version of the address. */
static bool toy_sock_wants_ext(const struct sock *sk, const struct in6_addr *addr)
{
	return READ_ONCE(toy_sk(sk)->opt_flags) &
	       (toy_is_v4(addr) ? TOY_OPT_RFC4884 : TOY_OPT_RFC4884_6);
}

/* Where the extensions begin in what the program reads, and whether they are
 * right: RFC 4884 7.
 */
static void toy_err_ext(struct sock_extended_err *ee, const struct sk_buff *quoted,
			unsigned int hdr_len, const struct toy_icmp_err *e)
{
	unsigned int hdrs = e->quoted_len + hdr_len;

	if (e->ext_at < TOY_ERR_EXT_MIN || e->ext_at < hdrs ||
	    e->ext_at - e->quoted_len + 4 > quoted->len)
		return;
	ee->ee_rfc4884.len = e->ext_at - hdrs;
	if (!toy_icmp_ext_ok(quoted, e->ext_at - e->quoted_len))
		ee->ee_rfc4884.flags |= SO_EE_RFC4884_FLAG_INVALID;
}

static void toy_queue_icmp_error(struct sock *sk, const struct sk_buff *quoted,
				 unsigned int hdr_len, u16 port,
				 const struct toy_icmp_err *e)
{
	struct toy_err_head head = {
		.daddr = e->daddr, .to = e->to, .ttl = e->ttl, .tos = e->tos,
		.ifindex = e->ttl ? toy_skb_cb(quoted)->ifindex : 0,
	};
	struct sock_extended_err ee = {
		.ee_errno	= e->err,
		.ee_origin	= toy_is_v4(&e->daddr) ? SO_EE_ORIGIN_ICMP :
							 SO_EE_ORIGIN_ICMP6,
		.ee_type	= e->type,
		.ee_code	= e->code,
		.ee_info	= e->info,
	};
	unsigned int quote = 0;
	struct sk_buff *skb;

	if (toy_sock_wants_ext(sk, &e->daddr))
		toy_err_ext(&ee, quoted, hdr_len, e);
	if (quoted->len > hdr_len)
		quote = min_t(unsigned int, quoted->len - hdr_len, TOY_ERR_QUOTE);
	skb = toy_err_alloc(&head, port, &ee, &e->offender, quote);
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
 * Without IP_RECVERR or IPV6_RECVERR only a connected socket hears of it, and of hard errors
 * only (RFC 1122 4.1.3.3). Context: softirq, RCU.
 */
void toy_sock_error(struct sock *sk, const struct sk_buff *quoted,
		    unsigned int hdr_len, u16 port, const struct toy_icmp_err *e)
{
	if (toy_sock_recverr(toy_sk(sk), &e->daddr))
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
	struct toy_err_head head = { .daddr = *daddr };
	struct sock_extended_err ee = {
		.ee_errno	= err,
		.ee_origin	= SO_EE_ORIGIN_LOCAL,
		.ee_info	= info,
	};
	struct sk_buff *skb;

	if (!toy_sock_recverr(toy_sk(sk), daddr))
		return;
	skb = toy_err_alloc(&head, port, &ee, &in6addr_any, 0);
	if (skb && sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

static bool toy_err_from_icmp(const struct sk_buff *skb)
{
	u8 origin = SKB_EXT_ERR(skb)->ee.ee_origin;

	return origin == SO_EE_ORIGIN_ICMP || origin == SO_EE_ORIGIN_ICMP6;
}

/* What the program has asked to know of every packet: of the ICMP message. */
static void toy_put_err_cmsgs(struct sock *sk, struct msghdr *msg,
			      const struct sk_buff *skb)
{
	const struct toy_err_head *head = toy_err_head(skb);
	u32 flags = READ_ONCE(toy_sk(sk)->cmsg_flags);
	bool v4 = toy_is_v4(&head->daddr);
	struct in6_pktinfo info6 = {
		.ipi6_addr = head->to, .ipi6_ifindex = head->ifindex,
	};
	int ttl = head->ttl, tclass = head->tos;

	if (!ttl)
		return;
	if (flags & TOY_CMSG6_PKTINFO)
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info6), &info6);
	if (v4 && flags & TOY_CMSG_PKTINFO) {
		struct in_pktinfo info = { .ipi_ifindex = head->ifindex };

		info.ipi_addr.s_addr = toy_v4_of(&head->to);
		info.ipi_spec_dst = info.ipi_addr;
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (v4 && flags & TOY_CMSG_TTL)
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	if (v4 && flags & TOY_CMSG_TOS)
		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(head->tos),
			 (void *)&head->tos);
	if (!v4 && flags & TOY_CMSG6_HOPLIMIT)
		put_cmsg(msg, SOL_IPV6, IPV6_HOPLIMIT, sizeof(ttl), &ttl);
	if (!v4 && flags & TOY_CMSG6_TCLASS)
		put_cmsg(msg, SOL_IPV6, IPV6_TCLASS, sizeof(tclass), &tclass);
}

static void toy_put_recverr4(struct msghdr *msg,
			     const struct sock_extended_err *ee,
			     const struct in6_addr *offender)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} hdr = { .ee = *ee };

	if (offender) {
		hdr.offender.sin_family = AF_INET;
		hdr.offender.sin_addr.s_addr = toy_v4_of(offender);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(hdr), &hdr);
}

static void toy_put_recverr6(struct msghdr *msg,
			     const struct sock_extended_err *ee,
			     const struct in6_addr *offender, int ifindex)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in6 offender;
	} hdr = { .ee = *ee };

	if (offender) {
		hdr.offender.sin6_family = AF_INET6;
		hdr.offender.sin6_addr = *offender;
		if (ipv6_addr_type(offender) & IPV6_ADDR_LINKLOCAL)
			hdr.offender.sin6_scope_id = ifindex;
	}
	put_cmsg(msg, SOL_IPV6, IPV6_RECVERR, sizeof(hdr), &hdr);
}

/* One that our stack has queued: the error, and who sent it. */
static void toy_put_error(struct sock *sk, struct msghdr *msg,
			  const struct sk_buff *skb, int *addr_len)
{
	const struct sock_extended_err *ee = &SKB_EXT_ERR(skb)->ee;
	const struct toy_err_head *head = toy_err_head(skb);
	const struct in6_addr *offender = toy_err_from_icmp(skb) ?
					  toy_err_offender(skb) : NULL;

	if (msg->msg_name)
		*addr_len = toy_endpoint_write(sk, msg->msg_name, &head->daddr,
					       ntohs(SKB_EXT_ERR(skb)->port), 0);
	toy_put_err_cmsgs(sk, msg, skb);
	if (toy_is_v4(&head->daddr) && READ_ONCE(toy_sk(sk)->form) != AF_INET6)
		toy_put_recverr4(msg, ee, offender);
	else
		toy_put_recverr6(msg, ee, offender, head->ifindex);
}

/* ---- what the core puts into the queue ---------------------------------- */

static bool toy_err_is_ours(const struct sk_buff *skb)
{
	return toy_err_from_icmp(skb) ||
	       SKB_EXT_ERR(skb)->ee.ee_origin == SO_EE_ORIGIN_LOCAL;
}

/* Does the program speak IPv4? Without a packet nothing else says it. */
static bool toy_err_speaks_v4(const struct sock *sk)
{
	switch (READ_ONCE(toy_sk(sk)->form)) {
	case AF_INET:
		return true;
	case AF_INET6:
		return false;
	default:
		return ipv6_addr_any(&sk->sk_v6_daddr) ||
		       toy_is_v4(&sk->sk_v6_daddr);
	}
}

/* A time stamp may come with the packet that it is of. AF_INET tells of that
 * only with SOF_TIMESTAMPING_OPT_CMSG, AF_INET6 always.
 */
static bool toy_err_has_packet(const struct sock *sk, const struct sk_buff *skb,
			       bool v4)
{
	const struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);

	return serr->ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
	       serr->ee.ee_info != SCM_TSTAMP_ACK && serr->header.h4.iif &&
	       skb->len &&
	       (!v4 || READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_CMSG);
}

/* Time stamps (SO_TIMESTAMPING), departures that were missed (SO_TXTIME), and
 * buffers that the program may use again (MSG_ZEROCOPY). None has an address.
 */
static void toy_put_core_error(struct sock *sk, struct msghdr *msg,
			       struct sk_buff *skb)
{
	struct sock_extended_err ee = SKB_EXT_ERR(skb)->ee;
	const struct in6_addr *offender = NULL;
	struct in6_addr saddr, daddr;
	bool v4 = toy_err_speaks_v4(sk);
	int iif = 0;

	/* The core would count octets from where it knows a tcp_sock's start. */
	if (ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
	    sk->sk_type == SOCK_STREAM &&
	    READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID)
		ee.ee_data -= atomic_read(&sk->sk_tskey);

	if (toy_err_has_packet(sk, skb, v4)) {
		iif = SKB_EXT_ERR(skb)->header.h4.iif;
		/* Where the error stood, now is what a packet has. */
		*toy_skb_cb(skb) = (struct toy_skb_cb) {
			.ip = skb->protocol == htons(ETH_P_IP) ? &toy_ipv4_ops :
								 &toy_ipv6_ops,
			.ifindex = iif,
			.flags = TOY_PKT_SENT,
		};
		toy_skb_cb(skb)->ip->addrs(skb, &saddr, &daddr);
		offender = &saddr;
		if (toy_sk(sk)->cmsg_flags)
			toy_cmsg_recv(sk, msg, skb);
	}
	if (v4)
		toy_put_recverr4(msg, &ee, offender);
	else
		toy_put_recverr6(msg, &ee, offender, iif);
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

	if (toy_err_is_ours(skb))
		toy_put_error(sk, msg, skb, addr_len);
	else
		toy_put_core_error(sk, msg, skb);
	msg->msg_flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}
EXPORT_SYMBOL_GPL(toy_recv_error);
