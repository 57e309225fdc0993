/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vocabulary that every room of the house shares: the state of a network
 * namespace, a packet on its way up, counting and dropping.
 */
#ifndef _TOY_H
#define _TOY_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include <uapi/linux/toy.h>

#include "compat.h"
#include "drop.h"
#include "mib.h"

struct toy_addr_table;
struct toy_cc_ops;
struct toy_dev;
struct toy_exc_table;
struct toy_fib;
struct toy_fl_table;
struct toy_frags;
struct toy_icmp;
struct toy_ip_ops;
struct toy_neigh_table;
struct toy_ports;
struct toy_raw_table;
struct toy_ra;
struct toy_tcp_net;

extern unsigned int toy_net_id;
extern int toy_family;			/* module parameter family= */

/*
 * struct toy_sysctl - knobs of one network namespace, net.toy.*
 *
 * Named as their net.ipv4 twins. Written by sysctl handlers at any time:
 * read with READ_ONCE().
 */
struct toy_sysctl {
	int dev_weight;			/* packets one poll may handle */
	int max_backlog;		/* packets a device and CPU may queue */
	int socket_group_range[2];	/* gids that may open sockets */
	int ping_group_range[2];	/* gids that may open ping sockets */
	int ip_local_port_range[2];
	unsigned long *ip_local_reserved_ports;	/* bitmap of 65536 */
	int ip_unprivileged_port_start;
	int ip_default_ttl;
	int ip_nonlocal_bind;
	int ipfrag_high_thresh;		/* bytes of fragments that wait */
	int ipfrag_low_thresh;		/* and that new datagrams may fill */
	int ipfrag_max_dist;		/* fragments of a peer in between */
	int ipfrag_time;		/* seconds */
	int ip6frag_high_thresh;
	int ip6frag_low_thresh;
	int ip6frag_time;
	int icmp_echo_ignore_all;
	int icmp_echo_ignore_broadcasts;
	int icmp6_echo_ignore_multicast;
	int icmp_msgs_per_sec;		/* global limit of errors */
	int icmp_msgs_burst;
	int icmp_ratelimit;		/* ms between errors to one peer */
	int accept_ra;			/* 0 no, 1 unless we route, 2 always */
	int accept_ra_defrtr;
	int accept_ra_min_hop_limit;
	int accept_ra_mtu;
	int accept_ra_pinfo;
	int autoconf;
	int addr_gen_mode;		/* TOY_ADDR_GEN_* */
	int dad_transmits;		/* 0: no RFC 4862 5.4 */
	int max_addresses;		/* that RAs may give a device */
	int optimistic_dad;		/* RFC 4429 */
	int ra_max_dns;
	int ra_max_prefixes;
	int ra_max_routers;
	int router_solicitation_delay;	/* seconds */
	int router_solicitation_interval;
	int router_solicitation_max_interval;
	int router_solicitations;	/* -1: until there is a router */
	struct in6_addr stable_secret;	/* RFC 7217 */
	int igmp_max_memberships;	/* groups of a socket */
	int igmp_max_msf;		/* sources of a membership, IPv4 */
	int igmp_qrv;			/* robustness, RFC 3376 8.1 */
	int mld_max_msf;
	int mld_qrv;
	int mcast_max_groups;		/* of all devices together */
	int acd;			/* RFC 5227: 0 off, 1 optimistic, 2 strict */
	int neigh_gc_thresh;		/* hard limit of neighbour entries */
	int neigh_gc_stale_ms;		/* unused entries go after that */
	int neigh_base_reachable_ms;
	int neigh_retrans_ms;
	int neigh_delay_probe_ms;
	int neigh_ucast_probes;
	int neigh_mcast_probes;
	int neigh_unres_qlen;		/* packets that may wait per entry */
	int tcp_abort_on_overflow;
	int tcp_adv_win_scale;
	int tcp_autocorking;
	int tcp_challenge_ack_limit;	/* a second; INT_MAX for any number */
	int tcp_delack_max_ms;
	int tcp_delack_min_ms;
	int tcp_dsack;
	int tcp_early_retrans;		/* 0: no tail loss probes */
	int tcp_ecn;			/* 0 off, 1 on, 2 answer only */
	int tcp_ecn_fallback;
	int tcp_fastopen;		/* bits: enum toy_fo_mode */
	int tcp_fin_timeout;		/* seconds */
	int tcp_frto;
	int tcp_invalid_ratelimit;	/* ms */
	int tcp_keepalive_intvl;	/* seconds */
	int tcp_keepalive_probes;
	int tcp_keepalive_time;		/* seconds */
	int tcp_limit_output_bytes;
	int tcp_max_orphans;
	int tcp_max_reordering;
	int tcp_max_syn_backlog;
	int tcp_max_tw_buckets;
	int tcp_min_tso_segs;
	int tcp_moderate_rcvbuf;
	int tcp_notsent_lowat;		/* bytes; -1: no limit */
	int tcp_orphan_retries;
	int tcp_recovery;		/* bits; 1: RACK */
	int tcp_reordering;
	int tcp_retrans_collapse;
	int tcp_retries1;
	int tcp_retries2;
	int tcp_rfc1337;
	int tcp_rmem[3];
	int tcp_sack;
	int tcp_slow_start_after_idle;
	int tcp_stdurg;
	int tcp_syn_linear_timeouts;	/* SYNs a second apart */
	int tcp_syn_retries;
	int tcp_synack_retries;
	int tcp_syncookies;		/* 0 off, 1 when needed, 2 always */
	int tcp_timestamps;		/* 0 off, 1 on, 2 without offset */
	int tcp_tw_reuse;		/* 0 off, 1 on, 2 loopback only */
	int tcp_window_scaling;
	int tcp_wmem[3];
	int tcp_min_snd_mss;
	int ip_no_pmtu_disc;
	int ip_forward;
	int ip6_forwarding;
	int rp_filter;			/* RFC 3704: 0 off, 1 strict, 2 loose */
	int accept_redirects;
	int secure_redirects;		/* to gateways of default routes only */
	int send_redirects;
	int min_pmtu;			/* IPv4: bytes */
	int mtu_expires;		/* seconds */
	int fib_multipath_hash_policy;	/* 0 addresses, 1 ports as well */
	int route_max_learnt;		/* routes that routers announce */
	int auto_flowlabels;		/* RFC 6437: toy_ipv6_autolabel() */
};

