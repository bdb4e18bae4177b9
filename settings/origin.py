"""Where a value of the settings comes from: the default, a line of the file, a variable."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import Factory, frozen

from settings.faults import Fault, SettingPath, dotted
from settings.written import Written


class Source(StrEnum):
    """What decided a value."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@frozen
class Origin:
    """What decided a value, and where: `settings.yaml:14`, a variable's name, or nothing."""

    source: Source = Source.DEFAULT
    place: str = ""


@frozen(kw_only=True)
class Origins:
    """What was written in the file, and the variable behind each path that one has set."""

    written: Written
    variables: Mapping[SettingPath, str] = Factory(dict)

    def of(self, path: SettingPath) -> Origin:
        """What decided the value at a path."""
        if variable := self.variable(path):
            return Origin(Source.ENVIRONMENT, variable)
        if path in self.written.places:
            return Origin(Source.FILE, f"{self.written.name}:{self.written.places[path][0]}")
        return Origin()

    def variable(self, path: SettingPath) -> str | None:
        """The variable that set a value, or the list it is in."""
        return self.variables.get(path) or self.variables.get(path[:-1])

    def fault(self, path: SettingPath, message: str) -> Fault:
        """A fault at the place where a value was decided, or else at its section."""
        if variable := self.variable(path):
            return Fault(source=f"env {variable}", setting=dotted(path), message=message)
        return self.written.fault(path, message)
