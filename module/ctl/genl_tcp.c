// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: what `toy ss` tells of TCP.
 *
 * Of a socket: its timer, TCP_INFO, congestion control, and queues in bytes of
 * the stream. If no program has the socket's lock, the spin lock is taken, and
 * the numbers are those of one moment. If one has, nobody waits for it: they
 * are read as they are.
 *
 * Of connections without a socket (struct toy_req, struct toy_tw): both ends,
 * state and timer. They stand in the table of both ends, which is walked under
 * RCU. They have no cookie: a request that ends one names its ends and state.
 */
#include <net/sock.h>
#include <net/tcp_states.h>

#include "genl.h"
#include "../proto/tcp/synack.h"
#include "../proto/tcp/tcp.h"
#include "../proto/tcp/timewait.h"
#include "../sock/sock.h"

/* Entries that are looked at in one RCU section. */
#define TOY_MINI_BATCH	1024

/* ---- sockets --------------------------------------------------------- */

struct toy_timer_show {
	enum toy_sock_timer which;
	unsigned long expires;
	u8 retrans;
};

static struct toy_timer_show toy_tcp_timer(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 xtimer = READ_ONCE(tp->xtimer);

	if (xtimer == TOY_XT_PERSIST)
		return (struct toy_timer_show) {
			TOY_SOCK_TIMER_PERSIST, READ_ONCE(tp->xtimer_due),
			READ_ONCE(tp->probes),
		};
	if (xtimer != TOY_XT_NONE)
		return (struct toy_timer_show) {
			TOY_SOCK_TIMER_RETRANS, READ_ONCE(tp->xtimer_due),
			READ_ONCE(tp->retransmits),
		};
	/* An orphan's stay in FIN_WAIT_2, too, as in ss. */
	if (timer_pending(&sk->sk_timer))
		return (struct toy_timer_show) {
			TOY_SOCK_TIMER_KEEPALIVE,
			READ_ONCE(sk->sk_timer.expires),
			READ_ONCE(tp->probes),
		};
	return (struct toy_timer_show) { TOY_SOCK_TIMER_OFF };
}

static int toy_tcp_fill_timer(struct sk_buff *skb, struct toy_timer_show t)
{
	return nla_put_u8(skb, TOY_SOCK_A_TIMER, t.which) ?:
	       (t.which == TOY_SOCK_TIMER_OFF ? 0 :
		nla_put_u32(skb, TOY_SOCK_A_TIMER_MS,
			    jiffies_delta_to_msecs(t.expires - jiffies)) ?:
		nla_put_u8(skb, TOY_SOCK_A_RETRANS, t.retrans));
}

/* Of a listener, connections that wait and their limit; else bytes: arrived and
 * not read, written and not acknowledged.
 */
static int toy_tcp_fill_queues(struct sk_buff *skb, const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 state = READ_ONCE(sk->sk_state);
	u32 rqueue, wqueue;

	if (state == TCP_LISTEN) {
		rqueue = READ_ONCE(sk->sk_ack_backlog);
		wqueue = READ_ONCE(sk->sk_max_ack_backlog);
	} else {
		s32 unread = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

		/* The FIN has a number, too. */
		if (unread > 0 && sock_flag(sk, SOCK_DONE))
			unread--;
		rqueue = max(unread, 0);
		wqueue = state == TCP_CLOSE ? 0 : READ_ONCE(tp->write_seq) -
						  READ_ONCE(tp->snd_una);
	}
	return nla_put_u32(skb, TOY_SOCK_A_RQUEUE, rqueue) ?:
	       nla_put_u32(skb, TOY_SOCK_A_WQUEUE, wqueue);
}

/* RCU keeps the algorithm, should the program choose another. */
static int toy_tcp_fill_cong(struct sk_buff *skb, const struct sock *sk)
{
	const struct toy_cc *cc = &toy_tcp(sk)->cc;
	const struct toy_cc_ops *ops = READ_ONCE(cc->ops);
	u64 info[8] = {};		/* union tcp_cc_info */
	int len = 0;

	if (!ops)
		return 0;
	if (ops->info && !((1 << READ_ONCE(sk->sk_state)) &
			   (TCPF_CLOSE | TCPF_LISTEN)))
		len = ops->info(cc, info);
	return nla_put_string(skb, TOY_SOCK_A_CONG, ops->name) ?:
	       (len > 0 ? nla_put(skb, TOY_SOCK_A_CONG_INFO, len, info) : 0);
}

static int toy_tcp_fill_info(struct sk_buff *skb, struct sock *sk)
{
	struct toy_tcp_info info;

	toy_tcp_info(sk, &info);
	return nla_put(skb, TOY_SOCK_A_INFO, sizeof(info), &info);
}

