// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.toy.*: the knobs of a network namespace.
 *
 * A row of toy_knobs[] is a knob: its name, its place in struct toy_sysctl,
 * what it starts with and what it may be set to. Names and defaults are those
 * of net.ipv4.* where there is a twin; times are in milliseconds. Each
 * namespace has its own table, made from the rows, and its administrator may
 * write it (the core grants that to CAP_NET_ADMIN in the owning user
 * namespace).
 *
 * Knobs that are more than one number between two limits:
 *
 *	ip_local_port_range		low <= high, above the privileged ports
 *	ip_unprivileged_port_start	not above the start of that range
 *	ip_local_reserved_ports		a list of ports and ranges
 *	stable_secret			128 bits, as an IPv6 address
 *	ping_group_range		two gids as the writer's user namespace
 *	socket_group_range		counts them, kept as the kernel's own;
 *					low > high is nobody: "1 0"
 */
#include <linux/bitmap.h>
#include <linux/inet.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "ctl.h"
#include "../proto/forward.h"
#include "../proto/frag.h"
#include "../proto/mcast.h"
#include "../proto/ra.h"
#include "../proto/tcp/fastopen.h"
#include "../proto/tcp/tcp.h"

#define TOY_PORTS	65536
#define TOY_CC_NAMES	256	/* bytes of names of congestion controls */

/* For knobs that are checked against each other, and for pairs. */
static DEFINE_MUTEX(toy_sysctl_mutex);

struct toy_knob {
	const char *name;
	proc_handler *handler;
	size_t offset;		/* in struct toy_sysctl */
	int maxlen;
	int initial[3];
	int min;
	int max;
};

/* ---- checks of pairs ------------------------------------------------- */

/* High above low, and nothing of it privileged. */
static bool toy_port_range_ok(int low, int high, int unprivileged)
{
	return low <= high && low >= unprivileged;
}

/* Two gids of @ns in the kernel's numbers; -EINVAL when one has no meaning. */
static int toy_gid_range(struct user_namespace *ns, const unsigned long *gids,
			 int *range)
{
	kgid_t low = make_kgid(ns, gids[0]);
	kgid_t high = make_kgid(ns, gids[1]);

	if (!gid_valid(low) || !gid_valid(high))
		return -EINVAL;
	/* Two ways to be empty: as written, or as the namespace maps it. */
	if (gids[1] < gids[0] || gid_lt(high, low)) {
		low = KGIDT_INIT(1);
		high = KGIDT_INIT(0);
	}
	range[0] = (int)__kgid_val(low);
	range[1] = (int)__kgid_val(high);
	return 0;
}

static void toy_pair_set(int *data, const int *pair)
{
	WRITE_ONCE(data[0], pair[0]);
	WRITE_ONCE(data[1], pair[1]);
}

/* ---- handlers -------------------------------------------------------- */

static struct toy_sysctl *toy_sysctl_of(TOY_CTL_CONST struct ctl_table *table,
					size_t offset)
{
	return (struct toy_sysctl *)((char *)table->data - offset);
}

static int toy_do_port_range(TOY_CTL_CONST struct ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos)
{
	struct toy_sysctl *s;
	int *data = table->data;
	int range[2];
	struct ctl_table tmp = {
		.data = range,
		.maxlen = sizeof(range),
		.mode = table->mode,
		.extra1 = table->extra1,
		.extra2 = table->extra2,
	};
	int err;

	s = toy_sysctl_of(table,
			  offsetof(struct toy_sysctl, ip_local_port_range));
	mutex_lock(&toy_sysctl_mutex);
	range[0] = data[0];
	range[1] = data[1];
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (write && !err) {
		if (toy_port_range_ok(range[0], range[1],
				      s->ip_unprivileged_port_start))
			toy_pair_set(data, range);
		else
			err = -EINVAL;
	}
	mutex_unlock(&toy_sysctl_mutex);
	return err;
}

