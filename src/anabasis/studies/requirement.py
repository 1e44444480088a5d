"""Does it hold with the probability it must? Comparisons of figures, and exact verdicts on them.

A requirement is a small sentence: figures and numbers, compared, joined by ``and`` and ``or``.

    sentence   = clause { "or" clause }
    clause     = comparison { "and" comparison }
    comparison = "(" sentence ")" | side relation side { relation side }
    side       = number | phase "." figure
    relation   = "<" | "<=" | ">" | ">=" | "==" | "!="

It is read by the parser below and never evaluated as code. A case whose figure is missing, because
it was lost, does not fulfil a comparison.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special, stats

MET, NOT_MET, UNDECIDED = "met", "not met", "undecided"
LONGEST = 2_000
"""Characters of a requirement."""
MOST_CASES = 10**9
"""Where the search for how many cases more gives up."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<figure>[a-z][a-z_]*\.[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<word>and\b|or\b)"
    r"|(?P<relation><=|>=|==|!=|<|>)"
    r"|(?P<bracket>[()]))"
)
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


class NoSentence(ValueError):
    """The text is no comparison; the message says where it stops being one."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Sides with a relation between each two: ``300 < x <= 375``."""

    sides: tuple[str | float, ...]
    relations: tuple[str, ...]

    def holds(self, figures: Mapping[str, np.ndarray], count: int) -> np.ndarray:
        """True where it holds, case by case."""
        values = [
            figures[side] if isinstance(side, str) else np.full(count, side) for side in self.sides
        ]
        result = np.ones(count, dtype=bool)
        for value in values:  # what is no number fulfils nothing, "!=" included
            result &= np.isfinite(value)
        for k, relation in enumerate(self.relations):
            result &= _RELATIONS[relation](values[k], values[k + 1])
        return result


@dataclasses.dataclass(frozen=True)
class Sentence:
    """Sentences or comparisons joined by one word."""

    word: str
    members: tuple[Any, ...]

    def holds(self, figures: Mapping[str, np.ndarray], count: int) -> np.ndarray:
        """True where it holds, case by case."""
        every = [member.holds(figures, count) for member in self.members]
        return np.logical_and.reduce(every) if self.word == "and" else np.logical_or.reduce(every)


def figures_in(sentence: Any) -> tuple[str, ...]:
    """The figures a sentence speaks of, each once, in its order."""
    if isinstance(sentence, Comparison):
        found = [side for side in sentence.sides if isinstance(side, str)]
    else:
        found = [name for member in sentence.members for name in figures_in(member)]
    return tuple(dict.fromkeys(found))


def parse(text: str) -> Any:
    """Read a sentence.

    Raises:
        NoSentence: with what stands where it should not.
    """
    if len(text) > LONGEST:
        raise NoSentence(f"longer than {LONGEST} characters")
    tokens: list[tuple[str, str, int]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise NoSentence(f"nothing is known by {text[at:].split()[0][:20]!r}")
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind], at))
        at = match.end()
    reader = _Reader(tokens)
    sentence = reader.sentence()
    if reader.kind:
        raise NoSentence(f"{reader.text!r} stands where the sentence should end")
    if not figures_in(sentence):
        raise NoSentence("it speaks of no figure")
    return sentence


