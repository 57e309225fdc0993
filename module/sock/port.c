// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may have which port.
 *
 * A port in use is an object, struct toy_port, with the list of its owners.
 * Whether one more may join is a question about the whole list, so it is asked
 * and answered under one lock, that of the table's xarray. The rule for two
 * sockets on one port is AF_INET's:
 *
 *	different devices			both may
 *	different addresses, none a wildcard	both may
 *	SO_REUSEADDR on both			both may
 *	SO_REUSEPORT on both, same user		both may
 *	otherwise				EADDRINUSE
 *
 * With TCP, SO_REUSEADDR does not help against a socket that listens, and what
 * is in TIME_WAIT counts as a socket (struct toy_lease).
 */
#include <net/sock_reuseport.h>

#include "lookup.h"

/* Do the address parts of two bindings overlap? @wild: a wildcard counts. */
static bool toy_addrs_overlap(const struct toy_sock *a, const struct toy_sock *b,
			      bool wild)
{
	const struct in6_addr *aa = &a->sk.sk_v6_rcv_saddr;
	const struct in6_addr *ba = &b->sk.sk_v6_rcv_saddr;
	bool a_any = toy_addr_any(aa), b_any = toy_addr_any(ba);
	/* Which versions each of them can receive. */
	bool a4 = a_any ? !a->sk.sk_ipv6only : toy_is_v4(aa);
	bool b4 = b_any ? !b->sk.sk_ipv6only : toy_is_v4(ba);
	bool a6 = a_any ? !a->v4only : !toy_is_v4(aa);
	bool b6 = b_any ? !b->v4only : !toy_is_v4(ba);

	if (!(a4 && b4) && !(a6 && b6))
		return false;
	if (a_any && b_any)
		return wild || (a4 == b4 && a6 == b6);
	if (a_any || b_any)
		return wild;
	return ipv6_addr_equal(aa, ba);
}

/* Does SO_REUSEADDR on both let them share? */
static bool toy_reuse_helps(const struct sock *sk, const struct sock *sk2)
{
	return sk->sk_reuse && sk2->sk_reuse &&
	       !(toy_prot(sk)->listens && sk2->sk_state == TCP_LISTEN);
}

static bool toy_lease_conflict(const struct toy_port *port, const struct sock *sk)
{
	const struct in6_addr *addr = &sk->sk_v6_rcv_saddr;
	const struct toy_lease *l;

	hlist_for_each_entry(l, &port->leases, node) {
		if (sk->sk_reuse && l->reuse)
			continue;
		if (sk->sk_bound_dev_if && l->dev_if &&
		    sk->sk_bound_dev_if != l->dev_if)
			continue;
		if (!toy_addr_any(addr) && !ipv6_addr_equal(addr, l->laddr))
			continue;
		if (toy_is_v4(l->laddr) ? sk->sk_ipv6only : toy_sk(sk)->v4only)
			continue;
		if (sk->sk_reuseport && l->reuseport)
			continue;
		return true;
	}
	return false;
}

/**
 * toy_port_conflict() - do a port's owners keep a socket out?
 * @port: port, its table's lock held
 * @sk: socket that wants it, or has it and asks for more
 *
 * Return: true if they do.
 */
bool toy_port_conflict(const struct toy_port *port, struct sock *sk)
{
	const struct toy_sock *ts = toy_sk(sk);
	struct toy_sock *other;

	if (toy_lease_conflict(port, sk))
		return true;
	hlist_for_each_entry(other, &port->owners, port_node) {
		const struct sock *sk2 = &other->sk;

		if (sk2 == sk || toy_reuse_helps(sk, sk2))
			continue;
		if (sk->sk_bound_dev_if && sk2->sk_bound_dev_if &&
		    sk->sk_bound_dev_if != sk2->sk_bound_dev_if)
			continue;
		if (!toy_addrs_overlap(ts, other, true))
			continue;
		if (sk->sk_reuseport && sk2->sk_reuseport &&
		    !rcu_access_pointer(sk->sk_reuseport_cb) &&
		    uid_eq(sk->sk_uid, sk2->sk_uid))
			continue;
		return true;
	}
	return false;
}

/* Join the group of sockets that share exactly this binding, or found it. */
static int toy_port_group(const struct toy_port *port, struct sock *sk)
{
	bool any = toy_addr_any(&sk->sk_v6_rcv_saddr);
	struct toy_sock *other;

	hlist_for_each_entry(other, &port->owners, port_node) {
		struct sock *sk2 = &other->sk;

		/* Whoever does not listen takes no connections. */
		if (toy_prot(sk)->listens && !other->in_bound)
			continue;
		if (sk2 != sk && sk2->sk_reuseport &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    uid_eq(sk->sk_uid, sk2->sk_uid) &&
		    toy_addrs_overlap(toy_sk(sk), other, false))
			return reuseport_add_sock(sk, sk2, any);
	}
	return reuseport_alloc(sk, any);
}

