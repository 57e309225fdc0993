// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which data beyond a gap does an acknowledgment report? (RFC 2018, RFC 2883)
 *
 *	RCV.NXT
 *	   |   lost   |####|  lost  |#########|  lost  |####|
 *	               3rd             1st              2nd
 *
 * Blocks stand in the order in which they last changed, so that the first
 * one covers the segment that caused the acknowledgment, and each block is
 * repeated in several acknowledgments before it is pushed out at the end:
 * losing a few of them loses nothing. No two blocks touch; data that fills
 * the gap between two makes them one.
 *
 * A duplicate is reported once, in front of the blocks (D-SACK). The sender
 * knows it by its place: below SEG.ACK, or inside the block that follows.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "sackgen.h"

/* Overlapping, or side by side. */
static bool touch(const struct toy_sack_block *b, u32 start, u32 end)
{
	return !after(start, b->end) && !after(b->start, end);
}

static void extend(struct toy_sack_block *b, u32 start, u32 end)
{
	if (before(start, b->start))
		b->start = start;
	if (after(end, b->end))
		b->end = end;
}

static void take_out(struct toy_sackgen *g, unsigned int i)
{
	g->nr--;
	memmove(&g->blocks[i], &g->blocks[i + 1],
		(g->nr - i) * sizeof(g->blocks[0]));
}

static void put_first(struct toy_sackgen *g, struct toy_sack_block b)
{
	memmove(&g->blocks[1], &g->blocks[0], g->nr * sizeof(g->blocks[0]));
	g->blocks[0] = b;
	g->nr++;
}

/**
 * toy_sackgen_add() - out-of-order data was queued
 * @g: blocks of the connection
 * @start: first sequence number
 * @end: the one behind the last
 *
 * RFC 2018 4: the block that covers the newest segment comes first. All that
 * the data touches becomes one block with it. Context: any, socket locked.
 *
 * Return: true when there were too many blocks and the one that changed
 * longest ago will not be reported any more.
 */
bool toy_sackgen_add(struct toy_sackgen *g, u32 start, u32 end)
{
	struct toy_sack_block b = { .start = start, .end = end };
	bool pushed_out = false;

	if (!before(start, end))
		return false;

	/* Blocks do not touch each other: one pass finds all. */
	for (int i = g->nr - 1; i >= 0; i--) {
		if (!touch(&g->blocks[i], start, end))
			continue;
		extend(&b, g->blocks[i].start, g->blocks[i].end);
		take_out(g, i);
	}
	if (g->nr == TOY_TCP_SACKS_MAX) {
		g->nr--;
		pushed_out = true;
	}
	put_first(g, b);
	return pushed_out;
}

/**
 * toy_sackgen_advance() - RCV.NXT has moved
 * @g: blocks of the connection
 * @rcv_nxt: where it is now
 *
 * What stands at RCV.NXT is in order, and so is all of its block. The D-SACK
 * stays: it may well be about acknowledged data. Context: any, socket locked.
 */
void toy_sackgen_advance(struct toy_sackgen *g, u32 rcv_nxt)
{
	for (int i = g->nr - 1; i >= 0; i--)
		if (!after(g->blocks[i].start, rcv_nxt))
			take_out(g, i);
}

/**
 * toy_sackgen_dup() - data arrived that was there already
 * @g: blocks of the connection
 * @start: first sequence number of the duplicate
 * @end: the one behind its last
 *
 * RFC 2883 4: a segment that repeats two pieces reports the first, so what
 * does not touch the one that waits is forgotten. A duplicate of out-of-order
 * data is followed by the block which that is part of.
 *
 * Context: any, socket locked.
 */
void toy_sackgen_dup(struct toy_sackgen *g, u32 start, u32 end)
{
	if (!before(start, end))
		return;

	if (!g->has_dsack) {
		g->dsack = (struct toy_sack_block){ .start = start, .end = end };
		g->has_dsack = true;
	} else if (touch(&g->dsack, start, end)) {
		extend(&g->dsack, start, end);
	}

	for (int i = 1; i < g->nr; i++) {
		struct toy_sack_block b = g->blocks[i];

		if (before(start, b.start) || after(end, b.end))
			continue;
		take_out(g, i);
		put_first(g, b);
		return;
	}
}

/**
 * toy_sackgen_clear() - all out-of-order data was given up
 * @g: blocks of the connection
 *
 * RFC 2018 8: the receiver may do so, and the sender finds out when its
 * timer expires. Context: any, socket locked.
 */
void toy_sackgen_clear(struct toy_sackgen *g)
{
	g->nr = 0;
}

/**
 * toy_sackgen_fill() - what the next acknowledgment reports
 * @g: blocks of the connection
 * @o: options to be sent
 * @max: blocks for which the header has room
 *
 * Repeats what was reported: toy_sackgen_sent() says that it has gone out.
 * Context: any, socket locked.
 */
void toy_sackgen_fill(const struct toy_sackgen *g, struct toy_tcp_opts *o,
		      unsigned int max)
{
	unsigned int n = 0;

	max = min_t(unsigned int, max, TOY_TCP_SACKS_MAX);
	if (g->has_dsack && n < max)
		o->sacks[n++] = g->dsack;
	for (int i = 0; i < g->nr && n < max; i++)
		o->sacks[n++] = g->blocks[i];

	o->nr_sacks = n;
	if (n)
		o->has |= TOY_OPT_SACK;
	else
		o->has &= ~TOY_OPT_SACK;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "sackgen_test.c"
#endif
