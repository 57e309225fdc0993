// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners: listen(2), accept(2), and a SYN that nobody has heard of
 * (RFC 9293 3.10.7.2).
 *
 *	SYN ---> half-open (synack.c) --- ACK ---> child ---> ready ---> accept(2)
 *	  \      at most backlog                          at most backlog + 1
 *	   '-- full: a cookie (RFC 4987), no memory at all
 *	           '---------------- ACK ---> child
 *
 * A listener has no lock on the way of a segment: SYNs and final ACKs run under
 * RCU, and the queues have a lock of their own that is held for a few
 * instructions. (The socket's own lock must not be held here: making a child
 * takes the child's, of the same class.)
 */
#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <net/inet_ecn.h>
#include <net/sock_reuseport.h>

#include "../../sock/flowlabel.h"
#include "../ip.h"
#include "cookie.h"
#include "synack.h"

/* A cookie comes back within two ticks of its clock, or not at all. */
#define TOY_COOKIE_TICK_S	64

/* ---- listen(2) ------------------------------------------------------- */

static int toy_listen_start(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_listen *l;
	int err;

	if (!sk->sk_num) {
		err = toy_port_take(sk, 0);
		if (err)
			return err;
	}
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->reqs);
	INIT_LIST_HEAD(&l->ready);
	tp->listen = l;
	sk->sk_ack_backlog = 0;
	toy_tcp_set_state(sk, TCP_LISTEN);
	err = toy_port_listen(sk);
	if (err) {
		/* Nobody has found it. */
		smp_store_release(&sk->sk_state, TCP_CLOSE);
		tp->listen = NULL;
		kfree_rcu(l, rcu);
	}
	return err;
}

/**
 * toy_tcp_listen() - listen(2)
 * @sock: socket
 * @backlog: connections that may wait, bounded by somaxconn
 *
 * Return: 0, -EINVAL for a socket that is connected, -EADDRINUSE, -ENOMEM.
 */
int toy_tcp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED ||
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = sk->sk_state == TCP_LISTEN ? 0 : toy_listen_start(sk);
out:
	release_sock(sk);
	return err;
}

/* ---- the queues ------------------------------------------------------ */

bool toy_tcp_accept_full(const struct sock *sk)
{
	return sk_acceptq_is_full(sk);
}

/**
 * toy_listen_add_req() - a half-open connection is queued, and can be found
 * @sk: listener, under RCU
 * @req: request; the list takes its reference
 *
 * Queue, table and timer at once: a listener that closes, an administrator or a
 * RST ends it with all three, or does not see it.
 * Return: 0; -EINVAL when the listener is closing; as toy_conn_add().
 */
int toy_listen_add_req(struct sock *sk, struct toy_req *req)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	int err = -EINVAL;

	if (!l)
		return err;
	spin_lock_bh(&l->lock);
	if (!l->closed)
		err = toy_conn_add(toy_tcp_net(sk), &req->conn);
	if (!err) {
		list_add_tail(&req->node, &l->reqs);
		l->nr_reqs++;
		l->nr_young++;
		toy_req_start(req);
	}
	spin_unlock_bh(&l->lock);
	return err;
}

/**
 * toy_listen_del_req() - a half-open connection leaves the queue
 * @sk: listener, under RCU
 * @req: request that the caller has taken
 *
 * Return: true if the caller has to put it; false when the listener is closing
 * and does so itself.
 */
bool toy_listen_del_req(struct sock *sk, struct toy_req *req)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	bool ok;

	if (!l)
		return false;
	spin_lock_bh(&l->lock);
	ok = !l->closed;
	if (ok) {
		list_del_init(&req->node);
		l->nr_reqs--;
		l->nr_young -= req->young;
	}
	spin_unlock_bh(&l->lock);
	return ok;
}

/**
 * toy_listen_ready() - a child waits for accept(2)
 * @listener: listener, under RCU
 * @child: new socket
 *
 * Return: false when the listener is closing.
 */
bool toy_listen_ready(struct sock *listener, struct sock *child)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(listener)->listen);
	bool ok;

	if (!l)
		return false;
	spin_lock_bh(&l->lock);
	ok = !l->closed;
	if (ok) {
		list_add_tail(&toy_tcp(child)->accept_node, &l->ready);
		sk_acceptq_added(listener);
	}
	spin_unlock_bh(&l->lock);
	return ok;
}

/* A connection that nobody will accept: RFC 9293 3.10.4, as close(2) with
 * unread data. An administrator may be closing it at this moment.
 */
