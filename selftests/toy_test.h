/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the C tests share: the family under test, the three address forms,
 * network namespaces, and a main() with a list of cases.
 *
 * TOY_FAMILY=toy tests AF_TOY, TOY_FAMILY=inet tests AF_INET, the control: its
 * behaviour is the specification. TOY_IP=6 runs the same cases over IPv6: what
 * a case calls 10.0.0.1 is fd00::10.0.0.1 then, and 127.0.0.1 is ::1; every
 * form is sockaddr_in6, but for FORM_TOY. Namespaces are file descriptors here, never
 * names: a test that dies leaves nothing behind.
 */
#ifndef TOY_TEST_H
#define TOY_TEST_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/sockios.h>
#include <linux/toy.h>

#include "kselftest_harness.h"

/* The longest wait for something that must happen. Nothing waits this long
 * unless it fails.
 */
#define DEADLINE_MS	10000
/* How long to look for something that must not happen. */
#define QUIET_MS	50

#define TESTING_TOY	(test_family() == AF_TOY)

static inline int test_family(void)
{
	const char *name = getenv("TOY_FAMILY");

	return name && !strcmp(name, "inet") ? AF_INET : AF_TOY;
}

static inline bool test_v6(void)
{
	const char *ip = getenv("TOY_IP");

	return ip && !strcmp(ip, "6");
}

/* At the head of a case about something that IPv6 does not have. */
#define V4_ONLY(reason)							\
	do {								\
		if (test_v6())						\
			SKIP(return, "IPv4 only: " reason);		\
	} while (0)

/* ---- Addresses ---------------------------------------------------------- */

/* How a program writes an address. AF_TOY takes all three on any socket; the
 * control uses an AF_INET6 socket with mapped addresses for FORM_IN6.
 */
enum form { FORM_IN, FORM_IN6, FORM_TOY };

union addr {
	struct sockaddr		sa;
	struct sockaddr_in	in;
	struct sockaddr_in6	in6;
	struct sockaddr_toy	toy;
	struct sockaddr_storage	storage;
};

static inline int form_domain(enum form form)
{
	if (TESTING_TOY)
		return AF_TOY;
	if (test_v6())
		return AF_INET6;
	return form == FORM_IN6 ? AF_INET6 : AF_INET;
}

/* The family of Linux's own sockets that speak to the one under test. */
static inline int peer_af(void)
{
	return test_v6() ? AF_INET6 : AF_INET;
}

static inline int form_af(enum form form)
{
	if (form == FORM_IN && test_v6())
		return AF_INET6;
	return form == FORM_IN ? AF_INET : form == FORM_IN6 ? AF_INET6 : AF_TOY;
}

static inline socklen_t form_len(enum form form)
{
	return form == FORM_IN && !test_v6() ? sizeof(struct sockaddr_in)
	     : form == FORM_IN6 ? sizeof(struct sockaddr_in6)
	     : sizeof(struct sockaddr_toy);
}

/* 10.0.0.1 -> fd00::10.0.0.1 */
static inline struct in6_addr v6_of(struct in_addr v4)
{
	struct in6_addr a = {};

	if (v4.s_addr == htonl(INADDR_LOOPBACK))
		return in6addr_loopback;
	if (!v4.s_addr)
		return a;
	a.s6_addr[0] = 0xfd;
	a.s6_addr32[3] = v4.s_addr;
	return a;
}

/* And back; false when it is another one. */
static inline bool v4_of(const struct in6_addr *a, struct in_addr *v4)
{
	v4->s_addr = a->s6_addr32[3];
	if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_UNSPECIFIED(a))
		return true;
	if (!test_v6())
		return false;
	if (IN6_IS_ADDR_LOOPBACK(a)) {
		v4->s_addr = htonl(INADDR_LOOPBACK);
		return true;
	}
	return a->s6_addr32[0] == htonl(0xfd000000) && !a->s6_addr32[1] &&
	       !a->s6_addr32[2];
}

