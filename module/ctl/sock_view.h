/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is told of sockets, and how they are walked over, whatever the language
 * in which it is asked: generic netlink (genl_sock.c) or sock_diag (diag.c).
 *
 *	sock_view.c	the numbers of a socket
 *	sock_walk.c	the sockets of a namespace, one after the other
 *	mini_walk.c	TCP's connections that have no socket: half-open ones
 *			(struct toy_req) and TIME_WAIT (struct toy_tw)
 */
#ifndef _TOY_CTL_SOCK_VIEW_H
#define _TOY_CTL_SOCK_VIEW_H

#include <linux/rhashtable.h>
#include <linux/sock_diag.h>

#include "../toy.h"

/**
 * struct toy_sock_id - what a filter looks at
 * @laddr: local address
 * @raddr: the peer's
 * @protocol: TOYPROTO_*
 * @ifindex: device it is bound to, or 0
 * @lport: local port, host byte order
 * @rport: the peer's
 * @state: TCP_*
 */
struct toy_sock_id {
	const struct in6_addr *laddr;
	const struct in6_addr *raddr;
	u32 protocol;
	int ifindex;
	u16 lport;
	u16 rport;
	u8 state;
};

/**
 * struct toy_timer_view - the timer that runs
 * @which: one of TCP's, or none
 * @retrans: times that it has fired in vain
 * @expires: when it fires, in jiffies
 */
struct toy_timer_view {
	enum toy_sock_timer which;
	u8 retrans;
	unsigned long expires;
};

/**
 * struct toy_queues_view - what waits in a socket
 * @rqueue: to be read: bytes of a stream, memory of datagrams; of a listener,
 *	connections
 * @wqueue: to be sent and acknowledged; of a listener, its backlog
 */
struct toy_queues_view {
	u32 rqueue;
	u32 wqueue;
};

/* ---- sock_view.c ----------------------------------------------------- */

u64 toy_sock_cookie(struct sock *sk);
struct toy_sock_id toy_sock_id(const struct sock *sk);
struct toy_queues_view toy_sock_queues(const struct sock *sk);
struct toy_timer_view toy_sock_timer(const struct sock *sk);
void toy_sock_mem(const struct sock *sk, u32 mem[SK_MEMINFO_VARS]);

static inline u32 toy_timer_view_ms(const struct toy_timer_view *t)
{
	return jiffies_delta_to_msecs(t->expires - jiffies);
}

/* ---- sock_walk.c ----------------------------------------------------- */

/**
 * struct toy_sock_cursor - a place in the list of sockets, kept by a reference
 *	to the socket that stands there
 * @at: the socket; NULL at the start
 * @passed: sockets up to @at
 * @torn: times that @at had left the list
 * @pending: @at did not fit into the last buffer
 */
struct toy_sock_cursor {
	struct sock *at;
	unsigned long passed;
	u32 torn;
	bool pending;
};

/* Under the list's lock. */
typedef bool (*toy_sock_wanted_t)(struct sock *sk, const void *arg);

struct sock *toy_sock_next(struct toy_net *tn, struct toy_sock_cursor *c,
			   toy_sock_wanted_t wanted, const void *arg);
void toy_sock_cursor_end(struct toy_sock_cursor *c);
unsigned long toy_sock_count(struct toy_net *tn);
int toy_sock_abort(struct sock *sk);

/* ---- mini_walk.c ----------------------------------------------------- */

/**
 * struct toy_mini - a connection without a socket
 * @id: its ends and state
 * @timer: its timer
 * @mark: of its answers
 */
struct toy_mini {
	struct toy_sock_id id;
	struct toy_timer_view timer;
	u32 mark;
};

/**
 * struct toy_mini_walk - a place in TCP's table of both ends
 * @iter: the place; what stands there is shown next
 * @torn: times that the walk began anew, because the table was resized
 */
struct toy_mini_walk {
	struct rhashtable_iter iter;
	u32 torn;
};

/* Under RCU: 0, or what ends the walk. */
typedef int (*toy_mini_show_t)(const struct toy_mini *m, void *arg);

void toy_mini_walk_begin(struct toy_mini_walk *w, struct toy_net *tn);
void toy_mini_walk_end(struct toy_mini_walk *w);
int toy_mini_walk(struct toy_mini_walk *w, toy_mini_show_t show, void *arg);

/* Is it one of those that are to end? */
typedef bool (*toy_mini_wanted_t)(const struct toy_mini *m, const void *arg);

bool toy_mini_kill(struct toy_net *tn, toy_mini_wanted_t wanted,
		   const void *arg);
bool toy_mini_kill_one(struct toy_net *tn, const struct toy_sock_id *id,
		       toy_mini_wanted_t wanted, const void *arg);

#endif /* _TOY_CTL_SOCK_VIEW_H */
