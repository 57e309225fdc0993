/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine of TCP: what its files call of each other, file by file. tcp.h has
 * the structs that they work on, and includes this.
 */
#ifndef _TOY_TCP_ENGINE_H
#define _TOY_TCP_ENGINE_H

/* state.c */
void toy_tcp_set_state(struct sock *sk, int state);
void toy_tcp_done(struct sock *sk);
void toy_tcp_reset_by_peer(struct sock *sk);
void toy_tcp_abort_now(struct sock *sk, int err);
void toy_tcp_destroy(struct sock *sk);
void toy_tcp_init_xmit_state(struct sock *sk);
void toy_tcp_established_init(struct sock *sk);

/* conn.c: the table of both ends */
int toy_conn_table_init(struct toy_tcp_net *tt);
void toy_conn_table_exit(struct toy_tcp_net *tt);
struct toy_conn *toy_conn_find(struct toy_tcp_net *tt, const struct toy_tuple4 *t);
int toy_conn_add(struct toy_tcp_net *tt, struct toy_conn *c);
void toy_conn_del(struct toy_tcp_net *tt, struct toy_conn *c);
int toy_conn_swap(struct toy_tcp_net *tt, struct toy_conn *old, struct toy_conn *new);
void toy_conn_tuple(const struct toy_conn *c, struct toy_tuple4 *t);

/* port.c: ephemeral ports of connections */
int toy_tcp_port_connect(struct sock *sk, const struct in6_addr *laddr,
			 const struct in6_addr *raddr, u16 rport);
int toy_tcp_port_inherit(struct sock *listener, struct sock *child);
void toy_tcp_unhash(struct sock *sk);

/* rcv.c: a segment finds its connection */
enum toy_drop toy_tcp_rcv(struct toy_pkt *pkt, struct sk_buff *skb);
bool toy_tcp_known(struct toy_pkt *pkt, const struct sk_buff *skb,
		   unsigned int off);
int toy_tcp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
enum toy_drop toy_tcp_do_rcv(struct sock *sk, struct sk_buff *skb,
			     struct toy_tcp_seg *s);
/* err.c */
void toy_tcp_err(struct toy_pkt *pkt, struct sk_buff *skb,
		 const struct toy_icmp_err *e);
void toy_tcp_mtu_reduced(struct sock *sk);

/* segment.c, synsent.c */
enum toy_drop toy_tcp_segment(struct sock *sk, struct sk_buff *skb,
			      struct toy_tcp_seg *s);
enum toy_drop toy_tcp_synsent(struct sock *sk, struct sk_buff *skb,
			      struct toy_tcp_seg *s);
void toy_tcp_fin_rcvd(struct sock *sk);
void toy_tcp_challenge(struct sock *sk);
void toy_tcp_dupack(struct sock *sk, const struct sk_buff *skb,
		    const struct toy_tcp_seg *s, enum toy_mib which);
void toy_tcp_ack_check(struct sock *sk);
void toy_tcp_learn_peer(struct sock *sk, const struct toy_tcp_seg *s);

/* ack.c */
enum toy_drop toy_tcp_ack(struct sock *sk, const struct sk_buff *skb,
			  const struct toy_tcp_seg *s);
void toy_tcp_rearm_rto(struct sock *sk);
void toy_tcp_pacing(struct sock *sk);
void toy_tcp_window_update(struct sock *sk, const struct toy_tcp_seg *s);
bool toy_tcp_window_moves(const struct toy_tcp_sock *tp,
			  const struct toy_tcp_seg *s);

/* score.c */

/**
 * struct toy_sack_state - what an acknowledgment tells of single segments
 * @first_us: when the oldest was sent that is newly SACKed and was sent once;
 *	0 for none
 * @last_us: and the newest
 * @prior_fack: RACK.fack before
 * @low_seq: lowest sequence number that arrived later than a higher one
 * @orig: some of what is newly delivered was sent once, before the timeout
 * @reordered: @low_seq is valid
 * @reneged: what was SACKed is not acknowledged although the ACK stops there
 */
struct toy_sack_state {
	u64 first_us;
	u64 last_us;
	u32 prior_fack;
	u32 low_seq;
	bool orig;
	bool reordered;
	bool reneged;
};

void toy_tcp_sack_in(struct sock *sk, const struct toy_tcp_seg *s,
		     struct toy_ack_event *ev, struct toy_sack_state *st);
void toy_tcp_delivered(struct sock *sk, struct sk_buff *skb, u32 seq,
		       u32 end_seq, const struct toy_tcp_seg *s,
		       struct toy_ack_event *ev, struct toy_sack_state *st);
void toy_tcp_mark_lost(struct sock *sk, struct sk_buff *skb);
void toy_tcp_mark_head_lost(struct sock *sk);
void toy_tcp_mark_overtaken(struct sock *sk, u32 below);
void toy_tcp_rack_mark(struct sock *sk);
void toy_tcp_reordered(struct sock *sk, u32 low_seq);