/* 10.0.0.1, 7 -> a socket address in the given form. "0.0.0.0" is the form's
 * own wildcard.
 */
static inline union addr form_addr(enum form form, const char *ip, int port)
{
	union addr a = {};
	struct in_addr v4;

	inet_pton(AF_INET, ip, &v4);
	a.sa.sa_family = form_af(form);
	if (test_v6()) {
		a.in6.sin6_addr = v6_of(v4);
		a.in6.sin6_port = htons(port);
		return a;
	}
	if (form == FORM_IN) {
		a.in.sin_addr = v4;
		a.in.sin_port = htons(port);
		return a;
	}
	/* sockaddr_in6 and sockaddr_toy have one layout. */
	a.in6.sin6_port = htons(port);
	if (v4.s_addr) {
		a.in6.sin6_addr.s6_addr32[2] = htonl(0xffff);
		a.in6.sin6_addr.s6_addr32[3] = v4.s_addr;
	}
	return a;
}

static inline int addr_port(const union addr *a)
{
	return ntohs(a->in.sin_port);	/* the same place in every form */
}

/* Any form -> "10.0.0.1:7". The wildcard is 0.0.0.0 in every form. */
static inline const char *addr_str(const union addr *a)
{
	static char text[4][80];
	static int next;
	char *s = text[next++ % 4], ip[INET6_ADDRSTRLEN];
	struct in_addr v4 = a->in.sin_addr;

	if (a->sa.sa_family != AF_INET) {
		if (!v4_of(&a->in6.sin6_addr, &v4)) {
			inet_ntop(AF_INET6, &a->in6.sin6_addr, ip, sizeof(ip));
			snprintf(s, sizeof(text[0]), "[%s]:%d", ip,
				 addr_port(a));
			return s;
		}
	}
	inet_ntop(AF_INET, &v4, ip, sizeof(ip));
	snprintf(s, sizeof(text[0]), "%s:%d", ip, addr_port(a));
	return s;
}

/* ---- Sockets, in short words -------------------------------------------- */

static inline int sock_form(enum form form, int type, int protocol)
{
	return socket(form_domain(form), type, protocol);
}

static inline int udp_form(enum form form)
{
	return sock_form(form, SOCK_DGRAM, 0);
}

static inline int bind_to(int fd, enum form form, const char *ip, int port)
{
	union addr a = form_addr(form, ip, port);

	return bind(fd, &a.sa, form_len(form));
}

static inline int connect_to(int fd, enum form form, const char *ip, int port)
{
	union addr a = form_addr(form, ip, port);

	return connect(fd, &a.sa, form_len(form));
}

static inline int disconnect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

static inline ssize_t send_to(int fd, enum form form, const char *ip, int port,
			      const void *data, size_t len)
{
	union addr a = form_addr(form, ip, port);

	return sendto(fd, data, len, 0, &a.sa, form_len(form));
}

static inline const char *name_of(int fd)
{
	union addr a = {};
	socklen_t len = sizeof(a);

	return getsockname(fd, &a.sa, &len) ? strerror(errno) : addr_str(&a);
}

static inline const char *peer_of(int fd)
{
	union addr a = {};
	socklen_t len = sizeof(a);

	return getpeername(fd, &a.sa, &len) ? strerror(errno) : addr_str(&a);
}

static inline int port_of(int fd)
{
	union addr a = {};
	socklen_t len = sizeof(a);

	return getsockname(fd, &a.sa, &len) ? -1 : addr_port(&a);
}

static inline int set_opt(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static inline int get_opt(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, name, &value, &len) ? -errno : value;
}

/* SO_REUSEPORT is refused for foreign families before Linux 6.7; AF_TOY has
 * the same option at a level of its own.
 */
static inline int set_reuseport(int fd, int on)
{
	if (!set_opt(fd, SOL_SOCKET, SO_REUSEPORT, on))
		return 0;
	if (!TESTING_TOY || errno != EOPNOTSUPP)
		return -1;
	return set_opt(fd, SOL_TOY, TOY_REUSEPORT, on);
}

