/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the generic netlink family share.
 *
 * An object (device, address, ...) has one function that writes its
 * attributes; answers, dumps and notifications all use it. Handlers that
 * change something take RTNL inside genl's own lock, never the reverse.
 */
#ifndef _TOY_CTL_GENL_H
#define _TOY_CTL_GENL_H

#include <net/genetlink.h>

#include "sock_view.h"
#include "../napi/dev.h"
#include "../toy.h"

struct toy_addr;
struct toy_neigh;
struct toy_route;

extern struct genl_family toy_genl_family;

/* The multicast groups. */
enum { TOY_GROUP_MONITOR, TOY_GROUP_SOCKETS };

/* Is @attr missing in the request? Then the answer says so. */
#define toy_genl_missing(info, attr, text)				\
({									\
	struct genl_info *_request = (info);				\
	bool _missing = GENL_REQ_ATTR_CHECK(_request, attr);		\
									\
	if (_missing)							\
		GENL_SET_ERR_MSG(_request, text);			\
	_missing;							\
})

/* Writes the attributes of @object; 0 or -EMSGSIZE. */
typedef int (*toy_fill_t)(struct sk_buff *skb, const void *object);

/* ---- genl.c ---------------------------------------------------------- */

int toy_genl_put(struct sk_buff *skb, u32 portid, u32 seq, u8 cmd,
		 toy_fill_t fill, const void *object);
int toy_genl_put_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		      toy_fill_t fill, const void *object);
int toy_genl_dump_end(const struct sk_buff *skb, int err);
struct toy_dev *toy_genl_dev(struct genl_info *info, int attr);

static inline struct toy_net *toy_genl_net(struct genl_info *info)
{
	return toy_net(genl_info_net(info));
}

static inline struct toy_net *toy_genl_dump_net(const struct netlink_callback *cb)
{
	return toy_net(sock_net(cb->skb->sk));
}

/* Filter of a dump: the device's index, or 0 for all. */
static inline int toy_genl_dump_ifindex(struct netlink_callback *cb, int attr)
{
	struct nlattr **attrs = toy_genl_dump_attrs(cb);

	return attrs && attrs[attr] ? nla_get_u32(attrs[attr]) : 0;
}

static inline u32 toy_nla_u32(const struct nlattr *nla)
{
	return nla ? nla_get_u32(nla) : 0;
}

static inline struct in6_addr toy_nla_addr(const struct nlattr *nla)
{
	struct in6_addr addr = in6addr_any;

	if (nla)
		nla_memcpy(&addr, nla, sizeof(addr));
	return addr;
}

static inline int toy_put_addr(struct sk_buff *skb, int attr,
			       const struct in6_addr *addr)
{
	return nla_put(skb, attr, sizeof(*addr), addr);
}

/* Nothing for 0, which is what a missing attribute means. */
static inline int toy_put_u32(struct sk_buff *skb, int attr, u32 value)
{
	return value ? nla_put_u32(skb, attr, value) : 0;
}

/* ---- the objects ----------------------------------------------------- */

extern const struct nla_policy toy_dev_policy[TOY_DEV_A_MAX + 1];
int toy_genl_dev_attach(struct sk_buff *skb, struct genl_info *info);
int toy_genl_dev_detach(struct sk_buff *skb, struct genl_info *info);
int toy_genl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_dev_fill(struct sk_buff *skb, const void *object);

extern const struct nla_policy toy_addr_policy[TOY_ADDR_A_MAX + 1];
int toy_genl_addr_add(struct sk_buff *skb, struct genl_info *info);
int toy_genl_addr_del(struct sk_buff *skb, struct genl_info *info);
int toy_genl_addr_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_addr_fill(struct sk_buff *skb, const void *object);

extern const struct nla_policy toy_route_policy[TOY_ROUTE_A_MAX + 1];
int toy_genl_route_add(struct sk_buff *skb, struct genl_info *info);
int toy_genl_route_del(struct sk_buff *skb, struct genl_info *info);
int toy_genl_route_get(struct sk_buff *skb, struct genl_info *info);
int toy_genl_route_flush(struct sk_buff *skb, struct genl_info *info);
int toy_genl_cache_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_route_fill(struct sk_buff *skb, const void *object);

struct toy_metrics;
int toy_metrics_fill(struct sk_buff *skb, const struct toy_metrics *m);
int toy_expires_fill(struct sk_buff *skb, unsigned long expires);

extern const struct nla_policy toy_neigh_policy[TOY_NEIGH_A_MAX + 1];
int toy_genl_neigh_add(struct sk_buff *skb, struct genl_info *info);
int toy_genl_neigh_del(struct sk_buff *skb, struct genl_info *info);
int toy_genl_neigh_flush(struct sk_buff *skb, struct genl_info *info);
int toy_genl_neigh_start(struct netlink_callback *cb);
int toy_genl_neigh_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_neigh_done(struct netlink_callback *cb);
int toy_genl_neigh_fill(struct sk_buff *skb, const void *object);

extern const struct nla_policy toy_ra_policy[TOY_RA_A_MAX + 1];
int toy_genl_ra_dump(struct sk_buff *skb, struct netlink_callback *cb);
extern const struct nla_policy toy_maddr_policy[TOY_MADDR_A_MAX + 1];
int toy_genl_maddr_dump(struct sk_buff *skb, struct netlink_callback *cb);

extern const struct nla_policy toy_sock_policy[TOY_SOCK_A_MAX + 1];
int toy_genl_sock_start(struct netlink_callback *cb);
int toy_genl_sock_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_sock_done(struct netlink_callback *cb);
int toy_genl_sock_kill(struct sk_buff *skb, struct genl_info *info);
int toy_genl_sock_event_fill(struct sk_buff *skb, const void *object);

int toy_genl_stat_dump(struct sk_buff *skb, struct netlink_callback *cb);
int toy_genl_napi_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* ---- genl_sock.c and genl_tcp.c -------------------------------------- */

bool toy_sock_id_wanted(const struct toy_sock_id *id, struct nlattr **attrs);
int toy_sock_id_fill(struct sk_buff *skb, const struct toy_sock_id *id);
int toy_sock_fill_queues(struct sk_buff *skb, struct toy_queues_view q);
int toy_genl_tcp_fill(struct sk_buff *skb, struct sock *sk);
int toy_genl_tcp_fill_locked(struct sk_buff *skb, struct sock *sk);
int toy_genl_mini_dump(struct toy_mini_walk *w, struct sk_buff *skb,
		       struct netlink_callback *cb, u32 torn);
bool toy_genl_mini_kill(struct toy_net *tn, struct nlattr **attrs);

/* ---- notify.c -------------------------------------------------------- */

int toy_notify_init(void);
void toy_notify_exit(void);

#endif /* _TOY_CTL_GENL_H */
