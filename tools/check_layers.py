#!/usr/bin/env python3
"""Check that C++ sources respect the floors, modules and owners declared in layers.toml.

Source: rules modelled on Chromium checkdeps (include_rules), redpanda's Bazel `layering_check`,
velox's check-header-ownership and TigerBeetle's src/tidy.zig (ratchets, dead files, ban list).
Exit status: 0 clean, 1 findings, 2 bad configuration. Output: one `path:line: rule: text` per finding.
"""
import argparse
import pathlib
import re
import sys
import tomllib

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
TEST = re.compile(r"(^|/)(tests?|fuzz|bench)/|_(test|bench|fuzz)\.cc$")
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL)


class ConfigError(Exception):
    """The configuration contradicts itself."""


class Rules:
    """layers.toml, with one entry per module that knows its floor."""

    def __init__(self, path):
        config = tomllib.loads(pathlib.Path(path).read_text())
        self.path = path
        self.floors = config["floors"]
        self.modules = {}
        for height, floor in enumerate(self.floors):
            for name, module in config.get(floor, {}).items():
                if name in self.modules:
                    raise ConfigError(f"module '{name}' stands on two floors")
                self.modules[name] = {"test_deps": [], **module, "floor": floor, "height": height}
        self.lines_max = config.get("limits", {}).get("lines_max", 800)
        self.ratchet = config.get("ratchet", {}).get("lines", {})
        self.banned_words = set(config.get("ban", {}).get("file_words", []))
        self.third_party = [(re.compile(rule), owners) for rule, owners in config.get("third_party", {}).items()]
        self.calls = [(call_pattern(rule["names"], rule.get("words", [])), rule) for rule in config.get("calls", [])]
        self.check_edges()

    def check_edges(self):
        for name, module in self.modules.items():
            for dep in module["deps"] + module["test_deps"]:
                if dep not in self.modules:
                    raise ConfigError(f"module '{name}' names unknown dep '{dep}'")
                if self.modules[dep]["height"] > module["height"]:
                    raise ConfigError(f"edge {name} -> {dep} goes up, from {module['floor']} to "
                                      f"{self.modules[dep]['floor']}")
        if cycle := find_cycle(self.modules):
            raise ConfigError(f"cycle in declared deps: {' -> '.join(cycle)}")
        owners = {owner for _, names in self.third_party for owner in names}
        owners |= {owner for _, rule in self.calls for owner in rule["modules"]}
        if unknown := owners - set(self.modules):
            raise ConfigError(f"owner '{sorted(unknown)[0]}' is not a module")

    def deps_of(self, module, is_test):
        deps = {module, *self.modules[module]["deps"]}
        return deps | set(self.modules[module]["test_deps"]) if is_test else deps


def call_pattern(names, words):
    """Of names, '::f' matches a call of the global f only, 'f' also the unqualified call, 'a::f' any path
    that ends so; a word matches wherever it stands."""
    parts = [rf"(?<!\w){re.escape(word)}\b" for word in words]
    for name in names:
        if name.startswith("::"):
            parts.append(rf"(?<![\w>]){re.escape(name)}\s*\(")
        elif "::" in name:
            parts.append(rf"(?<!\w){re.escape(name)}\s*\(")
        else:
            parts.append(rf"(?<![\w.>:]){name}\s*\(|(?<![\w>])::{name}\s*\(")
    return re.compile("|".join(parts))


def find_cycle(modules):
    """Return one cycle in the *declared* graph as a list of names, or []."""
    state, path = {}, []

    def visit(name):
        state[name] = "open"
        path.append(name)
        for dep in modules[name]["deps"]:
            if state.get(dep) == "open":
                return path[path.index(dep):] + [dep]
            if dep not in state and (found := visit(dep)):
                return found
        state[name] = "done"
        path.pop()
        return []

    for name in modules:
        if name not in state and (found := visit(name)):
            return found
    return []


