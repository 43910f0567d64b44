#include "sluice/job/codec.h"

#include "sluice/job/internal/archive.h"
#include "sluice/job/internal/fields.h"

namespace sluice::job {
namespace {

template <class T>
std::string write(const T& value) {
  internal::Encoder encoder;
  encoder(value);
  return encoder.take();
}

template <class T>
base::Result<T> read(std::string_view bytes, const char* what) {
  internal::Decoder decoder(bytes);
  T value;
  decoder(value);
  if (!decoder.ok() || !decoder.at_end()) {
    return base::corrupt(std::string(what) + " of " + std::to_string(bytes.size()) +
                         " bytes is damaged near byte " +
                         std::to_string(bytes.size() - decoder.left()));
  }
  return value;
}

}  // namespace

std::string encode(const Request& request) { return write(request); }
std::string encode(const Response& response) { return write(response); }
std::string encode(const data::Batch& batch) { return write(batch); }

base::Result<Request> decode_request(std::string_view bytes) {
  return read<Request>(bytes, "job request");
}
base::Result<Response> decode_response(std::string_view bytes) {
  return read<Response>(bytes, "job response");
}
base::Result<data::Batch> decode_batch(std::string_view bytes) {
  return read<data::Batch>(bytes, "batch");
}

}  // namespace sluice::job
