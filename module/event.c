// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chain by which lower rooms announce changes without knowing who listens.
 *
 * Atomic, because a neighbour changes its state in a timer or in softirq.
 */
#include "event.h"

static ATOMIC_NOTIFIER_HEAD(toy_event_chain);

unsigned int toy_event_sock_group;

/**
 * toy_event() - announce that an object has changed or goes away
 * @tn: network namespace of the object
 * @what: what has happened
 * @object: of the type that @what names; borrowed for the call
 *
 * Context: any. The object's own lock may be held; listeners take none of
 * the stack's locks.
 */
void toy_event(struct toy_net *tn, enum toy_event what, const void *object)
{
	struct toy_event_info info = { .tn = tn, .object = object };

	atomic_notifier_call_chain(&toy_event_chain, what, &info);
}

/**
 * toy_event_register() - start to listen
 * @nb: called with an enum toy_event and a struct toy_event_info, in any
 *	context, so it must not sleep
 *
 * Return: 0 or a negative errno.
 */
int toy_event_register(struct notifier_block *nb)
{
	return atomic_notifier_chain_register(&toy_event_chain, nb);
}

/**
 * toy_event_unregister() - stop to listen; waits for calls that are under way
 * @nb: what was registered
 *
 * Context: process.
 */
void toy_event_unregister(struct notifier_block *nb)
{
	atomic_notifier_chain_unregister(&toy_event_chain, nb);
}
