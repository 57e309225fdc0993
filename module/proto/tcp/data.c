// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a segment (RFC 9293 3.10.7.4, seventh).
 *
 *	            RCV.NXT          RCV.NXT + RCV.WND
 *	   duplicate   |   in the window   |  beyond
 *	---------------+-------------------+-----------> sequence numbers
 *	 D-SACK, ACK   | starts here: queue|  ACK, drop
 *	               | later: reasm.c    |
 *
 * sk_receive_queue holds what is in order, from copied_seq on. A segment that
 * begins below RCV.NXT is queued whole: the reader begins in its middle.
 */
#include <net/inet_ecn.h>

#include "tcp.h"

static void toy_data_ack_now(struct sock *sk, u32 segs)
{
	struct toy_delack_env env = toy_tcp_delack_env(sk);

	toy_delack_quick(&toy_tcp(sk)->delack, segs, &env);
}

/* ---- congestion marks (RFC 3168 6.1.3) ------------------------------- */

static void toy_data_ecn(struct sock *sk, const struct sk_buff *skb,
			 const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 tos = toy_cb(skb)->ip.ip->tos(skb);

	if (s->flags & TOY_TCP_CWR) {
		tp->ecn &= ~TOY_ECN_ECHO;
		/* The sender has heard of it: tell it soon of the next one. */
		toy_data_ack_now(sk, 1);
	}
	switch (tos & INET_ECN_MASK) {
	case INET_ECN_CE:
		if (!(tp->ecn & TOY_ECN_ECHO))
			toy_data_ack_now(sk, 2);
		tp->ecn |= TOY_ECN_ECHO | TOY_ECN_SEEN;
		break;
	case INET_ECN_NOT_ECT:
		/* A retransmission, maybe of a marked segment: a hint. */
		if (tp->ecn & TOY_ECN_SEEN)
			toy_data_ack_now(sk, 2);
		break;
	default:
		tp->ecn |= TOY_ECN_SEEN;
		break;
	}
}

/* ---- the window that may be offered ---------------------------------- */

/* How much more may be offered, after a segment with so much overhead? A
 * sender of small segments fills the buffer with little data.
 */
static u32 toy_window_growth(struct sock *sk, u32 cost, u32 len)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int truesize = toy_tcp_win_from_space(sk, cost);
	int window;

	if (truesize <= (int)len)
		return 2 * tp->advmss;
	truesize >>= 1;
	window = toy_tcp_win_from_space(sk,
					READ_ONCE(toy_sock_net(sk)->sysctl.tcp_rmem[2])) >> 1;
	while ((int)tp->rwnd.ssthresh <= window) {
		if (truesize <= (int)len)
			return 2 * tp->delack.rcv_mss;
		truesize >>= 1;
		window >>= 1;
	}
	return 0;
}

/**
 * toy_tcp_window_grow() - data has come: the window may be opened further
 * @sk: socket, locked
 * @cost: memory that it takes
 * @len: bytes of data
 */
void toy_tcp_window_grow(struct sock *sk, u32 cost, u32 len)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int room = min_t(int, tp->rwnd.clamp, toy_tcp_space(sk)) -
		   (int)tp->rwnd.ssthresh;
	u32 growth;

	if (room <= 0 || sk_under_memory_pressure(sk))
		return;
	growth = toy_window_growth(sk, cost, len);
	if (growth)
		tp->rwnd.ssthresh += min_t(u32, room, max(growth, 2 * len));
}

/* In-order data has come: an acknowledgment is owed, and the estimates of the
 * receiver learn. @seg_len: size of the segments it came in; @cost: memory.
 */
static void toy_data_event(struct sock *sk, u32 len, u32 seg_len, u32 cost,
			   bool psh)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_delack_env env = toy_tcp_delack_env(sk);

	toy_delack_rcv(&tp->delack, len, seg_len, psh, toy_tcp_ms(tp), &env);
	toy_autotune_rcv(&tp->tune, tp->rcv_nxt, env.rcv_wnd, (u32)tp->now_us);
	if (len >= 128)
		toy_tcp_window_grow(sk, cost, len);
}

/* The round-trip time as a receiver of data sees it, by the echo in it. */
static void toy_data_rtt(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	s64 us;

	if (!(s->opts.has & TOY_OPT_TS) || !s->opts.tsecr || !tp->tstamp_ok ||
	    s->opts.tsecr == tp->tune.last_tsecr ||
	    s->len < tp->delack.rcv_mss)
		return;
	tp->tune.last_tsecr = s->opts.tsecr;
	us = toy_ts_rtt_us(&tp->tstamp, s->opts.tsecr, toy_tcp_ms(tp));
	if (us >= 0)
		toy_autotune_rtt(&tp->tune, max_t(s64, us, 1), false);
}

