// SPDX-License-Identifier: GPL-2.0-only
/*
 * When is data acknowledged? (RFC 1122 4.2.3.2, RFC 5681 4.2, RFC 9293 3.8.6.3)
 *
 *	more than one full segment, and the window moves	at once
 *	a gap, a duplicate, the end of a gap			at once
 *	quick mode: the start, and after idle time		at once
 *	otherwise						after a delay,
 *								or with data
 *
 * The delay ("ato") hopes for data to travel with. It follows the gap m
 * between segments, so that it is just long enough to see another one:
 *
 *	m <= min / 2	ato = ato / 2 + min / 2		a stream: down to min
 *	m <  ato	ato = ato / 2 + m
 *	m >  RTO	the sender has been idle and starts anew: quick mode
 *	it expired	ato = 2 ato, up to the maximum
 *
 * Quick mode acknowledges every segment, so that a congestion window in slow
 * start grows as fast as it may; it lasts until half the receive window has
 * been acknowledged so. It is off while the program answers what it reads
 * ("pingpong"): then an acknowledgment costs a segment for nothing.
 *
 * A full segment is what the peer sends as one, not what was announced:
 * sizes are watched, see measure().
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "delack.h"

#define QUICK_MAX	16U

/* Sizes a peer may have for full segments: those of RFC 9293 3.7.1 without
 * any option, and Linux's least, both less 12 bytes of timestamps.
 */
#define MSS_USUAL	(536 - 12)
#define MSS_LEAST	(88 - 12)

/**
 * toy_delack_init() - a connection begins
 * @d: its state
 * @mss: largest segment that the peer may send, as far as is known
 * @min_ms: net.toy.tcp_delack_min
 *
 * The estimate of the peer's segments starts low: one that is too small is
 * found out by the first larger segment. There is no delay before the first data:
 * a FIN that comes alone has nothing to wait for.
 */
void toy_delack_init(struct toy_delack *d, u32 mss, u32 min_ms)
{
	*d = (struct toy_delack){
		.rcv_mss = clamp_t(u32, mss, 88, 536),
		.min_ms = min_t(u32, min_ms, U16_MAX),
	};
}

/* Quick mode for at least @segs acknowledgments, as the window allows. */
static void quicken(struct toy_delack *d, u32 segs,
		    const struct toy_delack_env *e)
{
	u32 quick = e->rcv_wnd / (2 * max_t(u32, d->rcv_mss, 1));

	quick = min3(quick ? quick : 2, segs, QUICK_MAX);
	if (quick > d->quick)
		d->quick = quick;
}

/* How large are the peer's full segments? A larger one than ever tells, and
 * two of the same size in a row that look like full ones. Any other is the
 * end of something: PSH is set, or might have been.
 */
static void measure(struct toy_delack *d, u32 seg_len, bool psh)
{
	u16 len = min_t(u32, seg_len, U16_MAX), last = d->last_seg;

	d->last_seg = 0;
	if (len >= d->rcv_mss) {
		d->rcv_mss = len;
		/* More may not come soon, although this was a full one. */
		if (psh)
			d->pushed = 1;
		return;
	}

	if (len >= MSS_USUAL || (!psh && len >= MSS_LEAST)) {
		d->last_seg = len;
		if (len == last) {
			d->rcv_mss = len;
			return;
		}
	}
	d->pushed_twice |= d->pushed;
	d->pushed = 1;
}

/* The delay follows the gap since the last segment. */
static void follow_gap(struct toy_delack *d, u32 gap_ms,
		       const struct toy_delack_env *e)
{
	u32 ato = d->ato_ms;

	if (gap_ms <= d->min_ms / 2)
		ato = ato / 2 + d->min_ms / 2;
	else if (gap_ms < ato)
		ato = min3(ato / 2 + gap_ms, e->rto_ms, e->max_ms);
	else if (gap_ms > e->rto_ms)
		quicken(d, QUICK_MAX, e);
	d->ato_ms = min_t(u32, ato, U16_MAX);
}

/**
 * toy_delack_rcv() - in-order data has arrived
 * @d: state of the connection
 * @len: bytes of data
 * @seg_len: bytes in each of the segments it came in, but for the last; 0:
 *	it came in one
 * @psh: PSH was set
 * @now_ms: time
 * @e: what it depends on
 *
 * Context: any, socket locked.
 */
void toy_delack_rcv(struct toy_delack *d, u32 len, u32 seg_len, bool psh,
		    u32 now_ms, const struct toy_delack_env *e)
{
	d->pending = 1;
	d->min_ms = min_t(u32, e->min_ms, U16_MAX);
	measure(d, seg_len ? seg_len : len, psh);

	if (!d->started) {
		d->started = 1;
		d->ato_ms = d->min_ms;
		quicken(d, QUICK_MAX, e);
	} else {
		follow_gap(d, now_ms - d->last_ms, e);
	}
	d->last_ms = now_ms;
}

