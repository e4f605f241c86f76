"""Which terms are kept: sums, products, goals, and what is costly and needed twice.

Everything else is computed again wherever one of its numbers is needed, which is
cheaper than to write it to memory and to read it back.
"""

from __future__ import annotations

from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.origins import puts_once
from seegrad.compiler.programs.program import Program, Term

LOAD = 2  # what a number that is read from memory costs, in additions
COSTLY = 8  # additions, from which a number needed twice is kept
MANY_PRODUCTS = 4  # that read one transposed matrix, from which it is kept
LARGE = 200  # additions, from which a number is kept in any case


class Keeper:
    """Decides for every term of a program whether its numbers are kept."""

    def __init__(self, program: Program, parts: list[Term]) -> None:
        self.program, self.parts = program, parts  # parts lie in a join: always kept
        self.exact: set[Term] = set()  # may not be computed a second time
        self.terms = program.ordered()
        self.users: dict[Term, list[Term]] = {term: [] for term in self.terms}
        for term in self.terms:
            for x in dict.fromkeys(term.inputs):
                self.users[x].append(term)

    def kept(self) -> set[Term]:
        goals = {*self.program.goals, *self.parts}
        kept = {
            term
            for term in self.terms
            if term.op is not None and (term in goals or _needs_a_kernel(term))
        }
        work: dict[Term, int] = {}
        looking: set[Term] = set()  # what cannot be computed outside of its bounds
        for term in self.terms:
            if term.op is None or term in kept:
                continue
            if term.kind == "lookup" or looking.intersection(term.inputs):
                looking.add(term)
                if any(user.op and user.op.facts.padded for user in self.users[term]):
                    kept.add(term)
                    looking.discard(term)
                    continue
            work[term] = _own_weight(term) + sum(
                work.get(x, _load(x, term)) for x in term.inputs
            )
            if self._meets_itself(term, kept):
                self.exact.add(term)
            if (
                term in self.exact
                or self._is_worth_keeping(term, work[term])
                or self._ends_product(term, kept)
            ):
                kept.add(term)
                work[term] = LOAD
        return kept

    def _ends_product(self, term: Term, kept: set[Term]) -> bool:
        """Whether it can be stored instead of the product that only it uses."""
        return term.kind == "elementwise" and any(
            x in kept
            and x.size == term.size
            and len(self.users[x]) == 1
            and (x.kind == "contraction" or x.kind == "elementwise")
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
            user.kind == "reduction"
            and user.op is not None
            and user.op.facts.combine in ("maximum", "minimum")
            for user in users
        )
        return picked and any(user.dtype == bool for user in users)

    def _is_worth_keeping(self, term: Term, work: int) -> bool:
        if term.kind == "movement":  # turned over once rather than by each product
            turned = [user for user in self.users[term] if user.kind == "contraction"]
            return len(turned) >= MANY_PRODUCTS
        if term.kind != "elementwise":
            return False
        users = self._real_users(term)
        if any(user.kind == "contraction" for user in users):
            return True
        if any(user.op and user.op.facts.flat and _folds(user) for user in users):
            return True
        if any(user.size > 16 * term.size and work > 2 for user in users):
            return True  # repeated many times by broadcasting
        return (len(users) > 1 and work > COSTLY) or work > LARGE

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
            folds = user.op and user.op.facts.flat and _folds(user)
            if user.kind in through and not (folds and "lookup" not in through):
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
    if term.kind in ("reduction", "contraction", "opaque"):
        return True
    if term.kind == "movement":
        return bool(term.op and len(term.inputs) > 1)
    facts = term.op.facts if term.op else None
    return bool(facts and facts.target is not None and not puts_once(term))


def _load(x: Term, term: Term) -> int:
    """What it costs to read an input for one number; nothing if it is read rarely."""
    return 0 if x.number is not None or 2 * x.size < term.size else LOAD


def _own_weight(term: Term) -> int:
    if term.kind == "elementwise":
        assert term.op is not None
        return weight(term.op, len(term.inputs), term.settings)
    return 1


def _folds(term: Term) -> bool:
    """Whether a reshape does more than to add and to drop axes of length 1."""
    before = [n for n in term.inputs[0].shape if n != 1]
    return before != [n for n in term.shape if n != 1]
