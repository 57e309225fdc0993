/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_SOCK_H
#define _TOY_SOCK_SOCK_H

#include <linux/rhashtable.h>
#include <linux/xarray.h>
#include <net/sock.h>

#include "../proto/ip.h"
#include "../proto/route.h"
#include "../skb/ipv4_opts.h"
#include "../toy.h"

struct toy_ext_src;
struct toy_ipv6_txexts;
struct toy_mc_sock;
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
 * @form_only: TOY_SOCKADDR_ONLY: of AF_INET and AF_INET6, addresses of @form only
 * @peer_label: flow label with which the peer has opened the connection
 * @scope_id: device to which a link-local address has bound the socket, or 0
 * @uc_ttl: IP_TTL, or -1 for net.toy.ip_default_ttl
 * @mc_ttl: IP_MULTICAST_TTL
 * @mc_hops: IPV6_MULTICAST_HOPS
 * @tos: IP_TOS
 * @pmtudisc: IP_MTU_DISCOVER
 * @min_ttl: IP_MINTTL
 * @hops: IPV6_UNICAST_HOPS, or -1
 * @tclass: IPV6_TCLASS
 * @pmtudisc6: IPV6_MTU_DISCOVER
 * @min_hops: IPV6_MINHOPCOUNT
 * @rare: options that few sockets set, or NULL; made under the socket lock,
 *	goes with the socket
 * @cmsg_flags: TOY_CMSG_*: control messages that recvmsg() delivers
 * @opt_flags: TOY_OPT_*: options that are on or off
 * @recverr: IP_RECVERR
 * @freebind: IP_FREEBIND
 * @bind_no_port: IP_BIND_ADDRESS_NO_PORT: bind(2) leaves the port to connect(2)
 * @port_explicit: counted in toy_port.explicit
 * @v4only: bound by a sockaddr_in to 0.0.0.0, or by toy_autobind(): takes no IPv6
 * @in_bound: @bound_node is in its table
 * @in_conn: @conn_node is in its table
 * @mc_loop: IP_MULTICAST_LOOP
 * @dontfrag6: IPV6_DONTFRAG
 * @mc_loop6: IPV6_MULTICAST_LOOP
 * @mc_all: IP_MULTICAST_ALL
 * @mc_all6: IPV6_MULTICAST_ALL
 * @mcast: memberships, made when first needed; sock/mcast.c
 * @node: in toy_net.socks
 * @last_port: the port that it had before sk_num became 0, for who asks later
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
	u8 mc_hops;
	u8 tos;
	u8 pmtudisc;
	u8 min_ttl;
	s16 hops;
	u8 tclass;
	u8 pmtudisc6;
	u8 min_hops;

	/* receiving and the rest */
	u8 form;
	u8 form_pinned:1;
	u8 form_only:1;
	u8 recverr:1;
	u8 freebind:1;
	u8 bind_no_port:1;
	u8 port_explicit:1;
	u8 v4only:1;
	u8 in_bound:1;
	u8 in_conn:1;
	u8 mc_loop:1;
	u8 dontfrag6:1;
	u8 mc_loop6:1;
	u8 mc_all:1;
	u8 mc_all6:1;
	u32 cmsg_flags;
	u32 opt_flags;
	u32 scope_id;
	__be32 peer_label;
	struct toy_sock_rare *rare;
	struct toy_mc_sock *mcast;

	struct toy_port *port;
	struct hlist_node port_node;
	struct list_head node;
	u16 last_port;
};

static inline struct toy_sock *toy_sk(const struct sock *sk)
{
	return (struct toy_sock *)sk;
}

/* Control messages that a reader has asked for: ip(7), ... */
#define TOY_CMSG_PKTINFO	BIT(0)
#define TOY_CMSG_TTL		BIT(1)
#define TOY_CMSG_TOS		BIT(2)
#define TOY_CMSG_RECVOPTS	BIT(3)
#define TOY_CMSG_RETOPTS	BIT(4)
#define TOY_CMSG_ORIGDST	BIT(5)
#define TOY_CMSG_FRAGSIZE	BIT(6)
#define TOY_CMSG_CHECKSUM	BIT(7)
/* ... and ipv6(7); the twins of RFC 2292 have other numbers. */
#define TOY_CMSG6_PKTINFO	BIT(8)
#define TOY_CMSG6_HOPLIMIT	BIT(9)
#define TOY_CMSG6_TCLASS	BIT(10)
#define TOY_CMSG6_FLOWINFO	BIT(11)
#define TOY_CMSG6_HOPOPTS	BIT(12)
#define TOY_CMSG6_RTHDR		BIT(13)
#define TOY_CMSG6_DSTOPTS	BIT(14)
#define TOY_CMSG6_ORIGDST	BIT(15)
#define TOY_CMSG6_FRAGSIZE	BIT(16)
#define TOY_CMSG6_PATHMTU	BIT(17)
#define TOY_CMSG6_2292PKTINFO	BIT(18)
#define TOY_CMSG6_2292HOPLIMIT	BIT(19)
#define TOY_CMSG6_2292HOPOPTS	BIT(20)
#define TOY_CMSG6_2292RTHDR	BIT(21)
#define TOY_CMSG6_2292DSTOPTS	BIT(22)
#define TOY_CMSG_UDP_GRO	BIT(23)	/* and it may be several datagrams */

