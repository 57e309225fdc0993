/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * AF_TOY: what programs and the module agree on.
 *
 * Three parts: the socket contract (family, address, options), the generic
 * netlink family "toy" that configures and inspects the stack, and the names
 * of states that both show.
 */
#ifndef _UAPI_LINUX_TOY_H
#define _UAPI_LINUX_TOY_H

#include <linux/in6.h>
#include <linux/types.h>

/* ---- Sockets --------------------------------------------------------- */

/* AF_ASH's number: below AF_MAX and never implemented. The module parameter
 * family= moves it.
 */
#ifndef AF_TOY
#define AF_TOY			18
#define PF_TOY			AF_TOY
#endif

/**
 * struct sockaddr_toy - native address form
 * @stoy_family: AF_TOY
 * @stoy_port: transport port, network byte order
 * @stoy_flowinfo: IPv6 traffic class and flow label, network byte order
 * @stoy_addr: address; an IPv4 address a.b.c.d is written ::ffff:a.b.c.d
 * @stoy_scope_id: device index of a link-local address
 *
 * Laid out like struct sockaddr_in6. Every call takes sockaddr_in and
 * sockaddr_in6 as well and answers in the form used last on that socket.
 */
struct sockaddr_toy {
	unsigned short	stoy_family;
	__be16		stoy_port;
	__be32		stoy_flowinfo;
	struct in6_addr	stoy_addr;
	__u32		stoy_scope_id;
};

#define SOL_TOY			318

/* Options at level SOL_TOY. */
enum {
	TOY_SOCKADDR = 1,	/* int: AF_TOY, AF_INET or AF_INET6 pins the
				 * form of answers; 0 follows the program
				 */
	TOY_REUSEPORT = 2,	/* SO_REUSEPORT, for kernels before 6.7 */
	TOY_ZEROCOPY = 3,	/* SO_ZEROCOPY, for the same */
	TOY_SOCKADDR_ONLY = 4,	/* int: AF_INET or AF_INET6: as TOY_SOCKADDR, and
				 * like a socket of that family refuses the
				 * addresses of the other
				 */
};

/* Private protocol numbers, the answers of SO_PROTOCOL. They are no
 * IPPROTO_* on purpose: kernel code casts sockets by those.
 */
enum {
	TOYPROTO_TCP = 512,
	TOYPROTO_UDP,
	TOYPROTO_ICMP,
	TOYPROTO_ICMPV6,
	TOYPROTO_RAW,
	TOYPROTO_PRIVATE = 640,	/* first number free for other modules */
};

/*
 * What getsockopt(TCP_INFO) and TOY_SOCK_A_INFO answer: struct tcp_info as
 * Linux 6.12 lays it out, whatever kernel the module runs on and whatever
 * headers a program was built with. tcp(7) programs may read it through their
 * own struct tcp_info, which is a beginning of this one. Times are in
 * microseconds, the tcpi_last_* in milliseconds, rates in bytes per second.
 */
struct toy_tcp_info {
	__u8	tcpi_state;		/* TCP_ESTABLISHED ... */
	__u8	tcpi_ca_state;		/* TCP_CA_Open ... */
	__u8	tcpi_retransmits;	/* of the segment that is timed now */
	__u8	tcpi_probes;		/* keepalive or window, unanswered */
	__u8	tcpi_backoff;
	__u8	tcpi_options;		/* TCPI_OPT_* */
	__u8	tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4;
	__u8	tcpi_delivery_rate_app_limited : 1,
		tcpi_fastopen_client_fail : 2;

	__u32	tcpi_rto;
	__u32	tcpi_ato;
	__u32	tcpi_snd_mss;
	__u32	tcpi_rcv_mss;

	__u32	tcpi_unacked;		/* segments; of a listener, the queue */
	__u32	tcpi_sacked;		/* segments; of a listener, the backlog */
	__u32	tcpi_lost;
	__u32	tcpi_retrans;
	__u32	tcpi_fackets;		/* always 0 since Linux 4.15 */

