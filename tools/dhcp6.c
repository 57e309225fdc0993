// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy dhcp -6 - name servers and search list by stateless DHCPv6 (RFC 8415, RFC
 * 3736), where an IPv6 router says that there is such a server
 *
 *	await_router()		is there a router with "other" or "managed"?
 *	ask()			Information-request, until a Reply is good
 *	take()			the file of --resolv
 *	rest()			until it is time to ask again, or the link is new
 *
 * The protocol is ours (dhcp6_msg.c), other than for IPv4. Of Debian's clients
 * udhcpc6 is not in its BusyBox; dhclient and dhcpcd go by the link-local address in
 * the kernel's own tables, which have AF_INET6's, and get nowhere under toyrun;
 * dhcp6c runs, but is of 2008, ends after an answer and has one file for its
 * identifier, which is the host's own client's, too.
 *
 * Nothing of it lasts but the file: the socket is closed between two exchanges,
 * so a client at rest keeps no module from being unloaded.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/toy.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "dhcp.h"
#include "dhcp6_msg.h"
#include "family.h"
#include "nl.h"

#define CLIENT_PORT	546
#define SERVER_PORT	547

#define PATIENCE	15000	/* ms, until somebody is told */
#define LOOK_OFTEN	500
#define LOOK_AGAIN	5000
#define LOOKS		3	/* RFC 4861 6.2.6: routers answer within 0.5 s */

/* Seconds, instead of IRT_MINIMUM: tests have no ten minutes. */
#define ENV_IRT_MINIMUM	"TOY_DHCP_IRT_MINIMUM"

enum event { NOTHING, TIMED_OUT, ANSWER, REFRESH, NEW_LINK, STOP };

/**
 * struct client - who asks
 * @o: what the user wants
 * @ifindex: device
 * @lock: the pidfile, locked for as long as we run
 * @signals: signalfd
 * @link: rtnetlink's group of link changes
 * @sock: AF_TOY, or -1
 * @down: the link was, since we last asked
 * @told: the user knows by now that it takes long
 * @ret: exit code
 * @patience: when to tell, in ms
 * @max_rt: INF_MAX_RT
 * @irt_minimum: IRT_MINIMUM
 * @req: what is asked
 * @has_duid: it says who we are
 * @last: what the user was told last
 */
struct client {
	const struct dhcp_options *o;
	unsigned int		ifindex;
	int			lock;
	int			signals;
	int			link;
	int			sock;
	bool			down;
	bool			told;
	int			ret;
	int64_t			patience;
	uint32_t		max_rt;
	uint32_t		irt_minimum;
	struct dhcp6_request	req;
	bool			has_duid;
	char			last[2200];
};

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static uint32_t chance(void)
{
	uint32_t value = 0;

	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		value = now();
	return value;
}

static enum event fail(struct client *c)
{
	c->ret = EXIT_KERNEL;
	return STOP;
}

/* ---- What may happen ---------------------------------------------------------- */

static enum event read_signal(struct client *c)
{
	struct signalfd_siginfo info;

	if (read(c->signals, &info, sizeof(info)) != sizeof(info))
		return NOTHING;
	return info.ssi_signo == SIGUSR1 ? REFRESH : STOP;
}

static enum event on_link(struct client *c, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) ||
	    (unsigned int)ifi->ifi_index != c->ifindex)
		return NOTHING;
	if (nlh->nlmsg_type == RTM_DELLINK) {
		fprintf(stderr, "toy: %s is gone\n", c->o->dev);
		return fail(c);
	}
	if (!(ifi->ifi_flags & IFF_RUNNING)) {
		c->down = true;
		return NOTHING;
	}
	if (!c->down)
		return NOTHING;
	c->down = false;
	return NEW_LINK;
}

/* RFC 8415 18.2.12: the cable may be plugged in elsewhere now. */
static enum event read_link(struct client *c)
{
	static uint8_t buf[32768] __aligned(8);
	enum event found = NOTHING, e;
	int n;

	for (;;) {
		const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

		n = recv(c->link, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS) {
			/* Who knows what was lost. */
			found = NEW_LINK;
			continue;
		}
		if (n <= 0)
			return found;
		for (; mnl_nlmsg_ok(nlh, n); nlh = mnl_nlmsg_next(nlh, &n)) {
			e = on_link(c, nlh);
			if (e == STOP)
				return STOP;
			if (e != NOTHING)
				found = e;
		}
	}
}

/* Whatever comes in, and however much, the time comes, too. */
static enum event wait_until(struct client *c, int64_t until)
{
	struct pollfd fds[] = {
		{ .fd = c->signals, .events = POLLIN },
		{ .fd = c->link, .events = POLLIN },
		{ .fd = c->sock, .events = POLLIN },
	};
	enum event e = NOTHING;

