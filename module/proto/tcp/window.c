// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much may the peer send? (RFC 9293 3.8.6, RFC 7323 2)
 *
 *	       acknowledged               RCV.NXT
 *	 ......................|##############|.....................|
 *	                      wup          what is left           wup + wnd
 *	                       |<-------------- wnd ---------------->|
 *
 * The window follows the free space in the receive buffer, with four bounds:
 *
 *	edge	wup + wnd never moves left (3.8.6): what was offered may be
 *		on its way
 *	SWS	a window that opens in drips is answered in drips (3.8.6.2.2).
 *		So less than a full segment, or 1/16 of the buffer, is none;
 *		without scale it is a multiple of full segments
 *	scale	the header says wnd >> scale (RFC 7323 2.2): a multiple of
 *		1 << scale, rounded up, but down when space is short
 *	growth	not above ssthresh, which rises with what arrives: small
 *		segments take more memory than they carry
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "window.h"

#define SCALE_MAX	14	/* RFC 7323 2.3 */

/* Without a scale: whole segments, and what is offered stays while it is
 * about right.
 */
static u32 whole_segments(u32 offered, u32 free, u32 mss, u32 full)
{
	if (offered + mss <= free || offered > free)
		return rounddown(free, mss);
	/* A buffer of less than two segments: half of it is a step. */
	if (mss == full && free > offered + full / 2)
		return free;
	return offered;
}

/* The window that the buffer suggests, whatever was offered before. */
static u32 by_space(const struct toy_rwnd *w, const struct toy_rwnd_env *e)
{
	u32 full = min(w->clamp, e->full);
	u32 mss = min(e->mss, full);
	u32 limit = w->ssthresh;
	u32 free = e->free;

	if (!mss)
		return 0;

	if (free < full / 2) {
		free = round_down(free, 1U << w->scale);
		/* RFC 9293 3.8.6.2.2; the 1/16 because one segment of a
		 * large window leaves no time to say stop.
		 */
		if (free < e->full / 16 || free < mss)
			return 0;
		if (e->pressure)
			limit = min(limit, 4 * mss);
	}

	free = min(free, limit);
	/* Rounded up: a scale larger than a segment must not say zero. */
	if (w->scale)
		return round_up(free, 1U << w->scale);
	return whole_segments(w->wnd, free, mss, full);
}

/**
 * toy_rwnd_select() - the window to offer now
 * @w: window of the connection
 * @e: the receive buffer
 *
 * Context: any, socket locked.
 * Return: bytes from RCV.NXT on; a multiple of 1 << scale; at least what is
 * left of the window that was sent last.
 */
u32 toy_rwnd_select(const struct toy_rwnd *w, const struct toy_rwnd_env *e)
{
	u32 least = round_up(toy_rwnd_left(w, e->rcv_nxt), 1U << w->scale);

	return max(by_space(w, e), least);
}

/**
 * toy_rwnd_sent() - a segment with a window goes out
 * @w: window of the connection
 * @rcv_nxt: SEG.ACK
 * @wnd: window, as toy_rwnd_select() chose it
 * @syn: the segment carries SYN: RFC 7323 2.2: its window is not scaled
 *
 * Remembers what the peer will read. Context: any, socket locked.
 *
 * Return: the field of the header.
 */
u16 toy_rwnd_sent(struct toy_rwnd *w, u32 rcv_nxt, u32 wnd, bool syn)
{
	u8 scale = syn ? 0 : w->scale;
	u16 field = min_t(u32, wnd >> scale, U16_MAX);

	w->wup = rcv_nxt;
	w->wnd = (u32)field << scale;
	return field;
}

/**
 * toy_rwnd_start() - the first window, and our scale
 * @w: set; @w->wup is for toy_rwnd_sent(), and for the caller who learns
 *	RCV.NXT only after sending its SYN
 * @i: what they depend on
 *
 * RFC 7323 2.3: the scale lets the field express the largest buffer there
 * may ever be; it cannot be changed later. RFC 6928 is about what the peer
 * sends at first: there is no use in offering more.
 */
void toy_rwnd_start(struct toy_rwnd *w, const struct toy_rwnd_init *i)
{
	u32 max_clamp = (u32)U16_MAX << SCALE_MAX;
	u32 clamp = i->clamp ? min(i->clamp, max_clamp) : max_clamp;
	u32 space = min(i->space, clamp), most;
	u8 scale = 0;

	if (i->mss && space > i->mss)
		space = rounddown(space, i->mss);
	if (i->wscale_ok) {
		most = min(max(space, i->max_space), clamp);
		if (most > U16_MAX)
			scale = min(ilog2(most) - 15, SCALE_MAX);
	}
	if (i->init_segs && i->mss)
		space = min_t(u64, space, (u64)i->init_segs * i->mss);

	clamp = min(clamp, (u32)U16_MAX << scale);
	*w = (struct toy_rwnd){
		.wnd = min(space, clamp),
		.ssthresh = min(space, clamp),
		.clamp = clamp,
		.scale = scale,
	};
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "window_test.c"
#endif
