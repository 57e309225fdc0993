// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scoreboard: what has become of each sent segment (RFC 6675 3 and 4,
 * RFC 8985 6.2).
 *
 *	bits of toy_tcp_cb.sacked	counted in
 *	-				packets_out	in flight
 *	LOST				lost_out	not in flight
 *	LOST|RETRANS			retrans_out	in flight again
 *	SACKED				sacked_out	arrived
 *
 *	pipe = packets_out - sacked_out - lost_out + retrans_out
 *
 * Blocks of an acknowledgment are found in the retransmission queue, a tree,
 * in logarithmic time; buffers are cut where a block begins or ends, at
 * segment boundaries. Losses are found by RACK: what was sent sufficiently
 * long before something that arrived.
 */
#include "../../ctl/trace.h"
#include "tcp.h"

/* Added to what RACK has to wait, as Linux does: a timer that fires a tick early
 * takes for lost what is about to come.
 */
#define TOY_REO_SLACK_US	2000

/**
 * toy_tcp_delivered() - a buffer has arrived: acknowledged or SACKed for the
 *	first time
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue, its bits as they were before
 * @seq: its first sequence number, before what is acknowledged was cut off
 * @end_seq: where that ends which has arrived
 * @s: the acknowledgment
 * @ev: what it says
 * @st: what it says of single segments
 */
void toy_tcp_delivered(struct sock *sk, struct sk_buff *skb, u32 seq,
		       u32 end_seq, const struct toy_tcp_seg *s,
		       struct toy_ack_event *ev, struct toy_sack_state *st)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tcp_cb *cb = toy_cb(skb);
	struct toy_rack_seg seg = {
		.xmit_us = toy_skb_sent_us(skb),
		.seq = seq, .end_seq = end_seq,
		.retrans = cb->sacked & (TOY_RETRANS | TOY_EVER_RETRANS),
	};

	if (tp->sack_ok) {
		if (unlikely(seg.retrans) && s->opts.has & TOY_OPT_TS) {
			u32 sent_ms = div_u64(seg.xmit_us, USEC_PER_MSEC);
			u32 echo_ms = s->opts.tsecr - tp->tstamp.offset;

			seg.echo_before_retrans = toy_seq_before(echo_ms, sent_ms);
		}
		toy_rack_update(&tp->rack, &seg, ev->now_us, toy_tcp_min_rtt(tp));
		if (unlikely(toy_rack_fack(&tp->rack, &seg, st->prior_fack)) &&
		    (!st->reordered || toy_seq_before(seq, st->low_seq))) {
			st->low_seq = seq;
			st->reordered = true;
		}
	}
	toy_rate_delivered(&tp->rate, &cb->rate, seg.xmit_us, seg.retrans,
			   &ev->rs);
}

/**
 * toy_tcp_reordered() - the network has changed the order of segments
 * @sk: socket, locked
 * @low_seq: the lowest that came late
 */
void toy_tcp_reordered(struct sock *sk, u32 low_seq)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 metric, max;

	max = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_max_reordering);
	if (!toy_seq_before(low_seq, tp->rack.fack) || !tp->mss)
		return;
	metric = DIV_ROUND_UP(tp->rack.fack - low_seq, tp->mss);
	if (metric > tp->reordering)
		tp->reordering = min(metric, max);
	tp->reord_seen++;
	toy_count(toy_sock_net(sk), tp->tstamp_ok ? TOY_MIB_TCP_TS_REORDER :
						    TOY_MIB_TCP_SACK_REORDER);
}

/* ---- SACK blocks ----------------------------------------------------- */

/* The first buffer that ends behind @seq. */
static struct sk_buff *toy_score_find(const struct sock *sk, u32 seq)
{
	struct rb_node *p = sk->tcp_rtx_queue.rb_node;
	struct sk_buff *best = NULL;

