// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loss recovery (RFC 5681 3.2, RFC 6582, RFC 6675 5, RFC 8985).
 *
 *	        dup, SACK            loss found
 *	OPEN ------------> DISORDER ------------> RECOVERY ----.
 *	  | \                 |                       |         | all that was sent
 *	  |  '-- ECN ---> CWR +--------- RTO -------> LOSS -----+ before is acked
 *	  |               |                                     |
 *	  '<--------------+-------------------------------------'
 *
 * On the way down into CWR, RECOVERY or LOSS the congestion window is reduced
 * once a round trip (high_seq marks its end); when it turns out that nothing
 * was lost, the reduction is undone: by an echoed timestamp (RFC 4015), by
 * D-SACKs (RFC 3708) or by F-RTO (RFC 5682).
 *
 * Without SACK, duplicate acknowledgments stand for segments that have arrived:
 * sacked_out counts them (NewReno, RFC 6582).
 */
#include "../../ctl/trace.h"
#include "tcp.h"

static void toy_ca_enter(struct sock *sk, u8 state)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->ca_state == state)
		return;
	tp->ca_state = state;
	trace_toy_tcp_cwnd(sk, tp->cc.cwnd, tp->cc.ssthresh, state);
}

static bool toy_any_retrans(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct sk_buff *head;

	if (tp->retrans_out)
		return true;
	head = toy_tcp_rtx_head(sk);
	return head && toy_cb(head)->sacked & TOY_EVER_RETRANS;
}

static void toy_retrans_ended(struct sock *sk)
{
	if (!toy_any_retrans(sk))
		toy_tcp(sk)->retrans_ms = 0;
}

/* ---- without SACK ---------------------------------------------------- */

static void toy_reno_reordering(struct sock *sk, u32 extra)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 holes = clamp_t(u32, tp->lost_out, 1, max(tp->packets_out, 1U));

	if (tp->sacked_out + holes <= tp->packets_out)
		return;
	tp->sacked_out = tp->packets_out - holes;
	tp->reordering = min_t(u32, tp->packets_out + extra,
			       READ_ONCE(toy_sock_net(sk)->sysctl.tcp_max_reordering));
	tp->reord_seen++;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_RENO_REORDER);
}

/* RFC 5681 3.2: a duplicate says that one more segment has left the network. */
static u32 toy_reno_dup(struct sock *sk, u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 prior = tp->sacked_out;

	tp->sacked_out += dups;
	toy_reno_reordering(sk, 0);
	return tp->sacked_out > prior ? tp->sacked_out - prior : 0;
}

/**
 * toy_tcp_reno_forget() - of what duplicates stood for, some is acknowledged
 * @tp: connection without SACK
 * @acked: segments acknowledged cumulatively
 *
 * One of them filled the hole, the others had arrived.
 * Return: segments delivered that no duplicate has told of.
 */
u32 toy_tcp_reno_forget(struct toy_tcp_sock *tp, u32 acked)
{
	u32 known = min(tp->sacked_out, acked - 1);
	u32 fresh = acked > tp->sacked_out ? acked - tp->sacked_out : 1;

	tp->sacked_out -= known;
	if (!tp->packets_out)
		tp->sacked_out = 0;
	if (tp->sacked_out + tp->lost_out > tp->packets_out)
		tp->sacked_out = tp->packets_out - min(tp->lost_out,
						       tp->packets_out);
	return fresh;
}

/* RFC 6582 3.2: three duplicates, or a partial acknowledgment: the head. */
static void toy_reno_mark(struct sock *sk, bool una_advanced)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *head = toy_tcp_rtx_head(sk);
	u32 mss;

	if (!head)
		return;
	if (!(tp->ca_state < TOY_CA_RECOVERY && tp->sacked_out >= tp->reordering) &&
	    !(tp->ca_state == TOY_CA_RECOVERY && una_advanced))
		return;
	if (toy_cb(head)->sacked & TOY_LOST)
		return;
	mss = toy_cb(head)->mss;
	if (toy_cb(head)->segs > 1 && head->len > mss)
		toy_tcp_split(sk, head, mss, mss, true, GFP_ATOMIC);
	toy_tcp_mark_lost(sk, head);
}

