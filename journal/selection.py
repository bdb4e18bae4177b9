"""What a reader was asked for, as statements that SQLite answers page by page from an index."""

from attrs import frozen

from journal.rows import COLUMNS


@frozen(kw_only=True)
class Selection:
    """The filters of one reading; `types` are names."""

    types: tuple[str, ...] | None
    account: str | None
    alert_id: str | None
    order_id: str | None
    newest_first: bool

    def page(self, after: int, upto: int, size: int) -> tuple[str, list[str | int]]:
        """The statement for the next rows in after < seq <= upto, and its parameters."""
        branches = [self._branch(names, after, upto) for names in self._split_types()]
        text = " UNION ALL ".join(text for text, _ in branches)
        order = "DESC" if self.newest_first else "ASC"
        parameters = [parameter for _, given in branches for parameter in given]
        return f"{text} ORDER BY seq {order} LIMIT ?", [*parameters, size]

    def _split_types(self) -> list[tuple[str, ...] | None]:
        """One branch a type where only types are asked for: SQLite merges their indexes by seq.

        A single branch with `type IN (...)` would have to read and sort them all first.
        """
        narrowed = self.account or self.alert_id or self.order_id
        if not self.types or narrowed:
            return [self.types]
        return [(name,) for name in self.types]

    def _branch(
        self, types: tuple[str, ...] | None, after: int, upto: int
    ) -> tuple[str, list[str | int]]:
        where = ["seq > ?", "seq <= ?"]
        parameters: list[str | int] = [after, upto]
        indexed = False
        for column, wanted in (
            ("order_id", self.order_id),
            ("alert_id", self.alert_id),
            ("account", self.account),
        ):
            if wanted is not None:
                # A unary plus keeps the planner off this column's index: the narrowest is first.
                where.append(f"{'+' if indexed else ''}{column} = ?")
                parameters.append(wanted)
                indexed = True
        if types is not None:
            holes = ", ".join("?" * len(types))
            where.append(f"{'+' if indexed else ''}type IN ({holes})")
            parameters.extend(types)
        # S608: only our own column names and placeholders are put together here.
        return f"SELECT {COLUMNS} FROM events WHERE {' AND '.join(where)}", parameters  # noqa: S608
