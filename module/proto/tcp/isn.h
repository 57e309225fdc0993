/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_ISN_H
#define _TOY_TCP_ISN_H

#include <linux/in6.h>
#include <linux/types.h>

/* Both ends as the local host sees them; ports in host byte order. @scope is
 * the device of a link-local peer, who is another one on each link; else 0.
 */
struct toy_tuple4 {
	struct in6_addr laddr;
	struct in6_addr raddr;
	u16 lport;
	u16 rport;
	int scope;
};

/* RFC 6528: ISN = M + F(ends, secret); M: a clock of 4 us (as RFC 9293 3.4.1). */
u32 toy_isn(const struct toy_tuple4 *t, u64 now_us);
/* RFC 7323 7.1: per pair of hosts, so that TIME_WAIT can be reused (RFC 6191). */
u32 toy_ts_offset(const struct in6_addr *laddr, const struct in6_addr *raddr);
/* RFC 6056 3.3.3: offset of the search for an ephemeral port. */
u32 toy_port_offset(const struct in6_addr *laddr, const struct in6_addr *raddr,
		    u16 rport);

#endif
