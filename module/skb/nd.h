/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_ND_H
#define _TOY_SKB_ND_H

#include "icmp6.h"

/* Options: RFC 4861 4.6, RFC 3971 5.3.2, RFC 4191 2.3, RFC 8106 5. */
enum toy_nd_opt_type {
	TOY_ND_OPT_SLLA		= 1,	/* source link-layer address */
	TOY_ND_OPT_TLLA		= 2,	/* target link-layer address */
	TOY_ND_OPT_PREFIX	= 3,
	TOY_ND_OPT_REDIRECTED	= 4,
	TOY_ND_OPT_MTU		= 5,
	TOY_ND_OPT_NONCE	= 14,
	TOY_ND_OPT_ROUTE	= 24,
	TOY_ND_OPT_RDNSS	= 25,
	TOY_ND_OPT_DNSSL	= 31,
};

#define TOY_ND_NONCE_LEN	6
#define TOY_ND_FOREVER		0xffffffffU	/* a lifetime without end */

/**
 * struct toy_nd_view - a checked message of neighbour discovery
 * @type: TOY_ND_*
 * @router: NA: the sender is a router
 * @solicited: NA: it answers a solicitation
 * @override: NA: it may replace an address that is known
 * @has_lladdr: @lladdr is there: of the source (NS, RS, RA), of the target
 *	(NA, redirect)
 * @has_nonce: @nonce is there
 * @lladdr: link-layer address
 * @nonce: of NS (RFC 7527), if it has the length that we send
 * @target: NS, NA: address in question; redirect: better first hop
 * @dest: redirect: destination that it is for
 * @hop_limit: RA: for what is sent, or 0
 * @managed: RA: addresses by DHCPv6
 * @other: RA: other configuration by DHCPv6
 * @preference: RA: of the router, -1, 0 or 1 (RFC 4191)
 * @lifetime: RA: seconds to be a default router, or 0
 * @reachable: RA: milliseconds, or 0
 * @retrans: RA: milliseconds, or 0
 * @opts: options, checked to be whole; in the skb
 * @opts_len: bytes of options
 */
struct toy_nd_view {
	u8 type;
	bool router;
	bool solicited;
	bool override;
	bool has_lladdr;
	bool has_nonce;
	u8 lladdr[MAX_ADDR_LEN];
	u8 nonce[TOY_ND_NONCE_LEN];
	struct in6_addr target;
	struct in6_addr dest;
	u8 hop_limit;
	bool managed;
	bool other;
	s8 preference;
	u16 lifetime;
	u32 reachable;
	u32 retrans;
	const u8 *opts;
	unsigned int opts_len;
};

/**
 * struct toy_nd_opt - an option as it stands
 * @type: enum toy_nd_opt_type, or one that we do not know
 * @len: bytes, type and length included; a multiple of 8
 * @data: from the type on
 */
struct toy_nd_opt {
	u8 type;
	unsigned int len;
	const u8 *data;
};

/* RFC 4861 4.6.2. Lifetimes are seconds or TOY_ND_FOREVER. */
struct toy_nd_prefix {
	struct in6_addr prefix;		/* nothing beyond @plen */
	u32 valid;
	u32 preferred;
	u8 plen;
	bool onlink;
	bool autonomous;
};

/* RFC 4191 2.3 */
struct toy_nd_route {
	struct in6_addr prefix;
	u32 lifetime;
	u8 plen;
	s8 preference;
};

enum toy_drop toy_nd_parse(struct sk_buff *skb, const struct net_device *dev,
			   const struct in6_addr *saddr,
			   const struct in6_addr *daddr, u8 hop_limit,
			   struct toy_nd_view *v);

/* The option behind @opt, the first when @opt->data is NULL; false at the end. */
bool toy_nd_opt_next(const struct toy_nd_view *v, struct toy_nd_opt *opt);

/* Each reads one option; TOY_RX_OK or what is wrong with it. */
enum toy_drop toy_nd_read_prefix(const struct toy_nd_opt *o,
				 struct toy_nd_prefix *p);
enum toy_drop toy_nd_read_route(const struct toy_nd_opt *o,
				struct toy_nd_route *r);
enum toy_drop toy_nd_read_mtu(const struct toy_nd_opt *o, u32 *mtu);
enum toy_drop toy_nd_read_rdnss(const struct toy_nd_opt *o, u32 *lifetime,
				unsigned int *n);
struct in6_addr toy_nd_rdnss_addr(const struct toy_nd_opt *o, unsigned int i);

#define TOY_ND_NAME_MAX		256	/* a domain as text, with its end */
enum toy_drop toy_nd_read_dnssl(const struct toy_nd_opt *o, u32 *lifetime,
				unsigned int *at, char name[TOY_ND_NAME_MAX]);

/**
 * struct toy_nd_build - what a message is to say
 * @type: TOY_ND_*
 * @flags: NA: the second word: TOY_ND_NA_*
 * @target: NS, NA, redirect: address in question
 * @dest: redirect: destination
 * @lladdr: source's or target's link-layer address, or NULL for no option
 * @nonce: TOY_ND_NONCE_LEN bytes, or NULL
 * @quoted: redirect: the packet that caused it, skb->data at its network
 *	header, or NULL; borrowed
 */
struct toy_nd_build {
	u8 type;
	u32 flags;
	struct in6_addr target;
	struct in6_addr dest;
	const u8 *lladdr;
	const u8 *nonce;
	const struct sk_buff *quoted;
};

#define TOY_ND_NA_ROUTER	BIT(31)
#define TOY_ND_NA_SOLICITED	BIT(30)
#define TOY_ND_NA_OVERRIDE	BIT(29)

struct sk_buff *toy_nd_build(const struct net_device *dev,
			     const struct in6_addr *saddr,
			     const struct in6_addr *daddr,
			     const struct toy_nd_build *b);

#endif /* _TOY_SKB_ND_H */
