// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD=as-toy.so PROGRAM: its sockets are AF_TOY's. Enough for the tests;
 * tools/toyrun does it for every program.
 */
#include <dlfcn.h>
#include <sys/socket.h>

#include <linux/toy.h>

int socket(int domain, int type, int protocol)
{
	int (*next)(int domain, int type, int protocol) = dlsym(RTLD_NEXT, "socket");

	if (domain == AF_INET || domain == AF_INET6)
		domain = AF_TOY;
	return next(domain, type, protocol);
}