	while (e == NOTHING) {
		int64_t left = until - now();

		if (left < 0)
			left = 0;
		if (poll(fds, ARRAY_SIZE(fds),
			 left > INT_MAX ? INT_MAX : left) < 0)
			continue;
		if (fds[0].revents)
			e = read_signal(c);
		if (e == NOTHING && fds[1].revents)
			e = read_link(c);
		if (e == NOTHING && now() >= until)
			e = TIMED_OUT;
		if (e == NOTHING && fds[2].revents)
			e = ANSWER;
	}
	return e;
}

/* ---- The background ------------------------------------------------------------- */

static void write_pid(struct client *c, pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", pid);

	if (ftruncate(c->lock, 0) || pwrite(c->lock, text, n, 0) != n)
		perror("toy: pidfile");
}

/* The lock is of the open file, which the child has, too: there is no moment
 * without one.
 */
static bool go_background(struct client *c)
{
	pid_t pid = fork();
	int null;

	if (pid < 0) {
		perror("toy: fork");
		return false;
	}
	if (pid) {
		write_pid(c, pid);
		_exit(0);
	}
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	return !chdir("/");
}

/* Returns false if that was the end of it. */
static bool tell(struct client *c, const char *why)
{
	if (c->told)
		return true;
	c->told = true;
	fprintf(stderr, "toy: %s: %s\n", c->o->dev, why);
	if (c->o->once || (c->o->background && !go_background(c))) {
		c->ret = EXIT_KERNEL;
		return false;
	}
	return true;
}

static int claim(struct client *c)
{
	const char *file = c->o->pidfile;

	c->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (c->lock < 0) {
		fprintf(stderr, "toy: %s: %s\n", file, strerror(errno));
		return -1;
	}
	if (flock(c->lock, LOCK_EX | LOCK_NB)) {
		fprintf(stderr, "toy: toy dhcp -6 runs on %s already\n",
			c->o->dev);
		return -1;
	}
	write_pid(c, getpid());
	return 0;
}

/* Who holds the lock is alive, and is who the file says. */
int dhcp6_stop(const struct dhcp_options *o)
{
	int fd = open(o->pidfile, O_RDONLY | O_CLOEXEC), pid = 0;
	char text[16] = "";

	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) &&
	    read(fd, text, sizeof(text) - 1) > 0)
		pid = atoi(text);
	if (pid <= 1) {
		fprintf(stderr, "toy: no toy dhcp -6 -d runs on %s\n", o->dev);
		return EXIT_USAGE;
	}
	if (kill(pid, SIGTERM) && errno != ESRCH) {
		perror("toy: toy dhcp -6");
		return EXIT_KERNEL;
	}
	for (int i = 0; i < 500 && flock(fd, LOCK_SH | LOCK_NB); i++)
		usleep(10000);
	close(fd);
	return 0;
}

/* ---- Routers ---------------------------------------------------------------------- */

enum advice { NO_ROUTER, NOT_HERE, DHCPV6 };

static const struct nl_attr ra_policy[TOY_RA_A_MAX + 1] = {
	[TOY_RA_A_KIND]		= { MNL_TYPE_U8, 0 },
	[TOY_RA_A_FLAGS]	= { MNL_TYPE_U32, 0 },
};

/* RFC 4861 4.2: with "managed", "other" is true as well. */
static int on_router(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_RA_A_MAX + 1];
	enum advice *advice = data;

	nl_parse(nlh, ra_policy, TOY_RA_A_MAX, tb);
	if (!tb[TOY_RA_A_KIND] || nl_u8(tb[TOY_RA_A_KIND]) != TOY_RA_ROUTER)
		return MNL_CB_OK;
	if (nl_u32(tb[TOY_RA_A_FLAGS]) & (TOY_RA_F_MANAGED | TOY_RA_F_OTHER))
		*advice = DHCPV6;
	else if (*advice == NO_ROUTER)
		*advice = NOT_HERE;
	return MNL_CB_OK;
}

static enum event await_router(struct client *c)
{
	unsigned int looks = 0;

	for (;;) {
		enum advice advice = NO_ROUTER;
		struct nlmsghdr *nlh = nl_request(TOY_CMD_RA_GET, 0);

		mnl_attr_put_u32(nlh, TOY_RA_A_IFINDEX, c->ifindex);
		if (nl_dump(nlh, on_router, &advice))
			return fail(c);
		if (advice == DHCPV6)
			return NOTHING;
		if (advice == NOT_HERE && ++looks >= LOOKS &&
		    !tell(c, "no router says that there is DHCPv6"))
			return STOP;
		if (now() >= c->patience && !tell(c, "no router advertises"))
			return STOP;
		if (wait_until(c, now() + (c->told ? LOOK_AGAIN :
						     LOOK_OFTEN)) == STOP)
			return STOP;
	}
}

