// SPDX-License-Identifier: GPL-2.0-only
/*
 * The window goes down: once a round trip, whatever has been lost in it
 * (RFC 5681 3.2, RFC 6937, RFC 3168 6.1.2).
 *
 *	congestion echo, full device	toy_tcp_enter_cwr()
 *	a loss was found		toy_tcp_enter_recovery()
 *	the timer has fired		toy_tcp_enter_loss()
 *
 * high_seq marks the end of the round.
 */
#include "../../ctl/trace.h"
#include "recovery.h"

/**
 * toy_tcp_ca_enter() - loss recovery changes its state
 * @sk: socket, locked
 * @state: TOY_CA_*
 */
void toy_tcp_ca_enter(struct sock *sk, u8 state)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->ca_state == state)
		return;
	tp->ca_state = state;
	trace_toy_tcp_cwnd(sk, tp->cc.cwnd, tp->cc.ssthresh, state);
}

/**
 * toy_tcp_any_retrans() - is an answer to something sent again still awaited?
 * @sk: socket, locked
 *
 * Return: true if so.
 */
bool toy_tcp_any_retrans(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct sk_buff *head;

	if (tp->retrans_out)
		return true;
	head = toy_tcp_rtx_head(sk);
	return head && toy_cb(head)->sacked & TOY_EVER_RETRANS;
}

/**
 * toy_tcp_retrans_ended() - if nothing sent again is out, its time is over
 * @sk: socket, locked
 */
void toy_tcp_retrans_ended(struct sock *sk)
{
	if (!toy_tcp_any_retrans(sk))
		toy_tcp(sk)->retrans_ms = 0;
}

/**
 * toy_tcp_reduce_begin() - a reduction by PRR begins (RFC 6937)
 * @sk: socket, locked
 * @why: TOY_CC_LOSS or TOY_CC_ECE
 *
 * It ends when what is out now is acknowledged: toy_tcp_reduce_end().
 */
void toy_tcp_reduce_begin(struct sock *sk, enum toy_cc_event why)
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

/**
 * toy_tcp_reduce_end() - the window is what was aimed at (RFC 6937 3.1)
 * @sk: socket, locked
 */
void toy_tcp_reduce_end(struct sock *sk)
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

	toy_undo_forbid(&tp->undo);
	if (tp->ca_state >= TOY_CA_CWR || !tp->cc.ops)
		return;
	toy_undo_end(&tp->undo);
	toy_tcp_reduce_begin(sk, TOY_CC_ECE);
	toy_tcp_ca_enter(sk, TOY_CA_CWR);
}

/**
 * toy_tcp_enter_recovery() - something is lost, and acknowledgments still come
 * @sk: socket, locked
 * @ece: the acknowledgment also echoes congestion: this is not to be undone
 *
 * RFC 6675 5 (4), RFC 5681 3.2.
 */
void toy_tcp_enter_recovery(struct sock *sk, bool ece)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_count(toy_sock_net(sk), tp->sack_ok ? TOY_MIB_TCP_SACK_RECOVERY :
						  TOY_MIB_TCP_RENO_RECOVERY);
	toy_undo_begin(&tp->undo, tp->snd_una, tp->cc.cwnd, tp->cc.ssthresh);
	toy_undo_still_out(&tp->undo, tp->retrans_out);
	/* What ECN asked for is not undone. */
	if (ece || toy_tcp_in_recovery(tp))
		toy_undo_forbid(&tp->undo);
	if (!toy_tcp_in_recovery(tp))
		toy_tcp_reduce_begin(sk, TOY_CC_LOSS);
	toy_tcp_ca_enter(sk, TOY_CA_RECOVERY);
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
	if (reneged)
		tp->rack.fack = tp->snd_una;
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
	toy_tcp_ca_enter(sk, TOY_CA_LOSS);
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