/**
 * toy_genl_tcp_fill() - attributes that only TCP's sockets have, and the queues
 * @skb: message buffer, borrowed
 * @sk: TCP socket, with a reference
 *
 * Context: process; waits for no program.
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_tcp_fill(struct sk_buff *skb, struct sock *sk)
{
	int err;

	rcu_read_lock();
	spin_lock_bh(&sk->sk_lock.slock);
	err = toy_tcp_fill_queues(skb, sk) ?:
	      toy_tcp_fill_timer(skb, toy_tcp_timer(sk)) ?:
	      toy_tcp_fill_info(skb, sk) ?:
	      toy_tcp_fill_cong(skb, sk);
	spin_unlock_bh(&sk->sk_lock.slock);
	rcu_read_unlock();
	return err;
}

/* ---- what has no socket ---------------------------------------------- */

/**
 * struct toy_mini - a connection without a socket
 * @id: its ends and state
 * @timer: its timer
 * @mark: of its answers
 * @admin: the reader may see the mark
 */
struct toy_mini {
	struct toy_sock_id id;
	struct toy_timer_show timer;
	u32 mark;
	bool admin;
};

static void toy_mini_ends(struct toy_mini *m, const struct toy_tuple4 *t)
{
	m->id.protocol = TOYPROTO_TCP;
	m->id.laddr = &t->laddr;
	m->id.raddr = &t->raddr;
	m->id.lport = t->lport;
	m->id.rport = t->rport;
}

static void toy_mini_of_tw(struct toy_mini *m, const struct toy_tw *tw)
{
	toy_mini_ends(m, &tw->t);
	m->id.state = READ_ONCE(tw->state);
	m->id.ifindex = tw->ifindex;
	m->timer.which = TOY_SOCK_TIMER_TIMEWAIT;
	m->timer.expires = READ_ONCE(tw->timer.expires);
	m->timer.retrans = 0;
	m->mark = tw->mark;
}

static void toy_mini_of_req(struct toy_mini *m, const struct toy_req *req)
{
	toy_mini_ends(m, &req->t);
	m->id.state = TCP_SYN_RECV;
	m->id.ifindex = req->ifindex;
	m->timer.which = TOY_SOCK_TIMER_RETRANS;
	m->timer.expires = READ_ONCE(req->timer.expires);
	m->timer.retrans = READ_ONCE(req->retries);
	m->mark = req->mark;
}

/* False: a socket, or it is ending. */
static bool toy_mini_read(struct toy_mini *m, struct toy_conn *c)
{
	struct toy_req *req;
	struct toy_tw *tw;

	switch (c->kind) {
	case TOY_CONN_TW:
		tw = container_of(c, struct toy_tw, conn);
		if (atomic_read(&tw->dead))
			return false;
		toy_mini_of_tw(m, tw);
		return true;
	case TOY_CONN_REQ:
		req = container_of(c, struct toy_req, conn);
		if (atomic_read(&req->state) != TOY_REQ_OPEN)
			return false;
		toy_mini_of_req(m, req);
		return true;
	}
	return false;
}

static int toy_genl_mini_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_mini *m = object;

	return nla_put_u8(skb, TOY_SOCK_A_TYPE, SOCK_STREAM) ?:
	       nla_put_string(skb, TOY_SOCK_A_PROTO_NAME, toy_tcp_prot.name) ?:
	       toy_sock_id_fill(skb, &m->id) ?:
	       nla_put_u32(skb, TOY_SOCK_A_RQUEUE, 0) ?:
	       nla_put_u32(skb, TOY_SOCK_A_WQUEUE, 0) ?:
	       toy_tcp_fill_timer(skb, m->timer) ?:
	       (m->admin ? nla_put_u32(skb, TOY_SOCK_A_MARK, m->mark) : 0);
}

static bool toy_minis_unwanted(struct nlattr **attrs)
{
	return attrs &&
	       (attrs[TOY_SOCK_A_COOKIE] ||
		(attrs[TOY_SOCK_A_PROTOCOL] &&
		 nla_get_u32(attrs[TOY_SOCK_A_PROTOCOL]) != TOYPROTO_TCP));
}

/**
 * toy_mini_walk_begin() - a walk over what has no socket begins
 * @w: the walk; stays where it is
 * @tn: namespace, which outlives the walk
 *
 * Context: process.
 */
void toy_mini_walk_begin(struct toy_mini_walk *w, struct toy_net *tn)
{
	rhashtable_walk_enter(&tn->tcp->conns, &w->iter);
	w->torn = 0;
}

/**
 * toy_mini_walk_end() - the opposite of toy_mini_walk_begin()
 * @w: the walk
 */
void toy_mini_walk_end(struct toy_mini_walk *w)
{
	rhashtable_walk_exit(&w->iter);
}

/* One RCU section long; *c is where it goes on, NULL at the end. */
static int toy_mini_dump_batch(struct toy_mini_walk *w, struct sk_buff *skb,
			       struct netlink_callback *cb, u32 torn,
			       struct toy_conn **c)
{
	struct nlattr **attrs = toy_genl_dump_attrs(cb);
	struct toy_mini m = {
		.admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
	};
	int n, err = 0;

