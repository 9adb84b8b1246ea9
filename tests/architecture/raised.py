"""Which codes of problems and rules the source raises, and the names of the details that go with each."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from architecture.source import Module, modules

ROOTS = {"Problem": "code", "CellError": "code", "RuleBroken": "rule"}
"""What is raised, and the parameter that holds its code."""
CODE_PARAMETERS = {"code", "rule"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Raised:
    """One code at one place; `details` is None where the source does not show their names."""

    code: str
    place: str
    is_rule: bool
    details: frozenset[str] | None


@dataclass(frozen=True)
class Maker:
    """A function or class that puts a code into an error: where the code stands, and what it is."""

    position: int
    parameter: str
    is_rule: bool
    takes_keywords: bool


@cache
def find_raised() -> tuple[list[Raised], list[str]]:
    """Give every code, and the places whose code cannot be read from the source."""
    makers = _makers()
    found: list[Raised] = []
    unread: list[str] = []
    for module in modules():
        for function, call in _calls(module.tree):
            maker = _maker_of(makers, module, call)
            code = None if maker is None else _argument(call, maker)
            if maker is None or code is None or _is_passed_on(code, function):
                continue
            place = f"{module.name}:{call.lineno}"
            texts = _texts(code, function)
            if not texts:
                unread.append(f"{place} {ast.unparse(code)}")
            details = _details(call, maker, function)
            found += [Raised(text, place, maker.is_rule, details) for text in texts]
    return found, unread


def _calls(tree: ast.AST, function: Function | None = None) -> Iterator[tuple[Function | None, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield function, node
        yield from _calls(node, node if isinstance(node, Function) else function)


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _key(module: Module, name: str) -> str:
    """Private names are known in their own module only."""
    return f"{module.name}:{name}" if name.startswith("_") else name


def _maker_of(makers: Mapping[str, Maker], module: Module, call: ast.Call) -> Maker | None:
    return makers.get(_key(module, _name(call)))


def _makers() -> dict[str, Maker]:
    """Find the functions that hand their own `code` or `rule` on, until no new one turns up."""
    makers = {name: Maker(0, parameter, name == "RuleBroken", False) for name, parameter in ROOTS.items()}
    grown = True
    while grown:
        grown = False
        for module in modules():
            for function, call in _calls(module.tree):
                inner = _maker_of(makers, module, call)
                if function is None or inner is None or (key := _key(module, function.name)) in makers:
                    continue
                code = _argument(call, inner)
                if code is not None and _is_passed_on(code, function):
                    makers[key] = _maker(function, ast.unparse(code), inner)
                    grown = True
    return makers


def _maker(function: Function, parameter: str, inner: Maker) -> Maker:
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    position = names.index(parameter) - (names[0] in {"self", "cls"}) if parameter in names else -1
    return Maker(position, parameter, inner.is_rule, function.args.kwarg is not None)


def _is_passed_on(code: ast.expr, function: Function | None) -> bool:
    if not isinstance(code, ast.Name) or function is None or code.id not in CODE_PARAMETERS:
        return False
    given = function.args
    return code.id in {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def _argument(call: ast.Call, maker: Maker) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == maker.parameter:
            return keyword.value
    return call.args[maker.position] if 0 <= maker.position < len(call.args) else None


def _texts(node: ast.expr, function: Function | None) -> list[str]:
    """Read the possible values of an expression: a text, a choice of two, or a name given such a value before."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, function), *_texts(node.orelse, function)]
    if isinstance(node, ast.Name) and function is not None:
        return [text for value in _values(node.id, function) for text in _texts(value, None)]
    return []


def _values(name: str, function: Function) -> Iterator[ast.expr]:
    """Give what a local name is assigned, also as one of several."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            pairs = _pairs(node.targets[0], node.value)
            yield from (value for target, value in pairs if isinstance(target, ast.Name) and target.id == name)
        if isinstance(node, ast.AnnAssign | ast.AugAssign) and ast.unparse(node.target) == name and node.value:
            yield node.value


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _details(call: ast.Call, maker: Maker, function: Function | None) -> frozenset[str] | None:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if maker.takes_keywords or _name(call) == "CellError":
        return None if None in keywords else frozenset(name for name in keywords if name)
    position = 1 if maker.is_rule else 3
    given = keywords.get("details") or (call.args[position] if len(call.args) > position else None)
    if given is None:
        return frozenset() if _name(call) in ROOTS else None
    return _names_in(given, function)


def _names_in(node: ast.expr, function: Function | None) -> frozenset[str] | None:
    if isinstance(node, ast.Name) and function is not None:
        values = list(_values(node.id, function))
        return _names_in(values[0], None) if len(values) == 1 else None
    if not isinstance(node, ast.Tuple):
        return None
    names = [pair.elts[0] for pair in node.elts if isinstance(pair, ast.Tuple) and pair.elts]
    texts = [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
    return frozenset(texts) if len(texts) == len(node.elts) else None
