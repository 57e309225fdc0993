// SPDX-License-Identifier: GPL-2.0-only
/*
 * The window goes up again: nothing was lost, the reduction was a mistake.
 *
 *	an echoed timestamp is older than the retransmission	RFC 4015
 *	every retransmission is answered by a D-SACK		RFC 3708
 *	what was sent once is acknowledged after a timeout	RFC 5682
 *
 * Which of these holds is undo.c's and frto.c's to say.
 */
#include "recovery.h"

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
		toy_tcp_cc_event(sk, TOY_CC_UNDO);
	}
	/* What had been overtaken, and came: the path changes the order, and RACK
	 * is to be patient. (A timeout too early is another matter.)
	 */
	if (tp->ca_state != TOY_CA_LOSS)
		tp->rack.reordering_seen = 1;
	tp->cwv.used_ms = toy_tcp_ms(tp);
	toy_undo_end(&tp->undo);
	tp->rack.advanced = 1;
}

/**
 * toy_tcp_undo_recovery() - all that was out when recovery began is acknowledged
 * @sk: socket, locked
 * @s: the acknowledgment
 *
 * Return: true: stay, so that duplicates still on their way cause no new recovery
 * (RFC 6582 4); false: the state is TOY_CA_OPEN.
 */
bool toy_tcp_undo_recovery(struct sock *sk, const struct toy_tcp_seg *s)
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
		toy_tcp_retrans_ended(sk);
		return true;
	}
	toy_tcp_ca_enter(sk, TOY_CA_OPEN);
	return false;
}

/**
 * toy_tcp_undo_by_dsacks() - undo if every retransmission was superfluous
 * @sk: socket, locked
 *
 * RFC 3708.
 * Return: true if it was undone.
 */
bool toy_tcp_undo_by_dsacks(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->undo.marker || !toy_undo_by_dsack(&tp->undo))
		return false;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_DSACK_UNDO);
	toy_undo_now(sk, false);
	return true;
}

/**
 * toy_tcp_keep_open() - OPEN, or DISORDER while something is missing
 * @sk: socket, locked
 */
void toy_tcp_keep_open(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 state = TOY_CA_OPEN;

	if (tp->sacked_out + tp->lost_out || toy_tcp_any_retrans(sk))
		state = TOY_CA_DISORDER;
	if (tp->ca_state != state) {
		toy_tcp_ca_enter(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

/**
 * toy_tcp_undo_partial() - a partial acknowledgment: did the original cause it?
 * @sk: socket, locked
 * @s: the acknowledgment
 *
 * RFC 4015 3.2.
 * Return: true if so, and then nothing was lost.
 */
bool toy_tcp_undo_partial(struct sock *sk, const struct toy_tcp_seg *s)
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
	toy_tcp_retrans_ended(sk);
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_PARTIAL_UNDO);
	toy_undo_now(sk, true);
	toy_tcp_keep_open(sk);
	return true;
}

/**
 * toy_tcp_undo_loss() - was the timeout a mistake?
 * @sk: socket, locked
 * @s: the acknowledgment
 * @frto: F-RTO has said so (RFC 5682); else timestamps and D-SACKs are asked
 *
 * Return: true if it was, and is undone.
 */
bool toy_tcp_undo_loss(struct sock *sk, const struct toy_tcp_seg *s, bool frto)
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
		toy_tcp_retrans_ended(sk);
		return true;
	}
	if (frto || tp->sack_ok)
		toy_tcp_ca_enter(sk, TOY_CA_OPEN);
	return true;
}