/* Which of EVENTS fd shows before the time is over, as poll(2) says it. */
static inline int poll_for(int fd, int events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, timeout_ms) < 0 ? -errno : p.revents;
}

/* True as soon as there is something to read, an error included. */
static inline bool readable(int fd)
{
	return poll_for(fd, POLLIN, DEADLINE_MS) != 0;
}

/* True when nothing arrives. */
static inline bool silent(int fd)
{
	return poll_for(fd, POLLIN, QUIET_MS) == 0;
}

/* recv() that waits no longer than the deadline; -errno instead of errno. */
static inline ssize_t recv_now(int fd, void *data, size_t len, int flags)
{
	ssize_t got;

	if (!readable(fd))
		return -ETIMEDOUT;
	got = recv(fd, data, len, flags | MSG_DONTWAIT);
	return got < 0 ? -errno : got;
}

/* A call's result in one number: 0 or more, or -errno. */
#define ERRNO(call) ({					\
	long __ret = (call);				\
	__ret < 0 ? -errno : __ret;			\
})

/* ---- Namespaces --------------------------------------------------------- */

static inline int netns_here(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static inline int netns_enter(int ns)
{
	return setns(ns, CLONE_NEWNET);
}

static inline int lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	int ret = ioctl(fd, SIOCSIFFLAGS, &ifr);

	close(fd);
	return ret;
}

/* Leave for a new namespace with lo up; returns it. */
static inline __printf(1, 2) int sh(const char *fmt, ...);
static inline int sysctl_write(const char *name, const char *value);

/* Of 127/8 IPv6 has one address; the others that cases use are made. */
static inline int lo_addrs(void)
{
	if (!test_v6())
		return 0;
	if (TESTING_TOY)
		return sh("for i in 0.2 0.5 0.7 0.8 0.9 1.1; do toy addr add fd00::127.0.$i dev lo; done");
	return sh("for i in 0.2 0.5 0.7 0.8 0.9 1.1; do ip addr add fd00::127.0.$i dev lo nodad; done");
}

/* A new namespace, in which the caller is afterwards. */
static inline int netns_new(void)
{
	if (unshare(CLONE_NEWNET) || lo_up() || lo_addrs())
		return -1;
	/* No link-local addresses, and so no chatter that sniffers would see. */
	if (TESTING_TOY && sysctl_write("addr_gen_mode", "1"))
		return -1;
	if (TESTING_TOY && getenv("TOY_TOYLO") &&
	    sh("ip link add toylo type toylo && ip link set toylo up"))
		return -1;
	return netns_here();
}

/* Run a shell command; its output is shown only when it fails. */
static inline __printf(1, 2) int sh(const char *fmt, ...)
{
	char cmd[1024], full[1200];
	va_list args;
	int status;

	va_start(args, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, args);
	va_end(args);
	snprintf(full, sizeof(full),
		 "{ out=$({ %s; } 2>&1) || { echo \"# $out\"; exit 1; }; }",
		 cmd);
	fflush(stdout);
	status = system(full);
	if (status)
		printf("# failed: %s\n", cmd);
	return status;
}

/* Give DEV of this namespace an address of the family under test. */
static inline const char *test_addr(const char *addr)
{
	static char text[80];
	const char *slash = strchr(addr, '/');

	if (!test_v6())
		return addr;
	snprintf(text, sizeof(text), "fd00::%.*s/%d", (int)(slash - addr), addr,
		 atoi(slash + 1) + 96);
	return text;
}

static inline int test_addr_add(const char *dev, const char *addr)
{
	addr = test_addr(addr);
	if (TESTING_TOY)
		return sh("ip link set %s up && toy dev attach %s && toy addr add %s dev %s",
			  dev, dev, addr, dev);
	return sh("ip addr add %s dev %s %s && ip link set %s up", addr, dev,
		  test_v6() ? "nodad" : "", dev);
}

