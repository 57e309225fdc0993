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
#include "recovery.h"

/* ---- without SACK ---------------------------------------------------- */

static void toy_reno_reordering(struct sock *sk, u32 extra)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 holes = min(max(tp->lost_out, 1U), tp->packets_out);

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
 * @sk: socket without SACK, locked
 * @acked: segments acknowledged cumulatively
 *
 * One of them filled the hole, the others had arrived. Of what is still out, the
 * first is a hole again: duplicates cannot stand for that one.
 * Return: segments delivered that no duplicate has told of.
 */
u32 toy_tcp_reno_forget(struct sock *sk, u32 acked)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 known = min(tp->sacked_out, acked - 1);
	u32 fresh = acked > tp->sacked_out ? acked - tp->sacked_out : 1;

	tp->sacked_out -= known;
	toy_reno_reordering(sk, acked);
	return fresh;
}

/* RFC 6582 3.2: three duplicates, or a partial acknowledgment: the head. */
static void toy_reno_mark(struct sock *sk, bool una_advanced)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!(tp->ca_state < TOY_CA_RECOVERY && tp->sacked_out >= tp->reordering) &&
	    !(tp->ca_state == TOY_CA_RECOVERY && una_advanced))
		return;
	toy_tcp_mark_head_lost(sk);
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
		toy_tcp_mark_overtaken(sk, above);
	else if (fast)
		toy_tcp_mark_head_lost(sk);
}

static bool toy_time_to_recover(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->lost_out)
		return true;
	return tp->sack_ok && tp->sacked_out + 1 > tp->reordering &&
	       !(READ_ONCE(toy_sock_net(sk)->sysctl.tcp_recovery) & 1);
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

	if (ev->una_advanced && toy_tcp_undo_loss(sk, s, false))
		return TOY_REXMIT_NONE;
	if (tp->frto.on) {
		switch (toy_frto_ack(&tp->frto, &fa)) {
		case TOY_FRTO_SPURIOUS:
			if (toy_tcp_undo_loss(sk, s, true))
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
		toy_tcp_undo_recovery(sk, s);
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
			toy_tcp_reduce_end(sk);
			toy_tcp_ca_enter(sk, TOY_CA_OPEN);
		}
		return false;
	case TOY_CA_RECOVERY:
		if (!tp->sack_ok)
			tp->sacked_out = 0;
		if (toy_tcp_undo_recovery(sk, s))
			return true;
		toy_tcp_reduce_end(sk);
		return false;
	default:
		return false;
	}
}

static void toy_try_open(struct sock *sk, const struct toy_ack_event *ev)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_retrans_ended(sk);
	if (ev->ece)
		toy_tcp_enter_cwr(sk);
	if (tp->ca_state != TOY_CA_CWR)
		toy_tcp_keep_open(sk);
}

/* OPEN, DISORDER, CWR: is something lost? */
static enum toy_rexmit toy_in_peace(struct sock *sk, struct toy_ack_event *ev,
				    u32 dups)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->sack_ok) {
		if (ev->una_advanced)
			tp->sacked_out = 0;
		if (dups)
			ev->delivered += toy_reno_dup(sk, dups);
	}
	if (tp->ca_state <= TOY_CA_DISORDER)
		toy_tcp_undo_by_dsacks(sk);
	toy_find_losses(sk, ev);
	if (!toy_time_to_recover(sk)) {
		toy_try_open(sk, ev);
		return TOY_REXMIT_NONE;
	}
	toy_tcp_enter_recovery(sk, ev->ece);
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
	} else if (toy_tcp_undo_partial(sk, s)) {
		return TOY_REXMIT_NONE;
	}
	if (toy_tcp_undo_by_dsacks(sk))
		toy_try_open(sk, ev);
	toy_find_losses(sk, ev);
	if (tp->ca_state == TOY_CA_RECOVERY) {
		toy_find_losses_by_count(sk, false);
		return TOY_REXMIT_LOST;
	}
	/* Undone, and yet something is lost: that is another recovery. */
	if (!toy_time_to_recover(sk))
		return TOY_REXMIT_NONE;
	toy_tcp_enter_recovery(sk, ev->ece);
	toy_find_losses_by_count(sk, true);
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
	u32 retrans;

	if (!tp->packets_out)
		tp->sacked_out = 0;
	/* What ECN asks for is not undone. */
	if (ev->ece)
		toy_undo_forbid(&tp->undo);
	/* RFC 8985 6.2 step 4 */
	if (tp->sack_ok)
		toy_rack_adapt(&tp->rack, ev->dsack, tp->snd_una, tp->snd_nxt);
	/* A timeout soon, unless the next acknowledgment explains it. */
	if (unlikely(st->reneged) && ev->una_advanced) {
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
		retrans = tp->retrans_out;
		toy_find_losses(sk, ev);
		/* RFC 5681 4.3: a lost retransmission is a second sign. */
		if (tp->retrans_out < retrans)
			return toy_in_peace(sk, ev, dups);
		if (tp->ca_state != TOY_CA_OPEN || what != TOY_REXMIT_NONE)
			return what;
		fallthrough;
	default:
		return toy_in_peace(sk, ev, dups);
	}
}
