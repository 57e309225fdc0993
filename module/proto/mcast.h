/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_MCAST_H
#define _TOY_PROTO_MCAST_H

#include "../napi/dev.h"

int toy_mcast_join(struct toy_dev *dev, const struct in6_addr *group);
void toy_mcast_leave(struct toy_dev *dev, const struct in6_addr *group);

#endif /* _TOY_PROTO_MCAST_H */
