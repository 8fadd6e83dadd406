"""A deferred module behaves as the module itself. Each claim in a process of its own."""

from tests.test_start import printed

SETUP = """
        import sys
        from facade_allennlp.lazy_imports import lazy_imports

"""


def claimed(code: str) -> str:
    return printed(f"{SETUP}{code}")


def test_a_deferred_module_is_imported_when_it_is_used() -> None:
    claimed(
        """
        with lazy_imports():
            import scipy.stats as stats
            from sklearn import metrics
            from sklearn.metrics import roc_auc_score
        assert "sklearn.utils" not in sys.modules and "scipy.stats._stats_py" not in sys.modules
        assert round(stats.spearmanr([1, 2, 3], [1, 3, 2]).statistic, 6) == 0.5
        assert "sklearn.utils" not in sys.modules
        assert roc_auc_score([0, 1], [0.1, 0.9]) == 1
        assert metrics.accuracy_score([0, 1], [1, 1]) == 0.5
        import scipy.stats, sklearn.metrics
        assert stats is scipy.stats and metrics is sklearn.metrics
        assert roc_auc_score is sklearn.metrics.roc_auc_score
        assert type(sklearn) is type(sys)
        """
    )


def test_a_submodule_is_imported_as_ever() -> None:
    claimed(
        """
        with lazy_imports():
            import nltk
        import nltk.tree
        assert nltk.tree is sys.modules["nltk.tree"]
        assert nltk.tree.Tree is nltk.Tree
        from nltk.metrics.distance import edit_distance
        assert edit_distance("ab", "ac") == 1
        """
    )


def test_classes_can_be_subclassed_and_asked_for_instances() -> None:
    claimed(
        """
        from typing import Optional
        with lazy_imports():
            from nltk import Tree
            from networkx import DiGraph
            def found(tree: Optional[Tree] = None) -> "Tree | None": ...
        assert "nltk.tree" not in sys.modules
        import nltk.tree as real

        class Graph(DiGraph): ...
        with lazy_imports():
            from networkx import Graph as AnyGraph
        assert isinstance(Graph(), AnyGraph) and issubclass(Graph, AnyGraph)
        assert isinstance(real.Tree("a", []), Tree) and not isinstance("a", Tree)
        """
    )


def test_a_stand_in_can_be_pickled() -> None:
    claimed(
        """
        import pickle
        with lazy_imports():
            from nltk import Tree
        kept = [Tree]
        import nltk
        assert pickle.loads(pickle.dumps(kept)) == [nltk.Tree]
        assert pickle.loads(pickle.dumps(Tree("a", ["b"]))) == nltk.Tree("a", ["b"])
        """
    )


def test_what_is_missing_is_missing_at_once() -> None:
    claimed(
        """
        import importlib.util
        with lazy_imports():
            import sklearn
            for missing in ("sklearn.nothing", "nothing_at_all"):
                try:
                    __import__(missing)
                except ModuleNotFoundError as error:
                    assert error.name == missing and str(error) == f"No module named {missing!r}"
                else:
                    raise AssertionError(missing)
            from sklearn import neither
        try:
            neither()
        except ImportError as error:
            assert "cannot import name 'neither' from 'sklearn'" in str(error)
        else:
            raise AssertionError
        assert importlib.util.find_spec("sklearn").origin.endswith("sklearn/__init__.py")
        """
    )


def test_setting_an_attribute_sets_that_of_the_module() -> None:
    claimed(
        """
        with lazy_imports():
            import nltk
            nltk.download = "never"
        held = {"nltk": nltk}
        import nltk.tree
        assert held["nltk"].download == nltk.download == "never"
        assert sys.modules["nltk"].download == "never"
        del nltk.download
        assert not hasattr(held["nltk"], "download")
        """
    )


def test_a_module_that_cannot_be_imported_says_so_at_each_use() -> None:
    claimed(
        """
        import os, tempfile
        folder = tempfile.mkdtemp()
        os.mkdir(f"{folder}/sklearn")
        with open(f"{folder}/sklearn/__init__.py", "w") as file:
            file.write("raise RuntimeError('broken')")
        sys.path.insert(0, folder)
        with lazy_imports():
            import sklearn
        for _ in range(2):
            try:
                sklearn.metrics
            except RuntimeError as error:
                assert str(error) == "broken"
            else:
                raise AssertionError
        """
    )


def test_the_code_outside_defers_nothing() -> None:
    claimed(
        """
        with lazy_imports():
            pass
        import networkx
        assert type(networkx) is type(sys) and "networkx.algorithms" in sys.modules
        """
    )


def test_what_another_thread_imports_meanwhile_is_not_deferred() -> None:
    claimed(
        """
        import threading
        def work():
            import networkx
            kinds.append(type(networkx))
        kinds = []
        with lazy_imports():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        assert kinds == [type(sys)]
        """
    )
