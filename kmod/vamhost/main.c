// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - bring the module up in order, take it down in reverse
 *
 * Layer:    above all. Tour: start here, then parts.c and README.md.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/module.h>
#include "core/hw.h"
#include "ctl/ctl.h"
#include "hw/hw.h"
#include "mmu/mmu.h"
#include "run/run.h"

static int __init vam_init(void)
{
	int err;

	err = vam_hw_init();
	if (err)
		return err;

	err = vam_mmu_init();
	if (err)
		goto err_exit_hw;

	vam_run_init();

	/* Last: from this line on, user space can reach us. */
	err = vam_ctl_init();
	if (err)
		goto err_cleanup_run;

	pr_info("ready, %s\n", vam_hw->name);
	return 0;

err_cleanup_run:
	vam_run_cleanup();
	vam_mmu_exit();
err_exit_hw:
	vam_hw_exit();
	return err;
}

/* No VM is left: each of them holds a reference to the module. */
static void __exit vam_exit(void)
{
	vam_ctl_exit();
	vam_run_cleanup();
	vam_mmu_exit();
	vam_hw_exit();
}

module_init(vam_init);
module_exit(vam_exit);
MODULE_DESCRIPTION("Hypervisor for driver virtual machines");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0"); /* as in dkms.conf and ddctl.h */
