/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_MCAST_FILTER_H
#define _TOY_PROTO_MCAST_FILTER_H

#include <linux/in.h>		/* MCAST_INCLUDE, MCAST_EXCLUDE */
#include <linux/rculist.h>

#include "../toy.h"

/* A group has no more sources, whoever asks for them. */
#define TOY_MC_MAX_SOURCES	1024

/**
 * struct toy_mc_want - what one member of a group wants to hear
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE
 * @n: number of sources
 * @srcs: the sources; what is said twice counts once
 *
 * Exclude nothing is the membership of RFC 1112.
 */
struct toy_mc_want {
	u8 mode;
	u16 n;
	const struct in6_addr *srcs;
};

/**
 * struct toy_mc_src - a source that some member has named
 * @list: toy_mc_filter.srcs
 * @addr: source
 * @count: members that name it, by mode
 * @left: reports about its last change that are still to be sent
 * @heard: scratch of toy_mc_filter_swap(): passed before the change
 * @rcu: for freeing
 */
struct toy_mc_src {
	struct list_head list;
	struct in6_addr addr;
	u32 count[2];
	u8 left;
	bool heard;
	struct rcu_head rcu;
};

/**
 * struct toy_mc_filter - what the members of a group want together
 * @srcs: struct toy_mc_src; RCU readers
 * @members: number of members, by mode
 * @sources: length of @srcs
 *
 * Changes are serialised by the owner; readers are under RCU.
 */
struct toy_mc_filter {
	struct list_head srcs;
	u32 members[2];
	u32 sources;
};

/* What a change has done to the filter of the group as a whole. */
#define TOY_MC_MODE_CHANGED	BIT(0)
#define TOY_MC_SRCS_CHANGED	BIT(1)

void toy_mc_filter_init(struct toy_mc_filter *f);
void toy_mc_filter_free(struct toy_mc_filter *f);
int toy_mc_filter_prepare(u32 have, const struct toy_mc_want *want,
			  struct list_head *spare);
void toy_mc_spare_free(struct list_head *spare);
unsigned int toy_mc_filter_swap(struct toy_mc_filter *f,
				const struct toy_mc_want *old,
				const struct toy_mc_want *new, u8 robust,
				struct list_head *spare);
void toy_mc_filter_sweep(struct toy_mc_filter *f);
void toy_mc_filter_forget(struct toy_mc_filter *f);
bool toy_mc_filter_passes(const struct toy_mc_filter *f,
			  const struct in6_addr *saddr);
bool toy_mc_src_passes(const struct toy_mc_filter *f,
		       const struct toy_mc_src *s);
bool toy_mc_src_listed(const struct toy_mc_filter *f,
		       const struct toy_mc_src *s);

static inline u8 toy_mc_filter_mode(const struct toy_mc_filter *f)
{
	return READ_ONCE(f->members[MCAST_EXCLUDE]) ? MCAST_EXCLUDE :
						       MCAST_INCLUDE;
}

#endif /* _TOY_PROTO_MCAST_FILTER_H */
