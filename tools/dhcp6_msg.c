// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of stateless DHCPv6 (RFC 8415).
 *
 * A message is a type, a transaction ID of three bytes, and options: code and
 * length of two bytes each, and data. An answer in which one thing is malformed
 * is no answer: who sends such things may be wrong about the rest, too, and we
 * shall ask again anyway.
 */
#include <stdbool.h>
#include <string.h>

#include "dhcp6_msg.h"

#define MSG_REPLY		7
#define MSG_INFORMATION_REQUEST	11

/* RFC 8415 21, RFC 3646 */
#define OPT_CLIENTID		1
#define OPT_SERVERID		2
#define OPT_ORO			6
#define OPT_ELAPSED_TIME	8
#define OPT_STATUS_CODE		13
#define OPT_DNS_SERVERS		23
#define OPT_DOMAIN_LIST		24
#define OPT_REFRESH_TIME	32
#define OPT_INF_MAX_RT		83

#define DUID_UUID		4
#define DUID_MIN		3	/* RFC 8415 11.1: a type and a byte */
#define DUID_MAX		130

#define MSG_HEADER		4
#define OPT_HEADER		4

#define LABEL_MAX		63	/* RFC 1035 2.3.4 */
#define NAME_MAX_WIRE		255

/* RFC 8415 21.25: seconds; others are no INF_MAX_RT. */
#define INF_MAX_RT_LEAST	60
#define INF_MAX_RT_MOST		86400

static unsigned int get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | get16(p + 1);
}

static uint8_t *put16(uint8_t *p, unsigned int value)
{
	*p++ = value >> 8;
	*p++ = value;
	return p;
}

/* ---- What we ask ------------------------------------------------------------ */

/* A UUID (RFC 8415 11.5) of version 8, whose bits are their maker's own (RFC 9562
 * 5.8): our name, and the identifier around the two bits of the variant.
 */
void dhcp6_duid(uint8_t duid[DHCP6_DUID_SIZE], const uint8_t id[8])
{
	uint8_t *p = put16(duid, DUID_UUID);

	memcpy(p, "af_toy", 6);
	p[6] = 0x80;
	p[7] = id[0];
	p[8] = 0x80;
	memcpy(p + 9, id + 1, 7);
}

/* RFC 8415 18.2.6 */
size_t dhcp6_build(const struct dhcp6_request *req,
		   uint8_t msg[DHCP6_REQUEST_SIZE])
{
	uint8_t *p = msg;

	*p++ = MSG_INFORMATION_REQUEST;
	*p++ = req->xid >> 16;
	p = put16(p, req->xid & 0xffff);

	p = put16(p, OPT_CLIENTID);
	p = put16(p, DHCP6_DUID_SIZE);
	memcpy(p, req->duid, DHCP6_DUID_SIZE);
	p += DHCP6_DUID_SIZE;

	p = put16(p, OPT_ORO);
	p = put16(p, 8);
	p = put16(p, OPT_DNS_SERVERS);
	p = put16(p, OPT_DOMAIN_LIST);
	p = put16(p, OPT_REFRESH_TIME);
	p = put16(p, OPT_INF_MAX_RT);

	p = put16(p, OPT_ELAPSED_TIME);
	p = put16(p, 2);
	p = put16(p, req->elapsed);
	return p - msg;
}

/* RFC 8415 15: twice the one before, within a tenth more or less. */
uint32_t dhcp6_timeout(uint32_t before, uint32_t max, uint32_t rand)
{
	uint64_t rt = before ? 2ULL * before : DHCP6_INF_TIMEOUT;
	int32_t permille = (int32_t)(rand % 201) - 100;
	uint64_t base = before ? before : rt;

	rt += (int64_t)base * permille / 1000;
	if (rt > max)
		rt = max + (int64_t)max * permille / 1000;
	return rt;
}

/* ---- What is answered ------------------------------------------------------- */

struct option {
	unsigned int	code;
	unsigned int	len;
	const uint8_t	*data;
};

/* Moves on to the option at @at. False at the end, and if it is not whole: then
 * @at is not @len.
 */
static bool next_option(const uint8_t *msg, size_t len, size_t *at,
			struct option *o)
{
	if (len - *at < OPT_HEADER)
		return false;
	o->code = get16(msg + *at);
	o->len = get16(msg + *at + 2);
	o->data = msg + *at + OPT_HEADER;
	if (o->len > len - *at - OPT_HEADER)
		return false;
	*at += OPT_HEADER + o->len;
	return true;
}

/* No name server listens there for us, whatever a server may say. */
static bool no_host(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_UNSPECIFIED(addr) || IN6_IS_ADDR_LOOPBACK(addr) ||
	       IN6_IS_ADDR_MULTICAST(addr) || IN6_IS_ADDR_V4MAPPED(addr);
}

