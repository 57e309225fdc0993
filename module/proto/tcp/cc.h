/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_CC_H
#define _TOY_TCP_CC_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

#include "ack.h"

struct toy_net;

#define TOY_CC_NAME_MAX		16
#define TOY_CC_PRIV		104	/* bytes of an algorithm's own state */
#define TOY_CC_SSTHRESH_MAX	0x7fffffffU
#define TOY_CC_CWND_MAX		0x40000000U	/* whatever the clamp says */

enum toy_cc_event {
	TOY_CC_LOSS,		/* a loss by duplicate ACKs, SACK or RACK */
	TOY_CC_ECE,		/* RFC 3168: a congestion echo */
	TOY_CC_RTO,		/* the retransmission timer fired */
	TOY_CC_UNDO,		/* the last reduction was a mistake: @cwnd and
				 * @ssthresh have been put back
				 */
	TOY_CC_RECOVERED,	/* recovery is over, cwnd is ssthresh */
	TOY_CC_TX_START,	/* first segment sent after all was acknowledged */
	TOY_CC_IDLE,		/* cwnd was reduced after idle time */
};

/**
 * struct toy_cc - congestion control of one connection
 * @ops: algorithm
 * @cwnd: congestion window, in segments
 * @cwnd_cnt: segments acknowledged since the last growth (RFC 9293 3.7.x, AI)
 * @cwnd_clamp: upper bound of @cwnd
 * @ssthresh: slow-start threshold, in segments
 * @mss: current segment size in bytes
 * @srtt_us: smoothed RTT, 0 for none
 * @min_rtt_us: windowed minimum RTT, U32_MAX for none
 * @snd_una: SND.UNA, after the acknowledgment
 * @snd_nxt: SND.NXT
 * @cwnd_limited: the window was the limit of the last flight (RFC 7661: only
 *	then may it grow)
 * @paced: segments leave one by one, never in bursts (RFC 9406: no limit L)
 * @priv: the algorithm's
 *
 * A leaf: the connection keeps the inputs current and calls the algorithm under
 * its socket lock. Nothing here sends or reads a clock.
 */
struct toy_cc {
	const struct toy_cc_ops *ops;
	u32 cwnd;
	u32 cwnd_cnt;
	u32 cwnd_clamp;
	u32 ssthresh;
	u32 mss;
	u32 srtt_us;
	u32 min_rtt_us;
	u32 snd_una;
	u32 snd_nxt;
	bool cwnd_limited;
	bool paced;
	u64 priv[TOY_CC_PRIV / sizeof(u64)];
};

/**
 * struct toy_cc_ops - a congestion control algorithm
 * @list: registered ones
 * @owner: module
 * @name: for TCP_CONGESTION and net.toy.tcp_congestion_control
 * @restricted: needs CAP_NET_ADMIN
 * @init: sets @priv; the connection is established
 * @ssthresh: the threshold after a congestion event (LOSS, ECE, RTO): asked
 *	once per reduction, while @cwnd is still the old one, before @event
 * @ack: an acknowledgment outside recovery: grow @cwnd; NULL never grows
 * @event: something happened, with the time in microseconds; may be NULL
 * @info: fills union tcp_cc_info, returns its length; may be NULL
 *
 * Four methods and a name: a third party registers its own from a module.
 */
struct toy_cc_ops {
	struct list_head list;
	struct module *owner;
	char name[TOY_CC_NAME_MAX];
	bool restricted;
	void (*init)(struct toy_cc *cc);
	u32 (*ssthresh)(struct toy_cc *cc, u64 now_us);
	void (*ack)(struct toy_cc *cc, const struct toy_ack_event *ev);
	void (*event)(struct toy_cc *cc, enum toy_cc_event what, u64 now_us);
	int (*info)(const struct toy_cc *cc, void *info);
};

int toy_cc_register(struct toy_cc_ops *ops);
void toy_cc_unregister(struct toy_cc_ops *ops);

/* By name, with a reference to its module; NULL for none. Context: process. */
const struct toy_cc_ops *toy_cc_get(const char *name);
/* Another reference to one that is held; softirq. False: it is going. */
bool toy_cc_hold(const struct toy_cc_ops *ops);
void toy_cc_put(const struct toy_cc_ops *ops);
/* Names, with spaces between; for net.toy.tcp_available_congestion_control. */
void toy_cc_names(char *buf, size_t size);

/* Shared arithmetic, RFC 5681 3.1: slow start by @acked segments, up to
 * ssthresh; returns the segments that are left for congestion avoidance.
 */
u32 toy_cc_slow_start(struct toy_cc *cc, u32 acked);
/* Additive increase: one segment per @w acknowledged. */
void toy_cc_additive(struct toy_cc *cc, u32 w, u32 acked);
/* @cwnd grows by @segs, as far as @cwnd_clamp. */
void toy_cc_grow(struct toy_cc *cc, u32 segs);

static inline bool toy_cc_in_slow_start(const struct toy_cc *cc)
{
	return cc->cwnd < cc->ssthresh;
}

extern struct toy_cc_ops toy_cc_reno;
extern struct toy_cc_ops toy_cc_cubic;

int toy_cc_init(void);
void toy_cc_exit(void);

#endif
