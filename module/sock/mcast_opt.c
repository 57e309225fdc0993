// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options of multicast: ip(7), ipv6(7), RFC 3493 5.2, RFC 3678.
 *
 * A row is an option of a level. Those that name a group are in mcast_group.c,
 * the others here: by which device to send, how far, and what to hear.
 */
#include <linux/in.h>
#include <linux/rtnetlink.h>

#include "mcast_call.h"

/* ---- sending ------------------------------------------------------------- */

/* struct in_addr, ip_mreq or ip_mreqn. */
static int set_if(const struct toy_mc_call *c)
{
	struct toy_mc_spec spec = {};
	struct toy_mc_sock *mc;
	struct ip_mreqn m = {};
	int bound, err;

	if (toy_mc_stream(c))
		return -EINVAL;
	if (c->len >= sizeof(struct ip_mreq))
		err = toy_mc_read_mreqn(c, &m);
	else
		err = toy_mc_read(c, &m.imr_address, sizeof(m.imr_address));
	if (err)
		return err;
	spec.ifindex = m.imr_ifindex;
	spec.iface = m.imr_address.s_addr;
	if (spec.ifindex || spec.iface) {
		if (!toy_mc_dev(c->sk, &spec))
			return -EADDRNOTAVAIL;
		bound = READ_ONCE(c->sk->sk_bound_dev_if);
		if (bound && bound != spec.ifindex)
			return -EINVAL;
	}
	mc = toy_mc_sock(c->sk);
	if (!mc)
		return -ENOBUFS;
	WRITE_ONCE(mc->oif, spec.ifindex);
	WRITE_ONCE(mc->addr, spec.iface);
	return 0;
}

static int set_if6(const struct toy_mc_call *c)
{
	struct toy_mc_sock *mc;
	int ifindex, bound, err;

	if (toy_mc_stream(c))
		return -ENOPROTOOPT;
	err = toy_mc_read(c, &ifindex, sizeof(ifindex));
	if (err)
		return err;
	if (ifindex && !toy_dev_find(toy_sock_net(c->sk), ifindex))
		return -ENODEV;
	bound = READ_ONCE(c->sk->sk_bound_dev_if);
	if (ifindex && bound && bound != ifindex)
		return -EINVAL;
	mc = toy_mc_sock(c->sk);
	if (!mc)
		return -ENOBUFS;
	WRITE_ONCE(mc->oif6, ifindex);
	return 0;
}

static int set_hops6(const struct toy_mc_call *c)
{
	int val, err;

	if (toy_mc_stream(c))
		return -ENOPROTOOPT;
	err = toy_mc_read(c, &val, sizeof(val));
	if (err)
		return err;
	if (val < -1 || val > 255)
		return -EINVAL;
	toy_sk(c->sk)->mc_hops = val < 0 ? IPV6_DEFAULT_MCASTHOPS : val;
	return 0;
}

static int set_loop6(const struct toy_mc_call *c)
{
	int val, err;

	err = toy_mc_read(c, &val, sizeof(val));
	if (err)
		return err;
	if (val != 0 && val != 1)
		return -EINVAL;
	toy_sk(c->sk)->mc_loop6 = val;
	return 0;
}

/* ---- receiving ----------------------------------------------------------- */

static int set_all(const struct toy_mc_call *c)
{
	int val = 0, err;
	u8 byte;

	/* IPv4's options may be one byte. */
	if (c->len >= sizeof(val)) {
		err = toy_mc_read(c, &val, sizeof(val));
	} else {
		err = toy_mc_read(c, &byte, sizeof(byte));
		val = err ? 0 : byte;
	}
	if (err)
		return err;
	if (val != 0 && val != 1)
		return -EINVAL;
	toy_sk(c->sk)->mc_all = val;
	return 0;
}

static int set_all6(const struct toy_mc_call *c)
{
	int val, err = toy_mc_read(c, &val, sizeof(val));

	if (!err)
		toy_sk(c->sk)->mc_all6 = val != 0;
	return err;
}

/* ---- what is read as an int, or an IPv4 address -------------------------- */

static int put_int(const struct toy_mc_call *c, int __user *optlen, int val)
{
	unsigned int len = min_t(unsigned int, c->len, sizeof(val));
	u8 byte = val;

	/* AF_INET answers in one byte where that is all the room there is. */
	if (c->level == IPPROTO_IP && len && len < sizeof(val)) {
		len = sizeof(byte);
		return put_user(len, optlen) ||
		       copy_to_sockptr(c->val, &byte, len) ? -EFAULT : 0;
	}
	return put_user(len, optlen) || copy_to_sockptr(c->val, &val, len) ?
	       -EFAULT : 0;
}

static int get_if(const struct toy_mc_call *c, int __user *optlen)
{
	const struct toy_mc_sock *mc = toy_sk(c->sk)->mcast;
	__be32 addr = mc ? mc->addr : 0;
	unsigned int len = min_t(unsigned int, c->len, sizeof(addr));

	return put_user(len, optlen) || copy_to_sockptr(c->val, &addr, len) ?
	       -EFAULT : 0;
}

static int get_if6(const struct toy_mc_call *c, int __user *optlen)
{
	const struct toy_mc_sock *mc = toy_sk(c->sk)->mcast;

	return put_int(c, optlen, mc ? mc->oif6 : 0);
}

static int get_hops6(const struct toy_mc_call *c, int __user *optlen)
{
	return put_int(c, optlen, toy_sk(c->sk)->mc_hops);
}

static int get_loop6(const struct toy_mc_call *c, int __user *optlen)
{
	return put_int(c, optlen, toy_sk(c->sk)->mc_loop6);
}