/* ---- The socket ------------------------------------------------------------------- */

static const struct nl_attr addr_policy[TOY_ADDR_A_MAX + 1] = {
	[TOY_ADDR_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_ADDR_A_ADDR]	= NL_ADDR,
	[TOY_ADDR_A_FLAGS]	= { MNL_TYPE_U32, 0 },
};

struct addr_query {
	unsigned int	ifindex;
	struct in6_addr	addr;		/* :: if there is none */
};

static int on_address(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_ADDR_A_MAX + 1];
	const struct in6_addr *addr;
	struct addr_query *q = data;

	nl_parse(nlh, addr_policy, TOY_ADDR_A_MAX, tb);
	addr = nl_addr(tb[TOY_ADDR_A_ADDR]);
	if (addr && IN6_IS_ADDR_LINKLOCAL(addr) &&
	    nl_u32(tb[TOY_ADDR_A_IFINDEX]) == q->ifindex &&
	    !(nl_u32(tb[TOY_ADDR_A_FLAGS]) &
	      (TOY_ADDR_F_TENTATIVE | TOY_ADDR_F_DUPLICATE)))
		q->addr = *addr;
	return MNL_CB_OK;
}

/* The link-layer address; where that is none, or not anybody's own, the identifier
 * that our link-local address has.
 */
static void name_client(struct client *c, const struct in6_addr *local)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { };
	uint8_t id[8] = { };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", c->o->dev);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		ifr.ifr_hwaddr.sa_family = ARPHRD_NONE;
	close(fd);
	switch (ifr.ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
		memcpy(id + 2, ifr.ifr_hwaddr.sa_data, 6);
		break;
	case ARPHRD_IEEE802154:
	case ARPHRD_6LOWPAN:
		memcpy(id, ifr.ifr_hwaddr.sa_data, 8);
		break;
	default:
		memcpy(id, &local->s6_addr[8], 8);
	}
	dhcp6_duid(c->req.duid, id);
	c->has_duid = true;
}

static void close_socket(struct client *c)
{
	if (c->sock >= 0)
		close(c->sock);
	c->sock = -1;
}

/* Without one @why tells the reason. False: there never will be, the module was
 * unloaded.
 */
static bool open_socket(struct client *c, const char **why)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(CLIENT_PORT),
		.sin6_scope_id = c->ifindex,
	};
	struct addr_query q = { .ifindex = c->ifindex };
	int family = AF_INET6;

	*why = NULL;
	if (c->sock >= 0)
		return true;
	if (nl_dump(nl_request(TOY_CMD_ADDR_GET, 0), on_address, &q))
		return false;
	*why = "no link-local address";
	if (IN6_IS_ADDR_UNSPECIFIED(&q.addr))
		return true;
	if (!c->has_duid)
		name_client(c, &q.addr);
	sa.sin6_addr = q.addr;
	c->sock = socket(toy_family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 0);
	if (c->sock >= 0 &&
	    !setsockopt(c->sock, SOL_TOY, TOY_SOCKADDR, &family,
			sizeof(family)) &&
	    !bind(c->sock, (struct sockaddr *)&sa, sizeof(sa))) {
		*why = NULL;
		return true;
	}
	*why = strerror(errno);
	close_socket(c);
	return true;
}

/* ---- An exchange -------------------------------------------------------------------- */

static void send_request(struct client *c, int64_t start)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(SERVER_PORT),
		.sin6_scope_id = c->ifindex,
	};
	int64_t elapsed = (now() - start) / 10;
	uint8_t msg[DHCP6_REQUEST_SIZE];

	inet_pton(AF_INET6, "ff02::1:2", &to.sin6_addr);
	c->req.elapsed = elapsed > 0xffff ? 0xffff : elapsed;
	/* What is not sent now is sent again. */
	sendto(c->sock, msg, dhcp6_build(&c->req, msg), 0,
	       (struct sockaddr *)&to, sizeof(to));
}

static enum event collect(struct client *c, int64_t until,
			  struct dhcp6_reply *reply)
{
	uint8_t msg[4096];
	enum event e;
	ssize_t n;

	for (;;) {
		e = wait_until(c, until);
		if (e == REFRESH)
			continue;	/* is being done */
		if (e != ANSWER)
			return e;
		n = recv(c->sock, msg, sizeof(msg), MSG_TRUNC);
		if (n >= 0 && n <= (ssize_t)sizeof(msg) &&
		    !dhcp6_parse(msg, n, &c->req, reply))
			return ANSWER;
	}
}

/* As collect(), and on the way, when it has taken long, @why is told. */
static enum event collect_patiently(struct client *c, int64_t until,
				    struct dhcp6_reply *reply, const char *why)
{
	bool patient = c->told || until < c->patience;
	enum event e = collect(c, patient ? until : c->patience, reply);

