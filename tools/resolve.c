// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy resolve - ask the DNS, by sockets of AF_TOY
 *
 * c-ares knows the protocol, resolv.conf and the search list; all it needs of us
 * is a socket. What works here works in programs under toyrun as well, unless
 * something else stands in the way, which toyrun --check finds.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ares.h>
#include <errno.h>
#include <linux/toy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli.h"
#include "family.h"
#include "fmt.h"
#include "resolve.h"

static const char usage[] =
	"Usage: toy resolve NAME [ -t TYPE ] [ server ADDRESS ]\n"
	"       toy resolve ADDRESS [ server ADDRESS ]\n"
	"\n"
	"TYPE is A, AAAA, CNAME, MX, NS, PTR, SOA, SRV or TXT; without one it is\n"
	"A and AAAA. The servers are those of /etc/resolv.conf.\n";

struct question {
	int	type;
	int	found;
	int	status;		/* the worst, unless something was found */
};

/* ---- Sockets ---------------------------------------------------------------- */

static ares_socket_t open_socket(int domain, int type, int protocol, void *data)
{
	int fd = socket(toy_family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK,
			protocol);

	(void)data;
	if (fd >= 0)
		setsockopt(fd, SOL_TOY, TOY_SOCKADDR, &domain, sizeof(domain));
	return fd;
}

static int close_socket(ares_socket_t fd, void *data)
{
	(void)data;
	return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *addr,
			  ares_socklen_t len, void *data)
{
	(void)data;
	return connect(fd, addr, len);
}

static ares_ssize_t receive(ares_socket_t fd, void *buf, size_t size, int flags,
			    struct sockaddr *from, ares_socklen_t *len,
			    void *data)
{
	(void)data;
	return recvfrom(fd, buf, size, flags, from, len);
}

static ares_ssize_t send_vector(ares_socket_t fd, const struct iovec *iov,
				int count, void *data)
{
	(void)data;
	return writev(fd, iov, count);
}

static const struct ares_socket_functions sockets = {
	open_socket, close_socket, connect_socket, receive, send_vector,
};

/* ---- Questions -------------------------------------------------------------- */

static void on_answer(void *data, int status, int timeouts, unsigned char *msg,
		      int len)
{
	struct question *q = data;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		q->found += rr_print(msg, len, q->type);
	q->status = status;
}

/* "4.3.2.1.in-addr.arpa" (RFC 1035 3.5), "...ip6.arpa" (RFC 3596 2.5). */
static void reverse_name(const struct in6_addr *addr, char *buf, size_t size)
{
	const uint8_t *a = addr->s6_addr;
	int n = 0;

	if (IN6_IS_ADDR_V4MAPPED(addr)) {
		snprintf(buf, size, "%u.%u.%u.%u.in-addr.arpa", a[15], a[14],
			 a[13], a[12]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		n += snprintf(buf + n, size - n, "%x.%x.", a[i] & 0xf,
			      a[i] >> 4);
	snprintf(buf + n, size - n, "ip6.arpa");
}

static bool is_address(const char *text, struct in6_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &addr->s6_addr[12]) == 1) {
		memset(&addr->s6_addr[10], 0xff, 2);
		return true;
	}
	return inet_pton(AF_INET6, text, addr) == 1;
}

static void wait_for_answers(ares_channel channel)
{
	struct timeval patience, *t;
	fd_set in, out;
	int n;

	for (;;) {
		FD_ZERO(&in);
		FD_ZERO(&out);
		n = ares_fds(channel, &in, &out);
		if (!n)
			return;
		t = ares_timeout(channel, NULL, &patience);
		if (select(n, &in, &out, NULL, t) < 0 && errno != EINTR)
			return;
		ares_process(channel, &in, &out);
	}
}

static int ask(const char *name, int type, const char *server)
{
	struct question q[2] = { { .type = type < 0 ? ns_t_a : type },
				 { .type = ns_t_aaaa } };
	struct in6_addr addr;
	ares_channel channel;
	char reverse[80];
	int status;

	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (!status)
		status = ares_init(&channel);
	if (!status && server)
		status = ares_set_servers_csv(channel, server);
	if (status) {
		fprintf(stderr, "toy: %s\n", ares_strerror(status));
		return EXIT_USAGE;
	}
	ares_set_socket_functions(channel, &sockets, NULL);
	if (is_address(name, &addr) && (type < 0 || type == ns_t_ptr)) {
		reverse_name(&addr, reverse, sizeof(reverse));
		name = reverse;
		type = ns_t_ptr;
		q[0].type = type;
	}

	fmt_list_begin(NULL);
	ares_search(channel, name, ns_c_in, q[0].type, on_answer, &q[0]);
	if (type < 0)
		ares_search(channel, name, ns_c_in, q[1].type, on_answer,
			    &q[1]);
	wait_for_answers(channel);
	fmt_list_end();
	ares_destroy(channel);
	ares_library_cleanup();

	if (q[0].found + q[1].found)
		return 0;
	if (q[0].status == ARES_SUCCESS || q[0].status == ARES_ENODATA)
		q[0].status = q[1].status ? q[1].status : ARES_ENODATA;
	fprintf(stderr, "toy: %s: %s\n", name, ares_strerror(q[0].status));
	return EXIT_KERNEL;
}

static void need_family(void)
{
	int fd = socket(toy_family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		usage_error("a socket of AF_TOY: %s", strerror(errno));
	close(fd);
}

int do_resolve(char **argv)
{
	const char *name = NULL, *server = NULL;
	int type = -1;

	if (*argv && (!strcmp(*argv, "help") || !strcmp(*argv, "--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	for (; *argv; argv++) {
		if (!strcmp(*argv, "-t") && argv[1]) {
			type = rr_type(*++argv);
			if (type < 0)
				usage_error("\"%s\" is no type, try \"toy resolve help\"",
					    *argv);
		} else if (!strcmp(*argv, "server") && name && argv[1]) {
			server = *++argv;
		} else if (**argv == '-' || name) {
			usage_error("\"%s\" was not expected", *argv);
		} else {
			name = *argv;
		}
	}
	if (!name)
		usage_error("which name?");
	need_family();
	return ask(name, type, server);
}
