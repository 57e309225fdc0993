// SPDX-License-Identifier: GPL-2.0-only
/*
 * The retransmission queue and what is still to be sent (RFC 9293 3.8.1).
 *
 *	SND.UNA                     SND.NXT                  write_seq
 *	   | sk->tcp_rtx_queue, a tree by seq | sk->sk_write_queue, a list |
 *	   |      tp->sent, by time of sending |
 *
 * A buffer holds up to gso_max bytes: many segments, sent as one super-segment.
 * toy_tcp_cb.segs says how many at the current segment size; the counters of
 * flight (packets_out and so on) count these. What happens to a part of a
 * buffer splits it first.
 *
 * Memory: a buffer is charged to the socket (sk_wmem_queued, sk_forward_alloc)
 * by its truesize from toy_tcp_queue_tail() to toy_tcp_skb_free(). What goes to
 * the device is a clone.
 */
#include "stamp.h"
#include "tcp.h"

/* tp->sent is linked through where a travelling skb has its destructor and
 * its dst: before it is freed or cloned they must look empty.
 */
static void toy_skb_anchor_clear(struct sk_buff *skb)
{
	skb->destructor = NULL;
	skb->_skb_refdst = 0;
}

/**
 * toy_tcp_skb_alloc() - a buffer for data to be sent
 * @sk: socket, locked
 * @linear: bytes of linear room for data
 * @gfp: how to allocate
 *
 * Return: a buffer with room for all headers, whose memory the socket may
 * have but is not charged for yet; or NULL.
 */
struct sk_buff *toy_tcp_skb_alloc(struct sock *sk, unsigned int linear, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb_fclone(TOY_TCP_HEADROOM + linear, gfp);

	if (unlikely(!skb)) {
		sk_stream_moderate_sndbuf(sk);
		return NULL;
	}
	if (unlikely(!sk_wmem_schedule(sk, skb->truesize))) {
		kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, TOY_TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(struct toy_tcp_cb));
	return skb;
}

/**
 * toy_tcp_skb_free() - a buffer of a queue is no longer needed
 * @sk: socket, locked
 * @skb: buffer, out of queue and tp->sent; consumed
 */
void toy_tcp_skb_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	toy_skb_anchor_clear(skb);
	consume_skb(skb);
}

/**
 * toy_tcp_queue_tail() - data is to be sent after all other
 * @sk: socket, locked
 * @skb: buffer of toy_tcp_skb_alloc(); consumed
 */
void toy_tcp_queue_tail(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tcp_cb *cb = toy_cb(skb);

	cb->seq = tp->write_seq;
	cb->end_seq = tp->write_seq;
	cb->flags = TOY_TCP_ACK;
	__skb_header_release(skb);
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	tp->nagle &= ~TOY_NAGLE_PUSH;
}

/**
 * toy_tcp_count_segs() - into how many segments will a buffer be cut?
 * @skb: buffer
 * @mss: bytes of data in a segment
 *
 * Sets what the core's segmentation reads as well.
 */
void toy_tcp_count_segs(struct sk_buff *skb, u32 mss)
{
	struct toy_tcp_cb *cb = toy_cb(skb);

	cb->mss = mss;
	if (skb->len <= mss) {
		cb->segs = 1;
		skb_shinfo(skb)->gso_size = 0;
		skb_shinfo(skb)->gso_segs = 1;
		return;
	}
	cb->segs = DIV_ROUND_UP(skb->len, mss);
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_segs = cb->segs;
}

/**
 * toy_tcp_pcount_adjust() - a buffer in flight counts as fewer segments
 * @tp: connection
 * @skb: the buffer
 * @diff: how many fewer
 */
void toy_tcp_pcount_adjust(struct toy_tcp_sock *tp, const struct sk_buff *skb,
			   int diff)
{
	u8 sacked = toy_cb(skb)->sacked;

	tp->packets_out -= diff;
	if (sacked & TOY_SACKED)
		tp->sacked_out -= diff;
	if (sacked & TOY_RETRANS)
		tp->retrans_out -= diff;
	if (sacked & TOY_LOST)
		tp->lost_out -= diff;
}

/* The head is ours alone: its array of fragments may be changed. What the
 * socket was charged stays what it is.
 */
static int toy_skb_unclone(struct sk_buff *skb, gfp_t gfp)
{
	unsigned int truesize = skb->truesize;
	int err;

	if (!skb_cloned(skb))
		return 0;
	err = pskb_expand_head(skb, 0, 0, gfp);
	skb->truesize = truesize;
	return err;
}

