// SPDX-License-Identifier: GPL-2.0-only
/* Cases for trie.c: edges by hand, then random changes against a list. */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/ipv6.h>

#define TEST_V4(a, b, c, d) ((struct in6_addr) { .s6_addr = { \
	[10] = 0xff, 0xff, a, b, c, d } })

/* A value is any pointer; tests use small numbers. */
#define VAL(n)	((void *)(unsigned long)(n))

static void expect_leads_to(struct kunit *test, struct toy_trie *t,
			    struct in6_addr key, void *value)
{
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, toy_trie_lookup(t, &key), value);
	rcu_read_unlock();
}

static void trie_add(struct kunit *test, struct toy_trie *t,
		     struct in6_addr key, u8 plen, void *value)
{
	KUNIT_ASSERT_EQ(test, toy_trie_insert(t, &key, plen, value), 0);
}

/* A node has at most as many ancestors as its prefix has bits, and each of
 * them leaves one child behind to come back to.
 */
static struct {
	const struct toy_trie_node *n;
	unsigned int depth;
} to_check[KEY_BITS + 2];

static void check_child(struct kunit *test, const struct toy_trie_node *n,
			unsigned int b)
{
	const struct toy_trie_node *child = writer_deref(n->child[b]);

	if (child->plen <= n->plen ||
	    key_common(&child->key, &n->key) < n->plen ||
	    key_bit(&child->key, n->plen) != b)
		KUNIT_FAIL(test, "child %u of a /%u is misplaced", b, n->plen);
}

/* Counts the nodes and checks what the file's opening promises of each. */
static unsigned int check_nodes(struct kunit *test, struct toy_trie *t,
				unsigned int *deepest)
{
	const struct toy_trie_node *n = writer_deref(t->root);
	unsigned int nodes = 0, waiting = 0, depth, children, b;

	if (n) {
		to_check[waiting].n = n;
		to_check[waiting++].depth = 1;
	}
	while (waiting) {
		n = to_check[--waiting].n;
		depth = to_check[waiting].depth;
		nodes++;
		*deepest = max(*deepest, depth);
		for (b = 0, children = 0; b < 2; b++) {
			if (!writer_deref(n->child[b]))
				continue;
			children++;
			check_child(test, n, b);
			to_check[waiting].n = writer_deref(n->child[b]);
			to_check[waiting++].depth = depth + 1;
		}
		if (!writer_deref(n->value) && children != 2)
			KUNIT_FAIL(test, "a fork with %u children", children);
	}
	return nodes;
}

static unsigned int trie_depth(struct kunit *test, struct toy_trie *t)
{
	unsigned int deepest = 0;
	unsigned int nodes = check_nodes(test, t, &deepest);

	KUNIT_EXPECT_LE(test, nodes, t->count ? 2 * t->count - 1 : 0);
	return deepest;
}

static void empty_trie_knows_nothing(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr key = TEST_V4(1, 2, 3, 4);
	u8 plen = 0;

	expect_leads_to(test, &t, key, NULL);
	KUNIT_EXPECT_NULL(test, toy_trie_get(&t, &key, 0));
	KUNIT_EXPECT_NULL(test, toy_trie_next(&t, &key, &plen, false));
	KUNIT_EXPECT_EQ(test, toy_trie_replace(&t, &key, 32, VAL(1)), -ENOENT);
	toy_trie_remove(&t, &key, 0);
	KUNIT_EXPECT_EQ(test, t.count, 0);
}

/* The lengths at the ends: everything, and a single address. */
static void lengths_0_and_128(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr any = {}, host = TEST_V4(10, 0, 0, 1);
	struct in6_addr ones;

	memset(&ones, 0xff, sizeof(ones));
	trie_add(test, &t, any, 0, VAL(1));
	trie_add(test, &t, host, 128, VAL(2));
	trie_add(test, &t, ones, 128, VAL(3));
	expect_leads_to(test, &t, host, VAL(2));
	expect_leads_to(test, &t, ones, VAL(3));
	expect_leads_to(test, &t, TEST_V4(10, 0, 0, 2), VAL(1));
	KUNIT_EXPECT_EQ(test, toy_trie_insert(&t, &any, 0, VAL(4)), -EEXIST);
	KUNIT_EXPECT_EQ(test, toy_trie_insert(&t, &host, 128, VAL(4)),
			-EEXIST);

	toy_trie_remove(&t, &any, 0);
	expect_leads_to(test, &t, TEST_V4(10, 0, 0, 2), NULL);
	expect_leads_to(test, &t, host, VAL(2));
	toy_trie_remove(&t, &host, 128);
	toy_trie_remove(&t, &ones, 128);
	KUNIT_EXPECT_NULL(test, writer_deref(t.root));
}