	__u32	tcpi_last_data_sent;
	__u32	tcpi_last_ack_sent;	/* always 0 */
	__u32	tcpi_last_data_recv;
	__u32	tcpi_last_ack_recv;

	__u32	tcpi_pmtu;
	__u32	tcpi_rcv_ssthresh;
	__u32	tcpi_rtt;
	__u32	tcpi_rttvar;
	__u32	tcpi_snd_ssthresh;
	__u32	tcpi_snd_cwnd;
	__u32	tcpi_advmss;
	__u32	tcpi_reordering;

	__u32	tcpi_rcv_rtt;
	__u32	tcpi_rcv_space;

	__u32	tcpi_total_retrans;

	__u64	tcpi_pacing_rate;	/* ~0: not paced */
	__u64	tcpi_max_pacing_rate;
	__u64	tcpi_bytes_acked;
	__u64	tcpi_bytes_received;
	__u32	tcpi_segs_out;
	__u32	tcpi_segs_in;

	__u32	tcpi_notsent_bytes;
	__u32	tcpi_min_rtt;		/* ~0: none measured */
	__u32	tcpi_data_segs_in;
	__u32	tcpi_data_segs_out;

	__u64	tcpi_delivery_rate;

	__u64	tcpi_busy_time;
	__u64	tcpi_rwnd_limited;
	__u64	tcpi_sndbuf_limited;

	__u32	tcpi_delivered;
	__u32	tcpi_delivered_ce;

	__u64	tcpi_bytes_sent;
	__u64	tcpi_bytes_retrans;
	__u32	tcpi_dsack_dups;
	__u32	tcpi_reord_seen;

	__u32	tcpi_rcv_ooopack;

	__u32	tcpi_snd_wnd;		/* the peer's, after scaling */
	__u32	tcpi_rcv_wnd;		/* ours, after scaling */

	__u32	tcpi_rehash;

	__u16	tcpi_total_rto;
	__u16	tcpi_total_rto_recoveries;
	__u32	tcpi_total_rto_time;	/* milliseconds */
};

/* ---- Generic netlink ------------------------------------------------- */

#define TOY_GENL_NAME		"toy"
#define TOY_GENL_VERSION	1
#define TOY_GENL_MCGRP		"monitor"
#define TOY_GENL_MCGRP_SOCKETS	"sockets"	/* states of sockets, and their end */

enum toy_cmd {
	TOY_CMD_UNSPEC,
	TOY_CMD_DEV_ATTACH,	/* do: attach a net device */
	TOY_CMD_DEV_DETACH,	/* do; notification */
	TOY_CMD_DEV_GET,	/* dump; notification: attached or changed */
	TOY_CMD_ADDR_ADD,	/* do */
	TOY_CMD_ADDR_DEL,	/* do; notification */
	TOY_CMD_ADDR_GET,	/* dump; notification */
	TOY_CMD_ROUTE_ADD,	/* do */
	TOY_CMD_ROUTE_DEL,	/* do; notification */
	TOY_CMD_ROUTE_GET,	/* do: look one up; dump; notification */
	TOY_CMD_NEIGH_ADD,	/* do */
	TOY_CMD_NEIGH_DEL,	/* do; notification */
	TOY_CMD_NEIGH_FLUSH,	/* do */
	TOY_CMD_NEIGH_GET,	/* dump; notification */
	TOY_CMD_SOCK_GET,	/* dump */
	TOY_CMD_SOCK_KILL,	/* do: close the sockets that match */
	TOY_CMD_STAT_GET,	/* dump */
	TOY_CMD_NAPI_GET,	/* dump */
	TOY_CMD_ROUTE_FLUSH,	/* do: forget what ICMP told */
	TOY_CMD_RA_GET,		/* dump */
	TOY_CMD_MADDR_GET,	/* dump */

	__TOY_CMD_MAX,
	TOY_CMD_MAX = __TOY_CMD_MAX - 1
};

