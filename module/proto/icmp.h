/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_ICMP_H
#define _TOY_PROTO_ICMP_H

#include "../skb/icmp.h"
#include "ip.h"

void toy_icmp_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		    enum toy_ip_error what, u32 info);
void toy_icmp_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
		       const struct in6_addr *nexthop);

/* Echo replies, and errors about echo requests, go up to whoever sends the
 * requests: proto/ping.c.
 */
typedef enum toy_drop (*toy_icmp_echo_rcv_t)(struct toy_pkt *pkt,
					     struct sk_buff *skb,
					     const struct toy_icmp_view *v);
typedef void (*toy_icmp_echo_err_t)(struct toy_pkt *pkt, struct sk_buff *skb,
				    const struct toy_icmp_err *e);
void toy_icmp_ping_register(toy_icmp_echo_rcv_t rcv, toy_icmp_echo_err_t err);
void toy_icmp_ping_unregister(void);

int toy_icmp_net_init(struct toy_net *tn);
void toy_icmp_net_exit(struct toy_net *tn);
int toy_icmp_init(void);
void toy_icmp_exit(void);

#endif /* _TOY_PROTO_ICMP_H */
