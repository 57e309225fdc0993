// SPDX-License-Identifier: GPL-2.0-only
/*
 * The source filter of a group on a link, merged from those of its members
 * (RFC 3376 3.2, RFC 3810 4.2).
 *
 *	some member excludes	EXCLUDE, the sources that every such member
 *				excludes and no other includes
 *	none does		INCLUDE, the sources that some member includes
 *
 * Counting per source says the same: with E members that exclude, of which e
 * name the source, and i that include it,
 *
 *	it passes	if i > 0 or e < E
 *	it is listed	in EXCLUDE mode if it does not pass, else if it does
 *
 * A member changes its filter in three steps: prepare() gets what memory may be
 * needed, swap() counts the new filter up and the old one down and cannot fail,
 * sweep() lets go of sources that nobody names. A source that has just changed
 * stays until that has been reported often enough.
 */
#include <linux/slab.h>

#include "mcast_filter.h"

/**
 * toy_mc_filter_init() - a filter without members
 * @f: filter
 */
void toy_mc_filter_init(struct toy_mc_filter *f)
{
	*f = (struct toy_mc_filter) {};
	INIT_LIST_HEAD(&f->srcs);
}

static void remove(struct toy_mc_filter *f, struct toy_mc_src *s)
{
	list_del_rcu(&s->list);
	f->sources--;
	kfree_rcu(s, rcu);
}

/**
 * toy_mc_filter_free() - let all sources go
 * @f: filter
 */
void toy_mc_filter_free(struct toy_mc_filter *f)
{
	struct toy_mc_src *s, *next;

	list_for_each_entry_safe(s, next, &f->srcs, list)
		remove(f, s);
}

static struct toy_mc_src *find(struct toy_mc_filter *f,
			       const struct in6_addr *addr)
{
	struct toy_mc_src *s;

	list_for_each_entry(s, &f->srcs, list)
		if (ipv6_addr_equal(&s->addr, addr))
			return s;
	return NULL;
}

/**
 * toy_mc_filter_prepare() - get memory for the sources of a member
 * @have: sources that its group has already
 * @want: what the member is going to want, or NULL
 * @spare: empty list; holds what toy_mc_filter_swap() may need afterwards, and
 *	what it has not needed goes by toy_mc_spare_free()
 *
 * Context: may sleep; the filter need not be locked.
 * Return: 0, -ENOMEM, -ENOBUFS above TOY_MC_MAX_SOURCES.
 */
int toy_mc_filter_prepare(u32 have, const struct toy_mc_want *want,
			  struct list_head *spare)
{
	if (!want || !want->n)
		return 0;
	if (have + want->n > TOY_MC_MAX_SOURCES)
		return -ENOBUFS;
	for (unsigned int i = 0; i < want->n; i++) {
		struct toy_mc_src *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

		if (!s)
			return -ENOMEM;
		list_add(&s->list, spare);
	}
	return 0;
}

/**
 * toy_mc_spare_free() - free what was not needed
 * @spare: list, empty afterwards
 */
void toy_mc_spare_free(struct list_head *spare)
{
	struct toy_mc_src *s, *next;

	list_for_each_entry_safe(s, next, spare, list)
		kfree(s);
	INIT_LIST_HEAD(spare);
}

/* A source that no member has named yet is heard as any other. */
static struct toy_mc_src *add(struct toy_mc_filter *f,
			      const struct in6_addr *addr,
			      struct list_head *spare)
{
	struct toy_mc_src *s;

	s = list_first_entry_or_null(spare, struct toy_mc_src, list);
	if (WARN_ON_ONCE(!s))
		return NULL;
	list_del(&s->list);
	s->addr = *addr;
	s->heard = toy_mc_filter_mode(f) == MCAST_EXCLUDE;
	list_add_tail_rcu(&s->list, &f->srcs);
	f->sources++;
	return s;
}

static bool said_before(const struct toy_mc_want *want, unsigned int at)
{
	for (unsigned int i = 0; i < at; i++)
		if (ipv6_addr_equal(&want->srcs[i], &want->srcs[at]))
			return true;
	return false;
}

