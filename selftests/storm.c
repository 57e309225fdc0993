// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm KIND[,KIND...] DEV DST-MAC ADDR4 ADDR6 COUNT [SEED]: packets that strangers
 * could send, right and wrong, from sources without end
 *
 * KIND := frag | frag6	fragments that seldom make a datagram
 *	 | ns | na | ra	neighbour discovery, options included
 *	 | igmp | mld		reports and queries of all versions
 *
 * ADDR4 and ADDR6 are the victim's. Checksums are right, so that what is wrong
 * gets as far as it can. COUNT 0 is for ever. One seed, one storm.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

#define MAX_LEN	1500

static unsigned char frame[ETH_HLEN + MAX_LEN], *const net = frame + ETH_HLEN;
static unsigned char victim_mac[6], victim4[4], victim6[16];

/* ---- Dice --------------------------------------------------------------- */

static uint64_t dice = 1;

static uint32_t random32(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice >> 16;
}

static uint32_t below(uint32_t n) { return random32() % n; }
static int one_in(uint32_t n) { return !below(n); }

static void noise(unsigned char *p, int len)
{
	while (len--)
		*p++ = random32();
}

static int pick(const int *of, int n) { return of[below(n)]; }
#define PICK(...) \
	pick((const int []){ __VA_ARGS__ }, \
	     sizeof((const int []){ __VA_ARGS__ }) / sizeof(int))

/* ---- Headers ------------------------------------------------------------- */

static void put16(unsigned char *p, uint32_t v) { p[0] = v >> 8; p[1] = v; }

