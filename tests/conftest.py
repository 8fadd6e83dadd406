import os

# No test needs the network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Models are tiny, and every core has a process of tests already.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from facade_allennlp.quick_start import load_allennlp


def pytest_configure(config: pytest.Config) -> None:
    """The process that only hands out tests to others starts without models."""
    if config.getoption("dist", "no") == "no" or hasattr(config, "workerinput"):
        load_allennlp()  # as `facade` does, before a test imports more of it than it needs
        config.pluginmanager.import_plugin("fixtures.session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once why tests were left out for want of a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if report.nodeid.startswith("tests/browser/")]
    if left_out:
        why = left_out[0].longrepr[2].removeprefix("Skipped: ")
        terminalreporter.write_line(f"{len(left_out)} tests in a browser are left out: {why}")
