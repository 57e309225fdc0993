// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last ACK of a handshake makes a socket (RFC 9293 3.10.7.4, SYN-RECEIVED).
 *
 *	listener --- clone ---> child: what it asked for by options
 *	half-open request ----> child: what the handshake has agreed
 *	                        child takes the request's place in the table and
 *	                        waits for accept(2)
 *
 * All of it under RCU and without the listener's lock; the child is locked from
 * the moment it can be found.
 */
#include <linux/cgroup.h>
#include <linux/memcontrol.h>

#include "../../sock/flowlabel.h"
#include "../ip.h"
#include "fastopen.h"
#include "synack.h"

/* Who pays for its memory: the listener's group, until accept(2) has one. */
static void toy_child_memcg(struct sock *listener, struct sock *child)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *memcg = READ_ONCE(listener->sk_memcg);

	if (mem_cgroup_sockets_enabled && memcg) {
		css_get(&memcg->css);
		child->sk_memcg = memcg;
	}
#endif
}

/* sk_clone_lock() has copied all of the listener: what is not inherited. */
static void toy_child_fresh(struct sock *child)
{
	struct toy_tcp_sock *tp = toy_tcp(child);
	struct toy_sock *ts = &tp->ts;

	memset(&ts->conn, 0, sizeof(ts->conn));
	ts->conn.kind = TOY_CONN_SOCK;
	RCU_INIT_POINTER(ts->path, NULL);
	toy_sock_rare_clone(child);
	ts->port = NULL;
	ts->in_bound = 0;
	ts->in_conn = 0;
	ts->port_explicit = 0;
	INIT_HLIST_NODE(&ts->port_node);
	INIT_LIST_HEAD(&ts->node);
	tp->listen = NULL;
	tp->saved_syn = NULL;
	tp->pace = NULL;
	tp->fo = NULL;
	tp->deferred = 0;
	INIT_LIST_HEAD(&tp->accept_node);
	child->sk_num = 0;
	child->sk_userlocks &= ~SOCK_BINDPORT_LOCK;
	child->sk_frag.page = NULL;
	memset(&tp->totals, 0, sizeof(tp->totals));
	skb_queue_head_init(&child->sk_write_queue);
	toy_tcp_timers_init(child);
	toy_tcp_init_xmit_state(child);
}

static void toy_child_cc(struct sock *child)
{
	struct toy_tcp_sock *tp = toy_tcp(child);

	if (!toy_cc_hold(tp->cc.ops)) {
		tp->cc.ops = &toy_cc_reno;
		toy_cc_hold(tp->cc.ops);
	}
}

/* What the handshake has agreed. */
static void toy_child_agree(struct sock *child, const struct toy_req *req,
			    const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(child);

	toy_tcp_now(tp);
	tp->iss = req->iss;
	tp->snd_una = req->iss + 1;
	tp->snd_nxt = tp->snd_una;
	tp->write_seq = tp->snd_una;
	tp->pushed_seq = tp->snd_una;
	tp->snd_sml = tp->snd_una;
	tp->snd_up = tp->snd_una;
	tp->rcv_nxt = req->irs + 1;
	tp->copied_seq = tp->rcv_nxt;
	tp->snd_wl1 = req->irs;
	tp->high_seq = tp->snd_nxt;
	toy_rack_init(&tp->rack, tp->snd_nxt);
	tp->rwnd = req->rwnd;
	tp->rwnd.wup = tp->rcv_nxt;
	tp->peer_mss = req->mss;
	tp->tstamp_ok = !!(req->opts & TOY_OPT_TS);
	tp->sack_ok = !!(req->opts & TOY_OPT_SACK_OK);
	tp->wscale_ok = !!(req->opts & TOY_OPT_WSCALE);
	tp->snd_wscale = tp->wscale_ok ? req->snd_wscale : 0;
	tp->tstamp.recent = req->ts_recent;
	tp->tstamp.recent_s = tp->tstamp_ok ? toy_tcp_seconds() : 0;
	tp->tstamp.offset = req->ts_off;
	tp->ecn = req->ecn ? TOY_ECN_OK : 0;
	/* RFC 7323 2.2: not scaled in a SYN. */
	tp->snd_wnd = (u32)s->wnd << (s->flags & TOY_TCP_SYN ? 0 : tp->snd_wscale);
	tp->max_window = tp->snd_wnd;
	tp->rcv_ms = toy_tcp_ms(tp);
	tp->total_retrans = req->retries;
	tp->segs_in = 1;			/* the SYN */
	tp->rate.delivered = 1;			/* the SYN-ACK */
	if (req->sent_us && !req->retries) {
		toy_rtt_sample(&tp->rtt, (u32)tp->now_us - req->sent_us);
		toy_tcp_rto_update(tp);
		toy_rtt_sample_min(&tp->rtt, (u32)tp->now_us - req->sent_us,
				   toy_tcp_ms(tp), 300 * MSEC_PER_SEC);
	}
}

