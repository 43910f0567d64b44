#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/decode/internal/kind_counts.h"

namespace sluice::decode {

/// How many places a sample's nested values may have before further ones are left out.
inline constexpr std::int64_t kJsonPlacesMax = 20'000;

/// What stands at one place of JSON records: scalars, objects, arrays, or several of them.
class JsonShape {
 public:
  void add_scalar(const TextReading& reading, bool quoted) { scalars_.add(reading, quoted); }
  void add_array() { ++arrays_; }
  void add_object() { ++objects_; }

  /// The place of a member, or of every element; nullptr when there are too many places already,
  /// which `places` counts.
  JsonShape* member(std::string_view name, std::int64_t& places);
  JsonShape* element(std::int64_t& places);

  const KindCounts& scalars() const { return scalars_; }
  std::int64_t nested() const { return objects_ + arrays_; }

  /// The type of all values here. Objects are a struct, or a map where they have many keys of one
  /// type; what is a mixture, or nests too deep, is a string, and its values misfits.
  NarrowestType narrowest(int depth = 0) const;

 private:
  struct Member {
    std::string name;
    std::unique_ptr<JsonShape> shape;
  };

  NarrowestType of_object(int depth) const;
  NarrowestType of_array(int depth) const;

  KindCounts scalars_;
  std::int64_t objects_ = 0;
  std::int64_t arrays_ = 0;
  std::vector<Member> members_;  // in the order in which they appeared
  std::unordered_map<std::string, std::size_t> places_;
  std::unique_ptr<JsonShape> element_;
};

}  // namespace sluice::decode
