// SPDX-License-Identifier: GPL-2.0-only
/*
 * An acknowledgment arrives (RFC 9293 3.10.7.4, fifth).
 *
 * It is digested once into struct toy_ack_event, which every algorithm reads:
 *
 *	is it acceptable?		accept.c
 *	window				RFC 9293: SND.WL1
 *	SACK blocks			score.c
 *	what is acknowledged		toy_ack_clean(): leaves the queue
 *	round-trip time			rtt.c
 *	was the tail probe needed?	tlp.c
 *	loss, undo			recovery.c
 *	congestion window		cc.c, prr.c
 *	retransmissions			recovery.c
 */
#include "../../ctl/trace.h"
#include "../neigh.h"
#include "accept.h"
#include "stamp.h"
#include "tcp.h"

/* ---- the window ------------------------------------------------------ */

/**
 * toy_tcp_window_update() - take the peer's window over
 * @sk: socket, locked
 * @s: acceptable acknowledgment
 *
 * RFC 9293 3.10.7.4: not by a segment older than the one it was last taken
 * from.
 */
void toy_tcp_window_update(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 wnd = s->wnd;

	/* RFC 7323 2.2 */
	if (!(s->flags & TOY_TCP_SYN))
		wnd <<= tp->snd_wscale;
	tp->snd_wl1 = s->seq;
	if (tp->snd_wnd == wnd)
		return;
	tp->snd_wnd = wnd;
	if (wnd > tp->max_window) {
		/* Segments are not larger than half of it: they may grow. */
		if (tp->max_window < 2 * 65536)
			tp->mss_gen = 0;
		tp->max_window = wnd;
	}
}

/**
 * toy_tcp_window_moves() - does a segment tell a newer window? (RFC 9293 3.10.7.4)
 * @tp: connection
 * @s: segment with an acknowledgment
 *
 * Context: any, socket locked.
 * Return: true when the window is to be taken from it.
 */
bool toy_tcp_window_moves(const struct toy_tcp_sock *tp,
			  const struct toy_tcp_seg *s)
{
	u32 wnd = (u32)s->wnd << tp->snd_wscale;

	return toy_seq_after(s->ack, tp->snd_una) || toy_seq_after(s->seq, tp->snd_wl1) ||
	       (s->seq == tp->snd_wl1 && (wnd > tp->snd_wnd || !wnd));
}

/* ---- what is acknowledged -------------------------------------------- */

/* Send times of what was sent once: they may be measured (Karn). */
struct toy_ack_times {
	u64 first_us;
	u64 last_us;
};

/* A part of a buffer. Returns the segments that are acknowledged whole. */
static u32 toy_ack_part(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 before = toy_cb(skb)->segs;

	if (before <= 1 || !toy_seq_after(tp->snd_una, toy_cb(skb)->seq))
		return 0;
	toy_tcp_trim_head(sk, skb, tp->snd_una - toy_cb(skb)->seq);
	return before - toy_cb(skb)->segs;
}

/* Counters of flight lose @acked segments of a buffer with these bits. */
static void toy_ack_uncount(struct toy_tcp_sock *tp, u8 sacked, u32 acked,
			    struct toy_ack_event *ev)
{
	if (sacked & TOY_RETRANS)
		tp->retrans_out -= acked;
	if (sacked & TOY_SACKED)
		tp->sacked_out -= acked;
	else if (tp->sack_ok)
		ev->delivered += acked;
	if (sacked & TOY_LOST)
		tp->lost_out -= acked;
	tp->packets_out -= acked;
	ev->acked += acked;
}

static void toy_ack_time(const struct toy_tcp_sock *tp, const struct sk_buff *skb,
			 struct toy_ack_times *t, struct toy_sack_state *st)
{
	u64 sent = toy_skb_sent_us(skb);

	if (!t->first_us)
		t->first_us = sent;
	t->last_us = sent;
	if (!toy_seq_after(toy_cb(skb)->end_seq, tp->high_seq))
		st->orig = true;
}

/* RFC 9293 3.10.7.4: "any segments on the retransmission queue that are
 * thereby entirely acknowledged are removed".
 */