static void count(struct toy_mc_filter *f, const struct toy_mc_want *want,
		  int delta, struct list_head *spare)
{
	struct toy_mc_src *s;

	if (!want)
		return;
	/* New sources first: they are heard as the mode of before says. */
	for (unsigned int i = 0; delta > 0 && i < want->n; i++)
		if (!find(f, &want->srcs[i]))
			add(f, &want->srcs[i], spare);
	WRITE_ONCE(f->members[want->mode], f->members[want->mode] + delta);
	for (unsigned int i = 0; i < want->n; i++) {
		s = said_before(want, i) ? NULL : find(f, &want->srcs[i]);
		if (s)
			WRITE_ONCE(s->count[want->mode],
				   s->count[want->mode] + delta);
	}
}

/**
 * toy_mc_filter_swap() - a member changes its filter
 * @f: filter
 * @old: what it wanted, or NULL: it is new
 * @new: what it wants, prepared for, or NULL: it leaves
 * @robust: how often a change is reported
 * @spare: what toy_mc_filter_prepare() made for @new
 *
 * RFC 3376 5.1: a change of mode is reported with all sources and makes
 * earlier changes of them uninteresting. A filter without members is INCLUDE
 * nothing. Context: any.
 *
 * Return: TOY_MC_* bits, or 0 when the members together want what they wanted.
 */
unsigned int toy_mc_filter_swap(struct toy_mc_filter *f,
				const struct toy_mc_want *old,
				const struct toy_mc_want *new, u8 robust,
				struct list_head *spare)
{
	u8 mode = toy_mc_filter_mode(f);
	unsigned int changed = 0;
	struct toy_mc_src *s;

	list_for_each_entry(s, &f->srcs, list)
		s->heard = toy_mc_src_passes(f, s);
	/* Up first: readers never see a member that wants nothing. */
	count(f, new, 1, spare);
	count(f, old, -1, spare);

	if (mode != toy_mc_filter_mode(f)) {
		toy_mc_filter_forget(f);
		return TOY_MC_MODE_CHANGED;
	}
	list_for_each_entry(s, &f->srcs, list) {
		if (s->heard == toy_mc_src_passes(f, s))
			continue;
		s->left = robust;
		changed = TOY_MC_SRCS_CHANGED;
	}
	return changed;
}

/**
 * toy_mc_filter_forget() - no change of a source is to be reported any more
 * @f: filter
 */
void toy_mc_filter_forget(struct toy_mc_filter *f)
{
	struct toy_mc_src *s;

	list_for_each_entry(s, &f->srcs, list)
		s->left = 0;
}

/**
 * toy_mc_filter_sweep() - let go of sources that have no part in it any more
 * @f: filter
 *
 * Context: any; freed after a grace period.
 */
void toy_mc_filter_sweep(struct toy_mc_filter *f)
{
	struct toy_mc_src *s, *next;

	list_for_each_entry_safe(s, next, &f->srcs, list)
		if (!s->count[0] && !s->count[1] && !s->left)
			remove(f, s);
}

/**
 * toy_mc_src_passes() - is a source to be heard?
 * @f: filter
 * @s: one of its sources
 *
 * Context: RCU.
 * Return: true if it passes.
 */
bool toy_mc_src_passes(const struct toy_mc_filter *f,
		       const struct toy_mc_src *s)
{
	return READ_ONCE(s->count[MCAST_INCLUDE]) ||
	       READ_ONCE(s->count[MCAST_EXCLUDE]) <
	       READ_ONCE(f->members[MCAST_EXCLUDE]);
}

/**
 * toy_mc_src_listed() - does a source stand in the list of the filter?
 * @f: filter
 * @s: one of its sources
 *
 * Context: RCU.
 * Return: true if it is.
 */
bool toy_mc_src_listed(const struct toy_mc_filter *f,
		       const struct toy_mc_src *s)
{
	return toy_mc_src_passes(f, s) ==
	       (toy_mc_filter_mode(f) == MCAST_INCLUDE);
}

/**
 * toy_mc_filter_passes() - does some member want to hear a source?
 * @f: filter
 * @saddr: source
 *
 * Context: RCU.
 * Return: true if it passes.
 */
bool toy_mc_filter_passes(const struct toy_mc_filter *f,
			  const struct in6_addr *saddr)
{
	const struct toy_mc_src *s;

	list_for_each_entry_rcu(s, &f->srcs, list)
		if (ipv6_addr_equal(&s->addr, saddr))
			return toy_mc_src_passes(f, s);
	return toy_mc_filter_mode(f) == MCAST_EXCLUDE;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "mcast_filter_test.c"
#endif
