// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which fragments can be parts of one datagram (RFC 791 3.2, RFC 8200 4.5).
 *
 *	0        offset          offset + len                 room
 *	|----------|---- data ----|............................|
 *	                                       ^ end, once the last one is here
 *
 * A fragment that cannot be right by itself is dropped and nothing else
 * happens. One that contradicts the others says that the datagram was forged
 * or mixed up with another of the same identification: all of it is given up.
 *
 *	by itself	no data, or not the last and no multiple of 8 bytes
 *			data beyond what a datagram can have
 *			a TCP header cut in two (RFC 1858, RFC 3128)
 *	with the others	two ends, or data behind the end
 *			data that is here already, in part (RFC 5722)
 */
#include <linux/bits.h>
#include <linux/in.h>
#include <linux/minmax.h>

#include "frag_state.h"

/* RFC 1858 3.2: a TCP header is complete as far as its flags. */
#define TCP_TMIN	16

/* RFC 1858 and RFC 3128: filters look at the first fragment only. Nobody but an
 * attacker puts the flags or the ports of a segment into the second.
 */
static bool is_tiny(const struct toy_frag_piece *p)
{
	if (p->proto != IPPROTO_TCP)
		return false;
	return p->offset ? p->offset < TCP_TMIN : p->len < TCP_TMIN;
}

/**
 * toy_frag_piece_check() - can a fragment be right?
 * @p: fragment
 *
 * Context: any; pure.
 *
 * Return: TOY_RX_OK, TOY_DROP_FRAG_LEN, _FRAG_BEYOND or _FRAG_TINY.
 */
enum toy_drop toy_frag_piece_check(const struct toy_frag_piece *p)
{
	/* RFC 8200 4.5; RFC 791 3.1 counts in units of 8 bytes. */
	if (!p->len || (p->more && p->len % 8))
		return TOY_DROP_FRAG_LEN;
	if (p->offset + p->len > p->room)
		return TOY_DROP_FRAG_BEYOND;
	if (is_tiny(p))
		return TOY_DROP_FRAG_TINY;
	return TOY_RX_OK;
}

/**
 * toy_frag_state_check() - does a fragment agree with those that are here?
 * @s: state
 * @p: fragment that toy_frag_piece_check() has found right
 *
 * Context: any; pure.
 *
 * Return: TOY_RX_OK or TOY_DROP_FRAG_END.
 */
enum toy_drop toy_frag_state_check(const struct toy_frag_state *s,
				   const struct toy_frag_piece *p)
{
	u32 end = p->offset + p->len;

	if (!p->more && (s->last ? end != s->end : end < s->end))
		return TOY_DROP_FRAG_END;
	if (p->more && s->last && end > s->end)
		return TOY_DROP_FRAG_END;
	return TOY_RX_OK;
}

/**
 * toy_frag_state_add() - a fragment has been queued
 * @s: state
 * @p: fragment that is right and overlaps no other
 *
 * Context: any; pure.
 */
void toy_frag_state_add(struct toy_frag_state *s,
			const struct toy_frag_piece *p)
{
	s->end = max(s->end, p->offset + p->len);
	s->have += p->len;
	s->count++;
	s->ecn |= BIT(p->ecn);
	s->max_size = max(s->max_size, p->size);
	if (p->df)
		s->max_df = max(s->max_df, p->size);
	if (!p->offset)
		s->first = true;
	if (!p->more)
		s->last = true;
}

/**
 * toy_frag_state_complete() - is all of the datagram here?
 * @s: state
 *
 * Nothing is here twice, so counting is enough. Context: any; pure.
 *
 * Return: true when it is.
 */
bool toy_frag_state_complete(const struct toy_frag_state *s)
{
	return s->first && s->last && s->have == s->end;
}

/**
 * toy_frag_gives_up() - does a bad fragment end its whole datagram?
 * @why: what is wrong with it
 *
 * Return: true when the others must go, too (RFC 5722 3).
 */
bool toy_frag_gives_up(enum toy_drop why)
{
	return why == TOY_DROP_FRAG_END || why == TOY_DROP_FRAG_OVERLAP;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "frag_state_test.c"
#endif
