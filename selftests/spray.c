// SPDX-License-Identifier: GPL-2.0-only
/*
 * spray FAMILY ADDR COUNT: one datagram to port 9 of COUNT addresses in a row
 *
 * Whether anybody is there is not asked: this fills neighbour caches. ADDR is of
 * either IP version.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/toy.h>

/* The last 32 bits of an address, in host byte order and back. */
static void next(unsigned char *last)
{
	unsigned int n;

	memcpy(&n, last, sizeof(n));
	n = htonl(ntohl(n) + 1);
	memcpy(last, &n, sizeof(n));
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 to6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(9),
	};
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	const void *name = &to;
	socklen_t len = sizeof(to);
	unsigned char *last = (unsigned char *)&to.sin_addr;
	int fd, count, v6 = 0;

	if (argc == 4 && inet_pton(AF_INET6, argv[2], &to6.sin6_addr) == 1) {
		v6 = 1;
		name = &to6;
		len = sizeof(to6);
		last = to6.sin6_addr.s6_addr + 12;
	} else if (argc != 4 || !inet_aton(argv[2], &to.sin_addr)) {
		fprintf(stderr, "usage: spray toy|inet ADDR COUNT\n");
		return 2;
	}
	fd = socket(!strcmp(argv[1], "toy") ? AF_TOY : v6 ? AF_INET6 : AF_INET,
		    SOCK_DGRAM, 0);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	for (count = atoi(argv[3]); count > 0; count--) {
		sendto(fd, "x", 1, MSG_DONTWAIT, name, len);
		next(last);
	}
	return 0;
}
