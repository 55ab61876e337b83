// What a training step asks of libtorch beside tensors: the state of its random numbers, precision, and numbers that
// come to the host without anyone waiting for the device.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/record_function.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <memory>
#include <mutex>
#include <string>

#include "guarded.h"

namespace {

// Numbers on their way to the host. On the CPU they are there already.
struct Late {
  at::Tensor host;
  std::unique_ptr<c10::Event> arrived;
};

thread_local int64_t reads = 0, deviations = 0;

// Operations whose result the host waits for.
bool is_read(const std::string& name) {
  return name == "aten::_local_scalar_dense" || name == "aten::nonzero" || name == "aten::equal";
}

// The standard deviation reads its mean on the CPU, and on no other device.
int64_t is_deviation(const at::RecordFunction& function) {
  return std::string(function.name()) == "aten::std";
}

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  deviations += is_deviation(function);
  reads += deviations == 0 && is_read(function.name());
  return nullptr;
}

void end(const at::RecordFunction& function, at::ObserverContext*) {
  deviations -= is_deviation(function);
}

}  // namespace

extern "C" {

at::Tensor* noisydarts_random_state(const at::Tensor* beside, char* error) {
  return guarded(error, [&] {
    auto generator = at::globalContext().defaultGenerator(beside->device());
    std::lock_guard<std::mutex> lock(generator.mutex());
    return new at::Tensor(generator.get_state());
  });
}

// `beside`, or null with a message in `error`.
const at::Tensor* noisydarts_set_random_state(const at::Tensor* beside, const at::Tensor* state, char* error) {
  return guarded(error, [&] {
    auto generator = at::globalContext().defaultGenerator(beside->device());
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(*state);
    return beside;
  });
}

// Turns bfloat16 autocast on or off for this thread and this tensor's kind of device; returns whether it was on.
bool noisydarts_autocast(const at::Tensor* beside, bool on) {
  auto type = beside->device().type();
  bool was = at::autocast::is_autocast_enabled(type);
  at::autocast::set_autocast_dtype(type, at::kBFloat16);
  at::autocast::set_autocast_enabled(type, on);
  if (was && !on) {
    at::autocast::clear_cache();
  }
  return was;
}

void noisydarts_allow_tf32(bool on) {
  at::globalContext().setAllowTF32CuBLAS(on);
  at::globalContext().setAllowTF32CuDNN(on);
}

Late* noisydarts_late(const at::Tensor* numbers, char* error) {
  return guarded(error, [&] {
    auto device = numbers->device();
    if (device.is_cpu()) {
      return new Late{numbers->to(at::kDouble, false, true), nullptr};
    }
    // Pinned memory, since the copy does not block; the event says when it is there.
    auto late = std::make_unique<Late>();
    late->host = numbers->to(at::kDouble).to(at::kCPU, true);
    late->arrived = std::make_unique<c10::Event>(device.type());
    late->arrived->record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
    return late.release();
  });
}

// Waits for the numbers and writes the first `count` of them to `out`; returns how many there are.
int64_t noisydarts_late_read(const Late* late, double* out, int64_t count) {
  if (late->arrived) {
    late->arrived->synchronize();
  }
  int64_t numbers = late->host.numel();
  std::copy_n(late->host.const_data_ptr<double>(), std::min(count, numbers), out);
  return numbers;
}

void noisydarts_late_free(Late* late) {
  delete late;
}

uint64_t noisydarts_count_reads() {
  reads = 0;
  return at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end).scopes({at::RecordScope::FUNCTION}));
}

int64_t noisydarts_counted_reads(uint64_t handle) {
  at::removeCallback(handle);
  return reads;
}

}  // extern "C"
