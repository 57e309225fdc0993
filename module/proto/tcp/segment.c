// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEGMENT ARRIVES (RFC 9293 3.10.7.4), step by step, for every synchronised
 * state:
 *
 *	first	sequence number		toy_seg_validate()	and RFC 7323 5.3
 *	second	RST			toy_seg_validate()	RFC 5961 3
 *	third	security		-
 *	fourth	SYN			toy_seg_validate()	RFC 5961 4
 *	fifth	ACK			toy_tcp_ack(), toy_seg_acked()
 *	sixth	URG			toy_tcp_urg_in()
 *	seventh	text			toy_tcp_data_in()
 *	eighth	FIN			toy_tcp_fin_rcvd(), from data.c
 *
 * SYN_SENT has a file of its own, LISTEN and TIME_WAIT have no connection.
 *
 * Most segments are expected: the next data, or an acknowledgment, with nothing
 * special about them. toy_seg_expected() knows them, and they skip steps one
 * to four.
 */
#include "../../ctl/trace.h"
#include "accept.h"
#include "fastopen.h"
#include "tcp.h"

/* ---- answers --------------------------------------------------------- */

/* RFC 5961 and draft-ietf-tcpm-...: an acknowledgment of something that cannot
 * be right must not start an endless exchange of such. Data is no answer.
 */
static bool toy_oow_limited(struct sock *sk, bool data)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (data)
		return false;
	return !toy_oow_allowed(&tp->oow_ms, toy_tcp_ms(tp),
				READ_ONCE(toy_sock_net(sk)->sysctl.tcp_invalid_ratelimit));
}

/**
 * toy_tcp_challenge() - let the peer prove that it means it (RFC 5961)
 * @sk: socket, locked
 */
void toy_tcp_challenge(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);

	if (toy_oow_limited(sk, false)) {
		toy_count(tn, TOY_MIB_TCP_ACK_SKIPPED_CHALLENGE);
		return;
	}
	if (!toy_challenge_allowed(&tn->tcp->challenge, toy_tcp_seconds(),
				   READ_ONCE(tn->sysctl.tcp_challenge_ack_limit)))
		return;
	toy_count(tn, TOY_MIB_TCP_CHALLENGE_ACK);
	toy_tcp_send_ack(sk);
}

/**
 * toy_tcp_dupack() - answer a segment outside the window (RFC 9293 3.10.7.4)
 * @sk: socket, locked
 * @skb: the segment; borrowed
 * @s: its view
 * @which: counts answers that a limit withholds
 */
void toy_tcp_dupack(struct sock *sk, const struct sk_buff *skb,
		    const struct toy_tcp_seg *s, enum toy_mib which)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_delack_env env;

	if (toy_oow_limited(sk, toy_seg_occupies(s))) {
		toy_count(toy_sock_net(sk), which);
		return;
	}
	if (s->end_seq != s->seq && toy_seq_before(s->seq, tp->rcv_nxt)) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_DELAYED_ACK_LOST);
		env = toy_tcp_delack_env(sk);
		toy_delack_quick(&tp->delack, 16, &env);
		if (tp->sack_ok &&
		    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_dsack)) {
			toy_sackgen_dup(&tp->sackgen, s->seq,
					toy_seq_min(s->end_seq, tp->rcv_nxt));
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_DSACK_OLD_SENT);
		}
	}
	toy_tcp_send_ack(sk);
}

/* Whoever sent this has lost its mind, or its connection: RFC 9293 3.10.7.1. */
static void toy_seg_answer_rst(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tuple4 t;

	toy_conn_tuple(&toy_sk(sk)->conn, &t);
	toy_tcp_reset_segment(toy_sock_net(sk), &t, s, toy_sk(sk)->tos,
			      sk->sk_bound_dev_if);
}

/* Data is owed an acknowledgment: now, soon, or with the next data.
 * RFC 9293 3.8.6.3, RFC 5681 4.2.
 */
void toy_tcp_ack_check(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_delack *d = &tp->delack;
	struct toy_delack_env env;
	bool window_ok = false;
	u32 unacked;

	if (!d->pending)
		return;
	unacked = tp->rcv_nxt - tp->rwnd.wup;
	env = toy_tcp_delack_env(sk);
	if (unacked > d->rcv_mss) {
		struct toy_rwnd_env w = {
			.rcv_nxt = tp->rcv_nxt,
			.free = max(toy_tcp_space(sk), 0),
			.full = min_t(u32, toy_tcp_full_space(sk), tp->rwnd.clamp),
			.mss = d->rcv_mss,
			.pressure = sk_under_memory_pressure(sk),
		};

		window_ok = tp->rcv_nxt - tp->copied_seq < sk->sk_rcvlowat ||
			    toy_rwnd_select(&tp->rwnd, &w) >= env.rcv_wnd;
	}
	switch (toy_delack_check(d, unacked, !RB_EMPTY_ROOT(&tp->ooo), window_ok,
				 toy_tcp_ms(tp), &env)) {
	case TOY_DELACK_SEND:
		toy_tcp_send_ack(sk);
		break;
	case TOY_DELACK_WAIT:
		toy_delack_arm(sk);
		break;
	case TOY_DELACK_NOTHING:
		break;
	}
}

