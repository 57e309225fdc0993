// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be sent now (RFC 9293 3.8.6, 3.7.4; RFC 5681).
 *
 * The head of the write queue passes these gates, each a function:
 *
 *	congestion window	toy_gate_cwnd()
 *	receive window		toy_gate_rwnd()
 *	Nagle, cork		toy_gate_nagle()	a last, small segment
 *	a larger burst soon	toy_gate_defer()	a super-segment
 *	device queue		toy_tsq_throttled()
 *
 * and goes out as one super-segment, as large as the gates allow. What has gone
 * moves to the retransmission queue.
 */
#include "../../ctl/trace.h"
#include "../../napi/dev.h"
#include "../../skb/ipv6_exts.h"
#include "../ip.h"
#include "tcp.h"

/* ---- segment sizes --------------------------------------------------- */

/* Bytes of data that a super-segment of this device may have. */
static void toy_size_gso(struct toy_tcp_sock *tp, const struct toy_path *path,
			 u32 ext_len)
{
	u32 max = GSO_LEGACY_MAX_SIZE, segs = GSO_MAX_SEGS;
	const struct net_device *ndev;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	if (ndev) {
		max = min_t(u32, READ_ONCE(ndev->gso_max_size), max);
		segs = min_t(u32, READ_ONCE(ndev->gso_max_segs), segs);
	}
	rcu_read_unlock();
	ext_len += TOY_TCP_HEADROOM;
	max = max > ext_len + tp->mss ? max - 1 - ext_len : tp->mss;
	tp->gso_segs = clamp_t(u32, max / tp->mss, 1, segs);
	tp->gso_max = tp->gso_segs * tp->mss;
}

/**
 * toy_tcp_advmss() - the segment size that we announce (RFC 9293 3.7.1)
 * @path: the way to the peer
 * @user_mss: TCP_MAXSEG or 0
 *
 * Return: bytes; a route may ask for less than fits.
 */
u16 toy_tcp_advmss(const struct toy_path *path, u16 user_mss)
{
	u16 mss = toy_mss_advertise(min_t(u32, path->mtu, 65535),
				    toy_ip_ops_of(&path->daddr)->hdr_len,
				    user_mss);

	return path->m.advmss ? min(mss, path->m.advmss) : mss;
}

/**
 * toy_tcp_init_cwnd() - the first congestion window
 * @sk: socket, locked, with both ends
 *
 * Return: segments: what the route says, or RFC 6928's ten.
 */
u32 toy_tcp_init_cwnd(struct sock *sk)
{
	const struct toy_path *path = toy_tcp_path(sk);

	return path && path->m.initcwnd ? path->m.initcwnd : TOY_INIT_CWND;
}

/**
 * toy_tcp_sync_mss() - what fits into a segment has changed
 * @sk: socket, locked, with both ends
 *
 * RFC 9293 3.7.1: path MTU, the peer's option, our options, TCP_MAXSEG.
 */
void toy_tcp_sync_mss(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_path *path = toy_tcp_path(sk);
	const struct toy_ipv6_txexts *exts;
	const struct toy_ip_ops *ip;
	u32 mtu, ext_len;

	if (!path)
		return;
	ip = toy_ip_ops_of(&path->daddr);
	mtu = min_t(u32, path->mtu, 65535);
	exts = toy_sock_exts_to(sk, &sk->sk_v6_daddr);
	ext_len = unlikely(exts) ? exts->len : 0;
	tp->mss = toy_mss_send(mtu, ip->hdr_len + ext_len, tp->peer_mss,
			       tp->user_mss, tp->tstamp_ok ? 12 : 0,
			       tp->max_window >> 1, ip->version == 6);
	tp->cc.mss = tp->mss;
	tp->mss_gen = path->gen;
	toy_size_gso(tp, path, ext_len);
}

/* Has the way to the peer changed since tp->mss was made for it? */
static bool toy_mss_stale(const struct sock *sk)
{
	const struct toy_path_ref *ref;

	ref = rcu_dereference_protected(toy_sk(sk)->path,
					lockdep_sock_is_held(sk));
	return !ref || toy_tcp(sk)->mss_gen != ref->path.gen ||
	       !toy_path_valid(toy_sock_net(sk), &ref->path);
}