static void put32(unsigned char *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t sum(const unsigned char *p, int len, uint32_t s)
{
	for (int i = 0; i < len; i++)
		s += i % 2 ? p[i] : p[i] << 8;
	return s;
}

static void put_sum(unsigned char *at, uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	put16(at, ~s);
}

static void link_header(const unsigned char *dest, uint16_t type)
{
	memcpy(frame, dest, 6);
	noise(frame + 6, 6);
	frame[6] = 2;
	put16(frame + 12, type);
}

/* The packet's length. */
static int ipv4(int proto, int ttl, const unsigned char *dst, int options,
		int len)
{
	net[0] = 0x45 + options / 4;
	net[1] = 0;
	put16(net + 2, 20 + options + len);
	noise(net + 4, 2);
	put16(net + 6, 0);
	net[8] = ttl;
	net[9] = proto;
	put16(net + 10, 0);
	memcpy(net + 12, victim4, 3);	/* a neighbour, mostly */
	net[15] = 3 + below(250);
	if (one_in(4))
		noise(net + 12, 4);
	memcpy(net + 16, dst, 4);
	return 20 + options + len;
}

static void ipv4_done(void)
{
	put_sum(net + 10, sum(net, (net[0] & 15) * 4, 0));
}

static int ipv6(int next, int hops, const unsigned char *dst, int len)
{
	put32(net, 0x60000000);
	put16(net + 4, len);
	net[6] = next;
	net[7] = hops;
	memset(net + 8, 0, 16);
	if (one_in(2)) {
		net[8] = 0xfe;
		net[9] = 0x80;
	} else {
		memcpy(net + 8, victim6, 8);
	}
	noise(net + 20, 4);
	memcpy(net + 24, dst, 16);
	return 40 + len;
}

static void icmp6_sum(unsigned char *m, int len)
{
	const unsigned char tail[8] = { 0, 0, len >> 8, len, 0, 0, 0,
					IPPROTO_ICMPV6 };

	put16(m + 2, 0);
	put_sum(m + 2, sum(m, len, sum(tail, 8, sum(net + 8, 32, 0))));
}

static void group6(unsigned char *dst, int last)
{
	memset(dst, 0, 16);
	dst[0] = 0xff;
	dst[1] = 0x02;
	dst[15] = last;
}

static void group_frame(const unsigned char *dst6)
{
	unsigned char mac[6] = { 0x33, 0x33 };

	memcpy(mac + 2, dst6 + 12, 4);
	link_header(mac, ETHERTYPE_IPV6);
}

/* ---- Fragments ------------------------------------------------------------- */

/* Offset and flags of a fragment: beginnings, ends, holes, overlaps. */
static uint32_t fragment(int *len)
{
	uint32_t offset = one_in(3) ? 0 : below(one_in(8) ? 8192 : 400);
	int more = !one_in(3);

	*len = one_in(10) ? below(8) : 8 * (1 + below(150));
	if (more && !one_in(16))
		*len &= ~7;
	return offset << 3 | (more ? 1 : 0);
}

static int make_frag(void)
{
	uint32_t place;
	int len, all;

	place = fragment(&len);
	link_header(victim_mac, ETHERTYPE_IP);
	noise(net + 20, len);
	all = ipv4(PICK(1, 6, 17, 200), 64, victim4, 0, len);
	if (one_in(2))
		put16(net + 4, below(16));	/* some do belong together */
	put16(net + 6, place >> 3 | (place & 1 ? 0x2000 : 0));
	ipv4_done();
	return all;
}

static int make_frag6(void)
{
	uint32_t place;
	int len, all;

	place = fragment(&len);
	link_header(victim_mac, ETHERTYPE_IPV6);
	all = ipv6(44, 64, victim6, 8 + len);
	noise(net + 40, 8 + len);
	net[40] = PICK(58, 6, 17, 44, 60, 0, 59);
	net[41] = 0;
	put16(net + 42, place);
	if (one_in(2))
		put32(net + 44, below(16));
	return all;
}

/* ---- Neighbour discovery ----------------------------------------------------- */

static int option_head(unsigned char *o, int type, int units)
{
	o[0] = type;
	/* Too long, too short, none at all. */
	o[1] = one_in(40) ? below(256) : units;
	return units * 8;
}

static int option(unsigned char *o)
{
	int type = PICK(1, 2, 3, 3, 3, 5, 24, 24, 25, 31, 14, 77), len;

	noise(o, 40);
	switch (type) {
	case 3:
		len = option_head(o, type, 4);
		o[2] = PICK(64, 64, 64, 64, 0, 128, 48, 200);
		o[4] &= 0x0f;		/* lifetimes of days */
		o[16] = PICK(0xfd, 0x20, 0xfe, 0xff);
		return len;
	case 5:
		len = option_head(o, type, 1);
		put32(o + 4, PICK(0, 1279, 1280, 1400, 1500, 9000));
		return len;
	case 24:
		len = option_head(o, type, 1 + below(3));
		o[2] = below(130);
		return len;
	case 25:
		return option_head(o, type, one_in(3) ? 5 : 3);
	case 31:
		len = option_head(o, type, 3);
		memcpy(o + 8, "\3foo\7example\0", 13);
		o[9] = 'a' + below(26);
		o[10] = 'a' + below(26);
		return len;
	default:
		return option_head(o, type, 1);
	}
}

static int options(unsigned char *o, int most)
{
	int len = 0;

	for (int n = below(most + 1); n; n--)
		len += option(o + len);
	return len;
}

static int nd(int type, const unsigned char *dst, int len)
{
	unsigned char *m = net + 40;
	int all = ipv6(IPPROTO_ICMPV6, one_in(50) ? 64 : 255, dst, len);

	m[0] = type;
	m[1] = one_in(50);
	if (one_in(30))
		memset(net + 8, 0, 16);		/* asks for itself */
	icmp6_sum(m, len);
	return all;
}

static int make_ns(void)
{
	unsigned char *m = net + 40, dst[16];
	int len = 24;

	link_header(victim_mac, ETHERTYPE_IPV6);
	memcpy(dst, victim6, 16);
	if (one_in(2)) {
		group6(dst, 0);
		dst[11] = 1;
		dst[12] = 0xff;
		memcpy(dst + 13, victim6 + 13, 3);
		group_frame(dst);
	}
	noise(m, 8);
	memcpy(m + 8, victim6, 16);
	if (one_in(8))
		noise(m + 8 + below(16), 1);
	if (!one_in(4)) {
		noise(m + len, 8);
		m[len] = 1;
		m[len + 1] = 1;
		m[len + 2] &= 0xfe;
		len += 8;
	}
	return nd(135, dst, len + options(m + len, 2));
}

static int make_na(void)
{
	unsigned char *m = net + 40, dst[16];
	int len = 24;

	link_header(victim_mac, ETHERTYPE_IPV6);
	memcpy(dst, victim6, 16);
	if (one_in(3)) {
		group6(dst, 1);
		group_frame(dst);
	}
	noise(m, 8);
	memcpy(m + 8, victim6, 16);
	noise(m + 20, 4);
	if (!one_in(4)) {
		noise(m + len, 8);
		m[len] = 2;
		m[len + 1] = 1;
		len += 8;
	}
	return nd(136, dst, len + options(m + len, 2));
}

static int make_ra(void)
{
	unsigned char *m = net + 40, dst[16];
	int len, all;

	group6(dst, 1);
	group_frame(dst);
	noise(m, 16);
	put16(m + 6, PICK(0, 1, 1800, 9000, 65535));
	len = 16 + options(m + 16, 8);
	all = nd(134, dst, len);
	if (!one_in(10)) {		/* most do come from the link */
		memset(net + 8, 0, 12);
		net[8] = 0xfe;
		net[9] = 0x80;
		icmp6_sum(m, len);
	}
	return all;
}

/* ---- Groups --------------------------------------------------------------- */

static int make_igmp(void)
{
	unsigned char *m = net + 24, dst[4] = { 224, 0, 0, 22 }, mac[6];
	int len = 8, records, sources;

	memset(m, 0, 1000);
	m[0] = PICK(0x11, 0x12, 0x16, 0x17, 0x22, 0x22);
	m[1] = random32();
	m[4] = 239;
	m[5] = 1;
	noise(m + 6, 2);
	if (one_in(4))
		memset(m + 4, 0, 4);
	if (m[0] == 0x22) {
		records = below(20);
		put16(m + 6, one_in(20) ? random32() : records);
		for (; records; records--, len += 8 + 4 * sources) {
			sources = below(4);
			noise(m + len, 8 + 4 * sources);
			m[len] = below(8);
			m[len + 1] = one_in(20) ? below(256) : 0;
			put16(m + len + 2, one_in(20) ? random32() : sources);
			m[len + 4] = 239;
		}
	} else if (m[0] == 0x11 && one_in(2)) {
		sources = below(50);
		len = 12 + 4 * sources;
		noise(m + 8, len - 8);
		put16(m + 10, one_in(20) ? random32() : sources);
		dst[3] = 1;
	} else {
		memcpy(dst, m + 4, 4);
		if (!dst[0])
			memcpy(dst, (unsigned char []){ 224, 0, 0, 1 }, 4);
	}
	put_sum(m + 2, sum(m, len, 0));
	memcpy(mac, (unsigned char []){ 1, 0, 0x5e, dst[1] & 127, dst[2], dst[3] }, 6);
	link_header(mac, ETHERTYPE_IP);
	len = ipv4(2, one_in(20) ? 64 : 1, dst, 4, len);
	memcpy(net + 20, one_in(20) ? "\1\1\1\0" : "\x94\4\0\0", 4);
	ipv4_done();
	return len;
}

/* Behind the hop-by-hop header with its router alert. */
static int make_mld(void)
{
	unsigned char *m = net + 48, dst[16];
	int len = 24, records, sources, all;

	memset(m, 0, 1200);
	m[0] = PICK(130, 130, 131, 132, 143, 143);
	noise(m + 4, 2);
	group6(m + 8, 0);
	m[9] = PICK(0x15, 0x15, 0x12, 0x01);
	noise(m + 22, 2);
	if (one_in(4))
		memset(m + 8, 0, 16);
	memcpy(dst, m + 8, 16);
	if (!dst[0])
		group6(dst, 1);
	if (m[0] == 143) {
		group6(dst, 0x16);
		records = below(16);
		put16(m + 6, one_in(20) ? random32() : records);
		for (len = 8; records; records--, len += 20 + 16 * sources) {
			sources = below(3);
			noise(m + len, 20 + 16 * sources);
			m[len] = below(8);
			m[len + 1] = 0;
			put16(m + len + 2, one_in(20) ? random32() : sources);
			m[len + 4] = 0xff;
		}
	} else if (m[0] == 130 && one_in(2)) {
		sources = below(20);
		len = 28 + 16 * sources;
		noise(m + 24, len - 24);
		put16(m + 26, one_in(20) ? random32() : sources);
	}
	group_frame(dst);
	all = ipv6(0, one_in(20) ? 64 : 1, dst, 8 + len);
	memcpy(net + 40, "\x3a\0\5\2\0\0\1\0", 8);
	memset(net + 8, 0, 12);
	net[8] = 0xfe;
	net[9] = 0x80;
	icmp6_sum(m, len);
	return all;
}

/* ---- The storm -------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*make)(void);
} kinds[] = {
	{ "frag", make_frag }, { "frag6", make_frag6 },
	{ "ns", make_ns }, { "na", make_na }, { "ra", make_ra },
	{ "igmp", make_igmp }, { "mld", make_mld },
};

#define KINDS	(sizeof(kinds) / sizeof(*kinds))

static int read_kinds(char *text, int *wanted)
{
	int n = 0;

	for (char *k = strtok(text, ","); k; k = strtok(NULL, ",")) {
		unsigned int i = 0;

		while (i < KINDS && strcmp(kinds[i].name, k))
			i++;
		if (i == KINDS || n == 16)
			return 0;
		wanted[n++] = i;
	}
	return n;
}

static int send_frame(int fd, const struct sockaddr_ll *to, int len)
{
	while (sendto(fd, frame, len, 0, (const struct sockaddr *)to,
		      sizeof(*to)) < 0) {
		if (errno != ENOBUFS)
			return -1;
		usleep(1000);
	}
	return 0;
}

static const char usage[] =
	"KIND[,KIND...] DEV DST-MAC ADDR4 ADDR6 COUNT [SEED]";

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd, wanted[16], n;
	unsigned long count;

	n = argc > 1 ? read_kinds(argv[1], wanted) : 0;
	if (argc < 7 || argc > 8 || !n ||
	    sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", victim_mac,
		   victim_mac + 1, victim_mac + 2, victim_mac + 3,
		   victim_mac + 4, victim_mac + 5) != 6 ||
	    inet_pton(AF_INET, argv[4], victim4) != 1 ||
	    inet_pton(AF_INET6, argv[5], victim6) != 1) {
		fprintf(stderr, "usage: storm %s\n", usage);
		return 2;
	}
	count = strtoul(argv[6], NULL, 0);
	if (argc == 8)
		dice = strtoull(argv[7], NULL, 0) * 2 + 1;
	for (int i = 0; i < 16; i++)
		random32();
	to.sll_ifindex = if_nametoindex(argv[2]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	for (unsigned long i = 0; !count || i < count; i++) {
		int len = kinds[wanted[i % n]].make();

		/* What is nonsense from end to end, too; and what is cut off. */
		if (one_in(50))
			noise(net + below(len), 1 + below(4));
		if (one_in(50))
			len = 1 + below(len);
		if (send_frame(fd, &to, ETH_HLEN + len)) {
			perror(argv[2]);
			return 1;
		}
	}
	return 0;
}