/* ---- first to fourth ------------------------------------------------- */

static u32 toy_sack_edge(const struct toy_tcp_sock *tp)
{
	u32 edge = tp->rcv_nxt;

	for (unsigned int i = 0; i < tp->sackgen.nr; i++)
		edge = toy_seq_max(edge, tp->sackgen.blocks[i].end);
	return edge;
}

static enum toy_drop toy_seg_rst(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	switch (toy_rst_check(s->seq, tp->rcv_nxt,
			      toy_rwnd_left(&tp->rwnd, tp->rcv_nxt),
			      toy_sack_edge(tp))) {
	case TOY_RST_RESET:
		toy_tcp_reset_by_peer(sk);
		return TOY_DROP_TCP_RESET;
	case TOY_RST_CHALLENGE:		/* RFC 5961 3.2 */
		toy_tcp_challenge(sk);
		return TOY_DROP_TCP_INVALID_RST;
	default:
		return TOY_DROP_TCP_INVALID_RST;
	}
}

/* A peer that closed and then died resets by the number before its FIN. */
static bool toy_rst_of_closed(const struct sock *sk, const struct toy_tcp_seg *s)
{
	return s->seq == toy_tcp(sk)->rcv_nxt - 1 &&
	       (1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK |
				      TCPF_CLOSING);
}

static bool toy_paws_reject(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!(s->opts.has & TOY_OPT_TS) || !tp->tstamp_ok)
		return false;
	if (!toy_ts_paws_reject(&tp->tstamp, s->opts.tsval, toy_tcp_seconds(),
				s->flags & TOY_TCP_RST))
		return false;
	/* An old pure acknowledgment that the network has delayed by not more
	 * than a timeout harms nobody, unless it brings an old window.
	 */
	if (!s->len && !(s->flags & (TOY_TCP_SYN | TOY_TCP_FIN)) &&
	    s->seq == tp->rcv_nxt && s->ack == tp->snd_una &&
	    !toy_tcp_window_moves(tp, s) &&
	    (s32)(tp->tstamp.recent - s->opts.tsval) <= (s32)toy_tcp_rto_ms(tp))
		return false;
	return true;
}

static enum toy_drop toy_seg_validate(struct sock *sk, const struct sk_buff *skb,
				      const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_net *tn = toy_sock_net(sk);

	if (toy_paws_reject(sk, s)) {			/* RFC 7323 5.3 R1 */
		toy_count(tn, TOY_MIB_TCP_PAWS_ESTAB);
		if (s->flags & TOY_TCP_SYN)		/* RFC 5961 4.2 */
			toy_tcp_challenge(sk);
		else
			toy_tcp_dupack(sk, skb, s, TOY_MIB_TCP_ACK_SKIPPED_PAWS);
		return TOY_DROP_TCP_PAWS;
	}
	if (!toy_seq_acceptable(s->seq, s->end_seq, tp->rwnd.wup, tp->rcv_nxt,
				toy_rwnd_left(&tp->rwnd, tp->rcv_nxt))) {
		if (s->flags & TOY_TCP_RST) {
			if (!toy_rst_of_closed(sk, s))
				return TOY_DROP_TCP_SEQUENCE;
			toy_tcp_reset_by_peer(sk);
			return TOY_DROP_TCP_RESET;
		}
		if (s->flags & TOY_TCP_SYN)
			goto syn;
		toy_tcp_dupack(sk, skb, s, TOY_MIB_TCP_ACK_SKIPPED_SEQ);
		return TOY_DROP_TCP_SEQUENCE;
	}
	if (s->flags & TOY_TCP_RST)
		return toy_seg_rst(sk, s);
	if (!(s->flags & TOY_TCP_SYN))
		return TOY_RX_OK;
syn:
	if (unlikely(toy_fo_syn_again(sk, s)))
		return TOY_DROP_TCP_DUPLICATE;
	/* RFC 5961 4.2; RFC 9293 3.5: the SYN-ACK of an open at the same time
	 * in SYN_RECV is answered the same way.
	 */
	if (sk->sk_state == TCP_SYN_RECV && s->flags & TOY_TCP_ACK &&
	    s->seq + 1 == tp->rcv_nxt && s->ack == tp->snd_nxt)
		return TOY_RX_OK;
	toy_count(tn, TOY_MIB_TCP_SYN_CHALLENGE);
	toy_tcp_challenge(sk);
	return TOY_DROP_TCP_INVALID_SYN;
}