/* The same for Linux's own stack, whoever is under test. */
static inline int linux_addr_add(const char *dev, const char *addr)
{
	return sh("ip addr add %s dev %s %s && ip link set %s up",
		  test_addr(addr), dev, test_v6() ? "nodad" : "", dev);
}

/* Carrier comes a moment after both ends are up; what is sent before is lost.
 * Setting the flags again waits for the lock under which the queue is opened.
 */
static inline int link_wait(const char *dev)
{
	struct ifreq ifr = {};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), i, ret = -1;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	for (i = 0; i < DEADLINE_MS; i++) {
		if (ioctl(fd, SIOCGIFFLAGS, &ifr))
			break;
		if (ifr.ifr_flags & IFF_RUNNING) {
			ret = ioctl(fd, SIOCSIFFLAGS, &ifr);
			break;
		}
		usleep(1000);
	}
	close(fd);
	return ret;
}

/*
 * Two namespaces:
 *
 *	a (AF_INET)                         b (family under test)
 *	veth0 10.0.0.1/24  <----------->  veth1 10.0.0.2/24
 *
 * The caller ends up in b.
 */
struct pair {
	int a, b;
};

static inline int pair_make(struct pair *p)
{
	p->a = netns_new();
	p->b = netns_new();
	if (p->a < 0 || p->b < 0)
		return -1;
	/* Two ends with one number look like no cable: their carrier would wait
	 * a second for link events to be looked at.
	 */
	return netns_enter(p->a) ||
	       sh("ip link add veth0 index 10 type veth peer name veth1 index 11 netns /proc/%d/fd/%d",
		  getpid(), p->b) ||
	       linux_addr_add("veth0", "10.0.0.1/24") ||
	       netns_enter(p->b) ||
	       test_addr_add("veth1", "10.0.0.2/24") ||
	       link_wait("veth1") ||
	       netns_enter(p->a) || link_wait("veth0") ||
	       netns_enter(p->b);
}

/* A socket of the namespace NS; the caller stays where it is, in HOME. */
static inline int socket_in(int ns, int home, int family, int type, int proto)
{
	int fd, err;

	if (netns_enter(ns))
		return -1;
	fd = socket(family, type, proto);
	err = errno;
	if (netns_enter(home))
		return -1;
	errno = err;
	return fd;
}

/* ---- Sysctls ------------------------------------------------------------ */

/* net.toy.NAME, or its twin net.ipv4.NAME, of this namespace. */
static inline char *sysctl_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
		 TESTING_TOY ? "toy" : "ipv4", name);
	return path;
}

static inline int sysctl_write(const char *name, const char *value)
{
	int fd = open(sysctl_path(name), O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = ERRNO(write(fd, value, strlen(value)));
	close(fd);
	return ret < 0 ? ret : 0;
}

static inline int sysctl_read(const char *name, char *value, size_t size)
{
	int fd = open(sysctl_path(name), O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = ERRNO(read(fd, value, size - 1));
	value[ret < 0 ? 0 : ret] = 0;
	close(fd);
	return ret < 0 ? ret : 0;
}

/* ---- main() ------------------------------------------------------------- */

/* "--list" prints one case per line, in the words that -r takes. */
static inline int list_cases(void)
{
	struct __fixture_variant_metadata none = { .name = "" };
	struct __fixture_variant_metadata *v;
	struct __fixture_metadata *f;
	struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (v = f->variant ?: &none; v; v = v->next)
			for (t = f->tests; t; t = t->next)
				printf("%s%s%s.%s\n", f->name,
				       v->name[0] ? "." : "", v->name, t->name);
	return 0;
}

#define TOY_TEST_MAIN						\
int main(int argc, char **argv)					\
{								\
	if (argc == 2 && !strcmp(argv[1], "--list"))		\
		return list_cases();				\
	return test_harness_run(argc, argv);			\
}

#endif /* TOY_TEST_H */
