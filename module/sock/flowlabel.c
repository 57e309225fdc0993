// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow labels that programs lease (IPV6_FLOWLABEL_MGR, ipv6(7)): a label that
 * nobody else in the namespace uses, or only who may share it.
 *
 *	GET	a label of its own choice, or one that is free; IPV6_FL_F_CREATE
 *		where there is none, IPV6_FL_F_EXCL only then
 *	PUT	given back; closing the socket gives all back
 *	RENEW	kept longer
 *
 * and of TCP IPV6_FL_F_REFLECT: the peer's label, IPV6_FL_F_REMOTE: which it is.
 *
 *	share		who may get it, too
 *	IPV6_FL_S_EXCL		nobody
 *	IPV6_FL_S_PROCESS	the same process
 *	IPV6_FL_S_USER		the same user
 *	IPV6_FL_S_ANY		everybody
 *
 * A lease lives as long as a socket has it, then until it has expired and has
 * lingered: routers may still have state for it. Extension headers may come
 * with a lease, up to the routing header: all packets with the label have the
 * same then (RFC 2460 appendix A; RFC 6437 no longer asks for that).
 *
 * While there is a lease with a limited share or with headers, no label may be
 * sent without one. Limits and times are AF_INET6's; the table is the
 * namespace's.
 *
 * A socket's leases hang on its rare options, changed under the socket lock and
 * read under RCU.
 */
#include <linux/cred.h>
#include <linux/slab.h>

#include "exts.h"
#include "flowlabel_table.h"
#include "sock.h"

/* That a socket has a lease. */
struct toy_fl_link {
	struct hlist_node node;		/* in toy_sock_rare.labels */
	struct toy_fl *fl;
	struct rcu_head rcu;
};

static struct toy_fl_table *fl_table(const struct sock *sk)
{
	return toy_sock_net(sk)->labels;
}

/* ---- a socket's leases ----------------------------------------------------- */

static struct toy_fl_link *fl_link_of(const struct sock *sk, __be32 label)
{
	struct toy_sock_rare *rare = READ_ONCE(toy_sk(sk)->rare);
	struct toy_fl_link *l;

	if (!rare)
		return NULL;
	hlist_for_each_entry_rcu(l, &rare->labels, node,
				 lockdep_sock_is_held(sk))
		if (l->fl->label == label)
			return l;
	return NULL;
}

static unsigned int fl_count(const struct sock *sk)
{
	struct toy_fl_link *l;
	unsigned int n = 0;

	hlist_for_each_entry_rcu(l, &toy_sk(sk)->rare->labels, node,
				 lockdep_sock_is_held(sk))
		n++;
	return n;
}

/**
 * toy_fl_release_all() - a socket goes, and its leases
 * @sk: socket that nobody uses any more
 *
 * Context: any.
 */
void toy_fl_release_all(struct sock *sk)
{
	struct toy_sock_rare *rare = toy_sk(sk)->rare;
	struct toy_fl_table *t = fl_table(sk);
	struct hlist_node *next;
	struct toy_fl_link *l;

	if (!rare || hlist_empty(&rare->labels))
		return;
	spin_lock_bh(&t->lock);
	hlist_for_each_entry_safe(l, next, &rare->labels, node) {
		hlist_del(&l->node);
		toy_fl_put(t, l->fl);
		kfree(l);
	}
	spin_unlock_bh(&t->lock);
}

/* ---- PUT and RENEW ---------------------------------------------------------- */

/* TCP answers with the label that it is called with: of a listener the SYN-ACK
 * and its connections do.
 */
static int fl_reflect(struct sock *sk, bool on)
{
	struct toy_sock *ts = toy_sk(sk);

	if (sk->sk_protocol != TOYPROTO_TCP)
		return -ENOPROTOOPT;
	if (!on && !(ts->opt_flags & TOY_OPT_REFLECT))
		return -ESRCH;
	if (!toy_sock_rare(sk))
		return -ENOMEM;
	if (on) {
		WRITE_ONCE(ts->opt_flags, ts->opt_flags | TOY_OPT_REFLECT);
	} else {
		WRITE_ONCE(ts->opt_flags, ts->opt_flags & ~TOY_OPT_REFLECT);
		ts->rare->flowinfo = 0;
	}
	return 0;
}