	while (p) {
		struct sk_buff *skb = rb_to_skb(p);

		if (toy_seq_after(toy_cb(skb)->end_seq, seq)) {
			best = skb;
			p = p->rb_left;
		} else {
			p = p->rb_right;
		}
	}
	return best;
}

static void toy_score_sacked(struct sock *sk, struct sk_buff *skb,
			     const struct toy_tcp_seg *s,
			     struct toy_ack_event *ev, struct toy_sack_state *st)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tcp_cb *cb = toy_cb(skb);
	u64 sent = toy_skb_sent_us(skb);

	toy_tcp_delivered(sk, skb, cb->seq, cb->end_seq, s, ev, st);
	if (!(cb->sacked & (TOY_RETRANS | TOY_EVER_RETRANS))) {
		if (!st->first_us)
			st->first_us = sent;
		st->last_us = sent;
		if (!toy_seq_after(cb->end_seq, tp->high_seq))
			st->orig = true;
	}
	if (cb->sacked & TOY_RETRANS)
		tp->retrans_out -= cb->segs;
	if (cb->sacked & TOY_LOST)
		tp->lost_out -= cb->segs;
	cb->sacked &= ~(TOY_RETRANS | TOY_LOST);
	cb->sacked |= TOY_SACKED;
	tp->sacked_out += cb->segs;
	ev->sacked += cb->segs;
	ev->delivered += cb->segs;
	/* RACK looks at what has not arrived. */
	list_del_init(&skb->tcp_tsorted_anchor);
}

/* Cut the buffer so that it lies in the block, whole segments only. Returns
 * false if no part of it does; *next is where to go on.
 */
static bool toy_score_cut(struct sock *sk, struct sk_buff **pskb,
			  const struct toy_sack_block *b)
{
	struct sk_buff *skb = *pskb;
	struct toy_tcp_cb *cb = toy_cb(skb);
	u32 cut;

	if (toy_seq_before(cb->seq, b->start)) {
		cut = roundup(b->start - cb->seq, cb->mss);
		if (cut >= skb->len ||
		    toy_tcp_split(sk, skb, cut, cb->mss, true, GFP_ATOMIC))
			return false;
		skb = skb_rb_next(skb);
		cb = toy_cb(skb);
		*pskb = skb;
	}
	if (!toy_seq_after(cb->end_seq, b->end))
		return true;
	cut = b->end - cb->seq;
	if ((s32)cut <= 0)
		return false;
	cut = rounddown(cut, cb->mss);
	return cut && cut < skb->len &&
	       !toy_tcp_split(sk, skb, cut, cb->mss, true, GFP_ATOMIC);
}

static void toy_score_block(struct sock *sk, const struct toy_sack_block *b,
			    const struct toy_tcp_seg *s,
			    struct toy_ack_event *ev, struct toy_sack_state *st)
{
	struct sk_buff *skb = toy_score_find(sk, b->start);

	for (; skb && toy_seq_before(toy_cb(skb)->seq, b->end);
	     skb = skb_rb_next(skb)) {
		if (toy_cb(skb)->sacked & TOY_SACKED)
			continue;
		if (toy_score_cut(sk, &skb, b))
			toy_score_sacked(sk, skb, s, ev, st);
	}
}

/* RFC 2883 4: a first block below the ACK, or inside the second. */
static bool toy_score_is_dsack(const struct toy_tcp_seg *s)
{
	const struct toy_sack_block *b = s->opts.sacks;

	if (toy_seq_before(b[0].start, s->ack))
		return true;
	return s->opts.nr_sacks > 1 && !toy_seq_after(b[0].end, b[1].end) &&
	       !toy_seq_before(b[0].start, b[1].start);
}

