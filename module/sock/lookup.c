// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket gets a packet.
 *
 *	conn	both ends		sockets that are connected
 *	bound	local end		sockets that are not
 *
 * A packet is looked for in three places, most specific first: among the
 * connected, then bound to its very destination, then bound to the wildcard.
 * Several sockets may stand under one key (SO_REUSEADDR, SO_REUSEPORT, other
 * devices): the best score wins, and among equals the one bound last.
 *
 * Look-ups run under RCU and take no lock. Changes are serialised by the lock
 * of the port table (see bind.c).
 */
#include <linux/jhash.h>
#include <net/sock_reuseport.h>

#include "lookup.h"

/* The wildcard is one key, in whichever version it was written. */
static const struct in6_addr *toy_bound_key(const struct in6_addr *addr)
{
	return toy_addr_any(addr) ? &in6addr_any : addr;
}

/* Of an IPv4-mapped address only the last word says anything, but the others
 * cost next to nothing beside the branch that would leave them out.
 */
static u32 toy_bound_hash(const struct in6_addr *laddr, u16 lport, u32 seed)
{
	return jhash2((__force const u32 *)laddr->s6_addr32, 4, lport ^ seed);
}

static u32 toy_conn_hash(const struct in6_addr *laddr,
			 const struct in6_addr *raddr, u16 lport, u16 rport,
			 u32 seed)
{
	const u32 *l = (__force const u32 *)laddr->s6_addr32;
	const u32 *r = (__force const u32 *)raddr->s6_addr32;
	u32 ports = (u32)lport << 16 | rport;

	return jhash_3words(l[3] ^ l[1], jhash2(r, 4, seed), ports,
			    l[2] ^ l[0]);
}

static u32 toy_bound_key_hashfn(const void *key, u32 len, u32 seed)
{
	const struct toy_tuple *t = key;

	return toy_bound_hash(&t->laddr, t->lport, seed);
}

static u32 toy_bound_obj_hashfn(const void *obj, u32 len, u32 seed)
{
	const struct toy_sock *ts = obj;

	return toy_bound_hash(&ts->bound_addr, ts->sk.sk_num, seed);
}

static int toy_bound_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct toy_tuple *t = arg->key;
	const struct toy_sock *ts = obj;

	return ts->sk.sk_num != t->lport ||
	       !ipv6_addr_equal(&ts->bound_addr, &t->laddr);
}

static u32 toy_conn_key_hashfn(const void *key, u32 len, u32 seed)
{
	const struct toy_tuple *t = key;

	return toy_conn_hash(&t->laddr, &t->raddr, t->lport, t->rport, seed);
}

static u32 toy_conn_obj_hashfn(const void *obj, u32 len, u32 seed)
{
	const struct sock *sk = obj;

	return toy_conn_hash(&sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr, sk->sk_num,
			     ntohs(sk->sk_dport), seed);
}

static int toy_conn_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct toy_tuple *t = arg->key;
	const struct sock *sk = obj;

	return sk->sk_num != t->lport || ntohs(sk->sk_dport) != t->rport ||
	       !ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &t->laddr) ||
	       !ipv6_addr_equal(&sk->sk_v6_daddr, &t->raddr);
}

static const struct rhashtable_params toy_bound_params = {
	.head_offset		= offsetof(struct toy_sock, bound_node),
	.hashfn			= toy_bound_key_hashfn,
	.obj_hashfn		= toy_bound_obj_hashfn,
	.obj_cmpfn		= toy_bound_cmpfn,
	.automatic_shrinking	= true,
};

static const struct rhashtable_params toy_conn_params = {
	.head_offset		= offsetof(struct toy_sock, conn_node),
	.hashfn			= toy_conn_key_hashfn,
	.obj_hashfn		= toy_conn_obj_hashfn,
	.obj_cmpfn		= toy_conn_cmpfn,
	.automatic_shrinking	= true,
};

