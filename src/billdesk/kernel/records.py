"""Frozen records that are made by the hundred thousand."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar

T = TypeVar("T")

_NOT_GIVEN: Final = object()


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots an `__init__` that sets the slots: the same record in 60 % of the time.

    The dataclass's own goes through `object.__setattr__` field by field, which was a fifth of a billing run. All else
    stays as it is: the record is frozen, defaults are filled in and `__post_init__` is called.
    """
    scope: dict[str, Any] = {"not_given": _NOT_GIVEN}
    parameters, lines = ["self"], []
    for one in fields(cls):  # type: ignore[arg-type]
        name = one.name
        parameter, value = name, name
        scope[f"set_{name}"] = getattr(cls, name).__set__
        if one.default_factory is not MISSING:
            scope[f"make_{name}"] = one.default_factory
            parameter, value = f"{name}=not_given", f"make_{name}() if {name} is not_given else {name}"
        elif one.default is not MISSING:
            scope[f"default_{name}"] = one.default
            parameter = f"{name}=default_{name}"
        parameters.append(parameter)
        lines.append(f"    set_{name}(self, {value})\n")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()\n")
    source = f"def __init__({', '.join(parameters)}):\n{''.join(lines)}"
    exec(source, scope)  # noqa: S102 - the way in which dataclasses make it, from the names of fields alone
    made = scope["__init__"]
    made.__qualname__, made.__annotations__ = cls.__init__.__qualname__, cls.__init__.__annotations__
    cls.__init__ = made  # type: ignore[method-assign]
    return cls