#define TOY_OPT_TRANSPARENT	BIT(0)
#define TOY_OPT_HDRINCL		BIT(1)	/* IP_HDRINCL, IPV6_HDRINCL */
#define TOY_OPT_NODEFRAG	BIT(2)
#define TOY_OPT_RECVERR6	BIT(3)
#define TOY_OPT_REFLECT		BIT(4)	/* IPV6_FL_F_REFLECT */
#define TOY_OPT_FLOWINFO_SEND	BIT(5)
#define TOY_OPT_AUTOFLOWLABEL	BIT(6)
#define TOY_OPT_AUTOFLOWLABEL_SET BIT(7)
#define TOY_OPT_RFC4884		BIT(8)
#define TOY_OPT_RFC4884_6	BIT(9)

/**
 * struct toy_sock_rare - options that few sockets set
 * @ip_opts: IP_OPTIONS, or NULL; written under the socket lock
 * @ucast_if: IP_UNICAST_IF, or 0
 * @ucast_if6: IPV6_UNICAST_IF, or 0
 * @local_ports: IP_LOCAL_PORT_RANGE: low in the lower half, high above
 * @pktinfo6: IPV6_PKTINFO as an option
 * @mtu6: IPV6_MTU, or 0
 * @addr_prefs: IPV6_ADDR_PREFERENCES
 * @exts: extension headers of what is sent to IPv6, or NULL; written under the
 *	socket lock
 * @labels: flow labels that it has leased; written under the socket lock, read
 *	under RCU
 * @flowinfo: flow label and traffic class that connect(2) has named, or the
 *	peer's label (IPV6_FL_F_REFLECT)
 * @pathmtu: what IPV6_RECVPATHMTU has to tell, or NULL; taken by xchg()
 */
struct toy_sock_rare {
	struct toy_ipv4_txopts __rcu *ip_opts;
	int ucast_if;
	int ucast_if6;
	u32 local_ports;
	struct in6_pktinfo pktinfo6;
	u32 mtu6;
	u32 addr_prefs;
	struct toy_ipv6_txexts __rcu *exts;
	struct hlist_head labels;
	__be32 flowinfo;
	struct ip6_mtuinfo *pathmtu;
};

/* The flow label of a packet that has come, 0 for IPv4. */
static inline __be32 toy_skb_label(const struct sk_buff *skb)
{
	return toy_skb_cb(skb)->ip->version == 6 ?
	       ip6_flowlabel(ipv6_hdr(skb)) : 0;
}

/* IP_TOS or IPV6_TCLASS, by the version of the destination. */
static inline u8 toy_sock_tos(const struct toy_sock *ts,
			      const struct in6_addr *daddr)
{
	return toy_is_v4(daddr) ? READ_ONCE(ts->tos) : READ_ONCE(ts->tclass);
}

/* IP_TTL or IPV6_UNICAST_HOPS, or what the namespace has for all. */
static inline u8 toy_sock_ttl(const struct toy_sock *ts,
			      const struct in6_addr *daddr)
{
	int ttl = toy_is_v4(daddr) ? READ_ONCE(ts->uc_ttl) : READ_ONCE(ts->hops);

	return ttl >= 0 ? ttl :
	       READ_ONCE(toy_sock_net(&ts->sk)->sysctl.ip_default_ttl);
}

/* IP_MTU_DISCOVER or IPV6_MTU_DISCOVER; their values are the same. */
static inline u8 toy_sock_pmtudisc(const struct toy_sock *ts,
				   const struct in6_addr *daddr)
{
	return READ_ONCE(*(toy_is_v4(daddr) ? &ts->pmtudisc : &ts->pmtudisc6));
}

/* IPV6_AUTOFLOWLABEL as enum toy_autolabel. */
static inline u8 toy_sock_autolabel(const struct toy_sock *ts)
{
	u32 flags = READ_ONCE(ts->opt_flags);

	if (likely(!(flags & TOY_OPT_AUTOFLOWLABEL_SET)))
		return TOY_AUTOLABEL_DEFAULT;
	return flags & TOY_OPT_AUTOFLOWLABEL ? TOY_AUTOLABEL_ON :
					       TOY_AUTOLABEL_OFF;
}

