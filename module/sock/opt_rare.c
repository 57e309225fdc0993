// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that few sockets set: struct toy_sock_rare, allocated with the first
 * of them, so that all others pay for a pointer.
 */
#include <linux/slab.h>

#include "../napi/dev.h"
#include "../skb/ipv6_exts.h"
#include "flowlabel.h"
#include "opt.h"
#include "sock.h"

/**
 * toy_sock_rare() - a socket's rare options, to be written
 * @sk: locked socket
 *
 * Context: process.
 * Return: they, or NULL without memory.
 */
struct toy_sock_rare *toy_sock_rare(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_sock_rare *rare = ts->rare;

	if (!rare) {
		rare = kzalloc(sizeof(*rare), GFP_KERNEL);
		/* Senders look at it without the lock. */
		smp_store_release(&ts->rare, rare);
	}
	return rare;
}

/**
 * toy_sock_rare_free() - the opposite of toy_sock_rare()
 * @sk: socket that nobody uses any more
 */
void toy_sock_rare_free(struct sock *sk)
{
	struct toy_sock_rare *rare = toy_sk(sk)->rare;

	if (!rare)
		return;
	toy_fl_release_all(sk);
	kfree(rcu_dereference_protected(rare->ip_opts, true));
	toy_ipv6_exts_put(rcu_dereference_protected(rare->exts, true));
	kfree(rare->pathmtu);
	kfree(rare);
	toy_sk(sk)->rare = NULL;
}

/**
 * toy_sock_rare_clone() - a child gets its listener's
 * @child: copy of the listener, not yet seen by anybody
 *
 * But for leases of flow labels, and for IP options: those were for whoever
 * asked, and TCP's answers carry none (RFC 7126 4.1). Without memory it gets
 * none. Context: softirq.
 */
void toy_sock_rare_clone(struct sock *child)
{
	struct toy_sock *ts = toy_sk(child);
	struct toy_ipv6_txexts *exts;

	if (likely(!ts->rare))
		return;
	exts = toy_sock_exts(ts);
	ts->rare = kmemdup(ts->rare, sizeof(*ts->rare), GFP_ATOMIC);
	if (!ts->rare) {
		toy_ipv6_exts_put(exts);
		return;
	}
	RCU_INIT_POINTER(ts->rare->exts, exts);
	RCU_INIT_POINTER(ts->rare->ip_opts, NULL);
	INIT_HLIST_HEAD(&ts->rare->labels);
	ts->rare->flowinfo = 0;
	ts->rare->pathmtu = NULL;
}

/**
 * toy_sock_ip_opts() - IP_OPTIONS
 * @ts: socket, need not be locked
 * @o: a copy; without options only its length is set
 *
 * Return: the length.
 */
unsigned int toy_sock_ip_opts(const struct toy_sock *ts,
			      struct toy_ipv4_txopts *o)
{
	const struct toy_sock_rare *rare = READ_ONCE(ts->rare);
	const struct toy_ipv4_txopts *opts;

	o->len = 0;
	if (likely(!rare))
		return 0;
	rcu_read_lock();
	opts = rcu_dereference(rare->ip_opts);
	if (opts)
		*o = *opts;
	rcu_read_unlock();
	return o->len;
}

/**
 * toy_sock_ucast_if() - IP_UNICAST_IF, IPV6_UNICAST_IF, IPV6_PKTINFO
 * @ts: socket, need not be locked
 * @daddr: destination
 *
 * Return: the device that a datagram is to leave by when nothing more specific
 * says it, or 0.
 */
int toy_sock_ucast_if(const struct toy_sock *ts, const struct in6_addr *daddr)
{
	const struct toy_sock_rare *rare = READ_ONCE(ts->rare);

	if (!rare)
		return 0;
	if (!toy_is_v4(daddr) && rare->pktinfo6.ipi6_ifindex)
		return READ_ONCE(rare->pktinfo6.ipi6_ifindex);
	if (toy_addr_multicast(daddr))
		return 0;
	return toy_is_v4(daddr) ? READ_ONCE(rare->ucast_if) :
				  READ_ONCE(rare->ucast_if6);
}

/**
 * toy_opt_dev_exists() - is there such a device in the socket's namespace?
 * @sk: socket
 * @ifindex: device
 *
 * Return: true if there is, attached or not.
 */
bool toy_opt_dev_exists(const struct sock *sk, int ifindex)
{
	bool found;

	rcu_read_lock();
	found = dev_get_by_index_rcu(sock_net(sk), ifindex);
	rcu_read_unlock();
	return found;
}
