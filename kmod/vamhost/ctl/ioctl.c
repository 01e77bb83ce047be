// SPDX-License-Identifier: GPL-2.0
/*
 * ctl/ioctl.c - every command: the tables, the one copy-in, the one copy-out
 *
 * A command's struct is copied from the caller exactly once, checked for size
 * and unknown flags here, and given to its handler as a copy of ours. Handlers
 * never see where it came from. If the answer cannot be copied back, whatever
 * the handler made (a descriptor, a VM) is unmade.
 *
 * Layer:    ctl. Called by the VFS through ctl/ctl.c.
 * Locks:    none here; commands of several threads run side by side.
 * Not here: commands on a VM, ctl/ioctl_vm.c and ctl/ioctl_vcpu.c.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include "core/hw.h"
#include "core/stat.h"
#include "core/vm.h"
#include "ctl/ctl.h"
#include "ctl/ioctl.h"

#define SIZE_MAX_ACCEPTED 4096 /* what the UAPI header promises */
#define CONSOLE_DEFAULT 65536

static_assert(VAMHOST_NAME_MAX == VAM_NAME_MAX);
static_assert(VAMHOST_REASON_MAX == VAM_REASON_MAX);
static_assert(VAMHOST_VCPUS_MAX == VAM_VCPUS_MAX);

static u64 cpu_features(void)
{
	/* The other vendor's CPUs have had the first two from the beginning. */
	bool intel = boot_cpu_data.x86_vendor == X86_VENDOR_INTEL;
	u64 features = 0;

	if (intel || boot_cpu_has(X86_FEATURE_NRIPS))
		features |= VAMHOST_FEATURE_INSN_LEN;
	if (intel || boot_cpu_has(X86_FEATURE_DECODEASSISTS))
		features |= VAMHOST_FEATURE_INSN_BYTES;
	if (boot_cpu_has(X86_FEATURE_NPT) || boot_cpu_has(X86_FEATURE_EPT))
		features |= VAMHOST_FEATURE_NESTED_PAGING;
	return features;
}

static int get_info(struct vam_ioctl_call *call)
{
	struct vamhost_info *info = &call->arg->info;
	const char *version = THIS_MODULE->version;
	struct vam_vm *vm;
	u32 id = 0, n = 0;

	while ((vm = vam_vm_next(id))) {
		id = vm->id;
		n++;
		vam_vm_put(vm);
	}
	info->out_abi = VAMHOST_ABI;
	info->out_vcpus_max = VAM_VCPUS_MAX;
	info->out_features = cpu_features();
	info->out_stats = VAM_STAT_NR;
	info->out_vms = n;
	strscpy_pad(info->out_backend, vam_hw->name, sizeof(info->out_backend));
	strscpy_pad(info->out_version, version ? version : "",
		    sizeof(info->out_version));
	return 0;
}

static int get_stat_name(struct vam_ioctl_call *call)
{
	struct vamhost_stat_name *arg = &call->arg->stat_name;
	const char *name;

	if (arg->reserved)
		return -EINVAL;
	name = vam_stat_name(arg->index);
	if (!name)
		return -ENOENT;
	strscpy_pad(arg->out_name, name, sizeof(arg->out_name));
	return 0;
}

static int next_vm(struct vam_ioctl_call *call)
{
	struct vamhost_vm_next *arg = &call->arg->next;
	struct vam_vm *vm = vam_vm_next(arg->after);

	if (!vm)
		return -ENOENT;
	arg->out_vm_id = vm->id;
	strscpy_pad(arg->out_name, vm->name, sizeof(arg->out_name));
	vam_vm_put(vm);
	return 0;
}

/* A descriptor for @vm, to be installed when the answer has been delivered. */
static int prepare_fd(struct vam_ioctl_call *call, struct vam_vm *vm)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = vam_ctl_open_vm(vm);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	call->new_fd = fd;
	call->new_file = file;
	return 0;
}

static int create_vm(struct vam_ioctl_call *call)
{
	struct vamhost_vm_create *arg = &call->arg->create;
	struct vam_vm_config config = {
		.memory = arg->memory,
		.nr_vcpus = arg->nr_vcpus,
		.node = arg->node == -1 ? NUMA_NO_NODE : arg->node,
		.console_size = arg->console_size ? arg->console_size :
						    CONSOLE_DEFAULT,
		.mmu_pages = arg->mmu_pages,
	};
	struct vam_vm *vm;
	int err;

	if (strnlen(arg->name, sizeof(arg->name)) == sizeof(arg->name))
		return -EINVAL;
	strscpy(config.name, arg->name, sizeof(config.name));
	vm = vam_vm_create(&config);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	vam_debugfs_add(vm);
	call->created = vm;
	err = prepare_fd(call, vm);
	if (err)
		return err;
	arg->out_vm_id = vm->id;
	arg->out_fd = call->new_fd;
	return 0;
}

static int open_vm(struct vam_ioctl_call *call)
{
	struct vamhost_vm_open *arg = &call->arg->open;
	struct vam_vm *vm;
	int err;

	if (arg->reserved ||
	    strnlen(arg->name, sizeof(arg->name)) == sizeof(arg->name))
		return -EINVAL;
	if (arg->vm_id && arg->name[0])
		return -EINVAL;
	vm = arg->vm_id ? vam_vm_find(arg->vm_id) : vam_vm_find_name(arg->name);
	if (!vm)
		return -ENOENT;
	err = prepare_fd(call, vm);
	if (!err) {
		arg->out_vm_id = vm->id;
		arg->out_fd = call->new_fd;
	}
	vam_vm_put(vm);
	return err;
}

