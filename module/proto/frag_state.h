/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_FRAG_STATE_H
#define _TOY_PROTO_FRAG_STATE_H

#include <linux/types.h>

#include "../drop.h"

/**
 * struct toy_frag_piece - one fragment, as its headers describe it
 * @offset: of its data in what was fragmented, bytes
 * @len: bytes of data
 * @room: most bytes that what was fragmented can have, so that the whole's
 *	length fits its 16 bits
 * @size: bytes of the packet that brought it, headers included
 * @more: it is not the last
 * @df: it must not be fragmented further (IPv4)
 * @proto: upper protocol
 * @ecn: ECN field of the packet that brought it (RFC 3168)
 */
struct toy_frag_piece {
	u32 offset;
	u32 len;
	u32 room;
	u32 size;
	bool more;
	bool df;
	u8 proto;
	u8 ecn;
};

/**
 * struct toy_frag_state - how far the reassembly of one datagram has come
 * @end: end of what is known to belong to it; its length when @last
 * @have: bytes that are here
 * @max_size: largest packet among the fragments
 * @max_df: the same of those with DF
 * @count: fragments that are here
 * @ecn: BIT(ECN field) of each fragment
 * @first: the one at offset 0 is here
 * @last: the last one is here
 *
 * Starts zeroed. Which bytes are here, and whether new ones overlap them, is
 * the kernel's inet_frag_queue's to know.
 */
struct toy_frag_state {
	u32 end;
	u32 have;
	u32 max_size;
	u32 max_df;
	u16 count;
	u8 ecn;
	bool first;
	bool last;
};

enum toy_drop toy_frag_piece_check(const struct toy_frag_piece *p);
enum toy_drop toy_frag_state_check(const struct toy_frag_state *s,
				   const struct toy_frag_piece *p);
void toy_frag_state_add(struct toy_frag_state *s,
			const struct toy_frag_piece *p);
bool toy_frag_state_complete(const struct toy_frag_state *s);
bool toy_frag_gives_up(enum toy_drop why);

#endif /* _TOY_PROTO_FRAG_STATE_H */