static void toy_listen_refuse(struct sock *child)
{
	sock_hold(child);
	lock_sock_nested(child, SINGLE_DEPTH_NESTING);
	local_bh_disable();
	sock_orphan(child);
	atomic_inc(&toy_tcp_net(child)->orphans);
	if (child->sk_state != TCP_CLOSE) {
		toy_tcp_send_rst(child);
		toy_tcp_set_state(child, TCP_CLOSE);
	}
	atomic_dec(&toy_tcp_net(child)->orphans);
	toy_tcp_destroy(child);
	local_bh_enable();
	release_sock(child);
	sock_put(child);
}

/**
 * toy_tcp_listen_stop() - a listener closes: what waits is reset
 * @sk: listener, locked
 *
 * Accepted connections live on. Context: process.
 */
void toy_tcp_listen_stop(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk), *child, *next_child;
	struct toy_listen *l = tp->listen;
	struct toy_req *req, *next;
	LIST_HEAD(reqs);
	LIST_HEAD(ready);

	if (!l)
		return;
	toy_port_unlisten(sk);
	spin_lock_bh(&l->lock);
	l->closed = true;
	list_splice_init(&l->reqs, &reqs);
	list_splice_init(&l->ready, &ready);
	l->nr_reqs = 0;
	spin_unlock_bh(&l->lock);

	list_for_each_entry_safe(req, next, &reqs, node) {
		list_del_init(&req->node);
		if (atomic_xchg(&req->state, TOY_REQ_TAKEN) == TOY_REQ_OPEN)
			toy_conn_del(toy_tcp_net(sk), &req->conn);
		if (del_timer_sync(&req->timer))
			toy_req_put(req);
		toy_req_put(req);
		cond_resched();
	}
	list_for_each_entry_safe(child, next_child, &ready, accept_node) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(sk);
		toy_listen_refuse(toy_tcp_to_sock(child));
		cond_resched();
	}
	WRITE_ONCE(tp->listen, NULL);
	kfree_rcu(l, rcu);
}

/* ---- accept(2) ------------------------------------------------------- */

static int toy_accept_wait(struct sock *sk, long timeo)
{
	struct toy_listen *l = toy_tcp(sk)->listen;
	DEFINE_WAIT(wait);
	int err = 0;

	/* Exclusive: one connection wakes one program. */
	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (list_empty_careful(&l->ready))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		if (sk->sk_state != TCP_LISTEN) {
			err = -EINVAL;
			break;
		}
		if (!list_empty_careful(&l->ready))
			break;
		if (signal_pending(current)) {
			err = sock_intr_errno(timeo);
			break;
		}
		if (!timeo) {
			err = -EAGAIN;
			break;
		}
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * toy_tcp_accept_one() - take the next connection
 * @sk: listener, not locked
 * @flags: O_NONBLOCK
 * @err: result: why there is none
 *
 * Return: a socket, or NULL.
 */
struct sock *toy_tcp_accept_one(struct sock *sk, int flags, int *err)
{
	struct toy_tcp_sock *child = NULL;
	struct toy_listen *l;
	long timeo;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	l = toy_tcp(sk)->listen;
	timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	*err = 0;
	while (!child) {
		if (list_empty_careful(&l->ready)) {
			*err = timeo ? toy_accept_wait(sk, timeo) : -EAGAIN;
			if (*err)
				goto out;
		}
		spin_lock_bh(&l->lock);
		child = list_first_entry_or_null(&l->ready, struct toy_tcp_sock,
						 accept_node);
		if (child) {
			list_del_init(&child->accept_node);
			sk_acceptq_removed(sk);
		}
		spin_unlock_bh(&l->lock);
	}
out:
	release_sock(sk);
	return child ? toy_tcp_to_sock(child) : NULL;
}

/* ---- a child --------------------------------------------------------- */

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
	tp->snd_wnd = (u32)s->wnd << tp->snd_wscale;
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
 * @pkt: what is known of the final ACK
 * @s: the final ACK
 * @from_table: @req is in the table of both ends: the socket takes its place
 *
 * Return: socket, locked as by bh_lock_sock(), with a reference for the caller
 * besides its own, waiting for accept(2); or NULL.
 */
struct sock *toy_tcp_child(struct sock *listener, struct toy_req *req,
			   const struct toy_pkt *pkt, const struct toy_tcp_seg *s,
			   bool from_table)
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
	if (!err)
		err = from_table ? toy_conn_swap(tt, &req->conn, &tp->ts.conn) :
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

/* ---- a SYN ----------------------------------------------------------- */

static u32 toy_cookie_clock(void)
{
	return (u32)ktime_get_seconds() / TOY_COOKIE_TICK_S;
}

/* TCP_SAVE_SYN: network and transport header, with 2 the link header too. */
static void toy_syn_save(struct sock *sk, struct toy_req *req,
			 const struct sk_buff *skb, u32 tcp_len)
{
	u8 save = READ_ONCE(toy_tcp(sk)->save_syn);
	const void *from = skb_network_header(skb);
	struct toy_saved_syn *syn;
	u32 len;

	if (!save)
		return;
	if (save == 2 && skb_mac_header_was_set(skb) &&
	    skb_mac_header(skb) <= skb_network_header(skb))
		from = skb_mac_header(skb);
	len = skb_transport_header(skb) - (u8 *)from + tcp_len;
	syn = kmalloc(struct_size(syn, data, len), GFP_ATOMIC | __GFP_NOWARN);
	if (!syn)
		return;
	syn->len = len;
	memcpy(syn->data, from, len);
	req->saved_syn = syn;
}

/* RFC 4987 3.6: all state goes to the peer and comes back with its ACK. */
static enum toy_drop toy_syn_cookie(struct sock *sk, struct toy_req *req,
				    const struct toy_path *path)
{
	struct toy_tcp_opts o = { .has = TOY_OPT_MSS };
	u16 mss = req->mss;

	/* Options come back in the timestamp only. */
	if (req->opts & TOY_OPT_TS) {
		struct toy_cookie_opts c = {
			.snd_wscale = req->snd_wscale,
			.wscale_ok = req->opts & TOY_OPT_WSCALE,
			.sack_ok = req->opts & TOY_OPT_SACK_OK,
			.ecn_ok = req->ecn,
		};

		o.has |= req->opts;
		o.wscale = req->rwnd.scale;
		o.tsval = toy_cookie_ts_make(div_u64(toy_tcp_clock(), 1000), &c) +
			  req->ts_off;
		o.tsecr = req->ts_recent;
	} else {
		req->opts = 0;
		req->ecn = 0;
	}
	req->iss = toy_cookie_make(&req->t, req->irs, &mss, toy_cookie_clock());
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_SYN_COOKIES_SENT);
	toy_req_synack(sk, req, path, &o);
	return TOY_DROP_TCP_COOKIE;
}

