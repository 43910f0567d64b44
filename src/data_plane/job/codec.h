#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/data/batch.h"
#include "sluice/job/request.h"

namespace sluice::job {

/// Encodings of what front and worker say to each other: little-endian fixed-width numbers,
/// length-prefixed text, lists with a count. Both ends come from one build, so there is no
/// negotiation; the frame's version byte refuses a mixture. Decoding checks every length against
/// what is left: kCorrupt for anything that encode() could not have written.
std::string encode(const Request& request);
std::string encode(const Response& response);
std::string encode(const data::Batch& batch);

base::Result<Request> decode_request(std::string_view bytes);
base::Result<Response> decode_response(std::string_view bytes);
base::Result<data::Batch> decode_batch(std::string_view bytes);

}  // namespace sluice::job
