// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: sockets, for `toy ss`.
 *
 * Everybody sees all sockets of the namespace, as ss(8) shows them; the mark
 * is for administrators. Nothing here waits for a socket's lock to look at it:
 * a program may sleep with it, and requests are served one at a time. So the
 * numbers are those of the moment, not of one and the same moment.
 *
 *	dump, kill	sockets, from the namespace's list
 *			then TCP's half-open connections and TIME_WAIT, which
 *			are no sockets (genl_tcp.c)
 *
 * Closing (SOCK_KILL) is what `ss -K` does: the program finds ECONNABORTED on
 * its socket; a protocol that knows better has its own diag_destroy(). Orphans
 * are on the list, too, until their connection is over.
 */
#include <linux/sock_diag.h>
#include <net/sock.h>

#include "genl.h"
#include "../sock/sock.h"

/* What SOCK_KILL matches by; SOCK_GET takes the same as a filter. */
const struct nla_policy toy_sock_policy[TOY_SOCK_A_MAX + 1] = {
	[TOY_SOCK_A_PROTOCOL]	= { .type = NLA_U32 },
	[TOY_SOCK_A_STATE]	= { .type = NLA_U8 },
	[TOY_SOCK_A_LADDR]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_SOCK_A_LPORT]	= { .type = NLA_U16 },
	[TOY_SOCK_A_RADDR]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_SOCK_A_RPORT]	= { .type = NLA_U16 },
	[TOY_SOCK_A_IFINDEX]	= { .type = NLA_U32 },
	[TOY_SOCK_A_COOKIE]	= { .type = NLA_U64 },
};

/* The core's sock_gen_cookie() is not for modules. Ours start where its own
 * counter does not get to, so that no two sockets have the same.
 */
#define TOY_COOKIE_BASE	BIT_ULL(62)

static u64 toy_sock_cookie(struct sock *sk)
{
	static atomic64_t last = ATOMIC64_INIT(TOY_COOKIE_BASE);

	if (!atomic64_read(&sk->sk_cookie))
		atomic64_cmpxchg(&sk->sk_cookie, 0,
				 atomic64_inc_return(&last));
	return atomic64_read(&sk->sk_cookie);
}

/* ---- which sockets --------------------------------------------------- */

static bool toy_addr_matches(const struct nlattr *nla,
			     const struct in6_addr *addr)
{
	return !nla || ipv6_addr_equal(nla_data(nla), addr);
}

/**
 * toy_sock_id_wanted() - does it pass the filter?
 * @id: socket, or what stands for a connection without one
 * @attrs: the filter, by TOY_SOCK_A_*; NULL lets everything pass
 *
 * The cookie is left to the caller: not everything has one.
 * Return: true if it does.
 */
bool toy_sock_id_wanted(const struct toy_sock_id *id, struct nlattr **attrs)
{
	return !attrs ||
	       ((!attrs[TOY_SOCK_A_PROTOCOL] ||
		 nla_get_u32(attrs[TOY_SOCK_A_PROTOCOL]) == id->protocol) &&
		(!attrs[TOY_SOCK_A_STATE] ||
		 nla_get_u8(attrs[TOY_SOCK_A_STATE]) == id->state) &&
		(!attrs[TOY_SOCK_A_LPORT] ||
		 nla_get_u16(attrs[TOY_SOCK_A_LPORT]) == id->lport) &&
		(!attrs[TOY_SOCK_A_RPORT] ||
		 nla_get_u16(attrs[TOY_SOCK_A_RPORT]) == id->rport) &&
		(!attrs[TOY_SOCK_A_IFINDEX] ||
		 nla_get_u32(attrs[TOY_SOCK_A_IFINDEX]) == id->ifindex) &&
		toy_addr_matches(attrs[TOY_SOCK_A_LADDR], id->laddr) &&
		toy_addr_matches(attrs[TOY_SOCK_A_RADDR], id->raddr));
}

