// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctl(2): what programs ask any socket about the addresses of a device,
 * netdevice(7). They get AF_TOY's.
 *
 * Names, indexes, flags, MTU and link-layer addresses of devices are the
 * core's to answer (dev_ioctl()), and true for every family. SIOCGIFCONF it
 * answers with AF_INET's addresses before it asks a family.
 */
#include <linux/if.h>
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/net.h>
#include <linux/sockios.h>

#include "../proto/addr.h"
#include "sock.h"

/**
 * struct toy_ifaddr_query - the address that is asked for
 * @name: device; labels like eth0:1 are not ours
 * @want: where a device has several addresses, this one rather than the first
 * @sin: answer
 * @cmd: SIOCGIF*
 * @found: @sin has an answer
 */
struct toy_ifaddr_query {
	const char *name;
	__be32 want;
	struct sockaddr_in *sin;
	unsigned int cmd;
	bool found;
};

static __be32 toy_ifaddr_part(const struct toy_addr *a, unsigned int cmd)
{
	switch (cmd) {
	case SIOCGIFBRDADDR:
		return toy_v4_of(&a->broadcast);
	case SIOCGIFNETMASK:
		return inet_make_mask(a->plen - 96);
	default:
		/* There are no addresses with a peer: SIOCGIFDSTADDR. */
		return toy_v4_of(&a->addr);
	}
}

static int toy_ifaddr_match(const struct toy_addr *a, void *arg)
{
	struct toy_ifaddr_query *q = arg;
	bool exact;

	if (!toy_is_v4(&a->addr) || a->plen < 96 ||
	    strcmp(a->dev->name, q->name))
		return 0;
	exact = q->want && toy_v4_of(&a->addr) == q->want;
	if (exact || !q->found)
		q->sin->sin_addr.s_addr = toy_ifaddr_part(a, q->cmd);
	q->found = true;
	return exact;
}

static bool toy_ifreq_dev_exists(struct net *net, const char *name)
{
	bool exists;

	rcu_read_lock();
	exists = dev_get_by_name_rcu(net, name);
	rcu_read_unlock();
	return exists;
}

/* One address has room in the answer, the one of the same value as the caller's
 * in 4.4BSD's use of the call, the first one in 4.3BSD's.
 */
static int toy_ifaddr_get(struct sock *sk, unsigned int cmd, void __user *arg)
{
	struct toy_ifaddr_query q = { .cmd = cmd };
	struct ifreq ifr;

	if (get_user_ifreq(&ifr, NULL, arg))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = 0;
	q.name = ifr.ifr_name;
	q.sin = (struct sockaddr_in *)&ifr.ifr_addr;
	if (q.sin->sin_family == AF_INET)
		q.want = q.sin->sin_addr.s_addr;
	memset(q.sin, 0, sizeof(*q.sin));
	q.sin->sin_family = AF_INET;

	toy_addr_walk(toy_sock_net(sk), toy_ifaddr_match, &q);
	if (!q.found)
		return toy_ifreq_dev_exists(sock_net(sk), q.name) ?
		       -EADDRNOTAVAIL : -ENODEV;
	return put_user_ifreq(&ifr, arg) ? -EFAULT : 0;
}

/**
 * toy_ifreq_ioctl() - the ioctls of netdevice(7) that are about addresses
 * @sk: socket, not locked; its network namespace counts
 * @cmd: ioctl
 * @arg: user pointer to a struct ifreq
 *
 * Context: process.
 * Return: 0; -ENODEV; -EADDRNOTAVAIL for a device without an IPv4 address of
 * AF_TOY; -EFAULT; -ENOIOCTLCMD for all other ioctls.
 */
int toy_ifreq_ioctl(struct sock *sk, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return toy_ifaddr_get(sk, cmd, (void __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}