static int fl_do_put(struct sock *sk, const struct in6_flowlabel_req *req)
{
	struct toy_fl_table *t = fl_table(sk);
	struct toy_fl_link *l;

	if (req->flr_flags & IPV6_FL_F_REFLECT)
		return fl_reflect(sk, false);
	l = fl_link_of(sk, req->flr_label);
	if (!l)
		return -ESRCH;
	if (toy_sk(sk)->rare->flowinfo & IPV6_FLOWLABEL_MASK &&
	    (toy_sk(sk)->rare->flowinfo & IPV6_FLOWLABEL_MASK) == req->flr_label)
		toy_sk(sk)->rare->flowinfo &= ~IPV6_FLOWLABEL_MASK;
	hlist_del_rcu(&l->node);
	spin_lock_bh(&t->lock);
	toy_fl_put(t, l->fl);
	spin_unlock_bh(&t->lock);
	kfree_rcu(l, rcu);
	return 0;
}

static int fl_do_renew(struct sock *sk, const struct in6_flowlabel_req *req)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;
	struct toy_fl_link *l = fl_link_of(sk, req->flr_label);
	struct toy_fl_table *t = fl_table(sk);
	unsigned long linger, expires;
	struct toy_fl *fl = NULL;

	if (!l && (req->flr_share != IPV6_FL_S_NONE ||
		   !ns_capable(ns, CAP_NET_ADMIN)))
		return -ESRCH;
	linger = toy_fl_time(req->flr_linger);
	expires = toy_fl_time(req->flr_expires);
	spin_lock_bh(&t->lock);
	fl = l ? l->fl : toy_fl_find(t, req->flr_label);
	if (fl && !fl->users)
		fl = NULL;
	if (fl && linger && expires)
		toy_fl_extend(fl, linger, expires);
	spin_unlock_bh(&t->lock);
	if (!fl)
		return -ESRCH;
	return linger && expires ? 0 : -EPERM;
}

/* ---- GET --------------------------------------------------------------------- */

/* Control messages behind the request: headers that come with the label. */
static int fl_read_exts(struct sock *sk, struct toy_fl *fl, sockptr_t optval,
			unsigned int optlen)
{
	const unsigned int at = CMSG_ALIGN(sizeof(struct in6_flowlabel_req));
	struct toy_ext_src src = {};
	struct msghdr msg = {};
	int err = -EFAULT;
	void *control;

	if (optlen <= at)
		return 0;
	if (optlen - at > 64 * 1024)
		return -EINVAL;
	control = kmalloc(optlen - at, GFP_KERNEL_ACCOUNT);
	if (!control)
		return -ENOMEM;
	msg.msg_control = control;
	msg.msg_controllen = optlen - at;
	if (copy_from_sockptr_offset(control, optval, at, optlen - at))
		goto out;
	err = toy_cmsg_exts(sk, &msg, &src);
	if (err)
		goto out;
	if (src.hdr[TOY_EXT_DST1]) {
		err = -EINVAL;
	} else if (src.hdr[TOY_EXT_HOP] || src.hdr[TOY_EXT_DST0] ||
		   src.hdr[TOY_EXT_RT]) {
		fl->exts = toy_ipv6_exts_make(&src, GFP_KERNEL_ACCOUNT);
		err = fl->exts ? 0 : -ENOMEM;
	}
out:
	kfree(control);
	return err;
}

static int fl_read_owner(struct toy_fl *fl)
{
	switch (fl->share) {
	case IPV6_FL_S_EXCL:
	case IPV6_FL_S_ANY:
		return 0;
	case IPV6_FL_S_PROCESS:
		fl->pid = get_task_pid(current, PIDTYPE_PID);
		return 0;
	case IPV6_FL_S_USER:
		fl->uid = current_euid();
		return 0;
	default:
		return -EINVAL;
	}
}

/* What the program asks for, as a lease that nobody knows yet. */
static struct toy_fl *fl_new(struct sock *sk, const struct in6_flowlabel_req *req,
			     sockptr_t optval, unsigned int optlen)
{
	struct toy_fl *fl = kzalloc(sizeof(*fl), GFP_KERNEL_ACCOUNT);
	unsigned long linger = toy_fl_time(req->flr_linger);
	unsigned long expires = toy_fl_time(req->flr_expires);
	int err;

	if (!fl)
		return ERR_PTR(-ENOMEM);
	fl->label = req->flr_label;
	fl->share = req->flr_share;
	fl->dst = req->flr_dst;
	fl->expires = jiffies;
	toy_fl_extend(fl, linger, expires);
	err = fl_read_exts(sk, fl, optval, optlen);
	if (!err && (!linger || !expires))
		err = -EPERM;
	if (!err && (ipv6_addr_any(&fl->dst) || ipv6_addr_v4mapped(&fl->dst)))
		err = -EINVAL;
	err = err ?: fl_read_owner(fl);
	if (!err)
		return fl;
	toy_ipv6_exts_put(fl->exts);
	kfree(fl);
	return ERR_PTR(err);
}

