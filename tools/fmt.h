/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output: every value is named once and printed as JSON or as plain text.
 *
 * Each call takes the JSON key and a printf format for plain text. A NULL key
 * writes an array element, a NULL format writes nothing in plain text.
 */
#ifndef TOY_FMT_H
#define TOY_FMT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifndef __printf
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#endif

#define FMT_ADDR_SIZE	64	/* an address, a prefix or address%device */
#define FMT_LLADDR_SIZE	(3 * 32)
#define FMT_DEV_SIZE	16

void fmt_json(bool json);
FILE *fmt_output(FILE *out);	/* returns the one before */

void fmt_list_begin(const char *key);
void fmt_list_end(void);
void fmt_begin(const char *key);
void fmt_end(void);

void fmt_str(const char *key, const char *format, const char *value);
void fmt_num(const char *key, const char *format, unsigned long long value);
void fmt_int(const char *key, const char *format, int value);
void fmt_real(const char *key, const char *format, double value);
void fmt_flag(const char *key, const char *text);	/* true */
void __printf(1, 2) fmt_plain(const char *format, ...);

const char *fmt_addr(const struct in6_addr *addr, char *buf);
const char *fmt_prefix(const struct in6_addr *addr, unsigned int plen,
		       char *buf);
unsigned int fmt_plen(const struct in6_addr *addr, unsigned int plen);
bool fmt_is_host(unsigned int plen);
const char *fmt_family(const struct in6_addr *addr);
const char *fmt_lladdr(const uint8_t *lladdr, unsigned int len, char *buf);
const char *fmt_dev(unsigned int ifindex, char *buf);

#endif /* TOY_FMT_H */
