/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ICMP_LIMIT_H
#define _TOY_PROTO_ICMP_LIMIT_H

#include <linux/types.h>

/**
 * struct toy_bucket - a token bucket
 * @credit: time saved up, in microseconds
 * @stamp: when it was last filled, in milliseconds
 *
 * Zeroed, it starts full. Owned by whoever holds its lock.
 */
struct toy_bucket {
	u32 credit;
	u32 stamp;
};

bool toy_bucket_take(struct toy_bucket *b, u32 cost_us, u32 burst, u32 now_ms);

#endif /* _TOY_PROTO_ICMP_LIMIT_H */
