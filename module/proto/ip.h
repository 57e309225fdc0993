/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_IP_H
#define _TOY_PROTO_IP_H

#include "../toy.h"
#include "route.h"

struct toy_ipv4_txopts;
struct toy_ipv6_txexts;

/**
 * struct toy_ip_tx - what a sender wants in the network header
 * @proto: upper protocol
 * @ttl: TTL or hop limit
 * @tos: TOS or traffic class
 * @df: IPv4: don't fragment on the way; only for packets that fit
 * @frag: a packet that does not fit is sent in fragments; else it is -EMSGSIZE
 * @dontfrag: IPV6_DONTFRAG is why @frag is false
 * @mtu: what fits, network header included; 0: the path's MTU
 * @opts: IPv4: options, or NULL
 * @exts: IPv6: extension headers, or NULL
 * @final: IPv6: destination, where a routing header makes @exts lead elsewhere
 *	first, and so the path; else NULL
 * @opts_len: bytes of @opts or @exts
 * @flowlabel: IPv6: flow label, or 0 to have one made (RFC 6437 3)
 * @autolabel: IPv6: whether one is made: enum toy_autolabel
 * @mc_loop: what goes to a group is heard by this host, too, if it is a member
 */
struct toy_ip_tx {
	u8 proto;
	u8 ttl;
	u8 tos;
	bool df;
	bool frag;
	bool dontfrag;
	bool mc_loop;
	u32 mtu;
	const struct toy_ipv4_txopts *opts;
	const struct toy_ipv6_txexts *exts;
	const struct in6_addr *final;
	u32 flowlabel;
	u16 opts_len;
	u8 autolabel;
};

/* Who is to have the packet in the end: that is what checksums cover. */
static inline const struct in6_addr *
toy_ip_tx_final(const struct toy_ip_tx *tx, const struct toy_path *path)
{
	return unlikely(tx->final) ? tx->final : &path->daddr;
}

/* IPV6_AUTOFLOWLABEL; the numbers are nobody's but ours. */
enum toy_autolabel {
	TOY_AUTOLABEL_DEFAULT,	/* what net.toy.auto_flowlabels says */
	TOY_AUTOLABEL_ON,
	TOY_AUTOLABEL_OFF,
};

static inline u32 toy_ip_tx_mtu(const struct toy_ip_tx *tx,
				const struct toy_path *path)
{
	return tx->mtu ?: path->mtu;
}

/**
 * struct toy_frag_out - a packet that is being sent in fragments
 * @hdr: headers that every fragment repeats
 * @hdr_len: their length
 * @nexthdr_at: IPv6: offset in @hdr of the Next Header field that has to say
 *	"fragment header"
 * @id: identification; IPv4: 16 bits
 * @offset: of this fragment's data, bytes
 * @more: it is not the last
 */
struct toy_frag_out {
	const u8 *hdr;
	unsigned int hdr_len;
	unsigned int nexthdr_at;
	u32 id;
	u32 offset;
	bool more;
};

struct toy_frag;

/* Why an ICMP error is sent; each IP version has its own type and code. */
enum toy_ip_error {
	TOY_ERR_NET_UNREACH,
	TOY_ERR_HOST_UNREACH,
	TOY_ERR_PROTO_UNREACH,		/* info: offset of what names it */
	TOY_ERR_PORT_UNREACH,
	TOY_ERR_FRAG_NEEDED,		/* info: next-hop MTU */
	TOY_ERR_ADMIN_PROHIBITED,
	TOY_ERR_TTL_EXCEEDED,
	TOY_ERR_REASM_TIMEOUT,
	TOY_ERR_PARAM_PROBLEM,		/* info: offset of the bad octet */
	TOY_ERR_REDIRECT,		/* IPv4; info: gateway, host byte order */
	TOY_ERR_OPTION,			/* IPv6, the same: unknown option */
	TOY_ERR_HDR_CHAIN,		/* IPv6: first fragment without all
					 * headers (RFC 7112), info: 0
					 */
};

/**
 * struct toy_ip_ops - one IP version; what differs between them, and only that
 * @version: 4 or 6
 * @ethertype: of its packets
 * @hdr_len: bytes of a header without options
 * @frag_hdr: bytes by which headers of a fragment are longer
 * @max_len: largest packet that a header can describe
 * @min_mtu: what every link carries
 * @mib: from a counter TOY_MIB_IP_* to that of this version
 * @push: prepends the header to an skb that holds the transport header and
 *	data, for @path; borrows @skb
 * @addrs: reads source and destination from the header of a received skb
 * @ttl: reads TTL or hop limit of a received skb
 * @tos: reads TOS or traffic class of a received skb
 * @reassembled: makes the headers of a first fragment those of the whole
 *	packet; skb->data at the network header, the ECN field is set, and DF
 *	if the largest fragment had it
 * @fragment: describes how @skb, with its header pushed, is to be fragmented:
 *	all of @out that does not change from one fragment to the next
 * @push_fragment: prepends the headers to the data of a fragment
 * @error: answers a received packet with an ICMP error about it, subject to
 *	the RFC's exceptions and the rate limits; borrows @skb, whose network
 *	header is set
 * @redirect: tells the sender of a packet that we forward that @nexthop is
 *	nearer; the same holds for it. NULL where nothing can
 *
 * A row per version, constant; struct toy_pkt and struct toy_skb_cb point to
 * it, so that nobody above asks which version it is.
 */