static int get_all(const struct toy_mc_call *c, int __user *optlen)
{
	return put_int(c, optlen, toy_sk(c->sk)->mc_all);
}

static int get_all6(const struct toy_mc_call *c, int __user *optlen)
{
	return put_int(c, optlen, toy_sk(c->sk)->mc_all6);
}

/* ---- the table ----------------------------------------------------------- */

static const struct mc_opt {
	int level;
	int name;
	int (*set)(const struct toy_mc_call *c);
	int (*get)(const struct toy_mc_call *c, int __user *optlen);
} mc_opts[] = {
	{ IPPROTO_IP, IP_MULTICAST_IF,		 set_if,	get_if },
	{ IPPROTO_IP, IP_MULTICAST_ALL,		 set_all,	get_all },
	{ IPPROTO_IP, IP_ADD_MEMBERSHIP,	 toy_mc_set_membership },
	{ IPPROTO_IP, IP_DROP_MEMBERSHIP,	 toy_mc_set_membership },
	{ IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP,	 toy_mc_set_source },
	{ IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, toy_mc_set_source },
	{ IPPROTO_IP, IP_BLOCK_SOURCE,		 toy_mc_set_source },
	{ IPPROTO_IP, IP_UNBLOCK_SOURCE,	 toy_mc_set_source },
	{ IPPROTO_IP, IP_MSFILTER,		 toy_mc_set_msfilter,	toy_mc_get_msfilter },
	{ IPPROTO_IP, MCAST_JOIN_GROUP,		 toy_mc_set_group },
	{ IPPROTO_IP, MCAST_LEAVE_GROUP,	 toy_mc_set_group },
	{ IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP,	 toy_mc_set_group_source },
	{ IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP,	 toy_mc_set_group_source },
	{ IPPROTO_IP, MCAST_BLOCK_SOURCE,	 toy_mc_set_group_source },
	{ IPPROTO_IP, MCAST_UNBLOCK_SOURCE,	 toy_mc_set_group_source },
	{ IPPROTO_IP, MCAST_MSFILTER,		 toy_mc_set_group_filter,
						 toy_mc_get_group_filter },
	{ IPPROTO_IPV6, IPV6_MULTICAST_IF,	 set_if6,	get_if6 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS,	 set_hops6,	get_hops6 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP,	 set_loop6,	get_loop6 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_ALL,	 set_all6,	get_all6 },
	{ IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,	 toy_mc_set_membership6 },
	{ IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, toy_mc_set_membership6 },
	{ IPPROTO_IPV6, MCAST_JOIN_GROUP,	 toy_mc_set_group },
	{ IPPROTO_IPV6, MCAST_LEAVE_GROUP,	 toy_mc_set_group },
	{ IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, toy_mc_set_group_source },
	{ IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, toy_mc_set_group_source },
	{ IPPROTO_IPV6, MCAST_BLOCK_SOURCE,	 toy_mc_set_group_source },
	{ IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE,	 toy_mc_set_group_source },
	{ IPPROTO_IPV6, MCAST_MSFILTER,		 toy_mc_set_group_filter,
						 toy_mc_get_group_filter },
};

static const struct mc_opt *find(int level, int name)
{
	for (int i = 0; i < ARRAY_SIZE(mc_opts); i++)
		if (mc_opts[i].name == name && mc_opts[i].level == level)
			return &mc_opts[i];
	return NULL;
}

/**
 * toy_mcast_opt() - is it an option of this file?
 * @level: level
 * @optname: option
 * Return: true if it is one.
 */
bool toy_mcast_opt(int level, int optname)
{
	return (level == IPPROTO_IP || level == IPPROTO_IPV6) &&
	       find(level, optname);
}

/**
 * toy_mcast_setsockopt() - setsockopt(2), options of multicast
 * @sk: socket, not locked
 * @level: IPPROTO_IP or IPPROTO_IPV6
 * @optname: option for which toy_mcast_opt() is true
 * @optval: value
 * @optlen: its length
 *
 * Context: process. Takes RTNL, then the socket lock.
 * Return: 0 or a negative errno: AF_INET's, AF_INET6's.
 */
int toy_mcast_setsockopt(struct sock *sk, int level, int optname,
			 sockptr_t optval, unsigned int optlen)
{
	const struct toy_mc_call c = {
		.sk = sk, .level = level, .name = optname,
		.val = optval, .len = optlen,
	};
	int err;

	rtnl_lock();
	lock_sock(sk);
	err = find(level, optname)->set(&c);
	release_sock(sk);
	rtnl_unlock();
	return err;
}

/**
 * toy_mcast_getsockopt() - getsockopt(2), options of multicast
 * @sk: socket, not locked
 * @level: IPPROTO_IP or IPPROTO_IPV6
 * @optname: option for which toy_mcast_opt() is true
 * @optval: room for the value; filters say here which group
 * @optlen: room in bytes; result: bytes written
 *
 * Context: process. Takes RTNL, then the socket lock.
 * Return: 0, -ENOPROTOOPT for one that is only set, or a negative errno.
 */
int toy_mcast_getsockopt(struct sock *sk, int level, int optname,
			 char __user *optval, int __user *optlen)
{
	const struct mc_opt *o = find(level, optname);
	struct toy_mc_call c = {
		.sk = sk, .level = level, .name = optname,
		.val = USER_SOCKPTR(optval),
	};
	int len, err;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (!o->get)
		return -ENOPROTOOPT;
	c.len = len;

	rtnl_lock();
	lock_sock(sk);
	err = o->get(&c, optlen);
	release_sock(sk);
	rtnl_unlock();
	return err;
}
