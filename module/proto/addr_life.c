// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lifetimes of addresses (RFC 4862 5.5.4).
 *
 *	preferred ---- preferred_until ----> deprecated ---- valid_until ----> gone
 *
 * A deprecated address still works, but is chosen as a source last (select.c).
 * One piece of work for each namespace sleeps until the next end of all; with
 * nothing but permanent addresses it does not run.
 */
#include <linux/rtnetlink.h>
#include <linux/timekeeping.h>

#include "../event.h"
#include "addr.h"

#define NEVER	S64_MAX

static time64_t end_of(u32 seconds, time64_t now)
{
	return seconds == TOY_ADDR_FOREVER ? 0 : now + seconds;
}

/**
 * toy_addr_life_left() - seconds until a time
 * @until: time of an address; 0 for never
 *
 * Context: any.
 * Return: seconds, or TOY_ADDR_FOREVER.
 */
u32 toy_addr_life_left(time64_t until)
{
	time64_t now = ktime_get_seconds();

	if (!until)
		return TOY_ADDR_FOREVER;
	return until > now ? until - now : 0;
}

static void life_arm(struct toy_addr_table *t, time64_t next, time64_t now)
{
	if (next == NEVER)
		return;
	mod_delayed_work(system_power_efficient_wq, &t->life,
			 msecs_to_jiffies(clamp_t(s64, next - now, 0, 3600) *
					  MSEC_PER_SEC));
}

static void deprecate(struct toy_addr *a, bool yes)
{
	u32 flags = a->flags & ~TOY_ADDR_F_DEPRECATED;

	if (yes)
		flags |= TOY_ADDR_F_DEPRECATED;
	if (flags == a->flags)
		return;
	WRITE_ONCE(a->flags, flags);
	toy_path_gen_bump(a->dev->tn);
	toy_event(a->dev->tn, TOY_EV_ADDR_SET, a);
}

/* What is due happens; returns the time of what is next. RTNL. */
static time64_t life_step(struct toy_addr *a, time64_t now)
{
	time64_t valid = a->valid_until ?: NEVER;
	time64_t preferred = a->preferred_until ?: NEVER;

	if (valid <= now) {
		toy_addr_remove(a);
		return NEVER;
	}
	deprecate(a, preferred <= now);
	return preferred <= now ? valid : min(valid, preferred);
}

/**
 * toy_addr_life_work() - what is due in a namespace
 * @work: toy_addr_table.life
 */
void toy_addr_life_work(struct work_struct *work)
{
	struct toy_addr_table *t = container_of(to_delayed_work(work),
						struct toy_addr_table, life);
	time64_t now = ktime_get_seconds(), next = NEVER;
	struct toy_addr *a, *tmp;

	rtnl_lock();
	list_for_each_entry_safe(a, tmp, &t->list, list)
		next = min(next, life_step(a, now));
	life_arm(t, next, now);
	rtnl_unlock();
}

/**
 * toy_addr_life_set() - give an address new lifetimes
 * @a: address
 * @valid: seconds from now, not 0, or TOY_ADDR_FOREVER
 * @preferred: the same, at most @valid; 0: deprecated from now on
 *
 * Context: RTNL.
 */
void toy_addr_life_set(struct toy_addr *a, u32 valid, u32 preferred)
{
	time64_t now = ktime_get_seconds();

	ASSERT_RTNL();
	WRITE_ONCE(a->valid_until, end_of(valid, now));
	WRITE_ONCE(a->preferred_until, end_of(preferred, now));
	deprecate(a, !preferred);
	/* It finds out by itself what is next. */
	if (a->valid_until || a->preferred_until)
		mod_delayed_work(system_power_efficient_wq,
				 &a->dev->tn->addrs->life, 0);
}
