/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of sock_diag share. */
#ifndef _TOY_CTL_DIAG_H
#define _TOY_CTL_DIAG_H

#include <linux/inet_diag.h>
#include <net/netlink.h>

#include "sock_view.h"

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

/* diag_show.c */
bool toy_diag_id_wanted(const struct toy_diag *d,
			const struct toy_sock_id *id);
bool toy_diag_sock_wanted(struct sock *sk, const void *arg);
bool toy_diag_mini_wanted(const struct toy_diag *d,
			  const struct toy_mini *m);
int toy_diag_sock_fill(struct sk_buff *skb, const struct toy_diag *d,
		       struct sock *sk, int flags);
int toy_diag_mini_fill(struct sk_buff *skb, const struct toy_diag *d,
		       const struct toy_mini *m, int flags);

#endif /* _TOY_CTL_DIAG_H */
