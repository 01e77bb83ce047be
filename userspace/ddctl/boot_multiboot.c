// SPDX-License-Identifier: GPL-2.0
/*
 * boot_multiboot.c - load a Multiboot (version 1) image
 *
 * Finds the header, loads the image (ELF32 by its program headers, or by the
 * addresses in the header, the "a.out kludge"), puts modules, command line,
 * memory map and the information structure behind it, and says how the CPU has
 * to look at the entry. The image is not trusted: every number in it is checked
 * against the file and the guest's memory before it is used.
 *
 * Spec: Multiboot Specification 0.6.96, sections 3.1 to 3.4.
 */
#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include "boot_multiboot.h"
#include "out.h"

#define HEADER_SEARCH 8192
#define HEADER_MAGIC 0x1badb002u
#define BOOT_MAGIC 0x2badb002u

/* What the image asks for. Bits 0-15 must be understood, 16-31 may be. */
#define WANT_PAGE_ALIGN (1u << 0)
#define WANT_MEMORY (1u << 1)
#define WANT_VIDEO (1u << 2)
#define WANT_KNOWN (WANT_PAGE_ALIGN | WANT_MEMORY)
#define HAS_ADDRESSES (1u << 16)

/* What the information structure has. */
#define INFO_MEMORY (1u << 0)
#define INFO_CMDLINE (1u << 2)
#define INFO_MODULES (1u << 3)
#define INFO_MMAP (1u << 6)
#define INFO_LOADER (1u << 9)

#define LOW_END 0x9fc00ull /* as a PC with an extended BIOS data area */
#define HIGH_START 0x100000ull
#define ROM_START 0xf0000ull
#define APICS_START 0xfec00000ull
#define FOUR_GIB 0x100000000ull

struct header {
	uint32_t magic;
	uint32_t flags;
	uint32_t checksum;
	uint32_t header_addr;
	uint32_t load_addr;
	uint32_t load_end_addr;
	uint32_t bss_end_addr;
	uint32_t entry_addr;
};

struct info {
	uint32_t flags;
	uint32_t mem_lower;
	uint32_t mem_upper;
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t mods_count;
	uint32_t mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length;
	uint32_t mmap_addr;
	uint32_t drives_length;
	uint32_t drives_addr;
	uint32_t config_table;
	uint32_t boot_loader_name;
	uint32_t apm_table;
	uint32_t vbe[4];
};

struct module {
	uint32_t start;
	uint32_t end;
	uint32_t string;
	uint32_t reserved;
};

struct mmap_entry {
	uint32_t size; /* of the rest */
	uint64_t addr;
	uint64_t len;
	uint32_t type; /* 1 available, 2 reserved */
} __attribute__((packed));

/* Where the image went. */
struct placed {
	uint64_t entry;
	uint64_t start;
	uint64_t end;
};

/* Is [addr, addr + len) memory, and below the interrupt controllers? */
static bool fits(uint64_t addr, uint64_t len, uint64_t memory)
{
	if (memory > APICS_START)
		memory = APICS_START;
	return len <= memory && addr <= memory - len;
}

static int find_header(const struct blob *image, struct header *h,
		       size_t *offset)
{
	size_t end = image->size < HEADER_SEARCH ? image->size : HEADER_SEARCH;
	size_t need;

	for (*offset = 0; *offset + 12 <= end; *offset += 4) {
		memset(h, 0, sizeof(*h));
		memcpy(h, image->data + *offset, 12);
		if (h->magic != HEADER_MAGIC ||
		    h->magic + h->flags + h->checksum != 0)
			continue;
		need = h->flags & HAS_ADDRESSES ? sizeof(*h) : 12;
		if (*offset + need > image->size)
			return complain("%s: the Multiboot header is cut off",
					image->name);
		memcpy(h, image->data + *offset, need);
		if (h->flags & WANT_VIDEO)
			return complain("%s: the image wants a video mode, "
					"which the VM does not have",
					image->name);
		if (h->flags & 0xffff & ~WANT_KNOWN)
			return complain("%s: the image wants Multiboot "
					"features 0x%x, which are not known",
					image->name,
					h->flags & 0xffff & ~WANT_KNOWN);
		return 0;
	}
	return complain("%s: not a Multiboot image: no header in the first "
			"%d bytes",
			image->name, HEADER_SEARCH);
}

/* Copy one piece and clear the rest; @ram is NULL for a check only. */
static int place(const struct blob *image, unsigned char *ram, uint64_t memory,
		 uint64_t offset, uint64_t file_len, uint64_t addr,
		 uint64_t mem_len, struct placed *placed)
{
	if (offset > image->size || file_len > image->size - offset)
		return complain("%s: the file is cut off: it should have %llu "
				"bytes at %llu",
				image->name, (unsigned long long)file_len,
				(unsigned long long)offset);
	if (!fits(addr, mem_len, memory))
		return complain("%s: wants %llu bytes at 0x%llx, which is "
				"outside the VM's memory (--memory)",
				image->name, (unsigned long long)mem_len,
				(unsigned long long)addr);
	if (ram) {
		memcpy(ram + addr, image->data + offset, file_len);
		memset(ram + addr + file_len, 0, mem_len - file_len);
	}
	if (addr < placed->start)
		placed->start = addr;
	if (addr + mem_len > placed->end)
		placed->end = addr + mem_len;
	return 0;
}

