// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams that wait for fragments: a table for each IP version and
 * namespace, and the limits of what they hold.
 *
 * The tables are the inet_frag library's (net/inet_frag.h). It counts a
 * table's memory, frees fragments and times datagrams out. Keys are IPv6's for
 * both versions: addresses are IPv6's inside, and IPv4's protocol stands in
 * the field "user".
 */
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "../napi/dev.h"
#include "frag.h"
#include "frag_table.h"

/* ---- the library ------------------------------------------------------- */

static u32 toy_frag_hash(const void *data, u32 len, u32 seed)
{
	return jhash2(data, sizeof(struct frag_v6_compare_key) / sizeof(u32),
		      seed);
}

static u32 toy_frag_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct inet_frag_queue *q = data;

	return toy_frag_hash(&q->key.v6, len, seed);
}

static int toy_frag_cmp(struct rhashtable_compare_arg *arg, const void *ptr)
{
	const struct inet_frag_queue *q = ptr;

	return memcmp(arg->key, &q->key.v6, sizeof(q->key.v6)) != 0;
}

static void toy_frag_constructor(struct inet_frag_queue *q, const void *key)
{
	memcpy(&q->key.v6, key, sizeof(q->key.v6));
}

static struct inet_frags toy_frags_lib = {
	.qsize			= sizeof(struct toy_frag_queue),
	.constructor		= toy_frag_constructor,
	.frag_expire		= toy_frag_expire,
	.frags_cache_name	= "toy-frags",
	.rhash_params		= {
		.head_offset	= offsetof(struct inet_frag_queue, node),
		.hashfn		= toy_frag_hash,
		.obj_hashfn	= toy_frag_obj_hash,
		.obj_cmpfn	= toy_frag_cmp,
		.automatic_shrinking = true,
	},
};

/* ---- finding ----------------------------------------------------------- */

/* Which fragments belong together: RFC 791 3.2 and RFC 8200 4.5. Addresses
 * that mean something on one link only are told apart by the device.
 */
static void toy_frag_key(const struct toy_pkt *pkt, const struct toy_frag *f,
			 struct frag_v6_compare_key *key)
{
	memset(key, 0, sizeof(*key));
	key->saddr = pkt->saddr;
	key->daddr = pkt->daddr;
	key->id = f->id;
	key->user = f->key_proto;
	if (ipv6_addr_type(&pkt->daddr) &
	    (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL))
		key->iif = pkt->dev->ifindex;
}

/* Knobs of the IP version. */
struct toy_frag_limits {
	int version;		/* TOY_FRAG_V4, TOY_FRAG_V6 */
	int high;
	int low;
	int time;
};

static void toy_frag_limits(const struct toy_pkt *pkt,
			    struct toy_frag_limits *l)
{
	const struct toy_sysctl *s = &pkt->tn->sysctl;

	if (pkt->ip->version == 4) {
		l->version = TOY_FRAG_V4;
		l->high = READ_ONCE(s->ipfrag_high_thresh);
		l->low = READ_ONCE(s->ipfrag_low_thresh);
		l->time = READ_ONCE(s->ipfrag_time);
	} else {
		l->version = TOY_FRAG_V6;
		l->high = READ_ONCE(s->ip6frag_high_thresh);
		l->low = READ_ONCE(s->ip6frag_low_thresh);
		l->time = READ_ONCE(s->ip6frag_time);
	}
}

/**
 * toy_frag_find() - find the datagram that a fragment belongs to, or begin one
 * @pkt: what is known of the fragment
 * @f: what its headers say
 *
 * Context: softirq, RCU, under which the result is valid: on some kernels the
 * library takes a reference, toy_compat_frag_put() knows.
 *
 * Return: the datagram, not locked; NULL when too much is held already, when
 * the namespace goes, or without memory.
 */
struct toy_frag_queue *toy_frag_find(const struct toy_pkt *pkt,
				     const struct toy_frag *f)
{
	struct toy_frags *fr = pkt->tn->frags;
	struct frag_v6_compare_key key;
	struct toy_frag_limits l;
	struct inet_frag_queue *q;
	struct fqdir *dir;
	long mem;

	if (READ_ONCE(fr->dead))
		return NULL;
	toy_frag_limits(pkt, &l);
	dir = fr->dir[l.version];
	toy_frag_key(pkt, f, &key);
	mem = frag_mem_limit(dir);
	if (mem > l.high)
		return NULL;
	if (mem > l.low && !rhashtable_lookup(&dir->rhashtable, &key,
					      toy_frags_lib.rhash_params))
		return NULL;
	WRITE_ONCE(dir->timeout, l.time * HZ);
	q = inet_frag_find(dir, &key);
	return q ? toy_frag_queue_of(q) : NULL;
}

