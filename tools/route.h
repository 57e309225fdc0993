/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOY_ROUTE_H
#define TOY_ROUTE_H

#include "cli.h"

extern const struct word route_types[];

/* As route_print(), for the answer of a look-up. */
int route_print_path(const struct nlmsghdr *nlh, void *view);

#endif /* TOY_ROUTE_H */
