// SPDX-License-Identifier: GPL-2.0-only
/*
 * toy dhcp - get addresses by DHCP (RFC 2131, RFC 2132), for AF_TOY only; this
 * file is about IPv4 and about what DHCPv6 (dhcp6.c) needs as well.
 *
 * The protocol is BusyBox's: udhcpc asks by packet sockets, which need no address,
 * and renews and releases by UDP, which does; so it runs under toyrun, and what it
 * has obtained is AF_TOY's from its own point of view, too. At each event it runs
 * this program again, as its hook (dhcp_hook.c), which tells the module.
 *
 *	toy dhcp eth0
 *	    toyrun udhcpc			asks, renews, releases
 *		toy bound			address, routes, MTU, name servers
 *
 * The client identifier is not the one that a host gets its AF_INET address by
 * (RFC 2132 9.14): two stacks on one Ethernet address are two clients.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/toy.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "dhcp.h"
#include "nl.h"

static const char usage[] =
	"Usage: toy dhcp [ -6 ] [ dev ] DEV [ -1 | -d ] [ --resolv FILE ]\n"
	"       toy dhcp [ -6 ] [ dev ] DEV -x\n"
	"\n"
	"Obtain, keep and at the end release an address of DEV; with -6 name servers\n"
	"and search list, where an IPv6 router says that DHCPv6 has them.\n"
	"\n"
	"  -1             end with a lease, and keep what it gave\n"
	"  -d             go to the background with a lease, and keep it\n"
	"  -x             release the lease of toy dhcp -d\n"
	"  --resolv FILE  write name servers there\n";

/* Names are of one network namespace, /run is not. */
static void name_files(struct dhcp_options *o)
{
	unsigned long ns = 0;
	struct stat st;

	if (!stat("/proc/self/ns/net", &st))
		ns = st.st_ino;
	snprintf(o->state, sizeof(o->state), DHCP_RUN_DIR "/dhcp%s-%lu-%s",
		 o->v6 ? "6" : "", ns, o->dev);
	snprintf(o->pidfile, sizeof(o->pidfile),
		 DHCP_RUN_DIR "/dhcp%s-%lu-%s.pid", o->v6 ? "6" : "", ns, o->dev);
}

static void read_args(char **argv, struct dhcp_options *o)
{
	for (; *argv; argv++) {
		if (!strcmp(*argv, "dev") && !o->dev && argv[1])
			continue;
		if (!strcmp(*argv, "-6"))
			o->v6 = true;
		else if (!strcmp(*argv, "-1"))
			o->once = true;
		else if (!strcmp(*argv, "-d"))
			o->background = true;
		else if (!strcmp(*argv, "-x"))
			o->stop = true;
		else if (!strcmp(*argv, "--resolv") && argv[1])
			o->resolv = *++argv;
		else if (**argv == '-' || o->dev)
			usage_error("\"%s\" was not expected, try \"toy dhcp help\"",
				    *argv);
		else
			o->dev = *argv;
	}
	if (!o->dev)
		usage_error("which device?");
	if (o->once + o->background + o->stop > 1)
		usage_error("-1, -d and -x are three ways to go");
	arg_dev(o->dev);
	name_files(o);
}

/* ---- The device ----------------------------------------------------------- */

static const struct nl_attr policy[TOY_DEV_A_MAX + 1] = {
	[TOY_DEV_A_IFINDEX]	= { MNL_TYPE_U32, 0 },
	[TOY_DEV_A_HOOK]	= { MNL_TYPE_U32, 0 },
};

struct hook_query {
	unsigned int	ifindex;
	int		hook;
};

static int find_hook(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[TOY_DEV_A_MAX + 1];
	struct hook_query *q = data;

	nl_parse(nlh, policy, TOY_DEV_A_MAX, tb);
	if (nl_u32(tb[TOY_DEV_A_IFINDEX]) == q->ifindex)
		q->hook = nl_u32(tb[TOY_DEV_A_HOOK]);
	return MNL_CB_OK;
}

static int attach(const struct dhcp_options *o)
{
	struct hook_query q = { .ifindex = arg_dev(o->dev), .hook = -1 };
	struct nlmsghdr *nlh;

	nl_open();
	if (nl_dump(nl_request(TOY_CMD_DEV_GET, 0), find_hook, &q))
		return -1;
	/* DHCPv6 is asked by a socket of AF_TOY. */
	if (q.hook == TOY_HOOK_EXCLUSIVE && !o->v6) {
		fprintf(stderr,
			"toy: %s is attached exclusively: AF_TOY takes the server's answers before udhcpc sees them\n",
			o->dev);
		return -1;
	}
	if (q.hook >= 0)
		return 0;
	nlh = nl_request(TOY_CMD_DEV_ATTACH, 0);
	mnl_attr_put_u32(nlh, TOY_DEV_A_IFINDEX, q.ifindex);
	mnl_attr_put_u32(nlh, TOY_DEV_A_HOOK, TOY_HOOK_SHARED);
	return nl_talk(nlh, NULL, NULL);
}

static int set_up(const char *dev)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { };
	int err;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	err = ioctl(fd, SIOCGIFFLAGS, &ifr);
	if (!err && !(ifr.ifr_flags & IFF_UP)) {
		ifr.ifr_flags |= IFF_UP;
		err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	if (err)
		fprintf(stderr, "toy: %s: %s\n", dev, strerror(errno));
	close(fd);
	return err;
}