/**
 * toy_delack_quick() - something wants an acknowledgment at once
 * @d: state of the connection
 * @segs: and so do that many segments, this one included
 * @e: what it depends on
 *
 * A gap, a duplicate, a congestion mark (RFC 3168 6.1.3), FIN: RFC 5681 4.2.
 *
 * Context: any, socket locked.
 */
void toy_delack_quick(struct toy_delack *d, u32 segs,
		      const struct toy_delack_env *e)
{
	quicken(d, max_t(u32, segs, 1), e);
	d->pending = 1;
	d->pingpong = 0;
	d->ato_ms = d->min_ms;
}

/* When the delay ends. An older deadline stays, and one that is near enough
 * is not worth a timer.
 */
static enum toy_delack_do delay(struct toy_delack *d, u32 now_ms,
				const struct toy_delack_env *e)
{
	u32 ato = min_t(u32, d->ato_ms, e->max_ms);

	if (d->delayed) {
		s32 left = d->due_ms - now_ms;

		if (left <= (s32)(ato / 4))
			return TOY_DELACK_SEND;
		ato = min_t(u32, ato, left);
	}
	d->due_ms = now_ms + ato;
	d->delayed = 1;
	return TOY_DELACK_WAIT;
}

/**
 * toy_delack_check() - a segment has been processed: what about its ACK?
 * @d: state of the connection
 * @unacked: RCV.NXT minus what was acknowledged last
 * @ooo: out-of-order data waits
 * @window_ok: the window that would be offered does not take back any
 * @now_ms: time
 * @e: what it depends on
 *
 * Context: any, socket locked.
 *
 * Return: TOY_DELACK_WAIT with d->due_ms set, _SEND or _NOTHING.
 */
enum toy_delack_do toy_delack_check(struct toy_delack *d, u32 unacked, bool ooo,
				    bool window_ok, u32 now_ms,
				    const struct toy_delack_env *e)
{
	if (!d->pending && !d->now)
		return TOY_DELACK_NOTHING;

	/* RFC 1122 4.2.3.2: at least every second full-sized segment. When
	 * the program is slow, its next read acknowledges: until then there
	 * is no window to offer.
	 */
	if (unacked > d->rcv_mss && window_ok)
		return TOY_DELACK_SEND;
	if (toy_delack_in_quick(d) || d->now)
		return TOY_DELACK_SEND;
	/* RFC 5681 4.2: the sender counts duplicates. */
	if (ooo)
		return TOY_DELACK_SEND;
	return delay(d, now_ms, e);
}

/**
 * toy_delack_read() - the program has read: is an acknowledgment due?
 * @d: state of the connection
 * @unacked: RCV.NXT minus what was acknowledged last
 * @emptied: it has read all there was
 *
 * A program that has read a short segment and does not answer will not
 * answer: the peer may be waiting. Context: any, socket locked.
 *
 * Return: true when one is to be sent now.
 */
bool toy_delack_read(const struct toy_delack *d, u32 unacked, bool emptied)
{
	if (!d->pending)
		return false;
	if (unacked > d->rcv_mss)
		return true;
	if (!emptied)
		return false;
	return d->pushed_twice ||
	       (d->pushed && !toy_delack_in_pingpong(d));
}

/**
 * toy_delack_timeout() - the delay has passed
 * @d: state of the connection
 * @e: what it depends on
 *
 * The caller sends the acknowledgment, or its next look says so. No data came
 * to travel with: wait longer next time; or the program no longer answers.
 *
 * Context: any, socket locked.
 */
void toy_delack_timeout(struct toy_delack *d, const struct toy_delack_env *e)
{
	d->delayed = 0;
	if (!d->pending)
		return;

	d->now = 1;
	if (toy_delack_in_pingpong(d)) {
		d->pingpong = 0;
		d->ato_ms = d->min_ms;
	} else {
		d->ato_ms = min3((u32)d->ato_ms * 2, e->rto_ms,
				 min_t(u32, e->max_ms, U16_MAX));
	}
}

/**
 * toy_delack_sent() - an acknowledgment has gone out
 * @d: state of the connection
 * @segs: segments that carried it
 *
 * However many there were, the first has said it all: quick mode counts
 * acknowledgments that say something new. Context: any, socket locked.
 */
void toy_delack_sent(struct toy_delack *d, u32 segs)
{
	if (d->quick && d->pending && !--d->quick)
		d->ato_ms = d->min_ms;
	d->pending = 0;
	d->delayed = 0;
	d->now = 0;
	d->pushed = 0;
	d->pushed_twice = 0;
}

/**
 * toy_delack_data_sent() - data has gone out
 * @d: state of the connection
 * @now_ms: time
 *
 * Within the delay after data has come in it counts as an answer, which makes a
 * dialogue. Context: any, socket locked.
 */
void toy_delack_data_sent(struct toy_delack *d, u32 now_ms)
{
	if (!d->started || now_ms - d->last_ms >= d->ato_ms)
		return;
	if (d->pingpong < U8_MAX)
		d->pingpong++;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "delack_test.c"
#endif