/* ---- in order -------------------------------------------------------- */

/* Append to the last segment in the queue, if that saves memory. */
static bool toy_data_coalesce(struct sock *sk, struct sk_buff *tail,
			      struct sk_buff *skb, bool *stolen)
{
	int delta;

	if (toy_cb(tail)->end_seq != toy_cb(skb)->seq ||
	    (toy_cb(tail)->flags | toy_cb(skb)->flags) & (TOY_TCP_SYN | TOY_TCP_FIN |
							   TOY_TCP_URG))
		return false;
	if (!skb_try_coalesce(tail, skb, stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	toy_cb(tail)->end_seq = toy_cb(skb)->end_seq;
	toy_cb(tail)->flags |= toy_cb(skb)->flags;
	if (skb_hwtstamps(skb)->hwtstamp || skb->tstamp)
		tail->tstamp = skb->tstamp;
	return true;
}

static void toy_rcv_nxt_set(struct toy_tcp_sock *tp, u32 seq)
{
	tp->bytes_received += seq - tp->rcv_nxt;
	WRITE_ONCE(tp->rcv_nxt, seq);
}

/* To the end of the receive queue; header already pulled. Consumes @skb. */
static void toy_data_append(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	u32 end = toy_cb(skb)->end_seq;
	bool stolen;

	toy_rcv_nxt_set(tp, end);
	if (tail && toy_data_coalesce(sk, tail, skb, &stolen)) {
		kfree_skb_partial(skb, stolen);
		return;
	}
	__skb_queue_tail(&sk->sk_receive_queue, skb);
	skb_set_owner_r(skb, sk);
}

static void toy_data_dsack(struct sock *sk, u32 start, u32 end)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->sack_ok || !READ_ONCE(toy_sock_net(sk)->sysctl.tcp_dsack))
		return;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_DSACK_OLD_SENT);
	toy_sackgen_dup(&tp->sackgen, start, end);
}

/**
 * toy_tcp_ooo_drain() - the gap is filled: what waited behind it is in order
 * @sk: socket, locked
 */
void toy_tcp_ooo_drain(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 filled = tp->rcv_nxt;
	struct sk_buff *skb;
	bool fin = false;

	while ((skb = skb_rb_first(&tp->ooo)) &&
	       !toy_seq_after(toy_cb(skb)->seq, tp->rcv_nxt)) {
		/* What has filled the gap repeats it, or its beginning. */
		if (toy_seq_before(toy_cb(skb)->seq, filled))
			toy_data_dsack(sk, toy_cb(skb)->seq,
				       toy_seq_min(toy_cb(skb)->end_seq, filled));
		rb_erase(&skb->rbnode, &tp->ooo);
		skb->dev = NULL;	/* it shares its place with rbnode */
		if (!toy_seq_after(toy_cb(skb)->end_seq, tp->rcv_nxt)) {
			toy_drop_skb(toy_sock_net(sk), skb,
				     TOY_DROP_TCP_DUPLICATE);
			continue;
		}
		fin = toy_cb(skb)->flags & TOY_TCP_FIN;
		/* Charged again by the queue, or by what it becomes part of. */
		skb_orphan(skb);
		toy_data_append(sk, skb);
		if (fin)
			break;
	}
	if (RB_EMPTY_ROOT(&tp->ooo))
		tp->ooo_last = NULL;
	if (tp->sack_ok)
		toy_sackgen_advance(&tp->sackgen, tp->rcv_nxt);
	if (fin)
		toy_tcp_fin_rcvd(sk);
}

/**
 * toy_tcp_data_ready() - the program may read
 * @sk: socket, locked
 */
void toy_tcp_data_ready(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 avail = tp->rcv_nxt - tp->copied_seq;

	if (avail < sk->sk_rcvlowat && !sock_flag(sk, SOCK_DONE) &&
	    atomic_read(&sk->sk_rmem_alloc) < sk->sk_rcvbuf &&
	    toy_rwnd_left(&tp->rwnd, tp->rcv_nxt) >= tp->delack.rcv_mss)
		return;
	sk->sk_data_ready(sk);
}

