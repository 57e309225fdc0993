/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_IID_H
#define _TOY_PROTO_IID_H

#include <linux/in6.h>
#include <linux/types.h>

#define TOY_IID_LEN	8

bool toy_iid_eui64(const u8 *lladdr, unsigned int len, u8 iid[TOY_IID_LEN]);
void toy_iid_stable(const struct in6_addr *secret,
		    const struct in6_addr *prefix, const u8 *lladdr,
		    unsigned int len, u8 tries, u8 iid[TOY_IID_LEN]);
bool toy_iid_reserved(const u8 iid[TOY_IID_LEN]);

#endif /* _TOY_PROTO_IID_H */
