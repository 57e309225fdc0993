// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a namespace, one after the other, and their end.
 *
 * The list is long and readers are slow: between two looks its lock is not
 * held, the reader's place is kept by a reference to the socket that stands
 * there. Should it leave the list meanwhile, the walk goes on as many places
 * further as it was, and counts that as a tear.
 */
#include <net/sock.h>

#include "sock_view.h"
#include "../sock/sock.h"

/* Where to go on after @c. socks_lock. */
static struct list_head *toy_sock_resume(struct toy_net *tn,
					 struct toy_sock_cursor *c)
{
	struct list_head *pos = &tn->socks;
	unsigned long n;

	if (!c->at)
		return pos;
	if (!list_empty(&toy_sk(c->at)->node))
		return &toy_sk(c->at)->node;
	c->torn++;
	c->passed--;
	for (n = 0; n < c->passed && !list_is_last(pos, &tn->socks); n++)
		pos = pos->next;
	return pos;
}

/**
 * toy_sock_next() - move on to the next socket that is wanted
 * @tn: namespace
 * @c: place; zeroed at the start, toy_sock_cursor_end() at the end
 * @wanted: which
 * @arg: for @wanted
 *
 * Context: process.
 * Return: the socket, whose reference the cursor holds; NULL at the end.
 */
struct sock *toy_sock_next(struct toy_net *tn, struct toy_sock_cursor *c,
			   toy_sock_wanted_t wanted, const void *arg)
{
	struct sock *next = NULL;
	struct toy_sock *ts;

	spin_lock_bh(&tn->socks_lock);
	ts = list_entry(toy_sock_resume(tn, c), struct toy_sock, node);
	list_for_each_entry_continue(ts, &tn->socks, node) {
		c->passed++;
		if (wanted(&ts->sk, arg) &&
		    refcount_inc_not_zero(&ts->sk.sk_refcnt)) {
			next = &ts->sk;
			break;
		}
	}
	spin_unlock_bh(&tn->socks_lock);
	toy_sock_cursor_end(c);
	c->at = next;
	return next;
}

/**
 * toy_sock_cursor_end() - the walk ends, early or at its end
 * @c: place
 */
void toy_sock_cursor_end(struct toy_sock_cursor *c)
{
	if (c->at)
		sock_put(c->at);
	c->at = NULL;
}

/**
 * toy_sock_count() - how many there are now
 * @tn: namespace
 *
 * Context: process.
 * Return: the number.
 */
unsigned long toy_sock_count(struct toy_net *tn)
{
	struct list_head *pos;
	unsigned long n = 0;

	spin_lock_bh(&tn->socks_lock);
	list_for_each(pos, &tn->socks)
		n++;
	spin_unlock_bh(&tn->socks_lock);
	return n;
}

/**
 * toy_sock_abort() - an administrator ends the socket
 * @sk: socket, with a reference, not locked
 *
 * The program finds ECONNABORTED. To take the peer and the port away as well
 * needs the protocol's help: nothing here may race with close(2).
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int toy_sock_abort(struct sock *sk)
{
	if (sk->sk_prot->diag_destroy)
		return sk->sk_prot->diag_destroy(sk, ECONNABORTED);

	lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, ECONNABORTED);
		sk_error_report(sk);
	}
	release_sock(sk);
	return 0;
}
