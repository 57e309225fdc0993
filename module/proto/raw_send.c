// SPDX-License-Identifier: GPL-2.0-only
/*
 * How raw sockets send (raw(7), RFC 3542 3).
 *
 *	IP_HDRINCL, IPV6_HDRINCL	the program writes the network header.
 *			Of IPv4's, length and checksum are always filled in,
 *			source and identification where they are 0
 *	IPV6_CHECKSUM	we fill a checksum with pseudo-header in
 *	otherwise	the program writes what follows the network header
 */
#include <linux/ip.h>
#include <net/ip.h>

#include "../skb/csum.h"
#include "raw_sock.h"

static bool toy_raw_hdrincl(const struct sock *sk)
{
	return READ_ONCE(toy_sk(sk)->opt_flags) & TOY_OPT_HDRINCL;
}

/* What is counted of every ICMP message that leaves. */
static void toy_raw_count(struct toy_net *tn, const struct sk_buff *skb,
			  unsigned int off, u8 protocol)
{
	u8 type;

	if (protocol != IPPROTO_ICMP || skb_copy_bits(skb, off, &type, 1))
		return;
	toy_count(tn, TOY_MIB_ICMP_OUT_MSGS);
	if (type == ICMP_ECHO)
		toy_count(tn, TOY_MIB_ICMP_OUT_ECHOS);
	else if (type == ICMP_ECHOREPLY)
		toy_count(tn, TOY_MIB_ICMP_OUT_ECHO_REPS);
}

/* A full device queue is told only to those who asked (ip(7)). */
static int toy_raw_sent(const struct sock *sk, const struct toy_path *path,
			int err)
{
	if (err == -ENOBUFS && !toy_sock_recverr(toy_sk(sk), &path->daddr))
		return 0;
	return err;
}

/* ---- without a header --------------------------------------------------- */

/* RFC 3542 3.1: over the pseudo-header and all that the program wrote. */
static int toy_raw_checksum(const struct toy_raw_sock *rs, struct sk_buff *skb,
			    const struct toy_path *path,
			    const struct toy_ip_tx *tx)
{
	__sum16 sum = 0;

	if (!rs->sum || toy_is_v4(&path->daddr))
		return 0;
	if (rs->sum_off > (int)skb->len - 2)
		return -EINVAL;
	if (skb_store_bits(skb, rs->sum_off, &sum, sizeof(sum)))
		return -EFAULT;
	sum = toy_csum_pseudo(&path->saddr, toy_ip_tx_final(tx, path), skb->len,
			      tx->proto, skb_checksum(skb, 0, skb->len, 0));
	if (!sum && tx->proto == IPPROTO_UDP)
		sum = CSUM_MANGLED_0;
	return skb_store_bits(skb, rs->sum_off, &sum, sizeof(sum));
}

static int toy_raw_send(struct sock *sk, struct msghdr *msg, size_t len,
			const struct toy_path *path,
			const struct toy_tx_cmsg *c, const struct toy_ip_tx *tx)
{
	struct toy_net *tn = toy_sock_net(sk);
	struct sk_buff *skb;
	int err;

	skb = toy_dgram_alloc(sk, msg, path, 0, len, c, &err);
	if (!skb)
		return err;
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	if (!err)
		err = toy_raw_checksum(toy_raw_sk(sk), skb, path, tx);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	toy_dgram_stamp(skb, c);
	skb->ip_summed = CHECKSUM_NONE;
	toy_raw_count(tn, skb, 0, toy_is_v4(&path->daddr) ? tx->proto : 0);
	return toy_raw_sent(sk, path, toy_ip_output(tn, path, skb, tx));
}

/* ---- with the program's header ------------------------------------------ */

/* raw(7), "IP header fields modified on sending by IP_HDRINCL". */
static int toy_raw_fix_header(struct sk_buff *skb, const struct toy_path *path)
{
	struct iphdr *iph;
	unsigned int hdr_len;

	hdr_len = ip_hdr(skb)->ihl * 4;
	if (hdr_len < sizeof(*iph) || hdr_len > skb->len)
		return -EINVAL;
	if (!pskb_may_pull(skb, hdr_len))
		return -ENOBUFS;
	iph = ip_hdr(skb);
	if (!iph->saddr)
		iph->saddr = toy_v4_of(&path->saddr);
	if (!iph->id)
		iph->id = toy_ipv4_id(iph->saddr, iph->daddr, iph->protocol);
	iph->tot_len = htons(skb->len);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb_set_transport_header(skb, hdr_len);
	return 0;
}

