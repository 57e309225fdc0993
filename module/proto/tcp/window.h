/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_WINDOW_H
#define _TOY_TCP_WINDOW_H

#include <linux/types.h>

/**
 * struct toy_rwnd - the receive window as it is offered
 * @wup: RCV.NXT when it was last sent
 * @wnd: RCV.WND as it was last sent, from @wup on
 * @ssthresh: what may be offered at most now: grows with what arrives, so that
 *	a sender of small segments does not overrun the buffer's overhead
 * @clamp: upper bound (TCP_WINDOW_CLAMP, buffer, scale)
 * @scale: RFC 7323 2.3: our scale
 */
struct toy_rwnd {
	u32 wup;
	u32 wnd;
	u32 ssthresh;
	u32 clamp;
	u8 scale;
};

/* What is left of the offered window: RCV.WND of RFC 9293. */
static inline u32 toy_rwnd_left(const struct toy_rwnd *w, u32 rcv_nxt)
{
	s32 left = w->wup + w->wnd - rcv_nxt;

	return left < 0 ? 0 : left;
}

struct toy_rwnd_env {
	u32 rcv_nxt;
	u32 free;		/* free bytes of the receive buffer, as payload */
	u32 full;		/* the whole of it, as payload */
	u32 mss;		/* estimate of the peer's segment size */
	bool pressure;		/* memory is short */
};

/* RFC 9293 3.8.6.2.2 (SWS) and 7323: the window to offer now, in bytes; a
 * multiple of 1 << scale when scaled; never takes back what was offered.
 */
u32 toy_rwnd_select(const struct toy_rwnd *w, const struct toy_rwnd_env *e);
/* Takes toy_rwnd_select()'s answer as sent; returns the field for the header:
 * scaled, at most 65535. @syn: windows in SYN segments are never scaled.
 */
u16 toy_rwnd_sent(struct toy_rwnd *w, u32 rcv_nxt, u32 wnd, bool syn);
/* The initial window and our scale: RFC 7323 2.3, as Linux chooses them.
 * @space: receive buffer as payload; @max_space: what it may grow to;
 * @clamp: TCP_WINDOW_CLAMP or 0; @init_segs: of RFC 6928, 10.
 */
struct toy_rwnd_init {
	u32 space;
	u32 max_space;
	u32 clamp;
	u32 mss;
	u32 init_segs;
	bool wscale_ok;
};

void toy_rwnd_start(struct toy_rwnd *w, const struct toy_rwnd_init *i);

#endif