static int toy_do_unprivileged(TOY_CTL_CONST struct ctl_table *table, int write,
			       void *buffer, size_t *lenp, loff_t *ppos)
{
	struct toy_sysctl *s;
	int *data = table->data;
	int start;
	struct ctl_table tmp = {
		.data = &start,
		.maxlen = sizeof(start),
		.mode = table->mode,
		.extra1 = table->extra1,
		.extra2 = table->extra2,
	};
	int err;

	s = toy_sysctl_of(table, offsetof(struct toy_sysctl,
					  ip_unprivileged_port_start));
	mutex_lock(&toy_sysctl_mutex);
	start = *data;
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (write && !err) {
		if (toy_port_range_ok(s->ip_local_port_range[0],
				      s->ip_local_port_range[1], start))
			WRITE_ONCE(*data, start);
		else
			err = -EINVAL;
	}
	mutex_unlock(&toy_sysctl_mutex);
	return err;
}

static int toy_do_group_range(TOY_CTL_CONST struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	/* proc_doulongvec_minmax() has its limits as unsigned long. */
	static unsigned long gid_min, gid_max = INT_MAX;
	struct user_namespace *ns = current_user_ns();
	int *data = table->data;
	unsigned long gids[2];
	struct ctl_table tmp = {
		.data = gids,
		.maxlen = sizeof(gids),
		.mode = table->mode,
		.extra1 = &gid_min,
		.extra2 = &gid_max,
	};
	int range[2];
	int err;

	mutex_lock(&toy_sysctl_mutex);
	gids[0] = from_kgid_munged(ns, KGIDT_INIT(data[0]));
	gids[1] = from_kgid_munged(ns, KGIDT_INIT(data[1]));
	err = proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (write && !err)
		err = toy_gid_range(ns, gids, range);
	if (write && !err)
		toy_pair_set(data, range);
	mutex_unlock(&toy_sysctl_mutex);
	return err;
}

/* One that turns forwarding on: devices must stop to join packets, and who routes
 * IPv6 is a router to its neighbours (nd.h).
 */
static int toy_do_forward(TOY_CTL_CONST struct ctl_table *table, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	const struct toy_knob *knob = container_of(table->extra1,
						   struct toy_knob, min);
	struct toy_sysctl *s = toy_sysctl_of(table, knob->offset);
	struct toy_net *tn = container_of(s, struct toy_net, sysctl);
	const int *data = table->data;
	int old = READ_ONCE(*data);
	int err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (write && !err && READ_ONCE(*data) != old) {
		rtnl_lock();
		if (*data)
			toy_forward_disable_lro(tn);
		if (data == &s->ip6_forwarding) {
			toy_mcast_router_now(tn, *data);
			if (*data)
				toy_ra_router_now(tn);
		}
		toy_path_gen_bump(tn);
		rtnl_unlock();
	}
	return err;
}

/* RFC 7217: 128 bits, written as an IPv6 address as Linux has it. */
static int toy_do_secret(TOY_CTL_CONST struct ctl_table *table, int write,
			 void *buffer, size_t *lenp, loff_t *ppos)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct in6_addr *secret = table->data, new;
	struct ctl_table tmp = {
		.data = text,
		.maxlen = sizeof(text),
	};
	int err;

	mutex_lock(&toy_sysctl_mutex);
	snprintf(text, sizeof(text), "%pI6", secret);
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (write && !err) {
		if (in6_pton(text, -1, new.s6_addr, -1, NULL) == 1)
			*secret = new;
		else
			err = -EINVAL;
	}
	mutex_unlock(&toy_sysctl_mutex);
	return err;
}

/* Data of such a knob is the start of struct toy_sysctl. */
static struct toy_net *toy_sysctl_net(TOY_CTL_CONST struct ctl_table *table)
{
	return container_of((struct toy_sysctl *)table->data, struct toy_net,
			    sysctl);
}

