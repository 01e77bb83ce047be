// SPDX-License-Identifier: GPL-2.0
/*
 * ctl/ctl.c - /dev/vamhost and the descriptors of VMs: open, close, map, poll
 *
 * The device is for root. A VM's descriptor is a handle, not an owner: each
 * holds a reference, and closing the last one leaves the VM alone, because the
 * list of VMs holds one too until the VM is destroyed.
 *
 * Layer:    ctl. init and exit are called from main.c, the rest by the VFS.
 * Locks:    none; references do it. Everything here may sleep.
 * Not here: the commands, ctl/ioctl.c; guest RAM behind mmap(), core/mem.c.
 * Tour:     after run/run.c; next ctl/ioctl.c.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "ctl/ctl.h"
#include "ctl/ioctl.h"
#include "dev/uart.h"

static int vm_file_release(struct inode *inode, struct file *file)
{
	struct vam_vm_file *f = file->private_data;

	vam_vm_put(f->vm);
	kfree(f);
	return 0;
}

static int vm_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vam_vm_file *f = file->private_data;

	return vam_mem_mmap(f->vm, vma);
}

static __poll_t vm_file_poll(struct file *file, poll_table *wait)
{
	struct vam_vm_file *f = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &f->vm->wait, wait);
	/* Death first: what was written before it is then seen below. */
	if (vam_vm_is_dead(f->vm))
		mask |= EPOLLHUP | EPOLLERR;
	if (vam_uart_console_end(f->vm) > atomic64_read(&f->console_pos))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_file_release,
	.mmap = vm_file_mmap,
	.poll = vm_file_poll,
	.unlocked_ioctl = vam_ioctl_vm,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

struct file *vam_ctl_open_vm(struct vam_vm *vm)
{
	struct vam_vm_file *f;
	struct file *file;

	f = vam_zalloc(sizeof(*f));
	if (!f)
		return ERR_PTR(-ENOMEM);
	f->vm = vam_vm_get(vm);
	file = anon_inode_getfile("[vamhost-vm]", &vm_fops, f,
				  O_RDWR | O_CLOEXEC);
	if (IS_ERR(file)) {
		vam_vm_put(vm);
		kfree(f);
	}
	return file;
}

static int device_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.unlocked_ioctl = vam_ioctl_device,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vamhost",
	.fops = &device_fops,
	.mode = 0600,
};

int vam_ctl_init(void)
{
	int err;

	vam_debugfs_init();
	/* Last: from this line on, user space can reach us. */
	err = misc_register(&device);
	if (err)
		vam_debugfs_exit();
	return err;
}

void vam_ctl_exit(void)
{
	misc_deregister(&device);
	vam_debugfs_exit();
}
