"""Pages from templates: whatever text is put into them is escaped."""

from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

SHARED = "facade_allennlp.display"
"""Holds the templates that pages of other packages include."""


def template(package: str, name: str) -> Template:
    """
    The template that lies beside a package's modules. In it `inline("PACKAGE", "FILE")` is the text
    of a style sheet or a script.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader(SHARED, "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["inline"] = inline
    return environment.get_template(name)


def inline(package: str, name: str) -> Markup:
    """A file of this package, which is not escaped."""
    return Markup((files(package) / name).read_text(encoding="utf-8"))
