// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP Fast Open (RFC 7413): data in the SYN, taken before the handshake ends.
 *
 *	client						server
 *	SYN, cookie request		--->
 *					<---		SYN-ACK, cookie
 *	...						(fo_cookie.c, fo_cache.c)
 *	SYN, cookie, data		--->		accept(2), data is read
 *					<---		SYN-ACK for SYN and data
 *	ACK				--->
 *
 * The cookie shows that the client has received at its address before, so that
 * nobody makes a server work, or send, by forged addresses. What is lost is the
 * protection from a SYN that the network duplicates: programs have to ask for
 * Fast Open.
 *
 * fo_client.c is one side and fo_server.c the other; here is what a socket and a
 * namespace keep for it.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "fastopen.h"

/* ---- sockets --------------------------------------------------------- */

/**
 * toy_fo_get() - what a socket keeps for Fast Open
 * @sk: locked socket
 *
 * Context: process, or softirq for a socket that nobody has seen yet.
 * Return: it, made if need be; or NULL without memory.
 */
struct toy_fo *toy_fo_get(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_fo *fo = tp->fo;

	if (fo)
		return fo;
	fo = kzalloc(sizeof(*fo), gfp_any() | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!fo)
		return NULL;
	fo->opt.len = -1;
	/* poll(2) and SYNs look at it without the lock. */
	smp_store_release(&tp->fo, fo);
	return fo;
}

static void toy_fo_queue_put(struct toy_fo_queue *q)
{
	if (q && refcount_dec_and_test(&q->refs))
		kfree_rcu(q, rcu);
}

/**
 * toy_fo_free() - the opposite of toy_fo_get()
 * @sk: socket that no program has any more, locked
 */
void toy_fo_free(struct sock *sk)
{
	struct toy_fo *fo = toy_tcp(sk)->fo;
	struct toy_fo_keys *keys;

	if (likely(!fo))
		return;
	toy_fo_confirmed(sk, false);
	toy_fo_queue_put(fo->queue);
	keys = rcu_dereference_protected(fo->keys, true);
	if (keys)
		kfree_rcu(keys, rcu);
	WRITE_ONCE(toy_tcp(sk)->fo, NULL);
	kfree_rcu(fo, rcu);
}

/**
 * toy_fo_disconnect() - a connection ends, its socket stays
 * @sk: locked socket
 *
 * Options stay, too.
 */
void toy_fo_disconnect(struct sock *sk)
{
	struct toy_fo *fo = toy_tcp(sk)->fo;

	if (likely(!fo))
		return;
	toy_fo_confirmed(sk, false);
	fo->asked = 0;
	fo->syn_opt = 0;
	fo->syn_exp = 0;
	fo->syn_data = 0;
	fo->data_acked = 0;
	fo->fail = 0;
	WRITE_ONCE(fo->waits, false);
	fo->opt.len = -1;
}

/**
 * toy_fo_confirmed() - the handshake of a connection that a SYN has opened ends
 * @sk: locked socket, any
 * @reset: by a RST of the peer: its place is kept for a minute
 *
 * Return: false when this was no such connection, or is none any more.
 */
bool toy_fo_confirmed(struct sock *sk, bool reset)
{
	struct toy_fo *fo = toy_tcp(sk)->fo;
	struct toy_fo_queue *q;

	if (likely(!fo) || !fo->pending)
		return false;
	q = fo->pending;
	WRITE_ONCE(fo->pending, NULL);
	spin_lock_bh(&q->lock);
	if (reset) {
		q->resets++;
		q->reset_s = toy_tcp_seconds();
	} else {
		q->len--;
	}
	spin_unlock_bh(&q->lock);
	toy_fo_queue_put(q);
	return true;
}

/**
 * toy_fo_text() - data that has come with a SYN or SYN-ACK is in order
 * @sk: locked socket, RCV.NXT behind the SYN
 * @skb: the segment, header at skb->data; borrowed
 * @s: its view, with data
 *
 * Without memory it is as if the data had been lost.
 */
void toy_fo_text(struct sock *sk, const struct sk_buff *skb,
		 const struct toy_tcp_seg *s)
{
	struct toy_tcp_seg text = *s;
	struct sk_buff *copy = skb_clone((struct sk_buff *)skb, GFP_ATOMIC |
					 __GFP_NOWARN);
	enum toy_drop why;

	if (!copy)
		return;
	text.seq++;
	text.flags &= ~TOY_TCP_SYN;
	toy_cb(copy)->seq = text.seq;
	toy_cb(copy)->end_seq = text.end_seq;
	toy_cb(copy)->flags = text.flags;
	copy->dev = NULL;
	why = toy_tcp_queue_in_order(sk, copy, &text);
	if (why)
		toy_drop_skb(toy_sock_net(sk), copy, why);
	else
		toy_tcp(sk)->fo->data_acked = 1;
}

