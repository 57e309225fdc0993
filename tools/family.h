/* SPDX-License-Identifier: GPL-2.0-only */
/* What toy and toyrun both ask about the family. */
#ifndef _TOY_TOOLS_FAMILY_H
#define _TOY_TOOLS_FAMILY_H

int toy_family(void);

#endif /* _TOY_TOOLS_FAMILY_H */
