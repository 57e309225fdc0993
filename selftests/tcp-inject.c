// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcp-inject: segments that no TCP would send
 *
 *	tcp-inject syn DEV DSTMAC DST PORT
 *	tcp-inject blind DEV DSTMAC SRC DST PORT
 *
 * "syn" sends SYNs from random addresses of 198.18.0.0/15, for ever.
 *
 * "blind" looks for segments from SRC to PORT of DST on DEV, and adds its own
 * of the same connection: RSTs, SYNs and data inside of the window, but never
 * with the one right number; and with random ones. A receiver that follows
 * RFC 5961 survives. The connection's data have to flow from DST to SRC: then
 * the number to miss stands still. For ever, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#define MOST_DATA	100

struct segment {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
	unsigned char data[MOST_DATA];
} __attribute__((packed));

static int fd;
static struct sockaddr_ll dev = { .sll_family = AF_PACKET };
static unsigned char mac[6];

static uint32_t rnd(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static uint32_t sum(const void *data, size_t len, uint32_t s)
{
	const unsigned char *p = data;

	for (; len > 1; len -= 2, p += 2)
		s += p[0] << 8 | p[1];
	return len ? s + (p[0] << 8) : s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons(~s);
}

/* Addresses, ports, numbers and flags are set; the rest is done here. */
static void inject(struct segment *seg, int len)
{
	int tcp_len = sizeof(seg->tcp) + len;
	uint32_t s;

	memcpy(seg->eth.h_dest, mac, 6);
	memcpy(seg->eth.h_source, "\x02\x00\x00\x00\x0f\x00", 6);
	seg->eth.h_proto = htons(ETHERTYPE_IP);
	seg->ip.version = 4;
	seg->ip.ihl = 5;
	seg->ip.tot_len = htons(sizeof(seg->ip) + tcp_len);
	seg->ip.frag_off = htons(0x4000);
	seg->ip.ttl = 64;
	seg->ip.protocol = IPPROTO_TCP;
	seg->ip.check = 0;
	seg->ip.check = fold(sum(&seg->ip, sizeof(seg->ip), 0));
	seg->tcp.doff = 5;
	seg->tcp.window = htons(1000);
	seg->tcp.check = 0;
	s = sum(&seg->ip.saddr, 8, IPPROTO_TCP + tcp_len);
	seg->tcp.check = fold(sum(&seg->tcp, tcp_len, s));
	if (sendto(fd, seg, sizeof(seg->eth) + sizeof(seg->ip) + tcp_len, 0,
		   (struct sockaddr *)&dev, sizeof(dev)) < 0 &&
	    errno != ENOBUFS) {
		perror("tcp-inject");
		exit(1);
	}
}

static void syn_flood(uint32_t dst, int port)
{
	struct segment seg = {};
	int i;

	for (i = 0;; i++) {
		seg.ip.saddr = htonl(0xc6120000 | (rnd() & 0x1ffff));
		seg.ip.daddr = dst;
		seg.tcp.source = htons(1024 + rnd() % 60000);
		seg.tcp.dest = htons(port);
		seg.tcp.seq = rnd();
		seg.tcp.syn = 1;
		inject(&seg, 0);
		/* Some thousands in a second: others want to live, too. */
		if (i % 16 == 15)
			usleep(2000);
	}
}

/* What the last segment of the connection said. */
struct seen {
	uint16_t port;
	uint32_t seq, ack;
};

static int look(uint32_t src, uint32_t dst, int port, struct seen *seen)
{
	struct segment seg;
	ssize_t len;
	int found = 0;

	while ((len = recv(fd, &seg, sizeof(seg), MSG_DONTWAIT)) > 0) {
		if (len < sizeof(seg) - MOST_DATA || seg.ip.saddr != src ||
		    seg.ip.daddr != dst || seg.tcp.dest != htons(port) ||
		    seg.ip.ihl != 5 || !seg.tcp.ack || seg.tcp.syn ||
		    seg.ip.protocol != IPPROTO_TCP ||
		    !memcmp(seg.eth.h_source, "\x02\x00\x00\x00\x0f\x00", 6))
			continue;
		seen->port = seg.tcp.source;
		seen->seq = ntohl(seg.tcp.seq);
		seen->ack = ntohl(seg.tcp.ack_seq);
		found = 1;
	}
	return found;
}

static void blind(uint32_t src, uint32_t dst, int port)
{
	struct seen seen = {};
	struct segment seg;
	uint32_t seq;
	long n = 0;
	int kind, known = 0;

	for (;; n++) {
		known |= look(src, dst, port, &seen);
		if (!known) {
			usleep(1000);
			continue;
		}
		if (n % 8 == 7)
			usleep(1000);
		if (n == 64)
			printf("injecting\n");
		memset(&seg, 0, sizeof(seg));
		seg.ip.saddr = src;
		seg.ip.daddr = dst;
		seg.tcp.source = seen.port;
		seg.tcp.dest = htons(port);
		/* In the window and not its left edge; or anywhere, not near. */
		seq = n % 3 ? seen.seq + 1 + rnd() % 20000
			    : seen.seq + (1U << 30) + rnd() % (1U << 31);
		seg.tcp.seq = htonl(seq);
		kind = rnd() % 5;
		switch (kind) {
		case 0:
			seg.tcp.rst = 1;
			break;
		case 1:
			seg.tcp.syn = 1;
			break;
		case 2:
			seg.tcp.rst = 1;
			seg.tcp.ack = 1;
			seg.tcp.ack_seq = htonl(seen.ack);
			break;
		case 3:
			/* Acknowledges what was never sent. */
			seg.tcp.ack = 1;
			seg.tcp.ack_seq = htonl(seen.ack + (1U << 30));
			break;
		default:
			/* Or what was acknowledged long ago. */
			seg.tcp.ack = 1;
			seg.tcp.fin = rnd() % 2;
			seg.tcp.ack_seq = htonl(seen.ack - (1U << 30) - rnd() % 1000);
			break;
		}
		memset(seg.data, 'X', MOST_DATA);
		inject(&seg, kind > 2 ? 1 + rnd() % MOST_DATA : 0);
	}
}

int main(int argc, char **argv)
{
	int is_syn = argc == 6 && !strcmp(argv[1], "syn");
	int is_blind = argc == 7 && !strcmp(argv[1], "blind");
	struct in_addr a, b = {};

	if ((!is_syn && !is_blind) ||
	    sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
		   &mac[2], &mac[3], &mac[4], &mac[5]) != 6 ||
	    !inet_aton(argv[4], &a) || (is_blind && !inet_aton(argv[5], &b))) {
		fprintf(stderr, "usage: tcp-inject syn DEV DSTMAC DST PORT\n"
			"       tcp-inject blind DEV DSTMAC SRC DST PORT\n");
		return 2;
	}
	setlinebuf(stdout);
	dev.sll_ifindex = if_nametoindex(argv[2]);
	dev.sll_protocol = htons(is_blind ? ETH_P_ALL : 0);
	fd = socket(AF_PACKET, SOCK_RAW, dev.sll_protocol);
	if (!dev.sll_ifindex || fd < 0 ||
	    bind(fd, (struct sockaddr *)&dev, sizeof(dev))) {
		perror(argv[2]);
		return 1;
	}
	if (is_syn)
		syn_flood(a.s_addr, atoi(argv[5]));
	blind(a.s_addr, b.s_addr, atoi(argv[6]));
	return 0;
}
