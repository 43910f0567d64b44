#include "sluice/data/schema.h"

namespace sluice::data {

namespace {

const Field* find_below(std::span<const Field> fields, int id) {
  for (const Field& field : fields) {
    if (field.id == id) {
      return &field;
    }
    if (const Field* nested = find_below(field.type.fields, id)) {
      return nested;
    }
  }
  return nullptr;
}

void walk(std::span<const Field> fields, const std::function<void(FieldPath)>& visit,
          std::vector<const Field*>& path) {
  for (const Field& field : fields) {
    path.push_back(&field);
    visit(path);
    walk(field.type.fields, visit, path);
    path.pop_back();
  }
}

void assign_ids(std::span<Field> fields, int& last_id) {
  for (Field& field : fields) {
    if (field.id == 0) {
      field.id = ++last_id;
    }
  }
  for (Field& field : fields) {
    assign_ids(field.type.fields, last_id);
  }
}

}  // namespace

const Field* Schema::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) {
      return &field;
    }
  }
  return nullptr;
}

const Field* Schema::find(int id) const {
  for (const Field& field : fields) {
    if (field.id == id) {
      return &field;
    }
  }
  return nullptr;
}

const Field* Schema::find_nested(int id) const { return find_below(fields, id); }

void walk_fields(std::span<const Field> fields, const std::function<void(FieldPath)>& visit) {
  std::vector<const Field*> path;
  walk(fields, visit, path);
}

std::string path_text(FieldPath path) {
  std::string text;
  for (const Field* field : path) {
    text += (text.empty() ? "" : ".") + field->name;
  }
  return text;
}

void inherit_field_ids(const Type& before, Type& after) {
  for (Field& part : after.fields) {
    for (const Field& earlier : before.fields) {
      if (earlier.name == part.name) {
        part.id = earlier.id;
        inherit_field_ids(earlier.type, part.type);
      }
    }
  }
}

int assign_field_ids(Schema& schema, int last_id) {
  assign_ids(schema.fields, last_id);
  return last_id;
}

}  // namespace sluice::data
