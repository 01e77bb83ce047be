/* SPDX-License-Identifier: GPL-2.0 */
/* compat/shrinker.h - a shrinker that the test calls */
#ifndef SHIM_COMPAT_SHRINKER_H
#define SHIM_COMPAT_SHRINKER_H

#define SHRINK_STOP (~0ul)
#define SHRINK_EMPTY (~0ul - 1)

struct shrink_control {
	unsigned long nr_to_scan;
};

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *,
				       struct shrink_control *);
	unsigned long (*scan_objects)(struct shrinker *,
				      struct shrink_control *);
};

extern struct shrinker *shim_shrinker;

static inline struct shrinker *shrinker_alloc(unsigned int flags,
					      const char *name)
{
	return shim_shrinker;
}

#define shrinker_register(s) ((void)(s))
#define shrinker_free(s) ((void)(s))

#endif /* SHIM_COMPAT_SHRINKER_H */
