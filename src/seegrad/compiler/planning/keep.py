"""Which terms are kept: sums, products, goals, and what is costly and needed twice.

Everything else is computed again wherever one of its numbers is needed, which is
cheaper than to write it to memory and to read it back.
"""

from __future__ import annotations

from seegrad.compiler.planning.weigh import COSTLY, weight
from seegrad.compiler.programs.joins import folds
from seegrad.compiler.programs.origins import adds_up
from seegrad.compiler.programs.program import Program, Term

LOAD = 2  # what a number that is read from memory costs, in additions
LARGE = 200  # additions, from which a number is kept in any case
REPEATED = 16  # times that a number is broadcast, from which it is kept
CUTS = 4  # slices that are taken of a term, beyond which it is kept


class Keeper:
    """Decides for every term of a program whether its numbers are kept."""

    def __init__(self, program: Program, parts: list[Term]) -> None:
        self.always = {*program.goals, *parts}  # parts lie in a join
        self.exact: set[Term] = set()  # may not be computed a second time
        self.terms = program.ordered()
        self.users: dict[Term, list[Term]] = {term: [] for term in self.terms}
        for term in self.terms:
            for x in dict.fromkeys(term.inputs):
                self.users[x].append(term)

    def kept(self) -> set[Term]:
        """The terms that are kept, decided one after another."""
        kept: set[Term] = set()
        work: dict[Term, int] = {}  # of those that are not: additions for each number
        looking: set[Term] = set()  # what cannot be computed outside of its bounds
        for term in self.terms:
            if term.op is None:
                continue
            own = weight(term) if term.kind == "elementwise" else 1
            total = own + sum(work.get(x, _load(x, term)) for x in term.inputs)
            if term.kind == "lookup" or looking.intersection(term.inputs):
                looking.add(term)
            if self._meets_itself(term, kept):
                self.exact.add(term)
            if (
                term in self.always
                or _needs_a_kernel(term)
                or term in self.exact
                or (term in looking and any(x.facts.padded for x in self.users[term]))
                or self._is_worth_keeping(term, total)
                or self._is_cut_up(term)
                or self._ends_product(term, kept)
            ):
                kept.add(term)
                looking.discard(term)
            else:
                work[term] = total
        return kept

    def _ends_product(self, term: Term, kept: set[Term]) -> bool:
        """Whether it can be stored instead of the product that only it uses."""
        return term.kind == "elementwise" and any(
            x in kept
            and x.size == term.size
            and len(self.users[x]) == 1
            and x.kind in ("contraction", "elementwise")
            for x in term.inputs
        )

    def _meets_itself(self, term: Term, kept: set[Term]) -> bool:
        """Whether it is compared with an extreme of its own numbers.

        Computed a second time, a formula may be rounded in another way, and then nobody
        would be found to have won.
        """
        if term.kind != "elementwise" or not any(
            _source(x).kind == "elementwise" and _source(x) not in kept
            for x in term.inputs
        ):
            return False  # a single operation is always rounded alike
        users = self._real_users(term, ("movement", "lookup"))
        picked = any(
            user.kind == "reduction" and user.facts.combine in ("maximum", "minimum")
            for user in users
        )
        return picked and any(user.dtype == bool for user in users)

    def _is_worth_keeping(self, term: Term, work: int) -> bool:
        if term.kind != "elementwise":
            return False
        users = self._real_users(term)
        if (len(users) > 1 and work > COSTLY) or work > LARGE:
            return True
        return any(
            user.kind == "contraction"
            or _is_folding(user)
            or (user.size > REPEATED * term.size and work > LOAD)
            for user in users
        )

    def _is_cut_up(self, term: Term) -> bool:
        """Whether many slices of it are used, as by a network that goes through time.

        In memory all of them are walked alike, so that one code will do for all times.
        """
        slices = [x for x in self.users[term] if x.kind != "reduction"]
        computed = term.kind == "elementwise" or term.facts.padded
        return computed and sum(x.size < term.size for x in slices) > CUTS

    def _real_users(
        self, term: Term, through: tuple[str, ...] = ("movement",)
    ) -> list[Term]:
        """The terms that use it, seen through movements."""
        found, stack, seen = [], list(self.users[term]), set()
        while stack:
            user = stack.pop()
            if user in seen:
                continue
            seen.add(user)
            ends = _is_folding(user) and "lookup" not in through
            if user.kind in through and not ends:
                stack.extend(self.users[user])
            else:
                found.append(user)
        return found


def _source(term: Term) -> Term:
    """The term that a movement, or several, moves the numbers of."""
    while term.kind == "movement" and len(term.inputs) == 1:
        (term,) = term.inputs
    return term


def _needs_a_kernel(term: Term) -> bool:
    if term.kind == "movement":
        return len(term.inputs) > 1
    return term.kind in ("reduction", "contraction", "opaque") or adds_up(term)


def _load(x: Term, term: Term) -> int:
    """What it costs to read an input for one number; nothing if it is read rarely."""
    return 0 if x.number is not None or 2 * x.size < term.size else LOAD


def _is_folding(term: Term) -> bool:
    """Whether it is a reshape that really cuts rows in another way."""
    return term.facts.flat and folds(term)
