// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter programs of inet_diag.
 *
 * A program is a run of operations, each with its operand behind it. One that
 * holds goes on "yes" octets further, one that does not goes "no" octets
 * further; both only forwards, so that a program ends. Who arrives exactly at
 * the end is wanted; "no" may lead four octets beyond it, and who arrives there
 * is not.
 */
#include <linux/bitmap.h>
#include <linux/inet_diag.h>
#include <linux/inetdevice.h>
#include <net/ipv6.h>

#include "diag_filter.h"
#include "../toy.h"

#define TOY_DIAG_REJECT	4	/* octets beyond the end */

/* Octets of an operation with its operand, or 0 if it is unknown. */
static int toy_diag_op_len(u8 code)
{
	const int op = sizeof(struct inet_diag_bc_op);

	switch (code) {
	case INET_DIAG_BC_NOP:
	case INET_DIAG_BC_JMP:
	case INET_DIAG_BC_AUTO:
		return op;
	case INET_DIAG_BC_S_GE:
	case INET_DIAG_BC_S_LE:
	case INET_DIAG_BC_D_GE:
	case INET_DIAG_BC_D_LE:
	case INET_DIAG_BC_S_EQ:
	case INET_DIAG_BC_D_EQ:
		return 2 * op;
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		return op + sizeof(struct inet_diag_hostcond);
	case INET_DIAG_BC_DEV_COND:
		return op + sizeof(u32);
	case INET_DIAG_BC_MARK_COND:
		return op + sizeof(struct inet_diag_markcond);
	case INET_DIAG_BC_CGROUP_COND:
		return op + sizeof(u64);
	}
	return 0;
}

static int toy_diag_addr_len(u8 family)
{
	if (family == AF_INET)
		return sizeof(struct in_addr);
	if (family == AF_INET6 || family == toy_family)
		return sizeof(struct in6_addr);
	return family == AF_UNSPEC ? 0 : -EINVAL;
}

/* The operand of an operation whose fixed part is there; its address must be,
 * too. Returns the octets that the operation takes, or a negative errno.
 */
static int toy_diag_check_op(const struct inet_diag_bc_op *op, int len,
			     bool admin)
{
	const struct inet_diag_hostcond *cond = (const void *)(op + 1);
	int size = toy_diag_op_len(op->code), addr;

	if (!size || len < size)
		return -EINVAL;
	if (op->code == INET_DIAG_BC_MARK_COND && !admin)
		return -EPERM;
	if (op->code != INET_DIAG_BC_S_COND && op->code != INET_DIAG_BC_D_COND)
		return size;
	addr = toy_diag_addr_len(cond->family);
	if (addr < 0 || len < size + addr || cond->prefix_len > 8 * addr)
		return -EINVAL;
	return size + addr;
}

static bool toy_diag_step_ok(int step, int size, int left)
{
	return step >= size && step <= left + TOY_DIAG_REJECT && !(step & 3);
}

/* Each operation and where it goes on when it holds; marks where one starts. */
static int toy_diag_check_ops(const void *prog, int len, bool admin,
			      unsigned long *starts)
{
	const struct inet_diag_bc_op *op;
	int at, size;

	for (at = 0; at < len; at += op->yes) {
		op = prog + at;
		if (len - at < (int)sizeof(*op))
			return -EINVAL;
		size = toy_diag_check_op(op, len - at, admin);
		if (size < 0)
			return size;
		if (!toy_diag_step_ok(op->yes, size, len - at) ||
		    (op->code != INET_DIAG_BC_NOP &&
		     !toy_diag_step_ok(op->no, size, len - at)))
			return -EINVAL;
		__set_bit(at / 4, starts);
	}
	return at == len ? 0 : -EINVAL;
}

