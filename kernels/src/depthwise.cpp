// Depthwise convolutions with a faster gradient of the weights than oneDNN's, for channels-last floats on the CPU.
//
// oneDNN's takes longer than all the rest of a 5x5 depthwise convolution's backward pass. Here a block of channels of the
// gradient of one kernel row stays in registers along a row of pixels.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "guarded.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define FOR_EACH_CPU
#endif
#define INLINE inline __attribute__((always_inline))

namespace {

struct Sizes {
  int64_t height, width, channels, out_height, out_width, stride, padding;
};

// Adds the products of one row of padded pixels and one row of gradients to one kernel row: B channels from `x`, `g`,
// `sum` on, K taps.
template <int K, int B>
INLINE void add_row(const float* x, const float* g, float* sum, const Sizes& s) {
  typedef float Block __attribute__((vector_size(sizeof(float) * B), aligned(4), may_alias));
  Block taps[K];
  for (int k = 0; k < K; k++) {
    taps[k] = *reinterpret_cast<const Block*>(sum + k * s.channels);
  }
  for (int64_t w = 0; w < s.out_width; w++) {
    Block gradient = *reinterpret_cast<const Block*>(g + w * s.channels);
    for (int k = 0; k < K; k++) {
      taps[k] += gradient * *reinterpret_cast<const Block*>(x + (w * s.stride + k) * s.channels);
    }
  }
  for (int k = 0; k < K; k++) {
    *reinterpret_cast<Block*>(sum + k * s.channels) = taps[k];
  }
}

// The gradient of the weights `[K, K, C]` from one image: `x` `[H, W, C]`, `g` `[OH, OW, C]`; `row` holds a padded row.
template <int K>
INLINE void add_image(const float* x, const float* g, float* sum, float* row, const Sizes& s) {
  for (int64_t h = 0; h < s.height; h++) {
    std::copy(x + h * s.width * s.channels, x + (h + 1) * s.width * s.channels, row + s.padding * s.channels);
    for (int k = 0; k < K; k++) {
      int64_t at = h + s.padding - k;
      if (at < 0 || at % s.stride != 0 || at / s.stride >= s.out_height) {
        continue;
      }
      const float* gradient = g + at / s.stride * s.out_width * s.channels;
      float* taps = sum + k * K * s.channels;
      int64_t c = 0;
      for (; c + 16 <= s.channels; c += 16) {
        add_row<K, 16>(row + c, gradient + c, taps + c, s);
      }
      for (; c + 8 <= s.channels; c += 8) {
        add_row<K, 8>(row + c, gradient + c, taps + c, s);
      }
      for (; c < s.channels; c++) {
        add_row<K, 1>(row + c, gradient + c, taps + c, s);
      }
    }
  }
}

FOR_EACH_CPU void add_image_3(const float* x, const float* g, float* sum, float* row, const Sizes& s) {
  add_image<3>(x, g, sum, row, s);
}

FOR_EACH_CPU void add_image_5(const float* x, const float* g, float* sum, float* row, const Sizes& s) {
  add_image<5>(x, g, sum, row, s);
}

FOR_EACH_CPU void add_image_7(const float* x, const float* g, float* sum, float* row, const Sizes& s) {
  add_image<7>(x, g, sum, row, s);
}

using AddImage = void (*)(const float*, const float*, float*, float*, const Sizes&);

AddImage add_image_of(int64_t kernel) {
  return kernel == 3 ? add_image_3 : kernel == 5 ? add_image_5 : kernel == 7 ? add_image_7 : nullptr;
}

bool applies(const at::Tensor& x, const at::Tensor& weight) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat &&
         weight.size(2) == weight.size(3) && add_image_of(weight.size(2)) != nullptr;
}

// `[C, 1, K, K]` from `x` `[N, C, H, W]` and the output's gradient `g` `[N, C, OH, OW]`.
at::Tensor weight_gradient(const at::Tensor& x_any, const at::Tensor& g_any, int64_t kernel, int64_t stride, int64_t padding) {
  auto x = x_any.contiguous(at::MemoryFormat::ChannelsLast);
  auto g = g_any.contiguous(at::MemoryFormat::ChannelsLast);
  Sizes s{x.size(2), x.size(3), x.size(1), g.size(2), g.size(3), stride, padding};
  int64_t images = x.size(0), parts = std::min<int64_t>(at::get_num_threads(), images);
  auto sums = at::zeros({parts, kernel * kernel, s.channels}, x.options());
  const float *xs = x.const_data_ptr<float>(), *gs = g.const_data_ptr<float>();
  float* out = sums.mutable_data_ptr<float>();
  AddImage add = add_image_of(kernel);
  // Each part has the images that it always has, so that a number of threads always gives the same bits.
  at::parallel_for(0, parts, 1, [&](int64_t from, int64_t to) {
    std::vector<float> row((s.width + 2 * padding + kernel) * s.channels, 0.0f);
    for (int64_t part = from; part < to; part++) {
      for (int64_t n = part * images / parts; n < (part + 1) * images / parts; n++) {
        add(xs + n * s.height * s.width * s.channels, gs + n * s.out_height * s.out_width * s.channels,
            out + part * kernel * kernel * s.channels, row.data(), s);
      }
    }
  });
  return sums.sum(0).t().reshape({s.channels, 1, kernel, kernel});
}

class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            int64_t stride, int64_t padding) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    return at::conv2d(x, weight, {}, stride, padding, 1, x.size(1));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &g = gradients[0];
    int64_t stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    auto plain = [&](bool of_x, bool of_weight) {
      return at::convolution_backward(g, x, weight, at::OptionalIntArrayRef(), {stride, stride}, {padding, padding},
                                      {1, 1}, false, {0, 0}, x.size(1), {of_x, of_weight, false});
    };
    bool of_x = context->needs_input_grad(0), of_weight = context->needs_input_grad(1);
    // A gradient that is itself differentiated needs operations that libtorch can differentiate.
    if (at::GradMode::is_enabled() || !applies(x, weight)) {
      auto [dx, dweight, none] = plain(of_x, of_weight);
      return {dx, dweight, at::Tensor(), at::Tensor()};
    }
    at::Tensor dx = of_x ? std::get<0>(plain(true, false)) : at::Tensor();
    at::Tensor dweight = of_weight ? weight_gradient(x, g, weight.size(2), stride, padding) : at::Tensor();
    return {dx, dweight, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

// A new tensor, or null with a message in `error`, which has room for 512 bytes.
extern "C" at::Tensor* noisydarts_depthwise(const at::Tensor* x, const at::Tensor* weight, int64_t stride, int64_t padding,
                                            char* error) {
  return guarded(error, [&] {
    // Other devices, other kernels; and autocast would have to cast what is kept for the way back.
    bool ours = x->device().is_cpu() && !at::autocast::is_autocast_enabled(at::kCPU);
    return new at::Tensor(ours ? Depthwise::apply(*x, *weight, stride, padding)
                               : at::conv2d(*x, *weight, {}, stride, padding, 1, x->size(1)));
  });
}
