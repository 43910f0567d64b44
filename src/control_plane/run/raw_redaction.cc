#include "sluice/run/raw_redaction.h"

#include <algorithm>

#include "sluice/lake/scan.h"

namespace sluice::run {

namespace {

using base::Result;
using base::Status;

constexpr std::int64_t kPieceBytes = std::int64_t{8} << 20;

/// Blanks the part of a record that lies in a piece of the file which begins at `offset`.
void blank(const RawRecord& record, bool is_json, std::int64_t offset, std::string& piece) {
  const std::int64_t end =
      std::min(record.offset + record.bytes, offset + static_cast<std::int64_t>(piece.size()));
  for (std::int64_t at = std::max(record.offset, offset); at < end; ++at) {
    char& c = piece[static_cast<std::size_t>(at - offset)];
    if (c == '\n' || c == '\r') {
      continue;
    }
    const std::int64_t within = at - record.offset;
    c = !is_json ? 'x' : within == 0 ? '{' : within + 1 == record.bytes ? '}' : ' ';
  }
}

}  // namespace

Status blank_records(storage::FileIo& files, const std::string& raw_path, const std::string& copy,
                     std::span<const RawRecord> records, project::FileFormat format) {
  SLUICE_RETURN_IF_ERROR(files.remove(copy));
  SLUICE_ASSIGN_OR_RETURN(const storage::FileStat stat, files.stat(raw_path));
  const bool is_json = format != project::FileFormat::kCsv;
  for (std::int64_t offset = 0; offset < stat.bytes; offset += kPieceBytes) {
    SLUICE_ASSIGN_OR_RETURN(std::string piece, files.read_range(raw_path, offset, kPieceBytes));
    for (const RawRecord& record : records) {
      blank(record, is_json, offset, piece);
    }
    SLUICE_RETURN_IF_ERROR(files.append(copy, piece));
  }
  SLUICE_RETURN_IF_ERROR(files.sync_file(copy));
  return files.sync_dir(storage::parent_of(copy));
}

Result<bool> is_clean(storage::FileIo& files, const lake::TableMetadata& metadata,
                      std::int64_t snapshot_id, const std::set<std::string>& removed) {
  std::set<std::string> stays;
  if (metadata.current_snapshot() != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(const lake::ScanPlan now,
                            lake::plan_scan(files, metadata, std::nullopt, {}));
    for (const lake::DataFile& file : now.files) {
      if (!removed.contains(file.path)) {
        stays.insert(file.path);
      }
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const lake::ScanPlan then,
                          lake::plan_scan(files, metadata, snapshot_id, {}));
  return std::all_of(then.files.begin(), then.files.end(),
                     [&](const lake::DataFile& file) { return stays.contains(file.path); });
}

}  // namespace sluice::run