def without_comments_and_texts(text):
    """Blank comments and string literals, keeping every line break."""
    return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_includes(path, rel, lines, prefix, rules, findings):
    owner, is_test = rel.parts[1], bool(TEST.search(str(rel)))
    deps = rules.deps_of(owner, is_test)
    for number, line in enumerate(lines, 1):
        if path.suffix == ".h" and re.search(r"^\s*using\s+namespace\s", line):
            findings.append(f"{path}:{number}: using-namespace: forbidden in a header")
        if not (match := INCLUDE.match(line)):
            continue
        quote, target = match.groups()
        for rule, owners in rules.third_party:
            if rule.match(target) and owner not in owners and not is_test:
                findings.append(f"{path}:{number}: third-party: <{target}> only in {', '.join(owners)}")
        if not target.startswith(prefix):
            if quote == '"':
                findings.append(f'{path}:{number}: include-path: write "{prefix}<module>/...", not "{target}"')
            continue
        other = target[len(prefix):].split("/")[0]
        if other not in rules.modules:
            findings.append(f"{path}:{number}: layering: {target} names no declared module")
        elif other != owner and (target.endswith("_internal.h") or "/internal/" in target):
            findings.append(f"{path}:{number}: internal: {target} is private to {other}")
        elif other not in deps and not is_test:
            findings.append(f"{path}:{number}: layering: {owner} may not include {other} ({target})")
        elif other not in deps and rules.modules[other]["height"] > rules.modules[owner]["height"]:
            findings.append(f"{path}:{number}: layering: a test of {owner} may not reach up to {other}")


def check_calls(path, rel, text, rules, findings):
    if TEST.search(str(rel)):
        return
    code = without_comments_and_texts(text)
    for pattern, rule in rules.calls:
        if rel.parts[1] in rule["modules"] or str(rel) in rule.get("files", []):
            continue
        for match in pattern.finditer(code):
            number = code.count("\n", 0, match.start()) + 1
            name = match.group().rstrip("( \t\n")
            findings.append(f"{path}:{number}: call: {name} {rule['what']}; only in {', '.join(rule['modules'])}")


def check_names_and_size(path, rel, lines, rules, findings):
    limit = rules.ratchet.get(str(rel), rules.lines_max)
    if len(lines) > limit:
        findings.append(f"{path}:{limit + 1}: file-size: {len(lines)} lines, limit {limit}")
    if bad := set(re.split(r"[_.]", path.name)) & rules.banned_words:
        findings.append(f"{path}:1: name: '{bad.pop()}' names no concept; name the file after what it holds")


def check_build_file(folder, rel, rules, findings):
    """Every source is listed, and every linked module is a declared edge."""
    build_file, owner = folder / "CMakeLists.txt", rel.parts[1]
    sources = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.cc"))]
    if not build_file.exists():
        if sources:
            findings.append(f"{folder}:1: build: has sources and no CMakeLists.txt")
        return
    text = re.sub(r"#[^\n]*", "", build_file.read_text())
    words = set(re.split(r"[\s()]+", text))
    for source in sources:
        if source not in words:
            findings.append(f"{build_file}:1: dead-file: {source} is not listed")
    for call in re.finditer(r"sluice_module\(([^)]*)\)", text):
        part = ""
        for word in call.group(1).split():
            if word.isupper():
                part = word
            elif part in ("PUBLIC", "PRIVATE") and word not in rules.deps_of(owner, False):
                findings.append(f"{build_file}:1: layering: {owner} may not link {word}")


def check_tree(root, prefix, rules):
    findings, folders = [], set()
    for path in sorted(root.rglob("*")):
        rel = path.relative_to(root)
        if path.suffix not in {".h", ".cc"} or len(rel.parts) < 3:   # root/<floor>/<module>/...
            continue
        floor, owner = rel.parts[:2]
        folder = root / floor / owner
        if owner not in rules.modules or rules.modules[owner]["floor"] != floor:
            if folder not in folders:
                where = rules.modules.get(owner, {}).get("floor")
                text = f"stands on floor {where}, not {floor}" if where else f"is not declared in {rules.path}"
                findings.append(f"{folder}:1: module: '{owner}' {text}")
            folders.add(folder)
            continue
        if folder not in folders:
            check_build_file(folder, rel, rules, findings)
        folders.add(folder)
        text = path.read_text(errors="replace")
        lines = text.splitlines()
        check_names_and_size(path, rel, lines, rules, findings)
        check_includes(path, rel, lines, prefix, rules, findings)
        check_calls(path, rel, text, rules, findings)
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default="src", help="folder holding <floor>/<module>")
    parser.add_argument("--prefix", default="sluice/", help="include prefix")
    parser.add_argument("--config", default="tools/layers.toml")
    args = parser.parse_args()
    try:
        rules = Rules(args.config)
    except (ConfigError, KeyError, tomllib.TOMLDecodeError) as error:
        print(f"{args.config}: {error}")
        return 2
    findings = check_tree(pathlib.Path(args.root), args.prefix, rules)
    print("\n".join(findings) if findings else "layers: clean")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