/* The bits behind the prefix do not matter. */
static void host_bits_are_ignored(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr a = TEST_V4(10, 1, 2, 3), b = TEST_V4(10, 1, 2, 200);

	trie_add(test, &t, a, 120, VAL(1));
	KUNIT_EXPECT_PTR_EQ(test, toy_trie_get(&t, &b, 120), VAL(1));
	KUNIT_EXPECT_EQ(test, toy_trie_insert(&t, &b, 120, VAL(2)), -EEXIST);
	KUNIT_EXPECT_EQ(test, toy_trie_replace(&t, &b, 120, VAL(3)), 0);
	expect_leads_to(test, &t, a, VAL(3));
	toy_trie_remove(&t, &b, 120);
	expect_leads_to(test, &t, a, NULL);
}

static bool value_is(void *value, const void *arg)
{
	return value == arg;
}

/* Prefixes one inside the other, in both orders of coming and going. */
static void nested_prefixes(struct kunit *test)
{
	static const u8 orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 },
					{ 2, 0, 3, 1 } };
	static const u8 plens[] = { 96, 104, 112, 128 };
	struct in6_addr key = TEST_V4(10, 1, 2, 3);
	struct toy_trie t = {};
	int o, i;

	for (o = 0; o < ARRAY_SIZE(orders); o++) {
		for (i = 0; i < 4; i++)
			trie_add(test, &t, key, plens[orders[o][i]],
				 VAL(orders[o][i] + 1));
		KUNIT_EXPECT_EQ(test, trie_depth(test, &t), 4);
		expect_leads_to(test, &t, key, VAL(4));
		expect_leads_to(test, &t, TEST_V4(10, 1, 9, 9), VAL(3));
		expect_leads_to(test, &t, TEST_V4(10, 9, 9, 9), VAL(2));
		expect_leads_to(test, &t, TEST_V4(9, 9, 9, 9), VAL(1));

		rcu_read_lock();
		for (i = 1; i <= 4; i++)
			KUNIT_EXPECT_PTR_EQ(test, toy_trie_match(&t, &key,
								 value_is,
								 VAL(i)),
					    VAL(i));
		KUNIT_EXPECT_NULL(test, toy_trie_match(&t, &key, value_is,
						       VAL(5)));
		rcu_read_unlock();

		for (i = 0; i < 4; i++)
			toy_trie_remove(&t, &key, plens[orders[o][i]]);
		KUNIT_EXPECT_NULL(test, writer_deref(t.root));
	}
}

/* Removing one of two siblings takes the fork above it away as well. */
static void removal_merges_nodes(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr b = TEST_V4(10, 1, 2, 0), c = TEST_V4(10, 1, 3, 0);
	struct in6_addr above = TEST_V4(10, 1, 2, 0);
	unsigned int deepest = 0;

	trie_add(test, &t, b, 120, VAL(1));
	trie_add(test, &t, c, 120, VAL(2));
	KUNIT_EXPECT_EQ(test, check_nodes(test, &t, &deepest), 3);

	/* The fork gets a value, loses it, and is a fork again. */
	trie_add(test, &t, above, 119, VAL(3));
	expect_leads_to(test, &t, TEST_V4(10, 1, 3, 1), VAL(2));
	toy_trie_remove(&t, &above, 119);
	KUNIT_EXPECT_EQ(test, check_nodes(test, &t, &deepest), 3);

	toy_trie_remove(&t, &c, 120);
	KUNIT_EXPECT_EQ(test, check_nodes(test, &t, &deepest), 1);
	expect_leads_to(test, &t, b, VAL(1));
	expect_leads_to(test, &t, c, NULL);
	toy_trie_remove(&t, &b, 120);
	KUNIT_EXPECT_NULL(test, writer_deref(t.root));
}

