// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP out (RFC 768, RFC 1122 4.1).
 *
 *	destination -> path -> copy (and sum) -> header -> toy_ip_output()
 *	with MSG_MORE or UDP_CORK, a copy for every call	sock/cork.c
 *
 * With UDP_SEGMENT a message is many datagrams of one size, of which only the
 * last may be shorter. It goes down as one super-packet; the device cuts it, or
 * the core in front of one that cannot, or the receiver where it never leaves
 * this stack. Each datagram must fit into the MTU: none is fragmented.
 */
#include <net/ip.h>

#include "../skb/buf.h"
#include "../skb/csum.h"
#include "../skb/udp.h"
#include "../sock/cork.h"
#include "udp.h"

/* Copies into a buffer and adds to the sum of the @off bytes before it. */
static bool toy_udp_copy_sum(void *to, size_t len, size_t off, __wsum *sum,
			     struct msghdr *msg)
{
	__wsum part = 0;

	if (!csum_and_copy_from_iter_full(to, len, &part, &msg->msg_iter))
		return false;
	*sum = csum_block_add(*sum, part, off);
	return true;
}

static bool toy_udp_frag_sum(const skb_frag_t *frag, size_t *off, __wsum *sum,
			     struct msghdr *msg)
{
	u32 p_off, p_len, copied;
	struct page *page;

	skb_frag_foreach_page(frag, skb_frag_off(frag), skb_frag_size(frag),
			      page, p_off, p_len, copied) {
		void *to = kmap_local_page(page);
		bool ok = toy_udp_copy_sum(to + p_off, p_len, *off, sum, msg);

		kunmap_local(to);
		if (!ok)
			return false;
		*off += p_len;
	}
	return true;
}

