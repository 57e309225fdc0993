// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmp6-send [-n COUNT] [-s] DEV DST-MAC SADDR DADDR HOPS MESSAGE
 *
 * Send ICMPv6 messages in Ethernet frames. MESSAGE is hexadecimal, from the
 * type on; its checksum is filled in. With COUNT, so many times: "NNNN" in the
 * message is the number of each, and with -s the number is also the end of the
 * source address and of the source MAC, as if as many hosts sent them.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define ETH_LEN	14
#define IP_LEN	40

static unsigned char frame[2048];

static int hex_digit(int c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* Writes the message; returns its length, or -1. */
static int put_message(const char *text, unsigned int number)
{
	unsigned char *m = frame + ETH_LEN + IP_LEN;
	int len = 0, high = -1;

	while (*text) {
		if (isspace(*text) || *text == ':') {
			text++;
		} else if (!strncmp(text, "NNNN", 4)) {
			m[len++] = number >> 8;
			m[len++] = number;
			text += 4;
		} else if (!isxdigit(*text) || len > 1900) {
			return -1;
		} else if (high < 0) {
			high = hex_digit(*text++);
		} else {
			m[len++] = high << 4 | hex_digit(*text++);
			high = -1;
		}
	}
	return high < 0 ? len : -1;
}

static unsigned int sum(unsigned int s, const unsigned char *p, int len)
{
	for (int i = 0; i < len; i++)
		s += i % 2 ? p[i] : p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void put_checksum(int len)
{
	const unsigned char tail[8] = { 0, 0, len >> 8, len, 0, 0, 0,
					IPPROTO_ICMPV6 };
	unsigned char *ip = frame + ETH_LEN, *m = ip + IP_LEN;
	unsigned int s;

	if (len < 4)
		return;
	m[2] = 0;
	m[3] = 0;
	s = sum(0, ip + 8, 32);
	s = sum(s, tail, 8);
	s = ~sum(s, m, len);
	m[2] = s >> 8;
	m[3] = s;
}

static int read_mac(const char *text, unsigned char *mac)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1,
		      mac + 2, mac + 3, mac + 4, mac + 5) == 6;
}

static int send_one(int fd, const struct sockaddr_ll *to, int len)
{
	while (sendto(fd, frame, len, 0, (const struct sockaddr *)to,
		      sizeof(*to)) < 0) {
		if (errno != ENOBUFS)
			return -1;
		usleep(1000);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	unsigned char *ip = frame + ETH_LEN;
	unsigned int count = 1, i;
	struct ifreq ifr = { 0 };
	int opt, fd, len, strangers = 0;

	while ((opt = getopt(argc, argv, "n:s")) != -1) {
		if (opt == 'n')
			count = atoi(optarg);
		else
			strangers = 1;
	}
	argv += optind;
	if (argc - optind != 6 || !read_mac(argv[1], frame) ||
	    inet_pton(AF_INET6, argv[2], ip + 8) != 1 ||
	    inet_pton(AF_INET6, argv[3], ip + 24) != 1) {
		fprintf(stderr, "usage: icmp6-send [-n COUNT] [-s] DEV DST-MAC SADDR DADDR HOPS MESSAGE\n");
		return 2;
	}
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", argv[0]);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr)) {
		perror(argv[0]);
		return 1;
	}
	memcpy(frame + 6, ifr.ifr_hwaddr.sa_data, 6);
	to.sll_ifindex = if_nametoindex(argv[0]);
	frame[12] = ETH_P_IPV6 >> 8;
	frame[13] = ETH_P_IPV6 & 0xff;
	ip[0] = 0x60;
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = atoi(argv[4]);

	for (i = 0; i < count; i++) {
		len = put_message(argv[5], i);
		if (len < 0) {
			fprintf(stderr, "icmp6-send: not hexadecimal\n");
			return 2;
		}
		ip[4] = len >> 8;
		ip[5] = len;
		if (strangers) {
			frame[10] = i >> 8;
			frame[11] = i;
			memcpy(ip + 22, frame + 10, 2);
		}
		put_checksum(len);
		if (send_one(fd, &to, ETH_LEN + IP_LEN + len)) {
			perror(argv[0]);
			return 1;
		}
	}
	return 0;
}