/* The shared 96 bits of IPv4 addresses cost one node. */
static void mapped_addresses_share_one_node(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr v6 = {}, v4 = TEST_V4(1, 0, 0, 0);

	trie_add(test, &t, v6, 0, VAL(1));
	trie_add(test, &t, TEST_V4(0, 0, 0, 0), 96, VAL(2));
	trie_add(test, &t, v4, 104, VAL(3));
	trie_add(test, &t, TEST_V4(128, 0, 0, 0), 104, VAL(4));
	KUNIT_EXPECT_EQ(test, trie_depth(test, &t), 3);

	toy_trie_remove(&t, &v6, 0);
	toy_trie_remove(&t, &v4, 96);	/* host bits: the /96 goes */
	toy_trie_remove(&t, &v4, 104);
	v4 = TEST_V4(128, 0, 0, 0);
	toy_trie_remove(&t, &v4, 104);
	KUNIT_EXPECT_NULL(test, writer_deref(t.root));
}

/* Memory runs out at the first and at the second node of an insertion. */
static void failed_insertion_changes_nothing(struct kunit *test)
{
	struct toy_trie t = {};
	struct in6_addr a = TEST_V4(10, 1, 2, 0), b = TEST_V4(10, 1, 3, 0);
	int allocs;

	trie_add(test, &t, a, 120, VAL(1));
	for (allocs = 0; allocs < 2; allocs++) {
		toy_trie_test_allocs = allocs;
		KUNIT_EXPECT_EQ(test, toy_trie_insert(&t, &b, 120, VAL(2)),
				-ENOMEM);
		KUNIT_EXPECT_EQ(test, t.count, 1);
		KUNIT_EXPECT_EQ(test, trie_depth(test, &t), 1);
		expect_leads_to(test, &t, a, VAL(1));
		expect_leads_to(test, &t, b, NULL);
	}
	trie_add(test, &t, b, 120, VAL(2));

	/* A fork that gets its value needs no memory. */
	toy_trie_test_allocs = 0;
	KUNIT_EXPECT_EQ(test, toy_trie_insert(&t, &a, 119, VAL(3)), 0);
	KUNIT_EXPECT_EQ(test, toy_trie_test_allocs, 0);
	toy_trie_test_allocs = -1;
	toy_trie_remove(&t, &a, 119);
	toy_trie_remove(&t, &a, 120);
	toy_trie_remove(&t, &b, 120);
}

/* ---- against a reference ----------------------------------------------- */

#define REF_MAX	600

struct ref_prefix {
	struct in6_addr key;
	u8 plen;
	bool stored;
};

struct ref {
	struct toy_trie t;
	struct rnd_state rnd;
	struct ref_prefix p[REF_MAX];
};

static u32 ref_random(struct ref *ref, u32 below)
{
	return prandom_u32_state(&ref->rnd) % below;
}

/* Keys from a small alphabet, so that prefixes nest and collide. */
static struct in6_addr ref_key(struct ref *ref)
{
	static const u8 bytes[] = { 0x00, 0x80, 0xff, 0x01, 0x7f };
	struct in6_addr key = TEST_V4(0, 0, 0, 0);
	int i;

	for (i = ref_random(ref, 2) ? 12 : 0; i < 16; i++)
		key.s6_addr[i] = bytes[ref_random(ref, ARRAY_SIZE(bytes))];
	return key;
}

static void ref_init(struct ref *ref)
{
	int i, j;

	prandom_seed_state(&ref->rnd, 826);
	for (i = 0; i < REF_MAX; i++) {
		struct ref_prefix *p = &ref->p[i];
		struct in6_addr key;

again:
		key = ref_key(ref);
		p->plen = ref_random(ref, 129);
		ipv6_addr_prefix(&p->key, &key, p->plen);
		for (j = 0; j < i; j++)
			if (ref->p[j].plen == p->plen &&
			    ipv6_addr_equal(&ref->p[j].key, &p->key))
				goto again;
	}
}

static struct ref_prefix *ref_lookup(struct ref *ref,
				     const struct in6_addr *key)
{
	struct ref_prefix *best = NULL;
	int i;

	for (i = 0; i < REF_MAX; i++) {
		struct ref_prefix *p = &ref->p[i];

		if (p->stored && ipv6_prefix_equal(&p->key, key, p->plen) &&
		    (!best || p->plen > best->plen))
			best = p;
	}
	return best;
}

