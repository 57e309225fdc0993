// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several calls, one datagram: MSG_MORE and UDP_CORK (send(2), udp(7)).
 *
 *	sendmsg(MSG_MORE)	toy_cork_begin()	destination, path, header
 *				toy_cork_append()	data
 *	sendmsg(MSG_MORE)	toy_cork_append()
 *	sendmsg()		toy_cork_append()
 *				toy_cork_take()		and the protocol sends it
 *
 * The first call decides where it goes and what control messages say; later
 * addresses are not looked at. Data is copied into pages of the socket, which
 * it fills to the last byte: so a datagram of 64 KB never needs more of them
 * than a buffer can have. Whatever goes wrong takes all of the datagram with
 * it, as with AF_INET.
 *
 * All under the socket lock.
 */
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "../napi/dev.h"
#include "../skb/ipv6_exts.h"
#include "cork.h"

/**
 * toy_cork_free() - let a message go
 * @cork: message after toy_cork_take(), or NULL; its skb is freed unless NULL
 *
 * Context: process.
 */
void toy_cork_free(struct toy_cork *cork)
{
	if (!cork)
		return;
	kfree_skb(cork->skb);
	if (unlikely(cork->uarg))
		net_zcopy_put(cork->uarg);
	toy_path_ref_put(cork->ref);
	toy_cmsg_done(&cork->c);
	kfree(cork);
}
EXPORT_SYMBOL_GPL(toy_cork_free);

/**
 * toy_cork_take() - the message is complete, or given up
 * @sk: socket, locked
 *
 * Return: the message, the caller's to send and free; NULL when there is none.
 */
struct toy_cork *toy_cork_take(struct sock *sk)
{
	struct toy_dgram_sock *ds = toy_dgram_sk(sk);
	struct toy_cork *cork = ds->cork;

	WRITE_ONCE(ds->cork, NULL);
	return cork;
}
EXPORT_SYMBOL_GPL(toy_cork_take);

/**
 * toy_cork_begin() - begin a message
 * @sk: socket, locked, with no message begun
 * @msg: first call
 * @ref: path; its reference is taken over, also on failure
 * @c: control messages; the caller's still
 * @to: destination
 * @hdr_len: bytes of transport header
 *
 * Context: process; may sleep for SO_SNDBUF.
 * Return: 0 or a negative errno.
 */
int toy_cork_begin(struct sock *sk, struct msghdr *msg,
		   struct toy_path_ref *ref, const struct toy_tx_cmsg *c,
		   const struct toy_endpoint *to, unsigned int hdr_len)
{
	struct toy_cork *cork = kzalloc(sizeof(*cork), sk->sk_allocation);
	int err = -ENOBUFS;

	if (!cork) {
		toy_path_ref_put(ref);
		return err;
	}
	cork->ref = ref;
	cork->c = *c;
	toy_ipv6_exts_get(cork->c.exts);
	cork->addr = to->addr;
	cork->port = to->port;
	cork->hdr_len = hdr_len;
	cork->skb = toy_dgram_alloc(sk, msg, &ref->path, hdr_len, 0, c, &err);
	if (!cork->skb) {
		toy_cork_free(cork);
		return err;
	}
	WRITE_ONCE(toy_dgram_sk(sk)->cork, cork);
	return 0;
}
EXPORT_SYMBOL_GPL(toy_cork_begin);

/* The socket's page, with room in it. sk_page_frag_refill() would leave a page
 * that has a few bytes left.
 */
static bool toy_cork_page(struct sock *sk)
{
	struct page_frag *pf = &sk->sk_frag;

	return (pf->page && pf->offset < pf->size) ||
	       skb_page_frag_refill(1, pf, sk->sk_allocation);
}

/* Copies as much as fits into the page; returns the bytes or an errno. */
static int toy_cork_copy(struct sock *sk, struct sk_buff *skb,
			 struct msghdr *msg, size_t len)
{
	struct page_frag *pf = &sk->sk_frag;
	int i = skb_shinfo(skb)->nr_frags;
	bool merge;

	if (!toy_cork_page(sk))
		return -ENOBUFS;
	merge = skb_can_coalesce(skb, i, pf->page, pf->offset);
	if (!merge && i == MAX_SKB_FRAGS)
		return -ENOBUFS;
	len = min_t(size_t, len, pf->size - pf->offset);
	if (copy_page_from_iter(pf->page, pf->offset, len,
				&msg->msg_iter) != len)
		return -EFAULT;

	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], len);
	} else {
		get_page(pf->page);
		skb_fill_page_desc(skb, i, pf->page, pf->offset, len);
	}
	pf->offset += len;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	refcount_add(len, &sk->sk_wmem_alloc);
	return len;
}

static int toy_cork_copy_all(struct sock *sk, struct toy_cork *cork,
			     struct msghdr *msg, size_t len)
{
	while (len) {
		int n = toy_cork_copy(sk, cork->skb, msg, len);

		if (n < 0)
			return n;
		len -= n;
	}
	return 0;
}

/* MSG_ZEROCOPY: the data is copied, because nobody knows yet whether somebody
 * will sum it up; but each call gets its number, and all are told by one
 * notification.
 */
static int toy_cork_zerocopy(struct sock *sk, struct toy_cork *cork, size_t len)
{
	struct ubuf_info *uarg;

	uarg = msg_zerocopy_realloc(sk, len, cork->uarg);
	if (!uarg)
		return -ENOBUFS;
	uarg_to_msgzc(uarg)->zerocopy = 0;
	cork->uarg = uarg;
	return 0;
}

static int toy_cork_add(struct sock *sk, struct toy_cork *cork,
			struct msghdr *msg, size_t len)
{
	bool zerocopy = msg->msg_flags & MSG_ZEROCOPY && !msg->msg_ubuf && len &&
			sock_flag(sk, SOCK_ZEROCOPY);
	int err;

	if (unlikely(zerocopy)) {
		err = toy_cork_zerocopy(sk, cork, len);
		if (err)
			return err;
	}
	err = toy_cork_copy_all(sk, cork, msg, len);
	if (unlikely(err && zerocopy))
		net_zcopy_put_abort(cork->uarg, false);
	return err;
}

/**
 * toy_cork_append() - add data to the message
 * @sk: socket, locked, with a message begun
 * @msg: call
 * @len: bytes of data
 * @proto: upper protocol
 *
 * Context: process.
 * Return: 0; -EMSGSIZE when it becomes too long, -EFAULT or -ENOBUFS, and the
 * message is gone.
 */
int toy_cork_append(struct sock *sk, struct msghdr *msg, size_t len, u8 proto)
{
	struct toy_cork *cork = toy_dgram_sk(sk)->cork;
	const struct toy_path *path = &cork->ref->path;
	struct toy_ip_tx tx = { .proto = proto };
	int err;

	toy_dgram_tx(sk, &cork->c, path, &tx);
	if (cork->skb->len + len > toy_dgram_room(path, &tx, &cork->c)) {
		toy_dgram_too_long(sk, &cork->addr, cork->port, &tx, path);
		err = -EMSGSIZE;
	} else {
		err = toy_cork_add(sk, cork, msg, len);
	}
	if (err)
		toy_cork_free(toy_cork_take(sk));
	return err;
}
EXPORT_SYMBOL_GPL(toy_cork_append);
