// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMPv4 (RFC 792, RFC 1122 3.2.2): echo, errors sent, errors received.
 *
 * An error is sent at most so often in all (net.toy.icmp_msgs_per_sec) and so
 * often to one peer (net.toy.icmp_ratelimit). Peers share a fixed number of
 * buckets by a keyed hash: what a scan can make us remember has a bound, and
 * nobody can aim at another peer's bucket.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "../skb/buf.h"
#include "../skb/ipv4.h"
#include "icmp.h"
#include "icmp_limit.h"

#define TOY_ICMP_PEERS		256
/* Errors that one peer may cause in a row: as many as a traceroute hop needs. */
#define TOY_ICMP_PEER_BURST	6
/* RFC 1812 4.3.2.3: as much of the packet as fits, 576 bytes in all. */
#define TOY_ICMP_ERROR_MAX	576

/**
 * struct toy_icmp - rate limits of a namespace
 * @lock: guards the buckets; BH-safe
 * @all: limit of all errors
 * @key: of the hash that chooses a peer's bucket
 * @peer: limits of the peers
 */
struct toy_icmp {
	spinlock_t lock;	/* guards all and peer */
	struct toy_bucket all;
	siphash_key_t key;
	struct toy_bucket peer[TOY_ICMP_PEERS];
};

static toy_icmp_echo_rcv_t toy_icmp_echo_rcv;
static toy_icmp_echo_err_t toy_icmp_echo_err;

/* ---- sending ----------------------------------------------------------- */

static bool toy_icmp_allowed(struct toy_net *tn, const struct in6_addr *peer)
{
	u32 rate = READ_ONCE(tn->sysctl.icmp_msgs_per_sec);
	u32 peer_ms = READ_ONCE(tn->sysctl.icmp_ratelimit);
	struct toy_icmp *icmp = tn->icmp;
	u32 now = jiffies_to_msecs(jiffies);
	struct toy_bucket *b;
	bool host, all = false;
	u64 h;

	/* Errors between our own programs disturb nobody. */
	if (toy_addr_loopback(peer))
		return true;

	h = siphash(peer, sizeof(*peer), &icmp->key);
	b = &icmp->peer[h % TOY_ICMP_PEERS];
	spin_lock_bh(&icmp->lock);
	host = toy_bucket_take(b, peer_ms * USEC_PER_MSEC, TOY_ICMP_PEER_BURST,
			       now);
	/* A noisy peer does not use up what the others may cause. */
	if (host && rate)
		all = toy_bucket_take(&icmp->all, USEC_PER_SEC / rate,
				      READ_ONCE(tn->sysctl.icmp_msgs_burst), now);
	spin_unlock_bh(&icmp->lock);

	if (!host)
		toy_count(tn, TOY_MIB_ICMP_OUT_RATE_LIMIT_HOST);
	else if (!all)
		toy_count(tn, TOY_MIB_ICMP_OUT_RATE_LIMIT_GLOBAL);
	return all;
}

/* Prepends the ICMP header to @skb, consumes it and sends it from @saddr. */
static void toy_icmp_send(struct toy_net *tn, struct sk_buff *skb,
			  const struct toy_path *path, u8 type, u8 code,
			  __be32 info, u8 tos)
{
	struct toy_ip_tx tx = {
		.proto	= IPPROTO_ICMP,
		.ttl	= READ_ONCE(tn->sysctl.ip_default_ttl),
		.tos	= tos,
		/* RFC 1122 3.2.2.6: all that an echo has brought goes back. */
		.frag	= true,
	};

	toy_icmp_push(skb, type, code, info);
	toy_count(tn, TOY_MIB_ICMP_OUT_MSGS);
	if (toy_ip_output(tn, path, skb, &tx))
		toy_count(tn, TOY_MIB_ICMP_OUT_ERRORS);
}