/* ---- down ------------------------------------------------------------ */

/* A reduction by PRR begins; it ends when high_seq is acknowledged. */
static void toy_reduce_begin(struct sock *sk, enum toy_cc_event why)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	tp->high_seq = tp->snd_nxt;
	tp->tlp.pending = 0;
	tp->cc.cwnd_cnt = 0;
	toy_prr_begin(&tp->prr, tp->cc.cwnd);
	toy_tcp_cc_inputs(tp);
	tp->cc.ssthresh = tp->cc.ops->ssthresh(&tp->cc, tp->now_us);
	toy_tcp_cc_event(sk, why);
	if (tp->ecn & TOY_ECN_OK)
		tp->ecn |= TOY_ECN_CWR;
}

/* RFC 6937: at the end the window is what was aimed at. */
static void toy_reduce_end(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->cc.ssthresh < TOY_CC_SSTHRESH_MAX &&
	    (tp->ca_state == TOY_CA_CWR || tp->undo.marker)) {
		tp->cc.cwnd = tp->cc.ssthresh;
		tp->cwv.used_ms = toy_tcp_ms(tp);
	}
	toy_tcp_cc_event(sk, TOY_CC_RECOVERED);
}

/**
 * toy_tcp_enter_cwr() - the window is too large, though nothing is lost
 * @sk: socket, locked
 *
 * A congestion echo (RFC 3168 6.1.2), or the device's queue was full.
 */
void toy_tcp_enter_cwr(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->ca_state >= TOY_CA_CWR || !tp->cc.ops)
		return;
	toy_undo_end(&tp->undo);
	toy_reduce_begin(sk, TOY_CC_ECE);
	toy_ca_enter(sk, TOY_CA_CWR);
}

static void toy_enter_recovery(struct sock *sk, bool ece)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_count(toy_sock_net(sk), tp->sack_ok ? TOY_MIB_TCP_SACK_RECOVERY :
						  TOY_MIB_TCP_RENO_RECOVERY);
	if (!toy_tcp_in_recovery(tp)) {
		toy_undo_begin(&tp->undo, tp->snd_una, tp->cc.cwnd,
			       tp->cc.ssthresh);
		toy_undo_still_out(&tp->undo, tp->retrans_out);
		toy_reduce_begin(sk, TOY_CC_LOSS);
	}
	/* What ECN asked for is not undone. */
	if (ece)
		toy_undo_end(&tp->undo);
	toy_ca_enter(sk, TOY_CA_RECOVERY);
}

/* RFC 6298 5.4 to 5.7 and RFC 8985 6.3: which segments does a timeout tell to
 * be lost?
 */
static void toy_loss_mark(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *head = toy_tcp_rtx_head(sk), *skb;
	bool reneged = head && tp->sack_ok &&
		       toy_cb(head)->sacked & TOY_SACKED;
	bool rack = tp->sack_ok && !reneged &&
		    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_recovery) & 1;
	struct toy_rack_env env = {
		.srtt_us = toy_rtt_srtt_us(&tp->rtt),
		.min_rtt_us = toy_tcp_min_rtt(tp),
		.dupthresh = tp->reordering, .sacked = tp->sacked_out,
	};

	if (reneged)
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_SACK_RENEGING);
	if (reneged || !tp->sack_ok)
		tp->sacked_out = 0;
	for (skb = head; skb; skb = skb_rb_next(skb)) {
		if (reneged)
			toy_cb(skb)->sacked &= ~TOY_SACKED;
		if (rack && skb != head &&
		    toy_rack_remaining_us(&tp->rack, toy_skb_sent_us(skb),
					  toy_rack_reo_wnd_us(&tp->rack, &env),
					  tp->now_us) > 0)
			continue;
		toy_tcp_mark_lost(sk, skb);
	}
}

/**
 * toy_tcp_enter_loss() - the retransmission timer has fired
 * @sk: socket, locked, with data in flight
 *
 * RFC 5681 3.1 (equation 4) and 3.2; RFC 5682 2.1 step 1.
 */