static void toy_split_cb(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	struct toy_tcp_cb *a = toy_cb(skb), *b = toy_cb(rest);

	*b = *a;
	b->seq = a->seq + len;
	a->end_seq = b->seq;
	/* What comes at the end stays at the end; ends of records, too. */
	a->flags &= ~(TOY_TCP_FIN | TOY_TCP_PSH);
	a->eor = 0;
	rest->ip_summed = CHECKSUM_PARTIAL;
	rest->skb_mstamp_ns = skb->skb_mstamp_ns;
}

/**
 * toy_tcp_split() - cut a buffer in two
 * @sk: socket, locked
 * @skb: buffer in a queue; keeps the first @len bytes
 * @len: where to cut
 * @mss: segment size by which both parts are counted
 * @in_rtx: it is in the retransmission queue, else in the write queue
 * @gfp: how to allocate
 *
 * Return: 0; -ENOMEM and nothing has changed.
 */
int toy_tcp_split(struct sock *sk, struct sk_buff *skb, u32 len, u32 mss,
		  bool in_rtx, gfp_t gfp)
{
	unsigned int linear = skb_headlen(skb) > len ? skb_headlen(skb) - len : 0;
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u16 before = toy_cb(skb)->segs;
	struct sk_buff *rest;
	int moved;

	if (WARN_ON_ONCE(len >= skb->len))
		return -EINVAL;
	if (toy_skb_unclone(skb, gfp))
		return -ENOMEM;
	rest = toy_tcp_skb_alloc(sk, linear, gfp);
	if (!rest)
		return -ENOMEM;

	moved = skb->len - len - linear;
	skb_split(skb, rest, len);
	sk_wmem_queued_add(sk, rest->truesize);
	sk_mem_charge(sk, rest->truesize);
	/* The pages are charged already; they have moved. */
	rest->truesize += moved;
	skb->truesize -= moved;

	toy_split_cb(skb, rest, len);
	if (toy_stamp_any(skb))
		toy_tcp_stamp_split(skb, rest);
	toy_tcp_count_segs(skb, mss);
	toy_tcp_count_segs(rest, mss);
	__skb_header_release(rest);

	if (!in_rtx) {
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
		return 0;
	}
	if (before)
		toy_tcp_pcount_adjust(tp, skb, before - toy_cb(skb)->segs -
				      toy_cb(rest)->segs);
	toy_tcp_rtx_insert(sk, rest);
	list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	return 0;
}

/* Take bytes off the front without moving those behind. */
static void toy_skb_eat(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *sh = skb_shinfo(skb);
	u32 eat = min(len, skb_headlen(skb));
	int keep = 0;

	__skb_pull(skb, eat);
	len -= eat;
	if (!len)
		return;
	skb_reset_tail_pointer(skb);
	skb->len -= len;
	skb->data_len -= len;
	for (int i = 0; i < sh->nr_frags; i++) {
		u32 size = skb_frag_size(&sh->frags[i]);

		if (size <= len) {
			skb_frag_unref(skb, i);
			len -= size;
			continue;
		}
		sh->frags[keep] = sh->frags[i];
		if (len) {
			skb_frag_off_add(&sh->frags[keep], len);
			skb_frag_size_sub(&sh->frags[keep], len);
			len = 0;
		}
		keep++;
	}
	sh->nr_frags = keep;
}

/**
 * toy_tcp_trim_head() - the first bytes of a buffer are acknowledged
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue
 * @len: how many; fewer than there are
 *
 * Without memory for a private head nothing happens: they are acknowledged
 * again when the rest is.
 */
void toy_tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len)
{
	u32 paged = len > skb_headlen(skb) ? len - skb_headlen(skb) : 0;

	if (toy_skb_unclone(skb, GFP_ATOMIC))
		return;
	toy_skb_eat(skb, len);
	toy_cb(skb)->seq += len;
	paged = min_t(u32, paged, skb->truesize - SKB_TRUESIZE(0));
	skb->truesize -= paged;
	sk_wmem_queued_add(sk, -paged);
	sk_mem_uncharge(sk, paged);
	toy_tcp_count_segs(skb, toy_cb(skb)->mss);
}

/* May the next buffer be sent together with this one? */
static bool toy_merge_wanted(const struct sk_buff *to, const struct sk_buff *next,
			     u32 space)
{
	const struct toy_tcp_cb *a = toy_cb(to), *b = toy_cb(next);

	return !a->eor && !(a->flags & (TOY_TCP_SYN | TOY_TCP_FIN)) &&
	       !(b->flags & TOY_TCP_SYN) &&
	       !((a->sacked | b->sacked) & (TOY_SACKED | TOY_RETRANS)) &&
	       (a->sacked & TOY_LOST) == (b->sacked & TOY_LOST) &&
	       to->len + next->len <= space &&
	       !skb_cloned(to) && !skb_cloned(next);
}