static void toy_ack_clean(struct sock *sk, const struct toy_tcp_seg *s,
			  struct toy_ack_event *ev, struct toy_sack_state *st,
			  struct toy_ack_times *t)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb, *next;

	for (skb = toy_tcp_rtx_head(sk); skb; skb = next) {
		const struct toy_tcp_cb *cb = toy_cb(skb);
		bool whole = !toy_seq_after(cb->end_seq, tp->snd_una);
		u8 sacked = cb->sacked;
		u32 acked = cb->segs, seq = cb->seq;

		toy_tcp_stamp_acked(sk, skb, ev->prior_una);
		if (!whole) {
			acked = toy_ack_part(sk, skb);
			if (!acked)
				break;
		}
		if (sacked & (TOY_RETRANS | TOY_EVER_RETRANS))
			ev->retrans_acked = true;
		else if (!(sacked & TOY_SACKED))
			toy_ack_time(tp, skb, t, st);
		if (!(sacked & TOY_SACKED))
			toy_tcp_delivered(sk, skb, seq,
					  whole ? cb->end_seq : tp->snd_una,
					  s, ev, st);
		toy_ack_uncount(tp, sacked, acked, ev);
		if (unlikely(cb->flags & TOY_TCP_SYN))
			tp->retrans_ms = 0;
		if (!whole)
			break;
		next = skb_rb_next(skb);
		toy_tcp_rtx_remove_free(sk, skb);
	}
	/* RFC 2018 8: the receiver may discard what it has SACKed. */
	if (skb && toy_cb(skb)->sacked & TOY_SACKED)
		st->reneged = true;
	if (toy_seq_before(ev->prior_una, tp->snd_up) &&
	    !toy_seq_before(tp->snd_una, tp->snd_up))
		tp->snd_up = tp->snd_una;
	if (!toy_seq_before(tp->snd_una, tp->snd_up))
		tp->urg_mode = 0;
}

/* RFC 6298 3 (Karn) and RFC 7323 4: how long did it take? */
static void toy_ack_rtt(struct sock *sk, const struct toy_tcp_seg *s,
			struct toy_ack_event *ev, const struct toy_sack_state *st,
			const struct toy_ack_times *t)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	s64 seq_us = -1, last_us = -1;

	if (t->first_us && !ev->retrans_acked) {
		seq_us = ev->now_us - t->first_us;
		last_us = ev->now_us - t->last_us;
	}
	if (st->first_us) {
		if (seq_us < 0)
			seq_us = ev->now_us - st->first_us;
		/* What is SACKed was sent behind what is acknowledged. */
		last_us = ev->now_us - st->last_us;
	}
	if (seq_us < 0 && ev->una_advanced && s->opts.has & TOY_OPT_TS &&
	    s->opts.tsecr) {
		seq_us = toy_ts_rtt_us(&tp->tstamp, s->opts.tsecr,
				       toy_tcp_ms(tp));
		last_us = seq_us;
	}
	ev->rtt_us = last_us;
	if (seq_us < 0)
		return;
	toy_rtt_sample_min(&tp->rtt, min_t(s64, last_us < 0 ? seq_us : last_us,
					   U32_MAX - 1),
			   toy_tcp_ms(tp), 300 * MSEC_PER_SEC);
	toy_rtt_sample(&tp->rtt, min_t(s64, seq_us, U32_MAX));
	toy_tcp_rto_update(tp);
	trace_toy_tcp_rtt(sk, seq_us, toy_rtt_srtt_us(&tp->rtt));
}

/* RFC 6298 5.3: start again, from now, for what is still out. */
void toy_tcp_rearm_rto(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct sk_buff *head;
	u32 rto_us = toy_tcp_rto_us(tp);
	s64 left;

	if (!tp->packets_out) {
		toy_xtimer_off(tp);
		return;
	}
	/* A shorter timer has run since the oldest was sent: that time counts. */
	if (tp->xtimer == TOY_XT_REO || tp->xtimer == TOY_XT_TLP) {
		head = toy_tcp_rtx_head(sk);
		left = toy_skb_sent_us(head) + rto_us - tp->now_us;
		rto_us = clamp_t(s64, left, 1, rto_us);
	}
	toy_xtimer_arm(sk, TOY_XT_RTO, usecs_to_jiffies(rto_us));
}

/* ---- what follows ---------------------------------------------------- */

/* RFC 9293 3.8.6.1: nothing is in flight; is the window still closed? The back-off
 * is that of probes if nothing was before, else of the timeout (Karn).
 */
static void toy_ack_probe(struct sock *sk, bool was_idle)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct sk_buff *head = toy_tcp_send_head(sk);

	if (!head)
		return;
	if (!toy_seq_after(toy_cb(head)->end_seq, toy_tcp_wnd_end(tp))) {
		if (was_idle) {
			tp->rtt.backoffs = 0;
			toy_tcp_rto_update(tp);
		}
		tp->probes = 0;
		if (tp->xtimer == TOY_XT_PERSIST)
			toy_xtimer_off(tp);
		/* What waits now is sent by who has called us. */
	} else if (tp->xtimer == TOY_XT_NONE || tp->xtimer == TOY_XT_PERSIST) {
		toy_xtimer_arm(sk, TOY_XT_PERSIST,
			       max_t(unsigned long, toy_tcp_rto(tp),
				     usecs_to_jiffies(TOY_RTO_MIN_US)));
	}
}

