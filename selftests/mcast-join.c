// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcast-join toy|inet DEV WHAT...: be a member of groups until killed
 *
 *	GROUP		of all sources
 *	GROUP+S1+S2	of these sources only
 *	GROUP-S1-S2	of all but these
 *
 * Prints "ready" when it is one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/toy.h>

static int toy;
static unsigned int dev;

static int v6(const char *text)
{
	return !!strchr(text, ':');
}

static struct sockaddr_storage addr_of(const char *text)
{
	struct sockaddr_storage ss = {};
	int ok;

	if (v6(text)) {
		ss.ss_family = AF_INET6;
		ok = inet_pton(AF_INET6, text,
			       &((struct sockaddr_in6 *)&ss)->sin6_addr);
	} else {
		ss.ss_family = AF_INET;
		ok = inet_pton(AF_INET, text,
			       &((struct sockaddr_in *)&ss)->sin_addr);
	}
	if (ok != 1) {
		fprintf(stderr, "mcast-join: what is '%s'?\n", text);
		exit(2);
	}
	return ss;
}

static void join(char *what)
{
	char *at = what + strcspn(what, "+-"), op = *at;
	struct group_source_req s = { .gsr_interface = dev };
	struct group_req g = { .gr_interface = dev };
	int level, fd, err = 0;

	*at = 0;
	level = v6(what) ? IPPROTO_IPV6 : IPPROTO_IP;
	fd = socket(toy ? AF_TOY : v6(what) ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	g.gr_group = addr_of(what);
	s.gsr_group = g.gr_group;
	if (op != '+')
		err = setsockopt(fd, level, MCAST_JOIN_GROUP, &g, sizeof(g));
	while (op && !err) {
		char *source = ++at, next;

		at += strcspn(at, "+-");
		next = *at;
		*at = 0;
		s.gsr_source = addr_of(source);
		err = setsockopt(fd, level, op == '+' ? MCAST_JOIN_SOURCE_GROUP :
				 MCAST_BLOCK_SOURCE, &s, sizeof(s));
		op = next;
	}
	if (fd < 0 || err) {
		perror("mcast-join");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	toy = !strcmp(argv[1], "toy");
	dev = if_nametoindex(argv[2]);
	for (argv += 3; *argv; argv++)
		join(*argv);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
