/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_SEQ_H
#define _TOY_TCP_SEQ_H

#include <linux/types.h>

/* RFC 9293 3.4: sequence numbers, and RFC 7323's timestamps, are points on a
 * circle: @a is before @b if the way from it to @b is the shorter one.
 */
static inline bool toy_seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool toy_seq_after(u32 a, u32 b)
{
	return toy_seq_before(b, a);
}

#endif
