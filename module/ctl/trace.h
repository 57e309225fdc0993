/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: /sys/kernel/tracing/events/toy/.
 *
 *	toy_rx		a packet leaves the receive queue
 *	toy_tx		a packet goes to the device, link header included
 *	toy_drop	a packet ends, and why (drop.h)
 *	toy_neigh_state	a neighbour changes its state
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM toy

#if !defined(_TOY_CTL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TOY_CTL_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "../napi/dev.h"
#include "../proto/neigh.h"
#include "../toy.h"

#ifndef _TOY_CTL_TRACE_NAMES
#define _TOY_CTL_TRACE_NAMES
/* For the tools that read the format files: enum to number. */
#define TOY_TRACE_DROP_ENUM(name, counter, core, help) \
	TRACE_DEFINE_ENUM(TOY_DROP_##name);
#define TOY_TRACE_DROP_NAME(name, counter, core, help) \
	{ TOY_DROP_##name, #name },

#define TOY_TRACE_NUD_NAMES				\
	{ TOY_NUD_NONE,		"none" },		\
	{ TOY_NUD_INCOMPLETE,	"incomplete" },		\
	{ TOY_NUD_REACHABLE,	"reachable" },		\
	{ TOY_NUD_STALE,	"stale" },		\
	{ TOY_NUD_DELAY,	"delay" },		\
	{ TOY_NUD_PROBE,	"probe" },		\
	{ TOY_NUD_FAILED,	"failed" },		\
	{ TOY_NUD_PERMANENT,	"permanent" }
#endif /* _TOY_CTL_TRACE_NAMES */

TOY_DROP_LIST(TOY_TRACE_DROP_ENUM)
TRACE_DEFINE_ENUM(TOY_NUD_NONE);
TRACE_DEFINE_ENUM(TOY_NUD_INCOMPLETE);
TRACE_DEFINE_ENUM(TOY_NUD_REACHABLE);
TRACE_DEFINE_ENUM(TOY_NUD_STALE);
TRACE_DEFINE_ENUM(TOY_NUD_DELAY);
TRACE_DEFINE_ENUM(TOY_NUD_PROBE);
TRACE_DEFINE_ENUM(TOY_NUD_FAILED);
TRACE_DEFINE_ENUM(TOY_NUD_PERMANENT);

TRACE_EVENT(toy_rx,
	TP_PROTO(const struct toy_dev *dev, const struct sk_buff *skb),
	TP_ARGS(dev, skb),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(int, ifindex)
		__field(unsigned int, len)
		__field(u16, protocol)
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->ifindex = dev->ifindex;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
	),

	TP_printk("ifindex=%d skbaddr=%p protocol=0x%04x len=%u",
		  __entry->ifindex, __entry->skbaddr, __entry->protocol,
		  __entry->len)
);

TRACE_EVENT(toy_tx,
	TP_PROTO(const struct net_device *dev, const struct sk_buff *skb),
	TP_ARGS(dev, skb),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(int, ifindex)
		__field(unsigned int, len)
		__field(u16, protocol)
		__string(name, dev->name)
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->ifindex = dev->ifindex;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
		toy_assign_str(name, dev->name);
	),

	TP_printk("dev=%s ifindex=%d skbaddr=%p protocol=0x%04x len=%u",
		  __get_str(name), __entry->ifindex, __entry->skbaddr,
		  __entry->protocol, __entry->len)
);

TRACE_EVENT(toy_drop,
	TP_PROTO(const struct toy_net *tn, const struct sk_buff *skb,
		 enum toy_drop why),
	TP_ARGS(tn, skb, why),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(unsigned int, netns)
		__field(unsigned int, len)
		__field(u16, protocol)
		__field(int, why)
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->netns = tn->net->ns.inum;
		__entry->len = skb ? skb->len : 0;
		__entry->protocol = skb ? ntohs(skb->protocol) : 0;
		__entry->why = why;
	),

	TP_printk("netns=%u skbaddr=%p protocol=0x%04x len=%u why=%s",
		  __entry->netns, __entry->skbaddr, __entry->protocol,
		  __entry->len,
		  __print_symbolic(__entry->why,
				   TOY_DROP_LIST(TOY_TRACE_DROP_NAME)
				   { TOY_RX_OK, "UNKNOWN" }))
);

TRACE_EVENT(toy_neigh_state,
	TP_PROTO(const struct toy_neigh *n, u8 old_state),
	TP_ARGS(n, old_state),

	TP_STRUCT__entry(
		__array(u8, addr, 16)
		__field(int, ifindex)
		__field(u8, old_state)
		__field(u8, state)
		__field(u8, probes)
	),

	TP_fast_assign(
		memcpy(__entry->addr, &n->key.addr, 16);
		__entry->ifindex = n->key.dev->ifindex;
		__entry->old_state = old_state;
		__entry->state = READ_ONCE(n->nud.state);
		__entry->probes = READ_ONCE(n->nud.probes);
	),

	TP_printk("addr=%pI6c ifindex=%d %s -> %s probes=%u",
		  __entry->addr, __entry->ifindex,
		  __print_symbolic(__entry->old_state, TOY_TRACE_NUD_NAMES),
		  __print_symbolic(__entry->state, TOY_TRACE_NUD_NAMES),
		  __entry->probes)
);

#endif /* _TOY_CTL_TRACE_H */

/* Found by -I module/, because the build lays the tree out elsewhere. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ctl
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
