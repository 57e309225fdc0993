/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_AUTOTUNE_H
#define _TOY_TCP_AUTOTUNE_H

#include <linux/types.h>

/**
 * struct toy_autotune - how large should the receive buffer be?
 *	(dynamic right-sizing: twice what the program reads in a round trip)
 * @rtt_us_x8: the receiver's estimate of the round-trip time, 0 for none
 * @rtt_seq: when RCV.NXT gets here, a round trip by window has passed
 * @rtt_us: when that measurement began
 * @space: bytes read in the best round trip so far
 * @seq: copied sequence number at the start of this round
 * @us: start of this round
 * @last_tsecr: echo by which was measured last
 */
struct toy_autotune {
	u32 rtt_us_x8;
	u32 rtt_seq;
	u32 rtt_us;
	u32 space;
	u32 seq;
	u32 us;
	u32 last_tsecr;
};

/* A measurement by window (only upwards bounded: @by_window) or by timestamp. */
void toy_autotune_rtt(struct toy_autotune *a, u32 sample_us, bool by_window);
/* Data arrived: measures by window when a round ended. @wnd: offered window. */
void toy_autotune_rcv(struct toy_autotune *a, u32 rcv_nxt, u32 wnd, u32 now_us);
/* The program has read up to @copied_seq. Returns bytes of payload the buffer
 * should have room for, or 0: leave it. @inq: received and not yet read.
 */
u32 toy_autotune_read(struct toy_autotune *a, u32 copied_seq, u32 inq,
		      u32 advmss, u32 now_us);

#endif
