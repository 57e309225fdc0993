// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options that name a group: RFC 3493 5.2, RFC 3678, ip(7), ipv6(7).
 *
 * Each takes a struct, and each struct names group and device in a way of its
 * own; they all end in struct toy_mc_spec. The protocol-independent ones have
 * the same numbers at both levels, and take a sockaddr_toy as well.
 *
 *	ip_mreq, ip_mreqn	IP_ADD_MEMBERSHIP ...
 *	ip_mreq_source		IP_ADD_SOURCE_MEMBERSHIP ...
 *	ip_msfilter		IP_MSFILTER
 *	ipv6_mreq		IPV6_JOIN_GROUP ...
 *	group_req		MCAST_JOIN_GROUP ...
 *	group_source_req	MCAST_JOIN_SOURCE_GROUP ...
 *	group_filter		MCAST_MSFILTER
 */
#include <linux/compat.h>
#include <linux/in.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "mcast_call.h"

/* A group of the level's IP version? */
static bool is_group(int level, const struct in6_addr *addr)
{
	return toy_addr_multicast(addr) &&
	       toy_is_v4(addr) == (level == IPPROTO_IP);
}

/* ---- IPv4's own structs ------------------------------------------------------------ */

/**
 * toy_mc_set_membership() - IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_membership(const struct toy_mc_call *c)
{
	struct toy_mc_spec spec = {};
	struct ip_mreqn m;
	int err;

	if (toy_mc_stream(c))
		return -EPROTO;
	err = toy_mc_read_mreqn(c, &m);
	if (err)
		return err;
	spec.group = toy_v4(m.imr_multiaddr.s_addr);
	spec.ifindex = m.imr_ifindex;
	spec.iface = m.imr_address.s_addr;
	if (c->name == IP_DROP_MEMBERSHIP)
		return toy_mc_sock_leave(c->sk, &spec);
	if (!is_group(c->level, &spec.group))
		return -EINVAL;
	return toy_mc_sock_join(c->sk, &spec, MCAST_EXCLUDE);
}

/* What an option about one source does; the same for all three structs. */
enum source_op { JOIN, LEAVE, BLOCK, UNBLOCK };

static int set_source(const struct toy_mc_call *c, enum source_op op,
		      struct toy_mc_spec *spec, const struct in6_addr *source)
{
	u8 mode = op == JOIN || op == LEAVE ? MCAST_INCLUDE : MCAST_EXCLUDE;
	int err;

	if (toy_mc_stream(c))
		return -EPROTO;
	if (!is_group(c->level, &spec->group))
		return -EINVAL;
	if (op == JOIN) {
		/* Another source may have been first. */
		err = toy_mc_sock_join(c->sk, spec, MCAST_INCLUDE);
		if (err && err != -EADDRINUSE)
			return err;
	}
	return toy_mc_sock_source(c->sk, spec, mode, op == JOIN || op == BLOCK,
				  source);
}

/**
 * toy_mc_set_source() - IP_ADD_SOURCE_MEMBERSHIP and its relatives
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_source(const struct toy_mc_call *c)
{
	struct toy_mc_spec spec = {};
	struct ip_mreq_source m;
	struct in6_addr source;
	enum source_op op;
	int err;

	if (c->len != sizeof(m))
		return -EINVAL;
	err = toy_mc_read(c, &m, sizeof(m));
	if (err)
		return err;
	spec.group = toy_v4(m.imr_multiaddr);
	spec.iface = m.imr_interface;
	source = toy_v4(m.imr_sourceaddr);
	switch (c->name) {
	case IP_ADD_SOURCE_MEMBERSHIP:
		op = JOIN;
		break;
	case IP_DROP_SOURCE_MEMBERSHIP:
		op = LEAVE;
		break;
	case IP_BLOCK_SOURCE:
		op = BLOCK;
		break;
	default:
		op = UNBLOCK;
		break;
	}
	return set_source(c, op, &spec, &source);
}

/* ---- filters ------------------------------------------------------------------------- */