/* The way back to who sent the packet; @saddr unspecified chooses a source. */
static int toy_icmp_path(const struct toy_pkt *pkt, struct toy_path *path)
{
	struct toy_flow flow = { .daddr = pkt->saddr };

	if (!(pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		flow.saddr = pkt->daddr;
	return toy_path_lookup(pkt->tn, &flow, path);
}

/* An skb for @path with a copy of @len bytes of @from. */
static struct sk_buff *toy_icmp_copy(const struct toy_path *path,
				     const struct sk_buff *from, int off,
				     unsigned int len)
{
	struct sk_buff *skb = NULL;
	const struct net_device *ndev;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	if (ndev)
		skb = toy_skb_alloc_copy(ndev, from, off, len);
	rcu_read_unlock();
	return skb;
}

/* RFC 1122 3.2.2: packets that must not be answered by an error. */
static bool toy_icmp_answerable(const struct toy_pkt *pkt,
				const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 saddr = toy_v4_of(&pkt->saddr);
	u8 _type, *type;

	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST) ||
	    (skb->pkt_type != PACKET_HOST && !(pkt->flags & TOY_PKT_LOOPED)))
		return false;
	if (ipv4_is_zeronet(saddr) || ipv4_is_multicast(saddr) ||
	    ipv4_is_lbcast(saddr) ||
	    toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) == TOY_ROUTE_BROADCAST)
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	if (iph->protocol != IPPROTO_ICMP)
		return true;
	/* An error about an error would have no end. */
	type = skb_header_pointer(skb, skb_network_offset(skb) + iph->ihl * 4,
				  sizeof(_type), &_type);
	return type && (*type == ICMP_ECHO || *type == ICMP_TIMESTAMP ||
			*type == ICMP_INFO_REQUEST || *type == ICMP_ADDRESS);
}

struct toy_icmp_kind {
	u8 type;
	u8 code;
	enum toy_mib count;
};

static const struct toy_icmp_kind toy_icmp_kinds[] = {
	[TOY_ERR_NET_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_HOST_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_PROTO_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_PORT_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_FRAG_NEEDED]	= { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_ADMIN_PROHIBITED] = { ICMP_DEST_UNREACH, ICMP_PKT_FILTERED,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_TTL_EXCEEDED]	= { ICMP_TIME_EXCEEDED, ICMP_EXC_TTL,
				    TOY_MIB_ICMP_OUT_TIME_EXCDS },
	[TOY_ERR_REASM_TIMEOUT]	= { ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME,
				    TOY_MIB_ICMP_OUT_TIME_EXCDS },
	[TOY_ERR_PARAM_PROBLEM]	= { ICMP_PARAMETERPROB, 0,
				    TOY_MIB_ICMP_OUT_PARM_PROBS },
};

/* The second word of the header: RFC 1191 4, RFC 792 "pointer". */
static __be32 toy_icmp_error_info(enum toy_ip_error what, u32 info)
{
	switch (what) {
	case TOY_ERR_FRAG_NEEDED:
		return htonl(min_t(u32, info, 0xffff));
	case TOY_ERR_PARAM_PROBLEM:
		return htonl(info << 24);
	default:
		return 0;
	}
}

static void toy_icmp_error_send(const struct toy_pkt *pkt, struct sk_buff *skb,
				const struct toy_icmp_kind *kind, __be32 info)
{
	int offset = skb_network_offset(skb);
	struct toy_path path = {};
	struct sk_buff *err;
	unsigned int len;
	/* RFC 1812 4.3.2.5: internetwork control */
	u8 tos = (pkt->tos & 0x1e) | 0xc0;

	if (toy_icmp_path(pkt, &path))
		return;
	len = min_t(unsigned int, skb->len - offset,
		    min_t(unsigned int, path.mtu, TOY_ICMP_ERROR_MAX) -
		    sizeof(struct iphdr) - sizeof(struct icmphdr));
	err = toy_icmp_copy(&path, skb, offset, len);
	if (err) {
		toy_count(pkt->tn, kind->count);
		toy_icmp_send(pkt->tn, err, &path, kind->type, kind->code, info,
			      tos);
	} else {
		toy_count(pkt->tn, TOY_MIB_ICMP_OUT_ERRORS);
	}
	toy_path_reset(&path);
}

/**
 * toy_icmp_error() - tell a host what is wrong with its packet
 * @pkt: what is known of the packet
 * @skb: the packet, its network header set; borrowed
 * @what: what is wrong
 * @info: next-hop MTU or offset of the bad octet, else 0
 *
 * Says nothing where RFC 1122 3.2.2 forbids it or a rate limit withholds it.
 * Context: softirq, RCU.
 */
void toy_icmp_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		    enum toy_ip_error what, u32 info)
{
	if (toy_icmp_answerable(pkt, skb) &&
	    toy_icmp_allowed(pkt->tn, &pkt->saddr))
		toy_icmp_error_send(pkt, skb, &toy_icmp_kinds[what],
				    toy_icmp_error_info(what, info));
}

/* ---- receiving --------------------------------------------------------- */