void toy_tcp_enter_loss(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);
	bool fresh = tp->ca_state < TOY_CA_RECOVERY;
	u32 usual = READ_ONCE(tn->sysctl.tcp_reordering);

	/* Many duplicates and then a timeout: reordering was overestimated. */
	if (tp->ca_state <= TOY_CA_DISORDER && tp->sacked_out >= usual)
		tp->reordering = min(tp->reordering, usual);

	toy_loss_mark(sk);

	/* RFC 5681 3.1: once a round; a timeout of a retransmission does not
	 * halve again.
	 */
	if (tp->ca_state <= TOY_CA_DISORDER ||
	    !toy_seq_after(tp->high_seq, tp->snd_una) ||
	    (tp->ca_state == TOY_CA_LOSS && !tp->retransmits)) {
		toy_undo_begin(&tp->undo, tp->snd_una, tp->cc.cwnd,
			       tp->cc.ssthresh);
		toy_undo_still_out(&tp->undo, tp->retrans_out);
		toy_tcp_cc_inputs(tp);
		tp->cc.ssthresh = tp->cc.ops->ssthresh(&tp->cc, tp->now_us);
		toy_tcp_cc_event(sk, TOY_CC_RTO);
	}
	tp->cc.cwnd = toy_tcp_in_flight(tp) + 1;
	tp->cc.cwnd_cnt = 0;
	tp->cwv.used_ms = toy_tcp_ms(tp);
	toy_ca_enter(sk, TOY_CA_LOSS);
	tp->high_seq = tp->snd_nxt;
	tp->tlp.pending = 0;
	if (tp->ecn & TOY_ECN_OK)
		tp->ecn |= TOY_ECN_CWR;
	if (READ_ONCE(tn->sysctl.tcp_frto) && (fresh || tp->retransmits) &&
	    sk->sk_state == TCP_ESTABLISHED)
		toy_frto_begin(&tp->frto, tp->snd_nxt);
	else
		toy_frto_end(&tp->frto);
}

/* ---- up: it was a mistake -------------------------------------------- */

static bool toy_may_undo(const struct toy_tcp_sock *tp, const struct toy_tcp_seg *s)
{
	bool ts = tp->tstamp_ok && s->opts.has & TOY_OPT_TS && s->opts.tsecr;

	return toy_undo_possible(&tp->undo, ts,
				 s->opts.tsecr - tp->tstamp.offset);
}

static void toy_unmark_lost(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;

	for (skb = toy_tcp_rtx_head(sk); skb; skb = skb_rb_next(skb)) {
		if (!(toy_cb(skb)->sacked & TOY_LOST))
			continue;
		toy_cb(skb)->sacked &= ~TOY_LOST;
		/* RACK looks at it again. */
		if (list_empty(&skb->tcp_tsorted_anchor))
			list_add(&skb->tcp_tsorted_anchor, &tp->sent);
	}
	tp->lost_out = 0;
}

static void toy_undo_now(struct sock *sk, bool unmark)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (unmark)
		toy_unmark_lost(sk);
	if (tp->undo.prior_cwnd) {
		tp->cc.cwnd = max(tp->cc.cwnd, tp->undo.prior_cwnd);
		if (tp->undo.prior_ssthresh > tp->cc.ssthresh) {
			tp->cc.ssthresh = tp->undo.prior_ssthresh;
			tp->ecn &= ~TOY_ECN_CWR;
		}
	}
	tp->cwv.used_ms = toy_tcp_ms(tp);
	toy_undo_end(&tp->undo);
	tp->rack.advanced = 1;
	toy_tcp_cc_event(sk, TOY_CC_UNDO);
}

/* All that was out when recovery began is acknowledged. True: stay, so that
 * what duplicates are still on their way cause no new recovery (RFC 6582 4).
 */
static bool toy_undo_recovery(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (toy_may_undo(tp, s)) {
		toy_count(toy_sock_net(sk), tp->ca_state == TOY_CA_LOSS ?
			  TOY_MIB_TCP_LOSS_UNDO : TOY_MIB_TCP_FULL_UNDO);
		toy_undo_now(sk, false);
	} else {
		toy_rack_recovery_ended(&tp->rack);
	}
	if (tp->snd_una == tp->high_seq && !tp->sack_ok) {
		toy_retrans_ended(sk);
		return true;
	}
	toy_ca_enter(sk, TOY_CA_OPEN);
	return false;
}

