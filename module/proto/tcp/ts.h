/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_TS_H
#define _TOY_TCP_TS_H

#include <linux/types.h>

/**
 * struct toy_ts - timestamps of one connection (RFC 7323 3 to 5)
 * @recent: TS.Recent
 * @recent_s: when it was taken over, in seconds; 0: there is none
 * @offset: added to the clock in what is sent (RFC 7323 7.1)
 */
struct toy_ts {
	u32 recent;
	u32 recent_s;
	u32 offset;
};

#define TOY_PAWS_VALID_S	(24 * 24 * 3600)	/* RFC 7323 5.5 */

/* RFC 7323 5.3 R1: is the segment older than TS.Recent? A tick is forgiven,
 * and a RST everything (5.2); pure ACKs: see segment.c.
 */
bool toy_ts_paws_reject(const struct toy_ts *ts, u32 tsval, u32 now_s,
			bool rst);
/* RFC 7323 5.3 R3: take TS.Recent over if the segment covers the last ACK.
 * @seq: SEG.SEQ; @last_ack: Last.ACK.sent
 */
void toy_ts_update(struct toy_ts *ts, u32 tsval, u32 seq, u32 last_ack, u32 now_s);
/* RTT by an echo, in microseconds; -1 when it is none. Clock in milliseconds:
 * what took less than a tick took one.
 */
s64 toy_ts_rtt_us(const struct toy_ts *ts, u32 tsecr, u32 now_ms);

#endif