/* Attributes of device messages. */
enum toy_dev_attr {
	TOY_DEV_A_UNSPEC,
	TOY_DEV_A_IFINDEX,	/* u32 */
	TOY_DEV_A_NAME,		/* string */
	TOY_DEV_A_HOOK,		/* u32, enum toy_hook */
	TOY_DEV_A_MTU,		/* u32 */
	TOY_DEV_A_LLADDR,	/* binary, link-layer address */
	TOY_DEV_A_TYPE,		/* u16, ARPHRD_* */
	TOY_DEV_A_FLAGS,	/* u32, IFF_* of the device */

	__TOY_DEV_A_MAX,
	TOY_DEV_A_MAX = __TOY_DEV_A_MAX - 1
};

enum toy_hook {
	TOY_HOOK_SHARED,	/* packet_type: AF_INET stays on the device */
	TOY_HOOK_EXCLUSIVE,	/* rx_handler: IP and ARP go to AF_TOY only */
	TOY_HOOK_LOOPBACK,	/* traffic inside AF_TOY; always there */
};

/* Attributes of address messages. */
enum toy_addr_attr {
	TOY_ADDR_A_UNSPEC,
	TOY_ADDR_A_IFINDEX,	/* u32 */
	TOY_ADDR_A_ADDR,	/* binary, struct in6_addr, IPv4 mapped */
	TOY_ADDR_A_PLEN,	/* u8, 0..128; IPv4 /24 is 120 */
	TOY_ADDR_A_SCOPE,	/* u8, enum toy_scope */
	TOY_ADDR_A_FLAGS,	/* u32, TOY_ADDR_F_* */
	TOY_ADDR_A_BROADCAST,	/* binary, struct in6_addr */
	TOY_ADDR_A_PREFERENCE,	/* s32, higher wins among equals */
	TOY_ADDR_A_VALID_LFT,	/* u32, seconds left; ~0: for ever */
	TOY_ADDR_A_PREFERRED_LFT, /* u32, the same */

	__TOY_ADDR_A_MAX,
	TOY_ADDR_A_MAX = __TOY_ADDR_A_MAX - 1
};

/* RFC 5227 and RFC 4862 states of an address, and properties. */
#define TOY_ADDR_F_TENTATIVE	(1U << 0)	/* probed, not yet usable */
#define TOY_ADDR_F_OPTIMISTIC	(1U << 1)	/* probed and usable */
#define TOY_ADDR_F_DUPLICATE	(1U << 2)	/* another host owns it */
#define TOY_ADDR_F_NOPREFIXROUTE (1U << 3)	/* make no on-link route */
#define TOY_ADDR_F_DEPRECATED	(1U << 4)	/* RFC 4862 5.5.4 */
#define TOY_ADDR_F_AUTOCONF	(1U << 5)	/* RFC 4862 5.3, 5.5: not by hand */
#define TOY_ADDR_F_NODAD	(1U << 6)	/* not probed */

enum toy_scope {		/* as rtnetlink's, wider is smaller */
	TOY_SCOPE_GLOBAL = 0,
	TOY_SCOPE_SITE = 200,
	TOY_SCOPE_LINK = 253,
	TOY_SCOPE_HOST = 254,
	TOY_SCOPE_NOWHERE = 255,
};

