/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ctl/ctl.h - user space's way in: /dev/vamhost and the descriptors of VMs
 *
 * Layer:    ctl, the top. Called from main.c; the rest is for ctl/ itself.
 */
#ifndef VAM_CTL_CTL_H
#define VAM_CTL_CTL_H

#include <linux/atomic.h>
#include <linux/types.h>

struct file;
struct vam_vm;

/**
 * vam_ctl_init() - let user space in
 *
 * Context: module load, when everything else is up. Return: 0 or -errno with
 * nothing left.
 */
int vam_ctl_init(void);

/**
 * vam_ctl_exit() - the opposite
 *
 * Context: module unload, when nothing is open; may sleep.
 */
void vam_ctl_exit(void);

/**
 * struct vam_vm_file - behind a VM's descriptor
 * @vm: (c) the VM, referenced
 * @console_pos: (a) where the last VAMHOST_CONSOLE_READ ended, for poll()
 */
struct vam_vm_file {
	struct vam_vm *vm;
	atomic64_t console_pos;
};

/**
 * vam_ctl_open_vm() - make an open file of a VM
 * @vm: the VM; the file takes a reference of its own
 *
 * Context: may sleep. Return: the file, or ERR_PTR.
 */
struct file *vam_ctl_open_vm(struct vam_vm *vm);

/* debugfs.c: vamhost/ and vamhost/<id>-<name>/. Failures only show there. */
void vam_debugfs_init(void);
void vam_debugfs_exit(void);

/**
 * vam_debugfs_add() - show a VM that has just been created
 * @vm: the VM
 *
 * Context: may sleep. A failure only shows in debugfs.
 */
void vam_debugfs_add(struct vam_vm *vm);

/**
 * vam_debugfs_remove() - show a VM no more
 * @vm: the VM, after vam_vm_destroy() succeeded
 *
 * Context: may sleep; waits for readers.
 */
void vam_debugfs_remove(struct vam_vm *vm);

#endif /* VAM_CTL_CTL_H */