/* Remember the request and answer. Consumes the caller's reference. */
static enum toy_drop toy_syn_queue(struct sock *sk, struct toy_req *req,
				   const struct toy_path *path)
{
	int err;

	req->sent_us = (u32)toy_tcp_clock() ?: 1;
	err = toy_listen_add_req(sk, req);
	if (err) {
		toy_req_put(req);
		/* The same SYN on another CPU, or no memory. */
		return err == -EINVAL ? TOY_DROP_TCP_CLOSED :
					TOY_DROP_TCP_DUPLICATE;
	}
	toy_req_synack(sk, req, path, NULL);
	return TOY_RX_OK;
}

/* Is there room for one more? *cookie: only if it needs none. */
static enum toy_drop toy_syn_admit(struct sock *sk, bool *cookie)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	struct toy_net *tn = toy_sock_net(sk);
	int mode = READ_ONCE(tn->sysctl.tcp_syncookies);

	if (!l)
		return TOY_DROP_TCP_CLOSED;
	*cookie = mode == 2;
	if (READ_ONCE(l->nr_reqs) > READ_ONCE(sk->sk_max_ack_backlog)) {
		WRITE_ONCE(l->overflow_s, toy_tcp_seconds() ?: 1);
		if (!mode) {
			toy_count(tn, TOY_MIB_TCP_REQQ_FULL_DROP);
			return TOY_DROP_TCP_SYN_FULL;
		}
		*cookie = true;
		toy_count(tn, TOY_MIB_TCP_REQQ_FULL_DO_COOKIES);
	} else if (!mode && READ_ONCE(l->nr_reqs) >=
		   READ_ONCE(tn->sysctl.tcp_max_syn_backlog)) {
		return TOY_DROP_TCP_SYN_FULL;
	}
	if (*cookie)
		WRITE_ONCE(l->overflow_s, toy_tcp_seconds() ?: 1);
	if (toy_tcp_accept_full(sk)) {
		toy_count(tn, TOY_MIB_TCP_LISTEN_OVERFLOWS);
		return TOY_DROP_TCP_ACCEPT_FULL;
	}
	return TOY_RX_OK;
}

static enum toy_drop toy_syn_rcv(struct sock *sk, struct toy_pkt *pkt,
				 struct sk_buff *skb, struct toy_tcp_seg *s)
{
	bool ecn = (s->flags & (TOY_TCP_ECE | TOY_TCP_CWR)) ==
		   (TOY_TCP_ECE | TOY_TCP_CWR);
	struct toy_path path;
	enum toy_drop why;
	struct toy_req *req;
	bool cookie;

	why = toy_syn_admit(sk, &cookie);
	if (why) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return why;
	}
	req = toy_req_new(sk, pkt, skb, s);
	if (!req) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_NOMEM;
	}
	if (toy_req_path(sk, req, &path)) {
		toy_req_put(req);
		return TOY_DROP_NO_ROUTE;
	}
	toy_req_agree(sk, req, s, ecn);
	toy_req_rwnd(sk, req, &path);
	if (cookie) {
		why = toy_syn_cookie(sk, req, &path);
		toy_req_put(req);
	} else {
		req->iss = toy_cb(skb)->tw_isn ?: toy_isn(&req->t, toy_tcp_clock());
		toy_syn_save(sk, req, skb, s->hdr_len);
		why = toy_syn_queue(sk, req, &path);
	}
	toy_path_reset(&path);
	if (!why)
		consume_skb(skb);
	return why;
}

