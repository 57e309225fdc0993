// SPDX-License-Identifier: GPL-2.0-only
/*
 * The groups that sockets belong to, for both IP versions.
 *
 *	a membership	(group, device), and a source filter: all sources but
 *			some, or some sources only (RFC 3376 2, RFC 3678)
 *	arriving	a socket hears a packet if a membership of its own on
 *			that device lets the source through; without one, if
 *			IP_MULTICAST_ALL says so
 *	leaving		IP_MULTICAST_IF says by which device
 *
 * What all sockets want of a device together is merged by proto/mcast.c. The
 * errors are AF_INET's and, where those differ, AF_INET6's.
 *
 * A device that is detached takes its groups with it; memberships in them stay
 * with their sockets, without effect, until these drop them or are closed.
 *
 * Locking: RTNL, then the socket lock. Bounds: net.toy.igmp_max_memberships and
 * net.core.optmem_max per socket, net.toy.igmp_max_msf and mld_max_msf per
 * membership.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "../proto/addr.h"
#include "mcast.h"

/* ---- devices and memberships ------------------------------------------------ */

/* RFC 3493 6.2 leaves the choice to us: the route's, else any that is up. */
static struct toy_dev *dev_by_route(struct toy_net *tn,
				    const struct in6_addr *group)
{
	const struct toy_route *r;
	struct toy_dev *dev;

	rcu_read_lock();
	r = toy_route_find(tn, group, 0);
	dev = r ? r->dev : NULL;
	rcu_read_unlock();
	if (dev || toy_is_v4(group))
		return dev;
	list_for_each_entry(dev, &tn->devs, list)
		if (!toy_rx_looped(dev) && toy_route_dev_up(dev))
			return dev;
	return NULL;
}

static struct toy_dev *dev_by_addr(struct toy_net *tn, __be32 addr)
{
	struct in6_addr mapped = toy_v4(addr);
	const struct toy_addr *a;
	struct toy_dev *dev;

	rcu_read_lock();
	a = toy_addr_find(tn, NULL, &mapped);
	dev = a ? a->dev : NULL;
	rcu_read_unlock();
	return dev;
}

/**
 * toy_mc_dev() - the device that a program means
 * @sk: socket
 * @spec: group and device; its index is filled in when it was left out
 *
 * By index, by an address of it, by the route to the group. Context: RTNL.
 * Return: device, or NULL.
 */
struct toy_dev *toy_mc_dev(struct sock *sk, struct toy_mc_spec *spec)
{
	struct toy_net *tn = toy_sock_net(sk);
	struct toy_dev *dev;

	if (spec->ifindex)
		return toy_dev_find(tn, spec->ifindex);
	dev = spec->iface ? dev_by_addr(tn, spec->iface) :
			    dev_by_route(tn, &spec->group);
	if (dev)
		spec->ifindex = dev->ifindex;
	return dev;
}

/**
 * toy_mc_sock() - multicast of a socket
 * @sk: socket, locked; no stream
 *
 * Context: may sleep.
 * Return: what it has, or has now; NULL without memory.
 */
struct toy_mc_sock *toy_mc_sock(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_mc_sock *mc = ts->mcast;

	if (mc)
		return mc;
	mc = kzalloc(sizeof(*mc), GFP_KERNEL_ACCOUNT);
	if (!mc)
		return NULL;
	INIT_LIST_HEAD(&mc->members);
	/* Complete before softirq and senders find it. */
	smp_store_release(&ts->mcast, mc);
	return mc;
}

static bool matches(const struct toy_mc_member *m,
		    const struct toy_mc_spec *spec)
{
	return ipv6_addr_equal(&m->group, &spec->group) &&
	       m->dev->ifindex == spec->ifindex;
}

/* AF_INET6 takes an index of 0 for any device. */
static bool matches_loosely(const struct toy_mc_member *m,
			    const struct toy_mc_spec *spec)
{
	if (!ipv6_addr_equal(&m->group, &spec->group))
		return false;
	if (spec->ifindex)
		return m->dev->ifindex == spec->ifindex;
	return !spec->iface || m->iface == spec->iface;
}

static struct toy_mc_member *find(struct toy_mc_sock *mc,
				  const struct toy_mc_spec *spec, bool loosely)
{
	struct toy_mc_member *m;

	if (!mc)
		return NULL;
	list_for_each_entry(m, &mc->members, list)
		if (loosely ? matches_loosely(m, spec) : matches(m, spec))
			return m;
	return NULL;
}

/**
 * toy_mc_sock_find() - a membership of a socket
 * @sk: socket, locked
 * @spec: group and index of the device
 *
 * Return: membership, or NULL.
 */
