// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy dhcp's hook: an event of udhcpc becomes configuration of AF_TOY.
 *
 * udhcpc says what has happened by one word, and what the server has said by
 * variables: ip, subnet, mask, router, staticroutes (RFC 3442), mtu, dns, domain,
 * search. What was configured is noted in a file, one "toy" command that takes
 * it back in each line, the last one first; so the end of a lease takes away
 * what that lease has brought and nothing else.
 *
 * Whatever a server sends ends up as an argument of our own functions, which read
 * it as they would read a user's word; nothing goes through a shell.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "dhcp.h"

#define MAX_WORDS	16
#define MAX_LINES	64
#define IPV4_MIN_MTU	68	/* RFC 2132 5.1 */

static const char *lease(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* ---- Doing things ---------------------------------------------------------- */

/* As "toy LINE" does, in a process of its own: words that make no sense end it.
 */
static bool command(const char *line)
{
	char copy[256], *words[MAX_WORDS + 1], *rest = copy, *word;
	int n = 0, status;
	pid_t pid;

	snprintf(copy, sizeof(copy), "%s", line);
	while (n < MAX_WORDS && (word = strsep(&rest, " ")))
		if (*word)
			words[n++] = word;
	words[n] = NULL;
	if (!n)
		return false;
	fflush(NULL);
	pid = fork();
	if (!pid)
		exit(!strcmp(words[0], "addr") ? do_addr(words + 1) :
						 do_route(words + 1));
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

struct undo {
	int	n;
	char	line[MAX_LINES][160];
};

static void __printf(2, 3) undo_by(struct undo *u, const char *format, ...)
{
	va_list args;

	if (u->n == MAX_LINES)
		return;
	va_start(args, format);
	vsnprintf(u->line[u->n++], sizeof(u->line[0]), format, args);
	va_end(args);
}

static void undo_read(struct undo *u, const char *state)
{
	FILE *f = fopen(state, "re");

	u->n = 0;
	while (f && u->n < MAX_LINES &&
	       fgets(u->line[u->n], sizeof(u->line[0]), f)) {
		u->line[u->n][strcspn(u->line[u->n], "\n")] = 0;
		u->n++;
	}
	if (f)
		fclose(f);
}

static void undo_write(const struct undo *u, const char *state)
{
	FILE *f = fopen(state, "we");

	if (!f) {
		fprintf(stderr, "toy: %s: %s\n", state, strerror(errno));
		return;
	}
	for (int i = 0; i < u->n; i++)
		fprintf(f, "%s\n", u->line[i]);
	fclose(f);
}

static bool undo_has(const struct undo *u, const char *line)
{
	for (int i = 0; i < u->n; i++)
		if (!strcmp(u->line[i], line))
			return true;
	return false;
}

/* What @old has and @now has not, backwards. */
static void undo_rest(const struct undo *old, const struct undo *now)
{
	for (int i = old->n - 1; i >= 0; i--)
		if (!now || !undo_has(now, old->line[i]))
			command(old->line[i]);
}

/* ---- A lease ---------------------------------------------------------------- */

static unsigned int device_mtu(const char *dev)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFMTU, &ifr))
		ifr.ifr_mtu = 0;
	close(fd);
	return ifr.ifr_mtu;
}

/* " mtu N" where the server wants less than the device can. */
static const char *mtu_words(const char *dev)
{
	unsigned long mtu = strtoul(lease("mtu"), NULL, 10);
	static char text[32];

	if (mtu >= IPV4_MIN_MTU && mtu < device_mtu(dev))
		snprintf(text, sizeof(text), " mtu %lu", mtu);
	return text;
}

/* "255.255.255.0" is 24; without a mask the address stands alone. */
static unsigned int prefix_length(const char *subnet)
{
	struct in_addr mask;

	if (inet_pton(AF_INET, subnet, &mask) != 1)
		return 32;
	return __builtin_popcount(mask.s_addr);
}

static void add_route(struct undo *u, const char *dev, const char *to,
		      const char *via, unsigned int metric)
{
	char line[200], tail[64] = "";

	if (metric)
		snprintf(tail, sizeof(tail), " metric %u", metric);
	if (*via)
		snprintf(line, sizeof(line),
			 "route replace %s via %s dev %s%s%s", to, via, dev,
			 tail, mtu_words(dev));
	else
		snprintf(line, sizeof(line), "route replace %s dev %s%s%s", to,
			 dev, tail, mtu_words(dev));
	if (command(line))
		undo_by(u, "route del %s%s%s dev %s%s", to, *via ? " via " : "",
			via, dev, tail);
}

