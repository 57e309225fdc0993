// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages: what a program may say about one datagram, and what it may
 * ask to be told about one (ip(7)). A table each.
 */
#include <linux/in.h>
#include <linux/socket.h>

#include "sock.h"

static int toy_cmsg_int(const struct cmsghdr *cmsg, int low, int high, s16 *to)
{
	int val;

	if (cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
		val = *(int *)CMSG_DATA(cmsg);
	else if (cmsg->cmsg_len == CMSG_LEN(sizeof(u8)) && !low)
		val = *(u8 *)CMSG_DATA(cmsg);	/* IP_TOS comes as a byte too */
	else
		return -EINVAL;
	if (val < low || val > high)
		return -EINVAL;
	*to = val;
	return 0;
}

static int toy_cmsg_pktinfo(const struct cmsghdr *cmsg, struct toy_tx_cmsg *c)
{
	const struct in_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(*info)))
		return -EINVAL;
	if (info->ipi_ifindex)
		c->oif = info->ipi_ifindex;
	if (info->ipi_spec_dst.s_addr)
		c->saddr = toy_v4(info->ipi_spec_dst.s_addr);
	return 0;
}

static int toy_cmsg_ip(const struct cmsghdr *cmsg, struct toy_tx_cmsg *c)
{
	switch (cmsg->cmsg_type) {
	case IP_PKTINFO:
		return toy_cmsg_pktinfo(cmsg, c);
	case IP_TTL:
		return toy_cmsg_int(cmsg, 1, 255, &c->ttl);
	case IP_TOS:
		return toy_cmsg_int(cmsg, 0, 255, &c->tos);
	default:
		return -EINVAL;
	}
}

/**
 * toy_cmsg_send() - read the control messages of sendmsg(2)
 * @sk: socket
 * @msg: message
 * @c: result
 *
 * Return: 0, or -EINVAL for one that is malformed or unknown at a level of
 * ours; other levels are passed over, as AF_INET does.
 */
int toy_cmsg_send(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c)
{
	struct cmsghdr *cmsg;
	int err;

	c->saddr = in6addr_any;
	c->oif = 0;
	c->ttl = -1;
	c->tos = -1;
	sockcm_init(&c->sockc, sk);
	c->sockc.mark = READ_ONCE(sk->sk_mark);
	if (likely(!msg->msg_controllen))
		return 0;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level == SOL_SOCKET)
			err = toy_compat_sock_cmsg_send(sk, msg, cmsg, &c->sockc);
		else if (cmsg->cmsg_level == SOL_IP)
			err = toy_cmsg_ip(cmsg, c);
		else if (cmsg->cmsg_level == SOL_UDP)
			err = -EINVAL;		/* as AF_INET for unknown ones */
		else
			continue;
		if (err)
			return err;
	}
	return 0;
}

static void toy_put_pktinfo(struct msghdr *msg, const struct sk_buff *skb)
{
	const struct toy_skb_cb *cb = toy_skb_cb(skb);
	struct in6_addr saddr, daddr;
	struct in_pktinfo info = { .ipi_ifindex = cb->ifindex };

	cb->ip->addrs(skb, &saddr, &daddr);
	info.ipi_addr.s_addr = toy_v4_of(&daddr);
	/* A broadcast cannot be answered from its own address. */
	if (!(cb->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		info.ipi_spec_dst = info.ipi_addr;
	put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

/**
 * toy_cmsg_recv() - tell a reader what it has asked to know of a datagram
 * @sk: socket
 * @msg: message
 * @skb: the datagram; borrowed
 */
void toy_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	const struct toy_ip_ops *ip = toy_skb_cb(skb)->ip;
	u8 flags = toy_sk(sk)->cmsg_flags;

	if (flags & TOY_CMSG_PKTINFO)
		toy_put_pktinfo(msg, skb);
	if (flags & TOY_CMSG_TTL) {
		int ttl = ip->ttl(skb);

		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (flags & TOY_CMSG_TOS) {
		u8 tos = ip->tos(skb);

		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	}
}
