/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * toy resolve: from names of types to numbers, and the records of an answer.
 */
#ifndef TOY_RESOLVE_H
#define TOY_RESOLVE_H

int rr_type(const char *name);		/* -1: unknown */

/* Prints the records of @type in the answer; returns how many. */
int rr_print(const unsigned char *msg, int len, int type);

#endif /* TOY_RESOLVE_H */
