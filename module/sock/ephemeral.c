// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port 0 asks for any port: an ephemeral one (RFC 6056).
 *
 * The first free port from a random start, which the xarray finds in logarithmic
 * time; only when none is free, one that its owners would share (port.c).
 */
#include <linux/random.h>

#include "lookup.h"

/**
 * toy_port_reserved() - is a port kept from those who take any?
 * @tn: namespace
 * @num: port
 *
 * Return: true when it is in net.toy.ip_local_reserved_ports.
 */
bool toy_port_reserved(const struct toy_net *tn, u16 num)
{
	return tn->sysctl.ip_local_reserved_ports &&
	       test_bit(num, tn->sysctl.ip_local_reserved_ports);
}

/* Lock held: put @fresh under a free number in a range. */
static int toy_port_alloc(struct toy_ports *p, struct toy_port *fresh,
			  u32 low, u32 high)
{
	int err;
	u32 num;

	while (low <= high) {
		err = __xa_alloc(&p->ports, &num, fresh, XA_LIMIT(low, high),
				 GFP_ATOMIC);
		if (err)
			return err;
		if (!toy_port_reserved(p->tn, num)) {
			fresh->num = num;
			return 0;
		}
		__xa_erase(&p->ports, num);
		low = num + 1;
	}
	return -EBUSY;
}

/* Lock held: no port is free; is there one whose owners would share it? */
static struct toy_port *toy_port_share(struct toy_ports *p, struct sock *sk,
				       u32 low, u32 high)
{
	struct toy_port *port;
	unsigned long num;

	xa_for_each_range(&p->ports, num, port, low, high)
		if (!toy_port_reserved(p->tn, num) &&
		    !toy_port_conflict(port, sk))
			return port;
	return NULL;
}

/**
 * toy_port_any() - take a port that nobody has
 * @p: tables, locked
 * @fresh: the object for it
 * @start: where to begin to look, between @low and @high
 * @low: first port of the range
 * @high: last port of the range
 *
 * RFC 6056 3.3.1, with the xarray for the loop.
 * Return: @fresh, or an ERR_PTR: -EBUSY when all are taken, -ENOMEM.
 */
struct toy_port *toy_port_any(struct toy_ports *p, struct toy_port *fresh,
			      u32 start, u32 low, u32 high)
{
	int err = toy_port_alloc(p, fresh, start, high);

	if (err == -EBUSY)
		err = toy_port_alloc(p, fresh, low, start);
	return err ? ERR_PTR(err) : fresh;
}

/**
 * toy_sock_local_ports() - from where to take an ephemeral port
 * @sk: socket
 * @low: first port
 * @high: last port
 *
 * IP_LOCAL_PORT_RANGE narrows net.toy.ip_local_port_range where the two
 * overlap. Context: any.
 */
void toy_sock_local_ports(const struct sock *sk, u32 *low, u32 *high)
{
	const struct toy_sock_rare *rare = READ_ONCE(toy_sk(sk)->rare);
	const struct toy_net *tn = toy_sock_net(sk);
	u32 lo, hi;

	*low = READ_ONCE(tn->sysctl.ip_local_port_range[0]);
	*high = READ_ONCE(tn->sysctl.ip_local_port_range[1]);
	if (likely(!rare))
		return;
	lo = READ_ONCE(rare->local_ports);
	hi = lo >> 16;
	lo &= 0xffff;
	if (lo >= *low && lo <= *high)
		*low = lo;
	if (hi >= *low && hi <= *high)
		*high = hi;
}

/**
 * toy_port_choose() - choose an ephemeral port
 * @p: tables, locked
 * @sk: for whom
 * @fresh: an object for it; NULL afterwards if it was used
 *
 * Return: port that @sk may join, or an ERR_PTR: -EADDRINUSE, -ENOMEM.
 */
struct toy_port *toy_port_choose(struct toy_ports *p, struct sock *sk,
				 struct toy_port **fresh)
{
	struct toy_port *port;
	u32 low, high, start;

	toy_sock_local_ports(sk, &low, &high);
	start = low + reciprocal_scale(get_random_u32(), high - low + 1);
	port = toy_port_any(p, *fresh, start, low, high);
	if (!IS_ERR(port)) {
		*fresh = NULL;
		return port;
	}
	if (PTR_ERR(port) != -EBUSY)
		return port;

	port = toy_port_share(p, sk, start, high);
	if (!port)
		port = toy_port_share(p, sk, low, start);
	return port ?: ERR_PTR(-EADDRINUSE);
}
