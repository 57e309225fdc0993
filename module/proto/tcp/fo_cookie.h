/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_FO_COOKIE_H
#define _TOY_TCP_FO_COOKIE_H

#include <linux/in6.h>
#include <linux/rcupdate.h>

#include "../../skb/tcp.h"

#define TOY_FO_KEY_LEN	16
#define TOY_FO_KEYS	2
#define TOY_FO_COOKIE_LEN 8

/**
 * struct toy_fo_keys - what cookies are made with
 * @nr: keys; the first makes cookies, all are good for checking
 * @key: the keys
 * @rcu: freed after a grace period
 */
struct toy_fo_keys {
	unsigned int nr;
	u8 key[TOY_FO_KEYS][TOY_FO_KEY_LEN];
	struct rcu_head rcu;
};

/* Room for them as text. */
#define TOY_FO_KEY_TEXT	(TOY_FO_KEYS * (4 * 9))

/* One key as four hexadecimal numbers, or two with a comma between them: how many
 * there are in @key then, or -EINVAL.
 */
int toy_fo_keys_parse(const char *text, u8 *key);
void toy_fo_keys_print(const u8 *key, unsigned int nr, char *text, size_t size);

/* The cookie of a client, by the first key (RFC 7413 4.1.2). */
void toy_fo_cookie_make(const struct toy_fo_keys *keys,
			const struct in6_addr *client,
			const struct in6_addr *server, struct toy_fo_cookie *c);
/* 0: it is none of ours; else the number of the key, from 1, that it is made
 * with.
 */
int toy_fo_cookie_check(const struct toy_fo_keys *keys,
			const struct in6_addr *client,
			const struct in6_addr *server,
			const struct toy_fo_cookie *c);

#endif
