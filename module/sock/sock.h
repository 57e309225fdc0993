/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_SOCK_H
#define _TOY_SOCK_SOCK_H

#include <linux/rhashtable.h>
#include <linux/xarray.h>
#include <net/sock.h>

#include "../proto/ip.h"
#include "../proto/route.h"
#include "../toy.h"

struct toy_port;

/* What stands in TCP's table of both ends; the node says which it is. */
enum toy_conn_kind {
	TOY_CONN_SOCK,		/* struct toy_sock */
	TOY_CONN_REQ,		/* half-open: proto/tcp/synack.h */
	TOY_CONN_TW,		/* TIME_WAIT: proto/tcp/timewait.h */
};

/**
 * struct toy_conn - an entry of TCP's table of both ends (proto/tcp/conn.c)
 * @node: in the table
 * @kind: enum toy_conn_kind
 * @hashed: @node is in the table; written by who inserts and removes it
 */
struct toy_conn {
	struct rhash_head node;
	u8 kind;
	bool hashed;
};

/**
 * struct toy_path_ref - a path that a socket has cached
 * @path: the path; immutable
 * @flow: what it was looked up by
 * @refcnt: the socket's reference, and one for each sender under way
 * @rcu: freed after a grace period
 */
struct toy_path_ref {
	struct toy_path path;
	struct toy_flow flow;
	refcount_t refcnt;
	struct rcu_head rcu;
};

/**
 * struct toy_sock - what every AF_TOY socket has
 * @sk: the kernel's socket. Local address and port are sk_v6_rcv_saddr and
 *	sk_num, the peer's sk_v6_daddr and sk_dport, IPv4 mapped.
 * @bound_node: in toy_ports.bound, keyed by @bound_addr and sk_num
 * @conn_node: in toy_ports.conn, keyed by both ends
 * @conn: the same for TCP, whose table holds more than sockets
 * @port_node: in toy_port.owners
 * @port: the bound port, or NULL
 * @bound_addr: key of @bound_node; stays when connect() narrows the address
 * @saddr: source address of what is sent; unspecified to have one chosen
 * @path: where the last datagram went; RCU, replaced by xchg()
 * @form: address form in which answers are given, AF_*
 * @form_pinned: TOY_SOCKADDR has fixed @form
 * @scope_id: device to which a link-local address has bound the socket, or 0
 * @pmtu: path MTU that routers have told this connection, or 0
 * @uc_ttl: IP_TTL, or -1 for net.toy.ip_default_ttl
 * @mc_ttl: IP_MULTICAST_TTL
 * @tos: IP_TOS
 * @pmtudisc: IP_MTU_DISCOVER
 * @cmsg_flags: TOY_CMSG_*: control messages that recvmsg() delivers
 * @recverr: IP_RECVERR
 * @freebind: IP_FREEBIND
 * @bind_no_port: IP_BIND_ADDRESS_NO_PORT: bind(2) leaves the port to connect(2)
 * @port_explicit: counted in toy_port.explicit
 * @v4only: bound by a sockaddr_in to 0.0.0.0: takes no IPv6
 * @in_bound: @bound_node is in its table
 * @in_conn: @conn_node is in its table
 * @mc_loop: IP_MULTICAST_LOOP
 * @node: in toy_net.socks
 *
 * Lifetime: freed by RCU (SOCK_RCU_FREE), so a look-up may find a socket that
 * is being closed; whoever keeps it beyond the RCU section takes a reference
 * by refcount_inc_not_zero(). Locking: the socket lock for all that is not
 * said to be otherwise; the tables' nodes under the bucket lock of the port
 * table.
 */
struct toy_sock {
	struct sock sk;		/* first */

	/* look-up */
	struct rhlist_head bound_node;
	union {
		struct rhlist_head conn_node;
		struct toy_conn conn;
	};
	struct in6_addr bound_addr;

	/* sending */
	struct in6_addr saddr;
	struct toy_path_ref __rcu *path;
	s16 uc_ttl;
	u8 mc_ttl;
	u8 tos;
	u8 pmtudisc;

	/* receiving and the rest */
	u8 form;
	u8 cmsg_flags;
	u8 form_pinned:1;
	u8 recverr:1;
	u8 freebind:1;
	u8 bind_no_port:1;
	u8 port_explicit:1;
	u8 v4only:1;
	u8 in_bound:1;
	u8 in_conn:1;
	u8 mc_loop:1;
	u32 scope_id;
	u32 pmtu;

	struct toy_port *port;
	struct hlist_node port_node;
	struct list_head node;
};

static inline struct toy_sock *toy_sk(const struct sock *sk)
{
	return (struct toy_sock *)sk;
}

#define TOY_CMSG_PKTINFO	BIT(0)
#define TOY_CMSG_TTL		BIT(1)
#define TOY_CMSG_TOS		BIT(2)

/**
 * struct toy_prot - a struct proto and what our code wants to know of it
 * @prot: the kernel's; sk->sk_prot points here
 * @ports: the port table of the protocol in a namespace, or NULL
 * @name: as in `toy ss`
 * @demux_connected: a connected socket takes its peer's packets only
 * @listens: only sockets that listen are found by their local end, and ports
 *	are shared by TCP's rules
 * @privileged_ports: ports below net.toy.ip_unprivileged_port_start need
 *	CAP_NET_BIND_SERVICE
 */
