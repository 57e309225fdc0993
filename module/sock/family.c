// SPDX-License-Identifier: GPL-2.0-only
/*
 * socket(2): the table of (type, protocol) rows and the family itself.
 *
 * A row tells which struct proto and which operations serve a pair, so that a
 * protocol, also one in another module, joins by toy_sock_type_register().
 * Pairs without a row get the errno that AF_INET gives:
 *
 *	protocol out of range			EINVAL
 *	no row of this type			ESOCKTNOSUPPORT
 *	rows of this type, none for protocol	EPROTONOSUPPORT
 *	raw without CAP_NET_RAW			EPERM
 */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "sock.h"

static LIST_HEAD(toy_types);
static DEFINE_SPINLOCK(toy_types_lock);	/* serialises changes of toy_types */

/* The row for a pair, or NULL with *err set. RCU. */
static struct toy_sock_type *toy_type_find(int type, int protocol, int *err)
{
	struct toy_sock_type *t;

	*err = -ESOCKTNOSUPPORT;
	list_for_each_entry_rcu(t, &toy_types, list) {
		if (t->type != type)
			continue;
		*err = -EPROTONOSUPPORT;
		/* 0 asks for the first row with a protocol of its own; a row
		 * for any protocol wants to be told which.
		 */
		if (t->protocol ? !protocol || protocol == t->protocol
				: protocol)
			return t;
	}
	return NULL;
}

/**
 * toy_group_allowed() - is one of the caller's groups in a range?
 * @net: namespace whose user namespace gives the numbers their meaning
 * @range: first and last gid of the range, as in net.toy.*_range
 *
 * Context: process.
 * Return: true if the effective or a supplementary group lies in @range.
 */
bool toy_group_allowed(const struct net *net, const int *range)
{
	gid_t low = READ_ONCE(range[0]), high = READ_ONCE(range[1]);
	struct user_namespace *ns = net->user_ns;
	const struct group_info *groups = current_cred()->group_info;
	gid_t gid = from_kgid_munged(ns, current_egid());

	if (gid >= low && gid <= high)
		return true;
	for (int i = 0; i < groups->ngroups; i++) {
		gid = from_kgid(ns, groups->gid[i]);
		if (gid != (gid_t)-1 && gid >= low && gid <= high)
			return true;
	}
	return false;
}

static int toy_sock_setup(struct net *net, struct socket *sock,
			  const struct toy_sock_type *t, int protocol, int kern)
{
	struct sock *sk;
	int err;

	sk = sk_alloc(net, toy_family, GFP_KERNEL, &t->prot->prot, kern);
	if (!sk)
		return -ENOBUFS;

	sock->ops = t->ops;
	sock_init_data(sock, sk);
	/* Never IPPROTO_*: kernel code casts sockets by those. */
	sk->sk_protocol = t->number;
	/* The port of a raw socket is its protocol, as AF_INET shows it. */
	sk->sk_num = t->raw ? protocol : 0;
	sk->sk_destruct = toy_sock_destruct;
	sock_set_flag(sk, SOCK_RCU_FREE);
	toy_compat_custom_sockopt(sock);
	if (t->prot->zerocopy)
		set_bit(SOCK_SUPPORT_ZC, &sock->flags);

	err = toy_sock_init(sk);
	if (!err && sk->sk_prot->init)
		err = sk->sk_prot->init(sk);
	if (err) {
		sk_common_release(sk);
		sock->sk = NULL;
	}
	return err;
}

static int toy_create(struct net *net, struct socket *sock, int protocol,
		      int kern)
{
	struct toy_sock_type *t;
	int err;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	if (!kern && !toy_group_allowed(net, toy_net(net)->sysctl.socket_group_range))
		return -EACCES;

	rcu_read_lock();
	t = toy_type_find(sock->type, protocol, &err);
	/* The row may go with its module: hold that while we use it. */
	if (t && !try_module_get(t->prot->prot.owner)) {
		t = NULL;
		err = -EPROTONOSUPPORT;
	}
	rcu_read_unlock();
	if (!t)
		return err;

	if (t->raw && !kern && !ns_capable(net->user_ns, CAP_NET_RAW))
		err = -EPERM;
	else
		err = toy_sock_setup(net, sock, t, protocol, kern);
	module_put(t->prot->prot.owner);
	return err;
}

static struct net_proto_family toy_net_family = {
	.owner	= THIS_MODULE,
	.create	= toy_create,
};

/**
 * toy_sock_type_register() - add a row to the table of socket types
 * @t: row; owned by the caller, who must not change it until it is taken out
 *
 * Registers the row's struct proto as well: it shows in /proc/net/protocols.
 * Context: process.
 * Return: 0, -EEXIST when the pair is taken, or an errno of proto_register().
 */
int toy_sock_type_register(struct toy_sock_type *t)
{
	struct toy_sock_type *other;
	int err;

	err = proto_register(&t->prot->prot, 1);
	if (err)
		return err;

	spin_lock(&toy_types_lock);
	list_for_each_entry(other, &toy_types, list) {
		if (other->type == t->type && other->protocol == t->protocol) {
			err = -EEXIST;
			break;
		}
	}
	if (!err)
		list_add_tail_rcu(&t->list, &toy_types);
	spin_unlock(&toy_types_lock);

	if (err)
		proto_unregister(&t->prot->prot);
	return err;
}
EXPORT_SYMBOL_GPL(toy_sock_type_register);

/**
 * toy_sock_type_unregister() - take a row out again
 * @t: row; no socket of it is left, since each holds the owner's module
 *
 * Context: process, sleeps for a grace period.
 */
void toy_sock_type_unregister(struct toy_sock_type *t)
{
	spin_lock(&toy_types_lock);
	list_del_rcu(&t->list);
	spin_unlock(&toy_types_lock);
	synchronize_rcu();
	/* Sockets are freed by RCU callbacks, into the slab that goes now. */
	rcu_barrier();
	proto_unregister(&t->prot->prot);
}
EXPORT_SYMBOL_GPL(toy_sock_type_unregister);

/**
 * toy_family_register() - make socket(2) know the family
 *
 * Return: 0, or -EEXIST when the number is taken, with a message that says so.
 */
int toy_family_register(void)
{
	int err;

	toy_net_family.family = toy_family;
	err = sock_register(&toy_net_family);
	if (err == -EEXIST)
		pr_err("af_toy: address family %d is taken by another module; choose a free number below %d with family=\n",
		       toy_family, AF_MAX);
	else if (err)
		pr_err("af_toy: address family %d cannot be registered: %d (it must be below %d)\n",
		       toy_family, err, AF_MAX);
	return err;
}

/**
 * toy_family_unregister() - socket(2) forgets the family
 */
void toy_family_unregister(void)
{
	sock_unregister(toy_family);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "family_test.c"
#endif