/* ---- fifth: what our FIN or SYN being acknowledged changes ----------- */

/* @fastopen: the program has it already (fo_server.c). */
static void toy_seg_established(struct sock *sk, const struct toy_tcp_seg *s,
				bool fastopen)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_set_state(sk, TCP_ESTABLISHED);
	/* Our SYN-ACK was in no queue: it has arrived. */
	if (toy_tcp_rtx_empty(sk) && !tp->rate.delivered)
		tp->rate.delivered = 1;
	tp->snd_wnd = (u32)s->wnd << (s->flags & TOY_TCP_SYN ? 0 : tp->snd_wscale);
	tp->snd_wl1 = s->seq;
	tp->max_window = max(tp->max_window, tp->snd_wnd);
	if (fastopen)
		toy_tcp_rtt_begin(tp);
	else
		toy_tcp_established_init(sk);
	sk->sk_state_change(sk);
	if (sk->sk_socket)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* FIN-WAIT-1 to FIN-WAIT-2. True when the connection is no more. */
static bool toy_seg_fin_acked(struct sock *sk, const struct toy_tcp_seg *s,
			      enum toy_drop *why)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool fin = s->flags & TOY_TCP_FIN;
	unsigned long stay;

	toy_tcp_set_state(sk, TCP_FIN_WAIT2);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);	/* close(2) may linger */
		return false;
	}
	/* RFC 1122 4.2.2.13: nobody will read what comes now. */
	if (tp->linger2_off ||
	    (s->end_seq != s->seq && toy_seq_after(s->end_seq - fin, tp->rcv_nxt))) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_ON_DATA);
		toy_seg_answer_rst(sk, s);
		toy_tcp_done(sk);
		*why = TOY_DROP_TCP_ABORT_ON_DATA;
		return true;
	}
	stay = toy_tcp_fin_time(sk);
	if (stay > TOY_TW_LEN) {
		toy_tcp_keepalive_arm(sk, stay - TOY_TW_LEN);
	} else if (fin || sock_owned_by_user(sk)) {
		toy_tcp_keepalive_arm(sk, stay);
	} else {
		toy_tcp_timewait(sk, TCP_FIN_WAIT2, stay);
		*why = TOY_RX_OK;
		return true;
	}
	return false;
}

/* True when the connection is no more; *why is then the segment's fate, and
 * TOY_RX_OK means that it is to be freed without a word.
 */
static bool toy_seg_acked(struct sock *sk, const struct toy_tcp_seg *s,
			  enum toy_drop *why)
{
	bool fastopen = toy_fo_confirmed(sk, false);
	struct toy_tcp_sock *tp = toy_tcp(sk);

	*why = TOY_RX_OK;
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
		toy_seg_established(sk, s, fastopen);
		return false;
	case TCP_FIN_WAIT1:
		return tp->snd_una == tp->write_seq &&
		       toy_seg_fin_acked(sk, s, why);
	case TCP_CLOSING:
		if (tp->snd_una != tp->write_seq)
			return false;
		toy_tcp_timewait(sk, TCP_TIME_WAIT, 0);
		return true;
	case TCP_LAST_ACK:
		if (tp->snd_una != tp->write_seq)
			return false;
		toy_tcp_done(sk);
		return true;
	default:
		return false;
	}
}

/* ---- sixth to eighth ------------------------------------------------- */

/* RFC 9293 3.10.7.4: new text is taken in these states only; what was received
 * before is acknowledged in all.
 */
static bool toy_seg_takes_text(const struct sock *sk, const struct toy_tcp_seg *s)
{
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				   TCPF_FIN_WAIT2))
		return true;
	return (1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_CLOSING |
				      TCPF_LAST_ACK) &&
	       toy_seq_before(s->seq, toy_tcp(sk)->rcv_nxt);
}

/* RFC 1122 4.2.2.13: data after close(2) is answered by a reset. */
static bool toy_seg_too_late(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool fin = s->flags & TOY_TCP_FIN;

	if (!(sk->sk_shutdown & RCV_SHUTDOWN) ||
	    !toy_seg_takes_text(sk, s) ||
	    s->end_seq == s->seq || !toy_seq_after(s->end_seq - fin, tp->rcv_nxt))
		return false;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_ON_DATA);
	toy_seg_answer_rst(sk, s);
	toy_tcp_reset_by_peer(sk);
	return true;
}

