/* SPDX-License-Identifier: GPL-2.0 */
/*
 * boot_multiboot.h - load a Multiboot (version 1) image
 */
#ifndef BOOT_MULTIBOOT_H
#define BOOT_MULTIBOOT_H

#include <stddef.h>
#include <stdint.h>
#include <vamhost/vamhost.h>

/* A file in memory. */
struct blob {
	char *name; /* the string that the guest gets */
	unsigned char *data;
	size_t size;
};

/**
 * struct multiboot - everything needed to start an image
 * @image: the image
 * @modules: files to load beside it
 * @nr_modules: how many
 * @cmdline: the image's command line
 */
struct multiboot {
	struct blob image;
	struct blob *modules;
	size_t nr_modules;
	const char *cmdline;
};

/*
 * Check the image, without a VM. Returns 0, or -1 after one sentence on stderr
 * that says what is wrong with it.
 */
int multiboot_check(const struct multiboot *mb, uint64_t memory);

/*
 * Load everything into @ram, guest memory from address 0, and say how vCPU 0
 * starts. Returns 0, or -1 after complaining.
 */
int multiboot_load(const struct multiboot *mb, unsigned char *ram,
		   uint64_t memory, struct vamhost_vcpu_state *state);

#endif /* BOOT_MULTIBOOT_H */
