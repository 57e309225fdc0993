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
 * Everybody may look, marks and closing are for administrators. diag_show.c has
 * what a request wants and what an answer says, diag_filter.c the bytecode.
 */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "ctl.h"
#include "diag.h"
#include "diag_filter.h"
#include "../compat.h"
#include "../sock/sock.h"

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
