// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP Fast Open, the client's side (RFC 7413 4.2.1).
 *
 *	sendmsg(MSG_FASTOPEN)		connects, and the message goes with the SYN
 *	TCP_FASTOPEN_CONNECT		connect(2) returns at once; the first write
 *					is then the same
 *
 *	cookie known?	yes	SYN, cookie and as much of the message as fits
 *			no	SYN, request for a cookie; the message follows
 *
 *	SYN-ACK		acknowledges the data	as if nothing had been
 *			or the SYN only		the data is sent again at once
 *
 * A SYN that is sent again has neither option nor data: something on the way may
 * not like them (RFC 7413 4.2.1, 7.1).
 */
#include "fastopen.h"

/* What is known of the server, into fo->opt. True: data may go with the SYN. */
static bool toy_fo_ready(struct sock *sk, struct toy_fo *fo, u16 *mss)
{
	u32 mode = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fastopen);

	toy_fo_cache_get(&toy_tcp_net(sk)->fo->cache, &sk->sk_v6_rcv_saddr,
			 &sk->sk_v6_daddr, &fo->opt, mss);
	if (mode & TOY_FO_CLIENT_FREE || fo->no_cookie) {
		fo->opt.len = -1;
		return true;
	}
	if (fo->opt.len > 0)
		return true;
	fo->fail = TFO_COOKIE_UNAVAILABLE;
	return false;
}

/**
 * toy_fo_may_wait() - connect(2) with TCP_FASTOPEN_CONNECT: is there no hurry?
 * @sk: locked socket in SYN_SENT with both ends, nothing sent
 *
 * Return: true if the SYN waits for data; else it is to ask for a cookie.
 */
bool toy_fo_may_wait(struct sock *sk)
{
	struct toy_fo *fo = toy_tcp(sk)->fo;
	u16 mss;

	if (likely(!fo) || !fo->connect || fo->msg)
		return false;
	if (!toy_fo_ready(sk, fo, &mss)) {
		fo->asked = 1;
		return false;
	}
	WRITE_ONCE(fo->waits, true);
	return true;
}

/* ---- the SYN --------------------------------------------------------- */

/**
 * toy_fo_syn_opt() - the option of a SYN
 * @sk: locked socket
 * @o: its other options; added to, if there is room
 */
void toy_fo_syn_opt(struct sock *sk, struct toy_tcp_opts *o)
{
	struct toy_fo *fo = toy_tcp(sk)->fo;
	u8 before = o->has;

	if (likely(!fo) || fo->opt.len < 0)
		return;
	o->fo = fo->opt;
	o->has |= TOY_OPT_FASTOPEN;
	if (toy_tcp_opts_len(o) > TOY_TCP_HDR_MAX - sizeof(struct tcphdr)) {
		o->has = before;
		return;
	}
	fo->syn_opt = 1;
	fo->syn_exp = o->fo.exp;
}

/* As much of the message as a SYN carries, or NULL. */
static struct sk_buff *toy_fo_data(struct sock *sk, struct toy_fo *fo)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int room = tp->mss + (tp->tstamp_ok ? 12 : 0) -
		   (int)(TOY_TCP_HDR_MAX - sizeof(struct tcphdr));
	struct sk_buff *skb;
	size_t n;

	n = min_t(size_t, max(room, 0), msg_data_left(fo->msg));
	if (!n)
		return NULL;
	skb = toy_tcp_skb_alloc(sk, n, sk->sk_allocation);
	if (!skb)
		return NULL;
	n = copy_from_iter(skb_put(skb, n), n, &fo->msg->msg_iter);
	if (!n) {
		kfree_skb(skb);
		return NULL;
	}
	__skb_trim(skb, n);
	toy_tcp_queue_tail(sk, skb);
	toy_cb(skb)->end_seq += n;
	toy_cb(skb)->flags |= TOY_TCP_PSH;
	toy_tcp_count_segs(skb, n);
	WRITE_ONCE(tp->write_seq, tp->write_seq + n);
	fo->copied = n;
	return skb;
}

/**
 * toy_fo_connect_send() - send the SYN of a connection that asks for Fast Open
 * @sk: locked socket in SYN_SENT
 * @syn: the SYN, queued for retransmission
 *
 * Return: 0 or a negative errno: nothing was sent.
 */
