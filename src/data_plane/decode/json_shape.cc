#include "sluice/decode/internal/json_shape.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sluice/base/text.h"

namespace sluice::decode {

namespace {

using data::TypeKind;

constexpr std::size_t kMembersMax = 64;  // then the keys are values themselves

NarrowestType mixture(std::int64_t misfits, std::string note) {
  return {{TypeKind::kString}, true, std::move(note), misfits};
}

}  // namespace

JsonShape* JsonShape::member(std::string_view name, std::int64_t& places) {
  const auto known = places_.find(std::string(name));
  if (known != places_.end()) {
    return members_[known->second].shape.get();
  }
  if (places >= kJsonPlacesMax) {
    return nullptr;
  }
  ++places;
  places_.emplace(name, members_.size());
  members_.push_back({std::string(name), std::make_unique<JsonShape>()});
  return members_.back().shape.get();
}

JsonShape* JsonShape::element(std::int64_t& places) {
  if (element_ == nullptr) {
    if (places >= kJsonPlacesMax) {
      return nullptr;
    }
    ++places;
    element_ = std::make_unique<JsonShape>();
  }
  return element_.get();
}

NarrowestType JsonShape::narrowest(int depth) const {
  if (nested() == 0) {
    return scalars_.narrowest();
  }
  if (scalars_.values() > 0 || (objects_ > 0 && arrays_ > 0)) {
    return mixture(nested(), "objects or arrays stand among other values");
  }
  if (depth + 1 >= data::kTypeDepthMax) {
    return mixture(nested(), "its values nest too deep");
  }
  return objects_ > 0 ? of_object(depth) : of_array(depth);
}

NarrowestType JsonShape::of_array(int depth) const {
  if (element_ == nullptr) {
    return {};  // all of them are empty
  }
  NarrowestType inside = element_->narrowest(depth + 1);
  if (!inside.known) {
    return {};
  }
  return {data::list_type(std::move(inside.type)), true, std::move(inside.note), inside.misfits};
}

NarrowestType JsonShape::of_object(int depth) const {
  std::vector<data::Field> fields;
  std::set<std::string> lowered;
  NarrowestType whole{{TypeKind::kStruct}, true, "", 0};
  bool one_type = true;
  for (const Member& member : members_) {
    NarrowestType inside = member.shape->narrowest(depth + 1);
    if (!inside.known) {
      continue;  // it is null wherever it is
    }
    if (member.name.empty() || !lowered.insert(base::lower(member.name)).second) {
      return mixture(objects_, "its members '" + member.name + "' differ in nothing but case");
    }
    one_type &= fields.empty() || data::same_shape(fields.front().type, inside.type);
    whole.misfits += inside.misfits;
    whole.note = whole.note.empty() ? inside.note : whole.note;
    fields.push_back({0, member.name, std::move(inside.type), false, ""});
  }
  if (fields.empty()) {
    return {};
  }
  if (fields.size() > kMembersMax && one_type) {
    whole.type = data::map_type({TypeKind::kString}, std::move(fields.front().type));
  } else {
    whole.type = data::struct_type(std::move(fields));
  }
  return whole;
}

}  // namespace sluice::decode
