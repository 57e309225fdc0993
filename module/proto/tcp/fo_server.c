// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP Fast Open, the server's side (RFC 7413 4.2.2).
 *
 *	SYN		cookie		room	what it gets
 *	any		-		-	SYN-ACK (syn.c), when not enabled
 *	any		asked for	yes	SYN-ACK with a cookie
 *	with data or	good		yes	a socket, at once; SYN-ACK for all
 *	cookie		wrong		yes	SYN-ACK with a new cookie
 *			any		no	SYN-ACK without one
 *
 * The socket is in SYN_RECV, its SYN-ACK in its queue for retransmission, as
 * after a simultaneous open; but it waits for accept(2), reads and writes.
 * Until the handshake has ended it counts in its listener's struct toy_fo_queue.
 */
#include "fastopen.h"
#include "synack.h"

#define TOY_FO_RESET_S	60

static bool toy_fo_room(struct sock *sk, struct toy_fo_queue *q)
{
	bool room;

	if (!q || !READ_ONCE(q->max))
		return false;
	spin_lock_bh(&q->lock);
	if (q->len >= q->max && q->resets &&
	    toy_tcp_seconds() - q->reset_s >= TOY_FO_RESET_S) {
		q->len -= q->resets;
		q->resets = 0;
	}
	room = q->len < q->max;
	spin_unlock_bh(&q->lock);
	if (!room)
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_FASTOPEN_LISTEN_OVERFLOW);
	return room;
}

/* Which key has made the cookie of a SYN, from 1; 0 for none. @answer: another
 * cookie, by the newest key.
 */
static int toy_fo_judge(struct sock *sk, const struct toy_fo *fo,
			const struct toy_req *req, const struct toy_fo_cookie *c,
			struct toy_fo_cookie *answer)
{
	const struct toy_fo_keys *keys = rcu_dereference(fo->keys);
	int by;

	if (!keys)
		keys = rcu_dereference(toy_tcp_net(sk)->fo->keys);
	if (!keys)
		return 0;
	by = toy_fo_cookie_check(keys, &req->t.raddr, &req->t.laddr, c);
	if (by != 1) {
		toy_fo_cookie_make(keys, &req->t.raddr, &req->t.laddr, answer);
		answer->exp = c->exp;
	}
	return by;
}

/**
 * toy_fo_accept() - does this SYN open a connection by itself?
 * @sk: listener, under RCU
 * @req: its request, in no table, all agreed
 * @pkt: what is known of the SYN
 * @s: the SYN
 * @answer: result: the option of the SYN-ACK
 *
 * Context: softirq, RCU.
 * Return: a socket, as toy_tcp_child() returns it; or NULL: the handshake goes its
 * usual way.
 */
struct sock *toy_fo_accept(struct sock *sk, struct toy_req *req,
			   const struct toy_pkt *pkt, const struct toy_tcp_seg *s,
			   struct toy_fo_cookie *answer)
{
	u32 mode = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fastopen);
	const struct toy_fo_cookie *c = s->opts.has & TOY_OPT_FASTOPEN ?
					&s->opts.fo : NULL;
	struct toy_fo *fo = READ_ONCE(toy_tcp(sk)->fo);
	struct toy_net *tn = toy_sock_net(sk);
	struct sock *child;
	int by = 0;

	answer->len = -1;
	if (likely(!c && !s->len))
		return NULL;
	if (c && !c->len)
		toy_count(tn, TOY_MIB_TCP_FASTOPEN_COOKIE_REQD);
	if (!(mode & TOY_FO_SERVER) || !fo || !toy_fo_room(sk, READ_ONCE(fo->queue)))
		return NULL;
	if (!(mode & TOY_FO_SERVER_FREE || fo->no_cookie)) {
		if (!c)
			return NULL;
		by = toy_fo_judge(sk, fo, req, c, answer);
		if (!by) {
			if (c->len)
				toy_count(tn, TOY_MIB_TCP_FASTOPEN_PASSIVE_FAIL);
			return NULL;
		}
	}
	child = toy_tcp_child(sk, req, pkt, s, TOY_CHILD_OF_SYN);
	if (!child) {
		toy_count(tn, TOY_MIB_TCP_FASTOPEN_PASSIVE_FAIL);
		return NULL;
	}
	toy_count(tn, by == 2 ? TOY_MIB_TCP_FASTOPEN_PASSIVE_ALT_KEY :
				TOY_MIB_TCP_FASTOPEN_PASSIVE);
	toy_tcp(child)->fo->opt = *answer;
	return child;
}

