// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extension headers that a program sends (RFC 3542 6 to 10): as options of the
 * socket, for all its packets, or as control messages, for one.
 *
 *	IPV6_HOPOPTS		CAP_NET_RAW
 *	IPV6_RTHDRDSTOPTS	CAP_NET_RAW
 *	IPV6_RTHDR		kinds 2 and 4
 *	IPV6_DSTOPTS		CAP_NET_RAW
 *
 * A message with one of them takes the place of all that the socket has. TCP
 * has options only. What stands in a packet, and how, is in skb/ipv6_exts.c.
 */
#include <linux/in6.h>
#include <linux/slab.h>

#include "../skb/ipv6_exts.h"
#include "exts.h"
#include "sock.h"

static bool exts_privileged(const struct sock *sk)
{
	return ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW);
}

/* ---- options ---------------------------------------------------------- */

/* Reads a header; NULL: there is to be none. */
static u8 *exts_read(sockptr_t optval, unsigned int optlen)
{
	u8 *hdr;

	if (!optlen)
		return NULL;
	if (sockptr_is_null(optval) || optlen < 2 || optlen & 7 ||
	    optlen > TOY_EXT_LEN_MAX)
		return ERR_PTR(-EINVAL);
	hdr = memdup_sockptr(optval, optlen);
	if (!IS_ERR(hdr) && toy_ext_len(hdr) > optlen) {
		kfree(hdr);
		return ERR_PTR(-EINVAL);
	}
	return hdr;
}

/* Takes over @new. Packets under way keep the old ones. */
static void exts_replace(struct sock *sk, struct toy_sock_rare *rare,
			 struct toy_ipv6_txexts *new)
{
	toy_ipv6_exts_put(rcu_replace_pointer(rare->exts, new,
					      lockdep_sock_is_held(sk)));
	/* A routing header leads elsewhere, and less data fits. */
	toy_sock_path_drop(sk);
}

static int exts_renew(struct sock *sk, enum toy_ext which, const u8 *hdr)
{
	struct toy_sock_rare *rare = toy_sock_rare(sk);
	struct toy_ipv6_txexts *new = NULL;
	struct toy_ext_src src;
	bool any = false;

	if (!rare)
		return -ENOMEM;
	toy_ipv6_exts_src(rcu_dereference_protected(rare->exts,
						    lockdep_sock_is_held(sk)),
			  &src);
	src.hdr[which] = hdr;
	for (int i = 0; i < __TOY_EXT_MAX; i++)
		any |= !!src.hdr[i];
	if (any) {
		new = toy_ipv6_exts_make(&src, GFP_KERNEL_ACCOUNT);
		if (!new)
			return -ENOBUFS;
	}
	exts_replace(sk, rare, new);
	return 0;
}

/**
 * toy_exts_set() - IPV6_HOPOPTS and its like as options
 * @sk: locked socket
 * @which: header
 * @optval: the header; its first byte has no meaning
 * @optlen: its length; 0 takes it away
 *
 * Return: 0; -EPERM, -EINVAL, -EFAULT, -ENOMEM or -ENOBUFS.
 */
int toy_exts_set(struct sock *sk, enum toy_ext which, sockptr_t optval,
		 unsigned int optlen)
{
	u8 *hdr;
	int err;

	if (which != TOY_EXT_RT && !exts_privileged(sk))
		return -EPERM;
	hdr = exts_read(optval, optlen);
	if (IS_ERR(hdr))
		return PTR_ERR(hdr);
	if (hdr && which == TOY_EXT_RT && !toy_ext_rt_ok(hdr, optlen))
		err = -EINVAL;
	else
		err = exts_renew(sk, which, hdr);
	kfree(hdr);
	return err;
}

/**
 * toy_exts_get() - the same, read
 * @sk: socket, not locked
 * @which: header
 * @optval: room for it
 * @optlen: result: bytes written
 * @len: room in bytes
 *
 * Return: 0 or -EFAULT.
 */
int toy_exts_get(struct sock *sk, enum toy_ext which, char __user *optval,
		 int __user *optlen, int len)
{
	struct toy_ipv6_txexts *x = toy_sock_exts(toy_sk(sk));
	unsigned int have = x ? x->ext_len[which] : 0;
	int err;

	len = min_t(unsigned int, len, have);
	err = put_user(len, optlen) ||
	      (len && copy_to_user(optval, x->data + x->at[which], len)) ?
	      -EFAULT : 0;
	toy_ipv6_exts_put(x);
	return err;
}

/**
 * toy_sock_exts() - the extension headers that are a socket's options
 * @ts: socket, need not be locked
 *
 * Return: they, with a reference, or NULL.
 */
struct toy_ipv6_txexts *toy_sock_exts(const struct toy_sock *ts)
{
	const struct toy_sock_rare *rare = READ_ONCE(ts->rare);
	struct toy_ipv6_txexts *x;

