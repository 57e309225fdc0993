/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_TIMEWAIT_H
#define _TOY_TCP_TIMEWAIT_H

#include "tcp.h"

/**
 * struct toy_tw - a connection in TIME_WAIT, or an orphan's in FIN_WAIT_2
 * @conn: in the table of both ends
 * @t: both ends
 * @lease: keeps the local port
 * @timer: its end
 * @tt: tables of the namespace; it is killed before these go
 * @refcnt: the table's, the pending timer's
 * @dead: whoever sets it ends it
 * @state: TCP_TIME_WAIT or TCP_FIN_WAIT2
 * @rcv_nxt: RCV.NXT
 * @snd_nxt: SND.NXT
 * @rcv_wnd: window we offered, in bytes
 * @rcv_wscale: our scale
 * @tstamp: its timestamps
 * @tstamp_ok: timestamps were agreed
 * @oow_ms: as in struct toy_tcp_sock
 * @mark: of answers
 * @ifindex: device it was bound to, or 0
 * @ttl: of answers, or -1
 * @tos: of answers
 * @timeout: length of its stay, in jiffies
 * @rcu: freed after a grace period
 *
 * Holds neither module nor namespace: toy_conn_table_exit() ends it.
 */
struct toy_tw {
	struct toy_conn conn;
	struct toy_tuple4 t;
	struct toy_lease lease;
	struct timer_list timer;
	struct toy_tcp_net *tt;
	refcount_t refcnt;
	atomic_t dead;
	u32 rcv_nxt;
	u32 snd_nxt;
	u32 rcv_wnd;
	struct toy_ts tstamp;
	u32 oow_ms;
	u32 mark;
	u32 timeout;
	int ifindex;
	s16 ttl;
	u8 tos;
	u8 state;
	u8 rcv_wscale;
	bool tstamp_ok;
	struct rcu_head rcu;
};

void toy_tw_end(struct toy_tw *tw);
void toy_tw_replaced(struct toy_conn *c);

#endif