/**
 * toy_fo_child() - a child that only a SYN has opened
 * @listener: listener, under RCU
 * @child: new socket, locked, not to be found yet
 * @req: what was agreed
 *
 * Its SYN-ACK is queued, not sent.
 * Return: 0, -ENOBUFS, or -EAGAIN when there is no room any more.
 */
int toy_fo_child(struct sock *listener, struct sock *child,
		 const struct toy_req *req)
{
	struct toy_fo_queue *q = READ_ONCE(toy_tcp(listener)->fo)->queue;
	struct toy_tcp_sock *tp = toy_tcp(child);
	struct toy_fo *fo = toy_fo_get(child);
	bool room;

	if (!fo)
		return -ENOBUFS;
	/* The listener may have let go of it already. */
	if (!refcount_inc_not_zero(&q->refs))
		return -EAGAIN;
	spin_lock(&q->lock);
	room = q->len < q->max;
	q->len += room;
	spin_unlock(&q->lock);
	if (!room) {
		if (refcount_dec_and_test(&q->refs))
			kfree_rcu(q, rcu);
		return -EAGAIN;
	}
	fo->pending = q;
	fo->irs = req->irs;
	tp->write_seq = req->iss;
	tp->snd_una = req->iss;
	tp->snd_sml = req->iss;
	tp->rate.delivered = 0;
	if (!toy_tcp_queue_syn(child, TOY_TCP_SYN | TOY_TCP_ACK |
			       (req->ecn ? TOY_TCP_ECE : 0), GFP_ATOMIC))
		return -ENOBUFS;
	return 0;
}

/**
 * toy_fo_child_in() - the SYN that has opened a connection
 * @listener: listener
 * @child: result of toy_fo_accept(): lock and reference are given back
 * @skb: the SYN; consumed
 * @s: its view
 */
void toy_fo_child_in(struct sock *listener, struct sock *child,
		     struct sk_buff *skb, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(child);

	__acquire(&child->sk_lock.slock);	/* by toy_tcp_child() */
	toy_tcp_established_init(child);
	/* But the handshake has still to be the first sample. */
	toy_rtt_init(&tp->rtt);
	toy_tcp_rto_update(tp);
	if (s->len)
		toy_fo_text(child, skb, s);
	consume_skb(skb);
	toy_tcp_xmit(child, toy_tcp_rtx_head(child), true);
	tp->fo->opt.len = -1;
	toy_xtimer_arm(child, TOY_XT_RTO, toy_tcp_rto(tp));
	listener->sk_data_ready(listener);
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * toy_fo_syn_again() - has the SYN-ACK of such a connection been lost?
 * @sk: locked socket
 * @s: a segment outside its window, with SYN
 *
 * Return: true when it is the SYN, once more: it has its answer.
 */
bool toy_fo_syn_again(struct sock *sk, const struct toy_tcp_seg *s)
{
	if (!toy_fo_passive(sk) || s->flags & TOY_TCP_ACK ||
	    s->seq != toy_tcp(sk)->fo->irs)
		return false;
	toy_tcp_send_synack(sk);
	return true;
}

/**
 * toy_fo_listen() - listen(2)
 * @sk: locked socket, about to listen
 *
 * Where all listeners have Fast Open this one gets it now. Without memory it does
 * without.
 */
void toy_fo_listen(struct sock *sk)
{
	u32 mode = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fastopen);
	const struct toy_fo *fo = toy_tcp(sk)->fo;

	if (!(mode & TOY_FO_SERVER) || !(mode & TOY_FO_ALL_LISTENERS) ||
	    (fo && fo->queue))
		return;
	if (!toy_fo_net_set_keys(toy_sock_net(sk), NULL, 0))
		toy_fo_set_queue(sk, sk->sk_max_ack_backlog);
}
