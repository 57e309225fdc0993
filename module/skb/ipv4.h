/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_IPV4_H
#define _TOY_SKB_IPV4_H

#include <linux/ip.h>

#include "../toy.h"
#include "ipv4_opts.h"

/**
 * struct toy_ipv4_view - a checked IPv4 header (RFC 791, RFC 1122 3.2.1)
 * @saddr: source
 * @daddr: destination
 * @hdr_len: bytes, options included
 * @tot_len: bytes, header included; of a super-packet, that of the whole
 * @id: identification
 * @frag_off: offset of a fragment in bytes
 * @more_frags: MF
 * @df: DF
 * @ttl: time to live
 * @tos: type of service
 * @proto: upper protocol
 * @opt: RFC 791 options found
 *
 * By value: it stays true when the skb's head moves.
 */
struct toy_ipv4_view {
	__be32 saddr;
	__be32 daddr;
	u32 tot_len;
	__be16 id;
	u16 frag_off;
	u8 hdr_len;
	bool more_frags;
	bool df;
	u8 ttl;
	u8 tos;
	u8 proto;
	struct toy_ipv4_opts {
		u8 rr;		/* offset of record route in the header, or 0 */
		u8 ts;		/* offset of timestamp, or 0 */
		u8 source_route; /* offset of a source route, or 0 */
		bool router_alert;
	} opt;
};

/* What an IPv4 header is built from; lengths and checksum are computed. */
struct toy_ipv4_build {
	__be32 saddr;
	__be32 daddr;
	__be16 id;		/* RFC 6864: 0 for atomic datagrams */
	bool df;
	u8 ttl;
	u8 tos;
	u8 proto;
	const struct toy_ipv4_txopts *opts;	/* or NULL */
};

enum toy_drop toy_ipv4_parse(struct sk_buff *skb, struct toy_ipv4_view *v,
			     u8 *bad_octet);
enum toy_drop toy_ipv4_trim(struct sk_buff *skb, const struct toy_ipv4_view *v);
void toy_ipv4_push(struct sk_buff *skb, const struct toy_ipv4_build *b);
void toy_ipv4_push_fragment(struct sk_buff *skb, const u8 *hdr,
			    unsigned int hdr_len, __be16 id, u32 offset,
			    bool more);
void toy_ipv4_reassembled(struct sk_buff *skb, u8 ecn, bool df);
enum toy_drop toy_ipv4_parse_quote(struct sk_buff *skb, unsigned int offset,
				   struct toy_ipv4_view *v);

#endif /* _TOY_SKB_IPV4_H */