/* Type 0, "no hardware address", then a name of our own and the address. */
static void client_id(const char *dev, char *buf, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { };
	const uint8_t *mac = (uint8_t *)ifr.ifr_hwaddr.sa_data;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	ioctl(fd, SIOCGIFHWADDR, &ifr);
	close(fd);
	snprintf(buf, size, "0x3d:0061665f746f79%02x%02x%02x%02x%02x%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* ---- udhcpc ----------------------------------------------------------------- */

/* A program that is installed beside this one, or is found by PATH. */
static const char *beside(const char *self, const char *name, char *buf)
{
	snprintf(buf, PATH_MAX, "%s", self);
	snprintf(strrchr(buf, '/') + 1, 64, "%s", name);
	return access(buf, X_OK) ? name : buf;
}

static void exec_client(const struct dhcp_options *o)
{
	static char *const options[] = { "staticroutes", "search", "mtu" };
	char self[PATH_MAX] = "", path[PATH_MAX + 64], id[64], host[256];
	char name[80] = "", *argv[40];
	int n = 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return;
	client_id(o->dev, id, sizeof(id));
	if (!gethostname(name, sizeof(name) - 1) && *name)
		snprintf(host, sizeof(host), "hostname:%s", name);

	argv[n++] = (char *)beside(self, "toyrun", path);
	argv[n++] = "-4";
	argv[n++] = "-t";
	argv[n++] = "udp";
	argv[n++] = "--";
	argv[n++] = "busybox";
	argv[n++] = "udhcpc";
	argv[n++] = "-i";
	argv[n++] = (char *)o->dev;
	argv[n++] = "-s";
	argv[n++] = self;
	argv[n++] = "-C";
	argv[n++] = "-x";
	argv[n++] = id;
	if (*name) {
		argv[n++] = "-x";
		argv[n++] = host;
	}
	argv[n++] = "-a1000";		/* RFC 2131 3.1 5: is it free? */
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		argv[n++] = "-O";
		argv[n++] = options[i];
	}
	if (o->once) {
		argv[n++] = "-fnq";
	} else {
		argv[n++] = "-R";
		argv[n++] = o->background ? "-b" : "-f";
		argv[n++] = "-p";
		argv[n++] = (char *)o->pidfile;
	}
	argv[n] = NULL;
	execvp(argv[0], argv);
	fprintf(stderr, "toy: %s: %s\n", argv[0], strerror(errno));
}

static volatile sig_atomic_t ending;

static void on_signal(int sig)
{
	ending = sig;
}

/* udhcpc releases at SIGTERM only. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (ending)
			kill(pid, SIGTERM);
	if (ending || !WIFEXITED(status))
		return ending ? 0 : EXIT_KERNEL;
	return WEXITSTATUS(status) ? EXIT_KERNEL : 0;
}

static int run_client(const struct dhcp_options *o)
{
	const struct sigaction sa = { .sa_handler = on_signal };
	int ret;
	pid_t pid;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	pid = fork();
	if (pid < 0) {
		perror("toy: fork");
		return EXIT_KERNEL;
	}
	if (!pid) {
		/* The terminal's signals are for us to pass on. */
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
		exec_client(o);
		_exit(EXIT_USAGE);
	}
	ret = wait_for(pid);
	/* It may have died without a last word. */
	if (ret || !(o->once || o->background))
		dhcp_deconfig(o->state, o->dev);
	return ret;
}

static int stop(const struct dhcp_options *o)
{
	FILE *f = fopen(o->pidfile, "re");
	int pid = 0;

	if (!f || fscanf(f, "%d", &pid) != 1 || pid <= 1) {
		fprintf(stderr, "toy: no toy dhcp -d runs on %s\n", o->dev);
		return EXIT_USAGE;
	}
	fclose(f);
	if (kill(pid, SIGTERM) && errno != ESRCH) {
		perror("toy: udhcpc");
		return EXIT_KERNEL;
	}
	for (int i = 0; i < 500 && !kill(pid, 0); i++)
		usleep(10000);
	dhcp_deconfig(o->state, o->dev);
	unlink(o->pidfile);
	return 0;
}

int do_dhcp(char **argv)
{
	struct dhcp_options o = { .v6 = opt.family == AF_INET6 };
	char path[PATH_MAX];

	if (*argv && (!strcmp(*argv, "help") || !strcmp(*argv, "--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	read_args(argv, &o);
	if (o.stop)
		return o.v6 ? dhcp6_stop(&o) : stop(&o);
	if (mkdir(DHCP_RUN_DIR, 0755) && errno != EEXIST) {
		perror("toy: " DHCP_RUN_DIR);
		return EXIT_KERNEL;
	}
	if (attach(&o) || set_up(o.dev))
		return EXIT_KERNEL;
	if (o.resolv) {
		int fd = open(o.resolv, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0 || !realpath(o.resolv, path)) {
			fprintf(stderr, "toy: %s: %s\n", o.resolv,
				strerror(errno));
			return EXIT_KERNEL;
		}
		close(fd);
		o.resolv = path;
	}
	if (o.v6)
		return dhcp6_run(&o);
	setenv(DHCP_ENV_STATE, o.state, 1);
	if (o.resolv)
		setenv(DHCP_ENV_RESOLV, o.resolv, 1);
	return run_client(&o);
}
