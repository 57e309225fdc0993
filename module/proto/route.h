/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ROUTE_H
#define _TOY_PROTO_ROUTE_H

#include <linux/rtnetlink.h>

#include "../toy.h"
#include "../napi/dev.h"

struct toy_exc_table;
struct toy_hops;
struct toy_neigh;

/**
 * struct toy_metrics - what a route knows of the way, besides its MTU
 * @window: most that TCP offers there, bytes; 0: no bound
 * @advmss: segment size that TCP announces; 0: what the MTU allows
 * @initcwnd: TCP's first congestion window, segments; 0: RFC 6928's
 * @initrwnd: TCP's first receive window, segments; 0: what the buffer allows
 * @hoplimit: TTL or hop limit; 0: the namespace's
 * @flags: TOY_ROUTE_F_*
 */
struct toy_metrics {
	u32 window;
	u16 advmss;
	u16 initcwnd;
	u16 initrwnd;
	u8 hoplimit;
	u8 flags;
};

/**
 * struct toy_route - a route to a prefix
 * @next: the next route of this prefix: greater metric
 * @dst: prefix
 * @gateway: next hop; unspecified (::) for an on-link route; of several, the
 *	first
 * @prefsrc: source for what goes this way; unspecified (::) for none
 * @dev: device, referenced; NULL for blackhole, unreachable, prohibit; of
 *	several, the first
 * @hops: several next hops (proto/hops.h), or NULL
 * @expires: jiffies at which it goes; 0: never. Moves when it is learnt again
 * @metric: lower wins
 * @mtu: upper bound of the MTU on this route; 0: the device's
 * @m: other metrics
 * @plen: prefix length, of 128
 * @type: enum toy_route_type
 * @origin: enum toy_route_origin
 * @scope: enum toy_scope
 * @rcu: for freeing
 *
 * Immutable once inserted, but for @expires. Made and removed under RTNL, read
 * under RCU, freed after a grace period.
 */
struct toy_route {
	struct toy_route __rcu *next;
	struct in6_addr dst;
	struct in6_addr gateway;
	struct in6_addr prefsrc;
	struct toy_dev *dev;
	struct toy_hops *hops;
	unsigned long expires;
	u32 metric;
	u32 mtu;
	struct toy_metrics m;
	u8 plen;
	u8 type;
	u8 origin;
	u8 scope;
	struct rcu_head rcu;
};

/**
 * struct toy_flow - what a path is looked up by
 * @daddr: destination
 * @saddr: source, or unspecified to have one chosen
 * @oif: device that must be used, or 0
 * @ports: both ports, where several next hops are chosen from by them
 * @proto: upper protocol; the same
 * @flags: TOY_FLOW_*
 */
struct toy_flow {
	struct in6_addr daddr;
	struct in6_addr saddr;
	int oif;
	u32 ports;
	u8 proto;
	u8 flags;
};

#define TOY_FLOW_ANYSRC		BIT(0)	/* saddr need not be ours */
#define TOY_FLOW_ONLINK		BIT(1)	/* MSG_DONTROUTE: no gateway */
#define TOY_FLOW_NOPMTU		BIT(2)	/* what ICMP said of the MTU is no matter */

/**
 * struct toy_path - where packets of a flow go: route, device, neighbour
 * @gen: toy_path_gen() when it was looked up; 0 means none
 * @stamp: of the part of the exceptions that is about @daddr
 *	(proto/exception.h), or NULL
 * @stamp_seen: its value when it was looked up
 * @until: jiffies at which it is stale, because what ICMP told is; 0: never
 * @type: enum toy_route_type
 * @mtu_locked: packets on it may be fragmented: RFC 1191 has failed there
 * @redirected: @nexthop comes from an ICMP redirect
 * @mtu: what fits, network header included
 * @m: what else the route knows
 * @iif: for a local destination of one link: the device of that link, which
 *	the packet will seem to have come in by; else 0
 * @dev: device that sends, referenced; tn->lo for local destinations
 * @neigh: next hop, referenced; NULL where the device has no addresses or
 *	the destination is local, broadcast or multicast
 * @saddr: source address
 * @daddr: destination the path was made for
 * @nexthop: gateway or destination
 *
 * Owned by whoever embeds it (a socket: under its lock), or on the stack.
 * toy_path_reset() gives the references back.
 */
