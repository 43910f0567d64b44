#include "sluice/control/stage_context.h"

#include <fmt/format.h>

namespace sluice::control {

std::string_view to_text(StageKind kind) {
  switch (kind) {
    case StageKind::kDecode:
      return "decode";
    case StageKind::kRefresh:
      return "refresh";
    case StageKind::kCheck:
      return "check";
    case StageKind::kQuery:
      return "query";
  }
  return "";
}

base::Result<StageKind> parse_stage_kind(std::string_view text) {
  for (const StageKind kind :
       {StageKind::kDecode, StageKind::kRefresh, StageKind::kCheck, StageKind::kQuery}) {
    if (text == to_text(kind)) {
      return kind;
    }
  }
  return base::corrupt(fmt::format("'{}' is not a kind of stage", text));
}

bool writes_files(StageKind kind) {
  switch (kind) {
    case StageKind::kDecode:
    case StageKind::kRefresh:
      return true;
    case StageKind::kCheck:
    case StageKind::kQuery:
      return false;
  }
  return false;
}

}  // namespace sluice::control