/**
 * toy_tcp_queue_in_order() - data that begins at, or below, RCV.NXT
 * @sk: socket, locked
 * @skb: segment, header at skb->data; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Return: TOY_RX_OK, or TOY_DROP_TCP_RCVBUF.
 */
enum toy_drop toy_tcp_queue_in_order(struct sock *sk, struct sk_buff *skb,
				     const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool fin = s->flags & TOY_TCP_FIN, psh = s->flags & TOY_TCP_PSH;
	u32 segs = max_t(u32, toy_cb(skb)->segs, 1);
	u32 seg_len = toy_cb(skb)->mss, cost = skb->truesize;
	u32 len = s->len;

	/* An empty queue takes at least one, or nothing would ever move. */
	if (likely(len) && unlikely(!toy_tcp_rmem_ok(sk, skb, cost)) &&
	    !skb_queue_empty(&sk->sk_receive_queue)) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_RCVQ_DROP);
		toy_data_ack_now(sk, 1);
		tp->delack.now = 1;
		sk->sk_data_ready(sk);
		return TOY_DROP_TCP_RCVBUF;
	}
	__skb_pull(skb, s->hdr_len);
	if (likely(len)) {
		toy_data_append(sk, skb);
		tp->data_segs_in += segs;
		toy_data_event(sk, len, seg_len, cost, psh);
		toy_data_rtt(sk, s);
	} else {				/* a FIN alone */
		toy_rcv_nxt_set(tp, toy_cb(skb)->end_seq);
		consume_skb(skb);
	}
	if (unlikely(fin))
		toy_tcp_fin_rcvd(sk);
	if (unlikely(!RB_EMPTY_ROOT(&tp->ooo))) {
		toy_tcp_ooo_drain(sk);
		/* RFC 5681 4.2: at once, when a gap is filled. */
		if (RB_EMPTY_ROOT(&tp->ooo))
			tp->delack.now = 1;
	} else if (tp->sackgen.nr) {
		toy_sackgen_advance(&tp->sackgen, tp->rcv_nxt);
	}
	if (len && !sock_flag(sk, SOCK_DEAD))
		toy_tcp_data_ready(sk);
	return TOY_RX_OK;
}

/* ---- everything else ------------------------------------------------- */

/**
 * toy_tcp_data_in() - text and FIN of a segment
 * @sk: socket, locked, in a state that takes text
 * @skb: segment, header at skb->data; consumed when TOY_RX_OK is returned
 * @s: its view; it occupies sequence numbers
 *
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_data_in(struct sock *sk, struct sk_buff *skb,
			      const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 left = toy_rwnd_left(&tp->rwnd, tp->rcv_nxt);

	/* Where the segment has only been retransmitted for its FIN: */
	toy_cb(skb)->seq = s->seq;
	toy_cb(skb)->end_seq = s->end_seq;
	if (s->flags & TOY_TCP_SYN)
		toy_cb(skb)->seq++;
	if (unlikely(tp->ecn & TOY_ECN_OK))
		toy_data_ecn(sk, skb, s);

	if (likely(s->seq == tp->rcv_nxt)) {
		/* A closed window takes a FIN, but no data. */
		if (unlikely(!left && s->len)) {
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_ZERO_WINDOW_DROP);
			goto out_of_window;
		}
		return toy_tcp_queue_in_order(sk, skb, s);
	}
	if (!toy_seq_after(s->end_seq, tp->rcv_nxt)) {
		/* Our acknowledgment was lost, or was late. */
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_DELAYED_ACK_LOST);
		toy_data_dsack(sk, s->seq, s->end_seq);
		toy_data_ack_now(sk, 16);
		tp->delack.now = 1;
		return TOY_DROP_TCP_DUPLICATE;
	}
	if (!toy_seq_before(s->seq, tp->rcv_nxt + left))
		goto out_of_window;
	if (toy_seq_before(s->seq, tp->rcv_nxt)) {
		toy_data_dsack(sk, s->seq, tp->rcv_nxt);
		if (!left) {
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_ZERO_WINDOW_DROP);
			goto out_of_window;
		}
		return toy_tcp_queue_in_order(sk, skb, s);
	}
	__skb_pull(skb, s->hdr_len);
	tp->data_segs_in += toy_cb(skb)->segs;
	return toy_tcp_ooo_add(sk, skb);

out_of_window:
	toy_data_ack_now(sk, 16);
	tp->delack.now = 1;
	return TOY_DROP_TCP_WINDOW;
}