struct toy_ip_ops {
	u8 version;
	__be16 ethertype;
	u8 hdr_len;
	u8 frag_hdr;
	u32 max_len;
	u16 min_mtu;
	u16 mib;
	void (*push)(struct toy_net *tn, struct sk_buff *skb,
		     const struct toy_path *path, const struct toy_ip_tx *tx);
	void (*addrs)(const struct sk_buff *skb, struct in6_addr *saddr,
		      struct in6_addr *daddr);
	u8 (*ttl)(const struct sk_buff *skb);
	u8 (*tos)(const struct sk_buff *skb);
	void (*reassembled)(struct sk_buff *skb, const struct toy_frag *first,
			    u8 ecn, bool df);
	void (*fragment)(const struct sk_buff *skb, struct toy_frag_out *out);
	void (*push_fragment)(struct sk_buff *skb,
			      const struct toy_frag_out *out);
	void (*error)(const struct toy_pkt *pkt, struct sk_buff *skb,
		      enum toy_ip_error what, u32 info);
	void (*redirect)(const struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct in6_addr *nexthop);
};

extern const struct toy_ip_ops toy_ipv4_ops;
extern const struct toy_ip_ops toy_ipv6_ops;

static inline const struct toy_ip_ops *toy_ip_ops_of(const struct in6_addr *a)
{
	return toy_is_v4(a) ? &toy_ipv4_ops : &toy_ipv6_ops;
}

/* Counts TOY_MIB_IP_* for the IP version at hand. */
static inline void toy_ip_count(struct toy_net *tn, const struct toy_ip_ops *ip,
				enum toy_mib which)
{
	toy_count(tn, which + ip->mib);
}

/**
 * struct toy_icmp_err - an ICMP error that a host sent about our packet
 * @err: errno for the socket
 * @fatal: hard error: a connected socket learns of it (RFC 1122 4.1.3.3)
 * @type: ICMP type
 * @code: ICMP code
 * @redirect: no error: @gateway is a better way to @daddr
 * @info: next-hop MTU, or offset of the bad octet
 * @saddr: source of our packet
 * @daddr: destination of our packet
 * @via: where a routing header sent it first, or unspecified
 * @offender: who sent the error
 * @to: whom it was sent to: us, by an address that need not be @saddr
 * @ttl: TTL or hop limit that the error arrived with; 0 for one of our own
 * @tos: its TOS or traffic class
 * @quoted_len: bytes of the quoted network header, which stands right before
 *	the quoted transport header
 * @ext_at: where RFC 4884's extensions begin, counted from the quoted network
 *	header, or 0: the message does not say
 * @gateway: of a redirect
 * @dev: device that it came in by; NULL: by none
 */
struct toy_icmp_err {
	int err;
	bool fatal;
	bool redirect;
	u8 type;
	u8 code;
	u32 info;
	struct in6_addr saddr;
	struct in6_addr daddr;
	struct in6_addr via;
	struct in6_addr offender;
	struct in6_addr to;
	u8 ttl;
	u8 tos;
	u16 quoted_len;
	u16 ext_at;
	struct in6_addr gateway;
	struct toy_dev *dev;
};

/**
 * struct toy_ip_proto - a protocol above IP
 * @owner: module
 * @proto: IPPROTO_*
 * @version: 4 or 6 if only that IP version carries it, else 0
 * @rcv: a packet: skb->data at the transport header, the network header set,
 *	trailing padding cut off; consumes @skb if it returns TOY_RX_OK
 * @known: is the packet, @off bytes behind skb->data, one of a connection whose
 *	ends have been checked since routes or addresses last changed? Then
 *	they are not checked again. May be NULL
 * @err: an error about a packet of ours; @skb's data is at the transport
 *	header quoted in it, of which at least 8 bytes are linear; borrows
 *	@skb. May be NULL.
 *
 * Both run in softirq under rcu_read_lock().
 */
struct toy_ip_proto {
	struct module *owner;
	u8 proto;
	u8 version;
	enum toy_drop (*rcv)(struct toy_pkt *pkt, struct sk_buff *skb);
	bool (*known)(struct toy_pkt *pkt, const struct sk_buff *skb,
		      unsigned int off);
	void (*err)(struct toy_pkt *pkt, struct sk_buff *skb,
		    const struct toy_icmp_err *e);
};

int toy_ip_proto_register(const struct toy_ip_proto *proto);
void toy_ip_proto_unregister(const struct toy_ip_proto *proto);

enum toy_drop toy_ip_deliver(struct toy_pkt *pkt, struct sk_buff *skb);
bool toy_ip_known(struct toy_pkt *pkt, const struct sk_buff *skb,
		  unsigned int off);
void toy_ip_deliver_err(struct toy_pkt *pkt, struct sk_buff *skb, u8 proto,
			const struct toy_icmp_err *e);

void toy_ip_link_failure(struct toy_dev *dev, struct sk_buff *skb);
void toy_ipv6_link_failure(struct toy_dev *dev, struct sk_buff *skb);
int toy_ip_output(struct toy_net *tn, const struct toy_path *path,
		  struct sk_buff *skb, const struct toy_ip_tx *tx);
int toy_ip_xmit(struct toy_net *tn, const struct toy_path *path,
		struct sk_buff *skb, __be16 ethertype,
		const struct toy_ip_tx *tx);

int toy_ip_output_whole(struct toy_net *tn, const struct toy_path *path,
			struct sk_buff *skb, const struct toy_ip_tx *tx);

/* proto/fragment.c */
int toy_fragment(struct toy_net *tn, const struct toy_path *path,
		 struct sk_buff *skb, u32 mtu, const struct toy_ip_tx *tx);

__be16 toy_ipv4_id(__be32 saddr, __be32 daddr, u8 proto);
int toy_ipv4_init(void);
void toy_ipv4_exit(void);
bool toy_ipv6_autolabel(const struct toy_net *tn, u8 want);
int toy_ipv6_init(void);
void toy_ipv6_exit(void);

#endif /* _TOY_PROTO_IP_H */