int toy_fo_connect_send(struct sock *sk, struct sk_buff *syn)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_fo *fo = tp->fo;
	bool ready = toy_fo_ready(sk, fo, &tp->peer_mss);
	struct sk_buff *data = NULL;
	int err;

	if (ready && fo->msg && msg_data_left(fo->msg)) {
		/* Where the server has said nothing yet, as little as anybody
		 * takes.
		 */
		if (!tp->peer_mss)
			tp->peer_mss = tp->user_mss ?: TOY_MSS_DEFAULT;
		toy_tcp_sync_mss(sk);
		data = toy_fo_data(sk, fo);
		/* The program's memory is gone: a cookie at least. */
		if (!data && fo->opt.len > 0)
			fo->opt.len = 0;
	}
	if (data)
		err = toy_tcp_xmit_syn_data(sk, syn, data);
	else
		err = toy_tcp_xmit(sk, syn, true);
	if (err)
		fo->syn_opt = 0;
	fo->syn_data = data && !err;
	fo->opt.len = -1;
	return err;
}

/* ---- the answer ------------------------------------------------------ */

/**
 * toy_fo_synack() - the SYN-ACK for a SYN with option or data
 * @sk: locked socket, ESTABLISHED just now
 * @skb: the SYN-ACK, header at skb->data; borrowed
 * @s: its view
 *
 * Return: true when the data of the SYN was sent again, which acknowledges the
 * SYN-ACK, too.
 */
bool toy_fo_synack(struct sock *sk, const struct sk_buff *skb,
		   const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_fo_cookie cookie = { .len = -1 };
	struct toy_fo *fo = tp->fo;
	struct sk_buff *data;
	u8 try_exp = 0;

	if (likely(!fo) || !(fo->syn_opt || fo->syn_data))
		return false;
	/* A cookie that nobody has asked for is none. */
	if (fo->syn_opt && s->opts.has & TOY_OPT_FASTOPEN)
		cookie = s->opts.fo;
	if (fo->syn_opt && !tp->total_retrans && cookie.len < 0 && !fo->syn_data)
		try_exp = fo->syn_exp ? 2 : 1;
	toy_fo_cache_set(&toy_tcp_net(sk)->fo->cache, &sk->sk_v6_rcv_saddr,
			 &sk->sk_v6_daddr, &cookie,
			 s->opts.has & TOY_OPT_MSS ? s->opts.mss : 0, try_exp);
	if (!toy_tcp_rtx_empty(sk)) {
		fo->fail = tp->total_retrans ? TFO_SYN_RETRANSMITTED :
					       TFO_DATA_NOT_ACKED;
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_FASTOPEN_ACTIVE_FAIL);
		for (data = toy_tcp_rtx_head(sk); data; data = skb_rb_next(data))
			toy_tcp_mark_lost(sk, data);
		toy_tcp_resend_lost(sk);
		return true;
	}
	if (fo->syn_data) {
		fo->data_acked = 1;
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_FASTOPEN_ACTIVE);
		/* SYN and data are two in the queue, and were one packet. */
		if (tp->rate.delivered > 1)
			tp->rate.delivered--;
	}
	if (s->len)
		toy_fo_text(sk, skb, s);
	return false;
}

/* ---- sendmsg(2) ------------------------------------------------------ */

/**
 * toy_fo_sendmsg() - connect, and let the message go with the SYN
 * @sk: locked socket
 * @msg: message: with MSG_FASTOPEN, or the first after a connect(2) that waits
 * @copied: result: bytes that have gone with the SYN
 *
 * Return: 0 when connected; as connect(2), -EOPNOTSUPP, -EALREADY.
 */
int toy_fo_sendmsg(struct sock *sk, struct msghdr *msg, int *copied)
{
	u32 mode = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fastopen);
	struct sockaddr *to = msg->msg_name;
	struct toy_fo *fo;
	int err;

	if (!(mode & TOY_FO_CLIENT) ||
	    (to && msg->msg_namelen >= (int)sizeof(to->sa_family) &&
	     to->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	fo = toy_fo_get(sk);
	if (!fo)
		return -ENOBUFS;
	if (fo->msg)
		return -EALREADY;
	fo->msg = msg;
	fo->copied = 0;
	fo->asked = 1;
	err = toy_tcp_connect_msg(sk->sk_socket, msg);
	*copied = fo->copied;
	fo->msg = NULL;
	WRITE_ONCE(fo->waits, false);
	/* It did not come to a SYN: the next connect(2) is one like others. */
	if (sk->sk_state == TCP_CLOSE)
		fo->asked = 0;
	return err;
}
