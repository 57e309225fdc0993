// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the data of a message gets into a buffer.
 *
 *	linear		a short message into the first part: one allocation
 *	copy		into page fragments of the socket or task
 *	MSG_ZEROCOPY	the program's own pages; the error queue says when it may
 *			write to them again
 *	MSG_SPLICE_PAGES  pages of a file or pipe (sendfile(2), splice(2))
 *
 * Pages are not shared where the device cannot send from them: then the data is
 * copied, and the notification of MSG_ZEROCOPY says so. On the way to this
 * host itself they are copied, too (napi/loop.c).
 */
#include "fill.h"

static bool toy_fill_sg(struct sock *sk)
{
	const struct toy_path *path = toy_tcp_path(sk);

	return path && toy_path_sg(path);
}

/**
 * toy_fill_begin() - before the first data of a call
 * @sk: socket, locked, connected
 * @c: call; may share its pages from now on
 *
 * Context: process.
 * Return: 0, or -ENOBUFS: too much waits for notifications (optmem_max, or
 * RLIMIT_MEMLOCK).
 */
int toy_fill_begin(struct sock *sk, struct toy_send *c)
{
	struct msghdr *msg = c->msg;
	struct sk_buff *tail;

	if (!msg_data_left(msg))
		return 0;
	if (msg->msg_flags & MSG_ZEROCOPY) {
		if (msg->msg_ubuf) {
			c->uarg = msg->msg_ubuf;
		} else if (sock_flag(sk, SOCK_ZEROCOPY)) {
			tail = skb_peek_tail(&sk->sk_write_queue);
			c->uarg = msg_zerocopy_realloc(sk, msg_data_left(msg),
						       skb_zcopy(tail));
			if (!c->uarg)
				return -ENOBUFS;
		} else {
			return 0;
		}
		if (toy_fill_sg(sk))
			c->share = MSG_ZEROCOPY;
		else if (!msg->msg_ubuf)
			uarg_to_msgzc(c->uarg)->zerocopy = 0;
	} else if (msg->msg_flags & MSG_SPLICE_PAGES && toy_fill_sg(sk)) {
		c->share = MSG_SPLICE_PAGES;
	}
	return 0;
}

/**
 * toy_fill_end() - the call has put into buffers what it could
 * @c: call
 */
void toy_fill_end(struct toy_send *c)
{
	/* msg_ubuf is the caller's to give back. */
	if (!c->uarg || c->msg->msg_ubuf)
		return;
	if (c->copied)
		net_zcopy_put(c->uarg);
	else
		net_zcopy_put_abort(c->uarg, true);
}

static int toy_fill_linear(struct sk_buff *skb, struct msghdr *msg, u32 len)
{
	if (copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter))
		return len;
	__skb_trim(skb, skb->len - len);
	return -EFAULT;
}

static int toy_fill_copy(struct sock *sk, struct sk_buff *skb,
			 struct msghdr *msg, u32 len)
{
	struct page_frag *pf = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge;

	if (!sk_page_frag_refill(sk, pf))
		return -ENOBUFS;
	merge = skb_can_coalesce(skb, i, pf->page, pf->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	len = min_t(u32, len, pf->size - pf->offset);
	if (!sk_wmem_schedule(sk, len))
		return -ENOBUFS;
	/* Of pages that the caller keeps and of ours, the last to be put. */
	skb_zcopy_downgrade_managed(skb);
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pf->page,
				       pf->offset, len);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], len);
	} else {
		skb_fill_page_desc(skb, i, pf->page, pf->offset, len);
		get_page(pf->page);
	}
	pf->offset += len;
	return len;
}

/* The program's pages. -EEXIST: a buffer can have one notification only. */
static int toy_fill_zerocopy(struct sock *sk, struct sk_buff *skb,
			     struct toy_send *c, u32 len)
{
	int n;

	if (!sk_wmem_schedule(sk, len))
		return -ENOBUFS;
	n = skb_zerocopy_iter_stream(sk, skb, c->msg, len, c->uarg);
	return n == -EMSGSIZE || n == -EEXIST ? 0 : n;
}

/* Pages of a file: they may change under us, but not go away. */
static int toy_fill_splice(struct sock *sk, struct sk_buff *skb,
			   struct toy_send *c, u32 len)
{
	int n;

	if (!sk_wmem_schedule(sk, len))
		return -ENOBUFS;
	skb_zcopy_downgrade_managed(skb);
	n = toy_compat_splice(skb, &c->msg->msg_iter, len, sk->sk_allocation);
	if (n == -EMSGSIZE)
		return 0;
	if (n <= 0)
		return n ?: -EIO;
	if (!(c->flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	return n;
}

/**
 * toy_fill() - put data into a buffer
 * @sk: socket, locked
 * @skb: last buffer of the write queue
 * @c: call
 * @len: bytes at most; there are as many
 *
 * Return: bytes put; 0: the buffer takes no more pages, or none of this call;
 * -ENOBUFS: wait for memory; -EFAULT and others: nothing was put.
 */
int toy_fill(struct sock *sk, struct sk_buff *skb, struct toy_send *c, u32 len)
{
	if (unlikely(c->share == MSG_ZEROCOPY))
		return toy_fill_zerocopy(sk, skb, c, len);
	if (unlikely(c->share == MSG_SPLICE_PAGES))
		return toy_fill_splice(sk, skb, c, len);
	if (!skb->data_len && len <= skb_tailroom(skb))
		return toy_fill_linear(skb, c->msg, len);
	return toy_fill_copy(sk, skb, c->msg, len);
}
