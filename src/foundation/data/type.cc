#include "sluice/data/type.h"

#include <algorithm>
#include <utility>

namespace sluice::data {

namespace {

bool nests_well(const Type& type, int depth_left) {
  const std::size_t count = type.fields.size();
  const bool fits = type.kind == TypeKind::kStruct ? count > 0
                    : type.kind == TypeKind::kList ? count == 1
                    : type.kind == TypeKind::kMap  ? count == 2
                                                   : count == 0;
  return fits && depth_left >= 0 &&
         std::all_of(type.fields.begin(), type.fields.end(),
                     [&](const Field& field) { return nests_well(field.type, depth_left - 1); });
}

const Field* goes_on_as(const Field& field, const std::vector<Field>& earlier) {
  const auto found = std::find_if(earlier.begin(), earlier.end(), [&](const Field& old) {
    return field.id != 0 && old.id != 0 ? field.id == old.id : field.name == old.name;
  });
  return found == earlier.end() ? nullptr : &*found;
}

bool can_widen_member(const Field& from, const Field& to) {
  return (from.required || !to.required) && can_widen(from.type, to.type);
}

bool can_widen_nested(const Type& from, const Type& to) {
  if (from.kind == TypeKind::kStruct) {
    return std::all_of(to.fields.begin(), to.fields.end(), [&](const Field& member) {
      const Field* earlier = goes_on_as(member, from.fields);
      return earlier == nullptr ? !member.required : can_widen_member(*earlier, member);
    });
  }
  if (from.kind == TypeKind::kList) {
    return can_widen_member(from.fields[0], to.fields[0]);
  }
  return same_shape(from.fields[0].type, to.fields[0].type) &&
         can_widen_member(from.fields[1], to.fields[1]);
}

}  // namespace

bool operator==(const Type& a, const Type& b) {
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale &&
         a.length == b.length && a.fields == b.fields;
}

bool operator==(const Field& a, const Field& b) {
  return a.id == b.id && a.name == b.name && a.type == b.type && a.required == b.required &&
         a.doc == b.doc;
}

Type struct_type(std::vector<Field> members) {
  return {TypeKind::kStruct, 0, 0, 0, std::move(members)};
}

Type list_type(Type element, bool element_required) {
  return {TypeKind::kList, 0, 0, 0, {{0, "element", std::move(element), element_required, ""}}};
}

Type map_type(Type key, Type value, bool value_required) {
  return {
      TypeKind::kMap,
      0,
      0,
      0,
      {{0, "key", std::move(key), true, ""}, {0, "value", std::move(value), value_required, ""}}};
}

bool is_well_formed(const Type& type) { return nests_well(type, kTypeDepthMax); }

bool same_shape(const Type& a, const Type& b) {
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale &&
         a.length == b.length &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const Field& x, const Field& y) {
                      return x.name == y.name && same_shape(x.type, y.type);
                    });
}

bool can_widen(const Type& from, const Type& to) {
  if (is_nested(from)) {
    return from.kind == to.kind && can_widen_nested(from, to);
  }
  if (from == to) {
    return true;
  }
  if (from.kind == TypeKind::kInt) {
    return to.kind == TypeKind::kLong;
  }
  if (from.kind == TypeKind::kFloat) {
    return to.kind == TypeKind::kDouble;
  }
  return from.kind == TypeKind::kDecimal && to.kind == TypeKind::kDecimal &&
         from.scale == to.scale && from.precision <= to.precision;
}

}  // namespace sluice::data
