/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/shrinker.h - shrinker_alloc(), _register() and _free()
 *
 * For: kernels before 6.7, where the owner embeds the struct shrinker and
 * registers it in one step. Only the callers' subset is supplied: a fixed
 * name, and private_data, which the callbacks read from the shrinker.
 * Delete when 6.1 is no longer supported.
 */
#ifndef VAM_COMPAT_SHRINKER_H
#define VAM_COMPAT_SHRINKER_H

#include <linux/slab.h> /* first: before 6.7 the next one needs it */
#include <linux/shrinker.h>

#ifdef VAM_HAVE_SHRINKER_ALLOC
#define vam_shrinker_data(s) ((s)->private_data)
#else
struct vam_compat_shrinker {
	struct shrinker shrinker; /* first: the callers hold a pointer to it */
	const char *name;
	void *private_data;
	bool registered;
};

static inline struct vam_compat_shrinker *
vam_compat_shrinker_of(struct shrinker *shrinker)
{
	return container_of(shrinker, struct vam_compat_shrinker, shrinker);
}

static inline struct shrinker *shrinker_alloc(unsigned int flags,
					      const char *name)
{
	struct vam_compat_shrinker *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->shrinker.flags = flags;
	s->shrinker.seeks = DEFAULT_SEEKS;
	s->name = name;
	return &s->shrinker;
}

/* The new call cannot fail; an unregistered shrinker only does not shrink. */
static inline void shrinker_register(struct shrinker *shrinker)
{
	struct vam_compat_shrinker *s = vam_compat_shrinker_of(shrinker);

	s->registered = !register_shrinker(shrinker, "%s", s->name);
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	struct vam_compat_shrinker *s = vam_compat_shrinker_of(shrinker);

	if (s->registered)
		unregister_shrinker(shrinker);
	kfree(s);
}

#define vam_shrinker_data(s) (vam_compat_shrinker_of(s)->private_data)
#endif

#endif /* VAM_COMPAT_SHRINKER_H */
