// SPDX-License-Identifier: GPL-2.0-only
/*
 * sock_diag: the language in which ss(8) and others ask for sockets.
 *
 * Requests and answers are those of inet_diag (struct inet_diag_req_v2, struct
 * inet_diag_msg and their attributes) under the number of our family. Two things
 * differ. Addresses are in the native form: 16 octets, an IPv4 address a.b.c.d
 * is ::ffff:a.b.c.d. And the protocol is IPPROTO_* where there is one, or
 * INET_DIAG_REQ_PROTOCOL with TOYPROTO_*.
 *
 *	SOCK_DIAG_BY_FAMILY, NLM_F_DUMP		all that pass the filters, then
 *						what has no socket
 *	SOCK_DIAG_BY_FAMILY			the one between two ends
 *	SOCK_DESTROY				the same one is closed
 *
 * Everybody may look, marks and closing are for administrators.
 */
#include <linux/cgroup.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "ctl.h"
#include "diag_filter.h"
#include "sock_view.h"
#include "../compat.h"
#include "../proto/tcp/tcp.h"
#include "../sock/sock.h"

/**
 * struct toy_diag - a request
 * @req: as it came
 * @filter: INET_DIAG_REQ_BYTECODE, checked
 * @filter_len: its octets; 0 if there is none
 * @protocol: TOYPROTO_*
 * @admin: the reader may see marks
 * @reader: whose user numbers it wants
 * @portid: who asks
 * @seq: number of the request
 */
struct toy_diag {
	const struct inet_diag_req_v2 *req;
	const void *filter;
	int filter_len;
	u32 protocol;
	bool admin;
	struct user_namespace *reader;
	u32 portid;
	u32 seq;
};

static const struct nla_policy toy_diag_policy[INET_DIAG_REQ_PROTOCOL + 1] = {
	[INET_DIAG_REQ_BYTECODE]	= { .type = NLA_BINARY },
	[INET_DIAG_REQ_PROTOCOL]	= { .type = NLA_U32 },
};

static u32 toy_diag_protocol(u8 ipproto)
{
	switch (ipproto) {
	case IPPROTO_TCP:
		return TOYPROTO_TCP;
	case IPPROTO_UDP:
		return TOYPROTO_UDP;
	case IPPROTO_ICMP:
		return TOYPROTO_ICMP;
	case IPPROTO_ICMPV6:
		return TOYPROTO_ICMPV6;
	case IPPROTO_RAW:
		return TOYPROTO_RAW;
	}
	return 0;
}

/* @skb and @nlh outlive @d. */
static int toy_diag_read(struct toy_diag *d, struct sk_buff *skb,
			 const struct nlmsghdr *nlh)
{
	struct nlattr *attrs[INET_DIAG_REQ_PROTOCOL + 1];
	int err;

	err = nlmsg_parse_deprecated(nlh, sizeof(*d->req), attrs,
				     INET_DIAG_REQ_PROTOCOL, toy_diag_policy,
				     NULL);
	if (err)
		return err;
	d->req = nlmsg_data(nlh);
	d->protocol = attrs[INET_DIAG_REQ_PROTOCOL] ?
		      nla_get_u32(attrs[INET_DIAG_REQ_PROTOCOL]) :
		      toy_diag_protocol(d->req->sdiag_protocol);
	if (!d->protocol)
		return -ENOENT;
	d->admin = netlink_net_capable(skb, CAP_NET_ADMIN);
	d->reader = sk_user_ns(NETLINK_CB(skb).sk);
	d->portid = NETLINK_CB(skb).portid;
	d->seq = nlh->nlmsg_seq;
	if (!attrs[INET_DIAG_REQ_BYTECODE])
		return 0;
	d->filter = nla_data(attrs[INET_DIAG_REQ_BYTECODE]);
	d->filter_len = nla_len(attrs[INET_DIAG_REQ_BYTECODE]);
	return toy_diag_filter_check(d->filter, d->filter_len, d->admin);
}

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

static bool toy_diag_id_wanted(const struct toy_diag *d,
			       const struct toy_sock_id *id)
{
	const struct inet_diag_sockid *want = &d->req->id;

	return id->protocol == d->protocol &&
	       (!want->idiag_sport || ntohs(want->idiag_sport) == id->lport) &&
	       (!want->idiag_dport || ntohs(want->idiag_dport) == id->rport) &&
	       (!want->idiag_if || want->idiag_if == id->ifindex);
}

static bool toy_diag_sock_wanted(struct sock *sk, const void *arg)
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

