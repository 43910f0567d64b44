#include "sluice/lake/pointer_history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sluice/base/json_fields.h"

namespace sluice::lake {

namespace {

using base::Result;
using nlohmann::json;

constexpr std::int64_t kHistoryBytesMax = std::int64_t{1} << 30;

Result<PointerMove> read_move(std::string_view line, const std::string& what) {
  SLUICE_ASSIGN_OR_RETURN(const json object, base::parse_json(line, what));
  PointerMove move;
  SLUICE_ASSIGN_OR_RETURN(move.version, base::json_int(object, "version", what));
  SLUICE_ASSIGN_OR_RETURN(move.metadata_location,
                          base::json_string(object, "metadata_location", what));
  SLUICE_ASSIGN_OR_RETURN(std::string id, base::json_string(object, "commit_id", what));
  move.commit_id = base::CommitId(std::move(id));
  SLUICE_ASSIGN_OR_RETURN(move.committed_at_us, base::json_int(object, "committed_at_us", what));
  return move;
}

struct History {
  std::vector<PointerMove> moves;
  std::size_t whole_bytes = 0;  // of the lines that were written to their end
  bool is_cut = false;
};

Result<History> read_history(storage::FileIo& files, const std::string& path) {
  History history;
  const auto text = files.read_all(path, kHistoryBytesMax);
  if (!text) {
    if (text.error().kind == base::ErrorKind::kNotFound) {
      return history;
    }
    return text.error();
  }
  std::string_view rest = *text;
  for (int line = 1; !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      history.is_cut = true;
      break;
    }
    SLUICE_ASSIGN_OR_RETURN(PointerMove move,
                            read_move(rest.substr(0, end), fmt::format("{}:{}", path, line)));
    history.moves.push_back(std::move(move));
    history.whole_bytes += end + 1;
    rest.remove_prefix(end + 1);
  }
  return history;
}

std::string history_path(const std::string& metadata_path) {
  return storage::join_path(metadata_path, kPointerHistoryName);
}

}  // namespace

base::Status append_pointer_history(storage::FileIo& files, const std::string& metadata_path,
                                    const std::vector<PointerMove>& moves) {
  std::string lines;
  for (const PointerMove& move : moves) {
    lines += json{{"version", move.version},
                  {"metadata_location", move.metadata_location},
                  {"commit_id", move.commit_id.text},
                  {"committed_at_us", move.committed_at_us}}
                 .dump() +
             "\n";
  }
  return files.append(history_path(metadata_path), lines);
}

Result<std::vector<PointerMove>> mend_pointer_history(storage::FileIo& files,
                                                      const std::string& metadata_path) {
  const std::string path = history_path(metadata_path);
  SLUICE_ASSIGN_OR_RETURN(History history, read_history(files, path));
  if (history.is_cut) {
    SLUICE_ASSIGN_OR_RETURN(
        const std::string whole,
        files.read_range(path, 0, static_cast<std::int64_t>(history.whole_bytes)));
    SLUICE_RETURN_IF_ERROR(files.write_atomic(path, whole));
  }
  return std::move(history.moves);
}

Result<std::vector<PointerMove>> read_pointer_history(storage::FileIo& files,
                                                      const std::string& metadata_path) {
  SLUICE_ASSIGN_OR_RETURN(History history, read_history(files, history_path(metadata_path)));
  return std::move(history.moves);
}

}  // namespace sluice::lake