/* Whether the walk shows all that is stored, each once, in order. */
static void ref_check_order(struct kunit *test, struct ref *ref)
{
	struct in6_addr key = {}, last = {};
	u8 plen = 0, last_plen = 0;
	unsigned int n = 0;
	struct ref_prefix *p;
	int cmp;

	while ((p = toy_trie_next(&ref->t, &key, &plen, n > 0))) {
		KUNIT_ASSERT_TRUE(test, p->stored && p->plen == plen &&
				  ipv6_addr_equal(&p->key, &key));
		cmp = memcmp(&last, &key, sizeof(key));
		KUNIT_ASSERT_TRUE(test, !n || cmp < 0 ||
				  (!cmp && last_plen < plen));
		last = key;
		last_plen = plen;
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, ref->t.count);
}

static void random_changes_match_a_list(struct kunit *test)
{
	struct ref *ref = kunit_kzalloc(test, sizeof(*ref), GFP_KERNEL);
	int round, i;

	KUNIT_ASSERT_NOT_NULL(test, ref);
	ref_init(ref);
	for (round = 0; round < 20000; round++) {
		struct ref_prefix *p = &ref->p[ref_random(ref, REF_MAX)];
		struct in6_addr key = ref_key(ref);

		/* Mostly full in one half of the run, mostly empty in the
		 * other.
		 */
		if (p->stored && ref_random(ref, round < 10000 ? 3 : 1) == 0) {
			toy_trie_remove(&ref->t, &p->key, p->plen);
			p->stored = false;
		} else if (!p->stored &&
			   ref_random(ref, round < 10000 ? 1 : 4) == 0) {
			trie_add(test, &ref->t, p->key, p->plen, p);
			p->stored = true;
		}
		rcu_read_lock();
		if (toy_trie_lookup(&ref->t, &key) != ref_lookup(ref, &key))
			KUNIT_FAIL(test, "round %d: %pI6", round, &key);
		rcu_read_unlock();
		KUNIT_EXPECT_PTR_EQ(test, toy_trie_get(&ref->t, &p->key,
						       p->plen),
				    p->stored ? (void *)p : NULL);
		if (round % 500 == 0) {
			trie_depth(test, &ref->t);
			ref_check_order(test, ref);
		}
	}
	for (i = 0; i < REF_MAX; i++)
		if (ref->p[i].stored)
			toy_trie_remove(&ref->t, &ref->p[i].key,
					ref->p[i].plen);
	KUNIT_EXPECT_EQ(test, ref->t.count, 0);
	KUNIT_EXPECT_NULL(test, writer_deref(ref->t.root));
}

/* A dump survives that prefixes come and go between its steps. */
static void walk_survives_changes(struct kunit *test)
{
	struct in6_addr key = {}, gone = TEST_V4(10, 0, 0, 0);
	struct toy_trie t = {};
	u8 plen = 0;
	int i;

	for (i = 0; i < 8; i++)
		trie_add(test, &t, TEST_V4(10, i, 0, 0), 112, VAL(i + 1));
	for (i = 0; i < 3; i++)
		toy_trie_next(&t, &key, &plen, i > 0);
	toy_trie_remove(&t, &key, plen);	/* where the walk stands */
	gone.s6_addr[13] = 3;
	toy_trie_remove(&t, &gone, 112);	/* and what would follow */
	trie_add(test, &t, TEST_V4(10, 4, 0, 0), 110, VAL(9));
	KUNIT_EXPECT_PTR_EQ(test, toy_trie_next(&t, &key, &plen, true),
			    VAL(9));
	KUNIT_EXPECT_PTR_EQ(test, toy_trie_next(&t, &key, &plen, true),
			    VAL(5));

	memset(&key, 0, sizeof(key));
	while (toy_trie_next(&t, &key, &plen, false))
		toy_trie_remove(&t, &key, plen);
}

/* Nodes that toy_trie_lookup() visits, in all of @n look-ups of random IPv4
 * addresses. The same walk down, but for the values.
 */
static unsigned long trie_visits(struct kunit *test, struct toy_trie *t, int n)
{
	struct in6_addr key = TEST_V4(0, 0, 0, 0);
	const struct toy_trie_node *node;
	unsigned long visits = 0;
	struct rnd_state rnd;
	struct trie_key k;
	unsigned int bit;

	prandom_seed_state(&rnd, 8191);
	while (n--) {
		key.s6_addr32[3] =
			(__force __be32)prandom_u32_state(&rnd);
		k = key_of(&key);
		for (node = writer_deref(t->root); node; visits++) {
			bit = node->plen < KEY_BITS ? key_bit(&k, node->plen) : 0;
			node = writer_deref(node->child[bit]);
		}
	}
	return visits;
}

