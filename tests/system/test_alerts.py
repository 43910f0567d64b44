"""Alerts, against a real HTTP server and a real SMTP server."""

import email
import email.policy
import hashlib
import hmac
import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from program import BIN

HEAD = "id,country,amount\n"
GOOD = HEAD + "1,DE,1\n2,FR,2\n"
SECRET = "s3cret"


class Hook:
    """Receives webhooks; `answers` are the statuses that it gives, then 200."""

    def __init__(self):
        self.received = []
        self.answers = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = hook.answers.pop(0) if hook.answers else 200
                hook.received.append((status, dict(self.headers), body))
                if status == "hang":
                    time.sleep(3)
                    return
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"as told")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def taken(self):
        """What was accepted, as JSON, and forgets it."""
        taken = [json.loads(body) for status, _, body in self.received if status == 200]
        self.received.clear()
        return taken

    def said(self):
        return [(one["status"], one["kind"], one["subject"]) for one in self.taken()]


class Mailbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"


@pytest.fixture
def hook():
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def declare(project, *channels, more=""):
    settings = (project.root / "sluice.yaml").read_text().split("alerts:")[0]
    project.write({"sluice.yaml": settings + "alerts:\n" + more + "  channels:\n" + "".join(channels)})


def webhook(hook, **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"    - {{ name: ops, type: webhook, url: '{hook.url}'{extra} }}\n"


@pytest.fixture
def shop(orders, hook):
    """Everything is well, and a webhook is declared."""
    declare(orders, webhook(hook, secret=SECRET), more="  link: https://ops.example/shop\n")
    orders.drop("data/orders/1.csv", GOOD)
    orders.run()
    assert hook.taken() == []
    return orders


def break_model(project):
    project.write({"models/gold/bad.sql": "SELECT CAST(country AS INTEGER) AS c FROM bronze.orders\n"})


def mend_model(project):
    project.write({"models/gold/bad.sql": "SELECT country AS c FROM bronze.orders\n"})


def test_a_failure_is_told_once_until_it_is_over(shop, hook):
    break_model(shop)
    report = shop.json("run", exit=1)
    [(_, headers, body)] = hook.received
    expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Sluice-Signature"] == expected
    assert headers["Content-Type"] == "application/json"
    [told] = hook.taken()
    assert headers["Idempotency-Key"] == told["id"]
    assert (told["status"], told["kind"], told["subject"]) == ("firing", "failure", "gold.bad")
    assert told["project"] == "shop" and told["target"] == "dev" and "gold.bad failed" in told["summary"]
    [run] = [run for run in report["runs"] if run["table"] == "gold.bad"]
    assert told["run"] == run["id"] and told["explain"] == f"sluice explain {run['id']}"
    assert told["link"] == f"https://ops.example/shop/runs/{run['id']}"
    assert run["error"] in shop.call("explain", told["run"]).out + told["detail"]
    shop.json("run", exit=1)
    assert hook.taken() == [], "the same cause again"
    assert [alert["subject"] for alert in shop.json("alerts", "list")["open"]] == ["gold.bad"]
    assert "gold.bad" in shop.call("alerts", "list").out
    mend_model(shop)
    shop.run()
    [told] = hook.taken()
    assert (told["status"], told["subject"]) == ("resolved", "gold.bad")
    assert "nothing is wrong" in shop.call("alerts", "list").out


def test_a_cause_that_changes_is_told_again(shop, hook):
    break_model(shop)
    shop.json("run", exit=1)
    shop.write({"models/gold/bad.sql": "SELECT error('other') AS c FROM bronze.orders\n"})
    shop.json("run", exit=1)
    assert hook.said() == [("firing", "failure", "gold.bad")] * 2


def test_an_expectation_that_fails_is_a_contract_break(shop, hook):
    shop.write({"models/gold/bad.sql": "/*---\nkey: [k]\n---*/\nSELECT 1 AS k FROM bronze.orders\n"})
    shop.json("run", exit=1)
    assert hook.said() == [("firing", "contract_break", "gold.bad")]


def test_a_rate_over_the_threshold_and_missing_columns_are_told(shop, hook):
    shop.drop("data/orders/2.csv", HEAD + "3,DE,x\n4,DE,1\n")
    shop.run()
    [told] = hook.taken()
    assert (told["kind"], told["subject"]) == ("quarantine_rate", "bronze.orders")
    assert "50.0% of 2 records" in told["summary"]
    shop.drop("data/orders/3.csv", "id,amount\n5,1\n")
    shop.run()
    assert hook.said() == [("firing", "contract_break", "bronze.orders")]
    shop.run()
    assert hook.taken() == [], "no new files say nothing new"
    shop.drop("data/orders/4.csv", HEAD + "".join(f"{i},DE,1\n" for i in range(10, 40)))
    shop.run()
    assert sorted(hook.said()) == [("resolved", "contract_break", "bronze.orders"),
                                   ("resolved", "quarantine_rate", "bronze.orders")]


def test_a_model_that_is_late_is_told_by_a_check(shop, hook):
    shop.write({"models/gold/late.sql": "/*---\ntarget_lag: 1s\n---*/\nSELECT id FROM bronze.orders\n"})
    shop.run()
    assert hook.taken() == []
    shop.drop("data/orders/2.csv", HEAD + "3,DE,1\n")
    shop.run("--select", "bronze.orders")
    time.sleep(1.2)
    out = shop.call("alerts", "check").out
    assert "gold.late" in out and "behind bronze.orders" in out
    assert hook.said() == [("firing", "staleness", "gold.late")]
    shop.call("alerts", "check")
    assert hook.taken() == []
    shop.run()
    assert hook.said() == [("resolved", "staleness", "gold.late")]


def test_a_busy_server_is_tried_again_at_once(shop, hook):
    hook.answers = [503, 429]
    break_model(shop)
    shop.json("run", exit=1)
    assert [status for status, _, _ in hook.received] == [503, 429, 200]
    keys = {headers["Idempotency-Key"] for _, headers, _ in hook.received}
    assert len(keys) == 1, "the receiver can tell a repetition"


def test_a_failing_endpoint_fails_no_run_and_loses_nothing(shop, hook):
    hook.answers = [404]
    shop.drop("data/orders/2.csv", HEAD + "3,DE,x\n")
    answer = shop.call("run")
    assert "alert channel ops failed" in answer.err and "404" in answer.err
    assert [status for status, _, _ in hook.received] == [404], "no second attempt could help"
    hook.received.clear()
    [waiting] = shop.json("alerts", "list")["undelivered"]
    assert waiting["attempts"] == 1 and "404" in waiting["last_error"]
    assert "alert.undelivered" in (shop.root / ".sluice/dev/sluice.log.jsonl").read_text()
    shop.call("run")
    assert hook.received == [], "it is not due yet"
    make_due(shop)
    shop.call("run")
    assert [one["id"] for one in hook.taken()] == [waiting["id"]]
    assert shop.json("alerts", "list")["undelivered"] == []


def make_due(project):
    with sqlite3.connect(project.metastore) as database:
        database.execute("UPDATE alert_outbox SET next_at = 0")


def test_a_server_that_hangs_or_is_gone_costs_bounded_time(shop, hook):
    declare(shop, webhook(hook, timeout="300ms"))
    hook.answers = ["hang"] * 3
    break_model(shop)
    began = time.monotonic()
    shop.json("run", exit=1)
    assert time.monotonic() - began < 6
    assert len(shop.json("alerts", "list")["undelivered"]) == 1
    declare(shop, "    - { name: ops, type: webhook, url: 'http://127.0.0.1:1/' }\n")
    make_due(shop)
    shop.json("run", exit=1)
    [waiting] = shop.json("alerts", "list")["undelivered"]
    assert waiting["attempts"] == 2 and "127.0.0.1:1" in waiting["last_error"]


@pytest.mark.parametrize("point", ["run.invocation.before_end", "metastore.commit.after#4"])
def test_a_crash_loses_no_alert_and_tells_none_twice(shop, hook, point):
    break_model(shop)
    died = subprocess.run([BIN.parent / "sluice-crashtest", "run"], cwd=shop.root, capture_output=True,
                          env={**os.environ, "SLUICE_CRASH_AT": point}, timeout=60)
    assert died.returncode == -signal.SIGKILL, died
    assert hook.received == []
    for _ in range(2):
        shop.json("run", exit=1)
    firing = [one for one in hook.said() if one[0] == "firing" and one[1] == "failure"]
    assert firing.count(("firing", "failure", "gold.bad")) >= 1
    assert len(shop.json("alerts", "list")["open"]) == 1
    shop.json("run", exit=1)
    assert hook.taken() == []


def test_mail_reaches_every_receiver(orders, mailbox):
    declare(orders, f"    - {{ name: team, type: email, smtp: 'smtp://127.0.0.1:{mailbox.port}', "
                    "from: sluice@example.org, to: [a@example.org, b@example.org], on: [failure] }\n")
    orders.drop("data/orders/1.csv", GOOD)
    orders.write({"models/gold/bad.sql": "SELECT error('Größe fehlt') AS c FROM bronze.orders\n"})
    orders.json("run", exit=1)
    [(envelope, mail)] = mailbox.mails
    assert envelope.mail_from == "sluice@example.org"
    assert envelope.rcpt_tos == ["a@example.org", "b@example.org"]
    assert mail["Subject"].startswith("[sluice shop] firing: gold.bad failed")
    text = mail.get_content()
    assert "Größe fehlt" in text and "sluice explain" in text
    orders.drop("data/orders/2.csv", HEAD + "3,DE,x\n")
    orders.json("run", exit=1)
    assert len(mailbox.mails) == 1, "the channel takes failures alone"


def test_channels_are_tested(orders, hook, mailbox):
    declare(orders, webhook(hook),
            f"    - {{ name: team, type: email, smtp: 'smtp://127.0.0.1:{mailbox.port}', "
            "from: s@example.org, to: a@example.org }\n",
            "    - { name: gone, type: webhook, url: 'http://127.0.0.1:1/' }\n")
    report = orders.json("alerts", "test", exit=1)
    assert [channel["ok"] for channel in report["channels"]] == [True, True, False]
    assert hook.taken()[0]["status"] == "test" and len(mailbox.mails) == 1
    assert "sent" in orders.call("alerts", "test", "--channel", "ops").out
    assert "no alert channel 'x'" in orders.call("alerts", "test", "--channel", "x", exit=2).err


def test_settings_are_checked(orders):
    declare(orders, "    - { name: a, type: webhook, url: 'ftp://x', on: [failures] }\n")
    text = orders.call("validate", exit=1).err
    assert "url must begin with" in text and "failures" in text
    declare(orders, "    - { name: a, type: webhook, url: '${NO_SUCH_HOOK}' }\n")
    assert "NO_SUCH_HOOK" in orders.call("validate", exit=1).err
    assert os.environ.get("NO_SUCH_HOOK") is None