const struct toy_mc_member *toy_mc_sock_find(struct sock *sk,
					     const struct toy_mc_spec *spec)
{
	return find(toy_sk(sk)->mcast, spec, false);
}

static struct toy_mc_srcs *srcs_of(const struct toy_mc_member *m)
{
	return rtnl_dereference(m->srcs);
}

static struct toy_mc_want want_of(const struct toy_mc_member *m)
{
	const struct toy_mc_srcs *srcs = srcs_of(m);

	return (struct toy_mc_want) {
		.mode = m->mode,
		.n = srcs ? srcs->n : 0,
		.srcs = srcs ? srcs->addr : NULL,
	};
}

static void srcs_free(struct sock *sk, struct toy_mc_srcs *srcs)
{
	if (!srcs)
		return;
	atomic_sub(struct_size(srcs, addr, srcs->n), &sk->sk_omem_alloc);
	kfree_rcu(srcs, rcu);
}

/* ---- joining and leaving ------------------------------------------------------ */

static unsigned int count_v4(const struct toy_mc_sock *mc)
{
	const struct toy_mc_member *m;
	unsigned int n = 0;

	list_for_each_entry(m, &mc->members, list)
		n += toy_is_v4(&m->group);
	return n;
}

static int join(struct sock *sk, struct toy_mc_sock *mc, struct toy_dev *dev,
		const struct toy_mc_spec *spec, u8 mode)
{
	const struct toy_mc_want want = { .mode = mode };
	struct toy_mc_member *m;
	int err;

	m = sock_kmalloc(sk, sizeof(*m), GFP_KERNEL);
	if (!m)
		return toy_is_v4(&spec->group) ? -ENOBUFS : -ENOMEM;
	*m = (struct toy_mc_member) {
		.group = spec->group, .dev = dev, .iface = spec->iface,
		.mode = mode,
	};
	err = toy_mcast_change(dev, &spec->group, NULL, &want);
	if (err) {
		sock_kfree_s(sk, m, sizeof(*m));
		return err;
	}
	toy_dev_hold(dev);
	list_add_rcu(&m->list, &mc->members);
	return 0;
}

/**
 * toy_mc_sock_join() - a socket joins a group
 * @sk: socket, no stream
 * @spec: group and device; its index is filled in
 * @mode: MCAST_EXCLUDE to hear all, MCAST_INCLUDE to hear the sources that are
 *	added afterwards
 *
 * Context: RTNL, socket lock.
 * Return: 0, -ENODEV, -EADDRINUSE, -ENOBUFS at a limit, -ENOMEM.
 */
int toy_mc_sock_join(struct sock *sk, struct toy_mc_spec *spec, u8 mode)
{
	int max = READ_ONCE(toy_sock_net(sk)->sysctl.igmp_max_memberships);
	bool v4 = toy_is_v4(&spec->group);
	struct toy_mc_sock *mc = toy_mc_sock(sk);
	struct toy_dev *dev;

	if (!mc)
		return v4 ? -ENOBUFS : -ENOMEM;
	if (!v4 && find(mc, spec, true))
		return -EADDRINUSE;
	dev = toy_mc_dev(sk, spec);
	if (!dev)
		return -ENODEV;
	if (find(mc, spec, false))
		return -EADDRINUSE;
	if (v4 && count_v4(mc) >= max)
		return -ENOBUFS;
	return join(sk, mc, dev, spec, mode);
}

static void leave(struct sock *sk, struct toy_mc_member *m)
{
	const struct toy_mc_want want = want_of(m);

	toy_mcast_change(m->dev, &m->group, &want, NULL);
	list_del_rcu(&m->list);
	srcs_free(sk, srcs_of(m));
	toy_dev_put(m->dev);
	atomic_sub(sizeof(*m), &sk->sk_omem_alloc);
	kfree_rcu(m, rcu);
}

/**
 * toy_mc_sock_leave() - a socket leaves a group
 * @sk: socket
 * @spec: group and device
 *
 * Context: RTNL, socket lock.
 * Return: 0, -EADDRNOTAVAIL when it is no member, -ENODEV when an IPv4 group is
 * named without a device and has no route.
 */
int toy_mc_sock_leave(struct sock *sk, struct toy_mc_spec *spec)
{
	struct toy_mc_member *m;

	if (toy_is_v4(&spec->group) && !toy_mc_dev(sk, spec) &&
	    !spec->ifindex && !spec->iface)
		return -ENODEV;
	m = find(toy_sk(sk)->mcast, spec, true);
	if (!m)
		return -EADDRNOTAVAIL;
	leave(sk, m);
	return 0;
}

