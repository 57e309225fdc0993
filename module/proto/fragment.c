// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets larger than the MTU leave in fragments (RFC 791 3.2, RFC 8200 4.5).
 *
 *	| headers |              data              |
 *	     |    |   room    |    room    |  rest |
 *	     v
 *	| headers'|   room    |
 *	| headers'|    room   |			room: what the MTU leaves, a
 *	| headers'| rest |			multiple of 8
 *
 * The data stays where it is: fragments refer to the packet's pages. What has
 * no pages is copied. Nobody fills in a checksum across packets, so that is
 * done before.
 */
#include <linux/skbuff.h>

#include "../skb/buf.h"
#include "ip.h"

/* The fragment that @f describes, @len bytes of data long; NULL: no memory. */
static struct sk_buff *toy_fragment_make(const struct toy_ip_ops *ip,
					 const struct toy_path *path,
					 struct sk_buff *skb,
					 const struct toy_frag_out *f,
					 unsigned int len)
{
	const struct net_device *ndev;
	unsigned int room = f->hdr_len + ip->frag_hdr;
	struct sk_buff *piece;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	if (ndev)
		room += LL_RESERVED_SPACE(ndev);
	rcu_read_unlock();
	piece = toy_skb_slice(skb, f->hdr_len + f->offset, len, room);
	if (!piece)
		return NULL;
	/* So that the socket's send buffer bounds what is on its way. */
	if (skb->sk && skb->destructor == sock_wfree)
		skb_set_owner_w(piece, skb->sk);
	/* The first fragment's time of departure is the datagram's. */
	if (unlikely(!f->offset && skb_shinfo(skb)->tx_flags)) {
		skb_shinfo(piece)->tx_flags = skb_shinfo(skb)->tx_flags;
		skb_shinfo(piece)->tskey = skb_shinfo(skb)->tskey;
	}
	skb_reset_transport_header(piece);
	ip->push_fragment(piece, f);
	return piece;
}

/* All fragments, one after the other. What has been sent when one fails cannot
 * be taken back.
 */
static int toy_fragment_all(struct toy_net *tn, const struct toy_ip_ops *ip,
			    const struct toy_path *path, struct sk_buff *skb,
			    struct toy_frag_out *f, unsigned int room,
			    const struct toy_ip_tx *tx)
{
	unsigned int left = skb->len - f->hdr_len, len;
	struct sk_buff *piece;
	int err = 0;

	for (; left && !err; left -= len, f->offset += len) {
		/* RFC 791: all but the last are multiples of 8. */
		len = left > room ? round_down(room, 8) : left;
		f->more = left > len;
		piece = toy_fragment_make(ip, path, skb, f, len);
		if (!piece) {
			toy_drop_skb(tn, NULL, TOY_DROP_NOMEM);
			return -ENOMEM;
		}
		toy_ip_count(tn, ip, TOY_MIB_IP_FRAG_CREATES);
		toy_count_add(tn, TOY_MIB_IP_OUT_OCTETS + ip->mib, piece->len);
		rcu_read_lock();
		err = toy_ip_xmit(tn, path, piece, ip->ethertype, tx);
		rcu_read_unlock();
	}
	return err;
}

/**
 * toy_fragment() - send a packet in fragments
 * @tn: namespace
 * @path: which way; borrowed
 * @skb: packet, no super-packet, skb->data at the network header, checksum done
 *	or CHECKSUM_PARTIAL; consumed
 * @mtu: what a fragment may have, network header included
 * @tx: what else the sender wants
 *
 * Whether it may be fragmented the caller has looked at. Context: process or
 * softirq.
 *
 * Return: 0; -EMSGSIZE where the MTU leaves no room for data; -ENOMEM, or what
 * the first fragment met that could not be sent.
 */
int toy_fragment(struct toy_net *tn, const struct toy_path *path,
		 struct sk_buff *skb, u32 mtu, const struct toy_ip_tx *tx)
{
	const struct toy_ip_ops *ip = toy_ip_ops_of(&path->daddr);
	struct toy_frag_out f = {};
	unsigned int hdr;
	int err = -EMSGSIZE;

	ip->fragment(skb, &f);
	f.hdr = skb_network_header(skb);
	hdr = f.hdr_len + ip->frag_hdr;
	if (mtu < hdr + 8 || skb->len <= f.hdr_len) {
		toy_ip_count(tn, ip, TOY_MIB_IP_FRAG_FAILS);
		toy_drop_skb(tn, skb, TOY_DROP_TOO_BIG);
		return err;
	}
	err = -ENOMEM;
	if ((skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) ||
	    skb_orphan_frags(skb, GFP_ATOMIC)) {
		toy_drop_skb(tn, skb, TOY_DROP_NOMEM);
		goto count;
	}
	/* Both may have moved the head. */
	f.hdr = skb_network_header(skb);
	err = toy_fragment_all(tn, ip, path, skb, &f, mtu - hdr, tx);
	if (err)
		kfree_skb(skb);
	else
		consume_skb(skb);
count:
	toy_ip_count(tn, ip, err ? TOY_MIB_IP_FRAG_FAILS : TOY_MIB_IP_FRAG_OKS);
	return err;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "fragment_test.c"
#endif
