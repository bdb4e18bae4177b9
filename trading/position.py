"""What a strategy holds of one symbol and what it earned with it, at average cost."""

from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

from attrs import frozen

from trading.changed import changed
from trading.money import ZERO
from trading.vocabulary import Side


COST_STEP: Final = Decimal("1E-10")
"""What a cost is split to: fine enough for any price, coarse enough that sums of it stay exact."""

_EXACT: Final = Context(prec=100)


@frozen
class Parcel:
    """Shares on their way from one holder to another, with what they had cost.

    Quantity and costs are signed alike: below 0 where they were held short.
    """

    quantity: Decimal
    cost: Decimal
    day_cost: Decimal


@frozen
class Gone:
    """What was held just before it all went; the day's cost is None once that day is over."""

    quantity: Decimal
    cost: Decimal
    day_cost: Decimal | None


@frozen(slots=False)
class Position:
    """A strategy's own part of an account's holding in one symbol, or what is external of it.

    `quantity` is signed; `cost` is the exact total paid for what is open, signed likewise. Fees,
    a part of them estimates, stand apart, and so does `carry`: dividends less what borrowing cost.
    `day_cost` and `day_realized` are the same as seen from the day boundary: what is open at its
    mark then, or its entry if later, and what was realised since, net of fees. `gone` is
    what went when it last became flat.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    estimated_fees: Decimal = ZERO
    carry: Decimal = ZERO
    day_cost: Decimal = ZERO
    day_realized: Decimal = ZERO
    gone: Gone | None = None

    # --- figures --------------------------------------------------------------------------------

    @property
    def average_price(self) -> Decimal:
        """Cost per share of what is open; 0 when flat."""
        return self.cost / self.quantity if self.quantity else ZERO

    def unrealized(self, mark: Decimal) -> Decimal:
        """What closing at `mark` would realise, before fees."""
        return self.quantity * mark - self.cost

    def unrealized_percent(self, mark: Decimal) -> Decimal:
        """The same as a percentage of what was paid; 0 when flat."""
        return self.unrealized(mark) / abs(self.cost) * 100 if self.cost else ZERO

    def profit(self, mark: Decimal) -> Decimal:
        """All it ever earned: realised net, open at the mark, and carry."""
        return self.realized - self.fees + self.carry + self.quantity * mark - self.cost

    def day_pnl(self, mark: Decimal) -> Decimal:
        """Realised net today plus the change of what is held since the boundary or its entry."""
        return self.day_realized + self.quantity * mark - self.day_cost

    # --- executions -----------------------------------------------------------------------------

    def filled(
        self, side: Side, quantity: Decimal, price: Decimal, fee: Decimal = ZERO
    ) -> "Position":
        """The position after one fill; a fill through zero closes first and opens the rest."""
        signed = side.sign * quantity
        paid = signed * price
        if self.quantity * signed >= 0:
            return changed(
                self,
                quantity=self.quantity + signed,
                cost=self.cost + paid,
                fees=self.fees + fee,
                day_cost=self.day_cost + paid,
                day_realized=self.day_realized - fee,
            )
        held = abs(self.quantity)
        if quantity > held:
            return self.filled(side, held, price, fee).filled(side, quantity - held, price)
        return self._closed(signed, paid, paid, fee)

    def undone(self, side: Side, quantity: Decimal, price: Decimal) -> "Position":
        """The position as though an execution had not been, as far as can be told without the rest.

        What it brought in goes out at its own price. Shares that it took come back at what they had
        cost: that of the others, or of the last that went. Exact where no execution of the other
        kind lies between; in every case all is earned that cash and shares say.
        """
        signed = side.sign * quantity
        held = self.quantity * side.sign
        if held <= 0:
            return self._come_back(signed, signed * price)
        if quantity > held:
            return self.filled(side.opposite, quantity, price)
        paid = signed * price
        out = _brought_in(self.cost, paid, quantity, held)
        day_out = _brought_in(self.day_cost, paid, quantity, held)
        return changed(
            self,
            quantity=self.quantity - signed,
            cost=self.cost - out,
            realized=self.realized + paid - out,
            day_cost=self.day_cost - day_out,
            day_realized=self.day_realized + paid - day_out,
        )

    def _come_back(self, signed: Decimal, paid: Decimal) -> "Position":
        """`signed` and `paid` are those of the execution that had closed: a sale's are below 0."""
        cost = day_cost = -paid
        like = self if self.quantity else self.gone
        if like is not None:
            cost = _part(like.cost, -signed, like.quantity)
            if like.day_cost is not None:
                day_cost = _part(like.day_cost, -signed, like.quantity)
        return changed(
            self,
            quantity=self.quantity - signed,
            cost=self.cost + cost,
            realized=self.realized + paid + cost,
            day_cost=self.day_cost + day_cost,
            day_realized=self.day_realized + paid + day_cost,
        )

    def _closed(
        self, signed: Decimal, paid: Decimal, paid_today: Decimal, fee: Decimal = ZERO
    ) -> "Position":
        """After something of the other sign, and no more of it than is held."""
        cost, day_cost, gone = self.cost, self.day_cost, self.gone
        if signed == -self.quantity:
            gone = Gone(self.quantity, cost, day_cost)
        else:
            cost = _part(cost, -signed, self.quantity)
            day_cost = _part(day_cost, -signed, self.quantity)
        return changed(
            self,
            quantity=self.quantity + signed,
            cost=self.cost - cost,
            realized=self.realized - paid - cost,
            fees=self.fees + fee,
            day_cost=self.day_cost - day_cost,
            day_realized=self.day_realized - paid_today - day_cost - fee,
            gone=gone,
        )

    # --- shares that change hands ---------------------------------------------------------------

    def most(self, quantity: Decimal) -> Decimal:
        """No more of a signed quantity than is held that way."""
        if self.quantity * quantity <= 0:
            return ZERO
        return quantity if abs(quantity) <= abs(self.quantity) else self.quantity

    def given(self, quantity: Decimal) -> "tuple[Position, Parcel]":
        """What is left, and the parcel that goes: no more of a signed quantity than is held.

        Nothing is realised: the cost goes along.
        """
        quantity = self.most(quantity)
        if not quantity:
            return self, Parcel(ZERO, ZERO, ZERO)
        cost = _part(self.cost, quantity, self.quantity)
        day_cost = _part(self.day_cost, quantity, self.quantity)
        left = changed(
            self,
            quantity=self.quantity - quantity,
            cost=self.cost - cost,
            day_cost=self.day_cost - day_cost,
            gone=Gone(quantity, cost, day_cost) if quantity == self.quantity else self.gone,
        )
        return left, Parcel(quantity, cost, day_cost)

    def received(self, parcel: Parcel) -> "Position":
        """With a parcel; one of the other sign closes first."""
        if self.quantity * parcel.quantity >= 0:
            return changed(
                self,
                quantity=self.quantity + parcel.quantity,
                cost=self.cost + parcel.cost,
                day_cost=self.day_cost + parcel.day_cost,
            )
        if abs(parcel.quantity) <= abs(self.quantity):
            return self._closed(parcel.quantity, parcel.cost, parcel.day_cost)
        closing = -self.quantity
        cost = _part(parcel.cost, closing, parcel.quantity)
        day_cost = _part(parcel.day_cost, closing, parcel.quantity)
        rest = Parcel(parcel.quantity - closing, parcel.cost - cost, parcel.day_cost - day_cost)
        return self._closed(closing, cost, day_cost).received(rest)

    def split(self, new: Decimal, old: Decimal) -> "tuple[Position, Parcel]":
        """In whole shares after `new` for each `old`, and the fraction that is left over."""
        exact = self.quantity * new / old
        whole = exact.to_integral_value(ROUND_DOWN)
        if exact == whole:
            return changed(self, quantity=whole), Parcel(ZERO, ZERO, ZERO)
        rest, fraction = changed(self, quantity=exact).given(exact - whole)
        return changed(rest, quantity=whole), fraction

    def sold(self, quantity: Decimal, amount: Decimal) -> "Position":
        """Without so many of its shares, signed likewise, for an amount in all."""
        left, gone = self.given(quantity)
        return changed(
            left,
            realized=left.realized + amount - gone.cost,
            day_realized=left.day_realized + amount - gone.day_cost,
        )

    def holding(self, quantity: Decimal, cost: Decimal, day_cost: Decimal) -> "Position":
        """With so much instead, at such a cost; the cost of nothing at all is a loss."""
        if quantity:
            return changed(self, quantity=quantity, cost=cost, day_cost=day_cost)
        return changed(
            self,
            quantity=quantity,
            cost=ZERO,
            day_cost=ZERO,
            realized=self.realized - cost,
            day_realized=self.day_realized - day_cost,
        )

    # --- money without shares -------------------------------------------------------------------

    def charged(self, fee: Decimal, estimated: Decimal = ZERO) -> "Position":
        """With another fee, and so much more of all fees an estimate; both may be below 0."""
        return changed(
            self,
            fees=self.fees + fee,
            estimated_fees=self.estimated_fees + estimated,
            day_realized=self.day_realized - fee,
        )

    def carried(self, amount: Decimal) -> "Position":
        """With a dividend, or with what borrowing cost where it is below 0."""
        return changed(self, carry=self.carry + amount)

    def begun(self, mark: Decimal) -> "Position":
        """At a day's beginning: what is open counts from its mark."""
        gone = None if self.gone is None else Gone(self.gone.quantity, self.gone.cost, None)
        return changed(self, day_cost=self.quantity * mark, day_realized=ZERO, gone=gone)


FLAT: Final = Position()


def _part(total: Decimal, quantity: Decimal, held: Decimal) -> Decimal:
    """What of a total falls on `quantity` of `held`, signed alike; the last share takes what is
    left. More than is held counts at the same average.
    """
    if quantity == held:
        return total
    part = _EXACT.divide(_EXACT.multiply(total, quantity), held)
    return part.quantize(COST_STEP, context=_EXACT)


def _brought_in(total: Decimal, paid: Decimal, quantity: Decimal, held: Decimal) -> Decimal:
    """What goes out of a total with shares that had come in for `paid`: that, where the rest would
    still have cost something; else its average.
    """
    if quantity != held and (total - paid) * total > 0:
        return paid
    return _part(total, quantity, held)
