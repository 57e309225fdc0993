/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_DELACK_H
#define _TOY_TCP_DELACK_H

#include <linux/types.h>

/**
 * struct toy_delack - when to acknowledge (RFC 1122 4.2.3.2, RFC 9293 3.8.6.3)
 * @last_ms: when data arrived last; before the first, when the connection began
 * @due_ms: when a delayed acknowledgment is to be sent at the latest
 * @rcv_mss: estimate of the peer's segment size
 * @ato_ms: delay of an acknowledgment; follows the gaps between segments
 * @quick: acknowledgments still to be sent at once (start, after idle)
 * @pingpong: the program answers what it reads: delay pays
 * @pending: data has arrived that is not acknowledged
 * @delayed: a timer is to run until @due_ms
 * @now: the next look at it must acknowledge at once
 * @nodelay: TCP_QUICKACK stays on
 * @started: data has arrived before
 * @pushed: a segment came that ends what the peer had to say
 * @pushed_twice: and another one, both not acknowledged yet
 * @last_seg: size of the last segment if it may have been a full one
 * @min_ms: smallest @ato_ms
 *
 * Owned by the connection and changed under its socket lock only. Times are
 * milliseconds and may wrap.
 */
struct toy_delack {
	u32 last_ms;
	u32 due_ms;
	u16 rcv_mss;
	u16 ato_ms;
	u8 quick;
	u8 pingpong;
	u8 pending:1;
	u8 delayed:1;
	u8 now:1;
	u8 nodelay:1;
	u8 started:1;
	u8 pushed:1;
	u8 pushed_twice:1;
	u16 last_seg;
	u16 min_ms;
};

struct toy_delack_env {
	u32 min_ms;		/* net.toy.tcp_delack_min */
	u32 max_ms;		/* net.toy.tcp_delack_max */
	u32 rto_ms;		/* longer gaps are idle time */
	u32 rcv_wnd;		/* receive window, bytes: bounds @quick */
};

void toy_delack_init(struct toy_delack *d, u32 mss, u32 min_ms);
/* In-order data of @len bytes arrived, in segments of @seg_len; @psh: with PSH.
 * Updates the estimates and says that an acknowledgment is owed.
 */
void toy_delack_rcv(struct toy_delack *d, u32 len, u32 seg_len, bool psh,
		    u32 now_ms, const struct toy_delack_env *e);
/* Acknowledge at once, @segs times at least (gaps, duplicates, ECN, FIN ...). */
void toy_delack_quick(struct toy_delack *d, u32 segs, const struct toy_delack_env *e);

enum toy_delack_do {
	TOY_DELACK_NOTHING,	/* nothing is owed */
	TOY_DELACK_SEND,	/* send now */
	TOY_DELACK_WAIT,	/* run a timer until d->due_ms */
};

/* After a segment. @unacked: RCV.NXT minus what was acknowledged last; @ooo:
 * out-of-order data waits; @window_ok: a full-sized window update would be
 * sent now (RFC 9293 3.8.6.2.2).
 */
enum toy_delack_do toy_delack_check(struct toy_delack *d, u32 unacked, bool ooo,
				    bool window_ok, u32 now_ms,
				    const struct toy_delack_env *e);
/* The reader has taken data: is an acknowledgment due at once? @emptied: all
 * that was received is read.
 */
bool toy_delack_read(const struct toy_delack *d, u32 unacked, bool emptied);
/* The timer fired without an acknowledgment since. */
void toy_delack_timeout(struct toy_delack *d, const struct toy_delack_env *e);
/* An acknowledgment has gone out, on data or alone. */
void toy_delack_sent(struct toy_delack *d, u32 segs);
/* Data has gone out @now_ms: an answer soon after data makes @pingpong. */
void toy_delack_data_sent(struct toy_delack *d, u32 now_ms);

/* So many answers make a dialogue: tcp_pingpong_thresh, as Linux starts with. */
#define TOY_DELACK_PINGPONG	1

static inline bool toy_delack_in_pingpong(const struct toy_delack *d)
{
	return d->pingpong >= TOY_DELACK_PINGPONG;
}

/* The program will answer, or says that it does. */
static inline void toy_delack_enter_pingpong(struct toy_delack *d)
{
	d->pingpong = TOY_DELACK_PINGPONG;
}

static inline bool toy_delack_in_quick(const struct toy_delack *d)
{
	return d->nodelay || (d->quick && !toy_delack_in_pingpong(d));
}

#endif