/* Copies the data, and sums it on the way where nobody else will. */
static int toy_udp_fill(struct sk_buff *skb, struct msghdr *msg, size_t len,
			bool sum)
{
	const int hlen = sizeof(struct udphdr);
	size_t off = skb_headlen(skb) - hlen;

	skb->csum = 0;
	if (!sum)
		return skb_copy_datagram_from_iter(skb, hlen, &msg->msg_iter, len);
	if (!toy_udp_copy_sum(skb->data + hlen, off, 0, &skb->csum, msg))
		return -EFAULT;
	for (int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		if (!toy_udp_frag_sum(&skb_shinfo(skb)->frags[i], &off,
				      &skb->csum, msg))
			return -EFAULT;
	return 0;
}

/* MSG_ZEROCOPY, MSG_SPLICE_PAGES: pages that a datagram shares. */
struct toy_udp_share {
	struct ubuf_info *uarg;	/* whom to tell when they are free; or NULL */
	bool own_ref;		/* and @uarg's reference is ours to pass on */
	int what;		/* MSG_*, 0: they are copied after all */
};

/* What may be shared? Where somebody sums the data up here, nothing: it may
 * change while that is done.
 */
static int toy_udp_share_begin(struct sock *sk, struct msghdr *msg, size_t len,
			       const struct toy_path *path, bool offload,
			       struct toy_udp_share *share)
{
	const int hlen = sizeof(struct udphdr);
	bool able = offload && toy_path_sg(path);

	if (msg->msg_flags & MSG_ZEROCOPY) {
		if (msg->msg_ubuf) {
			share->uarg = able ? msg->msg_ubuf : NULL;
		} else if (sock_flag(sk, SOCK_ZEROCOPY)) {
			share->uarg = msg_zerocopy_realloc(sk, len + hlen, NULL);
			if (!share->uarg)
				return -ENOBUFS;
			share->own_ref = true;
			if (!able)
				uarg_to_msgzc(share->uarg)->zerocopy = 0;
		}
		if (share->uarg && able)
			share->what = MSG_ZEROCOPY;
	} else if (able && len) {
		share->what = MSG_SPLICE_PAGES;
	}
	return 0;
}

static int toy_udp_splice(struct sk_buff *skb, struct msghdr *msg, size_t len)
{
	while (len) {
		ssize_t n = toy_compat_splice(skb, &msg->msg_iter, len,
					      skb->sk->sk_allocation);

		if (n <= 0)
			return n ?: -EIO;
		refcount_add(n, &skb->sk->sk_wmem_alloc);
		len -= n;
	}
	if (!(msg->msg_flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	return 0;
}

/* Data into a buffer: as pages, or copied. */
static int toy_udp_put(struct sk_buff *skb, struct msghdr *msg, size_t len,
		       bool offload, struct toy_udp_share *share)
{
	int err;

	if (unlikely(share->uarg))
		skb_zcopy_set(skb, share->uarg,
			      share->own_ref ? &share->own_ref : NULL);
	if (likely(!share->what))
		err = toy_udp_fill(skb, msg, len, !offload);
	else if (share->what == MSG_ZEROCOPY)
		err = skb_zerocopy_iter_dgram(skb, msg, len);
	else
		err = toy_udp_splice(skb, msg, len);
	if (unlikely(err && share->uarg))
		net_zcopy_put_abort(share->uarg, share->own_ref);
	return err;
}

/* SO_NO_CHECK is for IPv4 (RFC 8200 8.1), UDP_NO_CHECK6_TX for IPv6 (RFC 6935 5).
 */
static bool toy_udp_no_check(const struct sock *sk, const struct toy_path *path)
{
	return toy_is_v4(&path->daddr) ? sk->sk_no_check_tx :
	       READ_ONCE(toy_dgram_sk(sk)->no_check6_tx);
}

static void toy_udp_checksum(struct sock *sk, struct sk_buff *skb,
			     const struct toy_path *path,
			     const struct toy_ip_tx *tx, bool offload)
{
	const struct in6_addr *daddr = toy_ip_tx_final(tx, path);
	const u16 offset = offsetof(struct udphdr, check);

	if (unlikely(toy_udp_no_check(sk, path)))
		skb->ip_summed = CHECKSUM_NONE;
	else if (offload)
		toy_csum_partial(skb, &path->saddr, daddr, skb->len,
				 IPPROTO_UDP, offset);
	else
		toy_csum_finish(skb, &path->saddr, daddr, skb->len,
				IPPROTO_UDP, offset, sizeof(struct udphdr), true);
}

/* Can the device on this path finish the checksum of @len bytes? Not across
 * fragments, and not behind extension headers.
 */
static bool toy_udp_offload(const struct toy_path *path,
			    const struct toy_ip_tx *tx, unsigned int len)
{
	const struct net_device *ndev;
	bool offload;

	if (tx->exts || len + tx->opts_len > toy_ip_tx_mtu(tx, path) -
					     toy_ip_ops_of(&path->daddr)->hdr_len)
		return false;
	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	offload = ndev && toy_csum_offload(ndev, &path->daddr);
	rcu_read_unlock();
	return offload;
}

/* Can the message be cut into datagrams of @gso_size bytes? */
static int toy_udp_gso_check(const struct sock *sk, const struct toy_path *path,
			     const struct toy_ip_tx *tx, size_t len,
			     u16 gso_size)
{
	u32 hlen = toy_ip_ops_of(&path->daddr)->hdr_len + tx->opts_len +
		   sizeof(struct udphdr);

	if (hlen + min_t(size_t, len, gso_size) > toy_ip_tx_mtu(tx, path))
		return -EMSGSIZE;
	if (len > gso_size * UDP_MAX_SEGMENTS)
		return -EINVAL;
	/* Whoever cuts it fills checksums in: there is no way not to. */
	if (toy_udp_no_check(sk, path))
		return -EINVAL;
	/* Nor to cut what has extension headers. */
	return tx->exts ? -EIO : 0;
}

/* Whoever cuts a super-packet also finishes its checksums. */
static void toy_udp_set_gso(struct sk_buff *skb, size_t len, u16 gso_size)
{
	struct skb_shared_info *sh = skb_shinfo(skb);

	sh->gso_size = gso_size;
	sh->gso_type = SKB_GSO_UDP_L4;
	sh->gso_segs = DIV_ROUND_UP(len, gso_size);
}

/* Puts the header before @skb's data, which @skb->csum sums unless @offload, and
 * consumes it. Counts, and tells of a full device queue only those who asked
 * (ip(7)).
 */
static int toy_udp_output(struct sock *sk, struct sk_buff *skb, u16 port,
			  const struct toy_path *path,
			  const struct toy_ip_tx *tx, bool offload)
{
	struct toy_net *tn = toy_sock_net(sk);
	int err;

	__skb_pull(skb, sizeof(struct udphdr));
	toy_udp_push(skb, sk->sk_num, port);
	toy_udp_checksum(sk, skb, path, tx, offload);
	err = toy_ip_output(tn, path, skb, tx);
	if (likely(!err)) {
		toy_count(tn, TOY_MIB_UDP_OUT_DATAGRAMS);
	} else if (err == -ENOBUFS && !toy_sock_recverr(toy_sk(sk), &path->daddr)) {
		toy_count(tn, TOY_MIB_UDP_SNDBUF_ERRORS);
		err = 0;
	}
	return err;
}

static int toy_udp_send(struct sock *sk, struct msghdr *msg, size_t len,
			const struct toy_path *path,
			const struct toy_tx_cmsg *c,
			const struct toy_ip_tx *tx, u16 port)
{
	const int hlen = sizeof(struct udphdr);
	bool gso = c->gso_size && len > c->gso_size;
	bool offload = gso || toy_udp_offload(path, tx, hlen + len);
	struct toy_udp_share share = {};
	struct sk_buff *skb;
	int err = 0;

	if (c->gso_size)
		err = toy_udp_gso_check(sk, path, tx, len, c->gso_size);
	if (unlikely(!err && msg->msg_flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		err = toy_udp_share_begin(sk, msg, len, path, offload, &share);
	if (err)
		return err;
	skb = toy_dgram_alloc(sk, msg, path, hlen, share.what ? 0 : len, c,
			      &err);
	if (!skb) {
		if (share.uarg)
			net_zcopy_put_abort(share.uarg, share.own_ref);
		return err;
	}
	err = toy_udp_put(skb, msg, len, offload, &share);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	toy_dgram_stamp(skb, c);
	if (gso)
		toy_udp_set_gso(skb, len, c->gso_size);
	return toy_udp_output(sk, skb, port, path, tx, offload);
}

static int toy_udp_push_cork(struct sock *sk, struct toy_cork *cork)
{
	const struct toy_path *path = &cork->ref->path;
	struct toy_ip_tx tx = { .proto = IPPROTO_UDP };
	const int hlen = sizeof(struct udphdr);
	u16 gso_size = cork->c.gso_size;
	size_t len = cork->skb->len - hlen;
	struct sk_buff *skb = cork->skb;
	bool offload;
	int err;

	toy_dgram_tx(sk, &cork->c, path, &tx);
	offload = toy_udp_offload(path, &tx, skb->len);
	if (unlikely(gso_size)) {
		err = toy_udp_gso_check(sk, path, &tx, len, gso_size);
		if (err)
			return err;
		if (len > gso_size) {
			toy_udp_set_gso(skb, len, gso_size);
			offload = true;
		}
	}
	if (!offload && !toy_udp_no_check(sk, path))
		skb->csum = skb_checksum(skb, hlen, len, 0);
	if (unlikely(cork->uarg))
		skb_zcopy_set(skb, cork->uarg, NULL);
	cork->skb = NULL;
	toy_dgram_stamp(skb, &cork->c);
	return toy_udp_output(sk, skb, cork->port, path, &tx, offload);
}

/**
 * toy_udp_push_pending() - send what has been corked
 * @sk: socket, locked
 *
 * Context: process.
 * Return: 0, also when there is nothing, or a negative errno.
 */
int toy_udp_push_pending(struct sock *sk)
{
	struct toy_cork *cork = toy_cork_take(sk);
	int err;

	if (!cork)
		return 0;
	err = toy_udp_push_cork(sk, cork);
	toy_cork_free(cork);
	return err;
}

/* Data for the message that has been begun. Under the socket lock. */
static int toy_udp_append(struct sock *sk, struct msghdr *msg, size_t len,
			  bool more)
{
	int err = toy_cork_append(sk, msg, len, IPPROTO_UDP);

	return err || more ? err : toy_udp_push_pending(sk);
}

/* The first of several calls that make one datagram. Takes over @ref. */
static int toy_udp_cork(struct sock *sk, struct msghdr *msg, size_t len,
			struct toy_path_ref *ref, const struct toy_tx_cmsg *c,
			const struct toy_endpoint *to)
{
	int err;

	lock_sock(sk);
	if (unlikely(toy_cork_pending(sk))) {
		/* Another thread was quicker: so says AF_INET. */
		toy_path_ref_put(ref);
		err = -EINVAL;
	} else {
		err = toy_cork_begin(sk, msg, ref, c, to,
				     sizeof(struct udphdr));
		if (!err)
			err = toy_udp_append(sk, msg, len, true);
	}
	release_sock(sk);
	return err;
}

static int toy_udp_send_to(struct sock *sk, struct msghdr *msg, size_t len,
			   bool more, const struct toy_tx_cmsg *c,
			   const struct toy_endpoint *to)
{
	struct toy_ip_tx tx = { .proto = IPPROTO_UDP };
	struct toy_path_ref *ref = toy_dgram_path(sk, msg, c, to);
	int err = 0;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	if (unlikely(msg->msg_flags & MSG_PROBE))
		goto out;
	toy_dgram_tx(sk, c, &ref->path, &tx);
	if (unlikely(len + sizeof(struct udphdr) >
		     toy_dgram_room(&ref->path, &tx, c))) {
		toy_dgram_too_long(sk, &to->addr, to->port, &tx, &ref->path);
		err = -EMSGSIZE;
		goto out;
	}
	if (unlikely(more))
		return toy_udp_cork(sk, msg, len, ref, c, to);
	err = toy_udp_send(sk, msg, len, &ref->path, c, &tx, to->port);
out:
	toy_path_ref_put(ref);
	return err;
}

/* The first call of a message, and mostly the only one. */
static int toy_udp_send_first(struct sock *sk, struct msghdr *msg, size_t len,
			      bool more)
{
	struct toy_endpoint to;
	struct toy_tx_cmsg c;
	int err;

	err = toy_dgram_dest(sk, msg, &c, &to);
	if (err)
		return err;
	err = to.port ? toy_udp_send_to(sk, msg, len, more, &c, &to) : -EINVAL;
	toy_cmsg_done(&c);
	return err;
}

/* Does it go to IPv6? tracepath(8) begins with more than any datagram holds,
 * and reads the MTU from the error queue; IPv4 says nothing there.
 */
static bool toy_udp_to_v6(const struct sock *sk, const struct msghdr *msg)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;

	if (!sin6)
		return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED &&
		       !toy_is_v4(&sk->sk_v6_daddr);
	return msg->msg_namelen >= SIN6_LEN_RFC2133 &&
	       sin6->sin6_family != AF_INET && sin6->sin6_family != AF_UNSPEC &&
	       !toy_is_v4(&sin6->sin6_addr);
}

/**
 * toy_udp_sendmsg() - prot->sendmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: bytes in it
 *
 * Return: @len, or a negative errno (udp(7), send(2)).
 */
int toy_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	bool more = toy_dgram_sk(sk)->corked || msg->msg_flags & MSG_MORE;
	bool begun = false;
	int err;

	/* The port comes first, whatever is wrong with the message, and what
	 * is too long for IP last: so AF_INET.
	 */
	err = toy_dgram_autobind(sk);
	if (err)
		return err;
	if (len > 0xffff &&
	    (len > INT_MAX || toy_cork_pending(sk) || !toy_udp_to_v6(sk, msg)))
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;

	if (unlikely(toy_cork_pending(sk))) {
		lock_sock(sk);
		begun = toy_cork_pending(sk);
		if (begun)
			err = toy_udp_append(sk, msg, len, more);
		release_sock(sk);
	}
	if (likely(!begun))
		err = toy_udp_send_first(sk, msg, len, more);
	if (err == -EAGAIN || err == -ENOBUFS)
		toy_count(toy_sock_net(sk), TOY_MIB_UDP_SNDBUF_ERRORS);
	return err ?: len;
}
