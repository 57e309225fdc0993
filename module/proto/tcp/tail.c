// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail loss probe at work (RFC 8985 7); its arithmetic is tlp.c.
 *
 *	something in flight --- PTO ---> one segment more: new data, else the last
 *	                                 again ---> its ACK tells of a lost tail
 */
#include "recovery.h"

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
	toy_tcp_reduce_begin(sk, TOY_CC_LOSS);
	toy_tcp_ca_enter(sk, TOY_CA_CWR);
	toy_tcp_reduce_end(sk);
	toy_tcp_keep_open(sk);
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_LOSS_PROBE_RECOVERY);
}

/**
 * toy_tcp_tlp_schedule() - probe the tail before the timeout? (RFC 8985 7.2)
 * @sk: socket, locked
 * @advanced: SND.UNA has: the retransmission timer begins anew (RFC 6298 5.3)
 *
 * Return: true when the probe's timer runs.
 */
bool toy_tcp_tlp_schedule(struct sock *sk, bool advanced)
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
	left = advanced ? rto_us : toy_skb_sent_us(toy_tcp_rtx_head(sk)) +
				   rto_us - tp->now_us;
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
	toy_xtimer_off(tp);
	toy_tcp_rearm_rto(sk);
	return;
rearm:
	/* No probe: the time that has gone by counts. */
	tp->xtimer = TOY_XT_TLP;
	toy_tcp_rearm_rto(sk);
}
