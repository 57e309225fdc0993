// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of tcpcases.h
 */
#include <linux/inet_diag.h>
#include <linux/tcp.h>

#include "tcpcases.h"

const unsigned int tcp_case_mem[SK_MEMINFO_VARS] = {
	1, 131072, 3, 87040, 5, 6, 7, 8, 9
};

#define OPTIONS_ALL	(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | \
			 TCPI_OPT_WSCALE | TCPI_OPT_ECN | TCPI_OPT_ECN_SEEN | \
			 TCPI_OPT_SYN_DATA)

/* Every member has another value. */
#define INFO_FULL {							\
	.tcpi_state = 1, .tcpi_ca_state = 3, .tcpi_retransmits = 2,	\
	.tcpi_probes = 1, .tcpi_backoff = 2, .tcpi_options = OPTIONS_ALL, \
	.tcpi_snd_wscale = 7, .tcpi_rcv_wscale = 8,			\
	.tcpi_delivery_rate_app_limited = 1,				\
	.tcpi_rto = 204000, .tcpi_ato = 40000, .tcpi_snd_mss = 1448,	\
	.tcpi_rcv_mss = 1428, .tcpi_unacked = 11, .tcpi_sacked = 12,	\
	.tcpi_lost = 13, .tcpi_retrans = 14, .tcpi_fackets = 15,	\
	.tcpi_last_data_sent = 101, .tcpi_last_data_recv = 102,		\
	.tcpi_last_ack_recv = 103, .tcpi_pmtu = 1500,			\
	.tcpi_rcv_ssthresh = 64088, .tcpi_rtt = 12345,			\
	.tcpi_rttvar = 678, .tcpi_snd_ssthresh = 65534,			\
	.tcpi_snd_cwnd = 27, .tcpi_advmss = 1460,			\
	.tcpi_reordering = 16, .tcpi_rcv_rtt = 1500,			\
	.tcpi_rcv_space = 14480, .tcpi_total_retrans = 17,		\
	.tcpi_pacing_rate = 2500000, .tcpi_max_pacing_rate = 5000000,	\
	.tcpi_bytes_acked = 4999999000, .tcpi_bytes_received = 201,	\
	.tcpi_segs_out = 202, .tcpi_segs_in = 203,			\
	.tcpi_notsent_bytes = 204, .tcpi_min_rtt = 11001,		\
	.tcpi_data_segs_in = 205, .tcpi_data_segs_out = 206,		\
	.tcpi_delivery_rate = 1234567, .tcpi_busy_time = 2000000,	\
	.tcpi_rwnd_limited = 500000, .tcpi_sndbuf_limited = 250000,	\
	.tcpi_delivered = 207, .tcpi_delivered_ce = 208,		\
	.tcpi_bytes_sent = 5000000000, .tcpi_bytes_retrans = 209,	\
	.tcpi_dsack_dups = 18, .tcpi_reord_seen = 19,			\
	.tcpi_rcv_ooopack = 20, .tcpi_snd_wnd = 65536,			\
}

/* A connection that has just begun. */
#define INFO_FRESH {							\
	.tcpi_state = 1,						\
	.tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE, \
	.tcpi_snd_wscale = 7, .tcpi_rcv_wscale = 7,			\
	.tcpi_rto = 201000, .tcpi_snd_mss = 1448, .tcpi_rcv_mss = 536,	\
	.tcpi_pmtu = 1500, .tcpi_rcv_ssthresh = 64088, .tcpi_rtt = 39,	\
	.tcpi_rttvar = 19, .tcpi_snd_ssthresh = 0x7fffffff,		\
	.tcpi_snd_cwnd = 10, .tcpi_advmss = 1448, .tcpi_reordering = 3,	\
	.tcpi_rcv_space = 14480, .tcpi_pacing_rate = 594051282,		\
	.tcpi_max_pacing_rate = ~0ULL, .tcpi_segs_out = 1,		\
	.tcpi_segs_in = 1, .tcpi_min_rtt = 39, .tcpi_snd_wnd = 65160,	\
	.tcpi_delivery_rate = 1062, .tcpi_busy_time = 1234567890123,	\
}