/**
 * toy_tcp_current_mss() - bytes of data that a segment may have now
 * @sk: socket, locked, with both ends
 *
 * SACK blocks on their way take room from data.
 * Return: the number.
 */
u32 toy_tcp_current_mss(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 blocks;

	if (unlikely(toy_mss_stale(sk)))
		toy_tcp_sync_mss(sk);
	if (likely(!tp->sack_ok || !toy_sackgen_any(&tp->sackgen)))
		return tp->mss;
	blocks = min_t(u32, tp->sackgen.nr + tp->sackgen.has_dsack,
		       tp->tstamp_ok ? 3 : 4);
	return max_t(int, tp->mss - 4 - 8 * blocks, TOY_MSS_MIN);
}

/* As many segments as about a millisecond of the current rate takes, all that
 * fit where the peer is near: bursts cost nobody there, unless it was asked that
 * there be none.
 */
static u32 toy_burst_segs(struct sock *sk, u32 mss)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 near = toy_tcp_min_rtt(tp) >> 9;
	u64 bytes;

	if (likely(READ_ONCE(sk->sk_pacing_status) != SK_PACING_NEEDED)) {
		if (near == 0)
			return tp->gso_segs;
	} else {
		near = ~0;
	}
	bytes = READ_ONCE(sk->sk_pacing_rate) >>
		READ_ONCE(sk->sk_pacing_shift);
	if (near < 32)
		bytes += GSO_LEGACY_MAX_SIZE >> near;
	bytes = min_t(u64, bytes, tp->gso_max);
	return clamp_t(u32, (u32)bytes / mss,
		       min_t(u32, READ_ONCE(toy_sock_net(sk)->sysctl.tcp_min_tso_segs),
			     tp->gso_segs),
		       tp->gso_segs);
}

/* ---- the gates ------------------------------------------------------- */

/* How many segments may go now: at most half a window at once, so that the
 * acknowledgment clock goes on.
 */
static u32 toy_gate_cwnd(const struct toy_tcp_sock *tp)
{
	u32 in_flight = toy_tcp_in_flight(tp);

	if (in_flight >= tp->cc.cwnd)
		return 0;
	return min(max(tp->cc.cwnd >> 1, 1U), tp->cc.cwnd - in_flight);
}

/* Does the first segment of the buffer fit into the peer's window? */
static bool toy_gate_rwnd(const struct toy_tcp_sock *tp,
			  const struct sk_buff *skb, u32 mss)
{
	u32 end = toy_cb(skb)->end_seq;

	if (skb->len > mss)
		end = toy_cb(skb)->seq + mss;
	return !toy_seq_after(end, toy_tcp_wnd_end(tp));
}

/* Minshall's variant of Nagle: one small segment may be unacknowledged. */
static bool toy_small_unacked(const struct toy_tcp_sock *tp)
{
	return toy_seq_after(tp->snd_sml, tp->snd_una) &&
	       !toy_seq_after(tp->snd_sml, tp->snd_nxt);
}

static bool toy_nagle_holds(const struct toy_tcp_sock *tp, bool partial, u8 nagle)
{
	return partial && ((nagle & TOY_NAGLE_CORK) ||
			   (!nagle && tp->packets_out && toy_small_unacked(tp)));
}

/* RFC 9293 3.7.4 (Nagle), TCP_CORK: may this small segment go? */
static bool toy_gate_nagle(const struct toy_tcp_sock *tp,
			   const struct sk_buff *skb, u32 mss, u8 nagle)
{
	if (nagle & TOY_NAGLE_PUSH)
		return true;
	if (tp->urg_mode || toy_cb(skb)->flags & TOY_TCP_FIN)
		return true;
	return !toy_nagle_holds(tp, skb->len < mss, nagle);
}

/* Is it better to wait for the acknowledgment that lets more of the buffer go?
 * Only if one is on its way and soon here.
 */
