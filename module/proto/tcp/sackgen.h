/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_SACKGEN_H
#define _TOY_TCP_SACKGEN_H

#include "../../skb/tcp.h"

/**
 * struct toy_sackgen - the SACK blocks that the next acknowledgment reports
 * @blocks: out-of-order data held, most recently changed first (RFC 2018 4)
 * @nr: blocks in @blocks
 * @dsack: duplicate to be reported first (RFC 2883), if @has_dsack
 * @has_dsack: @dsack waits to be reported, once
 */
struct toy_sackgen {
	struct toy_sack_block blocks[TOY_TCP_SACKS_MAX];
	struct toy_sack_block dsack;
	u8 nr;
	bool has_dsack;
};

/* Out-of-order data [start, end) was queued: extend or add a block, merge what
 * now touches, put it first. True when a block was pushed out at the end.
 */
bool toy_sackgen_add(struct toy_sackgen *g, u32 start, u32 end);
/* RCV.NXT has moved: blocks below are no longer reported. */
void toy_sackgen_advance(struct toy_sackgen *g, u32 rcv_nxt);
/* A duplicate arrived (RFC 2883 4): remember it; extends one that waits. */
void toy_sackgen_dup(struct toy_sackgen *g, u32 start, u32 end);
/* Everything out of order was given up (memory): RFC 2018 8 reneging. */
void toy_sackgen_clear(struct toy_sackgen *g);
/* Fills @o for an acknowledgment with room for @max blocks: D-SACK first, then
 * blocks; sets TOY_OPT_SACK when there is any. Does not consume: see _sent().
 */
void toy_sackgen_fill(const struct toy_sackgen *g, struct toy_tcp_opts *o,
		      unsigned int max);
/* The acknowledgment went out: the D-SACK has been told. */
static inline void toy_sackgen_sent(struct toy_sackgen *g)
{
	g->has_dsack = false;
}

static inline bool toy_sackgen_any(const struct toy_sackgen *g)
{
	return g->nr || g->has_dsack;
}

#endif
