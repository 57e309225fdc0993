/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels end here. The build greps the headers it
 * compiles against (scripts/probes.tsv) and writes toy-probes.h; no other
 * file reads it, and no file asks for a kernel version, because distribution
 * kernels carry backports.
 */
#ifndef _TOY_COMPAT_H
#define _TOY_COMPAT_H

#include "toy-probes.h"

/* ---- buffers (skb/) ----------------------------------------------------- */

/* Segmentation moved out of netdevice.h. */
#ifdef TOY_HAVE_NET_GSO_HEADER
#include <net/gso.h>
#endif

/* References to an skb's pages moved out of skbuff.h. */
#ifdef TOY_HAVE_SKBUFF_REF_HEADER
#include <linux/skbuff_ref.h>
#endif

/* Access to what may not be aligned was the architecture's, and moved. */
#ifdef TOY_HAVE_LINUX_UNALIGNED_HEADER
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* ---- reassembly (proto/frag.c) -------------------------------------------- */

/* The library counts references for us, or takes and puts them itself. Then
 * one is left over, which inet_frag_find() or the timer had.
 */
#ifdef TOY_HAVE_INET_FRAG_KILL_REFS
#define toy_compat_frag_kill(q, refs)	inet_frag_kill(q, refs)
#define toy_compat_frag_put(q, refs)	inet_frag_putn(q, refs)
#define toy_compat_frag_putn(q, refs)	inet_frag_putn(q, refs)
#else
#define toy_compat_frag_kill(q, refs) \
	do { (void)(refs); inet_frag_kill(q); } while (0)
#define toy_compat_frag_put(q, refs) \
	do { (void)(refs); inet_frag_put(q); } while (0)
#define toy_compat_frag_putn(q, refs) \
	do { for (int __n = refs; __n; __n--) inet_frag_put(q); } while (0)
#endif

/* Lets dropwatch see that the fragments in a queue are lost, not consumed. */
#ifdef TOY_HAVE_INET_FRAG_DROP
#define toy_compat_frag_mark_drop(q)	((q)->flags |= INET_FRAG_DROP)
#else
#define toy_compat_frag_mark_drop(q)	do { } while (0)
#endif

/* ---- sockets (sock/) ------------------------------------------------------ */

/* Lets our setsockopt() see SOL_SOCKET, for what the core refuses to foreign
 * families. Without it the same options stand at level SOL_TOY.
 */
#ifdef TOY_HAVE_SOCK_CUSTOM_SOCKOPT
#define toy_compat_custom_sockopt(sock) \
	set_bit(SOCK_CUSTOM_SOCKOPT, &(sock)->flags)
#else
#define toy_compat_custom_sockopt(sock) do { } while (0)
#endif

/* Timers got their function when they were initialised only later. */
#include <linux/hrtimer.h>

#ifdef TOY_HAVE_HRTIMER_SETUP
#define toy_compat_hrtimer_setup(timer, function, clock, mode) \
	hrtimer_setup(timer, function, clock, mode)
#else
static inline void
toy_compat_hrtimer_setup(struct hrtimer *timer,
			 enum hrtimer_restart (*function)(struct hrtimer *),
			 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* The core holds whom it calls. */
#ifdef TOY_HAVE_SOCK_DIAG_HANDLER_OWNER
#define TOY_COMPAT_SOCK_DIAG_OWNER	.owner = THIS_MODULE,
#else
#define TOY_COMPAT_SOCK_DIAG_OWNER
#endif

#ifdef TOY_HAVE_SOCK_CMSG_SEND_MSG
#define toy_compat_sock_cmsg_send(sk, msg, cmsg, sockc) \
	__sock_cmsg_send(sk, msg, cmsg, sockc)
#else
#define toy_compat_sock_cmsg_send(sk, msg, cmsg, sockc) \
	__sock_cmsg_send(sk, cmsg, sockc)
#endif

/* Who sleeps in a call is told when another thread disconnects the socket. */
#ifdef TOY_HAVE_SK_DISCONNECTS
#define toy_compat_disconnects(sk)	((sk)->sk_disconnects)
#define toy_compat_disconnected(sk)	((void)(sk)->sk_disconnects++)
#else
#define toy_compat_disconnects(sk)	((void)(sk), 0)
#define toy_compat_disconnected(sk)	((void)(sk))
#endif

/* A time of departure says of which clock it is. */
#ifdef TOY_HAVE_SKB_DELIVERY_TYPE_BY_CLOCKID
#define toy_compat_set_departure(skb, time, clock) \
	skb_set_delivery_type_by_clockid(skb, time, clock)
#else
#define toy_compat_set_departure(skb, time, clock) ((skb)->tstamp = (time))
#endif

/* RFS helpers have moved to a header of their own. */
#ifdef TOY_HAVE_NET_RPS_H
#include <net/rps.h>
#endif

/* Memory accounting of protocols has moved, too. */
#ifdef TOY_HAVE_NET_PROTO_MEMORY_H
#include <net/proto_memory.h>
#endif

/* Octets counted from the next one that is written. */
#ifdef TOY_HAVE_OPT_ID_TCP
#define TOY_COMPAT_OPT_ID_TCP	SOF_TIMESTAMPING_OPT_ID_TCP
#else
#define TOY_COMPAT_OPT_ID_TCP	0
#endif

#ifndef TOY_HAVE_MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES	0x8000000
#endif

/* Takes pages out of a kernel's iterator into an skb: bytes, or -EMSGSIZE when
 * it has no room for more.
 */
#ifdef TOY_HAVE_SKB_SPLICE_FROM_ITER
#define toy_compat_splice(skb, iter, len, gfp) \
	skb_splice_from_iter(skb, iter, len, gfp)
#else
#include <linux/skbuff.h>
#include <linux/uio.h>

static inline ssize_t toy_compat_splice(struct sk_buff *skb,
					struct iov_iter *iter, size_t len,
					gfp_t gfp)
{
	int i = skb_shinfo(skb)->nr_frags;
	struct page *page;
	size_t off;
	ssize_t n;

	if (i >= MAX_SKB_FRAGS)
		return -EMSGSIZE;
	n = iov_iter_get_pages2(iter, &page, len, 1, &off);
	if (n <= 0)
		return n;
	if (skb_can_coalesce(skb, i, page, off)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
		put_page(page);
	} else {
		skb_fill_page_desc_noacc(skb, i, page, off, n);
	}
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	return n;
}
#endif

/* sendpage() went away when sendmsg() learned MSG_SPLICE_PAGES. It came once
 * for each page, and said whether that was the last.
 */
#ifdef TOY_HAVE_PROTO_OPS_SENDPAGE
#include <linux/net.h>

static inline ssize_t toy_compat_sendpage(struct socket *sock,
					  struct page *page, int offset,
					  size_t size, int flags)
{
	struct bio_vec bvec = {
		.bv_page = page, .bv_offset = offset, .bv_len = size,
	};
	struct msghdr msg = { .msg_flags = flags & ~MSG_SENDPAGE_NOTLAST };

	if (flags & MSG_SENDPAGE_NOTLAST)
		msg.msg_flags |= MSG_MORE;
	/* Slab pages have no references of their own: those are copied. */
	if (sendpage_ok(page))
		msg.msg_flags |= MSG_SPLICE_PAGES;
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, size);
	return sock->ops->sendmsg(sock, &msg, size);
}

