// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of both ends: which connection is a segment's (RFC 9293 3.3.1)?
 *
 *	kind	object			its ends stand in
 *	SOCK	struct toy_tcp_sock	the kernel's struct sock_common
 *	REQ	struct toy_req		half-open, made by a SYN
 *	TW	struct toy_tw		TIME_WAIT and an orphan's FIN_WAIT_2
 *
 * One table holds all three, so one look-up answers for all, and two ends are
 * unique among them: what takes the place of another (a socket that of its
 * half-open request, TIME_WAIT that of a socket) is swapped in, and at no
 * moment is there none or are there two.
 *
 * Look-ups run under RCU without a lock. The hash is keyed by a secret, so that
 * a stranger cannot fill one chain.
 */
#include <linux/siphash.h>

#include "synack.h"
#include "tcp.h"
#include "timewait.h"

static hsiphash_key_t toy_conn_key __read_mostly;

static u32 toy_conn_mix(const struct in6_addr *l, const struct in6_addr *r,
			u16 lport, u16 rport, u32 seed)
{
	u32 ports = (u32)lport << 16 | rport;

	/* Of IPv4-mapped addresses one word says everything. */
	if (likely(toy_is_v4(r)))
		return hsiphash_4u32((__force u32)l->s6_addr32[3],
				     (__force u32)r->s6_addr32[3], ports, seed,
				     &toy_conn_key);
	return hsiphash_3u32(hsiphash(l, sizeof(*l), &toy_conn_key),
			     hsiphash(r, sizeof(*r), &toy_conn_key),
			     ports ^ seed, &toy_conn_key);
}

static struct sock *toy_conn_sock(const struct toy_conn *c)
{
	return &container_of(c, struct toy_sock, conn)->sk;
}

static const struct toy_tuple4 *toy_conn_mini(const struct toy_conn *c)
{
	return c->kind == TOY_CONN_REQ ?
	       &container_of(c, struct toy_req, conn)->t :
	       &container_of(c, struct toy_tw, conn)->t;
}

static u32 toy_conn_hashfn(const void *key, u32 len, u32 seed)
{
	const struct toy_tuple4 *t = key;

	return toy_conn_mix(&t->laddr, &t->raddr, t->lport, t->rport, seed);
}

static u32 toy_conn_obj_hashfn(const void *obj, u32 len, u32 seed)
{
	const struct toy_conn *c = obj;
	const struct sock *sk;

	if (c->kind != TOY_CONN_SOCK)
		return toy_conn_hashfn(toy_conn_mini(c), len, seed);
	sk = toy_conn_sock(c);
	return toy_conn_mix(&sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr, sk->sk_num,
			    ntohs(sk->sk_dport), seed);
}

static int toy_conn_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct toy_tuple4 *t = arg->key;
	const struct toy_conn *c = obj;
	const struct sock *sk;

	if (unlikely(c->kind != TOY_CONN_SOCK)) {
		const struct toy_tuple4 *m = toy_conn_mini(c);

		return m->lport != t->lport || m->rport != t->rport ||
		       m->scope != t->scope ||
		       !ipv6_addr_equal(&m->raddr, &t->raddr) ||
		       !ipv6_addr_equal(&m->laddr, &t->laddr);
	}
	sk = toy_conn_sock(c);
	return sk->sk_num != t->lport || sk->sk_dport != htons(t->rport) ||
	       (t->scope && t->scope != sk->sk_bound_dev_if) ||
	       !ipv6_addr_equal(&sk->sk_v6_daddr, &t->raddr) ||
	       !ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &t->laddr);
}

static const struct rhashtable_params toy_conn_params = {
	.head_offset		= offsetof(struct toy_conn, node),
	.key_len		= sizeof(struct toy_tuple4),
	.hashfn			= toy_conn_hashfn,
	.obj_hashfn		= toy_conn_obj_hashfn,
	.obj_cmpfn		= toy_conn_cmpfn,
	.automatic_shrinking	= true,
};

/**
 * toy_conn_find() - the connection between two ends
 * @tt: tables
 * @t: both ends
 *
 * Context: under rcu_read_lock(), which is how long the result may be used
 * without a reference.
 * Return: the entry, or NULL.
 */
struct toy_conn *toy_conn_find(struct toy_tcp_net *tt, const struct toy_tuple4 *t)
{
	return rhashtable_lookup(&tt->conns, t, toy_conn_params);
}

