// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that only raw sockets have: raw(7), RFC 3542 3.
 *
 *	SOL_RAW		ICMP_FILTER
 *			IPV6_CHECKSUM, IPV6_HDRINCL
 *	IPPROTO_IPV6	IPV6_CHECKSUM, IPV6_HDRINCL
 *	IPPROTO_ICMPV6	ICMPV6_FILTER
 *
 * IP_HDRINCL and IP_NODEFRAG stand with the others of ip(7) in sock/opt_ip.c.
 */
#include "raw_sock.h"

/* The filter of a socket for @protocol, which takes whatever length it gets. */
static int set_filter(struct sock *sk, u16 protocol, void *filter, size_t size,
		      sockptr_t optval, unsigned int optlen)
{
	if (sk->sk_num != protocol)
		return -EOPNOTSUPP;
	return copy_from_sockptr(filter, optval, min_t(size_t, optlen, size)) ?
	       -EFAULT : 0;
}

static int get_filter(struct sock *sk, u16 protocol, const void *filter,
		      size_t size, char __user *optval, int __user *optlen)
{
	int len;

	if (sk->sk_num != protocol)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(unsigned int, len, size);
	return put_user(len, optlen) || copy_to_user(optval, filter, len) ?
	       -EFAULT : 0;
}

static int set_checksum(struct sock *sk, int level, int val)
{
	struct toy_raw_sock *rs = toy_raw_sk(sk);

	/* RFC 3542 3.1: ICMPv6 has one, at a place that everybody knows. */
	if (level == IPPROTO_IPV6 && sk->sk_num == IPPROTO_ICMPV6)
		return -EINVAL;
	if (val > 0 && val & 1)
		return -EINVAL;
	lock_sock(sk);
	rs->sum = val >= 0;
	if (rs->sum)
		rs->sum_off = val;
	release_sock(sk);
	return 0;
}

static int set_v6(struct sock *sk, int level, int optname, sockptr_t optval,
		  unsigned int optlen)
{
	struct toy_sock *ts = toy_sk(sk);
	int val;

	if (optname != IPV6_CHECKSUM && optname != IPV6_HDRINCL)
		return -ENOPROTOOPT;
	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (READ_ONCE(ts->form) == toy_family)
		toy_sock_used_form(sk, AF_INET6);
	if (optname == IPV6_CHECKSUM)
		return set_checksum(sk, level, val);
	lock_sock(sk);
	if (val)
		ts->opt_flags |= TOY_OPT_HDRINCL;
	else
		ts->opt_flags &= ~TOY_OPT_HDRINCL;
	release_sock(sk);
	return 0;
}

/**
 * toy_raw_setsockopt() - prot->setsockopt
 * @sk: socket, not locked
 * @level: SOL_RAW, IPPROTO_IPV6 or IPPROTO_ICMPV6
 * @optname: option
 * @optval: value
 * @optlen: its length
 *
 * Return: 0, -ENOPROTOOPT, -EOPNOTSUPP for a filter of another protocol,
 * -EINVAL, -EFAULT.
 */
int toy_raw_setsockopt(struct sock *sk, int level, int optname,
		       sockptr_t optval, unsigned int optlen)
{
	struct toy_raw_sock *rs = toy_raw_sk(sk);

	switch (level) {
	case SOL_RAW:
		if (optname == ICMP_FILTER)
			return set_filter(sk, IPPROTO_ICMP, &rs->icmp,
					  sizeof(rs->icmp), optval, optlen);
		return set_v6(sk, level, optname, optval, optlen);
	case IPPROTO_IPV6:
		return set_v6(sk, level, optname, optval, optlen);
	case IPPROTO_ICMPV6:
		if (optname != ICMPV6_FILTER)
			return -ENOPROTOOPT;
		return set_filter(sk, IPPROTO_ICMPV6, &rs->icmp6,
				  sizeof(rs->icmp6), optval, optlen);
	default:
		return -ENOPROTOOPT;
	}
}

static int get_v6(struct sock *sk, int optname, char __user *optval,
		  int __user *optlen)
{
	const struct toy_raw_sock *rs = toy_raw_sk(sk);
	int len, val;

	switch (optname) {
	case IPV6_CHECKSUM:
		val = rs->sum ? rs->sum_off : -1;
		break;
	case IPV6_HDRINCL:
		val = !!(READ_ONCE(rs->ts.opt_flags) & TOY_OPT_HDRINCL);
		break;
	default:
		return -ENOPROTOOPT;
	}
	if (get_user(len, optlen))
		return -EFAULT;
	len = min_t(unsigned int, len, sizeof(val));
	return put_user(len, optlen) || copy_to_user(optval, &val, len) ?
	       -EFAULT : 0;
}

/**
 * toy_raw_getsockopt() - prot->getsockopt
 * @sk: socket, not locked
 * @level: as of toy_raw_setsockopt()
 * @optname: option
 * @optval: room for the value
 * @optlen: room in bytes; result: bytes written
 *
 * Return: 0, -ENOPROTOOPT, -EOPNOTSUPP, -EINVAL, -EFAULT.
 */
int toy_raw_getsockopt(struct sock *sk, int level, int optname,
		       char __user *optval, int __user *optlen)
{
	const struct toy_raw_sock *rs = toy_raw_sk(sk);

	switch (level) {
	case SOL_RAW:
		if (optname == ICMP_FILTER)
			return get_filter(sk, IPPROTO_ICMP, &rs->icmp,
					  sizeof(rs->icmp), optval, optlen);
		return get_v6(sk, optname, optval, optlen);
	case IPPROTO_IPV6:
		return get_v6(sk, optname, optval, optlen);
	case IPPROTO_ICMPV6:
		if (optname != ICMPV6_FILTER)
			return -ENOPROTOOPT;
		return get_filter(sk, IPPROTO_ICMPV6, &rs->icmp6,
				  sizeof(rs->icmp6), optval, optlen);
	default:
		return -EOPNOTSUPP;
	}
}
