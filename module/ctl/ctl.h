/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the load ladder and the namespaces need of this room. It reads all
 * others; nobody calls it except through counters, tracepoints and events.
 */
#ifndef _TOY_CTL_CTL_H
#define _TOY_CTL_CTL_H

#include "../toy.h"

/* netns.c: the per-namespace ladder, run for every namespace there is. */
int toy_netns_init(void);
void toy_netns_exit(void);

/* genl.c: the generic netlink family, and with it the notifications. */
int toy_genl_init(void);
void toy_genl_exit(void);

/* diag.c: sock_diag. */
int toy_diag_init(void);
void toy_diag_exit(void);

/* stat.c */
int toy_stat_net_init(struct toy_net *tn);
void toy_stat_net_exit(struct toy_net *tn);
int toy_stat_proc_net_init(struct toy_net *tn);
void toy_stat_proc_net_exit(struct toy_net *tn);

const char *toy_stat_name(unsigned int which);
const char *toy_stat_help(unsigned int which);
u64 toy_stat_sum(const struct toy_net *tn, unsigned int which);

/* sysctl.c */
int toy_sysctl_net_init(struct toy_net *tn);
void toy_sysctl_net_exit(struct toy_net *tn);

#endif /* _TOY_CTL_CTL_H */