/* ---- options --------------------------------------------------------- */

/**
 * toy_fo_set_queue() - TCP_FASTOPEN
 * @sk: locked socket, CLOSED or LISTEN
 * @max: connections that may be open by their SYN alone
 *
 * Return: 0 or -ENOMEM.
 */
int toy_fo_set_queue(struct sock *sk, int max)
{
	struct toy_fo *fo = toy_fo_get(sk);
	struct toy_fo_queue *q;

	if (!fo)
		return -ENOMEM;
	max = min(max, READ_ONCE(sock_net(sk)->core.sysctl_somaxconn));
	if (fo->queue) {
		WRITE_ONCE(fo->queue->max, max);
		return 0;
	}
	q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);
	if (!q)
		return -ENOMEM;
	refcount_set(&q->refs, 1);
	spin_lock_init(&q->lock);
	q->max = max;
	smp_store_release(&fo->queue, q);	/* SYNs are not locked out */
	return 0;
}

static struct toy_fo_keys *toy_fo_keys_new(const u8 *key, unsigned int nr,
					   gfp_t gfp)
{
	struct toy_fo_keys *keys = kzalloc(sizeof(*keys), gfp);

	if (keys) {
		keys->nr = nr;
		memcpy(keys->key, key, nr * TOY_FO_KEY_LEN);
	}
	return keys;
}

/**
 * toy_fo_set_keys() - TCP_FASTOPEN_KEY
 * @sk: socket, not locked
 * @optval: one key, or a second, older one behind it
 * @optlen: its length
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM.
 */
int toy_fo_set_keys(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	u8 key[TOY_FO_KEYS * TOY_FO_KEY_LEN];
	struct toy_fo_keys *keys, *old;
	struct toy_fo *fo;

	if (optlen != TOY_FO_KEY_LEN && optlen != sizeof(key))
		return -EINVAL;
	if (copy_from_sockptr(key, optval, optlen))
		return -EFAULT;
	keys = toy_fo_keys_new(key, optlen / TOY_FO_KEY_LEN, GFP_KERNEL_ACCOUNT);
	memzero_explicit(key, sizeof(key));
	if (!keys)
		return -ENOMEM;
	lock_sock(sk);
	fo = toy_fo_get(sk);
	old = fo ? rcu_replace_pointer(fo->keys, keys, lockdep_sock_is_held(sk)) :
		   keys;
	release_sock(sk);
	if (old)
		kfree_rcu(old, rcu);
	return fo ? 0 : -ENOMEM;
}

static unsigned int toy_fo_keys_copy(const struct toy_fo_keys *keys, u8 *to)
{
	if (!keys)
		return 0;
	memcpy(to, keys->key, keys->nr * TOY_FO_KEY_LEN);
	return keys->nr * TOY_FO_KEY_LEN;
}

/**
 * toy_fo_keys_read() - keys that a listener's cookies are made with
 * @sk: socket, not locked
 * @to: room for TOY_FO_KEYS keys
 *
 * Return: bytes written; 0 when there are none yet.
 */
unsigned int toy_fo_keys_read(struct sock *sk, u8 *to)
{
	const struct toy_fo_keys *keys = NULL;
	const struct toy_fo *fo;
	unsigned int n;

	rcu_read_lock();
	fo = READ_ONCE(toy_tcp(sk)->fo);
	if (fo)
		keys = rcu_dereference(fo->keys);
	if (!keys)
		keys = rcu_dereference(toy_tcp_net(sk)->fo->keys);
	n = toy_fo_keys_copy(keys, to);
	rcu_read_unlock();
	return n;
}

/**
 * toy_fo_opt_set_queue() - TCP_FASTOPEN
 * @sk: locked socket
 * @val: value: connections that may be open by their SYN alone
 *
 * Return: 0, -EINVAL for a socket that is neither CLOSED nor in LISTEN, -ENOMEM.
 */
int toy_fo_opt_set_queue(struct sock *sk, int val)
{
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EINVAL;
	return toy_fo_net_set_keys(toy_sock_net(sk), NULL, 0) ?:
	       toy_fo_set_queue(sk, val);
}

/**
 * toy_fo_opt_get_queue() - TCP_FASTOPEN
 * @sk: locked socket
 *
 * Return: the value.
 */
int toy_fo_opt_get_queue(struct sock *sk)
{
	const struct toy_fo *fo = toy_tcp(sk)->fo;

	return fo && fo->queue ? fo->queue->max : 0;
}

