// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cookies of TCP Fast Open (RFC 7413 4.1.2).
 *
 *	cookie = SipHash(key, client's address, server's address), 8 bytes
 *
 * A server keeps nothing for a client. It may have a second, older key: cookies
 * of that one are still good, and answered by a new one. The hash and its input
 * are those of Linux, so that a farm of servers may share a key, whichever stack
 * each of them has.
 */
#include <linux/siphash.h>
#include <linux/string.h>

#include "fo_cookie.h"
#include "../../toy.h"

static void fo_cookie(const u8 *key, const struct in6_addr *client,
		      const struct in6_addr *server, u8 *to)
{
	const siphash_key_t k = {{
		get_unaligned_le64(key), get_unaligned_le64(key + 8)
	}};
	struct {
		struct in6_addr client;
		struct in6_addr server;
	} v6 = { *client, *server };
	u64 hash;

	if (ipv6_addr_v4mapped(client)) {
		__be32 v4[2] = { client->s6_addr32[3], server->s6_addr32[3] };

		hash = siphash(v4, sizeof(v4), &k);
	} else {
		hash = siphash(&v6, sizeof(v6), &k);
	}
	put_unaligned_le64(hash, to);
}

void toy_fo_cookie_make(const struct toy_fo_keys *keys,
			const struct in6_addr *client,
			const struct in6_addr *server, struct toy_fo_cookie *c)
{
	fo_cookie(keys->key[0], client, server, c->val);
	c->len = TOY_FO_COOKIE_LEN;
}

int toy_fo_cookie_check(const struct toy_fo_keys *keys,
			const struct in6_addr *client,
			const struct in6_addr *server,
			const struct toy_fo_cookie *c)
{
	u8 good[TOY_FO_COOKIE_LEN];

	if (c->len != TOY_FO_COOKIE_LEN)
		return 0;
	for (unsigned int i = 0; i < keys->nr; i++) {
		fo_cookie(keys->key[i], client, server, good);
		if (!memcmp(good, c->val, sizeof(good)))
			return i + 1;
	}
	return 0;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "fo_cookie_test.c"
#endif