static bool toy_undo_by_dsacks(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->undo.marker || !toy_undo_by_dsack(&tp->undo))
		return false;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_DSACK_UNDO);
	toy_undo_now(sk, false);
	return true;
}

static void toy_keep_open(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 state = TOY_CA_OPEN;

	if (tp->sacked_out + tp->lost_out || toy_any_retrans(sk))
		state = TOY_CA_DISORDER;
	if (tp->ca_state != state) {
		toy_ca_enter(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

/* A partial acknowledgment that the original caused: nothing was lost. */
static bool toy_undo_partial(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool ts = tp->tstamp_ok && s->opts.has & TOY_OPT_TS && s->opts.tsecr;

	if (!tp->undo.marker ||
	    !toy_undo_by_timestamp(&tp->undo, ts,
				   s->opts.tsecr - tp->tstamp.offset))
		return false;
	/* Retransmissions under way will tell. */
	if (tp->retrans_out)
		return true;
	toy_retrans_ended(sk);
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_PARTIAL_UNDO);
	toy_undo_now(sk, true);
	toy_keep_open(sk);
	return true;
}

static bool toy_undo_loss(struct sock *sk, const struct toy_tcp_seg *s, bool frto)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);

	if (!frto && !toy_may_undo(tp, s))
		return false;
	toy_undo_now(sk, true);
	toy_count(tn, TOY_MIB_TCP_LOSS_UNDO);
	if (frto)
		toy_count(tn, TOY_MIB_TCP_SPURIOUS_RTOS);
	tp->retransmits = 0;
	toy_frto_end(&tp->frto);
	if (!tp->sack_ok && tp->snd_una == tp->high_seq) {
		toy_retrans_ended(sk);
		return true;
	}
	if (frto || tp->sack_ok)
		toy_ca_enter(sk, TOY_CA_OPEN);
	return true;
}

/* ---- an acknowledgment in each state --------------------------------- */

static void toy_find_losses(struct sock *sk, struct toy_ack_event *ev)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->sack_ok)
		toy_reno_mark(sk, ev->una_advanced);
	else if (READ_ONCE(toy_sock_net(sk)->sysctl.tcp_recovery) & 1)
		toy_tcp_rack_mark(sk);
}

/* RFC 6675 4 IsLost(): DupThresh segments above it have arrived. */
static void toy_find_losses_by_count(struct sock *sk, bool fast)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int above = tp->sacked_out - tp->reordering;

	if (!tp->sack_ok ||
	    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_recovery) & 1)
		return;
	if (above >= 0)
		toy_tcp_mark_head_lost(sk, max(above, 1));
	else if (fast)
		toy_tcp_mark_head_lost(sk, 1);
}

/* RFC 5682: the timeout is in question. */
static enum toy_rexmit toy_in_loss(struct sock *sk, struct toy_ack_event *ev,
				   const struct toy_sack_state *st,
				   const struct toy_tcp_seg *s, u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool recovered = !toy_seq_before(tp->snd_una, tp->high_seq);
	struct toy_frto_ack fa = {
		.ack = s->ack,
		.una_advanced = ev->una_advanced,
		.orig_delivered = st->orig,
		.sack = tp->sack_ok,
		.dup = dups || ev->sacked,
		.can_send_new = toy_tcp_send_head(sk) &&
				toy_seq_after(toy_tcp_wnd_end(tp), tp->snd_nxt),
	};

	if (ev->una_advanced && toy_undo_loss(sk, s, false))
		return TOY_REXMIT_NONE;
	if (tp->frto.on) {
		switch (toy_frto_ack(&tp->frto, &fa)) {
		case TOY_FRTO_SPURIOUS:
			if (toy_undo_loss(sk, s, true))
				return TOY_REXMIT_NONE;
			break;
		case TOY_FRTO_SEND_NEW:
			tp->high_seq = tp->snd_nxt;
			return TOY_REXMIT_NEW;
		case TOY_FRTO_WAIT:
			return TOY_REXMIT_NONE;
		case TOY_FRTO_OFF:
			break;
		}
	}
	if (recovered) {
		toy_undo_recovery(sk, s);
		return TOY_REXMIT_NONE;
	}
	if (!tp->sack_ok) {
		if (toy_seq_after(tp->snd_nxt, tp->high_seq) && dups)
			ev->delivered += toy_reno_dup(sk, dups);
		else if (ev->una_advanced)
			tp->sacked_out = 0;
	}
	return TOY_REXMIT_LOST;
}

