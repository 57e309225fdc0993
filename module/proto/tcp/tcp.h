/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_TCP_H
#define _TOY_TCP_TCP_H

#include <linux/rbtree.h>
#include <linux/timer.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "../../skb/tcp.h"
#include "../../sock/lookup.h"
#include "../../sock/sock.h"
#include "ack.h"
#include "autotune.h"
#include "cc.h"
#include "challenge.h"
#include "cwv.h"
#include "delack.h"
#include "frto.h"
#include "isn.h"
#include "mss.h"
#include "prr.h"
#include "rack.h"
#include "rtt.h"
#include "sackgen.h"
#include "seq.h"
#include "tlp.h"
#include "ts.h"
#include "undo.h"
#include "window.h"

struct toy_fo;
struct toy_fo_net;
struct toy_listen;

#define TOY_INIT_CWND		10	/* RFC 6928 */
#define TOY_DUPTHRESH		3	/* RFC 5681 3.2 */
#define TOY_TW_LEN		(60 * HZ)
#define TOY_FIN_TIMEOUT_MAX_S	120
/* Link header, IPv6 and TCP with all its options. */
#define TOY_TCP_HEADROOM	ALIGN(MAX_HEADER + 40 + TOY_TCP_HDR_MAX, 64)

/* ---- sequence numbers, RFC 9293 3.4 ---------------------------------- */

static inline u32 toy_seq_max(u32 a, u32 b)
{
	return toy_seq_before(a, b) ? b : a;
}

static inline u32 toy_seq_min(u32 a, u32 b)
{
	return toy_seq_before(a, b) ? a : b;
}

/* ---- a segment in a queue -------------------------------------------- */

/* Bits of toy_tcp_cb.sacked: what has become of a sent segment (RFC 6675). */
#define TOY_SACKED	BIT(0)
#define TOY_LOST	BIT(1)
#define TOY_RETRANS	BIT(2)	/* the retransmission is in flight */
#define TOY_EVER_RETRANS BIT(3)

/**
 * struct toy_tcp_cb - skb->cb of a segment
 * @ip: received: what the layers below have left (struct toy_skb_cb)
 * @rate: sent: the moment it was sent
 * @seq: first sequence number
 * @end_seq: behind the last
 * @segs: MSS-sized segments in it
 * @mss: segment size that @segs was counted by; of a received one the size of
 *	its segments
 * @flags: TOY_TCP_*
 * @sacked: TOY_SACKED ...
 * @eor: nothing may be appended (MSG_EOR)
 * @stamp_ack: the program wants to know when skb_shinfo's tskey is acknowledged
 * @tw_isn: of a SYN that opens anew what was in TIME_WAIT: our ISN, or 0
 */
struct toy_tcp_cb {
	union {
		struct toy_skb_cb ip;
		struct toy_rate_seg rate;
	};
	u32 seq;
	u32 end_seq;
	u32 tw_isn;
	u16 segs;
	u16 mss;
	u8 flags;
	u8 sacked;
	u8 eor:1;
	u8 stamp_ack:1;
};

static inline struct toy_tcp_cb *toy_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct toy_tcp_cb) > sizeof(skb->cb));
	BUILD_BUG_ON(offsetof(struct toy_tcp_cb, ip));
	return (struct toy_tcp_cb *)skb->cb;
}

/* ---- a connection ---------------------------------------------------- */

/* Loss recovery, as TCP_INFO shows it (tcpi_ca_state). */
enum toy_ca_state {
	TOY_CA_OPEN,		/* nothing wrong */
	TOY_CA_DISORDER,	/* duplicate ACKs or SACKs, no loss yet */
	TOY_CA_CWR,		/* window reduced, nothing lost (ECN, device) */
	TOY_CA_RECOVERY,	/* fast recovery */
	TOY_CA_LOSS,		/* after a retransmission timeout */
};

/* What the one transmission timer is waiting for. */
enum toy_xtimer {
	TOY_XT_NONE,
	TOY_XT_RTO,		/* RFC 6298 */
	TOY_XT_REO,		/* RFC 8985 6.3: the reordering window */
	TOY_XT_TLP,		/* RFC 8985 7.2: tail loss probe */
	TOY_XT_PERSIST,		/* RFC 9293 3.8.6.1: zero window */
};

/* What tcpi_busy_time and its kin measure. */
enum toy_chrono {
	TOY_CHRONO_NONE,
	TOY_CHRONO_BUSY,
	TOY_CHRONO_RWND_LIMITED,
	TOY_CHRONO_SNDBUF_LIMITED,
	__TOY_CHRONO_MAX
};

