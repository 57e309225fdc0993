/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_FASTOPEN_H
#define _TOY_TCP_FASTOPEN_H

#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "fo_cache.h"
#include "fo_cookie.h"
#include "tcp.h"

struct toy_req;

/* Bits of net.toy.tcp_fastopen, with the numbers of net.ipv4.tcp_fastopen. */
enum toy_fo_mode {
	TOY_FO_CLIENT		= 0x1,
	TOY_FO_SERVER		= 0x2,
	TOY_FO_CLIENT_FREE	= 0x4,	/* data without a cookie */
	TOY_FO_SERVER_FREE	= 0x200,	/* and taken without one */
	TOY_FO_ALL_LISTENERS	= 0x400,	/* without TCP_FASTOPEN */
};

/**
 * struct toy_fo_net - Fast Open in a network namespace
 * @keys: what cookies are made with, or NULL: made when a listener wants them
 * @cache: cookies of servers
 */
struct toy_fo_net {
	struct toy_fo_keys __rcu *keys;
	struct toy_fo_cache cache;
};

/**
 * struct toy_fo_queue - the connections of a listener that only a SYN has opened
 * @refs: the listener's, and one for each such connection
 * @lock: guards the numbers; BH-safe
 * @max: so many there may be (TCP_FASTOPEN)
 * @len: so many there are, those that were reset within a minute included: who
 *	forges addresses makes others send resets (RFC 7413 5.1)
 * @resets: of @len, reset
 * @reset_s: when the last one was
 * @rcu: freed after a grace period
 */
struct toy_fo_queue {
	refcount_t refs;
	spinlock_t lock;	/* see above */
	u32 max;
	u32 len;
	u32 resets;
	u32 reset_s;
	struct rcu_head rcu;
};

/**
 * struct toy_fo - a socket that has to do with Fast Open
 * @connect: TCP_FASTOPEN_CONNECT
 * @no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @asked: client: this connection's SYN is to have the option
 * @waits: client: connect(2) has waited for the first data
 * @syn_opt: the SYN had the option
 * @syn_exp: and in its older form
 * @syn_data: the SYN had data
 * @data_acked: data of a SYN was taken, by the peer or here (TCPI_OPT_SYN_DATA)
 * @fail: enum tcp_fastopen_client_fail
 * @opt: client: of the SYN; negative length once it is sent: a SYN that is sent
 *	again has none
 * @msg: client: the message of the sendmsg(2) that connects, or NULL
 * @copied: client: bytes of it in the SYN
 * @irs: server: SEG.SEQ of the SYN
 * @pending: server: the listener's queue, until the handshake has ended
 * @queue: listener: TCP_FASTOPEN
 * @keys: listener: TCP_FASTOPEN_KEY, or NULL
 * @rcu: freed after a grace period
 *
 * Written under the socket lock. A listener's @queue and @keys are read under
 * RCU; @waits and @pending also without a lock, by poll(2).
 */
struct toy_fo {
	u8 connect:1;
	u8 no_cookie:1;
	u8 asked:1;
	u8 syn_opt:1;
	u8 syn_exp:1;
	u8 syn_data:1;
	u8 data_acked:1;
	u8 fail:2;
	bool waits;
	struct toy_fo_cookie opt;
	struct msghdr *msg;
	int copied;
	u32 irs;
	struct toy_fo_queue *pending;
	struct toy_fo_queue *queue;
	struct toy_fo_keys __rcu *keys;
	struct rcu_head rcu;
};

/* A connection that a SYN has opened, whose handshake has not ended. */
static inline bool toy_fo_passive(const struct sock *sk)
{
	const struct toy_fo *fo = READ_ONCE(toy_tcp(sk)->fo);

	return unlikely(fo) && READ_ONCE(fo->pending);
}

/* connect(2) has returned, and the SYN waits for data. */
static inline bool toy_fo_waits(const struct sock *sk)
{
	const struct toy_fo *fo = READ_ONCE(toy_tcp(sk)->fo);

	return unlikely(fo) && READ_ONCE(fo->waits);
}

struct toy_fo *toy_fo_get(struct sock *sk);
void toy_fo_free(struct sock *sk);
void toy_fo_disconnect(struct sock *sk);
void toy_fo_text(struct sock *sk, const struct sk_buff *skb,
		 const struct toy_tcp_seg *s);

/* client */
bool toy_fo_may_wait(struct sock *sk);
int toy_fo_connect_send(struct sock *sk, struct sk_buff *syn);
void toy_fo_syn_opt(struct sock *sk, struct toy_tcp_opts *o);
bool toy_fo_synack(struct sock *sk, const struct sk_buff *skb,
		   const struct toy_tcp_seg *s);
int toy_fo_sendmsg(struct sock *sk, struct msghdr *msg, int *copied);

/* server */
struct sock *toy_fo_accept(struct sock *sk, struct toy_req *req,
			   const struct toy_pkt *pkt, const struct toy_tcp_seg *s,
			   struct toy_fo_cookie *answer);
int toy_fo_child(struct sock *listener, struct sock *child,
		 const struct toy_req *req);
void toy_fo_child_in(struct sock *listener, struct sock *child,
		     struct sk_buff *skb, const struct toy_tcp_seg *s);
bool toy_fo_confirmed(struct sock *sk, bool reset);
bool toy_fo_syn_again(struct sock *sk, const struct toy_tcp_seg *s);
void toy_fo_listen(struct sock *sk);

/* options and knobs */
int toy_fo_set_queue(struct sock *sk, int max);
int toy_fo_opt_set_queue(struct sock *sk, int val);
int toy_fo_opt_get_queue(struct sock *sk);
int toy_fo_opt_set_connect(struct sock *sk, int val);
int toy_fo_opt_get_connect(struct sock *sk);
int toy_fo_opt_set_no_cookie(struct sock *sk, int val);
int toy_fo_opt_get_no_cookie(struct sock *sk);
int toy_fo_set_keys(struct sock *sk, sockptr_t optval, unsigned int optlen);
unsigned int toy_fo_keys_read(struct sock *sk, u8 *to);
int toy_fo_net_set_keys(struct toy_net *tn, const u8 *key, unsigned int nr);
unsigned int toy_fo_net_read_keys(struct toy_net *tn, u8 *key);
struct toy_fo_net *toy_fo_net_new(void);
void toy_fo_net_free(struct toy_fo_net *fn);

#endif
