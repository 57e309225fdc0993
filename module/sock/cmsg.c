// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program may say about one datagram (ip(7), ipv6(7), RFC 3542 6): the
 * control messages of sendmsg(2). What it may be told stands in cmsg_recv.c.
 *
 * The messages of the IP version that a datagram has are obeyed, the other
 * version's passed over, as each of AF_INET and AF_INET6 does; but for
 * IPV6_PKTINFO with a v4-mapped address.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>
#include <net/route.h>

#include <linux/udp.h>

#include "../napi/dev.h"
#include "cork.h"
#include "exts.h"

static int toy_cmsg_int(const struct cmsghdr *cmsg, int low, int high, s16 *to)
{
	int val;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EINVAL;
	val = *(int *)CMSG_DATA(cmsg);
	if (val < low || val > high)
		return -EINVAL;
	*to = val;
	return 0;
}

/* ---- IPv4 ------------------------------------------------------------- */

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

static int toy_cmsg_tos(const struct cmsghdr *cmsg, struct toy_tx_cmsg *c)
{
	int err = 0;

	if (cmsg->cmsg_len == CMSG_LEN(sizeof(u8)))
		c->tos = *(u8 *)CMSG_DATA(cmsg);	/* comes as a byte, too */
	else
		err = toy_cmsg_int(cmsg, 0, 255, &c->tos);
	if (!err)
		c->priority = rt_tos2priority(c->tos);
	return err;
}

static int toy_cmsg_retopts(struct sock *sk, const struct cmsghdr *cmsg,
			    struct toy_tx_cmsg *c)
{
	size_t len = cmsg->cmsg_len - sizeof(*cmsg);

	len = min_t(size_t, len, TOY_IPV4_OPTS_MAX);
	memcpy(c->ip_opts.data, CMSG_DATA(cmsg), len);
	c->ip_opts.len = len;
	return toy_ipv4_opts_check(&c->ip_opts,
				   ns_capable(sock_net(sk)->user_ns,
					      CAP_NET_RAW));
}

static int toy_cmsg_ip(struct sock *sk, const struct cmsghdr *cmsg,
		       struct toy_tx_cmsg *c)
{
	s16 protocol;

	switch (cmsg->cmsg_type) {
	case IP_PKTINFO:
		return toy_cmsg_pktinfo(cmsg, c);
	case IP_TTL:
		return toy_cmsg_int(cmsg, 1, 255, &c->ttl);
	case IP_TOS:
		return toy_cmsg_tos(cmsg, c);
	case IP_RETOPTS:
		return toy_cmsg_retopts(sk, cmsg, c);
	case IP_PROTOCOL:
		/* What IP_HDRINCL's routes are looked up by in AF_INET. */
		return toy_cmsg_int(cmsg, 1, 255, &protocol);
	default:
		return -EINVAL;
	}
}

/* ---- IPv6 ------------------------------------------------------------- */

/* RFC 3542 6.2: is it one of ours, and of the device that it is to leave by? */
static bool toy_cmsg6_source(struct sock *sk, const struct in6_addr *addr)
{
	bool ours;

	if (toy_sock_nonlocal(toy_sk(sk)))
		return true;
	rcu_read_lock();
	ours = toy_route_input(toy_sock_net(sk), NULL, addr) == TOY_ROUTE_LOCAL;
	rcu_read_unlock();
	return ours;
}

static int toy_cmsg6_pktinfo(struct sock *sk, const struct cmsghdr *cmsg,
			     struct toy_tx_cmsg *c, bool v4)
{
	const struct in6_pktinfo *info = CMSG_DATA(cmsg);
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	if (cmsg->cmsg_len < CMSG_LEN(sizeof(*info)))
		return -EINVAL;
	if (v4 != toy_is_v4(&info->ipi6_addr) &&
	    (v4 || !ipv6_addr_any(&info->ipi6_addr)))
		return -EINVAL;
	if (info->ipi6_ifindex) {
		if (!v4 && bound && bound != info->ipi6_ifindex)
			return -EINVAL;
		c->oif = info->ipi6_ifindex;
	}
	if (toy_addr_any(&info->ipi6_addr))
		return 0;
	if (!v4) {
		if (!c->oif && !bound &&
		    ipv6_addr_type(&info->ipi6_addr) & IPV6_ADDR_LINKLOCAL)
			return -EINVAL;
		if (!toy_cmsg6_source(sk, &info->ipi6_addr))
			return -EINVAL;
	}
	c->saddr = info->ipi6_addr;
	return 0;
}

static int toy_cmsg6_flowinfo(const struct cmsghdr *cmsg, struct toy_tx_cmsg *c)
{
	__be32 flowinfo;

	if (cmsg->cmsg_len < CMSG_LEN(sizeof(flowinfo)))
		return -EINVAL;
	flowinfo = *(__be32 *)CMSG_DATA(cmsg);
	/* Contradicts the address? */
	if (c->flowinfo & IPV6_FLOWINFO_MASK &&
	    (c->flowinfo ^ flowinfo) & ~IPV6_FLOWINFO_MASK)
		return -EINVAL;
	c->flowinfo = flowinfo & IPV6_FLOWINFO_MASK;
	return 0;
}

static int toy_cmsg_ip6(struct sock *sk, const struct cmsghdr *cmsg,
			struct toy_tx_cmsg *c, struct toy_ext_src *exts)
{
	s16 val;
	int err;