static enum toy_drop toy_icmp_no_path(int err)
{
	switch (err) {
	case -EINVAL:
		return TOY_DROP_BLACKHOLE;
	case -EADDRNOTAVAIL:
		return TOY_DROP_NO_SOURCE;
	default:
		return TOY_DROP_NO_ROUTE;
	}
}

/* RFC 1122 3.2.2.6. Consumes @skb. */
static enum toy_drop toy_icmp_echo(struct toy_pkt *pkt, struct sk_buff *skb,
				   const struct toy_icmp_view *v)
{
	unsigned int len = skb->len - sizeof(struct icmphdr);
	struct toy_net *tn = pkt->tn;
	struct toy_path path = {};
	struct sk_buff *reply;
	int err;

	toy_count(tn, TOY_MIB_ICMP_IN_ECHOS);
	if (READ_ONCE(tn->sysctl.icmp_echo_ignore_all))
		return TOY_DROP_ICMP_IGNORED;
	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST) &&
	    READ_ONCE(tn->sysctl.icmp_echo_ignore_broadcasts))
		return TOY_DROP_ICMP_IGNORED;

	err = toy_icmp_path(pkt, &path);
	if (err)
		return toy_icmp_no_path(err);
	reply = toy_icmp_copy(&path, skb, sizeof(struct icmphdr), len);
	if (!reply) {
		toy_path_reset(&path);
		return TOY_DROP_NOMEM;
	}
	toy_count(tn, TOY_MIB_ICMP_OUT_ECHO_REPS);
	toy_icmp_send(tn, reply, &path, ICMP_ECHOREPLY, 0, v->info, pkt->tos);
	toy_path_reset(&path);
	consume_skb(skb);
	return TOY_RX_OK;
}

static enum toy_drop toy_icmp_echo_reply(struct toy_pkt *pkt,
					 struct sk_buff *skb,
					 const struct toy_icmp_view *v)
{
	toy_icmp_echo_rcv_t rcv = READ_ONCE(toy_icmp_echo_rcv);

	toy_count(pkt->tn, TOY_MIB_ICMP_IN_ECHO_REPS);
	return rcv ? rcv(pkt, skb, v) : TOY_DROP_ICMP_NO_SOCKET;
}

struct toy_icmp_errno {
	int err;
	bool fatal;
};

/* RFC 1122 3.2.2.1 and 4.2.3.9: what each code of destination unreachable
 * means to a program, by its number.
 */
static const struct toy_icmp_errno toy_icmp_unreach[] = {
	[ICMP_NET_UNREACH]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNREACH]	= { EHOSTUNREACH,	false },
	[ICMP_PROT_UNREACH]	= { ENOPROTOOPT,	true },
	[ICMP_PORT_UNREACH]	= { ECONNREFUSED,	true },
	[ICMP_FRAG_NEEDED]	= { EMSGSIZE,		false },
	[ICMP_SR_FAILED]	= { EOPNOTSUPP,		false },
	[ICMP_NET_UNKNOWN]	= { ENETUNREACH,	true },
	[ICMP_HOST_UNKNOWN]	= { EHOSTDOWN,		true },
	[ICMP_HOST_ISOLATED]	= { ENONET,		true },
	[ICMP_NET_ANO]		= { ENETUNREACH,	true },
	[ICMP_HOST_ANO]		= { EHOSTUNREACH,	true },
	[ICMP_NET_UNR_TOS]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNR_TOS]	= { EHOSTUNREACH,	false },
	[ICMP_PKT_FILTERED]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_VIOLATION]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_CUTOFF]	= { EHOSTUNREACH,	true },
};

/* The errno of an error message; false for one that means nothing to us. */
static bool toy_icmp_errno(const struct toy_icmp_view *v, struct toy_icmp_err *e)
{
	switch (v->type) {
	case ICMP_DEST_UNREACH:
		if (v->code >= ARRAY_SIZE(toy_icmp_unreach))
			return false;
		e->err = toy_icmp_unreach[v->code].err;
		e->fatal = toy_icmp_unreach[v->code].fatal;
		if (v->code == ICMP_FRAG_NEEDED)
			e->info = ntohl(v->info) & 0xffff;
		return true;
	case ICMP_TIME_EXCEEDED:
		e->err = EHOSTUNREACH;
		return true;
	case ICMP_PARAMETERPROB:
		e->err = EPROTO;
		e->fatal = true;
		e->info = ntohl(v->info) >> 24;
		return true;
	default:
		return false;
	}
}

