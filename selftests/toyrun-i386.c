// SPDX-License-Identifier: GPL-2.0-only
/*
 * toyrun-i386: a 32-bit program for toyrun(1), that needs no 32-bit C library
 *
 *	toyrun-i386
 *
 * Opens sockets and sets SO_REUSEPORT and SO_ZEROCOPY in both ways that 32-bit x86
 * knows, system calls of their own and cases of socketcall(2): two listeners share
 * 10.0.0.2, port 7000, and a connection to them carries some bytes. Another option,
 * SO_KEEPALIVE, is itself. Prints the listeners' family; exits with the number of
 * what failed, counted from 1.
 */
typedef unsigned int u32;

enum {
	NR_EXIT = 1, NR_WRITE = 4, NR_CLOSE = 6, NR_SOCKETCALL = 102,
	NR_SOCKET = 359, NR_SETSOCKOPT = 366,
};

enum {	/* cases of socketcall(2) */
	CALL_SOCKET = 1, CALL_BIND, CALL_CONNECT, CALL_LISTEN, CALL_ACCEPT,
	CALL_SEND = 9, CALL_RECV, CALL_SETSOCKOPT = 14, CALL_GETSOCKOPT,
};

enum {
	AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_REUSEPORT = 15,
	SO_KEEPALIVE = 9, SO_DOMAIN = 39, SO_ZEROCOPY = 60, EFAULT = 14,
};

static int call(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e)
{
	int ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
		     : "memory");
	return ret;
}

static int mux(u32 what, u32 a, u32 b, u32 c, u32 d, u32 e)
{
	u32 args[5] = { a, b, c, d, e };

	return call(NR_SOCKETCALL, what, (u32)args, 0, 0, 0);
}

static void __attribute__((noreturn)) leave(int status)
{
	for (;;)
		call(NR_EXIT, status, 0, 0, 0, 0);
}

static int step;

static int must(int ret)
{
	step++;
	if (ret < 0)
		leave(step);
	return ret;
}

static struct {
	unsigned short family, port;
	unsigned char addr[4], pad[8];
} here = { AF_INET, 7000 >> 8 | (7000 & 255) << 8, { 10, 0, 0, 2 }, { 0 } };

static u32 on = 1;

static void serve(int fd)
{
	must(mux(CALL_BIND, fd, (u32)&here, sizeof(here), 0, 0));
	must(mux(CALL_LISTEN, fd, 5, 0, 0, 0));
}

static u32 option(int fd, int name)
{
	u32 value = 0, len = sizeof(value);

	must(mux(CALL_GETSOCKOPT, fd, SOL_SOCKET, name, (u32)&value,
		 (u32)&len));
	return value;
}

static void say_family(int fd)
{
	u32 family = option(fd, SO_DOMAIN);
	char text[3];

	text[0] = '0' + family / 10;
	text[1] = '0' + family % 10;
	text[2] = '\n';
	call(NR_WRITE, 1, (u32)text, sizeof(text), 0, 0);
}

static void talk(void)
{
	int fd = must(call(NR_SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0));
	char bytes[4] = "abc";

	must(mux(CALL_CONNECT, fd, (u32)&here, sizeof(here), 0, 0));
	must(mux(CALL_SEND, fd, (u32)bytes, sizeof(bytes), 0, 0) == 4 ? 0 : -1);
	call(NR_CLOSE, fd, 0, 0, 0, 0);
}

static void listen_to(int fd)
{
	char bytes[4] = "";
	int conn = must(mux(CALL_ACCEPT, fd, 0, 0, 0, 0));

	must(mux(CALL_RECV, conn, (u32)bytes, sizeof(bytes), 0, 0) == 4 &&
	     bytes[2] == 'c' ? 0 : -1);
	call(NR_CLOSE, conn, 0, 0, 0, 0);
}

void __attribute__((force_align_arg_pointer)) _start(void);
void _start(void)
{
	int a = must(call(NR_SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0));
	int b = must(mux(CALL_SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0));

	must(call(NR_SETSOCKOPT, a, SOL_SOCKET, SO_REUSEPORT, (u32)&on,
		  sizeof(on)));
	must(call(NR_SETSOCKOPT, a, SOL_SOCKET, SO_ZEROCOPY, (u32)&on,
		  sizeof(on)));
	must(mux(CALL_SETSOCKOPT, b, SOL_SOCKET, SO_REUSEPORT, (u32)&on,
		 sizeof(on)));
	must(mux(CALL_SETSOCKOPT, b, SOL_SOCKET, SO_ZEROCOPY, (u32)&on,
		 sizeof(on)));
	must(mux(CALL_SETSOCKOPT, a, SOL_SOCKET, SO_KEEPALIVE, (u32)&on,
		 sizeof(on)));
	must(option(a, SO_KEEPALIVE) && !option(b, SO_KEEPALIVE) ? 0 : -1);
	must(option(a, SO_ZEROCOPY) && option(b, SO_ZEROCOPY) ? 0 : -1);
	must(option(a, SO_REUSEPORT) && option(b, SO_REUSEPORT) ? 0 : -1);
	serve(a);
	serve(b);
	say_family(a);
	say_family(b);
	/* Of two listeners either may get a connection, of one not. */
	call(NR_CLOSE, a, 0, 0, 0, 0);
	talk();
	listen_to(b);
	/* What lies nowhere is an error, and no way out. */
	must(call(NR_SOCKETCALL, CALL_SOCKET, 8, 0, 0, 0) == -EFAULT ? 0 : -1);
	leave(0);
}