/* recovery.c, reduce.c */
enum toy_rexmit { TOY_REXMIT_NONE, TOY_REXMIT_LOST, TOY_REXMIT_NEW };
enum toy_rexmit toy_tcp_recover(struct sock *sk, struct toy_ack_event *ev,
				const struct toy_sack_state *st,
				const struct toy_tcp_seg *s, u32 dups);
u32 toy_tcp_reno_forget(struct sock *sk, u32 acked);
void toy_tcp_enter_loss(struct sock *sk);
void toy_tcp_enter_cwr(struct sock *sk);

/* rexmit.c: sending again */
int toy_tcp_retransmit(struct sock *sk, struct sk_buff *skb, u32 segs);
int toy_tcp_retransmit_one(struct sock *sk, struct sk_buff *skb, u32 segs);
void toy_tcp_rexmit(struct sock *sk, enum toy_rexmit what);
void toy_tcp_resend_lost(struct sock *sk);
void toy_tcp_reo_timeout(struct sock *sk);

/* tail.c: the tail loss probe */
bool toy_tcp_tlp_schedule(struct sock *sk, bool advanced);
void toy_tcp_tlp_send(struct sock *sk);
void toy_tcp_tlp_done(struct sock *sk, const struct toy_tcp_seg *s,
		      const struct toy_ack_event *ev);

/* data.c, reasm.c: what arrives */
enum toy_drop toy_tcp_data_in(struct sock *sk, struct sk_buff *skb,
			      const struct toy_tcp_seg *s);
enum toy_drop toy_tcp_queue_in_order(struct sock *sk, struct sk_buff *skb,
				     const struct toy_tcp_seg *s);
bool toy_tcp_rmem_ok(struct sock *sk, struct sk_buff *skb, unsigned int size);
int toy_tcp_set_rcvlowat(struct sock *sk, int val);
void toy_tcp_window_grow(struct sock *sk, u32 cost, u32 len);
enum toy_drop toy_tcp_ooo_add(struct sock *sk, struct sk_buff *skb);
void toy_tcp_ooo_drain(struct sock *sk);
bool toy_tcp_ooo_prune(struct sock *sk, const struct sk_buff *incoming);
void toy_tcp_ooo_purge(struct sock *sk);
void toy_tcp_data_ready(struct sock *sk);

/* urgent.c */
void toy_tcp_urg_in(struct sock *sk, const struct sk_buff *skb,
		    const struct toy_tcp_seg *s);
int toy_tcp_recv_urg(struct sock *sk, struct msghdr *msg, int len, int flags);

/* output.c */
bool toy_tcp_output(struct sock *sk, bool push_one, u8 nagle);
void toy_tcp_sent_new(struct sock *sk, struct sk_buff *skb);
void toy_tcp_push_pending(struct sock *sk, u8 nagle);
void toy_tcp_push_one(struct sock *sk);
int toy_tcp_wakeup_probe(struct sock *sk);
u32 toy_tcp_current_mss(struct sock *sk);
void toy_tcp_sync_mss(struct sock *sk);
u16 toy_tcp_advmss(const struct toy_path *path, u16 user_mss);
u32 toy_tcp_init_cwnd(struct sock *sk);
void toy_tcp_chrono(struct toy_tcp_sock *tp, enum toy_chrono what);

/* synfin.c */
void toy_tcp_send_fin(struct sock *sk);
struct sk_buff *toy_tcp_queue_syn(struct sock *sk, u8 flags, gfp_t gfp);
int toy_tcp_connect_send(struct sock *sk);

/* xmit.c */
int toy_tcp_xmit(struct sock *sk, struct sk_buff *skb, bool clone);
int toy_tcp_xmit_syn_data(struct sock *sk, struct sk_buff *syn,
			  struct sk_buff *data);
void toy_tcp_send_ack(struct sock *sk);
void toy_tcp_send_rst(struct sock *sk);
void toy_tcp_send_synack(struct sock *sk);
int toy_tcp_send_probe(struct sock *sk, bool urgent);
const struct toy_path *toy_tcp_path(struct sock *sk);
void toy_tcp_rethink(struct sock *sk);

/* reset.c: replies without a connection */
struct toy_tcp_reply {
	const struct toy_path *path;	/* NULL: looked up by @t */
	const struct toy_tuple4 *t;
	const struct toy_tcp_opts *opts;
	u32 seq;
	u32 ack;
	u32 mark;
	u32 priority;
	int oif;
	u16 wnd;
	u8 flags;
	u8 tos;
	s16 ttl;
	bool any_src;
	u8 autolabel;		/* enum toy_autolabel */
	const struct toy_ipv6_txexts *exts;	/* or NULL */
	u32 txhash;		/* as sk_txhash, or 0 */
	u32 flowlabel;		/* or 0, to have one made */
};

