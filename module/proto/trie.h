/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_TRIE_H
#define _TOY_PROTO_TRIE_H

#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct toy_trie_node;

/**
 * struct toy_trie - longest-prefix match over 128-bit keys
 * @root: top node
 * @count: prefixes that hold a value
 *
 * A path-compressed binary trie: a look-up visits at most one node for each
 * bit in which stored prefixes differ, about log2(n) of them in practice.
 * Writers are serialised by the owner; readers need rcu_read_lock() only.
 */
struct toy_trie {
	struct toy_trie_node __rcu *root;
	unsigned int count;
};

int toy_trie_insert(struct toy_trie *t, const struct in6_addr *key, u8 plen,
		    void *value);
void *toy_trie_get(struct toy_trie *t, const struct in6_addr *key, u8 plen);
int toy_trie_replace(struct toy_trie *t, const struct in6_addr *key, u8 plen,
		     void *value);
void toy_trie_remove(struct toy_trie *t, const struct in6_addr *key, u8 plen);

/* Longest prefix first; then, for callers that cannot use that one, shorter
 * ones: fn returns true to accept. RCU.
 */
void *toy_trie_lookup(const struct toy_trie *t, const struct in6_addr *key);
void *toy_trie_match(const struct toy_trie *t, const struct in6_addr *key,
		     bool (*fn)(void *value, const void *arg), const void *arg);

/* In ascending order of (key, plen); the first one after (*key, *plen) when
 * @started. RCU or writer.
 */
void *toy_trie_next(const struct toy_trie *t, struct in6_addr *key, u8 *plen,
		    bool started);

#if IS_ENABLED(CONFIG_KUNIT)
/* For tests: so many allocations of nodes succeed, then one fails and it is
 * -1 again, which means that all succeed.
 */
extern int toy_trie_test_allocs;
#endif

#endif /* _TOY_PROTO_TRIE_H */
