// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP_INFO: what a connection knows of itself, in Linux 6.12's layout. A field
 * that means nothing here is 0.
 */
#include <linux/tcp.h>

#include "fastopen.h"
#include "tcp.h"

static u8 toy_info_options(const struct toy_tcp_sock *tp, u8 state)
{
	/* What is offered is not agreed on yet. */
	if (state == TCP_SYN_SENT)
		return tp->ecn & TOY_ECN_OK ? TCPI_OPT_ECN : 0;
	return (tp->tstamp_ok ? TCPI_OPT_TIMESTAMPS : 0) |
	       (tp->sack_ok ? TCPI_OPT_SACK : 0) |
	       (tp->wscale_ok ? TCPI_OPT_WSCALE : 0) |
	       (tp->ecn & TOY_ECN_OK ? TCPI_OPT_ECN : 0) |
	       (tp->ecn & TOY_ECN_SEEN ? TCPI_OPT_ECN_SEEN : 0) |
	       (tp->fo && tp->fo->data_acked ? TCPI_OPT_SYN_DATA : 0);
}

static u64 toy_info_delivery_rate(const struct toy_tcp_sock *tp)
{
	if (!tp->rate.rate_delivered || !tp->rate.rate_interval_us)
		return 0;
	return div_u64((u64)tp->rate.rate_delivered * tp->mss * USEC_PER_SEC,
		       tp->rate.rate_interval_us);
}

static void toy_info_times(const struct toy_tcp_sock *tp, u32 now_ms,
			   struct toy_tcp_info *i)
{
	u64 total = 0;

	i->tcpi_last_data_sent = now_ms - tp->lsnd_ms;
	i->tcpi_last_data_recv = now_ms - (tp->delack.last_ms ?: now_ms);
	i->tcpi_last_ack_recv = now_ms - tp->rcv_ms;
	for (int c = TOY_CHRONO_BUSY; c < __TOY_CHRONO_MAX; c++) {
		u64 ms = tp->chrono_ms[c];

		if (tp->chrono == c)
			ms += now_ms - tp->chrono_stamp_ms;
		total += ms;
		if (c == TOY_CHRONO_RWND_LIMITED)
			i->tcpi_rwnd_limited = ms * USEC_PER_MSEC;
		else if (c == TOY_CHRONO_SNDBUF_LIMITED)
			i->tcpi_sndbuf_limited = ms * USEC_PER_MSEC;
	}
	i->tcpi_busy_time = total * USEC_PER_MSEC;
}

static void toy_info_counts(const struct toy_tcp_sock *tp, struct toy_tcp_info *i)
{
	i->tcpi_unacked = tp->packets_out;
	i->tcpi_sacked = tp->sacked_out;
	i->tcpi_lost = tp->lost_out;
	i->tcpi_retrans = tp->retrans_out;
	i->tcpi_total_retrans = tp->total_retrans;
	i->tcpi_bytes_acked = tp->bytes_acked;
	i->tcpi_bytes_received = tp->bytes_received;
	i->tcpi_bytes_sent = tp->bytes_sent;
	i->tcpi_bytes_retrans = tp->bytes_retrans;
	i->tcpi_rehash = tp->timeout_rehash;
	i->tcpi_segs_out = tp->segs_out;
	i->tcpi_segs_in = tp->segs_in;
	i->tcpi_data_segs_in = tp->data_segs_in;
	i->tcpi_data_segs_out = tp->data_segs_out;
	i->tcpi_delivered = tp->rate.delivered;
	i->tcpi_delivered_ce = tp->rate.delivered_ce;
	i->tcpi_dsack_dups = tp->dsack_dups;
	i->tcpi_reord_seen = tp->reord_seen;
	i->tcpi_rcv_ooopack = tp->rcv_ooopack;
	i->tcpi_total_rto = min_t(u32, tp->total_rto, U16_MAX);
	i->tcpi_total_rto_recoveries = min_t(u32, tp->total_rto_recoveries,
					     U16_MAX);
	i->tcpi_total_rto_time = tp->total_rto_ms;
	if (tp->retransmits)
		i->tcpi_total_rto_time += div_u64(toy_tcp_clock(), USEC_PER_MSEC) -
					  tp->rto_began_ms;
}

