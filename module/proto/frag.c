// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reassembly of both IP versions, on the kernel's inet_frag library.
 *
 *	toy_frag_rcv()	right by itself?		frag_state.c
 *			find its datagram, or begin one
 *			agrees with the others?		frag_state.c
 *			overlaps none of them?		inet_frag_queue_insert()
 *			all here? -> one packet, which goes on its way
 *
 * The library keeps the fragments of a datagram in order and joins them, has
 * a table of datagrams for each IP version and namespace, and counts memory.
 * Here stand the rules.
 *
 * What strangers can make us hold is bounded for each version and namespace:
 * from net.toy.ipfrag_low_thresh bytes on only datagrams that have begun get
 * more fragments, from ipfrag_high_thresh on none does; what is not complete
 * after ipfrag_time seconds goes. So newcomers cannot keep those that came
 * before them from being completed.
 *
 * A fragment that is being held lies in the queue with skb->data at its data;
 * its headers stay in front of that, for an ICMP error about the first one.
 */
#include <linux/siphash.h>
#include <net/inet_ecn.h>

#include "../napi/dev.h"
#include "frag.h"
#include "frag_table.h"

/* A fragment on its way through toy_frag_rcv(). */
struct toy_frag_rx {
	struct toy_pkt *pkt;
	struct sk_buff *skb;		/* result: NULL: kept */
	const struct toy_frag *f;
	struct toy_frag_piece piece;
	struct toy_skb_cb cb;		/* of @skb: the library writes there */
	int refs;			/* of the queue, to be put */
};

/* ---- giving up --------------------------------------------------------- */

/* No fragment is added any more; what is here goes with the last reference. */
static void toy_frag_kill(struct toy_frag_queue *fq, int *refs)
{
	toy_compat_frag_kill(&fq->q, refs);
}

/* The same for a datagram that will never be complete; its fragments are drops
 * for the reason @why, one of which the caller counts.
 */
static void toy_frag_give_up(struct toy_net *tn, struct toy_frag_queue *fq,
			     enum toy_drop why, unsigned int others, int *refs)
{
	toy_compat_frag_mark_drop(&fq->q);
	toy_frag_kill(fq, refs);
	toy_count_add(tn, TOY_MIB_DROPS + why, others);
	toy_ip_count(tn, fq->ip, TOY_MIB_IP_REASM_FAILS);
}

/* Says that the first fragment waited in vain for the others. Consumes
 * @skb.
 */
static void toy_frag_time_exceeded(struct toy_net *tn,
				   struct toy_frag_queue *fq,
				   struct sk_buff *skb)
{
	struct toy_pkt pkt = {
		.tn = tn, .ip = fq->ip, .proto = fq->first.proto,
		.tos = fq->tos, .flags = fq->flags,
		.saddr = fq->q.key.v6.saddr, .daddr = fq->q.key.v6.daddr,
	};

	rcu_read_lock();
	pkt.dev = toy_dev_find(tn, fq->ifindex);
	if (pkt.dev)
		fq->ip->error(&pkt, skb, TOY_ERR_REASM_TIMEOUT, 0);
	rcu_read_unlock();
	toy_drop_skb(tn, skb, TOY_DROP_FRAG_TIMEOUT);
}

/**
 * toy_frag_expire() - the rest of a datagram did not come in time
 * @t: timer of a struct toy_frag_queue
 *
 * RFC 791 3.2, RFC 8200 4.5. Context: softirq.
 */
void toy_frag_expire(struct timer_list *t)
{
	struct inet_frag_queue *q = from_timer(q, t, timer);
	struct toy_frag_queue *fq = toy_frag_queue_of(q);
	struct sk_buff *head = NULL;
	int refs = 1;		/* the timer's */
	struct toy_net *tn;

	spin_lock(&q->lock);
	if (!(q->flags & INET_FRAG_COMPLETE) && !fq->state.count)
		toy_frag_kill(fq, &refs);
	if (q->flags & INET_FRAG_COMPLETE) {
		spin_unlock(&q->lock);
		goto put;
	}
	tn = fq->tn;
	toy_frag_give_up(tn, fq, TOY_DROP_FRAG_TIMEOUT, fq->state.count - 1,
			 &refs);
	toy_ip_count(tn, fq->ip, TOY_MIB_IP_REASM_TIMEOUT);
	/* RFC 1122 3.3.2, RFC 8200 4.5: only if the first one is here. */
	if (fq->state.first && !READ_ONCE(q->fqdir->dead))
		head = inet_frag_pull_head(q);
	spin_unlock(&q->lock);

	if (head)
		toy_frag_time_exceeded(tn, fq, head);
	else
		toy_drop_skb(tn, NULL, TOY_DROP_FRAG_TIMEOUT);
put:
	toy_compat_frag_put(q, refs);
}

/* ---- putting together -------------------------------------------------- */