/* Bits of toy_tcp_sock.deferred: work for release_sock(). */
enum {
	TOY_DEFER_XTIMER,
	TOY_DEFER_DELACK,
	TOY_DEFER_TSQ,
	TOY_DEFER_MTU,
	/* and one that only toy_tsq_*() uses */
	TOY_TSQ_THROTTLED,
	TOY_TSQ_QUEUED,
};

#define TOY_NAGLE_OFF	BIT(0)	/* TCP_NODELAY */
#define TOY_NAGLE_CORK	BIT(1)	/* TCP_CORK */
#define TOY_NAGLE_PUSH	BIT(2)	/* an option was taken off: push once */

#define TOY_ECN_OK	BIT(0)	/* negotiated */
#define TOY_ECN_ECHO	BIT(1)	/* CE seen: echo until CWR (receiver) */
#define TOY_ECN_CWR	BIT(2)	/* window reduced: say CWR (sender) */
#define TOY_ECN_SEEN	BIT(3)

/*
 * struct toy_tcp_sock - a TCP connection, or a listener
 *
 * The variables of RFC 9293 3.3.1 and the state of each concept, one struct
 * each. Times: _us and _ms are of the clock of toy_tcp_clock(), as of the
 * segment or call being processed (@now_us). Counts of segments ("packets")
 * are in units of @mss.
 *
 * Locking: the socket lock for all of it, but for @deferred (atomic bits) and
 * what toy_tcp_info() and poll read without it (READ_ONCE()).
 * Lifetime: as of struct toy_sock.
 */
struct toy_tcp_sock {
	struct toy_sock ts;

	/* Every segment in either direction. */
	u64 now_us;
	u32 rcv_nxt;
	u32 copied_seq;
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 write_seq;
	u32 packets_out;
	u32 sacked_out;
	u32 lost_out;
	u32 retrans_out;
	u16 mss;		/* bytes of data in a full segment */
	u8 snd_wscale;
	u8 ca_state;		/* enum toy_ca_state */
	u8 tstamp_ok:1;
	u8 sack_ok:1;
	u8 wscale_ok:1;
	u8 urg_data:1;		/* an urgent byte is to be read out of band */
	u8 urg_valid:1;		/* and has arrived */
	u8 urg_notyet:1;	/* it has been announced only */
	u8 urg_read:1;
	u8 urg_mode:1;		/* SND.UP is above SND.UNA */
	u8 nagle;		/* TOY_NAGLE_* */
	u8 ecn;			/* TOY_ECN_* */
	u8 xtimer;		/* enum toy_xtimer */
	struct toy_ts tstamp;
	struct toy_rwnd rwnd;
	struct toy_delack delack;

	/* Sending. */
	u32 pushed_seq;
	u32 snd_sml;		/* end of the last small segment (Minshall) */
	u32 snd_up;
	u32 max_window;
	u32 lsnd_ms;		/* last data sent */
	u32 mss_gen;		/* path generation that @mss was made for */
	u32 gso_max;		/* bytes of data in a super-segment */
	u16 advmss;
	u16 peer_mss;		/* its option, or 0 */
	u16 user_mss;		/* TCP_MAXSEG, or 0 */
	u16 gso_segs;
	struct toy_rtt rtt;
	u32 rto_us;
	u32 rto_ms;
	struct toy_cc cc;
	struct toy_cwv cwv;
	u32 notsent_lowat;	/* TCP_NOTSENT_LOWAT, or 0 */
	struct toy_rate rate;
	struct list_head sent;	/* in the order of sending; skb->tcp_tsorted_anchor */
	struct timer_list xtimer_list;
	unsigned long xtimer_due;

	/* Receiving. */
	struct rb_root ooo;	/* out-of-order segments, by seq */
	struct sk_buff *ooo_last;
	struct toy_sackgen sackgen;
	struct toy_autotune tune;
	struct timer_list delack_list;
	u32 rcv_ms;		/* last segment received: keep-alive */
	u32 oow_ms;		/* challenge.h: toy_oow_allowed() */
	u32 rcv_up;		/* RCV.UP: sequence number of the urgent byte */
	u8 urg_byte;

	/* Loss recovery. */
	u16 timeout_rehash;	/* timeouts after which sk_txhash was another */
	u8 retransmits;		/* timeouts in a row */
	u8 probes;		/* zero-window or keep-alive probes unanswered */
	u8 syn_retries;		/* TCP_SYNCNT, or 0 */
	struct toy_rack rack;
	struct toy_tlp tlp;
	struct toy_prr prr;
	struct toy_frto frto;
	struct toy_undo undo;
	u32 high_seq;		/* SND.NXT when recovery began: RecoveryPoint */
	u32 retrans_ms;		/* first of the unanswered retransmissions; 0 none */
	u32 reordering;