/* Where each goes on when it does not hold: at an operation, or at the end. */
static int toy_diag_check_jumps(const void *prog, int len,
				const unsigned long *starts)
{
	const struct inet_diag_bc_op *op;
	int at, to;

	for (at = 0; at < len; at += op->yes) {
		op = prog + at;
		to = at + op->no;
		if (op->code != INET_DIAG_BC_NOP && to < len &&
		    !test_bit(to / 4, starts))
			return -EINVAL;
	}
	return 0;
}

/**
 * toy_diag_filter_check() - may a program be run?
 * @prog: from a program
 * @len: its octets
 * @admin: its sender may see marks
 *
 * Context: process.
 * Return: 0, -EINVAL, -ENOMEM, or -EPERM when it asks for a mark that it may
 * not see.
 */
int toy_diag_filter_check(const void *prog, int len, bool admin)
{
	unsigned long *starts = bitmap_zalloc(len / 4 + 1, GFP_KERNEL);
	int err;

	if (!starts)
		return -ENOMEM;
	err = toy_diag_check_ops(prog, len, admin, starts) ?:
	      toy_diag_check_jumps(prog, len, starts);
	bitmap_free(starts);
	return err;
}

static bool toy_diag_host_matches(const struct inet_diag_hostcond *cond,
				  const struct in6_addr *addr, u16 port)
{
	if (cond->port != -1 && cond->port != port)
		return false;
	if (cond->family == AF_UNSPEC)
		return true;
	if (cond->family == AF_INET)
		return ipv6_addr_v4mapped(addr) &&
		       (!cond->prefix_len ||
			!((cond->addr[0] ^ addr->s6_addr32[3]) &
			  inet_make_mask(cond->prefix_len)));
	return ipv6_prefix_equal(addr, (const struct in6_addr *)cond->addr,
				 cond->prefix_len);
}

static bool toy_diag_op_holds(const struct inet_diag_bc_op *op,
			      const struct toy_diag_entry *e)
{
	const void *operand = op + 1;
	const struct inet_diag_markcond *mark = operand;
	u64 cgroup;

	switch (op->code) {
	case INET_DIAG_BC_S_GE:
		return e->lport >= op[1].no;
	case INET_DIAG_BC_S_LE:
		return e->lport <= op[1].no;
	case INET_DIAG_BC_S_EQ:
		return e->lport == op[1].no;
	case INET_DIAG_BC_D_GE:
		return e->rport >= op[1].no;
	case INET_DIAG_BC_D_LE:
		return e->rport <= op[1].no;
	case INET_DIAG_BC_D_EQ:
		return e->rport == op[1].no;
	case INET_DIAG_BC_AUTO:
		return e->port_chosen;
	case INET_DIAG_BC_S_COND:
		return toy_diag_host_matches(operand, e->laddr, e->lport);
	case INET_DIAG_BC_D_COND:
		return toy_diag_host_matches(operand, e->raddr, e->rport);
	case INET_DIAG_BC_DEV_COND:
		return e->ifindex == *(const u32 *)operand;
	case INET_DIAG_BC_MARK_COND:
		return (e->mark & mark->mask) == mark->mark;
	case INET_DIAG_BC_CGROUP_COND:
		/* It stands at a multiple of four. */
		memcpy(&cgroup, operand, sizeof(cgroup));
		return e->cgroup == cgroup;
	case INET_DIAG_BC_NOP:
		return true;
	}
	return false;		/* INET_DIAG_BC_JMP */
}

/**
 * toy_diag_filter_run() - is this one wanted?
 * @prog: program that toy_diag_filter_check() has found good
 * @len: its octets; 0 lets everything pass
 * @e: socket or connection
 *
 * Return: true if it is.
 */
bool toy_diag_filter_run(const void *prog, int len,
			 const struct toy_diag_entry *e)
{
	const struct inet_diag_bc_op *op;
	int at = 0;

	while (at < len) {
		op = prog + at;
		at += toy_diag_op_holds(op, e) ? op->yes : op->no;
	}
	return at == len;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "diag_filter_test.c"
#endif
