/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_PROTO_PING_H
#define _TOY_PROTO_PING_H

#include "../toy.h"

int toy_ping_net_init(struct toy_net *tn);
void toy_ping_net_exit(struct toy_net *tn);
int toy_ping_init(void);
void toy_ping_exit(void);

#endif /* _TOY_PROTO_PING_H */