static bool toy_gate_defer(struct sock *sk, const struct sk_buff *skb, u32 mss,
			   u32 max_segs, bool *cwnd_limited, bool *rwnd_limited)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 in_flight = toy_tcp_in_flight(tp);
	u32 rwin = toy_tcp_wnd_end(tp) - toy_cb(skb)->seq;
	u32 cwin = (tp->cc.cwnd - in_flight) * mss;
	u32 limit = min(rwin, cwin);
	const struct sk_buff *head;
	u32 chunk, srtt_us;
	s64 away;

	if (tp->ca_state >= TOY_CA_RECOVERY || !tp->packets_out)
		return false;
	if (limit >= max_segs * mss)
		return false;
	/* All of it, with more behind: nothing to gain. */
	if (skb != skb_peek_tail(&sk->sk_write_queue) && limit >= skb->len)
		return false;
	chunk = min(tp->snd_wnd, tp->cc.cwnd * mss) / 3;
	if (chunk && limit >= chunk)
		return false;

	/* Only in the middle of a burst: what comes late goes at once. */
	if (list_empty(&tp->sent))
		return false;
	head = list_last_entry(&tp->sent, struct sk_buff, tcp_tsorted_anchor);
	if (tp->now_us - toy_skb_sent_us(head) > USEC_PER_MSEC)
		return false;
	head = toy_tcp_rtx_head(sk);
	/* The next acknowledgment is far away: a millisecond, or half a round
	 * trip.
	 */
	srtt_us = toy_rtt_srtt_us(&tp->rtt);
	away = (s64)(toy_skb_sent_us(head) + srtt_us - tp->now_us);
	if (away > min_t(s64, srtt_us >> 1, USEC_PER_MSEC))
		return false;
	if (cwin < rwin) {
		if (cwin <= skb->len)
			*cwnd_limited = true;
		return cwin <= skb->len;
	}
	if (rwin <= skb->len)
		*rwnd_limited = true;
	/* The end of a stream or record waits for nobody. */
	return rwin <= skb->len && !(toy_cb(skb)->flags & TOY_TCP_FIN) &&
	       !toy_cb(skb)->eor;
}

/* How much of the buffer goes now. */
static u32 toy_burst_len(struct sock *sk, const struct sk_buff *skb, u32 mss,
			 u32 max_segs, u8 nagle)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 window = toy_tcp_wnd_end(tp) - toy_cb(skb)->seq;
	u32 max_len = mss * max_segs, needed, partial;

	if (likely(max_len <= window &&
		   skb != skb_peek_tail(&sk->sk_write_queue)))
		return max_len;
	needed = min(skb->len, window);
	if (max_len <= needed)
		return max_len;
	partial = needed % mss;
	/* The rest may grow to a full segment, if it may wait at all. */
	if (toy_nagle_holds(tp, partial, nagle))
		return needed - partial;
	return needed;
}

/* ---- sending --------------------------------------------------------- */

/**
 * toy_tcp_sent_new() - the first segment of the write queue was sent
 * @sk: socket, locked
 * @skb: it; from now on it waits for its acknowledgment
 */
void toy_tcp_sent_new(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 prior = tp->packets_out;

	tp->snd_nxt = toy_cb(skb)->end_seq;
	__skb_unlink(skb, &sk->sk_write_queue);
	toy_tcp_rtx_insert(sk, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->sent);
	tp->packets_out += toy_cb(skb)->segs;
	if (!prior || tp->xtimer == TOY_XT_TLP)
		toy_tcp_rearm_rto(sk);
}

/* Remember the end of the last small segment (Minshall). */
static void toy_sent_small(struct toy_tcp_sock *tp, const struct sk_buff *skb,
			   u32 mss)
{
	if (skb->len < toy_cb(skb)->segs * mss)
		tp->snd_sml = toy_cb(skb)->end_seq;
}

/* RFC 7661 4.3: did the window limit this flight? */
static void toy_sent_validate(struct sock *sk, bool cwnd_limited)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_cwv_sent s = {
		.flight = tp->packets_out,
		.cwnd = tp->cc.cwnd,
		.snd_una = tp->snd_una,
		.snd_nxt = tp->snd_nxt,
		.now_ms = toy_tcp_ms(tp),
		.limited = cwnd_limited,
		.slow_start = toy_cc_in_slow_start(&tp->cc),
	};

	toy_cwv_sent(&tp->cwv, &s);
	if (!cwnd_limited && !toy_cwv_limited(&tp->cwv, tp->cc.cwnd, false) &&
	    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_slow_start_after_idle) &&
	    tp->ca_state == TOY_CA_OPEN && tp->packets_out < tp->cc.cwnd) {
		u32 cwnd = toy_cwv_app_limited(&tp->cwv, tp->cc.cwnd,
					       &tp->cc.ssthresh,
					       toy_tcp_init_cwnd(sk),
					       toy_tcp_rto_ms(tp), s.now_ms);

		if (cwnd != tp->cc.cwnd) {
			tp->cc.cwnd = cwnd;
			toy_tcp_cc_event(sk, TOY_CC_IDLE);
		}
	}
}