/* Lock held: let the owner of a port be found by it. */
static int toy_port_publish(struct toy_ports *p, const struct toy_port *port,
			    struct sock *sk)
{
	int err;

	if (sk->sk_reuseport) {
		err = toy_port_group(port, sk);
		if (err)
			return err;
	}
	sk->sk_num = port->num;
	err = toy_bound_insert(p, toy_sk(sk));
	if (!err)
		return 0;
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	return err == -ENOMEM ? -ENOMEM : -ENOBUFS;
}

/**
 * toy_port_add_owner() - a socket owns a port
 * @port: port, its table's lock held
 * @sk: socket without one; findable only by what else the caller does
 */
void toy_port_add_owner(struct toy_port *port, struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	ts->port = port;
	sk->sk_num = port->num;
	hlist_add_head_rcu(&ts->port_node, &port->owners);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
}

/* Lock held: become an owner of @port and findable under it. */
static int toy_port_join(struct toy_ports *p, struct toy_port *port,
			 struct sock *sk)
{
	int err;

	if (!toy_prot(sk)->listens) {
		err = toy_port_publish(p, port, sk);
		if (err) {
			sk->sk_num = 0;
			return err;
		}
	}
	port->explicit++;
	toy_sk(sk)->port_explicit = true;
	toy_port_add_owner(port, sk);
	return 0;
}

/**
 * toy_port_put_unused() - free a port that nobody has any more
 * @p: tables, locked
 * @port: port, perhaps still in use
 */
void toy_port_put_unused(struct toy_ports *p, struct toy_port *port)
{
	if (!hlist_empty(&port->owners) || !hlist_empty(&port->leases))
		return;
	__xa_erase(&p->ports, port->num);
	kfree_rcu(port, rcu);
}

/**
 * toy_port_drop_owner() - the opposite of toy_port_add_owner()
 * @sk: owner of a port, its table's lock held; the port stays, even if it is
 *	nobody's: toy_port_put_unused()
 */