/**
 * toy_tcp_pacing() - a rate for fq and for the size of bursts
 * @sk: socket, locked
 *
 * Two windows a round trip while probing for bandwidth, 1.2 of them afterwards.
 */
void toy_tcp_pacing(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 srtt_us = toy_rtt_srtt_us(&tp->rtt);
	u64 rate;

	/* Nobody reads it on a short path without fq. */
	if (toy_tcp_min_rtt(tp) < 512 &&
	    READ_ONCE(sk->sk_pacing_status) == SK_PACING_NONE)
		return;
	rate = (u64)tp->mss * max(tp->cc.cwnd, tp->packets_out) *
	       (tp->cc.cwnd < tp->cc.ssthresh / 2 ? 200 : 120) *
	       (USEC_PER_SEC / 100);
	if (srtt_us)
		rate = div_u64(rate, srtt_us);
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate)));
}

/* On a path that changes the order, what is SACKed is progress as well: no
 * acknowledgment may move SND.UNA for long.
 */
static bool toy_ack_reorders(const struct sock *sk)
{
	return toy_tcp(sk)->reordering >
	       READ_ONCE(toy_sock_net(sk)->sysctl.tcp_reordering);
}

static void toy_ack_cwnd(struct sock *sk, struct toy_ack_event *ev)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 before = tp->cc.cwnd;

	if (toy_tcp_in_recovery(tp)) {
		/* RFC 6937 3: at each ACK that delivers something. */
		if (ev->delivered)
			tp->cc.cwnd = toy_prr_ack(&tp->prr, tp->cc.ssthresh,
						  ev->delivered, ev->lost,
						  toy_tcp_in_flight(tp),
						  ev->una_advanced);
	} else if (sk->sk_state != TCP_SYN_SENT &&
		   (ev->acked || (ev->sacked && toy_ack_reorders(sk)))) {
		toy_tcp_cc_inputs(tp);
		/* What was SACKed before has counted then. */
		ev->acked = ev->delivered;
		if (tp->cc.ops->ack)
			tp->cc.ops->ack(&tp->cc, ev);
		tp->cc.cwnd = min(tp->cc.cwnd, tp->cc.cwnd_clamp);
		tp->cwv.used_ms = toy_tcp_ms(tp);
	}
	if (tp->cc.cwnd != before)
		trace_toy_tcp_cwnd(sk, tp->cc.cwnd, tp->cc.ssthresh,
				   tp->ca_state);
	toy_tcp_pacing(sk);
}

/* The path works: RFC 4861 7.3.1. */
static void toy_ack_confirm(struct sock *sk)
{
	const struct toy_path_ref *ref;

	ref = rcu_dereference_protected(toy_sk(sk)->path,
					lockdep_sock_is_held(sk));
	if (ref && ref->path.neigh &&
	    time_before(READ_ONCE(ref->path.neigh->nud.confirmed), jiffies))
		toy_neigh_confirm(ref->path.neigh);
}

static bool toy_ack_dubious(const struct toy_tcp_sock *tp,
			    const struct toy_ack_event *ev, bool dup)
{
	return dup || ev->sacked || ev->ece || ev->dsack ||
	       tp->ca_state != TOY_CA_OPEN;
}

static void toy_ack_delivered_end(struct toy_tcp_sock *tp,
				  struct toy_ack_event *ev, u32 lost_before)
{
	ev->lost = tp->lost_total - lost_before;
	tp->rate.delivered += ev->delivered;
	if (ev->ece)
		tp->rate.delivered_ce += ev->delivered;
	toy_rate_gen(&tp->rate, &ev->rs, ev->delivered, ev->now_us,
		     toy_tcp_min_rtt(tp));
}

/* What was sent before the oldest segment was last sent has arrived: the path
 * works, and that segment is given its time. What was sent since proves nothing;
 * the timeout would move on with each of it.
 */
static bool toy_sack_is_progress(const struct sock *sk,
				 const struct toy_sack_state *st)
{
	const struct sk_buff *head;

	if (likely(!st->first_us))
		return false;
	head = toy_tcp_rtx_head(sk);
	return head && st->first_us < toy_skb_sent_us(head);
}