static struct toy_sock_id toy_sock_id(const struct sock *sk)
{
	return (struct toy_sock_id) {
		.laddr = &sk->sk_v6_rcv_saddr,
		.raddr = &sk->sk_v6_daddr,
		.protocol = sk->sk_protocol,
		.ifindex = READ_ONCE(sk->sk_bound_dev_if),
		.lport = READ_ONCE(sk->sk_num),
		.rport = ntohs(READ_ONCE(sk->sk_dport)),
		.state = READ_ONCE(sk->sk_state),
	};
}

static bool toy_sock_wanted(struct sock *sk, struct nlattr **attrs)
{
	struct toy_sock_id id = toy_sock_id(sk);

	return toy_sock_id_wanted(&id, attrs) &&
	       (!attrs || !attrs[TOY_SOCK_A_COOKIE] ||
		nla_get_u64(attrs[TOY_SOCK_A_COOKIE]) == toy_sock_cookie(sk));
}

/* A place in the list of sockets, kept by a reference to the socket that
 * stands there.
 */
struct toy_sock_cursor {
	struct sock *at;	/* referenced; NULL at the start */
	unsigned long passed;	/* sockets up to @at */
	u32 torn;		/* times that @at had left the list */
	bool pending;		/* @at did not fit into the last buffer */
};

/* Where to go on after @c; if the socket there is closed, as many places
 * further as it was when it left. socks_lock.
 */
static struct list_head *toy_sock_resume(struct toy_net *tn,
					 struct toy_sock_cursor *c)
{
	struct list_head *pos = &tn->socks;
	unsigned long n;

	if (!c->at)
		return pos;
	if (!list_empty(&toy_sk(c->at)->node))
		return &toy_sk(c->at)->node;
	c->torn++;
	c->passed--;
	for (n = 0; n < c->passed && !list_is_last(pos, &tn->socks); n++)
		pos = pos->next;
	return pos;
}

/* Moves on to the next socket that matches; NULL at the end. */
static struct sock *toy_sock_next(struct toy_net *tn, struct toy_sock_cursor *c,
				  struct nlattr **attrs)
{
	struct sock *next = NULL;
	struct toy_sock *ts;

	spin_lock_bh(&tn->socks_lock);
	ts = list_entry(toy_sock_resume(tn, c), struct toy_sock, node);
	list_for_each_entry_continue(ts, &tn->socks, node) {
		c->passed++;
		if (toy_sock_wanted(&ts->sk, attrs) &&
		    refcount_inc_not_zero(&ts->sk.sk_refcnt)) {
			next = &ts->sk;
			break;
		}
	}
	spin_unlock_bh(&tn->socks_lock);
	if (c->at)
		sock_put(c->at);
	c->at = next;
	return next;
}

/* ---- what is there --------------------------------------------------- */

/* The core's sk_get_meminfo() is not for modules. */
static int toy_sock_fill_mem(struct sk_buff *skb, struct sock *sk)
{
	u32 mem[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = sk_rmem_alloc_get(sk),
		[SK_MEMINFO_RCVBUF] = READ_ONCE(sk->sk_rcvbuf),
		[SK_MEMINFO_WMEM_ALLOC] = sk_wmem_alloc_get(sk),
		[SK_MEMINFO_SNDBUF] = READ_ONCE(sk->sk_sndbuf),
		[SK_MEMINFO_FWD_ALLOC] = READ_ONCE(sk->sk_forward_alloc),
		[SK_MEMINFO_WMEM_QUEUED] = READ_ONCE(sk->sk_wmem_queued),
		[SK_MEMINFO_OPTMEM] = atomic_read(&sk->sk_omem_alloc),
		[SK_MEMINFO_BACKLOG] = READ_ONCE(sk->sk_backlog.len),
		[SK_MEMINFO_DROPS] = atomic_read(&sk->sk_drops),
	};

	return nla_put_u32(skb, TOY_SOCK_A_DROPS, mem[SK_MEMINFO_DROPS]) ?:
	       nla_put(skb, TOY_SOCK_A_MEMINFO, sizeof(mem), mem);
}