static const struct vam_ioctl device_ioctls[] = {
	VAM_IOCTL(VAMHOST_INFO, get_info, vamhost_info, out_version),
	VAM_IOCTL(VAMHOST_VM_CREATE, create_vm, vamhost_vm_create, out_fd),
	VAM_IOCTL(VAMHOST_VM_OPEN, open_vm, vamhost_vm_open, reserved),
	VAM_IOCTL(VAMHOST_VM_NEXT, next_vm, vamhost_vm_next, out_name),
	VAM_IOCTL(VAMHOST_STAT_NAME, get_stat_name, vamhost_stat_name,
		  out_name),
};

static const struct vam_ioctl vm_ioctls[] = {
	VAM_IOCTL(VAMHOST_VM_STATUS, vam_ioctl_vm_status, vamhost_vm_status,
		  out_reason),
	VAM_IOCTL(VAMHOST_VM_START, vam_ioctl_vm_start, vamhost_vm_start,
		  flags),
	VAM_IOCTL(VAMHOST_VM_PAUSE, vam_ioctl_vm_pause, vamhost_vm_pause,
		  flags),
	VAM_IOCTL(VAMHOST_VM_RESUME, vam_ioctl_vm_resume, vamhost_vm_resume,
		  flags),
	VAM_IOCTL(VAMHOST_VM_KILL, vam_ioctl_vm_kill, vamhost_vm_kill, reason),
	VAM_IOCTL(VAMHOST_VM_WAIT, vam_ioctl_vm_wait, vamhost_vm_wait,
		  out_reason),
	VAM_IOCTL(VAMHOST_VM_DESTROY, vam_ioctl_vm_destroy, vamhost_vm_destroy,
		  flags),
	VAM_IOCTL(VAMHOST_VM_STAT, vam_ioctl_vm_stat, vamhost_vm_stat,
		  reserved),
	VAM_IOCTL(VAMHOST_VM_PINS, vam_ioctl_vm_pins, vamhost_vm_pins, out_bar),
	VAM_IOCTL(VAMHOST_VCPU_GET_STATE, vam_ioctl_vcpu_get_state,
		  vamhost_vcpu_state, tsc_aux),
	VAM_IOCTL(VAMHOST_VCPU_SET_STATE, vam_ioctl_vcpu_set_state,
		  vamhost_vcpu_state, tsc_aux),
	VAM_IOCTL(VAMHOST_CONSOLE_READ, vam_ioctl_console_read,
		  vamhost_console_read, out_lost),
	VAM_IOCTL(VAMHOST_CONSOLE_WRITE, vam_ioctl_console_write,
		  vamhost_console_write, out_length),
};

static const struct vam_ioctl *find_ioctl(const struct vam_ioctl *table,
					  size_t n, unsigned int cmd)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (table[i].cmd == cmd)
			return &table[i];
	return NULL;
}

/* The answer goes back, and only then does what was made become visible. */
static int deliver(struct vam_ioctl_call *call, void __user *user, size_t size)
{
	if (copy_to_user(user, call->arg, size))
		return -EFAULT;
	if (call->new_file) {
		fd_install(call->new_fd, call->new_file);
		call->new_file = NULL;
	}
	return 0;
}

static void undo(struct vam_ioctl_call *call)
{
	if (call->new_file) {
		put_unused_fd(call->new_fd);
		fput(call->new_file);
	}
	if (call->created && !vam_vm_destroy(call->created))
		vam_debugfs_remove(call->created);
}

static int run_ioctl(const struct vam_ioctl *row, struct vam_vm_file *vm_file,
		     void __user *user)
{
	union vam_ioctl_arg arg = {};
	struct vam_ioctl_call call = {
		.arg = &arg,
		.vm_file = vm_file,
		.vm = vm_file ? vm_file->vm : NULL,
		.new_fd = -1,
	};
	u32 size;
	int err;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < row->min_size || size > SIZE_MAX_ACCEPTED)
		return -EINVAL;
	err = copy_struct_from_user(&arg, row->size, user, size);
	if (err)
		return err;
	/* The caller may have changed it between the two reads. */
	arg.head.size = size;
	if (arg.head.flags)
		return -EOPNOTSUPP;

	err = row->handler(&call);
	if (!err)
		err = deliver(&call, user, min_t(size_t, size, row->size));
	if (err)
		undo(&call);
	if (call.created)
		vam_vm_put(call.created);
	return err;
}

static long dispatch(const struct vam_ioctl *table, size_t n,
		     struct vam_vm_file *vm_file, unsigned int cmd,
		     unsigned long arg)
{
	const struct vam_ioctl *row = find_ioctl(table, n, cmd);
	int err;

	err = row ? run_ioctl(row, vm_file, (void __user *)arg) : -ENOTTY;
	switch (err) {
	case -ENOTTY:
	case -E2BIG:
	case -EINVAL:
	case -EOPNOTSUPP:
	case -EFAULT:
		pr_info_ratelimited("%s[%d]: bad ioctl %#x, error %d\n",
				    current->comm, task_pid_nr(current), cmd,
				    err);
	}
	return err;
}

/**
 * vam_ioctl_device() - a command on /dev/vamhost
 * @file: open file of it
 * @cmd: VAMHOST_*
 * @arg: address of the command's struct
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
long vam_ioctl_device(struct file *file, unsigned int cmd, unsigned long arg)
{
	return dispatch(device_ioctls, ARRAY_SIZE(device_ioctls), NULL, cmd,
			arg);
}

/**
 * vam_ioctl_vm() - a command on a VM's descriptor
 * @file: open file of it
 * @cmd: VAMHOST_*
 * @arg: address of the command's struct
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
long vam_ioctl_vm(struct file *file, unsigned int cmd, unsigned long arg)
{
	return dispatch(vm_ioctls, ARRAY_SIZE(vm_ioctls), file->private_data,
			cmd, arg);
}