/**
 * toy_ports_new() - make the tables of a protocol in a namespace
 * @tn: namespace
 * @pp: result; untouched on failure
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int toy_ports_new(struct toy_net *tn, struct toy_ports **pp)
{
	struct toy_ports *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	p->tn = tn;
	xa_init_flags(&p->ports, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	err = rhltable_init(&p->bound, &toy_bound_params);
	if (err)
		goto free;
	err = rhltable_init(&p->conn, &toy_conn_params);
	if (err)
		goto free_bound;
	*pp = p;
	return 0;

free_bound:
	rhltable_destroy(&p->bound);
free:
	kfree(p);
	return err;
}
EXPORT_SYMBOL_GPL(toy_ports_new);

/**
 * toy_ports_free() - the opposite of toy_ports_new(); no socket is left
 * @pp: tables; set to NULL
 *
 * Context: process.
 */
void toy_ports_free(struct toy_ports **pp)
{
	struct toy_ports *p = *pp;

	WARN_ON(!xa_empty(&p->ports));
	rhltable_destroy(&p->conn);
	rhltable_destroy(&p->bound);
	xa_destroy(&p->ports);
	kfree(p);
	*pp = NULL;
}
EXPORT_SYMBOL_GPL(toy_ports_free);

/**
 * toy_bound_insert() - let an unconnected socket be found
 * @p: tables
 * @ts: socket, bound; its port's lock is held
 *
 * Return: 0, -ENOMEM, -E2BIG or -EBUSY.
 */
int toy_bound_insert(struct toy_ports *p, struct toy_sock *ts)
{
	struct toy_tuple t = { .lport = ts->sk.sk_num };
	int err;

	if (ts->in_bound)
		return 0;
	ts->bound_addr = *toy_bound_key(&ts->sk.sk_v6_rcv_saddr);
	t.laddr = ts->bound_addr;
	err = rhltable_insert_key(&p->bound, &t, &ts->bound_node,
				  toy_bound_params);
	ts->in_bound = !err;
	return err;
}

/**
 * toy_bound_remove() - the opposite of toy_bound_insert()
 * @p: tables
 * @ts: socket; its port's lock is held
 */
void toy_bound_remove(struct toy_ports *p, struct toy_sock *ts)
{
	if (!ts->in_bound)
		return;
	rhltable_remove(&p->bound, &ts->bound_node, toy_bound_params);
	ts->in_bound = false;
}

/**
 * toy_conn_insert() - let a connected socket be found by both its ends
 * @p: tables
 * @ts: socket with both ends set; its port's lock is held
 *
 * Return: 0, -ENOMEM, -E2BIG or -EBUSY.
 */
int toy_conn_insert(struct toy_ports *p, struct toy_sock *ts)
{
	struct sock *sk = &ts->sk;
	struct toy_tuple t = {
		.laddr = sk->sk_v6_rcv_saddr, .lport = sk->sk_num,
		.raddr = sk->sk_v6_daddr, .rport = ntohs(sk->sk_dport),
	};
	int err;

	err = rhltable_insert_key(&p->conn, &t, &ts->conn_node, toy_conn_params);
	ts->in_conn = !err;
	if (!err)
		atomic_inc(&p->connected);
	return err;
}

/**
 * toy_conn_remove() - the opposite of toy_conn_insert()
 * @p: tables
 * @ts: socket, both ends as they were inserted; its port's lock is held
 */
void toy_conn_remove(struct toy_ports *p, struct toy_sock *ts)
{
	if (!ts->in_conn)
		return;
	rhltable_remove(&p->conn, &ts->conn_node, toy_conn_params);
	ts->in_conn = false;
	atomic_dec(&p->connected);
}