/* An error about a packet that we may have sent. Consumes @skb. */
static enum toy_drop toy_icmp_error_rcv(struct toy_pkt *pkt,
					struct sk_buff *skb,
					const struct toy_icmp_view *v)
{
	struct toy_icmp_err e = { .type = v->type, .code = v->code };
	struct toy_ipv4_view quoted;

	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST))
		return TOY_DROP_ICMP_BCAST;
	if (!toy_icmp_errno(v, &e))
		return TOY_DROP_ICMP_TYPE;
	/* A later fragment has no ports to find a socket by. */
	if (toy_ipv4_parse_quote(skb, sizeof(struct icmphdr), &quoted) ||
	    quoted.frag_off)
		return TOY_DROP_ICMP_QUOTE;

	e.saddr = toy_v4(quoted.saddr);
	e.daddr = toy_v4(quoted.daddr);
	e.offender = pkt->saddr;
	/* We cannot have sent it from an address that is not ours. */
	if (toy_route_input(pkt->tn, pkt->dev, &e.saddr) != TOY_ROUTE_LOCAL)
		return TOY_DROP_ICMP_ALIEN;

	__skb_pull(skb, sizeof(struct icmphdr) + quoted.hdr_len);
	toy_ip_deliver_err(pkt, skb, quoted.proto, &e);
	consume_skb(skb);
	return TOY_RX_OK;
}

static enum toy_drop toy_icmp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_icmp_view v;
	enum toy_drop why;

	toy_count(pkt->tn, TOY_MIB_ICMP_IN_MSGS);
	why = toy_icmp_parse(skb, &v);
	if (unlikely(why))
		return why;

	switch (v.type) {
	case ICMP_ECHO:
		return toy_icmp_echo(pkt, skb, &v);
	case ICMP_ECHOREPLY:
		return toy_icmp_echo_reply(pkt, skb, &v);
	case ICMP_DEST_UNREACH:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_DEST_UNREACHS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	case ICMP_TIME_EXCEEDED:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_TIME_EXCDS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	case ICMP_PARAMETERPROB:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_PARM_PROBS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	default:
		return TOY_DROP_ICMP_TYPE;
	}
}

static void toy_icmp_err(struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct toy_icmp_err *e)
{
	toy_icmp_echo_err_t err = READ_ONCE(toy_icmp_echo_err);

	if (err)
		err(pkt, skb, e);
}

static const struct toy_ip_proto toy_icmp_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_ICMP,
	.rcv	= toy_icmp_rcv,
	.err	= toy_icmp_err,
};

/**
 * toy_icmp_ping_register() - who gets echo replies
 * @rcv: receiver; like struct toy_ip_proto's rcv, with the checked header
 *	beside
 * @err: hears of errors about echo requests; like struct toy_ip_proto's err
 *
 * Context: process.
 */
void toy_icmp_ping_register(toy_icmp_echo_rcv_t rcv, toy_icmp_echo_err_t err)
{
	WRITE_ONCE(toy_icmp_echo_rcv, rcv);
	WRITE_ONCE(toy_icmp_echo_err, err);
}

/**
 * toy_icmp_ping_unregister() - nobody gets echo replies
 *
 * Context: process; sleeps until no call is under way.
 */
void toy_icmp_ping_unregister(void)
{
	WRITE_ONCE(toy_icmp_echo_rcv, NULL);
	WRITE_ONCE(toy_icmp_echo_err, NULL);
	synchronize_net();
}

/**
 * toy_icmp_net_init() - make the rate limits of a namespace
 * @tn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_icmp_net_init(struct toy_net *tn)
{
	tn->icmp = kzalloc(sizeof(*tn->icmp), GFP_KERNEL);
	if (!tn->icmp)
		return -ENOMEM;
	spin_lock_init(&tn->icmp->lock);
	get_random_bytes(&tn->icmp->key, sizeof(tn->icmp->key));
	return 0;
}

/**
 * toy_icmp_net_exit() - the opposite of toy_icmp_net_init()
 * @tn: namespace
 */
void toy_icmp_net_exit(struct toy_net *tn)
{
	kfree(tn->icmp);
}

/**
 * toy_icmp_init() - take ICMP packets
 *
 * Return: 0 or -EEXIST.
 */
int toy_icmp_init(void)
{
	return toy_ip_proto_register(&toy_icmp_proto);
}

/**
 * toy_icmp_exit() - the opposite of toy_icmp_init()
 */
void toy_icmp_exit(void)
{
	toy_ip_proto_unregister(&toy_icmp_proto);
}