/* RFC 7413: proto/tcp/fo_cookie.c reads and writes the keys. */
static int toy_do_fastopen_key(TOY_CTL_CONST struct ctl_table *table, int write,
			       void *buffer, size_t *lenp, loff_t *ppos)
{
	struct toy_net *tn = toy_sysctl_net(table);
	u8 key[TOY_FO_KEYS * TOY_FO_KEY_LEN] = {};
	char text[TOY_FO_KEY_TEXT + 1];
	struct ctl_table tmp = {
		.data = text,
		.maxlen = sizeof(text),
	};
	unsigned int n;
	int err;

	/* All zero while no listener has wanted one. */
	n = max_t(unsigned int, toy_fo_net_read_keys(tn, key), TOY_FO_KEY_LEN);
	toy_fo_keys_print(key, n / TOY_FO_KEY_LEN, text, sizeof(text));
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (write && !err) {
		err = toy_fo_keys_parse(strim(text), key);
		if (err > 0)
			err = toy_fo_net_set_keys(tn, key, err);
	}
	return err;
}

static int toy_do_congestion(TOY_CTL_CONST struct ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos)
{
	struct toy_net *tn = toy_sysctl_net(table);
	char name[TOY_CC_NAME_MAX] = "";
	const struct toy_cc_ops *cc;
	struct ctl_table tmp = {
		.data = name,
		.maxlen = sizeof(name),
	};
	int err;

	rcu_read_lock();
	cc = rcu_dereference(tn->tcp_cc);
	if (cc)
		strscpy(name, cc->name, sizeof(name));
	rcu_read_unlock();
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (write && !err)
		err = toy_tcp_set_default_cc(tn, name);
	return err;
}

static int toy_do_congestions(TOY_CTL_CONST struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	char names[TOY_CC_NAMES];
	struct ctl_table tmp = {
		.data = names,
		.maxlen = sizeof(names),
	};

	toy_cc_names(names, sizeof(names));
	return proc_dostring(&tmp, write, buffer, lenp, ppos);
}

/* Bytes that wait for fragments, of IPv4 and of IPv6: what the thresholds are
 * compared with.
 */
static int toy_do_frag_mem(TOY_CTL_CONST struct ctl_table *table, int write,
			   void *buffer, size_t *lenp, loff_t *ppos)
{
	struct toy_net *tn = toy_sysctl_net(table);
	unsigned long mem[2] = { toy_frag_mem(tn, 4), toy_frag_mem(tn, 6) };
	struct ctl_table tmp = {
		.data = mem,
		.maxlen = sizeof(mem),
	};

	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/* ---- the knobs ------------------------------------------------------- */

#define KNOB_ROW3(field, fn, first, second, third, low, high) {		\
	.name = #field,							\
	.handler = fn,							\
	.offset = offsetof(struct toy_sysctl, field),			\
	.maxlen = sizeof(((struct toy_sysctl *)0)->field),		\
	.initial = { first, second, third },				\
	.min = low,							\
	.max = high,							\
}

#define KNOB_ROW(field, fn, first, second, low, high) \
	KNOB_ROW3(field, fn, first, second, 0, low, high)
#define TRIPLE(field, first, second, third, low, high) \
	KNOB_ROW3(field, proc_dointvec_minmax, first, second, third, low, high)
#define KNOB(field, initial, low, high) \
	KNOB_ROW(field, proc_dointvec_minmax, initial, 0, low, high)
#define SWITCH(field, initial)	KNOB(field, initial, 0, 1)
#define GROUPS(field, low, high) \
	KNOB_ROW(field, toy_do_group_range, low, high, 0, 0)

/* An hour is long enough for any timer and far from overflow. */
#define HOUR_MS	(3600 * 1000)

