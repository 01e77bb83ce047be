// SPDX-License-Identifier: GPL-2.0
/*
 * hw/backends.c - the table of backends, the only place that names them all
 *
 * Layer:    hw.
 */
#include <linux/stddef.h>
#include "core/hw.h"
#include "hw/backends.h"

const struct vam_hw_ops *const vam_backends[] = {
	&vam_svm_ops,
	NULL,
};

const char vam_backends_need[] = "AMD SVM";