/* ---- an ACK: does it bring a cookie back? ---------------------------- */

static bool toy_cookie_expected(struct sock *sk)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	u32 last = l ? READ_ONCE(l->overflow_s) : 0;

	if (!READ_ONCE(toy_sock_net(sk)->sysctl.tcp_syncookies))
		return false;
	return last && toy_tcp_seconds() - last <= 2 * TOY_COOKIE_TICK_S;
}

static struct toy_req *toy_cookie_req(struct sock *sk, struct toy_pkt *pkt,
				      struct sk_buff *skb, struct toy_tcp_seg *s)
{
	const struct toy_sysctl *sc = &pkt->tn->sysctl;
	struct toy_cookie_opts c = {};
	struct toy_path path;
	struct toy_req *req;

	req = toy_req_new(sk, pkt, skb, s);
	if (!req)
		return NULL;
	req->irs = s->seq - 1;
	req->iss = s->ack - 1;
	req->mss = toy_cookie_check(&req->t, req->irs, req->iss,
				    toy_cookie_clock());
	if (!req->mss) {
		toy_count(pkt->tn, TOY_MIB_TCP_SYN_COOKIES_FAILED);
		goto refuse;
	}
	toy_count(pkt->tn, TOY_MIB_TCP_SYN_COOKIES_RECV);
	req->ts_off = READ_ONCE(sc->tcp_timestamps) == 1 ?
		      toy_ts_offset(&req->t.laddr, &req->t.raddr) : 0;
	if (s->opts.has & TOY_OPT_TS && s->opts.tsecr) {
		if (!toy_cookie_ts_read(s->opts.tsecr - req->ts_off, &c))
			goto refuse;
		req->opts = TOY_OPT_TS | (c.sack_ok ? TOY_OPT_SACK_OK : 0) |
			    (c.wscale_ok ? TOY_OPT_WSCALE : 0);
		req->ts_recent = s->opts.tsval;
		req->snd_wscale = c.snd_wscale;
		req->ecn = c.ecn_ok && READ_ONCE(sc->tcp_ecn);
	}
	if (toy_req_path(sk, req, &path))
		goto refuse;
	toy_req_rwnd(sk, req, &path);
	toy_path_reset(&path);
	return req;
refuse:
	toy_req_put(req);
	return NULL;
}

static enum toy_drop toy_listen_ack(struct sock *sk, struct toy_pkt *pkt,
				    struct sk_buff *skb, struct toy_tcp_seg *s)
{
	struct toy_tuple4 t = {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.lport = s->dport, .rport = s->sport,
		.scope = toy_addr_linklocal(&pkt->saddr) ?
			 toy_skb_cb(skb)->ifindex : 0,
	};
	struct sock *child;
	struct toy_req *req;

	if (!toy_cookie_expected(sk))
		goto reset;
	req = toy_cookie_req(sk, pkt, skb, s);
	if (!req)
		goto reset;
	if (toy_tcp_accept_full(sk)) {
		toy_req_put(req);
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_OVERFLOWS);
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_TCP_ACCEPT_FULL;
	}
	child = toy_tcp_child(sk, req, pkt, s, false);
	toy_req_put(req);
	if (!child) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_NOMEM;
	}
	return toy_tcp_child_in(sk, child, skb, s);

reset:
	/* RFC 9293 3.10.7.2, second. */
	toy_tcp_reset_segment(pkt->tn, &t, s, pkt->tos,
			      sk->sk_bound_dev_if ?: t.scope);
	return TOY_DROP_TCP_LISTEN_ACK;
}

/**
 * toy_tcp_listen_rcv() - a segment for a listener
 * @sk: listener, under RCU, not locked
 * @pkt: what is known of the packet
 * @skb: segment; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Context: softirq, RCU. RFC 9293 3.10.7.2.
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_listen_rcv(struct sock *sk, struct toy_pkt *pkt,
				 struct sk_buff *skb, struct toy_tcp_seg *s)
{
	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);
	if (s->flags & TOY_TCP_RST)
		return TOY_DROP_TCP_INVALID_RST;
	if (s->flags & TOY_TCP_ACK)
		return toy_listen_ack(sk, pkt, skb, s);
	if (!(s->flags & TOY_TCP_SYN) || s->flags & TOY_TCP_FIN)
		return TOY_DROP_TCP_FLAGS;
	return toy_syn_rcv(sk, pkt, skb, s);
}
