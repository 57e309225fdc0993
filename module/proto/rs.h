/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_RS_H
#define _TOY_PROTO_RS_H

#include <linux/types.h>

unsigned long toy_rs_next(unsigned long last, unsigned long first,
			  unsigned long max, u32 rnd);

#endif /* _TOY_PROTO_RS_H */
