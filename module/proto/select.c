// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of our addresses speaks when nobody says (RFC 6724 5, RFC 1122
 * 3.3.4.3).
 *
 * An address that cannot be used or is of the other IP version is out. Of the
 * others the highest score wins, the first configured among equals. The score
 * is a number whose digits are the rules, the most important first.
 *
 * IPv4, where an address that reaches less far than the destination is out
 * too:
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
 * IPv6, in the order of RFC 6724 5:
 *
 *	the destination itself				rule 1
 *	scope: wide enough, and no wider than needed	rule 2
 *	not deprecated					rule 3
 *	on the device that sends			rule 5
 *	proven to be ours (not optimistic)		RFC 4429 3.3, but
 *			an address of another link would not be answered there
 *	the label of the destination			rule 6, 2.1
 *	bits shared with the destination		rule 8
 *	preference					the administrator
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

/* IPv6 */
#define SCORE6_SAME		63
#define SCORE6_SCOPE		57	/* 6 bits */
#define SCORE6_FRESH		56
#define SCORE6_DEV		55
#define SCORE6_PROVEN		54
#define SCORE6_LABEL		53
#define SCORE6_MATCH		45	/* 0..128 */
#define SCORE6_PREFERENCE	13	/* 32 bits */

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

/* RFC 6724 3.1: of a group as it says, of a host as RFC 4007 has it. */
static u8 scope6(const struct in6_addr *a)
{
	return ipv6_addr_is_multicast(a) ? a->s6_addr[1] & 0x0f :
	       ipv6_addr_loopback(a) || toy_addr_linklocal(a) ? 0x2 :
	       (a->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfec00000) ? 0x5 :
	       0xe;
}

/* Rule 2. A source that reaches the destination beats one that does not; of
 * the former the narrowest, of the latter the widest wins.
 */
static u64 scope_score6(u8 sa, u8 d)
{
	return sa >= d ? 0x20 | (15 - sa) : sa;
}

/* RFC 6724 2.1: the default policy table. */
static const struct {
	struct in6_addr prefix;
	u8 plen;
	u8 label;
} labels[] = {
	{ { .s6_addr = { [15] = 1 } },			128,	0 },
	{ { .s6_addr = { 0x20, 0x02 } },		16,	2 },
	{ { .s6_addr = { 0x20, 0x01 } },		32,	5 },
	{ { .s6_addr = { 0xfc } },			7,	13 },
	{ { .s6_addr = { } },				96,	3 },
	{ { .s6_addr = { 0xfe, 0xc0 } },		10,	11 },
	{ { .s6_addr = { 0x3f, 0xfe } },		16,	12 },
};

static u8 label6(const struct in6_addr *a)
{
	for (int i = 0; i < ARRAY_SIZE(labels); i++)
		if (ipv6_prefix_equal(a, &labels[i].prefix, labels[i].plen))
			return labels[i].label;
	return 1;
}

/* RFC 6724 4: a link-local address is none for another link, and one of the
 * loopback none for any.
 */
static bool eligible6(const struct toy_addr *a, const struct toy_select *q)
{
	bool narrow = toy_addr_linklocal(&a->addr) ||
		      ipv6_addr_loopback(&a->addr) ||
		      toy_addr_linklocal(&q->daddr) ||
		      ipv6_addr_is_multicast(&q->daddr);

	return toy_addr_usable(a) && !toy_is_v4(&a->addr) &&
	       (a->dev == q->dev || !narrow);
}

static u64 select_score6(const struct toy_addr *a, const struct toy_select *q)
{
	u32 preference = (u32)a->preference ^ BIT(31);	/* order as unsigned */
	u32 flags = READ_ONCE(a->flags);

	if (!eligible6(a, q))
		return 0;
	return (u64)ipv6_addr_equal(&a->addr, &q->daddr) << SCORE6_SAME |
	       scope_score6(scope6(&a->addr), scope6(&q->daddr)) << SCORE6_SCOPE |
	       (u64)!(flags & TOY_ADDR_F_DEPRECATED) << SCORE6_FRESH |
	       (u64)(a->dev == q->dev) << SCORE6_DEV |
	       (u64)!(flags & TOY_ADDR_F_OPTIMISTIC) << SCORE6_PROVEN |
	       (u64)(label6(&a->addr) == label6(&q->daddr)) << SCORE6_LABEL |
	       (u64)match_bits(a, &q->daddr) << SCORE6_MATCH |
	       (u64)preference << SCORE6_PREFERENCE |
	       BIT_ULL(SCORE_ELIGIBLE);
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

	if (!toy_is_v4(&q->daddr))
		return select_score6(a, q);
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
