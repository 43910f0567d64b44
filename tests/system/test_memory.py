"""Stages that need more memory than they are granted spill to disk, side by side, and stay right."""

ROWS = 1_500_000
# What is sorted is about 300 MB, more than the grant of a stage without input.
MODEL = """SELECT row_number() OVER (ORDER BY h) AS place, n, h, pad
FROM (SELECT range AS n, md5((range * {factor})::VARCHAR) AS h, repeat(h, 5) AS pad
      FROM range({rows}))
"""


def test_stages_that_spill_side_by_side_do_not_meet(project):
    project.write({
        "sluice.yaml": "project: spilling\n"
                       "targets:\n  dev: { warehouse: ./warehouse, metastore: sqlite }\n"
                       "default_target: dev\nresources: { threads: 2, memory: 512MiB }\n",
        "models/gold/one.sql": MODEL.format(factor=1, rows=ROWS),
        "models/gold/two.sql": MODEL.format(factor=3, rows=ROWS),
    })
    runs = project.run()
    assert {run["state"] for run in runs.values()} == {"published"}
    for table, factor in [("gold.one", 1), ("gold.two", 3)]:
        found = project.rows(
            f"SELECT count(*), count(DISTINCT n), count(DISTINCT place), "
            f"count(*) FILTER (WHERE h <> md5((n * {factor})::VARCHAR)) FROM {table}")
        assert found == [[ROWS, ROWS, ROWS, 0]]
    assert max(run["memory_peak_bytes"] for run in runs.values()) < 512 << 20
    assert project.audit()["findings"] == []