/* Sixth to eighth, and the answers. Consumes @skb with TOY_RX_OK. */
static enum toy_drop toy_seg_text(struct sock *sk, struct sk_buff *skb,
				  const struct toy_tcp_seg *s)
{
	enum toy_drop why = TOY_RX_OK;
	bool text = s->end_seq != s->seq;

	if (unlikely(s->flags & TOY_TCP_URG || toy_tcp(sk)->urg_notyet))
		toy_tcp_urg_in(sk, skb, s);
	if (text && toy_seg_takes_text(sk, s))
		why = toy_tcp_data_in(sk, skb, s);
	else
		text = false;

	if (sk->sk_state != TCP_CLOSE) {
		if (toy_tcp_send_head(sk))
			toy_tcp_push_pending(sk, toy_tcp(sk)->nagle);
		toy_tcp_ack_check(sk);
	}
	if (!text)
		consume_skb(skb);
	return why;
}

/* The next segment of an established connection, with nothing special. */
static bool toy_seg_expected(const struct sock *sk, const struct toy_tcp_seg *s)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	return sk->sk_state == TCP_ESTABLISHED &&
	       (s->flags & ~(TOY_TCP_PSH | TOY_TCP_ECE | TOY_TCP_CWR)) ==
	       TOY_TCP_ACK &&
	       s->seq == tp->rcv_nxt &&
	       s->len <= toy_rwnd_left(&tp->rwnd, tp->rcv_nxt) &&
	       (s->opts.has & TOY_OPT_TS ?
		(s32)(s->opts.tsval - tp->tstamp.recent) >= 0 : !tp->tstamp_ok);
}

/**
 * toy_tcp_segment() - a segment for a synchronised connection
 * @sk: socket, locked, neither CLOSED, LISTEN nor SYN_SENT
 * @skb: segment, its header at skb->data; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Context: softirq, or process context for the backlog; BH off.
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_segment(struct sock *sk, struct sk_buff *skb,
			      struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	enum toy_drop why;

	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);
	toy_tcp_now(tp);
	tp->segs_in += toy_cb(skb)->segs;

	if (unlikely(!toy_seg_expected(sk, s))) {
		why = toy_seg_validate(sk, skb, s);
		if (why)
			return why;
		if (!(s->flags & TOY_TCP_ACK))	/* RFC 9293 3.10.7.4, fifth */
			return TOY_DROP_TCP_NO_ACK;
	}
	tp->rcv_ms = toy_tcp_ms(tp);
	/* Nothing in flight, nothing new: most segments of a receiver. */
	if (s->ack != tp->snd_una || tp->packets_out ||
	    s->opts.has & TOY_OPT_SACK ||
	    (u32)s->wnd << tp->snd_wscale != tp->snd_wnd ||
	    sk->sk_state != TCP_ESTABLISHED) {
		why = toy_tcp_ack(sk, skb, s);
		if (unlikely(why)) {
			/* RFC 9293 3.10.7.4: in SYN-RECEIVED, a reset. */
			if (sk->sk_state == TCP_SYN_RECV)
				toy_seg_answer_rst(sk, s);
			return why;
		}
	} else {
		toy_tcp_take_ts(tp, s);
		/* What was behind a gap may have brought a later window. */
		if (likely(toy_seq_after(s->seq, tp->snd_wl1)))
			tp->snd_wl1 = s->seq;
		tp->probes = 0;
	}
	if (sk->sk_state != TCP_ESTABLISHED) {
		if (toy_seg_acked(sk, s, &why)) {
			if (!why)
				consume_skb(skb);
			return why;
		}
		if (toy_seg_too_late(sk, s))
			return TOY_DROP_TCP_ABORT_ON_DATA;
	}
	return toy_seg_text(sk, skb, s);
}

/**
 * toy_tcp_fin_rcvd() - all that the peer sends has come (RFC 9293 3.10.7.4,
 *	eighth)
 * @sk: socket, locked; RCV.NXT is behind the FIN
 */
void toy_tcp_fin_rcvd(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	tp->delack.pending = 1;
	/* Without any data before it there is no answer to wait for. */
	if (!tp->delack.started)
		tp->delack.now = 1;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		toy_tcp_set_state(sk, TCP_CLOSE_WAIT);
		/* The program will close too: one acknowledgment for both. */
		toy_delack_enter_pingpong(&tp->delack);
		break;
	case TCP_FIN_WAIT1:
		/* Both at the same time. */
		toy_tcp_send_ack(sk);
		toy_tcp_set_state(sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		toy_tcp_send_ack(sk);
		toy_tcp_timewait(sk, TCP_TIME_WAIT, 0);
		break;
	default:
		break;
	}
	toy_tcp_ooo_purge(sk);
	if (tp->sack_ok)
		toy_sackgen_clear(&tp->sackgen);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	/* Nobody will write or read any more: POLL_HUP. */
	sk_wake_async(sk, SOCK_WAKE_WAITD,
		      sk->sk_shutdown == SHUTDOWN_MASK ||
		      sk->sk_state == TCP_CLOSE ? POLL_HUP : POLL_IN);
}