	if (rhashtable_walk_start_check(&w->iter) == -EAGAIN)
		w->torn++;
	/* What did not fit last time is shown first. */
	*c = rhashtable_walk_peek(&w->iter);
	for (n = 0; *c && n < TOY_MINI_BATCH; n++) {
		if (IS_ERR(*c)) {
			err = PTR_ERR(*c) == -EAGAIN ? 0 : PTR_ERR(*c);
			w->torn++;
		} else if (toy_mini_read(&m, *c) &&
			   toy_sock_id_wanted(&m.id, attrs)) {
			cb->seq = 1 + torn + w->torn;
			err = toy_genl_put_dump(skb, cb, TOY_CMD_SOCK_GET,
						toy_genl_mini_fill, &m);
		}
		if (err)
			break;
		*c = rhashtable_walk_next(&w->iter);
	}
	rhashtable_walk_stop(&w->iter);
	return err;
}

/**
 * toy_genl_mini_dump() - show what has no socket
 * @w: where to go on
 * @skb: message buffer
 * @cb: the dump
 * @torn: times that the dump was torn before
 *
 * Context: process.
 * Return: 0 at the end, -EMSGSIZE to be called again, or a negative errno.
 */
int toy_genl_mini_dump(struct toy_mini_walk *w, struct sk_buff *skb,
		       struct netlink_callback *cb, u32 torn)
{
	struct toy_conn *c;
	int err;

	if (toy_minis_unwanted(toy_genl_dump_attrs(cb)))
		return 0;
	do {
		err = toy_mini_dump_batch(w, skb, cb, torn, &c);
		cond_resched();
	} while (!err && c);
	return err;
}

static bool toy_mini_end(struct toy_conn *c, struct nlattr **attrs)
{
	struct toy_mini m = {};

	if (!toy_mini_read(&m, c) || !toy_sock_id_wanted(&m.id, attrs))
		return false;
	if (c->kind == TOY_CONN_TW)
		toy_tw_end(container_of(c, struct toy_tw, conn));
	else
		toy_req_drop(container_of(c, struct toy_req, conn));
	return true;
}

/* One RCU section long, from the start of the table: a walk that was
 * interrupted would pass over some when others have gone.
 */
static int toy_mini_kill_batch(struct toy_tcp_net *tt, struct nlattr **attrs)
{
	struct rhashtable_iter iter;
	struct toy_conn *c;
	int n = 0;

	rhashtable_walk_enter(&tt->conns, &iter);
	rhashtable_walk_start(&iter);
	/* An error is a resize: the walk begins anew. */
	while (n < TOY_MINI_BATCH && (c = rhashtable_walk_next(&iter)))
		n += !IS_ERR(c) && toy_mini_end(c, attrs);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return n;
}

/* Both ends are known. */
static bool toy_mini_kill_one(struct toy_tcp_net *tt, struct nlattr **attrs)
{
	struct toy_tuple4 t = {
		.laddr = toy_nla_addr(attrs[TOY_SOCK_A_LADDR]),
		.raddr = toy_nla_addr(attrs[TOY_SOCK_A_RADDR]),
		.lport = nla_get_u16(attrs[TOY_SOCK_A_LPORT]),
		.rport = nla_get_u16(attrs[TOY_SOCK_A_RPORT]),
		.scope = attrs[TOY_SOCK_A_IFINDEX] ?
			 nla_get_u32(attrs[TOY_SOCK_A_IFINDEX]) : 0,
	};
	struct toy_conn *c;
	bool found;

	if (!toy_addr_linklocal(&t.raddr))
		t.scope = 0;
	rcu_read_lock();
	c = toy_conn_find(tt, &t);
	found = c && toy_mini_end(c, attrs);
	rcu_read_unlock();
	return found;
}

/**
 * toy_genl_mini_kill() - end what has no socket
 * @tn: namespace
 * @attrs: all must match
 *
 * A peer that opens connections faster than they end here keeps nobody: not
 * many more end than there were at the start.
 *
 * Context: process.
 * Return: true if there was any.
 */
bool toy_genl_mini_kill(struct toy_net *tn, struct nlattr **attrs)
{
	int n, left = atomic_read(&tn->tcp->conns.nelems);
	bool found = false;

	if (toy_minis_unwanted(attrs))
		return false;
	if (attrs && attrs[TOY_SOCK_A_LADDR] && attrs[TOY_SOCK_A_RADDR] &&
	    attrs[TOY_SOCK_A_LPORT] && attrs[TOY_SOCK_A_RPORT])
		return toy_mini_kill_one(tn->tcp, attrs);
	do {
		n = toy_mini_kill_batch(tn->tcp, attrs);
		left -= n;
		found |= n;
		cond_resched();
	} while (n && left > 0);
	return found;
}
