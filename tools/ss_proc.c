// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes hold a socket: /proc/PID/fd/N is a link to "socket:[INODE]".
 *
 * All of /proc is read once, when the first socket is printed, into an array
 * sorted by inode.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmt.h"
#include "ss.h"

struct user {
	unsigned long long inode;
	unsigned int	pid;
	unsigned int	fd;
	char		name[32];
};

static struct {
	struct user	*user;
	size_t		count;
	size_t		room;
	bool		read;
} users;

static int by_inode(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static void add_user(const struct user *user)
{
	struct user *more;

	if (users.count == users.room) {
		users.room = users.room ? 2 * users.room : 64;
		more = realloc(users.user, users.room * sizeof(*more));
		if (!more) {
			users.room = users.count;
			return;
		}
		users.user = more;
	}
	users.user[users.count++] = *user;
}

static void read_name(unsigned int pid, char *name, size_t size)
{
	char path[32];
	FILE *file;

	snprintf(name, size, "?");
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "r");
	if (!file)
		return;
	if (fgets(name, size, file))
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
}

static void read_process(unsigned int pid)
{
	struct user user = { .pid = pid };
	struct dirent *entry;
	char path[32], link[64];
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	for (entry = readdir(dir); entry; entry = readdir(dir)) {
		len = readlinkat(dirfd(dir), entry->d_name, link,
				 sizeof(link) - 1);
		if (len <= 0)
			continue;
		link[len] = '\0';
		if (sscanf(link, "socket:[%llu]", &user.inode) != 1)
			continue;
		user.fd = strtoul(entry->d_name, NULL, 10);
		if (!user.name[0])
			read_name(pid, user.name, sizeof(user.name));
		add_user(&user);
	}
	closedir(dir);
}

static void read_users(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	users.read = true;
	if (!dir)
		return;
	for (entry = readdir(dir); entry; entry = readdir(dir))
		if (isdigit((unsigned char)entry->d_name[0]))
			read_process(strtoul(entry->d_name, NULL, 10));
	closedir(dir);
	if (users.count)
		qsort(users.user, users.count, sizeof(*users.user), by_inode);
}

static size_t first_user(uint64_t inode)
{
	size_t low = 0, high = users.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (users.user[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void ss_users(uint64_t inode)
{
	size_t i, first;

	if (!users.read)
		read_users();
	first = first_user(inode);
	if (!inode || first == users.count || users.user[first].inode != inode)
		return;

	fmt_list_begin("users");
	fmt_plain(" users:(");
	for (i = first; i < users.count && users.user[i].inode == inode; i++) {
		fmt_begin(NULL);
		fmt_str("name", i > first ? ",(\"%s\"" : "(\"%s\"",
			users.user[i].name);
		fmt_num("pid", ",pid=%llu", users.user[i].pid);
		fmt_num("fd", ",fd=%llu)", users.user[i].fd);
		fmt_end();
	}
	fmt_plain(")");
	fmt_list_end();
}
