// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject [-f] DEV FRAME...: send frames, byte by byte as they are given
 *
 * With -f, a flood: again and again, until the device goes or a signal comes.
 *
 * A frame is written in hexadecimal, white space and colons allowed:
 *
 *	inject veth0 'ff:ff:ff:ff:ff:ff 02:00:00:00:00:01 0806 ...'
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

struct frame {
	unsigned char data[2048];
	int len;
};

/* A queue that is full for a moment is no reason to give up. */
static int send_all(int fd, const struct sockaddr_ll *to,
		    const struct frame *frames, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (sendto(fd, frames[i].data, frames[i].len, 0,
			   (const struct sockaddr *)to, sizeof(*to)) < 0 &&
		    errno != ENOBUFS)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	static struct frame frames[16];
	int flood, fd, n;

	flood = argc > 1 && !strcmp(argv[1], "-f");
	argv += flood;
	argc -= flood;
	if (argc < 3 || argc - 2 > 16) {
		fprintf(stderr, "usage: inject [-f] DEV FRAME...\n");
		return 2;
	}
	for (n = 0; n < argc - 2; n++) {
		frames[n].len = read_frame(argv[n + 2], frames[n].data,
					   sizeof(frames[n].data));
		if (frames[n].len < 0) {
			fprintf(stderr, "inject: no frame: %s\n", argv[n + 2]);
			return 2;
		}
	}
	to.sll_ifindex = if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (!to.sll_ifindex || fd < 0) {
		perror(argv[1]);
		return 1;
	}
	do {
		if (send_all(fd, &to, frames, n)) {
			perror("inject");
			return 1;
		}
	} while (flood);
	return 0;
}
