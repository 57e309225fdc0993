// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of DHCPv6: a table of answers, good and malformed, each of them also cut
 * off at every byte, and with every byte changed. Every message is in memory of
 * just its size, so that the sanitizer sees a look beyond it. Prints what is wrong.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp6_msg.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int failed;

static void check(bool good, const char *name, const char *what)
{
	if (good)
		return;
	printf("%s: %s\n", name, what);
	failed = 1;
}

static const struct dhcp6_request req = {
	.xid = 0xabcdef,
	.elapsed = 0x1234,
	.duid = { 0, 4, 'a', 'f', '_', 't', 'o', 'y', 0x80, 0, 0x80, 0, 2, 0, 0,
		  0, 0, 0x2b },
};

/* Pairs of hexadecimal digits, with blanks for the reader. */
#define XID	"07abcdef"
#define CLIENT	"00010012000461665f746f79800080000200000000 2b"
#define SERVER	"0002000a00030001020000000001"
#define DNS	"00170010 20010db8000000000000000000000053"
#define LIST	"00180015 03746f79047465737400 05696e6e657203746f7900"
#define GOOD	XID CLIENT SERVER

static const struct {
	const char	*name;
	const char	*hex;
	const char	*why;		/* NULL: good */
	const char	*search;
	unsigned int	n_servers;
	uint32_t	refresh;	/* 0: the default */
	uint32_t	max_rt;
} cases[] = {
	{ "nothing but who", GOOD, .search = "" },
	{ "all", GOOD DNS LIST "00200004000004b0 005300040000003c",
	  .search = "toy.test inner.toy", .n_servers = 1, .refresh = 1200,
	  .max_rt = 60000 },
	{ "unknown options", GOOD "fffe0000 00400003616263" DNS,
	  .search = "", .n_servers = 1 },
	{ "success", GOOD "000d0006000067 6f6f64", .search = "" },
	{ "INF_MAX_RT too small", GOOD "005300040000003b", .search = "" },
	{ "INF_MAX_RT too large", GOOD "0053000400015181", .search = "" },
	{ "for ever", GOOD "00200004ffffffff", .search = "",
	  .refresh = DHCP6_FOREVER },
	{ "no server: ::", GOOD "00170010 00000000000000000000000000000000",
	  .search = "" },
	{ "no server: ::1", GOOD "00170010 00000000000000000000000000000001",
	  .search = "" },
	{ "no server: multicast",
	  GOOD "00170010 ff020000000000000000000000000001", .search = "" },
	{ "no server: IPv4", GOOD "00170010 00000000000000000000ffff0a000001",
	  .search = "" },
	{ "more servers than we take", GOOD DNS DNS DNS DNS DNS DNS DNS DNS DNS
	  DNS, .search = "", .n_servers = DHCP6_MAX_SERVERS },
	{ "names of other letters",
	  GOOD "0018000f 03610a6200 032e2e2e00 03746f7900", .search = "toy" },
	{ "the root", GOOD "0018000100", .search = "" },

	{ "empty", "", .why = "too short" },
	{ "header cut off", "07abcd", .why = "too short" },
	{ "a request", "0babcdef" CLIENT SERVER, .why = "no Reply" },
	{ "an Advertise", "02abcdef" CLIENT SERVER, .why = "no Reply" },
	{ "another exchange", "07abcdee" CLIENT SERVER, .why = "another exchange's" },
	{ "no client", XID SERVER, .why = "no client identifier" },
	{ "no server", XID CLIENT, .why = "no server identifier" },
	{ "no options", XID, .why = "no client identifier" },
	{ "another client",
	  XID "00010012000461665f746f79800080000200000000 2c" SERVER,
	  .why = "another client's" },
	{ "a shorter client",
	  XID "00010011000461665f746f79800080000200000000" SERVER,
	  .why = "another client's" },
	{ "one client too many", GOOD "0001000100", .why = "another client's" },
	{ "empty server", XID CLIENT "00020000", .why = "malformed server identifier" },
	{ "an option behind the end", GOOD "00170010 2001", .why = "half an option" },
	{ "an option of 65535 bytes", GOOD "0017ffff 2001", .why = "half an option" },
	{ "half a header", GOOD "0017", .why = "half an option" },
	{ "failure", GOOD "000d00020001", .why = "the server has failed" },
	{ "status cut off", GOOD "000d000100", .why = "malformed status" },
	{ "no servers", GOOD "00170000", .why = "malformed list of servers" },
	{ "half a server",
	  GOOD "00170018 20010db8000000000000000000000053 20010db800000000",
	  .why = "malformed list of servers" },
	{ "no domains", GOOD "00180000", .why = "malformed search list" },
	{ "a domain without an end", GOOD "00180004 03746f79",
	  .why = "malformed search list" },
	{ "a label behind the end", GOOD "00180003 20746f",
	  .why = "malformed search list" },
	{ "a pointer to itself", GOOD "00180002 c000",
	  .why = "malformed search list" },
	{ "a pointer back", GOOD "00180007 03746f7900 c000",
	  .why = "malformed search list" },
	{ "a name that goes on elsewhere", GOOD "00180006 03746f79 c004",
	  .why = "malformed search list" },
	{ "a pointer that ends the list", GOOD "00180001 c0",
	  .why = "malformed search list" },
	{ "a label of a reserved type", GOOD "00180003 400000",
	  .why = "malformed search list" },
	{ "refresh time of 3 bytes", GOOD "00200003 000001",
	  .why = "malformed refresh time" },
	{ "INF_MAX_RT of 5 bytes", GOOD "00530005 0000003c00",
	  .why = "malformed INF_MAX_RT" },
};

