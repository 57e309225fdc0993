// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments that came too early (RFC 9293 3.10.7.4, seventh: "segments with
 * higher beginning sequence numbers should be held for later processing").
 *
 * They wait in a tree by sequence number, without overlap, until data.c fills
 * the gap below them. Each is reported by SACK; what is held twice is reported
 * by D-SACK (RFC 2883). When memory is short the last ones go first: the sender
 * keeps what has only been SACKed (RFC 2018 8).
 */
#include "tcp.h"

static void toy_ooo_dsack(struct sock *sk, u32 start, u32 end)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->sack_ok || !READ_ONCE(toy_sock_net(sk)->sysctl.tcp_dsack) ||
	    !toy_seq_before(start, end))
		return;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_DSACK_OFO_SENT);
	toy_sackgen_dup(&tp->sackgen, start, end);
}

static void toy_ooo_sack(struct sock *sk, u32 start, u32 end)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->sack_ok)
		toy_sackgen_add(&tp->sackgen, start, end);
}

/* Append @skb to @to, which ends where it begins. */
static bool toy_ooo_coalesce(struct sock *sk, struct sk_buff *to,
			     struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (toy_cb(to)->end_seq != toy_cb(skb)->seq ||
	    (toy_cb(to)->flags | toy_cb(skb)->flags) & TOY_TCP_FIN)
		return false;
	if (!skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	toy_cb(to)->end_seq = toy_cb(skb)->end_seq;
	toy_cb(to)->flags |= toy_cb(skb)->flags;
	kfree_skb_partial(skb, stolen);
	return true;
}

static void toy_ooo_link(struct sock *sk, struct sk_buff *skb,
			 struct rb_node *parent, struct rb_node **p)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tp->ooo);
	skb_set_owner_r(skb, sk);
}

/* What follows and is covered by the new segment is of no use any more. */
static void toy_ooo_trim_after(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *next;

	while ((next = skb_rb_next(skb)) &&
	       toy_seq_after(toy_cb(skb)->end_seq, toy_cb(next)->seq)) {
		if (toy_seq_before(toy_cb(skb)->end_seq, toy_cb(next)->end_seq)) {
			toy_ooo_dsack(sk, toy_cb(next)->seq, toy_cb(skb)->end_seq);
			break;
		}
		toy_ooo_dsack(sk, toy_cb(next)->seq, toy_cb(next)->end_seq);
		rb_erase(&next->rbnode, &tp->ooo);
		next->dev = NULL;
		toy_drop_skb(toy_sock_net(sk), next, TOY_DROP_TCP_DUPLICATE);
	}
	if (!next)
		tp->ooo_last = skb;
}

/* Find the place of @skb. Returns false when all of it is there already. */
static bool toy_ooo_place(struct sock *sk, struct sk_buff *skb,
			  struct rb_node **pparent, struct rb_node ***pp)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct rb_node **p = &tp->ooo.rb_node, *parent = NULL;
	u32 seq = toy_cb(skb)->seq, end = toy_cb(skb)->end_seq;

	/* Most come behind all others. */
	if (tp->ooo_last && !toy_seq_before(seq, toy_cb(tp->ooo_last)->end_seq)) {
		*pparent = &tp->ooo_last->rbnode;
		*pp = &(*pparent)->rb_right;
		return true;
	}
	while (*p) {
		const struct toy_tcp_cb *it;

		parent = *p;
		it = toy_cb(rb_to_skb(parent));
		if (toy_seq_before(seq, it->seq)) {
			p = &parent->rb_left;
			continue;
		}
		if (toy_seq_before(seq, it->end_seq)) {
			if (!toy_seq_after(end, it->end_seq)) {
				toy_ooo_dsack(sk, seq, end);
				return false;
			}
			/* An overlap: the reader skips it. */
			toy_ooo_dsack(sk, seq, it->end_seq);
		}
		p = &parent->rb_right;
	}
	*pparent = parent;
	*pp = p;
	return true;
}

/**
 * toy_tcp_ooo_add() - hold a segment that is above RCV.NXT
 * @sk: socket, locked
 * @skb: segment in the window, header pulled; consumed when TOY_RX_OK is
 *	returned
 *
 * An acknowledgment goes out at once (RFC 5681 4.2).
 * Return: TOY_RX_OK, TOY_DROP_TCP_OFO_MEM or TOY_DROP_TCP_DUPLICATE.
 */
enum toy_drop toy_tcp_ooo_add(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 seq = toy_cb(skb)->seq, end = toy_cb(skb)->end_seq;
	u32 len = skb->len, cost;
	struct rb_node *parent, **p;

	tp->delack.pending = 1;
	if (unlikely(!toy_tcp_rmem_ok(sk, skb, skb->truesize))) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_OFO_DROP);
		sk->sk_data_ready(sk);
		return TOY_DROP_TCP_OFO_MEM;
	}
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_OFO_QUEUE);
	/* Without SACK the window has to stay, or there are no duplicates. */
	cost = tp->sack_ok ? skb->truesize : 0;
	tp->rcv_ooopack += max_t(u32, toy_cb(skb)->segs, 1);

	if (tp->ooo_last && toy_ooo_coalesce(sk, tp->ooo_last, skb))
		goto queued;
	if (!toy_ooo_place(sk, skb, &parent, &p)) {
		/* There may have been too many blocks to report this one. */
		toy_ooo_sack(sk, seq, end);
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_OFO_MERGE);
		return TOY_DROP_TCP_DUPLICATE;
	}
	toy_ooo_link(sk, skb, parent, p);
	toy_ooo_trim_after(sk, skb);
queued:
	toy_ooo_sack(sk, seq, end);
	if (cost && len >= 128)
		toy_tcp_window_grow(sk, cost, len);
	return TOY_RX_OK;
}

/**
 * toy_tcp_ooo_purge() - nothing more is expected
 * @sk: socket, locked or with its last reference gone
 */
void toy_tcp_ooo_purge(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tp->ooo))) {
		rb_erase(&skb->rbnode, &tp->ooo);
		skb->dev = NULL;	/* it shares its place with rbnode */
		kfree_skb(skb);
	}
	tp->ooo_last = NULL;
}

/**
 * toy_tcp_ooo_prune() - give memory back, from the end
 * @sk: socket, locked
 * @incoming: what the memory is for, or NULL: it is not given up for something
 *	that lies behind it
 *
 * Return: true when something was given up.
 */
bool toy_tcp_ooo_prune(struct sock *sk, const struct sk_buff *incoming)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;
	bool any = false;

	while ((skb = tp->ooo_last)) {
		if (incoming && toy_seq_after(toy_cb(incoming)->seq, toy_cb(skb)->seq))
			break;
		tp->ooo_last = skb_rb_prev(skb);
		rb_erase(&skb->rbnode, &tp->ooo);
		skb->dev = NULL;
		toy_drop_skb(toy_sock_net(sk), skb, TOY_DROP_TCP_OFO_MEM);
		any = true;
		if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
		    !sk_under_memory_pressure(sk))
			break;
	}
	if (!any)
		return false;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_OFO_PRUNED);
	/* What is reported must be held: begin anew. */
	if (tp->sack_ok) {
		toy_sackgen_clear(&tp->sackgen);
		for (skb = skb_rb_first(&tp->ooo); skb; skb = skb_rb_next(skb))
			toy_sackgen_add(&tp->sackgen, toy_cb(skb)->seq,
					toy_cb(skb)->end_seq);
	}
	return true;
}
