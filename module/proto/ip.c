// SPDX-License-Identifier: GPL-2.0-only
/*
 * What both IP versions share: the table of protocols above, and the way out.
 *
 *	in	toy_ipv4_rcv() -> toy_ip_deliver() -> toy_raw_deliver()
 *						   -> proto->rcv()
 *	errors	toy_icmp_rcv() -> toy_ip_deliver_err() -> proto->err()
 *	out	toy_ip_output() -> ops->push() (-> toy_fragment())
 *			-> toy_loop_xmit()	to ourselves
 *			-> toy_neigh_output()	to a neighbour
 *			-> toy_dev_xmit()	to all, or where links have no
 *						addresses
 */
#include <linux/module.h>
#include <net/if_inet6.h>

#include "../skb/buf.h"
#include "ip.h"
#include "mcast.h"
#include "neigh.h"
#include "raw.h"

static const struct toy_ip_proto __rcu *toy_ip_protos[256];

/**
 * toy_ip_proto_register() - add a protocol above IP
 * @proto: protocol; owned by the caller until it is taken out
 *
 * Context: process.
 * Return: 0, or -EEXIST when the number is taken.
 */
int toy_ip_proto_register(const struct toy_ip_proto *proto)
{
	const struct toy_ip_proto *old;

	old = unrcu_pointer(cmpxchg(&toy_ip_protos[proto->proto], NULL,
				    RCU_INITIALIZER(proto)));
	return old ? -EEXIST : 0;
}
EXPORT_SYMBOL_GPL(toy_ip_proto_register);

/**
 * toy_ip_proto_unregister() - take a protocol out; no call into it is under way
 * afterwards
 * @proto: what was registered
 *
 * Context: process, sleeps for a grace period.
 */
void toy_ip_proto_unregister(const struct toy_ip_proto *proto)
{
	RCU_INIT_POINTER(toy_ip_protos[proto->proto], NULL);
	synchronize_net();
}
EXPORT_SYMBOL_GPL(toy_ip_proto_unregister);

/* Who handles a protocol of packets of this IP version. ICMP and IGMP are
 * IPv4's, ICMPv6 is IPv6's: in the other version they are unknown protocols.
 */
static const struct toy_ip_proto *proto_of(u8 proto, u8 version)
{
	const struct toy_ip_proto *p = rcu_dereference(toy_ip_protos[proto]);

	return p && (!p->version || p->version == version) ? p : NULL;
}

/**
 * toy_ip_deliver() - hand a packet to its protocol
 * @pkt: what is known of it
 * @skb: packet for this host, skb->data at the transport header; consumed when
 *	TOY_RX_OK is returned
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK or why not.
 */
enum toy_drop toy_ip_deliver(struct toy_pkt *pkt, struct sk_buff *skb)
{
	const struct toy_ip_proto *proto;
	bool heard = false;

	/* When it left, on its sender's clock, is nothing for a reader. */
	skb_clear_delivery_time(skb);
	if (unlikely(READ_ONCE(pkt->tn->raw_socks)))
		heard = toy_raw_deliver(pkt, skb);
	proto = proto_of(pkt->proto, pkt->ip->version);
	if (unlikely(!proto)) {
		if (heard) {
			toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_IN_DELIVERS);
			consume_skb(skb);
			return TOY_RX_OK;
		}
		/* RFC 1122 3.2.2.1, RFC 8200 4 */
		pkt->ip->error(pkt, skb, TOY_ERR_PROTO_UNREACH, pkt->nhoff);
		return TOY_DROP_IP_PROTO;
	}
	toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_IN_DELIVERS);
	return proto->rcv(pkt, skb);
}

/**
 * toy_ip_known() - does a packet belong to a connection whose ends are good?
 * @pkt: what is known of it, addresses and protocol included
 * @skb: packet, borrowed
 * @off: of the transport header from skb->data
 *
 * Context: softirq, RCU.
 * Return: true if its addresses need no check.
 */
bool toy_ip_known(struct toy_pkt *pkt, const struct sk_buff *skb,
		  unsigned int off)
{
	const struct toy_ip_proto *proto;

	proto = rcu_dereference(toy_ip_protos[pkt->proto]);
	return proto && proto->known && proto->known(pkt, skb, off);
}

/**
 * toy_ip_deliver_err() - hand an ICMP error to the protocol it is about
 * @pkt: the packet that brought the error
 * @skb: skb->data at the transport header quoted in it; borrowed
 * @proto: protocol of the quoted packet
 * @e: the error
 *
 * Context: softirq, RCU.
 */
void toy_ip_deliver_err(struct toy_pkt *pkt, struct sk_buff *skb, u8 proto,
			const struct toy_icmp_err *e)
{
	const struct toy_ip_proto *p = proto_of(proto, pkt->ip->version);

	if (unlikely(READ_ONCE(pkt->tn->raw_socks)))
		toy_raw_err(pkt, skb, proto, e);
	if (p && p->err)
		p->err(pkt, skb, e);
}

/* To every host on the link. */
static int toy_ip_xmit_group(const struct toy_path *path, struct sk_buff *skb,
			     __be16 ethertype)
{
	const struct net_device *ndev = rcu_dereference(path->dev->dev);
	u8 lladdr[MAX_ADDR_LEN] __aligned(2);

	if (!ndev || !path->dev->has_lladdr)
		return toy_dev_xmit(path->dev, skb, ethertype, NULL);
	if (path->type != TOY_ROUTE_MULTICAST ||
	    !toy_mcast_map(ndev, &path->daddr, lladdr))
		memcpy(lladdr, ndev->broadcast, ndev->addr_len);
	return toy_dev_xmit(path->dev, skb, ethertype, lladdr);
}

