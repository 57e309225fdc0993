// SPDX-License-Identifier: GPL-2.0-only
/*
 * The number of the family, which is a parameter of the module.
 */
#include <linux/toy.h>
#include <stdio.h>

#include "cli.h"

int toy_family(void)
{
	FILE *f = fopen("/sys/module/af_toy/parameters/family", "re");
	int number = AF_TOY;

	if (f) {
		if (fscanf(f, "%d", &number) != 1)
			number = AF_TOY;
		fclose(f);
	}
	return number;
}
