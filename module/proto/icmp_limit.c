// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often ICMP errors may be sent (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)).
 *
 * A token bucket whose unit is time: it fills by one microsecond each
 * microsecond, a message costs as much time as lies between two at the
 * permitted rate, and it holds the time of a burst.
 *
 *	credit = min(credit + elapsed, burst * cost)
 *	send if credit >= cost;  credit -= cost
 */
#include <linux/limits.h>
#include <linux/minmax.h>

#include "icmp_limit.h"

#define US_PER_MS	1000

/**
 * toy_bucket_take() - may one more message be sent?
 * @b: bucket
 * @cost_us: time between two messages at the permitted rate, in microseconds;
 *	0 means no limit
 * @burst: messages that may follow each other at once
 * @now_ms: the time in milliseconds; may wrap
 *
 * Context: any, with the bucket's lock held.
 * Return: true and the message is paid for, or false.
 */
bool toy_bucket_take(struct toy_bucket *b, u32 cost_us, u32 burst, u32 now_ms)
{
	u64 full = (u64)cost_us * max(burst, 1U);
	u64 credit;

	if (!cost_us)
		return true;
	/* The credit is a u32: an hour's worth is as good as more. */
	full = min_t(u64, full, U32_MAX);
	if (!b->stamp)
		credit = full;
	else
		credit = b->credit + (u64)(now_ms - b->stamp) * US_PER_MS;
	credit = min(credit, full);
	/* 0 means never filled. */
	b->stamp = now_ms ?: 1;
	b->credit = credit;
	if (credit < cost_us)
		return false;
	b->credit -= cost_us;
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "icmp_limit_test.c"
#endif
