/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_CHALLENGE_H
#define _TOY_TCP_CHALLENGE_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* RFC 5961 7: a namespace sends at most @limit challenge ACKs a second (INT_MAX:
 * any number), counted from a random start as Linux does.
 */
struct toy_challenge {
	spinlock_t lock;	/* guards the rest */
	u32 second;
	s32 left;
};

void toy_challenge_init(struct toy_challenge *c);
bool toy_challenge_allowed(struct toy_challenge *c, u32 now_s, u32 limit);
/* One connection answers out-of-window segments at most every @gap_ms.
 * @last_ms: of the connection; updated. 0 in *@last_ms: never.
 */
bool toy_oow_allowed(u32 *last_ms, u32 now_ms, u32 gap_ms);

#endif
