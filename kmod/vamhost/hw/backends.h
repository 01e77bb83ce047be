/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw/backends.h - the backends this module was built with
 *
 * Layer:    hw. The table is in hw/backends.c.
 */
#ifndef VAM_HW_BACKENDS_H
#define VAM_HW_BACKENDS_H

struct vam_hw_ops;

extern const struct vam_hw_ops vam_svm_ops; /* hw/svm/svm.c */

/* NULL-terminated, in the order in which they are tried. */
extern const struct vam_hw_ops *const vam_backends[];

/* What those need, in words, for the message when none can be used. */
extern const char vam_backends_need[];

#endif /* VAM_HW_BACKENDS_H */