/* Of what is in the queue it is known what was retransmitted. */
static void toy_score_dsack_in_flight(struct sock *sk,
				      const struct toy_sack_block *b)
{
	struct sk_buff *skb = toy_score_find(sk, b->start);

	for (; skb && toy_seq_before(toy_cb(skb)->seq, b->end);
	     skb = skb_rb_next(skb)) {
		const struct toy_tcp_cb *cb = toy_cb(skb);

		u32 start = toy_seq_max(cb->seq, b->start);
		u32 end = toy_seq_min(cb->end_seq, b->end);

		if (cb->sacked & (TOY_RETRANS | TOY_EVER_RETRANS))
			toy_undo_dsack(&toy_tcp(sk)->undo, start, end,
				       min_t(u32, cb->segs,
					     DIV_ROUND_UP(end - start, cb->mss)));
	}
}

/* RFC 3708: counted against retransmissions, if it can be about one: then what
 * was retransmitted in vain has been delivered, too. Returns its segments.
 */
static u32 toy_score_dsack(struct sock *sk, const struct toy_sack_block *b,
			   u32 prior_una)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);
	u32 segs = max_t(u32, 1, DIV_ROUND_UP(b->end - b->start, tp->mss));

	if (!toy_seq_before(b->start, b->end) || toy_seq_after(b->end, tp->snd_nxt)) {
		toy_count(tn, TOY_MIB_TCP_DSACK_IGNORED_NO_UNDO);
		return 0;
	}
	toy_count(tn, toy_seq_before(b->start, tp->snd_una) ?
		  TOY_MIB_TCP_DSACK_RECV : TOY_MIB_TCP_DSACK_OFO_RECV);
	if (b->end - b->start <= tp->max_window)
		tp->dsack_dups += segs;
	/* Of what was sent once only the network makes two. */
	if (b->end - b->start > tp->max_window ||
	    tp->dsack_dups > tp->total_retrans) {
		toy_count(tn, TOY_MIB_TCP_DSACK_IGNORED_DUBIOUS);
		return 0;
	}
	toy_count_add(tn, TOY_MIB_TCP_DSACK_RECV_SEGS, segs);
	if (!toy_seq_after(b->end, prior_una))
		toy_undo_dsack(&tp->undo, b->start, b->end, segs);
	else
		toy_score_dsack_in_flight(sk, b);
	return segs;
}

/* A block is about data in flight, or it is not ours (RFC 2018, RFC 6675). */
static bool toy_score_valid(const struct toy_tcp_sock *tp,
			    const struct toy_sack_block *b)
{
	return toy_seq_before(b->start, b->end) &&
	       !toy_seq_after(b->end, tp->snd_nxt) &&
	       toy_seq_before(b->start, tp->snd_nxt) &&
	       toy_seq_after(b->end, tp->snd_una);
}

/**
 * toy_tcp_sack_in() - SACK blocks arrive
 * @sk: socket, locked; SND.UNA is not yet that of this acknowledgment's queue
 * @s: acknowledgment with blocks
 * @ev: counts what is newly SACKed
 * @st: filled in
 */
void toy_tcp_sack_in(struct sock *sk, const struct toy_tcp_seg *s,
		     struct toy_ack_event *ev, struct toy_sack_state *st)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned int i = 0;

	if (toy_score_is_dsack(s)) {
		u32 segs = toy_score_dsack(sk, &s->opts.sacks[0], ev->prior_una);

		ev->dsack = segs;
		ev->delivered += segs;
		i = 1;
	}
	for (; i < s->opts.nr_sacks; i++) {
		const struct toy_sack_block *b = &s->opts.sacks[i];

		if (toy_score_valid(tp, b))
			toy_score_block(sk, b, s, ev, st);
		else if (toy_seq_after(b->end, tp->snd_una))
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_SACK_DISCARD);
	}
}

/* ---- losses ---------------------------------------------------------- */

/**
 * toy_tcp_mark_lost() - a buffer is taken for lost
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue, not SACKed
 *
 * If it was taken for lost before, its retransmission is.
 */
