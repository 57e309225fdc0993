// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending again (RFC 9293 3.8.1, RFC 6675 5).
 *
 *	recovery.c: what is to be sent ---> toy_tcp_rexmit() ---.
 *	timer.c: the oldest segment --------> toy_tcp_retransmit() ---> xmit.c
 *	tail.c: the last one ---------------> toy_tcp_retransmit_one()
 *
 * A buffer that goes again may have become smaller (part of it acknowledged),
 * its segments another size (path MTU), or its last copy may still be here.
 */
#include "../../ctl/trace.h"
#include "recovery.h"

/* Is the clone of the last time still on this host? Then it is not lost. */
static bool toy_still_here(const struct sock *sk, const struct sk_buff *skb)
{
	return skb_fclone_busy(sk, skb);
}

/* Prepares the buffer: not acknowledged, in the window, as large as wanted. */
static int toy_retransmit_prepare(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 mss = toy_tcp_current_mss(sk);
	u32 end = toy_tcp_wnd_end(tp), len, avail;

	if (toy_still_here(sk, skb)) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_SPURIOUS_RTX_HOST_QUEUES);
		return -EBUSY;
	}
	if (toy_seq_before(toy_cb(skb)->seq, tp->snd_una)) {
		/* All of the data may have arrived, without the FIN. */
		if (!(toy_cb(skb)->flags & TOY_TCP_SYN) &&
		    tp->snd_una - toy_cb(skb)->seq <= skb->len)
			toy_tcp_trim_head(sk, skb, tp->snd_una - toy_cb(skb)->seq);
	}
	/* RFC 9293 3.8.6: a window that was taken back lets only the first
	 * segment out, as a probe.
	 */
	if (!toy_seq_before(toy_cb(skb)->seq, end) &&
	    toy_cb(skb)->seq != tp->snd_una)
		return -EAGAIN;
	avail = end - toy_cb(skb)->seq;
	len = mss * segs;
	if (avail < len && (s32)avail > 0)
		len = max(rounddown(avail, mss), min(mss, avail));

	if (skb->len > len)
		return toy_tcp_split(sk, skb, len, mss, true, GFP_ATOMIC);
	if (skb->len < mss && (s32)avail > 0 &&
	    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_retrans_collapse))
		toy_tcp_merge_next(sk, skb, len);
	if (toy_cb(skb)->mss != mss) {
		u16 before = toy_cb(skb)->segs;

		/* The number of segments stands in the shared part. */
		if (skb_unclone(skb, GFP_ATOMIC))
			return -ENOMEM;
		toy_tcp_count_segs(skb, mss);
		toy_tcp_pcount_adjust(tp, skb, before - toy_cb(skb)->segs);
	}
	return 0;
}

/**
 * toy_tcp_retransmit_one() - send a buffer again, without counting it in flight
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue
 * @segs: segments of it at most
 *
 * Return: 0, -EBUSY (the last copy is still on this host), -EAGAIN (outside
 * the window), or why it could not be sent.
 */
int toy_tcp_retransmit_one(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int err = toy_retransmit_prepare(sk, skb, segs);

	if (err)
		return err;
	/* RFC 3168 6.1.1.1: a SYN that is not answered may be one too many. */
	if ((toy_cb(skb)->flags & (TOY_TCP_SYN | TOY_TCP_ACK)) == TOY_TCP_SYN &&
	    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_ecn_fallback))
		toy_cb(skb)->flags &= ~(TOY_TCP_ECE | TOY_TCP_CWR);

	segs = toy_cb(skb)->segs;
	toy_count_add(toy_sock_net(sk), TOY_MIB_TCP_RETRANS_SEGS, segs);
	if (toy_cb(skb)->flags & TOY_TCP_SYN)
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_SYN_RETRANS);
	tp->total_retrans += segs;
	tp->bytes_retrans += skb->len;

	err = toy_tcp_xmit(sk, skb, true);
	if (likely(!err)) {
		list_move_tail(&skb->tcp_tsorted_anchor, &tp->sent);
		trace_toy_tcp_retransmit(sk, skb, toy_cb(skb)->seq,
					 toy_cb(skb)->end_seq);
	} else {
		toy_count_add(toy_sock_net(sk), TOY_MIB_TCP_RETRANS_FAIL, segs);
	}
	toy_cb(skb)->sacked |= TOY_EVER_RETRANS;
	return err;
}

/**
 * toy_tcp_retransmit() - send a buffer again
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue
 * @segs: segments of it at most
 *
 * Return: as toy_tcp_retransmit_one().
 */
int toy_tcp_retransmit(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int err = toy_tcp_retransmit_one(sk, skb, segs);

	if (!err) {
		if (!(toy_cb(skb)->sacked & TOY_RETRANS))
			tp->retrans_out += toy_cb(skb)->segs;
		toy_cb(skb)->sacked |= TOY_RETRANS;
	}
	if (err == -EBUSY || err == -EAGAIN)
		return err;
	if (!tp->retrans_ms)
		tp->retrans_ms = toy_tcp_ms(tp) ?: 1;
	toy_undo_retransmitted(&tp->undo, toy_cb(skb)->segs,
			       tp->tstamp_ok ? toy_tcp_ms(tp) ?: 1 : 0);
	return err;
}

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
		if (toy_pace_holds(sk) || toy_tsq_throttled(sk, skb) ||
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
 * toy_tcp_resend_lost() - what is marked lost goes again, but not for congestion
 * @sk: socket, locked; something is marked
 *
 * It was too large, or not wanted: the window stays.
 */
void toy_tcp_resend_lost(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->ca_state != TOY_CA_LOSS) {
		tp->high_seq = tp->snd_nxt;
		tp->cc.ssthresh = max(tp->cc.ssthresh, 2U);
		toy_undo_end(&tp->undo);
		tp->ca_state = TOY_CA_LOSS;
	}
	toy_tcp_rexmit(sk, TOY_REXMIT_LOST);
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
		/* In LOSS it is a retransmission (RFC 5681 4.3). */
		if (tp->ca_state != TOY_CA_RECOVERY) {
			toy_tcp_enter_recovery(sk, false);
			tp->cc.cwnd = toy_prr_ack(&tp->prr, tp->cc.ssthresh, 1,
						  tp->lost_total - lost,
						  toy_tcp_in_flight(tp), false);
		}
		toy_rexmit_lost(sk);
	}
	if (tp->xtimer != TOY_XT_RTO && tp->xtimer != TOY_XT_REO)
		toy_tcp_rearm_rto(sk);
}