/* The socket gets a lease. Takes over @want. */
static int fl_do_lease(struct sock *sk, struct toy_fl *want, u16 flags,
		       __be32 *label)
{
	struct toy_sock_rare *rare = toy_sk(sk)->rare;
	struct toy_fl_link *l = kmalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	struct toy_fl_table *t = fl_table(sk);
	struct toy_fl *fl = ERR_PTR(-ENOMEM);
	unsigned int mine = fl_count(sk);

	if (l) {
		spin_lock_bh(&t->lock);
		fl = toy_fl_lease(t, want, flags, mine);
		if (!IS_ERR(fl)) {
			fl->users++;
			*label = fl->label;
		}
		spin_unlock_bh(&t->lock);
	}
	if (fl != want)
		toy_fl_free(want);
	if (IS_ERR(fl)) {
		kfree(l);
		return PTR_ERR(fl);
	}
	l->fl = fl;
	hlist_add_head_rcu(&l->node, &rare->labels);
	return 0;
}

static int fl_do_get(struct sock *sk, struct in6_flowlabel_req *req,
		     sockptr_t optval, unsigned int optlen)
{
	const size_t at = offsetof(struct in6_flowlabel_req, flr_label);
	struct toy_fl *want;
	__be32 label;
	int err;

	if (req->flr_flags & IPV6_FL_F_REFLECT)
		return fl_reflect(sk, true);
	if (req->flr_label & ~IPV6_FLOWLABEL_MASK)
		return -EINVAL;
	if (!toy_sock_rare(sk))
		return -ENOMEM;
	want = fl_new(sk, req, optval, optlen);
	if (IS_ERR(want))
		return PTR_ERR(want);
	err = fl_do_lease(sk, want, req->flr_flags, &label);
	/* It has the lease, even if it does not learn of which label. */
	if (!err && !req->flr_label &&
	    copy_to_sockptr_offset(optval, at, &label, sizeof(label)))
		return 0;
	return err;
}

/**
 * toy_fl_set() - IPV6_FLOWLABEL_MGR: setsockopt(2)
 * @sk: locked socket
 * @optval: struct in6_flowlabel_req, control messages behind it; takes a label
 *	that was chosen
 * @optlen: their length
 *
 * Return: 0; -EINVAL, -EFAULT, -ENOMEM; of GET -EEXIST, -EPERM, -ENOENT,
 * -ENOBUFS; of PUT and RENEW -ESRCH, -EPERM.
 */
int toy_fl_set(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct in6_flowlabel_req req;

	if (optlen < sizeof(req))
		return -EINVAL;
	if (copy_from_sockptr(&req, optval, sizeof(req)))
		return -EFAULT;
	switch (req.flr_action) {
	case IPV6_FL_A_PUT:
		return fl_do_put(sk, &req);
	case IPV6_FL_A_RENEW:
		return fl_do_renew(sk, &req);
	case IPV6_FL_A_GET:
		return fl_do_get(sk, &req, optval, optlen);
	default:
		return -EINVAL;
	}
}

/* What is known of the label that the socket uses. */
static int fl_tell(struct sock *sk, struct in6_flowlabel_req *req)
{
	struct toy_fl_table *t = fl_table(sk);
	struct toy_fl_link *l;

	if (toy_sk(sk)->opt_flags & TOY_OPT_REFLECT) {
		req->flr_label = toy_fl_connected(sk);
		return 0;
	}
	l = fl_link_of(sk, toy_fl_connected(sk) & IPV6_FLOWLABEL_MASK);
	if (!l)
		return -ENOENT;
	spin_lock_bh(&t->lock);
	req->flr_label = l->fl->label;
	req->flr_dst = l->fl->dst;
	req->flr_share = l->fl->share;
	req->flr_expires = (long)(l->fl->expires - jiffies) / HZ;
	req->flr_linger = l->fl->linger / HZ;
	spin_unlock_bh(&t->lock);
	return 0;
}

/**
 * toy_fl_get() - IPV6_FLOWLABEL_MGR: getsockopt(2)
 * @sk: socket, not locked
 * @optval: struct in6_flowlabel_req, asks and is answered
 * @optlen: result: bytes written
 * @len: room in bytes
 *
 * Return: 0, -EINVAL, -EFAULT, or -ENOENT when the socket is not connected with
 * a label that it has leased.
 */
int toy_fl_get(struct sock *sk, char __user *optval, int __user *optlen,
	       int len)
{
	struct in6_flowlabel_req req;
	bool remote;
	int err = 0;

	if (len < (int)sizeof(req))
		return -EINVAL;
	if (copy_from_user(&req, optval, sizeof(req)))
		return -EFAULT;
	if (req.flr_action != IPV6_FL_A_GET)
		return -EINVAL;
	remote = req.flr_flags & IPV6_FL_F_REMOTE;
	memset(&req, 0, sizeof(req));
	lock_sock(sk);
	if (remote)
		req.flr_label = toy_sk(sk)->peer_label;
	else
		err = fl_tell(sk, &req);
	release_sock(sk);
	if (err)
		return err;
	len = sizeof(req);
	return put_user(len, optlen) || copy_to_user(optval, &req, len) ?
	       -EFAULT : 0;
}