/*
 * struct toy_net - AF_TOY's state in one network namespace
 *
 * Lives from pernet init to pernet exit (net_generic()); nothing in it needs
 * a reference. Each room owns the part named after it and allocates it in
 * its own toy_*_net_init(), in the order of ctl/netns.c.
 */
struct toy_net {
	/* Read by every packet. */
	struct toy_mib_cpu __percpu *mib;
	struct toy_fib *fib;		/* proto/route.c */
	struct toy_exc_table *exc;	/* proto/exception.c */
	struct toy_neigh_table *neighs;	/* proto/neigh.c */
	struct toy_dev *lo;		/* napi/loop.c: traffic inside AF_TOY */
	struct net_device __rcu *toylo;	/* napi/toylo.c: passes through that */
	struct toy_ports *udp;	/* sock/lookup.c: UDP's tables */
	struct toy_ports *ping;	/* identifiers of ICMP */
	struct toy_ports *ping6;
	struct toy_tcp_net *tcp;	/* proto/tcp/tcp.c */
	unsigned int raw_socks;		/* raw sockets that there are */
	struct toy_raw_table *raw;	/* proto/raw.c */
	/* Of new sockets; RCU. Here and not in @tcp, because the sysctl that
	 * shows it comes before that and goes after it.
	 */
	const struct toy_cc_ops __rcu *tcp_cc;
	struct toy_sysctl sysctl;
	/* Moves on when a route, address or device changes: paths cached in
	 * sockets with another value are looked up anew. Never 0.
	 */
	atomic_t path_gen;

	struct net *net;
	struct list_head devs;		/* toy_dev.list; RTNL writes, RCU reads */
	atomic_t mc_groups;		/* proto/mcast.c: groups of all devices */
	struct toy_addr_table *addrs;	/* proto/addr.c */
	struct toy_icmp *icmp;		/* proto/icmp_out.c */
	struct toy_ra *ra;		/* proto/ra.c */
	struct toy_frags *frags;	/* proto/frag_table.c */
	struct toy_fl_table *labels;	/* sock/flowlabel_table.c */
	struct list_head socks;		/* toy_sock.node: every socket */
	spinlock_t socks_lock;		/* BH-safe; guards socks */
	struct ctl_table_header *sysctl_header;
	struct ctl_table *sysctl_table;
};

static inline struct toy_net *toy_net(const struct net *net)
{
	return net_generic(net, toy_net_id);
}

static inline struct toy_net *toy_sock_net(const struct sock *sk)
{
	return toy_net(sock_net(sk));
}

static inline u32 toy_path_gen(const struct toy_net *tn)
{
	return atomic_read(&tn->path_gen);
}

