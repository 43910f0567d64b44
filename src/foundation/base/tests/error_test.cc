#include "sluice/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sluice/base/result.h"

namespace sluice::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return invalid_input("odd");
  }
  return number / 2;
}

Result<int> quarter(int number) {
  SLUICE_ASSIGN_OR_RETURN(const int once, half(number));
  return half(once);
}

TEST(Result, CarriesAValueOrTheErrorThatPreventedIt) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(quarter(3).error().message, "odd");
}

TEST(Error, PutsContextInFront) { EXPECT_EQ(invalid_input("odd").in("half").message, "half: odd"); }

TEST(Error, FollowsErrno) {
  EXPECT_EQ(from_errno(ENOSPC, "write").kind, ErrorKind::kExhausted);
  EXPECT_EQ(from_errno(EACCES, "open").kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(from_errno(ENOENT, "open").kind, ErrorKind::kNotFound);
}

TEST(Error, RetriesOnlyWhatMayPass) {
  EXPECT_TRUE(is_retryable(ErrorKind::kUnavailable));
  EXPECT_FALSE(is_retryable(ErrorKind::kCommitStateUnknown));
  EXPECT_FALSE(is_retryable(ErrorKind::kInvalidInput));
}

}  // namespace
}  // namespace sluice::base
