// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local port of a connection.
 *
 * connect(2) without bind(2) takes an ephemeral port (RFC 6056). Two ends are
 * what must be unique, not the port: connections to different peers may share
 * one, as long as nobody has asked for it by bind(2).
 *
 *	1. a port that nobody has, from the offset that the destination's hash
 *	   gives (RFC 6056 3.3.3 and 3.3.4): the xarray finds it in
 *	   logarithmic time, however many are taken
 *	2. else a port which only connections have, where these two ends are
 *	   still free
 *
 * A child of a listener shares the listener's port.
 */
#include "tcp.h"
#include "timewait.h"

/* The entry of a connection; TIME_WAIT with the same ends may give way. */
static int toy_port_claim_ends(struct sock *sk)
{
	struct toy_tcp_net *tt = toy_tcp_net(sk);
	struct toy_conn *c = &toy_sk(sk)->conn, *old;
	struct toy_tuple4 t;
	int err;

	err = toy_conn_add(tt, c);
	if (likely(err != -EEXIST))
		return err ? -EADDRNOTAVAIL : 0;

	toy_conn_tuple(c, &t);
	rcu_read_lock();
	old = toy_conn_find(tt, &t);
	err = -EADDRNOTAVAIL;
	if (old && old->kind == TOY_CONN_TW && toy_tw_reusable(old, sk) &&
	    !toy_conn_swap(tt, old, c)) {
		toy_tw_replaced(old);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

/* Lock held: one that connections share; the ends decide. */
static int toy_port_share_ends(struct toy_ports *p, struct sock *sk, u32 start,
			       u32 low, u32 high)
{
	u32 num = start;

	do {
		struct toy_port *port = toy_port_find(p, num);

		if (port && !port->explicit && !toy_port_reserved(p->tn, num)) {
			/* First: what gives way must not free it. */
			toy_port_add_owner(port, sk);
			if (!toy_port_claim_ends(sk))
				return 0;
			toy_port_drop_owner(sk);
		}
		num = num == high ? low : num + 1;
	} while (num != start);

	sk->sk_num = 0;
	return -EADDRNOTAVAIL;
}

static int toy_port_ephemeral(struct toy_ports *p, struct sock *sk,
			      struct toy_port **fresh)
{
	struct toy_tcp_net *tt = toy_tcp_net(sk);
	u32 start = toy_port_offset(&sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr,
				    ntohs(sk->sk_dport));
	struct toy_port *port;
	u32 low, high;

	toy_sock_local_ports(sk, &low, &high);
	/* RFC 6056 3.3.4: the step is random, too. */
	start += atomic_add_return(1 + (get_random_u32() & 7), &tt->port_salt);
	start = low + start % (high - low + 1);

	port = toy_port_any(p, *fresh, start, low, high);
	if (IS_ERR(port))
		return PTR_ERR(port) == -EBUSY ?
		       toy_port_share_ends(p, sk, start, low, high) :
		       -EADDRNOTAVAIL;

	*fresh = NULL;
	toy_port_add_owner(port, sk);
	if (likely(!toy_port_claim_ends(sk)))
		return 0;
	/* Nobody has it, and yet: the table is short of memory. */
	toy_port_drop_owner(sk);
	toy_port_put_unused(p, port);
	sk->sk_num = 0;
	return -EADDRNOTAVAIL;
}

/**
 * toy_tcp_port_connect() - two ends for a connection, and a port if it has none
 * @sk: locked socket in SYN_SENT, bound or not
 * @laddr: local address
 * @raddr: address of the peer
 * @rport: port of the peer, host byte order
 *
 * Context: process.
 * Return: 0, -EADDRNOTAVAIL when no port is left or the ends are in use,
 * -ENOMEM.
 */
int toy_tcp_port_connect(struct sock *sk, const struct in6_addr *laddr,
			 const struct in6_addr *raddr, u16 rport)
{
	struct toy_ports *p = toy_tcp_net(sk)->ports;
	struct toy_port *fresh = NULL;
	int err;

	if (!sk->sk_num) {
		fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
		if (!fresh)
			return -ENOMEM;
	}
	sk->sk_v6_rcv_saddr = *laddr;
	sk->sk_v6_daddr = *raddr;
	sk->sk_dport = htons(rport);

	xa_lock_bh(&p->ports);
	err = sk->sk_num ? toy_port_claim_ends(sk) :
			   toy_port_ephemeral(p, sk, &fresh);
	xa_unlock_bh(&p->ports);
	kfree(fresh);
	return err;
}

/**
 * toy_tcp_port_inherit() - a child gets its listener's port
 * @listener: listener, perhaps just closing
 * @child: new socket
 *
 * Context: softirq.
 * Return: 0, or -EINVAL when the listener has given its port back.
 */
int toy_tcp_port_inherit(struct sock *listener, struct sock *child)
{
	struct toy_ports *p = toy_tcp_net(listener)->ports;
	struct toy_port *port;

	xa_lock_bh(&p->ports);
	port = toy_sk(listener)->port;
	if (port)
		toy_port_add_owner(port, child);
	xa_unlock_bh(&p->ports);
	return port ? 0 : -EINVAL;
}

/**
 * toy_tcp_unhash() - prot->unhash: nobody finds the socket any more
 * @sk: socket, locked
 *
 * The port stays until toy_port_release().
 */
void toy_tcp_unhash(struct sock *sk)
{
	toy_conn_del(toy_tcp_net(sk), &toy_sk(sk)->conn);
}
