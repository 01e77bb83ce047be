// SPDX-License-Identifier: GPL-2.0
/*
 * hw/hw.c - choose the backend, and keep it on exactly where it may be
 *
 * The backend is on on every CPU that is online, and off before a CPU goes
 * away, before the machine sleeps, reboots or starts another kernel: code that
 * runs afterwards must find the CPU as it was. A vCPU thread that finds its
 * CPU off moves on (run/run.c).
 *
 * Layer:    hw. Called from main.c.
 * Locks:    vam_hw_cpu_on is changed on its own CPU with interrupts off, so
 *           the run loop's test with interrupts off cannot be overtaken.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/kernel.h>
#include <linux/reboot.h>
#include <linux/suspend.h>
#include "core/hw.h"
#include "hw/backends.h"
#include "hw/hw.h"

const struct vam_hw_ops *vam_hw;
DEFINE_PER_CPU(bool, vam_hw_cpu_on);
static enum cpuhp_state hotplug_state;

static void turn_off(void *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	if (__this_cpu_read(vam_hw_cpu_on)) {
		__this_cpu_write(vam_hw_cpu_on, false);
		vam_hw->cpu_disable();
	}
	local_irq_restore(flags);
}

static int turn_on(void)
{
	const char *why = NULL;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	err = vam_hw->cpu_check(&why);
	if (!err)
		err = vam_hw->cpu_enable();
	if (!err)
		__this_cpu_write(vam_hw_cpu_on, true);
	local_irq_restore(flags);
	if (err)
		pr_err("CPU %u: %s (%d)\n", smp_processor_id(),
		       why ?: "cannot be brought into operation", err);
	return err;
}

static void turn_on_again(void *unused)
{
	if (!__this_cpu_read(vam_hw_cpu_on))
		turn_on();
}

/* On the CPU's own hotplug thread. */
static int cpu_comes(unsigned int cpu)
{
	return turn_on();
}

static int cpu_goes(unsigned int cpu)
{
	turn_off(NULL);
	return 0;
}

static int machine_goes(struct notifier_block *nb, unsigned long action,
			void *unused)
{
	on_each_cpu(turn_off, NULL, 1);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_nb = { .notifier_call = machine_goes };

static int machine_sleeps(struct notifier_block *nb, unsigned long action,
			  void *unused)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		on_each_cpu(turn_off, NULL, 1);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		on_each_cpu(turn_on_again, NULL, 1);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block sleep_nb = { .notifier_call = machine_sleeps };

/* The first backend whose extension this CPU has, usable or not. */
static int choose(void)
{
	const char *why = NULL;
	unsigned int i;
	int err = -ENODEV;

	for (i = 0; vam_backends[i]; i++) {
		preempt_disable();
		err = vam_backends[i]->cpu_check(&why);
		preempt_enable();
		if (err == -ENODEV)
			continue;
		if (err) {
			pr_err("%s (%d)\n", why, err);
			return err;
		}
		vam_hw = vam_backends[i];
		return 0;
	}
	pr_err("this CPU has no virtualization extension that vamhost can use: %s is needed (%d)\n",
	       vam_backends_need, err);
	return err;
}

int vam_hw_init(void)
{
	int err;

	err = choose();
	if (err)
		return err;
	err = vam_hw->init();
	if (err)
		return err;

	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "vamhost:online",
				cpu_comes, cpu_goes);
	if (err < 0)
		goto err_exit_backend;
	hotplug_state = err;

	err = register_reboot_notifier(&reboot_nb);
	if (err)
		goto err_remove_hotplug;
	err = register_pm_notifier(&sleep_nb);
	if (err)
		goto err_unregister_reboot;
	return 0;

err_unregister_reboot:
	unregister_reboot_notifier(&reboot_nb);
err_remove_hotplug:
	cpuhp_remove_state(hotplug_state);
err_exit_backend:
	vam_hw->exit();
	return err;
}

void vam_hw_exit(void)
{
	unregister_pm_notifier(&sleep_nb);
	unregister_reboot_notifier(&reboot_nb);
	cpuhp_remove_state(hotplug_state);
	vam_hw->exit();
}