	if (likely(!rare))
		return NULL;
	rcu_read_lock();
	x = rcu_dereference(rare->exts);
	if (x && !refcount_inc_not_zero(&x->refcnt))
		x = NULL;
	rcu_read_unlock();
	return x;
}

/**
 * toy_sock_hop() - where packets to a destination go first
 * @sk: locked socket
 * @daddr: destination
 *
 * Return: @daddr, or the first node of IPV6_RTHDR.
 */
const struct in6_addr *toy_sock_hop(const struct sock *sk,
				    const struct in6_addr *daddr)
{
	const struct toy_ipv6_txexts *exts = toy_sock_exts_to(sk, daddr);

	return unlikely(exts) ? toy_ipv6_exts_hop(exts) ?: daddr : daddr;
}

/* ---- control messages --------------------------------------------------- */

/* A header in a message: as long as it says, and no longer than the message. */
static const u8 *exts_of(const struct cmsghdr *cmsg, unsigned int min)
{
	const u8 *hdr = CMSG_DATA(cmsg);

	if (cmsg->cmsg_len < CMSG_LEN(min) ||
	    cmsg->cmsg_len < CMSG_LEN(toy_ext_len(hdr)))
		return NULL;
	return hdr;
}

static int exts_cmsg_options(const struct sock *sk, const struct cmsghdr *cmsg,
			     struct toy_ext_src *src, enum toy_ext which)
{
	const u8 *hdr = exts_of(cmsg, 2);

	if (!hdr)
		return -EINVAL;
	if (!exts_privileged(sk))
		return -EPERM;
	src->hdr[which] = hdr;
	return 0;
}

/* RFC 2292 knows one kind of destination options: with a routing header behind
 * them they are for its nodes.
 */
static int exts_cmsg_routing(const struct cmsghdr *cmsg,
			     struct toy_ext_src *src)
{
	const u8 *hdr = exts_of(cmsg, 4);

	/* Segments Left is the number of addresses, as AF_INET6 wants it. */
	if (!hdr || !toy_ext_rt_ok(hdr, cmsg->cmsg_len - CMSG_LEN(0)) ||
	    hdr[1] >> 1 != hdr[3])
		return -EINVAL;
	src->hdr[TOY_EXT_RT] = hdr;
	if (cmsg->cmsg_type == IPV6_2292RTHDR && src->hdr[TOY_EXT_DST1]) {
		src->hdr[TOY_EXT_DST0] = src->hdr[TOY_EXT_DST1];
		src->hdr[TOY_EXT_DST1] = NULL;
	}
	return 0;
}

/**
 * toy_exts_cmsg() - a control message that may be an extension header
 * @sk: socket
 * @cmsg: message of level SOL_IPV6
 * @src: what has been read so far
 *
 * Return: 0; -EINVAL for another, or a malformed or double one; -EPERM.
 */
int toy_exts_cmsg(const struct sock *sk, const struct cmsghdr *cmsg,
		  struct toy_ext_src *src)
{
	switch (cmsg->cmsg_type) {
	case IPV6_HOPOPTS:
	case IPV6_2292HOPOPTS:
		if (src->hdr[TOY_EXT_HOP])
			return -EINVAL;
		return exts_cmsg_options(sk, cmsg, src, TOY_EXT_HOP);
	case IPV6_2292DSTOPTS:
		if (src->hdr[TOY_EXT_DST1] && exts_of(cmsg, 2))
			return exts_privileged(sk) ? -EINVAL : -EPERM;
		return exts_cmsg_options(sk, cmsg, src, TOY_EXT_DST1);
	case IPV6_DSTOPTS:
		return exts_cmsg_options(sk, cmsg, src, TOY_EXT_DST1);
	case IPV6_RTHDRDSTOPTS:
		return exts_cmsg_options(sk, cmsg, src, TOY_EXT_DST0);
	case IPV6_RTHDR:
	case IPV6_2292RTHDR:
		return exts_cmsg_routing(cmsg, src);
	default:
		return -EINVAL;
	}
}

/**
 * toy_exts_choose() - the extension headers of a message to IPv6
 * @ts: socket, need not be locked
 * @src: its control messages'
 * @px: result: the headers with a reference, or NULL for none
 *
 * Return: 0 or -ENOBUFS.
 */
int toy_exts_choose(const struct toy_sock *ts, const struct toy_ext_src *src,
		    struct toy_ipv6_txexts **px)
{
	for (int i = 0; i < __TOY_EXT_MAX; i++) {
		if (likely(!src->hdr[i]))
			continue;
		*px = toy_ipv6_exts_make(src, GFP_KERNEL);
		return *px ? 0 : -ENOBUFS;
	}
	*px = toy_sock_exts(ts);
	return 0;
}
