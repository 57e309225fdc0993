// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_TOY as toyrun finds it: its number, whether a socket can be had, and which
 * options of SOL_SOCKET the kernel keeps from families that it does not know.
 */
#include <errno.h>
#include <linux/toy.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "family.h"
#include "toyrun.h"

/* SOL_SOCKET refuses, SOL_TOY does not. */
static bool must_forward(int fd, int name, int toy_name)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, name, &on, sizeof(on)) &&
	       (errno == EOPNOTSUPP || errno == 524 /* ENOTSUPP */) &&
	       !setsockopt(fd, SOL_TOY, toy_name, &on, sizeof(on));
}

/**
 * family_probe() - find out about the family
 * @family: result
 */
void family_probe(struct toyrun_family *family)
{
	int form, fd;
	socklen_t len = sizeof(form);

	*family = (struct toyrun_family){ .number = toy_family() };
	fd = socket(family->number, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		family->error = errno;
		return;
	}
	family->is_toy = !getsockopt(fd, SOL_TOY, TOY_SOCKADDR, &form, &len);
	if (family->is_toy) {
		family->reuseport = must_forward(fd, SO_REUSEPORT,
						 TOY_REUSEPORT);
		family->zerocopy = must_forward(fd, SO_ZEROCOPY,
						TOY_ZEROCOPY);
	}
	close(fd);
}

/**
 * family_trouble() - why no socket can be had
 * @family: what was found
 *
 * Return: a sentence, or NULL if there is no trouble.
 */
const char *family_trouble(const struct toyrun_family *family)
{
	static char text[160];

	switch (family->error) {
	case 0:
		if (family->is_toy)
			return NULL;
		snprintf(text, sizeof(text),
			 "family %d is not AF_TOY here; was it loaded with family=?",
			 family->number);
		break;
	case EAFNOSUPPORT:
		snprintf(text, sizeof(text),
			 "there is no AF_TOY (family %d) here: %s",
			 family->number, access("/sys/module/af_toy", F_OK) ?
			 "the module is not loaded (modprobe af_toy)" :
			 "a sandbox keeps its sockets from you");
		break;
	case EACCES:
		snprintf(text, sizeof(text),
			 "you may not open sockets of AF_TOY: see %s",
			 "net.toy.socket_group_range");
		break;
	default:
		snprintf(text, sizeof(text), "a socket of AF_TOY (family %d): %s",
			 family->number, strerror(family->error));
	}
	return text;
}

/**
 * family_nested() - is this process under a toyrun already?
 * @family: what was found
 *
 * Return: true if asking for AF_INET gives AF_TOY.
 */
bool family_nested(const struct toyrun_family *family)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	int domain, fd;
	socklen_t len = sizeof(domain);

	for (int i = 0; i < 4; i++) {
		fd = socket(families[i / 2], types[i % 2] | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
			domain = families[i / 2];
		close(fd);
		if (domain == family->number)
			return true;
	}
	return false;
}
