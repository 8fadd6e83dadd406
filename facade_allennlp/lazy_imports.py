"""
Heavy packages that AllenNLP, transformers and Captum import, and that most commands do without:
torchvision, spaCy, scikit-learn, ... Inside `lazy_imports()`, importing one of them gives a
stand-in, and so does `from spacy.tokens import Token`. The package itself is imported when a
stand-in is first used: called, subclassed, read from, or asked whether something is its instance.
From then on the modules that hold stand-ins hold the things themselves.
"""

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Optional

DEFERRED = (
    "IPython",
    "captum",
    "matplotlib.pyplot",
    "networkx",
    "nltk",
    "scipy.optimize",
    "scipy.stats",
    "sklearn",
    "spacy",
    "tensorboardX",
    "torchvision",
)
"""Each with all modules inside it."""


class _Thread(threading.local):
    deferring = False


_thread = _Thread()
_loading = threading.RLock()


@contextmanager
def lazy_imports() -> Iterator[None]:
    """
    Defers the imports of these packages by the code inside, and by all modules that it imports.

    >>> with lazy_imports():
    ...     import allennlp.models
    """
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    with _deferring(True):
        yield


@contextmanager
def _deferring(deferring: bool) -> Iterator[None]:
    before, _thread.deferring = _thread.deferring, deferring
    try:
        yield
    finally:
        _thread.deferring = before


class _Module(ModuleType):
    """Stands in for a module, from when it is `_ready`."""

    _ready = False

    def __getattr__(self, name: str) -> Any:
        # The import system asks what it has to set, and whether this is a package.
        if not self._ready or name == "__path__":
            raise AttributeError(name)
        if _thread.deferring and not _is_special(name):
            return _Name(self.__name__, name)
        return getattr(_real(self.__name__), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._ready and not isinstance(value, _Module):
            setattr(_real(self.__name__), name, value)
        else:  # the import system sets what it has to, and then the modules inside
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_real(self.__name__), name)

    def __dir__(self) -> list[str]:
        return dir(_real(self.__name__))


class _Name:
    """Stands in for what is imported from a module, a class or a function."""

    def __init__(self, module: str, name: str) -> None:
        self._stands_for = (module, name)

    def __getattr__(self, name: str) -> Any:
        if _thread.deferring and _is_special(name):  # `typing` asks, of what is in an annotation
            raise AttributeError(name)
        return getattr(_thing(self), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _thing(self)(*args, **kwargs)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_thing(self),)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, _thing(self))

    def __subclasscheck__(self, subclass: Any) -> bool:
        return issubclass(subclass, _thing(self))

    def __getitem__(self, key: Any) -> Any:
        return _thing(self)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(_thing(self))

    def __or__(self, other: Any) -> Any:
        return _thing(self) | other

    def __ror__(self, other: Any) -> Any:
        return other | _thing(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _imported, self._stands_for


class _Finder(MetaPathFinder):
    """Finds what Python finds by itself, so that a missing module is missing at once."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        parent = name.rpartition(".")[0]
        within = isinstance(sys.modules.get(parent), _Module)
        if not _thread.deferring:
            return _within_real(parent, name) if within else None
        if not within and name not in DEFERRED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.loader = _StandIn()
        return spec


class _StandIn(Loader):
    """Puts a stand-in in a module's place."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["_ready"] = True


class _Imported(Loader):
    """Leaves a module as it is, which was imported together with the package that it is in."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


_FINDER = _Finder()


def _within_real(parent: str, name: str) -> Optional[ModuleSpec]:
    """How to import a module of a package that had a stand-in until now."""
    package = _real(parent)
    if name in sys.modules:
        module = sys.modules[name]
        # Python prefers a module's own spec to a finder's, and by its own it would run once more.
        module.__spec__ = ModuleSpec(name, _Imported(module))
        return module.__spec__
    return PathFinder.find_spec(name, package.__path__)


def _real(name: str) -> ModuleType:
    with _loading:
        if isinstance(sys.modules.get(name), _Module):
            _load(next(root for root in DEFERRED if _is_within(name, root)))
    return importlib.import_module(name)


def _load(root: str) -> None:
    """Imports all modules within `root` that have a stand-in."""
    modules = {
        name: module
        for name, module in list(sys.modules.items())
        if isinstance(module, _Module) and _is_within(name, root)
    }
    for name in modules:
        del sys.modules[name]
    try:
        with _deferring(False):
            for name in modules:
                importlib.import_module(name)
    except BaseException:
        sys.modules.update(modules)  # the next use shall fail in the same way
        raise
    _put_in_place(root)


def _put_in_place(root: str) -> None:
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType) or isinstance(module, _Module):
            continue
        names = vars(module)
        for name, value in list(names.items()):
            if type(value) is _Module and _is_within(value.__name__, root):
                names[name] = sys.modules[value.__name__]
            elif type(value) is _Name and _is_within(value._stands_for[0], root):
                names[name] = _thing(value)


def _thing(name: _Name) -> Any:
    return _imported(*name._stands_for)


def _imported(module: str, name: str) -> Any:
    """As `from module import name`."""
    _real(module)
    imported = __import__(module, fromlist=[name])
    try:
        return getattr(imported, name)
    except AttributeError:
        raise ImportError(f"cannot import name {name!r} from {module!r}", name=module) from None


def _is_within(name: str, root: str) -> bool:
    return f"{name}.".startswith(f"{root}.")


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