static unsigned int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static uint8_t *bytes_of(const char *hex, size_t *len)
{
	uint8_t *p = malloc(strlen(hex) / 2 + 1);

	for (*len = 0; *hex; hex++) {
		if (*hex == ' ')
			continue;
		p[(*len)++] = digit(hex[0]) << 4 | digit(hex[1]);
		hex++;
	}
	return p;
}

/* In memory of its own, and whatever comes out of it is text that ends. */
static const char *parse(const uint8_t *msg, size_t len,
			 struct dhcp6_reply *reply)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *why;

	memcpy(copy, msg, len);
	why = dhcp6_parse(copy, len, &req, reply);
	free(copy);
	check(memchr(reply->search, 0, sizeof(reply->search)) &&
	      strspn(reply->search,
		     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ") ==
	      strlen(reply->search), "any message", "letters of no host");
	check(reply->n_servers <= DHCP6_MAX_SERVERS, "any message",
	      "too many servers");
	return why;
}

static void test_case(unsigned int i)
{
	struct dhcp6_reply reply;
	size_t len;
	uint8_t *msg = bytes_of(cases[i].hex, &len);
	const char *why = parse(msg, len, &reply), *name = cases[i].name;

	if (why || cases[i].why) {
		bool same = why && cases[i].why && !strcmp(why, cases[i].why);

		check(same, name, why ? why : "was taken");
	} else {
		uint32_t refresh = cases[i].refresh;

		if (!refresh)
			refresh = DHCP6_IRT_DEFAULT;
		check(!strcmp(reply.search, cases[i].search), name,
		      reply.search);
		check(reply.n_servers == cases[i].n_servers, name, "servers");
		check(reply.refresh == refresh, name, "refresh time");
		check(reply.max_rt == cases[i].max_rt, name, "INF_MAX_RT");
	}
	for (size_t cut = 0; cut < len; cut++)
		parse(msg, cut, &reply);
	for (size_t at = 0; at < len; at++) {
		uint8_t was = msg[at];

		for (unsigned int value = 0; value < 256; value++) {
			msg[at] = value;
			parse(msg, len, &reply);
		}
		msg[at] = was;
	}
	free(msg);
}

/* A list that is longer than there is room, of names as long as they may be. */
static void test_long_list(void)
{
	uint8_t msg[8192], *p = msg;
	struct dhcp6_reply reply;
	size_t len;
	uint8_t *head = bytes_of(GOOD, &len);

	memcpy(p, head, len);
	free(head);
	p += len;
	*p++ = 0;
	*p++ = 24;
	*p++ = 10 * 255 >> 8;
	*p++ = 10 * 255 & 0xff;
	for (int name = 0; name < 10; name++) {
		for (int label = 0; label < 4; label++) {
			int n = label == 3 ? 61 : 63;

			*p++ = n;
			memset(p, 'a' + name, n);
			p += n;
		}
		*p++ = 0;
	}
	check(!parse(msg, p - msg, &reply), "long list", "was refused");
	/* Four of 253 letters, with blanks, and no half one. */
	check(strlen(reply.search) == 4 * 253 + 3, "long list", reply.search);

	/* One letter more is no name (RFC 1035 2.3.4). */
	msg[len + 3]++;
	msg[len + 4 + 3 * 64]++;
	memmove(msg + len + 4 + 254, msg + len + 4 + 253,
		p - (msg + len + 4 + 253));
	msg[len + 4 + 253] = 'a';
	check(parse(msg, p - msg + 1, &reply), "256 bytes", "were taken");
}

static void test_noise(void)
{
	struct dhcp6_reply reply;
	uint8_t msg[300];
	size_t head;
	uint8_t *good = bytes_of(GOOD, &head);

	srand(1);
	for (int round = 0; round < 100000; round++) {
		size_t len = rand() % sizeof(msg);

		for (size_t i = 0; i < len; i++)
			msg[i] = rand() % 4 ? rand() % 32 : rand();
		memcpy(msg, good, len < head ? len : head);
		parse(msg, len, &reply);
	}
	free(good);
}

static void test_request(void)
{
	static const char want[] =
		"0babcdef" CLIENT "00060008 0017 0018 0020 0053 00080002 1234";
	uint8_t msg[DHCP6_REQUEST_SIZE], duid[DHCP6_DUID_SIZE], *bytes;
	static const uint8_t id[8] = { 0, 0, 2, 0, 0, 0, 0, 0x2b };
	size_t len, n = dhcp6_build(&req, msg);

	bytes = bytes_of(want, &len);
	check(n == len && n == sizeof(msg) && !memcmp(msg, bytes, n), "request",
	      "other bytes");
	free(bytes);
	dhcp6_duid(duid, id);
	check(!memcmp(duid, req.duid, sizeof(duid)), "DUID", "other bytes");
}

/* RFC 8415 15: doubled, up to the limit, a tenth more or less. */
static void test_timeouts(void)
{
	uint32_t rt, least = UINT32_MAX, most = 0;

	for (uint32_t r = 0; r < 1000; r++) {
		rt = dhcp6_timeout(0, DHCP6_INF_MAX_RT, r);
		least = rt < least ? rt : least;
		most = rt > most ? rt : most;
		rt = dhcp6_timeout(4000, DHCP6_INF_MAX_RT, r);
		check(rt >= 7600 && rt <= 8400, "timeout", "not doubled");
		rt = dhcp6_timeout(3500000, DHCP6_INF_MAX_RT, r);
		check(rt >= 3240000 && rt <= 3960000, "timeout", "no limit");
		rt = dhcp6_timeout(UINT32_MAX, 86400000, r);
		check(rt >= 77760000 && rt <= 95040000, "timeout", "overflow");
	}
	check(least == 900 && most == 1100, "timeout", "first");
}

int main(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		test_case(i);
	test_long_list();
	test_noise();
	test_request();
	test_timeouts();
	return failed;
}
