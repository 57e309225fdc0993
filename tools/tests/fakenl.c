// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel side for tests: linked into toy, it takes the place of libmnl's
 * socket and answers from tables, so that the tool runs without the module.
 *
 * FAKENL_LOG	file that gets a line for every request
 * FAKENL	none: there is no family; torn: dumps are inconsistent; empty:
 *		messages without attributes; short: every attribute lacks its
 *		last byte; noise: random attributes (FAKENL_SEED)
 * FAKENL_SOCKS	tcp: the sockets of tcpcases.h instead of a bit of everything
 * FAKENL_ERRNO	what changes fail with; FAKENL_TEXT: its explanation, or a
 *		warning when nothing fails
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/toy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakenl.h"

#define FAMILY	0x20
#define GROUP	9
#define PORTID	4711

static char answer[65536];
static size_t answer_len;
static const struct nlmsghdr *request;
static int joined;		/* counts groups */

int fake_is(const char *mode)
{
	const char *value = getenv("FAKENL");

	return value && !strcmp(value, mode);
}

static struct nlmsghdr *add(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(answer + answer_len);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = request ? request->nlmsg_seq : 0;
	nlh->nlmsg_pid = request ? PORTID : 0;
	return nlh;
}

struct nlmsghdr *fake_begin(uint8_t cmd)
{
	uint16_t flags = fake_is("torn") ? NLM_F_DUMP_INTR : 0;
	struct nlmsghdr *nlh = add(FAMILY, flags | NLM_F_MULTI);
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = TOY_GENL_VERSION;
	return nlh;
}

static void damage(struct nlmsghdr *nlh)
{
	size_t head = MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	unsigned char *at = (unsigned char *)nlh + head;
	struct nlattr *attr;
	size_t i;

	if (fake_is("empty"))
		nlh->nlmsg_len = head;
	if (fake_is("short"))
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
			attr->nla_len -= attr->nla_len > MNL_ATTR_HDRLEN;
	if (!fake_is("noise"))
		return;
	for (i = 0; i < nlh->nlmsg_len - head; i++)
		if (random() % 12 == 0)
			at[i] = random();
}

void fake_end(struct nlmsghdr *nlh)
{
	damage(nlh);
	answer_len += MNL_ALIGN(nlh->nlmsg_len);
}

/* ---- Requests --------------------------------------------------------- */

static void write_log(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *path = getenv("FAKENL_LOG");
	const struct nlattr *attr;
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "cmd=%u flags=%x", genl->cmd, nlh->nlmsg_flags);
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		const unsigned char *p = mnl_attr_get_payload(attr);
		unsigned int i;

		fprintf(file, " %u=", mnl_attr_get_type(attr));
		for (i = 0; i < mnl_attr_get_payload_len(attr); i++)
			fprintf(file, "%02x", p[i]);
	}
	fprintf(file, "\n");
	fclose(file);
}

static void add_family(const struct nlmsghdr *nlh)
{
	struct nlattr *groups, *group;
	struct nlmsghdr *reply = add(GENL_ID_CTRL, 0);
	struct genlmsghdr *genl;

	(void)nlh;
	genl = mnl_nlmsg_put_extra_header(reply, sizeof(*genl));
	genl->cmd = CTRL_CMD_NEWFAMILY;
	mnl_attr_put_u16(reply, CTRL_ATTR_FAMILY_ID, FAMILY);
	groups = mnl_attr_nest_start(reply, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(reply, 1);
	mnl_attr_put_strz(reply, CTRL_ATTR_MCAST_GRP_NAME, TOY_GENL_MCGRP);
	mnl_attr_put_u32(reply, CTRL_ATTR_MCAST_GRP_ID, GROUP);
	mnl_attr_nest_end(reply, group);
	mnl_attr_nest_end(reply, groups);
	answer_len += reply->nlmsg_len;
}

static void add_error(int error, const char *text)
{
	struct nlmsghdr *nlh = add(NLMSG_ERROR, NLM_F_CAPPED);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	err->error = -error;
	err->msg = *request;
	if (text) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	}
	answer_len += MNL_ALIGN(nlh->nlmsg_len);
}

static void add_done(int error, const char *text)
{
	struct nlmsghdr *nlh = add(NLMSG_DONE, NLM_F_MULTI);
	int *code = mnl_nlmsg_put_extra_header(nlh, sizeof(*code));

	*code = -error;
	if (text) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	}
	answer_len += MNL_ALIGN(nlh->nlmsg_len);
}

static void handle(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *code = getenv("FAKENL_ERRNO");
	const char *text = getenv("FAKENL_TEXT");
	int error = code ? atoi(code) : 0;

	if (nlh->nlmsg_type == GENL_ID_CTRL) {
		if (!fake_is("none"))
			add_family(nlh);
		add_error(fake_is("none") ? ENOENT : 0, NULL);
		return;
	}
	write_log(nlh);
	if ((nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
		fake_dump(genl->cmd);
		add_done(error, text);
		return;
	}
	if (genl->cmd == TOY_CMD_ROUTE_GET && !error)
		fake_route_reply();
	add_error(error, text);
}

/* Events are followed by the end of the family, which ends the program. */
static void add_events(void)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	request = NULL;
	fake_events();
	nlh = add(GENL_ID_CTRL, 0);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_DELFAMILY;
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
	answer_len += MNL_ALIGN(nlh->nlmsg_len);
}

/* ---- In place of libmnl's socket --------------------------------------- */

struct mnl_socket *mnl_socket_open(int bus)
{
	static int dummy;

	srandom(atoi(getenv("FAKENL_SEED") ? getenv("FAKENL_SEED") : "1"));
	return bus == NETLINK_GENERIC ? (struct mnl_socket *)&dummy : NULL;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return PORTID;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf,
			  socklen_t len)
{
	(void)nl;
	(void)buf;
	(void)len;
	joined += type == NETLINK_ADD_MEMBERSHIP;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	(void)nl;
	request = req;
	answer_len = 0;
	memset(answer, 0, sizeof(answer));
	handle(req);
	return size;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t len;

	(void)nl;
	if (!answer_len && joined == 2)
		add_events();
	len = answer_len;
	answer_len = 0;
	if (!len || len > size) {
		errno = ENODATA;
		return -1;
	}
	memcpy(buf, answer, len);
	return len;
}
