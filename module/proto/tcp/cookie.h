/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_COOKIE_H
#define _TOY_TCP_COOKIE_H

#include "isn.h"

/* SYN cookies (RFC 4987 3.6, appendix A): the state of a half-open connection
 * in our initial sequence number and in our timestamp.
 *
 * @now_min: a clock that ticks every 64 s; a cookie is good for 2 ticks.
 */
u32 toy_cookie_make(const struct toy_tuple4 *t, u32 irs, u16 *mss, u32 now_min);
/* Of the final ACK: @irs: SEG.SEQ - 1, @cookie: SEG.ACK - 1. Returns the MSS,
 * or 0: no cookie of ours.
 */
u16 toy_cookie_check(const struct toy_tuple4 *t, u32 irs, u32 cookie, u32 now_min);

/* What the timestamp of the SYN-ACK carries besides. */
struct toy_cookie_opts {
	u8 snd_wscale;		/* 0..14 */
	bool wscale_ok;
	bool sack_ok;
	bool ecn_ok;
};

/* Clock @tsval (milliseconds, without offset) with the low bits replaced: never
 * later than @tsval.
 */
u32 toy_cookie_ts_make(u32 tsval, const struct toy_cookie_opts *o);
/* From the echo (offset taken off); false: it is none of ours. */
bool toy_cookie_ts_read(u32 tsecr, struct toy_cookie_opts *o);

#endif