struct toy_prot {
	struct proto prot;
	struct toy_ports *(*ports)(struct toy_net *tn);
	const char *name;
	bool demux_connected;
	bool listens;
	bool privileged_ports;
};

static inline const struct toy_prot *toy_prot(const struct sock *sk)
{
	const struct proto *prot = READ_ONCE(sk->sk_prot);

	return container_of(prot, const struct toy_prot, prot);
}

/**
 * struct toy_sock_type - a row of the family's (type, protocol) table
 * @list: in the table
 * @type: SOCK_*
 * @protocol: IPPROTO_*; 0 takes any protocol
 * @number: TOYPROTO_*, the sk_protocol of its sockets
 * @raw: needs CAP_NET_RAW in the namespace
 * @prot: protocol
 * @ops: socket operations
 */
struct toy_sock_type {
	struct list_head list;
	int type;
	int protocol;
	int number;
	bool raw;
	struct toy_prot *prot;
	const struct proto_ops *ops;
};

/* sock/family.c */
int toy_sock_type_register(struct toy_sock_type *t);
void toy_sock_type_unregister(struct toy_sock_type *t);
int toy_family_register(void);
void toy_family_unregister(void);
bool toy_group_allowed(const struct net *net, const int *range);

/* sock/addr.c */
/**
 * struct toy_endpoint - an address as a program gave it, in our form
 * @addr: address, IPv4 mapped; unspecified stays in the version used
 * @port: host byte order
 * @scope_id: device, or 0
 * @form: AF_* of the sockaddr
 */
struct toy_endpoint {
	struct in6_addr addr;
	u16 port;
	u32 scope_id;
	u16 form;
};

int toy_endpoint_read(const void *uaddr, int len, struct toy_endpoint *ep);
int toy_endpoint_write(const struct sock *sk, void *uaddr,
		       const struct in6_addr *addr, u16 port, u32 scope_id);
void toy_dest_self(struct in6_addr *daddr, const struct in6_addr *saddr);
int toy_sock_scope(struct sock *sk, const struct toy_endpoint *ep);
void toy_sock_unscope(struct sock *sk);
void toy_sock_used_form(struct sock *sk, u16 form);
int toy_getname(struct socket *sock, struct sockaddr *uaddr, int peer);

/* sock/opt.c */
int toy_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen);
int toy_getsockopt(struct socket *sock, int level, int optname,
		   char __user *optval, int __user *optlen);

/* sock/cmsg.c */
/**
 * struct toy_tx_cmsg - what control messages of sendmsg() ask for
 * @saddr: source, or unspecified
 * @oif: device, or 0
 * @ttl: or -1
 * @tos: or -1
 * @sockc: SOL_SOCKET's
 */
struct toy_tx_cmsg {
	struct in6_addr saddr;
	int oif;
	s16 ttl;
	s16 tos;
	struct sockcm_cookie sockc;
};

int toy_cmsg_send(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c);
void toy_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb);

/* sock/err.c */
int toy_recv_error(struct sock *sk, struct msghdr *msg, size_t len,
		   int *addr_len);
void toy_sock_error(struct sock *sk, const struct sk_buff *quoted,
		    unsigned int hdr_len, u16 port, const struct toy_icmp_err *e);
void toy_queue_local_error(struct sock *sk, int err, const struct in6_addr *daddr,
			   u16 port, u32 info);

/* sock/ops.c */
void toy_mem_limits(long *mem);
int toy_sock_init(struct sock *sk);
void toy_sock_enlist(struct sock *sk);
void toy_sock_unlist(struct sock *sk);
void toy_sock_destruct(struct sock *sk);
int toy_release(struct socket *sock);
int toy_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int toy_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
int toy_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int toy_shutdown(struct socket *sock, int how);
int toy_bind(struct socket *sock, struct sockaddr *uaddr, int len);
int toy_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		      int flags);

/* sock/path.c */
struct toy_path_ref *toy_sock_path(struct sock *sk, const struct toy_flow *flow);
void toy_path_ref_put(struct toy_path_ref *ref);
void toy_sock_path_drop(struct sock *sk);

/* sock/dgram.c */
extern const struct proto_ops toy_dgram_ops;
void toy_dgram_close(struct sock *sk, long timeout);
void toy_dgram_unhash(struct sock *sk);
int toy_dgram_disconnect(struct sock *sk, int flags);
int toy_dgram_abort(struct sock *sk, int err);
int toy_dgram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags, int *addr_len);
enum toy_drop toy_dgram_deliver(struct sock *sk, struct sk_buff *skb,
				unsigned int hdr_len);
int toy_dgram_autobind(struct sock *sk);
int toy_dgram_dest(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c,
		   struct toy_endpoint *to);
struct toy_path_ref *toy_dgram_path(struct sock *sk, const struct msghdr *msg,
				    const struct toy_tx_cmsg *c,
				    const struct toy_endpoint *to);
struct sk_buff *toy_dgram_alloc(struct sock *sk, const struct msghdr *msg,
				const struct toy_path *path, unsigned int hdr_len,
				size_t len, const struct toy_tx_cmsg *c, int *err);
void toy_dgram_tx(const struct sock *sk, const struct toy_tx_cmsg *c,
		  const struct toy_path *path, struct toy_ip_tx *tx);

#endif /* _TOY_SOCK_SOCK_H */