/* Checks common to both structs; takes its time to find doubles. */
static int set_filter(const struct toy_mc_call *c, struct toy_mc_spec *spec, u32 mode,
		      struct in6_addr *srcs, unsigned int n)
{
	struct toy_mc_want want = { .mode = mode, .srcs = srcs };
	unsigned int j;

	if (toy_mc_stream(c))
		return -EPROTO;
	if (!is_group(c->level, &spec->group))
		return -EINVAL;
	if (mode != MCAST_INCLUDE && mode != MCAST_EXCLUDE)
		return -EINVAL;
	for (unsigned int i = 0; i < n; i++) {
		for (j = 0; j < want.n; j++)
			if (ipv6_addr_equal(&srcs[i], &srcs[j]))
				break;
		if (j == want.n)
			srcs[want.n++] = srcs[i];
	}
	return toy_mc_sock_filter(c->sk, spec, &want);
}

static unsigned int max_sources(const struct toy_mc_call *c)
{
	const struct toy_sysctl *s = &toy_sock_net(c->sk)->sysctl;

	return c->level == IPPROTO_IP ? READ_ONCE(s->igmp_max_msf) :
					READ_ONCE(s->mld_max_msf);
}

/* How many sources follow a head of @head bytes, @size bytes each? */
static int check_sources(const struct toy_mc_call *c, unsigned int n, size_t head,
			 size_t size)
{
	if (n > max_sources(c))
		return -ENOBUFS;
	return head + n * size > c->len ? -EINVAL : 0;
}

/**
 * toy_mc_set_msfilter() - IP_MSFILTER
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_msfilter(const struct toy_mc_call *c)
{
	const size_t head = IP_MSFILTER_SIZE(0);
	struct toy_mc_spec spec = {};
	struct in6_addr *srcs;
	struct ip_msfilter f;
	__be32 v4;
	int err;

	err = toy_mc_read(c, &f, head);
	if (!err)
		err = check_sources(c, f.imsf_numsrc, head, sizeof(v4));
	if (err)
		return err;
	srcs = kcalloc(f.imsf_numsrc, sizeof(*srcs), GFP_KERNEL);
	if (!srcs)
		return -ENOBUFS;
	spec.group = toy_v4(f.imsf_multiaddr);
	spec.iface = f.imsf_interface;
	for (unsigned int i = 0; !err && i < f.imsf_numsrc; i++) {
		if (copy_from_sockptr_offset(&v4, c->val, head + i * sizeof(v4),
					     sizeof(v4)))
			err = -EFAULT;
		srcs[i] = toy_v4(v4);
	}
	if (!err)
		err = set_filter(c, &spec, f.imsf_fmode, srcs, f.imsf_numsrc);
	kfree(srcs);
	return err;
}

/**
 * toy_mc_get_msfilter() - IP_MSFILTER
 * @c: the call; its value says which group
 * @optlen: result: bytes written
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_get_msfilter(const struct toy_mc_call *c, int __user *optlen)
{
	const size_t head = IP_MSFILTER_SIZE(0);
	const struct toy_mc_member *m;
	const struct toy_mc_srcs *srcs;
	struct toy_mc_spec spec = {};
	struct ip_msfilter f;
	unsigned int room, n;
	int err;

	err = toy_mc_read(c, &f, head);
	if (err)
		return err;
	spec.group = toy_v4(f.imsf_multiaddr);
	spec.iface = f.imsf_interface;
	if (!is_group(c->level, &spec.group))
		return -EINVAL;
	if (!toy_mc_dev(c->sk, &spec))
		return -ENODEV;
	m = toy_mc_sock_find(c->sk, &spec);
	if (!m)
		return -EADDRNOTAVAIL;

	room = f.imsf_numsrc;
	srcs = rtnl_dereference(m->srcs);
	n = srcs ? srcs->n : 0;
	f.imsf_fmode = m->mode;
	f.imsf_numsrc = n;
	n = min(n, room);
	if (put_user((int)IP_MSFILTER_SIZE(n), optlen) ||
	    copy_to_sockptr(c->val, &f, head))
		return -EFAULT;
	for (unsigned int i = 0; i < n; i++) {
		__be32 v4 = toy_v4_of(&srcs->addr[i]);

		if (copy_to_sockptr_offset(c->val, head + i * sizeof(v4), &v4,
					   sizeof(v4)))
			return -EFAULT;
	}
	return 0;
}

/* ---- the protocol-independent structs -------------------------------------------------- */