/* The addresses in the Multiboot header tell. */
static int load_by_header(const struct blob *image, const struct header *h,
			  size_t header_offset, unsigned char *ram,
			  uint64_t memory, struct placed *placed)
{
	uint64_t before = h->header_addr - h->load_addr;
	uint64_t offset, file_len, mem_len;

	if (h->header_addr < h->load_addr || before > header_offset)
		return complain("%s: the load address in the Multiboot header "
				"is wrong",
				image->name);
	offset = header_offset - before;
	file_len = image->size - offset;
	if (h->load_end_addr) {
		if (h->load_end_addr < h->load_addr)
			return complain("%s: the load end address in the "
					"Multiboot header is wrong",
					image->name);
		file_len = h->load_end_addr - h->load_addr;
	}
	mem_len = file_len;
	if (h->bss_end_addr) {
		if (h->bss_end_addr < h->load_addr ||
		    h->bss_end_addr - h->load_addr < file_len)
			return complain("%s: the BSS end address in the "
					"Multiboot header is wrong",
					image->name);
		mem_len = h->bss_end_addr - h->load_addr;
	}
	placed->entry = h->entry_addr;
	return place(image, ram, memory, offset, file_len, h->load_addr,
		     mem_len, placed);
}

static int load_elf(const struct blob *image, unsigned char *ram,
		    uint64_t memory, struct placed *placed)
{
	Elf32_Ehdr eh;
	Elf32_Phdr ph;
	unsigned int i, loaded = 0;
	uint64_t at;

	if (image->size < sizeof(eh) || memcmp(image->data, ELFMAG, SELFMAG))
		return complain("%s: neither an ELF file nor a Multiboot "
				"header with addresses",
				image->name);
	memcpy(&eh, image->data, sizeof(eh));
	if (eh.e_ident[EI_CLASS] != ELFCLASS32 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_386)
		return complain("%s: not a 32-bit x86 ELF file (objcopy -O "
				"elf32-i386 makes one of a 64-bit one)",
				image->name);
	if (eh.e_type != ET_EXEC || eh.e_phentsize < sizeof(ph))
		return complain("%s: not an ELF program", image->name);

	placed->entry = eh.e_entry;
	for (i = 0; i < eh.e_phnum; i++) {
		at = eh.e_phoff + (uint64_t)i * eh.e_phentsize;
		if (at + sizeof(ph) > image->size)
			return complain("%s: the ELF program headers are cut "
					"off",
					image->name);
		memcpy(&ph, image->data + at, sizeof(ph));
		if (ph.p_type != PT_LOAD || !ph.p_memsz)
			continue;
		if (ph.p_filesz > ph.p_memsz)
			return complain("%s: ELF segment %u is larger in the "
					"file than in memory",
					image->name, i);
		if (place(image, ram, memory, ph.p_offset, ph.p_filesz,
			  ph.p_paddr, ph.p_memsz, placed))
			return -1;
		/* Paging is off at the entry: it is a physical address. */
		if (eh.e_entry >= ph.p_vaddr &&
		    eh.e_entry - ph.p_vaddr < ph.p_memsz)
			placed->entry = eh.e_entry - ph.p_vaddr + ph.p_paddr;
		loaded++;
	}
	if (!loaded)
		return complain("%s: the ELF file has nothing to load",
				image->name);
	return 0;
}

static int load_image(const struct blob *image, unsigned char *ram,
		      uint64_t memory, struct placed *placed)
{
	struct header h;
	size_t offset;
	int err;

	*placed = (struct placed){ .start = UINT64_MAX };
	if (find_header(image, &h, &offset))
		return -1;
	if (h.flags & HAS_ADDRESSES)
		err = load_by_header(image, &h, offset, ram, memory, placed);
	else
		err = load_elf(image, ram, memory, placed);
	if (err)
		return err;
	if (placed->entry < placed->start || placed->entry >= placed->end)
		return complain("%s: the entry 0x%llx is outside the image",
				image->name, (unsigned long long)placed->entry);
	return 0;
}

/* A cursor through guest memory behind the image. */
struct arena {
	unsigned char *ram; /* NULL for a check only */
	uint64_t memory;
	uint64_t next;
	bool full;
};

static uint32_t put(struct arena *a, const void *data, uint64_t len,
		    uint64_t align)
{
	uint64_t at = (a->next + align - 1) & ~(align - 1);

	if (!fits(at, len, a->memory)) {
		a->full = true;
		return 0;
	}
	if (a->ram && data)
		memcpy(a->ram + at, data, len);
	a->next = at + len;
	return (uint32_t)at;
}

