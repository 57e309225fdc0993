// SPDX-License-Identifier: GPL-2.0-only
/*
 * spray FAMILY ADDR COUNT: one datagram to port 9 of COUNT addresses in a row
 *
 * Whether anybody is there is not asked: this fills neighbour caches.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/toy.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd, count;

	if (argc != 4 || !inet_aton(argv[2], &to.sin_addr)) {
		fprintf(stderr, "usage: spray toy|inet ADDR COUNT\n");
		return 2;
	}
	fd = socket(strcmp(argv[1], "toy") ? AF_INET : AF_TOY, SOCK_DGRAM, 0);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	for (count = atoi(argv[3]); count > 0; count--) {
		sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&to,
		       sizeof(to));
		to.sin_addr.s_addr = htonl(ntohl(to.sin_addr.s_addr) + 1);
	}
	return 0;
}
