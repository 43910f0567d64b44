#pragma once

#include <memory>
#include <string_view>

#include "sluice/decode/internal/infer_columns.h"

namespace sluice::decode {

/// Takes JSON records apart for inference.
class JsonObserver {
 public:
  JsonObserver();
  ~JsonObserver();

  /// Adds one record; false when decoding would refuse it as malformed. `text` is followed by
  /// kBlockPadding readable bytes.
  bool add(std::string_view text, InferColumns& columns);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sluice::decode
