// SPDX-License-Identifier: GPL-2.0-only
/*
 * Longest-prefix match: a path-compressed binary trie.
 *
 * A node stands for a prefix. Everything below child[b] starts with the
 * node's prefix followed by bit b; bits in which all of a subtree agrees cost
 * no nodes (Morrison's PATRICIA, 1968).
 *
 *	10.0.0.0/8 -> A, 10.1.2.0/24 -> B, 10.1.3.0/24 -> C
 *
 *		10.0.0.0/8  A
 *		  0 |
 *		10.1.2.0/23 -		a fork: no value, both children
 *		0 /     \ 1
 *	10.1.2.0/24 B   10.1.3.0/24 C
 *
 * Invariant: a node without a value has two children. Hence n prefixes need
 * fewer than 2n nodes, and a path is only as long as there are bits in which
 * stored prefixes differ. That all IPv4 addresses share 96 bits costs one
 * node.
 *
 * Readers see each change in one store. A node that has left the trie keeps
 * its pointers until a grace period has passed, so a reader that stands on it
 * finds its way down.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "../compat.h"
#include "trie.h"

#define KEY_BITS	128

/* A key in host byte order: comparing is then one xor and one bit scan. */
struct trie_key {
	u64 hi;
	u64 lo;
};

/**
 * struct toy_trie_node - a prefix
 * @key: the bits of the prefix, then zeros
 * @child: what follows with a zero, with a one
 * @value: what the owner stored; NULL in a fork
 * @plen: bits of the prefix
 * @rcu: for freeing
 *
 * One cache line on 64-bit machines. Key and length never change.
 */
struct toy_trie_node {
	struct trie_key key;
	struct toy_trie_node __rcu *child[2];
	void __rcu *value;
	u8 plen;
	struct rcu_head rcu;
};

static_assert(!IS_ENABLED(CONFIG_64BIT) || sizeof(struct toy_trie_node) <= 64);

/* The writer's own reads: the owner's lock cannot be named here. */
#define writer_deref(p)	rcu_dereference_protected(p, 1)

static struct trie_key key_of(const struct in6_addr *addr)
{
	return (struct trie_key) {
		.hi = get_unaligned_be64(&addr->s6_addr32[0]),
		.lo = get_unaligned_be64(&addr->s6_addr32[2]),
	};
}

static struct in6_addr addr_of(const struct trie_key *key)
{
	struct in6_addr addr;

	addr.s6_addr32[0] = cpu_to_be32(key->hi >> 32);
	addr.s6_addr32[1] = cpu_to_be32(key->hi);
	addr.s6_addr32[2] = cpu_to_be32(key->lo >> 32);
	addr.s6_addr32[3] = cpu_to_be32(key->lo);
	return addr;
}

static struct trie_key key_mask(struct trie_key key, unsigned int plen)
{
	if (plen < 64) {
		key.hi &= plen ? ~0ULL << (64 - plen) : 0;
		key.lo = 0;
	} else if (plen < KEY_BITS) {
		key.lo &= plen > 64 ? ~0ULL << (KEY_BITS - plen) : 0;
	}
	return key;
}

static unsigned int key_bit(const struct trie_key *key, unsigned int n)
{
	return (n < 64 ? key->hi >> (63 - n) : key->lo >> (127 - n)) & 1;
}

/* How many leading bits two keys share. */
static unsigned int key_common(const struct trie_key *a,
			       const struct trie_key *b)
{
	if (a->hi != b->hi)
		return 64 - fls64(a->hi ^ b->hi);
	return KEY_BITS - fls64(a->lo ^ b->lo);
}