	switch (cmsg->cmsg_type) {
	case IPV6_PKTINFO:
	case IPV6_2292PKTINFO:
		return toy_cmsg6_pktinfo(sk, cmsg, c, false);
	case IPV6_HOPLIMIT:
	case IPV6_2292HOPLIMIT:
		return toy_cmsg_int(cmsg, -1, 255, &c->ttl);
	case IPV6_TCLASS:
		return toy_cmsg_int(cmsg, -1, 255, &c->tos);
	case IPV6_FLOWINFO:
		return toy_cmsg6_flowinfo(cmsg, c);
	case IPV6_DONTFRAG:
		err = toy_cmsg_int(cmsg, 0, 1, &val);
		if (!err)
			c->dontfrag = val;
		return err;
	default:
		return toy_exts_cmsg(sk, cmsg, exts);
	}
}

/* ---- UDP --------------------------------------------------------------- */

static int toy_cmsg_udp(const struct cmsghdr *cmsg, struct toy_tx_cmsg *c)
{
	if (cmsg->cmsg_type != UDP_SEGMENT ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(u16)))
		return -EINVAL;
	c->gso_size = *(u16 *)CMSG_DATA(cmsg);
	return 0;
}

/* ---- all of them ------------------------------------------------------ */

static int toy_cmsg_one(struct sock *sk, struct msghdr *msg,
			struct cmsghdr *cmsg, struct toy_tx_cmsg *c, bool v4,
			struct toy_ext_src *exts)
{
	switch (cmsg->cmsg_level) {
	case SOL_SOCKET:
		return toy_compat_sock_cmsg_send(sk, msg, cmsg, &c->sockc);
	case SOL_IP:
		return v4 ? toy_cmsg_ip(sk, cmsg, c) : 0;
	case SOL_IPV6:
		if (!v4)
			return toy_cmsg_ip6(sk, cmsg, c, exts);
		if (cmsg->cmsg_type == IPV6_PKTINFO)
			return toy_cmsg6_pktinfo(sk, cmsg, c, true);
		return 0;
	case SOL_UDP:
		return sk->sk_protocol == TOYPROTO_UDP ?
		       toy_cmsg_udp(cmsg, c) : 0;
	default:
		return 0;
	}
}

/**
 * toy_cmsg_exts() - the extension headers in a chain of control messages
 * @sk: socket
 * @msg: chain; @src points into it
 * @src: result; zeroed before
 *
 * What else stands there is checked, and has no effect.
 * Return: as of toy_cmsg_send().
 */
int toy_cmsg_exts(struct sock *sk, struct msghdr *msg, struct toy_ext_src *src)
{
	struct toy_tx_cmsg c = {};
	struct cmsghdr *cmsg;
	int err;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		err = toy_cmsg_one(sk, msg, cmsg, &c, false, src);
		if (err)
			return err;
	}
	return 0;
}

/**
 * toy_cmsg_send() - read the control messages of sendmsg(2)
 * @sk: socket
 * @msg: message
 * @c: result; @c->flowinfo is what the address says, if it may
 * @daddr: destination, whose version decides which level counts
 *
 * Return: 0, and toy_cmsg_done() gives @c back; -EINVAL for one that is
 * malformed or unknown at a level of ours; -EPERM for a source route, and for
 * extension headers without privilege; -ENOBUFS. Other levels are passed over, as AF_INET
 * does.
 */
int toy_cmsg_send(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c,
		  const struct in6_addr *daddr)
{
	const struct toy_sock *ts = toy_sk(sk);
	struct toy_ext_src exts = {};
	struct cmsghdr *cmsg;
	int err;

	c->saddr = in6addr_any;
	c->oif = 0;
	c->ttl = -1;
	c->tos = -1;
	c->dontfrag = -1;
	c->gso_size = sk->sk_protocol == TOYPROTO_UDP ?
		      READ_ONCE(toy_dgram_sk(sk)->gso_size) : 0;
	c->priority = READ_ONCE(sk->sk_priority);
	c->ip_opts.len = 0;
	c->exts = NULL;
	sockcm_init(&c->sockc, sk);
	c->sockc.mark = READ_ONCE(sk->sk_mark);
	if (unlikely(msg->msg_controllen)) {
		for_each_cmsghdr(cmsg, msg) {
			if (!CMSG_OK(msg, cmsg))
				return -EINVAL;
			err = toy_cmsg_one(sk, msg, cmsg, c, toy_is_v4(daddr),
					   &exts);
			if (err)
				return err;
		}
	}
	if (likely(!READ_ONCE(ts->rare) && !msg->msg_controllen))
		return 0;
	if (!toy_is_v4(daddr))
		return toy_exts_choose(ts, &exts, &c->exts);
	if (!c->ip_opts.len)
		toy_sock_ip_opts(ts, &c->ip_opts);
	return 0;
}

/**
 * toy_cmsg_done() - the message has been sent, or not
 * @c: what toy_cmsg_send() or toy_dgram_dest() has filled in
 */
void toy_cmsg_done(struct toy_tx_cmsg *c)
{
	if (unlikely(c->exts))
		toy_ipv6_exts_put(c->exts);
}
EXPORT_SYMBOL_GPL(toy_cmsg_done);