/* The index is followed by a gap, where addresses stand on multiples of 8. */
static size_t addr_offset(void)
{
	return in_compat_syscall() ? 4 : offsetof(struct group_req, gr_group);
}

#define SS_SIZE		sizeof(struct sockaddr_storage)

/* An address of the level's version, @off bytes into the value. */
static int read_addr(const struct toy_mc_call *c, size_t off, struct in6_addr *addr)
{
	bool v4 = c->level == IPPROTO_IP;
	struct sockaddr_storage ss;
	struct toy_endpoint ep;

	if (copy_from_sockptr_offset(&ss, c->val, off, sizeof(ss)))
		return -EFAULT;
	if (toy_endpoint_read(&ss, sizeof(ss), &ep) ||
	    (ep.form != (v4 ? AF_INET : AF_INET6) &&
	     (ep.form != toy_family || toy_is_v4(&ep.addr) != v4)))
		return -EADDRNOTAVAIL;
	*addr = ep.addr;
	return 0;
}

static int read_group(const struct toy_mc_call *c, size_t size,
		      struct toy_mc_spec *spec)
{
	u32 ifindex;
	int err;

	*spec = (struct toy_mc_spec) {};
	if (c->len < size)
		return -EINVAL;
	err = toy_mc_read(c, &ifindex, sizeof(ifindex));
	if (err)
		return err;
	spec->ifindex = ifindex;
	return read_addr(c, addr_offset(), &spec->group);
}

/**
 * toy_mc_set_group() - MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_group(const struct toy_mc_call *c)
{
	struct toy_mc_spec spec;
	int err;

	if (toy_mc_stream(c))
		return -EPROTO;
	err = read_group(c, addr_offset() + SS_SIZE, &spec);
	if (err == -EADDRNOTAVAIL && c->level == IPPROTO_IP)
		return -EINVAL;
	if (err)
		return err;
	if (c->name == MCAST_JOIN_GROUP && !is_group(c->level, &spec.group))
		return -EINVAL;
	if (c->name == MCAST_JOIN_GROUP)
		return toy_mc_sock_join(c->sk, &spec, MCAST_EXCLUDE);
	if (c->level == IPPROTO_IPV6 && !is_group(c->level, &spec.group))
		return -EINVAL;
	return toy_mc_sock_leave(c->sk, &spec);
}

/**
 * toy_mc_set_group_source() - MCAST_JOIN_SOURCE_GROUP and its relatives
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_group_source(const struct toy_mc_call *c)
{
	size_t size = addr_offset() + 2 * SS_SIZE;
	struct toy_mc_spec spec;
	struct in6_addr source;
	enum source_op op;
	int err;

	err = read_group(c, size, &spec);
	if (!err)
		err = read_addr(c, size - SS_SIZE, &source);
	if (err)
		return err;
	switch (c->name) {
	case MCAST_JOIN_SOURCE_GROUP:
		op = JOIN;
		break;
	case MCAST_LEAVE_SOURCE_GROUP:
		op = LEAVE;
		break;
	case MCAST_BLOCK_SOURCE:
		op = BLOCK;
		break;
	default:
		op = UNBLOCK;
		break;
	}
	return set_source(c, op, &spec, &source);
}

/* Behind the group: mode, number of sources. */
struct filter_tail {
	u32 mode;
	u32 n;
};

