// SPDX-License-Identifier: GPL-2.0-only
/*
 * Urgent data (RFC 9293 3.8.5, RFC 6093).
 *
 * The urgent pointer marks a place in the stream. As all systems do, it is
 * taken to point behind the last urgent octet (RFC 793's first reading; the
 * other one by net.toy.tcp_stdurg), and that one octet can be read out of band
 * (MSG_OOB) or in its place (SO_OOBINLINE).
 *
 *	urg_data 0		none
 *	urg_data, urg_notyet	announced; the octet has not come
 *	urg_data, urg_valid	urg_byte can be read
 *	urg_data, urg_read	it has been read; the mark stays until passed
 *
 * rcv_up is the sequence number of the octet (RCV.UP of RFC 9293 is behind it).
 */
#include "tcp.h"

/* A new urgent pointer: tell the program, and forget an older one. */
static void toy_urg_pointer(struct sock *sk, const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 at = s->urg;

	if (at && !READ_ONCE(toy_sock_net(sk)->sysctl.tcp_stdurg))
		at--;
	at += s->seq;

	/* Read already, or not new. */
	if (toy_seq_after(tp->copied_seq, at))
		return;
	if (toy_seq_before(at, tp->rcv_nxt))
		return;
	if (tp->urg_data && !toy_seq_after(at, tp->rcv_up))
		return;

	sk_send_sigurg(sk);

	/* The reader stands right before an octet that was never read out of
	 * band, and a later one takes its place: it becomes ordinary data, and
	 * only it is passed over.
	 */
	if (tp->rcv_up == tp->copied_seq && tp->urg_data &&
	    !sock_flag(sk, SOCK_URGINLINE) && tp->copied_seq != tp->rcv_nxt) {
		struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

		tp->copied_seq++;
		if (skb && !toy_seq_before(tp->copied_seq, toy_cb(skb)->end_seq)) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			consume_skb(skb);
		}
	}
	tp->urg_data = 1;
	tp->urg_notyet = 1;
	tp->urg_valid = 0;
	tp->urg_read = 0;
	WRITE_ONCE(tp->rcv_up, at);
}

/**
 * toy_tcp_urg_in() - sixth, check the URG bit (RFC 9293 3.10.7.4)
 * @sk: socket, locked
 * @skb: segment, header at skb->data; borrowed
 * @s: its view, with URG set unless the octet was announced before
 */
void toy_tcp_urg_in(struct sock *sk, const struct sk_buff *skb,
		    const struct toy_tcp_seg *s)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 off;
	u8 octet;

	if (s->flags & TOY_TCP_URG)
		toy_urg_pointer(sk, s);
	if (!tp->urg_notyet)
		return;
	off = tp->rcv_up - s->seq;
	if (off >= s->len ||
	    skb_copy_bits(skb, s->hdr_len + off, &octet, 1))
		return;
	tp->urg_byte = octet;
	tp->urg_notyet = 0;
	tp->urg_valid = 1;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/**
 * toy_tcp_recv_urg() - recv(2) with MSG_OOB
 * @sk: socket, locked
 * @msg: message
 * @len: room
 * @flags: MSG_*
 *
 * Return: 1, 0 at the end of the stream, -EINVAL when there is no urgent octet
 * or it is read in line, -EAGAIN before it has come.
 */
int toy_tcp_recv_urg(struct sock *sk, struct msghdr *msg, int len, int flags)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data || tp->urg_read)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_valid) {
		int err = 0;

		if (!(flags & MSG_PEEK)) {
			tp->urg_read = 1;
			tp->urg_valid = 0;
		}
		msg->msg_flags |= MSG_OOB;
		if (len > 0) {
			if (!(flags & MSG_TRUNC))
				err = memcpy_to_msg(msg, &tp->urg_byte, 1);
			len = 1;
		} else {
			msg->msg_flags |= MSG_TRUNC;
		}
		return err ? -EFAULT : len;
	}
	if (sk->sk_state == TCP_CLOSE || sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	return -EAGAIN;
}