/* What waits to be read, and to be sent. */
static int toy_sock_fill_queues(struct sk_buff *skb, struct sock *sk)
{
	return nla_put_u32(skb, TOY_SOCK_A_RQUEUE, sk_rmem_alloc_get(sk)) ?:
	       nla_put_u32(skb, TOY_SOCK_A_WQUEUE, sk_wmem_alloc_get(sk));
}

/**
 * toy_sock_id_fill() - both ends
 * @skb: message buffer, borrowed
 * @id: whose
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_sock_id_fill(struct sk_buff *skb, const struct toy_sock_id *id)
{
	return nla_put_u32(skb, TOY_SOCK_A_PROTOCOL, id->protocol) ?:
	       nla_put_u8(skb, TOY_SOCK_A_STATE, id->state) ?:
	       toy_put_addr(skb, TOY_SOCK_A_LADDR, id->laddr) ?:
	       nla_put_u16(skb, TOY_SOCK_A_LPORT, id->lport) ?:
	       toy_put_addr(skb, TOY_SOCK_A_RADDR, id->raddr) ?:
	       nla_put_u16(skb, TOY_SOCK_A_RPORT, id->rport) ?:
	       (id->ifindex ? nla_put_u32(skb, TOY_SOCK_A_IFINDEX,
					  id->ifindex) : 0);
}

static int toy_sock_fill_owner(struct sk_buff *skb, struct sock *sk,
			       struct user_namespace *reader)
{
	return nla_put_u32(skb, TOY_SOCK_A_UID,
			   from_kuid_munged(reader, sock_i_uid(sk))) ?:
	       nla_put_u64_64bit(skb, TOY_SOCK_A_INODE, sock_i_ino(sk),
				 TOY_SOCK_A_PAD) ?:
	       nla_put_u64_64bit(skb, TOY_SOCK_A_COOKIE, toy_sock_cookie(sk),
				 TOY_SOCK_A_PAD) ?:
	       /* But for the one that is held here. */
	       nla_put_u32(skb, TOY_SOCK_A_REFS,
			   refcount_read(&sk->sk_refcnt) - 1);
}

struct toy_sock_show {
	struct sock *sk;
	struct user_namespace *reader;
	bool admin;
};

static int toy_genl_sock_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_sock_show *show = object;
	struct sock *sk = show->sk;
	struct toy_sock_id id = toy_sock_id(sk);

	return nla_put_u8(skb, TOY_SOCK_A_TYPE, sk->sk_type) ?:
	       nla_put_string(skb, TOY_SOCK_A_PROTO_NAME,
			      toy_prot(sk)->name) ?:
	       toy_sock_id_fill(skb, &id) ?:
	       (id.protocol == TOYPROTO_TCP ? toy_genl_tcp_fill(skb, sk) :
					      toy_sock_fill_queues(skb, sk)) ?:
	       toy_sock_fill_mem(skb, sk) ?:
	       toy_sock_fill_owner(skb, sk, show->reader) ?:
	       nla_put_u16(skb, TOY_SOCK_A_FORM, toy_sk(sk)->form) ?:
	       nla_put_u8(skb, TOY_SOCK_A_SHUTDOWN,
			  READ_ONCE(sk->sk_shutdown)) ?:
	       (show->admin ? nla_put_u32(skb, TOY_SOCK_A_MARK,
					  READ_ONCE(sk->sk_mark)) : 0);
}

/* Kept in cb->args[0] for the length of the dump. */
struct toy_sock_dump {
	struct toy_sock_cursor cursor;
	struct toy_mini_walk walk;
	bool socks_done;
};

