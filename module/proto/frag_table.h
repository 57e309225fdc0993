/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_FRAG_TABLE_H
#define _TOY_PROTO_FRAG_TABLE_H

#include <linux/siphash.h>
#include <net/inet_frag.h>

#include "frag.h"
#include "frag_state.h"

/* Counters of fragments, by a keyed hash of who sent them. */
#define TOY_FRAG_PEERS		256

enum { TOY_FRAG_V4, TOY_FRAG_V6, TOY_FRAG_VERSIONS };

/**
 * struct toy_frags - datagrams of a namespace that wait for fragments
 * @dir: the library's table for each IP version
 * @dead: the namespace goes: nothing is held any more
 * @key: of the hash that chooses a peer's counter
 * @seen: fragments that have come from the peers, 16-bit identifications only
 *
 * @dir outlives toy_frag_net_exit() until RCU callbacks have run:
 * toy_frag_net_free().
 */
struct toy_frags {
	struct fqdir *dir[TOY_FRAG_VERSIONS];
	bool dead;
	siphash_key_t key;
	atomic_t seen[TOY_FRAG_PEERS];
};

/**
 * struct toy_frag_queue - a datagram whose fragments are coming
 * @q: the library's part, first; its lock guards all
 * @state: what is here
 * @tn: namespace
 * @ip: row of the IP version
 * @ifindex: attached device that the latest fragment came by
 * @seen: the peer's counter when that came
 * @first: of the fragment at offset 0, as is all that follows
 * @tos: TOS or traffic class
 * @flags: TOY_PKT_*
 *
 * Lifetime: the library's, freed by RCU when table, timer and readers have
 * let go.
 */
struct toy_frag_queue {
	struct inet_frag_queue q;
	struct toy_frag_state state;
	struct toy_net *tn;
	const struct toy_ip_ops *ip;
	int ifindex;
	u32 seen;
	struct toy_frag first;
	u8 tos;
	u8 flags;
};

static inline struct toy_frag_queue *
toy_frag_queue_of(struct inet_frag_queue *q)
{
	return container_of(q, struct toy_frag_queue, q);
}

struct toy_frag_queue *toy_frag_find(const struct toy_pkt *pkt,
				     const struct toy_frag *f);
void toy_frag_expire(struct timer_list *t);

#endif /* _TOY_PROTO_FRAG_TABLE_H */
