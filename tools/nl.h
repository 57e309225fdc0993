/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way to the generic netlink family "toy": build a request, talk, dump,
 * listen, and read attributes that may be missing.
 */
#ifndef TOY_NL_H
#define TOY_NL_H

#include <libmnl/libmnl.h>
#include <netinet/in.h>
#include <stdint.h>

/**
 * struct nl_attr - what an attribute must look like
 * @type: of libmnl, MNL_TYPE_UNSPEC for an attribute nobody reads
 * @len: exact length of MNL_TYPE_BINARY; 0 for any
 */
struct nl_attr {
	enum mnl_attr_data_type	type;
	size_t			len;
};

#define NL_ADDR	{ .type = MNL_TYPE_BINARY, .len = sizeof(struct in6_addr) }

/* A request in a static buffer, valid until the next call.
 * @flags: beyond NLM_F_REQUEST | NLM_F_ACK.
 */
struct nlmsghdr *nl_request(uint8_t cmd, uint16_t flags);
void nl_put_addr(struct nlmsghdr *nlh, uint16_t type,
		 const struct in6_addr *addr);

/* Finds the family or exits; to be called before anything is printed. */
void nl_open(void);

/* Both return 0 or the negative errno that has been reported to the user. */
int nl_talk(struct nlmsghdr *nlh, mnl_cb_t reply, void *data);
int nl_dump(struct nlmsghdr *nlh, mnl_cb_t reply, void *data);

/* As nl_talk() without a report of @quiet. */
int nl_talk_quiet(struct nlmsghdr *nlh, int quiet);

/* A dump as a JSON list; returns the exit code. */
int nl_show(struct nlmsghdr *nlh, mnl_cb_t reply, void *data);

/* Follows group @name until the module goes away; returns the exit code. */
int nl_listen(const char *name, mnl_cb_t event);

/* @tb has @max + 1 slots; a malformed attribute leaves its slot empty. */
void nl_parse(const struct nlmsghdr *nlh, const struct nl_attr *policy,
	      unsigned int max, const struct nlattr **tb);
void nl_parse_nested(const struct nlattr *nest, const struct nl_attr *policy,
		     unsigned int max, const struct nlattr **tb);
int nl_command(const struct nlmsghdr *nlh);

const struct in6_addr *nl_addr(const struct nlattr *attr);
uint8_t nl_u8(const struct nlattr *attr);
uint16_t nl_u16(const struct nlattr *attr);
uint32_t nl_u32(const struct nlattr *attr);
uint64_t nl_u64(const struct nlattr *attr);
const char *nl_str(const struct nlattr *attr);

#endif /* TOY_NL_H */
