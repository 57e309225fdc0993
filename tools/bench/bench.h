/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a measurement is made of.
 *
 *	netns A [a] ---- veth ---- [b] netns B
 *
 * One program holds a socket at each end and drives both; only the families
 * of the ends differ between two runs that are compared.
 */
#ifndef TOY_BENCH_H
#define TOY_BENCH_H

#include <netinet/in.h>
#include <sys/types.h>

#define BENCH_PORT	7001

/**
 * struct end - one end of the cable
 * @ns: name of its network namespace
 * @family: of its sockets
 * @addr: its address, with a port
 */
struct end {
	const char		*ns;
	int			family;
	struct sockaddr_in	addr;
};

/**
 * struct bench - one run
 * @a: the client, the sender
 * @b: the server, the receiver
 * @size: bytes of a message or of a write
 * @count: how often
 * @idle: sockets that are only there
 * @fd_a: socket of @a
 * @fd_b: socket of @b
 * @fd_listen: TCP: the listener of @b
 * @child: a second process that plays @b, or 0
 */
struct bench {
	struct end	a;
	struct end	b;
	int		size;
	long		count;
	int		idle;
	int		fd_a;
	int		fd_b;
	int		fd_listen;
	pid_t		child;
};

/**
 * struct mode - something to measure
 * @name: on the command line
 * @open: makes the sockets; the process ends in the namespace of @a
 * @run: one round
 * @ops: operations in a round
 * @warm: rounds before the clock starts
 */
struct mode {
	const char	*name;
	void		(*open)(struct bench *b);
	void		(*run)(struct bench *b);
	int		ops;
	int		warm;
};

extern const struct mode udp_modes[], tcp_modes[];

extern char bench_data[65536];

/* All of these end the program when they fail. */
void enter(const struct end *end);
int new_socket(const struct end *end, int type);
int bound_socket(const struct end *end, int type, int port);
void connect_to(int fd, const struct end *end);
void put(int fd, int size);
void get(int fd, int size);
void put_all(int fd, int size, long total);
void get_all(int fd, long total);

/* Bytes of kernel objects that @rounds rounds have left: "slab", and "cache" for
 * each slab cache that they are in.
 */
void slab_start(void);
void slab_print(long rounds);

/* Instructions that tell the emulator's profiler where to look. */
void mark_start(void);
void mark_stop(void);

#endif /* TOY_BENCH_H */
