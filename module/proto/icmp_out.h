/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ICMP_OUT_H
#define _TOY_PROTO_ICMP_OUT_H

#include "../skb/icmp.h"
#include "ip.h"

/**
 * struct toy_icmp_msg - a message to be sent
 * @type: ICMP type
 * @code: ICMP code
 * @tos: TOS or traffic class
 * @info: the second word
 * @count: counter of this type
 */
struct toy_icmp_msg {
	u8 type;
	u8 code;
	u8 tos;
	__be32 info;
	enum toy_mib count;
};

enum toy_drop toy_icmp_no_path(int err);
enum toy_drop toy_icmp_answer(struct toy_pkt *pkt, struct sk_buff *skb,
			      const struct toy_icmp_msg *m);
bool toy_icmp_allowed(struct toy_net *tn, const struct in6_addr *peer);
void toy_icmp_quote(const struct toy_pkt *pkt, struct sk_buff *skb,
		    const struct toy_icmp_msg *m);

/* Both versions' echo replies, and errors about echo requests, go up to
 * whoever sends the requests: proto/ping.c.
 */
typedef enum toy_drop (*toy_icmp_echo_rcv_t)(struct toy_pkt *pkt,
					     struct sk_buff *skb,
					     const struct toy_icmp_view *v);
typedef void (*toy_icmp_echo_err_t)(struct toy_pkt *pkt, struct sk_buff *skb,
				    const struct toy_icmp_err *e);
void toy_icmp_ping_register(toy_icmp_echo_rcv_t rcv, toy_icmp_echo_err_t err);
void toy_icmp_ping_unregister(void);
enum toy_drop toy_icmp_ping_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
				const struct toy_icmp_view *v);
void toy_icmp_ping_err(struct toy_pkt *pkt, struct sk_buff *skb,
		       const struct toy_icmp_err *e);

int toy_icmp_net_init(struct toy_net *tn);
void toy_icmp_net_exit(struct toy_net *tn);

#endif /* _TOY_PROTO_ICMP_OUT_H */
