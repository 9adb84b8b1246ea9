"""One place to add a thing: plugins of one kind, found in a package and in entry points."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, Protocol, TypeVar


class Plugin(Protocol):
    """What every plugin has: a stable key and a label that can be translated."""

    @property
    def key(self) -> str:
        """Stable name, stored in books."""

    @property
    def label(self) -> str:
        """English name for people, the msgid of its translation."""


P = TypeVar("P", bound=Plugin)


class DuplicateKey(ValueError):
    """Two plugins of one kind claim the same key."""


class Registry(Generic[P]):
    """Plugins of one kind by key, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._plugins: dict[str, P] = {}
        self._loaded: set[str] = set()

    def register(self, plugin: P) -> P:
        """Add a plugin; raises DuplicateKey when its key is taken."""
        if plugin.key in self._plugins:
            raise DuplicateKey(self.kind, plugin.key)
        self._plugins[plugin.key] = plugin
        return plugin

    def load(self, package: ModuleType) -> None:
        """Import each module of `package` once, register its `PLUGIN`, then the outside plugins of this kind."""
        if package.__name__ in self._loaded:
            return
        self._loaded.add(package.__name__)
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            if hasattr(module, "PLUGIN"):
                self.register(module.PLUGIN)
        for entry in entry_points(group=f"billdesk.{self.kind}"):
            self.register(entry.load())

    def get(self, key: str) -> P:
        """Give the plugin with this key; raises KeyError naming the kind."""
        try:
            return self._plugins[key]
        except KeyError:
            raise KeyError(self.kind, key) from None

    def __iter__(self) -> Iterator[P]:
        return iter(self._plugins.values())

    def __contains__(self, key: object) -> bool:
        return key in self._plugins

    def __len__(self) -> int:
        return len(self._plugins)