/* ---- sending ------------------------------------------------------------------ */

/* The lease's headers take the place of those before and including the routing
 * header; destination options are the program's. Takes over *@px.
 */
static int fl_merge(struct toy_ipv6_txexts *of_fl, struct toy_ipv6_txexts **px)
{
	struct toy_ipv6_txexts *x = *px;
	struct toy_ext_src mine, src;

	toy_ipv6_exts_src(x, &mine);
	toy_ipv6_exts_src(of_fl, &src);
	src.hdr[TOY_EXT_DST1] = mine.hdr[TOY_EXT_DST1];
	if (!src.hdr[TOY_EXT_DST1])
		*px = toy_ipv6_exts_get(of_fl);
	else
		*px = toy_ipv6_exts_make(&src, GFP_KERNEL);
	toy_ipv6_exts_put(x);
	return *px || (!of_fl && !src.hdr[TOY_EXT_DST1]) ? 0 : -ENOBUFS;
}

/**
 * toy_fl_use() - a packet is to have a label: may it?
 * @sk: socket, need not be locked
 * @label: label, not 0
 * @px: its extension headers; the lease's are merged into them. NULL: there
 *	are none to be had
 *
 * Context: process.
 * Return: 0; -EINVAL without a lease that it needs; -ENOBUFS, and *@px is NULL.
 */
int toy_fl_use(struct sock *sk, __be32 label, struct toy_ipv6_txexts **px)
{
	struct toy_ipv6_txexts *exts = NULL;
	struct toy_fl_link *l;
	int err = 0;

	if (likely(!atomic_read(&fl_table(sk)->excl)))
		return 0;
	rcu_read_lock();
	l = fl_link_of(sk, label & IPV6_FLOWLABEL_MASK);
	if (l) {
		WRITE_ONCE(l->fl->lastuse, jiffies);
		/* Its reference is given back after a grace period only. */
		exts = toy_ipv6_exts_get(l->fl->exts);
	}
	rcu_read_unlock();
	if (!l)
		return -EINVAL;
	if (px)
		err = fl_merge(exts, px);
	toy_ipv6_exts_put(exts);
	return err;
}

/**
 * toy_fl_connect() - connect(2) says a label
 * @sk: locked socket
 * @daddr: peer
 * @flowinfo: sin6_flowinfo
 *
 * With IPV6_FLOWINFO_SEND all packets to the peer have it.
 * Return: 0, -ENOMEM, or -EINVAL without a lease that it needs.
 */
int toy_fl_connect(struct sock *sk, const struct in6_addr *daddr,
		   __be32 flowinfo)
{
	struct toy_sock *ts = toy_sk(sk);
	int err;

	flowinfo &= IPV6_FLOWINFO_MASK;
	if (toy_is_v4(daddr) || !(ts->opt_flags & TOY_OPT_FLOWINFO_SEND))
		flowinfo = 0;
	if (likely(!flowinfo)) {
		if (unlikely(ts->rare))
			WRITE_ONCE(ts->rare->flowinfo, 0);
		return 0;
	}
	if (flowinfo & IPV6_FLOWLABEL_MASK) {
		err = toy_fl_use(sk, flowinfo, NULL);
		if (err)
			return err;
	}
	if (!toy_sock_rare(sk))
		return -ENOMEM;
	WRITE_ONCE(ts->rare->flowinfo, flowinfo);
	return 0;
}

/**
 * toy_fl_accepted() - a peer has connected
 * @child: socket of the connection, locked, with what its listener had
 * @label: flow label of the final ACK
 *
 * Context: softirq.
 */
void toy_fl_accepted(struct sock *child, __be32 label)
{
	struct toy_sock *ts = toy_sk(child);

	ts->peer_label = label;
	if (unlikely(ts->opt_flags & TOY_OPT_REFLECT && ts->rare))
		WRITE_ONCE(ts->rare->flowinfo, label);
}

/**
 * toy_fl_connected() - what connect(2) has said
 * @sk: socket, need not be locked
 *
 * Return: flow label and traffic class of what goes to the peer, or 0.
 */
__be32 toy_fl_connected(const struct sock *sk)
{
	const struct toy_sock_rare *rare = READ_ONCE(toy_sk(sk)->rare);

	return unlikely(rare) ? READ_ONCE(rare->flowinfo) : 0;
}