/**
 * toy_fo_opt_set_connect() - TCP_FASTOPEN_CONNECT
 * @sk: locked socket
 * @val: value
 *
 * Return: 0, -EOPNOTSUPP, -EINVAL for a socket that is not CLOSED, -ENOMEM.
 */
int toy_fo_opt_set_connect(struct sock *sk, int val)
{
	struct toy_fo *fo;

	if (!(READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fastopen) & TOY_FO_CLIENT))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	fo = toy_fo_get(sk);
	if (!fo)
		return -ENOMEM;
	fo->connect = val;
	return 0;
}

/**
 * toy_fo_opt_get_connect() - TCP_FASTOPEN_CONNECT
 * @sk: locked socket
 *
 * Return: the value.
 */
int toy_fo_opt_get_connect(struct sock *sk)
{
	const struct toy_fo *fo = toy_tcp(sk)->fo;

	return fo && fo->connect;
}

/**
 * toy_fo_opt_set_no_cookie() - TCP_FASTOPEN_NO_COOKIE
 * @sk: locked socket
 * @val: value
 *
 * Return: 0, -EINVAL as TCP_FASTOPEN, -ENOMEM.
 */
int toy_fo_opt_set_no_cookie(struct sock *sk, int val)
{
	struct toy_fo *fo;

	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EINVAL;
	fo = toy_fo_get(sk);
	if (!fo)
		return -ENOMEM;
	fo->no_cookie = val;
	return 0;
}

/**
 * toy_fo_opt_get_no_cookie() - TCP_FASTOPEN_NO_COOKIE
 * @sk: locked socket
 *
 * Return: the value.
 */
int toy_fo_opt_get_no_cookie(struct sock *sk)
{
	const struct toy_fo *fo = toy_tcp(sk)->fo;

	return fo && fo->no_cookie;
}

/* ---- a network namespace --------------------------------------------- */

static DEFINE_SPINLOCK(toy_fo_keys_lock);	/* writers of toy_fo_net.keys */

/**
 * toy_fo_net_set_keys() - net.toy.tcp_fastopen_key
 * @tn: network namespace
 * @key: keys; or NULL to make one unless there is one
 * @nr: how many
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int toy_fo_net_set_keys(struct toy_net *tn, const u8 *key, unsigned int nr)
{
	struct toy_fo_net *fn = tn->tcp->fo;
	struct toy_fo_keys *keys, *old;
	u8 fresh[TOY_FO_KEY_LEN];

	if (!key && rcu_access_pointer(fn->keys))
		return 0;
	get_random_bytes(fresh, sizeof(fresh));
	keys = key ? toy_fo_keys_new(key, nr, GFP_KERNEL_ACCOUNT) :
		     toy_fo_keys_new(fresh, 1, GFP_KERNEL_ACCOUNT);
	memzero_explicit(fresh, sizeof(fresh));
	if (!keys)
		return -ENOMEM;
	spin_lock(&toy_fo_keys_lock);
	old = rcu_dereference_protected(fn->keys,
					lockdep_is_held(&toy_fo_keys_lock));
	if (key || !old)
		rcu_assign_pointer(fn->keys, keys);
	else
		old = keys;	/* somebody was faster */
	spin_unlock(&toy_fo_keys_lock);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/**
 * toy_fo_net_read_keys() - the opposite
 * @tn: network namespace
 * @key: room for TOY_FO_KEYS keys
 *
 * Return: bytes written; 0 when there are none yet.
 */
unsigned int toy_fo_net_read_keys(struct toy_net *tn, u8 *key)
{
	unsigned int n;

	rcu_read_lock();
	n = toy_fo_keys_copy(rcu_dereference(tn->tcp->fo->keys), key);
	rcu_read_unlock();
	return n;
}

/**
 * toy_fo_net_new() - Fast Open in a new namespace
 *
 * Return: its state, or NULL without memory.
 */
struct toy_fo_net *toy_fo_net_new(void)
{
	struct toy_fo_net *fn = kzalloc(sizeof(*fn), GFP_KERNEL_ACCOUNT);

	if (fn)
		toy_fo_cache_init(&fn->cache);
	return fn;
}

/**
 * toy_fo_net_free() - the opposite of toy_fo_net_new()
 * @fn: state, or NULL, that nobody uses any more
 */
void toy_fo_net_free(struct toy_fo_net *fn)
{
	if (!fn)
		return;
	kfree(rcu_dereference_protected(fn->keys, true));
	toy_fo_cache_free(&fn->cache);
	kfree(fn);
}
