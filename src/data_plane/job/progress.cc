#include "sluice/job/progress.h"

namespace sluice::job {

namespace {

constexpr std::size_t kNumberBytes = 8;

void put(std::string& bytes, std::int64_t number) {
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  }
}

std::int64_t get(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string encode(const Progress& progress) {
  std::string bytes;
  put(bytes, progress.read_bytes);
  put(bytes, progress.written_bytes);
  return bytes;
}

base::Result<Progress> decode_progress(std::string_view bytes) {
  if (bytes.size() != 2 * kNumberBytes) {
    return base::corrupt("a job's progress is two numbers");
  }
  const Progress progress{get(bytes), get(bytes.substr(kNumberBytes))};
  if (progress.read_bytes < 0 || progress.written_bytes < 0) {
    return base::corrupt("a job's progress is negative");
  }
  return progress;
}

}  // namespace sluice::job
