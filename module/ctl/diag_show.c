// SPDX-License-Identifier: GPL-2.0-only
/*
 * sock_diag: which sockets pass a request's filters, and the answer about one.
 */
#include <linux/cgroup.h>
#include <linux/inet_diag.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "diag.h"
#include "diag_filter.h"
#include "../proto/tcp/tcp.h"
#include "../sock/sock.h"

/* ---- which sockets --------------------------------------------------- */

static u64 toy_diag_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	return cgroup_id(sock_cgroup_ptr(&sk->sk_cgrp_data));
#else
	return 0;
#endif
}

/* Half-open ones are SYN_RECV without a socket to inet_diag, and may be asked
 * for by that name, too.
 */
static bool toy_diag_state_wanted(const struct toy_diag *d, u8 state, bool mini)
{
	u32 set = 1U << state;

	if (mini && state == TCP_SYN_RECV)
		set |= 1U << TCP_NEW_SYN_RECV;
	return d->req->idiag_states & set;
}

/**
 * toy_diag_id_wanted() - do protocol, ports and device match?
 * @d: request
 * @id: socket, or what stands for a connection without one
 *
 * Return: true if they do.
 */
bool toy_diag_id_wanted(const struct toy_diag *d,
			const struct toy_sock_id *id)
{
	const struct inet_diag_sockid *want = &d->req->id;

	return id->protocol == d->protocol &&
	       (!want->idiag_sport || ntohs(want->idiag_sport) == id->lport) &&
	       (!want->idiag_dport || ntohs(want->idiag_dport) == id->rport) &&
	       (!want->idiag_if || want->idiag_if == id->ifindex);
}

/**
 * toy_diag_sock_wanted() - does a socket pass all filters?
 * @sk: socket
 * @arg: the request, struct toy_diag
 *
 * Return: true if it does.
 */
bool toy_diag_sock_wanted(struct sock *sk, const void *arg)
{
	struct toy_sock_id id = toy_sock_id(sk);
	const struct toy_diag *d = arg;
	const struct toy_diag_entry e = {
		.laddr = id.laddr,
		.raddr = id.raddr,
		.lport = id.lport,
		.rport = id.rport,
		.port_chosen = !(sk->sk_userlocks & SOCK_BINDPORT_LOCK),
		.ifindex = id.ifindex,
		.mark = READ_ONCE(sk->sk_mark),
		.cgroup = toy_diag_cgroup(sk),
	};

	return toy_diag_id_wanted(d, &id) &&
	       toy_diag_state_wanted(d, id.state, false) &&
	       toy_diag_filter_run(d->filter, d->filter_len, &e);
}

/**
 * toy_diag_mini_wanted() - does a connection without a socket?
 * @d: request
 * @m: connection
 *
 * Return: true if it does.
 */
bool toy_diag_mini_wanted(const struct toy_diag *d,
			  const struct toy_mini *m)
{
	const struct toy_diag_entry e = {
		.laddr = m->id.laddr,
		.raddr = m->id.raddr,
		.lport = m->id.lport,
		.rport = m->id.rport,
		.ifindex = m->id.ifindex,
		.mark = m->mark,
	};

	return toy_diag_id_wanted(d, &m->id) &&
	       toy_diag_state_wanted(d, m->id.state, true) &&
	       toy_diag_filter_run(d->filter, d->filter_len, &e);
}

/* ---- what is there --------------------------------------------------- */

static bool toy_diag_ext(const struct toy_diag *d, int attr)
{
	return d->req->idiag_ext & 1 << (attr - 1);
}

static struct nlmsghdr *toy_diag_put(struct sk_buff *skb,
				     const struct toy_diag *d, int flags,
				     const struct toy_sock_id *id,
				     const struct toy_timer_view *timer)
{
	struct inet_diag_msg *msg;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(skb, d->portid, d->seq, SOCK_DIAG_BY_FAMILY,
			sizeof(*msg), flags);
	if (!nlh)
		return NULL;
	msg = nlmsg_data(nlh);
	memset(msg, 0, sizeof(*msg));
	msg->idiag_family = toy_family;
	msg->idiag_state = id->state;
	msg->idiag_timer = timer->which;
	if (timer->which != TOY_SOCK_TIMER_OFF) {
		msg->idiag_retrans = timer->retrans;
		msg->idiag_expires = toy_timer_view_ms(timer);
	}
	memcpy(msg->id.idiag_src, id->laddr, sizeof(msg->id.idiag_src));
	memcpy(msg->id.idiag_dst, id->raddr, sizeof(msg->id.idiag_dst));
	msg->id.idiag_sport = htons(id->lport);
	msg->id.idiag_dport = htons(id->rport);
	msg->id.idiag_if = id->ifindex;
	msg->id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	msg->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return nlh;
}

static int toy_diag_fill_mem(struct sk_buff *skb, const struct toy_diag *d,
			     const struct sock *sk)
{
	u32 mem[SK_MEMINFO_VARS] = {};
	struct inet_diag_meminfo old;
	int err = 0;

	toy_sock_mem(sk, mem);
	if (toy_diag_ext(d, INET_DIAG_MEMINFO)) {
		old.idiag_rmem = mem[SK_MEMINFO_RMEM_ALLOC];
		old.idiag_wmem = mem[SK_MEMINFO_WMEM_QUEUED];
		old.idiag_fmem = mem[SK_MEMINFO_FWD_ALLOC];
		old.idiag_tmem = mem[SK_MEMINFO_WMEM_ALLOC];
		err = nla_put(skb, INET_DIAG_MEMINFO, sizeof(old), &old);
	}
	if (!err && toy_diag_ext(d, INET_DIAG_SKMEMINFO))
		err = nla_put(skb, INET_DIAG_SKMEMINFO, sizeof(mem), mem);
	return err;
}