/* The end of a reduction has been acknowledged. True: nothing more to do. */
static bool toy_round_ended(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	switch (tp->ca_state) {
	case TOY_CA_CWR:
		/* Something above high_seq must be acknowledged: then all that
		 * was sent with the old window is.
		 */
		if (tp->snd_una != tp->high_seq) {
			toy_reduce_end(sk);
			toy_ca_enter(sk, TOY_CA_OPEN);
		}
		return false;
	case TOY_CA_RECOVERY:
		if (!tp->sack_ok)
			tp->sacked_out = 0;
		if (toy_undo_recovery(sk, s))
			return true;
		toy_reduce_end(sk);
		return false;
	default:
		return false;
	}
}

static void toy_try_open(struct sock *sk, const struct toy_ack_event *ev)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_retrans_ended(sk);
	if (ev->ece)
		toy_tcp_enter_cwr(sk);
	if (tp->ca_state != TOY_CA_CWR)
		toy_keep_open(sk);
}

/* OPEN, DISORDER, CWR: is something lost? */
static enum toy_rexmit toy_in_peace(struct sock *sk, struct toy_ack_event *ev,
				    u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool rack = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_recovery) & 1;

	if (!tp->sack_ok) {
		if (ev->una_advanced)
			tp->sacked_out = 0;
		if (dups)
			ev->delivered += toy_reno_dup(sk, dups);
	}
	if (tp->ca_state <= TOY_CA_DISORDER)
		toy_undo_by_dsacks(sk);
	toy_find_losses(sk, ev);
	if (!tp->lost_out && (rack || !tp->sack_ok ||
			      tp->sacked_out + 1 <= tp->reordering)) {
		toy_try_open(sk, ev);
		return TOY_REXMIT_NONE;
	}
	toy_enter_recovery(sk, ev->ece);
	toy_find_losses_by_count(sk, true);
	return TOY_REXMIT_LOST;
}

static enum toy_rexmit toy_in_fast_recovery(struct sock *sk,
					    struct toy_ack_event *ev,
					    const struct toy_tcp_seg *s, u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!ev->una_advanced) {
		if (!tp->sack_ok && dups)
			ev->delivered += toy_reno_dup(sk, dups);
	} else if (toy_undo_partial(sk, s)) {
		return TOY_REXMIT_NONE;
	}
	if (toy_undo_by_dsacks(sk))
		toy_try_open(sk, ev);
	toy_find_losses(sk, ev);
	if (tp->ca_state == TOY_CA_RECOVERY)
		toy_find_losses_by_count(sk, false);
	return TOY_REXMIT_LOST;
}

/**
 * toy_tcp_recover() - an acknowledgment that is not plain progress
 * @sk: socket, locked
 * @ev: what it says; deliveries told by duplicates are added
 * @st: what it says of single segments
 * @s: the segment
 * @dups: it is a duplicate, for so many segments; 0: it is none
 *
 * Return: what is to be sent.
 */
