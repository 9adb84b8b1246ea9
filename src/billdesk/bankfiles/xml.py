"""XML from a stranger, read without letting it reach anything: no document type, no entities, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billdesk.bankfiles.refusals import unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element


def parse_xml(data: bytes, file: str) -> _Element:
    """Give the root element; raises UnreadableFile for damage, a document type or a depth above 255.

    It is never checked against an official schema: half of the files that banks send would fail it.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable("xml_broken", file, str(error.msg)[:200], row=error.lineno) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable("doctype_refused", file)
    return root


def find_all(element: _Element, path: str) -> list[_Element]:
    """Find elements by a path of local names, whatever their namespace."""
    return list(element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/"))))


def find_text(element: _Element | None, *paths: str) -> str:
    """Give the text at the first of the paths that has one, blanks reduced; else empty."""
    if element is None:
        return ""
    for path in paths:
        for found in find_all(element, path):
            text = " ".join((found.text or "").split())
            if text:
                return text
    return ""


def local_name(element: _Element) -> str:
    """Give the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
