// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory the kernel's objects take, cache by cache, by /proc/slabinfo
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

/* Less than that many bytes for each round is chance. */
#define NOISE	4.0

static struct cache {
	char	name[64];
	double	bytes;
} before[512], after[512];

static size_t read_caches(struct cache *caches, size_t max)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	unsigned long active, size;
	char line[512];
	size_t n = 0;

	if (!file)
		return 0;
	while (n < max && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %lu %*u %lu", caches[n].name, &active,
			   &size) == 3)
			caches[n++].bytes = (double)active * size;
	fclose(file);
	return n;
}

static double bytes_before(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(before[i].name, name))
			return before[i].bytes;
	return 0;
}

static size_t caches;

void slab_start(void)
{
	caches = read_caches(before, 512);
}

void slab_print(long rounds)
{
	size_t n = read_caches(after, 512);
	double total = 0, more;

	for (size_t i = 0; i < n; i++) {
		more = after[i].bytes - bytes_before(after[i].name, caches);
		more /= rounds;
		total += more;
		if (more >= NOISE || more <= -NOISE)
			printf("cache %.1f %s\n", more, after[i].name);
	}
	printf("slab %.0f\n", total);
}
