// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind(2): an address of ours, and a port (port.c).
 */
#include "../proto/addr.h"
#include "lookup.h"

/**
 * toy_bindable() - may a socket be bound to this address?
 * @sk: socket
 * @ep: address
 *
 * RFC 1122 4.2.3.7 and ip(7). Context: any.
 * Return: 0, -EADDRNOTAVAIL, or -EINVAL for a link-local address that does not
 * say of which link.
 */
int toy_bindable(struct sock *sk, const struct toy_endpoint *ep)
{
	struct toy_net *tn = toy_sock_net(sk);
	enum toy_route_type type;
	int scope = ep->scope_id ?: READ_ONCE(sk->sk_bound_dev_if);

	if (toy_addr_any(&ep->addr) || toy_sock_nonlocal(toy_sk(sk)) ||
	    READ_ONCE(tn->sysctl.ip_nonlocal_bind))
		return 0;
	if (toy_addr_scoped(&ep->addr) && !scope)
		return -EINVAL;
	rcu_read_lock();
	type = toy_route_input(tn, toy_addr_linklocal(&ep->addr) ?
				   toy_dev_find(tn, scope) : NULL, &ep->addr);
	rcu_read_unlock();
	return type == TOY_ROUTE_LOCAL || type == TOY_ROUTE_BROADCAST ||
	       type == TOY_ROUTE_MULTICAST ? 0 : -EADDRNOTAVAIL;
}

static int toy_bind_locked(struct sock *sk, const struct toy_endpoint *ep)
{
	struct toy_sock *ts = toy_sk(sk);
	int err;

	/* Bound once, bound for good; connected counts as bound. */
	if (sk->sk_num || (toy_prot(sk)->listens && sk->sk_state != TCP_CLOSE))
		return -EINVAL;
	err = toy_sock_scope(sk, ep);
	if (err)
		return err;

	ts->v4only = toy_is_v4(&ep->addr);
	sk->sk_v6_rcv_saddr = ep->addr;
	/* Datagrams cannot come from a broadcast or multicast address. */
	ts->saddr = in6addr_any;
	rcu_read_lock();
	if (!toy_addr_any(&ep->addr) &&
	    toy_route_input(toy_sock_net(sk), NULL, &ep->addr) !=
	    TOY_ROUTE_BROADCAST && !toy_addr_multicast(&ep->addr))
		ts->saddr = ep->addr;
	rcu_read_unlock();

	err = !ep->port && ts->bind_no_port ? 0 : toy_port_take(sk, ep->port);
	if (err) {
		sk->sk_v6_rcv_saddr = in6addr_any;
		ts->saddr = in6addr_any;
		ts->v4only = false;
		toy_sock_unscope(sk);
		return err;
	}
	if (!toy_addr_any(&ep->addr))
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (ep->port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	toy_sock_path_drop(sk);
	return 0;
}

/**
 * toy_autobind() - any port, for a socket that has none
 * @sk: socket, locked
 *
 * The wildcard of a program that has said that it reads IPv4 addresses only is
 * 0.0.0.0, as AF_INET's: it could not tell from whom anything else came.
 * Return: 0 or an errno of toy_port_take().
 */
int toy_autobind(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	if (ts->form_only && ts->form == AF_INET)
		ts->v4only = true;
	return toy_port_take(sk, 0);
}
EXPORT_SYMBOL_GPL(toy_autobind);

/**
 * toy_bind() - bind(2) for datagram sockets
 * @sock: socket
 * @uaddr: address in any of the three forms
 * @len: its length
 *
 * Return: 0, -EINVAL, -EAFNOSUPPORT, -EADDRNOTAVAIL, -EADDRINUSE, -EACCES.
 */
int toy_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;
	struct toy_net *tn = toy_sock_net(sk);
	struct toy_endpoint ep;
	int err;

	/* AF_INET takes a sockaddr_in to the wildcard without a family. */
	if (len >= (int)sizeof(struct sockaddr_in) &&
	    uaddr->sa_family == AF_UNSPEC &&
	    !((struct sockaddr_in *)uaddr)->sin_addr.s_addr) {
		struct sockaddr_in sin = *(struct sockaddr_in *)uaddr;

		sin.sin_family = AF_INET;
		err = toy_endpoint_read_of(sk, &sin, len, false, &ep);
	} else {
		err = toy_endpoint_read_of(sk, uaddr, len, false, &ep);
	}
	if (err)
		return err;

	if (sk->sk_ipv6only && toy_is_v4(&ep.addr))
		return -EINVAL;
	/* AF_INET6 looks at the socket before it looks at the address, but for
	 * ping sockets.
	 */
	if (ep.form == AF_INET6 && READ_ONCE(sk->sk_num) &&
	    sk->sk_protocol != TOYPROTO_ICMP)
		return -EINVAL;
	err = toy_bindable(sk, &ep);
	if (err)
		return err;
	if (ep.port && toy_prot(sk)->privileged_ports &&
	    ep.port < READ_ONCE(tn->sysctl.ip_unprivileged_port_start) &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;

	lock_sock(sk);
	err = toy_bind_locked(sk, &ep);
	if (!err)
		toy_sock_used_form(sk, ep.form);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_bind);

#if IS_ENABLED(CONFIG_KUNIT)
#include "bind_test.c"
#endif