enum toy_rexmit toy_tcp_recover(struct sock *sk, struct toy_ack_event *ev,
				const struct toy_sack_state *st,
				const struct toy_tcp_seg *s, u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_rexmit what;

	if (!tp->packets_out)
		tp->sacked_out = 0;
	if (ev->ece)
		toy_undo_end(&tp->undo);
	/* RFC 8985 6.2 step 4 */
	if (tp->sack_ok)
		toy_rack_adapt(&tp->rack, ev->dsack, tp->snd_una, tp->snd_nxt);
	/* A timeout soon, unless the next acknowledgment explains it. */
	if (unlikely(st->reneged)) {
		u32 soon_us = max_t(u32, toy_rtt_srtt_us(&tp->rtt) >> 1, 10000);

		toy_xtimer_arm(sk, TOY_XT_RTO, usecs_to_jiffies(soon_us));
		return TOY_REXMIT_NONE;
	}

	if (tp->ca_state == TOY_CA_OPEN)
		tp->retrans_ms = 0;
	else if (!toy_seq_before(tp->snd_una, tp->high_seq) &&
		 toy_round_ended(sk, s))
		return TOY_REXMIT_NONE;

	switch (tp->ca_state) {
	case TOY_CA_RECOVERY:
		return toy_in_fast_recovery(sk, ev, s, dups);
	case TOY_CA_LOSS:
		what = toy_in_loss(sk, ev, st, s, dups);
		toy_find_losses(sk, ev);
		if (tp->ca_state != TOY_CA_OPEN || what != TOY_REXMIT_NONE)
			return what;
		fallthrough;
	default:
		return toy_in_peace(sk, ev, dups);
	}
}

/* ---- sending again --------------------------------------------------- */

/* RFC 6675 5 (C): what is lost and not yet under way, from the front, as the
 * window allows.
 */
static void toy_rexmit_lost(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *head = toy_tcp_rtx_head(sk), *skb = head;

	for (; skb && tp->lost_out > tp->retrans_out; skb = skb_rb_next(skb)) {
		u8 sacked = toy_cb(skb)->sacked;
		int room = tp->cc.cwnd - toy_tcp_in_flight(tp);

		if (room <= 0)
			return;
		if (!(sacked & TOY_LOST) || sacked & (TOY_SACKED | TOY_RETRANS))
			continue;
		if (toy_tsq_throttled(sk, skb) ||
		    toy_tcp_retransmit(sk, skb, min_t(u32, room, tp->gso_segs)))
			return;
		toy_count_add(toy_sock_net(sk), tp->ca_state == TOY_CA_LOSS ?
			      TOY_MIB_TCP_SLOW_START_RETRANS :
			      TOY_MIB_TCP_FAST_RETRANS, toy_cb(skb)->segs);
		if (toy_tcp_in_recovery(tp))
			toy_prr_sent(&tp->prr, toy_cb(skb)->segs);
		if (skb == head && tp->xtimer != TOY_XT_REO)
			toy_tcp_rearm_rto(sk);
	}
}

/**
 * toy_tcp_rexmit() - do what toy_tcp_recover() has decided
 * @sk: socket, locked
 * @what: its answer
 */
void toy_tcp_rexmit(struct sock *sk, enum toy_rexmit what)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (what == TOY_REXMIT_NONE)
		return;
	if (what == TOY_REXMIT_NEW) {
		/* RFC 5682 2.1 step 2b */
		toy_tcp_push_pending(sk, TOY_NAGLE_OFF);
		if (toy_seq_after(tp->snd_nxt, tp->high_seq))
			return;
		toy_frto_end(&tp->frto);
	}
	toy_rexmit_lost(sk);
}

/**
 * toy_tcp_reo_timeout() - the reordering window has passed (RFC 8985 6.3)
 * @sk: socket, locked
 */
void toy_tcp_reo_timeout(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 flight = toy_tcp_in_flight(tp), lost = tp->lost_total;

	tp->rack.advanced = 1;
	toy_tcp_rack_mark(sk);
	if (flight != toy_tcp_in_flight(tp)) {
		if (tp->ca_state != TOY_CA_RECOVERY &&
		    tp->ca_state != TOY_CA_LOSS) {
			toy_enter_recovery(sk, false);
			tp->cc.cwnd = toy_prr_ack(&tp->prr, tp->cc.ssthresh, 1,
						  tp->lost_total - lost,
						  toy_tcp_in_flight(tp), false);
		}
		toy_rexmit_lost(sk);
	}
	if (tp->xtimer != TOY_XT_RTO && tp->xtimer != TOY_XT_REO)
		toy_tcp_rearm_rto(sk);
}

/* ---- the tail loss probe (RFC 8985 7) -------------------------------- */

