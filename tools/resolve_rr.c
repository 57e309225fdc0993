// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records of a DNS answer (RFC 1035 4.1), one line each, as dig(1) and
 * host(1) have them. A record that does not fit into the message ends the list.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ares.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "fmt.h"
#include "resolve.h"

struct msg {
	const unsigned char	*data;
	int			len;
};

static const struct word types[] = {
	{ "A", ns_t_a }, { "AAAA", ns_t_aaaa }, { "CNAME", ns_t_cname },
	{ "MX", ns_t_mx }, { "NS", ns_t_ns }, { "PTR", ns_t_ptr },
	{ "SOA", ns_t_soa }, { "SRV", ns_t_srv }, { "TXT", ns_t_txt }, { }
};

int rr_type(const char *name)
{
	const struct word *w;

	for (w = types; w->name; w++)
		if (!strcasecmp(w->name, name))
			return w->id;
	return -1;
}

static unsigned int get16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static unsigned int get32(const unsigned char *p)
{
	return (unsigned int)get16(p) << 16 | get16(p + 2);
}

/* The length of a name in the message, or -1; @buf gets its text. */
static long get_name(const struct msg *m, const unsigned char *p, char *buf,
		     size_t size)
{
	char *name;
	long len;

	if (p >= m->data + m->len ||
	    ares_expand_name(p, m->data, m->len, &name, &len))
		return -1;
	snprintf(buf, size, "%s", name);
	ares_free_string(name);
	return len;
}

/* Text of a record for people: what is no letter becomes \ddd (RFC 1035 5.1). */
static void put_text(char *buf, size_t size, const unsigned char *p, int len)
{
	size_t n = 0;

	while (len > 0 && n + 5 < size) {
		int chars = *p++;

		len--;
		if (chars > len)
			break;
		for (; chars && n + 5 < size; chars--, p++, len--)
			if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
				n += snprintf(buf + n, size - n, "\\%03u", *p);
			else
				buf[n++] = *p;
	}
	buf[n] = 0;
}

/* "10 mail.example.": numbers, then a name. */
static bool put_numbers_name(const struct msg *m, const unsigned char *p,
			     int len, int numbers, char *buf, size_t size)
{
	size_t n = 0;

	if (len < 2 * numbers + 1)
		return false;
	for (int i = 0; i < numbers; i++, p += 2)
		n += snprintf(buf + n, size - n, "%u ", get16(p));
	return get_name(m, p, buf + n, size - n) >= 0;
}

static bool put_soa(const struct msg *m, const unsigned char *p, int len,
		    char *buf, size_t size)
{
	const unsigned char *end = p + len;
	char mname[256], rname[256];
	long n = get_name(m, p, mname, sizeof(mname));

	if (n < 0)
		return false;
	p += n;
	n = get_name(m, p, rname, sizeof(rname));
	if (n < 0 || p + n + 20 > end)
		return false;
	p += n;
	snprintf(buf, size, "%s %s %u %u %u %u %u", mname, rname, get32(p),
		 get32(p + 4), get32(p + 8), get32(p + 12), get32(p + 16));
	return true;
}

static bool put_data(const struct msg *m, int type, const unsigned char *p,
		     int len, char *buf, size_t size)
{
	switch (type) {
	case ns_t_a:
		return len == 4 && inet_ntop(AF_INET, p, buf, size);
	case ns_t_aaaa:
		return len == 16 && inet_ntop(AF_INET6, p, buf, size);
	case ns_t_mx:
		return put_numbers_name(m, p, len, 1, buf, size);
	case ns_t_srv:
		return put_numbers_name(m, p, len, 3, buf, size);
	case ns_t_soa:
		return put_soa(m, p, len, buf, size);
	case ns_t_txt:
		put_text(buf, size, p, len);
		return true;
	case ns_t_cname:
	case ns_t_ns:
	case ns_t_ptr:
		return put_numbers_name(m, p, len, 0, buf, size);
	}
	return false;
}

static void print_record(const char *name, int type, unsigned int ttl,
			 const char *data)
{
	fmt_begin(NULL);
	fmt_str("name", "%s", name);
	fmt_num("ttl", " %llu", ttl);
	fmt_str("type", " %s", word_name(types, type, "?"));
	fmt_str("data", " %s", data);
	fmt_plain("\n");
	fmt_end();
}

/* Behind the questions, or NULL. */
static const unsigned char *answers_of(const struct msg *m)
{
	const unsigned char *p = m->data + NS_HFIXEDSZ;
	char name[256];

	if (m->len < NS_HFIXEDSZ)
		return NULL;
	for (unsigned int i = get16(m->data + 4); i; i--) {
		long n = get_name(m, p, name, sizeof(name));

		if (n < 0)
			return NULL;
		p += n + NS_QFIXEDSZ;
	}
	return p;
}

int rr_print(const unsigned char *data, int len, int type)
{
	const struct msg m = { data, len };
	const unsigned char *p = answers_of(&m), *end = data + len;
	char name[256], text[1024];
	int found = 0;

	if (!p)
		return 0;
	for (unsigned int i = get16(data + 6); i; i--) {
		long n = get_name(&m, p, name, sizeof(name));
		int rtype, rlen;

		if (n < 0 || p + n + NS_RRFIXEDSZ > end)
			break;
		p += n;
		rtype = get16(p);
		rlen = get16(p + 8);
		if (p + NS_RRFIXEDSZ + rlen > end)
			break;
		/* An alias on the way is part of the answer. */
		if ((rtype == type || rtype == ns_t_cname) &&
		    put_data(&m, rtype, p + NS_RRFIXEDSZ, rlen, text,
			     sizeof(text))) {
			print_record(name, rtype, get32(p + 4), text);
			found += rtype == type;
		}
		p += NS_RRFIXEDSZ + rlen;
	}
	return found;
}
