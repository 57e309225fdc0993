// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP's connections without a socket (struct toy_req, struct toy_tw): a walk
 * over them, and their end.
 *
 * They stand in the table of both ends, which is walked under RCU, a batch at a
 * time. They have no cookie: who wants to end one names its ends and state.
 */
#include <net/sock.h>
#include <net/tcp_states.h>

#include "sock_view.h"
#include "../proto/tcp/synack.h"
#include "../proto/tcp/tcp.h"
#include "../proto/tcp/timewait.h"

/* Entries that are looked at in one RCU section. */
#define TOY_MINI_BATCH	1024

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

/* ---- the walk -------------------------------------------------------- */

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
static int toy_mini_walk_batch(struct toy_mini_walk *w, toy_mini_show_t show,
			       void *arg, struct toy_conn **c)
{
	struct toy_mini m;
	int n, err = 0;

	if (rhashtable_walk_start_check(&w->iter) == -EAGAIN)
		w->torn++;
	/* What did not fit last time is shown first. */
	*c = rhashtable_walk_peek(&w->iter);
	for (n = 0; *c && n < TOY_MINI_BATCH; n++) {
		if (IS_ERR(*c)) {
			err = PTR_ERR(*c) == -EAGAIN ? 0 : PTR_ERR(*c);
			w->torn++;
		} else if (toy_mini_read(&m, *c)) {
			err = show(&m, arg);
		}
		if (err)
			break;
		*c = rhashtable_walk_next(&w->iter);
	}
	rhashtable_walk_stop(&w->iter);
	return err;
}

/**
 * toy_mini_walk() - show what has no socket
 * @w: where to go on
 * @show: takes one; what it returns other than 0 ends the walk, and the one
 *	that it was called with comes first when the walk goes on
 * @arg: for @show
 *
 * Context: process.
 * Return: 0 at the end, or what @show returned, or a negative errno.
 */
int toy_mini_walk(struct toy_mini_walk *w, toy_mini_show_t show, void *arg)
{
	struct toy_conn *c;
	int err;

	do {
		err = toy_mini_walk_batch(w, show, arg, &c);
		cond_resched();
	} while (!err && c);
	return err;
}

/* ---- the end --------------------------------------------------------- */

static bool toy_mini_end(struct toy_conn *c, toy_mini_wanted_t wanted,
			 const void *arg)
{
	struct toy_mini m;

	if (!toy_mini_read(&m, c) || !wanted(&m, arg))
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
static int toy_mini_kill_batch(struct toy_tcp_net *tt, toy_mini_wanted_t wanted,
			       const void *arg)
{
	struct rhashtable_iter iter;
	struct toy_conn *c;
	int n = 0;

	rhashtable_walk_enter(&tt->conns, &iter);
	rhashtable_walk_start(&iter);
	/* An error is a resize: the walk begins anew. */
	while (n < TOY_MINI_BATCH && (c = rhashtable_walk_next(&iter)))
		n += !IS_ERR(c) && toy_mini_end(c, wanted, arg);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return n;
}

/**
 * toy_mini_kill_one() - end the connection between two ends
 * @tn: namespace
 * @id: both ends and the device
 * @wanted: is it the one?
 * @arg: for @wanted
 *
 * Context: process.
 * Return: true if there was one.
 */
bool toy_mini_kill_one(struct toy_net *tn, const struct toy_sock_id *id,
		       toy_mini_wanted_t wanted, const void *arg)
{
	struct toy_tuple4 t = {
		.laddr = *id->laddr,
		.raddr = *id->raddr,
		.lport = id->lport,
		.rport = id->rport,
	};
	struct toy_conn *c;
	bool found;

	if (toy_addr_linklocal(&t.raddr))
		t.scope = id->ifindex;
	rcu_read_lock();
	c = toy_conn_find(tn->tcp, &t);
	found = c && toy_mini_end(c, wanted, arg);
	rcu_read_unlock();
	return found;
}

/**
 * toy_mini_kill() - end what has no socket
 * @tn: namespace
 * @wanted: which
 * @arg: for @wanted
 *
 * A peer that opens connections faster than they end here keeps nobody: not
 * many more end than there were at the start.
 *
 * Context: process.
 * Return: true if there was any.
 */
bool toy_mini_kill(struct toy_net *tn, toy_mini_wanted_t wanted,
		   const void *arg)
{
	int n, left = atomic_read(&tn->tcp->conns.nelems);
	bool found = false;

	do {
		n = toy_mini_kill_batch(tn->tcp, wanted, arg);
		left -= n;
		found |= n;
		cond_resched();
	} while (n && left > 0);
	return found;
}
