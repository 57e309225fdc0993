/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_FRAG_H
#define _TOY_PROTO_FRAG_H

#include "ip.h"

/**
 * struct toy_frag - a received fragment, as its headers describe it
 * @id: identification
 * @offset: of its data in what was fragmented, bytes
 * @more: it is not the last
 * @df: IPv4: it must not be fragmented further
 * @short_id: identifications have 16 bits and come round soon (IPv4)
 * @proto: what the data begins with when @offset is 0: IPv4's protocol, the
 *	Next Header field of IPv6's fragment header
 * @key_proto: IPv4: the protocol, which is part of what identifies a
 *	datagram; IPv6: 0
 * @hdr_len: bytes of all headers in front of the data, from the network header
 * @frag_hdr: how many of them, the last ones, are the fragment header and go
 *	away: IPv6: 8, IPv4: 0
 * @nexthdr_at: IPv6: offset from the network header of the Next Header field
 *	that says "fragment header" and has to say @proto
 */
struct toy_frag {
	__be32 id;
	u32 offset;
	bool more;
	bool df;
	bool short_id;
	u8 proto;
	u8 key_proto;
	u16 hdr_len;
	u16 frag_hdr;
	u16 nexthdr_at;
};

enum toy_drop toy_frag_rcv(struct toy_pkt *pkt, struct sk_buff **pskb,
			   const struct toy_frag *f);

long toy_frag_mem(const struct toy_net *tn, u8 version);

int toy_frag_net_init(struct toy_net *tn);
void toy_frag_net_pre_exit(struct toy_net *tn);
void toy_frag_net_exit(struct toy_net *tn);
void toy_frag_net_free(struct toy_net *tn);
int toy_frag_init(void);
void toy_frag_exit(void);

#endif /* _TOY_PROTO_FRAG_H */
