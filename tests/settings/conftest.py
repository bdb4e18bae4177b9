"""A settings file in a folder of its own, loaded."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from settings.load import SettingsFaults, load
from settings.model import Settings


Load = Callable[..., Settings]
Lines = Callable[..., list[str]]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Load a text as settings.yaml."""

    def loading(text: str, environ: Mapping[str, str] | None = None) -> Settings:
        path = tmp_path / "settings.yaml"
        path.write_text(text)
        return load(path, environ or {})

    return loading


@pytest.fixture
def faults(loaded: Load) -> Lines:
    """The lines a bad settings.yaml is answered with."""

    def lines(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(SettingsFaults) as raised:
            loaded(text, environ)
        assert len(raised.value.faults) == len(str(raised.value).splitlines())
        return str(raised.value).splitlines()

    return lines