/* Nothing has been measured: SYN-SENT, and no wish for a rate. */
#define INFO_SYN_SENT {							\
	.tcpi_state = 2, .tcpi_rto = 3000000, .tcpi_snd_mss = 524,	\
	.tcpi_rcv_mss = 88, .tcpi_pmtu = 1500, .tcpi_unacked = 1,	\
	.tcpi_snd_ssthresh = 0x7fffffff, .tcpi_snd_cwnd = 1,		\
	.tcpi_advmss = 1448, .tcpi_reordering = 3,			\
	.tcpi_pacing_rate = ~0ULL, .tcpi_max_pacing_rate = ~0ULL,	\
	.tcpi_min_rtt = ~0U, .tcpi_segs_out = 1, .tcpi_retrans = 1,	\
	.tcpi_total_retrans = 1,					\
}

#define INFO_LISTEN {							\
	.tcpi_state = 10, .tcpi_unacked = 2, .tcpi_sacked = 128,	\
	.tcpi_snd_cwnd = 10, .tcpi_reordering = 3,			\
	.tcpi_pacing_rate = ~0ULL, .tcpi_max_pacing_rate = ~0ULL,	\
}

/* State, timer, retransmissions, ms; queues; user, inode, shutdown. */
#define CASE(_state, _timer, _retrans, _ms, _rq, _wq, _uid, _ino, _down) \
	.state = _state, .timer = _timer, .retrans = _retrans,		\
	.timer_ms = _ms, .rqueue = _rq, .wqueue = _wq,			\
	.uid = _uid, .inode = _ino, .shutdown = _down

const struct tcp_case tcp_cases[] = {
	{ CASE(1, 1, 3, 204, 0, 1448, 1000, 4242, 0),
	  .cong = "cubic", .info = INFO_FULL },
	{ CASE(1, 2, 0, 7199000, 17, 0, 1000, 4242, 0),
	  .cong = "reno", .info = INFO_FRESH },
	{ CASE(1, 4, 1, 4250, 0, 65160, 0, 4242, 0),
	  .cong = "bbr", .info = INFO_FULL,
	  .cong_info = { 125000, 1, 11001, 739, 512 } },
	{ CASE(1, 0, 0, 0, 0, 0, 1000, 4242, 0),
	  .cong = "dctcp", .info = INFO_FRESH,
	  .cong_info = { 1 | 1 << 16, 1024, 5, 6 } },
	{ CASE(1, 0, 0, 0, 0, 0, 1000, 4242, 0),
	  .cong = "dctcp", .info = INFO_FRESH,
	  .cong_info = { 0, 1024, 5, 6 } },
	{ CASE(2, 1, 1, 1999, 0, 1, 1000, 4242, 0),
	  .cong = "cubic", .info = INFO_SYN_SENT },
	{ CASE(12, 1, 1, 61000, 0, 0, 1000, 0, -1) },
	{ CASE(4, 1, 0, 95, 0, 1, 0, 4242, 2),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(5, 2, 0, 12345, 0, 0, 0, 0, 3),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(6, 3, 0, 59997, 0, 0, 0, 0, -1) },
	{ CASE(7, 0, 0, 0, 0, 0, 1000, 4242, 0), .cong = "cubic" },
	{ CASE(8, 2, 0, 599000, 1, 0, 1000, 4242, 1),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(9, 1, 15, 120000, 0, 1, 0, 0, 3),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(11, 1, 0, 9999, 0, 1, 0, 0, 3),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(11, 1, 0, 3000, 0, 1, 0, 0, 3),
	  .cong = "cubic", .info = INFO_FRESH },
	{ CASE(10, 0, 0, 0, 2, 128, 1000, 4242, 0),
	  .cong = "cubic", .info = INFO_LISTEN },
	{ }
};
