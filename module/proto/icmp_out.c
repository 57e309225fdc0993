// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ICMPv4 and ICMPv6 have in common: answers, errors, their limits, and
 * the door to ping sockets.
 *
 *			icmp.c			icmp6.c
 *	may it be	RFC 1122 3.2.2		RFC 4443 2.4 (e)
 *	answered?
 *	        '----------------+--------------------'
 *	                         v
 *	toy_icmp_allowed()	rate limits: both versions use the same ones
 *	toy_icmp_quote()	an error: the packet, cut to what fits
 *	toy_icmp_answer()	an echo reply: the data as it came
 *
 * An error is sent at most so often in all (net.toy.icmp_msgs_per_sec) and so
 * often to one peer (net.toy.icmp_ratelimit). Peers share a fixed number of
 * buckets by a keyed hash: what a scan can make us remember has a bound, and
 * nobody can aim at another peer's bucket. A peer is an IPv4 address or an
 * IPv6 /64, whose every address one machine may use (RFC 4443 2.4 (f)).
 */
#include <linux/jiffies.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "../skb/buf.h"
#include "../skb/icmp6.h"
#include "icmp_limit.h"
#include "icmp_out.h"

#define ICMP_PEERS		256
/* Errors that one peer may cause in a row: as many as a traceroute hop needs. */
#define ICMP_PEER_BURST		6

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
	struct toy_bucket peer[ICMP_PEERS];
};

/* What the two versions differ in on the way out. */
struct icmp_version {
	u8 proto;
	u16 error_max;		/* of a whole packet */
	enum toy_mib msgs;
	enum toy_mib errors;
};

static const struct icmp_version icmp_versions[2] = {
	/* RFC 4443 2.4 (c): the minimum MTU. */
	{ IPPROTO_ICMPV6, IPV6_MIN_MTU, TOY_MIB_ICMP6_OUT_MSGS,
	  TOY_MIB_ICMP6_OUT_ERRORS },
	/* RFC 1812 4.3.2.3: as much as fits into 576 bytes. */
	{ IPPROTO_ICMP, 576, TOY_MIB_ICMP_OUT_MSGS, TOY_MIB_ICMP_OUT_ERRORS },
};

static const struct icmp_version *version_of(const struct in6_addr *a)
{
	return &icmp_versions[toy_is_v4(a)];
}

/* ---- limits ------------------------------------------------------------- */

static struct toy_bucket *bucket_of(struct toy_icmp *icmp,
				    const struct in6_addr *peer)
{
	u64 h = toy_is_v4(peer) ? siphash(peer, sizeof(*peer), &icmp->key) :
				  siphash(peer, 8, &icmp->key);

	return &icmp->peer[h % ICMP_PEERS];
}

/**
 * toy_icmp_allowed() - may one more error be sent to a host?
 * @tn: namespace
 * @peer: the host
 *
 * Context: process or softirq.
 * Return: true and it is paid for, or false and it is counted as withheld.
 */
bool toy_icmp_allowed(struct toy_net *tn, const struct in6_addr *peer)
{
	u32 rate = READ_ONCE(tn->sysctl.icmp_msgs_per_sec);
	u32 peer_ms = READ_ONCE(tn->sysctl.icmp_ratelimit);
	struct toy_icmp *icmp = tn->icmp;
	u32 now = jiffies_to_msecs(jiffies);
	bool host, all = false;

	/* Errors between our own programs disturb nobody. */
	if (toy_addr_loopback(peer))
		return true;

	spin_lock_bh(&icmp->lock);
	host = toy_bucket_take(bucket_of(icmp, peer), peer_ms * USEC_PER_MSEC,
			       ICMP_PEER_BURST, now);
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

/* ---- sending ------------------------------------------------------------ */

/* Prepends the ICMP header to @skb, consumes it and sends it along @path. */
static void icmp_send(struct toy_net *tn, struct sk_buff *skb,
		      const struct toy_path *path, const struct toy_icmp_msg *m)
{
	const struct icmp_version *ver = version_of(&path->daddr);
	struct toy_ip_tx tx = {
		.proto	= ver->proto,
		.ttl	= READ_ONCE(tn->sysctl.ip_default_ttl),
		.tos	= m->tos,
		/* RFC 1122 3.2.2.6: all that an echo has brought goes back. */
		.frag	= true,
	};

	if (path->m.hoplimit)
		tx.ttl = path->m.hoplimit;
	if (toy_is_v4(&path->daddr))
		toy_icmp_push(skb, m->type, m->code, m->info);
	else
		toy_icmp6_push(skb, &path->saddr, &path->daddr, m->type,
			       m->code, m->info);
	toy_count(tn, m->count);
	toy_count(tn, ver->msgs);
	if (toy_ip_output(tn, path, skb, &tx))
		toy_count(tn, ver->errors);
}

/* The way back to who sent the packet. The source is the address that he has
 * sent it to (RFC 1122 3.2.1.3, RFC 4443 2.2 (a)); if that is a group or
 * somebody else's, the one that suits the way back.
 */
static int icmp_path(const struct toy_pkt *pkt, struct toy_path *path)
{
	struct toy_flow flow = { .daddr = pkt->saddr };

	if (!(pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)) &&
	    toy_route_input(pkt->tn, pkt->dev, &pkt->daddr) == TOY_ROUTE_LOCAL)
		flow.saddr = pkt->daddr;
	/* A link-local address means the link that the packet came by. */
	if (!toy_is_v4(&pkt->saddr) && !(pkt->flags & TOY_PKT_LOOPED) &&
	    __ipv6_addr_needs_scope_id(__ipv6_addr_type(&pkt->saddr)))
		flow.oif = pkt->dev->ifindex;
	return toy_path_lookup(pkt->tn, &flow, path);
}

