// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to the generic netlink family "toy".
 *
 * One socket per run, opened by the first request. The family's number and
 * groups come from the controller. Every answer is one of: data for the
 * caller, an acknowledgment (perhaps with a warning), an error (perhaps with
 * the kernel's explanation), the end of a dump.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/toy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "fmt.h"
#include "nl.h"

/* The kernel fills what the reader offers, at most 32 KiB at a time. */
#define NL_BUF_SIZE	65536

static struct {
	struct mnl_socket	*sock;
	unsigned int		seq;
	uint16_t		family;
	uint32_t		group;
	const char		*group_name;
	int			quiet;		/* errno not worth a word */
	bool			torn;		/* NLM_F_DUMP_INTR seen */
	char			rx[NL_BUF_SIZE] __aligned(8);
} nl;

static void __noreturn fatal(const char *what)
{
	fprintf(stderr, "toy: %s: %s\n", what, strerror(errno));
	exit(EXIT_KERNEL);
}

/* ---- What the kernel answers ------------------------------------------ */

/* The text among the attributes behind an acknowledgment or a dump's end. */
static const char *extack_text(const struct nlmsghdr *nlh, size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	mnl_attr_for_each(attr, nlh, offset) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			return NULL;
		return mnl_attr_get_str(attr);
	}
	return NULL;
}

static int report(int error, const char *text)
{
	if (error && error == nl.quiet)
		return MNL_CB_ERROR;
	fflush(stdout);
	if (text)
		fprintf(stderr, "%s: %s\n", error ? "Error" : "Warning", text);
	else if (error)
		fprintf(stderr, "toy: %s\n", strerror(error));
	return error ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*err);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		errno = EBADMSG;
		return report(errno, NULL);
	}
	/* Unless capped, the rest of the request comes before the text. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    err->msg.nlmsg_len > sizeof(err->msg))
		offset += MNL_ALIGN(err->msg.nlmsg_len - sizeof(err->msg));
	errno = abs(err->error);
	return report(errno, extack_text(nlh, offset));
}

static int on_done(const struct nlmsghdr *nlh, void *data)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error))
		return MNL_CB_STOP;
	errno = abs(*error);
	return report(errno, extack_text(nlh, sizeof(*error)));
}

/* libmnl ends a dump at this flag; a torn list is better than half a list. */
static void note_torn(int len)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl.rx;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			nl.torn = true;
		nlh->nlmsg_flags &= ~NLM_F_DUMP_INTR;
	}
}

/* Reads answers to request nl.seq until the last; 0 or negative errno. */
static int receive(mnl_cb_t reply, void *data)
{
	static const mnl_cb_t control[NLMSG_MIN_TYPE] = {
		[NLMSG_ERROR] = on_error,
		[NLMSG_DONE] = on_done,
	};
	unsigned int portid = mnl_socket_get_portid(nl.sock);
	int ret;

	do {
		ret = mnl_socket_recvfrom(nl.sock, nl.rx, sizeof(nl.rx));
		if (ret < 0 && errno == EINTR) {
			ret = MNL_CB_OK;
			continue;
		}
		if (ret < 0)
			fatal("reading from netlink");
		note_torn(ret);
		errno = 0;
		ret = mnl_cb_run2(nl.rx, ret, nl.seq, portid, reply, data,
				  (mnl_cb_t *)control, ARRAY_SIZE(control));
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -(errno ? errno : EBADMSG) : 0;
}

static int talk(struct nlmsghdr *nlh, uint16_t family, mnl_cb_t reply,
		void *data)
{
	nlh->nlmsg_type = family;
	nlh->nlmsg_seq = ++nl.seq;
	if (mnl_socket_sendto(nl.sock, nlh, nlh->nlmsg_len) < 0)
		fatal("writing to netlink");
	return receive(reply, data);
}

/* ---- Requests --------------------------------------------------------- */

static struct nlmsghdr *new_message(void *buf, uint8_t cmd, uint8_t version,
				    uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

static void read_group(const struct nlattr *nest)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, nest) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == CTRL_ATTR_MCAST_GRP_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			name = mnl_attr_get_str(attr);
		if (type == CTRL_ATTR_MCAST_GRP_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			id = mnl_attr_get_u32(attr);
	}
	if (nl.group_name && !strcmp(name, nl.group_name))
		nl.group = id;
}

static int read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *group;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
			nl.family = mnl_attr_get_u16(attr);
		if (type == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				read_group(group);
	}
	return MNL_CB_OK;
}