/**
 * toy_mc_set_group_filter() - MCAST_MSFILTER
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_group_filter(const struct toy_mc_call *c)
{
	const size_t tail = addr_offset() + SS_SIZE;
	const size_t head = tail + sizeof(struct filter_tail);
	struct toy_mc_spec spec;
	struct in6_addr *srcs;
	struct filter_tail f;
	int err;

	if (c->len < head)
		return -EINVAL;
	if (copy_from_sockptr_offset(&f, c->val, tail, sizeof(f)))
		return -EFAULT;
	err = check_sources(c, f.n, head, SS_SIZE);
	if (!err)
		err = read_group(c, head, &spec);
	if (err)
		return err;
	srcs = kcalloc(f.n, sizeof(*srcs), GFP_KERNEL);
	if (!srcs)
		return -ENOBUFS;
	for (unsigned int i = 0; !err && i < f.n; i++)
		err = read_addr(c, head + i * SS_SIZE, &srcs[i]);
	if (!err)
		err = set_filter(c, &spec, f.mode, srcs, f.n);
	kfree(srcs);
	return err;
}

/* A source in the level's own form. */
static int write_source(const struct toy_mc_call *c, size_t off,
			const struct in6_addr *addr)
{
	struct sockaddr_storage ss = {};
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;

	if (c->level == IPPROTO_IP) {
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = toy_v4_of(addr);
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = *addr;
	}
	return copy_to_sockptr_offset(c->val, off, &ss, sizeof(ss)) ? -EFAULT : 0;
}

/**
 * toy_mc_get_group_filter() - MCAST_MSFILTER
 * @c: the call; its value says which group
 * @optlen: result: bytes written
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_get_group_filter(const struct toy_mc_call *c, int __user *optlen)
{
	const size_t tail = addr_offset() + SS_SIZE;
	const size_t head = tail + sizeof(struct filter_tail);
	const struct toy_mc_member *m;
	const struct toy_mc_srcs *srcs;
	struct toy_mc_spec spec;
	struct filter_tail f;
	unsigned int n;
	int err;

	err = read_group(c, head, &spec);
	if (err == -EADDRNOTAVAIL)
		return -EINVAL;
	if (err)
		return err;
	if (copy_from_sockptr_offset(&f, c->val, tail, sizeof(f)))
		return -EFAULT;
	if (!is_group(c->level, &spec.group))
		return -EINVAL;
	m = toy_mc_sock_find(c->sk, &spec);
	if (!m)
		return -EADDRNOTAVAIL;

	srcs = rtnl_dereference(m->srcs);
	n = min_t(u32, srcs ? srcs->n : 0, f.n);
	f = (struct filter_tail) { .mode = m->mode, .n = srcs ? srcs->n : 0 };
	for (unsigned int i = 0; i < n; i++)
		if (write_source(c, head + i * SS_SIZE, &srcs->addr[i]))
			return -EFAULT;
	return put_user((int)(head + n * SS_SIZE), optlen) ||
	       copy_to_sockptr_offset(c->val, tail, &f, sizeof(f)) ? -EFAULT : 0;
}

/* ---- IPv6's own struct ---------------------------------------------------------------- */

/**
 * toy_mc_set_membership6() - IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP
 * @c: the call
 *
 * Return: 0 or a negative errno.
 */
int toy_mc_set_membership6(const struct toy_mc_call *c)
{
	struct toy_mc_spec spec = {};
	struct ipv6_mreq m;
	int err;

	if (c->len < sizeof(m))
		return -EINVAL;
	if (toy_mc_stream(c))
		return -EPROTO;
	err = toy_mc_read(c, &m, sizeof(m));
	if (err)
		return err;
	spec.group = m.ipv6mr_multiaddr;
	spec.ifindex = m.ipv6mr_ifindex;
	if (!is_group(c->level, &spec.group))
		return -EINVAL;
	return c->name == IPV6_ADD_MEMBERSHIP ?
	       toy_mc_sock_join(c->sk, &spec, MCAST_EXCLUDE) :
	       toy_mc_sock_leave(c->sk, &spec);
}
