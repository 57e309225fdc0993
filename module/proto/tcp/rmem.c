// SPDX-License-Identifier: GPL-2.0-only
/*
 * Room for what is received.
 *
 * A window once offered is a promise, but what it costs to keep depends on how
 * the peer cuts its data: a byte in a segment of its own occupies a buffer of
 * some hundred bytes. When the receive buffer is full before the window is:
 *
 *	1. it grows, if neither the program nor memory pressure forbids
 *	2. small segments are copied together
 *	3. what came too early is given up, last first
 *	4. the segment is dropped: the peer sends it again
 */
#include "tcp.h"

#define TOY_COLLAPSE_MAX	SKB_WITH_OVERHEAD(PAGE_SIZE * 2)

/* Grow sk_rcvbuf to what is held, within tcp_rmem[2]. */
static void toy_rmem_grow(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int max = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_rmem[2]);
	int held = atomic_read(&sk->sk_rmem_alloc);

	if (sk->sk_rcvbuf < max && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    !sk_under_memory_pressure(sk) &&
	    sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0))
		WRITE_ONCE(sk->sk_rcvbuf, min(held, max));
	if (held > sk->sk_rcvbuf)
		tp->rwnd.ssthresh = min(tp->rwnd.clamp, 2U * tp->advmss);
}

/**
 * toy_tcp_set_rcvlowat() - SO_RCVLOWAT
 * @sk: socket, locked
 * @val: bytes that a reader waits for
 *
 * Not more than can ever be held, and the buffer grows to hold it: the reader
 * would wait for a peer who waits for the window. Less than before may be there
 * already.
 *
 * Return: 0.
 */
int toy_tcp_set_rcvlowat(struct sock *sk, int val)
{
	int max = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_rmem[2]);
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	struct toy_tcp_sock *tp = toy_tcp(sk);

	val = min(val, (fixed ? sk->sk_rcvbuf : max) / 2);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	if (!fixed && toy_tcp_full_space(sk) < val) {
		/* As much again for overhead. */
		WRITE_ONCE(sk->sk_rcvbuf, min_t(s64, 2LL * val, max));
		tp->rwnd.clamp = max_t(u32, tp->rwnd.clamp, val);
		if (tp->window_clamp)
			tp->window_clamp = max_t(u32, tp->window_clamp, val);
	}
	if (sk->sk_state != TCP_LISTEN && sk->sk_state != TCP_CLOSE &&
	    tp->rcv_nxt != tp->copied_seq)
		toy_tcp_data_ready(sk);
	return 0;
}

/* Is it worth to copy this segment? */
static bool toy_rmem_bloated(const struct sk_buff *skb)
{
	return skb->truesize > 2 * skb->len + SKB_TRUESIZE(0) / 2 ||
	       skb->truesize > SKB_TRUESIZE(skb->len) * 2;
}

static bool toy_rmem_joins(const struct sk_buff *first, const struct sk_buff *skb,
			   u32 room)
{
	return !(toy_cb(skb)->flags & (TOY_TCP_SYN | TOY_TCP_FIN)) &&
	       toy_cb(skb)->seq == toy_cb(first)->end_seq && skb->len <= room;
}

/* A run of small segments that begins with @first becomes one. Returns what
 * follows in the queue.
 */
static struct sk_buff *toy_rmem_copy_run(struct sock *sk, struct sk_buff *first)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *big, *skb = first, *next;
	u32 room = TOY_COLLAPSE_MAX;

	big = alloc_skb(room, GFP_ATOMIC | __GFP_NOWARN);
	if (!big)
		return NULL;
	memcpy(big->cb, first->cb, sizeof(big->cb));
	toy_cb(big)->end_seq = toy_cb(first)->seq;
	__skb_queue_before(q, first, big);
	skb_set_owner_r(big, sk);

	while (skb != (struct sk_buff *)q && toy_rmem_joins(big, skb, room)) {
		next = skb->next;
		if (skb_copy_bits(skb, 0, skb_put(big, skb->len), skb->len))
			WARN_ON_ONCE(1);
		room -= skb->len;
		toy_cb(big)->end_seq = toy_cb(skb)->end_seq;
		toy_cb(big)->flags |= toy_cb(skb)->flags;
		big->tstamp = skb->tstamp;
		__skb_unlink(skb, q);
		consume_skb(skb);
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_RCV_COLLAPSED);
		skb = next;
	}
	return skb == (struct sk_buff *)q ? NULL : skb;
}

static void toy_rmem_collapse(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb = skb_peek(q), *next;

	while (skb) {
		next = skb_queue_is_last(q, skb) ? NULL : skb->next;
		/* Only a run that starts in the middle of a read is left. */
		if (next && toy_rmem_bloated(skb) && toy_rmem_bloated(next) &&
		    skb->len + next->len <= TOY_COLLAPSE_MAX &&
		    toy_cb(skb)->end_seq - toy_cb(skb)->seq == skb->len &&
		    toy_cb(next)->end_seq - toy_cb(next)->seq == next->len &&
		    toy_cb(skb)->end_seq == toy_cb(next)->seq)
			next = toy_rmem_copy_run(sk, skb);
		skb = next;
	}
}

static bool toy_rmem_prune(struct sock *sk, const struct sk_buff *incoming)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_count(toy_sock_net(sk), TOY_MIB_TCP_PRUNE_CALLED);
	if (atomic_read(&sk->sk_rmem_alloc) >= sk->sk_rcvbuf)
		toy_rmem_grow(sk);
	else if (sk_under_memory_pressure(sk))
		tp->rwnd.ssthresh = min(tp->rwnd.ssthresh, 4U * tp->advmss);
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf)
		return true;
	toy_rmem_collapse(sk);
	sk_mem_reclaim(sk);
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf)
		return true;
	toy_tcp_ooo_prune(sk, incoming);
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf)
		return true;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_RCV_PRUNED);
	return false;
}

/**
 * toy_tcp_rmem_ok() - may the socket keep a received segment?
 * @sk: socket, locked
 * @skb: segment; borrowed
 * @size: its truesize
 *
 * Return: true if it may.
 */
bool toy_tcp_rmem_ok(struct sock *sk, struct sk_buff *skb, unsigned int size)
{
	if (likely(atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
		   sk_rmem_schedule(sk, skb, size)))
		return true;
	if (!toy_rmem_prune(sk, skb))
		return false;
	if (sk_rmem_schedule(sk, skb, size))
		return true;
	/* Memory of all sockets is short. */
	return toy_tcp_ooo_prune(sk, skb) && sk_rmem_schedule(sk, skb, size);
}
