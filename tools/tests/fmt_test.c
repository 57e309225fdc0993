// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints values that are hard to spell, as JSON or (without arguments) plain.
 */
#include <arpa/inet.h>
#include <string.h>

#include "fmt.h"

static void print_addrs(void)
{
	struct in6_addr v4 = { 0 }, v6 = { 0 };
	char buf[FMT_ADDR_SIZE];

	inet_pton(AF_INET6, "::ffff:192.0.2.1", &v4);
	inet_pton(AF_INET6, "2001:db8::1", &v6);
	fmt_str("v4", "%s\n", fmt_addr(&v4, buf));
	fmt_str("v4net", "%s\n", fmt_prefix(&v4, 120, buf));
	fmt_str("v6", "%s\n", fmt_addr(&v6, buf));
	fmt_str("v6net", "%s\n", fmt_prefix(&v6, 32, buf));
	fmt_str("mapped", "%s\n", fmt_prefix(&v4, 90, buf));
	fmt_str("noname", "%s\n", fmt_dev(0x7fffffff, buf));
}

int main(int argc, char **argv)
{
	const uint8_t mac[] = { 0, 1, 0xab, 0xff };
	char buf[FMT_LLADDR_SIZE];

	fmt_json(argc > 1 && !strcmp(argv[1], "json"));
	fmt_list_begin(NULL);
	fmt_begin(NULL);
	fmt_str("quote", "%s\n", "a\"b\\c");
	fmt_str("control", "%s\n", "a\n\t\033[31m");
	fmt_str("utf8", "%s\n", "\xc3\xa9\xe2\x82\xac");
	fmt_str("broken", "%s\n", "x\xff\xc3");
	fmt_num("max", "%llu\n", UINT64_MAX);
	fmt_int("negative", "%d\n", -5);
	fmt_real("real", "%g\n", 0.05);
	fmt_flag("flag", "flag\n");
	fmt_num("silent", NULL, 1);
	fmt_list_begin("empty");
	fmt_list_end();
	fmt_list_begin("list");
	fmt_str(NULL, "%s,", "one");
	fmt_str(NULL, "%s\n", "two");
	fmt_begin(NULL);
	fmt_end();
	fmt_list_end();
	fmt_str("lladdr", "%s\n", fmt_lladdr(mac, sizeof(mac), buf));
	print_addrs();
	fmt_end();
	fmt_begin(NULL);
	fmt_end();
	fmt_list_end();
	return 0;
}