static uint32_t put_string(struct arena *a, const char *s)
{
	return put(a, s, strlen(s) + 1, 1);
}

static void put_mmap(struct arena *a, struct info *info)
{
	struct mmap_entry map[6];
	unsigned int n = 0;
	uint64_t top = a->memory < APICS_START ? a->memory : APICS_START;

#define RANGE(from, to, t)                                           \
	(map[n++] = (struct mmap_entry){ sizeof(map[0]) - 4, (from), \
					 (to) - (from), (t) })
	RANGE(0, LOW_END, 1);
	RANGE(LOW_END, 0xa0000, 2);
	RANGE(ROM_START, HIGH_START, 2);
	if (top > HIGH_START)
		RANGE(HIGH_START, top, 1);
	if (a->memory > APICS_START)
		RANGE(APICS_START, FOUR_GIB, 2);
	if (a->memory > FOUR_GIB)
		RANGE(FOUR_GIB, a->memory, 1);
#undef RANGE
	info->mmap_addr = put(a, map, n * sizeof(map[0]), 8);
	info->mmap_length = n * sizeof(map[0]);
	info->mem_lower = 640;
	info->mem_upper = (top - HIGH_START) >> 10;
}

static void put_modules(struct arena *a, const struct multiboot *mb,
			struct info *info)
{
	struct module m;
	uint64_t slot;
	size_t i;

	slot = put(a, NULL, mb->nr_modules * sizeof(m), 16);
	info->mods_count = mb->nr_modules;
	info->mods_addr = slot;
	for (i = 0; i < mb->nr_modules && !a->full; i++) {
		memset(&m, 0, sizeof(m));
		m.string = put_string(a, mb->modules[i].name);
		m.start =
			put(a, mb->modules[i].data, mb->modules[i].size, 4096);
		m.end = m.start + mb->modules[i].size;
		if (a->ram && !a->full)
			memcpy(a->ram + slot + i * sizeof(m), &m, sizeof(m));
	}
}

static void set_entry_state(struct vamhost_vcpu_state *s, uint32_t entry,
			    uint32_t info)
{
	const struct vamhost_seg code = {
		.selector = 0x08,
		.attr = 0xc09b, /* G, 32 bit, P, execute and read, accessed */
		.limit = 0xffffffff,
	};
	const struct vamhost_seg data = {
		.selector = 0x10,
		.attr = 0xc093, /* G, 32 bit, P, read and write, accessed */
		.limit = 0xffffffff,
	};
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->size = sizeof(*s);
	s->run = VAMHOST_VCPU_RUNNABLE;
	s->gpr[VAMHOST_RAX] = BOOT_MAGIC;
	s->gpr[VAMHOST_RBX] = info;
	s->rip = entry;
	s->rflags = 0x2;
	for (i = VAMHOST_ES; i <= VAMHOST_GS; i++)
		s->seg[i] = data;
	s->seg[VAMHOST_CS] = code;
	/* Present, as after reset; the tables themselves are the guest's job. */
	s->seg[VAMHOST_LDTR] =
		(struct vamhost_seg){ .attr = 0x82, .limit = 0xffff };
	s->seg[VAMHOST_TR] =
		(struct vamhost_seg){ .attr = 0x8b, .limit = 0xffff };
	s->seg[VAMHOST_IDTR].limit = 0xffff;
	s->seg[VAMHOST_GDTR].limit = 0xffff;
	s->cr0 = 0x11; /* PE, ET */
	s->xcr0 = 1;
	s->dr6 = 0xffff0ff0;
	s->dr7 = 0x400;
	s->pat = 0x0007040600070406ull;
}

int multiboot_load(const struct multiboot *mb, unsigned char *ram,
		   uint64_t memory, struct vamhost_vcpu_state *state)
{
	struct info info = {
		.flags = INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MMAP |
			 INFO_LOADER,
	};
	struct arena arena = { .ram = ram, .memory = memory };
	struct placed placed;
	uint32_t at;

	if (load_image(&mb->image, ram, memory, &placed))
		return -1;
	/* Behind the image, and out of the way of what PCs have below 1 MiB. */
	arena.next = (placed.end + 4095) & ~4095ull;
	if (arena.next < HIGH_START)
		arena.next = HIGH_START;
	put_modules(&arena, mb, &info);
	put_mmap(&arena, &info);
	info.cmdline = put_string(&arena, mb->cmdline);
	info.boot_loader_name = put_string(&arena, "ddctl");
	at = put(&arena, &info, sizeof(info), 16);
	if (arena.full)
		return complain("%s: the image and its modules do not fit into "
				"%llu MiB (--memory)",
				mb->image.name,
				(unsigned long long)memory >> 20);
	set_entry_state(state, (uint32_t)placed.entry, at);
	return 0;
}

int multiboot_check(const struct multiboot *mb, uint64_t memory)
{
	struct vamhost_vcpu_state state;

	return multiboot_load(mb, NULL, memory, &state);
}