/**
 * toy_tcp_tlp_done() - what does an acknowledgment say of the probe?
 * @sk: socket, locked, a probe is out
 * @s: acknowledgment
 * @ev: what it says
 *
 * RFC 8985 7.4.2: a probe that repaired a loss costs what a loss costs.
 */
void toy_tcp_tlp_done(struct sock *sk, const struct toy_tcp_seg *s,
		      const struct toy_ack_event *ev)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tlp_ack a = {
		.ack = s->ack,
		.dsack_of_probe = ev->dsack,
		.sacks = ev->sacked,
		.new_data_or_wnd = s->len,
	};

	if (toy_tlp_ack(&tp->tlp, &a) != TOY_TLP_LOST)
		return;
	toy_undo_end(&tp->undo);
	toy_reduce_begin(sk, TOY_CC_LOSS);
	toy_ca_enter(sk, TOY_CA_CWR);
	toy_reduce_end(sk);
	toy_keep_open(sk);
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_LOSS_PROBE_RECOVERY);
}

/**
 * toy_tcp_tlp_schedule() - probe the tail before the timeout? (RFC 8985 7.2)
 * @sk: socket, locked
 *
 * Return: true when the probe's timer runs.
 */
bool toy_tcp_tlp_schedule(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 rto_us, pto_us;
	s64 left;

	if (!tp->packets_out || !tp->sack_ok || tp->ca_state > TOY_CA_CWR ||
	    tp->ca_state == TOY_CA_DISORDER || tp->sacked_out ||
	    tp->xtimer == TOY_XT_REO || tp->tlp.pending ||
	    !READ_ONCE(toy_sock_net(sk)->sysctl.tcp_early_retrans))
		return false;
	rto_us = toy_tcp_rto_us(tp);
	left = toy_skb_sent_us(toy_tcp_rtx_head(sk)) + rto_us - tp->now_us;
	if (left <= 0)
		return false;
	pto_us = toy_tlp_pto_us(toy_rtt_srtt_us(&tp->rtt), tp->packets_out,
				TOY_RTO_MIN_US, min_t(s64, left, rto_us));
	toy_xtimer_arm(sk, TOY_XT_TLP, usecs_to_jiffies(pto_us));
	return true;
}

/**
 * toy_tcp_tlp_send() - the probe's timer has fired (RFC 8985 7.3)
 * @sk: socket, locked
 *
 * New data if there is any and the window has room, else the last segment.
 */
void toy_tcp_tlp_send(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = toy_tcp_rtx_tail(sk), *head;
	u32 mss, before = tp->snd_nxt;

	toy_tcp_now(tp);
	if (tp->tlp.pending || !skb)
		goto rearm;
	head = toy_tcp_send_head(sk);
	if (head && toy_seq_before(toy_cb(head)->seq, toy_tcp_wnd_end(tp))) {
		u32 cwnd = tp->cc.cwnd;

		/* One segment beyond the congestion window. */
		tp->cc.cwnd = max(cwnd, toy_tcp_in_flight(tp) + 1);
		toy_tcp_output(sk, true, TOY_NAGLE_PUSH);
		tp->cc.cwnd = cwnd;
		if (tp->snd_nxt != before) {
			toy_tlp_sent(&tp->tlp, tp->snd_nxt, false);
			goto sent;
		}
	}
	mss = toy_tcp_current_mss(sk);
	if (skb_fclone_busy(sk, skb))
		goto rearm;
	if (toy_cb(skb)->segs > 1 && skb->len > mss) {
		u32 keep = (toy_cb(skb)->segs - 1) * toy_cb(skb)->mss;

		if (keep < skb->len &&
		    toy_tcp_split(sk, skb, keep, mss, true, GFP_ATOMIC))
			goto rearm;
		skb = skb_rb_next(skb) ?: skb;
	}
	if (toy_tcp_retransmit_one(sk, skb, 1))
		goto rearm;
	toy_tlp_sent(&tp->tlp, tp->snd_nxt, true);
sent:
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_LOSS_PROBES);
rearm:
	toy_xtimer_off(tp);
	toy_tcp_rearm_rto(sk);
}
