/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_IPV6_H
#define _TOY_SKB_IPV6_H

#include <linux/ipv6.h>

#include "../toy.h"

/**
 * struct toy_ipv6_view - a checked IPv6 header (RFC 8200 3)
 * @saddr: source
 * @daddr: destination
 * @tot_len: bytes, header included; of a super-packet, that of the whole
 * @flowlabel: flow label, 20 bits
 * @nexthdr: what follows
 * @hop_limit: hop limit
 * @tclass: traffic class
 *
 * By value: it stays true when the skb's head moves.
 */
struct toy_ipv6_view {
	struct in6_addr saddr;
	struct in6_addr daddr;
	u32 tot_len;
	u32 flowlabel;
	u8 nexthdr;
	u8 hop_limit;
	u8 tclass;
};

/* What an IPv6 header is built from; the payload length is computed. */
struct toy_ipv6_build {
	const struct in6_addr *saddr;
	const struct in6_addr *daddr;
	u32 flowlabel;
	u8 nexthdr;
	u8 hop_limit;
	u8 tclass;
};

/* What to do about a packet whose extension header cannot be passed over:
 * RFC 4443 3.4's codes, and nothing at all.
 */
enum toy_ipv6_verdict {
	TOY_IPV6_SILENT = -1,
	TOY_IPV6_BAD_FIELD = 0,
	TOY_IPV6_BAD_HEADER = 1,
	TOY_IPV6_BAD_OPTION = 2,
	/* Only if the destination is no group: RFC 8200 4.2. */
	TOY_IPV6_BAD_OPTION_UNICAST = 3,
};

/**
 * struct toy_ipv6_walk - a walk along the chain of extension headers
 * @off: of the header that comes next, from the network header
 * @nhoff: of the octet that names it
 * @nexthdr: its type
 * @headers: extension headers passed
 * @router_alert: value of a router alert option (RFC 2711), or -1
 * @final_at: of a quoted packet: where a routing header with segments left names
 *	its destination, from the network header, or 0
 * @jumbo: a jumbo payload option was seen (RFC 2675)
 * @bad: on failure the offset of the octet that cannot be right
 * @verdict: on failure what to tell the sender
 */
struct toy_ipv6_walk {
	u16 off;
	u16 nhoff;
	u8 nexthdr;
	u8 headers;
	int router_alert;
	bool jumbo;
	u16 final_at;
	u16 bad;
	enum toy_ipv6_verdict verdict;
};

/**
 * struct toy_ipv6_fraghdr - a checked fragment header (RFC 8200 4.5)
 * @id: identification
 * @offset: of the fragment, in bytes
 * @more: more fragments follow
 */
struct toy_ipv6_fraghdr {
	__be32 id;
	u16 offset;
	bool more;
};

enum toy_drop toy_ipv6_parse(struct sk_buff *skb, struct toy_ipv6_view *v);
enum toy_drop toy_ipv6_trim(struct sk_buff *skb, const struct toy_ipv6_view *v);
void toy_ipv6_push(struct sk_buff *skb, const struct toy_ipv6_build *b);

void toy_ipv6_walk_start(struct toy_ipv6_walk *w, u8 nexthdr);
bool toy_ipv6_is_ext(u8 nexthdr);
enum toy_drop toy_ipv6_walk_options(struct sk_buff *skb,
				    struct toy_ipv6_walk *w);
enum toy_drop toy_ipv6_walk_routing(struct sk_buff *skb,
				    struct toy_ipv6_walk *w);
enum toy_drop toy_ipv6_walk_fragment(struct sk_buff *skb,
				     struct toy_ipv6_walk *w,
				     struct toy_ipv6_fraghdr *f);
bool toy_ipv6_chain_complete(const struct sk_buff *skb,
			     const struct toy_ipv6_walk *w);
unsigned int toy_ipv6_unfragmentable(const struct sk_buff *skb,
				     unsigned int *nhoff);
void toy_ipv6_push_fragment(struct sk_buff *skb, const u8 *hdr,
			    unsigned int hdr_len, unsigned int nhoff,
			    const struct toy_ipv6_fraghdr *f);
void toy_ipv6_reassembled(struct sk_buff *skb, unsigned int nhoff, u8 nexthdr,
			  u8 ecn);
enum toy_drop toy_ipv6_parse_quote(struct sk_buff *skb, unsigned int offset,
				   struct toy_ipv6_view *v,
				   struct toy_ipv6_walk *w, bool *later_frag);

#endif /* _TOY_SKB_IPV6_H */
