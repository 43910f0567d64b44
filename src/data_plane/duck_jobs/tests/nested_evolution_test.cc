#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sluice/duck/quote.h"
#include "sluice/duck_jobs/stage.h"
#include "sluice/duck_jobs/tests/rows_of.h"
#include "sluice/duck_jobs/tests/scratch_folder.h"

// Whatever Iceberg allows to happen to a nested column, every older file shows the values that its
// field ids name, and null for what it lacks.
namespace sluice::duck_jobs {
namespace {

using data::Field;
using data::NestedValue;
using data::Type;
using data::TypeKind;
using data::Value;

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  Type type(int depth) {
    switch (depth == 0 ? 3 : below(4)) {
      case 0:
        return data::list_type(type(depth - 1));
      case 1:
        return data::map_type({TypeKind::kString}, type(depth - 1));
      case 2:
        return struct_type(depth - 1);
      default:
        return below(2) == 0 ? Type{TypeKind::kInt} : Type{TypeKind::kString};
    }
  }

  Type struct_type(int depth) {
    std::vector<Field> members;
    for (int count = 1 + below(3); count > 0; --count) {
      members.push_back({0, free_name(members), type(depth), false, ""});
    }
    return data::struct_type(std::move(members));
  }

  /// A name that no member has, out of few, so that names are given up and taken again.
  std::string free_name(const std::vector<Field>& members) {
    static const char* const kNames[] = {"a", "b", "c", "D e", "f\"g", "h", "i", "j"};
    for (;;) {
      const std::string name = kNames[below(8)];
      if (std::none_of(members.begin(), members.end(),
                       [&](const Field& member) { return member.name == name; })) {
        return name;
      }
    }
  }

  Value value(const Type& type) {
    if (below(4) == 0) {
      return {};
    }
    std::vector<Value> items;
    switch (type.kind) {
      case TypeKind::kInt:
        return static_cast<std::int32_t>(below(1000));
      case TypeKind::kLong:
        return std::int64_t{below(1000)} << 33;
      case TypeKind::kString:
        return fmt::format("t'{}", below(1000));
      case TypeKind::kList:
        for (int count = below(3); count > 0; --count) {
          items.push_back(value(type.fields[0].type));
        }
        return NestedValue(std::move(items));
      case TypeKind::kMap:
        for (int count = below(3); count > 0; --count) {
          items.emplace_back(fmt::format("k{}", count));
          items.push_back(value(type.fields[1].type));
        }
        return NestedValue(std::move(items));
      default:
        for (const Field& member : type.fields) {
          items.push_back(value(member.type));
        }
        return NestedValue(std::move(items));
    }
  }

  void evolve(Type& type, int& last_id) {
    if (type.kind == TypeKind::kInt && below(3) == 0) {
      type.kind = TypeKind::kLong;
    } else if (type.kind == TypeKind::kList) {
      evolve(type.fields[0].type, last_id);
    } else if (type.kind == TypeKind::kMap) {
      evolve(type.fields[1].type, last_id);
    } else if (type.kind == TypeKind::kStruct) {
      evolve_members(type.fields, last_id);
    }
  }

 private:
  void evolve_members(std::vector<Field>& members, int& last_id) {
    // The oldest stays: a struct is refused of which a file has no member.
    const int stays =
        std::min_element(members.begin(), members.end(), [](const Field& a, const Field& b) {
          return a.id < b.id;
        })->id;
    for (int i = static_cast<int>(members.size()) - 1; i >= 0; --i) {
      if (members[i].id != stays && below(3) == 0) {
        members.erase(members.begin() + i);
      } else {
        evolve(members[i].type, last_id);
      }
    }
    for (Field& member : members) {
      if (below(3) == 0) {
        member.name = free_name(members);
      }
    }
    for (int count = below(3); count > 0; --count) {
      Field added{++last_id, free_name(members), type(1), false, ""};
      data::Schema parts;
      parts.fields = std::move(added.type.fields);
      last_id = data::assign_field_ids(parts, last_id);
      added.type.fields = std::move(parts.fields);
      members.push_back(std::move(added));
    }
    std::shuffle(members.begin(), members.end(), random_);
  }

