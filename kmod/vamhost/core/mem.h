/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/mem.h - guest RAM: allocated once, pinned, the same until the end
 *
 * RAM is made of 2 MiB blocks, each backed by one 2 MiB page of the host where
 * there is one and by 512 small ones where not. It is there from creation to
 * destruction and never moves, so gfn to pfn is an array look-up without a
 * lock, and a pointer got here stays good as long as the VM does.
 *
 * Layer:    core.
 * Not here: who may write to it and when, mmu/.
 */
#ifndef VAM_CORE_MEM_H
#define VAM_CORE_MEM_H

#include <linux/errno.h>
#include <linux/types.h>
#include "lib/addr.h"

struct page;
struct vam_vm;
struct vm_area_struct;

/**
 * struct vam_block - what stands behind 2 MiB of guest RAM
 * @page: the large page, or NULL when it is in pieces
 * @pieces: 512 small pages (fewer in the last block), or NULL
 */
struct vam_block {
	struct page *page;
	struct page **pieces;
};

/**
 * struct vam_mem - a VM's RAM, guest-physical 0 to @size
 * @size: bytes
 * @nr_blocks: how many of @blocks
 * @blocks: by gpa >> 21
 */
struct vam_mem {
	u64 size;
	u64 nr_blocks;
	struct vam_block *blocks;
};

/* Guest RAM comes and goes with its VM; -ENOMEM leaves nothing behind. */
int __must_check vam_mem_create(struct vam_vm *vm, u64 size, int node);
void vam_mem_destroy(struct vam_vm *vm);

/**
 * vam_mem_page() - the host page behind a guest frame
 * @vm: the VM
 * @gfn: any number
 *
 * Context: any. Return: the page, or NULL when @gfn is not RAM.
 */
struct page *vam_mem_page(struct vam_vm *vm, gfn_t gfn);

/**
 * vam_mem_is_large() - does one aligned 2 MiB page of the host back the whole
 * 2 MiB of guest-physical space around @gfn?
 * @vm: the VM
 * @gfn: any number
 */
bool vam_mem_is_large(struct vam_vm *vm, gfn_t gfn);

/**
 * vam_mem_va() - the host's own mapping of a guest address
 * @vm: the VM
 * @gpa: any address; the result is good to the end of its 4 KiB page
 *
 * Everything read through it is hostile and may change under the reader: read
 * once with READ_ONCE, then check. Context: any. Return: pointer, or NULL when
 * @gpa is not RAM.
 */
void *vam_mem_va(struct vam_vm *vm, gpa_t gpa);

/**
 * vam_mem_read() - copy from guest RAM
 * @vm: the VM
 * @gpa: first byte; may cross pages
 * @buf: destination
 * @len: bytes
 *
 * Context: any. Return: 0, -EFAULT when a byte is outside RAM.
 */
int __must_check vam_mem_read(struct vam_vm *vm, gpa_t gpa, void *buf,
			      size_t len);

/* vam_mem_write() - the opposite; mmu/ must be told (vam_mmu_guest_wrote). */
int __must_check vam_mem_write(struct vam_vm *vm, gpa_t gpa, const void *buf,
			       size_t len);

/* vam_mem_mmap() - map RAM into a user process; vma offset is the gpa. */
int vam_mem_mmap(struct vam_vm *vm, struct vm_area_struct *vma);

#endif /* VAM_CORE_MEM_H */
