#include "sluice/data/schema.h"

namespace sluice::data {

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

int assign_field_ids(Schema& schema, int last_id) {
  for (Field& field : schema.fields) {
    if (field.id == 0) {
      field.id = ++last_id;
    }
  }
  return last_id;
}

}  // namespace sluice::data
