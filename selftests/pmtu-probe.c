// SPDX-License-Identifier: GPL-2.0-only
/*
 * pmtu-probe: what a program sees of the path MTU, and forged ICMP errors
 *
 *	pmtu-probe udp toy|inet ADDR PORT MODE [SIZE | wMS | bPORT]...
 *	pmtu-probe forge FROM TO TYPE CODE WORD PROTO QSRC QSPORT QDST QDPORT
 *		[COUNT]
 *
 * udp: a connected socket with IP_RECVERR; MODE is that of IP_MTU_DISCOVER
 * (dont want do probe interface omit). Sends a datagram of each SIZE, after wMS
 * waits so long, and prints what became of it, what stands in the error queue
 * and IP_MTU. bPORT binds, before anything else.
 *
 * forge: from AF_INET, an ICMP error that claims to come from FROM and quotes a
 * packet of PROTO from QSRC:QSPORT to QDST:QDPORT; WORD is the second word of
 * its header: MTU or gateway. COUNT of them, to as many QDST in a row.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/toy.h>

static const char *const modes[] = {
	"dont", "want", "do", "probe", "interface", "omit",
};

static void __attribute__((noreturn)) usage(void)
{
	fputs("usage: pmtu-probe udp toy|inet ADDR PORT MODE [SIZE | wMS]...\n"
	      "       pmtu-probe forge FROM TO TYPE CODE WORD PROTO QSRC QSPORT QDST QDPORT [COUNT]\n",
	      stderr);
	exit(2);
}

static void __attribute__((noreturn)) die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address(const char *addr, int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	if (inet_pton(AF_INET, addr, &sin.sin_addr) != 1)
		usage();
	return sin;
}

/* ---- udp ------------------------------------------------------------------ */

static void show_queue(int fd)
{
	char control[512], data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err *ee;
	struct cmsghdr *cmsg;

	while (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg;
		     cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			if (cmsg->cmsg_type != IP_RECVERR)
				continue;
			ee = (void *)CMSG_DATA(cmsg);
			printf("queue: %s, origin %u, info %u\n",
			       strerror(ee->ee_errno), ee->ee_origin,
			       ee->ee_info);
		}
		msg.msg_controllen = sizeof(control);
	}
}

static void show_mtu(int fd)
{
	socklen_t len = sizeof(int);
	int mtu;

	if (getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len))
		printf("mtu: %s\n", strerror(errno));
	else
		printf("mtu: %d\n", mtu);
}

static void send_one(int fd, int size)
{
	static char data[65536];
	struct pollfd pfd = { .fd = fd };
	ssize_t n = send(fd, data, size, 0);

	if (n < 0)
		printf("send %d: %s\n", size, strerror(errno));
	else
		printf("send %d: ok\n", size);
	poll(&pfd, 1, 150);		/* an error shows as POLLERR */
	show_queue(fd);
	show_mtu(fd);
}

static int set_mode(int fd, const char *name)
{
	int mode;

	for (mode = 0; mode < 6; mode++)
		if (!strcmp(name, modes[mode]))
			return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER,
					  &mode, sizeof(mode));
	usage();
}

static int udp(int argc, char **argv)
{
	struct sockaddr_in peer, me;
	int fd, on = 1;

	if (argc < 4)
		usage();
	fd = socket(strcmp(argv[0], "toy") ? AF_INET : AF_TOY, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	peer = address(argv[1], atoi(argv[2]));
	if (set_mode(fd, argv[3]) ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)))
		die("setsockopt");
	argv += 4;
	if (*argv && **argv == 'b') {
		me = address("0.0.0.0", atoi(*argv++ + 1));
		if (bind(fd, (void *)&me, sizeof(me)))
			die("bind");
	}
	if (connect(fd, (void *)&peer, sizeof(peer)))
		die("connect");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (; *argv; argv++) {
		if (**argv == 'w') {
			usleep(1000 * atoi(*argv + 1));
			show_queue(fd);
			show_mtu(fd);
		} else {
			send_one(fd, atoi(*argv));
		}
	}
	return 0;
}

/* ---- forge ----------------------------------------------------------------- */

struct message {
	struct iphdr ip;
	struct icmphdr icmp;
	struct iphdr quoted;
	uint16_t sport;
	uint16_t dport;
	uint32_t rest;		/* UDP: length and checksum; TCP: sequence */
};

static uint16_t sum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t s = 0;

	for (; len > 1; len -= 2)
		s += *p++;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

static int forge(int argc, char **argv)
{
	struct message m = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_ICMP,
			.tot_len = htons(sizeof(m)) },
		.quoted = { .version = 4, .ihl = 5, .ttl = 63,
			    .tot_len = htons(1500) },
	};
	struct sockaddr_in to;
	int fd, n, count;

	if (argc < 10)
		usage();
	to = address(argv[1], 0);
	m.ip.saddr = address(argv[0], 0).sin_addr.s_addr;
	m.ip.daddr = to.sin_addr.s_addr;
	m.icmp.type = atoi(argv[2]);
	m.icmp.code = atoi(argv[3]);
	m.icmp.un.gateway = strchr(argv[4], '.') ?
			    address(argv[4], 0).sin_addr.s_addr :
			    htonl(strtoul(argv[4], NULL, 0));
	m.quoted.protocol = atoi(argv[5]);
	m.quoted.saddr = address(argv[6], 0).sin_addr.s_addr;
	m.sport = htons(atoi(argv[7]));
	m.quoted.daddr = address(argv[8], 0).sin_addr.s_addr;
	m.dport = htons(atoi(argv[9]));
	count = argc > 10 ? atoi(argv[10]) : 1;

	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		die("socket");
	for (n = 0; n < count; n++) {
		m.quoted.check = 0;
		m.quoted.check = sum(&m.quoted, sizeof(m.quoted));
		m.icmp.checksum = 0;
		m.icmp.checksum = sum(&m.icmp, sizeof(m) - sizeof(m.ip));
		while (sendto(fd, &m, sizeof(m), 0, (void *)&to,
			      sizeof(to)) < 0) {
			if (errno != ENOBUFS)
				die("sendto");
			usleep(1000);
		}
		m.quoted.daddr = htonl(ntohl(m.quoted.daddr) + 1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "udp"))
		return udp(argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "forge"))
		return forge(argc - 2, argv + 2);
	usage();
}