static const struct toy_knob toy_knobs[] = {
	/*   name			 initial  lowest   highest */
	KNOB(dev_weight,		      64,      1,     65535),
	KNOB(max_backlog,		    1000,      1,   1000000),
	KNOB(ip_default_ttl,		      64,      1,       255),
	SWITCH(ip_nonlocal_bind,	       0),
	/* The kernel's IP_FRAG_TIME and IPV6_FRAG_TIMEOUT, in seconds. */
	KNOB(ipfrag_high_thresh,	 4 << 20,      0,   INT_MAX),
	KNOB(ipfrag_low_thresh,		 3 << 20,      0,   INT_MAX),
	KNOB(ipfrag_max_dist,		      64,      0,   INT_MAX),
	KNOB(ipfrag_time,		      30,      1,      3600),
	{
		.name = "ipfrag_mem",
		.handler = toy_do_frag_mem,
		.maxlen = 2 * sizeof(unsigned long),
	},
	KNOB(ip6frag_high_thresh,	 4 << 20,      0,   INT_MAX),
	KNOB(ip6frag_low_thresh,	 3 << 20,      0,   INT_MAX),
	KNOB(ip6frag_time,		      60,      1,      3600),
	SWITCH(icmp_echo_ignore_all,	       0),
	SWITCH(icmp_echo_ignore_broadcasts,    1),
	SWITCH(icmp6_echo_ignore_multicast,    0),
	KNOB(icmp_msgs_per_sec,		    1000,      0,   INT_MAX),
	KNOB(icmp_msgs_burst,		      50,      0,   INT_MAX),
	KNOB(icmp_ratelimit,		    1000,      0,   HOUR_MS),
	KNOB(igmp_max_memberships,	      20,      0,   INT_MAX),
	KNOB(igmp_max_msf,		      10,      0,      1024),
	KNOB(igmp_qrv,			       2,      1,         7),
	KNOB(mld_max_msf,		      64,      0,      1024),
	KNOB(mld_qrv,			       2,      1,         7),
	KNOB(mcast_max_groups,		    4096,      0,   1 << 20),
	KNOB(acd,			       1,      0,         2),
	/* RFC 4861, RFC 4862 */
	KNOB(accept_ra,			       1,      0,         2),
	SWITCH(accept_ra_defrtr,	       1),
	KNOB(accept_ra_min_hop_limit,	       1,      0,       255),
	SWITCH(accept_ra_mtu,		       1),
	SWITCH(accept_ra_pinfo,		       1),
	SWITCH(autoconf,		       1),
	KNOB(addr_gen_mode,		       2,      0,         2),
	KNOB(dad_transmits,		       1,      0,       255),
	KNOB(max_addresses,		      16,      0,      1024),
	SWITCH(optimistic_dad,		       1),
	KNOB(ra_max_dns,		       8,      0,      1024),
	KNOB(ra_max_prefixes,		      32,      0,      1024),
	KNOB(ra_max_routers,		       8,      0,      1024),
	KNOB(router_solicitation_delay,	       1,      0,      3600),
	KNOB(router_solicitation_interval,     4,      1,      3600),
	KNOB(router_solicitation_max_interval, 3600,   1,     86400),
	KNOB(router_solicitations,	      -1,     -1,       255),
	{
		.name = "stable_secret",
		.handler = toy_do_secret,
		.offset = offsetof(struct toy_sysctl, stable_secret),
		.maxlen = INET6_ADDRSTRLEN,
	},
	KNOB(neigh_gc_thresh,		    1024,      1,   1 << 20),
	KNOB(neigh_gc_stale_ms,		   60000,   1000, 24 * HOUR_MS),
	KNOB(neigh_base_reachable_ms,	   30000,    100,   HOUR_MS),
	KNOB(neigh_retrans_ms,		    1000,     10,   HOUR_MS),
	KNOB(neigh_delay_probe_ms,	    5000,      0,   HOUR_MS),
	KNOB(neigh_ucast_probes,	       3,      0,       100),
	KNOB(neigh_mcast_probes,	       3,      0,       100),
	KNOB(neigh_unres_qlen,		     101,      0,     10000),
	KNOB_ROW(ip_local_port_range, toy_do_port_range,
		 32768, 60999, 1, TOY_PORTS - 1),
	KNOB_ROW(ip_unprivileged_port_start, toy_do_unprivileged,
		 1024, 0, 0, TOY_PORTS - 1),
	GROUPS(ping_group_range,	       1,	 0),	/* nobody */
	GROUPS(socket_group_range,	       0,  INT_MAX),	/* everybody */
	SWITCH(ip_no_pmtu_disc,		       0),
	/* routing */
	KNOB_ROW(ip_forward, toy_do_forward,   0, 0, 0, 1),
	KNOB_ROW(ip6_forwarding, toy_do_forward, 0, 0, 0, 1),
	KNOB(rp_filter,			       0,      0,         2),
	SWITCH(accept_redirects,	       1),
	SWITCH(secure_redirects,	       0),
	SWITCH(send_redirects,		       1),
	KNOB(min_pmtu,			     552,     68,     65535),
	KNOB(mtu_expires,		     600,      1,     86400),
	SWITCH(fib_multipath_hash_policy,      0),
	KNOB(route_max_learnt,		     256,      0,     65536),
	KNOB(auto_flowlabels,		       1,      0,         3),
	/* tcp(7) */
	SWITCH(tcp_abort_on_overflow,	       0),
	KNOB(tcp_adv_win_scale,		       1,    -31,        31),
	SWITCH(tcp_autocorking,		       1),
	KNOB(tcp_challenge_ack_limit,	 INT_MAX,      1,   INT_MAX),
	KNOB(tcp_delack_max_ms,		     200,      1,   HOUR_MS),
	KNOB(tcp_delack_min_ms,		      40,      1,   HOUR_MS),
	SWITCH(tcp_dsack,		       1),
	KNOB(tcp_early_retrans,		       3,      0,         4),
	KNOB(tcp_ecn,			       2,      0,         2),
	SWITCH(tcp_ecn_fallback,	       1),
	KNOB(tcp_fastopen,		       1,      0,   INT_MAX),
	KNOB(tcp_fin_timeout,		      60,      0,      3600),
	KNOB(tcp_frto,			       2,      0,         2),
	KNOB(tcp_invalid_ratelimit,	     500,      0,   HOUR_MS),
	KNOB(tcp_keepalive_intvl,	      75,      1,     32767),
	KNOB(tcp_keepalive_probes,	       9,      1,       127),
	KNOB(tcp_keepalive_time,	    7200,      1,     32767),
	KNOB(tcp_limit_output_bytes,	 4 << 20,   4096,   INT_MAX),
	KNOB(tcp_max_orphans,		   16384,      0,   INT_MAX),
	KNOB(tcp_max_reordering,	     300,      1,     65535),
	KNOB(tcp_max_syn_backlog,	    1024,      1,   INT_MAX),
	KNOB(tcp_max_tw_buckets,	   65536,      0,   INT_MAX),
	KNOB(tcp_min_snd_mss,		      48,     48,     65535),
	KNOB(tcp_min_tso_segs,		       2,      1,       255),
	SWITCH(tcp_moderate_rcvbuf,	       1),
	KNOB(tcp_notsent_lowat,		      -1, INT_MIN,  INT_MAX),
	KNOB(tcp_orphan_retries,	       0,      0,       255),
	KNOB(tcp_recovery,		       1,      0,         7),
	KNOB(tcp_reordering,		       3,      1,       127),
	SWITCH(tcp_retrans_collapse,	       1),
	KNOB(tcp_retries1,		       3,      0,       255),
	KNOB(tcp_retries2,		      15,      0,       255),
	SWITCH(tcp_rfc1337,		       0),
	TRIPLE(tcp_rmem, 4096, 131072, 6291456,	       1,   INT_MAX),
	SWITCH(tcp_sack,		       1),
	SWITCH(tcp_slow_start_after_idle,      1),
	SWITCH(tcp_stdurg,		       0),
	KNOB(tcp_syn_linear_timeouts,	       4,      0,       127),
	KNOB(tcp_syn_retries,		       6,      1,       127),
	KNOB(tcp_synack_retries,	       5,      0,       255),
	KNOB(tcp_syncookies,		       1,      0,         2),
	KNOB(tcp_timestamps,		       1,      0,         2),
	KNOB(tcp_tw_reuse,		       2,      0,         2),
	SWITCH(tcp_window_scaling,	       1),
	TRIPLE(tcp_wmem, 4096, 16384, 4194304,	       1,   INT_MAX),
	{
		.name = "tcp_fastopen_key",
		.handler = toy_do_fastopen_key,
		.maxlen = TOY_FO_KEY_TEXT,
	},
	/* No numbers: shown and set by proto/tcp/cc.c's names. */
	{
		.name = "tcp_congestion_control",
		.handler = toy_do_congestion,
		.maxlen = TOY_CC_NAME_MAX,
	},
	{
		.name = "tcp_available_congestion_control",
		.handler = toy_do_congestions,
		.maxlen = TOY_CC_NAMES,
	},
	/* Its length is in bits, its start is the empty bitmap. */
	{
		.name = "ip_local_reserved_ports",
		.handler = proc_do_large_bitmap,
		.offset = offsetof(struct toy_sysctl, ip_local_reserved_ports),
		.maxlen = TOY_PORTS,
	},
};

