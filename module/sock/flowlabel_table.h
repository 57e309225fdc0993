/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SOCK_FLOWLABEL_TABLE_H
#define _TOY_SOCK_FLOWLABEL_TABLE_H

#include <linux/in6.h>
#include <linux/pid.h>
#include <linux/timer.h>
#include <linux/uidgid.h>

#include "flowlabel.h"

#define FL_MAX		4096	/* leases of a namespace */
#define FL_MAX_SOCK	32	/* and of a socket */
#define FL_MIN_S	6	/* seconds that a lease lives at least */
#define FL_MAX_S	150	/* and at most without privilege */
#define FL_BUCKETS	256

/**
 * struct toy_fl_table - the leases of a namespace
 * @lock: guards all but @excl, and the times of the leases
 * @head: leases by label; read under RCU
 * @size: how many there are
 * @excl: leases because of which others must not use labels as they like
 * @timer: takes out what has lingered
 */
struct toy_fl_table {
	spinlock_t lock;	/* BH-safe */
	struct hlist_head head[FL_BUCKETS];
	unsigned int size;
	atomic_t excl;
	struct timer_list timer;
};

/**
 * struct toy_fl - a lease
 * @node: in its table
 * @label: the label, 20 bits
 * @users: sockets that have it; under the table's lock
 * @share: IPV6_FL_S_*
 * @dst: what the program said it was for
 * @pid: IPV6_FL_S_PROCESS: whose it is, with a reference
 * @uid: IPV6_FL_S_USER: whose it is
 * @exts: extension headers, or NULL
 * @linger: jiffies that it stays unused
 * @lastuse: when it was used last
 * @expires: when it may go, if nobody has it
 * @rcu: freed after a grace period
 */
struct toy_fl {
	struct hlist_node node;
	__be32 label;
	unsigned int users;
	u8 share;
	struct in6_addr dst;
	struct pid *pid;
	kuid_t uid;
	struct toy_ipv6_txexts *exts;
	unsigned long linger;
	unsigned long lastuse;
	unsigned long expires;
	struct rcu_head rcu;
};

unsigned long toy_fl_time(unsigned int s);
void toy_fl_extend(struct toy_fl *fl, unsigned long linger,
		   unsigned long expires);
struct toy_fl *toy_fl_find(struct toy_fl_table *t, __be32 label);
struct toy_fl *toy_fl_lease(struct toy_fl_table *t, struct toy_fl *want,
			    u16 flags, unsigned int mine);
void toy_fl_put(struct toy_fl_table *t, struct toy_fl *fl);
void toy_fl_free(struct toy_fl *fl);

#endif /* _TOY_SOCK_FLOWLABEL_TABLE_H */