void nl_open(void)
{
	char buf[256] __aligned(8);
	struct nlmsghdr *nlh;
	int one = 1;

	if (nl.sock)
		return;
	nl.sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl.sock || mnl_socket_bind(nl.sock, 0, MNL_SOCKET_AUTOPID) < 0)
		fatal("netlink socket");
	/* Kernels before these options explain less, nothing more. */
	mnl_socket_setsockopt(nl.sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl.sock, NETLINK_CAP_ACK, &one, sizeof(one));
	nl.seq = time(NULL);

	nlh = new_message(buf, CTRL_CMD_GETFAMILY, 1, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, TOY_GENL_NAME);
	nl.quiet = ENOENT;
	if (talk(nlh, GENL_ID_CTRL, read_family, NULL) == -ENOENT)
		fputs("toy: module af_toy is not loaded (modprobe af_toy)\n",
		      stderr);
	nl.quiet = 0;
	if (!nl.family)
		exit(EXIT_KERNEL);
}

struct nlmsghdr *nl_request(uint8_t cmd, uint16_t flags)
{
	static char buf[4096] __aligned(8);

	return new_message(buf, cmd, TOY_GENL_VERSION, flags);
}

void nl_put_addr(struct nlmsghdr *nlh, uint16_t type,
		 const struct in6_addr *addr)
{
	mnl_attr_put(nlh, type, sizeof(*addr), addr);
}

/* A command line is read before the first request asks for the module. */
int nl_talk(struct nlmsghdr *nlh, mnl_cb_t reply, void *data)
{
	nl_open();
	return talk(nlh, nl.family, reply, data);
}

int nl_talk_quiet(struct nlmsghdr *nlh, int quiet)
{
	int ret;

	nl.quiet = quiet;
	ret = nl_talk(nlh, NULL, NULL);
	nl.quiet = 0;
	return ret;
}

int nl_dump(struct nlmsghdr *nlh, mnl_cb_t reply, void *data)
{
	int ret;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nl.torn = false;
	ret = nl_talk(nlh, reply, data);
	if (nl.torn) {
		fflush(stdout);
		fputs("toy: things changed meanwhile, the list may be inconsistent\n",
		      stderr);
	}
	return ret;
}

int nl_show(struct nlmsghdr *nlh, mnl_cb_t reply, void *data)
{
	int ret;

	nl_open();
	fmt_list_begin(NULL);
	ret = nl_dump(nlh, reply, data);
	fmt_list_end();
	return ret ? EXIT_KERNEL : 0;
}

/* ---- Notifications ---------------------------------------------------- */

/* The controller announces that the family is gone: no event will follow. */
static int on_controller(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	if (nl_command(nlh) != CTRL_CMD_DELFAMILY)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U16) >= 0 &&
		    mnl_attr_get_u16(attr) == nl.family)
			return MNL_CB_STOP;
	return MNL_CB_OK;
}

static int on_event(const struct nlmsghdr *nlh, void *data)
{
	const mnl_cb_t *event = data;

	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return on_controller(nlh);
	if (nlh->nlmsg_type == nl.family)
		return (*event)(nlh, NULL);
	return MNL_CB_OK;
}

static void join(uint32_t group)
{
	if (mnl_socket_setsockopt(nl.sock, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0)
		fatal("joining a netlink group");
}

int nl_listen(const char *name, mnl_cb_t event)
{
	int ret = MNL_CB_OK;

	nl.group_name = name;
	nl_open();
	if (!nl.group) {
		fprintf(stderr, "toy: no netlink group \"%s\"\n", name);
		return EXIT_KERNEL;
	}
	join(GENL_ID_CTRL);
	join(nl.group);
	while (ret > MNL_CB_STOP) {
		ret = mnl_socket_recvfrom(nl.sock, nl.rx, sizeof(nl.rx));
		if (ret < 0 && errno == ENOBUFS)
			fputs("toy: too slow, notifications were lost\n",
			      stderr);
		if (ret < 0 && (errno == ENOBUFS || errno == EINTR)) {
			ret = MNL_CB_OK;
			continue;
		}
		if (ret < 0)
			fatal("reading from netlink");
		ret = mnl_cb_run(nl.rx, ret, 0, 0, on_event, &event);
	}
	fputs("toy: module af_toy was unloaded\n", stderr);
	return EXIT_KERNEL;
}