static void add_address(struct undo *u, const char *dev)
{
	unsigned int plen = prefix_length(lease("subnet"));
	struct in_addr ip, net;
	char line[160], text[INET_ADDRSTRLEN + 4];
	bool own_route = *mtu_words(dev) && plen < 31;

	if (inet_pton(AF_INET, lease("ip"), &ip) != 1)
		return;
	snprintf(line, sizeof(line), "addr replace %s/%u dev %s%s", lease("ip"),
		 plen, dev, own_route ? " noprefixroute" : "");
	if (!command(line))
		return;
	undo_by(u, "addr del %s/%u dev %s", lease("ip"), plen, dev);
	if (!own_route)
		return;
	net.s_addr = ip.s_addr & htonl(plen ? ~0U << (32 - plen) : 0);
	inet_ntop(AF_INET, &net, text, INET_ADDRSTRLEN);
	snprintf(text + strlen(text), 4, "/%u", plen);
	add_route(u, dev, text, "", 0);
}

/* A router outside of the prefix is on the link all the same. */
static void reach(struct undo *u, const char *dev, const char *router)
{
	unsigned int plen = prefix_length(lease("subnet"));
	struct in_addr ip, gw;
	uint32_t mask = plen ? htonl(~0U << (32 - plen)) : 0;

	if (inet_pton(AF_INET, lease("ip"), &ip) == 1 &&
	    inet_pton(AF_INET, router, &gw) == 1 &&
	    ((ip.s_addr ^ gw.s_addr) & mask))
		add_route(u, dev, router, "", 0);
}

/* RFC 3442: where there are classless routes, the routers do not count. */
static void add_routes(struct undo *u, const char *dev)
{
	char copy[1024], *rest = copy, *to, *via;
	unsigned int metric = 0;

	snprintf(copy, sizeof(copy), "%s", lease("staticroutes"));
	if (*copy) {
		while ((to = strsep(&rest, " ")) && (via = strsep(&rest, " "))) {
			bool direct = !strcmp(via, "0.0.0.0");

			if (!direct)
				reach(u, dev, via);
			add_route(u, dev, to, direct ? "" : via, 0);
		}
		return;
	}
	/* In the order of preference (RFC 2132 3.5). */
	snprintf(copy, sizeof(copy), "%s", lease("router"));
	while ((via = strsep(&rest, " ")))
		if (*via) {
			reach(u, dev, via);
			add_route(u, dev, "default", via, metric++);
		}
}

/* In place: a file that is mounted elsewhere stays the same file. */
void dhcp_write_resolv(const char *file, const char *by, const char *dev,
		       const char *servers, const char *search)
{
	char copy[1024], *rest = copy, *server;
	FILE *f;

	if (!file || !*servers)
		return;
	f = fopen(file, "we");
	if (!f) {
		fprintf(stderr, "toy: %s: %s\n", file, strerror(errno));
		return;
	}
	fprintf(f, "# by %s on %s (toy dhcp)\n", by, dev);
	if (*search)
		fprintf(f, "search %s\n", search);
	snprintf(copy, sizeof(copy), "%s", servers);
	while ((server = strsep(&rest, " ")))
		if (*server)
			fprintf(f, "nameserver %s\n", server);
	fclose(f);
}

static int take_lease(const char *state, const char *dev, const char *event)
{
	struct undo old, now = { 0 };

	undo_read(&old, state);
	add_address(&now, dev);
	add_routes(&now, dev);
	undo_rest(&old, &now);
	undo_write(&now, state);
	dhcp_write_resolv(getenv(DHCP_ENV_RESOLV), "DHCP", dev, lease("dns"),
			  *lease("search") ? lease("search") : lease("domain"));
	if (!strcmp(event, "bound"))
		fprintf(stderr,
			"toy: %s has %s/%u%s%s, from %s, for %s seconds\n", dev,
			lease("ip"), prefix_length(lease("subnet")),
			*lease("router") ? ", router " : "", lease("router"),
			lease("serverid"), lease("lease"));
	return now.n ? 0 : EXIT_KERNEL;
}

void dhcp_deconfig(const char *state, const char *dev)
{
	struct undo old;

	(void)dev;
	undo_read(&old, state);
	undo_rest(&old, NULL);
	unlink(state);
}

int dhcp_is_hook(void)
{
	return getenv(DHCP_ENV_STATE) && getenv("interface");
}

/* A server's words are for a terminal: letters and nothing else. */
static const char *plain(const char *text)
{
	static char copy[128];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return copy;
}

int dhcp_hook(const char *event)
{
	const char *state = lease(DHCP_ENV_STATE), *dev = lease("interface");

	if (!strcmp(event, "bound") || !strcmp(event, "renew"))
		return take_lease(state, dev, event);
	if (!strcmp(event, "deconfig"))
		dhcp_deconfig(state, dev);
	else if (!strcmp(event, "leasefail"))
		fprintf(stderr, "toy: no DHCP server answers on %s\n", dev);
	else if (!strcmp(event, "nak"))
		fprintf(stderr, "toy: the DHCP server on %s has refused: %s\n",
			dev, plain(lease("message")));
	return 0;
}
