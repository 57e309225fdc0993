// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of received messages: an attribute may be missing (an older
 * module) or have a size nobody expects (a newer one). Both read as zero.
 */
#include <linux/genetlink.h>
#include <string.h>

#include "nl.h"

static int valid(const struct nlattr *attr, const struct nl_attr *policy)
{
	if (policy->type == MNL_TYPE_UNSPEC)
		return 0;
	if (policy->len)
		return mnl_attr_get_payload_len(attr) == policy->len;
	return mnl_attr_validate(attr, policy->type) >= 0;
}

void nl_parse(const struct nlmsghdr *nlh, const struct nl_attr *policy,
	      unsigned int max, const struct nlattr **tb)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type <= max && valid(attr, &policy[type]))
			tb[type] = attr;
	}
}

void nl_parse_nested(const struct nlattr *nest, const struct nl_attr *policy,
		     unsigned int max, const struct nlattr **tb)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type <= max && valid(attr, &policy[type]))
			tb[type] = attr;
	}
}

int nl_command(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -1;
	return genl->cmd;
}

const struct in6_addr *nl_addr(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_payload(attr) : NULL;
}

uint8_t nl_u8(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u8(attr) : 0;
}

uint16_t nl_u16(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u16(attr) : 0;
}

uint32_t nl_u32(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

uint64_t nl_u64(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u64(attr) : 0;
}

const char *nl_str(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "";
}
