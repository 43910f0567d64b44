#!/usr/bin/env python3
"""Each rule of check_layers.py finds its own violation in a small tree, and nothing in a clean one."""
import contextlib
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_layers  # noqa: E402

CONFIG = """
floors = ["low", "high"]
[limits]
lines_max = 20
[ban]
file_words = ["util"]
[low]
base = { deps = [] }
disk = { deps = ["base"] }
[high]
app = { deps = ["base"] }
[third_party]
'sqlite3' = ["disk"]
[[calls]]
what = "changes files"
names = ["::write", "fsync", "fs::rename"]
words = ["std::ofstream", "O_CREAT"]
modules = ["disk"]
files = ["low/base/log.cc"]
"""


@contextlib.contextmanager
def tree(files, config=CONFIG):
    """Yield the findings' source: a folder with the given files; each module lists all its sources."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name) / "src"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        for folder in {"/".join(path.split("/")[:2]) for path in files}:
            if not (root / folder / "CMakeLists.txt").exists():
                sources = " ".join(str(path.relative_to(root / folder)) for path in (root / folder).rglob("*.cc"))
                (root / folder / "CMakeLists.txt").write_text(f"sluice_module({folder}\n  SOURCES {sources})\n")
        (pathlib.Path(name) / "layers.toml").write_text(config)
        yield root


def findings(files, config=CONFIG):
    with tree(files, config) as root:
        return check_layers.check_tree(root, "sluice/", check_layers.Rules(root.parent / "layers.toml"))


class CheckLayers(unittest.TestCase):
    def assert_one(self, rule, files):
        found = findings(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(f": {rule}:", found[0])

    def test_accepts_a_clean_tree(self):
        self.assertEqual(findings({
            "low/base/a.cc": '#include "sluice/base/internal/b.h"\n// fsync(fd) is a word here\n',
            "low/disk/d.cc": "#include <sqlite3.h>\nvoid f() { ::write(1, 0, 0); fsync(1); }\n",
            "low/base/log.cc": "void f() { ::write(1, 0, 0); }\n",
            "high/app/m.cc": '#include "sluice/base/a.h"\nauto s = "::write(1)"; auto t = file.fsync(); io::write(s);\n',
        }), [])

    def test_finds_an_undeclared_edge(self):
        self.assert_one("layering", {"high/app/m.cc": '#include "sluice/disk/d.h"\n'})

    def test_finds_an_undeclared_edge_in_the_build_file(self):
        self.assert_one("layering", {"high/app/m.cc": "", "high/app/CMakeLists.txt":
                                     "sluice_module(high/app SOURCES m.cc PRIVATE base disk)"})

    def test_lets_a_test_reach_sideways_or_down_but_not_up(self):
        self.assertEqual(findings({"high/app/tests/m_test.cc": '#include "sluice/disk/d.h"\n'}), [])
        self.assert_one("layering", {"low/base/tests/a_test.cc": '#include "sluice/app/m.h"\n'})

    def test_finds_a_private_header_of_another_module(self):
        self.assert_one("internal", {"high/app/m.cc": '#include "sluice/base/internal/b.h"\n'})

    def test_finds_a_library_outside_its_owner(self):
        self.assert_one("third-party", {"high/app/m.cc": "#include <sqlite3.h>\n"})

    def test_finds_calls_outside_their_owner(self):
        for code in ("::write(1, 0, 0);", "fsync(1);", "::fsync(1);", "std::ofstream file;", "open(p, O_CREAT);",
                     "std::fs::rename(a, b);"):
            self.assert_one("call", {"high/app/m.cc": f"void f() {{ {code} }}\n"})

    def test_finds_a_module_on_the_wrong_floor(self):
        self.assert_one("module", {"high/disk/d.cc": "", "high/disk/e.cc": ""})

    def test_finds_an_undeclared_module(self):
        self.assert_one("module", {"high/other/d.cc": ""})
        self.assert_one("layering", {"high/app/m.cc": '#include "sluice/other/d.h"\n'})

    def test_finds_a_source_that_no_build_file_lists(self):
        self.assert_one("dead-file", {"high/app/m.cc": "", "high/app/CMakeLists.txt": "sluice_module(high/app)"})

    def test_finds_a_long_file_a_banned_name_and_a_bare_include(self):
        self.assert_one("file-size", {"high/app/m.cc": "\n" * 21})
        self.assert_one("name", {"high/app/text_util.cc": ""})
        self.assert_one("include-path", {"high/app/m.cc": '#include "m.h"\n'})

    def test_refuses_a_configuration_that_contradicts_itself(self):
        for old, new in (("base = { deps = [] }", 'base = { deps = ["app"] }'),          # up
                         ("base = { deps = [] }", 'base = { deps = ["disk"] }'),         # cycle
                         ("base = { deps = [] }", 'base = { deps = ["nobody"] }'),
                         ("'sqlite3' = [\"disk\"]", "'sqlite3' = [\"nobody\"]")):
            with self.assertRaises(check_layers.ConfigError, msg=new):
                findings({}, CONFIG.replace(old, new))


if __name__ == "__main__":
    unittest.main()