/* Does it take a packet with this TTL? IP_MINTTL, IPV6_MINHOPCOUNT. */
static inline bool toy_sock_ttl_ok(const struct toy_sock *ts,
				   const struct toy_pkt *pkt)
{
	return pkt->ttl >= (toy_is_v4(&pkt->saddr) ? READ_ONCE(ts->min_ttl) :
						     READ_ONCE(ts->min_hops));
}

/* May it speak from, and be bound to, addresses that are not ours? */
static inline bool toy_sock_nonlocal(const struct toy_sock *ts)
{
	return ts->freebind || READ_ONCE(ts->opt_flags) & TOY_OPT_TRANSPARENT;
}

/* IP_RECVERR or IPV6_RECVERR, by the version of the address. */
static inline bool toy_sock_recverr(const struct toy_sock *ts,
				    const struct in6_addr *addr)
{
	return toy_is_v4(addr) ? ts->recverr :
	       !!(READ_ONCE(ts->opt_flags) & TOY_OPT_RECVERR6);
}

/**
 * struct toy_prot - a struct proto and what our code wants to know of it
 * @prot: the kernel's; sk->sk_prot points here
 * @ports: the port table of the protocol in a namespace, or NULL
 * @tskey_base: where SOF_TIMESTAMPING_OPT_ID counts octets from, socket locked;
 *	NULL: it counts messages
 * @name: as in `toy ss`
 * @zerocopy: SO_ZEROCOPY
 * @demux_connected: a connected socket takes its peer's packets only
 * @listens: only sockets that listen are found by their local end, and ports
 *	are shared by TCP's rules
 * @privileged_ports: ports below net.toy.ip_unprivileged_port_start need
 *	CAP_NET_BIND_SERVICE
 */
struct toy_prot {
	struct proto prot;
	struct toy_ports *(*ports)(struct toy_net *tn);
	u32 (*tskey_base)(const struct sock *sk, u32 tsflags);
	const char *name;
	bool zerocopy;
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
 * @flowinfo: traffic class and flow label, or 0
 * @form: AF_* of the sockaddr
 */
struct toy_endpoint {
	struct in6_addr addr;
	u16 port;
	u32 scope_id;
	__be32 flowinfo;
	u16 form;
};

int toy_endpoint_read(const void *uaddr, int len, struct toy_endpoint *ep);
int toy_endpoint_read_of(const struct sock *sk, const void *uaddr, int len,
			 bool mapped, struct toy_endpoint *ep);
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

/* sock/opt_rare.c */
struct toy_sock_rare *toy_sock_rare(struct sock *sk);
void toy_sock_rare_free(struct sock *sk);
void toy_sock_rare_clone(struct sock *child);
int toy_sock_ucast_if(const struct toy_sock *ts, const struct in6_addr *daddr);
unsigned int toy_sock_ip_opts(const struct toy_sock *ts,
			      struct toy_ipv4_txopts *o);

/* sock/exts.c */
struct toy_ipv6_txexts *toy_sock_exts(const struct toy_sock *ts);
const struct in6_addr *toy_sock_hop(const struct sock *sk,
				    const struct in6_addr *daddr);

/* The same of a socket that is locked, for what it sends to @daddr. */
static inline const struct toy_ipv6_txexts *
toy_sock_exts_to(const struct sock *sk, const struct in6_addr *daddr)
{
	const struct toy_sock_rare *rare = toy_sk(sk)->rare;

	if (likely(!rare) || toy_is_v4(daddr))
		return NULL;
	return rcu_dereference_protected(rare->exts, lockdep_sock_is_held(sk));
}

/* sock/mcast.c */
bool toy_sock_mcast_allow(const struct sock *sk, const struct in6_addr *group,
			  const struct in6_addr *saddr, int ifindex);
void toy_sock_mcast_route(const struct toy_sock *ts,
			  const struct in6_addr *daddr, struct in6_addr *saddr,
			  int *oif);
void toy_sock_mcast_close(struct sock *sk);

static inline u8 toy_sock_mcast_ttl(const struct toy_sock *ts,
				    const struct in6_addr *daddr)
{
	return toy_is_v4(daddr) ? ts->mc_ttl : ts->mc_hops;
}

/* sock/cmsg.c */
/**
 * struct toy_tx_cmsg - what control messages of sendmsg() ask for
 * @saddr: source, or unspecified
 * @oif: device, or 0
 * @ttl: TTL or hop limit, or -1
 * @tos: TOS or traffic class, or -1
 * @dontfrag: IPV6_DONTFRAG, or -1
 * @flowinfo: IPV6_FLOWINFO, or 0
 * @gso_size: UDP_SEGMENT: bytes of data in each datagram, or 0: one datagram
 * @priority: the skb's
 * @ip_opts: IP_RETOPTS or the socket's IP_OPTIONS; length 0 for none
 * @exts: IPv6: extension headers, its own or the socket's, with a reference, or
 *	NULL
 * @final: with @exts: destination
 * @sockc: SOL_SOCKET's
 */
struct toy_tx_cmsg {
	struct in6_addr saddr;
	int oif;
	s16 ttl;
	s16 tos;
	s8 dontfrag;
	u16 gso_size;
	__be32 flowinfo;
	u32 priority;
	struct toy_ipv4_txopts ip_opts;
	struct toy_ipv6_txexts *exts;
	struct in6_addr final;
	struct sockcm_cookie sockc;
};

int toy_cmsg_send(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c,
		  const struct in6_addr *daddr);
void toy_cmsg_done(struct toy_tx_cmsg *c);
int toy_cmsg_exts(struct sock *sk, struct msghdr *msg, struct toy_ext_src *src);
void toy_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb);