/* Takes the fragment header out: what stands in front of it moves up. */
static void toy_frag_cut_header(struct sk_buff *skb, unsigned int len)
{
	memmove(skb->head + len, skb->head, skb->data - skb->head - len);
	if (skb_mac_header_was_set(skb))
		skb->mac_header += len;
	skb->network_header += len;
}

/* All is here, @skb being the last one to come, behind @tail in the queue. @skb
 * becomes the whole packet, skb->data at its network header.
 */
static enum toy_drop toy_frag_join(struct toy_frag_queue *fq,
				   struct sk_buff *skb, struct sk_buff *tail,
				   struct net_device *ndev)
{
	const struct toy_frag *first = &fq->first;
	u8 ecn = ip_frag_ecn_table[fq->state.ecn];
	void *glue;

	if (ecn == 0xff)				/* RFC 3168 5.3 */
		return TOY_DROP_FRAG_ECN;
	if (first->hdr_len - first->frag_hdr + fq->state.end > fq->ip->max_len)
		return TOY_DROP_FRAG_BEYOND;
	glue = inet_frag_reasm_prepare(&fq->q, skb, tail);
	if (!glue)
		return TOY_DROP_NOMEM;
	if (first->frag_hdr)
		toy_frag_cut_header(skb, first->frag_hdr);
	inet_frag_reasm_finish(&fq->q, skb, glue, true);
	fq->q.rb_fragments = RB_ROOT;
	fq->q.fragments_tail = NULL;
	fq->q.last_run_head = NULL;

	skb->dev = ndev;
	fq->ip->reassembled(skb, first, ecn,
			    fq->state.max_df == fq->state.max_size);
	skb_postpush_rcsum(skb, skb->data, first->hdr_len - first->frag_hdr);
	return TOY_RX_OK;
}

static void toy_frag_noted(struct toy_frag_queue *fq,
			   const struct toy_frag_rx *rx)
{
	const struct toy_pkt *pkt = rx->pkt;

	toy_frag_state_add(&fq->state, &rx->piece);
	fq->ifindex = pkt->dev->ifindex;
	if (!rx->f->offset) {
		fq->first = *rx->f;
		fq->tos = pkt->tos;
		fq->flags = pkt->flags;
	}
}

/* Puts the fragment into the queue, which owns it from then on. */
static enum toy_drop toy_frag_insert(struct toy_frag_queue *fq,
				     const struct toy_frag_rx *rx)
{
	struct inet_frag_queue *q = &fq->q;
	struct sk_buff *skb = rx->skb;
	u32 offset = rx->piece.offset;

	if (!pskb_may_pull(skb, rx->f->hdr_len))
		return TOY_DROP_NOMEM;
	/* No wire carries a promise to fill the checksum in. */
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_NONE;
	if (skb_is_gso(skb))
		skb_gso_reset(skb);
	skb_pull_rcsum(skb, rx->f->hdr_len);

	switch (inet_frag_queue_insert(q, skb, offset,
				       offset + rx->piece.len)) {
	case IPFRAG_OK:
		break;
	case IPFRAG_DUP:
		return TOY_DROP_FRAG_DUP;
	default:
		return TOY_DROP_FRAG_OVERLAP;		/* RFC 5722 3 */
	}
	q->stamp = skb->tstamp;
	add_frag_mem_limit(q->fqdir, skb->truesize);
	toy_frag_noted(fq, rx);
	return TOY_RX_OK;
}

/* Under the lock of @fq. The reason is that of rx->skb, which is the caller's
 * unless this says TOY_RX_OK.
 */
static enum toy_drop toy_frag_add(struct toy_frag_queue *fq,
				  struct toy_frag_rx *rx)
{
	struct sk_buff *skb = rx->skb, *tail = fq->q.fragments_tail;
	struct net_device *ndev = skb->dev;	/* shares its place with a link */
	struct toy_net *tn = rx->pkt->tn;
	enum toy_drop why;

	/* Complete, or given up, a moment ago. */
	if (fq->q.flags & INET_FRAG_COMPLETE)
		return TOY_DROP_FRAG_DUP;
	why = toy_frag_state_check(&fq->state, &rx->piece);
	if (!why)
		why = toy_frag_insert(fq, rx);
	if (why) {
		/* One that holds nothing need not wait for its timer. */
		if (toy_frag_gives_up(why) || !fq->state.count)
			toy_frag_give_up(tn, fq, why, fq->state.count,
					 &rx->refs);
		else if (why != TOY_DROP_FRAG_DUP)
			toy_ip_count(tn, fq->ip, TOY_MIB_IP_REASM_FAILS);
		return why;
	}