/* Routes, addresses or devices have changed: cached paths are stale. */
static inline void toy_path_gen_bump(struct toy_net *tn)
{
	if (unlikely(!atomic_inc_return(&tn->path_gen)))
		atomic_inc(&tn->path_gen);
}

/* ---- counting and dropping (ctl/stat.c) ------------------------------- */

static inline void toy_count(struct toy_net *tn, enum toy_mib which)
{
	this_cpu_inc(tn->mib->count[which]);
}

static inline void toy_count_add(struct toy_net *tn, enum toy_mib which,
				 unsigned long n)
{
	this_cpu_add(tn->mib->count[which], n);
}

void toy_drop_skb(struct toy_net *tn, struct sk_buff *skb, enum toy_drop why);

/* ---- addresses --------------------------------------------------------- */

static inline struct in6_addr toy_v4(__be32 addr)
{
	struct in6_addr a;

	ipv6_addr_set_v4mapped(addr, &a);
	return a;
}

static inline bool toy_is_v4(const struct in6_addr *a)
{
	return ipv6_addr_v4mapped(a);
}

static inline __be32 toy_v4_of(const struct in6_addr *a)
{
	return a->s6_addr32[3];
}

/* Unspecified in either version: :: or ::ffff:0.0.0.0. */
static inline bool toy_addr_any(const struct in6_addr *a)
{
	return ipv6_addr_any(a) || (toy_is_v4(a) && !toy_v4_of(a));
}

static inline bool toy_addr_multicast(const struct in6_addr *a)
{
	return toy_is_v4(a) ? ipv4_is_multicast(toy_v4_of(a)) :
			      ipv6_addr_is_multicast(a);
}

static inline bool toy_addr_loopback(const struct in6_addr *a)
{
	return toy_is_v4(a) ? ipv4_is_loopback(toy_v4_of(a)) :
			      ipv6_addr_loopback(a);
}

/* One that means something on one link only: it wants a device beside it. */
static inline bool toy_addr_linklocal(const struct in6_addr *a)
{
	return (a->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000);
}

/* The same, groups of the link and of the interface too (RFC 4007 6). */
static inline bool toy_addr_scoped(const struct in6_addr *a)
{
	return __ipv6_addr_needs_scope_id(__ipv6_addr_type(a));
}

/* ---- a packet on its way up -------------------------------------------- */

#define TOY_PKT_BROADCAST	BIT(0)	/* to a broadcast address, or in a
					 * link-layer broadcast
					 */
#define TOY_PKT_MULTICAST	BIT(1)
#define TOY_PKT_LOOPED		BIT(2)	/* sent by this stack */
#define TOY_PKT_FORWARD		BIT(3)	/* for somebody else */
#define TOY_PKT_SENT		BIT(4)	/* not received: one of ours, that the
					 * error queue tells of
					 */

/**
 * struct toy_pkt - what the layers have found out about a received packet
 * @tn: network namespace
 * @dev: attached device it came in by; valid under the poll's RCU section
 * @ip: row of the IP version
 * @saddr: source
 * @daddr: destination
 * @proto: upper protocol, IPPROTO_*
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @flags: TOY_PKT_*
 * @nhoff: IPv6: offset in the packet of the octet that names @proto
 * @conn: what the transport has found already (struct toy_ip_proto.known), or
 *	NULL
 *
 * On the stack of the receive path, filled from the bottom up, valid for the
 * one call. What must survive until recvmsg() is read again from the headers,
 * which stay in the skb, or stands in struct toy_skb_cb.
 */
struct toy_pkt {
	struct toy_net *tn;
	struct toy_dev *dev;
	const struct toy_ip_ops *ip;
	struct in6_addr saddr;
	struct in6_addr daddr;
	u8 proto;
	u8 ttl;
	u8 tos;
	u8 flags;
	u16 nhoff;
	void *conn;
};

/**
 * struct toy_skb_cb - skb->cb while AF_TOY owns a received skb
 * @ip: row of the IP version, set by the IP layer
 * @ifindex: attached device (TOY loopback: the namespace's loopback)
 * @port: sender's port, host byte order, set by the transport
 * @frag_max: largest fragment that it was put together from, network header
 *	included; 0: it came in one piece
 * @flags: TOY_PKT_*
 */
struct toy_skb_cb {
	const struct toy_ip_ops *ip;
	int ifindex;
	u16 port;
	u16 frag_max;
	u8 flags;
};

static inline struct toy_skb_cb *toy_skb_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct toy_skb_cb) > sizeof(skb->cb));
	return (struct toy_skb_cb *)skb->cb;
}

#endif /* _TOY_H */