static bool read_servers(const struct option *o, struct dhcp6_reply *reply)
{
	struct in6_addr addr;

	if (!o->len || o->len % sizeof(addr))
		return false;
	for (unsigned int i = 0; i < o->len; i += sizeof(addr)) {
		memcpy(&addr, o->data + i, sizeof(addr));
		if (!no_host(&addr) && reply->n_servers < DHCP6_MAX_SERVERS)
			reply->servers[reply->n_servers++] = addr;
	}
	return true;
}

/* A character of a host's name: others would be somebody's attempt at whoever
 * reads resolv.conf.
 */
static bool host_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* One name (RFC 1035 3.1) as text. Names are not compressed here (RFC 8415 10),
 * so a pointer is a label that is too long, and nothing can loop. Returns the
 * bytes read, or 0; @name is empty for one that is nobody's domain.
 */
static size_t read_name(const uint8_t *p, size_t left,
			char name[NAME_MAX_WIRE + 1])
{
	size_t in = 0, out = 0;
	bool plain = true;

	for (;;) {
		uint8_t n;

		if (in == left)
			return 0;
		n = p[in++];
		if (!n)
			break;
		if (n > LABEL_MAX || n > left - in ||
		    in + n >= NAME_MAX_WIRE)
			return 0;
		if (out)
			name[out++] = '.';
		for (; n; n--) {
			plain = plain && host_char(p[in]);
			name[out++] = p[in++];
		}
	}
	name[plain ? out : 0] = '\0';
	return in;
}

static bool read_search(const struct option *o, struct dhcp6_reply *reply)
{
	char name[NAME_MAX_WIRE + 1];
	size_t at = 0;

	if (!o->len)
		return false;
	while (at < o->len) {
		size_t have = strlen(reply->search), more;
		size_t n = read_name(o->data + at, o->len - at, name);

		if (!n)
			return false;
		at += n;
		more = strlen(name);
		/* With a blank and the end. */
		if (!more || have + more + 2 > sizeof(reply->search))
			continue;
		if (have)
			reply->search[have++] = ' ';
		memcpy(reply->search + have, name, more + 1);
	}
	return true;
}

struct seen {
	bool	client;
	bool	server;
};

static const char *read_option(const struct option *o,
			       const struct dhcp6_request *req,
			       struct dhcp6_reply *reply, struct seen *seen)
{
	switch (o->code) {
	case OPT_CLIENTID:
		if (o->len != sizeof(req->duid) ||
		    memcmp(o->data, req->duid, o->len))
			return "another client's";
		seen->client = true;
		break;
	case OPT_SERVERID:
		if (o->len < DUID_MIN || o->len > DUID_MAX)
			return "malformed server identifier";
		seen->server = true;
		break;
	case OPT_STATUS_CODE:
		if (o->len < 2)
			return "malformed status";
		if (get16(o->data))
			return "the server has failed";
		break;
	case OPT_DNS_SERVERS:
		if (!read_servers(o, reply))
			return "malformed list of servers";
		break;
	case OPT_DOMAIN_LIST:
		if (!read_search(o, reply))
			return "malformed search list";
		break;
	case OPT_REFRESH_TIME:
		if (o->len != 4)
			return "malformed refresh time";
		reply->refresh = get32(o->data);
		break;
	case OPT_INF_MAX_RT:
		if (o->len != 4)
			return "malformed INF_MAX_RT";
		reply->max_rt = get32(o->data);
		if (reply->max_rt < INF_MAX_RT_LEAST ||
		    reply->max_rt > INF_MAX_RT_MOST)
			reply->max_rt = 0;
		reply->max_rt *= 1000;
		break;
	}
	return NULL;
}

/* RFC 8415 16.10 */
const char *dhcp6_parse(const uint8_t *msg, size_t len,
			const struct dhcp6_request *req,
			struct dhcp6_reply *reply)
{
	struct seen seen = { false, false };
	size_t at = MSG_HEADER;
	struct option o;

	memset(reply, 0, sizeof(*reply));
	reply->refresh = DHCP6_IRT_DEFAULT;
	if (len < MSG_HEADER)
		return "too short";
	if (msg[0] != MSG_REPLY)
		return "no Reply";
	if (get24(msg + 1) != req->xid)
		return "another exchange's";
	while (next_option(msg, len, &at, &o)) {
		const char *why = read_option(&o, req, reply, &seen);

		if (why)
			return why;
	}
	if (at != len)
		return "half an option";
	if (!seen.client)
		return "no client identifier";
	if (!seen.server)
		return "no server identifier";
	return NULL;
}
