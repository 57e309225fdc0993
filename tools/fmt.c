// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output: one writer for JSON and plain text, and how addresses are spelt.
 *
 * The writer holds a stack of open arrays and objects. Bit n of `filled` tells
 * that level n has an element already, so the next one needs a comma.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>

#include "fmt.h"

static struct {
	FILE		*out;
	bool		json;
	unsigned int	depth;
	uint64_t	filled;
} fmt;

static FILE *out(void)
{
	return fmt.out ? fmt.out : stdout;
}

void fmt_json(bool json)
{
	fmt.json = json;
}

FILE *fmt_output(FILE *file)
{
	FILE *old = fmt.out;

	fmt.out = file;
	return old;
}

/* Length of the UTF-8 sequence that text starts with, 0 for none. */
static unsigned int utf8_len(const unsigned char *text)
{
	unsigned int len, i;

	if (text[0] < 0x80)
		return 1;
	if (text[0] >= 0xc2 && text[0] <= 0xdf)
		len = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		len = 3;
	else if (text[0] >= 0xf0 && text[0] <= 0xf4)
		len = 4;
	else
		return 0;
	for (i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void json_string(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned int len;

	putc('"', out());
	for (; *p; p += len ? len : 1) {
		len = utf8_len(p);
		if (!len)
			fputs("\\ufffd", out());
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out(), "\\u%04x", *p);
		else if (*p == '"' || *p == '\\')
			fprintf(out(), "\\%c", *p);
		else
			fwrite(p, 1, len, out());
	}
	putc('"', out());
}

static void json_key(const char *key)
{
	uint64_t level = UINT64_C(1) << fmt.depth;

	if (fmt.depth && fmt.filled & level)
		putc(',', out());
	fmt.filled |= level;
	if (key) {
		json_string(key);
		putc(':', out());
	}
}

static void json_open(const char *key, char bracket)
{
	if (!fmt.json)
		return;
	json_key(key);
	putc(bracket, out());
	fmt.depth++;
	fmt.filled &= ~(UINT64_C(1) << fmt.depth);
}

static void json_close(char bracket)
{
	if (!fmt.json)
		return;
	putc(bracket, out());
	fmt.depth--;
	if (!fmt.depth)
		putc('\n', out());
}

void fmt_list_begin(const char *key)
{
	json_open(key, '[');
}

void fmt_list_end(void)
{
	json_close(']');
}

void fmt_begin(const char *key)
{
	json_open(key, '{');
}

void fmt_end(void)
{
	json_close('}');
}

/* Plain text goes to terminals: control characters stay out of it. */
static void plain_string(const char *format, const char *value)
{
	char clean[256];
	size_t i;

	for (i = 0; value[i] && i < sizeof(clean) - 1; i++) {
		unsigned char c = value[i];

		clean[i] = c < 0x20 || c == 0x7f ? '?' : c;
	}
	clean[i] = '\0';
	fprintf(out(), format, clean);
}

void fmt_str(const char *key, const char *format, const char *value)
{
	if (fmt.json) {
		json_key(key);
		json_string(value);
	} else if (format) {
		plain_string(format, value);
	}
}

void fmt_num(const char *key, const char *format, unsigned long long value)
{
	if (fmt.json) {
		json_key(key);
		fprintf(out(), "%llu", value);
	} else if (format) {
		fprintf(out(), format, value);
	}
}

void fmt_int(const char *key, const char *format, int value)
{
	if (fmt.json) {
		json_key(key);
		fprintf(out(), "%d", value);
	} else if (format) {
		fprintf(out(), format, value);
	}
}

void fmt_real(const char *key, const char *format, double value)
{
	if (fmt.json) {
		json_key(key);
		fprintf(out(), "%.10g", value);
	} else if (format) {
		fprintf(out(), format, value);
	}
}

void fmt_flag(const char *key, const char *text)
{
	if (fmt.json) {
		json_key(key);
		fputs("true", out());
	} else if (text) {
		fputs(text, out());
	}
}

void fmt_plain(const char *format, ...)
{
	va_list args;

	if (fmt.json)
		return;
	va_start(args, format);
	vfprintf(out(), format, args);
	va_end(args);
}

const char *fmt_addr(const struct in6_addr *addr, char *buf)
{
	if (IN6_IS_ADDR_V4MAPPED(addr))
		inet_ntop(AF_INET, &addr->s6_addr[12], buf, FMT_ADDR_SIZE);
	else
		inet_ntop(AF_INET6, addr, buf, FMT_ADDR_SIZE);
	return buf;
}

/* An IPv4 prefix is a mapped address whose first 96 bits are fixed. */
static bool is_v4_prefix(const struct in6_addr *addr, unsigned int plen)
{
	return IN6_IS_ADDR_V4MAPPED(addr) && plen >= 96;
}

/* The prefix length as people write it: 24, where netlink carries 120. */
unsigned int fmt_plen(const struct in6_addr *addr, unsigned int plen)
{
	return is_v4_prefix(addr, plen) ? plen - 96 : plen;
}

bool fmt_is_host(unsigned int plen)
{
	return plen >= 128;
}

const char *fmt_prefix(const struct in6_addr *addr, unsigned int plen,
		       char *buf)
{
	size_t len;

	if (is_v4_prefix(addr, plen))
		fmt_addr(addr, buf);
	else
		inet_ntop(AF_INET6, addr, buf, FMT_ADDR_SIZE);
	len = strlen(buf);
	snprintf(buf + len, FMT_ADDR_SIZE - len, "/%u", fmt_plen(addr, plen));
	return buf;
}

const char *fmt_family(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_V4MAPPED(addr) ? "inet" : "inet6";
}

const char *fmt_lladdr(const uint8_t *lladdr, unsigned int len, char *buf)
{
	unsigned int i, at = 0;

	buf[0] = '\0';
	for (i = 0; i < len && at + 3 < FMT_LLADDR_SIZE; i++)
		at += snprintf(buf + at, FMT_LLADDR_SIZE - at, "%s%02x",
			       i ? ":" : "", lladdr[i]);
	return buf;
}

const char *fmt_dev(unsigned int ifindex, char *buf)
{
	if (!if_indextoname(ifindex, buf))
		snprintf(buf, FMT_DEV_SIZE, "if%u", ifindex);
	return buf;
}
