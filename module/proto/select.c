// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of our addresses speaks when nobody says (RFC 6724 5, RFC 1122
 * 3.3.4.3).
 *
 * An address that cannot be used, is of the other IP version or reaches less
 * far than the destination is out. Of the others the highest score wins, the
 * first configured among equals. The score is a number whose digits are the
 * rules, the most important first:
 *
 *	on the device that sends			RFC 6724 rule 5
 *	bits of its prefix shared with the destination	rule 8, and what makes
 *			a host with two subnets speak from the right one
 *	proven to be ours (not optimistic)		RFC 4429 3.3
 *	wide scope					rule 2
 *	preference					the administrator
 *
 * IPv4 counts shared bits only if the destination is inside the prefix, as
 * AF_INET does: addresses of unrelated networks have no common hierarchy that
 * would mean anything.
 *
 * Scopes grow as their reach shrinks (enum toy_scope). An address of the
 * sending device must reach as far as the destination's scope; one borrowed
 * from another device must mean something outside its own link as well.
 */
#include "select.h"

#define SCORE_DEV		62
#define SCORE_MATCH		54	/* 0..128 */
#define SCORE_PROVEN		53
#define SCORE_SCOPE		45	/* 0..255 */
#define SCORE_PREFERENCE	13	/* 32 bits */
#define SCORE_ELIGIBLE		0

/* Leading bits that two addresses share. */
static unsigned int common_bits(const struct in6_addr *a,
				const struct in6_addr *b)
{
	unsigned int i;
	u32 diff;

	for (i = 0; i < 4; i++) {
		diff = be32_to_cpu(a->s6_addr32[i] ^ b->s6_addr32[i]);
		if (diff)
			return 32 * i + 32 - fls(diff);
	}
	return 128;
}

/* RFC 6724 2.2: CommonPrefixLen() does not look beyond the source's prefix. */
static unsigned int match_bits(const struct toy_addr *a,
			       const struct in6_addr *daddr)
{
	unsigned int bits = min_t(unsigned int, a->plen,
				  common_bits(&a->addr, daddr));

	return toy_is_v4(daddr) && bits < a->plen ? 0 : bits;
}

static bool eligible(const struct toy_addr *a, const struct toy_select *q)
{
	if (!toy_addr_usable(a) || a->scope > q->scope)
		return false;
	if (a->dev != q->dev && a->scope == TOY_SCOPE_LINK)
		return false;
	return toy_is_v4(&a->addr) == toy_is_v4(&q->daddr);
}

/**
 * toy_select_score() - how well an address suits as a source
 * @a: address
 * @q: what it is wanted for
 *
 * Context: any; reads nothing but its arguments.
 * Return: the score, 0 if the address must not be used.
 */
u64 toy_select_score(const struct toy_addr *a, const struct toy_select *q)
{
	bool proven = !(READ_ONCE(a->flags) & TOY_ADDR_F_OPTIMISTIC);
	u32 preference = (u32)a->preference ^ BIT(31);	/* order as unsigned */

	if (!eligible(a, q))
		return 0;
	return (u64)(a->dev == q->dev) << SCORE_DEV |
	       (u64)match_bits(a, &q->daddr) << SCORE_MATCH |
	       (u64)proven << SCORE_PROVEN |
	       (u64)(255 - a->scope) << SCORE_SCOPE |
	       (u64)preference << SCORE_PREFERENCE |
	       BIT_ULL(SCORE_ELIGIBLE);
}

struct select_best {
	struct toy_select q;
	u64 score;
	struct in6_addr addr;
};

static int select_offer(const struct toy_addr *a, void *arg)
{
	struct select_best *best = arg;
	u64 score = toy_select_score(a, &best->q);

	if (score > best->score) {
		best->score = score;
		best->addr = a->addr;
	}
	return 0;
}

/**
 * toy_addr_select() - choose a source address
 * @tn: network namespace
 * @dev: device that sends
 * @daddr: destination, or the gateway to it
 * @scope: scope of the route: enum toy_scope
 * @saddr: the address chosen
 *
 * Context: any; takes rcu_read_lock().
 * Return: false when no address will do.
 */
bool toy_addr_select(struct toy_net *tn, const struct toy_dev *dev,
		     const struct in6_addr *daddr, u8 scope,
		     struct in6_addr *saddr)
{
	struct select_best best = {
		.q = { .dev = dev, .daddr = *daddr, .scope = scope },
	};

	toy_addr_walk(tn, select_offer, &best);
	if (best.score)
		*saddr = best.addr;
	return best.score;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "select_test.c"
#endif
