"""Runs cases in as many folders as there are, and tells all that failed."""

import queue
import threading
import traceback


def run_cases(workers: list, cases: list, run_case) -> list:
    """Calls run_case(worker, case) with each worker busy with one case at a time; returns the failures
    as text, in the order of the cases."""
    waiting = queue.SimpleQueue()
    for number, case in enumerate(cases):
        waiting.put((number, case))
    failures = {}

    def work(worker):
        while True:
            try:
                number, case = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                run_case(worker, case)
            except Exception as error:  # a failed case must not hide the others
                where = traceback.extract_tb(error.__traceback__)[-1]
                failures[number] = f"{case}: {where.name}:{where.lineno}: {error}"

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [failures[number] for number in sorted(failures)]


def told(failures: list, cases: int) -> str:
    return f"{len(failures)} of {cases} cases failed:\n\n" + "\n\n".join(failures)
