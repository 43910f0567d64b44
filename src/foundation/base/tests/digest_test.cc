#include "sluice/base/digest.h"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(Digest, MatchesThePublishedVectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, DoesNotDependOnThePieces) {
  Sha256 sha;
  sha.update("a");
  sha.update("");
  sha.update("bc");
  EXPECT_EQ(sha.hex(), sha256_hex("abc"));
}

TEST(Digest, WritesBytesAsHex) { EXPECT_EQ(to_hex(std::string_view("\x00\xff", 2)), "00ff"); }

}  // namespace
}  // namespace sluice::base
