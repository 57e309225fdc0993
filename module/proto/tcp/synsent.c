// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEGMENT ARRIVES in SYN_SENT (RFC 9293 3.10.7.3): our SYN is answered, or
 * somebody else's crosses it.
 *
 *	ACK of nothing we sent	reset
 *	RST with our ACK	connection refused
 *	SYN and ACK		ESTABLISHED
 *	SYN alone		simultaneous open: SYN_RECV, and our SYN again,
 *				with an ACK
 */
#include "fastopen.h"
#include "tcp.h"

static enum toy_drop toy_synsent_reject(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tuple4 t;

	toy_conn_tuple(&toy_sk(sk)->conn, &t);
	toy_tcp_reset_segment(toy_sock_net(sk), &t, s, toy_sk(sk)->tos,
			      sk->sk_bound_dev_if);
	return TOY_DROP_TCP_ACK_UNSENT;
}

/**
 * toy_tcp_learn_peer() - options of the peer's SYN are agreed
 * @sk: socket, locked; its *_ok flags say what we have offered
 * @s: the SYN
 */
void toy_tcp_learn_peer(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	tp->peer_mss = s->opts.has & TOY_OPT_MSS ? s->opts.mss : 0;
	tp->sack_ok = tp->sack_ok && s->opts.has & TOY_OPT_SACK_OK;
	if (tp->wscale_ok && s->opts.has & TOY_OPT_WSCALE) {
		tp->snd_wscale = s->opts.wscale;
	} else {
		/* RFC 7323 2.2: both or none. */
		tp->wscale_ok = 0;
		tp->snd_wscale = 0;
		tp->rwnd.scale = 0;
		tp->rwnd.clamp = min(tp->rwnd.clamp, 65535U);
	}
	if (tp->tstamp_ok && s->opts.has & TOY_OPT_TS) {
		tp->tstamp.recent = s->opts.tsval;
		tp->tstamp.recent_s = toy_tcp_seconds();
	} else {
		tp->tstamp_ok = 0;
	}
	tp->rcv_nxt = s->seq + 1;
	tp->copied_seq = tp->rcv_nxt;
	tp->rwnd.wup = tp->rcv_nxt;
	tp->snd_wl1 = s->seq;
	tp->snd_wnd = s->wnd;		/* RFC 7323 2.2: not scaled in a SYN */
	tp->max_window = s->wnd;
	tp->tune.seq = tp->copied_seq;
	toy_tcp_sync_mss(sk);
	toy_delack_init(&tp->delack, min_t(u32, tp->advmss, tp->mss),
			READ_ONCE(toy_sock_net(sk)->sysctl.tcp_delack_min_ms));
	tp->delack.last_ms = toy_tcp_ms(tp);
}

/* ESTABLISHED. Consumes nothing. */
static enum toy_drop toy_synsent_synack(struct sock *sk, const struct sk_buff *skb,
					const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_drop why;
	bool answered;

	/* RFC 3168 6.1.1 */
	if ((s->flags & (TOY_TCP_ECE | TOY_TCP_CWR)) != TOY_TCP_ECE)
		tp->ecn = 0;
	why = toy_tcp_ack(sk, skb, s);
	if (why)
		return why;
	toy_tcp_learn_peer(sk, s);
	/* Timestamps take their part of every segment from now on. */
	if (tp->tstamp_ok)
		tp->advmss -= 12;
	toy_tcp_set_state(sk, TCP_ESTABLISHED);
	toy_tcp_established_init(sk);
	answered = toy_fo_synack(sk, skb, s);

	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
	if (answered)
		return TOY_RX_OK;
	if (READ_ONCE(sk->sk_write_pending) || tp->defer_accept ||
	    toy_delack_in_pingpong(&tp->delack)) {
		/* A request follows at once: it carries the acknowledgment. */
		tp->delack.pending = 1;
		tp->delack.delayed = 1;
		tp->delack.due_ms = toy_tcp_ms(tp) +
			READ_ONCE(toy_sock_net(sk)->sysctl.tcp_delack_max_ms);
		toy_delack_arm(sk);
	} else {
		toy_tcp_send_ack(sk);
	}
	return TOY_RX_OK;
}

/* RFC 9293 3.5, figure 7. */
static void toy_synsent_simultaneous(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_set_state(sk, TCP_SYN_RECV);
	if ((s->flags & (TOY_TCP_ECE | TOY_TCP_CWR)) !=
	    (TOY_TCP_ECE | TOY_TCP_CWR))
		tp->ecn = 0;
	toy_tcp_learn_peer(sk, s);
	toy_tcp_send_synack(sk);
}

/**
 * toy_tcp_send_synack() - send our SYN again, with an acknowledgment
 * @sk: socket, locked, in SYN_RECV after a simultaneous open
 */
void toy_tcp_send_synack(struct sock *sk)
{
	struct sk_buff *skb = toy_tcp_rtx_head(sk);

	if (!skb || !(toy_cb(skb)->flags & TOY_TCP_SYN))
		return;
	toy_cb(skb)->flags |= TOY_TCP_ACK;
	toy_cb(skb)->flags &= ~TOY_TCP_CWR;
	toy_tcp_xmit(sk, skb, true);
}

/**
 * toy_tcp_synsent() - a segment in SYN_SENT
 * @sk: socket, locked
 * @skb: segment; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Context: as of toy_tcp_segment().
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_synsent(struct sock *sk, struct sk_buff *skb,
			      struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_drop why;

	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);
	toy_tcp_now(tp);
	tp->rcv_ms = toy_tcp_ms(tp);
	tp->segs_in++;

	if (s->flags & TOY_TCP_ACK) {
		if (!toy_seq_after(s->ack, tp->snd_una) ||
		    toy_seq_after(s->ack, tp->snd_nxt)) {
			if (s->flags & TOY_TCP_RST)
				return TOY_DROP_TCP_INVALID_RST;
			/* An old connection of the peer: it will be gone by
			 * our reset, so try again soon.
			 */
			if (!tp->retransmits)
				toy_xtimer_arm(sk, TOY_XT_RTO, 2);
			return toy_synsent_reject(sk, s);
		}
		/* RFC 7323 3.2: an echo of what we have not sent yet. */
		if (tp->tstamp_ok && s->opts.has & TOY_OPT_TS && s->opts.tsecr &&
		    (toy_seq_before(s->opts.tsecr - tp->tstamp.offset, tp->retrans_ms) ||
		     toy_seq_after(s->opts.tsecr, toy_tcp_tsval(tp)))) {
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_PAWS_ACTIVE);
			return toy_synsent_reject(sk, s);
		}
		if (s->flags & TOY_TCP_RST) {
			toy_tcp_reset_by_peer(sk);
			return TOY_DROP_TCP_RESET;
		}
		if (!(s->flags & TOY_TCP_SYN))
			return TOY_DROP_TCP_FLAGS;
		why = toy_synsent_synack(sk, skb, s);
		if (why)
			return why;
	} else if (s->flags & TOY_TCP_RST) {
		return TOY_DROP_TCP_INVALID_RST;
	} else if (s->flags & TOY_TCP_SYN) {
		toy_synsent_simultaneous(sk, s);
	} else {
		return TOY_DROP_TCP_FLAGS;
	}

	if (sk->sk_state == TCP_ESTABLISHED && toy_tcp_send_head(sk))
		toy_tcp_push_pending(sk, tp->nagle);
	consume_skb(skb);
	return TOY_RX_OK;
}