/* A look-up visits as many nodes as the number of prefixes has bits, and a few
 * more, whatever the number.
 */
static void visits_grow_as_the_logarithm(struct kunit *test)
{
	static const int sizes[] = {
		10, 100, 1000, 10000, IS_ENABLED(CONFIG_KASAN) ? 10000 : 100000,
	};
	struct in6_addr key = TEST_V4(0, 0, 0, 0);
	struct toy_trie t = {};
	struct rnd_state rnd;
	unsigned long visits;
	u8 plen = 0;

	prandom_seed_state(&rnd, 40961);
	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		while (t.count < sizes[i]) {
			key.s6_addr32[3] =
				(__force __be32)prandom_u32_state(&rnd);
			toy_trie_insert(&t, &key, 112 + t.count % 9, VAL(1));
			if (t.count % 1024 == 0)
				cond_resched();
		}
		visits = trie_visits(test, &t, 1000);
		kunit_info(test, "%d prefixes: %lu.%03lu nodes a look-up",
			   sizes[i], visits / 1000, visits % 1000);
		KUNIT_EXPECT_LE(test, visits, 1000 * (ilog2(sizes[i]) + 3));
	}
	memset(&key, 0, sizeof(key));
	while (toy_trie_next(&t, &key, &plen, false)) {
		toy_trie_remove(&t, &key, plen);
		if (t.count % 1024 == 0)
			cond_resched();
	}
}

/* A full table of a backbone router stays shallow. */
static void hundred_thousand_prefixes(struct kunit *test)
{
	/* KASAN makes a node of it dear. */
	enum { MANY = IS_ENABLED(CONFIG_KASAN) ? 5000 : 100000 };
	struct in6_addr key = TEST_V4(0, 0, 0, 0);
	struct toy_trie t = {};
	struct rnd_state rnd;
	u64 start, ns = 0;
	u8 plen = 0;
	int i, hits = 0;

	prandom_seed_state(&rnd, 791);
	for (i = 0; i < MANY; i++) {
		key.s6_addr32[3] =
			(__force __be32)prandom_u32_state(&rnd);
		if (toy_trie_insert(&t, &key, 112 + i % 9, VAL(i + 1)))
			hits++;		/* drawn before */
		if (i % 1024 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, t.count, MANY - hits);
	KUNIT_EXPECT_LE(test, trie_depth(test, &t), 26);

	start = ktime_get_ns();
	for (i = 0, hits = 0; i < MANY; i++) {
		key.s6_addr32[3] =
			(__force __be32)prandom_u32_state(&rnd);
		rcu_read_lock();
		hits += !!toy_trie_lookup(&t, &key);
		rcu_read_unlock();
	}
	ns = ktime_get_ns() - start;
	KUNIT_EXPECT_GT(test, hits, 0);
	kunit_info(test, "%llu ns a look-up, depth %u", ns / MANY,
		   trie_depth(test, &t));

	memset(&key, 0, sizeof(key));
	while (toy_trie_next(&t, &key, &plen, false)) {
		toy_trie_remove(&t, &key, plen);
		if (t.count % 1024 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_NULL(test, writer_deref(t.root));
}

static struct kunit_case trie_cases[] = {
	KUNIT_CASE(empty_trie_knows_nothing),
	KUNIT_CASE(lengths_0_and_128),
	KUNIT_CASE(host_bits_are_ignored),
	KUNIT_CASE(nested_prefixes),
	KUNIT_CASE(removal_merges_nodes),
	KUNIT_CASE(mapped_addresses_share_one_node),
	KUNIT_CASE(failed_insertion_changes_nothing),
	KUNIT_CASE(random_changes_match_a_list),
	KUNIT_CASE(walk_survives_changes),
	KUNIT_CASE(visits_grow_as_the_logarithm),
	KUNIT_CASE(hundred_thousand_prefixes),
	{}
};

static struct kunit_suite trie_suite = {
	.name = "toy-proto-trie",
	.test_cases = trie_cases,
};

kunit_test_suite(trie_suite);