/* What is only to be read. */
static bool toy_knob_is_fixed(const struct toy_knob *knob)
{
	return knob->handler == toy_do_congestions ||
	       knob->handler == toy_do_frag_mem;
}

/* These have no place in struct toy_sysctl. */
static bool toy_knob_is_elsewhere(const struct toy_knob *knob)
{
	return knob->handler == toy_do_congestion ||
	       knob->handler == toy_do_fastopen_key || toy_knob_is_fixed(knob);
}

static void toy_knob_start(const struct toy_knob *knob, struct toy_sysctl *s)
{
	if (knob->handler == proc_do_large_bitmap || toy_knob_is_elsewhere(knob))
		return;
	if (knob->handler == toy_do_secret) {
		get_random_bytes(&s->stable_secret, sizeof(s->stable_secret));
		return;
	}
	memcpy((char *)s + knob->offset, knob->initial, knob->maxlen);
}

static void toy_knob_entry(const struct toy_knob *knob, struct toy_sysctl *s,
			   struct ctl_table *entry)
{
	entry->procname = knob->name;
	entry->data = (char *)s + knob->offset;
	entry->maxlen = knob->maxlen;
	entry->mode = toy_knob_is_fixed(knob) ? 0444 :
		      knob->handler == toy_do_secret ||
		      knob->handler == toy_do_fastopen_key ? 0600 : 0644;
	entry->proc_handler = knob->handler;
	entry->extra1 = (void *)&knob->min;
	entry->extra2 = (void *)&knob->max;
}

