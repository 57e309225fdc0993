/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_SYNACK_H
#define _TOY_TCP_SYNACK_H

#include <linux/hash.h>

#include "cookie.h"
#include "tcp.h"

enum toy_req_state {
	TOY_REQ_OPEN,		/* waits for the final ACK */
	TOY_REQ_TAKEN,		/* somebody completes it, or it is going */
};

/**
 * struct toy_req - a half-open connection (SYN-RECEIVED without a socket)
 * @conn: in the table of both ends
 * @t: both ends
 * @listener: socket that listens; valid in an RCU section in which @state was
 *	found to be OPEN: closing it takes its requests out first
 * @node: in toy_listen.reqs
 * @timer: retransmits the SYN-ACK
 * @saved_syn: headers for TCP_SAVED_SYN, or NULL
 * @state: enum toy_req_state; OPEN to TAKEN by compare-and-exchange: one wins
 * @refcnt: the table's, the pending timer's
 * @irs: SEG.SEQ of the SYN
 * @iss: SEG.SEQ of our SYN-ACK
 * @rwnd: window that we offer
 * @ts_recent: SEG.TSval of the SYN
 * @ts_off: offset of our timestamps
 * @sent_us: first SYN-ACK sent: for the round-trip time
 * @oow_ms: as in struct toy_tcp_sock
 * @mark: of the answer
 * @ifindex: device that the SYN came by
 * @flowlabel: of the SYN-ACK, if the listener reflects labels, else 0
 * @mss: peer's, bounded
 * @opts: TOY_OPT_* agreed
 * @snd_wscale: peer's scale
 * @retries: SYN-ACKs retransmitted
 * @timeouts: times the timer fired
 * @tos: of the SYN
 * @ecn: ECN agreed
 * @acked: the final ACK came without data (TCP_DEFER_ACCEPT)
 * @young: never retransmitted
 * @rcu: freed after a grace period
 *
 * Holds neither socket, module nor namespace: it goes with its listener.
 */
struct toy_req {
	struct toy_conn conn;
	struct toy_tuple4 t;
	struct sock *listener;
	struct list_head node;
	struct timer_list timer;
	struct toy_saved_syn *saved_syn;
	atomic_t state;
	refcount_t refcnt;
	u32 irs;
	u32 iss;
	struct toy_rwnd rwnd;
	u32 ts_recent;
	u32 ts_off;
	u32 sent_us;
	u32 oow_ms;
	u32 mark;
	int ifindex;
	u32 flowlabel;
	u16 mss;
	u8 opts;
	u8 snd_wscale;
	u8 retries;
	u8 timeouts;
	u8 tos;
	u8 ecn:1;
	u8 acked:1;
	u8 young:1;
	struct rcu_head rcu;
};

/* The sk_txhash that its socket will have, for the flow label of the SYN-ACK to
 * be the connection's; another one for each SYN-ACK that is sent again, since
 * another way may be better.
 */
static inline u32 toy_req_txhash(const struct toy_req *req)
{
	return hash_32(req->iss + req->retries, 32) ?: 1;
}

struct toy_req *toy_req_new(struct sock *listener, const struct toy_pkt *pkt,
			    const struct sk_buff *skb,
			    const struct toy_tcp_seg *s);
void toy_req_agree(struct sock *sk, struct toy_req *req,
		   const struct toy_tcp_seg *s, bool ecn_wanted);
void toy_req_rwnd(struct sock *sk, struct toy_req *req,
		  const struct toy_path *path);
void toy_req_put(struct toy_req *req);
void toy_req_drop(struct toy_req *req);
int toy_req_path(const struct sock *sk, const struct toy_req *req,
		 struct toy_path *path);
u16 toy_req_advmss(const struct sock *sk, const struct toy_path *path);
int toy_req_synack(struct sock *sk, const struct toy_req *req,
		   const struct toy_path *path,
		   const struct toy_tcp_opts *cookie_opts,
		   const struct toy_fo_cookie *fo);
enum toy_drop toy_req_rcv(struct toy_req *req, struct toy_pkt *pkt,
			  struct sk_buff *skb, struct toy_tcp_seg *s);
void toy_req_start(struct toy_req *req);

/* listen.c: who may be half-open or wait for accept(2) */

/**
 * struct toy_listen - what a listener has
 * @lock: guards @reqs, @ready, @closed and the numbers; BH-safe
 * @reqs: half-open connections
 * @ready: children that wait for accept(2)
 * @nr_reqs: length of @reqs
 * @nr_young: of them never retransmitted
 * @closed: nothing may be added any more
 * @overflow_s: when the queue of half-open ones was full last, in seconds: only
 *	shortly after that may a cookie come back
 * @rcu: freed after a grace period
 */
struct toy_listen {
	spinlock_t lock;	/* see above */
	struct list_head reqs;
	struct list_head ready;
	u32 nr_reqs;
	u32 nr_young;
	bool closed;
	u32 overflow_s;
	struct rcu_head rcu;
};

/* What has made a connection complete, or complete enough. */
enum toy_child_of {
	TOY_CHILD_OF_REQ,	/* the ACK for a half-open one, which is in the table */
	TOY_CHILD_OF_COOKIE,	/* an ACK with a cookie */
	TOY_CHILD_OF_SYN,	/* Fast Open */
};

struct sock *toy_tcp_child(struct sock *listener, struct toy_req *req,
			   const struct toy_pkt *pkt, const struct toy_tcp_seg *s,
			   enum toy_child_of of);
enum toy_drop toy_tcp_child_in(struct sock *listener, struct sock *child,
			       struct sk_buff *skb, struct toy_tcp_seg *s);
bool toy_tcp_accept_full(const struct sock *sk);
int toy_listen_add_req(struct sock *sk, struct toy_req *req);
bool toy_listen_del_req(struct sock *sk, struct toy_req *req);
bool toy_listen_ready(struct sock *listener, struct sock *child);

#endif