/* Attributes of route messages. */
enum toy_route_attr {
	TOY_ROUTE_A_UNSPEC,
	TOY_ROUTE_A_DST,	/* binary, struct in6_addr */
	TOY_ROUTE_A_PLEN,	/* u8, 0..128 */
	TOY_ROUTE_A_GATEWAY,	/* binary, struct in6_addr */
	TOY_ROUTE_A_IFINDEX,	/* u32 */
	TOY_ROUTE_A_PREFSRC,	/* binary, struct in6_addr */
	TOY_ROUTE_A_METRIC,	/* u32 */
	TOY_ROUTE_A_MTU,	/* u32; 0: the device's */
	TOY_ROUTE_A_TYPE,	/* u8, enum toy_route_type */
	TOY_ROUTE_A_ORIGIN,	/* u8, enum toy_route_origin */
	TOY_ROUTE_A_SCOPE,	/* u8, enum toy_scope */
	TOY_ROUTE_A_SRC,	/* binary, struct in6_addr: of a look-up */
	TOY_ROUTE_A_ALL,	/* flag of a dump: local and broadcast too */
	TOY_ROUTE_A_NEXTHOP,	/* nest, once for each of several next hops */
	TOY_ROUTE_A_WINDOW,	/* u32, most that TCP offers, bytes */
	TOY_ROUTE_A_ADVMSS,	/* u32, segment size that TCP announces */
	TOY_ROUTE_A_INITCWND,	/* u32, segments */
	TOY_ROUTE_A_INITRWND,	/* u32, segments */
	TOY_ROUTE_A_HOPLIMIT,	/* u32, TTL or hop limit */
	TOY_ROUTE_A_FLAGS,	/* u32, TOY_ROUTE_F_* */
	TOY_ROUTE_A_EXPIRES_MS,	/* u32, until it goes */
	TOY_ROUTE_A_CACHE,	/* flag: from ICMP; of a dump: show those */
	TOY_ROUTE_A_MARK,	/* u32: of a look-up */

	__TOY_ROUTE_A_MAX,
	TOY_ROUTE_A_MAX = __TOY_ROUTE_A_MAX - 1
};

#define TOY_ROUTE_F_LOCK_MTU	(1U << 0)	/* no path MTU discovery */
#define TOY_ROUTE_F_ECN		(1U << 1)	/* TCP asks for ECN */
#define TOY_ROUTE_F_ONLINK	(1U << 2)	/* the gateway is on the link */

/* Attributes of TOY_ROUTE_A_NEXTHOP. */
enum toy_nexthop_attr {
	TOY_NEXTHOP_A_UNSPEC,
	TOY_NEXTHOP_A_GATEWAY,	/* binary, struct in6_addr */
	TOY_NEXTHOP_A_IFINDEX,	/* u32 */
	TOY_NEXTHOP_A_WEIGHT,	/* u32, 1 to 256 */

	__TOY_NEXTHOP_A_MAX,
	TOY_NEXTHOP_A_MAX = __TOY_NEXTHOP_A_MAX - 1
};

enum toy_route_type {
	TOY_ROUTE_UNICAST,
	TOY_ROUTE_LOCAL,
	TOY_ROUTE_BROADCAST,
	TOY_ROUTE_MULTICAST,
	TOY_ROUTE_BLACKHOLE,	/* EINVAL, silent */
	TOY_ROUTE_UNREACHABLE,	/* EHOSTUNREACH, ICMP host unreachable */
	TOY_ROUTE_PROHIBIT,	/* EACCES, ICMP filtered */
};

enum toy_route_origin {
	TOY_ORIGIN_KERNEL,	/* follows an address */
	TOY_ORIGIN_STATIC,	/* somebody asked for it */
	TOY_ORIGIN_RA,		/* a router announced it, RFC 4861 6.3.4 */
};

/* Attributes of neighbour messages. */
enum toy_neigh_attr {
	TOY_NEIGH_A_UNSPEC,
	TOY_NEIGH_A_IFINDEX,	/* u32 */
	TOY_NEIGH_A_DST,	/* binary, struct in6_addr */
	TOY_NEIGH_A_LLADDR,	/* binary */
	TOY_NEIGH_A_STATE,	/* u8, enum toy_nud_state */
	TOY_NEIGH_A_USED_MS,	/* u32, since last use */
	TOY_NEIGH_A_CONFIRMED_MS, /* u32, since last confirmation */
	TOY_NEIGH_A_UPDATED_MS,	/* u32, since last change of address */
	TOY_NEIGH_A_PROBES,	/* u8, solicitations without an answer */
	TOY_NEIGH_A_QUEUED,	/* u32, packets that wait */

