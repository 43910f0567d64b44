"""What `sluice run` shows on a terminal: looked at through a pseudo-terminal of 80 columns."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from program import BIN

WIDTH, HEIGHT = 80, 24
# Slow enough to be seen: rows by rows by rows.
SLOW = """\
SELECT count(*) AS n FROM bronze.orders a, bronze.orders b, bronze.orders c
WHERE a.amount + b.amount + c.amount > 3
"""


class Screen:
    """As much of a terminal as the program uses: lines, the cursor, erasing."""

    def __init__(self):
        self.lines = [""]
        self.row = 0
        self.column = 0
        self.seen = []  # the screen after each write

    def feed(self, text: str) -> None:
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", text):
            self.take(part)
        self.seen.append("\n".join(self.lines))

    def take(self, part: str) -> None:
        if part == "\r":
            self.column = 0
        elif part == "\n":
            self.row += 1
            self.column = 0
            if self.row == len(self.lines):
                self.lines.append("")
        elif part.startswith("\x1b["):
            count = int(part[2:-1] or 1)
            {"A": self.up, "K": self.erase_line, "J": self.erase_below}[part[-1]](count)
        else:
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + part + line[self.column + len(part) :]
            self.column += len(part)

    def up(self, count: int) -> None:
        assert self.row >= count, "the cursor leaves the screen"
        self.row -= count

    def erase_line(self, _count) -> None:
        self.lines[self.row] = self.lines[self.row][: self.column]

    def erase_below(self, _count) -> None:
        self.erase_line(0)
        del self.lines[self.row + 1 :]


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, project, *arguments):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.screen = Screen()
        self.process = subprocess.Popen(
            [str(BIN), *arguments], cwd=project.root, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def watch(self, until=lambda screen: False, seconds=60) -> Screen:
        """Reads until the condition holds or the program has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                break
            if not data:
                break
            self.screen.feed(data.decode())
            if until(self.screen):
                return self.screen
        else:
            pytest.fail(f"nothing ended within {seconds} s:\n" + "\n".join(self.screen.lines))
        self.process.wait(20)
        os.close(self.master)
        return self.screen


@pytest.fixture
def slow(orders):
    orders.write({"models/gold/slow.sql": SLOW})
    rows = "".join(f"{i},AT,{i % 50}\n" for i in range(1, 701))
    orders.drop("data/orders/1.csv", "id,country,amount\n" + rows)
    return orders


def test_a_run_shows_what_goes_on_and_leaves_what_became_of_it(slow):
    screen = Terminal(slow, "run").watch()
    shown = "\n".join(screen.seen)
    assert re.search(r"refresh +gold\.slow +\d", shown), shown
    assert re.search(r"\d of 3 done, \d", shown)
    assert all(len(line) < WIDTH for line in shown.splitlines() if " done, " in line)
    left = [line.split()[:2] for line in screen.lines if line]
    assert ["published", "gold.slow"] in left and ["published", "bronze.orders"] in left
    assert screen.lines[-1] == "" and screen.lines[-2].startswith("3 published, 0 unchanged")
    assert not any("refresh " in line or " done, " in line for line in screen.lines)


def test_the_next_run_knows_how_long_it_took_before(slow):
    slow.run()
    screen = Terminal(slow, "run", "--full-refresh", "--select", "gold.slow").watch()
    shown = "\n".join(screen.seen)
    assert re.search(r"gold\.slow .*(about .* left|took .* before)", shown), shown
    assert all(len(line) < WIDTH for line in shown.splitlines() if "gold.slow  " in line
               and "published" not in line)


def test_an_interrupt_ends_it_in_order(slow):
    slow.write({"models/gold/slow.sql": SLOW.replace("c\n", "c, bronze.orders d\n")})
    terminal = Terminal(slow, "run")
    terminal.watch(lambda screen: any("refresh  gold.slow" in line for line in screen.lines))
    os.kill(terminal.process.pid, signal.SIGINT)
    screen = terminal.watch()
    assert terminal.process.returncode == 2 or terminal.process.returncode == 130
    text = "\n".join(screen.lines)
    assert "stopping; once more to end at once" in text
    assert "sluice: stopped; what was published stays" in text
    assert not any(" done, " in line or line.startswith("refresh") for line in screen.lines)
    assert screen.column == 0
    slow.call("status")


def test_elsewhere_lines_are_plain(orders):
    orders.drop("data/orders/1.csv", "id,country,amount\n1,AT,10\n")
    answer = orders.call("run")
    assert "\x1b" not in answer.out and "\r" not in answer.out
    assert answer.out.count("published") == 3 and " done, " not in answer.out


def test_programs_get_their_document_alone(orders):
    orders.drop("data/orders/1.csv", "id,country,amount\n1,AT,10\n")
    screen = Terminal(orders, "run", "--json").watch()
    assert "\x1b" not in "".join(screen.seen) and screen.lines[0] == "{"
