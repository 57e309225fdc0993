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
#include <linux/kernel.h>
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

/* ---- keys as text: tcp(7) ---------------------------------------------- */

/* Four numbers; the rest of the text, or NULL. */
static const char *key_parse(const char *text, u8 *key)
{
	unsigned int w[4];
	int used = 0;

	if (sscanf(text, "%8x-%8x-%8x-%8x%n", &w[0], &w[1], &w[2], &w[3],
		   &used) != 4 || !used)
		return NULL;
	for (int i = 0; i < 4; i++)
		put_unaligned_le32(w[i], key + 4 * i);
	return text + used;
}

int toy_fo_keys_parse(const char *text, u8 *key)
{
	for (int nr = 1; nr <= TOY_FO_KEYS; nr++, key += TOY_FO_KEY_LEN) {
		text = key_parse(text, key);
		if (!text)
			return -EINVAL;
		if (!*text)
			return nr;
		if (*text++ != ',')
			return -EINVAL;
	}
	return -EINVAL;
}

void toy_fo_keys_print(const u8 *key, unsigned int nr, char *text, size_t size)
{
	size_t len = 0;

	for (unsigned int i = 0; i < nr * TOY_FO_KEY_LEN; i += 4)
		len += scnprintf(text + len, size - len, "%s%08x",
				 !i ? "" : i == TOY_FO_KEY_LEN ? "," : "-",
				 get_unaligned_le32(key + i));
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "fo_cookie_test.c"
#endif
