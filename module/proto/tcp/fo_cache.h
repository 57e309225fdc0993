/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_FO_CACHE_H
#define _TOY_TCP_FO_CACHE_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>

#include "../../skb/tcp.h"

#define TOY_FO_CACHE_BITS 7
#define TOY_FO_CACHE_DEPTH 8

/* What a network namespace remembers of servers. */
struct toy_fo_cache {
	spinlock_t lock;	/* the buckets; BH-safe */
	siphash_key_t key;
	struct hlist_head bucket[1 << TOY_FO_CACHE_BITS];
};

void toy_fo_cache_init(struct toy_fo_cache *c);
void toy_fo_cache_free(struct toy_fo_cache *c);
void toy_fo_cache_get(struct toy_fo_cache *c, const struct in6_addr *client,
		      const struct in6_addr *server, struct toy_fo_cookie *cookie,
		      u16 *mss);
void toy_fo_cache_set(struct toy_fo_cache *c, const struct in6_addr *client,
		      const struct in6_addr *server,
		      const struct toy_fo_cookie *cookie, u16 mss, u8 try_exp);

#endif
