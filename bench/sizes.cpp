// SPDX-License-Identifier: BSL-1.0
#include "sizes.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t live = 0;

void* get(std::size_t size, std::size_t alignment) {
  void* const at = alignment > alignof(std::max_align_t)
                       ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                       : std::malloc(size);
  if (!at) throw std::bad_alloc();
  live += malloc_usable_size(at);
  return at;
}

void put(void* at) noexcept {
  if (!at) return;
  live -= malloc_usable_size(at);
  std::free(at);
}

}  // namespace

std::size_t bench::allocated() { return live; }

void* operator new(std::size_t size) { return get(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return get(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* at) noexcept { put(at); }
void operator delete(void* at, std::size_t) noexcept { put(at); }
void operator delete(void* at, std::align_val_t) noexcept { put(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { put(at); }
