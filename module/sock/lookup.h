/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_LOOKUP_H
#define _TOY_SOCK_LOOKUP_H

#include "sock.h"

/**
 * struct toy_port - a port that is in use
 * @num: the port, or the identifier of a ping socket
 * @explicit: owners that asked for it by bind(2); without any, connections to
 *	different peers share it freely
 * @owners: sockets bound to it: written under the table's lock, read by RCU
 * @leases: what else keeps it: TIME_WAIT
 * @rcu: freed after a grace period
 */
struct toy_port {
	u16 num;
	u32 explicit;
	struct hlist_head owners;
	struct hlist_head leases;
	struct rcu_head rcu;
};

/**
 * struct toy_lease - a port that is kept although its socket has gone
 * @node: in toy_port.leases; under the table's lock
 * @port: the port
 * @laddr: local address
 * @dev_if: device it was bound to, or 0
 * @uid: who owned the socket
 * @reuse: SO_REUSEADDR was set
 * @reuseport: SO_REUSEPORT was set
 */
struct toy_lease {
	struct hlist_node node;
	struct toy_port *port;
	const struct in6_addr *laddr;
	int dev_if;
	kuid_t uid;
	bool reuse;
	bool reuseport;
};

/**
 * struct toy_ports - who is bound where, for one protocol in one namespace
 * @bound: unconnected sockets by local address and port
 * @conn: connected sockets by both ends
 * @ports: struct toy_port by number; its xa_lock (BH) is the lock under which
 *	ports are checked and taken, and serialises changes of @bound and @conn
 * @connected: sockets in @conn, so that the first look-up can be left out
 * @tn: the namespace
 *
 * All three grow with the load. A socket is always in @ports when it is in one
 * of the others.
 */
struct toy_ports {
	struct rhltable bound;
	struct rhltable conn;
	struct xarray ports;
	atomic_t connected;
	struct toy_net *tn;
};

/**
 * struct toy_tuple - both ends of a packet as the receiver sees them
 * @laddr: local address: the packet's destination
 * @raddr: remote address
 * @lport: local port, host byte order
 * @rport: remote port, host byte order
 * @ifindex: device it came in by
 */
struct toy_tuple {
	struct in6_addr laddr;
	struct in6_addr raddr;
	u16 lport;
	u16 rport;
	int ifindex;
};

int toy_ports_new(struct toy_net *tn, struct toy_ports **pp);
void toy_ports_free(struct toy_ports **pp);

int toy_bound_insert(struct toy_ports *p, struct toy_sock *ts);
void toy_bound_remove(struct toy_ports *p, struct toy_sock *ts);
int toy_conn_insert(struct toy_ports *p, struct toy_sock *ts);
void toy_conn_remove(struct toy_ports *p, struct toy_sock *ts);

int toy_port_take(struct sock *sk, u16 port);
void toy_port_release(struct sock *sk);
void toy_sock_local_ports(const struct sock *sk, u32 *low, u32 *high);
int toy_port_connect(struct sock *sk, const struct in6_addr *laddr,
		     const struct in6_addr *raddr, u16 rport);
int toy_port_disconnect(struct sock *sk, const struct in6_addr *laddr);

/* For protocols that listen. */
bool toy_port_conflict(const struct toy_port *port, struct sock *sk);
struct toy_port *toy_port_choose(struct toy_ports *p, struct sock *sk,
				 struct toy_port **fresh);
int toy_port_listen(struct sock *sk);
void toy_port_unlisten(struct sock *sk);
void toy_port_add_owner(struct toy_port *port, struct sock *sk);
void toy_port_drop_owner(struct sock *sk);
struct toy_port *toy_port_any(struct toy_ports *p, struct toy_port *fresh,
			      u32 start, u32 low, u32 high);
bool toy_port_reserved(const struct toy_net *tn, u16 num);
void toy_port_lease(struct sock *sk, struct toy_lease *l,
		    const struct in6_addr *laddr);
void toy_lease_end(struct toy_ports *p, struct toy_lease *l);
void toy_port_put_unused(struct toy_ports *p, struct toy_port *port);

struct sock *toy_lookup(struct toy_ports *p, const struct toy_tuple *t,
			struct sk_buff *skb);
bool toy_sock_matches(const struct sock *sk, const struct toy_tuple *t);

/* Every socket of a port, for broadcasts. RCU. */
#define toy_for_each_owner(ts, port) \
	hlist_for_each_entry_rcu(ts, &(port)->owners, port_node)

static inline struct toy_port *toy_port_find(struct toy_ports *p, u16 num)
{
	return xa_load(&p->ports, num);
}

#endif /* _TOY_SOCK_LOOKUP_H */
