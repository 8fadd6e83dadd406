"""A deferred module behaves as the module itself. Each claim in a process of its own."""

from pathlib import Path

import pytest

from tests.test_start import printed

PACKAGES = {
    "trees/__init__.py": "from trees.tree import Tree\ndef download(): ...",
    "trees/tree.py": """
class Tree(list):
    def __init__(self, label, children):
        super().__init__(children)
        self.label = label
    def __eq__(self, other):
        return (self.label, list(self)) == (other.label, list(other))
    def __reduce__(self):
        return Tree, (self.label, list(self))
""",
    "trees/distance.py": "def edit_distance(one, other): return len(set(one) ^ set(other)) // 2",
    "graphs/__init__.py": "from graphs.classes import DiGraph, Graph",
    "graphs/classes.py": "class Graph: ...\nclass DiGraph(Graph): ...",
    "metrics/__init__.py": "import metrics.utils",
    "metrics/utils.py": "",
    "metrics/scores.py": "def accuracy(gold, given): return sum(map(int.__eq__, gold, given)) / 2",
    "science/__init__.py": "",
    "science/stats.py": "from science.ranks import correlation",
    "science/ranks.py": "def correlation(): return 0.5",
}
SETUP = """
        import sys
        from facade_allennlp import lazy_imports as module
        from facade_allennlp.lazy_imports import lazy_imports

        module.DEFERRED = ("graphs", "metrics", "science.stats", "trees")
        sys.path.insert(0, ".")

"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with small packages, to be imported there."""
    for path, code in PACKAGES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(code)
    return tmp_path


def claimed(code: str, folder: Path) -> None:
    assert printed(f"{SETUP}{code}", folder) == ""


def test_a_deferred_module_is_imported_when_it_is_used(packages: Path) -> None:
    claimed(
        """
        with lazy_imports():
            import science.stats as stats
            from metrics import scores
            from metrics.scores import accuracy
        assert "metrics.utils" not in sys.modules and "science.ranks" not in sys.modules
        assert stats.correlation() == 0.5
        assert "science.ranks" in sys.modules and "metrics.utils" not in sys.modules
        assert accuracy([0, 1], [0, 1]) == 1
        assert scores.accuracy([0, 1], [1, 1]) == 0.5
        import science.stats, metrics.scores
        assert stats is science.stats and scores is metrics.scores
        assert accuracy is metrics.scores.accuracy
        assert type(metrics) is type(sys)
        """,
        packages,
    )


def test_a_submodule_is_imported_as_ever(packages: Path) -> None:
    claimed(
        """
        with lazy_imports():
            import trees
        import trees.tree
        assert trees.tree is sys.modules["trees.tree"]
        assert trees.tree.Tree is trees.Tree
        from trees.distance import edit_distance
        assert edit_distance("ab", "ac") == 1
        """,
        packages,
    )


def test_classes_can_be_subclassed_and_asked_for_instances(packages: Path) -> None:
    claimed(
        """
        from typing import Optional
        with lazy_imports():
            from trees import Tree
            from graphs import DiGraph
            def found(tree: Optional[Tree] = None) -> "Tree | None": ...
        assert "trees.tree" not in sys.modules
        import trees.tree as real

        class Graph(DiGraph): ...
        with lazy_imports():
            from graphs import Graph as AnyGraph
        assert isinstance(Graph(), AnyGraph) and issubclass(Graph, AnyGraph)
        assert isinstance(real.Tree("a", []), Tree) and not isinstance("a", Tree)
        """,
        packages,
    )


def test_a_stand_in_can_be_pickled(packages: Path) -> None:
    claimed(
        """
        import pickle
        with lazy_imports():
            from trees import Tree
        kept = [Tree]
        import trees
        assert pickle.loads(pickle.dumps(kept)) == [trees.Tree]
        assert pickle.loads(pickle.dumps(Tree("a", ["b"]))) == trees.Tree("a", ["b"])
        """,
        packages,
    )


def test_what_is_missing_is_missing_at_once(packages: Path) -> None:
    claimed(
        """
        import importlib.util
        with lazy_imports():
            import metrics
            for missing in ("metrics.nothing", "nothing_at_all"):
                try:
                    __import__(missing)
                except ModuleNotFoundError as error:
                    assert error.name == missing and str(error) == f"No module named {missing!r}"
                else:
                    raise AssertionError(missing)
            from metrics import neither
        try:
            neither()
        except ImportError as error:
            assert "cannot import name 'neither' from 'metrics'" in str(error)
        else:
            raise AssertionError
        assert importlib.util.find_spec("metrics").origin.endswith("metrics/__init__.py")
        """,
        packages,
    )


def test_setting_an_attribute_sets_that_of_the_module(packages: Path) -> None:
    claimed(
        """
        with lazy_imports():
            import trees
            trees.download = "never"
        held = {"trees": trees}
        import trees.tree
        assert held["trees"].download == trees.download == "never"
        assert sys.modules["trees"].download == "never"
        del trees.download
        assert not hasattr(held["trees"], "download")
        """,
        packages,
    )


def test_a_module_that_cannot_be_imported_says_so_at_each_use(packages: Path) -> None:
    (packages / "metrics" / "__init__.py").write_text("raise RuntimeError('broken')")
    claimed(
        """
        with lazy_imports():
            import metrics
        for _ in range(2):
            try:
                metrics.scores
            except RuntimeError as error:
                assert str(error) == "broken"
            else:
                raise AssertionError
        """,
        packages,
    )


def test_the_code_outside_defers_nothing(packages: Path) -> None:
    claimed(
        """
        with lazy_imports():
            pass
        import graphs
        assert type(graphs) is type(sys) and "graphs.classes" in sys.modules
        """,
        packages,
    )


def test_what_another_thread_imports_meanwhile_is_not_deferred(packages: Path) -> None:
    claimed(
        """
        import threading
        def work():
            import graphs
            kinds.append(type(graphs))
        kinds = []
        with lazy_imports():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        assert kinds == [type(sys)]
        """,
        packages,
    )