/* A host hears its own broadcasts, as coming in by the device they leave by. */
static void toy_ip_loop_copy(struct toy_net *tn, const struct toy_path *path,
			     struct sk_buff *skb, u8 pkt_type)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (!copy)
		return;
	copy->pkt_type = pkt_type;
	copy->skb_iif = path->dev->ifindex;
	toy_loop_xmit(tn, copy);
}

/* RFC 1112 7.1: members on this host hear it, unless the sender does not want
 * that; a TTL of 0 keeps it on this host. Interface-local groups of IPv6 do
 * not leave it either (RFC 4291 2.7).
 */
static int toy_ip_xmit_multicast(struct toy_net *tn,
				 const struct toy_path *path,
				 struct sk_buff *skb, __be16 ethertype,
				 const struct toy_ip_tx *tx)
{
	toy_count(tn, TOY_MIB_IP_OUT_MCAST + toy_ip_ops_of(&path->daddr)->mib);
	if (toy_rx_looped(path->dev)) {
		skb->pkt_type = PACKET_MULTICAST;
		skb->skb_iif = path->dev->ifindex;
		return toy_loop_xmit(tn, skb);
	}
	if (tx->mc_loop &&
	    toy_mcast_member(path->dev, &path->daddr, &path->saddr))
		toy_ip_loop_copy(tn, path, skb, PACKET_MULTICAST);
	if (!tx->ttl || (!toy_is_v4(&path->daddr) &&
			 IPV6_ADDR_MC_SCOPE(&path->daddr) <=
			 IPV6_ADDR_SCOPE_NODELOCAL)) {
		consume_skb(skb);
		return 0;
	}
	return toy_ip_xmit_group(path, skb, ethertype);
}

/**
 * toy_ip_xmit() - send what has its network header
 * @tn: namespace
 * @path: which way; borrowed
 * @skb: packet, skb->data at the network header; consumed
 * @ethertype: of the packet
 * @tx: what else the sender wants
 *
 * Context: process or softirq, RCU.
 * Return: 0 or a negative errno: the packet was not sent.
 */
int toy_ip_xmit(struct toy_net *tn, const struct toy_path *path,
		struct sk_buff *skb, __be16 ethertype,
		const struct toy_ip_tx *tx)
{
	switch (path->type) {
	case TOY_ROUTE_LOCAL:
		skb->skb_iif = path->iif;
		return toy_loop_xmit(tn, skb);
	case TOY_ROUTE_BROADCAST:
		toy_count(tn, TOY_MIB_IP_OUT_BCAST);
		toy_ip_loop_copy(tn, path, skb, PACKET_BROADCAST);
		return toy_ip_xmit_group(path, skb, ethertype);
	case TOY_ROUTE_MULTICAST:
		return toy_ip_xmit_multicast(tn, path, skb, ethertype, tx);
	default:
		if (path->neigh)
			return toy_neigh_output(path->neigh, skb);
		return toy_dev_xmit(path->dev, skb, ethertype, NULL);
	}
}

/**
 * toy_ip_output() - send a packet
 * @tn: namespace
 * @path: which way; borrowed
 * @skb: transport header and data, checksum done or CHECKSUM_PARTIAL; consumed
 * @tx: what else is to stand in the network header
 *
 * Context: process or softirq.
 * Return: 0 or a negative errno: the packet was not sent.
 */
int toy_ip_output(struct toy_net *tn, const struct toy_path *path,
		  struct sk_buff *skb, const struct toy_ip_tx *tx)
{
	const struct toy_ip_ops *ip = toy_ip_ops_of(&path->daddr);
	unsigned int need;
	int err;

	toy_ip_count(tn, ip, TOY_MIB_IP_OUT_REQUESTS);
	skb_reset_transport_header(skb);
	need = ip->hdr_len + tx->opts_len;
	if (unlikely(toy_skb_need_headroom(skb, need))) {
		toy_drop_skb(tn, skb, TOY_DROP_NOMEM);
		return -ENOMEM;
	}
	ip->push(tn, skb, path, tx);
	skb->protocol = ip->ethertype;
	if (unlikely(skb->len > toy_ip_tx_mtu(tx, path) && !skb_is_gso(skb))) {
		if (tx->frag)
			return toy_fragment(tn, path, skb,
					    toy_ip_tx_mtu(tx, path), tx);
		toy_ip_count(tn, ip, TOY_MIB_IP_FRAG_FAILS);
		toy_drop_skb(tn, skb, TOY_DROP_TOO_BIG);
		return -EMSGSIZE;
	}
	toy_count_add(tn, TOY_MIB_IP_OUT_OCTETS + ip->mib, skb->len);

	rcu_read_lock();
	err = toy_ip_xmit(tn, path, skb, ip->ethertype, tx);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(toy_ip_output);

/**
 * toy_ip_output_whole() - send a packet whose network header a program wrote
 * @tn: namespace
 * @path: which way; borrowed
 * @skb: the packet, skb->data at its network header; consumed
 * @tx: what else the sender wants
 *
 * Context: process.
 * Return: 0 or a negative errno: the packet was not sent.
 */
int toy_ip_output_whole(struct toy_net *tn, const struct toy_path *path,
			struct sk_buff *skb, const struct toy_ip_tx *tx)
{
	const struct toy_ip_ops *ip = toy_ip_ops_of(&path->daddr);
	int err;

	toy_ip_count(tn, ip, TOY_MIB_IP_OUT_REQUESTS);
	toy_count_add(tn, TOY_MIB_IP_OUT_OCTETS + ip->mib, skb->len);
	skb->protocol = ip->ethertype;

	rcu_read_lock();
	err = toy_ip_xmit(tn, path, skb, ip->ethertype, tx);
	rcu_read_unlock();
	return err;
}