/* How well a socket fits, or -1: the weights are AF_INET's. */
static int toy_score(const struct sock *sk, const struct toy_tuple *t)
{
	int score = 1;

	if (toy_is_v4(&t->laddr) ? sk->sk_ipv6only : toy_sk(sk)->v4only)
		return -1;
	if (sk->sk_dport && toy_prot(sk)->demux_connected) {
		if (ntohs(sk->sk_dport) != t->rport ||
		    !ipv6_addr_equal(&sk->sk_v6_daddr, &t->raddr))
			return -1;
		score += 8;
	}
	if (sk->sk_bound_dev_if) {
		if (sk->sk_bound_dev_if != t->ifindex)
			return -1;
		score += 4;
	}
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return score;
}

/**
 * toy_sock_matches() - would this socket take the packet?
 * @sk: a socket bound to the packet's destination port
 * @t: ends of the packet
 *
 * For broadcasts, which go to every socket that matches. Context: RCU.
 * Return: true if it would.
 */
bool toy_sock_matches(const struct sock *sk, const struct toy_tuple *t)
{
	const struct in6_addr *rcv = &sk->sk_v6_rcv_saddr;

	return (toy_addr_any(rcv) || ipv6_addr_equal(rcv, &t->laddr)) &&
	       toy_score(sk, t) >= 0;
}
EXPORT_SYMBOL_GPL(toy_sock_matches);

/* @key is what to look under: @t itself, or the wildcard in its place. */
static struct sock *toy_bound_best(struct toy_ports *p,
				   const struct toy_tuple *key,
				   const struct toy_tuple *t)
{
	struct rhlist_head *list, *pos;
	struct toy_sock *ts, *best = NULL;
	int score, high = -1;

	list = rhltable_lookup(&p->bound, key, toy_bound_params);
	rhl_for_each_entry_rcu(ts, pos, list, bound_node) {
		score = toy_score(&ts->sk, t);
		if (score > high) {
			high = score;
			best = ts;
		}
	}
	return best ? &best->sk : NULL;
}

static struct sock *toy_conn_best(struct toy_ports *p,
				  const struct toy_tuple *t)
{
	struct rhlist_head *list, *pos;
	struct toy_sock *ts, *best = NULL;
	int score, high = -1;

	list = rhltable_lookup(&p->conn, t, toy_conn_params);
	rhl_for_each_entry_rcu(ts, pos, list, conn_node) {
		score = toy_score(&ts->sk, t);
		if (score > high) {
			high = score;
			best = ts;
		}
	}
	return best ? &best->sk : NULL;
}

/* Spread flows over a SO_REUSEPORT group, or ask its BPF program. */
static struct sock *toy_reuseport(struct sock *sk, const struct toy_tuple *t,
				  struct sk_buff *skb)
{
	static u32 seed __read_mostly;
	struct sock *other;
	u32 hash;

	if (!sk->sk_reuseport)
		return sk;
	net_get_random_once(&seed, sizeof(seed));
	hash = toy_conn_hash(&t->laddr, &t->raddr, t->lport, t->rport, seed);
	other = reuseport_select_sock(sk, hash, skb, 0);
	return IS_ERR_OR_NULL(other) ? sk : other;
}

/**
 * toy_lookup() - the socket for a packet
 * @p: tables of the protocol
 * @t: ends of the packet
 * @skb: for the BPF program of a SO_REUSEPORT group, or NULL
 *
 * Context: under rcu_read_lock(), which is how long the result may be used
 * without a reference.
 * Return: socket, or NULL.
 */
struct sock *toy_lookup(struct toy_ports *p, const struct toy_tuple *t,
			struct sk_buff *skb)
{
	struct toy_tuple any;
	struct sock *sk;

	if (atomic_read(&p->connected)) {
		sk = toy_conn_best(p, t);
		if (sk)
			return sk;
	}

	sk = toy_bound_best(p, t, t);
	if (sk)
		return toy_reuseport(sk, t, skb);

	any.laddr = in6addr_any;
	any.lport = t->lport;
	sk = toy_bound_best(p, &any, t);
	return sk ? toy_reuseport(sk, t, skb) : NULL;
}
EXPORT_SYMBOL_GPL(toy_lookup);
