"""Files and folders that ship inside installed Python packages."""

import importlib.util
from pathlib import Path
from typing import BinaryIO, Optional

from allennlp.common.checks import ConfigurationError
from cached_path import SchemeClient, add_scheme_client

SCHEME = "package"
PREFIX = SCHEME + "://"


def package_path(location: str) -> str:
    """
    The path of `package://PACKAGE/PATH` on this machine; any other string comes back unchanged.

    # Raises

    `ConfigurationError` : the package is not installed, or holds no such file or folder.
    """
    if not location.startswith(PREFIX):
        return location
    package, _, inner = location[len(PREFIX) :].partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            f"{location!r} points into the Python package {package!r}, which is not installed; "
            "install it, or name a folder or a model of the hub instead"
        )
    root = Path(spec.submodule_search_locations[0]).resolve()
    path = (root / inner).resolve()
    if not path.is_relative_to(root) or not path.exists():
        raise ConfigurationError(f"{location!r}: the package {package!r} has no {inner!r}")
    return str(path)


@add_scheme_client
class PackageClient(SchemeClient):
    """Lets every AllenNLP reader take `package://PACKAGE/PATH` as the path of a data file."""

    scheme = SCHEME

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.path = Path(package_path(resource))

    def get_etag(self) -> Optional[str]:
        status = self.path.stat()
        return f"{status.st_mtime_ns}-{status.st_size}"

    def get_size(self) -> Optional[int]:
        return self.path.stat().st_size

    def get_resource(self, temp_file: BinaryIO) -> None:
        temp_file.write(self.path.read_bytes())

    def get_bytes_range(self, index: int, length: int) -> bytes:
        return self.path.read_bytes()[index : index + length]
