// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject DEV FRAME...: send frames, byte by byte as they are given
 *
 * A frame is written in hexadecimal, white space and colons allowed:
 *
 *	inject veth0 'ff:ff:ff:ff:ff:ff 02:00:00:00:00:01 0806 ...'
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

static int read_frame(const char *text, unsigned char *frame, int size)
{
	int len = 0, high = -1, digit;

	for (; *text; text++) {
		if (isspace(*text) || *text == ':')
			continue;
		if (!isxdigit(*text) || len == size)
			return -1;
		digit = isdigit(*text) ? *text - '0' : tolower(*text) - 'a' + 10;
		if (high < 0) {
			high = digit;
		} else {
			frame[len++] = high << 4 | digit;
			high = -1;
		}
	}
	return high < 0 ? len : -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	unsigned char frame[2048];
	int fd, i, len;

	if (argc < 3) {
		fprintf(stderr, "usage: inject DEV FRAME...\n");
		return 2;
	}
	to.sll_ifindex = if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (!to.sll_ifindex || fd < 0) {
		perror(argv[1]);
		return 1;
	}
	for (i = 2; i < argc; i++) {
		len = read_frame(argv[i], frame, sizeof(frame));
		if (len < 0) {
			fprintf(stderr, "inject: no frame: %s\n", argv[i]);
			return 2;
		}
		if (sendto(fd, frame, len, 0, (struct sockaddr *)&to,
			   sizeof(to)) != len) {
			perror("inject");
			return 1;
		}
	}
	return 0;
}
