/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel side for tests: the messages (fakedata.c) and their way. */
#ifndef TOY_FAKENL_H
#define TOY_FAKENL_H

#include <stdint.h>

struct nlmsghdr;

int fake_is(const char *mode);
struct nlmsghdr *fake_begin(uint8_t cmd);
void fake_end(struct nlmsghdr *nlh);

void fake_dump(uint8_t cmd);
void fake_route_reply(void);
void fake_events(void);

#endif /* TOY_FAKENL_H */
