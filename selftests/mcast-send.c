// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcast-send DEV KIND VERSION GROUP|- [WORD...]: one IGMP or MLD message, right
 * or wrong, as a frame
 *
 * KIND := igmp | mld; - for GROUP asks about all. IGMP's versions are 1 to 3,
 * MLD's 1 and 2. WORD := report (instead of a query) | ttl N | max N |
 * robust N | every N (seconds, the querier says) | from ADDR | to ADDR |
 * source ADDR | sources N (but none follow) | noalert | badsum | count N (times;
 * the group counts up)
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

static struct {
	int v6, version, report, ttl, max, robust, every, sources, noalert, badsum;
	int count, given;
	unsigned char group[16], from[16], to[16], source[16];
} o = { .ttl = 1, .max = -1, .every = 125, .count = 1, .sources = -1 };

static int addr_len(void) { return o.v6 ? 16 : 4; }

static void read_addr(const char *text, unsigned char *addr)
{
	if (inet_pton(o.v6 ? AF_INET6 : AF_INET, text, addr) != 1) {
		fprintf(stderr, "mcast-send: what is '%s'?\n", text);
		exit(2);
	}
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
	s = ~s + (o.badsum ? 1 : 0);
	at[0] = s >> 8;
	at[1] = s;
}

/* The message at @m; returns its length. */
static int message(unsigned char *m)
{
	int n = 4, srcs = o.given, last = o.v6 ? 2 : 3;

	if (o.report)
		m[0] = o.v6 ? 131 : o.version == 1 ? 0x12 : 0x16;
	else
		m[0] = o.v6 ? 130 : 0x11;
	if (o.v6) {
		int max = o.max < 0 ? 1000 : o.max;

		m[4] = max >> 8;
		m[5] = max;
		n = 8;
	} else if (o.version > 1 && !o.report) {
		m[1] = o.max < 0 ? 10 : o.max;
	}
	memcpy(m + n, o.group, addr_len());
	n += addr_len();
	if (o.version == last && !o.report) {
		m[n] = o.robust;
		m[n + 1] = o.every;
		if (o.sources >= 0)
			srcs = o.sources;
		m[n + 2] = srcs >> 8;
		m[n + 3] = srcs;
		n += 4;
		memcpy(m + n, o.source, addr_len() * o.given);
		n += addr_len() * o.given;
	}
	return n;
}

static int packet4(unsigned char *p)
{
	int hlen = o.noalert || o.version == 1 ? 20 : 24, len;

	p[0] = 0x40 | hlen / 4;
	p[1] = 0xc0;
	p[8] = o.ttl;
	p[9] = 2;
	memcpy(p + 12, o.from, 4);
	memcpy(p + 16, o.to, 4);
	if (hlen == 24)
		memcpy(p + 20, "\x94\x04\0", 4);
	len = message(p + hlen);
	put_sum(p + hlen + 2, sum(p + hlen, len, 0));
	p[2] = (hlen + len) >> 8;
	p[3] = hlen + len;
	o.badsum = 0;
	put_sum(p + 10, sum(p, hlen, 0));
	return hlen + len;
}

static int packet6(unsigned char *p)
{
	int hop = o.noalert ? 0 : 8, len;
	unsigned char *m = p + 40 + hop;

	p[0] = 0x60;
	p[6] = hop ? 0 : 58;
	p[7] = o.ttl;
	memcpy(p + 8, o.from, 16);
	memcpy(p + 24, o.to, 16);
	if (hop)
		memcpy(p + 40, "\x3a\0\x05\x02\0\0\x01", 8);
	len = message(m);
	put_sum(m + 2, sum(m, len, sum(p + 8, 32, 58 + len)));
	p[4] = (hop + len) >> 8;
	p[5] = hop + len;
	return 40 + hop + len;
}

static void words(char **w)
{
	for (; *w; w++) {
		const char *name = *w, *val = w[1] ? w[1] : "";

		if (!strcmp(name, "report")) {
			o.report = 1;
			continue;
		} else if (!strcmp(name, "noalert")) {
			o.noalert = 1;
			continue;
		} else if (!strcmp(name, "badsum")) {
			o.badsum = 1;
			continue;
		}
		w++;
		if (!strcmp(name, "ttl"))
			o.ttl = atoi(val);
		else if (!strcmp(name, "max"))
			o.max = atoi(val);
		else if (!strcmp(name, "robust"))
			o.robust = atoi(val);
		else if (!strcmp(name, "every"))
			o.every = atoi(val);
		else if (!strcmp(name, "count"))
			o.count = atoi(val);
		else if (!strcmp(name, "sources"))
			o.sources = atoi(val);
		else if (!strcmp(name, "from"))
			read_addr(val, o.from);
		else if (!strcmp(name, "to"))
			read_addr(val, o.to);
		else if (!strcmp(name, "source"))
			read_addr(val, o.source), o.given = 1;
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	unsigned char frame[256] = {};
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), len;

	if (argc < 5 || fd < 0)
		return 2;
	to.sll_ifindex = if_nametoindex(argv[1]);
	o.v6 = !strcmp(argv[2], "mld");
	o.version = atoi(argv[3]);
	read_addr(o.v6 ? "fe80::9" : "10.0.0.9", o.from);
	read_addr(o.v6 ? "ff02::1" : "224.0.0.1", o.to);
	if (strcmp(argv[4], "-")) {
		read_addr(argv[4], o.group);
		memcpy(o.to, o.group, sizeof(o.to));
	}
	words(argv + 5);
	for (int i = 0; i < o.count; i++) {
		memset(frame, 0, sizeof(frame));
		if (o.v6) {
			memcpy(frame, "\x33\x33", 2);
			memcpy(frame + 2, o.to + 12, 4);
		} else {
			memcpy(frame, "\x01\x00\x5e", 3);
			memcpy(frame + 3, o.to + 1, 3);
			frame[3] &= 0x7f;
		}
		memcpy(frame + 6, "\x02\0\0\0\0\x09", 6);
		memcpy(frame + 12, o.v6 ? "\x86\xdd" : "\x08\x00", 2);
		len = 14 + (o.v6 ? packet6(frame + 14) : packet4(frame + 14));
		if (sendto(fd, frame, len, 0, (void *)&to, sizeof(to)) != len) {
			perror("mcast-send");
			return 1;
		}
		o.group[addr_len() - 1]++;
		o.group[addr_len() - 2] += !o.group[addr_len() - 1];
	}
	return 0;
}
