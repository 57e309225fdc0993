// SPDX-License-Identifier: GPL-2.0-only
/*
 * The path that a socket remembers.
 *
 * A path is looked up once and then used until the generation of the
 * namespace's routes, addresses and devices moves on, or the socket sends
 * elsewhere. It is immutable and counted, so senders on several CPUs share it
 * without the socket lock.
 */
#include <linux/slab.h>

#include "../napi/dev.h"
#include "../proto/neigh.h"
#include "sock.h"

static void toy_path_ref_free(struct rcu_head *head)
{
	kfree(container_of(head, struct toy_path_ref, rcu));
}

/**
 * toy_path_ref_put() - give a path back
 * @ref: path, or NULL
 *
 * Context: any.
 */
void toy_path_ref_put(struct toy_path_ref *ref)
{
	if (!ref || !refcount_dec_and_test(&ref->refcnt))
		return;
	toy_path_reset(&ref->path);
	call_rcu(&ref->rcu, toy_path_ref_free);
}
EXPORT_SYMBOL_GPL(toy_path_ref_put);

/* Does a remembered path serve this flow? */
static bool toy_path_serves(struct toy_net *tn, const struct toy_path_ref *ref,
			    const struct toy_flow *flow)
{
	const struct toy_neigh *neigh = ref->path.neigh;

	/* An entry that gave way to newer ones has a successor. */
	if (neigh && READ_ONCE(neigh->dead))
		return false;
	return toy_path_valid(tn, &ref->path) && ref->flow.oif == flow->oif &&
	       ref->flow.flags == flow->flags &&
	       ipv6_addr_equal(&ref->flow.daddr, &flow->daddr) &&
	       ipv6_addr_equal(&ref->flow.saddr, &flow->saddr);
}

/**
 * toy_sock_path() - the path for a flow of a socket
 * @sk: socket; need not be locked
 * @flow: what is to be sent where
 *
 * Context: process or softirq.
 * Return: the path with a reference for the caller, or an ERR_PTR:
 * -ENOMEM, or an errno of toy_path_lookup().
 */
struct toy_path_ref *toy_sock_path(struct sock *sk, const struct toy_flow *flow)
{
	struct toy_net *tn = toy_sock_net(sk);
	struct toy_sock *ts = toy_sk(sk);
	struct toy_path_ref *ref, *old;
	struct toy_flow key;
	int err;

	rcu_read_lock();
	ref = rcu_dereference(ts->path);
	if (ref && toy_path_serves(tn, ref, flow) &&
	    refcount_inc_not_zero(&ref->refcnt)) {
		rcu_read_unlock();
		return ref;
	}
	rcu_read_unlock();

	ref = kzalloc(sizeof(*ref), GFP_ATOMIC);
	if (!ref)
		return ERR_PTR(-ENOMEM);
	key = *flow;
	key.proto = sk->sk_protocol;
	key.ports = sk->sk_num << 16 | ntohs(sk->sk_dport);
	err = toy_path_lookup(tn, &key, &ref->path);
	if (err) {
		kfree(ref);
		return ERR_PTR(err);
	}
	ref->flow = *flow;
	refcount_set(&ref->refcnt, 2);
	old = unrcu_pointer(xchg(&ts->path, RCU_INITIALIZER(ref)));
	toy_path_ref_put(old);
	return ref;
}

/**
 * toy_sock_mtu() - IP_MTU: what fits on the way to the peer now
 * @sk: socket, locked
 *
 * Return: bytes, -ENOTCONN, or an errno of toy_path_lookup().
 */
int toy_sock_mtu(struct sock *sk)
{
	struct toy_path_ref *ref;
	struct toy_flow flow;
	int mtu = -ENOTCONN;

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return mtu;
	rcu_read_lock();
	ref = rcu_dereference(toy_sk(sk)->path);
	if (ref) {
		mtu = 0;
		flow = ref->flow;
	}
	rcu_read_unlock();
	if (mtu)
		return mtu;
	ref = toy_sock_path(sk, &flow);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	mtu = ref->path.mtu;
	/* A device may take more than an IPv4 packet can have: lo does. */
	if (toy_is_v4(&ref->path.daddr))
		mtu = min(mtu, 0xffff);
	toy_path_ref_put(ref);
	return mtu;
}

/**
 * toy_sock_path_drop() - forget the remembered path
 * @sk: socket
 *
 * Context: any.
 */
void toy_sock_path_drop(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	toy_path_ref_put(unrcu_pointer(xchg(&ts->path, NULL)));
}

/**
 * toy_path_sg() - can the device of a path send data from pages?
 * @path: path
 *
 * Context: any.
 * Return: true if it can.
 */
bool toy_path_sg(const struct toy_path *path)
{
	const struct net_device *ndev;
	bool sg;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	sg = ndev && ndev->features & NETIF_F_SG;
	rcu_read_unlock();
	return sg;
}
