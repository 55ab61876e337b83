// Exceptions of libtorch, which must not leave C++.
#pragma once

#include <cstdio>
#include <exception>

// What `work` returns, or null with its exception's message in `error`, which has room for 512 bytes.
template <class Work>
auto guarded(char* error, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& exception) {
    std::snprintf(error, 512, "%s", exception.what());
    return nullptr;
  }
}