static bool toy_diag_mini_wanted(const struct toy_diag *d,
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

/* As toy_genl_tcp_fill(), no program that has the lock is waited for. */
static int toy_diag_sock_fill(struct sk_buff *skb, const struct toy_diag *d,
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

static int toy_diag_mini_fill(struct sk_buff *skb, const struct toy_diag *d,
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

/* ---- all ------------------------------------------------------------- */

/* Kept in cb->args[0] for the length of the dump, as the request is. */
struct toy_diag_dump {
	struct toy_diag diag;
	struct toy_sock_cursor cursor;
	struct toy_mini_walk walk;
	struct sk_buff *skb;
	bool socks_done;
};

static int toy_diag_start(struct netlink_callback *cb)
{
	struct toy_diag_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	int err;

	if (!dump)
		return -ENOMEM;
	err = toy_diag_read(&dump->diag, cb->skb, cb->nlh);
	if (err) {
		kfree(dump);
		return err;
	}
	toy_mini_walk_begin(&dump->walk, toy_net(sock_net(cb->skb->sk)));
	cb->args[0] = (long)dump;
	return 0;
}

static int toy_diag_done(struct netlink_callback *cb)
{
	struct toy_diag_dump *dump = (struct toy_diag_dump *)cb->args[0];

	toy_sock_cursor_end(&dump->cursor);
	toy_mini_walk_end(&dump->walk);
	kfree(dump);
	return 0;
}

static int toy_diag_dump_socks(struct toy_diag_dump *dump, struct sk_buff *skb,
			       struct toy_net *tn)
{
	struct toy_sock_cursor *c = &dump->cursor;
	int err = 0;

	while (!err && (c->pending ||
			toy_sock_next(tn, c, toy_diag_sock_wanted,
				      &dump->diag))) {
		err = toy_diag_sock_fill(skb, &dump->diag, c->at, NLM_F_MULTI);
		c->pending = err;
	}
	return err;
}

static int toy_diag_dump_mini(const struct toy_mini *m, void *arg)
{
	struct toy_diag_dump *dump = arg;

	return toy_diag_mini_wanted(&dump->diag, m) ?
	       toy_diag_mini_fill(dump->skb, &dump->diag, m, NLM_F_MULTI) : 0;
}

static int toy_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_diag_dump *dump = (struct toy_diag_dump *)cb->args[0];
	int err = 0;

	if (!dump->socks_done) {
		err = toy_diag_dump_socks(dump, skb,
					  toy_net(sock_net(cb->skb->sk)));
		dump->socks_done = !err;
	}
	if (!err && dump->diag.protocol == TOYPROTO_TCP) {
		dump->skb = skb;
		err = toy_mini_walk(&dump->walk, toy_diag_dump_mini, dump);
	}
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

/* ---- one ------------------------------------------------------------- */

static bool toy_diag_ends_equal(const struct toy_sock_id *id,
				const struct inet_diag_sockid *want)
{
	return id->lport == ntohs(want->idiag_sport) &&
	       id->rport == ntohs(want->idiag_dport) &&
	       !memcmp(id->laddr, want->idiag_src, sizeof(*id->laddr)) &&
	       !memcmp(id->raddr, want->idiag_dst, sizeof(*id->raddr));
}

/* Several sockets may share a local end, the cookie tells which is meant. */
static bool toy_diag_cookie_wanted(const struct toy_diag *d, struct sock *sk)
{
	const u32 *want = d->req->id.idiag_cookie;
	u64 cookie = toy_sock_cookie(sk);

	if (want[0] == INET_DIAG_NOCOOKIE && want[1] == INET_DIAG_NOCOOKIE)
		return true;
	return want[0] == (u32)cookie && want[1] == (u32)(cookie >> 32);
}

/* Both ends are the request's. */
static bool toy_diag_is_it(struct sock *sk, const void *arg)
{
	struct toy_sock_id id = toy_sock_id(sk);
	const struct toy_diag *d = arg;

	return toy_diag_id_wanted(d, &id) &&
	       toy_diag_ends_equal(&id, &d->req->id) &&
	       toy_diag_cookie_wanted(d, sk);
}

/* What takes in what comes to the request's local end. */
static bool toy_diag_takes_it(struct sock *sk, const void *arg)
{
	struct toy_sock_id id = toy_sock_id(sk);
	const struct toy_diag *d = arg;
	const struct inet_diag_sockid *want = &d->req->id;

	return id.protocol == d->protocol && !id.rport && id.lport &&
	       id.lport == ntohs(want->idiag_sport) &&
	       (!id.ifindex || id.ifindex == want->idiag_if) &&
	       (toy_addr_any(id.laddr) ||
		!memcmp(id.laddr, want->idiag_src, sizeof(*id.laddr))) &&
	       toy_diag_cookie_wanted(d, sk);
}

/* A reference is the caller's; NULL if there is none. */
static struct sock *toy_diag_find(struct toy_net *tn, const struct toy_diag *d)
{
	struct toy_sock_cursor c = {};

	if (!toy_sock_next(tn, &c, toy_diag_is_it, d))
		toy_sock_next(tn, &c, toy_diag_takes_it, d);
	return c.at;
}

struct toy_diag_one {
	const struct toy_diag *diag;
	struct sk_buff *skb;
	int err;
};

static bool toy_diag_show_mini(const struct toy_mini *m, const void *arg)
{
	struct toy_diag_one *one = (struct toy_diag_one *)arg;

	one->err = toy_diag_mini_fill(one->skb, one->diag, m, 0);
	return false;
}

static struct toy_sock_id toy_diag_ends(const struct toy_diag *d)
{
	const struct inet_diag_sockid *id = &d->req->id;

	return (struct toy_sock_id) {
		.laddr = (const struct in6_addr *)id->idiag_src,
		.raddr = (const struct in6_addr *)id->idiag_dst,
		.lport = ntohs(id->idiag_sport),
		.rport = ntohs(id->idiag_dport),
		.ifindex = id->idiag_if,
		.protocol = d->protocol,
	};
}

/* A connection that has no socket is nearer than its listener. */
static int toy_diag_answer(struct toy_net *tn, struct sk_buff *skb,
			   const struct toy_diag *d)
{
	struct toy_diag_one one = { .diag = d, .skb = skb, .err = -ENOENT };
	struct toy_sock_id ends = toy_diag_ends(d);
	struct sock *sk;

	if (d->protocol == TOYPROTO_TCP && ends.rport)
		toy_mini_kill_one(tn, &ends, toy_diag_show_mini, &one);
	if (one.err != -ENOENT)
		return one.err;
	sk = toy_diag_find(tn, d);
	if (!sk)
		return -ENOENT;
	one.err = toy_diag_sock_fill(skb, d, sk, 0);
	sock_put(sk);
	return one.err;
}

static int toy_diag_one(struct sk_buff *skb, const struct nlmsghdr *nlh)
{
	struct net *net = sock_net(skb->sk);
	struct toy_diag d = {};
	struct sk_buff *answer;
	int err;

	err = toy_diag_read(&d, skb, nlh);
	if (err)
		return err;
	answer = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!answer)
		return -ENOMEM;
	err = toy_diag_answer(toy_net(net), answer, &d);
	if (err) {
		nlmsg_free(answer);
		return err;
	}
	return nlmsg_unicast(net->diag_nlsk, answer, d.portid);
}

static int toy_diag_get(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct netlink_dump_control control = {
		.start = toy_diag_start,
		.dump = toy_diag_dump,
		.done = toy_diag_done,
	};

	if (nlmsg_len(nlh) < (int)sizeof(struct inet_diag_req_v2))
		return -EINVAL;
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return toy_diag_one(skb, nlh);
	return netlink_dump_start(sock_net(skb->sk)->diag_nlsk, skb, nlh,
				  &control);
}

static bool toy_diag_end_mini(const struct toy_mini *m, const void *arg)
{
	return true;
}

static int toy_diag_destroy(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct toy_net *tn = toy_net(sock_net(skb->sk));
	struct toy_sock_id ends;
	struct toy_diag d = {};
	struct sock *sk;
	int err;

	if (nlmsg_len(nlh) < (int)sizeof(struct inet_diag_req_v2))
		return -EINVAL;
	if (!netlink_net_capable(skb, CAP_NET_ADMIN))
		return -EPERM;
	err = toy_diag_read(&d, skb, nlh);
	if (err)
		return err;
	ends = toy_diag_ends(&d);
	if (d.protocol == TOYPROTO_TCP && ends.rport &&
	    toy_mini_kill_one(tn, &ends, toy_diag_end_mini, NULL))
		return 0;
	sk = toy_diag_find(tn, &d);
	if (!sk)
		return -ENOENT;
	err = toy_sock_abort(sk);
	sock_put(sk);
	return err;
}

/* ---- load and unload ------------------------------------------------- */

static struct sock_diag_handler toy_diag_handler = {
	TOY_COMPAT_SOCK_DIAG_OWNER
	.dump = toy_diag_get,
	.destroy = toy_diag_destroy,
};

/**
 * toy_diag_init() - start to answer sock_diag
 *
 * Context: process.
 * Return: 0, or -EBUSY when somebody else answers for the number of the family.
 */
int toy_diag_init(void)
{
	toy_diag_handler.family = toy_family;
	return sock_diag_register(&toy_diag_handler);
}

/**
 * toy_diag_exit() - the mirror of toy_diag_init()
 *
 * Context: process. Waits for requests that are under way.
 */
void toy_diag_exit(void)
{
	sock_diag_unregister(&toy_diag_handler);
}