/**
 * toy_sock_mcast_close() - a socket is closed: it leaves all groups
 * @sk: socket, not locked
 *
 * Context: process, without RTNL.
 */
void toy_sock_mcast_close(struct sock *sk)
{
	struct toy_mc_sock *mc = READ_ONCE(toy_sk(sk)->mcast);
	struct toy_mc_member *m, *next;

	if (likely(!mc || list_empty(&mc->members)))
		return;
	rtnl_lock();
	lock_sock(sk);
	list_for_each_entry_safe(m, next, &mc->members, list)
		leave(sk, m);
	release_sock(sk);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(toy_sock_mcast_close);

/* ---- source filters ------------------------------------------------------------ */

static struct toy_mc_srcs *srcs_new(struct sock *sk, unsigned int n)
{
	struct toy_mc_srcs *srcs;

	srcs = sock_kmalloc(sk, struct_size(srcs, addr, n), GFP_KERNEL);
	if (srcs)
		srcs->n = n;
	return srcs;
}

/* Consumes @srcs when it succeeds. */
static int replace(struct sock *sk, struct toy_mc_member *m, u8 mode,
		   struct toy_mc_srcs *srcs)
{
	const struct toy_mc_want old = want_of(m);
	const struct toy_mc_want new = {
		.mode = mode,
		.n = srcs ? srcs->n : 0,
		.srcs = srcs ? srcs->addr : NULL,
	};
	struct toy_mc_srcs *before = srcs_of(m);
	int err;

	err = toy_mcast_change(m->dev, &m->group, &old, &new);
	if (err)
		return err;
	/* A reader between the two hears by the wrong list: as it might have
	 * if it had come a moment earlier or later.
	 */
	rcu_assign_pointer(m->srcs, srcs);
	WRITE_ONCE(m->mode, mode);
	srcs_free(sk, before);
	return 0;
}

static unsigned int index_of(const struct toy_mc_srcs *srcs,
			     const struct in6_addr *addr)
{
	unsigned int i = 0, n = srcs ? srcs->n : 0;

	while (i < n && !ipv6_addr_equal(&srcs->addr[i], addr))
		i++;
	return i;
}

static int max_sources(struct sock *sk, const struct in6_addr *group)
{
	const struct toy_sysctl *s = &toy_sock_net(sk)->sysctl;

	return toy_is_v4(group) ? READ_ONCE(s->igmp_max_msf) :
				  READ_ONCE(s->mld_max_msf);
}

static int source_add(struct sock *sk, struct toy_mc_member *m, u8 mode,
		      const struct in6_addr *source)
{
	const struct toy_mc_srcs *old = srcs_of(m);
	unsigned int n = old ? old->n : 0;
	struct toy_mc_srcs *new;
	int err;

	if (n >= max_sources(sk, &m->group))
		return -ENOBUFS;
	if (index_of(old, source) < n)
		return -EADDRNOTAVAIL;
	new = srcs_new(sk, n + 1);
	if (!new)
		return -ENOBUFS;
	if (n)
		memcpy(new->addr, old->addr, n * sizeof(*source));
	new->addr[n] = *source;
	err = replace(sk, m, mode, new);
	if (err)
		srcs_free(sk, new);
	return err;
}

static int source_del(struct sock *sk, struct toy_mc_member *m, u8 mode,
		      const struct in6_addr *source)
{
	const struct toy_mc_srcs *old = srcs_of(m);
	unsigned int n = old ? old->n : 0, at = index_of(old, source);
	struct toy_mc_srcs *new = NULL;
	int err;

	if (at == n)
		return -EADDRNOTAVAIL;
	/* RFC 3376 3: to include nothing is to be no member. */
	if (n == 1 && mode == MCAST_INCLUDE) {
		leave(sk, m);
		return 0;
	}
	/* An IPv4 list that has become empty still fixes the mode. */
	if (n > 1 || toy_is_v4(&m->group)) {
		new = srcs_new(sk, n - 1);
		if (!new)
			return -ENOBUFS;
		memcpy(new->addr, old->addr, at * sizeof(*source));
		memcpy(new->addr + at, old->addr + at + 1,
		       (n - 1 - at) * sizeof(*source));
	}
	err = replace(sk, m, mode, new);
	if (err)
		srcs_free(sk, new);
	return err;
}

/**
 * toy_mc_sock_source() - a socket hears one source more, or one less
 * @sk: socket
 * @spec: group and device
 * @mode: mode that the membership must have, or takes if it names no source
 * @add: put the source into its list; else take it out
 * @source: source
 *
 * Context: RTNL, socket lock.
 * Return: 0; -ENODEV; -EINVAL without a membership or in the other mode;
 * -EADDRNOTAVAIL for a source that is there already, or is not; -ENOBUFS.
 */
int toy_mc_sock_source(struct sock *sk, struct toy_mc_spec *spec, u8 mode,
		       bool add, const struct in6_addr *source)
{
	bool any = !toy_is_v4(&spec->group) && !spec->ifindex;
	struct toy_mc_spec given = *spec;
	struct toy_mc_member *m;
	int err;

	if (!toy_mc_dev(sk, spec))
		return -ENODEV;
	m = find(toy_sk(sk)->mcast, any ? &given : spec, any);
	if (!m)
		return -EINVAL;
	if (m->mode != mode) {
		if (srcs_of(m))
			return -EINVAL;
		err = replace(sk, m, mode, NULL);
		if (err)
			return err;
	}
	return add ? source_add(sk, m, mode, source) :
		     source_del(sk, m, mode, source);
}

/**
 * toy_mc_sock_filter() - a socket says all at once which sources it hears
 * @sk: socket
 * @spec: group and device
 * @want: mode and sources
 *
 * Context: RTNL, socket lock.
 * Return: 0, -ENODEV, -EINVAL without a membership, -ENOBUFS, -ENOMEM; what
 * toy_mc_sock_leave() says for including nothing.
 */
int toy_mc_sock_filter(struct sock *sk, struct toy_mc_spec *spec,
		       const struct toy_mc_want *want)
{
	struct toy_mc_srcs *srcs = NULL;
	struct toy_mc_member *m;
	int err;

	if (!toy_mc_dev(sk, spec))
		return -ENODEV;
	if (want->mode == MCAST_INCLUDE && !want->n)
		return toy_mc_sock_leave(sk, spec);
	m = find(toy_sk(sk)->mcast, spec, false);
	if (!m)
		return -EINVAL;
	if (want->n) {
		srcs = srcs_new(sk, want->n);
		if (!srcs)
			return -ENOBUFS;
		memcpy(srcs->addr, want->srcs, want->n * sizeof(*want->srcs));
	}
	err = replace(sk, m, want->mode, srcs);
	if (err)
		srcs_free(sk, srcs);
	return err;
}

/* ---- packets ----------------------------------------------------------------------- */

/**
 * toy_sock_mcast_allow() - does a socket want to hear this?
 * @sk: socket that matches the packet
 * @group: destination; what is no group is always heard
 * @saddr: source
 * @ifindex: device
 *
 * Context: RCU.
 * Return: true if the socket wants it.
 */
bool toy_sock_mcast_allow(const struct sock *sk, const struct in6_addr *group,
			  const struct in6_addr *saddr, int ifindex)
{
	const struct toy_sock *ts = toy_sk(sk);
	/* Pairs with toy_mc_sock(). */
	const struct toy_mc_sock *mc = smp_load_acquire(&ts->mcast);
	const struct toy_mc_member *m;
	const struct toy_mc_srcs *srcs;
	bool named;

	if (!toy_addr_multicast(group))
		return true;
	if (!mc)
		goto none;
	list_for_each_entry_rcu(m, &mc->members, list) {
		if (m->dev->ifindex != ifindex ||
		    !ipv6_addr_equal(&m->group, group))
			continue;
		srcs = rcu_dereference(m->srcs);
		named = srcs && index_of(srcs, saddr) < srcs->n;
		return named == (READ_ONCE(m->mode) == MCAST_INCLUDE);
	}
none:
	return toy_is_v4(group) ? ts->mc_all : ts->mc_all6;
}
EXPORT_SYMBOL_GPL(toy_sock_mcast_allow);

/**
 * toy_sock_mcast_route() - by which device a socket sends to a group
 * @ts: socket, need not be locked
 * @daddr: destination; what is no group is left alone
 * @saddr: source; filled in by IP_MULTICAST_IF if it is unspecified
 * @oif: device; filled in by IP_MULTICAST_IF, IPV6_MULTICAST_IF if it is 0
 */
void toy_sock_mcast_route(const struct toy_sock *ts,
			  const struct in6_addr *daddr, struct in6_addr *saddr,
			  int *oif)
{
	/* Pairs with the release that publishes it, filled in. */
	const struct toy_mc_sock *mc = smp_load_acquire(&ts->mcast);
	bool v4 = toy_is_v4(daddr);
	__be32 addr;

	if (!mc || !toy_addr_multicast(daddr))
		return;
	if (!*oif)
		*oif = v4 ? READ_ONCE(mc->oif) : READ_ONCE(mc->oif6);
	addr = READ_ONCE(mc->addr);
	if (v4 && addr && toy_addr_any(saddr))
		*saddr = toy_v4(addr);
}
EXPORT_SYMBOL_GPL(toy_sock_mcast_route);
