"""The transforms that we run: a short list, recognised by meaning and executed as constants.

Whatever XPath a signer writes, no attacker's expression and no stylesheet is ever evaluated: the
two XPath forms in use (leave out all signatures; leave out this signature) are recognised by their
text with the prefix resolved, anything else is refused and the digest stays uncomputed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from lxml import etree

from signer.validation.facts import Refusal, RefusalKind
from signer.xades import names
from signer.xades.algorithms import (
    BASE64_URI,
    CANONICALIZATIONS,
    ENVELOPED_SIGNATURE_URI,
    XPATH_FILTER2_URI,
    XPATH_URI,
    Canonicalization,
)
from signer.xades.structure import canonicalization_of, leaf_text

MAX_TRANSFORMS = 3
"""Per reference: a filter, and at most two more. More is never needed and only costs."""

_NAME = r"[A-Za-z_][\w.-]*"
_ALL_SIGNATURES_XPATH = re.compile(rf"not\(ancestor-or-self::({_NAME}):Signature\)")
_ALL_SIGNATURES_FILTER = re.compile(rf"(?:/descendant::|//)({_NAME}):Signature")
_OWN_SIGNATURE_FILTER = re.compile(rf"here\(\)/ancestor::({_NAME}):Signature\[1\]")


class Omission(StrEnum):
    """Which signatures are left out of what is digested."""

    NONE = "none"
    OWN = "own"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the octets of one reference are made: leave out, decode, canonicalize."""

    omission: Omission = Omission.NONE
    base64: bool = False
    canonicalization: Canonicalization | None = None


def recipe_of(transforms: tuple[etree._Element, ...]) -> Recipe | Refusal:
    """Read a transform list; a Refusal names the first rule it breaks."""
    if len(transforms) > MAX_TRANSFORMS:
        return _refuse("TOO_MANY_TRANSFORMS", f"There are more than {MAX_TRANSFORMS} transforms.")
    recipe = Recipe()
    for transform in transforms:
        step = _step(transform, recipe)
        if isinstance(step, Refusal):
            return step
        recipe = step
    return recipe


def _step(transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    uri = transform.get("Algorithm", "")
    if recipe.canonicalization is not None or recipe.base64:
        return _refuse("TRANSFORM_AFTER_OCTETS", f"“{uri}” follows a transform that ends the list.")
    if uri in CANONICALIZATIONS:
        return _canonicalize(transform, recipe)
    reader = _STEPS.get(uri)
    if reader is None:
        return _refuse("UNKNOWN_TRANSFORM", f"The transform “{uri}” is not one that we run.")
    return reader(transform, recipe)


def _canonicalize(transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    canonicalization = canonicalization_of(transform)
    if canonicalization is None:
        return _refuse("CANONICALIZATION_PARAMETERS", "Its parameters are not those of the form.")
    return replace(recipe, canonicalization=canonicalization)


def _enveloped(_transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    return _omit(recipe, Omission.OWN)


def _base64(_transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    return replace(recipe, base64=True)


def _xpath(transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    expression = _only_child(transform, names.ds("XPath"))
    if expression is None or not _matches(expression, _ALL_SIGNATURES_XPATH):
        return _refuse("FOREIGN_XPATH", "Only “not(ancestor-or-self::ds:Signature)” is understood.")
    return _omit(recipe, Omission.ALL)


def _xpath_filter(transform: etree._Element, recipe: Recipe) -> Recipe | Refusal:
    expression = _only_child(transform, f"{{{XPATH_FILTER2_URI}}}XPath")
    if expression is not None and expression.get("Filter") == "subtract":
        if _matches(expression, _ALL_SIGNATURES_FILTER):
            return _omit(recipe, Omission.ALL)
        if _matches(expression, _OWN_SIGNATURE_FILTER):
            return _omit(recipe, Omission.OWN)
    return _refuse("FOREIGN_XPATH_FILTER", "Only “subtract” of signatures is understood.")


_STEPS: dict[str, Callable[[etree._Element, Recipe], Recipe | Refusal]] = {
    ENVELOPED_SIGNATURE_URI: _enveloped,
    BASE64_URI: _base64,
    XPATH_URI: _xpath,
    XPATH_FILTER2_URI: _xpath_filter,
}


def _omit(recipe: Recipe, omission: Omission) -> Recipe | Refusal:
    if recipe.omission is omission:
        return _refuse("REPEATED_TRANSFORM", "The same transform stands twice.")
    both = Omission.ALL in (omission, recipe.omission)
    return replace(recipe, omission=Omission.ALL if both else omission)


def _only_child(transform: etree._Element, tag: str) -> etree._Element | None:
    return transform[0] if len(transform) == 1 and transform[0].tag == tag else None


def _matches(expression: etree._Element, pattern: re.Pattern[str]) -> bool:
    """Say whether the expression has this form with its prefix bound to XMLDSig."""
    text = "".join((leaf_text(expression) or "").split())
    match = pattern.fullmatch(text)
    return match is not None and expression.nsmap.get(match[1]) == names.DS


def _refuse(rule: str, reason: str) -> Refusal:
    return Refusal(RefusalKind.TRANSFORM, rule, reason)