	__TOY_NEIGH_A_MAX,
	TOY_NEIGH_A_MAX = __TOY_NEIGH_A_MAX - 1
};

enum toy_nud_state {		/* RFC 4861 7.3.2, and two of our own */
	TOY_NUD_NONE,
	TOY_NUD_INCOMPLETE,
	TOY_NUD_REACHABLE,
	TOY_NUD_STALE,
	TOY_NUD_DELAY,
	TOY_NUD_PROBE,
	TOY_NUD_FAILED,
	TOY_NUD_PERMANENT,
};

/* Attributes of messages about what IPv6 routers advertise (RFC 4861 4.2). */
enum toy_ra_attr {
	TOY_RA_A_UNSPEC,
	TOY_RA_A_KIND,		/* u8, enum toy_ra_kind */
	TOY_RA_A_IFINDEX,	/* u32 */
	TOY_RA_A_FROM,		/* binary, struct in6_addr: router that says so */
	TOY_RA_A_ADDR,		/* binary, struct in6_addr: prefix or server */
	TOY_RA_A_PLEN,		/* u8, of a prefix */
	TOY_RA_A_LIFETIME,	/* u32, seconds left; ~0: for ever */
	TOY_RA_A_PREFERENCE,	/* s32, -1, 0 or 1 (RFC 4191) */
	TOY_RA_A_FLAGS,		/* u32, TOY_RA_F_* */
	TOY_RA_A_NAME,		/* string: search domain */
	TOY_RA_A_MTU,		/* u32, of a router's link; 0: not said */
	TOY_RA_A_HOP_LIMIT,	/* u8, the same */
	TOY_RA_A_REACHABLE_MS,	/* u32, the same */
	TOY_RA_A_RETRANS_MS,	/* u32, the same */

	__TOY_RA_A_MAX,
	TOY_RA_A_MAX = __TOY_RA_A_MAX - 1
};

enum toy_ra_kind {
	TOY_RA_ROUTER,		/* a router of the link */
	TOY_RA_PREFIX,		/* a prefix of the link */
	TOY_RA_ROUTE,		/* more specific route (RFC 4191) */
	TOY_RA_DNS,		/* recursive DNS server (RFC 8106) */
	TOY_RA_SEARCH,		/* DNS search domain */
	__TOY_RA_KINDS
};

#define TOY_RA_F_MANAGED	(1U << 0)	/* addresses by DHCPv6 */
#define TOY_RA_F_OTHER		(1U << 1)	/* other things by DHCPv6 */
#define TOY_RA_F_ONLINK		(1U << 2)	/* of a prefix */
#define TOY_RA_F_AUTO		(1U << 3)	/* the same: SLAAC */
#define TOY_RA_F_UNREACHABLE	(1U << 4)	/* router does not answer */
#define TOY_RA_F_NODEFAULT	(1U << 5)	/* router is no default router */

/* Attributes of multicast group messages. */
enum toy_maddr_attr {
	TOY_MADDR_A_UNSPEC,
	TOY_MADDR_A_IFINDEX,	/* u32 */
	TOY_MADDR_A_GROUP,	/* binary, struct in6_addr, IPv4 mapped */
	TOY_MADDR_A_USERS,	/* u32, members; the stack itself is one */
	TOY_MADDR_A_MODE,	/* u8, MCAST_INCLUDE or MCAST_EXCLUDE */
	TOY_MADDR_A_SOURCES,	/* binary, struct in6_addr[], the first 64 */
	TOY_MADDR_A_NSOURCES,	/* u32, how many there are */
	TOY_MADDR_A_VERSION,	/* u8, of IGMP or MLD, as spoken on the link */
	TOY_MADDR_A_TIMER_MS,	/* u32, until the next report, if one is due */
	TOY_MADDR_A_REPORTER,	/* flag: the last report was ours */

	__TOY_MADDR_A_MAX,
	TOY_MADDR_A_MAX = __TOY_MADDR_A_MAX - 1
};

