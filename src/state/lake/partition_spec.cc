#include "sluice/lake/partition_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sluice/base/json_fields.h"
#include "sluice/base/text.h"

namespace sluice::lake {

namespace {

using base::Result;
using nlohmann::json;

std::string url_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '*';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

Result<int> read_source_id(const json& node, std::string_view what) {
  if (const auto several = node.find("source-ids");
      several != node.end() && several->is_array() && !node.contains("source-id")) {
    if (several->size() != 1 || !several->front().is_number_integer()) {
      return base::unsupported(
          fmt::format("{}: a transform over several columns is not supported", what));
    }
    return several->front().get<int>();
  }
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t id, base::json_int(node, "source-id", what));
  return static_cast<int>(id);
}

std::string path_value(const Transform& transform, const data::Type& type,
                       const data::Value& value) {
  if (data::is_null(value)) {
    return "null";
  }
  const auto* number = std::get_if<std::int32_t>(&value);
  if (number != nullptr && transform.kind == TransformKind::kYear) {
    return fmt::format("{:04}", 1970 + *number);
  }
  if (number != nullptr && transform.kind == TransformKind::kMonth) {
    const int month = (*number % 12 + 12) % 12;
    return fmt::format("{:04}-{:02}", 1970 + (*number - month) / 12, month + 1);
  }
  if (number != nullptr && transform.kind == TransformKind::kHour) {
    const data::Value us(std::int64_t{*number} * 3'600'000'000);
    std::string text = data::to_text(us, data::Type{data::TypeKind::kTimestamp}).substr(0, 13);
    text[10] = '-';
    return text;
  }
  return url_encoded(data::to_text(value, type));
}

}  // namespace

json to_json(const std::vector<PartitionField>& fields) {
  json list = json::array();
  for (const PartitionField& field : fields) {
    list.push_back({{"source-id", field.source_id},
                    {"field-id", field.field_id},
                    {"transform", to_text(field.transform)},
                    {"name", field.name}});
  }
  return list;
}

json to_json(const PartitionSpec& spec) {
  return {{"spec-id", spec.spec_id}, {"fields", to_json(spec.fields)}};
}

Result<std::vector<PartitionField>> partition_fields_from_json(const json& list,
                                                               std::string_view what) {
  if (!list.is_array()) {
    return base::corrupt(fmt::format("{}: the partition fields are not a list", what));
  }
  std::vector<PartitionField> fields;
  std::set<int> ids;
  for (const json& node : list) {
    PartitionField field;
    SLUICE_ASSIGN_OR_RETURN(field.name, base::json_string(node, "name", what));
    SLUICE_ASSIGN_OR_RETURN(field.source_id, read_source_id(node, what));
    SLUICE_ASSIGN_OR_RETURN(const auto id, base::json_int_if(node, "field-id", what));
    field.field_id =
        static_cast<int>(id.value_or(kFirstPartitionFieldId + static_cast<int>(fields.size())));
    SLUICE_ASSIGN_OR_RETURN(const std::string transform,
                            base::json_string(node, "transform", what));
    auto parsed = parse_transform(transform);
    if (!parsed) {
      return std::move(parsed).error().in(
          fmt::format("{}: partition field '{}'", what, field.name));
    }
    field.transform = *parsed;
    if (!ids.insert(field.field_id).second) {
      return base::corrupt(
          fmt::format("{}: two partition fields have id {}", what, field.field_id));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<PartitionSpec> partition_spec_from_json(const json& node, std::string_view what) {
  PartitionSpec spec;
  SLUICE_ASSIGN_OR_RETURN(const std::int64_t spec_id, base::json_int(node, "spec-id", what));
  spec.spec_id = static_cast<int>(spec_id);
  SLUICE_ASSIGN_OR_RETURN(const json* fields, base::json_array(node, "fields", what));
  SLUICE_ASSIGN_OR_RETURN(spec.fields, partition_fields_from_json(*fields, what));
  return spec;
}

Result<std::vector<data::Type>> partition_types(const PartitionSpec& spec,
                                                const data::Schema& schema) {
  std::vector<data::Type> types;
  for (const PartitionField& field : spec.fields) {
    const data::Field* source = schema.find(field.source_id);
    if (source == nullptr && field.transform.kind == TransformKind::kVoid) {
      types.push_back(data::Type{data::TypeKind::kString});
      continue;
    }
    if (source == nullptr && schema.find_nested(field.source_id) != nullptr) {
      return base::unsupported(
          fmt::format("partition field '{}' is of a nested column ('{}'), which is not supported",
                      field.name, schema.find_nested(field.source_id)->name));
    }
    if (source == nullptr) {
      return base::invalid_input(fmt::format("partition field '{}' is of column {}, which is gone",
                                             field.name, field.source_id));
    }
    auto type = result_type(field.transform, source->type);
    if (!type) {
      return std::move(type).error().in(fmt::format("partition field '{}'", field.name));
    }
    types.push_back(*type);
  }
  return types;
}

Result<PartitionSpec> make_partition_spec(int spec_id,
                                          const std::vector<ColumnTransform>& transforms,
                                          const data::Schema& schema, int last_field_id) {
  PartitionSpec spec;
  spec.spec_id = spec_id;
  for (const ColumnTransform& item : transforms) {
    const data::Field* source = schema.find(item.column);
    if (source == nullptr) {
      std::vector<std::string> names;
      for (const data::Field& field : schema.fields) {
        names.push_back(field.name);
      }
      const std::string near = base::nearest(item.column, names);
      return base::invalid_input(fmt::format("partition '{}': there is no column '{}'{}",
                                             to_text(item), item.column,
                                             near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    auto type = result_type(item.transform, source->type);
    if (!type) {
      return std::move(type).error().in(fmt::format("partition '{}'", to_text(item)));
    }
    PartitionField field{source->id, ++last_field_id, item.transform, partition_field_name(item)};
    const bool identity = item.transform.kind == TransformKind::kIdentity;
    if (!identity && schema.find(field.name) != nullptr) {
      return base::invalid_input(
          fmt::format("partition '{}': its field would be named '{}' as a column is", to_text(item),
                      field.name));
    }
    for (const PartitionField& other : spec.fields) {
      if (other.name == field.name) {
        return base::invalid_input(fmt::format("partition '{}' is given twice", to_text(item)));
      }
    }
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

PartitionSpec evolve_partition_spec(const std::vector<PartitionSpec>& specs,
                                    const std::vector<PartitionField>& wanted, int last_field_id) {
  const auto same = [](const PartitionField& a, const PartitionField& b) {
    return a.source_id == b.source_id && a.transform == b.transform;
  };
  PartitionSpec next;
  for (const PartitionSpec& spec : specs) {
    if (std::equal(spec.fields.begin(), spec.fields.end(), wanted.begin(), wanted.end(), same)) {
      return spec;
    }
    next.spec_id = std::max(next.spec_id, spec.spec_id + 1);
  }
  for (PartitionField field : wanted) {
    const PartitionField* before = nullptr;
    for (const PartitionSpec& spec : specs) {
      for (const PartitionField& candidate : spec.fields) {
        before = same(candidate, field) ? &candidate : before;
      }
    }
    field.field_id = before != nullptr ? before->field_id : ++last_field_id;
    field.name = before != nullptr ? before->name : field.name;
    next.fields.push_back(std::move(field));
  }
  return next;
}

std::string partition_path(const PartitionSpec& spec, const std::vector<data::Type>& types,
                           const std::vector<data::Value>& values) {
  SLUICE_CHECK(types.size() == spec.fields.size() && values.size() == spec.fields.size(),
               "one value and type per partition field");
  std::string path;
  for (std::size_t i = 0; i < values.size(); ++i) {
    path += fmt::format("{}{}={}", i == 0 ? "" : "/", url_encoded(spec.fields[i].name),
                        path_value(spec.fields[i].transform, types[i], values[i]));
  }
  return path;
}

}  // namespace sluice::lake