/**
 * toy_genl_sock_start() - TOY_CMD_SOCK_GET begins
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int toy_genl_sock_start(struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	toy_mini_walk_begin(&dump->walk, toy_genl_dump_net(cb));
	cb->args[0] = (long)dump;
	return 0;
}

/**
 * toy_genl_sock_done() - TOY_CMD_SOCK_GET ends, early or at its end
 * @cb: the dump, whose socket holds the namespace
 *
 * Return: 0.
 */
int toy_genl_sock_done(struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = (struct toy_sock_dump *)cb->args[0];

	if (dump->cursor.at)
		sock_put(dump->cursor.at);
	toy_mini_walk_end(&dump->walk);
	kfree(dump);
	return 0;
}

static int toy_sock_dump_socks(struct toy_sock_cursor *cursor,
			       struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_sock_show show = {
		.reader = sk_user_ns(NETLINK_CB(cb->skb).sk),
		.admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
	};
	struct nlattr **attrs = toy_genl_dump_attrs(cb);
	struct toy_net *tn = toy_genl_dump_net(cb);
	int err = 0;

	while (!err) {
		show.sk = cursor->pending ? cursor->at :
			  toy_sock_next(tn, cursor, attrs);
		cb->seq = 1 + cursor->torn;
		if (!show.sk)
			break;
		err = toy_genl_put_dump(skb, cb, TOY_CMD_SOCK_GET,
					toy_genl_sock_fill, &show);
		cursor->pending = err;
	}
	return err;
}

/**
 * toy_genl_sock_dump() - TOY_CMD_SOCK_GET
 * @skb: message buffer
 * @cb: the dump; the attributes of toy_sock_policy limit it
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_sock_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = (struct toy_sock_dump *)cb->args[0];
	int err = 0;

	if (!dump->socks_done) {
		err = toy_sock_dump_socks(&dump->cursor, skb, cb);
		dump->socks_done = !err;
	}
	if (!err)
		err = toy_genl_mini_dump(&dump->walk, skb, cb,
					 dump->cursor.torn);
	return toy_genl_dump_end(skb, err);
}

/* ---- closing --------------------------------------------------------- */

/* An error for the program. To take the peer and the port away as well needs
 * the protocol's help: nothing here may race with close(2).
 */
static int toy_sock_abort(struct sock *sk)
{
	if (sk->sk_prot->diag_destroy)
		return sk->sk_prot->diag_destroy(sk, ECONNABORTED);

	lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		WRITE_ONCE(sk->sk_err, ECONNABORTED);
		sk_error_report(sk);
	}
	release_sock(sk);
	return 0;
}

static unsigned long toy_sock_count(struct toy_net *tn)
{
	struct list_head *pos;
	unsigned long n = 0;

	spin_lock_bh(&tn->socks_lock);
	list_for_each(pos, &tn->socks)
		n++;
	spin_unlock_bh(&tn->socks_lock);
	return n;
}

/**
 * toy_genl_sock_kill() - TOY_CMD_SOCK_KILL
 * @skb: request
 * @info: its attributes, those of toy_sock_policy: all must match; none at all
 *	means every socket of the namespace
 *
 * What has no socket ends first: a half-open connection that becomes one
 * meanwhile is closed as that.
 *
 * A program that opens sockets faster than they are closed here keeps nobody:
 * no more are closed than there were at the start.
 *
 * Return: 0, -ENOENT when no socket matches, or the first error of a socket
 * that could not be closed.
 */
int toy_genl_sock_kill(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_net *tn = toy_genl_net(info);
	unsigned long left = toy_sock_count(tn);
	struct toy_sock_cursor cursor = {};
	bool found;
	int err = 0, ret;

	found = toy_genl_mini_kill(tn, info->attrs);
	while (left-- && toy_sock_next(tn, &cursor, info->attrs)) {
		found = true;
		ret = toy_sock_abort(cursor.at);
		if (ret && !err)
			err = ret;
		cond_resched();
	}
	if (cursor.at)
		sock_put(cursor.at);
	if (!found) {
		GENL_SET_ERR_MSG(info, "no socket matches");
		return -ENOENT;
	}
	return err;
}