/* What cannot be taken over is copied, behind what the socket has written last:
 * that is what small writes come to.
 */
static bool toy_merge_copy(struct sock *sk, struct sk_buff *to,
			   struct sk_buff *next, int *delta)
{
	struct page_frag *frag = &sk->sk_frag;
	int n = skb_shinfo(to)->nr_frags, len = next->len;

	if (n >= MAX_SKB_FRAGS || skb_zcopy(to) || skb_zcopy(next) ||
	    !skb_page_frag_refill(len, frag, GFP_ATOMIC | __GFP_NOWARN))
		return false;
	if (skb_copy_bits(next, 0, page_address(frag->page) + frag->offset, len))
		return false;
	get_page(frag->page);
	skb_fill_page_desc(to, n, frag->page, frag->offset, len);
	frag->offset += len;
	to->len += len;
	to->data_len += len;
	to->truesize += len;
	*delta = len;
	return true;
}

/**
 * toy_tcp_merge_next() - send small neighbours together with a retransmission
 * @sk: socket, locked
 * @to: buffer in the retransmission queue that is about to be sent again
 * @space: what both may hold together, in bytes
 */
void toy_tcp_merge_next(struct sock *sk, struct sk_buff *to, u32 space)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *next;

	while ((next = skb_rb_next(to)) && toy_merge_wanted(to, next, space) &&
	       toy_seq_before(toy_cb(next)->seq, tp->snd_nxt)) {
		u16 before = toy_cb(to)->segs + toy_cb(next)->segs;
		struct toy_tcp_cb nb = *toy_cb(next);
		u32 next_truesize = next->truesize;
		bool stamped = toy_stamp_any(next), stolen = false;
		int delta;

		if (!skb_try_coalesce(to, next, &stolen, &delta) &&
		    !toy_merge_copy(sk, to, next, &delta))
			break;
		if (unlikely(stamped))
			toy_tcp_stamp_merge(to, next);
		list_del(&next->tcp_tsorted_anchor);
		toy_skb_anchor_clear(next);
		rb_erase(&next->rbnode, &sk->tcp_rtx_queue);
		sk_wmem_queued_add(sk, delta - (int)next_truesize);
		sk_mem_charge(sk, delta);
		sk_mem_uncharge(sk, next_truesize);
		kfree_skb_partial(next, stolen);

		toy_cb(to)->end_seq = nb.end_seq;
		toy_cb(to)->flags |= nb.flags;
		toy_cb(to)->sacked |= nb.sacked & TOY_EVER_RETRANS;
		toy_cb(to)->eor = nb.eor;
		toy_tcp_count_segs(to, toy_cb(to)->mss);
		toy_tcp_pcount_adjust(tp, to, before - toy_cb(to)->segs);
	}
}

/**
 * toy_tcp_rtx_insert() - a buffer joins the retransmission queue
 * @sk: socket, locked
 * @skb: buffer, in no queue
 */
void toy_tcp_rtx_insert(struct sock *sk, struct sk_buff *skb)
{
	struct rb_node **p = &sk->tcp_rtx_queue.rb_node;
	struct rb_node *parent = NULL;

	while (*p) {
		parent = *p;
		if (toy_seq_before(toy_cb(skb)->seq, toy_cb(rb_to_skb(parent))->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &sk->tcp_rtx_queue);
}

/**
 * toy_tcp_rtx_remove_free() - all of a buffer is acknowledged
 * @sk: socket, locked
 * @skb: buffer in the retransmission queue; consumed
 */
void toy_tcp_rtx_remove_free(struct sock *sk, struct sk_buff *skb)
{
	list_del(&skb->tcp_tsorted_anchor);
	rb_erase(&skb->rbnode, &sk->tcp_rtx_queue);
	toy_tcp_skb_free(sk, skb);
}

/**
 * toy_tcp_queues_purge() - nothing more is sent
 * @sk: socket, locked or with its last reference gone
 */
void toy_tcp_queues_purge(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;

	toy_tcp_chrono(tp, TOY_CHRONO_NONE);
	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		toy_tcp_skb_free(sk, skb);
	while ((skb = toy_tcp_rtx_head(sk)))
		toy_tcp_rtx_remove_free(sk, skb);
	INIT_LIST_HEAD(&tp->sent);
	tp->packets_out = 0;
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
	toy_xtimer_off(tp);
}
