// Memory of tensors on the CPU that is kept when it is freed.
//
// A training step frees nearly all memory that it took. glibc gives large blocks back to the system, which clears every
// page anew for the next step: an eighth of a supernet's step. Here freed blocks wait, by size, for the next tensor of
// that size, of which the next step has as many.

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

namespace {

// What oneDNN's kernels want, and the size of the header before each block.
constexpr size_t ALIGNMENT = 64;
// The C library is good at blocks below this.
constexpr size_t LEAST = 32 * 1024;
// A waiting block may be larger than what is asked for by one part in so many.
constexpr size_t SLACK = 8;

struct Header {
  size_t size;
};

// A block is known by where its data begins, which is what libtorch's raw interface wants; its header lies before that.
Header* header(void* block) { return reinterpret_cast<Header*>(static_cast<char*>(block) - ALIGNMENT); }

class KeepingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    if (bytes == 0) {
      return {nullptr, nullptr, &release, c10::Device(c10::DeviceType::CPU)};
    }
    void* block = take(bytes < LEAST ? bytes : (bytes + 4095) / 4096 * 4096);
    return {block, block, &release, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &release; }

  void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }

  static KeepingAllocator& instance() {
    // Never destroyed: tensors in statics may outlive everything.
    static auto* allocator = new KeepingAllocator();
    return *allocator;
  }

 private:
  static void release(void* block) {
    if (block != nullptr) {
      instance().keep(block);
    }
  }

  void* take(size_t size) {
    void* block = size < LEAST ? fresh(size) : take_kept(size);
    TORCH_CHECK(block != nullptr, "not enough memory for a tensor of ", size, " bytes");
    return block;
  }

  void* take_kept(size_t size) {
    std::lock_guard<std::mutex> guard(mutex_);
    auto found = waiting_.lower_bound(size);
    if (found != waiting_.end() && found->first <= size + size / SLACK) {
      void* block = found->second;
      waiting_bytes_ -= found->first;
      used_bytes_ += found->first;
      waiting_.erase(found);
      return block;
    }
    size_t most = std::max(peak_, used_bytes_ + size);
    // What waits must not make the process larger than its largest step was by more than the slack.
    while (!waiting_.empty() && used_bytes_ + size + waiting_bytes_ > most + most / SLACK) {
      discard(std::prev(waiting_.end()));
    }
    void* block = fresh(size);
    while (block == nullptr && !waiting_.empty()) {
      discard(waiting_.begin());
      block = fresh(size);
    }
    if (block != nullptr) {
      used_bytes_ += size;
      peak_ = most;
    }
    return block;
  }

  void keep(void* block) {
    size_t size = header(block)->size;
    if (size < LEAST) {
      std::free(header(block));
      return;
    }
    std::lock_guard<std::mutex> guard(mutex_);
    used_bytes_ -= size;
    waiting_bytes_ += size;
    // Before others of its size: the last one freed is the first one used, while it is still in the caches.
    waiting_.emplace_hint(waiting_.lower_bound(size), size, block);
  }

  // Memory of the system's, null where it has none.
  static void* fresh(size_t size) {
    void* base = nullptr;
    if (posix_memalign(&base, ALIGNMENT, size + ALIGNMENT) != 0) {
      return nullptr;
    }
    void* block = static_cast<char*>(base) + ALIGNMENT;
    header(block)->size = size;
    return block;
  }

  void discard(std::multimap<size_t, void*>::iterator at) {
    waiting_bytes_ -= at->first;
    std::free(header(at->second));
    waiting_.erase(at);
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> waiting_;
  size_t waiting_bytes_ = 0;
  size_t used_bytes_ = 0;
  size_t peak_ = 0;
};

}  // namespace

extern "C" void noisydarts_keep_memory() { c10::SetCPUAllocator(&KeepingAllocator::instance(), 1); }