/* RFC 5681 4.1: after idle time the window is old news. */
static void toy_restart_after_idle(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 now = toy_tcp_ms(tp), idle = now - tp->lsnd_ms;
	u32 cwnd;

	if (tp->packets_out || !toy_tcp_send_head(sk))
		return;
	if (idle > toy_tcp_rto_ms(tp) &&
	    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_slow_start_after_idle)) {
		cwnd = toy_cwv_restart(tp->cc.cwnd, toy_tcp_init_cwnd(sk), idle,
				       toy_tcp_rto_ms(tp));
		if (cwnd != tp->cc.cwnd) {
			tp->cc.ssthresh = max(tp->cc.ssthresh,
					      (tp->cc.cwnd >> 1) + (tp->cc.cwnd >> 2));
			tp->cc.cwnd = cwnd;
			tp->cwv.used_ms = now;
			tp->cwv.used = 0;
			toy_tcp_cc_event(sk, TOY_CC_IDLE);
		}
	}
	toy_tcp_cc_event(sk, TOY_CC_TX_START);
}

struct toy_round {
	u32 mss;
	u32 max_segs;
	u32 sent;
	bool cwnd_limited;
	bool rwnd_limited;
	bool paced;
	u8 nagle;
};

/* May the head of the queue go? Cuts it to what may. */
static bool toy_pass_gates(struct sock *sk, struct sk_buff *skb,
			   struct toy_round *r, bool push_one)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 quota = toy_gate_cwnd(tp), limit = r->mss;

	if (unlikely(toy_pace_holds(sk))) {
		r->paced = true;
		return false;
	}
	if (unlikely(!quota)) {
		r->cwnd_limited = true;
		return false;
	}
	if (unlikely(!toy_gate_rwnd(tp, skb, r->mss))) {
		r->rwnd_limited = true;
		return false;
	}
	if (toy_cb(skb)->segs == 1) {
		/* More than one buffer: this one is not the last. */
		u8 nagle = skb == skb_peek_tail(&sk->sk_write_queue) ?
			   r->nagle : TOY_NAGLE_PUSH;

		if (!toy_gate_nagle(tp, skb, r->mss, nagle))
			return false;
	} else if (!push_one &&
		   toy_gate_defer(sk, skb, r->mss, r->max_segs,
				  &r->cwnd_limited, &r->rwnd_limited)) {
		return false;
	}
	if (toy_cb(skb)->segs > 1 && !tp->urg_mode)
		limit = toy_burst_len(sk, skb, r->mss,
				      min(quota, r->max_segs), r->nagle);
	if (skb->len > limit &&
	    unlikely(!limit || toy_tcp_split(sk, skb, limit, r->mss, false,
					     GFP_ATOMIC)))
		return false;
	if (unlikely(toy_tsq_throttled(sk, skb)))
		return false;
	/* An empty buffer without FIN waits for its first byte. */
	return toy_cb(skb)->end_seq != toy_cb(skb)->seq;
}

/**
 * toy_tcp_output() - send what may be sent
 * @sk: socket, locked, connection synchronised
 * @push_one: one super-segment only, while more is being written
 * @nagle: TOY_NAGLE_* to go by
 *
 * Context: process or softirq.
 * Return: true when data waits and nothing is in flight, so that only a timer
 * can go on (RFC 9293 3.8.6.1).
 */