/* The socket's spin lock. */
static int toy_diag_fill_tcp(struct sk_buff *skb, const struct toy_diag *d,
			     struct sock *sk)
{
	const struct toy_cc_ops *cc = READ_ONCE(toy_tcp(sk)->cc.ops);
	struct toy_tcp_info info;
	int err = 0;

	if (toy_diag_ext(d, INET_DIAG_INFO)) {
		toy_tcp_info(sk, &info);
		err = nla_put(skb, INET_DIAG_INFO, sizeof(info), &info);
	}
	if (!err && cc && toy_diag_ext(d, INET_DIAG_CONG))
		err = nla_put_string(skb, INET_DIAG_CONG, cc->name);
	return err;
}

/* The traffic class is that of IPv6, a socket may have both. */
static int toy_diag_fill_class(struct sk_buff *skb, const struct toy_diag *d,
			       const struct sock *sk)
{
	const struct toy_sock *ts = toy_sk(sk);
	int err = 0;

	if (toy_diag_ext(d, INET_DIAG_TOS))
		err = nla_put_u8(skb, INET_DIAG_TOS, READ_ONCE(ts->tos));
	if (!err && toy_diag_ext(d, INET_DIAG_TCLASS))
		err = nla_put_u8(skb, INET_DIAG_TCLASS, READ_ONCE(ts->tclass));
	return err;
}

static int toy_diag_fill_attrs(struct sk_buff *skb, const struct toy_diag *d,
			       struct sock *sk)
{
	return nla_put_u8(skb, INET_DIAG_SHUTDOWN, READ_ONCE(sk->sk_shutdown)) ?:
	       (d->protocol == TOYPROTO_RAW ?
		nla_put_u8(skb, INET_DIAG_PROTOCOL, sk->sk_num) : 0) ?:
	       (d->admin ?
		nla_put_u32(skb, INET_DIAG_MARK, READ_ONCE(sk->sk_mark)) : 0) ?:
	       nla_put_u64_64bit(skb, INET_DIAG_CGROUP_ID, toy_diag_cgroup(sk),
				 INET_DIAG_PAD) ?:
	       toy_diag_fill_class(skb, d, sk) ?:
	       toy_diag_fill_mem(skb, d, sk);
}

/**
 * toy_diag_sock_fill() - write the answer about a socket
 * @skb: message buffer, borrowed
 * @d: request
 * @sk: socket, with a reference
 * @flags: of the message
 *
 * Context: process; waits for no program.
 * Return: 0, or -EMSGSIZE with @skb as it was.
 */
int toy_diag_sock_fill(struct sk_buff *skb, const struct toy_diag *d,
		       struct sock *sk, int flags)
{
	struct toy_sock_id id = toy_sock_id(sk);
	u64 cookie = toy_sock_cookie(sk);
	struct toy_queues_view queues;
	struct toy_timer_view timer;
	struct inet_diag_msg *msg;
	struct nlmsghdr *nlh;
	int err = 0;

	rcu_read_lock();
	spin_lock_bh(&sk->sk_lock.slock);
	timer = toy_sock_timer(sk);
	queues = toy_sock_queues(sk);
	nlh = toy_diag_put(skb, d, flags, &id, &timer);
	if (nlh && d->protocol == TOYPROTO_TCP)
		err = toy_diag_fill_tcp(skb, d, sk);
	spin_unlock_bh(&sk->sk_lock.slock);
	rcu_read_unlock();
	if (!nlh)
		return -EMSGSIZE;

	msg = nlmsg_data(nlh);
	msg->idiag_rqueue = queues.rqueue;
	msg->idiag_wqueue = queues.wqueue;
	msg->idiag_uid = from_kuid_munged(d->reader, sock_i_uid(sk));
	msg->idiag_inode = sock_i_ino(sk);
	msg->id.idiag_cookie[0] = (u32)cookie;
	msg->id.idiag_cookie[1] = (u32)(cookie >> 32);
	err = err ?: toy_diag_fill_attrs(skb, d, sk);
	if (err)
		nlmsg_cancel(skb, nlh);
	else
		nlmsg_end(skb, nlh);
	return err;
}

/**
 * toy_diag_mini_fill() - and about a connection without one
 * @skb: message buffer, borrowed
 * @d: request
 * @m: connection
 * @flags: of the message
 *
 * Return: 0, or -EMSGSIZE with @skb as it was.
 */
int toy_diag_mini_fill(struct sk_buff *skb, const struct toy_diag *d,
		       const struct toy_mini *m, int flags)
{
	struct nlmsghdr *nlh = toy_diag_put(skb, d, flags, &m->id, &m->timer);

	if (!nlh)
		return -EMSGSIZE;
	if (d->admin && nla_put_u32(skb, INET_DIAG_MARK, m->mark)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}