/**
 * toy_conn_tuple() - the ends of an entry
 * @c: entry
 * @t: result
 */
void toy_conn_tuple(const struct toy_conn *c, struct toy_tuple4 *t)
{
	const struct sock *sk;

	if (c->kind != TOY_CONN_SOCK) {
		*t = *toy_conn_mini(c);
		return;
	}
	sk = toy_conn_sock(c);
	*t = (struct toy_tuple4) {
		.laddr = sk->sk_v6_rcv_saddr, .lport = sk->sk_num,
		.raddr = sk->sk_v6_daddr, .rport = ntohs(sk->sk_dport),
		.scope = toy_addr_linklocal(&sk->sk_v6_daddr) ?
			 sk->sk_bound_dev_if : 0,
	};
}

/**
 * toy_conn_add() - let a connection be found
 * @tt: tables
 * @c: entry with both ends set
 *
 * Context: process or softirq.
 * Return: 0; -EEXIST when there is one with the same ends; -ENOMEM, -E2BIG,
 * -EBUSY from the table.
 */
int toy_conn_add(struct toy_tcp_net *tt, struct toy_conn *c)
{
	struct toy_tuple4 t;
	int err;

	toy_conn_tuple(c, &t);
	/* Before it is visible: who finds it may take it out at once. */
	c->hashed = true;
	err = rhashtable_lookup_insert_key(&tt->conns, &t, &c->node,
					   toy_conn_params);
	if (err)
		c->hashed = false;
	return err;
}

/**
 * toy_conn_del() - the opposite of toy_conn_add()
 * @tt: tables
 * @c: entry, in the table or not; its owner alone calls this
 *
 * Context: process or softirq.
 */
void toy_conn_del(struct toy_tcp_net *tt, struct toy_conn *c)
{
	if (!c->hashed)
		return;
	c->hashed = false;
	rhashtable_remove_fast(&tt->conns, &c->node, toy_conn_params);
}

/**
 * toy_conn_swap() - one entry takes the place of another with the same ends
 * @tt: tables
 * @old: in the table; not afterwards
 * @new: not in the table; takes the place
 *
 * Context: process or softirq.
 * Return: 0, or -ENOENT when @old was not there.
 */
int toy_conn_swap(struct toy_tcp_net *tt, struct toy_conn *old,
		  struct toy_conn *new)
{
	int err;

	new->hashed = true;
	err = rhashtable_replace_fast(&tt->conns, &old->node, &new->node,
				      toy_conn_params);
	if (err)
		new->hashed = false;
	else
		old->hashed = false;
	return err;
}

/**
 * toy_conn_table_init() - make a namespace's table
 * @tt: tables
 *
 * Return: 0 or -ENOMEM.
 */
int toy_conn_table_init(struct toy_tcp_net *tt)
{
	net_get_random_once(&toy_conn_key, sizeof(toy_conn_key));
	return rhashtable_init(&tt->conns, &toy_conn_params);
}

/* What is in TIME_WAIT is nobody's. A timer may end one at the same time, and
 * uses the tables until it leaves its RCU section.
 */
static void toy_conn_end_timewait(struct toy_tcp_net *tt)
{
	struct rhashtable_iter iter;
	struct toy_conn *c;

	rhashtable_walk_enter(&tt->conns, &iter);
	rhashtable_walk_start(&iter);
	/* An error is a resize: the walk begins anew. */
	while ((c = rhashtable_walk_next(&iter)))
		if (!IS_ERR(c) && c->kind == TOY_CONN_TW)
			toy_tw_end(container_of(c, struct toy_tw, conn));
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	synchronize_rcu();
}

static void toy_conn_leftover(void *obj, void *arg)
{
	/* Sockets and half-open connections go with their programs. */
	WARN_ON_ONCE(1);
}

/**
 * toy_conn_table_exit() - the namespace goes: what is in TIME_WAIT goes with it
 * @tt: tables of a namespace without sockets or traffic
 *
 * Context: process.
 */
void toy_conn_table_exit(struct toy_tcp_net *tt)
{
	if (atomic_read_acquire(&tt->tw_count))
		toy_conn_end_timewait(tt);
	rhashtable_free_and_destroy(&tt->conns, toy_conn_leftover, NULL);
}