void toy_port_drop_owner(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	hlist_del_rcu(&ts->port_node);
	if (ts->port_explicit)
		ts->port->explicit--;
	ts->port_explicit = false;
	ts->port = NULL;
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

static void toy_port_leave(struct toy_ports *p, struct sock *sk)
{
	struct toy_port *port = toy_sk(sk)->port;

	toy_port_drop_owner(sk);
	toy_port_put_unused(p, port);
}

/**
 * toy_port_lease() - a socket goes, its port stays taken
 * @sk: socket that owns a port; owns none afterwards. The table's lock is held
 * @l: takes the port over until toy_lease_end()
 * @laddr: local address; lives as long as @l
 */
void toy_port_lease(struct sock *sk, struct toy_lease *l,
		    const struct in6_addr *laddr)
{
	l->port = toy_sk(sk)->port;
	l->laddr = laddr;
	l->dev_if = sk->sk_bound_dev_if;
	l->uid = sk->sk_uid;
	l->reuse = sk->sk_reuse;
	l->reuseport = sk->sk_reuseport;
	hlist_add_head(&l->node, &l->port->leases);
	toy_port_drop_owner(sk);
}

/**
 * toy_lease_end() - give a port back
 * @p: tables, locked
 * @l: lease, perhaps without a port
 */
void toy_lease_end(struct toy_ports *p, struct toy_lease *l)
{
	if (!l->port)
		return;
	hlist_del(&l->node);
	toy_port_put_unused(p, l->port);
	l->port = NULL;
}

/* Lock held: the object of a port that was asked for by number. */
static struct toy_port *toy_port_claim(struct toy_ports *p, struct sock *sk,
				       u16 num, struct toy_port **fresh)
{
	struct toy_port *port = toy_port_find(p, num);
	int err;

	if (port)
		return toy_port_conflict(port, sk) ? ERR_PTR(-EADDRINUSE) : port;
	port = *fresh;
	port->num = num;
	err = xa_err(__xa_store(&p->ports, num, port, GFP_ATOMIC));
	if (err)
		return ERR_PTR(err);
	*fresh = NULL;
	return port;
}

/**
 * toy_port_take() - bind a socket to a port
 * @sk: locked, unbound socket whose sk_v6_rcv_saddr is set
 * @num: port in host byte order, or 0 for an ephemeral one
 *
 * Context: process.
 * Return: 0, -EADDRINUSE, -ENOMEM or -ENOBUFS.
 */
int toy_port_take(struct sock *sk, u16 num)
{
	struct toy_ports *p = toy_prot(sk)->ports(toy_sock_net(sk));
	struct toy_port *fresh, *port, *made;
	int err;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	made = fresh;

	xa_lock_bh(&p->ports);
	port = num ? toy_port_claim(p, sk, num, &fresh) :
		     toy_port_choose(p, sk, &fresh);
	err = PTR_ERR_OR_ZERO(port);
	if (!err) {
		err = toy_port_join(p, port, sk);
		if (err && port == made) {
			__xa_erase(&p->ports, port->num);
			kfree_rcu(port, rcu);
		}
	}
	xa_unlock_bh(&p->ports);

	kfree(fresh);
	return err;
}
EXPORT_SYMBOL_GPL(toy_port_take);

/**
 * toy_port_release() - the opposite of toy_port_take(), and of connecting
 * @sk: socket, bound or not
 *
 * Context: process or softirq.
 */
void toy_port_release(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_ports *p;

	if (!toy_prot(sk)->ports)
		return;
	p = toy_prot(sk)->ports(toy_sock_net(sk));
	xa_lock_bh(&p->ports);
	if (!ts->port)
		goto out;
	toy_conn_remove(p, ts);
	toy_bound_remove(p, ts);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	toy_port_leave(p, sk);
	ts->last_port = sk->sk_num;
	sk->sk_num = 0;
out:
	xa_unlock_bh(&p->ports);
}
EXPORT_SYMBOL_GPL(toy_port_release);

/**
 * toy_port_listen() - a bound socket is to be found by its local end
 * @sk: locked socket of a protocol that listens, owner of a port
 *
 * Whether it may have the port is asked again: while none of its owners
 * listens, SO_REUSEADDR lets them share it; once one listens, it does not.
 * Context: process.
 * Return: 0, -EADDRINUSE, -ENOMEM or -ENOBUFS.
 */
int toy_port_listen(struct sock *sk)
{
	struct toy_ports *p = toy_prot(sk)->ports(toy_sock_net(sk));
	struct toy_port *port;
	int err = -EADDRINUSE;

	xa_lock_bh(&p->ports);
	port = toy_sk(sk)->port;
	if (port && !toy_port_conflict(port, sk))
		err = toy_port_publish(p, port, sk);
	xa_unlock_bh(&p->ports);
	return err;
}

/**
 * toy_port_unlisten() - the opposite of toy_port_listen(); the port stays
 * @sk: locked socket
 */
void toy_port_unlisten(struct sock *sk)
{
	struct toy_ports *p = toy_prot(sk)->ports(toy_sock_net(sk));

	xa_lock_bh(&p->ports);
	toy_bound_remove(p, toy_sk(sk));
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	xa_unlock_bh(&p->ports);
}

/**
 * toy_port_connect() - from now on the socket takes one peer's packets only
 * @sk: locked, bound socket
 * @laddr: local address
 * @raddr: address of the peer
 * @rport: port of the peer, host byte order
 *
 * A socket without a peer enters the one table before it leaves the other: at
 * no moment is it in neither. Context: process.
 * Return: 0, or a negative errno: the caller must disconnect the socket.
 */
int toy_port_connect(struct sock *sk, const struct in6_addr *laddr,
		     const struct in6_addr *raddr, u16 rport)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_ports *p;
	int err = 0;

	if (!toy_prot(sk)->ports) {
		sk->sk_v6_rcv_saddr = *laddr;
		sk->sk_v6_daddr = *raddr;
		sk->sk_dport = htons(rport);
		return 0;
	}
	p = toy_prot(sk)->ports(toy_sock_net(sk));
	xa_lock_bh(&p->ports);
	toy_conn_remove(p, ts);
	sk->sk_v6_rcv_saddr = *laddr;
	sk->sk_v6_daddr = *raddr;
	sk->sk_dport = htons(rport);
	if (toy_prot(sk)->demux_connected) {
		err = toy_conn_insert(p, ts);
		if (!err)
			toy_bound_remove(p, ts);
	}
	if (!err && rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_has_conns_set(sk);
	xa_unlock_bh(&p->ports);
	return err;
}

/**
 * toy_port_disconnect() - the socket takes packets from everybody again
 * @sk: locked, bound socket
 * @laddr: what its local address is to be
 *
 * Context: process.
 * Return: 0, or a negative errno: then it receives nothing.
 */
int toy_port_disconnect(struct sock *sk, const struct in6_addr *laddr)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_ports *p;
	int err;

	if (!toy_prot(sk)->ports)
		return toy_port_connect(sk, laddr, &in6addr_any, 0);
	p = toy_prot(sk)->ports(toy_sock_net(sk));
	xa_lock_bh(&p->ports);
	toy_conn_remove(p, ts);
	/* The address decides the key. */
	if (!ipv6_addr_equal(&sk->sk_v6_rcv_saddr, laddr))
		toy_bound_remove(p, ts);
	sk->sk_v6_rcv_saddr = *laddr;
	sk->sk_v6_daddr = in6addr_any;
	sk->sk_dport = 0;
	err = toy_bound_insert(p, ts);
	xa_unlock_bh(&p->ports);
	return err;
}
