// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the sockets of tcpcases.h as ss wants to read them from the file that
 * the variable TCPDIAG_FILE names: messages of sock_diag(7).
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>

#include "tcpcases.h"

static char buffer[8192];

static void put_cong_info(struct nlmsghdr *nlh, const struct tcp_case *c)
{
	if (!strcmp(c->cong, "bbr"))
		mnl_attr_put(nlh, INET_DIAG_BBRINFO,
			     sizeof(struct tcp_bbr_info), c->cong_info);
	if (!strcmp(c->cong, "dctcp"))
		mnl_attr_put(nlh, INET_DIAG_DCTCPINFO,
			     sizeof(struct tcp_dctcp_info), c->cong_info);
}

static void write_socket(const struct tcp_case *c, int index)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct inet_diag_msg *msg;

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_MULTI;
	msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	msg->idiag_family = AF_INET;
	/* In sock_diag half-open connections are called SYN-RECV. */
	msg->idiag_state = c->state == 12 ? 3 : c->state;
	msg->idiag_timer = c->timer;
	msg->idiag_retrans = c->retrans;
	msg->idiag_expires = c->timer_ms;
	msg->idiag_rqueue = c->rqueue;
	msg->idiag_wqueue = c->wqueue;
	msg->idiag_uid = c->uid;
	msg->idiag_inode = c->inode;
	msg->id.idiag_cookie[0] = 0x1001;
	msg->id.idiag_sport = htons(1000 + index);
	inet_pton(AF_INET, "10.0.0.1", msg->id.idiag_src);
	if (c->state != 10) {
		msg->id.idiag_dport = htons(2000 + index);
		inet_pton(AF_INET, "10.0.0.2", msg->id.idiag_dst);
	}
	if (c->shutdown >= 0)
		mnl_attr_put_u8(nlh, INET_DIAG_SHUTDOWN, c->shutdown);
	if (c->cong) {
		mnl_attr_put(nlh, INET_DIAG_SKMEMINFO, sizeof(tcp_case_mem),
			     tcp_case_mem);
		mnl_attr_put_strz(nlh, INET_DIAG_CONG, c->cong);
		put_cong_info(nlh, c);
		mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(c->info), &c->info);
	}
	fwrite(nlh, MNL_ALIGN(nlh->nlmsg_len), 1, stdout);
}

int main(void)
{
	struct nlmsghdr *nlh;
	const struct tcp_case *c;

	for (c = tcp_cases; c->state; c++)
		write_socket(c, c - tcp_cases);
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = NLM_F_MULTI;
	mnl_nlmsg_put_extra_header(nlh, sizeof(int));
	fwrite(nlh, nlh->nlmsg_len, 1, stdout);
	return 0;
}
