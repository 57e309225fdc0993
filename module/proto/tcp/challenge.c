// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many answers does nonsense get? (RFC 5961 7)
 *
 * A segment that may be forged (a RST or SYN inside the window, data or an ACK
 * outside) is answered with an acknowledgment that tells a true peer where
 * we stand. Two limits keep this from being used against others:
 *
 *	connection	one such answer in a gap of time: two stacks that
 *			disagree would answer each other for ever
 *	namespace	so many challenges a second
 *
 * The namespace's limit is shared by all, and so can be watched: who sees on
 * a connection of his own how much is left learns whether his guesses about
 * another one were right (CVE-2016-5696). So each second begins with a random
 * number of them, from half of the limit to one and a half.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/spinlock.h>

#include "challenge.h"

/* One and a half times as much fits into @left. */
#define LIMIT_MAX	(U32_MAX / 4)

/**
 * toy_challenge_init() - a namespace begins
 * @c: its limit
 */
void toy_challenge_init(struct toy_challenge *c)
{
	spin_lock_init(&c->lock);
	/* No second that a clock shows: the first one begins anew. */
	c->second = U32_MAX;
	c->left = 0;
}

static s32 fresh(u32 limit)
{
	u32 half = (limit + 1) / 2;

	return half + ((u64)get_random_u32() * limit >> 32);
}

/**
 * toy_challenge_allowed() - may a namespace send one more challenge ACK?
 * @c: limit of the namespace
 * @now_s: time
 * @limit: net.toy.tcp_challenge_ack_limit: on average that many a second;
 *	INT_MAX: any number
 *
 * Context: softirq or process; takes @c->lock.
 * Return: true when it may; it is counted.
 */
bool toy_challenge_allowed(struct toy_challenge *c, u32 now_s, u32 limit)
{
	bool allowed;

	if (limit >= INT_MAX)
		return true;

	spin_lock_bh(&c->lock);
	if (c->second != now_s) {
		c->second = now_s;
		c->left = fresh(min(limit, LIMIT_MAX));
	}
	allowed = c->left > 0;
	if (allowed)
		c->left--;
	spin_unlock_bh(&c->lock);
	return allowed;
}

/**
 * toy_oow_allowed() - may a connection answer one more segment out of place?
 * @last_ms: when it did so last, 0 for never; updated
 * @now_ms: time
 * @gap_ms: net.toy.tcp_invalid_ratelimit; 0: no limit
 *
 * Two CPUs that meet here may both be allowed (TIME-WAIT): no harm is done.
 * Context: any.
 *
 * Return: true when it may.
 */
bool toy_oow_allowed(u32 *last_ms, u32 now_ms, u32 gap_ms)
{
	u32 last = READ_ONCE(*last_ms);

	/* Also when the clock of a segment that waited is behind. */
	if (last && (s32)(now_ms - last) >= 0 && now_ms - last < gap_ms)
		return false;

	WRITE_ONCE(*last_ms, now_ms ? now_ms : 1);
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "challenge_test.c"
#endif