/* sock/err.c */
int toy_recv_error(struct sock *sk, struct msghdr *msg, size_t len,
		   int *addr_len);
void toy_sock_error(struct sock *sk, const struct sk_buff *quoted,
		    unsigned int hdr_len, u16 port, const struct toy_icmp_err *e);
void toy_queue_local_error(struct sock *sk, int err, const struct in6_addr *daddr,
			   u16 port, u32 info);
bool toy_pathmtu_pending(const struct sock *sk);
int toy_recv_pathmtu(struct sock *sk, struct msghdr *msg, int *addr_len);
void toy_dgram_too_long(struct sock *sk, const struct in6_addr *daddr, u16 port,
			const struct toy_ip_tx *tx, const struct toy_path *path);

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
int toy_autobind(struct sock *sk);
int toy_bindable(struct sock *sk, const struct toy_endpoint *ep);
int toy_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		      int flags);

/* sock/ioctl.c */
int toy_ifreq_ioctl(struct sock *sk, unsigned int cmd, unsigned long arg);

/* sock/path.c */
struct toy_path_ref *toy_sock_path(struct sock *sk, const struct toy_flow *flow);
void toy_path_ref_put(struct toy_path_ref *ref);
int toy_sock_mtu(struct sock *sk);
void toy_sock_path_drop(struct sock *sk);
bool toy_path_sg(const struct toy_path *path);

/* sock/pair.c */
int toy_stream_socketpair(struct socket *a, struct socket *b);
int toy_dgram_socketpair(struct socket *a, struct socket *b);

/* sock/dgram.c */
extern const struct proto_ops toy_dgram_ops;
void toy_dgram_close(struct sock *sk, long timeout);
void toy_dgram_unhash(struct sock *sk);
int toy_dgram_disconnect(struct sock *sk, int flags);
int toy_dgram_abort(struct sock *sk, int err);
int toy_dgram_autobind(struct sock *sk);
int toy_dest_check(const struct sock *sk, struct in6_addr *daddr,
		   const struct in6_addr *saddr);

/* sock/dgram_recv.c */
int toy_dgram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags, int *addr_len);
enum toy_drop toy_dgram_filter(struct sock *sk, struct sk_buff *skb,
			       unsigned int hdr_len);
enum toy_drop toy_dgram_queue(struct sock *sk, struct sk_buff *skb);
void toy_dgram_purge(struct sock *sk);
enum toy_drop toy_dgram_deliver(struct sock *sk, struct sk_buff *skb,
				unsigned int hdr_len);

/* sock/dgram_send.c */
int toy_dgram_dest(struct sock *sk, struct msghdr *msg, struct toy_tx_cmsg *c,
		   struct toy_endpoint *to);
struct toy_path_ref *toy_dgram_path(struct sock *sk, const struct msghdr *msg,
				    const struct toy_tx_cmsg *c,
				    const struct toy_endpoint *to);
struct sk_buff *toy_dgram_alloc(struct sock *sk, const struct msghdr *msg,
				const struct toy_path *path, unsigned int hdr_len,
				size_t len, const struct toy_tx_cmsg *c, int *err);
/* The message is complete: what of its way does the program want to know
 * (SO_TIMESTAMPING)? It gets its number now, so that errors before use up none.
 */
static inline void toy_dgram_stamp(struct sk_buff *skb,
				   const struct toy_tx_cmsg *c)
{
	if (unlikely(c->sockc.tsflags))
		skb_setup_tx_timestamp(skb, c->sockc.tsflags);
}

void toy_dgram_tx(const struct sock *sk, const struct toy_tx_cmsg *c,
		  const struct toy_path *path, struct toy_ip_tx *tx);
u32 toy_dgram_room(const struct toy_path *path, const struct toy_ip_tx *tx,
		   const struct toy_tx_cmsg *c);

#endif /* _TOY_SOCK_SOCK_H */
