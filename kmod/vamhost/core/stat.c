// SPDX-License-Identifier: GPL-2.0
/*
 * core/stat.c - names of the counters
 *
 * Layer:    core.
 * Not here: the counters themselves live in struct vam_vcpu.
 */
#include <linux/kernel.h>
#include "core/stat.h"

static const char *const names[] = {
#define X(name) #name,
	VAM_STATS(X)
#undef X
};

const char *vam_stat_name(unsigned int stat)
{
	return stat < ARRAY_SIZE(names) ? names[stat] : NULL;
}