/* What a listener hands on, too. */
static void toy_info_settings(const struct sock *sk, struct toy_tcp_info *i)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);

	i->tcpi_pacing_rate = rate == ~0UL ? ~0ULL : rate;
	rate = READ_ONCE(sk->sk_max_pacing_rate);
	i->tcpi_max_pacing_rate = rate == ~0UL ? ~0ULL : rate;
	i->tcpi_reordering = tp->reordering;
	i->tcpi_snd_cwnd = tp->cc.cwnd;
}

static void toy_info_sending(const struct toy_tcp_sock *tp,
			     struct toy_tcp_info *i)
{
	i->tcpi_rto = toy_tcp_rto_us(tp);
	i->tcpi_snd_mss = tp->mss;
	i->tcpi_rtt = toy_rtt_srtt_us(&tp->rtt);
	i->tcpi_rttvar = tp->rtt.rttvar_us_x4 >> 2;
	i->tcpi_min_rtt = tp->rtt.min_us;
	i->tcpi_snd_ssthresh = tp->cc.ssthresh;
	i->tcpi_delivery_rate = toy_info_delivery_rate(tp);
	i->tcpi_delivery_rate_app_limited = tp->rate.rate_app_limited;
	i->tcpi_notsent_bytes = max_t(int, 0, tp->write_seq - tp->snd_nxt);
	i->tcpi_snd_wnd = tp->snd_wnd;
}

static void toy_info_receiving(const struct toy_tcp_sock *tp,
			       struct toy_tcp_info *i)
{
	i->tcpi_ato = tp->delack.started ? tp->delack.ato_ms * USEC_PER_MSEC : 0;
	i->tcpi_rcv_mss = tp->delack.rcv_mss;
	i->tcpi_rcv_ssthresh = tp->rwnd.ssthresh;
	i->tcpi_advmss = tp->advmss;
	i->tcpi_rcv_rtt = tp->tune.rtt_us_x8 >> 3;
	i->tcpi_rcv_space = tp->tune.space;
	i->tcpi_rcv_wnd = toy_rwnd_left(&tp->rwnd, tp->rcv_nxt);
}

/**
 * toy_tcp_info() - fill TCP_INFO in
 * @sk: socket; locked, or the answer may mix two moments
 * @i: result
 */
void toy_tcp_info(struct sock *sk, struct toy_tcp_info *i)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_path_ref *ref;

	memset(i, 0, sizeof(*i));
	i->tcpi_state = READ_ONCE(sk->sk_state);
	toy_info_settings(sk, i);
	if (i->tcpi_state == TCP_LISTEN) {
		i->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		i->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	i->tcpi_ca_state = tp->ca_state;
	i->tcpi_retransmits = tp->retransmits;
	i->tcpi_probes = tp->probes;
	i->tcpi_backoff = tp->rtt.backoffs;
	i->tcpi_options = toy_info_options(tp, i->tcpi_state);
	i->tcpi_fastopen_client_fail = tp->fo ? tp->fo->fail : 0;
	i->tcpi_snd_wscale = tp->wscale_ok ? tp->snd_wscale : 0;
	i->tcpi_rcv_wscale = tp->wscale_ok ? tp->rwnd.scale : 0;
	toy_info_sending(tp, i);
	toy_info_receiving(tp, i);
	toy_info_counts(tp, i);
	toy_info_times(tp, div_u64(toy_tcp_clock(), USEC_PER_MSEC), i);

	rcu_read_lock();
	ref = rcu_dereference(toy_sk(sk)->path);
	if (ref)
		i->tcpi_pmtu = toy_is_v4(&ref->path.daddr) ?
			       min_t(u32, ref->path.mtu, 0xffff) :
			       ref->path.mtu;
	rcu_read_unlock();
}
