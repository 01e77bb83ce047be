// SPDX-License-Identifier: GPL-2.0
/*
 * tests/bench/kvmrun.c - the peer: a payload under KVM, with nothing around it
 *
 * The smallest program that gives KVM what ddctl gives vamhost: the image at
 * its addresses, 64 MiB of memory, interrupt controllers and timer in the
 * kernel, the CPUID that KVM supports, one vCPU. Serial output goes to stdout,
 * a write to port 0xf4 ends the program with (value << 1) | 1. Guest memory is
 * there before the guest runs, in huge pages where the host has them, so that
 * no fault costs more than KVM itself makes it cost.
 *
 * Usage: kvmrun IMAGE [COMMAND LINE]
 * Spec:  Multiboot 0.6.96; Documentation/virt/kvm/api.rst
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY (64ul << 20)
#define LARGE (2ul << 20)
#define INFO 0x9000 /* the Multiboot information, where no payload lies */
#define COMMAND_LINE 0x9100
#define MULTIBOOT_MAGIC 0x2badb002
#define CPUID_MAX 256

static uint8_t *memory;

static int checked(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(2, "%s", what);
	return ret;
}

static void make_memory(void)
{
	uintptr_t at;

	at = (uintptr_t)mmap(NULL, MEMORY + LARGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == (uintptr_t)MAP_FAILED)
		err(2, "memory");
	memory = (uint8_t *)((at + LARGE - 1) & ~(LARGE - 1));
	madvise(memory, MEMORY, MADV_HUGEPAGE);
	memset(memory, 0, MEMORY);
}

/* Returns the entry point. */
static uint32_t load_image(const char *path)
{
	const Elf32_Phdr *ph;
	const Elf32_Ehdr *eh;
	struct stat st;
	uint8_t *file;
	int fd, i;

	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(2, "%s", path);
	file = malloc(st.st_size);
	if (!file || read(fd, file, st.st_size) != st.st_size)
		err(2, "%s", path);
	close(fd);
	eh = (const Elf32_Ehdr *)file;
	if (st.st_size < (off_t)sizeof(*eh) ||
	    memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
	    eh->e_ident[EI_CLASS] != ELFCLASS32)
		errx(2, "%s: not a 32-bit ELF file", path);
	for (i = 0; i < eh->e_phnum; i++) {
		ph = (const Elf32_Phdr *)(file + eh->e_phoff) + i;
		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_paddr + (uint64_t)ph->p_memsz > MEMORY)
			errx(2, "%s: does not fit", path);
		memcpy(memory + ph->p_paddr, file + ph->p_offset, ph->p_filesz);
	}
	i = eh->e_entry;
	free(file);
	return i;
}

static void make_info(const char *command_line)
{
	uint32_t *info = (uint32_t *)(memory + INFO);

	info[0] = 1 | 4; /* memory size, command line */
	info[1] = 640;
	info[2] = (MEMORY >> 10) - 1024;
	info[4] = COMMAND_LINE;
	snprintf((char *)memory + COMMAND_LINE, 512, "%s", command_line);
}

static void set_cpuid(int kvm, int vcpu)
{
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1,
		       sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]));
	if (!cpuid)
		err(2, "memory");
	cpuid->nent = CPUID_MAX;
	checked(kvm, KVM_GET_SUPPORTED_CPUID, cpuid, "KVM_GET_SUPPORTED_CPUID");
	checked(vcpu, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
	free(cpuid);
}

static struct kvm_segment flat(uint16_t selector, uint8_t type)
{
	struct kvm_segment s = {
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};

	return s;
}

/* Protected mode without paging, flat segments, as Multiboot wants it. */
static void set_registers(int vcpu, uint32_t entry)
{
	struct kvm_regs regs = {
		.rax = MULTIBOOT_MAGIC,
		.rbx = INFO,
		.rip = entry,
		.rflags = 2,
	};
	struct kvm_sregs sregs;

	checked(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs = flat(8, 11);
	sregs.ds = flat(16, 3);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 = 0x11;
	checked(vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
	checked(vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

/* True when the guest has ended the machine, with *value. */
static bool port(struct kvm_run *run, uint8_t *value)
{
	static bool divisor; /* port 0x3f8 is the baud rate now, not data */
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	size_t bytes = (size_t)run->io.size * run->io.count;

	if (run->io.direction == KVM_EXIT_IO_IN) {
		memset(data, 0xff, bytes);
		if (run->io.port == 0x3fd)
			data[0] = 0x60; /* always ready to send */
		return false;
	}
	if (run->io.port == 0x3fb)
		divisor = data[0] & 0x80;
	if (run->io.port == 0x3f8 && !divisor)
		fwrite(data, 1, bytes, stdout);
	*value = data[0];
	return run->io.port == 0xf4;
}

static uint8_t run_guest(int vcpu, struct kvm_run *run)
{
	uint8_t value;

	for (;;) {
		checked(vcpu, KVM_RUN, NULL, "KVM_RUN");
		switch (run->exit_reason) {
		case KVM_EXIT_IO:
			if (port(run, &value))
				return value;
			break;
		case KVM_EXIT_MMIO:
			memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
			break;
		default:
			errx(2, "KVM gave up, exit reason %u",
			     run->exit_reason);
		}
	}
}

int main(int argc, char **argv)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };
	struct kvm_pit_config pit = { 0 };
	struct kvm_run *run;
	int kvm, vm, vcpu, size;
	uint32_t entry;

	if (argc < 2)
		errx(2, "usage: kvmrun IMAGE [COMMAND LINE]");
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	make_memory();
	entry = load_image(argv[1]);
	make_info(argc > 2 ? argv[2] : "");

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(2, "/dev/kvm");
	vm = checked(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	checked(vm, KVM_CREATE_IRQCHIP, NULL, "KVM_CREATE_IRQCHIP");
	checked(vm, KVM_CREATE_PIT2, &pit, "KVM_CREATE_PIT2");
	region.userspace_addr = (uintptr_t)memory;
	checked(vm, KVM_SET_USER_MEMORY_REGION, &region,
		"KVM_SET_USER_MEMORY_REGION");
	vcpu = checked(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	size = checked(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL,
		       "KVM_GET_VCPU_MMAP_SIZE");
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		err(2, "kvm_run");
	set_cpuid(kvm, vcpu);
	set_registers(vcpu, entry);
	return (run_guest(vcpu, run) << 1 | 1) & 0xff;
}
