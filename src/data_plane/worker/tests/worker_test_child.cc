// A worker whose query jobs are commands: `<verb> [number]`.

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sluice/worker/serve.h"

namespace {

using sluice::base::Result;
using sluice::job::QueryJob;
using sluice::job::QueryResult;
using sluice::worker::JobContext;
namespace data = sluice::data;

Result<QueryResult> answer(JobContext& context, const std::vector<std::string>& rows) {
  data::Batch batch;
  batch.columns = {{"text", data::Type{data::TypeKind::kString}, {}}};
  for (const std::string& row : rows) {
    batch.columns[0].values.emplace_back(row);
  }
  SLUICE_RETURN_IF_ERROR(context.sink(std::move(batch)));
  QueryResult result;
  result.rows = static_cast<std::int64_t>(rows.size());
  return result;
}

Result<QueryResult> sleep_ms(JobContext& context, std::int64_t ms) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const bool stopped = wake.wait_for(lock, context.stop, std::chrono::milliseconds(ms),
                                     [&] { return context.stop.stop_requested(); });
  if (stopped) {
    return sluice::base::cancelled("stopped");
  }
  return answer(context, {"slept"});
}

// Keeps what it is told to until the job ends, touching every page.
Result<QueryResult> eat_mib(JobContext& context, std::int64_t mib, bool slowly) {
  std::vector<std::unique_ptr<char[]>> eaten;
  for (std::int64_t i = 0; i < mib; ++i) {
    eaten.push_back(std::make_unique<char[]>(1 << 20));
    std::memset(eaten.back().get(), 1, 1 << 20);
    if (slowly) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return answer(context, {std::to_string(mib)});
}

// Stands for memory that the data limit does not stop, so that the front must.
Result<QueryResult> eat_past_the_data_limit(JobContext& context, std::int64_t mib) {
  rlimit open{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_DATA, &open);
  return eat_mib(context, mib, true);
}

Result<QueryResult> emit(JobContext& context, std::int64_t batches) {
  QueryResult result;
  for (std::int64_t i = 0; i < batches; ++i) {
    data::Batch batch;
    batch.columns = {{"n", data::Type{data::TypeKind::kLong}, {}}};
    batch.columns[0].values.assign(data::kBatchRowsMax, data::Value(i));
    SLUICE_RETURN_IF_ERROR(context.sink(std::move(batch)));
    result.rows += data::kBatchRowsMax;
  }
  return result;
}

Result<QueryResult> read_passed(JobContext& context) {
  std::vector<std::string> texts;
  for (const auto& file : context.fds) {
    std::array<char, 64> bytes{};
    const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
    texts.emplace_back(bytes.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
  }
  return answer(context, texts);
}

// Burns CPU and says how much the kernel counted for it.
Result<QueryResult> burn_ms(JobContext& context, std::int64_t ms) {
  const auto cpu_us = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * std::int64_t{1'000'000} +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  };
  const std::int64_t start = cpu_us();
  volatile std::uint64_t number = 1;
  while (cpu_us() - start < ms * 1000) {
    for (int i = 0; i < 10'000; ++i) {
      number = number * 2862933555777941757ULL + 3037000493ULL;
    }
  }
  return answer(context, {std::to_string(cpu_us() - start)});
}

Result<QueryResult> stay_deaf(JobContext&) {
  while (true) {
    std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

Result<QueryResult> run(const QueryJob& job, JobContext& context) {
  std::istringstream words(job.sql);
  std::string verb;
  std::int64_t number = 0;
  words >> verb >> number;
  if (verb == "echo") {
    return answer(context, {job.sql.substr(5)});
  }
  if (verb == "environment") {
    const char* zone = std::getenv("TZ");
    const char* path = std::getenv("PATH");
    return answer(context, {zone == nullptr ? "" : zone, path == nullptr ? "no PATH" : path});
  }
  if (verb == "fail") {
    return sluice::base::invalid_input("no such table");
  }
  if (verb == "sleep") {
    return sleep_ms(context, number);
  }
  if (verb == "eat") {
    return eat_mib(context, number, false);
  }
  if (verb == "gorge") {
    return eat_past_the_data_limit(context, number);
  }
  if (verb == "emit") {
    return emit(context, number);
  }
  if (verb == "read_passed") {
    return read_passed(context);
  }
  if (verb == "burn") {
    return burn_ms(context, number);
  }
  if (verb == "signal") {
    ::raise(static_cast<int>(number));
  }
  if (verb == "exit") {
    std::_Exit(static_cast<int>(number));
  }
  if (verb == "throw") {
    throw std::runtime_error("thrown");
  }
  if (verb == "deaf") {
    return stay_deaf(context);
  }
  return sluice::base::invalid_input("unknown verb " + verb);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    return 2;
  }
  sluice::worker::Executors executors;
  executors.add<QueryJob>(run);
  return sluice::worker::serve(
             sluice::worker::UniqueFd(static_cast<int>(std::strtol(arguments[2], nullptr, 10))),
             executors)
                 .ok()
             ? 0
             : 1;
}
