/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_UNDO_H
#define _TOY_TCP_UNDO_H

#include <linux/types.h>

/**
 * struct toy_undo - was a reduction of the window a mistake?
 * @marker: SND.UNA when the reduction began; 0 when there is nothing to undo
 * @retrans: retransmissions that no D-SACK has told to be unnecessary yet; -1
 *	while there was none
 * @retrans_stamp: time of the first retransmission, in the timestamp clock of
 *	this connection; 0 for none
 * @prior_cwnd: congestion window to go back to; 0: to none
 * @prior_ssthresh: threshold to go back to
 */
struct toy_undo {
	u32 marker;
	s32 retrans;
	u32 retrans_stamp;
	u32 prior_cwnd;
	u32 prior_ssthresh;
};

void toy_undo_begin(struct toy_undo *u, u32 snd_una, u32 cwnd, u32 ssthresh);
void toy_undo_still_out(struct toy_undo *u, u32 segs);
void toy_undo_retransmitted(struct toy_undo *u, u32 segs, u32 ts_now);
void toy_undo_dsack(struct toy_undo *u, u32 start, u32 end, u32 segs);
bool toy_undo_by_timestamp(const struct toy_undo *u, bool ts_ok, u32 tsecr);
bool toy_undo_by_dsack(const struct toy_undo *u);

/* Either witness will do. For acknowledgments that moved SND.UNA: see
 * toy_undo_by_timestamp().
 */
static inline bool toy_undo_possible(const struct toy_undo *u, bool ts_ok,
				     u32 tsecr)
{
	return u->marker && (toy_undo_by_dsack(u) ||
			     toy_undo_by_timestamp(u, ts_ok, tsecr));
}

/* The reduction is right whatever comes: it goes on, and is not undone. */
static inline void toy_undo_forbid(struct toy_undo *u)
{
	u->prior_cwnd = 0;
	u->prior_ssthresh = 0;
}

static inline void toy_undo_end(struct toy_undo *u)
{
	u->marker = 0;
	u->retrans = -1;
}

#endif