class _Reader:
    """Reads tokens from the left, one of look-ahead."""

    DEEPEST = 50

    def __init__(self, tokens: Sequence[tuple[str, str, int]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    @property
    def text(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "its end"

    def take(self) -> str:
        text = self.text
        self.at += 1
        return text

    def sentence(self) -> Any:
        return self._joined("or", lambda: self._joined("and", self._comparison))

    def _joined(self, word: str, one: Callable[[], Any]) -> Any:
        members = [one()]
        while self.kind == "word" and self.text == word:
            self.take()
            members.append(one())
        return members[0] if len(members) == 1 else Sentence(word, tuple(members))

    def _comparison(self) -> Any:
        if self.kind == "bracket" and self.text == "(":
            self.depth += 1
            if self.depth > self.DEEPEST:
                raise NoSentence("too many brackets inside one another")
            self.take()
            inside = self.sentence()
            if self.text != ")":
                raise NoSentence(f"a bracket is open where {self.text!r} stands")
            self.take()
            self.depth -= 1
            return inside
        sides, relations = [self._side()], []
        while self.kind == "relation":
            relations.append(self.take())
            sides.append(self._side())
        if not relations:
            raise NoSentence(f"{sides[0]!r} is compared with nothing")
        return Comparison(tuple(sides), tuple(relations))

    def _side(self) -> str | float:
        if self.kind == "number":
            value = float(self.take())
            if not math.isfinite(value):
                raise NoSentence("a number is too large")
            return value
        if self.kind == "figure":
            return self.take()
        raise NoSentence(f"a number or phase.figure is missing where {self.text!r} stands")


# ---------------------------------------------------------------- verdicts at a fixed number


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the cases say about one requirement.

    Attributes:
        verdict: met, not met or undecided.
        cases: how many were judged.
        failures: how many of them do not fulfil it.
        share: of those that do.
        low, high: one-sided bounds on the probability, each with the confidence asked for.
        more_cases: how many more without a failure would show it; 0 unless undecided, None where
            no number would.
    """

    verdict: str
    cases: int
    failures: int
    share: float
    low: float
    high: float
    more_cases: int | None


def bounds(cases: int, failures: int, confidence: float) -> tuple[float, float]:
    """One-sided exact bounds on the probability of success (Clopper and Pearson 1934).

    P[X <= failures | low] = 1 - confidence,  P[X >= failures | high] = 1 - confidence
    """
    successes, beyond = cases - failures, 1.0 - confidence
    low = float(stats.beta.ppf(beyond, successes, failures + 1)) if successes else 0.0
    high = float(stats.beta.ppf(confidence, successes + 1, failures)) if failures else 1.0
    return low, high


def judge(cases: int, failures: int, at_least: float, confidence: float) -> Verdict:
    """The exact binomial verdict on a number of cases that was fixed beforehand."""
    if cases == 0:
        more = cases_needed(at_least, confidence, 0)
        return Verdict(UNDECIDED, 0, 0, math.nan, 0.0, 1.0, more)
    low, high = bounds(cases, failures, confidence)
    verdict = MET if _shown(cases, failures, at_least, confidence) else UNDECIDED
    if verdict != MET and high < at_least:
        verdict = NOT_MET
    more: int | None = 0
    if verdict == UNDECIDED:
        needed = cases_needed(at_least, confidence, failures)
        more = None if needed is None else max(needed - cases, 0)
    return Verdict(verdict, cases, failures, 1.0 - failures / cases, low, high, more)


def _shown(cases: int, failures: int, at_least: float, confidence: float) -> bool:
    """True where so few failures would be too lucky if the probability were any less."""
    if failures >= cases:
        return at_least <= 0.0
    # P[X <= failures] for a failure probability of exactly 1 - at_least
    return float(special.bdtr(failures, cases, 1.0 - at_least)) <= 1.0 - confidence


def cases_needed(at_least: float, confidence: float, failures: int) -> int | None:
    """The least number of cases that shows the probability with so many failures among them.

    230, 852 and 1,705 for 99, 99.73 and 99.865 % at 90 % confidence without a failure.
    None where no number of cases does (a probability, or a confidence, of one).
    """
    if at_least >= 1.0 or confidence >= 1.0:
        return None
    low, high = failures, max(2 * failures, 1)
    while not _shown(high, failures, at_least, confidence):
        low, high = high, 2 * high
        if high > MOST_CASES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if _shown(middle, failures, at_least, confidence):
            high = middle
        else:
            low = middle
    return high


def order_statistic(
    values: Any, proportion: float, confidence: float, sense: str
) -> tuple[float, int] | None:
    """The value that a share of all cases keeps to, with confidence: no distribution is assumed.

    For ``sense = "at most"`` the r-th smallest value x_(r) with the least r that has

        P[Binomial(n, proportion) <= r - 1] >= confidence,

    for ``"at least"`` its mirror image.

    Args:
        values: one for each case; a case without a number counts as the worst.
        proportion: share of all cases.
        confidence: of the statement.
        sense: "at most" or "at least".

    Returns:
        The value and its rank from the good end, or None where there are too few cases.
    """
    found = np.asarray(values, dtype=float)
    found = found if sense == "at most" else -found
    ordered = np.sort(np.where(np.isfinite(found), found, np.inf))
    count = ordered.size
    if count == 0:
        return None
    rank = int(stats.binom.ppf(confidence, count, proportion)) + 1
    while rank > 1 and stats.binom.cdf(rank - 2, count, proportion) >= confidence:
        rank -= 1
    if rank > count or stats.binom.cdf(rank - 1, count, proportion) < confidence:
        return None
    value = float(ordered[rank - 1])
    if not math.isfinite(value):
        return None
    return (value if sense == "at most" else -value), rank


# ---------------------------------------------------------------- verdicts at any time


FIRST_LOOK = 256
"""Cases at the first look of a study that goes on until it is decided; then doubled each time."""


def looks(most: int) -> list[int]:
    """The numbers of cases at which such a study looks: 256, 512, ... and its last."""
    found = []
    at = FIRST_LOOK
    while at < most:
        found.append(at)
        at *= 2
    return [*found, most]


def evidence(cases: int, failures: int, limit: float) -> tuple[float, float]:
    """How strongly the cases speak for less, and for more, failures than a limit (logarithms).

    The likelihood of the cases, averaged over failure probabilities below (above) the limit with
    the weight of Jeffreys, over their likelihood at the limit:

        E = int_0^q L(p) w(p) dp / int_0^q w(p) dp / L(q).

    While the true probability is above (below) the limit, E is a non-negative supermartingale that
    starts at one: it ever exceeds 1/alpha with a chance of alpha at most (Ville 1939), whenever
    one looks.
    """
    a, b = failures + 0.5, cases - failures + 0.5
    at_limit = special.xlogy(failures, limit) + special.xlog1py(cases - failures, -limit)
    common = special.betaln(a, b) - special.betaln(0.5, 0.5) - at_limit
    with np.errstate(divide="ignore"):
        less = np.log(special.betainc(a, b, limit)) - np.log(special.betainc(0.5, 0.5, limit))
        more = np.log(special.betaincc(a, b, limit)) - np.log(special.betaincc(0.5, 0.5, limit))
    return float(common + less), float(common + more)


def judge_anytime(cases: int, failures: int, at_least: float, confidence: float) -> str:
    """A verdict that stays valid however often one has looked before."""
    if at_least >= 1.0:
        return NOT_MET if failures else UNDECIDED
    if at_least <= 0.0:
        return MET
    threshold = -math.log1p(-confidence) if confidence < 1.0 else math.inf
    less, more = evidence(cases, failures, 1.0 - at_least)
    if less >= threshold:
        return MET
    return NOT_MET if more >= threshold else UNDECIDED