/**
 * toy_frag_mem() - memory that waits for fragments
 * @tn: namespace
 * @version: 4 or 6
 *
 * Context: any.
 *
 * Return: bytes, as net.toy.ipfrag_high_thresh counts them.
 */
long toy_frag_mem(const struct toy_net *tn, u8 version)
{
	const struct toy_frags *fr = READ_ONCE(tn->frags);

	if (!fr)
		return 0;
	return frag_mem_limit(fr->dir[version == 4 ? TOY_FRAG_V4 : TOY_FRAG_V6]);
}

/* ---- a namespace comes and goes ---------------------------------------- */

/* One that is still here when its table goes. The timer's reference and the
 * table's are put; a timer that runs meanwhile waits for the lock, finds it
 * marked and puts its own.
 */
static void toy_frag_free_cb(void *ptr, void *arg)
{
	struct inet_frag_queue *q = ptr;
	int refs = del_timer_sync(&q->timer) ? 1 : 0;

	spin_lock_bh(&q->lock);
	toy_compat_frag_mark_drop(q);
	if (!(q->flags & INET_FRAG_COMPLETE)) {
		q->flags |= INET_FRAG_COMPLETE;
		refs++;
	} else if (q->flags & INET_FRAG_HASH_DEAD) {
		refs++;
	}
	spin_unlock_bh(&q->lock);
	toy_compat_frag_putn(q, refs);
}

/**
 * toy_frag_net_init() - make the tables of a namespace
 * @tn: namespace
 *
 * Return: 0 or a negative errno.
 */
int toy_frag_net_init(struct toy_net *tn)
{
	struct toy_frags *fr = kzalloc(sizeof(*fr), GFP_KERNEL_ACCOUNT);
	int err;

	if (!fr)
		return -ENOMEM;
	get_random_bytes(&fr->key, sizeof(fr->key));
	for (int i = 0; i < TOY_FRAG_VERSIONS; i++) {
		err = fqdir_init(&fr->dir[i], &toy_frags_lib, tn->net);
		if (err)
			goto free;
		/* The limit is looked at here, where its name is known. */
		fr->dir[i]->high_thresh = LONG_MAX;
	}
	WRITE_ONCE(tn->frags, fr);
	return 0;

free:
	tn->frags = fr;
	toy_frag_net_exit(tn);
	toy_frag_net_free(tn);
	return err;
}

/**
 * toy_frag_net_pre_exit() - a namespace goes: hold nothing any more
 * @tn: namespace
 *
 * A grace period follows before toy_frag_net_exit(). From then on a table
 * does not change while it is taken down.
 */
void toy_frag_net_pre_exit(struct toy_net *tn)
{
	WRITE_ONCE(tn->frags->dead, true);
	for (int i = 0; i < TOY_FRAG_VERSIONS; i++)
		if (tn->frags->dir[i])
			WRITE_ONCE(tn->frags->dir[i]->dead, true);
}

/**
 * toy_frag_net_exit() - drop what is still being held
 * @tn: namespace
 *
 * The library's fqdir_exit() would do that later, from a work queue, and
 * keep the module for more than a second. Context: process.
 */
void toy_frag_net_exit(struct toy_net *tn)
{
	toy_frag_net_pre_exit(tn);
	for (int i = 0; i < TOY_FRAG_VERSIONS; i++)
		if (tn->frags->dir[i])
			rhashtable_free_and_destroy(&tn->frags->dir[i]->rhashtable,
						    toy_frag_free_cb, NULL);
}

/**
 * toy_frag_net_free() - free the tables, after RCU callbacks have run
 * @tn: namespace after toy_frag_net_exit(); or one that has no tables
 */
void toy_frag_net_free(struct toy_net *tn)
{
	struct toy_frags *fr = tn->frags;

	if (!fr)
		return;
	for (int i = 0; i < TOY_FRAG_VERSIONS; i++) {
		if (!fr->dir[i])
			continue;
		kfree(fr->dir[i]);
		if (refcount_dec_and_test(&toy_frags_lib.refcnt))
			complete(&toy_frags_lib.completion);
	}
	tn->frags = NULL;
	kfree(fr);
}

/**
 * toy_frag_init() - prepare for reassembly, before there are namespaces
 *
 * Return: 0 or -ENOMEM.
 */
int toy_frag_init(void)
{
	return inet_frags_init(&toy_frags_lib);
}

/**
 * toy_frag_exit() - the opposite of toy_frag_init(); no namespace is left
 */
void toy_frag_exit(void)
{
	rcu_barrier();
	inet_frags_fini(&toy_frags_lib);
}