static int toy_raw_send_whole(struct sock *sk, struct msghdr *msg, size_t len,
			      const struct toy_path *path,
			      const struct toy_tx_cmsg *c,
			      const struct toy_ip_tx *tx)
{
	unsigned int hdr_len = toy_ip_ops_of(&path->daddr)->hdr_len;
	bool v4 = toy_is_v4(&path->daddr);
	struct toy_net *tn = toy_sock_net(sk);
	struct sk_buff *skb;
	int err;

	if (len < hdr_len)
		return -EINVAL;
	if (msg->msg_flags & MSG_PROBE)
		return 0;
	skb = toy_dgram_alloc(sk, msg, path, hdr_len, len - hdr_len, c, &err);
	if (!skb)
		return err;
	skb->ip_summed = CHECKSUM_NONE;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, hdr_len);
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	if (!err && v4)
		err = toy_raw_fix_header(skb, path);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	toy_dgram_stamp(skb, c);
	if (v4)
		toy_raw_count(tn, skb, skb_transport_offset(skb),
			      ip_hdr(skb)->protocol);
	return toy_raw_sent(sk, path, toy_ip_output_whole(tn, path, skb, tx));
}

/* ---- sendmsg ------------------------------------------------------------ */

/* RFC 3542 3: the port of a sockaddr_in6 is the protocol, or nothing. IPv4
 * does not look at it.
 */
static int toy_raw_protocol(const struct sock *sk, const struct toy_endpoint *to)
{
	int protocol = sk->sk_num;

	if (toy_is_v4(&to->addr) || !to->port)
		return protocol;
	if (to->port != protocol && protocol != IPPROTO_RAW)
		return -EINVAL;
	return to->port > 255 ? -EINVAL : to->port;
}

static int toy_raw_send_on(struct sock *sk, struct msghdr *msg, size_t len,
			   const struct toy_path *path,
			   const struct toy_tx_cmsg *c, int protocol)
{
	struct toy_ip_tx tx = { .proto = protocol };
	bool hdrincl = toy_raw_hdrincl(sk);

	if (msg->msg_flags & MSG_PROBE && !hdrincl)
		return 0;
	toy_dgram_tx(sk, c, path, &tx);
	if (len > (hdrincl ? path->mtu : toy_dgram_room(path, &tx, c))) {
		toy_dgram_too_long(sk, &path->daddr, 0, &tx, path);
		return -EMSGSIZE;
	}
	if (hdrincl)
		return toy_raw_send_whole(sk, msg, len, path, c, &tx);
	return toy_raw_send(sk, msg, len, path, c, &tx);
}

static int toy_raw_send_to(struct sock *sk, struct msghdr *msg, size_t len,
			   const struct toy_tx_cmsg *c,
			   const struct toy_endpoint *to)
{
	int protocol = toy_raw_protocol(sk, to), err;
	struct toy_path_ref *ref;

	WRITE_ONCE(toy_raw_sk(sk)->spoken, toy_is_v4(&to->addr) ? 4 : 6);
	if (protocol < 0)
		return protocol;
	/* Whoever writes the header writes the options, too. */
	if (c->ip_opts.len && toy_raw_hdrincl(sk))
		return -EINVAL;

	ref = toy_dgram_path(sk, msg, c, to);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	err = toy_raw_send_on(sk, msg, len, &ref->path, c, protocol);
	toy_path_ref_put(ref);
	return err;
}

/**
 * toy_raw_sendmsg() - prot->sendmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: bytes in it
 *
 * Return: bytes sent or a negative errno.
 */
int toy_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct toy_endpoint to;
	struct toy_tx_cmsg c;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = toy_dgram_dest(sk, msg, &c, &to);
	if (err)
		return err;
	err = toy_raw_send_to(sk, msg, len, &c, &to);
	toy_cmsg_done(&c);
	return err ?: len;
}
