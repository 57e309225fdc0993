// SPDX-License-Identifier: GPL-2.0-only
/*
 * A datagram that is too long (RFC 3542 11): what its sender is told besides
 * EMSGSIZE.
 *
 *	IP_RECVERR, IPV6_RECVERR	an error in the queue		err.c
 *	IPV6_RECVPATHMTU	recvmsg(2) returns 0 with the control message
 *				IPV6_PATHMTU, once, before anything else
 *
 * The second for those who do without fragments only (IPV6_DONTFRAG). As with
 * AF_INET6 there is room for one message, and the newest takes it; nobody is
 * woken up for it: the sender knows.
 */
#include <linux/slab.h>

#include "sock.h"

/* RFC 3542 11.3. The option has made room for it (set_recvpathmtu()). */
static void toy_pathmtu_note(struct sock *sk, const struct in6_addr *daddr,
			     u32 mtu)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_sock_rare *rare = READ_ONCE(ts->rare);
	struct ip6_mtuinfo *info;

	if (!rare || !(READ_ONCE(ts->cmsg_flags) & TOY_CMSG6_PATHMTU))
		return;
	info = kzalloc(sizeof(*info), GFP_ATOMIC);
	if (!info)
		return;
	info->ip6m_addr.sin6_family = AF_INET6;
	info->ip6m_addr.sin6_addr = *daddr;
	info->ip6m_addr.sin6_scope_id = READ_ONCE(sk->sk_bound_dev_if);
	info->ip6m_mtu = mtu;
	kfree(xchg(&rare->pathmtu, info));
}

/**
 * toy_dgram_too_long() - a datagram is not sent since it does not fit
 * @sk: socket
 * @daddr: destination
 * @port: destination port, host byte order
 * @tx: what toy_dgram_tx() says
 * @path: where it would have gone
 *
 * Told is what fits without extension headers and options. Context: process.
 */
void toy_dgram_too_long(struct sock *sk, const struct in6_addr *daddr, u16 port,
			const struct toy_ip_tx *tx, const struct toy_path *path)
{
	u32 mtu = toy_ip_tx_mtu(tx, path);

	mtu -= min_t(u32, mtu, tx->opts_len);
	if (tx->dontfrag)
		toy_pathmtu_note(sk, daddr, mtu);
	toy_queue_local_error(sk, EMSGSIZE, daddr, port, mtu);
}
EXPORT_SYMBOL_GPL(toy_dgram_too_long);

/**
 * toy_pathmtu_pending() - is there a path MTU that the program wants to know?
 * @sk: socket
 *
 * Return: true if there is.
 */
bool toy_pathmtu_pending(const struct sock *sk)
{
	const struct toy_sock_rare *rare = READ_ONCE(toy_sk(sk)->rare);

	return rare && READ_ONCE(rare->pathmtu) &&
	       READ_ONCE(toy_sk(sk)->cmsg_flags) & TOY_CMSG6_PATHMTU;
}

/**
 * toy_recv_pathmtu() - recvmsg(2) when there is one
 * @sk: socket
 * @msg: message
 * @addr_len: result: length of the destination's address
 *
 * Return: 0: no data; -EAGAIN when another reader was quicker.
 */
int toy_recv_pathmtu(struct sock *sk, struct msghdr *msg, int *addr_len)
{
	struct ip6_mtuinfo *info = xchg(&toy_sk(sk)->rare->pathmtu, NULL);

	if (!info)
		return -EAGAIN;
	if (msg->msg_name)
		*addr_len = toy_endpoint_write(sk, msg->msg_name,
					       &info->ip6m_addr.sin6_addr, 0,
					       info->ip6m_addr.sin6_scope_id);
	put_cmsg(msg, SOL_IPV6, IPV6_PATHMTU, sizeof(*info), info);
	kfree(info);
	return 0;
}