int toy_tcp_reply(struct toy_net *tn, const struct toy_tcp_reply *r);
void toy_tcp_reset_segment(struct toy_net *tn, const struct toy_tuple4 *t,
			   const struct toy_tcp_seg *s, u8 tos, int oif);

/* listen.c, syn.c, synack.c */
int toy_req_init(void);
void toy_req_exit(void);
int toy_tcp_listen(struct socket *sock, int backlog);
void toy_tcp_listen_stop(struct sock *sk);
enum toy_drop toy_tcp_listen_rcv(struct sock *sk, struct toy_pkt *pkt,
				 struct sk_buff *skb, struct toy_tcp_seg *s);
struct sock *toy_tcp_accept_one(struct sock *sk, int flags, int *err);

/* timewait.c */
struct toy_tw;
void toy_tcp_timewait(struct sock *sk, int state, unsigned long timeout);
enum toy_drop toy_tw_rcv(struct toy_tw *tw, struct toy_pkt *pkt,
			 struct sk_buff *skb, struct toy_tcp_seg *s,
			 bool *reopen);
bool toy_tw_reusable(struct toy_conn *c, struct sock *sk);
int toy_tw_init(void);
void toy_tw_exit(void);

/* timer.c */
void toy_tcp_timers_init(struct sock *sk);
void toy_tcp_timers_stop(struct sock *sk);
void toy_xtimer_arm(struct sock *sk, enum toy_xtimer what, unsigned long delay);
void toy_delack_arm(struct sock *sk);
void toy_tcp_xtimer_run(struct sock *sk);
void toy_tcp_delack_run(struct sock *sk);
void toy_tcp_write_err(struct sock *sk);
bool toy_tcp_gives_up(struct sock *sk);
bool toy_tcp_out_of_resources(struct sock *sk, bool do_reset);
unsigned long toy_tcp_fin_time(const struct sock *sk);

static inline void toy_xtimer_off(struct toy_tcp_sock *tp)
{
	tp->xtimer = TOY_XT_NONE;
}

/* keepalive.c */
unsigned long toy_tcp_keepidle(const struct toy_tcp_sock *tp);
unsigned long toy_tcp_keepintvl(const struct toy_tcp_sock *tp);
unsigned int toy_tcp_keepcnt(const struct toy_tcp_sock *tp);
void toy_tcp_keepalive_arm(struct sock *sk, unsigned long delay);
void toy_keepalive_fired(struct timer_list *t);

/* tsq.c */
void toy_tcp_write_space(struct sock *sk);
void toy_tsq_init(void);
void toy_tsq_exit(void);
bool toy_tsq_throttled(struct sock *sk, const struct sk_buff *skb);
void toy_tcp_wake_output(struct sock *sk);

/* pace.c */
void toy_pace_stop(struct sock *sk);
void toy_pace_free(struct sock *sk);
bool toy_pace_holds(struct sock *sk);
void toy_pace_sent(struct sock *sk, u32 len);

/* send.c, recv.c, close.c, connect.c, poll.c, opt.c, info.c, cc.c glue */
int toy_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
void toy_tcp_wake_writer(struct sock *sk);
void toy_tcp_sndbuf_expand(struct sock *sk);
int toy_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		    int *addr_len);
void toy_tcp_read_done(struct sock *sk, int copied);
void toy_tcp_close(struct sock *sk, long timeout);
int toy_tcp_disconnect(struct sock *sk, int flags);
int toy_tcp_shutdown(struct socket *sock, int how);
int toy_tcp_abort(struct sock *sk, int err);
int toy_tcp_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		    int flags);
int toy_tcp_connect_msg(struct socket *sock, struct msghdr *msg);
__poll_t toy_tcp_poll(struct file *file, struct socket *sock, poll_table *wait);
int toy_tcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int toy_tcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen);
int toy_tcp_getsockopt(struct sock *sk, int level, int optname,
		       char __user *optval, int __user *optlen);
struct toy_tcp_info;
void toy_tcp_info(struct sock *sk, struct toy_tcp_info *info);
int toy_tcp_set_cc(struct sock *sk, const char *name, bool capable);
void toy_tcp_cc_inputs(struct toy_tcp_sock *tp);
void toy_tcp_cc_event(struct sock *sk, enum toy_cc_event what);
void toy_tcp_cc_start(struct sock *sk);
int toy_tcp_set_default_cc(struct toy_net *tn, const char *name);

extern struct toy_prot toy_tcp_prot;
extern const struct proto_ops toy_stream_ops;

int toy_tcp_net_init(struct toy_net *tn);
void toy_tcp_net_exit(struct toy_net *tn);
int toy_tcp_caches_init(void);
void toy_tcp_caches_exit(void);
int toy_tcp_init(void);
void toy_tcp_exit(void);

#endif /* _TOY_TCP_ENGINE_H */