	if (e != TIMED_OUT || patient)
		return e;
	return tell(c, why) ? collect(c, until, reply) : STOP;
}

/* RFC 8415 18.2.6, 15 */
static enum event ask(struct client *c, struct dhcp6_reply *reply)
{
	int64_t start = -1;
	uint32_t rt = 0;
	enum event e;

	/* 21.23 wants the delay each time, so that not all ask at once. */
	e = collect(c, now() + chance() % (DHCP6_INF_MAX_DELAY + 1), reply);
	c->req.xid = chance() & 0xffffff;
	while (e == TIMED_OUT) {
		const char *why;

		if (!open_socket(c, &why)) {
			e = fail(c);
			break;
		}
		if (!why) {
			if (start < 0)
				start = now();
			send_request(c, start);
		}
		rt = dhcp6_timeout(rt, c->max_rt, chance());
		e = collect_patiently(c, now() + rt, reply,
				      why ? why : "no DHCPv6 server answers");
		if (start < 0)
			rt = 0;		/* nothing was sent */
	}
	close_socket(c);
	return e;
}

/* A link-local server is one of this link. */
static void take(struct client *c, const struct dhcp6_reply *reply,
		 uint32_t seconds)
{
	char servers[1024] = "", text[sizeof(c->last)], addr[INET6_ADDRSTRLEN];
	size_t at = 0;

	for (unsigned int i = 0; i < reply->n_servers; i++) {
		const struct in6_addr *a = &reply->servers[i];
		bool local = IN6_IS_ADDR_LINKLOCAL(a);

		inet_ntop(AF_INET6, a, addr, sizeof(addr));
		at += snprintf(servers + at, sizeof(servers) - at, "%s%s%s%s",
			       i ? " " : "", addr, local ? "%" : "",
			       local ? c->o->dev : "");
	}
	dhcp_write_resolv(c->o->resolv, "DHCPv6", c->o->dev, servers,
			  reply->search);
	snprintf(text, sizeof(text), "name servers %s%s%s",
		 *servers ? servers : "none", *reply->search ? ", search " : "",
		 reply->search);
	if (strcmp(text, c->last))
		fprintf(stderr, "toy: %s has %s, for %u seconds\n", c->o->dev,
			text, seconds);
	memcpy(c->last, text, sizeof(text));
}

/* RFC 8415 21.23, 21.25 */
static uint32_t heed(struct client *c, const struct dhcp6_reply *reply)
{
	if (reply->max_rt)
		c->max_rt = reply->max_rt;
	if (reply->refresh < c->irt_minimum)
		return c->irt_minimum;
	return reply->refresh;
}

static enum event rest(struct client *c, uint32_t seconds)
{
	return wait_until(c, seconds == DHCP6_FOREVER ?
			     INT64_MAX : now() + seconds * 1000LL);
}

static enum event configure(struct client *c)
{
	struct dhcp6_reply reply;
	uint32_t seconds;
	enum event e;

	do {
		e = ask(c, &reply);
		if (e != ANSWER)
			return e;
		seconds = heed(c, &reply);
		take(c, &reply, seconds);
		c->ret = 0;
		if (c->o->once)
			return STOP;
		/* Whoever waited for it need not wait any more. */
		if (c->o->background && !c->told && !go_background(c))
			return fail(c);
		c->told = true;
		e = rest(c, seconds);
	} while (e == TIMED_OUT || e == REFRESH);
	return e;
}

static int open_events(struct client *c)
{
	struct sockaddr_nl group = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK,
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	c->link = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (c->signals >= 0 && c->link >= 0 &&
	    !bind(c->link, (struct sockaddr *)&group, sizeof(group)))
		return 0;
	perror("toy: netlink");
	return -1;
}

int dhcp6_run(const struct dhcp_options *o)
{
	const char *minimum = getenv(ENV_IRT_MINIMUM);
	struct client c = {
		.o = o,
		.ifindex = arg_dev(o->dev),
		.lock = -1,
		.sock = -1,
		.patience = now() + PATIENCE,
		.max_rt = DHCP6_INF_MAX_RT,
		.irt_minimum = minimum ? strtoul(minimum, NULL, 10) :
					 DHCP6_IRT_MINIMUM,
		/* Without a word from a server -1 has failed. */
		.ret = o->once ? EXIT_KERNEL : 0,
	};
	enum event e;

	if (open_events(&c) || (!o->once && claim(&c)))
		return EXIT_KERNEL;
	do {
		e = await_router(&c);
		if (e == NOTHING)
			e = configure(&c);
	} while (e != STOP);
	if (c.lock >= 0)
		unlink(o->pidfile);
	return c.ret;
}