void toy_tcp_mark_lost(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tcp_cb *cb = toy_cb(skb);

	if (cb->sacked & TOY_SACKED)
		return;
	if (cb->sacked & TOY_RETRANS) {
		cb->sacked &= ~TOY_RETRANS;
		tp->retrans_out -= cb->segs;
		toy_count_add(toy_sock_net(sk), TOY_MIB_TCP_LOST_RETRANSMIT,
			      cb->segs);
	} else if (cb->sacked & TOY_LOST) {
		return;
	}
	if (!(cb->sacked & TOY_LOST)) {
		cb->sacked |= TOY_LOST;
		tp->lost_out += cb->segs;
	}
	tp->lost_total += cb->segs;
	trace_toy_tcp_lost(sk, cb->seq, cb->end_seq);
}

/**
 * toy_tcp_mark_head_lost() - the first segment is taken for lost
 * @sk: socket, locked
 *
 * RFC 6582 3.2 (NewReno), RFC 6675 5 (4). It may be the first of a
 * super-segment.
 */
void toy_tcp_mark_head_lost(struct sock *sk)
{
	struct sk_buff *head = toy_tcp_rtx_head(sk);
	struct toy_tcp_cb *cb;

	if (!head)
		return;
	cb = toy_cb(head);
	if (cb->sacked & (TOY_SACKED | TOY_LOST))
		return;
	if (cb->segs > 1 && head->len > cb->mss)
		toy_tcp_split(sk, head, cb->mss, cb->mss, true, GFP_ATOMIC);
	toy_tcp_mark_lost(sk, head);
}

/**
 * toy_tcp_mark_overtaken() - what has enough SACKed segments above it is lost
 * @sk: socket, locked
 * @below: so many SACKed segments may lie below it (RFC 6675 4, IsLost())
 */
void toy_tcp_mark_overtaken(struct sock *sk, u32 below)
{
	struct sk_buff *skb;
	u32 sacked = 0;

	for (skb = toy_tcp_rtx_head(sk); skb; skb = skb_rb_next(skb)) {
		const struct toy_tcp_cb *cb = toy_cb(skb);

		if (cb->sacked & TOY_SACKED) {
			sacked += cb->segs;
			if (sacked > below)
				break;
		} else if (!(cb->sacked & TOY_LOST)) {
			toy_tcp_mark_lost(sk, skb);
		}
	}
}

/**
 * toy_tcp_rack_mark() - look for losses (RFC 8985 6.2 step 5)
 * @sk: socket, locked
 *
 * What may still arrive in time is looked at again when the timer fires.
 */
void toy_tcp_rack_mark(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_rack_env env = {
		.srtt_us = toy_rtt_srtt_us(&tp->rtt),
		.min_rtt_us = toy_tcp_min_rtt(tp),
		.recovering = tp->ca_state >= TOY_CA_RECOVERY,
		.sacked = tp->sacked_out,
		.dupthresh = tp->reordering,
	};
	struct sk_buff *skb, *next;
	s64 left, wait = 0;
	u32 reo_wnd;

	if (!tp->rack.advanced)
		return;
	tp->rack.advanced = 0;
	reo_wnd = toy_rack_reo_wnd_us(&tp->rack, &env);
	list_for_each_entry_safe(skb, next, &tp->sent, tcp_tsorted_anchor) {
		const struct toy_tcp_cb *cb = toy_cb(skb);
		u64 sent = toy_skb_sent_us(skb);

		if (cb->sacked & TOY_LOST && !(cb->sacked & TOY_RETRANS))
			continue;
		if (!toy_rack_sent_before(&tp->rack, sent, cb->end_seq))
			break;
		left = toy_rack_remaining_us(&tp->rack, sent, reo_wnd,
					     tp->now_us);
		if (left <= 0) {
			toy_tcp_mark_lost(sk, skb);
			list_del_init(&skb->tcp_tsorted_anchor);
		} else {
			wait = max(wait, left);
		}
	}
	if (wait)
		toy_xtimer_arm(sk, TOY_XT_REO,
			       usecs_to_jiffies(wait + TOY_REO_SLACK_US));
}
