/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: /sys/kernel/tracing/events/toy/.
 *
 *	toy_rx		a packet leaves the receive queue
 *	toy_tx		a packet goes to the device, link header included
 *	toy_drop	a packet ends, and why (drop.h)
 *	toy_neigh_state	a neighbour changes its state
 *	toy_tcp_state	a connection changes its state
 *	toy_tcp_retransmit a buffer is sent again
 *	toy_tcp_lost	a buffer is taken for lost
 *	toy_tcp_cwnd	a congestion window or the state of recovery changes
 *	toy_tcp_rtt	a round-trip time was measured
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM toy

#if !defined(_TOY_CTL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TOY_CTL_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>
#include <net/sock.h>

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

#define TOY_TRACE_TCP_STATES				\
	{ TCP_ESTABLISHED,	"ESTABLISHED" },	\
	{ TCP_SYN_SENT,		"SYN_SENT" },		\
	{ TCP_SYN_RECV,		"SYN_RECV" },		\
	{ TCP_FIN_WAIT1,	"FIN_WAIT1" },		\
	{ TCP_FIN_WAIT2,	"FIN_WAIT2" },		\
	{ TCP_TIME_WAIT,	"TIME_WAIT" },		\
	{ TCP_CLOSE,		"CLOSE" },		\
	{ TCP_CLOSE_WAIT,	"CLOSE_WAIT" },		\
	{ TCP_LAST_ACK,		"LAST_ACK" },		\
	{ TCP_LISTEN,		"LISTEN" },		\
	{ TCP_CLOSING,		"CLOSING" }
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

/* Both ends of a connection, in every event of TCP. */
#define TOY_TRACE_ENDS				\
	__field(const void *, skaddr)		\
	__array(u8, laddr, 16)			\
	__array(u8, raddr, 16)			\
	__field(u16, lport)			\
	__field(u16, rport)
#define TOY_TRACE_ENDS_ASSIGN(sk)					\
	do {								\
		__entry->skaddr = sk;					\
		memcpy(__entry->laddr, &(sk)->sk_v6_rcv_saddr, 16);	\
		memcpy(__entry->raddr, &(sk)->sk_v6_daddr, 16);		\
		__entry->lport = (sk)->sk_num;				\
		__entry->rport = ntohs((sk)->sk_dport);			\
	} while (0)
#define TOY_TRACE_ENDS_FMT	"[%pI6c]:%u [%pI6c]:%u "
#define TOY_TRACE_ENDS_ARGS	__entry->laddr, __entry->lport, \
				__entry->raddr, __entry->rport

TRACE_EVENT(toy_tcp_state,
	TP_PROTO(const struct sock *sk, int old_state, int state),
	TP_ARGS(sk, old_state, state),

	TP_STRUCT__entry(
		TOY_TRACE_ENDS
		__field(u8, old_state)
		__field(u8, state)
	),

	TP_fast_assign(
		TOY_TRACE_ENDS_ASSIGN(sk);
		__entry->old_state = old_state;
		__entry->state = state;
	),

	TP_printk(TOY_TRACE_ENDS_FMT "%s -> %s", TOY_TRACE_ENDS_ARGS,
		  __print_symbolic(__entry->old_state, TOY_TRACE_TCP_STATES),
		  __print_symbolic(__entry->state, TOY_TRACE_TCP_STATES))
);

TRACE_EVENT(toy_tcp_retransmit,
	TP_PROTO(const struct sock *sk, const struct sk_buff *skb, u32 seq, u32 end_seq),
	TP_ARGS(sk, skb, seq, end_seq),

	TP_STRUCT__entry(
		TOY_TRACE_ENDS
		__field(const void *, skbaddr)
		__field(u32, seq)
		__field(u32, end_seq)
	),

	TP_fast_assign(
		TOY_TRACE_ENDS_ASSIGN(sk);
		__entry->skbaddr = skb;
		__entry->seq = seq;
		__entry->end_seq = end_seq;
	),

	TP_printk(TOY_TRACE_ENDS_FMT "skbaddr=%p seq=%u end_seq=%u",
		  TOY_TRACE_ENDS_ARGS, __entry->skbaddr, __entry->seq,
		  __entry->end_seq)
);

TRACE_EVENT(toy_tcp_lost,
	TP_PROTO(const struct sock *sk, u32 seq, u32 end_seq),
	TP_ARGS(sk, seq, end_seq),

	TP_STRUCT__entry(
		TOY_TRACE_ENDS
		__field(u32, seq)
		__field(u32, end_seq)
	),

	TP_fast_assign(
		TOY_TRACE_ENDS_ASSIGN(sk);
		__entry->seq = seq;
		__entry->end_seq = end_seq;
	),

	TP_printk(TOY_TRACE_ENDS_FMT "seq=%u end_seq=%u", TOY_TRACE_ENDS_ARGS,
		  __entry->seq, __entry->end_seq)
);

TRACE_EVENT(toy_tcp_cwnd,
	TP_PROTO(const struct sock *sk, u32 cwnd, u32 ssthresh, u8 ca_state),
	TP_ARGS(sk, cwnd, ssthresh, ca_state),

	TP_STRUCT__entry(
		TOY_TRACE_ENDS
		__field(u32, cwnd)
		__field(u32, ssthresh)
		__field(u8, ca_state)
	),

	TP_fast_assign(
		TOY_TRACE_ENDS_ASSIGN(sk);
		__entry->cwnd = cwnd;
		__entry->ssthresh = ssthresh;
		__entry->ca_state = ca_state;
	),

	TP_printk(TOY_TRACE_ENDS_FMT "cwnd=%u ssthresh=%u state=%s",
		  TOY_TRACE_ENDS_ARGS, __entry->cwnd, __entry->ssthresh,
		  __print_symbolic(__entry->ca_state,
				   { 0, "open" }, { 1, "disorder" },
				   { 2, "cwr" }, { 3, "recovery" },
				   { 4, "loss" }))
);

TRACE_EVENT(toy_tcp_rtt,
	TP_PROTO(const struct sock *sk, u32 rtt_us, u32 srtt_us),
	TP_ARGS(sk, rtt_us, srtt_us),

	TP_STRUCT__entry(
		TOY_TRACE_ENDS
		__field(u32, rtt_us)
		__field(u32, srtt_us)
	),

	TP_fast_assign(
		TOY_TRACE_ENDS_ASSIGN(sk);
		__entry->rtt_us = rtt_us;
		__entry->srtt_us = srtt_us;
	),

	TP_printk(TOY_TRACE_ENDS_FMT "rtt_us=%u srtt_us=%u",
		  TOY_TRACE_ENDS_ARGS, __entry->rtt_us, __entry->srtt_us)
);

#endif /* _TOY_CTL_TRACE_H */

/* Found by -I module/, because the build lays the tree out elsewhere. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ctl
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
