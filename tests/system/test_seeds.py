"""Seeds: small tables whose rows are files of the project."""

ORDERS = {
    "seeds/countries.csv": 'code,name,eu\nDE,Germany,true\nFR,"France, la",true\nUS,,false\n',
    "seeds/ref/nothing.csv": "a,b\n",
    "models/gold/names.sql": "SELECT code, upper(name) AS name FROM seeds.countries WHERE eu",
}


def test_a_seed_is_a_table_that_models_read(project):
    project.write(ORDERS)
    assert "1 model, 2 seeds" in project.call("validate").out
    runs = project.run()
    assert {name: run["rows"] for name, run in runs.items()} == {
        "seeds.countries": 3, "ref.nothing": 0, "gold.names": 2}
    assert project.rows("SELECT * FROM seeds.countries ORDER BY code") == [
        ["DE", "Germany", True], ["FR", "France, la", True], ["US", None, False]]
    assert {run["state"] for run in project.run().values()} <= {"unchanged"}


def test_a_changed_seed_replaces_its_rows_and_may_come_back(project):
    project.write(ORDERS)
    project.run()
    project.write({"seeds/countries.csv": "code,name,eu\nDE,Germany,true\n"})
    runs = project.run()
    assert runs["seeds.countries"]["rows"] == 1 and runs["gold.names"]["state"] == "published"
    assert project.rows("SELECT name FROM gold.names") == [["GERMANY"]]
    project.write(ORDERS)
    project.run()
    assert project.rows("SELECT count(*) FROM seeds.countries") == [[3]]
    assert project.audit()["findings"] == []


def test_a_contract_of_its_name_types_and_judges_it(project):
    project.write(ORDERS)
    project.write({"contracts/seeds.countries.odcs.yaml": """\
apiVersion: v3.2.0
kind: DataContract
id: countries
version: 1.0.0
status: active
schema:
  - name: countries
    properties:
      - {name: code, logicalType: string, primaryKey: true}
      - {name: name, logicalType: string, required: true}
      - {name: eu, logicalType: string}
"""})
    runs = project.run(exit=1)
    assert runs["seeds.countries"]["state"] == "rejected"
    project.write({"seeds/countries.csv": "code,name,eu\nDE,Germany,true\n",
                   "models/gold/names.sql": "SELECT code FROM seeds.countries WHERE eu = 'true'"})
    project.run()
    assert project.rows("SELECT eu FROM seeds.countries") == [["true"]]


def test_what_is_wrong_with_a_seed_is_said_with_its_line(project):
    project.write({"seeds/short.csv": "a,b\n1,2\n3\n"})
    (project.root / "seeds/binary.csv").write_bytes(b"a\n\xff\xfe\n")
    said = project.call("validate", exit=1).err
    assert "seeds/short.csv:1:1: line 3: 1 fields where the header has 2" in said
    assert "seeds/binary.csv:1:1: line 2: not UTF-8 text" in said


def test_a_model_that_is_no_text_is_refused_at_its_place(project):
    folder = project.root / "models/gold"
    folder.mkdir(parents=True)
    (folder / "bad.sql").write_bytes(b"SELECT 1 AS a,\n  '\xff' AS b")
    assert "models/gold/bad.sql:2:4: the statement is not UTF-8" in project.call("validate", exit=1).err