	rx->skb = NULL;
	if (!toy_frag_state_complete(&fq->state))
		return TOY_RX_OK;
	toy_frag_kill(fq, &rx->refs);
	why = toy_frag_join(fq, skb, tail, ndev);
	if (why) {
		toy_compat_frag_mark_drop(&fq->q);
		toy_count_add(tn, TOY_MIB_DROPS + why, fq->state.count - 1);
		toy_ip_count(tn, fq->ip, TOY_MIB_IP_REASM_FAILS);
		toy_drop_skb(tn, NULL, why);
		return TOY_RX_OK;
	}
	toy_ip_count(tn, fq->ip, TOY_MIB_IP_REASM_OKS);
	*toy_skb_cb(skb) = rx->cb;
	toy_skb_cb(skb)->frag_max = min_t(u32, fq->state.max_size, U16_MAX);
	rx->skb = skb;
	return TOY_RX_OK;
}

/* RFC 4963: when many other fragments of this sender have come since the last
 * one of this datagram, then its identification may have been used again.
 */
static bool toy_frag_too_far(struct toy_frag_queue *fq,
			     const struct toy_frag_rx *rx)
{
	struct toy_net *tn = rx->pkt->tn;
	unsigned int max = READ_ONCE(tn->sysctl.ipfrag_max_dist);
	u32 before = fq->seen;
	u64 h;

	if (!rx->f->short_id || !max)
		return false;
	h = siphash(&rx->pkt->saddr, sizeof(rx->pkt->saddr), &tn->frags->key);
	fq->seen = atomic_inc_return(&tn->frags->seen[h % TOY_FRAG_PEERS]);
	return fq->state.count && fq->seen - before > max;
}

/* One attempt; false when the datagram found was an older one of the same name,
 * which has gone now.
 */
static bool toy_frag_try(struct toy_frag_rx *rx, enum toy_drop *why)
{
	struct toy_frag_queue *fq = toy_frag_find(rx->pkt, rx->f);
	bool done = true;

	*why = TOY_DROP_FRAG_FULL;
	if (!fq) {
		toy_ip_count(rx->pkt->tn, rx->pkt->ip, TOY_MIB_IP_REASM_FAILS);
		return true;
	}
	rx->refs = 0;
	spin_lock(&fq->q.lock);
	fq->tn = rx->pkt->tn;
	fq->ip = rx->pkt->ip;
	if (toy_frag_too_far(fq, rx) && !(fq->q.flags & INET_FRAG_COMPLETE)) {
		*why = TOY_DROP_FRAG_FAR;
		toy_frag_give_up(rx->pkt->tn, fq, *why, fq->state.count - 1,
				 &rx->refs);
		toy_drop_skb(rx->pkt->tn, NULL, *why);
		done = false;
	} else {
		*why = toy_frag_add(fq, rx);
	}
	spin_unlock(&fq->q.lock);
	toy_compat_frag_put(&fq->q, rx->refs);
	return done;
}

/**
 * toy_frag_rcv() - a fragment has come
 * @pkt: what is known of it: addresses, TOS, flags; the source and destination
 *	have been checked
 * @pskb: the fragment, not shared, skb->data at the network header, nothing
 *	behind the packet. Set to the whole packet when this was the last one
 *	missing: as @pskb came, with a header as if it had never been
 *	fragmented, but the data may be in a frag_list; toy_skb_cb's frag_max
 *	is set. Set to NULL when the fragment is being held
 * @f: what its headers say. An atomic fragment (offset 0 and no more to come,
 *	RFC 6946) is no fragment: the caller goes on with it
 *
 * The caller checks what takes a view of IPv6's chain of headers (RFC 7112).
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK, or why the fragment is to be dropped by the caller:
 * TOY_DROP_FRAG_*, TOY_DROP_NOMEM. IPv6 answers TOY_DROP_FRAG_LEN (if there is
 * data) and TOY_DROP_FRAG_BEYOND with a parameter problem (RFC 8200 4.5).
 */
enum toy_drop toy_frag_rcv(struct toy_pkt *pkt, struct sk_buff **pskb,
			   const struct toy_frag *f)
{
	struct sk_buff *skb = *pskb;
	struct toy_frag_rx rx = {
		.pkt = pkt,
		.skb = skb,
		.f = f,
		.cb = *toy_skb_cb(skb),
		.piece = {
			.offset	= f->offset,
			.len	= skb->len - f->hdr_len,
			/* IPv4's length counts its header, IPv6's what
			 * follows the first 40 bytes.
			 */
			.room	= pkt->ip->max_len - f->hdr_len + f->frag_hdr,
			.size	= skb->len,
			.more	= f->more,
			.df	= f->df,
			.proto	= f->proto,
			.ecn	= pkt->tos & INET_ECN_MASK,
		},
	};
	enum toy_drop why;

	toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_REASM_REQDS);
	why = toy_frag_piece_check(&rx.piece);
	if (unlikely(why)) {
		toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_REASM_FAILS);
		return why;
	}
	/* The second attempt begins a datagram anew. */
	if (!toy_frag_try(&rx, &why))
		toy_frag_try(&rx, &why);
	if (!why)
		*pskb = rx.skb;
	return why;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "frag_test.c"
#endif
