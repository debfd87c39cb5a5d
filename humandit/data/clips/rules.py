"""The one table of what a clip must meet: the paper's filters with its numbers (App. A.4), and two of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import HumanDiTError


@dataclass(frozen=True)
class Rule:
    """One filter.

    Attributes:
        name: of the rule and of the figure it judges.
        least: the figure must be no less, or None. most: it must be no more, or None. beyond: equal is too little.
        text: what is refused, in words.
        source: who says so.
        unit: of the figure.
    """

    name: str
    text: str
    least: float | None = None
    most: float | None = None
    source: str = "paper §A.4"
    unit: str = ""
    beyond: bool = False

    def met(self, figure: float | None) -> bool:
        """Whether a clip with that figure stays. A figure that nothing measured is not held against it."""
        if figure is None:
            return True
        if self.least is not None and (figure < self.least or (self.beyond and figure == self.least)):
            return False
        return self.most is None or figure <= self.most

    @property
    def limit(self) -> float:
        """The number of the rule."""
        return float(self.most if self.least is None else self.least)  # type: ignore[arg-type]

    @property
    def sign(self) -> str:
        """The relation that a good figure has to the limit."""
        return "<=" if self.least is None else ">" if self.beyond else ">="


@dataclass(frozen=True)
class Broken:
    """A rule that a clip does not meet."""

    rule: Rule
    figure: float

    def __str__(self) -> str:
        return f"{self.rule.name} {self.figure:.4g}, needed {self.rule.sign} {self.rule.limit:g}{self.rule.unit}"


RULES = (
    Rule("person", "nobody was found", least=1, source="paper §A.2", unit=" person"),
    Rule("frames", "too short", least=30, unit=" frames"),
    Rule("side", "the person is too small in the frame", least=128, source="ours", unit=" px"),
    Rule("others", "somebody else is in the crop", most=0.05, source="paper §A.2; share ours"),
    Rule("upper_body_visible", "the upper body is not in sight", least=0.8),
    Rule("hands_visible", "hands are not in sight", least=0.8),
    Rule("relative_speed", "keypoints fly about: poses cannot be relied on", most=0.3),
    Rule("joint_speed", "the body is suddenly elsewhere: a scene changes", most=0.3),
    Rule("histogram_variance", "colours change: dissolves, fades, flicker", most=0.3),
    Rule("mask_iou", "the person's outline jumps", least=0.7),
    Rule("mean_quality", "the pictures are poor", least=60),
    Rule("worst_quality", "some frames are poor", least=45, beyond=True),
    Rule("hand_clarity", "hands are blurred", least=0.5),
    Rule("teeth_clarity", "mouth and teeth are blurred", least=0.4),
    Rule("text_share", "writing covers much of the picture", most=0.2, source="ours"),
)
"""In the order in which they are asked."""


def rules_with(changes: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The table with other numbers, each change written "name=number".

    Raises:
        HumanDiTError: no such rule, or no number.
    """
    numbers: dict[str, float] = {}
    known = {rule.name for rule in RULES}
    for change in changes:
        name, _, number = change.partition("=")
        if name not in known:
            raise HumanDiTError(f"There is no rule {name!r}; the rules are {', '.join(sorted(known))}.")
        try:
            numbers[name] = float(number)
        except ValueError as error:
            raise HumanDiTError(f"A rule is changed by NAME=NUMBER, got {change!r}.") from error
    return tuple(_changed(rule, numbers[rule.name]) if rule.name in numbers else rule for rule in RULES)


def broken(rules: Sequence[Rule], figures: Mapping[str, float | None]) -> tuple[Broken, ...]:
    """The rules that ``figures`` do not meet; figures that are missing or None are not judged."""
    found = []
    for rule in rules:
        figure = figures.get(rule.name)
        if figure is not None and not rule.met(figure):
            found.append(Broken(rule, figure))
    return tuple(found)


def _changed(rule: Rule, number: float) -> Rule:
    if rule.least is None:
        return replace(rule, most=number, source="the user")
    return replace(rule, least=number, source="the user")
