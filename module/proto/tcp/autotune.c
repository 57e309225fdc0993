// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large should the receive buffer be? (dynamic right-sizing: M. Fisk and
 * W. Feng, "Dynamic Right-Sizing in TCP", 2001)
 *
 * The receiver need not know the sender's window: what the program reads in
 * a round trip was sent in one. With B bytes read in this round trip, and B'
 * in the best one before, there should be room for
 *
 *	W = 2 B + 16 MSS		one window more to repair losses in
 *	W + 2 W (B - B') / B'		and for the growth since: a sender in
 *					slow start doubles, so twice as much
 *
 * The receiver has two ways to measure the round trip:
 *
 *	window		from RCV.NXT to what was the edge of the window. Only
 *			an upper bound: the sender need not fill the window.
 *			So the least counts
 *	timestamps	from a timestamp to data that echoes it: smoothed
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <net/tcp.h>

#include "autotune.h"

/* Keeps the estimate times 8, and a sample more, inside 32 bits. */
#define RTT_MAX_US	(U32_MAX >> 4)

/* What a sender may send at first (RFC 6928): no reason to grow. */
#define INIT_SEGS	10

/**
 * toy_autotune_rtt() - a measurement of the round-trip time
 * @a: state of the connection
 * @sample_us: microseconds; 0 says nothing
 * @by_window: measured by window: may be far too long
 *
 * Context: any, socket locked.
 */
void toy_autotune_rtt(struct toy_autotune *a, u32 sample_us, bool by_window)
{
	u32 r = min(sample_us, RTT_MAX_US);

	if (!r)
		return;
	if (!a->rtt_us_x8 || r << 3 < a->rtt_us_x8)
		a->rtt_us_x8 = r << 3;
	else if (!by_window)
		a->rtt_us_x8 += r - (a->rtt_us_x8 >> 3);
}

/**
 * toy_autotune_rcv() - in-order data has arrived
 * @a: state of the connection
 * @rcv_nxt: RCV.NXT
 * @wnd: offered window, from @rcv_nxt on
 * @now_us: time
 *
 * Context: any, socket locked.
 */
void toy_autotune_rcv(struct toy_autotune *a, u32 rcv_nxt, u32 wnd, u32 now_us)
{
	if (a->rtt_us) {
		if (before(rcv_nxt, a->rtt_seq))
			return;
		toy_autotune_rtt(a, max(now_us - a->rtt_us, 1U), true);
	}
	a->rtt_seq = rcv_nxt + wnd;
	/* 0 says that none is under way. */
	a->rtt_us = now_us ? now_us : 1;
}

/* A round trip begins. */
static void new_round(struct toy_autotune *a, u32 copied_seq, u32 now_us)
{
	a->seq = copied_seq;
	a->us = now_us ? now_us : 1;
}

/* Room for a sender who has sent @bytes in this round trip. */
static u32 right_size(const struct toy_autotune *a, u32 bytes, u32 advmss)
{
	u64 size = 2ULL * bytes + 16ULL * advmss;
	u64 grow = div_u64(size * (bytes - a->space), max(a->space, 1U));

	return min_t(u64, size + min_t(u64, 2 * grow, U32_MAX), U32_MAX);
}

/**
 * toy_autotune_read() - the program has read
 * @a: state of the connection
 * @copied_seq: sequence number up to which it has
 * @inq: bytes received and not yet read
 * @advmss: MSS that we announced
 * @now_us: time
 *
 * What waits is taken off: a program that lags behind does not get a larger
 * buffer for it. Context: process, socket locked.
 *
 * Return: bytes of data that the buffer should have room for, 0: leave it.
 */
u32 toy_autotune_read(struct toy_autotune *a, u32 copied_seq, u32 inq,
		      u32 advmss, u32 now_us)
{
	u32 size = 0;
	s64 bytes;

	if (!a->us) {
		a->space = INIT_SEGS * min_t(u32, advmss, U16_MAX);
		new_round(a, copied_seq, now_us);
		return 0;
	}
	if (!a->rtt_us_x8 || now_us - a->us < a->rtt_us_x8 >> 3)
		return 0;

	bytes = (s64)(s32)(copied_seq - a->seq) - inq;
	if (bytes > a->space) {
		size = right_size(a, bytes, min_t(u32, advmss, U16_MAX));
		a->space = bytes;
	}
	new_round(a, copied_seq, now_us);
	return size;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "autotune_test.c"
#endif