bool toy_tcp_output(struct sock *sk, bool push_one, u8 nagle)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_round r = { .nagle = nagle };
	struct sk_buff *skb;

	toy_tcp_now(tp);
	r.mss = toy_tcp_current_mss(sk);
	r.max_segs = toy_burst_segs(sk, r.mss);
	toy_restart_after_idle(sk);

	while ((skb = toy_tcp_send_head(sk))) {
		if (toy_cb(skb)->mss != r.mss || !toy_cb(skb)->segs ||
		    skb->len > toy_cb(skb)->segs * r.mss)
			toy_tcp_count_segs(skb, r.mss);
		if (!toy_pass_gates(sk, skb, &r, push_one))
			break;
		if (unlikely(toy_tcp_xmit(sk, skb, true)))
			break;
		r.sent += toy_cb(skb)->segs;
		toy_tcp_sent_new(sk, skb);
		toy_sent_small(tp, skb, r.mss);
		if (push_one)
			break;
	}
	toy_tcp_chrono(tp, r.rwnd_limited ? TOY_CHRONO_RWND_LIMITED :
		       tp->packets_out || toy_tcp_send_head(sk) ?
		       TOY_CHRONO_BUSY : TOY_CHRONO_NONE);

	if (likely(r.sent || r.cwnd_limited))
		toy_sent_validate(sk, r.cwnd_limited ||
				  toy_tcp_in_flight(tp) >= tp->cc.cwnd);
	if (likely(r.sent)) {
		if (toy_tcp_in_recovery(tp))
			toy_prr_sent(&tp->prr, r.sent);
		toy_tcp_tlp_schedule(sk, false);
		return false;
	}
	/* Pacing has a timer of its own. */
	return !tp->packets_out && toy_tcp_send_head(sk) && !r.paced;
}

/**
 * toy_tcp_push_pending() - send what may be sent, or see that a timer does
 * @sk: socket, locked
 * @nagle: TOY_NAGLE_* to go by
 */
void toy_tcp_push_pending(struct sock *sk, u8 nagle)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!toy_tcp_send_head(sk) || sk->sk_state == TCP_CLOSE)
		return;
	if (toy_tcp_output(sk, false, nagle) && tp->xtimer == TOY_XT_NONE)
		toy_xtimer_arm(sk, TOY_XT_PERSIST,
			       max_t(unsigned long, toy_tcp_rto(tp),
				     usecs_to_jiffies(TOY_RTO_MIN_US)));
}

/**
 * toy_tcp_push_one() - enough is written for a first super-segment
 * @sk: socket, locked
 */
void toy_tcp_push_one(struct sock *sk)
{
	toy_tcp_output(sk, true, TOY_NAGLE_PUSH);
}

/**
 * toy_tcp_wakeup_probe() - make the peer say what its window is
 * @sk: socket, locked, nothing in flight
 *
 * RFC 9293 3.8.6.1, 3.8.4: with data, as much as the window takes; without
 * room, an octet that it must answer.
 * Return: 0 or a negative errno.
 */
int toy_tcp_wakeup_probe(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = toy_tcp_send_head(sk);
	u32 mss, room;
	int err;

	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!skb || !toy_seq_before(toy_cb(skb)->seq, toy_tcp_wnd_end(tp)))
		return toy_tcp_send_probe(sk, tp->urg_mode);

	mss = toy_tcp_current_mss(sk);
	room = min(toy_tcp_wnd_end(tp) - toy_cb(skb)->seq, mss);
	if (room < skb->len &&
	    toy_tcp_split(sk, skb, room, mss, false, GFP_ATOMIC))
		return -ENOMEM;
	toy_tcp_count_segs(skb, mss);
	toy_cb(skb)->flags |= TOY_TCP_PSH;
	err = toy_tcp_xmit(sk, skb, true);
	if (!err)
		toy_tcp_sent_new(sk, skb);
	return err;
}

/**
 * toy_tcp_chrono() - what the sender is waiting for changes
 * @tp: connection
 * @what: for what, from now on
 *
 * Feeds tcpi_busy_time, tcpi_rwnd_limited and tcpi_sndbuf_limited.
 */
void toy_tcp_chrono(struct toy_tcp_sock *tp, enum toy_chrono what)
{
	u32 now;

	if (likely(tp->chrono == what))
		return;
	now = toy_tcp_ms(tp);
	if (tp->chrono != TOY_CHRONO_NONE)
		tp->chrono_ms[tp->chrono] += now - tp->chrono_stamp_ms;
	tp->chrono_stamp_ms = now;
	tp->chrono = what;
}