#define TOY_COMPAT_SENDPAGE .sendpage = toy_compat_sendpage,
#else
#define TOY_COMPAT_SENDPAGE
#endif

/* accept() got a struct for its arguments. */
#ifdef TOY_HAVE_PROTO_ACCEPT_ARG
#define TOY_COMPAT_ACCEPT(name, fn)					\
static int name(struct socket *sock, struct socket *newsock,		\
		struct proto_accept_arg *arg)				\
{									\
	return fn(sock, newsock, arg->flags);				\
}
#else
#define TOY_COMPAT_ACCEPT(name, fn)					\
static int name(struct socket *sock, struct socket *newsock, int flags,	\
		bool kern)						\
{									\
	return fn(sock, newsock, flags);				\
}
#endif

/* ---- configuration and tracing (ctl/) ---------------------------------- */

/* sysctl handlers got a const table. */
#ifdef TOY_HAVE_CONST_CTL_TABLE_HANDLER
#define TOY_CTL_CONST const
#else
#define TOY_CTL_CONST
#endif

/* Registered with a size, or with an empty entry at the end: tables have both. */
#ifdef TOY_HAVE_REGISTER_NET_SYSCTL_SZ
#define toy_register_net_sysctl(net, path, table, n) \
	register_net_sysctl_sz(net, path, table, n)
#else
#define toy_register_net_sysctl(net, path, table, n) \
	register_net_sysctl(net, path, table)
#endif

/* Trace events learned to remember the source of a string. */
#ifdef TOY_HAVE_ASSIGN_STR_1
#define toy_assign_str(dst, src) __assign_str(dst)
#else
#define toy_assign_str(dst, src) __assign_str(dst, src)
#endif

/* Attributes of the request that started a dump. */
#ifdef TOY_HAVE_GENL_INFO_DUMP
#define toy_genl_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#else
#define toy_genl_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

/* ---- net devices (napi/) ------------------------------------------------- */

#include <linux/netdevice.h>
#include <linux/slab.h>

/* A net device that only NAPI instances belong to: the core allocates it, or
 * initialises memory of ours.
 */
#ifdef TOY_HAVE_ALLOC_NETDEV_DUMMY
static inline struct net_device *toy_alloc_netdev_dummy(void)
{
	return alloc_netdev_dummy(0);
}

static inline void toy_free_netdev_dummy(struct net_device *ndev)
{
	free_netdev(ndev);
}
#else
static inline struct net_device *toy_alloc_netdev_dummy(void)
{
	struct net_device *ndev = kzalloc(sizeof(*ndev), GFP_KERNEL);

	if (ndev)
		init_dummy_netdev(ndev);
	return ndev;
}

static inline void toy_free_netdev_dummy(struct net_device *ndev)
{
	kfree(ndev);
}
#endif

/* ndo_start_xmit() may run on several CPUs at once: a feature, or a bit. */
static inline void toy_netdev_set_lltx(struct net_device *ndev)
{
#ifdef TOY_HAVE_NETDEV_SW_LLTX
	ndev->lltx = true;
#else
	ndev->features |= NETIF_F_LLTX;
#endif
}

#endif /* _TOY_COMPAT_H */
