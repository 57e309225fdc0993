// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cookies that servers have given us (RFC 7413 4.1.3): for each pair of
 * addresses the cookie, and the segment size that the server had announced, so
 * that a SYN can have the data that will fit.
 *
 *	bucket -> [ newest ] -> ... -> [ oldest ]	at most 8: the oldest
 *							gives way
 *
 * Programs choose the servers, so the bound is for them. The latest is moved to
 * the front when it is written, not when it is read: reading is for everybody,
 * and a server that is used renews its cookie.
 *
 * A server that does not answer a request for a cookie may know the option in its
 * older form only: try_exp says which form is to be tried.
 */
#include <linux/slab.h>
#include <linux/random.h>
#include <net/ipv6.h>

#include "fo_cache.h"

struct fo_peer {
	struct hlist_node node;
	struct in6_addr client;
	struct in6_addr server;
	struct toy_fo_cookie cookie;
	u16 mss;
	u8 try_exp;		/* 1: the older form; 2: that did not help */
};

static struct hlist_head *fo_bucket(struct toy_fo_cache *c,
				    const struct in6_addr *client,
				    const struct in6_addr *server)
{
	struct {
		struct in6_addr client;
		struct in6_addr server;
	} ends = { *client, *server };

	return &c->bucket[siphash(&ends, sizeof(ends), &c->key) &
			  (ARRAY_SIZE(c->bucket) - 1)];
}

static struct fo_peer *fo_find(struct hlist_head *bucket,
			       const struct in6_addr *client,
			       const struct in6_addr *server)
{
	struct fo_peer *p;

	hlist_for_each_entry(p, bucket, node)
		if (ipv6_addr_equal(&p->server, server) &&
		    ipv6_addr_equal(&p->client, client))
			return p;
	return NULL;
}

/* One that is new or the oldest; NULL without memory. */
static struct fo_peer *fo_add(struct hlist_head *bucket,
			      const struct in6_addr *client,
			      const struct in6_addr *server)
{
	struct fo_peer *p, *oldest = NULL;
	int n = 0;

	hlist_for_each_entry(p, bucket, node) {
		oldest = p;
		n++;
	}
	p = n < TOY_FO_CACHE_DEPTH ?
	    kmalloc(sizeof(*p), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT) : oldest;
	if (!p)
		return NULL;
	if (p == oldest)
		hlist_del(&p->node);
	memset(p, 0, sizeof(*p));
	p->client = *client;
	p->server = *server;
	hlist_add_head(&p->node, bucket);
	return p;
}

/**
 * toy_fo_cache_init() - an empty cache
 * @c: its place
 */
void toy_fo_cache_init(struct toy_fo_cache *c)
{
	spin_lock_init(&c->lock);
	get_random_bytes(&c->key, sizeof(c->key));
	for (int i = 0; i < ARRAY_SIZE(c->bucket); i++)
		INIT_HLIST_HEAD(&c->bucket[i]);
}

/**
 * toy_fo_cache_free() - forget all
 * @c: cache that nobody uses any more
 */
void toy_fo_cache_free(struct toy_fo_cache *c)
{
	struct hlist_node *next;
	struct fo_peer *p;

	for (int i = 0; i < ARRAY_SIZE(c->bucket); i++)
		hlist_for_each_entry_safe(p, next, &c->bucket[i], node)
			kfree(p);
}

/**
 * toy_fo_cache_get() - what is known of a server
 * @c: cache
 * @client: our address
 * @server: its address
 * @cookie: result: the cookie, or of length 0, in the form that is to be asked
 *	with
 * @mss: result: what it has announced; as it was if it is not known
 *
 * Context: any.
 */
void toy_fo_cache_get(struct toy_fo_cache *c, const struct in6_addr *client,
		      const struct in6_addr *server, struct toy_fo_cookie *cookie,
		      u16 *mss)
{
	struct hlist_head *bucket = fo_bucket(c, client, server);
	struct fo_peer *p;

	memset(cookie, 0, sizeof(*cookie));
	spin_lock_bh(&c->lock);
	p = fo_find(bucket, client, server);
	if (p) {
		*cookie = p->cookie;
		if (!cookie->len)
			cookie->exp = p->try_exp == 1;
		if (p->mss)
			*mss = p->mss;
	}
	spin_unlock_bh(&c->lock);
}

/**
 * toy_fo_cache_set() - what a SYN-ACK has told of a server
 * @c: cache
 * @client: our address
 * @server: its address
 * @cookie: new cookie, or of no or negative length
 * @mss: what it announces, or 0
 * @try_exp: it has not answered a request of this form: what to try next, or 0
 *
 * Context: any. Without memory it is forgotten.
 */
void toy_fo_cache_set(struct toy_fo_cache *c, const struct in6_addr *client,
		      const struct in6_addr *server,
		      const struct toy_fo_cookie *cookie, u16 mss, u8 try_exp)
{
	struct hlist_head *bucket = fo_bucket(c, client, server);
	struct fo_peer *p;

	spin_lock_bh(&c->lock);
	p = fo_find(bucket, client, server) ?: fo_add(bucket, client, server);
	if (p) {
		if (mss)
			p->mss = mss;
		if (cookie->len > 0)
			p->cookie = *cookie;
		else if (try_exp > p->try_exp && p->cookie.len <= 0)
			p->try_exp = try_exp;
		hlist_del(&p->node);
		hlist_add_head(&p->node, bucket);
	}
	spin_unlock_bh(&c->lock);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "fo_cache_test.c"
#endif