/* The acknowledgment is in [SND.UNA, SND.NXT] and something is in flight. */
static void toy_ack_in_flight(struct sock *sk, const struct sk_buff *skb,
			      const struct toy_tcp_seg *s,
			      struct toy_ack_event *ev, bool window_moved)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_rexmit rexmit = TOY_REXMIT_NONE;
	struct toy_sack_state st = { .prior_fack = tp->rack.fack };
	struct toy_ack_times t = {};
	u32 lost_before = tp->lost_total;
	bool dup, progress, idle = !tp->packets_out;

	if (s->opts.has & TOY_OPT_SACK && tp->sack_ok)
		toy_tcp_sack_in(sk, s, ev, &st);
	toy_ack_clean(sk, s, ev, &st, &t);
	toy_ack_rtt(sk, s, ev, &st, &t);
	if (ev->acked && !tp->sack_ok)
		ev->delivered = toy_tcp_reno_forget(sk, ev->acked);
	else if (st.reordered)
		toy_tcp_reordered(sk, st.low_seq);
	progress = ev->una_advanced || toy_sack_is_progress(sk, &st);
	if (progress)
		toy_tcp_rearm_rto(sk);
	if (unlikely(tp->tlp.pending))
		toy_tcp_tlp_done(sk, s, ev);

	/* RFC 5681 2: neither data, nor a window update, nor progress. */
	dup = !s->len && !window_moved && !ev->una_advanced &&
	      !(s->flags & (TOY_TCP_SYN | TOY_TCP_FIN));
	if (unlikely(toy_ack_dubious(tp, ev, dup)))
		rexmit = toy_tcp_recover(sk, ev, &st, s,
					 dup ? max_t(u32, toy_cb(skb)->segs, 1) : 0);
	toy_ack_delivered_end(tp, ev, lost_before);
	if (likely(!idle))
		toy_ack_cwnd(sk, ev);
	/* What was in a SYN waits until we know whom we talk to. */
	if (unlikely(rexmit != TOY_REXMIT_NONE) && sk->sk_state != TCP_SYN_SENT)
		toy_tcp_rexmit(sk, rexmit);
	if (tp->xtimer == TOY_XT_RTO && progress)
		toy_tcp_tlp_schedule(sk, true);
}

/**
 * toy_tcp_ack() - an acknowledgment arrives
 * @sk: socket, locked, synchronised; tp->now_us is the time of arrival
 * @skb: the segment; borrowed
 * @s: its view, options parsed
 *
 * Context: softirq, or process context for the backlog.
 * Return: TOY_RX_OK when the segment may be looked at further; otherwise the
 * reason to drop it, everything else having been done.
 */
enum toy_drop toy_tcp_ack(struct sock *sk, const struct sk_buff *skb,
			  const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_ack_event ev = {
		.now_us = tp->now_us,
		.ack = s->ack,
		.prior_una = tp->snd_una,
		.prior_in_flight = toy_tcp_in_flight(tp),
		.rtt_us = -1,
	};
	bool window_moved = false, idle = !tp->packets_out;
	u32 wnd = tp->snd_wnd;

	switch (toy_ack_check(s->ack, tp->snd_una, tp->snd_nxt,
			      min_t(u64, tp->max_window, tp->bytes_acked))) {
	case TOY_ACK_OK:
		break;
	case TOY_ACK_OLD:
		toy_tcp_take_ts(tp, s);
		if (tp->packets_out && s->opts.has & TOY_OPT_SACK)
			toy_ack_in_flight(sk, skb, s, &ev, true);
		return TOY_RX_OK;
	case TOY_ACK_TOO_OLD:		/* RFC 5961 5.2 */
		toy_tcp_challenge(sk);
		return TOY_DROP_TCP_OLD_ACK;
	case TOY_ACK_FUTURE:		/* RFC 9293 3.10.7.4 */
		toy_tcp_challenge(sk);
		return TOY_DROP_TCP_ACK_UNSENT;
	}

	/* Before anything is sent: it echoes this segment. */
	if (likely(sk->sk_state != TCP_SYN_SENT))
		toy_tcp_take_ts(tp, s);
	ev.una_advanced = s->ack != tp->snd_una;
	if (toy_tcp_window_moves(tp, s)) {
		toy_tcp_window_update(sk, s);
		window_moved = tp->snd_wnd != wnd;
	}
	if (ev.una_advanced) {
		ev.acked_bytes = s->ack - tp->snd_una;
		tp->bytes_acked += ev.acked_bytes;
		tp->snd_una = s->ack;
		tp->retransmits = 0;
		toy_ack_confirm(sk);
	}
	/* RFC 3168 6.1: not of a SYN. */
	ev.ece = s->flags & TOY_TCP_ECE && !(s->flags & TOY_TCP_SYN) &&
		 tp->ecn & TOY_ECN_OK;
	tp->probes = 0;
	WRITE_ONCE(sk->sk_err_soft, 0);

	/* A D-SACK may come when all is acknowledged. */
	if (likely(tp->packets_out || s->opts.has & TOY_OPT_SACK))
		toy_ack_in_flight(sk, skb, s, &ev, window_moved);
	if (!tp->packets_out)
		toy_ack_probe(sk, idle);
	if (ev.una_advanced)
		toy_tcp_wake_writer(sk);
	return TOY_RX_OK;
}