struct toy_path {
	u32 gen;
	u32 stamp_seen;
	const u32 *stamp;
	unsigned long until;
	u8 type;
	bool mtu_locked;
	bool redirected;
	u32 mtu;
	struct toy_metrics m;
	int iif;
	struct toy_dev *dev;
	struct toy_neigh *neigh;
	struct in6_addr saddr;
	struct in6_addr daddr;
	struct in6_addr nexthop;
};

int toy_path_lookup(struct toy_net *tn, const struct toy_flow *flow,
		    struct toy_path *path);
void toy_path_reset(struct toy_path *path);

static inline bool toy_path_valid(const struct toy_net *tn,
				  const struct toy_path *path)
{
	return path->gen == toy_path_gen(tn) &&
	       (!path->stamp || READ_ONCE(*path->stamp) == path->stamp_seen) &&
	       (!path->until || time_before(jiffies, path->until));
}

/* What a received destination is to us: TOY_ROUTE_LOCAL, _BROADCAST,
 * _MULTICAST, or TOY_ROUTE_UNICAST for somebody else's. RCU.
 */
enum toy_route_type toy_route_input(struct toy_net *tn,
				    const struct toy_dev *dev,
				    const struct in6_addr *daddr);

const struct toy_route *toy_route_find(struct toy_net *tn,
				       const struct in6_addr *daddr, int oif);

#define TOY_ROUTE_REPLACE	BIT(0)
#define TOY_ROUTE_APPEND	BIT(1)

int toy_route_add(struct toy_net *tn, const struct toy_route *cfg,
		  unsigned int flags, struct netlink_ext_ack *extack);
int toy_route_del(struct toy_net *tn, const struct toy_route *cfg,
		  bool any_metric, struct netlink_ext_ack *extack);
void toy_route_flush_dev(struct toy_dev *dev);

/* Resumable: starts after *(cookie), so that a dump may stop in the middle.
 * fn returns nonzero to stop there.
 */
struct toy_route_cursor {
	bool started;
	bool local_table;
	struct in6_addr dst;
	u8 plen;
	u32 skip;		/* routes of that prefix already shown */
};

int toy_route_walk(struct toy_net *tn, struct toy_route_cursor *cursor,
		   int (*fn)(const struct toy_route *r, void *arg), void *arg);

/* ---- for the addresses (proto/addr.c); RTNL ----------------------------- */

/**
 * struct toy_route_filter - which routes to flush; what is unset fits all
 * @dev: routes of this device
 * @prefsrc: routes with this source
 * @version: routes of this IP version, 4 or 6
 * @keep_local: spare the addresses of ours: they outlive that a device is down
 * @down: @dev is only down: routes with other next hops keep this one
 */
struct toy_route_filter {
	const struct toy_dev *dev;
	const struct in6_addr *prefsrc;
	u8 version;
	bool keep_local;
	bool down;
};

int toy_route_ensure(struct toy_net *tn, const struct toy_route *cfg);
void toy_route_release(struct toy_net *tn, const struct toy_route *cfg,
		       const struct in6_addr *prefsrc,
		       const struct in6_addr *heir);
void toy_route_flush(struct toy_net *tn, const struct toy_route_filter *f);
int toy_route_check(struct toy_net *tn, struct toy_route *r,
		    struct netlink_ext_ack *extack);

/* Whether a device sends. AF_TOY's loopback always does: it is no device of
 * the kernel's that somebody could switch off. RCU or RTNL.
 */
static inline bool toy_route_dev_up(const struct toy_dev *dev)
{
	const struct net_device *ndev;

	if (dev->hook == TOY_HOOK_LOOPBACK)
		return true;
	ndev = rcu_dereference_check(dev->dev, lockdep_rtnl_is_held());
	return ndev && READ_ONCE(ndev->flags) & IFF_UP;
}

/* ---- routes that end by themselves (proto/route_expire.c); RTNL ---------- */

int toy_route_expire_add(struct toy_net *tn, struct toy_route *r);
void toy_route_expire_del(struct toy_net *tn, const struct toy_route *r);
void toy_route_expire_run(struct toy_net *tn, unsigned long now);
void toy_route_expire_arm(struct toy_net *tn);
void toy_route_expire_init(struct toy_net *tn);
void toy_route_expire_exit(struct toy_net *tn);

int toy_route_net_init(struct toy_net *tn);
void toy_route_net_exit(struct toy_net *tn);
int toy_route_init(void);
void toy_route_exit(void);

#endif /* _TOY_PROTO_ROUTE_H */