  std::mt19937 random_;
};

std::string sql_of(const Value& value, const Type& type) {
  if (data::is_null(value)) {
    return "NULL::" + data::duckdb_name(type);
  }
  if (!data::is_nested(type)) {
    return type.kind == TypeKind::kString ? duck::quote_literal(std::get<std::string>(value))
                                          : data::to_text(value, type);
  }
  const std::vector<Value>& items = std::get<NestedValue>(value).items();
  std::string parts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool is_key = type.kind == TypeKind::kMap && i % 2 == 0;
    parts += i == 0 ? "" : (type.kind == TypeKind::kMap && !is_key ? ": " : ", ");
    if (type.kind == TypeKind::kStruct) {
      parts += duck::quote_literal(type.fields[i].name) + ": ";
    }
    parts += sql_of(items[i], type.fields[type.kind == TypeKind::kStruct ? i
                                          : type.kind == TypeKind::kMap  ? i % 2
                                                                         : 0]
                                  .type);
  }
  const std::string made = type.kind == TypeKind::kList  ? "[" + parts + "]"
                           : type.kind == TypeKind::kMap ? "MAP {" + parts + "}"
                                                         : "{" + parts + "}";
  return "(" + made + ")::" + data::duckdb_name(type);
}

/// What a value of the older type is as one of the newer.
Value as_read(const Value& value, const Type& from, const Type& to) {
  if (data::is_null(value)) {
    return {};
  }
  if (!data::is_nested(from)) {
    return from.kind == to.kind ? value : Value(std::int64_t{std::get<std::int32_t>(value)});
  }
  const std::vector<Value>& items = std::get<NestedValue>(value).items();
  std::vector<Value> read;
  if (from.kind != TypeKind::kStruct) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::size_t part = i % from.fields.size();
      read.push_back(as_read(items[i], from.fields[part].type, to.fields[part].type));
    }
    return NestedValue(std::move(read));
  }
  for (const Field& member : to.fields) {
    const auto old = std::find_if(from.fields.begin(), from.fields.end(),
                                  [&](const Field& one) { return one.id == member.id; });
    read.push_back(old == from.fields.end()
                       ? Value()
                       : as_read(items[old - from.fields.begin()], old->type, member.type));
  }
  return NestedValue(std::move(read));
}

std::string text_of(const Value& value, const Type& type) {
  return data::is_null(value) ? "~" : data::to_text(value, type);
}

class NestedEvolution : public testing::TestWithParam<unsigned> {};

TEST_P(NestedEvolution, ReadsWhatAnyOlderSchemaWrote) {
  ScratchFolder folder;
  Generator generator(GetParam());
  data::Schema schema;
  schema.fields = {{0, "id", {TypeKind::kInt}, false, ""},
                   {0, "c", generator.struct_type(3), false, ""}};
  int last_id = data::assign_field_ids(schema, 0);
  struct Row {
    Value value;
    Type type;
  };
  std::vector<Row> rows;
  std::vector<job::StagedFile> files;
  for (int version = 0; version < 3; ++version) {
    job::StageJob job;
    job.output.schema = schema;
    job.output.dir = folder / "out";
    job.output.file_prefix = "run";
    for (int i = 0; i < 5; ++i) {
      const Type& type = schema.fields[1].type;
      Value value = generator.value(type);
      job.sql += fmt::format("{}SELECT {} AS id, {} AS c", i == 0 ? "" : " UNION ALL ", rows.size(),
                             sql_of(value, type));
      rows.push_back({std::move(value), type});
    }
    const auto staged = run_stage(job, {2, std::int64_t{256} << 20, 0, "", "UTC"}, {});
    ASSERT_TRUE(staged.ok()) << staged.error().message << "\n" << job.sql;
    files.insert(files.end(), staged->files.begin(), staged->files.end());
    generator.evolve(schema.fields[1].type, last_id);
  }
  std::vector<std::string> expected;
  for (const Row& row : rows) {
    expected.push_back(
        text_of(as_read(row.value, row.type, schema.fields[1].type), schema.fields[1].type));
  }
  EXPECT_EQ(rows_of({input_of("t", schema, files)}, "SELECT c FROM t ORDER BY id"), expected)
      << data::to_text(schema.fields[1].type);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NestedEvolution, testing::Range(1U, 31U));

}  // namespace
}  // namespace sluice::duck_jobs