/* Attributes of socket messages. */
enum toy_sock_attr {
	TOY_SOCK_A_UNSPEC,
	TOY_SOCK_A_TYPE,	/* u8, SOCK_* */
	TOY_SOCK_A_PROTOCOL,	/* u32, TOYPROTO_* */
	TOY_SOCK_A_PROTO_NAME,	/* string: "tcp", "udp", "icmp" ... */
	TOY_SOCK_A_STATE,	/* u8, TCP_ESTABLISHED ... as in tcp_states.h */
	TOY_SOCK_A_LADDR,	/* binary, struct in6_addr */
	TOY_SOCK_A_LPORT,	/* u16, host byte order */
	TOY_SOCK_A_RADDR,	/* binary, struct in6_addr */
	TOY_SOCK_A_RPORT,	/* u16, host byte order */
	TOY_SOCK_A_IFINDEX,	/* u32, SO_BINDTODEVICE */
	TOY_SOCK_A_RQUEUE,	/* u32 */
	TOY_SOCK_A_WQUEUE,	/* u32 */
	TOY_SOCK_A_UID,		/* u32 */
	TOY_SOCK_A_INODE,	/* u64 */
	TOY_SOCK_A_COOKIE,	/* u64 */
	TOY_SOCK_A_REFS,	/* u32 */
	TOY_SOCK_A_MEMINFO,	/* binary, u32[SK_MEMINFO_VARS] */
	TOY_SOCK_A_MARK,	/* u32 */
	TOY_SOCK_A_FORM,	/* u16, address form in use: AF_* */
	TOY_SOCK_A_DROPS,	/* u32 */
	TOY_SOCK_A_SHUTDOWN,	/* u8 */
	TOY_SOCK_A_TIMER,	/* u8, enum toy_sock_timer */
	TOY_SOCK_A_TIMER_MS,	/* u32, until it expires */
	TOY_SOCK_A_RETRANS,	/* u8 */
	TOY_SOCK_A_INFO,	/* binary, struct toy_tcp_info */
	TOY_SOCK_A_CONG,	/* string */
	TOY_SOCK_A_PAD,
	TOY_SOCK_A_CONG_INFO,	/* binary, what TCP_CC_INFO answers */

	__TOY_SOCK_A_MAX,
	TOY_SOCK_A_MAX = __TOY_SOCK_A_MAX - 1
};

enum toy_sock_timer {		/* the numbers of idiag_timer */
	TOY_SOCK_TIMER_OFF,
	TOY_SOCK_TIMER_RETRANS,
	TOY_SOCK_TIMER_KEEPALIVE,
	TOY_SOCK_TIMER_TIMEWAIT,
	TOY_SOCK_TIMER_PERSIST,
};

/* Attributes of counter messages. */
enum toy_stat_attr {
	TOY_STAT_A_UNSPEC,
	TOY_STAT_A_NAME,	/* string, SNMP name where there is one */
	TOY_STAT_A_VALUE,	/* u64 */
	TOY_STAT_A_HELP,	/* string, one line */
	TOY_STAT_A_PAD,

	__TOY_STAT_A_MAX,
	TOY_STAT_A_MAX = __TOY_STAT_A_MAX - 1
};

/* Attributes of receive queue messages, one per device and CPU. */
enum toy_napi_attr {
	TOY_NAPI_A_UNSPEC,
	TOY_NAPI_A_IFINDEX,	/* u32 */
	TOY_NAPI_A_CPU,		/* u32 */
	TOY_NAPI_A_PROCESSED,	/* u64 */
	TOY_NAPI_A_DROPPED,	/* u64 */
	TOY_NAPI_A_TIME_SQUEEZE, /* u64 */
	TOY_NAPI_A_QLEN,	/* u32 */
	TOY_NAPI_A_POLLS,	/* u64 */
	TOY_NAPI_A_PAD,

	__TOY_NAPI_A_MAX,
	TOY_NAPI_A_MAX = __TOY_NAPI_A_MAX - 1
};

#endif /* _UAPI_LINUX_TOY_H */
