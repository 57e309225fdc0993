/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_SELECT_H
#define _TOY_PROTO_SELECT_H

#include "addr.h"

/**
 * struct toy_select - what a source address is wanted for
 * @dev: device that sends
 * @daddr: destination, or the gateway to it
 * @scope: widest scope that the destination needs: enum toy_scope
 */
struct toy_select {
	const struct toy_dev *dev;
	struct in6_addr daddr;
	u8 scope;
};

u64 toy_select_score(const struct toy_addr *a, const struct toy_select *q);

#endif /* _TOY_PROTO_SELECT_H */