/* An skb for @path with a copy of @len bytes of @from. */
static struct sk_buff *icmp_copy(const struct toy_path *path,
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

/**
 * toy_icmp_no_path() - the drop of a packet whose answer finds no way
 * @err: errno of toy_path_lookup()
 *
 * Return: a reason.
 */
enum toy_drop toy_icmp_no_path(int err)
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

/**
 * toy_icmp_answer() - send the data of a message back
 * @pkt: what is known of the message
 * @skb: the message, skb->data at the ICMP header; consumed when TOY_RX_OK is
 *	returned
 * @m: header of the answer
 *
 * RFC 1122 3.2.2.6, RFC 4443 4.2. Context: softirq, RCU.
 * Return: TOY_RX_OK or why there is no answer.
 */
enum toy_drop toy_icmp_answer(struct toy_pkt *pkt, struct sk_buff *skb,
			      const struct toy_icmp_msg *m)
{
	unsigned int len = skb->len - sizeof(struct icmphdr);
	struct toy_path path = {};
	struct sk_buff *reply;
	int err;

	err = icmp_path(pkt, &path);
	if (err)
		return toy_icmp_no_path(err);
	reply = icmp_copy(&path, skb, sizeof(struct icmphdr), len);
	if (!reply) {
		toy_path_reset(&path);
		return TOY_DROP_NOMEM;
	}
	icmp_send(pkt->tn, reply, &path, m);
	toy_path_reset(&path);
	consume_skb(skb);
	return TOY_RX_OK;
}

/**
 * toy_icmp_quote() - send an error
 * @pkt: what is known of the packet
 * @skb: the packet, its network header set; borrowed
 * @m: header of the error
 *
 * Whether there may be one has been asked before. Context: softirq, RCU.
 */
void toy_icmp_quote(const struct toy_pkt *pkt, struct sk_buff *skb,
		    const struct toy_icmp_msg *m)
{
	const struct icmp_version *ver = version_of(&pkt->saddr);
	int offset = skb_network_offset(skb);
	struct toy_path path = {};
	struct sk_buff *err;
	unsigned int len;

	if (icmp_path(pkt, &path))
		return;
	len = min_t(unsigned int, skb->len - offset,
		    min_t(unsigned int, path.mtu, ver->error_max) -
		    toy_ip_ops_of(&pkt->saddr)->hdr_len -
		    sizeof(struct icmphdr));
	err = icmp_copy(&path, skb, offset, len);
	if (err)
		icmp_send(pkt->tn, err, &path, m);
	else
		toy_count(pkt->tn, ver->errors);
	toy_path_reset(&path);
}

/* ---- ping sockets ------------------------------------------------------- */

static toy_icmp_echo_rcv_t icmp_echo_rcv;
static toy_icmp_echo_err_t icmp_echo_err;

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
	WRITE_ONCE(icmp_echo_rcv, rcv);
	WRITE_ONCE(icmp_echo_err, err);
}

/**
 * toy_icmp_ping_unregister() - nobody gets echo replies
 *
 * Context: process; sleeps until no call is under way.
 */
void toy_icmp_ping_unregister(void)
{
	WRITE_ONCE(icmp_echo_rcv, NULL);
	WRITE_ONCE(icmp_echo_err, NULL);
	synchronize_net();
}

/**
 * toy_icmp_ping_rcv() - an echo reply for a ping socket
 * @pkt: what is known of it
 * @skb: the reply, skb->data at the ICMP header; consumed when TOY_RX_OK is
 *	returned
 * @v: its header
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK or why nobody took it.
 */
enum toy_drop toy_icmp_ping_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
				const struct toy_icmp_view *v)
{
	toy_icmp_echo_rcv_t rcv = READ_ONCE(icmp_echo_rcv);

	return rcv ? rcv(pkt, skb, v) : TOY_DROP_ICMP_NO_SOCKET;
}

/**
 * toy_icmp_ping_err() - an error about an ICMP message of ours
 * @pkt: the packet that brought it
 * @skb: skb->data at the ICMP header that it quotes; borrowed
 * @e: the error
 *
 * Context: softirq, RCU.
 */
void toy_icmp_ping_err(struct toy_pkt *pkt, struct sk_buff *skb,
		       const struct toy_icmp_err *e)
{
	toy_icmp_echo_err_t err = READ_ONCE(icmp_echo_err);

	if (err)
		err(pkt, skb, e);
}

/* ---- a namespace comes and goes ----------------------------------------- */

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
