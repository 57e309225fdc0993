// SPDX-License-Identifier: GPL-2.0-only
/*
 * The three forms of an address: sockaddr_toy, sockaddr_in and sockaddr_in6.
 *
 * Inside there is one form, struct toy_endpoint. A program may use whichever
 * it likes on each call; answers come in the one it used last on that socket,
 * or in the one that TOY_SOCKADDR has pinned. An IPv6 address that a
 * sockaddr_in cannot hold is answered as sockaddr_in6. With TOY_SOCKADDR_ONLY a
 * socket refuses the form of the other version where AF_INET's or AF_INET6's
 * would.
 */
#include <linux/in.h>
#include <linux/in6.h>

#include "flowlabel.h"
#include "sock.h"

static int toy_endpoint_read_in(const struct sockaddr_in *sin, int len,
				struct toy_endpoint *ep)
{
	if (len < sizeof(*sin))
		return -EINVAL;
	ep->addr = toy_v4(sin->sin_addr.s_addr);
	ep->port = ntohs(sin->sin_port);
	ep->scope_id = 0;
	ep->flowinfo = 0;
	return 0;
}

/* sockaddr_toy has the layout of sockaddr_in6. */
static int toy_endpoint_read_in6(const struct sockaddr_in6 *sin6, int len,
				 struct toy_endpoint *ep)
{
	BUILD_BUG_ON(offsetof(struct sockaddr_toy, stoy_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	BUILD_BUG_ON(offsetof(struct sockaddr_toy, stoy_addr) !=
		     offsetof(struct sockaddr_in6, sin6_addr));
	BUILD_BUG_ON(sizeof(struct sockaddr_toy) != sizeof(struct sockaddr_in6));

	/* RFC 2133 had no scope: its shorter form is still in use. */
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	ep->addr = sin6->sin6_addr;
	ep->port = ntohs(sin6->sin6_port);
	ep->scope_id = 0;
	ep->flowinfo = sin6->sin6_flowinfo & IPV6_FLOWINFO_MASK;
	if (len >= sizeof(*sin6) && toy_addr_scoped(&ep->addr))
		ep->scope_id = sin6->sin6_scope_id;
	return 0;
}

/**
 * toy_endpoint_read() - take in an address that a program gave
 * @uaddr: address, already copied into the kernel
 * @len: its length in bytes
 * @ep: result
 *
 * Return: 0, -EINVAL for a length that is too short, -EAFNOSUPPORT for another
 * family.
 */
int toy_endpoint_read(const void *uaddr, int len, struct toy_endpoint *ep)
{
	const struct sockaddr *sa = uaddr;

	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return -EINVAL;
	ep->form = sa->sa_family;
	if (sa->sa_family == AF_INET)
		return toy_endpoint_read_in(uaddr, len, ep);
	if (sa->sa_family == AF_INET6 || sa->sa_family == toy_family)
		return toy_endpoint_read_in6(uaddr, len, ep);
	return -EAFNOSUPPORT;
}

/**
 * toy_endpoint_read_of() - take in an address, if the socket takes such
 * @sk: socket; unless TOY_SOCKADDR_ONLY is set all do
 * @uaddr: address, already copied into the kernel
 * @len: its length in bytes
 * @mapped: a socket of AF_INET6 takes a sockaddr_in here
 * @ep: result
 *
 * A program that asked for a socket of one version gets the other's addresses
 * refused, and may try: with the errno of AF_INET, or of AF_INET6, which looks
 * at the length first. The native form is nobody's and is always taken.
 *
 * Return: as toy_endpoint_read().
 */
int toy_endpoint_read_of(const struct sock *sk, const void *uaddr, int len,
			 bool mapped, struct toy_endpoint *ep)
{
	const struct toy_sock *ts = toy_sk(sk);
	const struct sockaddr *sa = uaddr;
	int room = ts->form == AF_INET ? sizeof(struct sockaddr_in) :
					 SIN6_LEN_RFC2133;

	if (likely(!ts->form_only) ||
	    len < (int)offsetofend(struct sockaddr, sa_family) ||
	    sa->sa_family == ts->form || sa->sa_family == toy_family ||
	    (mapped && ts->form == AF_INET6 && sa->sa_family == AF_INET))
		return toy_endpoint_read(uaddr, len, ep);
	return len < room ? -EINVAL : -EAFNOSUPPORT;
}

/**
 * toy_endpoint_write() - give an address in the form that the program expects
 * @sk: socket, whose form counts
 * @uaddr: room for a struct sockaddr_storage
 * @addr: address
 * @port: host byte order
 * @scope_id: device that a link-local address would be of
 *
 * Return: the length of what was written, in bytes.
 */
int toy_endpoint_write(const struct sock *sk, void *uaddr,
		       const struct in6_addr *addr, u16 port, u32 scope_id)
{
	u8 form = READ_ONCE(toy_sk(sk)->form);
	struct sockaddr_in6 *sin6 = uaddr;

	if (form == AF_INET && (toy_is_v4(addr) || ipv6_addr_any(addr))) {
		struct sockaddr_in *sin = uaddr;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		sin->sin_addr.s_addr = toy_v4_of(addr);
		memset(sin->sin_zero, 0, sizeof(sin->sin_zero));
		return sizeof(*sin);
	}

	sin6->sin6_family = form == AF_INET ? AF_INET6 : form;
	sin6->sin6_port = htons(port);
	sin6->sin6_flowinfo = 0;
	sin6->sin6_addr = *addr;
	sin6->sin6_scope_id = toy_addr_scoped(addr) ? scope_id : 0;
	return sizeof(*sin6);
}

/**
 * toy_dest_self() - 0.0.0.0 and :: as a destination mean this host
 * @daddr: destination; replaced when it is unspecified
 * @saddr: source of the sender, or unspecified
 *
 * RFC 1122 3.2.1.3 (a). To IPv4 that is the sender itself if it has an address,
 * to IPv6 always ::1, unless the sender is bound to an IPv4 address: so AF_INET
 * and AF_INET6.
 */
void toy_dest_self(struct in6_addr *daddr, const struct in6_addr *saddr)
{
	if (!toy_addr_any(daddr))
		return;
	if (toy_is_v4(daddr) && toy_is_v4(saddr) && !toy_addr_any(saddr))
		*daddr = *saddr;
	else if (toy_is_v4(daddr) || toy_is_v4(saddr))
		*daddr = toy_v4(htonl(INADDR_LOOPBACK));
	else
		*daddr = in6addr_loopback;
}

/**
 * toy_sock_scope() - a link-local address binds a socket to its link
 * @sk: locked socket
 * @ep: address that it is to be bound or connected to
 *
 * RFC 4007 6; what the socket gains, toy_sock_unscope() takes away.
 * Return: 0, or -EINVAL when it is not said which device, or another one.
 */
int toy_sock_scope(struct sock *sk, const struct toy_endpoint *ep)
{
	if (likely(!toy_addr_scoped(&ep->addr)))
		return 0;
	if (ep->scope_id) {
		if (sk->sk_bound_dev_if && sk->sk_bound_dev_if != ep->scope_id)
			return -EINVAL;
		if (!sk->sk_bound_dev_if)
			toy_sk(sk)->scope_id = ep->scope_id;
		sk->sk_bound_dev_if = ep->scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

/**
 * toy_sock_unscope() - the socket is no longer connected to a link-local address
 * @sk: locked socket
 */
void toy_sock_unscope(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	if (!ts->scope_id || toy_addr_scoped(&sk->sk_v6_rcv_saddr))
		return;
	if (sk->sk_bound_dev_if == ts->scope_id)
		sk->sk_bound_dev_if = 0;
	ts->scope_id = 0;
}

/**
 * toy_sock_used_form() - the program has used an address of this form
 * @sk: socket
 * @form: AF_*
 *
 * Context: any; the last one wins, as it would with the socket locked.
 */
void toy_sock_used_form(struct sock *sk, u16 form)
{
	struct toy_sock *ts = toy_sk(sk);

	if (!ts->form_pinned && READ_ONCE(ts->form) != form)
		WRITE_ONCE(ts->form, form);
}

static int toy_peer_write(struct sock *sk, struct sockaddr *uaddr)
{
	int len = toy_endpoint_write(sk, uaddr, &sk->sk_v6_daddr,
				     ntohs(sk->sk_dport), sk->sk_bound_dev_if);

	if (unlikely(toy_sk(sk)->opt_flags & TOY_OPT_FLOWINFO_SEND) &&
	    uaddr->sa_family != AF_INET)
		((struct sockaddr_in6 *)uaddr)->sin6_flowinfo =
			toy_fl_connected(sk);
	return len;
}

/**
 * toy_getname() - getsockname(2) and getpeername(2)
 * @sock: socket
 * @uaddr: room for a struct sockaddr_storage
 * @peer: 1 for the peer, 2 for SO_PEERNAME
 *
 * Return: length of the address, or -ENOTCONN.
 */
int toy_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sock *sk = sock->sk;
	struct toy_sock *ts = toy_sk(sk);
	u16 port;
	int len;

	lock_sock(sk);
	if (peer) {
		/* While a connection is being opened, it has no peer yet. Only
		 * SO_PEERNAME (2) tells the one that it had, or may have.
		 */
		if (!sk->sk_dport ||
		    (peer == 1 && (sk->sk_state == TCP_CLOSE ||
				   sk->sk_state == TCP_SYN_SENT)))
			len = -ENOTCONN;
		else
			len = toy_peer_write(sk, uaddr);
	} else {
		const struct in6_addr *addr = &sk->sk_v6_rcv_saddr;

		/* Bound to the wildcard, connected: the source in use. */
		if (toy_addr_any(addr) && !toy_addr_any(&ts->saddr))
			addr = &ts->saddr;
		/* A connection that has ended is still known by its port. */
		port = sk->sk_num;
		if (!port && sk->sk_type == SOCK_STREAM)
			port = ts->last_port;
		len = toy_endpoint_write(sk, uaddr, addr, port,
					 sk->sk_bound_dev_if);
	}
	release_sock(sk);
	return len;
}
