// SPDX-License-Identifier: GPL-2.0-only
/*
 * socketpair(2): two sockets that are each other's peers, on 127.0.0.1. AF_INET
 * has no such thing: this is an extension.
 *
 *	SOCK_DGRAM	a: bind		b: bind		a: connect	b: connect
 *	SOCK_STREAM	l: bind, listen		a: connect	accept -> b
 *
 * Both are ordinary sockets of their protocols, made by the same calls that a
 * program would make. A stranger on this host may reach them before they have
 * their peers: what he sends is thrown away.
 */
#include <linux/net.h>

#include "sock.h"

static void toy_pair_lo(struct sockaddr_toy *addr, u16 port)
{
	*addr = (struct sockaddr_toy) {
		.stoy_family = toy_family,
		.stoy_port = htons(port),
		.stoy_addr = toy_v4(htonl(INADDR_LOOPBACK)),
	};
}

static int toy_pair_bind(struct socket *sock)
{
	struct sockaddr_toy addr;

	toy_pair_lo(&addr, 0);
	return kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
}

static int toy_pair_connect(struct socket *sock, const struct socket *to)
{
	struct sockaddr_toy addr;

	toy_pair_lo(&addr, to->sk->sk_num);
	return kernel_connect(sock, (struct sockaddr *)&addr, sizeof(addr), 0);
}

/**
 * toy_dgram_socketpair() - socketpair(2) for SOCK_DGRAM
 * @a: new socket
 * @b: new socket
 *
 * Context: process.
 * Return: 0; -EOPNOTSUPP for other protocols than UDP, or an errno of bind(2)
 * or connect(2), and both are good for closing only.
 */
int toy_dgram_socketpair(struct socket *a, struct socket *b)
{
	int err;

	if (a->sk->sk_protocol != TOYPROTO_UDP)
		return -EOPNOTSUPP;
	err = toy_pair_bind(a);
	if (!err)
		err = toy_pair_bind(b);
	if (!err)
		err = toy_pair_connect(a, b);
	if (!err)
		err = toy_pair_connect(b, a);
	if (err)
		return err;
	toy_dgram_purge(a->sk);
	toy_dgram_purge(b->sk);
	return 0;
}

/* Takes the connection over, in the place of the socket that @b was made with. */
static void toy_pair_graft(struct socket *b, struct socket *accepted)
{
	struct sock *child = accepted->sk, *unused = b->sk;

	lock_sock(child);
	accepted->sk = NULL;
	b->sk = NULL;
	sock_graft(child, b);
	b->state = SS_CONNECTED;
	release_sock(child);
	unused->sk_prot->close(unused, 0);
}

/* Accepts until it is @a who comes. */
static int toy_pair_accept(struct socket *l, const struct socket *a,
			   struct socket *b)
{
	struct socket *accepted;
	bool stranger;
	int err;

	do {
		err = kernel_accept(l, &accepted, 0);
		if (err)
			return err;
		stranger = accepted->sk->sk_dport != htons(a->sk->sk_num) ||
			   !ipv6_addr_equal(&accepted->sk->sk_v6_daddr,
					    &a->sk->sk_v6_rcv_saddr);
		if (!stranger)
			toy_pair_graft(b, accepted);
		sock_release(accepted);
	} while (stranger);
	return 0;
}

/**
 * toy_stream_socketpair() - socketpair(2) for SOCK_STREAM
 * @a: new socket
 * @b: new socket
 *
 * Context: process.
 * Return: 0, or an errno of the calls that make a connection, and both are good
 * for closing only.
 */
int toy_stream_socketpair(struct socket *a, struct socket *b)
{
	struct socket *l;
	int err;

	/* No kernel's socket: what it accepts must hold the namespace. */
	err = sock_create(toy_family, SOCK_STREAM, 0, &l);
	if (err)
		return err;
	err = toy_pair_bind(l);
	if (!err)
		err = kernel_listen(l, SOMAXCONN);
	if (!err)
		err = toy_pair_connect(a, l);
	if (!err)
		err = toy_pair_accept(l, a, b);
	sock_release(l);
	return err;
}