/**
 * toy_sysctl_net_init() - set the knobs of a new namespace and show them
 * @tn: network namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_sysctl_net_init(struct toy_net *tn)
{
	const unsigned int n = ARRAY_SIZE(toy_knobs);
	unsigned int i;

	tn->sysctl.ip_local_reserved_ports =
		bitmap_zalloc(TOY_PORTS, GFP_KERNEL_ACCOUNT);
	/* One more: older kernels look for an empty entry at the end. */
	tn->sysctl_table = kcalloc(n + 1, sizeof(*tn->sysctl_table),
				   GFP_KERNEL_ACCOUNT);
	if (!tn->sysctl.ip_local_reserved_ports || !tn->sysctl_table)
		goto free;

	for (i = 0; i < n; i++) {
		toy_knob_start(&toy_knobs[i], &tn->sysctl);
		toy_knob_entry(&toy_knobs[i], &tn->sysctl,
			       &tn->sysctl_table[i]);
	}
	tn->sysctl_header = toy_register_net_sysctl(tn->net, "net/toy",
						    tn->sysctl_table, n);
	if (tn->sysctl_header || !IS_ENABLED(CONFIG_SYSCTL))
		return 0;

free:
	kfree(tn->sysctl_table);
	bitmap_free(tn->sysctl.ip_local_reserved_ports);
	return -ENOMEM;
}

/**
 * toy_sysctl_net_exit() - take the knobs of a namespace away
 * @tn: network namespace
 *
 * Waits for handlers that are under way.
 */
void toy_sysctl_net_exit(struct toy_net *tn)
{
	unregister_net_sysctl_table(tn->sysctl_header);
	kfree(tn->sysctl_table);
	bitmap_free(tn->sysctl.ip_local_reserved_ports);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "sysctl_test.c"
#endif