static int key_cmp(const struct trie_key *a, const struct trie_key *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

#if IS_ENABLED(CONFIG_KUNIT)
int toy_trie_test_allocs = -1;

static bool node_fails(void)
{
	return toy_trie_test_allocs >= 0 && toy_trie_test_allocs-- == 0;
}
#else
static bool node_fails(void)
{
	return false;
}
#endif

/* Charged to the memory cgroup: in a user namespace, users add routes. */
static struct toy_trie_node *node_new(struct trie_key key, unsigned int plen,
				      void *value)
{
	struct toy_trie_node *n;

	if (node_fails())
		return NULL;
	n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
	if (!n)
		return NULL;
	n->key = key_mask(key, plen);
	n->plen = plen;
	RCU_INIT_POINTER(n->value, value);
	return n;
}

/* ---- reading ----------------------------------------------------------- */

/* The longest prefix of @key that is shorter than @limit. */
static void *trie_lookup_below(const struct toy_trie *t,
			       const struct trie_key *key, unsigned int limit,
			       unsigned int *plen)
{
	const struct toy_trie_node *n = rcu_dereference(t->root);
	void *best = NULL, *value;

	while (n && n->plen < limit && key_common(&n->key, key) >= n->plen) {
		value = rcu_dereference(n->value);
		if (value) {
			best = value;
			*plen = n->plen;
		}
		if (n->plen == KEY_BITS)
			break;
		n = rcu_dereference(n->child[key_bit(key, n->plen)]);
	}
	return best;
}

/**
 * toy_trie_lookup() - longest-prefix match
 * @t: trie
 * @key: address
 *
 * Every packet asks this. The way down looks at one bit of the key in each node
 * and compares nothing: each node on it is a prefix of the last one, so one
 * comparison with that tells up to where the key really agrees. Then the
 * longest prefix is the last value that was met, or the one above; if it is
 * neither, the slow way finds it.
 *
 * Context: under rcu_read_lock().
 * Return: the value of the longest stored prefix of @key, or NULL.
 */
void *toy_trie_lookup(const struct toy_trie *t, const struct in6_addr *key)
{
	struct trie_key k = key_of(key);
	/* One word more: bit 128 of the node of a whole address is no child. */
	const u64 word[3] = { k.hi, k.lo, 0 };
	const struct toy_trie_node *n = rcu_dereference(t->root), *last = NULL;
	unsigned int best_plen = 0, above_plen = 0, common, plen;
	void *best = NULL, *above = NULL, *value;

	while (n) {
		last = n;
		plen = n->plen;
		value = rcu_dereference(n->value);
		if (value) {
			above = best;
			above_plen = best_plen;
			best = value;
			best_plen = plen;
		}
		n = rcu_dereference(n->child[word[plen / 64] << plen % 64 >> 63]);
	}
	if (!best)
		return NULL;
	common = key_common(&last->key, &k);
	if (likely(best_plen <= common))
		return best;
	if (!above || above_plen <= common)
		return above;
	return trie_lookup_below(t, &k, KEY_BITS + 1, &plen);
}

/**
 * toy_trie_match() - longest prefix that the caller accepts
 * @t: trie
 * @key: address
 * @fn: says whether a value will do
 * @arg: for @fn
 *
 * Offers the prefixes of @key from long to short. Each refusal is another
 * walk from the top: prefixes nest rarely, and a stack of 129 values would
 * weigh more than that.
 *
 * Context: under rcu_read_lock().
 * Return: the value accepted, or NULL.
 */
void *toy_trie_match(const struct toy_trie *t, const struct in6_addr *key,
		     bool (*fn)(void *value, const void *arg), const void *arg)
{
	struct trie_key k = key_of(key);
	unsigned int plen = KEY_BITS + 1;
	void *value;

	do {
		value = trie_lookup_below(t, &k, plen, &plen);
	} while (value && !fn(value, arg));
	return value;
}

/* The least prefix of a subtree. It is absent only while a writer works. */
static const struct toy_trie_node *trie_first(const struct toy_trie_node *n,
					      void **value)
{
	const struct toy_trie_node *child;

	while (n) {
		*value = rcu_dereference_raw(n->value);
		if (*value)
			break;
		child = rcu_dereference_raw(n->child[0]);
		n = child ?: rcu_dereference_raw(n->child[1]);
	}
	return n;
}

/* The highest node all of whose subtree comes after (@key, @plen). */
static const struct toy_trie_node *trie_after(const struct toy_trie *t,
					      const struct trie_key *key,
					      unsigned int plen)
{
	const struct toy_trie_node *n = rcu_dereference_raw(t->root);
	const struct toy_trie_node *right = NULL, *one;
	int cmp;

	while (n) {
		cmp = key_cmp(&n->key, key);
		if (cmp > 0 || (!cmp && n->plen > plen))
			return n;
		if (key_common(&n->key, key) < n->plen || n->plen == KEY_BITS)
			break;
		one = rcu_dereference_raw(n->child[1]);
		if (key_bit(key, n->plen)) {
			n = one;
			continue;
		}
		right = one ?: right;
		n = rcu_dereference_raw(n->child[0]);
	}
	return right;
}

/**
 * toy_trie_next() - walk the prefixes in ascending order of (key, length)
 * @t: trie
 * @key: where the walk stands; becomes the next prefix
 * @plen: its length; becomes the next length
 * @started: false begins before the first prefix
 *
 * The trie may change between two calls; the place is found again by its
 * name.
 *
 * Context: under rcu_read_lock(), or the writer.
 * Return: value of the next prefix, or NULL after the last.
 */
void *toy_trie_next(const struct toy_trie *t, struct in6_addr *key, u8 *plen,
		    bool started)
{
	const struct toy_trie_node *top, *n;
	struct trie_key k = key_of(key);
	void *value = NULL;

	do {
		top = started ? trie_after(t, &k, *plen) :
				rcu_dereference_raw(t->root);
		n = trie_first(top, &value);
	} while (top && !n);	/* a writer has emptied that subtree */
	if (!n)
		return NULL;
	*key = addr_of(&n->key);
	*plen = n->plen;
	return value;
}

/* ---- writing ----------------------------------------------------------- */

/* The node of exactly this prefix, fork or not. */
static struct toy_trie_node *trie_find(struct toy_trie *t,
				       const struct trie_key *key,
				       unsigned int plen)
{
	struct toy_trie_node *n = writer_deref(t->root);

	while (n && n->plen < plen)
		n = writer_deref(n->child[key_bit(key, n->plen)]);
	/* The bits skipped on the way down are compared only here. */
	if (n && n->plen == plen && !key_cmp(&n->key, key))
		return n;
	return NULL;
}

/* Puts a new prefix between *@slot and @below, which has @common bits of it. */
static int trie_fork(struct toy_trie_node __rcu **slot,
		     struct toy_trie_node *below, unsigned int common,
		     const struct trie_key *key, unsigned int plen,
		     void *value)
{
	struct toy_trie_node *leaf, *fork;

	leaf = node_new(*key, plen, value);
	if (!leaf)
		return -ENOMEM;
	fork = leaf;
	if (below && common < plen) {
		fork = node_new(*key, common, NULL);
		if (!fork) {
			kfree(leaf);
			return -ENOMEM;
		}
		RCU_INIT_POINTER(fork->child[key_bit(key, common)], leaf);
	}
	if (below)
		RCU_INIT_POINTER(fork->child[key_bit(&below->key, common)],
				 below);
	rcu_assign_pointer(*slot, fork);
	return 0;
}

/**
 * toy_trie_insert() - store a new prefix
 * @t: trie
 * @key: prefix; bits after the first @plen are ignored
 * @plen: length of the prefix, 0 to 128
 * @value: what it leads to; not NULL
 *
 * Context: process, may sleep; writers are serialised by the caller.
 * Return: 0, -EEXIST, or -ENOMEM, which leaves the trie as it was.
 */
int toy_trie_insert(struct toy_trie *t, const struct in6_addr *key, u8 plen,
		    void *value)
{
	struct trie_key k = key_mask(key_of(key), plen);
	struct toy_trie_node __rcu **slot = &t->root;
	struct toy_trie_node *n;
	unsigned int common = 0;
	int err = 0;

	while ((n = writer_deref(*slot))) {
		common = min3(key_common(&n->key, &k), (unsigned int)n->plen,
			      (unsigned int)plen);
		if (common < n->plen || n->plen == plen)
			break;
		slot = &n->child[key_bit(&k, n->plen)];
	}

	if (n && n->plen == plen && common == plen) {
		if (writer_deref(n->value))
			return -EEXIST;
		rcu_assign_pointer(n->value, value);
	} else {
		err = trie_fork(slot, n, common, &k, plen, value);
	}
	if (!err)
		t->count++;
	return err;
}

/**
 * toy_trie_get() - value of exactly this prefix
 * @t: trie
 * @key: prefix; bits after the first @plen are ignored
 * @plen: length of the prefix
 *
 * Context: under rcu_read_lock(), or the writer.
 * Return: the value, or NULL.
 */
void *toy_trie_get(struct toy_trie *t, const struct in6_addr *key, u8 plen)
{
	struct trie_key k = key_mask(key_of(key), plen);
	const struct toy_trie_node *n = rcu_dereference_raw(t->root);

	while (n && n->plen < plen)
		n = rcu_dereference_raw(n->child[key_bit(&k, n->plen)]);
	if (n && n->plen == plen && !key_cmp(&n->key, &k))
		return rcu_dereference_raw(n->value);
	return NULL;
}

/**
 * toy_trie_replace() - let a stored prefix lead elsewhere
 * @t: trie
 * @key: prefix; bits after the first @plen are ignored
 * @plen: length of the prefix
 * @value: the new value; not NULL. The old one stays the caller's, who lets a
 *	grace period pass before freeing it.
 *
 * Context: writers are serialised by the caller.
 * Return: 0 or -ENOENT.
 */
int toy_trie_replace(struct toy_trie *t, const struct in6_addr *key, u8 plen,
		     void *value)
{
	struct trie_key k = key_mask(key_of(key), plen);
	struct toy_trie_node *n = trie_find(t, &k, plen);

	if (!n || !writer_deref(n->value))
		return -ENOENT;
	rcu_assign_pointer(n->value, value);
	return 0;
}

/* Takes a node with at most one child out; the fork above goes with a leaf. */
static void trie_unlink(struct toy_trie_node __rcu **slot,
			struct toy_trie_node *n,
			struct toy_trie_node __rcu **parent_slot,
			struct toy_trie_node *parent)
{
	struct toy_trie_node *zero = writer_deref(n->child[0]);
	struct toy_trie_node *one = writer_deref(n->child[1]);

	if (!zero && !one && parent && !writer_deref(parent->value)) {
		one = writer_deref(parent->child[slot == &parent->child[0]]);
		rcu_assign_pointer(*parent_slot, one);
		kfree_rcu(parent, rcu);
	} else {
		rcu_assign_pointer(*slot, zero ?: one);
	}
	kfree_rcu(n, rcu);
}

/**
 * toy_trie_remove() - forget a prefix
 * @t: trie
 * @key: prefix; bits after the first @plen are ignored
 * @plen: length of the prefix
 *
 * The value stays the caller's, who lets a grace period pass before freeing
 * it. Nothing happens when the prefix is not there.
 *
 * Context: writers are serialised by the caller.
 */
void toy_trie_remove(struct toy_trie *t, const struct in6_addr *key, u8 plen)
{
	struct trie_key k = key_mask(key_of(key), plen);
	struct toy_trie_node __rcu **slot = &t->root, **parent_slot = NULL;
	struct toy_trie_node *n, *parent = NULL;

	while ((n = writer_deref(*slot)) && n->plen < plen) {
		parent = n;
		parent_slot = slot;
		slot = &n->child[key_bit(&k, n->plen)];
	}
	if (!n || n->plen != plen || key_cmp(&n->key, &k) ||
	    !writer_deref(n->value))
		return;

	t->count--;
	if (writer_deref(n->child[0]) && writer_deref(n->child[1]))
		RCU_INIT_POINTER(n->value, NULL);	/* now a fork */
	else
		trie_unlink(slot, n, parent_slot, parent);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "trie_test.c"
#endif
