// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into User Mode Linux: the host's randomness comes from $UML_SEED.
 *
 * With time travel little else differs between two runs, so one seed is one
 * trace, losses included. The generator is splitmix64.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint64_t next(void)
{
	static uint64_t state;
	uint64_t z;

	if (!state)
		state = strtoull(getenv("UML_SEED") ?: "1", NULL, 0) + 1;
	state += 0x9e3779b97f4a7c15ULL;
	z = state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	unsigned char *p = buf;
	size_t done, n;
	uint64_t r;

	(void)flags;
	for (done = 0; done < len; done += n) {
		r = next();
		n = len - done < sizeof(r) ? len - done : sizeof(r);
		memcpy(p + done, &r, n);
	}
	return len;
}
