// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners: listen(2), the two queues and accept(2) (RFC 9293 3.9.1.1).
 *
 *	SYN ---> half-open ------------- ACK ---> child ---> ready ---> accept(2)
 *	(syn.c)  (synack.c)                       (child.c)
 *	         at most backlog                            at most backlog + 1
 *
 * A listener has no lock on the way of a segment: SYNs and final ACKs run under
 * RCU, and the queues have a lock of their own that is held for a few
 * instructions. (The socket's own lock must not be held here: making a child
 * takes the child's, of the same class.)
 */
#include "fastopen.h"
#include "synack.h"

/* ---- listen(2) ------------------------------------------------------- */

static int toy_listen_start(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_listen *l;
	int err;

	if (!sk->sk_num) {
		err = toy_autobind(sk);
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
	toy_fo_listen(sk);
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
	/* In no list: it belonged to what the socket listened with before. */
	ok = !l->closed && !list_empty(&req->node);
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

/* Is there a connection? Only while the socket is locked: what it listens with
 * is another thing as soon as a thread has closed and opened it again.
 */
static bool toy_accept_ready(const struct sock *sk)
{
	return !list_empty_careful(&toy_tcp(sk)->listen->ready);
}

static int toy_accept_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err = 0;
	bool ready;

	/* Exclusive: one connection wakes one program. */
	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		ready = toy_accept_ready(sk);
		release_sock(sk);
		if (!ready)
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		if (sk->sk_state != TCP_LISTEN) {
			err = -EINVAL;
			break;
		}
		if (toy_accept_ready(sk))
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
	timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	*err = 0;
	while (!child) {
		if (!toy_accept_ready(sk)) {
			*err = timeo ? toy_accept_wait(sk, timeo) : -EAGAIN;
			if (*err)
				goto out;
		}
		l = toy_tcp(sk)->listen;
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