	/* Settings. */
	u8 keepcnt;		/* TCP_KEEPCNT, or 0 */
	u8 defer_accept;	/* TCP_DEFER_ACCEPT: SYN-ACK retransmissions */
	u8 save_syn;
	u8 recvmsg_inq:1;
	u8 linger2_off:1;	/* TCP_LINGER2 < 0 */
	u8 thin_lto:1;
	u32 keepidle;		/* jiffies, or 0 */
	u32 keepintvl;
	u32 linger2;		/* jiffies, or 0 */
	u32 user_timeout_ms;
	u32 probes_ms;		/* first of the zero-window probes; 0 none */
	u32 window_clamp;

	unsigned long deferred;
	struct list_head tsq;
	struct toy_pace *pace;	/* SO_MAX_PACING_RATE without fq, or NULL */
	struct toy_listen *listen;	/* listener only */
	struct list_head accept_node;	/* in toy_listen.ready */
	struct toy_saved_syn *saved_syn;
	struct toy_fo *fo;	/* fastopen.h, or NULL */

	/* TCP_INFO; zero at the start of a connection. */
	struct_group(totals,
	u64 bytes_acked;
	u64 bytes_received;
	u64 bytes_sent;
	u64 bytes_retrans;
	u32 segs_in;
	u32 segs_out;
	u32 data_segs_in;
	u32 data_segs_out;
	u32 total_retrans;
	u32 dsack_dups;
	u32 reord_seen;
	u32 rcv_ooopack;
	u32 lost_total;
	u32 total_rto;
	u32 total_rto_recoveries;
	u32 total_rto_ms;
	u32 rto_began_ms;
	u32 iss;
	u32 chrono_stamp_ms;
	u32 chrono_ms[__TOY_CHRONO_MAX];
	u8 chrono;
	);
};

struct toy_saved_syn {
	u32 len;
	u8 data[];
};

static inline struct toy_tcp_sock *toy_tcp(const struct sock *sk)
{
	return (struct toy_tcp_sock *)sk;
}

static inline struct sock *toy_tcp_to_sock(struct toy_tcp_sock *tp)
{
	return &tp->ts.sk;
}

/**
 * struct toy_tcp_net - TCP in a network namespace
 * @ports: listeners, and who has which port
 * @conns: struct toy_conn by both ends: connections, half-open ones, TIME_WAIT
 * @challenge: limit of challenge ACKs (RFC 5961 7)
 * @orphans: sockets without a program
 * @tw_count: minisocks in TIME_WAIT
 * @port_salt: moves on with each ephemeral port (RFC 6056 3.3.4)
 * @fo: TCP Fast Open
 * @tn: namespace
 */
struct toy_tcp_net {
	struct toy_ports *ports;
	struct rhashtable conns;
	struct toy_challenge challenge;
	atomic_t orphans;
	atomic_t tw_count;
	atomic_t port_salt;
	struct toy_fo_net *fo;
	struct toy_net *tn;
};

static inline struct toy_tcp_net *toy_tcp_net(const struct sock *sk)
{
	return toy_sock_net(sk)->tcp;
}

/* ---- clocks ---------------------------------------------------------- */

static inline u64 toy_tcp_clock(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

/* The moment of what is being done: read once for each segment and call. */
static inline void toy_tcp_now(struct toy_tcp_sock *tp)
{
	tp->now_us = toy_tcp_clock();
}

static inline u32 toy_tcp_ms(const struct toy_tcp_sock *tp)
{
	return div_u64(tp->now_us, USEC_PER_MSEC);
}

/* RFC 7323 5.4: the timestamp clock ticks in milliseconds. */
static inline u32 toy_tcp_tsval(const struct toy_tcp_sock *tp)
{
	return toy_tcp_ms(tp) + tp->tstamp.offset;
}

static inline u32 toy_tcp_seconds(void)
{
	return (u32)ktime_get_seconds();
}

/* RFC 7323 4.3: @s is acceptable, and so is its acknowledgment. */
static inline void toy_tcp_take_ts(struct toy_tcp_sock *tp,
				   const struct toy_tcp_seg *s)
{
	if (s->opts.has & TOY_OPT_TS && tp->tstamp_ok)
		toy_ts_update(&tp->tstamp, s->opts.tsval, s->seq, tp->rwnd.wup,
			      toy_tcp_seconds());
}

/* ---- windows and flights --------------------------------------------- */

/* RFC 6675 "pipe". */
static inline u32 toy_tcp_in_flight(const struct toy_tcp_sock *tp)
{
	return tp->packets_out - tp->sacked_out - tp->lost_out + tp->retrans_out;
}

static inline u32 toy_tcp_wnd_end(const struct toy_tcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}

/* Room for payload in @space bytes of buffer: half of it may be overhead. */
static inline int toy_tcp_win_from_space(const struct sock *sk, int space)
{
	int scale = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_adv_win_scale);

	return scale <= 0 ? space >> -scale : space - (space >> scale);
}

