// SPDX-License-Identifier: GPL-2.0
/*
 * core/mem.c - allocate, look up and copy guest RAM
 *
 * Large pages are split into single ones right after allocation: they stay
 * physically contiguous, which is all that the shadow tables and the IOMMU
 * want of them, and each 4 KiB page can be mapped and freed on its own, so a
 * user mapping may outlive the VM.
 *
 * Layer:    core. Called from core/vm.c (life), mmu, run and dev (access).
 * Locks:    none; the table is constant from creation to destruction.
 */
#include <linux/mm.h>
#include <compat/mm.h>
#include <linux/sched/signal.h>
#include "core/alloc.h"
#include "core/mem.h"
#include "core/vm.h"

static unsigned int pages_in_block(const struct vam_mem *mem, u64 block)
{
	u64 left = (mem->size - (block << VAM_BLOCK_SHIFT)) >> VAM_PAGE_SHIFT;

	return min_t(u64, left, VAM_BLOCK_PAGES);
}

static void free_block(struct vam_vm *vm, u64 nr)
{
	struct vam_block *block = &vm->mem.blocks[nr];
	unsigned int i, n = pages_in_block(&vm->mem, nr), freed = 0;

	for (i = 0; i < n; i++) {
		struct page *page = block->page	  ? block->page + i :
				    block->pieces ? block->pieces[i] :
						    NULL;

		if (!page)
			continue;
		__free_page(page);
		freed++;
	}
	kvfree(block->pieces);
	vam_pin_add(&vm->pins, VAM_PIN_RAM, -(s64)freed);
}

static int fill_block(struct vam_vm *vm, u64 nr, int node)
{
	struct vam_block *block = &vm->mem.blocks[nr];
	unsigned int i, n = pages_in_block(&vm->mem, nr);

	if (n == VAM_BLOCK_PAGES) {
		block->page = vam_alloc_pages(
			GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
			VAM_BLOCK_SHIFT - VAM_PAGE_SHIFT, node);
		if (block->page) {
			split_page(block->page,
				   VAM_BLOCK_SHIFT - VAM_PAGE_SHIFT);
			vam_pin_add(&vm->pins, VAM_PIN_RAM, n);
			return 0;
		}
	}

	block->pieces = vam_zalloc_array(n, sizeof(*block->pieces));
	if (!block->pieces)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		/* The creator gets -ENOMEM; nobody is killed for its VM. */
		block->pieces[i] = vam_alloc_pages(GFP_KERNEL | __GFP_NOWARN |
							   __GFP_RETRY_MAYFAIL,
						   0, node);
		if (!block->pieces[i])
			return -ENOMEM;
		vam_pin_add(&vm->pins, VAM_PIN_RAM, 1);
	}
	return 0;
}

/**
 * vam_mem_create() - allocate a VM's RAM
 * @vm: the VM, being created
 * @size: bytes, a multiple of 4 KiB, not 0
 * @node: NUMA node to prefer, or NUMA_NO_NODE
 *
 * Context: may sleep. Return: 0; -ENOMEM, -EINTR with nothing left allocated.
 */
int vam_mem_create(struct vam_vm *vm, u64 size, int node)
{
	struct vam_mem *mem = &vm->mem;
	u64 nr;
	int err;

	if (size >> PAGE_SHIFT > si_mem_available())
		return -ENOMEM;

	mem->size = size;
	mem->nr_blocks = (size + VAM_BLOCK_SIZE - 1) >> VAM_BLOCK_SHIFT;
	mem->blocks = vam_zalloc_array(mem->nr_blocks, sizeof(*mem->blocks));
	if (!mem->blocks)
		return -ENOMEM;

	for (nr = 0; nr < mem->nr_blocks; nr++) {
		err = fatal_signal_pending(current) ? -EINTR :
						      fill_block(vm, nr, node);
		if (err) {
			vam_mem_destroy(vm);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * vam_mem_destroy() - give a VM's RAM back
 * @vm: the VM; nothing refers to its memory any more
 *
 * Context: may sleep.
 */
void vam_mem_destroy(struct vam_vm *vm)
{
	struct vam_mem *mem = &vm->mem;
	u64 nr;

	if (!mem->blocks)
		return;
	for (nr = 0; nr < mem->nr_blocks; nr++) {
		free_block(vm, nr);
		cond_resched();
	}
	kvfree(mem->blocks);
	mem->blocks = NULL;
	mem->size = 0;
}

struct page *vam_mem_page(struct vam_vm *vm, gfn_t gfn)
{
	const struct vam_mem *mem = &vm->mem;
	const struct vam_block *block;
	unsigned int i = gfn & (VAM_BLOCK_PAGES - 1);

	if (gfn >= mem->size >> VAM_PAGE_SHIFT)
		return NULL;
	block = &mem->blocks[gfn >> (VAM_BLOCK_SHIFT - VAM_PAGE_SHIFT)];
	return block->page ? block->page + i : block->pieces[i];
}

bool vam_mem_is_large(struct vam_vm *vm, gfn_t gfn)
{
	const struct vam_mem *mem = &vm->mem;

	if (gfn >= mem->size >> VAM_PAGE_SHIFT)
		return false;
	return mem->blocks[gfn >> (VAM_BLOCK_SHIFT - VAM_PAGE_SHIFT)].page;
}

void *vam_mem_va(struct vam_vm *vm, gpa_t gpa)
{
	struct page *page = vam_mem_page(vm, gpa_to_gfn(gpa));

	return page ? page_address(page) + page_off(gpa) : NULL;
}

/* Copy page by page; @write says in which direction. */
static int copy_guest(struct vam_vm *vm, gpa_t gpa, void *buf, size_t len,
		      bool write)
{
	while (len) {
		size_t n = min_t(size_t, len, VAM_PAGE_SIZE - page_off(gpa));
		void *va = vam_mem_va(vm, gpa);

		if (!va)
			return -EFAULT;
		if (write)
			memcpy(va, buf, n);
		else
			memcpy(buf, va, n);
		gpa += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int vam_mem_read(struct vam_vm *vm, gpa_t gpa, void *buf, size_t len)
{
	return copy_guest(vm, gpa, buf, len, false);
}

int vam_mem_write(struct vam_vm *vm, gpa_t gpa, const void *buf, size_t len)
{
	return copy_guest(vm, gpa, (void *)buf, len, true);
}

static vm_fault_t fault_ram(struct vm_fault *vmf)
{
	struct vam_vm *vm = vmf->vma->vm_private_data;
	struct page *page = vam_mem_page(vm, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct ram_vm_ops = {
	.fault = fault_ram,
};

/**
 * vam_mem_mmap() - map RAM into a user process
 * @vm: the VM; the mapped file holds a reference to it
 * @vma: offset is the guest-physical address; shared mappings only
 *
 * Context: mmap. Pages come by fault; an address outside RAM is SIGBUS.
 * Return: 0, -EINVAL.
 */
int vam_mem_mmap(struct vam_vm *vm, struct vm_area_struct *vma)
{
	u64 pages = vm->mem.size >> VAM_PAGE_SHIFT;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff >= pages ||
	    vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = vm;
	vma->vm_ops = &ram_vm_ops;
	return 0;
}