static void toy_child_mss(struct sock *child)
{
	struct toy_tcp_sock *tp = toy_tcp(child);
	const struct toy_path *path = toy_tcp_path(child);

	tp->advmss = path ? toy_tcp_advmss(path, tp->user_mss) :
			    TOY_MSS_DEFAULT;
	toy_tcp_sync_mss(child);
	if (tp->tstamp_ok)
		tp->advmss -= 12;
	toy_delack_init(&tp->delack, min(tp->advmss, tp->mss),
			READ_ONCE(toy_sock_net(child)->sysctl.tcp_delack_min_ms));
	tp->delack.last_ms = toy_tcp_ms(tp);
}

/**
 * toy_tcp_child() - make the socket of a connection that is complete
 * @listener: listener, under RCU
 * @req: its request; saved headers move on to the socket
 * @pkt: what is known of the final ACK, or of the SYN
 * @s: it
 * @of: which of them; where @req is in the table the socket takes its place
 *
 * Return: socket, locked as by bh_lock_sock(), with a reference for the caller
 * besides its own, waiting for accept(2); or NULL.
 */
struct sock *toy_tcp_child(struct sock *listener, struct toy_req *req,
			   const struct toy_pkt *pkt, const struct toy_tcp_seg *s,
			   enum toy_child_of of)
{
	struct toy_tcp_net *tt = toy_tcp_net(listener);
	struct toy_tcp_sock *tp;
	struct sock *child;
	int err;

	child = sk_clone_lock(listener, GFP_ATOMIC);
	if (!child)
		return NULL;
	__acquire(&child->sk_lock.slock);
	tp = toy_tcp(child);
	toy_child_memcg(listener, child);
	toy_child_fresh(child);
	toy_child_cc(child);
	child->sk_v6_rcv_saddr = req->t.laddr;
	child->sk_v6_daddr = req->t.raddr;
	child->sk_dport = htons(req->t.rport);
	tp->ts.saddr = req->t.laddr;
	/* A link-local peer binds to its link, as connect(2) does. */
	if (req->t.scope)
		child->sk_bound_dev_if = req->t.scope;
	child->sk_state = TCP_SYN_RECV;
	child->sk_shutdown = 0;
	child->sk_mark = req->mark;
	child->sk_txhash = toy_req_txhash(req);
	toy_child_agree(child, req, s);
	toy_child_mss(child);
	tp->saved_syn = req->saved_syn;
	req->saved_syn = NULL;
	toy_sock_enlist(child);

	err = toy_tcp_port_inherit(listener, child);
	if (!err && of == TOY_CHILD_OF_SYN)
		err = toy_fo_child(listener, child, req);
	if (!err)
		err = of == TOY_CHILD_OF_REQ ?
		      toy_conn_swap(tt, &req->conn, &tp->ts.conn) :
		      toy_conn_add(tt, &tp->ts.conn);
	if (!err && !toy_listen_ready(listener, child))
		err = -EINVAL;
	if (!err) {
		toy_count(toy_sock_net(child), TOY_MIB_TCP_PASSIVE_OPENS);
		__release(&child->sk_lock.slock);	/* with the caller */
		return child;
	}

	sock_set_flag(child, SOCK_DEAD);
	atomic_inc(&tt->orphans);
	if (tp->ts.conn.hashed)
		toy_tcp_send_rst(child);
	toy_tcp_done(child);
	bh_unlock_sock(child);
	sock_put(child);
	return NULL;
}

/**
 * toy_tcp_child_in() - the segment that completed a connection
 * @listener: listener
 * @child: result of toy_tcp_child(): lock and reference are given back
 * @skb: the segment; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_child_in(struct sock *listener, struct sock *child,
			       struct sk_buff *skb, struct toy_tcp_seg *s)
{
	enum toy_drop why;

	__acquire(&child->sk_lock.slock);	/* by toy_tcp_child() */
	toy_fl_accepted(child, toy_skb_label(skb));
	skb->dev = NULL;
	/* accept(2) may have been faster. */
	if (!sock_owned_by_user(child)) {
		why = toy_tcp_do_rcv(child, skb, s);
		listener->sk_data_ready(listener);
	} else {
		why = sk_add_backlog(child, skb, INT_MAX) ?
		      TOY_DROP_TCP_BACKLOG : TOY_RX_OK;
	}
	bh_unlock_sock(child);
	sock_put(child);
	return why;
}
