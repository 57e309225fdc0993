/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of toy(8) share: the options before the noun, the words of a
 * command line and the entry of every noun.
 */
#ifndef TOY_CLI_H
#define TOY_CLI_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __noreturn	__attribute__((noreturn))
#define __aligned(n)	__attribute__((aligned(n)))
#ifndef __printf
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit codes, those of ip(8). */
enum {
	EXIT_USAGE = 1,		/* the command line makes no sense */
	EXIT_KERNEL = 2,	/* the kernel said no */
};

/**
 * struct options - what stands before the noun
 * @json: print JSON
 * @numeric: print port numbers, not service names
 * @stats: print more
 * @family: AF_UNSPEC, or show AF_INET or AF_INET6 only
 */
struct options {
	bool	json;
	bool	numeric;
	bool	stats;
	int	family;
};

extern struct options opt;

/**
 * struct word - a row of a table of words
 * @name: the word
 * @id: what it stands for
 *
 * Ends with a row without a name. A prefix stands for the first row that
 * begins with it, so the order of rows decides what "a" means.
 */
struct word {
	const char	*name;
	int		id;
};

int word_find(const struct word *table, const char *text);
const char *word_name(const struct word *table, int id, const char *unknown);

void __noreturn __printf(1, 2) usage_error(const char *format, ...);

/* Both move *@argv on. */
const char *arg_value(char ***argv);	/* the value behind a keyword */
int arg_word(char ***argv, const struct word *table);

/* The keyword that comes next, new in the set @seen; it stays in @argv. */
int arg_keyword(char **argv, const struct word *keywords, unsigned int *seen);

/* The verb of a noun. No verb is "show"; "help" prints @usage and exits. */
int arg_verb(char ***argv, const struct word *verbs, const char *usage);
void arg_end(char **argv);

uint32_t arg_u32(const char *name, const char *text);
void arg_addr(const char *text, struct in6_addr *addr);
void arg_prefix(const char *text, struct in6_addr *addr, uint8_t *plen);
unsigned int arg_lladdr(const char *text, uint8_t *lladdr, size_t size);
unsigned int arg_dev(const char *name);

/* The rest of @argv, "[dev] DEV" or nothing; 0 stands for all devices. */
unsigned int arg_only_dev(char **argv);

bool family_shown(const struct in6_addr *addr);

/**
 * struct view - what is printed of the messages a noun reads
 * @ifindex: this device only; 0 for all
 * @count: records printed
 * @lead: writes what stands before each record, or NULL
 */
struct view {
	unsigned int	ifindex;
	unsigned int	count;
	void		(*lead)(void);
};

void view_begin(struct view *view);	/* of a record */
void view_end(void);

/* Callbacks for one message each; @view is a struct view. */
struct nlmsghdr;
int dev_print(const struct nlmsghdr *nlh, void *view);
int addr_print(const struct nlmsghdr *nlh, void *view);
int route_print(const struct nlmsghdr *nlh, void *view);
int neigh_print(const struct nlmsghdr *nlh, void *view);

extern const struct word scope_words[];

/* The commands of file @name, each done by @command; see batch.c. */
int do_batch(const char *name, bool force, int (*command)(char **argv));

int do_addr(char **argv);
int do_dev(char **argv);
int do_dhcp(char **argv);
int do_maddr(char **argv);
int do_monitor(char **argv);
int do_napi(char **argv);
int do_neigh(char **argv);
int do_ra(char **argv);
int do_resolve(char **argv);
int do_route(char **argv);
int do_ss(char **argv);
int do_stat(char **argv);

#endif /* TOY_CLI_H */