static inline int toy_tcp_space(const struct sock *sk)
{
	return toy_tcp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf) -
				      READ_ONCE(sk->sk_backlog.len) -
				      atomic_read(&sk->sk_rmem_alloc));
}

static inline int toy_tcp_full_space(const struct sock *sk)
{
	return toy_tcp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf));
}

static inline bool toy_tcp_in_recovery(const struct toy_tcp_sock *tp)
{
	return tp->ca_state == TOY_CA_CWR || tp->ca_state == TOY_CA_RECOVERY;
}

static inline u32 toy_tcp_rto_us(const struct toy_tcp_sock *tp)
{
	return tp->rto_us;
}

/* @rtt has changed: toy_rtt_rto_us() is asked once, its answer many times. */
static inline void toy_tcp_rto_update(struct toy_tcp_sock *tp)
{
	tp->rto_us = toy_rtt_rto_us(&tp->rtt);
	tp->rto_ms = tp->rto_us / USEC_PER_MSEC;
}

/* The handshake is over: was it a sample of the round-trip time? */
static inline void toy_tcp_rtt_begin(struct toy_tcp_sock *tp)
{
	if (likely(toy_rtt_srtt_us(&tp->rtt)))
		return;
	toy_rtt_unknown(&tp->rtt);
	toy_tcp_rto_update(tp);
}

static inline unsigned long toy_tcp_rto(const struct toy_tcp_sock *tp)
{
	return usecs_to_jiffies(toy_tcp_rto_us(tp));
}

static inline u32 toy_tcp_rto_ms(const struct toy_tcp_sock *tp)
{
	return tp->rto_ms;
}

static inline u32 toy_tcp_min_rtt(const struct toy_tcp_sock *tp)
{
	return tp->rtt.min_us == U32_MAX ? 0 : tp->rtt.min_us;
}

/* What delack.c wants to know. */
static inline struct toy_delack_env toy_tcp_delack_env(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	u32 min_ms = READ_ONCE(sc->tcp_delack_min_ms);
	u32 max_ms = READ_ONCE(sc->tcp_delack_max_ms);
	u32 srtt_ms = toy_rtt_srtt_us(&tp->rtt) / USEC_PER_MSEC;

	/* Longer than a round trip would cost the sender its clock. */
	if (tp->rtt.srtt_us_x8)
		max_ms = min(max_ms, max(srtt_ms, min_ms));
	return (struct toy_delack_env) {
		.min_ms = min_ms,
		.max_ms = max_ms,
		.rto_ms = toy_tcp_rto_ms(tp),
		.rcv_wnd = tp->rwnd.wnd,
	};
}

/* ---- the queues (queue.c) -------------------------------------------- */

static inline struct sk_buff *toy_tcp_send_head(const struct sock *sk)
{
	return skb_peek(&sk->sk_write_queue);
}

static inline struct sk_buff *toy_tcp_rtx_head(const struct sock *sk)
{
	return skb_rb_first(&sk->tcp_rtx_queue);
}

static inline struct sk_buff *toy_tcp_rtx_tail(const struct sock *sk)
{
	return skb_rb_last(&sk->tcp_rtx_queue);
}

static inline bool toy_tcp_rtx_empty(const struct sock *sk)
{
	return RB_EMPTY_ROOT(&sk->tcp_rtx_queue);
}

/* When a segment was sent last. */
static inline u64 toy_skb_sent_us(const struct sk_buff *skb)
{
	return div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);
}

struct sk_buff *toy_tcp_skb_alloc(struct sock *sk, unsigned int linear, gfp_t gfp);
void toy_tcp_skb_free(struct sock *sk, struct sk_buff *skb);
void toy_tcp_queue_tail(struct sock *sk, struct sk_buff *skb);
void toy_tcp_count_segs(struct sk_buff *skb, u32 mss);
int toy_tcp_split(struct sock *sk, struct sk_buff *skb, u32 len, u32 mss,
		  bool in_rtx, gfp_t gfp);
void toy_tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
void toy_tcp_merge_next(struct sock *sk, struct sk_buff *to, u32 space);
void toy_tcp_rtx_insert(struct sock *sk, struct sk_buff *skb);
void toy_tcp_rtx_remove_free(struct sock *sk, struct sk_buff *skb);
void toy_tcp_queues_purge(struct sock *sk);
void toy_tcp_pcount_adjust(struct toy_tcp_sock *tp, const struct sk_buff *skb,
			   int diff);

#include "engine.h"

#endif /* _TOY_TCP_TCP_H */
